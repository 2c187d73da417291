"""The normal form: a sum of products of indexed factors, in which equal formulas look the same.

A value is a sum of terms, a term a coefficient times factors, and a factor an expression to a power with a
label for each of its dims. A label is negative for a dim of the result (counted from the end), positive for a
dim that is summed over, and None for a dim of size 1. So broadcasting, transposes, matrix products, traces,
diagonals and sums are one thing, and the laws of products hold for all of them at once. `reading` turns it
back.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from fractions import Fraction
from math import isfinite, ulp
from typing import Any, Self

from gradcli.formula.signs import never_zero
from gradcli.formula.terms import (
    Coefficient,
    Factor,
    Label,
    Term,
    apart,
    highest,
    plain_fraction,
    renamed,
    term_of,
    whole_labels,
)
from gradcli.formula.tree import Expr, Shape, symbol
from gradcli.record import Record
from gradcli.tape.promote import broadcast


class Sum(Record):
    """A sum of terms of one shape (to which each of them broadcasts).

    Attributes:
        lawful: whether no law of `identities` changes it.
        keyed: its key, once that was asked for.
    """

    terms: dict[Term, Coefficient]
    shape: Shape
    lawful: bool = False
    keyed: Any = None

    @property
    def key(self) -> Any:
        """Equal for equal sums."""
        if self.keyed is None:
            self.keyed = self.shape, frozenset(self.terms.items())
        return self.keyed

    @property
    def single(self) -> tuple[Coefficient, Term] | None:
        """Its one term, if it has one."""
        if len(self.terms) != 1:
            return None
        ((term, coefficient),) = self.terms.items()
        return coefficient, term

    @property
    def has_dims(self) -> bool:
        """Whether a factor is no number."""
        for term in self.terms:
            for factor in term:
                if factor[1]:
                    return True
        return False

    @property
    def constant(self) -> Coefficient | None:
        """The number that it is everywhere, or None."""
        terms = self.terms
        if () in terms:
            return terms[()] if len(terms) == 1 else None
        return None if terms else 0

    def united(self, gone: tuple[Term, ...], factors: list[Factor], coefficient: Coefficient) -> Sum:
        """With one term in the place of others."""
        rest, whole = self.without(gone), term_of(factors)
        put(rest.terms, whole, rest.terms.get(whole, 0) + coefficient)
        return rest

    def without(self, gone: Container[Term]) -> Sum:
        """Without some of its terms."""
        return Sum({term: c for term, c in self.terms.items() if term not in gone}, self.shape)

    def shaped(self, shape: Shape) -> Self:
        """The same, broadcast to a shape."""
        return self if shape == self.shape else type(self)(self.terms, shape, self.lawful)


def magnitude(value: Coefficient) -> Coefficient:
    """Without its sign."""
    return -value if value < 0 else value


def of_number(value: Coefficient, shape: Shape = ()) -> Sum:
    """A number; 0 is the sum of nothing."""
    return Sum({(): value} if value != 0 else {}, shape)


def of_tree(tree: Expr) -> Sum:
    """An expression that no law looks into."""
    if tree.op == "number":
        value = tree.attrs[0]
        if not isinstance(value, float) or isfinite(value):
            return of_number(value)
        tree = symbol("nan" if value != value else "inf")  # no coefficient: times 0 they are not 0
        return Sum({((tree, (), 1),): -1 if value < 0 else 1}, ())
    return Sum({((tree, whole_labels(tree.shape), 1),): 1}, tree.shape)


# ---- sums ----


def added(left: Sum, right: Sum, sign: int = 1) -> Sum:
    """left + right, or left - right."""
    terms = dict(left.terms)
    for term, coefficient in right.terms.items():
        before = terms.get(term)
        own = coefficient if sign == 1 else -coefficient
        put(terms, term, own if before is None else before + own)
    return Sum(terms, broadcast(left.shape, right.shape))


def scaled(value: Sum, factor: Coefficient) -> Sum:
    """Times a number; 0/x has a pole still."""
    if factor == 1:
        return value
    if factor == 0:
        return collected([(0, term) for term in value.terms], value.shape)
    return Sum({term: coefficient * factor for term, coefficient in value.terms.items()}, value.shape)


def collected(terms: Iterable[tuple[Coefficient, list[Factor] | Term]], shape: Shape) -> Sum:
    """A sum of terms that may be equal, whose factors may be; those of a `Term` are known not to be."""
    found: dict[Term, Coefficient] = {}
    for coefficient, factors in terms:
        term = term_of(factors) if isinstance(factors, list) else factors
        before = found.get(term)
        total = coefficient if before is None else before + coefficient
        if total:
            found[term] = total
        else:
            put(found, term, total)
    return Sum(found, shape)


def put(terms: dict[Term, Coefficient], term: Term, total: Coefficient) -> None:
    """A term with its coefficient. What cancels leaves its poles, since 1/x - 1/x is no number at 0."""
    if total != 0:
        terms[term] = total
        return
    terms.pop(term, None)
    poles = tuple([each for each in term if each[2] < 0 and not never_zero(each[0])])
    if poles and not any(each is not None and each > 0 for _, labels, _ in poles for each in labels):
        terms.setdefault(poles, 0)


def product(left: Sum, right: Sum) -> Sum:
    """The product element by element, multiplied out."""
    shape = broadcast(left.shape, right.shape)
    terms = [
        (one * two, [*a, *apart(b, taken)])
        for a, one in left.terms.items()
        for taken in [highest(a)]
        for b, two in right.terms.items()
    ]
    return collected(terms, shape)


def in_terms(value: Sum, law: Callable[[list[Factor]], list[Factor]]) -> Sum:
    """With a law applied to the factors of each term, which gives the same list where it changes nothing."""
    terms: list[tuple[Coefficient, list[Factor]]] = []
    changed = False
    for term, coefficient in value.terms.items():
        factors = list(term)
        found = law(factors)
        changed = changed or found is not factors
        terms.append((coefficient, found))
    return collected(terms, value.shape) if changed else value


def of_each_term(law: Callable[[list[Factor]], list[Factor]]) -> Callable[[Sum], Sum]:
    """Makes a law of sums of one of terms, which `in_terms` applies."""
    return lambda value: in_terms(value, law)


def relabelled(value: Sum, names: dict[int, Label], shape: Shape) -> Sum:
    """With other labels for the dims of the result; a positive one is summed over."""
    return collected([(c, renamed(apart(term, 1000), names)) for term, c in value.terms.items()], shape)


MOST_DENOMINATOR = 1_000_000
"""Of fractions that people write."""


SIMPLE = 100
"""Fractions of no larger denominators are found again where the last digit is another one."""


def rational(value: Coefficient) -> Coefficient:
    """The fraction that a float stands for, if it is one that people write; else the float."""
    if isinstance(value, int):
        return value
    if not isinstance(value, float):
        return plain_fraction(value)
    if not abs(value) < 2**53:  # infinite, no number, or longer as digits than as a float
        return value
    if value.is_integer():
        return int(value)
    top, bottom = value.as_integer_ratio()
    if bottom <= MOST_DENOMINATOR:
        return Fraction(top, bottom)
    simple = Fraction(top, bottom).limit_denominator(SIMPLE)
    if abs(float(simple) - value) <= ulp(value):  # 1/3 - 1 is two thirds but for its last digit
        return simple
    near = Fraction(top, bottom).limit_denominator(MOST_DENOMINATOR)
    return plain_fraction(near) if float(near) == value else value
