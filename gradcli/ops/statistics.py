"""Reductions beyond the common ones: medians, sums and means without nan, counts, covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.argmax import index_of
from gradcli.ops.ordering import stable_order
from gradcli.ops.reductions import (
    ONE_OF_DIM,
    REDUCTION,
    average,
    by_dim,
    finish,
    kept,
    require_elements,
    summable,
    taken,
    total,
)
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.ops.shapes import swapped
from gradcli.tape import primitives
from gradcli.tape.dims import drop_dims
from gradcli.tape.general import General
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, constant, leaf
from gradcli.tape.primitives import Linear, as_node, cast, reduce_sum, reshape_to, scale, where
from gradcli.tape.promote import dim_index, dim_indices, floating, torch_name

if TYPE_CHECKING:
    from gradcli.ops.parameters import Dims, Dtype
    from gradcli.ops.rows import Arguments

# ---- without nan ----


def _numbers(x: Node) -> Node:
    return where(e.isnan(x), 0.0, x)


@function(REDUCTION, "nansum")
def nansum(input: Operand, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype = None) -> Node:
    """the sum over dim, or of everything, taking nan as 0"""
    x = summable(input, dtype)
    dims = dim_indices(dim, x.ndim)
    return finish(reduce_sum(_numbers(x) if x.dtype in FLOATS else x, attrs=(dims,)), x.shape, dims, keepdim)


@function(REDUCTION, "nanmean", grad_fn="Div")
def nanmean(input: Operand, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype = None) -> Node:
    """the mean over dim, or of everything, of what is not nan"""
    x = as_node(input)
    if x.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            f"nanmean(): expected input to have floating point or complex dtype but got "
            f"{torch_name(x.dtype)}",
        )
    if dtype is not None and dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "nanmean(): could not infer output dtype. Optional dtype must be either a floating point or "
            f"complex dtype. Got: {torch_name(dtype)}",
        )
    x = cast(x, dtype) if dtype is not None else x
    dims = dim_indices(dim, x.ndim)
    number = reduce_sum(cast(primitives.logical_not(e.isnan(x)), x.dtype), attrs=(dims,))
    return finish(primitives.div(reduce_sum(_numbers(x), attrs=(dims,)), number), x.shape, dims, keepdim)


# ---- medians ----


def _median_index(x: Any, axis: int, skip_nan: bool) -> Any:
    order = stable_order(x, axis)
    missing = np.count_nonzero(np.isnan(x), axis=axis, keepdims=True) if x.dtype.kind == "f" else 0
    size = x.shape[axis]
    middle = np.maximum((size - (missing if skip_nan else 0) - 1) // 2, 0)
    if not skip_nan:  # one nan makes the median nan: the first of them
        middle = np.where(np.greater(missing, 0), size - missing, middle)
    shape = list(x.shape)
    shape[axis] = 1
    return np.squeeze(np.take_along_axis(order, np.broadcast_to(middle, shape), axis), axis)


index_of_median = index_of("median", lambda x, axis: _median_index(x, axis, False))
index_of_nanmedian = index_of("nanmedian", lambda x, axis: _median_index(x, axis, True))


def _median_rule(g: Node, node: Node) -> list[Node | None]:
    # Of everything: evenly over the elements that equal the median.
    (x,) = node.inputs
    winners = e.logical_or(e.eq(x, node), e.logical_and(e.isnan(x), e.isnan(node)))
    return [where(winners, primitives.div(g, total(cast(winners, x.dtype), (-1,))), 0.0)]


def _whole(name: str, index: Linear) -> General:
    def kernel(x: Any) -> Any:
        return np.asarray(x)[..., index.compute(x, -1)] if np.ndim(x) == 1 else _rows(x)

    def _rows(x: Any) -> Any:
        return np.take_along_axis(x, np.expand_dims(index.compute(x, -1), -1), -1)[..., 0]

    return General(name, kernel, lambda x: (x.shape[:-1], x.dtype), _median_rule, selects=True)


_median, _nanmedian = _whole("median", index_of_median), _whole("nanmedian", index_of_nanmedian)
MedianResult, NanmedianResult = (named_results(name, *ONE_OF_DIM) for name in ("median", "nanmedian"))


@function(REDUCTION, "median", grad_fn=by_dim("Median", "MedianBackward1"))
def median(input: Operand, dim: int | None = None, keepdim: bool = False) -> Any:
    """the median of everything, or over a dim (values and indices); of an even number the lower one"""
    return _middle("median", input, dim, keepdim, _median, index_of_median, MedianResult)


@function(REDUCTION, "nanmedian", grad_fn=by_dim("Nanmedian", "NanmedianBackward1"))
def nanmedian(input: Operand, dim: int | None = None, keepdim: bool = False) -> Any:
    """the median of what is not nan, of everything or over a dim (values and indices)"""
    return _middle("nanmedian", input, dim, keepdim, _nanmedian, index_of_nanmedian, NanmedianResult)


def _middle(
    name: str, input: Operand, dim: int | None, keepdim: bool, whole: General, index: Linear, result: Any
) -> Any:
    x = as_node(input)
    dims = dim_indices(dim, x.ndim)
    if dim is None:
        if not x.size and x.dtype in FLOATS:
            return scale(cast(reduce_sum(x, attrs=(dims,)), x.dtype), float("nan"))
        if not x.size:  # PyTorch's is what the processor makes of nan
            bits = max(x.dtype.itemsize * 8, 32)
            return leaf(np.asarray(-(2 ** (bits - 1))).astype(x.dtype))
        return whole(reshape_to(x, (x.size,)))
    require_elements(name, x, dims, False)
    return taken(x, dims[0] if dims else -1, index(x, attrs=dims) if dims else x, keepdim, result)


ModeResult = named_results("mode", "values", "indices")


def _place_of_most(row: Any) -> int:
    """Where the last of those stands that are there most often, of several such the smallest."""
    found, counts = np.unique(row, return_counts=True)
    return int(np.flatnonzero(row == found[np.argmax(counts)])[-1])


@function(REDUCTION, "mode")
def mode(input: Operand, dim: int = -1, keepdim: bool = False) -> Any:
    """what is there most often along dim (of several such the smallest), and where it last stands"""
    from gradcli.engine.run import value

    x = as_node(input)
    axis = dim_index(dim, x.ndim)
    require_elements("mode", x, (axis,), False)
    array = np.asarray(value(x))
    if x.size and x.ndim:
        places = np.apply_along_axis(_place_of_most, axis, array)
    else:
        places = np.zeros(drop_dims(x.shape, (axis,)))
    return taken(x, axis, leaf(np.asarray(places, np.int64)), keepdim, ModeResult)


# ---- counting ----


@function(REDUCTION, "count_nonzero")
def count_nonzero(input: Operand, dim: Dims = None) -> Node:
    """how many elements (over dim) are nonzero"""
    x = as_node(input)
    dims = dim_indices(dim, x.ndim)
    return reduce_sum(cast(e.ne(x, 0), INT64), attrs=(dims,))


# ---- covariance ----


def _weights(given: Operand | None, name: str, size: int, whole: bool) -> Node | None:
    if given is None:
        return None
    node = as_node(given)
    if node.ndim > 1:
        raise GradcliError(
            "shape", f"cov(): expected {name} to have one or fewer dimensions but got {node.ndim}"
        )
    if (node.dtype in FLOATS) is whole:
        kind = "integral" if whole else "floating point"
        raise GradcliError(
            "dtype", f"cov(): expected {name} to have {kind} dtype but got {torch_name(node.dtype)}"
        )
    if node.size != size:
        raise GradcliError(
            "shape",
            f"cov(): expected {name} to have the same numel as there are observations in the input but got "
            f"{node.size} != {size}",
        )
    return reshape_to(node, (size,))


@function(REDUCTION, "cov", grad_fn="Squeeze")
def cov(
    input: Operand,
    *,
    correction: int = 1,
    fweights: Operand | None = None,
    aweights: Operand | None = None,
) -> Node:
    """the covariance matrix of variables in rows, with observations in columns"""
    x = as_node(input)
    if x.ndim > 2:
        raise GradcliError(
            "shape",
            "cov(): expected input to have two or fewer dimensions but got an input with "
            f"{x.ndim} dimensions",
        )
    if x.dtype is BOOL:
        raise GradcliError("dtype", "cov(): bool dtype is not supported for input")
    x = reshape_to(x, (1,) * (2 - x.ndim) + x.shape)
    size = x.shape[1]
    counts = _weights(fweights, "fweights", size, True)
    importance = _weights(aweights, "aweights", size, False)
    weights = importance
    if counts is not None:
        weights = counts if importance is None else primitives.mul(importance, counts)
    if weights is None:
        mean = kept(average(cast(x, floating(x.dtype)), (-1,)), x.shape, (-1,))
        norm: Operand = max(size - correction, 0)
    else:
        together = total(weights, (-1,))
        mean = primitives.div(kept(total(primitives.mul(x, weights), (-1,)), x.shape, (-1,)), together)
        if importance is None or not correction:
            norm = primitives.sub(together, correction)
        else:
            squares = total(primitives.mul(weights, importance), (-1,))
            norm = primitives.sub(together, primitives.div(scale(squares, correction), together))
        norm = e.clamp_number(norm, attrs=(0, None))
    centred = primitives.sub(x, mean)
    other = centred if weights is None else primitives.mul(centred, weights)
    matrix = _product(centred, swapped(other, -1, -2))
    result = primitives.div(matrix, norm if isinstance(norm, Node) else constant(float(norm), matrix.dtype))
    return reshape_to(result, ()) if x.shape[0] == 1 else result  # one variable has a variance


def _product(a: Node, b: Node) -> Node:
    from gradcli.ops.products import matmul

    return matmul(a, b)  # type: ignore[no-any-return]


def _corrcoef_name(call: Arguments) -> str:
    x = as_node(call["input"])
    return "Div" if x.ndim < 2 or x.shape[0] == 1 else "ClampBackward1"


@function(REDUCTION, "corrcoef", grad_fn=_corrcoef_name)
def corrcoef(input: Operand) -> Node:
    """the matrix of correlation coefficients of variables in rows, with observations in columns"""
    x = as_node(input)
    if x.ndim > 2:
        raise GradcliError(
            "shape",
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{x.ndim} dimensions",
        )
    covariance: Node = cov(x)
    if not covariance.ndim:
        return primitives.div(covariance, covariance)
    from gradcli.ops.diagonals import diagonal_of

    deviation = e.sqrt(diagonal_of(covariance, -2, -1))
    n = deviation.shape[0]
    scaled = primitives.div(primitives.div(covariance, reshape_to(deviation, (n, 1))), deviation)
    return e.clamp_number(scaled, attrs=(-1, 1))
