"""Numbers and arrays as data people and programs read back: the shortest digits that round-trip.

The writers of plain text, CSV, JSON and tables share it. A float32 gets the shortest digits of a float32, so
`0.1` stays `0.1`; ints stay ints and bools `True` and `False`.
"""

from __future__ import annotations

from math import isfinite, prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Value: TypeAlias = NDArray[Any] | np.generic | float | int | bool | str
    """What has a name in a program: a tensor of any rank, a Python number, or a text that it gave."""

SUMMARISE_BEYOND = 1000
"""Arrays with more elements than this are summarised in text for people."""


def numbers(value: Value, precision: int | None = None) -> Any:
    """`value` as Python numbers, in nested lists for an array, whose `repr` is the text to show.

    With `precision` floats are rounded to so many significant digits.
    """
    array = np.asarray(value)
    if array.dtype.kind != "f" or (array.dtype == np.float64 and precision is None):
        return array.tolist()
    return _rounded(array, precision).tolist()


PIECE = 1 << 16
"""So many numbers of an array become Python's at once, where a text is written in pieces."""


def json_numbers(value: Value, precision: int | None = None) -> Any:
    """`numbers`, with the strings that stand for what JSON has no number for."""
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if precision is None and not array.shape and array.dtype == np.float64:
        number = array.item()  # the usual case, which needs none of what follows
        if isfinite(number):
            return number
    if array.dtype.kind != "f" or bool(np.isfinite(array).all()):
        return numbers(array, precision)
    exact = _rounded(array, precision)
    result = exact.astype(object)
    result[np.isnan(exact)] = "NaN"
    result[exact == np.inf] = "Infinity"
    result[exact == -np.inf] = "-Infinity"
    return result.tolist()


def number_text(value: Value, precision: int | None = None, *, full: bool = False) -> str:
    """One number or a whole array, on one line.

    Beyond `SUMMARISE_BEYOND` elements only the edges and the shape are shown, unless it is to be `full`:
    `[0.0, 1.0, 2.0, ..., 1997.0, 1998.0, 1999.0]  # shape [2000]`.
    """
    if isinstance(value, str):
        return repr(value)
    array = np.asarray(value)
    if array.size > SUMMARISE_BEYOND and not full:
        from gradcli.text.layout import edges

        shown, dots = edges(array, edge_items(array.ndim))
        return f"{_brackets(numbers(shown, precision), dots)}  # shape {list(array.shape)}"
    if array.size == 0 and array.ndim > 1:
        return f"{empty_text(array)}  # shape {list(array.shape)}"
    return repr(numbers(array, precision))


def empty_text(array: NDArray[Any]) -> str:
    """An array without elements: its rows, unless they are too many."""
    rows = prod(array.shape[: array.shape.index(0)])
    return "[...]" if rows > SUMMARISE_BEYOND else repr(array.tolist())


def edge_items(rank: int) -> int:
    """The items a summary shows at either end of an axis: three of a vector, two of a matrix, else one."""
    return max(1, 4 - rank)


def _brackets(items: Any, dots: list[int]) -> str:
    """Nested lists on one line, with `...` behind so many items of each axis (0: none)."""
    if not dots:
        return repr(items)
    parts = [_brackets(item, dots[1:]) for item in items]
    if dots[0]:
        parts.insert(dots[0], "...")
    return "[" + ", ".join(parts) + "]"


def _rounded(array: NDArray[Any], precision: int | None) -> NDArray[np.float64]:
    """Float64 numbers whose shortest digits are those of `array`'s own dtype, or so many significant ones."""
    if array.dtype == np.float64 and precision is None:
        return array
    flat = array.ravel()
    # NumPy's text of a float32 is the shortest that gives the same float32 back.
    exact = flat.tolist() if array.dtype == np.float64 else list(map(float, map(str, flat)))
    if precision is not None:
        exact = [float(f"{number:.{precision - 1}e}") for number in exact]
    return np.array(exact, dtype=np.float64).reshape(array.shape)
