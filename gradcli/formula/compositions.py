"""Functions of inverse functions, and of logarithms, as algebra: cos(asin(u)) = sqrt(1 - u**2)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula.angles import Angles
from gradcli.formula.normal import Sum, added, collected, of_number, of_tree, product, rational
from gradcli.formula.terms import Coefficient, Exponent, Factor
from gradcli.formula.tree import Expr, apply

if TYPE_CHECKING:
    from collections.abc import Mapping

HALF = Fraction(1, 2)

U, BELOW_ONE, ABOVE_ONE, ODDS = "u", "1 - u**2", "1 + u**2", "1 + u"

COMPOSED: Mapping[tuple[str, str], tuple[Coefficient, Mapping[str, Exponent]]] = {
    ("sin", "asin"): (1, {U: 1}),
    ("cos", "acos"): (1, {U: 1}),
    ("tanh", "atanh"): (1, {U: 1}),
    ("cos", "asin"): (1, {BELOW_ONE: HALF}),
    ("sin", "acos"): (1, {BELOW_ONE: HALF}),
    ("tan", "asin"): (1, {U: 1, BELOW_ONE: -HALF}),
    ("tan", "acos"): (1, {U: -1, BELOW_ONE: HALF}),
    ("cos", "atan"): (1, {ABOVE_ONE: -HALF}),
    ("sin", "atan"): (1, {U: 1, ABOVE_ONE: -HALF}),
    ("tan", "atan"): (1, {U: 1}),
    ("cosh", "asinh"): (1, {ABOVE_ONE: HALF}),
    ("sinh", "asinh"): (1, {U: 1}),
    ("tanh", "asinh"): (1, {U: 1, ABOVE_ONE: -HALF}),
    ("cosh", "atanh"): (1, {BELOW_ONE: -HALF}),
    ("sinh", "atanh"): (1, {U: 1, BELOW_ONE: -HALF}),
    ("tanh", "log"): (-1, {BELOW_ONE: 1, ABOVE_ONE: -1}),
    ("cosh", "log"): (HALF, {ABOVE_ONE: 1, U: -1}),
    ("sinh", "log"): (-HALF, {BELOW_ONE: 1, U: -1}),
    ("sigmoid", "log"): (1, {U: 1, ODDS: -1}),
    ("sigmoid", "neg"): (1, {ODDS: -1}),
}
"""The outer and the inner function (`neg` is of a logarithm), a number, and powers of what u is made into."""

OUTER = frozenset([outer for outer, _ in COMPOSED])


def of_inverse(tree: Expr) -> Expr | None:
    """The inner function, if one of the `OUTER` functions is of an inverse function."""
    if (tree.op, tree.args[0].op) not in COMPOSED:
        return None
    (inner,) = tree.args
    if inner.op != "neg":
        return inner
    return inner.args[0] if inner.args[0].op == "log" else None


class Compositions(Angles):
    """Knows them by what is above and below a line."""

    def composed(self, value: Sum) -> Sum | None:
        """With functions of inverse functions as algebra; None where there are none."""
        terms: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            factors: list[Factor] = []
            for tree, labels, exponent in term:
                inner = of_inverse(tree) if tree.op in OUTER else None
                if inner is None or not isinstance(exponent, int) or isinstance(coefficient, float):
                    factors.append((tree, labels, exponent))
                    continue
                changed = True
                if inner.op == "log":
                    self.domain.cancelled[inner] = None  # where u is below 0 it has no value
                number, powers = COMPOSED[tree.op, tree.args[0].op]
                coefficient = rational(coefficient * Fraction(number) ** exponent)
                for base, power in powers.items():
                    of, own = self.factor(self._based(base, inner.args[0]))
                    shown = tuple([None if each is None else labels[each] for each in own])
                    whole = power * exponent
                    if whole == int(whole):
                        factors.append((of, shown, int(whole)))
                    else:
                        factors.append((apply("sqrt", of, shape=of.shape), shown, int(2 * whole)))
            terms.append((coefficient, factors))
        return collected(terms, value.shape) if changed else None

    def _based(self, base: str, u: Expr) -> Sum:
        """What stands for a base, of the u that is given."""
        value = self.single(self.sum_of(u) or of_tree(u))
        if base == U:
            return value
        one = of_number(1, value.shape)
        if base == ODDS:
            return added(one, value)
        return added(one, product(value, value), 1 if base == ABOVE_ONE else -1)
