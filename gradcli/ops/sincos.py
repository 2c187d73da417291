"""Sine and cosine of blocks by way of the tangent, which NumPy has vectorised where it hasn't these two.

NumPy leaves float64 sine and cosine to the C library, an element at a time; on processors with
AVX-512 its tangent is ten times as fast and exact to 0.6 units in the last place. With t = tan(x/2),
sin x = 2t/(1 + t²), and cos x = sin(x + π/2) with the rounding of that sum put right. Both come
within 2.9 units in the last place, zeros included. Called for a block that wants both, and for rows of tables
that want either: what a row gets depends neither on other rows nor on what else the program computes.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any

import numpy as np

CHUNK = 32_768
"""Elements worked on at a time: the temporaries stay in the cache."""
FARTHEST = 1e3
"""Beyond, the correction of x + π/2 would have to be of second order: the C library's business."""
HALF_PI = np.pi / 2
HALF_PI_REST = 6.123233995736766e-17
"""What π/2 is more than the nearest float64."""

_own = threading.local()


def vectorised_tangent() -> bool:
    """Whether this NumPy on this processor has the tangent that pays."""
    features = import_module("numpy._core._multiarray_umath").__cpu_features__
    return sys.platform == "linux" and bool(features.get("AVX512_SKX"))


FAST = vectorised_tangent()


def sincos(x: Any, sine: Any, cosine: Any) -> None:
    """Writes sin(x) and cos(x), float64 arrays of one shape; either result may stand in the place of x."""
    if not FAST:
        _library(x, sine, cosine)
        return
    if not (x.flags.c_contiguous and sine.flags.c_contiguous and cosine.flags.c_contiguous):
        both = np.empty((2, *x.shape))
        sincos(np.ascontiguousarray(x), *both)
        sine[...], cosine[...] = both
        return
    x, sine, cosine = x.reshape(-1), sine.reshape(-1), cosine.reshape(-1)
    for start in range(0, x.size, CHUNK):
        cut = slice(start, start + CHUNK)
        _chunk(x[cut], sine[cut], cosine[cut])


def _library(x: Any, sine: Any, cosine: Any) -> None:
    if np.may_share_memory(sine, x):  # another view of one buffer, perhaps
        np.cos(x, cosine)
        np.sin(x, sine)
    else:
        np.sin(x, sine)
        np.cos(x, cosine)


def _chunk(x: Any, sine: Any, cosine: Any) -> None:
    # Also nan fails this comparison.
    if np.maximum.reduce(x) <= FARTHEST and np.minimum.reduce(x) >= -FARTHEST:
        _by_tangent(x, sine, cosine)
        return
    # What an element becomes does not depend on those beside it.
    far = ~(np.abs(x) <= FARTHEST)
    beyond = x[far]
    _by_tangent(np.where(far, 0.0, x), sine, cosine)
    sine[far], cosine[far] = np.sin(beyond), np.cos(beyond)


def _by_tangent(x: Any, sine: Any, cosine: Any) -> None:
    memory = getattr(_own, "memory", None)
    if memory is None:
        memory = _own.memory = np.empty((5, CHUNK))
    tangents, squares, rest = memory[0:2, : x.size], memory[2:4, : x.size], memory[4, : x.size]
    shifted, part = tangents[1], squares[0]
    np.add(x, HALF_PI, shifted)
    np.subtract(shifted, x, part)
    np.subtract(HALF_PI, part, rest)
    np.subtract(shifted, part, part)
    np.subtract(x, part, part)
    np.add(rest, part, rest)
    np.add(rest, HALF_PI_REST, rest)  # x + π/2 = shifted + rest
    np.multiply(x, 0.5, tangents[0])
    np.multiply(shifted, 0.5, shifted)
    np.tan(tangents, tangents)
    np.multiply(tangents, tangents, squares)
    np.add(squares, 1.0, squares)
    np.add(tangents, tangents, tangents)
    np.divide(tangents[0], squares[0], sine)
    np.divide(shifted, squares[1], shifted)
    np.multiply(rest, sine, rest)
    np.subtract(shifted, rest, cosine)
