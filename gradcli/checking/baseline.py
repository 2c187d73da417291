"""Failures that are known: a file of them, against which only new ones are wrong.

The first run writes it. Later ones read it, call what stands in it known, and tell of what is mended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from gradcli.checking.results import KNOWN, WRONG, Check, Report
from gradcli.errors import GradcliError

Key = tuple[str, str, str]


class Baseline:
    """The known failures of a run.

    Args:
        path: the file; if there is none, it is written with everything that fails now.

    Raises:
        GradcliError: `io`, for a file that is no baseline.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.new = False
        self.found: set[Key] = set()
        self.passed: set[Key] = set()
        try:
            with open(path, encoding="utf-8") as file:
                entries = json.load(file)["failures"]
            self.known = {(each["source"], each["kind"], each["label"]) for each in entries}
        except FileNotFoundError:
            self.known, self.new = set(), True
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GradcliError("io", f"cannot read {path}: it is no baseline ({error})") from None

    def applied(self, report: Report) -> Report:
        """A report in which known failures are called so."""
        status = 0
        for check in report.checks:
            key = _key(report, check)
            if check.status not in WRONG:
                self.passed.add(key)
                continue
            self.found.add(key)
            if self.new or key in self.known:
                check.status = KNOWN
            else:
                status = max(status, report.status)
        report.status = status
        return report

    def told(self) -> Iterator[str]:
        """What is mended, or that the file is written, a line each.

        Raises:
            GradcliError: `io`, when the file cannot be written.
        """
        if self.new:
            from gradcli.report.whole import write_whole

            entries = [
                {"source": source, "kind": kind, "label": label} for source, kind, label in sorted(self.found)
            ]
            write_whole(self.path, json.dumps({"failures": entries}, indent=1) + "\n")
            yield f"{len(entries)} known failures are written to {self.path}"
            return
        for source, _, label in sorted(self.known & self.passed):
            yield f"{source}: {label} is mended; take it out of {self.path}"


def _key(report: Report, check: Check) -> Key:
    return report.source, check.kind, check.label
