"""Cuts program text into tokens for the parser: names, numbers, signs, strings, and Python's layout.

One regular expression finds the tokens; strings and indentation have helpers of their own. What cannot be
read becomes a last token that holds the error, so that faults are reported in reading order.
"""

from __future__ import annotations

import re

from gradcli.errors import GradcliError, syntax_error
from gradcli.syntax import strings
from gradcli.syntax.foreign import CHARACTERS
from gradcli.syntax.kinds import (
    CLOSING,
    CONVERSION,
    DEDENT,
    END,
    ERROR,
    FIELD_COLON,
    FIELD_END,
    FIELD_EQUAL,
    FIELD_START,
    FOREIGN,
    FSTRING_END,
    FSTRING_START,
    FSTRING_TEXT,
    INDENT,
    NAME,
    NEWLINE,
    NUMBER,
    NUMBERS,
    OPENING,
    SIGN_KINDS,
    SIGNS,
    STRING,
    WORD_KINDS,
    number_value,
)
from gradcli.syntax.names import normal_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.syntax.kinds import Token

_LINE_END = r"(?:\r\n?|\n)"
_EMPTY_LINES = rf"(?:[ \t\f]*(?:\#[^\r\n]*)?{_LINE_END})*"

_TOKEN = re.compile(
    rf"""(?:[ \t\f]|\\{_LINE_END})*(?:
    ([^\W\d][\w\x80-\U0010ffff]*)                           # 1 a word, marks on its letters included
    |({NUMBERS})                                            # 2 a number
    |({SIGNS}|[{{}}"'])                                      # 3 a sign
    |((?:\#[^\r\n]*)?{_LINE_END}{_EMPTY_LINES}[ \t\f]*)     # 4 a line end, empty lines, the next indentation
    |([^ \t\f])                                             # 5 anything else
    )""",
    re.VERBOSE,
)
_FIRST_LINE = re.compile(rf"\ufeff?{_EMPTY_LINES}[ \t\f]*".replace(r"\#", "#"))
_FIELD_REST = re.compile(r"[ \t\f\r\n]*(?=[}!:])")
_CONVERSION = re.compile(r"![^\W\d]\w*")

_CLOSES = {")": "(", "]": "[", "}": "{"}
_FIELD = "field {"
# Inside a field of an f-string these may end the value.
_FIELD_SIGNS = {sign: number for sign, number in SIGN_KINDS.items() if sign not in (":", "=", ":=")}


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, with line ends and indentation, up to an END or an ERROR token."""
    found: list[Token] = []
    try:
        _Lexer(text, found).read()
    except GradcliError as error:
        start, end = error.span or (len(text), len(text))
        found.append((ERROR, start, end, error))
    return found


class _Lexer:
    """Reads one text; holds what is open at the place it has reached."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.size = len(text)
        self.text = text if text.endswith("\n") else text + "\n"
        self.found = found
        self.indents = [(0, 0)]
        self.brackets: list[tuple[str, int]] = []
        self.fstrings: list[tuple[strings.Quotes, int, int]] = []  # quotes, start, brackets open around it

    def read(self) -> None:
        """Fill `found`. Each reader of something special returns where the usual reading goes on."""
        position: int | None = self._first_line()
        while position is not None:
            position = self._read_from(position)
        self._end()

    def _read_from(self, position: int) -> int | None:
        """Read until something needs a reader of its own."""
        text = self.text
        append = self.found.append
        word_kind = WORD_KINDS.get
        sign_kind = (_FIELD_SIGNS if self.fstrings else SIGN_KINDS).get
        for match in _TOKEN.finditer(text, position):
            group = match.lastindex
            if group == 1:
                value = match[1]
                start, end = match.span(1)
                number = word_kind(value)
                if number is None:
                    append((NAME, start, end, value if value.isascii() else _unicode_name(value, start)))
                elif number != STRING:
                    append((number, start, end, value))
                elif text[end] in "\"'":
                    return self._string(start, end)
                else:
                    append((NAME, start, end, value))
            elif group == 3:
                value = match[3]
                start, end = match.span(3)
                number = sign_kind(value)
                if number is not None:
                    append((number, start, end, value))
                elif value in OPENING:
                    self.brackets.append((value, start))
                    # A number is never called: `2(x)` is a slip for `2*(x)`.
                    called = value != "{" and self.found and self.found[-1][0] == NUMBER
                    number = FOREIGN if called else OPENING[value]
                    append((number, start, end, value))
                elif value in CLOSING:
                    if value == "}" and self._in_field():
                        return self._field_end(start)
                    self._close(value, start)
                    append((CLOSING[value], start, end, value))
                elif value in "\"'":
                    return self._string(start, start)
                elif self._in_field() and (after := self._field_sign(value, start)) is not None:
                    return after
                else:
                    append((SIGN_KINDS[value], start, end, value))
            elif group == 2:
                start, end = match.span(2)
                append((NUMBER, start, end, number_value(match[2], start)))
            elif group == 4:
                if not self.brackets:
                    self._line_end(*match.span(4))
            else:
                start = match.start(5)
                if (
                    text[start] == "!"
                    and self._in_field()
                    and (after := self._field_sign("!", start)) is not None
                ):
                    return after
                raise _stray(text, start)
        return None

    # ---- layout ----

    def _first_line(self) -> int:
        """Skip empty lines; an indentation of the first line counts only if there are more lines."""
        match = _FIRST_LINE.match(self.text)
        assert match is not None
        end = match.end()
        if "\n" in self.text[end:].strip():
            self._indentation(0, end)
        return min(end, self.size)

    def _line_end(self, start: int, end: int) -> None:
        """End the line at `start`; the next one has its first token at `end`."""
        found = self.found
        if found and found[-1][0] != NEWLINE:
            last = found[-1][2]
            found.append((NEWLINE, last, last, ""))
        if end < self.size:
            self._indentation(start, end)

    def _indentation(self, start: int, end: int) -> None:
        """Compare the indentation before `end`, on a line that begins after `start`, with the blocks."""
        text = self.text
        start = max(start, *(text.rfind(sign, start, end) + 1 for sign in "\n\r\f\ufeff"))
        blanks = text[start:end]
        indents = self.indents
        # Python's rule: the blocks must compare the same with tabs of eight columns and of one.
        now = (len(blanks.expandtabs(8)), len(blanks))
        if now == indents[-1]:
            return
        wide, narrow = indents[-1]
        if (now[0] > wide) != (now[1] > narrow) or (now[0] < wide) != (now[1] < narrow):
            raise syntax_error(
                "the indentation mixes tabs and spaces", (start, end), "indent with spaces only"
            )
        if now > indents[-1]:
            indents.append(now)
            self.found.append((INDENT, start, end, ""))
            return
        last = self.found[-1][2]
        while now < indents[-1]:
            indents.pop()
            self.found.append((DEDENT, last, last, ""))
        if now != indents[-1]:
            raise syntax_error("the indentation matches no block that is open here", (start, end))

    def _close(self, value: str, start: int) -> None:
        """A closing bracket: take away the one it closes."""
        if not self.brackets:
            raise syntax_error(f"'{value}' closes nothing", (start, start + 1))
        opening, place = self.brackets[-1]
        if opening != _CLOSES[value]:
            line = self.text.count("\n", 0, place) + 1
            raise syntax_error(
                f"'{value}' cannot close the '{opening[-1]}' of line {line}", (start, start + 1)
            )
        self.brackets.pop()

    def _end(self) -> None:
        """The end of the text."""
        found = self.found
        if self.brackets:
            opening, place = self.brackets[-1]
            raise syntax_error(f"'{opening[-1]}' is never closed", (place, place + 1))
        if not found:
            raise syntax_error("there is nothing to evaluate", (0, 0), "give an expression such as x**2")
        last = found[-1][2]
        if found[-1][0] != NEWLINE:
            found.append((NEWLINE, last, last, ""))
        found.extend((DEDENT, last, last, "") for _ in self.indents[1:])
        found.append((END, last, last, ""))

    # ---- strings ----

    def _string(self, start: int, quote: int) -> int:
        """A string whose prefix begins at `start` and whose quotes at `quote`."""
        quotes = strings.quotes(self.text, start, quote)
        if quotes.fields:
            self.fstrings.append((quotes, start, len(self.brackets)))
            self.found.append((FSTRING_START, start, quotes.end, self.text[start : quotes.end]))
            return self._fstring_text(quotes.end)
        try:
            end, value = strings.plain(self.text, start, quotes)
        except strings.Unterminated:
            if (
                self.fstrings and self.fstrings[-1][0].mark == quotes.mark
            ):  # these are the quotes of the f-string
                place = self.brackets[-1][1]
                raise syntax_error(
                    f"'{self.brackets[-1][0][-1]}' is never closed", (place, place + 1)
                ) from None
            raise
        self.found.append((STRING, start, end, value))
        return end

    def _fstring_text(self, position: int) -> int:
        """The text of an f-string, or of the spec of a field, up to what follows it: past every field that
        ends there."""
        quotes, start, depth = self.fstrings[-1]
        while True:
            in_spec = len(self.brackets) > depth
            end, value = strings.fstring_text(self.text, start, position, quotes, in_spec)
            if value:
                self.found.append((FSTRING_TEXT, position, end, value))
            sign = self.text[end]
            if sign == "{":
                self.brackets.append((_FIELD, end))
                self.found.append((FIELD_START, end, end + 1, sign))
                return end + 1
            if sign != "}":
                break
            position = self._close_field(end)
        self.fstrings.pop()
        after = end + len(quotes.mark)
        self.found.append((FSTRING_END, end, after, quotes.mark))
        return after

    def _in_field(self) -> bool:
        """Whether the innermost open bracket is that of a field."""
        return bool(self.brackets) and self.brackets[-1][0] == _FIELD

    def _field_sign(self, value: str, start: int) -> int | None:
        """`=`, `!r` or `:` where the value of a field may end; None if it is none of these."""
        text = self.text
        if value[0] == ":":
            self.found.append((FIELD_COLON, start, start + 1, ":"))
            return self._fstring_text(start + 1)
        if value == "=":
            rest = _FIELD_REST.match(text, start + 1)
            if rest is None:
                return None
            written = text[self.brackets[-1][1] + 1 : rest.end()]
            self.found.append((FIELD_EQUAL, start, start + 1, written))
            return rest.end()
        conversion = _CONVERSION.match(text, start)
        if conversion is None:
            return None
        self.found.append((CONVERSION, start, conversion.end(), conversion[0]))
        return conversion.end()

    def _field_end(self, start: int) -> int:
        """The `}` of a field: back to the text around it."""
        return self._fstring_text(self._close_field(start))

    def _close_field(self, start: int) -> int:
        self.brackets.pop()
        self.found.append((FIELD_END, start, start + 1, "}"))
        return start + 1


# ---- words, numbers and strays -------------------------------------------------------------------


def _unicode_name(word: str, start: int) -> str:
    """A name with letters beyond ASCII, normalised as Python does."""
    normal = normal_name(word)
    if word.isidentifier() and normal.isidentifier():
        return normal
    place = next(place for place in range(len(word)) if not word[: place + 1].isidentifier())
    raise _stray(word, place, start)


def _stray(text: str, place: int, offset: int = 0) -> GradcliError:
    """The error for a character that no token begins with."""
    character = text[place]
    span = (offset + place, offset + place + 1)
    if character == "\\":
        return syntax_error("a '\\' continues a line only as its last character", span)
    meant = CHARACTERS.get(character)
    shown = f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"
    return syntax_error(f"unexpected character {shown}", span, meant)
