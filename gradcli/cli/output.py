"""Where results and failures go: results to standard output, diagnostics to standard error.

The commands that evaluate write through `Output`; the formats themselves are in `gradcli.report`, each
loaded when it is used.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from gradcli.cli.options import Option, at_least
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.report.result import Result

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


class Output:
    """One run's results in one format.

    Attributes:
        several: whether results of more than one program come, which then say whose they are.
        status: the highest exit status so far.
    """

    def __init__(self, *, format: str | None, precision: int | None, quiet: bool, several: bool) -> None:
        self.format = "quiet" if quiet else format or ("table" if sys.stdout.isatty() else "plain")
        self.precision = precision
        self.several = several
        self.status = 0
        self._first = True

    def success(self, source: str, result: Result) -> None:
        """Write the results of one program."""
        self._write(self._text(source, result))
        self._first = False

    def failure(self, source: str | None, error: GradcliError) -> None:
        """Write why a program, or the run, failed, and remember its exit status."""
        self.status = max(self.status, error.exit_status)
        if self.format in ("json", "ndjson"):
            from gradcli.report.failure import failure_text

            self._write(failure_text(error, source or ""))
        else:
            diagnose(error, source)

    def _text(self, source: str, result: Result) -> str:
        precision = self.precision
        match self.format:
            case "quiet":
                return "".join(f"{line}\n" for line in result.printed)
            case "json" | "ndjson":
                from gradcli.report.json_text import json_text

                return json_text(result, source, precision=precision)
            case "csv":
                from gradcli.report.csv_text import csv_text

                return csv_text(result, precision=precision, header=self._first)
            case "table":
                from gradcli.report.table import table_text

                text = table_text(
                    result,
                    width=shutil.get_terminal_size().columns,
                    color=colored(sys.stdout),
                    ascii_only=not (sys.stdout.encoding or "").lower().startswith("utf"),
                    precision=precision,
                )
                return self._heading(source) + text
            case _:
                from gradcli.report.plain import plain_text

                return self._heading(source) + plain_text(result, precision=precision)

    def _heading(self, source: str) -> str:
        if not self.several:
            return ""
        from gradcli.report.diagnostic import visible

        return f"# {visible(source)}\n"

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def diagnose(error: GradcliError, source: str | None) -> None:
    """Write an error for people to standard error."""
    from gradcli.report.diagnostic import diagnostic_text

    text = diagnostic_text(
        error, name=source, color=colored(sys.stderr), width=shutil.get_terminal_size().columns
    )
    sys.stdout.flush()
    sys.stderr.write(text)
    sys.stderr.flush()


def colored(stream: object) -> bool:
    """Whether to colour what goes there: a terminal that can, and nobody said no."""
    isatty = getattr(stream, "isatty", None)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(isatty and isatty())
