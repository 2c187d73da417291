"""Rows that are looked up and added up, in plans: without the rows in between, and never on a tape.

`mean(table[words], 1)` is a matrix of zeros and ones times the table, and its gradient that matrix transposed
times what comes back. `indexing` says what is composed of these.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.adding import from_front, rows_added, rows_summed
from gradcli.tape.node import Node, Primitive

if TYPE_CHECKING:
    from collections.abc import Callable

NARROWEST = 8
"""Elements of a row from which on it is worth a bag."""


class Bags(Primitive):
    """An operation with bags of indices: those along the last dim of the second operand."""

    def __init__(self, name: str, kernel: Callable[..., Any]) -> None:
        self.name = name
        self._kernel = kernel

    def __call__(self, x: Node, indices: Node, *attrs: int) -> Node:
        """The operation, for a plan."""
        kept = indices.ndim - 1
        shape = (*x.shape[: x.ndim - kept], *attrs) if attrs else (*x.shape[:-1], *indices.shape[:-1])
        return Node(self, (x, indices), attrs, shape, x.dtype, False)

    def compute(self, *args: Any) -> Any:
        return self._kernel(*args)


def _turned(x: Any, last: int) -> Any:
    """An array with its last dims in front, as rows of a matrix."""
    first = x.ndim - last
    rows = x.transpose(*range(first, x.ndim), *range(first))
    return rows.reshape(prod(x.shape[first:]), prod(x.shape[:first]))


def _summed_kernel(x: Any, indices: Any) -> Any:
    x, indices = np.asarray(x), np.asarray(indices)
    *kept, length = indices.shape
    lead = x.shape[:-1]
    found = rows_summed(_turned(x, 1), indices.reshape(-1, length)).reshape(*kept, *lead)
    return found.transpose(*range(len(kept), found.ndim), *range(len(kept)))


def _added_kernel(g: Any, indices: Any, size: int) -> Any:
    g, indices = np.asarray(g), np.asarray(indices)
    kept = indices.ndim - 1
    lead = g.shape[: g.ndim - kept]
    places = from_front(indices.reshape(-1, indices.shape[-1]), size)
    found = rows_added(_turned(g, kept), places, size).reshape(size, *lead)
    return found.transpose(*range(1, found.ndim), 0)


summed_in_bags = Bags("summed_in_bags", _summed_kernel)
"""`x[..., indices].sum(-1)`."""
added_from_bags = Bags("added_from_bags", _added_kernel)
"""Its transpose: zeros along a last dim of a size, with the input added at all indices of its bag."""
