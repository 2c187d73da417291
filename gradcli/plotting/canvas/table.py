"""The samples of a figure as CSV: what is drawn, for other programs."""

from __future__ import annotations

import csv
from io import StringIO

from gradcli.plotting.figure import Array, Figure


def draw(figure: Figure) -> str:
    """A line for each point of each curve: its name, x, y and the slope where it is known."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["curve", figure.x.label or "x", "y", "slope"])
    for line in figure.lines:
        slopes: list[Array | None] = line.slopes or [None] * len(line.parts)
        for (x, y), slope in zip(line.parts, slopes, strict=True):
            for at in range(len(x)):
                known = "" if slope is None else repr(float(slope[at]))
                writer.writerow([line.label or line.role, repr(float(x[at])), repr(float(y[at])), known])
    return out.getvalue()
