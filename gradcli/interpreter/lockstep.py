"""Statements and expressions that decide, as closures for a run of many rows together (`together`).

Those of `statements` and `expressions` that ask for one truth have a counterpart here, which does this for
some rows and that for others. Everything else is as in any run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.interpreter.states import frames_around
from gradcli.interpreter.targets import store
from gradcli.syntax import tree
from gradcli.syntax.survey import assigned_in
from gradcli.values.conversions import elements, iterate, truth
from gradcli.values.values import run_block

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.interpreter.scopes import Scope
    from gradcli.interpreter.together import Together
    from gradcli.values.values import Evaluate, Execute, Frame


def _test(scope: Scope, evaluate: Evaluate, span: Span) -> Evaluate:
    """The closure of a test: a bool, or a tensor of one element."""
    runtime = scope.runtime

    def run(frame: Frame) -> Any:
        value = evaluate(frame)
        runtime.session.span = span
        return value if type(value) is Tensor and elements(value) == 1 else truth(runtime, value, span)

    return run


def _together(scope: Scope) -> Callable[[], Together]:
    """The rows of the run; inputs get their names before rows part."""
    runtime, module = scope.runtime, scope.module

    def begun() -> Together:
        together: Together = runtime.together  # type: ignore[assignment]
        together.bind(module.overridden)
        return together

    return begun


def _block(body: list[Execute]) -> Execute:
    return lambda frame: run_block(body, frame)


def _branch(
    scope: Scope, test: Evaluate, then: Evaluate, otherwise: Evaluate, names: Sequence[str] | None = None
) -> Evaluate:
    """What `then` does for the rows for which a test holds, and `otherwise` for the others.

    Args:
        names: what both assign; None: they are expressions and have a value.
    """
    begun = _together(scope)
    values = names is None

    def parted(frame: Frame, together: Together) -> Any:
        asked = test(frame)
        if type(asked) is not Tensor:
            return then(frame) if asked else otherwise(frame)
        yes, no = together.decided(asked)
        if yes is None or no is None:
            return then(frame) if no is None else otherwise(frame)
        return together.branches(frame, [(yes, then), (no, otherwise)], values)

    def run(frame: Frame) -> Any:
        together = begun()
        given = parted(frame, together)
        if names is None:
            return together.given(given, frames_around(frame, scope.runtime.names))
        if given is None:
            together.meet(frame, names)
        return given

    return run


def _if(scope: Scope, node: tree.If) -> Execute:
    chosen = _block(scope.block(node.otherwise))
    names = _assigned(scope, [node])
    for test, body in reversed(node.branches):
        asked = _test(scope, scope.expression(test), test.span)
        chosen = _branch(scope, asked, _block(scope.block(body)), chosen, names)
    return chosen


def _assigned(scope: Scope, body: Iterable[tree.Statement]) -> list[str]:
    """What statements assign themselves, or by functions that they may call, in one order."""
    together = scope.runtime.together
    return sorted(assigned_in(body).union(() if together is None else together.outer))


def _conditional(scope: Scope, node: tree.Conditional) -> Evaluate:
    test, then, otherwise = scope.expressions((node.test, node.then, node.otherwise))
    return _branch(scope, _test(scope, test, node.test.span), then, otherwise)


def _logical(scope: Scope, node: tree.Logical) -> Evaluate:
    *most, chosen = scope.expressions(node.operands)
    for operand, each in zip(reversed(most), reversed(node.operands[:-1]), strict=True):
        chosen = _either(scope, operand, chosen, each.span, node.operator == "or")
    return chosen


def _either(scope: Scope, first: Evaluate, second: Evaluate, span: Span, stops_at: bool) -> Evaluate:
    def run(frame: Frame) -> Any:
        value = first(frame)
        test = _test(scope, lambda frame: value, span)
        then, otherwise = (lambda frame: value), second
        if not stops_at:
            then, otherwise = otherwise, then
        return _branch(scope, test, then, otherwise)(frame)

    return run


def _counted(scope: Scope, body: Execute, span: Span) -> Execute:
    """A turn of a loop, which counts among the steps of the program."""
    limits = scope.runtime.limits

    def run(frame: Frame) -> Any:
        limits.steps += 1
        if limits.steps > limits.alarm:
            limits.check(span)
        return body(frame)

    return run


def _while(scope: Scope, node: tree.While) -> Execute:
    test = _test(scope, scope.expression(node.test), node.test.span)
    body = _counted(scope, _block(scope.loop(node.body)), node.test.span)
    otherwise = _block(scope.block(node.otherwise)) if node.otherwise else None
    begun, names = _together(scope), _assigned(scope, [node])
    return lambda frame: begun().loop(frame, test, body, otherwise, names)


def _for(scope: Scope, node: tree.For) -> Execute:
    runtime, span = scope.runtime, node.iterable.span
    turns_by_row = _range(scope, node.iterable)
    iterable = turns_by_row or scope.expression(node.iterable)
    parting = turns_by_row is not None or _parts(node.body)
    names = _assigned(scope, [node]) if parting else ()
    assign = store(scope, node.target, node)
    body = _counted(scope, _block(scope.loop(node.body)), span)
    otherwise = _block(scope.block(node.otherwise)) if node.otherwise else None
    begun = _together(scope)

    def run(frame: Frame) -> Any:
        together = begun()
        items = iterable(frame)
        turns = items if isinstance(items, _Turns) else _Items(iterate(runtime, items, span))

        def turn(frame: Frame) -> Any:
            assign(frame, turns.item)
            return body(frame)

        return together.loop(frame, lambda frame: turns.next(runtime.session), turn, otherwise, names)

    return run


def _parts(body: Iterable[tree.Statement]) -> bool:
    """Whether a turn may end before its last statement."""
    return any(
        isinstance(each, (tree.Continue, tree.Break, tree.Return)) or any(map(_parts, each.blocks))
        for each in body
    )


END = object()


class _Items:
    """The items that a loop goes through, the same for all rows."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = iter(items)
        self.item: Any = None

    def next(self, session: Any) -> Any:
        """Whether there is one more."""
        self.item = next(self.items, END)
        return self.item is not END


class _Turns:
    """`range(start, stop)` with a stop by row."""

    def __init__(self, start: int, stop: Tensor) -> None:
        self.item, self.stop = start - 1, stop

    def next(self, session: Any) -> Any:
        """For which rows there is one more."""
        self.item += 1
        return session.operate("<", self.item, self.stop)


def _range(scope: Scope, node: tree.Expression) -> Evaluate | None:
    """The closure of `range(stop)` or `range(start, stop)` whose stop may be another one for each row."""
    if not (
        isinstance(node, tree.Call)
        and isinstance(node.function, tree.Name)
        and getattr(scope.constant(node.function.name), "name", None) == "range"
        and len(node.arguments) in (1, 2)
        and not node.keywords
        and not any(isinstance(each, tree.Starred) for each in node.arguments)
        and not all(isinstance(each, tree.Literal) for each in node.arguments)
    ):
        return None
    *first, last = node.arguments
    starts, function = scope.expressions(first), scope.expression(node.function)
    cut = _cut(scope, last)
    stop = scope.expression(last if cut is None else last.arguments[0])  # type: ignore[attr-defined]
    runtime, session = scope.runtime, scope.runtime.session
    begun = _together(scope)

    def run(frame: Frame) -> Any:
        values = [each(frame) for each in starts]
        found = stop(frame)
        if type(found) is Tensor and not found.shape and all(type(each) is int for each in values):
            session.span = node.span
            whole = session.apply(row("trunc"), (found,), {}) if found.dtype.kind == "f" else found
            is_one = session.operate("==", whole, found) if cut is None else None
            begun().agree(is_one or session.apply(row("isfinite"), (whole,), {}))
            return _Turns(values[0] if values else 0, whole)
        if cut is not None:
            found = runtime.call(cut(frame), (found,), {}, last.span)
        return runtime.call(function(frame), (*values, found), {}, node.span)

    return run


def _cut(scope: Scope, node: tree.Expression) -> Evaluate | None:
    """The closure of the function in `int(n)`, which cuts a fraction off."""
    if (
        isinstance(node, tree.Call)
        and isinstance(node.function, tree.Name)
        and getattr(scope.constant(node.function.name), "name", None) == "int"
        and len(node.arguments) == 1
        and not node.keywords
        and not isinstance(node.arguments[0], tree.Starred)
    ):
        return scope.expression(node.function)
    return None


TOGETHER: dict[type, Any] = {
    tree.If: _if,
    tree.While: _while,
    tree.For: _for,
    tree.Conditional: _conditional,
    tree.Logical: _logical,
}
"""What compiles these nodes of the syntax tree in such a run."""
