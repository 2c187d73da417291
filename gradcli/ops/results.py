"""Named tuples for functions with several results, called and printed as PyTorch's are."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self


class Results(tuple[Any, ...]):
    """What `collections.namedtuple` makes, as far as it is used, without compiling a function for each."""

    __slots__ = ()
    _fields: tuple[str, ...]

    def __new__(cls, *values: Any) -> Self:
        return super().__new__(cls, values)

    def __repr__(self) -> str:
        named = zip(self._fields, self, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in named)})"


def named_results(name: str, *fields: str) -> Any:
    """The class of a result such as `torch.return_types.sort(values=…, indices=…)`."""
    parts = {field: property(itemgetter(at)) for at, field in enumerate(fields)}
    return type(name, (Results,), {"__slots__": (), "_fields": fields, **parts})
