"""`gradcli.compile`: a program called many times answers as `gradcli.evaluate` does each time."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli import GradcliError


def _told(run: Any) -> str:
    """Everything an evaluation tells, or its error; as text, in which nan equals nan."""
    try:
        result = run()
        values = {name: np.asarray(value).tolist() for name, value in result.values.items()}
        grads = {name: (value.dtype, value.tolist()) for name, value in result.grads.items()}
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
