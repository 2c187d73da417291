"""Diagonals, as strides of the flattened matrix: no primitive of their own."""

from __future__ import annotations

from gradcli.ops.core import reshape_to
from gradcli.ops.indexing import padded, section
from gradcli.ops.shapes import permuted
from gradcli.tape.node import Node


def diagonal_of(x: Node, dim1: int, dim2: int, offset: int = 0) -> Node:
    """The diagonal over two (negative) dims, as the last dim of the result."""
    others = [dim for dim in range(-x.ndim, 0) if dim not in (dim1, dim2)]
    x = permuted(x, [*others, dim1, dim2])
    rows, columns = x.shape[-2:]
    if offset >= 0:
        length = max(min(rows, columns - offset), 0)
        start = offset
    else:
        length = max(min(rows + offset, columns), 0)
        start = -offset * columns
    flat = reshape_to(x, (*x.shape[:-2], rows * columns))
    if not length:
        return section(flat, -1, 0, 0)
    return section(flat, -1, start, start + (length - 1) * (columns + 1) + 1, columns + 1)


def embedded(x: Node, offset: int = 0) -> Node:
    """Matrices with the last dim of `x` on a diagonal: the transpose of `diagonal_of`."""
    length = x.shape[-1]
    size = length + abs(offset)
    # Each element begins a stretch of size + 1 of the flattened matrix; the rest is zero.
    spaced = padded(reshape_to(x, (*x.shape, 1)), -1, 0, size)
    flat = reshape_to(spaced, (*x.shape[:-1], length * (size + 1)))
    before = offset if offset >= 0 else -offset * size
    after = size * size - before - length * (size + 1)
    if after < 0:
        flat = section(flat, -1, 0, flat.shape[-1] + after)
        after = 0
    return reshape_to(padded(flat, -1, before, after), (*x.shape[:-1], size, size))
