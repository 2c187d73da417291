"""Standard output and standard error whose readers may go, and whose disks may be full.

Standard error is for people: whether they hear it changes nothing. Standard output that takes no more ends
what only writes to it (`OutputLost`); a command that does other work as well says `keep_going`. `gradcli.cli`
prepares both streams and asks for the `verdict` at the end.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNWRITABLE = 3
"""The exit status when the output could not be written, as for any other file."""


class OutputLost(BaseException):
    """Standard output takes no more. No failure of a program, so it passes by whatever catches those.

    Attributes:
        status: the exit status of what was done until then.
    """

    status = 0


class _Output(io.FileIO):
    """Standard output: its first failure is told, what is written after that goes nowhere."""

    lost: OSError | None = None
    patient = False

    def write(self, data: Any) -> int:
        if self.lost is None:
            try:
                return super().write(data)
            except OSError as error:
                self.lost = error
                if not self.patient:
                    raise OutputLost from None
        return len(data)


class _Errors(io.FileIO):
    """Standard error: what it cannot take goes nowhere."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


_output: _Output | None = None


def prepare() -> None:
    """A closed stream swallows what is written, and a character that a stream cannot show is escaped."""
    global _output
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)  # or the next file that is opened would be taken for it
    _output = _Output(_number("stdout"), "w", closefd=False)
    sys.stdout = text(_output, sys.stdout)
    sys.stderr = text(_Errors(_number("stderr"), "w", closefd=False), sys.stderr)


def _number(name: str) -> int:
    stream = getattr(sys, name)
    return os.open(os.devnull, os.O_WRONLY) if stream is None else stream.fileno()


def text(raw: io.FileIO, former: Any) -> io.TextIOWrapper:
    """Text into a file, in the encoding that its stream had.

    On Windows it is UTF-8: what a pipe has there by default (cp1252) is not what anybody reads. Lines end as
    they are written, in what `check` and `--json` give to other programs as well.
    """
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding="utf-8" if sys.platform == "win32" else getattr(former, "encoding", "utf-8"),
        errors="backslashreplace",
        newline="\n",
        line_buffering=getattr(former, "line_buffering", False),
        write_through=getattr(former, "write_through", False),
    )


def are_ours() -> bool:
    """Whether this process runs the command line and nothing else."""
    return _output is not None


def keep_going() -> None:
    """From now on a loss of standard output stops nothing: there are verdicts and reports to finish."""
    if _output is not None:
        _output.patient = True


def finish() -> None:
    """Everything is written: a Ctrl-C while Python takes itself down has nothing left to stop."""
    if TYPE_CHECKING:
        from signal import SIG_IGN, SIGINT, signal
    else:  # without the enumerations of `signal`
        from _signal import SIG_IGN, SIGINT, signal

    signal(SIGINT, SIG_IGN)


def verdict() -> int:
    """The exit status that standard output asks for; tells what happened to it.

    A reader that has what it wanted (`| head`) is no failure.
    """
    lost = _output.lost if _output is not None else None
    if lost is None or isinstance(lost, BrokenPipeError):
        return 0
    sys.stderr.write(f"gradcli: {lost.strerror or lost}\n")
    return UNWRITABLE
