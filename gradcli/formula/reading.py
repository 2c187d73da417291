"""From the normal form back to an expression: of several ways to write a sum, the one that reads shortest.

A term becomes numbers, products and quotients, and where dims are summed over, the matrix product, trace or
dot product that it is. A sum may be written as it stands, with its common factors in front, multiplied out,
or over a common denominator.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula import identities, ways
from gradcli.formula.domain import CANCELLED_WORDS
from gradcli.formula.forms import MOST_TERMS, Forms
from gradcli.formula.normal import Factor, Sum, added, collected, rational, whole_labels
from gradcli.formula.tree import Expr
from gradcli.formula.writing import FACTORED

if TYPE_CHECKING:
    from collections.abc import Iterable

EXPANDED = "a*(b + c) = a*b + a*c"
GROUPED = "A @ x + B @ x = (A + B) @ x"
DENOMINATOR = "1/(a*b), multiplied out below the line"
TOGETHER = "a/b + c/d = (a*d + c*b)/(b*d)"
MERGED = "where(c, a, b) + where(c, d, e) = where(c, a + d, b + e)"


WORDS = (
    *[law.words for law in identities.LAWS],
    CANCELLED_WORDS,
    FACTORED,
    EXPANDED,
    GROUPED,
    DENOMINATOR,
    TOGETHER,
    MERGED,
    *[law.words for law in ways.WAYS],
)
"""Every law between sums, in words."""

MOST_WAYS = 8
"""So many sums are tried of those that `ways` leads to from one."""

OPENED = ("add", "mul", "div", "where", "sigmoid")
"""What may be a sum inside a factor, or a choice."""


def _only_way(value: Sum) -> bool:
    """Whether there is no other way to write a sum: one term, with nothing inside its factors."""
    if len(value.terms) > 1:
        return False
    factors = [tree for term in value.terms for tree, _, _ in term]
    return not any(tree.op in OPENED for tree in factors) and (
        len(factors) < 2 or not ways.TABLE.concerning(value)
    )


class Reader(Forms):
    """Writes sums as expressions, each as short as it is known to be."""

    def read(self, value: Sum) -> Expr:
        """The shortest way to write it that is known here."""
        found = self.known.get(value.key)
        if found is None:
            used: dict[str, None] = {}
            value = self.lawful(value, used)
            candidates = [("", self.plain(value), value)]
            if len(value.terms) <= MOST_TERMS and not _only_way(value):
                others = [(law, self.lawful(each)) for law, each in self._alternatives(value)]
                candidates += [
                    (law, self.plain(each), each) for law, each in others if each.terms != value.terms
                ]
                candidates += [
                    (FACTORED, each, value) for each in [self._factored(value)] if each is not None
                ]
            law, found, chosen = min(candidates, key=lambda each: each[1].cost)
            if law:
                used[law] = None
            if used:
                self.laws.setdefault(found, used)
            self.known[value.key] = found
            self.sums.setdefault(found, chosen)
        return found

    def _alternatives(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """Other ways to write a sum, and what was done."""
        flat = self.flat(value)
        if flat is not value:
            yield EXPANDED, flat
        yield from self._ways(value)
        if (merged := self._merged_choices(value)) is not None:
            yield MERGED, merged
        if (grouped := self.grouped(value)) is not None:
            yield GROUPED, grouped
        expanded = self.expanded(value)
        if expanded is not None:
            expanded = self.lawful(expanded)
            yield EXPANDED, expanded
            yield from self._ways(expanded)
            if (grouped := self.grouped(expanded)) is not None:
                yield GROUPED, grouped
            if len(expanded.terms) > 1:
                yield FACTORED, self.single(expanded)
        if (denominator := self._denominator(value)) is not None:
            yield DENOMINATOR, denominator
        together = self.together(value)
        if together is not None:
            yield TOGETHER, together
            yield from self._ways(together)
            if (denominator := self._denominator(together)) is not None:
                yield DENOMINATOR, denominator
        for some in self._some_together(value):
            yield TOGETHER, some
            if (whole := self.together(some)) is not None:
                yield TOGETHER, whole
            if expanded is not None and (more := self.together(expanded)) is not None:
                yield TOGETHER, more
        if expanded is not None:
            for some in self._some_together(expanded):
                yield TOGETHER, some

    def _ways(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """By the laws of which neither side is the better for every sum, one after another."""
        pending = [value]
        for each in pending:  # which grows
            if len(pending) > MOST_WAYS:
                break
            inside = self._inside(each)
            changed = [] if inside is None else [inside]
            changed += [(law.words, law.apply(each)) for law in ways.TABLE.those_for(each)]
            for words, other in changed:
                if other is each:
                    continue
                other = self.lawful(other)
                if all(other.terms != known.terms for known in pending):  # some of the laws undo each other
                    pending.append(other)
                    yield words, other
                    if len(other.terms) > 1:
                        yield words, self.single(other)

    def _inside(self, value: Sum) -> tuple[str, Sum] | None:
        """By the same laws, a sum that is a factor as one term: what divides by 1 + tan(u)**2."""
        for term, coefficient in value.terms.items():
            for tree, labels, exponent in term:
                if tree.op != "add" or not isinstance(exponent, int):
                    continue
                inner = self.sum_of(tree)
                if inner is None or labels != whole_labels(tree.shape) or len(inner.terms) > 2:
                    continue
                for law in ways.TABLE.those_for(inner):
                    one = law.apply(inner).single
                    if one is not None and not isinstance(one[0], float):
                        rest = [each for each in term if each[0] is not tree or each[2] != exponent]
                        powers: list[Factor] = [(t, own, e * exponent) for t, own, e in one[1]]
                        number = rational(coefficient * Fraction(one[0]) ** exponent)
                        left_over = {each: c for each, c in value.terms.items() if each != term}
                        whole = collected([(number, [*rest, *powers])], value.shape)
                        return law.words, added(Sum(left_over, value.shape), whole)
        return None
