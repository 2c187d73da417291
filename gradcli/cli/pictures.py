"""What commands that draw have in common: a file or the terminal, files that are in the way, drawing again.

    def _run(arguments):
        return show(arguments, _drawn, ENDINGS)

where `_drawn(sources, options, ending, screen)` gives the picture in the format of an ending, or as text for
a `Screen` where the ending is empty, and notes for standard error, or an error that the picture is of.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from time import sleep
from typing import Any

from gradcli.cli.formats import TEXT
from gradcli.cli.options import Option, UsageError, at_least
from gradcli.cli.output import Formatter, Outcome, write_all
from gradcli.cli.programs import Programs, understood
from gradcli.cli.rows import OUTPUT
from gradcli.cli.sources import File, Source, is_path
from gradcli.errors import GradcliError, internal_error
from gradcli.evaluation.options import Options
from gradcli.record import Record

PERIOD = 0.2
"""Seconds between two looks at the files that are watched."""

OUT = Option(
    "out",
    ("-o", "--out"),
    "Write the picture into this file; its ending chooses the format.",
    metavar="FILE",
    panel=OUTPUT,
)
FORCE = Option("force", ("--force",), "Replace a file of another kind.", panel=OUTPUT)
WATCH = Option("watch", ("--watch",), "Draw again whenever the program's file changes.", panel=OUTPUT)
ASCII = Option("ascii", ("--ascii",), "Nothing but ASCII characters in the terminal.", panel=OUTPUT)
WIDTH = Option(
    "width",
    ("--width",),
    "Characters in a line (the window's, at most 100).",
    metavar="N",
    convert=at_least(20),
    panel=OUTPUT,
)
HEIGHT = Option(
    "height", ("--height",), "Lines of the drawing.", metavar="N", convert=at_least(4), panel=OUTPUT
)


class Screen(Record):
    """Where text is shown.

    Attributes:
        width, height: in characters; the height is that of the drawing alone, 0 where the command chooses.
        ascii: nothing else can be shown, or is wanted.
        color: colours can be.
    """

    width: int
    height: int
    ascii: bool
    color: bool


Drawn = Callable[[Sequence[str], Options, str, Screen], "tuple[str | bytes, Sequence[str | GradcliError]]"]
"""From the texts of the programs to the picture and what is to be said besides."""


def show(arguments: dict[str, Any], drawn: Drawn, endings: Collection[str]) -> int:
    """Draws, and draws again while files are watched; the exit status.

    Args:
        arguments: what `scan` returned.
        drawn: makes the picture.
        endings: those that a file name may have, without the dot.

    Raises:
        UsageError: the ending is none of those, or there is no file to watch.
    """
    ending = _ending(arguments.get("out"), endings)
    if "watch" not in arguments:
        return write_all([_drawing(arguments, drawn, ending)])
    files = [each for each in arguments["operands"] if isinstance(each, File) or is_path(each)]
    if not files:
        raise UsageError("--watch needs a program in a file")
    status, seen = 0, None
    try:
        while True:
            now = [_changed(each) for each in files]
            if now != seen:
                seen = now
                if ending == "" and sys.stdout.isatty():
                    sys.stdout.write("\x1b[H\x1b[2J")
                status = write_all([_drawing(arguments, drawn, ending)])
            sleep(PERIOD)
    except KeyboardInterrupt:
        return status


def _ending(path: str | None, endings: Collection[str]) -> str:
    if path is None:
        return ""
    ending = os.path.splitext(path)[1][1:].lower()
    if ending in endings:
        return ending
    if not os.path.splitext(path)[1] and os.path.exists(path) and not os.path.isfile(path):
        return "txt"  # a device, a pipe
    known = ", ".join(f".{each}" for each in endings)
    raise UsageError(f"option --out: a picture is written into a file that ends in {known}, not {path!r}")


def _changed(path: str) -> tuple[float, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0.0, 0)
    return (found.st_mtime, found.st_size)


def _drawing(arguments: dict[str, Any], drawn: Drawn, ending: str) -> Outcome:
    programs = Programs(arguments)
    formatter = Formatter.of(arguments, TEXT.named("text"), several=False)
    name = ""
    sources: list[Source] = []
    try:
        texts = []
        options = programs.options
        for source in programs.sources:
            name = name or source.name
            sources.append(source)
            texts.append(_text(source))
            options = understood(source, options)
        picture, notes = drawn(texts, options, ending, _screen(arguments))
        if "out" in arguments:
            _write(arguments["out"], picture, "force" in arguments)
            picture = ""
    except UsageError:
        raise
    except GradcliError as error:
        for source in sources:
            source.restore(error)
        return formatter.failure(name, error)
    except Exception as error:  # ours
        return formatter.failure(name, internal_error(error))
    assert isinstance(picture, str)
    outcome = Outcome(out=picture)
    typed = [note for source in sources if source.reading is not None for note in source.reading.notes]
    for note in [*typed, *notes]:
        said = Outcome(err=f"note: {note}\n") if isinstance(note, str) else formatter.complaint(note, name)
        outcome.err += said.err
        outcome.status = max(outcome.status, said.status)
    return outcome


def _text(source: Source) -> str:
    if isinstance(source.text, GradcliError):
        raise source.text
    return source.text


def _screen(arguments: dict[str, Any]) -> Screen:
    from shutil import get_terminal_size

    from gradcli.cli.output import shows_color

    size = get_terminal_size()
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return Screen(
        arguments.get("width", min(size.columns, 100) if sys.stdout.isatty() else 80),
        arguments.get("height", 0),
        "ascii" in arguments or not encoding.startswith("utf") or _plain_locale(),
        shows_color(sys.stdout),
    )


def _plain_locale() -> bool:
    """Whether the environment asks for the C locale; Python itself writes UTF-8 there all the same."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        value = os.environ.get(name)
        own = name == "LC_CTYPE" and value == "C.UTF-8" and sys.flags.utf8_mode  # set by Python in its place
        if value and not own:
            return value in ("C", "POSIX")
    return False


def _write(path: str, picture: str | bytes, force: bool) -> None:
    from gradcli.report.whole import fill_whole

    data = picture.encode() if isinstance(picture, str) else picture
    if not force and os.path.isfile(path) and os.path.getsize(path) and not _alike(path, data):
        raise GradcliError(
            "io", f"{path} is there already, and is no picture of this kind", hint="--force replaces it"
        )
    fill_whole(path, lambda file: file.write(data))


def _alike(path: str, data: bytes) -> bool:
    """Whether a file begins as the picture does that is to replace it: its kind, not what is in it."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
    except OSError:
        return False
    kinds = (
        b"<svg",
        b"<!doctype html",
        b"\x89PNG",
        b"curve,",
        b"digraph",
        b"flowchart",
        b"{",
        b"```python\n",
    )
    for kind in kinds:
        if data.startswith(kind):
            return head.startswith(kind)
    return path.endswith(".txt") and b"\0" not in head
