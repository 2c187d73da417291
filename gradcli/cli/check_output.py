"""Where the results of `gradcli check` go: to standard output as they come, and into report files at the end.

The formats themselves are in `gradcli.checking.report`, each loaded when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradcli.checking.results import Report
from gradcli.cli.output import shows_color
from gradcli.errors import GradcliError


@dataclass(frozen=True, slots=True)
class Output:
    """How results are written in this run, and into which files besides."""

    format: str
    quiet: bool
    files: tuple[tuple[str, str], ...]
    width: int
    color: bool
    error_color: bool
    ascii_only: bool

    @classmethod
    def of(cls, given: dict[str, Any]) -> Output:
        """From what `scan` returned and where the streams go."""
        import shutil

        default = "table" if sys.stdout.isatty() else "plain"
        files = [(kind, given[f"{kind}_out"]) for kind in WRITERS if f"{kind}_out" in given]
        return cls(
            format=given.get("format", default),
            quiet="quiet" in given,
            files=tuple(files),
            width=shutil.get_terminal_size().columns,
            color=shows_color(sys.stdout),
            error_color=shows_color(sys.stderr),
            ascii_only=not (sys.stdout.encoding or "").lower().startswith("utf"),
        )

    def shown(self, reports: Iterable[Report], total: int | None) -> Iterator[Report]:
        """The reports as they come, written on their way; formats of one piece are written at the end."""
        seen: list[Report] = []
        if sys.stderr.isatty() and (self.format == "table" or not sys.stdout.isatty()):
            from gradcli.checking.report.table import with_progress

            reports = with_progress(reports, total, sys.stderr, self.error_color)
        try:
            for report in reports:
                seen.append(report)
                sys.stdout.write(self._one(report))
                sys.stdout.flush()
                if self.format in ("plain", "table"):
                    sys.stderr.write(report.diagnostic)
                yield report
        finally:
            if sys.exc_info()[0] in (None, GeneratorExit):
                sys.stdout.write(self._whole(seen))
                sys.stdout.flush()

    def done(self) -> None:
        """Ends the output."""
        sys.stdout.flush()

    def _one(self, report: Report) -> str:
        """What is written of a program as soon as it is checked."""
        match self.format:
            case "plain":
                from gradcli.checking.report.plain import report_text

                return "" if self.quiet and report.ok else report_text(report)
            case "ndjson":
                from gradcli.checking.report.json_report import ndjson_text

                return ndjson_text(report)
            case "github":
                from gradcli.checking.report.github import github_text

                return github_text(report)
        return ""

    def _whole(self, reports: Sequence[Report]) -> str:
        """What is written at the end."""
        match self.format:
            case "json" | "tap":
                return WRITERS[self.format](reports)
            case "github":
                from gradcli.checking.report.github import github_end

                return github_end(reports)
            case "table":
                from gradcli.checking.report.table import checks_table

                chosen = [each for each in reports if not (self.quiet and each.ok)]
                return checks_table(chosen, width=self.width, color=self.color, ascii_only=self.ascii_only)
        return ""

    def without_unwritable(self) -> tuple[Output, list[GradcliError]]:
        """Without the files that could not be written, and why they couldn't."""
        from gradcli.report.whole import check_writable

        files, errors = [], []
        for kind, path in self.files:
            try:
                check_writable(path)
                files.append((kind, path))
            except GradcliError as error:
                errors.append(error)
        return replace(self, files=tuple(files)), errors

    def write_files(self, reports: Sequence[Report]) -> list[GradcliError]:
        """Writes the reports that go into files, each whatever comes of the others; the failures."""
        from gradcli.report.whole import write_whole

        errors = []
        for kind, path in self.files:
            try:
                write_whole(path, WRITERS[kind](reports))
            except GradcliError as error:
                errors.append(error)
        return errors


def _json(reports: Sequence[Report]) -> str:
    from gradcli.checking.report.json_report import json_text

    return json_text(reports)


def _ndjson(reports: Sequence[Report]) -> str:
    from gradcli.checking.report.json_report import ndjson_text

    return "".join(map(ndjson_text, reports))


def _tap(reports: Sequence[Report]) -> str:
    from gradcli.checking.report.tap import tap_text

    return tap_text(reports)


def _junit(reports: Sequence[Report]) -> str:
    from gradcli.checking.report.junit import junit_text

    return junit_text(reports)


WRITERS: dict[str, Callable[[Sequence[Report]], str]] = {
    "junit": _junit,
    "json": _json,
    "ndjson": _ndjson,
    "tap": _tap,
}
"""The formats that are written as a whole, each also into a file of its own."""
