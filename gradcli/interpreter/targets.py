"""What can be assigned to: names, attributes, tuples of them, and what `x += …` does to each.

`statements` and the targets of `for` come here. Module variables that the caller said something about
(inputs, `wrt`, frozen and retained names) and leaves that get their name pass through `Runtime.admit`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.in_place import as_operands
from gradcli.errors import GradcliError, failure
from gradcli.interpreter.expressions import discrete, exclusive_or
from gradcli.interpreter.scopes import EXPRESSIONS, Scope
from gradcli.syntax import tree
from gradcli.tape.custom import RENEWED
from gradcli.tape.node import LEAF
from gradcli.tape.promote import tensor_type
from gradcli.values import operators
from gradcli.values.conversions import as_key, integer, listed
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, Distinct, Instance
from gradcli.values.values import ENCLOSING, Array, unwrapped

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Execute, Frame

UNMADE = (LEAF, RENEWED)
"""What no recorded operation made, or what took the place of such a thing."""

Store = Callable[["Frame", Any], None]
"""Puts a value where a target says."""


def store(scope: Scope, target: tree.Target, statement: tree.Statement) -> Store:
    """The closure that assigns to `target`; `statement` is the one it stands in."""
    if type(target) is tree.Name:
        return _store_name(scope, target, statement)
    if isinstance(target, (tree.TupleDisplay, tree.ListDisplay)):
        return _store_many(scope, target, statement)
    if isinstance(target, tree.Attribute):
        return _store_attribute(scope, target)
    if isinstance(target, tree.Index):
        return _store_index(scope, target)
    raise GradcliError("syntax", "cannot assign to this", span=target.span)


def _store_name(scope: Scope, target: tree.Name, statement: tree.Statement) -> Store:
    name, runtime = target.name, scope.runtime
    if scope.survey.outer.get(name) is tree.Nonlocal:
        return _store_outer(scope, target)
    if not scope.is_global(name):
        return lambda frame, value: frame.__setitem__(name, value)
    names = runtime.names
    if scope.module.overridden.get(name) is statement:
        given = runtime.inputs[name]

        def override(frame: Frame, value: Any) -> None:
            names[name] = found = runtime.admit(name, given.instead_of(runtime, value, name))
            given.became(found)

        return override
    if is_told(runtime, name):

        def admit(frame: Frame, value: Any) -> None:
            names[name] = runtime.admit(name, value)

        return admit

    return partial(putting(runtime), name)


def is_told(runtime: Runtime, name: str) -> bool:
    """Whether the caller has said something about a name, beside its value."""
    return name in runtime.wanted or name in runtime.frozen or name in runtime.retained


def putting(runtime: Runtime) -> Callable[[str, Frame, Any], None]:
    """What gives names of the module of which the caller has said nothing their values."""
    names = runtime.names

    def put(name: str, frame: Frame, value: Any) -> None:
        # Most values are results of operations, which is seen at a glance; nobody asks what a view became.
        known = type(value) is Tensor and (value.view is None or value.held is not None)
        if known and value.node.op in UNMADE and value.requires_grad and value.is_leaf:
            runtime.register(name, value)
        names[name] = value

    return put


def _store_outer(scope: Scope, target: tree.Name) -> Store:
    name, hops = target.name, scope.hops(target.name)
    if not hops:
        raise GradcliError("syntax", f"no binding for nonlocal '{name}' found", span=target.span)

    def run(frame: Frame, value: Any) -> None:
        for _ in range(hops):
            frame = frame[ENCLOSING]
        frame[name] = value

    return run


def _store_starred(
    scope: Scope, target: tree.TupleDisplay | tree.ListDisplay, at: int, statement: tree.Statement
) -> Store:
    """`a, *rest, b = values`."""
    runtime, span = scope.runtime, target.span
    stores = [
        store(scope, each.value if isinstance(each, tree.Starred) else each, statement)
        for each in target.items
    ]
    least, behind = len(stores) - 1, len(stores) - 1 - at

    def run(frame: Frame, value: Any) -> None:
        values = _unpacked(runtime, value, span)
        if len(values) < least:
            message = f"not enough values to unpack (expected at least {least}, got {len(values)})"
            raise GradcliError("bad-argument", message, span=span)
        end = len(values) - behind
        parts = [*values[:at], values[at:end], *values[end:]]
        for each, item in zip(stores, parts, strict=True):
            each(frame, item)

    return run


def _unpacked(runtime: Runtime, value: Any, span: Span) -> list[Any]:
    """The items of what is assigned to several names."""
    try:
        return listed(runtime, value, span)
    except GradcliError as error:
        if not error.message.endswith("object is not iterable"):
            raise
        message = f"cannot unpack non-iterable {type_name(value)} object"
        raise failure("TypeError", message, span) from None


def _store_many(
    scope: Scope, target: tree.TupleDisplay | tree.ListDisplay, statement: tree.Statement
) -> Store:
    starred = next((at for at, each in enumerate(target.items) if isinstance(each, tree.Starred)), None)
    if starred is not None:
        return _store_starred(scope, target, starred, statement)
    runtime, span = scope.runtime, target.span
    stores = [store(scope, each, statement) for each in target.items]
    count = len(stores)

    def run(frame: Frame, value: Any) -> None:
        values = value if isinstance(value, (list, tuple)) else _unpacked(runtime, value, span)
        if len(values) != count:
            few = len(values) < count
            got = f", got {len(values)}" if few else ""
            message = f"{'not enough' if few else 'too many'} values to unpack (expected {count}{got})"
            raise GradcliError("bad-argument", message, span=span)
        for each, item in zip(stores, values, strict=True):
            each(frame, item)

    return run


def _store_attribute(scope: Scope, target: tree.Attribute) -> Store:
    owner, put = scope.expression(target.value), _storing_attribute(scope, target)
    return lambda frame, value: put(owner(frame), value)


def _storing_attribute(scope: Scope, target: tree.Attribute) -> Callable[[Any, Any], None]:
    """What assigns to the attribute of a holder that is known."""
    from gradcli.library.attributes import assign

    runtime, session = scope.runtime, scope.runtime.session
    name, span, name_span = target.name, target.span, target.name_span

    def run(holder: Any, value: Any) -> None:
        session.span = span
        assign(runtime, holder, name, value, name_span)

    return run


def _store_index(scope: Scope, target: tree.Index) -> Store:
    owner, index, put = (
        scope.expression(target.value),
        scope.expression(target.index),
        _storing(scope, target),
    )
    return lambda frame, value: put(owner(frame), index(frame), value)


def _storing(scope: Scope, target: tree.Index) -> Callable[[Any, Any, Any], None]:
    """What assigns to `holder[key]` of a holder and a key that are known."""
    runtime, session = scope.runtime, scope.runtime.session
    span, index_span = target.span, target.index.span

    def run(holder: Any, key: Any, value: Any) -> None:
        holder = unwrapped(holder)
        if type(holder) is Tensor:
            session.span = span
            key, value = unwrapped(key), unwrapped(value)
            if type(value) not in (Tensor, list, tuple, int, float, bool):
                message = f"can't assign a {type_name(value)} to a {tensor_type(holder.dtype)}"
                raise GradcliError("bad-argument", message, span=span)
            from gradcli.library.members import index_key

            session.set_item(holder, index_key(runtime, key, index_span), value)
            return
        if isinstance(holder, dict):
            if len(holder) & 0xFFF == 0xFFF:
                runtime.limits.room(len(holder) + 1, span, "dict", 100)
            holder[as_key(key, span)] = value
            return
        if (
            type(holder) is Instance
            and runtime.special(holder, "__setitem__", span, key, value) is not ABSENT
        ):
            return
        if type(holder) is not list:
            message = f"'{type_name(holder)}' object does not support item assignment"
            raise GradcliError("bad-argument", message, span=span)
        if type(key) is slice:
            _store_slice(runtime, holder, key, value, span)
            return
        position = integer(runtime, key, span, f"list indices must be integers, not {type_name(key)}")
        if not -len(holder) <= position < len(holder):
            raise GradcliError("bad-argument", "list assignment index out of range", span=span)
        holder[position] = value

    return run


def _store_slice(runtime: Runtime, holder: list[Any], key: slice, value: Any, span: Span) -> None:
    items = listed(runtime, value, span)
    runtime.limits.room(len(holder) + len(items), span, "list", 10)
    try:
        holder[key] = items
    except ValueError as error:  # a slice with steps takes as many as it has
        raise failure("ValueError", str(error), span) from None


# ---- augmented -----------------------------------------------------------------------------------


def shown_by(tensor: Tensor) -> bool:
    """Whether it is a view, so that its base has changed with it."""
    return tensor.view is not None and tensor.view.path != ()


def augmented(scope: Scope, node: tree.AugmentedAssignment) -> Execute:
    """`target op= value`: in place on a tensor, rebinding for anything else."""
    span, target = node.span, node.target
    if not isinstance(target, (tree.Name, tree.Attribute, tree.Index)):
        raise GradcliError("syntax", "this is no target of an augmented assignment", span=target.span)
    value = scope.value(node.value)
    if isinstance(target, tree.Name):
        read = scope.expression(target)
        update = updating(scope, target, node.operator, store(scope, target, node))

        def run(frame: Frame) -> None:
            former = read(frame)
            update(frame, former, value(frame), span)

        return run

    from gradcli.interpreter.attributes import item
    from gradcli.library import members

    # What holds it, and the key, are found once.
    runtime, owner = scope.runtime, scope.expression(target.value)
    if isinstance(target, tree.Attribute):
        name, name_span = target.name, target.name_span
        put = _storing_attribute(scope, target)
        update = updating(scope, target, node.operator, put)

        def run_attribute(frame: Frame) -> None:
            holder = owner(frame)
            runtime.session.span = target.span
            former = members.attribute(runtime, holder, name, name_span)
            update(holder, former, value(frame), span)
            if name == "grad" and type(former) is Tensor:  # which may fit no longer what it is put to
                put(holder, former)

        return run_attribute
    index, store_at, index_span = scope.expression(target.index), _storing(scope, target), target.index.span
    update = updating(scope, target, node.operator, lambda place, value: store_at(place[0], place[1], value))

    def run_index(frame: Frame) -> None:
        holder, key = unwrapped(owner(frame)), index(frame)
        if type(holder) is Tensor:
            runtime.session.span = target.span
            key = unwrapped(key)
            former = runtime.session.index(holder, members.index_key(runtime, key, index_span))
        else:
            former = item(runtime, holder, key, target.span, index_span)
        update((holder, key), former, value(frame), span)

    return run_index


def updating(
    scope: Scope, target: tree.Target, operator: str, rebind: Callable[[Any, Any], None]
) -> Callable[..., None]:
    """What `target op= value` does: with where it is put, the value that it had, the other one, a place.

    It is put to a frame, to what has the attribute, or to a holder and a key.
    """
    runtime, session = scope.runtime, scope.runtime.session
    is_index = isinstance(target, tree.Index)
    is_name = isinstance(target, tree.Name)  # which keeps what is changed in place
    symbol = "**" if operator == "^" else operator

    def run(place: Any, former: Any, other: Any, span: Span) -> None:
        if type(former) is Array and not former.scalar:
            former = former.tensor  # in whose memory the array is
            other = unwrapped(other)
        if type(former) is Tensor:
            session.span = span
            if operator == "^" and (runtime.torch or (discrete(former) and discrete(other))):
                raise exclusive_or(span)
            (given,) = as_operands((other,), former, session.refuse(former, (other,)))
            session.update(former, session.operate(symbol, former, given), symbol + "=", (other,))
            if not is_index:
                return
            holder = place[0]
            part = shown_by(former) and type(holder) is Tensor and former.node.size != holder.node.size
            if part and symbol != "**":  # whose copy nobody could tell
                session.written_again(holder, former)
            else:  # an entry of a list, a copy of what a mask or integers point at, or the whole
                rebind(place, former)
            return
        if type(former) is Instance:
            rebind(place, operators.object_updated(runtime, symbol, former, other, span))
        elif type(other) is Tensor:
            session.span = span
            rebind(place, session.operate(symbol, former, other))
        elif symbol == "+" and type(former) is list:
            added = listed(runtime, other, span)
            runtime.limits.room(len(former) + len(added), span)
            former.extend(added)
            if not is_name:
                rebind(place, former)
        elif type(former) is Distinct and type(other) is Distinct and symbol in operators.SETS:
            result = operators.SETS[symbol](former, other)
            former.clear()
            former.update(result)
            if not is_name:
                rebind(place, former)
        else:
            rebind(place, operators.plain(symbol, former, other, span, runtime))

    return run


def _assigned(scope: Scope, node: tree.AssignmentExpression) -> Evaluate:
    if node.target.name not in {*scope.survey.assigned, *scope.survey.outer}:
        message = "':=' stands in the test of an if or a while only"
        raise GradcliError("syntax", message, span=node.span, hint="assign on a line before")
    value, assign = scope.expression(node.value), store(scope, node.target, tree.Pass(node.span))

    def run(frame: Frame) -> Any:
        found = value(frame)
        assign(frame, found)
        return found

    return run


EXPRESSIONS[tree.AssignmentExpression] = _assigned
