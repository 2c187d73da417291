"""Tables for a terminal: the derivatives, then the values with their shape, dtype and history.

The command line writes them when standard output is a terminal, and Rich is only loaded then.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.box import ASCII, ROUNDED
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gradcli.derivatives.sparse import Sparse
from gradcli.report.cells import cell
from gradcli.report.diagnostic import visible
from gradcli.report.labels import derivatives
from gradcli.report.look import Look

if TYPE_CHECKING:
    from gradcli.report.result import Result
    from gradcli.text.numbers import Value

NARROWEST = 24
"""Columns that the numbers get at least, however much the rest of the row wants."""
WANTED = 36
"""So many are theirs where they fill them: what else is known of a value then gives way."""


def write(result: Result, look: Look) -> str:
    """The report as the format `table` of the command line."""
    return table_text(
        result,
        width=look.width,
        color=look.color,
        ascii_only=look.ascii_only,
        height=None if look.full else look.height,
        precision=look.precision,
    )


def table_text(
    result: Result,
    *,
    width: int = 80,
    height: int | None = 24,
    color: bool | None = None,
    ascii_only: bool = False,
    precision: int | None = None,
) -> str:
    """The whole report, each line ended by a newline and at most `width` columns long.

    Arrays are summarised so that it fits into a window of `height` lines; None shows all of them.
    `color=None` means colours unless `NO_COLOR` is set. `ascii_only` draws the frames for a terminal that has
    nothing else.
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
    parts = [(heads, rows) for heads, rows in (_derivatives(result), _values(result)) if rows]
    lines = None if height is None else _lines_each([row for _, rows in parts for row in rows], height)
    for heads, rows in parts:
        console.print(_table(heads, rows, width, lines, ascii_only, precision))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


@dataclass(frozen=True, slots=True)
class _Head:
    """A column: its title, its style, and whether it folds its text where there's little room."""

    title: str
    style: str = ""
    gives_way: bool = False


NAME = _Head("name", "cyan", gives_way=True)
GRAD_FN = _Head("grad_fn")
REQUIRES_GRAD = _Head("requires grad", gives_way=True)
DERIVATIVE = _Head("derivative", "green", gives_way=True)


@dataclass(frozen=True, slots=True)
class _Row:
    """A name, a value, and what else is known of it in the order of the heads."""

    name: str
    value: Value | Sparse
    rest: tuple[str, ...]


def _values(result: Result) -> tuple[tuple[_Head, ...], list[_Row]]:
    heads = (NAME, _Head("value"), _Head("shape"), _Head("dtype"), REQUIRES_GRAD, GRAD_FN)
    rows = []
    for name, value in result.values.items():
        node = result.nodes.get(name)
        if node is None:
            rest = (_shape(np.shape(value)), _type(value), "", "")
        else:
            rest = (_shape(node.shape), node.dtype, "yes" if node.requires_grad else "", node.grad_fn or "")
        rows.append(_Row(name, value, rest))
    return heads, rows


def _derivatives(result: Result) -> tuple[tuple[_Head, ...], list[_Row]]:
    rows = [
        _Row(label, value, (_shape(value.shape if type(value) is Sparse else np.shape(value)),))
        for label, value in derivatives(result, whole=True)
    ]
    return (DERIVATIVE, _Head("value"), _Head("shape")), rows


def _type(value: Value) -> str:
    """What a value is that is no tensor."""
    if isinstance(value, str):
        return "str"
    array = np.asarray(value)
    return "list" if array.ndim else _PYTHON.get(array.dtype.kind, array.dtype.name)


_PYTHON = {"i": "int", "f": "float", "b": "bool"}


def _lines_each(rows: list[_Row], height: int) -> int:
    """How many lines each value may take, so that all of them are seen at once."""
    long = sum(bool(row.rest[0]) for row in rows)  # those that have a shape
    around = FRAME_LINES + len(rows) - long
    return max(FEWEST_LINES, (height - around) // max(long, 1))


FRAME_LINES = 10
"""Lines of two tables around their rows, and of the prompt."""
FEWEST_LINES = 3


def _shape(shape: Sequence[int]) -> str:
    return str(list(shape)) if shape else ""


def _table(
    heads: tuple[_Head, ...],
    rows: list[_Row],
    width: int,
    lines: int | None,
    ascii_only: bool,
    precision: int | None,
) -> Table:
    """The rows under their heads, without the columns in which no row has anything to say."""
    name_head, value_head, *rest_heads = heads
    kept = [at for at in range(len(rest_heads)) if any(row.rest[at] for row in rows)]
    marks = ".#" if ascii_only else "·■"
    wanted = _widest([cell(row.value, WANTED, lines, precision, marks) for row in rows])
    while True:
        heads_beside = [name_head, *(rest_heads[at] for at in kept)]
        texts = [[visible(row.name), *(row.rest[at] for at in kept)] for row in rows]
        widths = _widths(heads_beside, texts, width, last=not kept)
        room = width - _frame(len(widths)) - sum(widths)
        if room >= max(NARROWEST, wanted) or not kept:
            break
        # A narrow terminal shows the numbers rather than what is known about them.
        kept.pop()
    room = max(room, len(value_head.title))
    blocks = [cell(row.value, room, lines, precision, marks) for row in rows]
    needed = _widest([value_head.title, *blocks])
    table = Table(box=ASCII if ascii_only else ROUNDED, border_style="dim", header_style="bold")
    for at, head in enumerate(heads_beside):
        table.add_column(head.title, style=head.style, width=widths[at], overflow="fold")
        if at == 0:
            table.add_column(value_head.title, width=min(needed, room), overflow="fold")
    for text, block in zip(texts, blocks, strict=True):
        table.add_row(*map(Text, [text[0], block, *text[1:]]))
    return table


def _widest(blocks: list[str]) -> int:
    return max(len(line) for block in blocks for line in block.split("\n"))


def _frame(beside: int) -> int:
    """Columns the frame takes: a line and two spaces for each column and the numbers, and the last line."""
    return 3 * (beside + 1) + 1


def _widths(heads: Sequence[_Head], texts: list[list[str]], width: int, *, last: bool) -> list[int]:
    """How wide the columns beside the numbers are: as their texts, or less to leave the numbers room.

    A title of two words may always stand on two lines; names are broken as the `last` resort.
    """
    least = [max(map(len, head.title.split())) for head in heads]
    widths = [max(len(head.title), *(cell_len(text[at]) for text in texts)) for at, head in enumerate(heads)]
    while width - _frame(len(widths)) - sum(widths) < NARROWEST:
        able = [
            at
            for at, head in enumerate(heads)
            if head.gives_way and widths[at] > least[at] and (last or head is REQUIRES_GRAD)
        ]
        if not able:
            break
        widths[max(able, key=widths.__getitem__)] -= 1
    return widths
