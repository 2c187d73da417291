"""Values and derivatives for the rows of one batch.

Columns come and go as Arrow arrays. Numbers without gaps are taken as they are; lists of equal lengths are
arrays of one more dim, lists of different lengths are evaluated length by length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from gradcli.errors import GradcliError, suggestion
from gradcli.evaluation.many import Many
from gradcli.evaluation.options import Options
from gradcli.evaluation.paths import ControlPath
from gradcli.record import Record
from gradcli.tables.arrays import FLOAT32, depth, has_gap, joined, numbers
from gradcli.tables.columns import AskedColumns

Array = np.ndarray[Any, np.dtype[Any]]


class Batch(Record):
    """What came of N rows.

    Attributes:
        names: of the new columns, in order.
        columns: the new columns, each of N rows.
        bad: for rows without a result the reason.
        nan: how many results are nan, by column.
    """

    names: list[str]
    columns: list[pa.Array]
    bad: dict[int, str]
    nan: dict[str, int]


class Rows:
    """A program that is evaluated for rows.

    Args:
        source: its text.
        schema: the columns there are.
        options: `inputs` for names without a column, and everything else of `gradcli.evaluate`.
        asked: what comes out.
        renamed: for columns under another name in the program, the column of each name.
        weights: the column of the gradient weights.
        sample: the first rows, for messages.

    Attributes:
        used: the columns that the program reads, by its name for them.
        replaced: the names among them that the program has a value for itself.
        names: of the new columns.
        types: of the new columns.
        nbytes: the most bytes that evaluating a row takes, as far as the first one tells.

    Raises:
        GradcliError: the program is wrong, or a column that it reads cannot be computed with.
    """

    def __init__(
        self,
        source: str,
        schema: pa.Schema,
        options: Options,
        asked: AskedColumns,
        renamed: Mapping[str, str] | None = None,
        weights: str | None = None,
        sample: pa.RecordBatch | None = None,
    ) -> None:
        self.asked, self.weights, self.columns = asked, weights, schema.names
        self.used, self.replaced = used_columns(source, schema, options, renamed or {})
        columns = [*self.used.values(), *([weights] if weights else [])]
        for name in columns:
            refuse(schema.field(name), sample)
        single = bool(columns) and all(depth(schema.field(name).type)[1] == FLOAT32 for name in columns)
        self.dtype = np.dtype(np.float32 if single else np.float64)
        wrt = options.wrt if options.wrt is not None else [*self.used]
        self.options = options.replaced(
            wrt=list(wrt), dtype=self.dtype if single else options.dtype, unused_inputs=False
        )
        self.many = Many(source, self.options, asked, WEIGHTS if weights else None, together=True, even=True)
        self.names: list[str] = []
        self.types: list[pa.DataType] = []
        self.nbytes = 1
        self.path: ControlPath | None = None
        self._kinds: list[tuple[np.dtype[Any], int]] = []

    def prepare(self, sample: pa.RecordBatch | None) -> None:
        """Finds names and types of what comes out, from the first rows that can be evaluated.

        Raises:
            GradcliError: none of them can.
        """
        error: GradcliError | None = None
        if sample is not None:
            for row in _spread(sample.num_rows):
                values = {name: sample.column(column)[row].as_py() for name, column in self._sources()}
                if any(has_gap(value) for value in values.values()):
                    continue
                try:
                    path = self.many.record(
                        {name: np.asarray(value, self.dtype) for name, value in values.items()}
                    )
                except GradcliError as problem:
                    error = error or problem
                    if self._is_unset(problem):
                        raise
                    continue
                self._describe(path)
                return
        try:  # there is no row: what the columns would be, with ones
            self._describe(self.many.record({name: np.ones((), self.dtype) for name, _ in self._sources()}))
        except GradcliError as problem:
            self._is_unset(problem)
            raise error or problem from None

    def _is_unset(self, error: GradcliError) -> bool:
        """Whether an error says that no column has a name; it hints at those that there are then."""
        name = error.message.removesuffix(" has no value")
        if error.code != "unset-input" or not name.isidentifier():
            return False
        if name in self.columns:
            error.hint = f"--rename gives column {name} another name in the program"
            return True
        near = suggestion(name, self.columns)
        error.hint = (
            near or f"no column is called so ({', '.join(self.columns[:12])}); --set {name}=… sets it"
        )
        return True

    def _describe(self, path: ControlPath) -> None:
        self.path = path
        self.names = list(self.asked.found)
        self._kinds = [(node.dtype, len(node.shape)) for node in path.wanted]
        self.nbytes = path.nbytes
        self.types = []
        for name, (dtype, rank) in zip(self.names, self._kinds, strict=True):
            if dtype.kind == "c":
                raise GradcliError("dtype", f"{name} is complex, which tables cannot hold")
            type_ = pa.from_numpy_dtype(dtype)
            for _ in range(rank):
                type_ = pa.list_(type_)
            self.types.append(type_)

    def _sources(self) -> list[tuple[str, str]]:
        """The program's name and the column of everything that is read."""
        return [*self.used.items(), *([(WEIGHTS, self.weights)] if self.weights else [])]

    def __call__(self, batch: pa.RecordBatch, unread: Mapping[int, str]) -> Batch:
        """The new columns for these rows.

        Args:
            batch: all columns of the table.
            unread: the rows that are bad already, and why.
        """
        size = batch.num_rows
        bad = dict(unread)
        arrays: dict[str, Any] = {}
        gaps = np.zeros(size, bool)
        gaps[list(unread)] = True
        for name, column in self._sources():
            found, missing = numbers(batch.column(batch.schema.get_field_index(column)), self.dtype)
            arrays[name] = found
            for row in np.flatnonzero(missing & ~gaps).tolist():
                bad[row] = f"{column} {_lacking(batch.column(column)[row])}"
            gaps |= missing
        results: list[list[tuple[Array, Array]]] = [[] for _ in self.names]
        nan = dict.fromkeys(self.names, 0)
        for rows, columns in _alike(arrays, np.flatnonzero(~gaps)):
            found = self.many(columns, len(rows))
            for at, error in found.failed.items():
                bad[int(rows[at])] = reason(error)
            for _, chosen, values in found.values:
                self._take_in(rows[chosen] if len(chosen) < len(rows) else rows, values, results, bad, nan)
        return Batch(
            self.names,
            [joined(parts, size, type_) for parts, type_ in zip(results, self.types, strict=True)],
            dict(sorted(bad.items())),
            {name: count for name, count in nan.items() if count},
        )

    def _take_in(
        self,
        rows: Array,
        values: Sequence[Array],
        results: Sequence[list[tuple[Array, Array]]],
        bad: dict[int, str],
        nan: dict[str, int],
    ) -> None:
        """Adds what was computed for some rows to the results, what is wrong with it to `bad`, `nan`."""
        if len(values) != len(self._kinds) or not all(map(_is_kind, values, self._kinds)):
            bad.update(
                dict.fromkeys(rows.tolist(), "the program has other results here than in the first row")
            )
            return
        if self.options.detect_anomaly:
            fine = np.ones(len(rows), bool)
            for name, value in zip(self.names, values, strict=True):
                finite = ~_rows_with(~np.isfinite(value))
                for at in np.flatnonzero(fine & ~finite).tolist():
                    bad[int(rows[at])] = f"{name} is {_first_infinite(value[at])}"
                fine &= finite
            if not fine.all():
                rows, values = rows[fine], [value[fine] for value in values]
        for parts, name, (dtype, _), value in zip(results, self.names, self._kinds, values, strict=True):
            if dtype.kind == "f":
                missing = np.isnan(value)
                if missing.any():  # of all that are nan the usual one
                    value = np.where(missing, value.dtype.type(np.nan), value)
                nan[name] += int(np.count_nonzero(missing if value.ndim == 1 else _rows_with(missing)))
            parts.append((rows, value.astype(dtype, copy=False)))


def _spread(rows: int) -> Iterator[int]:
    """So many of some rows as may be tried one by one: the first, and others from everywhere."""
    yield from range(min(rows, FIRST))
    yield from range(FIRST, rows, max(1, rows // MOST_TRIED))


FIRST = 100
MOST_TRIED = 1000


def _lacking(value: pa.Scalar) -> str:
    """Why a value of a column is no number, vector or matrix."""
    if not value.is_valid:
        return "is missing"
    return "has an element that is missing" if has_gap(value.as_py()) else "has lists of different lengths"


def _is_kind(value: Array, kind: tuple[np.dtype[Any], int]) -> bool:
    """Whether values can stand in a column of such arrays."""
    dtype, rank = kind
    return value.ndim == rank + 1 and np.can_cast(value.dtype, dtype, "same_kind")


def _rows_with(found: Array) -> Array:
    """The rows in which anything was found, as a mask."""
    return np.asarray(found.reshape(len(found), -1).any(1))


def _first_infinite(value: Array) -> Any:
    return value[~np.isfinite(value)][0]


WEIGHTS = "gradient weights"
"""Stands for the column of weights among the names of a program, which cannot have a blank."""


def reason(error: GradcliError) -> str:
    """Why a row is bad, on one line."""
    return " ".join(f"{error.code}: {error.message}".split())


def used_columns(
    source: str, schema: pa.Schema, options: Options, renamed: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The columns that the program reads by its name for them, and which of them replace a default."""
    from gradcli.evaluation.run import begun
    from gradcli.interpreter.interpreter import settable
    from gradcli.syntax.names import normal_name
    from gradcli.syntax.parser import parse

    module = parse(source)
    taken = set(renamed.values())
    names = {
        normal_name(name): name for name in schema.names if name not in taken and name.isidentifier()
    } | dict(renamed)
    known = settable(module, begun(source, options), names)
    given = set(options.inputs or ())
    used = {name: names[name] for name in known if name not in given}
    return used, [name for name in used if known[name]]


def refuse(field: pa.Field, sample: pa.RecordBatch | None = None) -> None:
    """Raises `dtype` for a column that nothing can be computed with, and says what to do."""
    type_ = depth(field.type)[1]
    if pa.types.is_floating(type_) or pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return
    if pa.types.is_null(type_):
        return
    hints = {
        "decimal": "cast it to double first: decimals would lose digits unseen",
        "timestamp": "cast it to seconds since a day of your choice",
        "date": "cast it to days since a day of your choice",
        "time": "cast it to seconds",
        "duration": "cast it to seconds",
    }
    hint = next((text for word, text in hints.items() if str(type_).startswith(word)), "it is no number")
    if pa.types.is_string(type_) and sample is not None:
        known = sample.column(field.name).drop_null()
        hint += f": {str(known[0].as_py())[:40]!r}" if len(known) else ""
    raise GradcliError(
        "dtype", f"column {field.name} is of type {type_}, with which nothing is computed", hint=hint
    )


def _alike(arrays: Mapping[str, Any], rows: Array) -> Iterator[tuple[Array, dict[str, Array]]]:
    """Rows whose values have equal shapes, together."""
    uneven = [name for name, array in arrays.items() if isinstance(array, list)]
    groups: dict[Any, list[int]] = {}
    if not uneven:
        if len(rows):
            whole = all(len(rows) == len(array) for array in arrays.values())
            yield rows, {name: array if whole else array[rows] for name, array in arrays.items()}
        return
    for row in rows.tolist():
        groups.setdefault(tuple([arrays[name][row].shape for name in uneven]), []).append(row)
    for members in groups.values():
        chosen = np.asarray(members)
        yield (
            chosen,
            {
                name: np.stack([array[row] for row in members]) if isinstance(array, list) else array[chosen]
                for name, array in arrays.items()
            },
        )
