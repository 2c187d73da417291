"""Inverses and solutions of linear systems, batched over leading dims.

`inverse`, `solve_primitive`, `solve_triangle` and `invert_triangle` are the primitives; their rules are
written with themselves and products, so that every order of derivative works. Errors name the matrix that
failed.
"""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import triangles
from gradcli.engine.triangles import LOADED, lapack_threads
from gradcli.errors import GradcliError
from gradcli.ops import factored
from gradcli.ops.diagonals import band
from gradcli.ops.products import A_IS_INPUT, LINEAR_ALGEBRA, matmul_primitive
from gradcli.ops.registry import function
from gradcli.ops.shapes import swapped
from gradcli.tape import primitives
from gradcli.tape.dims import along_batch
from gradcli.tape.general import General
from gradcli.tape.node import FLOATS, Node, Operand, Shape
from gradcli.tape.primitives import as_node, expand_to, reshape_to, sum_to
from gradcli.tape.promote import broadcast, torch_name

if TYPE_CHECKING:
    from collections.abc import Sequence

# ---- what the family shares ----


def transposed(x: Node) -> Node:
    """The transpose of each matrix."""
    return swapped(x, -1, -2)


def times(*factors: Node) -> Node:
    """The product of matrices, from left to right."""
    result = factors[0]
    for each in factors[1:]:
        result = matmul_primitive(result, each)
    return result


def matrices(given: Operand, name: str, what: str = "A", floats: bool = True) -> Node:
    """An argument that is a matrix, or a batch of them, of floating-point numbers if so asked."""
    x = as_node(given)
    if x.ndim < 2:
        raise GradcliError(
            "shape",
            f"{name}: The input tensor {what} must have at least 2 dimensions.",
            hint=f"it has shape {list(x.shape)}",
        )
    return floating(x, name) if floats else x


def floating(x: Node, name: str) -> Node:
    """`x` if its dtype is floating, or the error of the function of that name."""
    if x.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            f"{name}: Expected a floating point or complex tensor as input. Got {torch_name(x.dtype)}",
            hint="make it floating with .double(), or write its numbers with a point",
        )
    return x


def square(given: Operand, name: str, floats: bool = True) -> Node:
    """An argument that is a square matrix, or a batch of them, of floating-point numbers if so asked."""
    x = matrices(given, name, floats=False)
    if x.shape[-1] != x.shape[-2]:
        raise GradcliError(
            "shape",
            f"{name}: A must be batches of square matrices, but they are {x.shape[-2]} by "
            f"{x.shape[-1]} matrices",
        )
    return floating(x, name) if floats else x


def batch_element(shape: Shape, index: int) -> str:
    """Which matrix of a batch an error is about, as PyTorch says it."""
    return f"(Batch element {index}): " if len(shape) > 2 else ""


def each_matrix(x: Any) -> Any:
    """The matrices of a batch, one after the other."""
    return np.asarray(x).reshape(prod(np.shape(x)[:-2]), *np.shape(x)[-2:])


def zero_pivot(matrix: Any) -> int:
    """The first zero on the diagonal of U in an LU decomposition, counted from 1, or 0."""
    import scipy.linalg

    return max(int(scipy.linalg.lapack.dgetrf(np.asarray(matrix, np.float64))[2]), 0)


def in_double(x: Any) -> Any:
    """Half precision is not LAPACK's: it computes in single."""
    x = np.asarray(x)
    return x.astype(np.float32) if x.dtype == np.float16 else x


def svd_of(x: Any, **settings: Any) -> Any:
    """NumPy's singular value decomposition; raises for what is not finite, as PyTorch does."""
    x = in_double(x)
    try:
        return np.linalg.svd(x, **settings)
    except np.linalg.LinAlgError:
        for index, each in enumerate(each_matrix(x)):
            if not np.isfinite(each).all():
                raise GradcliError(
                    "bad-argument",
                    f"linalg.svd: {batch_element(x.shape, index)}The algorithm failed to converge because "
                    "the input matrix contained non-finite values.",
                ) from None
        raise GradcliError("bad-argument", "linalg.svd: The algorithm failed to converge.") from None


# ---- the inverse ----


def _inverse_kernel(given: Any) -> Any:
    x = in_double(given)
    if x.shape[-1] <= LOADED:
        with suppress(np.linalg.LinAlgError), lapack_threads(x):
            return np.linalg.inv(x).astype(given.dtype, copy=False)
    found = []
    for index, each in enumerate(each_matrix(x)):
        with lapack_threads(x):
            inverted, pivot = triangles.inverse(each)
        if pivot:
            raise GradcliError(
                "bad-argument",
                f"linalg.inv: {batch_element(x.shape, index)}The diagonal element "
                f"{zero_pivot(each) or pivot} is zero, the inversion could not be completed because the "
                "input matrix is singular.",
                hint="linalg.pinv gives the pseudo-inverse of any matrix",
            )
        found.append(inverted)
    result = found[0] if len(found) == 1 else np.array(found, x.dtype)
    return result.reshape(x.shape).astype(given.dtype, copy=False)


def _inverse_rule(g: Node, node: Node) -> list[Node | None]:
    turned = transposed(node)
    return [primitives.neg(times(turned, g, turned))]


inverse = General(
    "inv",
    _inverse_kernel,
    lambda x: (x.shape, x.dtype),
    _inverse_rule,
    tangent=lambda node, tangents: (
        primitives.neg(times(node, tangents[0], node)) if tangents[0] is not None else None
    ),
    along=along_batch,
    workspace=3,
)
inverse.factored = factored.inverse(_inverse_kernel)


@function(LINEAR_ALGEBRA, "inverse", grad_fn="LinalgInvEx", called=A_IS_INPUT)
@function(LINEAR_ALGEBRA, "linalg.inv", method=False, grad_fn="LinalgInvEx")
def linalg_inv(A: Operand) -> Node:
    """the inverse of each matrix"""
    return inverse(square(A, "linalg.inv"))


# ---- linear systems ----


def _solve_kernel(a: Any, b: Any) -> Any:
    a, b = np.asarray(a), np.asarray(b)
    try:
        with lapack_threads(a):
            return np.linalg.solve(in_double(a), in_double(b)).astype(b.dtype, copy=False)
    except np.linalg.LinAlgError:
        found = (index for index, each in enumerate(each_matrix(a)) if zero_pivot(each))
        where = batch_element(a.shape, next(found, 0))
        raise GradcliError(
            "bad-argument",
            f"torch.linalg.solve: {where}The solver failed because the input matrix is singular.",
            hint="linalg.lstsq solves it in the sense of least squares",
        ) from None


def _system_infer(a: Node, b: Node, *attrs: Any) -> tuple[Shape, np.dtype[Any]]:
    return (*broadcast(a.shape[:-2], b.shape[:-2]), *b.shape[-2:]), b.dtype


def _solve_rule(g: Node, node: Node) -> list[Node | None]:
    a, b = node.inputs
    back = solve_primitive(transposed(a), g)
    left = sum_to(primitives.neg(times(back, transposed(node))), a.shape) if a.requires_grad else None
    return [left, sum_to(back, b.shape)]


def _solve_tangent(node: Node, tangents: Sequence[Node | None]) -> Node | None:
    (a, _), (da, db) = node.inputs, tangents
    right = primitives.neg(times(da, node)) if da is not None else None
    total = primitives.plus(right, expand_to(db, node.shape) if db is not None else None)
    return solve_primitive(a, total) if total is not None else None


solve_primitive = General(
    "solve",
    _solve_kernel,
    _system_infer,
    _solve_rule,
    tangent=_solve_tangent,
    along=along_batch,
    workspace=2,
)
"""The solution of A X = B for matrices in the last two dims, the others broadcast."""
solve_primitive.factored = factored.solution(_solve_kernel)


def is_vector(a: Node, b: Node) -> bool:
    """Whether B is one vector for each matrix A, by PyTorch's rule."""
    return b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])


def _incompatible(name: str, a: Node, b: Node, left: bool) -> GradcliError:
    shapes = [f"{each.shape[-2]}x{each.shape[-1]}" for each in (a, b)]
    return GradcliError(
        "shape",
        f"{name}: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} "
        f"({shapes[0]} and {shapes[1]})",
    )


@function(LINEAR_ALGEBRA, "linalg.solve", method=False, grad_fn="LinalgSolveEx")
def linalg_solve(A: Operand, B: Operand, *, left: bool = True) -> Node:
    """the solution X of A X = B (of X A = B, if not left), for matrices and vectors B"""
    a, b = floating(as_node(A), "linalg.solve"), as_node(B)
    if a.dtype is not b.dtype:
        raise GradcliError(
            "dtype",
            "linalg.solve: Expected A and B to have the same dtype, but found A of type "
            f"{torch_name(a.dtype)} and B of type {torch_name(b.dtype)} instead",
        )
    square(a, "linalg.solve")
    vector = is_vector(a, b)
    columns = reshape_to(b, (*b.shape, 1)) if vector else matrices(b, "linalg.solve", "B")
    if a.shape[-1] != columns.shape[-2 if left or vector else -1]:
        raise _incompatible("linalg.solve", a, columns, left)
    if not left and not vector:
        return transposed(solve_primitive(transposed(a), transposed(columns)))
    if vector and not left:
        raise GradcliError(
            "shape",
            "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. "
            "In this case "
            "linalg.solve is equivalent to B / A.squeeze(-1)",
        )
    x = solve_primitive(a, columns)
    return reshape_to(x, x.shape[:-1]) if vector else x


# ---- triangular systems ----


SUBSTITUTED = 8
"""Up to this size a triangle isn't worth loading SciPy for."""


def _triangle_into(a: Any, b: Any, upper: bool, unit: bool, out: Any) -> Any:
    n = a.shape[-1]
    if n <= SUBSTITUTED or not out.size or a.dtype not in (np.float64, np.float32):
        out[...] = b
        return _substituted(a, out, upper, unit)
    if out.ndim > 2:
        lead = out.shape[:-2]
        a, b = np.broadcast_to(a, (*lead, n, n)), np.broadcast_to(b, (*lead, *b.shape[-2:]))
    triangles.solve(a, b, upper, unit, out)
    return out


def _triangle_kernel(a: Any, b: Any, upper: bool, unit: bool) -> Any:
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2]) if max(a.ndim, b.ndim) > 2 else ()
    return _triangle_into(a, b, upper, unit, np.empty((*lead, *b.shape[-2:]), b.dtype))


def _substituted(a: Any, x: Any, upper: bool, unit: bool) -> Any:
    """Substitution in `x`, row by row: the matrices of a batch and the columns of B side by side."""
    n = a.shape[-1]
    with np.errstate(all="ignore"):
        for row in reversed(range(n)) if upper else range(n):
            known = slice(row + 1, n) if upper else slice(0, row)
            done = np.matmul(a[..., row : row + 1, known], x[..., known, :])
            x[..., row : row + 1, :] -= done
            if not unit:
                x[..., row, :] /= a[..., row, row][..., None]
    return x


def _triangle_rule(g: Node, node: Node) -> list[Node | None]:
    (a, b), (upper, unit) = node.inputs, node.attrs
    back = solve_triangle(transposed(a), g, attrs=(not upper, unit))
    left = None
    if a.requires_grad:
        full = primitives.neg(times(back, transposed(node)))
        left = sum_to(band(full, attrs=(int(unit), None) if upper else (None, -int(unit))), a.shape)
    return [left, sum_to(back, b.shape)]


solve_triangle = General(
    "solve_triangular",
    _triangle_kernel,
    _system_infer,
    _triangle_rule,
    along=along_batch,
    into=_triangle_into,
)
"""The solution of A X = B, reading one triangle of A (and taking its diagonal as 1, if `unit`)."""


def _triangle_inverse_into(a: Any, upper: bool, out: Any) -> Any:
    n = a.shape[-1]
    if n <= SUBSTITUTED or not out.size or a.dtype not in (np.float64, np.float32):
        out[...] = np.eye(n)
        return _substituted(a, out, upper, False)
    triangles.invert(a, upper, out)
    return out


def _triangle_inverse_rule(g: Node, node: Node) -> list[Node | None]:
    turned = transposed(node)
    return [band(primitives.neg(times(turned, g, turned)), attrs=(0, None) if node.attrs[0] else (None, 0))]


invert_triangle = General(
    "invert_triangular",
    lambda a, upper: _triangle_inverse_into(a, upper, np.empty(a.shape, a.dtype)),
    lambda a, upper: (a.shape, a.dtype),
    _triangle_inverse_rule,
    along=along_batch,
    into=_triangle_inverse_into,
)
"""The inverse of a triangle of A, the upper one or the lower."""


@function(LINEAR_ALGEBRA, "linalg.solve_triangular", method=False, grad_fn="LinalgSolveTriangular")
def linalg_solve_triangular(
    A: Operand, B: Operand, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Node:
    """the solution X of A X = B (of X A = B, if not left), reading one triangle of A"""
    a, b = square(A, "linalg.solve_triangular"), matrices(B, "linalg.solve_triangular", "B")
    if a.shape[-1] != b.shape[-2 if left else -1]:
        raise _incompatible("linalg.solve_triangular", a, b, left)
    attrs = (bool(upper), bool(unitriangular))
    if left:
        return solve_triangle(a, b, attrs=attrs)
    x = solve_triangle(transposed(a), transposed(b), attrs=(not attrs[0], attrs[1]))
    return transposed(x)


def _factored_kernel(b: Any, lower: Any) -> Any:
    halfway = _triangle_kernel(lower, b, False, False)
    return _triangle_kernel(np.swapaxes(lower, -1, -2), halfway, True, False)


def _factored_rule(g: Node, node: Node) -> list[Node | None]:
    b, lower = node.inputs
    back = solve_factored(g, lower)
    left = None
    if lower.requires_grad:
        half = times(back, transposed(node))
        left = sum_to(primitives.neg(times(primitives.add(half, transposed(half)), lower)), lower.shape)
    return [sum_to(back, b.shape), left]


solve_factored = General(
    "cholesky_solve",
    _factored_kernel,
    lambda b, lower: _system_infer(lower, b),
    _factored_rule,
    along=along_batch,
)
"""The solution of L L' X = B by a triangle L, whose other half has derivatives as PyTorch's has."""


@function(LINEAR_ALGEBRA, "cholesky_solve", grad_fn="CholeskySolve")
def cholesky_solve(input: Operand, input2: Operand, upper: bool = False) -> Node:
    """the solution X of A X = input, for A = L L' by its factor input2 (A = U' U, if upper)"""
    b, factor = matrices(input, "cholesky_solve", "b"), square(input2, "cholesky_solve")
    if factor.shape[-1] != b.shape[-2]:
        raise _incompatible("cholesky_solve", factor, b, True)
    return solve_factored(b, transposed(factor) if upper else factor)
