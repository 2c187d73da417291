"""Calling a value of the language, whatever it turns out to be, from within the library or the interpreter.

The compiled calls of `gradcli.interpreter.calls` end here unless they know what they call; hooks and
derivatives of functions start here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure, missing_arguments, suggestion, too_many_arguments
from gradcli.library import objects
from gradcli.library.absent import refusal
from gradcli.library.arguments import apply_row
from gradcli.library.functions import call_user
from gradcli.ops.rows import Function
from gradcli.values.formatting import type_name
from gradcli.values.objects import ClassValue, Instance, Method
from gradcli.values.values import BoundMethod, Builtin, Namespace, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Implementation


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
        return call_own(runtime, function.name, function.run, arguments, keywords, span)
    if kind is BoundMethod:
        return call_own(runtime, function.name, function.run, (function.owner, *arguments), keywords, span, 1)
    if kind is Method:
        return call_value(runtime, function.function, (function.owner, *arguments), keywords, span)
    if kind is ClassValue:
        return objects.instantiate(runtime, function, arguments, keywords, span)
    if kind is Instance:
        return objects.call_object(runtime, function, arguments, keywords, span)
    if kind is Namespace and function.absent:
        raise refusal(function, span)
    if kind is Namespace:
        named = f"'{function.path}' is a module"
        raise failure("TypeError", "'module' object is not callable", span, hint=named)
    hint = _product_hint(runtime, span) if kind in (int, float, Tensor) else None
    raise GradcliError(
        "bad-argument", f"'{type_name(function)}' object is not callable", span=span, hint=hint
    )


def _product_hint(runtime: Runtime, span: Span) -> str:
    """How `x(x+1)` is written as the product that it may be meant as."""
    name, bracket, rest = runtime.text[span[0] : span[1]].partition("(")
    if not name.isidentifier() or len(rest) > 40:
        return "write * to multiply"
    if rest == ")":
        return f"it is a value and no function: write {name}"
    return f"write * to multiply: {name}*{bracket}{rest}"


def call_own(
    runtime: Runtime,
    name: str,
    run: Implementation,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    span: Span,
    owners: int = 0,
) -> Any:
    """Calls one of our own functions or methods; of a method the first argument is whose it is (`owners`).

    Its row is its signature in Python: arguments that this doesn't take are the caller's fault, and found
    only once the call has failed. Any other TypeError is ours.
    """
    runtime.session.span = span
    try:
        return run(runtime, span, *arguments, **keywords)
    except TypeError as error:
        raise (
            _wrong_arguments(name, run, (runtime, span, *arguments), keywords, span, 2 + owners) or error
        ) from None


def _wrong_arguments(
    name: str,
    run: Implementation,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    span: Span,
    hidden: int,
) -> GradcliError | None:
    """The error for arguments that `run` doesn't take, or None if it takes them (and failed otherwise).

    The first `hidden` parameters are no business of the caller's.
    """
    from inspect import Parameter, signature

    parameters = signature(run)
    try:
        parameters.bind(*arguments, **keywords)
    except TypeError as error:
        owner = arguments[2] if len(arguments) > 2 else None
        called = _qualified(name, run, owner)
        if called != name:  # a method, which is one of Python's in PyTorch, and takes its owner
            hidden = 3
        taken = list(parameters.parameters.values())[hidden:]
        names = [
            each.name for each in taken if each.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        ]
        given, own = len(arguments) - hidden, 1 if called != name else 0
        if hidden == 3 and not own:
            if not taken and not keywords:
                kind = "TensorBase" if type(owner) is Tensor else type_name(owner)
                return failure("TypeError", f"{kind}.{name}() takes no arguments ({given} given)", span)
            called, own = f"{type_name(owner)}.{name}", 1
        positional = [each for each in taken if each.kind is Parameter.POSITIONAL_OR_KEYWORD]
        if given > len(positional) and all(each.kind is not Parameter.VAR_POSITIONAL for each in taken):
            least = len([each for each in positional if each.default is Parameter.empty])
            return too_many_arguments(called, least + own, len(positional) + own, given + own, span)
        required = [each.name for each in taken[given:] if each.default is Parameter.empty]
        missing = [each for each in required if each in names and each not in keywords]
        if missing and not set(keywords) - set(names):
            return missing_arguments(called, missing, span)
        unknown = next((each for each in keywords if each not in names), None)
        hint = suggestion(unknown, names) if unknown else None
        takes = f"it takes {', '.join(names)}" if names else "it takes no arguments"
        return GradcliError("bad-argument", f"{called}() {error}", span=span, hint=hint or takes)
    return None


def _qualified(name: str, run: Implementation, owner: Any) -> str:
    """What Python calls a method of ours in its errors: after the class that has it; others by their name."""
    for cls in owner.cls.order if type(owner) is Instance else ():
        for member in (name, "__init__"):
            if getattr(cls.members.get(member), "run", None) is run:
                return f"{cls.name}.{member}"
    return name
