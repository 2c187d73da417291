"""Pictures as JSON: boxes with everything that is known of them, arrows, and where the SVG has them."""

from __future__ import annotations

import json

from gradcli.graphs.canvas.svg import SvgSheet
from gradcli.graphs.picture import Box, Picture


def draw(picture: Picture) -> str:
    """`{"title", "boxes": [...], "arrows": [[from, to], ...], "folded"}`."""
    layout = SvgSheet(picture).layout
    boxes = []
    for number, box in enumerate(picture.boxes):
        known = {field: getattr(box, field) for field in Box.fields}
        boxes.append(
            {"id": number, **known, "x": round(layout.x[number], 2), "y": round(layout.y[number], 2)}
        )
    found = {"title": picture.title, "boxes": boxes, "arrows": picture.arrows, "folded": picture.folded}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
