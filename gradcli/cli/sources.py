"""The programs of one run: from the SOURCE arguments, files and standard input, one after the other.

Every command that takes a SOURCE reads it through `read_sources`. Lines are read as they come, so a
stream of programs needs no more memory than its longest line, and what never ends (`/dev/zero`) is not read
for longer than a program may be.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from typing import BinaryIO

from gradcli.cli.options import UsageError
from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.syntax import notation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gradcli.syntax.notebook import Notebook
    from gradcli.syntax.reading import Reading


NOTEBOOK = ".ipynb"

_PART = 1 << 16
"""Bytes that are read at once from a file that may be slow."""

_PASTED = (">>>", "In [", "In[", "%", "!", "?", "```")
"""What stands in every text that `pasted` reads and that is ASCII and not indented."""


class File(str):
    """A path that was named as one, with `--file`."""

    __slots__ = ()


class Source(Record):
    """A program: the name that it has in reports, and its text, or why there is none.

    Attributes:
        reading: how the text was typed, where it is another one than was typed.
        line: a line that was typed, and the names that options set beside it.
    """

    name: str
    text: str | GradcliError
    reading: Reading | Notebook | None = None
    line: tuple[str, Collection[str]] | None = None

    @classmethod
    def typed(cls, name: str, text: str | GradcliError, taken: Collection[str]) -> Source:
        """A program that stands on the command line, or comes alone: in one line people write as by hand."""
        if not isinstance(text, str):
            return cls(name, text)
        line = text.rstrip("\n"), taken
        try:
            reading = notation.read(*line)
        except GradcliError as error:
            return cls(name, error, None, line)
        return cls(name, text, None, line) if reading is None else cls(name, reading.text, reading, line)

    def restore(self, error: GradcliError) -> None:
        """Lets an error of the program point into what was typed, and tell what may have been meant."""
        if self.reading is not None:
            self.reading.restore(error)
        if self.line is not None and notation.is_wrong(error):
            from gradcli.ops.index import listed

            notation.suggest(error, *self.line, listed())

    @classmethod
    def pasted(cls, name: str, text: str | GradcliError) -> Source:
        """A program that may have been copied from a session or a page, with what stood around it there."""
        if not isinstance(text, str):
            return cls(name, text)
        plain = text.isascii() and not text[:1].isspace()
        if plain and not any(mark in text for mark in _PASTED):
            return cls(name, text)
        from gradcli.syntax import pasted

        reading = pasted.read(text)
        return cls(name, text) if reading is None else cls(name, reading.text, reading)


SMALL = Source("", "x = param(1.5)\nx**2")
"""A program that loads what most programs need."""


def read_sources(
    operands: Sequence[str],
    *,
    lines: bool,
    stdin_taken: bool,
    taken: Collection[str] = (),
    most: int = 0,
) -> Sources:
    """The programs in the order of the command line.

    Args:
        operands: the SOURCE arguments.
        lines: each line is a program, but for empty and comment lines.
        stdin_taken: an option's `@-` reads standard input.
        taken: names that options set.
        most: so many bytes a program may have, no more of which are read; 0: any number.

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
    return Sources(operands, lines, taken, most)


class Sources(Iterator[Source]):
    """The programs one after the other, of which the next may still have to be waited for."""

    def __init__(
        self, operands: Sequence[str], lines: bool, taken: Collection[str] = (), most: int = 0
    ) -> None:
        self._lines = lines
        self._taken = taken
        self._most = most or sys.maxsize
        self._slow: _Lines | None = None
        self._each = self._sources(operands)

    def __next__(self) -> Source:
        return next(self._each)

    def awaited(self) -> int | None:
        """The file that the next program will come from if it isn't there yet, where the system can tell."""
        return None if self._slow is None or self._slow.there() else self._slow.file

    def _sources(self, operands: Sequence[str]) -> Iterator[Source]:
        for number, operand in enumerate(operands, start=1):
            if operand == "-":
                yield from self._hand(self._stdin())
            elif isinstance(operand, File) or is_path(operand):
                yield from self._file(operand, named=isinstance(operand, File))
            else:
                # What the shell could not decode arrives as surrogates; back to its bytes.
                raw = operand.encode("utf-8", "surrogateescape")
                yield from self._hand(self._stream(f"<arg {number}>", BytesIO(raw)))

    def _hand(self, sources: Iterator[Source]) -> Iterator[Source]:
        """The programs as people type them; a stream of them is read as it stands, as files are."""
        for source in sources:
            yield (
                source
                if self._lines or source.reading
                else Source.typed(source.name, source.text, self._taken)
            )

    def _stdin(self) -> Iterator[Source]:
        reason = "it is closed"
        try:
            if sys.stdin is not None:
                yield from self._stream("<stdin>", sys.stdin.buffer)
                return
        except OSError as error:
            reason = error.strerror or str(error)
        yield Source("<stdin>", GradcliError("io", f"cannot read <stdin>: {reason}"))

    def _file(self, path: str, *, named: bool) -> Iterator[Source]:
        try:
            with open(path, "rb") as file:
                yield from self._stream(path, file)
        except OSError as error:
            hint = None if named else f"a SOURCE that ends so is a path; as program text, write ' {path}'"
            problem = GradcliError("io", f"cannot read {path}: {error.strerror or error}", hint=hint)
            yield Source(path, problem)

    def _stream(self, name: str, stream: BinaryIO) -> Iterator[Source]:
        most = self._most
        if not self._lines:
            raw = stream.read(most + 1) if most < sys.maxsize else stream.read()
            text = _decode(raw) if len(raw) <= most else _too_long(most)
            yield _notebook(name, text) if name.endswith(NOTEBOOK) else Source.pasted(name, text)
            return
        file = _waitable(stream)
        if file is not None:
            self._slow = _Lines(file)
        readline = stream.readline if self._slow is None else self._slow.readline
        for number, raw in enumerate(iter(lambda: readline(most), b""), start=1):
            if len(raw) >= most:
                yield Source(f"{name}:{number}", _too_long(most))
                break  # a stream that has no lines is no stream of programs
            line = raw.strip()
            if line and not line.startswith(b"#"):
                yield Source(f"{name}:{number}", _decode(line))
        self._slow = None


class _Lines:
    """The lines of a file that may be slow, without waiting for more than the next."""

    def __init__(self, file: int) -> None:
        self.file = file
        self._lines: deque[bytes] = deque()
        self._rest: list[bytes] = []
        self._ended = False

    def there(self) -> bool:
        """Whether the next line, or the end, can be read without waiting."""
        import select

        while not self._lines and not self._ended:
            if not select.select([self.file], [], [], 0)[0]:
                return False
            self._read()
        return True

    def readline(self, most: int) -> bytes:
        """The next line with what ends it, or what there is of one that is longer than `most`."""
        while not self._lines and not self._ended and sum(map(len, self._rest)) < most:
            self._read()
        if self._lines:
            return self._lines.popleft()
        line = b"".join(self._rest)
        self._rest = []
        return line

    def _read(self) -> None:
        part = os.read(self.file, _PART)
        self._ended = not part
        *lines, rest = part.split(b"\n")
        for line in lines:
            self._lines.append(b"".join((*self._rest, line, b"\n")))
            self._rest = []
        if rest:
            self._rest.append(rest)


def _waitable(stream: BinaryIO) -> int | None:
    """The number of a file of which the system tells whether there is something to read."""
    if sys.platform == "win32":
        return None
    try:
        return stream.fileno()
    except OSError:  # it stands for one
        return None


def _too_long(most: int) -> GradcliError:
    return GradcliError(
        "limit",
        f"the program is longer than {most:,} bytes, which take as much memory as there may be",
        hint="raise it with --max-memory, or lift it with --max-memory 0",
    )


def is_path(operand: str) -> bool:
    """Whether a SOURCE names a file: it looks like one, and like no program."""
    return operand.endswith((".grad", ".py", NOTEBOOK)) and not any(
        c.isspace() or c in ";=()[]" for c in operand
    )


def _notebook(name: str, text: str | GradcliError) -> Source:
    """The code cells of a notebook as one program."""
    from gradcli.syntax import notebook

    if not isinstance(text, str):
        return Source(name, text)
    try:
        read = notebook.read(text)
    except GradcliError as error:
        return Source(name, error)
    return Source(name, read.text, read)


def _decode(raw: bytes) -> str | GradcliError:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return GradcliError(
            "io",
            f"line {line} is not UTF-8 text (byte 0x{raw[error.start]:02x})",
            hint="a program is a text file; save it as UTF-8",
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n")
