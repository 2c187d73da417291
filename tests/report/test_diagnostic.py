"""Diagnostics for people, to the letter."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gradcli.errors import GradcliError
from gradcli.report.diagnostic import diagnostic_text


def diagnostic(
    text: str | None, span: tuple[int, int] | None, *, hint: str | None = None, **more: Any
) -> str:
    notes = more.pop("notes", ())
    message = more.pop("message", "no function named `sine`")
    error = GradcliError("unknown-function", message, span=span, hint=hint, notes=notes)
    error.text = text
    return diagnostic_text(error, **({"name": "model.grad"} | more))


def picture(text: str, word: str, **more: Any) -> str:
    """Only the source lines and the carets of a diagnostic about the first `word` in `text`."""
    at = text.index(word)
    lines = diagnostic(text, (at, at + len(word)), **more).splitlines()
    return "\n".join(lines[3:])


def test_a_call_of_nothing() -> None:
    assert diagnostic("y = sine(x)", (4, 8), hint="did you mean sin?") == (
        "error[unknown-function]: no function named `sine`\n"
        "  --> model.grad:1:5\n"
        "   |\n"
        " 1 | y = sine(x)\n"
        "   |     ^^^^\n"
        "   = hint: did you mean sin?\n"
    )


def test_notes_come_before_the_hint_and_continue_under_themselves() -> None:
    assert diagnostic(
        "y = sine(x)\r\n", (4, 8), hint="a\nb", notes=("in swish, called from line 9", "turn 3\nof 5")
    ) == (
        "error[unknown-function]: no function named `sine`\n"
        "  --> model.grad:1:5\n"
        "   |\n"
        " 1 | y = sine(x)\n"
        "   |     ^^^^\n"
        "   = note: in swish, called from line 9\n"
        "   = note: turn 3\n"
        "           of 5\n"
        "   = hint: a\n"
        "           b\n"
    )


def test_line_numbers_widen_the_margin() -> None:
    before = "\n" * 1233
    assert diagnostic(before + "sine(x)", (1233, 1237), name="<stdin>") == (
        "error[unknown-function]: no function named `sine`\n"
        "     --> <stdin>:1234:1\n"
        "      |\n"
        " 1234 | sine(x)\n"
        "      | ^^^^\n"
    )


@pytest.mark.parametrize(
    ("text", "span", "name", "expected"),
    [
        (
            None,
            None,
            "model.grad",
            "error[unknown-function]: first\n  second\n  --> model.grad\n   = hint: h\n",
        ),
        ("x", None, None, "error[unknown-function]: first\n  second\n   = hint: h\n"),
    ],
)
def test_no_place_to_show(text: str | None, span: None, name: str | None, expected: str) -> None:
    assert diagnostic(text, span, name=name, hint="h", message="first\nsecond") == expected


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("\ty =\tsine(x)", "sine", " 1 |     y = sine(x)\n   |         ^^^^"),
        ("名前 = sine(x)", "sine", " 1 | 名前 = sine(x)\n   |        ^^^^"),
        ("x = 名前", "名前", " 1 | x = 名前\n   |     ^^^^"),
        ("'e\u0301' + sine", "sine", " 1 | 'e\u0301' + sine\n   |       ^^^^"),
        ("'\x1b[31m' + sine", "sine", " 1 | '\\x1b[31m' + sine\n   |              ^^^^"),
        ("'\u202e' + sine", "sine", " 1 | '\\u202e' + sine\n   |            ^^^^"),
        ("'\udc80' + \udc80", "\udc80'", " 1 | '\\udc80' + \\udc80\n   |  ^^^^^^^"),
        ("\x00\U000e0001b", "b", " 1 | \\x00\\U000e0001b\n   |               ^"),
        ("(1,\n  sine(\n    x)\n)", "sine(\n    x)", " 2 |   sine(\n   |   ^^^^^\n 3 |     x)\n   |     ^^"),
        ("f(\n\n  x)", "f(\n\n  x)", " 1 | f(\n   | ^^\n 2 |\n 3 |   x)\n   |   ^^"),
        (
            "f(\n a,\n b,\n c,\n d,\n e)",
            "f(\n a,\n b,\n c,\n d,\n e)",
            " 1 | f(\n   | ^^\n 2 |  a,\n   |  ^^\n 3 |  b,\n   |  ^^\n...\n 6 |  e)\n   |  ^^",
        ),
    ],
)
def test_carets_stand_under_the_span(text: str, word: str, expected: str) -> None:
    assert picture(text, word) == expected


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("y = (1,", (7, 7), " 1 | y = (1,\n   |        ^"),
        ("", (0, 0), " 1 |\n   | ^"),
        ("x\n", (2, 2), " 2 |\n   | ^"),
    ],
)
def test_an_unexpected_end_has_a_caret_behind_it(text: str, span: tuple[int, int], expected: str) -> None:
    assert "\n".join(diagnostic(text, span).splitlines()[3:]) == expected


def test_long_lines_are_shown_around_the_span() -> None:
    sum_of_many = "+".join(f"x{number}" for number in range(10_000))
    assert picture(f"{sum_of_many}+sine(x)+{sum_of_many}", "sine") == (
        " 1 | ...4+x9995+x9996+x9997+x9998+x9999+sine(x)+x0+x1+x2+x3+x4+x5+x6+x7+x8+x9...\n"
        "   |                                    ^^^^"
    )
    assert picture(f"sine(x)+{sum_of_many}", "sine", width=50) == (
        " 1 | sine(x)+x0+x1+x2+x3+x4+x5+x6+x7+x8+x9+x...\n   | ^^^^"
    )
    assert picture(f"{sum_of_many}+sine", "sine", width=50) == (
        " 1 | ...9994+x9995+x9996+x9997+x9998+x9999+sine\n   |                                       ^^^^"
    )


def test_file_names_cannot_move_the_cursor() -> None:
    assert "  --> a\\x1b[2Jb:1:1\n" in diagnostic("sine", (0, 4), name="a\x1b[2Jb")


def test_colour_only_where_it_is_asked_for() -> None:
    colored = diagnostic("y = sine(x)", (4, 8), hint="did you mean sin?", color=True)
    assert colored == (
        "\x1b[1;31merror[unknown-function]\x1b[0m: \x1b[1mno function named `sine`\x1b[0m\n"
        "  \x1b[1;34m-->\x1b[0m model.grad:1:5\n"
        "\x1b[1;34m   |\x1b[0m\n"
        "\x1b[1;34m 1 |\x1b[0m y = sine(x)\n"
        "\x1b[1;34m   |\x1b[0m     \x1b[1;31m^^^^\x1b[0m\n"
        "\x1b[1;34m   = \x1b[0m\x1b[1;36mhint\x1b[0m: did you mean sin?\n"
    )


SOURCES = st.text(st.sampled_from("ab +名\té\u0301\u202e\x1b\n\r\udc80"), max_size=300)


@given(SOURCES, st.integers(0, 300), st.integers(0, 300))
def test_any_span_of_any_text_fits_the_terminal(text: str, start: int, length: int) -> None:
    shown = diagnostic(text, (start, start + length), name="<stdin>", width=60)
    assert "^" in shown or not text[start : start + length].strip()
    for line in shown.splitlines():
        assert cell_len(line) <= 60
        assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs"}
