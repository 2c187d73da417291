"""Attributes that are assigned, deleted or asked for by a name that the program computes.

What there is to be read is in `members`; nothing of Python's is among it, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, EXCEPTIONS, ClassValue, Instance
from gradcli.values.values import Builtin, GradientContext, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def assign(runtime: Runtime, holder: Any, name: str, value: Any, span: Span) -> None:
    """`holder.name = value`."""
    if type(holder) is Tensor:
        _set_tensor(runtime, holder, name, value, span)
    elif type(holder) is GradientContext or type(holder) is UserFunction:
        holder.attributes[name] = value
    elif type(holder) is Instance or type(holder) is ClassValue:
        from gradcli.library.objects import set_attribute

        set_attribute(runtime, holder, name, value, span)
    else:
        message = f"'{type_name(holder)}' object has no attribute '{name}' to assign to"
        raise GradcliError("bad-argument", message, span=span)


def _set_tensor(runtime: Runtime, tensor: Tensor, name: str, value: Any, span: Span) -> None:
    if name == "requires_grad":
        from gradcli.library.tensor_methods import set_requires_grad

        if type(value) is not bool:
            raise failure("RuntimeError", "requires_grad must be a bool", span)
        if not tensor.is_leaf:
            runtime.session.set_requires_grad(tensor, False)  # which says why not, whatever the flag
        set_requires_grad(runtime, tensor, value)
    elif name == "grad":
        if value is not None and type(value) is not Tensor:
            message = f"assigned grad expected to be a Tensor or None but got grad of type {type_name(value)}"
            raise GradcliError("bad-argument", message, span=span)
        tensor.grad = value
    elif name == "data":
        if type(value) is not Tensor:
            message = f"Variable data has to be a tensor, but got {type_name(value)}"
            raise GradcliError("bad-argument", message, span=span, hint="write x.data = tensor(…)")
        runtime.session.set_data(tensor, value)
    else:
        from gradcli.library.members import TENSOR_ATTRIBUTES

        read_only = name in TENSOR_ATTRIBUTES
        raise GradcliError(
            "bad-argument" if read_only else "unknown-name",
            f"attribute '{name}' of 'Tensor' objects is not writable"
            if read_only
            else f"'Tensor' object has no attribute '{name}'",
            span=span,
            hint="what can be assigned is .requires_grad, .grad and .data",
        )


def remove_attribute(runtime: Runtime, holder: Any, name: str, span: Span) -> None:
    """`del holder.name`."""
    if type(holder) in (Instance, UserFunction) and name in holder.attributes:
        del holder.attributes[name]
    elif type(holder) is Tensor and name == "grad":
        holder.grad = None
    else:
        raise GradcliError("unknown-name", f"there is no attribute '{name}' to delete", span=span)


def _named(name: Any, span: Span) -> str:
    if type(name) is not str:
        raise failure("TypeError", f"attribute name must be string, not '{type_name(name)}'", span)
    return name


def _getattr(runtime: Runtime, span: Span, value: Any, name: Any, default: Any = ABSENT) -> Any:
    from gradcli.library import members
    from gradcli.library.objects import classes_of

    try:
        return members.attribute(runtime, value, _named(name, span), span)
    except GradcliError as error:
        if default is ABSENT or not any(each.inherits(_NOT_THERE) for each in classes_of(error)):
            raise
        return default


def _hasattr(runtime: Runtime, span: Span, value: Any, name: Any) -> bool:
    return _getattr(runtime, span, value, name, _NOTHING) is not _NOTHING


def _setattr(runtime: Runtime, span: Span, holder: Any, name: Any, value: Any) -> None:
    assign(runtime, holder, _named(name, span), value, span)


def _delattr(runtime: Runtime, span: Span, holder: Any, name: Any) -> None:
    remove_attribute(runtime, holder, _named(name, span), span)


_NOTHING = object()
_NOT_THERE = EXCEPTIONS["AttributeError"]
ATTRIBUTES: dict[str, Any] = {
    "getattr": Builtin("getattr", _getattr),
    "hasattr": Builtin("hasattr", _hasattr),
    "setattr": Builtin("setattr", _setattr),
    "delattr": Builtin("delattr", _delattr),
}
"""Python's functions of attributes."""
