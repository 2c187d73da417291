"""`gradcli eval`: values and gradients of programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradcli.cli.keywords import EVALUATION, inputs, keywords, stdin_taken
from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.output import FORMAT, JSON, OUTPUT, PRECISION, QUIET, Output
from gradcli.cli.sources import FILE, LINES, Source, read_sources
from gradcli.errors import GradcliError


def _run(given: dict[str, Any]) -> int:
    operands = given["operands"]
    several = "lines" in given or len(operands) > 1
    if "out" in given and several:
        raise UsageError("--out keeps the numbers of one program, not of several")
    sources = read_sources(operands, lines="lines" in given, stdin_taken=stdin_taken(given))
    output = Output(
        format=given.get("format"),
        precision=given.get("precision"),
        quiet="quiet" in given,
        several=several,
    )
    try:
        bound, asked = inputs(given), keywords(given)
    except GradcliError as error:
        output.failure(next((source.name for source in sources), None), error)
        return output.status
    _evaluate_all(sources, bound, asked, output, given.get("out"))
    return output.status


def _evaluate_all(
    sources: Iterable[Source], bound: dict[str, Any], asked: dict[str, Any], output: Output, out: str | None
) -> None:
    from gradcli.evaluate import evaluate

    for source in sources:
        try:
            if isinstance(source.text, GradcliError):
                raise source.text
            result = evaluate(source.text, bound, name=source.name, **asked)
            output.success(source.name, result)
            if out is not None:
                from gradcli.report.npz import write_npz

                write_npz(result, out)
        except GradcliError as error:
            output.failure(source.name, error)


COMMAND = Command(
    name="eval",
    summary="Values and gradients of a program.",
    description=(
        "SOURCE is program text, a path ending in .grad or .py, or - for standard input, which is also read "
        "when there is no SOURCE and something is piped in. The value of the last statement is "
        "differentiated with respect to every leaf that requires grad. Short options stand alone "
        "(-s x=1, not -sx=1), so that a program may start with a minus."
    ),
    examples=(
        "gradcli eval 'y=2*x; z=y**2' --set x=1",
        "gradcli eval 'sum(x**2)' -s 'x=[1,2,3]' --json",
        "gradcli eval 'x+2' -s 'x=ones(4)' --weights '[1,2,3,4]'",
        "gradcli eval model.grad -s data=@data.csv --wrt w,b",
        "printf 'x**2\\nsin(x)\\n' | gradcli eval --lines -s x=2 --json",
    ),
    epilog=(
        "Exit status: 0 fine, 1 an assert failed, 2 wrong usage, 3 the program or its data is invalid, "
        "4 an autograd rule was broken, 5 a limit was reached, 130 interrupted."
    ),
    options=(
        FILE,
        LINES,
        *EVALUATION,
        FORMAT,
        JSON,
        PRECISION,
        QUIET,
        Option(
            "out",
            ("--out",),
            "Also write all arrays to this .npz file.",
            metavar="FILE.npz",
            panel=OUTPUT,
        ),
        Option(
            "jobs",
            ("--jobs",),
            "Evaluate several programs in N processes, in order.",
            metavar="N",
            convert=at_least(1),
            panel=OUTPUT,
        ),
    ),
    run=_run,
)
