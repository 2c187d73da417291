"""The tokens of plain programs, cut in bulk: no strings, comments, indented lines or signs out of place.

Most programs are plain, and `lexer` is not even loaded for them. Brackets are not looked at: where the parser
refuses these tokens, `lexer` decides.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain

from gradcli.errors import GradcliError
from gradcli.syntax.kinds import END, NAME, NEWLINE, NUMBER, SIGNS, STRING, number_value
from gradcli.syntax.kinds import PLAIN_KINDS as KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from gradcli.syntax.kinds import Token

# A number is cut roughly, which takes half as long to compile: whether it is one shows when it is read.
_NUMBER = r"\.?\d(?:[eE][-+]\d|[\w.])*+"
_PIECES = rf"[^\W\d]\w*+|{_NUMBER}|{SIGNS}|(?<!\n)\n++(?=[^\W\d])"
_PIECE = re.compile(f"({_PIECES})", re.ASCII)
_GAPS = frozenset(("", " ", "  "))
_OPEN, _CLOSED, _COMMA, _MINUS = map(KINDS.__getitem__, "[],-")


_PORTION = 1 << 14
"""About how many characters are cut at once: the tokens of a long program would take as much as its tree."""
_UNSURE = 3
"""How many pieces at the end of a portion may go on behind it: `1e`, `-` and `5` are one number."""


class NotPlain(Exception):
    """The text isn't plain, or something is wrong with it."""


def tokens(text: str) -> list[Token] | None:
    """The tokens of `text` up to an END, or None if it isn't plain."""
    try:
        return list(stream(text))
    except NotPlain:
        return None


def stream(text: str, more: str = "", kinds: Mapping[str, int] = KINDS) -> Iterator[Token]:
    """The tokens of `text` up to an END, cut as they are taken.

    Args:
        more: patterns of pieces that a plain program does not have; those in quotes are texts.
        kinds: of the words and signs.

    Raises:
        NotPlain: while they are taken.
    """
    pattern = re.compile(f"({_PIECES}{more})", re.ASCII) if more else _PIECE
    return chain.from_iterable(_portions(text.rstrip(" \t\f\r\n"), pattern, dict(kinds)))


def _portions(text: str, pattern: re.Pattern[str], known: dict[str, int]) -> Iterator[Iterable[Token]]:
    """The tokens portion by portion; `known` are the kinds of words, and of the names that have come up."""
    start, size = 0, _PORTION
    while True:
        parts = pattern.split(text[start : start + size])
        sure = len(parts) // 2
        ended = start + size >= len(text)
        if not ended:
            sure -= _UNSURE
            gaps = parts[0 : 2 * max(sure, 0) + 1 : 2]
            if not _GAPS.issuperset(gaps):  # a text in quotes may go on behind the portion
                sure = next(at for at, gap in enumerate(gaps) if gap not in _GAPS) - 1
            while sure > 0 and parts[2 * sure + 1][0] == "\n":  # its place is that of the piece before it
                sure -= 1
            if sure <= 0:
                size *= 2
                continue
        places = list(accumulate(map(len, parts), initial=start))
        yield _cut(parts, sure, places, known)
        if ended:
            break
        start = places[2 * sure + 1]
    last = places[-2]
    yield (NEWLINE, last, last, ""), (END, last, last, "")


def _cut(parts: list[Any], count: int, places: list[int], known: dict[str, int]) -> Iterable[Token]:
    """The first so many tokens of a portion, of which `places` tells where its pieces and gaps begin."""
    pieces = parts[1::2]
    if not pieces or parts[0] or pieces[0][0] == "\n" or not _GAPS.issuperset(parts[0 : 2 * count + 1 : 2]):
        raise NotPlain
    starts = places[1::2]
    ends = places[2::2]
    kinds: list[int | None] = list(map(known.get, pieces[:count]))
    for at, kind in enumerate(kinds):
        if kind is None:
            piece = pieces[at]
            if piece.isidentifier():
                kinds[at] = known[piece] = NAME
            elif piece[0] == "\n":
                kinds[at] = NEWLINE
                pieces[at] = ""
                starts[at] = ends[at] = ends[at - 1]
            elif piece[0] in "\"'":
                kinds[at] = STRING
                pieces[at] = piece[1:-1]
            else:
                if pieces[at + 1 : at + 2] in (["("], ["["]):  # a slip for `*(`, which `lexer` tells of
                    raise NotPlain
                if "_" in piece:
                    raise NotPlain
                try:
                    pieces[at] = number_value(piece, starts[at])
                except (GradcliError, ValueError):
                    raise NotPlain from None
                kinds[at] = NUMBER
    return zip(kinds, starts, ends, pieces, strict=False)  # type: ignore[arg-type]


_DEEPEST = 16
"""Lists that nest deeper are for the parser and the interpreter, which know how deep they may."""


def literal(text: str) -> Any:
    """The number or the nested list of numbers that `text` is; None for anything else.

    What it gives is what the interpreter would, and a text that it does not understand may still be a value.
    """
    found = tokens(text)
    if found is None:
        return None
    lists: list[list[Any]] = []  # those that are open
    result = None
    negative, wanted = False, True  # a sign has come; a value may come
    for kind, _, _, value in found[:-2]:
        if kind == NUMBER and wanted:
            item = -value if negative else value
            negative = False
        elif kind == _CLOSED and lists and not negative and not (wanted and lists[-1]):
            item = lists.pop()
        elif kind == _OPEN and wanted and not negative and len(lists) < _DEEPEST:
            lists.append([])
            continue
        elif kind == _COMMA and lists and not wanted:
            wanted = True
            continue
        elif kind == _MINUS and wanted and not negative:
            negative = True
            continue
        else:
            return None
        wanted = False
        if lists:
            lists[-1].append(item)
        else:
            result = item
    return None if wanted or lists else result
