"""Forward mode, from tape to tape: tangents carried along with the values, as ordinary nodes.

One pass over the nodes in the order in which they were recorded; each primitive turns the tangents
of its inputs into its own. A primitive without a forward rule of its own uses its reverse rule: that
is linear in the cotangent, and the transpose of a transpose is the map itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape import untaken
from gradcli.tape.general import PART
from gradcli.tape.node import LEAF, Node, is_steady, topological
from gradcli.tape.primitives import zeros_of
from gradcli.tape.reverse import leading_to, reverse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def forward(
    roots: Sequence[Node], tangents: Mapping[Node, Node], order: Sequence[Node] | None = None
) -> list[Node]:
    """The derivative of each root along a direction.

    Args:
        roots: what is differentiated.
        tangents: for nodes that require grad, a direction of the node's shape; others don't move.
        order: `topological(roots)`, when the caller has it already.

    Returns:
        For each root a node of its shape.
    """
    if order is None:
        order = topological(roots)
    moving = leading_to(order, tangents)
    known: dict[Node, Any] = dict(tangents)
    masked: set[Node] = set()  # nodes whose tangent holds zeros for what was not taken
    steady = is_steady()
    for node in order:
        if node in known or node not in moving or not node.inputs:
            continue
        if node.op.parts:
            continue  # its parts ask for their tangents one by one
        source = node.inputs[0] if node.op is PART else node
        guarded = steady or not masked.isdisjoint(source.inputs)
        tangent = tangent_of(node, [known.get(each) for each in source.inputs], guarded)
        if tangent is not None:
            known[node] = tangent
            if guarded or source.op.selects:
                masked.add(node)
    return [known[root] if root in known else zeros_of(root) for root in roots]


def tangent_of(node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
    """The tangent of a node from those of its inputs (of its source's, for a part); None is zero.

    `guarded` says that zeros in the tangents mean "not taken".
    """
    found = NotImplemented if node.op is PART else untaken.tangent(node, tangents, guarded)
    if found is not NotImplemented:
        return found
    found = _transposed_rule(node, tangents)
    return found if found is None or not guarded else untaken.shielded_tangent(found, tangents)


def probe(like: Node, shape: tuple[int, ...] | None = None) -> Node:
    """A direction or cotangent that is yet to be chosen, as a leaf that requires grad and takes no memory.

    It has the shape of `like`, or its own.
    """
    shape = like.shape if shape is None else shape
    return Node(LEAF, (), (), shape, like.dtype, True, np.broadcast_to(np.zeros((), like.dtype), shape))


def _transposed_rule(node: Node, tangents: Sequence[Node | None]) -> Node | None:
    """The tangent of `node` from its reverse rule, transposed once more.

    `tangents` are those of the inputs of `node`, or of its source when it is one of several parts.
    """
    source, parts = (node.inputs[0], node.inputs[0].op.parts) if node.op is PART else (node, 0)
    asked = probe(node)
    cotangent: Any = asked
    if parts:
        cotangent = [None] * parts
        cotangent[node.attrs[0]] = asked
    contributions = source.op.vjp(source, cotangent)
    pairs = [
        (contribution, tangent)
        for contribution, tangent in zip(contributions, tangents, strict=False)
        if contribution is not None and tangent is not None and contribution.requires_grad
    ]
    if not pairs:
        return None
    found: list[Node | None] = reverse([pair[0] for pair in pairs], [pair[1] for pair in pairs], [asked])
    return found[0]
