"""Arrays that stand at keys of slices among zeros, and the sum of several, as plans compute it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.engine.blas import share
from gradcli.engine.tiles import buffered
from gradcli.tape.node import FLOAT64, Node, Primitive
from gradcli.tape.primitives import mul, neg, scale_primitive

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


NARROW, MANY = 8, 64
"""Elements of a row up to which, and rows from which on, it takes less to go along the columns."""


class PlacedPart(NamedTuple):
    """One of the arrays.

    Attributes:
        key: where it stands.
        source: which of the inputs it is a multiple of.
        factor: of how many times.
        by: which of the inputs is a number that it is multiplied by as well, or None.
    """

    key: tuple[Cut, ...]
    source: int
    factor: float
    by: int | None


class PlacedSum(Primitive):
    """The sum of arrays that each stand at a key among zeros: in plans, never on a tape.

    Multiples of one array, as the slices of a difference get them, are read from that array. The attributes
    are the shape, the parts, and how many times their sum is taken.
    """

    name = "place_all"

    def __call__(self, nodes: Sequence[Node]) -> Node:
        """The sum of values of `place`."""
        inputs: dict[Node, int] = {}
        parts = []
        for each in nodes:
            source, factor, by = _multiple(each.inputs[0])
            places = [inputs.setdefault(one, len(inputs)) for one in (source, by) if one is not None]
            parts.append(PlacedPart(each.attrs[1], places[0], factor, places[1] if by is not None else None))
        shape, whole = nodes[0].shape, parts[0].factor
        if all(
            abs(each.factor) == abs(whole) for each in parts
        ):  # the sum is multiplied rather than each part
            parts = [each._replace(factor=each.factor / whole) for each in parts]
        else:
            whole = 1.0
        return Node(self, tuple(inputs), (shape, tuple(parts), whole), shape, nodes[0].dtype, False)

    def compute(self, *args: Any) -> Any:
        return self.into(*args, np.empty(args[-3], np.asarray(args[0]).dtype))

    @staticmethod
    def into(*args: Any) -> Any:
        *values, shape, parts, whole, out = args
        rows = max(CHUNK // prod(shape[1:]), 1)
        some = [(low, min(low + rows, shape[0])) for low in range(0, shape[0], rows)]

        def work(cut: tuple[int, int]) -> None:
            low, high = cut
            out[low:high] = 0
            with np.errstate(all="ignore"):  # which brings back the size of the buffer as well
                np.setbufsize(buffered(shape[-1]))
                for (first, *others), source, factor, by in parts:
                    here, there = _between(first, low, high, shape[0])
                    if there is None:
                        continue
                    target = out[low:high][(there, *as_key(tuple(others))[1:])]
                    part = np.asarray(values[source])[here]
                    if by is not None:
                        part = np.multiply(part, values[by] * factor)
                    elif factor not in (1, -1):
                        part = np.multiply(part, factor)
                    add = np.subtract if by is None and factor == -1 else np.add
                    for one, other in columns(target, part):
                        add(one, other, one)
                if whole != 1:
                    np.multiply(out[low:high], whole, out[low:high])

        if len(some) < WORTH:
            for each in some:
                work(each)
        else:
            share(work, some)
        return out


def columns(target: Any, part: Any) -> list[tuple[Any, Any]]:
    """Two arrays of one shape, or their columns where rows are so short that NumPy goes along these."""
    if target.ndim < 2 or not 1 < target.shape[-1] <= NARROW or target.size < MANY * target.shape[-1]:
        return [(target, part)]
    return [(target[..., at], part[..., at]) for at in range(target.shape[-1])]


def _multiple(node: Node) -> tuple[Node, float, Node | None]:
    """A node as a multiple of another one, and of a number that is a node."""
    factor, by = 1.0, None
    while node.value is None and node.dtype is FLOAT64:
        if node.op is neg:
            (node,), factor = node.inputs, -factor
        elif node.op is scale_primitive:
            factor *= node.attrs[0]
            (node,) = node.inputs
        elif node.op is mul and by is None and any(not each.shape for each in node.inputs):
            by, node = sorted(node.inputs, key=lambda each: each.ndim)
            if by.dtype is not FLOAT64 or node.dtype is not FLOAT64:
                break
        else:
            break
    return node, factor, by


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
