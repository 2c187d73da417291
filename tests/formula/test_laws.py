"""Each law where it holds, and beside it where its condition fails: there the formula stays as it is."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.derivatives.kinds import KINDS
from gradcli.formula.digits import meant
from gradcli.formula.reading import WORDS
from gradcli.formula.rules.choices import CONVENTIONS
from gradcli.formula.tree import apply, number, symbol, walk
from gradcli.formula.turning import opposite
from rows import by_rows

VECTORS = {"x": "n", "y": "n", "u": "n", "e": "n"}
MATRICES = {"A": "n,n", "B": "n,n", "C": "n,n", "x": "n"}


def derivative(program: str, wrt: str, shapes: dict[str, str]) -> str:
    """The formula alone."""
    names = set(re.findall(r"[A-Za-z_]\w*", program))
    read = {name: dims for name, dims in shapes.items() if name in names}
    return gradcli.diff(program, wrt, read, expand=True).text.partition(" = ")[2]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        # x/x is 1 where x cannot be 0, or beside a term that has no value there
        ("y*x/x", "x/x"),
        ("y*(x**2 - 1)/(x**2 - 1)", "(x**2 - 1)/(x**2 - 1)"),
        ("y*(x**2 + 1)/(x**2 + 1)", "1"),
        ("y*exp(x)/exp(x)", "1"),
        ("y*cosh(x)/cosh(x)", "1"),
        ("y*hypot(x, 1)/hypot(x, 1)", "1"),
        ("y*hypot(x, u)/hypot(x, u)", "hypot(x, u)/hypot(x, u)"),
        ("y*x/x**2", "1/x"),
        ("y*(log(x) + x/x)", "log(x) + 1"),
        ("y*(log(1 - x) + x/x)", "log(1 - x) + x/x"),
        ("y/x - y/x", "0/x"),
        # what a quotient below a line is made of
        ("y*x/(x/a)", "a"),
        ("y*x/(x*a)", "x/(a*x)"),
        ("y*x/(u/a)", "a*x/u"),
        # roots, logarithms, exponentials keep where they have a value
        ("y*sqrt(x)**2", "sqrt(x)**2"),
        ("y*sqrt(x**2)", "sqrt(x**2)"),
        ("y*exp(log(x))", "exp(log(x))"),
        ("y*log(exp(x))", "log(exp(x))"),
        ("y*expm1(x)", "expm1(x)"),
        # trigonometric and hyperbolic
        ("y*sin(x)**2 + y*cos(x)**2", "1"),
        ("y*sin(x)**2 - y*cos(x)**2", "-cos(2*x)"),
        ("y*sin(x)**2 - 2*y*cos(x)**2", "sin(x)**2 - 2*cos(x)**2"),
        ("y*sin(x)**2 + y*cos(u)**2", "cos(u)**2 + sin(x)**2"),
        ("y*cosh(x)**2 - y*sinh(x)**2", "1"),
        ("y*sin(x)/cos(x)", "tan(x)"),
        ("y*cos(x)/sin(x)", "cos(x)/sin(x)"),
        ("y*sin(x)/cos(u)", "sin(x)/cos(u)"),
        ("y*(1 - cosh(x)**2/sinh(x)**2)", "-1/sinh(x)**2"),
        ("y*(1 - cosh(x)**2/sinh(u)**2)", "1 - cosh(x)**2/sinh(u)**2"),
        ("y*sin(pi*x/u)*cos(pi*x/u)", "sin(2*pi*x/u)/2"),
        ("y*sinh(x)/cosh(x)", "tanh(x)"),
        ("y*(1 - cos(x)**2)", "sin(x)**2"),
        ("y*(cosh(x)**2 - 1)", "sinh(x)**2"),
        ("y*(1 + sin(x)**2)", "sin(x)**2 + 1"),
        ("y*(1 - sin(x))", "1 - sin(x)"),
        ("y*sin(-x)", "-sin(x)"),
        ("y*cos(-x)", "cos(x)"),
        ("y*exp(-x)", "exp(-x)"),
        # sigmoid and softmax
        ("y/(1 + exp(x))", "sigmoid(-x)"),
        ("y/(2 + exp(x))", "1/(exp(x) + 2)"),
        ("y*exp(x)/(1 + exp(x))", "sigmoid(x)"),
        ("y*exp(a)/(exp(a) + exp(b))", "sigmoid(a - b)"),
        ("y*exp(a)/(exp(u) + exp(b))", "exp(a)/(exp(b) + exp(u))"),
        ("y*exp(x)/(exp(x) + exp(-x))", "sigmoid(2*x)"),
        ("y*exp(-x)/(exp(x) + exp(-x))", "sigmoid(-2*x)"),
        ("y*(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh(x)"),
        ("y*(sigmoid(x) - sigmoid(x)**2)", "sigmoid(-x)*sigmoid(x)"),
        ("y*(1 - sigmoid(x))", "sigmoid(-x)"),
        ("y*(2 - sigmoid(x))", "2 - sigmoid(x)"),
        # choices
        ("where(x > 0, y, 0) + where(x > 0, 0, 2*y)", "where(x > 0, 1, 2)"),
        ("where(x > 0, y, 0) + where(x > 1, 0, 2*y)", "where(x > 0, 1, 0) + 2*where(x > 1, 0, 1)"),
        ("where(x > 0, where(x > 0, y, 2*y), 3*y)", "where(x > 0, 1, 3)"),
        ("where(x > x + 3, y, 2*y)", "2"),
        ("where(x > 2*x + 3, y, 2*y)", "where(x + 3 < 0, 1, 2)"),
        ("relu(y - x + a)", "where(a + y > x, 1, 0)"),
        ("maximum(a*(y - x), (a - 1)*(y - x))", "where(x == y, a - 1/2, where(x < y, a, a - 1))"),
        ("y*clamp(1/3, -1, 0.5)*clamp(2, -1, 0.5)", "1/6"),
        # squares, and sums in sums
        ("y*(x**4 + 2*x**2 + 1)", "(x**2 + 1)**2"),
        ("y*(a**2 - 4*a*x + 4*x**2)", "(a - 2*x)**2"),
        ("y*(a**2 - 4*a*x + 3*x**2)", "a**2 + 3*x**2 - 4*a*x"),
        ("y*(a**2 + a*x + x**2)", "a**2 + a*x + x**2"),
        ("y*a*(2*(x - 1) + 3*(x + 2))", "a*(5*x + 4)"),
        # common factors, one denominator, roots above a root
        ("y*(x**2*a + x**2*b)", "x**2*(a + b)"),
        ("y*(exp(x)/x - exp(x)/x**2)", "exp(x)*(x - 1)/x**2"),
        # one of two good ways, by its length
        ("y*sinh(x)*cosh(x)", "sinh(2*x)/2"),
        ("y*sin(x/2)*cos(x/2)", "sin(x)/2"),
        ("y/(sin(x)*cos(x))", "2/sin(2*x)"),
        ("y*(tan(x) + 1/tan(x))", "2/sin(2*x)"),
        ("y*x**2*abs(x)*sign(x)", "x**3"),
        ("y*sign(x)/abs(x)", "1/x"),
        ("y*exp(x)*sigmoid(-2*x)", "1/(2*cosh(x))"),
        ("y*exp(x)*sigmoid(-3*x)", "exp(x)*sigmoid(-3*x)"),
        ("y*2*exp(x)/sqrt(2*pi)", "sqrt(2/pi)*exp(x)"),
        ("y*3*exp(x)/sqrt(2*pi)", "3*exp(x)/sqrt(2*pi)"),
        ("y*(sqrt(x) - x/sqrt(x))", "sqrt(x) - x/sqrt(x)"),
    ],
)
def test_laws_of_numbers(program: str, expected: str) -> None:
    assert derivative(program, "y", {}) == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        # what differentiation puts above and below a line, where the program has no value or no gradient
        ("x**2*log(x) - x**2/2", "2*x*log(x)"),
        ("exp(-a*(c**x - 1)/log(c))", "-a*exp(a*(1 - c**x)/log(c))*c**x"),
        ("exp(a*x)/(a**2 + b**2)*(a*sin(b*x) - b*cos(b*x))", "exp(a*x)*sin(b*x)"),
        ("x*sqrt(x)", "3*sqrt(x)/2"),
        ("x*sqrt(1 - x**2) + asin(x)", "2*sqrt(1 - x**2)"),
        ("asin(x) + acos(x)", "0"),
        ("x*atanh(x) + log(1 - x**2)/2", "atanh(x)"),
        ("log(sqrt(x))", "1/(2*x)"),
        ("atan(sqrt(x))", "1/(2*sqrt(x)*(x + 1))"),
        ("sqrt(x)**3", "3*sqrt(x)/2"),
        ("sqrt(a/x)", "-sqrt(a/x)/(2*x)"),
        ("x**x", "x**x*(log(x) + 1)"),
        ("x**(1/x)", "x**(1/x)*(1 - log(x))/x**2"),
        ("log(tan(x/2))", "1/sin(x)"),
        ("log((1 + sin(x))/(1 - sin(x)))", "2/cos(x)"),
        ("x/sqrt(a - x)", "(a - x/2)/sqrt(a - x)**3"),
        ("atan((a + x)/(a - x))", "a/(a**2 + x**2)"),
        # a quotient of the user's own, a choice, an element
        ("x*y/y", "y/y"),
        ("x*sqrt(y)/sqrt(y)", "sqrt(y)/sqrt(y)"),
        ("x*sqrt(y)**2", "sqrt(y)**2"),
        ("where(y == 0, 1, log(y))*x + x*y/y", "where(y == 0, 1, log(y)) + y/y"),
    ],
)
def test_what_a_program_divides_by_is_cancelled(program: str, expected: str) -> None:
    assert derivative(program, "x", {}) == expected


@pytest.mark.parametrize(
    ("program", "wrt", "expected"),
    [
        ("y@(exp(x)/sum(exp(x)))", "y", "softmax(x)"),
        ("y@(exp(x)/sum(exp(u)))", "y", "exp(x)/sum(exp(u))"),
        ("a*sum(softmax(x))", "a", "1"),
        ("a*sum(sigmoid(x))", "a", "sum(sigmoid(x))"),
        ("a*norm(x)/norm(x)", "a", "norm(x)/norm(x)"),
        ("norm(x)**2", "x", "2*x"),
        ("norm(x)/norm(x)", "x", "0*ones(n)/norm(x)**2"),
        ("norm(x)**2/norm(x)", "x", "x/norm(x)"),
        ("a*sum(x)/5", "a", "sum(x)/5"),
        ("x@x", "x", "2*x"),
        # the sum of 1 over a dim is its size
        ("a*(sum(sin(x)**2) + sum(cos(x)**2))", "a", "sum(cos(x)**2) + sum(sin(x)**2)"),
        ("a*(x@sin(x)**2 + x@cos(x)**2)", "a", "sum(x)"),
        ("a*(1 + sum(sinh(x)**2))", "a", "sum(sinh(x)**2) + 1"),
        ("a*(1 - 2*sum(sin(x)**2))", "a", "1 - 2*sum(sin(x)**2)"),
        ("a*(1 - sum(sigmoid(x)))", "a", "1 - sum(sigmoid(x))"),
        ("a*(2*sum(sigmoid(x)) - 1)", "a", "2*sum(sigmoid(x)) - 1"),
        ("a*(sum(x) - x@sigmoid(x))", "a", "x @ sigmoid(-x)"),
        ("a*(exp(x)@exp(-x))", "a", "exp(-x) @ exp(x)"),
        # parts that have changed places
        ("u@roll(x, 1)", "x", "roll(u, -1)"),
        ("u@roll(x, 1)", "u", "roll(x, 1)"),
        ("u@cat((x[2:], x[:2]), 0)", "x", "roll(u, 2)"),
        ("u[1:]@cat((x[3:], x[:2]), 0)", "x", "pad(u[1:][:n - 3], (3, 0)) + pad(u[1:][n - 3:], (0, n - 2))"),
        ("roll(x, 1)@roll(x, -1)", "x", "roll(x, -2) + roll(x, 2)"),
        ("roll(x, 1)@roll(x, 1)", "x", "2*x"),
        ("u@roll(x*y, 1)", "u", "roll(x*y, 1)"),
        ("roll(u*y, 1)@x", "u", "y*roll(x, -1)"),
        ("u@cat((x[:2], x[2:]), 0)", "u", "cat((x[:2], x[2:]), -1)"),
        # what is chosen beside 0 has its factors inside
        ("sum(relu(x)*y)", "x", "where(x > 0, y, 0)"),
        ("sum(y*e/e)", "y", "e/e"),  # which is no constant here
        ("x@where(y > u, 0, y)", "x", "where(y > u, 0, y)"),
        # what is summed over is cleared of fractions, joined, and divided, as a number is
        ("sum(log(1 + (u - y)**2/c**2))", "c", "-2*sum((u - y)**2/(c**2 + (u - y)**2))/c"),
        ("sum((u/c)**k)", "c", "-k*sum((u/c)**k)/c"),
        ("sum(log(a*u + (1 - a)*y))", "a", "sum((u - y)/(a*u + y*(1 - a)))"),
        ("norm(x, 3)**3", "x", "3*x*abs(x)"),
        # what a condition gates is inside it once
        (
            "relu(norm(x - u) - norm(x - y))",
            "x",
            "where(norm(x - u) > norm(x - y), (x - u)/norm(x - u) + (y - x)/norm(x - y), 0)",
        ),
        # a kernel is the same with its dims swapped, as its distances are
        (
            "sum(exp(-(x[:, None] - x)**2/2))",
            "x",
            "2*sum(exp(-(x[:, None] - x)**2/2)*(x - x[:, None]), 1)",
        ),
        # the squares of differences keep their digits below a line
        ("u@(x - mean(x))/(a + var(x))", "u", "(x - mean(x))/(a + sum((x - mean(x))**2)/(n - 1))"),
    ],
)
def test_laws_of_vectors(program: str, wrt: str, expected: str) -> None:
    assert derivative(program, wrt, VECTORS) == expected


@pytest.mark.parametrize(
    ("program", "wrt", "expected"),
    [
        ("trace(A@B@C)", "B", "A.T @ C.T"),
        ("sum(inverse(A.T)*B)", "B", "inverse(A).T"),
        ("trace(eye(n)@A)", "A", "eye(n)"),
        ("sum(diag(x)@A)", "A", "outer(x, ones(n))"),
        ("logdet(A@A.T)", "A", "2*inverse(A).T"),
        ("logdet(A@B)", "A", "inverse(A).T"),
        ("x@A@x/2", "x", "(A + A.T) @ x/2"),
        ("x@(A + A.T)@x", "x", "2*(A + A.T) @ x"),
        # a vector times a number is no matrix times a vector
        ("x@A@x/(x@x)", "x", "(A + A.T) @ x/(x @ x) - 2*x*(x @ A @ x)/(x @ x)**2"),
        ("sqrt(mean((x - mean(x))**2))", "x", "(x - mean(x))/(n*sqrt(mean((x - mean(x))**2)))"),
        ("a*det(A)/det(A)", "a", "det(A)/det(A)"),
        ("trace(linalg.solve(A, B))", "B", "inverse(A).T"),
        ("trace(B.T@diag(x)@A)", "B", "A*x[:, None]"),
        ("trace(A.T.T@B)", "B", "A.T"),
        ("det(A.T@A)", "A", "2*det(A)**2*inverse(A).T"),
        ("det(A@B)", "A", "det(A @ B)*inverse(A).T"),
        # a product of matrices that is multiplied element by element within another
        ("sum((A*(B@C))**2)/2", "B", "A**2*(B @ C) @ C.T"),
        ("sum((A@x)*(B@x)*(C@x))", "x", "(A.T @ diag(C @ x) @ B + (B.T*(C @ x) + C.T*(B @ x)) @ A) @ x"),
        # transposes stay at the names, also beside a number
        ("sum(A*log(A/(B@C)) - A + B@C)", "C", "B.T @ (1 - A/(B @ C))"),
        # roots of sums of squares are lengths
        ("sqrt(sum(A**2))", "A", "A/norm(A)"),
        ("a*(x@x)**(3/2)", "a", "norm(x)**3"),
        ("a*sqrt(x@A@x)", "a", "sqrt(x @ A @ x)"),
        ("a*sqrt(sum(A**3))", "a", "sqrt(sum(A**3))"),
        # angles along rows, which a matrix is multiplied with
        ("sum((sin(x)*sin(2*x))[:, None]*A[:, 1:])", "A", "pad(outer(sin(2*x)*sin(x), ones(n - 1)), (1, 0))"),
        # a Cholesky factor reads the lower half alone
        ("sum(log(diagonal(cholesky(A))))", "A", "inverse(cholesky(A)).T @ inverse(cholesky(A))/2"),
    ],
)
def test_laws_of_matrices(program: str, wrt: str, expected: str) -> None:
    assert derivative(program, wrt, MATRICES) == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("cumsum(x, 0)", "tril(ones(n, n))"),
        ("flip(cumsum(flip(x, 0), 0), 0)", "triu(ones(n, n))"),
        ("cumsum(flip(x, 0), 0)", "cumsum(flip(eye(n), 1), 1)"),
        ("x[1:] - x[:-1]", "eye(n)[1:] - eye(n)[:-1]"),
        ("x[2:-1]", "eye(n)[2:-1]"),
        ("roll(x, 1)", "roll(eye(n), -1, 1)"),
        ("roll(roll(x, 1), -1)", "eye(n)"),
        # choices by one condition
        ("leaky_relu(x, 0.1)", "diag(where(x > 0, 1, 1/10))"),
        ("where(x > 0, x**2, exp(x))", "diag(where(x > 0, 2*x, exp(x)))"),
        ("softshrink(x, 0.5)", "diag(where(logical_and(x >= -1/2, x <= 1/2), 0, 1))"),
    ],
)
def test_what_moves_the_elements_of_an_identity(program: str, expected: str) -> None:
    found = gradcli.diff(program, "x", {"x": "n"}, jacobian=True)
    assert found.text.partition(" = ")[2] == expected
    value = np.linspace(0.3, 1.7, 5)
    jacobian = gradcli.evaluate(program, {"x": value}, wrt=["x"], jacobian=True).jacobian["result"]["x"]
    assert np.array_equal(found(x=value), jacobian)


SUMS = {
    "A @ linalg.solve(A, b) = b, A @ inverse(A) = eye(n)": (
        ("u@(A@linalg.solve(A, v))", "u", "v"),
        ("u@(A@linalg.solve(A.T, v))", "u", "A @ linalg.solve(A.T, v)"),
    ),
    "pad(u[:k], (n - k, 0)) + pad(u[k:], (0, k)) = roll(u, -k)": (
        ("roll(u, 1) @ roll(u, -1)", "u", "roll(u, -2) + roll(u, 2)"),
        ("v[1:]@u[1:] + v[1:]@u[:-1]", "u", "pad(v[1:], (0, 1)) + pad(v[1:], (1, 0))"),
    ),
    "sin(u)**2 + cos(u)**2 = 1, cosh(u)**2 - sinh(u)**2 = 1": (
        ("y*sin(x)**2 + y*cos(x)**2", "y", "1"),
        ("y*sin(x)**2 + y*cos(u)**2", "y", "cos(u)**2 + sin(x)**2"),
    ),
    "sin(u)/cos(u) = tan(u), sinh(u)/cosh(u) = tanh(u)": (
        ("y*sinh(x)/cosh(x)", "y", "tanh(x)"),
        ("y*sinh(x)/cosh(u)", "y", "sinh(x)/cosh(u)"),
    ),
    "cosh(u)/sinh(u) = 1/tanh(u)": (
        ("y*cosh(x)/sinh(x)", "y", "1/tanh(x)"),
        ("y*cosh(x)/sinh(a)", "y", "cosh(x)/sinh(a)"),
    ),
    "(u[:, None] - u).T = u - u[:, None]": (
        ("sum(abs(u[:, None] - u))", "u", "2*sum(sign(u[:, None] - u), 1)"),
        ("sum(abs(u[:, None] - v))", "u", "sum(sign(u[:, None] - v), 1)"),
    ),
    "hypot(a, b)**2 = a**2 + b**2 beside a**2 or b**2": (
        ("y*(hypot(a, b)**2 - a**2)", "y", "b**2"),
        ("y*(hypot(a, b)**2 - x**2)", "y", "hypot(a, b)**2 - x**2"),
    ),
    "sigmoid(2*u)*sigmoid(-2*u) = 1/(4*cosh(u)**2)": (
        ("sigmoid(2*x)", "x", "1/(2*cosh(x)**2)"),
        ("sigmoid(x)", "x", "sigmoid(-x)*sigmoid(x)"),
    ),
    "u*one_hot(k, n)/u[k] = one_hot(k, n)": (
        ("log(exp(u)[0])", "u", "one_hot(0, n)"),
        ("exp(u)[1]/exp(v)[0]", "u", "exp(u)*one_hot(1, n)/exp(v)[0]"),
    ),
    "exp(u)/(exp(u) + exp(v)) = sigmoid(u - v)": (
        ("y*exp(a)/(exp(a) + exp(b))", "y", "sigmoid(a - b)"),
        ("y*exp(a)/(exp(u) + exp(b))", "y", "exp(a)/(exp(b) + exp(u))"),
    ),
    "1/(1 + exp(u)) = sigmoid(-u)": (
        ("y/(1 + exp(x))", "y", "sigmoid(-x)"),
        ("y/(2 + exp(x))", "y", "1/(exp(x) + 2)"),
    ),
    "exp(u)*sigmoid(-u) = sigmoid(u)": (
        ("y*exp(x)*sigmoid(-x)", "y", "sigmoid(x)"),
        ("y*exp(x)*sigmoid(-a)", "y", "exp(x)*sigmoid(-a)"),
    ),
    "1 - sin(u)**2 = cos(u)**2, 1 + sinh(u)**2 = cosh(u)**2, and the other way round; "
    "1 - 1/tanh(u)**2 = -1/sinh(u)**2": (
        ("y*x - y*x*sin(x)**2", "y", "x*cos(x)**2"),
        ("y*x - 3*y*x*sin(x)**2", "y", "x - 3*x*sin(x)**2"),
    ),
    "1 - 2*sin(u)**2 = cos(2*u), 2*cos(u)**2 - 1 = cos(2*u), and so for sinh and cosh": (
        ("y*(2*a*cosh(x)**2 - a)", "y", "a*cosh(2*x)"),
        ("y*(2*cosh(x)**2 - a)", "y", "2*cosh(x)**2 - a"),
    ),
    "exp(u) + exp(-u) = 2*cosh(u), exp(u) - exp(-u) = 2*sinh(u)": (
        ("y*exp(x) - y*exp(-x)", "y", "2*sinh(x)"),
        ("y*exp(x) - y*exp(-a)", "y", "exp(x) - exp(-a)"),
    ),
    "exp(u)/cosh(u) = 2*sigmoid(2*u)": (
        ("y*exp(x)/cosh(x)", "y", "2*sigmoid(2*x)"),
        ("y*exp(a)/cosh(x)", "y", "exp(a)/cosh(x)"),
    ),
    "exp(u)*sigmoid(-2*u) = 1/(2*cosh(u))": (
        ("y*exp(x)*sigmoid(-2*x)", "y", "1/(2*cosh(x))"),
        ("y*exp(x)*sigmoid(-x)", "y", "sigmoid(x)"),
    ),
    "cosh(u)*sigmoid(2*u) = exp(u)/2": (
        ("y*cosh(x)*sigmoid(2*x)", "y", "exp(x)/2"),
        ("y*cosh(x)*sigmoid(x)", "y", "cosh(x)*sigmoid(x)"),
    ),
    "u/u = 1, u/sqrt(u) = sqrt(u) where the program divides by u, or takes its root or log": (
        ("y**2*log(y)", "y", "2*y*log(y) + y"),
        ("y*x/x", "y", "x/x"),
    ),
    "u*sign(u) = abs(u), abs(u)*sign(u) = u": (
        ("y*x*sign(x)", "y", "abs(x)"),
        ("y*x*sign(a)", "y", "x*sign(a)"),
    ),
    "abs(u)**2 = u**2": (
        ("y*abs(x)**2", "y", "x**2"),
        ("y*abs(x)**3", "y", "abs(x)**3"),
    ),
    "u @ u/norm(u)**3 = 1/norm(u)": (
        ("a*(u@u)/norm(u)**3", "a", "1/norm(u)"),
        ("a*(u@u)/norm(u)**2", "a", "u @ u/norm(u)**2"),
    ),
    "exp(u)/(exp(u) - 1) = 1/(1 - exp(-u))": (
        ("y*exp(x)/(exp(x) - 1)", "y", "1/(1 - exp(-x))"),
        ("y*exp(x)/(exp(x) - 1)**2", "y", "exp(x)/(exp(x) - 1)**2"),
    ),
    "tril(A) + triu(A, 1) = A": (
        ("sum(u*(tril(A*A) + triu(A*A, 1)))", "u", "sum(A**2)"),
        ("sum(u*(tril(A*A) + triu(A*A)))", "u", "sum(tril(A**2) + triu(A**2))"),
    ),
    "where(c, a, 0) + where(c, 0, b) = where(c, a, b)": (
        ("where(x > 0, y, 0) + where(x > 0, 0, 2*y)", "y", "where(x > 0, 1, 2)"),
        ("where(x > 0, y, 0) + where(x > 1, 0, 2*y)", "y", "where(x > 0, 1, 0) + 2*where(x > 1, 0, 1)"),
    ),
    "exp(u)/sum(exp(u)) = softmax(u)": (
        ("y@(exp(u)/sum(exp(u)))", "y", "softmax(u)"),
        ("y@(exp(u)/sum(exp(x)))", "y", "exp(u)/sum(exp(x))"),
    ),
    "x/x = 1 beside a term that has no value where x is 0": (
        ("y*(log(x) + x/x)", "y", "log(x) + 1"),
        ("y*(log(1 - x) + x/x)", "y", "log(1 - x) + x/x"),
    ),
    "1 - sigmoid(u) = sigmoid(-u)": (
        ("y*(1 - sigmoid(x))", "y", "sigmoid(-x)"),
        ("y*(2 - sigmoid(x))", "y", "2 - sigmoid(x)"),
    ),
    "a/x - a/x = 0 beside a term that has no value where x is 0": (
        ("y*(1/x - 1/x + 1/x**2)", "y", "1/x**2"),
        ("y/x - y/x + y/a", "y", "1/a + 0/x"),
    ),
    "a*b + a*c = a*(b + c)": (
        ("y*(x**2*a + x**2*b)", "y", "x**2*(a + b)"),
        ("y*(x**2*a + u**2*b)", "y", "a*x**2 + b*u**2"),
    ),
    "a*(b + c) = a*b + a*c": (
        ("y*x*(x + 1) - y*x**2", "y", "x"),
        ("y*x*(a + b)", "y", "x*(a + b)"),
    ),
    "A @ x + B @ x = (A + B) @ x": (
        ("u@A@u + u@B@u", "u", "(A + A.T + B + B.T) @ u"),
        ("u@A@v + v@B@u", "v", "A.T@u + B@u"),
    ),
    "1/(a*b), multiplied out below the line": (
        ("y/((1 - x)*(1 + x))", "y", "1/(1 - x**2)"),
        ("y/((1 - x)*(a + b))", "y", "1/((a + b)*(1 - x))"),
    ),
    "a/b + c/d = (a*d + c*b)/(b*d)": (
        ("y*(exp(x)/x - exp(x)/x**2)", "y", "exp(x)*(x - 1)/x**2"),
        ("y*(sqrt(x) - x/sqrt(x))", "y", "sqrt(x) - x/sqrt(x)"),
    ),
    "2*sin(u)*cos(u) = sin(2*u), 2*sinh(u)*cosh(u) = sinh(2*u)": (
        ("y*sin(x)*cos(x)", "y", "sin(2*x)/2"),
        ("y*sin(x)*cos(a)", "y", "cos(a)*sin(x)"),
    ),
    "cos(u)**2 - sin(u)**2 = cos(2*u), cosh(u)**2 + sinh(u)**2 = cosh(2*u)": (
        ("y*(cosh(x)**2 + sinh(x)**2)", "y", "cosh(2*x)"),
        ("y*(cosh(x)**2 + 2*sinh(x)**2)", "y", "cosh(x)**2 + 2*sinh(x)**2"),
    ),
    "1 + tan(u)**2 = 1/cos(u)**2, cos(u)*tan(u) = sin(u)": (
        ("y*a*(1 + tan(x)**2)", "y", "a/cos(x)**2"),
        ("y*(2 + tan(x)**2)", "y", "tan(x)**2 + 2"),
    ),
    "sin(2*u) = 2*sin(u)*cos(u), 1/cos(u)**2 = 1 + tan(u)**2": (
        ("y*(cos(x)*sin(2*x) + 2*sin(x)**3)", "y", "2*sin(x)"),
        ("y*(cos(a)*sin(2*x) + 2*sin(x)**3)", "y", "cos(a)*sin(2*x) + 2*sin(x)**3"),
    ),
    "hypot(a, b) = sqrt(a**2 + b**2) beside that root": (
        ("y*(hypot(x, 1) - sqrt(x**2 + 1) + a)", "y", "a"),
        ("y*(hypot(x, 1) - sqrt(x**2 + 2) + a)", "y", "a + hypot(x, 1) - sqrt(x**2 + 2)"),
    ),
    "cos(u)*sin(u)**2 = cos(u) - cos(u)**3 beside cos(u)**3, and so for sin, cosh and sinh": (
        ("y*(6*cos(x)*sin(x)**2 - 3*cos(x)**3)", "y", "6*cos(x) - 9*cos(x)**3"),
        ("y*(6*cos(x)*sin(x)**2 - 3*cos(z)**3)", "y", "6*cos(x)*sin(x)**2 - 3*cos(z)**3"),
    ),
    "exp(-u)/(1 - exp(-u))**2 = exp(u)/(exp(u) - 1)**2": (
        ("y*exp(-x)/(1 - exp(-x))**2", "y", "exp(x)/(exp(x) - 1)**2"),
        ("y*exp(-a)/(1 - exp(-x))**2", "y", "exp(-a)/(1 - exp(-x))**2"),
    ),
    "a*u**v + b*u**(v - 1) = u**(v - 1)*(a*u + b), xlogy(u**v, u) = u**v*log(u)": (
        ("x**n*exp(-x)", "x", "exp(-x)*x**(n - 1)*(n - x)"),
        ("x**n + a**(n - 1)*x", "x", "n*x**(n - 1) + a**(n - 1)"),
    ),
    "cosh(u) + sinh(u) = exp(u), cosh(u) - sinh(u) = exp(-u)": (
        ("y*(cosh(x) - sinh(x))", "y", "exp(-x)"),
        ("y*(cosh(x) - 2*sinh(x))", "y", "cosh(x) - 2*sinh(x)"),
    ),
    "maximum(u, 0)*sign(u) = maximum(u, 0)": (
        ("y*maximum(x, 0)*sign(x)", "y", "maximum(x, 0)"),
        ("y*maximum(x, 1)*sign(x)", "y", "maximum(x, 1)*sign(x)"),
    ),
    "u*sigmoid(u) = silu(u)": (
        ("a*y*x*sigmoid(x)", "y", "a*silu(x)"),
        ("a*y*x*sigmoid(b*x)", "y", "a*x*sigmoid(b*x)"),
    ),
    "1 - tanh(u)**2 = 1/cosh(u)**2": (
        ("y*a*(1 - tanh(x)**2)", "y", "a/cosh(x)**2"),
        ("y*(2 - tanh(x)**2)", "y", "2 - tanh(x)**2"),
    ),
    "sqrt(u**2) = u where u >= 0": (
        ("asin(tanh(x))", "x", "1/cosh(x)"),
        ("y*sqrt(1 + tan(x)**2)", "y", "sqrt(tan(x)**2 + 1)"),
    ),
    "exp(u)*exp(v) = exp(u + v)": (
        ("y*exp(x)*exp(-exp(x))", "y", "exp(x - exp(x))"),
        ("y*exp(x)*exp(-x)**2", "y", "exp(-x)"),
    ),
    "cos(u)*cos(v) - sin(u)*sin(v) = cos(u + v), and so for sin, cosh and sinh": (
        ("y*(sin(a)*cos(b) - sin(b)*cos(a))", "y", "sin(a - b)"),
        ("y*(sin(a)*cos(b) - 2*sin(b)*cos(a))", "y", "cos(b)*sin(a) - 2*cos(a)*sin(b)"),
    ),
    "cos(asin(u)) = sqrt(1 - u**2), tanh(log(u)) = (u**2 - 1)/(u**2 + 1), and so for their kin": (
        ("cos(asin(a))", "a", "-a/sqrt(1 - a**2)"),
        ("cos(acos(a)/2)", "a", "sin(acos(a)/2)/(2*sqrt(1 - a**2))"),
    ),
    "sin(u)**2/(1 + cos(u)) = 1 - cos(u), sinh(u)**2/(cosh(u) + 1) = cosh(u) - 1": (
        ("sin(x)**2/(1 + cos(x))", "x", "sin(x)"),
        ("y*sin(x)**2/(1 + cos(a))", "y", "sin(x)**2/(cos(a) + 1)"),
    ),
    "(a**2 + b**2)/hypot(a, b) = hypot(a, b)": (
        ("y*(x**2 + 1)/hypot(x, 1)", "y", "hypot(x, 1)"),
        ("y*(x**2 + a**2)/hypot(x, a)", "y", "(a**2 + x**2)/hypot(x, a)"),
    ),
    "exp(u)*exp(-u) = 1": (
        ("y*exp(x)*exp(-x)", "y", "1"),
        ("y*exp(x)*exp(-b)", "y", "exp(x - b)"),
    ),
    "u**(3/2)*sqrt(u) = u**2 where u >= 0": (
        ("y*sqrt(x**2 + 1)/(x**2 + 1)**(3/2)", "y", "1/(x**2 + 1)"),
        ("y*sqrt(x + 1)/(x + 1)**(3/2)", "y", "sqrt(x + 1)/(x + 1)**(3/2)"),
    ),
    "sum(u - mean(u)) = 0": (
        ("y*sum(u - mean(u)) + y*sum(u)", "y", "sum(u)"),
        ("y*sum(u - mean(v)) + y*sum(u)", "y", "2*sum(u) - sum(v)"),
    ),
    "(a + b)/(a**2 - b**2) = 1/(a - b)": (
        ("y*(a**2 + 1)/(a**2*x**2 + a**2 + x**2 + 1)", "y", "1/(x**2 + 1)"),
        ("y*(a + 1)/(a*x + a + x + 1)", "y", "(a + 1)/(a*x + a + x + 1)"),
    ),
    "1/(1 + a/b) = b/(b + a)": (
        ("y/(1 + x/a)", "y", "a/(a + x)"),
        ("y/(1 + a*x)", "y", "1/(a*x + 1)"),
    ),
    "tan(u) = sin(u)/cos(u), tanh(u) = sinh(u)/cosh(u)": (
        ("y*(1 + tan(x)**2)/(1 + tan(x))**2", "y", "1/(cos(x) + sin(x))**2"),
        ("y*(1 + tan(a)**2)/(1 + tan(x))**2", "y", "(tan(a)**2 + 1)/(tan(x) + 1)**2"),
    ),
    "x**n*x = x**(n + 1), (x/y)**n*x/y = (x/y)**(n + 1)": (
        ("a/(1 + x)**n", "x", "-a*n/(x + 1)**(n + 1)"),
        ("y*(x + 1)**n/(1 + a)**2", "y", "(x + 1)**n/(a + 1)**2"),
    ),
    "1/sqrt(u) = sqrt(u)/u": (
        ("sqrt(a**3/b)", "a", "3*sqrt(a**3/b)/(2*a)"),
        ("y*a/sqrt(x)", "y", "a/sqrt(x)"),
    ),
    "norm(x - mean(x)) = sqrt(n - 1)*std(x)": (
        ("std(u)", "u", "(u - mean(u))/(std(u)*(n - 1))"),
        ("norm(u - mean(u))", "u", "(u - mean(u))/norm(u - mean(u))"),
    ),
    "2*sigmoid(u) - 1 = tanh(u/2), sigmoid(u) - sigmoid(-u) = tanh(u/2)": (
        ("y*(2*sigmoid(x) - 1)", "y", "tanh(x/2)"),
        ("y*(3*sigmoid(x) - 1)", "y", "3*sigmoid(x) - 1"),
    ),
    "a*exp(u) + b*exp(v) = (a*w + b)*exp(v) where u - v = log(w)": (
        ("y*(a*exp(x + log(b)) + 3*exp(x))", "y", "exp(x)*(a*b + 3)"),
        ("y*(a*exp(x + log(b)/2) + 3*exp(x))", "y", "a*exp(x + log(b)/2) + 3*exp(x)"),
    ),
    "where(c, a, b) + where(c, d, e) = where(c, a + d, b + e)": (
        ("where(x > 0, y, u*y) + where(x > 0, a*y, 3*y)", "y", "where(x > 0, a + 1, u + 3)"),
        ("where(x > 0, y, 0) + where(x > 1, 0, a*y)", "y", "where(x > 0, 1, 0) + where(x > 1, 0, a)"),
    ),
}
"""For each law between sums where its condition holds, and where it fails, so that it is not applied."""

CHOICES = {
    "meant": (
        ("where(x > 0, log(x), 0)", "x", "where(x > 0, 1/x, 0)"),
        ("where(x > 0, y, 0)", "y", "where(x > 0, 1, 0)"),
        ("logaddexp(a, b)", "a", "sigmoid(a - b)"),
        ("where(isinf(a), 0, a*y)", "y", "where(isinf(a), 0, a)"),
    ),
    "_logarithm_of_negative": (
        ("logdet(A)", "A", "inverse(A).T"),
        (
            "where(linalg.slogdet(A)[0] < 0, nan, linalg.slogdet(A)[1])*y",
            "y",
            "where(slogdet(A)[0] < 0, nan, slogdet(A)[1])",
        ),
    ),
    "_zero_power": (
        ("x**n", "n", "xlogy(x**n, x)"),
        (
            "where(n == 0, 0, n*log(where(n == 0, 1, x)))*y",
            "y",
            "where(n == 0, 0, n*log(where(n == 0, 1, x)))",
        ),
    ),
    "_origin": (
        ("norm(u)", "u", "u/norm(u)"),
        ("where(norm(u) == 0, 0, y/norm(u))", "y", "where(norm(u) == 0, 0, 1/norm(u))"),
    ),
    "_others": (
        ("prod(u)", "u", "prod(u)/u"),
        ("where(x == 0, y, y/where(x == 0, 1, x))", "y", "where(x == 0, 1, 1/where(x == 0, 1, x))"),
    ),
    "_beyond": (
        ("softplus(x)", "x", "sigmoid(x)"),
        (
            "where(x > 20, 1, sigmoid(where(x >= 20, 0, x)))*y",
            "y",
            "where(x > 20, 1, sigmoid(where(x >= 20, 0, x)))",
        ),
    ),
    "_within": (
        ("softplus(x)", "x", "sigmoid(x)"),
        ("where(x >= 20, 20, x)*y", "y", "where(x >= 20, 20, x)"),
    ),
    "_held_above": (
        ("v@normalize(u, dim=0)", "u", "v/norm(u) - u*(u @ v)/norm(u)**3"),
        (
            "v@v/clamp(norm(u), min=1e-12)",
            "u",
            "u*where(norm(u) >= 1e-12, -v @ v/(clamp(norm(u), 1e-12, None)**2*norm(u)), 0)",
        ),
    ),
    "_held_below": (
        ("elu(x)", "x", "where(x <= 0, exp(x), 1)"),
        (
            "where(x <= 0, exp(where(x < 0, x, 0)), 1)*y",
            "y",
            "where(x <= 0, exp(where(x < 0, x, 0)), 1)",
        ),
    ),
    "_scaled_power": (
        ("v@v*norm(u, 3)", "u", "u*abs(u)*(v @ v)/sum(abs(u)**3)**(2/3)"),
        ("v@v*norm(u, 4)", "u", "u**3*(v @ v)/sum(u**4)**(3/4)"),
    ),
    "_far_out": (
        ("erfcx(x)", "x", "2*x*erfcx(x) - 2/sqrt(pi)"),
        ("where(x > 10, 0, 2*(x*erfcx(x)) - 1)*y", "y", "where(x > 10, 0, 2*x*erfcx(x) - 1)"),
    ),
}
"""What the tape chooses for the sake of digits or single points, and beside it a choice of the user's own."""

ARRAYS = {"u": "n", "v": "n", "A": "n,n", "B": "n,n"}


def told(program: str, wrt: str) -> tuple[str, list[str]]:
    """The formula, and the laws that made it."""
    names = set(re.findall(r"[A-Za-z_]\w*", program)) - (
        set() if "@" in program or "(u)" in program or "[:" in program else {"u"}
    )
    read = {name: dims for name, dims in ARRAYS.items() if name in names}
    if "y@" in program:
        read |= {"y": "n", **({"x": "n"} if "exp(x)" in program else {})}
    if "cos(u)" in program or "cosh(u)" in program or "exp(u) +" in program:
        read.pop("u")
    found = gradcli.diff(program, wrt, read, expand=True, steps=True)
    laws = [each.removeprefix("law: ") for each in found.steps if each.startswith("law: ")]
    return found.text.partition(" = ")[2], laws


@by_rows("law", [(each,) for each in WORDS])
def test_each_law_where_it_holds_and_where_it_fails(law: str) -> None:
    (program, wrt, formula), (other, by, stays) = SUMS[law]
    text, laws = told(program, wrt)
    assert (text, law in laws) == (formula, True)
    text, laws = told(other, by)
    assert (text, law in laws) == (stays, False)


@pytest.mark.parametrize("convention", [meant, *CONVENTIONS], ids=lambda each: each.__name__)
def test_each_choice_of_the_tape_and_one_of_the_user_s_own(convention: Any) -> None:
    for program, wrt, formula in CHOICES[convention.__name__]:
        assert told(program, wrt)[0] == formula


@pytest.mark.parametrize("order", [0, -1])
def test_an_order_below_one_is_refused(order: int) -> None:
    with pytest.raises(gradcli.GradcliError, match="the order of a derivative is at least 1"):
        gradcli.diff("x**2", order=order)


def test_each_kind_of_derivatives_has_formulas() -> None:
    given: dict[str, Any] = {"order": 2, "partials": ["x,y"], "hvp": "v", "jvp": "v"}
    for kind in KINDS:
        asked = {kind.option: given.get(kind.option, True)}
        assert gradcli.diff("x**2*y", **asked).text, kind.name


def test_residuals_of_projections_are_their_own_gradients() -> None:
    program = "sum((y - X@linalg.solve(X.T@X, X.T@y))**2)"
    found = gradcli.diff(program, "y", {"X": "n,m", "y": "n"}, expand=True)
    assert found.text == "dresult/dy = 2*y - 2*X @ linalg.solve(X.T @ X, X.T @ y)"


@pytest.mark.parametrize(
    ("program", "wrt", "expected"),
    [
        ("trace(X@inverse(X.T@X)@X.T)", "X", "zeros(n, m)"),
        ("trace(P@X.T@X@inverse(X.T@X))", "P", "eye(m)"),
        (
            "sum((y - X@inverse(X.T@X)@X.T@y)**2)",
            "X",
            "2*outer(X @ inverse(X.T @ X) @ X.T @ y - y, inverse(X.T @ X) @ X.T @ y)",
        ),
    ],
)
def test_a_product_of_matrices_beside_its_inverse(program: str, wrt: str, expected: str) -> None:
    shapes = {"X": "n,m"} | ({"y": "n"} if "y" in program else {}) | ({"P": "m,m"} if "P" in program else {})
    found = gradcli.diff(program, wrt, shapes, expand=True)
    assert (found.text.partition(" = ")[2], found.notes) == (expected, ())


SHAPED = {"A": "n,n", "S": "n,n", "X": "n,m", "x": "n", "y": "n", "u": "n"}


@pytest.mark.parametrize(
    ("program", "wrt", "question", "expected"),
    [
        ("trace(A@A@A)", "A", {"jvp": "V"}, "3*trace(A @ A @ V)"),
        ("trace(A@A.T@A@A.T)", "A", {"jvp": "V"}, "4*trace(A @ A.T @ V @ A.T)"),
        ("y@tanh(A@x)", "A", {}, "outer(y/cosh(A @ x)**2, x)"),
        ("mean(X, 1)@(A@x)", "A", {}, "outer(mean(X, 1), x)"),
        ("sigmoid(A@x)", "x", {"jacobian": True}, "A*(sigmoid(A @ x)*sigmoid(-A @ x))[:, None]"),
        ("sum(A/y[:, None]/x[:, None]**2)", "A", {}, "broadcast_to(1/(x**2*y)[:, None], (n, n))"),
        (
            "(x - y)@linalg.solve(S, x - y)/2",
            "x",
            {},
            "linalg.solve(S, x - y)/2 + linalg.solve(S.T, x - y)/2",
        ),
        ("sum(linalg.solve(A, a*x/3)**2)", "x", {}, "2*a**2*linalg.solve(A.T, linalg.solve(A, x))/9"),
    ],
)
def test_products_of_matrices_are_the_same_in_any_order(
    program: str, wrt: str, question: dict[str, Any], expected: str
) -> None:
    """Traces turned around, columns beside columns and rows, numbers in front of a solution."""
    read = {name: dims for name, dims in SHAPED.items() if re.search(rf"\b{name}\b", program)}
    found = gradcli.diff(program, wrt, read, expand=True, **question)
    assert found.text.partition(" = ")[2] == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("sqrt(x)*exp(-x)", "exp(-x)*(1/2 - x)/sqrt(x)"),
        ("x*sqrt(a + b*x)", "(3*b*x/2 + a)/sqrt(b*x + a)"),
        ("sqrt(2*a/x)", "-sqrt(a/(2*x))/x"),
        ("log_sigmoid(pi**x)", "sigmoid(-pi**x)*xlogy(pi**x, pi)"),
        ("sqrt(3*a/x)", "-sqrt(3*a/x)/(2*x)"),
        ("asin(2*x - 1)", "1/sqrt(x - x**2)"),
        ("sqrt(4*x + 8*x**2)", "(4*x + 1)/sqrt(2*x**2 + x)"),
        ("sqrt(3*x + 6)", "3/(2*sqrt(3*x + 6))"),
        ("(a + x)*(b - x)/2", "b/2 - a/2 - x"),
    ],
)
def test_numbers_stand_in_sums_and_roots_where_that_is_shorter(program: str, expected: str) -> None:
    assert gradcli.diff(program, "x", expand=True).text.partition(" = ")[2] == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("(1 - cos(x))/sin(x)", "1/(cos(x) + 1)"),
        ("(cosh(x) + 1)/sinh(x)", "1/(1 - cosh(x))"),
        ("(1 - cos(x))**2/sin(x)**2", "2*(1 - cos(x))/(sin(x)*(cos(x) + 1))"),
        ("(2 - cos(x))/sin(x)", "(1 - 2*cos(x))/sin(x)**2"),
    ],
)
def test_a_square_below_the_line_of_a_sum(program: str, expected: str) -> None:
    assert gradcli.diff(program, "x", expand=True).text.partition(" = ")[2] == expected


def test_choices_under_a_sum_are_left_where_no_choice_can_be_made() -> None:
    """Each way to write one leads to another one otherwise."""
    found = gradcli.diff("sum(u*a*maximum(x, a + 3))", "a", {"x": "n", "u": "n"}, expand=True)
    assert found.text == (
        "dresult/da = u @ maximum(x, a + 3) + sum(where(a + 3 < x, 0, a*u*where(x == a + 3, 1/2, 1)))"
    )


def test_a_sign_is_looked_for_some_levels_down_only() -> None:
    """Products of long programs nest in each other: each would be written anew for the sake of one minus."""
    for levels, signs in ((3, []), (5_000, ["number", "neg"])):
        tree = number(-2)
        for _ in range(levels):
            tree = apply("mul", tree, symbol("y"))
        turned = walk([opposite(tree)])
        assert [each.op for each in turned if each.op == "neg" or each is number(-2)] == signs
