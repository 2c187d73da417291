"""`try`, `raise` and `del` as closures. Listed in `scopes.STATEMENTS` like the other statements.

What a program may catch are the failures that PyTorch and Python raise; limits are never caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.interpreter.scopes import STATEMENTS, Scope
from gradcli.interpreter.targets import store
from gradcli.library import objects
from gradcli.library.attributes import remove_attribute
from gradcli.syntax import tree
from gradcli.values.conversions import as_key, integer, missing_key
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, EXCEPTIONS, ClassValue, Instance
from gradcli.values.values import at_once, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Execute, Frame, Stream

_CAUGHT = "<caught>"
"""The key, no name of the language, under which a frame holds the failure that a handler is about."""


def _try(scope: Scope, node: tree.Try) -> Execute:
    return settled(trying(scope, node, lambda body: at_once(scope.block(body))))


def trying(scope: Scope, node: tree.Try, block: Callable[[Sequence[tree.Statement]], Stream]) -> Stream:
    """The stream of a `try`, of whose blocks `block` makes those."""
    runtime = scope.runtime
    body, otherwise, final = (block(each) for each in (node.body, node.otherwise, node.final))
    handlers = [_handler(scope, each, node, block) for each in node.handlers]

    def guarded(frame: Frame) -> Generator[Any, None, Any]:
        recording, depth = runtime.session.recording, runtime.depth
        try:
            signal = yield from body(frame)
            if signal is not None:
                return signal
        except GradcliError as error:
            runtime.session.recording, runtime.depth = recording, depth
            classes = objects.classes_of(error)
            if not classes:
                raise
            runtime.locate(error)
            for kinds, handle in handlers:
                cls = _matching(kinds(frame) if kinds is not None else None, classes, node.span)
                if cls is not None:
                    return (yield from handle(frame, error, cls))
            raise
        return (yield from otherwise(frame))

    if not node.final:
        return guarded

    def run(frame: Frame) -> Generator[Any, None, Any]:
        try:
            signal = yield from guarded(frame)
        except GeneratorExit:  # nobody takes what it would yield
            settled(final)(frame)
            raise
        except GradcliError as error:
            if not objects.classes_of(error):
                raise  # the limit is reached: nothing runs any more
            signal = yield from final(frame)
            if signal is None:
                raise
            return signal
        ending = yield from final(frame)
        return signal if ending is None else ending

    return run


def _handler(
    scope: Scope,
    node: tree.Handler,
    statement: tree.Try,
    block: Callable[[Sequence[tree.Statement]], Stream],
) -> tuple[Any, Any]:
    runtime = scope.runtime
    kinds = scope.expression(node.kind) if node.kind is not None else None
    assign = store(scope, tree.Name(node.span, node.name), statement) if node.name is not None else None
    body = block(node.body)
    forget = _forgetting(scope, node.name) if node.name is not None else None

    def handle(frame: Frame, error: GradcliError, cls: ClassValue) -> Generator[Any, None, Any]:
        former = frame.get(_CAUGHT)
        frame[_CAUGHT] = error
        try:
            if assign is not None:
                assign(frame, objects.caught(error, cls, runtime.text))
            return (yield from body(frame))
        finally:
            if forget is not None:
                forget(frame)
            if former is None:
                del frame[_CAUGHT]
            else:
                frame[_CAUGHT] = former

    return kinds, handle


def _forgetting(scope: Scope, name: str) -> Execute:
    """The name of what was caught ends with its handler, wherever that ends."""
    names = scope.runtime.names if scope.is_global(name) else None
    return lambda frame: (frame if names is None else names).pop(name, None)


def _matching(kinds: Any, classes: list[ClassValue], span: Span) -> ClassValue | None:
    """The first of `classes` that an `except kinds` catches."""
    wanted = [EXCEPTIONS["BaseException"]] if kinds is None else kinds if type(kinds) is tuple else [kinds]
    for each in wanted:
        if type(each) is not ClassValue or not each.inherits(EXCEPTIONS["BaseException"]):
            message = "catching classes that do not inherit from BaseException is not allowed"
            raise GradcliError("bad-argument", message, span=span)
    return next((cls for cls in classes if any(cls.inherits(each) for each in wanted)), None)


def _raise(scope: Scope, node: tree.Raise) -> Execute:
    runtime, span = scope.runtime, node.span
    value = scope.expression(node.value) if node.value is not None else None
    cause = scope.expression(node.cause) if node.cause is not None else None

    def run(frame: Frame) -> None:
        if value is not None:
            raised = objects.raised(runtime, value(frame), span)
            if cause is not None and isinstance(raised.raised, Instance):
                raised.raised.attributes["__cause__"] = cause(frame)
            try:
                raise raised
            finally:
                del raised  # which knows this frame by now: a circle for each turn of a loop that raises
        error = frame.get(_CAUGHT)
        if not isinstance(error, GradcliError):
            raise GradcliError("bad-argument", "No active exception to reraise", span=span)
        raise error

    return run


def _delete(scope: Scope, node: tree.Delete) -> Execute:
    targets = node.target.items if isinstance(node.target, tree.TupleDisplay) else (node.target,)
    removals = [_removal(scope, each) for each in targets]

    def run(frame: Frame) -> None:
        for remove in removals:
            remove(frame)

    return run


def _removal(scope: Scope, target: tree.Expression) -> Execute:
    runtime, span = scope.runtime, target.span
    if isinstance(target, tree.Name):
        name = target.name
        load = scope.load(name, span)
        names = runtime.names if scope.is_global(name) else None

        def forget(frame: Frame) -> None:
            load(frame)  # says what is wrong with a name that has no value
            (frame if names is None else names).pop(name, None)

        return forget
    if isinstance(target, (tree.Index, tree.Attribute)):
        owner = scope.expression(target.value)
        key = scope.expression(target.index) if isinstance(target, tree.Index) else None
        attribute = target.name if isinstance(target, tree.Attribute) else ""

        def remove(frame: Frame) -> None:
            holder = owner(frame)
            if key is not None:
                _remove_item(runtime, holder, key(frame), span)
            else:
                remove_attribute(runtime, holder, attribute, span)

        return remove
    raise GradcliError("syntax", "this cannot be deleted", span=span)


def _remove_item(runtime: Runtime, holder: Any, key: Any, span: Span) -> None:
    if isinstance(holder, dict):
        if as_key(key, span) not in holder:
            raise missing_key(runtime, key, span)
        del holder[key]
    elif type(holder) is list and type(key) is slice and key.step != 0:
        del holder[key]
    elif type(holder) is list:
        at = integer(runtime, key, span, f"list indices must be integers, not {type_name(key)}")
        if not -len(holder) <= at < len(holder):
            raise GradcliError("bad-argument", "list assignment index out of range", span=span)
        del holder[at]
    elif type(holder) is not Instance or runtime.special(holder, "__delitem__", span, key) is ABSENT:
        message = f"'{type_name(holder)}' object doesn't support item deletion"
        raise GradcliError("bad-argument", message, span=span)


def _declaration(scope: Scope, node: tree.Global | tree.Nonlocal) -> Execute:
    return lambda frame: None  # the survey of the function knows


STATEMENTS.update(
    {
        tree.Try: _try,
        tree.Raise: _raise,
        tree.Delete: _delete,
        tree.Global: _declaration,
        tree.Nonlocal: _declaration,
    }
)
