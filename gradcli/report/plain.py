"""Plain text: what the program printed, then one `name = value` line for each value and derivative.

The command line writes it when standard output isn't a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.report.labels import derivatives
from gradcli.report.look import Look
from gradcli.text.numbers import number_text

if TYPE_CHECKING:
    from gradcli.report.result import Result


def write(result: Result, look: Look) -> str:
    """The report as the format `plain` of the command line."""
    return plain_text(result, precision=look.precision, printed=False, full=look.full)


def plain_text(
    result: Result, *, precision: int | None = None, printed: bool = True, full: bool = False
) -> str:
    """The whole report, each line ended by a newline.

    `printed=False` leaves out what the program printed, `full` shows the longest arrays whole.
    """
    lines = list(result.printed) if printed else []
    lines += [f"{name} = {number_text(value, precision, full=full)}" for name, value in result.values.items()]
    lines += [f"{label} = {number_text(value, precision, full=full)}" for label, value in derivatives(result)]
    return "".join(line + "\n" for line in lines)
