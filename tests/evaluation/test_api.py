"""`gradcli.evaluate`: inputs, overrides, roots, what is differentiated, and what is reported."""

from __future__ import annotations

import gc
import pickle
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.evaluation.bindings import Binding
from gradcli.process import rare_collection


def grads(program: str, inputs: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """The gradients as lists and numbers."""
    found = gradcli.evaluate(program, inputs, **options).grads
    assert found is not None
    return {name: value.tolist() for name, value in found.items()}


def failure(program: str, inputs: dict[str, Any] | None = None, **options: Any) -> gradcli.GradcliError:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, inputs, **options)
    return caught.value


def test_values_and_gradients_of_a_chain() -> None:
    result = gradcli.evaluate("y=2*x; z=y**2", {"x": 1.0})
    assert result.values == {"x": 1.0, "y": 2.0, "z": 4.0}
    assert result.grads == {"x": 8.0}
    assert result.roots == ("z",)
    node = result.nodes["z"]
    assert (node.shape, node.dtype, node.requires_grad, node.is_leaf, node.grad_fn) == (
        (),
        "float64",
        True,
        False,
        "PowBackward0",
    )


# ---- inputs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "dtype", "requires_grad"),
    [
        (2, "float64", True),
        (2.5, "float64", True),
        ([1, 2], "float64", True),
        ([[1, 2], [3, 4]], "float64", True),
        (np.float32(2), "float32", True),
        (np.array([1, 2]), "int64", False),
        (np.array([True, False]), "bool", False),
        ([True, False], "bool", False),
        (Binding("[1, 2]"), "float64", True),
        (Binding("ones(2, 2)"), "float64", True),
        (Binding("tensor([1, 2])"), "int64", False),
        (Binding("2"), "float64", True),
        (Binding("-sqrt(2.)/2"), "float64", True),
    ],
)
def test_a_free_name_becomes_a_leaf(value: Any, dtype: str, requires_grad: bool) -> None:
    node = gradcli.evaluate("x; 0", {"x": value}, wrt=[]).nodes["x"]
    assert (node.dtype, node.requires_grad, node.is_leaf) == (dtype, requires_grad, True)


def test_plain_values_from_outside_stay_plain() -> None:
    program = "if flag: print(mode)"
    assert gradcli.evaluate(program, {"flag": True, "mode": "fast"}).printed == ["fast"]


@pytest.mark.parametrize(
    ("program", "given", "value", "gradients"),
    [
        ("x = param(1.); y = x*3", {"x": 5}, 5.0, {"x": 3.0}),
        ("x = tensor(1., requires_grad=True)\ny = x*x", {"x": 4.0}, 4.0, {"x": 8.0}),
        ("x = tensor(1.); y = x*w", {"x": 5, "w": 2}, 5.0, {"w": 5.0}),
        ("x = torch.ones(2); y = (x*w).sum()", {"x": [2, 3], "w": 1}, [2.0, 3.0], {"w": 5.0}),
        ("x, k = param(1.), 2; y = x*k", {"x": 3}, 3.0, {"x": 2.0}),
        ("x = 1.0\nx = x*2\ny = x*w", {"x": 3.0, "w": 1.0}, 6.0, {"w": 6.0}),
        ("x = x*2; y = x*x", {"x": 3.0}, 3.0, {"x": 24.0}),
    ],
)
def test_an_input_replaces_a_leaf_and_keeps_its_requires_grad(
    program: str, given: dict[str, Any], value: Any, gradients: dict[str, Any]
) -> None:
    assert np.asarray(gradcli.evaluate(program, given).values["x"]).tolist() == value
    assert grads(program, given) == gradients


@pytest.mark.parametrize(
    ("default", "given", "kept"),
    [
        ("3", 5, 5),
        ("3", 5.0, 5.0),
        ("3.0", 5, 5.0),
        ("True", False, False),
        ("'a'", "b", "b"),
        ("3", np.int64(5), 5),
        ("3.0", np.int64(5), 5.0),
        ("[1, 2]", [3, 4], [3, 4]),
        ("[1.0, 2.0]", [3, [4]], [3.0, [4.0]]),
    ],
)
def test_a_constant_stays_a_constant(default: str, given: Any, kept: Any) -> None:
    result = gradcli.evaluate(f"k = {default}\nprint(k)", {"k": given})
    assert result.printed == [str(kept)]
    assert result.grads == {}


def test_whole_floats_from_outside_serve_as_integers() -> None:
    program = "s = 0.\nfor i in range(n): s = s + x[n - 1]\ny = s * ones(n).sum()"
    assert grads(program, {"n": 2, "x": [1, 2]}, wrt=["x"]) == {"x": [0.0, 4.0]}


@pytest.mark.parametrize(
    ("program", "given", "code", "text"),
    [
        ("k = 3; y = k*2", {"y": 5}, "bad-argument", "y is computed"),
        ("def f(): return 1\ny = f()", {"f": 5}, "bad-argument", "f is computed"),
        ("for i in range(3): pass", {"i": 5}, "bad-argument", "i is computed"),
        ("y = 2*x", {"x": 1, "z": 2}, "unknown-name", "no name z"),
        ("def f(a): return a\ny = f(2.)", {"a": 5}, "unknown-name", "no name a"),
        ("y = 2*x", {"x": Binding("w*2")}, "unset-input", "no free names"),
        ("y = 2*x", {"x": Binding("1; 2")}, "syntax", "one expression"),
        ("y = 2*x", {"x": np.array(["a"])}, "dtype", "not real numbers"),
        ("y = 2*x", {"x": np.array([1j])}, "dtype", "not real numbers"),
        ("y = 2*x", {"x": {}}, "bad-argument", "cannot be set to a dict"),
        ("y = 2*x", {"x": [[1], [1, 2]]}, "shape", ""),
    ],
)
def test_wrong_inputs_are_refused(program: str, given: dict[str, Any], code: str, text: str) -> None:
    error = failure(program, given)
    assert error.code == code
    assert text in error.message


def test_unused_inputs_can_be_let_through() -> None:
    result = gradcli.evaluate("y = 2*x", {"x": 1, "z": 2}, unused_inputs=True)
    assert result.unused_inputs == ("z",)


def test_a_name_given_from_outside_wins_over_a_constant() -> None:
    assert grads("e*x", {"e": 2, "x": 3}) == {"e": 3.0, "x": 2.0}


# ---- roots ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "roots"),
    [
        ("y = 2*x", ("y",)),
        ("y = 2*x; y", ("y",)),
        ("y = 2*x; y*3", ("result",)),
        ("y = 2*x; y += 1", ("y",)),
        ("a = b = 2*x", ("a",)),
        ("y = 2*x; z = 3*x; y, z", ("y", "z")),
        ("y, z = 2*x, 3*x", ("y", "z")),
        ("y = 2*x; print(y)", ("y",)),
        ("y = 2*x; assert y > 0", ("y",)),
        ("y = 2*x\nif x > 0: y = 3*x", ("y",)),
        ("for i in range(2): y = x*i", ("y",)),
        ("y = 2*x\ndef f(): pass", ("y",)),
        ("with enable_grad(): y = 2*x", ("y",)),
        ("y = 2*x\nimport torch", ()),
        ("(2*x, 5)", ("result[0]",)),
        ("2*x, [x, 'text']", ("result[0]", "result[1][0]")),
        ("y = 2*x; y.backward()", ()),
        ("y = 2*x; g = autograd.grad(y, x)[0]", ()),
        ("y = 2*x; 'text'", ()),
    ],
)
def test_the_root_is_the_value_of_the_last_statement(program: str, roots: tuple[str, ...]) -> None:
    assert gradcli.evaluate(program, {"x": 1.0}).roots == roots


def test_each_of_several_roots_has_its_own_derivatives() -> None:
    result = gradcli.evaluate("y = 2*x; z = y**2*w", {"x": 1.0, "w": 3.0}, roots=["y", "z"])
    assert result.grads == {}
    assert result.derivatives == {"y": {"x": 2.0, "w": 0.0}, "z": {"x": 24.0, "w": 4.0}}
    twice = gradcli.evaluate("y = 2*x; z = y**2", {"x": 1.0}, roots=["y", "z"], passes=2, retain_graph=True)
    assert twice.derivatives == {"y": {"x": 4.0}, "z": {"x": 16.0}}
    once = gradcli.evaluate("y = 2*x; z = y**2", {"x": 1.0}, roots=["y", "z"], wrt=["y"])
    assert once.derivatives == {"y": {"y": 1.0}, "z": {"y": 4.0}}


def test_an_unnamed_root_is_among_the_values() -> None:
    assert gradcli.evaluate("x**2", {"x": 3.0}).values == {"x": 3.0, "result": 9.0}


def test_without_anything_that_requires_grad_there_are_values_only() -> None:
    result = gradcli.evaluate("2 + 3")
    assert result.values == {"result": 5}
    assert result.grads == {}


@pytest.mark.parametrize(
    ("program", "inputs", "options", "code"),
    [
        ("2 + 3", {}, {"roots": ["result"]}, "no-grad"),
        ("y = 2.0", {}, {"weights": "ones"}, "no-grad"),
        ("x = param(1.); y = 3.", {}, {}, "no-grad"),
        ("y = 2*x; k = 3.", {"x": 1}, {"wrt": ["x"]}, "no-grad"),
        ("print(x)", {"x": 1}, {"wrt": ["x"]}, "no-grad"),
        ("y = 2*x; z = 3*x", {"x": 1}, {"roots": ["y", "z"], "order": 2}, "bad-argument"),
        ("y = 2*x; z = 3*x", {"x": 1}, {"roots": ["y", "z"], "passes": 2}, "graph-freed"),
        ("z = x+2", {"x": [1, 2, 3]}, {}, "non-scalar-root"),
        ("z = x+2", {"x": [1, 2, 3]}, {"weights": [[1, 2]]}, "weights-shape"),
        ("z = x+2", {"x": [1, 2, 3]}, {"weights": 1.0}, "weights-shape"),
        ("a = x; b = x; a, b", {"x": 1}, {"weights": "ones"}, "weights-shape"),
        ("y = 2*x", {"x": 1}, {"roots": ["z"]}, "unknown-name"),
        ("y = 2*x", {"x": 1}, {"wrt": ["z"]}, "unknown-name"),
        ("y = 2*x", {"x": 1}, {"freeze": ["z"]}, "unknown-name"),
        ("y = 2*x", {"x": 1}, {"retain_grad": ["z"]}, "unknown-name"),
        ("y = 2*x", {"x": np.array([1, 2])}, {"wrt": ["x"]}, "int-requires-grad"),
        ("x**2", {"x": 2}, {"passes": 2}, "graph-freed"),
        ("y = 2*x", {"x": 1}, {"passes": 0}, "bad-argument"),
        ("y = 2*x", {"x": 1}, {"order": 0}, "bad-argument"),
        ("y = 2*x", {"x": 1}, {"freeze": ["x"], "wrt": ["x"]}, "no-grad"),
    ],
)
def test_what_cannot_be_differentiated(
    program: str, inputs: dict[str, Any], options: dict[str, Any], code: str
) -> None:
    assert failure(program, inputs, **options).code == code


def test_the_shapes_of_wrong_weights_are_named() -> None:
    message = failure("z = x+2", {"x": [1, 2, 3, 4]}, weights=[[1, 2]]).message
    assert "[2]" in message
    assert "[4]" in message


def test_a_freed_graph_is_told_with_its_place_and_pass() -> None:
    error = failure("y = 3*x\nz = y**2", {"x": 2}, passes=2)
    assert error.location is not None
    assert (error.location.line, error.location.column) == (2, 5)
    assert "pow" in error.message
    assert "pass 1" in error.message


# ---- what is differentiated ----------------------------------------------------------------------

TWO_STEPS = "y = 2*x; z = y**2"


@pytest.mark.parametrize(
    ("program", "inputs", "options", "gradients"),
    [
        (TWO_STEPS, {"x": 1}, {"wrt": ["y"]}, {"y": 4.0}),
        (TWO_STEPS, {"x": 1}, {"wrt": ["x", "y"]}, {"x": 8.0, "y": 4.0}),
        (TWO_STEPS, {"x": 1}, {"wrt": "x,y"}, {"x": 8.0, "y": 4.0}),
        (TWO_STEPS, {"x": 1}, {"wrt": []}, {}),
        (TWO_STEPS, {"x": 1}, {"roots": ["x"], "weights": 4}, {"x": 4.0}),
        (TWO_STEPS, {"x": 1}, {"roots": ["y"]}, {"x": 2.0}),
        (TWO_STEPS, {"x": 1}, {"roots": ["y", "z"], "weights": [1, 1]}, {"x": 10.0}),
        (TWO_STEPS, {"x": 1}, {"roots": ["y", "z"], "weights": [10, 1]}, {"x": 28.0}),
        (TWO_STEPS, {"x": 1}, {"retain_grad": ["y"]}, {"x": 8.0, "y": 4.0}),
        (TWO_STEPS, {"x": 1}, {"wrt": ["x"], "retain_grad": ["y"]}, {"x": 8.0, "y": 4.0}),
        ("z = x*w", {"x": 2, "w": 3}, {"freeze": ["w"]}, {"x": 3.0}),
        ("z = x*w", {"x": 2, "w": 3}, {"wrt": ["w"]}, {"w": 2.0}),
        ("y = x*2; z = w**2", {"x": [1, 2], "w": 3}, {"wrt": ["x"]}, {"x": [0.0, 0.0]}),
        ("y = x*2; z = w**2", {"x": [1, 2], "w": 3}, {}, {"w": 6.0}),
        ("x = 1.0; y = x*3", {}, {"wrt": ["x"]}, {"x": 3.0}),
        ("x = 2; y = x*x", {}, {"wrt": ["x"]}, {"x": 4.0}),
        ("x = tensor([1., 2.]); y = (x*x).sum()", {}, {"wrt": ["x"]}, {"x": [2.0, 4.0]}),
        ("x = [1., 2.]; y = sum(square(x))", {}, {"wrt": ["x"]}, {"x": [2.0, 4.0]}),
        ("z = x+2", {"x": [1, 2]}, {"weights": "ones"}, {"x": [1.0, 1.0]}),
        ("z = x+2", {"x": [1, 2]}, {"weights": [[3, 4]]}, {"x": [3.0, 4.0]}),
        ("z = x+2", {"x": [1, 2]}, {"weights": np.array([3.0, 4.0])}, {"x": [3.0, 4.0]}),
        ("z = x+2", {"x": [1, 2]}, {"weights": [Binding("[3, 4]")]}, {"x": [3.0, 4.0]}),
        ("x**2", {"x": 2}, {"passes": 2, "retain_graph": True}, {"x": 8.0}),
        ("x**2", {"x": 2}, {"passes": 2, "retain_graph": True, "zero_grad": True}, {"x": 4.0}),
        ("sum(x+1)", {"x": [1, 2]}, {"passes": 2}, {"x": [2.0, 2.0]}),
        ("x**2", {"x": 2}, {"create_graph": True}, {"x": 4.0}),
        ("y = 2*x; y.backward()", {"x": 1}, {}, {"x": 2.0}),
        ("y = 2*x; y.backward(); z = 5*x", {"x": 1}, {"roots": ["z"]}, {"x": 7.0}),
        ("y = 2*x; g = autograd.grad(y, x)[0]", {"x": 1}, {}, {}),
    ],
)
def test_gradients(
    program: str, inputs: dict[str, Any], options: dict[str, Any], gradients: dict[str, Any]
) -> None:
    assert grads(program, inputs, **options) == gradients


@pytest.mark.parametrize(
    ("program", "gradients"),
    [
        ("a = param(1.); b = a; a = a*3; a.backward()", {"a": 3.0}),
        ("t = tensor(0.)\nx = param(2.)\nt = x\ny = t*t", {"x": 4.0}),
        ("x = tensor(2.)\nx.requires_grad = True\ny = x*x\ny.backward()", {"x": 4.0}),
        ("x = ones(2).requires_grad_()\ny = (x*3).sum()", {"x": [3.0, 3.0]}),
        ("ps = [param(1.), param(2.)]\ny = ps[0]*ps[1]", {"ps[0]": 2.0, "ps[1]": 1.0}),
        ("def f():\n    w = param(2.)\n    return w\na = f()\ny = a*a", {"a": 4.0}),
    ],
)
def test_a_leaf_goes_by_the_name_it_was_first_assigned_to(program: str, gradients: dict[str, Any]) -> None:
    assert grads(program) == gradients


def test_orders_are_pure_derivatives_and_zero_where_they_vanish() -> None:
    result = gradcli.evaluate("z = x**3 * w", {"x": 2.0, "w": 5.0}, order=5)
    assert result.orders == {"x": [60.0, 60.0, 30.0, 0.0, 0.0], "w": [8.0, 0.0, 0.0, 0.0, 0.0]}
    assert result.grads == {"x": 60.0, "w": 8.0}


def test_the_last_orders_of_a_product_agree_with_the_closed_form() -> None:
    x = 0.3
    result = gradcli.evaluate("sin(x)*exp(x)", {"x": x}, order=6)
    closed = [2 ** (n / 2) * np.exp(x) * np.sin(x + n * np.pi / 4) for n in range(1, 7)]
    assert np.allclose(result.orders["x"], closed, rtol=1e-12, atol=0)


# ---- what is reported ----------------------------------------------------------------------------


def test_values_hold_every_named_tensor_and_number() -> None:
    program = "n = 3\nname = 'a'\nl = [1]\nx = tensor([1, 2])\nflag = True\ndef f(): pass"
    values = gradcli.evaluate(program).values
    assert list(values) == ["n", "x", "flag"]
    assert values["x"].dtype == np.int64


def test_values_are_computed_when_they_are_read() -> None:
    result = gradcli.evaluate("a = linalg.norm(x)\nb = 1 / zeros(3)\nc = 2*x", {"x": [3.0, 4.0]}, wrt=[])
    assert result.values["a"] == 5
    assert np.isinf(result.values["b"]).all()


def test_what_is_printed_comes_in_lines_and_as_it_is_printed() -> None:
    pieces: list[str] = []
    result = gradcli.evaluate(
        "print(1)\nprint(2, end='')\nprint(3)\nprint()\nprint('x', end='')", write=pieces.append
    )
    assert result.printed == ["1", "23", "", "x"]
    assert pieces == ["1\n", "2", "3\n", "\n", "x"]


def test_what_was_printed_before_a_failure_has_been_written() -> None:
    pieces: list[str] = []
    with pytest.raises(gradcli.GradcliError):
        gradcli.evaluate("print('before')\n1/0", write=pieces.append)
    assert pieces == ["before\n"]


def test_an_error_knows_its_text_and_place() -> None:
    error = failure("x = 1\ny = x + sine(2)")
    assert error.text == "x = 1\ny = x + sine(2)"
    assert error.location is not None
    assert (error.location.line, error.location.column, error.location.end_column) == (2, 9, 13)


@pytest.mark.parametrize(
    ("program", "options", "dtype"),
    [
        ("x = ones(2)", {}, "float64"),
        ("import torch\nx = torch.ones(2)", {}, "float32"),
        ("import torch\nx = torch.ones(2)", {"dtype": "float64"}, "float64"),
        ("x = ones(2)", {"dtype": "float32"}, "float32"),
        ("import numpy as np\nx = ones(2)", {}, "float64"),
        ("def f():\n    import torch\nx = ones(2)", {}, "float32"),
    ],
)
def test_the_default_precision(program: str, options: dict[str, Any], dtype: str) -> None:
    assert gradcli.evaluate(program, **options).nodes["x"].dtype == dtype


def test_random_numbers_are_seeded() -> None:
    first, again, other = (gradcli.evaluate("x = randn(3)", seed=seed).values["x"] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("program", "inputs", "place", "text"),
    [
        ("y = log(x)", {"x": -1}, "log(x)", "log made nan"),
        ("y = x*2\nz = sqrt(y)*3", {"x": 0}, "sqrt(y)", "the gradient of sqrt is inf"),
        ("z = sqrt(x*2)\nz.backward()", {"x": 0}, "sqrt(x*2)", "the gradient of sqrt is inf"),
        ("z = exp(x*2)", {"x": 1000}, "exp(x*2)", "exp made inf"),
    ],
)
def test_an_anomaly_is_named(program: str, inputs: dict[str, Any], place: str, text: str) -> None:
    error = failure(program, inputs, detect_anomaly=True)
    assert error.code == "anomaly"
    assert error.span is not None
    assert program[slice(*error.span)] == place
    assert text in error.message


def test_infinities_that_were_written_are_no_anomaly() -> None:
    program = "z = where(x > 0, log(x), -inf).sum()"
    assert grads(program, {"x": [1, 2]}, detect_anomaly=True) == {"x": [1.0, 0.5]}


def test_numbers_of_the_program_are_arrays_too() -> None:
    values = gradcli.evaluate("k = 3; b = True; f = 1.5; k*f").values
    assert {name: (type(value), value.dtype, value.shape) for name, value in values.items()} == {
        "k": (np.ndarray, np.int64, ()),
        "b": (np.ndarray, np.bool_, ()),
        "f": (np.ndarray, np.float64, ()),
        "result": (np.ndarray, np.float64, ()),
    }


@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("y = 2*x", {}),
        ("y = 2*x", {"roots": ["y"]}),
        ("y = 2*x", {"weights": [1, 2, 3]}),
        ("y = 2*x\ny.backward(ones_like(y))", {}),
        ("y = 2*x\nprint(y)", {}),
        ("y = tensor([6.0, 8.0]) + 0*x.detach()", {"roots": ["y"]}),
    ],
)
def test_an_empty_wrt_asks_for_values_only(program: str, options: dict[str, Any]) -> None:
    result = gradcli.evaluate(program, {"x": [3.0, 4.0]}, wrt=[], **options)
    assert result.grads == {}
    assert result.values["y"].tolist() == [6.0, 8.0]


@pytest.mark.parametrize("weights", [[[1, 10]], (1, 10), np.array([1.0, 10.0]), [np.array([1, 10])]], ids=str)
def test_weights_of_one_root_stand_alone_or_in_a_list(weights: Any) -> None:
    assert grads("3*x", {"x": [1.0, 2.0]}, weights=weights) == {"x": [3.0, 30.0]}


@pytest.mark.parametrize("dtype", ["int64", "float16", "nonsense", np.int32], ids=str)
def test_the_default_precision_is_one_of_two(dtype: Any) -> None:
    assert failure("x*2", {"x": 1.0}, dtype=dtype).code == "dtype"


def test_an_error_survives_the_way_from_another_process() -> None:
    error = failure("y = 1\nz = sine(x)", {"x": 1.0})
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.message, copy.span, copy.hint, copy.location) == (
        "unknown-function",
        "there is no function sine",
        (10, 14),
        "did you mean sin?",
        error.location,
    )


@pytest.mark.parametrize("source", ["sum(x) + sum(y)", "sum(x + y)", "sum(x*2) + sum(y*2)"])
def test_gradients_have_memory_of_their_own(source: str) -> None:
    x, y = np.ones(3), np.ones(3)
    grads = gradcli.evaluate(source, {"x": x, "y": y}).grads
    kept = grads["y"].copy()
    grads["x"] += 100
    np.testing.assert_array_equal(grads["y"], kept)
    np.testing.assert_array_equal(x, 1)


def test_gradients_do_not_share_memory_with_the_weights() -> None:
    weights = np.array([1.0, 2.0])
    grads = gradcli.evaluate("x + 2", {"x": np.zeros(2)}, weights=weights).grads
    grads["x"] *= 10
    np.testing.assert_array_equal(weights, [1, 2])


def test_backward_through_a_value_that_was_replaced() -> None:
    program = "w = param(2.0)\nfor i in range({turns}):\n    t = w*w\n    y = t*w\n    y.data = tensor(5.0)\n"
    found = gradcli.evaluate(program.format(turns=20) + "    z = y*2\n    z.backward(inputs=[w])\nw.grad")
    assert found.values["result"] == 480
    found = gradcli.evaluate(
        "import torch\nw = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)\nt = w*w\ny = w\n"
        "for i in range(14):\n    y = y*t\ny.data = torch.tensor(5.0, dtype=torch.float64)\n"
        "torch.autograd.grad(y*2, [w])[0]"
    )
    assert np.isclose(found.values["result"], 2 * 29 * 1.5**28)


def test_the_garbage_collector_is_left_as_it_was() -> None:
    suite, before = gc.get_threshold(), (700, 10, 10)
    gc.set_threshold(*before)
    try:
        with rare_collection("x" * 100), rare_collection():
            assert gc.get_threshold()[0] > before[0]
        first, second = rare_collection("x"), rare_collection("x" * 1000)
        first.__enter__()
        second.__enter__()
        first.__exit__()
        second.__exit__()
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*suite)


@pytest.mark.parametrize("call", ["pad(ones(3), 1)", "split_with_sizes(ones(3), 1)"])
def test_arguments_that_a_function_cannot_work_with(call: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(call)
    assert caught.value.code == "bad-argument"
    assert caught.value.hint


def test_a_part_of_what_was_computed_small_goes_into_something_large() -> None:
    program = "u, s, v = linalg.svd(x)\nprint(s)\n(s.sum()*ones(300, 300)).sum() + (u*u).sum()*0"
    found = gradcli.evaluate(program, {"x": [[1.0, 2.0], [3.0, 5.0]]})
    left, _, right = np.linalg.svd([[1.0, 2.0], [3.0, 5.0]])
    np.testing.assert_allclose(found.grads["x"], 90_000 * left @ right, rtol=1e-10)
