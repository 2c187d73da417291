"""Convolutions: the weight as rows of a matrix, times the input's windows as columns."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.ops.correlation import places_last  # whose module says how plans compute convolutions
from gradcli.ops.indexing import section
from gradcli.ops.products import matmul_primitive
from gradcli.ops.registry import function
from gradcli.ops.shapes import permuted, swapped
from gradcli.ops.windows import Steps, overlap_add, per_dim, reach, spanned, surrounded, windows
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


def _add_convolution(rank: int, doc: str) -> None:
    name = f"conv{rank}d"

    def convolve(
        input: Operand,
        weight: Operand,
        bias: Operand | None = None,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
    ) -> Node:
        return _convolution(name, rank, input, weight, bias, stride, padding, dilation, groups)

    convolve.__doc__ = f"the cross-correlation of {doc}"
    function(CONVOLUTION, name, method=False, grad_fn=_name)(convolve)


_add_convolution(1, "(batch, channels, length) with weights (out, channels/groups, width)")
_add_convolution(2, "(batch, channels, height, width) with weights (out, channels/groups, h, w)")
_add_convolution(3, "(batch, channels, depth, height, width) with weights of a window each")


def _add_transposed(rank: int, doc: str) -> None:
    name = f"conv_transpose{rank}d"

    def spread(
        input: Operand,
        weight: Operand,
        bias: Operand | None = None,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        dilation: int | Sequence[int] = 1,
    ) -> Node:
        steps = (stride, padding, output_padding, dilation)
        return _transposed(name, rank, as_node(input), as_node(weight), bias, steps, groups)

    spread.__doc__ = f"the transpose of conv{rank}d: each element of {doc}"
    function(CONVOLUTION, name, method=False, grad_fn=_name)(spread)


_add_transposed(1, "(batch, channels, length) spreads a window of its channel")
_add_transposed(2, "(batch, channels, height, width) spreads a window")
_add_transposed(3, "(batch, channels, depth, height, width) spreads a window")


def _no_images(name: str, count: int, x: Node) -> GradcliError:
    return GradcliError(
        "shape",
        f"Expected {count + 1}D (unbatched) or {count + 2}D (batched) input to {name}, but got input of "
        f"size: {list(x.shape)}",
    )


def _transposed(
    name: str, count: int, x: Node, w: Node, bias: Operand | None, given: Sequence[Any], groups: int
) -> Node:
    batched = x.ndim == count + 2
    if x.ndim not in (count + 1, count + 2) or w.ndim != count + 2:
        raise _no_images(name, count, x)
    if not batched:
        x = reshape_to(x, (1, *x.shape))
    names = ("stride", "padding", "output_padding", "dilation")
    stride, around, more, spread = [
        per_dim(each, count, what, name) for each, what in zip(given, names, strict=True)
    ]
    if groups <= 0 or x.shape[1] != w.shape[0] or w.shape[0] % groups:
        raise GradcliError(
            "shape",
            f"Given transposed=1, weight of size {list(w.shape)}, expected input{list(x.shape)} to have "
            f"{w.shape[0]} channels, but got {x.shape[1]} channels instead",
        )
    for m, s, d in zip(more, stride, spread, strict=True):
        if m >= max(s, d):
            raise GradcliError(
                "bad-argument",
                "output padding must be smaller than either stride or dilation, but got output_padding: "
                f"{m} stride: {s} dilation: {d}",
            )
    result = _added_up(x, w, stride, spread, groups)
    result = surrounded(result, (0,) * count, more)
    for dim, pad in enumerate(around, -count):
        result = section(result, dim, pad, result.shape[dim] - pad)
    if bias is not None:
        own = as_node(bias)
        result = primitives.add(result, reshape_to(own, (own.size, *(1,) * count)))
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
        raise _no_images(name, count, x)
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
    # Each tap of the window is a row over all positions: copied in whole lines, and what comes of the product
    # lies as the result does.
    columns = permuted(parts, places_last(count))
    columns = reshape_to(columns, (batch, groups, taps, prod(positions)))
    rows = reshape_to(w, (groups, out_channels // groups, taps))
    return reshape_to(matmul_primitive(rows, columns), (batch, out_channels, *positions))


def _added_up(x: Node, w: Node, stride: Steps, dilation: Steps, groups: int) -> Node:
    """The transpose of `_correlated`: each element times a window of the weight, added up where it lies."""
    batch, channels, *places = x.shape
    per_group, kernel = w.shape[1], w.shape[2:]
    rows = reshape_to(w, (groups, channels // groups, per_group * prod(kernel)))
    given = reshape_to(x, (batch, groups, channels // groups, prod(places)))
    parts = matmul_primitive(swapped(rows, -1, -2), given)
    parts = reshape_to(parts, (batch, groups, per_group, *kernel, *places))
    parts = permuted(parts, places_last(len(kernel)))
    parts = reshape_to(parts, (batch, groups * per_group, *places, *kernel))
    sizes = spanned(places, kernel, stride, dilation)
    return overlap_add(parts, attrs=(sizes, kernel, stride, dilation))
