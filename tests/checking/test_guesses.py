"""What kind of mistake a wrong gradient is: said where it explains every element, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.checking.guesses import guess

X = [0.5, -1.25, 2.0, -0.75]
ROW = [1.5, 0.75, -0.5]
SQUARE = [[2.0, 0.5, 0.1], [0.3, 1.5, -0.2], [0.0, 0.4, 1.0]]
OTHER = [[1.0, -2.0, 0.5], [0.25, 1.0, 3.0], [-1.0, 0.5, 2.0]]
MADE = [
    ("sin(x)*cos(x)", "g*cos(x)**2", X, None, "half of the product rule: sin(x)*cos(x) with cos(x) constant"),
    ("x*exp(x)", "g*exp(x)", X, None, "half of the product rule: x*exp(x) with exp(x) constant"),
    ("x @ x", "g @ x.T", SQUARE, None, "half of the product rule: x @ x with its second operand constant"),
    ("x/(1 + x*x)", "g/(1 + x*x)", X, None, "half of the quotient rule: x/(1 + x*x) with (1 + x*x) constant"),
    ("x**3 - 3*x", "g*3*x*x", X, None, "a term is missing: the derivative of 3*x in x**3 - 3*x"),
    ("exp(x) + sin(x)", "g*exp(x)", X, None,
     "a term is missing: the derivative of sin(x) in exp(x) + sin(x)"),
    ("x - mean(x)", "g", X, None, "a term is missing: the derivative of mean(x) in x - mean(x)"),
    ("x*x", "g*(2*x - 1)", X, None, "it is off by exactly 1 everywhere"),
    ("sin(x)", "g*0 + cos(x)", X, None, "it does not depend on the incoming gradient"),
    ("x**3", "3*x*x", X, None, "it does not depend on the incoming gradient"),
    ("x**3", "g*g*3*x*x", X, None, "it is multiplied by the incoming gradient twice"),
    ("trace(x @ x @ x)", "g*3*x @ x", SQUARE, None, "it is transposed"),
    ("linalg.det(x)", "g*linalg.det(x)*linalg.inv(x)", SQUARE, None, "it is transposed"),
    ("x @ w", "g @ w, x.T @ g", SQUARE, OTHER, "a transpose is missing in x @ w"),
    ("linalg.solve(w, x)", "linalg.solve(w, g), None", ROW, OTHER,
     "a transpose is missing in linalg.solve(w, x)"),
    ("w + x", "g.sum(1), g", ROW, OTHER, "it is summed along dim 1; it has to be summed along dim 0"),
    ("w*x", "(g*w).sum(1), g*x", ROW, OTHER, "it is summed along dim 1; it has to be summed along dim 0"),
    ("w*x", "(g*w).mean(0), g*x", ROW, OTHER, "it is the mean along dim 0; it has to be summed along dim 0"),
    ("(x*x).sum(1)", "2*x*g[None, :]", OTHER, None, "the incoming gradient is spread along the wrong dim"),
    ("tanh(softplus(x))", "g*(1 - tanh(softplus(x))**2)", X, None,
     "the chain rule without the derivative of softplus(x)"),
    ("sin(x**2)", "g*cos(x**2)", X, None, "the chain rule without the derivative of x**2"),
    ("where(x > 0, x, exp(x))", "g*where(x > 0, 1.0, -exp(x))", X, None,
     "on one branch, for inputs up to -0.75, the sign is wrong"),
    ("where(x > 0, x**2, exp(x))", "g*where(x > 0, x, exp(x))", X, None,
     "on one branch, for inputs from 0.5 on, a factor 2 is missing"),
    ("where(x > 0, x**2, exp(x))", "g*where(x > 0, 0.0, exp(x))", X, None,
     "and 0 for inputs from 0.5 on: a branch is missing"),
]  # fmt: skip


def notes(value: str, gradient: str, x: Any, w: Any = None, seed: int = 0) -> list[str]:
    """What is said of an own gradient beside numbers and ratios."""
    parameters, inputs = ("x", {"x": x}) if w is None else ("x, w", {"x": x, "w": w})
    text = (
        f"def f({parameters}):\n    return {value}\n"
        f"@backward(f)\ndef b(g, {parameters}):\n    return {gradient}\n"
        f"y = f({parameters})\nz = sum(y*y)\n"
    )
    report = gradcli.check(text, inputs, seed=seed)
    (own,) = [check for check in report.checks if check.kind == "own-gradient"]
    assert own.status == "fail"
    return [note for note in own.notes if not note.startswith("ratio")]


@pytest.mark.parametrize(("value", "gradient", "x", "w", "said"), MADE)
def test_what_was_forgotten_is_said(value: str, gradient: str, x: Any, w: Any, said: str) -> None:
    (note,) = notes(value, gradient, x, w)
    assert said in note


@pytest.mark.parametrize(
    ("value", "gradient"),
    [
        ("sin(x)*cos(x)", "g*(cos(x)**2 + 1e-4)"),
        ("x*exp(x)", "g*exp(x)*(1 + 1e-5*x)"),
        ("x*x", "g*(2*x - where(x > 1, 1, 1.0001))"),
        ("exp(x)", "g*x"),
    ],
)
def test_nothing_is_said_that_does_not_fit_everywhere(value: str, gradient: str) -> None:
    assert notes(value, gradient, X) == []


RANDOM = np.random.default_rng(1)
TRUE = RANDOM.normal(size=(3, 3))
POINT = RANDOM.normal(size=(3, 3))


@pytest.mark.parametrize(
    ("claimed", "said"),
    [
        (TRUE - 1, "it is off by exactly 1 everywhere: a term is missing"),
        (TRUE + 0.25, "it is off by exactly -0.25 everywhere: a term is missing"),
        (TRUE - 2 * POINT, "it is off by 2 times the input everywhere: a term is missing"),
        (TRUE.T, "it is transposed"),
        (TRUE[::-1], "it is right in reverse along dim 0"),
        (np.where(POINT > 0, TRUE, -TRUE), "on one branch, for inputs up to"),
        (np.where(POINT < 0, TRUE, TRUE / 2), "a factor 2 is missing; it is right below"),
        (TRUE * 2, ""),
        (TRUE + np.eye(3), ""),
        (np.where(TRUE > 0, TRUE, -TRUE), ""),
        (np.full((3, 3), np.nan), ""),
    ],
)
def test_numbers_alone(claimed: Any, said: str) -> None:
    told = guess(claimed, TRUE, POINT)
    assert said in told
    assert bool(told) == bool(said)
