"""Where arrays begin, and memory that begins where a line of the cache does, which is read sooner."""

from __future__ import annotations

from typing import Any

import numpy as np

LINE = 64
"""Bytes of a cache line."""
WORD = 8
"""Bytes of an address, and of a float64."""


def address(x: Any) -> int:
    """Where an array begins; to make the object `x.ctypes` takes longer than a small product."""
    found: int = x.__array_interface__["data"][0]
    return found


def on_line(x: Any) -> bool:
    """Whether an array begins where a line does."""
    return address(x) % LINE == 0


def lined(nbytes: int) -> Any:
    """So many bytes that begin where a line does."""
    memory = np.empty(nbytes + LINE, np.uint8)
    return memory[-address(memory) % LINE :][:nbytes]
