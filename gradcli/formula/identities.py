"""The laws that hold between terms of a sum, each one row: a pattern and what it comes to.

`reading` applies them to every sum before it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
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
from gradcli.formula.turning import opposite, squared

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

    def led_by(self, apply: Callable[[Sum], Sum]) -> LawTable:
        """The same, of which something else applies the first law."""
        table = copy(self)
        table.laws = (self.laws[0]._replace(apply=apply), *self.laws[1:])
        return table

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
            if coefficient == 0:
                found |= about[CANCELLED][0]
        if below:
            found |= about[BELOW][0]
        found &= beside
        return found if len(value.terms) > 1 else found & self.of_one

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
    """1/(1 + exp(u)) is sigmoid(-u), above the line as well."""

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
        return factors

    return in_terms(value, law)


def _turned_shares(value: Sum) -> Sum:
    """exp(u)*sigmoid(-u) is sigmoid(u)."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
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
        if sum([tree.op == "exp" for tree, _, _ in term]) < 2:
            return term
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
            if tree.op != "sqrt":
                continue
            (inner,) = tree.args
            powers = [e for each, own, e in factors if each is inner and own == labels]
            if not powers or not not_negative(inner):
                continue
            power = powers[0]
            total = power + Fraction(exponent) / 2
            crosses = power * exponent < 0 and total * power <= 0
            opposed = power * exponent < 0
            if (type(power) is Fraction or opposed) and (not crosses or never_zero(inner)):
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


def _hypotenuses(value: Sum) -> Sum:
    """(a**2 + b**2)/hypot(a, b) is hypot(a, b), where one of them is not 0."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "hypot" or exponent > -1:
                continue
            sides = {squared(each) for each in tree.args}
            for other, own, e in term:
                if own == labels and e >= 1 and other.op == "add" and set(other.args) == sides:
                    both = min(-exponent, e)
                    if never_zero(other):
                        more: list[Factor] = [(other, own, -both), (tree, labels, 2 * both)]
                        factors = [(t, at, plain_fraction(e)) for t, at, e in multiplied(factors, more)]
        return factors

    return in_terms(value, law)


def _positive_parts(value: Sum) -> Sum:
    """maximum(u, 0)*sign(u) is maximum(u, 0), and so for relu."""

    def law(term: list[Factor]) -> list[Factor]:
        factors = term
        for tree, labels, exponent in term:
            if tree.op != "sign" or exponent < 1:
                continue
            for other, own, e in term:
                if own == labels and e >= 1 and _positive_part(other) is tree.args[0]:
                    factors = multiplied(factors, [(tree, labels, -exponent)])
                    break
        return factors

    return in_terms(value, law)


def _positive_part(tree: Expr) -> Expr | None:
    """u, if an expression is relu(u) or maximum(u, 0)."""
    if tree.op == "maximum" and number(0) in tree.args:
        return next((each for each in tree.args if each is not number(0)), None)
    return tree.args[0] if tree.op == "relu" else None


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
        tuple([each.second for each in waves.PAIRS]),
        terms=2,
    ),
    Law(
        "1 - sin(u)**2 = cos(u)**2, 1 + sinh(u)**2 = cosh(u)**2, and the other way round; "
        "1 - 1/tanh(u)**2 = -1/sinh(u)**2",
        waves.squares,
        tuple([each.first for each in waves.SQUARES]),
        terms=2,
    ),
    Law("exp(u) + exp(-u) = 2*cosh(u), exp(u) - exp(-u) = 2*sinh(u)", waves.hyperbolic, ("exp",), terms=2),
    Law("exp(u)/cosh(u) = 2*sigmoid(2*u)", waves.over_cosh, ("exp",), ("cosh",)),
    Law("exp(u)*sigmoid(-2*u) = 1/(2*cosh(u))", waves.secants, ("exp",), ("sigmoid",)),
    Law("cosh(u)*sigmoid(2*u) = exp(u)/2", waves.shares, ("cosh",), ("sigmoid",)),
    Law(
        "cosh(u) + sinh(u) = exp(u), cosh(u) - sinh(u) = exp(-u)",
        waves.exponentials,
        ("cosh",),
        ("sinh",),
        terms=2,
    ),
    Law(
        "sin(u)/cos(u) = tan(u), sinh(u)/cosh(u) = tanh(u)",
        waves.ratios,
        tuple([each[0] for each in waves.RATIOS]),
        tuple([each[1] for each in waves.RATIOS]),
    ),
    Law("exp(u)/(exp(u) + exp(v)) = sigmoid(u - v)", _shares_of_two, (WITH_EXP,), ("exp",)),
    Law("1/(1 + exp(u)) = sigmoid(-u)", _logistic, (WITH_EXP,)),
    Law("exp(u)*sigmoid(-u) = sigmoid(u)", _turned_shares, ("exp",), ("sigmoid",)),
    Law("exp(u)*exp(-u) = 1", _opposite_powers, ("exp",)),
    Law("u**(3/2)*sqrt(u) = u**2 where u >= 0", _roots, ("sqrt",)),
    Law("maximum(u, 0)*sign(u) = maximum(u, 0)", _positive_parts, ("sign",), ("maximum", "relu")),
    Law("(a**2 + b**2)/hypot(a, b) = hypot(a, b)", _hypotenuses, ("hypot",), ("add",)),
    Law("u*sign(u) = abs(u), abs(u)*sign(u) = u", _signs, ("sign",)),
    Law("exp(u)/(exp(u) - 1) = 1/(1 - exp(-u))", _less_one, (WITH_EXP,), ("exp",)),
    Law("where(c, a, 0) + where(c, 0, b) = where(c, a, b)", _either, ("where",), terms=2),
    Law("exp(u)/sum(exp(u)) = softmax(u)", _shares, ("sum",)),
    Law("x/x = 1 beside a term that has no value where x is 0", _guarded, (BELOW,), terms=2),
    Law("1 - sigmoid(u) = sigmoid(-u)", _complements, ("sigmoid",), terms=2),
    Law("a/x - a/x = 0 beside a term that has no value where x is 0", _without_shown_poles, (CANCELLED,)),
)
"""The laws, in the order in which they are applied."""

TABLE = LawTable(LAWS)
