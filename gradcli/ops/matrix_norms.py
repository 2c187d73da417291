"""Norms of linalg, and distances: of vectors over dims, of matrices by their singular values or sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.decompositions import singular_values
from gradcli.ops.extremes import reduce_max, reduce_min
from gradcli.ops.functions import sub
from gradcli.ops.gathering import index_select
from gradcli.ops.indexing import section
from gradcli.ops.linalg import floating, linalg_inv, matrices
from gradcli.ops.norms import in_float, vector_norm_over
from gradcli.ops.products import LINEAR_ALGEBRA
from gradcli.ops.reductions import count, finish, total
from gradcli.ops.registry import function
from gradcli.ops.shapes import permuted
from gradcli.tape import primitives
from gradcli.tape.node import FLOATS, Node, Operand, leaf
from gradcli.tape.primitives import as_node, reshape_to
from gradcli.tape.promote import broadcast, dim_index, dim_indices, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.ops.parameters import Dims, Dtype


INF = float("inf")


def _in(dtype: Any, given: Operand) -> Node:
    """What a norm is taken of, in the dtype that it is asked for, if any."""
    x = as_node(given)
    return x if dtype is None else in_float(x, dtype)


def _vector_norm(x: Node, order: float, dim: Dims, keepdim: bool) -> Node:
    dims = dim_indices(dim, x.ndim)
    result = vector_norm_over(x, order, dims)
    return finish(result, x.shape, dims, keepdim) if dims else result


@function(LINEAR_ALGEBRA, "linalg.vector_norm", method=False, grad_fn="LinalgVectorNorm")
def vector_norm(
    x: Operand, ord: float | str = 2, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype = None
) -> Node:
    """the norm of the vectors over dim, or of all elements; its derivative at 0 is 0"""
    if isinstance(ord, str):
        raise GradcliError(
            "bad-argument", f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {ord!r}"
        )
    return _vector_norm(floating(_in(dtype, x), "linalg.vector_norm"), float(ord), dim, keepdim)


# ---- matrices ----

_SUMS: dict[Any, tuple[int, bool]] = {1: (0, True), -1: (0, False), INF: (1, True), -INF: (1, False)}
"""For the norms that are the largest (or smallest) sum: over which of the two dims is summed."""


def _matrix_norm(x: Node, order: Any, dim: Any, keepdim: bool) -> Node:
    if not isinstance(dim, (tuple, list)) or len(dim) != 2:
        given = " ".join(str(each) for each in dim) if isinstance(dim, (tuple, list)) else dim
        raise GradcliError("bad-argument", f"linalg.matrix_norm: dim must be a 2-tuple. Got {given}")
    rows, columns = dim_index(dim[0], x.ndim), dim_index(dim[1], x.ndim)
    if rows == columns:
        raise GradcliError(
            "bad-argument", f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})"
        )
    both = tuple(sorted((rows, columns)))
    if order == "fro":
        return finish(vector_norm_over(x, 2.0, both), x.shape, both, keepdim)
    if order in _SUMS:
        inner, largest = _SUMS[order]
        summed = (rows, columns)[inner]
        sums = total(e.absolute(x), (summed,))
        left = (rows, columns)[1 - inner]
        left += left < summed  # the summed dim is gone
        result = _extreme(sums, (left,), largest)
    elif order == "nuc" or order in (2, -2):
        last = permuted(x, [each for each in range(-x.ndim, 0) if each not in both] + [rows, columns])
        values = singular_values(last)
        result = total(values, (-1,)) if order == "nuc" else _extreme(values, (-1,), order == 2)
    else:
        raise GradcliError("bad-argument", f"linalg.matrix_norm: Order {order} not supported.")
    return finish(result, x.shape, both, keepdim)


def _extreme(x: Node, dims: tuple[int, ...], largest: bool) -> Node:
    if largest and not count(x.shape, dims):
        return total(x, dims)  # of nothing, 0
    return (reduce_max if largest else reduce_min)(x, attrs=(dims,))


def _matrix_name(call: Mapping[str, Any]) -> str:
    order = call["ord"]
    if order in ("fro", None) or not isinstance(order, (int, float, str)):
        return "LinalgVectorNorm"
    if call["keepdim"] and order in ("nuc", 2, -2):
        return "Permute"
    if isinstance(order, str):
        return "SumBackward1"
    return "Amax" if order > 0 else "Amin"


@function(LINEAR_ALGEBRA, "linalg.matrix_norm", method=False, grad_fn=_matrix_name)
def matrix_norm(
    A: Operand,
    ord: float | str = "fro",
    dim: Sequence[int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Dtype = None,
) -> Node:
    """the norm of each matrix: "fro", "nuc", 2, -2 by singular values, 1, -1, inf, -inf by sums"""
    if ord not in ("fro", "nuc", 2, -2) and ord not in _SUMS:  # which is seen before the matrix
        raise GradcliError("bad-argument", f"linalg.matrix_norm: Order {ord} not supported.")
    return _matrix_norm(matrices(_in(dtype, A), "linalg.matrix_norm"), ord, dim, keepdim)


def _of_matrices(x: Node, order: Any, dim: Any) -> bool:
    """Whether linalg.norm with these arguments is a norm of matrices."""
    if dim is not None:
        return isinstance(dim, (tuple, list)) and len(dim) == 2 and order is not None
    return order is not None and (isinstance(order, str) or x.ndim == 2)


def _norm_name(call: Mapping[str, Any]) -> str:
    x = call["A"]
    matrix = isinstance(x, Node) and _of_matrices(x, call["ord"], call["dim"])
    return _matrix_name(call) if matrix else "LinalgVectorNorm"


@function(LINEAR_ALGEBRA, "linalg.norm", method=False, grad_fn=_norm_name)
def linalg_norm(
    A: Operand,
    ord: float | str | None = None,
    dim: Dims = None,
    keepdim: bool = False,
    *,
    dtype: Dtype = None,
) -> Node:
    """the norm of vectors or matrices: without ord, the Euclidean norm of all elements or over dim"""
    of_matrices = _of_matrices(as_node(A), ord, dim)
    x = floating(_in(dtype, A), f"linalg.{'matrix' if of_matrices else 'vector'}_norm")
    if dim is not None and isinstance(dim, (tuple, list)) and len(dim) not in (1, 2):
        raise GradcliError(
            "bad-argument", f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dim)}"
        )
    if dim is None and ord is not None and x.ndim not in (1, 2):
        raise GradcliError(
            "shape",
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {x.ndim}D.",
        )
    if of_matrices:
        return _matrix_norm(matrices(x, "linalg.matrix_norm"), ord, (-2, -1) if dim is None else dim, keepdim)
    if isinstance(ord, str):
        raise GradcliError("bad-argument", f"linalg.norm: Order {ord} not supported for vectors.")
    return _vector_norm(x, 2.0 if ord is None else float(ord), dim, keepdim)


# ---- distances ----


@function(LINEAR_ALGEBRA, "dist")
def dist(input: Operand, other: Operand, p: float = 2) -> Node:
    """the p-norm of the difference"""
    apart: Node = sub(input, other)
    if apart.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "norm(): input dtype should be either floating point or complex. Got "
            f"{torch_name(apart.dtype)} instead.",
            hint="make it floating with .float(), or write its numbers with a point",
        )
    return vector_norm_over(apart, float(p), tuple(range(-apart.ndim, 0)))


def _cdist_name(call: Mapping[str, Any]) -> str:
    """PyTorch takes another way by products: from 26 rows on, or when told to."""
    pair = [each for each in (call["x1"], call["x2"]) if isinstance(each, Node) and each.ndim > 1]
    mode = call["compute_mode"]
    many = max([each.shape[-2] for each in pair], default=0) > 25 and not str(mode).startswith("donot")
    products = call["p"] == 2 and (many or mode == "use_mm_for_euclid_dist")
    return "View" if products and all(each.size for each in pair) else "Cdist"


@function(LINEAR_ALGEBRA, "cdist", method=False, grad_fn=_cdist_name)
def cdist(
    x1: Operand, x2: Operand, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary"
) -> Node:
    """the p-norm distance of every row of x1 from every row of x2"""
    a, b = as_node(x1), as_node(x2)
    for each, name in ((a, "X1"), (b, "X2")):
        if each.ndim < 2:
            raise GradcliError("shape", f"cdist only supports at least 2D tensors, {name} got: {each.ndim}D")
    if a.shape[-1] != b.shape[-1]:
        raise GradcliError(
            "shape",
            f"X1 and X2 must have the same number of columns. X1: {a.shape[-1]} X2: {b.shape[-1]}",
        )
    for each, name in ((a, "X1"), (b, "X2")):
        if each.dtype not in FLOATS:
            message = f"cdist only supports floating-point dtypes, {name} got: {torch_name(each.dtype)}"
            raise GradcliError("dtype", message)
    if p < 0:
        raise GradcliError("bad-argument", f"cdist only supports non-negative p values, not {p}")
    if a.dtype is not b.dtype and a.size and b.size:
        types = f"expected scalar type {torch_name(a.dtype)} but found {torch_name(b.dtype)}"
        raise GradcliError("dtype", types)
    broadcast(a.shape[:-2], b.shape[:-2])
    rows = reshape_to(a, (*a.shape[:-1], 1, a.shape[-1]))
    columns = reshape_to(b, (*b.shape[:-2], 1, *b.shape[-2:]))
    apart = primitives.sub(rows, columns)
    if not apart.shape[-1]:
        return total(apart, (-1,))
    return vector_norm_over(apart, float(p), (-1,))


@function(LINEAR_ALGEBRA, "linalg.cond", method=False, grad_fn="SqueezeBackward1")
def linalg_cond(A: Operand, p: Any = None) -> Node:
    """the condition number of each matrix: its largest singular value over the smallest, or by a norm"""
    if p is not None and p not in (2, -2):
        return primitives.mul(matrix_norm(A, p), matrix_norm(linalg_inv(A), p))
    found = singular_values(matrices(A, "linalg.cond"))
    first, last = (section(found, -1, at, at + 1) for at in (0, found.shape[-1] - 1))
    ratio = primitives.div(first, last) if p != -2 else primitives.div(last, first)
    return reshape_to(ratio, found.shape[:-1])


@function(LINEAR_ALGEBRA, "pdist", method=False, grad_fn="Pdist")
def pdist(input: Operand, p: float = 2.0) -> Node:
    """the p-norm distance of every two rows of input, each pair once"""
    x = as_node(input)
    if x.ndim != 2:
        raise GradcliError("shape", f"pdist only supports 2D tensors, got: {x.ndim}D")
    if x.dtype not in FLOATS:
        raise GradcliError("dtype", "pdist only supports floating-point dtypes")
    if p < 0:
        raise GradcliError("bad-argument", "pdist only supports non-negative p values")
    first, second = np.triu_indices(x.shape[0], 1)
    apart = primitives.sub(index_select(x, 0, leaf(first)), index_select(x, 0, leaf(second)))
    return vector_norm_over(apart, float(p), (-1,))
