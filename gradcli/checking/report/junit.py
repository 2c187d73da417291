"""Checks as JUnit's XML, which every CI server reads: a suite for each program, a case for each check."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from gradcli.checking.results import ERROR, KNOWN, UNMEASURABLE, UNPROVED, WRONG, Check, Report
from gradcli.report.look import Look

SKIPPED = (UNMEASURABLE, UNPROVED, KNOWN)
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run as one document."""
    # No `skipped` here: the schemas have it on suites only.
    total = [check for report in reports for check in report.checks]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    seconds = sum(report.seconds for report in reports)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuites name="gradcli" {_numbers(total)} time="{seconds:.3f}">',
    ]
    for report in reports:
        name, numbers = _attribute(report.source), _numbers(report.checks)
        skipped = sum(check.status in SKIPPED for check in report.checks)
        times = f'time="{report.seconds:.3f}" timestamp="{now}"'
        lines.append(f'  <testsuite name={name} {numbers} skipped="{skipped}" {times}>')
        share = report.seconds / max(1, len(report.checks))
        for check in report.checks:
            lines += [f"    {line}" for line in _case(report, check, share)]
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "".join(line + "\n" for line in lines)


def _numbers(checks: Sequence[Check]) -> str:
    errors = sum(check.status == ERROR for check in checks)
    failures = sum(check.status in WRONG for check in checks) - errors
    return f'tests="{len(checks)}" failures="{failures}" errors="{errors}"'


def _case(report: Report, check: Check, seconds: float) -> list[str]:
    named = f"classname={_attribute(report.source)} name={_attribute(check.label)}"
    opening = f'<testcase {named} time="{seconds:.3f}"'
    if check.status in SKIPPED:
        return [opening + ">", f"  <skipped message={_attribute(check.message)}/>", "</testcase>"]
    if check.status not in WRONG:
        return [opening + "/>"]
    tag = "error" if check.status == ERROR else "failure"
    # Jenkins' schema has no attributes for the place.
    place = report.source if check.line is None else f"{report.source}:{check.line}"
    text = escape(_clean("\n".join([check.message, *check.notes, f"at {place}"])))
    said = f"message={_attribute(check.message)} type={_attribute(check.kind)}"
    return [opening + ">", f"  <{tag} {said}>{text}</{tag}>", "</testcase>"]


def _attribute(text: str) -> str:
    return quoteattr(_clean(" ".join(text.split())))


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
