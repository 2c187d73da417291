"""From the normal form back to an expression: of several ways to write a sum, the one that reads shortest.

A term becomes numbers, products and quotients, and where dims are summed over, the matrix product, trace or
dot product that it is. A sum may be written as it stands, with its common factors in front, multiplied out,
or over a common denominator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula import identities
from gradcli.formula.domain import CANCELLED_WORDS
from gradcli.formula.forms import MOST_TERMS, Forms
from gradcli.formula.normal import (
    Sum,
)
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
)
"""Every law between sums, in words."""

OPENED = ("add", "mul", "div", "where", "sigmoid")
"""What may be a sum inside a factor, or a choice."""


def _only_way(value: Sum) -> bool:
    """Whether there is no other way to write a sum: one term, with nothing inside its factors."""
    return len(value.terms) < 2 and not any(tree.op in OPENED for term in value.terms for tree, _, _ in term)


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
                candidates += [(law, self.plain(each), each) for law, each in others]
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
        if (merged := self._merged_choices(value)) is not None:
            yield MERGED, merged
        if (grouped := self.grouped(value)) is not None:
            yield GROUPED, grouped
        expanded = self.expanded(value)
        if expanded is not None:
            expanded = self.lawful(expanded)
            yield EXPANDED, expanded
            if (grouped := self.grouped(expanded)) is not None:
                yield GROUPED, grouped
            if len(expanded.terms) > 1:
                yield FACTORED, self.single(expanded)
        if (denominator := self._denominator(value)) is not None:
            yield DENOMINATOR, denominator
        together = self.together(value)
        if together is not None:
            yield TOGETHER, together
            if (denominator := self._denominator(together)) is not None:
                yield DENOMINATOR, denominator
        for some in self._some_together(value):
            yield TOGETHER, some
            if expanded is not None and (more := self.together(expanded)) is not None:
                yield TOGETHER, more
        if expanded is not None:
            for some in self._some_together(expanded):
                yield TOGETHER, some
