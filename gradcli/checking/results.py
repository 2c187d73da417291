"""What came of checks, as data: one `Check` for each thing that was looked at, one `Report` a program.

Everything in here is plain (strings, numbers, lists), so that it travels between processes and into every
format. Nothing here imports NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from gradcli.errors import Location, Span
from gradcli.report.diagnostic import visible

PASS, FAIL, UNMEASURABLE, UNPROVEN, ERROR = "pass", "fail", "unmeasurable", "unproven", "error"
PROVED, UNPROVED = "proved", "unproved"
"""A claim holds all over its domain; it held where it was tried, and may not do so everywhere."""
KNOWN = "known"
"""Wrong, as the file or the baseline says: nothing new."""
WRONG = frozenset((FAIL, UNPROVEN, ERROR))
"""Statuses for which something has to be done."""


@dataclass(slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        kind: `gradient`, `second-order`, `forward-reverse`, `own-gradient`, `claim`, `expected-error` or
            `program`.
        label: what was checked: `dz/dx`, the claim, the own gradient's name.
        status: one of the words above.
        message: what there is to say in a line.
        line, column, end_column: where in the source, counted from 1, if anywhere.
        details: numbers and places by name.
        notes: further lines for people.
    """

    kind: str
    label: str
    status: str
    message: str = ""
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def locate(self, span: Span | None, text: str) -> Check:
        """Says where in `text` it belongs."""
        if span is not None and span != (0, 0):
            place = Location.of(span, text)
            self.line, self.column = place.line, place.column
            self.end_column = place.end_column if place.end_line == place.line else None
        return self

    def text(self, source: str) -> str:
        """One line of plain text: how it went, where, what was checked, what there is to say."""
        place = source if self.line is None else f"{source}:{self.line}"
        told = "; ".join([self.message, *self.notes]) if self.notes else self.message
        line = f"{self.status.upper()} {place}: {self.label}: {told}"
        return visible(" ".join(line.split()))


@dataclass(slots=True, repr=False)
class Report:
    """All checks of one program; true if nothing is wrong.

    Attributes:
        source: what it is called.
        checks: in order; a program that fails has one of kind `program`.
        status: the exit status that it leads to: 1 if something is wrong, 3 and up if it cannot be checked.
        diagnostic: why the program failed, for people; empty if it didn't.
        unused: inputs from outside that it doesn't have.
        seconds: how long it took.
        path: whether `source` is the path of a file.
    """

    source: str
    checks: list[Check] = field(default_factory=list)
    status: int = 0
    diagnostic: str = ""
    unused: tuple[str, ...] = ()
    seconds: float = 0.0
    path: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(each.status in WRONG for each in self.checks)

    def __bool__(self) -> bool:
        return self.ok

    def add(self, check: Check, status: int | None = None) -> None:
        """Takes one more result."""
        self.checks.append(check)
        if check.status in WRONG:
            self.status = max(self.status, 1 if status is None else status)

    def wrong(self) -> Report:
        """The same report with what is wrong alone."""
        kept = [check for check in self.checks if check.status in WRONG]
        return replace(self, checks=kept)

    def __str__(self) -> str:
        return "\n".join(check.text(self.source) for check in self.checks)

    def __repr__(self) -> str:
        """What `assert gradcli.check(…)` shows where it fails."""
        wrong = self.wrong()
        return f"{wrong if wrong.checks else self}"


def plural(count: int, noun: str) -> str:
    """`1 element`, `3 elements`."""
    return f"{count:,} {noun}{'' if count == 1 else 'es' if noun.endswith('s') else 's'}"
