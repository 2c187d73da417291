"""`gradcli.compile`: a program called many times answers as `gradcli.evaluate` does each time."""

from __future__ import annotations

import random
import weakref
from typing import Any

import numpy as np
import pytest

import gradcli
from fuzz import compiled as fuzz
from gradcli import GradcliError
from gradcli.engine import memory
from gradcli.engine.loops import runner
from gradcli.engine.trace import Trace
from gradcli.evaluation.compiled import Program
from gradcli.tape.node import LARGE


def _told(run: Any) -> str:
    """Everything an evaluation tells, or its error; as text, in which nan equals nan."""
    try:
        result = run()
        values = {name: np.asarray(value).tolist() for name, value in result.values.items()}
        rows = result.derivatives or {"": result.grads}
        grads = [(name, each.dtype, each.tolist()) for row in rows.values() for name, each in row.items()]
        return repr((values, grads, result.nodes, result.roots, result.printed))
    except GradcliError as error:
        return repr((error.code, error.message, error.span, error.hint))


def _agree(source: str, calls: list[dict[str, Any]], **options: Any) -> None:
    program = gradcli.compile(source, **options)
    for inputs in (*calls, *calls, *reversed(calls)):
        told = _told(lambda inputs=inputs: program(**inputs))
        assert told == _told(lambda inputs=inputs: gradcli.evaluate(source, inputs, **options)), inputs


SCALARS = [{"x": value} for value in (0.5, 2.0, -1.0, 0.0, 3, 1e200)]
VECTORS = [{"x": np.array(value)} for value in ([1.0, 2.0], [3.0, -4.0], [0.0, np.inf])]


@pytest.mark.parametrize(
    ("source", "calls", "options"),
    [
        ("x*x.detach().detach().clone()", SCALARS, {}),
        ("sum(x*x.detach().detach().detach())", VECTORS, {}),
        ("y = sin(x)*exp(-x**2) + tanh(x)", SCALARS, {}),
        ("y = log(x) / (x - 2)", SCALARS, {}),
        ("y = x**3; z = y*2", SCALARS, {"roots": ["y", "z"]}),
        ("y = x**3; z = y*2", SCALARS, {"wrt": ["y"]}),
        ("y = x**3; z = y*2", SCALARS, {"wrt": []}),
        ("y = x*2; x**2 + y", SCALARS, {"weights": 3.0}),
        ("y = x*2", VECTORS, {"weights": "ones"}),
        ("y = x*2", VECTORS, {}),
        ("y = sum(x*x)", [*VECTORS, {"x": 2.0}, {"x": [1, 2, 3]}, {"x": np.ones((2, 2))}], {}),
        (
            "y = sum(x*x)",
            [{"x": np.float32([1, 2])}, {"x": np.array([1.0, 2.0])}, {"x": np.array([1, 2])}],
            {},
        ),
        ("y = sum(x*x)", VECTORS, {"dtype": "float32"}),
        ("y = sum(x*x)/3", [{"x": 2.1}, {"x": [1, 2.3]}, {"x": [1, 2]}, {"x": 3}], {"dtype": "float32"}),
        ("k = 3; y = x*tensor(k)/2", [{"x": 2.0, "k": 4}, {"x": 2.0, "k": 4.0}], {}),
        ("k = 3; y = k*x**k", [{"x": 2.0}, {"x": 2.0, "k": 4}, {"x": 3.0, "k": 2}, {"x": 2.0}], {}),
        ("w = param(2.0); y = w*x", [{"x": 2.0}, {"x": 2.0, "w": 4.0}, {"w": 2.0, "x": 3.0}], {}),
        ("y = x*2 if x > 0 else x*3", SCALARS, {}),
        ("y = x*x.item()", SCALARS[:3], {}),
        ("y = x*float(x)", SCALARS[:3], {}),
        ("y = x*x.detach()", SCALARS, {}),
        ("y = sum(x*x.detach())", [{"x": np.full(20_000, value)} for value in (1.0, 2.0, 3.0)], {}),
        ("y = x; n = 0\nwhile y < 9: y = y*2 + 1; n += 1\ny*n", SCALARS[:2], {}),
        ("print(x); x*2", SCALARS[:3], {}),
        ("y = x*x; y.backward(); x.grad", SCALARS[:3], {}),
        ("y = x + a", [{"x": 2.0}, {"x": 2.0, "a": 1.0}, {"a": 2.0}, {"x": 1.0, "a": 1.0, "b": 2.0}], {}),
        ("y = sum(x @ w)", [{"x": np.ones((2, 3)), "w": np.ones(n)} for n in (3, 4, 3)], {}),
        ("y = inv(x).sum()", [{"x": np.eye(2) * k} for k in (1.0, 2.0, 0.0, 3.0)], {}),
        ("y = x*randn(1)[0]", SCALARS[:3], {}),
        ("y = sum(x)", [{"x": np.ones(20_000)}, {"x": np.ones(2)}, {"x": np.ones((200, 100))}], {}),
    ],
)
def test_calls_answer_as_evaluate(source: str, calls: list[dict[str, Any]], options: dict[str, Any]) -> None:
    _agree(source, calls, **options)


def test_random_programs() -> None:
    draw = random.Random(1)

    def expression(depth: int) -> str:
        if not depth:
            return draw.choice(["x", "y", "k", f"{draw.uniform(-2, 2):.2f}"])
        if draw.random() < 0.4:
            function = draw.choice(["sin", "exp", "sqrt", "log", "relu", "abs", "tanh"])
            return f"{function}({expression(depth - 1)})"
        return f"({expression(depth - 1)} {draw.choice('+-*/')} {expression(depth - 1)})"

    for _ in range(30):
        source = f"k = 1.5; y = x*0.5; z = {expression(4)} + x"
        _agree(source, [{"x": draw.uniform(-2, 2)} for _ in range(3)])
        _agree(
            f"{source}\nsum(z)", [{"x": np.array([draw.uniform(0, 2) for _ in range(3)])} for _ in range(3)]
        )


def test_a_syntax_error_shows_when_it_is_compiled() -> None:
    with pytest.raises(GradcliError) as caught:
        gradcli.compile("y = 2x")
    assert caught.value.code == "syntax"


def test_values_other_than_the_roots_are_there_when_they_are_read() -> None:
    program = gradcli.compile("y = x*2; z = y + 1")
    results = [program(x=value) for value in (1.0, 2.0, 3.0)]
    assert [float(each.values["y"]) for each in results] == [2.0, 4.0, 6.0]


def test_results_belong_to_the_caller() -> None:
    program = gradcli.compile("y = sum(x*2)")
    first = program(x=np.ones(3)).grads["x"]
    program(x=np.ones(3))
    kept = first.copy()
    program(x=np.zeros(3)).grads["x"][:] = 7.0
    assert (first == kept).all()
    assert (program(x=np.zeros(3)).grads["x"] == 2.0).all()


def _after(source: str, *calls: dict[str, Any], **options: Any) -> tuple[Any, dict[str, Any]]:
    """The root and the gradients of the last call of a program that was called with all of them."""
    program = gradcli.compile(source, **options)
    for inputs in calls:
        result = program(**inputs)
    (root,) = result.roots
    return result.values[root], result.grads


@pytest.mark.parametrize("size", [3, 20_000])
def test_one_array_for_two_inputs_is_two_inputs(size: int) -> None:
    a = np.ones(size)
    both = {"x": a, "w": a}
    total, grads = _after("sum(x*w)", both, both, {"x": 2 * a, "w": 3 * a})
    assert total == 6.0 * size
    assert {name: set(each.tolist()) for name, each in grads.items()} == {"x": {3.0}, "w": {2.0}}
    for cut in ("x.detach()", "x.data"):
        total, grads = _after(f"sum({cut}*w*x)", both, both, {"x": 3 * a, "w": 5 * a})
        assert total == 45.0 * size
        assert {name: set(each.tolist()) for name, each in grads.items()} == {"x": {15.0}, "w": {9.0}}


def test_an_input_that_equals_a_literal_is_no_literal() -> None:
    x = np.ones(20_001)
    total, grads = _after(
        "z = sum(x*w.detach())*3", {"x": x, "w": 3.0}, {"x": x, "w": 3.0}, {"x": x, "w": 5.0}
    )
    assert total == 15.0 * x.size
    assert (grads["x"] == 15.0).all()


def test_what_is_computed_outside_recording_follows_its_input() -> None:
    calls = [{"x": np.full(3, value)} for value in (1.0, 1.0, 2.0)]
    total, grads = _after("with no_grad():\n    k = x*2\nsum(k*x)", *calls)
    assert total == 24.0
    assert (grads["x"] == 4.0).all()


def test_hooks_and_own_gradients_run_in_every_call() -> None:
    calls = [{"x": np.full(3, value)} for value in (1.0, 1.0, 2.0)]
    _, grads = _after("def double(g):\n    return g*2\nx.register_hook(double)\nsum(x*x)", *calls)
    assert (grads["x"] == 8.0).all()
    square = (
        "class Square(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a):\n"
        "        ctx.save_for_backward(a)\n        return a*a\n    @staticmethod\n    def backward(ctx, g):\n"
        "        a, = ctx.saved_tensors\n        return g*a*2\nsum(Square.apply(x))"
    )
    total, grads = _after(square, *calls)
    assert total == 12.0
    assert (grads["x"] == 4.0).all()


def test_a_second_leaf_of_an_inputs_name_is_the_programs() -> None:
    source = "x = param(2.0); y = x*2; x = param(5.0); z = y*x"
    calls = [{"x": 3.0}, {"x": 3.0}, {"x": 4.0}]
    _agree(source, calls, wrt=[])


def test_zero_and_minus_zero_are_two_constants() -> None:
    value, _ = _after("k = 3.0; x/k", *[{"x": 1.0, "k": k} for k in (0.0, 0.0, -0.0)])
    assert value == -np.inf


def test_a_constant_input_is_what_it_was_when_it_was_given() -> None:
    place = np.array([0, 1])
    program = gradcli.compile("at = tensor([0, 0]); sum(x[at])")
    x = np.array([1.0, 2.0, 4.0])
    for _ in range(3):
        program(x=x, at=place)
    place[:] = 2
    assert program(x=x, at=np.array([0, 1])).values["result"] == 3.0
    weights = np.ones(3)
    weighted = gradcli.compile("y = x*2", weights=weights)
    for _ in range(3):
        weighted(x=x)
    weights[:] = 100.0
    assert weighted(x=x).grads["x"].tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("size", [3, 20_000])
@pytest.mark.parametrize(
    "of", [gradcli.compile, lambda source: lambda **given: gradcli.evaluate(source, given)]
)
@pytest.mark.parametrize(
    "source",
    [
        "c = ones_like(x.detach()); sum(c*x*w)",
        "c = x.detach()*2; y = sum(c*x) + sum(w)",
        "y = sum(w*x)",
        "y = exp(w); z = sum(y*x)",
        "c = exp(w.detach()); u = c + 1; y = sum(c*x*w)",
    ],
)
def test_gradients_are_the_callers_alone(source: str, of: Any, size: int) -> None:
    program = of(source)
    x, w = np.full(size, 2.0), np.full(size, 3.0)
    told = gradcli.evaluate(source, {"x": x, "w": w}).grads
    assert told is not None
    for _ in range(3):
        result = program(x=x, w=w)
        values = {name: np.array(result.values[name]) for name in result.roots}
        for name, gradient in result.grads.items():
            assert gradient.tolist() == told[name].tolist()
            gradient *= 7.5
        for name, value in values.items():
            assert (result.values[name] == value).all()
        assert {*x.tolist(), *w.tolist()} == {2.0, 3.0}
        for name, value in gradcli.evaluate(source, {"x": x, "w": w}).values.items():
            assert (result.values[name] == value).all()


def test_values_are_for_reading() -> None:
    x = np.ones(3)
    for result in (
        gradcli.evaluate("x", {"x": x}, weights="ones"),
        gradcli.compile("x", weights="ones")(x=x),
    ):
        with pytest.raises(ValueError, match="read-only"):
            result.values["x"][0] = 2.0


def test_results_have_the_dtypes_of_the_program() -> None:
    for source in ("sum(max(x, x))", "max(x, x).sum()", "sum(x*x)*0.5"):
        program = gradcli.compile(source)
        for shape in ((), (3,)):
            for dtype in (
                "float64",
                "float64",
                "float32",
                "float32",
                "float32",
                "float64",
                ">f8",
                ">f8",
                ">f8",
            ):
                result = program(x=np.ones(shape, dtype))
                assert result.grads["x"].dtype == np.dtype(dtype).newbyteorder("=")
                assert result.values["result"].dtype == np.dtype(dtype).newbyteorder("=")


def test_random_calls_answer_as_evaluate() -> None:
    for number in range(60):
        fuzz.case(random.Random(f"0:{number}")).run()


def test_names_from_a_mapping_are_those_that_programs_have() -> None:
    """`ﬁ` is `fi` to Python, but for the keys of a mapping."""
    program = gradcli.compile("fi * x")
    for value in (2.0, 3.0, 5.0):
        given = {"ﬁ": value, "x": 1.5}
        result = program(**given)
        assert result.values["result"] == 1.5 * value
        assert set(result.grads) == {"fi", "x"}


MATRICES = {"M": (3, 3), "x": (3,), "s": ()}


@pytest.mark.parametrize(
    ("source", "names", "options"),
    [
        ("sum(exp(x) * (M @ x)) * s", "Mxs", {"hessian": True}),
        ("sum(exp(x) * (M @ x)) * s", "Mxs", {"hessian": True, "jacobian": True}),
        ("y = exp(x) * (M @ x) * s", "Mxs", {"hessian": True, "weights": "ones", "wrt": ["x", "s"]}),
        ("y = exp(x) * (M @ x) * s", "Mxs", {"jacobian": True}),
        ("y = x*s; z = M.sum(1)", "Mxs", {"jacobian": True, "roots": ["y", "z"]}),
        ("y = outer(x, x[:2])*s", "xs", {"jacobian": True, "wrt": ["x"]}),
        ("y = where(x > 0, sqrt(abs(x)), x*s).sum()", "xs", {"hessian": True}),
        ("y = (x*x).sum() if s > 0 else x.sum()", "xs", {"hessian": True}),
        ("y = s*2 + sum(x).detach()", "xs", {"hessian": True, "jacobian": True, "wrt": ["x", "s"]}),
        ("y = sum(M*M) + x @ x", "Mx", {"hessian": True, "dtype": "float32"}),
        ("y = log(x).sum()*M.prod()", "Mx", {"hessian": True}),
    ],
)
def test_matrices_of_derivatives_are_those_of_evaluate(
    source: str, names: str, options: dict[str, Any]
) -> None:
    program = gradcli.compile(source, **options)
    draw = np.random.default_rng(0)
    for _ in range(4):
        inputs = {name: draw.normal(size=MATRICES[name]) for name in names}
        expected = gradcli.evaluate(source, inputs, **options)
        found = program(**inputs)
        assert found.grads.keys() == expected.grads.keys()
        for part in ("hessian", "jacobian"):
            blocks, others = getattr(found, part), getattr(expected, part)
            assert [(name, *row) for name, row in blocks.items()] == [
                (name, *row) for name, row in others.items()
            ]
            for name, row in others.items():
                for below, block in row.items():
                    mine = blocks[name][below]
                    assert (mine.dtype, mine.shape) == (block.dtype, block.shape)
                    np.testing.assert_allclose(
                        mine, block, rtol=1e-5 if mine.dtype == np.float32 else 1e-12, atol=1e-12
                    )
                    mine[...] = 7.0  # it is the caller's own


def test_a_hessian_of_what_has_several_elements_is_refused_as_by_evaluate() -> None:
    program = gradcli.compile("y = x*x", hessian=True)
    for _ in range(3):
        with pytest.raises(GradcliError, match="scalar"):
            program(x=np.ones(3))


@pytest.mark.parametrize(
    ("options", "size", "calls"),
    [
        ({"hessian": True}, 10, 1),
        ({"hessian": True}, 1_000, 4),  # it takes the structure that evaluate finds
        ({"jacobian": True}, 1_000, 1),
    ],
)
def test_matrices_of_derivatives_are_replayed_while_they_are_small(
    options: dict[str, Any], size: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = gradcli.compile("y = sum(x**3)", **options)
    interpreted = []
    first = Program._first
    monkeypatch.setattr(Program, "_first", lambda *args: interpreted.append(1) or first(*args))
    for _ in range(4):
        result = program(x=np.full(size, 2.0))
    if "hessian" in options:
        np.testing.assert_array_equal(result.hessian["x"]["x"], 12 * np.eye(size))
    else:
        np.testing.assert_array_equal(result.jacobian["y"]["x"], np.full(size, 12.0))
    assert len(interpreted) == calls


def test_what_looks_at_constants_alone_is_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers are constants: with others the program is compiled anew."""
    source = "loss = 0\nfor t in range(len(y)):\n    loss = loss + x[y[t]]**(2 if y[0] > 0 else 3)\n"
    program = gradcli.compile(source, wrt=["x"])
    interpreted = []
    first = Program._first
    monkeypatch.setattr(Program, "_first", lambda *args: interpreted.append(1) or first(*args))
    x = np.array([1.0, 2.0, 3.0])
    for places in ([0, 2, 2], [1, 1, 0]):
        for factor in (1.0, 0.5, -1.0):
            inputs = {"x": factor * x, "y": np.array(places)}
            expected = gradcli.evaluate(source, inputs, wrt=["x"])
            found = program(**inputs)
            np.testing.assert_allclose(found.grads["x"], expected.grads["x"], rtol=1e-14)
            assert float(found.values["loss"]) == pytest.approx(float(expected.values["loss"]))
    assert len(interpreted) == 3  # the first call tells what is data
    moving = gradcli.compile("y = x**2 if x[0] > 1 else x**3\nloss = sum(y)", wrt=["x"])
    for factor in (0.5, 2.0, 0.5):
        found = moving(x=factor * x)
        expected = gradcli.evaluate(moving.source, {"x": factor * x}, wrt=["x"])
        np.testing.assert_array_equal(found.grads["x"], expected.grads["x"])


def test_long_constants_are_known_by_all_their_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the caller changes one of them in place."""
    program = gradcli.compile("loss = sum(x[i]**2)", wrt=["x"])
    interpreted = []
    first = Program._first
    monkeypatch.setattr(Program, "_first", lambda *args: interpreted.append(1) or first(*args))
    x, i = np.arange(100.0), np.arange(3_000) % 100
    for change in (0, 0, 0, 7, 7, 0):
        i[1_001] = 1 + change
        expected = 2 * x * np.bincount(i, minlength=100)
        np.testing.assert_allclose(program(x=x, i=i).grads["x"], expected, rtol=1e-12)
    assert len(interpreted) == 3  # the first call tells what is data


def test_gradients_in_another_shape_have_memory_of_their_own() -> None:
    size = 40_000
    source = "z = exp(x.reshape(200, -1) + y.reshape(200, -1))\nloss = sum(z)"
    program = gradcli.compile(source, wrt=["x", "y"])
    given = {"x": np.linspace(0, 1, size), "y": np.zeros(size)}
    for _ in range(3):
        before = program(**given).grads
        grads = program(**given).grads
        arrays = [grads["x"], grads["y"], before["x"], before["y"]]
        for place, each in enumerate(arrays):
            assert not any(np.shares_memory(each, other) for other in arrays[place + 1 :])
        np.testing.assert_allclose(grads["x"], np.exp(given["x"]))
        grads["x"][:] = 0
        np.testing.assert_allclose(grads["y"], np.exp(given["x"]))
    # One of the two is what was computed, and no copy.
    assert sorted(each.base is None for each in arrays[:2]) == [False, True]


@pytest.mark.parametrize("size", [10, 1_000])
def test_loops_over_short_arrays_are_chains_of_numpy_s_loops(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "u, v = x, exp(x)\nfor t in range(60):\n    u, v = u + 0.01*(u - u*v), v + 0.02*(u*v - v)\n"
    source += "loss = sum(where(u > v, u, v**2)/v)"
    chained: list[Any] = []
    as_chain = Trace.chained
    monkeypatch.setattr(Trace, "chained", lambda trace: chained.append(as_chain(trace)) or chained[-1])
    program = gradcli.compile(source)
    for factor in (1.0, 0.3, -0.5, np.inf, 0.1):  # from inf on nothing is taken for granted
        x = factor * np.linspace(0.5, 1.5, size)
        expected, found = gradcli.evaluate(source, {"x": x}), program(x=x)
        np.testing.assert_allclose(found.grads["x"], expected.grads["x"], rtol=1e-12)
        np.testing.assert_allclose(found.values["loss"], expected.values["loss"], rtol=1e-12)
    assert (chained[-1] is not None) == (runner() is not None)
    # What moves elements in each turn takes calls, however the rest is done.
    rolled = gradcli.compile(source.replace("u*v - v", "roll(u, 1)*roll(v, 2) + roll(u, 3) - roll(v, 4)"))
    for _ in range(2):
        rolled(x=x)
    assert chained[-1] is None


@pytest.mark.parametrize("size", [5, LARGE + 1])
@pytest.mark.parametrize("text", ["sum(sin(x)*x)", "y = x; z = sum(y**2)", "sum(where(x > 0, sqrt(x), x))"])
def test_a_program_does_not_hold_the_gradient_of_its_first_call(text: str, size: int) -> None:
    program = gradcli.compile(text)
    gradient = weakref.ref(program(x=np.ones(size)).grads["x"])
    memory.forget()
    assert gradient() is None
