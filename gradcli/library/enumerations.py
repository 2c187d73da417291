"""What `enum` has: classes whose attributes become the objects of the class.

`Enum` tells its subclasses by `__init_subclass__` what they are made of; what is asked of such a class itself
(`for each in Color`, `Color["RED"]`, `Color(1)`) is answered by its `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import failure
from gradcli.library.ordering import compared
from gradcli.ops.rows import Function
from gradcli.values.conversions import equal, missing_key
from gradcli.values.formatting import represent, show
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.operators import plain
from gradcli.values.values import Builtin, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_MEMBERS = "__members__"
_AUTO = ClassValue("auto", (), {}, "enum.auto")


def _collect(runtime: Runtime, span: Span, cls: ClassValue) -> None:
    """Makes objects of the attributes of a class, one of those with equal values."""
    found: dict[str, Instance] = {}
    last = 0
    for name, value in list(cls.members.items()):
        if name[0] == "_" or isinstance(value, (UserFunction, Builtin, Function, Decorated)):
            continue
        if type(value) is Instance and value.cls is _AUTO:
            value = last + 1
        last = value if type(value) is int else last
        former = [each for each in found.values() if equal(runtime, each.attributes["value"], value, span)]
        cls.members[name] = found[name] = made = former[0] if former else Instance(cls)
        if not former:
            made.attributes.update(name=name, value=value)
            start = cls.find("__init__")
            if start is not None:
                runtime.call(start, (made, *(value if isinstance(value, tuple) else (value,))), {}, span)
    cls.members[_MEMBERS] = found


def _each(cls: ClassValue) -> list[Instance]:
    return list(dict.fromkeys(cls.members.get(_MEMBERS, {}).values()))


def _by_name(runtime: Runtime, span: Span, cls: ClassValue, name: Any) -> Instance:
    found = cls.members.get(_MEMBERS, {}).get(name)
    if found is None:
        raise missing_key(runtime, name, span)
    return found  # type: ignore[no-any-return]


def _of_value(runtime: Runtime, span: Span, cls: ClassValue, value: Any) -> Instance:
    for each in _each(cls):
        if each is value or equal(runtime, each.attributes["value"], value, span):
            return each
    raise failure("ValueError", f"{represent(runtime, value)} is not a valid {cls.name}", span)


def _holds(runtime: Runtime, span: Span, cls: ClassValue, value: Any) -> bool:
    return any(each is value or equal(runtime, each.attributes["value"], value, span) for each in _each(cls))


_META = ClassValue(
    "EnumType",
    (),
    {
        "__iter__": Builtin("__iter__", lambda runtime, span, cls: _each(cls)),
        "__len__": Builtin("__len__", lambda runtime, span, cls: len(_each(cls))),
        "__contains__": Builtin("__contains__", _holds),
        "__getitem__": Builtin("__getitem__", _by_name),
        "__call__": Builtin("__call__", _of_value),
    },
    "enum.EnumType",
)


def _text(runtime: Runtime, span: Span, made: Instance) -> str:
    return f"{made.cls.name}.{made.attributes['name']}"


def _representation(runtime: Runtime, span: Span, made: Instance) -> str:
    return f"<{_text(runtime, span, made)}: {represent(runtime, made.attributes['value'])}>"


ENUM = ClassValue(
    "Enum",
    (),
    {
        "__init_subclass__": Builtin("__init_subclass__", _collect),
        "__str__": Builtin("__str__", _text),
        "__repr__": Builtin("__repr__", _representation),
    },
    "enum.Enum",
)
ENUM.meta = _META


def _value_of(each: Any) -> Any:
    return each.attributes["value"] if type(each) is Instance and each.cls.inherits(ENUM) else each


def _compared(symbol: str) -> Builtin:
    def run(runtime: Runtime, span: Span, made: Instance, other: Any) -> Any:
        return compared(runtime, symbol, _value_of(made), _value_of(other), span)

    return Builtin(symbol, run)


def _computed(symbol: str, turned: bool = False) -> Builtin:
    def run(runtime: Runtime, span: Span, made: Instance, other: Any) -> Any:
        left, right = _value_of(made), _value_of(other)
        return plain(symbol, *((right, left) if turned else (left, right)), span, runtime)

    return Builtin(symbol, run)


def _same(runtime: Runtime, span: Span, made: Instance, other: Any) -> bool:
    return equal(runtime, _value_of(made), _value_of(other), span)


def _of_values(name: str) -> ClassValue:
    """An enumeration whose objects are numbers or texts as well."""
    members = {
        "__str__": Builtin("__str__", lambda runtime, span, made: show(runtime, _value_of(made))),
        "__int__": Builtin("__int__", lambda runtime, span, made: _value_of(made)),
        "__float__": Builtin("__float__", lambda runtime, span, made: _value_of(made)),
        "__eq__": Builtin("__eq__", _same),
        **{f"__{each}__": _compared(symbol) for each, symbol in _ORDERS.items()},
        **{f"__{each}__": _computed(symbol) for each, symbol in _SUMS.items()},
        **{f"__r{each}__": _computed(symbol, True) for each, symbol in _SUMS.items()},
    }
    return ClassValue(name, (ENUM,), members, f"enum.{name}")


_ORDERS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_SUMS = {"add": "+", "sub": "-", "mul": "*"}

ENUMERATIONS: dict[str, Any] = {
    "Enum": ENUM,
    "IntEnum": _of_values("IntEnum"),
    "StrEnum": _of_values("StrEnum"),
    "auto": _AUTO,
    "unique": Builtin("unique", lambda runtime, span, cls: cls),
}
"""What `enum` has."""
