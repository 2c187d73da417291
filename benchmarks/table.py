"""Figures as text: the lines of the terminal, the table of docs/performance.md, exponents of growth.

Called by `__main__` with the rows that `contest` measured.
"""

from __future__ import annotations

import math
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.contest import Row
from benchmarks.works import MEANS, Work

PACKAGES = ("numpy", "torch", "jax", "autograd", "sympy", "numexpr", "pyarrow", "pandas")
LINEAR = 1.1
"""The largest exponent that counts as linear: caches leave their mark between sizes."""


@dataclass
class Curve:
    """The exponent of the time over the size, fitted through the medians of some works."""

    name: str
    exponent: float
    bar: float = LINEAR

    def holds(self) -> bool:
        """Whether it grows no faster than it may."""
        return self.exponent <= self.bar


def curves(works: Sequence[Work], rows: Sequence[Row]) -> list[Curve]:
    """The growth curves of which two or more points were measured."""
    points: dict[str, list[tuple[float, float]]] = {}
    for work, row in zip(works, rows, strict=True):
        if work.curve and "gradcli" in row.seconds:
            points.setdefault(work.curve, []).append((math.log(work.size), math.log(row.seconds["gradcli"])))
    return [Curve(name, _slope(each)) for name, each in points.items() if len(each) > 1]


@dataclass
class Mean:
    """The geometric mean of gradcli's times over a peer's, in a group of works."""

    name: str
    peer: str
    ratio: float
    count: int
    bar: float

    def holds(self) -> bool:
        """Whether it is as small as it has to be."""
        return self.ratio <= self.bar


def means(works: Sequence[Work], rows: Sequence[Row]) -> list[Mean]:
    """The means of the groups that were measured."""
    found = []
    for group, bars in MEANS.items():
        for peer, bar in bars.items():
            ratios = [row.ratio(peer) for work, row in zip(works, rows, strict=True) if work.group == group]
            known = [math.log(ratio) for ratio in ratios if ratio is not None]
            if known:
                found.append(Mean(group, peer, math.exp(sum(known) / len(known)), len(known), bar))
    return found


def _slope(points: list[tuple[float, float]]) -> float:
    """Of the straight line through the points, by least squares."""
    across = sum(x for x, _ in points) / len(points)
    up = sum(y for _, y in points) / len(points)
    return sum((x - across) * (y - up) for x, y in points) / sum((x - across) ** 2 for x, _ in points)


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def shown(figure: float, unit: str) -> str:
    """A figure of a row."""
    return duration(figure) if unit == "s" else f"{figure:.3g} {unit}"


def lines(row: Row) -> Iterable[str]:
    """A work as lines of the terminal: ours first, then each peer with its ratio and its bar."""
    ours = row.seconds.get("gradcli")
    verdict = {True: "holds", False: "MISSED", None: ""}[row.holds()]
    time = shown(ours, row.unit) if ours is not None else "failed"
    yield f"{row.name:<38} {'gradcli':<12} {time:>10} {'':>8} {'':>8}  {verdict}"
    for peer, seconds in row.seconds.items():
        if peer == "gradcli":
            continue
        ratio, bar = row.ratio(peer), row.bars.get(peer)
        against = f"{ratio:.2f} ×" if ratio is not None else ""
        allowed = f"{bar:.2f} ×" if bar is not None else ""
        figure = shown(seconds, row.unit)
        yield f"{'':<38} {peer:<12} {figure:>10} {against:>8} {allowed:>8}  {_mark(ratio, bar)}"
    for name in row.differing:
        yield f"{'':<38} {name:<12} has another result"
    for name, reason in row.missing.items():
        yield f"{'':<38} {name:<12} {reason}"


def _mark(ratio: float | None, bar: float | None) -> str:
    if ratio is None or bar is None:
        return ""
    return "ok" if ratio <= bar else "MISSED"


def markdown(
    about: dict[str, object], rows: Sequence[Row], found: Sequence[Curve], averages: Sequence[Mean] = ()
) -> str:
    """The machine and all figures, as docs/performance.md has them."""
    text = ["| measured on | |", "| --- | --- |"]
    text += [f"| {name} | {value} |" for name, value in about.items()]
    text += [
        "",
        "| work | gradcli | peer | its figure | ours/its | bar | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        ours = shown(row.seconds["gradcli"], row.unit) if "gradcli" in row.seconds else "failed"
        peers = [peer for peer in row.seconds if peer != "gradcli"]
        if not peers:
            text.append(f"| {row.name} | {ours} | | | | | |")
        for at, peer in enumerate(peers):
            ratio, bar = row.ratio(peer), row.bars.get(peer)
            cells = [
                *((row.name, ours) if at == 0 else ("", "")),
                peer,
                shown(row.seconds[peer], row.unit),
                f"{ratio:.2f} ×" if ratio is not None else "",
                f"{bar:.2f} ×" if bar is not None else "",
                {"ok": "holds", "MISSED": "**missed**"}.get(_mark(ratio, bar), ""),
            ]
            text.append(f"| {' | '.join(cells)} |")
        text += [f"| | | {name} | has another result | | | |" for name in row.differing]
        text += [f"| | | {name} | {reason} | | | |" for name, reason in row.missing.items()]
    if found:
        text += ["", "| time grows with | exponent | bar | |", "| --- | --- | --- | --- |"]
        text += [
            f"| {curve.name} | {curve.exponent:.2f} | {curve.bar:.2f} | "
            f"{'holds' if curve.holds() else '**missed**'} |"
            for curve in found
        ]
    if averages:
        text += ["", "| geometric mean | works | ours/its | bar | |", "| --- | --- | --- | --- | --- |"]
        text += [
            f"| {mean.name}, {mean.peer} | {mean.count} | {mean.ratio:.2f} × | {mean.bar:.2f} × | "
            f"{'holds' if mean.holds() else '**missed**'} |"
            for mean in averages
        ]
    return "\n".join(text) + "\n"


def machine(interpreters: Sequence[str]) -> dict[str, object]:
    """What the figures were measured on: the machine, and the versions that the interpreters have."""
    versions: dict[str, str] = {}
    code = (
        "import importlib.metadata as m\n"
        f"for n in {PACKAGES}:\n try: print(n, m.version(n))\n except m.PackageNotFoundError: pass"
    )
    for python in interpreters:
        told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout
        for line in told.splitlines():
            name, version = line.split()
            versions.setdefault(name, version)
    return {
        "machine": f"{platform.machine()}, {_processor()}",
        "cores": os.cpu_count(),
        "load at the end": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
        "python": platform.python_version(),
        **versions,
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "unknown"
