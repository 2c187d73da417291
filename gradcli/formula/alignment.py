"""Expressions whose dims have labels, and how they are turned to stand as the result has its dims."""

from __future__ import annotations

from gradcli.formula.symmetry import symmetric, turned
from gradcli.formula.terms import Label
from gradcli.formula.tree import Expr, Shape, apply, number, symbol
from gradcli.record import Record


class Labelled(Record):
    """An expression whose dims have labels, none of them of size 1."""

    tree: Expr
    labels: tuple[int, ...]


def squeezed(tree: Expr, labels: tuple[Label, ...]) -> Labelled:
    """Without the dims of size 1."""
    left = tuple([each for each in labels if each is not None])
    if len(left) == len(labels):
        return Labelled(tree, left)
    key = [number(0) if each is None else slice_() for each in labels]
    sizes = tuple([size for size, each in zip(tree.shape, labels, strict=True) if each is not None])
    return Labelled(apply("index", tree, *key, shape=sizes), left)


def slice_() -> Expr:
    """A whole dim."""
    return apply("slice", symbol("None"), symbol("None"), symbol("None"))


def aligned(piece: Labelled, shape: Shape) -> Expr:
    """With its dims where the result has them."""
    tree, labels = piece.tree, piece.labels
    rank = len(shape)
    if len(set(labels)) < len(labels):
        tree, labels = diagonal(tree, labels)
    order = sorted(range(len(labels)), key=lambda at: labels[at])
    if order != list(range(len(labels))):
        tree = permuted(tree, order)
        labels = tuple([labels[at] for at in order])
    if not labels:
        return tree
    # From the first dim that it has: later ones that it lacks have size 1.
    wanted = list(range(labels[0], 0))
    if list(labels) == wanted or rank == 0:
        return tree
    key = [slice_() if each in labels else symbol("None") for each in wanted]
    sizes = iter(tree.shape)
    spread = tuple([next(sizes) if each in labels else 1 for each in wanted])
    return apply("index", tree, *key, shape=spread)


def permuted(tree: Expr, order: list[int]) -> Expr:
    shape = tuple([tree.shape[at] for at in order])
    if len(order) == 2:
        return transposed(tree)
    if order[:-2] == list(range(len(order) - 2)):
        return apply("transpose", tree, shape=shape)
    return apply("permute", tree, *[number(at) for at in order], shape=shape)


def transposed(tree: Expr) -> Expr:
    """The transpose of a matrix; twice is none."""
    if tree.op == "transpose":
        return tree.args[0]
    if symmetric(tree):
        return tree
    if tree.op == "inverse" and tree.args[0].op == "transpose":
        return apply("inverse", tree.args[0].args[0], shape=tree.shape)
    whole = apply("transpose", tree, shape=(*tree.shape[:-2], tree.shape[-1], tree.shape[-2]))
    if tree.op == "add" and len(tree.shape) == 2:
        return min(turned(tree), whole, key=lambda each: each.cost)
    return whole


def diagonal(tree: Expr, labels: tuple[int, ...]) -> tuple[Expr, tuple[int, ...]]:
    for first in range(len(labels)):
        for second in range(first + 1, len(labels)):
            if labels[first] == labels[second]:
                rest = [at for at in range(len(labels)) if at not in (first, second)]
                shape = (*[tree.shape[at] for at in rest], tree.shape[first])
                attrs = () if (first, second) == (0, 1) else (("dim1", first), ("dim2", second))
                picked = apply("diagonal", tree, attrs=attrs, shape=shape)
                return picked, (*[labels[at] for at in rest], labels[first])
    return tree, labels


def reordered(piece: Labelled, labels: tuple[int, ...]) -> Expr:
    order = [piece.labels.index(each) for each in labels]
    return permuted(piece.tree, order)
