"""`gradcli graph`: the picture of a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.pictures import ASCII, FORCE, OUT, WATCH, WIDTH, Screen, show
from gradcli.cli.rows import OUTPUT, rows

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options

ENDINGS = ("svg", "html", "png", "dot", "mmd", "json", "txt")
READABLE = {"": 40, "txt": 40}
"""How many boxes can be read, by ending."""
USUALLY = 150


def _run(arguments: dict[str, Any]) -> int:
    if len(arguments["operands"]) > 1:
        raise UsageError("one program at a time")
    return show(arguments, partial(_drawn, arguments=arguments), ENDINGS)


def _drawn(
    sources: Sequence[str], options: Options, ending: str, screen: Screen, arguments: dict[str, Any]
) -> tuple[str | bytes, Sequence[str]]:
    from gradcli.syntax.parser import parse

    (source,) = sources
    module = parse(source)  # a syntax error is told before NumPy is loaded
    from gradcli.engine.run import watched
    from gradcli.evaluation.run import at_work, begun, run
    from gradcli.graphs.calls import Calls
    from gradcli.graphs.folding import folded
    from gradcli.graphs.picture import Tape

    runtime = begun(source, options)
    runtime.observer = calls = Calls(runtime, module)
    with at_work(runtime), watched():  # whose nodes remember what they were computed from
        tape = Tape(run(module, options, runtime), module, calls)
        if ending == "html":
            tape.animate()
    arrows = None
    if ending == "mmd":
        from gradcli.graphs.canvas.mermaid import MOST_ARROWS

        arrows = MOST_ARROWS
    picture = folded(tape, READABLE.get(ending, USUALLY), arguments.get("depth"), arrows)
    notes = []
    if picture.folded:
        notes.append(
            f"{picture.folded:,} calls are folded into others; "
            "--depth N opens N levels of statements and calls"
        )
    if not picture.boxes:
        notes.append("there is nothing to draw: the program has no tensors and no numbers")
    if ending in ("", "txt"):
        from gradcli.graphs.canvas.text import draw

        color = screen.color and not ending
        return draw(picture, screen.width, ascii=screen.ascii, color=color), notes
    from gradcli.graphs.canvas import drawn

    return drawn(picture, ending), notes


COMMAND = Command(
    name="graph",
    description=(
        "Draws what a run recorded: a box for each call, with the names, values and gradients of the "
        "program; forward and backward mirrored on the same layers. Leaves, roots, what is saved, freed, "
        "retained or cut off are told apart. Many calls are folded by statement until they can be read."
    ),
    examples=(
        "gradcli graph 'y = 2*x; z = y**2' -s x=1",
        "gradcli graph 'y = 2*x; z = y**2' -s x=1 -o chain.svg",
        "gradcli graph 'h = tanh(w*x + b); loss = (h - 1)**2' -s w=1 -s b=0 -s x=2 -o net.html",
    ),
    epilog=(
        "Exit status: 0 fine, 2 wrong usage, 3 the program or its data is invalid, 4 an autograd rule was "
        "broken, 5 a limit was reached."
    ),
    options=(
        *rows("file", "set", "wrt", "root", "weights", "freeze", "retain-graph", "retain-grad"),
        *rows("dtype", "seed", "max-memory", "max-seconds", "max-steps"),
        Option(
            "depth",
            ("--depth",),
            "How many levels of statements and calls are opened; 0: a box for each statement and each call.",
            metavar="N",
            convert=at_least(0),
            panel=OUTPUT,
        ),
        OUT,
        FORCE,
        WATCH,
        ASCII,
        WIDTH,
    ),
    run=_run,
)
