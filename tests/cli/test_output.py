"""What stands on standard error beside the answers: the count of programs, and who gets colours."""

from __future__ import annotations

import io
import sys
from itertools import pairwise

import pytest

from gradcli.cli import output
from gradcli.cli.output import Outcome, _Progress, shows_color


class Stream(io.StringIO):
    """A stream that is a terminal or not, and knows what was seen of it: what was flushed."""

    def __init__(self, tty: bool) -> None:
        super().__init__()
        self.tty, self.seen = tty, ""

    def isatty(self) -> bool:
        return self.tty

    def flush(self) -> None:
        self.seen = self.getvalue()


def _counted(
    monkeypatch: pytest.MonkeyPatch, times: list[float], error: bool = True, out: bool = False
) -> list[str]:
    """What was added to the terminal at each of those times, after a program each, and at the end."""
    clock = [100.0]
    monkeypatch.setattr(output, "monotonic", lambda: clock[0])
    monkeypatch.setattr(sys, "stderr", Stream(error))
    monkeypatch.setattr(sys, "stdout", Stream(out))
    seen = [""]
    with _Progress() as progress:
        for number, time in enumerate(times):
            clock[0] = 100 + time
            progress.count(Outcome(status=3 * (number % 2)))
            seen.append(sys.stderr.seen)
    seen.append(sys.stderr.getvalue())
    progress.clear()
    assert sys.stderr.getvalue() == seen[-1]  # it is taken away once
    return [now.removeprefix(before) for before, now in pairwise(seen)]


def test_programs_are_counted_after_a_second_and_ten_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _counted(monkeypatch, [0.5, 0.999, 1.0, 1.0999, 1.1001, 9.0]) == [
        "",
        "",
        "\r3 programs, 1 failed",
        "",
        "\r5 programs, 2 failed",
        "\r6 programs, 3 failed",
        "\r\x1b[K",
    ]
    assert _counted(monkeypatch, [0.5, 0.9]) == ["", "", ""]


@pytest.mark.parametrize(("error", "out"), [(False, False), (True, True), (False, True)])
def test_programs_are_counted_where_nothing_else_is_seen(
    monkeypatch: pytest.MonkeyPatch, error: bool, out: bool
) -> None:
    assert _counted(monkeypatch, [5.0, 6.0], error, out) == ["", "", ""]


@pytest.mark.parametrize(
    ("tty", "names", "color"),
    [
        (True, {}, True),
        (True, {"TERM": "xterm"}, True),
        (True, {"NO_COLOR": ""}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {}, False),
    ],
)
def test_who_gets_colours(
    monkeypatch: pytest.MonkeyPatch, tty: bool, names: dict[str, str], color: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert shows_color(Stream(tty)) is color
