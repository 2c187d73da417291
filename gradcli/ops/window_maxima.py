"""Where the largest element of each window stands, and what comes back for it put there.

Called by `pooling`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.ops.argmax import SHORT, first_of
from gradcli.ops.elementwise import ne, where_nonzero
from gradcli.ops.indexing import along_last, by_rows, scatter_last
from gradcli.ops.windows import enlarged, out_sizes, overlap, view_of_windows
from gradcli.tape.node import FLOATS, INT64, Node, Shape
from gradcli.tape.primitives import Linear, reduce_sum, reshape, reshape_to, where, zero_literal

if TYPE_CHECKING:
    from gradcli.ops.windows import Steps

MANY = 512
"""Windows from which on going slice by slice pays."""


class WindowPlaces(NamedTuple):
    """Where the windows of a picture lie, by indices that count through its elements.

    Attributes:
        corners: for each window where it begins, which may be before the picture.
        steps: how much further each element of a window lies.
        edge: the windows that have elements beside the picture.
        inside: which of their elements are in it.
        first: the first of these, 0 where there is none.
        hollow: which windows have none; they are said to begin with the picture.
    """

    corners: Any
    steps: Any
    edge: Any
    inside: Any
    first: Any
    hollow: Any


@lru_cache(64)
def window_places(
    sizes: Shape, positions: Shape, kernel: Steps, stride: Steps, dilation: Steps, padding: Steps
) -> WindowPlaces:
    """Counts through pictures of these sizes, with so much padding before."""
    count = len(kernel)
    corners, steps = np.zeros((1,) * count, np.int64), np.zeros((1,) * count, np.int64)
    inside: Any = np.ones((1, 1), np.bool_)
    for dim, (k, s, p, d, number) in enumerate(
        zip(kernel, stride, padding, dilation, positions, strict=True)
    ):
        behind = (1,) * (count - dim - 1)
        begin, further = np.arange(number) * s - p, np.arange(k) * d
        corners = corners * sizes[dim] + begin.reshape(-1, *behind)
        steps = steps * sizes[dim] + further.reshape(-1, *behind)
        lies = np.add.outer(begin, further)
        real = np.logical_and(lies >= 0, lies < sizes[dim])
        inside = np.logical_and(inside[:, None, :, None], real[:, None]).reshape(-1, inside.shape[1] * k)
    edge, hollow = np.flatnonzero(~inside.all(1)), np.flatnonzero(~inside.any(1))
    corners.reshape(-1)[hollow] = 0
    return WindowPlaces(corners, steps.reshape(-1), edge, inside[edge], inside[edge].argmax(1), hollow)


def lowest(dtype: np.dtype[Any]) -> float:
    """What padding and windows of nothing else are, which is never larger than an element."""
    return -np.inf if dtype in FLOATS else int(np.iinfo(dtype).min)


def _kernel(x: Any, kernel: Steps, stride: Steps, dilation: Steps, before: Steps, after: Steps) -> Any:
    count = len(kernel)
    x = np.asarray(x)
    outer, sizes = x.shape[: x.ndim - count], x.shape[x.ndim - count :]
    if any(before) or any(after):
        whole: Any = np.full((*outer, *enlarged(sizes, before, after)), lowest(x.dtype), x.dtype)
        whole[(..., *[slice(b, b + size) for b, size in zip(before, sizes, strict=True)])] = x
        x = whole
    view = view_of_windows(x, kernel, stride, dilation)
    lead = view.shape[: view.ndim - count]
    known = window_places(sizes, lead[len(outer) :], kernel, stride, dilation, before)

    def places(first: Any) -> Any:
        if known.edge.size:  # padding never wins, not even where all is as low
            rows = first.reshape(-1, known.corners.size)
            some = rows[:, known.edge]
            real = known.inside[np.arange(len(known.edge)), some]
            rows[:, known.edge] = np.where(real, some, known.first)
        return known.steps[first] + known.corners

    if 2 <= len(known.steps) <= SHORT and prod(lead) >= MANY and view.dtype in FLOATS:
        found = first_of(view, count, np.maximum, places)
    else:
        found = places(view.reshape(*lead, len(known.steps)).argmax(-1))
    return found.reshape(*outer, known.corners.size)


def _infer(x: Node, *attrs: Any) -> tuple[Shape, np.dtype[Any]]:
    kernel, stride, dilation, before, after = attrs
    count = len(kernel)
    outer, sizes = x.shape[: x.ndim - count], x.shape[x.ndim - count :]
    return (*outer, prod(out_sizes(enlarged(sizes, before, after), kernel, stride, dilation))), INT64


places_of_largest = Linear("places_of_largest", _kernel, _infer, lambda g, node: [None])
"""For each window over the last dims where its first largest element stands, or its first nan.

Windows and elements count as one dim, the last. Attributes are the windows' sizes, strides and dilations, and
how much padding is before and after.
"""


def _put_into(g: Any, places: Any, size: int, out: Any) -> Any:
    rows = out.reshape(-1, size)
    values = g.reshape(len(rows), -1)

    def put(part: slice, where: Any) -> None:
        rows[part] = 0
        rows[part].reshape(-1)[where] = (values[part] + 0.0).reshape(-1)  # a sum with zero is not -0

    by_rows(places, size, put)
    return out


_put_apart = Linear(
    "put_apart",
    lambda g, places, size: _put_into(np.asarray(g), places, size, np.empty((*g.shape[:-1], size), g.dtype)),
    lambda g, places, size: ((*g.shape[:-1], size), g.dtype),
    lambda g, node: [None, None],
    into=_put_into,
)
"""What `scatter_last` is where no two places of a row are the same, in plans: nothing is added."""


def _scattered(g: Node, places: Node, size: int) -> Node | None:
    if places.op is not places_of_largest or not places.inputs or g.shape != places.shape:
        return None
    apart = places.shape[-1] > 1 and not overlap(*places.attrs[:3])
    return _put_apart(g, places, attrs=(size,)) if apart else None


def _before_put(condition: Node, a: Node, b: Node) -> tuple[Node, Node, int] | None:
    """What a rectified picture lets through of what comes back from its windows, before it is put there.

    That is less than after. An element lets nothing or all through, and those that are put there are known.

    Returns:
        what is put, the places, and among how many elements.
    """
    put = a.inputs[0] if a.op is reshape and a.inputs and a.value is None else a
    if put.op is not scatter_last or put.value is not None or condition.op is not ne or not condition.inputs:
        return None
    (g, places), (x, zero) = put.inputs, condition.inputs
    if (
        places.op is not places_of_largest
        or places.inputs != (x,)
        or not (zero_literal(zero) and zero_literal(b))
    ):
        return None
    if a.shape != x.shape or g.shape != places.shape or g.dtype is not x.dtype:
        return None
    (size,) = put.attrs
    largest = along_last(reshape_to(x, (*places.shape[:-1], size)), places)
    return Node(where_nonzero, (largest, g), (), g.shape, g.dtype, False), places, size


def _let_through(condition: Node, a: Node, b: Node) -> Node | None:
    found = _before_put(condition, a, b)
    if found is None:
        return None
    return reshape_to(_scattered(*found) or scatter_last(*found[:2], attrs=found[2:]), a.shape)


def _sum_let_through(condition: Node, a: Node, b: Node, dims: tuple[int, ...]) -> Node | None:
    """The sum over what windows slide over, and over other dims: the zeros are left out."""
    found = _before_put(condition, a, b)
    if found is None:
        return None
    chosen, places, _ = found
    count = len(places.attrs[0])
    if not set(range(-count, 0)) <= set(dims):
        return None
    return reduce_sum(chosen, attrs=((*[dim + count - 1 for dim in dims if dim < -count], -1),))


scatter_last.composes(_scattered)
where.composes(_let_through)
where.composed_in = {**where.composed_in, reduce_sum: _sum_let_through}
