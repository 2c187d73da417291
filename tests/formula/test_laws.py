"""Each law where it holds, and beside it where its condition fails: there the formula stays as it is."""

from __future__ import annotations

import re

import pytest

import gradcli

VECTORS = {"x": "n", "y": "n", "u": "n"}
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
        ("y*x/x**2", "1/x"),
        ("y*(log(x) + x/x)", "log(x) + 1"),
        ("y*(log(1 - x) + x/x)", "log(1 - x) + x/x"),
        ("y/x - y/x", "0/x"),
        # roots, logarithms, exponentials keep where they have a value
        ("y*sqrt(x)**2", "sqrt(x)**2"),
        ("y*sqrt(x**2)", "sqrt(x**2)"),
        ("y*exp(log(x))", "exp(log(x))"),
        ("y*log(exp(x))", "log(exp(x))"),
        ("y*expm1(x)", "expm1(x)"),
        # trigonometric and hyperbolic
        ("y*sin(x)**2 + y*cos(x)**2", "1"),
        ("y*sin(x)**2 - y*cos(x)**2", "sin(x)**2 - cos(x)**2"),
        ("y*sin(x)**2 + y*cos(u)**2", "cos(u)**2 + sin(x)**2"),
        ("y*cosh(x)**2 - y*sinh(x)**2", "1"),
        ("y*sin(x)/cos(x)", "tan(x)"),
        ("y*cos(x)/sin(x)", "cos(x)/sin(x)"),
        ("y*sin(x)/cos(u)", "sin(x)/cos(u)"),
        ("y*sinh(x)/cosh(x)", "tanh(x)"),
        ("y*sin(-x)", "-sin(x)"),
        ("y*cos(-x)", "cos(x)"),
        ("y*exp(-x)", "exp(-x)"),
        # sigmoid and softmax
        ("y/(1 + exp(x))", "sigmoid(-x)"),
        ("y/(2 + exp(x))", "1/(exp(x) + 2)"),
        ("y*exp(x)/(1 + exp(x))", "sigmoid(x)"),
        ("y*exp(a)/(exp(a) + exp(b))", "sigmoid(a - b)"),
        ("y*exp(a)/(exp(u) + exp(b))", "exp(a)/(exp(b) + exp(u))"),
        ("y*(1 - sigmoid(x))", "sigmoid(-x)"),
        ("y*(2 - sigmoid(x))", "2 - sigmoid(x)"),
        # choices
        ("where(x > 0, y, 0) + where(x > 0, 0, 2*y)", "where(x > 0, 1, 2)"),
        ("where(x > 0, y, 0) + where(x > 1, 0, 2*y)", "where(x > 0, 1, 0) + 2*where(x > 1, 0, 1)"),
        ("where(x > 0, where(x > 0, y, 2*y), 3*y)", "where(x > 0, 1, 3)"),
        # common factors, one denominator, roots above a root
        ("y*(x**2*a + x**2*b)", "x**2*(a + b)"),
        ("y*(exp(x)/x - exp(x)/x**2)", "exp(x)*(x - 1)/x**2"),
        ("y*(sqrt(x) - x/sqrt(x))", "sqrt(x) - x/sqrt(x)"),
    ],
)
def test_laws_of_numbers(program: str, expected: str) -> None:
    assert derivative(program, "y", {}) == expected


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
        ("sum(diag(x)@A)", "A", "broadcast_to(x[:, None], (n, n))"),
        ("logdet(A@A.T)", "A", "2*inverse(A @ A.T) @ A"),
        ("logdet(A@B)", "A", "inverse(A @ B).T @ B.T"),
        ("x@A@x/2", "x", "(A + A.T) @ x/2"),
        ("x@(A + A.T)@x", "x", "2*(A + A.T) @ x"),
        ("a*det(A)/det(A)", "a", "det(A)/det(A)"),
        ("trace(linalg.solve(A, B))", "B", "inverse(A).T"),
        ("trace(B.T@diag(x)@A)", "B", "A*x[:, None]"),
        ("trace(A.T.T@B)", "B", "A.T"),
    ],
)
def test_laws_of_matrices(program: str, wrt: str, expected: str) -> None:
    assert derivative(program, wrt, MATRICES) == expected
