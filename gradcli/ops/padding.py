"""`pad` in all its modes: zeros by the transpose of cutting, the others by indices of where to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops.indexing import place, section, take_last
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, moved_from_last, moved_last
from gradcli.tape import primitives
from gradcli.tape.node import Node, Operand, filling, leaf
from gradcli.tape.primitives import as_node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Margins = list[tuple[int, int]]
    """Elements before and after, for the last dim, the one before it, and so on."""

_MODES = {"reflect": "ReflectionPad", "replicate": "ReplicationPad"}


def _pad_name(call: Mapping[str, Any]) -> str:
    mode = call["mode"]
    if mode == "circular":
        return "torch::autograd::CopySlices"
    return f"{_MODES[mode]}{len(call['pad']) // 2}D" if mode in _MODES else "ConstantPadNd"


@function("nn", "pad", method=False, grad_fn=_pad_name)
def pad(input: Operand, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Node:
    """elements added at both ends of the last dims: (left, right, top, bottom …), negative ones cut off"""
    x = as_node(input)
    widths = [integer(each, "a padding") for each in pad]
    if len(widths) % 2:
        raise GradcliError("bad-argument", "Padding length must be divisible by 2", hint=f"it is {widths}")
    if len(widths) > 2 * x.ndim:
        raise GradcliError(
            "bad-argument",
            "Padding length should be less than or equal to two times the input dimension but got "
            "padding length "
            f"{len(widths)} and input of dimension {x.ndim}",
        )
    margins = list(zip(widths[::2], widths[1::2], strict=True))
    for index, (before, after) in enumerate(margins, 1):
        size = x.shape[-index]
        if size + before + after < 0 or size + min(before, 0) + min(after, 0) < 0:
            raise GradcliError("bad-argument", "narrow(): length must be non-negative.")
    if mode == "constant":
        return _constant(x, margins, 0 if value is None else value)
    if mode not in (*_MODES, "circular"):
        raise GradcliError(
            "bad-argument",
            f"Unrecognised padding mode {mode}",
            hint="the modes are constant, reflect, replicate and circular",
        )
    if value is not None and value != 0:
        raise GradcliError("bad-argument", f'Padding mode "{mode}" doesn\'t take in value argument')
    if not (len(margins) + 1 <= x.ndim <= len(margins) + 2 and 1 <= len(margins) <= 3):
        raise GradcliError(
            "bad-argument",
            f"Padding size {len(widths)} is not supported for {x.ndim}D input tensor: 2 goes with 2 or "
            "3 dims, "
            "4 with 3 or 4, 6 with 4 or 5",
        )
    return _continued(x, margins, mode)


def _cropped(x: Node, margins: Margins) -> tuple[Node, Margins]:
    """What negative margins leave, and the margins without them."""
    for index, (before, after) in enumerate(margins, 1):
        if before < 0 or after < 0:
            x = section(x, -index, max(-before, 0), x.shape[-index] + min(after, 0))
    return x, [(max(before, 0), max(after, 0)) for before, after in margins]


def _constant(x: Node, margins: Margins, value: float) -> Node:
    x, margins = _cropped(x, margins)
    rank = x.ndim
    around = [(0, 0)] * (rank - len(margins)) + margins[::-1]
    shape = tuple([size + sum(each) for size, each in zip(x.shape, around, strict=True)])
    cuts = tuple([(before, before + size, None) for (before, _), size in zip(around, x.shape, strict=True)])
    padded = place(x, attrs=(shape, cuts))
    if value == 0:
        return padded
    frame = np.full(shape, filling(float(value), x.dtype), x.dtype)
    frame[tuple([slice(*cut) for cut in cuts])] = 0
    return primitives.add(padded, leaf(frame))


def _continued(x: Node, margins: Margins, mode: str) -> Node:
    """More elements at both ends, each of them one that is there."""
    sizes = [x.shape[-index] for index in range(1, len(margins) + 1)]
    for index, ((before, after), size) in enumerate(zip(margins, sizes, strict=True), 1):
        most = {"reflect": size - 1, "circular": size}.get(mode)
        if most is not None and max(before, after) > most:
            says = (
                "Padding size should be less than the corresponding input dimension, but got: padding"
                if mode == "reflect"
                else "Padding value causes wrapping around more than once: padding"
            )
            raise GradcliError(
                "bad-argument",
                f"{says} ({before}, {after}) at dimension {x.ndim - index} of input {list(x.shape)}",
            )
    if mode == "circular":  # goes around what is left after cutting off; the others continue first
        x, margins = _cropped(x, margins)
    for index, (before, after) in enumerate(margins, 1):
        places = np.arange(-before, x.shape[-index] + after)
        top = x.shape[-index] - 1
        if mode == "reflect":
            places = top - np.abs(top - np.abs(places))
        places = places % (top + 1) if mode == "circular" else np.clip(places, 0, top)
        x = moved_from_last(take_last(moved_last(x, -index), leaf(places)), -index)
    return x
