"""Pooling: means and maxima over sliding windows, with PyTorch's rules for edges and padding."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.functions import pow
from gradcli.ops.gathering import indices_into
from gradcli.ops.indexing import along_last, scatter_last
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.window_maxima import lowest, places_of_largest, window_places
from gradcli.ops.windows import Steps, joined_last, per_dim, reach, spanned, surrounded, windows
from gradcli.tape import context, primitives
from gradcli.tape.node import Node, Operand, Shape, leaf
from gradcli.tape.primitives import as_node, reshape_to
from gradcli.tape.promote import floating

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


POOLING = "pooling"


class Windows(NamedTuple):
    """Where the windows of a pooling lie.

    Attributes:
        sizes: of the input.
        padding: before and after each dim; windows may run beyond it (`beyond`) with ceil_mode.
        positions: how many windows there are along each dim.
    """

    sizes: Shape
    kernel: Steps
    stride: Steps
    padding: Steps
    dilation: Steps
    beyond: Steps
    positions: Shape

    @property
    def after(self) -> Steps:
        """How many elements are added behind each dim."""
        return tuple([pad + more for pad, more in zip(self.padding, self.beyond, strict=True)])

    def slide(self, x: Node) -> Node:
        """The windows over `x`, which is padded already."""
        needed = spanned(self.positions, self.kernel, self.stride, self.dilation)
        spatial = x.shape[-len(needed) :]
        if any(has > wants for has, wants in zip(spatial, needed, strict=True)):
            from gradcli.ops.indexing import section

            for dim, wants in enumerate(needed, -len(needed)):
                x = section(x, dim, 0, wants)
        return windows(x, attrs=(self.kernel, self.stride, self.dilation))


def _layout(
    name: str,
    x: Node,
    count: int,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> Windows:
    if x.ndim not in (count + 1, count + 2):
        raise GradcliError(
            "shape",
            f"{name}: Expected {count + 1}D or {count + 2}D (batch mode) tensor for input, but got: "
            f"{list(x.shape)}",
        )
    kernel = per_dim(kernel_size, count, "kernel_size", name)
    empty = stride is None or (isinstance(stride, (tuple, list)) and not stride)
    steps = kernel if empty else per_dim(stride, count, "stride", name)
    pads = per_dim(padding, count, "padding", name)
    spread = per_dim(dilation, count, "dilation", name)
    for what, numbers in (("kernel_size", kernel), ("stride", steps), ("dilation", spread)):
        if min(numbers) <= 0:
            raise GradcliError(
                "bad-argument", f"{name}() {what} must be greater than zero, but got {min(numbers)}"
            )
    for pad, k, d in zip(pads, kernel, spread, strict=True):
        if pad < 0:
            raise GradcliError("bad-argument", f"pad must be non-negative, but got pad: {pad}")
        if pad > reach(k, d) // 2:
            raise GradcliError(
                "bad-argument",
                f"pad should be at most half of effective kernel size, but got pad={pad}, kernel_size={k} "
                f"and dilation={d}",
            )
    sizes = x.shape[-count:]
    if 0 in x.shape[-count - 1 :]:
        raise GradcliError(
            "shape",
            f"Expected {count + 1}D or {count + 2}D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{list(x.shape)} in {name}()",
        )
    positions, beyond = [], []
    for size, k, s, p, d in zip(sizes, kernel, steps, pads, spread, strict=True):
        free = size + 2 * p - reach(k, d)
        number = (free + s - 1) // s + 1 if ceil_mode else free // s + 1
        if ceil_mode and (number - 1) * s >= size + p:  # the last window starts inside
            number -= 1
        positions.append(number)
        beyond.append(max((number - 1) * s - free, 0))
    if min(positions) <= 0:
        raise GradcliError("shape", _too_small(name, x.shape[-count - 1], sizes, kernel, positions))
    return Windows(sizes, kernel, steps, pads, spread, tuple(beyond), tuple(positions))


def _too_small(name: str, channels: int, sizes: Shape, kernel: Steps, positions: Sequence[int]) -> str:
    """What PyTorch says where no window fits."""
    if name == "max_pool1d":
        return f"max_pool1d() Invalid computed output size: {positions[0]}"
    if name == "avg_pool3d":
        given = " ".join(f"{axis}: {size}" for axis, size in zip("THW", sizes, strict=True))
        wanted = " ".join(f"k{axis}: {size}" for axis, size in zip("THW", kernel, strict=True))
        return f"input image ({given}) smaller than kernel size ({wanted})"
    flat = (1,) * (len(sizes) == 1)  # the height that what goes along a line has there
    return (
        f"Given input size: ({_by((channels, *flat, *sizes))}). Calculated output size: "
        f"({_by((channels, *flat, *positions))}). Output size is too small"
    )


def _by(sizes: tuple[int, ...]) -> str:
    return "x".join(map(str, sizes))


# ---- means ----


@function(POOLING, "avg_pool1d", method=False, grad_fn="SqueezeBackward1")
def avg_pool1d(
    input: Operand,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Node:
    """the mean over windows of kernel_size, stride apart"""
    return _average("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def _average_pool(rank: int, dims: str) -> Callable[..., Node]:
    name = f"avg_pool{rank}d"

    def pool(
        input: Operand,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Node:
        sizes = kernel_size, stride, padding
        return _average(name, rank, input, *sizes, ceil_mode, count_include_pad, divisor_override)

    pool.__doc__ = f"the mean over windows of kernel_size in the last {dims} dims, stride apart"
    return function(POOLING, name, method=False, grad_fn=f"AvgPool{rank}D")(pool)


avg_pool2d = _average_pool(2, "two")
avg_pool3d = _average_pool(3, "three")


def _power_pool(rank: int, dims: str) -> None:
    name = f"lp_pool{rank}d"

    def pool(
        input: Operand,
        norm_type: float,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        ceil_mode: bool = False,
    ) -> Node:
        if not norm_type:
            raise GradcliError("bad-argument", "float division by zero")
        x = as_node(input)
        raised = pow(primitives.cast(x, floating(x.dtype)), norm_type)
        means = _average(name, rank, raised, kernel_size, stride, 0, ceil_mode, True, None)
        positive = primitives.mul(e.sign(means), e.relu(e.absolute(means)))
        # The means are PyTorch's: divided by what a window covers, and multiplied by what it could.
        sums = primitives.mul(positive, prod(per_dim(kernel_size, rank, "kernel_size", name)))
        root: Node = pow(sums, 1.0 / norm_type)
        return root

    pool.__doc__ = (
        f"the root of the sum of powers over windows of kernel_size in the last {dims}, stride apart"
    )
    function(POOLING, name, method=False, grad_fn="Pow")(pool)


for _rank, _dims in enumerate(("dim", "two dims", "three dims"), 1):
    _power_pool(_rank, _dims)


def _average(
    name: str,
    count: int,
    input: Operand,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor: int | None,
) -> Node:
    x = primitives.require_float(input, name)
    if divisor == 0:
        raise GradcliError("bad-argument", "divisor must be not zero")
    layout = _layout(name, x, count, kernel_size, stride, padding, 1, ceil_mode)
    covered = layout.slide(surrounded(x, layout.padding, layout.after))
    summed = total(covered, tuple(range(-count, 0)))
    if divisor is not None:
        return primitives.div(summed, divisor)
    counts = _counts(layout, count_include_pad)
    same = (counts == counts.flat[0]).all()
    return primitives.div(summed, float(counts.flat[0]) if same else leaf(counts.astype(x.dtype)))


def _counts(layout: Windows, include_padding: bool) -> np.ndarray[Any, Any]:
    """By how much each window's sum is divided: what it covers of the input, or of that and its padding."""
    counts = np.ones(())
    for size, k, s, p, number in zip(
        layout.sizes, layout.kernel, layout.stride, layout.padding, layout.positions, strict=True
    ):
        start = np.arange(number) * s - p
        stop = np.minimum(start + k, size + p)
        length = stop - start if include_padding else np.minimum(stop, size) - np.maximum(start, 0)
        counts = counts[..., None] * length
    return counts


# ---- maxima ----


def _add_max_pool(rank: int, doc: str, grad_fn: str) -> None:
    name = f"max_pool{rank}d"

    def pool(
        input: Operand,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        values, indices = _largest(name, rank, input, kernel_size, stride, padding, dilation, ceil_mode)
        return (values, indices()) if return_indices else values

    pool.__doc__ = f"the largest of each window of kernel_size{doc}; the first one takes the gradient"
    function(POOLING, name, method=False, grad_fn=grad_fn)(pool)


_add_max_pool(1, ", stride apart", "SqueezeBackward1")
_add_max_pool(2, " in the last two dims", "MaxPool2DWithIndices")
_add_max_pool(3, " in the last three dims", "MaxPool3DWithIndices")


def _largest(
    name: str,
    count: int,
    input: Operand,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> tuple[Node, Any]:
    x = as_node(input)
    layout = _layout(name, x, count, kernel_size, stride, padding, dilation, ceil_mode)
    windows = layout.kernel, layout.stride, layout.dilation
    # Taken from the input itself, so that backward puts each cotangent where it belongs in one go.
    at = places_of_largest(x, attrs=(*windows, layout.padding, layout.after))
    shape = (*x.shape[: x.ndim - count], *layout.positions)
    values = reshape_to(along_last(joined_last(x, count), at), shape)
    known = window_places(layout.sizes, layout.positions, *windows, layout.padding)
    if known.hollow.size:  # windows of padding alone
        empty = np.zeros(layout.positions, np.bool_)
        empty.reshape(-1)[known.hollow] = True
        values = primitives.where(leaf(empty), primitives.literal(lowest(x.dtype), x.dtype), values)
    return values, lambda: reshape_to(at, shape)


# ---- maxima put back ----


def _add_unpool(rank: int) -> None:
    name = f"max_unpool{rank}d"

    def unpool(
        input: Operand,
        indices: Operand,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        output_size: Any = None,
    ) -> Node:
        x, at = as_node(input), as_node(indices)
        if x.ndim not in (rank + 1, rank + 2) or x.shape != at.shape:
            raise GradcliError(
                "shape",
                "Expected shape of indices to be same as that of the input tensor "
                f"({list(x.shape)}) but got indices tensor with shape: {list(at.shape)}"
                if x.shape != at.shape
                else f"Input to {name} should be a {rank + 1}D or {rank + 2}D Tensor",
            )
        kernel = per_dim(kernel_size, rank, "kernel_size", name)
        steps = kernel if stride is None else per_dim(stride, rank, "stride", name)
        pads = per_dim(padding, rank, "padding", name)
        usual = zip(x.shape[-rank:], steps, kernel, pads, strict=True)
        sizes = tuple([(size - 1) * s + k - 2 * p for size, s, k, p in usual])
        if output_size is not None:
            given = per_dim(tuple(output_size)[-rank:], rank, "output_size", name)
            for dim, (size, usual_size, step) in enumerate(zip(given, sizes, steps, strict=True)):
                if not usual_size - step < size < usual_size + step:
                    raise GradcliError(
                        "bad-argument",
                        f'invalid output_size "{given}" (dim {dim} must be between {usual_size - step} and '
                        f"{usual_size + step})",
                    )
            sizes = given
        context.admit(prod(x.shape[:-rank]) * prod(sizes) * x.dtype.itemsize)
        volume = "x".join(map(str, sizes))
        says = f"Found an invalid max index: {{worst}} (output volumes are of size {volume})"
        chosen = indices_into(at, name, prod(sizes), -1, says=says)
        flat = scatter_last(joined_last(x, rank), joined_last(chosen, rank), attrs=(prod(sizes),))
        return reshape_to(flat, (*x.shape[:-rank], *sizes))

    unpool.__doc__ = "zeros with each element of input at its index, as max pooling returned them"
    function(POOLING, name, method=False, grad_fn="SqueezeBackward1" if rank == 1 else f"MaxUnpool{rank}D")(
        unpool
    )


for _rank in (1, 2, 3):
    _add_unpool(_rank)
