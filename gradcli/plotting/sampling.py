"""Where to evaluate: few points where a curve is smooth, more where it bends, and the places where it breaks.

An interval is halved while its middle is not where the cubic through both ends, with their exact slopes,
expects it. Breaks are looked for where the tape says that another condition holds, where a value stops being
finite, and where halving does not help. Each is closed in on down to neighbouring floats and then judged by
the limits from both sides, so that no line is drawn through a pole or a jump.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.plotting.along import Along, Samples
from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, np.dtype[Any]]

SECTIONS = 16
"""Into how many parts an interval is cut at a time while something in it is closed in on."""
CLOSE = 16
"""How often: 16**16 is more than there are floats in any range."""
MOST_TIMES = 40
"""So many times as many points as at first are evaluated at most."""
MOST_PLACES = 256
"""Beyond so many breaks nobody sees one."""
DISTANCES = (1e-3, 1e-6, 1e-9, 1e-12)
"""How far from a break limits are taken, in parts of the range."""


class Discontinuity(Record):
    """A place where the curves may not go on as they came.

    Attributes:
        left, x, right: the last float before it, the place, and the first float after it.
        before, at, after: values and derivatives there, shape (orders + 1, curves).
        limits: for the left and the right side values at `DISTANCES`, shape (2, 4, orders + 1, curves).
    """

    left: float
    x: float
    right: float
    before: Array
    at: Array
    after: Array
    limits: Array


class Course(Record):
    """Everything that was sampled along a range.

    Attributes:
        samples: in order of x.
        breaks: in order of x.
    """

    samples: Samples
    breaks: list[Discontinuity]


class Sampler:
    """Samples a program along a range.

    Args:
        along: the program.
        low, high: the range.
        points: how many to begin with.
        tolerance: how far from the cubic a middle may be, in parts of the height of the picture.
        log: equal steps of the logarithm.
    """

    def __init__(
        self, along: Along, low: float, high: float, points: int, tolerance: float, log: bool = False
    ) -> None:
        self.along, self.low, self.high, self.log = along, low, high, log
        self.tolerance = tolerance
        self.start = np.geomspace(low, high, points) if log else np.linspace(low, high, points)
        self.start[0], self.start[-1] = low, high

    def course(self) -> Course:
        """The samples and the breaks."""
        known = self.along.at(self.start)
        active = np.arange(len(known.x) - 1)
        budget = MOST_TIMES * len(known.x)
        while active.size and len(known.x) < budget:
            known, active = self._halved(known, active)
        breaks = list(self._breaks(known, active))
        ends = [point for each in breaks for point in (each.left, each.x, each.right)]
        return Course(_merged(known, self.along.at(np.unique(np.asarray(ends)))), breaks)

    # ---- smooth parts -----------------------------------------------------------------------

    def _halved(self, known: Samples, active: Array) -> tuple[Samples, Array]:
        """Evaluates the middles of these intervals; what comes back are those that need it again."""
        left, right = known.x[active], known.x[active + 1]
        middles = self._middle(left, right)
        apart = (middles > left) & (middles < right)
        active, left, right, middles = active[apart], left[apart], right[apart], middles[apart]
        found = self.along.at(middles)
        step = right - left
        height = heights(known)
        rough = np.zeros(len(middles), bool)
        for order in range(len(known.y) - 1):
            values, slopes = known.y[order], known.y[order + 1]
            with np.errstate(all="ignore"):
                share = (middles - left) / step
                cubic = _hermite(
                    share,
                    step,
                    values[:, active],
                    values[:, active + 1],
                    slopes[:, active],
                    slopes[:, active + 1],
                )
                off = np.abs(found.y[order] - cubic) > self.tolerance * height[order][:, None]
                clipped = np.minimum(np.abs(values[:, active]), np.abs(values[:, active + 1]))
                far = clipped > 50 * height[order][:, None]  # beyond any frame
            rough |= (off & ~far & np.isfinite(found.y[order])).any(0)
        tiny = step < (self.high - self.low) * 1e-5
        same = (known.paths[active] == found.paths) & (known.paths[active + 1] == found.paths)
        again = rough & ~(tiny & ~same) & ~(step < (self.high - self.low) * 1e-7)
        merged = _merged(known, found)
        at = np.searchsorted(merged.x, middles[again])
        return merged, np.unique(np.concatenate([at - 1, at])) if again.any() else np.empty(0, int)

    def _middle(self, left: Array, right: Array) -> Array:
        return np.sqrt(left * right) if self.log else left + (right - left) / 2

    # ---- breaks -----------------------------------------------------------------------------

    def _breaks(self, known: Samples, suspect: Array) -> Iterator[Discontinuity]:
        changed = _changes(known)
        steep = np.zeros_like(changed)
        steep[suspect] = True
        steep[_leaps(known)] = True
        places = [
            *self._closed_in(known, np.flatnonzero(changed), _changes),
            *self._closed_in(known, np.flatnonzero(steep & ~changed), _steepest),
        ]
        if len(known.y) > 2:  # a logarithm's pole is too slow to stand out, but its derivative's does
            slow = np.zeros_like(changed)
            slow[_leaps(_slopes(known))] = True
            inside = np.flatnonzero(slow & ~steep & ~changed)
            places += self._closed_in(known, inside, lambda part: _steepest(_slopes(part)))
        yield from self._judged(_joined(sorted(places)))

    def _closed_in(
        self, known: Samples, intervals: Array, keep: Callable[[Samples], Array]
    ) -> list[tuple[float, float]]:
        """Down to neighbouring floats around what `keep` chooses in each interval."""
        pairs = [(known.x[at], known.x[at + 1]) for at in intervals[:MOST_PLACES]]
        least = 1e-15 * max(abs(self.low), abs(self.high))
        for _ in range(CLOSE):
            open_ = [pair for pair in pairs if np.nextafter(*pair) < pair[1] and pair[1] - pair[0] > least]
            if not open_:
                break
            closed = [pair for pair in pairs if pair not in set(open_)]
            grid = np.stack([np.linspace(*pair, SECTIONS + 1) for pair in open_])
            found = self.along.at(grid.ravel())
            for row in range(len(open_)):
                part = slice(row * (SECTIONS + 1), (row + 1) * (SECTIONS + 1))
                own = Samples(found.x[part], found.y[..., part], found.paths[part])
                closed += [(own.x[at], own.x[at + 1]) for at in np.flatnonzero(keep(own))]
            pairs = sorted(set(closed))[:MOST_PLACES]
        return [(float(left), float(right)) for left, right in pairs]

    def _judged(self, places: list[tuple[float, float]]) -> Iterator[Discontinuity]:
        if not places:
            return
        span = self.high - self.low
        points = []
        for left, right in places:
            steps = [span * each for each in DISTANCES]
            sides = [max(self.low, left - step) for step in steps] + [
                min(self.high, right + step) for step in steps
            ]
            points += [left, simplest(left, right), right, *sides]
        found = self.along.at(points)
        width = 3 + 2 * len(DISTANCES)
        for number, (left, right) in enumerate(places):
            y = found.y[..., number * width : (number + 1) * width]
            limits = np.moveaxis(y[..., 3:].reshape(*y.shape[:2], 2, len(DISTANCES)), (2, 3), (0, 1))
            x = float(found.x[number * width + 1])
            yield Discontinuity(left, x, right, y[..., 0], y[..., 1], y[..., 2], limits)


def simplest(left: float, right: float) -> float:
    """The number with the fewest decimal digits between two others, both included."""
    if left <= 0 <= right:
        return 0.0
    middle = left + (right - left) / 2
    for digits in range(1, 18):
        number = float(f"{middle:.{digits - 1}e}")
        if left <= number <= right:
            return number
    return middle


def heights(samples: Samples) -> Array:
    """How high each derivative of each curve is but for the few values that run away: (orders + 1, curves).

    What varies by no more than rounding counts as high as its values, a derivative that is nothing but
    rounding as high as one of the curve could be.
    """
    found = np.ones(samples.y.shape[:2])
    span = float(samples.x[-1] - samples.x[0]) or 1.0
    for curve in range(samples.y.shape[1]):
        size = 0.0
        for order, y in enumerate(samples.y[:, curve]):
            finite = y[np.isfinite(y)]
            if finite.size:
                low, high = np.percentile(finite, (5, 95))
                size = size if order else max(abs(low), abs(high))
                found[order, curve] = max(high - low, 1e-9 * size * span**-order) or 1.0
    return found


def _hermite(share: Array, step: Array, a: Array, b: Array, slope_a: Array, slope_b: Array) -> Array:
    """The cubic with these values and slopes at both ends of an interval, at a share of it."""
    t = share
    values = (1 + 2 * t) * (1 - t) ** 2 * a + t**2 * (3 - 2 * t) * b
    found: Array = values + step * (t * (1 - t) ** 2 * slope_a - t**2 * (1 - t) * slope_b)
    return found


def _changes(samples: Samples) -> Array:
    """Between which neighbours a condition, or whether a value is finite, changes."""
    finite = np.isfinite(samples.y[0])
    changed: Array = (samples.paths[1:] != samples.paths[:-1]) | (finite[:, 1:] != finite[:, :-1]).any(0)
    return changed


def _leaps(samples: Samples) -> Array:
    """Between which neighbours a value goes further than both slopes allow, as over a pole."""
    y, step = samples.y[0], np.diff(samples.x)
    with np.errstate(all="ignore"):
        change = np.abs(np.diff(y))
        # A slope that is nan, as that of atan(1/x) at 0, allows nothing.
        allowed = np.fmax(np.abs(samples.y[1][:, 1:]), np.abs(samples.y[1][:, :-1])) * step
        opposite = np.sign(y[:, 1:]) * np.sign(y[:, :-1]) < 0
        against = opposite & (np.sign(samples.y[1][:, 1:]) * np.sign(np.diff(y)) < 0)
        height = heights(samples)[0][:, None]
        # Both slopes go up between two neighbours, and far: a peak without an end.
        inner = np.fmin(np.abs(samples.y[1][:, 1:]), np.abs(samples.y[1][:, :-1])) * step
        up = (np.sign(y) * samples.y[1] > 0)[:, :-1] & (np.sign(y) * samples.y[1] < 0)[:, 1:]
        endless = up & (inner > 0.5 * np.fmax(np.abs(y[:, 1:]), np.abs(y[:, :-1])))
        leaps = ((change > 4 * allowed) & (change > 1e-3 * height) | against | endless).any(0)
        size = np.abs(y)
        usual = np.maximum(height, np.nanmedian(size, axis=1, keepdims=True) if np.isfinite(y).any() else 1.0)
        peaks = (size[:, 1:-1] >= np.maximum(size[:, :-2], size[:, 2:])) & (size[:, 1:-1] > 8 * usual)
        leaps[:-1] |= peaks.any(0)
        leaps[1:] |= peaks.any(0)
        return np.flatnonzero(leaps)


def _slopes(samples: Samples) -> Samples:
    return Samples(samples.x, samples.y[1:], samples.paths)


def _steepest(samples: Samples) -> Array:
    """The one part in which most happens: beside a value that stands out, where it still rises, else the
    largest step."""
    kept = np.zeros(len(samples.x) - 1, bool)
    with np.errstate(all="ignore"):
        sizes = np.nan_to_num(np.abs(samples.y[0]), nan=np.inf, posinf=np.inf)
        size = sizes.max(0)
        steps = np.nan_to_num(np.abs(np.diff(samples.y[0])), nan=np.inf).max(0)
        top = int(np.argmax(size))
        curve = int(np.argmax(sizes[:, top]))
        rises = float(np.sign(samples.y[0, curve, top]) * samples.y[1, curve, top])
        if size[top] > 8 * np.median(size) and np.isfinite(rises) and rises != 0:
            kept[min(max(top if rises > 0 else top - 1, 0), len(kept) - 1)] = True
        elif size[top] > 8 * np.median(size) and 0 < top < len(size) - 1:
            kept[top if steps[top] >= steps[top - 1] else top - 1] = True
        else:
            kept[int(np.argmax(steps))] = True
    return kept


def _joined(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places that touch are one: a condition may hold at a single point."""
    found: list[tuple[float, float]] = []
    for left, right in places:
        if found and left <= found[-1][1]:
            found[-1] = (found[-1][0], max(right, found[-1][1]))
        else:
            found.append((left, right))
    return found


def _merged(first: Samples, second: Samples) -> Samples:
    x = np.concatenate([first.x, second.x])
    x, index = np.unique(x, return_index=True)
    y = np.concatenate([first.y, second.y], axis=2)[..., index]
    return Samples(x, y, np.concatenate([first.paths, second.paths])[index])
