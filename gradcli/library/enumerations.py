"""What `enum` has: classes whose attributes become the objects of the class.

`Enum` tells its subclasses by `__init_subclass__` what they are made of; what is asked of such a class itself
(`for each in Color`, `Color["RED"]`, `Color(1)`) is answered by its `meta`, which knows too what stands for
Python's types among its bases (`class Color(str, Enum)`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import failure
from gradcli.library.ordering import compared
from gradcli.ops.rows import Function
from gradcli.values.conversions import equal, missing_key, truth
from gradcli.values.formatting import represent, show
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.operators import SPECIAL, negative, plain
from gradcli.values.values import Builtin, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_MEMBERS = "__members__"
_COMPUTED = ("+", "-", "*", "/", "//", "%", "**")
_AUTO = ClassValue("auto", (), {}, "enum.auto")


def _collect(runtime: Runtime, span: Span, cls: ClassValue) -> None:
    """Makes objects of the attributes of a class, one of those with equal values."""
    found: dict[str, Instance] = {}
    given = list(cls.members.items())
    cls.members[_MEMBERS] = found
    values: list[Any] = []
    following = cls.find("_generate_next_value_")
    if type(following) is Decorated:
        following = following.function
    for name, value in given:
        if name[0] == "_" or isinstance(value, (UserFunction, Builtin, Function, Decorated)):
            continue
        if type(value) is Instance and value.cls is _AUTO:
            value = runtime.call(following, (name, 1, len(values), list(values)), {}, span)
        values.append(value)
        made = _found(runtime, span, cls, value)
        if made is None:
            made = Instance(cls)
            made.attributes.update(name=name, value=value)
            start = cls.find("__init__")
            if start is not None:
                runtime.call(start, (made, *(value if isinstance(value, tuple) else (value,))), {}, span)
        cls.members[name] = found[name] = made


def _next_number(
    runtime: Runtime, span: Span, name: str, start: int, count: int, last_values: list[Any]
) -> int:
    return max([each for each in last_values if type(each) is int], default=start - 1) + 1


def _each(cls: ClassValue) -> list[Instance]:
    return list(dict.fromkeys(cls.members.get(_MEMBERS, {}).values()))


def _found(runtime: Runtime, span: Span, cls: ClassValue, value: Any) -> Instance | None:
    """The object with a value, or that is the value."""
    for each in _each(cls):
        if each is value or equal(runtime, each.attributes["value"], value, span):
            return each
    return None


def _by_name(runtime: Runtime, span: Span, cls: ClassValue, name: Any) -> Instance:
    found = cls.members.get(_MEMBERS, {}).get(name)
    if found is None:
        raise missing_key(runtime, name, span)
    return found  # type: ignore[no-any-return]


def _of_value(runtime: Runtime, span: Span, cls: ClassValue, value: Any) -> Instance:
    found = _found(runtime, span, cls, value)
    if found is None:
        raise failure("ValueError", f"{represent(runtime, value)} is not a valid {cls.name}", span)
    return found


def _holds(runtime: Runtime, span: Span, cls: ClassValue, value: Any) -> bool:
    return _found(runtime, span, cls, value) is not None


_META = ClassValue(
    "EnumType",
    (),
    {
        "__iter__": Builtin("__iter__", lambda runtime, span, cls: _each(cls)),
        "__len__": Builtin("__len__", lambda runtime, span, cls: len(_each(cls))),
        "__contains__": Builtin("__contains__", _holds),
        "__getitem__": Builtin("__getitem__", _by_name),
        "__call__": Builtin("__call__", _of_value),
        "__repr__": Builtin("__repr__", lambda runtime, span, cls: f"<enum '{cls.name}'>"),
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
        "_generate_next_value_": Builtin("_generate_next_value_", _next_number),
        "__str__": Builtin("__str__", _text),
        "__repr__": Builtin("__repr__", _representation),
    },
    "enum.Enum",
)
ENUM.meta = _META


def value_of(each: Any) -> Any:
    """The number or the text that an object is as well; anything else itself."""
    return each.attributes["value"] if type(each) is Instance and each.cls.inherits(_VALUE) else each


def _compared(symbol: str) -> Builtin:
    def run(runtime: Runtime, span: Span, made: Instance, other: Any) -> Any:
        return compared(runtime, symbol, value_of(made), value_of(other), span)

    return Builtin(symbol, run)


def _computed(symbol: str, turned: bool = False) -> Builtin:
    def run(runtime: Runtime, span: Span, made: Instance, other: Any) -> Any:
        left, right = value_of(made), value_of(other)
        return plain(symbol, *((right, left) if turned else (left, right)), span, runtime)

    return Builtin(symbol, run)


def _same(runtime: Runtime, span: Span, made: Instance, other: Any) -> bool:
    return equal(runtime, value_of(made), value_of(other), span)


def _itself(name: str) -> Builtin:
    return Builtin(name, lambda runtime, span, made: value_of(made))


def _of_its_value(runtime: Runtime, span: Span, made: Instance, name: str) -> Any:
    from gradcli.library.members import attribute

    return attribute(runtime, value_of(made), name, span)


def _unique(runtime: Runtime, span: Span, cls: ClassValue) -> ClassValue:
    named = cls.members.get(_MEMBERS, {}).items()
    twice = [(name, each.attributes["name"]) for name, each in named if name != each.attributes["name"]]
    if twice:
        said = ", ".join(f"{name} -> {first}" for name, first in twice)
        raise failure("ValueError", f"duplicate values found in <enum '{cls.name}'>: {said}", span)
    return cls


_VALUE = ClassValue(
    "int",
    (),
    {
        **{name: _itself(name) for name in ("__int__", "__float__", "__index__")},
        "__neg__": Builtin("__neg__", lambda runtime, span, made: negative(value_of(made), span, runtime)),
        "__bool__": Builtin("__bool__", lambda runtime, span, made: truth(runtime, value_of(made), span)),
        "__eq__": Builtin("__eq__", _same),
        "__getattr__": Builtin("__getattr__", _of_its_value),
        **{f"__{SPECIAL[each]}__": _compared(each) for each in ("<", "<=", ">", ">=")},
        **{f"__{SPECIAL[each]}__": _computed(each) for each in _COMPUTED},
        **{f"__r{SPECIAL[each]}__": _computed(each, True) for each in _COMPUTED},
    },
)
"""What an enumeration has whose objects are numbers or texts as well."""
_META.members["stands_for"] = dict.fromkeys(("int", "float", "str"), _VALUE)

_SHOWN = {"__str__": Builtin("__str__", lambda runtime, span, made: show(runtime, value_of(made)))}
_LOWER = Builtin("_generate_next_value_", lambda runtime, span, name, start, count, last_values: name.lower())

ENUMERATIONS: dict[str, Any] = {
    "Enum": ENUM,
    "IntEnum": ClassValue("IntEnum", (_VALUE, ENUM), _SHOWN, "enum.IntEnum"),
    "StrEnum": ClassValue(
        "StrEnum", (_VALUE, ENUM), {**_SHOWN, "_generate_next_value_": _LOWER}, "enum.StrEnum"
    ),
    "auto": _AUTO,
    "unique": Builtin("unique", _unique),
}
"""What `enum` has."""
