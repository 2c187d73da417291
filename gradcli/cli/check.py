"""`gradcli check`: are these gradients right? For CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradcli.checking.files import grad_files
from gradcli.checking.results import Report
from gradcli.checking.runner import Checker
from gradcli.cli.check_output import Output
from gradcli.cli.keywords import (
    DERIVATIVES,
    DTYPE,
    LIMITS,
    MAX_MEMORY,
    MAX_SECONDS,
    MAX_STEPS,
    ROOT,
    SET,
    WEIGHTS,
    WRT,
    inputs,
    keywords,
    stdin_taken,
)
from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.output import Outcome
from gradcli.cli.parallel import ordered_map
from gradcli.cli.sources import FILE, LINES, File, Source, read_sources
from gradcli.cli.streams import keep_going
from gradcli.cli.watchdog import Watchdog
from gradcli.errors import GradcliError
from gradcli.syntax.names import normal_name

CHECKS = "What to check"
REPORTS = "Reports"
FORMATS = ("table", "plain", "json", "ndjson", "tap", "github")


def _run(given: dict[str, Any]) -> int:
    operands = list(_operands(given["operands"]))
    several = "lines" in given or len(operands) > 1
    sources = read_sources(operands, lines="lines" in given, stdin_taken=stdin_taken(given))
    output = Output.of(given)
    try:
        checker = _checker(given, several=several)
    except GradcliError as error:
        _complain(error, output)
        return error.exit_status
    # Said before a long run, which goes on: its verdict and the other reports are wanted all the same.
    output, unwritable = output.without_unwritable()
    for problem in unwritable:
        _complain(problem, output)
    keep_going()
    reports: list[Report] = []
    try:
        for report in output.shown(_reports(checker, sources, given), _total(operands, given)):
            reports.append(report)
            if "exit_first" in given and not report.ok:
                break
    finally:
        output.done()
    status = max([report.status for report in reports], default=0)
    status = max(status, _unused(checker, reports, output))
    failed = output.write_files(reports)
    for problem in failed:
        _complain(problem, output)
    return max([status, *(problem.exit_status for problem in unwritable + failed)])


def _operands(given: Sequence[str]) -> Iterator[str]:
    """The operands, with the `.grad` files of each folder in its place."""
    for operand in given:
        if operand != "-" and os.path.isdir(operand):
            found = list(grad_files(operand))
            if not found:
                raise UsageError(f"there is no .grad file in {operand}")
            yield from map(File, found)
        else:
            yield operand


def _total(operands: Sequence[str], given: dict[str, Any]) -> int | None:
    """How many programs there are, where that is known before they are read."""
    return None if "lines" in given else max(1, len(operands))


def _checker(given: dict[str, Any], *, several: bool) -> Checker:
    """What is to be checked, from the options.

    Raises:
        GradcliError: `io`, when a file cannot be read.
    """
    options = keywords(given)
    if several:
        options.setdefault("threads", 1 if given.get("jobs", 1) > 1 else None)
    return Checker(
        inputs=inputs(given),
        options=options,
        claims=tuple(given.get("claims", ())),
        domains=dict(given.get("domains", ())),
        order=given.get("derivative_order", 1),
        rtol=given.get("rtol"),
        atol=given.get("atol"),
        samples=given.get("samples"),
        seed=given.get("seed", 0),
        stop="exit_first" in given,
        several=several,
    )


# ---- running -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    """Checks a program, in whatever process."""

    checker: Checker

    def __call__(self, source: Source) -> Report:
        return self.failed(source, source.text)

    def failed(self, source: Source, text: str | GradcliError) -> Report:
        """The report on a program of which this is known."""
        return self.checker(source.name, text, os.path.isfile(source.name))


def _reports(checker: Checker, sources: Iterable[Source], given: dict[str, Any]) -> Iterator[Report]:
    jobs = given.get("jobs", 1)
    work = _Work(checker)
    if not checker.several:
        yield from _alone(work, sources)
    elif jobs > 1:
        yield from ordered_map(work, sources, jobs, work.failed)
    else:
        yield from map(work, sources)


def _alone(work: _Work, sources: Iterable[Source]) -> Iterator[Report]:
    """The report on the only program, whose time is watched until it is shown."""
    for source in sources:
        with Watchdog(work.checker.options.get("max_seconds", 0.0), partial(_ended, source)):
            yield work(source)


def _ended(source: Source, error: GradcliError) -> Outcome:
    from gradcli.report.diagnostic import diagnostic_text

    return Outcome(err=diagnostic_text(error, name=source.name, color=False), status=error.exit_status)


def _unused(checker: Checker, reports: Sequence[Report], output: Output) -> int:
    """An error for each input that served none of several programs."""
    status = 0
    if not checker.several or any(report.status >= 3 for report in reports):
        return 0
    for name in checker.inputs:
        if reports and all(name in report.unused for report in reports):
            error = GradcliError("unknown-name", f"none of the programs has a name {name}")
            _complain(error, output)
            status = error.exit_status
    return status


def _complain(error: GradcliError, output: Output) -> None:
    from gradcli.report.diagnostic import diagnostic_text

    sys.stderr.write(diagnostic_text(error, name=None, color=output.error_color, width=output.width))


# ---- options -------------------------------------------------------------------------------------


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text!r} is not a tolerance such as 1e-6")
    return number


def _domain(text: str) -> tuple[str | None, tuple[float, float]]:
    """`x=0.1:10`, or `0.1:10` for all inputs."""
    name, equals, interval = text.partition("=")
    if not equals:
        name, interval = "", text
    if equals and not name.strip().isidentifier():
        raise ValueError(f"{text!r} is not NAME=LOW:HIGH")
    low, colon, high = interval.partition(":")
    try:
        pair = float(low), float(high)
    except ValueError:
        raise ValueError(f"{interval!r} is not a domain such as -3:3") from None
    if not colon or not float("-inf") < pair[0] < pair[1] < float("inf"):
        raise ValueError(f"{interval!r} is not a domain: LOW:HIGH, with LOW below HIGH")
    return normal_name(name.strip()) or None, pair


def _order(text: str) -> int:
    if text not in ("1", "2"):
        raise ValueError(f"{text!r} is not 1 or 2; claims check any order: --claim 'd3z/dx3 = …'")
    return int(text)


COMMAND = Command(
    name="check",
    summary="Are these gradients right?",
    description=(
        "Every gradient of each program is compared with numerical differentiation good enough to trust: a "
        "pass means agreement to about 1e-9, and a kink, a cliff or an overflow is told apart from a wrong "
        "gradient. Claims are formulas for derivatives, tried at the given point or all over a domain. "
        "SOURCE is program text, a path ending in .grad or .py, a folder (every .grad file in it), or - for "
        "standard input."
    ),
    examples=(
        "gradcli check 'z = (2*x)**2' -s x=3",
        "gradcli check 'z = (2*x)**2' --claim 'dz/dx = 8*x'",
        "gradcli check 'z = sigmoid(x)' --claim 'd2z/dx2 = z*(1-z)*(1-2*z)'",
        "gradcli check 'z = log(x)*w' --claim 'd2z/dxdw = 1/x' --domain x=0.1:10",
        "gradcli check samples/ --junit report.xml --json-out report.json",
    ),
    epilog=(
        "Exit status: 0 all good, 1 something is wrong or unproven, 2 wrong usage, 3 a program or its data "
        "is invalid, 4 an autograd rule was broken, 5 a limit was reached, 130 interrupted."
    ),
    operand_help=(
        "Program text, a path ending in .grad or .py, a folder of .grad files, or - for standard input."
    ),
    options=(
        FILE,
        LINES,
        SET,
        Option(
            "claims",
            ("--claim",),
            "Check this formula: 'dz/dx = 8*x', 'd2z/dxdw = 1', 'x.grad = 8'. Repeatable.",
            metavar="CLAIM",
            repeat=True,
            panel=CHECKS,
        ),
        Option(
            "domains",
            ("--domain",),
            "Where inputs without a value lie, one or all of them (-3:3). Repeatable.",
            metavar="[NAME=]LOW:HIGH",
            convert=_domain,
            repeat=True,
            panel=CHECKS,
        ),
        Option(
            "derivative_order",
            ("--order",),
            "2: check second derivatives as well.",
            metavar="1|2",
            convert=_order,
            panel=CHECKS,
        ),
        Option(
            "rtol",
            ("--rtol",),
            "Relative difference that is none (1e-9).",
            metavar="X",
            convert=_number,
            panel=CHECKS,
        ),
        Option(
            "atol",
            ("--atol",),
            "Absolute difference that is none (0).",
            metavar="X",
            convert=_number,
            panel=CHECKS,
        ),
        Option(
            "samples",
            ("--samples",),
            "Random points for a claim (100), random directions through a large input (8).",
            metavar="N",
            convert=at_least(1),
            panel=CHECKS,
        ),
        Option(
            "exit_first",
            ("-x", "--exit-first"),
            "Stop at the first thing that is wrong.",
            panel=CHECKS,
        ),
        WRT,
        ROOT,
        WEIGHTS,
        Option(
            "freeze",
            ("--freeze",),
            "Treat these leaves as not requiring grad.",
            metavar="NAME,...",
            convert=lambda text: tuple(each.strip() for each in text.split(",")),
            repeat=True,
            panel=DERIVATIVES,
        ),
        Option(
            "dtype",
            DTYPE.flags,
            "Precision of the gradients (float64, PyTorch scripts too); differences are always float64.",
            metavar=DTYPE.metavar,
            choices=DTYPE.choices,
            panel=LIMITS,
        ),
        Option(
            "seed",
            ("--seed",),
            "Seed of the random functions, points and directions (0).",
            metavar="N",
            convert=at_least(0),
            panel=LIMITS,
        ),
        MAX_MEMORY,
        MAX_SECONDS,
        MAX_STEPS,
        Option(
            "format",
            ("--format",),
            "How to write the results; default: table on a terminal, else plain, a line each.",
            metavar="|".join(FORMATS),
            choices=FORMATS,
            panel=REPORTS,
        ),
        Option("format", ("--json",), "The same as --format json.", value="json", panel=REPORTS),
        Option("quiet", ("-q", "--quiet"), "Show only programs with something wrong.", panel=REPORTS),
        Option("junit_out", ("--junit",), "Also write JUnit XML.", metavar="FILE", panel=REPORTS),
        Option("json_out", ("--json-out",), "Also write JSON.", metavar="FILE", panel=REPORTS),
        Option("ndjson_out", ("--ndjson-out",), "Also write JSON lines.", metavar="FILE", panel=REPORTS),
        Option("tap_out", ("--tap-out",), "Also write TAP.", metavar="FILE", panel=REPORTS),
        Option(
            "jobs",
            ("--jobs",),
            "Check several programs in N processes, in order.",
            metavar="N",
            convert=at_least(1),
            panel=REPORTS,
        ),
    ),
    run=_run,
)
