"""Reductions and scans: the primitives `sum`, `amax`, `norm2`, `cumsum`, and what is composed of them."""

from __future__ import annotations

from math import prod as _product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import core
from gradcli.ops import elementwise as e
from gradcli.ops.core import (
    General,
    Linear,
    Operand,
    as_node,
    cast,
    drop_dims,
    keep_dims,
    reduce_sum,
    require_float,
    reshape_to,
    scale,
    where,
)
from gradcli.ops.custom import detached
from gradcli.ops.registry import function
from gradcli.tape.node import FLOATS, INT64, Node, Shape
from gradcli.tape.promote import dim_index, dim_indices, floating

if TYPE_CHECKING:
    from collections.abc import Sequence

    Dims = int | Sequence[int] | None

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


# ---- sums ----


@function(REDUCTION, "sum")
def sum_(input: Operand, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Node:
    """the sum over dim, or of everything"""
    x = as_node(input)
    if dtype is not None:
        x = cast(x, dtype)
    elif x.dtype not in FLOATS:
        x = cast(x, INT64)
    dims = dim_indices(dim, x.ndim)
    if not dims:
        return reduce_sum(x, attrs=((),))
    return finish(total(x, dims), x.shape, dims, keepdim)


@function(REDUCTION, "mean")
def mean(input: Operand, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Node:
    """the arithmetic mean over dim, or of everything"""
    x = as_node(input)
    if dtype is not None:
        x = cast(x, dtype)
    if x.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {_torch_name(x.dtype)}",
            hint="make it floating with .float(), or write its numbers with a point",
        )
    dims = dim_indices(dim, x.ndim)
    n = count(x.shape, dims)
    result = scale(total(x, dims), 1 / n if n else float("nan"))
    return finish(result, x.shape, dims, keepdim) if dims else result


def _torch_name(dtype: np.dtype[Any]) -> str:
    return {
        "int64": "Long",
        "int32": "Int",
        "bool": "Bool",
        "int16": "Short",
        "int8": "Char",
        "uint8": "Byte",
    }.get(dtype.name, dtype.name)


# ---- the largest and the smallest ----


def _extreme_rule(g: Node, node: Node) -> list[Node | None]:
    (x,), (dims,) = node.inputs, node.attrs
    winners = e.eq(x, kept(node, x.shape, dims))
    ties = kept(total(cast(winners, x.dtype), dims), x.shape, dims)
    return [where(winners, core.div(kept(g, x.shape, dims), ties), 0.0)]


def _infer_reduction(x: Node, dims: tuple[int, ...]) -> tuple[Shape, np.dtype[Any]]:
    if not count(x.shape, dims):
        raise GradcliError(
            "shape",
            f"cannot reduce the empty dim of shape {list(x.shape)}: it has no largest or smallest element",
        )
    return drop_dims(x.shape, dims), x.dtype


def _extreme(name: str, ufunc: np.ufunc) -> General:
    return General(
        name, lambda x, dims: ufunc.reduce(x, axis=dims), _infer_reduction, _extreme_rule, selects=True
    )


reduce_max = _extreme("amax", np.maximum)
reduce_min = _extreme("amin", np.minimum)


class MinMax(NamedTuple):
    """What `max(x, dim)` and `min(x, dim)` return."""

    values: Any
    indices: Any


@function(REDUCTION, "amax")
def amax(input: Operand, dim: Dims = (), keepdim: bool = False) -> Node:
    """the largest over dim; its gradient is spread over ties evenly"""
    return _reduced(reduce_max, input, dim, keepdim)


@function(REDUCTION, "amin")
def amin(input: Operand, dim: Dims = (), keepdim: bool = False) -> Node:
    """the smallest over dim; its gradient is spread over ties evenly"""
    return _reduced(reduce_min, input, dim, keepdim)


def _reduced(op: General, input: Operand, dim: Dims, keepdim: bool) -> Node:
    x = as_node(input)
    dims = dim_indices(dim, x.ndim)
    return finish(op(x, attrs=(dims,)), x.shape, dims, keepdim)


def _index_kernel(name: str) -> Any:
    pick = getattr(np, name)
    return lambda x, dim: np.asarray(pick(x, axis=dim))


def _arg(name: str) -> Linear:
    return Linear(
        name,
        _index_kernel(name),
        lambda x, dim: (_infer_reduction(x, (dim,))[0], INT64),
        lambda g, node: [None],
    )


index_of_max, index_of_min = _arg("argmax"), _arg("argmin")


@function(REDUCTION, "max", "_max")
def max(input: Operand, dim: Any = None, keepdim: bool = False) -> Any:
    """the largest of everything, over a dim (values and indices), or of two tensors"""
    return _max_or_min(input, dim, keepdim, reduce_max, index_of_max, e.maximum)


@function(REDUCTION, "min", "_min")
def min(input: Operand, dim: Any = None, keepdim: bool = False) -> Any:
    """the smallest of everything, over a dim (values and indices), or of two tensors"""
    return _max_or_min(input, dim, keepdim, reduce_min, index_of_min, e.minimum)


def _max_or_min(
    input: Operand, dim: Any, keepdim: bool, whole: General, index: Linear, pair: core.Elementwise
) -> Any:
    x = as_node(input)
    if dim is None:
        return whole(x, attrs=(tuple(range(-x.ndim, 0)),))
    if isinstance(dim, Node):
        return pair(x, dim)
    from gradcli.ops.indexing import along

    axis = dim_index(dim, x.ndim)
    if not x.ndim:
        return MinMax(x, core.constant(0, INT64))
    indices = index(x, attrs=(axis,))
    chosen = kept(indices, x.shape, (axis,))
    values = along(x, axis, chosen)
    if keepdim:
        return MinMax(values, chosen)
    return MinMax(reshape_to(values, indices.shape), indices)


# ---- products ----


def fold_product(x: Node, dim: int) -> Node:
    """The product over one dim, by halves: zeros need no special care, in any order of derivative."""
    from gradcli.ops.indexing import section
    from gradcli.ops.joining import concatenate

    size = x.shape[dim]
    if size == 0:
        return core.expand_to(core.literal(1.0, x.dtype), drop_dims(x.shape, (dim,)))
    while size > 1:
        half = size // 2
        folded = core.mul(section(x, dim, 0, half), section(x, dim, half, 2 * half))
        x = concatenate([folded, section(x, dim, size - 1, size)], dim) if size % 2 else folded
        size = x.shape[dim]
    return reshape_to(x, drop_dims(x.shape, (dim,)))


@function(REDUCTION, "prod")
def prod(input: Operand, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Node:
    """the product over dim, or of everything"""
    x = as_node(input)
    if dtype is not None:
        x = cast(x, dtype)
    elif x.dtype not in FLOATS:
        x = cast(x, INT64)
    if dim is None:
        return fold_product(reshape_to(x, (x.size,)), -1)
    axis = dim_index(dim, x.ndim)
    if not x.ndim:
        return x
    return finish(fold_product(x, axis), x.shape, (axis,), keepdim)


# ---- spread ----


def _centred(input: Operand, dim: Dims, name: str) -> tuple[Node, tuple[int, ...]]:
    x = require_float(input, name)
    dims = dim_indices(dim, x.ndim)
    n = count(x.shape, dims)
    average = scale(total(x, dims), 1 / n if n else float("nan"))
    return core.sub(x, kept(average, x.shape, dims)), dims


def _freedom(n: int, unbiased: Any, correction: Any) -> float:
    if unbiased is not None and correction is None:
        correction = 1 if unbiased else 0
    return n - (1 if correction is None else correction)


@function(REDUCTION, "var")
def var(
    input: Operand,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = None,
) -> Node:
    """the variance over dim, or of everything, with n - correction degrees of freedom (correction 1)"""
    if isinstance(dim, bool):  # var(x, unbiased)
        dim, unbiased = None, dim
    centred, dims = _centred(input, dim, "var")
    freedom = _freedom(count(centred.shape, dims), unbiased, correction)
    squares = total(e.power_number(centred, attrs=(2,)), dims)
    result = scale(squares, 1 / freedom) if freedom > 0 else scale(squares, float("inf"))
    return finish(result, centred.shape, dims, keepdim) if dims else result


@function(REDUCTION, "std")
def std(
    input: Operand,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: Any = None,
) -> Node:
    """the standard deviation over dim, or of everything; its derivative at 0 is 0"""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    centred, dims = _centred(input, dim, "std")
    freedom = _freedom(count(centred.shape, dims), unbiased, correction)
    length = norm2(centred, attrs=(dims,))
    result = scale(length, freedom**-0.5) if freedom > 0 else scale(length, float("inf"))
    return finish(result, centred.shape, dims, keepdim) if dims else result


# ---- norms ----


def _norm2_kernel(x: Any, dims: tuple[int, ...]) -> Any:
    x = np.asarray(x)
    if not dims:
        return np.abs(x)
    plain = np.sqrt(np.add.reduce(x * x, axis=dims))
    if np.all(np.isfinite(plain) & (plain > 1e-150)):
        return plain
    # Squares over- or underflowed: scale by the largest element first.
    if not count(x.shape, dims):
        return plain
    top = np.maximum.reduce(np.abs(x), axis=dims, keepdims=True)
    safe = np.where((top > 0) & np.isfinite(top), top, 1)
    scaled = x / safe
    return np.sqrt(np.add.reduce(scaled * scaled, axis=dims)) * safe.reshape(plain.shape)


def _norm2_rule(g: Node, node: Node) -> list[Node | None]:
    (x,), (dims,) = node.inputs, node.attrs
    length = kept(node, x.shape, dims)
    zero = e.eq(length, 0)
    unit = where(zero, 0.0, core.div(x, where(zero, 1.0, length)))
    return [core.mul(kept(g, x.shape, dims), unit)]


norm2 = General(
    "norm", _norm2_kernel, lambda x, dims: (drop_dims(x.shape, dims), x.dtype), _norm2_rule, selects=True
)
"""The Euclidean norm over negative dims, exact for huge and tiny elements, with gradient 0 at 0."""


def vector_norm_over(x: Node, p: float, dims: tuple[int, ...]) -> Node:
    """The p-norm over negative dims."""
    if p == 2:
        return norm2(x, attrs=(dims,))
    size = e.absolute(x)
    if p == float("inf"):
        return reduce_max(size, attrs=(dims,))
    if p == float("-inf"):
        return reduce_min(size, attrs=(dims,))
    if p == 1:
        return total(size, dims)
    if p == 0:
        return total(cast(e.ne(x, 0), x.dtype), dims)
    top = detached(reduce_max(size, attrs=(dims,)))
    safe = where(e.logical_and(e.gt(top, 0), e.isfinite(top)), top, 1.0)
    scaled = core.div(size, kept(safe, x.shape, dims))
    if p < 1:
        powers = e.power_number(scaled, attrs=(p,))
    else:
        powers = where(e.eq(scaled, 0), 0.0, e.power_number(where(e.eq(scaled, 0), 1.0, scaled), attrs=(p,)))
    sums = total(powers, dims)
    zero = e.eq(sums, 0)
    root = e.power_number(where(zero, 1.0, sums), attrs=(1 / p,))
    return where(zero, 0.0, core.mul(root, safe))


@function(REDUCTION, "norm", grad_fn="LinalgVectorNorm")
def norm(input: Operand, p: Any = "fro", dim: Dims = None, keepdim: bool = False, dtype: Any = None) -> Node:
    """the p-norm over dim, or of everything (p 2); its derivative at 0 is 0"""
    x = as_node(input)
    if dtype is not None:
        x = cast(x, dtype)
    x = require_float(x, "norm")
    dims = dim_indices(dim, x.ndim)
    order = 2.0 if p in ("fro", None) else p
    if not isinstance(order, (int, float)):
        raise GradcliError("bad-argument", f"norm(): p is a number, inf, -inf or 'fro', not {order!r}")
    result = vector_norm_over(x, float(order), dims)
    return finish(result, x.shape, dims, keepdim) if dims else result


# ---- logsumexp and softmax ----


def _shifted(x: Node, dims: tuple[int, ...]) -> tuple[Node, Node]:
    """`x` less its largest element over dims (0 where that is infinite), and that largest element."""
    top = detached(reduce_max(detached(x), attrs=(dims,)))
    finite = kept(where(e.isinf(top), 0.0, top), x.shape, dims)
    return core.sub(x, finite), finite


def log_sum_exp(x: Node, dims: tuple[int, ...]) -> Node:
    """log(sum(exp(x))) over negative dims, without overflow."""
    if not count(x.shape, dims):
        return e.log(total(e.exp(x), dims))
    shifted, top = _shifted(x, dims)
    summed = e.log(total(e.exp(shifted), dims))
    return core.add(summed, reshape_to(top, summed.shape))


@function(REDUCTION, "logsumexp")
def logsumexp(input: Operand, dim: Dims, keepdim: bool = False) -> Node:
    """log(sum(exp(x))) over dim, without overflow"""
    x = as_node(input)
    x = cast(x, floating(x.dtype))
    dims = dim_indices(dim, x.ndim)
    return finish(log_sum_exp(x, dims), x.shape, dims, keepdim)


@function(REDUCTION, "softmax")
def softmax(input: Operand, dim: int | None = None, dtype: Any = None) -> Node:
    """exp(x)/sum(exp(x)) over dim, without overflow"""
    x, dims = _soft_arguments(input, dim, dtype, "softmax")
    if not x.size:
        return e.exp(x)
    powers = e.exp(_shifted(x, dims)[0])
    return core.div(powers, kept(total(powers, dims), x.shape, dims))


@function(REDUCTION, "log_softmax")
def log_softmax(input: Operand, dim: int | None = None, dtype: Any = None) -> Node:
    """log(softmax(x)) over dim, exact for huge arguments"""
    x, dims = _soft_arguments(input, dim, dtype, "log_softmax")
    if not x.size:
        return e.exp(x)
    shifted, _ = _shifted(x, dims)
    return core.sub(shifted, kept(e.log(total(e.exp(shifted), dims)), x.shape, dims))


def _soft_arguments(input: Operand, dim: int | None, dtype: Any, name: str) -> tuple[Node, tuple[int, ...]]:
    x = as_node(input)
    x = cast(x, dtype if dtype is not None else floating(x.dtype))
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
    return x, (dim_index(dim, x.ndim),) if x.ndim else ()


# ---- scans ----


def _cumsum_transpose(g: Node, node: Node) -> list[Node | None]:
    from gradcli.ops.indexing import reverse_dims

    (dim,) = node.attrs
    return [reverse_dims(running_sum(reverse_dims(g, (dim,)), attrs=(dim,)), (dim,))]


running_sum = Linear(
    "cumsum",
    lambda x, dim: np.add.accumulate(x, axis=dim),
    lambda x, dim: (x.shape, x.dtype),
    _cumsum_transpose,
)


@function(REDUCTION, "cumsum")
def cumsum(input: Operand, dim: int, *, dtype: Any = None) -> Node:
    """the running sum along dim"""
    x = as_node(input)
    x = cast(x, dtype if dtype is not None else x.dtype if x.dtype in FLOATS else INT64)
    axis = dim_index(dim, x.ndim)
    return running_sum(x, attrs=(axis,)) if x.ndim else x
