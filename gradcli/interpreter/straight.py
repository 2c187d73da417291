"""Runs code that was read without a tree (`syntax.arithmetic`): what its names, calls and assignments are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.interpreter.attributes import static
from gradcli.interpreter.calls import is_unknown, unknown_function
from gradcli.interpreter.postfix import Apply, Store, running
from gradcli.interpreter.scopes import EXPRESSIONS, STATEMENTS, UNKNOWN, Scope
from gradcli.interpreter.targets import store
from gradcli.library.arguments import PLAIN, for_table
from gradcli.library.calling import call_value
from gradcli.ops.rows import Function
from gradcli.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.values import Evaluate, Execute, Frame


def _expression(scope: Scope, node: tree.Postfix) -> Evaluate:
    return running(scope, _compiled(scope, node))


def _assignments(scope: Scope, node: tree.Assignments) -> Execute:
    run = running(scope, _compiled(scope, node))

    def execute(frame: Frame) -> None:
        run(frame)

    return execute


def _compiled(scope: Scope, node: tree.Postfix | tree.Assignments) -> tree.Code:
    """The code with what its names stand for, where that is settled, and what is called and assigned."""
    code = node.code.spend() if scope.runtime.spends else node.code
    codes = code.codes
    meant: dict[Any, Any] = {}
    for each in {code for code in codes if type(code) is not float and type(code) is not int}:
        if type(each) is tree.Stored:
            assert type(node) is tree.Assignments
            meant[each] = Store(store(scope, each.name, node))
        elif type(each) is tree.Applied:
            meant[each] = Apply(_applied(scope, each.name))
        elif type(each) is tree.Name:
            constant = scope.constant(each.name)
            if constant is UNKNOWN:
                scope.reads(each.name)
            else:
                meant[each] = constant if type(constant) in (float, int) else _given(constant)
    if meant:
        kept = (float, int)
        codes = [each if type(each) in kept else meant.get(each, each) for each in codes]
    return tree.Code(codes, code.starts, code.ends)


def _given(value: Any) -> Evaluate:
    return lambda frame: value


def _applied(scope: Scope, name: tree.Name) -> Callable[[Any, Span], Any]:
    """What calls the function of a name with one value."""
    runtime, session = scope.runtime, scope.runtime.session
    apply = session.apply
    function = static(scope, name)
    if type(function) is Function:

        def call(value: Any, span: Span) -> Any:
            if type(value) not in PLAIN:
                value = for_table(runtime, value, span)
            session.span = span
            return apply(function, (value,), {})

        return call
    if function is not UNKNOWN:
        return lambda value, span: call_value(runtime, function, (value,), {}, span)
    if is_unknown(scope, name.name):
        unknown = unknown_function(scope, name.name, name.span)
        return lambda value, span: unknown(runtime.names)
    load = scope.expression(name)
    return lambda value, span: call_value(runtime, load(runtime.names), (value,), {}, span)


EXPRESSIONS[tree.Postfix] = _expression
STATEMENTS[tree.Assignments] = _assignments
