"""The methods of Python's values as the language has them: lists, texts and dicts.

`members` finds them; each takes `(runtime, span, owner, …)`. What makes something new asks for room first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.ordering import in_order
from gradcli.limits import GROWN, WORD
from gradcli.values.conversions import as_key, equal, integer, listed, missing_key
from gradcli.values.formatting import represent, type_name
from gradcli.values.objects import Counted, Defaults, DictView, Distinct, Ordered
from gradcli.values.operators import SETS
from gradcli.values.templates import template_text

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

Method = Callable[..., Any]

# ---- lists ---------------------------------------------------------------------------------------


def _append(runtime: Runtime, span: Span, items: list[Any], value: Any) -> None:
    if len(items) & 0xFFF == 0xFFF:
        runtime.limits.room(len(items) + 1, span)
    items.append(value)


def _extend(runtime: Runtime, span: Span, items: list[Any], more: Any) -> None:
    added = listed(runtime, more, span)
    runtime.limits.room(len(items) + len(added), span)
    items.extend(added)


def _pop(runtime: Runtime, span: Span, items: list[Any], position: Any = -1) -> Any:
    at = integer(runtime, position, span)
    if not -len(items) <= at < len(items):
        message = "pop index out of range" if items else "pop from empty list"
        raise failure("IndexError", message, span)
    return items.pop(at)


def _insert(runtime: Runtime, span: Span, items: list[Any], position: Any, value: Any) -> None:
    runtime.limits.many_steps(len(items) >> 6, span)
    items.insert(integer(runtime, position, span), value)


def _place(runtime: Runtime, span: Span, items: list[Any] | tuple[Any, ...], value: Any) -> int:
    runtime.limits.many_steps(len(items) >> 3, span)
    for at, each in enumerate(items):
        if equal(runtime, each, value, span):
            return at
    shown = represent(runtime, value)
    raise failure("ValueError", f"{shown} is not in {type_name(items)}", span)


def _remove(runtime: Runtime, span: Span, items: list[Any], value: Any) -> None:
    try:
        del items[_place(runtime, span, items, value)]
    except GradcliError as error:
        if error.python != "ValueError":
            raise
        raise failure("ValueError", "list.remove(x): x not in list", span) from None


def _count(runtime: Runtime, span: Span, items: list[Any] | tuple[Any, ...], value: Any) -> int:
    runtime.limits.many_steps(len(items) >> 3, span)
    return sum(equal(runtime, each, value, span) for each in items)


def _sort(runtime: Runtime, span: Span, items: list[Any], *, key: Any = None, reverse: Any = False) -> None:
    items[:] = in_order(runtime, span, items, key, reverse)


def _copy_list(runtime: Runtime, span: Span, items: list[Any]) -> list[Any]:
    runtime.limits.room(len(items), span)
    return list(items)


# ---- texts ---------------------------------------------------------------------------------------


def _format(runtime: Runtime, span: Span, template: str, *arguments: Any, **named: Any) -> str:
    text = template_text(runtime, template, arguments, named)
    runtime.limits.room(len(text), span, "text", 1)
    return text


def _join(runtime: Runtime, span: Span, between: str, parts: Any) -> str:
    texts = listed(runtime, parts, span)
    for position, each in enumerate(texts):
        if type(each) is not str:
            message = f"sequence item {position}: expected str instance, {type_name(each)} found"
            raise failure("TypeError", message, span, hint="turn it into text with str(…)")
    runtime.limits.room(sum(map(len, texts)) + len(between) * len(texts), span, "text", 1)
    return between.join(texts)


def _justify(how: str) -> Method:
    method: Callable[..., str] = getattr(str, how)

    def run(runtime: Runtime, span: Span, text: str, width: Any, fill: Any = " ") -> str:
        count = integer(runtime, width, span)
        runtime.limits.room(max(count, len(text)), span, "text", 1)
        if type(fill) is not str or len(fill) != 1:
            raise GradcliError(
                "bad-argument", "The fill character must be exactly one character long", span=span
            )
        return method(text, count, fill)

    return run


def _text(value: Any, span: Span, what: str) -> str:
    if type(value) is not str:
        raise failure("TypeError", f"{what} must be str, not {type_name(value)}", span)
    return value


def _replace(runtime: Runtime, span: Span, text: str, old: Any, new: Any, count: Any = -1) -> str:
    before, after = _text(old, span, "replace() argument 1"), _text(new, span, "replace() argument 2")
    found = text.count(before)
    runtime.limits.room(len(text) + found * len(after), span, "text", 1)
    return text.replace(before, after, integer(runtime, count, span))


def _split(how: str) -> Method:
    def run(runtime: Runtime, span: Span, text: str, sep: Any = None, maxsplit: Any = -1) -> list[str]:
        if sep is not None and not _text(sep, span, "the separator"):
            raise failure("ValueError", "empty separator", span)
        most = integer(runtime, maxsplit, span)
        # Words of two letters, the shortest that are made anew, take the most room for a text.
        most_words = len(text) // 3 if sep is None else text.count(sep)
        runtime.limits.room(most_words + 1, span, size=WORD)
        return text.split(sep, most) if how == "split" else text.rsplit(sep, most)

    return run


def _splitlines(runtime: Runtime, span: Span, text: str) -> list[str]:
    runtime.limits.room(len(text) // 3 + 1, span, size=WORD)
    return text.splitlines()


_OF_TEXT = (
    *("upper", "lower", "title", "capitalize", "swapcase", "casefold"),
    *("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "isnumeric"),
)
"""Python's methods of texts that take nothing else."""


_OF_TWO = ("find", "rfind", "index", "partition", "rpartition", "removeprefix", "removesuffix")
"""Those that take another text."""


def _strip(how: str) -> Method:
    method: Callable[..., str] = getattr(str, how)
    return lambda runtime, span, text, chars=None: method(
        text, None if chars is None else _text(chars, span, f"{how} arg")
    )


def _of_text(how: str) -> Method:
    method: Callable[[str], Any] = getattr(str, how)
    return lambda runtime, span, text: method(text)


def _edge(how: str) -> Method:
    def run(runtime: Runtime, span: Span, text: str, part: Any) -> bool:
        parts = part if type(part) is tuple else (part,)
        wanted = [_text(each, span, f"{how} first arg") for each in parts]
        return any(text.startswith(each) if how == "startswith" else text.endswith(each) for each in wanted)

    return run


def _of_two(how: str) -> Method:
    """A method that takes another text, maybe an empty one where that means something."""
    method: Callable[[str, str], Any] = getattr(str, how)

    def run(runtime: Runtime, span: Span, text: str, part: Any) -> Any:
        try:
            return method(text, _text(part, span, f"{how}() argument"))
        except ValueError as error:
            raise failure("ValueError", str(error), span) from None

    return run


def _zfill(runtime: Runtime, span: Span, text: str, width: Any) -> str:
    count = integer(runtime, width, span)
    runtime.limits.room(max(count, len(text)), span, "text", 1)
    return text.zfill(count)


# ---- dicts ---------------------------------------------------------------------------------------


def _get(runtime: Runtime, span: Span, entries: dict[Any, Any], key: Any, default: Any = None) -> Any:
    return entries.get(as_key(key, span), default)


def _pop_key(runtime: Runtime, span: Span, entries: dict[Any, Any], key: Any, *default: Any) -> Any:
    name = as_key(key, span)
    if name in entries:
        return entries.pop(name)
    if not default:
        raise missing_key(runtime, key, span)
    return default[0]


def _set_default(runtime: Runtime, span: Span, entries: dict[Any, Any], key: Any, default: Any = None) -> Any:
    return entries.setdefault(as_key(key, span), default)


def updated(runtime: Runtime, span: Span, entries: dict[Any, Any], other: Any, named: dict[str, Any]) -> None:
    """Takes over the entries of a dict, or of pairs, and those given by name."""
    if isinstance(other, dict):
        more = other
    else:
        more = {}
        for pair in listed(runtime, other, span):
            both = listed(runtime, pair, span)
            if len(both) != 2:
                raise failure("ValueError", f"a pair is needed, not {len(both)} values", span)
            more[as_key(both[0], span)] = both[1]
            if not len(more) % GROWN:
                runtime.limits.room(GROWN, span, "dict", 100)
    runtime.limits.room(len(entries) + len(more) + len(named), span, "dict", 100)
    entries.update(more)
    entries.update(named)


def _update(runtime: Runtime, span: Span, entries: dict[Any, Any], other: Any = (), /, **named: Any) -> None:
    updated(runtime, span, entries, other, named)


def _copy_dict(runtime: Runtime, span: Span, entries: dict[Any, Any]) -> dict[Any, Any]:
    runtime.limits.room(len(entries), span, "dict", 100)
    return type(entries)(entries)


def _pop_last(runtime: Runtime, span: Span, entries: dict[Any, Any]) -> tuple[Any, Any]:
    if not entries:
        raise failure("KeyError", "popitem(): dictionary is empty", span)
    return entries.popitem()


def _view(kind: str) -> Method:
    return lambda runtime, span, entries: DictView(kind, entries)


def _from_keys(runtime: Runtime, span: Span, cls: Any, keys: Any, value: Any = None) -> dict[Any, Any]:
    return dict.fromkeys([as_key(each, span) for each in listed(runtime, keys, span)], value)


def tally(runtime: Runtime, span: Span, made: Counted, counted: Any = (), /, **named: Any) -> None:
    """Counts what is given; a dict, and what is given by name, says how often."""
    known = isinstance(counted, dict)
    pairs = counted.items() if known else [(each, 1) for each in listed(runtime, counted, span)]
    for each, often in (*pairs, *named.items()):
        if type(often) not in (int, float):
            raise GradcliError("bad-argument", f"a count is a number, not {type_name(often)}", span=span)
        key = as_key(each, span)
        made[key] = made.get(key, 0) + often


def _most_common(runtime: Runtime, span: Span, entries: Counted, n: Any = None) -> list[Any]:
    count = None if n is None else integer(runtime, n, span, "n must be an integer")
    return sorted(entries.items(), key=lambda pair: -pair[1])[:count]


# ---- sets ----------------------------------------------------------------------------------------


def distinct(runtime: Runtime, span: Span, *several: Any) -> Distinct:
    """A set of what is in these, each once."""
    made = Distinct()
    for items in several:
        for each in listed(runtime, items, span):
            made[as_key(each, span)] = None
            if not len(made) % GROWN:
                runtime.limits.room(GROWN, span, "set", 100)
    return made


def _add(runtime: Runtime, span: Span, items: Distinct, value: Any) -> None:
    if len(items) % GROWN == GROWN - 1:
        runtime.limits.room(GROWN, span, "set", 100)
    items[as_key(value, span)] = None


def _discard(runtime: Runtime, span: Span, items: Distinct, value: Any) -> None:
    items.pop(as_key(value, span), None)


def _remove_member(runtime: Runtime, span: Span, items: Distinct, value: Any) -> None:
    key = as_key(value, span)
    if key not in items:
        raise missing_key(runtime, key, span)
    del items[key]


def _update_set(runtime: Runtime, span: Span, items: Distinct, *others: Any) -> None:
    items.update(distinct(runtime, span, *others))


def _chosen(keep: Callable[[Any, Distinct], bool]) -> Method:
    def run(runtime: Runtime, span: Span, items: Distinct, *others: Any) -> Distinct:
        for each in others:
            other = distinct(runtime, span, each)
            items = Distinct((key, None) for key in items if keep(key, other))
        return Distinct(items)

    return run


def _symmetric(runtime: Runtime, span: Span, items: Distinct, other: Any) -> Distinct:
    both = distinct(runtime, span, other)
    return Distinct((key, None) for key in (*items, *both) if (key in items) is not (key in both))


def _narrowed(symbol: str) -> Method:
    def run(runtime: Runtime, span: Span, items: Distinct, *others: Any) -> None:
        for each in others:
            left = SETS[symbol](items, distinct(runtime, span, each))
            items.clear()
            items.update(left)

    return run


def _pop_member(runtime: Runtime, span: Span, items: Distinct) -> Any:
    if not items:
        raise failure("KeyError", "pop from an empty set", span)
    first = next(iter(items))
    del items[first]
    return first


def _compared(holds: Callable[[Distinct, Distinct], bool]) -> Method:
    return lambda runtime, span, items, other: holds(items, distinct(runtime, span, other))


_SET_METHODS: dict[str, Method] = {
    "add": _add,
    "discard": _discard,
    "remove": _remove_member,
    "update": _update_set,
    "union": distinct,
    "intersection": _chosen(lambda key, other: key in other),
    "symmetric_difference": _symmetric,
    "intersection_update": _narrowed("&"),
    "difference_update": _narrowed("-"),
    "difference": _chosen(lambda key, other: key not in other),
    "isdisjoint": _compared(lambda one, other: not any(key in other for key in one)),
    "issubset": _compared(lambda one, other: all(key in other for key in one)),
    "issuperset": _compared(lambda one, other: all(key in one for key in other)),
    "copy": distinct,
    "clear": lambda runtime, span, items: items.clear(),
    "pop": _pop_member,
}

STATICS: dict[tuple[str, str], Method] = {("dict", "fromkeys"): _from_keys}
"""What is called through the name of a type."""

PYTHON_METHODS: dict[type, Mapping[str, Method]] = {
    list: {
        "append": _append,
        "extend": _extend,
        "pop": _pop,
        "insert": _insert,
        "index": _place,
        "remove": _remove,
        "count": _count,
        "sort": _sort,
        "copy": _copy_list,
        "reverse": lambda runtime, span, items: items.reverse(),
        "clear": lambda runtime, span, items: items.clear(),
    },
    tuple: {"index": _place, "count": _count},
    str: {
        "format": _format,
        "join": _join,
        "replace": _replace,
        "split": _split("split"),
        "rsplit": _split("rsplit"),
        "splitlines": _splitlines,
        "startswith": _edge("startswith"),
        "endswith": _edge("endswith"),
        **{name: _of_two(name) for name in _OF_TWO},
        "count": lambda runtime, span, text, part: text.count(_text(part, span, "count() argument")),
        "zfill": _zfill,
        **{name: _strip(name) for name in ("strip", "lstrip", "rstrip")},
        **{name: _of_text(name) for name in _OF_TEXT},
        **{name: _justify(name) for name in ("ljust", "rjust", "center")},
    },
    dict: {
        "get": _get,
        "pop": _pop_key,
        "update": _update,
        "popitem": _pop_last,
        "setdefault": _set_default,
        "copy": _copy_dict,
        "clear": lambda runtime, span, entries: entries.clear(),
        **{kind: _view(kind) for kind in ("keys", "values", "items")},
    },
}
PYTHON_METHODS[Ordered] = PYTHON_METHODS[Defaults] = PYTHON_METHODS[dict]
PYTHON_METHODS[Counted] = {**PYTHON_METHODS[dict], "most_common": _most_common, "update": tally}
PYTHON_METHODS[Distinct] = _SET_METHODS
"""The methods of each type by name."""
