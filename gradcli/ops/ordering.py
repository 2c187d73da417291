"""In which order elements stand when they are sorted. Called by `sorting` and `statistics`."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.engine.blas import cuts, share
from gradcli.engine.settings import threads
from gradcli.tape.node import FLOATS

MANY, LONG = 10_000, 16
"""From how many elements, and in rows of how many, the quickest order is worth making stable."""
CHUNK = 65_536
"""Elements of rows that are sorted at a time."""
SHARED = 100_000
"""Elements for which a thread is worth waking."""
TIED = 8
"""If one element in so many has an equal beside it, a stable sort is quicker than mending."""


def stable_order(x: Any, axis: int) -> Any:
    """The indices that sort along a (negative) axis: equal elements stay as they stood, nan comes last."""
    if x.size < MANY or x.shape[axis] < LONG or x.dtype not in FLOATS:
        return np.argsort(x, axis=axis, kind="stable")
    rows = np.moveaxis(x, axis, -1)
    order = np.empty(rows.shape, np.int64)
    lines, found = (each.reshape(-1, rows.shape[-1]) for each in (rows, order))
    several = x.size >= SHARED
    if len(lines) > 1:
        parts = cuts(len(lines), -(-x.size // CHUNK), 1)
        share(lambda part: _sort(lines[part], found[part]), parts, several)
        return np.moveaxis(order, -1, axis)
    line, places = lines[0], found[0]
    parts = cuts(line.size, threads() if several else 1, SHARED // 2)
    share(lambda part: _sort(line[part], places[part]), parts)
    for part in parts[1:]:
        places[part] += part.start
    if len(parts) > 1:  # what is in order in parts takes a stable sort little time
        places[...] = places[np.argsort(line[places], kind="stable")]
    return np.moveaxis(order, -1, axis)


def _sort(rows: Any, order: Any) -> None:
    """The stable order of each row: the quickest one, with equal elements put in order."""
    order[...] = np.argsort(rows, axis=-1)
    ordered = np.take_along_axis(rows, order, -1)
    equal = np.equal(ordered[..., 1:], ordered[..., :-1]) | np.isnan(ordered[..., :-1])
    tied = np.count_nonzero(equal)
    if tied > rows.size // TIED:
        order[...] = np.argsort(rows, axis=-1, kind="stable")
    elif tied:
        later, earlier = np.zeros((2, *rows.shape), bool)
        later[..., 1:] = earlier[..., :-1] = equal
        places = np.flatnonzero(later | earlier)
        runs = np.cumsum(~later.reshape(-1)[places])
        flat = order.reshape(-1)
        some = flat[places]
        flat[places] = some[np.lexsort((some, runs))]
