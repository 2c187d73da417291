"""Recorded operations that only move elements, and what they mean together: diagonals, flips, padding.

The tape takes a diagonal as strides of the flattened matrix; `recording` asks here whether a chain of such
moves is something that has a name, by moving the numbers of the elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.formula import shifts
from gradcli.formula.groups import groups
from gradcli.formula.normal import Sum, collected, of_number, of_tree, product, relabelled
from gradcli.formula.recording import Recording
from gradcli.formula.terms import Factor
from gradcli.formula.tree import Expr, apply, number, symbol
from gradcli.tape.node import Node

MOVES = ("pick", "place", "reshape", "permute")
MOST_MOVED = 300_000


def recognised(recording: Recording, node: Node) -> Sum | None:
    """What a chain of moves that ends here means, if it has a name; None for anything else."""
    if node.op.name not in ("reshape", "pick", "place"):
        return None
    chain = [node]
    while chain[-1].inputs[0].op.name in MOVES and chain[-1].inputs[0] not in recording.names:
        chain.append(chain[-1].inputs[0])
    for length in range(len(chain), 1, -1):
        if {each.op.name for each in chain[:length]} <= {"reshape", "permute"}:
            continue
        source = chain[length - 1].inputs[0]
        if max(each.size for each in (source, *chain[:length])) > MOST_MOVED:
            found = _large_diagonal(recording, source, chain[:length][::-1])
        else:
            found = _named(recording, source, chain[:length][::-1])
        if found is not None:
            return found
    if node.op.name == "pick":
        return _flipped(recording, node)
    return None


def _named(recording: Recording, source: Node, moves: list[Node]) -> Sum | None:
    places = np.arange(1, source.size + 1, dtype=np.int64).reshape(source.shape)
    moved = places
    for each in moves:
        moved = np.asarray(each.op.compute(moved, *each.attrs))
    node = moves[-1]
    if moved.shape == places.shape and np.array_equal(moved, places):
        return recording.known(source).shaped(node.shape)
    matrix = source.ndim == 2 and 1 not in source.shape
    if matrix and moved.ndim == 1 and np.array_equal(moved, np.diagonal(places)):
        return relabelled(recording.known(source).shaped(source.shape), {-2: -1, -1: -1}, node.shape)
    square = (len(places), len(places)) if source.ndim == 1 else None
    if moved.shape == square and np.array_equal(moved, np.diag(places)):
        eye = recording.identity(len(places), node.shape)
        return product(recording.reader.single(recording.known(source)), eye).shaped(node.shape)
    return None


def _large_diagonal(recording: Recording, source: Node, moves: list[Node]) -> Sum | None:
    """Ones or others along a diagonal, of matrices too large to move their elements: by the strides."""
    if len(moves) != 2 or [each.op.name for each in moves] != ["place", "reshape"] or source.ndim != 1:
        return None
    size, (_, cuts) = source.size, moves[0].attrs
    if moves[0].shape != (size * size,) or moves[1].shape != (size, size) or not isinstance(cuts[0], tuple):
        return None
    if range(size * size)[slice(*cuts[0])] != range(0, size * size, size + 1):
        return None
    eye = recording.identity(size, moves[1].shape)
    return product(recording.reader.single(recording.known(source)), eye).shaped(moves[1].shape)


def parted_identity(recording: Recording, tree: Expr, shape: tuple[int, ...]) -> Sum | None:
    """An identity whose rows and columns are indexed by several dims each, as the product of one for each."""
    half = shape[: len(shape) // 2]
    if tree.op != "eye" or shape != half * 2 or len(half) < 2 or 1 in half:
        return None
    rank = len(shape)
    eyes: list[Factor] = [
        (apply("eye", recording.sizes.of(size), shape=(size, size)), (at - rank, at - len(half)), 1)
        for at, size in enumerate(half)
    ]
    return collected([(1, eyes)], shape)


def _flipped(recording: Recording, node: Node) -> Sum | None:
    (cuts,) = node.attrs
    if not all(isinstance(each, tuple) and each[:2] == (None, None) for each in cuts):
        return None
    dims = [at for at, each in enumerate(cuts) if each[2] == -1]
    if not dims or any(each[2] not in (None, 1, -1) for each in cuts):
        return None
    return flipped(recording, recording.known(node.inputs[0]).shaped(node.shape), dims)


def flipped(recording: Recording, value: Sum, dims: Sequence[int]) -> Sum:
    """In reverse order along dims; a number stands in front."""
    if value.constant is not None:
        return value
    front, value = in_front(recording, value)
    return product(front, of_tree(shifts.reversed_along(recording.read(value), dims)))


def turned(recording: Recording, parts: Sequence[Node], dim: int | None = None) -> Sum | None:
    """Two parts of one array that have changed places, as `roll`; None for anything else.

    Args:
        recording: what nodes mean.
        parts: nodes, which follow each other along a dim, or are added up.
        dim: that dim.
    """
    if len(parts) != 2 or any(each.op.name != ("pick" if dim is not None else "place") for each in parts):
        return None
    picks = parts if dim is not None else [each.inputs[0] for each in parts]
    if any(each.op.name != "pick" for each in picks) or picks[0].inputs[0] is not picks[1].inputs[0]:
        return None
    source = picks[0].inputs[0]
    shape = source.shape
    taken = [_ranges(each.attrs[0], shape) for each in picks]
    put = [_ranges(each.attrs[1], shape) for each in parts if dim is None]
    at = next(
        (at for at, (each, size) in enumerate(zip(taken[0], shape, strict=False)) if len(each) != size), None
    )
    if (
        at is None
        or dim not in (None, at)
        or any(tuple(each.attrs[0]) != shape for each in parts if dim is None)
    ):
        return None

    def along(places: range) -> list[range]:
        return [places if each == at else range(size) for each, size in enumerate(shape)]

    size, low = shape[at], int(taken[0][at].start != 0)
    cut = taken[low][at].stop if taken[low] else 0
    if taken[low] != along(range(cut)) or taken[1 - low] != along(range(cut, size)):
        return None
    if dim is not None and not low:
        return None
    if put and (put[low] != along(range(size - cut, size)) or put[1 - low] != along(range(size - cut))):
        return None
    front, value = in_front(recording, recording.known(source).shaped(shape))
    return product(front, of_tree(shifts.forward(recording.read(value), at, cut)))


def _ranges(cuts: Sequence[Any], shape: Sequence[int]) -> list[range]:
    """Which elements cuts take of each dim; nothing where one takes a single element."""
    if not all(isinstance(each, tuple) for each in cuts):
        return []
    return [range(*slice(*cut).indices(size)) for cut, size in zip(cuts, shape, strict=True)]


def in_front(recording: Recording, value: Sum) -> tuple[Sum, Sum]:
    """A number that stands in front of what moves elements, and what it is the multiple of."""
    one = recording.reader.single(value).single
    if one is None or not one[1]:
        return of_number(1), value
    coefficient, term = one
    scalars: list[Factor] = []
    arrays: list[Factor] = []
    for group in groups(term):
        alone = all(label is not None and label > 0 for _, labels, _ in group for label in labels)
        (scalars if alone else arrays).extend(group)
    if not arrays:
        scalars, arrays = [], list(term)
    return collected([(coefficient, scalars)], ()), collected([(1, arrays)], value.shape)


def _reverses(cut: Any, size: int) -> bool:
    places = range(*slice(*cut).indices(size))
    return places.step == -1 and len(places) == size and size > 1


def shifted(node: Node) -> tuple[Node, tuple[int, ...]] | None:
    """x and dims, if a node is x less its largest element over dims, as a softmax begins."""
    if node.op.name != "sub":
        return None
    x, top = node.inputs
    while top.op.name in ("reshape", "detach"):
        top = top.inputs[0]
    if top.op.name != "amax":
        return None
    inner = top.inputs[0]
    while inner.op.name == "detach":
        inner = inner.inputs[0]
    return (x, top.attrs[0]) if inner is x else None


def shifted_sum(node: Node) -> bool:
    """Whether a node is the sum that a softmax divides by; written with the softmax itself, it is 1."""
    powers = node.inputs[0]
    if powers.op.name != "exp":
        return False
    found = shifted(powers.inputs[0])
    return found is not None and found[1] == node.attrs[0] and len(found[1]) == 1


def size_of(cut: Any, size: int) -> int:
    """How many elements a cut takes."""
    return len(range(*slice(*cut).indices(size)))


def index_tree(recording: Recording, index: int, size: int) -> Expr:
    """A whole number that indexes a dim, by its name where the program wrote one."""
    if index in recording.indices:
        return symbol(recording.indices[index])
    if size in recording.sizes.names and index > size // 2:
        return apply("add", recording.sizes.of(size), number(index - size))
    return number(index)


def cut_tree(recording: Recording, cut: Any, size: int) -> Expr:
    """A slice of a dim."""
    start, stop, step = cut
    if start == 0:
        start = None
    if step == 1:
        step = None
    if stop is not None and stop >= size:
        stop = None
    if size in recording.sizes.names:  # counted from the end
        start, stop = [
            each - size if each is not None and each > size // 2 else each for each in (start, stop)
        ]
    return apply(
        "slice",
        *[symbol("None") if each is None else _bound(recording, each) for each in (start, stop, step)],
    )


def _bound(recording: Recording, bound: int) -> Expr:
    return recording.sizes.of(bound) if bound > 9 else number(bound)


def spread(recording: Recording, value: Sum, shape: Sequence[int], cuts: Sequence[Any]) -> Sum:
    """A value in the places of an array of zeros that slices took: the transpose of slicing."""
    turned = [dim for dim, (cut, size) in enumerate(zip(cuts, shape, strict=True)) if _reverses(cut, size)]
    if turned and all(
        dim in turned or size_of(cut, size) == size
        for dim, (cut, size) in enumerate(zip(cuts, shape, strict=True))
    ):
        return flipped(recording, value, turned)
    if not value.terms:
        return Sum({}, tuple(shape))
    front, value = in_front(recording, value)
    tree, before = recording.read(value), value.shape
    widths: list[tuple[int, int]] = []
    for dim, (cut, size) in enumerate(zip(cuts, shape, strict=True)):
        places = range(*slice(*cut).indices(size))
        if places.step != 1 and len(places) > 1:
            before = (*before[:dim], size, *before[dim + 1 :])
            tree = _stepped(recording, tree, before, dim, places)
        else:
            widths.append((places.start, size - places.start - len(places)))
            continue
        widths.append((0, 0))
    while widths and widths[0] == (0, 0):
        widths.pop(0)
    if widths:
        amounts = [_bound(recording, each) for pair in reversed(widths) for each in pair]
        wider = [each for each, old in zip(shape, before, strict=True) if each != old]
        whole = recording.sizes.of(wider[0] if wider else 0)
        tree = shifts.padded(tree, amounts, whole, tuple(shape))
    return product(front, of_tree(tree))


def _stepped(recording: Recording, tree: Expr, shape: Sequence[int], dim: int, places: range) -> Expr:
    into = apply("zeros", *[recording.sizes.of(each) for each in shape], shape=tuple(shape))
    # The end where the slice had its own: the size of the dim, if it went that far.
    end = shape[dim] if 0 <= shape[dim] - places[-1] - 1 < places.step else places.stop
    bounds = [number(places.start), recording.sizes.of(end), _bound(recording, places.step)]
    if places.start == places.step - 1 and places.step < 0:
        bounds[0] = recording.sizes.of(places.start)
    index = apply("arange", *bounds, shape=(len(places),))
    return apply("index_add", into, number(dim), index, tree, shape=tuple(shape))
