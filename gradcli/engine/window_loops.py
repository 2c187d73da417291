"""Where the first largest element of each window stands, by a loop of our own for each row of windows.

NumPy looks at each few elements by themselves, or goes through all windows for each of their elements, which
are laid out first. Called by `ops.argmax`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.assembler import POINTERS, Constant, Instructions, assembled
from gradcli.engine.lines import WORD, address
from gradcli.engine.loops import ROW, runnable, runner, vectors, wider
from gradcli.tape.node import FLOAT64

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Shape

LONGEST = 32
"""Elements of a window at most."""
MOST = 256
"""Loops that a process writes, as their memory is never given back."""


def first_largest(view: Any, window: Shape) -> Any:
    """The index of the first largest element of each window, or of its first nan, if there is a loop for it.

    Args:
        view: windows, whose elements are the last dims.
        window: the sizes of these.
    """
    *_, apart = view.strides
    rows = prod(window[:-1])
    fits = rows < len(POINTERS) and prod(window) <= LONGEST and view.ndim > len(window)
    if not fits or view.dtype != FLOAT64 or not view.flags.aligned or apart < 0 or not vectors():
        return None
    function = _written(rows, window[-1], int(apart))
    if function is None:
        return None
    lead = view.shape[: view.ndim - len(window)]
    found = np.empty(lead, np.int64)
    table, arguments, _lengths = _table(function, lead, view.strides, window)
    arguments = arguments + np.array([*[address(view)] * rows, address(found)], np.int64)
    table = table + np.array([0, address(arguments), 0, 0, 0], np.int64)
    runs: Any = runner()
    runs(address(table), len(table), 1)
    return found


@lru_cache(32)
def _table(function: int, lead: Shape, strides: Shape, window: Shape) -> tuple[Any, Any, Any]:
    """A line for each row of windows, how far behind the first all operands lie, and what it refers to."""
    *outer, length = lead
    arguments = np.concatenate(
        [
            np.add.outer(_offsets(outer, strides), _offsets(window[:-1], strides[len(lead) :])),
            _offsets([prod(outer)], [length * WORD])[:, None],
        ],
        axis=1,
    )
    step = strides[len(lead) - 1]
    lengths = np.array([length, *[step] * (arguments.shape[1] - 1), WORD], np.int64)
    table = np.zeros((len(arguments), ROW), np.int64)
    table[:, 0] = function
    table[:, 1] = _offsets([len(table)], [arguments.strides[0]])
    table[:, 2:4] = address(lengths), address(lengths) + WORD
    return table, arguments, lengths


def _offsets(sizes: Sequence[int], strides: Sequence[int]) -> Any:
    """How many bytes after the first all others lie, in order."""
    found: Any = np.zeros((), np.int64)
    for size, stride in zip(sizes, strides, strict=False):
        found = np.add.outer(found, np.arange(size) * stride)
    return found.reshape(-1)


_loops: dict[tuple[int, int, int], int] = {}


def _written(rows: int, columns: int, apart: int) -> int | None:
    """The loop for windows of so many rows, whose columns lie so far apart."""
    key = rows, columns, apart
    if key not in _loops and len(_loops) < MOST:
        do = Instructions()
        first, *others = product(range(rows), range(columns))
        best, place = do.read(first[0]), do("vxorpd", Constant(0), Constant(0))
        for index, (row, column) in enumerate(others, 1):
            one = do.read(row, column * apart)
            larger = do("vandnpd", do.compared(best, "?", best), do.compared(one, "!<=", best))
            best, place = do.choice(larger, one, best), do.choice(larger, Constant(index), place)
        _loops[key] = runnable(assembled(do.all, [place], (True,) * (rows + 1), wider=wider()))
    return _loops.get(key)
