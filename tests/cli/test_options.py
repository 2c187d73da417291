"""The scanner reads arguments as the table of options says."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.cli import load
from gradcli.cli.options import HelpRequested, UsageError, assignment, names, scan, seconds, size
from gradcli.cli.sources import File

EVAL = load("eval")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["x**2"], {"operands": ["x**2"]}),
        (["-x**2", "-s", "x=3"], {"operands": ["-x**2"], "set": [("x", "3")]}),
        (["-sx=1"], {"operands": ["-sx=1"]}),
        (["-"], {"operands": ["-"]}),
        (["--set=x=1", "--set", "y=2"], {"operands": [], "set": [("x", "1"), ("y", "2")]}),
        (["-s", "x=-1", "x"], {"operands": ["x"], "set": [("x", "-1")]}),
        (["--", "--json", "-s"], {"operands": ["--json", "-s"]}),
        (["-f", "a b", "x", "-f", "c"], {"operands": [File("a b"), "x", File("c")]}),
        (["-w", "x, y", "-w", "z"], {"operands": [], "wrt": [("x", "y"), ("z",)]}),
        (["--json", "x"], {"operands": ["x"], "format": "json"}),
        (["--json", "--format", "csv"], {"operands": [], "format": "csv"}),
        (["--partial", "x,x,w", "--partial", "w"], {"operands": [], "partials": [("x", "x", "w"), ("w",)]}),
        (["--hvp", "[1,2]", "--jvp", "x=1"], {"operands": [], "hvp": [(None, "[1,2]")], "jvp": [("x", "1")]}),
        (["--retain-graph", "--passes", "2"], {"operands": [], "retain_graph": True, "passes": 2}),
        (
            ["--max-memory", "500M", "--max-seconds", "1.5"],
            {"operands": [], "max_memory": 500 * 2**20, "max_seconds": 1.5},
        ),
        (["-g", "--help"], {"operands": [], "weights": ["--help"]}),
        (["x", "-x", "-s", "x=3"], {"operands": ["x", "-x"], "set": [("x", "3")]}),
        (["2", "--", "-o"], {"operands": ["2", "-o"]}),
        (["--format", "JSON"], {"operands": [], "format": "json"}),
    ],
)
def test_arguments_are_read(arguments: list[str], expected: dict[str, Any]) -> None:
    assert scan(EVAL, arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--rot", "z"], "no such option: --rot (did you mean --root?)"),
        (["--zzz=1"], "no such option: --zzz (an input is set by --set zzz=1)"),
        (["x", "-o", "out.json"], "no such option: -o (a program of its own stands behind --)"),
        (["x", "-s", "x=1", "-v"], "no such option: -v (a program of its own stands behind --)"),
        (["-s"], "option -s needs a value: -s NAME=VALUE"),
        (["--json=1"], "option --json takes no value"),
        (["-s", "x"], "option -s: 'x' is not NAME=VALUE, such as x=3"),
        (["-s", "=1"], "option -s: '=1' is not NAME=VALUE, such as x=3"),
        (["-s", "x="], "option -s: 'x=' is not NAME=VALUE, such as x=3"),
        (["-s", "x==1"], "option -s: 'x==1' is not NAME=VALUE: write x=1"),
        (["--set=2x=1"], "option --set: '2x=1' is not NAME=VALUE, such as x=3"),
        (["--wrt", "x,"], "option --wrt: a name is missing in 'x,'"),
        (["--wrt", "x y"], "option --wrt: 'x y' is not a name"),
        (["--passes", "two"], "option --passes: 'two' is not a whole number"),
        (["--precision", "0"], "option --precision: 0 is less than 1"),
        (["--format", "xml"], "option --format: 'xml' is not one of table, plain, json, ndjson, csv"),
        (["--hvp", " "], "option --hvp: the value is empty"),
        (["--max-memory", "much"], "option --max-memory: 'much' is not a size such as 500M or 4GiB"),
        (["--max-seconds", "-1"], "option --max-seconds: '-1' is not a number of seconds"),
    ],
)
def test_a_wrong_command_line_is_told_in_a_sentence(arguments: list[str], problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        scan(EVAL, arguments)
    assert str(raised.value) == problem


def test_help_is_asked_for_anywhere_among_the_options() -> None:
    with pytest.raises(HelpRequested):
        scan(EVAL, ["x**2", "--help"])


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("0", 0), ("1024", 1024), ("1k", 1024), ("1KB", 1024), ("4GiB", 4 * 2**30), ("1.5m", 1536 * 1024)],
)
def test_sizes(text: str, bytes_: int) -> None:
    assert size(text) == bytes_


def test_a_value_may_hold_an_equals_sign() -> None:
    assert assignment("x = ones(2, dtype=float32)") == ("x", "ones(2, dtype=float32)")


def test_names_may_be_any_identifier() -> None:
    assert names("θ,x_1") == ("θ", "x_1")


def test_seconds_are_finite() -> None:
    with pytest.raises(ValueError, match="'inf' is not a number of seconds"):
        seconds("inf")
