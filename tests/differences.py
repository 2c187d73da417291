"""The table of docs/differences.md: programs, and what PyTorch and gradcli make of each.

    python -m tests.differences

writes the column of PyTorch anew; it takes a Python that has it.
"""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "differences.md"
ROW = re.compile(r"^\| `(?P<program>[^`]+)` \| `(?P<torch>[^`]+)` \| `(?P<gradcli>[^`]+)` \|", flags=re.M)
LONGEST = 90


def shown(answer: str) -> str:
    """An answer as it stands in the table: in one line, and its beginning if it is long."""
    line = " ".join(answer.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rstrip()} …"


def of_torch(program: str) -> str:
    """What PyTorch prints, or its error."""
    import torch

    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            exec(program, {"torch": torch})
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return output.getvalue()


def of_gradcli(program: str) -> str:
    """What gradcli prints, or its error."""
    import gradcli

    try:
        return "\n".join(gradcli.evaluate(f"import torch\n{program}", wrt=[]).printed)
    except gradcli.GradcliError as error:
        return f"{error.code}: {error}"


def main() -> None:
    """Writes the column."""

    def row(found: re.Match[str]) -> str:
        answer = shown(of_torch(found["program"]))
        return f"| `{found['program']}` | `{answer}` | `{found['gradcli']}` |"

    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(ROW.sub(row, text), encoding="utf-8")


if __name__ == "__main__":
    main()
