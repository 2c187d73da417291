"""Products of matrices on as many cores as they are worth, without BLAS's own threads.

Those wait for each other by spinning, which on busy cores takes longer than the product. So BLAS is told to
work alone, and a product that gains by it is cut into parts that our own threads share, which soon sleep when
there is nothing to do. The parts depend on the shapes alone, so the result is the same on any number of
threads.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import count, pairwise
from operator import call
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import pool
from gradcli.engine.lines import address
from gradcli.engine.settings import threads
from gradcli.engine.strips import direct, product, tiny_in_order
from gradcli.machine import blas_alone, cores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ALONE, THIN_ALONE = 250_000, 9_000
"""Multiplications up to which BLAS takes no threads anyway, and those with a vector."""
SHARED = 4_000_000
"""Multiplications from which on two threads that are awake share a product: 100 microseconds."""
WOKEN = 2 * SHARED
"""Those for which a thread is worth waking."""
PART = WOKEN
"""Multiplications that each of more than two parts has at least: every one lays its operands out anew."""
THIN = 8
"""How many times longer a multiplication takes with a vector, for which memory is waited for."""
MOST = 2 * cores()
"""Into how many parts at most, whatever the number of threads: two for each, as one may come late."""
LEAST = 32
"""Rows or columns that a part has at least."""
WIDE = 8
"""How many times more columns than rows a result has that is cut by columns, which takes longer."""
SQUARE = 64
"""Rows that a part of a symmetric result has at least: what stands at the diagonal is quick by itself."""
EVEN = 1.15
"""How much longer than the mean of all the longest share may take, so that it isn't cut."""
APART = 16
"""Elements between results of several threads: two lines of the cache."""
LONG = 256
"""Products of which a part adds up at least so many, where rows and columns are few."""


def multiply(a: Any, b: Any, out: Any = None) -> Any:
    """`np.matmul` of two arrays of matrices."""
    if a.shape[-1] == 1:  # nothing is added up, not even to a zero, which would lose its sign
        return np.multiply(a, b, out=out)
    if a.size * b.shape[-1] <= THIN_ALONE:
        if out is None and a.ndim == 2 == b.ndim and a.flags.forc and b.flags.forc:
            return a.dot(b)  # to the last bit the same, where all lies together, and called in half the time
        return np.matmul(a, b, out=out)
    if b.ndim > 2:
        b = tiny_in_order(a, b)
    work = a.size * b.shape[-1] * (1 if a.ndim >= b.ndim else b.size // max(b.shape[-1] * b.shape[-2], 1))
    thin = a.shape[-2] == 1 or b.shape[-1] == 1
    if work <= (THIN_ALONE if thin else ALONE):
        return np.matmul(a, b, out=out) if out is not None else np.matmul(a, b)
    if out is None:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        out = np.empty((*lead, a.shape[-2], b.shape[-1]), np.result_type(a, b))
    with blas_alone():
        work *= THIN if thin else 1
        some, end = pieces(a, b, out, work)
        share(call, some, worth(work))
        if end is not None:
            end()
    return out


def pieces(
    a: Any, b: Any, out: Any, work: int, whole: bool = False
) -> tuple[list[Callable[[], Any]], Callable[[], Any] | None]:
    """What computes the product, as functions that any threads may call at once, and one for the end.

    Args:
        a, b: arrays of matrices.
        out: where it goes.
        work: how many multiplications it takes; with a vector, `THIN` times as many.
        whole: whether it stays one piece.
    """
    if b.ndim > 2:
        b = tiny_in_order(a, b)
    a, b, out = _below_each_other(a, b, out)
    most = 1 if (whole and out.ndim == 2) or work < SHARED else min(max(work // PART, 2), MOST)
    sums = _sums(a, b, most)
    if sums is None and _turned(a, b):
        return _halves(a, b, out, most), None
    parts = _parts(a, b, out, most) if sums is None else sums[0]
    if len(parts) < 2:
        return [product(a, b, out)], None
    return (
        [product(left, right, into) for left, right, into in parts],
        None if sums is None else partial(_added, sums[1], out),
    )


def _below_each_other(a: Any, b: Any, out: Any) -> tuple[Any, Any, Any]:
    """A batch times one matrix as one product, for which BLAS lays that matrix out once, where it lies so."""
    if a.ndim > 2 == b.ndim and not direct(a, b):
        with suppress(ValueError):
            return (
                np.reshape(a, (-1, a.shape[-1]), copy=False),
                b,
                np.reshape(out, (-1, out.shape[-1]), copy=False),
            )
    return a, b, out


def balanced(works: Sequence[int]) -> bool:
    """Whether so many cores as there are have about equal shares of what stays whole."""
    loads = [0] * cores()
    for work in sorted(works, reverse=True):
        least = loads.index(min(loads))
        loads[least] += work
    return max(loads) * len(loads) <= EVEN * sum(works)


def worth(work: int) -> bool:
    """Whether threads shall share so many multiplications: less of them where one is awake already."""
    return work >= WOKEN or (work >= SHARED and pool.awake())


def _turned(a: Any, b: Any) -> bool:
    """Whether one matrix is the other's transpose, in the same memory."""
    if a.ndim != 2 or a.shape != b.shape[::-1] or a.strides != b.strides[::-1]:
        return False
    return address(a) == address(b)


def _halves(a: Any, b: Any, out: Any, most: int) -> list[Callable[[], Any]]:
    """A symmetric product, of which half is computed, as BLAS does where nothing is cut."""
    size, parts = len(a), min(most, len(a) // SQUARE) // 2 * 2
    if not parts:
        return [partial(np.matmul, a, b, out=out)]
    ends = [round(size * (part / parts) ** 0.5) for part in range(parts + 1)]  # rows get longer
    some = [slice(*each) for each in pairwise(ends)]

    def rows(part: slice) -> None:
        before = slice(part.start)
        np.matmul(a[part], b[:, part], out=out[part, part])
        np.matmul(a[part], b[:, before], out=out[part, before])
        out[before, part] = out[part, before].T

    return [partial(rows, part) for part in reversed(some)]  # the longest first


def _sums(a: Any, b: Any, most: int) -> tuple[list[tuple[Any, Any, Any]], Any] | None:
    """Products to be added up, and where they go, if there is more to add up than rows and columns.

    Cut by rows or columns, each part would read one of the two in full.
    """
    (rows, length), columns = a.shape[-2:], b.shape[-1]
    most = min(most, length // LONG, length // (2 * max(rows, columns)))
    if most < 2 or a.ndim != 2 or b.ndim != 2:
        return None
    some = cuts(length, most, LONG)
    size = rows * columns
    # Each is added to again and again: two threads must not write to one line of the cache.
    found = np.empty((len(some), size + APART), np.result_type(a, b))[:, :size]
    return [
        (a[:, cut], b[cut], each.reshape(rows, columns)) for cut, each in zip(some, found, strict=True)
    ], found


def _added(found: Any, out: Any) -> None:
    out[...] = np.add.reduce(found, axis=0).reshape(out.shape)


def _parts(a: Any, b: Any, out: Any, most: int) -> list[tuple[Any, Any, Any]]:
    """The product as several, by the first dim of a batch, or by rows or columns of the result."""
    if most < 2:
        return []
    if out.ndim > 2 and out.shape[0] > 1:
        some = cuts(out.shape[0], most, 1)
        left, right = (
            np.broadcast_to(each, (*out.shape[:-2], *each.shape[-2:])) if each.ndim < out.ndim else each
            for each in (a, b)
        )
        return [(_part(left, cut), _part(right, cut), out[cut]) for cut in some]
    rows, columns = out.shape[-2:]
    some = cuts(rows, most, LEAST)
    if len(some) > 1 and rows * WIDE >= columns:
        return [(a[..., cut, :], b, out[..., cut, :]) for cut in some]
    return [(a, b[..., cut], out[..., cut]) for cut in cuts(columns, most, LEAST)]


def _part(x: Any, cut: slice) -> Any:
    return x if x.shape[0] == 1 else x[cut]


def cuts(size: int, most: int, least: int) -> list[slice]:
    """Up to `most` parts of about one length, which is `least` at least: an even number shares well."""
    parts = max(min(most, size // least), 1)
    length = max(-(-size // (parts - parts % 2 if parts > 1 else 1)), 1)
    return [slice(start, min(start + length, size)) for start in range(0, size, length)]


def share(work: Callable[[Any], Any], parts: Sequence[Any], several: bool = True) -> None:
    """Does all parts, in as many threads as there are, or in this one."""
    tickets = count()

    def take() -> None:
        while (number := next(tickets)) < len(parts):
            work(parts[number])

    workers = min(threads(), len(parts)) if several else 1
    if workers > 1:
        pool.share(take, workers)
    else:
        take()
