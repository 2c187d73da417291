"""PyTorch's type promotion and broadcasting, for the primitives to call when they record.

Tensors with dimensions decide before 0-d tensors, and those before Python numbers; a lower rank
only matters when its kind (bool, int, float) is higher.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

_KIND_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def promote_types(left: np.dtype[Any], right: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype both fit in, as `torch.promote_types`: an integer never widens a float."""
    if left is right:
        return left
    if left.kind == "f" and right.kind != "f":
        return left
    if right.kind == "f" and left.kind != "f":
        return right
    return np.promote_types(left, right)


def number_dtype(number: float) -> np.dtype[Any]:
    """The dtype a Python number stands for."""
    if isinstance(number, bool):
        return BOOL
    if isinstance(number, int):
        return INT64
    return context.current().default_dtype


def result_type(operands: Sequence[Operand]) -> np.dtype[Any]:
    """The dtype in which these operands meet, as `torch.result_type`."""
    ranks: list[np.dtype[Any] | None] = [None, None, None]
    for operand in operands:
        if isinstance(operand, Node):
            rank, dtype = (0 if operand.shape else 1), operand.dtype
        else:
            rank, dtype = 2, number_dtype(operand)
        known = ranks[rank]
        ranks[rank] = dtype if known is None else promote_types(known, dtype)
    result: np.dtype[Any] | None = None
    for found in ranks:
        if found is None:
            continue
        if result is None:
            result = found
        elif _KIND_RANK[found.kind] > _KIND_RANK[result.kind]:
            result = promote_types(result, found)
    assert result is not None
    return result


_TORCH_NAMES = {
    "float64": "Double",
    "float32": "Float",
    "float16": "Half",
    "int64": "Long",
    "int32": "Int",
    "int16": "Short",
    "int8": "Char",
    "uint8": "Byte",
    "bool": "Bool",
}


def torch_name(dtype: np.dtype[Any]) -> str:
    """What PyTorch's messages call a dtype."""
    return _TORCH_NAMES.get(dtype.name, dtype.name)


TENSOR_TYPES = {f"torch.{told}Tensor": name for name, told in _TORCH_NAMES.items()}
"""The element types of PyTorch's older names of types."""


def tensor_type(dtype: np.dtype[Any]) -> str:
    """What `x.type()` calls the type of a tensor of this dtype."""
    return f"torch.{torch_name(dtype)}Tensor"


_C_NAMES = {
    "float64": "double",
    "float32": "float",
    "float16": "c10::Half",
    "int64": "long int",
    "int32": "int",
    "int16": "short int",
    "int8": "signed char",
    "uint8": "unsigned char",
}


def c_name(dtype: np.dtype[Any]) -> str:
    """What some of PyTorch's messages call a dtype."""
    return _C_NAMES.get(dtype.name, dtype.name)


def floating(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """`dtype` if it is a float, else the default dtype."""
    return dtype if dtype in FLOATS else context.current().default_dtype


def broadcast(*shapes: Shape) -> Shape:
    """The common shape; raises `shape` naming both shapes and the dimension in which they differ."""
    result = shapes[0]
    for shape in shapes[1:]:
        if shape == result or not shape:
            continue
        if not result:
            result = shape
            continue
        result = _broadcast_two(result, shape)
    return result


def broadcasts_to(shape: Shape, other: Shape) -> bool:
    """Whether broadcasting makes the other shape of this one."""
    try:
        return broadcast(shape, other) == other
    except GradcliError:
        return False


def meeting_type(*operands: Operand) -> np.dtype[Any]:
    """The dtype in which operands meet whose shapes do; raises `shape` where they don't."""
    broadcast((), *[each.shape for each in operands if isinstance(each, Node)])
    return result_type(operands)


def require_fits(shape: Shape, other: Shape) -> None:
    """Raises `shape` where broadcasting would make a shape larger, which what is written keeps."""
    common = broadcast(shape, other)
    if common != shape:
        raise GradcliError(
            "shape", f"output with shape {list(shape)} doesn't match the broadcast shape {list(common)}"
        )


def _broadcast_two(left: Shape, right: Shape) -> Shape:
    rank = max(len(left), len(right))
    padded_left = (1,) * (rank - len(left)) + left
    padded_right = (1,) * (rank - len(right)) + right
    dims = []
    # From the last dim, as PyTorch looks: it is the one that its message is about.
    for dim, one, other in zip(range(rank - 1, -1, -1), padded_left[::-1], padded_right[::-1], strict=True):
        if one != other and one != 1 and other != 1:
            raise GradcliError(
                "shape",
                f"The size of tensor a ({one}) must match the size of tensor b ({other}) at non-singleton "
                f"dimension {dim}: shapes {list(left)} and {list(right)} do not broadcast",
            )
        dims.append(other if one == 1 else one)
    return tuple(dims[::-1])


def dim_index(dim: float, ndim: int) -> int:
    """`dim` counted from the end (negative); raises `bad-argument` when it is out of range.

    Primitives keep dims negative so that their rules hold unchanged under leading batch dims.
    """
    bound = max(ndim, 1)
    if isinstance(dim, bool) or not isinstance(dim, int):
        if not (isinstance(dim, float) and dim.is_integer()):
            raise GradcliError("bad-argument", f"a dim must be an integer, not {dim!r}")
        dim = int(dim)
    if not -bound <= dim < bound:
        raise GradcliError(
            "bad-argument",
            f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got {dim})",
        )
    return dim - bound if dim >= 0 else dim


@cache
def _all_dims(ndim: int) -> tuple[int, ...]:
    return tuple(range(-ndim, 0))


def dim_indices(dim: Any, ndim: int) -> tuple[int, ...]:
    """The dims to reduce as negative, ascending indices: all of them for None or an empty sequence."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return _all_dims(ndim)
    dims = [dim_index(each, ndim) for each in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    if len(set(dims)) < len(dims):
        twice = next(each for each in dims if dims.count(each) > 1) + max(ndim, 1)
        raise GradcliError("bad-argument", f"dim {twice} appears multiple times in the list of dims")
    return tuple(sorted(dims)) if ndim else ()
