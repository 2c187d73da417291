"""Sharing among the nodes that one recorded backward adds: equal ones become one, trivial ones go.

Without it each further derivative multiplies the tape by four or five. Only new nodes are touched:
what the user wrote is never merged, since freeing is about the user's calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.tape.node import LEAF, Node, postorder
from gradcli.tape.primitives import LITERAL, neg, scale, scale_primitive

if TYPE_CHECKING:
    from collections.abc import Sequence


def shared(gradients: Sequence[Node | None]) -> list[Node | None]:
    """The same gradients over fewer nodes.

    Args:
        gradients: nodes that a reverse walk has just recorded: theirs are the nodes without a call.
    """
    canonical: dict[Node, Node] = {}
    known: dict[Any, Node] = {}
    for node in _new(gradients):
        inputs = tuple([canonical.get(each, each) for each in node.inputs])
        key: Any
        if node.op is LITERAL:
            key = (LITERAL, node.attrs, node.dtype, type(node.attrs[0]), str(node.attrs[0]))
        elif node.op is LEAF:  # a Python number that a rule handed to an operation
            key = (LEAF, str(node.value), node.dtype) if not node.shape else node
        else:
            ordered = tuple(sorted(inputs, key=id)) if node.op.commutative else inputs
            key = (node.op, ordered, node.attrs)
        found = known.get(key)
        if found is None:
            found = node if inputs == node.inputs else _again(node, inputs)
            found = known[key] = _simplified(found)
        canonical[node] = found
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
