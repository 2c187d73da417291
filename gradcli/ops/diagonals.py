"""Diagonals, as strides of the flattened matrix, and triangles, by the primitive `band`.

The functions of the table for them stand below; rules of the decompositions use the helpers above.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.indexing import padded, section
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, integer, permuted
from gradcli.tape import context
from gradcli.tape.node import FLOATS, INT64, Node, Operand, leaf
from gradcli.tape.primitives import Linear, as_node, cast, reduce_sum, reshape_to
from gradcli.tape.promote import dim_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.tape.node import Shape


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


MASKED = 1 << 20
"""Bytes of a mask up to which it is kept: a comparison of places takes as long as the rest."""


def _mask(shape: Shape, low: int | None, high: int | None) -> Any:
    """Which places of a matrix are neither below the diagonal `low` nor above the diagonal `high`."""
    rows, columns = shape
    kept = np.ones(shape, bool)
    if low is not None:
        kept &= ~np.tri(rows, columns, low - 1, bool)
    if high is not None:
        kept &= np.tri(rows, columns, high, bool)
    return kept


_known_mask = lru_cache(16)(_mask)


def _band_into(x: Any, low: int | None, high: int | None, out: Any) -> Any:
    shape = out.shape[-2:]
    mask = _known_mask if prod(shape) <= MASKED else _mask
    out.fill(0)
    np.copyto(out, x, where=mask(shape, low, high))
    return out


def _band_kernel(x: Any, low: int | None, high: int | None) -> Any:
    return _band_into(x, low, high, np.empty(x.shape, x.dtype))


band: Linear = Linear(
    "band",
    _band_kernel,
    lambda x, low, high: (x.shape, x.dtype),
    lambda g, node: [band(g, attrs=node.attrs)],
    selects=True,
    moves=True,
    into=_band_into,
)
"""Matrices with zeros below the diagonal `low`, or above the diagonal `high`: its own transpose."""


def lower_triangle(x: Node, diagonal: int = 0) -> Node:
    """The matrices without what is above a diagonal."""
    return band(x, attrs=(None, diagonal))


def upper_triangle(x: Node, diagonal: int = 0) -> Node:
    """The matrices without what is below a diagonal."""
    return band(x, attrs=(diagonal, None))


# ---- functions of the table ----


def _two_dims(dim1: Any, dim2: Any, rank: int) -> tuple[int, int]:
    first, second = dim_index(dim1, rank), dim_index(dim2, rank)
    if first == second:
        raise GradcliError("bad-argument", f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


@function(SHAPE, "diagonal")
def diagonal(input: Operand, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Node:
    """the diagonal over two dims, as the last dim"""
    x = as_node(input)
    first, second = _two_dims(dim1, dim2, x.ndim)
    if x.ndim < 2:
        raise GradcliError("shape", f"diagonal: expected a tensor of at least 2 dims, but it has {x.ndim}")
    return diagonal_of(x, first, second, integer(offset, "offset"))


@function(SHAPE, "diag_embed")
def diag_embed(input: Operand, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Node:
    """matrices, in two new dims, with the last dim of input on a diagonal"""
    x = as_node(input)
    first, second = _two_dims(dim1, dim2, x.ndim + 1)
    if not x.ndim:
        raise GradcliError("shape", "diag_embed: expected a tensor of at least 1 dim, but it is a number")
    matrices = embedded(x, integer(offset, "offset"))
    rank = matrices.ndim
    others = iter(range(-rank, -2))
    order = [-2 if dim == first else -1 if dim == second else next(others) for dim in range(-rank, 0)]
    return permuted(matrices, order)


def _diag_name(call: Mapping[str, Any]) -> str:
    x = call["input"]
    return "DiagonalBackward0_copy" if isinstance(x, Node) and x.ndim == 2 else "DiagEmbed"


@function(SHAPE, "diag", grad_fn=_diag_name)
def diag(input: Operand, diagonal: int = 0) -> Node:
    """a vector as the diagonal of a matrix, or the diagonal of a matrix as a vector"""
    x = as_node(input)
    if x.ndim not in (1, 2):
        raise GradcliError("shape", f"diag(): Supports 1D or 2D tensors. Got {x.ndim}D")
    offset = integer(diagonal, "diagonal")
    return embedded(x, offset) if x.ndim == 1 else diagonal_of(x, -2, -1, offset)


@function(SHAPE, "diagflat", grad_fn="DiagEmbed")
def diagflat(input: Operand, offset: int = 0) -> Node:
    """all elements as the diagonal of a matrix"""
    x = as_node(input)
    return embedded(reshape_to(x, (x.size,)), integer(offset, "offset"))


def _matrices(input: Operand, name: str) -> Node:
    x = as_node(input)
    if x.ndim < 2:
        raise GradcliError(
            "shape", f"{name}: input tensor must have at least 2 dimensions, but its shape is {list(x.shape)}"
        )
    return x


@function(SHAPE, "tril")
def tril(input: Operand, diagonal: int = 0) -> Node:
    """the lower triangle of each matrix, up to a diagonal"""
    return lower_triangle(_matrices(input, "tril"), integer(diagonal, "diagonal"))


@function(SHAPE, "triu")
def triu(input: Operand, diagonal: int = 0) -> Node:
    """the upper triangle of each matrix, from a diagonal on"""
    return upper_triangle(_matrices(input, "triu"), integer(diagonal, "diagonal"))


def _triangle_indices(rows: Any, columns: Any, keep: Any) -> Node:
    shape: Shape = (integer(rows, "a number of rows"), integer(columns, "a number of columns"))
    for size, which in zip(shape, ("row", "col"), strict=True):
        if size < 0:
            raise GradcliError("bad-argument", f"{which} must be non-negative, got {size}")
    context.admit(shape[0] * shape[1] * 18, shape)  # the mask, twice, and two numbers for each place
    return leaf(np.array(np.nonzero(keep(np.ones(shape, bool))), np.int64))


@function(SHAPE, "tril_indices", method=False)
def tril_indices(row: int, col: int, offset: int = 0) -> Node:
    """the row and column numbers of the lower triangle"""
    return _triangle_indices(row, col, lambda ones: np.tril(ones, offset))


@function(SHAPE, "triu_indices", method=False)
def triu_indices(row: int, col: int, offset: int = 0) -> Node:
    """the row and column numbers of the upper triangle"""
    return _triangle_indices(row, col, lambda ones: np.triu(ones, offset))


@function("linear algebra", "trace")
def trace(input: Operand) -> Node:
    """the sum of the diagonal"""
    x = as_node(input)
    if x.ndim != 2:
        raise GradcliError("shape", f"trace: expected a matrix, but got tensor with dim {x.ndim}")
    if x.dtype not in FLOATS:
        x = cast(x, INT64)
    return reduce_sum(diagonal_of(x, -2, -1), attrs=((-1,),))
