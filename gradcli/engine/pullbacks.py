"""Reverse mode on values: what `tape.reverse` walks with when nobody differentiates the gradient again.

A node's pullback takes its cotangent to those of its inputs. It is derived once for an operation on given
shapes and dtypes, by applying the rule to placeholders, and generated as a function; from then on a node of
that kind costs one call, and no node is made for its gradient. For small arrays: large ones are planned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.engine.repeats import Repeats
from gradcli.tape.node import FLOAT64, LEAF, Node, leaf
from gradcli.tape.untaken import contributions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PULLBACKS = Repeats(patience=10, most=4096)
"""For a kind of node: from the values of its inputs, its own and its cotangent to the inputs' cotangents.

To generate one takes as long as walking forty nodes.
"""


class Values:
    """Cotangents as values. Every node that is walked has its value, and so have its inputs."""

    @staticmethod
    def contributions(node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        """What a node hands to its inputs, as `Primitive.vjp` has it."""
        inputs = node.inputs
        # Shape and dtype of the node follow from the rest. A dtype is one object for as long as the program
        # runs; its own hash is slow.
        values: Sequence[Any]
        if guarded or len(inputs) > 2:
            values = [each.value for each in inputs]
            key = (node.op, node.attrs, guarded, *map(_described, inputs))
        elif len(inputs) == 1:
            (x,) = inputs
            values = (x.value,)
            key = (node.op, node.attrs, x.shape, id(x.dtype))
        else:
            x, y = inputs
            values = (x.value, y.value)
            if x.dtype is y.dtype is FLOAT64 and x.shape == y.shape == ():
                key = (node.op, node.attrs, x.requires_grad, y.requires_grad)
            else:
                op, x_dtype, y_dtype = node.op, id(x.dtype), id(y.dtype)
                key = (op, node.attrs, x.shape, x_dtype, x.requires_grad, y.shape, y_dtype, y.requires_grad)
        try:
            pullback = PULLBACKS.made.get(key)
        except TypeError:  # a list where a number belongs
            return _applied(node, cotangent, guarded)
        if pullback is None:
            if not (node.op.parts or node.op.of_program):
                pullback = PULLBACKS.find(key, lambda: _generated(node, guarded))
            if pullback is None:
                return _applied(node, cotangent, guarded)
        found: Sequence[Any] = pullback(*values, node.value, cotangent)
        return found

    @staticmethod
    def plus(left: Any, right: Any) -> Any:
        """The sum of two contributions, of which None is zero."""
        return right if left is None else left if right is None else left + right

    @staticmethod
    def zeros(node: Node) -> Any:
        """Zero in the shape and dtype of a node."""
        return 0.0 if node.dtype is FLOAT64 and not node.shape else np.zeros(node.shape, node.dtype)


VALUES = Values()


def _described(node: Node) -> tuple[Any, ...]:
    """What a pullback knows of an input."""
    return node.shape, id(node.dtype), node.requires_grad


def _applied(node: Node, cotangent: Any, guarded: bool) -> list[Any]:
    """The contributions by the rule itself, recorded and computed at once."""
    arrived = [None if each is None else leaf(each) for each in (cotangent if node.op.parts else [cotangent])]
    found = contributions(node, arrived if node.op.parts else arrived[0], guarded)
    engine.compute([each for each in found if each is not None])
    return [None if each is None else each.value for each in found]


def _generated(node: Node, guarded: bool) -> Callable[..., Sequence[Any]]:
    """The pullback of all nodes like this one."""
    from gradcli.engine.trace import Trace

    inputs = [Node(LEAF, (), (), each.shape, each.dtype, each.requires_grad) for each in node.inputs]
    result = Node(node.op, tuple(inputs), node.attrs, node.shape, node.dtype, node.requires_grad)
    cotangent = Node(LEAF, (), (), node.shape, node.dtype, False)
    found = contributions(result, cotangent, guarded)
    return Trace([*inputs, result, cotangent], found).compiled()
