"""`Record`: classes whose instances hold a few named fields, as the nodes of the syntax tree do.

What `dataclass(slots=True)` would make of them, at a sixth of its cost at start-up, which every run pays.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, dataclass_transform
else:

    def dataclass_transform(**_options):
        """Only tells a type checker what the metaclass does."""
        return lambda made: made


@dataclass_transform(eq_default=False)
class _Fields(type):
    """Makes the annotated names of a class body slots and parameters of `__init__`, inherited ones first."""

    def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> _Fields:
        own = tuple(field for field in body.get("__annotations__", ()) if field != "fields")
        defaults = tuple(body.pop(field) for field in own if field in body)
        inherited: tuple[str, ...] = bases[0].fields if bases else ()  # type: ignore[attr-defined]
        fields = inherited + own
        if own:
            assignments = "".join(f"\n    self.{field} = {field}" for field in fields)
            exec(f"def __init__(self, {', '.join(fields)}):{assignments}", {}, body)
            body["__init__"].__defaults__ = defaults
        body |= {"__slots__": own, "__match_args__": fields, "fields": fields}
        return super().__new__(cls, name, bases, body)


class Record(metaclass=_Fields):
    """The base of all records. `fields` names what an instance holds."""

    fields: ClassVar[tuple[str, ...]]

    def __repr__(self) -> str:
        values = ", ".join(f"{field}={getattr(self, field)!r}" for field in self.fields)
        return f"{type(self).__name__}({values})"
