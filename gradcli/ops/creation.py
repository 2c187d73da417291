"""Functions that make tensors: from numbers, ranges and random numbers."""

from __future__ import annotations

import math
from math import prod
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.core import Operand, as_node, cast
from gradcli.ops.custom import detached
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, sizes
from gradcli.tape import context
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Shape, leaf

CREATION = "creation"


def made(array: Any, requires_grad: bool = False) -> Node:
    """A fresh array as a leaf."""
    if requires_grad and array.dtype not in FLOATS:
        raise GradcliError(
            "int-requires-grad", "Only Tensors of floating point and complex dtype can require gradients"
        )
    return leaf(array, requires_grad)


def _shape(size: tuple[Any, ...], dtype: np.dtype[Any]) -> Shape:
    shape = sizes(size)
    if any(each < 0 for each in shape):
        raise GradcliError(
            "bad-argument", f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}"
        )
    context.admit(prod(shape) * dtype.itemsize, shape)
    return shape


def _dtype(dtype: Any) -> np.dtype[Any]:
    return context.current().default_dtype if dtype is None else dtype


@function(CREATION, "zeros", "empty", method=False)
def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Node:
    """a tensor of zeros"""
    kind = _dtype(dtype)
    return made(np.zeros(_shape(size, kind), kind), requires_grad)


@function(CREATION, "ones", method=False)
def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Node:
    """a tensor of ones"""
    kind = _dtype(dtype)
    return made(np.ones(_shape(size, kind), kind), requires_grad)


def _number_dtype(value: Any) -> np.dtype[Any]:
    if isinstance(value, bool):
        return BOOL
    return INT64 if isinstance(value, int) else context.current().default_dtype


@function(CREATION, "full", method=False)
def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """a tensor of one number"""
    kind = dtype if dtype is not None else _number_dtype(fill_value)
    shape = _shape((size,), kind) if isinstance(size, (tuple, list)) else _shape((size,), kind)
    return made(np.full(shape, fill_value, kind), requires_grad)


@function(CREATION, "eye", method=False)
def eye(n: Any, m: Any = None, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """the unit matrix"""
    kind = _dtype(dtype)
    rows, columns = _shape((n, n if m is None else m), kind)
    return made(np.eye(rows, columns, dtype=kind), requires_grad)


@function(CREATION, "arange", method=False)
def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, requires_grad: bool = False
) -> Node:
    """numbers from start up to but without end"""
    if end is None:
        start, end = 0, start
    if step == 0:
        raise GradcliError("bad-argument", "step must be nonzero")
    if (end - start) / step < 0:
        raise GradcliError("bad-argument", "upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, int) for each in (start, end, step))
    kind = dtype if dtype is not None else INT64 if whole else context.current().default_dtype
    count = math.ceil((end - start) / step)
    _shape((count,), kind)
    return made((start + np.arange(count) * step).astype(kind), requires_grad)


@function(CREATION, "linspace", method=False)
def linspace(start: Any, end: Any, steps: Any, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """steps numbers from start to end, evenly spaced"""
    kind = _dtype(dtype)
    (count,) = _shape((steps,), kind)
    return made(np.linspace(start, end, count).astype(kind), requires_grad)


@function(CREATION, "rand", method=False)
def rand(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Node:
    """random numbers, uniform from 0 to 1"""
    kind = _dtype(dtype)
    return made(
        np.asarray(context.current().generator.random(_shape(size, kind))).astype(kind), requires_grad
    )


@function(CREATION, "randn", method=False)
def randn(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Node:
    """random numbers of the standard normal distribution"""
    kind = _dtype(dtype)
    drawn = context.current().generator.standard_normal(_shape(size, kind))
    return made(np.asarray(drawn).astype(kind), requires_grad)


def _like(input: Operand, dtype: Any) -> tuple[Shape, np.dtype[Any]]:
    x = as_node(input)
    return x.shape, x.dtype if dtype is None else dtype


@function(CREATION, "zeros_like", "empty_like", method=False)
def zeros_like(input: Operand, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """zeros in the shape and dtype of input"""
    return made(np.zeros(*_like(input, dtype)), requires_grad)


@function(CREATION, "ones_like", method=False)
def ones_like(input: Operand, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """ones in the shape and dtype of input"""
    return made(np.ones(*_like(input, dtype)), requires_grad)


@function(CREATION, "full_like", method=False)
def full_like(input: Operand, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """one number in the shape and dtype of input"""
    shape, kind = _like(input, dtype)
    return made(np.full(shape, fill_value, kind), requires_grad)


@function(CREATION, "rand_like", method=False)
def rand_like(input: Operand, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """random numbers, uniform from 0 to 1, in the shape and dtype of input"""
    shape, kind = _like(input, dtype)
    return rand(*shape, dtype=kind, requires_grad=requires_grad)  # type: ignore[no-any-return]


@function(CREATION, "randn_like", method=False)
def randn_like(input: Operand, *, dtype: Any = None, requires_grad: bool = False) -> Node:
    """random numbers of the standard normal distribution, in the shape and dtype of input"""
    shape, kind = _like(input, dtype)
    return randn(*shape, dtype=kind, requires_grad=requires_grad)  # type: ignore[no-any-return]


@function(CREATION, "clone")
def clone(input: Operand) -> Node:
    """a copy, through which gradients flow"""
    from gradcli.ops.keys import reshape_again

    return reshape_again(as_node(input))


def converted(input: Operand, dtype: np.dtype[Any]) -> Node:
    """`input` in another dtype."""
    return cast(as_node(input), dtype)


__all__ = ["detached", "integer"]
