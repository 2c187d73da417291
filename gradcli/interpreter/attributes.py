"""Attributes and indices as closures, and paths through namespaces.

Listed in `scopes.EXPRESSIONS` like the other expressions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.interpreter.scopes import EXPRESSIONS, UNKNOWN, Scope
from gradcli.library import members
from gradcli.library.looking import namespace_member
from gradcli.syntax import tree
from gradcli.values.arrays import taken
from gradcli.values.conversions import as_key, integer, missing_key
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, ClassValue, Counted, Defaults, Instance
from gradcli.values.values import Array, Namespace, Size, unwrapped

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Frame

LONGEST_PATH = 8
"""More attributes in a row than any path through namespaces (`torch.nn.functional.relu`) has."""


def static(scope: Scope, node: tree.Expression) -> Any:
    """What a name, or a path through namespaces, is known to stand for before the run; else `UNKNOWN`."""
    path: list[str] = []
    while type(node) is tree.Attribute and len(path) < LONGEST_PATH:
        path.append(node.name)
        node = node.value
    known = scope.constant(node.name) if type(node) is tree.Name else UNKNOWN
    for name in reversed(path):
        if type(known) is not Namespace:
            return UNKNOWN
        known = namespace_member(known, name, UNKNOWN)
    return known


def _attribute(scope: Scope, node: tree.Attribute) -> Evaluate:
    constant = static(scope, node)
    if constant is not UNKNOWN:
        return lambda frame: constant
    runtime, session, name, span = scope.runtime, scope.runtime.session, node.name, node.span
    name_span = node.name_span
    owner = scope.expression(node.value)
    read = members.TENSOR_ATTRIBUTES.get(name)

    def run(frame: Frame) -> Any:
        value = owner(frame)
        session.span = span
        if read is not None and type(value) is Tensor:
            return read(runtime, value)
        return members.attribute(runtime, value, name, name_span)

    return run


def _slice(scope: Scope, node: tree.Slice) -> Evaluate:
    parts = [
        scope.expression(each) if each is not None else None for each in (node.start, node.stop, node.step)
    ]
    runtime, span = scope.runtime, node.span

    def run(frame: Frame) -> slice:
        return slice(*[None if part is None else bound(runtime, part(frame), span) for part in parts])

    return run


def bound(runtime: Runtime, value: Any, span: Span) -> int | None:
    if value is None or type(value) is int:
        return value
    return integer(runtime, value, span, "slice indices must be integers or None or have an __index__ method")


def _index(scope: Scope, node: tree.Index) -> Evaluate:
    runtime, session, span = scope.runtime, scope.runtime.session, node.span
    owner, index = scope.expression(node.value), scope.expression(node.index)
    index_span = node.index.span

    def run(frame: Frame) -> Any:
        value = owner(frame)
        key = index(frame)
        if type(value) is Tensor:
            session.span = span
            return session.index(value, members.index_key(runtime, key, index_span), not runtime.torch)
        return item(runtime, value, key, span, index_span)

    return run


def item(runtime: Runtime, value: Any, key: Any, span: Span, key_span: Span) -> Any:
    """`value[key]` of anything but a tensor."""
    if type(value) is Array:
        runtime.session.span = span
        key = members.index_key(runtime, unwrapped(key), key_span)
        return taken(runtime, runtime.session.index(value.tensor, key, True))
    if isinstance(value, dict):
        name = as_key(key, key_span)
        return value[name] if name in value else _missing(runtime, value, name, key_span)
    if type(value) is Instance or type(value) is ClassValue:
        found = runtime.special(value, "__getitem__", span, key)
        if found is not ABSENT:
            return found
    if not isinstance(value, (list, tuple, str, range)):
        raise GradcliError("bad-argument", f"'{type_name(value)}' object is not subscriptable", span=span)
    if type(key) is slice:
        if key.step == 0:
            raise GradcliError("bad-argument", "slice step cannot be zero", span=key_span)
        part = value[key]
        if not isinstance(part, range):
            runtime.limits.room(len(part), span)
        return Size(value[key]) if type(value) is Size else part
    what = f"{type_name(value)} indices must be integers or slices, not {type_name(key)}"
    if type(value) is str:
        what = f"string indices must be integers, not '{type_name(key)}'"
    position = key if type(key) is int else integer(runtime, key, key_span, what)
    if not -len(value) <= position < len(value):
        raise GradcliError(
            "bad-argument",
            f"{'tuple' if isinstance(value, tuple) else type_name(value)} index out of range",
            span=span,
            hint=f"its length is {len(value)}",
        )
    return value[position]


def _missing(runtime: Runtime, entries: dict[Any, Any], key: Any, span: Span) -> Any:
    """What a dict gives for a key that is not in it."""
    if type(entries) is Counted:
        return 0
    if type(entries) is not Defaults or entries.factory is None:
        raise missing_key(runtime, key, span)
    if len(entries) & 0xFFF == 0xFFF:
        runtime.limits.room(len(entries) + 1, span, "dict", 100)
    entries[key] = runtime.call(entries.factory, (), {}, span)
    return entries[key]


EXPRESSIONS.update({tree.Attribute: _attribute, tree.Slice: _slice, tree.Index: _index})
