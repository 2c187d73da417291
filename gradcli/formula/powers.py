"""Sums that are squares, and sums that are products of others."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from gradcli.formula.coefficients import over
from gradcli.formula.normal import Sum, collected, rational
from gradcli.formula.terms import Coefficient, Factor, Term, multiplied, term_of


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


def squares_within(value: Sum) -> Sum | None:
    """The three terms of a longer sum that are the square of a sum of two; None without such."""
    if not 3 < len(value.terms) <= MOST_DIVIDED:
        return None
    roots = {term: root for term, c in value.terms.items() if (root := _root_of(term, c)) is not None}
    pairs = [(one, other) for at, one in enumerate(roots) for other in list(roots)[at + 1 :]]
    for one, other in pairs:
        middle = term_of([*roots[one][1], *roots[other][1]])
        if middle in value.terms and middle not in (one, other):
            square = Sum({term: value.terms[term] for term in (one, middle, other)}, value.shape)
            if binomial(square) is not None:
                return square
    return None


def _root_of(term: Term, coefficient: Coefficient) -> tuple[Coefficient, list[Factor]] | None:
    """A number and factors whose square a term is."""
    if isinstance(coefficient, float) or coefficient <= 0:
        return None
    for _, own, e in term:
        if not isinstance(e, int) or e <= 0 or e % 2 or any(each is not None and each > 0 for each in own):
            return None
    root = square_root(coefficient)
    return None if root is None else (rational(root), [(tree, labels, e // 2) for tree, labels, e in term])


def square_root(value: Coefficient) -> Fraction | None:
    """The root of a fraction that is a square."""
    if isinstance(value, float) or value <= 0:
        return None
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    exact = top * top == value.numerator and bottom * bottom == value.denominator
    return Fraction(top, bottom) if exact else None


MOST_DIVIDED = 16
"""Longer sums are not divided by others."""


def quotient(value: Sum, divisor: Sum) -> Sum | None:
    """What a sum is the product of beside another, if it is one: (a**2 - b**2)/(a - b) = a + b."""
    if not 1 < len(divisor.terms) <= len(value.terms) * 2 or len(value.terms) > MOST_DIVIDED:
        return None
    bases = sorted({each[:2] for term in divisor.terms for each in term}, key=lambda each: each[0].key)
    if not bases or not _is_polynomial(value) or not _is_polynomial(divisor):
        return None

    def degrees(term: Term) -> list[float]:
        powers = {each[:2]: float(each[2]) for each in term}
        return [powers.get(base, 0.0) for base in bases]

    first = max(divisor.terms, key=degrees)
    left = dict(value.terms)
    found: dict[Term, Coefficient] = {}
    while left:
        if len(found) > MOST_DIVIDED:
            return None
        term = max(left, key=degrees)
        beside = multiplied([*term], [(tree, labels, -e) for tree, labels, e in first])
        if any(e < 0 for _, _, e in beside):
            return None
        number = over(left[term], divisor.terms[first])
        found[term_of(beside)] = number
        for other, coefficient in divisor.terms.items():
            whole = term_of(multiplied(beside, [*other]))
            rest = left.get(whole, 0) - number * coefficient
            if rest:
                left[whole] = rest
            else:
                left.pop(whole, None)
    return Sum(found, value.shape)


def _is_polynomial(value: Sum) -> bool:
    return all(
        not isinstance(coefficient, float)
        and coefficient
        and all(
            isinstance(e, int) and e > 0 and not any(one is not None and one > 0 for one in own)
            for _, own, e in term
        )
        for term, coefficient in value.terms.items()
    )
