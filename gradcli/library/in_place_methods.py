"""The methods that write into a tensor: made of the function without `_`, or with rules of their own.

Each takes `(runtime, span, tensor, …)`. Who may be written to is `autograd.in_place`'s to decide.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.in_place import as_operands
from gradcli.autograd.labels import LABELS
from gradcli.autograd.recorder import shared
from gradcli.errors import GradcliError
from gradcli.library.arguments import apply_row
from gradcli.ops import registry
from gradcli.ops.layout import dense
from gradcli.ops.rows import CallName
from gradcli.tape.promote import broadcast, require_fits, torch_name
from gradcli.tape.views import path_between
from gradcli.values.conversions import number, truth
from gradcli.values.formatting import type_name
from gradcli.values.values import NUMBERS

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.ops.rows import Function
    from gradcli.values.runtime import Runtime


def in_place(name: str, function: bool = False) -> Callable[..., Any] | None:
    """The in-place method or `function` of that name, made from the row without the underscore."""
    row = registry.lookup(name[:-1]) if function else registry.in_place(name)
    return None if row is None else partial(_called, row, name)


def _called(
    row: Function, name: str, runtime: Runtime, span: Span, tensor: Tensor, *arguments: Any, **keywords: Any
) -> Tensor:
    """Calls the function of a row in place."""
    session = runtime.session
    if type(tensor) is not Tensor:  # as an argument of the function of that name
        message = f"{name}(): argument 'input' (position 1) must be Tensor, not {type_name(tensor)}"
        raise GradcliError("bad-argument", message, span=span)
    if row.name in _UNRECORDED and session.recording:
        with session.recorded(False):
            return _called(row, name, runtime, span, tensor, *arguments, **keywords)
    operands = (*arguments, *keywords.values())
    # Elementwise work looks for overlaps before it looks at shapes.
    if row.name == "float_power" and tensor.dtype != np.float64:
        raise GradcliError(
            "dtype",
            f"the base given to float_power_ has dtype {torch_name(tensor.dtype)} but the operation's "
            "result requires dtype Double",
            span=span,
        )
    if row.name == "masked_fill":
        operands = operands[:1]  # what it fills with is read before
    elementwise = row.family in registry.IN_PLACE_FAMILIES
    copies = row.name in _COPYING  # those of `_APART` look at the shapes before
    if row.name in _CHOOSING and session.repeats(tensor):
        session.refuse(tensor, operands, reads=False, once=False)
        if row.name == "masked_fill":
            broadcast(tensor.shape, *[each.shape for each in operands if type(each) is Tensor])
        filling: Any = 0
        if "value" in keywords:
            filling, keywords = keywords["value"], {"value": False}
        elif row.name.endswith("fill"):
            arguments, filling = (*arguments[:-1], False), arguments[-1]
        flags = session.leaf(np.ones(tensor.shape, bool))
        kept = apply_row(runtime, row, (flags, *arguments), keywords, span, first=0)
        require_fits(tensor.shape, kept.shape)
        session.set_item(tensor, session.invert(kept), filling)
        return tensor
    if row.name == "index_put" and not keywords and _are_places(*arguments):
        session.refuse(tensor, operands, reads=False, once=False)
        session.set_item(tensor, tuple(arguments[0]), arguments[1], assigned=False)
        return tensor
    once = row.name not in _APART
    heard = session.refuse(tensor, operands, reads=elementwise or copies, once=once, apart=copies)
    if (elementwise and row.name != "lerp") or row.name == "masked_fill":  # lerp looks at dtypes first
        try:
            broadcast(tensor.shape, *[each.shape for each in operands if type(each) is Tensor])
        except GradcliError:
            session.ask_first(operands)
            raise
    if heard is not None:
        arguments = tuple(as_operands(arguments, tensor, heard))
        keywords = dict(zip(keywords, as_operands(keywords.values(), tensor, heard), strict=True))
    made = apply_row(runtime, row, (tensor, *arguments), keywords, span, first=0)
    if row.name in _APART:
        session.refuse(tensor, operands, apart=True)
    return session.assign_in_place(tensor, made, name, operands)


_COPYING = frozenset(("index_copy", "index_put"))
"""The functions that write in place what they read somewhere else, which they ask before anything."""
_CHOOSING = frozenset(("masked_fill", "index_fill", "tril", "triu"))
"""The functions that fill some elements, also those that stand in a tensor several times."""
_UNRECORDED = frozenset(("logical_not", "logical_and", "logical_or", "logical_xor"))
"""The functions that leave a tensor's history as it is when they work in place."""


def _are_places(indices: Any, values: Any, *more: Any) -> bool:
    """Whether these say what is written where, as `tensor[indices] = values` does."""
    listed = isinstance(indices, (list, tuple)) and all(type(each) is Tensor for each in indices)
    return listed and type(values) is Tensor and not more


_APART = frozenset(("index_add", "put", "scatter", "scatter_add", "scatter_reduce", "index_reduce"))
"""The functions that write in place only into memory from which they don't read."""


def _rearranged(runtime: Runtime, tensor: Tensor, show: Callable[[], Tensor], label: CallName) -> Tensor:
    """Makes `tensor` the view of it that `show` gives."""
    session = runtime.session
    session.refuse(tensor, once=False, turns=True)
    recording = session.recording
    with session.recorded(recording or not tensor.is_leaf):  # a result stays one
        shown = show()
    former = tensor.history
    session.rearrange(tensor, shown, label if recording else None)
    session.go_on(former, tensor.history)
    return tensor


def _rearranging(name: str, grad_fn: str) -> Callable[..., Tensor]:
    """A method that gives a tensor another shape or order of dims: what the function without `_` shows."""
    label = CallName(name, grad_fn)

    def call(runtime: Runtime, span: Span, tensor: Tensor, *arguments: Any, **keywords: Any) -> Tensor:
        def show() -> Tensor:
            if name == "t" and len(tensor.shape) > 2:
                raise GradcliError(
                    "shape", f"t_() expects a tensor with <= 2 dimensions, but self is {len(tensor.shape)}D"
                )
            row = registry.method(name)
            assert row is not None, name
            shown: Tensor = apply_row(runtime, row, (tensor, *arguments), keywords, span, first=0)
            return shown

        named = label
        if name == "squeeze" and (arguments or keywords):
            dims = next(iter((*arguments, *keywords.values())))
            named = CallName(
                name, "SqueezeBackward5" if isinstance(dims, (tuple, list)) else "SqueezeBackward4"
            )
        return _rearranged(runtime, tensor, show, named)

    return call


def _zero_(runtime: Runtime, span: Span, tensor: Tensor) -> Tensor:
    return runtime.session.assign_in_place(tensor, 0, "zero_")


def _fill_(runtime: Runtime, span: Span, tensor: Tensor, value: Any) -> Tensor:
    filling = _filling(runtime, value, "fill_", span)
    name = "fill_ with a tensor" if type(filling) is Tensor else "fill_"
    return runtime.session.assign_in_place(tensor, filling, name)


def _copy_(runtime: Runtime, span: Span, tensor: Tensor, source: Any, **_: Any) -> Tensor:
    return runtime.session.assign_in_place(tensor, _filling(runtime, source, "copy_", span), "copy_")


def _fill_diagonal_(
    runtime: Runtime, span: Span, tensor: Tensor, fill_value: Any, wrap: Any = False
) -> Tensor:
    from gradcli.ops.placing import main_diagonal

    session = runtime.session
    whole = type(fill_value) is int
    value = fill_value if whole else number(runtime, fill_value, span, "fill_diagonal_")
    node = main_diagonal(tensor.node, truth(runtime, wrap, span))
    path = path_between(tensor.node, node)
    assert path is not None
    diagonal = session.link(tensor, session.wrap(node, LABELS["as_strided"]), path)
    session.assign_in_place(diagonal, value, "fill_")
    return tensor


def _resize_(runtime: Runtime, span: Span, tensor: Tensor, *sizes: Any, **_: Any) -> Tensor:
    from gradcli.ops.shapes import sizes as shape_of

    shape = shape_of(sizes)
    if tensor.requires_grad:
        raise GradcliError("in-place", "cannot resize variables that require grad", span=span)
    if any(each < 0 for each in shape):
        raise GradcliError("shape", "numel: integer multiplication overflow", span=span)
    view = tensor.view or shared(tensor)
    have, want = prod(view.base.storage.whole.shape) - tensor.offset, prod(shape)
    if want > have:
        raise GradcliError(
            "shape",
            f"resize_ to {list(shape)} would show {want - have} elements that nothing was written to",
            span=span,
            hint="make a larger tensor and copy into it: y = zeros(…); y[:n] = x",
        )
    return _as_strided_(runtime, span, tensor, shape, dense(shape))


def _as_strided_(
    runtime: Runtime, span: Span, tensor: Tensor, size: Any, stride: Any, storage_offset: Any = None
) -> Tensor:
    from gradcli.library.strided import as_strided

    def show() -> Tensor:
        return as_strided(runtime, span, tensor, size, stride, storage_offset)

    return _rearranged(runtime, tensor, show, CallName("as_strided_", "AsStridedBackward1"))


def _filling(runtime: Runtime, value: Any, name: str, span: Span) -> Any:
    if type(value) is Tensor or type(value) in NUMBERS:
        return value
    if isinstance(value, (list, tuple)):
        return runtime.session.tensor(list(value))
    raise GradcliError("bad-argument", f"{name}() takes a tensor, not {type_name(value)}", span=span)


_REARRANGING = {
    "t": "TBackward1",
    "transpose": "TransposeBackward1",
    "swapaxes": "TransposeBackward1",
    "swapdims": "TransposeBackward1",
    "squeeze": "SqueezeBackward3",
    "unsqueeze": "UnsqueezeBackward1",
}

METHODS: dict[str, Callable[..., Any]] = {
    **{f"{name}_": _rearranging(name, grad_fn) for name, grad_fn in _REARRANGING.items()},
    "zero_": _zero_,
    "fill_": _fill_,
    "as_strided_": _as_strided_,
    "fill_diagonal_": _fill_diagonal_,
    "copy_": _copy_,
    "resize_": _resize_,
}
"""Each method: `(runtime, span, tensor, …)`."""
