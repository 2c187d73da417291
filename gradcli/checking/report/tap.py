"""Checks in the Test Anything Protocol, version 14: for the harnesses of many languages."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gradcli.checking.report.json_report import plain
from gradcli.checking.results import UNMEASURABLE, WRONG, Report
from gradcli.report.diagnostic import visible
from gradcli.report.look import Look


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run."""
    lines = ["TAP version 14"]
    number = 0
    for report in reports:
        for check in report.checks:
            number += 1
            wrong = check.status in WRONG
            title = _escaped(f"{report.source}: {check.label}")
            if check.status == UNMEASURABLE:
                lines.append(f"ok {number} - {title} # SKIP {_escaped(check.message)}")
                continue
            lines.append(f"{'not ok' if wrong else 'ok'} {number} - {title}")
            if wrong:
                lines.append("  ---")
                lines.append(f"  message: {json.dumps(check.message)}")
                lines.append(f"  severity: {check.status}")
                if check.line is not None:
                    lines.append(f"  at: {{file: {json.dumps(report.source)}, line: {check.line}}}")
                if check.notes:
                    lines.append("  notes:")
                    lines += [f"    - {json.dumps(note)}" for note in check.notes]
                lines.append(f"  data: {json.dumps(plain(check.details))}")
                lines.append("  ...")
    lines.append(f"1..{number}")
    return "".join(line + "\n" for line in lines)


def _escaped(text: str) -> str:
    return visible(" ".join(text.split())).replace("\\", "\\\\").replace("#", "\\#")
