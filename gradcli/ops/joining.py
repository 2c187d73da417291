"""Joining tensors, and taking them apart along a dim: `cat` is the primitive, the parts are sections."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.among_zeros import columns
from gradcli.ops.indexing import WHOLE, element, padded, pick, section
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, integer, swapped
from gradcli.tape import context, primitives
from gradcli.tape.node import Node, Operand, Shape
from gradcli.tape.primitives import Linear, as_dtype, as_node, expand_to, reshape_to, spread
from gradcli.tape.promote import broadcast, dim_index, result_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _cat_transpose(g: Node, node: Node) -> list[Node | None]:
    (dim,) = node.attrs
    if spread(g) and not g.inputs[0].shape:  # the same number everywhere: one node for all parts of a shape
        shapes = {each.shape for each in node.inputs}
        alike = {shape: expand_to(g.inputs[0], shape) for shape in shapes}
        return [alike[each.shape] if each.requires_grad else None for each in node.inputs]
    parts: list[Node | None] = []
    start = 0
    for each in node.inputs:
        stop = start + each.shape[dim]
        parts.append(section(g, dim, start, stop) if each.requires_grad else None)
        start = stop
    return parts


def _cat_infer(*args: Any) -> tuple[Shape, np.dtype[Any]]:
    *inputs, dim = args
    first = inputs[0]
    shape = list(first.shape)
    for index, each in enumerate(inputs[1:], 1):
        for axis, (one, other) in enumerate(zip(shape, each.shape, strict=True)):
            if axis != len(shape) + dim and one != other:
                raise GradcliError(
                    "shape",
                    f"Sizes of tensors must match except in dimension {len(shape) + dim}. Expected "
                    f"size {one} but got "
                    f"size {other} for tensor number {index} in the list.",
                )
    shape[dim] = sum(each.shape[dim] for each in inputs)
    return tuple(shape), first.dtype


def _cat_into(*args: Any) -> Any:
    """Side by side in memory that is there."""
    *parts, dim, out = args
    begin = 0
    for part in map(np.asarray, parts):
        end = begin + part.shape[dim]
        target = out[(..., slice(begin, end), *(slice(None),) * (-dim - 1))]
        for one, other in columns(target, part):
            np.copyto(one, other)
        begin = end
    return out


concatenate_primitive = Linear(
    "cat",
    lambda *args: np.concatenate(args[:-1], axis=args[-1]),
    _cat_infer,
    _cat_transpose,
    moves=True,
    into=_cat_into,
)


def concatenate(parts: Sequence[Node], dim: int) -> Node:
    """Parts of one dtype and rank joined along a (negative) dim."""
    return parts[0] if len(parts) == 1 else concatenate_primitive(*parts, attrs=(dim,))


def _tensors(
    given: Sequence[Any], name: str, raised: Callable[[Shape], Shape] = lambda shape: shape
) -> list[Node]:
    """The tensors to be joined, in the shape that they are given first, promoted to one dtype."""
    if not given:
        what = "torch.cat(): expected a non-empty list of Tensors" if name == "cat" else None
        raise GradcliError("bad-argument", what or f"{name} expects a non-empty TensorList")
    parts = [as_node(each) for each in given]
    parts = [reshape_to(each, raised(each.shape)) for each in parts]
    dtype = result_type(parts)
    return [as_dtype(each, dtype) for each in parts]


def _joined(parts: list[Node], dim: int) -> Node:
    """Tensors of one dtype as one operation, refused where they don't fit; `tensor([])` fits anything."""
    first = next((each for each in parts if each.shape != (0,)), parts[0])
    for index, each in enumerate(parts):
        if not each.ndim:
            raise GradcliError(
                "shape",
                f"zero-dimensional tensor (at position {index}) cannot be concatenated",
                hint="stack() joins numbers",
            )
        if each.ndim != first.ndim and each.shape != (0,):
            raise GradcliError(
                "shape",
                f"Tensors must have same number of dimensions: got {first.ndim} and {each.ndim}",
            )
    axis = dim_index(dim, first.ndim)
    nothing = (*first.shape[:axis], 0, *first.shape[axis + first.ndim + 1 :])
    heard = [each for each in parts if each.shape != (0,) or each.requires_grad] or [first]
    fitting = [reshape_to(each, nothing) if each.shape == (0,) else each for each in heard]
    return concatenate_primitive(*fitting, attrs=(axis,))


@function(SHAPE, "cat", "concat", "concatenate", method=False)
def cat(tensors: Sequence[Operand], dim: int = 0) -> Node:
    """tensors joined along a dim"""
    return _joined(_tensors(tensors, "cat"), dim)


def stacked(parts: Sequence[Node], dim: int) -> Node:
    """Tensors of one shape and dtype along a new (negative) dim."""
    shape = parts[0].shape
    at = dim + len(shape) + 1
    return concatenate_primitive(
        *[reshape_to(each, (*shape[:at], 1, *shape[at:])) for each in parts], attrs=(dim,)
    )


@function(SHAPE, "stack", method=False)
def stack(tensors: Sequence[Operand], dim: int = 0) -> Node:
    """tensors of one shape joined along a new dim"""
    parts = _tensors(tensors, "stack")
    shape = parts[0].shape
    for index, each in enumerate(parts):
        if each.shape != shape:
            raise GradcliError(
                "shape",
                f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and "
                f"{list(each.shape)} at entry {index}",
            )
    return stacked(parts, dim_index(dim, len(shape) + 1))


@function(SHAPE, "hstack", method=False, grad_fn="Cat")
def hstack(tensors: Sequence[Operand]) -> Node:
    """tensors side by side: joined along dim 1, vectors along dim 0"""
    parts = _tensors(tensors, "hstack", lambda shape: shape or (1,))
    return _joined(parts, 0 if parts[0].ndim == 1 else 1)


@function(SHAPE, "vstack", "row_stack", method=False, grad_fn="Cat")
def vstack(tensors: Sequence[Operand]) -> Node:
    """tensors below each other: vectors as rows, joined along dim 0"""
    return _joined(_tensors(tensors, "vstack", lambda shape: (1,) * (2 - len(shape)) + shape), 0)


@function(SHAPE, "dstack", method=False, grad_fn="Cat")
def dstack(tensors: Sequence[Operand]) -> Node:
    """tensors behind each other: joined along dim 2"""

    def deep(shape: Shape) -> Shape:
        return shape if len(shape) > 2 else (*((1,) * (2 - len(shape)) + shape), 1)

    return _joined(_tensors(tensors, "dstack", deep), 2)


@function(SHAPE, "column_stack", method=False, grad_fn="Cat")
def column_stack(tensors: Sequence[Operand]) -> Node:
    """vectors as columns, and matrices, side by side"""
    parts = _tensors(
        tensors, "column_stack", lambda shape: shape if len(shape) > 1 else (*(shape or (1,)), 1)
    )
    return _joined(parts, 1)


# ---- taking apart ----


def part(x: Node, dim: int, start: int, stop: int) -> Node:
    """The elements from start to stop along one (negative) dim, as an operation of its own."""
    cuts: list[Any] = [WHOLE] * x.ndim
    cuts[dim] = (start, stop, 1)
    return pick(x, attrs=(tuple(cuts),))


def _parts(x: Node, dim: int, lengths: Sequence[int]) -> tuple[Node, ...]:
    ends = list(accumulate(lengths))
    return tuple([part(x, dim, ends[at] - lengths[at], ends[at]) for at in context.each_of(len(ends))])


def _splittable(x: Node, dim: int, name: str) -> int:
    if not x.ndim:
        raise GradcliError("shape", f"{name} expects at least a 1-dimensional tensor")
    return dim_index(dim, x.ndim)


def _even(x: Node, dim: int, size: int) -> tuple[Node, ...]:
    """Pieces of `size`, the last one smaller."""
    length = x.shape[dim]
    if size == 0 and length:
        raise GradcliError(
            "bad-argument",
            f"split_size can only be 0 if dimension size is 0, but got dimension size of {length}",
        )
    starts = range(0, length, size) if length else (0,)
    return tuple(
        [part(x, dim, starts[at], min(starts[at] + size, length)) for at in context.each_of(len(starts))]
    )


def _split_name(call: Mapping[str, Any]) -> str:
    several = isinstance(call.get("split_size_or_sections"), (tuple, list))
    return "SplitWithSizes" if several else "Split"


@function(SHAPE, "split", grad_fn=_split_name)
def split(input: Operand, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Node, ...]:
    """pieces of a size, or of the sizes in a list, along dim"""
    x = as_node(input)
    axis = _splittable(x, dim, "split")
    given = split_size_or_sections
    if not isinstance(given, (tuple, list)):
        size = integer(given, "a split size")
        if size < 0:
            raise GradcliError(
                "bad-argument", f"split expects split_size be non-negative, but got split_size={size}"
            )
        return _even(x, axis, size)
    lengths = [integer(each, "a split size") for each in given]
    if sum(lengths) != x.shape[axis] or min(lengths, default=0) < 0:
        raise GradcliError(
            "bad-argument",
            f"split_with_sizes expects split_sizes to sum exactly to {x.shape[axis]} (input tensor's size at "
            f"dimension {axis + x.ndim}), but got split_sizes={lengths}",
        )
    return _parts(x, axis, lengths)


@function(SHAPE, "split_with_sizes")
def split_with_sizes(input: Operand, split_sizes: Sequence[int], dim: int = 0) -> tuple[Node, ...]:
    """pieces of the sizes in a list, along dim"""
    return split(input, tuple(split_sizes), dim)  # type: ignore[no-any-return]


def _chunk_name(call: Mapping[str, Any]) -> str:
    x, dim = call["input"], call["dim"]
    return "SplitWithSizes" if x.ndim and not x.shape[dim] else "Split"


@function(SHAPE, "chunk", grad_fn=_chunk_name)
def chunk(input: Operand, chunks: int, dim: int = 0) -> tuple[Node, ...]:
    """at most this many pieces of equal size along dim, the last one smaller"""
    x = as_node(input)
    count = integer(chunks, "the number of chunks")
    if x.ndim and count <= 0:
        raise GradcliError("bad-argument", f"chunk expects `chunks` to be greater than 0, got: {count}")
    axis = _splittable(x, dim, "chunk")
    if not x.shape[axis]:
        return tuple([part(x, axis, 0, 0) for _ in context.each_of(count)])
    return _even(x, axis, -(-x.shape[axis] // count))


@function(SHAPE, "tensor_split", grad_fn="Slice")
def tensor_split(input: Operand, indices_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Node, ...]:
    """this many pieces of nearly equal size along dim, or pieces that begin at the indices of a list"""
    x = as_node(input)
    if not x.ndim:
        raise GradcliError(
            "shape", "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    axis = dim_index(dim, x.ndim)
    size = x.shape[axis]
    if isinstance(indices_or_sections, (tuple, list)):
        bounds = [integer(each, "an index") for each in indices_or_sections]
        bounds = [0, *[min(max(each + size if each < 0 else each, 0), size) for each in bounds], size]
        pieces = context.each_of(len(bounds) - 1)
        return tuple([part(x, axis, bounds[at], max(bounds[at], bounds[at + 1])) for at in pieces])
    count = integer(indices_or_sections, "the number of sections")
    if count <= 0:
        raise GradcliError("bad-argument", f"number of sections must be larger than 0, got {count}")
    whole, left = divmod(size, count)
    context.current().ledger.ask(count * context.PIECE, f"{count:,} pieces of a tensor")
    return _parts(x, axis, [whole + (index < left) for index in range(count)])


def _split_evenly(input: Operand, indices_or_sections: int | Sequence[int], name: str, least: int) -> Any:
    """As `tensor_split` along the dim of a name, in pieces of one size."""
    x = as_node(input)
    if x.ndim < least:
        raise GradcliError(
            "shape",
            f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with "
            f"{x.ndim} dimensions!",
        )
    dim = 0 if name == "vsplit" or x.ndim == 1 else least - 1 if name == "dsplit" else 1
    if not isinstance(indices_or_sections, (tuple, list)):
        count, size = integer(indices_or_sections, "the number of sections"), x.shape[dim]
        if count <= 0 or size % count:
            raise GradcliError(
                "bad-argument",
                f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
                f"{size} is not divisible by the split_size {count}!",
            )
    return tensor_split(x, indices_or_sections, dim)


@function(SHAPE, "hsplit", grad_fn="Slice")
def hsplit(input: Operand, indices_or_sections: int | Sequence[int]) -> tuple[Node, ...]:
    """pieces side by side: this many along dim 1 (of a vector 0), or those that begin at the indices"""
    return _split_evenly(input, indices_or_sections, "hsplit", 1)  # type: ignore[no-any-return]


@function(SHAPE, "vsplit", grad_fn="Slice")
def vsplit(input: Operand, indices_or_sections: int | Sequence[int]) -> tuple[Node, ...]:
    """pieces below each other: this many along dim 0, or those that begin at the indices"""
    return _split_evenly(input, indices_or_sections, "vsplit", 2)  # type: ignore[no-any-return]


@function(SHAPE, "dsplit", grad_fn="Slice")
def dsplit(input: Operand, indices_or_sections: int | Sequence[int]) -> tuple[Node, ...]:
    """pieces behind each other: this many along dim 2, or those that begin at the indices"""
    return _split_evenly(input, indices_or_sections, "dsplit", 3)  # type: ignore[no-any-return]


@function(SHAPE, "unbind")
def unbind(input: Operand, dim: int = 0) -> tuple[Node, ...]:
    """the slices along dim, which is dropped"""
    x = as_node(input)
    axis = dim_index(dim, x.ndim)
    if not x.ndim:
        raise GradcliError("bad-argument", "Dimension specified as 0 but tensor has no dimensions")
    return tuple([element(x, axis, index) for index in context.each_of(x.shape[axis])])


@function(SHAPE, "narrow", grad_fn="Slice")
def narrow(input: Operand, dim: int, start: int, length: int) -> Node:
    """length slices along dim, from start on"""
    x = as_node(input)
    if not x.ndim:
        raise GradcliError("shape", "narrow() cannot be applied to a 0-dim tensor.")
    axis, first, count = dim_index(dim, x.ndim), integer(start, "start"), integer(length, "length")
    size = x.shape[axis]
    if count < 0:
        raise GradcliError("bad-argument", "narrow(): length must be non-negative.")
    if not -size <= first <= size:
        raise GradcliError(
            "bad-argument",
            f"start out of range (expected to be in range of [{-size}, {size}], but got {first})",
        )
    first = first + size if first < 0 else first
    if first + count > size:
        raise GradcliError(
            "bad-argument", f"start ({first}) + length ({count}) exceeds dimension size ({size})."
        )
    return part(x, axis, first, first + count)


@function(SHAPE, "select")
def select(input: Operand, dim: int, index: int) -> Node:
    """the slice at one index of dim, which is dropped"""
    x = as_node(input)
    if not x.ndim:
        raise GradcliError("shape", "select() cannot be applied to a 0-dim tensor.")
    axis, place = dim_index(dim, x.ndim), integer(index, "an index")
    size = x.shape[axis]
    if not -size <= place < size:
        raise GradcliError(
            "bad-argument",
            f"select(): index {place} out of range for tensor of size {list(x.shape)} at dimension "
            f"{axis + x.ndim}",
        )
    return element(x, axis, place % size)


# ---- grids ----


@function(SHAPE, "meshgrid", method=False, grad_fn="Expand")
def meshgrid(*tensors: Operand, indexing: str = "ij") -> tuple[Node, ...]:
    """the coordinates of a grid, one tensor for each vector given; indexing "ij" or "xy" """
    nodes = [as_node(each) for each in tensors]
    if not nodes:
        raise GradcliError("bad-argument", "meshgrid expects a non-empty TensorList")
    if indexing not in ("ij", "xy"):
        raise GradcliError(
            "bad-argument", f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    for each in nodes:
        if each.ndim > 1:
            raise GradcliError(
                "shape",
                f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {list(each.shape)}",
            )
        if each.dtype is not nodes[0].dtype:
            raise GradcliError("dtype", "meshgrid expects all tensors to have the same dtype")
    shape = tuple([each.size for each in nodes])
    count = len(nodes)
    grids = [
        primitives.expand(
            reshape_to(each, tuple([each.size if at == index else 1 for at in range(count)])), attrs=(shape,)
        )
        for index, each in enumerate(nodes)
    ]
    if indexing == "xy" and count > 1:
        grids = [swapped(each, -count, 1 - count) for each in grids]
    return tuple(grids)


@function(SHAPE, "broadcast_tensors", method=False, grad_fn="Expand")
def broadcast_tensors(*tensors: Operand) -> tuple[Node, ...]:
    """the tensors given, each expanded to the shape that they have together"""
    nodes = [as_node(each) for each in tensors]
    shape = broadcast(*[each.shape for each in nodes]) if nodes else ()
    return tuple([primitives.expand_to(each, shape) for each in nodes])


@function(SHAPE, "block_diag", method=False, grad_fn="BlockDiag")
def block_diag(*tensors: Operand) -> Node:
    """a matrix with the given ones on its diagonal and zeros elsewhere"""
    parts = _tensors(tensors, "block_diag")
    blocks = [reshape_to(each, (1,) * (2 - each.ndim) + each.shape) for each in parts]
    for index, each in enumerate(blocks):
        if each.ndim > 2:
            raise GradcliError(
                "shape",
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input "
                f"{index} has {each.ndim} dimensions",
            )
    width = sum(each.shape[1] for each in blocks)
    rows, before = [], 0
    for each in blocks:
        rows.append(padded(each, -1, before, width - before - each.shape[1]))
        before += each.shape[1]
    return concatenate(rows, -2)
