"""Does a notebook show what its cells print? They are run in order, as one program.

`gradcli check notebook.ipynb` comes here. A cell that fails is left out of the next run, so that the ones
behind it are compared too, as they were in the notebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gradcli.checking.results import FAIL, PASS, Check
from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluation
from gradcli.evaluation.options import Options
from gradcli.syntax import tree
from gradcli.syntax.notebook import Cell, Notebook
from gradcli.syntax.parser import parse

_BEGINS, _SHOWS = "\x1e", "\x1f"
"""What is printed where a cell begins, and before the value that it ends with."""
_VALUE = "_shown_below_the_cell"
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def notebook_checks(notebook: Notebook, options: Options) -> Iterator[Check]:
    """A check for each cell that shows something, there or here."""
    printed: dict[int, str] = {}
    errors: dict[int, GradcliError] = {}
    left = [cell for cell in notebook.cells if cell.text.strip()]
    while True:
        failed = _run(left, options, printed, errors)
        if failed is None:
            break
        left.remove(failed)
    empty = not any(cell.failed or cell.shown for cell in notebook.cells)
    for cell in notebook.cells:
        error = errors.get(cell.number)
        check = _compared(cell, printed.get(cell.number, ""), error) if error or not empty else None
        if check is not None:
            yield check
    if empty:
        said = "the notebook shows no output: it was not run, or saved without"
        check = Check("cell", "nothing to check", FAIL, said)
        check.notes.append("gradcli eval runs it, and shows what its cells print")
        yield check


def _run(
    cells: Sequence[Cell], options: Options, printed: dict[int, str], errors: dict[int, GradcliError]
) -> Cell | None:
    """Runs the cells, whose output goes into `printed`; the one that fails."""
    programs = []
    for cell in cells:
        try:
            programs.append(f'print("{_BEGINS}", end="")\n{_with_value(cell.text)}')
        except GradcliError as error:
            errors[cell.number] = error
            return cell
    said: list[str] = []
    failure = None
    try:
        evaluation("\n".join(programs), options.replaced(write=said.append, wrt=[]))
    except GradcliError as error:
        failure = error
    parts = "".join(said).split(_BEGINS)[1:]
    for cell, part in zip(cells, parts, strict=False):
        text, _, value = part.partition(_SHOWS)
        printed[cell.number] = text + ("" if value == "None\n" else value)
    if failure is None:
        return None
    errors[cells[len(parts) - 1].number] = failure
    return cells[len(parts) - 1]


def _with_value(text: str) -> str:
    """A cell that shows the value it ends with, as notebooks do."""
    last = parse(text).body[-1:]
    if not last or not isinstance(last[0], tree.ExpressionStatement) or text.rstrip().endswith(";"):
        return text
    start, end = last[0].span
    return (
        f"{text[:start]}{_VALUE} = {text[start:end]}\n"
        f'print("{_SHOWS}", end=""); print(f"{{{_VALUE}!r}}"){text[end:]}'
    )


def _compared(cell: Cell, printed: str, error: GradcliError | None) -> Check | None:
    label = f"code cell {cell.number}"
    if not cell.text.strip():
        return None  # it was not for Python
    if error is not None and not cell.failed:
        return Check("cell", label, FAIL, f"it fails: {error.message}", details={"code": error.code})
    if cell.failed and error is None:
        return Check("cell", label, FAIL, "the notebook shows an error, and it runs here")
    if error is not None:
        return Check("cell", label, PASS, f"it fails, as the notebook shows: {error.message}")
    wanted, got = _lines(cell.shown or ""), _lines(printed)
    if wanted == got:
        return Check("cell", label, PASS, "prints what the notebook shows") if got else None
    if not cell.whole:
        return None
    for at in range(max(len(wanted), len(got))):
        there = wanted[at] if at < len(wanted) else "nothing more"
        here = got[at] if at < len(got) else "nothing more"
        if there != here:
            return Check(
                "cell",
                label,
                FAIL,
                f"line {at + 1} of its output is {here!r}, and the notebook shows {there!r}",
            )
    return None


def _lines(text: str) -> list[str]:
    """The lines of an output, without what differs from run to run."""
    return [_ADDRESS.sub("0x…", line.rstrip()) for line in text.rstrip().split("\n")] if text.strip() else []
