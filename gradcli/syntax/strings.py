"""Reads string literals for the lexer: quotes and prefixes, escapes, and the text parts of f-strings."""

from __future__ import annotations

import re

from gradcli.errors import GradcliError, syntax_error

# These patterns are compiled when a program first has such a string; `re` keeps them.
_PLAIN_END = {
    '"': r'[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"',
    "'": r"[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'",
    '"""': r'[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""',
    "'''": r"[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''",
}
"""What stands behind the opening mark, up to and with the closing one."""

_ESCAPE = r"\\(?:\r\n|N\{[^{}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)"
_FSTRING_STOP = r"""[\\\r\n{}"']"""
_SIMPLE = {
    "\\": "\\", "'": "'", '"': '"', "\n": "",
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


class Quotes:
    """How a string is written."""

    __slots__ = ("end", "fields", "mark", "raw")

    def __init__(self, mark: str, end: int, raw: bool, fields: bool) -> None:
        self.mark = mark
        self.end = end  # of the opening mark
        self.raw = raw
        self.fields = fields  # an f-string


def quotes(text: str, start: int, quote: int) -> Quotes:
    """The prefix between `start` and `quote`, and the opening mark there."""
    prefix = text[start:quote].lower()
    if "b" in prefix:
        raise syntax_error("byte strings are not in the language", (start, quote + 1), "leave out the b")
    mark = text[quote]
    if text.startswith(mark * 3, quote):
        mark *= 3
    return Quotes(mark, quote + len(mark), "r" in prefix, "f" in prefix)


def _line_end(text: str, position: int) -> int:
    ends = [place for place in (text.find("\n", position), text.find("\r", position)) if place >= 0]
    return min(ends, default=len(text))


class Unterminated(GradcliError):
    """A string whose closing mark is missing."""

    def __init__(self, text: str, start: int, quotes: Quotes) -> None:
        end = quotes.end if len(quotes.mark) == 3 else _line_end(text, quotes.end)
        super().__init__("syntax", f"the string has no closing {quotes.mark}", span=(start, end))


def plain(text: str, start: int, quotes: Quotes) -> tuple[int, str]:
    """Where the string ends, and its value."""
    match = re.compile(_PLAIN_END[quotes.mark], re.DOTALL).match(text, quotes.end)
    if match is None:
        raise Unterminated(text, start, quotes)
    body = text[quotes.end : match.end() - len(quotes.mark)]
    if "\r" in body:
        body = body.replace("\r\n", "\n").replace("\r", "\n")
    if not quotes.raw and "\\" in body:
        body = _unescape(body, quotes.end)
    return match.end(), body


def _unescape(body: str, offset: int) -> str:
    """`body` with its escapes replaced; it starts at `offset`."""

    def value(match: re.Match[str]) -> str:
        code = match[0][1:]
        simple = _SIMPLE.get(code)
        if simple is not None:
            return simple
        span = (offset + match.start(), offset + match.end())
        if code[0] in "01234567":
            return chr(int(code, 8))
        if code[0] in "xuU":
            number = int(code[1:], 16) if len(code) > 1 else 0x110000
            if number > 0x10FFFF:
                raise syntax_error(f"'\\{code[0]}' needs the digits of a character", span)
            return chr(number)
        if code[0] == "N":
            import unicodedata

            try:
                return unicodedata.lookup(code[2:-1])
            except KeyError:
                raise syntax_error(f"there is no character of the name '{code[2:-1]}'", span) from None
        return match[0]  # as Python: an unknown escape stands for itself

    return re.sub(_ESCAPE, value, body, flags=re.DOTALL)


def fstring_text(text: str, start: int, position: int, quotes: Quotes, in_spec: bool) -> tuple[int, str]:
    """From `position` to the next `{`, the `}` that ends a spec, or the closing mark: and the value."""
    place = position
    parts: list[str] = []
    piece = position
    size = len(text)
    mark = quotes.mark
    stop = re.compile(_FSTRING_STOP)
    while True:
        match = stop.search(text, place)
        if match is None:
            raise Unterminated(text, start, quotes)
        place = match.start()
        sign = text[place]
        if sign == "\\":
            if not quotes.raw and text.startswith("N{", place + 1):
                place = max(text.find("}", place), place + 1) + 1
            elif place + 1 < size and text[place + 1] in "{}":
                place += 1
            else:
                place += 2
        elif sign in "\r\n":
            if len(mark) == 1:
                raise Unterminated(text, start, quotes)
            place += 1
        elif sign in "{}":
            if text.startswith(sign, place + 1) and not in_spec:
                parts.append(_piece(text, piece, place + 1, quotes))
                place = piece = place + 2
                continue
            if sign == "}" and not in_spec:
                raise syntax_error(
                    "a single '}' in an f-string", (place, place + 1), "write }} for the character"
                )
            break
        elif text.startswith(mark, place):
            if in_spec:
                raise syntax_error("the '{' in the f-string is never closed", (place, place + 1))
            break
        else:
            place += 1
    parts.append(_piece(text, piece, place, quotes))
    return place, "".join(parts)


def _piece(text: str, start: int, end: int, quotes: Quotes) -> str:
    body = text[start:end].replace("\r\n", "\n").replace("\r", "\n")
    return body if quotes.raw or "\\" not in body else _unescape(body, start)
