"""`Record`: classes whose instances hold a few named fields, as the nodes of the syntax tree do.

What `dataclass(slots=True)` would make of them, without compiling anything, which every run would pay for:
an `__init__` is one of the functions below, under the names of the fields. A class of more fields, or with
defaults that are made anew, writes its own. Making such a class still takes thirty thousand instructions more
than one that is written out, as those are that the first run loads by the dozen.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Self, dataclass_transform
else:

    def dataclass_transform(**_options):
        """Only tells a type checker what the metaclass does."""
        return lambda made: made


def _one(self: Any, a) -> None:  # type: ignore[no-untyped-def]
    self.a = a


def _two(self: Any, a, b) -> None:  # type: ignore[no-untyped-def]
    self.a = a
    self.b = b


def _three(self: Any, a, b, c) -> None:  # type: ignore[no-untyped-def]
    self.a = a
    self.b = b
    self.c = c


def _four(self: Any, a, b, c, d) -> None:  # type: ignore[no-untyped-def]
    self.a = a
    self.b = b
    self.c = c
    self.d = d


def _five(self: Any, a, b, c, d, e) -> None:  # type: ignore[no-untyped-def]
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e


def _six(self: Any, a, b, c, d, e, f) -> None:  # type: ignore[no-untyped-def]
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f


def _seven(self: Any, a, b, c, d, e, f, g) -> None:  # type: ignore[no-untyped-def]
    self.a, self.b, self.c, self.d, self.e, self.f, self.g = a, b, c, d, e, f, g


def _eight(self: Any, a, b, c, d, e, f, g, h) -> None:  # type: ignore[no-untyped-def]
    self.a, self.b, self.c, self.d, self.e, self.f, self.g, self.h = a, b, c, d, e, f, g, h


def _nine(self: Any, a, b, c, d, e, f, g, h, i) -> None:  # type: ignore[no-untyped-def]
    self.a, self.b, self.c, self.d, self.e, self.f, self.g, self.h, self.i = a, b, c, d, e, f, g, h, i


def _ten(self: Any, a, b, c, d, e, f, g, h, i, j) -> None:  # type: ignore[no-untyped-def]
    self.a, self.b, self.c, self.d, self.e = a, b, c, d, e
    self.f, self.g, self.h, self.i, self.j = f, g, h, i, j


_ASSIGNING: Any = (_one, _two, _three, _four, _five, _six, _seven, _eight, _nine, _ten)
_FUNCTION: Any = type(_one)


def _initialiser(name: str, fields: tuple[str, ...], defaults: tuple[Any, ...]) -> Any:
    """The function that assigns its parameters, of these names, to the fields of the same names."""
    code = _ASSIGNING[len(fields) - 1].__code__.replace(
        co_name="__init__",
        co_qualname=f"{name}.__init__",
        co_varnames=("self", *fields),
        co_names=fields,
    )
    return _FUNCTION(code, {}, "__init__", defaults)


@dataclass_transform(eq_default=False)
class _Fields(type):
    """Makes the annotated names of a class body slots and parameters of `__init__`, inherited ones first."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _Fields:
        own = tuple([field for field in body.get("__annotations__", ()) if field != "fields"])
        defaults = tuple([body.pop(field) for field in own if field in body])
        inherited: tuple[str, ...] = bases[0].fields if bases else ()  # type: ignore[attr-defined]
        fields = inherited + own
        if own and "__init__" not in body:
            body["__init__"] = _initialiser(name, fields, defaults)
        body |= {"__slots__": own, "__match_args__": fields, "fields": fields}
        return super().__new__(cls, name, bases, body)


class Record(metaclass=_Fields):
    """The base of all records. `fields` names what an instance holds."""

    fields: ClassVar[tuple[str, ...]]

    def replaced(self, **changes: Any) -> Self:
        """The same but for `changes`."""
        return type(self)(**({field: getattr(self, field) for field in self.fields} | changes))

    def __repr__(self) -> str:
        values = ", ".join(f"{field}={getattr(self, field)!r}" for field in self.fields)
        return f"{type(self).__name__}({values})"
