"""Tables out: each format as a sink that takes batches in order and writes into an open file.

What is written does not depend on how the rows were cut: formats with groups of rows get groups of one size.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

GROUP = 262_144
"""Rows in a group of Parquet, and in a batch of Arrow's files."""


class Sink(Protocol):
    """Takes batches of one schema."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes some rows, sooner or later."""

    def close(self) -> None:
        """Writes what is left; the file stays open."""


def sink(format: str, file: BinaryIO, schema: pa.Schema, separator: str = "") -> Sink:
    """A sink for a format."""
    if format in ("csv", "tsv"):
        return Text(file, schema, separator or ("\t" if format == "tsv" else ","))
    if format == "ndjson":
        return Lines(file)
    if format == "json":
        return Array(file)
    return Grouped(format, file, schema)


class Grouped:
    """Parquet and Arrow's files, in groups of `GROUP` rows; Arrow's streams as the rows come."""

    def __init__(self, format: str, file: BinaryIO, schema: pa.Schema) -> None:
        self.schema = schema
        self.whole = format != "arrows"
        if format == "parquet":
            self.writer: Any = pyarrow.parquet.ParquetWriter(file, schema)
        elif format == "arrow":
            self.writer = pa.ipc.new_file(file, schema)
        else:
            self.writer = pa.ipc.new_stream(file, schema)
        self.parquet = format == "parquet"
        self.kept: list[pa.RecordBatch] = []
        self.count = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Keeps rows until a group is full."""
        if not self.whole:
            self.writer.write_batch(batch)
            return
        while self.count + batch.num_rows >= GROUP:
            part = batch.slice(0, GROUP - self.count)
            batch = batch.slice(GROUP - self.count)
            self.kept.append(part)
            self._flush()
        if batch.num_rows:
            self.kept.append(batch)
            self.count += batch.num_rows

    def _flush(self) -> None:
        table = pa.Table.from_batches(self.kept, self.schema)
        if self.parquet:
            self.writer.write_table(table, row_group_size=GROUP)
        else:
            self.writer.write_table(table.combine_chunks())
        self.kept, self.count = [], 0

    def close(self) -> None:
        """Writes the last group and the end of the file."""
        if self.kept:
            self._flush()
        self.writer.close()


class Text:
    """CSV and TSV; lists are written as JSON."""

    def __init__(self, file: BinaryIO, schema: pa.Schema, separator: str) -> None:
        plain = pa.schema([(each.name, pa.string() if _nested(each.type) else each.type) for each in schema])
        self.schema = plain
        self.file = file
        options = pyarrow.csv.WriteOptions(delimiter=separator, include_header=False, quoting_style="needed")
        names = separator.join(_quoted(each.name, separator) for each in schema)
        file.write(f"{names}\n".encode())
        self.writer = pyarrow.csv.CSVWriter(file, plain, write_options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes rows at once."""
        columns = [
            pa.array([None if each is None else json.dumps(each) for each in column.to_pylist()], pa.string())
            if _nested(column.type)
            else column
            for column in batch.columns
        ]
        self.writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self.schema))

    def close(self) -> None:
        """Ends the table."""
        self.writer.close()


def _quoted(name: str, separator: str) -> str:
    special = any(each in name for each in (separator, '"', "\n", "\r"))
    return '"' + name.replace('"', '""') + '"' if special else name


class Lines:
    """NDJSON: columns become text at once, each under its name, and are joined."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes rows at once."""
        if batch.num_rows:
            self.file.write(lines(batch, "", "\n"))

    def close(self) -> None:
        """There is no end."""


class Array:
    """A JSON array of objects."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.begun = False

    def write(self, batch: pa.RecordBatch) -> None:
        """Writes rows, with commas between them."""
        if batch.num_rows:
            text = lines(batch, "", ",\n")[:-2]
            self.file.write((b",\n" if self.begun else b"[\n") + text)
            self.begun = True

    def close(self) -> None:
        """Closes the bracket."""
        self.file.write(b"\n]\n" if self.begun else b"[]\n")


def lines(batch: pa.RecordBatch, before: str, after: str) -> bytes:
    """Each row as a JSON object between two texts."""
    parts: list[Any] = []
    lead = before + "{"
    for field, column in zip(batch.schema, batch.columns, strict=True):
        parts += [f"{lead}{json.dumps(field.name)}:", json_texts(column)]
        lead = ","
    parts.append("}" + after)
    joined = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="null")
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.combine_chunks()
    return _bytes_of(joined)


def _bytes_of(texts: pa.Array) -> bytes:
    """All texts one after the other: they stand so in memory."""
    _, offsets, data = texts.buffers()
    width = 8 if pa.types.is_large_string(texts.type) else 4
    view = memoryview(offsets).cast("q" if width == 8 else "i")
    start, stop = view[texts.offset], view[texts.offset + len(texts)]
    return memoryview(data)[start:stop].tobytes()


def json_texts(column: pa.Array) -> pa.Array:
    """Each value as JSON; a missing one stays missing."""
    type_ = column.type
    if pa.types.is_floating(type_):
        return _float_texts(column)
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return pc.cast(column, pa.string())
    if _nested(type_) or pa.types.is_binary(type_):
        texts = [None if each is None else json.dumps(_plain(each)) for each in column.to_pylist()]
        return pa.array(texts, pa.string())
    return _quoted_texts(pc.cast(column, pa.string()))


def _float_texts(column: pa.Array) -> pa.Array:
    texts = pc.cast(column, pa.string())
    whole = pc.invert(pc.match_substring_regex(texts, "[.eEn]"))
    if pc.any(whole).as_py():
        texts = pc.if_else(whole, pc.binary_join_element_wise(texts, ".0", ""), texts)
    finite = pc.is_finite(column)
    if not pc.all(finite, min_count=0).as_py():
        special = pc.if_else(
            pc.is_nan(column),
            '"NaN"',
            pc.if_else(pc.greater(column, 0), '"Infinity"', '"-Infinity"'),
        )
        texts = pc.if_else(finite, texts, special)
    return texts


def _quoted_texts(texts: pa.Array) -> pa.Array:
    escaped = pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')
    control = pc.match_substring_regex(texts, r"[\x00-\x1f]")
    if pc.any(control).as_py():
        escaped = pa.array(
            [
                None if each is None else json.dumps(each, ensure_ascii=False)[1:-1]
                for each in texts.to_pylist()
            ],
            pa.string(),
        )
    return pc.binary_join_element_wise('"', escaped, '"', "")


def _nested(type_: pa.DataType) -> bool:
    return bool(pa.types.is_nested(type_))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
