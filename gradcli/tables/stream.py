"""One pass over a table: reading, computing and writing at the same time, in order.

A bad row loses nothing: its own columns are kept, its results are empty, and it is counted or told apart.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

import pyarrow as pa

from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.record import Record
from gradcli.tables.columns import GRADIENT, Asked
from gradcli.tables.reading import ROWS, Piece, Table
from gradcli.tables.rows import Batch, Rows

Item = TypeVar("Item")

SHOWN = 5
"""So many bad rows are told by their place."""
AHEAD = 2
"""Pieces that wait between two of the three at work."""


class Wanted(Record):
    """What a table is to be made of.

    Attributes:
        source: the program.
        options: for `gradcli.evaluate`; `inputs` are those that no column has.
        columns: the columns of the input that are kept, None for all.
        names, prefix: how new columns are called.
        renamed: columns under another name in the program, by that name.
        weights: the column of gradient weights.
        bad: `null`, `stop` or `apart`.
    """

    source: str
    options: Options
    columns: tuple[str, ...] | None = None
    names: str = GRADIENT
    prefix: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    weights: str | None = None
    bad: str = "null"


class Tally:
    """What was found on the way.

    Attributes:
        rows, good: how many rows there were, and how many have results.
        places: the first bad rows, as text.
        nan: how many results are nan, by column.
    """

    def __init__(self) -> None:
        self.rows = self.good = 0
        self.places: list[str] = []
        self.nan: dict[str, int] = {}

    def add(self, name: str, piece: Piece, found: Batch) -> None:
        """Counts one piece."""
        self.rows += piece.batch.num_rows
        self.good += piece.batch.num_rows - len(found.bad)
        for row, why in found.bad.items():
            if len(self.places) < SHOWN:
                self.places.append(f"{name}: row {piece.first + row}: {why}")
        for column, count in found.nan.items():
            self.nan[column] = self.nan.get(column, 0) + count

    def merge(self, other: Tally) -> None:
        """Counts what another counted after this one."""
        self.rows += other.rows
        self.good += other.good
        self.places = [*self.places, *other.places][:SHOWN]
        for column, count in other.nan.items():
            self.nan[column] = self.nan.get(column, 0) + count

    def notes(self) -> list[str]:
        """What people should know, a line each."""
        found = []
        bad = self.rows - self.good
        if bad:
            verb = "has" if bad == 1 else "have"
            found.append(f"{bad:,} of {self.rows:,} rows {verb} no result")
            found += self.places
            if bad > len(self.places):
                found.append(f"… and {bad - len(self.places):,} more")
        for column, count in self.nan.items():
            found.append(f"{column} is nan in {count:,} rows; --detect-anomaly makes them bad")
        return found


class Mapped:
    """A program over the rows of one table.

    Args:
        wanted: what is asked for.
        table: where the rows come from.
        elsewhere: columns that are kept by other means than the table that is written.

    Attributes:
        schema: of what comes out.
        rows: the program, with the columns that it uses.
        tally: what was found so far.

    Raises:
        GradcliError: the program or its columns are wrong, before anything is written.
    """

    def __init__(self, wanted: Wanted, table: Table, elsewhere: Collection[str] = ()) -> None:
        self.wanted, self.table = wanted, table
        check_names(table)
        self.asked = Asked(wanted.options, wanted.names, wanted.prefix)
        named = [column for _, column in wanted.renamed]
        for name in [*named, *([wanted.weights] if wanted.weights else []), *(wanted.columns or ())]:
            if name not in table.schema.names and name not in elsewhere:
                raise GradcliError("unknown-name", f"{table.name} has no column {name}")
        self.rows = Rows(
            wanted.source, table.schema, wanted.options, self.asked, dict(wanted.renamed), wanted.weights
        )
        if not self.rows.used:
            raise GradcliError(
                "unknown-name",
                f"the program reads no column of {table.name}",
                hint=f"its columns are {', '.join(table.schema.names[:12])}; --rename 'column=name'",
            )
        self.first = next(table.pieces, None)
        self.rows.prepare(None if self.first is None else self.first.batch)
        kept = table.schema.names if wanted.columns is None else wanted.columns
        self.kept = [name for name in kept if name not in elsewhere]
        fields = [table.schema.field(name) for name in self.kept]
        fields += [
            pa.field(name, type_) for name, type_ in zip(self.rows.names, self.rows.types, strict=True)
        ]
        names = [field.name for field in fields]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise GradcliError(
                "bad-argument",
                f"there are two columns {twice} in the result",
                hint="--prefix names those that are computed, --columns leaves out those of the input",
            )
        self.schema = pa.schema(fields)
        self.bad_schema = pa.schema([*table.schema, pa.field("reason", pa.string())])
        self.tally = Tally()

    def pieces(self) -> Iterator[Piece]:
        """The rows that come in."""
        if self.first is not None:
            yield self.first
        yield from self.table.pieces

    def results(self) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch | None]]:
        """What comes out in order, and the bad rows with their reasons where they are told apart."""
        for piece in ahead(self.pieces()):
            found = self.rows(piece.batch) if piece.batch.num_rows else None
            if found is None:
                continue
            if piece.bad:
                found = _with_unread(found, piece)
            self.tally.add(self.table.name, piece, found)
            if found.bad and self.wanted.bad == "stop":
                row, why = next(iter(found.bad.items()))
                raise GradcliError("bad-argument", f"{self.table.name}: row {piece.first + row}: {why}")
            kept = [piece.batch.column(piece.batch.schema.get_field_index(name)) for name in self.kept]
            whole = pa.RecordBatch.from_arrays([*kept, *found.columns], schema=self.schema)
            apart = None
            if found.bad and self.wanted.bad == "apart":
                whole, apart = self._apart(whole, piece, found.bad)
            yield whole, apart

    def _apart(
        self, whole: pa.RecordBatch, piece: Piece, bad: Mapping[int, str]
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        rows = list(bad)
        good = pa.array([row for row in range(whole.num_rows) if row not in bad], pa.int64())
        chosen = piece.batch.take(pa.array(rows, pa.int64()))
        reasons = pa.array([bad[row] for row in rows], pa.string())
        return whole.take(good), pa.RecordBatch.from_arrays(
            [*chosen.columns, reasons], schema=self.bad_schema
        )


def _with_unread(found: Batch, piece: Piece) -> Batch:
    """Rows that could not be read have no result, whatever was computed of what was left of them."""
    bad = dict(sorted({**found.bad, **piece.bad}.items()))
    mask = pa.array([row in piece.bad for row in range(piece.batch.num_rows)])
    import pyarrow.compute as pc

    columns = [pc.if_else(mask, pa.scalar(None, column.type), column) for column in found.columns]
    return Batch(found.names, columns, bad, found.nan)


def columns_in(source: str, wanted: Wanted) -> frozenset[str]:
    """The columns that a program would read, if there are such columns."""
    from gradcli.syntax.parser import parse
    from gradcli.syntax.survey import names_in

    renamed = dict(wanted.renamed)
    names = {renamed.get(name, name) for name in names_in(parse(source))} | {wanted.weights or ""}
    return frozenset(names - set(wanted.options.inputs or ()))


def check_names(table: Table) -> None:
    """Raises `bad-argument` if two columns have one name."""
    names = table.schema.names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise GradcliError("bad-argument", f"{table.name} has two columns {twice}")


class _Failure(Record):
    error: BaseException


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, made by another thread while those before them are worked on."""
    waiting: queue.Queue[Any] = queue.Queue(AHEAD)
    over = threading.Event()
    end = object()

    def put(item: Any) -> bool:
        while not over.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(end)
        except BaseException as error:
            put(_Failure(error))

    thread = threading.Thread(target=make, name="gradcli-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if item is end:
                return
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        over.set()


def chunk(max_memory: int, columns: int) -> int:
    """How many rows a piece has, so that it takes an eighth of the memory at most."""
    if not max_memory:
        return ROWS
    return max(1, min(ROWS, max_memory // (8 * 64 * max(1, columns))))
