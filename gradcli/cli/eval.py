"""`gradcli eval`: values and gradients of programs."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.cli.formats import JSON_FAILURE, Format, Formats
from gradcli.cli.options import Command, Option, UsageError
from gradcli.cli.programs import answer_each
from gradcli.cli.rows import OUTPUT, rows, under
from gradcli.evaluation.options import DERIVATIVES, GRAPH, HIGHER, LIMITS

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options
    from gradcli.evaluation.result import Evaluation

FORMATS = Formats(
    (
        Format("table", "gradcli.report.table:write"),
        Format("plain", "gradcli.report.plain:write"),
        Format("json", "gradcli.report.json_text:write", structured=True, failure=JSON_FAILURE),
        Format("ndjson", "gradcli.report.json_text:write", structured=True, failure=JSON_FAILURE),
        Format("csv", "gradcli.report.csv_text:write", structured=True, head="gradcli.report.csv_text:head"),
    ),
    terminal="table",
    pipe="plain",
)


def _run(arguments: dict[str, Any]) -> int:
    out = arguments.get("out")
    if out is not None and ("lines" in arguments or len(arguments["operands"]) > 1):
        raise UsageError("--out keeps the numbers of one program, not of several")
    then = None if out is None else partial(_write_arrays, path=out)
    told = "quiet" not in arguments and "lines" not in arguments
    unseen = "quiet" in arguments and out is None
    return answer_each(arguments, partial(_evaluated, told=told, unseen=unseen), FORMATS, then=then)


def _evaluated(text: str, options: Options, told: bool, unseen: bool) -> Evaluation:
    """The evaluation of a program, with its notes where somebody is told of them."""
    from gradcli.evaluation.api import evaluation

    if _is_script(text, options, unseen):
        options = options.replaced(roots=[])
    result = evaluation(text, options)
    if told:
        if not result.is_finite():
            from gradcli.evaluation.anomalies import anomaly

            found = anomaly(text, options, result)
            result.notes = result.notes if found is None else (*result.notes, found)
    else:
        result.notes = ()
    return result


_ASKED = ("wrt", "roots", "weights", "order", "partials", "hessian", "jacobian", "hvp", "jvp")
_IMPORTS_TORCH = r"^[ \t]*(?:import|from)[ \t]+torch\b"


def _is_script(text: str, options: Options, unseen: bool) -> bool:
    """Whether a program is run for what it prints: no root is sought, and what PyTorch accepts is fine."""
    if any(name in vars(options) for name in _ASKED):
        return False
    return unseen or (
        str(options.name).endswith(".py") and re.search(_IMPORTS_TORCH, text, re.MULTILINE) is not None
    )


def _write_arrays(result: Evaluation, path: str) -> None:
    from gradcli.report.npz import write_npz

    write_npz(result, path)


COMMAND = Command(
    name="eval",
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
        *rows("file", "lines", "set"),
        *under(DERIVATIVES, GRAPH, HIGHER, LIMITS),
        *FORMATS.options("How to write the results; default: table on a terminal, else plain."),
        *rows("precision", "full", "quiet"),
        Option(
            "out",
            ("--out",),
            "Also write all arrays to this .npz file.",
            metavar="FILE.npz",
            panel=OUTPUT,
        ),
        *rows("jobs"),
    ),
    run=_run,
)
