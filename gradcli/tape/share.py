"""Sharing: of nodes that compute the same one stands for all, and trivial ones go.

`shared` does that for the nodes that one recorded backward adds; without it each further derivative
multiplies the tape by four or five. Only new nodes are touched: what the user wrote is never merged, since
freeing is about the user's calls. Taylor series are finite because their equations are shared as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.tape.node import LEAF, Node, postorder
from gradcli.tape.primitives import LITERAL, neg, scale, scale_primitive

if TYPE_CHECKING:
    from collections.abc import Sequence


def exact(attrs: Sequence[Any]) -> tuple[Any, ...]:
    """Attributes such that 1, 1.0 and True differ, and 0.0 and -0.0."""
    for each in attrs:
        if type(each) is float or type(each) is bool:
            return tuple([(type(each), str(each)) if type(each) in (float, bool) else each for each in attrs])
    return tuple(attrs)


class Sharing:
    """Of nodes that compute the same the first stands for all.

    Args:
        simplifying: trivial ones go, too, which may change the last digit.
    """

    __slots__ = ("_first", "_simplifying")

    def __init__(self, simplifying: bool = True) -> None:
        self._first: dict[Any, Node] = {}
        self._simplifying = simplifying

    def of(self, node: Node, inputs: tuple[Node, ...]) -> Node:
        """What stands for `node`, whose inputs `inputs` stand for."""
        key: Any
        if node.op is LITERAL:
            key = (LITERAL, exact(node.attrs), node.dtype)
        elif node.op is LEAF:  # a Python number that a rule handed to an operation, or a value of its own
            key = node if node.shape or node.requires_grad else (LEAF, str(node.value), node.dtype)
        else:
            ordered = tuple(sorted(inputs, key=id)) if node.op.commutative else inputs
            key = (node.op, ordered, exact(node.attrs))
        found = self._first.get(key)
        if found is None:
            found = node if inputs == node.inputs else _again(node, inputs)
            found = self._first[key] = _simplified(found) if self._simplifying else found
        return found


def shared(gradients: Sequence[Node | None]) -> list[Node | None]:
    """The same gradients over fewer nodes.

    Args:
        gradients: nodes that a reverse walk has just recorded: theirs are the nodes without a call.
    """
    canonical: dict[Node, Node] = {}
    sharing = Sharing()
    for node in _new(gradients):
        canonical[node] = sharing.of(node, tuple([canonical.get(each, each) for each in node.inputs]))
    return [None if node is None else canonical.get(node, node) for node in gradients]


def _again(node: Node, inputs: tuple[Node, ...]) -> Node:
    return Node(node.op, inputs, node.attrs, node.shape, node.dtype, node.requires_grad, node.value)


def _simplified(node: Node) -> Node:
    """-(-x) is x, and one factor after another is one factor; both were recorded by rules."""
    op, inputs = node.op, node.inputs
    if op is neg and inputs[0].op is neg and inputs[0].call is None:
        return inputs[0].inputs[0]
    if op is scale_primitive and inputs[0].op is scale_primitive and inputs[0].call is None:
        return scale(inputs[0].inputs[0], inputs[0].attrs[0] * node.attrs[0])
    if op is neg and inputs[0].op is scale_primitive and inputs[0].call is None:
        return scale(inputs[0].inputs[0], -inputs[0].attrs[0])
    return node


def _new(gradients: Sequence[Node | None]) -> list[Node]:
    """The nodes without a call that the gradients depend on, inputs first."""
    return postorder(
        [root for root in gradients if root is not None and root.call is None],
        lambda node: [
            each for each in node.inputs if each.call is None and not (each.op is LEAF and each.requires_grad)
        ],
    )
