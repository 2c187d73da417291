"""Whether formulas agree all over a domain: looked at, divided where nothing is settled, and looked at again.

The search ends when every box is settled, at a point where the two differ, or when the time is up; then the
smallest box is told that is left. It goes down to boxes between two neighbouring floats, so that what is left
out at a pole or a jump lies between numbers that a program can be run with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from time import monotonic, process_time
from typing import Any

import numpy as np

from gradcli.enclosure.comparison import BoxComparison, Question

Array = np.ndarray[Any, np.dtype[Any]]
Point = tuple[float, ...]
BATCH = (512, 48, 24)
"""How many boxes are looked at together, by the number of variables."""
FIRST = (16, 4, 2)
"""Into so many parts each variable's domain is divided from the start, by their number."""
REACH = 2.0**-14
"""How far the largest derivative counts, as a part of the domain."""
SECONDS = 5.0
"""How much of the processor's time a search takes where there is no limit, whatever else it has to do."""
MOST_BOXES = 300_000
MOST_DOUBTS = 20
"""So many points that differ by intervals, and not in more digits, are looked at."""
LEAST = 2.0**-500
"""Boxes are not made smaller: squares of such numbers are no floats."""
PLACES, MOST_PLACES = 48, 64
"""How often a place without a derivative is halved to tell of it, and of how many that is done."""
EVERY = 8
"""At so many depths once the widest side of a box is divided, whatever the difference depends on."""
GEOMETRIC = 20
"""From this depth on a box that reaches to 0 is divided by the sizes of its numbers."""


@dataclass(slots=True)
class SearchOutcome:
    """How a search ended.

    Attributes:
        proved: the formulas agree wherever there is a derivative.
        point: one at which they do not, or None.
        left: the smallest box of those in which nothing is settled, as (low, high) for each variable.
        boxes: how many were looked at.
        nowhere: what the boxes without a derivative span, for each variable; None where there are none.
        holes: of one variable, where single points without a derivative may be that are in none of these.
        everywhere: there is no derivative in the whole domain.
        between: the places between neighbouring floats that are left out.
        apart: the numbers of signs at whose zeros the two differ, by convention.
        unknown: the number of a formula that no enclosure is known of, which stands in the way.
    """

    proved: bool = False
    point: Point | None = None
    left: tuple[tuple[float, float], ...] | None = None
    boxes: int = 0
    nowhere: list[tuple[tuple[float, float], ...]] = field(default_factory=list)
    holes: list[tuple[float, float]] = field(default_factory=list)
    everywhere: bool = False
    between: list[tuple[tuple[float, float], ...]] = field(default_factory=list)
    apart: set[int] = field(default_factory=set)
    unknown: int | None = None


def search(
    question: Question,
    domain: Sequence[tuple[float, float]],
    seconds: float,
    refutes: Callable[[Point], bool],
) -> SearchOutcome:
    """Shows that the pairs of a question agree all over a domain, or finds out where they don't.

    Args:
        question: the pairs.
        domain: the ends of each variable, both finite and included.
        seconds: how long it may take; infinite where there is no limit.
        refutes: whether the two differ at a point, asked where the intervals say so.
    """
    reach = np.array([(high / 2 - low / 2) * REACH for low, high in domain])
    comparison = BoxComparison(question, reach)
    outcome = SearchOutcome()
    if comparison.obvious:
        outcome.proved = True
        return outcome
    outcome.unknown = comparison.unknown()
    if outcome.unknown is not None:
        return outcome
    return _Search(comparison, domain, seconds, refutes, outcome).run()


class _Search:
    """One search on its way."""

    def __init__(
        self,
        comparison: BoxComparison,
        domain: Sequence[tuple[float, float]],
        seconds: float,
        refutes: Callable[[Point], bool],
        outcome: SearchOutcome,
    ) -> None:
        self.comparison = comparison
        self.refutes = refutes
        self.outcome = outcome
        self.clock = process_time if math.isinf(seconds) else monotonic
        self.until = self.clock() + (SECONDS if math.isinf(seconds) else seconds)
        low, high = (np.array([ends[side] for ends in domain], float) for side in (0, 1))
        self.size = high / 2 - low / 2
        self.least = np.minimum(LEAST, self.size * 2.0**-64)
        self.batch = BATCH[min(len(domain), len(BATCH)) - 1]
        parts = FIRST[len(domain) - 1] if len(domain) <= len(FIRST) else 1
        edges = [
            [*(start + (end / parts - start / parts) * np.arange(parts)), end]
            for start, end in zip(low, high, strict=True)
        ]
        self.low = np.array(list(product(*[each[:-1] for each in edges]))).T
        self.high = np.array(list(product(*[each[1:] for each in edges]))).T
        self.depth = np.zeros(self.low.shape[1], int)
        self.unsure: list[tuple[tuple[float, float], ...]] = []
        """The boxes that are settled, though the derivative may have no value somewhere in them."""
        self.doubts = 0
        self.settled = 0

    def run(self) -> SearchOutcome:
        outcome = self.outcome
        with np.errstate(all="ignore"):
            return self._run(outcome)

    def _run(self, outcome: SearchOutcome) -> SearchOutcome:
        while self.low.shape[1]:
            if self.clock() > self.until or outcome.boxes > MOST_BOXES:
                self._leave(self.low, self.high)
                return outcome
            low, high, depth = self._taken()
            outcome.boxes += low.shape[1]
            looked = self.comparison.look(low, high)
            self._note(low, high, looked)
            if outcome.point is not None:
                return outcome
            rest = ~looked.settled
            if not self._divided(low[:, rest], high[:, rest], depth[rest]):
                return outcome
        outcome.proved = outcome.left is None
        outcome.everywhere = bool(outcome.nowhere) and self.settled == 0
        outcome.nowhere, outcome.between = _joined(outcome.nowhere), _joined(outcome.between)
        outcome.holes = self._holes()
        return outcome

    def _taken(self) -> tuple[Array, Array, Array]:
        """The next boxes."""
        found = self.low[:, : self.batch], self.high[:, : self.batch], self.depth[: self.batch]
        self.low, self.high = self.low[:, self.batch :], self.high[:, self.batch :]
        self.depth = self.depth[self.batch :]
        return found

    def _note(self, low: Array, high: Array, looked: Any) -> None:
        """What a look told, the point at which the two differ first."""
        self.outcome.apart |= looked.apart
        self.settled += int((looked.settled & ~looked.nowhere).sum())
        self.unsure += [_box(low, high, int(row)) for row in np.flatnonzero(looked.settled & looked.unsure)]
        self.outcome.nowhere += [_box(low, high, int(row)) for row in np.flatnonzero(looked.nowhere)]
        for row in np.flatnonzero(looked.different):
            if self.doubts >= MOST_DOUBTS:
                return
            point = np.clip(low[:, row] / 2 + high[:, row] / 2, low[:, row], high[:, row])
            if self.refutes(tuple(point.tolist())):
                self.outcome.point = tuple(point.tolist())
                return
            self.doubts += 1

    def _divided(self, low: Array, high: Array, depth: Array) -> bool:
        """Puts the halves of boxes back; False where one that can't be divided stays open."""
        half = high / 2 - low / 2
        relative = half / self.size[:, None]
        # What the difference depends on first; every few times whatever is widest.
        relative = np.where(self.comparison.depends[:, None] | (depth % EVERY == 0), relative, relative / 1e3)
        relative = np.where((np.nextafter(low, np.inf) < high) & (half > self.least[:, None]), relative, -1.0)
        lows, highs, depths = [self.low], [self.high], [self.depth]
        for row in range(low.shape[1]):
            axis = int(np.argmax(relative[:, row]))
            if relative[axis, row] < 0:
                if not self._ends_hold(low[:, row], high[:, row]):
                    if self.outcome.point is None:
                        self._leave(low[:, row : row + 1], high[:, row : row + 1])
                    return False
                self.outcome.between.append(_box(low, high, row))
                continue
            middle = _halfway(low[axis, row], high[axis, row], int(depth[row]))
            lower, upper = high[:, row].copy(), low[:, row].copy()
            lower[axis] = upper[axis] = middle
            lows.append(np.stack([low[:, row], upper], axis=1))
            highs.append(np.stack([lower, high[:, row]], axis=1))
            depths.append(np.array([depth[row] + 1] * 2))
        self.low, self.high = np.concatenate(lows, axis=1), np.concatenate(highs, axis=1)
        self.depth = np.concatenate(depths)
        return True

    def _ends_hold(self, low: Array, high: Array) -> bool:
        """Whether nothing is wrong at the corners of a box that cannot be divided."""
        points = np.stack([low, high], axis=1)
        looked = self.comparison.look(points, points)
        self._note(points, points, looked)
        held = looked.settled | self.comparison.unjudged(points)
        self.settled += int((looked.settled & ~looked.nowhere).sum())
        return bool(held.all())

    def _holes(self) -> list[tuple[float, float]]:
        """Where, in the boxes that are settled, single points without a derivative may be."""
        if not self.unsure or len(self.size) > 1:
            return []
        low, high = (np.array([[box[0][side] for box in self.unsure]]) for side in (0, 1))
        for _ in range(PLACES):
            middle = np.clip(low / 2 + high / 2, low, high)
            low, high = np.concatenate([low, middle], axis=1), np.concatenate([middle, high], axis=1)
            rows, nowhere = self.comparison.without(low, high)
            self.outcome.nowhere += [_box(low, high, int(row)) for row in np.flatnonzero(nowhere)]
            low, high = low[:, rows], high[:, rows]
            if not rows.any() or rows.sum() > MOST_PLACES:
                break
        self.outcome.nowhere = _joined(self.outcome.nowhere)
        found = [ends for (ends,) in _joined([_box(low, high, row) for row in range(low.shape[1])])]
        beside = [ends for (ends,) in self.outcome.nowhere]
        return [
            (start, end)
            for start, end in found
            if not any(low <= end and start <= high for low, high in beside)
        ]

    def _leave(self, low: Array, high: Array) -> None:
        """Tells the smallest of these boxes."""
        widths = np.sum(np.log2(np.maximum(high / 2 - low / 2, 5e-324)), axis=0)
        self.outcome.left = _box(low, high, int(np.argmin(widths)))
        self.outcome.nowhere = _joined(self.outcome.nowhere)


def _box(low: Array, high: Array, row: int) -> tuple[tuple[float, float], ...]:
    return tuple(zip(low[:, row].tolist(), high[:, row].tolist(), strict=True))


def _halfway(low: float, high: float, depth: int) -> float:
    """Where an interval is divided: in the middle, or, where it spans many sizes, between those."""
    low, high = float(low), float(high)
    middle = low / 2 + high / 2
    if low < 0 < high:
        return 0.0 if depth >= GEOMETRIC or not low < middle < high else middle
    if high <= 0:
        return -_halfway(-high, -low, depth)
    if low == 0 and depth >= GEOMETRIC:
        middle = math.sqrt(5e-324) * math.sqrt(high) if high > 1e-322 else high / 2
    elif low > 0 and high > 16 * low:
        middle = math.sqrt(low) * math.sqrt(high)
    return middle if low < middle < high else math.nextafter(low, math.inf)


def _joined(boxes: list[tuple[tuple[float, float], ...]]) -> list[tuple[tuple[float, float], ...]]:
    """Of one variable, intervals that touch are one; of several, one box around all."""
    if not boxes:
        return []
    if len(boxes[0]) > 1:
        columns = list(zip(*boxes, strict=True))
        return [tuple([(min(low for low, _ in each), max(high for _, high in each)) for each in columns])]
    found: list[tuple[float, float]] = []
    for ((low, high),) in sorted(boxes):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return [(each,) for each in found]
