"""How much room text takes in a terminal: marks that combine take none, wide characters two columns."""

from __future__ import annotations

import unicodedata
from itertools import accumulate


def columns(character: str) -> int:
    """How many columns a terminal gives a character."""
    if character.isascii() and character.isprintable():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def width(text: str) -> int:
    """How many columns a terminal gives a text."""
    return len(text) if text.isascii() else sum([columns(each) for each in text])


def cut(text: str, most: int) -> str:
    """A text that takes at most so many columns, with `…` where something is left out."""
    if width(text) <= most:
        return text
    kept = sum([each <= max(0, most - 1) for each in accumulate(map(columns, text))])
    return text[:kept] + "…"


def left(text: str, room: int) -> str:
    """A text with blanks behind it."""
    return text + " " * (room - width(text))


def middle(text: str, room: int) -> str:
    """A text with blanks on both sides, as `str.center` has them."""
    return text.center(room - width(text) + len(text))
