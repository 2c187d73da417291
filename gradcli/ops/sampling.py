"""Images seen through a grid of places: `grid_sample`, and the grids of affine maps, `affine_grid`.

Places count from -1 to 1 along each dim, the width first. A sample is the sum of the elements around its
place, each with the area that lies opposite as its weight, so the derivatives are those of this sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.creation import linspace
from gradcli.ops.indexing import along_last
from gradcli.ops.joining import select
from gradcli.ops.products import matmul
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, permuted
from gradcli.tape import primitives
from gradcli.tape.node import INT64, Node, Operand, leaf
from gradcli.tape.primitives import as_node, cast, literal, require_float, reshape_to, where

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLING = "nn"


@function(SAMPLING, "affine_grid", method=False, grad_fn="AffineGridGenerator")
def affine_grid(theta: Operand, size: Sequence[int], align_corners: bool | None = None) -> Node:
    """the places, of shape (N, H, W, 2), that maps theta of shape (N, 2, 3) send an image of this size to"""
    maps, sizes = require_float(theta, "affine_grid"), [integer(each, "a size") for each in size]
    if len(sizes) != 4 or maps.shape != (sizes[0], 2, 3):
        raise GradcliError(
            "shape",
            f"Expected a batch of 2D affine matrices of shape Nx2x3 for size {tuple(sizes)}. "
            f"Got {list(maps.shape)}.",
        )
    from gradcli.engine.run import value

    height, width = sizes[2:]
    whole = np.ones((height, width, 3), maps.dtype)
    for axis, count in enumerate((width, height)):
        ends = (
            value(linspace(-1.0, 1.0, count, dtype=maps.dtype)) if count > 1 else np.zeros(count, maps.dtype)
        )
        ends = ends if align_corners else ends * (count - 1) / count
        whole[..., axis] = ends if axis == 0 else ends[:, None]
    rows = leaf(whole.reshape(1, height * width, 3))
    return reshape_to(matmul(rows, permuted(maps, (-3, -1, -2))), (sizes[0], height, width, 2))


def _bordered(at: Node, size: int) -> Node:
    """Places on or beyond a border as those on it, which move with nothing."""
    ends = [literal(float(each), at.dtype) for each in (0, size - 1)]
    return where(e.gt(at, 0), where(e.lt(at, size - 1), at, ends[1]), ends[0])


def _inside(at: Node, size: int) -> Node:
    """Whether there is such a place along a dim."""
    return e.logical_and(e.ge(at, 0), e.le(at, size - 1))


@function(SAMPLING, "grid_sample", method=False, grad_fn="GridSampler2D")
def grid_sample(
    input: Operand,
    grid: Operand,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Node:
    """input of shape (N, C, H, W) at the places of a grid of shape (N, h, w, 2), between its elements"""
    x, places = require_float(input, "grid_sample"), as_node(grid)
    if x.ndim != 4 or places.ndim != 4 or places.shape[-1] != 2 or x.shape[0] != places.shape[0]:
        raise GradcliError(
            "shape",
            "grid_sampler(): expected 4D input and grid with the same batch size, and grid to have size 2 in "
            f"last dimension, but got input with sizes {list(x.shape)} and grid with sizes "
            f"{list(places.shape)}",
        )
    if mode not in ("bilinear", "nearest") or padding_mode not in ("zeros", "border"):
        raise GradcliError(
            "bad-argument", "grid_sample() has bilinear and nearest here, with padding by zeros and border"
        )
    count, channels, *sizes = x.shape
    (height, width), shape = sizes, (count, 1, places.shape[1] * places.shape[2])
    pixels = reshape_to(x, (count, channels, height * width))
    axes = []
    for axis, size in enumerate((width, height)):
        at = reshape_to(select(places, -1, axis), shape)
        at = primitives.mul(primitives.add(at, 1), (size - 1) / 2 if align_corners else size / 2)
        at = at if align_corners else primitives.sub(at, 0.5)
        axes.append(_bordered(at, size) if padding_mode == "border" else at)
    found = _nearest(pixels, axes, width, height) if mode == "nearest" else None
    found = found or _between(pixels, axes, width, height)
    return reshape_to(found, (count, channels, *places.shape[1:3]))


def _taken(pixels: Node, across: Node, down: Node, width: int, height: int, nothing: Any = None) -> Node:
    """The pixels at whole places, 0 (or what is `nothing`) where there are none."""
    there = e.logical_and(_inside(across, width), _inside(down, height))
    index = where(there, primitives.add(primitives.mul(down, width), across), 0.0)
    return where(there, along_last(pixels, cast(index, INT64)), nothing or literal(0.0, pixels.dtype))


def _nearest(pixels: Node, axes: list[Node], width: int, height: int) -> Node:
    across, down = [e.rint(each) for each in axes]
    # Of no place there is a 0 that moves as the places do, so that their gradient is zero and not none.
    nothing = e.sgn(primitives.sub(across, across)) if across.requires_grad else None
    return _taken(pixels, across, down, width, height, nothing)


def _between(pixels: Node, axes: list[Node], width: int, height: int) -> Node:
    first = [e.floor(each) for each in axes]
    far = [primitives.sub(at, low) for at, low in zip(axes, first, strict=True)]
    near = [primitives.sub(primitives.add(low, 1), at) for at, low in zip(axes, first, strict=True)]
    terms: list[Any] = []
    for down in (0, 1):
        for across in (0, 1):
            weight = primitives.mul((near, far)[across][0], (near, far)[down][1])
            at = [primitives.add(low, step) for low, step in zip(first, (across, down), strict=True)]
            terms.append(primitives.mul(_taken(pixels, at[0], at[1], width, height), weight))
    result: Node = terms[0]
    for each in terms[1:]:
        result = primitives.add(result, each)
    return result
