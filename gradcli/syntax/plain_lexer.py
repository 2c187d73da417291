"""The tokens of plain programs, cut in bulk: no strings, comments, indented lines or signs out of place.

Most programs are plain: a long one takes little more than half the time that `lexer` takes, which is not
even loaded for it. Brackets are not looked at: where the parser refuses these tokens, `lexer` decides.
"""

from __future__ import annotations

import re
from itertools import accumulate

from gradcli.errors import GradcliError
from gradcli.syntax.kinds import END, NAME, NEWLINE, NUMBER, SIGNS, number_value
from gradcli.syntax.kinds import PLAIN_KINDS as KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.syntax.kinds import Token

# A number is cut roughly, which takes half as long to compile: whether it is one shows when it is read.
_NUMBER = r"\.?\d(?:[eE][-+]\d|[\w.])*+"
_PIECE = re.compile(rf"([^\W\d]\w*+|{_NUMBER}|{SIGNS}|(?<!\n)\n++(?=[^\W\d]))", re.ASCII)
_GAPS = frozenset(("", " ", "  "))


def tokens(text: str) -> list[Token] | None:
    """The tokens of `text` up to an END, or None if it isn't plain."""
    parts = _PIECE.split(text.rstrip(" \t\f\r\n"))
    pieces = parts[1::2]
    if not pieces or parts[0] or pieces[0][0] == "\n" or not _GAPS.issuperset(parts[0::2]):
        return None
    ends = list(accumulate(map(len, parts)))
    starts = ends[0::2]
    ends = ends[1::2]
    kinds: list[int | None] = list(map(KINDS.get, pieces))
    for at, kind in enumerate(kinds):
        if kind is None:
            piece = pieces[at]
            if piece.isidentifier():
                kinds[at] = NAME
            elif piece[0] == "\n":
                kinds[at] = NEWLINE
                pieces[at] = ""
                starts[at] = ends[at] = ends[at - 1]
            else:
                if pieces[at + 1 : at + 2] in (["("], ["["]):  # a slip for `*(`, which `lexer` tells of
                    return None
                if "_" in piece:
                    return None
                try:
                    pieces[at] = number_value(piece, starts[at])
                except (GradcliError, ValueError):
                    return None
                kinds[at] = NUMBER
    found: list[Token] = list(zip(kinds, starts, ends, pieces, strict=False))  # type: ignore[arg-type]
    last = ends[-1]
    found.append((NEWLINE, last, last, ""))
    found.append((END, last, last, ""))
    return found
