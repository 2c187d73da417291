"""A function of two inputs as a figure: contours, arrows of the gradient, and the places where it is zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.evaluation.many import Many
from gradcli.evaluation.run import Ran
from gradcli.plotting.along import roots_of, scalar_labels
from gradcli.plotting.figure import Arrow, Axis, DrawnCurve, Figure, Mark, number
from gradcli.plotting.sampling import simplest
from gradcli.tape.primitives import zeros_of
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options
    from gradcli.tape.node import Node

Array = np.ndarray[Any, np.dtype[Any]]

NEWTON = 40


@np.errstate(all="ignore")  # inf and nan are answers here
def surface(
    source: str,
    names: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    options: Options,
    *,
    columns: int = 181,
    rows: int = 137,
    cuts: int = 10,
    arrows: tuple[int, int] = (13, 9),
) -> Figure:
    """The figure of one program along two inputs.

    Args:
        source: the program.
        names, ranges: the inputs, the one that goes to the right first, and from where to where.
        options: the other inputs, roots and limits.
        columns, rows: how many points are evaluated in each direction.
        cuts: about how many levels are drawn.
        arrows: how many arrows stand in each direction.

    Raises:
        GradcliError: as `gradcli.evaluate`, and `bad-argument` for a root that is no scalar.
    """
    field = Surface(source, names, options, tuple(low + 0.5123 * (high - low) for low, high in ranges))
    (left, right), (bottom, top) = ranges
    x, y = np.linspace(left, right, columns), np.linspace(bottom, top, rows)
    grid = np.stack([each.ravel() for each in np.meshgrid(x, y)], 1)
    values, gradients, _ = field.at(grid)
    height = values.reshape(rows, columns)
    figure = Figure(" ".join(source.split()), Axis(names[0], left, right), Axis(names[1], bottom, top))
    shown = levels(height, cuts)
    for number_, level in enumerate(shown):
        parts = contour(x, y, height, level)
        if parts:
            figure.lines.append(DrawnCurve(f"{field.label} = {number(level)}", "level", number_, parts))
    if shown:
        figure.notes.append(("levels", ", ".join(map(number, shown))))
    figure.notes += _missing(height, field)
    _arrows(figure, field, ranges, arrows)
    _critical(figure, field, grid, gradients.reshape(rows, columns, 2), ranges)
    return figure


def _missing(height: Array, field: Surface) -> Iterator[tuple[str, str]]:
    """Why a picture has no contours or no arrows."""
    finite = height[np.isfinite(height)]
    if not finite.size:
        yield "nowhere", f"{field.label} has no finite value there"
    elif finite.min() == finite.max():
        yield "constant", f"{field.label} = {number(float(finite[0]))} all over"
    if finite.size < height.size and finite.size:
        yield "left out", f"{field.label} is not finite in {1 - finite.size / height.size:.0%} of the picture"
    if field.left_out:
        yield "left out", f"{', '.join(field.left_out)}: a picture of two inputs shows one number"
    if field.cut:
        yield "no gradient", f"{field.label} has none: it was cut off, as by a comparison or detach"


class Surface:
    """A program of two inputs: its value, gradient and Hessian at many points."""

    def __init__(self, source: str, names: Sequence[str], options: Options, start: Sequence[float]) -> None:
        self.names = names
        self.many = Many(source, options.replaced(wrt=list(names)), self._wanted)
        self.many.record(dict(zip(names, map(np.float64, start), strict=True)))

    def _wanted(self, ran: Ran) -> list[Node]:
        labels = scalar_labels(ran, self.names)
        roots = roots_of(ran)
        sloping = {name: each for name, each in roots.items() if each.requires_grad} or roots
        if len(sloping) != 1 or next(iter(sloping.values())).node.size != 1:
            raise GradcliError(
                "bad-argument",
                f"a picture of two inputs shows one number, not {len(labels)}",
                hint="name a scalar with --root, or sum them",
            )
        ((self.label, tensor),) = sloping.items()
        self.left_out = [name for name in roots if name not in sloping]
        self.cut = not tensor.requires_grad
        root, leaves = tensor.node, [ran.target(name).node for name in self.names]
        gradients = _gradient(root, leaves)
        return [root, *gradients, *(each for above in gradients for each in _gradient(above, leaves))]

    def at(self, points: Array) -> tuple[Array, Array, Array]:
        """Values (N,), gradients (N, 2), Hessians (N, 2, 2) at points (N, 2); nan where the program fails."""
        whole = np.full((len(points), 7), np.nan)
        found = self.many(dict(zip(self.names, points.T, strict=True)), len(points))
        if found.failed and not found.values:
            raise next(iter(found.failed.values()))
        for _, rows, values in found.values:
            whole[rows] = np.stack([np.asarray(value, np.float64).reshape(-1) for value in values], 1)
        return whole[:, 0], whole[:, 1:3], whole[:, 3:].reshape(-1, 2, 2)


def _gradient(root: Node, leaves: Sequence[Node]) -> list[Node]:
    found = reverse([root], [ones_like(root)], leaves)
    return [zeros_of(leaf) if each is None else each for each, leaf in zip(found, leaves, strict=True)]


def levels(height: Array, cuts: int) -> list[float]:
    """Round numbers that cut the values into about equal parts."""
    finite = height[np.isfinite(height)]
    if not finite.size or finite.min() == finite.max():
        return []
    found = []
    for value in np.quantile(finite, np.linspace(0.03, 0.97, cuts)):
        level = float(f"{value:.1e}")
        if finite.min() < level < finite.max() and level not in found:
            found.append(level)
    return sorted(found) or [float(finite.min() / 2 + finite.max() / 2)]


def contour(x: Array, y: Array, height: Array, level: float) -> list[tuple[Array, Array]]:
    """The lines of one level: each cell that it crosses gives a piece, and pieces are joined."""
    above = height > level
    corners = above[:-1, :-1].astype(int) + above[:-1, 1:] * 2 + above[1:, 1:] * 4 + above[1:, :-1] * 8
    finite = np.isfinite(height)
    whole = finite[:-1, :-1] & finite[:-1, 1:] & finite[1:, 1:] & finite[1:, :-1]
    pieces = []
    for row, column in np.argwhere((corners > 0) & (corners < 15) & whole).tolist():
        pieces += [
            (_edge(row, column, side[0]), _edge(row, column, side[1]))
            for side in SIDES[int(corners[row, column])]
        ]
    return [_traced(chain, x, y, height, level) for chain in chained(pieces)]


SIDES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 5: ((3, 0), (1, 2)), 6: ((0, 2),), 7: ((3, 2),),
    8: ((2, 3),), 9: ((0, 2),), 10: ((0, 1), (2, 3)), 11: ((1, 2),), 12: ((1, 3),), 13: ((0, 1),),
    14: ((3, 0),),
}  # fmt: skip
"""Which sides of a cell (0 below, 1 right, 2 above, 3 left) a level joins, by which corners are above it."""

Edge = tuple[int, int, int]


def _edge(row: int, column: int, side: int) -> Edge:
    """A side of a cell as row, column and direction (0 to the right, 1 upwards), the same for both cells."""
    return ((row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1))[side]


def chained(pieces: list[tuple[Edge, Edge]]) -> list[list[Edge]]:
    """Pieces that share an end, joined to chains."""
    beside: dict[Edge, list[Edge]] = {}
    for first, second in pieces:
        beside.setdefault(first, []).append(second)
        beside.setdefault(second, []).append(first)
    found = []
    for start in [*(edge for edge, near in beside.items() if len(near) == 1), *list(beside)]:
        while beside.get(start):
            chain = [start]
            while beside.get(chain[-1]):
                after = beside[chain[-1]].pop()
                beside[after].remove(chain[-1])
                chain.append(after)
            found.append(chain)
    return found


def _traced(chain: list[Edge], x: Array, y: Array, height: Array, level: float) -> tuple[Array, Array]:
    points = []
    for row, column, upwards in chain:
        ahead = (row + 1, column) if upwards else (row, column + 1)
        first, second = height[row, column], height[ahead]
        share = (level - first) / (second - first)
        points.append(
            (
                x[column] + (0 if upwards else share * (x[column + 1] - x[column])),
                y[row] + (share * (y[row + 1] - y[row]) if upwards else 0),
            )
        )
    found = np.asarray(points, np.float64)
    return found[:, 0], found[:, 1]


def _arrows(
    figure: Figure, field: Surface, ranges: Sequence[tuple[float, float]], count: tuple[int, int]
) -> None:
    sides = [
        low + (high - low) * (np.arange(number_) + 0.5) / number_
        for (low, high), number_ in zip(ranges, count, strict=True)
    ]
    points = np.stack([each.ravel() for each in np.meshgrid(*sides)], 1)
    values, gradients, _ = field.at(points)
    sizes = np.where(np.isfinite(values), np.hypot(*gradients.T), np.nan)
    finite = sizes[np.isfinite(sizes)]
    most = float(finite.max()) if finite.size else 0.0
    for (x, y), (dx, dy), size in zip(points.tolist(), gradients.tolist(), sizes.tolist(), strict=True):
        if most and np.isfinite(size) and size > 0:
            figure.arrows.append(Arrow(x, y, dx, dy, float(np.log1p(9 * size / most) / np.log(10))))


def _critical(
    figure: Figure, field: Surface, grid: Array, gradients: Array, ranges: Sequence[tuple[float, float]]
) -> None:
    """Minima, maxima and saddles: Newton's method from every cell in which both slopes may vanish."""
    signs = np.sign(gradients)
    corners = np.stack([signs[:-1, :-1], signs[:-1, 1:], signs[1:, 1:], signs[1:, :-1]])
    both = ((corners.min(0) <= 0) & (corners.max(0) >= 0)).all(-1)
    rows, columns, _ = gradients.shape
    at = np.argwhere(both)[:400]
    if not len(at):
        return
    low = np.asarray([each[0] for each in ranges])
    span = np.asarray([each[1] - each[0] for each in ranges])
    points = grid.reshape(rows, columns, 2)[at[:, 0], at[:, 1]] + span / (
        2 * np.asarray([columns - 1, rows - 1])
    )
    for _ in range(NEWTON):
        _, slopes, curvatures = field.at(points)
        with np.errstate(all="ignore"):
            step = np.linalg.pinv(np.nan_to_num(curvatures)) @ np.nan_to_num(slopes)[..., None]
        step = np.clip(step[..., 0], -span / 4, span / 4)
        points = points - step
        if (np.abs(step) <= 1e-15 * span).all():
            break
    values, slopes, curvatures = field.at(points)
    scale = np.nanmax(np.abs(gradients)) or 1.0
    good = (np.abs(slopes) <= 1e-9 * scale).all(1) & ((points >= low) & (points <= low + span)).all(1)
    found: list[Array] = []
    for point, value, curvature in zip(points[good], values[good], curvatures[good], strict=True):
        if any((np.abs(point - other) < 1e-6 * span).all() for other in found):
            continue
        found.append(point)
        eigenvalues = np.linalg.eigvalsh(curvature)
        kind = "minimum" if (eigenvalues > 0).all() else "maximum" if (eigenvalues < 0).all() else "saddle"
        if (np.abs(eigenvalues) <= 1e-9 * np.abs(eigenvalues).max()).any():
            continue  # flat: what it is cannot be told from second derivatives
        x, y = (
            simplest(each - 1e-13 * width, each + 1e-13 * width)
            for each, width in zip(point, span, strict=True)
        )
        text = f"({number(x, 10)}, {number(y, 10)}) {field.label} = {number(float(value), 10)}"
        figure.marks.append(Mark(kind, float(point[0]), float(point[1]), text))
        figure.notes.append((kind, text))
        if len(found) >= 12:
            break
