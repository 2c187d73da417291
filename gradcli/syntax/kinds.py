"""The kinds of tokens, what numbers and signs look like, and the value of a number.

Both lexers cut by these, and the syntax errors name tokens by them.
"""

from __future__ import annotations

from gradcli.errors import syntax_error
from gradcli.syntax.automaton import SPELLED, kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Token = tuple[int, int, int, Any]  # kind (its number in the tables), start, end, text or value

FOREIGN = 120
"""The kind of words and signs of Python that the grammar doesn't have."""
FOREIGNERS = {
    "async": ("async is not in the language", "write a plain def, for or with"),
    "await": ("await is not in the language", "call the function directly"),
}
"""These words and signs: what is wrong, and what to write."""

ERROR = 121
"""The kind of the last token when the text cannot be read further; its value is the error."""

END = kind("$END")
NEWLINE = kind("_NEWLINE")
INDENT = kind("_INDENT")
DEDENT = kind("_DEDENT")
NAME = kind("NAME")
NUMBER = kind("NUMBER")
STRING = kind("STRING")
FSTRING_START = kind("FSTRING_START")
FSTRING_TEXT = kind("FSTRING_TEXT")
FSTRING_END = kind("FSTRING_END")
FIELD_START = kind("FIELD_START")
FIELD_EQUAL = kind("FIELD_EQUAL")
FIELD_COLON = kind("FIELD_COLON")
FIELD_END = kind("FIELD_END")
CONVERSION = kind("CONVERSION")

_DIGITS = "[0-9](?:_?[0-9])*"
_EXPONENT = rf"(?:[eE][-+]?{_DIGITS})"

# Fragments of regular expressions, to be read with `re.VERBOSE`.
NUMBERS = rf"""(?:
    0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+
    |\.{_DIGITS}{_EXPONENT}?
    |{_DIGITS}(?:\.(?:{_DIGITS})?)?{_EXPONENT}?)"""
SIGNS = r"(?:\*\*=?|//=?|->|:=|[=!<>]=|[-+*/%@&|^]=?|\.\.\.|[][(),:.;~<>=])"

# The words that belong to a string when a quote follows at once.
_LETTERS = ("r", "u", "f", "b", "rf", "fr", "rb", "br")
_PREFIXES = frozenset(
    prefix
    for letters in _LETTERS
    for prefix in (letters, letters.upper(), letters.capitalize(), letters.capitalize().swapcase())
)

WORD_KINDS = (
    {word: number for word, number in SPELLED.items() if word.isidentifier()}
    | dict.fromkeys(filter(str.isidentifier, FOREIGNERS), FOREIGN)
    | dict.fromkeys(_PREFIXES, STRING)
)
_AUGMENTED = ("+=", "-=", "*=", "/=", "//=", "%=", "@=", "**=", "^=", "&=", "|=")
SIGN_KINDS = {sign: number for sign, number in SPELLED.items() if not sign.isidentifier()}
SIGN_KINDS |= dict.fromkeys(_AUGMENTED, kind("AUGMENTED"))
OPENING = {sign: SIGN_KINDS.pop(sign) for sign in "([{"}
CLOSING = {sign: SIGN_KINDS.pop(sign) for sign in ")]}"}

PLAIN_KINDS = (
    SIGN_KINDS
    | {sign: OPENING[sign] for sign in "(["}
    | {sign: CLOSING[sign] for sign in ")]"}
    | {word: NAME if number == STRING else number for word, number in WORD_KINDS.items()}
)
"""The kinds of words and signs in a program without strings."""

_LARGEST = 2**63 - 1
_BASES = ("0x", "0b", "0o")


def number_value(written: str, start: int) -> int | float:
    """The value of a number."""
    if len(written) < 19 and written.isdecimal() and written[0] != "0":
        return int(written)  # most of them
    span = (start, start + len(written))
    digits = written.replace("_", "")
    if digits.isdigit():
        if digits[0] == "0" and digits.strip("0"):
            hint = f"write {digits.lstrip('0')}"
            raise syntax_error("a whole number has no leading zeros", span, hint)
        value = int(digits) if len(digits) < 25 else _LARGEST + 1
    elif digits[:2].lower() in _BASES:
        value = int(digits, 0) if len(digits) < 100 else _LARGEST + 1  # which takes no second prefix
    else:
        return float(digits)
    if value > _LARGEST:
        hint = (
            f"as a float it is {digits}.0" if digits.isdigit() and len(digits) < 40 else "write it as a float"
        )
        raise syntax_error("the whole number does not fit into 64 bits", span, hint)
    return value
