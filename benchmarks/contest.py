"""Contenders in turn: every round gives each of them one sample, so that a busy machine is busy for all.

Called by `__main__`; each contender is a `worker` process, which waits while the others are measured.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.works import Work

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = 0.1
"""Seconds that one sample takes at least: quick work is done many times for it."""
CLOSE = 1e-7
"""How far two contenders' results may be apart, of their size."""
PAUSE = 0.05
"""Seconds between two samples: threads of a BLAS go on looking for work for a while."""


@dataclass
class Row:
    """What came of one work.

    Attributes:
        name: of the work.
        seconds: each contender's median.
        missing: each contender that could not run, and why.
        unit: of the figures, when they aren't seconds.
        bars: for each peer the allowed ratio.
        differing: contenders whose results are not gradcli's.
    """

    name: str
    bars: dict[str, float]
    seconds: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    unit: str = "s"
    differing: list[str] = field(default_factory=list)

    def ratio(self, peer: str) -> float | None:
        """gradcli's figure over the peer's."""
        if peer not in self.seconds or "gradcli" not in self.seconds:
            return None
        return self.seconds["gradcli"] / self.seconds[peer]

    def holds(self) -> bool | None:
        """Whether every bar that could be measured holds and all agree; None if there is no bar."""
        if self.differing:
            return False
        ratios = [(self.ratio(peer), bar) for peer, bar in self.bars.items()]
        known = [ratio <= bar for ratio, bar in ratios if ratio is not None]
        return all(known) if known else None


ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "BENCHMARKS_CLOCK": "cpu",
}
"""What keeps every contender to one core, and has its samples counted in the time that it has the core."""


class Contender:
    """A worker process that does one contender's part."""

    def __init__(self, python: str, one_core: bool = False) -> None:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, **(ONE_CORE if one_core else {})},
            text=True,
        )
        if one_core and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self.process.pid, [min(os.sched_getaffinity(0))])

    def order(self, **what: object) -> dict[str, object]:
        """Sends an order and waits for the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"failed": "the process ended"}

    def close(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.communicate()


BUSY = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""What never rests, and ends with whoever started it."""


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keeps so many other processes busy for a while."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for each in others:
            each.kill()
            each.wait()


def pythons(peers_python: str | None) -> list[str]:
    """The interpreters to look for a peer in, in order."""
    return [peers_python, sys.executable] if peers_python else [sys.executable]


def contest(work: Work, rounds: int, peers_python: str | None, one_core: bool = False) -> Row:
    """Measures one work with everyone who can do it."""
    row = Row(work.name, dict(work.bars), unit=work.unit)
    ready: dict[str, tuple[Contender, int]] = {}
    figures: dict[str, Any] = {}
    try:
        for name in work.contenders:
            ours = name == "gradcli" or name in work.ours
            found = _prepared(work, name, [sys.executable] if ours else pythons(peers_python), one_core)
            if isinstance(found, str):
                row.missing[name] = found
            else:
                contender, row_figures, times = found
                ready[name] = contender, times
                figures[name] = row_figures
        row.differing = [name for name in ready if not same(figures.get("gradcli"), figures[name])]
        samples: dict[str, list[float]] = {name: [] for name in ready}
        for turn in range(rounds):
            names = list(ready)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                contender, times = ready[name]
                time.sleep(PAUSE)
                answer = contender.order(times=times)
                if "seconds" in answer:
                    samples[name].append(float(str(answer["seconds"])))
                else:
                    row.missing[name] = str(answer.get("failed"))
        row.seconds = {name: statistics.median(each) for name, each in samples.items() if each}
    finally:
        for contender, _ in ready.values():
            if contender not in _kept.values():
                contender.close()
    return row


def same(ours: Any, theirs: Any) -> bool:
    """Whether two contenders' figures tell of the same arrays, up to rounding; None tells of nothing."""
    if ours is None or theirs is None:
        return True
    return len(ours) == len(theirs) and all(
        size == other
        and abs(norm - length) <= CLOSE * length
        and all(
            abs(one - two) <= CLOSE * max(length, 1e-300) * size**0.5
            for one, two in zip(some, others, strict=True)
        )
        for (size, norm, *some), (other, length, *others) in zip(ours, theirs, strict=True)
    )


_kept: dict[tuple[str, str, str], Contender] = {}
"""The processes of groups of works, which go on to the next one: starting takes longer than measuring."""


def _prepared(
    work: Work, name: str, interpreters: list[str], one_core: bool
) -> tuple[Contender, Any, int] | str:
    """A contender with the work before it, its figures, and how often a sample does it, or why it can't."""
    reason = ""
    for python in interpreters:
        key = (work.group, name, python)
        contender = _kept.get(key) or Contender(python, one_core)
        if work.group:
            _kept[key] = contender
        answer = contender.order(work=work.name, contender=name)
        if "seconds" in answer:
            times = max(1, int(SAMPLE / max(float(str(answer["seconds"])), 1e-7)))
            return contender, answer.get("figures"), times
        contender.close()
        _kept.pop(key, None)
        reason = "not installed" if "missing" in answer else str(answer.get("failed"))
    return reason
