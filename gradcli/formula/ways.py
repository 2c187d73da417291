"""Laws between two good ways to write a sum, each one row: `reading` takes the shorter one.

They hold wherever both sides have a value, and neither side is the better for every sum, so that they aren't
applied before it is known what they make of the whole.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from gradcli.formula.laws import WITH_EXP, Law, LawTable
from gradcli.formula.normal import (
    Sum,
    added,
    collected,
    in_terms,
    of_each_term,
    of_number,
    of_tree,
    product,
    rational,
    scaled,
)
from gradcli.formula.terms import Coefficient, Factor, Label, counts, multiplied, term_of
from gradcli.formula.tree import Expr, apply, number
from gradcli.formula.turning import doubled, halved, opposite, squared
from gradcli.formula.waves import Square, lowered, squares

# ---- sin and cos of the doubled angle ----

PRODUCTS = (("sin", "cos"), ("sinh", "cosh"))
"""The second is the other factor: 2*first(u)*second(u) = first(2*u)."""


def _shared(one: object, other: object) -> int:
    """How often two powers have a product of their bases in them, negative below the line."""
    if not isinstance(one, int) or not isinstance(other, int) or one * other <= 0:
        return 0
    return min(one, other) if one > 0 else max(one, other)


def doubled_products(value: Sum) -> Sum:
    """2*sin(u)*cos(u) is sin(2*u), and so for sinh and cosh."""
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        factors = list(term)
        powers = {(tree, labels): e for tree, labels, e in term}
        for first, second in PRODUCTS:
            for tree, labels, exponent in term:
                if tree.op != first:
                    continue
                other = apply(second, *tree.args, shape=tree.shape)
                both = _shared(exponent, powers.get((other, labels)))
                if both:
                    twice = apply(first, doubled(tree.args[0]), shape=tree.shape)
                    more: list[Factor] = [
                        (tree, labels, -both),
                        (other, labels, -both),
                        (twice, labels, both),
                    ]
                    factors, coefficient = multiplied(factors, more), coefficient * Fraction(1, 2) ** both
        terms.append((rational(coefficient), factors))
    return _unless_same(terms, value)


class Double(NamedTuple):
    """`first(u)**2 + sign*second(u)**2 = first(2*u)`, for any u and times anything."""

    first: str
    second: str
    sign: int


DOUBLES = (Double("cos", "sin", -1), Double("cosh", "sinh", 1))


def doubles(value: Sum) -> Sum:
    """cos(u)**2 - sin(u)**2 is cos(2*u), and so for cosh and sinh."""
    for law in DOUBLES:
        for term, coefficient in value.terms.items():
            for tree, labels, exponent in term:
                if tree.op != law.first or not (isinstance(exponent, int) and exponent >= 2):
                    continue
                rest = lowered(term, tree, labels)
                other = term_of([*rest, (apply(law.second, *tree.args, shape=tree.shape), labels, 2)])
                if value.terms.get(other) == law.sign * coefficient and coefficient:
                    twice = apply(law.first, doubled(tree.args[0]), shape=tree.shape)
                    return doubles(value.united((term, other), [*rest, (twice, labels, 1)], coefficient))
    return value


class Half(NamedTuple):
    """`square*function(u)**2 + number = twice(2*u)`, for any u and times anything."""

    function: str
    twice: str
    square: int
    number: int


HALVES = (
    Half("sin", "cos", -2, 1),
    Half("cos", "cos", 2, -1),
    Half("sinh", "cosh", 2, 1),
    Half("cosh", "cosh", 2, -1),
)


SQUARES = (("sin", "cos", 1, -1), ("cos", "sin", 1, -1), ("sinh", "cosh", -1, 1), ("cosh", "sinh", 1, 1))
"""first(u)**2 = number + sign*second(u)**2"""


def one_function(value: Sum) -> Sum:
    """cos(u)*sin(u)**2 is cos(u) - cos(u)**3 beside cos(u)**3, and so for its kin."""
    for first, second, constant, sign in SQUARES:
        for term, coefficient in value.terms.items():
            for tree, labels, exponent in term:
                if tree.op != first or not isinstance(exponent, int) or exponent < 2:
                    continue
                rest = lowered(term, tree, labels)
                kin = apply(second, *tree.args, shape=tree.shape)
                other = term_of([*rest, (kin, labels, 2)])
                if other not in value.terms or not coefficient or all(each[0] is not kin for each in rest):
                    continue
                left = [(c, each) for each, c in value.terms.items() if each != term]
                whole = [(sign * coefficient, other), (constant * coefficient, term_of(rest))]
                return one_function(collected([*left, *whole], value.shape))
    return value


def halves(value: Sum) -> Sum:
    """1 - 2*sin(u)**2 is cos(2*u), and so for cos, sinh and cosh."""
    for law in HALVES:
        for term, coefficient in value.terms.items():
            for tree, labels, exponent in term:
                if tree.op != law.function or not (isinstance(exponent, int) and exponent >= 2):
                    continue
                rest = lowered(term, tree, labels)
                alone, number_ = term_of(rest), rational(coefficient * Fraction(1, law.square))
                same = counts(labels, rest) and value.terms.get(alone) == law.number * number_
                if not same or not coefficient:
                    continue
                twice = apply(law.twice, doubled(tree.args[0]), shape=tree.shape)
                return halves(value.united((term, alone), [*rest, (twice, labels, 1)], number_))
    return value


# ---- tan ----


SECANT = Square("tan", "cos", 1, 1, -2)
HYPERBOLIC_SECANT = Square("tanh", "cosh", -1, 1, -2)


def tangents(value: Sum) -> Sum:
    """1 + tan(u)**2 is 1/cos(u)**2, and cos(u)*tan(u) is sin(u)."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        powers = {(tree, labels): e for tree, labels, e in term}
        for tree, labels, exponent in term:
            if tree.op != "tan":
                continue
            cosine = apply("cos", *tree.args, shape=tree.shape)
            both = _shared(exponent, powers.get((cosine, labels)))
            if both:
                sine = apply("sin", *tree.args, shape=tree.shape)
                more: list[Factor] = [(tree, labels, -both), (cosine, labels, -both), (sine, labels, both)]
                factors = multiplied(factors, more)
        return factors

    return in_terms(squares(value, (SECANT,)), law)


def hyperbolic_secants(value: Sum) -> Sum:
    """1 - tanh(u)**2 is 1/cosh(u)**2."""
    return squares(value, (HYPERBOLIC_SECANT,))


@of_each_term
def cotangents(term: list[Factor]) -> list[Factor]:
    """cosh(u)/sinh(u) is 1/tanh(u), which does not overflow."""
    factors = term
    powers = {(tree, labels): e for tree, labels, e in term}
    for tree, labels, exponent in term:
        if tree.op == "sinh":
            top = apply("cosh", *tree.args, shape=tree.shape)
            both = _shared(-exponent, powers.get((top, labels)))
            whole = apply("tanh", *tree.args, shape=tree.shape)
            if both:
                more: list[Factor] = [(tree, labels, both), (top, labels, -both), (whole, labels, -both)]
                factors = multiplied(factors, more)
    return factors


# ---- and back ----


def single_angles(value: Sum) -> Sum:
    """sin(2*u) is 2*sin(u)*cos(u) beside sin(u) or cos(u), and 1/cos(u)**2 is 1 + tan(u)**2 beside tan(u)."""
    seen = {(tree.op, tree.args) for term in value.terms for tree, _, _ in term}
    factors = dict.fromkeys([each for term in value.terms for each in term])
    found = {each: other for each in factors if (other := _single_angle(*each, seen)) is not None}
    if not found:
        return value
    total = Sum({}, value.shape)
    for term, coefficient in value.terms.items():
        # What stays is one term still: its factors are summed over dims together.
        parts = collected([(coefficient, [each for each in term if each not in found])], value.shape)
        for each in term:
            parts = product(parts, found[each]) if each in found else parts
        total = added(total, parts)
    return total.shaped(value.shape)


def _single_angle(
    tree: Expr, labels: tuple[Label, ...], exponent: object, seen: set[tuple[str, tuple[Expr, ...]]]
) -> Sum | None:
    """The sum that a factor is, whose shape is that of what it is a factor of."""
    if any(each is not None and each > 0 for each in labels):
        return None
    if exponent == 1 and tree.op in ("sin", "cos"):
        for op, args in seen:
            if op in ("sin", "cos") and args != tree.args and doubled(args[0]) is tree.args[0]:
                sine, cosine = [apply(each, *args, shape=tree.shape) for each in ("sin", "cos")]
                if tree.op == "sin":
                    return collected([(2, [(sine, labels, 1), (cosine, labels, 1)])], ())
                return collected([(1, [(cosine, labels, 2)]), (-1, [(sine, labels, 2)])], ())
    if exponent == -2 and tree.op == "cos" and ("tan", tree.args) in seen:
        tangent = apply("tan", *tree.args, shape=tree.shape)
        return collected([(1, []), (1, [(tangent, labels, 2)])], ())
    return None


# ---- exponentials ----


def centred_shares(value: Sum) -> Sum:
    """2*sigmoid(u) - 1 is tanh(u/2), and so is sigmoid(u) - sigmoid(-u)."""
    for term, coefficient in value.terms.items():
        for tree, labels, exponent in term:
            if tree.op != "sigmoid" or not isinstance(exponent, int) or exponent < 1:
                continue
            rest = lowered(term, tree, labels, 1)
            share = apply("sigmoid", opposite(tree.args[0]), shape=tree.shape)
            for others, number_ in (([], Fraction(1, 2)), ([(share, labels, 1)], 1)):
                other = term_of([*rest, *others])
                if not counts(labels, [*rest, *others]):
                    continue
                if value.terms.get(other) != -coefficient * number_ or not coefficient:
                    continue
                whole = [*rest, (apply("tanh", halved(tree.args[0]), shape=tree.shape), labels, 1)]
                return centred_shares(value.united((term, other), whole, rational(coefficient * number_)))
    return value


def secants(value: Sum) -> Sum:
    """sigmoid(2*u)*sigmoid(-2*u) is 1/(4*cosh(u)**2)."""
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        factors = list(term)
        powers = {(tree, labels): e for tree, labels, e in term}
        for tree, labels, exponent in term:
            half = halved(tree.args[0]) if tree.op == "sigmoid" else tree
            if half.cost >= (tree.args or (tree,))[0].cost:
                continue  # textbooks have the product of two sigmoids
            other = apply("sigmoid", opposite(tree.args[0]), shape=tree.shape)
            both = _shared(exponent, powers.get((other, labels)))
            if both and other.cost >= tree.cost:
                root = apply("cosh", half, shape=tree.shape)
                more: list[Factor] = [
                    (tree, labels, -both),
                    (other, labels, -both),
                    (root, labels, -2 * both),
                ]
                factors, coefficient = multiplied(factors, more), coefficient * Fraction(1, 4) ** both
        terms.append((rational(coefficient), factors))
    return _unless_same(terms, value)


def turned(value: Sum) -> Sum:
    """exp(-u)/(1 - exp(-u))**2 is exp(u)/(exp(u) - 1)**2."""

    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        factors = list(term)
        powers = {(tree, labels): e for tree, labels, e in term}
        for tree, labels, exponent in term:
            power, sign = _exp_and_one(tree)
            if power is None or not isinstance(exponent, int) or exponent >= 0:
                continue
            other = apply("exp", opposite(power.args[0]), shape=tree.shape)
            if other.cost < power.cost and powers.get((power, labels), 0) > 0:
                bottom = apply("add", other, number(-1), shape=tree.shape)
                above: list[Factor] = [(power, labels, exponent), (bottom, labels, exponent)]
                factors = multiplied(factors, [(tree, labels, -exponent), *above])
                factors = [(other, own, -e) if each is power else (each, own, e) for each, own, e in factors]
                coefficient = coefficient * sign**-exponent
        terms.append((coefficient, factors))
    return _unless_same(terms, value)


def _exp_and_one(tree: Expr) -> tuple[Expr | None, int]:
    """exp(u) and 1, if an expression is 1 - exp(u); exp(u) and -1, if it is exp(u) - 1."""
    if tree.op == "add" and len(tree.args) == 2:
        one, less = tree.args
        if one.op == "number" and one.attrs[0] == 1 and less.op == "neg" and less.args[0].op == "exp":
            return less.args[0], 1
        if one.op == "exp" and less.op == "number" and less.attrs[0] == -1:
            return one, -1
    return None, 0


def _unless_same(terms: list[tuple[Coefficient, list[Factor]]], value: Sum) -> Sum:
    """The sum of terms, or the one that they were made of."""
    old = [(coefficient, list(term)) for term, coefficient in value.terms.items()]
    return value if terms == old else collected(terms, value.shape)


# ---- roots ----


def hypotenuses(value: Sum) -> Sum:
    """hypot(a, b) is sqrt(a**2 + b**2) beside such a root."""
    roots = {tree.args[0].args for term in value.terms for tree, _, _ in term if _is_root_of_sum(tree)}

    def law(term: list[Factor]) -> list[Factor]:
        factors: list[Factor] = []
        for tree, labels, exponent in term:
            sides = tuple([squared(each) for each in tree.args]) if tree.op == "hypot" else ()
            found = next((each for each in (sides, sides[::-1]) if each and each in roots), None)
            if found is not None:
                inside = apply("add", *found, shape=tree.shape)
                tree = apply("sqrt", inside, shape=tree.shape)
            factors.append((tree, labels, exponent))
        return term if factors == term else factors

    return in_terms(value, law)


def _is_root_of_sum(tree: Expr) -> bool:
    return tree.op == "sqrt" and tree.args[0].op == "add"


# ---- powers whose exponents are no numbers ----


def _exponent(tree: Expr) -> tuple[Sum, int]:
    """An exponent as what has no number in it, and a number."""
    value = _sum(tree)
    whole = value.terms.get((), 0)
    if not isinstance(whole, int):
        return value, 0
    return added(value, of_number(whole), -1), whole


def _sum(tree: Expr) -> Sum:
    if tree.op == "add":
        total = Sum({}, tree.shape)
        for each in tree.args:
            total = added(total, _sum(each))
        return total
    return scaled(of_tree(tree.args[0]), -1) if tree.op == "neg" else of_tree(tree)


def _power(tree: Expr) -> Expr:
    """u**v of xlogy(u**v, w); otherwise the expression itself."""
    return tree.args[0] if tree.op == "xlogy" and tree.args[0].op == "pow" else tree


def powers(value: Sum) -> Sum:
    """Powers of one base whose exponents differ by a number, as products of the lowest of them.

    So is xlogy(u**v, u) beside a power of u: u**v*log(u).
    """
    found: dict[tuple[Expr, object, tuple[Label, ...]], dict[int, Expr]] = {}
    splits: dict[Expr, tuple[Sum, int]] = {}
    for term in value.terms:
        for tree, labels, _ in term:
            power = _power(tree)
            if power.op == "pow" and power.args[1].op != "number" and power.shape == power.args[0].shape:
                symbolic, whole = splits[power] = _exponent(power.args[1])
                found.setdefault((power.args[0], symbolic.key, labels), {})[whole] = power
    beside = {tree for term in value.terms for tree, _, _ in term if tree.op == "pow"}
    if not any(len(each) > 1 for each in found.values()) and not any(
        tree.op == "xlogy" and tree.args[0] in beside for term in value.terms for tree, _, _ in term
    ):
        return value
    logarithms = {tree.args[0] for term in value.terms for tree, _, _ in term if tree.op == "xlogy"}
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        factors: list[Factor] = []
        for tree, labels, exponent in term:
            power = _power(tree)
            if power not in splits or (tree is not power and exponent != 1):
                factors.append((tree, labels, exponent))
                continue
            base, (symbolic, whole) = power.args[0], splits[power]
            known = found[base, symbolic.key, labels]
            kept = max(known) if known[max(known)] in logarithms else min(known)
            factors.append((known[kept], labels, exponent))
            if whole != kept:
                factors.append((base, labels, (whole - kept) * exponent))
            if tree is not power:
                factors.append((apply("log", tree.args[1], shape=tree.shape), labels, 1))
        terms.append((coefficient, factors))
    return collected(terms, value.shape)


WAYS = (
    Law(
        "2*sin(u)*cos(u) = sin(2*u), 2*sinh(u)*cosh(u) = sinh(2*u)",
        doubled_products,
        ("sin", "sinh"),
        ("cos", "cosh"),
    ),
    Law(
        "cos(u)**2 - sin(u)**2 = cos(2*u), cosh(u)**2 + sinh(u)**2 = cosh(2*u)",
        doubles,
        ("cos", "cosh"),
        ("sin", "sinh"),
        terms=2,
    ),
    Law(
        "1 - 2*sin(u)**2 = cos(2*u), 2*cos(u)**2 - 1 = cos(2*u), and so for sinh and cosh",
        halves,
        tuple([each.function for each in HALVES]),
        terms=2,
    ),
    Law("1 + tan(u)**2 = 1/cos(u)**2, cos(u)*tan(u) = sin(u)", tangents, ("tan",)),
    Law("1 - tanh(u)**2 = 1/cosh(u)**2", hyperbolic_secants, ("tanh",), terms=2),
    Law("cosh(u)/sinh(u) = 1/tanh(u)", cotangents, ("cosh",), ("sinh",)),
    Law("sin(2*u) = 2*sin(u)*cos(u), 1/cos(u)**2 = 1 + tan(u)**2", single_angles, ("sin", "cos")),
    Law(
        "cos(u)*sin(u)**2 = cos(u) - cos(u)**3 beside cos(u)**3, and so for sin, cosh and sinh",
        one_function,
        tuple([each[0] for each in SQUARES]),
        terms=2,
    ),
    Law("hypot(a, b) = sqrt(a**2 + b**2) beside that root", hypotenuses, ("hypot",), ("sqrt",)),
    Law(
        "2*sigmoid(u) - 1 = tanh(u/2), sigmoid(u) - sigmoid(-u) = tanh(u/2)",
        centred_shares,
        ("sigmoid",),
        terms=2,
    ),
    Law("sigmoid(2*u)*sigmoid(-2*u) = 1/(4*cosh(u)**2)", secants, ("sigmoid",)),
    Law("exp(-u)/(1 - exp(-u))**2 = exp(u)/(exp(u) - 1)**2", turned, ("exp",), ("add", WITH_EXP)),
    Law(
        "a*u**v + b*u**(v - 1) = u**(v - 1)*(a*u + b), xlogy(u**v, u) = u**v*log(u)", powers, ("pow", "xlogy")
    ),
)
"""The laws, of which each is a way by itself."""

TABLE = LawTable(WAYS)
