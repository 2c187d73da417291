"""`gradcli diff`: whole outputs to the letter, for what people ask for first."""

from __future__ import annotations

import gc
import re
import shlex
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.cli import run
from gradcli.formula.asked import Asked
from gradcli.formula.floats import Floats
from gradcli.formula.normal import Sum, scaled
from gradcli.formula.recording import Recording
from gradcli.formula.tree import Expr, apply, number

SQUARES = "'f = sum((X@w - y)**2)' --shape X=n,m --shape w=m --shape y=n"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("'sin(x)*exp(x)'", "dresult/dx = exp(x)*(cos(x) + sin(x))"),
        ("'y = 2*x; z = y**2'", "dz/dx = 8*x"),
        (f"{SQUARES} --wrt w", "df/dw = 2*X.T @ (X@w - y)"),
        (f"{SQUARES} --wrt w --hessian", "d2f/dw2 = 2*X.T @ X"),
        ("'f = -log_softmax(z)[k]' --shape z=n --set k=0", "df/dz = softmax(z) - one_hot(k, n)"),
        ("'log(1+x)' --order 6", "d6result/dx6 = -120/(x + 1)**6"),
        ("'sin(x)*exp(x)' --order 10", "d10result/dx10 = 32*cos(x)*exp(x)"),
        (
            "'log(sum(exp(x)))' --shape x=n --hessian",
            "d2result/dx2 = diag(softmax(x)) - outer(softmax(x), softmax(x))",
        ),
        (
            "'sum(softplus(X@w) - y*(X@w))' --shape X=n,m --shape w=m --shape y=n --wrt w --hessian",
            "d2result/dw2 = X.T @ diag(sigmoid(X @ w)*sigmoid(-X @ w)) @ X",
        ),
        ("'mean(x**2)' --shape x=n", "dresult/dx = 2*x/n"),
        (
            "'mean(x[::3])' --shape x=n",
            "dresult/dx = index_add(zeros(n), 0, arange(0, n, 3), ones(ceil(n/3))/ceil(n/3))",
        ),
        (
            "'sum(cdist(x, x))' --shape x=n,d",  # in which the distances of points to themselves are 0
            (
                "t1 = norm(x[:, None] - x, dim=2)\n"
                "dresult/dx = 2*einsum('kij,ki->kj', x[:, None] - x, 1/where(t1 == 0, inf, t1))"
            ),
        ),
        ("'sum(cdist(x, x)**2)' --shape x=n,d", "dresult/dx = 4*n*x - 4*sum(x, 0)"),
        (
            "'(A.T@x)[0]*(A.T@x)[-1]' --shape A=n,n --shape x=n --wrt x --hessian",
            "d2result/dx2 = outer(A[:, n - 1], A[:, 0]) + outer(A[:, 0], A[:, n - 1])",
        ),
        (
            "'u[0]*std(x)*sum(x[::2])' --shape x=n --shape u=n --wrt u",
            "dresult/du = std(x)*sum(x[::2])*one_hot(0, n)",
        ),
        ("'mean(x[:5]**2)' --shape x=n", "dresult/dx = 2*pad(x[:5], (0, n - 5))/5"),
        ("'mean(x[5:]**2)' --shape x=n", "dresult/dx = 2*pad(x[5:], (5, 0))/(n - 5)"),
        (
            "'a*var(x[::2])' --shape x=n --wrt a",
            "dresult/da = sum((x[::2] - mean(x[::2]))**2)/(ceil(n/2) - 1)",
        ),
        ("'logdet(A)' --shape A=n,n", "dresult/dA = inverse(A).T"),
        ("'x/x'", "dresult/dx = 0/x"),
        ("'y = 2*x; z = y**2' --wrt y", "dz/dy = 2*y"),
        (
            "'sum(relu(linalg.solve(A, x)))' --shape A=n,n --shape x=n --wrt x",
            "dresult/dx = linalg.solve(A.T, where(linalg.solve(A, x) > 0, 1.0, 0.0))",
        ),
        ("'h = tanh(A@x); f = sum(h**2)' --shape A=n,n --shape x=n --wrt h", "df/dh = 2*h"),
        ("'x**3*y**2' --partial x,y --partial x,x,y", "d2result/dxdy = 6*x**2*y\nd3result/dxdxdy = 12*x*y"),
        ("'x + y**2' --wrt x --partial x,y", "d2result/dxdy = 0"),
        ("'t = 2*y; x*sin(t)*exp(y)' --wrt x --partial x,t", "d2result/dxdt = cos(2*y)*exp(y)"),
        ("'t = x*y; t**2 + y' --wrt t --partial t,x", "d2result/dtdx = 2*y"),
        ("'sum(x**3*w)' --shape x=n --shape w=n --wrt x --hvp v", "hvp(result, x, v) = 6*v*w*x"),
        ("'f = u[argmax(x)]' --shape x=n --shape u=n --wrt x --hvp v", "hvp(f, x, v) = zeros(n)"),
        ("'y = A@x' --shape A=m,n --shape x=n --wrt x --jvp v", "jvp(y, v) = A @ v"),
        ("'y = A@x' --shape A=m,n --shape x=n --wrt x --jacobian", "dy/dx = A"),
        ("'y = A@x' --shape A=m,n --shape x=n -g g", "A.grad = outer(g, x)\nx.grad = A.T @ g"),
        ("'y = x**2' --shape x=3 -g [1,2,3]", "x.grad = 2*x*tensor([1.0,2.0,3.0])"),
        ("'a = x**2; b = x*y' --root a,b", "da/dx = 2*x\nda/dy = 0\ndb/dx = y\ndb/dy = x"),
        ("'sin(x), cos(x)'", "dresult[0]/dx = cos(x)\ndresult[1]/dx = -sin(x)"),
        ("'a = x**2; b = x*y' --root a,b -g g", "x.grad = 2*g_a*x + g_b*y\ny.grad = g_b*x"),
        ("'a = x**2; b = x*y' --root a,b -g g -g 3", "x.grad = 2*g*x + 3*y\ny.grad = 3*x"),
        ("'sin(x)' --taylor x=0", "taylor(result, x) = x - x**3/6 + x**5/120  # + O(x**6)"),
        ("'exp(a*x)' --taylor x=0 --order 2", "taylor(result, x) = 1 + a*x + a**2*x**2/2  # + O(x**3)"),
        (
            "'sqrt(x)' --taylor x=a --order 1",
            "taylor(result, x) = sqrt(a) + (x - a)/(2*sqrt(a))  # + O((x - a)**2)",
        ),
        ("'abs(x)' --taylor x=-2 --order 1", "taylor(result, x) = 2 - (x + 2)  # + O((x + 2)**2)"),
        ("'x**3*abs(x)' --taylor x=0 --order 3", "taylor(result, x) = 0  # + O(x**4)"),
        (
            "'sin(x)' --taylor x=pi/2 --order 2",
            "taylor(result, x) = 1 - (x - pi/2)**2/2  # + O((x - pi/2)**3)",
        ),
        (
            "'m*c**2/sqrt(1 - v**2/c**2)' --taylor v=0",
            "taylor(result, v) = c**2*m + m*v**2/2 + 3*m*v**4/(8*c**2)  # + O(v**6)",
        ),
        ("'x*tanh(x/a)' --taylor x=0 --order 3", "taylor(result, x) = x**2/a  # + O(x**4)"),
        ("'log(x)' --taylor x=e --order 1", "taylor(result, x) = 1 + (x - e)/e  # + O((x - e)**2)"),
        ("'z = sigmoid(x); f = z**2 + cos(z)'", "z = sigmoid(x)\ndf/dx = z*(1 - z)*(2*z - sin(z))"),
        ("'x**2*y/64' --wrt x", "dresult/dx = x*y/32"),
        ("'0.05*x**2'", "dresult/dx = x/10"),
        ("'0.025*x**2'", "dresult/dx = 0.05*x"),
        ("'y*nan_to_num(x, posinf=0)' --wrt y", "dresult/dy = nan_to_num(x, None, 0, None)"),
        ("'y*nan_to_num(x, 0)' --wrt y", "dresult/dy = nan_to_num(x)"),
        ("'x*sin(x)' --simplify none", "dresult/dx = sin(x) + x*cos(x)"),
        ("'x*sin(x)' --simplify none --order 2", "d2result/dx2 = (cos(x) + cos(x)) + x*(-sin(x))"),
    ],
)
def test_the_formula_is_short(command: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (run(["diff", *shlex.split(command)]), *capsys.readouterr()) == (0, f"{expected}\n", "")


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        ("'A @ b' --shape A=n,m --shape b=n", 3, "A is [n, m], b is [n]"),
        ("'sum(X[0]@w)' --shape w=m", 3, "X is a number here: declare dims with --shape X=n"),
        ("'X@w' --wrt w", 3, "X and w are numbers here: declare dims with --shape X=n"),
        ("'x' --as klingon", 2, "'klingon' is not one of gradcli, latex"),
        ("'x' --hvp 3", 2, "'3' is no name"),
        ("'x**2' --hvp x", 3, "the direction cannot be called x: the program has another x"),
        ("'x**2' --weights x", 3, "the weights cannot be called x"),
        ("'x**2' --weights [1,2]", 4, "Mismatch in shape"),
        ("'x**2' --hessian --jacobian", 3, "one kind of derivative at a time, not hessian and jacobian"),
        ("'sum(x)' --shape x=n,,m", 3, "not ''"),
        ("'sum(x)' --shape x=-2", 3, "a dim of x is -2, and no size is below 0"),
        ("'foo(x)'", 3, "foo"),
        ("'y = x.item()*x; y'", 3, "reads values while it runs"),
        ("'sum(X@w)' --shape X=n,m --set w=[1,2,3]", 3, "X is [n, m]"),
        ("'sum(x*y)' --shape x=n --shape y=m", 3, "x is [n], y is [m]"),
        ("'2 + 3'", 4, "no name to differentiate"),
        ("'x**2' --shape x=n", 4, "[n]"),
        ("'2*'", 3, "expected an expression"),
        ('"f(x)=x^3; f\'"', 4, "the program calls backward itself, by .backward(), grad or f'"),
        ('"f(x)=x^3; f\'"', 4, "hint: write f(x)=x^3; d/dx f(x)"),
        ('"g(u)=u^2; f(x)=g(x); f\'(x)"', 4, "hint: write g(u)=u^2; f(x)=g(x); d/dx f(x)"),
        ("\"'a'\"", 4, "nothing that the last statement gives has a gradient"),
        ("'print(x)'", 4, "the last statement has no value"),
        ("'sum(x)' --shape x=n-1", 3, "n-1"),
        (
            "'1/(exp(a*x) - 1)' --taylor x=0",
            3,
            "no Taylor series in x at 0: a derivative is not finite there",
        ),
        ("'log(x)' --taylor x=0", 3, "there is no Taylor series in x at 0"),
        ("'abs(x)' --taylor x=0", 3, "no Taylor series in x at 0: a derivative jumps there"),
        ("'where(x > a, x, x**2)' --taylor x=a", 3, "no Taylor series in x at a: a derivative jumps there"),
        ("'sum((x - m)**2)' --shape x=n --shape m=n --shape X=n,m", 3, "m is a size, and has a shape itself"),
        ("'e**2' --wrt e", 3, "e is 2.718 until it is set: --set e=…"),
        ("'sum(x)' --shape x=n --taylor x=0", 3, "a scalar in a scalar"),
        ("'x' --taylor 3", 2, "'3' is not NAME=VALUE, such as x=0"),
        ("'a = x; b = x; c = x' --root a,b,c -g g -g g", 4, "got 3 roots and 2 gradient weights"),
        ("'x*y' --shape x=n --shape y=m --weights ones", 3, "x is [n], y is [m]"),
        ("'y = x\nfor i in range(1000000):\n    y = y*x\nz = y'", 5, "unrolled up to 100000 turns"),
    ],
)
def test_what_cannot_be_is_one_error(
    command: str, status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", *shlex.split(command)]) == status
    out, err = capsys.readouterr()
    assert (out, says in err) == ("", True), err


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("x*sum(ones(2000, 2000))", "a tensor of shape [2000, 2000] would take"),
        ("y = x\nfor i in range(700):\n    y = sin(y)*cos(y) + x*y\ny", "the formula would take"),
    ],
    ids=["what the program makes", "what it means"],
)
def test_memory_is_limited(program: str, says: str) -> None:
    """In a process of its own: one that has run other tests has memory to use again, and need not grow."""
    command = [sys.executable, "-m", "gradcli", "diff", program, "--max-memory", "10M"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 5
    assert says in ran.stderr


OWN = """
def slope(x, y, grad):
    return grad*2*x
@backward(slope)
def square(x):
    return x*x
"""
FUNCTION = """
import torch
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3
    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 3*x**2*grad
"""


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (f"{OWN}square(t)*u", "dresult/dt = 2*t*u\ndresult/du = t**2"),
        (f"{FUNCTION}f = Cube.apply(x)", "df/dx = 3*x**2"),
        ("def f(x):\n    return x**2 + 1\nf(t)*3", "dresult/dt = 6*t"),
        ("y = x\nfor i in range(3):\n    y = y*x\nz = y", "dz/dx = 4*x**3"),
        ("f = where(x > 0, x**2, 0)", "df/dx = where(x > 0, 2*x, 0)"),
    ],
)
def test_own_gradients_functions_and_loops(
    program: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (run(["diff", program]), *capsys.readouterr()) == (0, f"{expected}\n", "")


def test_a_program_that_decides_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "if x > 0:\n    y = x**2\nelse:\n    y = -x\nz = y"]) == 0
    out, err = capsys.readouterr()
    assert out == "dz/dx = 2*x\n"
    assert "this is the path that it takes at x = 0.5" in err


def test_what_has_no_value_at_a_point_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "norm(x)", "--shape", "x=n"]) == 0
    assert capsys.readouterr() == (
        "dresult/dx = x/norm(x)\n",
        "note: where norm(x) is 0 this has no value, and eval gives 0\n",
    )


@pytest.mark.parametrize(
    ("program", "note"),
    [
        ("x**n", "note: this has no value at x = n = 0, and eval gives 0\n"),
        ("1/(1/a + b)", "note: where a is 0 eval has no value, and this may have one\n"),
        (
            "x*asin(x) + sqrt(1 - x**2)",
            "note: where sqrt(1 - x**2) is 0 eval has no value, and this may have one\n",
        ),
        ("log(sqrt(x))", "note: where x is below 0 eval has no value, and this may have one\n"),
        (
            "tanh(log(x))",
            (
                "note: where x is below 0 eval has no value, and this may have one\n"
                "note: where x is 0 eval has no value, and this may have one\n"
            ),
        ),
        ("x**2*log(x)", ""),
        ("log((1 + x)/(1 - x))", ""),
        ("x/sqrt(abs(x))", ""),
        ("sqrt(x**2)", ""),
        ("softplus(x)", ""),
        ("abs(x)*x", ""),
    ],
)
def test_a_difference_where_inputs_are_zero_is_told(
    program: str, note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", program, "--wrt", "a" if "a +" in program else "x"]) == 0
    assert capsys.readouterr().err == note


def test_a_quotient_that_may_be_zero_over_zero_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "sum(x)*norm(u)/norm(u)", "--shape", "x=n", "--shape", "u=n", "--wrt", "x"]) == 0
    assert capsys.readouterr().out == "dresult/dx = norm(u)*ones(n)/norm(u)\n"
    assert run(["diff", "norm(u)**2", "--shape", "u=n"]) == 0
    assert capsys.readouterr() == ("dresult/du = 2*u\n", "")


def test_steps_tell_rules_and_laws(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "y = x**2; z = sin(y)*exp(y)", "--steps"]) == 0
    assert capsys.readouterr().out == (
        "# y = x**2\n"
        "# v1 = sin(y)\n"
        "# v2 = exp(y)\n"
        "# z = v1*v2\n"
        "# product rule: g_v1 = v2, g_v2 = v1\n"
        "# chain rule, exp: d/dx = result: g_y = g_v2*v2\n"
        "# chain rule, sin: d/dx = cos(x): g_y = g_y + g_v1*cos(y)\n"
        "# power rule: g_x = 2*g_y*x\n"
        "# without laws: dz/dx = (exp(x**2)*cos(x**2) + sin(x**2)*exp(x**2))*(2*x)\n"
        "# law: a*b + a*c = a*(b + c)\n"
        "dz/dx = 2*x*exp(x**2)*(cos(x**2) + sin(x**2))\n"
    )


def test_steps_of_a_norm(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "norm(x)", "--shape", "x=n", "--steps"]) == 0
    assert capsys.readouterr().out.endswith("dresult/dx = x/norm(x)\n")


def test_steps_through_matrices(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "f = logdet(A @ A.T)", "--shape", "A=n,n", "--steps"]) == 0
    out = capsys.readouterr().out
    assert "chain rule, matmul: dA = g @ B.T, dB = A.T @ g" in out
    assert out.endswith("df/dA = 2*inverse(A).T\n")


@pytest.mark.parametrize(
    "program",
    [
        "layer_norm(x, [n])",
        "x/sqrt(mean(x**2) + 1e-6)",
        "log(1 + x @ x)*x",
        "x/(1 + sum(abs(x)))",
        "x/(1 + x[0]**2)",
    ],
)
def test_what_is_never_zero_is_not_told_of(program: str) -> None:
    assert gradcli.diff(program, shapes={"x": "n"}, weights="g").notes == ()


def test_names_of_parts_are_not_the_program_s() -> None:
    """A program that calls its own parts t1, t2 … has them beside those that the formula needs."""
    lines = ["t0 = x", *[f"t{at + 1} = t{at}*(1 + exp(-t{at}))" for at in range(12)]]
    derivative = gradcli.diff("\n".join(lines), "x")
    assert derivative.notes == ()
    names = [line.name for line in derivative.formula.lines]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "step",
    ["(t{0} + y)**2/(1 + t{0}**2)", "sin(t{0})*cos(t{0}) + tan(t{0})/9", "sqrt(1 + t{0}**2/(1 + exp(t{0})))"],
)
def test_long_programs_do_not_swell(step: str) -> None:
    """What holds itself again and again is neither multiplied out nor written out in notes."""

    def length(count: int) -> int:
        lines = ["t0 = x", *[f"t{at + 1} = {step.format(f'{at}')}" for at in range(count)]]
        derivative = gradcli.diff("\n".join(lines), "x")
        return len(derivative.text) + sum([len(note) for note in derivative.notes])

    one = length(15)
    assert length(45) < 4 * one < 30_000


@pytest.mark.parametrize(
    ("program", "shapes", "question", "expected"),
    [
        # a mean of a choice between whole numbers is one of floats
        (
            "f = mean((a - x)*where(a > x, x, a))",
            {"x": "n"},
            {"hessian": True},
            "d2f/da2 = 2*mean(where(a > x, 0.0, 1.0))",
        ),
        # a number that everybody knows over a size
        ("f = mean(erf(where(x > x, 2*x, u)))", {"x": "n", "u": "n"}, {"wrt": "u"}, "sqrt(pi)"),
    ],
)
def test_means(program: str, shapes: dict[str, str], question: dict[str, Any], expected: str) -> None:
    derivative = gradcli.diff(program, shapes=shapes, **question)
    assert expected in derivative.text
    assert derivative.notes == ()


def test_variances_of_rows_are_means_of_squared_differences() -> None:
    """mean(X**2, 1) - mean(X, 1)**2 is as short, and has no digits where rows are far from 0."""
    found = gradcli.diff("f = sum(U*layer_norm(X, [m]))", "X", {"X": "n,m", "U": "n,m"})
    assert found.text == (
        "t1 = mean(X, 1)[:, None]\n"
        "t2 = mean((X - t1)**2, 1) + 1e-05\n"
        "df/dX = (U + (t1 - X)*(mean(U*(X - t1), 1)/t2)[:, None] - mean(U, 1)[:, None])/sqrt(t2)[:, None]"
    )


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("sum(where(log(b) > x - x, a, u))*sum(u)", "n*where(log(b) > 0, sum(u), 0)"),
        ("sum(where(b + x - x > a, a*u, 0))", "where(b > a, sum(u), 0)"),
    ],
)
def test_a_condition_that_is_the_same_for_all_elements(program: str, expected: str) -> None:
    """Its sum over them counts them: for b below 1 both are 0, where two of three points were tried."""
    found = gradcli.diff(program, "a", {"x": "n", "u": "n"}, expand=True)
    assert (found.text.partition(" = ")[2], found.notes) == (expected, ())


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("f = sum(x[x > 0]**2)", "df/dx = 2*x"),
        ("f = mean(masked_select(x, x > 0))", "df/dx = ones(n)/n"),
        ("m = x > 0; f = sum(x[m]*y[m])", "df/dx = y"),
        ("f = sum(x[x > 0.7])", "df/dx = zeros(n)"),
    ],
)
def test_what_a_mask_takes_is_assumed_and_said(program: str, expected: str) -> None:
    found = gradcli.diff(program, "x", {name: "n" for name in "xy" if name in program})
    assert found.text == expected
    assert "the program decides by its data: this is the path that it takes at x = 0.5" in found.notes[0]
    assert gradcli.diff("f = sum(exp(x[~isnan(x)]))", "x", {"x": "n"}).notes == ()  # whatever x is


@pytest.mark.parametrize("expand", [False, True])
def test_what_stands_below_a_line_by_a_name_is_seen_there(expand: bool) -> None:
    found = gradcli.diff("f = sum(sqrt(sum((X - c)**2, 1)))", None, {"X": "n,m", "c": "m"}, expand=expand)
    assert ("t1 = sqrt(" in found.text, found.notes) == (not expand, ())


def test_places_that_a_slice_took_are_indices_in_pytorch_too() -> None:
    written = gradcli.diff("f = sum(x[::2]**2)", "x", {"x": "n"}).write("torch")
    assert "torch.index_add(torch.zeros(n, dtype=x.dtype), 0, torch.arange(0, n, 2), x[::2])" in written


def test_the_length_of_nothing_is_0() -> None:
    found = gradcli.diff("f = sum(normalize(atan(x - x), dim=0))", "x", {"x": "n"})
    assert (found.text, found.notes) == ("df/dx = zeros(n)", ())


def test_a_number_of_the_program_is_no_size_where_a_choice_hides_it() -> None:
    found = gradcli.diff("f = sum(maximum(A @ x, a + 29))", "x", {"A": "n,n", "x": "n"}, expand=True)
    assert "a + 29" in found.text
    assert "(n" not in found.text


@pytest.mark.parametrize("number", ["59", "0.29", "1.59", "2.95"])
def test_a_number_is_not_taken_for_a_size(number: str) -> None:
    """Named sizes stand for primes while a program is recorded, and a number may be a multiple of one."""
    found = gradcli.diff(f"f = {number}*sum(u*x) + mean(u@X)", "x", {"x": "n", "u": "n", "X": "n,m"})
    assert found.text == f"df/dx = {eval(number)}*u"
    assert "n" not in gradcli.diff(f"f = {number}*sum(x)", "x", {"x": "n"}, simplify=False).text.split("*")


def test_a_positive_part_that_is_summed_is_not_the_condition() -> None:
    """A @ relu(x) has elements that are not 0 where x is below it."""
    shapes = {"A": "n,n", "x": "n"}
    found = gradcli.diff("f = sum((A @ relu(x))**2)", "x", shapes)
    assert found.text == "df/dx = 2*where(x > 0, A.T @ A @ relu(x), 0)"
    assert gradcli.diff("f = relu(x) @ relu(x)", "x", {"x": "n"}).text == "df/dx = 2*relu(x)"


def test_poles_that_cancelled_stand_in_a_hessian() -> None:
    found = gradcli.diff("f = sqrt(1 + u@x)**2", "x", {"u": "n", "x": "n"}, hessian=True)
    assert found.text == "d2f/dx2 = 0*ones(n, n)/sqrt(u@x + 1)**2"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            "x@A@x/(x@B@x)",
            (
                "outer((B + B.T) @ x, (x @ A @ x*(B + B.T) - x @ B @ x*(A + A.T)) @ x)/(x @ B @ x)**3 + "
                "outer((x @ A @ x*(B + B.T)/(x @ B @ x) - A - A.T) @ x, (B + B.T) @ x)/(x @ B @ x)**2 + "
                "(A + A.T - x @ A @ x*(B + B.T)/(x @ B @ x))/(x @ B @ x)"
            ),
        ),
        ("log(x@A@x)", "(A + A.T)/(x @ A @ x) - outer((A + A.T) @ x, (A + A.T) @ x)/(x @ A @ x)**2"),
        ("-sum(u*log_softmax(x))", "sum(u)*(diag(softmax(x)) - outer(softmax(x), softmax(x)))"),
    ],
)
def test_numbers_stand_in_front_of_matrices(program: str, expected: str) -> None:
    shapes = {"x": "n", "u": "n", "A": "n,n", "B": "n,n"}
    read = {name: dims for name, dims in shapes.items() if re.search(rf"\b{name}\b", program)}
    found = gradcli.diff(program, "x", read, hessian=True, expand=True)
    assert found.text == f"d2result/dx2 = {expected}"


def test_a_long_hessian_is_that_of_the_simplified_gradient() -> None:
    found = gradcli.diff("f = prod(x)", "x", {"x": "n"}, hessian=True, expand=True)
    assert found.text == "d2f/dx2 = prod(x)*(1/x[:, None] - eye(n)/x)/x"
    value = np.array([0.5, -1.5, 2.0])
    expected = gradcli.evaluate("f = prod(x)", {"x": value}, wrt=["x"], hessian=True).hessian["x"]["x"]
    assert np.allclose(found(x=value), expected)


def test_all_terms_of_a_sum_may_have_cancelled() -> None:
    assert gradcli.diff("f = (a/x - a/x + b/y - b/y)*c", "c").text == "df/dc = 0/x + 0/y"


def test_a_formula_of_numbers_that_differs_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs by more than rounding is not taken for rounding, whatever the program has for inputs."""
    meaning = Asked._meaning
    monkeypatch.setattr(Asked, "_meaning", lambda *args: scaled(meaning(*args), 2))
    for program in ("y*x**2", "x*sin(x)", "sum(x*u)"):
        shapes = {"x": "n", "u": "n"} if "sum" in program else {}
        found = gradcli.diff(program, "x", shapes)
        assert any("not simplified, since what was found differs" in note for note in found.notes), program


def test_the_root_of_a_square_has_its_number() -> None:
    assert gradcli.diff("y*(x**2/100 + x/50 + 1/100)", "y").text == "dresult/dy = 0.01*(x + 1)**2"
    assert gradcli.diff("y*(a*x**2/4 + a*x/2 + a/4)", "y").text == "dresult/dy = a*(x + 1)**2/4"


def test_both_sides_of_a_choice_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Recording.read

    def wrong(self: Recording, value: Sum) -> Expr:
        tree = read(self, value)
        return apply("where", *tree.args[:2], number(3)) if tree.op == "where" else tree

    monkeypatch.setattr(Recording, "read", wrong)
    for condition in ("x > 0.2", "x > y", "x < 0.9"):
        found = gradcli.diff(f"f = where({condition}, sin(x), x**3)", "x")
        assert any("not simplified" in note for note in found.notes), condition


def test_a_condition_may_be_of_a_number_where_arrays_are_compared() -> None:
    found = gradcli.diff("f = sum(where(x - s > s + x, sin(u), u*x))", "u", {"x": "n", "u": "n"})
    assert found.text == "df/du = where(s < 0, 0, x) + where(s < 0, cos(u), 0)"
    assert found.notes == ()


def test_what_moves_one_element_is_no_diagonal() -> None:
    found = gradcli.diff("f = u @ roll(x, 1)", "x", {"u": "n", "x": "n"})
    assert found.text == "df/dx = roll(u, -1)"


@pytest.mark.parametrize("command", ["diff", "check"])
def test_an_input_has_one_shape(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "sum(x)", "--shape", "x=n", "--shape", "x=m"]) == 2
    assert "option --shape: x is given twice\n" in capsys.readouterr().err


def test_what_counts_half_at_a_tie() -> None:
    """Where two sides of a maximum are equal, each has half of the gradient: that of a hinge is short."""
    assert gradcli.diff("maximum(0, x)").text == "dresult/dx = sign(x)/2 + 1/2"
    hinge = gradcli.diff("sum(maximum(0, 1 - y*(X@w)))", "w", {"X": "n,m", "y": "n", "w": "m"}, expand=True)
    assert hinge.text == "dresult/dw = -X.T @ (y*(sign(1 - y*(X @ w)) + 1))/2"
    far = gradcli.diff("maximum(0, log(x))").text  # at 0 its derivative is infinite, and is not taken
    assert far == "dresult/dx = where(log(x) < 0, 0, where(log(x) == 0, 1/2, 1)/x)"


OWN = "def f(x):\n    return x**3\n@backward(f)\ndef b(g, x):\n    return {0}\n"
TWO = """import torch
class Two(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x*y, torch.sin(x)
    @staticmethod
    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        return g*y + h*torch.cos(x), g*x
a, b = Two.apply(x, y)
z = a*b"""


@pytest.mark.parametrize(
    ("program", "order", "formula"),
    [
        (OWN.format("7*x*g") + "y = f(x)**2", 1, "dy/dx = 14*x**4"),
        (OWN.format("3*x**2*g") + "y = sin(f(x))", 2, "d2y/dx2 = 6*x*cos(x**3) - 9*x**4*sin(x**3)"),
        (TWO, 1, "dz/dx = x*y*cos(x) + y*sin(x)\ndz/dy = x*sin(x)"),
        ("x.detach()*x**2", 1, "dresult/dx = 2*x**2"),
        ("import torch\nwith torch.no_grad():\n    s = x**2\ny = s*x", 1, "dy/dx = x**2"),
    ],
)
def test_what_has_a_gradient_of_its_own_goes_on(program: str, order: int, formula: str) -> None:
    """Values that no history leads to are the formulas that they were computed by."""
    assert gradcli.diff(program, order=order, expand=True).text == formula


def test_each_of_several_roots_has_a_domain_of_its_own() -> None:
    found = gradcli.diff("y = x**2/x; z = sqrt(x)*x**2", roots=["y", "z"])
    assert found.text == "dy/dx = x*(2 - x/x)/x\ndz/dx = 5*x*sqrt(x)/2"


def test_a_named_size_is_found_in_the_tape_as_well() -> None:
    assert gradcli.diff("mean(x**2)", shapes={"x": "n"}, simplify=False).text == "dresult/dx = 2/n*x"


def test_two_choices_are_added_to_the_one_that_they_make() -> None:
    program = "5*y*where(x > 0, 1, 2) + where(x > 0, y, 0) + where(x > 0, 0, 2*y)"
    found = gradcli.diff(program, "y")
    assert (found.text, found.notes) == ("dresult/dy = 6*where(x > 0, 1, 2)", ())


def test_a_choice_between_two_zeros_is_zero() -> None:
    """A Hessian's blocks that are 0 have a formula, by names that are only compared as well."""
    found = gradcli.diff(
        "sum(log2(where(u > a, a, x)**2 + 1))", shapes=dict.fromkeys("uax", "n"), hessian=True
    )
    assert "d2result/dadu = zeros(n, n)" in found.text


@pytest.mark.parametrize(("dims", "times"), [("n", "n"), ("n,m", "m*n"), ("n,n", "n**2")])
def test_known_numbers_times_named_sizes(dims: str, times: str) -> None:
    """A constant beside a sum over named dims is one number in the tape."""
    found = gradcli.diff("sum(erf(a) - x)", "a", {"x": dims})
    assert found.text == f"dresult/da = 2*{times}*exp(-a**2)/sqrt(pi)"


def test_sizes_have_no_variables_in_c() -> None:
    """A size such as n**2 that only says how large something is would be one that nothing reads."""
    program = "p = logdet(A)\nf = x[1:] @ x[:-1]*p + p"
    assert "pow((double)n" not in gradcli.diff(program, shapes={"x": "n", "A": "n,n"}, hessian=True).write(
        "c"
    )


def test_a_point_without_a_series_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "sqrt(x)", "--taylor", "x=0"]) == 3
    assert "there is no Taylor series in x at 0: a derivative is not finite there" in capsys.readouterr().err


def test_long_chains_of_quotients_neither_swell_nor_nest_too_deep() -> None:
    """Each line uses the one before four times, and divides by it."""

    def length(count: int) -> int:
        lines = [f"t{at + 1} = sin(t{at})*cos(t{at}) + t{at}**2/(t{at} + 1)" for at in range(count)]
        return len(gradcli.diff("\n".join(["t0 = x", *lines]), "x").text)

    assert length(240) < 2.5 * length(120)


@pytest.mark.parametrize(
    "formula",
    [
        "exp(x)*(cos(x) + sin(y)) - 2**-x/3",
        "x/y + (x - x)/(y - y) + log(0*x)",
        "sqrt(-x) + (-y)**(1/3) + 1/(x - x)",
        "x**y**2*pi - e*tanh(-x**2)/hypot(x, y)",
        "t1 = x*y; u = -t1 + 3e-5; 1e200**x*1e200*u*t1",
        "exp(1000*x) - abs(y - 2)**0.5",
    ],
)
def test_formulas_of_numbers_are_what_eval_makes_of_them(formula: str) -> None:
    """For the proof they are computed without a tape."""
    *first, last = formula.split("; ")
    text = "\n".join([*first, f"result0 = {last}"])
    floats = Floats.of(text, ("x", "y"))
    assert floats is not None
    for x, y in ((0.3, 1.7), (1.2, 2.0), (0.0, 0.0), (-0.5, 3.0)):
        with np.errstate(all="ignore"):
            found = floats.at({"x": x, "y": y})
        expected = gradcli.evaluate(text, {"x": x, "y": y}, wrt=[]).values["result0"]
        assert found["result0"] == pytest.approx(float(expected), rel=1e-14, nan_ok=True), (x, y)


@pytest.mark.parametrize("formula", ["where(x > 0, x, 1)", "sum(x)", "x.T", "t[0]", "x @ x", "sin(x, out=x)"])
def test_other_formulas_are_no_formulas_of_numbers(formula: str) -> None:
    assert Floats.of(f"result0 = {formula}", ("x",)) is None


def test_no_question_leaves_work_for_the_garbage_collector() -> None:
    """A cycle would hold the whole of a question until the collector comes, whose looks take long then."""
    programs = ("x**n", "x/(1 + x)", "log(x)*sqrt(x)")
    for each in programs:
        gradcli.diff(each, "x")
    gc.collect()
    for each in programs:
        gradcli.diff(each, "x")
    assert gc.collect() == 0


@pytest.mark.parametrize(
    ("program", "shapes", "order", "expected"),
    [
        ("std(x)", {"x": "1"}, 1, "nan*ones(1)"),
        ("(x - x)**(-1)", {}, 2, "nan"),
        ("x/0", {}, 1, "inf"),
        ("-sum(x)/0", {"x": "n"}, 1, "-inf*ones(n)"),
        ("log(x - 100)", {}, 1, "1/(x - 100)"),
        ("sqrt(x - 100)", {}, 1, "1/(2*sqrt(x - 100))"),
    ],
)
def test_what_has_no_gradient_anywhere_has_none_in_its_formula(
    program: str, shapes: dict[str, str], order: int, expected: str
) -> None:
    found = gradcli.diff(program, "x", shapes, order=order)
    assert found.text.partition(" = ")[2] == expected
    size = {"1": (1,), "n": (3,), "": ()}[shapes.get("x", "")]
    value = np.full(size, 2.5) if size else 2.5
    again = gradcli.evaluate(program, {"x": value}, wrt=["x"], order=order if order > 1 else None)
    right = again.grads["x"] if order == 1 else again.orders["x"][-1]
    assert np.array_equal(np.asarray(found(x=value)), right, equal_nan=True)


def test_infinity_and_nan_are_no_inputs_in_other_syntaxes() -> None:
    found = gradcli.diff("sum(x)/0", shapes={"x": "n"})
    assert "return np.inf*np.ones(n)" in found.write("numpy")
    assert "def derivative(x):" in found.write("torch")
    assert "INFINITY*1.0" in found.write("c")
    assert r"\infty" in found.latex


def test_macros_of_c_are_no_names_of_inputs() -> None:
    text = gradcli.diff("INFINITY*NAN").write("c")
    assert "derivative(double INFINITY_, double NAN_," in text


@pytest.mark.parametrize(
    ("program", "dims", "expected"),
    [
        ("mean(A.T)*mean(A + B.T)", "n,n", "2*ones(n, n, n, n)/n**4"),
        ("mean(A)*mean(A + B)", "n,m", "2*ones(n, m, n, m)/(m**2*n**2)"),
    ],
)
def test_powers_of_sizes_are_found_in_small_numbers(program: str, dims: str, expected: str) -> None:
    found = gradcli.diff(program, "A", {"A": dims, "B": dims}, hessian=True)
    assert found.text == f"d2result/dA2 = {expected}"


@pytest.mark.parametrize(
    ("program", "note"),
    [
        ("xy", "xy is one name; if that is not meant, write x*y"),
        ("sinx", "sinx is one name; if that is not meant, write sin(x)"),
        ("mx+b", "mx is one name; if that is not meant, write m*x, as in m*x+b"),
        (
            "ax^2+bx+c",
            "ax and bx are one name each; if that is not meant, write a*x, as in a*x^2+b*x+c",
        ),
        ("xsin2x", "xsin2x is one name; if that is not meant, write x*sin(2*x)"),
        (
            "sinx+cosx",
            "sinx and cosx are one name each; if that is not meant, write sin(x), as in sin(x)+cos(x)",
        ),
        ("n + x + xn", "xn is one name; if that is not meant, write x*n, as in n + x + x*n"),
        ("2*xlnx", "xlnx is one name; if that is not meant, write x*log(x), as in 2*x*log(x)"),
        ("1 / xy^2", "xy is one name; if that is not meant, write x*y, as in 1 / (x*y^2)"),
    ],
)
def test_names_that_may_be_two_are_told(program: str, note: str) -> None:
    found = gradcli.diff(program)
    assert found.notes == (note,)
    *_, line = note.split(" as in ") if " as in " in note else note.split(" write ")
    assert gradcli.diff(line).notes == ()


def test_a_variable_before_a_power_of_e_is_told() -> None:
    note = "xe is one name; if that is not meant, write x*e, as in x*e^(2*x)"
    assert note in gradcli.diff("xe^(2*x)").notes
    assert gradcli.diff("x*e^(2*x)").text == "dresult/dx = e**(2*x)*(2*x + 1)"


@pytest.mark.parametrize(("program", "number"), [("r + 2*Pi", "pi"), ("E^x", "e"), ("PI*r^2", "pi")])
def test_a_number_under_another_name_is_told(program: str, number: str) -> None:
    notes = gradcli.diff(program).notes
    assert any(each.endswith(f"is an input; if the number is meant, write {number}") for each in notes)
    assert not any("is an input" in each for each in gradcli.diff("E + m*c^2").notes)


@pytest.mark.parametrize(
    ("program", "derivative"),
    [
        ("f = lambda t: t**2; f(x)", "dresult/dx = 2*x"),
        ("sum([t*x for t in range(3)])", "dresult/dx = 3"),
        ("def f(x):\n    t = x**2\n    return t*x\nf(x)", "dresult/dx = 3*x**2"),
        ("def f(x): return t*x\nf(x)", "dresult/dx = t\ndresult/dt = x"),
        ("t*x + sum([t*x for t in range(3)])", "dresult/dt = x\ndresult/dx = t + 3"),
    ],
)
def test_what_a_function_calls_t_is_no_input(program: str, derivative: str) -> None:
    assert gradcli.diff(program).text == derivative


@pytest.mark.parametrize(
    "program", ["vx**2 + vy**2", "x*sin(th)", "mu*x", "(x + dx)**2", "mx = 2*b\nmx + kx"]
)
def test_other_names_are_one(program: str) -> None:
    assert gradcli.diff(program).notes == ()


def test_a_name_that_was_given_is_meant() -> None:
    assert gradcli.diff("mx + b", "mx").notes == ()
    assert gradcli.diff("sum(mx)", shapes={"mx": "n"}).notes == ()
