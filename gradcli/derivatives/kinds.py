"""The kinds of derivatives beyond the gradient: a row for each.

The request (`gradcli.evaluation.run`), the result, the reports and the rows of the command line read this
table; `gradcli.derivatives.higher` has a function for each row. Nothing here imports NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gradcli.record import Record


def _is_given(value: Any) -> bool:
    return value is not None and value is not False


def _no_names(value: Any) -> Iterable[str]:
    return ()


def _names_of_partials(value: Any) -> Iterable[str]:
    return [name for group in value for name in split(group)]


def _names_of_directions(value: Any) -> Iterable[str]:
    return value if isinstance(value, Mapping) else ()


def split(names: Any) -> list[str]:
    """The names of a mixed derivative, given as a sequence or as one text."""
    return [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)


def _bracket(kind: DerivativeKind, root: str | None, keys: tuple[Any, ...], size: int = 1) -> str:
    return f"{kind.name}[{','.join(keys)}]"


def _order_label(kind: DerivativeKind, root: str | None, keys: tuple[Any, ...], size: int = 1) -> str:
    name, order = keys
    if root is None:
        label = f"{name}.grad{'' if order == 1 else order}"
    else:
        label = f"d{root}/d{name}" if order == 1 else f"d{order}{root}/d{name}{order}"
    if size == 1 or order == 1:
        return label
    # Of several elements only these sums are computed: the gradient of the sum of the order before.
    return f"{label}.sum({', '.join([str(dim) for dim in range(1, order)])})"


def _partial_label(kind: DerivativeKind, root: str | None, keys: tuple[Any, ...], size: int = 1) -> str:
    if root is None:
        return _bracket(kind, root, keys)
    names = keys[0].split(",")
    return f"d{len(names) if len(names) > 1 else ''}{root}/{''.join([f'd{name}' for name in names])}"


class DerivativeKind(Record):
    """One kind of derivatives.

    Attributes:
        name: what one of them is called: in labels and in CSV, and the option of the command line.
        option: the option of `gradcli.evaluate` that asks for it.
        part: the attribute of the result that holds what is found, empty where nothing was asked for, and the
            function of `gradcli.derivatives.higher` that finds it.
        help: one sentence.
        asks: whether this value of the option asks for any.
        names: which names of the program a value of the option mentions.
        any_root: a root of several elements has them without weights, though it has no gradient.
        label: from the only root, or None where no single quotient is meant, the keys of an array in the
            part (names, and numbers from 1) and its number of elements to what a report calls it.
    """

    name: str
    option: str
    part: str
    help: str
    asks: Callable[[Any], bool] = _is_given
    names: Callable[[Any], Iterable[str]] = _no_names
    any_root: bool = False
    label: Callable[[DerivativeKind, str | None, tuple[Any, ...], int], str] = _bracket


KINDS = (
    DerivativeKind(
        "order",
        "order",
        "orders",
        "The first N derivatives with respect to each leaf.",
        label=_order_label,
    ),
    DerivativeKind(
        "partial",
        "partials",
        "partials",
        "A mixed partial derivative. Repeatable.",
        asks=bool,
        names=_names_of_partials,
        label=_partial_label,
    ),
    DerivativeKind("hessian", "hessian", "hessian", "All second derivatives."),
    DerivativeKind(
        "jacobian", "jacobian", "jacobian", "Every element of the root by every element.", any_root=True
    ),
    DerivativeKind(
        "hvp",
        "hvp",
        "hvp",
        "Hessian times this direction. Repeatable, once per name.",
        names=_names_of_directions,
    ),
    DerivativeKind(
        "jvp",
        "jvp",
        "jvp",
        "Jacobian times this direction. Repeatable, once per name.",
        names=_names_of_directions,
        any_root=True,
    ),
)
"""In the order of every report."""


def asked(options: Any) -> list[DerivativeKind]:
    """The kinds that the options of an evaluation ask for."""
    given = vars(options)  # what is not given is not asked for
    return [kind for kind in KINDS if kind.option in given and kind.asks(given[kind.option])]


def found(result: Any) -> Iterator[tuple[DerivativeKind, tuple[Any, ...], Any]]:
    """Every array of the parts of a result that hold any: its kind, its keys, and itself."""
    for kind in KINDS:
        for keys, array in _arrays(getattr(result, kind.part), ()):
            yield kind, keys, array


def _arrays(content: Any, keys: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(content, Mapping):
        items = iter(content.items())
    elif isinstance(content, (list, tuple)):
        items = enumerate(content, 1)
    else:
        yield keys, content
        return
    for key, item in items:
        yield from _arrays(item, (*keys, key))
