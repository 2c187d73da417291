"""Readers that go, disks that are full, streams that are closed: output ends, verdicts and reports do not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import Shell

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
PROGRAMS = 4
WRONG = "def f(x):\n    return x**3\n@backward(f)\ndef b(g, x):\n    return g*x\nx = param(2.0)\nz = f(x)\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    folder = tmp_path / "failing"
    folder.mkdir()
    for number in range(PROGRAMS):
        (folder / f"{number:02}.grad").write_text(WRONG if number % 2 else "z = sine(2)\n")
    return shell


def _status(shell: Shell, command: str, status: int) -> str:
    """What a command wrote, whose exit status is as expected."""
    *lines, last = shell.run(f"{command}\necho $?").stdout.decode().splitlines(keepends=True)
    assert last == f"{status}\n", (command, lines)
    return "".join(lines)


ERRORS = ["2> >(true)", "2>&-", *(["2>/dev/full"] if Path("/dev/full").exists() else [])]


def test_nobody_has_to_hear_standard_error(shell: Shell) -> None:
    heard = _status(shell, "gradcli check failing 2>/dev/null", 3)
    assert heard
    for errors in ERRORS:
        assert _status(shell, f"gradcli check failing --jobs 2 {errors}", 3) == heard
        lines = r"printf '1+1\n2*\n2+2\n'"
        assert _status(shell, f"{lines} | gradcli eval --lines {errors}", 3) == (
            "# <stdin>:1\nresult = 2\n# <stdin>:3\nresult = 4\n"
        )


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("gradcli eval '2*'", 3),
        ("gradcli eval x --unknown", 2),
        ("gradcli unknown", 2),
        ("gradcli eval 'x=param([1.0,2.0]); y=x*x; y.backward()'", 4),
        ("gradcli eval 'assert 1 > 2'", 1),
    ],
)
def test_a_status_that_nobody_explains(shell: Shell, command: str, status: int) -> None:
    assert _status(shell, f"{command} 2>&-", status) == ""


@pytest.mark.parametrize(
    ("form", "output"),
    [
        ("plain --jobs 2", "> >(true)"),
        ("plain --jobs 2", ">&-"),
        pytest.param("plain --jobs 2", ">/dev/full", marks=FULL),
        pytest.param("table", ">/dev/full", marks=FULL),
        ("json", ">&-"),
        ("github", "> >(true)"),
    ],
)
def test_a_check_without_standard_output_finishes_its_reports(shell: Shell, form: str, output: str) -> None:
    wrong = " ".join(f"failing/{number:02}.grad" for number in range(1, PROGRAMS, 2))
    status, told = (3, "gradcli: No space left on device\n") if "full" in output else (1, "")
    command = f"gradcli check {wrong} --json-out r.json --format {form} 2>&1 {output}"
    assert _status(shell, command, status) == told
    assert json.loads((shell.folder / "r.json").read_text())["summary"]["programs"] == PROGRAMS // 2


def test_the_status_of_what_was_done_before_the_reader_went(shell: Shell) -> None:
    ran = shell.run(
        r"(printf '2*\n'; yes '1+1') | gradcli eval --lines --json 2>&1 | head -n 2; echo ${PIPESTATUS[1]}"
    )
    first, second, status = ran.stdout.decode().splitlines()
    assert (json.loads(first)["ok"], json.loads(second)["ok"], status) == (False, True, "3")


def test_a_program_that_prints_ends_when_nobody_reads(shell: Shell) -> None:
    ran = shell.run(
        "gradcli eval 'i=0\nwhile i < 10**9: i += 1; print(i)' --max-steps 0 2>&1 | head -n 1"
        "; echo ${PIPESTATUS[0]}"
    )
    assert ran.stdout.decode() == "1\n0\n"


@pytest.mark.parametrize("arguments", ["--help", "eval --help", "functions", "--version"])
def test_help_that_nobody_reads_is_no_failure(shell: Shell, arguments: str) -> None:
    assert shell.run(f"gradcli {arguments} | true; echo ${{PIPESTATUS[0]}}").stdout.decode() == "0\n"


def test_a_closed_standard_input_is_an_input_that_cannot_be_read(shell: Shell) -> None:
    assert "no program given" in _status(shell, "gradcli eval <&-", 2)
    for command in ("gradcli eval -", "gradcli eval --lines -", "gradcli check -", "gradcli eval x -s x=@-"):
        assert "error[io]: cannot read <stdin>: it is closed\n" in _status(shell, f"{command} <&-", 3)
    assert _status(shell, "gradcli eval 1+1 <&- ", 0) == "result = 2\n"


@pytest.mark.parametrize("after", [0.03, 0.06, 0.1, 0.15, 0.2])
def test_an_early_ctrl_c_shows_no_traceback(shell: Shell, after: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "eval", "i=0\nwhile i < 10**9: i += 1", "--max-steps", "0"],
        env=shell.environment,
        stderr=subprocess.PIPE,
        # A job in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        time.sleep(after)
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    # Until Python has started there is nobody who could answer.
    assert b"gradcli/__main__" not in err, err
    assert process.returncode in (130, -signal.SIGINT, 1)
