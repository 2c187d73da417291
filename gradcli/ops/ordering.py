"""The order of numbers: where each stands once they are sorted, equal ones as they stood, nan last.

To sort takes half as long as to find an order. So integers are sorted, of which each has the leading bits of
a number and, behind these, where it stands; numbers with the same leading bits are put right afterwards.
Called by `sorting` and `statistics`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.engine.blas import MOST, cuts, share
from gradcli.tape.node import FLOATS

MANY = 10_000
"""From how many elements on integers are made."""
PART = 1 << 16
"""Elements that a part which is sorted by itself has at least, and of which integers are made at a time."""
SAMPLE = 1024
"""Elements of a long row from which it is guessed where its parts begin."""


def stable_order(x: Any, dim: int, descending: bool = False) -> Any:
    """The indices that sort along a dim."""
    if x.size < MANY or x.dtype not in FLOATS:
        if not descending:
            return np.argsort(x, axis=dim, kind="stable")
        backwards = np.argsort(np.flip(x, dim), axis=dim, kind="stable")
        return x.shape[dim] - 1 - np.flip(backwards, dim)
    turned = np.moveaxis(np.negative(x) if descending else x, dim, -1)
    rows = turned.reshape(-1, turned.shape[-1])
    missing = np.copysign(np.nan, -1 if descending else 1)
    order = np.empty(rows.shape, np.int64)
    most = max(min(rows.size // PART, MOST), 1)
    shift = _shift(rows)
    if len(rows) < most:
        for row, into in zip(rows, order, strict=True):
            _order_in_parts(row, shift, missing, most, into)
    else:
        some = cuts(len(rows), most, 1)
        share(lambda part: _order(rows[part], _keys(rows[part], shift, missing), order[part]), some)
    return np.moveaxis(order.reshape(turned.shape), -1, dim)


def _shift(x: Any) -> float:
    """What is added to numbers that are close to each other, which takes nothing from their digits."""
    low, high = float(x.min()), float(x.max())
    return -low if high - low < min(abs(low), abs(high)) else 0.0


def _width(length: int) -> int:
    """The bits that tell where an element of a row stands."""
    return (length - 1).bit_length()


def _keys(rows: Any, shift: float, missing: Any, places: slice = slice(None)) -> Any:
    """Integers in the order of the numbers at some places of rows, whose last bits tell where each stands.

    What is missing is above all numbers, or below them, as the sign of the nan that stands for it.
    """
    length, some = rows.shape[-1], rows[:, places]
    nan = np.isnan(some)
    if nan.any():
        some = np.where(nan, some.dtype.type(missing), some)
    bits = np.add(some, some.dtype.type(shift)).view(f"i{some.itemsize}")  # 0.0 and -0.0 are one
    last = 8 * bits.itemsize - 1
    less = bits >> last
    less &= (1 << last) - 1
    bits ^= less  # of negative numbers the larger one has less
    width = _width(length)
    if last == 63:
        bits &= -1 << width
    else:
        bits = np.left_shift(bits, width, dtype=np.int64)
    bits |= np.arange(length)[places]
    return bits


def _order(rows: Any, keys: Any, out: Any) -> None:
    """The order of the numbers of which the integers are."""
    width = _width(rows.shape[-1])
    keys.sort(axis=-1)
    np.bitwise_and(keys, (1 << width) - 1, out=out)
    keys >>= width
    alike = keys[:, 1:] == keys[:, :-1]
    for row in np.flatnonzero(alike.any(axis=-1)):
        _put_right(rows[row], alike[row], out[row])


def _put_right(x: Any, alike: Any, order: Any) -> None:
    """Sorts what leading bits didn't tell apart; `alike` tells of each whether it is so with the next."""
    beside = np.concatenate([[False], alike])
    beside[:-1] |= alike
    places = np.flatnonzero(beside)
    some = order[places]
    values = x[some]
    if (alike[places[1:] - 1] & (values[1:] < values[:-1])).any():
        some.sort()
        order[places] = some[np.argsort(x[some], kind="stable")]


def _order_in_parts(x: Any, shift: float, missing: Any, most: int, out: Any) -> None:
    """The order of a long row, of which threads sort parts: each has what is less than the next one has."""
    length = len(x)
    some = slice(None, None, length // SAMPLE)
    sample = np.sort(_keys(x[None], shift, missing, some)[0] & (-1 << _width(length)))
    bounds = [sample[part * len(sample) // most] for part in range(1, most)]
    pieces = cuts(length, length // PART, 1)
    dealt: list[Any] = [None] * len(pieces)

    def deal(which: int) -> None:
        (keys,) = _keys(x[None], shift, missing, pieces[which])
        above = [np.True_, *[keys >= each for each in bounds], np.False_]
        dealt[which] = [keys[one & ~other] for one, other in pairwise(above)]

    share(deal, range(len(pieces)))
    parts = list(zip(*dealt, strict=True))
    ends = np.cumsum([0, *[sum(map(len, each)) for each in parts]])

    def sort(which: int) -> None:
        place = slice(ends[which], ends[which + 1])
        _order(x[None], np.concatenate(parts[which])[None], out[None, place])

    share(sort, range(most))
