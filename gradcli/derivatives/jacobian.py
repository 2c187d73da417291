"""Whole Jacobians: a probe in reverse or forward mode, then every row or column through the tape at once.

Called for Jacobians and (on gradients, so forward over reverse) for Hessians. What is computed by `higher` is
recorded by `functional`, for programs that ask for it themselves, and for compiled ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.run import compute, value
from gradcli.ops.shapes import permuted
from gradcli.tape import context
from gradcli.tape.forward import forward, probe
from gradcli.tape.node import Node, leaf
from gradcli.tape.primitives import reshape_to
from gradcli.tape.reverse import reverse
from gradcli.tape.vmap import batched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Array = np.ndarray[Any, np.dtype[Any]]

BATCH_ELEMENTS = 1 << 22
"""How many elements a batch of probes may have: enough to pay, small enough to fit in memory many times."""


def _unit_vectors(like: Node, widest: int) -> Iterator[tuple[int, int, Node]]:
    """Unit vectors in the shape of `like`, as many at a time as the widest node allows."""
    step = max(1, min(like.size, BATCH_ELEMENTS // max(widest, 1)))
    for start in range(0, like.size, step):
        stop = min(start + step, like.size)
        block = np.zeros((stop - start, like.size), like.dtype)
        block[np.arange(stop - start), np.arange(start, stop)] = 1
        yield start, stop, leaf(block.reshape(stop - start, *like.shape), True)


def jacobian_rows(root: Node, wrt: Sequence[Node]) -> list[Array | None]:
    """Reverse mode: the derivative of each element of `root` by each of `wrt`, of shape root + leaf.

    None stands for a block that is zero because nothing connects the two.
    """
    seed = probe(root)
    gradients = reverse([root], [seed], wrt)
    return _assembled(gradients, seed, [root.shape + each.shape for each in wrt], transposed=False)


def jacobian_columns(roots: Sequence[Node | None], leaf_node: Node) -> list[Array | None]:
    """Forward mode: the derivative of each root by each element of a leaf, of shape root + leaf."""
    direction = probe(leaf_node)
    present = [root for root in roots if root is not None]
    tangents = iter(forward(present, {leaf_node: direction}))
    found = [None if root is None else next(tangents) for root in roots]
    shapes = [() if root is None else root.shape + leaf_node.shape for root in roots]
    return _assembled(found, direction, shapes, transposed=True)


def _assembled(
    nodes: Sequence[Node | None], replaced: Node, shapes: Sequence[tuple[int, ...]], *, transposed: bool
) -> list[Array | None]:
    """The blocks, of which each unit vector in place of `replaced` gives a row or (transposed) a column."""
    moving = depending(nodes)
    results: list[Array | None] = []
    for node, shape in zip(moving, shapes, strict=True):
        if node is None:
            results.append(None)
            continue
        context.admit(replaced.size * node.size * node.dtype.itemsize, shape)
        rows = (replaced.size, node.size)
        results.append(np.empty(rows[::-1] if transposed else rows, node.dtype))
    present = [node for node in moving if node is not None]
    if not present:
        return results
    widest = max(node.size for node in (*present, replaced))
    for start, stop, block in _unit_vectors(replaced, widest):
        found = batched(present, {replaced: block}, stop - start)
        compute(found)
        values = iter(found)
        for result in results:
            if result is not None:
                part = np.asarray(value(next(values))).reshape(stop - start, -1)
                if transposed:
                    result[:, start:stop] = part.T
                else:
                    result[start:stop] = part
    return [
        None if result is None else result.reshape(shape)
        for result, shape in zip(results, shapes, strict=True)
    ]


# ---- the same as nodes, which can be differentiated again --------------------------------------------


def depending(nodes: Sequence[Node | None]) -> list[Node | None]:
    """Those that depend on a leaf, and None in place of the others."""
    return [node if node is not None and node.requires_grad else None for node in nodes]


def unit_vectors(like: Node) -> Node:
    """All unit vectors in the shape of `like`, one behind the other along a new leading dim."""
    context.admit(like.size * like.size * like.dtype.itemsize, (like.size, *like.shape))
    return leaf(np.eye(like.size, dtype=like.dtype).reshape(like.size, *like.shape))


def row_nodes(gradients: Sequence[Node | None], seed: Node, size: int) -> list[Node | None]:
    """From gradients with a probe as the seed: those for each unit vector, of shape (size, *leaf)."""
    moving = depending(gradients)
    present = [node for node in moving if node is not None]
    found = iter(batched(present, {seed: unit_vectors(seed)}, size) if present else ())
    return [None if node is None else next(found) for node in moving]


def column_nodes(roots: Sequence[Node | None], wrt: Node) -> list[Node | None]:
    """Forward mode: the derivative of each root by each element of `wrt`, of shape root + wrt."""
    direction = probe(wrt)
    present = [root for root in roots if root is not None and root.requires_grad]
    tangents = forward(present, {wrt: direction})
    along = dict(zip(present, tangents, strict=True))
    moving = depending([None if root is None else along.get(root) for root in roots])
    batch = [node for node in moving if node is not None]
    found = iter(batched(batch, {direction: unit_vectors(wrt)}, wrt.size) if batch else ())
    columns: list[Node | None] = []
    for root, node in zip(roots, moving, strict=True):
        if root is None or node is None:
            columns.append(None)
            continue
        last = permuted(next(found), [*range(-root.ndim, 0), -root.ndim - 1])
        columns.append(reshape_to(last, root.shape + wrt.shape))
    return columns


def jacobian_nodes(root: Node, wrt: Sequence[Node]) -> list[Node | None]:
    """The derivative of each element of `root` by each of `wrt`, by whichever mode has fewer to do."""
    if sum(each.size for each in wrt) < root.size:
        return [column_nodes([root], each)[0] for each in wrt]
    seed = probe(root)
    rows = row_nodes(reverse([root], [seed], wrt), seed, root.size)
    return [
        None if row is None else reshape_to(row, root.shape + each.shape)
        for row, each in zip(rows, wrt, strict=True)
    ]


def hessian_nodes(gradients: Sequence[Node | None], wrt: Sequence[Node]) -> list[list[Node | None]]:
    """The derivatives of the gradient by each leaf, by each leaf: a row of blocks for each gradient."""
    columns = [column_nodes(gradients, each) for each in wrt]
    return [list(row) for row in zip(*columns, strict=True)]
