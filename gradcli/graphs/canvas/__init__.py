"""What draws a picture: each file has `draw(picture) -> str | bytes` for one format; `DRAWN` names them by
ending."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.graphs.picture import Picture

DRAWN = {
    "svg": "gradcli.graphs.canvas.svg",
    "html": "gradcli.graphs.canvas.html",
    "png": "gradcli.graphs.canvas.png",
    "dot": "gradcli.graphs.canvas.dot",
    "mmd": "gradcli.graphs.canvas.mermaid",
    "json": "gradcli.graphs.canvas.data",
}
"""The module for each ending; the terminal's is `text`."""


def drawn(picture: Picture, ending: str) -> str | bytes:
    """The picture in the format of this ending, which is one of `DRAWN`."""
    found: str | bytes = import_module(DRAWN[ending]).draw(picture)
    return found
