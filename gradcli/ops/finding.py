"""What is found in values: where they are not zero, which there are, how often, and between which bounds.

The results are data, without derivatives; their shapes follow from the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.registry import function
from gradcli.ops.shapes import SHAPE, integer
from gradcli.tape import context
from gradcli.tape.custom import attach
from gradcli.tape.node import FLOATS, INT64, Node, Operand, leaf
from gradcli.tape.primitives import as_node
from gradcli.tape.promote import dim_index, torch_name

if TYPE_CHECKING:
    from collections.abc import Sequence


def _array(x: Operand) -> Any:
    from gradcli.engine.run import value

    return np.asarray(value(as_node(x)))


@function(SHAPE, "nonzero")
def nonzero(input: Operand, *, as_tuple: bool = False) -> Any:
    """the indices of what is not zero, a row for each; with as_tuple, a tensor for each dim"""
    array = _array(input)
    if as_tuple:
        return tuple([leaf(index) for index in np.nonzero(np.atleast_1d(array))])
    return _rows(array)


@function(SHAPE, "argwhere")
def argwhere(input: Operand) -> Node:
    """the indices of what is not zero, a row for each"""
    return _rows(_array(input))


def _rows(array: Any) -> Node:
    context.admit(array.size * array.ndim * 8)
    if not array.ndim:
        return leaf(np.zeros((int(bool(array)), 0), np.int64))
    return leaf(np.argwhere(array).astype(np.int64).reshape(-1, array.ndim))


@function(SHAPE, "unique", grad_fn="Unique2")
def unique(
    input: Operand,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """the different elements (or slices along dim) in order; where they stand in input, and how often"""
    x = as_node(input)
    array = _array(x)
    axis = None if dim is None else dim_index(dim, x.ndim) + x.ndim
    found, inverse, counts = np.unique(
        array, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    inverse = np.reshape(inverse, array.shape if axis is None else (array.shape[axis],))
    wanted = [(True, found), (return_inverse, inverse), (return_counts, counts)]
    results = tuple([leaf(np.asarray(each, order="C")) for asked, each in wanted if asked])
    if x.requires_grad:
        results = (*attach(results[:1], [x], _no_derivative, False), *results[1:])
    return results if len(results) > 1 else results[0]


def _no_derivative(cotangents: Sequence[Node | None]) -> Sequence[Node | None]:
    raise GradcliError("no-grad", "the derivative for '_unique2' is not implemented.")


@function(SHAPE, "bincount")
def bincount(input: Operand, weights: Operand | None = None, minlength: int = 0) -> Node:
    """how often each number from 0 on is in input, or the sum of its weights"""
    array = _array(input)
    if array.dtype.kind not in "iu":
        message = f"\"bincount_cpu\" not implemented for '{torch_name(array.dtype)}'"
        raise GradcliError("dtype", message, hint="count whole numbers: x.long()")
    if array.ndim != 1 or (array.size and array.min() < 0):
        raise GradcliError("bad-argument", "bincount only supports 1-d non-negative integral inputs.")
    least = integer(minlength, "minlength")
    if least < 0:
        raise GradcliError("bad-argument", "minlength should be >= 0")
    context.admit(max(int(array.max(initial=0)) + 1, least) * 8)
    if weights is None:
        return leaf(np.bincount(array, minlength=least).astype(np.int64))
    given = _array(weights)
    if given.shape != array.shape:
        raise GradcliError("shape", "weights should be 1-d and have the same length as input")
    kind = given.dtype if given.dtype.itemsize == 4 and given.dtype in FLOATS else np.dtype(np.float64)
    return leaf(np.bincount(array, given, least).astype(kind))


@function(SHAPE, "isin", method=False)
def isin(
    elements: Operand, test_elements: Operand, *, assume_unique: bool = False, invert: bool = False
) -> Node:
    """whether each element is among test_elements"""
    return leaf(np.isin(_array(elements), _array(test_elements), invert=invert))


# ---- between bounds ------------------------------------------------------------------------------


@function(SHAPE, "searchsorted", method=False)
def searchsorted(
    sorted_sequence: Operand, input: Operand, *, right: bool = False, side: str | None = None
) -> Node:
    """before which element of a sorted last dim each number would stand; behind equal ones with right"""
    rows, values = _array(sorted_sequence), _array(input)
    if side not in (None, "left", "right"):
        raise GradcliError(
            "bad-argument", f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}"
        )
    if right and side == "left":
        raise GradcliError(
            "bad-argument",
            "torch.searchsorted(): side and right can't be set to opposites, got side of left while right "
            "was True",
        )
    where: Any = "right" if right or side == "right" else "left"
    if rows.ndim == 1:
        return leaf(_between(rows, values, where))
    if rows.shape[:-1] != values.shape[:-1] or not values.ndim:
        raise GradcliError(
            "shape",
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            "boundaries tensor and input value tensor must match, but we got boundaries tensor "
            f"{list(rows.shape)} and input value tensor {list(values.shape)}",
        )
    found = np.empty(values.shape, np.int64)
    for place in np.ndindex(values.shape[:-1]):
        found[place] = _between(rows[place], values[place], where)
    return leaf(found)


def _between(bounds: Any, values: Any, side: Any) -> Any:
    """Where numbers stand among bounds; among those that are in no order, where PyTorch looks for them."""
    if (bounds[1:] >= bounds[:-1]).all():
        return np.searchsorted(bounds, values, side).astype(INT64)
    low, high = np.zeros(values.shape, INT64), np.full(values.shape, bounds.size, INT64)
    while (open_ := low < high).any():
        middle = (low + high) >> 1
        met = bounds[np.minimum(middle, bounds.size - 1)]
        before = ~(met >= values if side == "left" else met > values)
        low, high = np.where(open_ & before, middle + 1, low), np.where(open_ & ~before, middle, high)
    return low


@function(SHAPE, "bucketize", method=False)
def bucketize(input: Operand, boundaries: Operand, *, right: bool = False) -> Node:
    """between which of the sorted boundaries each number lies; behind equal ones with right"""
    bounds = _array(boundaries)
    if bounds.ndim != 1:
        raise GradcliError("shape", f"boundaries tensor must be 1 dimension, but got dim({bounds.ndim})")
    return leaf(_between(bounds, _array(input), "right" if right else "left"))


@function(SHAPE, "histc")
def histc(input: Operand, bins: int = 100, min: float = 0, max: float = 0) -> Node:
    """how many elements lie in each of so many equal parts from min to max, by default all that there are"""
    x = as_node(input)
    if x.dtype not in FLOATS:
        raise GradcliError("dtype", f"\"histogram_cpu\" not implemented for '{torch_name(x.dtype)}'")
    array, parts = _array(x).reshape(-1), integer(bins, "bins")
    if parts <= 0:
        raise GradcliError(
            "bad-argument", f"torch.histogram(): bins must be > 0, but got {parts} for dimension 0"
        )
    low, high = float(min), float(max)
    if low == high and array.size:
        low, high = float(array.min()), float(array.max())
    if low == high:
        low, high = low - 1, high + 1
    if not (np.isfinite(low) and np.isfinite(high)):
        raise GradcliError("bad-argument", f"torch.histc: range of [{low:g}, {high:g}] is not finite")
    if low > high:
        raise GradcliError("bad-argument", "torch.histc: max must be larger than min")
    context.admit(parts * 8)
    inside = array[(array >= low) & (array <= high)]
    place = ((inside - inside.dtype.type(low)) / inside.dtype.type(high - low) * parts).astype(np.int64)
    counts = np.bincount(np.minimum(place, parts - 1), minlength=parts)
    return leaf(counts.astype(x.dtype))
