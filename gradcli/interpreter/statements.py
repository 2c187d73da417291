"""Statements as closures: assignment, flow, contexts; definitions are in files of their own.

A statement gives None, or a signal (`break`, `continue`, a returned value) that the blocks around it pass on.
Errors on their way out of a loop learn which turn it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.recorder import Mode
from gradcli.errors import GradcliError
from gradcli.interpreter.scopes import STATEMENTS, Scope
from gradcli.interpreter.targets import augmented, store
from gradcli.syntax import tree
from gradcli.syntax.survey import leaves_loop
from gradcli.values.conversions import iterate, truth
from gradcli.values.formatting import show, type_name
from gradcli.values.objects import ABSENT, Instance
from gradcli.values.values import (
    BREAK,
    CONTINUE,
    Builtin,
    Device,
    NullContext,
    Returned,
    run_block,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Self

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Execute, Frame, Stream

# ---- simple statements ---------------------------------------------------------------------------


def _expression(scope: Scope, node: tree.ExpressionStatement) -> Execute:
    value = scope.value(node.value)

    def run(frame: Frame) -> None:
        value(frame)

    return run


def _repeated(scope: Scope, node: tree.Expression) -> Evaluate:
    """The closure of an expression, which is evaluated time and again in a loop or a function."""
    if not scope.repeats:
        return scope.value(node)
    usual = scope.expression(node)
    from gradcli.interpreter.recipes import repeated

    return repeated(scope, node, usual)


def _assignment(scope: Scope, node: tree.Assignment) -> Execute:
    value = _repeated(scope, node.value)
    if len(node.targets) == 1:
        target = node.targets[0]
        if type(target) is tree.Name and scope.is_local(target.name):
            name = target.name

            def assign_local(frame: Frame) -> None:
                frame[name] = value(frame)

            return assign_local
        only = store(scope, target, node)
        return lambda frame: only(frame, value(frame))
    stores = [store(scope, target, node) for target in node.targets]

    def assign_all(frame: Frame) -> None:
        result = value(frame)
        for each in stores:
            each(frame, result)

    return assign_all


def _assert(scope: Scope, node: tree.Assert) -> Execute:
    runtime, span = scope.runtime, node.test.span
    test = scope.expression(node.test)
    message = scope.expression(node.message) if node.message is not None else None
    from gradcli.interpreter.assertions import explain

    sides = explain(scope, node.test)

    def run(frame: Frame) -> None:
        if not truth(runtime, test(frame), span):
            said = show(runtime, message(frame)) if message is not None else "the assertion does not hold"
            raise GradcliError("assertion", said, span=span, notes=sides(frame))

    return run


def _pass(scope: Scope, node: tree.Pass) -> Execute:
    return lambda frame: None


def _break(scope: Scope, node: tree.Break) -> Execute:
    return lambda frame: BREAK


def _continue(scope: Scope, node: tree.Continue) -> Execute:
    return lambda frame: CONTINUE


def _return(scope: Scope, node: tree.Return) -> Execute:
    if node.value is None:
        return lambda frame: Returned(None)
    value = _repeated(scope, node.value)
    return lambda frame: Returned(value(frame))


# ---- flow ----------------------------------------------------------------------------------------


def _if(scope: Scope, node: tree.If) -> Execute:
    runtime = scope.runtime
    branches = [(scope.expression(test), test.span, scope.block(body)) for test, body in node.branches]
    otherwise = scope.block(node.otherwise)

    def run(frame: Frame) -> Any:
        chosen = otherwise
        for test, span, body in branches:
            if truth(runtime, test(frame), span):
                chosen = body
                break
        for statement in chosen:
            signal = statement(frame)
            if signal is not None:
                return signal
        return None

    return run


def _while(scope: Scope, node: tree.While) -> Execute:
    runtime, limits, span = scope.runtime, scope.runtime.limits, node.test.span
    test = scope.expression(node.test)
    body, otherwise = scope.loop(node.body), scope.block(node.otherwise)
    forever = isinstance(node.test, tree.Literal) and bool(node.test.value) and not leaves_loop(node.body)
    most = limits.endless() if forever else None

    def run(frame: Frame) -> Any:
        turn = 0
        try:
            while True:
                condition = test(frame)
                if condition is not True and (condition is False or not truth(runtime, condition, span)):
                    break
                turn += 1
                if turn == most:
                    raise _endless(turn, span)
                limits.steps += 1
                if limits.steps > limits.alarm:
                    limits.check(span)
                for statement in body:
                    signal = statement(frame)
                    if signal is not None:
                        break
                else:
                    continue
                if signal is BREAK:
                    return None
                if signal is not CONTINUE:
                    return signal
        except GradcliError as error:
            _note_turn(runtime, error, turn, node.span)
            raise
        return run_block(otherwise, frame)

    return run


def _endless(turns: int, span: Span) -> GradcliError:
    return GradcliError(
        "limit",
        f"this loop never ends: nothing in it leaves it (stopped after {turns:,} turns)",
        span=span,
        hint="add a break, or a condition; --max-steps says how many turns you want",
    )


def _for(scope: Scope, node: tree.For) -> Execute:
    runtime, limits, span = scope.runtime, scope.runtime.limits, node.iterable.span
    iterable = scope.expression(node.iterable)
    assign = store(scope, node.target, node)
    # A plain loop variable is by far the most frequent target.
    name = (
        node.target.name
        if type(node.target) is tree.Name and not scope.is_special(node.target.name)
        else None
    )
    body, otherwise = scope.loop(node.body), scope.block(node.otherwise)

    def run(frame: Frame) -> Any:
        items = iterate(runtime, iterable(frame), span)
        turn = 0
        try:
            for item in items:
                turn += 1
                limits.steps += 1
                if limits.steps > limits.alarm:
                    limits.check(span)
                if name is not None and type(item) is int:
                    frame[name] = item
                else:
                    assign(frame, item)
                for statement in body:
                    signal = statement(frame)
                    if signal is not None:
                        break
                else:
                    continue
                if signal is BREAK:
                    return None
                if signal is not CONTINUE:
                    return signal
        except GradcliError as error:
            _note_turn(runtime, error, turn, node.span)
            raise
        return run_block(otherwise, frame)

    return run


def _note_turn(runtime: Runtime, error: GradcliError, turn: int, span: Span) -> None:
    if turn and error.code != "limit":
        runtime.note(error, f"in turn {turn} of the loop on line {runtime.line(span)}")


def _with(scope: Scope, node: tree.With) -> Execute:
    runtime, enter, body = scope.runtime, _entering(scope, node), scope.block(node.body)

    def run(frame: Frame) -> Any:
        with _Within(runtime) as within:
            enter(frame, within)
            return run_block(body, frame)
        return None

    return run


def entering(scope: Scope, node: tree.With, body: Stream) -> Stream:
    """The stream of a `with` around that of its body."""
    runtime, enter = scope.runtime, _entering(scope, node)

    def run(frame: Frame) -> Generator[Any, None, Any]:
        with _Within(runtime) as within:
            enter(frame, within)
            return (yield from body(frame))
        return None

    return run


class _Within:
    """What a `with` has entered, and leaves as its block ends: the modes, and then the objects."""

    __slots__ = ("modes", "objects", "runtime")

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.modes: list[Mode] = []
        self.objects: list[tuple[Instance, Span]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        try:
            if isinstance(error, GeneratorExit):  # nobody takes what it would yield
                self._tell(None)
                return False
            if isinstance(error, GradcliError):
                self.runtime.locate(error)
        finally:
            while self.modes:
                self.modes.pop().__exit__()
        return (error is None or isinstance(error, GradcliError)) and self._tell(error)

    def _tell(self, error: GradcliError | None) -> bool:
        """Tells the objects, the last one first, how the block ended; whether all is well."""
        if not self.objects:
            return error is None
        from gradcli.library.objects import caught, classes_of

        runtime = self.runtime
        classes: list[Any] = [] if error is None else classes_of(error)
        if error is not None and not classes:
            return False  # the limit is reached: nothing runs any more
        for context, span in reversed(self.objects):
            told = (
                [None] * 3 if error is None else [classes[0], caught(error, classes[0], runtime.text), None]
            )
            settled = runtime.special(context, "__exit__", span, *told)
            if error is not None and settled is not ABSENT and truth(runtime, settled, span):
                error = None
        return error is None


def _entering(scope: Scope, node: tree.With) -> Callable[[Frame, _Within], None]:
    """What enters the contexts of a `with`, and notes which of them are to be left."""
    runtime = scope.runtime
    contexts = [
        (scope.expression(each), None if target is None else store(scope, target, node), each.span)
        for each, target in zip(node.contexts, node.targets, strict=True)
    ]

    def enter(frame: Frame, within: _Within) -> None:
        for context, assign, span in contexts:
            found = _entered(context(frame), span)
            if isinstance(found, Mode):
                found.__enter__()
                within.modes.append(found)
            given = None  # what the contexts of the language give is nothing
            if isinstance(found, Instance):
                given = runtime.special(found, "__enter__", span)
                within.objects.append((found, span))
            if assign is not None:
                assign(frame, given)

    return enter


def _entered(context: Any, span: Span) -> Mode | NullContext | Instance:
    if isinstance(context, Device):
        return NullContext()
    if isinstance(context, (Mode, NullContext)):
        return context
    if isinstance(context, Instance) and context.cls.find("__enter__") is not None:
        return context
    missing_call = isinstance(context, Builtin)
    raise GradcliError(
        "bad-argument",
        f"'{type_name(context)}' object does not support the context manager protocol",
        span=span,
        hint=f"write {context.name}()" if missing_call else "with takes no_grad() or enable_grad()",
    )


STATEMENTS.update(
    {
        tree.ExpressionStatement: _expression,
        tree.Assignment: _assignment,
        tree.AugmentedAssignment: augmented,
        tree.Assert: _assert,
        tree.Pass: _pass,
        tree.Break: _break,
        tree.Continue: _continue,
        tree.Return: _return,
        tree.If: _if,
        tree.While: _while,
        tree.For: _for,
        tree.With: _with,
    }
)
