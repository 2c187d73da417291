"""Definitions as closures: `def` with its decorators, and imports.

Listed in `scopes.STATEMENTS` like the other statements. What a call of a function does is in `functions`;
classes are in `classes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.recorder import RecordingMode
from gradcli.errors import GradcliError
from gradcli.interpreter.scopes import STATEMENTS, Scope
from gradcli.interpreter.targets import store
from gradcli.interpreter.yielding import generating, yields
from gradcli.library import namespaces
from gradcli.library.recording import MODES
from gradcli.syntax import tree
from gradcli.syntax.survey import Survey
from gradcli.values.values import Builtin, GradientOf, UserFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Execute, Frame

# ---- functions -----------------------------------------------------------------------------------


def function_maker(
    scope: Scope, node: tree.FunctionDefinition, holder: list[Any] | None = None
) -> Callable[[Frame], UserFunction]:
    """The closure that makes the function of a `def` in the frame where it stands.

    For a method `holder` will hold its class.
    """
    survey = Survey(node.body)
    for parameter in node.parameters:
        survey.assigned.setdefault(parameter.name, node)
        survey.imported.pop(parameter.name, None)
    # What a function imports is a variable of its own, bound when it runs.
    for name in survey.imported:
        survey.assigned.setdefault(name, node)
    survey.imported.clear()
    defaults = [
        (each.name, scope.expression(each.default)) for each in node.parameters if each.default is not None
    ]
    inner = Scope(scope.runtime, survey, scope, node.name)
    if holder is not None and node.parameters:
        inner.method_of = holder, node.parameters[0].name
    generates = yields(node.body)
    body = generating(inner, node.body) if generates else inner.block(node.body)
    nested = scope.enclosing is not None
    name, parameters, span = node.name, node.parameters, node.span

    def make(frame: Frame) -> UserFunction:
        values = {each: default(frame) for each, default in defaults}
        enclosing = frame if nested else None
        return UserFunction(name, parameters, body, enclosing, values, span, generates, holder)

    return make


def _function(scope: Scope, node: tree.FunctionDefinition) -> Execute:
    runtime = scope.runtime
    make = function_maker(scope, node)
    decorators = [(scope.expression(each), each.span) for each in reversed(node.decorators)]
    assign = store(scope, tree.Name(node.span, node.name), node)

    def run(frame: Frame) -> None:
        function: Any = make(frame)
        for decorator, span in decorators:
            function = decorate(runtime, function, decorator(frame), span)
        assign(frame, function)

    return run


def decorate(runtime: Runtime, function: Any, decorator: Any, span: Span) -> Any:
    """What a decorator makes of a function: another, or the same with a mark."""
    if isinstance(decorator, RecordingMode):
        runtime.session.recording = decorator.former
    if isinstance(function, UserFunction):
        flag = _mode(decorator)
        if flag is not None and function.generates:
            message = f"{function.name} yields, and is not put under a mode of recording as a whole"
            hint = "write with no_grad(): around what the loop does with its items"
            raise GradcliError("bad-argument", message, span=span, hint=hint)
        if flag is not None:
            function.recording = flag
            return function
        if isinstance(decorator, GradientOf):
            decorator.function.gradient = function
            return function
    return runtime.call(decorator, (function,), {}, span)


def _mode(decorator: Any) -> bool | None:
    """Whether what stands below it is recorded; None where it says nothing of that."""
    if isinstance(decorator, RecordingMode):
        return decorator.flag
    return MODES.get(decorator) if type(decorator) is Builtin else None


# ---- imports -------------------------------------------------------------------------------------


def _import(scope: Scope, node: tree.Import) -> Execute:
    bound = []
    for path, alias in node.modules:
        whole = _module(scope, path, node.span)
        name = alias or path.partition(".")[0]
        bound.append((name, whole if alias else _module(scope, name, node.span)))
    return _bind_imports(scope, bound)


def _from_import(scope: Scope, node: tree.FromImport) -> Execute:
    return _bind_imports(
        scope,
        [(alias or name, _module(scope, f"{node.module}.{name}", node.span)) for name, alias in node.names],
    )


def _module(scope: Scope, path: str, span: Span) -> Any:
    try:
        return namespaces.imported(path, scope.runtime.torch)
    except GradcliError as error:
        error.span = span
        raise


def _bind_imports(scope: Scope, bound: list[tuple[str, Any]]) -> Execute:
    variables = [(name, value) for name, value in bound if name in scope.survey.assigned]
    if not variables:
        # Names that only imports bind are known to the compiler.
        return lambda frame: None
    return lambda frame: frame.update(variables)


STATEMENTS.update(
    {
        tree.FunctionDefinition: _function,
        tree.Import: _import,
        tree.FromImport: _from_import,
    }
)
