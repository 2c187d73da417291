"""How text is cut into tokens: words, numbers, strings, layout, and where each token stands."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.errors import GradcliError
from gradcli.syntax import kinds, lexer, plain_lexer
from gradcli.syntax.automaton import TERMINALS


def names(text: str) -> str:
    """The kinds of the tokens, without the END."""
    return " ".join(TERMINALS[token[0]] for token in lexer.tokens(text)[:-1])


def only(text: str) -> object:
    """The value of a text that is one token."""
    first, newline, end = lexer.tokens(text)
    assert (first[1], first[2]) == (0, len(text))
    assert (newline[0], end[0]) == (kinds.NEWLINE, kinds.END)
    return first[3]


def failure(text: str) -> GradcliError:
    """The error that the tokens of `text` end with."""
    kind, _, _, error = lexer.tokens(text)[-1]
    assert kind == kinds.ERROR
    assert isinstance(error, GradcliError)
    return error


# fmt: off
NUMBERS = [
    "0", "00", "1", "1_000", "9223372036854775807", "0xff", "0XFF", "0x_ff", "0b101", "0B1_0", "0o17",
    "1.5", "1.", ".5", "0.5", "1e3", "1E3", "1e-3", "1.e+3", ".5e2", "1_0.0_1e1_0", "012.5", "1e400", "007e0",
]
# fmt: on


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_have_pythons_values(text: str) -> None:
    found = only(text)
    expected = eval(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "0x8000000000000000", "1" * 100_000, "0x" + "f" * 1000]
)
def test_whole_numbers_have_64_bits(text: str) -> None:
    error = failure(text)
    assert error.span == (0, len(text))
    assert "64 bits" in error.message


# fmt: off
STRINGS = [
    "''", '""', "''''''", '""""""', "'a'", '"a"',
    "'a\"b'", '"a\'b"', "'''a'b''c'''", '"""a"b""c"""', "'''a\nb'''",
    r"'\n\t\r\a\b\f\v\\\'\"'", r"'\x41\u00e9\U0001F600\101\0\7'", r"'\N{GREEK SMALL LETTER PI}'", r"'\\'",
    "'a\\\nb'", "'''a\\\nb'''", r"r'\n'", r"R'a\'b'", r'r"\\"', "u'a'", "U'a'", "'é×²'", "'# no comment'",
]
# fmt: on


@pytest.mark.parametrize("text", STRINGS)
def test_strings_have_pythons_values(text: str) -> None:
    assert only(text) == eval(text)


def test_an_unknown_escape_stands_for_itself() -> None:
    assert only(r"'\d\ '") == r"\d\ "


def test_line_ends_in_strings_are_newlines() -> None:
    assert only("'''a\r\nb\rc'''") == "a\nb\nc"


@pytest.mark.parametrize(
    "name", ["x", "_", "x1", "rb1", "f", "r", "b", "Rb", "θ", "naïve", "x_é", "ifx", "None_"]
)
def test_names(name: str) -> None:
    assert only(name) == name
    assert names(name) == "NAME _NEWLINE"


def test_names_are_normalised_as_in_python() -> None:
    assert only("ﬁ") == "fi"


def test_prefixes_only_count_at_a_quote() -> None:
    assert names("f 'a'") == "NAME STRING _NEWLINE"
    assert names("rb + r'a'") == "NAME PLUS STRING _NEWLINE"


LAYOUT = [
    ("x", "NAME _NEWLINE"),
    ("x\n", "NAME _NEWLINE"),
    ("\n\nx\n\n\n", "NAME _NEWLINE"),
    ("x\n# c\n\ny", "NAME _NEWLINE NAME _NEWLINE"),
    ("x\n  # c", "NAME _NEWLINE"),
    ("x\ry", "NAME _NEWLINE NAME _NEWLINE"),
    ("x;\ny", "NAME SEMICOLON _NEWLINE NAME _NEWLINE"),
    ("x\n y\n z\nw", "NAME _NEWLINE _INDENT NAME _NEWLINE NAME _NEWLINE _DEDENT NAME _NEWLINE"),
    ("x\n y\n  z", "NAME _NEWLINE _INDENT NAME _NEWLINE _INDENT NAME _NEWLINE _DEDENT _DEDENT"),
    ("x\n  y\n\n# c\n  z", "NAME _NEWLINE _INDENT NAME _NEWLINE NAME _NEWLINE _DEDENT"),
    ("(x\n  y)\n", "LPAR NAME NAME RPAR _NEWLINE"),
    ("[x # c\n\n]", "LSQB NAME RSQB _NEWLINE"),
    ("x \\\n  y", "NAME NAME _NEWLINE"),
    ("x \\\r\n  y", "NAME NAME _NEWLINE"),
    ("x\n\ty\n\tz", "NAME _NEWLINE _INDENT NAME _NEWLINE NAME _NEWLINE _DEDENT"),
    ("x\n\f  y", "NAME _NEWLINE _INDENT NAME _NEWLINE _DEDENT"),
    (" x", "NAME _NEWLINE"),
    (" x\ny", "_INDENT NAME _NEWLINE _DEDENT NAME _NEWLINE"),
]


@pytest.mark.parametrize(("text", "expected"), LAYOUT)
def test_layout(text: str, expected: str) -> None:
    assert names(text) == expected


def test_tokens_stand_where_they_are_in_the_text() -> None:
    text = "\ufeffé = (1.5 ,\n 'a\\n') # c\r\nif f'a{x!r:>{ w }}b' :\r\n\ty\nz"
    found = [text[start:end] for kind, start, end, _ in lexer.tokens(text) if kind not in _LAYOUT]
    # fmt: off
    assert found == [
        "é", "=", "(", "1.5", ",", "'a\\n'", ")",
        "if", "f'", "a", "{", "x", "!r", ":", ">", "{", "w", "}", "}", "b", "'", ":", "y", "z",
    ]
    # fmt: on


_LAYOUT = {kinds.NEWLINE, kinds.INDENT, kinds.DEDENT, kinds.END}


def test_line_ends_stand_behind_the_last_token() -> None:
    found = [token for token in lexer.tokens("x  # c\n\n  y") if token[0] == kinds.NEWLINE]
    assert [token[1:3] for token in found] == [(1, 1), (11, 11)]


def test_what_stands_before_an_error_is_still_read() -> None:
    assert [token[3] for token in lexer.tokens("x = $")[:-1]] == ["x", "="]


# ---- plain programs, cut in bulk ----

PIECES = [
    *"xyz019.+-*/=()[],:;<> \n#'!@%",
    "if ",
    "in",
    "2.5",
    "1e3",
    "\n\n",
    "**",
    "def ",
    "é",
    "007",
    "x_1",
    "0x",
    " ",
]


def texts(most: int) -> Iterator[str]:
    """Random ones of at most so many pieces, shortest first."""
    chance = random.Random(most)
    for number in range(2000):
        yield "".join(chance.choices(PIECES, k=number * most // 2000 + 1))


def _bulk_reading_agrees(text: str) -> None:
    found, exact = plain_lexer.tokens(text), lexer.tokens(text)
    if found is None or exact[-1][0] == kinds.ERROR:  # brackets are left to the parser
        return
    outside = [token for token in found if token[0] != kinds.NEWLINE]
    assert outside == [token for token in exact if token[0] != kinds.NEWLINE], text
    if not any(sign in text for sign in "()[]"):  # a line may end inside brackets
        assert found == exact, text


def _portions_are_cut_alike(text: str, size: int) -> None:
    whole = plain_lexer.tokens(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_lexer, "_PORTION", size)
        assert plain_lexer.tokens(text) == whole, text


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=800, deadline=None)
def test_bulk_reading_agrees(text: str) -> None:
    _bulk_reading_agrees(text)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.integers(1, 12))
@settings(max_examples=800, deadline=None)
def test_portions_are_cut_alike(text: str, size: int) -> None:
    _portions_are_cut_alike(text, size)


def test_bulk_reading_and_portions_agree_of_many_texts() -> None:
    for text in texts(14):
        _bulk_reading_agrees(text)
    for number, text in enumerate(texts(30)):
        _portions_are_cut_alike(text, number % 12 + 1)


@pytest.mark.parametrize(
    "text", ["x + 1", "y = 2*x; z = y**2", "a = 1\nb = a.sum()[0]\n\nb", "if x: y = 1e3"]
)
def test_plain_programs_are_read_in_bulk(text: str) -> None:
    assert plain_lexer.tokens(text) == lexer.tokens(text)


@pytest.mark.parametrize(
    "text", ["'x'", "x # y", " x", "x\n  y", "2(x)", "2[0]", "é", "x\\\n+1", "0123", "{1}"]
)
def test_what_is_not_plain_is_left_to_the_lexer(text: str) -> None:
    assert plain_lexer.tokens(text) is None
