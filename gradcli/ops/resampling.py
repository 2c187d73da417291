"""Images in other sizes: `interpolate` in its modes, and the shuffles between channels and places.

Every mode but `area` works dim by dim: a result is a sum of a few elements, each with its weight.
"""

from __future__ import annotations

from math import floor, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.indexing import take_last
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, moved_from_last, moved_last, permuted
from gradcli.tape import context, primitives
from gradcli.tape.node import Node, Operand, leaf
from gradcli.tape.primitives import as_node, require_float, reshape_to

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RESAMPLING = "nn"

# ---- from channels to places and back ------------------------------------------------------------


def _at_least(x: Node, rank: int, name: str) -> None:
    if x.ndim < rank:
        raise GradcliError(
            "shape", f"{name} expects input to have at least {rank} dimensions, but got input with {x.ndim} "
            "dimension(s)"
        )  # fmt: skip


@function(RESAMPLING, "pixel_shuffle", method=False)
def pixel_shuffle(input: Operand, upscale_factor: int) -> Node:
    """upscale_factor**2 channels become the places of an image that much higher and wider"""
    x, factor = as_node(input), integer(upscale_factor, "upscale_factor")
    _at_least(x, 3, "pixel_shuffle")
    if factor <= 0:
        raise GradcliError(
            "bad-argument", f"pixel_shuffle expects a positive upscale_factor, but got {factor}"
        )
    *lead, channels, height, width = x.shape
    if channels % factor**2:
        raise GradcliError(
            "shape",
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
            f"upscale_factor, but input.size(-3)={channels} is not divisible by {factor**2}",
        )
    apart = reshape_to(x, (*lead, channels // factor**2, factor, factor, height, width))
    order = (*range(-apart.ndim, -4), -2, -4, -1, -3)
    return reshape_to(permuted(apart, order), (*lead, channels // factor**2, height * factor, width * factor))


@function(RESAMPLING, "pixel_unshuffle", method=False)
def pixel_unshuffle(input: Operand, downscale_factor: int) -> Node:
    """squares of downscale_factor places each become the channels of a smaller image"""
    x, factor = as_node(input), integer(downscale_factor, "downscale_factor")
    _at_least(x, 3, "pixel_unshuffle")
    if factor <= 0:
        raise GradcliError(
            "bad-argument", f"pixel_unshuffle expects a positive downscale_factor, but got {factor}"
        )
    *lead, channels, height, width = x.shape
    if height % factor or width % factor:
        name, size = ("height", height) if height % factor else ("width", width)
        raise GradcliError(
            "shape",
            f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
            f"input.size({-2 if height % factor else -1})={size} is not divisible by {factor}",
        )
    apart = reshape_to(x, (*lead, channels, height // factor, factor, width // factor, factor))
    order = (*range(-apart.ndim, -4), -3, -1, -4, -2)
    return reshape_to(
        permuted(apart, order), (*lead, channels * factor**2, height // factor, width // factor)
    )


@function(RESAMPLING, "channel_shuffle", method=False)
def channel_shuffle(input: Operand, groups: int) -> Node:
    """the channels of `groups` groups taken in turn: one of each group, then the next of each"""
    x, parts = as_node(input), integer(groups, "groups")
    if x.ndim < 3:
        raise GradcliError(
            "shape", f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(x.shape)}"
        )
    if parts <= 0 or x.shape[1] % parts:
        raise GradcliError("bad-argument", "Number of channels must be divisible by groups")
    lead, channels, *rest = x.shape
    apart = reshape_to(x, (lead, parts, channels // parts, prod(rest)))
    return reshape_to(permuted(apart, (-4, -2, -3, -1)), x.shape)


# ---- other sizes ---------------------------------------------------------------------------------

if TYPE_CHECKING:
    Taps = list[tuple[Any, Any]]
    """Which element each result takes along a dim, and its weight (None for one): several in turn."""


def _places(size: int, out: int, scale: float | None, corners: bool, dtype: Any) -> Any:
    """Where each result lies among the elements of a dim, as PyTorch rounds it."""
    number = np.dtype(dtype).type
    at = np.arange(out).astype(dtype)
    if corners:
        return at * (number(size - 1) / number(out - 1) if out > 1 else number(0))
    step = number(1 / scale) if scale else number(size) / number(out)
    return step * (at + number(0.5)) - number(0.5)


def _nearest(size: int, out: int, scale: float | None, corners: bool, dtype: Any) -> Taps:
    step = np.float32(1 / scale) if scale else np.float32(size) / np.float32(out)
    at = np.floor(np.arange(out).astype(np.float32) * step).astype(np.int64)
    return [(np.minimum(at, size - 1), None)]


def _nearest_exact(size: int, out: int, scale: float | None, corners: bool, dtype: Any) -> Taps:
    step = np.float32(1 / scale) if scale else np.float32(size) / np.float32(out)
    at = np.floor((np.arange(out).astype(np.float32) + np.float32(0.5)) * step).astype(np.int64)
    return [(np.minimum(at, size - 1), None)]


def _linear(size: int, out: int, scale: float | None, corners: bool, dtype: Any) -> Taps:
    at = np.maximum(_places(size, out, scale, corners, dtype), 0)
    first = np.minimum(at.astype(np.int64), size - 1)
    second = np.minimum(first + 1, size - 1)
    part = np.clip(at - first.astype(dtype), 0, 1).astype(dtype)
    return [(first, 1 - part), (second, part)]


def _cubic(size: int, out: int, scale: float | None, corners: bool, dtype: Any) -> Taps:
    """Keys' convolution with a = -0.75."""
    at = _places(size, out, scale, corners, dtype)
    first = np.floor(at)
    t = at - first
    a = np.dtype(dtype).type(-0.75)

    def near(x: Any) -> Any:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: Any) -> Any:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    weights = (far(t + 1), near(t), near(1 - t), far(2 - t))
    index = first.astype(np.int64)
    return [(np.clip(index + step, 0, size - 1), each) for step, each in enumerate(weights, -1)]


_MODES: dict[str, tuple[tuple[int, ...], Callable[..., Taps], str]] = {
    "nearest": ((1, 2, 3), _nearest, "UpsampleNearest{rank}D"),
    "nearest-exact": ((1, 2, 3), _nearest_exact, "UpsampleNearestExact{rank}D"),
    "linear": ((1,), _linear, "UpsampleLinear1D"),
    "bilinear": ((2,), _linear, "UpsampleBilinear2D"),
    "trilinear": ((3,), _linear, "UpsampleTrilinear3D"),
    "bicubic": ((2,), _cubic, "UpsampleBicubic2D"),
}
"""For each mode the numbers of dims that it knows, what it takes along one, and PyTorch's name for it."""


def _name(call: Mapping[str, Any]) -> str:
    rank = as_node(call["input"]).ndim - 2
    if call["mode"] == "area":
        return "SqueezeBackward1" if rank == 1 else f"AdaptiveAvgPool{rank}D"
    return _MODES[call["mode"]][2].format(rank=rank) if call["mode"] in _MODES else "Upsample"


@function(RESAMPLING, "interpolate", "upsample", method=False, grad_fn=_name)
def interpolate(
    input: Operand,
    size: int | Sequence[int] | None = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Node:
    """input of shape (N, C, …) in another size of its last dims, or that many times as large"""
    x = require_float(input, "interpolate")
    rank = x.ndim - 2
    if mode in ("nearest", "nearest-exact", "area") and align_corners is not None:
        raise GradcliError(
            "bad-argument",
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic "
            "| trilinear",
        )
    if antialias:
        raise GradcliError("bad-argument", "interpolate() has no antialias=True here")
    out, scales = _sizes(x, rank, size, scale_factor, mode)
    if recompute_scale_factor:
        if size is not None:
            raise GradcliError(
                "bad-argument", "recompute_scale_factor is not meaningful with an explicit size."
            )
        scales = [None] * rank
    context.admit(prod(x.shape[:2]) * prod(out) * x.dtype.itemsize, (*x.shape[:2], *out))
    if mode == "area":
        from gradcli.ops.adaptive import averages

        return averages(x, tuple(out))
    ranks, taps, _ = _MODES.get(mode, ((), _linear, ""))
    if rank not in ranks:
        raise GradcliError(
            "bad-argument",
            f"Got {x.ndim}D input, but {mode} mode needs {ranks[0] + 2}D input"
            if ranks
            else f"Input Error: there is no mode {mode}",
            hint="the modes are nearest, nearest-exact, area, and linear (3D), bilinear and bicubic (4D), "
            "trilinear (5D)",
        )
    for dim in range(-1, -rank - 1, -1):
        x = _along(x, dim, taps(x.shape[dim], out[dim], scales[dim], bool(align_corners), x.dtype))
    return x


def _along(x: Node, dim: int, taps: Taps) -> Node:
    """The sums of weighted elements along one (negative) dim."""
    lifted = moved_last(x, dim)
    terms = []
    for index, weight in taps:
        term = take_last(lifted, leaf(index))
        terms.append(term if weight is None else primitives.mul(term, leaf(weight)))
    result = terms[0]
    for each in terms[1:]:
        result = primitives.add(result, each)
    return moved_from_last(result, dim)


def _sizes(
    x: Node, rank: int, size: Any, scale_factor: Any, mode: str
) -> tuple[list[int], list[float | None]]:
    """The sizes to come, and how many times as large they were asked to be."""
    if rank not in (1, 2, 3):
        raise GradcliError(
            "shape",
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {x.ndim}D) for the modes: nearest "
            f"| linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})",
        )
    if (size is None) is (scale_factor is None):
        said = "only one of size or scale_factor should be defined"
        raise GradcliError(
            "bad-argument", said if size is not None else "either size or scale_factor should be defined"
        )
    given = scale_factor if size is None else size
    each = list(given) if isinstance(given, (tuple, list)) else [given] * rank
    if len(each) != rank:
        what, kind = (
            ("scale_factor", "scale_factor of shape") if size is None else ("output", "output size of")
        )
        raise GradcliError(
            "shape",
            f"Input and {what} must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {list(x.shape[2:])} and {kind} {tuple(each)}",
        )
    if size is not None:
        out = [integer(number, "a size") for number in each]
        scales: list[float | None] = [None] * rank
    else:
        try:
            scales = [float(number) for number in each]
            out = [
                floor(length * number) for length, number in zip(x.shape[2:], map(float, each), strict=True)
            ]
        except (TypeError, ValueError, OverflowError):
            raise GradcliError("bad-argument", "scale_factor must be a number, or one for each dim") from None
    if min(out) <= 0 or 0 in x.shape[2:]:
        both = (" and " if rank == 1 else " ").join(
            f"{what} ({', '.join(f'{dim}: {size}' for dim, size in zip('DHW'[-rank:], sizes, strict=True))})"
            for what, sizes in (("input", x.shape[2:]), ("output", out))
        )
        raise GradcliError("shape", f"Input and output sizes should be greater than 0, but got {both}")
    if not x.shape[1]:
        raise GradcliError(
            "shape", f"Non-empty {x.ndim}D data tensor expected but got a tensor with sizes {list(x.shape)}"
        )
    return out, scales
