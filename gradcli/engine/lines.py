"""Where arrays begin, and memory that begins where a line of the cache does, which is read sooner."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LINE = 64
"""Bytes of a cache line."""
WORD = 8
"""Bytes of an address, and of a float64."""


def _told(x: Any) -> int:
    found: int = x.__array_interface__["data"][0]
    return found


def _read(x: Any) -> int:
    return _word_at(id(x) + object.__basicsize__).value


_word_at = ctypes.c_ssize_t.from_address
_one = np.empty(1)
address: Callable[[Any], int] = _read if _read(_one) == _told(_one) else _told
"""Where an array begins. NumPy's C interface says that this stands in memory behind what all objects begin
with: to read it there takes a tenth of a microsecond, and to be told ten times as long."""


def on_line(x: Any) -> bool:
    """Whether an array begins where a line does."""
    return address(x) % LINE == 0


def lined(nbytes: int) -> Any:
    """So many bytes that begin where a line does."""
    memory = np.empty(nbytes + LINE, np.uint8)
    return memory[-address(memory) % LINE :][:nbytes]
