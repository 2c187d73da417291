"""How the tests of the command line run it: in this process, with what it read and wrote as data."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from commands import Gradcli, Input, Ran
from gradcli.cli import run


@pytest.fixture
def gradcli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Gradcli:
    """Run `gradcli ARGUMENTS...` in an empty folder; `stdin=None` is a terminal without input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADCLI_TRACEBACK", "1")

    def call(*arguments: str, stdin: bytes | str | None = None) -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", Input(data or b"", tty=data is None))
        status = run(arguments)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return call
