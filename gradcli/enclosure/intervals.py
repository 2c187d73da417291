"""Intervals whose ends are rounded outwards, many at once, with what is known of where they have values.

An `Interval` encloses the values of one scalar over each of N boxes, as two arrays of N float64. Sums,
products, quotients and roots are correctly rounded (IEEE 754), so that one step outwards by `nextafter`
encloses them. Other functions are not: `functions` widens them by a bound on their error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.record import Record

Array = np.ndarray[Any, np.dtype[Any]]
Mask = Any
"""An array of N bools, or one bool for all."""

EPS = 2.0**-52
TINY = 5e-324
INF = np.inf
LARGEST = float(np.finfo(np.float64).max)


class Interval(Record):
    """The values of one scalar over each of N boxes.

    Attributes:
        lo, hi: the ends, float64 of shape (N,) or one that broadcasts to it. They enclose the values wherever
            there is one.
        sure: it has a value everywhere in the box.
        never: it has a value nowhere in the box.
    """

    lo: Any
    hi: Any
    sure: Mask = True
    never: Mask = False

    @property
    def largest(self) -> Array:
        """The largest magnitude."""
        found: Array = np.maximum(np.abs(self.lo), np.abs(self.hi))
        return found

    @property
    def smallest(self) -> Array:
        """The smallest magnitude."""
        found: Array = np.maximum(np.maximum(self.lo, np.negative(self.hi)), 0.0)
        return found

    def chosen(self, rows: Any) -> Interval:
        """Of these boxes alone."""
        parts = [
            each if np.ndim(each) == 0 else each[rows] for each in (self.lo, self.hi, self.sure, self.never)
        ]
        return Interval(*parts)


def both(*flags: Mask) -> Mask:
    """All of them; the common case, that all are the one bool True, costs nothing."""
    found: Mask = True
    for each in flags:
        if each is not True:
            found = each if found is True else np.logical_and(found, each)
    return found


def either(*flags: Mask) -> Mask:
    """Any of them."""
    found: Mask = False
    for each in flags:
        if each is not False:
            found = each if found is False else np.logical_or(found, each)
    return found


def down(value: Any) -> Any:
    """The next float below; 0 stays, where 0 is exact."""
    return np.where(value == 0, 0.0, np.nextafter(value, -INF))


def up(value: Any) -> Any:
    """The next float above; 0 stays, where 0 is exact."""
    return np.where(value == 0, 0.0, np.nextafter(value, INF))


def of(lo: Any, hi: Any, *inputs: Interval, sure: Mask = True, never: Mask = False) -> Interval:
    """A result of these inputs; an end that is nan (inf - inf, 0*inf) is not known."""
    lo = np.where(np.isnan(lo), -INF, lo)
    hi = np.where(np.isnan(hi), INF, hi)
    return Interval(
        lo, hi, both(sure, *[each.sure for each in inputs]), either(never, *[each.never for each in inputs])
    )


def exact(value: Any) -> Interval:
    """A float, or an array of N."""
    return Interval(value, value)


def add(a: Interval, b: Interval) -> Interval:
    """a + b; a sum that rounds to 0 is 0, since sums do not underflow."""
    return of(down(a.lo + b.lo), up(a.hi + b.hi), a, b)


def sub(a: Interval, b: Interval) -> Interval:
    """a - b"""
    return of(down(a.lo - b.hi), up(a.hi - b.lo), a, b)


def neg(a: Interval) -> Interval:
    """-a"""
    return Interval(np.negative(a.hi), np.negative(a.lo), a.sure, a.never)


def ends_of_product(a_lo: Any, a_hi: Any, b_lo: Any, b_hi: Any) -> tuple[Any, Any]:
    """The ends of a product, rounded outwards: the least and the largest of four products."""
    one, two, three, four = a_lo * b_lo, a_lo * b_hi, a_hi * b_lo, a_hi * b_hi
    lo = np.minimum(np.minimum(one, two), np.minimum(three, four))
    hi = np.maximum(np.maximum(one, two), np.maximum(three, four))
    if np.isnan(lo).any():  # 0*inf: an infinite end stands for numbers without bound, 0 times which are 0
        products = [np.where(np.isnan(each), 0.0, each) for each in (one, two, three, four)]
        lo, hi = np.minimum.reduce(products), np.maximum.reduce(products)
    a_above, a_below, b_above, b_below = a_lo >= 0, a_hi <= 0, b_lo >= 0, b_hi <= 0
    low, high = np.nextafter(lo, -INF), np.nextafter(hi, INF)
    # The sign of a product is known from those of its factors, whatever has underflowed.
    low = np.where((a_above & b_above) | (a_below & b_below), np.maximum(low, 0.0), low)
    high = np.where((a_above & b_below) | (a_below & b_above), np.minimum(high, 0.0), high)
    return low, high


def mul(a: Interval, b: Interval) -> Interval:
    """a*b"""
    lo, hi = ends_of_product(a.lo, a.hi, b.lo, b.hi)
    return of(lo, hi, a, b)


def inverse(a: Interval) -> Interval:
    """1/a; with 0 inside, all numbers."""
    low = np.where(a.hi == 0, -INF, np.nextafter(np.divide(1.0, a.hi), -INF))
    high = np.where(a.lo == 0, INF, np.nextafter(np.divide(1.0, a.lo), INF))
    above, below = a.lo >= 0, a.hi <= 0
    low = np.where(above, np.maximum(low, 0.0), low)
    high = np.where(below, np.minimum(high, 0.0), high)
    unknown = above == below  # 0 is inside, or all there is
    sure = (np.greater(a.lo, 0)) | (np.less(a.hi, 0))
    return of(np.where(unknown, -INF, low), np.where(unknown, INF, high), a, sure=sure, never=above & below)


def whole_power(a: Interval, n: int) -> Interval:
    """a**n for n from 1 on."""
    if n == 1:
        return a
    lo, hi = np.asarray(a.lo, float), np.asarray(a.hi, float)
    if n % 2 == 0:
        lo, hi = a.smallest, a.largest
    low, high = lo, hi
    sign = np.where(lo < 0, -1.0, 1.0), np.where(hi < 0, -1.0, 1.0)
    size = np.abs(lo), np.abs(hi)
    # Each of n - 1 roundings goes outwards.
    low_low, low_high = size[0], size[0]
    high_low, high_high = size[1], size[1]
    for _ in range(n - 1):
        low_low, low_high = _down0(low_low * size[0]), np.nextafter(low_high * size[0], INF)
        high_low, high_high = _down0(high_low * size[1]), np.nextafter(high_high * size[1], INF)
    low = np.where(sign[0] > 0, low_low, -low_high)
    high = np.where(sign[1] > 0, np.where(size[1] == 0, 0.0, high_high), -high_low)
    return of(low, high, a)


def _down0(value: Any) -> Any:
    return np.maximum(np.nextafter(value, -INF), 0.0)


def widened(value: Any, ulps: float) -> tuple[Any, Any]:
    """A computed value with an error of so many units in the last place, as ends."""
    slack = np.abs(value) * (ulps * EPS) + ulps * TINY
    slack = np.where(np.isinf(value), 0.0, slack)
    below, above = value - slack, value + slack
    # What overflowed is a number.
    return np.where(below == INF, LARGEST, below), np.where(above == -INF, -LARGEST, above)


def hull(parts: Sequence[Interval]) -> Interval:
    """What encloses all of them; it has a value surely where all have."""
    lo, hi = parts[0].lo, parts[0].hi
    for each in parts[1:]:
        lo, hi = np.minimum(lo, each.lo), np.maximum(hi, each.hi)
    sure = both(*[each.sure for each in parts])
    never = parts[0].never
    for each in parts[1:]:
        never = False if never is False or each.never is False else np.logical_and(never, each.never)
    return Interval(lo, hi, sure, never)
