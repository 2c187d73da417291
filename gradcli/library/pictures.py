"""`matplotlib`, of which scripts draw what they computed: here it draws nothing, and says so once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import failure
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


class _Anything(dict[str, Any]):
    """Whatever is asked for: a function that draws nothing."""

    def get(self, name: str, default: Any = None) -> Any:
        if name in self or name.startswith("_"):
            return super().get(name, default)
        return Builtin(name, _draw)


def _note(runtime: Runtime) -> None:
    runtime.warn("matplotlib draws nothing here; gradcli plot draws programs")


def _draw(runtime: Runtime, span: Span, *_: Any, **__: Any) -> Namespace:
    _note(runtime)
    return PICTURE


def _subplots(runtime: Runtime, span: Span, nrows: Any = 1, ncols: Any = 1, **_: Any) -> tuple[Any, Any]:
    _note(runtime)
    rows, columns = (min(each, 100) if type(each) is int else 1 for each in (nrows, ncols))
    if rows == columns == 1:
        return PICTURE, PICTURE
    if 1 in (rows, columns):
        return PICTURE, [PICTURE] * max(rows, columns)
    grid = Instance(_GRID)
    grid.state["rows"], grid.attributes["shape"] = [[PICTURE] * columns for _ in range(rows)], (rows, columns)
    return PICTURE, grid


def _place(runtime: Runtime, span: Span, grid: Instance, key: Any) -> Any:
    """`axes[0, 1]`, a row `axes[0]`, or any part of them."""
    rows, columns = key if type(key) is tuple and len(key) == 2 else (key, slice(None))
    try:
        found = grid.state["rows"][rows]
        return found[columns] if type(rows) is int else [each[columns] for each in found]
    except (IndexError, TypeError):
        raise failure("IndexError", "index is out of bounds for the axes", span) from None


def _all(runtime: Runtime, span: Span, grid: Instance, *_: Any) -> list[Any]:
    return [each for row in grid.state["rows"] for each in row]


_GRID = ClassValue(
    "ndarray",
    (),
    {
        "__getitem__": Builtin("__getitem__", _place),
        "__iter__": Builtin("__iter__", lambda runtime, span, grid: list(grid.state["rows"])),
        "__len__": Builtin("__len__", lambda runtime, span, grid: len(grid.state["rows"])),
        "flat": Decorated("property", Builtin("flat", _all)),
        **dict.fromkeys(("flatten", "ravel", "reshape"), Builtin("flatten", _all)),
    },
    "numpy.ndarray",
)
"""The axes of `subplots` in rows and columns."""


PICTURE = Namespace("matplotlib.figure", {}, functions=False, late=_Anything)
"""A figure, its axes, or what was drawn into it."""
PYPLOT = _Anything(subplots=Builtin("subplots", _subplots), style=PICTURE, cm=PICTURE, rcParams={})
"""What `matplotlib.pyplot` has."""
MATPLOTLIB = _Anything(
    pyplot=Namespace("matplotlib.pyplot", {}, functions=False, late=lambda: PYPLOT), rcParams={}
)
