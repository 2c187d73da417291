"""A function at a ladder of steps around a point, and what that says of its derivative there.

Central differences over steps 2**-k are extrapolated to step zero (Richardson); the error of such a value is
estimated from its neighbours in the tableau (Ridders, "Accurate computation of F'(x)", 1982) and from
the noise of the function, which difference tables at tiny steps reveal (Moré and Wild, "Estimating
computational noise", 2011). `gradcli.checking.numerical` draws the conclusions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcli.tape import context

Array = np.ndarray[Any, np.dtype[Any]]

EPSILON = float(np.finfo(np.float64).eps)
FIRST = range(2, 9)
"""The steps 2**-k, in units of the direction, that settle most cases."""
FURTHER = range(9, 21)
FINEST = range(21, 47)
COARSE = range(-8, 2)
LARGER = range(-12, -44, -4)
"""Where ever four more steps begin, for inputs whose terms are small beside the others."""
STANDS_OUT = 1e8
"""So many times the noise is a difference that tells enough."""
WINDOW = 7
"""How many steps an extrapolation uses."""
NOISE_LEVEL = 44
"""The spacing 2**-k at which a resolved function shows nothing but its noise."""
WIDER_LEVELS = (36, 28, 24, 20, 18, 16, 14)
"""Wider ones, for functions that are rounded or stop iterating: at a finer spacing these look flat."""
MOST_NOISE = 1e-3
"""Relative to the function, what is more is no noise but the function itself."""


class Curve:
    """A vector-valued function of one variable, each point computed once; failures count as nan."""

    def __init__(
        self, function: Callable[[float], Array], row: Callable[[Array], Array] | None = None
    ) -> None:
        self._function = function
        self._row = row
        self._known: dict[float, Array] = {}

    def prepare(self, points: Sequence[float]) -> None:
        """Computes these points at once, where the function can."""
        unknown = [t for t in points if t not in self._known]
        if self._row is not None and unknown:
            self._known.update(zip(unknown, self._row(np.array(unknown)), strict=True))

    def __call__(self, t: float) -> Array:
        found = self._known.get(t)
        if found is None:
            on_time = context.current().on_time
            if on_time is not None:
                on_time()
            found = self._known[t] = np.asarray(self._function(t), np.float64).reshape(-1)
        return found


@dataclass(slots=True)
class Estimate:
    """An extrapolated derivative, its estimated error and the finest step that it used."""

    value: float
    error: float
    level: int


class Ladder:
    """One component of a curve at steps 2**-level on both sides of 0."""

    def __init__(self, curve: Curve, at: int, noise: float) -> None:
        self.curve = curve
        self.at = at
        self.middle = float(curve(0.0)[at])
        self.above: dict[int, float] = {}
        self.below: dict[int, float] = {}
        self.relative_noise = max(noise, EPSILON / 4)
        self.noise: float | None = None

    # ---- points ------------------------------------------------------------------------------

    def take(self, levels: Sequence[int]) -> None:
        """Computes the function at the steps of these levels."""
        steps = [math.ldexp(1.0, -level) for level in levels if level not in self.above]
        self.curve.prepare([*steps, *[-step for step in steps]])
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
        table = self._row(NOISE_LEVEL)
        if not np.isfinite(table).all():
            self.noise = math.inf
            return self.noise
        largest = float(np.abs(table).max()) or 1.0
        self.noise = max(sorted(_deviations(table / largest))[1], self.relative_noise) * largest
        return self.noise

    def wider_noise(self) -> float:
        """The same as it shows at wider spacings.

        Noise shows in differences of all orders alike, where those of a smooth function fall, and bends the
        function both ways, which a kink doesn't.
        """
        most = 0.0
        for level in WIDER_LEVELS:
            table = self._row(level)
            largest = float(np.abs(table).max()) or 1.0
            if not np.isfinite(table).all():
                continue
            table = table / largest
            bends = np.diff(table, 2)
            both_ways = min(bends.max(), -bends.min()) > 0.05 * np.abs(bends).max()
            estimates = _deviations(table)
            if both_ways and max(estimates) <= 4 * min(estimates) and max(estimates) < MOST_NOISE:
                most = max(most, sorted(estimates)[1] * largest)
        return most

    def _row(self, level: int) -> Array:
        """The function at eight points around 0, 2**-level apart."""
        values = []
        points = [number * math.ldexp(1.0, -level) for number in range(-3, 5)]
        self.curve.prepare(points)
        for point in points:
            found = self.curve(point)
            values.append(float(found[self.at]) if found.shape == self.curve(0.0).shape else math.nan)
        return np.array(values)

    # ---- extrapolation -----------------------------------------------------------------------

    def central(self, level: int) -> float:
        """The central difference; nan where the function has no value."""
        return (self.above[level] - self.below[level]) / math.ldexp(2.0, -level)

    def stands_out(self, level: int) -> bool:
        """Whether the difference at a level is far beyond noise, or there is none."""
        apart = abs(self.above[level] - self.below[level])
        return not apart <= STANDS_OUT * self.floor(level)

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

    def estimates(self) -> list[Estimate]:
        """For each level the best extrapolation that ends with it, from the coarsest step to the finest."""
        found = []
        for run in self.runs():
            rows: list[list[float]] = []
            for position, level in enumerate(run):
                row = [self.central(level)]
                best: Estimate | None = None
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
                            best = Estimate(extrapolated, error, level)
                rows.append(row)
                if best is not None and math.isfinite(best.value):
                    found.append(best)
        return found

    # ---- one-sided differences ---------------------------------------------------------------

    def jump(self, level: int) -> float:
        """How much the one-sided differences differ at a level."""
        return (self.above[level] + self.below[level] - 2 * self.middle) * math.ldexp(1.0, level)

    def sides(self, level: int) -> tuple[float, float]:
        """The differences backward and forward."""
        scale = math.ldexp(1.0, level)
        return (self.middle - self.below[level]) * scale, (self.above[level] - self.middle) * scale


def _deviations(table: Array) -> list[float]:
    """The standard deviation of noise that differences of order 3 to 5 of a row of values show."""
    estimates = []
    factor = 1.0
    for order in range(1, 6):
        table = np.diff(table)
        factor *= order / (2 * (2 * order - 1))
        if order >= 3:
            estimates.append(math.sqrt(factor * float(np.mean(table**2))))
    return estimates
