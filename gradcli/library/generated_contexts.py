"""Python's `contextlib`: functions that yield once, as the contexts of a `with`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.objects import raised
from gradcli.values.objects import ABSENT, ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _enter(runtime: Runtime, span: Span, context: Instance) -> Any:
    found = next(context.state["generator"], ABSENT)
    if found is ABSENT:
        raise failure("RuntimeError", "generator didn't yield", span)
    return found


def _exit(runtime: Runtime, span: Span, context: Instance, kind: Any, value: Any, traceback: Any) -> bool:
    generator = context.state["generator"]
    error = None if kind is None else raised(runtime, value, span)
    try:
        if error is None:
            next(generator)
        else:
            generator.throw(error)
    except StopIteration:
        return error is not None
    except GradcliError as failed:
        if failed is not error:
            raise
        return False
    raise failure("RuntimeError", "generator didn't stop", span)


_CONTEXT = ClassValue(
    "_GeneratorContextManager",
    (),
    {"__enter__": Builtin("__enter__", _enter), "__exit__": Builtin("__exit__", _exit)},
    "contextlib._GeneratorContextManager",
)


def _context_manager(runtime: Runtime, span: Span, func: Any) -> Builtin:
    def make(runtime: Runtime, span: Span, *arguments: Any, **named: Any) -> Instance:
        made = Instance(_CONTEXT)
        made.state["generator"] = runtime.call(func, arguments, named, span)
        return made

    return Builtin(getattr(func, "name", "contextmanager"), make)


CONTEXTLIB: dict[str, Any] = {"contextmanager": Builtin("contextmanager", _context_manager)}
"""What `contextlib` has beside `nullcontext`."""
