"""Says where a value that was shown became nan or inf, though nothing else was.

The command line asks, for results that people read. The program is run once more to find the place, which
only happens where there is something to find.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.evaluation.result import finite
from gradcli.syntax.reading import PlacedNote

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options
    from gradcli.evaluation.result import Evaluation

LONGEST = 2.0
"""So many seconds the second run may take; without it there is no place to tell."""


def anomaly(text: str, options: Options, result: Evaluation) -> str | None:
    """`log at 1:1 of -1.0 is nan`; None where an input was not finite when it came.

    Args:
        text: the program that gave `result`, which is not all finite.
        options: those it was evaluated with.
    """
    if not finite([result.values[name] for name in options.inputs or () if name in result.values]):
        return None
    from gradcli.evaluation.api import evaluation

    again = options.replaced(
        detect_anomaly=True, write=None, max_seconds=min(options.max_seconds or LONGEST, LONGEST)
    )
    try:
        evaluation(text, again)
    except GradcliError as error:
        return _told(error) if error.code == "anomaly" else None
    return None


def _told(error: GradcliError) -> str:
    operation, verb, made = _parts(error.message)
    operands = ", ".join([note.partition(": ")[2] for note in error.notes])
    of = f" of {operands}" if operands else ""
    if error.span is None or error.text is None:
        return f"{operation}{of} {verb} {made}"
    return PlacedNote.at(operation, error.span, error.text, f"{of} {verb} {made}")


def _parts(message: str) -> tuple[str, str, str]:
    """Operation, verb and outcome of the message of the detector."""
    words = message.partition(" on line ")[0]
    for verb in (" made ", " is "):
        left, found, right = words.rpartition(verb)
        if found:
            return left, "is", right
    return words, "is", "not finite"
