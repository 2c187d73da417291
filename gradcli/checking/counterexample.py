"""The simplest counterexample: from the point that refuted a claim to small round numbers that do so too."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from gradcli.checking.points import Domain

SIMPLE = (1.0, 2.0, 3.0, -1.0, 0.5, -2.0, 0.0, 4.0, 5.0, 10.0, -3.0, -0.5, 0.1, -0.1)
MOST_TRIES = 120

Point = dict[str, float]


def shrink(
    point: Point,
    domains: Mapping[str, Domain],
    refutes: Callable[[Point], bool],
    telling: Callable[[Point], bool],
) -> Point:
    """The simplest point found that refutes.

    Args:
        point: one that does.
        domains: where each input may lie.
        refutes: whether the claim is wrong there.
        telling: whether both values are there for a ratio: such points are preferred.
    """
    candidates = islice(_simpler(point, domains), MOST_TRIES)
    fallback: Point | None = None
    for candidate in candidates:
        if refutes(candidate):
            if telling(candidate):
                return candidate
            fallback = fallback or candidate
    best = fallback or point
    if fallback is None:
        best = _rounded(point, domains, refutes)
    return best


def _simpler(point: Point, domains: Mapping[str, Domain]) -> Iterator[Point]:
    """Points of small round numbers, the simplest first: all alike, all different, then one at a time."""
    names = list(point)
    seen: set[tuple[float, ...]] = set()
    for candidate in _combinations(names):
        key = tuple(candidate.values())
        if key not in seen and all(candidate[name] in domains[name] for name in names):
            seen.add(key)
            yield candidate


def _combinations(names: list[str]) -> Iterator[Point]:
    if len(names) > 1:
        yield {name: float(number) for number, name in enumerate(names, 1)}
    for value in SIMPLE:
        yield dict.fromkeys(names, value)
    if len(names) > 1:
        for base in (1.0, 2.0):
            for value in SIMPLE:
                for name in names:
                    yield {**dict.fromkeys(names, base), name: value}
        for shift in range(1, len(SIMPLE)):
            yield {name: SIMPLE[(number + shift) % len(SIMPLE)] for number, name in enumerate(names)}


def _rounded(point: Point, domains: Mapping[str, Domain], refutes: Callable[[Point], bool]) -> Point:
    """The point with as few digits as it can do with, one input after the other."""
    best = dict(point)
    for name in best:
        for value in (*SIMPLE[:6], *_roundings(best[name])):
            if value == best[name]:
                break
            if value in domains[name] and refutes({**best, name: value}):
                best[name] = value
                break
    return best


def _roundings(value: float) -> Iterator[float]:
    if not value or not math.isfinite(value):
        return
    for digits in range(1, 6):
        yield float(f"{value:.{digits - 1}e}")
