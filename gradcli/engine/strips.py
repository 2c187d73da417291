"""Products whose operands are long and narrow, as many products of strips, in one call of NumPy.

On some cores OpenBLAS multiplies up to a million numbers straight from where they lie; of more it lays the
operands out anew first, which for short rows takes as long as the product. Called by `blas`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.lines import lined, on_line
from gradcli.machine import blas_core

if TYPE_CHECKING:
    from collections.abc import Callable

DIRECT = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""Cores for which OpenBLAS has such kernels."""
SMALL = 1_000_000
"""The most multiplications that they are for."""
ROWS, LEAST = 128, 80
"""Rows of a strip at most and at least."""
LONG = 512
"""Rows from which on it pays to copy the other operand: the kernels want its rows in order, and full lines of
the cache, without which they take a third longer."""
HELD = 500
"""Elements of a result up to which `np.matmul` keeps the interpreter, however long it takes, and `np.dot`
doesn't."""
FEW = 8192
"""Elements of a result up to which what is added up is cut: they are written for each strip."""
TINY = 16
"""Rows and columns of the right matrices of a batch up to which it pays to have these in order: those whose
columns are take such kernels twice as long."""
KEPT = 262_144
"""Elements of the results of such strips at a time, before they are added."""


def product(a: Any, b: Any, out: Any) -> Callable[[], Any]:
    """What computes `np.matmul` into an array.

    All is made ready: of two threads that begin at once neither shall wait for the other's interpreter.
    """
    rows, columns, terms = a.shape[-2], b.shape[-1], a.shape[-1]
    if rows * columns * terms > SMALL and out.dtype == np.float64 and blas_core() in DIRECT:
        if rows >= columns and columns * terms * LEAST <= SMALL:
            return _by_rows(a, b, out, min(ROWS, SMALL // (columns * terms)))
        if out.ndim == 2 and rows * terms * LEAST <= SMALL:
            return _by_rows(b.T, a.T, out.T, min(ROWS, SMALL // (rows * terms)))
        if out.ndim == 2 and rows * columns <= FEW:
            both = _turned(a) and _turned(b)  # quicker than two that are read the other way round
            return partial(_by_sums, b.T, a.T, out.T) if both else partial(_by_sums, a, b, out)
    if out.size <= HELD and a.ndim == b.ndim == 2 and out.flags.c_contiguous:
        return partial(np.dot, a, b, out)
    return partial(np.matmul, a, b, out=out)


def direct(a: Any, b: Any) -> bool:
    """Whether BLAS multiplies each matrix of a batch with another from where the two lie."""
    few = a.shape[-2] * b.size <= SMALL and b.strides[-1] == b.itemsize
    return few and a.dtype == np.float64 and blas_core() in DIRECT


def tiny_in_order(a: Any, b: Any) -> Any:
    """The right matrices of a batch, or a copy of them that has their rows in order, if that is quicker."""
    turned = b.strides[-1] != b.itemsize and a.strides[-1] == a.itemsize and b.shape[-1] > 1
    if not turned or a.shape[:-2] != b.shape[:-2] or max(b.shape[-2:]) > TINY:
        return b
    return np.ascontiguousarray(b) if b.dtype == np.float64 and blas_core() in DIRECT else b


def _by_rows(a: Any, b: Any, out: Any, most: int) -> Callable[[], Any]:
    rows = a.shape[-2]
    if b.ndim == 2 and rows >= LONG:
        b = _laid_out(b)
    elif b.strides[-1] != b.itemsize:
        return partial(np.matmul, a, b, out=out)
    strip = _even(rows, most)
    whole = rows // strip * strip
    strips = partial(np.matmul, _cut(a, strip, whole), b[..., None, :, :], out=_cut(out, strip, whole))
    if whole == rows:
        return strips
    rest = partial(np.matmul, a[..., whole:, :], b, out=out[..., whole:, :])
    return lambda: (strips(), rest())


def _by_sums(a: Any, b: Any, out: Any) -> None:
    """The sum of products of strips of the columns of `a` with strips of the rows of `b`."""
    terms = len(b)
    strip = _even(terms, min(ROWS, SMALL // out.size))
    step = max(KEPT // out.size, 1) * strip
    whole = terms // strip * strip
    turned = a.T
    np.matmul(a[:, whole:], b[whole:], out=out)  # zero, if nothing is left
    found = np.empty((step // strip, *out.shape), out.dtype)
    for start in range(0, whole, step):
        part = slice(start, min(start + step, whole))
        left = _cut(turned[part], strip, part.stop - start).swapaxes(-1, -2)
        some = np.matmul(left, _cut(b[part], strip, part.stop - start), out=found[: len(left)])
        out += np.add.reduce(some, axis=0)


def _turned(x: Any) -> bool:
    """Whether the columns of a matrix are what lies in order."""
    return bool(x.strides[0] < x.strides[1])


def _laid_out(x: Any) -> Any:
    """A matrix with its rows in order, from the beginning of a line on: itself or a copy."""
    if x.flags.c_contiguous and on_line(x):
        return x
    found = lined(x.nbytes).view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


def _even(size: int, most: int) -> int:
    """The length of strips of about one length, a multiple of 8 where there may be so many."""
    length = -(-size // -(-size // most))
    return min(-(-length // 8) * 8, most)


def _cut(x: Any, strip: int, whole: int) -> Any:
    """The first rows as strips, in the same memory."""
    *lead, _, columns = x.shape
    return np.reshape(x[..., :whole, :], (*lead, whole // strip, strip, columns), copy=False)
