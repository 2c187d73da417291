"""Values and derivatives for the rows of one batch.

Columns come and go as Arrow arrays. Numbers without gaps are taken as they are; lists of equal lengths are
arrays of one more dim, lists of different lengths are evaluated length by length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gradcli.errors import GradcliError
from gradcli.evaluation.many import Many
from gradcli.evaluation.options import Options
from gradcli.record import Record
from gradcli.tables.columns import Asked

Array = np.ndarray[Any, np.dtype[Any]]

FLOAT32 = pa.float32()
FLOAT64 = pa.float64()


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

    Attributes:
        used: the columns that the program reads, by its name for them.
        replaced: the names among them that the program has a value for itself.
        names: of the new columns.
        types: of the new columns.

    Raises:
        GradcliError: the program is wrong, or a column that it reads cannot be computed with.
    """

    def __init__(
        self,
        source: str,
        schema: pa.Schema,
        options: Options,
        asked: Asked,
        renamed: Mapping[str, str] | None = None,
        weights: str | None = None,
    ) -> None:
        self.asked, self.weights = asked, weights
        self.used, self.replaced = used_columns(source, schema, options, renamed or {})
        columns = [*self.used.values(), *([weights] if weights else [])]
        for name in columns:
            refuse(schema.field(name))
        single = bool(columns) and all(depth(schema.field(name).type)[1] == FLOAT32 for name in columns)
        self.dtype = np.dtype(np.float32 if single else np.float64)
        wrt = options.wrt if options.wrt is not None else [*self.used]
        self.options = options.replaced(
            wrt=list(wrt), dtype=self.dtype if single else options.dtype, unused_inputs=False
        )
        self.many = Many(source, self.options, asked, WEIGHTS if weights else None)
        self.names: list[str] = []
        self.types: list[pa.DataType] = []
        self._depths: list[int] = []

    def prepare(self, sample: pa.RecordBatch | None) -> None:
        """Finds names and types of what comes out, from the first rows that can be evaluated.

        Raises:
            GradcliError: none of them can.
        """
        error: GradcliError | None = None
        if sample is not None:
            for row in range(min(sample.num_rows, 1000)):
                values = {name: sample.column(column)[row].as_py() for name, column in self._sources()}
                if any(_has_gap(value) for value in values.values()):
                    continue
                try:
                    path = self.many.record(
                        {name: np.asarray(value, self.dtype) for name, value in values.items()}
                    )
                except GradcliError as problem:
                    error = error or problem
                    continue
                self._describe(path.wanted)
                return
        try:  # there is no row: what the columns would be, with ones
            self._describe(self.many.record(self._stand_ins(sample)).wanted)
        except GradcliError as problem:
            raise error or problem from None

    def _stand_ins(self, sample: pa.RecordBatch | None) -> dict[str, Array]:
        return {name: np.ones((), self.dtype) for name, _ in self._sources()}

    def _describe(self, nodes: Sequence[Any]) -> None:
        self.names = list(self.asked.found)
        self.types, self._depths = [], []
        for node in nodes:
            type_ = pa.from_numpy_dtype(node.dtype)
            for _ in node.shape:
                type_ = pa.list_(type_)
            self.types.append(type_)
            self._depths.append(len(node.shape))

    def _sources(self) -> list[tuple[str, str]]:
        """The program's name and the column of everything that is read."""
        return [*self.used.items(), *([(WEIGHTS, self.weights)] if self.weights else [])]

    def __call__(self, batch: pa.RecordBatch) -> Batch:
        """The new columns for these rows."""
        size = batch.num_rows
        bad: dict[int, str] = {}
        arrays: dict[str, Any] = {}
        gaps = np.zeros(size, bool)
        for name, column in self._sources():
            array = batch.column(batch.schema.get_field_index(column))
            found, missing = numbers(array, self.dtype)
            arrays[name] = found
            for row in np.flatnonzero(missing & ~gaps).tolist():
                bad[row] = f"{column} is missing"
            gaps |= missing
        whole: list[Array | None] = [
            None if levels else np.zeros(size, node_dtype(type_))
            for type_, levels in zip(self.types, self._depths, strict=True)
        ]
        lists: list[dict[int, Any]] = [{} for _ in self.names]
        good = np.zeros(size, bool)
        for rows, columns in _alike(arrays, np.flatnonzero(~gaps)):
            found = self.many(columns, len(rows))
            for at, error in found.failed.items():
                bad[int(rows[at])] = reason(error)
            for _, chosen, values in found.values:
                if len(values) != len(self.names) or any(
                    value.ndim - 1 != depth_ for value, depth_ in zip(values, self._depths, strict=True)
                ):
                    for at in rows[chosen].tolist():
                        bad[at] = "the program has other results here than in the first row"
                    continue
                places = rows[chosen]
                good[places] = True
                for index, value in enumerate(values):
                    if whole[index] is not None:
                        whole[index][places] = value  # type: ignore[index]
                    else:
                        lists[index].update(zip(places.tolist(), value, strict=True))
        results = []
        for index, array in enumerate(whole):
            if array is not None:
                results.append(_filled(array, good, self.types[index]))
                continue
            known = lists[index]
            listed = [known[row].tolist() if row in known else None for row in range(size)]
            results.append(pa.array(listed, self.types[index]))
        nan = {}
        for name, array in zip(self.names, whole, strict=True):
            if array is not None and array.dtype.kind == "f":
                count = int(np.isnan(array[good]).sum())
                if count:
                    nan[name] = count
        if self.options.detect_anomaly:
            self._anomalies(whole, good, bad)
        return Batch(self.names, results, dict(sorted(bad.items())), nan)

    def _anomalies(self, whole: Sequence[Array | None], good: Array, bad: dict[int, str]) -> None:
        for name, array in zip(self.names, whole, strict=True):
            if array is not None and array.dtype.kind == "f":
                for row in np.flatnonzero(good & ~np.isfinite(array)).tolist():
                    bad.setdefault(row, f"{name} is {array[row]}")


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


def refuse(field: pa.Field) -> None:
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
    raise GradcliError(
        "dtype", f"column {field.name} is of type {type_}, with which nothing is computed", hint=hint
    )


def depth(type_: pa.DataType) -> tuple[int, pa.DataType]:
    """How many lists are in each other, and the type of what is in them."""
    levels = 0
    while pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        levels += 1
        type_ = type_.value_type
    return levels, type_


def numbers(array: pa.Array, dtype: np.dtype[Any]) -> tuple[Any, Array]:
    """A column as numbers, and which rows are missing.

    Returns:
        An array of shape (N, *shape), or a list of N arrays where their shapes differ.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    levels, _ = depth(array.type)
    missing = np.asarray(array.is_null())
    if not levels:
        if array.null_count:
            array = pc.fill_null(pc.cast(array, FLOAT64), 0.0)
        found = np.asarray(pc.cast(array, FLOAT64) if pa.types.is_boolean(array.type) else array)
        return found.astype(dtype, copy=False), missing
    regular = _regular(array, dtype)
    if regular is not None:
        return regular, missing
    found_list = []
    for row, value in enumerate(array.to_pylist()):
        try:
            found_list.append(np.asarray(value, dtype) if not _has_gap(value) else np.zeros(0, dtype))
        except (ValueError, TypeError):
            found_list.append(np.zeros(0, dtype))
            missing[row] = True
        if _has_gap(value):
            missing[row] = True
    return found_list, missing


def _regular(array: pa.Array, dtype: np.dtype[Any]) -> Array | None:
    """Lists of one length without gaps, as an array without a copy of each."""
    shape = [len(array)]
    while depth(array.type)[0]:
        if array.null_count:
            return None
        if pa.types.is_fixed_size_list(array.type):
            shape.append(array.type.list_size)
            array = array.flatten()
            continue
        lengths = np.unique(np.asarray(pc.list_value_length(array)))
        if len(lengths) != 1:
            return None
        shape.append(int(lengths[0]))
        array = array.flatten()
    if array.null_count:
        return None
    return np.asarray(array).astype(dtype, copy=False).reshape(shape)


def _has_gap(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_gap, value))
    return value is None


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


def node_dtype(type_: pa.DataType) -> np.dtype[Any]:
    """NumPy's dtype for an Arrow type."""
    found: np.dtype[Any] = np.dtype(type_.to_pandas_dtype())
    return found


def _filled(values: Array, good: Array, type_: pa.DataType) -> pa.Array:
    """Values as a column, null where a row has none."""
    return pa.array(values, type_, mask=None if good.all() else ~good)
