"""What can go wrong, as data.

Every failure that a user can cause is one `GradcliError` with a code of the published list; the
command line and the reports turn it into text in one place. Nothing here imports NumPy.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gradcli import interrupts
from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]
"""A stretch of source text: start and end offset in characters, the end exclusive."""

EXIT_STATUS: dict[str, int] = {
    "assertion": 1,
    "syntax": 3,
    "unknown-name": 3,
    "unknown-function": 3,
    "unset-input": 3,
    "bad-argument": 3,
    "shape": 3,
    "dtype": 3,
    "io": 3,
    "in-place": 4,
    "non-scalar-root": 4,
    "weights-shape": 4,
    "graph-freed": 4,
    "no-grad": 4,
    "int-requires-grad": 4,
    "unused-input": 4,
    "anomaly": 4,
    "limit": 5,
    "internal": 70,
}
"""The error codes and the exit status that each one leads to."""


class Location(Record):
    """A span as people count it: lines and columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Location):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self.fields)

    def __hash__(self) -> int:
        return hash((self.line, self.column, self.end_line, self.end_column))

    @classmethod
    def of(cls, span: Span, text: str) -> Location:
        """Where `span` stands in `text`."""
        start, end = span
        start = min(start, len(text))
        end = min(max(end, start), len(text))
        line = text.count("\n", 0, start) + 1
        end_line = line + text.count("\n", start, end)
        return cls(
            line,
            start - (text.rfind("\n", 0, start) + 1) + 1,
            end_line,
            end - (text.rfind("\n", 0, end) + 1) + 1,
        )


class GradcliError(Exception):
    """A failure the user can cause.

    Attributes:
        code: one of `EXIT_STATUS`.
        message: what is wrong, in one sentence (PyTorch's own first, where it has one).
        span: where in the source, or None when no place is to blame.
        hint: what to do about it, or None.
        places: other spans; `{0}` in the message stands for the first, until `locate` writes it out.
        notes: further facts, a line each (the call chain, the loop turn, who freed the graph).
        text: the source text that `span` counts in; filled in where the error leaves the evaluator.
        python: the name of Python's exception for it, where the code does not tell.
        raised: the exception that the program raised itself.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        places: tuple[Span | None, ...] = (),
    ) -> None:
        assert code in EXIT_STATUS, code
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        self.notes = notes
        self.places = places
        self.text: str | None = None
        self.python = ""
        self.raised: object = None

    def __reduce__(self) -> tuple[object, ...]:
        """Pickled as it is: it may come from another process."""
        return GradcliError, (self.code, self.message), self.__dict__

    def locate(self, text: str) -> None:
        """Tells the error the source text, once: its places become lines and columns."""
        if self.text is not None:
            return
        self.text = text
        for index, span in enumerate(self.places):
            if span is not None:
                at = Location.of(span, text)
                self.message = self.message.replace(f"{{{index}}}", f"line {at.line}, column {at.column}")
        self.args = (self.message,)

    @property
    def exit_status(self) -> int:
        """The exit status of the command line for this error."""
        return EXIT_STATUS[self.code]

    @property
    def location(self) -> Location | None:
        """Line and columns of the span, once the source text is known."""
        if self.span is None or self.text is None:
            return None
        return Location.of(self.span, self.text)


def was_interrupted(error: BaseException | None) -> bool:
    """Whether a Ctrl-C is what is behind an error: Python wraps it where it meets the making of a class."""
    if interrupts.came():
        return True
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def internal_error(error: Exception) -> GradcliError:
    """What no user can cause, and so is a bug of ours, as the result of the program that met it.

    `GRADCLI_TRACEBACK=1` writes the traceback to standard error.

    Raises:
        KeyboardInterrupt: that is what it was.
    """
    if was_interrupted(error):
        raise KeyboardInterrupt from error
    if os.environ.get("GRADCLI_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    return GradcliError(
        "internal",
        f"{type(error).__name__}: {error}",
        hint="this is a bug in gradcli: please report the program, and what GRADCLI_TRACEBACK=1 prints",
    )


def suggestion(name: str, known: object) -> str | None:
    """`did you mean …?` for the known name closest to `name`, or None when none is close."""
    from difflib import get_close_matches

    names: list[str] = list(known)  # type: ignore[call-overload]
    close = [each for each in names if each.lower() == name.lower() and len(name) > 1]
    close = close or get_close_matches(name, names, n=1, cutoff=0.65)
    return f"did you mean {close[0]}?" if close else None


def syntax_error(message: str, span: Span | None, hint: str | None = None) -> GradcliError:
    """What is wrong with a text as a program."""
    return GradcliError("syntax", message, span=span, hint=hint)


def failure(
    kind: str, message: str, span: Span | None, code: str = "bad-argument", hint: str | None = None
) -> GradcliError:
    """An error that the program knows as one of this kind of Python's."""
    error = GradcliError(code, message, span=span, hint=hint)
    error.python = kind
    return error


def missing_arguments(
    name: str, missing: Sequence[str], span: Span | None, kind: str = "positional"
) -> GradcliError:
    """Python's error for a call of `name` without those arguments."""
    count = len(missing)
    shown = [f"'{each}'" for each in missing]
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if count > 1 else shown)
    plural = "" if count == 1 else "s"
    return failure("TypeError", f"{name}() missing {count} required {kind} argument{plural}: {listed}", span)


def too_many_arguments(
    name: str, least: int, most: int, given: int, span: Span | None, named: int = 0
) -> GradcliError:
    """Python's error for a call of `name` with more than it takes; `named` are given by keyword alone."""
    takes = f"{most} positional argument{'' if most == 1 else 's'}"
    if least < most:
        takes = f"from {least} to {most} positional arguments"
    got = f"{given} {'was' if given == 1 else 'were'}"
    if named:
        ends = ["" if each == 1 else "s" for each in (given, named)]
        got = f"{given} positional argument{ends[0]} (and {named} keyword-only argument{ends[1]}) were"
    return failure("TypeError", f"{name}() takes {takes} but {got} given", span)
