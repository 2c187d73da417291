"""How a shape is cut into tiles, and how sums over tiles keep their digits. Called by `blocks`."""

from __future__ import annotations

from functools import cache
from math import prod
from string import ascii_letters
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.totals import ones

if TYPE_CHECKING:
    from gradcli.tape.node import Shape

DEEP = 16
"""How many elements may be added one after the other."""


LONG = 80
"""Elements of a row from which on starting a loop takes less than copying the row."""


def buffered(row: int) -> int:
    """How many elements NumPy may copy at a time, for work on rows of so many.

    Where rows don't lie one after the other, or are broadcast, it copies as many of them as fit in its
    buffer, which takes as long as the arithmetic. Rows that are long enough go one by one.
    """
    return min(row, 8192) // 16 * 16 if row >= LONG else 8192


ROW_CUT = 96
"""Rows up to so long are not cut for the sake of depth: to begin one takes as long as a dozen elements."""


def tiling(dims: Shape, reduced: frozenset[int], whole: frozenset[int], block: int) -> Shape:
    """The shape of a tile of about `block` elements.

    Rows as long as they come, unless an outer axis is reduced: then a tile must be deep in that
    axis too, so that what the tiles leave behind is small against the whole.

    Args:
        dims: of what is cut.
        reduced: the axes along which tiles leave partial results.
        whole: the axes that aren't cut.
        block: how many elements.
    """
    tile = [size if axis in whole else 1 for axis, size in enumerate(dims)]
    room = block = max(block // prod(tile), 1)
    axes = [axis for axis in reversed(range(len(dims))) if axis not in whole]
    outer = [axis for axis in axes[1:] if axis in reduced]
    order = [*axes[:1], *outer, *[axis for axis in axes[1:] if axis not in outer]]
    for place, axis in enumerate(order):
        most = max(block // DEEP, min(block, ROW_CUT)) if place == 0 and outer else room
        size = dims[axis]
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
        if value.shape[axis] > 2 * DEEP:
            value = _in_groups(value, axis)
        length = value.shape[axis]
        lead = (slice(None),) * axis
        while length > DEEP:
            half = length // 2
            folded = value[(*lead, slice(half))] + value[(*lead, slice(half, 2 * half))]
            if length % 2:
                folded[(*lead, slice(1))] += value[(*lead, slice(2 * half, None))]
            value, length = folded, half
    return ufunc.reduce(value, axis=axis, keepdims=True)


def _in_groups(value: Any, axis: int) -> Any:
    """The sums of so many neighbours along an axis as may be added one after the other."""
    deep = DEEP * FOLDED if _by_blas(value, axis) else DEEP
    whole = value.shape[axis] // deep * deep
    lead, shape = (slice(None),) * axis, value.shape
    if not whole:
        return np.expand_dims(_sum(value, axis), axis)
    groups = value[(*lead, slice(whole))].reshape((*shape[:axis], -1, deep, *shape[axis + 1 :]))
    sums = _sum(groups, axis + 1)
    if whole < shape[axis]:
        rest = _sum(value[(*lead, slice(whole, None))], axis)
        sums[(*lead, 0)] += rest
    return sums


FOLDED = 2
"""How many times as many rows BLAS may add: it adds some of them to each other first."""


def _by_blas(value: Any, axis: int) -> bool:
    """Whether BLAS adds up along an axis: rows one below the other, in half the time."""
    return bool(axis == value.ndim - 2 and value.dtype.kind == "f" and value.flags.c_contiguous)


def _sum(value: Any, axis: int) -> Any:
    """The sums along an axis, which is dropped."""
    if _by_blas(value, axis):
        return np.matmul(ones(value.shape[axis], value.dtype), value)
    return np.einsum(_subscripts(value.ndim, axis), value)


@cache
def _subscripts(rank: int, axis: int) -> str:
    """What tells einsum to sum one axis."""
    letters = ascii_letters[:rank]
    return f"{letters}->{letters[:axis]}{letters[axis + 1 :]}"


ROW = 256
"""Up to so many elements of a row are added by einsum: it starts one in no time, and several sums run side by
side in it, of which none gets deep."""
SHORTEST, LONGEST = 24, 2048
"""Rows of so many elements have their extreme found by its index, which NumPy is quicker at."""
FEW = 4
"""Up to so many elements are quickest reduced one by one, each a slice of the others' length."""


_PLACES = {np.maximum: np.argmax, np.minimum: np.argmin}


def reduce_tile(ufunc: np.ufunc, value: Any, axes: tuple[int, ...], target: Any) -> None:
    """Reduces one tile into its place: `target` has size 1 along the axes."""
    if not axes:  # of size 1, all of them
        if ufunc is np.add:
            np.add(value, 0, out=target)  # no sum is -0
        else:
            target[...] = value
        return
    if len(axes) == value.ndim and value.flags.c_contiguous:
        target[...] = ufunc.reduce(value.reshape(-1))
        return
    if len(axes) == 1 and 2 <= value.shape[axes[0]] <= FEW and target.size > 1:
        lead = (slice(None),) * axes[0]
        parts = [value[(*lead, slice(at, at + 1))] for at in range(value.shape[axes[0]])]
        ufunc(parts[0], parts[1], out=target)
        for part in parts[2:]:
            ufunc(target, part, out=target)
        if ufunc is np.add:
            ufunc(target, 0, out=target)  # no sum is -0
        return
    last = value.ndim - 1
    if axes == (last,) and value.flags.c_contiguous:
        if ufunc is np.add and value.shape[last] <= ROW:
            np.einsum(_subscripts(value.ndim, last), value, out=target[..., 0])
            return
        if ufunc in _PLACES and SHORTEST <= value.shape[last] <= LONGEST:
            places = _PLACES[ufunc](value, axis=last).reshape(-1)
            places += np.arange(0, value.size, value.shape[last])
            target[...] = value.reshape(-1)[places].reshape(target.shape)
            return
    for axis in axes[:-1] if axes[-1] == value.ndim - 1 else axes:
        if ufunc is np.add and value.shape[axis] > 2 * DEEP:
            value = pairwise(ufunc, value, axis)
            if axes == (axis,):
                target[...] = value
                return
    ufunc.reduce(value, axis=axes, keepdims=True, out=target)
