"""What a table is while it is read: a schema and pieces of rows, as they come.

Text is cut at line ends into blocks, which a reader of the format (`read_csv`, `read_json`) makes pieces of.
"""

from __future__ import annotations

import io
import os
import select
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.tables.ahead import side_by_side

BLOCK = 3 << 20
"""Bytes of text that are read at a time."""
QUOTE = ord('"')
READERS = 4
"""Threads that make rows of blocks of text; more would wait for what becomes of the rows."""
ROWS = 131_072
"""Rows that are read and evaluated at a time, unless memory allows fewer."""
PIECE = 64 << 20
"""Bytes that a piece of a wide table takes at most, unless one row takes more."""


TEXT = ("csv", "tsv")
JSON_TEXT = {b"json": b"text"}
"""The metadata of a column of texts that are JSON as they stand."""


def json_text(name: str) -> pa.Field:
    """A column of such texts."""
    return pa.field(name, pa.string(), metadata=JSON_TEXT)


class TextLayout(Record):
    """How text is laid out, and what is wanted of it.

    Attributes:
        header: whether the first line names the columns; else they are c1, c2, …
        separator, decimal: a character each; an empty separator is the format's own.
        numbers: the columns that the program reads, if there are such columns.
        verbatim: the fields of CSV are kept as they are written, too, since CSV is written; of JSON values of
            another type than their column has.
    """

    header: bool = True
    separator: str = ""
    decimal: str = "."
    numbers: frozenset[str] = frozenset()
    verbatim: bool = False

    def written(self, given: str, format: str) -> TextLayout:
        """How a format is written where another one is given: what stands between its fields is its own."""
        return self if given == format or given not in TEXT else self.replaced(separator="")


class Piece(Record):
    """Some rows.

    Attributes:
        batch: their columns.
        first: the number of the first, counted from 1.
        bad: rows of the batch that could not be read as a whole, and why.
        written: columns as they are written in the input, where that is kept.
        left: fields that the first rows did not have, and which are left out.
        mixed: columns with values of another type, as JSON texts: what stood there.
        lost: how many such values are missing in columns that the program does not read, where these texts
            are not wanted.
        unreadable: columns of CSV in which a value is none of their type, as they are written.
        source: the file that they are from, if it isn't the first of a table of several.
    """

    batch: pa.RecordBatch
    first: int
    bad: Mapping[int, str]
    written: Mapping[str, pa.Array] = {}
    left: tuple[str, ...] = ()
    mixed: Mapping[str, pa.Array] = {}
    lost: Mapping[str, int] = {}
    unreadable: Mapping[str, pa.Array] = {}
    source: str = ""

    def slice(self, start: int, rows: int) -> Piece:
        """Some of its rows."""

        def some(columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
            return {name: column.slice(start, rows) for name, column in columns.items()}

        return self.replaced(
            batch=self.batch.slice(start, rows),
            first=self.first + start,
            bad={row - start: why for row, why in self.bad.items() if start <= row < start + rows},
            written=some(self.written),
            mixed=some(self.mixed),
            lost={} if start else self.lost,
            unreadable=some(self.unreadable),
        )


def begun(path: str, text: Iterator[bytes]) -> bytes:
    """The first block of text, without the mark that some programs put before it.

    Raises:
        GradcliError: `io`: there is none, or it is no text.
    """
    first = next(text, b"")
    for mark, (what, hint) in MARKS.items():
        if first.startswith(mark):
            raise GradcliError("io", f"cannot read {path}: it is {what}", hint=hint)
    first = first.removeprefix(b"\xef\xbb\xbf")
    if not first.strip():
        raise GradcliError("io", f"cannot read {path}: it is empty")
    return first


_COMPRESSED = "an ending such as .csv.gz tells it; in a pipe, take it out of {} before"
_WIDE = ("text in UTF-16", "iconv -f UTF-16 -t UTF-8")
MARKS = {
    b"\x1f\x8b": ("compressed", _COMPRESSED.format("gzip")),
    b"\x28\xb5\x2f\xfd": ("compressed", _COMPRESSED.format("zstd")),
    b"BZh9": ("compressed", _COMPRESSED.format("bzip2")),
    b"\x04\x22\x4d\x18": ("compressed", _COMPRESSED.format("lz4")),
    b"PAR1": ("a Parquet file", "--from parquet"),
    b"ARROW1": ("an Arrow file", "--from arrow"),
    b"\xff\xff\xff\xff": ("an Arrow stream", "--from arrows"),
    b"\xff\xfe": _WIDE,
    b"\xfe\xff": _WIDE,
}
"""How files begin that are no text in UTF-8, and what to do with them."""


def _unknown() -> float:
    return 0.0


class Table(Record):
    """A table that is being read.

    Attributes:
        name: where it comes from, for messages.
        schema: its columns.
        pieces: its rows in order, each once.
        share: how much of it has been read, from 0 to 1; 0 where that is not known.
    """

    name: str
    schema: pa.Schema
    pieces: Iterator[Piece]
    share: Callable[[], float] = _unknown


class Block(Record):
    """What a block of text was read as; see `Piece`."""

    table: pa.Table
    bad: Mapping[int, str] = {}
    written: Mapping[str, pa.Array] = {}
    left: tuple[str, ...] = ()
    mixed: Mapping[str, pa.Array] = {}
    lost: Mapping[str, int] = {}
    unreadable: Mapping[str, pa.Array] = {}


class failures:
    """Turns what Arrow raises into `io`, with the name of the file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, (pa.ArrowException, OSError, ValueError)) and not isinstance(
            error, GradcliError
        ):
            # Arrow writes much about what the system says in two words.
            known = isinstance(error, OSError) and error.errno
            said = os.strerror(known) if known else " ".join(str(error).split())
            raise GradcliError("io", f"cannot read {self.path}: {said[:300]}") from None


def check_names(name: str, columns: Sequence[str]) -> None:
    """Raises `bad-argument` if two columns of a table have one name."""
    twice = repeated(columns)
    if twice is not None:
        raise GradcliError("bad-argument", f"{name} has two columns {twice}")


def repeated(names: Iterable[str]) -> str | None:
    """The first name that stands there more than once."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


def beyond_integers(table: pa.Table, numbers: frozenset[str]) -> list[str]:
    """Columns that the program does not read, in which a float may stand for an integer beyond 64 bits."""
    found = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name not in numbers and pa.types.is_floating(column.type):
            least, most = pc.min_max(pc.fill_null(column, 0)).values()
            if max(abs(least.as_py() or 0), abs(most.as_py() or 0)) >= 2**63:
                found.append(name)
    return found


def refuse_integer(path: str, name: str, text: str, hint: str) -> None:
    """Raises `dtype` for an integer that no type of tables holds, and that nothing is computed with."""
    raise GradcliError("dtype", f"{path}: column {name} has an integer beyond 64 bits: {text}", hint=hint)


def cut(piece: Piece, rows: int) -> Iterator[Piece]:
    """A large piece as several of so many rows."""
    if piece.batch.num_rows <= rows:
        yield piece
        return
    for start in range(0, piece.batch.num_rows, rows):
        yield piece.slice(start, rows)


def sliced(table: pa.Table, rows: int) -> Iterator[Piece]:
    """A table in memory as pieces."""
    first = 1
    for batch in table.combine_chunks().to_batches():
        yield from cut(Piece(batch, first, {}), rows)
        first += batch.num_rows


def text_table(
    path: str, blocks: Iterator[bytes], read: Callable[[bytes, pa.Schema | None], Block], empty: pa.Schema
) -> Table:
    """A table from blocks of text: the first tells the types.

    Args:
        path: for messages.
        blocks: whole lines each.
        read: a block with the schema that the first one had, None for that one.
        empty: the schema if there is no block.
    """
    first = next(blocks, None)
    if first is None:
        return Table(path, empty, iter(()))
    found = read(first, None)
    schema = found.table.schema

    def following() -> Iterator[Block]:
        yield found
        with failures(path):
            yield from side_by_side(lambda block: read(block, schema), blocks, min(pa.cpu_count(), READERS))

    def pieces() -> Iterator[Piece]:
        count = 1
        for block in following():
            for batch in block.table.combine_chunks().to_batches():
                piece = Piece(
                    batch,
                    count,
                    block.bad,
                    block.written,
                    block.left,
                    block.mixed,
                    block.lost,
                    block.unreadable,
                )
                yield from cut(piece, ROWS)
                count += batch.num_rows

    return Table(path, schema, pieces())


def _has_more(stream: BinaryIO) -> bool:
    """Whether a pipe has something to read at the moment, or is at its end."""
    try:
        return isinstance(stream, io.RawIOBase) and bool(select.select([stream], [], [], 0)[0])
    except (OSError, ValueError):  # no descriptor, or a system that asks sockets only
        return False


def blocks(stream: BinaryIO, separator: str = "") -> Iterator[bytes]:
    """Whole lines, as many as there are at the moment.

    Args:
        stream: where they come from.
        separator: of fields, which are cut nowhere where they are quoted; none: there are no fields.
    """
    fill = getattr(stream, "readinto1", None) or stream.readinto  # type: ignore[attr-defined]
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    rest = b""
    while count := fill(view):
        while count < BLOCK and _has_more(stream) and (more := fill(view[count:])):
            count += more
        end = buffer.rfind(b"\n", 0, count) + 1
        data, rest = b"".join([rest, view[:end]]), bytes(view[end:count])
        if not end:
            rest = data + rest
            continue
        if separator and b'"' in data:
            end = _whole_lines(data, separator)
            data, rest = data[:end], data[end:] + rest
        if data:
            yield data
        del data  # its memory is there for the next one
    if rest.strip():
        yield rest


def _whole_lines(data: bytes, separator: str) -> int:
    """Where the last line ends that is no part of a quoted field; the data begin and end with a line.

    A quote elsewhere than at the beginning of a field (5" wide) is a character like others.
    """
    text = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(text == QUOTE)
    if len(quotes) % 2 == 0:
        opening = quotes[::2]
        before = text[opening[opening > 0] - 1]
        if np.isin(before, [*separator.encode(), *b'\r\n"']).all():
            return len(data)
    before = text[quotes - 1]
    opens = np.isin(before, [*separator.encode(), *b"\r\n"]) | (quotes == 0)
    return _end_outside(data, quotes.tolist(), opens.tolist())


def _end_outside(data: bytes, quotes: Sequence[int], opens: Sequence[bool]) -> int:
    """Where the last line ends that does not end within quotes; `opens` says which may open a field."""
    end = closed = at = 0
    inside = False
    while at < len(quotes):
        if not inside:
            inside = opens[at]
            if inside:
                end = data.rfind(b"\n", closed, quotes[at]) + 1 or end
        elif quotes[at + 1 : at + 2] == [quotes[at] + 1]:
            at += 1  # two of them stand for one
        else:
            inside, closed = False, quotes[at]
        at += 1
    return end if inside else len(data)
