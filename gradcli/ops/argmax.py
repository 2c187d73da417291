"""Where the largest or the smallest element stands: along a dim, or in short windows without copying them.

`reductions`, `adaptive` and `window_maxima` call it.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import cuts, share
from gradcli.engine.worker import arena
from gradcli.tape import primitives
from gradcli.tape.dims import drop_dims
from gradcli.tape.node import FLOATS, INT64, Node, Shape
from gradcli.tape.primitives import Linear

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT = 16
"""Up to so many elements are compared slice by slice: NumPy looks at each few by themselves."""
CHUNK = 65_536
"""Results that are worked out at a time, so that what they are compared with stays in the cache;
of fewer, calls are so short that threads wait for each other's interpreter."""
SHARED = 100_000
"""Elements for which a thread is worth waking."""


def first_of(x: Any, count: int, best: np.ufunc, told: Callable[[Any], Any] = lambda first: first) -> Any:
    """The index, over the last `count` dims as one, of the first element that `best` chooses, or nan.

    Args:
        x: windows, which may overlap in memory.
        count: of how many dims each of them is.
        best: of two elements.
        told: what is given in place of the indices of some windows, all along the other dims but the first.
    """
    from gradcli.engine.window_loops import first_largest

    lead, window = x.shape[: x.ndim - count], x.shape[x.ndim - count :]
    result = np.empty(lead, np.int64)
    parts = cuts(lead[0], -(-prod(lead) // CHUNK), 1) if prod(lead) else []

    def find(part: slice) -> None:
        first = first_largest(x[part], window) if best is np.maximum else None
        result[part] = told(_first_of_part(x[part], window, best) if first is None else first)

    share(find, parts, x.size >= SHARED)
    return result


def _first_of_part(x: Any, window: Shape, best: np.ufunc) -> Any:
    ends = np.ndindex(*window)
    whole = prod(window)
    lead = x.shape[: x.ndim - len(window)]
    nbytes = (whole + 1) * prod(lead) * x.itemsize
    *slices, chosen = arena(nbytes)[:nbytes].view(x.dtype).reshape(whole + 1, *lead)
    for each, at in zip(slices, ends, strict=True):
        np.copyto(each, x[(..., *at)])
    best(slices[0], slices[1], out=chosen)
    for each in slices[2:]:
        best(chosen, each, out=chosen)
    # What stands before the first that is chosen is unlike it. Nan is always chosen, and equals nothing.
    unlike = slices[0] != chosen
    some_nan = not np.array_equal(chosen, chosen)
    if some_nan:
        unlike &= slices[0] == slices[0]
    before = unlike.astype(np.uint8)
    for each in slices[1:-1]:
        unlike &= each != chosen
        if some_nan:
            unlike &= each == each
        before += unlike.view(np.uint8)
    return before


def _composed(first: Linear, x: Node, dim: int) -> Node | None:
    if dim != -1 or not 2 <= x.shape[-1] <= SHORT or x.ndim < 2 or x.dtype not in FLOATS:
        return None
    lead = x.shape[:-1]
    if x.op is primitives.reshape and x.value is None and x.inputs[0].shape[: len(lead)] == lead:
        (x,) = x.inputs  # whose last dims were joined, which copies windows
    return first(x, attrs=(x.ndim - len(lead),))


def index_of(name: str, pick: Callable[..., Any], best: np.ufunc | None = None) -> Linear:
    """A primitive that gives the index along a negative dim of what `pick` finds, and `best` of two."""
    return Linear(
        name,
        lambda x, dim: np.asarray(pick(np.asarray(x), axis=dim)),
        lambda x, dim: (drop_dims(x.shape, (dim,)), INT64),
        lambda g, node: [None],
        composed=partial(_composed, _first(name, best)) if best is not None else None,
    )


def _first(name: str, best: np.ufunc) -> Linear:
    """The same over the last dims together, for plans."""
    return Linear(
        f"first_{name}",
        lambda x, count: first_of(np.asarray(x), count, best),
        lambda x, count: (x.shape[: x.ndim - count], INT64),
        lambda g, node: [None],
    )


index_of_max = index_of("argmax", np.argmax, np.maximum)
index_of_min = index_of("argmin", np.argmin, np.minimum)
