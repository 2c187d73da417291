"""From the normal form back to an expression: of several ways to write a sum, the one that reads shortest.

A term becomes numbers, products and quotients, and where dims are summed over, the matrix product, trace or
dot product that it is. A sum may be written as it stands, with its common factors in front, multiplied out,
or over a common denominator.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula import identities, ways
from gradcli.formula.angles import SQUARED
from gradcli.formula.compositions import OUTER, Compositions, of_inverse
from gradcli.formula.domain import CANCELLED_WORDS
from gradcli.formula.forms import EXPANDABLE, MOST_READ, MOST_TERMS, wide
from gradcli.formula.normal import Sum, added, collected, rational
from gradcli.formula.powers import squares_within
from gradcli.formula.signs import adds_up, has_squared_differences
from gradcli.formula.terms import Factor, apart, highest, renamed, whole_labels
from gradcli.formula.tree import BITS, Expr, walk
from gradcli.formula.writing import CENTRED, FACTORED, MIRRORED

if TYPE_CHECKING:
    from collections.abc import Iterable

EXPANDED = "a*(b + c) = a*b + a*c"
GROUPED = "A @ x + B @ x = (A + B) @ x"
DENOMINATOR = "1/(a*b), multiplied out below the line"
TOGETHER = "a/b + c/d = (a*d + c*b)/(b*d)"
DIVIDED = "(a + b)/(a**2 - b**2) = 1/(a - b)"
JOINED = "x**n*x = x**(n + 1), (x/y)**n*x/y = (x/y)**(n + 1)"
SQUARE_ROOTS = "sqrt(u**2) = u where u >= 0"
ROOTED = "1/sqrt(u) = sqrt(u)/u"
DEVIATIONS = "norm(x - mean(x)) = sqrt(n - 1)*std(x)"
CLEARED = "1/(1 + a/b) = b/(b + a)"
RATIOS = "tan(u) = sin(u)/cos(u), tanh(u) = sinh(u)/cosh(u)"
MERGED = "where(c, a, b) + where(c, d, e) = where(c, a + d, b + e)"
GATED = "u*sigmoid(u) = silu(u)"
EXPONENTS = "exp(u)*exp(v) = exp(u + v)"
LOGARITHMS = "a*exp(u) + b*exp(v) = (a*w + b)*exp(v) where u - v = log(w)"
ANGLES = "cos(u)*cos(v) - sin(u)*sin(v) = cos(u + v), and so for sin, cosh and sinh"
COMPOSED = "cos(asin(u)) = sqrt(1 - u**2), tanh(log(u)) = (u**2 - 1)/(u**2 + 1), and so for their kin"
PARTED = "sin(u)**2/(1 + cos(u)) = 1 - cos(u), sinh(u)**2/(cosh(u) + 1) = cosh(u) - 1"


WORDS = (
    *[law.words for law in identities.LAWS],
    CANCELLED_WORDS,
    CENTRED,
    MIRRORED,
    FACTORED,
    EXPANDED,
    GROUPED,
    DENOMINATOR,
    TOGETHER,
    DIVIDED,
    CLEARED,
    RATIOS,
    JOINED,
    SQUARE_ROOTS,
    ROOTED,
    DEVIATIONS,
    MERGED,
    GATED,
    EXPONENTS,
    LOGARITHMS,
    ANGLES,
    COMPOSED,
    PARTED,
    *[law.words for law in ways.WAYS],
)
"""Every law between sums, in words."""

MOST_WAYS = 8
"""So many sums are tried of those that `ways` leads to from one."""

NEAR, MOST_NEAR = 3, 4
"""So many symbols longer than the shortest, and so many, are the products whose factors are looked into."""

SHORT = 6
"""What has no more symbols is as short as it can be."""

SHORT_SUM = 8
"""So is a sum of no more of which all that its terms share is in front of it."""

OPENED = ("add", "mul", "div", "where", "sigmoid")
"""What may be a sum inside a factor, or a choice."""


EXPONENTIALS = frozenset(("exp", "add"))
"""What exponentials may be in."""

PARTS = frozenset([square for square, _ in SQUARED.values()])
"""What there is where the square of a function of an angle may be taken apart."""

LENGTHS = frozenset(("norm", "length"))


class Reader(Compositions):
    """Writes sums as expressions, each as short as it is known to be."""

    def read(self, value: Sum) -> Expr:
        """The shortest way to write it that is known here."""
        found = self.known.get(value.key)
        if found is None:
            used: dict[str, None] = {}
            value = self.lawful(value, used)
            plain = self.plain(value)
            candidates = [("", plain, value)]
            if plain.cost > SHORT and len(value.terms) <= MOST_TERMS and not self._only_way(value):
                inner = plain.cost > MOST_READ and self._is_in_front(value)
                found_others = self._inner_alternatives(value) if inner else self._alternatives(value)
                others = [(law, self.lawful(each)) for law, each in found_others]
                tried = [value.terms]  # several ways lead to one sum
                squares = bool(plain.shape or value.has_dims) and has_squared_differences(plain)
                exact = squares and adds_up(plain)  # and a difference of sums of squares has fewer digits
                for law, each in others:
                    if each.terms not in tried:
                        tried.append(each.terms)
                        tree = self.plain(each)
                        if not exact or adds_up(tree):
                            candidates.append((law, tree, each))
                candidates += [
                    (FACTORED, each, value) for each in [self._factored(value)] if each is not None
                ]
            law, found, chosen = self._by_one_more(value, *self._with_short_sums(candidates))
            if law:
                used[law] = None
            if used:
                self.laws.setdefault(found, used)
            self.known[value.key] = found
            self.sums.setdefault(found, chosen)
        return found

    def _is_in_front(self, value: Sum) -> bool:
        """Whether all terms of a sum of arrays are divided by one sum, or by its root."""
        if len(value.terms) < 2 or not value.has_dims:
            return False
        return any(e < 0 and tree.op in ("sqrt", "add") for tree, _, e in self.content(value)[1])

    def _inner_alternatives(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """Long sums are divided by what their terms share, and what is left is looked at by itself."""
        single = self.single(value)
        yield FACTORED, single
        if (short := self._short_sums(self.plain(single), single)) is not None:
            yield FACTORED, short

    def _with_short_sums(self, candidates: list[tuple[str, Expr, Sum]]) -> tuple[str, Expr, Sum]:
        """The shortest, where each sum that is a factor may be written as short as it is by itself."""
        law, best, chosen = _shortest(candidates)
        if best.cost > MOST_READ:
            return law, best, chosen
        near = {tree: value for _, tree, value in candidates if tree.cost <= best.cost + NEAR}
        for tree, value in sorted(near.items(), key=lambda each: each[0].cost)[:MOST_NEAR]:
            other = self._short_sums(tree, value)
            if other is not None and (shorter := self.plain(other)).cost < best.cost:
                law, best, chosen = FACTORED, shorter, other
        return law, best, chosen

    def _by_one_more(self, value: Sum, law: str, best: Expr, chosen: Sum) -> tuple[str, Expr, Sum]:
        """By one more law of `ways`, if the shortest is one term and not that whose ways were tried."""
        if best.cost <= SHORT or chosen is value or len(chosen.terms) > 1:
            return law, best, chosen
        for way in ways.TABLE.those_for(chosen):
            other = way.apply(chosen)
            if other is not chosen and (tree := self.plain(other := self.lawful(other))).cost < best.cost:
                law, best, chosen = way.words, tree, other
        return law, best, chosen

    def _short_sums(self, tree: Expr, value: Sum) -> Sum | None:
        """A product with the sums that are its factors as short as they are by themselves."""
        is_long = tree.op in ("mul", "div", "outer", "matmul") and tree.cost > SHORT_SUM
        one = self.single(value).single if is_long else None
        if one is None or all(factor[0].op != "add" or factor[0].cost <= SHORT_SUM for factor in one[1]):
            return None
        coefficient, factors = one[0], list[Factor]()
        for factor in one[1]:
            tree, labels, exponent = factor
            inner = self.sum_of(tree) if tree.op == "add" and tree.cost > SHORT_SUM else None
            if inner is not None and len(inner.terms) > 1 and (short := self.read(inner)).cost < tree.cost:
                product = self.single(self.sums[short]).single if short.op != "add" else None
                if short.op == "add":
                    factor = (short, labels, exponent)
                elif exponent == 1 and product is not None and all(each and each < 0 for each in labels):
                    coefficient = coefficient * product[0]
                    names = dict(zip(whole_labels(tree.shape), labels, strict=True))
                    factors += renamed(apart(product[1], highest([*one[1], *factors])), names)
                    continue
            factors.append(factor)
        return None if factors == list(one[1]) else collected([(coefficient, factors)], value.shape)

    def _only_way(self, value: Sum) -> bool:
        """Whether there is no other way to write a sum: one term, with nothing inside its factors."""
        if len(value.terms) > 1:
            return False
        factors = [tree for term in value.terms for tree, _, _ in term]
        for tree in factors:
            if tree.op in OPENED or (tree.op == "sqrt" and self._is_root_of_sum(tree)):
                return False
            if tree.op in OUTER and of_inverse(tree) is not None:
                return False
        return len(factors) < 2 or not (
            sum([tree.op == "exp" for tree in factors]) > 1
            or ways.TABLE.concerning(value)
            or any(tree.op == "mul" or len(self.domain.inside.get(tree, (1, ()))[1]) for tree in factors)
        )

    def _is_root_of_sum(self, tree: Expr) -> bool:
        """Whether a root is that of a sum that some law is about."""
        inner = self.sum_of(tree.args[0]) if tree.args[0].op == "add" else None
        return inner is not None and bool(ways.TABLE.concerning(inner))

    def _alternatives(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """Other ways to write a sum, and what was done."""
        ops, below, summed = _features(value)
        flat = self.flat(value) if "add" in ops else value
        if flat is not value:
            yield EXPANDED, flat
        yield from self._ways(value)
        if "where" in ops and (merged := self._merged_choices(value)) is not None:
            yield MERGED, merged
        if "where" in ops and (merged := self._three_ways(value)) is not None:
            yield MERGED, merged
        if "where" in ops and (merged := self._taken_inside(value)) is not None:
            yield MERGED, merged
        for alike in (False, True) if summed else ():
            if (grouped := self.grouped(value, alike)) is not None:
                yield GROUPED, grouped
                if alike and len(grouped.terms) > 1:
                    yield GROUPED, self.single(grouped)
        if summed and wide(value) > 1 and (grouped := self.grouped(value, False, False)) is not None:
            yield GROUPED, grouped
            yield from self._partly_factored(grouped)
        expanded = self.expanded(value) if ops & EXPANDABLE else None
        if expanded is not None:
            expanded = self.lawful(expanded)
            yield EXPANDED, expanded
            yield from self._ways(expanded)
            if summed and (grouped := self.grouped(expanded)) is not None:
                yield GROUPED, grouped
            if len(expanded.terms) > 1:
                yield FACTORED, self.single(expanded)
        yield from self._partly_factored(value)
        if below:
            yield from self._quotients(value, expanded)
        for words, other in (
            (CLEARED, self._cleared(value, ops)),
            (RATIOS, self.in_sines(value)),
            (COMPOSED, self.composed(expanded or value)),
            (JOINED, self.joined(value) if "pow" in ops else None),
            (EXPONENTS, self.one_exponential(value) if "exp" in ops else None),
            (LOGARITHMS, self.logarithms_apart(value) if ops & EXPONENTIALS else None),
            (GATED, self.gated(value) if "sigmoid" in ops else None),
            (PARTED, self._parted(value, ops) if below else None),
            (SQUARE_ROOTS, self.roots_of_squares(value) if "sqrt" in ops else None),
            (ROOTED, self.rooted(value) if "sqrt" in ops else None),
            (DEVIATIONS, self.deviations(value) if ops & LENGTHS else None),
        ):
            if other is not None:
                yield from self._forms(words, other)

    def _partly_factored(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """With a factor in front of the terms that have it."""
        for some in self.some_factored(value) if len(value.terms) > 2 else ():
            yield FACTORED, some
            yield FACTORED, self.single(some)
        if (square := squares_within(value)) is not None:
            yield FACTORED, added(self.single(square), value.without(square.terms))

    def _quotients(self, value: Sum, expanded: Sum | None) -> Iterable[tuple[str, Sum]]:
        """Over one denominator, all of it or some."""
        yield from self._below(value)
        together = self.together(value)
        if together is not None:
            yield TOGETHER, together
            yield from self._ways(together)
            yield from self._below(together)
            if (sines := self.in_sines(together)) is not None:
                yield from self._forms(RATIOS, sines)
            if expanded is not None and (short := self.together(value, False)) is not None:
                yield TOGETHER, short
        for some in self._some_together(value):
            yield TOGETHER, some
            if (whole := self.together(some)) is not None:
                yield TOGETHER, whole
            if expanded is not None and (more := self.together(expanded)) is not None:
                yield TOGETHER, more
        if expanded is not None:
            for some in self._some_together(expanded):
                yield TOGETHER, some

    def _cleared(self, value: Sum, ops: set[str]) -> Sum | None:
        """With fractions within its factors outside, where sums are not multiplied out for that."""
        if "add" in ops and self.cleared(value) is not None:  # which is among the ways
            return self.cleared(value, False)
        return self.cleared(self.single(value)) if _has_fractions(value) else None

    def _parted(self, value: Sum, ops: set[str]) -> Sum | None:
        """With squares taken apart beside a sum, which may be that of two terms."""
        if "add" in ops:
            return self.parted_squares(value)
        return self.parted_squares(self.single(value)) if len(value.terms) == 2 and ops & PARTS else None

    def _forms(self, words: str, value: Sum) -> Iterable[tuple[str, Sum]]:
        """A sum as it stands, as one term, and over one denominator."""
        last = value
        yield words, value
        yield from self._ways(value)
        if len(value.terms) > 1:
            yield words, self.single(value)
            yield from self._partly_factored(self.expanded(value) or value)
            for multiplied_out in (False, True):
                if (together := self.together(value, multiplied_out)) is not None:
                    yield TOGETHER, together
                    last = together
        yield from self._below(last)

    def _below(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """A term with what is below the line multiplied out, cancelled, or above it."""
        if (denominator := self._denominator(value)) is not None:
            yield DENOMINATOR, denominator
        if (divided := self.divided(value)) is not None:
            yield DIVIDED, divided

    def _ways(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """By the laws of which neither side is the better for every sum, one after another."""
        pending = [value]
        for each in pending:  # which grows
            if len(pending) > MOST_WAYS:
                break
            changed: list[tuple[str, Sum]] = []
            if _has_sums(each):
                inside, cleared = self._inside(each), self.cleared(each)
                changed += [] if inside is None else [inside]
                changed += [] if cleared is None else [(CLEARED, cleared)]
            if len(each.terms) > 1 and (angles := self.added_angles(each)) is not None:
                changed.append((ANGLES, angles))
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
                        if words is CLEARED and (together := self.together(other)) is not None:
                            yield TOGETHER, together
                            yield from self._below(together)
                    elif words is CLEARED:
                        yield from self._below(other)

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
                        rest = [each for each in term if each != (tree, labels, exponent)]
                        powers: list[Factor] = [(t, own, e * exponent) for t, own, e in one[1]]
                        number = rational(coefficient * Fraction(one[0]) ** exponent)
                        whole = collected([(number, [*rest, *powers])], value.shape)
                        return law.words, added(value.without((term,)), whole)
        return None


def _shortest(candidates: list[tuple[str, Expr, Sum]]) -> tuple[str, Expr, Sum]:
    """The shortest; of those as short the first that has the fewest fractions within fractions."""
    if len(candidates) == 1:
        return candidates[0]
    costs = [tree.cost for _, tree, _ in candidates]
    least = min(costs)
    best = [each for each, cost in zip(candidates, costs, strict=True) if cost == least]
    if least > MOST_READ or len({each[1] for each in best}) == 1:
        return best[0]
    return min(best, key=lambda each: _nested(each[1]))


def _nested(tree: Expr) -> int:
    """How many fractions stand within the bottoms of others."""
    if not tree.within & BITS["div"]:
        return 0
    return sum([each.op == "div" and bool(each.args[1].within & BITS["div"]) for each in walk([tree])])


def _features(value: Sum) -> tuple[set[str], bool, bool]:
    """The operations of its factors, whether one is below the line, and whether dims are summed over."""
    ops: set[str] = set()
    below = summed = False
    for term in value.terms:
        for tree, labels, exponent in term:
            ops.add(tree.op)
            below = below or exponent < 0
            if labels and not summed:
                summed = any(label is not None and label > 0 for label in labels)
    return ops, below, summed


def _has_sums(value: Sum) -> bool:
    """Whether a factor is a sum."""
    for term in value.terms:
        for factor in term:
            if factor[0].op == "add":
                return True
    return False


def _has_fractions(value: Sum) -> bool:
    """Whether several terms are divided by powers that are no whole ones."""
    return len(value.terms) > 1 and any(
        e < 0 and type(e) is Fraction for term in value.terms for _, _, e in term
    )
