"""Where the results of `gradcli check` go: to standard output as they come, and into report files at the end.

The formats are in `gradcli.checking.report`, each loaded when it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradcli.checking.results import Report
from gradcli.cli.formats import Format, Formats, called
from gradcli.cli.options import Option
from gradcli.cli.output import complaint, look
from gradcli.errors import GradcliError
from gradcli.report.look import Look

_ROOM = "gradcli.checking.report"

FORMATS = Formats(
    (
        Format("table", f"{_ROOM}.table:write", streams=False),
        Format("plain", f"{_ROOM}.plain:write", foot=f"{_ROOM}.summary:foot"),
        Format("json", f"{_ROOM}.json_report:write", structured=True, streams=False),
        Format("ndjson", f"{_ROOM}.json_report:write_line", structured=True),
        Format("tap", f"{_ROOM}.tap:write", structured=True, streams=False),
        Format("tap14", f"{_ROOM}.tap:write_14", structured=True, streams=False),
        Format("sarif", f"{_ROOM}.sarif:write", structured=True, streams=False),
        Format("ctrf", f"{_ROOM}.ctrf:write", structured=True, streams=False),
        Format("github", f"{_ROOM}.github:write", structured=True, foot=f"{_ROOM}.github:foot"),
    ),
    terminal="table",
    pipe="plain",
)

_FILES = {
    "junit_out": ("--junit", "JUnit XML", Format("junit", f"{_ROOM}.junit:write", streams=False)),
    "json_out": ("--json-out", "JSON", FORMATS.named("json")),
    "ndjson_out": ("--ndjson-out", "JSON lines", FORMATS.named("ndjson")),
    "tap_out": ("--tap-out", "TAP", FORMATS.named("tap")),
    "sarif_out": ("--sarif-out", "SARIF", FORMATS.named("sarif")),
    "ctrf_out": ("--ctrf-out", "CTRF", FORMATS.named("ctrf")),
}
"""The reports that are written into files besides: the option, what its help calls them, the format."""


def file_options(panel: str) -> list[Option]:
    """The rows of the options that name report files."""
    return [
        Option(name, (flag,), f"Also write {what}.", metavar="FILE", panel=panel)
        for name, (flag, what, _) in _FILES.items()
    ]


@dataclass(frozen=True, slots=True)
class Output:
    """How results are written in this run, and into which files besides."""

    format: Format
    quiet: bool
    files: tuple[tuple[Format, str], ...]
    look: Look

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> Output:
        """From what `scan` returned and where the streams go."""
        return cls(
            format=FORMATS.chosen(arguments),
            quiet="quiet" in arguments,
            files=tuple(
                (format, arguments[name]) for name, (_, _, format) in _FILES.items() if name in arguments
            ),
            look=look(),
        )

    def shown(self, reports: Iterable[Report], total: int | None) -> Iterator[Report]:
        """The reports as they come, written on their way; formats of one piece are written at the end."""
        seen: list[Report] = []
        if sys.stderr.isatty() and (self.format.name == "table" or not sys.stdout.isatty()):
            from gradcli.checking.report.table import with_progress

            reports = with_progress(reports, total, sys.stderr, self.look.error_color)
        try:
            for report in reports:
                seen.append(report)
                if self.format.streams and self._wanted(report):
                    sys.stdout.write(called(self.format.writer, self._part(report), self.look))
                    sys.stdout.flush()
                if not self.format.structured:
                    sys.stderr.write(report.diagnostic)
                yield report
        finally:
            if sys.exc_info()[0] in (None, GeneratorExit):
                sys.stdout.write(self._end(seen))
                sys.stdout.flush()

    def _wanted(self, report: Report) -> bool:
        """Whether a program is shown: with `--quiet` only one with something wrong."""
        return not (self.quiet and report.ok)

    def _part(self, report: Report) -> Report:
        """What is shown of a program: with `--quiet` only what is wrong."""
        return report.wrong() if self.quiet else report

    def _end(self, reports: Sequence[Report]) -> str:
        """What is written at the end."""
        if not self.format.streams:
            return _whole(
                self.format, [self._part(each) for each in reports if self._wanted(each)], self.look
            )
        nothing = self.quiet and all(report.ok for report in reports)
        return called(self.format.foot, reports, self.look) if self.format.foot and not nothing else ""

    def complain(self, error: GradcliError) -> int:
        """Tells people what is wrong with the whole run; its exit status."""
        told = complaint(error, self.look)
        sys.stderr.write(told.err)
        return told.status

    def note(self, lines: Iterable[str]) -> None:
        """Tells people what they should know besides."""
        for line in lines:
            sys.stderr.write(f"note: {line}\n")

    def without_unwritable(self) -> tuple[Output, list[GradcliError]]:
        """Without the files that could not be written, and why they couldn't."""
        from gradcli.report.whole import check_writable

        files, errors = [], []
        for format, path in self.files:
            try:
                check_writable(path)
                files.append((format, path))
            except GradcliError as error:
                errors.append(error)
        return replace(self, files=tuple(files)), errors

    def write_files(self, reports: Sequence[Report]) -> list[GradcliError]:
        """Writes the reports that go into files, each whatever comes of the others; the failures."""
        from gradcli.report.whole import write_whole

        errors = []
        for format, path in self.files:
            try:
                write_whole(path, _whole(format, reports, self.look))
            except GradcliError as error:
                errors.append(error)
        return errors


def _whole(format: Format, reports: Sequence[Report], look: Look) -> str:
    """All reports as one text."""
    if format.streams:
        return "".join([called(format.writer, report, look) for report in reports])
    text: str = called(format.writer, reports, look)
    return text
