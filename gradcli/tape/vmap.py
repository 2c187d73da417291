"""The same tape for many values at once: nodes recorded again under one more leading dim.

This is how all rows of a Jacobian or all columns of a Hessian go through the tape together. What
does not depend on the values that were replaced is shared between them and stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.tape.node import Node, topological
from gradcli.tape.primitives import expand_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def batched(
    roots: Sequence[Node],
    replaced: Mapping[Node, Node],
    size: int,
    order: Sequence[Node] | None = None,
    of_rows: bool = False,
) -> list[Node]:
    """Each root of shape S as a node of shape (size, *S).

    Args:
        roots: nodes that depend on the replaced ones (or don't: then they are broadcast).
        replaced: for nodes of shape S that require grad, nodes of shape (size, *S).
        size: how many values go through at once.
        order: what to record again, inputs first; by default all nodes that require grad, since directions
            and cotangents go through no others. Who replaces values needs comparisons and indices, too.
        of_rows: to the last bit, what comes of a value does not depend on the others.
    """
    known: dict[Node, Node] = dict(replaced)
    for node in topological(roots) if order is None else order:
        if node in known or not any(each in known for each in node.inputs):
            continue
        inputs = [known.get(each, each) for each in node.inputs]
        flags = [each in known for each in node.inputs]
        op = node.op.of_rows or node.op if of_rows else node.op
        known[node] = op.batch(node, inputs, flags, size)
    return [known[root] if root in known else expand_to(root, (size, *root.shape)) for root in roots]
