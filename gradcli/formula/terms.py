"""Terms of the normal form: products of indexed factors, in which equal products look the same.

A factor is an expression to a power with a label for each of its dims, as `normal` says, which adds terms up.
"""

from __future__ import annotations

from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gradcli.formula.signs import never_zero
from gradcli.formula.symmetry import symmetric
from gradcli.formula.tree import Expr, Shape, apply, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Label = int | None
Exponent = int | Fraction
Coefficient = int | float | Fraction
Factor = tuple[Expr, tuple[Label, ...], Exponent]
Term = tuple[Factor, ...]


def whole_labels(shape: Shape) -> tuple[Label, ...]:
    """The labels of something that stands as it is."""
    if not shape:
        return ()
    rank = len(shape)
    return tuple([None if size == 1 else at - rank for at, size in enumerate(shape)])


def term_of(factors: list[Factor]) -> Term:
    """The product of factors: equal ones as powers, in one order, summed dims with labels of that order."""
    for tree, labels, _ in factors:
        if labels or tree.op in MARKED:
            factors = _inverted_twice(_lengths(without_identities(factors)))
            break
    else:  # numbers, of which nothing is summed over
        if len(factors) < 2:
            return tuple(factors)
        found = _numbers(factors)
        if found is not None:
            return found
    powers: dict[tuple[Expr, tuple[Label, ...], bool], Exponent] = {}
    for tree, labels, exponent in factors:
        if len(labels) == 2 and None not in labels and labels[0] > labels[1] and symmetric(tree):  # type: ignore[operator]
            labels = labels[::-1]
        key = (tree, labels, exponent > 0)
        powers[key] = powers.get(key, 0) + exponent
    for (tree, labels, positive), exponent in list(powers.items()):
        below = powers.get((tree, labels, False))
        # x/x is left alone unless x cannot be 0; x/x**2 has the pole of 1/x.
        if (
            positive
            and below is not None
            and (exponent < -below or never_zero(tree) or (tree.op == "det" and _inverted(tree, factors)))
        ):
            del powers[tree, labels, True], powers[tree, labels, False]
            if exponent + below > 0 and tree.op == "length":  # what is left of it is the norm that it was
                tree = apply("norm", *tree.args, attrs=tree.attrs, shape=tree.shape)
            if exponent + below != 0:
                powers[tree, labels, exponent + below > 0] = exponent + below
    for key, exponent in powers.items():
        if type(exponent) is Fraction and exponent.denominator == 1:
            powers[key] = exponent.numerator
        elif exponent > 1 and key[0].op == "where" and {each.key for each in key[0].args[1:]} == ZERO_ONE:
            powers[key] = 1
    listed = [(tree, labels, exponent) for (tree, labels, _), exponent in powers.items()]
    if len(listed) > 1 or any(each is not None and each > 0 for _, labels, _ in listed for each in labels):
        listed = _relabelled(listed)
    return tuple(listed)


def _numbers(factors: list[Factor]) -> Term | None:
    """The same of numbers, unless one stands above and below the line."""
    powers: dict[Expr, Exponent] = {}
    for tree, _, exponent in factors:
        if tree in powers:
            before = powers[tree]
            if before * exponent < 0 or tree.op == "where":
                return None
            exponent = plain_fraction(before + exponent)
        powers[tree] = exponent
    ordered = sorted(powers, key=_key_of) if len(powers) > 1 else powers
    return tuple([(tree, (), powers[tree]) for tree in ordered])


_key_of = attrgetter("key")


MARKS = frozenset(("inverted", "sunk"))
"""What stood below two lines."""

MARKED = MARKS | {"length"}
"""What stands for an expression while laws are to know where it came from."""


def without_identities(factors: list[Factor]) -> list[Factor]:
    """An identity matrix, a dim of which is summed over, only gives that dim another label."""
    for at, (tree, labels, exponent) in enumerate(factors):
        if tree.op == "inverse" and exponent == 1:
            beside = _beside_inverse(tree, labels, factors) or _beside_itself(tree, labels, factors)
            if beside is not None:
                rest = [each for each in factors if each is not factors[at] and each is not beside[0]]
                return without_identities([*rest, beside[1]])
        if tree.op == "eye" and exponent == 1:
            first, second = labels
            if first is not None and first == second and first < 0:  # ones along the diagonal
                return without_identities([*factors[:at], *factors[at + 1 :]])
            if first is None or second is None or first == second:
                continue
            gone, stays = (first, second) if first > 0 else (second, first)
            rest = [*factors[:at], *factors[at + 1 :]]
            alone = gone > 0 and not any(gone in own for _, own, _ in rest)
            if alone and (
                stays < 0 or any(stays in own for _, own, _ in rest)
            ):  # each of its rows has the sum 1
                return without_identities(rest)
            if gone > 0 and any(gone in own for _, own, _ in rest):
                return without_identities(renamed(rest, {gone: stays}))
        if tree.op in ("one_hot", "softmax") and exponent == 1:
            dim = labels[dict(tree.attrs).get("dim", -1)] if labels else None
            rest = [*factors[:at], *factors[at + 1 :]]
            alone = dim is not None and dim > 0 and not any(dim in own for _, own, _ in rest)
            if alone and labels.count(dim) == 1:  # its sum is 1
                covered = {each for _, own, _ in rest for each in own}
                if all(each is None or each < 0 or each == dim or each in covered for each in labels):
                    return without_identities(rest)
    return factors


def _beside_inverse(
    tree: Expr, labels: tuple[Label, ...], factors: list[Factor]
) -> tuple[Factor, Factor] | None:
    """A factor of the matrix that an inverse is of, where the two are multiplied, and what they are together.

    The inverse of L @ R is that of R times that of L, so that R before it leaves that of L; the matrix itself
    leaves an identity.
    """
    (of,) = tree.args
    square = of.op == "matmul" and all(each.shape == of.shape for each in of.args)
    left, right = of.args if square else (of, of)
    for factor in factors:
        other, own, exponent = factor
        if exponent != 1 or len(own) != 2 or None in own or other.shape != of.shape:
            continue
        for one in (0, 1):  # which index of the inverse is summed over
            shared, end, rest = labels[one], (right, left)[one], (left, right)[one]
            if shared is None or shared < 0 or labels[1 - one] is None or shared not in own:
                continue
            place = own.index(shared)
            turned = place == one  # the index that a product has there is the other one
            if other is not (_transpose(end) if turned else end):
                continue
            if [each for _, at, _ in factors for each in at].count(shared) != 2:
                continue
            outer = (labels[1 - one], own[1 - place])
            if outer[0] == outer[1]:
                continue
            if not square:
                return factor, (apply("eye", number(tree.shape[0]), shape=tree.shape), outer, 1)
            inner = outer if one else outer[::-1]
            if rest.op == "transpose":
                rest, inner = rest.args[0], inner[::-1]
            return factor, (apply("inverse", rest, shape=tree.shape), inner, 1)
    return None


def _beside_itself(
    tree: Expr, labels: tuple[Label, ...], factors: list[Factor]
) -> tuple[Factor, Factor] | None:
    """The other one in inverse(L).T @ inverse(L), for a Cholesky factor L of A, and the two: inverse(A)."""
    (of,) = tree.args
    if of.op != "cholesky" or len(labels) != 2 or not symmetric(of.args[0]):  # it reads one half of A alone
        return None
    if (shared := labels[0]) is None or shared < 0:
        return None
    for factor in factors:
        other, own, exponent = factor
        twice = other is tree and exponent == 1 and own[0] == shared and own[1] != labels[1]
        if twice and [each for _, at, _ in factors for each in at].count(shared) == 2:
            return factor, (apply("inverse", *of.args, shape=tree.shape), (labels[1], own[1]), 1)
    return None


def _transpose(tree: Expr) -> Expr | None:
    return tree.args[0] if tree.op == "transpose" else None


def _inverted_twice(factors: list[Factor]) -> list[Factor]:
    """What came up from below two lines, 1/(p/q) = q/p, is cancelled with what is below one; so is p."""
    marked = [each for each in factors if each[0].op in MARKS]
    if not marked:
        return factors
    found = list(factors)
    for mark in [each for each in marked if each[0].op == "sunk"]:
        for at, (other, own, power) in enumerate(found):
            if other is mark[0].args[0] and own == mark[1] and power > 0:
                both = min(-mark[2], power)
                found[at] = (other, own, power - both)
                place = found.index(mark)
                found[place] = (mark[0], mark[1], mark[2] + both)
                break
    marked = [each for each in marked if each[0].op == "inverted"]
    for tree, labels, exponent in marked:
        for at, (other, own, power) in enumerate(found):
            if other is tree.args[0] and own == labels and power < 0:
                both = min(exponent, -power)
                found[at] = (other, own, power + both)
                place = found.index((tree, labels, exponent))
                found[place] = (tree, labels, exponent - both)
                break
    return [each for each in found if each[2] != 0]


def _lengths(factors: list[Factor]) -> list[Factor]:
    """norm(u) over the length of u, which counts as 1 where u is 0, is 1: what is beside it is 0 there.

    Where norm(u) stands below a line as well there is no value at 0 anyway, and a length is a norm.
    """
    lengths = {_measured(each) for each in factors if each[0].op == "length"}
    if not lengths:
        return factors
    poles = {_measured(each) for each in factors if each[0].op == "norm" and each[2] < 0}
    return [
        (
            apply(
                "norm" if _measured(each) in poles else "length",
                *tree.args,
                attrs=tree.attrs,
                shape=tree.shape,
            ),
            at,
            e,
        )
        if tree.op in ("length", "norm") and _measured(each) in lengths
        else each
        for each in factors
        for tree, at, e in [each]
    ]


def _measured(factor: Factor) -> tuple[object, ...]:
    """What a norm or length is of."""
    tree, labels, _ = factor
    return tree.args, tree.attrs, labels


ZERO_ONE = {number(0).key, number(1).key}


def _inverted(tree: Expr, factors: list[Factor]) -> bool:
    """Whether there is the inverse of the matrix that a determinant is of."""
    return any(other.op == "inverse" and other.args == tree.args for other, _, _ in factors)


def _relabelled(factors: list[Factor]) -> list[Factor]:
    """In one order, with names of summed dims by where they first stand: the same for any names before."""
    runs: dict[Any, list[Factor]] = {}
    for each in factors:
        runs.setdefault(_but_for_names(each), []).append(each)
    ordered = [run for _, run in sorted(runs.items())]
    if len(runs) == len(factors):
        names: dict[int, int] = {}
        return [_named(run[0], names) for run in ordered]
    times: dict[Label, int] = {}
    for _, labels, _ in factors:
        for label in labels:
            times[label] = times.get(label, 0) + 1
    begun: list[tuple[list[Factor], dict[int, int]]] = [([], {})]
    for run in ordered:
        states = [(placed, names, run) for placed, names in begun]
        for _ in run:
            following = []
            for placed, names, left in states:
                for factor in _next(left, names, times) if len(left) > 1 else left:
                    own = dict(names)
                    rest = [each for each in left if each is not factor]
                    following.append(([*placed, _named(factor, own)], own, rest))
            states = following[:MOST_ORDERS]
        begun = [(placed, names) for placed, names, _ in states]
    if len(begun) == 1:
        return begun[0][0]
    return min(
        [placed for placed, _ in begun],
        key=lambda placed: [[label or 0 for label in labels] for _, labels, _ in placed],
    )


MOST_ORDERS = 24
"""Of factors that differ in names only, no more orders are looked at."""

UNNAMED = 1_000_000
"""Where a dim stands that has no name yet: behind all others."""


def _but_for_names(factor: Factor) -> Any:
    """What a factor is, but for the names of summed dims."""
    tree, labels, exponent = factor
    if not labels:
        return tree.key, (), (), exponent
    seen = tuple([str(each) if each is None or each < 0 else "s" for each in labels])
    return tree.key, tree.shape, seen, exponent


def _next(run: list[Factor], names: dict[int, int], times: dict[Label, int]) -> list[Factor]:
    """Which of several factors alike may come first: one whose dims have been named, as early as any."""
    places = [_places(each, names) for each in run]
    first = min(places)
    found: list[Factor] = []
    alone = False
    for each, place in zip(run, places, strict=True):
        if place == first:  # of those whose dims no other factor has, one stands for all
            own = all(label in names or each[1].count(label) == times[label] for label in each[1])
            if not (own and alone):
                found.append(each)
            alone = alone or own
    return found


def _places(factor: Factor, names: dict[int, int]) -> list[int]:
    return [0 if each is None else each if each < 0 else names.get(each, UNNAMED) for each in factor[1]]


def _named(factor: Factor, names: dict[int, int]) -> Factor:
    """With names of summed dims by where they first stand."""
    tree, labels, exponent = factor
    if not labels:
        return factor
    return (
        tree,
        tuple(
            [each if each is None or each < 0 else names.setdefault(each, len(names) + 1) for each in labels]
        ),
        exponent,
    )


def apart(term: Term, taken: int) -> list[Factor]:
    """A term with its summed labels moved beyond those in use."""
    if not taken:
        return list(term)
    return [
        (tree, tuple([each + taken if each is not None and each > 0 else each for each in labels]), exponent)
        for tree, labels, exponent in term
    ]


def renamed(factors: Iterable[Factor], names: Mapping[Any, Label]) -> list[Factor]:
    """Factors with other labels; those without a name keep theirs."""
    return [
        (tree, tuple([None if each is None else names.get(each, each) for each in labels]), exponent)
        for tree, labels, exponent in factors
    ]


def highest(term: Term | list[Factor]) -> int:
    """The largest summed label of a term; 0 where there is none."""
    most = 0
    for _, labels, _ in term:
        for each in labels:
            if each is not None and each > most:
                most = each
    return most


def summed(factors: Iterable[Factor]) -> set[int]:
    """The labels that are summed over."""
    return {each for _, labels, _ in factors for each in labels if each is not None and each > 0}


def counts(labels: tuple[Label, ...], rest: Iterable[Factor]) -> bool:
    """Whether what is left of a term without a factor is summed over as much as with it.

    The sum of 1 over a dim is its size: 1 + sum(sinh(u)**2) is no sum of squares of cosh.
    """
    return not labels or summed([(number(1), labels, 1)]) <= summed(rest)


def multiplied(factors: list[Factor], more: list[Factor]) -> list[Factor]:
    """Factors whose exponents are added, whatever is zero."""
    found: dict[tuple[Expr, tuple[int | None, ...]], int | Fraction] = {}
    for tree, labels, exponent in (*factors, *more):
        found[tree, labels] = found.get((tree, labels), 0) + exponent
    return [(tree, labels, exponent) for (tree, labels), exponent in found.items() if exponent != 0]


def is_above(factors: list[Factor], tree: Expr, labels: tuple[Label, ...]) -> bool:
    """Whether an expression is a factor above the line."""
    return any(other is tree and own == labels and e >= 1 for other, own, e in factors)


def plain_fraction(value: Exponent) -> Exponent:
    """A fraction, or the whole number that it is."""
    return value.numerator if value.denominator == 1 else value
