"""Functions that pick by tensors of indices or by masks, and add or put back: gather, scatter, take …

Index tensors are checked when their values are known: as the call is recorded where they are data, and in
the kernel where they are computed. Everything else is `take_last`, `along_last` and their transposes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.indexing import OUTSIDE, along_last, outside, pick, place, put_last, scatter_last, take_last
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, moved_from_last, moved_last
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, Shape, leaf
from gradcli.tape.primitives import Linear, as_filling, as_node, reshape_to, where
from gradcli.tape.promote import broadcast, c_name, dim_index, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping

# ---- indices ----


def _bounded_kernel(index: Any, size: int, dim: int, low: int, message: str) -> Any:
    index = np.asarray(index)
    worst = outside(index, low, size)
    if worst is not None:
        error = GradcliError("bad-argument", (message or OUTSIDE).format(worst=worst, size=size, dim=dim))
        error.python = "" if message else "RuntimeError"  # in brackets the same is an IndexError
        raise error
    return np.where(index < 0, index + size, index)


bounded = Linear(
    "index",
    _bounded_kernel,
    lambda index, *attrs: (index.shape, INT64),
    lambda g, node: [None],
)
"""Integers as indices into `size` elements: checked, and counted from the front."""


def indices_into(
    given: Node, name: str, size: int, dim: int, *, negative: bool = False, says: str = ""
) -> Node:
    """An argument that is a tensor of indices into `size` elements.

    Args:
        given: the argument; whole floating-point numbers from outside serve.
        name: the function, for its error.
        size, dim: of what is indexed.
        negative: whether indices may count from the end.
        says: the error for an index out of range, where it isn't the usual one.
    """
    if given.dtype in FLOATS or given.dtype is BOOL:
        from gradcli.engine.run import value

        array = np.asarray(value(given))
        if given.dtype is BOOL or not np.all(array == np.floor(array)):
            raise GradcliError(
                "dtype",
                f"{name}(): Expected dtype int32/int64 for index, but got {given.dtype.name}",
            )
        given = leaf(array.astype(np.int64))
    attrs = (size, dim, -size if negative else 0, says)
    if given.value is not None:
        return leaf(_bounded_kernel(given.value, *attrs))
    return bounded(given, attrs=attrs)


def at_least_1d(x: Node) -> Node:
    return x if x.ndim else reshape_to(x, (1,))


def _corner(x: Node, shape: Shape, dim: int) -> Node:
    """The first elements of `x` in every (negative) dim but one, as many as `shape` has."""
    if all(
        size == want for at, (size, want) in enumerate(zip(x.shape, shape, strict=True), -x.ndim) if at != dim
    ):
        return x
    cuts = [
        (0, size if at == dim else want, 1)
        for at, (size, want) in enumerate(zip(x.shape, shape, strict=True), -x.ndim)
    ]
    return pick(x, attrs=(tuple(cuts),))


# ---- picking ----


@function(SHAPE, "index_select")
def index_select(input: Operand, dim: int, index: Operand) -> Node:
    """the slices along dim at the indices"""
    x, chosen = as_node(input), as_node(index)
    axis = dim_index(dim, x.ndim)
    if chosen.ndim > 1:
        raise GradcliError("shape", "index_select(): Index is supposed to be a vector")
    if not x.ndim and chosen.size != 1:
        raise GradcliError(
            "shape", f"index_select(): Index to scalar can have only 1 value, got {chosen.size} value(s)"
        )
    lifted = at_least_1d(x)
    size = lifted.shape[axis]
    if x.ndim > 1 and chosen.size and not size:
        raise GradcliError("shape", "index_select(): self indexing axis dim should be positive")
    says = "index out of range in self: {worst} for a dim of size {size}"
    if x.ndim > 1 and not x.size:
        says = "INDICES element is out of DATA bounds, id={worst} axis_dim={size}"
    chosen = indices_into(at_least_1d(chosen), "index_select", size, axis + lifted.ndim, says=says)
    result = moved_from_last(take_last(moved_last(lifted, axis), chosen), axis)
    return reshape_to(result, ()) if not x.ndim else result


@function(SHAPE, "gather")
def gather(input: Operand, dim: int, index: Operand, *, sparse_grad: bool = False) -> Node:
    """for each element of index, the element of input at that index along dim"""
    x, chosen = as_node(input), as_node(index)
    axis = dim_index(dim, x.ndim)
    if not chosen.size and chosen.ndim != x.ndim:
        return (
            pick(reshape_to(x, (x.size,)), attrs=(((0, 0, 1),),)) if chosen.ndim == 1 else _nothing(chosen, x)
        )
    lifted, picks = at_least_1d(x), at_least_1d(chosen)
    if lifted.ndim != picks.ndim:
        raise GradcliError(
            "shape",
            "Index tensor must have the same number of dimensions as input tensor: shapes "
            f"{list(chosen.shape)} and {list(x.shape)}",
        )
    rank = lifted.ndim
    if any(
        have < want
        for at, (have, want) in enumerate(zip(lifted.shape, picks.shape, strict=True))
        if at != axis + rank
    ):
        wrong = next(
            at
            for at, (have, want) in enumerate(zip(lifted.shape, picks.shape, strict=True))
            if at != axis + rank and have < want
        )
        raise GradcliError(
            "shape",
            f"Size does not match at dimension {wrong} expected index {list(chosen.shape)} to be no "
            "larger than self "
            f"{list(x.shape)} apart from dimension {axis + rank}",
        )
    picks = indices_into(picks, "gather", lifted.shape[axis], axis + rank)
    lifted = _corner(lifted, picks.shape, axis)
    result = moved_from_last(along_last(moved_last(lifted, axis), moved_last(picks, axis)), axis)
    return reshape_to(result, chosen.shape)


def _nothing(chosen: Node, x: Node) -> Node:
    empty = pick(reshape_to(x, (x.size,)), attrs=(((0, 0, 1),),))
    return reshape_to(empty, chosen.shape)


@function(SHAPE, "take")
def take(input: Operand, index: Operand) -> Node:
    """the elements at the indices, counted through all of input; the result has the shape of index"""
    x, chosen = as_node(input), as_node(index)
    if not x.size and chosen.size:
        raise GradcliError("bad-argument", "take(): tried to take from an empty tensor")
    says = "out of range: tried to access index {worst} on a tensor of {size} elements."
    chosen = indices_into(chosen, "take", x.size, 0, negative=True, says=says)
    return take_last(reshape_to(x, (x.size,)), chosen)


@function(SHAPE, "take_along_dim", grad_fn="Gather")
def take_along_dim(input: Operand, indices: Operand, dim: int | None = None) -> Node:
    """the elements at indices along dim, the other dims broadcast; without dim, of all elements in a row"""
    x, chosen = as_node(input), as_node(indices)
    if dim is None:
        x, chosen, axis = reshape_to(x, (x.size,)), reshape_to(chosen, (chosen.size,)), -1
    else:
        if x.ndim != chosen.ndim:
            raise GradcliError(
                "shape",
                "torch.take_along_dim(): input and indices should have the same number of dimensions, "
                "but got "
                f"{x.ndim} dimensions for input, and {chosen.ndim} dimensions for indices",
            )
        axis = dim_index(dim, x.ndim)
    if not x.ndim:
        x, chosen = reshape_to(x, (1,)), reshape_to(chosen, (1,))
        return reshape_to(along_last(x, indices_into(chosen, "take_along_dim", 1, 0, negative=True)), ())
    chosen = indices_into(chosen, "take_along_dim", x.shape[axis], axis + x.ndim, negative=True)
    return moved_from_last(along_last(moved_last(x, axis), moved_last(chosen, axis)), axis)


# ---- adding and putting back ----


def scatter_arguments(x: Node, dim: int, index: Node, shape: Shape | None) -> tuple[Node, Node, int]:
    """Input and index of a scattering, at least 1-D and checked against each other and the source's shape."""
    axis = dim_index(dim, x.ndim)
    if index.size == 0:
        return at_least_1d(x), index, axis
    lifted, picks = at_least_1d(x), at_least_1d(index)
    if lifted.ndim != picks.ndim:
        raise GradcliError(
            "shape",
            "Index tensor must have the same number of dimensions as self tensor: shapes "
            f"{list(index.shape)} and {list(x.shape)}",
        )
    if shape is not None and len(shape or (1,)) != picks.ndim:
        raise GradcliError(
            "shape",
            "Index tensor must have the same number of dimensions as src tensor: shapes "
            f"{list(index.shape)} and {list(shape)}",
        )
    source_shape = picks.shape if shape is None else shape or (1,)
    small = any(
        want > have
        for at, (have, want) in enumerate(zip(lifted.shape, picks.shape, strict=True), -lifted.ndim)
        if at != axis
    ) or any(want > have for have, want in zip(source_shape, picks.shape, strict=True))
    if small:
        source = f" and to be no larger size than src {list(shape)}" if shape is not None else ""
        raise GradcliError(
            "shape",
            f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from "
            "dimension "
            f"{axis + lifted.ndim}{source}",
        )
    return lifted, indices_into(picks, "scatter", lifted.shape[axis], axis + lifted.ndim), axis


def _scattered(source: Node, index: Node, axis: int, shape: Shape) -> Node:
    """Zeros of a shape, with the source's elements added at their indices along a dim."""
    source = pick(source, attrs=(tuple([(0, size, 1) for size in index.shape]),))
    size = shape[axis]
    spread = scatter_last(moved_last(source, axis), moved_last(index, axis), attrs=(size,))
    spread = moved_from_last(spread, axis)
    return place(spread, attrs=(shape, tuple([(0, each, None) for each in spread.shape])))


def same_dtype(x: Node, source: Node) -> None:
    if source.dtype is not x.dtype:
        raise GradcliError(
            "dtype",
            f"scatter(): Expected self.dtype to be equal to src.dtype, but got {x.dtype.name} and "
            f"{source.dtype.name}",
        )


@function(SHAPE, "scatter_add")
def scatter_add(input: Operand, dim: int, index: Operand, src: Operand) -> Node:
    """input with each element of src added at its index along dim"""
    x, source = as_node(input), as_node(src)
    same_dtype(x, source)
    lifted, picks, axis = scatter_arguments(x, dim, as_node(index), source.shape)
    if not picks.size:
        return primitives.add(x, 0)
    added = _scattered(at_least_1d(source), picks, axis, lifted.shape)
    return primitives.add(x, reshape_to(added, x.shape))


def require_vector(at: Node, name: str) -> None:
    if at.ndim > 1:
        raise GradcliError(
            "shape",
            f"{name}(): Index is supposed to be a vector, but got dim: {at.ndim} with type: "
            f"{torch_name(at.dtype)} and size: {list(at.shape)}",
        )


@function(SHAPE, "index_add")
def index_add(input: Operand, dim: int, index: Operand, source: Operand, *, alpha: float = 1) -> Node:
    """input with the slices of alpha*source added at the indices along dim"""
    x, added, at = as_node(input), as_node(source), as_node(index)
    axis = dim_index(dim, x.ndim)
    require_vector(at, "index_add_")
    if x.dtype is not added.dtype:
        raise GradcliError(
            "dtype",
            f"index_add_(): self ({torch_name(x.dtype)}) and source ({torch_name(added.dtype)}) must have "
            "the same scalar type",
        )
    lifted, rows = at_least_1d(x), at_least_1d(added)
    place = axis + lifted.ndim
    given = rows.shape[place] if place < rows.ndim else 1
    if at.size != given:
        raise GradcliError(
            "shape",
            f"index_add_(): Number of indices ({at.size}) should be equal to source.size(dim): ({given}), "
            f"for dim: {place}",
        )
    if added.ndim != x.ndim or any(
        one != other
        for dim, (one, other) in enumerate(zip(lifted.shape, rows.shape, strict=True))
        if dim != place
    ):
        raise GradcliError(
            "shape",
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
            "self.shape = "
            f"{list(x.shape)} source.shape = {list(added.shape)}",
        )
    if x.ndim > 1 and not x.size:  # where no index is looked at
        return primitives.add(x, 0)
    says = "index out of range in self: {worst} for a dim of size {size}" if x.ndim < 2 else ""
    chosen = indices_into(at_least_1d(at), "index_add_", lifted.shape[axis], place, says=says)
    spread = put_last(moved_last(rows, axis), chosen, attrs=(lifted.shape[axis],))
    spread = moved_from_last(spread, axis)
    return primitives.add(x, primitives.scale(reshape_to(spread, x.shape), alpha))


# ---- masks ----


def _fill_name(call: Mapping[str, Any]) -> str:
    return "MaskedFillBackward1" if isinstance(call["value"], Node) else "MaskedFillBackward0"


@function(SHAPE, "masked_fill", grad_fn=_fill_name)
def masked_fill(input: Operand, mask: Operand, value: Operand) -> Node:
    """input, and value where the mask is true"""
    x, chosen = as_node(input), as_node(mask)
    if chosen.dtype is not BOOL:
        raise GradcliError(
            "dtype",
            f"masked_fill_ only supports boolean masks, but got mask with dtype {c_name(chosen.dtype)}",
            hint="compare first, as in masked_fill(x, m == 1, 0)",
        )
    if isinstance(value, Node) and value.ndim:
        raise GradcliError(
            "shape",
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.ndim} dimension(s).",
        )
    return where(chosen, as_filling(value, x.dtype), x)


@function(SHAPE, "masked_select")
def masked_select(input: Operand, mask: Operand) -> Node:
    """the elements where the mask is true, in one dim"""
    from gradcli.engine.run import value

    x, chosen = as_node(input), as_node(mask)
    if chosen.dtype is not BOOL:
        raise GradcliError(
            "dtype",
            f"masked_select: expected BoolTensor for mask, but got {chosen.dtype.name}",
            hint="compare first, as in masked_select(x, m == 1)",
        )
    shape = broadcast(x.shape, chosen.shape)
    flags = np.broadcast_to(np.asarray(value(chosen)), shape)
    x = primitives.expand_to(x, shape)
    return take_last(reshape_to(x, (x.size,)), leaf(np.flatnonzero(flags)))
