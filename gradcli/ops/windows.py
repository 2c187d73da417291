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
from gradcli.tape.node import Node, Primitive, Shape
from gradcli.tape.primitives import Linear, expand, reduce_sum, reshape_to

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def spanned(positions: Sequence[int], kernel: Steps, stride: Steps, dilation: Steps) -> Shape:
    """From how many elements so many windows are taken."""
    return tuple(
        [
            (count - 1) * s + reach(k, d)
            for count, k, s, d in zip(positions, kernel, stride, dilation, strict=True)
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
    if x.flags.c_contiguous and x.size:  # in a tenth of the time
        return np.ndarray(shape, x.dtype, x, 0, strides)
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


def overlap(kernel: Steps, stride: Steps, dilation: Steps) -> bool:
    """Whether an element may be in several windows."""
    return any(step < reach(k, d) for k, step, d in zip(kernel, stride, dilation, strict=True))


def _overlap_into(g: Any, sizes: Shape, kernel: Steps, stride: Steps, dilation: Steps, out: Any) -> Any:
    view = view_of_windows(out, kernel, stride, dilation)
    adds = overlap(kernel, stride, dilation)

    def add(part: slice) -> None:
        out[part] = 0
        for offset in np.ndindex(*kernel):  # within one offset no two windows overlap
            if adds:
                view[(part, ..., *offset)] += g[(part, ..., *offset)]
            else:
                view[(part, ..., *offset)] = g[(part, ..., *offset)]

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


# ---- sums over windows, in plans ----


PIECE = 32_768
"""Elements that are added up at a time, dim by dim: they stay in the cache."""


class OfWindows(Primitive):
    """Sums over windows that overlap, or what spreads numbers over them: one dim after the other.

    In plans, never on a tape. So each element is read as often as a window is long, not as it has elements.
    """

    def __init__(self, name: str, along: Callable[..., None]) -> None:
        self.name = name
        self.along_dim = along

    def __call__(self, x: Node, attrs: tuple[Steps, Steps, Steps], sizes: Shape) -> Node:
        """The operation, for a plan; the last dims of the result have those sizes."""
        shape = (*x.shape[: x.ndim - len(sizes)], *sizes)
        return Node(self, (x,), attrs, shape, x.dtype, False)

    def compute(self, *args: Any) -> Any:
        raise NotImplementedError  # a plan says where it goes

    def into(self, x: Any, kernel: Steps, stride: Steps, dilation: Steps, out: Any) -> Any:
        count = len(kernel)
        sizes = out.shape[out.ndim - count :]
        rows, found = x.reshape(-1, *x.shape[x.ndim - count :]), out.reshape(-1, *sizes)

        def work(part: slice) -> None:
            value = rows[part]
            for dim, steps in enumerate(zip(kernel, stride, dilation, strict=True), -count):
                shape = list(value.shape)
                shape[dim] = sizes[dim]
                result = found[part] if dim == -1 else np.empty(shape, out.dtype)
                self.along_dim(value, *steps, (slice(None),) * (-dim - 1), result)
                value = result

        size = max(x.size, out.size)
        share(work, cuts(len(rows), max(size // PIECE, 1), 1), size >= SHARED)
        return out


def _places(at: int, count: int, stride: int, dilation: int) -> slice:
    """Where the element `at` of each window lies along a dim."""
    return slice(at * dilation, at * dilation + (count - 1) * stride + 1, stride)


def _sum_along(x: Any, kernel: int, stride: int, dilation: int, behind: tuple[slice, ...], out: Any) -> None:
    count = out.shape[-len(behind) - 1]
    for at in range(kernel):
        part = x[(..., _places(at, count, stride, dilation), *behind)]
        if at:
            np.add(out, part, out)
        else:
            np.copyto(out, part)


def _spread_along(
    g: Any, kernel: int, stride: int, dilation: int, behind: tuple[slice, ...], out: Any
) -> None:
    count = g.shape[-len(behind) - 1]
    out[...] = 0
    for at in range(kernel):
        part = out[(..., _places(at, count, stride, dilation), *behind)]
        np.add(part, g, part)


sum_of_windows = OfWindows("sum_of_windows", _sum_along)
spread_over_windows = OfWindows("spread_over_windows", _spread_along)


def _summed(x: Node, kernel: Steps, stride: Steps, dilation: Steps, dims: tuple[int, ...]) -> Node | None:
    count = len(kernel)
    if dims != tuple(range(-count, 0)) or not overlap(kernel, stride, dilation):
        return None
    sizes = out_sizes(x.shape[x.ndim - count :], kernel, stride, dilation)
    return sum_of_windows(x, (kernel, stride, dilation), sizes)


def _spread(g: Node, sizes: Shape, kernel: Steps, stride: Steps, dilation: Steps) -> Node | None:
    """What is the same for all elements of a window, added up where they lie."""
    if g.op is not expand or g.value is not None or not overlap(kernel, stride, dilation):
        return None
    lead = g.shape[: g.ndim - len(kernel)]
    (x,) = g.inputs
    if x.size != prod(lead):
        return None
    return spread_over_windows(reshape_to(x, lead), (kernel, stride, dilation), sizes)


windows.composed_in = {reduce_sum: _summed}
overlap_add.composes(_spread)


def enlarged(sizes: Shape, before: Steps, after: Steps) -> Shape:
    """The sizes of dims with so many more elements before them and after them."""
    return tuple([b + size + a for b, size, a in zip(before, sizes, after, strict=True)])


def surrounded(x: Node, before: Steps, after: Steps) -> Node:
    """`x` with zeros around its last dims."""
    if not any(before) and not any(after):
        return x
    spatial = x.shape[-len(before) :]
    outer = x.shape[: x.ndim - len(before)]
    shape = (*outer, *enlarged(spatial, before, after))
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
