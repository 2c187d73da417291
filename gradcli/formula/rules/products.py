"""Sums over dims, products of matrices, and functions of a whole dim or matrix."""

from __future__ import annotations

from typing import Any

from gradcli.formula import shifts
from gradcli.formula.contraction import floating
from gradcli.formula.normal import Sum, collected, of_number, of_tree, product, relabelled, scaled
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.rules import shuffles
from gradcli.formula.symmetry import symmetric
from gradcli.formula.terms import Label
from gradcli.formula.tree import Expr, apply, number
from gradcli.tape.node import Node


def _sum(recording: Recording, node: Node) -> Sum:
    (value,), (dims,) = recording.inputs(node), node.attrs
    shift = shuffles.shifted_sum(node)
    if shift:
        return of_number(1, node.shape)
    source = node.inputs[0].shape
    rank = len(source)
    gone = {dim: source[dim] for dim in dims}
    kept = [dim for dim in range(-rank, 0) if dim not in gone]
    names: dict[int, Label] = {dim: at - len(kept) for at, dim in enumerate(kept)}
    return recording.total(recording.reader.single(value), gone, names, node.shape)


def _matmul(recording: Recording, node: Node) -> Sum:
    left, right = recording.inputs(node)
    ranks = [each.ndim for each in node.inputs]
    batch = max(ranks) - 2
    shapes = [each.shape for each in node.inputs]
    lead = [list(range(batch - (rank - 2), batch)) for rank in ranks]
    row, inner, column = 900, 901, 902
    return recording.contracted(
        [left.shaped(shapes[0]), right.shaped(shapes[1])],
        [[*lead[0], row, inner], [*lead[1], inner, column]],
        [*range(batch), row, column],
    ).shaped(node.shape)


def _einsum(recording: Recording, node: Node) -> Sum:
    terms, out = node.attrs
    values = recording.whole(node)
    return recording.contracted(
        values, [[ord(one) for one in term] for term in terms], [ord(one) for one in out]
    )


def _soft(name: str) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        (dim,) = node.attrs
        tree = recording.row(node, dim)
        attrs = along(dim, len(tree.shape))
        return recording.atom(name, tree, attrs=attrs, shape=tree.shape).shaped(node.shape)

    return rule


def _logsumexp(recording: Recording, node: Node) -> Sum:
    tree = recording.tree(node)
    dim = number(node.attrs[0] % node.inputs[0].ndim)
    return recording.atom("logsumexp", tree, dim, shape=node.shape)


def along(dim: int, rank: int) -> tuple[Any, ...]:
    """A dim as the softmax functions take it; for a vector it goes without saying."""
    return () if rank == 1 else (("dim", dim % rank),)


def _norm(recording: Recording, node: Node) -> Sum:
    if recording.inputs(node)[0].constant == 0:
        return of_number(0, node.shape)
    tree = recording.tree(node)
    (dims,) = node.attrs
    if len(dims) == tree.shape.__len__():
        return recording.atom("norm", tree, shape=node.shape)
    return recording.atom("norm", tree, attrs=_over(dims, len(tree.shape)), shape=node.shape)


def _over(dims: tuple[int, ...], rank: int) -> tuple[Any, ...]:
    """Dims as a keyword, counted from the first."""
    counted = tuple([each % rank for each in dims])
    return (("dim", counted[0] if len(counted) == 1 else counted),)


def _extreme(recording: Recording, node: Node) -> Sum:
    tree = recording.tree(node)
    (dims,) = node.attrs
    if len(dims) == len(tree.shape):
        return recording.atom(node.op.name, tree, shape=node.shape)
    return recording.atom(node.op.name, tree, attrs=_over(dims, len(tree.shape)), shape=node.shape)


def _scan(recording: Recording, node: Node) -> Sum:
    (value,) = recording.whole(node)
    front = of_number(1)
    if node.op.name == "cumsum":
        front, value = shuffles.in_front(recording, value)
    dim, tree = node.attrs[0] + node.ndim, recording.read(value)
    if node.op.name == "cumsum":
        return product(front, of_tree(shifts.added_up(tree, dim)))
    return recording.atom(node.op.name, tree, number(dim), shape=node.shape)


def _prod(recording: Recording, node: Node) -> Sum:
    tree = recording.tree(node)
    dims = [] if len(tree.shape) == 1 else [number(node.attrs[0])]
    return recording.atom("prod", tree, *dims, shape=node.shape)


def _solve(recording: Recording, node: Node) -> Sum:
    matrix, right = recording.whole(node)
    a = recording.read(matrix)
    one = recording.reader.single(right).single
    numbers = [] if one is None else [each for each in one[1] if not each[1]]
    if one is not None and (one[0] != 1 or numbers) and len(numbers) < len(one[1]):  # stand in front
        right = collected([(1, [each for each in one[1] if each[1]])], right.shape)
        front = collected([(one[0], numbers)], ())
        return product(front, _solution(recording, node, a, right)).shaped(node.shape)
    return _solution(recording, node, a, right)


def _solution(recording: Recording, node: Node, a: Expr, right: Sum) -> Sum:
    one = right.single
    if one is not None and len(one[1]) == 1 and one[1][0][0].op == "eye" and one[1][0][2] == 1:
        turned = a.op == "transpose"
        inverse = of_tree(apply("inverse", a.args[0] if turned else a, shape=a.shape))
        return scaled(relabelled(inverse, {-1: -2, -2: -1}, node.shape) if turned else inverse, one[0])
    shape = node.inputs[1].shape
    if len(shape) == len(a.shape) == 2 and shape[1] == 1:  # a vector on the right
        vector = floating(recording.read(relabelled(right, {-2: -1}, shape[:1])))
        if vector.op == "zeros":
            return Sum({}, node.shape)
        return relabelled(recording.atom("linalg.solve", a, vector, shape=shape[:1]), {-1: -2}, shape)
    return recording.atom("linalg.solve", a, floating(recording.read(right)), shape=node.shape)


def _inverse(recording: Recording, node: Node) -> Sum:
    return inverse(recording, recording.tree(node)).shaped(node.shape)


def inverse(recording: Recording, tree: Expr) -> Sum:
    """The inverse of a matrix; that of a product is the product of the inverses, as that of a transpose."""
    if tree.op == "transpose":
        return _turned(inverse(recording, tree.args[0]))
    if tree.op == "diag":
        (vector,) = tree.args
        size = recording.sizes.of(tree.shape[0])
        below = recording.power(recording.reader.sum_of(vector) or of_tree(vector), -1)
        return product(below, of_tree(apply("eye", size, shape=tree.shape)))
    if tree.op == "matmul" and all(each.shape == tree.shape for each in tree.args) and not symmetric(tree):
        left, right = [inverse(recording, each) for each in tree.args]
        return recording.contracted([right, left], [[0, 1], [1, 2]], [0, 2])
    return of_tree(apply("inverse", tree, shape=tree.shape))


def _turned(value: Sum) -> Sum:
    return relabelled(value, {-1: -2, -2: -1}, value.shape)


RULES: dict[str, Rule] = {
    "sum": _sum,
    "matmul": _matmul,
    "einsum": _einsum,
    "log_softmax": _soft("log_softmax"),
    "logsumexp": _logsumexp,
    "norm": _norm,
    "amax": _extreme,
    "amin": _extreme,
    "solve": _solve,
    "inv": _inverse,
    "invert_triangular": _inverse,  # of a factor, which has zeros beside the triangle
    "cumsum": _scan,
    "cumprod": _scan,
    "prod": _prod,
}
"""What each primitive means."""
