"""The programs of one run: from the SOURCE arguments, files and standard input, one after the other.

Every command that takes a SOURCE reads it through `read_sources`. Lines are read as they come, so a
stream of programs needs no more memory than its longest line.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence

from gradcli.cli.options import UsageError
from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.syntax.notation import Reading, read


class File(str):
    """A path that was named as one, with `--file`."""

    __slots__ = ()


class Source(Record):
    """A program: the name that it has in reports, and its text, or why there is none.

    Attributes:
        reading: how the text was typed, where it is another one than was typed.
    """

    name: str
    text: str | GradcliError
    reading: Reading | None = None

    @classmethod
    def typed(cls, name: str, text: str | GradcliError, taken: Collection[str]) -> Source:
        """A program that stands on the command line, or comes alone: in one line people write as by hand."""
        if not isinstance(text, str):
            return cls(name, text)
        try:
            reading = read(text.rstrip("\n"), taken)
        except GradcliError as error:
            return cls(name, error)
        return cls(name, text) if reading is None else cls(name, reading.text, reading)


def read_sources(
    operands: Sequence[str], *, lines: bool, stdin_taken: bool, taken: Collection[str] = ()
) -> Iterator[Source]:
    """The programs in the order of the command line.

    Args:
        operands: the SOURCE arguments.
        lines: each line is a program, but for empty and comment lines.
        stdin_taken: an option's `@-` reads standard input.
        taken: names that options set.

    Raises:
        UsageError: there is no program, or standard input is wanted twice.
    """
    readers = [operand for operand in operands if operand == "-"]
    if not operands:
        if stdin_taken or sys.stdin is None or sys.stdin.isatty():
            raise UsageError("no program given: write it as an argument, name a file, or pipe it in")
        operands = readers = ["-"]
    if len(readers) + stdin_taken > 1:
        raise UsageError("standard input can be read only once")
    return _each(operands, lines, taken)


def _each(operands: Sequence[str], lines: bool, taken: Collection[str]) -> Iterator[Source]:
    for number, operand in enumerate(operands, start=1):
        if operand == "-":
            yield from _hand(_stdin(lines), lines, taken)
        elif isinstance(operand, File) or is_path(operand):
            yield from _file(operand, lines, named=isinstance(operand, File))
        else:
            # What the shell could not decode arrives as surrogates; back to its bytes.
            raw = operand.encode("utf-8", "surrogateescape")
            yield from _hand(_stream(f"<arg {number}>", raw.splitlines(keepends=True), lines), lines, taken)


def _hand(sources: Iterable[Source], lines: bool, taken: Collection[str]) -> Iterator[Source]:
    """The programs as people type them; a stream of them is read as it stands, as files are."""
    for source in sources:
        yield source if lines else Source.typed(source.name, source.text, taken)


def _stdin(lines: bool) -> Iterator[Source]:
    reason = "it is closed"
    try:
        if sys.stdin is not None:
            yield from _stream("<stdin>", sys.stdin.buffer, lines)
            return
    except OSError as error:
        reason = error.strerror or str(error)
    yield Source("<stdin>", GradcliError("io", f"cannot read <stdin>: {reason}"))


def is_path(operand: str) -> bool:
    """Whether a SOURCE names a file: it looks like one, and like no program."""
    return operand.endswith((".grad", ".py")) and not any(c.isspace() or c in ";=()[]" for c in operand)


def _file(path: str, lines: bool, *, named: bool) -> Iterator[Source]:
    try:
        with open(path, "rb") as file:
            yield from _stream(path, file, lines)
    except OSError as error:
        hint = None if named else f"a SOURCE that ends so is a path; as program text, write ' {path}'"
        problem = GradcliError("io", f"cannot read {path}: {error.strerror or error}", hint=hint)
        yield Source(path, problem)


def _stream(name: str, stream: Iterable[bytes], lines: bool) -> Iterator[Source]:
    if not lines:
        yield Source(name, _decode(b"".join(stream)))
        return
    for number, raw in enumerate(stream, start=1):
        line = raw.strip()
        if line and not line.startswith(b"#"):
            yield Source(f"{name}:{number}", _decode(line))


def _decode(raw: bytes) -> str | GradcliError:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return GradcliError(
            "syntax",
            f"line {line} is not UTF-8 text (byte 0x{raw[error.start]:02x})",
            hint="a program is a text file; save it as UTF-8",
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n")
