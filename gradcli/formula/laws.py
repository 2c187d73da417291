"""What a law between sums is, and a table of laws that finds those that may change a sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gradcli.formula.normal import Sum
from gradcli.formula.terms import MARKS
from gradcli.formula.tree import Expr

BELOW, CANCELLED, WITH_EXP = "below a line", "cancelled", "exp in a sum"


class Law(NamedTuple):
    """A law between sums, and what any sum has that it changes."""

    words: str
    apply: Callable[[Sum], Sum]
    about: tuple[str, ...]
    """Operations, of which there is one."""
    beside: tuple[str, ...] = ()
    """Operations, of which there is one as well."""
    terms: int = 1
    """How many terms there are at least."""


class LawTable:
    """Laws in the order in which they are applied, found by what they are about.

    Attributes:
        laws: the rows.
        about: for an operation, or what is `BELOW`, `CANCELLED` and `WITH_EXP`, a bit for each row that is
            about it, and for each that has it beside.
        about_products: the operations that a law is about which may change a single term, and `MARKS`.
    """

    def __init__(self, laws: tuple[Law, ...]) -> None:
        self.laws = laws
        self.about = {BELOW: (0, 0), CANCELLED: (0, 0), WITH_EXP: (0, 0)}
        self.alone = self.of_one = 0
        for at, law in enumerate(laws):
            bit = 1 << at
            for op in law.about:
                about, beside = self.about.get(op, (0, 0))
                self.about[op] = about | bit, beside
            for op in law.beside:
                about, beside = self.about.get(op, (0, 0))
                self.about[op] = about, beside | bit
            self.alone |= 0 if law.beside else bit
            self.of_one |= bit if law.terms == 1 else 0
        self.about_products = MARKS.union(*[law.about for law in laws if law.terms == 1])

    def concerning(self, value: Sum) -> int:
        """A bit for each law that may change a sum."""
        about, found, beside = self.about, 0, self.alone
        below = False
        for term, coefficient in value.terms.items():
            for tree, _, exponent in term:
                op = tree.op
                if op == "add" and tree.args[0].op == "exp":
                    op = WITH_EXP
                if op in about:
                    one, other = about[op]
                    found |= one
                    beside |= other
                below = below or exponent < 0
            if not coefficient:
                found |= about[CANCELLED][0]
        if below:
            found |= about[BELOW][0]
        found &= beside
        return found if len(value.terms) > 1 else found & self.of_one

    def those_for(self, value: Sum) -> list[Law]:
        """The laws that may change a sum."""
        found = self.concerning(value)
        return [law for at, law in enumerate(self.laws) if found >> at & 1] if found else []

    def applied(
        self,
        value: Sum,
        used: dict[str, None] | None = None,
        made: dict[Expr, dict[str, None]] | None = None,
    ) -> Sum:
        """The sum with every law applied that applies.

        Args:
            value: the sum.
            used: where the laws that changed it are noted, in words.
            made: where the laws are noted that made a factor, by the factor.
        """
        if value.lawful:
            return value
        left = self.concerning(value)
        while left:
            at = (left & -left).bit_length() - 1
            left &= left - 1
            law = self.laws[at]
            changed = law.apply(value)
            if changed is value:
                continue
            if changed.terms != value.terms:
                note(law.words, value, changed, used, made)
                left = self.concerning(changed) >> (at + 1) << (at + 1)
            value = changed
        value.lawful = True
        return value


def note(
    words: str,
    value: Sum,
    changed: Sum,
    used: dict[str, None] | None,
    made: dict[Expr, dict[str, None]] | None,
) -> None:
    """Notes that a law changed a sum: `LawTable.applied` says where."""
    if used is not None:
        used[words] = None
    if made is not None:
        for tree in _factors(changed) - _factors(value):
            made.setdefault(tree, {})[words] = None


def _factors(value: Sum) -> set[Expr]:
    return {tree for term in value.terms for tree, _, _ in term}
