"""The line that counts programs: on a terminal that shows nothing else, and taken away at the end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")

RUN = """
import sys
from gradcli.cli import output, run
output._Progress.UNSEEN = output._Progress.PERIOD = 0
sys.exit(run(sys.argv[1:]))
"""
LINES = "x**2\n2x\n" * 3


def _on_terminal(stdout: int | None) -> tuple[str, int]:
    """What appears on a terminal that standard error goes to, and standard output too if it is None."""
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "eval", "--lines", "-s", "x=3", "--json"],
        stdin=subprocess.PIPE,
        stdout=terminal if stdout is None else stdout,
        stderr=terminal,
    )
    os.close(terminal)
    process.communicate(LINES.encode())
    found = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not part:
            break
        found += part
    os.close(master)
    return found.decode(), process.returncode


def test_programs_are_counted_on_a_terminal() -> None:
    shown, status = _on_terminal(subprocess.DEVNULL)
    assert status == 3
    assert "\r1 programs, 0 failed" in shown
    assert "\r6 programs, 3 failed" in shown
    assert shown.endswith("\r\x1b[K")


def test_nothing_is_counted_between_results() -> None:
    shown, status = _on_terminal(None)
    assert status == 3
    assert "programs," not in shown
    assert shown.count('"ok": ') == 6


def test_nothing_is_counted_in_a_file() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", RUN, "eval", "--lines", "-s", "x=3", "--json"],
        input=LINES.encode(),
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 3
    assert ran.stderr == b""
