"""Numbers and nested lists of numbers are read without a parser, and mean what Python means by them."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcli.syntax.parser import parse
from gradcli.syntax.plain_lexer import literal

NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
NESTED = st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@given(NESTED)
def test_what_python_writes_is_read_back(value: object) -> None:
    found = literal(repr(value))
    assert repr(found) == repr(value)  # with the types and the signs of zeros


@given(st.text("[],-1 2.5e", min_size=1, max_size=12))
def test_what_is_read_is_a_value_of_the_language_and_of_python(text: str) -> None:
    found = literal(text)
    if found is not None:
        assert len(parse(text).body) == 1
        assert repr(found) == repr(ast.literal_eval(text.strip()))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "-",
            "[",
            "]",
            "[1",
            "1]",
            "[1,,2]",
            "[1 2]",
            "1 2",
            "1,2",
            "[1]2",
            "[1][0]",
            "-[1]",
            "--1",
            "1-2",
        ),
        *("2;", "x", "[x]", "True", "inf", "(1)", "1+2", "'1'", "9223372036854775808", "[" * 20 + "]" * 20),
    ],
)
def test_anything_else_is_left_to_the_parser(text: str) -> None:
    assert literal(text) is None
