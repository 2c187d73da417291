"""What functions along a dim are composed of in plans, where blocks hold whole rows: never on a tape."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.settings import row_room
from gradcli.engine.tiles import reduce_tile
from gradcli.tape import recipes
from gradcli.tape.node import Node, Primitive
from gradcli.tape.promote import broadcast
from gradcli.tape.totals import total

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.tape.node import Shape
    from gradcli.tape.recipes import Recipes

CERTAIN = 1.5
"""A sum of exponentials of which the largest is 1, from which on it may be taken off the sum again: what is
lost is a rounding of the rest."""


class InRows(Primitive):
    """An operation along the only dim of its first attribute, by a kernel for blocks that hold it whole.

    The second attribute is the length of the dim in the result, or None where it is dropped.
    """

    def __init__(
        self, name: str, kernel: Callable[..., None], cost: float = 0.0, loops: Recipes | None = None
    ) -> None:
        self.name = name
        self.loops = loops
        self.by_rows = kernel
        self.cost = cost

    def __call__(self, *inputs: Node, attrs: tuple[Any, ...]) -> Node:
        """The operation, for a plan."""
        (dim,), length = attrs
        lead = [_without(each.shape, dim) for each in inputs]
        shape = broadcast(*lead)
        if length is not None:
            at = len(shape) + dim + 1
            shape = (*shape[:at], length, *shape[at:])
        return Node(self, inputs, attrs, shape, inputs[0].dtype, False)

    def compute(self, *args: Any) -> Any:
        *values, (dim,), length = args
        values = [np.asarray(each) for each in values]
        rank = max([each.ndim for each in values])
        lead, *others = {_without(each.shape, dim) for each in values}
        shape = list(np.broadcast_shapes(lead, *others) if others else lead)
        shape.insert(rank + dim, length or 1)
        out = np.empty(shape, values[0].dtype)
        values = [each.reshape((1,) * (rank - each.ndim) + each.shape) for each in values]
        self.by_rows(*values, rank + dim, out)  # type: ignore[misc]
        return out if length is not None else np.squeeze(out, dim)


def _without(shape: Shape, dim: int) -> Shape:
    at = len(shape) + dim
    return (*shape[:at], *shape[at + 1 :])


def fits(shape: Shape, dim: int) -> bool:
    """Whether a block can hold whole rows along a (negative) dim."""
    return 1 < shape[dim] <= row_room(None if dim == -1 else shape[-1])


def others_into(powers: Any, axis: int, out: Any) -> None:
    """Adds up exponentials along an axis, less one largest of them, which is 1; `out` has size 1 there."""
    reduce_tile(np.add, powers, (axis,), out)
    close = np.less(out, CERTAIN)
    np.subtract(out, 1, out)
    if close.any():
        # The largest is the only one that has a whole part.
        parts = np.floor(powers)
        np.subtract(powers, parts, parts)
        sums = np.empty_like(out)
        reduce_tile(np.add, parts, (axis,), sums)
        np.copyto(out, sums, where=close)


sum_of_others = InRows("others", others_into, loops=recipes.others)
"""The sum along a dim less one largest element, which is 1: without the digits that 1 + tiny would lose."""


def _flat(array: Any, indices: Any, axis: int) -> Any:
    """The places in memory of one index for each row; None where the array is not in order."""
    shape = array.shape
    rows = (*shape[:axis], 1, *shape[axis + 1 :])
    if indices.shape != rows or not array.flags.c_contiguous:
        return None
    within = prod(shape[axis + 1 :])
    places = indices % shape[axis]
    if within > 1:
        places *= within
        places += np.arange(within).reshape(rows[axis:])
    if axis:
        step = shape[axis] * within
        places += np.arange(0, array.size, step).reshape(*shape[:axis], *[1] * (len(shape) - axis))
    return places.reshape(-1)


def _take(x: Any, indices: Any, axis: int, places: Any) -> Any:
    """The elements along an axis at the index of each row, whose places in an array in order are known."""
    if places is None or not x.flags.c_contiguous:
        return np.take_along_axis(x, indices, axis)
    return x.reshape(-1)[places].reshape(indices.shape)


def _put(x: Any, indices: Any, values: Any, axis: int, places: Any) -> None:
    """Writes the elements along an axis at the index of each row, in an array whose places are known."""
    if places is None:
        np.put_along_axis(x, indices, values, axis)
    elif np.shape(values) == indices.shape:
        x.reshape(-1)[places] = values.reshape(-1)
    else:
        x.reshape(-1)[places] = np.broadcast_to(values, indices.shape).reshape(-1)


def _picked_kernel(x: Any, indices: Any, axis: int, out: Any) -> None:
    out[...] = _take(x, indices, axis, _flat(x, indices, axis))


picked = InRows("picked", _picked_kernel)
"""The element along a dim at the index of each row; the indices have size 1 there."""


def _spread_kernel(g: Any, indices: Any, axis: int, out: Any) -> None:
    out.fill(0)
    _put(out, indices, g, axis, _flat(out, indices, axis))


put_in_zeros = InRows("put_in_zeros", _spread_kernel, cost=1.0)
"""Zeros along a dim, but for the element at the index of each row."""

SURE = 0.6
"""A share of more than half, which only one element of a row can have: 1 less it comes from the others."""


def _off_shares_kernel(powers: Any, rest: Any, g: Any, axis: int, out: Any) -> None:
    # g - p*sum(g); where p is nearly 1, the terms that cancel are left out.
    g = np.broadcast_to(g, out.shape)
    share = np.reciprocal(np.add(rest, 1))
    whole = np.empty(share.shape, out.dtype)
    reduce_tile(np.add, g, (axis,), whole)
    sure = np.broadcast_to(np.greater(share, SURE), whole.shape)
    largest = exact = places = None
    if sure.any():
        largest = np.expand_dims(np.broadcast_to(powers, out.shape).argmax(axis), axis)
        places = _flat(out, largest, axis)
        np.copyto(out, g)
        _put(out, largest, 0, axis, places)
        exact = np.empty(whole.shape, out.dtype)
        reduce_tile(np.add, out, (axis,), exact)
        np.subtract(whole * (rest * share), exact, exact)
    np.multiply(powers, np.subtract(0, whole * share), out)
    np.add(out, g, out)
    if largest is not None:
        _put(out, largest, np.where(sure, exact, _take(out, largest, axis, places)), axis, places)


off_shares = InRows("off_shares", _off_shares_kernel, cost=2.0, loops=recipes.off_shares)
"""`g` less its sum times each element's share: what reverse mode makes of log_softmax, from the exponentials,
the sum of the others' and `g`."""


def _off_shares_picked_kernel(powers: Any, rest: Any, g: Any, indices: Any, axis: int, out: Any) -> None:
    share = np.reciprocal(np.add(rest, 1))
    np.multiply(powers, np.subtract(0, g * share), out)
    places = _flat(out, indices, axis)
    whole = powers if powers.shape == out.shape else np.broadcast_to(powers, out.shape)
    sure = np.greater(_take(whole, indices, axis, places) * share, SURE)
    value = g + _take(out, indices, axis, places)
    np.copyto(value, g * (rest * share), where=sure)
    _put(out, indices, value, axis, places)


off_shares_picked = InRows("off_shares_picked", _off_shares_picked_kernel, cost=1.0)
"""The same where `g` is zero but for one element of each row, at an index."""


SURE_LOG = -0.5
"""The logarithm of a share that only one element of a row can have."""


def _off_logs_kernel(logs: Any, g: Any, axis: int, out: Any) -> None:
    rows, dims = (*out.shape[:axis], 1, *out.shape[axis + 1 :]), (axis - out.ndim,)
    whole = total(g, dims).reshape(rows)
    np.multiply(np.exp(logs, out), np.subtract(0, whole), out)
    np.add(out, g, out)
    if not np.maximum.reduce(logs, None, initial=-np.inf) <= SURE_LOG:  # less terms that cancel
        sure = np.greater(logs, SURE_LOG)
        rest = total(np.where(sure, 0, g), dims).reshape(rows)
        others = np.expm1(np.maximum.reduce(logs, axis)).reshape(rows)
        np.copyto(out, np.subtract(np.subtract(0, others * whole), rest), where=sure)


off_logs = InRows("off_logs", _off_logs_kernel)
"""What `off_shares` is, from the logarithms of the shares."""


def _off_logs_picked_kernel(logs: Any, g: Any, indices: Any, axis: int, out: Any) -> None:
    np.subtract(0, np.multiply(np.exp(logs, out), g, out), out)  # not times -g: a zero has no sign
    places = _flat(out, indices, axis)
    kept = np.subtract(0, np.expm1(_take(logs, indices, axis, places)))
    _put(out, indices, g * kept, axis, places)


off_logs_picked = InRows("off_logs_picked", _off_logs_picked_kernel)
"""What `off_shares_picked` is, from the logarithms of the shares."""
