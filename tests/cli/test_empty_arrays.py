"""Arrays without elements in every format: as long as their rows, never as their other dims."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def _run(program: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", "eval", program, *options],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_huge_second_dim() -> None:
    program = "x = zeros(0, 9999999999)"
    assert _run(program, "--format", "plain") == "x = []  # shape [0, 9999999999]\n"
    assert _run(program, "--format", "csv") == "kind,name,index,value\n"
    assert json.loads(_run(program, "--json"))["values"] == {"x": []}


@pytest.mark.parametrize("output", ["plain", "csv", "table"])
def test_many_rows(output: str) -> None:
    told = _run("x = zeros(3000000, 0)", "--format", output)
    assert len(told) < 1000
    if output == "plain":
        assert told == "x = [...]  # shape [3000000, 0]\n"


def test_few_rows() -> None:
    assert _run("x = zeros(2, 0)", "--format", "plain") == "x = [[], []]  # shape [2, 0]\n"
