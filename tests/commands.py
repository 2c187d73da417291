"""Running commands in tests: as a reader of the documents would, or in this process.

`examples` finds the commands in a Markdown file and the output that it shows, `Shell` runs them. `Ran` is
what the fixture `gradcli` of the command line's own tests gives back.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
SETUP = "python -m pip install"
"""What starts a set-up command, which needs the network and is left to `.ci/run`."""
PLAIN = r"""gradcli(?: +(?:'[^']*'|"[^"$`\\!]*"|[\w./@%+=:,^\[\]-])+)*"""
"""A command that a shell has nothing to do for but to take its words apart."""
PARTS = re.compile(
    rf"""(?:(?P<before>(?:(?!gradcli)[^|;&<>\n])+) \| )?(?P<plain>{PLAIN})"""
    r"""(?:(?P<after> \| (?:(?!gradcli)[^;&\n])+)|(?P<then>; echo "[^"]*"))?"""
)
"""A plain one, with what a shell has to do before it and after it."""


@dataclass(frozen=True)
class Example:
    """A command and the output that a document shows for it, None where it shows none."""

    file: str
    line: int
    command: str
    output: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def blocks(path: Path, languages: str) -> Iterator[tuple[int, str]]:
    """The fenced blocks in those languages, with the number of their first line."""
    text = path.read_text(encoding="utf-8")
    for match in re.finditer(rf"^```(?:{languages})[ \t]*\n(.*?)^```", text, flags=re.M | re.S):
        yield text.count("\n", 0, match.start(1)) + 1, match.group(1)


def examples(path: Path) -> Iterator[Example]:
    """The commands in a document: after `$ ` with their output, or every line where no line has a prompt."""
    for first, block in blocks(path, "sh|shell|bash|console"):
        name = path.relative_to(ROOT).as_posix()
        if not re.search(r"^\$ ", block, flags=re.M):
            for number, line in enumerate(block.splitlines(), first):
                if line.strip():
                    yield Example(name, number, line, None)
            continue
        for match in re.finditer(r"^\$ (.*\n(?:> .*\n)*)((?:(?!\$ ).*\n)*)", block, flags=re.M):
            number = first + block.count("\n", 0, match.start())
            command = match.group(1).replace("\n> ", "\n").rstrip("\n")
            yield Example(name, number, command, match.group(2).rstrip("\n"))


class Input(io.TextIOWrapper):
    """Standard input, a pipe or a terminal."""

    def __init__(self, data: bytes, tty: bool) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


class Shell:
    """A folder with the samples in it, and `gradcli` on the path: this checkout's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "samples").symlink_to(ROOT / "samples")
        tools = folder / ".bin"
        tools.mkdir()
        for name, command in (
            ("gradcli", f'"{sys.executable}" -m gradcli'),
            ("python", f'"{sys.executable}"'),
        ):
            script = tools / name
            script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            script.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GRADCLI")},
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "80",
        }

    def run(self, command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """What the command wrote, standard error among standard output as a terminal would show it."""
        return subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )

    def shown(self, command: str) -> tuple[int, str]:
        """The exit status of a command and what a terminal shows; a plain part is run in this process."""
        parts = PARTS.fullmatch(command)
        if parts is None:
            ran = self.run(command)
            return ran.returncode, ran.stdout.decode()
        given = self.run(parts["before"]).stdout if parts["before"] else b""
        screen = io.BytesIO()
        out = io.BytesIO() if parts["after"] else screen
        status = self._gradcli(parts["plain"], given, out, screen)
        if parts["after"]:
            ran = self.run(parts["after"].removeprefix(" | "), out.getvalue())
        elif parts["then"]:
            ran = self.run(f"(exit {status}){parts['then']}")
        else:
            return status, screen.getvalue().decode()
        return ran.returncode, (screen.getvalue() + ran.stdout).decode()

    def _gradcli(self, command: str, given: bytes, out: io.BytesIO, err: io.BytesIO) -> int:
        """Runs a plain command; its exit status."""
        from gradcli.cli import run

        output, errors = (
            io.TextIOWrapper(each, encoding="utf-8", newline="", write_through=True) for each in (out, err)
        )
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output if out is err else errors),
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(sys, "stdin", Input(given, tty=False)),
        ):
            status = run(shlex.split(command)[1:])
        for each in (output, errors):
            each.detach()
        return status


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


Gradcli = Callable[..., Ran]
