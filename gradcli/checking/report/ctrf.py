"""Checks as CTRF, the Common Test Report Format: JSON that dashboards of many CI servers read."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from gradcli.checking.results import KNOWN, PASS, PROVED, UNMEASURABLE, UNPROVED, Check, Report
from gradcli.report.look import Look

STATUS = {PASS: "passed", PROVED: "passed", UNMEASURABLE: "skipped", UNPROVED: "skipped", KNOWN: "other"}
"""Everything else has failed."""


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run as one object."""
    tests = [_test(report, check) for report in reports for check in report.checks]
    stop = round(1000 * time.time())
    summary = {
        "tests": len(tests),
        **{
            name: sum(test["status"] == name for test in tests)
            for name in ("passed", "failed", "pending", "skipped", "other")
        },
        "suites": len(reports),
        "start": stop - round(1000 * sum(report.seconds for report in reports)),
        "stop": stop,
    }
    results = {"tool": {"name": "gradcli"}, "summary": summary, "tests": tests}
    return json.dumps({"reportFormat": "CTRF", "specVersion": "0.0.0", "results": results}) + "\n"


def _test(report: Report, check: Check) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": check.label,
        "status": STATUS.get(check.status, "failed"),
        "duration": round(1000 * report.seconds / max(1, len(report.checks))),
        "suite": report.source,
        "rawStatus": check.status,
        "type": check.kind,
        "message": "\n".join([check.message, *check.notes]),
    }
    if report.path:
        found["filePath"] = report.source
    if check.line is not None:
        found["line"] = check.line
    return found
