"""Nested numbers in brackets over several lines, in columns: how tensors are laid out.

`tensor_text` calls it for PyTorch's `print`, `table` for the cells of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Writer = Callable[[Any], str]
"""Turns one element, a Python number, into its text."""


def edges(array: NDArray[Any], keep: int) -> tuple[NDArray[Any], list[int]]:
    """The first and last `keep` items of every axis that has more than twice as many.

    Also returns, for each axis, behind how many items the left-out ones belong; 0 where none are left out.
    """
    dots = [keep if length > 2 * keep else 0 for length in array.shape]
    for axis, behind in enumerate(dots):
        if behind:
            array = np.take(array, [*range(keep), *range(-keep, 0)], axis=axis)
    return array, dots


def columns(
    items: list[Any], dots: Sequence[int], write: Writer, *, width: int, indent: int, line_width: int
) -> str:
    """`items`, as deep as `dots` is long, each number in a column of `width` characters.

    Rows stand below each other, matrices with a blank line between, and so on upwards. A row that
    doesn't fit into `line_width` is broken. `indent` is the column where the opening bracket stands.
    """
    margin = "\n" + " " * (indent + 1)
    if len(dots) > 1:
        parts = [
            columns(item, dots[1:], write, width=width, indent=indent + 1, line_width=line_width)
            for item in items
        ]
        if dots[0]:
            parts.insert(dots[0], "...")
        between = "," + "\n" * (len(dots) - 2) + margin
        return "[" + between.join(parts) + "]"
    parts = [write(item).rjust(width) for item in items]
    if dots[0]:
        parts.insert(dots[0], " ...")
    each_line = max(1, (line_width - indent) // (width + 2))
    lines = [", ".join(parts[at : at + each_line]) for at in range(0, len(parts), each_line)]
    return "[" + ("," + margin).join(lines) + "]"
