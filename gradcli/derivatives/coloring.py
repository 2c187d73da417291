"""Colours for columns of a sparse matrix: those of one colour share no row, so one product gives them.

`compressed` multiplies a Jacobian with one vector for each colour and reads every entry off the products.
Bands are coloured by counting; any other structure by rounds that each colour many columns at once
(Jones and Plassmann, A parallel graph coloring heuristic, 1993), so that no loop runs over columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = np.ndarray[Any, np.dtype[Any]]

MOST_DIAGONALS = 48
"""A matrix with its entries on more diagonals than this is no band."""
WORD = 63
"""Colours in one word of a set of colours."""


def colored(table: Sequence[Array], size: int) -> tuple[Array, int]:
    """A colour for each of `size` columns, and how many colours there are; without entries there are none.

    Args:
        table: the rows' entries: arrays with, for each row, 1 + a column, or 0.
        size: the number of columns.
    """
    if not table:
        return np.full(size, -1, np.int32), 0
    banded = _banded(table, size)
    return _in_rounds(table, size) if banded is None else banded


def _banded(table: Sequence[Array], size: int) -> tuple[Array, int] | None:
    """Colours that repeat with the smallest period for which no row has two columns of one colour."""
    diagonals: set[int] = set()
    base = np.arange(1, len(table[0]) + 1, dtype=table[0].dtype)
    for column in table:
        offsets = column - base
        offsets = offsets[column > 0]
        if not len(offsets):
            continue
        low, high = int(offsets.min()), int(offsets.max())
        found = [low] if low == high else np.unique(offsets).tolist()
        if len(found) > MOST_DIAGONALS:
            return None
        diagonals.update(found)
    if len(diagonals) > MOST_DIAGONALS:
        return None
    ordered = np.array(sorted(diagonals))
    apart = np.unique(np.abs(ordered[:, None] - ordered))[1:]
    least = len(table)
    for period in range(least, 2 * least + 4):
        if (apart % period).all():
            period = min(period, max(size, 1))
            return np.arange(size, dtype=np.int32) % period, period
    return None


def _in_rounds(table: Sequence[Array], size: int) -> tuple[Array, int]:
    stacked = np.stack(table)
    at, rows = np.nonzero(stacked)
    columns = stacked[at, rows] - 1
    height = len(table[0])
    order = np.argsort(columns, kind="stable")
    rows, columns = rows[order], columns[order]
    # Columns in many rows first; ties at random, or a band would be coloured one column after the other.
    crowd = np.bincount(columns, minlength=size)
    rank = np.empty(size, np.int64)
    rank[np.lexsort((np.random.default_rng(0).permutation(size), crowd))] = np.arange(1, size + 1)
    colors = np.zeros(size, np.int32)
    taken = np.zeros((height, 1), np.int64)  # for each row the set of colours in it
    by_row = [each.astype(np.int64) for each in table]
    waiting = np.concatenate(
        [np.zeros(1, np.int64), rank]
    )  # the rank of column c at c + 1, 0 once it is done
    while len(columns):
        first = np.maximum.reduce([waiting[each] for each in by_row])  # for each row its first waiting column
        starts = np.flatnonzero(np.concatenate([[True], columns[1:] != columns[:-1]]))
        names = columns[starts]
        ready = np.maximum.reduceat(first[rows], starts) == rank[names]
        lengths = np.diff(np.append(starts, len(columns)))
        mine = np.repeat(ready, lengths)
        chosen, their_rows = names[ready], rows[mine]
        their_starts = np.cumsum(lengths[ready]) - lengths[ready]
        sets = np.bitwise_or.reduceat(taken[their_rows], their_starts, axis=0)
        color = _smallest_free(sets)
        if int(color.max()) >= WORD * taken.shape[1]:
            taken = np.concatenate([taken, np.zeros((height, 1), np.int64)], axis=1)
        colors[chosen] = color
        each_color = np.repeat(color, lengths[ready])
        # A row gets at most one new column in a round, so plain indexing adds them all.
        taken[their_rows, each_color // WORD] |= np.int64(1) << (each_color % WORD)
        waiting[chosen + 1] = 0
        rows, columns = rows[~mine], columns[~mine]
    return colors, int(colors.max(initial=0)) + 1


def _smallest_free(sets: Array) -> Array:
    """The smallest colour that is in none of the words of each row of `sets`."""
    full = np.int64((1 << WORD) - 1)
    words = np.concatenate([sets, np.zeros((len(sets), 1), np.int64)], axis=1)
    word = np.argmax(words != full, axis=1)
    free = ~words[np.arange(len(words)), word]
    lowest = free & -free
    found: Array = word * WORD + np.log2(lowest.astype(np.float64)).astype(np.int64)
    return found
