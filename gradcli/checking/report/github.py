"""Checks as GitHub's workflow commands: annotations at file and line for what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.checking.report.summary import summary_line
from gradcli.checking.results import UNMEASURABLE, WRONG, Check, Report
from gradcli.report.diagnostic import visible
from gradcli.report.look import Look


def write(report: Report, look: Look) -> str:
    """The annotations of one program; nothing if all is well."""
    lines = []
    for check in report.checks:
        if check.status in WRONG:
            lines.append(_command("error", report, check))
        elif check.status == UNMEASURABLE:
            lines.append(_command("notice", report, check))
    return "".join(line + "\n" for line in lines)


def foot(reports: Sequence[Report], look: Look) -> str:
    """The line that ends the run."""
    return summary_line(reports) + "\n"


def _command(kind: str, report: Report, check: Check) -> str:
    properties = []
    if report.path:
        properties.append(f"file={_property(report.source)}")
        if check.line is not None:
            properties.append(f"line={check.line}")
            if check.column is not None:
                properties.append(f"col={check.column}")
            if check.end_column is not None:
                properties.append(f"endColumn={check.end_column}")
    properties.append(f"title={_property(visible(check.label))}")
    said = "\n".join(visible(line) for line in [check.message, *check.notes])
    if not report.path:
        said = f"{report.source}: {said}"
    return f"::{kind} {','.join(properties)}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
