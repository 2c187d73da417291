"""What draws a figure: each file turns a `Figure` into text or bytes of one format.

`DRAWN` names them by the endings of file names. To add a format, write a file with
`draw(figure) -> str | bytes` and a row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.plotting.figure import Figure

DRAWN = {
    "svg": "gradcli.plotting.canvas.svg",
    "html": "gradcli.plotting.canvas.html",
    "csv": "gradcli.plotting.canvas.table",
    "png": "gradcli.plotting.canvas.png",
    "txt": "gradcli.plotting.canvas.braille",
}


def drawn(figure: Figure, ending: str) -> str | bytes:
    """The figure in the format of this ending, which is one of `DRAWN`."""
    found: str | bytes = import_module(DRAWN[ending]).draw(figure)
    return found
