"""How text is laid out where it is read is how it is laid out where it is written."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pytest

from commands import Gradcli
from gradcli.tables.as_text import json_lines


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("separator", [";", ",", ""])
def test_numbers_have_the_decimal_point_that_they_are_read_with(gradcli: Gradcli, separator: str) -> None:
    layout = ["--decimal", ",", *(["--separator", separator] if separator else [])]
    between = separator or ","
    Path("m.csv").write_text(f'a{between}b\n"1,5"{between}4\n{between}4\n')
    ran = gradcli("map", "z = a/b", "m.csv", "-o", "o.csv", *layout)
    assert (ran.status, "." in Path("o.csv").read_text()) == (0, False)
    rows = list(csv.reader(StringIO(Path("o.csv").read_text()), delimiter=between))[1:]
    assert rows == [["1,5", "4", "0,375", "0,25", "-0,09375"], ["", "4", "", "", ""]]
    again = gradcli("map", "w = z*b", "o.csv", "--to", "ndjson", "--only", *layout)
    assert [json.loads(line)["w"] for line in again.out.splitlines()] == [1.5, None]


@pytest.mark.parametrize("out", ["o.tsv", "o/"])
def test_what_stands_between_fields_is_that_of_the_format_that_is_written(gradcli: Gradcli, out: str) -> None:
    Path("m.csv").write_text("a;b\n1;4\n")
    assert gradcli("map", "z = a*b", "m.csv", "-o", out, "--to", "tsv", "--separator", ";").status == 0
    (written,) = Path().glob("**/*.tsv")
    assert written.read_text().splitlines()[1].split("\t") == ["1", "4", "4.0", "4.0", "1.0"]
    assert gradcli("map", "z = a*b", "m.csv", "--separator", ";").out.splitlines()[1] == "1;4;4.0;4.0;1.0"


def test_keys_and_values_are_an_object() -> None:
    maps = pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64()))
    batch = pa.RecordBatch.from_arrays([maps], names=["m"])
    lines = [json.loads(line) for line in bytes(json_lines(batch, "\n")).splitlines()]
    assert [line["m"] for line in lines] == [{"k": 1}, {}, None]


@pytest.mark.parametrize("ending", ["arrow.zst", "json.bz2", "parquet.gz"])
def test_what_is_read_from_its_end_may_be_compressed(gradcli: Gradcli, ending: str) -> None:
    Path("m.csv").write_text("x\n3\n")
    assert gradcli("map", "z = x*x", "m.csv", "-o", f"o.{ending}").status == 0
    assert gradcli("map", "w = z + 0", f"o.{ending}", "--only", "--to", "csv").out == "w,dw/dz\n9.0,1.0\n"


def test_lists_that_are_read_may_have_a_fraction_in_a_later_row(
    gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradcli.tables.pieces.BLOCK", 40)
    Path("m.ndjson").write_text('{"v":[1,2]}\n' * 9 + '{"v":[1.5,2]}\n')
    ran = gradcli("map", "z = sum(v)", "m.ndjson", "--only", "--wrt", "v")
    assert json.loads(ran.out.splitlines()[-1])["z"] == 3.5
    assert ran.err == ""
