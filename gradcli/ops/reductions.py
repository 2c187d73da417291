"""The common reductions: sums, means, extremes, `all` and `any`.

The primitives are `sum` (in `tape.primitives`), `amax`, `amin` and the indices of extremes; the rest is
composed of them. Norms and variances stand in `norms`, the rarer reductions in `statistics`.
"""

from __future__ import annotations

from math import prod as _product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.argmax import index_of_max, index_of_min
from gradcli.ops.extremes import reduce_max, reduce_min
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.tape import primitives
from gradcli.tape.dims import drop_dims, keep_dims
from gradcli.tape.general import General
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, Shape, constant
from gradcli.tape.primitives import Linear, as_node, cast, over_count, reduce_sum, reshape_to
from gradcli.tape.promote import dim_indices, torch_name

if TYPE_CHECKING:
    from gradcli.ops.parameters import Dims, Dtype
    from gradcli.ops.rows import Arguments, Naming


REDUCTION = "reduction"


def kept(reduced: Node, original: Shape, dims: tuple[int, ...]) -> Node:
    """A reduction's result with its reduced dims put back as 1."""
    return reshape_to(reduced, keep_dims(original, dims))


def finish(reduced: Node, original: Shape, dims: tuple[int, ...], keepdim: bool) -> Node:
    """A reduction's result as `keepdim` asks for it."""
    return kept(reduced, original, dims) if keepdim else reduced


def count(shape: Shape, dims: tuple[int, ...]) -> int:
    """How many elements are reduced into one."""
    return _product([shape[dim] for dim in dims])


def total(x: Node, dims: tuple[int, ...]) -> Node:
    """The sum over negative dims; nothing is recorded when there is none."""
    return reduce_sum(x, attrs=(dims,)) if dims else x


def by_dim(whole: str, some: str) -> Naming:
    """The name of a `grad_fn` that depends on whether a dim was given."""
    return lambda call: some if "dim" in call.explicit else whole


def summable(input: Operand, dtype: Any) -> Node:
    """What `sum` adds up: the input in the dtype asked for, integers as int64."""
    x = as_node(input)
    if dtype is not None:
        return cast(x, dtype)
    return x if x.dtype in FLOATS else cast(x, INT64)


def _with_mean(x: Node, whose: str) -> Node:
    """`x` if its dtype is floating, or the error that integers have no mean."""
    if x.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            f"mean(): could not infer output dtype. {whose} dtype must be either a floating point or complex "
            f"dtype. Got: {torch_name(x.dtype)}",
            hint="make it floating with .float(), or write its numbers with a point",
        )
    return x


# ---- sums ----


@function(REDUCTION, "sum", grad_fn=by_dim("Sum", "SumBackward1"))
def sum_(input: Operand, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype = None) -> Node:
    """the sum over dim, or of everything"""
    x = summable(input, dtype)
    dims = dim_indices(dim, x.ndim)
    return finish(reduce_sum(x, attrs=(dims,)), x.shape, dims, keepdim)


def average(x: Node, dims: tuple[int, ...]) -> Node:
    """The mean over negative dims; of nothing it is nan."""
    n = x.size if len(dims) == len(x.shape) else count(x.shape, dims)
    return over_count(reduce_sum(x, attrs=(dims,)), n)


@function(REDUCTION, "mean", grad_fn=by_dim("Mean", "MeanBackward1"))
def mean(input: Operand, dim: Dims = None, keepdim: bool = False, *, dtype: Dtype = None) -> Node:
    """the arithmetic mean over dim, or of everything"""
    x = as_node(input)
    x = _with_mean(x, "Input") if dtype is None else _with_mean(cast(x, dtype), "Optional")
    dims = dim_indices(dim, x.ndim)
    return finish(average(x, dims), x.shape, dims, keepdim)


# ---- the largest and the smallest ----


def require_elements(name: str, x: Node, dims: tuple[int, ...], whole: bool) -> None:
    """Raises for the extreme of nothing."""
    for dim in () if x.size else dims:
        if whole:
            raise GradcliError(
                "shape",
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
                + ("" if name.startswith("arg") else " Specify the reduction dim with the 'dim' argument."),
                hint=f"the input has shape {list(x.shape)}: it has no elements",
            )
        if not x.shape[dim]:
            raise GradcliError(
                "shape",
                f"{name}(): Expected reduction dim {dim + x.ndim} to have non-zero size.",
                hint=f"the input has shape {list(x.shape)}",
            )


@function(REDUCTION, "amax")
def amax(input: Operand, dim: Dims = (), keepdim: bool = False) -> Node:
    """the largest over dim; its gradient is spread over ties evenly"""
    return _reduced("amax", reduce_max, input, dim, keepdim)


@function(REDUCTION, "amin")
def amin(input: Operand, dim: Dims = (), keepdim: bool = False) -> Node:
    """the smallest over dim; its gradient is spread over ties evenly"""
    return _reduced("amin", reduce_min, input, dim, keepdim)


def _reduced(name: str, op: General, input: Operand, dim: Dims, keepdim: bool) -> Node:
    x = as_node(input)
    dims = dim_indices(dim, x.ndim)
    require_elements(name, x, dims, dim is None or dim == ())
    return finish(op(x, attrs=(dims,)), x.shape, dims, keepdim)


@function(REDUCTION, "argmax")
def argmax(input: Operand, dim: int | None = None, keepdim: bool = False) -> Node:
    """where the largest is: its index along dim, or among all elements"""
    return _position("argmax", index_of_max, input, dim, keepdim)


@function(REDUCTION, "argmin")
def argmin(input: Operand, dim: int | None = None, keepdim: bool = False) -> Node:
    """where the smallest is: its index along dim, or among all elements"""
    return _position("argmin", index_of_min, input, dim, keepdim)


def _position(name: str, op: Linear, input: Operand, dim: int | None, keepdim: bool) -> Node:
    x = as_node(input)
    if x.dtype is BOOL:
        raise GradcliError("dtype", f"{name}(): does not support bool input", hint="use .int() first")
    dims = dim_indices(dim, x.ndim)
    require_elements(name, x, dims, dim is None)
    if dim is None or not x.ndim:
        return finish(op(reshape_to(x, (x.size,)), attrs=(-1,)), x.shape, dims, keepdim)
    return finish(op(x, attrs=dims), x.shape, dims, keepdim)


ONE_OF_DIM = ("values", "indices")
MaxResult, MinResult = named_results("max", *ONE_OF_DIM), named_results("min", *ONE_OF_DIM)


def taken(x: Node, dim: int, indices: Node, keepdim: bool, result: Any) -> Any:
    """The elements at the indices that a primitive gave for a (negative) dim, and the indices."""
    from gradcli.ops.indexing import along

    if not x.ndim:
        lifted = reshape_to(x, (1,))
        values, _ = taken(lifted, -1, constant(0, INT64), True, result)
        return result(reshape_to(values, ()), constant(0, INT64))
    chosen = kept(indices, x.shape, (dim,))
    values = along(x, dim, chosen)
    return result(values, chosen) if keepdim else result(reshape_to(values, indices.shape), indices)


def _extreme_name(base: str, pair: str) -> Naming:
    def name(call: Arguments) -> str:
        if isinstance(call["dim"], Node) or call["other"] is not None:
            return pair
        return base + ("Backward1" if call["dim"] is None else "Backward0")

    return name


@function(REDUCTION, "max", grad_fn=_extreme_name("Max", "Maximum"))
def max(
    input: Operand, dim: Operand | None = None, keepdim: bool = False, *, other: Operand | None = None
) -> Any:
    """the largest of everything, over a dim (values and indices), or of two tensors"""
    pair = (reduce_max, index_of_max, e.maximum, MaxResult)
    return _max_or_min("max", input, dim if other is None else as_node(other), keepdim, *pair)


@function(REDUCTION, "min", grad_fn=_extreme_name("Min", "Minimum"))
def min(
    input: Operand, dim: Operand | None = None, keepdim: bool = False, *, other: Operand | None = None
) -> Any:
    """the smallest of everything, over a dim (values and indices), or of two tensors"""
    pair = (reduce_min, index_of_min, e.minimum, MinResult)
    return _max_or_min("min", input, dim if other is None else as_node(other), keepdim, *pair)


def _max_or_min(
    name: str,
    input: Operand,
    dim: Operand | None,
    keepdim: bool,
    whole: General,
    index: Linear,
    pair: primitives.Elementwise,
    result: Any,
) -> Any:
    x = as_node(input)
    if isinstance(dim, Node):
        return pair(x, dim)
    axes = dim_indices(dim, x.ndim)
    require_elements(name, x, axes, dim is None)
    if dim is None:
        return whole(x, attrs=(axes,))
    return taken(x, axes[0] if axes else -1, index(x, attrs=axes) if axes else x, keepdim, result)


# ---- truth ----


def _truth(name: str, ufunc: np.ufunc) -> Linear:
    return Linear(
        name,
        lambda x, dims: ufunc.reduce(x, axis=dims, dtype=np.bool_),
        lambda x, dims: (drop_dims(x.shape, dims), BOOL),
        lambda g, node: [None],
    )


_all, _any = _truth("all", np.logical_and), _truth("any", np.logical_or)


@function(REDUCTION, "all")
def all(input: Operand, dim: Dims = None, keepdim: bool = False) -> Node:
    """whether all elements (over dim) are nonzero"""
    return _reduced_truth(_all, input, dim, keepdim)


@function(REDUCTION, "any")
def any(input: Operand, dim: Dims = None, keepdim: bool = False) -> Node:
    """whether any element (over dim) is nonzero"""
    return _reduced_truth(_any, input, dim, keepdim)


def _reduced_truth(op: Linear, input: Operand, dim: Dims, keepdim: bool) -> Node:
    x = as_node(input)
    dims = dim_indices(dim, x.ndim)
    result = finish(op(x, attrs=(dims,)), x.shape, dims, keepdim)
    return cast(result, x.dtype) if x.dtype == np.uint8 else result
