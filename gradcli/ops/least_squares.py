"""The pseudo-inverse, and `linalg.lstsq`: the nearest solution of a linear system through it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.decompositions import singular_values
from gradcli.ops.linalg import in_double, is_vector, matrices, square, svd_of, times, transposed
from gradcli.ops.products import LINEAR_ALGEBRA
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.dims import along_batch
from gradcli.tape.general import General
from gradcli.tape.node import INT64, Node, Operand, leaf
from gradcli.tape.primitives import Linear, as_node, expand_to, reshape_to
from gradcli.tape.promote import torch_name

# ---- the pseudo-inverse ----


def _pinv_kernel(a: Any, atol: float | None, rtol: float | None, hermitian: bool) -> Any:
    a = np.asarray(a)
    if not a.size:
        return np.zeros((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype)
    if hermitian:
        values, left = np.linalg.eigh(in_double(a))
        size, right = np.abs(values), np.swapaxes(left, -1, -2)
    else:
        left, size, right = svd_of(a, full_matrices=False)
        values = size
    if rtol is None:
        rtol = max(a.shape[-2:]) * np.finfo(size.dtype).eps if not atol else 0.0
    cutoff = np.maximum(atol or 0.0, rtol * size.max(-1, keepdims=True))
    inverted = np.where(size > cutoff, 1 / np.where(size > cutoff, values, 1), 0)
    product = np.swapaxes(right, -1, -2) @ (inverted[..., None] * np.swapaxes(left, -1, -2))
    return product.astype(a.dtype, copy=False)


def _pinv_rule(g: Node, node: Node) -> list[Node | None]:
    # Golub and Pereyra 1973, the derivative of a pseudo-inverse of constant rank, transposed.
    (a,) = node.inputs
    p, pt, gt = node, transposed(node), transposed(g)
    if a.shape[-2] <= a.shape[-1]:
        k = times(gt, p)
        kpt = times(k, pt)
        inner = primitives.add(primitives.neg(transposed(times(p, k))), kpt)
        inner = primitives.sub(inner, times(a, p, kpt))
        return [primitives.add(inner, times(pt, p, primitives.sub(gt, times(k, a))))]
    k = times(p, gt)
    ptk = times(pt, k)
    inner = primitives.add(
        primitives.neg(transposed(times(k, p))), times(primitives.sub(gt, times(a, k)), p, pt)
    )
    return [primitives.sub(primitives.add(inner, ptk), times(ptk, p, a))]


pseudo_inverse = General(
    "pinv",
    _pinv_kernel,
    lambda a, *attrs: ((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype),
    _pinv_rule,
    along=along_batch,
    workspace=7,
)
"""Moore and Penrose's inverse, through the singular values above a cutoff."""


def _cutoff(given: Any) -> float | None:
    return None if given is None else float(given)


def _inverted(given: Operand) -> Node:
    x = as_node(given)
    if x.ndim < 2:
        raise GradcliError(
            "shape",
            f"linalg.pinv({torch_name(x.dtype)}{{{list(x.shape)}}}): expected a tensor with 2 or more "
            "dimensions of float, double, cfloat or cdouble types",
        )
    return matrices(x, "linalg.pinv")


@function(LINEAR_ALGEBRA, "linalg.pinv", method=False, grad_fn="LinalgPinv")
def linalg_pinv(
    A: Operand,
    rcond: float | None = None,
    hermitian: bool = False,
    *,
    atol: float | None = None,
    rtol: float | None = None,
) -> Node:
    """the pseudo-inverse of each matrix; singular values up to max(atol, rtol * the largest) count as 0"""
    relative = rtol if rcond is None else rcond
    attrs = (_cutoff(atol), _cutoff(relative), bool(hermitian))
    a = square(A, "linalg.pinv") if hermitian else _inverted(A)
    return pseudo_inverse(a, attrs=attrs)


@function(LINEAR_ALGEBRA, "pinverse", grad_fn="LinalgPinv")
def pinverse(input: Operand, rcond: float = 1e-15) -> Node:
    """the pseudo-inverse of each matrix"""
    return pseudo_inverse(_inverted(input), attrs=(None, _cutoff(rcond), False))


# ---- least squares ----

LeastSquares = named_results("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")


def _rank_kernel(a: Any, rtol: float) -> Any:
    a = in_double(a)
    if not a.size:
        return np.zeros(a.shape[:-2], np.int64)
    size = svd_of(a, compute_uv=False)
    return np.asarray((size > rtol * size.max(-1, keepdims=True)).sum(-1))


rank_of = Linear("rank", _rank_kernel, lambda a, rtol: (a.shape[:-2], INT64), lambda g, node: [None])


@function(LINEAR_ALGEBRA, "linalg.lstsq", method=False, grad_fn="LinalgLstsq")
def linalg_lstsq(A: Operand, B: Operand, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """the X for which A X is nearest to B: solution, residuals, rank and singular_values"""
    a, b = matrices(A, "linalg.lstsq"), as_node(B)
    if driver is not None and driver not in _DRIVERS:
        raise GradcliError(
            "bad-argument",
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), not "
            f"{driver!r}",
        )
    vector = is_vector(a, b)
    columns = reshape_to(b, (*b.shape, 1)) if vector else b
    if columns.ndim < 2 or a.shape[-2] != columns.shape[-2]:
        raise GradcliError(
            "shape",
            f"torch.linalg.lstsq: input.size(-2) should match other.size({-1 if b.ndim == 1 else -2}): "
            "shapes "
            f"{list(a.shape)} and {list(b.shape)}",
        )
    rows, unknowns = a.shape[-2:]
    rtol = max(rows, unknowns) * float(np.finfo(a.dtype).eps) if rcond is None else float(rcond)
    solution = times(pseudo_inverse(a, attrs=(None, rtol, False)), columns)
    nothing = primitives.reduce_sum(primitives.mul(solution, 0.0), attrs=(tuple(range(-solution.ndim, 0)),))
    residuals = expand_to(nothing, (0,))
    if rows > unknowns and driver in ("gels", "gelsd", "gelss"):
        error = primitives.sub(columns, times(a, solution))
        residuals = primitives.reduce_sum(primitives.mul(error, error), attrs=((-2,),))
    rank = leaf(np.zeros(0, np.int64)) if driver == "gels" else rank_of(a, attrs=(rtol,))
    if driver in ("gelsd", "gelss"):
        values = detached(singular_values(a))
    else:
        values = expand_to(primitives.literal(0.0, a.dtype), (0,))
    if vector:
        solution = reshape_to(solution, solution.shape[:-1])
    return LeastSquares(solution, residuals, rank, values)
