"""What a text that was typed or pasted is read as, and where each part of that stands in the text."""

from __future__ import annotations

from gradcli.errors import GradcliError, Location
from gradcli.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gradcli.errors import Span


_PRODUCTS = {
    **dict.fromkeys(
        "·⋅", "· multiplies element by element; the product of two vectors is x @ y, or sum(x·y)"
    ),
    "×": "× multiplies element by element; the product of two vectors is cross(x, y)",
}
"""What else somebody may have meant who gets a vector."""


class PlacedNote(str):
    """A note that names a place of the program, `before at LINE:COLUMN after`, and knows which."""

    before: str
    span: Span
    after: str

    @classmethod
    def at(cls, before: str, span: Span, text: str, after: str) -> PlacedNote:
        """The note on a place of `text`."""
        place = Location.of(span, text)
        note = cls(f"{before} at {place.line}:{place.column}{after}")
        note.before, note.span, note.after = before, span, after
        return note


class Reading(Record):
    """A line as the language has it.

    Attributes:
        text: the program.
        typed: the line as it was typed.
        settings: inputs that the line itself sets (`at x=3`): name and value.
        asked: what the line asks for beside the program (`dy/dx`): keyword arguments of `evaluate`.
        notes: what could surprise, a sentence each.
        segments: where each part of `text` comes from: its offset, and start and end in `typed`.
    """

    text: str
    typed: str
    settings: tuple[tuple[str, str], ...]
    asked: dict[str, Any]
    notes: tuple[str, ...]
    segments: tuple[tuple[int, int, int], ...]

    def span(self, span: Span) -> Span:
        """The place in the line of a place in the program."""
        start, end = span
        before = [each for each in self.segments if each[0] <= start] or [(0, 0, 0)]
        until = [each for each in self.segments if each[0] < max(end, start + 1)] or [(0, 0, 0)]
        offset, first, last = before[-1]
        begins = min(first + start - offset, max(first, last - 1)) if last > first else first
        offset, first, last = until[-1]
        return begins, max(begins, min(first + max(end, start) - offset, last))

    def note(self, note: str) -> str:
        """A note on the program as one on the line."""
        if not isinstance(note, PlacedNote):
            return note
        return PlacedNote.at(note.before, self.span(note.span), self.typed, note.after)

    def restore(self, error: GradcliError) -> None:
        """Lets an error of the program point into the line."""
        if error.code == "non-scalar-root":
            found = next((each for each in self.typed if each in _PRODUCTS), None)
            error.hint = _PRODUCTS[found] if found else error.hint
        if error.text == self.text and error.span is not None:
            error.span = self.span(error.span)
            error.text = self.typed
