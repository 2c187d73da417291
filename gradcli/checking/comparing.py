"""One gradient against numerical differentiation: element by element, or along random directions.

`gradcli.checking.gradients` says which gradient of which function; `numerical` compares single numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.checking.numerical import Tolerance, Verdict, measure
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE

if TYPE_CHECKING:
    from gradcli.checking.arbiter import Arbiter

Array = np.ndarray[Any, np.dtype[Any]]

ELEMENTS = 64
"""Inputs with at most so many elements are checked one by one."""
BUDGET = 2_000_000.0
"""Microseconds that the elements of one input may take; beyond it directions are taken."""
POINTS = 16
"""About how many evaluations one derivative takes."""
DIRECTIONS = 8
"""How many random directions are taken through a large input."""
RANDOM_POINTS = 100
"""At how many random points a claim is tried."""
QUICK = (2.0**-8, 2.0**-9)
"""The steps of differences that only have to tell one half of a gradient from the other."""
SPOT_CHECKS = 24
"""How many single elements are looked at where directions tell nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How gradients are checked.

    Attributes:
        tolerance: what counts as equal.
        directions: how many random directions are taken through large inputs.
        points: at how many random points claims are checked.
        seed: of the random directions and points.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    directions: int = DIRECTIONS
    points: int = RANDOM_POINTS
    seed: int = 0


@dataclass(slots=True)
class Compared:
    """What came of comparing one gradient.

    Attributes:
        elements: how many elements it has.
        directions: how many random directions were taken, 0 where each element was measured.
        worst: the verdict that matters most, or None where there was nothing to compare.
        index: the element that `worst` is about, None for a direction.
        passed, failed, unmeasured: how many verdicts there were of each kind.
        error: the largest difference among those that passed, relative to the gradient.
        reason: why something could not be measured.
        values: each element's gradient and what it should be, where each was measured; else None.
        point: where.
        notes: what is to be said of derivatives that are right.
    """

    elements: int
    directions: int = 0
    worst: Verdict | None = None
    index: list[int] | None = None
    passed: int = 0
    failed: int = 0
    unmeasured: int = 0
    error: float = 0.0
    reason: str = ""
    unmeasured_at: list[list[int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    values: tuple[Array, Array] | None = None
    point: Array | None = None

    @property
    def status(self) -> str:
        """What it comes to."""
        if self.failed:
            return FAIL
        return PASS if self.passed or not self.unmeasured else UNMEASURABLE

    def add(self, verdict: Verdict, unit: float, index: list[int] | None, scale: float = 0.0) -> None:
        """Takes one more verdict, whose derivatives are in units of `unit`.

        `scale` is the size of the terms that a directional derivative is the sum of.
        """
        verdict = verdict.over(unit)
        if verdict.status == PASS:
            self.passed += 1
            size = max(abs(verdict.claimed), abs(verdict.measured), scale)
            difference = abs(verdict.claimed - verdict.measured)
            self.error = max(self.error, difference / size if size > 20 * verdict.error else 0.0)
            if self.worst is None:
                self.worst, self.index = verdict, index
            if verdict.reason and verdict.reason not in self.notes:
                self.notes.append(verdict.reason)
        elif verdict.status == FAIL:
            self.failed += 1
            if self.failed == 1 or (self.worst is not None and _gap(verdict) > _gap(self.worst)):
                self.worst, self.index = verdict, index
        else:
            self.unmeasured += 1
            self.reason = self.reason or verdict.reason
            if index is not None:
                self.unmeasured_at.append(index)
            if self.worst is None:
                self.worst, self.index = verdict, index


def _gap(verdict: Verdict) -> float:
    """How wrong a verdict found something, relative to its size."""
    if not math.isfinite(verdict.claimed):
        return math.inf
    size = max(abs(verdict.claimed), abs(verdict.measured))
    return abs(verdict.claimed - verdict.measured) / size if size else 0.0


def compare(
    function: Callable[[Array], float],
    at: Array,
    gradient: Array,
    settings: Settings,
    *,
    cost: float = 10.0,
    elements: int = ELEMENTS,
    noise: float = 0.0,
    arbiter: Callable[[], Arbiter | None] | None = None,
    many: Callable[[Array], Array] | None = None,
) -> Compared:
    """Compares the gradient of a scalar function of an array with numerical differentiation.

    Args:
        function: from an array of the shape of `at` to a number; nan where it has none.
        at: the point.
        gradient: what is claimed, of that shape.
        settings: tolerance, number of directions, seed.
        cost: about how many microseconds one evaluation takes.
        elements: up to which size each element is measured.
        noise: relative rounding of the function, if more than float64's.
        arbiter: gives what settles, in more digits, whatever differences in float64 do not confirm.
        many: the function of a row of numbers, where `at` is a single one and all can be computed at once.
    """
    point = np.array(at, np.float64)
    flat, claimed = point.reshape(-1), np.asarray(gradient, np.float64).reshape(-1)
    result = Compared(flat.size)
    if flat.size == 0:
        return result
    units = steps_for(flat)
    whole = _Whole(function, point, units, claimed, settings, noise, arbiter, many)
    if flat.size <= elements and flat.size * POINTS * cost <= BUDGET:
        verdicts = [whole.element(index) for index in range(flat.size)]
        for index, verdict in enumerate(verdicts):
            result.add(verdict, units[index], _place(index, point.shape))
        measured = np.array([each.measured for each in verdicts]) / units
        result.values, result.point = (claimed.reshape(at.shape), measured.reshape(at.shape)), point
        return result
    result.directions = settings.directions
    random = np.random.default_rng(settings.seed)
    spots: list[int] = []
    for number in range(settings.directions):
        direction = whole.random_direction(random, number)
        verdict, scale = whole.direction(direction)
        result.add(verdict, 1.0, None, scale)
        if result.failed:
            spots = [whole.culprit(direction)]  # an example is wanted
            break
    if not result.failed and not result.passed:
        spots = random.choice(flat.size, min(SPOT_CHECKS, flat.size), replace=False).tolist()
    if not spots:
        return result
    single = Compared(result.elements, result.directions)
    for spot in spots:
        single.add(whole.element(spot), units[spot], _place(spot, point.shape))
    return single if single.failed or not result.failed else result


def steps_for(flat: Array) -> Array:
    """A step for each element that fits its size: a power of two, so that adding it rounds little."""
    finite = np.abs(flat[np.isfinite(flat) & (flat != 0)])
    typical = float(np.exp(np.mean(np.log(finite)))) if finite.size else 1.0
    scales = np.where((flat == 0) | ~np.isfinite(flat), typical, np.abs(flat))
    steps: Array = np.exp2(np.clip(np.floor(np.log2(scales)), -1000, 1000))
    return steps


def _place(index: int, shape: tuple[int, ...]) -> list[int]:
    return [int(each) for each in np.unravel_index(index, shape)]


@dataclass(slots=True)
class _Whole:
    """The function, its point and its claimed gradient, for one line through the point after another."""

    function: Callable[[Array], float]
    point: Array
    units: Array
    claimed: Array
    settings: Settings
    noise: float
    arbiter: Callable[[], Arbiter | None] | None
    many: Callable[[Array], Array] | None

    def element(self, index: int) -> Verdict:
        """Along one element."""
        unit = float(self.units[index])
        moved = self.point.copy()
        flat = moved.reshape(-1)
        start = float(flat[index])

        def along(t: float) -> Array:
            flat[index] = start + t * unit
            return np.array([self.function(moved)])

        def row(steps: Array) -> Array:
            assert self.many is not None
            return self.many(start + steps * unit)[:, None]

        claimed = np.array([self.claimed[index] * unit])
        sizes = np.where(np.isfinite(claimed), np.abs(claimed), 0.0)
        direction = np.zeros(self.point.shape)
        direction.reshape(-1)[index] = unit
        return self.settled(
            direction, self.measured(along, claimed, sizes, unit, None if self.many is None else row)
        )

    def settled(self, direction: Array, verdict: Verdict) -> Verdict:
        """What differences in float64 do not confirm, they do not decide either: more digits do, if there
        are any."""
        if verdict.status == PASS or self.arbiter is None:
            return verdict
        arbiter = self.arbiter()
        return verdict if arbiter is None else arbiter(direction, verdict, self.settings.tolerance)

    def random_direction(self, random: np.random.Generator, number: int) -> Array:
        """A direction in which every element moves by about its own size, or all by the same."""
        units = self.units
        if number % 2:
            units = np.full(units.shape, float(np.exp2(np.floor(np.log2(np.median(units))))))
        direction: Array = units * random.choice([-1.0, -0.5, 0.5, 1.0], size=units.shape)
        return direction.reshape(self.point.shape)

    def culprit(self, direction: Array) -> int:
        """An element because of which the gradient is wrong along this direction, found by halving it."""
        part = np.arange(self.claimed.size)
        gap = self.gap(direction, part)
        while len(part) > 1:
            half = part[: len(part) // 2]
            lower = self.gap(direction, half)
            # An overflow, or a nan, is wrong wherever it is.
            below = abs(lower) >= abs(gap - lower) if math.isfinite(gap) else not math.isfinite(lower)
            part, gap = (half, lower) if below else (part[len(half) :], gap - lower)
        return int(part[0])

    def gap(self, direction: Array, part: Array) -> float:
        """How wrong the gradient is along the part of a direction, by two quick differences."""
        moved = np.zeros(self.claimed.size)
        moved[part] = direction.reshape(-1)[part]
        along = moved.reshape(self.point.shape)
        coarse, fine = (
            (self.function(self.point + step * along) - self.function(self.point - step * along)) / (2 * step)
            for step in QUICK
        )
        return float(self.claimed[part] @ moved[part]) - fine - (fine - coarse) / 3

    def direction(self, direction: Array) -> tuple[Verdict, float]:
        """Along a direction; gives the size of the terms that the derivative is the sum of as well."""
        terms = self.claimed * direction.reshape(-1)

        def along(t: float) -> Array:
            return np.array([self.function(self.point + t * direction)])

        sizes = np.array([float(np.sqrt(np.sum(terms**2)))])
        verdict = self.measured(along, np.array([terms.sum()]), sizes, 1.0)
        return self.settled(direction, verdict), float(sizes[0])

    def measured(
        self,
        along: Callable[[float], Array],
        claimed: Array,
        sizes: Array,
        unit: float,
        row: Callable[[Array], Array] | None = None,
    ) -> Verdict:
        """The verdict along one line."""
        level = int(math.log2(unit))
        with np.errstate(all="ignore"):
            (verdict,) = measure(
                along,
                claimed,
                self.settings.tolerance,
                sizes=sizes,
                absolute_level=level if level else None,
                noise=self.noise,
                row=row,
            )
        return verdict
