"""Runs that a signal meets at any moment: no process outlives them, no file is half there, nothing complains.

Each case is a command at work in a session of its own, a signal, whom it meets (the command, all its
processes as with Ctrl-C, or one of its workers), and when.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fuzz.cases import Case

ROOT = Path(__file__).parents[2]
LAST = 1.5
"""Seconds until the latest signal: a run of these takes about that long."""
GRACE = 5.0
"""Seconds in which whatever is left must have ended."""

_PROGRAMS = 24
_LINES = "".join(f"x = {number}.0; y = x**2; z = {{}}\n" for number in range(_PROGRAMS))
_SLOW = "sum(randn(200, 200) @ randn(200, 200))"
_COMMANDS: dict[str, tuple[str, ...]] = {
    "eval": ("eval", "--lines", "--json"),
    "eval in two": ("eval", "--lines", "--json", "--jobs", "2"),
    "check": ("check", ".", "--json-out", "r.json", "--junit", "r.xml"),
    "check in three": ("check", ".", "--json-out", "r.json", "--junit", "r.xml", "--jobs", "3"),
    "arrays": ("eval", "x = randn(400000); sum(x*x)", "--out", "r.npz"),
}
_WHOM = {
    "command": ("SIGTERM", "SIGHUP", "SIGKILL", "SIGINT"),
    "all": ("SIGTERM", "SIGHUP", "SIGINT"),
    "worker": ("SIGKILL", "SIGTERM", "SIGSEGV"),
}


def case(random: random.Random) -> Case:
    """A command, a signal, a moment."""
    command = random.choice(list(_COMMANDS))
    whom = random.choice(list(_WHOM) if " in " in command else ["command", "all"])
    name = random.choice(_WHOM[whom])
    # Half of them early: loading is where a signal finds the least prepared.
    after = random.uniform(0, LAST) if random.random() < 0.5 else random.uniform(0, LAST / 5)
    text = f"{command}: {name} to {whom} after {after:.3f} s"
    return Case(text, lambda: _run(_COMMANDS[command], whom, getattr(signal, name), after))


def _run(arguments: tuple[str, ...], whom: str, number: int, after: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder)
        before = sorted(os.listdir(folder))
        process = subprocess.Popen(
            [sys.executable, "-m", "gradcli", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            assert process.stdin
            process.stdin.write(_LINES.format(*[_SLOW] * _PROGRAMS).encode())
            process.stdin.close()
            process.stdin = None
            time.sleep(after)
            _send(process, whom, number)
            # Both are at their end only when every process that could write there is gone.
            out, err = process.communicate(timeout=3 * GRACE)
            _alone(process.pid)
        finally:
            for pid in _session(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.wait()
        status = process.returncode
        # Whatever is ours stands below this file; before it, Python starts, and complains in its own way.
        assert b"gradcli/__main__" not in err, err
        allowed = (0, 70) if whom == "worker" else (0, -number, 128 + number)
        if number == signal.SIGINT:
            allowed += (1,)  # while Python itself starts
        assert status in allowed, (status, err)
        for path in folder.iterdir():
            _whole(path, killed=number == signal.SIGKILL)
        if whom == "worker" or status == 0:
            _complete(arguments, folder, out, status)
        assert set(before) <= set(os.listdir(folder))


def _fill(folder: Path) -> None:
    """Programs to check, and the reports of last time."""
    for number in range(6):
        (folder / f"{number}.grad").write_text(f"x = param({number}.5)\nz = sum(sin(x*ones(10, 10))**2)\n")
    (folder / "r.json").write_text('{"old": true}')
    (folder / "r.xml").write_text("<old/>")


def _send(process: subprocess.Popen[bytes], whom: str, number: int) -> None:
    if whom == "worker":
        others = [pid for pid in _session(process.pid) if pid != process.pid]
        if others:
            _kill(others[-1], number)
    elif whom == "all":
        for pid in _session(process.pid):
            _kill(pid, number)
    else:
        process.send_signal(number)


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _session(leader: int) -> list[int]:
    """The processes of that session that are not at their end."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return found


def _alone(leader: int) -> None:
    deadline = time.monotonic() + GRACE
    while left := _session(leader):
        assert time.monotonic() < deadline, f"{len(left)} processes are left"
        time.sleep(0.01)


def _whole(path: Path, killed: bool) -> None:
    """A file of the folder is what it was or all that it should be."""
    match path.suffix:
        case ".json":
            json.loads(path.read_text())
        case ".xml":
            ElementTree.fromstring(path.read_text())
        case ".npz":
            assert zipfile.ZipFile(path).testzip() is None
        case ".grad":
            pass
        case _:  # only a process that had no say may leave one, hidden, beside the report
            assert killed, f"{path.name} is left"


def _complete(arguments: tuple[str, ...], folder: Path, out: bytes, status: int) -> None:
    """Every program has its result, and those with none are named."""
    results: list[dict[str, Any]]
    if "--lines" in arguments:
        results = [json.loads(line) for line in out.splitlines()]
        assert [each["source"] for each in results] == [f"<stdin>:{n + 1}" for n in range(_PROGRAMS)]
    elif arguments[0] == "check":
        results = json.loads((folder / "r.json").read_text())["programs"]
        assert [each["source"] for each in results] == [f"./{number}.grad" for number in range(6)]
    else:
        return
    lost = [each for each in results if not each["ok"]]
    assert len(lost) <= 1, lost
    assert (status == 70) == bool(lost)
