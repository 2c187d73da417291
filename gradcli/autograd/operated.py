"""Operators outside recording: what one made of operands of the same kind before, it makes of these.

There promoting, broadcasting and choosing a primitive takes several times as long as the arithmetic on a few
numbers, and an update of a loop does the same each turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.run import demands
from gradcli.tape.custom import RENEWED
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from gradcli.tape.node import Operand, Primitive, Shape

MOST = 1_000
"""How many of them are remembered; where there are more, numbers change each time."""


class Made:
    """A node that an operator made: how to make its like.

    Attributes:
        inputs: from the two operands to what it reads.
    """

    __slots__ = ("attrs", "dtype", "inputs", "op", "shape")

    def __init__(self, node: Node, inputs: Callable[[Any, Any], tuple[Node, ...]]) -> None:
        self.op: Primitive = node.op
        self.attrs: tuple[Any, ...] = node.attrs
        self.shape: Shape = node.shape
        self.dtype: np.dtype[Any] = node.dtype
        self.inputs = inputs


class Operated:
    """What operators made, by symbol and operands: of a tensor shape and dtype, of a number itself."""

    __slots__ = ("made",)

    def __init__(self) -> None:
        self.made: dict[Any, Made] = {}

    def node(
        self, symbol: str, implementation: Callable[[Operand, Operand], Node], first: Operand, second: Operand
    ) -> Node:
        """The result of an operator as a node, which requires no grad."""
        one, other = _kind(first), _kind(second)
        if one is None or other is None:
            return implementation(first, second)
        key = (symbol, one, other)
        known = self.made.get(key)
        if known is not None:
            return Node(known.op, known.inputs(first, second), known.attrs, known.shape, known.dtype, False)
        before = demands()
        node = implementation(first, second)
        inputs = _taken(node, first, second) if demands() == before else None  # else it looked at values
        if inputs is not None and len(self.made) < MOST:
            self.made[key] = Made(node, inputs)
        return node


def _kind(operand: Operand) -> tuple[Any, Any] | None:
    """What of an operand an operator looks at; None where that may be what it was made of."""
    if type(operand) is Node:
        if operand.op is LITERAL or (operand.inputs and operand.op is not RENEWED):
            return None
        return operand.shape, id(operand.dtype)  # one object for as long as the program runs
    return (type(operand), operand) if operand else None  # zero has two signs


def _taken(node: Node, first: Operand, second: Operand) -> Callable[[Any, Any], tuple[Node, ...]] | None:
    """How what a node reads follows from the operands, where it is no more than these."""
    match node.inputs:
        case (one, other) if one is first and other is second:
            return lambda left, right: (left, right)
        case (one, other) if one is first and _is_number(other, second):
            return lambda left, right: (left, other)
        case (one, other) if _is_number(one, first) and other is second:
            return lambda left, right: (one, right)
        case (one,) if one is first and type(second) is not Node:
            return lambda left, right: (left,)
        case (one,) if one is second and type(first) is not Node:
            return lambda left, right: (right,)
    return None


def _is_number(node: Node, operand: Operand) -> bool:
    """Whether a node is a number of the program, as an operand."""
    return type(operand) is not Node and node.op is LEAF and not node.shape
