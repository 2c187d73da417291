"""`--max-seconds` holds wherever the time goes: between operations, inside one, while measuring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

import gradcli
from gradcli import GradcliError

ONE_CALL = "print('begun')\nS = svd(eye(4000))"
"""The library's work inside one operation, which takes many seconds."""
TOO_LONG = "error[limit]: the program took longer than 1.5 seconds\n"
LONGEST = 120


def _run(*arguments: str) -> tuple[int, str, str]:
    begun = time.monotonic()
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "gradcli", *arguments], capture_output=True, text=True, env=environment
    )
    assert time.monotonic() - begun < LONGEST
    return done.returncode, done.stdout, done.stderr


def test_one_call_into_a_library_is_left() -> None:
    status, out, err = _run("eval", ONE_CALL, "--max-seconds", "2")
    assert (status, out) == (5, "begun\n")
    assert err == (
        "error[limit]: the program took longer than 2 seconds\n"
        "  --> <arg 1>\n   = hint: raise the limit with --max-seconds\n"
    )


def test_the_failure_is_an_object_where_results_are() -> None:
    status, out, err = _run("eval", ONE_CALL, "--max-seconds", "1.5", "--json")
    assert (status, err) == (5, "")
    assert json.loads(out) == {
        "ok": False,
        "source": "<arg 1>",
        "error": {
            "code": "limit",
            "message": "the program took longer than 1.5 seconds",
            "line": None,
            "column": None,
            "end_column": None,
            "hint": "raise the limit with --max-seconds",
        },
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("eval", "y = sum(sin(x*w)*exp(x))", "-s", "x=rand(9000)", "-s", "w=rand(9000)", "--order", "160"),
        (
            "eval",
            "l = [0.5]\nfor i in range(300000): l.append(i*7919 % 10007)\nsorted(l)",
            "--max-steps",
            "0",
        ),
        ("eval", "x = rand(1200, 1200)\nsum(matrix_exp(x))"),
        ("eval", "x = " + "+".join(["1"] * 600_000) + "\n" + "y = x\n" * 600_000),
        ("diff", "y = x\nfor i in range(900): y = sin(y)*cos(y) + x*y", "--root", "y", "--order", "3"),
        ("check", "y = sum(sin(x)*exp(x)*cos(x))", "-s", "x=rand(100000)", "--samples", "1000"),
    ],
    ids=["orders", "sorting", "a matrix function", "parsing", "a formula", "measuring"],
)
def test_it_holds_everywhere(arguments: tuple[str, ...]) -> None:
    if len(arguments[1]) > 100_000:  # more than an argument may be
        program = subprocess.run(
            [sys.executable, "-m", "gradcli", "eval", "-", "--max-seconds", "0.5"],
            input=arguments[1],
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        status, told = program.returncode, program.stderr
    else:
        status, out, err = _run(*arguments, "--max-seconds", "0.5")
        told = out + err  # `check` says it of each check
    assert status == 5
    assert "the program took longer than 0.5 seconds\n" in told


def test_orders_end_in_python_as_well() -> None:
    inputs = {"x": np.linspace(0.1, 1.0, 9000)}
    with pytest.raises(GradcliError, match="longer than"):
        gradcli.evaluate("y = sum(sin(x*x)*exp(x))", inputs, order=160, max_seconds=0.3)


def test_output_is_cut_and_the_reason_stands_beside_it() -> None:
    status, out, err = _run("eval", "x = zeros(40000000)", "--max-seconds", "1.5", "--json")
    assert (status, err.startswith(TOO_LONG)) == (5, True)
    assert out.startswith('{"ok": true, "source": "<arg 1>", "roots": ["x"], "values": {"x": [0.0, 0.0, ')
    assert "}" not in out


def test_others_of_a_batch_go_on() -> None:
    programs = ["print(1)", "print(svd(eye(4000))[1][0])", "print(3)"]
    status, out, err = _run("eval", *programs, "--max-seconds", "1", "-q")
    assert (status, out) == (5, "1\n3\n")
    assert err.startswith("error[limit]: the program took longer than 1 seconds\n  --> <arg 2>")


def test_a_program_in_time_is_left_alone() -> None:
    assert _run("eval", "y = x*x", "-s", "x=3", "--max-seconds", "30") == (
        0,
        "x = 3.0\ny = 9.0\ndy/dx = 6.0\n",
        "",
    )
