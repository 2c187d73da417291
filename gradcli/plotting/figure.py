"""The model of a picture: what is to be seen, in the user's own coordinates. The canvases draw it.

Also what is said below it: each feature with its numbers, as lines of text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.record import Record

Array = np.ndarray[Any, np.dtype[Any]]


FARTHEST = 1e300
"""The largest number that an axis has, and one over its shortest length."""


class Axis(Record):
    """A direction of the picture: its name, its range, and whether equal steps are equal factors."""

    label: str
    low: float
    high: float
    log: bool = False

    def share(self, value: Any) -> Any:
        """Where values lie between both ends: 0 at `low`, 1 at `high`; arrays too, nan and infinities stay.

        Far beyond the picture all are as far, so that canvases can count in pixels.
        """
        with np.errstate(all="ignore"):
            if self.log:
                found = np.log(np.divide(value, self.low)) / np.log(self.high / self.low)
            else:
                found = (np.asarray(value) - self.low) / (self.high - self.low)
            return np.where(np.isfinite(found), np.clip(found, -FARTHEST, FARTHEST), found)


class DrawnCurve(Record):
    """A curve.

    Attributes:
        label: its name in the legend, or empty.
        role: `curve`, `derivative`, `tangent` or `level`; canvases draw them apart.
        color: a number; equal numbers, equal colours.
        parts: arrays x and y of equal length; between two parts nothing is drawn.
        slopes: the derivative at the points of each part where it is known.
    """

    label: str
    role: str
    color: int
    parts: list[tuple[Array, Array]]
    slopes: list[Array | None] | None = None


class Mark(Record):
    """A point with a name: its kind is one of `gradcli.plotting.features`, or `at`."""

    kind: str
    x: float
    y: float
    text: str
    color: int = 0


class Arrow(Record):
    """A direction at a point, with its size among all arrows from 0 to 1."""

    x: float
    y: float
    dx: float
    dy: float
    size: float


class Figure(Record):
    """Everything that is to be seen.

    Attributes:
        title: the programs.
        x, y: the axes.
        lines: curves, in the order in which they are drawn.
        marks: points with a name.
        poles: where a vertical rule shows that the curve leaves the picture.
        points: data points, shape (N, 2), or None.
        arrows: directions.
        notes: what is said below, a line each: a heading and the text.
    """

    title: str
    x: Axis
    y: Axis
    lines: list[DrawnCurve]
    marks: list[Mark]
    poles: list[float]
    points: Array | None
    arrows: list[Arrow]
    notes: list[tuple[str, str]]

    def __init__(self, title: str, x: Axis, y: Axis) -> None:
        self.title, self.x, self.y = title, x, y
        self.lines, self.marks, self.poles, self.arrows, self.notes = [], [], [], [], []
        self.points = None


def number(value: float, digits: int = 6) -> str:
    """A number as people write it: `-1.73205`, `0`, `1e-09`."""
    if value == 0:
        return "0"
    text = f"{value:.{digits}g}"
    return text if float(text) == 0 or "e" not in text else text.replace("e-0", "e-").replace("e+0", "e")


def ticks(axis: Axis, about: int) -> list[float]:
    """Round numbers inside the range of an axis, about so many."""
    if axis.log:
        first, last = np.ceil(np.log10(axis.low) - 1e-9), np.floor(np.log10(axis.high) + 1e-9)
        step = max(1, int(np.ceil((last - first) / max(1, about))))
        powers = [10.0**each for each in np.arange(first, last + 1, step)]
        if len(powers) >= 2:
            return powers
    span = axis.high - axis.low
    raw = span / max(1, about)
    base = 10.0 ** np.floor(np.log10(raw))
    step = base * min((1, 2, 5, 10), key=lambda each: abs(np.log(each * base / raw)))
    first, last = np.ceil(axis.low / step - 1e-9), np.floor(axis.high / step + 1e-9)
    return [float(f"{each * step:.12g}") + 0.0 for each in np.arange(first, last + 1)]
