"""Trees as the language writes them: signs, parentheses, fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gradcli.formula.printers.gradcli import expression
from gradcli.formula.tree import Expr, apply, number, symbol

X, Y = symbol("x"), symbol("y")
A, B, V = symbol("A", (2, 3)), symbol("B", (3, 2)), symbol("v", (3,))
TWO = number(2)


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (apply("add", X, apply("neg", Y)), "x - y"),
        (apply("add", apply("neg", X), Y), "-x + y"),
        (apply("add", X, apply("neg", apply("add", X, Y))), "x - (x + y)"),
        (apply("mul", TWO, apply("add", X, Y)), "2*(x + y)"),
        (apply("mul", number(Fraction(1, 2)), X), "1/2*x"),
        (apply("div", X, apply("mul", X, Y)), "x/(x*y)"),
        (apply("div", number(-120), apply("pow", apply("add", X, number(1)), number(6))), "-120/(x + 1)**6"),
        (apply("pow", apply("pow", X, TWO), Y), "(x**2)**y"),
        (apply("pow", X, number(Fraction(3, 2))), "x**(3/2)"),
        (apply("pow", X, number(-2)), "x**(-2)"),
        (apply("neg", apply("pow", X, TWO)), "-x**2"),
        (apply("pow", apply("neg", X), TWO), "(-x)**2"),
        (apply("mul", X, number(-2)), "x*(-2)"),
        (apply("transpose", A, shape=(3, 2)), "A.T"),
        (apply("matmul", apply("mul", TWO, A), V, shape=(2,)), "2*A @ v"),
        (apply("matmul", A, apply("matmul", B, A), shape=(2, 3)), "A @ (B @ A)"),
        (apply("matmul", apply("transpose", A), apply("add", apply("matmul", A, V), Y)), "A.T @ (A@v + y)"),
        (apply("softmax", V, attrs=(("dim", -1),), shape=(3,)), "softmax(v, -1)"),
        (apply("index", A, number(0), apply("slice", *[symbol("None")] * 3)), "A[0]"),
        (apply("where", apply("gt", X, number(0)), X, number(0)), "where(x > 0, x, 0)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tree_reads_as_it_was_meant(tree: Expr, text: str) -> None:
    assert expression(tree) == text


def test_equal_trees_are_one() -> None:
    assert apply("add", X, Y) is apply("add", symbol("x"), symbol("y"))
    assert number(1) is not number(Fraction(1, 2))
