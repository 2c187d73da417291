"""`linalg.lstsq`: the nearest solution of a linear system, through the pseudo-inverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.decompositions import singular_values
from gradcli.ops.linalg import in_double, is_vector, matrices, pseudo_inverse, svd_of, times
from gradcli.ops.products import LINEAR_ALGEBRA
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import INT64, Operand, leaf
from gradcli.tape.primitives import Linear, as_node, expand_to, reshape_to

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
