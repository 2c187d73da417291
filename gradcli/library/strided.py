"""`as_strided`: a view of the memory that a tensor lies in, whatever of it the tensor shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.labels import LABELS
from gradcli.autograd.recorder import shared
from gradcli.autograd.tensor import Base, Tensor, View
from gradcli.errors import GradcliError, failure
from gradcli.ops.layout import Placed, dense
from gradcli.ops.shapes import permuted, viewed
from gradcli.ops.strided import strided
from gradcli.tape.custom import detached
from gradcli.tape.views import overwrite, path_between, repeats
from gradcli.values.conversions import integer
from gradcli.values.formatting import type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.ops.layout import Strides
    from gradcli.tape.node import Node, Shape
    from gradcli.values.runtime import Runtime


def as_strided(
    runtime: Runtime, span: Span, input: Tensor, size: Any, stride: Any, storage_offset: Any = None
) -> Tensor:
    """The elements of the memory of `input` that are so many steps apart."""
    session = runtime.session
    shape, steps = (_ints(runtime, span, *each) for each in ((size, "size", 1), (stride, "stride", 2)))
    offset = input.offset
    if storage_offset is not None:
        offset = integer(runtime, storage_offset, span, "as_strided(): argument 'storage_offset' must be int")
    view = input.view or shared(input)
    base = view.base
    whole, path = base.node, view.path
    if base.path:  # a base of its own in memory that holds more
        assert base.root is not None
        whole, path = detached(base.root.node), (*base.path, *view.path)
    memory = _memory(whole, base.storage.whole)
    _require_within(shape, steps, offset, memory(whole).shape[0], input.dtype.itemsize)

    def seen(node: Node) -> Node:
        return strided(memory(node), attrs=(shape, steps, offset))

    made = seen(whole)
    way = path_between(whole, made)
    assert way is not None
    if path and not base.path and not repeats(path, whole.shape):  # what lies elsewhere has no gradient
        made = seen(overwrite(detached(whole), input.node, attrs=(path,)))
    result: Tensor = session.wrap(made, LABELS["as_strided"])
    source = Tensor(whole)
    if base.path:
        assert base.root is not None
        base = Base(base.storage, whole, (), base.root, base.silent)
    source.view = View(base, (), view.barred)
    return session.link(source, result, way)


def _memory(whole: Node, placed: Placed) -> Callable[[Node], Node]:
    """What lays a node like `whole` out as one line, as its memory does."""
    order = sorted(range(-whole.ndim, 0), key=lambda dim: -placed.strides[dim])
    lies = tuple([placed.strides[dim] for dim in order])
    if not placed.compact or lies != dense(tuple([whole.shape[dim] for dim in order])):
        order = list(range(-whole.ndim, 0))
    return lambda node: viewed(permuted(node, order), (node.size,))


def _require_within(shape: Shape, steps: Strides, offset: int, size: int, width: int) -> None:
    if len(shape) != len(steps):
        raise GradcliError("shape", "mismatch in length of strides and shape")
    if any(step < 0 for step in steps):
        raise GradcliError(
            "bad-argument",
            f"as_strided: Negative strides are not supported at the moment, got strides: {list(steps)}",
        )
    if any(each < 0 for each in shape):
        raise GradcliError(
            "shape",
            f"Storage size calculation overflowed with sizes={list(shape)} and strides={list(steps)}",
        )
    if offset < 0:
        raise GradcliError("bad-argument", f"Tensor: invalid storage offset {offset}")
    if 0 in shape:
        return
    needed = offset + 1 + sum((each - 1) * step for each, step in zip(shape, steps, strict=True))
    if needed > size:
        message = (
            f"setStorage: sizes {list(shape)}, strides {list(steps)}, storage offset {offset}, and itemsize "
            f"{width} requiring a storage size of {needed * width} are out of bounds for storage of size "
            f"{size * width}"
        )
        raise failure("RuntimeError", message, None, "shape")


def _ints(runtime: Runtime, span: Span, value: Any, name: str, position: int) -> tuple[int, ...]:
    what = f"as_strided(): argument '{name}' (position {position}) must be tuple of ints"
    if not isinstance(value, (tuple, list)):
        raise GradcliError("bad-argument", f"{what}, not {type_name(value)}", span=span)
    for at, each in enumerate(value):
        if type(each) is float:
            message = f"{what}, but found element of type float at pos {at}"
            raise GradcliError("bad-argument", message, span=span)
    return tuple([integer(runtime, each, span, what) for each in value])
