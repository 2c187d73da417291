"""Where the largest element of each window stands, and what comes back for it put there.

Called by `pooling`.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.ops.argmax import SHORT, first_of
from gradcli.ops.elementwise import ne, where_nonzero
from gradcli.ops.indexing import along_last, by_rows, scatter_last
from gradcli.ops.windows import out_sizes, overlap, view_of_windows
from gradcli.tape.node import FLOATS, INT64, Node, Shape
from gradcli.tape.primitives import Linear, reduce_sum, reshape, reshape_to, where, zero_literal

if TYPE_CHECKING:
    from gradcli.ops.windows import Steps

MANY = 512
"""Windows from which on going slice by slice pays."""


@lru_cache(64)
def _counted(
    positions: Shape, kernel: Steps, stride: Steps, dilation: Steps, sizes: Shape, padding: Steps
) -> tuple[Any, Any]:
    """For each window the index of its corner, and how much further on each element of a window lies.

    The indices count through the last dims of an input of these sizes, around which there is that padding.
    """
    count = len(kernel)
    corners, steps = np.zeros((1,) * count, np.int64), np.zeros((1,) * count, np.int64)
    for dim, (k, s, p, d, number) in enumerate(
        zip(kernel, stride, padding, dilation, positions, strict=True)
    ):
        behind = (1,) * (count - dim - 1)
        corners = corners * sizes[dim] + (np.arange(number) * s - p).reshape(-1, *behind)
        steps = steps * sizes[dim] + (np.arange(k) * d).reshape(-1, *behind)
    return corners, steps.reshape(-1)


def _kernel(x: Any, kernel: Steps, stride: Steps, dilation: Steps, sizes: Shape, padding: Steps) -> Any:
    view = view_of_windows(np.asarray(x), kernel, stride, dilation)
    count = len(kernel)
    corners, steps = _counted(view.shape[-2 * count : -count], kernel, stride, dilation, sizes, padding)
    lead = view.shape[: view.ndim - count]
    if 2 <= len(steps) <= SHORT and prod(lead) >= MANY and view.dtype in FLOATS:
        found = first_of(view, count, np.maximum, lambda first: steps[first] + corners)
    else:
        found = steps[view.reshape(*lead, -1).argmax(-1)] + corners
    return found.reshape(*lead[: len(lead) - count], -1)


def _infer(x: Node, *attrs: Any) -> tuple[Shape, np.dtype[Any]]:
    kernel, stride, dilation, *_ = attrs
    count = len(kernel)
    spatial = x.shape[x.ndim - count :]
    return (*x.shape[: x.ndim - count], prod(out_sizes(spatial, kernel, stride, dilation))), INT64


places_of_largest = Linear("places_of_largest", _kernel, _infer, lambda g, node: [None])
"""For each window over the last dims where its first largest element stands, or its first nan.

The windows are one dim, the last. Attributes are the windows' sizes, strides and dilations, and through which
dims the indices count: of what sizes, with how much padding around them.
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
