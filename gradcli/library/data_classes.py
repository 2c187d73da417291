"""Python's `dataclasses`: classes whose fields are the names that their bodies give a type.

`dataclass` gives a class an `__init__` that takes the fields, `__repr__` and `__eq__`, where it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.objects import set_attribute
from gradcli.library.ordering import compared
from gradcli.record import Record
from gradcli.syntax.tree import DefParameter
from gradcli.values.conversions import equal, truth
from gradcli.values.copying import deepcopy
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import ABSENT, EXCEPTIONS, ClassValue, Instance, exception
from gradcli.values.operators import SPECIAL, mismatch
from gradcli.values.values import Builtin, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Frame

_FIELDS = "__dataclass_fields__"


class DataField(Record):
    """`field(…)`: how a field begins, and whether it is shown."""

    default: Any
    factory: Any
    shown: bool


def _field(
    runtime: Runtime,
    span: Span,
    *,
    default: Any = ABSENT,
    default_factory: Any = ABSENT,
    repr: Any = True,
    **_: Any,
) -> DataField:
    return DataField(default, default_factory, truth(runtime, repr, span))


def _fields_of(value: Any, span: Span) -> dict[str, DataField]:
    cls = value.cls if type(value) is Instance else value
    found = cls.find(_FIELDS) if type(cls) is ClassValue else None
    if found is None:
        raise GradcliError("bad-argument", "it should be called on dataclass instances", span=span)
    fields: dict[str, DataField] = found
    return fields


def _made(runtime: Runtime, span: Span, cls: ClassValue, frozen: bool, order: bool) -> ClassValue:
    if type(cls) is not ClassValue:
        raise GradcliError("bad-argument", f"dataclass is put above a class, not {type_name(cls)}", span=span)
    fields: dict[str, DataField] = {}
    for base in reversed(cls.order[1:]):
        fields |= base.members.get(_FIELDS, {})
    for name in cls.declared:
        default = cls.members.get(name, ABSENT)
        if isinstance(default, (list, dict)):
            message = f"mutable default <class '{type_name(default)}'> for field {name} is not allowed: "
            raise failure("ValueError", f"{message}use default_factory", span)
        given = default if type(default) is DataField else DataField(default, ABSENT, True)
        fields[name] = given
        cls.members.pop(name, None)
        if given.default is not ABSENT:
            cls.members[name] = given.default
    optional = False
    for name, each in fields.items():
        if optional and _is_needed(each):
            raise failure("TypeError", f"non-default argument '{name}' follows default argument", span)
        optional = optional or not _is_needed(each)
    usual = {"__init__": _start(runtime, cls, fields, span), "__repr__": _TEXT, "__eq__": _SAME}
    cls.members.update({name: value for name, value in usual.items() if name not in cls.members})
    cls.members[_FIELDS] = fields
    if order:
        cls.members.update({f"__{SPECIAL[each]}__": _ordered(each) for each in ("<", "<=", ">", ">=")})
    if frozen:
        cls.members["__setattr__"] = _FROZEN
    return cls


def _is_needed(field: DataField) -> bool:
    return field.default is ABSENT and field.factory is ABSENT


def _start(runtime: Runtime, cls: ClassValue, fields: dict[str, DataField], span: Span) -> UserFunction:
    """The `__init__` of a data class: a function whose parameters are the fields."""

    def run(frame: Frame) -> None:
        made = frame["self"]
        for name, each in fields.items():
            value = frame[name]
            if value is each.factory:
                value = runtime.call(value, (), {}, span)
            if cls.find("__setattr__") is _FROZEN:
                made.attributes[name] = value
            else:
                set_attribute(runtime, made, name, value, span)
        further = made.cls.find("__post_init__")
        if further is not None:
            runtime.call(further, (made,), {}, span)

    parameters = tuple([DefParameter(span, name, None) for name in ("self", *fields)])
    usual = {
        name: each.default if each.factory is ABSENT else each.factory
        for name, each in fields.items()
        if not _is_needed(each)
    }
    return UserFunction(f"{cls.name}.__init__", parameters, [run], None, usual, span)


def _text(runtime: Runtime, span: Span, made: Instance) -> str:
    fields = _fields_of(made, span)
    shown = [f"{name}={represent(runtime, made.attributes[name])}" for name in fields if fields[name].shown]
    return f"{made.cls.name}({', '.join(shown)})"


def _values_of(made: Instance, span: Span) -> tuple[Any, ...]:
    return tuple([made.attributes[name] for name in _fields_of(made, span)])


def _same(runtime: Runtime, span: Span, made: Instance, other: Any) -> bool:
    if type(other) is not Instance or other.cls is not made.cls:
        return False
    return equal(runtime, _values_of(made, span), _values_of(other, span), span)


def _ordered(symbol: str) -> Builtin:
    """The comparison of two of one class by their fields, the first that differs."""

    def run(runtime: Runtime, span: Span, made: Instance, other: Any) -> Any:
        if type(other) is not Instance or other.cls is not made.cls:
            raise mismatch(symbol, made, other, span)
        return compared(runtime, symbol, _values_of(made, span), _values_of(other, span), span)

    return Builtin(f"__{SPECIAL[symbol]}__", run)


def _refuse(runtime: Runtime, span: Span, made: Instance, name: str, value: Any) -> None:
    error = failure("AttributeError", f"cannot assign to field '{name}'", span)
    error.raised = exception(_FROZEN_ERROR, error.message)
    raise error


_TEXT = Builtin("__repr__", _text)
_SAME = Builtin("__eq__", _same)
_FROZEN = Builtin("__setattr__", _refuse)
_FROZEN_ERROR = ClassValue(
    "FrozenInstanceError", (EXCEPTIONS["AttributeError"],), {}, "dataclasses.FrozenInstanceError"
)


def _dataclass(
    runtime: Runtime, span: Span, cls: Any = None, /, *, frozen: Any = False, order: Any = False, **_: Any
) -> Any:
    """Above a class, with settings or without."""
    kept, sorts = truth(runtime, frozen, span), truth(runtime, order, span)
    if cls is not None:
        return _made(runtime, span, cls, kept, sorts)
    return Builtin("dataclass", lambda runtime, span, cls: _made(runtime, span, cls, kept, sorts))


def _asdict(runtime: Runtime, span: Span, obj: Any) -> dict[str, Any]:
    found = {}
    for name in _fields_of(obj, span):
        value = obj.attributes[name]
        inner = type(value) is Instance and value.cls.find(_FIELDS) is not None
        found[name] = _asdict(runtime, span, value) if inner else deepcopy(runtime, span, value)
    return found


def _replace(runtime: Runtime, span: Span, obj: Any, /, **changes: Any) -> Any:
    values = {name: obj.attributes[name] for name in _fields_of(obj, span)} | changes
    return runtime.call(obj.cls, (), values, span)


DATACLASSES: dict[str, Any] = {
    "dataclass": Builtin("dataclass", _dataclass),
    "field": Builtin("field", _field),
    "asdict": Builtin("asdict", _asdict),
    "replace": Builtin("replace", _replace),
    "FrozenInstanceError": _FROZEN_ERROR,
}
"""What `dataclasses` has."""
