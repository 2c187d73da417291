"""`gradcli.check` and `gradcli.assert_gradients` in ordinary tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli


def test_a_report_is_true_if_all_is_well_and_shows_its_lines() -> None:
    assert gradcli.check("z = sum(x**2)", {"x": [1.0, 2.0]})
    report = gradcli.check("z = x**2", claims="dz/dx = x")
    assert not report
    assert str(report).startswith("FAIL <text>: dz/dx = x: at x = 1.0 the claim says 1, the derivative is 2")


def test_a_program_that_fails_is_in_the_report() -> None:
    report = gradcli.check("z = sine(1)", name="model")
    assert (report.status, str(report).split(":")[0]) == (3, "ERROR model")


def softmax(x: Any) -> Any:
    powers = np.exp(x - x.max())
    return powers / powers.sum()


RIGHT: list[tuple[Any, Any, Any]] = [
    (lambda x: np.sum(np.sin(x) * x), [0.5, 1.0, -2.0], lambda x: np.cos(x) * x + np.sin(x)),
    (lambda x: x**3, 2.0, 12.0),
    (lambda a, b: np.sum(a @ b), ([[1.0, 2.0]], [[3.0], [4.0]]), lambda a, b: (b.T, a.T)),
    (lambda a, b: np.sum(a * b), {"a": [1.0, 2.0], "b": 3.0}, lambda a, b: {"a": b + 0 * a, "b": a.sum()}),
    (lambda a, b: np.sum(a * b), {"a": [1.0, 2.0], "b": 3.0}, {"a": [3.0, 3.0]}),
    (softmax, [0.1, 0.5, -1.0], lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x))),
    (lambda x: np.sum(np.sin(x)), np.linspace(-3, 3, 100_000), np.cos),
    (lambda x: np.sum(np.maximum(x, 0)), [0.0, 1.0, -1.0], [0.0, 1.0, 0.0]),
]


@pytest.mark.parametrize(("function", "inputs", "claimed"), RIGHT)
def test_a_right_gradient_of_a_python_function(function: Any, inputs: Any, claimed: Any) -> None:
    gradcli.assert_gradients(function, inputs, claimed)


@pytest.mark.parametrize(
    ("function", "inputs", "claimed", "part"),
    [
        (lambda x: np.sum(x**2), [1.0, 2.0], lambda x: x, "ratio 2: a factor 2 is missing"),
        (lambda x: np.cos(x), 0.5, np.sin, "ratio -1: the sign is wrong"),
        (lambda x: x**3, 1.0, lambda x: 3 * x, "near the given point"),
        (lambda x: np.sum(x**2), [1.0, 2.0], [2.0, 4.00001], "at index [1]"),
        (lambda a, b: np.sum(a @ b), (np.eye(2), np.ones((2, 2))), lambda a, b: (b, a), ""),
        (lambda a, b: a * b, (1.0, 2.0), (1.0, 2.0), "input 1: the gradient says 1, numerically it is 2"),
        (lambda a, b: a * b, (1.0, 2.0), (2.0,), "as many gradients"),
        (lambda x: np.sum(x), [1.0, 2.0], [1.0], "has shape [1], it should be [2]"),
        (lambda x: abs(x), 0.0, 0.0, "not measurable here: a kink"),
        (softmax, [0.1, 0.5, -1.0], lambda x: np.diag(softmax(x)), "the gradient says"),
        (lambda x: np.sum(np.sin(x)), np.linspace(-3, 3, 100_000), lambda x: np.cos(x) * 1.000001, ""),
    ],
)
def test_a_wrong_gradient_of_a_python_function(function: Any, inputs: Any, claimed: Any, part: str) -> None:
    if part == "" and isinstance(inputs, tuple):
        function, inputs = (
            (lambda a, b: np.sum((a @ b) ** 2)),
            (np.arange(4.0).reshape(2, 2), np.ones((2, 2))),
        )
    with pytest.raises(AssertionError) as caught:
        gradcli.assert_gradients(function, inputs, claimed)
    assert part in str(caught.value)


SMALL = {
    "log(1 + x²)": (lambda x: np.sum(np.log(1 + x * x)), lambda x: 2 * x / (1 + x * x)),
    "1 - cos(x)": (lambda x: np.sum(1 - np.cos(x)), np.sin),
    "sqrt(1 + x²) - 1": (lambda x: np.sum(np.sqrt(1 + x * x) - 1), lambda x: x / np.sqrt(1 + x * x)),
    "exp(x) - 1 - x": (lambda x: np.sum(np.exp(x) - 1 - x), np.expm1),
    "log cosh": (lambda x: np.sum(np.log(np.cosh(x))), np.tanh),
}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("scale", [1e-8, 1e-5, 1e-3, 1.0])
@pytest.mark.parametrize("opaque", [False, True])
def test_a_function_that_cancels_is_not_accused(name: str, scale: float, opaque: bool) -> None:
    function, gradient = SMALL[name]

    def floats_only(x: np.ndarray) -> float:
        if x.dtype == object:
            raise TypeError("only floats")
        return float(function(x))

    for seed in range(3):
        x = np.random.default_rng(seed).normal(size=5) * scale
        tried = floats_only if opaque else function
        told = ""
        try:
            gradcli.assert_gradients(tried, x, gradient(x), seed=seed)
        except AssertionError as error:
            told = str(error)
        assert told == "" or (opaque and "not measurable here" in told)
        with pytest.raises(AssertionError):
            gradcli.assert_gradients(tried, x, 1.01 * gradient(x), seed=seed)
