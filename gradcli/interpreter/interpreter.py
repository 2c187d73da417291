"""Runs a program: compiles its syntax tree to closures once, then calls them in order.

`gradcli.evaluate` calls `run`, which gives the roots; what else is to be known then stands in the `Runtime`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, suggestion
from gradcli.interpreter.scopes import STATEMENTS, Scope
from gradcli.limits import DEEP_TREE
from gradcli.process import run_deep
from gradcli.syntax import tree
from gradcli.syntax.survey import Survey, names_in, read_first
from gradcli.values.operators import repeatable
from gradcli.values.values import is_generator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Execute

RESULT = "result"
"""The name of a root that has none."""


Roots = dict[str, Any]
"""The values of the last statement by name; empty when it has none."""


def run(module: tree.Module, runtime: Runtime, survey: Survey, unused_inputs: bool = False) -> Roots:
    """Runs a program, of whose names `survey` knows; what its last statement leaves.

    With `unused_inputs`, inputs that the program doesn't have are let through.

    Raises:
        GradcliError: whatever goes wrong in it, with its place.
    """
    if module.depth > DEEP_TREE and not runtime.deep:
        runtime.deep = True
        return run_deep(lambda: _run(module, runtime, survey, unused_inputs), runtime.limits.interrupt)
    return _run(module, runtime, survey, unused_inputs)


def _call(runtime: Runtime, function: Any, arguments: Any, keywords: Any, span: Any) -> Any:
    from gradcli.library.calling import call_value

    return call_value(runtime, function, arguments, keywords, span)


def _run(module: tree.Module, runtime: Runtime, survey: Survey, unused_inputs: bool) -> Roots:
    scope = Scope(runtime, survey)
    runtime.torch = runtime.session.strict = survey.torch
    if survey.torch:
        runtime.session.repeatable = partial(repeatable, runtime.limits)
    runtime.caller = _call
    if not module.body:
        return {}
    if runtime.inputs:
        _plan_overrides(module, scope)
    try:
        *most, last = module.body
        body = scope.block(most)
        final, value = _compile_last(scope, last)
        unused = tuple(
            [name for name in runtime.inputs if name not in survey.assigned and name not in scope.free]
        )
        if unused and not unused_inputs:
            raise _not_in_program(unused[0], scope)
        frame = runtime.names
        for statement in body:
            statement(frame)
        if runtime.before_last is not None:
            runtime.before_last()
        runtime.unused_inputs = unused
        if value is not None:
            return _roots(last, value(frame))
        final(frame)
        return _roots_of_assignment(last, runtime)
    except GradcliError as error:
        runtime.locate(error)
        raise


def _compile_last(scope: Scope, last: tree.Statement) -> tuple[Execute, Any]:
    if isinstance(last, tree.ExpressionStatement):
        value = scope.value(last.value)
        return value, value
    return scope.statement(last), None


# ---- the value of the last statement -------------------------------------------------------------


def _roots(last: tree.Statement, value: Any) -> Roots:
    assert isinstance(last, tree.ExpressionStatement)
    if value is None or is_generator(value):  # as `manual_seed(0)` gives one
        return {}
    if isinstance(last.value, tree.Name):
        return {last.value.name: value}
    if isinstance(last.value, tree.TupleDisplay):
        names = [each.name for each in last.value.items if isinstance(each, tree.Name)]
        if len(names) == len(last.value.items):
            return dict(zip(names, value, strict=True))
    return {RESULT: value}


def _roots_of_assignment(last: tree.Statement, runtime: Runtime) -> Roots:
    names: list[str] = []
    if isinstance(last, tree.Assignment):
        names = _target_names(last.targets[0])
    elif isinstance(last, tree.AugmentedAssignment):
        names = _target_names(last.target)
    return {name: runtime.names[name] for name in names if name in runtime.names}


def _target_names(target: tree.Target) -> list[str]:
    if isinstance(target, tree.Name):
        return [target.name]
    if isinstance(target, (tree.TupleDisplay, tree.ListDisplay)):
        return [name for each in target.items for name in _target_names(each)]
    return []


# ---- values from outside -------------------------------------------------------------------------


def _plan_overrides(module: tree.Module, scope: Scope) -> None:
    """Decides for each input that the program assigns whether it replaces that assignment.

    Raises:
        GradcliError: `bad-argument` for a name that the program computes.
    """
    for name, first in _computed(module, scope).items():
        raise GradcliError(
            "bad-argument",
            f"{name} is computed by the program, so it cannot be set",
            span=_place(name, first),
            hint="set the names it is computed from",
        )


def _computed(module: tree.Module, scope: Scope) -> dict[str, tree.Statement]:
    """The inputs that the program computes, each with the statement; those that it assigns are replaced."""
    assigned = scope.survey.assigned
    firsts = {name: assigned[name] for name in scope.runtime.inputs if name in assigned}
    read = read_first(module.body, firsts) if firsts else set()
    found: dict[str, tree.Statement] = {}
    for name, first in firsts.items():
        if name in read:
            continue
        if isinstance(first, tree.Assignment) and _is_leaf(name, first, scope):
            scope.overridden[name] = first
        else:
            found[name] = first
    return found


def _place(name: str, first: tree.Statement) -> Span | None:
    """Where a name is assigned first, of which this is the statement."""
    if isinstance(first, tree.Assignments):
        from gradcli.syntax import marks

        for code, start, end in zip(first.code.codes, first.code.starts, first.code.ends, strict=True):
            if type(code) is marks.Stored and code.name.name == name:
                return start, end
    return first.span if first.span != (0, 0) else None


def settable(module: tree.Module, runtime: Runtime, names: Iterable[str]) -> dict[str, bool]:
    """Of these names those that a value from outside could be given to, and whether it replaces a default.

    Nothing is run; `runtime` is not used again.
    """
    runtime.inputs = dict.fromkeys(names)
    scope = Scope(runtime, Survey(module.body))
    computed = _computed(module, scope)
    overridden = set(scope.overridden)
    for statement in module.body:
        STATEMENTS[type(statement)](scope, statement)
    return {
        name: name in overridden
        for name in runtime.inputs
        if name not in computed and (name in scope.survey.assigned or name in scope.free)
    }


def _is_leaf(name: str, statement: tree.Assignment, scope: Scope) -> bool:
    """Whether an assignment reads no variable."""
    value: tree.Expression = statement.value
    for target in statement.targets:
        if isinstance(target, (tree.TupleDisplay, tree.ListDisplay)) and isinstance(value, tree.TupleDisplay):
            for each, part in zip(target.items, value.items, strict=False):
                if isinstance(each, tree.Name) and each.name == name:
                    return not _variables(names_in(part), scope)
    return not _variables(names_in(value), scope)


def _variables(names: Iterable[str], scope: Scope) -> list[str]:
    from gradcli.interpreter.scopes import UNKNOWN

    found = []
    for name in names:
        if name in scope.survey.imported:
            continue
        if name in scope.survey.assigned or name in scope.runtime.inputs or scope.bare(name) is UNKNOWN:
            found.append(name)
    return found


def _not_in_program(name: str, scope: Scope) -> GradcliError:
    known = [*scope.survey.assigned, *scope.free]
    for each in sorted(scope.free):
        if name in each:
            from gradcli.interpreter.unset import one_name

            joined = one_name(scope.runtime, scope.survey.assigned, scope.free, each)
            if joined is not None:
                message = f"the program has no name {name} that could be set"
                return GradcliError("unknown-name", message, hint=joined)
    return GradcliError(
        "unknown-name",
        f"the program has no name {name} that could be set",
        hint=suggestion(name, known) or (f"it reads {', '.join(sorted(scope.free))}" if scope.free else None),
    )
