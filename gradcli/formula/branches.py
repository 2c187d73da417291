"""Choices between two sums by a condition: what both share in front, and choices within them made."""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula.coefficients import numeric_content, over
from gradcli.formula.normal import Sum, added, collected, magnitude, of_tree, product, rational, scaled
from gradcli.formula.quotients import broadcast_all
from gradcli.formula.terms import Coefficient, Factor, Term, whole_labels
from gradcli.formula.tree import Expr, apply, number, walk
from gradcli.formula.turning import opposite
from gradcli.formula.writing import Writer


class Branches(Writer):
    """Writes choices."""

    def choice(self, condition: Expr, one: Sum, other: Sum) -> Sum:
        """The one where a condition holds, else the other; a number that both share stands in front."""
        one, other = self._decided(one, condition, 1), self._decided(other, condition, 2)
        if not other.terms and condition.op == "gt" and condition.args[1].attrs == (0,):
            relu = apply("relu", condition.args[0], shape=condition.args[0].shape)
            if one.terms and all(any(each[0] is relu and each[2] > 0 for each in term) for term in one.terms):
                return one  # it is 0 elsewhere already
        if not one.terms and (halved := _half_at_ties(condition, other)) is not None:
            return halved
        front: Coefficient = 1
        numbers: list[Coefficient] = []
        for value in (one, other):
            numbers += [magnitude(each) for each in value.terms.values()]
        if numbers and (one.constant is None or other.constant is None):
            front = numeric_content(numbers)
            one, other = [scaled(each, over(1, front)) for each in (one, other)]
        trees = [self.operand(each) for each in (one, other)]
        if trees[0] is trees[1]:
            same = of_tree(trees[0]) if trees[0].op == "number" else one
            return scaled(same, front).shaped(broadcast_all([condition.shape, one.shape, other.shape]))
        for tree, value in zip(trees, (one, other), strict=True):
            self.sums.setdefault(tree, value.shaped(tree.shape))
        shape = broadcast_all([condition.shape, *[each.shape for each in trees]])
        tree = apply("where", condition, *trees, shape=shape)
        return collected([(front, [(tree, whole_labels(shape), 1)])], shape)

    def _decided(self, value: Sum, condition: Expr, taken: int) -> Sum:
        """Inside a branch, a choice by the same condition is made."""
        if not any(_chooses(each, condition) for term in value.terms for each in term):
            return value
        total = Sum({}, value.shape)
        for term, coefficient in value.terms.items():
            rest = collected(
                [(coefficient, [each for each in term if not _chooses(each, condition)])], value.shape
            )
            for factor in [each for each in term if _chooses(each, condition)]:
                tree = factor[0]
                if tree.op == "add":
                    inner = self._decided(self.sum_of(tree) or of_tree(tree), condition, taken)
                else:
                    inner = self.sums.get(tree.args[taken]) or of_tree(tree.args[taken])
                inner = self.single(inner)
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
                and term[0][0].op == "where"
                and _chooses(term[0], term[0][0].args[0])
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


FINITE = frozenset(("symbol", "add", "mul", "matmul", "abs", "sin", "cos", "sigmoid", "tanh", "softmax"))
"""What has a value wherever its operands do, so that 0 times it is 0."""


SMOOTH = FINITE | {"number", "neg", "exp", "transpose", "index", "slice", "sum"}
"""What has a finite derivative wherever its operands have one."""


def _half_at_ties(condition: Expr, value: Sum) -> Sum | None:
    """where(u < 0, 0, a*where(u == 0, 1/2, 1)) as a*(1 + sign(u))/2, for a number in place of 0 as well."""
    if condition.op not in ("lt", "gt") or all(each.op != "number" for each in condition.args):
        return None
    low, high = condition.args if condition.op == "lt" else condition.args[::-1]
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        ties = [each for each in term if _is_half(each, condition)]
        rest = [each for each in term if each not in ties]
        if len(ties) != 1 or any(tree.op not in FINITE or e < 0 for tree, _, e in rest):
            return None
        tree, labels, _ = ties[0]
        above = low if high.op == "number" else opposite(high)  # of low < high, what is negative
        limit = high.attrs[0] if high.op == "number" else -low.attrs[0]
        if limit:
            above = apply("add", above, number(-limit), shape=above.shape)
        if any(each.op not in SMOOTH for each in walk([above])):
            return None
        below = opposite(above)
        turned = below.cost < above.cost
        sign = apply("sign", below if turned else above, shape=tree.shape)
        half = rational(coefficient * Fraction(1, 2))
        terms += [(half, rest), (-half if turned else half, [*rest, (sign, labels, 1)])]
    return collected(terms, value.shape)


def _is_half(factor: Factor, condition: Expr) -> bool:
    """Whether a factor is 1/2 where both sides of a comparison are equal, and 1 elsewhere."""
    tree, _, exponent = factor
    if tree.op != "where" or exponent != 1 or tree.args[0].op != "eq":
        return False
    half = apply("div", number(1), number(2))
    return tree.args[1:] == (half, number(1)) and set(tree.args[0].args) == set(condition.args)


def _chooses(factor: Factor, condition: Expr) -> bool:
    """Whether a factor is a choice by a condition, or a sum with one in it."""
    tree, labels, exponent = factor
    if not isinstance(exponent, int) or exponent <= 0 or labels != whole_labels(tree.shape):
        return False
    if tree.op == "add":
        return any(each.op == "where" and each.args[0] is condition for each in walk(tree.args))
    return tree.op == "where" and tree.args[0] is condition
