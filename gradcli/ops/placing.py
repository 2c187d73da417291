"""Putting values in places: the primitive `put_at`, and the functions of the table that replace elements.

Where several values are put in one place the last one stays, and each of them gets the gradient of that
place, as in PyTorch. Assigning to an index (`x[key] = …`) is `index_put` at the places of the key.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.diagonals import diagonal
from gradcli.ops.gathering import at_least_1d, indices_into, same_dtype, scatter_arguments
from gradcli.ops.indexing import OUTSIDE, pick, put_last, ravel_indices, take_last
from gradcli.ops.joining import select
from gradcli.ops.keys import getitem
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, expanded
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, INT64, Node, Operand, Shape, leaf
from gradcli.tape.primitives import Linear, as_filling, as_node, cast, expand_to, reshape_to, zeros_of
from gradcli.tape.promote import broadcasts_to, dim_index, torch_name
from gradcli.tape.views import overwrite, path_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _leads(x: Any, values: Any, places: Any, shape: Shape) -> Shape:
    """The dims of a batch, which either of the two may have."""
    return tuple(x.shape[: x.ndim - len(shape)]) or tuple(values.shape[: values.ndim - places.ndim])


def _put_at_kernel(x: Any, values: Any, places: Any, shape: Shape) -> Any:
    x, values, places = np.asarray(x), np.asarray(values), np.asarray(places)
    lead = _leads(x, values, places, shape)
    result = np.array(np.broadcast_to(x, (*lead, *shape)), order="C")
    result.reshape(*lead, prod(shape))[..., places] = values
    return result


def _put_at_transpose(g: Node, node: Node) -> list[Node | None]:
    x, values, places = node.inputs
    (shape,) = node.attrs
    lead = g.shape[: g.ndim - len(shape)]
    return [
        put_at(g, expand_to(zeros_of(values), (*lead, *places.shape)), places, attrs=(shape,))
        if x.requires_grad
        else None,
        take_last(reshape_to(g, (*lead, prod(shape))), places) if values.requires_grad else None,
        None,
    ]


put_at: Linear = Linear(
    "put_at",
    _put_at_kernel,
    lambda x, values, places, shape: ((*_leads(x, values, places, shape), *shape), x.dtype),
    _put_at_transpose,
    indexed=True,
    selects=True,
)
"""`x` of a shape, with `values` at these places of it flattened."""


def placed(x: Node, values: Node, places: Node) -> Node:
    """`x` with values at places of the flattened `x`; the values are of its dtype and broadcast."""
    return put_at(x, expand_to(values, places.shape), places, attrs=(x.shape,))


def grid(shape: Shape, axis: int, index: Node) -> Node:
    """The places of `index` along a (negative) dim of a tensor of this shape, and all along the others.

    `index` has as many dims as the shape, or one.
    """
    rank = len(shape)
    lengths = index.shape if index.ndim == rank else (*shape[:axis], index.size, *shape[rank + axis + 1 :])
    each: list[Node] = []
    for dim, length in enumerate(lengths, -rank):
        if dim == axis:
            each.append(index if index.ndim == rank else reshape_to(index, (index.size, *(1,) * (-axis - 1))))
        else:
            each.append(leaf(np.arange(length, dtype=np.int64).reshape(length, *(1,) * (-dim - 1))))
    return ravel_indices(*each, attrs=(shape, tuple(range(rank))))


def _within(x: Node, axis: int, index: Node, name: str, says: str, negative: bool = False) -> Node:
    """Indices of slices of `x` along a dim; where slices have no elements, none is looked at."""
    index = at_least_1d(index)
    if not prod([size for dim, size in enumerate(x.shape, -x.ndim) if dim != axis]):
        return leaf(np.zeros(index.shape, np.int64))
    return indices_into(index, name, x.shape[axis], axis + x.ndim, negative=negative, says=says)


def _scatter_name(given: Mapping[str, Any]) -> str:
    return "ScatterBackward0" if isinstance(given["src"], Node) else "ScatterBackward1"


@function(SHAPE, "scatter", grad_fn=_scatter_name)
def scatter(
    input: Operand, dim: int, index: Operand, src: Operand | None = None, *, value: Operand | None = None
) -> Node:
    """input with each element of src (or one value) put at its index along dim"""
    x = as_node(input)
    given = src if src is not None else value
    if given is None:
        raise GradcliError("bad-argument", "scatter() missing required argument 'src' (or 'value')")
    source = given if isinstance(given, Node) and src is not None else None
    if source is not None:
        same_dtype(x, source)
    shape = source.shape if source is not None else None
    lifted, picks, axis = scatter_arguments(x, dim, as_node(index), shape)
    if not picks.size:
        return primitives.add(x, 0)
    places = grid(lifted.shape, axis, picks)
    if source is None:
        put = placed(lifted, as_filling(given, x.dtype), places)
    else:
        kept = pick(at_least_1d(source), attrs=(tuple([(0, size, 1) for size in picks.shape]),))
        put = placed(lifted, kept, places)
    return reshape_to(put, x.shape)


def _index_fill_name(given: Mapping[str, Any]) -> str:
    return "IndexFillBackward1" if isinstance(given["value"], Node) else "IndexFillBackward0"


@function(SHAPE, "index_fill", grad_fn=_index_fill_name)
def index_fill(input: Operand, dim: int, index: Operand, value: Operand) -> Node:
    """input with value in the slices at the indices along dim"""
    x = as_node(input)
    if isinstance(value, Node) and value.ndim:
        raise GradcliError(
            "shape",
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s).",
        )
    axis, lifted = dim_index(dim, x.ndim), at_least_1d(x)
    if as_node(index).ndim > 1:
        raise GradcliError("bad-argument", "Index has to be a vector/scalar")
    from gradcli.engine.run import value as computed

    given = leaf(np.asarray(computed(as_node(index))))
    chosen = _within(lifted, axis, given, "index_fill_", OUTSIDE, negative=True)
    # A slice that is filled twice counts once.
    places = grid(lifted.shape, axis, leaf(np.unique(np.asarray(computed(chosen)))))
    return reshape_to(placed(lifted, as_filling(value, x.dtype), places), x.shape)


@function(SHAPE, "index_copy")
def index_copy(input: Operand, dim: int, index: Operand, source: Operand) -> Node:
    """input with the slices of source in place of those at the indices along dim"""
    x, copied, at = as_node(input), as_node(source), as_node(index)
    axis = dim_index(dim, x.ndim)
    if at.ndim > 1:
        raise _miscopied(f"Index should have dimension 1 or 0 (got {at.ndim})")
    if not copied.ndim and at.size != 1:
        raise _miscopied(f"When source is scalar, index should have one element (got {at.size})")
    if copied.ndim and x.ndim and copied.ndim != x.ndim:
        raise _miscopied(
            "When source and destination are not scalars, their dimensionality must match. Source "
            f"dimensionality ({copied.ndim}), destination dimensionality ({x.ndim})"
        )
    if copied.dtype is not x.dtype:
        raise GradcliError(
            "dtype",
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{torch_name(x.dtype)} and (source) {torch_name(copied.dtype)}",
        )
    lifted, rows = at_least_1d(x), at_least_1d(copied)
    theirs, ours = [
        [size for dim, size in enumerate(x.shape, -x.ndim) if dim != axis] for x in (rows, lifted)
    ]
    if theirs != ours:
        raise _miscopied(
            "Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{' '.join(map(str, ours))} at dimension {axis + lifted.ndim} and source slice shape: "
            f"{' '.join(map(str, theirs))} at dimension 0."
        )
    if copied.ndim and at.size != rows.shape[axis]:
        raise _miscopied(
            f"Number of indices ({at.size}) should be equal to source.size(dim) ({rows.shape[axis]})"
        )
    chosen = _within(lifted, axis, at, "index_copy_", f"index_copy_(): {OUTSIDE}")
    return reshape_to(placed(lifted, rows, grid(lifted.shape, axis, chosen)), x.shape)


def _miscopied(what: str) -> GradcliError:
    return GradcliError("shape", f"index_copy_(): {what}")


def key_places(shape: Shape, key: tuple[Any, ...]) -> Node:
    """Where in a flattened tensor of this shape a key of `x[key]` points."""
    whole = leaf(np.arange(prod(shape), dtype=np.int64).reshape(shape))
    return getitem(whole, key)[0]


def replaced(x: Node, places: Node, values: Node) -> Node:
    """`x` with values, which broadcast to them, at places; raises as `_check_fit`."""
    _check_fit(x, places, values)
    return placed(x, values, places)


def _check_fit(x: Node, places: Node, values: Node) -> None:
    """Whether values can be put at places.

    Raises:
        GradcliError: `shape` for values that don't broadcast to them, `dtype` for those of another dtype.
    """
    if not broadcasts_to(values.shape, places.shape):
        raise GradcliError(
            "shape",
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to indexing "
            f"result of shape {list(places.shape)}",
        )
    if values.dtype is not x.dtype:
        raise GradcliError(
            "dtype",
            "Index put requires the source and destination dtypes match, got "
            f"{torch_name(x.dtype)} for the destination and {torch_name(values.dtype)} for the source.",
        )


@function(SHAPE, "index_put")
def index_put(input: Operand, indices: Sequence[Operand], values: Operand, accumulate: bool = False) -> Node:
    """input with values at the indices (one tensor for each dim), or added there"""
    x = as_node(input)
    places, given = key_places(x.shape, tuple(indices)), as_node(values)
    if given.size == 1 and not accumulate and [as_node(each).dtype for each in indices] == [BOOL]:
        given = reshape_to(given, ())  # as masked_fill has it
    return _put(x, places, given, accumulate)


def _put(x: Node, places: Node, values: Node, accumulate: bool) -> Node:
    if not accumulate:
        return replaced(x, places, values)
    _check_fit(x, places, values)
    added = put_last(
        reshape_to(expand_to(values, places.shape), (places.size,)),
        reshape_to(places, (places.size,)),
        attrs=(x.size,),
    )
    return primitives.add(x, reshape_to(added, x.shape))


@function(SHAPE, "put")
def put(input: Operand, index: Operand, source: Operand, accumulate: bool = False) -> Node:
    """input with the elements of source at the indices of the flattened input, or added there"""
    x, at, given = as_node(input), as_node(index), as_node(source)
    if given.dtype is not x.dtype:
        raise GradcliError(
            "dtype",
            f"put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{torch_name(x.dtype)} and source.dtype = {torch_name(given.dtype)}",
        )
    if at.size != given.size:
        raise GradcliError(
            "shape",
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{given.size}, index.numel() = {at.size}",
        )
    says = "out of range: tried to access index {worst} on a tensor of {size} elements."
    places = indices_into(reshape_to(at, (at.size,)), "put_", x.size, 0, negative=True, says=says)
    return _put(x, places, reshape_to(given, (given.size,)), accumulate)


@function(SHAPE, "masked_scatter")
def masked_scatter(input: Operand, mask: Operand, source: Operand) -> Node:
    """input with the first elements of source, in order, where the mask is true"""
    from gradcli.engine.run import value

    x, chosen, given = as_node(input), as_node(mask), as_node(source)
    if chosen.dtype is not BOOL:
        raise GradcliError(
            "dtype",
            "masked_scatter_ only supports boolean masks, but got mask with dtype "
            f"{torch_name(chosen.dtype)}",
        )
    if given.dtype is not x.dtype:
        raise GradcliError(
            "dtype",
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{torch_name(x.dtype)} and {torch_name(given.dtype)}",
        )
    hit = np.flatnonzero(np.asarray(value(expanded(chosen, x.shape))))
    if hit.size > given.size:
        raise GradcliError(
            "shape",
            f"Number of elements of source < number of ones in mask ({given.size} < {hit.size})",
        )
    first = pick(reshape_to(given, (given.size,)), attrs=(((0, hit.size, 1),),))
    return placed(x, first, leaf(hit.astype(INT64)))


def main_diagonal(x: Node, wrap: bool) -> Node:
    """The diagonal of `x`, a view; with `wrap` that of a tall matrix begins again below its end."""
    rank, shape = x.ndim, x.shape
    if rank < 2:
        raise GradcliError("shape", "dimensions must larger than 1")
    if rank > 2 and len(set(shape)) > 1:
        raise GradcliError("shape", "all dimensions of input must be of equal length")
    step = sum(prod(shape[dim + 1 :]) for dim in range(rank))
    last = x.size if wrap and rank == 2 else min(shape) * step
    return pick(reshape_to(x, (x.size,)), attrs=(((0, min(last, x.size), step),),))


# ---- parts: what a view shows of a tensor is replaced ----


def _scattered(x: Node, part: Node, src: Node, what: str) -> Node:
    """`x` with `src` in place of a part of it."""
    if src.shape != part.shape:
        raise GradcliError(
            "shape",
            f"expected src to have a size equal to the {what} of self. src size = {list(src.shape)}, "
            f"{what} size = {list(part.shape)}",
        )
    path = path_between(x, part)
    assert path is not None
    return overwrite(x, cast(src, x.dtype), attrs=(path,))


@function(SHAPE, "select_scatter")
def select_scatter(input: Operand, src: Operand, dim: int, index: int) -> Node:
    """input with src in place of what stands at an index along dim"""
    x = as_node(input)
    return _scattered(x, select(x, dim, index), as_node(src), "slice")


@function(SHAPE, "slice_scatter")
def slice_scatter(
    input: Operand,
    src: Operand,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Node:
    """input with src in place of a slice along dim"""
    x = as_node(input)
    axis = dim_index(dim, x.ndim)
    part, _ = getitem(x, (..., slice(start, end, step), *[slice(None)] * (-axis - 1)))
    return _scattered(x, part, as_node(src), "slice")


@function(SHAPE, "diagonal_scatter")
def diagonal_scatter(input: Operand, src: Operand, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Node:
    """input with src in place of a diagonal"""
    x = as_node(input)
    return _scattered(x, diagonal(x, offset, dim1, dim2), as_node(src), "slice")
