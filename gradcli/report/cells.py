"""What a value looks like in a cell of a table: a number, an array by its edges, a matrix as a picture.

`table` calls it with the room that there is.
"""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.derivatives.sparse import Sparse
from gradcli.report.diagnostic import visible
from gradcli.text.layout import columns
from gradcli.text.numbers import empty_text, numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradcli.text.numbers import Value

PRECISION = 6
"""Significant digits in cells, where numbers have to fit side by side."""
PICTURE = (24, 10)
"""Columns and lines of the picture of a sparse matrix, at most."""


def cell(value: Value | Sparse, room: int, lines: int | None, precision: int | None, marks: str) -> str:
    """The text of a cell: at most `room` columns wide, and `lines` long unless that is None.

    `marks` are the two characters that a picture is made of: for an empty place, and for an entry.
    """
    if isinstance(value, str):
        return visible(repr(value))
    if isinstance(value, Sparse):
        return _sparse(value, room, lines, precision, marks)
    array = np.asarray(value)
    if array.ndim == 0:
        return _writer(array, precision or PRECISION)(numbers(array, precision or PRECISION))
    if array.size == 0:
        return empty_text(array)
    keeps = list(array.shape)
    if lines is not None:  # no more than could be seen are turned into text
        keeps = [min(length, lines) for length in keeps]
        keeps[-1] = min(array.shape[-1], room * (lines if array.ndim == 1 else 1) // 3)
    text = _array(array, keeps, room, precision)
    while lines is not None and text.count("\n") >= lines:
        keeps = _fewer(keeps, array.shape, text.count("\n") + 1, lines)
        text = _array(array, keeps, room, precision)
        if all(keep == 1 for keep in keeps):
            break
    if lines is not None and text.count("\n") >= lines and array.ndim > 2:  # too many dims for their edges
        return f"flat: {_array(array.ravel(), [2], room - len('flat: '), precision)}"
    return text


def _fewer(keeps: list[int], shape: tuple[int, ...], now: int, wanted: int) -> list[int]:
    """How many items at either end of each axis are kept, for so many lines: of the longest axis fewer."""
    # An axis that is shown whole counts as twice its half.
    kept = [min(keep, ceil(length / 2)) for keep, length in zip(keeps, shape, strict=True)]
    longest = max(range(len(kept)), key=kept.__getitem__)
    kept[longest] = max(1, min(kept[longest] - 1, kept[longest] * wanted // now))
    return kept


def _array(array: NDArray[Any], keeps: list[int], room: int, precision: int | None) -> str:
    """An array with so many items at either end of each axis."""
    dots = [keep if length > 2 * keep else 0 for keep, length in zip(keeps, array.shape, strict=True)]
    for axis, keep in enumerate(dots):
        if keep:
            array = np.take(array, [*range(keep), *range(-keep, 0)], axis=axis)
    items = numbers(array, precision or PRECISION)
    write = _writer(array, precision or PRECISION)
    widest = max(len(write(number)) for number in np.array(items, dtype=object).ravel())
    return columns(
        items, dots, write, width=widest, indent=0, line_width=_balanced(array, dots, widest, room)
    )


def _writer(array: NDArray[Any], precision: int) -> Callable[[Any], str]:
    """How a number of an array is written: 1.23457e+07, where zeros would stand for digits left out."""
    large = np.abs(array) >= 10.0**precision if array.dtype.kind == "f" else np.False_
    if not np.any(large & np.isfinite(array)):
        return repr
    exact = array[large & np.isfinite(array)] if array.ndim else array.reshape(1)
    rounded = np.asarray(numbers(exact, precision))
    cut = set(rounded[rounded != exact].tolist())
    return lambda number: f"{number:.{precision - 1}e}" if number in cut else repr(number)


def _balanced(array: NDArray[Any], dots: list[int], widest: int, room: int) -> int:
    """The width at which the last line of a row is no single number, if there is one."""
    count = int(array.shape[-1]) + bool(dots[-1])
    indent = array.ndim - 1
    each = max(1, (room - indent) // (widest + 2))
    if count <= each:
        return room
    if dots[-1] and 2 * array.ndim + (count - 1) * (widest + 2) + 4 <= room:  # the dots are narrower
        return indent + count * (widest + 2)
    even: int = ceil(count / ceil(count / each))
    best = next((fewer for fewer in range(even, 1, -1) if count % fewer != 1), even)
    return indent + best * (widest + 2)


def _sparse(matrix: Sparse, room: int, lines: int | None, precision: int | None, marks: str) -> str:
    """`(row, column) value` for each entry, beside a picture of where they are."""
    values = numbers(matrix.values, precision or PRECISION)
    entries = [
        f"({row}, {column}) {value!r}"
        for row, column, value in zip(matrix.rows.tolist(), matrix.cols.tolist(), values, strict=True)
    ]
    if not entries:
        return f"no entries in {matrix.shape[0]} x {matrix.shape[1]}"
    if lines is not None and len(entries) > max(lines, 3):
        half = max(lines, 3) // 2
        entries = [*entries[:half], f"... {len(entries) - 2 * half} more", *entries[-half:]]
    widest = max(map(len, entries))
    picture = _picture(matrix, marks)
    if widest + 3 + len(picture[0]) > room:
        return "\n".join(entries)
    height = max(len(entries), len(picture))
    left = [*entries, *[""] * (height - len(entries))]
    right = [*picture, *[""] * (height - len(picture))]
    return "\n".join(f"{a.ljust(widest)}   {b}".rstrip() for a, b in zip(left, right, strict=True))


def _picture(matrix: Sparse, marks: str) -> list[str]:
    """Where the entries are: a character for each place, or for some places together."""
    rows, cols = matrix.shape
    wide, high = min(cols, PICTURE[0]), min(rows, PICTURE[1])
    if not prod((wide, high)):
        return [""]
    cells = [[marks[0]] * wide for _ in range(high)]
    for row, column in zip(matrix.rows.tolist(), matrix.cols.tolist(), strict=True):
        cells[row * high // rows][column * wide // cols] = marks[1]
    return ["".join(line) for line in cells]
