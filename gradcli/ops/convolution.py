"""Convolutions: the input's windows as rows of a matrix, times the weight as columns."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.ops.indexing import WHOLE, place, reverse_dims, section
from gradcli.ops.products import matmul_primitive
from gradcli.ops.registry import function
from gradcli.ops.shapes import permuted
from gradcli.ops.windows import Steps, per_dim, reach, surrounded, windows
from gradcli.tape import primitives
from gradcli.tape.node import Node, Operand
from gradcli.tape.primitives import as_node, reshape_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONVOLUTION = "convolution"


def _name(call: Mapping[str, Any]) -> str:
    x, weight = call["input"], call["weight"]
    batched = isinstance(x, Node) and isinstance(weight, Node) and x.ndim == weight.ndim
    return "Convolution" if batched else "SqueezeBackward1"


@function(CONVOLUTION, "conv1d", method=False, grad_fn=_name)
def conv1d(
    input: Operand,
    weight: Operand,
    bias: Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Node:
    """the cross-correlation of (batch, channels, length) with weights (out, channels/groups, width)"""
    return _convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


@function(CONVOLUTION, "conv2d", method=False, grad_fn=_name)
def conv2d(
    input: Operand,
    weight: Operand,
    bias: Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Node:
    """the cross-correlation of (batch, channels, height, width) with weights (out, channels/groups, h, w)"""
    return _convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


@function(CONVOLUTION, "conv3d", method=False, grad_fn=_name)
def conv3d(
    input: Operand,
    weight: Operand,
    bias: Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | str = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Node:
    """the cross-correlation of (batch, channels, depth, height, width) with weights of a window each"""
    return _convolution("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


@function(CONVOLUTION, "conv_transpose1d", method=False, grad_fn=_name)
def conv_transpose1d(
    input: Operand,
    weight: Operand,
    bias: Operand | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> Node:
    """the transpose of conv1d: each element of (batch, channels, length) spreads a window of its channel"""
    x, w = as_node(input), as_node(weight)
    batched = x.ndim == 3
    if x.ndim not in (2, 3) or w.ndim != 3:
        raise GradcliError(
            "shape",
            "Expected 2D (unbatched) or 3D (batched) input to conv_transpose1d, but got input of size: "
            f"{list(x.shape)}",
        )
    if not batched:
        x = reshape_to(x, (1, *x.shape))
    (step,), (around,), (more,), (spread,) = [
        per_dim(each, 1, what, "conv_transpose1d")
        for each, what in (
            (stride, "stride"),
            (padding, "padding"),
            (output_padding, "output_padding"),
            (dilation, "dilation"),
        )
    ]
    if groups <= 0 or x.shape[1] != w.shape[0] or w.shape[0] % groups:
        raise GradcliError(
            "shape",
            f"Given transposed=1, weight of size {list(w.shape)}, expected input{list(x.shape)} to have "
            f"{w.shape[0]} channels, but got {x.shape[1]} channels instead",
        )
    if more >= max(step, spread):
        raise GradcliError(
            "bad-argument",
            "output padding must be smaller than either stride or dilation, but got output_padding: "
            f"{more} stride: {step} dilation: {spread}",
        )
    batch, channels, length = x.shape
    width = w.shape[2]
    # The input with zeros between its elements, correlated with the windows backwards.
    size = (length - 1) * step + 1 if length else 0
    spaced = place(x, attrs=((batch, channels, size), (WHOLE, WHOLE, (0, size, step))))
    reach_out = spread * (width - 1) - around
    padded_input = surrounded(spaced, (max(reach_out, 0),), (max(reach_out + more, 0),))
    if reach_out < 0 or reach_out + more < 0:
        padded_input = section(
            padded_input, -1, max(-reach_out, 0), padded_input.shape[-1] - max(-(reach_out + more), 0)
        )
    turned_weight = reshape_to(w, (groups, w.shape[0] // groups, w.shape[1], width))
    turned_weight = permuted(reverse_dims(turned_weight, [-1]), (-4, -2, -3, -1))
    turned_weight = reshape_to(turned_weight, (groups * w.shape[1], w.shape[0] // groups, width))
    result = _correlated(padded_input, turned_weight, (1,), (spread,), groups)
    if bias is not None:
        given = as_node(bias)
        result = primitives.add(result, reshape_to(given, (given.size, 1)))
    return result if batched else reshape_to(result, result.shape[1:])


def _convolution(
    name: str,
    count: int,
    input: Operand,
    weight: Operand,
    bias: Operand | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Node:
    x, w = as_node(input), as_node(weight)
    b = None if bias is None else as_node(bias)
    if x.ndim not in (count + 1, count + 2):
        raise GradcliError(
            "shape",
            f"Expected {count + 1}D (unbatched) or {count + 2}D (batched) input to {name}, but got input of "
            f"size: {list(x.shape)}",
        )
    if w.ndim < 3:
        raise GradcliError(
            "shape", f"weight should have at least three dimensions, but its shape is {list(w.shape)}"
        )
    batched = x.ndim == count + 2
    if not batched:
        x = reshape_to(x, (1, *x.shape))
    if w.ndim != count + 2:
        raise GradcliError(
            "shape",
            f"Expected {w.ndim}-dimensional input for {w.ndim}-dimensional weight{list(w.shape)}, but got "
            f"{x.ndim}-dimensional input of size {list(x.shape)} instead",
            hint="a weight has the dims out, channels/groups and the sizes of the window",
        )
    for what, each in (("weight", w), ("bias", b)):
        if each is not None and each.dtype is not x.dtype:
            raise GradcliError(
                "dtype", f"Input type ({x.dtype}) and {what} type ({each.dtype}) should be the same"
            )
    steps = per_dim(stride, count, "stride", name)
    spread = per_dim(dilation, count, "dilation", name)
    kernel = w.shape[2:]
    before, after = _padding(name, padding, kernel, steps, spread)
    _check(x, w, b, steps, spread, before, after, groups)
    result = _correlated(surrounded(x, before, after), w, steps, spread, groups)
    if b is not None:
        result = primitives.add(result, reshape_to(b, (b.size, *(1,) * count)))
    return result if batched else reshape_to(result, result.shape[1:])


def _padding(name: str, padding: Any, kernel: Steps, stride: Steps, dilation: Steps) -> tuple[Steps, Steps]:
    """How many zeros stand before and after each dim."""
    count = len(kernel)
    if padding == "valid":
        return (0,) * count, (0,) * count
    if padding == "same":
        if any(each != 1 for each in stride):
            raise GradcliError("bad-argument", "padding='same' is not supported for strided convolutions")
        both = [reach(k, d) - 1 for k, d in zip(kernel, dilation, strict=True)]
        return tuple([each // 2 for each in both]), tuple([each - each // 2 for each in both])
    if isinstance(padding, str):
        raise GradcliError(
            "bad-argument", f"Invalid padding string: '{padding}'", hint="it is 'same', 'valid' or a number"
        )
    around = per_dim(padding, count, "padding", name)
    if any(each < 0 for each in around):
        raise GradcliError("bad-argument", "negative padding is not supported")
    return around, around


def _check(
    x: Node,
    w: Node,
    b: Node | None,
    stride: Steps,
    dilation: Steps,
    before: Steps,
    after: Steps,
    groups: int,
) -> None:
    if any(each <= 0 for each in stride):
        raise GradcliError("bad-argument", "non-positive stride is not supported")
    if any(each <= 0 for each in dilation):
        raise GradcliError("bad-argument", "dilation should be greater than zero")
    if groups <= 0:
        raise GradcliError("bad-argument", "non-positive groups is not supported")
    weight = f"Given groups={groups}"
    if w.shape[0] < groups:
        raise GradcliError(
            "shape",
            f"{weight}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{list(w.shape)} instead",
        )
    if w.shape[0] % groups:
        raise GradcliError(
            "shape",
            f"{weight}, expected weight to be divisible by {groups} at dimension 0, but got weight of size "
            f"{list(w.shape)} instead",
        )
    if x.shape[1] != w.shape[1] * groups:
        raise GradcliError(
            "shape",
            f"{weight}, weight of size {list(w.shape)}, expected input{list(x.shape)} to have "
            f"{w.shape[1] * groups} channels, but got {x.shape[1]} channels instead",
        )
    if b is not None and b.shape != (w.shape[0],):
        raise GradcliError(
            "shape",
            f"Given weight of size {list(w.shape)}, expected bias to be 1-dimensional with {w.shape[0]} "
            f"elements, but got bias of size {list(b.shape)} instead",
        )
    whole = [size + one + other for size, one, other in zip(x.shape[2:], before, after, strict=True)]
    spans = [reach(k, d) for k, d in zip(w.shape[2:], dilation, strict=True)]
    if any(size < span for size, span in zip(whole, spans, strict=True)):
        raise GradcliError(
            "shape",
            f"Calculated padded input size per channel: ({' x '.join(map(str, whole))}). Kernel size: "
            f"({' x '.join(map(str, spans))}). Kernel size can't be greater than actual input size",
        )


def _correlated(x: Node, w: Node, stride: Steps, dilation: Steps, groups: int) -> Node:
    """The convolution itself, everything checked and padded: one matrix product for each group."""
    batch, channels = x.shape[:2]
    out_channels, per_group = w.shape[:2]
    kernel = w.shape[2:]
    count = len(kernel)
    parts = windows(x, attrs=(kernel, stride, dilation))
    positions = parts.shape[2 : 2 + count]
    taps = per_group * prod(kernel)
    parts = reshape_to(parts, (batch, groups, channels // groups, *positions, *kernel))
    rank = parts.ndim
    order = [0, 1, *range(3, 3 + count), 2, *range(3 + count, rank)]
    rows = permuted(parts, [each - rank for each in order])
    rows = reshape_to(rows, (batch, groups, prod(positions), taps))
    columns = permuted(reshape_to(w, (groups, out_channels // groups, taps)), (-3, -1, -2))
    result = permuted(matmul_primitive(rows, columns), (-4, -3, -1, -2))
    return reshape_to(result, (batch, out_channels, *positions))
