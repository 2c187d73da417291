"""Commands as documents show them: `$ command` and its output, in the shell blocks of a Markdown file.

The tests of the README, of `docs/` and of start-up use it; `Shell` runs a command as a reader would.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETUP = "python -m pip install"
"""What starts a set-up command, which needs the network and is left to `.ci/run`."""


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
