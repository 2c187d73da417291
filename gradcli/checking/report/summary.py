"""How many checks went how: counted for reports, and in words for people."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.checking.results import (
    ERROR,
    FAIL,
    KNOWN,
    PASS,
    PROVED,
    UNMEASURABLE,
    UNPROVED,
    UNPROVEN,
    Report,
    plural,
)
from gradcli.report.look import Look

STATUSES = (PASS, PROVED, FAIL, UNMEASURABLE, UNPROVED, UNPROVEN, ERROR, KNOWN)
WORDS = {
    PASS: "passed",
    PROVED: "proved",
    FAIL: "failed",
    UNMEASURABLE: "not measurable",
    UNPROVED: "not proved",
    UNPROVEN: "unproven",
    ERROR: "could not be checked",
    KNOWN: "known to fail",
}


def counts(reports: Sequence[Report]) -> dict[str, int]:
    """How many programs there are, and checks of each status."""
    found = {"programs": len(reports), **dict.fromkeys(STATUSES, 0)}
    for report in reports:
        for check in report.checks:
            found[check.status] += 1
    return found


def foot(reports: Sequence[Report], look: Look) -> str:
    """The line that ends a run; nothing where only failures are shown and there are none."""
    return summary_line(reports) + "\n" if reports else ""


def summary_line(reports: Sequence[Report]) -> str:
    """`2 programs, 5 checks: 4 passed, 1 failed`."""
    found = counts(reports)
    parts = [f"{found[status]} {WORDS[status]}" for status in STATUSES if found[status]]
    total = sum(found[status] for status in STATUSES)
    return (
        f"{plural(found['programs'], 'program')}, {plural(total, 'check')}: {', '.join(parts) or 'nothing'}"
    )
