"""A failure as people read it: the sentence, the place, the source line with carets, notes and a hint.

The command line writes it to standard error. Programs and file names are untrusted: whatever could move the
cursor or reorder the text is shown as an escape. Nothing here imports NumPy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from gradcli.errors import GradcliError, Location
from gradcli.text.cells import width as width_of

TAB = 4
"""Tab stops are so many columns apart."""
MOST_LINES = 5
"""A longer span shows its first lines and its last one."""
NARROWEST = 40
"""A narrower terminal wraps the lines itself."""
ELLIPSIS = "..."
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}
"""Unicode categories that have no picture of their own, or that change the picture of others."""

BOLD, RED, BLUE, CYAN = "1", "1;31", "1;34", "1;36"


def diagnostic_text(error: GradcliError, *, name: str | None, color: bool = False, width: int = 80) -> str:
    """The whole diagnostic, ended by a newline.

    `name` is what to call the source (`model.grad`, `<stdin>`, `<arg 1>`). Source lines wider
    than `width` columns are shown around the span only.
    """
    paint = _paint if color else _leave
    width = max(width, NARROWEST)
    message = _lines(error.message)
    out = [f"{paint(RED, f'error[{error.code}]')}: {paint(BOLD, message[0])}"]
    out += [f"  {line}" for line in message[1:]]
    gutter = 1
    place = error.location
    if place is not None and error.text is not None:
        shown = list(_shown_lines(error.text, place))
        gutter = len(str(place.end_line))
        where = f"{visible(name or '<text>')}:{place.line}:{place.column}"
        out.append(f"{' ' * (gutter + 1)}{paint(BLUE, '-->')} {where}")
        bar = paint(BLUE, " " * (gutter + 2) + "|")
        out.append(bar)
        for line in shown:
            if line is None:
                out.append(paint(BLUE, ELLIPSIS))
                continue
            picture, before, carets = _picture(line.text, line.start, line.end, width - gutter - 4)
            number = paint(BLUE, f" {line.number:>{gutter}} |")
            out.append(f"{number} {picture}".rstrip())
            if carets:
                out.append(f"{bar} {' ' * before}{paint(RED, '^' * carets)}")
    elif name is not None:
        out.append(f"  {paint(BLUE, '-->')} {visible(name)}")
    remarks = [("note", note) for note in error.notes]
    if error.hint is not None:
        remarks.append(("hint", error.hint))
    for kind, text in remarks:
        head = " " * (gutter + 2) + "= "
        first, *more = _lines(text)
        out.append(f"{paint(BLUE, head)}{paint(CYAN, kind)}: {first}")
        out += [" " * (len(head) + len(kind) + 2) + line for line in more]
    return "\n".join(out) + "\n"


def visible(text: str) -> str:
    """`text` with control, invisible and direction-changing characters as escapes: `\\x1b`, `\\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in HIDDEN:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _lines(text: str) -> list[str]:
    return [visible(line.expandtabs(TAB)) for line in text.split("\n")]


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """A source line and the part of it that the span covers, in characters."""

    number: int
    text: str
    start: int
    end: int


def _shown_lines(text: str, place: Location) -> Iterator[_Excerpt | None]:
    """The lines to show; None stands for those left out of a long span."""
    lines = text.split("\n", place.end_line)
    numbers: list[int | None] = list(range(place.line, place.end_line + 1))
    if len(numbers) > MOST_LINES:
        numbers[MOST_LINES - 2 : -1] = [None]
    for number in numbers:
        if number is None:
            yield None
            continue
        line = lines[number - 1].removesuffix("\r")
        # On lines that the span merely continues through, the carets leave out the indentation.
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line.rstrip())
        if number == place.line and number == place.end_line:
            end = max(end, start + 1)
        yield _Excerpt(number, line, start, end)


def _picture(line: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """A line as shown in `width` columns at most, the columns before the carets, and the number of carets."""
    first, last = 0, len(line)
    # No character further away than the window is wide can be in it: a line of megabytes costs nothing.
    if last > 4 * width:
        first = max(0, min(start, last) - width)
        last = min(last, start + width)
    cells = []
    columns = [0]
    for character in line[first:last]:
        cell = " " * (TAB - columns[-1] % TAB) if character == "\t" else _visible(character)
        cells.append(cell)
        columns.append(columns[-1] + width_of(cell))
    # The caret of an unexpected end stands one past the last character.
    columns.append(columns[-1] + 1)
    start = min(start, last) - first
    end = min(max(end, first), last + 1) - first
    left, right = 0, len(cells)
    if columns[right] > width or first > 0 or first + right < len(line):
        room = width - 2 * len(ELLIPSIS)
        covered = min(columns[end] - columns[start], room)
        # The span sits in the middle, or as far left as it must to end inside the window.
        from_column = max(0, columns[start] - (room - covered) // 2)
        from_column = max(0, min(from_column, columns[right] - room))
        while columns[left] < from_column:
            left += 1
        while columns[right] > columns[left] + room:
            right -= 1
    head = ELLIPSIS if first + left > 0 else ""
    tail = ELLIPSIS if first + right < len(line) else ""
    until = min(end, right + (0 if tail else 1))
    before = columns[start] - columns[left] + len(head)
    carets = columns[until] - columns[start]
    if start < end and carets == 0:
        carets = 1
    return head + "".join(cells[left:right]) + tail, before, max(0, carets)


def _paint(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if text else text


def _leave(style: str, text: str) -> str:
    return text
