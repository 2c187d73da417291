"""Memory for large results, handed out again once nobody refers to it.

The system gives fresh memory page by page at the first touch, which takes longer than simple arithmetic on
what is in the page. So the latest results are remembered, and one that is referred to from here alone is the
next one of its shape. Steps of plans ask for their results here. What kernels ask NumPy for, the C library
keeps when it is freed.
"""

from __future__ import annotations

import sys
import threading
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.lines import LINE, on_line
from gradcli.limits import Ledger
from gradcli.machine import keep_freed, return_freed

if TYPE_CHECKING:
    from gradcli.tape.node import Shape

KEPT = 64 << 20
"""Bytes of all arrays that are remembered, whether somebody uses them or not."""
LEAST = 64 << 10
"""Smaller arrays come from memory that the process has already."""

_arrays: dict[tuple[Shape, np.dtype[Any]], list[Any]] = {}
_nbytes = 0
_lock = threading.Lock()


def _references_counted() -> bool:
    """Whether references are counted, by one thread at a time: else nothing is handed out again."""
    return hasattr(sys, "getrefcount") and getattr(sys, "_is_gil_enabled", lambda: True)()


def _unused(arrays: list[Any], shape: Shape, dtype: np.dtype[Any]) -> Any:
    """One of the arrays that only the list refers to and that is as it was made, or None.

    Two threads that look at once see each other's references, and both go on looking.
    """
    for array in arrays:
        if sys.getrefcount(array) == _ALONE and array.shape == shape and array.dtype is dtype:
            flags = array.flags
            if flags.writeable and flags.c_contiguous:
                return array
    return None


def _alone() -> int:
    """The count of references that `_unused` sees for an array nobody else refers to."""
    for array in [np.empty(0)]:
        return sys.getrefcount(array)
    raise AssertionError


_REUSES = _references_counted()
_ALONE = _alone() if _REUSES else 0


def take(shape: Shape, dtype: np.dtype[Any]) -> Any:
    """An array of this shape with any content, in C order, that nobody else uses."""
    nbytes = prod(shape) * dtype.itemsize
    if not (_REUSES and LEAST <= nbytes <= KEPT // 2):
        return np.empty(shape, dtype)
    known = _arrays.get((shape, dtype))
    array = _unused(known, shape, dtype) if known else None
    if array is None:
        array = _fresh(shape, dtype)
        _remember(array)
    return array


def _fresh(shape: Shape, dtype: np.dtype[Any]) -> Any:
    """An array that begins where a cache line does, if that can be had: it is written to in half the time.

    The C library knows of lines of 16 bytes, and puts arrays one after the other: one of several is right.
    """
    found = []
    for _ in range(LINE // 16):
        found.append(np.empty(shape, dtype))
        if on_line(found[-1]):
            break
    return found[-1]


def _remember(array: Any) -> None:
    """Remembers an array, and forgets the oldest while there are too many."""
    global _nbytes
    with _lock:
        _nbytes += array.nbytes
        while _nbytes > KEPT and _arrays:
            _nbytes -= sum(each.nbytes for each in _arrays.pop(next(iter(_arrays))))
        _arrays.setdefault((array.shape, array.dtype), []).append(array)


def forget() -> None:
    """Lets go of everything that is remembered."""
    global _nbytes
    with _lock:
        _arrays.clear()
        _nbytes = 0
    return_freed()


Ledger.releases.append(forget)
keep_freed(KEPT)
