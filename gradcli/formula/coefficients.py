"""Arithmetic of coefficients, exact where they are."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

from gradcli.formula.terms import Coefficient, plain_fraction

if TYPE_CHECKING:
    from collections.abc import Iterable


def numeric_content(values: Iterable[Coefficient]) -> Coefficient:
    """The number that all of them are multiples of; 1 beside a float or a decimal."""
    known = list(values)
    whole = [each for each in known if type(each) is int]
    if len(whole) == len(known):
        return gcd(*whole) or 1
    first = known[0] if len(known) > 1 else 0
    if first and known.count(first) + known.count(-first) == len(known):
        return max(known[0], -known[0]) or 1  # of poles that cancelled
    top, bottom = 0, 1
    for value in known:
        if isinstance(value, float):
            return 1
        denominator = value.denominator
        if denominator > 12 and terminates(denominator):  # a decimal stays as it was written
            return 1
        top, bottom = gcd(top, value.numerator), lcm(bottom, denominator)
    return (top or 1) if bottom == 1 else plain_fraction(Fraction(top or 1, bottom))


def over(value: Coefficient, divisor: Coefficient) -> Coefficient:
    """A coefficient over another, exact where both are."""
    if isinstance(value, float) or isinstance(divisor, float):
        return 1 if value == divisor else -1 if value == -divisor else value / divisor
    if divisor == 1:
        return value
    if divisor == -1:
        return -value
    if isinstance(value, int) and isinstance(divisor, int):
        return value // divisor if value % divisor == 0 else Fraction(value, divisor)
    return plain_fraction(Fraction(value) / divisor)


def terminates(denominator: int) -> bool:
    """Whether a fraction with that denominator is a decimal that ends."""
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1
