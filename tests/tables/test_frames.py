"""Tables of other libraries in and out, without a copy of what they had."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pytest

import gradcli
from gradcli.errors import GradcliError

TABLE = pa.table({"x": [1.0, 2.0], "y": [3.0, 4.0]})
FOUND = {"x": [1.0, 2.0], "y": [3.0, 4.0], "z": [3.0, 8.0], "dz/dx": [3.0, 4.0], "dz/dy": [1.0, 2.0]}


class Stream:
    """Any library's table."""

    def __arrow_c_stream__(self, schema: Any = None) -> Any:
        return TABLE.__arrow_c_stream__(schema)


class Array:
    def __arrow_c_array__(self, schema: Any = None) -> Any:
        return TABLE.to_batches()[0].__arrow_c_array__(schema)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (TABLE, pa.Table),
        (TABLE.to_batches()[0], pa.RecordBatch),
        (TABLE.to_reader(), pa.Table),
        (pyarrow.dataset.dataset(TABLE), pa.Table),
        (pyarrow.dataset.dataset(TABLE).scanner(), pa.Table),
        (Stream(), pa.Table),
        (Array(), pa.Table),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_arrow_can_reach_is_a_table(table: Any, kind: type) -> None:
    found = gradcli.map("z = x*y", table)
    assert isinstance(found, kind)
    assert found.to_pydict() == FOUND


@pytest.mark.parametrize("other", [{"x": [1.0]}, "data.csv", np.zeros((2, 2)), None])
def test_what_is_no_table_is_told(other: Any) -> None:
    with pytest.raises(TypeError, match="a table is a pyarrow table or dataset, or a pandas or Polars frame"):
        gradcli.map("z = x", other)
    with pytest.raises(TypeError, match="those of a Dask dataframe"):
        gradcli.map_partitions("z = x", other)


def test_pandas_keeps_index_labels_and_types() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "n": pandas.array([1, None, 3], "Int64"),
            "c": pandas.Categorical(["u", "v", "u"], ordered=True),
            "t": pandas.to_datetime(["2026-01-01"] * 3).tz_localize("Europe/Berlin"),
            0: [2.0, 3.0, 4.0],
        },
        index=pandas.Index([7, 7, 8], name="key"),
    )
    found = gradcli.map("z = n*`0`", frame)
    assert list(found.columns) == ["n", "c", "t", 0, "z", "dz/dn", "dz/d_0"]
    assert found.index.equals(frame.index)
    assert (found.dtypes[:4] == frame.dtypes).all()
    assert found["z"].tolist()[::2] == [2.0, 12.0]
    assert np.isnan(found["z"].iloc[1])
    assert np.shares_memory(found[0].to_numpy(), frame[0].to_numpy())
    assert list(gradcli.map("z = n", frame, columns=["t", "0"]).columns) == ["t", 0, "z", "dz/dn"]
    assert list(frame.columns) == ["n", "c", "t", 0]
    with pytest.raises(TypeError):
        gradcli.map("z = x", pandas.Series([1.0], name="x"))
    with pytest.raises(GradcliError, match="two columns x"):
        gradcli.map("z = x", pandas.DataFrame([[1.0, 2.0]], columns=["x", "x"]))


def test_polars_comes_back_also_when_it_is_lazy() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"x": [1.0, 2.0], "v": [[1.0], [2.0, 3.0]], "s": ["a", None]})
    found = gradcli.map("z = x*sum(v)", frame)
    assert isinstance(found, polars.DataFrame)
    assert found.select("x", "v", "s").equals(frame)
    assert found["dz/dv"].to_list() == [[1.0], [2.0, 2.0]]
    assert found["x"].to_arrow().buffers()[1].address == frame["x"].to_arrow().buffers()[1].address
    lazy = gradcli.map("z = x*sum(v)", frame.lazy())
    assert isinstance(lazy, polars.LazyFrame)
    assert lazy.collect().equals(found)


def test_a_relation_of_duckdb_is_a_table() -> None:
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.connect().sql("select 1.0::double x, 3::int y union all select 2, 4 order by x")
    assert gradcli.map("z = x*y", relation).to_pydict() == FOUND


def test_columns_that_are_kept_are_not_copied() -> None:
    class Exported:
        """Somebody else's table."""

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return source.__arrow_c_stream__(requested_schema)

    source = pa.table({"x": np.arange(1000.0)})
    found = gradcli.map("z = x**2", Exported())
    assert found["x"].chunk(0).buffers()[1].address == source["x"].chunk(0).buffers()[1].address
    assert found["dz/dx"].to_pylist() == [2.0 * row for row in range(1000)]


def test_partitions_of_dask() -> None:
    pytest.importorskip("pandas")
    frames = pytest.importorskip("dask.dataframe")
    import pandas

    frame = frames.from_pandas(pandas.DataFrame({"x": [1.0, 2.0, 3.0]}), npartitions=2)
    found = gradcli.map_partitions("z = x**2", frame)
    assert list(found.columns) == ["x", "z", "dz/dx"]
    assert found.compute(scheduler="synchronous")["dz/dx"].tolist() == [2.0, 4.0, 6.0]
