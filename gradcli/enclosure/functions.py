"""Where the values of elementary functions lie: a table of what each is on an interval.

`evaluate` looks the functions up by name. NumPy's and SciPy's are not correctly rounded: each value is
widened by a bound on its error, in units in the last place (2**-52 of its size).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.enclosure.intervals import EPS, INF, Interval, Mask, inverse, of, whole_power, widened
from gradcli.record import Record

ULPS = 4.0
"""How far a value of NumPy's functions may be off. Its tests demand 4 at most of the vectorised ones
(`numpy/_core/tests/test_umath_accuracy.py`); the C library's manual states 2 at most for those it passes on
(glibc, "Errors in Math Functions")."""
SPECIAL_ULPS = 2048.0
"""The same of SciPy's: the sources of Cephes state relative errors up to 5.7e-14 for `erfc` (256 units), and
less for the others."""


def _special(name: str) -> Callable[[Any], Any]:
    def kernel(x: Any) -> Any:
        import scipy.special

        return getattr(scipy.special, name)(x)

    return kernel


class Monotone(Record):
    """A function that rises (or falls) all over its domain.

    Attributes:
        kernel: computes it.
        low, high: the ends of its domain.
        closed: whether it has values at those ends, where they are finite.
        least, most: the ends of its range, where there are such.
        falls: it falls.
        ulps: how far a computed value may be off.
    """

    kernel: Callable[[Any], Any]
    low: float = -INF
    high: float = INF
    closed: bool = False
    least: float = -INF
    most: float = INF
    falls: bool = False
    ulps: float = ULPS

    def __call__(self, x: Interval) -> Interval:
        lo, hi = np.maximum(x.lo, self.low), np.minimum(x.hi, self.high)
        never: Mask = False
        sure: Mask = True
        if self.low > -INF:
            sure = x.lo >= self.low if self.closed else x.lo > self.low
            never = x.hi < self.low if self.closed else x.hi <= self.low
        if self.high < INF:
            sure = sure & (x.hi <= self.high if self.closed else x.hi < self.high)
            never = never | (x.lo > self.high if self.closed else x.lo >= self.high)
        if self.falls:
            lo, hi = hi, lo
        below = widened(self.kernel(lo), self.ulps)[0]
        above = widened(self.kernel(hi), self.ulps)[1]
        below, above = np.clip(below, self.least, self.most), np.clip(above, self.least, self.most)
        return of(below, above, x, sure=sure, never=never)


def _sqrt(x: Interval) -> Interval:
    lo, hi = np.sqrt(np.maximum(x.lo, 0.0)), np.sqrt(np.maximum(x.hi, 0.0))  # correctly rounded
    lo, hi = np.where(lo == 0, 0.0, np.nextafter(lo, -INF)), np.where(hi == 0, 0.0, np.nextafter(hi, INF))
    return of(lo, hi, x, sure=np.greater_equal(x.lo, 0), never=np.less(x.hi, 0))


def _wave(kernel: Any, quarter: float) -> Callable[[Interval], Interval]:
    """A sine: with its maxima at (2*k + quarter)*pi, its minima half a turn on."""

    def enclosed(x: Interval) -> Interval:
        below = np.minimum(widened(kernel(x.lo), ULPS)[0], widened(kernel(x.hi), ULPS)[0])
        above = np.maximum(widened(kernel(x.lo), ULPS)[1], widened(kernel(x.hi), ULPS)[1])
        # In half turns from the first maximum. The places are rounded, and pi is: what may be inside, is.
        first, last = x.lo / math.pi - quarter, x.hi / math.pi - quarter
        first, last = first - 4 * EPS * (np.abs(first) + 1), last + 4 * EPS * (np.abs(last) + 1)
        top = 2 * np.ceil(first / 2) <= last
        bottom = 2 * np.ceil((first - 1) / 2) + 1 <= last
        # Beyond that two neighbouring floats are half a turn apart, and the rounding of a place is more.
        far = ~(np.maximum(np.abs(x.lo), np.abs(x.hi)) < 2.0**48)
        above = np.where(top | far, 1.0, np.minimum(above, 1.0))
        below = np.where(bottom | far, -1.0, np.maximum(below, -1.0))
        return of(below, above, x)

    return enclosed


sin = _wave(np.sin, 0.5)
cos = _wave(np.cos, 0.0)


def _tan(x: Interval) -> Interval:
    below, above = widened(np.tan(x.lo), ULPS)[0], widened(np.tan(x.hi), ULPS)[1]
    first, last = x.lo / math.pi - 0.5, x.hi / math.pi - 0.5
    first, last = first - 4 * EPS * (np.abs(first) + 1), last + 4 * EPS * (np.abs(last) + 1)
    # A float is no pole, but one may lie beside it.
    pole = (np.ceil(first) <= last) & (np.greater(x.hi, x.lo) | (np.abs(below) > 1e15))
    pole = pole | ~(np.maximum(np.abs(x.lo), np.abs(x.hi)) < 2.0**48)
    return of(np.where(pole, -INF, below), np.where(pole, INF, above), x, sure=~pole)


def _cosh(x: Interval) -> Interval:
    below, above = widened(np.cosh(x.smallest), ULPS)[0], widened(np.cosh(x.largest), ULPS)[1]
    return of(np.maximum(below, 1.0), above, x)


def power(x: Interval, exponent: float) -> Interval:
    """x**exponent for a number that is not whole: of x from 0 on."""
    if exponent == 0.5:
        return _sqrt(x)
    if exponent < 0:
        return inverse(power(x, -exponent))
    if exponent.is_integer():
        return whole_power(x, int(exponent))
    lo, hi = np.power(np.maximum(x.lo, 0.0), exponent), np.power(np.maximum(x.hi, 0.0), exponent)
    below = np.maximum(widened(lo, ULPS)[0], 0.0)
    above = np.where(hi == 0, np.where(np.greater(x.hi, 0), EPS, 0.0), widened(hi, ULPS)[1])
    return of(below, above, x, sure=np.greater_equal(x.lo, 0), never=np.less(x.hi, 0))


def _stair(kernel: Any) -> Callable[[Interval], Interval]:
    """A rounding, which is exact."""
    return lambda x: of(kernel(x.lo), kernel(x.hi), x)


def _sigmoid(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small / (1 + small), 1 / (1 + small))


def _softplus(x: Any) -> Any:
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def _lgamma(x: Interval) -> Interval:
    """Of positive numbers; it falls to its least value and rises from there."""
    at = 1.4616321449683623
    least = -0.12148629053584961
    ends = [widened(_special("gammaln")(each), SPECIAL_ULPS) for each in (x.lo, x.hi)]
    slack = SPECIAL_ULPS * EPS  # near its zeros an error is one of what cancels there
    below = np.minimum(ends[0][0], ends[1][0]) - slack
    above = np.maximum(ends[0][1], ends[1][1]) + slack
    below = np.where((np.asarray(x.lo) <= at + 1e-9) & (np.asarray(x.hi) >= at - 1e-9), least - slack, below)
    known = np.greater(x.lo, 0)
    return of(np.where(known, below, -INF), np.where(known, above, INF), x, sure=known)


def _digamma(x: Interval) -> Interval:
    """Of positive numbers, where it rises."""
    slack = SPECIAL_ULPS * EPS
    below = widened(_special("psi")(x.lo), SPECIAL_ULPS)[0] - slack
    above = widened(_special("psi")(x.hi), SPECIAL_ULPS)[1] + slack
    known = np.greater(x.lo, 0)
    return of(np.where(known, below, -INF), np.where(known, above, INF), x, sure=known)


FUNCTIONS: dict[str, Callable[[Interval], Interval]] = {
    "exp": Monotone(np.exp, least=0.0),
    "expm1": Monotone(np.expm1, least=-1.0),
    "log": Monotone(np.log, 0.0),
    "log1p": Monotone(np.log1p, -1.0),
    "sqrt": _sqrt,
    "sin": sin,
    "cos": cos,
    "tan": _tan,
    "asin": Monotone(np.arcsin, -1.0, 1.0, closed=True),
    "acos": Monotone(np.arccos, -1.0, 1.0, closed=True, least=0.0, falls=True),
    "atan": Monotone(np.arctan),
    "sinh": Monotone(np.sinh),
    "cosh": _cosh,
    "tanh": Monotone(np.tanh, least=-1.0, most=1.0),
    "asinh": Monotone(np.arcsinh),
    "acosh": Monotone(np.arccosh, 1.0, closed=True, least=0.0),
    "atanh": Monotone(np.arctanh, -1.0, 1.0),
    "sigmoid": Monotone(_sigmoid, least=0.0, most=1.0, ulps=4 * ULPS),
    "log1pexp": Monotone(_softplus, least=0.0, ulps=4 * ULPS),
    "erf": Monotone(_special("erf"), least=-1.0, most=1.0, ulps=SPECIAL_ULPS),
    "erfc": Monotone(_special("erfc"), least=0.0, most=2.0, falls=True, ulps=SPECIAL_ULPS),
    "ndtr": Monotone(_special("ndtr"), least=0.0, most=1.0, ulps=SPECIAL_ULPS),
    "erfinv": Monotone(_special("erfinv"), -1.0, 1.0, ulps=SPECIAL_ULPS),
    "lgamma": _lgamma,
    "digamma": _digamma,
    "floor": _stair(np.floor),
    "ceil": _stair(np.ceil),
    "trunc": _stair(np.trunc),
    "round": _stair(np.rint),
}
"""What each function is on an interval; where it has no value, the interval says so."""
