"""Normalisation over a batch, groups of channels or last dims, and rows of a table by integers."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError, failure
from gradcli.ops import elementwise as e
from gradcli.ops.gathering import indices_into
from gradcli.ops.indexing import take_last
from gradcli.ops.nn import NN, check_parameters, normalized
from gradcli.ops.reductions import count, kept, total
from gradcli.ops.registry import function
from gradcli.ops.shapes import moved_last, permuted
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import Node, Operand
from gradcli.tape.primitives import as_dtype, as_node, over_count, require_float, reshape_to
from gradcli.tape.promote import dim_index, torch_name

if TYPE_CHECKING:
    from collections.abc import Sequence


def _standardised(x: Node, dims: tuple[int, ...], eps: float) -> Node:
    """`x` with mean 0 and variance 1 (but for `eps`) over the (negative) dims."""
    number = max(count(x.shape, dims), 1)
    centred = primitives.sub(x, kept(over_count(total(x, dims), number), x.shape, dims))
    variance = over_count(total(e.power_number(centred, attrs=(2,)), dims), number)
    return primitives.mul(centred, kept(e.rsqrt(primitives.add(variance, eps)), x.shape, dims))


def _per_channel(value: Operand, x: Node, name: str, channels: int = 1) -> Node:
    """A number for each channel, as `x` broadcasts it, which has them in so many dims."""
    node = as_node(value)
    shape = x.shape[1 : 1 + channels]
    if node.shape != (prod(shape),):
        raise GradcliError(
            "shape",
            f"{name} should contain {prod(shape)} elements not {node.size}",
        )
    return reshape_to(node, (*shape, *(1,) * (x.ndim - 1 - channels)))


def _affine(x: Node, weight: Operand | None, bias: Operand | None, channels: int = 1) -> Node:
    dtype = x.dtype
    if weight is not None:
        x = primitives.mul(x, _per_channel(weight, x, "weight", channels))
    result = x if bias is None else primitives.add(x, _per_channel(bias, x, "bias", channels))
    return as_dtype(result, dtype)


@function(NN, "batch_norm", method=False, grad_fn="NativeBatchNorm")
def batch_norm(
    input: Operand,
    running_mean: Operand | None,
    running_var: Operand | None,
    weight: Operand | None = None,
    bias: Operand | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Node:
    """each channel (dim 1) with the given mean and variance taken out, or with the batch's when training"""
    x = as_node(input)
    x = require_float(x, "batch_norm", "batch_norm")
    check_parameters(x, weight, bias, running_mean, running_var)
    if training:
        if not x.ndim:
            raise failure("IndexError", "tuple index out of range", None, "shape")
        dim_index(1, x.ndim)
        if running_mean is not None or running_var is not None:
            raise GradcliError(
                "bad-argument",
                "batch_norm does not update running statistics here",
                hint="pass None for them while training",
            )
        dims = tuple([dim for dim in range(-x.ndim, 0) if dim != 1 - x.ndim])
        if count(x.shape, dims) <= 1:
            raise GradcliError(
                "shape",
                "Expected more than 1 value per channel when training, got input size "
                f"torch.Size({list(x.shape)})",
            )
        return _affine(_standardised(x, dims, eps), weight, bias)
    if running_mean is None or running_var is None:
        raise GradcliError("bad-argument", "running_mean must be defined in evaluation mode")
    centred = primitives.sub(x, _per_channel(running_mean, x, "running_mean"))
    variance = _per_channel(running_var, x, "running_var")
    normal = primitives.mul(centred, e.rsqrt(primitives.add(variance, eps)))
    return as_dtype(_affine(normal, weight, bias), x.dtype)


@function(NN, "group_norm", method=False, grad_fn="NativeGroupNorm")
def group_norm(
    input: Operand,
    num_groups: int,
    weight: Operand | None = None,
    bias: Operand | None = None,
    eps: float = 1e-5,
) -> Node:
    """mean 0 and variance 1 over each group of channels (dim 1) of a sample, then times weight plus bias"""
    x = as_node(input)
    if x.ndim < 2:
        raise GradcliError("shape", f"Expected at least 2 dimensions for input tensor but received {x.ndim}")
    if num_groups <= 0 or x.shape[1] % num_groups:
        raise GradcliError(
            "shape",
            "Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(x.shape)} and num_groups={num_groups}",
        )
    check_parameters(x, weight, bias)
    x = require_float(x, "group_norm", "GroupNormKernelImpl")
    groups = reshape_to(x, (x.shape[0], num_groups, x.shape[1] // num_groups, *x.shape[2:]))
    normal = _standardised(groups, tuple(range(2 - groups.ndim, 0)), eps)
    return reshape_to(_affine(normal, weight, bias, channels=2), x.shape)


@function(NN, "instance_norm", method=False, grad_fn="View")
def instance_norm(
    input: Operand,
    running_mean: Operand | None = None,
    running_var: Operand | None = None,
    weight: Operand | None = None,
    bias: Operand | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Node:
    """mean 0 and variance 1 over the last dims of each channel of each sample, then times weight plus bias"""
    x = require_float(input, "instance_norm", "batch_norm")
    check_parameters(x, weight, bias)
    if x.ndim < 3:
        raise GradcliError("shape", f"Expected 3D or more input to instance_norm, but got {x.ndim}D")
    if running_mean is not None or running_var is not None or not use_input_stats:
        normed: Node = batch_norm(x, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)
        return normed
    if prod(x.shape[2:]) == 1:
        raise GradcliError(
            "shape",
            f"Expected more than 1 spatial element when training, got input size torch.Size({list(x.shape)})",
        )
    return _affine(_standardised(x, tuple(range(2 - x.ndim, 0)), eps), weight, bias)


@function(NN, "rms_norm", method=False, grad_fn="Mul")
def rms_norm(
    input: Operand,
    normalized_shape: int | Sequence[int],
    weight: Operand | None = None,
    eps: float | None = None,
) -> Node:
    """input over the root of the mean of its squares over its last dims, then times weight"""
    x, shape = as_node(input), normalized(normalized_shape)
    if x.shape[x.ndim - len(shape) :] != shape:
        raise GradcliError(
            "shape",
            f"Given normalized_shape={list(shape)}, expected input with shape "
            f"[*{', '.join(map(str, shape))}], but got input of size{list(x.shape)}",
        )
    x = require_float(x, "rms_norm", "rms_norm")
    dims = tuple(range(-len(shape), 0))
    squares = total(e.power_number(x, attrs=(2,)), dims)
    mean = over_count(squares, max(count(x.shape, dims), 1))
    least = 2.0**-52 if x.dtype.itemsize == 8 else 2.0**-23 if x.dtype.itemsize == 4 else 2.0**-10
    root = e.rsqrt(primitives.add(mean, least if eps is None else eps))
    result = primitives.mul(x, kept(root, x.shape, dims))
    return result if weight is None else primitives.mul(result, weight)


@function(NN, "embedding", method=False)
def embedding(input: Operand, weight: Operand, padding_idx: int | None = None) -> Node:
    """the rows of weight at the integers of input; the row at padding_idx gets no gradient"""
    index, table = as_node(input), as_node(weight)
    if table.ndim != 2:
        raise GradcliError("shape", "'weight' must be 2-D")
    if index.dtype.name not in ("int32", "int64"):
        kind = "CPUBoolType" if index.dtype.kind == "b" else f"torch.{torch_name(index.dtype)}Tensor"
        raise GradcliError(
            "dtype",
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
            f"but got {kind} instead (while checking arguments for embedding)",
        )
    chosen = indices_into(index, "embedding", table.shape[0], 0, says="index out of range in self")
    rows = take_last(moved_last(table, -2), chosen)
    order = [*range(-index.ndim, 0), -index.ndim - 1]
    found = permuted(rows, order) if index.ndim else rows
    if padding_idx is None:
        return found
    padding = padding_idx % table.shape[0]
    mask = reshape_to(e.eq(chosen, padding), (*index.shape, 1))
    return primitives.where(mask, detached(found), found)
