"""How a shape is cut into tiles, and how sums over tiles keep their digits. Called by `blocks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Shape

DEEP = 16
"""How many elements may be added one after the other."""


def merged(shape: Shape, patterns: Sequence[Shape], reduced: Sequence[tuple[int, ...]]) -> list[list[int]]:
    """Runs of axes that every operand treats as one.

    Args:
        shape: what is iterated over.
        patterns: operand shapes of the same rank: 1 where they are broadcast.
        reduced: for each reduction the axes it sums over.
    """
    runs: list[list[int]] = []
    last: Any = None
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        role = (tuple([each[axis] == 1 for each in patterns]), tuple([axis in axes for axes in reduced]))
        if runs and role == last:
            runs[-1].append(axis)
        else:
            runs.append([axis])
        last = role
    return runs


def tiling(shape: Shape, reduced: frozenset[int], block: int) -> Shape:
    """The shape of a tile of about `block` elements.

    Rows as long as they come, unless an outer axis is reduced: then a tile must be deep in that
    axis too, so that what the tiles leave behind is small against the whole.
    """
    rank = len(shape)
    tile = [1] * rank
    room = block
    outer = [axis for axis in reversed(range(rank - 1)) if axis in reduced]
    order = [rank - 1, *outer, *[axis for axis in reversed(range(rank - 1)) if axis not in outer]]
    for place, axis in enumerate(order):
        most = max(block // DEEP, 1) if place == 0 and outer else room
        size = shape[axis]
        parts = -(-size // min(most, size))
        if parts > 1 and parts % 2 and size > 64 * parts and block > 64:
            parts += 1  # an even number shares well between cores
        length = -(-size // parts)
        if place == 0 and length >= 64:
            length = min(-(-length // 8) * 8, size)  # rows that start where cache lines do
        tile[axis] = length
        room = max(room // length, 1)
    return tuple(tile)


def pairwise(ufunc: np.ufunc, value: Any, axis: int) -> Any:
    """`value` reduced along one axis, which stays with size 1, by adding halves."""
    if ufunc is np.add:
        length = value.shape[axis]
        lead = (slice(None),) * axis
        while length > DEEP:
            half = length // 2
            folded = value[(*lead, slice(half))] + value[(*lead, slice(half, 2 * half))]
            if length % 2:
                folded[(*lead, slice(1))] += value[(*lead, slice(2 * half, None))]
            value, length = folded, half
    return ufunc.reduce(value, axis=axis, keepdims=True)


def reduce_tile(ufunc: np.ufunc, value: Any, axes: tuple[int, ...], target: Any) -> None:
    """Reduces one tile into its place among the partial results."""
    if not axes:
        target[...] = value
        return
    if len(axes) == value.ndim and value.flags.c_contiguous:
        target[...] = ufunc.reduce(value.reshape(-1))
        return
    for axis in axes[:-1] if axes[-1] == value.ndim - 1 else axes:
        if ufunc is np.add and value.shape[axis] > 2 * DEEP:
            value = pairwise(ufunc, value, axis)
    ufunc.reduce(value, axis=axes, keepdims=True, out=target)
