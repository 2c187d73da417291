"""`gradcli plot`: a function and its derivatives over a range."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.cli.options import Command, Option, UsageError, whole
from gradcli.cli.pictures import ASCII, FORCE, HEIGHT, OUT, WATCH, WIDTH, Screen, show
from gradcli.cli.programs import by_name
from gradcli.cli.rows import INPUT, OUTPUT, row, rows
from gradcli.errors import GradcliError
from gradcli.evaluation.options import DERIVATIVES, HIGHER
from gradcli.syntax.names import normal_name
from gradcli.syntax.notation import read_value

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options
    from gradcli.plotting.figure import Array, Figure

ENDINGS = ("svg", "png", "html", "csv", "txt")
LEVELS = 6
"""As many contours as lines of text keep apart."""


def _run(arguments: dict[str, Any]) -> int:
    if not arguments.get("ranges"):
        raise UsageError("along which input? --range x=-2:2")
    if not any(":" in text for _, text in arguments["ranges"]):
        raise UsageError("one --range goes from a value to another, such as x=-2:2")
    return show(arguments, partial(_drawn, arguments=arguments), ENDINGS)


def _drawn(
    sources: Sequence[str], options: Options, ending: str, screen: Screen, arguments: dict[str, Any]
) -> tuple[str | bytes, Sequence[str]]:
    from gradcli.syntax.parser import parse

    for source in sources:
        parse(source)  # a syntax error is told before NumPy is loaded
    figure = _figure(sources, options, arguments, ending)
    if ending and ending != "txt":
        from gradcli.plotting.canvas import drawn

        return drawn(figure, ending), ()
    from gradcli.plotting.canvas.braille import draw

    color = screen.color and not ending
    return draw(figure, screen.width, screen.height or 18, ascii=screen.ascii, color=color), ()


def _figure(sources: Sequence[str], options: Options, arguments: dict[str, Any], ending: str) -> Figure:
    ranges: dict[str, tuple[float, float]] = {}
    families: dict[str, list[float]] = {}
    for name, text in by_name("--range", arguments["ranges"]).items():
        if ":" in text:
            ranges[name] = _range(name, text)
        else:
            families[name] = [_number(each) for each in text.split(",")]
    if len(ranges) > 2:
        raise UsageError("a picture has one or two ranges")
    if len(ranges) == 2:
        return _surface(sources, options, ranges, families, arguments, ending)
    from gradcli.plotting.curves import curves

    ((name, range_),) = ranges.items()
    return curves(
        sources,
        name,
        range_,
        options,
        orders=arguments.get("orders", _asked(options, name)),
        at=[_at(name, text) for text in arguments.get("at", ())],
        families=families,
        points=_points(arguments.get("points")),
        log=arguments.get("log", ""),
    )


def _asked(options: Options, name: str) -> int:
    """The order of the derivative that a line asks for itself, `d/dx sin(x)`, which is along `name`."""
    wrt = options.wrt or ()
    if wrt and list(wrt) != [name]:
        message = (
            f"the picture goes along {name}, and the derivative that is asked for is by {', '.join(wrt)}"
        )
        raise GradcliError("bad-argument", message, hint=f"give --range {wrt[0]}=FROM:TO")
    return options.order or len(wrt)


def _surface(
    sources: Sequence[str],
    options: Options,
    ranges: dict[str, tuple[float, float]],
    families: dict[str, list[float]],
    arguments: dict[str, Any],
    ending: str,
) -> Figure:
    from gradcli.plotting.surface import surface

    if len(sources) > 1 or families:
        raise UsageError("a picture over two ranges shows one program")
    for option in ("orders", "at", "points", "log"):
        if option in arguments:
            flag = "order" if option == "orders" else option
            raise UsageError(f"option --{flag} belongs to a picture over one range")
    first, second = ranges
    drawn = bool(ending and ending != "txt")
    return surface(
        sources[0],
        (first, second),
        (ranges[first], ranges[second]),
        options,
        cuts=10 if drawn else LEVELS,
        arrows=(13, 9) if drawn else (8, 6),
    )


def _range(name: str, text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    from gradcli.plotting.figure import FARTHEST

    ends = _number(low), _number(high)
    if not ends[0] < ends[1]:
        hint = f"write --range {name}={high}:{low}" if ends[0] > ends[1] else None
        raise GradcliError(
            "bad-argument", f"the range of {name} goes up, not from {low} to {high}", hint=hint
        )
    if max(map(abs, ends)) > FARTHEST or ends[1] - ends[0] < 1 / FARTHEST:
        raise GradcliError("limit", f"a picture of {low} to {high} has no room for differences")
    return ends


def _number(text: str) -> float:
    """A number, or an expression without names that is one: `2*pi`."""
    from math import isfinite

    text = read_value(text)
    try:
        value = float(text)
    except ValueError:
        from gradcli.evaluation.api import evaluate

        found = evaluate(text).values
        array = next(iter(found.values()), None)
        if array is None or getattr(array, "size", 1) != 1:
            raise GradcliError("bad-argument", f"{text!r} is no number") from None
        value = float(array)
    if not isfinite(value):
        raise GradcliError("bad-argument", f"{text.strip()} is no end of a range")
    return value


def _at(name: str, text: str) -> float:
    given, equals, value = text.rpartition("=")
    if equals and normal_name(given.strip()) != name:
        raise GradcliError("bad-argument", f"the picture goes along {name}, not {given.strip()}")
    return _number(value)


def _points(text: str | None) -> Array | None:
    if text is None:
        return None
    import numpy as np

    from gradcli.evaluation import bindings

    found = bindings.read(text if text.startswith("@") else f"@{text}", header=True)
    if isinstance(found, np.ndarray) and found.shape == (2,):
        found = found[None]  # a single row
    if not isinstance(found, np.ndarray) or found.ndim != 2 or found.shape[1] != 2:
        raise GradcliError("bad-argument", "points are rows of two numbers, x and y")
    return found.astype(np.float64)


def _ranged(text: str) -> tuple[str, str]:
    name, equals, values = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ValueError(f"{text!r} is not NAME=FROM:TO, such as x=-2:2, nor NAME=VALUE,VALUE")
    return normal_name(name.strip()), values


COMMAND = Command(
    name="plot",
    description=(
        "Draws programs over a range of one input, or the contours and the gradient of one over two. Zeros, "
        "extrema, inflections, kinks, jumps and poles are found by the exact derivatives and named below the "
        "picture; no line is drawn through a pole or a jump."
    ),
    examples=(
        "gradcli plot 'x**3 - 3*x' --range x=-2:2 --order 1 --at x=1.5",
        "gradcli plot 'sin(x)/x' --range x=-20:20 -o sinc.svg",
        "gradcli plot '(1-x)**2 + 100*(y-x**2)**2' --range x=-2:2 --range y=-1:3",
        "gradcli plot 'exp(-a*x)' --range x=0:5 --range a=0.5,1,2",
        "gradcli plot 'exp(-t)' --range t=0:10 --points data.csv",
    ),
    epilog=(
        "Exit status: 0 fine, 2 wrong usage, 3 the program or its data is invalid, 4 an autograd rule was "
        "broken, 5 a limit was reached."
    ),
    options=(
        *rows("file"),
        Option(
            "ranges",
            ("--range",),
            "The input along which to go, and from where to where; with a list of values, a curve for each. "
            "Two ranges give contours. Repeatable.",
            metavar="NAME=FROM:TO",
            convert=_ranged,
            repeat=True,
            panel=INPUT,
        ),
        *rows("set"),
        Option(
            "points",
            ("--points",),
            "Draw the data of this file over it: rows x, y.",
            metavar="FILE",
            panel=INPUT,
        ),
        *rows("root"),
        Option(
            "at",
            ("--at",),
            "Draw the tangent there, and write its equation. Repeatable.",
            metavar="[NAME=]VALUE",
            repeat=True,
            panel=DERIVATIVES,
        ),
        row(
            "order", name="orders", help="Draw the first N derivatives as well.", convert=whole, panel=HIGHER
        ),
        *rows("dtype", "seed", "max-memory", "max-seconds", "max-steps"),
        Option(
            "log",
            ("--log",),
            "Logarithmic axes.",
            metavar="x|y|xy",
            choices=("x", "y", "xy"),
            panel=OUTPUT,
        ),
        OUT,
        FORCE,
        WATCH,
        ASCII,
        WIDTH,
        HEIGHT,
    ),
    run=_run,
)
