"""From the normal form back to an expression: of several ways to write a sum, the one that reads shortest.

A term becomes numbers, products and quotients, and where dims are summed over, the matrix product, trace or
dot product that it is. A sum may be written as it stands, with its common factors in front, multiplied out,
or over a common denominator.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import TYPE_CHECKING

from gradcli.formula import identities
from gradcli.formula.contraction import contracted
from gradcli.formula.normal import (
    Coefficient,
    Factor,
    Label,
    Sizes,
    Sum,
    Term,
    added,
    collected,
    highest,
    magnitude,
    of_tree,
    product,
    relabelled,
    scaled,
    term_of,
    whole_labels,
)
from gradcli.formula.tree import Expr, Shape, apply, number, symbol, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FACTORED = "a*b + a*c = a*(b + c)"
EXPANDED = "a*(b + c) = a*b + a*c"
GROUPED = "A @ x + B @ x = (A + B) @ x"
DENOMINATOR = "1/(a*b), multiplied out below the line"
TOGETHER = "a/b + c/d = (a*d + c*b)/(b*d)"

MERGED = "where(c, a, b) + where(c, d, e) = where(c, a + d, b + e)"

MOST_TERMS = 48
"""Longer sums are written as they stand."""


class Reader:
    """Writes sums as expressions, and remembers of which sum an expression is."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.known: dict[object, Expr] = {}
        self.sums: dict[Expr, Sum] = {}
        self.laws: dict[Expr, dict[str, None]] = {}
        """What made an expression, in words."""

    # ---- sums ----

    def read(self, value: Sum) -> Expr:
        """The shortest way to write it that is known here."""
        found = self.known.get(value.key)
        if found is None:
            used: dict[str, None] = {}
            value = identities.applied(value, used)
            candidates = [("", self.plain(value), value)]
            if len(value.terms) <= MOST_TERMS:
                candidates += [(law, self.plain(each), each) for law, each in self._alternatives(value)]
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

    def single(self, value: Sum) -> Sum:
        """As one term: what several terms have in common, times the rest as a factor."""
        value = identities.applied(value)
        if len(value.terms) < 2:
            return value
        coefficient, common, rest = self.content(value)
        tree, labels = self.factor(rest, self.plain)
        if common or coefficient not in (1, -1):
            self.laws.setdefault(tree, {})[FACTORED] = None
        return collected([(coefficient, [*common, (tree, labels, 1)])], value.shape)

    def factor(self, value: Sum, read: Callable[[Sum], Expr] | None = None) -> tuple[Expr, tuple[Label, ...]]:
        """A sum as one factor: an expression without dims of size 1, and where its dims stand."""
        labels = tuple([each for each in whole_labels(value.shape) if each is not None])
        if len(labels) < len(value.shape):
            names: dict[int, Label] = {label: at - len(labels) for at, label in enumerate(labels)}
            value = relabelled(value, names, tuple([size for size in value.shape if size != 1]))
        tree = (read or self.read)(value)
        self.sums.setdefault(tree, value)
        return tree, labels

    def operand(self, value: Sum) -> Expr:
        """A sum as an expression without leading dims that it is constant along: it broadcasts anyway."""
        used = {each for term in value.terms for _, labels, _ in term for each in labels if each is not None}
        first = min([each for each in used if each < 0], default=0)
        shape = value.shape[len(value.shape) + first :] if first else ()
        kept = tuple([size if at - len(shape) in used else 1 for at, size in enumerate(shape)])
        return self.read(value.shaped(kept))

    def choice(self, condition: Expr, one: Sum, other: Sum) -> Sum:
        """The one where a condition holds, else the other; a number that both share stands in front."""
        one, other = self._decided(one, condition, 1), self._decided(other, condition, 2)
        if not other.terms and condition.op == "gt" and condition.args[1].attrs == (0,):
            relu = apply("relu", condition.args[0], shape=condition.args[0].shape)
            if one.terms and all(any(each[0] is relu and each[2] > 0 for each in term) for term in one.terms):
                return one  # it is 0 elsewhere already
        front: Coefficient = 1
        numbers: list[Coefficient] = []
        for value in (one, other):
            numbers += [magnitude(each) for each in value.terms.values()]
        if numbers and (one.constant is None or other.constant is None):
            front = _numeric_content(numbers)
            one, other = [scaled(each, _over(1, front)) for each in (one, other)]
        trees = [self.operand(each) for each in (one, other)]
        for tree, value in zip(trees, (one, other), strict=True):
            self.sums.setdefault(tree, value.shaped(tree.shape))
        shape = _broadcast([condition.shape, *[each.shape for each in trees]])
        tree = apply("where", condition, *trees, shape=shape)
        return collected([(front, [(tree, whole_labels(shape), 1)])], shape)

    def _decided(self, value: Sum, condition: Expr, taken: int) -> Sum:
        """Inside a branch, a choice by the same condition is made."""
        if not any(
            tree.op == "where" and tree.args[0] is condition for term in value.terms for tree, _, _ in term
        ):
            return value
        total = Sum({}, value.shape)
        for term, coefficient in value.terms.items():
            rest = collected(
                [(coefficient, [each for each in term if not _chooses(each, condition)])], value.shape
            )
            for factor in [each for each in term if _chooses(each, condition)]:
                branch = factor[0].args[taken]
                inner = self.single(self.sums.get(branch) or of_tree(branch))
                for _ in range(int(factor[2])):
                    rest = product(rest, inner)
            total = added(total, rest.shaped(value.shape))
        return total

    def _merged_choices(self, value: Sum) -> Sum | None:
        """Choices by one condition as one choice."""
        groups: dict[Expr, list[tuple[Term, Coefficient]]] = {}
        for term, coefficient in value.terms.items():
            if (
                len(term) == 1
                and term[0][2] == 1
                and _chooses(term[0], term[0][0].args[0] if term[0][0].args else term[0][0])
            ):
                groups.setdefault(term[0][0].args[0], []).append((term, coefficient))
        groups = {condition: group for condition, group in groups.items() if len(group) > 1}
        if not groups:
            return None
        gone = {term for group in groups.values() for term, _ in group}
        total = Sum({term: c for term, c in value.terms.items() if term not in gone}, value.shape)
        for condition, group in groups.items():
            branches = [Sum({}, value.shape), Sum({}, value.shape)]
            for term, coefficient in group:
                for at in (0, 1):
                    branch = term[0][0].args[at + 1]
                    inner = self.sums.get(branch) or of_tree(branch)
                    branches[at] = added(branches[at], scaled(inner, coefficient)).shaped(value.shape)
            total = added(total, self.choice(condition, *branches)).shaped(value.shape)
        return total

    def content(self, value: Sum) -> tuple[Coefficient, list[Factor], Sum]:
        """The number and the factors that all terms share, and what is left of them."""
        first = min(value.terms, key=_place)
        common: list[Factor] = []
        for tree, labels, exponent in first:
            if any(each is not None and each > 0 for each in labels):
                continue
            least = exponent
            for term in value.terms:
                own = [
                    e for other, at, e in term if other is tree and at == labels and (e > 0) == (exponent > 0)
                ]
                if not own:
                    break
                least = own[0] if magnitude(own[0]) < magnitude(least) else least
            else:
                common.append((tree, labels, least))
        number_ = _numeric_content(value.terms.values())
        if value.terms[first] < 0:
            number_ = -number_
        inverse: list[Factor] = [(tree, labels, -exponent) for tree, labels, exponent in common]
        rest = collected(
            [
                (_over(coefficient, number_), _without(term, inverse))
                for term, coefficient in value.terms.items()
            ],
            value.shape,
        )
        return number_, common, rest

    def _factored(self, value: Sum) -> Expr | None:
        if len(value.terms) < 2:
            return None
        coefficient, common, _ = self.content(value)
        if not common and (coefficient in (1, -1) or () in value.terms):
            return None
        return self.plain(self.single(value))

    def grouped(self, value: Sum) -> Sum | None:
        """With a matrix or vector that several terms are multiplied with in front: (A + A.T) @ x."""
        changed = False
        for _ in range(6):
            found: dict[object, list[tuple[Term, Factor, int]]] = {}
            for term in value.terms:
                for factor in term:
                    summed = [each for each in factor[1] if each is not None and each > 0]
                    if len(summed) != 1 or factor[2] != 1:
                        continue
                    outer = [each for each in factor[1] if each is not None and each < 0]
                    rest = [own for each in term if each is not factor for own in each[1]]
                    if any(each in rest for each in outer):
                        continue
                    pattern = tuple(["s" if each == summed[0] else each for each in factor[1]])
                    group = found.setdefault((factor[0], pattern), [])
                    if not group or group[-1][0] is not term:
                        group.append((term, factor, summed[0]))
            group = max(found.values(), key=len, default=[])
            if len(group) < 2:
                break
            value = self._put_in_front(value, group)
            changed = True
        return value if changed else None

    def _put_in_front(self, value: Sum, group: list[tuple[Term, Factor, int]]) -> Sum:
        tree, labels, _ = group[0][1]
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
            rest.append(
                (
                    value.terms[term],
                    [
                        (t, tuple([None if each is None else renaming.get(each, each) for each in own]), e)
                        for t, own, e in [each for each in term if each is not factor]
                    ],
                )
            )
        inner = collected(rest, shape)
        left = {term: c for term, c in value.terms.items() if not any(term is each[0] for each in group)}
        if not inner.terms:
            return Sum(left, value.shape)
        read = self.read(inner)
        self.sums.setdefault(read, inner)
        written = self.single_of(read)
        (coefficient, factors) = written
        back = dict(zip(range(-len(shape), 0), [*outer, 9999], strict=True))
        moved: list[Factor] = [
            (
                t,
                tuple([None if each is None else each + 20_000 if each > 0 else back[each] for each in own]),
                e,
            )
            for t, own, e in factors
        ]
        front = (tree, tuple([9999 if each is not None and each > 0 else each for each in labels]), 1)
        return collected(
            [*[(c, list(term)) for term, c in left.items()], (coefficient, [front, *moved])], value.shape
        )

    def single_of(self, tree: Expr) -> tuple[Coefficient, Term]:
        """A coefficient and factors of an expression that was read."""
        one = self.single(self.sums[tree]).single
        assert one is not None
        negative = all(each < 0 for each in self.sums[tree].terms.values())
        if not negative and self.plain(self.single(self.sums[tree])).cost > tree.cost:
            return 1, ((tree, whole_labels(tree.shape), 1),)
        return one

    def _alternatives(self, value: Sum) -> Iterable[tuple[str, Sum]]:
        """Other ways to write a sum, and what was done."""
        if (merged := self._merged_choices(value)) is not None:
            yield MERGED, merged
        if (grouped := self.grouped(value)) is not None:
            yield GROUPED, grouped
        expanded = self.expanded(value)
        if expanded is not None:
            expanded = identities.applied(expanded)
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
        for some in self._some_together(value):
            yield TOGETHER, some
            if expanded is not None and (more := self.together(expanded)) is not None:
                yield TOGETHER, more
        if expanded is not None:
            for some in self._some_together(expanded):
                yield TOGETHER, some

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
        tree, labels = self.factor(whole, self.plain)
        rest = [each for each in term if (each[0], each[1], 1) not in below or each[2] != -1]
        return collected([(coefficient, [*rest, (tree, labels, -1)])], value.shape)

    def expanded(self, value: Sum) -> Sum | None:
        """Multiplied out, or None if there is nothing to, or too much."""
        changed = False
        for _ in range(8):
            total: list[tuple[Coefficient, list[Factor]]] = []
            again = False
            for term, coefficient in value.terms.items():
                inner = [at for at, each in enumerate(term) if self._inner(each) is not None]
                if not inner:
                    total.append((coefficient, list(term)))
                    continue
                again = True
                at = inner[0]
                base = self._inner(term[at])
                assert base is not None
                tree, labels, exponent = term[at]
                others = [
                    *term[:at],
                    *([(tree, labels, exponent - 1)] if exponent != 1 else []),
                    *term[at + 1 :],
                ]
                names = dict(zip(whole_labels(tree.shape), labels, strict=True))
                for each, factor in base.terms.items():
                    taken = max(highest(others), highest(term), 0)
                    moved: list[Factor] = [
                        (
                            atom,
                            tuple(
                                [
                                    None if one is None else one + taken if one > 0 else names.get(one, one)
                                    for one in own
                                ]
                            ),
                            e,
                        )
                        for atom, own, e in each
                    ]
                    for label, outer in names.items():
                        # What is constant along a summed dim counts as often as that dim is long.
                        alone = (
                            outer is not None
                            and outer > 0
                            and not any(outer in own for _, own, _ in (*others, *moved))
                        )
                        if alone and label is not None:
                            count = self.sizes.number(tree.shape[label]).single
                            assert count is not None
                            factor = factor * count[0]
                            moved += count[1]
                    total.append((coefficient * factor, [*others, *moved]))
                if len(total) > MOST_TERMS:
                    return None
            if not again:
                break
            changed = True
            value = collected(total, value.shape)
        return value if changed else None

    def _inner(self, factor: Factor) -> Sum | None:
        """The sum that a factor is, if it can be multiplied out."""
        tree, _, exponent = factor
        if tree.op == "sigmoid" and exponent == 1:
            return self._complement(tree)
        if isinstance(exponent, Fraction) or not 1 <= exponent <= 4 or tree.op not in ("add", "mul", "div"):
            return None
        found = self.sums.get(tree)
        if found is None or len(found.terms) < 2 or found.shape != tree.shape:
            return None
        return found

    def _complement(self, tree: Expr) -> Sum | None:
        """sigmoid(-u) as 1 - sigmoid(u), where u is the shorter."""
        other = identities.opposite(tree.args[0])
        if other.cost >= tree.args[0].cost:
            return None
        positive = apply("sigmoid", other, shape=tree.shape)
        labels = whole_labels(tree.shape)
        ones: list[Factor] = []
        return collected([(1, ones), (-1, [(positive, labels, 1)])], tree.shape)

    def _some_together(self, value: Sum) -> Iterable[Sum]:
        """With those terms over a common denominator that share a sum below the line."""
        below = {
            (tree, labels): None
            for term in value.terms
            for tree, labels, exponent in term
            if exponent < 0 and tree.op == "add"
        }
        for bottom in below:
            some = {t: c for t, c in value.terms.items() if any((each[0], each[1]) == bottom for each in t)}
            if 1 < len(some) < len(value.terms):
                found = self.together(Sum(some, value.shape))
                if found is not None:
                    rest = {t: c for t, c in value.terms.items() if t not in some}
                    yield added(Sum(rest, value.shape), found)

    def together(self, value: Sum) -> Sum | None:
        """Over a common denominator, as long as nothing of the denominator is cancelled."""
        if len(value.terms) < 2:
            return None
        bottoms: dict[tuple[Expr, tuple[int | None, ...]], int] = {}
        for term in value.terms:
            for tree, labels, exponent in term:
                if exponent < 0 and isinstance(exponent, int):
                    if any(each is not None and each > 0 for each in labels):
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
            factors += [(tree, labels, e) for (tree, labels), e in rest.items() if e]
            tops.append((coefficient, factors))
        top = collected([(c, self._rooted(factors, bottoms)) for c, factors in tops], value.shape)
        expanded = identities.applied(_cancelled(self.expanded(top) or top, bottoms))
        if not expanded.terms:
            return None
        whole = self.single(expanded)
        ((term, coefficient),) = whole.terms.items()
        # What all terms of the numerator share with the denominator is cancelled but for one pole.
        below = dict(bottoms)
        kept: list[Factor] = []
        for tree, labels, exponent in term:
            under = below.get((tree, labels), 0)
            if under and exponent >= under:
                if not any(_divides(each, tree) for each, _ in bottoms):
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

    # ---- one way to write each ----

    def plain(self, value: Sum) -> Expr:
        """Term by term."""
        if not value.terms:
            return self.filled(number(0), value.shape)
        terms = sorted(value.terms.items(), key=lambda item: _place(item[0], item[1]))
        parts = [self.term(coefficient, term, value.shape) for term, coefficient in terms]
        if len(parts) == 1:
            return self.filled(parts[0], value.shape)
        shape = _broadcast([each.shape for each in parts])
        return self.filled(apply("add", *parts, shape=shape), value.shape)

    def filled(self, tree: Expr, shape: Shape) -> Expr:
        """An expression that has the shape, and not only broadcasts to it."""
        if tree.shape == shape:
            return tree
        sizes = [self.sizes.of(each) for each in shape]
        if not tree.shape:
            if tree.op == "number" and tree.attrs[0] in (0, 1):
                return apply("ones" if tree.attrs[0] else "zeros", *sizes, shape=shape)
            ones = apply("ones", *sizes, shape=shape)
            if tree.op != "div":
                return self.quotient([tree, ones], [], shape)
            top, *bottom = tree.args
            above = [ones] if top.op == "number" and top.attrs[0] == 1 else [top, ones]
            return self.quotient(above, bottom, shape)
        return apply("broadcast_to", tree, apply("tuple", *sizes), shape=shape)

    def term(self, coefficient: Coefficient, term: Term, shape: Shape) -> Expr:
        """A coefficient times factors."""
        coefficient, term = self._flipped(coefficient, _shown(term))
        negative = coefficient < 0
        above, below = contracted(term, shape)
        above, below = self._averaged(above, below)
        tree = self._weighted(magnitude(coefficient), above, below)
        if not negative:
            return tree
        if tree.op in ("mul", "div", "matmul"):
            return _negated(tree)
        return number(-tree.attrs[0]) if tree.op == "number" else apply("neg", tree, shape=tree.shape)

    def _averaged(self, above: list[Expr], below: list[Expr]) -> tuple[list[Expr], list[Expr]]:
        """A sum over the named size of what is summed is a mean."""
        for at, tree in enumerate(above):
            if tree.op != "sum" or len(tree.args[0].shape) - len(tree.shape) != 1:
                continue
            inner = tree.args[0]
            dim = tree.args[1].attrs[0] if len(tree.args) > 1 else 0
            size = self.sizes.of(inner.shape[dim])
            place = next((i for i, each in enumerate(below) if each is size or _power_of(each, size)), None)
            if size.op == "symbol" and place is not None:
                rest = [*below[:place], *_one_less(below[place], size), *below[place + 1 :]]
                mean = apply("mean", *tree.args, shape=tree.shape)
                return [*above[:at], mean, *above[at + 1 :]], rest
        return above, below

    def _flipped(self, coefficient: Coefficient, term: Term) -> tuple[Coefficient, Term]:
        """With the sign taken into a difference that then reads the other way round: z*(1 - z)."""
        if coefficient >= 0:
            return coefficient, term
        for at, (tree, labels, exponent) in enumerate(term):
            inner = self.sums.get(tree)
            if exponent in (1, -1) and inner is not None and len(inner.terms) > 1 and tree.op == "add":
                values = list(inner.terms.values())
                if any(each < 0 for each in values):
                    other = self.plain(scaled(inner, -1))
                    self.sums.setdefault(other, scaled(inner, -1))
                    if other.cost <= tree.cost and other.shape == tree.shape:
                        return -coefficient, (*term[:at], (other, labels, exponent), *term[at + 1 :])
        return coefficient, term

    def _weighted(self, coefficient: Coefficient, above: list[Expr], below: list[Expr]) -> Expr:
        shape = _broadcast([each.shape for each in (*above, *below)])
        if isinstance(coefficient, float):
            constant = identities.constant(coefficient)
            if constant is None:
                return self.quotient([number(coefficient), *above], below, shape)
            top, bottom = constant
            return self.quotient([*top, *above], [*bottom, *below], shape)
        value = Fraction(coefficient)
        above_it = [number(value.numerator)] if value.numerator != 1 else []
        if value.denominator > 12 and _terminates(value.denominator):
            return self.quotient([number(float(value)), *above], below, shape)
        below_it = [number(value.denominator)] if value.denominator != 1 else []
        return self.quotient([*above_it, *above], [*below_it, *below], shape)

    def quotient(self, above: list[Expr], below: list[Expr], shape: Shape) -> Expr:
        """Products over products."""
        top = self._product(above)
        if not below:
            return top
        return apply("div", top, self._product(below), shape=shape)

    def _product(self, factors: list[Expr]) -> Expr:
        if not factors:
            return number(1)
        if len(factors) == 1:
            return factors[0]
        chain = [each for each in factors if each.op == "matmul"]
        others = [each for each in factors if each.op != "matmul"]
        if len(chain) == 1 and all(not each.shape for each in others):
            return _into_chain(others, chain[0])
        return apply("mul", *factors, shape=_broadcast([each.shape for each in factors]))


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
    return any(each.op == "div" and base in walk([each.args[1]]) for each in walk([tree]))


def _power_of(tree: Expr, base: Expr) -> bool:
    return (
        tree.op == "pow"
        and tree.args[0] is base
        and tree.args[1].op == "number"
        and isinstance(tree.args[1].attrs[0], int)
    )


def _one_less(tree: Expr, base: Expr) -> list[Expr]:
    """A power of the base, divided by it once."""
    if tree is base:
        return []
    exponent = tree.args[1].attrs[0] - 1
    return [base if exponent == 1 else apply("pow", base, number(exponent))]


def _chooses(factor: Factor, condition: Expr) -> bool:
    tree, labels, exponent = factor
    whole = labels == whole_labels(tree.shape)
    return (
        tree.op == "where"
        and tree.args[0] is condition
        and isinstance(exponent, int)
        and exponent > 0
        and whole
    )


def _shown(term: Term) -> Term:
    """With what is marked for the sake of a law as it is written: a length, and what was inverted twice."""
    if not any(tree.op in ("length", "inverted") for tree, _, _ in term):
        return term
    return tuple(term_of([_unmarked(each) for each in term]))


def _unmarked(factor: Factor) -> Factor:
    tree, labels, exponent = factor
    if tree.op == "length":
        tree = apply("norm", *tree.args, attrs=tree.attrs, shape=tree.shape)
    return (tree.args[0] if tree.op == "inverted" else tree), labels, exponent


def _into_chain(scalars: list[Expr], chain: Expr) -> Expr:
    """Numbers in front of the first matrix: 2*A.T @ b."""
    left, right = chain.args
    if left.op == "matmul":
        left = _into_chain(scalars, left)
    else:
        left = apply("mul", *scalars, left, shape=left.shape)
    return apply("matmul", left, right, shape=chain.shape)


def _negated(tree: Expr) -> Expr:
    """With the minus at the first number, or before everything."""
    if tree.op == "number":
        return number(-tree.attrs[0])
    first = tree.args[0]
    if tree.op == "div" and first.op in ("number", "mul", "matmul"):
        return apply("div", _negated(first), *tree.args[1:], shape=tree.shape)
    if first.op == "number" and tree.op == "mul":
        return apply("mul", number(-first.attrs[0]), *tree.args[1:], shape=tree.shape)
    if tree.op == "matmul" and first.op in ("mul", "matmul"):
        return apply("matmul", _negated(first), *tree.args[1:], shape=tree.shape)
    return apply("neg", tree, shape=tree.shape)


def _place(term: Term, coefficient: Coefficient = 1) -> tuple[object, ...]:
    """Where a term stands in a sum: what is added first, high degrees before low ones, numbers last."""
    degree = sum([float(e) for tree, _, e in term if tree.op == "symbol"])
    return (
        coefficient < 0,
        not term,
        -degree,
        [(tree.key, [each or 0 for each in labels], -e) for tree, labels, e in term],
    )


def _numeric_content(values: Iterable[Coefficient]) -> Coefficient:
    top, bottom = 0, 1
    for value in values:
        if isinstance(value, float):
            return 1
        fraction = Fraction(value)
        if fraction.denominator > 12 and _terminates(
            fraction.denominator
        ):  # a decimal stays as it was written
            return 1
        top = gcd(top, fraction.numerator)
        bottom = bottom * fraction.denominator // gcd(bottom, fraction.denominator)
    content = Fraction(top or 1, bottom)
    return content.numerator if content.denominator == 1 else content


def _over(value: Coefficient, divisor: Coefficient) -> Coefficient:
    if isinstance(value, float) or isinstance(divisor, float):
        return value / divisor
    result = Fraction(value) / Fraction(divisor)
    return result.numerator if result.denominator == 1 else result


def _without(term: Term, inverse: list[Factor]) -> list[Factor]:
    """A term divided by factors that it has."""
    divided = {(tree, labels, exponent < 0): exponent for tree, labels, exponent in inverse}
    left: list[Factor] = []
    for tree, labels, exponent in term:
        rest = exponent + divided.get((tree, labels, exponent > 0), 0)
        if rest != 0:
            left.append((tree, labels, rest))
    return left


def _terminates(denominator: int) -> bool:
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _broadcast(shapes: list[Shape]) -> Shape:
    from gradcli.tape.promote import broadcast

    return broadcast(*shapes) if shapes else ()


__all__ = ["Reader", "product", "symbol"]
