"""Calls as closures: of functions known before the run, of methods, of whatever else a value turns out to be.

What a call does with the program's own functions is in `functions`. The common shapes (a function of the
table, a method of a tensor, positional arguments) have closures of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, suggestion
from gradcli.interpreter.attributes import static
from gradcli.interpreter.scopes import EXPRESSIONS, UNKNOWN, Scope
from gradcli.library import members, namespaces
from gradcli.library.arguments import PLAIN, apply_row, for_table, keywords_for_table
from gradcli.library.calling import call_own, call_value
from gradcli.library.objects import SUPER
from gradcli.ops import registry
from gradcli.ops.rows import Function
from gradcli.syntax import tree
from gradcli.values.conversions import listed
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.values import Evaluate, Frame

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def _call(scope: Scope, node: tree.Call) -> Evaluate:
    callee = node.function
    value = static(scope, callee)
    if value is SUPER and not node.arguments and scope.method_of is not None:
        return _super_call(scope, node.span)
    if type(value) is Function and not node.keywords and not _has_star(node):
        return _table_call(scope, value, scope.expressions(node.arguments), node.span)
    arguments = _arguments(scope, node)
    if type(value) is Function:
        return _general_table_call(scope, value, arguments, node.span)
    if isinstance(value, Builtin):
        return _builtin_call(scope, value, arguments, node.span)
    if value is not UNKNOWN:
        runtime, span = scope.runtime, node.span
        return lambda frame: call_value(runtime, value, *arguments(frame), span)
    if type(callee) is tree.Attribute:
        return _method_call(scope, callee, arguments, node)
    if type(callee) is tree.Name and is_unknown(scope, callee.name):
        return unknown_function(scope, callee.name, callee.span)
    runtime, span = scope.runtime, node.span
    function = scope.expression(callee)
    return lambda frame: call_value(runtime, function(frame), *arguments(frame), span)


def _has_star(node: tree.Call) -> bool:
    return tree.Starred in map(type, node.arguments) or any(each.name == "**" for each in node.keywords)


def _super_call(scope: Scope, span: Span) -> Evaluate:
    """`super()`, which knows the class that the method stands in, and its first argument."""
    assert scope.method_of is not None
    holder, parameter = scope.method_of
    owner = scope.load(parameter, span)
    runtime = scope.runtime
    return lambda frame: SUPER.run(runtime, span, holder[0], owner(frame))


# ---- arguments -----------------------------------------------------------------------------------


def _arguments(scope: Scope, node: tree.Call) -> Callable[[Frame], Arguments]:
    """The closure that evaluates the arguments of a call."""
    names = [each.name for each in node.keywords if each.name != "**"]
    if len(set(names)) < len(names):
        repeated = next(each for at, each in enumerate(node.keywords) if each.name in names[:at])
        raise GradcliError("syntax", f"keyword argument repeated: {repeated.name}", span=repeated.span)
    if _has_star(node):
        return _spread(scope, node)
    values = scope.expressions(node.arguments)
    keywords = [(each.name, scope.expression(each.value)) for each in node.keywords]
    if not keywords:
        if not values:
            return lambda frame: ((), {})
        if len(values) == 1:
            only = values[0]
            return lambda frame: ((only(frame),), {})
        return lambda frame: (tuple([value(frame) for value in values]), {})
    return lambda frame: (
        tuple([value(frame) for value in values]),
        {name: value(frame) for name, value in keywords},
    )


def _spread(scope: Scope, node: tree.Call) -> Callable[[Frame], Arguments]:
    runtime = scope.runtime
    values = [
        (
            scope.expression(each.value if isinstance(each, tree.Starred) else each),
            type(each) is tree.Starred,
            each.span,
        )
        for each in node.arguments
    ]
    keywords = [(each.name, scope.expression(each.value), each.span) for each in node.keywords]

    def named(frame: Frame) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value, span in keywords:
            entries = value(frame) if name == "**" else {name: value(frame)}
            if not isinstance(entries, dict) or not all(type(each) is str for each in entries):
                message = "what stands behind ** is a dict whose keys are texts"
                raise GradcliError("bad-argument", message, span=span)
            repeated = next((each for each in entries if each in found), None)
            if repeated is not None:
                message = f"got multiple values for keyword argument '{repeated}'"
                raise GradcliError("bad-argument", message, span=span)
            found |= entries
        return found

    def run(frame: Frame) -> Arguments:
        arguments: list[Any] = []
        for value, starred, span in values:
            if starred:
                arguments.extend(listed(runtime, value(frame), span))
            else:
                arguments.append(value(frame))
        return tuple(arguments), named(frame)

    return run


# ---- kinds of calls ------------------------------------------------------------------------------


def _table_call(scope: Scope, function: Function, values: list[Evaluate], span: Span) -> Evaluate:
    runtime, session = scope.runtime, scope.runtime.session
    apply = session.apply
    if len(values) == 1:
        only = values[0]

        def call_one(frame: Frame) -> Any:
            value = only(frame)
            if type(value) not in PLAIN:
                value = for_table(runtime, value, span)
            session.span = span
            return apply(function, (value,), {})

        return call_one

    def call(frame: Frame) -> Any:
        arguments = [value(frame) for value in values]
        for position, each in enumerate(arguments):
            if type(each) not in PLAIN:
                arguments[position] = for_table(runtime, each, span)
        session.span = span
        return apply(function, tuple(arguments), {})

    return call


def _general_table_call(
    scope: Scope, function: Function, arguments: Callable[[Frame], Arguments], span: Span
) -> Evaluate:
    runtime = scope.runtime

    def call(frame: Frame) -> Any:
        positional, keywords = arguments(frame)
        return apply_row(runtime, function, positional, keywords, span)

    return call


def _builtin_call(
    scope: Scope, function: Builtin, arguments: Callable[[Frame], Arguments], span: Span
) -> Evaluate:
    runtime = scope.runtime

    def call(frame: Frame) -> Any:
        positional, keywords = arguments(frame)
        return call_own(runtime, function.name, function.run, positional, keywords, span)

    return call


def _method_call(
    scope: Scope, callee: tree.Attribute, arguments: Callable[[Frame], Arguments], node: tree.Call
) -> Evaluate:
    runtime, session = scope.runtime, scope.runtime.session
    owner = scope.expression(callee.value)
    name, name_span, span = callee.name, callee.name_span, node.span
    own = members.own_method(name)
    row: Function | None = None
    looked_up = own is not None

    def call(frame: Frame) -> Any:
        nonlocal row, looked_up
        value = owner(frame)
        if type(value) is Tensor:
            if not looked_up:
                row = registry.method(name)
                looked_up = True
            if row is not None:
                positional, keywords = arguments(frame)
                for each in positional:
                    if type(each) not in PLAIN:
                        positional = tuple([for_table(runtime, each, span) for each in positional])
                        break
                if keywords:
                    keywords = keywords_for_table(runtime, keywords, span)
                session.span = span
                return session.apply(row, (value, *positional), keywords, 0)
            if own is not None:
                positional, keywords = arguments(frame)
                session.span = span
                return call_own(runtime, name, own, (value, *positional), keywords, span, 1)
        session.span = span
        function = members.attribute(runtime, value, name, name_span, called=True)
        return call_value(runtime, function, *arguments(frame), span)

    return call


# ---- unknown functions ---------------------------------------------------------------------------


def is_unknown(scope: Scope, name: str) -> bool:
    """Whether nothing in the program or from outside has this name."""
    each: Scope | None = scope
    while each is not None:
        if name in each.survey.assigned:
            return False
        each = each.enclosing
    return name not in scope.runtime.inputs


def _product(scope: Scope, name: str) -> str | None:
    """The hint for `xsin(x)`, where there are an x and a sin."""
    from gradcli.interpreter.unset import LOGARITHMS

    for length in range(1, len(name) - 1):
        known = name[:length] in scope.runtime.inputs or name[:length] in scope.survey.assigned
        if known and (name[length:] in LOGARITHMS or scope.bare(name[length:]) is not UNKNOWN):
            return f"write {name[:length]}*{LOGARITHMS.get(name[length:], name[length:])}(…)"
    return None


def unknown_function(scope: Scope, name: str, span: Span) -> Evaluate:
    """The closure that raises what is wrong with a name that is no function."""

    def call(frame: Frame) -> Any:
        hint = namespaces.REFUSED.get(name) or _product(scope, name)
        if hint is None and not name.startswith("_"):
            names = namespaces.function_names()
            inside = [each for each in names if each.endswith(f".{name}")]
            hint = f"it is {inside[0]} here" if inside else suggestion(name, names)
        raise GradcliError("unknown-function", f"there is no function {name}", span=span, hint=hint)

    return call


EXPRESSIONS[tree.Call] = _call
