"""Patches of images as columns and back, and rows of a table summed in bags."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.extremes import reduce_max
from gradcli.ops.gathering import index_add
from gradcli.ops.indexing import section
from gradcli.ops.nn import NN
from gradcli.ops.normalising import embedding
from gradcli.ops.padding import pad
from gradcli.ops.pooling import avg_pool3d
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.shapes import permuted
from gradcli.ops.windows import Steps, out_sizes, overlap_add, per_dim, surrounded, windows
from gradcli.tape import context, primitives
from gradcli.tape.node import INT64, Node, Operand, leaf
from gradcli.tape.primitives import as_node, over_count, reshape_to
from gradcli.tape.promote import torch_name

if TYPE_CHECKING:
    from collections.abc import Sequence


def _settings(name: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Steps, ...]:
    given = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding, "stride": stride}
    found = tuple([per_dim(each, 2, what, name) for what, each in given.items()])
    for (what, short), (height, width) in zip(_WORDS, found, strict=True):
        least = "non-negative" if what == "padding" else "greater than zero"
        if min(height, width) < (what != "padding"):
            both = f"{short}_height: {height} {short}_width: {width}"
            raise GradcliError("bad-argument", f"{what} should be {least}, but got {both}")
    return found


_WORDS = (("kernel size", "kernel"), ("dilation", "dilation"), ("padding", "pad"), ("stride", "stride"))


def _padded(sizes: Sequence[int], padding: Steps) -> Steps:
    return tuple([size + 2 * p for size, p in zip(sizes, padding, strict=True)])


@function(NN, "functional.unfold", method=False, grad_fn="Im2Col")
def unfold(
    input: Operand,
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Node:
    """the patches of kernel_size of images (N, C, H, W) as columns: (N, C*kernel, patches)"""
    x = as_node(input)
    if x.ndim not in (3, 4):
        raise GradcliError(
            "shape",
            f"Expected 3D or 4D (batch mode) tensor for input, but got input of size: {list(x.shape)}",
        )
    kernel, dilated, padded, strides = _settings("unfold", kernel_size, dilation, padding, stride)
    blocks = out_sizes(_padded(x.shape[-2:], padded), kernel, strides, dilated)
    if min(blocks) <= 0:
        raise GradcliError(
            "shape",
            f"Given input with spatial size {x.shape[-2:]}, kernel_size={kernel}, dilation={dilated}, "
            f"padding={padded}, calculated shape of the array of sliding blocks as {blocks}, but its "
            "components must be at least one.",
        )
    context.admit(x.size // max(prod(x.shape[-2:]), 1) * prod(kernel) * prod(blocks) * x.dtype.itemsize)
    patches = windows(surrounded(x, padded, padded), attrs=(kernel, strides, dilated))
    order = (*range(-patches.ndim, -4), -2, -1, -4, -3)
    lead = x.shape[:-3]
    return reshape_to(permuted(patches, order), (*lead, x.shape[-3] * prod(kernel), prod(blocks)))


@function(NN, "fold", method=False, grad_fn="Col2Im")
def fold(
    input: Operand,
    output_size: int | Sequence[int],
    kernel_size: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    stride: int | Sequence[int] = 1,
) -> Node:
    """columns of patches added up where they lay in images of output_size"""
    x = as_node(input)
    sizes = per_dim(output_size, 2, "output_size", "fold")
    kernel, dilated, padded, strides = _settings("fold", kernel_size, dilation, padding, stride)
    if x.ndim not in (2, 3) or 0 in x.shape[-2:]:
        raise GradcliError(
            "shape",
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
            f"dimensions for input, but got: {list(x.shape)}",
        )
    if x.shape[-2] % prod(kernel):
        raise GradcliError(
            "shape",
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={x.shape[-2]} and kernel_size={kernel}.",
        )
    whole = _padded(sizes, padded)
    blocks = out_sizes(whole, kernel, strides, dilated)
    if min(blocks) <= 0 or prod(blocks) != x.shape[-1]:
        raise GradcliError(
            "shape",
            f"Given output_size={sizes}, kernel_size={kernel}, dilation={dilated}, padding={padded}, "
            f"stride={strides}, expected size of input's dimension 2 to match the calculated number of "
            f"sliding blocks {blocks[0]} * {blocks[1]} = {prod(blocks)}, but got "
            f"input.size(2)={x.shape[-1]}.",
        )
    context.admit(x.size // max(prod(x.shape[-2:]), 1) * prod(sizes) * x.dtype.itemsize)
    apart = reshape_to(x, (*x.shape[:-2], x.shape[-2] // prod(kernel), *kernel, *blocks))
    order = (*range(-apart.ndim, -4), -2, -1, -4, -3)
    added = overlap_add(permuted(apart, order), attrs=(whole, kernel, strides, dilated))
    return pad(added, [-padded[1], -padded[1], -padded[0], -padded[0]]) if any(padded) else added


@function(NN, "local_response_norm", method=False, grad_fn="Div")
def local_response_norm(
    input: Operand, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Node:
    """input over (k + alpha*m)**beta, m the mean of its squares in size channels around each"""
    x = primitives.require_float(input, "local_response_norm")
    if x.ndim < 3:
        raise GradcliError("shape", f"Expected 3D or higher dimensionality input (got {x.ndim} dimensions)")
    squares = reshape_to(primitives.mul(x, x), (x.shape[0], 1, x.shape[1], x.shape[2], prod(x.shape[3:])))
    around = pad(squares, [0, 0, 0, 0, size // 2, (size - 1) // 2])
    mean = reshape_to(avg_pool3d(around, (size, 1, 1), 1), x.shape)
    scaled = primitives.add(primitives.mul(mean, alpha), k)
    return primitives.div(x, e.power_number(scaled, attrs=(beta,)))


@function(NN, "embedding_bag", method=False)
def embedding_bag(
    input: Operand,
    weight: Operand,
    offsets: Operand | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Operand | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Node:
    """the sum, mean or max of rows of weight in bags: rows of a 2-d input, or from each offset to the next"""
    index = as_node(input)
    if max_norm is not None or scale_grad_by_freq or padding_idx is not None:
        raise GradcliError(
            "bad-argument", "embedding_bag() has no max_norm, scale_grad_by_freq and padding_idx here"
        )
    if mode not in ("sum", "mean", "max"):
        raise GradcliError("bad-argument", "mode has to be one of sum, mean or max")
    if index.dtype.kind not in "iu":
        raise GradcliError(
            "dtype",
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; "
            f"but got torch.{torch_name(index.dtype)}Tensor instead",
        )
    if index.ndim not in (1, 2):
        raise GradcliError(
            "shape", f"input has to be 1D or 2D Tensor, but got Tensor of dimension {index.ndim}"
        )
    if per_sample_weights is not None and mode != "sum":
        raise GradcliError(
            "bad-argument", "embedding_bag: per_sample_weights is only supported for mode='sum'"
        )
    rows = embedding(index, weight)
    if per_sample_weights is not None:
        weights = as_node(per_sample_weights)
        rows = primitives.mul(rows, reshape_to(weights, (*weights.shape, 1)))
    if index.ndim == 2:
        if offsets is not None:
            raise GradcliError("bad-argument", "if input is 2D, then offsets has to be None")
        if not index.shape[1]:
            raise GradcliError("shape", "a bag has at least one row")
        if mode == "max":
            return reduce_max(rows, attrs=((-2,),))
        summed = total(rows, (-2,))
        return over_count(summed, index.shape[1]) if mode == "mean" else summed
    if offsets is None:
        raise GradcliError("bad-argument", "offsets has to be a 1D Tensor but got None")
    return _in_bags(rows, offsets, mode, include_last_offset)


def _in_bags(rows: Node, offsets: Operand, mode: str, closed: bool) -> Node:
    from gradcli.engine.run import value

    starts = np.asarray(value(as_node(offsets))).astype(np.int64).reshape(-1)
    ends = starts[1:] if closed else np.append(starts[1:], rows.shape[0])
    starts = starts[: len(ends)]
    if len(starts) and starts[0] != 0:
        raise GradcliError(
            "bad-argument",
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position "
            f"0. However, got {starts[0]}",
        )
    last = max(int(starts.max(initial=0)), int(ends.max(initial=0)))
    if last > rows.shape[0]:
        raise GradcliError(
            "bad-argument",
            f"offsets[-1] can not be greater than input's length {rows.shape[0]} but got offsets[-1] of "
            f"{last}",
        )
    if (ends < starts).any():
        raise GradcliError("bad-argument", "offsets have to be in order")
    if mode == "max":
        raise GradcliError("bad-argument", "embedding_bag(mode='max') takes a 2D input here")
    counts = ends - starts
    bags = leaf(np.repeat(np.arange(len(starts)), counts).astype(INT64))
    zeros = leaf(np.zeros((len(starts), rows.shape[-1]), rows.dtype))
    summed: Node = index_add(zeros, 0, bags, section(rows, -2, 0, int(counts.sum())))
    if mode == "sum":
        return summed
    return primitives.div(summed, leaf(np.maximum(counts, 1).astype(rows.dtype)[:, None]))
