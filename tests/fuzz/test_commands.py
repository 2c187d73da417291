"""Odd command lines end with a published status, and processes that a signal meets leave nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fuzz import commands, signals
from fuzz.cases import faults
from gradcli.cli import run


def test_odd_command_lines() -> None:
    assert not list(faults(commands.case, 150, seed=0))


def test_a_direction_may_be_an_array_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Found by the command lines: its comparison with None was one for each element."""
    (tmp_path / "v.json").write_text("[1, 2]")
    for option, key in (("--hvp", "hvp"), ("--jvp", "jvp")):
        arguments = ["eval", "z = x*x", "-s", "x=[1,2]", option, f"@{tmp_path}/v.json", "--json"]
        if key == "hvp":
            arguments += ["--weights", "ones"]
        assert run(arguments) == 0
        assert json.loads(capsys.readouterr().out)[key] in ({"x": [2.0, 4.0]}, {"z": [2.0, 8.0]})


def test_seconds_beyond_what_a_clock_waits() -> None:
    """Found by the command lines: the watchdog's thread could not wait so long, and said so."""
    assert run(["eval", "1+1", "--max-seconds", "99999999999999999999"]) == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it looks into /proc")
def test_signals_at_any_moment() -> None:
    assert not list(faults(signals.case, 6, seed=0))
