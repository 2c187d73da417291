"""`gradcli.map`: a program over the rows of a table, from Python."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options

if TYPE_CHECKING:
    import pyarrow as pa


def map(
    source: str,
    table: Any,
    inputs: Mapping[str, Any] | None = None,
    *,
    wrt: Sequence[str] | None = None,
    roots: Sequence[str] | None = None,
    weights: str | Any = None,
    order: int | None = None,
    partials: Sequence[Sequence[str]] | None = None,
    hessian: bool = False,
    jacobian: bool = False,
    columns: Sequence[str] | None = None,
    names: str = "d{root}/d{wrt}",
    prefix: str = "",
    rename: Mapping[str, str] | None = None,
    bad: str = "null",
    seed: int = 0,
) -> Any:
    """Values and derivatives of a program for each row of a table.

    Args:
        source: the program; the columns are its inputs. One whose name is no identifier stands in backticks.
        table: a pyarrow Table, RecordBatch, reader or dataset, a pandas or Polars frame, or anything with the
            Arrow PyCapsule interface (`__arrow_c_stream__`, `__arrow_c_array__`). Columns of numbers are
            scalars, lists vectors, lists of lists matrices.
        inputs: values for names that no column has.
        wrt: the columns to differentiate with respect to; default all that the program reads.
        roots: the names to differentiate; default the value of the last statement.
        weights: gradient weights of a root that is no scalar: the name of a column, or a value.
        order, partials, hessian, jacobian: further derivatives, as for `gradcli.evaluate`.
        columns: the columns of the table that are kept; default all.
        names, prefix: how the new columns are called.
        rename: columns by the name that the program has for them.
        bad: `null`: rows without a result have none; `stop`: the first raises.
        seed: of the random functions.

    Returns:
        The table with the new columns: a batch for a batch, a frame for a frame, with its index and its own
        types, else a pyarrow table. Types: float64, or float32 if all columns
        that are read are float32.

    Raises:
        GradcliError: the program is wrong, or (`bad="stop"`) a row is.
        ImportError: pyarrow is not installed (`pip install 'gradcli[table]'`).
    """
    import pyarrow as pa

    from gradcli.tables.stream import Wanted, unquoted

    if bad not in ("null", "stop"):
        raise GradcliError("bad-argument", f"bad is null or stop, not {bad!r}")
    source, quoted = unquoted(source)
    by_column = isinstance(weights, str) and weights != "ones"
    options = Options(
        inputs=dict(inputs or {}), wrt=wrt, roots=roots, weights=None if by_column else weights, order=order,
        partials=partials, hessian=hessian, jacobian=jacobian, seed=seed,
    )  # fmt: skip
    wanted = Wanted(
        source,
        options,
        None if columns is None else tuple(columns),
        names,
        prefix,
        tuple((quoted | dict(rename or {})).items()),
        weights if by_column else None,
        bad,
    )
    if isinstance(table, pa.RecordBatch):
        return mapped(wanted, pa.Table.from_batches([table])).combine_chunks().to_batches()[0]
    if isinstance(table, pa.Table):
        return mapped(wanted, table)
    if isinstance(table, pa.RecordBatchReader):
        return mapped(wanted, table.read_all())
    kind, name = type(table).__module__.partition(".")[0], type(table).__name__
    if name != "Series":  # which is one column
        if kind == "pandas":
            return _of_pandas(wanted, table)
        if kind == "polars":
            import polars

            lazy = isinstance(table, polars.LazyFrame)
            found: Any = polars.from_arrow(mapped(wanted, pa.table(table.collect() if lazy else table)))
            return found.lazy() if lazy else found
        if hasattr(table, "__arrow_c_stream__") or hasattr(table, "__arrow_c_array__"):
            return mapped(wanted, pa.table(table))
    dataset = sys.modules.get("pyarrow.dataset")
    if dataset is not None and isinstance(table, (dataset.Dataset, dataset.Scanner)):
        return mapped(wanted, table.to_table())
    raise TypeError(f"a table is a pyarrow table or dataset, or a pandas or Polars frame, not {name}")


def mapped(wanted: Any, table: pa.Table) -> pa.Table:
    """A table in memory with the new columns."""
    import pyarrow as pa

    from gradcli.tables.pieces import ROWS, Table, sliced
    from gradcli.tables.stream import Mapped

    flat = Table("the table", table.schema, sliced(table, ROWS))
    work = Mapped(wanted, flat)
    return pa.Table.from_batches([batch for batch, _ in work.results()], work.schema)


def _of_pandas(wanted: Any, frame: Any) -> Any:
    """A frame of pandas with the new columns; the others are those that it had, whatever types they have."""
    import pyarrow as pa

    from gradcli.tables.pieces import check_names

    labels = {str(label): label for label in frame.columns}
    check_names("the table", [str(label) for label in frame.columns])
    found = mapped(wanted, pa.Table.from_pandas(frame, preserve_index=False))
    kept = len(frame.columns if wanted.columns is None else wanted.columns)
    result = frame[[labels[name] for name in found.column_names[:kept]]].copy(deep=False)
    for name, column in found.select(found.column_names[kept:]).to_pandas().items():
        result[name] = column.array
    return result


def map_partitions(source: str, frame: Any, **options: Any) -> Any:
    """`map` for each partition of a Dask dataframe; lazy, as those are.

    Args:
        source: the program.
        frame: a Dask dataframe.
        options: as for `map`.

    Raises:
        GradcliError: the program is wrong.
    """
    if not hasattr(frame, "_meta_nonempty"):
        raise TypeError(f"partitions are those of a Dask dataframe, not of a {type(frame).__name__}")
    sample = frame._meta_nonempty
    return frame.map_partitions(
        lambda part: map(source, part, **options), meta=map(source, sample, **options).iloc[:0]
    )
