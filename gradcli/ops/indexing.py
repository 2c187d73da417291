"""Indexing: basic keys, integer indices and masks, over three primitives and their transposes.

`section` picks by static slices, `take` by an array of integers along the last dim, `along` by an
array of integers for every other index. `getitem` turns a key of the language into these.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import core
from gradcli.ops.core import Linear, as_node, expand_to, reshape_to
from gradcli.ops.shapes import moved_from_last, moved_last, permuted
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Shape, leaf
from gradcli.tape.promote import broadcast

if TYPE_CHECKING:
    from collections.abc import Sequence

Cut = tuple[int | None, int | None, int | None] | int
"""One dim of a basic key: (start, stop, step), or an integer, which drops the dim."""


def _as_key(cuts: tuple[Cut, ...]) -> tuple[Any, ...]:
    return (..., *[slice(*cut) if isinstance(cut, tuple) else cut for cut in cuts])


def _cut_size(size: int, cut: Cut) -> int | None:
    if isinstance(cut, tuple):
        return len(range(*slice(*cut).indices(size)))
    return None


def _pick_infer(x: Node, cuts: tuple[Cut, ...]) -> tuple[Shape, np.dtype[Any]]:
    kept = [_cut_size(size, cut) for size, cut in zip(x.shape, cuts, strict=True)]
    return tuple([size for size in kept if size is not None]), x.dtype


pick = Linear(
    "pick",
    lambda x, cuts: np.asarray(x)[_as_key(cuts)],
    _pick_infer,
    lambda g, node: [place(g, attrs=(node.inputs[0].shape, node.attrs[0]))],
    selects=True,
    batch_attrs=lambda size, cuts: ((WHOLE, *cuts),),
)
"""The elements at a basic key, one cut for each dim."""


def _place_kernel(g: Any, shape: Shape, cuts: tuple[Cut, ...]) -> Any:
    g = np.asarray(g)
    kept = sum(isinstance(cut, tuple) for cut in cuts)
    result = np.zeros(g.shape[: g.ndim - kept] + shape, g.dtype)
    result[_as_key(cuts)] = g
    return result


place: Linear = Linear(
    "place",
    _place_kernel,
    lambda g, shape, cuts: (shape, g.dtype),
    lambda g, node: [pick(g, attrs=(node.attrs[1],))],
    batch_attrs=lambda size, shape, cuts: ((size, *shape), (WHOLE, *cuts)),
)
"""Zeros of a shape with the input at a basic key: the transpose of `pick`."""

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


def _out_of_range(error: IndexError, size: int) -> GradcliError:
    return GradcliError("bad-argument", f"index out of range: the dim has size {size} ({error})")


def _take_kernel(x: Any, indices: Any) -> Any:
    x = np.asarray(x)
    try:
        return np.take(x, indices, axis=-1)
    except IndexError as error:
        raise _out_of_range(error, x.shape[-1]) from None


take_last = Linear(
    "take",
    _take_kernel,
    lambda x, indices: (x.shape[:-1] + indices.shape, x.dtype),
    lambda g, node: [put_last(g, node.inputs[1], attrs=(node.inputs[0].shape[-1],)), None],
    indexed=True,
    selects=True,
)
"""`x[..., indices]` for an array of integers of any shape."""


def _put_kernel(g: Any, indices: Any, size: int) -> Any:
    g, indices = np.asarray(g), np.asarray(indices)
    lead = g.shape[: g.ndim - indices.ndim]
    rows = g.reshape(prod(lead), indices.size)
    flat = indices.reshape(-1)
    if len(rows) == 1 and g.dtype == np.float64:
        wrapped = np.where(flat < 0, flat + size, flat)
        return np.bincount(wrapped, weights=rows[0], minlength=size).reshape(*lead, size)
    result = np.zeros((size, len(rows)), g.dtype)
    np.add.at(result, flat, rows.T)
    return result.T.reshape(*lead, size)


put_last: Linear = Linear(
    "put",
    _put_kernel,
    lambda g, indices, size: ((*g.shape[: g.ndim - indices.ndim], size), g.dtype),
    lambda g, node: [take_last(g, node.inputs[1]), None],
    indexed=True,
)
"""Zeros along a last dim of `size`, with the input added at the indices: the transpose of `take_last`."""


def _along_kernel(x: Any, indices: Any) -> Any:
    try:
        return np.take_along_axis(np.asarray(x), np.asarray(indices), -1)
    except IndexError as error:
        raise _out_of_range(error, np.shape(x)[-1]) from None


along_last = Linear(
    "along",
    _along_kernel,
    lambda x, indices: ((*broadcast(x.shape[:-1], indices.shape[:-1]), indices.shape[-1]), x.dtype),
    lambda g, node: [
        core.sum_to(scatter_last(g, node.inputs[1], attrs=(node.inputs[0].shape[-1],)), node.inputs[0].shape),
        None,
    ],
    indexed=True,
    selects=True,
)
"""`x[..., indices[...]]`: for each row of the last dim its own indices."""


def _scatter_kernel(g: Any, indices: Any, size: int) -> Any:
    g = np.asarray(g)
    indices = np.broadcast_to(indices, g.shape)
    rows = prod(g.shape[:-1])
    result = np.zeros((rows, size), g.dtype)
    np.add.at(result, (np.arange(rows)[:, None], indices.reshape(rows, -1)), g.reshape(rows, -1))
    return result.reshape(*g.shape[:-1], size)


scatter_last: Linear = Linear(
    "scatter",
    _scatter_kernel,
    lambda g, indices, size: ((*g.shape[:-1], size), g.dtype),
    lambda g, node: [along_last(g, node.inputs[1]), None],
    indexed=True,
)
"""Zeros along a last dim of `size`, with each row added at its own indices: the transpose of `along_last`."""


def along(x: Node, dim: int, indices: Node) -> Node:
    """`take_along_dim` for a (negative) dim: `indices` has the rank of `x`."""
    if dim == -1:
        return along_last(x, indices)
    return moved_from_last(along_last(moved_last(x, dim), moved_last(indices, dim)), dim)


def _ravel_kernel(*args: Any) -> Any:
    *indices, sizes = args
    wrapped = []
    for index, size in zip(indices, sizes, strict=True):
        index = np.asarray(index)
        if index.size and (index.min() < -size or index.max() >= size):
            worst = index.min() if index.min() < -size else index.max()
            raise GradcliError(
                "bad-argument", f"index {worst} is out of bounds for dimension with size {size}"
            )
        wrapped.append(np.where(index < 0, index + size, index))
    flat = wrapped[0]
    for index, size in zip(wrapped[1:], sizes[1:], strict=True):
        flat = flat * size + index
    return flat


ravel_indices = Linear(
    "ravel",
    _ravel_kernel,
    lambda *args: (broadcast(*[each.shape for each in args[:-1]]), INT64),
    lambda g, node: [None] * len(node.inputs),
)
"""Several arrays of integers as one array of indices into the flattened dims, checked."""


# ---- keys of the language ----


class Label:
    """What a piece of indexing is called in `grad_fn` and in diagnostics."""

    __slots__ = ("grad_fn", "name", "saves")

    def __init__(self, grad_fn: str) -> None:
        self.name = "indexing"
        self.grad_fn = grad_fn
        self.saves: bool | None = None


SELECT, SLICE, UNSQUEEZE, INDEX, ALIAS = (
    Label(name + "Backward0") for name in ("Select", "Slice", "Unsqueeze", "Index", "Alias")
)


def getitem(x: Node, key: tuple[Any, ...]) -> tuple[Node, Label]:
    """`x[key]`, and what PyTorch calls the last step of it.

    Args:
        x: what is indexed.
        key: integers, slices, `...`, None, and nodes of integers or booleans.
    """
    key = _expand_ellipsis(x, key)
    cuts: list[Cut] = []
    layout: list[Any] = []  # for each dim of the result so far: None for a new one, else its key
    label = ALIAS
    dim = 0
    for each in key:
        if each is None:
            layout.append(None)
            label = UNSQUEEZE
        elif isinstance(each, bool):
            layout.append(_mask_scalar(each))
            label = INDEX
        elif isinstance(each, Node) and each.dtype is BOOL:
            for index in _nonzero(each, x.shape[dim : dim + each.ndim], dim):
                layout.append(index)
                cuts.append(WHOLE)
            dim += each.ndim
            label = INDEX
        elif isinstance(each, Node) and each.ndim:
            layout.append(_integers(each))
            cuts.append(WHOLE)
            dim += 1
            label = INDEX
        elif isinstance(each, slice):
            cut = _slice(each, x.shape[dim])
            if cut != (0, x.shape[dim], 1):
                label = SLICE if label is not INDEX else INDEX
            cuts.append(cut)
            layout.append(slice(None))
            dim += 1
        else:
            cuts.append(_position(each, x.shape[dim], dim))
            label = SELECT if label is not INDEX else INDEX
            dim += 1
    if any(cut not in (WHOLE, (0, size, 1)) for cut, size in zip(cuts, x.shape, strict=True)):
        x = pick(x, attrs=(tuple(cuts),))
    elif label is ALIAS:
        return reshape_again(x), SLICE if any(isinstance(each, slice) for each in key) else ALIAS
    remaining = iter(x.shape)
    shape = tuple(
        [1 if each is None else next(remaining) for each in layout if not isinstance(each, _Scalar)]
    )
    x = reshape_to(x, shape)
    indices = [each for each in layout if isinstance(each, (Node, _Scalar))]
    return (_advanced(x, layout) if indices else x), label


def reshape_again(x: Node) -> Node:
    """The same elements in the same shape, as an operation of its own."""
    return core.reshape(x, attrs=(x.shape,))


class _Scalar:
    """`x[True]`: a new dim of size 1 or 0."""

    __slots__ = ("size",)

    def __init__(self, size: int) -> None:
        self.size = size


def _mask_scalar(flag: bool) -> _Scalar:
    return _Scalar(int(flag))


def _expand_ellipsis(x: Node, key: tuple[Any, ...]) -> tuple[Any, ...]:
    used = sum(
        each.ndim if isinstance(each, Node) and each.dtype is BOOL else 1
        for each in key
        if each is not None and each is not ... and not isinstance(each, bool)
    )
    if used > x.ndim:
        if not x.ndim:
            raise GradcliError(
                "bad-argument",
                "invalid index of a 0-dim tensor.",
                hint="a 0-dim tensor is a number: use it as it is, or .item()",
            )
        raise GradcliError("bad-argument", f"too many indices for tensor of dimension {x.ndim}")
    dots = [index for index, each in enumerate(key) if each is ...]
    if len(dots) > 1:
        raise GradcliError("bad-argument", "an index can only have a single ellipsis ('...')")
    fill = (slice(None),) * (x.ndim - used)
    at = dots[0] if dots else len(key)
    return key[:at] + fill + key[at + 1 :]


def _slice(key: slice, size: int) -> Cut:
    for bound in (key.start, key.stop, key.step):
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
            raise GradcliError("bad-argument", f"slice bounds are integers or None, not {bound!r}")
    if key.step is not None and key.step <= 0:
        raise GradcliError(
            "bad-argument", "step must be greater than zero", hint="use flip() to go backwards"
        )
    return key.indices(size)


def _position(key: Any, size: int, dim: int) -> int:
    if isinstance(key, Node):
        from gradcli.engine.run import value

        number = value(key)
        key = number.item() if hasattr(number, "item") else number
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if isinstance(key, bool) or not isinstance(key, int):
        raise GradcliError(
            "bad-argument",
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(key).__name__})",
        )
    if not -size <= key < size:
        raise GradcliError(
            "bad-argument", f"index {key} is out of bounds for dimension {dim} with size {size}"
        )
    return key % size


def _integers(index: Node) -> Node:
    if index.dtype not in FLOATS:
        return index
    from gradcli.engine.run import value

    array = np.asarray(value(index))
    if array.size and not np.all(array == np.floor(array)):
        raise GradcliError("bad-argument", "tensors used as indices must be long, int, byte or bool tensors")
    return leaf(array.astype(np.int64))


def _nonzero(mask: Node, shape: Shape, dim: int) -> list[Node]:
    from gradcli.engine.run import value

    for offset, (one, other) in enumerate(zip(mask.shape, shape, strict=True)):
        if one != other:
            raise GradcliError(
                "shape",
                f"The shape of the mask {list(mask.shape)} at index {offset} does not match the shape of the indexed "
                f"tensor {list(shape)} at index {dim + offset}",
            )
    return [leaf(index) for index in np.nonzero(np.asarray(value(mask)))]


def _advanced(x: Node, layout: list[Any]) -> Node:
    """Integer arrays in a key: the dims they index become one, from which `take_last` takes."""
    scalars = [each for each in layout if isinstance(each, _Scalar)]
    layout = [each for each in layout if not isinstance(each, _Scalar)]
    places = [index for index, each in enumerate(layout) if isinstance(each, Node)]
    if scalars:  # x[True], x[False]: one more dim in front
        chosen = int(all(each.size for each in scalars))
        x = reshape_to(x, (1, *x.shape))
        return section(x, -x.ndim, 0, chosen) if not chosen else x
    indices = [layout[index] for index in places]
    sizes = tuple([x.shape[index] for index in places])
    others = [index for index in range(x.ndim) if index not in places]
    x = permuted(x, [index - x.ndim for index in others + places])
    lead = x.shape[: len(others)]
    x = reshape_to(x, (*lead, prod(sizes)))
    flat = ravel_indices(*indices, attrs=(sizes,))
    result = take_last(x, flat)
    # Indices that stand together leave their dims in place; apart, their dims go to the front.
    together = places == list(range(places[0], places[0] + len(places)))
    before = places[0] if together else 0
    count = len(others)
    order = [*range(before), *range(count, result.ndim), *range(before, count)]
    return permuted(result, [index - result.ndim for index in order])


__all__ = ["as_node", "expand_to", "getitem"]
