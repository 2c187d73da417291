"""Derivatives beyond the gradient on the command line: what is written where, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from commands import Gradcli


def test_a_sparse_hessian_in_json(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "sum(x**3) + x[0]*x[2]", "-s", "x=[1,2,3]", "--hessian", "--sparse", "--json")
    assert ran.object["hessian"] == {
        "x": {
            "x": {
                "shape": [3, 3],
                "rows": [0, 0, 1, 2, 2],
                "cols": [0, 2, 1, 0, 2],
                "values": [6.0, 1.0, 12.0, 1.0, 18.0],
            }
        }
    }


def test_a_sparse_jacobian_in_json(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "y = x**2", "-s", "x=[1,2]", "--jacobian", "--sparse", "--json")
    block = {"shape": [2, 2], "rows": [0, 1], "cols": [0, 1], "values": [2.0, 4.0]}
    assert ran.object["jacobian"] == {"y": {"x": block}}
    assert "grads" not in ran.object


def test_sparse_parts_in_plain_text_and_csv(gradcli: Gradcli) -> None:
    arguments = ("eval", "sum(x**3)", "-s", "x=[1,2]", "--hessian", "--sparse")
    assert gradcli(*arguments).out.splitlines()[3:] == [
        "hessian[x,x].shape = [2, 2]",
        "hessian[x,x].rows = [0, 1]",
        "hessian[x,x].cols = [0, 1]",
        "hessian[x,x].values = [6.0, 12.0]",
    ]
    rows = gradcli(*arguments, "--format", "csv").out.splitlines()
    assert rows[-2:] == ['hessian,"x,x",0;0,6.0', 'hessian,"x,x",1;1,12.0']


def test_a_large_sparse_hessian_is_summarised_and_written_in_full(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "h.npz"
    ran = gradcli("eval", "sum(x**3)", "-s", "x=ones(100000)", "--hessian", "--sparse", "--out", str(path))
    assert ran.status == 0
    assert len(ran.out) < 1000
    assert "hessian[x,x].values = [6.0, 6.0, 6.0, ..., 6.0, 6.0, 6.0]  # shape [100000]" in ran.out
    with np.load(path) as file:
        assert file["hessian.x.x.shape"].tolist() == [100_000, 100_000]
        assert np.array_equal(file["hessian.x.x.rows"], np.arange(100_000))
        assert np.array_equal(file["hessian.x.x.cols"], np.arange(100_000))
        assert np.array_equal(file["hessian.x.x.values"], np.full(100_000, 6.0))


def test_directions_that_are_not_given_are_zero(gradcli: Gradcli) -> None:
    program = ("eval", "sum(x**2*w)", "-s", "x=[1,2]", "-s", "w=[3,4]", "--json")
    assert gradcli(*program, "--hvp", "x=[1,0]").object["hvp"] == {"x": [6.0, 0.0], "w": [2.0, 0.0]}
    both = gradcli(*program, "--hvp", "x=[1,0]", "--hvp", "w=[0,1]").object["hvp"]
    assert both == {"x": [6.0, 4.0], "w": [2.0, 0.0]}
    assert gradcli(*program, "--jvp", "w=[1,1]").object["jvp"] == {"result": 5.0}


def test_the_hessian_of_a_weighted_root(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "x**3", "-s", "x=[1,2]", "--hessian", "--weights", "[1,10]", "--json")
    assert ran.object["hessian"] == {"x": {"x": [[6.0, 0.0], [0.0, 120.0]]}}


def test_several_partials_at_once(gradcli: Gradcli) -> None:
    ran = gradcli(
        "eval",
        "z = x**3*w**2",
        "-s",
        "x=2",
        "-s",
        "w=3",
        "--partial",
        "x,x,w",
        "--partial",
        "w,x,x",
        "--json",
    )
    assert ran.object["partials"] == {"x,x,w": 72.0, "w,x,x": 72.0}


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_a_jacobian_is_the_same_in_every_mode(gradcli: Gradcli, mode: str) -> None:
    ran = gradcli("eval", "y = x*sum(x)", "-s", "x=[1,2]", "--jacobian", "--mode", mode, "--json")
    assert ran.object["jacobian"] == {"y": {"x": [[4.0, 1.0], [2.0, 5.0]]}}


FAILURES = (
    (["x**2", "-s", "x=1", "--order", "0"], 3, "bad-argument", "at least 1, not 0"),
    (["x**2", "-s", "x=1", "--order", "-3"], 3, "bad-argument", "at least 1, not -3"),
    (["x**2", "-s", "x=1", "--partial", "x,q"], 3, "unknown-name", "no name q"),
    (["sum(x)", "-s", "x=[1,2]", "--hvp", "[1,2,3]"], 3, "shape", "[3], and x has [2]"),
    (["sum(x)", "-s", "x=[1,2]", "--jvp", "x=[[1,2]]"], 3, "shape", "[1, 2], and x has [2]"),
    (["x*w", "-s", "x=1", "-s", "w=1", "--hvp", "1"], 3, "bad-argument", "x, w"),
    (["x*w", "-s", "x=1", "-s", "w=1", "--hvp", "v=1"], 3, "unknown-name", "by v"),
    (["x**2", "-s", "x=[1,2]", "--hessian"], 4, "non-scalar-root", "[2]"),
    (
        ["sum(x**2)", "-s", "x=ones(100000)", "--hessian"],
        5,
        "limit",
        "100,000 x 100,000, would take 74.5 GiB",
    ),
    (["sin(x)", "-s", "x=ones(100000)", "--jacobian"], 5, "limit", "100,000 x 100,000, would take 74.5 GiB"),
    (["y = x**2; y.backward()", "-s", "x=3", "--order", "2"], 4, "no-grad", "calls backward itself"),
    (["2 + 3", "--hessian"], 4, "no-grad", "does not require grad"),
)


@pytest.mark.parametrize(
    ("arguments", "status", "code", "words"), FAILURES, ids=lambda value: str(value)[:40]
)
def test_what_cannot_be_differentiated_is_said(
    gradcli: Gradcli, arguments: list[str], status: int, code: str, words: str
) -> None:
    ran = gradcli("eval", *arguments, "--json")
    assert ran.status == status
    assert ran.object["error"]["code"] == code
    assert words in ran.object["error"]["message"]


def test_a_dense_hessian_that_does_not_fit_offers_what_does(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "sum(x**2)", "-s", "x=ones(100000)", "--hessian", "--json")
    hint = ran.object["error"]["hint"]
    assert "--sparse" in hint
    assert "--hvp" in hint


@pytest.mark.parametrize("arguments", [("--order", "171"), ("--partial", ",".join("x" * 500))])
def test_an_order_whose_factorial_is_no_float_is_beyond_a_limit(
    gradcli: Gradcli, arguments: tuple[str, str]
) -> None:
    ran = gradcli("eval", "sin(x)", "-s", "x=1", *arguments)
    assert (ran.status, ran.out) == (5, "")
    assert "in one name is too high: the factorial of 171 is beyond float64" in ran.err


def test_more_digits_than_a_float_has_are_all_of_them(gradcli: Gradcli) -> None:
    few, many = (gradcli("eval", "1/3", "--precision", digits) for digits in ("767", "3000000000"))
    assert (many.status, many.out) == (0, few.out)
