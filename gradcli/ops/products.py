"""Products of matrices: the primitive `matmul`, and what PyTorch builds on it."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import THIN, multiply, pieces
from gradcli.errors import GradcliError
from gradcli.ops.layout import strides
from gradcli.ops.registry import function
from gradcli.ops.shapes import permute_primitive, swapped
from gradcli.tape import primitives
from gradcli.tape.general import General
from gradcli.tape.node import Node, Operand, Shape
from gradcli.tape.primitives import as_node, reshape_to, sum_to
from gradcli.tape.promote import broadcast, dim_index, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINEAR_ALGEBRA = "linear algebra"
A_IS_INPUT = {"A": "input"}
"""What a function of `linalg` calls its matrix, and what the same function calls it elsewhere."""


def _matmul_infer(a: Node, b: Node) -> tuple[Shape, np.dtype[Any]]:
    left, right = a.shape, b.shape
    if len(left) == len(right) == 2:
        return (left[0], right[1]), a.dtype
    return (*broadcast(left[:-2], right[:-2]), left[-2], right[-1]), a.dtype


def _matmul_rule(g: Node, node: Node) -> list[Node | None]:
    a, b = node.inputs
    return [
        sum_to(matmul_primitive(g, swapped(b, -1, -2)), a.shape) if a.requires_grad else None,
        sum_to(matmul_primitive(swapped(a, -1, -2), g), b.shape) if b.requires_grad else None,
    ]


def _matmul_terms(node: Node) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
    ranks = node.inputs[0].ndim, node.inputs[1].ndim, node.ndim
    left, right, out = [
        (*range(-rank, -2), *matrix) for rank, matrix in zip(ranks, ("ik", "kj", "ij"), strict=True)
    ]
    return [left, right], out


def _matmul_tangent(node: Node, tangents: Sequence[Node | None]) -> Node | None:
    (a, b), (da, db) = node.inputs, tangents
    left = matmul_primitive(da, b) if da is not None else None
    right = matmul_primitive(a, db) if db is not None else None
    return primitives.plus(left, right)


def _matmul_batched(node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
    rank = node.ndim + 1
    aligned = [
        reshape_to(each, (size, *(1,) * (rank - each.ndim), *each.shape[1:])) if flag else each
        for each, flag in zip(inputs, batched, strict=True)
    ]
    return matmul_primitive(*aligned)


def _dense(value: Any) -> Any:
    """The matrix as BLAS wants it: a broadcast one, whose elements share memory, is filled in."""
    return np.ascontiguousarray(value) if 0 in value.strides[-2:] else value


def _matmul_work(node: Node) -> int:
    return node.size * node.inputs[0].shape[-1] * (THIN if 1 in node.shape[-2:] else 1)


def _matmul_pieces(left: Any, right: Any, out: Any, whole: bool) -> Any:
    work = out.size * left.shape[-1] * (THIN if 1 in out.shape[-2:] else 1)
    return pieces(_dense(left), _dense(right), out, work, whole)


def _matmul_composed(a: Node, b: Node) -> Node | None:
    """Where nothing is added up it's an elementwise product."""
    return primitives.mul(a, b) if a.shape[-1] == 1 else None


def _summed(a: Node, b: Node, dims: tuple[int, ...]) -> Node | None:
    """The sum of all products of a batch as one, of matrices side by side with matrices below each other.

    The gradient by the weights of a layer is such a sum, where its data has more than two dims.
    """
    lead, swap = a.shape[:-2], (*range(-a.ndim, -2), -1, -2)
    if b.shape[:-2] != lead or sorted(dims) != [*range(-a.ndim, -2)] or not a.size or not b.size:
        return None
    if a.op is not permute_primitive or a.attrs != (swap,) or not a.inputs:
        return None
    (x,) = a.inputs
    length = prod(lead) * b.shape[-2]
    below = reshape_to(x, (length, a.shape[-2]))
    return matmul_primitive(swapped(below, -1, -2), reshape_to(b, (length, b.shape[-1])))


WIDE = 8
"""Columns of a factor from which on a product takes longer than adding up what is multiplied by it."""


def _with_one_factor(a: Node, b: Node, finite: dict[Node, Any]) -> Node | None:
    """A sum of two products that have a factor in common, as one: A C + (C' B)' is (A + B') C.

    The gradient of x x' is such a sum, for x.
    """
    if a.shape != b.shape or a.ndim != 2:
        return None
    guards: dict[Node, Any] = {}
    factors = [_factors(each, guards) for each in (a, b)]
    if None in factors:
        return None
    (left, right), (other, same) = factors  # type: ignore[misc]
    if right == same and right[0].shape[0 if right[1] else -1] >= WIDE:
        found = matmul_primitive(primitives.add(_read(left), _read(other)), _read(right))
    elif left == other and left[0].shape[-1 if left[1] else 0] >= WIDE:
        found = matmul_primitive(_read(left), primitives.add(_read(right), _read(same)))
    else:
        return None
    finite.update(guards)
    finite[found] = primitives.reduce_sum
    return found


def _factors(x: Node, guards: dict[Node, Any]) -> list[tuple[Node, bool]] | None:
    """The factors of a product that is perhaps turned, each with whether it is."""
    product, turned = _turned(x, guards)
    if product.op is not matmul_primitive or not product.inputs:
        return None
    some = [_turned(each, guards) for each in product.inputs]
    return [(each, not back) for each, back in reversed(some)] if turned else some


def _turned(x: Node, guards: dict[Node, Any]) -> tuple[Node, bool]:
    """What a matrix is, or is the transpose of, and whether it is that; and what guards it on the way."""
    turned = False
    while x.inputs:
        if x.op is permute_primitive:
            turned = not turned
        elif x.op.told_by is not None and x.op.unguarded is None:
            guards.update(dict.fromkeys(x.inputs[:2], x.op.told_by))
        else:
            break
        x = x.inputs[0]
    return x, turned


def _read(factor: tuple[Node, bool]) -> Node:
    node, turned = factor
    return swapped(node, -1, -2) if turned else node


matmul_primitive = General(
    "matmul",
    multiply,
    _matmul_infer,
    _matmul_rule,
    composed=_matmul_composed,
    tangent=_matmul_tangent,
    batched=_matmul_batched,
    terms=_matmul_terms,
    divides=(_matmul_work, _matmul_pieces),
    into=lambda left, right, out: multiply(_dense(left), _dense(right), out),
)
"""The product of matrices in the last two dims, the others broadcast."""
matmul_primitive.composed_in = {primitives.reduce_sum: _summed}
matmul_primitive.turned = lambda a, b: matmul_primitive(swapped(b, -1, -2), swapped(a, -1, -2))
primitives.add.composed_if_finite = _with_one_factor


def product(a: Node, b: Node) -> Node:
    """`a @ b` as PyTorch and NumPy define it for every rank from 1."""
    if a.dtype is not b.dtype:
        raise _dtypes_differ(a, b)
    left = reshape_to(a, (1, *a.shape)) if len(a.shape) == 1 else a
    right = reshape_to(b, (*b.shape, 1)) if len(b.shape) == 1 else b
    result = matmul_primitive(left, right)
    if left is a and right is b:
        return result
    shape = list(result.shape)
    if b.ndim == 1:
        del shape[-1]
    if a.ndim == 1:
        del shape[-2 if b.ndim > 1 else -1]
    return reshape_to(result, tuple(shape))


_MATMUL_NAMES = {(1, 1): "Dot", (2, 1): "Mv", (1, 2): "SqueezeBackward4", (2, 2): "Mm"}


def _matmul_name(call: Mapping[str, Any]) -> str:
    a, b = call["input"], call["other"]
    ranks = tuple([each.ndim if isinstance(each, Node) else 0 for each in (a, b)])
    if ranks in _MATMUL_NAMES:
        return _MATMUL_NAMES[ranks]
    if not (isinstance(a, Node) and isinstance(b, Node) and a.requires_grad):
        return "UnsafeView"
    if ranks[0] != 2 and not _is_one_of(a, b):
        return "UnsafeView"
    return "Transpose" if 1 in (a.shape[-2], b.shape[-1]) else "Clone"


def _is_one_of(small: Node, large: Node) -> bool:
    """Whether a batch of one matrix meets several, so that PyTorch takes it for a matrix."""
    return small.ndim == large.ndim == 3 and small.shape[0] == 1 != large.shape[0] and small.requires_grad


@function(LINEAR_ALGEBRA, "matmul", grad_fn=_matmul_name)
def matmul(input: Operand, other: Operand) -> Node:
    """the matrix product, with vectors and batches as PyTorch has them"""
    a, b = as_node(input), as_node(other)
    if not a.ndim or not b.ndim:
        raise GradcliError(
            "shape",
            f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D",
            hint="use * for a product with a number",
        )
    _check_lengths(a, b)
    return product(a, b)


def _check_lengths(a: Node, b: Node) -> None:
    if a.shape[-1] != b.shape[-2 if b.ndim > 1 else -1]:
        raise _vectors_differ(a, b) if a.ndim == b.ndim == 1 else _do_not_multiply(a, b)


def size_of(x: Node, dim: int) -> int:
    """How long a dim is; raises PyTorch's error for one that isn't there."""
    if not x.ndim:
        raise GradcliError("shape", f"Dimension specified as {dim} but tensor has no dimensions")
    return x.shape[dim_index(dim, x.ndim)]


def of_rank(x: Node, rank: int, says: str) -> None:
    """Raises PyTorch's sentence for what has another number of dims."""
    if x.ndim != rank:
        raise GradcliError("shape", says, hint=f"it has shape {list(x.shape)}")


def _dtypes_differ(a: Node, b: Node) -> GradcliError:
    """PyTorch's error for operands of two dtypes, which depends on what it multiplies them by."""
    first, second = torch_name(a.dtype), torch_name(b.dtype)
    if b.ndim == 1:
        if a.ndim == 1:
            return _vectors_differ(a, b)
        said = f"addmv input tensors must have the same dtype, but got {second}, {first}, and {second}"
    elif b.ndim == 2 or _is_one_of(b, a):
        said = f"expected m1 and m2 to have the same dtype, but got: {first.lower()} != {second.lower()}"
    elif (a.ndim == 2 and a.requires_grad) or _is_one_of(a, b):
        # The batch is made one matrix, and the product turned round.
        said = f"expected m1 and m2 to have the same dtype, but got: {second.lower()} != {first.lower()}"
    elif a.ndim == 1 and a.requires_grad:
        said = f"addmv input tensors must have the same dtype, but got {first}, {second}, and {first}"
    else:
        broadcast(a.shape[:-2], b.shape[:-2])  # sizes are looked at first
        said = f"expected scalar type {first} but found {second}"
    return GradcliError("dtype", said)


def check_added(*named: tuple[str, Node], b: Node) -> None:
    """Raises unless a product's first operand, and what is added to it, have the dtype of the second one."""
    for name, each in named:
        if each.dtype is not b.dtype:
            raise GradcliError(
                "dtype",
                f"{name} and mat2 must have the same dtype, but got {torch_name(each.dtype)} and "
                f"{torch_name(b.dtype)}",
            )


def _vectors_differ(a: Node, b: Node) -> GradcliError:
    """What two vectors of no common product differ in: the dtype is looked at first."""
    if a.dtype is not b.dtype:
        return GradcliError(
            "dtype",
            f"dot : expected both vectors to have same dtype, but found {torch_name(a.dtype)} and "
            f"{torch_name(b.dtype)}",
        )
    return GradcliError(
        "shape",
        f"inconsistent tensor size, expected tensor {list(a.shape)} and src {list(b.shape)} to have the same "
        f"number of elements, but got {a.size} and {b.size} elements respectively",
    )


def _do_not_multiply(a: Node, b: Node) -> GradcliError:
    """What PyTorch says, which depends on how it would multiply them."""
    if a.ndim > 2 or b.ndim > 2:
        folded = _folded(a, b)
        if folded is None:
            return _no_batch(a, b)
        left, right = folded
    else:
        left, right = ((1, *a.shape) if a.ndim == 1 else a.shape), b.shape
    if len(right) == 1:
        rows, columns = left
        message = f"size mismatch, got input ({rows}), mat ({rows}x{columns}), vec ({right[0]})"
    else:
        message = "mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})".format(*left, *right)
    inner = b.shape[-2 if b.ndim > 1 else -1]
    return GradcliError(
        "shape", f"{message}: in {list(a.shape)} @ {list(b.shape)}, {a.shape[-1]} columns meet {inner} rows"
    )


def _folded(a: Node, b: Node) -> tuple[Shape, Shape] | None:
    """The shapes that PyTorch multiplies where it makes one matrix of a batch, or None where it doesn't."""
    if a.ndim < b.ndim or _is_one_of(a, b):
        small, large, steps = a.shape[::-1][:2], swapped(b, -1, -2).shape, strides(b)
        steps = (*steps[:-2], steps[-1], steps[-2])
    else:
        small, large, steps = b.shape[-2:], a.shape, strides(a)
    if not (_is_one_of(a, b) or _is_one_of(b, a)):
        if min(a.ndim, b.ndim) > 2:
            return None
        if not (a if a.ndim < b.ndim else b).requires_grad and (
            a.ndim == 2 or any(steps[at] != steps[at + 1] * large[at + 1] for at in range(len(large) - 2))
        ):
            return None
    return (prod(large[:-1]), large[-1]), small


def _no_batch(a: Node, b: Node) -> GradcliError:
    left, right = (1,) * (a.ndim < 2) + a.shape, b.shape + (1,) * (b.ndim < 2)
    batch = prod(broadcast(left[:-2], right[:-2]))
    return GradcliError(
        "shape",
        f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {left[-1]}] but got: "
        f"[{batch}, {right[-2]}].",
    )


@function(LINEAR_ALGEBRA, "mm")
def mm(input: Operand, mat2: Operand) -> Node:
    """the product of two matrices"""
    a, b = as_node(input), as_node(mat2)
    of_rank(a, 2, "self must be a matrix")
    of_rank(b, 2, "mat2 must be a matrix")
    if a.shape[1] != b.shape[0]:
        raise _do_not_multiply(a, b)
    return product(a, b)


@function(LINEAR_ALGEBRA, "mv")
def mv(input: Operand, vec: Operand) -> Node:
    """the product of a matrix and a vector"""
    a, b = as_node(input), as_node(vec)
    if not a.ndim:
        raise GradcliError("shape", "Dimension specified as 0 but tensor has no dimensions")
    if a.ndim != 2 or b.ndim != 1:
        raise GradcliError("shape", f"vector + matrix @ vector expected, got 1, {a.ndim}, {b.ndim}")
    if a.shape[1] != b.shape[0]:
        raise GradcliError(
            "shape",
            f"size mismatch, got input ({a.shape[0]}), mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})",
        )
    return product(a, b)


@function(LINEAR_ALGEBRA, "bmm")
def bmm(input: Operand, mat2: Operand) -> Node:
    """the products of the matrices in two batches"""
    a, b = as_node(input), as_node(mat2)
    of_rank(a, 3, "batch1 must be a 3D tensor")
    of_rank(b, 3, "batch2 must be a 3D tensor")
    if (a.shape[0], a.shape[2]) != b.shape[:2]:
        raise GradcliError(
            "shape",
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{a.shape[0]}, {a.shape[2]}] but got: {list(b.shape[:2])}.",
        )
    return product(a, b)


@function(LINEAR_ALGEBRA, "vdot", called={"tensor": "other"})
@function(LINEAR_ALGEBRA, "dot")
def dot(input: Operand, tensor: Operand) -> Node:
    """the inner product of two vectors"""
    a, b = as_node(input), as_node(tensor)
    if a.ndim != 1 or b.ndim != 1:
        raise GradcliError("shape", f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors")
    if a.shape != b.shape:
        raise _vectors_differ(a, b)
    return product(a, b)


@function(LINEAR_ALGEBRA, "outer", "ger", grad_fn="Mul")
def outer(input: Operand, vec2: Operand) -> Node:
    """the products of every element of one vector with every element of another"""
    a, b = as_node(input), as_node(vec2)
    for each, name in ((a, "self"), (b, "vec2")):
        if each.ndim != 1:
            raise GradcliError("shape", f"outer: Expected 1-D argument {name}, but got {each.ndim}-D")
    return primitives.mul(reshape_to(a, (*a.shape, 1)), b)


def _linear_name(call: Mapping[str, Any]) -> str:
    x, w, bias = call["input"], call["weight"], call["bias"]
    rank = x.ndim if isinstance(x, Node) else 0
    if isinstance(w, Node) and w.ndim == 1:
        return "Add" if bias is not None else {1: "Dot", 2: "Mv"}.get(rank, "UnsafeView")
    if rank == 2:
        return "Mm" if bias is None else "Addmm"
    if bias is not None:
        return "View"
    return "SqueezeBackward4" if rank == 1 else "UnsafeView"


@function("nn", "linear", method=False, grad_fn=_linear_name)
def linear(input: Operand, weight: Operand, bias: Operand | None = None) -> Node:
    """input @ weight.T + bias"""
    x, w = as_node(input), as_node(weight)
    if not x.ndim or not w.ndim:
        raise GradcliError(
            "shape", f"both arguments to linear need to be at least 1D, but they are {x.ndim}D and {w.ndim}D"
        )
    if w.ndim > 2:
        raise GradcliError("shape", f"t() expects a tensor with <= 2 dimensions, but self is {w.ndim}D")
    turned = swapped(w, -1, -2) if w.ndim > 1 else w
    if bias is not None and w.ndim == 2:  # dtypes are looked at first
        check_added(("self", as_node(bias)), ("mat1", x), b=w)
    if bias is not None and w.ndim == 1 and x.shape[-1] != w.shape[0]:
        raise GradcliError("shape", "mat2 must be a matrix, got 1-D tensor")
    _check_lengths(x, turned)
    y = product(x, turned)
    return y if bias is None else primitives.add(y, bias)
