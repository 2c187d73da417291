"""Repeating, flipping, rolling and turning: the same elements in other places, made of linear primitives."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.indexing import reverse_dims, section, take_last
from gradcli.ops.joining import concatenate
from gradcli.ops.layout import laid_as
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, integer, moved_from_last, moved_last, sizes, swapped, turned, viewed
from gradcli.ops.windows import windows
from gradcli.tape import context, primitives
from gradcli.tape.node import INT64, Node, Operand, leaf
from gradcli.tape.primitives import as_node, reshape_to
from gradcli.tape.promote import dim_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.ops.parameters import Dims

# ---- repeating ----


def _repeated(x: Node, counts: tuple[int, ...]) -> Node:
    shape = (1,) * (len(counts) - x.ndim) + x.shape
    wide = tuple([count * size for count, size in zip(counts, shape, strict=True)])
    if any(each < 0 for each in counts):
        raise GradcliError(
            "bad-argument", f"Trying to create tensor with negative dimension {min(wide)}: {list(wide)}"
        )
    spaced = tuple([each for size in shape for each in (1, size)])
    spread = tuple([each for pair in zip(counts, shape, strict=True) for each in pair])
    return viewed(primitives.expand_to(reshape_to(x, spaced), spread), wide)


@function(SHAPE, "repeat")
def repeat(input: Operand, *repeats: int) -> Node:
    """the tensor side by side with itself, a number of times for each dim"""
    x, counts = as_node(input), sizes(repeats)
    if len(counts) < x.ndim:
        raise GradcliError(
            "shape",
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: "
            f"{list(counts)} for shape {list(x.shape)}",
        )
    return _repeated(x, counts)


@function(SHAPE, "tile", grad_fn="Repeat")
def tile(input: Operand, *dims: int) -> Node:
    """as repeat, with missing counts taken as 1"""
    x, counts = as_node(input), sizes(dims)
    return _repeated(x, (1,) * (x.ndim - len(counts)) + counts)


def _repeating_name(call: Mapping[str, Any]) -> str:
    return "IndexSelect" if isinstance(call["repeats"], (tuple, list)) else "View"


@function(SHAPE, "repeat_interleave", grad_fn=_repeating_name)
def repeat_interleave(
    input: Operand, repeats: Any, dim: int | None = None, *, output_size: int | None = None
) -> Node:
    """each element (or slice along dim) several times in a row; repeats is a number or one for each"""
    x = as_node(input)
    if dim is None:
        x, axis = reshape_to(x, (x.size,)), -1
    elif not x.ndim:
        dim_index(dim, 0)
        axis = dim_index(1, 0)  # which PyTorch asks for, and nothing has
    else:
        axis = dim_index(dim, x.ndim)
    size = x.shape[axis]
    several = isinstance(repeats, (tuple, list))
    counts = [integer(each, "a count") for each in (repeats if several else [repeats])]
    if len(counts) not in (1, size):
        raise GradcliError(
            "shape",
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{len(counts)} and "
            f"input.size({axis + x.ndim}) = {size}",
        )
    if min(counts, default=0) < 0:
        raise GradcliError("bad-argument", "repeats can not be negative")
    total = sum(counts) * (size if len(counts) == 1 else 1)
    context.admit(total * INT64.itemsize, (total,))
    if not several:
        at = axis + x.ndim
        apart = reshape_to(x, (*x.shape[: at + 1], 1, *x.shape[at + 1 :]))
        spread = primitives.expand_to(apart, (*x.shape[: at + 1], counts[0], *x.shape[at + 1 :]))
        return reshape_to(spread, (*x.shape[:at], total, *x.shape[at + 1 :]))
    indices = leaf(np.repeat(np.arange(size, dtype=INT64), counts))
    return moved_from_last(take_last(moved_last(x, axis), indices), axis)


# ---- flipping and turning ----


def _flip_dims(x: Node, dims: Any) -> list[int]:
    found = [dim_index(each, x.ndim) for each in dims]
    for each in found:
        if found.count(each) > 1:
            raise GradcliError(
                "bad-argument", f"dim {each + max(x.ndim, 1)} appears multiple times in the list of dims"
            )
    return found if x.ndim else []


@function(SHAPE, "flip")
def flip(input: Operand, *dims: int) -> Node:
    """backwards along the dims"""
    x = as_node(input)
    return laid_as(x, reverse_dims(x, _flip_dims(x, sizes(dims))))


@function(SHAPE, "fliplr", grad_fn="Flip")
def fliplr(input: Operand) -> Node:
    """the columns backwards"""
    x = as_node(input)
    if x.ndim < 2:
        raise GradcliError("shape", "Input must be >= 2-d.", hint=f"it has shape {list(x.shape)}")
    return reverse_dims(x, (1 - x.ndim,))


@function(SHAPE, "flipud", grad_fn="Flip")
def flipud(input: Operand) -> Node:
    """the rows backwards"""
    x = as_node(input)
    if x.ndim < 1:
        raise GradcliError("shape", "Input must be >= 1-d.", hint="it is a number")
    return reverse_dims(x, (-x.ndim,))


@function(SHAPE, "rot90")
def rot90(input: Operand, k: int = 1, dims: Sequence[int] = (0, 1)) -> Node:
    """turned by k quarters in the plane of two dims, from the first towards the second"""
    x = as_node(input)
    if len(dims) != 2:
        raise GradcliError("bad-argument", f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if x.ndim < 2:
        raise GradcliError("shape", f"expected total dims >= 2, but got total dims = {x.ndim}")
    first, second = dim_index(dims[0], x.ndim), dim_index(dims[1], x.ndim)
    if first == second:
        raise GradcliError(
            "bad-argument",
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}",
        )
    quarter = integer(k, "k") % 4
    if quarter == 0:
        return turned(x, range(-x.ndim, 0))
    if quarter == 2:
        return reverse_dims(x, (first, second))
    flipped = reverse_dims(x, (second if quarter == 1 else first,))
    return swapped(flipped, first, second)


@function(SHAPE, "roll")
def roll(input: Operand, shifts: int | Sequence[int], dims: Dims = None) -> Node:
    """shifted along dims, what falls off one end coming in at the other; without dims, all in a row"""
    x = as_node(input)
    steps = sizes((shifts,))
    axes = () if dims is None else sizes((dims,))
    if not steps:
        raise GradcliError("bad-argument", "`shifts` required")
    if dims is None and len(steps) == 1:
        return viewed(_rolled(reshape_to(x, (x.size,)), steps[0], -1), x.shape)
    if len(axes) != len(steps):
        raise GradcliError(
            "bad-argument",
            f"shifts and dimensions must align. shifts: {len(steps)}, dims:{len(axes)}",
        )
    if not x.ndim:
        raise GradcliError("bad-argument", f"Dimension specified as {axes[0]} but tensor has no dimensions")
    for step, axis in zip(steps, axes, strict=True):
        x = _rolled(x, step, dim_index(axis, x.ndim))
    return viewed(x, x.shape)


def _rolled(x: Node, step: int, dim: int) -> Node:
    size = x.shape[dim]
    cut = -step % size if size else 0
    return concatenate([section(x, dim, cut, size), section(x, dim, 0, cut)], dim) if cut else x


# ---- windows ----


@function(SHAPE, "unfold")
def unfold(input: Operand, dimension: int, size: int, step: int) -> Node:
    """every window of a size along a dim, a step apart, as a new last dim"""
    x = as_node(input)
    width, stride = integer(size, "size"), integer(step, "step")
    axis = dim_index(dimension, x.ndim)
    length = x.shape[axis] if x.ndim else 1
    if width < 0:
        raise GradcliError("bad-argument", f"size is {width} but must be >= 0")
    if width > length:
        raise GradcliError(
            "bad-argument",
            f"maximum size for tensor at dimension {axis + max(x.ndim, 1)} is {length} but size is {width}",
        )
    if stride <= 0:
        raise GradcliError("bad-argument", f"step is {stride} but must be > 0")
    x = moved_last(x, axis) if x.ndim else reshape_to(x, (1,))
    found = windows(x, attrs=((width,), (stride,), (1,)))
    if not as_node(input).ndim:
        return reshape_to(found, (prod(found.shape),))
    rank = found.ndim
    order = [*range(-rank, -2)]
    order.insert(rank - 1 + axis, -2)
    return turned(found, [*order, -1])
