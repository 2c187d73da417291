"""Sums of float32 arrays in the order in which PyTorch adds: to the last bit what its scripts print.

A float32 sum depends on its order in the last digits, and a script that prints a loss prints them all.
PyTorch's order on a CPU (found by experiment for all lengths up to 32,767) is a cascade of vectors of 8, with
AVX-512 too: four running sums take every fourth vector each; after 16 additions a running sum is added to a
coarser one, that after 16 to one coarser still; then the levels, the running sums, what is left over and the
lanes are added one by one. From 32,768 elements on PyTorch's result depends on its number of threads, and
ours is NumPy's.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from math import prod
from typing import Any

import numpy as np

LANES, RUNNING, STEP, LEVELS = 8, 4, 16, 4
UNROLLED = RUNNING * LANES
"""Columns that PyTorch adds up side by side, each with one running sum only."""
MOST = 32_767
"""Elements from which on PyTorch divides the work among threads."""


def cascade(x: Any, dims: tuple[int, ...]) -> Any:
    """The sum over negative dims, which are dropped, or None where the order isn't one of those known here.

    Args:
        x: a float32 array.
    """
    if not 0 < x.size <= MOST:
        return None
    if not x.flags.c_contiguous and min(x.strides) < 0:
        x = np.ascontiguousarray(x)  # there is no going backwards in PyTorch
    if x.size < LANES and len(dims) == x.ndim and x.flags.c_contiguous:
        return _running(x.reshape(-1))
    if x.flags.c_contiguous:
        gone, shape, kept = _pattern(x.shape, dims)
    else:
        sizes, every = x.shape, range(-x.ndim, 0)
        order = tuple(sorted([dim for dim in every if sizes[dim] > 1], key=lambda dim: -x.strides[dim]))
        moved = x.transpose([dim for dim in every if sizes[dim] == 1] + list(order))
        stay = [dim for dim in order if dim not in dims]
        if not moved.flags.c_contiguous or stay != sorted(stay):
            return None
        gone, shape, kept = _pattern(sizes, dims, order)
        x = moved
    found = _by_pattern(x.reshape(shape), gone)
    return None if found is None else found.reshape(kept)[()]


def losses(x: Any, dims: tuple[int, ...]) -> Any:
    """The sum over all negative dims of a small array, or over its last, as PyTorch's nll_loss adds up.

    One after the other, with a level for each power of 16; the first one is added to the highest.

    Args:
        x: a float32 array.
    """
    rows = np.moveaxis(x.reshape(*x.shape[: x.ndim - len(dims)], -1), -1, 0)
    first, rest = rows[0], rows[1:]
    found = np.zeros_like(first)
    while len(rest):
        whole = len(rest) // STEP * STEP
        if whole < len(rest):
            found = found + np.add.accumulate(rest[whole:], 0)[-1]
        rest = np.add.accumulate(rest[:whole].reshape(-1, STEP, *first.shape), 1)[:, -1]
    return (found + first)[()]


TAIL = 4
"""Squares that the compiler makes at once of what fills no vector."""


def squares(x: Any, dims: tuple[int, ...]) -> Any:
    """The sum of the squares as PyTorch's 2-norm adds them up, or None where the order is another.

    The lanes of a vector of 8 are added one by one, then what is left over: squares of four, and at the end
    single ones, whose product and sum are rounded once.

    Args:
        x: a float32 array.
        dims: negative dims, which are dropped.
    """
    if not x.flags.c_contiguous or not 0 < x.size <= MOST or min(dims) != -len(dims):
        return None
    lead = x.shape[: -len(dims)]
    rows = x.reshape(prod(lead), -1)
    length = rows.shape[-1]
    whole = length - length % LANES
    most = length - length % TAIL
    made = np.square(rows[:, :most])
    lanes = np.add.reduce(made[:, :whole].reshape(len(rows), -1, LANES), 1)
    found = np.add.accumulate(np.concatenate([lanes, made[:, whole:]], 1), 1)[:, -1]
    for each in rows[:, most:].T.astype(np.float64):
        found = (each * each + found).astype(np.float32)
    return found.reshape(lead)[()]


@lru_cache(256)
def _pattern(
    sizes: tuple[int, ...], dims: tuple[int, ...], order: tuple[int, ...] | None = None
) -> tuple[list[bool], list[int], list[int]]:
    """Which runs of dims are gone, in the order of memory, how long each is, and the shape of the sum."""
    every = range(-len(sizes), 0)
    gone, shape = [], []
    for away, together in groupby(order or [dim for dim in every if sizes[dim] > 1], lambda dim: dim in dims):
        gone.append(away)
        shape.append(prod([sizes[dim] for dim in together]))
    return gone, shape, [sizes[dim] for dim in every if dim not in dims]


def _by_pattern(x: Any, gone: list[bool]) -> Any:
    """The sum over those dims of a contiguous array that are gone; no two neighbours are alike."""
    match gone:
        case [True]:
            return np.asarray(_rows(x[None])[0])
        case [False, True]:
            return _rows(x)
        case [True, False]:
            return _columns(x)
        case [False, True, False]:
            return _columns(x.swapaxes(0, 1))
        case [True, False, True]:  # row after row is added to what is there
            return np.add.reduce(_rows(x.reshape(-1, x.shape[2])).reshape(x.shape[:2]), 0)
        case [] | [False]:
            return x + 0.0
    return None


def _rows(x: Any) -> Any:
    """The sum of each contiguous row of a matrix."""
    length = x.shape[1]
    whole = length // LANES * LANES
    if not whole:
        return _running(x.T)
    lanes = _running(x[:, :whole].reshape(len(x), -1, LANES).swapaxes(0, 1))
    return np.add.accumulate(np.concatenate([x[:, whole:], lanes], 1), 1)[:, -1]


def _columns(x: Any) -> Any:
    """The sum along the first dim, where the last is the contiguous one and stays."""
    width = UNROLLED if x.shape[-1] >= LANES else RUNNING
    whole = x.shape[-1] // width * width
    sides = [_levels(x[..., :whole])] if whole else []
    if whole < x.shape[-1]:
        sides.append(_running(x[..., whole:]))
    return np.concatenate(sides, -1)


def _running(x: Any) -> Any:
    """The sum along the first dim by four running sums."""
    length = len(x)
    if length < 2 * RUNNING:  # each of one element: the first begins at zero, which has no sign
        first = x[0] + 0.0
        # NumPy's own iteration ends with an error, whose words take as long as four terms.
        for at in (*range(RUNNING, length), *range(1, min(length, RUNNING))):
            first = first + x[at]
        return first
    whole = length // RUNNING * RUNNING
    first, *rest = _levels(x[:whole].reshape(-1, RUNNING, *x.shape[1:]))
    for each in (*x[whole:], *rest):
        first = first + each
    return first


def _levels(x: Any) -> Any:
    """The sum along the first dim, one after the other on each level."""
    if len(x) < STEP:
        return np.add.reduce(x, 0)
    levels = []
    for _ in range(LEVELS - 1):
        whole = len(x) // STEP * STEP
        levels.append(np.add.reduce(x[whole:], 0))
        x = np.add.reduce(x[:whole].reshape(-1, STEP, *x.shape[1:]), 1)
        if not whole:
            break
    total = levels[0]
    for each in [*levels[1:], np.add.reduce(x, 0)] if len(levels) == LEVELS - 1 else levels[1:]:
        total = total + each
    return total
