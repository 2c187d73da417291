"""Taylor coefficients of the elementary functions over intervals: a row for each.

`coefficients(name, x, order)` gives f(x), f'(x), f''(x)/2 … for all numbers of an interval. Where a
derivative has no bound there (at a pole, at the edge of a domain) an end is infinite. `models` calls this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from gradcli.enclosure.evaluate import constant
from gradcli.enclosure.functions import FUNCTIONS, cos, power, sin
from gradcli.enclosure.intervals import EPS, Interval, add, exact, inverse, mul, neg, sub, whole_power

Series = list[Interval]


def scaled(a: Interval, factor: Fraction | float) -> Interval:
    """A number times an interval."""
    return mul(constant(Fraction(factor)), a)


def _convolved(a: Series, b: Series, at: int) -> Interval:
    total = mul(a[0], b[at])
    for each in range(1, at + 1):
        total = add(total, mul(a[each], b[at - each]))
    return total


def _exp(x: Interval, order: int) -> Series:
    value = FUNCTIONS["exp"](x)
    return [scaled(value, Fraction(1, math.factorial(k))) for k in range(order + 1)]


def _expm1(x: Interval, order: int) -> Series:
    return [FUNCTIONS["expm1"](x), *_exp(x, order)[1:]]


def _cycle(waves: list[Interval], order: int) -> Series:
    return [scaled(waves[k % len(waves)], Fraction(1, math.factorial(k))) for k in range(order + 1)]


def _sin(x: Interval, order: int) -> Series:
    sine, cosine = sin(x), cos(x)
    return _cycle([sine, cosine, neg(sine), neg(cosine)], order)


def _cos(x: Interval, order: int) -> Series:
    sine, cosine = sin(x), cos(x)
    return _cycle([cosine, neg(sine), neg(cosine), sine], order)


def _sinh(x: Interval, order: int) -> Series:
    return _cycle([FUNCTIONS["sinh"](x), FUNCTIONS["cosh"](x)], order)


def _cosh(x: Interval, order: int) -> Series:
    return _cycle([FUNCTIONS["cosh"](x), FUNCTIONS["sinh"](x)], order)


def _inverse(x: Interval, order: int) -> Series:
    one = inverse(x)
    return [scaled(whole_power(one, k + 1), (-1) ** k) for k in range(order + 1)]


def _log_of(name: str, shift: int) -> Callable[[Interval, int], Series]:
    def series(x: Interval, order: int) -> Series:
        one = inverse(add(x, exact(float(shift))) if shift else x)
        found = [scaled(whole_power(one, k), Fraction((-1) ** (k + 1), k)) for k in range(1, order + 1)]
        return [FUNCTIONS[name](x), *found]

    return series


def power_of(x: Interval, exponent: float, order: int) -> Series:
    """Of x**exponent."""
    base, one = power(x, exponent), inverse(x)
    found, factor = [base], Fraction(1)
    for k in range(1, order + 1):
        factor *= (Fraction(exponent) - (k - 1)) / k
        found.append(scaled(mul(base, whole_power(one, k)), factor))
    return found


def _solved(name: str, slope: Callable[[Series, int], Interval]) -> Callable[[Interval, int], Series]:
    """A function whose derivative is a function of itself: y' = slope(y)."""

    def series(x: Interval, order: int) -> Series:
        y = [FUNCTIONS[name](x)]
        for k in range(order):
            y.append(scaled(slope(y, k), Fraction(1, k + 1)))
        return y

    return series


def _one_at_first(k: int) -> Interval:
    return exact(1.0 if k == 0 else 0.0)


def _integrated(value: Interval, slopes: Series) -> Series:
    return [value, *[scaled(each, Fraction(1, k + 1)) for k, each in enumerate(slopes)]]


def _root_of_square(
    name: str, start: float, square: int, exponent: float
) -> Callable[[Interval, int], Series]:
    """A function with the derivative q**exponent of the quadratic q = start + square*x*x."""

    def series(x: Interval, order: int) -> Series:
        # (q**p)' q = p q' (q**p), coefficient by coefficient.
        value = add(exact(start), scaled(whole_power(x, 2), square))
        q = [value, scaled(x, 2 * square), exact(float(square))]
        one = inverse(value)
        found = [power(value, exponent) if exponent != -1 else one]
        for k in range(1, max(order, 1)):
            total = exact(0.0)
            for j in range(1, min(k, 2) + 1):
                factor = Fraction(exponent) * j - (k - j)
                total = add(total, scaled(mul(q[j], found[k - j]), factor / k))
            found.append(mul(total, one))
        return _integrated(FUNCTIONS[name](x), found[:order])

    return series


def _normal(name: str, scale: float, width: int) -> Callable[[Interval, int], Series]:
    """A function with the derivative scale*exp(-x*x*width/2)."""

    def series(x: Interval, order: int) -> Series:
        inner = scaled(whole_power(x, 2), Fraction(-width, 2))
        found = [mul(_near(scale), FUNCTIONS["exp"](inner))]
        for k in range(1, max(order, 1)):
            total = mul(x, found[k - 1])
            if k > 1:
                total = add(total, found[k - 2])
            found.append(scaled(total, Fraction(-width, k)))
        return _integrated(FUNCTIONS[name](x), found[:order])

    return series


def _near(value: float) -> Interval:
    return Interval(value * (1 - 4 * EPS), value * (1 + 4 * EPS))


def _sigmoid_slope(y: Series, k: int) -> Interval:
    return sub(y[k], _convolved(y, y, k))


def _log1pexp(x: Interval, order: int) -> Series:
    return _integrated(FUNCTIONS["log1pexp"](x), SERIES["sigmoid"](x, max(order - 1, 0))[:order])


def _acos(x: Interval, order: int) -> Series:
    return [FUNCTIONS["acos"](x), *[neg(each) for each in SERIES["asin"](x, order)[1:]]]


def _erfc(x: Interval, order: int) -> Series:
    return [FUNCTIONS["erfc"](x), *[neg(each) for each in SERIES["erf"](x, order)[1:]]]


SERIES: dict[str, Callable[[Interval, int], Series]] = {
    "exp": _exp,
    "expm1": _expm1,
    "sin": _sin,
    "cos": _cos,
    "sinh": _sinh,
    "cosh": _cosh,
    "inverse": _inverse,
    "log": _log_of("log", 0),
    "log1p": _log_of("log1p", 1),
    "tan": _solved("tan", lambda y, k: add(_one_at_first(k), _convolved(y, y, k))),
    "tanh": _solved("tanh", lambda y, k: sub(_one_at_first(k), _convolved(y, y, k))),
    "sigmoid": _solved("sigmoid", _sigmoid_slope),
    "log1pexp": _log1pexp,
    "atan": _root_of_square("atan", 1.0, 1, -1.0),
    "atanh": _root_of_square("atanh", 1.0, -1, -1.0),
    "asin": _root_of_square("asin", 1.0, -1, -0.5),
    "acos": _acos,
    "asinh": _root_of_square("asinh", 1.0, 1, -0.5),
    "acosh": _root_of_square("acosh", -1.0, 1, -0.5),
    "erf": _normal("erf", 2 / math.sqrt(math.pi), 2),
    "erfc": _erfc,
    "ndtr": _normal("ndtr", 1 / math.sqrt(2 * math.pi), 1),
}
"""What the coefficients of each function are."""
