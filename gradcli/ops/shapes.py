"""Views: other dims and other shapes of the same elements, by the primitives `permute`, `reshape`, `expand`.

The table's rows for them stand here, and the helpers with which the other families move dims about. Where
PyTorch gives a view, a row records an operation even if nothing changes, since `grad_fn` tells.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError, failure
from gradcli.ops.layout import is_contiguous, viewable
from gradcli.ops.registry import function
from gradcli.ops.rows import by_layout
from gradcli.tape import primitives
from gradcli.tape.dims import dims_of_permuted
from gradcli.tape.node import BOOL, Node, Operand, Shape
from gradcli.tape.primitives import Linear, as_node, reduce_sum, sum_to
from gradcli.tape.promote import broadcasts_to, dim_index, dim_indices, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradcli.ops.parameters import Dims

SHAPE = "shape"


def whole(number: Any, what: str) -> int:
    """A whole number of any size; a whole float from outside serves."""
    if isinstance(number, float) and number.is_integer():
        return int(number)
    if isinstance(number, bool) or not isinstance(number, int):
        raise GradcliError("bad-argument", f"{what} must be an integer, not {number!r}")
    return number


def integer(number: Any, what: str = "a size") -> int:
    """A whole number of 64 bits where an integer is needed."""
    found = whole(number, what)
    if not -(2**63) <= found < 2**63:
        raise GradcliError("limit", f"{what} of {float(found):g} does not fit in 64 bits")
    return found


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
    if order == (-1, -2):
        return x.swapaxes(-1, -2)
    lead = x.ndim - len(order)
    return x.transpose(*range(lead), *[x.ndim + dim for dim in order])


permute_primitive = Linear(
    "permute",
    _permute_kernel,
    lambda x, order: (tuple([x.shape[dim] for dim in order]), x.dtype),
    _permute_transpose,
    moves=True,
    batch_attrs=lambda size, order: ((-len(order) - 1, *order),),
    views=True,
    arranges=dims_of_permuted,
)
permute_primitive.carries = 1


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


def viewed(x: Node, shape: Shape) -> Node:
    """`x` in a shape of as many elements, as an operation of its own even if the shape is the same."""
    return primitives.reshape(x, attrs=(shape,))


def turned(x: Node, order: Sequence[int]) -> Node:
    """`x` with its dims in `order` (negative indices), as an operation of its own."""
    return permute_primitive(x, attrs=(tuple(order),))


def _swap(x: Node, first: int, second: int) -> Node:
    order = list(range(-x.ndim, 0))
    order[first], order[second] = order[second], order[first]
    return turned(x, order)


@function(SHAPE, "permute")
def permute(input: Operand, *dims: int) -> Node:
    """the dims in another order"""
    x = as_node(input)
    if not dims:
        raise GradcliError("bad-argument", 'permute() missing 1 required positional arguments: "dims"')
    given = sizes(dims)
    if len(given) != x.ndim:
        raise GradcliError(
            "bad-argument",
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
            f"desired ordering of dimensions i.e. input.dim() = {x.ndim} is not equal to len(dims) = "
            f"{len(given)}",
        )
    order = [dim_index(dim, x.ndim) for dim in given]
    if len(set(order)) < len(order):
        raise GradcliError("bad-argument", "permute(): duplicate dims are not allowed.")
    return turned(x, order)


@function(SHAPE, "transpose", "swapaxes", "swapdims")
def transpose(input: Operand, dim0: int, dim1: int) -> Node:
    """two dims exchanged"""
    x = as_node(input)
    first, second = dim_index(dim0, x.ndim), dim_index(dim1, x.ndim)
    return _swap(x, first, second) if x.ndim else turned(x, ())


@function(SHAPE, "t")
def t(input: Operand) -> Node:
    """the transpose of a matrix"""
    x = as_node(input)
    if x.ndim > 2:
        raise GradcliError("shape", f"t() expects a tensor with <= 2 dimensions, but self is {x.ndim}D")
    return _swap(x, -1, -2) if x.ndim == 2 else turned(x, range(-x.ndim, 0))


@function(SHAPE, "T", grad_fn="Permute")
def reversed_dims(input: Operand) -> Node:
    """the dims in reverse order: the transpose of a matrix"""
    x = as_node(input)
    return turned(x, range(-1, -x.ndim - 1, -1))


@function(SHAPE, "mT", "adjoint", "mH", grad_fn="Transpose")
def matrix_transposed(input: Operand) -> Node:
    """the last two dims exchanged: the transpose of each matrix"""
    x = as_node(input)
    if x.ndim == 1:
        raise GradcliError(
            "shape",
            "tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.",
        )
    return _swap(x, -1, -2) if x.ndim else turned(x, ())


def _dim_list(dims: Any, ndim: int, what: str) -> list[int]:
    found = [dim_index(each, ndim) for each in (dims if isinstance(dims, (tuple, list)) else (dims,))]
    if len(set(found)) < len(found):
        raise GradcliError("bad-argument", f"movedim: repeated dim in `{what}` ({list(dims)})")
    return found


def _moved_name(call: Mapping[str, Any]) -> str:
    x = call["input"]
    return "Alias" if isinstance(x, Node) and not x.ndim else "Permute"


@function(SHAPE, "movedim", "moveaxis", grad_fn=_moved_name)
def movedim(input: Operand, source: int | Sequence[int], destination: int | Sequence[int]) -> Node:
    """dims moved to other places, the others kept in order"""
    x = as_node(input)
    given = [each if isinstance(each, (tuple, list)) else (each,) for each in (source, destination)]
    if len(given[0]) != len(given[1]):
        raise GradcliError(
            "bad-argument",
            f"movedim: Invalid source or destination dims: source ({list(given[0])} dims) should "
            "contain the same "
            f"number of dims as destination ({list(given[1])} dims)",
        )
    origins, places = _dim_list(given[0], x.ndim, "source"), _dim_list(given[1], x.ndim, "destination")
    if not x.ndim:
        return turned(x, ())
    target = dict(zip(places, origins, strict=True))
    others = iter([dim for dim in range(-x.ndim, 0) if dim not in origins])
    return turned(x, [target[place] if place in target else next(others) for place in range(-x.ndim, 0)])


# ---- reshaping ----


def resolve_shape(shape: Shape, size: int) -> Shape:
    """A shape with its -1 worked out for `size` elements."""
    unknown = shape.count(-1)
    known = prod([each for each in shape if each != -1])
    if unknown > 1:
        raise GradcliError("bad-argument", "only one dimension can be inferred")
    for index, each in enumerate(shape):
        if each < -1:
            raise GradcliError(
                "bad-argument", f"invalid shape dimension {each} at index {index} of shape {list(shape)}"
            )
    if unknown and known and size % known == 0:
        return tuple([size // known if each == -1 else each for each in shape])
    if unknown and not known and size == 0:
        raise GradcliError(
            "shape",
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified "
            "dimension size "
            "-1 can be any value and is ambiguous",
        )
    if unknown or known != size:
        raise GradcliError("shape", f"shape '{list(shape)}' is invalid for input of size {size}")
    return shape


@by_layout
def _view_name(call: Mapping[str, Any]) -> str:
    """A view, or a copy where PyTorch's strides don't allow one."""
    x = call["input"]
    if not isinstance(x, Node) or is_contiguous(x):
        return "View"
    if "shape" in call:
        target = resolve_shape(sizes(call["shape"]), x.size)
    else:
        target = _flattened(x.shape, call["start_dim"], call["end_dim"])
    return "ReshapeAlias" if viewable(x, target) else "UnsafeView"


@function(SHAPE, "reshape", grad_fn=_view_name)
def reshape(input: Operand, *shape: int) -> Node:
    """the same elements in another shape; one size may be -1"""
    x = as_node(input)
    return viewed(x, resolve_shape(sizes(shape), x.size))


@function(SHAPE, "view")
def view(input: Operand, *shape: int) -> Node:
    """the same elements in another shape; one size may be -1"""
    x = as_node(input)
    target = resolve_shape(sizes(shape), x.size)
    if not viewable(x, target):
        raise GradcliError(
            "shape",
            "view size is not compatible with input tensor's size and stride (at least one dimension spans "
            "across two contiguous subspaces). Use .reshape(...) instead.",
        )
    return viewed(x, target)


@function(SHAPE, "view_as", "reshape_as", grad_fn="View")
def view_as(input: Operand, other: Operand) -> Node:
    """the same elements in the shape of other"""
    x = as_node(input)
    return viewed(x, resolve_shape(as_node(other).shape, x.size))


@function(SHAPE, "ravel", grad_fn="View")
def ravel(input: Operand) -> Node:
    """all elements in one dim"""
    x = as_node(input)
    return viewed(x, (x.size,))


@function(SHAPE, "flatten", grad_fn=_view_name)
def flatten(input: Operand, start_dim: int = 0, end_dim: int = -1) -> Node:
    """the dims from start_dim to end_dim as one"""
    x = as_node(input)
    shape = _flattened(x.shape, start_dim, end_dim)
    return x if len(shape) == x.ndim else viewed(x, shape)


def _flattened(shape: Shape, start_dim: int, end_dim: int) -> Shape:
    rank = len(shape)
    start, end = dim_index(start_dim, rank) + rank, dim_index(end_dim, rank) + rank
    if not rank:
        return (1,)
    if start > end:
        raise GradcliError("bad-argument", "flatten() has invalid args: start_dim cannot come after end_dim")
    return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])


@function(SHAPE, "unflatten", grad_fn="View")
def unflatten(input: Operand, dim: int, sizes: int | Sequence[int]) -> Node:
    """a dim split into several; one size may be -1"""
    x = as_node(input)
    at = dim_index(dim, x.ndim) + x.ndim
    given = tuple([integer(each) for each in (sizes if isinstance(sizes, (tuple, list)) else (sizes,))])
    if not given:
        raise GradcliError("bad-argument", "unflatten: sizes must be non-empty")
    unexpected = ""
    if not x.ndim:
        unexpected = "Dimension specified as 0 but tensor has no dimensions"
    elif given.count(-1) > 1:
        unexpected = "only one dimension can be inferred"
    elif min(given) < -1:
        unexpected = f"invalid shape dimension {min(given)}"
    if unexpected:
        raise failure("RuntimeError", f"unflatten got an unexpected error:\n{unexpected}", None, "shape")
    try:
        split = resolve_shape(given, x.shape[at])
    except GradcliError:
        raise GradcliError(
            "shape",
            f"unflatten: Provided sizes {list(given)} don't multiply up to the size of dim {at} "
            f"({x.shape[at]}) in the input tensor",
        ) from None
    return viewed(x, x.shape[:at] + split + x.shape[at + 1 :])


def _squeeze_name(call: Mapping[str, Any]) -> str:
    dim = call["dim"]
    return f"SqueezeBackward{0 if dim is None else 2 if isinstance(dim, (tuple, list)) else 1}"


@function(SHAPE, "squeeze", grad_fn=_squeeze_name)
def squeeze(input: Operand, dim: Dims = None) -> Node:
    """without the dims of size 1 (or those of them in dim)"""
    x = as_node(input)
    several = isinstance(dim, (tuple, list))
    dims = () if several and not dim else dim_indices(dim, x.ndim)
    rank = x.ndim
    return viewed(x, tuple([size for i, size in enumerate(x.shape) if not (size == 1 and i - rank in dims)]))


@function(SHAPE, "unsqueeze")
def unsqueeze(input: Operand, dim: int) -> Node:
    """with a dim of size 1 put in"""
    x = as_node(input)
    at = dim_index(dim, x.ndim + 1) + x.ndim + 1
    return viewed(x, (*x.shape[:at], 1, *x.shape[at:]))


def _at_least(input: Operand, count: int) -> Node:
    x = as_node(input)
    if x.ndim >= count:
        return x
    if count == 3 and x.ndim:
        return viewed(x, (1, *x.shape, 1) if x.ndim == 1 else (*x.shape, 1))
    return viewed(x, (1,) * (count - x.ndim) + x.shape)


@function(SHAPE, "atleast_1d", method=False, grad_fn="View")
def atleast_1d(input: Operand) -> Node:
    """a number as a vector of one element"""
    return _at_least(input, 1)


def _raised_name(call: Mapping[str, Any]) -> str:
    x = call["input"]
    return "Unsqueeze" if isinstance(x, Node) and x.ndim else "View"


@function(SHAPE, "atleast_2d", method=False, grad_fn=_raised_name)
def atleast_2d(input: Operand) -> Node:
    """a vector as a matrix of one row"""
    return _at_least(input, 2)


@function(SHAPE, "atleast_3d", method=False, grad_fn=_raised_name)
def atleast_3d(input: Operand) -> Node:
    """a matrix with a third dim of size 1"""
    return _at_least(input, 3)


# ---- broadcasting ----


def expanded(x: Node, given: Shape) -> Node:
    """`x` broadcast to a shape, as an operation of its own; -1 keeps a size."""
    target = list(given)
    extra = len(target) - x.ndim
    if extra < 0:
        kind = "CPUBoolType" if x.dtype is BOOL else f"torch.{torch_name(x.dtype)}Tensor"
        raise GradcliError(
            "shape",
            f"expand({kind}{{{list(x.shape)}}}, size={target}): "
            f"the number of sizes provided ({len(target)}) "
            "must be greater "
            f"or equal to the number of dimensions in the tensor ({x.ndim})",
        )
    for index, each in reversed(list(enumerate(given))):
        old = x.shape[index - extra] if index >= extra else None
        if old is None and each < 0 and not x.ndim:
            raise GradcliError("shape", "numel: integer multiplication overflow")
        if old is None and each < 0:
            raise GradcliError(
                "shape",
                f"The expanded size of the tensor ({each}) isn't allowed in a leading, non-existing "
                f"dimension {index}",
            )
        if old is not None and each == -1:
            target[index] = old
        elif old is not None and old not in (1, each):
            raise GradcliError(
                "shape",
                f"The expanded size of the tensor ({each}) must match the existing size ({old}) at "
                "non-singleton "
                f"dimension {index}.  Target sizes: {list(given)}.  Tensor sizes: {list(x.shape)}",
            )
    return primitives.expand(x, attrs=(tuple(target),))


@function(SHAPE, "expand")
def expand(input: Operand, *size: int) -> Node:
    """dims of size 1 repeated to size, without copying; -1 keeps a size"""
    return expanded(as_node(input), sizes(size))


def _sum_name(call: Mapping[str, Any]) -> str:
    size = sizes(call["size"])
    if not size:
        return "SumBackward0"
    return "View" if len(size) < call["input"].ndim else "SumBackward1"


@function(SHAPE, "sum_to_size", grad_fn=_sum_name)
def sum_to_size(input: Operand, *size: int) -> Node:
    """the sum over what a tensor of a size would be broadcast along"""
    x, shape = as_node(input), sizes(size)
    if not broadcasts_to(shape, x.shape):
        message = f"size {{{list(shape)}}} is not expandable to size {{{list(x.shape)}}}."
        raise GradcliError("shape", message)
    found = sum_to(x, shape) if shape or x.ndim else reduce_sum(x, attrs=((),))
    assert found is not None
    return found


@function(SHAPE, "expand_as", grad_fn="Expand")
def expand_as(input: Operand, other: Operand) -> Node:
    """broadcast to the shape of other"""
    return expanded(as_node(input), as_node(other).shape)


@function(SHAPE, "broadcast_to", grad_fn="Expand")
def broadcast_to(input: Operand, size: int | Sequence[int]) -> Node:
    """broadcast to size"""
    return expanded(as_node(input), sizes((size,)))
