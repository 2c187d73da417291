"""Running sums and products by NumPy's loops, without waiting for each element.

What accumulates waits for one element before it adds the next. Here a row is added to itself one, two and
four places later, so that each element has the sum of eight; then it waits only for the one eight places
before, and eight rows of additions are under way at once. Called by kernels of scans.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.lines import WORD, address
from gradcli.engine.loops import ROW, loop, movers, runner
from gradcli.engine.settings import current
from gradcli.tape.node import FLOAT64

if TYPE_CHECKING:
    from gradcli.tape.node import Shape

    Strides = tuple[int, ...]

APART = 8
"""How many places before an element stands what it waits for."""
CHUNK = 1024
"""Elements of a row that are worked on at a time, in the first cache."""
SHORTEST, FEWEST = 32, 8192
"""Elements of a row and of an array from which on it pays."""
SAFE = 1e30
"""The largest factor, and one over the smallest, of which eight may be multiplied first."""


def accumulate(ufunc: np.ufunc, x: Any, axis: int, out: Any) -> Any:
    """What `ufunc` (a sum or a product) accumulates along an axis, in `out`: the same but for rounding."""
    walks = runner() if current.chains else None
    if x.size < FEWEST or walks is None or not x.dtype == out.dtype == FLOAT64 or x.shape != out.shape:
        return ufunc.accumulate(x, axis=axis, out=out)
    axis %= x.ndim
    others = [each for each in range(x.ndim) if each != axis and x.shape[each] > 1]
    inner = max([axis, *others], key=lambda each: (x.shape[each] > 1, -abs(x.strides[each])))
    if inner == axis and x.shape[axis] < SHORTEST and others:
        inner = max(others, key=lambda each: x.shape[each])
    if inner == axis and not _reorders(ufunc, x):
        return ufunc.accumulate(x, axis=axis, out=out)
    lead = (slice(None),) * axis
    np.copyto(out[(*lead, slice(1))], x[(*lead, slice(1))])
    made = _rows if inner == axis else _slices
    made(x.shape, x.strides, out.strides, axis, inner).run(walks, loop(ufunc, "dd->d"), x, out)
    return out


def _reorders(ufunc: np.ufunc, x: Any) -> bool:
    """Whether eight neighbours may be taken together first: products of them must not overflow."""
    if ufunc is np.add:
        return True
    size = np.abs(x)
    return bool(size.max() < SAFE and size.min() > 1 / SAFE)


class _Table:
    """Calls of one loop with two operands and a result each, done again and again.

    Args:
        which: for each of them whether it lies in what is written (0), what is read (1) or in between (2).
        far: and how many bytes from its beginning, the first time.
        lengths, strides: of the calls.
        rows: for each time how many bytes further each operand lies.
    """

    def __init__(self, which: Any, far: Any, lengths: Any, strides: Any, rows: Any) -> None:
        self.which = np.asarray(which, np.intp).reshape(-1)
        self.far = np.asarray(far, np.int64).reshape(-1)
        self.rows = np.ascontiguousarray(np.asarray(rows, np.int64)[:, self.which])
        count = self.which.size
        self.calls = len(lengths)
        self.numbers = np.array([*lengths, count, 1, count * WORD, WORD, WORD, WORD], np.int64)
        self.strides = np.ascontiguousarray(strides, np.int64)

    def run(self, walks: Any, function: Any, x: Any, out: Any) -> None:
        """Does them one after the other: two more calls move the operands from one time to the next."""
        between = np.empty(2 * (CHUNK + APART))
        bases = np.array([address(out), address(x), address(between)], np.int64)[self.which]
        bases += self.far
        current, heads = np.empty_like(bases), np.empty(6, np.int64)
        where, lengths = address(current), address(self.numbers)
        counts = lengths + WORD * self.calls
        table = np.empty((self.calls + 2, ROW), np.int64)
        step = counts + 2 * WORD
        table[:2] = movers(heads, address(bases), address(self.rows), where, counts, step + WORD, step)
        at = np.arange(self.calls) * WORD
        calls = table[2:]
        calls[:, 0], calls[:, 4] = function
        calls[:, 1] = at * 3 + where
        calls[:, 2] = at + lengths
        calls[:, 3] = at * 3 + address(self.strides)
        walks(address(table), len(table), len(self.rows))


def _starts(shape: Shape, strides: Strides, without: tuple[int, ...]) -> Any:
    """How far from the beginning rows along some axes begin: one for each index along the others."""
    found = np.zeros(1, np.int64)
    for axis, (size, step) in enumerate(zip(shape, strides, strict=True)):
        if axis not in without:
            found = np.add.outer(found, np.arange(size) * step).reshape(-1)
    return found


@lru_cache(maxsize=8)
def _slices(shape: Shape, read: Strides, written: Strides, axis: int, inner: int) -> _Table:
    """Whole rows of an inner axis are added to those before."""
    later = np.arange(1, shape[axis])
    source = np.add.outer(_starts(shape, read, (axis, inner)), later * read[axis]).reshape(-1)
    into = np.add.outer(_starts(shape, written, (axis, inner)), later * written[axis]).reshape(-1)
    step = written[inner]
    rows = np.stack([into, source, np.zeros_like(into)], 1)
    return _Table([0, 1, 0], [-written[axis], 0, 0], [shape[inner]], [step, read[inner], step], rows)


@lru_cache(maxsize=8)
def _rows(shape: Shape, read: Strides, written: Strides, axis: int, _: int) -> _Table:
    """Each row by itself, a chunk after the other: by one place, by two, by four, and then by eight."""
    size, step, into = shape[axis], read[axis], written[axis]
    begins = np.arange(APART, size, CHUNK)
    counts = np.minimum(size - begins, CHUNK)
    first, second = np.zeros_like(begins), np.full_like(begins, (CHUNK + APART) * WORD)
    four = [
        [(begins - 6) * step, (begins - 7) * step, first],
        [first + 2 * WORD, first, second],
        [second + 4 * WORD, second, first],
        [(begins - APART) * into, first, begins * into],
    ]
    far = np.array(four).transpose(2, 0, 1).reshape(-1, 3)
    far = np.concatenate([[[0, step, into]], far])
    which = np.concatenate(
        [[[0, 1, 0]], np.tile([[1, 1, 2], [2, 2, 2], [2, 2, 2], [0, 2, 0]], (len(begins), 1))]
    )
    lengths = np.concatenate([[APART - 1], np.stack([counts + 6, counts + 4, counts, counts], 1).reshape(-1)])
    words = [WORD] * 3
    strides = np.concatenate(
        [
            [(into, step, into)],
            np.tile([(step, step, WORD), words, words, (into, WORD, into)], (len(begins), 1)),
        ]
    )
    rows = np.stack([_starts(shape, each, (axis,)) for each in (written, read)], 1)
    rows = np.concatenate([rows, np.zeros((len(rows), 1), np.int64)], 1)
    return _Table(which, far, lengths, strides, rows)
