"""Figures as text: curves in braille dots, or in ASCII, between two axes.

A character holds two by four dots. What stands for a mark replaces the dots of its character.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.plotting.figure import Axis, DrawnCurve, Figure, number, ticks
from gradcli.text import cells

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille character, by row and column."""

SYMBOLS = {
    "zero": "○", "minimum": "▽", "maximum": "△", "inflection": "◇", "kink": "◆", "jump": "●",
    "hole": "◌", "edge": "●", "vertical": "◆", "at": "✚", "saddle": "◇",
}  # fmt: skip
PLAIN = {
    "zero": "o", "minimum": "v", "maximum": "^", "inflection": "~", "kink": "<", "jump": "@",
    "hole": "?", "edge": "@", "vertical": "|", "at": "X", "saddle": "%",
}  # fmt: skip
LETTERS = "*+x#.:=&"
"""What draws curves in ASCII, one for each colour."""
COLORS = (36, 33, 35, 32, 31, 34)
ARROWS = "→↗↑↖←↙↓↘"
PLAIN_ARROWS = ">/^\\</v\\"


def draw(
    figure: Figure, width: int = 80, height: int = 20, *, ascii: bool = False, color: bool = False
) -> str:
    """The figure as lines of text no longer than `width`, the drawing itself `height` lines high."""
    rows = ticks(figure.y, max(2, height // 4))
    texts = {_row(figure.y, value, height): number(value) for value in rows}
    margin = max(map(len, texts.values()), default=1)
    columns = max(8, width - margin - 2)
    sheet = BrailleSheet(columns, height, ascii)
    _axes(sheet, figure)
    for line in figure.lines:
        _line(sheet, figure, line)
    _points(sheet, figure)
    for each in figure.arrows:
        sheet.put(
            _column(figure.x, each.x, columns),
            _row(figure.y, each.y, height),
            _arrow(each, figure, ascii),
            90,
        )
    for mark in figure.marks:
        symbol = (PLAIN if ascii else SYMBOLS)[mark.kind]
        sheet.put(_column(figure.x, mark.x, columns), _row(figure.y, mark.y, height), symbol, 1)
    bar, corner, rule = ("|", "+", "-") if ascii else ("┤", "└", "─")
    plain_bar = "|" if ascii else "│"
    found = [*_heading(figure, width, ascii, color)]
    for row, text in enumerate(sheet.lines(color)):
        label = texts.get(row, "")
        found.append(f"{label:>{margin}} {bar if label else plain_bar}{text}".rstrip())
    found.append(f"{'':>{margin}} {corner}{rule * columns}")
    found.append(_below(figure.x, columns, margin, width))
    return "\n".join([*found, *_notes(figure, width)]) + "\n"


class BrailleSheet:
    """Characters with dots in them."""

    def __init__(self, columns: int, rows: int, ascii: bool) -> None:
        self.columns, self.rows, self.ascii = columns, rows, ascii
        self.fine = (1, 1) if ascii else (2, 4)
        self.bits = np.zeros((rows, columns), np.int64)
        self.tint = np.zeros((rows, columns), np.int64)
        self.put_: dict[tuple[int, int], tuple[str, int]] = {}

    def dot(self, x: int, y: int, color: int) -> None:
        """Sets a dot; they are counted from the left and from the top."""
        across, down = self.fine
        column, row = x // across, y // down
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self.bits[row, column] |= 1 << 8 if self.ascii else DOTS[y % 4][x % 2]
            self.tint[row, column] = color + 1

    def put(self, column: int, row: int, text: str, code: int) -> None:
        """Sets a character."""
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self.put_[row, column] = (text, code)

    def under(self, column: int, row: int, text: str) -> None:
        """Sets a character where nothing else is."""
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self.put_.setdefault((row, column), (text, 0))

    def lines(self, color: bool) -> list[str]:
        """The rows as text."""
        found = []
        for row in range(self.rows):
            parts = []
            for column in range(self.columns):
                text, code = self._character(row, column)
                parts.append(f"\x1b[{code}m{text}\x1b[0m" if color and code else text)
            found.append("".join(parts) if color else "".join(parts).rstrip())
        return found

    def _character(self, row: int, column: int) -> tuple[str, int]:
        bits, tint = int(self.bits[row, column]), int(self.tint[row, column])
        placed = self.put_.get((row, column))
        if placed is not None and (placed[1] or not bits):
            return placed[0], 0 if placed[1] == 0 else placed[1]
        if not bits:
            return " ", 0
        code = COLORS[(tint - 1) % len(COLORS)]
        return (LETTERS[(tint - 1) % len(LETTERS)], code) if self.ascii else (chr(0x2800 + bits), code)


def _axes(sheet: BrailleSheet, figure: Figure) -> None:
    """The lines x = 0 and y = 0, where they are inside, and the poles."""
    level, upright, broken = ("-", "|", ":") if sheet.ascii else ("─", "│", "┊")
    if not figure.y.log and figure.y.low < 0 < figure.y.high:
        row = _row(figure.y, 0.0, sheet.rows)
        for column in range(sheet.columns):
            sheet.under(column, row, level)
    if not figure.x.log and figure.x.low < 0 < figure.x.high:
        column = _column(figure.x, 0.0, sheet.columns)
        for row in range(sheet.rows):
            sheet.under(column, row, upright)
    for pole in figure.poles:
        column = _column(figure.x, pole, sheet.columns)
        for row in range(sheet.rows):
            sheet.put_[row, column] = (broken, 0)


def _line(sheet: BrailleSheet, figure: Figure, line: DrawnCurve) -> None:
    across, down = sheet.columns * sheet.fine[0], sheet.rows * sheet.fine[1]
    every = 3 if line.role == "tangent" and not sheet.ascii else 1
    for x, y in line.parts:
        points = np.stack([figure.x.share(x) * (across - 1), (1 - figure.y.share(y)) * (down - 1)], 1)
        if len(points) == 1:
            points = np.repeat(points, 2, 0)
        count = 0
        for start, end in pairwise(points.tolist()):
            for at in _between(start, end, across, down):
                count += 1
                if count % every == 0 or every == 1:
                    sheet.dot(*at, line.color)


def _between(start: list[float], end: list[float], across: int, down: int) -> list[tuple[int, int]]:
    """The dots of a straight line, but for what is outside."""
    clipped = clip(start, end, (-0.5, -0.5, across - 0.5, down - 0.5))
    if clipped is None:
        return []
    (x0, y0), (x1, y1) = clipped
    steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 1
    return [
        (round(x0 + (x1 - x0) * at / steps), round(y0 + (y1 - y0) * at / steps)) for at in range(steps + 1)
    ]


def clip(
    start: Any, end: Any, frame: tuple[float, float, float, float]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a straight line inside a frame (left, top, right, bottom), or None (Liang and Barsky)."""
    (x0, y0), (x1, y1) = start, end
    if not np.isfinite([x0, y0, x1, y1]).all():
        return None
    dx, dy = x1 - x0, y1 - y0
    first, last = 0.0, 1.0
    left, top, right, bottom = frame
    for step, room in ((-dx, x0 - left), (dx, right - x0), (-dy, y0 - top), (dy, bottom - y0)):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            first = max(first, room / step)
        else:
            last = min(last, room / step)
    if first > last:
        return None
    return (x0 + first * dx, y0 + first * dy), (x0 + last * dx, y0 + last * dy)


def _points(sheet: BrailleSheet, figure: Figure) -> None:
    if figure.points is not None:
        for x, y in figure.points.tolist():
            column, row = _column(figure.x, x, sheet.columns), _row(figure.y, y, sheet.rows)
            sheet.put(column, row, "o" if sheet.ascii else "•", 31)


def _column(axis: Axis, x: float, columns: int) -> int:
    share = float(axis.share(x))
    return int(share * (2 * columns - 1) + 0.5) // 2 if np.isfinite(share) else -1


def _row(axis: Axis, y: float, rows: int) -> int:
    share = float(axis.share(y))
    return int((1 - share) * (4 * rows - 1) + 0.5) // 4 if np.isfinite(share) else -1


def _arrow(arrow: Any, figure: Figure, ascii: bool) -> str:
    across = arrow.dx / (figure.x.high - figure.x.low) * 2
    up = arrow.dy / (figure.y.high - figure.y.low)
    if not across and not up:
        return "." if ascii else "·"
    turn = round(float(np.arctan2(up, across)) / (np.pi / 4)) % 8
    return (PLAIN_ARROWS if ascii else ARROWS)[turn]


def _heading(figure: Figure, width: int, ascii: bool, color: bool) -> list[str]:
    """The legend where there is more than one curve, else the title."""
    named = [line for line in figure.lines if line.label and line.role != "level"]
    if len(named) <= 1:
        return [shortened(figure.title, width)]
    found = []
    for line in named:
        sign = LETTERS[line.color % len(LETTERS)] * 2 if ascii else "━━"
        code = COLORS[line.color % len(COLORS)]
        sign = f"\x1b[{code}m{sign}\x1b[0m" if color else sign
        found.append(f"{sign} {shortened(line.label, width - 3)}")
    return found


def shortened(text: str, width: int) -> str:
    """A text no longer than `width`."""
    return cells.cut(text, max(2, width))


def _below(axis: Axis, columns: int, margin: int, width: int) -> str:
    """The numbers below the drawing, as many as there is room for."""
    line = [" "] * width
    end = -1
    for value in ticks(axis, max(2, columns // 12)):
        text = number(value)
        start = margin + 2 + _column(axis, value, columns) - len(text) // 2
        start = min(start, width - len(text))
        if start > end and start >= 0:
            line[start : start + len(text)] = text
            end = start + len(text) + 1
    name = axis.label
    if end + len(name) + 1 < width:
        line[width - len(name) :] = name
    return "".join(line).rstrip()


def _notes(figure: Figure, width: int) -> list[str]:
    from textwrap import wrap

    indent = min(2 + max((len(heading) for heading, _ in figure.notes), default=0), 24)
    found = []
    for heading, text in figure.notes:
        first = f"{heading:<{indent - 2}}  "
        found += wrap(
            text, max(20, width), initial_indent=first, subsequent_indent=" " * indent, break_long_words=False
        )
    return found
