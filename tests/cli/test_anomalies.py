"""A value that became nan or inf from finite inputs is told with its operation and place."""

from __future__ import annotations

import json

import pytest

from commands import Gradcli

TOLD: list[tuple[list[str], str]] = [
    (["log(x)", "-s", "x=-1"], "log at 1:1 of -1.0 is nan"),
    (["y = 2*x\nz = 1/(y - 2)", "-s", "x=1"], "div at 2:5 of 1.0, 0.0 is inf"),
    (["sqrt(x)", "-s", "x=0"], "the gradient of sqrt at 1:1 of 0.0 is inf"),
    (["exp(x)", "-s", "x=1000"], "exp at 1:1 of 1000.0 is inf"),
    (["log(x)", "-s", "x=0"], "log at 1:1 of 0.0 is -inf"),
    (["y = 2x + ln(x)", "-s", "x=-1"], "log at 1:10 of -1.0 is nan"),
    (["sum(log(x))", "-s", "x=[1, -1]"], "log at 1:5 of from -1.0 to 1.0 is nan"),
]


@pytest.mark.parametrize(("arguments", "note"), TOLD, ids=[row[0][0] for row in TOLD])
def test_it_is_one_note(gradcli: Gradcli, arguments: list[str], note: str) -> None:
    assert gradcli("eval", *arguments).err == f"note: {note}\n"
    assert json.loads(gradcli("eval", *arguments, "--json").out)["notes"] == [note]
    assert gradcli("eval", *arguments, "-q").err == ""


def test_streams_of_programs_have_none(gradcli: Gradcli) -> None:
    ran = gradcli("eval", "--lines", "-s", "x=-1", stdin="log(x)\nx = 3; x*2\n")
    assert "note" not in ran.err


@pytest.mark.parametrize(
    "arguments", [["log(x)", "-s", "x=nan"], ["x*2", "-s", "x=inf"], ["x*2", "-s", "x=1e300"]]
)
def test_what_was_not_finite_before_is_no_news(gradcli: Gradcli, arguments: list[str]) -> None:
    ran = gradcli("eval", *arguments)
    assert ran.err == ""
    assert "notes" not in json.loads(gradcli("eval", *arguments, "--json").out)


def test_the_second_run_prints_nothing(gradcli: Gradcli) -> None:
    assert gradcli("eval", "print(1); log(x)", "-s", "x=-1").out.startswith("1\nx = -1.0\n")
