"""`gradcli diff`: whole outputs to the letter, for what people ask for first."""

from __future__ import annotations

import shlex

import pytest

from gradcli.cli import run

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
        ("'mean(x**2)' --shape x=n", "dresult/dx = 2*x/n"),
        ("'logdet(A)' --shape A=n,n", "dresult/dA = inverse(A).T"),
        ("'x/x'", "dresult/dx = 0/x"),
    ],
)
def test_the_formula_is_short(command: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (run(["diff", *shlex.split(command)]), *capsys.readouterr()) == (0, f"{expected}\n", "")


@pytest.mark.parametrize(
    ("command", "status", "says"),
    [
        ("'A @ b' --shape A=n,m --shape b=n", 3, "A is [n, m], b is [n]"),
        ("'x' --as foo", 3, "there is no syntax foo"),
        ("'2 + 3'", 4, "no name to differentiate"),
        ("'x**2' --shape x=n", 4, "[n]"),
        ("'2*'", 3, "expected an expression"),
        ("'sum(x)' --shape x=n-1", 3, "n-1"),
    ],
)
def test_what_cannot_be_is_one_error(
    command: str, status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", *shlex.split(command)]) == status
    out, err = capsys.readouterr()
    assert (out, says in err) == ("", True), err
