"""Tables for a terminal: the values with their shape, dtype and history, then the derivatives.

The command line writes them when standard output is a terminal. The only module that imports Rich.
"""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np
from rich.box import ASCII, ROUNDED
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gradcli.report.diagnostic import visible
from gradcli.report.numbers import SUMMARISE_BEYOND, brackets, numbers, summary
from gradcli.report.result import Result, Value, derivatives


def table_text(
    result: Result,
    *,
    width: int = 80,
    color: bool | None = None,
    ascii_only: bool = False,
    precision: int | None = None,
    printed: bool = True,
) -> str:
    """The whole report, each line ended by a newline and at most `width` columns long.

    `color=None` means colours unless `NO_COLOR` is set. `ascii_only` draws the frames for a terminal that has
    nothing else. What the program printed comes first, as it is, unless `printed=False`.
    """
    if color is None:
        color = not os.environ.get("NO_COLOR")
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    if result.values:
        console.print(_values_table(result, ascii_only, precision))
    rows = list(derivatives(result))
    if rows:
        console.print(_derivatives_table(rows, ascii_only, precision))
    tables = "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())
    return "".join(line + "\n" for line in result.printed if printed) + tables


def _table(ascii_only: bool) -> Table:
    return Table(
        box=ASCII if ascii_only else ROUNDED, border_style="dim", header_style="bold", title_justify="left"
    )


def _values_table(result: Result, ascii_only: bool, precision: int | None) -> Table:
    table = _table(ascii_only)
    table.add_column("name", style="cyan", overflow="fold")
    table.add_column("value", overflow="fold", ratio=None)
    table.add_column("shape", no_wrap=True)
    table.add_column("dtype", no_wrap=True)
    table.add_column("requires grad", max_width=8)
    table.add_column("grad_fn", overflow="fold")
    for name, value in result.values.items():
        node = result.nodes.get(name)
        array = np.asarray(value)
        shape = list(array.shape if node is None else node.shape)
        table.add_row(
            escape(visible(name)),
            escape(_block(value, precision)),
            escape(str(shape)) if shape else "",
            (type(value).__name__ if node is None else node.dtype),
            ("yes" if node is not None and node.requires_grad else ""),
            (node.grad_fn or "") if node is not None else "",
        )
    return table


def _derivatives_table(rows: list[tuple[str, Value]], ascii_only: bool, precision: int | None) -> Table:
    table = _table(ascii_only)
    table.add_column("derivative", style="green", overflow="fold")
    table.add_column("value", overflow="fold")
    table.add_column("shape", no_wrap=True)
    for label, value in rows:
        shape = list(np.shape(value))
        table.add_row(
            escape(visible(label)), escape(_block(value, precision)), escape(str(shape)) if shape else ""
        )
    return table


def _block(value: Value, precision: int | None) -> str:
    """A number or an array, a line for each row; a long array by its edges."""
    array: Any = np.asarray(value)
    if array.size > SUMMARISE_BEYOND:
        return summary(array, precision, break_rows=True)
    return brackets(numbers(array, precision), [0] * array.ndim, break_rows=True)
