"""How the tests of the command line run it: in this process, with what it read and wrote as data."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gradcli.cli import run


@dataclass(frozen=True)
class Ran:
    """What one run wrote, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[Any]:
        """The JSON objects on standard output, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> Any:
        """The only JSON object on standard output."""
        (only,) = self.objects
        return only


class Input(io.TextIOWrapper):
    """Standard input, a pipe or a terminal."""

    def __init__(self, data: bytes, tty: bool) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


Gradcli = Callable[..., Ran]


@pytest.fixture
def gradcli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Gradcli:
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
