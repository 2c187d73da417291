"""`--max-seconds` holds wherever the time goes: between operations, inside one, while measuring.

Some commands run at the same time: what is asked of them is that they end, and a limit is one of the clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import gradcli
from gradcli import GradcliError

ONE_CALL = "print('begun')\nS = svd(eye(4000))"
"""The library's work inside one operation, which takes many seconds."""
LONG = "x = " + "+".join(["1"] * 600_000) + "\n" + "y = x\n" * 600_000
"""More than an argument may be; it is read from standard input."""
LONGEST = 120
AT_ONCE = 2
SOON = """
import runpy
from gradcli.cli import watchdog
watchdog.GRACE = 0.2
runpy.run_module("gradcli", run_name="__main__", alter_sys=True)
"""
"""The command line that waits less for a program to end by itself, for those that never do."""
ANYWHERE = {
    "orders": ("eval", "y = sum(sin(x*w)*exp(x))", "-s", "x=rand(9000)", "-s", "w=rand(9000)", "--order=160"),
    "sorting": (
        "eval",
        "l = [0.5]\nfor i in range(300000): l.append(i*7919 % 10007)\nsorted(l)",
        "--max-steps=0",
    ),
    "a matrix function": ("eval", "x = rand(1200, 1200)\nsum(matrix_exp(x))"),
    "parsing": ("eval", "-"),
    "a formula": ("diff", "y = x\nfor i in range(900): y = sin(y)*cos(y) + x*y", "--root=y", "--order=3"),
    "measuring": ("check", "y = sum(sin(x)*exp(x)*cos(x))", "-s", "x=rand(100000)", "--samples=1000"),
}
COMMANDS = {
    "one call": ("eval", ONE_CALL, "--max-seconds=2"),
    "one call as an object": ("eval", ONE_CALL, "--max-seconds=1.5", "--json"),
    "output": ("eval", "x = zeros(40000000)", "--max-seconds=1.5", "--json"),
    "a batch": ("eval", "print(1)", "print(svd(eye(4000))[1][0])", "print(3)", "--max-seconds=1", "-q"),
    **{name: (*command, "--max-seconds=0.5") for name, command in ANYWHERE.items()},
    "in time": ("eval", "y = x*x", "-s", "x=3", "--max-seconds=30"),
}

Ran = Callable[[str], tuple[int, str, str]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """The exit status of a command, its output and what it said."""
    long = tmp_path_factory.mktemp("program") / "long"
    long.write_text(LONG)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    def run(name: str, command: tuple[str, ...]) -> tuple[int, str, str]:
        how = ("-m", "gradcli") if name in (*ANYWHERE, "in time") else ("-c", SOON)
        with open(long if "-" in command else os.devnull, "rb") as given:
            done = subprocess.run(
                [sys.executable, *how, *command],
                stdin=given,
                capture_output=True,
                text=True,
                env=environment,
                timeout=LONGEST,
            )
        return done.returncode, done.stdout, done.stderr

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = {name: pool.submit(run, name, command) for name, command in COMMANDS.items()}
        yield lambda name: answers[name].result()


def test_one_call_into_a_library_is_left(ran: Ran) -> None:
    status, out, err = ran("one call")
    assert (status, out) == (5, "begun\n")
    assert err == (
        "error[limit]: the program took longer than 2 seconds\n"
        "  --> <arg 1>\n   = hint: raise the limit with --max-seconds\n"
    )


def test_the_failure_is_an_object_where_results_are(ran: Ran) -> None:
    status, out, err = ran("one call as an object")
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


@pytest.mark.parametrize("name", ANYWHERE)
def test_it_holds_everywhere(ran: Ran, name: str) -> None:
    status, out, err = ran(name)
    assert status == 5
    assert "the program took longer than 0.5 seconds\n" in out + err  # `check` says it of each check


def test_orders_end_in_python_as_well() -> None:
    inputs = {"x": np.linspace(0.1, 1.0, 9000)}
    with pytest.raises(GradcliError, match="longer than"):
        gradcli.evaluate("y = sum(sin(x*x)*exp(x))", inputs, order=160, max_seconds=0.3)


def test_output_is_cut_and_the_reason_stands_beside_it(ran: Ran) -> None:
    status, out, err = ran("output")
    assert status == 5
    assert err.startswith("error[limit]: the program took longer than 1.5 seconds\n")
    assert out.startswith('{"ok": true, "source": "<arg 1>", "roots": ["x"], "values": {"x": [0.0, 0.0, ')
    assert "}" not in out


def test_others_of_a_batch_go_on(ran: Ran) -> None:
    status, out, err = ran("a batch")
    assert (status, out) == (5, "1\n3\n")
    assert err.startswith("error[limit]: the program took longer than 1 seconds\n  --> <arg 2>")


def test_a_program_in_time_is_left_alone(ran: Ran) -> None:
    assert ran("in time") == (0, "x = 3.0\ny = 9.0\ndy/dx = 6.0\n", "")
