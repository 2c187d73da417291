"""Which matrices are decomposed once for several operations. Called by `numbering`, and by `ops.factored`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.tape.node import Node

EXCHANGED = ((-1, -2),)
"""The attributes of what transposes a matrix."""


def decomposed_in(a: Node) -> tuple[Node, bool]:
    """The matrix whose factors serve for this one, and whether this is its transpose."""
    turned = False
    while a.op.views and a.attrs == EXCHANGED and a.inputs:
        (a,), turned = a.inputs, not turned
    return a, turned


def decomposed_once(order: list[Node], same: dict[Node, Node]) -> list[Node]:
    """An order in which operations that want the factors of one matrix read them.

    Args:
        order: nodes, inputs first.
        same: filled with the node that each of them has the value of.
    """
    readers: dict[Node, list[Node]] = {}
    for node in order:
        if node.op.factored is not None and node.value is None:
            readers.setdefault(decomposed_in(node.inputs[0])[0], []).append(node)
    found: dict[Node, Node] = {}
    for node in [each for some in readers.values() if len(some) > 1 for each in some]:
        whole = node.op.factored(*node.inputs) if node.op.factored is not None else None
        if whole is not None:
            found[node] = whole
    if not found:
        return order
    same.update(found)
    result = []
    for node in order:
        whole = found.get(node)
        result.extend([node] if whole is None else [whole.inputs[0], whole, node])
    return result
