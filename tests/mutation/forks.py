"""Work done in a fork of this process, which answers and ends, within so much CPU time (on Linux)."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 8 << 30
"""Bytes that a fork may take."""
STILL = 60.0
"""A fork that has had no CPU time for so many seconds by the clock waits for what never comes."""


@dataclass(frozen=True)
class Answer:
    """What a fork said, or how it ended without a word.

    Attributes:
        said: its answer, None if there was none.
        ended: "" where it answered, else `too long` or what went wrong.
        seconds: of CPU time, with the processes that it started.
    """

    said: Any
    ended: str
    seconds: float


TOO_LONG = "too long"


def forked(work: Callable[[], Any], seconds: float | None = None) -> Answer:
    """What `work` gives, as far as JSON can tell, done in a fork without input and output."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            _go_apart(seconds)
            os.write(writer, b"")
            _write(writer, json.dumps(work()).encode() + b"\n")
        finally:
            os._exit(1)
    os.close(writer)
    text = _read(reader, None if seconds is None else child)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # with whatever was left running
    _, status, usage = os.wait4(child, 0)
    used = usage.ru_utime + usage.ru_stime
    if text is not None and text.endswith(b"\n"):
        return Answer(json.loads(text), "", used)
    if text is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return Answer(None, TOO_LONG, used)
    signalled = os.WIFSIGNALED(status)
    return Answer(None, f"signal {os.WTERMSIG(status)}" if signalled else "an error", used)


def _go_apart(seconds: float | None) -> None:
    """A session of its own, limits of its own, nothing to read and nowhere to write to."""
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 5))


def _write(writer: int, data: bytes) -> None:
    while data:
        data = data[os.write(writer, data) :]


def _read(reader: int, child: int | None) -> bytes | None:
    """What comes up to the end of the line, or of all; None when in `child` nothing moves any more."""
    text, used = b"", -1
    with open(reader, "rb", buffering=0) as pipe:
        while not text.endswith(b"\n"):
            if not select.select([pipe], [], [], None if child is None else STILL)[0]:
                before, used = used, _used(child)
                if used == before:
                    return None
                continue
            piece = pipe.read(1 << 16)
            if not piece:
                break
            text += piece
    return text


def _used(process: int | None) -> int:
    """The CPU time that a process and those that it started have had, in ticks."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = each.read_text().rpartition(")")[2].split()
            parents[int(each.parent.name)] = int(fields[1])
            ticks[int(each.parent.name)] = sum(map(int, fields[11:15]))
    total = 0
    for one, used in ticks.items():
        above: int | None = one
        while above is not None and above != process:
            above = parents.get(above)
        total += used if above is not None else 0
    return total
