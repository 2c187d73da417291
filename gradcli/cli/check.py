"""`gradcli check`: are these gradients right? For CI."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from gradcli.checking.baseline import Baseline
from gradcli.checking.files import domain, grad_files, order, tolerance
from gradcli.checking.results import Report
from gradcli.checking.runner import Checker
from gradcli.cli.check_output import FORMATS, Output, file_options
from gradcli.cli.options import Command, Option, UsageError, at_least
from gradcli.cli.output import Outcome, complaint
from gradcli.cli.programs import Programs, Unused, by_name, understood
from gradcli.cli.rows import row, rows
from gradcli.cli.sources import SMALL, File, Source
from gradcli.cli.streams import keep_going
from gradcli.errors import GradcliError
from gradcli.evaluation.options import DERIVATIVES, Options
from gradcli.report.look import Look
from gradcli.syntax.notation import read_value

CHECKS = "What to check"
REPORTS = "Reports"


def _run(arguments: dict[str, Any]) -> int:
    operands = arguments["operands"]
    if "files" in arguments:
        operands = [each if each == "-" or os.path.isdir(each) else File(each) for each in operands]
    given = {name for name, _ in arguments.get("set", ())}
    programs = Programs(arguments, list(_operands(operands, given)))
    output = Output.of(arguments)
    try:
        options = programs.options
    except GradcliError as error:
        return output.complain(error)
    # Said before a long run, which goes on: its verdict and the other reports are wanted all the same.
    output, unwritable = output.without_unwritable()
    status = max([output.complain(problem) for problem in unwritable], default=0)
    keep_going()
    baseline = None
    if "baseline" in arguments:
        try:
            baseline = Baseline(arguments["baseline"])
        except GradcliError as error:
            return output.complain(error)
    work = _Checking(_checker(arguments, options), output.look, arguments.get("cache"))
    answers = programs.answers(work)
    if baseline is not None:
        answers = map(baseline.applied, answers)
    unused = Unused(options)
    reports: list[Report] = []
    for report in output.shown(answers, programs.count):
        reports.append(report)
        unused.see(() if report.status >= 3 else report.unused)
        if "exit_first" in arguments and not report.ok:
            break
    statuses = [report.status for report in reports]
    if programs.several:
        statuses += [output.complain(error) for error in unused.errors()]
    statuses += [output.complain(problem) for problem in output.write_files(reports)]
    if baseline is not None:
        try:
            output.note(baseline.told())
        except GradcliError as error:
            statuses.append(output.complain(error))
    return max([status, *statuses])


def _operands(operands: Sequence[str], given: Collection[str]) -> Iterator[str]:
    """The operands, with the `.grad` files of each folder in its place.

    A name alone is a folder that isn't there, unless it was given a value.
    """
    for operand in operands:
        alone = operand.isidentifier() and not isinstance(operand, File) and operand not in given
        if alone and not os.path.isdir(operand):
            raise UsageError(f"there is no folder {operand}, and a name alone has no gradient to check")
        if operand.endswith(("/", os.sep)) and not os.path.isdir(operand):
            raise UsageError(f"there is no folder {operand}")
        if operand != "-" and os.path.isdir(operand):
            found = list(grad_files(operand))
            if not found:
                raise UsageError(f"there is no .grad file in {operand}")
            yield from map(File, found)
        else:
            yield operand


def _checker(arguments: dict[str, Any], options: Options) -> Checker:
    """What is to be checked."""
    return Checker(
        options=options,
        claims=tuple(map(_claim, arguments.get("claims", ()))),
        domains=dict(arguments.get("domains", ())),
        order=arguments.get("derivative_order", 1),
        rtol=arguments.get("rtol"),
        atol=arguments.get("atol"),
        samples=arguments.get("samples"),
        stop="exit_first" in arguments,
        strict="strict" in arguments,
        shapes=by_name("--shape", arguments.get("shapes", ())),
        prove="prove" in arguments,
    )


@dataclass(frozen=True, slots=True)
class _Checking:
    """Checks one program after the other, in whatever process."""

    checker: Checker
    look: Look
    cache: str | None

    def __call__(self, source: Source) -> Report:
        if self.cache is None or not isinstance(source.text, str):
            return self._checked(source)
        from gradcli.checking.cache import cached

        check = partial(self._checked, source)
        return cached(self.cache, self.checker, self.look.version, source.name, source.text, check)

    def _checked(self, source: Source) -> Report:
        reading = source.reading
        checker, text = self.checker, source.text
        if reading is None:
            return checker(source.name, text, os.path.isfile(source.name), restore=source.restore)
        try:
            checker = replace(checker, options=understood(source, checker.options))
        except GradcliError as error:
            text = error
        report = checker(source.name, text, os.path.isfile(source.name), reading, source.restore)
        report.diagnostic = "".join([f"note: {note}\n" for note in reading.notes]) + report.diagnostic
        return report

    def warm(self) -> None:
        self._checked(SMALL)

    def failed(self, source: Source, error: GradcliError) -> Report:
        return self.checker(source.name, error, os.path.isfile(source.name))

    def ended(self, source: Source, error: GradcliError) -> Outcome:
        error.message += ", all of it in one step: what is not reported here was not looked at"
        return complaint(error, self.look, source.name)


# ---- options -------------------------------------------------------------------------------------


def _claim(text: str) -> str:
    """A claim, whose formula is read as a program on the command line is."""
    if "\n" in text.strip() or "#" in text:
        return text  # lines that gradcli diff wrote
    derivative, equals, formula = text.partition("=")
    return f"{derivative}{equals} {read_value(formula.removeprefix('=')).strip()}"


COMMAND = Command(
    name="check",
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
        *rows("file"),
        Option(
            "files", ("--files",), "Every SOURCE is a path, whatever its name.", panel=rows("file")[0].panel
        ),
        *rows("lines", "shape", "set"),
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
            convert=domain,
            repeat=True,
            panel=CHECKS,
        ),
        Option(
            "derivative_order",
            ("--order",),
            "2: check second derivatives as well.",
            metavar="1|2",
            convert=order,
            panel=CHECKS,
        ),
        Option(
            "rtol",
            ("--rtol",),
            "Relative difference that is none (1e-9).",
            metavar="X",
            convert=tolerance,
            panel=CHECKS,
        ),
        Option(
            "atol",
            ("--atol",),
            "Absolute difference that is none (0).",
            metavar="X",
            convert=tolerance,
            panel=CHECKS,
        ),
        Option(
            "samples",
            ("--samples",),
            "Random points for a claim (100) or of a domain (8), directions through a large input (8), "
            "backward passes of a loop (8 and some).",
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
        Option(
            "prove",
            ("--prove",),
            "Prove claims for the whole of their domains, not at random points only.",
            panel=CHECKS,
        ),
        Option(
            "strict", ("--strict",), "What cannot be measured, or not be proved, is wrong, too.", panel=CHECKS
        ),
        Option(
            "baseline",
            ("--baseline",),
            "Failures that are known, in a file that the first run writes: only new ones are wrong.",
            metavar="FILE",
            panel=CHECKS,
        ),
        Option(
            "cache",
            ("--cache",),
            "Remember in this folder what passed; what has not changed since is not checked again.",
            metavar="DIR",
            panel=CHECKS,
        ),
        *rows("wrt", "root", "weights"),
        row("freeze", panel=DERIVATIVES),
        row(
            "dtype",
            help="Precision of the gradients (float64, PyTorch scripts too); differences are always float64.",
        ),
        row("seed", help="Seed of the random functions, points and directions (0)."),
        *rows("max-memory", "max-seconds", "max-steps"),
        *FORMATS.options(
            "How to write the results; default: table on a terminal, else plain, a line each.", REPORTS
        ),
        row("quiet", help="Show only programs with something wrong.", panel=REPORTS),
        *file_options(REPORTS),
        row("jobs", help="Check several programs in N processes, in order.", panel=REPORTS),
    ),
    run=_run,
)
