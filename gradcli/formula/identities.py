"""The laws that hold between terms of a sum, each one row: a pattern and what it comes to.

`reading` applies them to every sum before it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from gradcli.formula import waves
from gradcli.formula.normal import (
    Coefficient,
    Factor,
    Sum,
    Term,
    in_terms,
    is_above,
    multiplied,
    never_zero,
    not_negative,
    plain_fraction,
    put,
    term_of,
)
from gradcli.formula.tree import Expr, apply, number
from gradcli.formula.turning import opposite

BELOW, CANCELLED = "below a line", "cancelled"


class Law(NamedTuple):
    """A law in words, what applies it, and the operations one of which is in any sum that it changes."""

    words: str
    apply: Callable[[Sum], Sum]
    about: tuple[str, ...]


class LawTable:
    """Laws in the order in which they are applied, found by what they are about.

    Attributes:
        laws: the rows.
        about: for an operation, or what is `BELOW` and `CANCELLED`, a bit for each row that is about it.
    """

    def __init__(self, laws: tuple[Law, ...]) -> None:
        self.laws = laws
        self.about = {BELOW: 0, CANCELLED: 0}
        for at, law in enumerate(laws):
            for op in law.about:
                self.about[op] = self.about.get(op, 0) | 1 << at

    def concerning(self, value: Sum) -> int:
        """A bit for each law that may change a sum."""
        about, found = self.about, 0
        for term, coefficient in value.terms.items():
            for tree, _, exponent in term:
                if tree.op in about:
                    found |= about[tree.op]
                if exponent < 0:
                    found |= about[BELOW]
            if coefficient == 0:
                found |= about[CANCELLED]
        return found

    def those_for(self, value: Sum) -> list[Law]:
        """The laws that may change a sum."""
        found = self.concerning(value)
        return [law for at, law in enumerate(self.laws) if found >> at & 1]

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
                if used is not None:
                    used[law.words] = None
                if made is not None:
                    for tree in _factors(changed) - _factors(value):
                        made.setdefault(tree, {})[law.words] = None
                left = self.concerning(changed) >> (at + 1) << (at + 1)
            value = changed
        value.lawful = True
        return value


def _factors(value: Sum) -> set[Expr]:
    return {tree for term in value.terms for tree, _, _ in term}


def _without_shown_poles(value: Sum) -> Sum:
    """Poles that cancelled are not written where another term has them."""
    hidden = [term for term, coefficient in value.terms.items() if coefficient == 0]
    if not hidden:
        return value
    shown: set[tuple[Expr, tuple[int | None, ...]]] = set()
    for term, coefficient in value.terms.items():
        if coefficient != 0:
            shown |= {(tree, labels) for tree, labels, exponent in term if exponent < 0}
            shown |= {(tree.args[0], labels) for tree, labels, _ in term if tree.op == "log"}
    gone = {term for term in hidden if all((tree, labels) in shown for tree, labels, _ in term)}
    return Sum({term: c for term, c in value.terms.items() if term not in gone}, value.shape)


def _shares(value: Sum) -> Sum:
    """exp(u)/sum(exp(u)) is softmax(u), which does not overflow."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "sum" or exponent > -1 or tree.args[0].op != "exp":
                continue
            dims = _summed_dims(tree)
            for other, own, power in term:
                if other is tree.args[0] and power >= 1 and dims is not None:
                    if tuple([each for at, each in enumerate(own) if at not in dims]) != labels:
                        continue
                    attrs = () if len(own) == 1 else (("dim", dims[0]),)
                    share = apply("softmax", other.args[0], attrs=attrs, shape=other.shape)
                    inverse: list[Factor] = [(other, own, -1), (tree, labels, 1), (share, own, 1)]
                    factors = multiplied(factors, inverse)
                    break
        return factors

    found = in_terms(value, law)
    return found if found is value else _shares(found)


def _logistic(value: Sum) -> Sum:
    """1/(1 + exp(u)) is sigmoid(-u), above the line as well, and exp(u)*sigmoid(-u) is sigmoid(u)."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if exponent == -1 or exponent == -2:
                power = _one_plus(tree)
                if power is not None:
                    share = apply("sigmoid", opposite(power), shape=tree.shape)
                    more: list[Factor] = [(tree, labels, 1), (share, labels, 1)]
                    factors = multiplied(factors, more * -int(exponent))
        for tree, labels, exponent in term:
            if tree.op == "add" and exponent >= 1 and (power := _one_plus(tree)) is not None:
                share = apply("sigmoid", opposite(power), shape=tree.shape)
                if is_above(factors, share, labels):
                    factors = multiplied(factors, [(tree, labels, -1), (share, labels, -1)])
        for tree, labels, exponent in factors:
            if tree.op != "exp" or exponent < 1:
                continue
            less = apply("sigmoid", opposite(tree.args[0]), shape=tree.shape)
            if is_above(factors, less, labels):
                whole = apply("sigmoid", tree.args[0], shape=tree.shape)
                factors = multiplied(factors, [(tree, labels, -1), (less, labels, -1), (whole, labels, 1)])
        return factors

    return in_terms(value, law)


def _shares_of_two(value: Sum) -> Sum:
    """exp(u)/(exp(u) + exp(v)) is sigmoid(u - v), which does not overflow."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "add" or exponent > -1 or [each.op for each in tree.args] != ["exp", "exp"]:
                continue
            for one, other in (tree.args, tree.args[::-1]):
                if is_above(factors, one, labels):
                    u, v = one.args[0], other.args[0]
                    power = apply("add", u, opposite(v), shape=tree.shape)
                    share = apply("sigmoid", power, shape=tree.shape)
                    factors = multiplied(factors, [(tree, labels, 1), (one, labels, -1), (share, labels, 1)])
                    break
        return factors

    return in_terms(value, law)


def _opposite_powers(value: Sum) -> Sum:
    """exp(u)*exp(-u) is 1, where one of them overflows as well."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "exp" or exponent < 1:
                continue
            other = apply("exp", opposite(tree.args[0]), shape=tree.shape)
            both = next((min(e, exponent) for each, own, e in factors if each is other and own == labels), 0)
            if both > 0 and is_above(factors, tree, labels):
                factors = multiplied(factors, [(tree, labels, -both), (other, labels, -both)])
        return factors

    return in_terms(value, law)


def _roots(value: Sum) -> Sum:
    """u**(3/2)*sqrt(u) is u**2, for any u that is nowhere below 0; 1/(u**(3/2)*sqrt(u)) as well."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "sqrt" or not not_negative(tree.args[0]):
                continue
            (inner,) = tree.args
            power = next((e for each, own, e in factors if each is inner and own == labels), 0)
            total = power + Fraction(exponent) / 2
            crosses = power * exponent < 0 and total * power <= 0
            opposed = power * exponent < 0
            if (isinstance(power, Fraction) or opposed) and (not crosses or never_zero(inner)):
                more: list[Factor] = [(tree, labels, -exponent), (inner, labels, Fraction(exponent) / 2)]
                if abs(total) == Fraction(1, 2):
                    more = [(tree, labels, 2 * total - exponent), (inner, labels, -power)]
                factors = [(each, own, plain_fraction(e)) for each, own, e in multiplied(factors, more)]
        return factors

    return in_terms(value, law)


def _signs(value: Sum) -> Sum:
    """u*sign(u) is abs(u), and abs(u)*sign(u) is u, at 0 and at infinity too; sign(u)/abs(u) is 1/u."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "sign" or exponent != 1:
                continue
            u = tree.args[0]
            size = apply("abs", u, shape=u.shape)
            for old, new, side in ((u, size, 1), (size, u, 1), (size, u, -1)):
                if any(other is old and own == labels and side * e >= 1 for other, own, e in factors):
                    more: list[Factor] = [(tree, labels, -1), (old, labels, -side), (new, labels, side)]
                    factors = multiplied(factors, more)
                    break
        return factors

    return in_terms(value, law)


def _less_one(value: Sum) -> Sum:
    """exp(u)/(exp(u) - 1) is 1/(1 - exp(-u)), which does not overflow."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "add" or exponent != -1 or len(tree.args) != 2:
                continue
            power, one = tree.args
            if power.op != "exp" or one.op != "number" or one.attrs[0] != -1:
                continue
            if any(other is power and own == labels and e == 1 for other, own, e in factors):
                turned = apply("exp", opposite(power.args[0]), shape=tree.shape)
                rest = apply("add", number(1), apply("neg", turned, shape=tree.shape), shape=tree.shape)
                factors = multiplied(factors, [(tree, labels, 1), (power, labels, -1), (rest, labels, -1)])
        return factors

    return in_terms(value, law)


def _either(value: Sum) -> Sum:
    """where(c, a, 0) and where(c, 0, b) are where(c, a, b), for numbers a and b."""
    found: dict[tuple[Expr, tuple[int | None, ...]], list[tuple[Term, int]]] = {}
    for term in value.terms:
        if len(term) == 1 and term[0][0].op == "where" and term[0][2] == 1:
            tree, labels, _ = term[0]
            a, b = tree.args[1:]
            if a.op == b.op == "number" and 0 in (a.attrs[0], b.attrs[0]):
                found.setdefault((tree.args[0], labels), []).append((term, 1 if b.attrs[0] == 0 else 2))
    for (condition, labels), pair in found.items():
        if len(pair) == 2 and pair[0][1] != pair[1][1]:
            sides = {side: value.terms[term] * term[0][0].args[side].attrs[0] for term, side in pair}
            numbers = [number(sides[1]), number(sides[2])]
            chosen = apply("where", condition, *numbers, shape=pair[0][0][0][0].shape)
            left = {term: c for term, c in value.terms.items() if all(term is not each for each, _ in pair)}
            left[term_of([(chosen, labels, 1)])] = 1
            return Sum(left, value.shape)
    return value


def _one_plus(tree: Expr) -> Expr | None:
    """u, if an expression is exp(u) + 1."""
    if tree.op != "add" or len(tree.args) != 2:
        return None
    power, one = tree.args
    if power.op == "exp" and one.op == "number" and one.attrs[0] == 1:
        return power.args[0]
    return None


def _summed_dims(tree: Expr) -> tuple[int, ...] | None:
    if len(tree.args) == 1:
        return (0,) if len(tree.args[0].shape) == 1 else None
    return (tree.args[1].attrs[0],) if tree.args[1].op == "number" else None


def _complements(value: Sum) -> Sum:
    """1 - sigmoid(u) is sigmoid(-u), which keeps its digits."""
    for term, coefficient in value.terms.items():
        for at, (tree, labels, exponent) in enumerate(term):
            if tree.op == "sigmoid" and exponent >= 1:
                lower: list[Factor] = [(tree, labels, exponent - 1)] if exponent > 1 else []
                rest = term_of([*term[:at], *lower, *term[at + 1 :]])
                if value.terms.get(rest) == -coefficient and rest != term:
                    other = apply("sigmoid", opposite(tree.args[0]), shape=tree.shape)
                    terms = {each: c for each, c in value.terms.items() if each not in (term, rest)}
                    whole = term_of([*rest, (other, labels, 1)])
                    put(terms, whole, terms.get(whole, 0) - coefficient)
                    return _complements(Sum(terms, value.shape))
    return value


def _above_the_line(tree: Expr) -> list[Expr]:
    """What makes an expression 0 where it is 0."""
    parts = [tree]
    for each in parts:
        if each.op == "div":
            parts.append(each.args[0])
        elif each.op == "mul":
            parts += each.args
    return parts


def _guarded(value: Sum) -> Sum:
    """x/x is 1 beside a term that is infinite, or undefined, where x is 0."""
    if len(value.terms) < 2:
        return value
    guards = set()
    for term in value.terms:
        if len(term) == 1:
            tree, labels, exponent = term[0]
            if tree.op == "log" and exponent > 0:
                guards |= {(each, labels) for each in _above_the_line(tree.args[0])}
            elif exponent < 0:
                guards.add((tree, labels))
    if not guards:
        return value
    for term in value.terms:  # log(1 - x) guards x - 1 as well
        for tree, labels, exponent in term:
            if exponent < 0 and tree.op == "add":
                turned = {opposite(each) for each in tree.args}
                if any(turned == set(other.args) and own == labels for other, own in guards):
                    guards.add((tree, labels))
                    break
    terms: dict[Term, Coefficient] = {}
    for term, coefficient in value.terms.items():
        below = {(tree, labels): e for tree, labels, e in term if e < 0 and (tree, labels) in guards}
        factors: list[Factor] = []
        for tree, labels, exponent in term:
            if (tree, labels) in below:
                if exponent < 0:
                    continue
                exponent += below.pop((tree, labels))
                if exponent == 0:
                    continue
            factors.append((tree, labels, exponent))
        factors += [(tree, labels, e) for (tree, labels), e in below.items()]
        left = term_of(factors)
        put(terms, left, terms.get(left, 0) + coefficient)
    return Sum(terms, value.shape)


LAWS = (
    Law(
        "sin(u)**2 + cos(u)**2 = 1, cosh(u)**2 - sinh(u)**2 = 1",
        waves.pairs,
        tuple([each.first for each in waves.PAIRS]),
    ),
    Law(
        "1 - sin(u)**2 = cos(u)**2, 1 + sinh(u)**2 = cosh(u)**2, and the other way round; "
        "1 - 1/tanh(u)**2 = -1/sinh(u)**2",
        waves.squares,
        tuple([each.first for each in waves.SQUARES]),
    ),
    Law(
        "exp(u) + exp(-u) = 2*cosh(u), exp(u) - exp(-u) = 2*sinh(u), exp(u)/cosh(u) = 2*sigmoid(2*u), "
        "exp(u)*sigmoid(-2*u) = 1/(2*cosh(u)), cosh(u)*sigmoid(2*u) = exp(u)/2",
        waves.hyperbolic,
        ("exp", "cosh"),
    ),
    Law("cosh(u) + sinh(u) = exp(u), cosh(u) - sinh(u) = exp(-u)", waves.exponentials, ("cosh",)),
    Law(
        "sin(u)/cos(u) = tan(u), sinh(u)/cosh(u) = tanh(u)",
        waves.ratios,
        tuple([each[1] for each in waves.RATIOS]),
    ),
    Law("exp(u)/(exp(u) + exp(v)) = sigmoid(u - v)", _shares_of_two, ("exp",)),
    Law("1/(1 + exp(u)) = sigmoid(-u), exp(u)*sigmoid(-u) = sigmoid(u)", _logistic, ("add", "exp")),
    Law("exp(u)*exp(-u) = 1", _opposite_powers, ("exp",)),
    Law("u**(3/2)*sqrt(u) = u**2 where u >= 0", _roots, ("sqrt",)),
    Law("u*sign(u) = abs(u), abs(u)*sign(u) = u", _signs, ("sign",)),
    Law("exp(u)/(exp(u) - 1) = 1/(1 - exp(-u))", _less_one, ("exp",)),
    Law("where(c, a, 0) + where(c, 0, b) = where(c, a, b)", _either, ("where",)),
    Law("exp(u)/sum(exp(u)) = softmax(u)", _shares, ("sum",)),
    Law("x/x = 1 beside a term that has no value where x is 0", _guarded, (BELOW,)),
    Law("1 - sigmoid(u) = sigmoid(-u)", _complements, ("sigmoid",)),
    Law("a/x - a/x = 0 beside a term that has no value where x is 0", _without_shown_poles, (CANCELLED,)),
)
"""The laws, in the order in which they are applied."""

TABLE = LawTable(LAWS)
