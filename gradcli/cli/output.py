"""Where results and failures go: results to standard output, diagnostics to standard error.

A `Formatter` turns what came of one program into an `Outcome`, `write_all` writes outcomes as they come.
The formats themselves are in `gradcli.report`, each loaded when it is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

from gradcli.cli.options import Option, at_least
from gradcli.cli.streams import OutputLost
from gradcli.errors import GradcliError
from gradcli.record import Record

if TYPE_CHECKING:
    from gradcli.evaluation.result import Evaluation as Result

OUTPUT = "Output"
FORMATS = ("table", "plain", "json", "ndjson", "csv")

FORMAT = Option(
    "format",
    ("--format",),
    "How to write the results; default: table on a terminal, else plain.",
    metavar="table|plain|json|ndjson|csv",
    choices=FORMATS,
    panel=OUTPUT,
)
JSON = Option("format", ("--json",), "The same as --format json.", value="json", panel=OUTPUT)
PRECISION = Option(
    "precision",
    ("--precision",),
    "Significant digits (as many as it takes to read back the same number).",
    metavar="N",
    convert=at_least(1),
    panel=OUTPUT,
)
QUIET = Option("quiet", ("-q", "--quiet"), "Show only what the program prints.", panel=OUTPUT)


MOST_DIGITS = 767
"""No float64 has more significant digits than that."""


def _digits(precision: int | None) -> int | None:
    return None if precision is None else min(precision, MOST_DIGITS)


class Outcome(Record):
    """What came of one program: texts for standard output and standard error, and the exit status.

    Attributes:
        unused: inputs that the program doesn't have; none are known of a program that failed.
    """

    out: str = ""
    err: str = ""
    status: int = 0
    unused: tuple[str, ...] = ()


class Printer:
    """What a program prints on its way: passed on at once if the program is alone, else kept."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._kept: list[str] = []
        self._open = False

    def __call__(self, text: str) -> None:
        if text:
            self._open = not text.endswith("\n")
            if self._live:
                sys.stdout.write(text)
            else:
                self._kept.append(text)

    def kept(self, *, ended: bool) -> str:
        """What still has to be written, up to the end of its last line if something follows."""
        return "".join(self._kept) + ("\n" if ended and self._open else "")


class Formatter(Record):
    """How results are written in this run.

    Attributes:
        format: one of `FORMATS`, or `quiet`.
        several: results of more than one program come, which then say whose they are.
        color, error_color: whether standard output and standard error show colours.
        ascii_only: standard output has no frames to draw with.
    """

    format: str
    precision: int | None
    several: bool
    color: bool
    error_color: bool
    ascii_only: bool

    @classmethod
    def of(cls, given: dict[str, Any], *, several: bool) -> Formatter:
        """From what `scan` returned and where the streams go."""
        default = "table" if sys.stdout.isatty() else "plain"
        return cls(
            format="quiet" if "quiet" in given else given.get("format", default),
            precision=_digits(given.get("precision")),
            several=several,
            color=shows_color(sys.stdout),
            error_color=shows_color(sys.stderr),
            ascii_only=not (sys.stdout.encoding or "").lower().startswith("utf"),
        )

    def heading(self) -> Iterator[Outcome]:
        """What stands above the results of all programs."""
        if self.several and self.format == "csv":
            from gradcli.report.csv_text import csv_header

            yield Outcome(out=csv_header(source=True))

    def printer(self) -> Printer | None:
        """What takes the text that a program prints; None where it is a part of the results."""
        return Printer(live=not self.several) if self.format in ("plain", "table", "quiet") else None

    def success(self, source: str, result: Result, printer: Printer | None) -> Outcome:
        """The results of one program."""
        return Outcome(out=self._text(source, result, printer), unused=tuple(result.unused_inputs))

    def failure(self, source: str, error: GradcliError, printer: Printer | None = None) -> Outcome:
        """Why a program failed, behind what it had printed until then."""
        if self.format in ("json", "ndjson"):
            from gradcli.report.failure import failure_text

            return Outcome(out=failure_text(error, source), status=error.exit_status)
        outcome = self.complaint(error, source)
        if printer is not None:
            outcome.out = printer.kept(ended=True)
        return outcome

    def complaint(self, error: GradcliError, source: str | None = None) -> Outcome:
        """A diagnostic for people, whatever the format of the results; without a source, on the whole run."""
        from gradcli.report.diagnostic import diagnostic_text

        text = diagnostic_text(error, name=source, color=self.error_color, width=_width())
        return Outcome(err=text, status=error.exit_status)

    def _text(self, source: str, result: Result, printer: Printer | None) -> str:
        match self.format:
            case "json" | "ndjson":
                from gradcli.report.json_text import json_text

                return json_text(result, source, precision=self.precision)
            case "csv":
                from gradcli.report.csv_text import csv_text

                if self.several:
                    return csv_text(result, precision=self.precision, header=False, source=source)
                return csv_text(result, precision=self.precision)
        assert printer is not None
        if self.format == "quiet":
            return printer.kept(ended=False)
        return self._heading(source) + printer.kept(ended=True) + self._for_people(result)

    def _for_people(self, result: Result) -> str:
        if self.format == "plain":
            from gradcli.report.plain import plain_text

            return plain_text(result, precision=self.precision, printed=False)
        from gradcli.report.table import table_text

        return table_text(
            result,
            width=_width(),
            color=self.color,
            ascii_only=self.ascii_only,
            precision=self.precision,
            printed=False,
        )

    def _heading(self, source: str) -> str:
        if not self.several:
            return ""
        from gradcli.report.diagnostic import visible

        return f"# {visible(source)}\n"


def write_all(outcomes: Iterable[Outcome]) -> int:
    """Write outcomes as they come; the highest exit status."""
    status = 0
    try:
        with _Progress() as progress:
            for outcome in outcomes:
                status = max(status, outcome.status)
                if outcome.err:
                    progress.clear()
                sys.stdout.write(outcome.out)
                sys.stdout.flush()
                if outcome.err:
                    sys.stderr.write(outcome.err)
                    sys.stderr.flush()
                progress.count(outcome)
    except OutputLost as lost:
        lost.status = status
        raise
    return status


class _Progress:
    """A line on standard error that counts programs: while a run is long, and only if somebody sees it
    and nothing else is written there."""

    PATIENCE = 1.0
    """Seconds until the line first appears."""
    PERIOD = 0.1

    def __init__(self) -> None:
        self.shown = False
        self.programs = self.failed = 0
        seen = sys.stderr.isatty() and not sys.stdout.isatty()
        self.next = monotonic() + self.PATIENCE if seen else float("inf")

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def count(self, outcome: Outcome) -> None:
        self.programs += 1
        self.failed += outcome.status > 0
        now = monotonic()
        if now >= self.next:
            self.next = now + self.PERIOD
            self.shown = True
            sys.stderr.write(f"\r{self.programs:,} programs, {self.failed:,} failed")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.shown:
            self.shown = False
            sys.stderr.write("\r\x1b[K")


def _width() -> int:
    """Columns of the terminal."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def shows_color(stream: Any) -> bool:
    """A terminal that can, and nobody said no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())
