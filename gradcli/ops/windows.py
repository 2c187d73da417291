"""Sliding windows over the last dims: a linear primitive and its transpose.

`convolution` and `pooling` are built on it.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import MOST, cuts, share
from gradcli.errors import GradcliError
from gradcli.ops.among_zeros import Cut
from gradcli.ops.indexing import WHOLE, place
from gradcli.ops.shapes import integer
from gradcli.tape.node import Node, Shape
from gradcli.tape.primitives import Linear, reshape_to

if TYPE_CHECKING:
    from collections.abc import Sequence

Steps = tuple[int, ...]
"""One number for each of the dims that windows slide over."""


def reach(kernel: int, dilation: int) -> int:
    """How many neighbouring elements a window spans."""
    return dilation * (kernel - 1) + 1


def out_sizes(spatial: Sequence[int], kernel: Steps, stride: Steps, dilation: Steps) -> Shape:
    return tuple(
        [
            (size - reach(k, d)) // s + 1
            for size, k, s, d in zip(spatial, kernel, stride, dilation, strict=True)
        ]
    )


def view_of_windows(x: Any, kernel: Steps, stride: Steps, dilation: Steps) -> Any:
    """The windows of an array as a view of it."""
    count = len(kernel)
    lead, steps = x.shape[: x.ndim - count], x.strides[: x.ndim - count]
    inner = x.strides[x.ndim - count :]
    spatial = x.shape[x.ndim - count :]
    shape = (*lead, *out_sizes(spatial, kernel, stride, dilation), *kernel)
    # A step beyond the array is never taken, and may be more than a stride can be.
    strides = (
        *steps,
        *[step * min(s, size) for step, s, size in zip(inner, stride, spatial, strict=True)],
        *[step * min(d, size) for step, d, size in zip(inner, dilation, spatial, strict=True)],
    )
    return np.lib.stride_tricks.as_strided(x, shape, strides)


def _windows_kernel(x: Any, kernel: Steps, stride: Steps, dilation: Steps) -> Any:
    return view_of_windows(np.asarray(x), kernel, stride, dilation)


def _windows_infer(x: Node, kernel: Steps, stride: Steps, dilation: Steps) -> tuple[Shape, np.dtype[Any]]:
    count = len(kernel)
    outer = x.shape[: x.ndim - count]
    return (*outer, *out_sizes(x.shape[x.ndim - count :], kernel, stride, dilation), *kernel), x.dtype


def _windows_transpose(g: Node, node: Node) -> list[Node | None]:
    (x,), attrs = node.inputs, node.attrs
    return [overlap_add(g, attrs=(x.shape[-len(attrs[0]) :], *attrs))]


windows = Linear(
    "windows",
    _windows_kernel,
    _windows_infer,
    _windows_transpose,
    selects=True,
    moves=True,
    views=True,
)
"""For each position of a window of sizes `kernel` what it covers, in the last dims."""


SHARED = 100_000
"""Elements of windows for which a thread is worth waking."""


def _overlap_into(g: Any, sizes: Shape, kernel: Steps, stride: Steps, dilation: Steps, out: Any) -> Any:
    view = view_of_windows(out, kernel, stride, dilation)
    apart = all(step >= reach(k, d) for k, step, d in zip(kernel, stride, dilation, strict=True))

    def add(part: slice) -> None:
        out[part] = 0
        for offset in np.ndindex(*kernel):  # within one offset no two windows overlap
            if apart:
                view[(part, ..., *offset)] = g[(part, ..., *offset)]
            else:
                view[(part, ..., *offset)] += g[(part, ..., *offset)]

    most = min(g.size // SHARED, MOST)
    parts = cuts(len(out), most, 1) if most > 1 and out.ndim > len(kernel) else [slice(None)]
    share(add, parts)
    return out


def _overlap_kernel(g: Any, sizes: Shape, kernel: Steps, stride: Steps, dilation: Steps) -> Any:
    lead = g.shape[: g.ndim - 2 * len(sizes)]
    return _overlap_into(g, sizes, kernel, stride, dilation, np.empty((*lead, *sizes), g.dtype))


overlap_add = Linear(
    "overlap_add",
    _overlap_kernel,
    lambda g, sizes, kernel, stride, dilation: (
        (*g.shape[: g.ndim - 2 * len(kernel)], *sizes),
        g.dtype,
    ),
    lambda g, node: [windows(g, attrs=node.attrs[1:])],
    gathering=windows,
    into=_overlap_into,
)
"""Windows added up where they lay: the transpose of `windows`."""


def surrounded(x: Node, before: Steps, after: Steps) -> Node:
    """`x` with zeros around its last dims."""
    if not any(before) and not any(after):
        return x
    spatial = x.shape[-len(before) :]
    outer = x.shape[: x.ndim - len(before)]
    shape = (*outer, *[b + size + a for b, size, a in zip(before, spatial, after, strict=True)])
    cuts: list[Cut] = [WHOLE] * len(outer)
    cuts += [(b, b + size, None) for b, size in zip(before, spatial, strict=True)]
    return place(x, attrs=(shape, tuple(cuts)))


def joined_last(x: Node, count: int) -> Node:
    """The last `count` dims as one."""
    return reshape_to(x, (*x.shape[: x.ndim - count], prod(x.shape[x.ndim - count :])))


def per_dim(given: Any, count: int, name: str, owner: str) -> Steps:
    """A size, or a list of one or of `count` sizes, as one size for each dim."""
    sizes = [integer(each, name) for each in (given if isinstance(given, (tuple, list)) else (given,))]
    if len(sizes) == 1:
        return tuple(sizes * count)
    if len(sizes) != count:
        raise GradcliError(
            "bad-argument",
            f"{owner}(): expected {name} to be a single integer value or a list of {count} values to match "
            f"the dimensions, but got {name}={sizes}",
        )
    return tuple(sizes)
