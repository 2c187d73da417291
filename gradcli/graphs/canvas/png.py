"""Pictures as PNG."""

from __future__ import annotations

from typing import Any

from gradcli.graphs.canvas import svg
from gradcli.graphs.picture import Picture
from gradcli.text import pillow

SCALE = 2
FILLS = {"leaf": "#e3f0ff", "root": "#e8f7ec", "constant": "#ffffff", "call": "#f3f5f8", "fold": "#f3f5f8"}


def draw(picture: Picture) -> bytes:
    """The picture as a PNG.

    Raises:
        GradcliError: `io`, where Pillow is not installed.
    """
    sheet = svg.SvgSheet(picture)
    image, pen = pillow.canvas(int(sheet.width * SCALE), int(sheet.height * SCALE))
    font = pillow.font(12 * SCALE)
    for forward in (True, False) if sheet.backward else (True,):
        ink = "#6b7280" if forward else "#b45309"
        for at, (start, stop) in enumerate(picture.arrows):
            if forward or (picture.boxes[start].gradient and picture.boxes[stop].gradient):
                _arrow(pen, [(x * SCALE, y * SCALE) for x, y in sheet.way(at, forward=forward)], ink)
        for number, box in enumerate(picture.boxes):
            if not forward and not box.gradient:
                continue
            x, y = (each * SCALE for each in sheet.place(number, forward=forward))
            half, tall = (each * SCALE / 2 for each in sheet.sizes[number])
            outline = "#be123c" if "cut" in box.marks else ink
            frame = [x - half, y - tall, x + half, y + tall]
            width = 4 if box.kind in ("root", "fold") else 2
            pen.rounded_rectangle(frame, 8, FILLS[box.kind] if forward else "white", outline, width)
            lines = svg.forward_lines(box) if forward else svg.backward_lines(box)
            for row, line in enumerate(lines):
                place = (x, y + (row - (len(lines) - 1) / 2) * svg.ROW * SCALE)
                pen.text(place, line, "#1a1d21" if not row else "#6b7280", font, anchor="mm")
    return pillow.png(image)


def _arrow(pen: Any, points: list[tuple[float, float]], ink: str) -> None:
    pen.line(points, fill=ink, width=2)
    (_, y0), (x, y) = points[-2:]
    up = 1 if y < y0 else -1
    pen.polygon([(x, y), (x - 8, y + 12 * up), (x + 8, y + 12 * up)], fill=ink)
