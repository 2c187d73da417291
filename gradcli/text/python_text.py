"""Values of the language as Python and PyTorch write them: `repr`, `str`, f-string fields, sizes, dtypes.

The interpreter's `print`, `str`, `repr` and f-strings call it. Containers may be deep, or share one list many
times over, so the walk is a loop with a limit on its output. Nothing here imports NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from gradcli.errors import GradcliError

MOST_CHARACTERS = 20_000_000
MOST_PARTS = 1_000_000
"""No printed value is longer or has more parts: a short program can build a list that prints without end."""
MOST_PADDING = 10_000
"""The largest width or precision of a format field."""
PLAIN = frozenset((bool, int, float, complex, str, type(None), type(Ellipsis)))
"""Types whose `repr` is Python's and needs no care; a slice may hold anything."""

Render = Callable[[Any], str]
"""How to write what isn't a plain Python value (a tensor, a function)."""


def repr_text(value: object, render: Render) -> str:
    """`repr(value)`: lists, tuples and named results of anything; `render` writes the rest.

    Raises:
        GradcliError: `limit` beyond `MOST_CHARACTERS` or `MOST_PARTS`.
    """
    parts = []
    length = 0
    for part in _parts(value, render):
        parts.append(part)
        length += len(part)
        if length > MOST_CHARACTERS or len(parts) > MOST_PARTS:
            raise GradcliError("limit", "this value is too large to be written as text")
    return "".join(parts)


def str_text(value: object, render: Render) -> str:
    """`str(value)`, which is `repr_text` but for strings, which stand as they are."""
    return value if isinstance(value, str) else repr_text(value, render)


def format_text(value: object, spec: str, render: Render) -> str:
    """`format(value, spec)`, as in an f-string field. Of a 0-d tensor pass `.item()`, which formats.

    Raises:
        GradcliError: `bad-argument` with Python's sentence for a spec that doesn't fit, `limit` for huge
            padding.
    """
    if not spec:
        return str_text(value, render)
    if any(len(digits) > 6 or int(digits) > MOST_PADDING for digits in re.findall(r"\d+", spec)):
        raise GradcliError("limit", f"widths and precisions in a format end at {MOST_PADDING:,}")
    if type(value) not in (bool, int, float, complex, str):
        raise GradcliError(
            "bad-argument",
            f"unsupported format string passed to {type(value).__name__}.__format__",
            hint="only numbers, strings and tensors with one element and no dimensions take a format",
        )
    try:
        return format(value, spec)
    except (ValueError, OverflowError) as error:
        raise GradcliError("bad-argument", str(error)) from None


def size_text(shape: tuple[int, ...]) -> str:
    """`torch.Size([2, 3])`."""
    return f"torch.Size([{', '.join(map(str, shape))}])"


def dtype_text(dtype: object) -> str:
    """`torch.float32`, from a NumPy dtype or its name."""
    return f"torch.{dtype}"


def _parts(value: object, render: Render) -> Iterator[str]:
    """The pieces of `repr(value)` in order: texts are given out, other values are opened where they stand."""
    pending: list[Iterator[_Text | object]] = [iter((value,))]
    while pending:
        item = next(pending[-1], _END)
        if item is _END:
            pending.pop()
        elif isinstance(item, _Text):
            yield item
        elif type(item) in (list, tuple) and _plain(item):  # type: ignore[arg-type]
            yield repr(item)
        elif type(item) in (list, tuple):
            pending.append(_sequence(item))  # type: ignore[arg-type]
        elif isinstance(item, dict):
            pending.append(_entries(item))
        elif isinstance(item, tuple) and hasattr(item, "_fields"):
            pending.append(_named(item))
        elif type(item) in PLAIN:
            yield repr(item)
        else:
            yield render(item)


def _plain(items: list[object] | tuple[object, ...]) -> bool:
    """Whether Python may write them at once: nothing in them needs care, and their texts are not too long."""
    kinds = set(map(type, items))
    if not PLAIN.issuperset(kinds):
        return False
    return str not in kinds or sum([len(each) for each in items if type(each) is str]) <= MOST_CHARACTERS


class _Text(str):
    """Punctuation between values, told apart from the strings among the values."""

    __slots__ = ()


_END = object()


def _sequence(items: list[object] | tuple[object, ...]) -> Iterator[object]:
    opening, closing = ("[", "]") if isinstance(items, list) else ("(", ",)" if len(items) == 1 else ")")
    yield _Text(opening)
    for at, item in enumerate(items):
        if at:
            yield _Text(", ")
        yield item
    yield _Text(closing)


def _entries(entries: dict[object, object]) -> Iterator[object]:
    if type(entries).__name__ == "Distinct":
        yield _Text("{" if entries else "set(")
        for at, key in enumerate(entries):
            if at:
                yield _Text(", ")
            yield key
        yield _Text("}" if entries else ")")
        return
    if hasattr(entries, "factory"):
        yield _Text("defaultdict(")
        yield entries.factory
        yield _Text(", ")
        yield dict(entries)
        yield _Text(")")
        return
    if type(entries).__name__ == "Counted":
        yield _Text("Counter(")
        if entries:
            yield dict(sorted(entries.items(), key=lambda pair: -pair[1]))  # type: ignore[operator]
        yield _Text(")")
        return
    if type(entries) is not dict:  # an ordered one
        yield _Text("OrderedDict(" if entries else "OrderedDict()")
        if entries:
            yield list(entries.items())
            yield _Text(")")
        return
    yield _Text("{")
    for at, (key, item) in enumerate(entries.items()):
        if at:
            yield _Text(", ")
        yield key
        yield _Text(": ")
        yield item
    yield _Text("}")


def _named(result: tuple[object, ...]) -> Iterator[object]:
    """The named result of a function, `values` and `indices` of `max`: a line for each field."""
    yield _Text(f"torch.return_types.{type(result).__name__}(")
    for at, (field, item) in enumerate(zip(result._fields, result, strict=True)):  # type: ignore[attr-defined]
        yield _Text(f"{',' if at else ''}\n{field}=")
        yield item
    yield _Text(")")
