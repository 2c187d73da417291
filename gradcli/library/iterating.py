"""What scripts use of Python's `itertools`, `functools`, `string` and `tqdm`: lists are made at once."""

from __future__ import annotations

import itertools
import string
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.values.conversions import as_key, integer, iterate, listed
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_MOST = 2**62
"""Nobody counts further."""


def _items(runtime: Runtime, span: Span, found: Any) -> list[Any]:
    """The items of one of Python's iterators, as long as there is room for them."""
    items = []
    for each in found:
        runtime.limits.step(span)
        items.append(each)
        if not len(items) & 0xFFF:
            runtime.limits.grown(items, span)
    return items


def _of_lists(name: str) -> Builtin:
    """A function of iterables that knows nothing of what is in them."""
    make: Callable[..., Any] = getattr(itertools, name)

    def run(runtime: Runtime, span: Span, *iterables: Any, repeat: Any = 1, fillvalue: Any = None) -> Any:
        given = [listed(runtime, each, span) for each in iterables]
        if name == "product":
            more = {"repeat": integer(runtime, repeat, span, "repeat must be an integer")}
        else:
            more = {"fillvalue": fillvalue} if name == "zip_longest" else {}
        return iter(_items(runtime, span, make(*given, **more)))

    return Builtin(name, run)


def _chosen(name: str) -> Builtin:
    make: Callable[..., Any] = getattr(itertools, name)

    def run(runtime: Runtime, span: Span, iterable: Any, r: Any = None) -> Any:
        given = listed(runtime, iterable, span)
        count = len(given) if r is None else integer(runtime, r, span, "r must be an integer")
        if count < 0:
            raise failure("ValueError", "r must be non-negative", span)
        return iter(_items(runtime, span, make(given, count)))

    return Builtin(name, run)


def _islice(runtime: Runtime, span: Span, iterable: Any, *bounds: Any) -> Any:
    cut = [None if each is None else integer(runtime, each, span, "islice takes integers") for each in bounds]
    if not 1 <= len(cut) <= 3 or any(each is not None and each < 0 for each in cut) or 0 in cut[2:]:
        raise GradcliError("bad-argument", "islice takes a stop, or start, stop and step", span=span)
    if type(iterable) is range:
        return iterable[slice(*cut)]
    # An iterator goes on behind what is taken of it.
    return iter(_items(runtime, span, itertools.islice(iterate(runtime, iterable, span), *cut)))


def _accumulate(runtime: Runtime, span: Span, iterable: Any, func: Any = None) -> Any:
    from gradcli.library.python_names import add

    assert runtime.call is not None
    items: list[Any] = []
    for each in listed(runtime, iterable, span):
        if not items:
            items.append(each)
        elif func is None:
            items.append(add(runtime, items[-1], each, span))
        else:
            items.append(runtime.call(runtime, func, (items[-1], each), {}, span))
    return iter(items)


def _count(runtime: Runtime, span: Span, start: Any = 0, step: Any = 1) -> range:
    first, by = (integer(runtime, each, span, "count takes integers here") for each in (start, step))
    if by == 0:
        raise failure("ValueError", "count takes no step of 0 here", span)
    return range(first, _MOST if by > 0 else -_MOST, by)


ITERTOOLS: dict[str, Any] = {
    **{name: _of_lists(name) for name in ("product", "chain", "zip_longest")},
    **{name: _chosen(name) for name in ("combinations", "permutations")},
    "islice": Builtin("islice", _islice),
    "accumulate": Builtin("accumulate", _accumulate),
    "count": Builtin("count", _count),
}

# ---- functools -----------------------------------------------------------------------------------


def _partial(runtime: Runtime, span: Span, func: Any, *first: Any, **named: Any) -> Builtin:
    def run(runtime: Runtime, span: Span, *rest: Any, **others: Any) -> Any:
        assert runtime.call is not None
        return runtime.call(runtime, func, (*first, *rest), {**named, **others}, span)

    return Builtin("partial", run)


def _reduce(runtime: Runtime, span: Span, function: Any, iterable: Any, *initial: Any) -> Any:
    items = [*initial[:1], *listed(runtime, iterable, span)]
    if not items:
        raise failure("TypeError", "reduce() of empty iterable with no initial value", span)
    assert runtime.call is not None
    found = items[0]
    for each in items[1:]:
        found = runtime.call(runtime, function, (found, each), {}, span)
    return found


def _remembering(runtime: Runtime, span: Span, function: Any) -> Builtin:
    known: dict[Any, Any] = {}

    def run(runtime: Runtime, span: Span, *given: Any, **named: Any) -> Any:
        assert runtime.call is not None
        key = tuple([as_key(each, span) for each in (*given, *named, *named.values())])
        if (len(given), key) not in known:
            known[len(given), key] = runtime.call(runtime, function, given, named, span)
            runtime.limits.room(len(known), span, "dict", 100)
        return known[len(given), key]

    return Builtin("lru_cache", run)


def _lru_cache(runtime: Runtime, span: Span, *given: Any, **_: Any) -> Any:
    """With settings or without; it never forgets."""
    if given and type(given[0]) not in (int, type(None)):
        return _remembering(runtime, span, given[0])
    return Builtin("lru_cache", _remembering)


FUNCTOOLS: dict[str, Any] = {
    "partial": Builtin("partial", _partial),
    "reduce": Builtin("reduce", _reduce),
    "wraps": Builtin(
        "wraps",
        lambda runtime, span, wrapped: Builtin("wraps", lambda runtime, span, function: function),
    ),
    "lru_cache": Builtin("lru_cache", _lru_cache),
    "cache": Builtin("cache", _remembering),
}

# ---- texts ---------------------------------------------------------------------------------------

STRING = {
    name: getattr(string, name)
    for name in ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "punctuation")
}

# ---- progress bars -------------------------------------------------------------------------------

TQDM: dict[str, Any] = {
    "tqdm": Builtin("tqdm", lambda runtime, span, iterable, **_: iterable),
    "trange": Builtin(
        "trange",
        lambda runtime, span, *bounds, **_: range(
            *[integer(runtime, each, span, "trange takes integers") for each in bounds]
        ),
    ),
}
"""No bar is drawn: what is gone through stays the same."""
