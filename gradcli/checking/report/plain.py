"""Checks as plain text: one line each, the first word says how it went.

Written to pipes; also what a report shows of itself in a failed test.
"""

from __future__ import annotations

from gradcli.checking.results import Check, Report
from gradcli.report.diagnostic import visible


def report_text(report: Report) -> str:
    """The lines of one program, each ended by a newline."""
    return "".join(check_line(report.source, check) + "\n" for check in report.checks)


def check_line(source: str, check: Check) -> str:
    """One check, on one line."""
    place = source if check.line is None else f"{source}:{check.line}"
    told = "; ".join([check.message, *check.notes]) if check.notes else check.message
    line = f"{check.status.upper()} {place}: {check.label}: {told}"
    return visible(" ".join(line.split()))
