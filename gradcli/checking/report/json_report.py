"""Checks as JSON: one object for the whole run, or a line for each program.

Valid JSON whatever the numbers: `"NaN"`, `"Infinity"` and `"-Infinity"` are strings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from gradcli.checking.report.summary import counts
from gradcli.checking.results import Check, Report
from gradcli.report.look import Look


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run as one object on one line."""
    found = {
        "ok": all(report.ok for report in reports),
        "summary": counts(reports),
        "programs": [report_object(report) for report in reports],
    }
    return json.dumps(found, allow_nan=False) + "\n"


def write_line(report: Report, look: Look) -> str:
    """One program as one line."""
    return json.dumps(report_object(report), allow_nan=False) + "\n"


def report_object(report: Report) -> dict[str, Any]:
    """One program as plain data."""
    return {
        "ok": report.ok,
        "source": report.source,
        "status": report.status,
        "seconds": round(report.seconds, 6),
        "checks": [check_object(check) for check in report.checks],
    }


def check_object(check: Check) -> dict[str, Any]:
    """One check as plain data; line and columns are null where nothing is known."""
    return {
        "kind": check.kind,
        "label": check.label,
        "status": check.status,
        "message": check.message,
        "line": check.line,
        "column": check.column,
        "end_column": check.end_column,
        "details": plain(check.details),
        "notes": list(check.notes),
    }


def plain(value: Any) -> Any:
    """Numbers, lists and mappings as JSON has them."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number
