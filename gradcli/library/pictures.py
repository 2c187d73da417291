"""`matplotlib`, of which scripts draw what they computed: here it draws nothing, and says so once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


class _Anything(dict[str, Any]):
    """Whatever is asked for: a function that draws nothing."""

    def get(self, name: str, default: Any = None) -> Any:
        if name in self or name.startswith("_"):
            return super().get(name, default)
        return Builtin(name, _draw)


def _anything() -> Mapping[str, Any]:
    return _Anything()


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
    return PICTURE, [[PICTURE] * columns for _ in range(rows)]


PICTURE = Namespace("matplotlib.figure", {}, functions=False, late=_anything)
"""A figure, its axes, or what was drawn into it."""
PYPLOT = _Anything(subplots=Builtin("subplots", _subplots), style=PICTURE, cm=PICTURE, rcParams={})
"""What `matplotlib.pyplot` has."""
MATPLOTLIB = _Anything(
    pyplot=Namespace("matplotlib.pyplot", {}, functions=False, late=lambda: PYPLOT), rcParams={}
)
