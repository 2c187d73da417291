"""One way to write each sum: term by term, as numbers, products and quotients, or as one factor.

`forms` knows other sums that are equal, and `reading` chooses among them.
"""

from __future__ import annotations

from fractions import Fraction
from functools import wraps
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from gradcli.formula.coefficients import numeric_content, over
from gradcli.formula.constants import one_root
from gradcli.formula.contraction import contracted, is_column
from gradcli.formula.domain import CANCELLED_WORDS, CancelledDomains
from gradcli.formula.identities import TABLE
from gradcli.formula.laws import note
from gradcli.formula.normal import Sum, added, collected, magnitude, of_tree, rational, relabelled, scaled
from gradcli.formula.powers import binomial, square_root
from gradcli.formula.quotients import (
    averaged,
    broadcast_all,
    one_column,
    one_power,
    quotient,
    taken,
    weighted,
)
from gradcli.formula.sizes import Sizes
from gradcli.formula.symmetry import ODD, mirrored, turned
from gradcli.formula.terms import (
    MARKED,
    MARKS,
    Coefficient,
    Exponent,
    Factor,
    Label,
    Term,
    apart,
    highest,
    plain_fraction,
    term_of,
    whole_labels,
)
from gradcli.formula.tree import Expr, Shape, apply, number, symbol
from gradcli.formula.turning import negated, opposite

if TYPE_CHECKING:
    from collections.abc import Callable

FACTORED = "a*b + a*c = a*(b + c)"
"""The law that `single` uses."""

CENTRED = "sum(u - mean(u)) = 0"

MIRRORED = "(u[:, None] - u).T = u - u[:, None]"


Changed = TypeVar("Changed")
UNKNOWN: Any = object()
"""What isn't remembered."""


def remembered(method: Callable[..., Changed]) -> Callable[..., Changed]:
    """A method of a sum that is called with the same sum again and again, until more is learned."""

    @wraps(method)
    def found(self: Writer, *given: Any) -> Changed:
        key = method, given
        known: Changed = self.remembered.get(key, UNKNOWN)
        if known is UNKNOWN:
            known = self.remembered[key] = method(self, *given)
        return known

    return found


class Writer:
    """Writes sums as they stand, and remembers of which sum an expression is."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.known: dict[object, Expr] = {}
        self.sums: dict[Expr, Sum] = {}
        self.telling = False
        """Whether it is noted which laws made what."""
        self.laws: dict[Expr, dict[str, None]] = {}
        """What made an expression, in words."""
        self.domain = CancelledDomains()
        """What is nowhere 0 where the program has a value."""
        self.own: set[object] = set()
        """The differences that the program has, by their keys."""
        self.made_of: dict[Expr, list[Expr]] = {}
        """Of what a sum below a line was multiplied out."""
        self.remembered: dict[object, Any] = {}
        """What methods gave, by the sum itself."""
        self.equal: dict[object, Sum] = {}
        """What the laws make of sums, by their keys: several ways lead to one sum, which is one object."""
        self.written: dict[tuple[Term, Coefficient, Shape], Expr] = {}
        """What `term` gave."""

    def learn(self, trees: set[Expr], inside: dict[Expr, tuple[Coefficient, dict[Expr, Exponent]]]) -> None:
        """Notes what is nowhere 0, and what its roots are of: another law holds from now on."""
        self.domain.add(trees, inside)
        self.remembered.clear()
        self.equal.clear()

    def forget(self) -> None:
        """What was learned, and what follows from it, does not hold from now on."""
        self.domain = CancelledDomains()
        self.remembered.clear()
        self.equal.clear()
        self.known.clear()

    def read(self, value: Sum) -> Expr:
        """The shortest way to write a sum that is known: `reading` has it."""
        raise NotImplementedError

    def expanded(self, value: Sum, most: int = 0) -> Sum | None:
        """A sum multiplied out: `forms` has it."""
        raise NotImplementedError

    def lawful(self, value: Sum, used: dict[str, None] | None = None) -> Sum:
        """With every law applied that applies; those that change it are noted in `used`."""
        if value.lawful:
            return value
        if self.telling:
            return self._lawful(value, used)
        if len(value.terms) == 1 and self._is_out_of_reach(*value.terms.items()):
            value.lawful = True
            return value
        key = value.key
        found = self.equal.get(key)
        if found is None:
            found = self._lawful(value, used)
            found = self.equal[key] = found if found is value else self.equal.setdefault(found.key, found)
        return found

    def _is_out_of_reach(self, product: tuple[Term, Coefficient]) -> bool:
        """Whether a product has nothing in it that a law of products is about, as most haven't."""
        trees, about = self.domain.trees, TABLE.about_products
        for tree, labels, _ in product[0]:
            if labels or tree.op in about or tree in trees or (tree.op == "add" and tree.args[0].op == "exp"):
                return False
        return bool(product[1])

    def _lawful(self, value: Sum, used: dict[str, None] | None) -> Sum:
        has_dims, made = value.has_dims, self.laws if self.telling else None
        if has_dims:
            value = _mirrored(self._centred(value, used), used)
        cancelled = self.domain.without(value)
        if cancelled is not value:
            note(CANCELLED_WORDS, value, cancelled, used, made)
        found = TABLE.applied(cancelled, used, made)
        return self._by_name(found) if has_dims else found

    def _by_name(self, value: Sum) -> Sum:
        """With the sizes of identity matrices by name: laws leave them as numbers."""
        if not any(_is_unnamed(tree) for term in value.terms for tree, _, _ in term):
            return value
        terms: list[tuple[Coefficient, list[Factor] | Term]] = []
        for term, coefficient in value.terms.items():
            factors: list[Factor] = [
                (apply("eye", self.sizes.of(tree.shape[0]), shape=tree.shape), labels, exponent)
                if _is_unnamed(tree)
                else (tree, labels, exponent)
                for tree, labels, exponent in term
            ]
            terms.append((coefficient, factors))
        named = collected(terms, value.shape)
        named.lawful = True
        return named

    def _centred(self, value: Sum, used: dict[str, None] | None) -> Sum:
        """sum(u - mean(u)) is 0, and so what it is a term of under another sum."""
        terms: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            factors: list[Factor] | None = list(term)
            for at, factor in enumerate(term):
                dim = _summed_alone(factor, term)
                if dim is None:
                    continue
                inner = self.sum_of(factor[0])
                left = None if inner is None else self._without_centred(inner, dim)
                if inner is not None and left is not None and len(left.terms) < len(inner.terms):
                    changed = True
                    factors = (
                        None
                        if not left.terms
                        else [*term[:at], self._as_factor(left, factor), *term[at + 1 :]]
                    )
                    break
            if factors is not None:
                terms.append((coefficient, factors))
        if not changed:
            return value
        if used is not None:
            used[CENTRED] = None
        return self._centred(collected(terms, value.shape), used)

    def _as_factor(self, value: Sum, like: Factor) -> Factor:
        tree, _ = self.factor(value, self.plain)
        return tree, like[1], like[2]

    def _without_centred(self, value: Sum, dim: int) -> Sum:
        """A sum without what is 0 when it is summed over a dim, or nothing where all of it is."""
        if not self._summed(value, dim).terms:
            return Sum({}, value.shape)
        left = {}
        for term, coefficient in value.terms.items():
            along = [each for each in term if dim in each[1]]
            if len(along) == 1 and along[0][0].op == "add" and along[0][2] == 1:
                inner = self.sum_of(along[0][0])
                place = along[0][1].index(dim) - len(along[0][1])
                if inner is not None and along[0][1].count(dim) == 1 and not self._summed(inner, place).terms:
                    continue
            left[term] = coefficient
        return Sum(left, value.shape)

    def _summed(self, value: Sum, dim: int) -> Sum:
        """The sum over a dim, which is kept with size 1."""
        (count,) = self.sizes.number(value.shape[dim]).terms.items()
        terms: list[tuple[Coefficient, list[Factor]]] = []
        for term, coefficient in value.terms.items():
            moved = apart(term, 1)
            if any(dim in labels for _, labels, _ in moved):
                moved = [
                    (tree, tuple([1 if each == dim else each for each in labels]), e)
                    for tree, labels, e in moved
                ]
            else:
                moved, coefficient = [*moved, *count[0]], coefficient * count[1]
            terms.append((coefficient, moved))
        return collected(terms, value.shape)

    def single(self, value: Sum) -> Sum:
        """As one term: what several terms have in common, times the rest as a factor."""
        value = value if value.lawful else self.lawful(value)
        return value if len(value.terms) < 2 else self._single(value)

    @remembered
    def _single(self, value: Sum) -> Sum:
        """The same of several terms that no law changes."""
        coefficient, common, rest = self.content(value)
        inner = self.lawful(self.flat(rest))
        if inner.terms != rest.terms:
            inner = self.single(inner)
            if not inner.terms:
                return scaled(collected([(coefficient, common)], value.shape), 0)
            ((term, number_),) = inner.terms.items()
            return self.lawful(
                collected([(coefficient * number_, [*common, *apart(term, highest(common))])], value.shape)
            )
        root = binomial(rest)
        exponent = 1
        if root is not None:  # of a + b and -a - b the one that is written so elsewhere
            number_, shared, rest = self.content(root)
            coefficient = coefficient * number_ * number_
            common = [*common, *[(tree, labels, 2 * e) for tree, labels, e in shared]]
            exponent = 2
        tree, labels = self.factor(narrowed(rest) if common else rest, self.plain)
        if common or coefficient not in (1, -1):
            self.laws.setdefault(tree, {})[FACTORED] = None
        return self.lawful(collected([(coefficient, [*common, (tree, labels, exponent)])], value.shape))

    def flat(self, value: Sum) -> Sum:
        """With the terms of a sum that is a term itself, where that is no longer."""
        for term in value.terms:
            if len(term) == 1 and term[0][0].op == "add" and _is_sum(term):
                break
        else:
            return value
        total = Sum({}, value.shape)
        for term, coefficient in value.terms.items():
            inner = self.sum_of(term[0][0]) if _is_sum(term) else None
            if inner is None:
                inner = Sum({term: 1}, value.shape)
            total = added(total, scaled(inner, coefficient)).shaped(value.shape)
        return total if self.plain(total).cost <= self.plain(value).cost else value

    def sum_of(self, tree: Expr) -> Sum | None:
        """The sum that an expression was written from, or that its terms are."""
        found = self.sums.get(tree)
        if tree.op != "add":
            return found if found is not None and found.shape == tree.shape else None
        for term in () if found is None else found.terms:
            if len(term) == 1 and term[0][0] is tree and _is_sum(term):
                found = None
        if found is None:
            found = Sum({}, tree.shape)
            for each in tree.args:
                found = added(found, as_term(each)).shaped(tree.shape)
            self.sums[tree] = found
        return found if found.shape == tree.shape else None

    def factor(self, value: Sum, read: Callable[[Sum], Expr] | None = None) -> tuple[Expr, tuple[Label, ...]]:
        """A sum as one factor: an expression without dims of size 1, and where its dims stand."""
        labels = tuple([each for each in whole_labels(value.shape) if each is not None])
        if len(labels) < len(value.shape):
            names: dict[int, Label] = {label: at - len(labels) for at, label in enumerate(labels)}
            value = relabelled(value, names, tuple([size for size in value.shape if size != 1]))
        tree = (read or self.read)(value)
        if tree.op == "transpose" and len(labels) == 2:
            (tree,), labels = tree.args, labels[::-1]
            value = relabelled(value, {-1: -2, -2: -1}, tree.shape)
        self.sums.setdefault(tree, value)
        return tree, labels

    def operand(self, value: Sum) -> Expr:
        """A sum as an expression without leading dims that it is constant along: it broadcasts anyway."""
        used = {each for term in value.terms for _, labels, _ in term for each in labels if each is not None}
        first = min([each for each in used if each < 0], default=0)
        shape = value.shape[len(value.shape) + first :] if first else ()
        kept = tuple([size if at - len(shape) in used else 1 for at, size in enumerate(shape)])
        return self.read(value.shaped(kept))

    def content(self, value: Sum) -> tuple[Coefficient, list[Factor], Sum]:
        """The number and the factors that all terms share, and what is left of them."""
        first, _ = min([(term, 1) for term in value.terms], key=_place)
        common: list[Factor] = []
        for tree, labels, exponent in first:
            if labels and any(each is not None and each > 0 for each in labels):
                continue
            least = exponent
            for term in value.terms:
                for other, at, e in term:
                    if other is tree and at == labels and (e > 0) == (exponent > 0):
                        least = e if magnitude(e) < magnitude(least) else least
                        break
                else:
                    break
            else:
                common.append((tree, labels, least))
        number_ = numeric_content(value.terms.values())
        if value.terms[first] < 0:
            number_ = -number_
        if number_ == 1 and not common:
            return number_, common, value
        divided = {(tree, labels, exponent > 0): -exponent for tree, labels, exponent in common}
        rest = collected(
            [
                (
                    coefficient if number_ == 1 else over(coefficient, number_),
                    without(term, divided) if common else term,
                )
                for term, coefficient in value.terms.items()
            ],
            value.shape,
        )
        return number_, common, rest

    def plain(self, value: Sum) -> Expr:
        """Term by term."""
        if not value.terms:
            return self.filled(number(0), value.shape)
        if len(value.terms) == 1:
            ((term, coefficient),) = value.terms.items()
            whole = self.term(coefficient, term, value.shape)
            return whole if whole.shape == value.shape else self.filled(whole, value.shape)
        terms = sorted(value.terms.items(), key=_place)
        parts = [self.term(coefficient, term, value.shape) for term, coefficient in terms]
        if len(set(parts)) < len(parts):  # summed dims may go through equal matrices in several orders
            return self.plain(_merged(value, terms, parts))
        if not value.shape:
            return apply("add", *parts)
        shape = broadcast_all([each.shape for each in parts])
        whole = apply("add", *parts, shape=shape)
        if len(shape) == 2 and all(len(each.shape) == 2 for each in parts):
            back = [turned(each) for each in parts]
            if all(each.op != "add" for each in back):
                inside = apply("add", *back, shape=(shape[1], shape[0]))
                whole = min(whole, apply("transpose", inside, shape=shape), key=lambda each: each.cost)
        return self.filled(whole, value.shape)

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
                return quotient([tree, ones], [], shape)
            top, *bottom = tree.args
            above = [ones] if top.op == "number" and top.attrs[0] == 1 else [top, ones]
            return quotient(above, bottom, shape)
        lead = len(shape) - len(tree.shape)
        if tree.shape == shape[lead:] and all(each == 1 for each in shape[:lead]):
            none = symbol("None")
            key = [none] * lead + [apply("slice", none, none, none)] * len(tree.shape)
            return apply("index", tree, *key, shape=shape)
        if len(shape) == 2 and 1 not in shape:
            if is_column(tree):
                return apply("outer", tree.args[0], apply("ones", sizes[1], shape=shape[1:]), shape=shape)
            if tree.shape == shape[1:]:
                return apply("outer", apply("ones", sizes[0], shape=shape[:1]), tree, shape=shape)
        return apply("broadcast_to", tree, apply("tuple", *sizes), shape=shape)

    def term(self, coefficient: Coefficient, term: Term, shape: Shape) -> Expr:
        """A coefficient times factors."""
        key = term, coefficient, shape
        found = self.written.get(key)
        if found is None:
            found = self.written[key] = self._term(coefficient, term, shape)
        return found

    def _term(self, coefficient: Coefficient, term: Term, shape: Shape) -> Expr:
        ops = {factor[0].op for factor in term}
        if not MARKED.isdisjoint(ops):
            term = _shown(term)
        if "add" in ops:
            term = self._turned(term)
        if "sqrt" in ops and len(term) > 1:
            term = _rooted(term)
        if "sqrt" in ops or "matmul" in ops or "sum" in ops:
            term = tuple([_as_norm(each) for each in term])
        coefficient, term = self._taken_in(*self._flipped(coefficient, term))
        if "sqrt" in ops:
            coefficient, term = self._under_root(coefficient, term)
        negative = coefficient < 0
        above, below = contracted(term, shape)
        if below and self.sizes.names:
            above, below = averaged(self.sizes, above, below)
        if len(shape) > 1:
            above, below = one_column(above, below)
        if len(above) + len(below) > 1:
            if "sqrt" in ops:
                above, below = one_root(above), one_root(below)
            above, below = one_power(above, below)
            if "where" in ops:
                above, below = taken(above, below)
        tree = weighted(magnitude(coefficient), above, below)
        if not negative:
            return tree
        if tree.op in ("mul", "div", "matmul"):
            return negated(tree)
        return number(-tree.attrs[0]) if tree.op == "number" else apply("neg", tree, shape=tree.shape)

    def _turned(self, term: Term) -> Term:
        """With the squares of differences as the program has the difference."""
        return tuple([(self._as_the_user(tree) if e % 2 == 0 else tree, own, e) for tree, own, e in term])

    def _as_the_user(self, tree: Expr) -> Expr:
        inner = self.sum_of(tree) if tree.op == "add" else None
        if inner is None or inner.key in self.own:
            return tree
        turned = scaled(inner, -1)
        return self.plain(turned) if turned.key in self.own else tree

    def _flipped(self, coefficient: Coefficient, term: Term) -> tuple[Coefficient, Term]:
        """With the sign taken into a difference that then reads the other way round: z*(1 - z)."""
        if coefficient >= 0:
            return coefficient, term
        for at, (tree, labels, exponent) in enumerate(term):
            if tree.op in ODD and exponent % 2:
                turned = apply(tree.op, opposite(tree.args[0]), shape=tree.shape)
                if turned.cost <= tree.cost:
                    return -coefficient, (*term[:at], (turned, labels, exponent), *term[at + 1 :])
            turns = tree.op == "add" and (exponent == 1 or (exponent < 0 and exponent % 2))
            inner = self.sum_of(tree) if turns else None
            if inner is not None and len(inner.terms) > 1:
                values = list(inner.terms.values())
                if any(each < 0 for each in values):
                    other = self.plain(scaled(inner, -1))
                    self.sums.setdefault(other, scaled(inner, -1))
                    if tree in self.laws:
                        self.laws.setdefault(other, self.laws[tree])
                    if other.cost <= tree.cost and other.shape == tree.shape:
                        return -coefficient, (*term[:at], (other, labels, exponent), *term[at + 1 :])
        return coefficient, term

    def _under_root(self, coefficient: Coefficient, term: Term) -> tuple[Coefficient, Term]:
        """With a number under a root that has one, or none there, where that is shorter: sqrt(u/2)."""
        if isinstance(coefficient, float):
            return coefficient, term
        for at, (tree, labels, exponent) in enumerate(term):
            inner = self.sum_of(tree.args[0]) if tree.op == "sqrt" and exponent in (1, -1) else None
            content = 1 if inner is None else numeric_content(inner.terms.values())
            if inner is None or content == 1 or isinstance(content, float):
                continue
            moved = [(Fraction(1 if coefficient > 0 else -1), coefficient ** int(2 * exponent))]
            if (root := square_root(content)) is not None:
                moved.append((coefficient * root ** int(exponent), over(1, content)))
            best, least = (coefficient, term), tree.cost + self._beside(coefficient, term)
            for number_, factor in moved:
                inside = rational(content * factor)
                if (len(inner.terms) > 1 and inside != 1) or (exponent < 0 and type(inside) is Fraction):
                    continue
                taken_in = scaled(inner, factor)
                taken_in = Sum({each: rational(c) for each, c in taken_in.terms.items()}, inner.shape)
                other = apply("sqrt", self.plain(taken_in), shape=tree.shape)
                if (cost := other.cost + self._beside(number_, term)) < least:
                    self.sums.setdefault(other.args[0], taken_in)
                    best, least = (number_, (*term[:at], (other, labels, exponent), *term[at + 1 :])), cost
            if best[1] is not term:
                return best
        return coefficient, term

    @staticmethod
    def _beside(coefficient: int | Fraction, term: Term) -> int:
        """How many symbols a number in front of a term takes, with brackets around what it is below with."""
        below = coefficient.denominator != 1
        brackets = below and sum([e < 0 for _, _, e in term]) == 1
        return 2 * (coefficient.numerator not in (1, -1)) + 2 * below + 2 * brackets

    def _divided(self, coefficient: Fraction, term: Term) -> tuple[Coefficient, Term]:
        """With a denominator taken into a sum that is shorter then: t*(r + s**2/2)."""
        for at, (tree, labels, exponent) in enumerate(term):
            short = tree.op == "add" and exponent == 1 and tree.cost <= MOST_DIVIDED
            inner = self.sum_of(tree) if short else None
            if inner is None:
                continue
            inner = scaled(inner, Fraction(1, coefficient.denominator))
            inner = Sum({each: rational(c) for each, c in inner.terms.items()}, inner.shape)
            other = self.plain(inner)
            if other.cost < tree.cost + 2 and other.shape == tree.shape:
                self.sums.setdefault(other, inner)
                return coefficient.numerator, (*term[:at], (other, labels, exponent), *term[at + 1 :])
        return coefficient, term

    def _taken_in(self, coefficient: Coefficient, term: Term) -> tuple[Coefficient, Term]:
        """With a number taken into a sum of which each term has one anyway: exp(x)*(4*x + 2)."""
        if len(term) < 2 or isinstance(coefficient, float):
            return coefficient, term
        if type(coefficient) is Fraction:
            return self._divided(coefficient, term)
        if coefficient in (1, -1):
            return coefficient, term
        for at, (tree, labels, exponent) in enumerate(term):
            inner = self.sum_of(tree) if tree.op == "add" and exponent == 1 else None
            if inner is None or any(each and abs(c) == 1 for each, c in inner.terms.items()):
                continue
            number_ = magnitude(coefficient)
            other = self.plain(scaled(inner, number_))
            if other.cost <= tree.cost and other.shape == tree.shape:
                self.sums.setdefault(other, scaled(inner, number_))
                return (1 if coefficient > 0 else -1), (
                    *term[:at],
                    (other, labels, exponent),
                    *term[at + 1 :],
                )
        return coefficient, term


def _mirrored(value: Sum, used: dict[str, None] | None) -> Sum:
    """With the first two dims of differences, and of what is made of them, in one order."""
    terms: list[tuple[Coefficient, list[Factor]]] = []
    changed = False
    for term, coefficient in value.terms.items():
        factors: list[Factor] = []
        for tree, labels, exponent in term:
            first, second = labels[:2] if len(labels) > 1 else (None, None)
            swaps = first is not None and second is not None and second < 0 and (first > 0 or second < first)
            if swaps and (sign := mirrored(tree)):
                changed = True
                labels = (second, first, *labels[2:])
                coefficient = coefficient if sign > 0 or exponent % 2 == 0 else -coefficient
            factors.append((tree, labels, exponent))
        terms.append((coefficient, factors))
    if changed and used is not None:
        used[MIRRORED] = None
    return collected(terms, value.shape) if changed else value


def _merged(value: Sum, terms: list[tuple[Term, Coefficient]], parts: list[Expr]) -> Sum:
    """A sum whose terms are one where they are written in one way."""
    first = dict(zip(reversed(parts), reversed(terms), strict=True))
    return Sum({term: c * parts.count(part) for part, (term, c) in first.items()}, value.shape)


def _summed_alone(factor: Factor, term: Term) -> int | None:
    """The dim of a sum, counted from the last, that is summed over and that no other factor has."""
    tree, labels, exponent = factor
    if tree.op != "add" or exponent != 1:
        return None
    for at, label in enumerate(labels):
        if label is not None and label > 0 and [one for _, own, _ in term for one in own].count(label) == 1:
            return at - len(labels)
    return None


def narrowed(value: Sum) -> Sum:
    """A factor without the dims along which it is constant, where others have them."""
    used = {each for term in value.terms for _, labels, _ in term for each in labels}
    rank = len(value.shape)
    shape = tuple([size if at - rank in used else 1 for at, size in enumerate(value.shape)])
    return value.shaped(shape)


def _is_unnamed(tree: Expr) -> bool:
    """Whether something is an identity matrix whose size is a number."""
    return tree.op == "eye" and tree.args[0].op == "number"


def _is_sum(term: Term) -> bool:
    """Whether a term is a sum that stands by itself, times a number."""
    if len(term) != 1:
        return False
    tree, labels, exponent = term[0]
    return tree.op == "add" and exponent == 1 and labels == whole_labels(tree.shape)


def as_term(tree: Expr) -> Sum:
    """An expression as a sum of one term, with the number that stands in front of it."""
    if tree.op == "neg":
        return scaled(as_term(tree.args[0]), -1)
    if tree.op == "mul" and tree.args[0].op == "number" and not tree.shape:
        factors = [factor for each in tree.args[1:] for term in of_tree(each).terms for factor in term]
        return collected([(tree.args[0].attrs[0], factors)], ())
    return of_tree(tree)


def _shown(term: Term) -> Term:
    """With what is marked for the sake of a law as it is written: a length, and what was inverted twice."""
    return tuple(term_of([_unmarked(each) for each in term]))


def _unmarked(factor: Factor) -> Factor:
    tree, labels, exponent = factor
    of_pairs = tree.op == "length" and exponent < 0 and mirrored(tree.args[0]) == -1
    tree = without_mark(tree)
    if of_pairs:  # the distances of points to themselves, which are 0, and what is beside them is 0 as well
        zero = apply("eq", tree, number(0), shape=tree.shape)
        tree = apply("where", zero, number(inf), tree, shape=tree.shape)
    return (tree.args[0] if tree.op in MARKS else tree), labels, exponent


MOST_DIVIDED = 24
"""Longer sums, in symbols, are not divided: those of long programs are shared as they are."""

LONG = 4
"""From so many symbols on, u is better read once: u**(3/2) for u*sqrt(u)."""


def _rooted(term: Term) -> Term:
    """u*sqrt(u) as u**(3/2), and so below a line, where u is long."""
    factors = list(term)
    for root in term:
        tree, labels, exponent = root
        if tree.op != "sqrt" or tree.args[0].cost < LONG or exponent % 2 == 0:
            continue
        for at, (other, own, power) in enumerate(factors):
            if other is tree.args[0] and own == labels and isinstance(power, int) and power * exponent > 0:
                factors[at] = (other, own, power + Fraction(exponent) / 2)
                factors.remove(root)
                break
    return tuple(factors)


def _as_norm(factor: Factor) -> Factor:
    """sqrt(x @ x), and sqrt(sum(A**2)), as norm(x), and so for other powers of it with a root."""
    tree, labels, exponent = factor
    square, power = (tree.args[0], exponent) if tree.op == "sqrt" else (tree, 2 * exponent)
    rooted = tree.op == "sqrt" or type(exponent) is Fraction
    if not rooted or square.shape or power.denominator != 1:
        return factor
    inner = square.args[0] if square.args else square
    if square.op == "matmul" and square.args[1] is inner:
        return apply("norm", inner), labels, power
    whole = square.op == "sum" and len(square.args) == 1 and len(inner.shape) < 3
    if whole and inner.op == "pow" and inner.args[1].attrs == (2,):
        return apply("norm", inner.args[0]), labels, power
    return factor


def without_mark(tree: Expr) -> Expr:
    """A length as the norm that it is above a line, where what is beside it is 0 at its zero."""
    return apply("norm", *tree.args, attrs=tree.attrs, shape=tree.shape) if tree.op == "length" else tree


def _place(item: tuple[Term, Coefficient]) -> tuple[object, ...]:
    """Where a term stands in a sum: what is added first, high degrees before low ones, numbers last."""
    term, coefficient = item
    degree: Exponent = 0
    factors = []
    for tree, labels, exponent in term:
        if tree.op == "symbol":
            degree += exponent
        factors.append((tree.key, [each or 0 for each in labels] if labels else [], -exponent))
    return coefficient < 0, not term, -degree, factors


def without(term: Term, divided: dict[tuple[Expr, tuple[Label, ...], bool], Exponent]) -> list[Factor]:
    """A term divided by factors that it has, by what their exponents change on either side of the line."""
    left: list[Factor] = []
    for tree, labels, exponent in term:
        less = divided.get((tree, labels, exponent > 0))
        if less is None:
            left.append((tree, labels, exponent))
        elif exponent + less != 0:
            left.append((tree, labels, plain_fraction(exponent + less)))
    return left
