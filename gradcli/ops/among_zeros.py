"""Arrays that stand at keys of slices among zeros, and the sum of several, as plans compute it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import share
from gradcli.engine.tiles import buffered
from gradcli.tape.node import Node, Primitive

if TYPE_CHECKING:
    from collections.abc import Sequence

Cut = tuple[int | None, int | None, int | None] | int
"""One dim of a basic key: (start, stop, step), or an integer, which drops the dim."""


def as_key(cuts: tuple[Cut, ...]) -> tuple[Any, ...]:
    """The cuts as NumPy has them."""
    return (..., *[slice(*cut) if isinstance(cut, tuple) else cut for cut in cuts])


CHUNK = 65_536
"""Elements of a sum that is finished before the next: they stay in the cache."""


WORTH = 4
"""How many of them are worth another thread."""


class PlacedSum(Primitive):
    """The sum of arrays that each stand at a key among zeros: in plans, never on a tape.

    The attributes are the shape and the keys.
    """

    name = "place_all"

    def __call__(self, nodes: Sequence[Node]) -> Node:
        """The sum of values of `place`."""
        inputs = tuple([each.inputs[0] for each in nodes])
        shape = nodes[0].shape
        attrs = (shape, tuple([each.attrs[1] for each in nodes]))
        return Node(self, inputs, attrs, shape, nodes[0].dtype, False)

    def compute(self, *args: Any) -> Any:
        return self.into(*args, np.empty(args[-2], np.asarray(args[0]).dtype))

    @staticmethod
    def into(*args: Any) -> Any:
        *values, shape, keys, out = args
        parts = [np.asarray(each) for each in values]
        rows = max(CHUNK // prod(shape[1:]), 1)
        some = [(low, min(low + rows, shape[0])) for low in range(0, shape[0], rows)]

        def work(cut: tuple[int, int]) -> None:
            low, high = cut
            out[low:high] = 0
            with np.errstate(all="ignore"):  # which brings back the size of the buffer as well
                np.setbufsize(buffered(shape[-1]))
                for part, (first, *others) in zip(parts, keys, strict=True):
                    here, there = _between(first, low, high, shape[0])
                    if there is not None:
                        target = out[low:high][(there, *as_key(tuple(others))[1:])]
                        np.add(target, part[here], target)

        if len(some) < WORTH:
            for each in some:
                work(each)
        else:
            share(work, some)
        return out


def _between(cut: Cut, low: int, high: int, size: int) -> tuple[Any, Any]:
    """What of a cut lies between two places of its dim: which of its elements, and where after the first.

    None where there is nothing.
    """
    if not isinstance(cut, tuple):
        place = cut % size
        return ..., slice(place - low, place - low + 1) if low <= place < high else None
    places = range(*slice(*cut).indices(size))
    start, stop = (
        _reached(places, each) for each in ((low, high) if places.step > 0 else (high - 1, low - 1))
    )
    if start >= stop:
        return ..., None
    first, last = places[start] - low, places[stop - 1] - low
    end = last + (1 if places.step > 0 else -1)
    return slice(start, stop), slice(first, end if end >= 0 else None, places.step)


def _reached(places: range, bound: int) -> int:
    """How many places come before a bound, in the direction of the range."""
    step = places.step
    ahead = (bound - places.start) * (1 if step > 0 else -1)
    return min(max(-(-ahead // abs(step)), 0), len(places))
