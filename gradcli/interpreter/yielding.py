"""Functions that `yield`: the statements in which something is yielded, as Python's generators.

A stream takes the frame like a closure, yields what the program yields, and gives the signal of the block.
All other statements of such a function are the closures that they are elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.interpreter.failures import trying
from gradcli.interpreter.scopes import Scope
from gradcli.interpreter.statements import entering
from gradcli.interpreter.targets import store
from gradcli.limits import DEEP_CALLS
from gradcli.syntax import tree
from gradcli.values.conversions import iterate, truth
from gradcli.values.values import BREAK, CONTINUE, Returned

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Execute, Frame, Stream


def yields(body: Iterable[tree.Statement]) -> bool:
    """Whether something is yielded in a block, but for that of functions inside."""
    return any(
        isinstance(each, tree.Yield) or (not each.opens_scope and any(map(yields, each.blocks)))
        for each in body
    )


def generating(scope: Scope, body: Iterable[tree.Statement]) -> list[Execute]:
    """The body of a function that yields: calling it makes the generator and runs nothing of it."""
    runtime, stream = scope.runtime, _block(scope, body)
    return [lambda frame: Returned(_advancing(runtime, stream, frame))]


def _advancing(runtime: Runtime, stream: Stream, frame: Frame) -> Generator[Any, None, None]:
    inside = stream(frame)
    thrown: GradcliError | None = None
    while True:
        if runtime.depth >= DEEP_CALLS:
            raise GradcliError("limit", f"generators inside of generators, deeper than {DEEP_CALLS}")
        depth, runtime.depth = runtime.depth, runtime.depth + 1
        try:
            item = next(inside) if thrown is None else inside.throw(thrown)
        except StopIteration:
            return
        finally:
            runtime.depth = depth
        thrown = None
        try:
            yield item
        except GradcliError as error:
            thrown = error


def _block(scope: Scope, body: Iterable[tree.Statement]) -> Stream:
    parts: list[tuple[bool, Any]] = [
        (True, _STREAMS[type(each)](scope, each)) if yields((each,)) else (False, scope.statement(each))
        for each in body
        if type(each) is not tree.Pass
    ]

    def run(frame: Frame) -> Generator[Any, None, Any]:
        for streams, execute in parts:
            signal = (yield from execute(frame)) if streams else execute(frame)
            if signal is not None:
                return signal
        return None

    return run


def _yield(scope: Scope, node: tree.Yield) -> Stream:
    runtime, span = scope.runtime, node.span
    value = scope.expression(node.value) if node.value is not None else lambda frame: None
    every = node.every

    def run(frame: Frame) -> Generator[Any, None, Any]:
        if every:
            yield from iterate(runtime, value(frame), span)
        else:
            yield value(frame)

    return run


def _if(scope: Scope, node: tree.If) -> Stream:
    runtime = scope.runtime
    branches = [(scope.expression(test), test.span, _block(scope, body)) for test, body in node.branches]
    otherwise = _block(scope, node.otherwise)

    def run(frame: Frame) -> Generator[Any, None, Any]:
        for test, span, body in branches:
            if truth(runtime, test(frame), span):
                return (yield from body(frame))
        return (yield from otherwise(frame))

    return run


def _loop(scope: Scope, turns: Callable[[Frame], Iterable[Any]], node: tree.For | tree.While) -> Stream:
    """A loop that goes on as long as `turns` gives something."""
    limits, span = scope.runtime.limits, node.span
    body, otherwise = _block(scope, node.body), _block(scope, node.otherwise)

    def run(frame: Frame) -> Generator[Any, None, Any]:
        for _ in turns(frame):
            limits.step(span)
            signal = yield from body(frame)
            if signal is BREAK:
                return None
            if signal is not None and signal is not CONTINUE:
                return signal
        return (yield from otherwise(frame))

    return run


def _while(scope: Scope, node: tree.While) -> Stream:
    runtime, test, span = scope.runtime, scope.expression(node.test), node.test.span

    def turns(frame: Frame) -> Iterable[None]:
        while truth(runtime, test(frame), span):
            yield None

    return _loop(scope, turns, node)


def _for(scope: Scope, node: tree.For) -> Stream:
    runtime, iterable, span = scope.runtime, scope.expression(node.iterable), node.iterable.span
    assign = store(scope, node.target, node)
    return _loop(
        scope, lambda frame: (assign(frame, item) for item in iterate(runtime, iterable(frame), span)), node
    )


def _with(scope: Scope, node: tree.With) -> Stream:
    return entering(scope, node, _block(scope, node.body))


def _try(scope: Scope, node: tree.Try) -> Stream:
    return trying(scope, node, lambda body: _block(scope, body))


_STREAMS: dict[type[tree.Statement], Any] = {
    tree.Yield: _yield,
    tree.If: _if,
    tree.While: _while,
    tree.For: _for,
    tree.With: _with,
    tree.Try: _try,
}
