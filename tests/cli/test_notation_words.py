"""What people type in words, in other languages' spellings and as other systems have it: its answer or hint.

The answers are numbers that anybody can check.
"""

from __future__ import annotations

import json
import math
import time
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from commands import Gradcli
from gradcli.syntax.notation.spoken import PHRASES
from rows import by_rows

SIN, COS, TAN = math.sin(1.0), math.cos(1.0), math.tan(1.0)

# line, settings, the value of the last statement, its derivatives by name (None: nothing is differentiated)
ANSWERS: list[tuple[str, str, float, dict[str, Any] | None]] = [
    # vectors and matrices
    ("xᵀx", "x=[3,4]", 25, {"x": [6, 8]}),
    ("1/xᵀx", "x=[3,4]", 0.04, {"x": [-6 / 625, -8 / 625]}),
    ("2x⊤x + 1", "x=[3,4]", 51, {"x": [12, 16]}),
    ("tr(AᵀA)", "A=[[1,2],[3,5]]", 39, {"A": [[2, 4], [6, 10]]}),
    ("(A @ x)ᵀx", "A=[[1,0],[0,2]] x=[3,4]", 41, {"A": [[9, 12], [12, 16]], "x": [6, 16]}),
    ("⟨x, x⟩", "x=[3,4]", 25, {"x": [6, 8]}),
    ("sum(x⊙x)", "x=[3,4]", 25, {"x": [6, 8]}),
    ("‖x‖₁", "x=[3,-4]", 7, {"x": [1, -1]}),
    ("||x||_2^2", "x=[3,4]", 25, {"x": [6, 8]}),
    ("‖x‖∞", "x=[3,4]", 4, {"x": [0, 1]}),
    ("‖A‖_F", "A=[[1,2],[2,4]]", 5, {"A": [[0.2, 0.4], [0.4, 0.8]]}),
    ("‖A‖₁", "A=[[1,2],[2,4]]", 6, {"A": [[0, 1], [0, 1]]}),
    # other spellings of functions
    ("sen(x)", "x=1", SIN, {"x": COS}),
    ("cosinus(x)", "x=1", COS, {"x": -SIN}),
    ("tangens(x)", "x=0", 0, {"x": 1}),
    ("cotg(x)", "x=1", 1 / TAN, {"x": -1 / SIN**2}),
    ("arcsen(x)", "x=0", 0, {"x": 1}),
    ("arcctg(x)", "x=1", math.pi / 4, {"x": -0.5}),
    ("arcsec(x)", "x=2", math.pi / 3, {"x": 1 / (2 * math.sqrt(3))}),
    ("arccsc(x)", "x=2", math.pi / 6, {"x": -1 / (2 * math.sqrt(3))}),
    ("tgh(x)", "x=0", 0, {"x": 1}),
    ("cth(x)", "x=1", 1 / math.tanh(1), {"x": -1 / math.sinh(1) ** 2}),
    ("arsh(x)", "x=0", 0, {"x": 1}),
    ("loge(x)", "x=1", 0, {"x": 1}),
    ("log3(x)", "x=9", 2, {"x": 1 / (9 * math.log(3))}),
    ("log_5(x)", "x=25", 2, {"x": 1 / (25 * math.log(5))}),
    ("log₃(x)", "x=9", 2, {"x": 1 / (9 * math.log(3))}),
    ("logb(x, 2)", "x=8", 3, {"x": 1 / (8 * math.log(2))}),
    ("signum(x)", "x=-3", -1, {"x": 0}),
    ("cuberoot(x)", "x=8", 2, {"x": 1 / 12}),
    ("x^2, where x is 3", "", 9, {"x": 6}),
    ("2C1 + C2 where C1=2, C2=3", "", 7, {"C1": 2, "C2": 1}),
    ("max(x, 0, 1)", "x=3", 3, {"x": 1}),
    ("min(2, x, 5)", "x=3", 2, {"x": 0}),
    # words before and behind
    ("evaluate x^2 at x=3", "", 9, {"x": 6}),
    ("compute 2x", "x=3", 6, {"x": 2}),
    ("what is 2+3", "", 5, None),
    ("find the derivative of x^2 at x=3", "", 9, {"x": 6}),
    ("derivative x^2", "x=3", 9, {"x": 6}),
    ("gradient x*y", "x=2 y=3", 6, {"x": 3, "y": 2}),
    ("diff x^2", "x=3", 9, {"x": 6}),
    ("derive x^2", "x=3", 9, {"x": 6}),
    ("slope(x^2)", "x=3", 9, {"x": 6}),
    ("differentiate(x^2, x)", "x=3", 9, {"x": 6}),
    ("derivative of x^2*y with respect to x", "x=2 y=3", 12, {"x": 12}),
    ("derivative of x^2*y wrt y", "x=2 y=3", 12, {"y": 4}),
    ("x^2*y w.r.t. x and y", "x=2 y=3", 12, {"x": 12, "y": 4}),
    ("x^2?", "x=3", 9, {"x": 6}),
    # where
    ("x^2 at 3", "", 9, {"x": 6}),
    ("derivative of x^2 at 3", "", 9, {"x": 6}),
    ("d/dx x^2 at 3", "", 9, {"x": 6}),
    ("sin(x) at π", "", 0, {"x": -1}),
    ("x^2 (x=3)", "", 9, {"x": 6}),
    ("x*y (x=3, y=2)", "", 6, {"x": 2, "y": 3}),
    ("x^2 [x=3]", "", 9, {"x": 6}),
    ("x^2 @ x=3", "", 9, {"x": 6}),
    ("x^2 x=3", "", 9, {"x": 6}),
    ("x*y at x=3 y=2", "", 6, {"x": 2, "y": 3}),
    ("x*y, x=3 y=2", "", 6, {"x": 2, "y": 3}),
    ("x*y where {x: 3, y: 2}", "", 6, {"x": 2, "y": 3}),
    ("x^2 where x is 3", "", 9, {"x": 6}),
    ("x^2 when x equals 3", "", 9, {"x": 6}),
    ("x^2 at x→3", "", 9, {"x": 6}),
    ("x^2; x=3", "", 9, {"x": 6}),
    ("x*y; x=3; y=2", "", 6, {"x": 2, "y": 3}),
    # functions of the line
    ("f(x) = x²; f", "x=3", 9, {"x": 6}),
    ("f(x) = x²; df/dx", "x=3", 9, {"x": 6}),
    ("f(x) = x²; d/dx f", "x=3", 9, {"x": 6}),
    ("f(x) = x²; f'", "x=3", 6, None),
    ("f(x) = x³; d²f/dx²", "x=2", 8, {"x": 12}),
    ("f(x) = sin(x); df/dx at x=0", "", 0, {"x": 1}),
    ("f(x,y) = x²+y²; ∇f(1,2)", "", 5, {"x": 2, "y": 4}),
    ("f(x,y) = x²*y; gradient of f(2,3)", "", 12, {"x": 12, "y": 4}),
    ("f(x) := x^2; f(x)", "x=3", 9, {"x": 6}),
    ("def f(x) = x^2; f(x)", "x=3", 9, {"x": 6}),
    ("def f(x) = x^2; f(3)", "", 9, None),
    ("sum(i^2 for i in range(4))", "", 14, None),
    ("max(x*i for i in [1, 2])", "x=3", 6, {"x": 2}),
    ("function f(x) = x^2; f(x)", "x=3", 9, {"x": 6}),
    ("lambda x: x^2", "x=3", 9, {"x": 6}),
    ("x => x^2", "x=3", 9, {"x": 6}),
    ("d/dx [x^2]", "x=3", 9, {"x": 6}),
    ("d(x^2)/d(x)", "x=3", 9, {"x": 6}),
    ("f = x -> x^2; f(x)", "x=3", 9, {"x": 6}),
    ("f := x -> x^2; f(x)", "x=3", 9, {"x": 6}),
    ("x^2 ∣ x=3", "", 9, {"x": 6}),
    ("y = 2; def f(x): return y*x^2; f(x)", "x=3", 18, {"x": 12}),
    # what else is unique
    ("max(x, y, z)", "x=1 y=2 z=3", 3, {"x": 0, "y": 0, "z": 1}),
    ("n!/(k!(n-k)!)", "n=5 k=2", 10, None),
    ("1 + d²/dx² (2x)", "x=2", 1, None),
    ("y = x^2; x=3; dy/dx", "", 9, {"x": 6}),
    ("f'(x) where f(x)=x^3 at x=2", "", 12, None),
    ("(lambda x: x^2)(3)", "", 9, None),
    ("d/dx (x^2) @ 3", "", 9, {"x": 6}),
    ("What is the slope of x^2 at x = 3?", "", 9, {"x": 6}),
    ("rate of change of x^2 at x=3", "", 9, {"x": 6}),
    ("partial derivative of x^2*y wrt x at x=1, y=2", "", 2, {"x": 4}),
    # a function that the line defines, behind words
    ("derivative of sec(x)", "x=0", 1, {"x": 0}),
    ("= cot(x)", "x=1", 1 / TAN, {"x": -1 / SIN**2}),
    ("derivative of x^2*y by x", "x=3 y=2", 18, {"x": 12}),
    ("derivative of |x| with respect to x", "x=-2", 2, {"x": -1}),
    ("what is the derivative of x^2 with respect to x?", "x=3", 9, {"x": 6}),
    ("derivative of θ² when θ is 2", "", 4, {"θ": 4}),
    ("differentiate ∛x", "x=8", 2, {"x": 1 / 12}),
    ("differentiate -x^2", "x=3", -9, {"x": -6}),
    # names with digits below a derivative
    ("y = x1^2*x2; dy/dx1", "x1=3 x2=2", 18, {"x1": 12}),
    ("y = x₂³; dy/dx₂", "x2=2", 8, {"x2": 12}),
    ("d²/dx1² x1^3", "x1=2", 8, {"x1": 12}),
    # marks of derivatives as texts have them
    ("f(x) = x^3; f″(2)", "", 12, None),
    ('f(x) = x^3; f"(2)', "", 12, None),
    ("f(x) = x^3; f‴(2)", "", 6, None),
    ("f(x) = x^3; f´(2)", "", 12, None),
    ("f: x -> x^3; f'(2)", "", 12, None),
    ("f = lambda x: x^3; f'(2)", "", 12, None),
]


def _ran(gradcli: Gradcli, line: str, settings: str) -> dict[str, Any]:
    given = [argument for each in settings.split() for argument in ("-s", each)]
    answer: dict[str, Any] = json.loads(gradcli("eval", line, *given, "--json").out)
    return answer


def _has_its_answer(
    gradcli: Gradcli, line: str, settings: str, value: float, gradients: dict[str, Any] | None
) -> None:
    answer = _ran(gradcli, line, settings)
    assert answer["ok"], answer
    found = list(answer["values"].values())[-1]
    assert found == pytest.approx(value, abs=1e-12)
    if gradients is not None:
        assert answer["grads"].keys() == gradients.keys()
        for name, each in gradients.items():
            np.testing.assert_allclose(answer["grads"][name], each, rtol=1e-6, atol=1e-12)


@by_rows("line, settings, value, gradients", ANSWERS)
def test_what_is_said_has_its_answer(
    gradcli: Gradcli, line: str, settings: str, value: float, gradients: dict[str, Any] | None
) -> None:
    _has_its_answer(gradcli, line, settings, value, gradients)


HINTS: list[tuple[str, str, str]] = [
    # line, settings, what the hint says
    ("x squared", "x=3", "write x^2"),
    ("sum i=1 to 10 of i^2", "", "write sum([i^2 for i in range(1, 11)])"),
    ("sum(i^2 for i in 1..10)", "", "write sum([i^2 for i in range(1, 11)])"),
    ("taylor sin(x) at 0", "", "--order 3"),
    ("taylor series of sin(x)", "", "--order 3"),
    ("hessian x^2*y at x=1, y=2", "", "--hessian"),
    ("jacobian of [x*y, x+y]", "x=1 y=2", "write jacobian([x*y, x+y], [x, y]), or give --jacobian"),
    ("sin(x) dx", "x=1", "gradcli diff 'sin(x)' gives the derivative"),
    ("[x^2 for x in 1:3]", "", "write [x^2 for x in range(1, 3 + 1)]"),
    ("[1,2,3]·[4,5,6]", "", "dot([1, 2], [3, 4])"),
    ("abs -3", "", "abs(-3)"),
    ("exp -x^2", "x=1", "exp(-x^2)"),
    ("1.000.000", "", "1000000"),
    ("x=2, y=3, x*y", "", "write x=2; y=3; x*y"),
    ("y = x^2, dy/dx,", "x=3", "write y = x^2; dy/dx"),
    ("x=2 and y=3; x*y", "", "write x = 2; y = 3; x*y"),
    ("d(x^2)", "x=3", "write d/dx (x^2)"),
    ("x^2'", "x=3", "write d/dx (x^2)"),
    ("x cubed + 2 times x", "x=3", "write x^3 + 2*x"),
    ("x to the power of 3", "x=3", "write x^3"),
    ("x plus 2", "x=3", "write x + 2"),
    ("x divided by 2", "x=3", "write x/2"),
    ("square root of x", "x=3", "write sqrt(x)"),
    ("cube root of x", "x=3", "write cbrt(x)"),
    ("absolute value of x", "x=3", "write abs(x)"),
    ("sine of x", "x=3", "write sin(x)"),
    ("sin of x", "x=3", "write sin(x)"),
    ("log base 2 of x", "x=3", "write log(x, 2)"),
    ("log x base 2", "x=3", "write log(x, 2)"),
    ("sum of x", "x=3", "write sum(x)"),
    ("cosine(x)", "x=3", "write cos(x)"),
    ("SIN(x)", "x=1", "write sin(x)"),
    ("=SUM(1, 2, 3)", "", "write sum([1, 2, 3])"),
    ("=AVERAGE(x)", "x=[1,2]", "write mean(x)"),
    ("=POWER(2,3)", "", "write pow(2,3)"),
    ("=LN(x)", "x=2", "write log(x)"),
    ("=LOG(x)", "x=2", "write log10(x) or ln(x)"),
    ("MAX(x, 0)", "x=2", "write max(x, 0)"),
    # signs and words of other systems
    ("x %% 3", "x=7", "write x % 3"),
    ("x %*% y", "x=[1,2] y=[3,4]", "x @ y"),
    ("7 %/% 2", "", "write 7 // 2"),
    ("derivative of x^2 is 2x", "x=3", "gradcli check 'x^2' --claim 'dresult/dx = 2x'"),
    ("x => 2", "x=3", "write >= or <="),
    ("x =< 2", "x=3", "write >= or <="),
    ("x^1/3", "x=8", "write x^(1/3) or x/3"),
    ("x**1/2 at x=4", "", "write x^(1/2) at x=4 or x/2 at x=4"),
    ("x^2 /. x -> 3", "", "write x^2 at x=3"),
    ("with x=3: x^2", "", "write x^2 at x=3"),
    ("given x=3, x^2", "", "write x^2 at x=3"),
    ("x = 3 : x^2", "", "write x^2 at x=3"),
    ("3→x: x^2", "", "write x = 3; x^2"),
    ("f = @(x) x.^2; f(3)", "", "write f(x) = x^2; f(3)"),
    ("f <- function(x) x^2; f(3)", "", "write f(x) = x^2; f(3)"),
    ("h = f∘g", "", "write f(g(x))"),
    ("A\\b", "A=[[2,0],[0,4]] b=[2,4]", "write linalg.solve(A, b)"),
    ("log(8;2)", "", "write log(8, 2)"),
    ("5 nCr 2", "", "write nCr(5, 2)"),
    ("P(5, 2)", "", "write nPr(5, 2)"),
    ("root(3, 27)", "", "(27)**(1/(3))"),
    ("find dy/dx of y = x^2 at x=3", "", "write y = x^2; dy/dx"),
    ("x if x>0 at x=2", "", "write x if x>0 else 0"),
    ("sum(i^2, i=1..3)", "", "for i in range"),
    ("expand (x+1)^2", "x=2", "gradcli diff"),
    ("1 234,5", "", "write 1234.5"),
    ("x=1.5; y=2,5; x*y", "", "y=2.5"),
    ("Sin[x]", "x=1", "write sin(x)"),
    ("exp{x}", "x=1", "write exp(x)"),
    ("max{x, 0}", "x=1", "write max(x, 0)"),
    ("sqrt[3](x)", "x=8", "write x^(1/3)"),
    ("³√x", "x=8", "write x^(1/3)"),
    ("∜x", "x=8", "write x^(1/4)"),
    ("√[3]{x+1}", "x=8", "write (x+1)^(1/3)"),
    ("sqrt(x, 3)", "x=8", "write (x)**(1/(3))"),
    ("nthroot(x, 3)", "x=8", "write (x)**(1/(3))"),
    ("{x+1}^2", "x=8", "write (x+1)"),
    ("[x+1][x-1]", "x=8", "write (x+1)*(x-1)"),
    ("x√2", "x=8", "write x*√2"),
    ("x|x|", "x=8", "write x*|x|"),
    ("1½", "", "write (1 + 1/2)"),
    ("50% x", "x=3", "write (50/100)*x or 50 % x"),
    ("3!!", "", "write (3!)!"),
    ("x^-2x", "x=3", "write x^(-2*x) or x^-2*x"),
    ("sin(0,5)", "", "write sin(0.5)"),
    ("x^2 at x=1,5", "", "write x=[1, 5] or x=1.5"),
    ("x^2 at x=1,2,3", "", "write x=[1, 2, 3]"),
    ("x*y at (3, 2)", "", "write x*y at x=3, y=2"),
    ("x^2 at x 3", "", "write x^2 at x=3"),
    ("y = x^2, dy/dx", "x=3", "write y = x^2; dy/dx"),
    ("f(x) = x^2, f(3)", "", "write f(x) = x^2; f(3)"),
    ("x=3, x^2", "", "write x=3; x^2"),
    ("x=3 y=2 x*y", "", "write x=3; y=2; x*y"),
    ("x = 5, y = 6", "", "write x = 5; y = 6"),
    ("s = u*t + at^2", "u=1 a=2 t=3", "write a*t"),
    ("f = x^2; f(3)", "", "write f(x) = x^2; f(3)"),
    ("D(x^2)", "x=3", "write d/dx (x^2)"),
    ("D[x^2, x]", "x=3", "write d/dx (x^2)"),
    ("d x^2/dx", "x=3", "write d/dx (x^2)"),
    ("d/dx x³ + 2x", "x=3", "write d/dx (x^3 + 2x)"),
    ("d²/(dx dy) x²y²", "x=3 y=2", "write d²/dxdy x²y²"),
    ("sin(x)'", "x=3", "write d/dx (sin(x))"),
    ("sin'(x)", "x=3", "write d/dx (sin(x))"),
    ("x²'", "x=3", "write d/dx (x²)"),
    ("lim_{x->0} sin(x)/x", "", "-s x=1e-6"),
    ("antiderivative of x^2", "x=3", "gradcli diff"),
    ("x^2 dx", "x=3", "gradcli diff"),
    ("∑_{i=1}^{10} i", "", "write sum([i for i in range(1, 11)])"),
    ("taylor(sin(x), x, 0, 3)", "", "--order 3"),
    ("hessian(x^2)", "x=3", "write hessian(x^2, x)"),
    ("jacobian([x^2, x])", "x=3", "write jacobian([x^2, x], x)"),
    ("transpose(A)", "A=[[1,2]]", "write A.T"),
    ("xᵀA x", "x=[3,4] A=[[1,2],[3,5]]", "write x.T @ A @ x"),
    ("A⁻ᵀ", "A=[[1,2],[3,5]]", "write inverse(A).T"),
    ("A⊗A", "A=[[1,2],[3,5]]", "write kron(A, B)"),
    ("A'", "A=[[1,2],[3,5]]", "the transpose of a matrix: A.T"),
    ("x·y", "x=[3,4] y=[1,2]", "the product of two vectors is x @ y"),
    ("x×y", "x=[3,4,5] y=[1,2,3]", "the product of two vectors is cross(x, y)"),
    ("laplacian(x^2)", "x=3", "write diff(x^2, x, 2)"),
    ("roots(x^2-4)", "x=3", "x - f/grad(f, x)"),
    ("minimize x^2", "x=3", "x - 0.1*grad(y, x)"),
    ("plot x^2", "x=3", "gradcli plot 'x^2'"),
    ("subs(x^2, x, 3)", "", "write x^2 at x=3"),
    ("atan(1, x)", "x=3", "write atan2(1, x)"),
    ("normcdf(x)", "x=3", "write (1 + erf((x)/sqrt(2)))/2"),
    ("6:2", "", "write x/2"),
    ("exp^x", "x=3", "a function is called: exp(x)"),
    ("E^x", "x=3", "it is written e"),
    ("xsin(x)", "x=3", "write x*sin("),
    ("xe^x", "x=3", "write x*e"),
    ("ex", "x=3", "write e*x"),
    ("lnx", "x=3", "write log(x)"),
    # all that is wrong with a line is corrected at once
    ("sin x cos x", "x=1", "write sin(x)*cos(x)"),
    ("sin²x + cos²x", "x=1", "write sin(x)**2 + cos(x)**2"),
    ("2 sin 30° + cos 2x", "x=1", "write 2 sin(deg2rad(30)) + cos(2*x)"),
    ("e^x sin x", "x=1", "write e^x*sin(x)"),
    ("sin x y", "x=1 y=2", "write sin(x*y)"),
    ("Sin[x] + Cos[x]", "x=1", "write sin(x) + cos(x)"),
    ("(4/3)πr³", "r=2", "write (4/3)*πr³"),
    ("4/3πr³", "r=2", "write 4/(3*pi*r^3) or 4/3*pi*r^3"),
    ("1/2 m v^2", "m=1 v=2", "write 1/(2*m*v^2) or 1/2*m*v^2"),
    ("ax²+bx+c", "a=1 b=2 c=3 x=4", "write a*x, as in a*x**2+b*x+c"),
    ("s = ut + ½at²", "u=1 t=2 a=3", "as in s = u*t + (1/2)*a*t**2"),
    ("y = 1/ab", "a=1 b=2", "as in y = 1/(a*b)"),
    # derivatives of other systems
    ("D[x^3, {x, 2}]", "x=2", "write d^2/dx^2 (x^3)"),
    ("diff(x^3, x$2)", "x=2", "write diff(x^3, x, 2)"),
    ("Derivative(x**2, x).doit()", "x=2", "write d/dx (x**2)"),
    ("sympy.diff(x**2, x)", "x=2", "write d/dx (x**2)"),
    ("nDeriv(x^2, x, 3)", "", "write d/dx (x^2) at x=3"),
    ("grad(lambda x: x**2)(3.0)", "", "write d/dx (x**2) at x=3.0"),
    ("ForwardDiff.derivative(x -> x^2, 3)", "", "write d/dx (x^2) at x=3"),
    ("diff(x^2, x, x=3)", "", "write d/dx (x^2) at x=3"),
    ("subs(diff(x^2, x), x=3)", "", "write diff(x^2, x) at x=3"),
    ("d/dx|_{x=3} x^2", "", "write d/dx (x^2) at x=3"),
    ("f(x) = x^2; df/dx(3)", "", "write f(x) = x^2; df/dx at x=3"),
    ("f(x) = x^2; grad(f)(3)", "", "write f(x) = x^2; f'(3)"),
    ("dy/dx, y=x^2", "x=3", "write y=x^2; dy/dx"),
    ("y=x^2 dy/dx", "x=3", "write y=x^2; dy/dx"),
    ("x = symbols('x'); diff(x**2, x)", "", "write diff(x**2, x)"),
    ("syms x; x^2", "", "write x^2"),
    ("f[x_] := x^2; f[3]", "", "write f(x) = x^2; f(3)"),
    ("Integrate[x^2, {x, 0, 1}]", "", "write x = linspace(0, 1, 1001); trapezoid(x^2, x)"),
    ("int(x^2, x)", "x=3", "gradcli diff"),
    ("Limit[Sin[x]/x, x -> 0]", "", "-s x=1e-6"),
    ("Solve[x^2 == 4, x]", "x=1", "x - f/grad(f, x)"),
    ("minimum of x^2", "x=3", "x - 0.1*grad(y, x)"),
    ("Sum[i^2, {i, 1, 10}]", "", "for i in range"),
    ("sum(1:10)", "", "for i in range"),
    # and the rest
    ("x = 1:3; x.^2", "", "write x = arange(1, 3 + 1); x.^2"),
    ("x^2 for x in [1,2,3]", "", "write [x^2 for x in [1,2,3]]"),
    ("map(x -> x^2, [1,2])", "", "write map(lambda x: x^2, [1,2])"),
    ("if(x>0, x, 0)", "x=1", "write where(x>0, x, 0)"),
    ("if x > 0: x else: 0", "x=1", "write x if x > 0 else 0"),
    ("if x > 0 or x < -1: x else: 0", "x=1", "write x if x > 0 or x < -1 else 0"),
    ("if(x>0 or x<-1, x, 0)", "x=1", "write where(x>0 or x<-1, x, 0)"),
    ("If(x>0 or x<-1, x, 0)", "x=1", "write where(x>0 or x<-1, x, 0)"),
    ("sqr(x+1)", "x=1", "write (x+1)**2 or sqrt(x+1)"),
    ("transpose(A + B)", "A=[[1,2],[3,4]] B=[[1,2],[3,4]]", "write (A + B).T"),
    ("{x>0: x, 0}", "x=1", "write where(x>0, x, 0)"),
    ("x when x > 0", "x=1", "write x if x > 0 else 0"),
    ("sin^n(x)", "x=1 n=2", "write sin(x)^n"),
    ("sin-1(x)", "x=0.5", "write asin(x)"),
    ("log[2](x)", "x=8", "write log(x, 2)"),
    ("log 2 8", "", "write log(2, 8) or log(8, 2)"),
    ("5C2", "", "write nCr(5, 2)"),
    ("=PI()*2", "", "write pi"),
    ("Ln(x)", "x=2", "write log(x)"),
    ("square root of x^3", "x=2", "write sqrt(x^3)"),
    ("x div 2", "x=5", "write x // 2"),
    ("x↑2", "x=3", "write x^2"),
    ("x ± 1", "x=3", "write (1 + x, 1 - x)"),
    ("30°15'", "", "write (30 + 15/60)°"),
    ("20% off 50", "", "write 50*(1 - 20%)"),
    ("max(1,5; 2)", "", "write max(1.5, 2)"),
    ("print x^2", "x=3", "write print(x^2)"),
    ('"x^2"', "x=3", "write x^2"),
    ("x2", "x=3", "write x*2 or x**2"),
]


@by_rows("line, settings, hint", HINTS)
def test_what_is_not_read_has_a_hint_with_the_text_to_type(
    gradcli: Gradcli, line: str, settings: str, hint: str
) -> None:
    answer = _ran(gradcli, line, settings)
    assert not answer["ok"]
    assert hint in answer["error"]["hint"]


# line, settings, the whole line that is told, the value of its last statement, its derivatives
MEANT: list[tuple[str, str, str, float, dict[str, Any]]] = [
    # primes, quotients and functions of the line
    ("y = x^3; y'", "x=2", "y = x^3; dy/dx", 8, {"x": 12}),
    ("y' where y = x^3", "x=2", "dy/dx where y = x^3", 8, {"x": 12}),
    ("y = sin(x)cos(x), y'(0)", "", "y = sin(x)*cos(x); dy/dx at x=0", 0, {"x": 1}),
    ("f(x)=x^3; f^(2)(1)", "", "f(x)=x^3; f''(1)", 6, {}),
    ("f(x)=x^3; Df(2)", "", "f(x)=x^3; f'(2)", 12, {}),
    ("f(x)=x^3; d/dx f(2)", "", "f(x)=x^3; f'(2)", 12, {}),
    ("f(x)=x^3; (d/dx)f(x)", "x=2", "f(x)=x^3; d/dx f(x)", 8, {"x": 12}),
    ("f(x,y)=x^2*y; f_x(2,3)", "", "f(x,y)=x^2*y; ∂f/∂x at x=2, y=3", 12, {"x": 12}),
    ("f(x,y)=x^2*y; ∂f/∂x(2,3)", "", "f(x,y)=x^2*y; ∂f/∂x at x=2, y=3", 12, {"x": 12}),
    ("f(x,y)=x^2*y; f_x at x=2, y=3", "", "f(x,y)=x^2*y; ∂f/∂x at x=2, y=3", 12, {"x": 12}),
    ("f(x,y)=x^2*y; nabla f(2,3)", "", "f(x,y)=x^2*y; ∇f(2,3)", 12, {"x": 12, "y": 4}),
    ("grad(x^2*y)(1,2)", "", "grad(x^2*y) at x=1, y=2", 2, {"x": 4, "y": 1}),
    ("f(x,y)=x^2*y; Δf", "x=2 y=3", "f(x,y)=x^2*y; (diff(f(x, y), x, 2) + diff(f(x, y), y, 2))", 6, {}),
    ("∇·(x², y²)", "x=1 y=2", "diff(x², x) + diff(y², y)", 6, {}),
    ("(d/dx)^2 x^4", "x=1", "d^2/dx^2 x^4", 1, {"x": 4}),
    ("d sin(x) / dx", "x=0", "d/dx (sin(x))", 0, {"x": 1}),
    ("d/d x x^2", "x=2", "d/dx x^2", 4, {"x": 4}),
    ("D_x(x^2)", "x=3", "d/dx (x^2)", 9, {"x": 6}),
    ("x^2 + y^2 = 25; dy/dx", "x=3 y=4", "F = x^2 + y^2 - (25); -(dF/dx)/(dF/dy)", -0.75, {}),
    ("f(x)=x^2, g(x)=x+1; f(g(x))", "x=1", "f(x)=x^2; g(x)=x+1; f(g(x))", 4, {"x": 4}),
    ("f(x)=x^2; (f∘f)(2)", "", "f(x)=x^2; f(f(2))", 16, {}),
    ("f(3) f(x)=x^2", "", "f(x)=x^2; f(3)", 9, {}),
    ("∇(x²y) (1,2)", "", "grad(x²y) at x=1, y=2", 2, {"x": 4, "y": 1}),
    ("tau/2", "", "math.tau/2", math.pi, {}),
    # words
    ("given f(x)=x^2 find f'(3)", "", "f(x)=x^2; f'(3)", 6, {}),
    ("derivative of x^2 evaluated at x=3", "", "derivative of x^2 at x=3", 9, {"x": 6}),
    ("derivative at x=2 of x^3", "", "derivative of x^3 at x=2", 8, {"x": 12}),
    ("x^3 derivative", "x=2", "derivative of x^3", 8, {"x": 12}),
    ("sum 1 to 10", "", "sum([i for i in range(1, 11)])", 55, {}),
    ("mean of 1, 2, 3", "", "mean([1., 2, 3])", 2, {}),
    ("y = x^2, z = y*3", "x=2", "y = x^2; z = y*3", 12, {"x": 12}),
    ("y=x^2 z=3y", "x=2", "y=x^2; z=3y", 12, {"x": 12}),
    ("five percent of x", "x=2", "5% of x", 0.1, {"x": 0.05}),
    ("x to the third power", "x=2", "x^3", 8, {"x": 12}),
    ("sine of x squared", "x=0", "sin(x^2)", 0, {"x": 0}),
    ("arcsin(0.5) in degrees", "", "rad2deg(arcsin(0.5))", 30, {}),
    ("let x be 3; x^2", "", "x^2 at x=3", 9, {"x": 6}),
    ("x=1, y=2: x*y", "", "x*y at x=1, y=2", 2, {"x": 2, "y": 1}),
    ("{x=1, y=2} x*y", "", "x*y at x=1, y=2", 2, {"x": 2, "y": 1}),
    ("xyz at (1, 2, 3)", "", "x*y*z at x=1, y=2, z=3", 6, {"x": 6, "y": 3, "z": 2}),
    ("g(f(x)) where f(x)=x², g(x)=x+1", "x=1", "f(x)=x²; g(x)=x+1; g(f(x))", 2, {"x": 2}),
    ("y = x² ⇒ dy/dx", "x=3", "y = x²; dy/dx", 9, {"x": 6}),
    ("x^2+y^2 (3,4)", "", "x^2+y^2 at x=3, y=4", 25, {"x": 6, "y": 8}),
    # LaTeX
    ("\\frac{d}{dx}\\left(x^2+1\\right)", "x=3", "d/dx (x^2+1)", 10, {"x": 6}),
    ("\\frac{1}{2}mv^2", "m=1 v=2", "(1/2)*m*v^2", 2, {"m": 2, "v": 2}),
    ("\\sqrt[4]{x}", "x=16", "(x)^(1/4)", 2, {"x": 1 / 32}),
    ("\\log_{10} x", "x=10", "log_10(x)", 1, {"x": 1 / (10 * math.log(10))}),
    ("\\left.\\frac{d}{dx}x^2\\right|_{x=3}", "", "d/dx x^2 | x=3", 9, {"x": 6}),
    ("\\begin{cases} x & x>0 \\\\ 0 & x\\le 0\\end{cases}", "x=1", "x if x>0 else 0", 1, {"x": 1}),
    ("\\mathbf{x}^T\\mathbf{y}", "x=[3,4] y=[1,2]", "x.T @ y", 11, {"x": [1, 2], "y": [3, 4]}),
    # sums, products, choices
    ("Σ_{k=0}^{5} x^k", "x=2", "sum([x^k for k in range(0, 6)])", 63, {"x": 129}),
    ("sum(x^k, k, 0, 5)", "x=2", "sum([x^k for k in range(0, 6)])", 63, {"x": 129}),
    ("sum of k^2 from k=1 to 10", "", "sum([k^2 for k in range(1, 11)])", 385, {}),
    ("Π_{k=1}^{5} k", "", "prod([k for k in range(1, 6)])", 120, {}),
    ("mean(1,2,3)", "", "mean([1.,2,3])", 2, {}),
    ("f(x) = {x^2, x>0; 0, x<=0}", "x=1", "f(x) = x^2 if x>0 else 0", 1, {"x": 2}),
    ("{x<0:-x, x>=0:x}", "x=1", "-x if x<0 else x", 1, {"x": 1}),
    ("x > 0 ? x^2 : 0", "x=1", "x^2 if x > 0 else 0", 1, {"x": 2}),
    ("if x>0: x^2", "x=1", "x^2 if x>0 else 0", 1, {"x": 2}),
    ("x^2 for x>0, -x otherwise", "x=-2", "x^2 if x>0 else -x", 2, {"x": -1}),
    ("x if x>1, x^2 if x>0, 0 otherwise", "x=0.5", "x if x>1 else x^2 if x>0 else 0", 0.25, {"x": 1}),
    ("x = 0:0.5:1; sum(x.^2)", "", "x = arange(0, 1 + 0.5/2, 0.5); sum(x.^2)", 1.25, {}),
    ("Piecewise((x**2, x > 0), (0, True))", "x=1", "x**2 if x > 0 else 0", 1, {"x": 2}),
    ("∫_0^1 3x^2 dx", "", "x = linspace(0, 1, 1001); trapezoid(3x^2, x)", 1.0000005, {}),
    # other systems
    ("Log[2, x]", "x=8", "log(x, 2)", 3, {"x": 1 / (8 * math.log(2))}),
    ("f[x_] = x^2; D[f[x],x] /. x->3", "", "f(x) = x^2; d/dx (f(x)) at x=3", 9, {"x": 6}),
    ("D[Sin[x], x]", "x=0", "d/dx (sin(x))", 0, {"x": 1}),
    ("=POWER(x;2)", "x=3", "pow(x, 2)", 9, {"x": 6}),
    ("=IF(x>0;x;0)", "x=1", "where(x>0, x, 0)", 1, {"x": 1}),
    ("f = @(x) x.^2 + 1; f(3)", "", "f(x) = x^2 + 1; f(3)", 10, {}),
    ("(x^2).subs(x,3)", "", "(x^2) at x=3", 9, {"x": 6}),
    ("diff(x^4, x, x, x)", "x=1", "diff(x^4, x, 3)", 1, {"x": 4}),
    ("Math.pow(x,2)", "x=3", "pow(x,2)", 9, {"x": 6}),
    ("ReLU(x)", "x=1", "relu(x)", 1, {"x": 1}),
    ("sinn(x)", "x=0", "sin(x)", 0, {"x": 1}),
    ("D('x^2', 'x')", "x=3", "d/dx (x^2)", 9, {"x": 6}),
    ("grad(x^2 + y^2; x=1; y=2)", "", "grad(x^2 + y^2) at x=1, y=2", 5, {"x": 2, "y": 4}),
    ("x^2 {x: 3}", "", "x^2 at x=3", 9, {"x": 6}),
    ("f(x)=x^2; D(f)(3)", "", "f(x)=x^2; f'(3)", 6, {}),
    ("subs(x=3, x^2)", "", "x^2 at x=3", 9, {"x": 6}),
    ("evalf(sin(Pi/2))", "", "sin(pi/2)", 1, {}),
    ("{x, y}.{1, 2}", "x=1 y=2", "sum([u*v for u, v in zip([x, y], [1, 2])])", 5, {"x": 1, "y": 2}),
    ('printf("%d %d", x^2, x)', "x=2", 'print("%d %d" % (x^2, x))', 2, {}),
    ("y = x^2; % a comment", "x=3", "y = x^2", 9, {"x": 6}),
    ("x %*% y", "x=[3,4] y=[1,2]", "x @ y", 11, {"x": [1, 2], "y": [3, 4]}),
    ("7 %% 4", "", "7 % 4", 3, {}),
    ("=SUMPRODUCT(x;y)", "x=[3,4] y=[1,2]", "sum((x)*(y))", 11, {"x": [1, 2], "y": [3, 4]}),
    ("=PI()*x^2", "x=2", "pi*x^2", 4 * math.pi, {"x": 4 * math.pi}),
    ("std::pow(x,2)", "x=3", "pow(x,2)", 9, {"x": 6}),
    ("true && x>1", "x=2", "True and x>1", 1, {}),
    ("x>0 && y>0", "x=1 y=2", "x>0 and y>0", 1, {}),
    ("5 km + 3 km", "", "5 + 3", 8, {}),
    # products, vectors, brackets
    ("½mv²", "m=2 v=3", "½m*v²", 9, {"m": 4.5, "v": 6}),
    ("a sin(b x)", "a=1 b=2 x=0", "a*sin(b*x)", 0, {"a": 0, "b": 0, "x": 2}),
    ("-Σ p log p", "p=[1,1]", "-Σ(p*log(p))", 0, {"p": [-1, -1]}),
    ("σ(x)(1-σ(x))", "x=0", "σ(x)*(1-σ(x))", 0.25, {"x": 0}),
    ("1/n Σ x", "n=2 x=[1,2]", "1/n*∑ x", 1.5, {"n": -0.75, "x": [0.5, 0.5]}),
    ("λ|x|", "λ=2 x=-3", "λ*|x|", 6, {"λ": 3, "x": -2}),
    ("2x(x+1)", "x=1", "2x*(x+1)", 4, {"x": 6}),
    ("xln(x)", "x=1", "x*ln(x)", 0, {"x": 1}),
    ("2xsin(x)", "x=0", "2x*sin(x)", 0, {"x": 0}),
    ("x'*A*x", "x=[1,2] A=[[1,0],[0,1]]", "x.T @ A @ x", 5, {"x": [2, 4], "A": [[1, 2], [2, 4]]}),
    ("x'*y", "x=[3,4] y=[1,2]", "x.T @ y", 11, {"x": [1, 2], "y": [3, 4]}),
    ("½xᵀAx", "x=[1,2] A=[[1,0],[0,1]]", "½(x.T @ A @ x)", 2.5, {"x": [1, 2], "A": [[0.5, 1], [1, 2]]}),
    ("A(1,2)", "A=[[1,2],[3,4]]", "A[0, 1]", 2, {"A": [[0, 1], [0, 0]]}),
    ("<x, y>", "x=[3,4] y=[1,2]", "dot(x, y)", 11, {"x": [1, 2], "y": [3, 4]}),
    ("cos(x", "x=0", "cos(x)", 1, {"x": 0}),
    ("1 1/2 x", "x=1", "(1 + 1/2)*x", 1.5, {"x": 1.5}),
    ("x∈[0,1]", "x=1", "0 <= x <= 1", 1, {}),
    ("softmax(x)", "x=[0,0]", "sum(softmax(x)), or give --jacobian", 1, {"x": [0, 0]}),
    ("D[x1^3, x1]", "x1=2", "d/dx1 (x1^3)", 8, {"x1": 12}),
    # what stands around what is mended
    ("nthroot(x, 3)^2", "x=8", "((x)**(1/(3)))^2", 4, {"x": 1 / 3}),
    ("³√x²", "x=8", "(x^(1/3))²", 4, {"x": 1 / 3}),
    ("Abs[x x]", "x=-2", "abs(x*x)", 4, {"x": -4}),
    ("(t^3)'", "t=2", "d/dt (t^3)", 8, {"t": 12}),
    ("[t^3]'", "t=2", "d/dt (t^3)", 8, {"t": 12}),
    ("(a^3)' at a=2", "", "d/da (a^3) at a=2", 8, {"a": 12}),
    ("D x^3", "x=2", "derivative of x^3", 8, {"x": 12}),
    ("x*3 derivative", "x=2", "derivative of x*3", 6, {"x": 3}),
    ("u 10 + 1", "u=2", "u*10 + 1", 21, {"u": 10}),
    ("pi(x+1)", "x=1", "pi*(x+1)", 2 * math.pi, {"x": math.pi}),
    ("f(t) = 5 + t (3+Pi); f'(1)", "", "f(t) = 5 + t*(3+pi); f'(1)", 3 + math.pi, {}),
    ("Let f(x) = x^2. Find f'(3).", "", "f(x) = x^2; f'(3)", 6, {}),
    ("x*y using x=1, y=2", "", "x*y at x=1, y=2", 2, {"x": 2, "y": 1}),
    ("\\alpha x^2", "α=2 x=3", "α*x^2", 18, {"α": 9, "x": 12}),
    ("\\frac{d}{dx_1} x_1^3", "x_1=2", "d/dx_1 x_1^3", 8, {"x_1": 12}),
    ("\\frac{d}{dx}(\\log_{10} {x})", "x=10", "d/dx (log_10(x))", 1, {"x": 1 / (10 * math.log(10))}),
]


# line, settings, the whole line behind "as in", the value of its last statement, its derivatives
ONE_NAME: list[tuple[str, str, str, float, dict[str, Any]]] = [
    ("1/xy^2", "x=2 y=1", "1/(x*y^2)", 0.5, {"x": -0.25, "y": -1}),
    ("1 / xy", "x=2 y=1", "1 / (x*y)", 0.5, {"x": -0.25, "y": -0.5}),
    ("y = bw; d^2y/dw^2", "b=2 w=3", "y = b*w; d^2y/dw^2", 6, {"w": 2}),
    ("derivative of xsin2x", "x=0", "x*sin(2*x)", 0, {"x": 0}),
    ("xe^x", "x=0", "x*e^x", 0, {"x": 1}),
]


@by_rows("line, settings, told, value, gradients", MEANT)
def test_the_line_that_is_told_runs_as_it_stands(
    gradcli: Gradcli, line: str, settings: str, told: str, value: float, gradients: dict[str, Any]
) -> None:
    answer = _ran(gradcli, line, settings)
    assert not answer["ok"]
    assert answer["error"]["hint"].endswith(f"write {told}")
    _has_its_answer(gradcli, told.partition(", or give")[0], settings, value, gradients or None)


@by_rows("line, settings, told, value, gradients", ONE_NAME)
def test_a_name_that_is_several_is_told_with_the_whole_line(
    gradcli: Gradcli, line: str, settings: str, told: str, value: float, gradients: dict[str, Any]
) -> None:
    assert _ran(gradcli, line, settings)["error"]["hint"].endswith(f" {told}")
    _has_its_answer(gradcli, told, settings, value, gradients)


def test_a_power_behind_a_function_and_its_name_has_two_readings(gradcli: Gradcli) -> None:
    hint = _ran(gradcli, "sinx^2", "x=2")["error"]["hint"]
    assert hint == "sinx is one name: write sin(x), as in sin(x^2) or sin(x)^2"


def test_bars_around_coordinates_are_a_norm_or_are_of_each(gradcli: Gradcli) -> None:
    for line in ("|(x, y)|", "|[x, y]|"):
        hint = _ran(gradcli, line, "x=3 y=4")["error"]["hint"]
        assert hint == "write norm([x, y]) or abs([x, y])"
    _has_its_answer(gradcli, "norm([x, y])", "x=3 y=4", 5, {"x": 0.6, "y": 0.8})


def test_a_number_in_brackets_behind_a_power_may_be_where_the_line_is_evaluated(gradcli: Gradcli) -> None:
    hint = _ran(gradcli, "x^2 (3)", "")["error"]["hint"]
    assert hint == "write x^(2*(3)) or x^2*(3) or x^2 at 3"
    assert _ran(gradcli, "x^2 (3)", "x=2")["error"]["hint"] == "write x^(2*(3)) or x^2*(3)"


@pytest.mark.parametrize(
    ("line", "formula"),
    [
        ("y = x₁*x₂; dy/dx₂", "dy/dx2 = x1"),
        ("f(x2) = x2^3; df/dx2", "dresult/dx2 = 3*x2**2"),
        ("d/dx1 x1^2", "dresult/dx1 = 2*x1"),
        ("d²/dx1dx2 (x1^2*x2^2)", "d2result/dx1dx2 = 4*x1*x2"),
        ("y = x³; d2y/dx2", "d2y/dx2 = 6*x"),
    ],
)
def test_a_digit_below_a_derivative_counts_where_the_order_says_so(
    gradcli: Gradcli, line: str, formula: str
) -> None:
    assert gradcli("diff", line).out == f"{formula}\n"


def test_a_name_that_is_written_of_parameters_is_told(gradcli: Gradcli) -> None:
    note = "note: uv is one name; if that is not meant, write u*v\n"
    assert note in gradcli("diff", "f(u, v) = uv - v; df/dv").err
    assert note not in gradcli("diff", "f(u, v) = uv - v; df/dv", "-s", "uv=1").err


def test_a_partial_derivative_may_have_a_digit_in_its_name(gradcli: Gradcli) -> None:
    assert "write ∂f/∂x2\n" in gradcli("diff", "f(x1, x2)=x1*x2^2; f_x2").err


@pytest.mark.parametrize(("line", "told"), [("xπ", "x*π"), ("rπ/2", "r*π/2"), ("x½", "x*½")])
def test_a_number_of_one_sign_makes_no_longer_name(gradcli: Gradcli, line: str, told: str) -> None:
    assert gradcli("diff", line).err.endswith(f"hint: write {told}\n")
    assert "no complex numbers" in gradcli("diff", "e^(iπ)").err


# a derivative as a value at the end, and the line whose root it is the derivative of
OF_WHAT = [
    ("f(x)=x^3; f'", "f(x)=x^3; d/dx f(x)"),
    ("f(x)=x^3; f'(x)", "f(x)=x^3; d/dx f(x)"),
    ("f(x)=x^3; f''", "f(x)=x^3; d^2/dx^2 f(x)"),
    ("f(t)=t^3; f'(2)", "f(t)=t^3; d/dt f(t) at t=2"),
    ("f'(x) where f(x)=x^3", "d/dx f(x) where f(x)=x^3"),
]


@pytest.mark.parametrize(("line", "told"), OF_WHAT)
def test_a_derivative_as_a_value_is_told_as_what_diff_differentiates(
    gradcli: Gradcli, line: str, told: str
) -> None:
    ran = gradcli("diff", line)
    assert ran.status == 4
    assert f"hint: write {told}\n" in ran.err
    assert gradcli("diff", told).status == 0


def test_gradients_that_a_line_takes_as_values_leave_none_to_show(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "f(x)=x^3; f'", "-s", "x=2", "-w", "x")
    assert ran.status == 4
    assert "write f(x)=x^3; d/dx f(x)" in ran.err
    ran = gradcli("eval", "y = x^3; 2*dy/dx", "-s", "x=2", "-w", "x")
    assert ran.status == 4
    assert "--root result differentiates result" in ran.err
    assert "x.grad = 24.0" in gradcli("eval", "y = x^3; 2*dy/dx", "-s", "x=2", "--root", "result").out


def test_a_line_that_lacks_nothing_but_a_value_is_not_told_otherwise(gradcli: Gradcli) -> None:
    for line in ("x^2", "f'(x) where f(x)=x^2", "f(x) = x^2"):
        assert _ran(gradcli, line, "")["error"]["hint"] == "set it from outside: --set x=…"


def test_units_are_left_out_only_where_all_are_the_same(gradcli: Gradcli) -> None:
    assert not str(_ran(gradcli, "5 km + 3 m", "")["error"].get("hint")).startswith("write")


@pytest.mark.parametrize("piece", ["f(x)=", "f(x)=(", "x<y ", "x?a:b ", "x if x<1 ", "x if x<1, ", "{x}.{"])
def test_a_long_line_is_refused_at_once(gradcli: Gradcli, piece: str) -> None:
    start = time.process_time()
    assert not _ran(gradcli, (piece * 60)[:299], "")["ok"]
    assert time.process_time() - start < 5


def test_each_way_to_read_a_line_is_told_as_a_whole(gradcli: Gradcli) -> None:
    hint = _ran(gradcli, "f(x,y)=x^2y; f_x(2,3)", "")["error"]["hint"]
    told = hint.removeprefix("write ").split(" or ")
    assert [_ran(gradcli, line, "")["grads"] for line in told] == [{"x": 192.0}, {"x": 12.0}]


def _always(pattern: Any) -> set[str]:
    """The characters that each text has which a parsed pattern matches."""
    found: set[str] = set()
    for kind, what in pattern:
        match str(kind):
            case "LITERAL":
                found.add(chr(what))
            case "SUBPATTERN":
                assert not what[1], "a flag of its own, such as that of small letters"
                found |= _always(what[3])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT" if what[0]:
                found |= _always(what[2])
            case "BRANCH":
                found |= set.intersection(*map(_always, what[1]))
    return found


def test_no_phrase_stands_without_the_characters_it_is_looked_for_by() -> None:
    parse = import_module("re._parser").parse
    for needed, phrase, *_ in PHRASES:
        assert set(needed) <= _always(parse(phrase)), phrase
    assert sum([set(needed) <= set("(2x + 1)^3") for needed, *_ in PHRASES]) < len(PHRASES) / 3


# what the shell makes of a line: the arguments of eval, its exit status, and what is said or shown
ARGUMENTS: list[tuple[list[str], int, str]] = [
    (["x^2", "x=1/2"], 0, "dresult/dx = 1.0"),
    (["sin(x)", "x=π"], 0, "dresult/dx = -1.0"),
    (["||x||", "x=[3,4]"], 0, "result = 5.0"),
    (["x", "^", "2", "x=3"], 2, "'x ^ 2' x=3"),
    (["x^2", "at", "x=3"], 2, "'x^2 at x=3'"),
    (["x^2", "x", "=", "3"], 2, "'x^2 x = 3'"),
    (["x^2", "x=1,5"], 2, "write x=[1,5] or x=1.5"),
    (["x*y", "x=1,y=2"], 2, "write -s x=1 -s y=2"),
    (["x*y", "x=1; y=2;"], 2, "write -s x=1 -s y=2"),
    (["x^2", "x=2pi"], 0, "x = 6.28"),
    (["x^2", "x=" + "1" * 60 + "a"], 3, "x has no value"),
    (["x^2", "-s", "x={1,2,3}"], 2, "write x=[1,2,3]"),
    (["x^2", "x=[1 2; 3 4]"], 2, "write x=[[1,2],[3,4]]"),
    (["x^2", "-sx=3"], 2, "write -s x=3"),
    (["x^2", "-s", "x=1,000"], 2, "write x=1000 or x=1.000"),
    (["x^2", "-s", "x=1,000,000"], 2, "write x=1000000"),
    (["x^2", "-s", "x=1 000"], 2, "write x=1000"),
    (["x^2", "-s", "x=3,"], 2, "write x=3 or x=[3]"),
    (["x^2", "-s", "x=1.000,50"], 2, "write x=1000.50"),
    (["x^2", "-s", "x=1:3"], 2, "write x=arange(1.,3+1)"),
    (["x^2", "-s", "x=1..3"], 2, "write x=arange(1.,3+1)"),
    (["x^2", "-s", "x='3'"], 2, "write x=3"),
    (["sum(x^2)", "-s", "x=arange(1.,3+1)"], 0, "result = 14.0"),
]


@pytest.mark.parametrize(
    ("arguments", "status", "shown"), ARGUMENTS, ids=[" ".join(row[0]) for row in ARGUMENTS]
)
def test_what_the_shell_makes_of_a_line_is_understood(
    gradcli: Gradcli, arguments: list[str], status: int, shown: str
) -> None:
    ran = gradcli("eval", *arguments)
    assert ran.status == status
    assert shown in ran.out + ran.err


# what is shown of a last statement that has no derivative, and what is said of it
SHOWN: list[tuple[list[str], str, str]] = [
    (["x > 2", "-s", "x=3"], "result = True\n", "result is of dtype bool, which has no derivatives"),
    (["y = x^2; n = 5", "-s", "x=3"], "n = 5\n", "n is of dtype int, which has no derivatives; --root y"),
    (["argmax(x)", "-s", "x=[1,3]"], "result = 1\n", "result is of dtype int64"),
    (["x.shape", "-s", "x=3"], "result = []\n", ""),
    (["range(3)"], "result = 'range(0, 3)'\n", ""),
    (["(x^2).grad_fn", "-s", "x=3"], "result = '<PowBackward0>'\n", ""),
    (['{"loss": x^2, "n": 3}', "-s", "x=3"], "result['n'] = 3\ndresult['loss']/dx = 6.0\n", ""),
    (["{x: x^2}", "-s", "x=3"], "result[0] = 9.0\n", ""),
    (["{x, x^2}", "-s", "x=3"], "result[1] = 9.0\ndresult[0]/dx = 1.0\ndresult[1]/dx = 6.0\n", ""),
    (["{1, 2}"], "result = [1, 2]\n", ""),
    (["f = sin"], "", "there is nothing to show: f is a function; call it with a value, as in f(x)"),
    (["torch"], "", "there is nothing to show: torch is a module"),
    (["x.sum", "-s", "x=3"], "", "there is nothing to show: x.sum is a function; call it, as in x.sum()"),
    (["[1, 2] + [3, 4]"], "result = [1, 2, 3, 4]\n", "place by place it is tensor([1, 2]) + tensor([3, 4])"),
    (["(x, [1,2])", "-s", "x=1"], "result[1] = [1, 2]\n", ""),
    (["max(x, 0.5), hypot(3.,4.)", "-s", "x=1"], "result[1] = 5.0\n", ""),
    (["x^2", "-s", "x=True"], "result = 1\n", "x is True, and no number; a number is -s x=1.0"),
    (["param(3.0)^2"], "result = 9.0\n", "what requires grad has no name; give it one, as in x = param(3.0)"),
    (["x = ones(3); sum(x)"], "result = 3.0\n", "leave x out and give -s 'x=ones(3)'"),
    (["print(x^2)", "-s", "x=3"], "x = 3.0\n", "end it with what is to be differentiated"),
    (["sec(0.0)"], "result = 1.0\n", ""),
    (["x^2 + 2,5", "-s", "x=1"], "result[1] = 5\n", "with a decimal point it is x^2 + 2.5"),
    (["1,000,000*x", "-s", "x=1"], "", "without its commas it is 1000000*x"),
]


@pytest.mark.parametrize(("arguments", "shown", "note"), SHOWN, ids=[row[0][0] for row in SHOWN])
def test_a_last_value_of_any_kind_is_shown(
    gradcli: Gradcli, arguments: list[str], shown: str, note: str
) -> None:
    ran = gradcli("eval", *arguments)
    assert ran.status == 0
    assert shown in ran.out
    assert note in ran.err
    if not note:
        assert ran.err == ""
