"""Sums by index: what has one place is added up, in the order in which it stands.

Called by `indexing` and `bags`.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

LOADING = 0.05
"""Seconds that loading SciPy's sparse matrices takes: it is worth it once as many were spent without them."""


class _Spent:
    """The time that adding rows has taken so far."""

    seconds = 0.0


def from_front(indices: Any, size: int) -> Any:
    """Indices counted from the front."""
    return np.where(indices < 0, indices + size, indices) if indices.size and indices.min() < 0 else indices


def counted(values: Any, places: Any, size: int) -> Any:
    """The sums of the values that have the same place, all in one dim."""
    if values.size and values.dtype == np.float64:  # of nothing NumPy counts integers
        return np.bincount(places, weights=values, minlength=size)
    result = np.zeros(size, values.dtype)
    np.add.at(result, places, values)
    return result


def rows_added(rows: Any, places: Any, size: int) -> Any:
    """The sums of the rows that have the same place: a matrix of zeros and ones times the rows.

    Each row has one place, or several, where `places` is a matrix.
    """
    if _multiplies(rows) and places.size:
        from scipy.sparse import csc_array

        return csc_array(_ones(rows, places, size), shape=(size, len(rows))) @ rows
    began = perf_counter()
    if places.ndim > 1:
        rows, places = rows.repeat(places.shape[1], 0), places.reshape(-1)
    width = rows.shape[1]
    each = (places[:, None] * width + np.arange(width)).reshape(-1)
    result = counted(rows.reshape(-1), each, size * width).reshape(size, width)
    _Spent.seconds += perf_counter() - began
    return result


def rows_summed(rows: Any, places: Any) -> Any:
    """For each row of places the sum of the rows that are there: such a matrix, transposed, times the rows.

    Raises:
        IndexError: a place is none.
    """
    size = len(rows)
    if _multiplies(rows) and places.size and places.min() >= 0 and places.max() < size:
        from scipy.sparse import csr_array

        return csr_array(_ones(rows, places, size), shape=(len(places), size)) @ rows
    began = perf_counter()
    result = rows.take(places, 0).sum(1)
    _Spent.seconds += perf_counter() - began
    return result


def _multiplies(rows: Any) -> bool:
    return bool(_Spent.seconds > LOADING and rows.size and rows.dtype in (np.float64, np.float32))


def _ones(rows: Any, places: Any, size: int) -> tuple[Any, Any, Any]:
    """The matrix of zeros and ones: its ones, their places, and where the places of each row begin."""
    each = places.shape[1] if places.ndim > 1 else 1
    # SciPy copies wider integers than it needs.
    kind = np.int32 if max(places.size, size) < np.iinfo(np.int32).max else np.int64
    starts = np.arange(0, places.size + 1, each, dtype=kind)
    return np.ones(places.size, rows.dtype), places.reshape(-1).astype(kind), starts
