"""Other ways to write a sum by what sin, cos, tan and their hyperbolic kin are of each other.

Each gives a sum that is equal, or None where there is none; `reading` chooses by length.
"""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula.forms import MOST_READ
from gradcli.formula.inside import Inside
from gradcli.formula.normal import Sum, added, collected, of_tree
from gradcli.formula.terms import Coefficient, Exponent, Factor, multiplied, term_of, whole_labels
from gradcli.formula.tree import BITS, Expr, apply, walk
from gradcli.formula.writing import remembered

RATIOS = {"tan": ("sin", "cos"), "tanh": ("sinh", "cosh")}
"""What a function is the ratio of."""

RATIO_BITS = BITS["tan"] | BITS["tanh"]

SQUARED = {"cos": ("sin", 1), "sin": ("cos", 1), "cosh": ("sinh", -1)}
"""For a function f what the square of is (1 - f(u))*(1 + f(u)), times a number."""

ANGLES = {
    **dict.fromkeys(("cos", "sin"), ("cos", "sin", -1)),
    **dict.fromkeys(("cosh", "sinh"), ("cosh", "sinh", 1)),
}
"""Which function of a pair is even, which odd, and the sign of f(u + v) = f(u)*f(v) + sign*g(u)*g(v)."""


class Angles(Inside):
    """Finds equal sums of sines, cosines and tangents."""

    def in_sines(self, value: Sum) -> Sum | None:
        """With tan and tanh as the ratios that they are."""
        ratios: dict[Expr, None] = {}
        for term in value.terms:
            for tree, _, _ in term:
                if tree.op in RATIOS:
                    ratios[tree] = None
                elif tree.op == "add" and tree.within & RATIO_BITS and tree.cost <= MOST_READ:
                    ratios.update(dict.fromkeys(self._ratios_of(tree)))
        if not ratios:
            return None
        granted = [apply(RATIOS[each.op][1], *each.args, shape=each.shape) for each in ratios]
        inside = self._within(value, self._as_ratios, frozenset(granted))
        found = self._ratios_apart(inside or value)
        return self.together(found) or found if found is not None else inside

    @remembered
    def _ratios_of(self, tree: Expr) -> list[Expr]:
        """The tan and tanh within an expression."""
        return [each for each in walk(tree.args) if each.op in RATIOS]

    def _as_ratios(self, value: Sum) -> Sum | None:
        found = self._ratios_apart(value)
        if found is None:
            below = any(tree.op in ("sin", "cos") and e < 0 for term in value.terms for tree, _, e in term)
            return self.together(value) if below else None
        return self.together(found) or found

    def _ratios_apart(self, value: Sum) -> Sum | None:
        if not any(tree.op in RATIOS for term in value.terms for tree, _, _ in term):
            return None
        terms: list[tuple[Coefficient, list[Factor]]] = []
        for term, coefficient in value.terms.items():
            factors: list[Factor] = []
            for tree, labels, exponent in term:
                more: list[Factor] = [(tree, labels, exponent)]
                if tree.op in RATIOS:
                    top, bottom = [apply(op, *tree.args, shape=tree.shape) for op in RATIOS[tree.op]]
                    more = [(top, labels, exponent), (bottom, labels, -exponent)]
                factors = multiplied(factors, more)
            terms.append((coefficient, factors))
        return collected(terms, value.shape)

    def parted_squares(self, value: Sum) -> Sum | None:
        """sin(u)**2/(1 + cos(u)) as 1 - cos(u), where the program divides by that, and so turned around."""
        terms: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            factors = list(term)
            for tree, labels, exponent in term:
                parts = _with_one(tree)
                if parts is None:
                    continue
                other, (one, sign) = parts
                square = apply(SQUARED[other.op][0], *other.args, shape=other.shape)
                below = tree if exponent < 0 else square
                power: Exponent = next((e for t, own, e in factors if t is square and own == labels), 0)
                if (
                    below not in self.domain.trees
                    or isinstance(power, Fraction)
                    or isinstance(exponent, Fraction)
                ):
                    continue
                both = min(abs(exponent), abs(power) // 2)
                if both < 1 or (power > 0) == (exponent > 0):
                    continue
                changed = True
                self.domain.cancelled[below] = None
                both = both if exponent < 0 else -both
                # (one + sign*f)*(one - sign*f) = 1 - f**2
                turned = collected([(one, []), (-sign, [(other, whole_labels(other.shape), 1)])], tree.shape)
                one_term = self.single(turned).single
                assert one_term is not None
                turn, ((rest, _, _),) = one_term
                more: list[Factor] = [(square, labels, -2 * both), (tree, labels, both), (rest, labels, both)]
                factors = multiplied(factors, more)
                coefficient = coefficient * int(turn * SQUARED[other.op][1]) ** abs(both)
            terms.append((coefficient, factors))
        return collected(terms, value.shape) if changed else None

    def added_angles(self, value: Sum) -> Sum | None:
        """cos(u)*cos(v) - sin(u)*sin(v) as cos(u + v), and so for sin, cosh and sinh."""
        for term, coefficient in value.terms.items():
            waves = [each for each in term if each[0].op in ANGLES and each[2] >= 1]
            for at, (one, labels, _) in enumerate(waves):
                even, odd, sign = ANGLES[one.op]
                for two, own, _ in waves[at + 1 :] if coefficient else ():
                    if own != labels or two.op not in (even, odd) or one.args == two.args:
                        continue
                    pair: list[Factor] = [(one, labels, -1), (two, labels, -1)]
                    swapped: list[Factor] = [
                        (apply(odd if each.op == even else even, *each.args, shape=each.shape), labels, 1)
                        for each in (one, two)
                    ]
                    rest = multiplied(list(term), pair)
                    other = term_of([*rest, *swapped])
                    beside = value.terms.get(other)
                    if beside is None or abs(beside) != abs(coefficient):
                        continue
                    if one.op == two.op:  # cos*cos and sin*sin, of which the first leads
                        lead = coefficient if one.op == even else beside
                        op, turn = even, (sign if beside == coefficient else -sign)
                    else:  # sin*cos and cos*sin, of which the one leads whose sin is of the first
                        lead = coefficient if one.op == odd else beside
                        op, turn = odd, 1 if beside == coefficient else -1
                    u, v = [self.sum_of(each.args[0]) or of_tree(each.args[0]) for each in (one, two)]
                    angle = self.read(added(u, v, turn))
                    whole = [*rest, (apply(op, angle, shape=one.shape), labels, 1)]
                    return value.united((term, other), whole, lead)
        return None


def _with_one(tree: Expr) -> tuple[Expr, tuple[int, int]] | None:
    """cos(u), 1 and -1, if an expression is 1 - cos(u); so for each sign, and for what else has a square."""
    if tree.op != "add" or len(tree.args) != 2:
        return None
    one, other = tree.args if tree.args[0].op == "number" else tree.args[::-1]
    negative = other.op == "neg"
    function = other.args[0] if negative else other
    if one.op != "number" or one.attrs[0] not in (1, -1) or function.op not in SQUARED:
        return None
    return function, (one.attrs[0], -1 if negative else 1)
