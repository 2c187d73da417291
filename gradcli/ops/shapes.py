"""Shape operations: the linear primitives `permute` and `cat`, and the views made of them and `reshape`."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.core import Linear, Operand, as_dtype, as_node, expand_to, reshape_to
from gradcli.ops.registry import function
from gradcli.tape.node import Node, Shape
from gradcli.tape.promote import dim_index, result_type

if TYPE_CHECKING:
    from collections.abc import Sequence

SHAPE = "shape"


def integer(number: Any, what: str = "a size") -> int:
    """A whole number where an integer is needed; a whole float from outside serves."""
    if isinstance(number, float) and number.is_integer():
        return int(number)
    if isinstance(number, bool) or not isinstance(number, int):
        raise GradcliError("bad-argument", f"{what} must be an integer, not {number!r}")
    return number


def sizes(given: Sequence[Any]) -> Shape:
    """The sizes of `f(2, 3)` or `f((2, 3))`."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = given[0]
    return tuple([integer(each) for each in given])


# ---- permutations ----


def _permute_transpose(g: Node, node: Node) -> list[Node | None]:
    (order,) = node.attrs
    rank = len(order)
    inverse = [0] * rank
    for index, dim in enumerate(order):
        inverse[rank + dim] = index - rank
    return [permute_primitive(g, attrs=(tuple(inverse),))]


def _permute_kernel(x: Any, order: tuple[int, ...]) -> Any:
    x = np.asarray(x)
    lead = x.ndim - len(order)
    return x.transpose(*range(lead), *[x.ndim + dim for dim in order])


permute_primitive = Linear(
    "permute",
    _permute_kernel,
    lambda x, order: (tuple([x.shape[dim] for dim in order]), x.dtype),
    _permute_transpose,
)


def permuted(x: Node, order: Sequence[int]) -> Node:
    """`x` with its dims in `order` (negative indices)."""
    order = tuple(order)
    return x if order == tuple(range(-x.ndim, 0)) else permute_primitive(x, attrs=(order,))


def swapped(x: Node, first: int, second: int) -> Node:
    """`x` with two (negative) dims exchanged."""
    order = list(range(-x.ndim, 0))
    order[first], order[second] = order[second], order[first]
    return permuted(x, order)


def moved_last(x: Node, dim: int) -> Node:
    """`x` with the (negative) dim moved to the end."""
    return permuted(x, [each for each in range(-x.ndim, 0) if each != dim] + [dim])


def moved_from_last(x: Node, dim: int) -> Node:
    """`x` with its last dim moved to the (negative) dim."""
    order = list(range(-x.ndim, -1))
    order.insert(x.ndim + dim, -1)
    return permuted(x, order)


@function(SHAPE, "permute")
def permute(input: Operand, *dims: Any) -> Node:
    """the dims in another order"""
    x = as_node(input)
    order = [dim_index(dim, x.ndim) for dim in sizes(dims)]
    if sorted(order) != list(range(-x.ndim, 0)):
        raise GradcliError(
            "bad-argument",
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
            f"desired ordering of dimensions i.e. input.dim() = {x.ndim} is not equal to len(dims) = {len(order)}"
            if len(order) != x.ndim
            else "permute(): duplicate dims are not allowed.",
        )
    return permuted(x, order)


@function(SHAPE, "transpose", "swapaxes", "swapdims")
def transpose(input: Operand, dim0: int, dim1: int) -> Node:
    """two dims exchanged"""
    x = as_node(input)
    if not x.ndim:
        dim_index(dim0, 0), dim_index(dim1, 0)
        return x
    return swapped(x, dim_index(dim0, x.ndim), dim_index(dim1, x.ndim))


@function(SHAPE, "t")
def t(input: Operand) -> Node:
    """the transpose of a matrix"""
    x = as_node(input)
    if x.ndim > 2:
        raise GradcliError("shape", f"t() expects a tensor with <= 2 dimensions, but self is {x.ndim}D")
    return swapped(x, -1, -2) if x.ndim == 2 else x


@function(SHAPE, "T", grad_fn="Permute")
def reversed_dims(input: Operand) -> Node:
    """the dims in reverse order: the transpose of a matrix"""
    x = as_node(input)
    return permuted(x, range(-1, -x.ndim - 1, -1))


# ---- reshaping ----


def resolve_shape(shape: Shape, size: int) -> Shape:
    """A shape with its -1 worked out for `size` elements."""
    unknown = shape.count(-1)
    known = prod([each for each in shape if each != -1])
    if unknown > 1:
        raise GradcliError("bad-argument", "only one dimension can be inferred")
    if any(each < -1 for each in shape):
        raise GradcliError("bad-argument", f"invalid shape dimension {min(shape)}")
    if unknown and known and size % known == 0:
        return tuple([size // known if each == -1 else each for each in shape])
    if unknown and not known and size == 0:
        raise GradcliError(
            "shape",
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size "
            "-1 can be any value and is ambiguous",
        )
    if unknown or known != size:
        raise GradcliError("shape", f"shape '{list(shape)}' is invalid for input of size {size}")
    return shape


def _reshaped(input: Operand, shape: Sequence[Any]) -> Node:
    x = as_node(input)
    target = resolve_shape(sizes(shape), x.size)
    from gradcli.ops.core import reshape as primitive

    return primitive(x, attrs=(target,))


@function(SHAPE, "reshape", grad_fn="View")
def reshape(input: Operand, *shape: Any) -> Node:
    """the same elements in another shape; one size may be -1"""
    return _reshaped(input, shape)


@function(SHAPE, "view")
def view(input: Operand, *shape: Any) -> Node:
    """the same elements in another shape; one size may be -1"""
    return _reshaped(input, shape)


@function(SHAPE, "flatten", grad_fn="View")
def flatten(input: Operand, start_dim: int = 0, end_dim: int = -1) -> Node:
    """the dims from start_dim to end_dim as one"""
    x = as_node(input)
    if not x.ndim:
        return reshape_to(x, (1,))
    start, end = dim_index(start_dim, x.ndim) + x.ndim, dim_index(end_dim, x.ndim) + x.ndim
    if start > end:
        raise GradcliError("bad-argument", "flatten() has invalid args: start_dim cannot come after end_dim")
    return reshape_to(x, x.shape[:start] + (prod(x.shape[start : end + 1]),) + x.shape[end + 1 :])


@function(SHAPE, "squeeze")
def squeeze(input: Operand, dim: Any = None) -> Node:
    """without the dims of size 1 (or those of them in dim)"""
    x = as_node(input)
    if dim is None:
        dims = tuple(range(-x.ndim, 0))
    else:
        dims = tuple(
            [dim_index(each, x.ndim) for each in (dim if isinstance(dim, (tuple, list)) else (dim,))]
        )
    rank = x.ndim
    return reshape_to(
        x, tuple([size for i, size in enumerate(x.shape) if not (size == 1 and i - rank in dims)])
    )


@function(SHAPE, "unsqueeze")
def unsqueeze(input: Operand, dim: int) -> Node:
    """with a dim of size 1 put in"""
    x = as_node(input)
    at = dim_index(dim, x.ndim + 1) + x.ndim + 1
    return reshape_to(x, (*x.shape[:at], 1, *x.shape[at:]))


@function(SHAPE, "expand")
def expand(input: Operand, *size: Any) -> Node:
    """dims of size 1 repeated to size, without copying; -1 keeps a size"""
    x = as_node(input)
    target = list(sizes(size))
    extra = len(target) - x.ndim
    for index, each in enumerate(target):
        old = x.shape[index - extra] if index >= extra else None
        if each == -1 and old is not None:
            target[index] = old
        elif extra < 0 or each < 0 or (old is not None and old not in (1, each)):
            raise GradcliError(
                "shape",
                f"The expanded size of the tensor ({each}) must match the existing size ({old}) at non-singleton "
                f"dimension {index}.  Target sizes: {target}.  Tensor sizes: {list(x.shape)}",
            )
    if extra < 0:
        raise GradcliError(
            "shape",
            f"expand: the number of sizes provided ({len(target)}) must be greater or equal to the number of "
            f"dimensions in the tensor ({x.ndim})",
        )
    return expand_to(x, tuple(target))


# ---- joining ----


def _cat_transpose(g: Node, node: Node) -> list[Node | None]:
    from gradcli.ops.indexing import section

    (dim,) = node.attrs
    parts: list[Node | None] = []
    start = 0
    for each in node.inputs:
        stop = start + each.shape[dim]
        parts.append(section(g, dim, start, stop) if each.requires_grad else None)
        start = stop
    return parts


def _cat_infer(*args: Any) -> tuple[Shape, np.dtype[Any]]:
    *inputs, dim = args
    first = inputs[0]
    shape = list(first.shape)
    for index, each in enumerate(inputs[1:], 1):
        for axis, (one, other) in enumerate(zip(shape, each.shape, strict=True)):
            if axis != len(shape) + dim and one != other:
                raise GradcliError(
                    "shape",
                    f"Sizes of tensors must match except in dimension {len(shape) + dim}. Expected size {one} but got "
                    f"size {other} for tensor number {index} in the list.",
                )
    shape[dim] = sum(each.shape[dim] for each in inputs)
    return tuple(shape), first.dtype


concatenate_primitive = Linear(
    "cat", lambda *args: np.concatenate(args[:-1], axis=args[-1]), _cat_infer, _cat_transpose
)


def concatenate(parts: Sequence[Node], dim: int) -> Node:
    """Parts of one dtype and rank joined along a (negative) dim."""
    return parts[0] if len(parts) == 1 else concatenate_primitive(*parts, attrs=(dim,))


@function(SHAPE, "cat", "concat", "concatenate", method=False)
def cat(tensors: Sequence[Operand], dim: int = 0) -> Node:
    """tensors joined along a dim"""
    parts = _joinable(tensors, "cat")
    parts = [each for each in parts if each.shape != (0,)] or parts[:1]
    for index, each in enumerate(parts):
        if not each.ndim:
            raise GradcliError(
                "shape", f"zero-dimensional tensor (at position {index}) cannot be concatenated"
            )
        if each.ndim != parts[0].ndim:
            raise GradcliError(
                "shape",
                f"Tensors must have same number of dimensions: got {parts[0].ndim} and {each.ndim}",
            )
    return concatenate(parts, dim_index(dim, parts[0].ndim))


@function(SHAPE, "stack", method=False)
def stack(tensors: Sequence[Operand], dim: int = 0) -> Node:
    """tensors of one shape joined along a new dim"""
    parts = _joinable(tensors, "stack")
    shape = parts[0].shape
    for index, each in enumerate(parts):
        if each.shape != shape:
            raise GradcliError(
                "shape",
                f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and "
                f"{list(each.shape)} at entry {index}",
            )
    axis = dim_index(dim, len(shape) + 1)
    at = axis + len(shape) + 1
    return concatenate([reshape_to(each, (*shape[:at], 1, *shape[at:])) for each in parts], axis)


def _joinable(tensors: Sequence[Operand], name: str) -> list[Node]:
    if isinstance(tensors, Node):
        raise GradcliError("bad-argument", f"{name}(): takes a list of tensors, not one tensor")
    if not tensors:
        raise GradcliError("bad-argument", f"{name} expects a non-empty list of tensors")
    dtype = result_type(tensors)
    return [as_dtype(each, dtype) for each in tensors]
