"""Checks as GitHub's workflow commands: annotations at file and line for what is wrong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from gradcli.checking.report.summary import summary_line
from gradcli.checking.results import UNMEASURABLE, UNPROVED, WRONG, Check, Report
from gradcli.report.diagnostic import visible
from gradcli.report.look import Look


def write(report: Report, look: Look) -> str:
    """The annotations of one program; nothing if all is well."""
    lines = []
    for check in report.checks:
        if check.status in WRONG:
            lines.append(_command("error", report, check))
        elif check.status in (UNMEASURABLE, UNPROVED):
            lines.append(_command("notice", report, check))
    return "".join(line + "\n" for line in lines)


def foot(reports: Sequence[Report], look: Look) -> str:
    """The line that ends the run; the summary of the job gets a table as well, where there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with suppress(OSError), open(path, "a", encoding="utf-8") as file:
            file.write(markdown(reports))
    return summary_line(reports) + "\n"


def markdown(reports: Sequence[Report]) -> str:
    """The run for people: how many checks went how, and a table of what is wrong."""
    lines = ["### Gradients", "", summary_line(reports), ""]
    wrong = [(report, check) for report in reports for check in report.checks if check.status in WRONG]
    if wrong:
        lines += ["| where | what | why |", "| --- | --- | --- |"]
        for report, check in wrong:
            place = report.source if check.line is None else f"{report.source}:{check.line}"
            cells = (f"`{place}`", f"`{check.label}`", "; ".join([check.message, *check.notes]))
            lines.append(f"| {' | '.join(_cell(each) for each in cells)} |")
        lines.append("")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return visible(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;")


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
