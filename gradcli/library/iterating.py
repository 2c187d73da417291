"""What scripts use of Python's `itertools`, `functools`, `string` and `tqdm`: lists are made at once."""

from __future__ import annotations

import itertools
import string
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.python_methods import STATICS
from gradcli.library.python_names import PYTHON, SHADOWED
from gradcli.values.conversions import as_key, integer, iterate, listed, truth
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin, TypeFunction, UserFunction

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

    items: list[Any] = []
    for each in listed(runtime, iterable, span):
        if not items:
            items.append(each)
        elif func is None:
            items.append(add(runtime, items[-1], each, span))
        else:
            items.append(runtime.call(func, (items[-1], each), {}, span))
    return iter(items)


def _repeat(runtime: Runtime, span: Span, value: Any, times: Any = None) -> Any:
    if times is None:
        return itertools.repeat(value)
    return itertools.repeat(value, integer(runtime, times, span, "repeat takes an integer"))


def _starmap(runtime: Runtime, span: Span, function: Any, iterable: Any) -> Any:
    given = listed(runtime, iterable, span)
    return iter([runtime.call(function, tuple(listed(runtime, each, span)), {}, span) for each in given])


def _while(runtime: Runtime, span: Span, predicate: Any, iterable: Any) -> Any:
    given = iterate(runtime, iterable, span)
    return itertools.takewhile(
        lambda each: truth(runtime, runtime.call(predicate, (each,), {}, span), span), given
    )


_JOIN = _of_lists("chain").run
_CHAIN = TypeFunction("itertools.chain", _JOIN, lambda value: False)
STATICS["itertools.chain", "from_iterable"] = lambda runtime, span, _, iterable: _JOIN(
    runtime, span, *listed(runtime, iterable, span)
)


def _count(runtime: Runtime, span: Span, start: Any = 0, step: Any = 1) -> range:
    first, by = (integer(runtime, each, span, "count takes integers here") for each in (start, step))
    if by == 0:
        raise failure("ValueError", "count takes no step of 0 here", span)
    return range(first, _MOST if by > 0 else -_MOST, by)


ITERTOOLS: dict[str, Any] = {
    **{name: _of_lists(name) for name in ("product", "zip_longest", "pairwise")},
    "chain": _CHAIN,
    "cycle": Builtin(
        "cycle", lambda runtime, span, iterable: itertools.cycle(listed(runtime, iterable, span))
    ),
    "repeat": Builtin("repeat", _repeat),
    "starmap": Builtin("starmap", _starmap),
    "takewhile": Builtin("takewhile", _while),
    **{name: _chosen(name) for name in ("combinations", "permutations")},
    "islice": Builtin("islice", _islice),
    "accumulate": Builtin("accumulate", _accumulate),
    "count": Builtin("count", _count),
}

# ---- functools -----------------------------------------------------------------------------------


def _partial(runtime: Runtime, span: Span, func: Any, *first: Any, **named: Any) -> Builtin:
    def run(runtime: Runtime, span: Span, *rest: Any, **others: Any) -> Any:
        return runtime.call(func, (*first, *rest), {**named, **others}, span)

    return Builtin("partial", run)


def _reduce(runtime: Runtime, span: Span, function: Any, iterable: Any, *initial: Any) -> Any:
    items = [*initial[:1], *listed(runtime, iterable, span)]
    if not items:
        raise failure("TypeError", "reduce() of empty iterable with no initial value", span)
    found = items[0]
    for each in items[1:]:
        found = runtime.call(function, (found, each), {}, span)
    return found


def _remembering(runtime: Runtime, span: Span, function: Any) -> Builtin:
    known: dict[Any, Any] = {}

    def run(runtime: Runtime, span: Span, *given: Any, **named: Any) -> Any:
        key = tuple([as_key(each, span) for each in (*given, *named, *named.values())])
        if (len(given), key) not in known:
            known[len(given), key] = runtime.call(function, given, named, span)
            runtime.limits.room(len(known), span, "dict", 100)
        return known[len(given), key]

    return Builtin("lru_cache", run)


def _lru_cache(runtime: Runtime, span: Span, *given: Any, **_: Any) -> Any:
    """With settings or without; it never forgets."""
    if given and type(given[0]) not in (int, type(None)):
        return _remembering(runtime, span, given[0])
    return Builtin("lru_cache", _remembering)


def _wraps(runtime: Runtime, span: Span, wrapped: Any) -> Builtin:
    def name(runtime: Runtime, span: Span, function: Any) -> Any:
        if type(function) is UserFunction and type(wrapped) is UserFunction:
            function.name = wrapped.name
        return function

    return Builtin("wraps", name)


FUNCTOOLS: dict[str, Any] = {
    "partial": Builtin("partial", _partial),
    "reduce": Builtin("reduce", _reduce),
    "wraps": Builtin("wraps", _wraps),
    "lru_cache": Builtin("lru_cache", _lru_cache),
    "cache": Builtin("cache", _remembering),
}

# ---- texts ---------------------------------------------------------------------------------------

STRING = {
    name: getattr(string, name)
    for name in ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "punctuation")
}

# ---- progress bars -------------------------------------------------------------------------------


def _bar(runtime: Runtime, span: Span, bar: Instance, iterable: Any = (), *_: Any, **__: Any) -> None:
    bar.state["items"], bar.attributes["n"] = iterable, 0


def _range_bar(runtime: Runtime, span: Span, *bounds: Any, **_: Any) -> Instance:
    bar = Instance(BAR)
    _bar(
        runtime, span, bar, range(*[integer(runtime, each, span, "trange takes integers") for each in bounds])
    )
    return bar


def _bar_length(runtime: Runtime, span: Span, bar: Instance) -> Any:
    return SHADOWED["len"].run(runtime, span, bar.state["items"])


def _write(runtime: Runtime, span: Span, text: Any = "", **_: Any) -> None:
    runtime.call(PYTHON["print"], (text,), {}, span)


BAR = ClassValue(
    "tqdm",
    (),
    {
        "__init__": Builtin("tqdm", _bar),
        "__iter__": Builtin(
            "__iter__", lambda runtime, span, bar: iterate(runtime, bar.state["items"], span)
        ),
        "__len__": Builtin("__len__", _bar_length),
        "__enter__": Builtin("__enter__", lambda runtime, span, bar: bar),
        "write": Decorated("staticmethod", Builtin("write", _write)),
        **{
            name: Builtin(name, lambda *_, **__: None)
            for name in (
                *("__exit__", "set_description", "set_description_str", "set_postfix", "set_postfix_str"),
                *("update", "refresh", "reset", "close", "clear", "display"),
            )
        },
    },
    "tqdm.std.tqdm",
)
TQDM: dict[str, Any] = {"tqdm": BAR, "trange": Builtin("trange", _range_bar)}
"""No bar is drawn: what is gone through stays the same, and what a bar is told is dropped."""
