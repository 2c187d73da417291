"""Powers, chains and the exponential of matrices, and matrices made of powers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.contractions import unread
from gradcli.ops.indexing import section
from gradcli.ops.joining import concatenate, concatenate_primitive
from gradcli.ops.linalg import floating, in_double, inverse, square, times, transposed
from gradcli.ops.products import A_IS_INPUT, LINEAR_ALGEBRA, product
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, viewed
from gradcli.tape import context, primitives
from gradcli.tape.dims import along_batch
from gradcli.tape.general import General
from gradcli.tape.node import FLOATS, INT64, Node, Operand, Shape, leaf
from gradcli.tape.primitives import as_node, multiplied_out, reshape_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# ---- powers ----


def _power_name(call: Mapping[str, Any]) -> str:
    n, x = call["n"], call.get("A", call.get("input"))
    if n == 0:
        return "torch::autograd::CopyBackwards"
    if n == 1:
        return "Clone"
    if n == -1:
        return "LinalgInvEx"
    return "UnsafeView" if isinstance(x, Node) and x.ndim > 2 else "Mm"


def _matrix_power(x: Node, n: int) -> Node:
    if n == 0:
        return primitives.add(unread(x), leaf(np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)))
    if n < 0:
        x, n = inverse(floating(x, "linalg.inv")), -n
    if n == 1:
        return x if x.op is inverse else viewed(x, x.shape)
    return multiplied_out(x, n, times)


@function(LINEAR_ALGEBRA, "matrix_power", grad_fn=_power_name, called=A_IS_INPUT)
@function(LINEAR_ALGEBRA, "linalg.matrix_power", method=False, grad_fn=_power_name)
def matrix_power(A: Operand, n: int) -> Node:
    """each matrix to a whole power; negative ones are powers of the inverse"""
    return _matrix_power(square(A, "linalg.matrix_power", floats=False), integer(n, "n"))


# ---- the exponential ----


def _exp_kernel(x: Any) -> Any:
    import scipy.linalg

    x = np.asarray(x)
    return np.asarray(scipy.linalg.expm(in_double(x))).astype(x.dtype, copy=False) if x.size else x


def _bent(x: Node, direction: Node) -> Node:
    """The derivative of exp at `x` in a direction: a corner of exp of [[x, direction], [0, x]]."""
    n = x.shape[-1]
    upper = concatenate([x, direction], -1)
    lower = concatenate([primitives.zeros_of(x), x], -1)
    corner = section(exponential(concatenate([upper, lower], -2)), -2, 0, n)
    return section(corner, -1, n, 2 * n)


exponential = General(
    "matrix_exp",
    _exp_kernel,
    lambda x: (x.shape, x.dtype),
    lambda g, node: [_bent(transposed(node.inputs[0]), g)],
    tangent=lambda node, tangents: _bent(node.inputs[0], tangents[0]) if tangents[0] is not None else None,
    along=along_batch,
    workspace=9,
)


@function(LINEAR_ALGEBRA, "matrix_exp", grad_fn="LinalgMatrixExp", called=A_IS_INPUT)
@function(LINEAR_ALGEBRA, "linalg.matrix_exp", method=False, grad_fn="LinalgMatrixExp")
def matrix_exp(A: Operand) -> Node:
    """the exponential of each matrix: I + A + A @ A / 2 + …"""
    return exponential(square(A, "linalg.matrix_exp"))


# ---- Vandermonde's matrix ----


@function(LINEAR_ALGEBRA, "linalg.vander", method=False, grad_fn="Cat")
def vander(x: Operand, *, N: int | None = None) -> Node:
    """the powers 0, 1, … N-1 of each element, in a new last dim"""
    base = as_node(x)
    base = base if base.ndim else reshape_to(base, (1,))
    count = integer(N, "N") if N is not None else base.shape[-1]
    if count <= 1:
        raise GradcliError("bad-argument", f"N must be greater than 1, and it is {count}")
    if base.dtype not in FLOATS:
        base = primitives.cast(base, INT64)
    column = reshape_to(base, (*base.shape, 1))
    powers = [primitives.add(unread(column), 1), primitives.mul(column, 1)]
    for _ in context.each_of(count - 2):
        powers.append(primitives.mul(powers[-1], column))
    return concatenate_primitive(*powers, attrs=(-1,))


# ---- chains ----


def _best_order(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to split each stretch of a chain of matrices so that the fewest numbers are multiplied."""
    count = len(sizes) - 1
    cost = {(at, at): 0 for at in range(count)}
    split: dict[tuple[int, int], int] = {}
    for length in range(1, count):
        for first in range(count - length):
            last = first + length
            split[first, last] = min(
                range(first, last),
                key=lambda at: (
                    cost[first, at] + cost[at + 1, last] + sizes[first] * sizes[at + 1] * sizes[last + 1]
                ),
            )
            at = split[first, last]
            cost[first, last] = (
                cost[first, at] + cost[at + 1, last] + sizes[first] * sizes[at + 1] * sizes[last + 1]
            )
    return split


@function(LINEAR_ALGEBRA, "linalg.multi_dot", method=False, grad_fn="View")
def multi_dot(tensors: Sequence[Operand]) -> Node:
    """the product of a chain of matrices (a vector at either end), in the order that multiplies least"""
    nodes = [as_node(each) for each in tensors]
    if len(nodes) < 2:
        raise GradcliError("bad-argument", f"multi_dot(): expected at least 2 tensors but got {len(nodes)}")
    for index, each in enumerate(nodes):
        place = {0: "first", len(nodes) - 1: "last"}.get(index)
        if each.ndim != 2 and not (place and each.ndim == 1):
            what = f"the {place} tensor must be 1D or 2D" if place else f"tensor {index} must be 2D"
            raise GradcliError("shape", f"multi_dot(): {what} but got {each.ndim}D")
    shape: Shape = (*nodes[0].shape[:-1], *nodes[-1].shape[1:])
    if nodes[0].ndim == 1:
        nodes[0] = reshape_to(nodes[0], (1, *nodes[0].shape))
    if nodes[-1].ndim == 1:
        nodes[-1] = reshape_to(nodes[-1], (*nodes[-1].shape, 1))
    for index, (one, other) in enumerate(pairwise(nodes)):
        if one.shape[1] != other.shape[0]:
            raise GradcliError(
                "shape",
                f"multi_dot(): tensors {index} and {index + 1} with shapes {list(one.shape)} and "
                f"{list(other.shape)} cannot be multiplied",
            )
    split = _best_order([nodes[0].shape[0], *[each.shape[1] for each in nodes]])

    def multiplied(first: int, last: int) -> Node:
        if first == last:
            return nodes[first]
        at = split[first, last]
        return product(multiplied(first, at), multiplied(at + 1, last))

    return viewed(multiplied(0, len(nodes) - 1), shape)
