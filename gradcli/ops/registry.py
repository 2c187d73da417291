"""The table of functions that the language knows, and which file of this room has which of them.

A row is made by the decorator `function` (a composition, written over nodes) or by `primitive` (a
primitive that is a function as it stands). What a parameter takes is read off its annotation, so a
row is its signature, one line of what it does, and its body. A file is loaded when one of its names is
looked up.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.ops.index import NAMES
from gradcli.ops.parameters import REQUIRED, Parameter
from gradcli.ops.refusals import REFUSALS
from gradcli.ops.rows import Function, camel
from gradcli.ops.saved import SAVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradcli.ops.rows import Naming
    from gradcli.tape.primitives import Elementwise

_table: dict[str, Function] = {}
_methods: dict[str, Function] = {}
"""The methods that take their arguments in another order than the function of that name."""

_complete = False


def function(
    family: str,
    *names: str,
    grad_fn: str | Naming | None = None,
    method: bool = True,
    called: Mapping[str, str] = {},
    table: dict[str, Function] = _table,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds a composition to the table, under its own name (without a closing `_`) or under `names`.

    Args:
        family: the heading it stands under in the documentation.
        names: the first is its name, the rest are aliases.
        grad_fn: PyTorch's name for the result's `grad_fn`, without `Backward0`, or a function that
            gives it from the arguments by name; by default the name in camel case.
        method: whether tensors have it as a method.
        called: other names of its parameters than in the code, which has a row for each set of them.
        table: where the row is added.
    """

    def add(implementation: Callable[..., Any]) -> Callable[..., Any]:
        code = implementation.__code__
        defaults = implementation.__defaults__ or ()
        keyword_defaults = implementation.__kwdefaults__ or {}
        annotations = implementation.__annotations__
        count = code.co_argcount
        names_in_code = code.co_varnames
        parameters = []
        for index in range(count):
            name = names_in_code[index]
            from_end = index - (count - len(defaults))
            default = defaults[from_end] if from_end >= 0 else REQUIRED
            parameters.append(Parameter.of(called.get(name, name), annotations.get(name), default))
        if code.co_flags & 0x04:
            name = names_in_code[count + code.co_kwonlyargcount]
            parameters.append(Parameter.of(name, annotations.get(name), variadic=True))
        for name in names_in_code[count : count + code.co_kwonlyargcount]:
            default = keyword_defaults.get(name, REQUIRED)
            parameters.append(Parameter.of(name, annotations.get(name), default, keyword_only=True))
        _add_rows(
            names or (implementation.__name__.rstrip("_"),),
            implementation,
            tuple(parameters),
            family,
            grad_fn,
            method,
            (implementation.__doc__ or "").strip(),
            table,
        )
        return implementation

    return add


def own_method(family: str, *names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds a composition as a method only, beside a function of that name with another order of arguments."""
    return function(family, *names, table=_methods)


def primitive(
    family: str,
    op: Elementwise,
    parameters: str = "input",
    doc: str = "",
    *names: str,
    grad_fn: str | None = None,
    method: bool = True,
) -> Elementwise:
    """Adds a primitive to the table as a function of tensors; `parameters` are their names, by comma."""
    rows = tuple(Parameter(name.strip(), "tensor") for name in parameters.split(","))
    _add_rows(names or (op.name,), op, rows, family, grad_fn, method, doc)
    return op


def _add_rows(
    names: tuple[str, ...],
    implementation: Callable[..., Any],
    parameters: tuple[Parameter, ...],
    family: str,
    grad_fn: str | Naming | None,
    method: bool,
    doc: str,
    table: dict[str, Function] = _table,
) -> None:
    grad_fn = grad_fn or camel(names[0])
    for name in names:
        table[name] = Function(
            name, implementation, parameters, family, grad_fn=grad_fn, method=method, doc=doc
        )
        table[name].saved = SAVED.get(names[0])
        table[name].refusal = REFUSALS.get(names[0])


def _load(modules: Iterable[str]) -> None:
    for module in modules:
        import_module(f"gradcli.ops.{module}")


def lookup(name: str) -> Function | None:
    """The row of that name, or None."""
    row = _table.get(name)
    if row is None and not _complete:
        _load([_modules()[name]] if name in _modules() else [])
        row = _table.get(name) or table().get(name)
    return row


@cache
def _modules() -> dict[str, str]:
    return {name: module for module, names in NAMES.items() for name in names.split()}


def is_listed(name: str) -> bool:
    """Whether the index has a row of that name: what is likely no function is asked so, and loads nothing."""
    return name in _modules()


def method(name: str) -> Function | None:
    """The row that a tensor's method of that name calls, or None."""
    row = lookup(name)
    return _methods.get(name, row) if row is not None and row.method else None


IN_PLACE_FAMILIES = ("unary", "binary", "comparison and logic", "special", "activation")
_ALSO_IN_PLACE = frozenset(
    (
        *("cumsum", "cumprod", "tril", "triu", "masked_fill", "masked_scatter", "addbmm", "addmm", "addmv"),
        *("addr", "baddbmm", "index_add", "index_copy", "index_fill", "index_put", "put", "scatter"),
        *("scatter_add", "scatter_reduce", "index_reduce", "renorm"),
    )
)
_NOT_IN_PLACE = frozenset(
    (
        *("expit", "prelu", "hardshrink", "maximum", "minimum", "logaddexp", "logaddexp2", "rsub", "where"),
        *("fmax", "fmin", "isfinite", "isinf", "isnan", "multigammaln", "positive", "real", "gammaln", "psi"),
    )
)
"""Elementwise functions that PyTorch doesn't have in place."""


def in_place(name: str) -> Function | None:
    """The row whose result a tensor takes over by the method of that name (`erf_`), or None.

    Every elementwise function has that form, under each of its names, and a few that keep the shape.
    """
    if not name.endswith("_") or name[:-1] in _NOT_IN_PLACE:
        return None
    row = method(name[:-1])
    known = row is not None and (row.family in IN_PLACE_FAMILIES or row.name in _ALSO_IN_PLACE)
    return row if known else None


def table() -> Mapping[str, Function]:
    """Every row by name."""
    global _complete
    if not _complete:
        _load(NAMES)
        _complete = True
    return _table


def names() -> Iterable[str]:
    """Every function's name."""
    return table().keys()
