"""One pass over a table: reading, computing and writing at the same time, in order.

A bad row loses nothing: its own columns are kept, its results are empty, and it is counted or told apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import pyarrow as pa

from gradcli.errors import GradcliError, suggestion
from gradcli.evaluation.options import Options
from gradcli.record import Record
from gradcli.tables.ahead import ahead
from gradcli.tables.columns import GRADIENT, AskedColumns
from gradcli.tables.pieces import ROWS, Piece, Table, check_names, cut, json_text, repeated
from gradcli.tables.rows import Batch, Rows

SHOWN = 5
"""So many bad rows are told by their place."""
LONGEST = 200
"""The most characters of a reason that are told there."""
MOST = 256 << 20
"""Bytes that the rows take that are evaluated at a time."""


PASSING = 256 << 20
"""Bytes that rows may take on their way in and out."""


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
        left: fields that came too late to be columns, and where they were first seen.
        lost: columns with values that are missing since they are of another type, and how many.
    """

    def __init__(self) -> None:
        self.rows = self.good = 0
        self.left: dict[str, str] = {}
        self.lost = Counter[str]()
        self.places: list[str] = []
        self.nan = Counter[str]()

    def add(self, name: str, piece: Piece, found: Batch) -> None:
        """Counts one piece."""
        self.rows += piece.batch.num_rows
        self.good += piece.batch.num_rows - len(found.bad)
        for row, why in found.bad.items():
            if len(self.places) < SHOWN:
                shown = why if len(why) <= LONGEST else f"{why[:LONGEST]}…"
                self.places.append(f"{name}: row {piece.first + row}: {shown}")
        self.nan.update(found.nan)
        for field in piece.left:
            self.left.setdefault(field, f"{name}: from about row {piece.first:,} on")
        self.lost.update(piece.lost)

    def merge(self, other: Tally) -> None:
        """Counts what another counted after this one."""
        self.rows += other.rows
        self.good += other.good
        self.places = [*self.places, *other.places][:SHOWN]
        self.nan.update(other.nan)
        self.left = {**other.left, **self.left}
        self.lost.update(other.lost)

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
            rows, them = ("1 row", "it") if count == 1 else (f"{count:,} rows", "them")
            found.append(f"{column} is nan in {rows}; --detect-anomaly makes {them} bad")
        for field, place in self.left.items():
            found.append(f"{field} is left out, which the first rows do not have ({place})")
        for column, count in self.lost.items():
            values = "1 value is" if count == 1 else f"{count:,} values are"
            found.append(f"{column}: {values} missing, of another type than the first rows have")
        return found


class Mapped:
    """A program over the rows of one table.

    Args:
        wanted: what is asked for.
        table: where the rows come from.
        elsewhere: columns that are kept by other means than the table that is written.

    Attributes:
        schema: of what comes out.
        at_once: how many rows are evaluated at a time, so that they take an eighth of the memory at most.
        rows: the program, with the columns that it uses.
        tally: what was found so far.

    Raises:
        GradcliError: the program or its columns are wrong, before anything is written.
    """

    def __init__(self, wanted: Wanted, table: Table, elsewhere: Collection[str] = ()) -> None:
        self.wanted, self.table = wanted, table
        check_names(table.name, table.schema.names)
        self.asked = AskedColumns(wanted.options, wanted.names, wanted.prefix)
        twice = repeated(name for name, _ in wanted.renamed)
        if twice is not None:
            raise GradcliError("bad-argument", f"two columns cannot both be {twice} in the program")
        named = [column for _, column in wanted.renamed]
        for name in [*named, *([wanted.weights] if wanted.weights else []), *(wanted.columns or ())]:
            if name not in table.schema.names and name not in elsewhere:
                columns = table.schema.names
                hint = suggestion(name, columns) or f"its columns are {', '.join(columns[:12])}"
                raise GradcliError("unknown-name", f"{table.name} has no column {name}", hint=hint)
        options, memory = wanted.options, wanted.options.max_memory
        if memory:  # it bounds the rows that are evaluated at a time; what passes by counts for the process
            options = options.replaced(max_memory=memory + PASSING)
        self.first = next(table.pieces, None)
        sample = None if self.first is None else self.first.batch
        self.rows = Rows(
            wanted.source, table.schema, options, self.asked, dict(wanted.renamed), wanted.weights, sample
        )
        if not self.rows.used:
            raise GradcliError(
                "unknown-name",
                f"the program reads no column of {table.name}",
                hint=f"its columns are {', '.join(table.schema.names[:12])}: write one as it is, "
                "in `backticks` if it is no name, or say --rename 'COLUMN=NAME'",
            )
        self.rows.prepare(sample)
        budget = min(memory // 8 or MOST, MOST)
        self.at_once = max(1, min(ROWS, budget // self.rows.nbytes))
        kept = table.schema.names if wanted.columns is None else wanted.columns
        self.kept = [name for name in kept if name not in elsewhere]
        written = {} if self.first is None else self.first.written
        fields = [
            pa.field(name, written[name].type) if name in written else table.schema.field(name)
            for name in self.kept
        ]
        fields += [
            pa.field(name, type_) for name, type_ in zip(self.rows.names, self.rows.types, strict=True)
        ]
        twice = repeated(field.name for field in fields)
        if twice is not None:
            raise GradcliError(
                "bad-argument",
                f"there are two columns {twice} in the result",
                hint="--prefix names those that are computed, --columns leaves out those of the input",
            )
        self.schema = pa.schema(fields)
        self.bad_schema = pa.schema(
            [
                *[
                    pa.field(each.name, written[each.name].type) if each.name in written else each
                    for each in table.schema
                ],
                pa.field("reason", pa.string()),
            ]
        )
        self.tally = Tally()

    def pieces(self) -> Iterator[Piece]:
        """The rows that come in."""
        if self.first is not None:
            yield from cut(self.first, self.at_once)
        for piece in self.table.pieces:
            yield from cut(piece, self.at_once)

    def results(self) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch | None]]:
        """What comes out in order, and the bad rows with their reasons where they are told apart."""
        for piece in ahead(self.pieces()):
            if not piece.batch.num_rows:
                continue
            found = self.rows(piece.batch, piece.bad)
            name = piece.source or self.table.name
            self.tally.add(name, piece, found)
            if found.bad and self.wanted.bad == "stop":
                row, why = next(iter(found.bad.items()))
                raise GradcliError("bad-argument", f"{name}: row {piece.first + row}: {why}")
            schema, mixed = self.schema, [name for name in self.kept if name in piece.mixed]
            for name in mixed:
                schema = schema.set(schema.get_field_index(name), json_text(name))
            kept = [
                piece.mixed[name] if name in mixed else _as_given(piece, schema.field(name))
                for name in self.kept
            ]
            whole = pa.RecordBatch.from_arrays([*kept, *found.columns], schema=schema)
            apart = None
            if found.bad and self.wanted.bad == "apart":
                whole, apart = self._apart(whole, piece, found.bad)
            yield whole, apart

    def _apart(
        self, whole: pa.RecordBatch, piece: Piece, bad: Mapping[int, str]
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        rows = list(bad)
        good = pa.array([row for row in range(whole.num_rows) if row not in bad], pa.int64())
        chosen = pa.array(rows, pa.int64())
        fields, columns = [], []
        for field in list(self.bad_schema)[:-1]:
            column, mixed = piece.unreadable.get(field.name), piece.mixed.get(field.name)
            if mixed is not None:
                field, column = json_text(field.name), mixed
            elif column is not None:
                field = field.with_type(column.type)
            fields.append(field)
            columns.append((_as_given(piece, field) if column is None else column).take(chosen))
        columns.append(pa.array([bad[row] for row in rows], pa.string()))
        schema = pa.schema([*fields, self.bad_schema.field("reason")])
        return whole.take(good), pa.RecordBatch.from_arrays(columns, schema=schema)


def _as_given(piece: Piece, field: pa.Field) -> pa.Array:
    """A column of the input, as it is written there where that is kept."""
    found = piece.written.get(field.name)
    if found is None:
        found = piece.batch.column(piece.batch.schema.get_field_index(field.name))
    return found if found.type == field.type else found.cast(field.type)


def unquoted(source: str) -> tuple[str, dict[str, str]]:
    """A program in which columns stand in backticks, with names in their place, and the columns of these."""
    columns: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        column = found["column"]
        if column is None:
            return found[0]
        name = next((each for each, known in columns.items() if known == column), None)
        if name is None:
            name = re.sub(r"\W", "_", column)
            name = name if name.isidentifier() else f"_{name}"
            while name in columns or re.search(rf"\b{name}\b", source.replace(f"`{column}`", "")):
                name += "_"
            columns[name] = column
        return name

    return _QUOTED.sub(named, source), columns


_QUOTED = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|\#[^\n]*)|`(?P<column>[^`\n]+)`""")
"""A text, a comment, or a column in backticks."""


def columns_in(source: str, wanted: Wanted) -> frozenset[str]:
    """The columns that a program would read, if there are such columns."""
    from gradcli.syntax.parser import parse
    from gradcli.syntax.survey import names_in

    renamed = dict(wanted.renamed)
    names = {renamed.get(name, name) for name in names_in(parse(source))} | {wanted.weights or ""}
    return frozenset(names - set(wanted.options.inputs or ()) - {""})
