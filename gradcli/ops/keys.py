"""`x[key]`: what a key of the language means, as operations on the tape.

`getitem` follows PyTorch step by step: integers select, slices cut, None adds a dim, and index tensors and
masks together are one operation at the end. The last step that was taken names the result.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.among_zeros import Cut
from gradcli.ops.indexing import WHOLE, check_bounds, pick, ravel_indices, take_last
from gradcli.ops.layout import Placed, dense, is_contiguous, iterated, placed_as, strides
from gradcli.ops.rows import CallName
from gradcli.ops.shapes import permute_primitive, permuted, viewed
from gradcli.tape import primitives
from gradcli.tape.node import BOOL, FLOATS, Node, Shape, leaf
from gradcli.tape.primitives import reshape_to
from gradcli.tape.promote import broadcast
from gradcli.tape.views import path_between

SELECT, SLICE, UNSQUEEZE, INDEX, ALIAS = (
    CallName("indexing", name + "Backward0") for name in ("Select", "Slice", "Unsqueeze", "Index", "Alias")
)


def getitem(x: Node, key: tuple[Any, ...]) -> tuple[Node, CallName]:
    """`x[key]`, and what PyTorch calls the last step of it.

    Args:
        x: what is indexed.
        key: integers, slices, `...`, None, bools, and nodes of integers or booleans.
    """
    if len(key) == 1 and type(key[0]) is int and x.shape:  # most of them
        at = _position(key[0], x.shape[0], 0)
        return pick(x, attrs=((at, *(WHOLE,) * (x.ndim - 1)),)), SELECT
    whole_slice = len(key) == 1 and type(key[0]) is slice
    given, written = x, key
    key = spelled(x, key)
    cuts: list[Cut] = []
    layout: list[Any] = []  # for each dim after slicing: None for a new one, a slice, or a node of indices
    new = 0  # how many dims were put in
    label = SLICE if whole_slice else ALIAS
    dim = 0
    for at, each in enumerate(key):
        if each is None:
            layout.append(None)
            new += 1
            label = UNSQUEEZE
        elif type(each) is slice:
            cut = _slice(each, x.shape[dim])
            if not _takes_all(each, cut, x.shape[dim]):
                label = SLICE
            cuts.append(cut)
            layout.append(each)
            dim += 1
        elif _is_flag(each):  # one more dim, of which all is taken, or nothing
            layout.append(leaf(np.zeros(int(_truth(each)), np.int64)))
            new += 1
        elif isinstance(each, Node) and each.dtype in _MASKS:
            layout.extend(_nonzero(each, x.shape, dim))
            cuts.extend([WHOLE] * each.ndim)
            dim += each.ndim
        elif isinstance(each, Node) and each.ndim:
            layout.append(_integers(each))
            cuts.append(WHOLE)
            dim += 1
        else:
            if ... in written[: at + 1]:
                at += len(written) - len(key)
            cuts.append(_position(each, x.shape[dim], at))
            label = SELECT
            dim += 1
    if any(cut not in (WHOLE, (0, size, 1)) for cut, size in zip(cuts, x.shape, strict=True)):
        x = pick(x, attrs=(tuple(cuts),))
    elif not new and not any(isinstance(each, Node) for each in layout):
        if strides(x) == dense(x.shape):
            return viewed(x, x.shape), label
        return permute_primitive(x, attrs=(tuple(range(-x.ndim, 0)),)), label  # which keeps its strides
    if new:
        remaining = iter(x.shape)
        flags = _flag_places(key)
        shape = [
            1 if each is None or index in flags else next(remaining) for index, each in enumerate(layout)
        ]
        x = primitives.reshape(x, attrs=(tuple(shape),))  # one step even of what is broadcast: a view of it
    if any(isinstance(each, Node) for each in layout):
        result = _advanced(x, layout)
        _lay(result, given, x, layout)
        return result, INDEX
    return x, label


def _takes_all(key: slice, cut: Cut, size: int) -> bool:
    """Whether a slice, as it is written, and what it cuts leave a dim of a size as it is."""
    return cut == (0, size, 1) and not key.start


def leaves_whole(key: tuple[Any, ...], shape: Shape) -> bool:
    """Whether a key is all of a tensor as it is: slices of whole dims, and `...`."""
    if len(key) - key.count(...) > len(shape):
        return False
    sizes = iter(shape)
    for at, each in enumerate(key):
        if each is ...:
            sizes = iter(shape[len(shape) - (len(key) - 1 - at) :])
        elif type(each) is not slice:
            return False
        else:
            size = next(sizes)
            if not _takes_all(each, _slice(each, size), size):
                return False
    return True


def _lay(result: Node, given: Node, x: Node, layout: list[Any]) -> None:
    """Notes how the elements lie that were taken from a view of what was given."""
    if x.ndim < 2 or is_contiguous(given):  # then they lie row by row
        return
    path = path_between(given, x)
    placed = None if path is None else placed_as(given).follow(path)
    if placed is None:
        return
    places, others, before = _order(layout)
    rank = result.ndim - len(others)
    steps = [placed.strides[index] for index in others]
    operands = [(*steps[:before], *(0,) * rank, *steps[before:])]
    for index in (layout[place] for place in places):
        own = (0,) * (rank - index.ndim) + dense(index.shape)
        operands.append((*(0,) * before, *own, *(0,) * (len(others) - before)))
    Placed(result.shape, iterated(result.shape, operands)).note(result)


def _order(layout: list[Any]) -> tuple[list[int], list[int], int]:
    """The dims that are indexed, the others, and how many of these stand before those in a result.

    Indices that stand together leave their dims in place; apart, their dims go to the front.
    """
    places = [index for index, each in enumerate(layout) if isinstance(each, Node)]
    others = [index for index in range(len(layout)) if index not in places]
    together = places == list(range(places[0], places[0] + len(places)))
    return places, others, places[0] if together else 0


def in_two(keys: tuple[Any, ...], shape: Shape) -> tuple[tuple[Any, ...] | None, tuple[Any, ...]]:
    """A key in two steps: what gives a view (None for all of it), and what chooses elements of that."""
    cut: list[Any] = []
    chosen: list[Any] = []
    for each in keys:
        if isinstance(each, Node) and each.ndim:
            cut += [slice(None)] * (each.ndim if each.dtype is BOOL else 1)
            chosen.append(each)
        elif isinstance(each, Node) and each.dtype is BOOL:
            cut.append(None)
            chosen.append(reshape_to(each, (1,)))
        else:
            cut.append(each)
            if each is ...:
                chosen.append(...)
            elif each is None or type(each) is slice:
                chosen.append(slice(None))
    plain = all(each is ... or (type(each) is slice and each == slice(None)) for each in cut)
    whole = plain or leaves_whole(tuple(cut), shape)
    return None if whole else tuple(cut), tuple(chosen)


_MASKS = (BOOL, np.dtype(np.uint8))


def _is_flag(key: Any) -> bool:
    return isinstance(key, bool) or (isinstance(key, Node) and not key.ndim and key.dtype in _MASKS)


def _truth(flag: Any) -> bool:
    if isinstance(flag, bool):
        return flag
    from gradcli.engine.run import value

    return bool(value(flag))


def _flag_places(key: tuple[Any, ...]) -> set[int]:
    """Where in the layout of a key the dims stand that bools put in."""
    places: set[int] = set()
    at = 0
    for each in key:
        if _is_flag(each):
            places.add(at)
            at += 1
        elif isinstance(each, Node) and each.dtype in _MASKS:
            at += each.ndim
        elif each is None or type(each) is slice or (isinstance(each, Node) and each.ndim):
            at += 1
    return places


def spelled(x: Node, key: tuple[Any, ...]) -> tuple[Any, ...]:
    """A key with an entry for each dim of `x`; raises `bad-argument` if it has more."""
    used = sum(
        each.ndim if isinstance(each, Node) and each.dtype in _MASKS else 1
        for each in key
        if each is not None and each is not ... and not isinstance(each, bool)
    )
    if used > x.ndim:
        if not x.ndim and len(key) == 1 and type(key[0]) is slice:
            raise GradcliError("bad-argument", "slice() cannot be applied to a 0-dim tensor.")
        if not x.ndim and len(key) == 1 and type(key[0]) is int and key[0]:
            raise GradcliError("bad-argument", f"index {key[0]} is out of bounds for dimension 0 with size 0")
        if not x.ndim and len(key) == 1 and type(key[0]) is int:
            raise GradcliError(
                "bad-argument",
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
                "to convert a 0-dim tensor to a number",
            )
        raise GradcliError("bad-argument", f"too many indices for tensor of dimension {x.ndim}")
    fill = (slice(None),) * (x.ndim - used)
    dots = [index for index, each in enumerate(key) if each is ...]
    at = dots[0] if dots else len(key)
    # A second `...` finds nothing left to stand for.
    return key[:at] + fill + tuple([each for each in key[at + 1 :] if each is not ...])


_OF_DIMS = frozenset((slice, int, type(None), type(...)))


def _goes_back(key: Any) -> bool:
    return type(key) is slice and type(key.step) is int and key.step < 0


def steps_back(key: tuple[Any, ...]) -> bool:
    """Whether a slice goes backwards, in a key of slices, integers, None and `...`."""
    return any(map(_goes_back, key)) and _OF_DIMS.issuperset(map(type, key))


def ahead(x: Node, key: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int]]:
    """The key of the same elements that goes forwards, and which dims of what it gives are to be flipped.

    PyTorch refuses steps below 0; NumPy's and JAX's arrays are turned around by them.
    """
    found: list[Any] = []
    flipped: list[int] = []
    dim = place = 0
    for each in spelled(x, key):
        if _goes_back(each):
            taken = range(*each.indices(x.shape[dim]))
            each = slice(taken[-1], taken[0] + 1, -each.step) if taken else slice(0, 0)
            flipped.append(place)
        found.append(each)
        dim += each is not None
        place += type(each) is not int
    return tuple(found), flipped


def _slice(key: slice, size: int) -> Cut:
    for bound in (key.start, key.stop, key.step):
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
            raise GradcliError("bad-argument", f"slice bounds are integers or None, not {bound!r}")
    if key.step is not None and key.step <= 0:
        raise GradcliError(
            "bad-argument", "step must be greater than zero", hint="use flip() to go backwards"
        )
    return key.indices(size)


def _position(key: Any, size: int, at: int) -> int:
    """An integer as an index of a dim; refused as that dim which has the place in the key, as in PyTorch."""
    if isinstance(key, Node):
        from gradcli.engine.run import value

        number = value(key)
        key = number.item() if hasattr(number, "item") else number
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if isinstance(key, bool) or not isinstance(key, int):
        raise GradcliError(
            "bad-argument",
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
            "indices "
            f"(got {type(key).__name__})",
        )
    if not -size <= key < size:
        raise GradcliError(
            "bad-argument", f"index {key} is out of bounds for dimension {at} with size {size}"
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

    for offset, (one, other) in enumerate(zip(mask.shape, shape[dim:], strict=False)):
        if one != other:
            raise GradcliError(
                "shape",
                f"The shape of the mask {list(mask.shape)} at index {offset} does not match the shape "
                "of the indexed "
                f"tensor {list(shape)} at index {dim + offset}",
            )
    return [leaf(index) for index in np.nonzero(np.asarray(value(mask)))]


def _advanced(x: Node, layout: list[Any]) -> Node:
    """Integer arrays in a key: the dims they index become one, from which `take_last` takes."""
    places, others, before = _order(layout)
    indices = [layout[index] for index in places]
    try:
        taken = prod(broadcast(*[each.shape for each in indices]))
    except GradcliError:
        shapes = ", ".join(str(list(each.shape)) for each in indices)
        raise GradcliError(
            "shape",
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}",
        ) from None
    sizes = tuple([x.shape[index] for index in places])
    if not all(sizes) and taken:
        raise GradcliError("bad-argument", "index is out of bounds for dimension with size 0")
    if not taken or not all(x.shape[index] for index in others):  # nothing is looked up, whatever they are
        indices = [leaf(np.zeros(index.shape, np.int64)) for index in indices]
    for at, (index, size) in enumerate(zip(indices, sizes, strict=True)):  # PyTorch counts the indices
        if index.value is not None:  # of those that are still to be computed it is found out then
            check_bounds(np.asarray(index.value), size, at)
    x = permuted(x, [index - x.ndim for index in others + places])
    lead = x.shape[: len(others)]
    x = reshape_to(x, (*lead, prod(sizes)))
    flat = ravel_indices(*indices, attrs=(sizes, tuple(range(len(sizes)))))
    result = take_last(x, flat)
    count = len(others)
    order = [*range(before), *range(count, result.ndim), *range(before, count)]
    return permuted(result, [index - result.ndim for index in order])
