"""Runs mutants of the rules against the tests of their room, then against wider ones: `-m tests.mutation`.

    python -m tests.mutation --most 400 --jobs 2

Which mutants are taken follows from `--seed` alone. Each runs in a copy of the files, so that nothing here
changes; what is known of a mutant stands in `--results`, and a run that was interrupted goes on from there.
`equivalent.txt` lists the mutants that cannot be killed, with a word why.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
SECONDS = 120
"""A mutant that takes longer than this in its room's tests runs for ever: it was noticed."""


@dataclass(frozen=True)
class Room:
    """Files whose rules are mutated together, the tests that should notice, and wider ones."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    wider: tuple[str, ...]


ROOMS = (
    Room(
        "freeing and in-place rules",
        tuple(f"gradcli/autograd/{name}.py" for name in ("leaves", "recorder", "session", "tensor")),
        ("tests/autograd",),
        ("tests/golden/test_snippets.py", "tests/interpreter", "tests/evaluation", "tests/cli"),
    ),
    Room(
        "core rules",
        tuple(f"gradcli/tape/{name}.py" for name in ("primitives", "untaken", "reverse", "forward")),
        (
            "tests/derivatives/test_branches.py",
            "tests/tape",
            "tests/ops/test_binary.py",
            "tests/ops/test_shapes.py",
        ),
        ("tests/golden/test_higher.py", "tests/autograd", "tests/derivatives", "tests/engine"),
    ),
    Room(
        "verdicts of check",
        tuple(
            f"gradcli/checking/{name}.py"
            for name in ("claims", "comparing", "gradients", "ladder", "numerical", "runner", "second_order")
        ),
        tuple(
            f"tests/checking/test_{name}.py" for name in ("forward_against_reverse", "numerical", "claims")
        ),
        ("tests/checking",),
    ),
    Room(
        "exit statuses",
        ("gradcli/errors.py", "gradcli/cli/__init__.py", "gradcli/cli/programs.py", "gradcli/cli/output.py"),
        tuple(f"tests/cli/test_{name}.py" for name in ("exit_status", "eval", "eval_roots", "options")),
        ("tests/report", "tests/cli"),
    ),
)


def chosen(most: int, seed: int, only: str) -> list[tuple[Room, Mutant]]:
    """So many mutants, as many of each room, in an order that mixes the rooms."""
    rooms = [room for room in ROOMS if only in room.name]
    taken: list[tuple[Room, Mutant]] = []
    for index, room in enumerate(rooms):
        all_of_it = [each for file in room.files for each in mutants(ROOT, file)]
        count = min(len(all_of_it), most // len(rooms) + (index < most % len(rooms)))
        order = random.Random(f"{seed} {room.name}").sample(all_of_it, len(all_of_it))
        taken += [(room, each) for each in order[:count]]
    random.Random(seed).shuffle(taken)
    return taken


def equivalents() -> set[str]:
    """The mutants that change nothing that could be seen; a comment above each says why."""
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def copy_of_the_files() -> Path:
    """A folder with what the tests need."""
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    hidden = shutil.ignore_patterns("__pycache__", ".git", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, folder / "copy", ignore=hidden)
    return folder / "copy"


def notices(folder: Path, tests: tuple[str, ...]) -> bool:
    """Whether one of the tests fails in that folder, or they take too long."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _run(folder, tests)
        finally:
            os._exit(status)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run(folder: Path, tests: tuple[str, ...]) -> int:
    """The status of pytest on the tests in that folder."""
    os.setsid()
    os.chdir(folder)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    sys.path[:0] = [str(folder), str(folder / "tests")]
    os.environ["PYTHONPATH"] = str(folder)
    there = [each for each in tests if (folder / each).exists()]
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-n0", *there]))


def work(mine: list[tuple[Room, Mutant]], results: Path) -> None:
    """Runs some mutants one after the other and notes what became of each."""
    sys.dont_write_bytecode = True
    preload()
    folder = copy_of_the_files()
    try:
        for room, mutant in mine:
            path = folder / mutant.file
            original = path.read_text(encoding="utf-8")
            path.write_text(mutant.text, encoding="utf-8")
            by = "room" if notices(folder, room.tests) else "wider" if notices(folder, room.wider) else None
            path.write_text(original, encoding="utf-8")
            with open(results, "a", encoding="utf-8") as file:
                file.write(json.dumps({"key": mutant.key, "line": mutant.line, "killed": by}) + "\n")
    finally:
        shutil.rmtree(folder.parent)


def preload() -> None:
    """Loads what every child needs and no mutant changes."""
    import numpy as np  # noqa: F401
    import scipy.linalg
    import scipy.special  # noqa: F401


def known(results: Path) -> dict[str, str | None]:
    """What earlier runs found."""
    if not results.exists():
        return {}
    rows = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return {row["key"]: row["killed"] for row in rows}


def report(taken: list[tuple[Room, Mutant]], found: dict[str, str | None]) -> Iterator[str]:
    """The score of each room, and the mutants that survive."""
    spared = equivalents()
    for room in (*ROOMS, None):
        ran = [each for of, each in taken if of in (room, room and None) or room is None]
        ran = [each for each in ran if each.key in found and each.key not in spared]
        if ran:
            killed = sum(found[each.key] is not None for each in ran)
            name = "all" if room is None else room.name
            yield f"{name}: {killed} of {len(ran)} killed ({100 * killed / len(ran):.0f} %)"
    for _, each in taken:
        if found.get(each.key, "") is None and each.key not in spared:
            yield f"survives: {each.key} (line {each.line})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument("--most", type=int, default=400, help="how many mutants (400)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("--seed", type=int, default=0, help="which mutants (0)")
    parser.add_argument("--only", default="", metavar="ROOM", help="mutants of rooms with this in their name")
    parser.add_argument("--again", action="store_true", help="run the survivors once more")
    parser.add_argument("--results", type=Path, default=ROOT / ".mutation_cache" / "results.jsonl")
    options = parser.parse_args()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    taken = chosen(options.most, options.seed, options.only)
    found, spared = known(options.results), equivalents()
    folder = copy_of_the_files()
    for room in {room for room, _ in taken}:
        if notices(folder, room.tests):
            parser.exit(1, f"the tests of {room.name} fail, or are too slow, without any mutant\n")
    shutil.rmtree(folder.parent)
    pending = [
        pair
        for pair in taken
        if pair[1].key not in spared
        and (pair[1].key not in found or (options.again and found[pair[1].key] is None))
    ]
    children = []
    for index in range(options.jobs):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(pending[index :: options.jobs], options.results)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    print("\n".join(report(taken, known(options.results))))


if __name__ == "__main__":
    main()
