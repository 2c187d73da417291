"""Numerical differentiation that knows how far it can be trusted.

`measure` compares a claimed derivative with differences of a function along a line and says whether it is
right, wrong, or not measurable here, and why. Called by `gradcli.checking.comparing` and `proving`;
knows nothing of programs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.checking.ladder import COARSE, EPSILON, FINEST, FIRST, FURTHER, LARGER, Curve, Estimate, Ladder
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE

Array = np.ndarray[Any, np.dtype[Any]]

PROBE = 24
"""A much finer step, at which a derivative that was found at coarse steps has to be the same."""
STRUCTURE = 1e-7
"""Relative to the function, what is more than rounding can build up to."""

PASS_FACTOR = 10.0
"""A difference within so many estimated errors is no difference."""
FAIL_FACTOR = 30.0
"""A difference beyond so many estimated errors is one."""
PLAIN = 1e-3
"""Relative to both derivatives, a gap beyond it is wrong if a much finer step sees it just so."""
RESOLUTION = 1e-8
"""The relative error that a measurement may have to count as one."""

HIDES = "rounding hides it"
DIVERGES = "the differences do not converge"
WIDER = 8
"""Noise at wider spacings has to be so much more to be another."""
STAIRS = 4
"""Of twice as many values at the finest steps, so many different ones are few."""
HIDDEN = 64 * EPSILON
"""What rounding of terms of size 1 can come to that cancel inside a function."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two derivatives may differ: `absolute + relative * the larger one`."""

    relative: float = 1e-9
    absolute: float = 0.0

    def of(self, size: float) -> float:
        """What it comes to for derivatives of that size."""
        return self.absolute + self.relative * size


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one comparison.

    Attributes:
        status: `PASS`, `FAIL` or `UNMEASURABLE`.
        claimed, measured: both derivatives.
        error: the estimated error of the measured one.
        reason: why it is not measurable.
    """

    status: str
    claimed: float
    measured: float
    error: float
    reason: str = ""

    def over(self, unit: float) -> Verdict:
        """The same of derivatives that were measured in units of `unit`."""
        claimed, measured, error = (float(each / unit) for each in (self.claimed, self.measured, self.error))
        return Verdict(self.status, claimed, measured, error, self.reason)


def measure(
    function: Callable[[float], Array],
    claimed: Array,
    tolerance: Tolerance,
    *,
    sizes: Array | None = None,
    absolute_level: int | None = None,
    noise: float = 0.0,
    row: Callable[[Array], Array] | None = None,
) -> list[Verdict]:
    """Compares the derivative of `function` at 0 with `claimed`, component by component.

    Args:
        function: from a number to a vector; the natural unit of its argument is 1.
        claimed: the derivatives to check, one for each component.
        tolerance: what counts as equal.
        sizes: the size of the terms that `claimed` is a sum of, where they may cancel.
        absolute_level: the k for which 2**-k is a step of size 1 in the inputs, when it isn't 0.
        noise: relative rounding of the function, when it is more than float64's.
        row: the same function of many numbers at once, a line of its answer for each, or None.
    """
    curve = Curve(function, row)
    claimed = np.asarray(claimed, np.float64).reshape(-1)
    sizes = np.abs(claimed) if sizes is None else np.asarray(sizes, np.float64).reshape(-1)
    middle = curve(0.0)
    if middle.shape != claimed.shape:
        return [
            _unmeasurable(float(each), "the shape of the result depends on the input") for each in claimed
        ]
    return [
        _Component(
            curve, at, float(claimed[at]), float(sizes[at]), tolerance, absolute_level, noise
        ).verdict()
        for at in range(len(claimed))
    ]


def _unmeasurable(claimed: float, reason: str) -> Verdict:
    return Verdict(UNMEASURABLE, claimed, math.nan, math.inf, reason)


class _Component(Ladder):
    """One component on its way to a verdict: ever more steps, as long as they are needed."""

    def __init__(
        self,
        curve: Curve,
        at: int,
        claimed: float,
        size: float,
        tolerance: Tolerance,
        absolute_level: int | None,
        noise: float,
    ) -> None:
        super().__init__(curve, at, noise)
        self.claimed = claimed
        self.size = size
        self.tolerance = tolerance
        self.absolute_level = absolute_level

    # ---- the way to a verdict ----------------------------------------------------------------

    def verdict(self) -> Verdict:
        if not math.isfinite(self.middle):
            return _unmeasurable(self.claimed, "the value is not finite")
        finite = math.isfinite(self.claimed)
        if finite:
            for levels in (FIRST, FURTHER):
                self.take(levels)
                quick = self.quick(self.estimates())
                if quick is not None and not self.may_have_kink(levels) and self.holds_nearby(quick):
                    return quick
        self.take([*FIRST, *FURTHER, *FINEST])
        noise = self.find_noise()
        if not math.isfinite(noise):
            return self.kink() or _unmeasurable(self.claimed, "the function is not finite nearby")
        found = self.with_noise()
        if found.status == PASS and not self.is_flat():
            return found
        wider = self.wider_noise()
        if wider <= WIDER * noise:
            return found
        # Finer steps may show a slope of their own, or nothing but what rounding left: both have to accuse.
        self.noise = wider
        other = self.with_noise()
        gap = abs(other.measured - self.claimed) / 10
        near = abs(found.measured - self.claimed) < gap and found.error < gap
        hidden = found.status == FAIL or (found.reason in (HIDES, DIVERGES) and not near)
        if other.status == PASS or (other.status == FAIL and hidden):
            return other
        if found.status == UNMEASURABLE:
            return found
        return Verdict(UNMEASURABLE, self.claimed, other.measured, other.error, HIDES)

    def with_noise(self) -> Verdict:
        """What all steps say if the noise is what it is thought to be."""
        if self.jumps_here():
            return self.no_derivative("a cliff: the function jumps here")
        kink = self.kink()
        if kink is not None:
            return kink
        estimates = self.estimates()
        best = self.agrees(estimates)
        if best is not None:
            return best
        self.take(COARSE)
        if self.absolute_level is not None and abs(self.absolute_level) > 1:
            self.take(range(self.absolute_level, self.absolute_level + 9))
        for level in LARGER:
            if self.stands_out(min(self.above)):
                break
            self.take(range(level, level + 4))
        estimates = self.estimates()
        best = self.agrees(estimates)
        if best is not None:
            return best
        return self.judge(estimates)

    def candidates(self, estimates: list[Estimate]) -> list[Estimate]:
        """The estimate with the least error, and another one if finer steps agree on something else.

        A function can look smooth from afar and be another one nearby, as stairs do: then the finer steps
        know better. But rounding makes stairs too: while they are that low, an accusation has to hold against
        both.
        """
        if not estimates:
            return []
        best = min(estimates, key=lambda each: each.error)
        finer = [each for each in estimates if each.level > best.level]
        for each, next_finer in zip(reversed(finer[:-1]), reversed(finer[1:]), strict=True):
            apart = FAIL_FACTOR * (each.error + next_finer.error)
            if abs(each.value - next_finer.value) < apart < abs(each.value - best.value):
                alike = [
                    other
                    for other in finer
                    if abs(other.value - each.value) <= FAIL_FACTOR * (other.error + each.error)
                ]
                nearby = min(alike, key=lambda other: other.error)
                coarsest = min(other.level for other in alike)
                apart = abs(nearby.value - best.value) * math.ldexp(1.0, -coarsest)
                if apart > STRUCTURE * self.magnitude(coarsest):
                    return [nearby]
                return [best, nearby]
        return [best]

    def resolved(self, estimate: Estimate) -> bool:
        """Whether an estimate is good enough to say that the claimed derivative is right.

        It has to be so relative to the derivative, to the others that it stands among, or, if the claim is
        zero, to the function.
        """
        size = max(abs(estimate.value), abs(self.claimed))
        relative = max(RESOLUTION, self.tolerance.relative / 10)
        if estimate.error <= relative * size + self.tolerance.absolute / 10:
            return True
        if self.claimed == 0 and estimate.error <= 1e-11 * self.magnitude(estimate.level):
            return True
        return self.size > size and estimate.error <= 1e-10 * self.size

    def agrees(self, estimates: list[Estimate]) -> Verdict | None:
        """PASS, if a good estimate says the same."""
        for each in self.candidates(estimates):
            if self.is_near(each, PASS_FACTOR) and self.resolved(each):
                return Verdict(PASS, self.claimed, each.value, each.error)
        return None

    def quick(self, estimates: list[Estimate]) -> Verdict | None:
        """PASS or FAIL, where these steps alone say so plainly."""
        found = self.agrees(estimates)
        if found is not None or not estimates:
            return found
        best = min(estimates, key=lambda each: each.error)
        gap = abs(best.value - self.claimed)
        if gap <= PLAIN * max(abs(best.value), abs(self.claimed), self.size) or not self.resolved(best):
            return None
        return Verdict(FAIL, self.claimed, best.value, best.error)

    def holds_nearby(self, found: Verdict) -> bool:
        """Whether a much finer step gives the same: steps of whole numbers see no stairs."""
        self.take([PROBE])
        if found.status == FAIL:
            gap = abs(found.measured - found.claimed)
            hidden = HIDDEN * max(1.0, self.magnitude(PROBE)) * math.ldexp(1.0, PROBE)
            return abs(self.central(PROBE) - found.measured) <= PLAIN * gap and gap > hidden
        noise = self.floor(PROBE) * math.ldexp(1.0, PROBE)
        size = max(abs(found.measured), abs(found.claimed))
        return abs(self.central(PROBE) - found.measured) <= 1e-6 * size + 100 * noise

    def is_near(self, estimate: Estimate, factor: float) -> bool:
        """Whether the claimed derivative is within the tolerance and so many estimated errors."""
        if not math.isfinite(self.claimed):
            return False  # the tolerance of an infinite derivative would be infinite
        size = max(abs(estimate.value), abs(self.claimed))
        allowed = self.tolerance.of(size) + 16 * EPSILON * self.size
        return abs(estimate.value - self.claimed) <= allowed + factor * estimate.error

    def judge(self, estimates: list[Estimate]) -> Verdict:
        """What the whole ladder says of a claim that isn't plainly right."""
        if not estimates:
            return _unmeasurable(self.claimed, "the function is not finite nearby")
        if self.is_chaotic():
            return _unmeasurable(self.claimed, "it changes faster than its inputs can be resolved")
        candidates = self.candidates(estimates)
        best = candidates[-1]
        if not math.isfinite(self.claimed):
            if best.error <= max(1e-4 * abs(best.value), 1e-9 * self.magnitude(FIRST[0])):
                return Verdict(FAIL, self.claimed, best.value, best.error)
            return _unmeasurable(self.claimed, "the derivative is not finite")
        for each in candidates:
            if self.is_near(each, FAIL_FACTOR):
                return Verdict(UNMEASURABLE, self.claimed, each.value, each.error, HIDES)
        difference = abs(best.value - self.claimed)
        confirmed = any(
            abs(each.value - best.value) <= PASS_FACTOR * (each.error + best.error)
            and each.error < difference / PASS_FACTOR
            for each in estimates
            if 0 < abs(each.level - best.level) <= 4
        )
        if not confirmed:
            return Verdict(UNMEASURABLE, self.claimed, best.value, best.error, DIVERGES)
        if difference * math.ldexp(1.0, -best.level) <= HIDDEN * max(1.0, self.magnitude(best.level)) and (
            self.is_flat()
            or any(self.is_near(each, 3) and each.error < difference / 10 for each in estimates)
        ):
            return Verdict(UNMEASURABLE, self.claimed, best.value, best.error, HIDES)
        if self.kinked_nearby(best.level):
            return Verdict(UNMEASURABLE, self.claimed, best.value, best.error, "there is a kink nearby")
        # Of two scales on which the claim is wrong, the one that is more than rounding is shown.
        if abs(best.value) * math.ldexp(1.0, -best.level) <= 1e-6 * self.magnitude(best.level):
            best = candidates[0]
        return Verdict(FAIL, self.claimed, best.value, best.error)

    def kinked_nearby(self, coarsest: int) -> bool:
        """Whether the one-sided differences do not meet at the finest steps that noise leaves.

        Steps beyond those of the estimate say nothing about it.
        """
        for level in sorted(self.above, reverse=True):
            if level < coarsest or level - 1 not in self.above:
                continue
            jumps = [self.jump(each) for each in (level - 1, level)]
            before, after = self.sides(level)
            noise = 16 * self.floor(level) * math.ldexp(1.0, level)
            size = abs(before) + abs(after)
            if all(map(math.isfinite, jumps)) and noise < 0.01 * size:
                return abs(2 * jumps[1] - jumps[0]) > 0.02 * size + noise
        return False

    def is_flat(self) -> bool:
        """Whether there are no more than a few different values at the finest steps, as on stairs.

        Where terms of size 1 cancel inside a function, their rounding looks like that.
        """
        finest = [each[level] for level in FINEST[-STAIRS:] for each in (self.above, self.below)]
        return len(set(finest)) <= STAIRS

    def is_chaotic(self) -> bool:
        """Whether even at the smallest steps the function does nothing but jump about."""
        assert self.noise is not None
        finest = [level for level in self.above if level >= FIRST[0]]
        values = [each[level] for level in finest for each in (self.above, self.below)]
        finite = [value for value in values if math.isfinite(value)]
        spread = max((abs(value - self.middle) for value in finite), default=0.0)
        largest = max((abs(value) for value in finite), default=0.0)
        return self.noise > 1e-3 * spread and spread > 100 * EPSILON * largest

    # ---- kinks and cliffs --------------------------------------------------------------------

    def may_have_kink(self, levels: range) -> bool:
        """Whether the one-sided differences leave room for a kink; costs nothing."""
        coarse, fine = levels[-2], levels[-1]
        if not all(
            math.isfinite(each[level]) for each in (self.above, self.below) for level in (coarse, fine)
        ):
            return True
        left = 2 * self.jump(fine) - self.jump(coarse)
        before, after = self.sides(fine)
        noise = 8 * self.floor(fine) * math.ldexp(1.0, fine)
        return abs(left) > 1e-3 * (abs(before) + abs(after)) + 4 * noise

    def jumps_here(self) -> bool:
        """Whether the values on one side do not come near the one in the middle, however small the step."""
        for side in (self.above, self.below):
            gaps = [abs(side[level] - self.middle) for level in range(FINEST[-1] - 8, FINEST[-1] + 1)]
            if not all(map(math.isfinite, gaps)):
                continue
            if min(gaps) > 1e-9 * self.magnitude(FINEST[-1]) and max(gaps) < 1.01 * min(gaps):
                return True
        return False

    def kink(self) -> Verdict | None:
        """UNMEASURABLE, where the one-sided derivatives differ or do not exist."""
        usable = []
        for level in sorted(self.above, reverse=True):
            if not (math.isfinite(self.above[level]) and math.isfinite(self.below[level])):
                before, after = self.sides(level)
                if level >= FINEST[0] and math.isfinite(before) != math.isfinite(after):
                    return self.no_derivative("it is the edge of where the function is finite")
                continue
            before, after = self.sides(level)
            noise = 8 * self.floor(level) * math.ldexp(1.0, level)
            if noise < 0.02 * (abs(before) + abs(after)):
                usable.append((level, before, after, noise))
            if len(usable) == 6:
                break
        if len(usable) < 4:
            return None
        growth = [
            max(abs(finer[1]), abs(finer[2])) / max(abs(coarser[1]), abs(coarser[2]))
            for finer, coarser in pairwise(usable)
        ]
        if min(growth) > 1.2:
            return self.no_derivative("a cliff: the differences grow without end")
        gaps = [(after - before, noise) for _, before, after, noise in usable]
        sizes = [abs(before) + abs(after) for _, before, after, _ in usable]
        steady = all(
            abs(gap) > 1e-3 * size + noise for (gap, noise), size in zip(gaps, sizes, strict=True)
        ) and all(
            abs(finer[0] - coarser[0]) < 0.2 * abs(coarser[0]) + finer[1] for finer, coarser in pairwise(gaps)
        )
        if not steady:
            return None
        _, before, after, noise = usable[-1]
        return self.no_derivative(
            f"a kink: {_short(before)} on the left, {_short(after)} on the right", before, after
        )

    def no_derivative(self, reason: str, before: float = math.nan, after: float = math.nan) -> Verdict:
        """UNMEASURABLE; FAIL if the claimed derivative lies clearly outside the one-sided ones."""
        low, high = min(before, after), max(before, after)
        margin = 0.01 * (abs(low) + abs(high))
        if math.isfinite(self.claimed) and (self.claimed < low - margin or self.claimed > high + margin):
            nearest = low if self.claimed < low else high
            return Verdict(FAIL, self.claimed, nearest, margin, reason)
        return Verdict(UNMEASURABLE, self.claimed, (before + after) / 2, math.inf, reason)


def _short(value: float) -> str:
    return f"{value:.4g}"
