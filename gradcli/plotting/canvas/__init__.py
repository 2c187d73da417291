"""What draws a figure: each file turns a `Figure` into text or bytes of one format.

`DRAWN` names them by the endings of file names. To add a format, write a file with
`draw(figure) -> str | bytes` and a row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError

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
    """The figure in the format of this ending.

    Raises:
        GradcliError: `bad-argument`, for an ending that is none of `DRAWN`.
    """
    if ending not in DRAWN:
        raise GradcliError(
            "bad-argument",
            f"no picture ends in .{ending}",
            hint=f"one of {', '.join('.' + each for each in DRAWN)}",
        )
    found: str | bytes = import_module(DRAWN[ending]).draw(figure)
    return found
