"""What is nowhere 0 where a program has a value and a gradient, so that a formula may cancel it.

A program has none where it divides by 0, takes the logarithm or the root of 0, or is at the end of what
`asin` is defined on. What differentiation then puts above and below a line is cancelled, and `asked` tells
where the formula may have a value that `eval` hasn't. A quotient such as x/x that the user wrote stays.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula.identities import Law
from gradcli.formula.normal import (
    Coefficient,
    Exponent,
    Factor,
    Sum,
    added,
    collected,
    of_number,
    rational,
    scaled,
    whole_labels,
)
from gradcli.tape.node import LEAF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.formula.recording import Recording
    from gradcli.formula.tree import Expr
    from gradcli.tape.node import Node

HALF = Fraction(1, 2)
MARKS = ("inverted", "sunk")
"""What stood below two lines."""

THROUGH = {
    *(
        "add",
        "sub",
        "neg",
        "mul",
        "div",
        "scale",
        "reciprocal",
        "sqrt",
        "rsqrt",
        "pow",
        "exp",
        "log",
        "log1p",
    ),
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf"),
    *("log", "log1p", "sigmoid", "expand", "reshape", "permute", "sum"),
}
"""Operations of which each element needs all of what it is computed from: no choice, no index."""

ENDS = {"asin": (1, -1, HALF), "acos": (1, -1, HALF), "acosh": (-1, 1, HALF), "atanh": (1, -1, 1)}
"""Where functions end: (a + b*u**2) to a power is below the line of their derivatives."""


class Domain:
    """What is nowhere 0, and what was cancelled because of that.

    Attributes:
        trees: what is nowhere 0.
        inside: for a root the number, and the factors with their exponents, that it is of.
        cancelled: what was cancelled.
        laws: that it may be cancelled, where there is any.
    """

    def __init__(self) -> None:
        self.trees: set[Expr] = set()
        self.inside: dict[Expr, tuple[Coefficient, dict[Expr, Exponent]]] = {}
        self.cancelled: dict[Expr, None] = {}
        self.laws: tuple[Law, ...] = ()

    def learn(self, recording: Recording, roots: Iterable[Node]) -> None:
        """Notes what the program divides by, or takes the root or the logarithm of."""
        nodes = _needed(roots)
        found: set[Expr] = set()
        for node in nodes:
            found |= _nonzero(recording, node)
        if not found:
            return
        for node in nodes:
            if node.op.name in ("mul", "div", "add", "sub"):
                found -= _written(recording.of(node))
        for tree in found:
            if tree.op == "sqrt":
                self._look_inside(recording, tree)
        self.trees |= found
        if self.trees:
            self.laws = (Law(CANCELLED_WORDS, self.without, ("below a line", "cancelled", *MARKS)),)

    def _look_inside(self, recording: Recording, root: Expr) -> None:
        """Notes the product that a root is of."""
        (tree,) = root.args
        self.inside[root] = 1, {tree: 1}
        value = recording.reader.sum_of(tree)
        one = None if value is None else recording.reader.single(value).single
        if one is None or isinstance(one[0], float):
            return
        coefficient, term = one
        whole = all(
            labels == whole_labels(inner.shape) and inner.shape == tree.shape for inner, labels, _ in term
        )
        if (
            whole
            and all(isinstance(e, int) for _, _, e in term)
            and len({each for each, _, _ in term}) == len(term)
        ):
            self.inside[root] = coefficient, {inner: int(e) for inner, _, e in term}

    def without(self, value: Sum) -> Sum:
        """u/u is 1, u/sqrt(u) is sqrt(u), and 0/u is 0, for any u that is nowhere 0."""
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
            number, factors = self._reduced(factors)
            changed = changed or factors != list(term)
            terms.append((coefficient * number, factors))
        return collected(terms, value.shape) if changed else value

    def _unmarked(self, factor: Factor) -> Factor:
        tree, labels, exponent = factor
        marked = tree.op in MARKS and tree.args[0] in self.trees
        return (tree.args[0] if marked else tree), labels, exponent

    def _reduced(self, factors: list[Factor]) -> tuple[Coefficient, list[Factor]]:
        """A number and the factors without what is above and below the line."""
        number: Coefficient = 1
        for tree, labels in [(tree, labels) for tree, labels, e in factors if e < 0 and tree in self.trees]:
            inside, product = self.inside.get(tree, (1, {}))
            keys = [(each, labels) for each in (tree, *product)]
            own = [each for each in factors if each[:2] in keys]
            powers = {key: sum([each[2] for each in own if each[:2] == key]) for key in keys}
            root = powers[tree, labels]
            if any(
                isinstance(each, Fraction) for each in (root, *[powers[inner, labels] for inner in product])
            ):
                continue
            if product:
                times = [powers[inner, labels] / e for inner, e in product.items()]
                copies = int(times[0]) if len(times) == 1 else 0
                total = 2 * copies + int(root)
                odd = total < 0 and total % 2 != 0  # 1/sqrt(u)**3 stays, which is 1/u**(3/2)
                powers[tree, labels] = total if odd else total % 2
                moved = (0 if odd else total // 2) - copies
                for inner, e in product.items():
                    powers[inner, labels] += e * moved
                number = number * Fraction(inside) ** moved
            left: list[Factor] = [(*key, e) for key, e in powers.items() if e]
            if set(left) != set(own):
                self.cancelled[tree] = None
                factors = [each for each in factors if each not in own] + left
        return rational(number), factors


CANCELLED_WORDS = "u/u = 1, u/sqrt(u) = sqrt(u) where the program divides by u, or takes its root or log"


def _needed(roots: Iterable[Node]) -> list[Node]:
    """The nodes without whose value the roots have none."""
    found: dict[Node, None] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node in found or node.op is LEAF or node.op.name not in THROUGH:
            continue
        found[node] = None
        stack += node.inputs
    return list(found)


def _nonzero(recording: Recording, node: Node) -> set[Expr]:
    """What is not 0 where a node has a value and a gradient."""
    name = node.op.name
    if name in ("div", "reciprocal", "log"):
        return _factors(recording, recording.of(node.inputs[-1]))
    if name in ("sqrt", "rsqrt"):
        return _factors(recording, recording.of(node))
    if name in ENDS:
        first, second, exponent = ENDS[name]
        square = recording.power(recording.of(node.inputs[0]), 2)
        end = added(of_number(first, node.shape), scaled(square, second))
        return _factors(recording, recording.power(end, exponent))
    if name == "pow" and node.attrs and (node.attrs[0] < 0 or node.attrs[0] != int(node.attrs[0])):
        return _factors(recording, recording.of(node))
    return set()


def _factors(recording: Recording, value: Sum) -> set[Expr]:
    """The factors of a product, and what their roots are of."""
    one = recording.reader.single(value).single
    if one is None:
        return set()
    found = {tree.args[0] if tree.op in MARKS else tree for tree, _, _ in one[1]}
    return found | {each.args[0] for each in found if each.op == "sqrt"}


def _written(value: Sum) -> set[Expr]:
    """What stands above and below a line, or cancels, in the program itself."""
    found: set[Expr] = set()
    for term, coefficient in value.terms.items():
        below = {tree for tree, _, e in term if e < 0}
        above = {tree for tree, _, e in term if e > 0}
        if coefficient == 0:
            found |= below
        found |= below & above
        for tree in below:
            if tree.op == "sqrt" and tree.args[0] in above:
                found |= {tree, tree.args[0]}
    return found
