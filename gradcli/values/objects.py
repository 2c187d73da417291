"""Classes and their instances, exceptions among them: an object model of the language's own.

Nothing of Python's objects is reachable through it: an attribute is an entry of a dict that the program (or a
table of ours) filled, and a method is found by walking the classes of `ClassValue.order`.
"""

from __future__ import annotations

from _weakrefset import WeakSet  # which Python has loaded, as it hasn't weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


PARAMETERS: WeakSet[Any] = WeakSet()
"""The tensors that `nn.Parameter` made, of all runs."""

ABSENT = object()
"""What stands for an attribute or a special method that isn't there."""


class ClassValue:
    """A class, of the program or of ours.

    Attributes:
        name: as the program calls it; `path` is what its `repr` shows.
        bases: the classes it was made from.
        order: itself and all classes above it, in the order in which attributes are looked for.
        members: methods and class attributes by name.
        declared: the names that its body gives a type, in order.
        meta: what has the special methods of the class itself, as those of an object are its class's.
    """

    __slots__ = ("bases", "declared", "members", "meta", "name", "order", "path")

    def __init__(
        self, name: str, bases: tuple[ClassValue, ...], members: dict[str, Any], path: str | None = None
    ) -> None:
        self.name = name
        self.bases = bases
        self.members = members
        self.declared: tuple[str, ...] = ()
        self.meta: ClassValue | None = next((each.meta for each in bases if each.meta is not None), None)
        self.path = path or f"__main__.{name}"
        self.order: tuple[ClassValue, ...] = (
            self,
            *_merged([list(each.order) for each in bases] + [list(bases)]),
        )

    def find(self, name: str, default: Any = None) -> Any:
        """What the class or one above it has under a name."""
        for each in self.order:
            if name in each.members:
                return each.members[name]
        return default

    def inherits(self, other: ClassValue) -> bool:
        """Whether it is `other` or made from it."""
        return other in self.order


def _merged(lines: list[list[ClassValue]]) -> list[ClassValue]:
    """The classes of several lines in an order that keeps each line's own, if there is one."""
    merged: list[ClassValue] = []
    while lines := [line for line in lines if line]:
        head = next(
            (line[0] for line in lines if not any(line[0] in other[1:] for other in lines)), lines[0][0]
        )
        merged.append(head)
        lines = [[each for each in line if each is not head] for line in lines]
    return merged


class Instance:
    """An object of a class.

    Attributes:
        attributes: what the program may read and write.
        state: what our own classes keep for themselves.
    """

    __slots__ = ("__weakref__", "attributes", "cls", "state")

    def __init__(self, cls: ClassValue) -> None:
        self.cls = cls
        self.attributes: dict[str, Any] = {}
        self.state: dict[str, Any] = {}


class Method:
    """A function of the program that was found through an object or a class: `owner` comes first."""

    __slots__ = ("function", "owner")

    def __init__(self, owner: Any, function: Any) -> None:
        self.owner = owner
        self.function = function


class Decorated:
    """A method under `@staticmethod`, `@classmethod` or `@property`, which `kind` is, maybe with a setter."""

    __slots__ = ("function", "kind", "setter")

    def __init__(self, kind: str, function: Any, setter: Any = None) -> None:
        self.kind = kind
        self.function = function
        self.setter = setter


class Super:
    """`super()`: the attributes of `owner` as the classes behind `cls` have them."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: ClassValue, owner: Instance) -> None:
        self.cls = cls
        self.owner = owner


class Ordered(dict[Any, Any]):
    """A dict that is written as an `OrderedDict`, as `state_dict()` gives it."""

    __slots__ = ()


class Defaults(dict[Any, Any]):
    """A `defaultdict`: `factory` gives what stands under a key that nobody gave a value."""

    __slots__ = ("factory",)

    def __init__(self, entries: Any = ()) -> None:
        super().__init__(entries)
        self.factory: Any = entries.factory if type(entries) is Defaults else None


class Counted(dict[Any, Any]):
    """A `Counter`: how often each thing was counted."""

    __slots__ = ()


class Distinct(dict[Any, None]):
    """A set: a dict of what is in it, in the order in which it came; numbers in that of Python's sets."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        keys = list(self.keys())
        return iter(set(keys) if all(type(each) in (int, float) for each in keys) else keys)


class DictView:
    """`d.keys()`, `d.values()`, `d.items()`."""

    __slots__ = ("entries", "kind")

    def __init__(self, kind: str, entries: dict[Any, Any]) -> None:
        self.kind = kind
        self.entries = entries

    def items(self) -> list[Any]:
        """What it shows now."""
        shown: dict[str, Callable[[], Any]] = {
            "keys": self.entries.keys,
            "values": self.entries.values,
            "items": self.entries.items,
        }
        return list(shown[self.kind]())


# ---- exceptions ----------------------------------------------------------------------------------

_PARENTS = {
    "BaseException": "",
    "Exception": "BaseException",
    "RuntimeError": "Exception",
    "NotImplementedError": "RuntimeError",
    "_LinAlgError": "RuntimeError",
    "GradcheckError": "RuntimeError",
    "TypeError": "Exception",
    "ValueError": "Exception",
    "NameError": "Exception",
    "AttributeError": "Exception",
    "AssertionError": "Exception",
    "StopIteration": "Exception",
    "LookupError": "Exception",
    "IndexError": "LookupError",
    "KeyError": "LookupError",
    "ArithmeticError": "Exception",
    "ZeroDivisionError": "ArithmeticError",
    "OverflowError": "ArithmeticError",
    "ImportError": "Exception",
    "ModuleNotFoundError": "ImportError",
    "OSError": "Exception",
    "FileNotFoundError": "OSError",
}


def _exceptions() -> dict[str, ClassValue]:
    made: dict[str, ClassValue] = {}
    for name, parent in _PARENTS.items():
        made[name] = ClassValue(name, (made[parent],) if parent else (), {}, name)
    return made


EXCEPTIONS = _exceptions()
"""Python's exceptions by name, as far as a program can meet them."""


def exception(cls: ClassValue, *arguments: Any) -> Instance:
    """An exception with its arguments."""
    made = Instance(cls)
    made.attributes["args"] = arguments
    return made
