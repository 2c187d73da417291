"""Sums that are squares."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from gradcli.formula.normal import Coefficient, Factor, Sum, Term, collected, rational, term_of


def binomial(value: Sum) -> Sum | None:
    """a + b, if a sum is a**2 + 2*a*b + b**2."""
    if len(value.terms) != 3:
        return None
    roots = {term: _root_of(term, coefficient) for term, coefficient in value.terms.items()}
    for middle, coefficient in value.terms.items():
        pair = [root for term, root in roots.items() if term is not middle and root is not None]
        if len(pair) < 2:
            continue
        (one, a), (other, b) = pair
        if term_of([*a, *b]) == middle and coefficient in (2 * one * other, -2 * one * other):
            sign = 1 if coefficient > 0 else -1
            return collected([(one, a), (sign * other, b)], value.shape)
    return None


def _root_of(term: Term, coefficient: Coefficient) -> tuple[Coefficient, list[Factor]] | None:
    """A number and factors whose square a term is."""
    if isinstance(coefficient, float) or coefficient <= 0:
        return None
    exact = Fraction(coefficient)
    root = Fraction(isqrt(exact.numerator), isqrt(exact.denominator))
    even = all(isinstance(e, int) and e > 0 and e % 2 == 0 for _, _, e in term)
    if (
        root * root != exact
        or not even
        or any(each is not None and each > 0 for _, own, _ in term for each in own)
    ):
        return None
    return rational(root), [(tree, labels, e // 2) for tree, labels, e in term]
