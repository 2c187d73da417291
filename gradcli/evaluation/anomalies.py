"""Says where a value that was shown became nan or inf, though nothing else was.

The command line asks, for results that people read. The program is run once more to find the place, which
only happens where there is something to find.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.syntax.reading import PlacedNote

if TYPE_CHECKING:
    from gradcli.evaluation.options import Options
    from gradcli.evaluation.result import Evaluation

LONGEST = 2.0
"""So many seconds the second run may take; without it there is no place to tell."""


def anomaly(text: str, options: Options, result: Evaluation) -> str | None:
    """`log at 1:1 of -1.0 is nan`; None where all is finite, or was not finite when it came.

    Args:
        text: the program that gave `result`.
        options: those it was evaluated with.
    """
    gradients = [*result.grads.values()]
    for row in (result.derivatives or {}).values():
        gradients += row.values()
    if _finite(gradients) and _finite(result.values.values()):
        return None
    if not _finite([result.values[name] for name in options.inputs or () if name in result.values]):
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


def _finite(values: Iterable[Any]) -> bool:
    for value in values:
        array = np.asarray(value) if isinstance(value, (np.ndarray, np.generic, float, list)) else None
        if array is None or array.dtype.kind != "f":
            continue
        # One sum looks at all of a large array, and only an overflow of the sum asks for more.
        with np.errstate(all="ignore"):
            if not np.isfinite(array.sum()) and not np.isfinite(array).all():
                return False
    return True
