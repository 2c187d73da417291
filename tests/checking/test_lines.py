"""Lines that `gradcli diff` writes, as claims: right ones hold, and ones with a mistake are refuted."""

from __future__ import annotations

import pytest

import gradcli
from gradcli.checking.results import FAIL, PASS
from gradcli.checking.runner import Checker
from gradcli.evaluation.options import Options

SHARED = "f = sum((exp(A@x)*u)**2 + sin(exp(A@x)*u)) + sum(cos(exp(A@x)*u))"

CASES = [
    ("f = sum(x**3*w)", {"x": "n", "w": "n"}, {"wrt": "x", "hvp": "v"}),
    ("f = sum(x**3*w)", {"x": "n", "w": "n"}, {"hvp": "v"}),
    ("y = A@x", {"A": "m,n", "x": "n"}, {"wrt": "x", "jvp": "v"}),
    ("y = A@x", {"A": "m,n", "x": "n"}, {"jvp": "v"}),
    ("y = sin(A@x)", {"A": "m,n", "x": "n"}, {"wrt": "x", "jacobian": True}),
    ("f = log(sum(exp(x)))", {"x": "n"}, {"hessian": True}),
    ("y = A@x", {"A": "m,n", "x": "n"}, {"weights": "g"}),
    ("a = x**2; b = x*y", {}, {"roots": ["a", "b"], "weights": "g"}),
    ("sin(x), cos(x)", {}, {}),
    ("f = mean((X@w - y)**2)", {"X": "n,m", "w": "m", "y": "n"}, {}),
    (SHARED, {"A": "n,n", "x": "n", "u": "n"}, {"wrt": "x"}),
    ("sin(x)", {}, {"taylor": ("x", "0"), "order": 5}),
    ("exp(a*x)", {}, {"taylor": ("x", "b"), "order": 2}),
    ("log(x)*y**2", {}, {"partials": [["x", "y"], ["x", "x", "y"]]}),
    ("log(1 + x)", {}, {"order": 4}),
]


def statuses(program: str, shapes: dict[str, str], text: str, asked: dict[str, object]) -> list[str]:
    """How each line of a claim went."""
    roots, wrt = asked.get("roots"), asked.get("wrt")
    options = Options(roots=roots, wrt=None if wrt is None else [wrt])
    report = Checker(options=options, claims=(text,), shapes=shapes)("<text>", program)
    return [each.status for each in report.checks if each.kind == "claim"]


@pytest.mark.parametrize(("program", "shapes", "asked"), CASES)
def test_what_diff_prints_is_a_claim(program: str, shapes: dict[str, str], asked: dict[str, object]) -> None:
    text = gradcli.diff(program, shapes=shapes, **asked).text  # type: ignore[arg-type]
    found = statuses(program, shapes, text, asked)
    assert set(found) == {PASS}, text
    *above, last = text.splitlines()
    left, _, formula = last.partition(" = ")
    formula, mark, remainder = formula.partition("  #")
    wrong = "\n".join([*above, f"{left} = 1.01*({formula}){mark}{remainder}"])
    assert FAIL in statuses(program, shapes, wrong, asked), wrong


def test_a_dim_of_two_sizes_is_told() -> None:
    report = Checker(
        options=Options(inputs={"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}),
        claims=("df/dx = y[:n]",),
        shapes={"x": "n", "y": "n"},
    )("<text>", "f = sum(x)*sum(y)")
    assert "elsewhere 2" in report.checks[-1].message
