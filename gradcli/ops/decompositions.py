"""Decompositions of matrices: Cholesky, eigenvalues, singular values, QR. Batched over leading dims.

The rules are written with the results themselves and products, so every order of derivative works. Where a
result is unique only up to signs, gradients are those of functions that don't depend on them; repeated
eigenvalues or singular values make the gradients of the vectors infinite, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.diagonals import diagonal_of, embedded, upper_triangle
from gradcli.ops.indexing import section
from gradcli.ops.joining import concatenate
from gradcli.ops.linalg import (
    in_double,
    matrices,
    solve_triangle,
    square,
    svd_of,
    times,
    transposed,
)
from gradcli.ops.products import LINEAR_ALGEBRA
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.dims import along_batch
from gradcli.tape.general import PART, General
from gradcli.tape.node import INT64, Node, Operand, Shape, leaf
from gradcli.tape.primitives import as_node, cast, reshape_to, scale

Given = list[Node | None]


def _identity(n: int, dtype: Any) -> Node:
    return leaf(np.eye(n, dtype=dtype))


def _columns(x: Node) -> Node:
    """A row for each matrix: what multiplies its columns."""
    return reshape_to(x, (*x.shape[:-1], 1, x.shape[-1]))


def _rows(x: Node) -> Node:
    """A column for each matrix: what multiplies its rows."""
    return reshape_to(x, (*x.shape, 1))


# ---- eigenvalues of symmetric matrices ----


def _skew(x: Node) -> Node:
    return primitives.sub(x, transposed(x))


def _eigh_kernel(x: Any, lower: bool) -> Any:
    x = np.asarray(x)
    values, vectors = np.linalg.eigh(in_double(x), "L" if lower else "U")
    return values.astype(x.dtype, copy=False), vectors.astype(x.dtype, copy=False)


def _differences(x: Node) -> Node:
    """x_j - x_i for every pair, and 1 on the diagonal."""
    apart = primitives.sub(_columns(x), _rows(x))
    return primitives.add(apart, _identity(x.shape[-1], x.dtype))


def _eigh_rule(g: Given, node: Node) -> list[Node | None]:
    (x,), (g_values, g_vectors) = node.inputs, g
    vectors = PART(node, 1, x.shape, x.dtype)
    inner: Node | None = embedded(g_values) if g_values is not None else None
    if g_vectors is not None:
        values = PART(node, 0, node.shape, node.dtype)
        turn = scale(_skew(times(transposed(vectors), g_vectors)), 0.5)
        inner = primitives.plus(primitives.div(turn, _differences(values)), inner)
    return [times(vectors, inner, transposed(vectors)) if inner is not None else None]


eigh_primitive = General(
    "eigh",
    _eigh_kernel,
    lambda x, lower: (x.shape[:-1], x.dtype),
    _eigh_rule,
    parts=2,
    along=along_batch,
    workspace=4,
)
EigenPairs = named_results("linalg_eigh", "eigenvalues", "eigenvectors")


def _triangle(UPLO: Any) -> bool:
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise GradcliError("bad-argument", f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO.upper() == "L"


@function(LINEAR_ALGEBRA, "linalg.eigh", method=False, grad_fn="LinalgEigh")
def linalg_eigh(A: Operand, UPLO: str = "L") -> Any:
    """eigenvalues and eigenvectors of symmetric matrices, of which one triangle is read"""
    x = square(A, "linalg.eigh")
    source = eigh_primitive(x, attrs=(_triangle(UPLO),))
    return EigenPairs(PART(source, 0, x.shape[:-1], x.dtype), PART(source, 1, x.shape, x.dtype))


@function(LINEAR_ALGEBRA, "linalg.eigvalsh", method=False, grad_fn="LinalgEigh")
def linalg_eigvalsh(A: Operand, UPLO: str = "L") -> Node:
    """the eigenvalues of symmetric matrices, of which one triangle is read"""
    x = square(A, "linalg.eigh")
    return PART(eigh_primitive(x, attrs=(_triangle(UPLO),)), 0, x.shape[:-1], x.dtype)


# ---- singular values ----


def _svd_kernel(x: Any, full: bool) -> Any:
    x = np.asarray(x)
    return tuple([each.astype(x.dtype, copy=False) for each in svd_of(x, full_matrices=full)])


def _svd_rule(g: Given, node: Node) -> list[Node | None]:
    # Of full matrices the vectors beyond the singular values are arbitrary: their gradients don't count.
    (x,), (full,) = node.inputs, node.attrs
    g_left, g_values, g_right = g
    rows, columns = x.shape[-2:]
    k = min(rows, columns)
    shapes = _svd_shapes(x, full)
    left, values, right = [PART(node, index, shape, x.dtype) for index, shape in enumerate(shapes)]
    if full:
        left, right = section(left, -1, 0, k), section(right, -2, 0, k)
        g_left = section(g_left, -1, 0, k) if g_left is not None else None
        g_right = section(g_right, -2, 0, k) if g_right is not None else None
    inner: Node | None = embedded(g_values) if g_values is not None else None
    if g_left is None and g_right is None:
        return [times(left, inner, right) if inner is not None else None]
    across = primitives.mul(_differences_only(values), primitives.add(_columns(values), _rows(values)))
    across = primitives.add(across, _identity(k, x.dtype))
    if g_left is not None:
        turn = primitives.div(_skew(times(transposed(left), g_left)), across)
        inner = primitives.plus(inner, primitives.mul(turn, _columns(values)))
    if g_right is not None:
        turn = primitives.div(_skew(times(right, transposed(g_right))), across)
        inner = primitives.plus(inner, primitives.mul(_rows(values), turn))
    assert inner is not None
    result = times(left, inner, right)
    if g_left is not None and rows > k:
        scaled = primitives.div(g_left, _columns(values))
        outside = primitives.sub(scaled, times(left, transposed(left), scaled))
        result = primitives.add(result, times(outside, right))
    if g_right is not None and columns > k:
        scaled = primitives.div(g_right, _rows(values))
        outside = primitives.sub(scaled, times(scaled, transposed(right), right))
        result = primitives.add(result, times(left, outside))
    return [result]


def _differences_only(x: Node) -> Node:
    return primitives.sub(_columns(x), _rows(x))


def _svd_shapes(x: Node, full: bool) -> tuple[Shape, Shape, Shape]:
    lead, (rows, columns) = x.shape[:-2], x.shape[-2:]
    k = min(rows, columns)
    return (
        (*lead, rows, rows if full else k),
        (*lead, k),
        (*lead, columns if full else k, columns),
    )


svd_primitive = General(
    "svd",
    _svd_kernel,
    lambda x, full: (_svd_shapes(x, full)[0], x.dtype),
    _svd_rule,
    parts=3,
    along=along_batch,
    workspace=7,
)
SingularTriples = named_results("linalg_svd", "U", "S", "Vh")
OldSingularTriples = named_results("svd", "U", "S", "V")


def _svd(x: Node, full: bool) -> list[Node]:
    source = svd_primitive(x, attrs=(full,))
    return [PART(source, index, shape, x.dtype) for index, shape in enumerate(_svd_shapes(x, full))]


def singular_values(x: Node) -> Node:
    """The singular values, falling."""
    return _svd(x, False)[1]


@function(LINEAR_ALGEBRA, "linalg.svd", method=False, grad_fn="LinalgSvd")
def linalg_svd(A: Operand, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """the singular value decomposition U @ diag(S) @ Vh of each matrix"""
    return SingularTriples(*_svd(matrices(A, "linalg.svd"), bool(full_matrices)))


@function(LINEAR_ALGEBRA, "svd", grad_fn="LinalgSvd")
def svd(input: Operand, some: bool = True, compute_uv: bool = True) -> Any:
    """the singular value decomposition U @ diag(S) @ V.T of each matrix"""
    left, values, right = _svd(matrices(input, "linalg.svd"), not some)
    if not compute_uv:
        left, right = primitives.zeros_of(detached(left)), primitives.zeros_of(detached(right))
    return OldSingularTriples(left, values, transposed(right))


@function(LINEAR_ALGEBRA, "linalg.svdvals", method=False, grad_fn="LinalgSvd")
def linalg_svdvals(A: Operand, *, driver: str | None = None) -> Node:
    """the singular values of each matrix, falling"""
    return singular_values(matrices(A, "linalg.svd"))


@function(LINEAR_ALGEBRA, "linalg.matrix_rank", method=False, grad_fn="Sum")
def linalg_matrix_rank(
    A: Operand, tol: float | None = None, *, rtol: float | None = None, atol: float | None = None
) -> Node:
    """how many singular values of each matrix are larger than rtol times the largest (and than atol)"""
    found = singular_values(matrices(A, "linalg.matrix_rank"))
    absolute = atol if tol is None else tol
    if rtol is None:
        exact = max(as_node(A).shape[-2:]) * float(np.finfo(found.dtype).eps)
        rtol = 0.0 if absolute else exact
    least = e.maximum(primitives.mul(section(found, -1, 0, 1), rtol), absolute or 0.0)
    return total(cast(e.gt(found, least), INT64), (-1,))


# ---- QR ----


def _qr_kernel(x: Any, mode: str) -> Any:
    x = np.asarray(x)
    decompose: Any = np.linalg.qr
    if mode == "r":
        return np.zeros(0, x.dtype), decompose(in_double(x), "r").astype(x.dtype, copy=False)
    q, r = decompose(in_double(x), mode)
    return q.astype(x.dtype, copy=False), r.astype(x.dtype, copy=False)


def _qr_rule(g: Given, node: Node) -> list[Node | None]:
    # For at least as many rows as columns; wide matrices are composed from their first square.
    (x,), (mode,), (g_q, g_r) = node.inputs, node.attrs, g
    if mode == "r":
        raise GradcliError(
            "bad-argument",
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
            "linalg.qr(A, mode='reduced') if you are going to require gradients through linalg.qr.",
        )
    if mode == "complete" and x.shape[-2] > x.shape[-1]:
        raise GradcliError(
            "bad-argument",
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols",
            hint="use mode='reduced'",
        )
    q, r = [PART(node, index, shape, x.dtype) for index, shape in enumerate(_qr_shapes(x, mode))]
    inner: Node | None = None
    if g_r is not None:
        inner = times(g_r, transposed(r))
    if g_q is not None:
        inner = primitives.plus(inner, primitives.neg(times(transposed(q), g_q)))
    assert inner is not None
    high = upper_triangle(inner)
    both = primitives.sub(primitives.add(high, transposed(high)), embedded(diagonal_of(high, -2, -1)))
    total = times(q, both)
    if g_q is not None:
        total = primitives.add(total, g_q)
    # total · R^{-T}, by solving with R from the right
    return [transposed(solve_triangle(r, transposed(total), attrs=(True, False)))]


def _qr_shapes(x: Node, mode: str) -> tuple[Shape, Shape]:
    lead, (rows, columns) = x.shape[:-2], x.shape[-2:]
    k = rows if mode == "complete" else min(rows, columns)
    return (0,) if mode == "r" else (*lead, rows, k), (*lead, k, columns)


qr_primitive = General(
    "qr",
    _qr_kernel,
    lambda x, mode: (_qr_shapes(x, mode)[1], x.dtype),
    _qr_rule,
    parts=2,
    along=along_batch,
    workspace=3,
)
Factors = named_results("linalg_qr", "Q", "R")
OldFactors = named_results("qr", "Q", "R")


def _qr(x: Node, mode: str) -> tuple[Node, Node]:
    rows, columns = x.shape[-2:]
    if mode != "r" and rows < columns:
        q, first = _qr(section(x, -1, 0, rows), "reduced")
        rest = times(transposed(q), section(x, -1, rows, columns))
        return q, concatenate([first, rest], -1)
    source = qr_primitive(x, attrs=(mode,))
    q_shape, r_shape = _qr_shapes(x, mode)
    return PART(source, 0, q_shape, x.dtype), PART(source, 1, r_shape, x.dtype)


@function(LINEAR_ALGEBRA, "linalg.qr", method=False, grad_fn="LinalgQr")
def linalg_qr(A: Operand, mode: str = "reduced") -> Any:
    """the factors Q, with orthonormal columns, and R, upper triangular; mode "reduced", "complete" or "r" """
    if mode not in ("reduced", "complete", "r"):
        raise GradcliError(
            "bad-argument",
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or "
            "'complete'",
        )
    return Factors(*_qr(matrices(A, "linalg.qr"), mode))


@function(LINEAR_ALGEBRA, "qr", grad_fn="LinalgQr")
def qr(input: Operand, some: bool = True) -> Any:
    """the factors Q, with orthonormal columns, and R, upper triangular"""
    return OldFactors(*_qr(matrices(input, "linalg.qr"), "reduced" if some else "complete"))
