"""The JSON object of a failure, to the letter."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.errors import GradcliError
from gradcli.report.failure import failure_object, failure_text


def failure(text: str | None, span: tuple[int, int] | None, **more: Any) -> GradcliError:
    error = GradcliError("unknown-name", "no name `ab`", span=span, **more)
    error.text = text
    return error


def test_a_failure_in_the_source() -> None:
    assert failure_text(failure("y = ab\n", (4, 6), hint="did you mean a?"), "<arg 1>") == (
        '{"ok": false, "source": "<arg 1>", "error": {"code": "unknown-name", "message": "no name `ab`", '
        '"line": 1, "column": 5, "end_column": 7, "hint": "did you mean a?"}}\n'
    )


def test_a_failure_without_a_place_keeps_all_keys() -> None:
    assert failure_text(failure("y = ab\n", None), "a.grad") == (
        '{"ok": false, "source": "a.grad", "error": {"code": "unknown-name", "message": "no name `ab`", '
        '"line": null, "column": null, "end_column": null, "hint": null}}\n'
    )


def test_notes_follow_where_there_are_some() -> None:
    error = failure_object(failure("ab", (0, 2), notes=("in f, called from line 9",)), "s")["error"]
    assert error["notes"] == ["in f, called from line 9"]
    assert list(error)[:6] == ["code", "message", "line", "column", "end_column", "hint"]


@pytest.mark.parametrize(
    ("text", "span", "place"),
    [
        ("a\nbc = ab", (7, 9), (2, 6, 8)),
        ("f(\n  x\n)", (0, 8), (1, 1, 3)),
        ("f(\r\n  x\r\n)", (0, 9), (1, 1, 3)),
        ("a = (1,", (7, 7), (1, 8, 8)),
        ("é = 名前", (4, 6), (1, 5, 7)),
    ],
)
def test_places_count_characters_from_one_and_end_on_their_line(
    text: str, span: tuple[int, int], place: tuple[int, int, int]
) -> None:
    error = failure_object(failure(text, span), "s")["error"]
    assert (error["line"], error["column"], error["end_column"]) == place
