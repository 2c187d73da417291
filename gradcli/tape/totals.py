"""Sums and extremes of small arrays along one dim, by the quickest of NumPy's calls.

NumPy reduces a short row in as long as a hundred additions take. A product with ones adds up many rows at
once, and the largest of many short rows are found column by column.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
FROM, MOST = 256, 8_192
"""Elements of what is summed by a product: fewer take as long either way, more would wake BLAS's threads."""
FEW = 1_000
"""Up to so many elements a call costs more than what it does."""
SHORT, MANY = 32, 64
"""Rows up to this long, and at least so many of them, are compared column by column. In larger arrays einsum
adds them up: it begins one in a quarter of the time."""
NARROW = 16
"""Elements of a slice up to which einsum adds slices up, too."""


def total(x: Any, dims: tuple[int, ...]) -> Any:
    """The sum over negative dims, which are dropped."""
    if not dims:
        return x + 0  # no sum is -0, not even that over one element
    if x.dtype is _FLOAT32:
        found = _cascade()(x, dims)
        if found is not None:
            return found
    whole = len(dims) == x.ndim
    if FROM <= x.size <= MOST and x.dtype is _FLOAT64 and x.flags.c_contiguous:
        if whole:
            return x.reshape(-1).dot(ones(x.size))
        if len(dims) == 1:
            (dim,), shape = dims, x.shape
            if dim == -1:
                return (x.reshape(-1, shape[-1]) @ ones(shape[-1])).reshape(shape[:-1])
            if dim == -2:
                return ones(shape[-2]) @ x
            if dim == -x.ndim:
                return (ones(shape[0]) @ x.reshape(shape[0], -1)).reshape(shape[1:])
    elif x.size > MOST and x.dtype is _FLOAT64 and len(dims) == 1 < x.ndim and x.flags.c_contiguous:
        if dims == (-1,) and x.shape[-1] <= SHORT:
            return np.einsum("...i->...", x)
        if dims == (-x.ndim,) and x.size <= NARROW * len(x):
            return np.einsum("i...->...", x)
    return np.add.reduce(x, None if whole else dims)  # which is quicker to say than every dim


@cache
def _cascade() -> Callable[[Any, tuple[int, ...]], Any]:
    """PyTorch's order, which doubles do without: it is loaded once, as the statement itself looks long."""
    from gradcli.tape.cascade import cascade

    return cascade


def extreme(ufunc: np.ufunc, x: Any, dims: tuple[int, ...]) -> Any:
    """The largest or smallest along negative dims, which are dropped."""
    if dims == (-1,) and x.shape[-1] <= SHORT and MANY * x.shape[-1] <= x.size <= MOST and x.ndim > 1:
        columns = np.ascontiguousarray(x.reshape(-1, x.shape[-1]).T)
        return ufunc.reduce(columns, axis=0).reshape(x.shape[:-1])
    return ufunc.reduce(x, axis=dims)


def sum_is_finite(x: Any) -> bool:
    """Whether a sum over all elements is finite, as it is where they are, unless it overflows."""
    if type(x) is np.ndarray and x.size <= FEW:
        flat = x.ravel("K")
        return isfinite(flat.dot(flat))  # half the time of a reduction
    return isfinite(np.add.reduce(x, None))


@lru_cache(64)
def ones(size: int, dtype: np.dtype[Any] = _FLOAT64) -> Any:
    """A vector of ones, to multiply by."""
    found = np.ones(size, dtype)
    found.flags.writeable = False
    return found
