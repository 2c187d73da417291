"""What is worth a mark on a curve: zeros, extrema, inflections, kinks, jumps, poles, holes.

Each is found to the last digit, from exact derivatives, and is called by the simplest number that is as good.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.plotting.along import Along, Samples
from gradcli.plotting.sampling import CLOSE, SECTIONS, Course, Discontinuity, heights, simplest
from gradcli.record import Record

Array = np.ndarray[Any, np.dtype[Any]]

SAME = 1e-7
"""Limits from both sides that differ by less than this part of the height are equal."""
NOISE = 1e-12
"""A derivative below this part of height and range is rounding."""
MOST_MARKS = 1000


class Feature(Record):
    """A place on a curve that has a name.

    Attributes:
        kind: `zero`, `minimum`, `maximum`, `inflection`, `kink`, `jump`, `pole`, `hole`, `edge`, `vertical`.
        curve: which curve of the program.
        x, y: where; y is nan at a pole.
        before, after: what comes from the left and from the right: slopes at a kink, limits elsewhere.
        at: what the program gives there: the slope at a kink, else the value.
    """

    kind: str
    curve: int
    x: float
    y: float
    before: float
    after: float
    at: float


def features(along: Along, course: Course) -> list[Feature]:
    """Everything worth a mark, in order of x for each curve."""
    found = [feature for each in course.breaks for feature in _of_break(each, course)]
    found = [each for each in found if not (along.cut[each.curve] and each.kind in ("kink", "vertical"))]
    close = 1e-9 * float(course.samples.x[-1] - course.samples.x[0])
    found = _single_poles(found, 1e3 * close)
    apart = [(each.curve, each.x) for each in found if each.kind in ("jump", "pole", "edge")]
    for order, name in ((0, "zero"), (1, ""), (2, "inflection")):
        if order < len(course.samples.y):
            found += _crossings(along, course, order, name, _cuts(course))
    kinks = {(each.curve, each.x) for each in found if each.kind == "kink"}
    kept = []
    for each in found:
        crossing = each.kind in ("zero", "minimum", "maximum", "inflection")
        near = any(curve == each.curve and abs(x - each.x) <= close for curve, x in apart)
        bends = each.kind == "inflection" and (each.curve, each.x) in kinks
        if not (crossing and near) and not bends:
            kept.append(each)
    return sorted(_touching(kept, course), key=lambda each: (each.curve, each.x))[:MOST_MARKS]


def _single_poles(found: list[Feature], close: float) -> list[Feature]:
    """One pole where several were found beside each other, the one with the largest values."""
    kept: list[Feature] = []
    for each in found:
        last = kept[-1] if kept else None
        if last and last.kind == each.kind == "pole" and last.curve == each.curve and each.x - last.x < close:
            if _size(each) > _size(last):
                kept[-1] = each
        else:
            kept.append(each)
    return kept


def _size(pole: Feature) -> tuple[int, float]:
    return int(np.isinf([pole.before, pole.after]).sum()), float(np.nan_to_num(abs(pole.at), posinf=np.inf))


def _touching(found: list[Feature], course: Course) -> Iterator[Feature]:
    """Extrema whose value is zero are zeros as well."""
    zeros = {(each.curve, each.x) for each in found if each.kind == "zero"}
    height = heights(course.samples)[0]
    for each in found:
        yield each
        touches = each.kind in ("minimum", "maximum") and abs(each.y) <= 1e-15 * height[each.curve]
        if touches and (each.curve, each.x) not in zeros:
            yield Feature("zero", each.curve, each.x, 0.0, each.before, each.after, each.at)


# ---- breaks --------------------------------------------------------------------------------------


def _of_break(place: Discontinuity, course: Course) -> Iterator[Feature]:
    height = heights(course.samples)[0]
    for curve in range(place.at.shape[1]):
        sides = [place.limits[side, :, 0, curve] for side in (0, 1)]
        states = [_state(values, height[curve]) for values in sides]
        ends = [float(place.before[0, curve]), float(place.after[0, curve])]
        at = float(place.at[0, curve])
        if [*map(_overflows, sides)].count(True) == 1 and not {"value", "nan"} & set(states):
            continue  # a stretch of numbers too large for a float begins, and no pole is there
        if "unbounded" in states:
            left, right = (_end(*each) for each in zip(states, ends, sides, strict=True))
            yield Feature("pole", curve, place.x, np.nan, left, right, at)
        elif states == ["value", "value"]:
            limits = [_limit(values) for values in sides]
            least = SAME * max(height[curve], abs(limits[0]) * 1e-3)
            if abs(limits[0] - limits[1]) > least and not abs(ends[0] - ends[1]) <= least:
                yield Feature("jump", curve, place.x, at, ends[0], ends[1], at)
            elif not np.isfinite(at):
                yield Feature("hole", curve, place.x, ends[0], ends[0], ends[1], at)
            else:
                yield from _bend(place, curve, at)
        elif "value" in states and "nan" in states:
            end = ends[states.index("value")]
            yield Feature("edge", curve, place.x, at if np.isfinite(at) else end, ends[0], ends[1], at)


def _bend(place: Discontinuity, curve: int, value: float) -> Iterator[Feature]:
    """A kink, or a vertical tangent."""
    slopes = [float(place.before[1, curve]), float(place.after[1, curve])]
    near = place.limits[:, 1:3, 1, curve]
    large = max(1.0, *np.abs(near[:, 0]))
    if any(_state(place.limits[side, :, 1, curve], large) == "unbounded" for side in (0, 1)):
        yield Feature("vertical", curve, place.x, value, slopes[0], slopes[1], float(place.at[1, curve]))
    elif np.isfinite(slopes).all() and abs(slopes[0] - slopes[1]) > 1e-5 * large:
        slopes = [0.0 if abs(each) < 1e-9 * large else each for each in slopes]
        yield Feature("kink", curve, place.x, value, slopes[0], slopes[1], float(place.at[1, curve]))


def _state(values: Array, height: float) -> str:
    """What a side does on the way to a break: has a `value`, is `unbounded`, `nan`, or `wild`."""
    if np.isnan(values).any():
        return "nan"
    if np.isinf(values).all():
        return "nan"  # nowhere on this side, which is no way to anywhere
    if np.isinf(values).any():
        return "unbounded"
    first, second, third = np.abs(np.diff(values))
    if third > 1e-3 * height and third >= 0.5 * second >= 0.25 * first:
        outwards = np.abs(values[-1]) > np.abs(values[-2]) > np.abs(values[-3])
        return "unbounded" if outwards else "wild"
    return "value" if third <= 1e-3 * max(height, abs(values[-1])) else "wild"


def _overflows(values: Array) -> bool:
    return bool(np.isinf(values[1:]).all())


def _end(state: str, end: float, values: Array) -> float:
    """Where a curve goes on one side of a pole: an infinity, or a value that it has there as well."""
    if state == "unbounded":
        return float(np.copysign(np.inf, end))
    return _limit(values) if state == "value" else np.nan


def _limit(values: Array) -> float:
    """Where a sequence goes whose steps shrink by about the same factor (Aitken)."""
    first, second = float(values[-2] - values[-3]), float(values[-1] - values[-2])
    return float(values[-1]) if first == second else float(values[-1]) - second * second / (second - first)


def _cuts(course: Course) -> list[tuple[float, float]]:
    return [(each.left, each.right) for each in course.breaks]


# ---- crossings -----------------------------------------------------------------------------------


def _crossings(
    along: Along, course: Course, order: int, name: str, cut: list[tuple[float, float]]
) -> Iterator[Feature]:
    """Where the derivative of this order changes sign: zeros, extrema, inflections."""
    samples = course.samples
    span = float(samples.x[-1] - samples.x[0])
    for curve in range(samples.y.shape[1]):
        if order and along.cut[curve]:
            continue
        y = samples.y[order, curve]
        finite = y[np.isfinite(y)]
        base = samples.y[0, curve][np.isfinite(samples.y[0, curve])]
        if not finite.size or not base.size:
            continue
        base_height = float(np.percentile(np.abs(base), 95))
        least = NOISE * base_height / span**order
        pairs, exact = _brackets(samples, y, least, cut)
        outer = [*pairs, *((x, x) for x in exact)]
        closed = [*_closed(along, pairs, order, curve), *outer[len(pairs) :]]
        if not closed:
            continue
        points = np.asarray(
            [[simplest(*inner), *inner, *ends] for inner, ends in zip(closed, outer, strict=True)]
        )
        found = along.at(points.ravel()).y[:, curve].reshape(-1, *points.shape)
        size = np.abs(found[order])
        for row, best in enumerate(np.argmin(size[:, :3], 1)):
            if size[row, best] <= size[row, 3:].min():  # else the sign changes where it runs away
                x, value = float(points[row, best]), float(found[0, row, best])
                value = 0.0 if abs(value) <= 4e-16 * base_height else value  # less than the sum can resolve
                kind = name or ("minimum" if _falls(y, samples.x, x) else "maximum")
                yield Feature(kind, curve, x, value, np.nan, np.nan, value)


def _falls(y: Array, xs: Array, x: float) -> bool:
    """Whether what comes before a place goes down; `y` is the slope."""
    before = y[: np.searchsorted(xs, x)]
    before = before[np.isfinite(before) & (before != 0)]
    return bool(before.size and before[-1] < 0)


def _brackets(
    samples: Samples, y: Array, least: float, cut: list[tuple[float, float]]
) -> tuple[list[tuple[float, float]], list[float]]:
    """Neighbours between which the sign changes, and samples that are zero between two that are not."""
    x = samples.x
    size = np.abs(y)
    signs = np.where(size > least, np.sign(y), 0.0)
    pairs, exact = [], []
    known = np.flatnonzero(np.isfinite(y) & (signs != 0))
    for before, after in pairwise(known):
        if not np.isfinite(y[before : after + 1]).all():
            continue
        # What jumps over zero at a break has no zero there, unless the function itself is whole.
        inside = [x_ for x_ in cut if x[before] <= x_[0] and x_[1] <= x[after]]
        if signs[before] * signs[after] < 0:
            if not inside:
                pairs.append((float(x[before]), float(x[after])))
            elif all(any(low <= each <= high for low, high in inside) for each in x[before + 1 : after]):
                exact.append(float(x[(before + after) // 2]))
        elif after - before == 2 and y[before + 1] == 0 and inside:
            exact.append(float(x[before + 1]))
    return pairs[:MOST_MARKS], exact[:MOST_MARKS]


def _closed(
    along: Along, pairs: list[tuple[float, float]], order: int, curve: int
) -> list[tuple[float, float]]:
    """Each pair down to neighbouring floats around a change of sign, all pairs at a time."""
    for _ in range(CLOSE):
        open_ = [at for at, pair in enumerate(pairs) if np.nextafter(*pair) < pair[1]]
        if not open_:
            break
        grid = np.stack([np.linspace(*pairs[at], SECTIONS + 1) for at in open_])
        values = along.at(grid.ravel()).y[order, curve].reshape(grid.shape)
        for row, at in enumerate(open_):
            signs = np.sign(values[row])
            change = np.flatnonzero((signs[1:] != signs[0]) & (signs[1:] != 0) | (signs[1:] == 0))
            if change.size:
                first = int(change[0])
                if signs[first + 1] == 0:
                    pairs[at] = (float(grid[row, first + 1]),) * 2
                else:
                    pairs[at] = (float(grid[row, first]), float(grid[row, first + 1]))
            else:
                pairs[at] = (float(grid[row, 0]),) * 2
    return pairs
