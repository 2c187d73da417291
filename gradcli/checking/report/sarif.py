"""Checks as SARIF 2.1.0, which code scanning reads: a result for each thing that is wrong, at its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gradcli.checking.report.json_report import plain
from gradcli.checking.results import KNOWN, PASS, PROVED, UNMEASURABLE, UNPROVED, Check, Report
from gradcli.report.look import Look

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RULES = {
    "gradient": "A gradient differs from numerical differentiation.",
    "second-order": "A second derivative differs from numerical differentiation.",
    "forward-reverse": "Forward and reverse mode differ.",
    "own-gradient": "A gradient that the program defines differs from numerical differentiation.",
    "claim": "A claim about a derivative is wrong or unproven.",
    "expected-error": "A program does not fail as it says.",
    "cell": "A cell of a notebook prints something else than the notebook shows.",
    "program": "A program fails, or its assertions do.",
}
"""What each kind of check tells: the rules' ids are these words behind `gradcli/`."""
LEVELS = {UNMEASURABLE: "note", UNPROVED: "note", KNOWN: "note"}


def write(reports: Sequence[Report], look: Look) -> str:
    """The whole run as one document."""
    results = [
        _result(report, check)
        for report in reports
        for check in report.checks
        if check.status not in (PASS, PROVED)
    ]
    kinds = sorted({*RULES, *(check.kind for report in reports for check in report.checks)})
    rules = [{"id": f"gradcli/{kind}", "shortDescription": {"text": RULES.get(kind, kind)}} for kind in kinds]
    driver = {"name": "gradcli", "version": look.version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, allow_nan=False) + "\n"


def _result(report: Report, check: Check) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": f"gradcli/{check.kind}",
        "level": LEVELS.get(check.status, "error"),
        "message": {"text": "\n".join([f"{check.label}: {check.message}", *check.notes])},
        "properties": {"status": check.status, "details": plain(check.details)},
    }
    if check.status == KNOWN:
        found["suppressions"] = [{"kind": "external"}]
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(report.source)}}
    if check.line is not None:
        region = {"startLine": check.line, "startColumn": check.column, "endColumn": check.end_column}
        physical["region"] = {name: value for name, value in region.items() if value is not None}
    found["locations"] = [{"physicalLocation": physical}]
    return found
