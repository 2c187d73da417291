"""Sorting: the order is found once as indices, through which the values are taken and gradients flow back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.indexing import along, section
from gradcli.ops.ordering import stable_order
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.ops.shapes import SHAPE, integer
from gradcli.tape import context
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, leaf
from gradcli.tape.primitives import Linear, as_node, cast, reshape_to
from gradcli.tape.promote import dim_index

if TYPE_CHECKING:
    from collections.abc import Mapping

Sorted = named_results("sort", "values", "indices")
Kth = named_results("kthvalue", "values", "indices")
Extremes = named_results("aminmax", "min", "max")
Top = named_results("topk", "values", "indices")


def _order_kernel(x: Any, dim: int, descending: bool) -> Any:
    """The stable order; nan counts as the largest."""
    return stable_order(np.asarray(x), dim, descending)


order = Linear(
    "argsort",
    _order_kernel,
    lambda x, dim, descending: (x.shape, INT64),
    lambda g, node: [None],
)
"""The indices that sort along a (negative) dim."""


def _ordered(x: Node, dim: int, descending: bool, count: int | None = None) -> tuple[Node, Node]:
    """Values and indices along a dim, or the first `count` of them."""
    lifted = x if x.ndim else reshape_to(x, (1,))
    indices = order(lifted, attrs=(dim, descending))
    if count is not None:
        indices = section(indices, dim, 0, count)
    values = along(lifted, dim, indices)
    return (values, indices) if x.ndim else (reshape_to(values, ()), reshape_to(indices, ()))


def _sort_name(call: Mapping[str, Any]) -> str:
    return "SortBackward1" if call["stable"] else "SortBackward0"


@function(SHAPE, "sort", grad_fn=_sort_name)
def sort(input: Operand, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """the elements in order along dim, and the indices where they stood"""
    x = as_node(input)
    return Sorted(*_ordered(x, dim_index(dim, x.ndim), bool(descending)))


@function(SHAPE, "msort", grad_fn="Sort")
def msort(input: Operand) -> Node:
    """the elements in order along the first dim"""
    x = as_node(input)
    return _ordered(x, dim_index(0, x.ndim), False)[0]


@function(SHAPE, "argsort")
def argsort(input: Operand, dim: int = -1, descending: bool = False, stable: bool = False) -> Node:
    """the indices that put the elements in order along dim"""
    x = as_node(input)
    return _ordered(x, dim_index(dim, x.ndim), bool(descending))[1]


@function(SHAPE, "topk")
def topk(input: Operand, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """the k largest (or smallest) elements along dim, and the indices where they stood"""
    x, count = as_node(input), integer(k, "k")
    if x.dtype is BOOL:
        raise GradcliError("dtype", "topk does not support bool dtypes on CPU")
    axis = dim_index(dim, x.ndim)
    size = x.shape[axis] if x.ndim else 1
    if not 0 <= count <= size:
        raise GradcliError(
            "bad-argument",
            "selected index k out of range",
            hint=f"k is {count}, and dim {axis + max(x.ndim, 1)} has size {size}",
        )
    return Top(*_ordered(x, axis, bool(largest), count if x.ndim else None))


@function(SHAPE, "one_hot", method=False)
def one_hot(tensor: Operand, num_classes: int = -1) -> Node:
    """for each class number a row with a 1 at it and zeros elsewhere"""
    from gradcli.engine.run import value

    classes = as_node(tensor)
    array = np.asarray(value(classes))
    if classes.dtype in FLOATS and np.all(array == np.floor(array)) and array.size:
        array = array.astype(np.int64)
        classes = leaf(array)
    if array.dtype != np.int64:
        raise GradcliError(
            "dtype",
            "one_hot is only applicable to index tensor of type LongTensor.",
            hint=f"{classes.dtype.name} becomes int64 by .long()",
        )
    count = integer(num_classes, "num_classes")
    if not array.size and count <= 0:
        raise GradcliError("bad-argument", "Can not infer total number of classes from empty tensor.")
    if array.size and array.min() < 0:
        raise GradcliError(
            "bad-argument", "Class values must be non-negative.", hint=f"one of them is {array.min()}"
        )
    if count == -1:
        count = int(array.max()) + 1
    elif count < 1 or (array.size and array.max() >= count):
        raise GradcliError(
            "bad-argument",
            "Class values must be smaller than num_classes.",
            hint=f"{array.max()} is not smaller than {count}",
        )
    from gradcli.ops.elementwise import eq

    context.admit(array.size * count * INT64.itemsize, (*array.shape, count))
    spread = reshape_to(classes, (*array.shape, 1))
    return cast(eq(spread, leaf(np.arange(count))), INT64)


@function(SHAPE, "kthvalue")
def kthvalue(input: Operand, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """the k-th smallest element along dim, and the index where it stands"""
    x = as_node(input)
    axis = dim_index(dim, x.ndim)
    size = x.shape[axis] if x.ndim else 1
    if not size:
        from gradcli.ops.reductions import require_elements

        require_elements("kthvalue", x, (axis,), False)
    if not 1 <= k <= size:
        message = f"kthvalue(): selected number k out of range for dimension {axis + max(x.ndim, 1)}"
        raise GradcliError("bad-argument", message)
    values, indices = _ordered(x, axis, False)
    if not x.ndim:
        return Kth(values, indices)
    values, indices = (section(each, axis, k - 1, k) for each in (values, indices))
    if keepdim:
        return Kth(values, indices)
    shape = tuple([length for at, length in enumerate(x.shape, -x.ndim) if at != axis])
    return Kth(reshape_to(values, shape), reshape_to(indices, shape))


@function(SHAPE, "aminmax")
def aminmax(input: Operand, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """the smallest and the largest element, of all or along dim"""
    from gradcli.ops.reductions import amax, amin, require_elements

    x = as_node(input)
    if dim is None and not x.size:
        message = "cannot compute aminmax over an empty dimension as the operation has no identity."
        raise GradcliError("shape", f"aminmax(): {message}")
    if dim is None:
        return Extremes(amin(input, (), keepdim), amax(input, (), keepdim))
    require_elements("aminmax", x, (dim_index(dim, x.ndim),), False)
    return Extremes(amin(input, dim, keepdim), amax(input, dim, keepdim))
