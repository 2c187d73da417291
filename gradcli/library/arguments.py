"""Values of the language as arguments of the functions in the function table.

The compiled calls, and the built-in functions that end in one of the table's, go through here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.limits import MOST_ITEMS, check_size
from gradcli.tape.primitives import cast as node_cast
from gradcli.values.conversions import integer, listed
from gradcli.values.dtypes import numpy_dtype
from gradcli.values.formatting import type_name
from gradcli.values.objects import Instance
from gradcli.values.values import Array, Device, DType, Size, TypeFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.ops.rows import Function
    from gradcli.values.runtime import Runtime

ITERATOR: type = type(iter([]))
"""What a comprehension between brackets of a call makes: its items, once."""
PLAIN = frozenset((Tensor, float, int, bool, str, type(None)))
"""Types of arguments that go to the function table as they are."""


def for_table(runtime: Runtime, value: Any, span: Span) -> Any:
    """An argument as the function table takes it."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is Array:
        return value.tensor
    if kind is DType:
        return numpy_dtype(value.name)
    if kind is TypeFunction and value.dtype is not None:
        return numpy_dtype(value.dtype)
    if kind is range or kind is ITERATOR:
        return listed(runtime, value, span)
    if kind is Instance and value.cls.find("__iter__") is not None:
        return listed(runtime, value, span)
    if kind is Instance and value.cls.find("__index__") is not None:
        return integer(runtime, value, span)
    if isinstance(value, (list, tuple)):
        check_size(value, MOST_ITEMS, span)
        return tuple(value) if kind is Size else value
    if value is Ellipsis or kind is slice:
        return value
    raise GradcliError(
        "bad-argument",
        f"expected a tensor, a number or a list of numbers, not {type_name(value)}",
        span=span,
    )


def keywords_for_table(runtime: Runtime, keywords: dict[str, Any], span: Span) -> dict[str, Any]:
    found = {}
    for name, value in keywords.items():
        if name == "device":
            if type(value) is not Device and value not in (None, "cpu"):
                raise GradcliError("bad-argument", "there is only the device 'cpu' here", span=span)
            continue
        if name == "memory_format" and type(value) is DType:  # as it is, or row by row
            continue
        if name == "generator" and value is not None:
            from gradcli.tape.generator import Generator

            if type(value) is not Generator:
                message = f"generator must be a torch.Generator, not {type_name(value)}"
                raise GradcliError("bad-argument", message, span=span)
            value.on_time = runtime.session.context.on_time
            found[name] = value
            continue
        found[name] = for_table(runtime, value, span)
    return found


def apply_row(
    runtime: Runtime,
    function: Function,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    span: Span,
    first: int = 1,
) -> Any:
    """Calls a function of the table with values of the language; `out` takes the result in place.

    Errors count the arguments from `first` on, as `Function.arguments` does.
    """
    target = keywords.pop("out", None) if "out" in keywords else None
    given = tuple([for_table(runtime, each, span) for each in arguments])
    named = keywords_for_table(runtime, keywords, span) if keywords else {}
    runtime.session.span = span
    result = runtime.session.apply(function, given, named, first)
    return result if target is None else _into(runtime, function.name, target, result, span)


def _into(runtime: Runtime, name: str, target: Any, result: Any, span: Span) -> Tensor:
    """A result as the new value of the tensor that `out` names."""
    if type(target) is Array:
        target = target.tensor
    if type(target) is not Tensor or type(result) is not Tensor:
        message = f"out takes a tensor, for one result, not {type_name(target)}"
        raise GradcliError("bad-argument", message, span=span)
    if runtime.session.recording and (result.requires_grad or target.requires_grad):
        message = f"{name}(): functions with out=... arguments don't support automatic differentiation, but "
        message += "one of the arguments requires grad."
        raise GradcliError("no-grad", message, span=span)
    if target.shape != result.shape:  # it is resized
        runtime.session.set_data(target, Tensor(node_cast(result.node, target.dtype)))
        return target
    filled: Tensor = runtime.session.assign_in_place(target, result, "copy_")
    return filled
