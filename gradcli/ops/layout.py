"""How PyTorch would lay a tensor out in memory: whether `reshape` gives a view there, or a copy.

Only names depend on it (`ViewBackward0`, `UnsafeViewBackward0`), so it is worked out from the tape when a row
asks for its name, and a chain of views is followed only so far.
"""

from __future__ import annotations

from math import prod

from gradcli.tape.node import Node, Shape
from gradcli.tape.primitives import Elementwise
from gradcli.tape.primitives import expand as expand_primitive
from gradcli.tape.primitives import reshape as reshape_primitive

Strides = tuple[int, ...]
_FAR = 50
"""How many views on views are followed."""


def dense(shape: Shape) -> Strides:
    """The strides of a tensor in row-major order."""
    return tuple([prod(shape[index + 1 :]) for index in range(len(shape))])


def strides(node: Node, far: int = _FAR) -> Strides:
    """The strides PyTorch's tensor would have, in elements."""
    op, inputs = node.op, node.inputs
    if not inputs or not far:
        return dense(node.shape)
    x = inputs[0]
    if op.name == "permute":
        below = strides(x, far - 1)
        return tuple([below[dim] for dim in node.attrs[0]])
    if op is expand_primitive:
        below = strides(x, far - 1)
        extra = node.ndim - x.ndim
        kept = [
            0 if size != old else stride
            for size, old, stride in zip(node.shape[extra:], x.shape, below, strict=True)
        ]
        return (0,) * extra + tuple(kept)
    if op.name == "pick" and all(isinstance(cut, int) or (cut[2] or 1) > 0 for cut in node.attrs[0]):
        below = strides(x, far - 1)
        return tuple(
            [
                stride * (cut[2] or 1)
                for stride, cut in zip(below, node.attrs[0], strict=True)
                if isinstance(cut, tuple)
            ]
        )
    if op is reshape_primitive:
        return _viewed_strides(x.shape, strides(x, far - 1), node.shape) or dense(node.shape)
    if isinstance(op, Elementwise):
        same = [each for each in inputs if each.shape == node.shape]
        if same:
            below = strides(same[0], far - 1)
            return below if _permuted_dense(node.shape, below) else dense(node.shape)
    return dense(node.shape)


def _permuted_dense(shape: Shape, given: Strides) -> bool:
    """Whether the elements fill their memory without gaps, in whatever order of dims."""
    expected = 1
    for stride, size in sorted(zip(given, shape, strict=True)):
        if size != 1:
            if stride != expected:
                return False
            expected *= size
    return True


def is_contiguous(node: Node) -> bool:
    """Whether PyTorch's tensor would be in row-major order."""
    given = strides(node)
    return node.size == 0 or all(
        size == 1 or stride == wanted
        for size, stride, wanted in zip(node.shape, given, dense(node.shape), strict=True)
    )


def viewable(node: Node, shape: Shape) -> bool:
    """Whether PyTorch could give `node` another shape without copying."""
    return _viewed_strides(node.shape, strides(node), shape) is not None


def _viewed_strides(old: Shape, given: Strides, new: Shape) -> Strides | None:
    """The strides of a view in another shape, or None where there is none."""
    if not prod(old):
        return dense(new)
    sizes = [(size, stride) for size, stride in zip(old, given, strict=True) if size != 1]
    result: list[int] = []
    remaining = list(reversed(new))
    while sizes:
        # A stretch of old dims that are one piece of memory, against as many new dims as it holds.
        size, stride = sizes.pop()
        base, chunk = stride, size
        while sizes and sizes[-1][1] == stride * size:
            size, stride = sizes.pop()
            chunk *= size
        taken = 1
        while remaining and (taken < chunk or remaining[0] == 1):
            result.append(base * taken)
            taken *= remaining.pop(0)
        if taken != chunk:
            return None
    result.extend([1] * len(remaining))
    return tuple(reversed(result))
