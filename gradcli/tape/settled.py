"""The same tape where some of its conditions are known: what is not chosen is not there.

`where(c, a, b)` is `a` or `b` once `c` is known. In a gradient the side that is not chosen gets zeros, and
what would be computed from them is left out with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.tape.node import LEAF, Node, postorder
from gradcli.tape.primitives import LITERAL, Linear, add, expand_to, guarded_mul, where, zeros_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def conditions(order: Iterable[Node]) -> list[Node]:
    """The conditions of one element by which nodes choose, each once."""
    return list(
        dict.fromkeys([node.inputs[0] for node in order if node.op is where and not node.inputs[0].shape])
    )


def settled(roots: Sequence[Node], known: Mapping[Node, bool]) -> list[Node]:
    """The roots as they are where some conditions have these values, with nothing that they do not need."""

    def below(node: Node) -> Sequence[Node]:
        if node.op is where and node.inputs[0] in known:
            return (_choice(node, known),)
        return node.inputs

    found: dict[Node, Node] = {}
    zeros: set[Node] = set()
    for node in postorder(roots, below):
        if node in found:
            continue
        if node.op is where and node.inputs[0] in known:
            chosen = _choice(node, known)
            is_zero = chosen in zeros or (chosen.op is LITERAL and chosen.attrs[0] == 0)
            made = found[chosen]
            if made.shape != node.shape:
                made = expand_to(made, node.shape)
        else:
            inputs = tuple([found[each] for each in node.inputs])
            dead = [each in zeros for each in node.inputs]
            is_zero = any(dead) and (
                node.op is guarded_mul or (all(dead) and (node.op is add or isinstance(node.op, Linear)))
            )
            if is_zero:
                made = zeros_of(node)
            elif any(dead) and node.op is add and inputs[dead.index(False)].shape == node.shape:
                made = inputs[dead.index(False)]
            elif node.op is LEAF or all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
                made = node
            else:
                made = Node(node.op, inputs, node.attrs, node.shape, node.dtype, node.requires_grad)
        found[node] = made
        if is_zero:
            zeros.add(node)
    return [found[root] for root in roots]


def _choice(node: Node, known: Mapping[Node, bool]) -> Node:
    return node.inputs[1 if known[node.inputs[0]] else 2]
