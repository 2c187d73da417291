"""Calling a value of the language, whatever it turns out to be, from within the library or the interpreter.

The compiled calls of `gradcli.interpreter.calls` end here unless they know what they call; hooks and
derivatives of functions start here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, suggestion
from gradcli.library.arguments import apply_row
from gradcli.library.functions import call_user
from gradcli.ops.registry import Function
from gradcli.values.formatting import type_name
from gradcli.values.values import BoundMethod, Builtin, Namespace, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def call_value(
    runtime: Runtime, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Any:
    """Calls any value."""
    kind = type(function)
    if kind is UserFunction:
        return call_user(runtime, function, arguments, keywords, span)
    if kind is Function:
        return apply_row(runtime, function, arguments, keywords, span)
    if isinstance(function, Builtin):
        return call_builtin(runtime, function, arguments, keywords, span)
    if kind is BoundMethod:
        runtime.session.span = span
        try:
            return function.call(span, *arguments, **keywords)
        except TypeError as error:
            raise (
                wrong_arguments(function.name, function.call, (span, *arguments), keywords, span) or error
            ) from None
    if kind is Namespace:
        raise GradcliError("bad-argument", f"'{function.path}' is a module and cannot be called", span=span)
    hint = "write * to multiply" if kind in (int, float, Tensor) else None
    raise GradcliError(
        "bad-argument", f"'{type_name(function)}' object is not callable", span=span, hint=hint
    )


def call_builtin(
    runtime: Runtime, function: Builtin, arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> Any:
    """Calls one of our own functions."""
    runtime.session.span = span
    try:
        return function.run(runtime, span, *arguments, **keywords)
    except TypeError as error:
        raise (
            wrong_arguments(function.name, function.run, (runtime, span, *arguments), keywords, span) or error
        ) from None


def wrong_arguments(
    name: str, run: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any], span: Span
) -> GradcliError | None:
    """The error for arguments that `run` doesn't take, or None if it takes them (and failed otherwise)."""
    from inspect import Parameter, signature

    parameters = signature(run)
    try:
        parameters.bind(*arguments, **keywords)
    except TypeError as error:
        names = [
            each.name
            for each in parameters.parameters.values()
            if each.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
            and each.name not in ("runtime", "span", "tensor")
        ]
        unknown = next((each for each in keywords if each not in names), None)
        hint = suggestion(unknown, names) if unknown else None
        takes = f"it takes {', '.join(names)}" if names else "it takes no arguments"
        return GradcliError("bad-argument", f"{name}() {error}", span=span, hint=hint or takes)
    return None
