"""Sums by index: what has one place is added up, in the order in which it stands. Called by `indexing`."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

LOADING = 0.05
"""Seconds that loading SciPy's sparse matrices takes: it is worth it once as many were spent without them."""


class _Spent:
    """The time that adding rows has taken so far."""

    seconds = 0.0


def counted(values: Any, places: Any, size: int) -> Any:
    """The sums of the values that have the same place, all in one dim."""
    if values.size and values.dtype == np.float64:  # of nothing NumPy counts integers
        return np.bincount(places, weights=values, minlength=size)
    result = np.zeros(size, values.dtype)
    np.add.at(result, places, values)
    return result


def rows_added(rows: Any, places: Any, size: int) -> Any:
    """The sums of the rows that have the same place: a matrix of zeros and ones times the rows."""
    if _Spent.seconds > LOADING and rows.size and rows.dtype in (np.float64, np.float32):
        return _multiplied(rows, places, size)
    began = perf_counter()
    width = rows.shape[1]
    each = (places[:, None] * width + np.arange(width)).reshape(-1)
    result = counted(rows.reshape(-1), each, size * width).reshape(size, width)
    _Spent.seconds += perf_counter() - began
    return result


def _multiplied(rows: Any, places: Any, size: int) -> Any:
    from scipy.sparse import csc_array

    count = len(rows)
    # SciPy copies wider integers than it needs.
    kind = np.int32 if max(count, size) < np.iinfo(np.int32).max else np.int64
    starts = np.arange(count + 1, dtype=kind)
    ones = np.ones(count, rows.dtype)
    chosen: Any = (ones, places.astype(kind), starts)
    return csc_array(chosen, shape=(size, count)) @ rows
