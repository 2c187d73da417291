"""Statements as closures: assignment, flow, functions, classes, contexts, imports.

A statement gives None, or a signal (`break`, `continue`, a returned value) that the blocks around it pass on.
Errors on their way out of a loop learn which turn it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.language import namespaces, tree
from gradcli.language.conversions import iterate, truth
from gradcli.language.expressions import static
from gradcli.language.formatting import show, type_name
from gradcli.language.gradients import gradient_of
from gradcli.language.scopes import STATEMENTS, Scope
from gradcli.language.survey import Survey
from gradcli.language.targets import augmented, store
from gradcli.language.values import (
    BREAK,
    CONTINUE,
    Builtin,
    FunctionBase,
    GradientClass,
    GradientOf,
    NullContext,
    Recording,
    Returned,
    UserFunction,
)

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.language.runtime import Runtime
    from gradcli.language.values import Execute, Frame

# ---- simple statements ---------------------------------------------------------------------------


def _expression(scope: Scope, node: tree.ExpressionStatement) -> Execute:
    value = scope.expression(node.value)

    def run(frame: Frame) -> None:
        value(frame)

    return run


def _assignment(scope: Scope, node: tree.Assignment) -> Execute:
    value = scope.expression(node.value)
    if len(node.targets) == 1:
        target = node.targets[0]
        if type(target) is tree.Name and scope.enclosing is not None:
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
    from gradcli.language.assertions import explain

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
    value = scope.expression(node.value)
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
    body = scope.block(node.body)

    def run(frame: Frame) -> Any:
        turn = 0
        try:
            while truth(runtime, test(frame), span):
                turn += 1
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
        return None

    return run


def _for(scope: Scope, node: tree.For) -> Execute:
    runtime, limits, span = scope.runtime, scope.runtime.limits, node.iterable.span
    iterable = scope.expression(node.iterable)
    assign = store(scope, node.target, node)
    body = scope.block(node.body)

    def run(frame: Frame) -> Any:
        items = iterate(runtime, iterable(frame), span)
        turn = 0
        try:
            for item in items:
                turn += 1
                limits.steps += 1
                if limits.steps > limits.alarm:
                    limits.check(span)
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
        return None

    return run


def _note_turn(runtime: Runtime, error: GradcliError, turn: int, span: Span) -> None:
    if turn and error.code != "limit":
        runtime.note(error, f"in turn {turn} of the loop on line {runtime.line(span)}")


def _with(scope: Scope, node: tree.With) -> Execute:
    runtime, session = scope.runtime, scope.runtime.session
    contexts = [(scope.expression(each), each.span) for each in node.contexts]
    body = scope.block(node.body)

    def run(frame: Frame) -> Any:
        recording = session.recording
        try:
            for position, (context, span) in enumerate(contexts):
                flag = _entered(context(frame), span)
                if position == 0 and isinstance(flag, Recording):
                    recording = flag.former
                if isinstance(flag, Recording):
                    session.recording = flag.flag
            for statement in body:
                signal = statement(frame)
                if signal is not None:
                    return signal
            return None
        except GradcliError as error:
            runtime.locate(error)
            raise
        finally:
            session.recording = recording

    return run


def _entered(context: Any, span: Span) -> Recording | NullContext:
    if isinstance(context, (Recording, NullContext)):
        return context
    missing_call = isinstance(context, Builtin)
    raise GradcliError(
        "bad-argument",
        f"'{type_name(context)}' object does not support the context manager protocol",
        span=span,
        hint=f"write {context.name}()" if missing_call else "with takes no_grad() or enable_grad()",
    )


# ---- functions and classes -----------------------------------------------------------------------


def function_maker(scope: Scope, node: tree.FunctionDefinition) -> Any:
    """The closure that makes the function of a `def` in the frame where it stands."""
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
    body = inner.block(node.body)
    nested = scope.enclosing is not None
    name, parameters, span = node.name, node.parameters, node.span

    def make(frame: Frame) -> UserFunction:
        values = {each: default(frame) for each, default in defaults}
        return UserFunction(name, parameters, body, frame if nested else None, values, span)

    return make


def _function(scope: Scope, node: tree.FunctionDefinition) -> Execute:
    runtime = scope.runtime
    make = function_maker(scope, node)
    decorators = [(scope.expression(each), each.span) for each in reversed(node.decorators)]
    assign = store(scope, tree.Name(node.span, node.name), node)

    def run(frame: Frame) -> None:
        function = make(frame)
        for decorator, span in decorators:
            _decorate(runtime, function, decorator(frame), span)
        assign(frame, function)

    return run


def _decorate(runtime: Runtime, function: UserFunction, decorator: Any, span: Span) -> None:
    if isinstance(decorator, Recording):
        function.recording = decorator.flag
        runtime.session.recording = decorator.former
        return
    if isinstance(decorator, Builtin) and decorator.name in ("no_grad", "enable_grad", "inference_mode"):
        function.recording = decorator.name == "enable_grad"
        return
    if isinstance(decorator, GradientOf):
        gradient_of(decorator, span).gradient = function
        return
    raise GradcliError(
        "bad-argument",
        "the only decorators are @backward(f), @no_grad() and @enable_grad()",
        span=span,
        hint="call the function by its name",
    )


def _class(scope: Scope, node: tree.ClassDefinition) -> Execute:
    bases = [static(scope, each) for each in node.bases]
    if len(bases) != 1 or not isinstance(bases[0], FunctionBase):
        raise GradcliError(
            "bad-argument",
            f"class {node.name}: the only classes are subclasses of torch.autograd.Function",
            span=node.span if not node.bases else node.bases[0].span,
            hint="write functions, and keep what they need in variables",
        )
    makers: dict[str, Any] = {}
    for statement in node.body:
        if isinstance(statement, tree.FunctionDefinition):
            for decorator in statement.decorators:
                if not (isinstance(decorator, tree.Name) and decorator.name == "staticmethod"):
                    raise GradcliError(
                        "bad-argument",
                        "the methods of a torch.autograd.Function are decorated with @staticmethod alone",
                        span=decorator.span,
                    )
            makers[statement.name] = function_maker(scope, statement)
        elif not (
            isinstance(statement, tree.Pass)
            or (isinstance(statement, tree.ExpressionStatement) and isinstance(statement.value, tree.Literal))
        ):
            raise GradcliError(
                "bad-argument",
                "a subclass of torch.autograd.Function holds forward and backward, nothing else",
                span=statement.span,
                hint="keep values in variables outside, or in ctx",
            )
    assign = store(scope, tree.Name(node.span, node.name), node)
    name, span = node.name, node.span
    return lambda frame: assign(
        frame, GradientClass(name, {each: make(frame) for each, make in makers.items()}, span)
    )


# ---- imports -------------------------------------------------------------------------------------


def _import(scope: Scope, node: tree.Import) -> Execute:
    bound = []
    for path, alias in node.modules:
        whole = _module(path, node.span)
        name = alias or path.partition(".")[0]
        bound.append((name, whole if alias else _module(name, node.span)))
    return _bind_imports(scope, bound)


def _from_import(scope: Scope, node: tree.FromImport) -> Execute:
    return _bind_imports(
        scope, [(alias or name, _module(f"{node.module}.{name}", node.span)) for name, alias in node.names]
    )


def _module(path: str, span: Span) -> Any:
    try:
        return namespaces.imported(path)
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
        tree.FunctionDefinition: _function,
        tree.ClassDefinition: _class,
        tree.Import: _import,
        tree.FromImport: _from_import,
    }
)
