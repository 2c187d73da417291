"""Laws of sin and cos, sinh and cosh, each one row; `identities` lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from gradcli.formula.normal import Sum, collected, of_each_term
from gradcli.formula.terms import Coefficient, Factor, Term, counts, is_above, multiplied, term_of
from gradcli.formula.tree import Expr, apply
from gradcli.formula.turning import doubled, opposite


class Pair(NamedTuple):
    """`first(u)**2 + sign*second(u)**2 = value`, for any u and times anything."""

    first: str
    second: str
    sign: int
    value: int


PAIRS = (
    Pair("sin", "cos", 1, 1),
    Pair("cosh", "sinh", -1, 1),
)


def pairs(value: Sum) -> Sum:
    changed = True
    while changed:
        changed = False
        for law in PAIRS:
            for term in list(value.terms):
                found = _pair(value, law, term)
                if found is not None:
                    value, changed = found, True
                    break
    return value


def _pair(value: Sum, law: Pair, term: Term) -> Sum | None:
    for tree, labels, exponent in term:
        if tree.op != law.first or exponent < 2:
            continue
        rest: list[Factor] = lowered(term, tree, labels)
        # 1 - cosh(u)**2/sinh(u)**2 is -1/sinh(u)**2, which has the pole still.
        second: Factor = (apply(law.second, *tree.args, shape=tree.shape), labels, 2)
        other = term_of(multiplied(rest, [second]))
        coefficient = value.terms[term]
        if counts(labels, rest) and value.terms.get(other) == law.sign * coefficient:
            return value.united((term, other), rest, coefficient * law.value)
    return None


def lowered(term: Term, tree: Expr, labels: tuple[int | None, ...], power: int = 2) -> list[Factor]:
    """A term without the square, or another power, of a factor."""
    left: list[Factor] = []
    for other, at, exponent in term:
        rest = exponent - power if other is tree and at == labels else exponent
        if rest != 0:
            left.append((other, at, rest))
    return left


RATIOS = (("sin", "cos", "tan"), ("sinh", "cosh", "tanh"))
"""The first over the second is the third, wherever it has a value."""


@of_each_term
def ratios(term: list[Factor]) -> list[Factor]:
    """sin(u)/cos(u) is tan(u)."""
    factors = term
    for above, below, ratio in RATIOS:
        for tree, labels, exponent in term:
            if tree.op != below or exponent > -1:
                continue
            top = apply(above, *tree.args, shape=tree.shape)
            if is_above(factors, top, labels):
                whole = apply(ratio, *tree.args, shape=tree.shape)
                factors = multiplied(factors, [(tree, labels, 1), (top, labels, -1), (whole, labels, 1)])
    return factors


class Square(NamedTuple):
    """`1 + sign*first(u)**power = value*second(u)**exponent`, for any u and times anything."""

    first: str
    second: str
    sign: int
    value: int
    exponent: int = 2
    power: int = 2


SQUARES = (
    Square("sin", "cos", -1, 1),
    Square("cos", "sin", -1, 1),
    Square("sinh", "cosh", 1, 1),
    Square("cosh", "sinh", -1, -1),
    Square("tanh", "sinh", -1, -1, -2, -2),
)


def squares(value: Sum, laws: Iterable[Square] = SQUARES) -> Sum:
    """1 - sin(u)**2 is cos(u)**2, and so on."""
    for law in laws:
        for term, coefficient in value.terms.items():
            for tree, labels, exponent in term:
                if tree.op != law.first or not isinstance(exponent, int) or exponent * law.power < 4:
                    continue
                rest = lowered(term, tree, labels, law.power)
                alone = term_of(rest)
                if (
                    alone != term
                    and counts(labels, rest)
                    and value.terms.get(alone) == law.sign * coefficient
                ):
                    second = apply(law.second, *tree.args, shape=tree.shape)
                    whole = [*rest, (second, labels, law.exponent)]
                    return squares(
                        value.united((term, alone), whole, law.sign * law.value * coefficient), laws
                    )
    return value


def exponentials(value: Sum) -> Sum:
    """cosh(u) + sinh(u) is exp(u), and cosh(u) - sinh(u) is exp(-u)."""
    for term, coefficient in value.terms.items():
        for at, (tree, labels, exponent) in enumerate(term):
            if tree.op != "cosh" or exponent != 1 or not coefficient:
                continue
            rest = [*term[:at], *term[at + 1 :]]
            other = term_of([*rest, (apply("sinh", *tree.args, shape=tree.shape), labels, 1)])
            if abs(value.terms.get(other, 0)) == abs(coefficient):
                power = tree.args[0] if value.terms[other] == coefficient else opposite(tree.args[0])
                whole = [*rest, (apply("exp", power, shape=tree.shape), labels, 1)]
                return exponentials(value.united((term, other), whole, coefficient))
    return value


def hyperbolic(value: Sum) -> Sum:
    """exp(u) + exp(-u) is 2*cosh(u), exp(u) - exp(-u) is 2*sinh(u)."""
    for term, coefficient in value.terms.items():
        for at, (tree, labels, exponent) in enumerate(term):
            if tree.op != "exp" or exponent != 1:
                continue
            turned = apply("exp", opposite(tree.args[0]), shape=tree.shape)
            rest = [*term[:at], *term[at + 1 :]]
            other = term_of([*rest, (turned, labels, 1)])
            if (
                turned.cost >= tree.cost
                and abs(value.terms.get(other, 0)) == abs(coefficient)
                and other != term
            ):
                name = "cosh" if value.terms[other] == coefficient else "sinh"
                whole = [*rest, (apply(name, *tree.args, shape=tree.shape), labels, 1)]
                return hyperbolic(value.united((term, other), whole, 2 * coefficient))
    return value


Weighted = tuple[Coefficient, list[Factor]]
"""A term: its number, and its factors."""


def _each(law: Callable[[Coefficient, list[Factor]], Weighted | None]) -> Callable[[Sum], Sum]:
    """A law of terms, which gives None where it changes nothing, as one of sums."""

    def of_sum(value: Sum) -> Sum:
        terms = [(coefficient, list(term)) for term, coefficient in value.terms.items()]
        found = [law(*each) for each in terms]
        if all(each is None for each in found):
            return value
        return collected([new or each for new, each in zip(found, terms, strict=True)], value.shape)

    return of_sum


def _over_cosh(coefficient: Coefficient, factors: list[Factor]) -> Weighted | None:
    for tree, labels, exponent in factors:
        if tree.op == "cosh" and exponent < 0:
            for power in (tree.args[0], opposite(tree.args[0])):
                top = apply("exp", power, shape=tree.shape)
                if is_above(factors, top, labels):
                    share = apply("sigmoid", doubled(power), shape=tree.shape)
                    more: list[Factor] = [(tree, labels, 1), (top, labels, -1), (share, labels, 1)]
                    changed = 2 * coefficient, multiplied(factors, more)
                    return _over_cosh(*changed) or changed
    return None


def _secant(coefficient: Coefficient, factors: list[Factor]) -> Weighted | None:
    """exp(u)*sigmoid(-2*u) is 1/(2*cosh(u))."""
    for tree, labels, exponent in factors:
        if tree.op == "exp" and exponent == 1:
            share = apply("sigmoid", doubled(opposite(tree.args[0])), shape=tree.shape)
            if is_above(factors, share, labels):
                whole = apply("cosh", min(tree.args[0], opposite(tree.args[0]), key=_cost), shape=tree.shape)
                more: list[Factor] = [(tree, labels, -1), (share, labels, -1), (whole, labels, -1)]
                return coefficient * Fraction(1, 2), multiplied(factors, more)
    return None


def _share(coefficient: Coefficient, factors: list[Factor]) -> Weighted | None:
    """cosh(u)*sigmoid(2*u) is exp(u)/2."""
    for tree, labels, exponent in factors:
        if tree.op == "cosh" and isinstance(exponent, int):
            for power in (tree.args[0], opposite(tree.args[0])):
                share = apply("sigmoid", doubled(power), shape=tree.shape)
                other = next((e for each, own, e in factors if each is share and own == labels), 0)
                if isinstance(other, int) and other * exponent > 0:
                    both = min(other, exponent, key=abs)
                    whole = apply("exp", power, shape=tree.shape)
                    more: list[Factor] = [
                        (tree, labels, -both),
                        (share, labels, -both),
                        (whole, labels, both),
                    ]
                    return coefficient * Fraction(1, 2) ** both, multiplied(factors, more)
    return None


def _cost(tree: Expr) -> int:
    return tree.cost


over_cosh, secants, shares = _each(_over_cosh), _each(_secant), _each(_share)
