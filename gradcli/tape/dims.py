"""Shapes without some dims, and which dims of an input run along with which of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Node, Shape


def keep_dims(shape: Shape, dims: tuple[int, ...]) -> Shape:
    """`shape` with 1 at each of the (negative) dims."""
    kept = list(shape)
    for dim in dims:
        kept[dim] = 1
    return tuple(kept)


def drop_dims(shape: Shape, dims: tuple[int, ...]) -> Shape:
    """`shape` without the (negative) dims."""
    if len(dims) == len(shape):
        return ()
    rank = len(shape)
    dropped = {rank + dim for dim in dims}
    return tuple([size for index, size in enumerate(shape) if index not in dropped])


def dims_of_expanded(shape: Shape, result: Shape, *_: Any) -> list[int | None]:
    """For each dim of what a shape is broadcast to the dim that it is, None for the new ones."""
    extra = len(result) - len(shape)
    return [
        at - extra if at >= extra and shape[at - extra] == size else None for at, size in enumerate(result)
    ]


def dims_of_reshaped(shape: Shape, result: Shape, *_: Any) -> list[int | None] | None:
    """For each dim of a new shape the dim that it is, where only dims of size 1 come or go, else None."""
    long = [at for at, size in enumerate(shape) if size != 1]
    if [shape[at] for at in long] != [size for size in result if size != 1]:
        return None
    places = iter(long)
    return [None if size == 1 else next(places) for size in result]


def dims_of_permuted(shape: Shape, result: Shape, order: tuple[int, ...]) -> list[int | None]:
    """For each dim of what has its last dims in another `order` the dim that it is."""
    rank = len(shape)
    return [*range(rank - len(order)), *[rank + dim for dim in order]]


def along_letters(
    letters: Sequence[Any], shape: Shape, others: Sequence[Any], other: Shape
) -> tuple[int | None, ...]:
    """For each dim of one shape the dim of another of the same letter and length."""
    places = {letter: place for place, letter in enumerate(others)}
    return tuple(
        [
            places[letter] if letter in places and other[places[letter]] == size else None
            for letter, size in zip(letters, shape, strict=True)
        ]
    )


def along_batch(node: Node, index: int) -> tuple[int | None, ...]:
    """`along` of an operation on matrices: their leading dims, broadcast."""
    x = node.inputs[index]
    first = max([each.ndim for each in node.inputs]) - x.ndim
    lead = enumerate(x.shape[:-2], first)
    return (*[place if node.shape[place] == size else None for place, size in lead], None, None)


def along_others(node: Node, index: int) -> tuple[int | None, ...]:
    """`along` of what works along the (negative) dims in its last attribute, which it may drop."""
    dims = node.attrs[-1]
    rank = node.inputs[index].ndim
    gone = {dim + rank for dim in (dims if isinstance(dims, tuple) else (dims,))}
    others = [at for at in range(rank) if at not in gone]
    places = {at: at if node.ndim == rank else others.index(at) for at in others}
    return tuple([places.get(at) for at in range(rank)])
