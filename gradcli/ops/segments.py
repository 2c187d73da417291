"""Reductions of what an index sends to the same place: `scatter_reduce` and `index_reduce`.

The indices say how many elements meet at a place, so they are computed; what meets becomes a row, and the
functions that reduce a dim do the rest, with their derivatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.gathering import at_least_1d, indices_into, require_vector, same_dtype, scatter_arguments
from gradcli.ops.indexing import pick, take_last
from gradcli.ops.joining import cat
from gradcli.ops.placing import grid
from gradcli.ops.reductions import amax, amin, sum_
from gradcli.ops.registry import function
from gradcli.ops.scans import prod as product
from gradcli.ops.shapes import SHAPE
from gradcli.tape import primitives
from gradcli.tape.node import FLOATS, Node, Operand, leaf
from gradcli.tape.primitives import as_node, reshape_to
from gradcli.tape.promote import dim_index

if TYPE_CHECKING:
    from collections.abc import Callable

_REDUCTIONS: dict[str, tuple[Callable[..., Node], float]] = {
    "sum": (sum_, 0),
    "prod": (product, 1),
    "mean": (sum_, 0),
    "amax": (amax, -np.inf),
    "amin": (amin, np.inf),
}
"""Each with the value that changes nothing."""


def _met(x: Node, source: Node, places: Node, reduce: str, include_self: bool) -> Node:
    """`x` with the elements of `source` (of the shape of `places` into the flattened `x`) reduced into it."""
    from gradcli.engine.run import value

    reduction, nothing = _REDUCTIONS[reduce]
    at = np.asarray(value(places)).reshape(-1)
    counts = np.bincount(at, minlength=x.size)
    order = np.argsort(at, kind="stable")
    begins = np.cumsum(counts) - counts
    rank = np.arange(at.size) - begins[at[order]]
    table = np.full((x.size, 1 + int(counts.max(initial=0))), x.size + at.size)
    own = include_self | (counts == 0)
    table[own, 0] = np.flatnonzero(own)
    table[at[order], 1 + rank] = x.size + order
    if x.dtype not in FLOATS and np.isinf(nothing):
        bounds = np.iinfo(x.dtype)
        nothing = bounds.max if nothing > 0 else bounds.min
    padding = leaf(np.full(1, nothing, x.dtype))
    parts = [reshape_to(x, (x.size,)), reshape_to(source, (source.size,)), padding]
    result = reduction(take_last(cat(parts), leaf(table)), -1)
    if reduce == "mean":
        met: Any = leaf((counts + own).astype(x.dtype))
        result = primitives.div(result, met) if x.dtype in FLOATS else _whole(result, met)
    return reshape_to(primitives.cast(result, x.dtype), x.shape)


def _whole(sums: Node, counts: Node) -> Node:
    from gradcli.ops.elementwise import floor_divide

    return floor_divide(sums, counts)


@function(SHAPE, "scatter_reduce")
def scatter_reduce(
    input: Operand, dim: int, index: Operand, src: Operand, reduce: str, *, include_self: bool = True
) -> Node:
    """input with the elements of src at their indices along dim reduced into it by reduce"""
    x, source = as_node(input), as_node(src)
    reduce = {"max": "amax", "min": "amin"}.get(reduce, reduce)
    if reduce not in _REDUCTIONS:
        raise GradcliError(
            "bad-argument", f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    same_dtype(x, source)
    lifted, picks, axis = scatter_arguments(x, dim, as_node(index), source.shape)
    if not picks.size:
        return primitives.add(x, 0)
    kept = pick(at_least_1d(source), attrs=(tuple([(0, size, 1) for size in picks.shape]),))
    met = _met(lifted, kept, grid(lifted.shape, axis, picks), reduce, include_self)
    return reshape_to(met, x.shape)


@function(SHAPE, "index_reduce")
def index_reduce(
    input: Operand, dim: int, index: Operand, source: Operand, reduce: str, *, include_self: bool = True
) -> Node:
    """input with the slices of source at the indices along dim reduced into it by reduce"""
    x, slices, at = as_node(input), as_node(source), as_node(index)
    axis = dim_index(dim, x.ndim)
    if reduce not in _REDUCTIONS or reduce == "sum":
        raise GradcliError(
            "bad-argument",
            f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.",
        )
    require_vector(at, "index_reduce_")
    if x.dtype is not slices.dtype:
        raise GradcliError("dtype", "index_reduce(): self and source must have the same scalar type")
    lifted, rows = at_least_1d(x), at_least_1d(slices)
    rank = lifted.ndim
    wanted = tuple([at.size if dim == axis else size for dim, size in enumerate(lifted.shape, -rank)])
    if rows.shape != wanted:
        raise GradcliError(
            "shape",
            f"index_reduce(): source has shape {list(rows.shape)} where the index calls for {list(wanted)}",
        )
    if not at.size:
        return primitives.add(x, 0)
    says = "index out of range in self: {worst} for a dim of size {size}"
    picks = indices_into(at_least_1d(at), "index_reduce", lifted.shape[axis], axis + rank, says=says)
    met = _met(lifted, rows, grid(lifted.shape, axis, picks), reduce, include_self)
    return reshape_to(met, x.shape)
