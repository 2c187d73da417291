"""A failure as one JSON object on one line, the counterpart of the evaluation's.

The command line writes it for the JSON formats. Nothing here imports NumPy: a syntax error needs none.
"""

from __future__ import annotations

import json
from typing import Any

from gradcli.errors import GradcliError
from gradcli.report.look import Look


def write(error: GradcliError, look: Look) -> str:
    """The failure object, where a format of the command line is JSON."""
    return failure_text(error, look.source)


def failure_text(error: GradcliError, source: str) -> str:
    """The failure object, ended by a newline."""
    return json.dumps(failure_object(error, source)) + "\n"


def failure_object(error: GradcliError, source: str) -> dict[str, Any]:
    """The failure object as plain data.

    All keys are always there, null where nothing is known. Columns count from 1, the end exclusive; a
    span over several lines ends with its first. `notes` follows only where there are some.
    """
    place = error.location
    line = column = end_column = None
    if place is not None and error.text is not None:
        line, column, end_column = place.line, place.column, place.end_column
        if place.end_line != line:
            end_column = len(error.text.split("\n", line)[line - 1].removesuffix("\r")) + 1
            end_column = max(end_column, column)
    details: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "line": line,
        "column": column,
        "end_column": end_column,
        "hint": error.hint,
    }
    if error.notes:
        details["notes"] = list(error.notes)
    return {"ok": False, "source": source, "error": details}
