"""Pooling into a given number of windows, which cover the last dims evenly and may overlap.

Windows of one dim have one or two lengths: each is taken as long as the longest, and what is beyond its end
counts as nothing.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.argmax import index_of_max
from gradcli.ops.indexing import along_last, take_last
from gradcli.ops.pooling import POOLING
from gradcli.ops.reductions import average, kept, total
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, moved_last, permuted
from gradcli.tape import context, primitives
from gradcli.tape.node import FLOATS, Node, Operand, leaf
from gradcli.tape.primitives import as_node, reshape_to, where
from gradcli.tape.promote import torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {"Avg": ("SqueezeBackward1", "AdaptiveAvgPool2D", "AdaptiveAvgPool3D")}
_NAMES["Max"] = ("SqueezeBackward1", "AdaptiveMaxPool2D", "AdaptiveMaxPool3D")


def _sizes(x: Node, rank: int, output_size: Any, name: str) -> tuple[int, ...]:
    """How many windows each dim has; None stands for as many as there are elements."""
    if x.ndim not in (rank + 1, rank + 2):
        raise GradcliError(
            "shape",
            f"{name}(): Expected {rank + 1}D or {rank + 2}D tensor, but got {list(x.shape)}"
            if rank > 1
            else f"Expected 2 to 3 dimensions, but got {x.ndim}-dimensional tensor for argument #1 'self'",
        )
    if x.dtype not in FLOATS:
        raise GradcliError("dtype", f"\"{name}\" not implemented for '{torch_name(x.dtype)}'")
    given = list(output_size) if isinstance(output_size, (tuple, list)) else [output_size] * rank
    if len(given) != rank:
        raise GradcliError("bad-argument", f"{name}(): internal error: output_size.size() must be {rank}")
    spatial = x.shape[-rank:]
    out = [
        size if each is None else integer(each, "output_size")
        for each, size in zip(given, spatial, strict=True)
    ]
    if min(out) < 0:
        raise GradcliError(
            "bad-argument",
            f"{name}(): elements of output_size must be greater than or equal to 0 but received {min(out)}",
        )
    # PyTorch takes images without channels for means over up to two dims, and for nothing else.
    first = x.ndim - rank if "avg" in name and rank < 3 else 1
    if 0 in x.shape[first:]:
        raise GradcliError(
            "shape",
            f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(x.shape)} with dimension {x.shape.index(0, first)} being empty",
        )
    return tuple(out)


def _windows(x: Node, out: tuple[int, ...]) -> tuple[Node, Any, Any]:
    """The windows as dims behind those that count them, which of their elements count, and their places."""
    rank = len(out)
    spatial = x.shape[-rank:]
    lead = x.shape[: x.ndim - rank]
    longest = [
        max((-(-(part + 1) * size // parts) - part * size // parts for part in range(parts)), default=0)
        for size, parts in zip(spatial, out, strict=True)
    ]
    context.admit(prod(lead) * prod(out) * prod(longest) * x.dtype.itemsize, (*lead, *out, *longest))
    counted, places = np.ones((1,) * 2 * rank, bool), np.zeros((1,) * 2 * rank, np.int64)
    for dim, (size, parts, length) in enumerate(zip(spatial, out, longest, strict=True)):
        part = np.arange(parts)
        start, stop = part * size // parts, -(-(part + 1) * size // parts)
        index = start[:, None] + np.arange(length)
        inside = index < stop[:, None]
        index = np.minimum(index, size - 1)
        # The dims that are left stand before the windows and places of those that were taken.
        x = take_last(moved_last(x, -rank - dim), leaf(index))
        shape = [1] * 2 * rank
        shape[dim], shape[rank + dim] = parts, length
        counted = counted & inside.reshape(shape)
        places = places * size + index.reshape(shape)
    # Behind the lead now stand windows and places of the first dim, of the second …
    pairs = range(-2 * rank, 0, 2)
    order = (*range(-x.ndim, -2 * rank), *pairs, *[each + 1 for each in pairs])
    return permuted(x, order), counted, places


def averages(x: Node, out: tuple[int, ...]) -> Node:
    rank = len(out)
    if out == (1,) * rank:
        dims = tuple(range(-rank, 0))
        return kept(average(x, dims), x.shape, dims)
    windows, counted, _ = _windows(x, out)
    if not counted.all():
        windows = where(leaf(counted), windows, 0.0)
    means = total(windows, tuple(range(-rank, 0)))
    if 0 in out:
        return means
    for dim in range(rank):  # PyTorch divides by one length after the other
        others = tuple(rank + each for each in range(rank) if each != dim)
        lengths = counted.any(axis=others).sum(axis=-1)
        lengths = lengths.max(axis=tuple(each for each in range(rank) if each != dim), keepdims=True)
        same = (lengths == lengths.flat[0]).all()
        means = primitives.div(means, float(lengths.flat[0]) if same else leaf(lengths.astype(means.dtype)))
    return means


def _largest(x: Node, out: tuple[int, ...]) -> tuple[Node, Node]:
    rank = len(out)
    windows, counted, places = _windows(x, out)
    if not counted.all():
        windows = where(leaf(counted), windows, float("-inf"))
    lead = windows.shape[: windows.ndim - 2 * rank]
    joined = (*out, prod(windows.shape[windows.ndim - rank :]))
    first = index_of_max(reshape_to(windows, (*lead, *joined)), attrs=(-1,))
    flat = leaf(np.broadcast_to(places, counted.shape).reshape((prod(out), joined[-1])))
    rows = reshape_to(first, (*lead, prod(out), 1))
    at = reshape_to(along_last(flat, rows), (*lead, prod(out)))
    values = along_last(reshape_to(x, (*lead, prod(x.shape[-rank:]))), at)
    return reshape_to(values, (*lead, *out)), reshape_to(at, (*lead, *out))


def _averages_of(rank: int) -> None:
    name = f"adaptive_avg_pool{rank}d"

    def grad_fn(call: Mapping[str, Any]) -> str:
        size = call["output_size"]
        one = tuple(size) == (1,) * rank if isinstance(size, (tuple, list)) else size == 1
        return "MeanBackward1" if one and rank > 1 else _NAMES["Avg"][rank - 1]

    def pool(input: Operand, output_size: Any) -> Node:
        x = as_node(input)
        return averages(x, _sizes(x, rank, output_size, name))

    pool.__doc__ = f"the means over output_size windows that cover the last {_dims(rank)} evenly"
    function(POOLING, name, method=False, grad_fn=grad_fn)(pool)


def _maxima_of(rank: int) -> None:
    name = f"adaptive_max_pool{rank}d"

    def pool(input: Operand, output_size: Any, return_indices: bool = False) -> Any:
        x = as_node(input)
        values, indices = _largest(x, _sizes(x, rank, output_size, name))
        return (values, indices) if return_indices else values

    pool.__doc__ = f"the largest of each of output_size windows that cover the last {_dims(rank)} evenly"
    function(POOLING, name, method=False, grad_fn=_NAMES["Max"][rank - 1])(pool)


def _dims(rank: int) -> str:
    return "dim" if rank == 1 else ("two dims" if rank == 2 else "three dims")


for _rank in (1, 2, 3):
    _averages_of(_rank)
    _maxima_of(_rank)
