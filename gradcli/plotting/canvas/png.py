"""Figures as PNG."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from gradcli.plotting.canvas import svg
from gradcli.plotting.canvas.braille import clip, shortened
from gradcli.plotting.figure import Figure, number, ticks
from gradcli.text import pillow

SCALE = 2
"""Pixels for each of the SVG's."""
SMOOTH = 2
"""How much larger lines are drawn, to be made smooth by shrinking."""
COLORS = ("#1366d6", "#c2410c", "#047857", "#9333ea", "#be123c", "#0e7490")


def draw(figure: Figure) -> bytes:
    """The figure as a PNG.

    Raises:
        GradcliError: `io`, where Pillow is not installed.
    """
    frame = svg.Frame(figure)
    factor = SCALE * SMOOTH
    image, pen = pillow.canvas(svg.WIDTH * factor, frame.height * factor)

    def line(points: list[tuple[float, float]], color: str, width: float) -> None:
        pen.line([(x * factor, y * factor) for x, y in points], fill=color, width=max(1, int(width * factor)))

    _scales(frame, line)
    _lines(frame, line)
    for mark in figure.marks:
        x, y = float(frame.across(mark.x)), float(frame.down(mark.y))
        if frame.left <= x <= frame.right and frame.top <= y <= frame.bottom:
            box = [(x - 4) * factor, (y - 4) * factor, (x + 4) * factor, (y + 4) * factor]
            pen.ellipse(box, fill=COLORS[mark.color % 6], outline="white", width=factor)
    if figure.points is not None:
        for x, y in zip(frame.across(figure.points[:, 0]), frame.down(figure.points[:, 1]), strict=True):
            if frame.left <= x <= frame.right and frame.top <= y <= frame.bottom:
                pen.ellipse(
                    [(x - 3) * factor, (y - 3) * factor, (x + 3) * factor, (y + 3) * factor], fill=COLORS[4]
                )
    image, pen = pillow.shrunk(image, SMOOTH)
    font = pillow.font(11 * SCALE)
    for x, y, text, anchor in _texts(frame):
        pen.text((x * SCALE, y * SCALE), text, fill="#1a1d21", font=font, anchor=anchor)
    return pillow.png(image)


def _scales(frame: svg.Frame, line: Any) -> None:
    figure = frame.figure
    for value in ticks(figure.x, 8):
        x = float(frame.across(value))
        line([(x, frame.top), (x, frame.bottom)], "#9aa3ad" if value == 0 else "#d9dde3", 0.6)
    for value in ticks(figure.y, 6):
        y = float(frame.down(value))
        line([(frame.left, y), (frame.right, y)], "#9aa3ad" if value == 0 else "#d9dde3", 0.6)
    box = [
        (frame.left, frame.top),
        (frame.right, frame.top),
        (frame.right, frame.bottom),
        (frame.left, frame.bottom),
    ]
    line([*box, box[0]], "#6b7280", 0.8)


def _lines(frame: svg.Frame, line: Any) -> None:
    figure = frame.figure
    box = (frame.left, frame.top, frame.right, frame.bottom)
    for pole in figure.poles:
        x = float(frame.across(pole))
        for y in np.arange(frame.top, frame.bottom, 7.0):
            line([(x, y), (x, min(frame.bottom, y + 3))], "#9aa3ad", 0.8)
    for each in figure.lines:
        width = {"curve": 2.0, "derivative": 1.4}.get(each.role, 1.0)
        for xs, ys in each.parts:
            points = np.stack([frame.across(xs), frame.down(ys)], 1).tolist()
            for start, end in pairwise(points):
                inside = clip(start, end, box)
                if inside is not None:
                    line(list(inside), COLORS[each.color % 6], width)
    for arrow in figure.arrows:
        x, y = float(frame.across(arrow.x)), float(frame.down(arrow.y))
        dx, dy = float(frame.across(arrow.x + arrow.dx)) - x, float(frame.down(arrow.y + arrow.dy)) - y
        size = float(np.hypot(dx, dy)) or 1.0
        length = (6 + 16 * arrow.size) / size
        line([(x, y), (x + dx * length, y + dy * length)], "#6b7280", 0.9)


def _texts(frame: svg.Frame) -> list[tuple[float, float, str, str]]:
    figure = frame.figure
    found = [(float(svg.LEFT), 14.0, shortened(figure.title, 90), "lm")]
    legend = [line for line in figure.lines if line.label and line.role != "level"]
    if len(legend) > 1:
        for row, each in enumerate(legend):
            found.append((svg.LEFT + 36.0, float(svg.TOP + svg.ROW * row), shortened(each.label, 90), "lm"))
    for value in ticks(figure.x, 8):
        found.append((float(frame.across(value)), frame.bottom + 12, number(value), "mm"))
    for value in ticks(figure.y, 6):
        found.append((svg.LEFT - 8.0, float(frame.down(value)), number(value), "rm"))
    for row, text in enumerate(frame.notes):
        found.append((float(svg.LEFT), frame.bottom + 42 + svg.ROW * row, text, "lm"))
    return found
