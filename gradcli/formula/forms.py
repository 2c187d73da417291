"""Other ways to write a sum: multiplied out, over one denominator, with a matrix in front.

Each gives a sum that is equal, or None where there is none; `reading` chooses by length.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula.branches import Branches
from gradcli.formula.coefficients import over
from gradcli.formula.normal import Sum, added, collected, scaled
from gradcli.formula.powers import binomial
from gradcli.formula.signs import never_zero
from gradcli.formula.terms import (
    Coefficient,
    Factor,
    Label,
    Term,
    apart,
    highest,
    renamed,
    term_of,
    whole_labels,
)
from gradcli.formula.tree import BITS, Expr, apply, walk
from gradcli.formula.turning import opposite, subtracts
from gradcli.formula.writing import narrowed, remembered, without_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_TERMS = 48
"""Longer sums are written as they stand."""


MOST_INDEXED = 16
"""Of arrays no more terms come of multiplying out: they take longer, and more don't get short again."""


MOST_READ = 80
"""Longer sums, in symbols, are not multiplied out: those of long programs hold each other."""


EXPANDABLE = frozenset(("add", "mul", "div", "sigmoid"))
"""What may be multiplied out."""

MOST_SHARED = 3
"""So many factors are tried in front of some terms."""


MOST_COLLECTED = 8
"""Of no longer sums all terms are put together by what they share."""


class Forms(Branches):
    """Finds equal sums."""

    def _factored(self, value: Sum) -> Expr | None:
        if len(value.terms) < 2:
            return None
        coefficient, common, _ = self.content(value)
        if not common and (coefficient in (1, -1) or () in value.terms) and binomial(value) is None:
            return None
        return self.plain(self.single(value))

    def some_factored(self, value: Sum) -> Iterable[Sum]:
        """With a factor that some terms share, and that is no name, in front of those; so for all terms."""
        holders: dict[tuple[Expr, tuple[Label, ...]], list[Term]] = {}
        for term in value.terms:
            for tree, labels, exponent in term:
                if exponent == 1 and tree.cost > 2 and all(each is None or each < 0 for each in labels):
                    holders.setdefault((tree, labels), []).append(term)
        for group in [each for each in holders.values() if 1 < len(each) < len(value.terms)][:MOST_SHARED]:
            yield self._in_front(value, [group])
        if 3 < len(value.terms) <= MOST_COLLECTED:
            for names in (False, True):
                groups = _apart(value, names)
                if groups:
                    yield self._in_front(value, groups)

    def _in_front(self, value: Sum, groups: list[list[Term]]) -> Sum:
        """With what the terms of each group have in common in front of them."""
        gone = {term for group in groups for term in group}
        total = value.without(gone)
        for group in groups:
            some = Sum({term: value.terms[term] for term in group}, value.shape)
            total = added(total, self.single(some))
        return total

    def grouped(self, value: Sum, alike: bool = False, deep: bool = True) -> Sum | None:
        """With a matrix or vector that several terms are multiplied with in front: (A + A.T) @ x.

        Args:
            value: the sum.
            alike: whether only terms are put together that have all else in common but one factor.
            deep: whether what is beside it may have more dims than a matrix.
        """
        changed = False
        dims = wide(value)
        for _ in range(6):
            found: dict[tuple[object, ...], list[tuple[Term, Factor, int]]] = {}
            for term in value.terms:
                for factor in term:
                    summed = [each for each in factor[1] if each is not None and each > 0]
                    above = factor[2] >= 1 or factor[2] == -1
                    if len(summed) != 1 or not above or type(factor[2]) is Fraction:
                        continue
                    outer = [each for each in factor[1] if each is not None and each < 0]
                    rest = _beside(term, factor)
                    if any(each in own for _, own, _ in rest for each in outer):
                        continue
                    pattern = tuple(["s" if each == summed[0] else each for each in factor[1]])
                    others = [each for each in rest if summed[0] not in each[1]] if alike else []
                    kept = {each for _, own, _ in rest if summed[0] in own for each in own}
                    if any(
                        each is not None and each > 0 and each in kept for _, own, _ in others for each in own
                    ):
                        continue  # they are summed together with what stays
                    # u*(v @ x) is no product of a matrix and x: v @ x is a number in front of u.
                    number = [] if alike else _number(factor, rest)
                    if not number and not deep and dims - len(outer) > 1:
                        continue
                    alone = factor[0], factor[2] > 0, pattern
                    group = found.setdefault((*alone, term_of(others), term_of(number)), [])
                    if not group or group[-1][0] is not term:
                        group.append((term, factor, summed[0]))
            if len(found) == 0:
                break
            key, group = max(found.items(), key=lambda each: len(each[1]))
            if len(group) < 2:
                break
            value = (
                self._number_in_front(value, group) if key[-1] else self._put_in_front(value, group, alike)
            )
            changed = True
        return value if changed else None

    def _number_in_front(self, value: Sum, group: list[tuple[Term, Factor, int]]) -> Sum:
        """With a product that is summed over all of its dims in front of the terms that have it."""
        rest: list[tuple[Coefficient, list[Factor]]] = []
        for term, factor, _ in group:
            beside = _beside(term, factor)
            number = _number(factor, beside)
            rest.append((value.terms[term], [each for each in beside if each not in number]))
        tree, _ = self.factor(narrowed(collected([(1, number)], value.shape)), self.plain)
        left = value.without([term for term, _, _ in group])
        inner = collected(rest, value.shape)
        if not inner.terms:
            return left
        # Element by element nothing is put in order again: what is left is short as it stands.
        one = self._read_single(inner) if wide(value) > 1 else self.single(inner).single
        assert one is not None
        coefficient, factors = one
        whole = collected([(coefficient, [(tree, (), 1), *factors])], value.shape)
        return added(left, whole)

    def _put_in_front(self, value: Sum, group: list[tuple[Term, Factor, int]], alike: bool) -> Sum:
        tree, labels, exponent = group[0][1]
        sign = 1 if exponent > 0 else -1
        rank = len(value.shape)
        outer = [each for each in range(-rank, 0) if each not in labels and value.shape[each] != 1]
        size = next(
            size for size, each in zip(tree.shape, labels, strict=True) if each is not None and each > 0
        )
        shape = (*[value.shape[each] for each in outer], size)
        names: dict[int, Label] = {each: at - len(shape) for at, each in enumerate(outer)}
        rest: list[tuple[Coefficient, list[Factor]]] = []
        for term, factor, summed in group:
            renaming = {**names, summed: -1}
            beside = [each for each in _beside(term, factor) if not alike or summed in each[1]]
            rest.append((value.terms[term], renamed(beside, renaming)))
        inner = collected(rest, shape)
        left = value.without([term for term, _, _ in group])
        if not inner.terms:
            return left
        coefficient, factors = self._read_single(inner)
        back = dict(zip(range(-len(shape), 0), [*outer, 9999], strict=True))
        moved = renamed(apart(factors, 20_000), back)
        if alike:
            first, factor, summed = group[0]
            common = tuple([each for each in _beside(first, factor) if summed not in each[1]])
            moved += apart(common, 30_000)
        front = (tree, tuple([9999 if each is not None and each > 0 else each for each in labels]), sign)
        return collected(
            [*[(c, term) for term, c in left.terms.items()], (coefficient, [front, *moved])], value.shape
        )

    def _read_single(self, value: Sum) -> tuple[Coefficient, Term]:
        """A coefficient and factors of a sum as it is written."""
        tree = self.read(value)
        self.sums.setdefault(tree, value)
        one = self.single(self.sums[tree]).single
        if one is None:  # all of it cancelled
            return 1, ((tree, whole_labels(tree.shape), 1),)
        negative = all(each < 0 for each in self.sums[tree].terms.values())
        if not negative and self.plain(self.single(self.sums[tree])).cost > tree.cost:
            return 1, ((tree, whole_labels(tree.shape), 1),)
        return one

    def _denominator(self, value: Sum) -> Sum | None:
        """With the sums below the line multiplied out: 1/(1 - x**2)."""
        one = value.single
        if one is None:
            return None
        coefficient, term = one
        below: list[Factor] = [
            (tree, labels, 1)
            for tree, labels, e in term
            if e == -1 and tree.op == "add" and all(each is None or each < 0 for each in labels)
        ]
        if len(below) < 2:
            return None
        whole = self.expanded(collected([(1, below)], value.shape))
        if whole is None or not whole.terms:
            return None
        whole = self.lawful(whole)
        rest = [each for each in term if (each[0], each[1], 1) not in below or each[2] != -1]
        if (squared := whole.single) is not None:  # (1 - sin(x))*(1 + sin(x)) is cos(x)**2
            number, factors = squared
            inverse: list[Factor] = [(t, own, -e) for t, own, e in factors]
            return collected([(over(coefficient, number), [*rest, *inverse])], value.shape)
        tree, labels = self.factor(whole, self.plain)
        for each in (tree, self.plain(scaled(whole, -1))):
            self.made_of[each] = [part for part, _, _ in below]
        return collected([(coefficient, [*rest, (tree, labels, -1)])], value.shape)

    @remembered
    def expanded(self, value: Sum, most: int = MOST_READ) -> Sum | None:
        """Multiplied out, or None if there is nothing to, or too much.

        Args:
            value: the sum.
            most: how many symbols the sums within it have at most that are.
        """
        changed = False
        most_terms = MOST_INDEXED if value.has_dims else MOST_TERMS
        for _ in range(8):
            total: list[tuple[Coefficient, list[Factor] | Term]] = []
            again = False
            for term, coefficient in value.terms.items():
                opened = self._first_inner(term, most)
                if opened is None:
                    total.append((coefficient, term))
                    continue
                again = True
                at, base = opened
                tree, labels, exponent = term[at]
                others = [
                    *term[:at],
                    *([(tree, labels, exponent - 1)] if exponent != 1 else []),
                    *term[at + 1 :],
                ]
                names = dict(zip(whole_labels(tree.shape), labels, strict=True))
                for each, factor in base.terms.items():
                    taken = max(highest(others), highest(term))
                    moved = renamed(apart(each, taken), names)
                    factors = [*others, *moved]
                    if labels:
                        number, lengths = self.sizes.left([term[at]], factors)
                        factor, factors = factor * number, [*factors, *lengths]
                    whole = coefficient if factor == 1 else coefficient * factor
                    total.append((whole, factors))
                if len(total) > most_terms:
                    return None
            if not again:
                break
            changed = True
            value = collected(total, value.shape)
        return value if changed else None

    def _first_inner(self, term: Term, most: int) -> tuple[int, Sum] | None:
        """Where the first factor of a term stands that can be multiplied out, and the sum that it is."""
        for at, factor in enumerate(term):
            if factor[0].op in EXPANDABLE and (inner := self._inner(factor, most)) is not None:
                return at, inner
        return None

    def _inner(self, factor: Factor, most: int) -> Sum | None:
        """The sum that a factor is, if it can be multiplied out."""
        tree, labels, exponent = factor
        if tree.op == "sigmoid" and exponent == 1:
            return self._complement(tree)
        if type(exponent) is Fraction or not 1 <= exponent <= 4 or tree.op == "sigmoid":
            return None
        if tree.cost > most or (
            exponent == 2 and labels and subtracts(tree) and any(e and e > 0 for e in labels)
        ):
            return None  # sum((x - m)**2) has digits that sum(x**2) - n*m**2 loses
        found = self.sum_of(tree)
        return found if found is not None and len(found.terms) > 1 else None

    def _complement(self, tree: Expr) -> Sum | None:
        """sigmoid(-u) as 1 - sigmoid(u), where u is the shorter."""
        other = opposite(tree.args[0])
        if other.cost >= tree.args[0].cost:
            return None
        positive = apply("sigmoid", other, shape=tree.shape)
        labels = whole_labels(tree.shape)
        ones: list[Factor] = []
        return collected([(1, ones), (-1, [(positive, labels, 1)])], tree.shape)

    def _some_together(self, value: Sum) -> Iterable[Sum]:
        """With those terms over a common denominator that share a sum below the line."""
        all_below = {
            (tree, labels): None for term in value.terms for tree, labels, exponent in term if exponent < 0
        }
        below = [each for each in all_below if each[0].op in ("add", "sqrt")]
        for bottom in below:
            some = {t: c for t, c in value.terms.items() if any((each[0], each[1]) == bottom for each in t)}
            if len(some) == len(value.terms) and len(below) == 1:  # over this one alone
                found = self.together(value) if len(all_below) == 1 else self.together(value, True, bottom)
                if found is not None:
                    yield found
            elif 1 < len(some) < len(value.terms):
                found = self.together(Sum(some, value.shape))
                if found is not None:
                    rest = {t: c for t, c in value.terms.items() if t not in some}
                    yield added(Sum(rest, value.shape), found)

    @remembered
    def together(
        self,
        value: Sum,
        multiplied_out: bool = True,
        bottom: tuple[Expr, tuple[int | None, ...]] | None = None,
    ) -> Sum | None:
        """Over a common denominator, or `bottom` alone, as long as nothing of it is cancelled."""
        if len(value.terms) < 2:
            return None
        bottoms: dict[tuple[Expr, tuple[int | None, ...]], int] = {}
        for term in value.terms:
            for tree, labels, exponent in term:
                if exponent < 0 and isinstance(exponent, int) and bottom in (None, (tree, labels)):
                    if labels and any(each is not None and each > 0 for each in labels):
                        return None
                    bottoms[tree, labels] = max(bottoms.get((tree, labels), 0), -exponent)
        if not bottoms:
            return None
        tops: list[tuple[Coefficient, list[Factor]]] = []
        for term, coefficient in value.terms.items():
            rest = dict(bottoms)
            factors: list[Factor] = []
            for tree, labels, exponent in term:
                if exponent < 0 and (tree, labels) in rest:
                    rest[tree, labels] += int(exponent)
                else:
                    factors.append((tree, labels, exponent))
            factors += [(without_mark(tree), labels, e) for (tree, labels), e in rest.items() if e]
            tops.append((coefficient, factors))
        top = collected([(c, self._rooted(factors, bottoms)) for c, factors in tops], value.shape)
        above = self.expanded(top) if multiplied_out else None
        expanded = self.lawful(_cancelled(above or top, bottoms))
        if not expanded.terms:
            return None
        whole = self.single(expanded)
        if not whole.terms:
            return None
        ((term, coefficient),) = whole.terms.items()
        # What all terms of the numerator share with the denominator is cancelled but for one pole.
        below = dict(bottoms)
        kept: list[Factor] = []
        for tree, labels, exponent in term:
            under = below.get((tree, labels), 0)
            if under and exponent >= under:
                if tree in self.domain.trees:
                    self.domain.cancelled[tree] = None
                elif not never_zero(tree) and not any(_divides(each, tree) for each, _ in bottoms):
                    return None
                del below[tree, labels]
                exponent -= under
            if exponent:
                kept.append((tree, labels, exponent))
        return collected(
            [(coefficient, [*kept, *[(tree, labels, -e) for (tree, labels), e in below.items()]])],
            value.shape,
        )

    def _rooted(
        self, factors: list[Factor], bottoms: Mapping[tuple[Expr, tuple[int | None, ...]], int]
    ) -> list[Factor]:
        """sqrt(u)**2 as u, above a denominator that has the root still."""
        found: list[Factor] = []
        powers: dict[tuple[Expr, tuple[Label, ...]], int | Fraction] = {}
        for tree, labels, exponent in factors:
            if tree.op == "sqrt" and (tree, labels) in bottoms and exponent > 0:
                powers[tree, labels] = powers.get((tree, labels), 0) + exponent
            else:
                found.append((tree, labels, exponent))
        for (tree, labels), exponent in powers.items():
            if exponent >= 2:
                found.append((tree.args[0], labels, int(exponent) // 2))
            if exponent % 2:
                found.append((tree, labels, 1))
        return found


def _apart(value: Sum, names: bool) -> list[list[Term]]:
    """Groups of terms that have a name in common, or else a power or an expression; no term is in two."""
    holders: dict[Factor, list[Term]] = {}
    for term in value.terms:
        for tree, labels, exponent in term:
            alone = exponent > 0 and all(each is None or each < 0 for each in labels)
            if alone and (tree.op == "symbol" and exponent == 1) == names:
                holders.setdefault((tree, labels, exponent), []).append(term)
    groups: list[list[Term]] = []
    taken: set[Term] = set()
    for held in sorted(holders.values(), key=len, reverse=True):
        group = [term for term in held if term not in taken]
        if 1 < len(group) < len(value.terms):
            groups.append(group)
            taken.update(group)
    return groups


def wide(value: Sum) -> int:
    """How many dims a sum has, but for those of size 1."""
    return len(value.shape) - value.shape.count(1)


def _beside(term: Term, factor: Factor) -> list[Factor]:
    """What a factor, taken once, is multiplied with."""
    tree, labels, exponent = factor
    lowered: list[Factor] = [(tree, labels, exponent - 1)] if exponent > 1 else []
    return [*lowered, *[each for each in term if each is not factor]]


def _number(factor: Factor, rest: list[Factor]) -> list[Factor]:
    """A factor, taken once, and what it is summed with; nothing if a dim of the result is in one of them."""
    found: list[Factor] = [(factor[0], factor[1], 1 if factor[2] > 0 else -1)]
    left = rest
    for each in found:  # which grows
        labels = {label for label in each[1] if label is not None}
        if min(labels, default=1) < 0:
            return []
        found += [other for other in left if labels.intersection(other[1])]
        left = [other for other in left if not labels.intersection(other[1])]
    return found


def _cancelled(value: Sum, bottoms: Mapping[tuple[Expr, tuple[int | None, ...]], int]) -> Sum:
    """x/x is 1 above a line that x stands below."""
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        powers: dict[tuple[Expr, tuple[Label, ...]], int | Fraction] = {}
        rest: list[Factor] = []
        for tree, labels, exponent in term:
            if (tree, labels) in bottoms:
                powers[tree, labels] = powers.get((tree, labels), 0) + exponent
            else:
                rest.append((tree, labels, exponent))
        terms.append(
            (coefficient, [*rest, *[(tree, labels, e) for (tree, labels), e in powers.items() if e]])
        )
    return collected(terms, value.shape)


def _divides(tree: Expr, base: Expr) -> bool:
    """Whether something is divided by a base inside an expression, so that its pole stays."""
    if not tree.within & BITS["div"]:
        return False
    return any(each.op == "div" and base in walk([each.args[1]]) for each in walk([tree]))
