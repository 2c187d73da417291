"""Checks as plain text, as they are written to pipes: one line each, the first word says how it went."""

from __future__ import annotations

from gradcli.checking.results import Report
from gradcli.report.look import Look


def write(report: Report, look: Look) -> str:
    """The lines of one program, each ended by a newline."""
    return f"{report}\n" if report.checks else ""
