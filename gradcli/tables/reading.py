"""Tables in: each format as a schema and pieces of rows, as they come.

Text is cut at line ends into blocks, which Arrow reads at once. What it cannot read is read again line by
line, so that one bad value costs its row and no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from gradcli.errors import GradcliError
from gradcli.record import Record

BLOCK = 8 << 20
"""Bytes of text that are read at a time."""
ROWS = 131_072
"""Rows that are evaluated at a time, unless memory allows fewer."""

ENDINGS = {
    "csv": "csv",
    "tsv": "tsv",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "json": "json",
    "parquet": "parquet",
    "pq": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
    "arrows": "arrows",
}
"""The format for each ending of a file name."""
FORMATS = ("csv", "tsv", "ndjson", "json", "parquet", "arrow", "arrows")
COMPRESSED = ("gz", "zst", "bz2", "lz4")


class Layout(Record):
    """How text is laid out.

    Attributes:
        header: whether the first line names the columns; else they are c1, c2, …
        separator, decimal: a character each; an empty separator is the format's own.
        numbers: columns that must be numbers, if there are such columns.
    """

    header: bool = True
    separator: str = ""
    decimal: str = "."
    numbers: frozenset[str] = frozenset()


class Piece(Record):
    """Some rows.

    Attributes:
        batch: their columns.
        first: the number of the first, counted from 1.
        bad: rows of the batch that could not be read as a whole, and why.
    """

    batch: pa.RecordBatch
    first: int
    bad: dict[int, str]


class Table(Record):
    """A table that is being read.

    Attributes:
        name: where it comes from, for messages.
        schema: its columns.
        pieces: its rows in order, each once.
    """

    name: str
    schema: pa.Schema
    pieces: Iterator[Piece]


def format_of(path: str) -> str | None:
    """The format that a file name tells, without the ending of a compression."""
    parts = path.lower().rsplit("/", 1)[-1].split(".")
    if parts and parts[-1] in COMPRESSED:
        parts.pop()
    return ENDINGS.get(parts[-1]) if len(parts) > 1 else None


def read_table(
    path: str,
    stream: Callable[[], BinaryIO],
    format: str,
    layout: Layout,
    rows: int = ROWS,
    groups: Sequence[int] | None = None,
) -> Table:
    """Opens a table.

    Args:
        path: for messages.
        stream: opens it.
        format: one of `FORMATS`.
        layout: of text.
        rows: how many rows a piece has at most.
        groups: of Parquet, the row groups to read; default all.

    Raises:
        GradcliError: `io`, for what cannot be read at all.
    """
    with failures(path):
        reader = READERS[format]
        if format == "parquet":
            return _parquet(path, stream(), rows, groups)
        return reader(path, stream(), layout, rows)


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
            said = " ".join(str(error).split())
            raise GradcliError("io", f"cannot read {self.path}: {said[:300]}") from None


# ---- text ----------------------------------------------------------------------------------------


def blocks(stream: BinaryIO, quoted: bool) -> Iterator[bytes]:
    """Bytes up to a line end, as many as there are at the moment; a quoted text is never cut."""
    rest = b""
    read = getattr(stream, "read1", stream.read)
    while True:
        data = read(BLOCK)
        if not data:
            break
        data = rest + data
        cut = data.rfind(b"\n") + 1
        if quoted:
            while cut and data.count(b'"', 0, cut) % 2:
                cut = data.rfind(b"\n", 0, cut - 1) + 1
        if cut:
            yield data[:cut]
        rest = data[cut:]
    if rest.strip():
        yield rest


def sliced(batch: pa.RecordBatch | pa.Table, first: int, bad: dict[int, str], rows: int) -> Iterator[Piece]:
    """A large piece as several."""
    if isinstance(batch, pa.Table):
        found = batch.combine_chunks().to_batches()
        batch = found[0] if found else pa.RecordBatch.from_pylist([], batch.schema)
    for start in range(0, batch.num_rows, rows):
        part = {row - start: why for row, why in bad.items() if start <= row < start + rows}
        yield Piece(batch.slice(start, rows), first + start, part)


def _text(
    path: str,
    read: Callable[[bytes, pa.Schema | None], tuple[pa.Table, dict[int, str]]],
    found: Iterator[bytes],
    rows: int,
    empty: pa.Schema,
) -> Table:
    """A table from blocks of text: the first tells the types."""
    first_block = next(found, None)
    if first_block is None:
        return Table(path, empty, iter(()))
    table, bad = read(first_block, None)
    schema = table.schema

    def pieces() -> Iterator[Piece]:
        count = 1
        yield from sliced(table, count, bad, rows)
        count += table.num_rows
        while True:
            with failures(path):
                block = next(found, None)
                if block is None:
                    return
                following, wrong = read(block, schema)
            yield from sliced(following, count, wrong, rows)
            count += following.num_rows

    return Table(path, schema, pieces())


def _csv(path: str, stream: BinaryIO, layout: Layout, rows: int, separator: str = ",") -> Table:
    separator = layout.separator or separator
    cut = blocks(stream, quoted=True)
    first = next(cut, b"")
    first = first.removeprefix(b"\xef\xbb\xbf")
    if not first.strip():
        raise GradcliError("io", f"cannot read {path}: it is empty")
    names, first = _header(first, layout, separator)

    def rest() -> Iterator[bytes]:
        if first.strip():
            yield first
        yield from cut

    def read(block: bytes, schema: pa.Schema | None) -> tuple[pa.Table, dict[int, str]]:
        types = None if schema is None else {field.name: field.type for field in schema}
        try:
            found = _parsed_csv(block, names, separator, layout.decimal, types)
        except pa.ArrowInvalid:
            return _lines_of_csv(block, names, separator, layout.decimal, types)
        if types is None and _is_doubtful(found.schema, layout.numbers):
            return _lines_of_csv(block, names, separator, layout.decimal, types)
        return found, {}

    empty = pa.schema([(name, pa.null()) for name in names])
    return _text(path, read, rest(), rows, empty)


def _is_doubtful(schema: pa.Schema, numbers: frozenset[str]) -> bool:
    """Whether a value that is no number, or no text at all, decided about the type of a column."""
    return any(
        pa.types.is_binary(field.type) or (field.name in numbers and pa.types.is_string(field.type))
        for field in schema
    )


def _parsed_csv(
    block: bytes, names: list[str], separator: str, decimal: str, types: dict[str, pa.DataType] | None
) -> pa.Table:
    return pyarrow.csv.read_csv(
        pa.BufferReader(block),
        read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=max(len(block), 1 << 20)),
        parse_options=pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=b'"' in block),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types, decimal_point=decimal, strings_can_be_null=False
        ),
    )


def _header(block: bytes, layout: Layout, separator: str) -> tuple[list[str], bytes]:
    import csv

    end = block.find(b"\n") + 1 or len(block)
    while block.count(b'"', 0, end) % 2 and end < len(block):
        end = block.find(b"\n", end) + 1 or len(block)
    line = block[:end].decode("utf-8", "replace").rstrip("\r\n")
    fields = next(csv.reader([line], delimiter=separator), [])
    if not layout.header:
        return [f"c{number}" for number in range(1, len(fields) + 1)], block
    return [field.strip() for field in fields], block[end:]


def _lines_of_csv(
    block: bytes, names: list[str], separator: str, decimal: str, types: dict[str, pa.DataType] | None
) -> tuple[pa.Table, dict[int, str]]:
    """Line by line, as text, then value by value: what is wrong costs its row."""
    import csv

    bad: dict[int, str] = {}
    lines: list[list[str]] = []
    for line in csv.reader(block.decode("utf-8", "replace").splitlines(), delimiter=separator):
        if not line:
            continue
        if "\ufffd" in separator.join(line):
            bad.setdefault(len(lines), "it is not UTF-8 text")
        if len(line) != len(names):
            bad.setdefault(len(lines), f"it has {len(line)} fields, and there are {len(names)} columns")
        lines.append([*line, *[""] * (len(names) - len(line))][: len(names)])
    columns = []
    for at, name in enumerate(names):
        values = [line[at] for line in lines]
        type_ = types[name] if types is not None else _type_of(values, bad, decimal)
        columns.append(_converted(values, name, type_, decimal, bad))
    return pa.table(columns, names=names), bad


def _type_of(values: list[str], bad: dict[int, str], decimal: str) -> pa.DataType:
    """What most of the values are."""
    known = [value for row, value in enumerate(values) if value and row not in bad]
    for type_ in (pa.int64(), pa.float64()):
        good = sum(_value(value, type_, decimal) is not None for value in known)
        if known and good >= 0.5 * len(known):
            return type_
    return pa.string()


def _converted(
    values: list[str], name: str, type_: pa.DataType, decimal: str, bad: dict[int, str]
) -> pa.Array:
    if pa.types.is_string(type_):
        return pa.array(values, type_)
    found = []
    for row, text in enumerate(values):
        value = _value(text, type_, decimal) if text else None
        if text and value is None:
            bad.setdefault(row, f"{name}: {text!r} is no {type_}")
        found.append(value)
    return pa.array(found, type_)


def _value(text: str, type_: pa.DataType, decimal: str) -> Any:
    text = text.strip()
    with suppress(ValueError, pa.ArrowException):
        if pa.types.is_floating(type_):
            return float(text.replace(decimal, "."))
        if pa.types.is_integer(type_):
            return int(text)
        return pa.scalar(text).cast(type_).as_py()
    return None


def _tsv(path: str, stream: BinaryIO, layout: Layout, rows: int) -> Table:
    return _csv(path, stream, layout, rows, "\t")


def _ndjson(path: str, stream: BinaryIO, layout: Layout, rows: int) -> Table:
    def read(block: bytes, schema: pa.Schema | None) -> tuple[pa.Table, dict[int, str]]:
        if not block.endswith(b"\n"):
            block += b"\n"
        try:
            found = pyarrow.json.read_json(
                pa.BufferReader(block),
                read_options=pyarrow.json.ReadOptions(block_size=max(len(block) + 1, 1 << 20)),
                parse_options=pyarrow.json.ParseOptions(
                    explicit_schema=schema, unexpected_field_behavior="infer" if schema is None else "ignore"
                ),
            )
        except pa.ArrowInvalid:
            return _lines_of_json(block, schema)
        if schema is None and _is_doubtful(found.schema, layout.numbers):
            return _lines_of_json(block, schema)
        return found, {}

    cut = blocks(stream, quoted=False)
    first = next(cut, b"")
    if not first.strip():
        raise GradcliError("io", f"cannot read {path}: it is empty")

    def rest() -> Iterator[bytes]:
        yield first
        yield from cut

    return _text(path, read, rest(), rows, pa.schema([]))


def _lines_of_json(block: bytes, schema: pa.Schema | None) -> tuple[pa.Table, dict[int, str]]:
    bad: dict[int, str] = {}
    objects: list[dict[str, Any]] = []
    for line in block.splitlines():
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError("it is no object")
        except (ValueError, RecursionError) as error:
            bad[len(objects)] = " ".join(f"it is no JSON object: {error}".split())
            value = {}
        objects.append(value)
    if schema is None:
        schema = _schema_of(objects)
    columns = []
    for field in schema:
        values = []
        for row, each in enumerate(objects):
            value = each.get(field.name)
            try:
                pa.scalar(value, field.type)
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                bad.setdefault(row, f"{field.name}: {json.dumps(value)[:40]} is no {field.type}")
                value = None
            values.append(value)
        columns.append(pa.array(values, field.type))
    return pa.table(columns, schema=schema), bad


def _schema_of(objects: Sequence[dict[str, Any]]) -> pa.Schema:
    names = dict.fromkeys(name for each in objects for name in each)
    fields = []
    for name in names:
        values = [each[name] for each in objects if each.get(name) is not None]
        kinds = [type(value) for value in values]
        usual = max(set(kinds), key=kinds.count) if kinds else type(None)
        chosen = [
            value for value in values if type(value) is usual or (usual is float and type(value) is int)
        ]
        with_floats = usual is int and float in kinds
        fields.append((name, pa.float64() if with_floats else pa.array(chosen).type))
    return pa.schema(fields)


def _json(path: str, stream: BinaryIO, layout: Layout, rows: int) -> Table:
    try:
        objects = json.loads(stream.read())
    except (ValueError, RecursionError) as error:
        raise GradcliError("io", f"cannot read {path}: {error}") from None
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise GradcliError("io", f"cannot read {path}: it is no array of objects")
    block = b"".join(json.dumps(each).encode() + b"\n" for each in objects)
    if not objects:
        raise GradcliError("io", f"cannot read {path}: it is empty")
    table, bad = _lines_of_json(block, None)
    return Table(path, table.schema, sliced(table, 1, bad, rows))


# ---- Arrow's own ---------------------------------------------------------------------------------


def _counted(path: str, batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[Piece]:
    first = 1
    while True:
        with failures(path):
            batch = next(batches, None)
        if batch is None:
            return
        yield from sliced(batch, first, {}, rows)
        first += batch.num_rows


def _parquet(path: str, stream: BinaryIO, rows: int, groups: Sequence[int] | None) -> Table:
    file = pyarrow.parquet.ParquetFile(stream, pre_buffer=True)
    batches = file.iter_batches(batch_size=rows, row_groups=groups)
    return Table(path, file.schema_arrow, _counted(path, batches, rows))


def _arrow(path: str, stream: BinaryIO, layout: Layout, rows: int) -> Table:
    file = pa.ipc.open_file(stream)
    batches = (file.get_batch(at) for at in range(file.num_record_batches))
    return Table(path, file.schema, _counted(path, batches, rows))


def _arrows(path: str, stream: BinaryIO, layout: Layout, rows: int) -> Table:
    reader = pa.ipc.open_stream(stream)
    return Table(path, reader.schema, _counted(path, iter(reader), rows))


READERS: dict[str, Callable[..., Table]] = {
    "csv": _csv,
    "tsv": _tsv,
    "ndjson": _ndjson,
    "json": _json,
    "parquet": _parquet,
    "arrow": _arrow,
    "arrows": _arrows,
}
