"""Lists, tuples, sets, dicts, comprehensions and lambdas as closures. Listed in `scopes.EXPRESSIONS`.

A comprehension has a scope and a frame of its own, as in Python, and counts its turns as a loop does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.interpreter.scopes import EXPRESSIONS, Scope
from gradcli.interpreter.targets import store
from gradcli.library.python_methods import distinct
from gradcli.limits import check_nesting
from gradcli.syntax import tree
from gradcli.syntax.survey import Survey
from gradcli.values.conversions import as_key, iterate, listed, truth
from gradcli.values.formatting import type_name
from gradcli.values.values import ENCLOSING, Returned, UserFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.values.values import Evaluate, Frame

    Add = Callable[[Frame], None]

# ---- lists and tuples ----------------------------------------------------------------------------


def _items(scope: Scope, node: tree.ListDisplay | tree.TupleDisplay | tree.SetDisplay) -> Evaluate:
    """The closure that makes the list of a display's items."""
    span = node.span
    if tree.Starred in map(type, node.items):
        return _spread(scope, node)
    items = scope.expressions(node.items)
    if {tree.ListDisplay, tree.TupleDisplay}.issuperset(map(type, node.items)):
        return lambda frame: [item(frame) for item in items]  # nests no deeper than the text does

    def run(frame: Frame) -> list[Any]:
        made = [item(frame) for item in items]
        for each in made:
            if type(each) is list or type(each) is tuple:
                check_nesting(made, span)
                break
        return made

    return run


def _spread(scope: Scope, node: tree.ListDisplay | tree.TupleDisplay | tree.SetDisplay) -> Evaluate:
    runtime, span = scope.runtime, node.span
    parts = [
        (scope.expression(each.value), True)
        if isinstance(each, tree.Starred)
        else (scope.expression(each), False)
        for each in node.items
    ]

    def run(frame: Frame) -> list[Any]:
        made: list[Any] = []
        for part, starred in parts:
            if starred:
                more = listed(runtime, part(frame), span)
                runtime.limits.room(len(made) + len(more), span)
                made.extend(more)
            else:
                made.append(part(frame))
        check_nesting(made, span)
        return made

    return run


def _set(scope: Scope, node: tree.SetDisplay) -> Evaluate:
    runtime, span, items = scope.runtime, node.span, _items(scope, node)
    return lambda frame: distinct(runtime, span, items(frame))


def _tuple(scope: Scope, node: tree.TupleDisplay) -> Evaluate:
    items = _items(scope, node)
    return lambda frame: tuple(items(frame))


# ---- dicts ---------------------------------------------------------------------------------------


def _dict(scope: Scope, node: tree.DictDisplay) -> Evaluate:
    runtime = scope.runtime
    entries = [
        (
            scope.expression(each.key) if each.key is not None else None,
            scope.expression(each.value),
            each.span,
        )
        for each in node.entries
    ]

    def run(frame: Frame) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key, value, span in entries:
            if key is not None:
                name = as_key(key(frame), span)
                made[name] = value(frame)
                continue
            more = value(frame)
            if not isinstance(more, dict):
                message = f"'{type_name(more)}' object is not a mapping"
                raise GradcliError("bad-argument", message, span=span)
            runtime.limits.room(len(made) + len(more), span, "dict", 100)
            made.update(more)
        return made

    return run


# ---- comprehensions ------------------------------------------------------------------------------

_MADE = "<made>"
"""The key, no name of the language, under which a comprehension's frame holds what it makes."""


def _comprehension(scope: Scope, node: tree.Comprehension) -> Evaluate:
    survey = Survey(())
    statement = tree.Pass(node.span)
    for clause in node.clauses:
        survey.bind(clause.target, statement)
    inner = Scope(scope.runtime, survey, scope, scope.function or "<comprehension>")
    inner.method_of = scope.method_of
    limits, span = scope.runtime.limits, node.span
    # The first iterable is evaluated outside, where `[x for x in x]` means another x.
    first = scope.expression(node.clauses[0].iterable)
    add = _adding(inner, node)
    for place in range(len(node.clauses) - 1, -1, -1):
        add = _clause(inner, node.clauses[place], add, first if place == 0 else None)
    kind = node.kind

    def run(frame: Frame) -> Any:
        found: Any = {} if kind == "dict" else []
        add({ENCLOSING: frame, _MADE: found})
        limits.room(len(found), span, kind)
        if kind == "set":
            return distinct(scope.runtime, span, found)
        return iter(found) if kind == "generator" else found

    return run


def _adding(scope: Scope, node: tree.Comprehension) -> Add:
    """The closure that adds the element of one turn."""
    if isinstance(node.element, tree.Entry):
        assert node.element.key is not None
        key, value, span = scope.expression(node.element.key), scope.expression(node.element.value), node.span

        def put(frame: Frame) -> None:
            name = as_key(key(frame), span)
            frame[_MADE][name] = value(frame)

        return put
    element = scope.expression(node.element)
    return lambda frame: frame[_MADE].append(element(frame))


def _clause(scope: Scope, clause: tree.Clause, inside: Add, outer: Evaluate | None) -> Add:
    """The closure of one `for … if …`; `outer` is its iterable where that belongs to the frame outside."""
    runtime, limits, span = scope.runtime, scope.runtime.limits, clause.span
    iterable = outer or scope.expression(clause.iterable)
    assign = store(scope, clause.target, tree.Pass(clause.span))
    conditions = [(scope.expression(each), each.span) for each in clause.conditions]

    def run(frame: Frame) -> None:
        items = iterable(frame[ENCLOSING] if outer is not None else frame)
        for item in iterate(runtime, items, span):
            limits.steps += 1
            if limits.steps > limits.alarm:
                limits.check(span)
            assign(frame, item)
            for condition, place in conditions:
                if not truth(runtime, condition(frame), place):
                    break
            else:
                inside(frame)

    return run


# ---- lambda --------------------------------------------------------------------------------------


def _lambda(scope: Scope, node: tree.Lambda) -> Evaluate:
    survey = Survey(())
    statement = tree.Pass(node.span)
    for parameter in node.parameters:
        survey.assigned[parameter.name] = statement
    inner = Scope(scope.runtime, survey, scope, "<lambda>")
    inner.method_of = scope.method_of
    value = inner.expression(node.body)
    body = [lambda frame: Returned(value(frame))]
    defaults = [
        (each.name, scope.expression(each.default)) for each in node.parameters if each.default is not None
    ]
    nested, parameters, span = scope.enclosing is not None, node.parameters, node.span

    def make(frame: Frame) -> UserFunction:
        values = {name: default(frame) for name, default in defaults}
        return UserFunction("<lambda>", parameters, body, frame if nested else None, values, span)

    return make


EXPRESSIONS.update(
    {
        tree.ListDisplay: _items,
        tree.TupleDisplay: _tuple,
        tree.SetDisplay: _set,
        tree.DictDisplay: _dict,
        tree.Comprehension: _comprehension,
        tree.Lambda: _lambda,
    }
)
