"""What people type in one line: a line, what is set, and its answer or what the hint gives to type.

The answers are numbers that anybody can check, not what the reader made of the line.
"""

from __future__ import annotations

import json
import math
import random
import re
from typing import Any

import pytest

from commands import Gradcli
from gradcli.syntax.notation import _SIGNS, read, read_value
from rows import by_rows

# line, settings, the value of the last statement, its derivatives by name (None: nothing is differentiated)
ANSWERS: list[tuple[str, str, float, dict[str, float] | None]] = [
    # powers above the line
    ("x²", "x=3", 9, {"x": 6}),
    ("x³+2x", "x=2", 12, {"x": 14}),
    ("x⁻¹", "x=2", 0.5, {"x": -0.25}),
    ("10⁻²*x", "x=2", 0.02, {"x": 0.01}),
    ("eˣ", "x=1", math.e, {"x": math.e}),
    ("2ˣ", "x=3", 8, {"x": 8 * math.log(2)}),
    ("(x+1)²", "x=2", 9, {"x": 6}),
    ("-x²", "x=3", -9, {"x": -6}),
    ("x²y", "x=2 y=5", 20, {"x": 20, "y": 4}),
    ("(1+x)ⁿ", "x=1 n=3", 8, {"x": 12, "n": 8 * math.log(2)}),
    ("x^{2}", "x=3", 9, {"x": 6}),
    ("x.^2", "x=3", 9, {"x": 6}),
    ("x.*y", "x=3 y=2", 6, {"x": 2, "y": 3}),
    # products without a sign
    ("2x", "x=3", 6, {"x": 2}),
    ("2 x", "x=3", 6, {"x": 2}),
    ("2 sin(x)", "x=0", 0, {"x": 2}),
    ("3x^2 + 2x + 1", "x=2", 17, {"x": 14}),
    ("(2x+1)^3", "x=1", 27, {"x": 54}),
    ("(x+1)(x-1)", "x=3", 8, {"x": 6}),
    ("2(x+1)", "x=3", 8, {"x": 2}),
    ("2(x+1)(x-1)", "x=3", 16, {"x": 12}),
    ("(x+1)²(x-1)", "x=2", 9, {"x": 15}),
    ("sin(2x)", "x=0", 0, {"x": 2}),
    ("1e1x", "x=3", 30, {"x": 10}),
    ("2pi*x", "x=1", 2 * math.pi, {"x": 2 * math.pi}),
    ("½x", "x=3", 1.5, {"x": 0.5}),
    ("-2x", "x=3", -6, {"x": -2}),
    ("x = 4; 3x", "", 12, None),
    ("slope of x^2 at x=3", "", 9, {"x": 6}),
    # a semicolon at the end
    ("y = 2x; ", "x=3", 6, {"x": 2}),
    ("x² at x=3;", "", 9, {"x": 6}),
    ("y = 3x²; dy/dx ;", "x=2", 12, {"x": 12}),
    ("f(x) = x²;", "x=3", 9, {"x": 6}),
    # bars, brackets and signs that are functions
    ("||x||", "x=[3,4]", 5, {"x": 0.6}),
    ("‖x‖²", "x=[3,4]", 25, {"x": 6}),
    ("||x|-1|", "x=3", 2, {"x": 1}),
    ("⌊x⌋ + ⌈x⌉*x", "x=2.5", 9.5, {"x": 3}),
    ("∑x", "x=[1,2]", 3, {"x": 1}),
    ("∏(x)", "x=[2,3]", 6, {"x": 3}),
    ("x∙y", "x=2 y=3", 6, {"x": 3, "y": 2}),
    # where
    ("x^2|x=3", "", 9, {"x": 6}),
    ("x^2|_{x=3}", "", 9, {"x": 6}),
    ("x*y | x=3, y=2", "", 6, {"x": 2, "y": 3}),
    ("d/dx x^2 | x=3", "", 9, {"x": 6}),
    ("|x-1| | x=3", "", 2, {"x": 1}),
    ("x^2 if x=3", "", 9, {"x": 6}),
    ("f(x)+1 where f(x)=x^2", "x=2", 5, {"x": 4}),
    # words and signs that ask for what is shown of any line
    ("derivative of x^2 at x=3", "", 9, {"x": 6}),
    ("the gradient of x^2*y", "x=2 y=3", 12, {"x": 12, "y": 4}),
    ("differentiate x^2", "x=3", 9, {"x": 6}),
    ("∇(x^2+y^2)", "x=1 y=2", 5, {"x": 2, "y": 4}),
    ("grad(x^2+y^2)", "x=1 y=2", 5, {"x": 2, "y": 4}),
    ("x^2 =", "x=3", 9, {"x": 6}),
    ("x^2 = ?", "x=3", 9, {"x": 6}),
    ("= x^2", "x=3", 9, {"x": 6}),
    ("x ↦ x²", "x=3", 9, {"x": 6}),
    ("f: x -> x^2", "x=3", 9, {"x": 6}),
    ("f: (x, y) -> x^2*y", "x=3 y=2", 18, {"x": 12, "y": 9}),
    # functions of calculators
    ("log_2(x)", "x=8", 3, {"x": 1 / (8 * math.log(2))}),
    ("binom(5, 2)*x", "x=2", 20, {"x": 10}),
    ("nPr(5, 2)*x", "x=2", 40, {"x": 20}),
    ("round(x, 2)*x", "x=1.234", 1.23 * 1.234, {"x": 1.23}),
    ("sin^(2)(x)", "x=0.5", math.sin(0.5) ** 2, {"x": math.sin(1.0)}),
    # signs and constants
    ("3×x", "x=2", 6, {"x": 3}),
    ("2·x", "x=3", 6, {"x": 2}),
    ("x−1", "x=3", 2, {"x": 1}),
    ("x ÷ 2", "x=3", 1.5, {"x": 0.5}),
    ("π*x", "x=2", 2 * math.pi, {"x": math.pi}),
    ("τ*x", "x=2", 4 * math.pi, {"x": 2 * math.pi}),
    ("2πr", "r=3", 6 * math.pi, {"r": 2 * math.pi}),
    ("πr²", "r=3", 9 * math.pi, {"r": 6 * math.pi}),
    ("cos(2πx)", "x=0", 1, {"x": 0}),
    ("x₁ + 2x₂", "x1=1 x2=2", 5, {"x1": 1, "x2": 2}),
    ("2（x+1）", "x=1", 4, {"x": 2}),
    # bars, roots, marks
    ("|x|", "x=-3", 3, {"x": -1}),
    ("|x-1|+|x|", "x=3", 5, {"x": 2}),
    ("2|x|", "x=-3", 6, {"x": -2}),
    ("||x|-1|", "x=-3", 2, {"x": -1}),
    ("|x|²", "x=-3", 9, {"x": -6}),
    ("|x|^2", "x=-3", 9, {"x": -6}),
    ("-|x|", "x=2", -2, {"x": -1}),
    ("|x+1|/|x-1|", "x=3", 2, {"x": -0.5}),
    ("√x", "x=4", 2, {"x": 0.25}),
    ("√(x+1)", "x=3", 2, {"x": 0.25}),
    ("2√x", "x=4", 4, {"x": 0.5}),
    ("∛x", "x=8", 2, {"x": 1 / 12}),
    ("50%*x", "x=4", 2, {"x": 0.5}),
    ("x*50%", "x=4", 2, {"x": 0.5}),
    ("50% of x", "x=4", 2, {"x": 0.5}),
    ("x*(1+20%)", "x=10", 12, {"x": 1.2}),
    ("sin(30°)", "", 0.5, None),
    ("sin(x°)", "x=90", 1, {"x": 0}),
    ("5!", "", 120, None),
    ("x!", "x=4", 24, {"x": 24 * (-0.5772156649015329 + 1 + 1 / 2 + 1 / 3 + 1 / 4)}),
    # functions under other names
    ("ln(x)", "x=2", math.log(2), {"x": 0.5}),
    ("lg(x)", "x=100", 2, {"x": 1 / (100 * math.log(10))}),
    ("log(x, 10)", "x=100", 2, {"x": 1 / (100 * math.log(10))}),
    ("log(x, 2)", "x=8", 3, {"x": 1 / (8 * math.log(2))}),
    ("log(x, 3)", "x=9", 2, {"x": 1 / (9 * math.log(3))}),
    ("log₂(x)", "x=8", 3, {"x": 1 / (8 * math.log(2))}),
    ("tg(x)", "x=0", 0, {"x": 1}),
    ("arctg(x)", "x=1", math.pi / 4, {"x": 0.5}),
    ("arcsin(x)", "x=0.5", math.pi / 6, {"x": 1 / math.sqrt(0.75)}),
    ("sec(x)", "x=0", 1, {"x": 0}),
    ("csc(x)", "x=1", 1 / math.sin(1), {"x": -math.cos(1) / math.sin(1) ** 2}),
    ("cot(x)", "x=1", 1 / math.tan(1), {"x": -1 / math.sin(1) ** 2}),
    ("sech(x)", "x=0", 1, {"x": 0}),
    ("coth(x)", "x=1", 1 / math.tanh(1), {"x": -1 / math.sinh(1) ** 2}),
    ("cbrt(x)", "x=-8", -2, {"x": 1 / 12}),
    ("sgn(x)", "x=-2", -1, {"x": 0}),
    ("sign(x)", "x=-2", -1, {"x": 0}),
    ("sigma(x)", "x=0", 0.5, {"x": 0.25}),
    ("σ(x)", "x=0", 0.5, {"x": 0.25}),
    ("factorial(x)", "x=3", 6, {"x": 6 * (-0.5772156649015329 + 1 + 1 / 2 + 1 / 3)}),
    ("mod(x, 3)", "x=7", 1, {"x": 1}),
    ("x mod 3", "x=7", 1, {"x": 1}),
    ("max(x, 0)", "x=2", 2, {"x": 1}),
    ("max(0, x)", "x=2", 2, {"x": 1}),
    ("min(x, 2)", "x=3", 2, {"x": 0}),
    ("max(x, -1.5)", "x=-3", -1.5, {"x": 0}),
    ("sin²(x)", "x=1", math.sin(1) ** 2, {"x": math.sin(2)}),
    ("sin^2(x)", "x=1", math.sin(1) ** 2, {"x": math.sin(2)}),
    ("sin²(2x)", "x=1", math.sin(2) ** 2, {"x": 2 * math.sin(4)}),
    ("e^x", "x=1", math.e, {"x": math.e}),
    ("e^(-x)", "x=0", 1, {"x": -1}),
    # functions of the line
    ("f(x) = x^2", "x=3", 9, {"x": 6}),
    ("f(x) = x²; f(x)", "x=3", 9, {"x": 6}),
    ("f(x) = x^2; f(3)", "", 9, None),
    ("f(x, y) = 2x + y", "x=3 y=1", 7, {"x": 2, "y": 1}),
    ("g(x)=2x; f(x)=g(x)^2; f(x)", "x=3", 36, {"x": 24}),
    ("def f(x): return x^2; f(x)", "x=3", 9, {"x": 6}),
    ("def f(x, n=2): return x^n", "x=3", 9, {"x": 6}),
    ("def f(x): y = 2x; return y^2", "x=3", 36, {"x": 24}),
    ("f(x) = x^3; f'(2)", "", 12, None),
    ("f(x) = x^3; f''(2)", "", 12, None),
    ("f(x) = x^3; f'(1) + f'(2)", "", 15, None),
    # derivatives, as what is asked for
    ("d/dx x^2", "x=3", 9, {"x": 6}),
    ("d/dx (x^2 + 3x)", "x=3", 18, {"x": 9}),
    ("d/dx(x²)", "x=3", 9, {"x": 6}),
    ("d/dx sin(x)", "x=0", 0, {"x": 1}),
    ("d(x^2)/dx", "x=3", 9, {"x": 6}),
    ("y = x²; dy/dx", "x=3", 9, {"x": 6}),
    ("y = x² + 2w; dy/dw", "x=3 w=1", 11, {"w": 2}),
    ("z = x²·w; ∂z/∂x", "x=3 w=2", 18, {"x": 12}),
    ("grad(x^2, x)", "x=3", 9, {"x": 6}),
    ("z = x^2; grad(z, x)", "x=3", 9, {"x": 6}),
    ("z = x^2; derivative(z, x)", "x=3", 9, {"x": 6}),
    ("diff(x^2, x)", "x=3", 9, {"x": 6}),
    ("y = x³; d²y/dx²", "x=2", 8, {"x": 12}),
    ("y = x^3; d2y/dx2", "x=2", 8, {"x": 12}),
    ("y = x^3; d^2y/dx^2", "x=2", 8, {"x": 12}),
    ("d²/dx² x³", "x=2", 8, {"x": 12}),
    # and inside an expression
    ("y = x^2; 2*dy/dx + 1", "x=3", 13, {"x": None}),
    ("g = diff(x^2, x); g*2", "x=3", 12, {"x": None}),
    ("z = x*y; grad(z, x) + grad(z, y)", "x=3 y=2", 5, {"x": None}),
    ("d/dx (d/dx x^3)", "x=2", 12, {"x": None}),
    ("g = diff(x^3, x); dg/dx", "x=2", 12, {"x": None}),
    ("g = diff(x^3, x); h = diff(g, x); diff(h, x)", "x=2", 6, {"x": None}),
    # settings in the line
    ("x^2 at x=3", "", 9, {"x": 6}),
    ("x² where x=3", "", 9, {"x": 6}),
    ("x*y where x=2, y=3", "", 6, {"x": 3, "y": 2}),
    ("x*y for x=2 and y=3", "", 6, {"x": 3, "y": 2}),
    ("z^2 where z=2x, x=3", "", 36, {"x": 24}),
    ("z^2 where z = 2*y and y = 3", "", 36, {"y": 24}),
    ("dy/dx where y=x^2", "x=3", 9, {"x": 6}),
    ("grad(x^2+y^2, [x, y])", "x=3 y=2", 13, {"x": 6, "y": 4}),
    ("x^2, x=3", "", 9, {"x": 6}),
    ("y = x^2, x=3", "", 9, {"x": 6}),
    ("d/dx x^2 at x=3", "", 9, {"x": 6}),
    ("y = x²; dy/dx at x=½", "", 0.25, {"x": 1}),
    ("sin(x) at x=2π", "", 0, {"x": 1}),
    ("f(x) = x^2 at x=3", "", 9, {"x": 6}),
    # what only looks like it
    ("2*x if x > 0 else 3", "x=1", 2, {"x": 2}),
    ("0x1f*x", "x=1", 31, {"x": 31}),
    ("7 % 4*x", "x=2", 6, {"x": 3}),
    ("e = 3.0; e^x", "x=2", 9, {"x": 9 * math.log(3)}),
    ("ln = 2; ln*x", "x=3", 6, {"x": 2}),
    ("max(x, dim=0).values", "x=[3]", 3, {"x": 1}),
    ("where(x > 0, x, 0)", "x=2", 2, {"x": 1}),
    ("print('2x'); x", "x=2", 2, {"x": 1}),
]  # fmt: skip


def _ran(gradcli: Gradcli, line: str, settings: str) -> dict[str, Any]:
    given = [argument for each in settings.split() for argument in ("-s", each)]
    answer: dict[str, Any] = json.loads(gradcli("eval", line, *given, "--json").out)
    return answer


@by_rows("line, settings, value, grads", ANSWERS)
def test_a_line_has_its_answer(
    gradcli: Gradcli, line: str, settings: str, value: float, grads: dict[str, float | None] | None
) -> None:
    answer = _ran(gradcli, line, settings)
    assert answer["ok"], answer["error"]
    got = answer["values"][answer["roots"][0] if answer["roots"] else "result"]
    assert got == pytest.approx(value, rel=1e-12, abs=1e-12) or got == [value]
    order = answer.get("orders", {})
    found = {name: order[name][-1] if name in order else each for name, each in answer["grads"].items()}
    if grads is None or None in grads.values():
        return
    assert {
        name: each[0] if isinstance(each, list) else each for name, each in found.items()
    } == pytest.approx(grads, rel=1e-12, abs=1e-12)


HINTS: list[tuple[str, str, str]] = [
    # line, settings, what the hint says
    ("1/2x", "x=1", "write 1/(2*x) or 1/2*x"),
    ("x^2y", "x=1 y=1", "write x^(2*y) or x^2*y"),
    ("e^2x", "x=1", "write e^(2*x) or e^2*x"),
    ("5(x+1)/2(x)", "x=1", "write 5(x+1)/(2*(x)) or 5(x+1)/2*(x)"),
    ("√2x", "x=1", "write sqrt(2*x) or sqrt(2)*x"),
    ("√x²", "x=1", "write sqrt(x**2) or sqrt(x)**2"),
    ("sin^-1(x)", "x=1", "write asin(x) or 1/sin(x)"),
    ("sin x", "x=1", "sin(x)"),
    ("sin 30°", "", "sin(deg2rad(30))"),
    ("sin 2x", "x=1", "sin(2*x)"),
    ("ln x", "x=1", "ln(x)"),
    ("sin²x", "x=1", "sin(x)**2"),
    ("sin^2 x", "x=1", "sin(x)^2"),
    ("sin(x) cos(x)", "x=1", "write sin(x)*cos(x)"),
    ("(x+1)y", "x=1 y=1", "write (x+1)*y"),
    ("x sin(x)", "x=1", "x*sin(x) multiplies"),
    ("x y", "x=1 y=1", "x*y multiplies"),
    ("2x y", "x=1 y=1", "write 2x*y"),
    ("xy", "x=1 y=2", "x*y"),
    ("xyz", "x=1 y=2 z=3", "x*y*z"),
    ("2xy", "x=1 y=2", "x*y"),
    ("sinx", "x=1", "sin(x)"),
    ("x(x+1)", "x=1", "x*(x+1)"),
    ("lambda*x", "x=1", "call it lam: lam*x"),
    ("root(x)", "x=1", "sqrt(x)"),
    ("root(x, 3)", "x=1", "write (x)**(1/(3))"),
    ("let x = 3; x^2", "", "write x = 3; x^2"),
    ("x := 3; x^2", "", "write x = 3; x^2"),
    ("x <- 3; x^2", "", "write x = 3; x^2"),
    ("if x>0 then x^2 else 0", "x=1", "write x^2 if x > 0 else 0"),
    ("sin(90 degrees)", "", "write sin(90°)"),
    ("solve x^2 = 4", "x=1", "x - f/grad(f, x)"),
    ("x choose 2", "x=4", "write choose(x, 2)"),
    ("partial x^2*y", "x=1 y=2", "write d/dx (x^2*y)"),
    ("erf x", "x=1", "erf(x)"),
    ("det A", "A=1", "det(A)"),
    ("inv(A)", "A=1", "linalg.inv"),
    ("A^T", "A=[[1,2],[3,4]]", "A.T transposes"),
    ("jnp.sin(x)", "x=1", "write sin(x)"),
    ("infinity", "", "infinity is written inf"),
    ("3i", "", "there are no complex numbers"),
    ("[1,2,3]^2", "", "tensor([1, 2, 3])**2"),
    ("solve(x^2=4)", "x=1", "f = x^2 - (4); x - f/grad(f, x)"),
    ("solve(x^2-4, x)", "x=1", "f = x^2-4; x - f/grad(f, x)"),
    ("integrate(x^2, x)", "x=1", "gradcli diff 'x^2'"),
    ("d/dx x^2 + 3x", "x=1", "write d/dx (x^2 + 3x)"),
    ("d/dx", "", "d/dx (x^2)"),
    ("dy/dx", "x=1", "write it before: y = x^2; dy/dx"),
    ("sqr(x)", "x=1", "write x**2 or sqrt(x)"),
    ("piecewise(x<0, -x, x)", "x=1", "write where(x<0, -x, x)"),
    ("heaviside(x)", "x=1", "write where(x > 0, 1.0, 0.0)"),
    ("nCk(5, 2)", "", "write choose(5, 2)"),
    ("zeta(2)", "", "write its series"),
    ("5!x", "x=1", "write factorial(5)*x"),
    ("x*y at 3", "", "write x*y at x=3"),
    ("∑ x^2", "x=[1,2]", "write sum(x^2) or sum(x)^2"),
    ("ln|x|", "x=1", "ln(abs(x))"),
    ("log_10 x", "x=1", "log_10(x)"),
    ("sin^(-1)(x)", "x=1", "write asin(x) or 1/sin(x)"),
    ("sin^{-1}(x)", "x=1", "write asin(x) or 1/sin(x)"),
    ("sind(x)", "x=1", "sin(deg2rad(x))"),
    ("2*grad(x^2)", "x=1", "write grad(x^2, x)"),
    ("∫x^2 dx", "x=1", "gradcli diff"),
    ("integral of x^2", "x=1", "gradcli diff"),
    ("lim x->0 sin(x)/x", "", "-s x=1e-6"),
    ("[1;2;3]", "", "write [[1], [2], [3]]"),
    ("[1 2; 3 4]*x", "x=1", "write [[1, 2], [3, 4]]"),
    ("[1 -2 3]*x", "x=1", "write [1, -2, 3]"),
    ("1 000 000*x", "x=1", "write 1000000"),
    ("1'000*x", "x=1", "1000"),
    ("y = x^2; y'", "x=1", "dy/dx"),
    ("y'' + y", "y=1", "dy/dx"),
    ("f'(x)", "x=1", "f(x) = x^2; f'(x)"),
    ("f''(x)", "x=1", "f(x) = x^2; f'(x)"),
    ("(x^2)'", "x=1", "write d/dx (x^2)"),
    ("x^2 + y^2 = 1", "x=1 y=0", "left - (right)"),
    ("\\frac{x^2+1}{2}", "x=1", "write (x^2+1)/2"),
    ("\\sqrt{\\frac{x}{2}} \\cdot \\sin x", "x=1", "write sqrt(x/2) * sin(x)"),
    ("$x^{2}$", "x=1", "write x^2"),
    ("help", "", "gradcli eval --help"),
    ("x^T A x", "x=1", "write x.T @ A @ x"),
    ("w^T x + b", "x=1 w=1 b=1", "write w.T @ x + b"),
    ("x_{1}^2 + x_{2}", "", "write x_1^2 + x_2"),
]


@by_rows("line, settings, hint", HINTS)
def test_a_line_that_is_refused_has_a_hint_with_the_text_to_type(
    gradcli: Gradcli, line: str, settings: str, hint: str
) -> None:
    answer = _ran(gradcli, line, settings)
    assert not answer["ok"]
    assert hint in answer["error"]["hint"]


NO_INVERSE = (
    "^-1 is taken of each element; the inverse of a matrix is inverse(A), its powers are matrix_power(A, -1)"
)
NOTES: list[tuple[str, str, str]] = [
    ("50%*x", "x=1", "50% is read as 50/100"),
    ("50% - 3", "", "% between two values is the remainder; for percent write (50%)"),
    ("sin(30°)", "", "30° is read in radians, as 30*pi/180"),
    ("x!", "x=1", "factorial(x), or x!, is gamma(x + 1), which has a derivative"),
    ("sigma(x)", "x=1", "sigma(x) is read as sigmoid(x); for the standard deviation write std(x)"),
    ("max(x, 0)", "x=1", "max(x, 0) is the larger of the two; along a dim it is max(x, dim=0)"),
    ("mod(x, 3)", "x=1", "mod(a, b) is a % b, with the sign of b"),
    ("200 + 10%", "", "a change by 10% is a product with (1 + 10%)"),
    ("sin(30)", "", "sin(30) is of radians; of degrees it is sin(30°)"),
    ("norm(x, y)", "x=3 y=4", "norm(x, y) is of order y; of both it is norm([x, y])"),
    ("'x^2'", "", "this is a text; as a formula it has no quotes: x^2"),
    *[(f"sum({inverse})", "A=[[1,2],[3,5]]", NO_INVERSE) for inverse in ("A^-1", "A⁻¹", "A^(-1)")],
]


@pytest.mark.parametrize(("line", "settings", "note"), NOTES, ids=[row[0] for row in NOTES])
def test_what_could_surprise_is_told_once(gradcli: Gradcli, line: str, settings: str, note: str) -> None:
    given = [argument for each in settings.split() for argument in ("-s", each)]
    assert gradcli("eval", line, *given).err.splitlines().count(f"note: {note}") == 1
    assert note in json.loads(gradcli("eval", line, *given, "--json").out)["notes"]
    assert gradcli("eval", line, *given, "-q").err == ""


def test_files_streams_and_programs_of_several_lines_are_strict(gradcli: Gradcli) -> None:
    with open("a.grad", "w", encoding="utf-8") as file:
        file.write("2x\n")
    assert gradcli("eval", "a.grad", "-s", "x=1").status == 3
    assert gradcli("eval", "y = 1\n2x", "-s", "x=1").status == 3
    assert gradcli("eval", "--lines", "-s", "x=1", stdin="2x\n").status == 3
    assert gradcli("eval", "-s", "x=1", stdin="2x\n").out == "x = 1.0\nresult = 2.0\ndresult/dx = 2.0\n"


@pytest.mark.parametrize("line", [";; 2x", ";2x", "2x;;", "|x|; ;", "2x;; 3x", ";"])
def test_an_empty_statement_is_a_mistake(gradcli: Gradcli, line: str) -> None:
    assert gradcli("eval", line, "-s", "x=1").status == 3


def test_what_the_language_has_is_left_alone() -> None:
    for text in (
        "x**2 + sin(x)", "(a > 0)|(b < 1)", "x[0](y)", "f(x)(y)", "(f)(x)", "7 % 3", "atan2(y, x)",
        "import torch; x = torch.max(a, 0)", "a if b else c", 'print(f"{x}")', "autograd.grad(y, x)",
        "torch.diff(x, 1)", "x.max(0)", "y = log(x)", "dx = 2; dy = 3; dy/dx",
    ):  # fmt: skip
        assert read(text) is None, text


def test_no_sign_stands_without_the_characters_it_is_looked_for_by() -> None:
    pieces = [*"xyD12=;()[],.:'*@ ", "sin(x", "sin", "help", "quit", "exit", "f(x)=", "[1]", "x=1;"]
    draw = random.Random(1).choices
    texts = ["".join(draw(pieces, k=length)) for length in (1, 3, 5, 7, 9) for _ in range(400)]
    texts += [
        "x=3; x(2)",
        "1:2",
        "sin(30)",
        "pi()",
        "(1:n)",
        "1..5",
        '"x"',
        "sin^n(x)",
        "sin -x",
        "x^1/3",
        "x =< 3",
    ]
    for needed, sign in _SIGNS:
        found = list(filter(re.compile(sign).search, texts))
        assert found, sign
        assert all(set(needed) <= set(text) for text in found), sign


def test_a_name_that_is_set_means_nothing_else() -> None:
    assert read("ln(x)", ["ln"]) is None
    assert read("d/dx", ["d", "dx"]) is None
    assert read("sigma*x", ["sigma"]) is None


def test_an_error_points_into_the_line(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "2x + √(foo(x))", "-s", "x=2")
    assert " 1 | 2x + √(foo(x))\n   |        ^^^\n" in ran.err
    error = json.loads(gradcli("eval", "2x + √(foo(x))", "-s", "x=2", "--json").out)["error"]
    assert (error["line"], error["column"], error["end_column"]) == (1, 8, 11)


@pytest.mark.parametrize(
    ("text", "value"), [("2π", "2*pi"), ("30°", "deg2rad(30)"), ("√2", "sqrt(2)"), ("−3", "-3")]
)
def test_values_are_read_alike(gradcli: Gradcli, text: str, value: str) -> None:
    assert read_value(text) == value
    assert gradcli("eval", "x", "-s", f"x={text}").out == gradcli("eval", "x", "-s", f"x={value}").out


def test_a_number_beside_a_program_is_a_setting(gradcli: Gradcli) -> None:
    set_by_option = gradcli("eval", "x^2*y", "-s", "x=3", "-s", "y=-2")
    assert gradcli("eval", "x^2*y", "x=3", "y=-2").out == set_by_option.out
    assert gradcli("eval", "x=3", "y=2").out.count("# ") == 2  # two programs


def test_a_decimal_comma_is_asked_about(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "x^2", "-s", "x=3,5")
    assert ran.status == 2
    assert "two numbers or a decimal comma? write x=[3,5] or x=3.5" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-s", "3"], "'3' is not NAME=VALUE, such as x=3"),
        (["-s", "x:3"], "write x=3"),
        (["-s", "x=1,y=2"], "write -s x=1 -s y=2"),
        (["-s", "x=1 y=[1,2]"], "write -s x=1 -s y=[1,2]"),
        (["-s", "x=[1 2 3]"], "write x=[1,2,3]"),
        (["--x=3"], "an input is set by --set x=3"),
    ],
)
def test_a_setting_that_is_none_tells_how_it_is_written(
    gradcli: Gradcli, arguments: list[str], told: str
) -> None:
    ran = gradcli("eval", "x^2", *arguments)
    assert ran.status == 2
    assert told in ran.err


def test_claims_are_read_alike(gradcli: Gradcli) -> None:
    assert gradcli("check", "y = 2x²", "--claim", "dy/dx = 4x").status == 0
    assert gradcli("check", "y = 2x²", "--claim", "dy/dx == 4x").status == 0
    assert gradcli("check", "y = 2x²", "--claim", "dy/dx == 5x").status == 1
    assert gradcli("check", "y = 2x²; dy/dx at x=3").status == 0
    assert gradcli("check", "y = tan(x)", "--claim", "dy/dx = sec²(x)").status == 0
    assert gradcli("check", "f(t) = e^t t", "--claim", "dresult/dt = e^t*(t + 1)").status == 3
    assert gradcli("check", "f(t) = e^t*t", "--claim", "dresult/dt = e^t*(t + 1)").status == 0


# program, claim, the claim that is told
CLAIMS = [
    ("x^2", "2x", "dresult/dx = 2x"),
    ("y = x^3", "y'' = 6x", "d2y/dx2 = 6*x"),
    ("f(t) = t^2", "f'(t) = 2t", "dresult/dt = 2*t"),
    ("f(x) = x^3", "d²f/dx² = 6x", "d²result/dx² = 6*x"),
    ("y = x^2", "dy/dx: 2x", "dy/dx = 2x"),
    ("x^2", "d/dx = 2x", "dresult/dx = 2*x"),
    ("y = x^2*z", "∂y/∂x = 2xz", "∂y/∂x = 2*x*z"),
    ("y = sin(x)", "dy/dx = cos x", "dy/dx = cos(x)"),
    ("y = sin(x)", "dy/dx = \\cos(x)", "dy/dx = cos(x)"),
    ("y = sec(x)", "dy/dx = sec(x)tan(x)", "dy/dx = sec(x)*tan(x)"),
    ("y = x^n", "dy/dx = n x^(n-1)", "dy/dx = n*x^(n-1)"),
    ("z = x^2 + y^2", "dz/dx = 2x, dz/dy = 2y", "dz/dx = 2*x; dz/dy = 2*y"),
    ("y = x^2", "dy/dx = 6 at x=3", "dy/dx = 6, with -s x=3"),
    ("y = x^2", "dy/dx at x=3 = 6", "dy/dx = 6, with -s x=3"),
    ("y = x^2", "dy/dx(3) = 6", "dy/dx = 6, with -s x=3"),
]


@pytest.mark.parametrize(("line", "claim", "told"), CLAIMS, ids=[row[1] for row in CLAIMS])
def test_a_claim_that_is_none_has_a_hint_with_the_claim_to_type(
    gradcli: Gradcli, line: str, claim: str, told: str
) -> None:
    ran = gradcli("check", line, "--claim", claim)
    assert ran.status == 3
    assert f"hint: write {told}\n" in ran.out
    meant, _, setting = told.partition(", with ")
    assert gradcli("check", line, "--claim", meant, *setting.split()).status == 0


@pytest.mark.parametrize("line", ["t^2", "-t", "2 sin(t)", "max(t, 0)", "f(t) = t^2"])
def test_a_function_that_a_line_takes_for_a_number_is_an_input_without_a_value(
    gradcli: Gradcli, line: str
) -> None:
    ran = gradcli("eval", line)
    assert ran.status == 3
    assert "t has no value" in ran.err
    assert "--set t=" in ran.err
    assert gradcli("eval", line, "-s", "t=3").status == 0


def test_the_formula_of_a_derivative_that_is_asked_for(gradcli: Gradcli) -> None:
    assert gradcli("diff", "d/dx 3x²").out == "dresult/dx = 6*x\n"
    assert gradcli("diff", "y = x³; d²y/dx²").out == "d2y/dx2 = 6*x\n"
    assert "one program at a time (by x,y: --wrt x,y)" in gradcli("diff", "x^2*y", "x", "y").err


@pytest.mark.parametrize(
    ("command", "typed", "strict"),
    [
        ("explain", ["d/dx x² at x=3"], ["x**2", "-s", "x=3"]),
        ("graph", ["2|x|", "x=-1"], ["2*abs(x)", "-s", "x=-1"]),
        ("plot", ["2x²", "--range", "x=0:1"], ["2*x**2", "--range", "x=0:1"]),
        ("plot", ["x²", "--range", "x=-π:2π"], ["x**2", "--range", "x=-pi:2*pi"]),
        ("plot", ["d/dx x²", "--range", "x=0:1"], ["x**2", "--range", "x=0:1", "--order", "1"]),
        ("plot", ["derivative of x²", "--range", "x=0:1"], ["x**2", "--range", "x=0:1", "--order", "1"]),
        (
            "plot",
            ["y = x²; slope of y", "--range", "x=0:1"],
            ["y = x**2", "--range", "x=0:1", "--order", "1"],
        ),
        ("diff", ["2x²"], ["2*x**2"]),
    ],
)
def test_every_command_reads_alike(
    gradcli: Gradcli, command: str, typed: list[str], strict: list[str]
) -> None:
    assert gradcli(command, *typed).out == gradcli(command, *strict).out != ""


@pytest.mark.parametrize("line", ["x²" * 1900, "(" * 1000, "|" * 1001, "√" * 1000, "2" * 3000 + "x"])
def test_no_line_breaks_the_reader(gradcli: Gradcli, line: str) -> None:
    assert gradcli("eval", line, "-s", "x=1").status in (0, 3, 5)
