"""Reads a notebook file: its code cells in order, and what it shows below each.

The command line runs the cells as one program; `gradcli check` compares what they print.
"""

from __future__ import annotations

import json
import re

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.syntax import pasted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OTHER_LANGUAGE = re.compile(r"\s*%%(?!time|capture|prun)")
"""The first line of a cell that is no Python: `%%bash`, `%%html`."""


class Cell(Record):
    """A code cell.

    Attributes:
        number: its place among the code cells, from 1.
        text: its program.
        shown: what the notebook shows below it as text; None where it shows nothing, or something else.
        failed: the notebook shows an error below it.
        whole: no line of it was left out, which may have printed something there.
    """

    number: int
    text: str
    shown: str | None
    failed: bool
    whole: bool


class Notebook(Record):
    """The cells of a notebook, as one program.

    Attributes:
        cells: the code cells in order.
        text: their programs, one after the other.
        settings, asked, notes: as those of a `Reading`.
    """

    cells: tuple[Cell, ...]
    text: str
    settings: tuple[tuple[str, str], ...]
    asked: dict[str, Any]
    notes: tuple[str, ...]

    def note(self, note: str) -> str:
        """A note as it is: its lines are counted through all cells."""
        return note

    def restore(self, error: GradcliError) -> None:
        """Lets an error of the program point into its cell."""
        if error.text != self.text or error.span is None:
            return
        start, end = error.span
        for cell in self.cells:
            if start <= len(cell.text):
                error.span = start, min(end, len(cell.text))
                error.text = cell.text
                error.notes = (*error.notes, f"in code cell {cell.number}")
                return
            start -= len(cell.text) + 1
            end -= len(cell.text) + 1


def read(raw: str) -> Notebook:
    """The notebook in a file with this content.

    Raises:
        GradcliError: `io`, when it is none.
    """
    try:
        found = json.loads(raw)["cells"]
        code = [each for each in found if each["cell_type"] == "code"]
        cells, notes = [], []
        for number, each in enumerate(code, start=1):
            text, said = _program("".join(each["source"]))
            notes += [f"code cell {number}, {note}" for note in said]
            shown, failed = _shown(each.get("outputs", ()))
            cells.append(Cell(number, text, shown, failed, not said))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise GradcliError("io", f"this is no notebook: {type(error).__name__}: {error}") from None
    return Notebook(tuple(cells), "\n".join(each.text for each in cells), (), {}, tuple(notes))


def _program(source: str) -> tuple[str, tuple[str, ...]]:
    """The text of a cell as a program, and what was left out of it."""
    if _OTHER_LANGUAGE.match(source):
        return "", (f"line 1 is no program: the cell is left out: {source.strip().splitlines()[0]}",)
    reading = pasted.read(source)
    return (source, ()) if reading is None else (reading.text, reading.notes)


def _shown(outputs: Any) -> tuple[str | None, bool]:
    """What outputs show as text, and whether one of them is an error."""
    texts: list[str] = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream" and output.get("name", "stdout") == "stdout":
            texts.append("".join(output["text"]))
        elif kind == "execute_result":
            texts.append("".join(output["data"].get("text/plain", "")) + "\n")
    failed = any(output["output_type"] == "error" for output in outputs)
    return "".join(texts) if texts else None, failed
