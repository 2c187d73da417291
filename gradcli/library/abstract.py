"""What `abc` has: a class with methods that are still to be written makes no objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import failure
from gradcli.library.objects import begun
from gradcli.values.objects import ClassValue, Decorated
from gradcli.values.values import Builtin, UserFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.objects import Instance
    from gradcli.values.runtime import Runtime

_MARK = "__isabstractmethod__"


def _abstract(runtime: Runtime, span: Span, function: Any) -> Any:
    if type(function) is UserFunction:
        function.attributes[_MARK] = True
    return function


def _is_abstract(member: Any) -> bool:
    function = member.function if type(member) is Decorated else member
    return type(function) is UserFunction and _MARK in function.attributes


def _made(runtime: Runtime, span: Span, cls: ClassValue, *arguments: Any, **keywords: Any) -> Instance:
    names = {name for each in cls.order for name in each.members}
    left = sorted(name for name in names if _is_abstract(cls.find(name)))
    if left:
        what = f"abstract method{'s' if len(left) > 1 else ''} {', '.join(left)}"
        raise failure("TypeError", f"Can't instantiate abstract class {cls.name} with {what}", span)
    return begun(runtime, cls, arguments, keywords, span)


_ABC = ClassValue("ABC", (), {}, "abc.ABC")
_ABC.meta = ClassValue("ABCMeta", (), {"__call__": Builtin("__call__", _made)}, "abc.ABCMeta")
ABSTRACT: dict[str, Any] = {"ABC": _ABC, "abstractmethod": Builtin("abstractmethod", _abstract)}
"""What `abc` has here."""
