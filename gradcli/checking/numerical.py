"""Numerical differentiation that knows how far it can be trusted.

`measure` compares a claimed derivative with differences of a function along a line and says whether it is
right, wrong, or not measurable here, and why. Called by `gradcli.checking.gradients` and `claims`; knows
nothing of programs.

Central differences over a ladder of steps 2**-k are extrapolated to step zero (Richardson); the error of an
extrapolated value is estimated from its neighbours in the tableau (Ridders, "Accurate computation of F'(x)",
1982) and from the noise of the function, which difference tables at tiny steps reveal (Moré and Wild,
"Estimating computational noise", 2011). One-sided differences show kinks and cliffs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

EPSILON = float(np.finfo(np.float64).eps)
FIRST = range(2, 9)
"""The steps 2**-k, in units of the direction, that settle most cases."""
FURTHER = range(9, 21)
FINEST = range(21, 47)
COARSE = range(-8, 2)
WINDOW = 7
"""How many steps an extrapolation uses."""
NOISE_LEVEL = 44
"""The spacing 2**-k at which a resolved function shows nothing but its noise."""

PROBE = 24
"""A much finer step, at which a derivative that was found at coarse steps has to be the same."""
STRUCTURE = 1e-7
"""Relative to the function, what is more than rounding can build up to."""

PASS_FACTOR = 10.0
"""A difference within so many estimated errors is no difference."""
FAIL_FACTOR = 30.0
"""A difference beyond so many estimated errors is one."""
RESOLUTION = 1e-8
"""The relative error that a measurement may have to count as one."""

PASS, FAIL, UNMEASURABLE = "pass", "fail", "unmeasurable"


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


class Curve:
    """A vector-valued function of one variable, each point computed once; failures count as nan."""

    def __init__(self, function: Callable[[float], Array]) -> None:
        self._function = function
        self._known: dict[float, Array] = {}

    def __call__(self, t: float) -> Array:
        found = self._known.get(t)
        if found is None:
            found = self._known[t] = np.asarray(self._function(t), np.float64).reshape(-1)
        return found


def measure(
    function: Callable[[float], Array],
    claimed: Array,
    tolerance: Tolerance,
    *,
    sizes: Array | None = None,
    absolute_level: int | None = None,
    noise: float = 0.0,
) -> list[Verdict]:
    """Compares the derivative of `function` at 0 with `claimed`, component by component.

    Args:
        function: from a number to a vector; the natural unit of its argument is 1.
        claimed: the derivatives to check, one for each component.
        tolerance: what counts as equal.
        sizes: the size of the terms that `claimed` is a sum of, where they may cancel.
        absolute_level: the k for which 2**-k is a step of size 1 in the inputs, when it isn't 0.
        noise: relative rounding of the function, when it is more than float64's.
    """
    curve = Curve(function)
    claimed = np.asarray(claimed, np.float64).reshape(-1)
    sizes = np.abs(claimed) if sizes is None else np.asarray(sizes, np.float64).reshape(-1)
    middle = curve(0.0)
    if middle.shape != claimed.shape:
        return [_unmeasurable(float(each), "the shape of the result depends on the input") for each in claimed]
    return [
        _Component(curve, at, float(claimed[at]), float(sizes[at]), tolerance, absolute_level, noise).verdict()
        for at in range(len(claimed))
    ]


def _unmeasurable(claimed: float, reason: str) -> Verdict:
    return Verdict(UNMEASURABLE, claimed, math.nan, math.inf, reason)


@dataclass(slots=True)
class _Estimate:
    """An extrapolated derivative, its estimated error and the finest step that it used."""

    value: float
    error: float
    level: int


class _Component:
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
        self.curve = curve
        self.at = at
        self.claimed = claimed
        self.size = size
        self.tolerance = tolerance
        self.absolute_level = absolute_level
        self.middle = float(curve(0.0)[at])
        self.above: dict[int, float] = {}
        self.below: dict[int, float] = {}
        self.relative_noise = max(noise, EPSILON / 4)
        self.noise: float | None = None
        self.misses = 0

    # ---- points ------------------------------------------------------------------------------

    def take(self, levels: Sequence[int]) -> None:
        """Computes the function at the steps of these levels."""
        for level in levels:
            if level in self.above:
                continue
            step = math.ldexp(1.0, -level)
            up, down = self.curve(step), self.curve(-step)
            if up.shape != self.curve(0.0).shape or down.shape != up.shape:
                self.above[level] = self.below[level] = math.nan
                continue
            self.above[level], self.below[level] = float(up[self.at]), float(down[self.at])

    def magnitude(self, level: int) -> float:
        """The largest value among those at a level and at 0."""
        return max(abs(self.middle), abs(self.above[level]), abs(self.below[level]))

    def floor(self, level: int) -> float:
        """The noise of one value of the function there, as far as it is known."""
        least = self.relative_noise * self.magnitude(level)
        return least if self.noise is None else max(least, self.noise)

    def find_noise(self) -> float:
        """The standard deviation of the function's rounding noise, from a difference table at tiny steps."""
        spacing = math.ldexp(1.0, -NOISE_LEVEL)
        values = []
        for number in range(-3, 5):
            found = self.curve(number * spacing)
            values.append(float(found[self.at]) if found.shape == self.curve(0.0).shape else math.nan)
        table = np.array(values)
        if not np.isfinite(table).all():
            self.noise = math.inf
            return self.noise
        largest = float(np.abs(table).max()) or 1.0
        table = table / largest
        estimates = []
        factor = 1.0
        for order in range(1, 6):
            table = np.diff(table)
            factor *= order / (2 * (2 * order - 1))
            if order >= 3:
                estimates.append(math.sqrt(factor * float(np.mean(table**2))))
        self.noise = max(sorted(estimates)[1], self.relative_noise) * largest
        return self.noise

    # ---- extrapolation -----------------------------------------------------------------------

    def central(self, level: int) -> float:
        """The central difference; nan where the function has no value."""
        return (self.above[level] - self.below[level]) / math.ldexp(2.0, -level)

    def runs(self) -> list[list[int]]:
        """Stretches of consecutive levels at which the function is finite."""
        runs: list[list[int]] = []
        for level in sorted(self.above):
            if not (math.isfinite(self.above[level]) and math.isfinite(self.below[level])):
                continue
            if runs and runs[-1][-1] == level - 1:
                runs[-1].append(level)
            else:
                runs.append([level])
        return runs

    def estimates(self) -> list[_Estimate]:
        """For each level the best extrapolation that ends with it, from the coarsest step to the finest."""
        found = []
        for run in self.runs():
            rows: list[list[float]] = []
            for position, level in enumerate(run):
                row = [self.central(level)]
                best: _Estimate | None = None
                noise = 2 * self.floor(level) * math.ldexp(1.0, level)
                if rows:
                    factor = 4.0
                    for depth in range(min(len(rows[-1]), WINDOW - 1)):
                        extrapolated = row[depth] + (row[depth] - rows[-1][depth]) / (factor - 1)
                        error = max(abs(extrapolated - row[depth]), abs(extrapolated - rows[-1][depth]))
                        row.append(extrapolated)
                        factor *= 4
                        # The first difference alone is no error estimate: it may vanish by symmetry.
                        if depth == 0 and position < 2:
                            continue
                        error += noise + 2 * EPSILON * abs(extrapolated)
                        if best is None or error < best.error:
                            best = _Estimate(extrapolated, error, level)
                rows.append(row)
                if best is not None and math.isfinite(best.value):
                    found.append(best)
        return found

    # ---- the way to a verdict ----------------------------------------------------------------

    def verdict(self) -> Verdict:
        if not math.isfinite(self.middle):
            return _unmeasurable(self.claimed, "the value is not finite")
        finite = math.isfinite(self.claimed)
        if finite:
            self.take(FIRST)
            quick = self.agrees(self.estimates())
            if quick is not None and not self.may_have_kink(FIRST) and self.holds_nearby(quick):
                return quick
            self.take(FURTHER)
            quick = self.agrees(self.estimates())
            if quick is not None and not self.may_have_kink(FURTHER) and self.holds_nearby(quick):
                return quick
        self.take([*FIRST, *FURTHER, *FINEST])
        noise = self.find_noise()
        if not math.isfinite(noise):
            return self.kink() or _unmeasurable(self.claimed, "the function is not finite nearby")
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
        estimates = self.estimates()
        best = self.agrees(estimates, exhausted=True)
        if best is not None:
            return best
        return self.judge(estimates)

    def candidates(self, estimates: list[_Estimate]) -> list[_Estimate]:
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

    def resolved(self, estimate: _Estimate, exhausted: bool) -> bool:
        """Whether an estimate is good enough to say that the claimed derivative is right.

        Of derivatives that are lost in the noise it takes all steps to say that they are as good as zero.
        """
        size = max(abs(estimate.value), abs(self.claimed))
        relative = max(RESOLUTION, self.tolerance.relative / 10)
        if estimate.error <= relative * size + self.tolerance.absolute / 10:
            return True
        if size <= 2 * PASS_FACTOR * estimate.error:
            return exhausted and estimate.error <= 1e-11 * max(self.magnitude(estimate.level), self.size)
        return estimate.error <= 1e-10 * self.size

    def agrees(self, estimates: list[_Estimate], exhausted: bool = False) -> Verdict | None:
        """PASS, if a good estimate says the same."""
        for each in self.candidates(estimates):
            if self.is_near(each, PASS_FACTOR) and self.resolved(each, exhausted or self.claimed == 0):
                return Verdict(PASS, self.claimed, each.value, each.error)
        return None

    def holds_nearby(self, found: Verdict) -> bool:
        """Whether a much finer step gives the same: steps of whole numbers see no stairs."""
        self.take([PROBE])
        noise = self.floor(PROBE) * math.ldexp(1.0, PROBE)
        size = max(abs(found.measured), abs(found.claimed))
        return abs(self.central(PROBE) - found.measured) <= 1e-6 * size + 100 * noise

    def is_near(self, estimate: _Estimate, factor: float) -> bool:
        """Whether the claimed derivative is within the tolerance and so many estimated errors."""
        size = max(abs(estimate.value), abs(self.claimed))
        allowed = self.tolerance.of(size) + 16 * EPSILON * self.size
        return abs(estimate.value - self.claimed) <= allowed + factor * estimate.error

    def judge(self, estimates: list[_Estimate]) -> Verdict:
        """What the whole ladder says of a claim that isn't plainly right."""
        if not estimates:
            return _unmeasurable(self.claimed, "the function is not finite nearby")
        if self.is_chaotic():
            return _unmeasurable(self.claimed, "it changes faster than its inputs can be resolved")
        candidates = self.candidates(estimates)
        best = candidates[-1]
        if not math.isfinite(self.claimed):
            if best.error <= max(1e-4 * abs(best.value), 1e-11 * self.magnitude(best.level)):
                return Verdict(FAIL, self.claimed, best.value, best.error)
            return _unmeasurable(self.claimed, "the derivative is not finite")
        for each in candidates:
            if self.is_near(each, FAIL_FACTOR):
                return Verdict(UNMEASURABLE, self.claimed, each.value, each.error, "rounding hides it")
        difference = abs(best.value - self.claimed)
        confirmed = any(
            abs(each.value - best.value) <= PASS_FACTOR * (each.error + best.error)
            and each.error < difference / PASS_FACTOR
            for each in estimates
            if 0 < abs(each.level - best.level) <= 4
        )
        if confirmed and len(candidates) == 1:
            return Verdict(FAIL, self.claimed, best.value, best.error)
        if confirmed and self.noise is not None:
            # Two scales, and the claim is right on neither: the finer one must not be made of rounding.
            if abs(best.value) * math.ldexp(1.0, -best.level) > 1e-6 * self.magnitude(best.level):
                return Verdict(FAIL, self.claimed, best.value, best.error)
            return Verdict(FAIL, self.claimed, candidates[0].value, candidates[0].error)
        return Verdict(UNMEASURABLE, self.claimed, best.value, best.error, "the differences do not converge")

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

    def jump(self, level: int) -> float:
        """How much the one-sided differences differ at a level."""
        return (self.above[level] + self.below[level] - 2 * self.middle) * math.ldexp(1.0, level)

    def sides(self, level: int) -> tuple[float, float]:
        """The differences backward and forward."""
        scale = math.ldexp(1.0, level)
        return (self.middle - self.below[level]) * scale, (self.above[level] - self.middle) * scale

    def may_have_kink(self, levels: range) -> bool:
        """Whether the one-sided differences leave room for a kink; costs nothing."""
        coarse, fine = levels[-2], levels[-1]
        if not all(math.isfinite(each[level]) for each in (self.above, self.below) for level in (coarse, fine)):
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
            for finer, coarser in zip(usable, usable[1:], strict=False)
        ]
        if min(growth) > 1.2:
            return self.no_derivative("a cliff: the differences grow without end")
        gaps = [(after - before, noise) for _, before, after, noise in usable]
        sizes = [abs(before) + abs(after) for _, before, after, _ in usable]
        steady = all(
            abs(gap) > 1e-3 * size + noise for (gap, noise), size in zip(gaps, sizes, strict=True)
        ) and all(
            abs(finer[0] - coarser[0]) < 0.2 * abs(coarser[0]) + finer[1]
            for finer, coarser in zip(gaps, gaps[1:], strict=False)
        )
        if not steady:
            return None
        _, before, after, noise = usable[-1]
        return self.no_derivative(f"a kink: {_short(before)} on the left, {_short(after)} on the right", before, after)

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
