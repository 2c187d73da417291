"""Tables out: each format as a sink that takes batches in order and writes into an open file.

What is written does not depend on how the rows were cut: formats with groups of rows get groups of one size.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.tables.arrays import is_list
from gradcli.tables.as_text import CellStyle, csv_lines, csv_style, json_lines
from gradcli.tables.pieces import TEXT, Table, TextLayout, sliced
from gradcli.tables.reading import JSON, compression_of
from gradcli.tables.stream import Mapped, Wanted

GROUP = 262_144
"""Rows in a group of Parquet, and in a batch of Arrow's files."""
PLAIN = TextLayout()
LINES = 8192
"""Rows that are made text at a time."""


@contextmanager
def into(
    file: BinaryIO, path: str | None, format: str, schema: pa.Schema, layout: TextLayout
) -> Iterator[Sink]:
    """A sink into an open file, compressed as the ending of its name tells.

    Where rows end by a failure nothing more is written, so that what lacks its end is seen to lack it.
    """
    gate: Any = _Gate(file)
    with _compressed(gate, path) as packed:
        out = sink(format, packed, schema, layout)
        try:
            yield out
            out.close()
        except BaseException:
            gate.shut()
            with suppress(Exception):
                out.close()  # else Arrow does so later, and complains
            raise


@contextmanager
def _compressed(file: Any, path: str | None) -> Iterator[Any]:
    """An open file, or one that compresses into it if the ending of its name says so."""
    compression = compression_of(path) if path else None
    if compression is None:
        yield file
        return
    with pa.CompressedOutputStream(pa.PythonFile(file, "w"), compression) as packed:
        yield packed


class _Gate:
    """A file that who writes into it does not close, and that takes nothing once it is shut."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.write: Callable[[Any], object] = file.write
        self.flush = file.flush

    def close(self) -> None:
        """Leaves the file open."""

    def shut(self) -> None:
        """Lets nothing through any more."""
        self.write, self.flush = len, lambda: None


def rehearse(wanted: Wanted, columns: Collection[str], given: str, format: str) -> None:
    """Loads what a program needs for a row, while rows are awaited: the first one is answered at once."""
    if given in TEXT:
        import gradcli.tables.read_csv
    elif given in JSON:
        import gradcli.tables.read_json  # noqa: F401
    wanted = wanted.replaced(options=wanted.options.replaced(max_steps=1000), columns=())
    table = pa.table({name: [1.0] for name in sorted(columns)})
    with suppress(GradcliError):
        mapped = Mapped(wanted, Table("", table.schema, sliced(table, 1)))
        out = sink(format, BytesIO(), mapped.schema)
        for batch, _ in mapped.results():
            out.write(batch)
        out.close()


class Sink(Protocol):
    """Takes batches of one schema."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes some rows, sooner or later."""

    def close(self) -> None:
        """Writes what is left; the file stays open."""


def sink(format: str, file: BinaryIO, schema: pa.Schema, layout: TextLayout = PLAIN) -> Sink:
    """A sink for a format."""
    if format in TEXT:
        separator = layout.separator or ("\t" if format == "tsv" else ",")
        return Delimited(file, schema, csv_style(separator, layout.decimal), separator)
    if format == "ndjson":
        return JsonLines(file)
    if format == "json":
        return JsonArray(file)
    return Grouped(format, file, schema)


class Grouped:
    """Parquet and Arrow's files, in groups of `GROUP` rows; Arrow's streams as the rows come."""

    def __init__(self, format: str, file: BinaryIO, schema: pa.Schema) -> None:
        self.format, self.file, self.schema = format, file, schema
        self.writer: Any = None
        self.kept: list[pa.RecordBatch] = []
        self.count = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Keeps rows until a group is full."""
        if self.format == "arrows":
            self._put(pa.Table.from_batches([batch]))
            return
        while self.count + batch.num_rows >= GROUP:
            self.kept.append(batch.slice(0, GROUP - self.count))
            batch = batch.slice(GROUP - self.count)
            self._flush()
        if batch.num_rows:
            self.kept.append(batch)
            self.count += batch.num_rows

    def _flush(self) -> None:
        table = pa.Table.from_batches(self.kept, self.schema)
        self._put(table if self.format == "parquet" else table.combine_chunks())
        self.kept, self.count = [], 0

    def _put(self, table: pa.Table) -> None:
        if self.writer is None:
            if self.format == "parquet":
                encoded = [
                    path
                    for name, column in zip(table.column_names, table.columns, strict=True)
                    for path in _repeating(name, column.slice(0, SAMPLE).combine_chunks())
                ]
                import pyarrow.parquet

                self.writer = pyarrow.parquet.ParquetWriter(self.file, self.schema, use_dictionary=encoded)
            else:
                new = pa.ipc.new_file if self.format == "arrow" else pa.ipc.new_stream
                self.writer = new(self.file, self.schema)
        self.writer.write_table(table, *[GROUP] if self.format == "parquet" else [])

    def close(self) -> None:
        """Writes the last group and the end of the file."""
        if self.kept or self.writer is None:
            self._flush()
        self.writer.close()


SAMPLE = 4096
"""Values that tell whether a column repeats itself."""


def _repeating(path: str, column: pa.Array) -> Iterator[str]:
    """The leaves of a column, as Parquet calls them, that are worth a dictionary.

    Numbers that were computed are all different: looking each of them up takes longer than writing it.
    """
    type_ = column.type
    if pa.types.is_struct(type_):
        for field, inner in zip(type_, column.flatten(), strict=True):
            yield from _repeating(f"{path}.{field.name}", inner)
    elif is_list(type_):
        yield from _repeating(f"{path}.list.element", column.flatten())
    elif not pa.types.is_floating(type_):
        yield path
    else:
        sample = column.slice(0, SAMPLE)
        if 2 * len(sample.unique()) <= len(sample):
            yield path


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """So many rows at a time that their texts stay in the cache."""
    for start in range(0, batch.num_rows, LINES):
        yield batch.slice(start, LINES)


class Delimited:
    """CSV and TSV; lists are written as JSON."""

    def __init__(self, file: BinaryIO, schema: pa.Schema, style: CellStyle, separator: str) -> None:
        self.file, self.style, self.separator = file, style, separator
        names = self.style.quoted(pa.array(schema.names, pa.string())).to_pylist()
        file.write(f"{separator.join(names)}\n".encode())

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes rows at once."""
        for part in _parts(batch):
            self.file.write(csv_lines(part, self.style, self.separator))

    def close(self) -> None:
        """There is no end."""


class JsonLines(Record):
    """NDJSON: columns become text at once, each under its name, and are joined."""

    file: BinaryIO

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes rows at once."""
        for part in _parts(batch):
            self.file.write(json_lines(part, "\n"))

    def close(self) -> None:
        """There is no end."""


class JsonArray:
    """A JSON array of objects."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.begun = False

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes rows, with commas between them."""
        for part in _parts(batch):
            self.file.write(b",\n" if self.begun else b"[\n")
            self.file.write(json_lines(part, ",\n")[:-2])
            self.begun = True

    def close(self) -> None:
        """Closes the bracket."""
        self.file.write(b"\n]\n" if self.begun else b"[]\n")
