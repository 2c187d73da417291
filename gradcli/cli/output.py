"""Where results and failures go: results to standard output, diagnostics to standard error.

A `Formatter` turns what came of one program into an `Outcome`, `write_all` writes outcomes as they come.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any, ClassVar

from gradcli import __version__
from gradcli.cli.formats import Format, called
from gradcli.cli.streams import OutputLost
from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.report.look import Look

MOST_DIGITS = 767
"""No float64 has more significant digits than that."""


def _digits(precision: int | None) -> int | None:
    return None if precision is None else min(precision, MOST_DIGITS)


class Pieces:
    """A text that is made while it is written; another process gets it as a whole.

    Attributes:
        begun: whether the writing of such a text has begun in this process.
    """

    begun: ClassVar[bool] = False

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[str]:
        Pieces.begun = True
        return self._pieces

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, ("".join(self._pieces),)


class Outcome(Record):
    """What came of one program: texts for standard output and standard error, and the exit status.

    Attributes:
        unused: inputs that the program doesn't have; none are known of a program that failed.
    """

    out: str | Pieces = ""
    err: str = ""
    status: int = 0
    unused: tuple[str, ...] = ()


class Printer:
    """What a program prints on its way: passed on at once if the program is alone, else kept."""

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._kept: list[str] = []
        self._open = False

    def __call__(self, text: str) -> None:
        if text:
            self._open = not text.endswith("\n")
            if self._live:
                sys.stdout.write(text)
            else:
                self._kept.append(text)

    def kept(self, *, ended: bool) -> str:
        """What still has to be written, up to the end of its last line if something follows."""
        return "".join(self._kept) + ("\n" if ended and self._open else "")


class Formatter(Record):
    """How the answers of this run are written.

    Attributes:
        format: that which was chosen.
        quiet: only what programs print is written, and why they fail.
        look: what the writers of formats read.
    """

    format: Format
    quiet: bool
    look: Look

    @classmethod
    def of(cls, arguments: dict[str, Any], format: Format, *, several: bool) -> Formatter:
        """From what `scan` returned and where the streams go."""
        shown = look(_digits(arguments.get("precision")), several=several, full="full" in arguments)
        return cls(format, "quiet" in arguments, shown)

    def heading(self) -> Iterator[Outcome]:
        """What stands above the answers to all programs."""
        if self.format.head and not self.quiet:
            yield Outcome(out=called(self.format.head, self.look))

    def printer(self) -> Printer | None:
        """What takes the text that a program prints; None where it is a part of the answer."""
        beside = self.quiet or not self.format.structured
        return Printer(live=not self.look.several) if beside else None

    def success(self, source: str, answer: Any, printer: Printer | None) -> Outcome:
        """The answer to one program."""
        notes = () if self.quiet or self.format.failure else getattr(answer, "notes", ())
        return Outcome(
            out=self._text(source, answer, printer),
            err="".join([f"note: {note}\n" for note in notes]),
            unused=tuple(getattr(answer, "unused_inputs", ())),
        )

    def failure(self, source: str, error: GradcliError, printer: Printer | None = None) -> Outcome:
        """Why a program failed, behind what it had printed until then."""
        if self.format.failure and not self.quiet:
            text = called(self.format.failure, error, self.look.replaced(source=source))
            return Outcome(out=text, status=error.exit_status)
        outcome = self.complaint(error, source)
        if printer is not None:
            outcome.out = printer.kept(ended=True)
        return outcome

    def complaint(self, error: GradcliError, source: str | None = None) -> Outcome:
        """A diagnostic for people, whatever the format; without a source, on the whole run."""
        return complaint(error, self.look, source)

    def _text(self, source: str, answer: Any, printer: Printer | None) -> str | Pieces:
        if self.quiet:
            assert printer is not None
            return printer.kept(ended=False)
        written = called(self.format.writer, answer, self.look.replaced(source=source))
        if not isinstance(written, str):
            return Pieces(written)
        if printer is None:
            return written
        return self._title(source) + printer.kept(ended=True) + written

    def _title(self, source: str) -> str:
        if not self.look.several:
            return ""
        from gradcli.report.diagnostic import visible

        return f"# {visible(source)}\n"


def complaint(error: GradcliError, look: Look, source: str | None = None) -> Outcome:
    """A diagnostic for people; without a source, on the whole run."""
    from gradcli.report.diagnostic import diagnostic_text

    text = diagnostic_text(error, name=source, color=look.error_color, width=look.width)
    return Outcome(err=text, status=error.exit_status)


def write_all(outcomes: Iterable[Outcome]) -> int:
    """Write outcomes as they come; the highest exit status."""
    status = 0
    try:
        with _Progress() as progress:
            for outcome in outcomes:
                status = max(status, outcome.status)
                if outcome.err:
                    progress.clear()
                for piece in (outcome.out,) if isinstance(outcome.out, str) else outcome.out:
                    sys.stdout.write(piece)
                sys.stdout.flush()
                if outcome.err:
                    sys.stderr.write(outcome.err)
                    sys.stderr.flush()
                progress.count(outcome)
    except OutputLost as lost:
        lost.status = status
        raise
    return status


class _Progress:
    """A line on standard error that counts programs: while a run is long, and only if somebody sees it
    and nothing else is written there."""

    UNSEEN = 1.0
    """Seconds until the line first appears."""
    PERIOD = 0.1

    def __init__(self) -> None:
        self.shown = False
        self.programs = self.failed = 0
        seen = sys.stderr.isatty() and not sys.stdout.isatty()
        self.next = monotonic() + self.UNSEEN if seen else float("inf")

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def count(self, outcome: Outcome) -> None:
        self.programs += 1
        self.failed += outcome.status > 0
        now = monotonic()
        if now >= self.next:
            self.next = now + self.PERIOD
            self.shown = True
            sys.stderr.write(f"\r{self.programs:,} programs, {self.failed:,} failed")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.shown:
            self.shown = False
            sys.stderr.write("\r\x1b[K")


def look(precision: int | None = None, *, several: bool = False, full: bool = False) -> Look:
    """How answers are to look where the streams go now."""
    return Look(
        several=several,
        precision=precision,
        color=shows_color(sys.stdout),
        error_color=shows_color(sys.stderr),
        ascii_only=not (sys.stdout.encoding or "").lower().startswith("utf"),
        full=full,
        version=__version__,
    )


def shows_color(stream: Any) -> bool:
    """A terminal that can, and nobody said no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())
