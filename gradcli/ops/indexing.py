"""The primitives of indexing: by static slices, by an array of integers, by one array for each row.

`pick`, `take_last` and `along_last` are linear and come with their transposes `place`, `put_last` and
`scatter_last`. The keys of the language (`keys`) and the functions of the table (`gathering`, `joining`,
`padding` …) are made of them, and so are many rules of other families.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import cuts, share
from gradcli.errors import GradcliError
from gradcli.ops import elementwise
from gradcli.ops.adding import counted, from_front, rows_added
from gradcli.ops.among_zeros import Cut, PlacedSum, as_key
from gradcli.ops.bags import NARROWEST, added_from_bags, summed_in_bags
from gradcli.ops.extremes import reduce_max
from gradcli.ops.in_rows import fits, picked, put_in_zeros
from gradcli.ops.shapes import moved_from_last, moved_last, permute_primitive, permuted
from gradcli.tape import primitives
from gradcli.tape.node import FLOAT64, FLOATS, INT64, Node, Shape, leaf
from gradcli.tape.primitives import Linear, expand, expand_to, literal, reduce_sum, reshape_to, where
from gradcli.tape.promote import broadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _cut_size(size: int, cut: Cut) -> int | None:
    if isinstance(cut, tuple):
        return len(range(*slice(*cut).indices(size)))
    return None


def _pick_infer(x: Node, cuts: tuple[Cut, ...]) -> tuple[Shape, np.dtype[Any]]:
    kept = [_cut_size(size, cut) for size, cut in zip(x.shape, cuts, strict=True)]
    return tuple([size for size in kept if size is not None]), x.dtype


pick = Linear(
    "pick",
    lambda x, cuts: np.asarray(x)[as_key(cuts)],
    _pick_infer,
    lambda g, node: [place(g, attrs=(node.inputs[0].shape, node.attrs[0]))],
    selects=True,
    moves=True,
    batch_attrs=lambda size, cuts: ((WHOLE, *cuts),),
    views=True,
)
"""The elements at a basic key, one cut for each dim."""


def _place_kernel(g: Any, shape: Shape, cuts: tuple[Cut, ...]) -> Any:
    g = np.asarray(g)
    kept = sum(isinstance(cut, tuple) for cut in cuts)
    result = np.zeros(g.shape[: g.ndim - kept] + shape, g.dtype)
    result[as_key(cuts)] = g
    return result


def _place_into(g: Any, shape: Shape, cuts: tuple[Cut, ...], out: Any) -> Any:
    """Where the cuts leave no gaps, only what is around them is set to zero."""
    part = out
    for dim, (cut, size) in enumerate(zip(cuts, shape, strict=True), -len(shape)):
        taken = (
            range(*slice(*cut).indices(size)) if isinstance(cut, tuple) else range(cut % size, cut % size + 1)
        )
        if taken.step != 1 or not taken:
            part[...] = 0
            break
        behind = (slice(None),) * (-dim - 1)
        part[(..., slice(taken.start), *behind)] = 0
        part[(..., slice(taken.stop, None), *behind)] = 0
        part = part[(..., slice(taken.start, taken.stop), *behind)]
    out[as_key(cuts)] = g
    return out


place: Linear = Linear(
    "place",
    _place_kernel,
    lambda g, shape, cuts: (shape, g.dtype),
    lambda g, node: [pick(g, attrs=(node.attrs[1],))],
    moves=True,
    batch_attrs=lambda size, shape, cuts: ((size, *shape), (WHOLE, *cuts)),
    into=_place_into,
)
"""Zeros of a shape with the input at a basic key: the transpose of `pick`."""

place.summed = PlacedSum()


def _placed_once(x: Node, shape: Shape, cuts: tuple[Cut, ...]) -> Node | None:
    """Zeros around zeros are put around once."""
    if x.op is not place or not x.inputs:
        return None
    found: list[Cut] = []
    for cut, size, inner, length in zip(cuts, shape, x.attrs[1], x.shape, strict=False):
        if not isinstance(cut, tuple) or not isinstance(inner, tuple):
            return None
        outer, within = [range(*slice(*each).indices(n)) for each, n in ((cut, size), (inner, length))]
        if outer.step != 1 or within.step != 1:
            return None
        found.append((outer.start + within.start, outer.start + within.stop, 1))
    return place(x.inputs[0], attrs=(shape, tuple(found))) if len(found) == len(shape) else None


place.composes(_placed_once)

WHOLE: Cut = (None, None, None)


def section(x: Node, dim: int, start: int, stop: int, step: int = 1) -> Node:
    """The elements from start to stop along one (negative) dim."""
    if start == 0 and stop == x.shape[dim] and step == 1:
        return x
    cuts: list[Cut] = [WHOLE] * x.ndim
    cuts[dim] = (start, stop, step)
    return pick(x, attrs=(tuple(cuts),))


def element(x: Node, dim: int, index: int) -> Node:
    """The slice at one index of a (negative) dim, which is dropped."""
    cuts: list[Cut] = [WHOLE] * x.ndim
    cuts[dim] = index
    return pick(x, attrs=(tuple(cuts),))


def reverse_dims(x: Node, dims: Sequence[int]) -> Node:
    """`x` backwards along the (negative) dims."""
    cuts: list[Cut] = [WHOLE] * x.ndim
    for dim in dims:
        cuts[dim] = (None, None, -1)
    return pick(x, attrs=(tuple(cuts),))


def padded(x: Node, dim: int, before: int, after: int) -> Node:
    """`x` with zeros before and after along one (negative) dim."""
    size = x.shape[dim]
    shape = list(x.shape)
    shape[dim] = before + size + after
    cuts: list[Cut] = [WHOLE] * x.ndim
    cuts[dim] = (before, before + size, None)
    return place(x, attrs=(tuple(shape), tuple(cuts)))


# ---- integer indices ----


def _take_kernel(x: Any, indices: Any) -> Any:
    x, indices = np.asarray(x), np.asarray(indices)
    if x.ndim == 1 or abs(x.strides[-1]) <= abs(x.strides[0]):
        return np.take(x, indices, axis=-1)
    # A table whose rows are what the last dim counts: they are taken as a whole.
    rows = x.transpose(x.ndim - 1, *range(x.ndim - 1)).take(indices, 0)
    return rows.transpose(*range(indices.ndim, rows.ndim), *range(indices.ndim))


take_last = Linear(
    "take",
    _take_kernel,
    lambda x, indices: (x.shape[:-1] + indices.shape, x.dtype),
    lambda g, node: [put_last(g, node.inputs[1], attrs=(node.inputs[0].shape[-1],)), None],
    indexed=True,
    selects=True,
    moves=True,
)
"""`x[..., indices]` for an array of integers of any shape."""


def _put_kernel(g: Any, indices: Any, size: int) -> Any:
    g, indices = np.asarray(g), np.asarray(indices)
    lead = g.shape[: g.ndim - indices.ndim]
    flat = from_front(indices.reshape(-1), size)
    width = prod(lead)
    if width == 1:
        return counted(g.reshape(-1), flat, size).reshape(*lead, size)
    rows = g.transpose(*range(len(lead), g.ndim), *range(len(lead))).reshape(flat.size, width)
    summed = rows_added(rows, flat, size).reshape(size, *lead)
    return summed.transpose(*range(1, summed.ndim), 0)


put_last: Linear = Linear(
    "put",
    _put_kernel,
    lambda g, indices, size: ((*g.shape[: g.ndim - indices.ndim], size), g.dtype),
    lambda g, node: [take_last(g, node.inputs[1]), None],
    indexed=True,
    gathering=take_last,
)
"""Zeros along a last dim of `size`, with the input added at the indices: the transpose of `take_last`."""


def _before_turned(x: Node) -> tuple[Node, tuple[int, ...]]:
    """What a node is with its dims in another order, and the order."""
    if x.op is permute_primitive and x.inputs and x.value is None:
        return x.inputs[0], x.attrs[0]
    return x, tuple(range(-x.ndim, 0))


def _in_bags(indices: Node, gone: Sequence[int]) -> tuple[Node, list[int]]:
    """Indices with some (negative) dims as one, the last, and the dims that stay."""
    kept = [dim for dim in range(-indices.ndim, 0) if dim not in gone]
    shape = [indices.shape[dim] for dim in kept]
    return reshape_to(permuted(indices, [*kept, *gone]), (*shape, indices.size // max(prod(shape), 1))), kept


def _sum_in_bags(x: Node, dims: tuple[int, ...]) -> Node | None:
    """Rows that are looked up and added up, without the rows in between: `mean(table[words], 1)`."""
    taken, order = _before_turned(x)
    if taken.op is not take_last or taken.value is not None or taken.dtype is not FLOAT64 or not taken.size:
        return None
    table, indices = taken.inputs
    gone = [order[dim] for dim in dims]
    if min(gone) < -indices.ndim or prod(table.shape[:-1]) < NARROWEST:
        return None
    bags, kept = _in_bags(indices, gone)
    left = [*range(-x.ndim, -indices.ndim), *kept]
    places = [left.index(order[dim]) - len(left) for dim in range(-x.ndim, 0) if dim not in dims]
    return permuted(summed_in_bags(table, bags), places)


def _put_from_bags(g: Node, indices: Node, size: int) -> Node | None:
    """The transpose of that, from what comes back for a sum."""
    spread, order = _before_turned(g)
    if spread.op is not expand or spread.value is not None or g.dtype is not FLOAT64 or not g.size:
        return None
    (narrow,) = spread.inputs
    gone = [
        dim
        for dim in range(-indices.ndim, 0)
        if g.shape[dim] > 1 and (narrow.ndim < -order[dim] or narrow.shape[order[dim]] == 1)
    ]
    if not gone or prod(g.shape[: g.ndim - indices.ndim]) < NARROWEST:
        return None
    alone = [order[dim] for dim in gone]
    once = [1 if dim in alone else spread.shape[dim] for dim in range(-spread.ndim, 0)]
    bags, kept = _in_bags(indices, gone)
    found = permuted(expand_to(narrow, tuple(once)), order)
    shape = (*g.shape[: g.ndim - indices.ndim], *[indices.shape[dim] for dim in kept])
    return added_from_bags(reshape_to(found, shape), bags, size)


put_last.composes(_put_from_bags)
reduce_sum.composes(_sum_in_bags)


def _along_kernel(x: Any, indices: Any) -> Any:
    x, indices = np.asarray(x), np.asarray(indices)
    # Under batch dims, or broadcast, one of them has fewer dims.
    indices = indices.reshape((1,) * (x.ndim - indices.ndim) + indices.shape)
    x = x.reshape((1,) * (indices.ndim - x.ndim) + x.shape)
    if x.ndim == indices.ndim == 1:
        return x[indices]
    if x.shape[:-1] == indices.shape[:-1] and x.flags.c_contiguous:  # half the time of a key for each dim
        return x.reshape(-1).take(_in_rows(indices, x.shape[-1]))
    return np.take_along_axis(x, indices, -1)


def _along_into(x: Any, indices: Any, out: Any) -> Any:
    if x.shape[:-1] != indices.shape[:-1] or not x.flags.c_contiguous:
        out[...] = _along_kernel(x, indices)
        return out
    rows, found = x.reshape(-1, x.shape[-1]), out.reshape(-1, out.shape[-1])

    def take(part: slice, where: Any) -> None:
        rows[part].reshape(-1).take(where, None, found[part].reshape(-1), "clip")  # else it takes a buffer

    by_rows(indices, x.shape[-1], take)
    return out


PART, SHARED = 16_384, 65_536
"""Indices that are worked on at a time, and those for which a thread is worth waking."""


def by_rows(indices: Any, size: int, work: Callable[[slice, Any], None]) -> None:
    """Has threads share the rows of indices into rows of `size` elements.

    Args:
        indices: of any number of dims, of which the last are the rows.
        size: of a row that is indexed.
        work: is called with some rows and the indices into all of their elements.
    """
    flat = indices.reshape(-1, indices.shape[-1])
    parts = cuts(len(flat), max(indices.size // PART, 1), 1)
    share(lambda part: work(part, _in_rows(flat[part], size).reshape(-1)), parts, indices.size >= SHARED)


def _in_rows(indices: Any, size: int) -> Any:
    """Indices into rows of `size` elements as indices into all of them, one after the other."""
    rows = (np.arange(prod(indices.shape[:-1])) * size).reshape(*indices.shape[:-1], 1)
    return from_front(indices, size) + rows


@lru_cache(16)
def _places(size: int) -> Any:
    places = np.arange(size)
    places.flags.writeable = False
    return places


def is_there(indices: Node, size: int) -> Node | None:
    """Where the only index of each row points among its `size` elements; None for several indices."""
    if not _single(indices) or not size:
        return None
    back = elementwise.lt(indices, literal(0, INT64))
    from_front = where(back, primitives.add(indices, literal(size, INT64)), indices)
    return elementwise.eq(leaf(_places(size)), from_front)


def _single(indices: Node) -> bool:
    """Whether there is one index for each row."""
    return indices.shape[-1:] == (1,) and indices.dtype == INT64


def one_of_each_row(indices: Node, shape: Shape) -> bool:
    """Whether there is one index for each row of a shape."""
    return _single(indices) and indices.shape[:-1] == shape[:-1]


COMPARED = 128
"""Elements of a row up to which each is asked whether it is the one of an index: that takes loops alone, and
no interpreter, for which threads wait."""


def along_composed(x: Node, indices: Node) -> Node | None:
    """`along_last` for one index of each row, in blocks."""
    if x.ndim < indices.ndim:
        return None
    short = x.shape[-1] <= COMPARED and x.dtype in FLOATS
    if not short and _single(indices) and fits(x.shape, -1):
        found = picked(x, indices, attrs=((-1,), None))
        return primitives.reshape_to(found, (*found.shape, 1))
    there = is_there(indices, x.shape[-1]) if x.dtype in FLOATS else None
    if there is None:
        return None
    chosen = where(there, x, literal(-inf, x.dtype))  # a sum with zeros would lose the sign of -0.0
    return primitives.reshape_to(reduce_max(chosen, attrs=((-1,),)), (*chosen.shape[:-1], 1))


def _scatter_composed(g: Node, indices: Node, size: int) -> Node | None:
    short = size <= COMPARED and g.dtype in FLOATS
    if not short and _single(indices) and fits((*g.shape[:-1], size), -1):
        return put_in_zeros(g, indices, attrs=((-1,), size))
    there = is_there(indices, size) if g.dtype in FLOATS else None
    return None if there is None else where(there, g, literal(0.0, g.dtype))


along_last = Linear(
    "along",
    _along_kernel,
    lambda x, indices: ((*broadcast(x.shape[:-1], indices.shape[:-1]), indices.shape[-1]), x.dtype),
    lambda g, node: [
        primitives.sum_to(
            scatter_last(g, node.inputs[1], attrs=(node.inputs[0].shape[-1],)), node.inputs[0].shape
        ),
        None,
    ],
    indexed=True,
    by_row=True,
    selects=True,
    moves=True,
    composed=along_composed,
    into=_along_into,
)
"""`x[..., indices[...]]`: for each row of the last dim its own indices."""


def _scatter_kernel(g: Any, indices: Any, size: int) -> Any:
    g = np.asarray(g)
    places = _in_rows(indices if indices.shape == g.shape else np.broadcast_to(indices, g.shape), size)
    lead = g.shape[:-1]
    return counted(g.reshape(-1), places.reshape(-1), prod(lead) * size).reshape(*lead, size)


scatter_last: Linear = Linear(
    "scatter",
    _scatter_kernel,
    lambda g, indices, size: ((*g.shape[:-1], size), g.dtype),
    lambda g, node: [along_last(g, node.inputs[1]), None],
    indexed=True,
    by_row=True,
    gathering=along_last,
    composed=_scatter_composed,
)
"""Zeros along a last dim of `size`, with each row added at its own indices: the transpose of `along_last`."""


def along(x: Node, dim: int, indices: Node) -> Node:
    """`take_along_dim` for a (negative) dim: `indices` has the rank of `x`."""
    if dim == -1:
        return along_last(x, indices)
    return moved_from_last(along_last(moved_last(x, dim), moved_last(indices, dim)), dim)


OUTSIDE = "index {worst} is out of bounds for dimension {dim} with size {size}"


def outside(index: Any, low: int, size: int) -> Any:
    """The worst of integers that are not all from `low` on and below `size`, or None."""
    if not index.size:
        return None
    least, most = index.min(), index.max()
    return least if least < low else most if most >= size else None


def check_bounds(index: Any, size: int, dim: int) -> None:
    """Raises PyTorch's error for integers that don't index `size` elements."""
    worst = outside(index, -size, size)
    if worst is not None:
        raise GradcliError("bad-argument", OUTSIDE.format(worst=worst, size=size, dim=dim))


def _ravel_kernel(*args: Any) -> Any:
    *indices, sizes, dims = args
    flat: Any = 0
    for index, size, dim in zip(indices, sizes, dims, strict=True):
        index = np.asarray(index)
        if index.dtype == np.uint8:
            index = index.astype(np.int64)
        check_bounds(index, size, dim)
        flat = flat * size + np.where(index < 0, index + size, index)
    return flat


ravel_indices = Linear(
    "ravel",
    _ravel_kernel,
    lambda *args: (broadcast(*[each.shape for each in args[:-2]]), INT64),
    lambda g, node: [None] * len(node.inputs),
)
"""Several arrays of integers as one array of indices into the flattened dims, checked."""
