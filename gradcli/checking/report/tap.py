"""Checks in the Test Anything Protocol: for the harnesses of many languages.

Version 13, which all of them read, has no escapes; version 14 has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from gradcli.checking.report.json_report import plain
from gradcli.checking.results import KNOWN, UNMEASURABLE, UNPROVED, WRONG, Report
from gradcli.report.diagnostic import visible
from gradcli.report.look import Look


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run, in version 13."""
    return _written(reports, 13)


def write_14(reports: Sequence[Report], look: Look) -> str:
    """The whole run, in version 14."""
    return _written(reports, 14)


def _written(reports: Sequence[Report], version: int) -> str:
    lines = [f"TAP version {version}"]
    number = 0
    for report in reports:
        for check in report.checks:
            number += 1
            wrong = check.status in WRONG
            title = _escaped(f"{report.source}: {check.label}", version)
            if check.status in (UNMEASURABLE, UNPROVED):
                lines.append(f"ok {number} - {title} # SKIP {_escaped(check.message, version)}")
                continue
            if check.status == KNOWN:
                lines.append(f"not ok {number} - {title} # TODO {_escaped(check.message, version)}")
                continue
            lines.append(f"{'not ok' if wrong else 'ok'} {number} - {title}")
            if wrong:
                lines.append("  ---")
                lines.append(f"  message: {_quoted(check.message)}")
                lines.append(f"  severity: {check.status}")
                if check.line is not None:
                    lines.append(f"  at: {{file: {json.dumps(report.source)}, line: {check.line}}}")
                if check.notes:  # one line: some readers take `- word: …` for a mapping
                    lines.append(f"  notes: {_quoted('; '.join(check.notes))}")
                lines.append(f"  data: {_quoted(json.dumps(plain(check.details)))}")
                lines.append("  ...")
    lines.append(f"1..{number}")
    return "".join(line + "\n" for line in lines)


def _escaped(text: str, version: int) -> str:
    shown = visible(" ".join(text.split()))
    if version == 13:  # what stands behind # would be a directive
        return shown.replace("#", "♯")
    return shown.replace("\\", "\\\\").replace("#", "\\#")


def _quoted(text: str) -> str:
    """A string for the YAML of all harnesses: the reader of Perl's knows no escapes like those of JSON."""
    return "'" + visible(" ".join(text.split())).replace("'", "''") + "'"
