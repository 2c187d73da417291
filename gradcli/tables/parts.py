"""Datasets: read as parts, each of which is computed by itself, in any process, and written as one file.

The manifest in the folder that is written lists the parts that are done; who starts again leaves those out.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet

from gradcli.errors import GradcliError
from gradcli.evaluation.bindings import Binding
from gradcli.evaluation.options import Options
from gradcli.record import Record
from gradcli.report.whole import fill_whole, write_whole
from gradcli.tables.reading import COMPRESSED, ENDINGS, Layout, Piece, Table, failures, format_of, read_table
from gradcli.tables.stream import Mapped, Tally, Wanted, ahead
from gradcli.tables.writing import sink

PART_ROWS = 4_000_000
"""A file of Parquet with more rows than these is several parts."""
MANIFEST = "_gradcli.json"


class Part(Record):
    """What is read at a time.

    Attributes:
        name: its path below the dataset, without an ending.
        path: the file, or its address.
        format: one of `reading.FORMATS`.
        groups: of Parquet, the row groups.
        keys: the columns that the folders name (`day=1`), with their values, Arrow scalars.
    """

    name: str
    path: str
    format: str
    groups: tuple[int, ...] | None = None
    keys: tuple[tuple[str, Any], ...] = ()


class Work(Record):
    """What is done with each part.

    Attributes:
        wanted: what is computed.
        layout: of text that is read.
        rows: how many rows a piece has.
        out: the folder or file that is written.
        format: of what is written.
    """

    wanted: Wanted
    layout: Layout
    rows: int
    out: str
    format: str

    def __call__(self, part: Part) -> Tally:
        """Reads, computes and writes one part; it is there as a whole or not at all.

        Raises:
            GradcliError: whatever goes wrong.
        """
        # The folders go on to name their columns.
        mapped = Mapped(self.wanted, opened([part], self.layout, self.rows), {name for name, _ in part.keys})
        path = self.target(part)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)

        def fill(file: BinaryIO) -> None:
            sink_ = sink(self.format, file, mapped.schema, self.layout.separator)
            for batch, _ in ahead(mapped.results()):
                sink_.write(batch)
            sink_.close()

        fill_whole(path, fill)
        return mapped.tally

    def target(self, part: Part) -> str:
        """The file that a part becomes."""
        ending = {"parquet": "parquet", "arrow": "arrow", "arrows": "arrows"}.get(self.format, self.format)
        return os.path.join(self.out, f"{part.name}.{ending}")


# ---- finding what there is to read -----------------------------------------------------------------


def found_parts(paths: Sequence[str], format: str | None) -> list[Part]:
    """All files that paths, patterns, folders and addresses stand for, in order.

    Raises:
        GradcliError: `io`: there is none, or the format of one is not known.
    """
    parts: list[Part] = []
    for path in paths:
        files = list(_files(path))
        if not files:
            raise GradcliError("io", f"cannot read {path}: there is no such file")
        for name, file in files:
            kind = format or format_of(file)
            if kind is None:
                raise GradcliError(
                    "io",
                    f"cannot tell the format of {file}",
                    hint="--from csv, tsv, ndjson, json, parquet, arrow",
                )
            parts.append(Part(name, file, kind, None, tuple(_keys(name))))
    return _distinct(parts)


def _files(path: str) -> Iterator[tuple[str, str]]:
    """Names below the dataset and paths."""
    if "://" in path:
        yield from _remote(path)
        return
    if os.path.isdir(path):
        for folder, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                if not name.startswith(("_", ".")) and format_of(name):
                    whole = os.path.join(folder, name)
                    yield _stem(os.path.relpath(whole, path)), whole
        return
    if os.path.exists(path):
        yield _stem(os.path.basename(path)), path
        return
    base = path.split("*", 1)[0].split("?", 1)[0].split("[", 1)[0]
    root = os.path.dirname(base)
    for each in sorted(glob.glob(path, recursive=True)):
        if os.path.isfile(each):
            yield _stem(os.path.relpath(each, root or ".")), each


def _remote(address: str) -> Iterator[tuple[str, str]]:
    from pyarrow import fs

    with failures(address):
        scheme = urlsplit(address).scheme
        plain = address.split("*", 1)[0]
        system, path = fs.FileSystem.from_uri(plain if "*" not in address else plain.rsplit("/", 1)[0])
        info = system.get_file_info(path)
        if info.type == fs.FileType.File:
            yield _stem(os.path.basename(path)), address
            return
        pattern = address.split("://", 1)[1]
        import fnmatch

        for each in sorted(
            system.get_file_info(fs.FileSelector(path, recursive=True)), key=lambda one: one.path
        ):
            if each.type == fs.FileType.File and (
                fnmatch.fnmatch(each.path, pattern) if "*" in address else format_of(each.path)
            ):
                yield _stem(os.path.relpath(each.path, path)), f"{scheme}://{each.path}"


def _stem(name: str) -> str:
    """A file name without the endings that tell its format."""
    for ending in (*COMPRESSED, *ENDINGS):
        if name.lower().endswith(f".{ending}"):
            return _stem(name[: -len(ending) - 1]) if ending in COMPRESSED else name[: -len(ending) - 1]
    return name


def _keys(name: str) -> Iterator[tuple[str, Any]]:
    for folder in name.split("/")[:-1]:
        key, equals, value = folder.partition("=")
        if equals:
            yield key, _typed(unquote(value))


def _typed(text: str) -> Any:
    for type_ in (pa.int32(), pa.int64(), pa.float64()):
        with suppress(pa.ArrowException):
            return pa.scalar(text).cast(type_)
    return pa.scalar(None if text == "__HIVE_DEFAULT_PARTITION__" else text, pa.string())


def _distinct(parts: list[Part]) -> list[Part]:
    """Parts of the same name get a number."""
    seen: dict[str, int] = {}
    for part in parts:
        count = seen[part.name] = seen.get(part.name, 0) + 1
        if count > 1:
            part.name = f"{part.name}-{count}"
    return parts


def split(parts: Sequence[Part]) -> list[Part]:
    """Large files of Parquet as several parts, cut between row groups."""
    found: list[Part] = []
    for part in parts:
        if part.format != "parquet" or "://" in part.path:
            found.append(part)
            continue
        with failures(part.path):
            known = pyarrow.parquet.ParquetFile(part.path).metadata
        if known.num_rows <= PART_ROWS:
            found.append(part)
            continue
        groups: list[int] = []
        count = 0
        for group in range(known.num_row_groups):
            groups.append(group)
            count += known.row_group(group).num_rows
            if count >= PART_ROWS or group == known.num_row_groups - 1:
                number = len([each for each in found if each.path == part.path])
                found.append(
                    Part(f"{part.name}-{number:05}", part.path, part.format, tuple(groups), part.keys)
                )
                groups, count = [], 0
    return found


# ---- reading ---------------------------------------------------------------------------------------


def opened(parts: Sequence[Part], layout: Layout, rows: int) -> Table:
    """Parts as one table, whose columns are those of the first.

    Raises:
        GradcliError: `io`.
    """
    first = _keyed(_table(parts[0], layout, rows), parts[0])
    if len(parts) == 1:
        return first

    def pieces() -> Iterator[Piece]:
        yield from first.pieces
        for part in parts[1:]:
            following = _keyed(_table(part, layout, rows), part)
            for piece in following.pieces:
                yield _fitted(piece, first.schema, following.name)

    return Table(first.name, first.schema, pieces())


def _table(part: Part, layout: Layout, rows: int) -> Table:
    return read_table(part.path, lambda: stream(part.path), part.format, layout, rows, part.groups)


def stream(path: str) -> BinaryIO:
    """Opens a file or an address, and what is compressed in it."""
    if "://" in path:
        from pyarrow import fs

        system, name = fs.FileSystem.from_uri(path)
        raw: Any = system.open_input_file(name)
    elif os.path.isfile(path):
        raw = pa.OSFile(path, "rb")
    else:  # a pipe gives what it has
        raw = open(path, "rb")  # noqa: SIM115 - it is read while rows are wanted
    compression = {"gz": "gzip", "zst": "zstd", "bz2": "bz2", "lz4": "lz4"}.get(
        path.rsplit(".", 1)[-1].lower()
    )
    found: Any = pa.CompressedInputStream(raw, compression) if compression else raw
    return found  # type: ignore[no-any-return]


def _keyed(table: Table, part: Part) -> Table:
    """A table with the columns that its folders name."""
    if not part.keys:
        return table
    keys = [(name, value) for name, value in part.keys if name not in table.schema.names]
    schema = pa.schema([*table.schema, *[pa.field(name, value.type) for name, value in keys]])

    def pieces() -> Iterator[Piece]:
        for piece in table.pieces:
            more = [pa.repeat(value, piece.batch.num_rows) for _, value in keys]
            columns = [*piece.batch.columns, *more]
            yield Piece(pa.RecordBatch.from_arrays(columns, schema=schema), piece.first, piece.bad)

    return Table(table.name, schema, pieces())


def _fitted(piece: Piece, schema: pa.Schema, name: str) -> Piece:
    """A piece of another file with the columns of the first: what can't be one makes its row bad."""
    batch, bad = piece.batch, dict(piece.bad)
    columns = []
    for field in schema:
        at = batch.schema.get_field_index(field.name)
        if at < 0:
            raise GradcliError(
                "io", f"cannot read {name}: it has no column {field.name}, which the first file has"
            )
        column = batch.column(at)
        if column.type != field.type:
            column = _cast(column, field, bad)
        columns.append(column)
    return Piece(pa.RecordBatch.from_arrays(columns, schema=schema), piece.first, bad)


def _cast(column: pa.Array, field: pa.Field, bad: dict[int, str]) -> pa.Array:
    try:
        return column.cast(field.type)
    except pa.ArrowException:
        values = []
        for row, value in enumerate(column.to_pylist()):
            try:
                values.append(pa.scalar(value).cast(field.type).as_py())
            except pa.ArrowException:
                bad.setdefault(row, f"{field.name}: {value!r} is no {field.type}, as in the first file")
                values.append(None)
        return pa.array(values, field.type)


# ---- what is done ----------------------------------------------------------------------------------


class Manifest:
    """The parts that are done, in a file of the folder that is written.

    Args:
        out: the folder.
        identity: what the parts are made by; another one cannot go on with them.
        shard: which share of the parts, `(1, 1)` for all.
    """

    def __init__(self, out: str, identity: str, shard: tuple[int, int] = (1, 1)) -> None:
        number, of = shard
        name = MANIFEST if of == 1 else f"_gradcli-{number}-of-{of}.json"
        self.path = os.path.join(out, name)
        self.identity = identity
        self.done: dict[str, dict[str, Any]] = {}

    def load(self) -> None:
        """Reads what another run did.

        Raises:
            GradcliError: `io`: there is none, or it was made by something else.
        """
        try:
            with open(self.path, encoding="utf-8") as file:
                known = json.load(file)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            raise GradcliError("io", f"cannot read {self.path}: {error}") from None
        if known.get("identity") != self.identity:
            raise GradcliError(
                "io",
                f"{self.path} was made by another program or other options",
                hint="write into another folder, or leave out --resume and give --force",
            )
        self.done = dict(known["parts"])

    def add(self, part: Part, target: str, tally: Tally) -> None:
        """Notes that a part is done."""
        self.done[part.name] = {"file": os.path.basename(target), "rows": tally.rows, "good": tally.good}
        known = {"identity": self.identity, "parts": dict(sorted(self.done.items()))}
        write_whole(self.path, json.dumps(known, indent=1) + "\n")


def identity(work: Work) -> str:
    """What the result depends on besides the data."""
    wanted = work.wanted
    settings = {name: _said(value) for name, value in sorted(vars(wanted.options).items()) if name in KEPT}
    shown = (wanted.columns, wanted.names, wanted.prefix, wanted.renamed, wanted.weights, wanted.bad)
    known = (wanted.source, settings, shown, work.format)
    return hashlib.sha256(repr(known).encode()).hexdigest()


KEPT = (
    "inputs",
    "wrt",
    "roots",
    "weights",
    "order",
    "partials",
    "hessian",
    "jacobian",
    "dtype",
    "seed",
    "detect_anomaly",
)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return repr({name: _said(each) for name, each in sorted(value.items())})
    return value.text if isinstance(value, Binding) else repr(value)


def plain(options: Options) -> Options:
    """Options that can go to another process."""
    return options.replaced(write=None)
