"""Lines as people type them, with characters lost, doubled and exchanged: read, left alone or refused.

The lines are those of `cli.test_notation`, whole or two of them in one.
"""

from __future__ import annotations

import random

from cli.test_notation import ANSWERS, HINTS, NOTES
from fuzz.cases import Case
from gradcli.syntax.notation import read, read_value

_LINES = [row[0] for row in (*ANSWERS, *HINTS, *NOTES)]
_PIECES = [
    *(character for line in _LINES for character in line),
    ";", "; ", "(", ")", "|", "=", "==", " at ", " where ", "²", "³", "d/dx ", "dy/dx", "?", "'", ",", "#",
    "[", "]", "^", "{", "}", "\\", "$", "\"", "log", "max", "def ", "lambda ", "→", "!", "%", "°", " of ",
]  # fmt: skip


def line(random: random.Random) -> str:
    """A line that somebody might type, with mistakes."""
    text = random.choice(_LINES)
    for _ in range(random.choice((1, 1, 2, 3))):
        at = random.randrange(len(text) + 1)
        match random.randrange(6):
            case 0 | 1:
                text = text[:at] + random.choice(_PIECES) + text[at:]
            case 2 | 3:
                text = text[:at] + text[at + random.choice((1, 1, 2)) :]
            case 4:
                other = random.randrange(len(text) + 1)
                text = text[:at] + text[min(at, other) : max(at, other)] + text[at:]
            case 5:
                text = text[:at] + random.choice(_LINES) + text[at:]
    return text


def case(random: random.Random) -> Case:
    """A line, read as a program and as a value."""
    text = line(random)

    def run() -> None:
        read_value(text)
        read(text)

    return Case(repr(text), run)
