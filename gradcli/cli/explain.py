"""`gradcli explain`: the chain rule, step by step, with the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.pictures import ASCII, FORCE, OUT, WATCH, WIDTH, Screen, show
from gradcli.cli.rows import OUTPUT, rows
from gradcli.errors import GradcliError
from gradcli.evaluation.options import DERIVATIVES

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options

ENDINGS = {"txt": "text", "md": "markdown", "json": "json", "html": "html"}
"""The endings of a file, and what is written into it."""
FORMATS = tuple(ENDINGS.values())


def _run(arguments: dict[str, Any]) -> int:
    if len(arguments["operands"]) > 1:
        raise UsageError("one program at a time")
    return show(arguments, partial(_told, arguments=arguments), tuple(ENDINGS))


def _told(
    sources: Sequence[str], options: Options, ending: str, screen: Screen, arguments: dict[str, Any]
) -> tuple[str, Sequence[str | GradcliError]]:
    from gradcli.syntax.parser import parse

    (source,) = sources
    parse(source)  # a syntax error is told before NumPy is loaded
    from gradcli.explanation.api import explain
    from gradcli.explanation.writers import write

    format = arguments.get("format") or ENDINGS.get(ending, "text")
    story = explain(
        source,
        options,
        depth=arguments.get("depth", 0),
        expect=arguments.get("expect", ()),
        element=arguments.get("element"),
        check="check" in arguments,
        page=format == "html",
    )
    text = write(story, format, screen.width, screen.ascii and format == "text" and not ending)
    said: list[str | GradcliError] = []
    if story.error is not None:
        said.append(story.error)
    if story.wrong:
        said.append(GradcliError("assertion", f"{len(story.wrong)} equations do not hold: {story.wrong[0]}"))
    return f"{text}\n", said


def _expected(text: str) -> tuple[str, float]:
    name, _, value = text.rpartition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise ValueError(f"{text!r} is not NAME=NUMBER, such as dz/dx=4, or a NUMBER") from None


COMMAND = Command(
    name="explain",
    description=(
        "Tells what a run did, forwards and backwards: each step with its local derivative as a formula and "
        "as a number, every path to each leaf, what each backward added, and why a gradient is zero, nan, "
        "None or not what was expected. The walk is the one that gives eval's answer."
    ),
    examples=(
        "gradcli explain 'y=2*x; z=y**2' -s x=1",
        "gradcli explain 'y=2*x; z=y**2' -s x=1 --expect dz/dx=4",
        "gradcli explain model.grad --element 'w[0,2]'",
        "gradcli explain model.grad --format markdown",
        "gradcli explain model.grad -o model.html",
    ),
    epilog=(
        "Exit status: 0 fine, 1 an equation does not hold (--check), 2 wrong usage, 3 the program or its "
        "data is invalid, 4 an autograd rule was broken, 5 a limit was reached."
    ),
    options=(
        *rows("file", "set", "wrt", "root", "weights"),
        Option(
            "expect",
            ("--expect",),
            "A gradient that you expected: where that number comes from; 4 alone is that of the only leaf. "
            "Repeatable.",
            metavar="dz/dx=4",
            convert=_expected,
            repeat=True,
            panel=DERIVATIVES,
        ),
        Option(
            "element",
            ("--element",),
            "Follow one element of a leaf to the root.",
            metavar="'w[0,2]'",
            panel=DERIVATIVES,
        ),
        *rows("retain-graph", "create-graph", "passes", "zero-grad", "retain-grad", "freeze"),
        *rows("dtype", "seed", "max-memory", "max-seconds", "max-steps"),
        Option(
            "depth",
            ("--depth",),
            "Open calls of the program's functions down to this depth (0), and from 1 on turns of loops.",
            metavar="N",
            convert=at_least(0),
            panel=OUTPUT,
        ),
        Option(
            "check",
            ("--check",),
            "Compute every equation again, and compare the derivatives with differences.",
            panel=OUTPUT,
        ),
        Option(
            "format",
            ("--format",),
            "How to write it (text, or by the ending of --out).",
            metavar="|".join(FORMATS),
            choices=FORMATS,
            panel=OUTPUT,
        ),
        OUT.replaced(
            help="Write it into this file; its ending (.txt, .md, .json, .html) chooses the format."
        ),
        FORCE,
        WATCH,
        ASCII,
        WIDTH,
    ),
    run=_run,
)
