"""Cuts a line into pieces and brackets, and puts them together again.

A piece knows where it stands in the line, whatever it has become; that is how errors find their place.
"""

from __future__ import annotations

import re
import unicodedata

from gradcli.errors import GradcliError, syntax_error
from gradcli.record import Record
from gradcli.syntax.kinds import NUMBERS
from gradcli.syntax.notation.words import (
    BRACKETS,
    CHARACTERS,
    FRACTIONS,
    FUNCTIONS,
    KEYWORDS,
    PREFIXES,
    SIGNS,
    SUPERSCRIPTS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeGuard

    from gradcli.errors import Span

NUMBER, NAME, WORD, SIGN, STRING, POWER, PRIME = (
    "number", "name", "word", "sign", "string", "power", "prime",
)  # fmt: skip
"""The kinds of pieces: WORD is a word of the language, POWER an exponent above the line, PRIME is `'`."""

_UP = "".join(SUPERSCRIPTS)
_APART = _UP + "π∞" + "".join(FRACTIONS)
_PIECE = re.compile(
    rf"""(?P<gap>[ \t]*)(?:
    (?P<string>[fFrR]{{0,2}}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
    |(?P<comment>\#.*)
    |(?P<power>[{_UP}]+)
    |(?P<name>(?:(?![{_APART}])[^\W\d])(?:(?![{_APART}])\w)*)
    |(?P<number>{NUMBERS}|[π∞{"".join(FRACTIONS)}])
    |(?P<sign>\*\*=?|//=?|->|=>|:=|[=<>!]=|[-+*/@&^]=|\.\.\.|[^\s\w])
    )""",
    re.VERBOSE,
)
_PRIMES = {"'": "'", '"': "''", "″": "''", "‴": "'''"}
_MARKS = re.compile("['″‴]+|\"")
"""The marks of a derivative; a `\"` behind a name closes no text."""
_OPEN = {"(": ")", "[": "]", "{": "}", **dict(BRACKETS.values())}
_CLOSERS = frozenset(_OPEN.values())


class GiveUp(Exception):
    """The line is none that could be read here: the parser says what is wrong with it."""


class Lexeme(Record):
    """A word, a number or a sign, with the blanks before it."""

    kind: str
    text: str
    start: int
    end: int
    gap: str = ""


class Bracket:
    """A bracket and what stands in it; those of `|x|` and `⌊x⌋` are of kind `|`."""

    __slots__ = ("close", "items", "kind", "open")

    def __init__(self, kind: str, opened: Lexeme, items: list[Item], close: Lexeme) -> None:
        self.kind = kind
        self.open = opened
        self.items = items
        self.close = close

    @property
    def gap(self) -> str:
        return self.open.gap

    @gap.setter
    def gap(self, gap: str) -> None:
        self.open.gap = gap

    @property
    def start(self) -> int:
        return self.open.start

    @property
    def end(self) -> int:
        return self.close.end


Item = Lexeme | Bracket


def cut(line: str, primed: frozenset[str] = frozenset()) -> list[Item]:
    """The pieces of a line, what stands in brackets as groups.

    `primed` are the functions whose derivative is written `f'(x)`.

    Raises:
        GiveUp: a bracket is not closed, or a string.
    """
    line = "".join(CHARACTERS.get(each, _narrow(each)) for each in line)
    stack: list[list[Item]] = [[]]
    opened: list[Lexeme] = []
    position = 0
    while position < len(line):
        position = _next(line, position, stack, opened, primed)
    if opened:
        raise GiveUp
    return stack[0]


def _next(
    line: str, position: int, stack: list[list[Item]], opened: list[Lexeme], primed: frozenset[str]
) -> int:
    last = stack[-1][-1] if stack[-1] else None
    if type(last) is Lexeme and last.text in primed and last.end == position:
        marks = _MARKS.match(line, position)
        if marks is not None:
            text = "".join(map(_PRIMES.__getitem__, marks[0]))
            stack[-1].append(Lexeme(PRIME, text, position, marks.end()))
            return marks.end()
    match = _PIECE.match(line, position)
    if match is None:
        if line[position:].strip():
            raise GiveUp
        return len(line)
    kind = str(match.lastgroup)
    name = line[match.start(kind) : match.end(kind)].partition("'")[0]
    if kind == "string" and name in primed:  # f'(x) is no text with a prefix
        stack[-1].append(Lexeme(NAME, name, match.start(kind), match.start(kind) + len(name), match["gap"]))
        return match.start(kind) + len(name)
    text, start, end, gap = match[kind], match.start(kind), match.end(kind), match["gap"]
    if kind == "comment":
        return end
    unknown = text in ("f''", "r''") and line[end : end + 1] == "("
    if unknown or ("'" in text and last is not None and ends_value(last) and last.end == start):
        raise _primed(line, Lexeme(NAME, text[0], start, start + 1) if unknown else last, end)
    if kind == "sign" and text in "\"'":
        raise GiveUp
    piece = Lexeme(kind, text, start, end, gap)
    if kind == "power":
        piece.text = "".join(map(SUPERSCRIPTS.__getitem__, text))
    elif kind == "name":
        piece.text = unicodedata.normalize("NFKC", text)
        if piece.text == "τ":
            piece.kind, piece.text = NUMBER, SIGNS["τ"]
        elif piece.text in KEYWORDS:
            piece.kind = WORD
    elif kind == "number":
        piece.text = FRACTIONS.get(text) or SIGNS.get(text, text)
    elif text in SIGNS:
        piece.text = SIGNS[text]
    closes = bool(opened) and _OPEN[opened[-1].text] == text
    if kind == "sign" and not closes and (text in _OPEN or text in BRACKETS):
        piece.text = BRACKETS[text][0] if text in BRACKETS else text
        opened.append(piece)
        stack.append([])
    elif kind == "sign" and text in _CLOSERS:
        if not closes:
            raise GiveUp
        items = stack.pop()
        opener = opened.pop()
        if opener.text[1:]:
            piece.text = ")"
        stack[-1].append(Bracket("|" if opener.text[1:] else opener.text, opener, items, piece))
    else:
        stack[-1].append(piece)
    return end


def _primed(line: str, value: Item | None, end: int) -> GradcliError:
    """What `y'` and `1'000` are to be written as."""
    assert value is not None
    digits = re.match(r"(?:'\d{3})+", line[value.end :]) if value.kind == NUMBER else None
    if digits is not None and type(value) is Lexeme:
        message, hint = "a number has no marks between its digits", value.text + digits[0].replace("'", "")
        return syntax_error(message, (value.start, value.end + len(digits[0])), hint)
    name = value.text if type(value) is Lexeme and value.kind == NAME else "y"
    before = re.search(r"(?:\w*\([^()]*\)|[\w²³]+)(?:(?:\^|\*\*)[\w.]+)?$", line[: value.end])
    if (before and before[0] != name) or name in FUNCTIONS:  # (x^2)', sin'(x)
        operand = before[0] if before else name
        applied = re.match(r"'+(\([^()]*\))", line[value.end :])
        if name in FUNCTIONS and operand == name:
            operand += applied[1] if applied else "(x)"
        return syntax_error(
            "a ' behind a value begins a text",
            (value.start, value.end + 1),
            f"write d/dx {operand}" if operand.startswith("(") else f"write d/dx ({operand})",
        )
    by = "x" if name != "x" else "t"
    return syntax_error(
        "a ' behind a value begins a text",
        (value.start, min(end, value.end + 1)),
        f"the derivative is d{name}/d{by}; that of a function: {name}({by}) = {by}^2; {name}'({by}); "
        f"the transpose of a matrix: {name}.T",
    )


def _narrow(character: str) -> str:
    """A letter of full width as the usual one."""
    return chr(ord(character) - 0xFEE0) if "\uff01" <= character <= "\uff5e" else character


# ---- looking at pieces ---------------------------------------------------------------------------


def is_sign(item: Item | None, *texts: str) -> TypeGuard[Lexeme]:
    """Whether an item is one of these signs."""
    return type(item) is Lexeme and item.kind == SIGN and item.text in texts


def assigns(items: list[Item]) -> bool:
    """Whether there is an `=` among these items."""
    return any(is_sign(each, "=") for each in items)


def is_name(item: Item | None) -> TypeGuard[Lexeme]:
    return type(item) is Lexeme and item.kind == NAME


def ends_value(item: Item | None) -> bool:
    """Whether an item may be the last one of a value."""
    if type(item) is Lexeme:
        return item.kind in (NUMBER, NAME, STRING, POWER)
    return item is not None


def begins_value(item: Item | None) -> bool:
    """Whether an item may be the first one of a value, and nothing else."""
    if type(item) is Lexeme:
        return item.kind in (NUMBER, NAME, STRING) or is_sign(item, *PREFIXES)
    return type(item) is Bracket and item.kind in "(|"


def is_call(items: Sequence[Item], at: int) -> bool:
    """Whether the bracket at `at` holds the arguments of a call."""
    before = items[at - 1] if at else None
    return type(items[at]) is Bracket and (is_name(before) or type(before) is Bracket)


def primary_start(items: Sequence[Item], end: int) -> int:
    """Where the value begins that ends with the item at `end`: `f(x)`, `x.T[0]`."""
    at = end
    while at > 0:
        if is_call(items, at) or (
            type(items[at]) is Bracket and items[at].kind == "[" and ends_value(items[at - 1])
        ):
            at -= 1
        elif is_name(items[at]) and is_sign(items[at - 1], ".") and at > 1:
            at -= 2
        else:
            break
    return at


def primary_end(items: Sequence[Item], start: int) -> int:
    """Behind the value that begins with the item at `start`."""
    at = start + 1
    while at < len(items):
        item = items[at]
        called = type(item) is Bracket and (item.kind == "[" or is_name(items[at - 1]))
        if called and item.gap == "":
            at += 1
        elif is_sign(item, ".") and at + 1 < len(items) and is_name(items[at + 1]):
            at += 2
        else:
            break
    return at


def definition(items: Sequence[Item]) -> tuple[Lexeme, Bracket, list[Item]] | None:
    """Name, parameters and body of `f(x) = x^2`."""
    if len(items) < 4 or not is_name(items[0]) or not is_sign(items[2], "=", ":="):
        return None
    name, parameters = items[0], items[1]
    if type(parameters) is not Bracket or parameters.kind != "(" or type(name) is not Lexeme:
        return None
    if not all(len(each) == 1 and is_name(each[0]) for each in split(parameters.items, ",")):
        return None
    return name, parameters, list(items[3:])


# ---- making text ---------------------------------------------------------------------------------


def made(text: str, like: Item, kind: str = SIGN, gap: str = "") -> Lexeme:
    """A piece that stands where `like` does."""
    return Lexeme(kind, text, like.start, like.end, gap)


def grouped(items: list[Item], like: Item, gap: str = "") -> Bracket:
    """Items in round brackets that stand where `like` does."""
    return Bracket("(", made("(", like, gap=gap), items, made(")", like))


def called(name: str, arguments: list[Item], like: Item, gap: str = "") -> list[Item]:
    """The items of `name(arguments)`."""
    return [made(name, like, NAME, gap), grouped(arguments, like)]


def call_of(name: Item, parameters: Bracket) -> list[Item]:
    """A call of a function with its own parameters."""
    copies: list[Item] = [made(each.text, each, each.kind, each.gap) for each in flat(parameters.items)]
    return called(text_of([name]), copies, name)


def flat(items: Iterable[Item]) -> list[Lexeme]:
    """All pieces in order, brackets included."""
    found: list[Lexeme] = []
    pending = list(reversed(list(items)))
    while pending:
        item = pending.pop()
        if type(item) is Bracket:
            found.append(item.open)
            pending += [item.close, *reversed(item.items)]
        else:
            found.append(item)  # type: ignore[arg-type]
    return found


def text_of(items: Iterable[Item]) -> str:
    """The items as text."""
    return "".join(each.gap + _written(each) for each in flat(items)).strip()


def _written(piece: Lexeme) -> str:
    """A piece as text; what stands above the line has its sign."""
    if piece.kind != POWER:
        return piece.text
    return f"^{piece.text}" if piece.text.isalnum() else f"^({piece.text})"


def span_of(items: Iterable[Item]) -> Span:
    """From where the first of the items begins to where the last one ends."""
    pieces = flat(items)
    return min(each.start for each in pieces), max(each.end for each in pieces)


def fault(message: str, items: Iterable[Item], hint: str) -> GradcliError:
    """The error that these items are."""
    return syntax_error(message, span_of(items), hint)


class Correction(GradcliError):
    """An error that is mended by other text in its place, `instead`: one, or one for each way to read it."""

    def __init__(self, message: str, span: Span, *instead: str) -> None:
        super().__init__("syntax", message, span=span, hint=f"write {' or '.join(instead)}")
        self.instead = instead


def correction(message: str, items: Iterable[Item], *instead: str) -> Correction:
    """The error that these items are where this would be right."""
    return Correction(message, span_of(items), *instead)


def split(items: Sequence[Item], sign: str) -> list[list[Item]]:
    """The items between these signs."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if is_sign(item, sign):
            parts.append([])
        else:
            parts[-1].append(item)
    return parts
