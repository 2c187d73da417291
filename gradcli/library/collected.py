"""What scripts use of Python's `collections`: `deque`, `namedtuple`, `defaultdict`, `Counter`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.python_methods import PYTHON_METHODS, tally, updated
from gradcli.limits import GROWN
from gradcli.values.conversions import equal, integer, listed
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import ClassValue, Counted, Decorated, Defaults, Instance
from gradcli.values.values import Builtin, TypeFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- dicts ---------------------------------------------------------------------------------------


def _defaults(
    runtime: Runtime, span: Span, default_factory: Any = None, entries: Any = (), /, **named: Any
) -> Defaults:
    made = Defaults()
    made.factory = default_factory
    updated(runtime, span, made, entries, named)
    return made


def _counter(runtime: Runtime, span: Span, counted: Any = (), /, **named: Any) -> Counted:
    made = Counted()
    tally(runtime, span, made, counted, **named)
    return made


# ---- deque ---------------------------------------------------------------------------------------


def _deque(runtime: Runtime, span: Span, made: Instance, iterable: Any = (), maxlen: Any = None) -> None:
    most = None if maxlen is None else integer(runtime, maxlen, span, "an integer is required")
    if most is not None and most < 0:
        raise failure("ValueError", "maxlen must be non-negative", span)
    made.attributes["maxlen"] = most
    made.state["items"] = []
    _extend(runtime, span, made, iterable)


def _cut(made: Instance, front: bool) -> None:
    """Lets go of what is beyond the length, at the end where nothing was added."""
    items, most = made.state["items"], made.attributes.get("maxlen")
    if type(most) is int and len(items) > most:
        del items[slice(most, None) if front else slice(len(items) - most)]


def _append(runtime: Runtime, span: Span, made: Instance, value: Any) -> None:
    items = made.state["items"]
    items.append(value)
    if not len(items) % GROWN:
        runtime.limits.grown(items, span)
    _cut(made, False)


def _append_left(runtime: Runtime, span: Span, made: Instance, value: Any) -> None:
    items = made.state["items"]
    items.insert(0, value)
    if not len(items) % GROWN:
        runtime.limits.grown(items, span)
    _cut(made, True)


def _extend(runtime: Runtime, span: Span, made: Instance, iterable: Any) -> None:
    made.state["items"] += listed(runtime, iterable, span)
    _cut(made, False)


def _extend_left(runtime: Runtime, span: Span, made: Instance, iterable: Any) -> None:
    made.state["items"][:0] = reversed(listed(runtime, iterable, span))
    _cut(made, True)


def _rotate(runtime: Runtime, span: Span, made: Instance, n: Any = 1) -> None:
    items = made.state["items"]
    if items:
        by = integer(runtime, n, span, "rotate takes an integer") % len(items)
        items[:] = items[len(items) - by :] + items[: len(items) - by]


def _as_list(name: str) -> Callable[..., Any]:
    """A method that lists have too."""
    method = PYTHON_METHODS[list][name]

    def run(runtime: Runtime, span: Span, made: Instance, *given: Any) -> Any:
        return method(runtime, span, made.state["items"], *given)

    return run


def _popping(at: int) -> Callable[..., Any]:
    def run(runtime: Runtime, span: Span, made: Instance) -> Any:
        if not made.state["items"]:
            raise failure("IndexError", "pop from an empty deque", span)
        return made.state["items"].pop(at)

    return run


def _deque_item(runtime: Runtime, span: Span, made: Instance, key: Any) -> Any:
    items = made.state["items"]
    at = integer(runtime, key, span, f"sequence index must be integer, not '{type_name(key)}'")
    if not -len(items) <= at < len(items):
        raise failure("IndexError", "deque index out of range", span)
    return items[at]


def _same_items(runtime: Runtime, span: Span, made: Instance, other: Any) -> bool:
    if type(other) is not Instance or not other.cls.inherits(DEQUE):
        return False
    return equal(runtime, made.state["items"], other.state["items"], span)


def _deque_text(runtime: Runtime, span: Span, made: Instance) -> str:
    most = made.attributes.get("maxlen")
    tail = "" if most is None else f", maxlen={represent(runtime, most)}"
    return f"deque({represent(runtime, made.state['items'])}{tail})"


DEQUE = ClassValue(
    "deque",
    (),
    {
        "__init__": Builtin("deque", _deque),
        "__len__": Builtin("__len__", lambda runtime, span, made: len(made.state["items"])),
        "__iter__": Builtin("__iter__", lambda runtime, span, made: list(made.state["items"])),
        "__getitem__": Builtin("__getitem__", _deque_item),
        "__eq__": Builtin("__eq__", _same_items),
        "__repr__": Builtin("__repr__", _deque_text),
        "append": Builtin("append", _append),
        "appendleft": Builtin("appendleft", _append_left),
        "extend": Builtin("extend", _extend),
        "pop": Builtin("pop", _popping(-1)),
        "popleft": Builtin("popleft", _popping(0)),
        "clear": Builtin("clear", lambda runtime, span, made: made.state["items"].clear()),
        "extendleft": Builtin("extendleft", _extend_left),
        "rotate": Builtin("rotate", _rotate),
        **{name: Builtin(name, _as_list(name)) for name in ("index", "count", "remove", "insert", "reverse")},
    },
    "collections.deque",
)

# ---- namedtuple ----------------------------------------------------------------------------------


def _fields_of(made: Instance) -> list[Any]:
    return [made.attributes[name] for name in made.cls.find("_fields")]


def _named_item(runtime: Runtime, span: Span, made: Instance, key: Any) -> Any:
    values = tuple(_fields_of(made))
    if type(key) is slice and key.step != 0:
        return values[key]
    at = integer(runtime, key, span, "tuple indices must be integers or slices")
    if not -len(values) <= at < len(values):
        raise failure("IndexError", "tuple index out of range", span)
    return values[at]


def _named_text(runtime: Runtime, span: Span, made: Instance) -> str:
    shown = [f"{name}={represent(runtime, made.attributes[name])}" for name in made.cls.find("_fields")]
    return f"{made.cls.name}({', '.join(shown)})"


def _equals(runtime: Runtime, span: Span, made: Instance, other: Any) -> bool:
    others = _fields_of(other) if type(other) is Instance and other.cls.inherits(NAMED) else other
    return isinstance(others, (list, tuple)) and equal(runtime, tuple(_fields_of(made)), tuple(others), span)


def _replaced(runtime: Runtime, span: Span, made: Instance, **named: Any) -> Any:
    values = {name: made.attributes[name] for name in made.cls.find("_fields")} | named
    return runtime.call(made.cls, (), values, span)


def _from_items(runtime: Runtime, span: Span, cls: ClassValue, iterable: Any) -> Any:
    return runtime.call(cls, tuple(listed(runtime, iterable, span)), {}, span)


def _start(runtime: Runtime, span: Span, made: Instance, *values: Any, **named: Any) -> None:
    fields: tuple[str, ...] = made.cls.find("_fields")
    given = made.cls.find("_field_defaults") | dict(zip(fields, values, strict=False)) | named
    missing = [name for name in fields if name not in given]
    if missing or len(values) > len(fields) or len(given) > len(fields):
        message = f"{made.cls.name}() takes {', '.join(fields)}"
        if missing:
            message = f"{made.cls.name}.__new__() missing required argument: '{missing[0]}'"
        raise failure("TypeError", message, span)
    made.attributes.update((name, given[name]) for name in fields)


NAMED = ClassValue(
    "tuple",
    (),
    {
        "__init__": Builtin("namedtuple", _start),
        "__len__": Builtin("__len__", lambda runtime, span, made: len(made.cls.find("_fields"))),
        "__iter__": Builtin("__iter__", lambda runtime, span, made: _fields_of(made)),
        "__getitem__": Builtin("__getitem__", _named_item),
        "__repr__": Builtin("__repr__", _named_text),
        "__eq__": Builtin("__eq__", _equals),
        "_asdict": Builtin(
            "_asdict",
            lambda runtime, span, made: dict(zip(made.cls.find("_fields"), _fields_of(made), strict=True)),
        ),
        "_make": Decorated("classmethod", Builtin("_make", _from_items)),
        "_replace": Builtin("_replace", _replaced),
    },
    "collections.namedtuple",
)


def _named_class(
    runtime: Runtime,
    span: Span,
    typename: Any,
    field_names: Any,
    *,
    rename: Any = False,
    defaults: Any = None,
) -> ClassValue:
    given = field_names.replace(",", " ").split() if type(field_names) is str else field_names
    fields = tuple(listed(runtime, given, span))
    if type(typename) is not str or not all(type(each) is str and each.isidentifier() for each in fields):
        message = "Type names and field names must be valid identifiers"
        raise GradcliError("bad-argument", message, span=span)
    last = listed(runtime, defaults, span) if defaults is not None else []
    usual = dict(zip(fields[len(fields) - len(last) :], last, strict=False))
    return ClassValue(typename, (NAMED,), {"_fields": fields, "_field_defaults": usual})


def _named_subclass(runtime: Runtime, span: Span, cls: ClassValue) -> None:
    if NAMED_TUPLE in cls.bases:
        fields = cls.declared
        cls.members["_fields"] = fields
        cls.members["_field_defaults"] = {name: cls.members[name] for name in fields if name in cls.members}


NAMED_TUPLE = ClassValue(
    "NamedTuple",
    (NAMED,),
    {"__init_subclass__": Builtin("__init_subclass__", _named_subclass)},
    "typing.NamedTuple",
)
"""What a class that declares the names of its items is made from."""


COLLECTIONS: dict[str, Any] = {
    "deque": DEQUE,
    "namedtuple": Builtin("namedtuple", _named_class),
    "defaultdict": TypeFunction("collections.defaultdict", _defaults, lambda value: type(value) is Defaults),
    "Counter": TypeFunction("collections.Counter", _counter, lambda value: type(value) is Counted),
}
"""What `collections` has beside `OrderedDict`."""

TYPING: dict[str, Any] = {"NamedTuple": NAMED_TUPLE}
"""What `typing` has that is more than an annotation."""
