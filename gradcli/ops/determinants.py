"""Determinants: det is differentiable at singular matrices too, through its cofactors.

The gradient of `det` is the matrix of cofactors, a polynomial in the elements, so it exists everywhere.
`cofactors` and its own derivative come from singular values, which serve singular matrices as well; from the
third derivative on the rule needs the inverse.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from gradcli.ops import elementwise as e
from gradcli.ops import factored
from gradcli.ops.diagonals import diagonal_of
from gradcli.ops.linalg import in_double, inverse, square, svd_of, times, transposed
from gradcli.ops.products import A_IS_INPUT, LINEAR_ALGEBRA
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.tape import primitives
from gradcli.tape.dims import along_batch, drop_dims
from gradcli.tape.general import PART, General
from gradcli.tape.node import Node, Operand
from gradcli.tape.primitives import reduce_sum, reshape_to, where


def _factors(a: Any) -> tuple[Any, Any, Any, Any]:
    """U, s, Vh and the sign det(U)·det(V) of each matrix, nan where a matrix is not finite."""
    finite = np.isfinite(a).all(axis=(-2, -1))
    left, size, right = svd_of(np.where(finite[..., None, None], a, 0))
    sign = np.round(np.linalg.det(left) * np.linalg.det(right))
    return left, size, right, np.where(finite, sign, np.nan)


def _products_without(size: Any, left_out: int) -> Any:
    """For each i (or pair i ≠ j) the product of all other singular values, without dividing."""
    n = size.shape[-1]
    keep = np.ones((n, n), bool) ^ np.eye(n, dtype=bool)
    if left_out == 1:
        return np.prod(np.where(keep, size[..., None, :], 1), axis=-1)
    pairs = keep[:, None, :] & keep[None, :, :]
    return np.prod(np.where(pairs, size[..., None, None, :], 1), axis=-1) * keep


def _cofactors_kernel(a: Any) -> Any:
    a = np.asarray(a)
    left, size, right, sign = _factors(a)
    others = _products_without(size, 1) * sign[..., None]
    return ((left * others[..., None, :]) @ right).astype(a.dtype, copy=False)


def _bend_kernel(a: Any, b: Any) -> Any:
    """The derivative of the cofactors of A in the direction B, symmetric in what it is dotted with."""
    a, b = np.asarray(a), np.asarray(b)
    left, size, right, sign = _factors(a)
    inner = np.swapaxes(left, -1, -2) @ b @ np.swapaxes(right, -1, -2)
    pairs = _products_without(size, 2) * sign[..., None, None]
    result = -np.swapaxes(inner, -1, -2) * pairs
    along = np.einsum("...ij,...jj->...i", pairs, inner)
    n = size.shape[-1]
    result[..., range(n), range(n)] = along
    return (left @ result @ right).astype(a.dtype, copy=False)


def _trace(x: Node) -> Node:
    return reshape_to(reduce_sum(diagonal_of(x, -2, -1), attrs=((-1,),)), (*x.shape[:-2], 1, 1))


def _bend_rule(g: Node, node: Node) -> list[Node | None]:
    # d/dA of det·(tr(XB)·tr(XG) - tr(XBXG)) with X the inverse of A, from dX = -X·dA·X.
    a, b = node.inputs
    along_b = bend(a, g) if b.requires_grad else None
    if not a.requires_grad:
        return [None, along_b]
    x = inverse(a)
    xb, xg = times(x, b), times(x, g)
    tr_b, tr_g = _trace(xb), _trace(xg)
    scalar = primitives.sub(primitives.mul(tr_b, tr_g), _trace(times(xb, xg)))
    inner = primitives.mul(scalar, x)
    inner = primitives.sub(inner, primitives.mul(tr_g, times(xb, x)))
    inner = primitives.sub(inner, primitives.mul(tr_b, times(xg, x)))
    inner = primitives.add(inner, primitives.add(times(xb, xg, x), times(xg, xb, x)))
    return [primitives.mul(reshape_to(determinant(a), (*a.shape[:-2], 1, 1)), transposed(inner)), along_b]


bend = General(
    "cofactor_derivative",
    _bend_kernel,
    lambda a, b: (a.shape, a.dtype),
    _bend_rule,
    along=along_batch,
    workspace=7,
)
cofactors = General(
    "cofactors",
    _cofactors_kernel,
    lambda a: (a.shape, a.dtype),
    lambda g, node: [bend(node.inputs[0], g)],
    tangent=lambda node, tangents: bend(node.inputs[0], tangents[0]) if tangents[0] is not None else None,
    along=along_batch,
    workspace=7,
)
"""The gradient of the determinant: minors with their signs."""


def _spread(g: Node, x: Node) -> Node:
    """One number for each matrix, to be multiplied with the matrices."""
    return reshape_to(g, (*x.shape[:-2], 1, 1))


ELIMINATED = 16
"""Up to this size elimination is one column after the other in LAPACK, and in blocks above."""
DIVIDED = 4
"""Up to this size its last step divides, where all others multiply by the reciprocal."""


def _eliminated(x: Any) -> Any:
    """The determinants of small matrices, to the last digit as PyTorch has them.

    It hands each row to LAPACK as a column. A product of pivots has no more digits than it needs; NumPy's is
    an exponential of a sum of logarithms.
    """
    n = x.shape[-1]
    a = np.array(np.swapaxes(x, -1, -2)).reshape(prod(x.shape[:-2]), n, n)
    every = np.arange(len(a))
    found = np.ones(len(a), a.dtype)
    least = np.finfo(a.dtype).tiny
    with np.errstate(all="ignore"):
        for left in range(n - 1, 0, -1):
            at = np.abs(a[:, :, 0]).argmax(axis=-1)
            row = a[every, at]
            a[every, at] = a[:, 0]
            pivot, below = row[:, :1], a[:, 1:, 0]
            found = found * np.where(at, -pivot[:, 0], pivot[:, 0])
            pivot = np.where(pivot == 0, 1, pivot)  # as is all below it then, which stays
            quotient = below / pivot
            if left > 1 or n > DIVIDED:
                quotient = np.where(np.abs(pivot) < least, quotient, below * (1 / pivot))
            a = a[:, 1:, 1:] - quotient[:, :, None] * row[:, None, 1:]
        found = found * np.multiply.reduce(a, axis=(-2, -1))
    return found.reshape(x.shape[:-2])


def _det_kernel(x: Any) -> Any:
    x = np.asarray(x)
    single = in_double(x)
    found = _eliminated(single) if x.shape[-1] <= ELIMINATED else np.linalg.det(single)
    return np.asarray(found).astype(x.dtype, copy=False)


determinant = General(
    "det",
    _det_kernel,
    lambda x: (drop_dims(x.shape, (-2, -1)), x.dtype),
    lambda g, node: [primitives.mul(_spread(g, node.inputs[0]), cofactors(node.inputs[0]))],
    along=along_batch,
    workspace=2,
)


def _slogdet_kernel(x: Any) -> Any:
    x = np.asarray(x)
    with np.errstate(divide="ignore"):
        sign, size = np.linalg.slogdet(in_double(x))
    return np.asarray(sign).astype(x.dtype, copy=False), np.asarray(size).astype(x.dtype, copy=False)


def _slogdet_rule(g: list[Node | None], node: Node) -> list[Node | None]:
    (x,), g_size = node.inputs, g[1]
    return [None if g_size is None else primitives.mul(_spread(g_size, x), transposed(inverse(x)))]


sign_and_logarithm = General(
    "slogdet",
    _slogdet_kernel,
    lambda x: (drop_dims(x.shape, (-2, -1)), x.dtype),
    _slogdet_rule,
    parts=2,
    along=along_batch,
    workspace=2,
)
sign_and_logarithm.factored = factored.determinant(_slogdet_kernel)

SignAndLogarithm = named_results("linalg_slogdet", "sign", "logabsdet")


def _parts(x: Node) -> tuple[Node, Node]:
    source = sign_and_logarithm(x)
    return PART(source, 0, source.shape, source.dtype), PART(source, 1, source.shape, source.dtype)


@function(LINEAR_ALGEBRA, "det", grad_fn="LinalgDet", called=A_IS_INPUT)
@function(LINEAR_ALGEBRA, "linalg.det", method=False, grad_fn="LinalgDet")
def det(A: Operand) -> Node:
    """the determinant of each matrix; its gradient is right at singular matrices too"""
    return determinant(square(A, "linalg.det"))


@function(LINEAR_ALGEBRA, "slogdet", grad_fn="LinalgSlogdet", called=A_IS_INPUT)
@function(LINEAR_ALGEBRA, "linalg.slogdet", method=False, grad_fn="LinalgSlogdet")
def slogdet(A: Operand) -> Any:
    """sign and logarithm of the absolute value of the determinant, without overflow: sign, logabsdet"""
    return SignAndLogarithm(*_parts(square(A, "linalg.slogdet")))


@function(LINEAR_ALGEBRA, "logdet", grad_fn="Where")
def logdet(input: Operand) -> Node:
    """the logarithm of the determinant: nan where it is negative"""
    sign, size = _parts(square(input, "logdet"))
    return where(e.eq(sign, -1.0), primitives.literal(float("nan"), size.dtype), size)
