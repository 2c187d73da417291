"""`gradcli eval`: values and gradients of programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from gradcli.cli.keywords import EVALUATION, inputs, keywords, stdin_taken
from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.output import FORMAT, JSON, OUTPUT, PRECISION, QUIET, Formatter, Outcome, Printer, write_all
from gradcli.cli.sources import FILE, LINES, Source, read_sources
from gradcli.cli.watchdog import Watchdog
from gradcli.errors import GradcliError, internal_error
from gradcli.limits import rare_collection
from gradcli.record import Record

if TYPE_CHECKING:
    from gradcli.evaluation.result import Evaluation


class Evaluator(Record):
    """Evaluates one program after the other under the same options, in whatever process it is called."""

    inputs: dict[str, Any]
    keywords: dict[str, Any]
    formatter: Formatter
    out: str | None = None

    def __call__(self, source: Source) -> Outcome:
        """What came of the program."""
        printer = self.formatter.printer()
        try:
            if isinstance(source.text, GradcliError):
                raise source.text
            result = self._result(source.text, source.name, printer)
            outcome = self.formatter.success(source.name, result, printer)
            if self.out is not None:
                from gradcli.report.npz import write_npz

                write_npz(result, self.out)
        except GradcliError as error:
            return self.formatter.failure(source.name, error, printer)
        except Exception as error:  # ours, and no reason to let the other programs down
            return self.formatter.failure(source.name, internal_error(error), printer)
        return outcome

    def failed(self, source: Source, error: GradcliError) -> Outcome:
        """What came of a program whose process is gone."""
        return self.formatter.failure(source.name, error)

    def _result(self, text: str, name: str, printer: Printer | None) -> Evaluation:
        from gradcli.evaluation.api import evaluate

        # Inputs of several programs need not be known to each of them: `_with_unused` tells of the rest.
        several = self.formatter.several
        return evaluate(text, self.inputs, name=name, write=printer, unused_inputs=several, **self.keywords)


def _run(given: dict[str, Any]) -> int:
    operands = given["operands"]
    several = "lines" in given or len(operands) > 1
    if "out" in given and several:
        raise UsageError("--out keeps the numbers of one program, not of several")
    sources = read_sources(operands, lines="lines" in given, stdin_taken=stdin_taken(given))
    formatter = Formatter.of(given, several=several)
    try:
        evaluator = Evaluator(inputs(given), keywords(given), formatter, given.get("out"))
    except GradcliError as error:
        first = next(sources, None)
        return write_all([formatter.failure(first.name if first else "", error)])
    jobs = given.get("jobs", 1) if several else 1
    if not several:
        outcomes = _alone(evaluator, sources)
    elif jobs > 1:
        from gradcli.cli.parallel import ordered_map

        evaluator.keywords.setdefault("threads", 1)
        outcomes = ordered_map(evaluator, sources, jobs, evaluator.failed)
    else:
        outcomes = map(evaluator, sources)
    with rare_collection():
        return write_all(chain(formatter.heading(), _with_unused(outcomes, evaluator)))


def _alone(evaluator: Evaluator, sources: Iterable[Source]) -> Iterator[Outcome]:
    """The outcome of the only program, whose time is watched until it is written."""
    for source in sources:
        failure = partial(evaluator.formatter.failure, source.name)
        with Watchdog(evaluator.keywords.get("max_seconds", 0.0), failure):
            yield evaluator(source)


def _with_unused(outcomes: Iterable[Outcome], evaluator: Evaluator) -> Iterator[Outcome]:
    """The outcomes, and an error for the inputs that served none of several programs."""
    unused: set[str] | None = None
    for outcome in outcomes:
        if unused is None:
            unused = set(outcome.unused)
        elif unused:
            unused.intersection_update(outcome.unused)
        yield outcome
    for name in evaluator.inputs:
        if unused and name in unused:
            error = GradcliError("unknown-name", f"none of the programs has a name {name}")
            yield evaluator.formatter.complaint(error)


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
