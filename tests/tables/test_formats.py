"""Tables in and out: every format gives back what went in, however it was cut."""

from __future__ import annotations

import csv
import gc
import json
import random
import sys
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from gradcli.cli import run
from gradcli.errors import GradcliError
from gradcli.tables import pieces, read_json
from gradcli.tables.as_text import json_lines
from gradcli.tables.pieces import BLOCK, Piece, TextLayout, blocks
from gradcli.tables.reading import FORMATS, read_table
from gradcli.tables.writing import into, sink

TABLE = pa.table(
    {
        "x": [1.5, -2.0, 1e-300],
        "n": [1, 2, 3],
        "s": ["plain", 'a "quoted", text', "newline\nand\ttab"],
        "v": [[1.0, 2.0], [3.0], []],
    }
)


def written(table: pa.Table, format: str) -> bytes:
    out = BytesIO()
    made = sink(format, out, table.schema)
    for batch in table.to_batches(max_chunksize=2):
        made.write(batch)
    made.close()
    return out.getvalue()


def read(data: bytes, format: str, layout: TextLayout | None = None) -> tuple[pa.Table, dict[int, str]]:
    table = read_table("t", lambda: BytesIO(data), format, layout or TextLayout())
    pieces: list[Piece] = list(table.pieces)
    bad = {piece.first + row: why for piece in pieces for row, why in piece.bad.items()}
    return pa.Table.from_batches([piece.batch for piece in pieces], table.schema), bad


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_is_read_back(format: str) -> None:
    table = TABLE.drop(["v"]) if format in ("csv", "tsv") else TABLE
    found, bad = read(written(table, format), format)
    assert found.to_pylist() == table.to_pylist()
    assert bad == {}


@pytest.mark.parametrize("format", FORMATS)
def test_what_ends_by_a_failure_has_no_end(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes half of a table for a whole one, and nobody closes it later."""
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)
    whole, half = BytesIO(), BytesIO()
    with into(whole, None, format, TABLE.schema, TextLayout()) as out:
        out.write(TABLE.to_batches()[0])
    with suppress(ZeroDivisionError), into(half, None, format, TABLE.schema, TextLayout()) as out:
        out.write(TABLE.to_batches()[0])
        raise ZeroDivisionError
    half.close = lambda: None  # type: ignore[method-assign]
    written = half.getvalue()
    del out
    gc.collect()
    assert half.getvalue() == written
    assert not lost
    if format in ("parquet", "arrow", "json"):
        assert len(written) < len(whole.getvalue())


@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson", "csv", "json"])
def test_bytes_do_not_depend_on_how_rows_were_cut(format: str) -> None:
    table = TABLE.drop(["v"])
    whole, cut = BytesIO(), written(table, format)
    made = sink(format, whole, table.schema)
    for batch in table.to_batches():
        made.write(batch)
    made.close()
    assert whole.getvalue() == cut


def test_json_says_what_json_has_no_number_for() -> None:
    table = pa.table(
        {"x": [float("nan"), float("inf"), -float("inf"), None, 2.0], "b": [True, None, False, True, True]}
    )
    rows = [json.loads(line) for line in bytes(json_lines(table.to_batches()[0], "\n")).splitlines()]
    assert [row["x"] for row in rows] == ["NaN", "Infinity", "-Infinity", None, 2.0]
    assert rows[1]["b"] is None


@pytest.mark.parametrize("separator", [",", "\t"])
def test_text_is_cut_between_rows(separator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is quoted, and wherever a quote stands that opens nothing."""
    draw = random.Random(0)
    monkeypatch.setattr(pieces, "BLOCK", 40)
    for _ in range(300):
        fields = [
            draw.choice(['"a\n,\t"', '5" wide', '"b""\n"', "c", '""', 'd""', '"e"f']) for _ in range(40)
        ]
        text = "".join([one + (separator if at % 2 else "\n") for at, one in enumerate(fields, 1)]) + "\n"
        cut = list(blocks(BytesIO(text.encode()), separator))
        assert b"".join(cut).decode() == text
        whole = list(csv.reader(StringIO(text, newline=""), delimiter=separator))
        parts = [csv.reader(StringIO(each.decode(), newline=""), delimiter=separator) for each in cut]
        assert [row for part in parts for row in part] == whole
        assert len(cut) > 3


def test_a_quoted_field_is_never_cut() -> None:
    data = b'a,b\n1,"x\ny"\n2,z\n'
    assert b"".join(blocks(BytesIO(data), ",")) == data
    assert read(data, "csv")[0].to_pylist() == [{"a": 1, "b": "x\ny"}, {"a": 2, "b": "z"}]


@pytest.mark.parametrize(
    ("data", "bad"),
    [
        (b"x,y\n1,2\n3\n4,5,6\n7,8\n", {2: "1 field,", 3: "3 fields"}),
        (b"x,y\n1.5,2\n2.5,\xff\n3.5,4\n", {2: "UTF-8"}),
        (b"x,y\n1.5,2\nabc,3\n4.5,5\n", {2: "'abc' is no double"}),
    ],
)
def test_a_bad_line_of_csv_costs_its_row(data: bytes, bad: dict[int, str]) -> None:
    found, why = read(data, "csv", TextLayout(numbers=frozenset("x")))
    assert found.num_rows == data.count(b"\n") - 1
    assert list(why) == list(bad)
    for row, said in bad.items():
        assert said in why[row]


def test_a_bad_line_of_ndjson_costs_its_row() -> None:
    data = b'{"x": 1.5}\n{"x": oops}\n[1]\n{"x": "abc"}\n{"x": 2}\n'
    found, why = read(data, "ndjson", TextLayout(numbers=frozenset("x")))
    assert found["x"].to_pylist() == [1.5, None, None, None, 2.0]
    assert sorted(why) == [2, 3, 4]


def test_layouts_of_text() -> None:
    found, _ = read(b"1,5;2\n", "csv", TextLayout(header=False, separator=";", decimal=","))
    assert found.to_pylist() == [{"c1": 1.5, "c2": 2}]
    assert read(b"\xef\xbb\xbfa,b\n1,2\n", "csv")[0].column_names == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "format"),
    [(b"", "csv"), (b"", "ndjson"), (b"[]", "json"), (b"PAR1xx", "parquet"), (b"x", "arrow")],
)
def test_what_cannot_be_read_at_all(data: bytes, format: str) -> None:
    with pytest.raises(GradcliError, match="cannot read t"):
        read(data, format)


def test_only_a_header() -> None:
    found, _ = read(b"x,y\n", "csv")
    assert (found.num_rows, found.column_names) == (0, ["x", "y"])


@pytest.fixture
def mapped(tmp_path, capsys, monkeypatch):
    """What `gradcli map 'z = x*x'` writes for files of these texts, and what it says."""
    monkeypatch.chdir(tmp_path)

    def map_(texts, *arguments):
        for name, text in texts.items():
            Path(name).write_text(text)
        assert run(["map", "z = x*x", *texts, "--wrt", "x", *arguments]) == 0
        return capsys.readouterr()

    return map_


ALIKE = '{"x":1,"c":1,"s":"a"}\n'
MANY = BLOCK // len(ALIKE) + 1


@pytest.mark.parametrize("first", [ALIKE * MANY, ALIKE], ids=["in a later block", "in the first one"])
def test_a_value_of_another_type_that_is_not_read_stays(first, mapped):
    late = '{"x":3,"c":{"q":[1]},"s":5}\n{"x":4,"c":2.5,"s":null}\n'
    found = mapped({"m.ndjson": first + late})
    lines = [json.loads(line) for line in found.out.splitlines()]
    assert lines[-2] == {"x": 3, "c": {"q": [1]}, "s": 5, "z": 9, "dz/dx": 6}
    assert lines[-1] == {"x": 4, "c": 2.5, "s": None, "z": 16, "dz/dx": 8}
    assert lines[0] == {"x": 1, "c": 1, "s": "a", "z": 1, "dz/dx": 2}
    assert found.err == ""


def test_where_columns_have_types_such_a_value_is_missing_and_told(mapped):
    late = '{"x":3,"c":"late","s":5}\n{"x":4,"c":2.5,"s":"d"}\n'
    found = mapped({"m.ndjson": ALIKE * MANY + late}, "-o", "m.parquet")
    last = pyarrow.parquet.read_table("m.parquet").slice(MANY).to_pylist()
    assert last[0] == {"x": 3, "c": None, "s": "5", "z": 9, "dz/dx": 6}
    assert last[1] == {"x": 4, "c": None, "s": "d", "z": 16, "dz/dx": 8}
    assert found.err == "note: c: 2 values are missing, of another type than the first rows have\n"


@pytest.mark.parametrize("block", [BLOCK, 40], ids=["one block", "a block for each row"])
@pytest.mark.parametrize("out", ["o.ndjson", "o/"])
def test_a_row_without_a_result_is_told_as_it_stood(mapped, monkeypatch, block, out):
    monkeypatch.setattr(pieces, "BLOCK", block)
    rows = ['{"x":1,"c":1,"s":"a"}', '{"x":null,"c":2,"s":"b"}', '{"x":"abc","c":{"q":[1]},"s":5}']
    rows += ['{"x":2.5,"c":3,"s":"d"}', '{"x":[1.0],"c":4,"s":null}']
    mapped({"m.ndjson": "\n".join(rows)}, "-o", out, "--bad", "bad.ndjson")
    bad = [json.loads(line) for line in Path("bad.ndjson").read_text().splitlines()]
    reasons = [row.pop("reason") for row in bad]
    assert bad == [json.loads(rows[at]) for at in (1, 2, 4)]
    assert reasons == ["x is missing", 'x: "abc" is no double', "x: [1.0] is no double"]
    whole = Path("o.ndjson" if out == "o.ndjson" else "o/m.ndjson").read_text()
    assert [json.loads(line)["z"] for line in whole.splitlines()] == [1.0, 6.25]


def test_mixed_values_of_the_first_rows_are_text(mapped):
    mapped({"m.ndjson": '{"x":1,"c":1}\n{"x":2,"c":"two"}\n{"x":3,"c":[3]}\n'}, "-o", "m.parquet")
    assert pyarrow.parquet.read_table("m.parquet")["c"].to_pylist() == ["1", "two", "[3]"]


def test_a_column_that_is_not_read_may_have_another_type_in_the_second_file(mapped):
    texts = {"a.ndjson": '{"x":1,"c":1}\n', "b.ndjson": '{"x":2,"c":"two"}\n'}
    assert mapped(texts).out.splitlines()[1] == '{"x":2.0,"c":"two","z":4.0,"dz/dx":4.0}'
    found = mapped(texts, "--to", "csv")
    assert found.out.splitlines()[2] == "2.0,,4.0,4.0"
    assert found.err == "note: c: 1 value is missing, of another type than the first rows have\n"


LATE = [
    ('{"x":1,"v":[1,2]}', '{"x":1,"v":[1.5,2]}'),
    ('{"x":1,"v":{"a":1}}', '{"x":1,"v":{"a":1,"b":2}}'),
    ('{"x":1,"v":{"a":1}}', '{"x":1,"v":{"a":1.5}}'),
    ('{"x":1,"v":[[1]]}', '{"x":1,"v":[[1.5]]}'),
]


@pytest.mark.parametrize(("usual", "late"), LATE)
def test_a_later_row_loses_neither_fraction_nor_field(mapped, monkeypatch, usual, late):
    """Also where Arrow would round it away in silence: in a list, in an object."""
    monkeypatch.setattr(pieces, "BLOCK", 40)
    found = mapped({"m.ndjson": f"{usual}\n" * 9 + f"{late}\n"})
    last = json.loads(found.out.splitlines()[-1])
    assert last["v"] == json.loads(late)["v"]
    assert found.err == ""
    found = mapped({"m.ndjson": f"{usual}\n" * 9 + f"{late}\n"}, "-o", "m.parquet")
    assert pyarrow.parquet.read_table("m.parquet")["v"].to_pylist()[-1] is None
    assert found.err == "note: v: 1 value is missing, of another type than the first rows have\n"


@pytest.mark.parametrize("values", [["a", 1, 2.5, [1.0]], [[1.0], "a", 2.5, 1], ["a", 1], [1, "a", 2, "b"]])
def test_of_kinds_that_are_as_many_a_column_of_numbers_has_the_numbers(values):
    schema = read_json._schema_of([{"x": value} for value in values], frozenset({"x"}))
    assert schema.field("x").type == (pa.float64() if 2.5 in values else pa.int64())
