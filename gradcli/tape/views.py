"""Views, and what writing through one makes of the whole.

A view is a path of operations that only choose and arrange elements. Arrays are never written to: writing
through a view records the whole anew, with the part in its place. `autograd.tensor` keeps the paths.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.node import FLOAT64, Node, Primitive, Shape
from gradcli.tape.primitives import Linear, expand, lifted, zeros_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Path = tuple[tuple[Any, tuple[Any, ...]], ...]
"""From a node to a view of it: operations with their attributes, the first one first."""


def path_between(whole: Node, part: Node) -> Path | None:
    """The path on which `part` was made from `whole`; None if anything was computed on the way."""
    steps: list[tuple[Primitive, tuple[Any, ...]]] = []
    node = part
    while node is not whole:
        if not node.op.views or not node.inputs:
            return None
        steps.append((node.op, node.attrs))
        node = node.inputs[0]
    return tuple(reversed(steps))


def along(path: Path, node: Node) -> Node:
    """The view of `node` at the end of a path."""
    for op, attrs in path:
        node = op(node, attrs=attrs)
    return node


def undone(path: Path, node: Node) -> Path:
    """The way back along a path that only turns and reshapes `node`: the transposes of its steps."""
    back: Path = ()
    for op, attrs in path:
        node = op(node, attrs=attrs)
        (before,) = op.vjp(node, node)
        assert before is not None
        step = path_between(node, before)
        assert step is not None
        back = (*step, *back)
    return back


def _followed(path: Path, array: Any) -> Any:
    for op, attrs in path:
        array = op.compute(array, *attrs)
    return array


def places(path: Path, shape: Shape) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Where the elements of a view stand in the flattened whole of this shape."""
    found: np.ndarray[Any, np.dtype[np.int64]] = np.asarray(
        _followed(path, np.arange(prod(shape), dtype=np.int64).reshape(shape))
    )
    return found


def repeats(path: Path, shape: Shape) -> bool:
    """Whether an element of the whole stands in the view more than once."""
    if not any(op is expand or op.name in ("windows", "strided") for op, _ in path):
        return False
    found = places(path, shape)
    return len(np.unique(found)) < found.size


class Overwrite(Linear):
    """A whole with a part of it replaced: what writing through a view records."""

    def __init__(self) -> None:
        super().__init__("overwrite", _overwrite_kernel, _infer, _rule, selects=True)

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        steps = [
            (op, attrs if op.batch_attrs is None else op.batch_attrs(size, *attrs))
            for op, attrs in node.attrs[0]
        ]
        return self(*lifted(inputs, batched, size), attrs=(tuple(steps),))


def _overwrite_kernel(whole: Any, part: Any, path: Path) -> Any:
    result = np.array(whole, order="C")
    target = _followed(path, result)
    written = isinstance(target, np.ndarray) and target.flags.writeable
    if written and np.may_share_memory(target, result):
        target[...] = part
    else:  # NumPy copied where PyTorch's strides, or ours, give a view, or gave one that is for reading
        result.reshape(-1)[places(path, result.shape)] = part
    return float(result) if not result.ndim and result.dtype is FLOAT64 else result


def _infer(whole: Node, part: Node, path: Path) -> tuple[Shape, np.dtype[Any]]:
    return whole.shape, whole.dtype


def _rule(g: Node, node: Node) -> list[Node | None]:
    (whole, part), (path,) = node.inputs, node.attrs
    return [
        overwrite(g, zeros_of(part), attrs=(path,)) if whole.requires_grad else None,
        along(path, g) if part.requires_grad else None,
    ]


overwrite = Overwrite()
