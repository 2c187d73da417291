"""Datasets: each part is read, computed by itself in any process, and written as one file.

The manifest in the folder that is written lists the parts that are done; who starts again leaves those out.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet

from gradcli.errors import GradcliError
from gradcli.evaluation.bindings import Binding
from gradcli.evaluation.options import Options
from gradcli.record import Record
from gradcli.report.whole import forget_attempts
from gradcli.tables import places
from gradcli.tables.ahead import Clock, ahead, within
from gradcli.tables.as_text import json_texts
from gradcli.tables.finding import Part
from gradcli.tables.pieces import Piece, Table, TextLayout
from gradcli.tables.reading import JSON, WHOLE, compression_of, read_table
from gradcli.tables.rejected import Rejected
from gradcli.tables.stream import Mapped, Tally, Wanted
from gradcli.tables.writing import into

MANIFEST = "_gradcli.json"


class PartWork(Record):
    """What is done with each part.

    Attributes:
        wanted: what is computed.
        layout: of text that is read.
        out: the folder or file that is written.
        format: of what is written.
        bad_out: the folder for rows without a result, if they are told apart.
        bad_format: of these; that of the part if it is None.
    """

    wanted: Wanted
    layout: TextLayout
    out: str
    format: str
    bad_out: str | None = None
    bad_format: str | None = None

    def __call__(self, part: Part, clock: Clock | None = None) -> Tally:
        """Reads, computes and writes one part; it is there as a whole or not at all.

        Raises:
            GradcliError: whatever goes wrong.
        """
        # The folders go on to name their columns.
        keys = {name for name, _ in part.keys}
        mapped = within(clock or Clock(), lambda: Mapped(self.wanted, opened([part], self.layout), keys))
        rejected = Rejected(mapped.bad_schema)

        def fill(file: BinaryIO) -> None:
            layout = self.layout.written(part.format, self.format)
            with into(file, None, self.format, mapped.schema, layout) as out:
                for batch, bad in ahead(mapped.results(), clock):
                    out.write(batch)
                    if bad is not None:
                        rejected.add(bad)
            if rejected.kept is not None:  # they are there before the part is
                bad, format = self.bad(part), self.bad_format or part.format
                write_part(bad, lambda put: rejected.fill(put, bad, format, self.layout))
            elif self.bad_out is not None:  # of another run
                places.delete(self.bad(part))

        write_part(self.target(part), fill)
        return mapped.tally

    def target(self, part: Part) -> str:
        """The file that a part becomes."""
        return places.joined(self.out, f"{part.name}.{self.format}")

    def bad(self, part: Part) -> str:
        """The file of its rows without a result."""
        assert self.bad_out is not None
        return places.joined(self.bad_out, f"{part.name}.{self.bad_format or part.format}")

    def sweep(self, parts: Sequence[Part], *others: str) -> None:
        """Removes what is left of attempts at parts and other files that nobody is at any more."""
        written = [*others, *[self.target(part) for part in parts]]
        if self.bad_out is not None:
            written += [self.bad(part) for part in parts]
        forget_attempts([path for path in written if not places.is_address(path)])


def write_part(path: str, fill: Callable[[BinaryIO], object]) -> None:
    """Makes a file of a dataset, and what folders it needs.

    Raises:
        GradcliError: `io`.
    """
    if not places.is_address(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    places.fill(path, fill)


# ---- reading ---------------------------------------------------------------------------------------


def opened(parts: Sequence[Part], layout: TextLayout) -> Table:
    """Parts as one table, whose columns are those of the first.

    Raises:
        GradcliError: `io`.
    """
    sizes = [part.size for part in parts]
    at = 0
    table = first = _keyed(_table(parts[0], layout), parts[0])

    def pieces() -> Iterator[Piece]:
        nonlocal at, table
        yield from first.pieces
        for part in parts[1:]:
            at += 1
            table = _keyed(_table(part, layout), part)
            for piece in table.pieces:
                yield _fitted(piece, first.schema, table.name, layout, part.format)

    def share() -> float:
        return (sum(sizes[:at]) + sizes[at] * table.share()) / max(1, sum(sizes))

    return first if len(parts) == 1 else Table(first.name, first.schema, pieces(), share)


def _table(part: Part, layout: TextLayout) -> Table:
    files: list[BinaryIO] = []

    def open_it() -> BinaryIO:
        files.append(places.opened(part.path, part.format in (*WHOLE, "arrows")))
        found = _unpacked(files[0], part.path)
        # These are read from their end.
        return pa.BufferReader(found.read()) if found is not files[0] and part.format in WHOLE else found

    table = read_table(part.said, open_it, part.format, layout, part.groups)
    if part.format != "parquet" and part.size and not files[0].closed and files[0].seekable():
        table.share = lambda: _share(files[0], part.size)
    return table


def _share(file: BinaryIO, size: int) -> float:
    """How much of a file has been read by another thread, which may close it at any moment."""
    try:
        return file.tell() / size
    except (ValueError, pa.ArrowInvalid):  # it is closed
        return 1.0


def _unpacked(file: BinaryIO, path: str) -> BinaryIO:
    """What is compressed in an open file."""
    compression = compression_of(path)
    found: Any = pa.CompressedInputStream(file, compression) if compression else file
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
            batch = pa.RecordBatch.from_arrays(columns, schema=schema)
            yield piece.replaced(batch=batch)

    return Table(table.name, schema, pieces(), table.share)


def _fitted(piece: Piece, schema: pa.Schema, name: str, layout: TextLayout, format: str) -> Piece:
    """A piece of another file with the columns of the first; what one that is read can't hold is bad."""
    batch, bad = piece.batch, dict(piece.bad)
    mixed, lost = dict(piece.mixed), dict(piece.lost)
    columns = []
    for field in schema:
        at = batch.schema.get_field_index(field.name)
        if at < 0:
            raise GradcliError(
                "io", f"cannot read {name}: it has no column {field.name}, which the first file has"
            )
        column = batch.column(at)
        if column.type != field.type:
            others: dict[int, str] = {}
            given, column = column, _cast(column, field, others)
            if field.name in layout.numbers:
                bad = {**others, **bad}
            elif others and layout.verbatim and format in JSON:
                mixed.setdefault(field.name, json_texts(given))
            elif others:
                lost[field.name] = len(others)
        columns.append(column)
    batch = pa.RecordBatch.from_arrays(columns, schema=schema)
    return piece.replaced(batch=batch, bad=bad, mixed=mixed, lost=lost, source=name)


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
        self.folder, self.path = out, places.joined(out, name)
        self.identity = identity
        self.done: dict[str, dict[str, Any]] = {}

    def load(self) -> None:
        """Reads what another run did.

        Raises:
            GradcliError: `io`: there is none, or it was made by something else.
        """
        if not places.exists(self.path):
            return
        try:
            known = self._read()
        except (OSError, ValueError) as error:
            raise GradcliError("io", f"cannot read {places.shown(self.path)}: {error}") from None
        if known.get("identity") != self.identity:
            raise GradcliError(
                "io",
                f"{places.shown(self.path)} was made by another program or other options",
                hint="write into another folder, or leave out --resume and give --force",
            )
        self.done = dict(known["parts"])

    def _read(self) -> dict[str, Any]:
        """What the file says; a ValueError where that is no manifest."""
        with places.opened(self.path) as file:
            known: dict[str, Any] = json.loads(file.read())
        parts = known.get("parts") if isinstance(known, dict) else None
        noted = parts.values() if isinstance(parts, dict) else [None]
        if not all(isinstance(each, dict) and isinstance(each.get("file"), str) for each in noted):
            raise ValueError("it does not name parts")
        return known

    def forget(self) -> None:
        """Removes what another run did, whatever it was."""
        parts: dict[str, Any] = {}
        if places.exists(self.path):
            with suppress(OSError, ValueError):
                parts = self._read()["parts"]
        for name, noted in parts.items():
            path = os.path.normpath(os.path.join(os.path.dirname(name), os.path.basename(noted["file"])))
            if not path.startswith(("..", "/")):  # it is in the folder
                places.delete(places.joined(self.folder, path))
        places.delete(self.path)

    def add(self, part: Part, format: str, tally: Tally) -> None:
        """Notes that a part is done, in a file of a format."""
        file = f"{os.path.basename(part.name)}.{format}"
        self.done[part.name] = {"file": file, "rows": tally.rows, "good": tally.good}
        known = {"identity": self.identity, "parts": dict(sorted(self.done.items()))}
        text = (json.dumps(known, indent=1) + "\n").encode()
        write_part(self.path, lambda file: file.write(text))


def identity(work: PartWork) -> str:
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
