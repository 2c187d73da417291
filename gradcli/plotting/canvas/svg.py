"""Figures as SVG: text stays text, colours follow the reader's light or dark theme, parts have titles."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.plotting.canvas.braille import clip, shortened
from gradcli.plotting.figure import DrawnCurve, Figure, number, ticks

Array = np.ndarray[Any, np.dtype[Any]]

WIDTH, HEIGHT = 720, 420
LEFT, TOP, RIGHT, ROW = 64, 44, 16, 17

STYLE = """
.g{--p:#fff;--t:#1a1d21;--m:#6b7280;--r:#d9dde3;--c0:#1366d6;--c1:#c2410c;--c2:#047857;--c3:#9333ea;
--c4:#be123c;--c5:#0e7490;font:12px ui-sans-serif,system-ui,sans-serif;fill:var(--t)}
@media (prefers-color-scheme:dark){.g{--p:#14171a;--t:#e6e8eb;--m:#9aa3ad;--r:#343a41;--c0:#6aa8ff;
--c1:#ff9b62;--c2:#4ad2a0;--c3:#c79bff;--c4:#ff8fa3;--c5:#5fd0e3}}
.g .paper{fill:var(--p)}.g .rule{stroke:var(--r);stroke-width:1}.g .zero{stroke:var(--m);stroke-width:1}
.g .frame{fill:none;stroke:var(--m)}.g .small{fill:var(--m);font-size:11px}
.g .title{font-size:13px;font-weight:600}
.g path{fill:none;stroke-width:2;stroke-linejoin:round}.g .derivative{stroke-dasharray:7 4}
.g .tangent{stroke-dasharray:2 4;stroke-width:1.5}.g .level{stroke-width:1.2}
.g .pole{stroke:var(--m);stroke-dasharray:3 4}.g .mark{stroke:var(--p);stroke-width:1.5}
.g .arrow{stroke:var(--m);stroke-width:1.2}.g .data{fill:var(--c4);fill-opacity:.7}
"""


class Frame:
    """Where things stand on the sheet, in pixels."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.left, self.right = float(LEFT), float(WIDTH - RIGHT)
        legend = _legend_lines(figure)
        self.top = float(TOP + ROW * (len(legend) if len(legend) > 1 else 0))
        self.bottom = self.top + HEIGHT - 84
        self.notes = _wrapped(figure)
        self.height = int(self.bottom + 46 + ROW * len(self.notes))

    def across(self, value: Any) -> Any:
        """Pixels from the left."""
        return self.left + self.figure.x.share(value) * (self.right - self.left)

    def down(self, value: Any) -> Any:
        """Pixels from the top."""
        return self.bottom - self.figure.y.share(value) * (self.bottom - self.top)


def draw(figure: Figure) -> str:
    """The figure as one SVG document."""
    frame = Frame(figure)
    said = "; ".join(f"{heading}: {text}" for heading, text in figure.notes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="g" viewBox="0 0 {WIDTH} {frame.height}" '
        f'width="{WIDTH}" height="{frame.height}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">{escape(figure.title)}</title>\n<desc id="desc">{escape(said)}</desc>\n'
        f"<style>{STYLE}</style>\n" + "\n".join(_parts(frame)) + "\n</svg>\n"
    )


def _parts(frame: Frame) -> list[str]:
    figure = frame.figure
    box = (frame.left, frame.top, frame.right, frame.bottom)
    found = [f'<rect class="paper" width="{WIDTH}" height="{frame.height}"/>']
    found += _heading(frame)
    found += _scales(frame)
    for pole in figure.poles:
        x = _px(frame.across(pole))
        found.append(
            f'<line class="pole" x1="{x}" x2="{x}" y1="{_px(frame.top)}" y2="{_px(frame.bottom)}">'
            f"<title>pole at {number(pole, 10)}</title></line>"
        )
    found += [_curve(frame, line, box) for line in figure.lines]
    found += _arrows(frame)
    if figure.points is not None:
        for x, y in figure.points.tolist():
            if figure.x.low <= x <= figure.x.high and figure.y.low <= y <= figure.y.high:
                found.append(
                    f'<circle class="data" cx="{_px(frame.across(x))}" cy="{_px(frame.down(y))}" r="3"/>'
                )
    for mark in figure.marks:
        if figure.y.low <= mark.y <= figure.y.high and figure.x.low <= mark.x <= figure.x.high:
            color = f"var(--c{mark.color % 6})"
            found.append(
                f'<circle class="mark" cx="{_px(frame.across(mark.x))}" cy="{_px(frame.down(mark.y))}" r="4" '
                f'style="fill:{color}"><title>{escape(f"{mark.kind}: {mark.text}")}</title></circle>'
            )
    for row, text in enumerate(frame.notes):
        y = int(frame.bottom + 46 + ROW * row)
        found.append(f'<text class="small" x="{LEFT}" y="{y}" xml:space="preserve">{escape(text)}</text>')
    return found


def _px(value: float) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def _legend_lines(figure: Figure) -> list[DrawnCurve]:
    return [line for line in figure.lines if line.label and line.role != "level"]


def _heading(frame: Frame) -> list[str]:
    figure = frame.figure
    found = [f'<text class="title" x="{LEFT}" y="20">{escape(shortened(figure.title, 90))}</text>']
    legend = _legend_lines(figure)
    if len(legend) > 1:
        for row, line in enumerate(legend):
            y = TOP - 4 + ROW * row
            found.append(
                f'<path class="{line.role}" d="M{LEFT} {y - 4}h28" style="stroke:var(--c{line.color % 6})"/>'
                f'<text x="{LEFT + 36}" y="{y}">{escape(shortened(line.label, 90))}</text>'
            )
    return found


def _scales(frame: Frame) -> list[str]:
    figure = frame.figure
    left, right, top, bottom = (_px(each) for each in (frame.left, frame.right, frame.top, frame.bottom))
    found = []
    for value in ticks(figure.x, 8):
        x = _px(frame.across(value))
        kind = "zero" if value == 0 and not figure.x.log else "rule"
        found.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>')
        found.append(
            f'<text class="small" x="{x}" y="{_px(frame.bottom + 16)}" text-anchor="middle">'
            f"{number(value)}</text>"
        )
    for value in ticks(figure.y, 6):
        y = _px(frame.down(value))
        kind = "zero" if value == 0 and not figure.y.log else "rule"
        found.append(f'<line class="{kind}" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
        found.append(
            f'<text class="small" x="{LEFT - 8}" y="{_px(frame.down(value) + 4)}" text-anchor="end">'
            f"{number(value)}</text>"
        )
    size = f'width="{_px(frame.right - frame.left)}" height="{_px(frame.bottom - frame.top)}"'
    found.append(f'<rect class="frame" x="{left}" y="{top}" {size}/>')
    name = escape(figure.x.label)
    found.append(f'<text x="{right}" y="{_px(frame.bottom + 32)}" text-anchor="end">{name}</text>')
    if figure.y.label:
        found.append(
            f'<text x="{LEFT}" y="{_px(frame.top - 4)}">{escape(shortened(figure.y.label, 60))}</text>'
        )
    return found


def _curve(frame: Frame, line: DrawnCurve, box: tuple[float, float, float, float]) -> str:
    commands = []
    for x, y in line.parts:
        points = np.stack([frame.across(x), frame.down(y)], 1).tolist()
        last: tuple[float, float] | None = None
        for start, end in pairwise(points):
            inside = clip(start, end, box)
            if inside is None:
                last = None
                continue
            if last != inside[0]:
                commands.append(f"M{_px(inside[0][0])} {_px(inside[0][1])}")
            commands.append(f"L{_px(inside[1][0])} {_px(inside[1][1])}")
            last = inside[1]
    color = f"var(--c{0 if line.role == 'level' else line.color % 6})"
    if line.role == "level":
        color += f";stroke-opacity:{0.25 + 0.075 * line.color:.3g}"
    title = f"<title>{escape(line.label)}</title>" if line.label else ""
    return f'<path class="{line.role}" d="{"".join(commands)}" style="stroke:{color}">{title}</path>'


def _arrows(frame: Frame) -> list[str]:
    found = []
    for each in frame.figure.arrows:
        x, y = float(frame.across(each.x)), float(frame.down(each.y))
        dx = float(frame.across(each.x + each.dx)) - x
        dy = float(frame.down(each.y + each.dy)) - y
        size = float(np.hypot(dx, dy))
        if not size or not np.isfinite(size):
            continue
        length = 6 + 16 * each.size
        dx, dy = dx / size * length, dy / size * length
        head = [
            (x + dx - (dx * c - dy * s) * 0.35, y + dy - (dx * s + dy * c) * 0.35)
            for c, s in ((0.87, 0.5), (0.87, -0.5))
        ]
        found.append(
            f'<path class="arrow" d="M{_px(x)} {_px(y)}L{_px(x + dx)} {_px(y + dy)}'
            f"M{_px(head[0][0])} {_px(head[0][1])}L{_px(x + dx)} {_px(y + dy)}"
            f'L{_px(head[1][0])} {_px(head[1][1])}"/>'
        )
    return found


def _wrapped(figure: Figure) -> list[str]:
    from textwrap import wrap

    found = []
    for heading, text in figure.notes:
        found += wrap(f"{heading}: {text}", 108, subsequent_indent="    ", break_long_words=False)
    return found
