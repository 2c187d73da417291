"""What is nowhere 0 where a program has a value and a gradient, so that a formula may cancel it.

A program has none where it divides by 0, takes the logarithm or the root of 0, or is at the end of what
`asin` is defined on. What differentiation then puts above and below a line is cancelled, and `asked` tells
where the formula may have a value that `eval` hasn't. A quotient such as x/x that the user wrote stays.
"""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula.groups import gathered
from gradcli.formula.normal import Sum, collected, rational
from gradcli.formula.terms import MARKS, Coefficient, Exponent, Factor, multiplied
from gradcli.formula.tree import Expr, apply


class CancelledDomains:
    """What is nowhere 0, and what was cancelled because of that.

    Attributes:
        trees: what is nowhere 0.
        inside: for a root the number, and the factors with their exponents, that it is of.
        cancelled: what was cancelled.
    """

    def __init__(self) -> None:
        self.trees: set[Expr] = set()
        self.inside: dict[Expr, tuple[Coefficient, dict[Expr, Exponent]]] = {}
        self.cancelled: dict[Expr, None] = {}

    def add(self, trees: set[Expr], inside: dict[Expr, tuple[Coefficient, dict[Expr, Exponent]]]) -> None:
        """Notes what is nowhere 0, and what its roots are of."""
        self.trees |= trees
        self.inside |= inside

    def without(self, value: Sum) -> Sum:
        """u/u is 1, u/sqrt(u) is sqrt(u), and 0/u is 0, for any u that is nowhere 0."""
        if not self.concerns(value):
            return value
        terms: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            factors = [self._unmarked(each) for each in term]
            if coefficient == 0:
                left = [each for each in factors if each[0] not in self.trees]
                if len(left) < len(term):
                    self.cancelled.update(
                        dict.fromkeys([tree for tree, _, _ in factors if tree in self.trees])
                    )
                    changed = True
                    if not left:
                        continue
                terms.append((0, left))
                continue
            number, factors = self._reduced(factors, len(value.terms) == 1)
            changed = changed or factors != list(term)
            terms.append((coefficient if number == 1 else coefficient * number, factors))
        return collected(terms, value.shape) if changed else value

    def concerns(self, value: Sum) -> bool:
        """Whether what is nowhere 0 may be cancelled by what is beside it, or is left of what was."""
        trees = self.trees
        if not trees:
            return False
        for term, coefficient in value.terms.items():
            for tree, labels, exponent in term:
                if tree.op in MARKS:
                    return True
                if tree in trees and (exponent < 0 or tree.op == "sqrt" or not coefficient):
                    _, product = self.inside.get(tree, (1, ()))
                    if not coefficient or labels or (product and exponent not in (1, -1)):
                        return True
                    for other, own, e in term:
                        if own or other in product or other.op == "xlogy":
                            return True
                        if other is tree and e != exponent:
                            return True
        return False

    def _unmarked(self, factor: Factor) -> Factor:
        tree, labels, exponent = factor
        marked = tree.op in MARKS and tree.args[0] in self.trees
        return (tree.args[0] if marked else tree), labels, exponent

    def _lowers(self, factor: Factor, factors: list[Factor]) -> bool:
        """Whether a factor is below the line, or a root that is squared or above what it is of."""
        tree, labels, exponent = factor
        if exponent < 0 or tree.op != "sqrt" or exponent % 2 == 0:
            return exponent < 0 or tree.op == "sqrt"
        _, product = self.inside.get(tree, (1, {}))
        return any(inner in product and own == labels and e < 0 for inner, own, e in factors)

    def _without_logarithms(self, factors: list[Factor]) -> list[Factor]:
        """xlogy(w, u)/log(u) is w, where the program divides by log(u)."""
        for tree, labels, exponent in factors:
            logarithm = apply("log", tree.args[1], shape=tree.shape) if tree.op == "xlogy" else None
            if logarithm is None or exponent != 1 or logarithm not in self.trees:
                continue
            if any(other is logarithm and own == labels and e < 0 for other, own, e in factors):
                self.cancelled[logarithm] = None
                more: list[Factor] = [(logarithm, labels, 1), (tree, labels, -1), (tree.args[0], labels, 1)]
                return self._without_logarithms(multiplied(factors, more))
        return factors

    def _reduced(self, factors: list[Factor], alone: bool) -> tuple[Coefficient, list[Factor]]:
        """A number and the factors without what is above and below the line."""
        number: Coefficient = 1
        if any(tree.op == "xlogy" for tree, _, _ in factors):
            factors = self._without_logarithms(factors)
        for tree, labels, exponent in factors:
            if exponent < 0 and tree in self.trees:
                for each in (tree, *self.inside.get(tree, (1, {}))[1]):
                    factors = gathered(factors, each, labels)
        for tree, labels, _ in [
            each for each in factors if each[0] in self.trees and self._lowers(each, factors)
        ]:
            inside, product = self.inside.get(tree, (1, {}))
            own = [each for each in factors if each[1] == labels and (each[0] is tree or each[0] in product)]
            if len(own) == 1 and (not product or own[0][2] in (1, -1)):
                continue  # nothing is beside it
            keys = [(each, labels) for each in (tree, *product)]
            powers = {key: sum([each[2] for each in own if each[:2] == key]) for key in keys}
            root = powers[tree, labels]
            if any(type(each) is Fraction for each in (root, *[powers[inner, labels] for inner in product])):
                continue
            if product:
                times = [int(powers[inner, labels] / e) for inner, e in product.items()]
                copies = times[0] if len(times) == 1 else max(min(times), 0) if alone else 0
                total = 2 * copies + int(root)
                left_over = total % 2
                if total < 0 and left_over:  # 1/sqrt(u)**3 stays, which is 1/u**(3/2), where no u is above
                    left_over = -1 if max(times) > 0 else total
                powers[tree, labels] = left_over
                moved = (total - left_over) // 2 - copies
                for inner, e in product.items():
                    powers[inner, labels] += e * moved
                if moved and inside != 1:
                    number = rational(number * Fraction(inside) ** moved)
            left: list[Factor] = [(*key, e) for key, e in powers.items() if e]
            if set(left) != set(own):
                self.cancelled[tree] = None
                factors = [each for each in factors if each not in own] + left
        return number, factors


CANCELLED_WORDS = "u/u = 1, u/sqrt(u) = sqrt(u) where the program divides by u, or takes its root or log"
