"""How answers are to look, which the command line finds out once and every writer of a format reads.

A writer of a format (see `gradcli.cli.formats`) is a function of an answer and its `Look`.
"""

from __future__ import annotations

from gradcli.record import Record


class Look(Record):
    """How the answers of one run are to look.

    Attributes:
        source: what the program is called whose answer it is.
        several: answers to more than one program come, which then say whose they are.
        precision: significant digits; None for as many as it takes to read back the same number.
        color: standard output shows colours.
        error_color: standard error does.
        ascii_only: standard output has no frames to draw with.
        full: arrays are shown in full, however long they are.
        version: gradcli's.
    """

    source: str = ""
    several: bool = False
    precision: int | None = None
    color: bool = False
    error_color: bool = False
    ascii_only: bool = False
    full: bool = False
    version: str = ""

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        from shutil import get_terminal_size

        return get_terminal_size().columns

    @property
    def height(self) -> int:
        """Lines of the terminal."""
        from shutil import get_terminal_size

        return get_terminal_size().lines
