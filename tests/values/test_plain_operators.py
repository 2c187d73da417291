"""Python's operators on values that are no tensors: what Python makes of them, in a program too."""

from __future__ import annotations

import itertools

import pytest

import gradcli

NUMBERS = ["7", "-7", "3", "2.5", "-0.5", "0", "True"]
SYMBOLS = ["+", "-", "*", "/", "//", "%", "<", "<=", "==", "!="]
SEQUENCES = [
    "[1, 2] + [3]",
    "(1, 2) + (3,)",
    "'a' + 'b'",
    "'ab' * 3",
    "3 * [0, 1]",
    "[1, 2] == [1, 2]",
    "(1, 2) < (1, 3)",
    "[2] > [1, 9]",
    "'abc' < 'abd'",
    "2**10",
    "2**-1",
    "(-8)**2",
    "~5",
    "6 & 3",
    "6 | 3",
    "+True",
    "-True",
]
"""What is written for both alike."""


def shown(expression: str) -> str:
    """What a program prints for an expression."""
    (line,) = gradcli.evaluate(f"print(repr({expression}))").printed
    return line


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_numbers_are_pythons(symbol: str) -> None:
    for left, right in itertools.product(NUMBERS, NUMBERS):
        text = f"{left} {symbol} {right}"
        try:
            wanted = repr(eval(text))
        except ZeroDivisionError:
            assert gradcli.evaluate(f"try: {text}\nexcept ZeroDivisionError: print(0)").printed == ["0"], text
        else:
            assert shown(text) == wanted, text


@pytest.mark.parametrize("text", SEQUENCES)
def test_sequences_and_signs_are_pythons(text: str) -> None:
    assert shown(text) == repr(eval(text))


REFUSED = ["[1] + (2,)", "'a' + 1", "1 + 'a'", "[1] < 2", "'a' * 'b'", "[1] * 2.5", "-'a'", "{} + {}"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_python_refuses_is_a_type_error(text: str) -> None:
    with pytest.raises(TypeError) as known:
        eval(text)
    program = f"try: {text}\nexcept TypeError as error: print(error)"
    assert gradcli.evaluate(program).printed[0] == str(known.value)
