"""What somebody is told beside results: each row is a program, what is set, and the start of the one note."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli

NOTHING = "nothing was differentiated: "
NO_INPUT = f"{NOTHING}no input requires grad; "
NO_VALUE = f"{NOTHING}the program does not end with a value"
NOTES: list[tuple[str, dict[str, Any], str]] = [
    ("x=3; x^2", {}, f"{NO_INPUT}write x = param(3.0), or leave x out and give -s x=3"),
    ("x = -2.5\ny = x^2", {}, f"{NO_INPUT}write x = param(-2.5), or leave x out and give -s x=-2.5"),
    ("x = [1, 2]; sum(x)", {}, f"{NO_INPUT}leave x out and give -s 'x=[1, 2]'"),
    ("def f(x): return x^2\nf(3)", {}, f"{NO_INPUT}call f(param(3.0)), or f(x) with -s x=3"),
    ("x = 3; print(x)", {}, f"{NO_INPUT}write x = param(3.0)"),
    ("x = param(2.0); y = x^2; print(y)", {}, f"{NO_VALUE}; end it with y"),
    ("x = param(2.0)\nfor i in range(2): y = x*i", {}, NO_VALUE),
    ("if x > 5: y = x", {"x": 2}, f"{NO_VALUE}, and no variable depends on x"),
    ("with no_grad(): y = 2*x", {"x": 2}, f"{NO_VALUE}, and no variable"),
    ("3,5*x", {"x": 2}, "3,5*x is two values; with a decimal point it is 3.5*x"),
    ("y = 1,5", {}, "1,5 is two values; with a decimal point it is 1.5"),
    ("1,234.5", {}, "1,234.5 is two values; without its commas it is 1234.5"),
    ("w = param(1.0); (w*w).backward(); w = w - 0.1*w.grad", {}, "w is no leaf any more: "),
]  # fmt: skip
NONE: list[tuple[str, dict[str, Any]]] = [
    ("x^2", {"x": 3}),
    ("2 + 3", {}),
    ("y = 2*x; print(y)", {"x": 3}),
    ("x = 3; y = x*w", {"w": 2}),
    ("import torch; x = 3; print(x)", {}),
    ("x = param(1.0); (x*x).backward()", {}),
    ("w = param(1.0); (w*w).backward()\nwith no_grad(): w -= 0.1*w.grad", {}),
    ("(3, 5*x)", {"x": 2}),
    ("max(3,5)*x", {"x": 2}),
]


@pytest.mark.parametrize(("program", "inputs", "note"), NOTES, ids=[row[0] for row in NOTES])
def test_there_is_one_note(program: str, inputs: dict[str, Any], note: str) -> None:
    (found,) = gradcli.evaluate(program, inputs).notes
    assert found.startswith(note)


@pytest.mark.parametrize(("program", "inputs"), NONE, ids=[row[0] for row in NONE])
def test_there_is_none(program: str, inputs: dict[str, Any]) -> None:
    assert gradcli.evaluate(program, inputs).notes == ()


def test_orders_of_a_vector_are_sums() -> None:
    (note,) = gradcli.evaluate("sum(x^3)", {"x": np.array([1.0, 2.0])}, order=2).notes
    assert note.startswith(
        "x has several elements, so each order beyond the first is the gradient of the sum"
    )
    assert gradcli.evaluate("x^3", {"x": 2.0}, order=2).notes == ()


def test_the_gradient_of_what_is_no_leaf_is_explained() -> None:
    program = "w = param(1.0)\nfor i in range(2):\n    (w*w).backward()\n    w = w - 0.1*w.grad"
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    assert "with no_grad(): w -= ..." in str(caught.value.hint)
