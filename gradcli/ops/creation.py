"""Functions that make tensors: of one number, of ranges, like other tensors. `random` has those that draw."""

from __future__ import annotations

import math
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.run import value
from gradcli.errors import GradcliError
from gradcli.ops.layout import laid_as
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, sizes, viewed
from gradcli.tape import context
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, Shape, filling, leaf
from gradcli.tape.primitives import as_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.ops.parameters import Dtype

CREATION = "creation"


def made(array: Any, requires_grad: bool = False) -> Node:
    """A fresh array as a leaf."""
    if requires_grad and array.dtype not in FLOATS:
        raise GradcliError(
            "int-requires-grad", "Only Tensors of floating point and complex dtype can require gradients"
        )
    node = leaf(array, requires_grad)
    context.hold(array)
    return node


def shape_of(size: tuple[Any, ...], dtype: np.dtype[Any], says: str = "") -> Shape:
    """The shape that `f(2, 3)` or `f((2, 3))` asks for, if it may be made; `says` why not."""
    shape = sizes(size)
    if any(each < 0 for each in shape):
        negative = next(each for each in shape if each < 0)
        says = says or f"Trying to create tensor with negative dimension {negative}: {list(shape)}"
        raise GradcliError("bad-argument", says)
    context.admit_dims(shape)
    context.admit(prod(shape) * dtype.itemsize, shape)
    context.admit_empty(shape)
    return shape


def dtype_or_default(dtype: Any) -> np.dtype[Any]:
    """The dtype asked for, or the default one."""
    return context.current().default_dtype if dtype is None else dtype


def _of_numbers(*numbers: Any) -> np.dtype[Any]:
    """The dtype of what is made from these numbers: int if all are."""
    if all(isinstance(each, bool) for each in numbers):
        return BOOL
    whole = all(isinstance(each, int) for each in numbers)
    return INT64 if whole else context.current().default_dtype


def _filled(shape: Shape, number: Any, dtype: np.dtype[Any], requires_grad: bool) -> Node:
    return made(np.full(shape, filling(number, dtype), dtype), requires_grad)


# ---- of one number ----


@function(CREATION, "zeros", method=False)
def zeros(*size: Any, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """a tensor of zeros"""
    kind = dtype_or_default(dtype)
    shape = shape_of(size, kind, "zeros: Dimension size must be non-negative.")
    return made(np.zeros(shape, kind), requires_grad)


@function(CREATION, "empty", method=False)
def empty(*size: Any, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """a tensor whose elements nothing was written to: zeros"""
    kind = dtype_or_default(dtype)
    return made(np.zeros(shape_of(size, kind), kind), requires_grad)


@function(CREATION, "ones", method=False)
def ones(*size: Any, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """a tensor of ones"""
    kind = dtype_or_default(dtype)
    return made(np.ones(shape_of(size, kind), kind), requires_grad)


@function(CREATION, "full", method=False)
def full(
    size: int | Sequence[int], fill_value: float, *, dtype: Dtype = None, requires_grad: bool = False
) -> Node:
    """a tensor of one number"""
    kind = dtype if dtype is not None else _of_numbers(fill_value)
    return _filled(shape_of((size,), kind), fill_value, kind, requires_grad)


@function(CREATION, "eye", method=False)
def eye(n: int, m: int | None = None, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """the unit matrix"""
    kind = dtype_or_default(dtype)
    for name, size in (("n", n), ("m", m)):
        if size is not None and integer(size) < 0:
            raise GradcliError("bad-argument", f"{name} must be greater or equal to 0, got {size}")
    rows, columns = shape_of((n, n if m is None else m), kind)
    return made(np.eye(rows, columns, dtype=kind), requires_grad)


# ---- ranges ----


@function(CREATION, "arange", method=False)
def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: Dtype = None,
    requires_grad: bool = False,
) -> Node:
    """numbers from start up to but without end"""
    if end is None:
        start, end = 0, start
    if step == 0 or math.isnan(step):
        raise GradcliError("bad-argument", "step must be nonzero")
    if not math.isfinite(start) or not math.isfinite(end):
        raise GradcliError("bad-argument", f"unsupported range: {start} -> {end}")
    length = (end - start) / step
    if length < 0:
        raise GradcliError(
            "bad-argument",
            "upper bound and lower bound inconsistent with step sign",
            hint="give a negative step to count down",
        )
    if not math.isfinite(length):
        raise GradcliError("bad-argument", "invalid size, possible overflow?")
    numbers = (start, end, step)
    whole = all(isinstance(each, int) for each in numbers)
    kind = dtype if dtype is not None else INT64 if whole else context.current().default_dtype
    count = math.ceil(length)
    shape_of((count,), kind)
    return made(_counted(start, step, count, kind), requires_grad)


def _counted(start: float, step: float, count: int, kind: np.dtype[Any]) -> Any:
    """start, start + step …: each counted from the first of its vector of 32 bytes: so PyTorch has them."""
    places = np.arange(count)
    if kind.kind != "f":
        return (start + places * step).astype(kind)
    lanes = 32 // kind.itemsize
    lane = np.where(places < count // (2 * lanes) * 2 * lanes, places % lanes, 0)  # it takes two at a time
    first = (start + np.longdouble(step) * (places - lane)).astype(kind)  # rounded once
    return (first + np.longdouble(step) * lane).astype(kind)


def _steps(steps: Any, kind: np.dtype[Any]) -> int:
    count = integer(steps, "steps")
    if count < 0:
        raise GradcliError("bad-argument", "number of steps must be non-negative")
    shape_of((count,), kind)
    return count


def _spaced(start: float, end: float, count: int, kind: np.dtype[Any]) -> Any:
    """Evenly spaced numbers, counted from the nearer end, so that both ends are exact; in float64 or longer.

    The step is one of `kind`, and what it is multiplied by and added to is rounded once: so PyTorch has it.
    """
    if count < 2 or kind.kind != "f":
        return np.linspace(start, end, count)
    first, last = kind.type(start), kind.type(end)
    step = np.longdouble((last - first) / kind.type(count - 1))
    places = np.arange(count)
    return np.where(places < count // 2, first + step * places, last - step * (count - 1 - places))


@function(CREATION, "linspace", method=False)
def linspace(
    start: float, end: float, steps: int, *, dtype: Dtype = None, requires_grad: bool = False
) -> Node:
    """steps numbers from start to end, evenly spaced"""
    kind = dtype_or_default(dtype)
    return made(_spaced(start, end, _steps(steps, kind), kind).astype(kind), requires_grad)


@function(CREATION, "logspace", method=False)
def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Dtype = None,
    requires_grad: bool = False,
) -> Node:
    """base to the power of steps numbers from start to end, evenly spaced"""
    kind = dtype_or_default(dtype)
    powers = np.power(float(base), _spaced(start, end, _steps(steps, kind), kind).astype(np.float64))
    return made(powers.astype(kind), requires_grad)


# ---- like another tensor ----


def like(input: Operand, dtype: Any) -> tuple[Shape, np.dtype[Any]]:
    """The shape of a tensor, and its dtype unless another one is asked for."""
    x = as_node(input)
    return x.shape, x.dtype if dtype is None else dtype


@function(CREATION, "zeros_like", "empty_like", method=False)
def zeros_like(input: Operand, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """zeros in the shape and dtype of input"""
    return laid_as(as_node(input), made(np.zeros(*like(input, dtype)), requires_grad))


@function(CREATION, "ones_like", method=False)
def ones_like(input: Operand, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """ones in the shape and dtype of input"""
    return laid_as(as_node(input), made(np.ones(*like(input, dtype)), requires_grad))


@function(CREATION, "full_like", method=False)
def full_like(input: Operand, fill_value: float, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """one number in the shape and dtype of input"""
    shape, kind = like(input, dtype)
    return laid_as(as_node(input), _filled(shape, fill_value, kind, requires_grad))


def _new(input: Operand, size: tuple[Any, ...], dtype: Any, number: Any, requires_grad: bool) -> Node:
    kind = as_node(input).dtype if dtype is None else dtype
    return _filled(shape_of(size, kind), number, kind, requires_grad)


@function(CREATION, "new_zeros", "new_empty", "new")
def new_zeros(input: Operand, *size: Any, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """zeros of a size, in the dtype of input"""
    return _new(input, size, dtype, 0, requires_grad)


@function(CREATION, "new_ones")
def new_ones(input: Operand, *size: Any, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """ones of a size, in the dtype of input"""
    return _new(input, size, dtype, 1, requires_grad)


@function(CREATION, "new_full")
def new_full(
    input: Operand,
    size: int | Sequence[int],
    fill_value: float,
    *,
    dtype: Dtype = None,
    requires_grad: bool = False,
) -> Node:
    """one number in a size, in the dtype of input"""
    return _new(input, (size,), dtype, fill_value, requires_grad)


@function(CREATION, "new_tensor")
def new_tensor(input: Operand, data: Operand, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """a tensor of these numbers, in the dtype of input"""
    kind = as_node(input).dtype if dtype is None else dtype
    return made(np.array(value(as_node(data)), kind), requires_grad)


# ---- copies ----


@function(CREATION, "clone")
def clone(input: Operand) -> Node:
    """a copy, through which gradients flow"""
    x = as_node(input)
    return laid_as(x, viewed(x, x.shape))
