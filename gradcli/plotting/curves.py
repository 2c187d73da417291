"""Functions of one input as a figure: curves, derivatives, tangents, families, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.plotting.along import Along
from gradcli.plotting.features import Feature, features
from gradcli.plotting.figure import FARTHEST, Axis, DrawnCurve, Figure, Mark, number
from gradcli.plotting.sampling import Course, Sampler
from gradcli.syntax import tree
from gradcli.syntax.parser import parse

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options

Array = np.ndarray[Any, np.dtype[Any]]

LONE = 150
"""So many times as high as most of it, a derivative goes out of the picture."""

MOST_SAID = 8
"""So many places of a kind are named below a picture."""

HEADINGS = {
    "zero": "zeros",
    "minimum": "minima",
    "maximum": "maxima",
    "inflection": "inflections",
    "kink": "kinks",
    "jump": "jumps",
    "pole": "poles",
    "hole": "holes",
    "edge": "edges",
    "vertical": "vertical tangents",
}


class SampledProgram:
    """One program along the range, with what was found of it."""

    def __init__(
        self,
        source: str,
        name: str,
        options: Options,
        range_: tuple[float, float],
        orders: int,
        points: int,
        log: bool,
    ) -> None:
        low, high = range_
        self.source, self.name, self.orders = source, name, orders
        self.items = _items(source)
        self.along = Along(source, name, options, max(2, orders + 1), _inside(low, high, log), high - low)
        self.course: Course = Sampler(self.along, low, high, points, 1 / 400, log).course()
        self.features = features(self.along, self.course)

    def label(self, curve: int, alone: bool) -> str:
        """What a curve is called: its name in the program, or the text where it has none."""
        label = self.along.labels[curve]
        unnamed = label.startswith("result")
        if unnamed and not (alone and len(self.along.labels) == 1):
            first, bracket, rest = label.removeprefix("result[").partition("]")
            if bracket and first.isdigit() and int(first) < len(self.items):
                return self.items[int(first)] + rest
            return " ".join(self.source.split()) + label.removeprefix("result")
        return label

    def parts(self, curve: int, order: int) -> list[tuple[slice, Array, Array]]:
        """The pieces of a curve between its breaks: where it is finite and nothing cuts it."""
        samples = self.course.samples
        y = samples.y[order, curve]
        apart = np.zeros(len(y), bool)  # whether a line may not end at this sample from the left
        cutting = {"jump", "pole", "edge"} | ({"kink", "vertical"} if order else set())
        cuts = {each.x for each in self.features if each.curve == curve and each.kind in cutting}
        for each in self.course.breaks:
            if each.x in cuts:
                inside = (samples.x > each.left) & (samples.x <= each.right)
                apart |= inside
        holes = {each.x for each in self.features if each.curve == curve and each.kind == "hole"}
        y = y.copy()
        kept = np.isfinite(y)
        bridged = np.isin(samples.x, list(holes)) if holes else np.zeros(len(y), bool)
        found = []
        start = None
        for at in range(len(y) + 1):
            ends = at == len(y) or (not kept[at] and not bridged[at]) or apart[at]
            if ends and start is not None:
                part = slice(start, at)
                whole = kept[part]
                if whole.sum() > 1 or (whole.sum() == 1 and not apart[start]):
                    found.append((part, samples.x[part][whole], y[part][whole]))
                start = None
            if at < len(y) and start is None and kept[at]:
                start = at
        return found


def _items(source: str) -> list[str]:
    """The texts of the entries, where a program ends with a list that has no name."""
    last = parse(source).body[-1]
    value = last.value if isinstance(last, tree.ExpressionStatement) else None
    shown = value.items if isinstance(value, (tree.ListDisplay, tree.TupleDisplay)) else ()
    return [" ".join(source[each.span[0] : each.span[1]].split()) for each in shown]


def _inside(low: float, high: float, log: bool) -> float:
    """A value in the range that is no likely special one."""
    return float(np.sqrt(low * high)) if log else low + (high - low) * 0.5123


@np.errstate(all="ignore")  # inf and nan are answers here
def curves(
    sources: Sequence[str],
    name: str,
    range_: tuple[float, float],
    options: Options,
    *,
    orders: int = 0,
    at: Sequence[float] = (),
    families: Mapping[str, Sequence[float]] | None = None,
    points: Array | None = None,
    log: str = "",
    samples: int = 161,
) -> Figure:
    """The figure of one or more programs along one input.

    Args:
        sources: the programs.
        name, range_: the input, and from where to where.
        options: the other inputs, roots and limits of the programs.
        orders: how many derivatives are drawn.
        at: where tangents are drawn.
        families: for other inputs lists of values, a curve for each.
        points: data to draw over it, shape (N, 2).
        log: the axes that are logarithmic: `x`, `y`, `xy`.
        samples: how many points to begin with.

    Raises:
        GradcliError: as `gradcli.evaluate`.
    """
    low, high = range_
    if "x" in log and low <= 0:
        raise GradcliError("bad-argument", f"a logarithmic axis begins above 0, not at {low!r}")
    functions = []
    for source in sources:
        for suffix, changed in _family(options, families or {}):
            functions.append(
                (suffix, SampledProgram(source, name, changed, range_, orders, samples, "x" in log))
            )
    lines = [re.sub(r"\s*\n(?=\S)", "; ", source.strip()) for source in sources]
    title = "; ".join(dict.fromkeys([" ".join(line.split()) for line in lines]))
    figure = Figure(title, Axis(name, low, high, "x" in log), Axis("", 0.0, 1.0, "y" in log))
    alone = len(functions) == 1
    color, cut = 0, []
    for suffix, function in functions:
        for curve in range(len(function.along.labels)):
            label = function.label(curve, len(sources) == 1) + suffix
            _draw(figure, function, curve, label, color, orders)
            _tangents(figure, function, curve, label, color, at)
            single = alone and len(function.along.labels) == 1
            figure.notes += _said(function, curve, "" if single else label)
            figure.notes += _missing(function, curve, label, figure)
            cut += [label] if function.along.cut[curve] else []
            color += 1
    if cut:
        why = "a comparison, detach, no_grad, item or tensor(...) cut it off"
        figure.notes.append(("no gradient", f"of {', '.join(cut)} by {name}: {why}"))
    figure.y.label = figure.lines[0].label if alone and len(figure.lines) == 1 else ""
    figure.points = points
    figure.y.low, figure.y.high = _height(figure, [function for _, function in functions], orders)
    return figure


def _family(options: Options, families: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, Options]]:
    """The options for each member of a family, and what is added to its name."""
    members: list[dict[str, float]] = [{}]
    for name, values in families.items():
        members = [{**each, name: value} for each in members for value in values]
    if len(members) > 24:
        raise GradcliError("limit", f"{len(members)} members of a family are no picture: at most 24")
    for each in members:
        inputs = {**(options.inputs or {}), **{name: np.float64(value) for name, value in each.items()}}
        suffix = ", ".join(f"{name}={number(value)}" for name, value in each.items())
        yield f" ({suffix})" if suffix else "", options.replaced(inputs=inputs) if each else options


def _draw(figure: Figure, function: SampledProgram, curve: int, label: str, color: int, orders: int) -> None:
    for order in range(1 if function.along.cut[curve] else orders + 1):
        found = function.parts(curve, order)
        slopes = function.course.samples.y[order + 1, curve]
        kept = np.isfinite(function.course.samples.y[order, curve])
        figure.lines.append(
            DrawnCurve(
                derivative(label, function.name, order),
                "derivative" if order else "curve",
                color + order if orders and len(function.along.labels) == 1 else color,
                [(x, y) for _, x, y in found],
                [slopes[part][kept[part]] for part, _, _ in found],
            )
        )
    for each in function.features:
        if each.curve != curve:
            continue
        if each.kind == "pole":
            figure.poles.append(each.x)
        elif np.isfinite(each.y):
            figure.marks.append(Mark(each.kind, each.x, each.y, place(each, function.name), color))


def derivative(label: str, name: str, order: int) -> str:
    """`dy/dx`, `d2y/dx2`; a text that is no name stands in brackets."""
    if not order:
        return label
    top = label if label.replace("_", "").replace("[", "").replace("]", "").isalnum() else f"({label})"
    return f"d{top}/d{name}" if order == 1 else f"d{order}{top}/d{name}{order}"


def _tangents(
    figure: Figure, function: SampledProgram, curve: int, label: str, color: int, at: Sequence[float]
) -> None:
    if not at:
        return
    found = function.along.at(at)
    if function.along.cut[curve]:
        found.y[1:, curve] = np.nan
    for number_, x in enumerate(at):
        value, slope = (float(each) for each in found.y[:2, curve, number_])
        where = f"{function.name} = {number(x)}"
        if not (np.isfinite(value) and np.isfinite(slope)):
            figure.notes.append(("at", f"{where}: {label} = {number(value)}, no tangent"))
            continue
        ends = np.asarray([figure.x.low, figure.x.high])
        line = value + slope * (ends - x)
        figure.lines.append(DrawnCurve("", "tangent", color, [(ends, line)]))
        figure.marks.append(Mark("at", x, value, f"({number(x)}, {number(value)})", color))
        equation = tangent(function.name, x, value, slope)
        slope_name = derivative(label, function.name, 1)
        text = f"{where}: {label} = {number(value)}, {slope_name} = {number(slope)}, tangent {equation}"
        figure.notes.append(("at", text))


def tangent(name: str, x: float, value: float, slope: float) -> str:
    """What a tangent is the line of: `3.75*x - 6.75`."""
    offset = value - slope * x
    sign = "-" if offset < 0 else "+"
    rest = "" if offset == 0 else f" {sign} {number(abs(offset), 10)}"
    return f"{number(slope, 10)}*{name}{rest}"


def place(each: Feature, name: str) -> str:
    """A feature in words, without its kind."""
    x, y = number(each.x, 10), number(each.y, 10)
    match each.kind:
        case "zero":
            return x
        case "kink":
            return (
                f"({x}, {y}) slopes {number(each.before)} and {number(each.after)}, "
                f"backward gives {number(each.at)}"
            )
        case "jump":
            return f"{name} = {x} from {number(each.before)} to {number(each.after)}, value {number(each.at)}"
        case "pole":
            return f"{name} = {x}{_ends(each)}"
        case "hole":
            return f"{name} = {x} value {number(each.at)}, limit {number(each.before)}"
        case "edge":
            return f"{name} = {x} {'begins' if np.isnan(each.before) else 'ends'} at {y}"
        case _:
            return f"({x}, {y})"


def _ends(pole: Feature) -> str:
    def sign(value: float) -> str:
        return "nan" if np.isnan(value) else f"{value:+}" if np.isinf(value) else number(value)

    if np.isnan(pole.before):
        return f", {sign(pole.after)} on the right"
    if np.isnan(pole.after):
        return f", {sign(pole.before)} on the left"
    return f" from {sign(pole.before)} to {sign(pole.after)}"


def _said(function: SampledProgram, curve: int, label: str) -> Iterator[tuple[str, str]]:
    for kind, heading in HEADINGS.items():
        texts = [
            place(each, function.name)
            for each in function.features
            if each.kind == kind and each.curve == curve
        ]
        if texts:
            more = f" … {len(texts) - MOST_SAID} more" if len(texts) > MOST_SAID else ""
            said = ("  " if kind in ("minimum", "maximum", "inflection") else ", ").join(texts[:MOST_SAID])
            if kind in ("kink", "jump", "pole", "hole", "edge"):
                said = "; ".join(texts[:MOST_SAID])
            of = f"{heading} of {label}" if label else heading
            yield of, said + more


def _missing(function: SampledProgram, curve: int, label: str, figure: Figure) -> Iterator[tuple[str, str]]:
    """What is not to be seen of a curve, and why."""
    y = function.course.samples.y[0, curve]
    if not np.isfinite(y).any():
        yield "nowhere", f"{label} has no finite value there"
    elif figure.y.log and not (y > 0).all():
        where = "all along" if not (y > 0).any() else "in part"
        yield "left out", f"{label} is not above 0 {where}, and a logarithmic axis has no place for that"


def _bulk(values: Array) -> tuple[float, float, float]:
    """From where to where most values lie, and the room that is left on both sides of them."""
    first, last = np.percentile(values, (8, 92))
    return first, last, 0.3 * (last - first)


def _near(values: Array, order: int) -> Array:
    """Those of a derivative without what stands beyond all others: it would make the function a line."""
    if not order or not values.size:
        return values
    first, last, room = _bulk(values)
    if np.ptp(values) <= LONE * room:
        return values
    kept: Array = values[(values >= first - room) & (values <= last + room)]
    return kept


def _height(figure: Figure, functions: Sequence[SampledProgram], orders: int) -> tuple[float, float]:
    """From where to where the picture goes up: all of the curves, unless one runs away to a pole."""
    values, runs_away = [], bool(figure.poles)
    for function in functions:
        samples = function.course.samples
        even = np.searchsorted(samples.x, np.linspace(figure.x.low, figure.x.high, 200)).clip(
            0, len(samples.x) - 1
        )
        for order in range(orders + 1):
            y = samples.y[order][:, even]
            values.append(_near(y[np.isfinite(y)], order))
            runs_away |= any(each.kind == "vertical" for each in function.features) and order > 0
    shown = np.concatenate([*values, np.asarray([each.y for each in figure.marks])])
    if figure.points is not None:
        shown = np.concatenate([shown, figure.points[:, 1]])
    if figure.y.log:
        shown = shown[shown > 0]
    shown = shown[np.isfinite(shown)]
    if not shown.size:
        return (1.0, 10.0) if figure.y.log else (0.0, 1.0)
    low, high = float(shown.min()), float(shown.max())
    low, high = max(low, -FARTHEST), min(high, FARTHEST)
    if runs_away and not figure.y.log:
        first, last, room = _bulk(shown)
        marked = [each.y for each in figure.marks if np.isfinite(each.y)]
        low = max(low, min([first - room, *marked]))
        high = min(high, max([last + room, *marked]))
    if figure.y.log:
        return (low / 1.2, high * 1.2)
    if high - low < 1 / FARTHEST:
        return low - (abs(low) or 1.0), high + (abs(high) or 1.0)
    room = 0.04 * (high - low)
    return low - room, high + room
