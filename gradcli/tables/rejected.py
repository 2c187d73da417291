"""Rows without a result, apart from the others: those of a table, of each part of a dataset, of all parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import pyarrow as pa

from gradcli.tables.as_text import json_texts
from gradcli.tables.finding import Part
from gradcli.tables.pieces import JSON_TEXT, TextLayout, json_text
from gradcli.tables.writing import into

FOLDER = "_bad"
"""Where a dataset keeps them that are to be one file at the end: who goes on with it needs them."""


class Rejected:
    """The bad rows of a table while the others are written: on disk, since they may be all.

    Args:
        schema: of what is kept.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.file: Any = None
        self.kept: Any = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Keeps some; from the first ones on whose column is text, or JSON text, it is that for all."""
        fields = zip(self.schema, batch.schema, strict=True)
        schema = pa.schema([_wider(known, given) for known, given in fields])
        if self.kept is None:
            self.schema = schema
            self._begin()
        elif not schema.equals(self.schema, check_metadata=True):
            self.schema, former, file = schema, self._batches(), self.file
            self._begin()
            for each in former:
                self.kept.write_batch(_as(each, schema))
            file.close()
        self.kept.write_batch(_as(batch, schema))

    def _begin(self) -> None:
        from tempfile import TemporaryFile

        self.file = TemporaryFile(prefix="gradcli-")  # noqa: SIM115 - it is closed with what it holds
        self.kept = pa.ipc.new_stream(self.file, self.schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self.kept.close()
        self.file.seek(0)
        return iter(pa.ipc.open_stream(self.file))

    def fill(self, file: BinaryIO, path: str, format: str, layout: TextLayout) -> None:
        """Writes them all as a table of a format; see `into`."""
        with into(file, path, format, self.schema, layout) as out:
            if self.kept is not None:
                for batch in self._batches():
                    out.write(batch)
                self.file.close()


def _wider(known: pa.Field, given: pa.Field) -> pa.Field:
    """The field that holds the values of both."""
    if known.metadata == JSON_TEXT or (pa.types.is_string(known.type) and given.metadata != JSON_TEXT):
        return known
    return given


def together(
    parts: Sequence[Part], read: Callable[[Part], BinaryIO], file: BinaryIO, path: str, layout: TextLayout
) -> None:
    """Writes those of all parts as one table, whose columns are those that any part has.

    Args:
        parts: in order; the format is that of the first.
        read: opens the file of those of a part, an Arrow stream.
        file, path: where it is written, and what that is called.
        layout: of CSV.
    """
    schemas = [pa.ipc.open_stream(read(part)).schema for part in parts]
    schema = _common(schemas) if schemas else pa.schema([("reason", pa.string())])
    with into(file, path, parts[0].format if parts else "csv", schema, layout) as out:
        for part in parts:
            for batch in pa.ipc.open_stream(read(part)):
                out.write(_as(batch, schema))


def _common(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """All columns; one that has types with nothing in common is text."""
    names = dict.fromkeys(name for schema in schemas for name in schema.names if name != "reason")
    fields = []
    for name in [*names, "reason"]:
        if any(schema.field(name).metadata == JSON_TEXT for schema in schemas if name in schema.names):
            fields.append(json_text(name))
            continue
        alike = [pa.schema([schema.field(name)]) for schema in schemas if name in schema.names]
        field = pa.field(name, pa.string())
        with suppress(pa.ArrowException):
            field = pa.unify_schemas(alike, promote_options="permissive").field(0)
        fields.append(field)
    return pa.schema(fields)


def _as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = []
    for field in schema:
        at = batch.schema.get_field_index(field.name)
        if at < 0:
            columns.append(pa.nulls(batch.num_rows, field.type))
            continue
        column = batch.column(at)
        if field.metadata == JSON_TEXT and batch.schema.field(at).metadata != JSON_TEXT:
            column = json_texts(column)
        try:
            columns.append(column.cast(field.type))
        except pa.ArrowException:  # lists as text
            columns.append(pa.array([None if each is None else str(each) for each in column.to_pylist()]))
    return pa.RecordBatch.from_arrays(columns, schema=schema)
