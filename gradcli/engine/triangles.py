"""Triangular systems, inverses and Cholesky's decomposition, by SciPy's BLAS and LAPACK.

BLAS's own solver reaches a third of what its products do. Here it does the blocks on the diagonal, products
do the rest, and columns, which don't depend on each other, are shared by threads where there are many. Called
by kernels of `gradcli.ops`.
"""

from __future__ import annotations

import ctypes
from contextlib import nullcontext
from ctypes import POINTER, byref, c_char_p, c_int, c_void_p
from functools import lru_cache, partial
from operator import call
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import cuts, multiply, share
from gradcli.engine.lines import address
from gradcli.machine import blas_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 128
"""Rows of a block: as many as make products quick, and few enough that the diagonal is a small part."""
SHARED = 20_000_000
"""Multiplications of a solution for which a thread is worth waking: the calls of BLAS in it are short, and
threads wait for each other between them."""
SHORT = 2_000_000
"""The same where each thread has one call for its columns."""
COLUMNS = 128
"""Columns that each thread has at least: BLAS takes nearly as long for half of so many."""
FEW = 4
"""Columns up to which each is solved by itself, in an eighth of the time."""
LEAF = 48
"""Rows up to which a triangle is inverted by the solver, not by halves."""

_TRIANGULAR = (c_char_p, c_char_p, c_char_p, c_char_p, c_int, c_int, float, c_void_p, c_int, c_void_p, c_int)
_COLUMN = (c_char_p, c_char_p, c_char_p, c_int, c_void_p, c_int, c_void_p, c_int)
_PRODUCT = (
    c_char_p,
    c_char_p,
    c_int,
    c_int,
    c_int,
    float,
    c_void_p,
    c_int,
    c_void_p,
    c_int,
    float,
    c_void_p,
    c_int,
)


class _Routines:
    """BLAS's `trsm`, `trsv` and `gemm` for a dtype, called at their addresses.

    They take matrices where they lie and let other threads go on meanwhile, which SciPy's wrappers don't.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.real: Any = ctypes.c_double if dtype.itemsize == 8 else ctypes.c_float
        self._one = byref(self.real(1))
        self.letter = "d" if dtype.itemsize == 8 else "s"
        self._trsm = self._named("trsm", _TRIANGULAR)
        self._trsv = self._named("trsv", _COLUMN)
        self._gemm = self._named("gemm", _PRODUCT)

    def _named(self, name: str, types: tuple[Any, ...]) -> Any:
        from scipy.linalg import cython_blas

        offered: Any = cython_blas.__pyx_capi__
        capsule = offered[self.letter + name]
        told, pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
        told.restype, told.argtypes = c_char_p, (ctypes.py_object,)
        pointer.restype, pointer.argtypes = c_void_p, (ctypes.py_object, c_char_p)
        known = {c_int: POINTER(c_int), float: POINTER(self.real)}
        prototype = ctypes.CFUNCTYPE(None, *[known.get(each, each) for each in types])
        return prototype(pointer(capsule, told(capsule)))

    def substitute(self, a: Any, x: Any, upper: bool, unit: bool) -> None:
        """Makes of B in `x` the X of A X = B."""
        # BLAS has columns where NumPy has rows: to it these are X' A' = B'.
        turned, lead = _laid(a)
        rows, columns = x.shape
        self._trsm(
            b"R",
            b"U" if upper is turned else b"L",
            b"T" if turned else b"N",
            b"U" if unit else b"N",
            byref(c_int(columns)),
            byref(c_int(rows)),
            self._one,
            address(a),
            byref(c_int(lead)),
            address(x),
            byref(c_int(_laid(x)[1])),
        )

    def substitute_columns(self, a: Any, x: Any, upper: bool, unit: bool) -> None:
        """The same, column by column."""
        turned, lead = _laid(a)
        rows, columns = x.shape
        for column in range(columns):
            self._trsv(
                b"U" if upper is turned else b"L",
                b"N" if turned else b"T",
                b"U" if unit else b"N",
                byref(c_int(rows)),
                address(a),
                byref(c_int(lead)),
                address(x[:, column:]),
                byref(c_int(columns)),
            )

    def subtract(self, a: Any, b: Any, x: Any) -> None:
        """Subtracts the product of `a` and `b` from `x`."""
        turned, lead = _laid(a)
        rows, columns = x.shape
        self._gemm(
            b"N",
            b"T" if turned else b"N",
            byref(c_int(columns)),
            byref(c_int(rows)),
            byref(c_int(len(b))),
            byref(self.real(-1)),
            address(b),
            byref(c_int(_laid(b)[1])),
            address(a),
            byref(c_int(lead)),
            byref(self.real(1)),
            address(x),
            byref(c_int(_laid(x)[1])),
        )


routines = lru_cache(_Routines)


def _laid(x: Any) -> tuple[bool, int]:
    """Whether a matrix lies in memory by columns, and how many elements apart its rows (or columns) are."""
    rows, columns = x.strides
    turned = columns != x.itemsize
    return turned, max((columns if turned else rows) // x.itemsize, 1)


def _as_laid(x: Any) -> Any:
    """The matrix, or a copy where BLAS can't read it as it lies."""
    (rows, columns), (high, wide) = x.shape, x.strides
    in_rows = wide == x.itemsize and high >= columns * x.itemsize
    in_columns = high == x.itemsize and wide >= rows * x.itemsize
    return x if in_rows or in_columns else np.ascontiguousarray(x)


def solve(a: Any, b: Any, upper: bool, unit: bool, result: Any) -> None:
    """Writes the solutions X of A X = B, for triangles of float64 or float32.

    Args:
        a, b: of shapes (n, n) and (n, columns) under the same leading dims.
        upper, unit: which triangle, and whether its diagonal counts as 1.
        result: an array of the shape of `b`, in C order.
    """
    n, columns = b.shape[-2:]
    result[...] = b
    triangles, solved = a.reshape(-1, n, n), result.reshape(-1, n, columns)
    if columns <= FEW or (len(solved) == 1 and n <= BLOCK and columns <= COLUMNS):  # a call for each
        known = routines(b.dtype)
        substitute = known.substitute_columns if columns <= FEW else known.substitute
        with blas_alone():
            for each, x in zip(triangles, solved, strict=True):
                substitute(_as_laid(each), x, upper, unit)
        return
    most = n * n * columns * len(solved) // (SHARED if n > BLOCK else SHORT)
    some = cuts(columns, max(-(-most // len(solved)), 1), COLUMNS)
    known = routines(b.dtype)
    parts = [
        partial(_solve, each, x[:, cut], known, upper, unit)
        for each, x in zip(map(_as_laid, triangles), solved, strict=True)
        for cut in some
    ]
    with blas_alone():
        share(call, parts, most > 1)


def _solve(a: Any, x: Any, known: _Routines, upper: bool, unit: bool) -> None:
    """One triangle and some columns: what is known of X is taken from the next rows of B by a product."""
    for rows in _blocks(len(a), upper):
        others = slice(rows.stop, len(a)) if upper else slice(rows.start)
        if others.start != others.stop and others.stop:
            known.subtract(a[rows, others], x[others], x[rows])
        known.substitute(a[rows, rows], x[rows], upper, unit)


def _blocks(size: int, backwards: bool) -> Iterator[slice]:
    starts = range(0, size, BLOCK)
    for start in reversed(starts) if backwards else starts:
        yield slice(start, min(start + BLOCK, size))


def invert(a: Any, upper: bool, result: Any) -> None:
    """Writes the inverses of triangles of float64 or float32.

    Args:
        a: of shape (n, n) under any leading dims.
        upper: which triangle.
        result: an array of the shape of `a`, in C order.
    """
    n = a.shape[-1]
    result.fill(0)
    result.reshape(-1, n * n)[:, :: n + 1] = 1
    known = routines(a.dtype)
    for each, x in zip(a.reshape(-1, n, n), result.reshape(-1, n, n), strict=True):
        _invert(_as_laid(each), x, known, upper)


def _invert(a: Any, x: Any, known: _Routines, upper: bool) -> None:
    """Makes of ones on the diagonal of `x` the inverse: of two halves, and by products of what is between."""
    n = len(a)
    if n <= LEAF:
        with blas_alone():
            known.substitute(a, x, upper, False)
        return
    first, second = slice(n // 2), slice(n // 2, n)
    for half in (first, second):
        _invert(a[half, half], x[half, half], known, upper)
    rows, columns = (first, second) if upper else (second, first)
    between = multiply(a[rows, columns], x[columns, columns])
    multiply(x[rows, rows], np.negative(between, between), x[rows, columns])


def inverse(x: Any) -> tuple[Any, int]:
    """The inverse of a matrix of float64 or float32, in half of what it takes to solve for all columns.

    Returns:
        It, and 0; or anything, and which pivot is zero, counted from 1.
    """
    found, swaps, pivot = _routine("getrf", x)(np.ascontiguousarray(x).T)
    if pivot:
        return found, pivot
    return _inverted(found, swaps, True), 0


def factors(x: Any) -> tuple[Any, Any]:
    """The triangles of the transpose of a float64 or float32 matrix in one array, and the rows exchanged."""
    with lapack_threads(x):
        found, swaps, _ = _routine("getrf", x)(np.ascontiguousarray(x).T)
    return found, swaps


def inverse_of(found: Any, swaps: Any, turned: bool) -> Any:
    """The inverse of the matrix of these factors, or of its transpose."""
    with lapack_threads(found):
        inverted = _inverted(found, swaps, False)
    return np.ascontiguousarray(inverted.T) if turned else inverted


def solution_of(found: Any, swaps: Any, b: Any, turned: bool) -> Any:
    """X of A X = B for a matrix of these factors, or for its transpose."""
    with lapack_threads(found):
        x, _ = _routine("getrs", found)(found, swaps, b, trans=0 if turned else 1)
    return np.ascontiguousarray(x)


def _inverted(found: Any, swaps: Any, overwrite: bool) -> Any:
    work, _ = _routine("getri_lwork", found)(len(found))
    return _routine("getri", found)(found, swaps, lwork=int(work), overwrite_lu=overwrite)[0].T


def _routine(name: str, x: Any) -> Any:
    """LAPACK's routine for a matrix of float64 or float32."""
    from scipy.linalg import lapack

    return getattr(lapack, ("d" if x.dtype == np.float64 else "s") + name)


LOADED = 64
"""Up to this size a matrix isn't worth loading SciPy for, whose LAPACK takes two thirds of NumPy's time."""
GAINS = 512
"""From this size on LAPACK gains by more threads what they lose by waiting for each other."""


def lapack_threads(x: Any) -> Any:
    """The context in which LAPACK works on matrices of that size."""
    return blas_alone() if x.shape[-1] < GAINS else nullcontext()


def cholesky(x: Any) -> tuple[Any, int]:
    """The lower triangle L with L L' = A, for a matrix of float64 or float32; its lower triangle is read.

    Returns:
        L, and 0; or anything, and the order of the first leading minor that isn't positive.
    """
    from scipy.linalg.lapack import dpotrf, spotrf

    factor, order = (dpotrf if x.dtype == np.float64 else spotrf)(np.ascontiguousarray(x).T, lower=0, clean=1)
    return factor.T, order
