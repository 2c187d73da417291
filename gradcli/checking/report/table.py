"""Checks as a table for a terminal, and the bar that shows how far a long run is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import Any

from rich.box import ASCII, ROUNDED
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from gradcli.checking.report.summary import WORDS, summary_line
from gradcli.checking.results import (
    ERROR,
    FAIL,
    KNOWN,
    PASS,
    PROVED,
    UNMEASURABLE,
    UNPROVED,
    UNPROVEN,
    Check,
    Report,
)
from gradcli.report.diagnostic import visible
from gradcli.report.look import Look

STYLES = {
    PASS: "green",
    PROVED: "bold green",
    FAIL: "bold red",
    UNMEASURABLE: "yellow",
    UNPROVED: "yellow",
    UNPROVEN: "red",
    ERROR: "bold red",
    KNOWN: "yellow",
}
UNSEEN = 1.0
"""Seconds until the bar first appears."""


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run, ended by a line that sums it up."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=look.width,
        color_system="standard" if look.color else None,
        force_terminal=look.color,
        no_color=not look.color,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    table = Table(box=ASCII if look.ascii_only else ROUNDED, border_style="dim", header_style="bold")
    table.add_column("", overflow="fold")
    places = {id(check): _place(report, check) for report in reports for check in report.checks}
    room = _room(places.values(), look.width)
    table.add_column("program", style="cyan", overflow="fold", width=room)
    labels = [len(visible(check.label)) for report in reports for check in report.checks]
    table.add_column(
        "check",
        overflow="fold",
        width=max(5, min(max(labels, default=0), look.width // (4 if look.width >= 80 else 5))),
    )
    table.add_column("result", overflow="fold", ratio=1)
    for report in reports:
        for check in report.checks:
            told = "\n".join(visible(line) for line in [check.message, *check.notes])
            place = _broken(places[id(check)], room)
            style = STYLES[check.status]
            table.add_row(
                Text(WORDS[check.status], style), Text(place), Text(visible(check.label)), Text(told)
            )
    if table.row_count:
        console.print(table)
    console.print(Text(summary_line(reports)))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


def _place(report: Report, check: Check) -> str:
    shown = visible(report.source)
    return shown if check.line is None else f"{shown}:{check.line}"


_AFTER = re.compile(r"(?<=[/\\_.: -])")
"""Where the name of a file may go on in the next line: behind what separates its words."""


def _room(places: Iterable[str], width: int) -> int:
    """Columns for the names of programs: three tenths of the window, or as long as their longest word."""
    places = list(places) or [""]
    words = max(len(word) for place in places for word in _AFTER.split(place))
    return max(len("program"), min(max(map(len, places)), max(width * 3 // 10, min(words, width * 2 // 5))))


def _broken(place: str, room: int) -> str:
    """A name over several lines, none of which breaks a word that fits into one."""
    lines = [""]
    for word in _AFTER.split(place):
        if lines[-1] and len(lines[-1]) + len(word) > room:
            lines.append("")
        lines[-1] += word
    return "\n".join(lines)


def with_progress(reports: Iterable[Report], total: int | None, stream: Any, color: bool) -> Iterator[Report]:
    """The reports as they come, with a bar on `stream` once the run takes long."""
    started = monotonic()
    progress: Progress | None = None
    failed = done = 0
    try:
        for report in reports:
            done += 1
            failed += not report.ok
            yield report
            if progress is None and monotonic() - started > UNSEEN:
                progress = Progress(
                    TextColumn("checking"),
                    BarColumn(),
                    MofNCompleteColumn(),
                    TextColumn("{task.fields[failed]}"),
                    TimeElapsedColumn(),
                    console=Console(file=stream, no_color=not color),
                    transient=True,
                )
                progress.start()
                progress.add_task("checking", total=total, failed="")
            if progress is not None:
                told = f"{failed} wrong" if failed else ""
                progress.update(progress.task_ids[0], completed=done, failed=told)
    finally:
        if progress is not None:
            progress.stop()
