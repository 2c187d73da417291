"""Taylor mode with nodes as coefficients: derivatives in one variable as expressions in the others.

Mixed derivatives of high order are Taylor series of Taylor series: `gradcli.derivatives.higher` takes one
variable after the other, all but the last with nodes, so that the cost is polynomial in every order.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.derivatives.taylor import Taylor
from gradcli.errors import GradcliError
from gradcli.tape.node import LEAF, Node, leaf, needs_grad
from gradcli.tape.primitives import (
    LITERAL,
    Linear,
    div,
    expand_to,
    literal,
    plus,
    scale,
    times,
    where,
    zeros_of,
)
from gradcli.tape.untaken import shielded

if TYPE_CHECKING:
    from collections.abc import Sequence

HIGHEST = 170
"""The largest number whose factorial is a float64."""


class Term:
    """A coefficient that is a node, or zero: what the rules of `taylor` calculate with."""

    __slots__ = ("node",)
    __array_ufunc__ = None  # a NumPy number on the left leaves the arithmetic to us

    def __init__(self, node: Node | None) -> None:
        self.node = node

    def __add__(self, other: Any) -> Term:
        if isinstance(other, Term):
            return Term(plus(self.node, other.node))
        assert other == 0
        return self

    __radd__ = __add__

    def __sub__(self, other: Term) -> Term:
        return self + other * -1.0

    def __mul__(self, other: Any) -> Term:
        if self.node is None:
            return self
        if isinstance(other, Term):
            return other if other.node is None else Term(times(self.node, other.node))
        return Term(None if other == 0 else scale(self.node, float(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Term:
        if self.node is None:
            return self
        if isinstance(other, Term):
            assert other.node is not None
            return Term(div(self.node, other.node))
        return Term(scale(self.node, 1 / other))


class TaylorNodes(Taylor):
    """Power series whose coefficients are nodes."""

    def coefficient(self, node: Node, k: int) -> Any:
        found = super().coefficient(node, k)
        if isinstance(found, Term) and found.node is not None and found.node.shape != node.shape:
            found = self._series[node][k] = Term(expand_to(found.node, node.shape))
        return found

    def value(self, node: Node) -> Term:
        if node.op is LEAF or node.op is LITERAL or not node.inputs:
            return Term(node)
        inputs = [
            self._whole(self.value(each) if each.op.parts else self.coefficient(each, 0), each)
            for each in node.inputs
        ]
        if all(mine is theirs for mine, theirs in zip(inputs, node.inputs, strict=True)):
            return Term(node)
        return Term(Node(node.op, tuple(inputs), node.attrs, node.shape, node.dtype, needs_grad(inputs)))

    def _whole(self, term: Term, like: Node) -> Node:
        return zeros_of(like) if term.node is None else term.node

    def wrapped(self, coefficient: Any, node: Node) -> Term:
        return Term(leaf(np.asarray(coefficient, node.dtype)))

    def zero(self, node: Node) -> Term:
        return Term(None)

    def applied(self, node: Node, coefficients: Sequence[Any]) -> Term:
        op = node.op
        terms = list(coefficients)
        zeros = [each.node is None for each in terms]
        if all(zeros) if isinstance(op, Linear) else any(zeros):
            return Term(None)
        inputs = tuple(self._whole(term, each) for term, each in zip(terms, node.inputs, strict=True))
        return Term(Node(op, inputs, node.attrs, node.shape, node.dtype, needs_grad(inputs)))

    def selected(self, node: Node, condition: Any, a: Any, b: Any) -> Term:
        if a.node is None and b.node is None:
            return Term(None)
        sides = [literal(0.0, node.dtype) if each.node is None else each.node for each in (a, b)]
        return Term(where(condition.node, *sides))

    def doubtful(self, found: Any) -> bool:
        return found.node is not None

    def shielded(self, found: Any, coefficients: Sequence[Any], alongs: Sequence[Any]) -> Term:
        present = [(each.node, along) for each, along in zip(coefficients, alongs, strict=True) if each.node]
        return Term(shielded(found.node, [each[0] for each in present], [each[1] for each in present]))

    def singular(self, base: Any) -> Any:
        return None


def derivative_node(root: Node, along: Node, order: int) -> Node | None:
    """The derivative of `root` of that order along ones in a leaf, as a node; None is zero."""
    if not root.requires_grad:
        return None if order else root
    taylor = TaylorNodes({along: [np.ones(along.shape, along.dtype)]})
    node = taylor.coefficients(root, order)[order].node
    return None if node is None else scale(node, factor(order))


def factor(order: int) -> float:
    """What makes a derivative of a Taylor coefficient.

    Raises:
        GradcliError: `limit`, where it is no float any more.
    """
    if order > HIGHEST:
        raise GradcliError(
            "limit",
            f"order {order} in one name is too high: the factorial of {HIGHEST + 1} is beyond float64",
        )
    return float(factorial(order))
