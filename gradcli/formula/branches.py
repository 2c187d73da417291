"""Choices between two sums by a condition: what both share in front, and choices within them made."""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula.coefficients import numeric_content, over
from gradcli.formula.normal import Sum, added, collected, magnitude, of_tree, product, rational, scaled
from gradcli.formula.quotients import GATES, ZERO, broadcast_all
from gradcli.formula.terms import Coefficient, Factor, Term, whole_labels
from gradcli.formula.tree import Expr, Shape, apply, number, walk
from gradcli.formula.turning import opposite
from gradcli.formula.writing import Writer, without


class Branches(Writer):
    """Writes choices."""

    def choice(self, condition: Expr, one: Sum, other: Sum) -> Sum:
        """The one where a condition holds, else the other; a number that both share stands in front."""
        one, other = self._decided(one, condition, 1), self._decided(other, condition, 2)
        if one.terms and not other.terms:
            relus = {
                (tree, labels)
                for term in one.terms
                for tree, labels, e in term
                if tree.op == "relu" and e > 0 and labels == whole_labels(tree.shape)
            }
            zero = {each for each in relus if self.above_0(each[0]) is condition}
            if zero and all(any(each[:2] in zero for each in term) for term in one.terms):
                return one  # it is 0 elsewhere already
        if not one.terms and (halved := _half_at_ties(condition, other)) is not None:
            return halved
        front: Coefficient = 1
        numbers: list[Coefficient] = []
        for value in (one, other):
            numbers += [magnitude(each) for each in value.terms.values()]
        if numbers and (one.constant is None or other.constant is None):
            front = numeric_content(numbers)
            if front != 1:
                apart = [scaled(each, over(1, front)) for each in (one, other)]
                whole, shorter = [
                    sum([self.plain(each).cost for each in pair]) for pair in ((one, other), apart)
                ]
                if shorter < whole:
                    one, other = apart
                else:
                    front = 1
        shape = broadcast_all([condition.shape, one.shape, other.shape])
        shared = self._shared(one, other)
        if shared:
            divided = {(tree, labels, e > 0): -e for tree, labels, e in shared}
            sides = [
                collected([(c, without(term, divided)) for term, c in each.terms.items()], each.shape)
                for each in (one, other)
            ]
            inner = self.choice(condition, *sides)
            return product(inner, collected([(front, shared)], shape)).shaped(shape)
        trees = [self.operand(each) for each in (one, other)]
        if trees[0] is trees[1]:
            same = of_tree(trees[0]) if trees[0].op == "number" else one
            return scaled(same, front).shaped(shape)
        for tree, value in zip(trees, (one, other), strict=True):
            self.sums.setdefault(tree, value.shaped(tree.shape))
        shape = broadcast_all([condition.shape, *[each.shape for each in trees]])
        tree = apply("where", condition, *trees, shape=shape)
        return collected([(front, [(tree, whole_labels(shape), 1)])], shape)

    def sides(self, left: Sum, right: Sum) -> tuple[Sum, Sum]:
        """Both sides of a comparison without what both have, and without minus: 1 - u and 0 as 1 and u."""
        both = added(left, right, -1)
        flat = self.expanded(both)
        shorter = flat is not None and self.plain(flat).cost < self.plain(both).cost
        both = flat if flat is not None and shorter else both
        signs = {c > 0 for c in both.terms.values()}
        cancels = len(both.terms) < len(left.terms) + len(right.terms)
        alone = len(signs) == 2 and not (left.terms and right.terms)
        if not (shorter or cancels or alone) or not signs or 0 in both.terms.values():
            return left, right
        above = Sum({term: c for term, c in both.terms.items() if c > 0}, both.shape)
        below = Sum({term: -c for term, c in both.terms.items() if c < 0}, both.shape)
        for side, rest in ((above, below), (below, above)):
            if not rest.terms and (one := side.single) is not None:
                side.terms[one[1]] = 1
        return above, below

    def above_0(self, relu: Expr) -> Expr:
        """The condition that something is not 0 that is held above it."""
        (u,) = relu.args
        left, right = self.sides(self.sum_of(u) or of_tree(u), Sum({}, u.shape))
        return compared("gt", self.operand(left), self.operand(right))

    def _shared(self, one: Sum, other: Sum) -> list[Factor]:
        """The factors that both sides of a choice have, but for choices and for numbers such as log(2)."""
        if not one.terms or not other.terms:
            return []
        contents = [
            self.content(each)[1] if len(each.terms) > 1 else [f for f in next(iter(each.terms)) if _alone(f)]
            for each in (one, other)
        ]
        return [
            each
            for each in contents[0]
            if each in contents[1]
            and each[0].op != "where"
            and any(part.op == "symbol" for part in walk([each[0]]))
        ]

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
            return self._united(value)
        gone = {term for group in groups.values() for term, _ in group}
        total = value.without(gone)
        for condition, group in groups.items():
            branches = [Sum({}, value.shape), Sum({}, value.shape)]
            for term, coefficient in group:
                for at in (0, 1):
                    branch = term[0][0].args[at + 1]
                    inner = self.sums.get(branch) or of_tree(branch)
                    branches[at] = added(branches[at], scaled(inner, coefficient)).shaped(value.shape)
            total = added(total, self.choice(condition, *branches)).shaped(value.shape)
        return total

    def _united(self, value: Sum) -> Sum | None:
        """a*where(c, 1, 0) and b*where(c, 0, 1), times what they share, as where(c, a, b)."""
        sides: dict[tuple[Expr, Shape], list[tuple[Term, Factor, int]]] = {}
        for term in value.terms:
            for factor in term:
                zero = [each.op == "number" and each.attrs[0] == 0 for each in factor[0].args[1:]]
                if factor[0].op == "where" and any(zero) and _chooses(factor, factor[0].args[0]):
                    key = factor[0].args[0], factor[0].shape
                    sides.setdefault(key, []).append((term, factor, 1 + zero.index(False)))
        for (condition, shape), group in sides.items():
            if {side for _, _, side in group} != {1, 2}:
                continue
            rests = [[each for each in term if each is not factor] for term, factor, _ in group]
            shared = [each for each in rests[0] if all(each in rest for rest in rests)]
            own = [[each for each in rest if each not in shared] for rest in rests]
            labels = set(whole_labels(shape))
            if any(not labels.issuperset(at) for rest in own for _, at, _ in rest):
                continue
            branches = {1: Sum({}, shape), 2: Sum({}, shape)}
            for (term, (tree, _, _), side), rest in zip(group, own, strict=True):
                taken = self.sums.get(tree.args[side]) or of_tree(tree.args[side])
                each = product(collected([(value.terms[term], rest)], shape), self.single(taken))
                branches[side] = added(branches[side], each).shaped(shape)
            chosen = self.choice(condition, branches[1], branches[2])
            left = value.without([term for term, _, _ in group])
            whole = product(collected([(1, shared)], value.shape), self.single(chosen))
            return added(left, whole.shaped(value.shape))
        return None

    def _taken_inside(self, value: Sum) -> Sum | None:
        """where(c, a, 0)*u + where(c, b, 0)*v as where(c, a*u + b*v, 0)."""
        groups: dict[tuple[Expr, int], list[tuple[Term, Factor]]] = {}
        for term in value.terms:
            gates = [(each, side) for each in term if (side := _open_side(each))]
            if len(gates) == 1 and len(term) > 1:
                ((factor, side),) = gates
                groups.setdefault((factor[0].args[0], side), []).append((term, factor))
        if not groups:
            return None
        (condition, side), group = max(groups.items(), key=lambda each: len(each[1]))
        branches = {side: Sum({}, value.shape), 3 - side: Sum({}, value.shape)}
        for term, factor in group:
            rest = collected(
                [(value.terms[term], [each for each in term if each is not factor])], value.shape
            )
            taken = self.sums.get(factor[0].args[side]) or of_tree(factor[0].args[side])
            branches[side] = added(branches[side], product(rest, self.single(taken)).shaped(value.shape))
        chosen = self.choice(condition, branches[1], branches[2]).shaped(value.shape)
        return added(value.without([term for term, _ in group]), chosen)

    def _three_ways(self, value: Sum) -> Sum | None:
        """Choices by several comparisons of the same two as one: where they are equal, where one is less."""
        pairs: dict[frozenset[Expr], list[Expr]] = {}
        for condition in _conditions(value):
            if condition.op in ORDERS:
                pairs.setdefault(frozenset(condition.args), []).append(condition)
        conditions = max(pairs.values(), key=len, default=[])
        if len(conditions) < 2:
            return None
        first = conditions[0].args
        less, equal, more = sides = [self._where(value, conditions, first, order) for order in (-1, 0, 1)]
        if any(condition in _conditions(side) for side in sides for condition in conditions):
            return None  # some stand where no choice can be made, as under a sum
        if equal.terms == less.terms:
            return self.choice(compared("le", *first), less, more)
        inner = self.choice(compared("lt", *first), less, more)
        if equal.terms == more.terms:
            return inner
        return self.choice(compared("eq", *first), equal, inner)

    def _where(self, value: Sum, conditions: list[Expr], first: tuple[Expr, ...], order: int) -> Sum:
        """A sum where one of two is less than the other, equal, or more, as the sign `order` says."""
        for _ in range(2):  # choices stand within choices
            for condition in conditions:
                own = order if condition.args == first else -order
                value = self._decided(value, condition, 1 if own in ORDERS[condition.op] else 2)
        return self.lawful(self.expanded(value) or value)


ORDERS = {"lt": (-1,), "le": (-1, 0), "eq": (0,), "ge": (0, 1), "gt": (1,), "ne": (-1, 1)}
"""For which signs of the difference a comparison holds."""


def _conditions(value: Sum) -> dict[Expr, None]:
    """The conditions of the choices within a sum."""
    trees = walk([tree for term in value.terms for tree, _, _ in term])
    return dict.fromkeys([each.args[0] for each in trees if each.op == "where"])


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
            parts = [above, number(-limit)]
            above = apply("add", *(parts if limit > 0 else parts[::-1]), shape=above.shape)
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


TURNED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


def compared(op: str, left: Expr, right: Expr) -> Expr:
    """A comparison, of which a number is the second side."""
    if left.op == "number" and right.op != "number":
        op, left, right = TURNED.get(op, op), right, left
    return apply(op, left, right, shape=broadcast_all([left.shape, right.shape]))


def _alone(factor: Factor) -> bool:
    """Whether a factor is one by itself."""
    return all(each is None or each < 0 for each in factor[1])


def _open_side(factor: Factor) -> int:
    """Which argument of a choice between an expression and 0 the expression is; 0 for any other factor."""
    tree = factor[0]
    if tree.op != "where" or tree.args[1:] in GATES or not _chooses(factor, tree.args[0]) or factor[2] != 1:
        return 0
    zero = [each is ZERO for each in tree.args]
    return 1 if zero[2] and not zero[1] else 2 if zero[1] and not zero[2] else 0


def _chooses(factor: Factor, condition: Expr) -> bool:
    """Whether a factor is a choice by a condition, or a sum with one in it."""
    tree, labels, exponent = factor
    if not isinstance(exponent, int) or exponent <= 0 or labels != whole_labels(tree.shape):
        return False
    if tree.op == "add":
        return any(each.op == "where" and each.args[0] is condition for each in walk(tree.args))
    return tree.op == "where" and tree.args[0] is condition
