"""What `gradcli map` says: where a bad row is, why, what to do, and what `--dry-run` tells."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands import Gradcli

ROWS = "x,y\n1,2\n3,4\n"


@pytest.mark.parametrize("format", ["csv", "tsv", "ndjson", "json", "parquet", "arrow", "arrows"])
@pytest.mark.parametrize("out", ["o.csv", "o/"])
def test_a_bad_row_is_told_by_its_file_and_its_row_there(
    gradcli: Gradcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    tables = {"a": [1.0, 2.0], "b": [3.0, None, 5.0, None]}
    for name, values in tables.items():
        pq.write_table(pa.table({"x": values, "y": range(len(values))}), "t.parquet")
        assert gradcli("map", "k = y", "t.parquet", "-o", f"{name}.{format}", "--prefix", "z").status == 0
    ran = gradcli("map", "z = x", f"a.{format}", f"b.{format}", "-o", out, "--bad", f"bad.{format}")
    assert ran.status == 0
    assert ran.err.splitlines() == [
        "note: 2 of 6 rows have no result",
        f"note: b.{format}: row 2: x is missing",
        f"note: b.{format}: row 4: x is missing",
    ]
    again = gradcli("map", "z = y", f"bad.{format}", "--columns", "y,reason", "--to", "ndjson")
    rows = [json.loads(line) for line in again.out.splitlines()]
    assert [(row["y"], row["reason"]) for row in rows] == [(1, "x is missing"), (3, "x is missing")]
    ran = gradcli("map", "z = x", f"a.{format}", f"b.{format}", "--bad", "stop", "--to", "csv", "--only")
    assert (ran.status, ran.err) == (3, f"error[bad-argument]: b.{format}: row 2: x is missing\n")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nonsense", "it is no JSON: expecting value, character 1: nonsense"),
        (b"[1]", "it is no object of JSON: [1]"),
        (b'{"x": 1\xff}', "it is not UTF-8 text: {\"x\": 1\\xff}"),
        (b'{"x": [1, null]}', "x has an element that is missing"),
        (b'{"x": [[1], [2, 3]]}', "x: [[1], [2, 3]] is no list<item: double>"),
        (b'{"x": [1.5, [2]]}', "x: [1.5, [2]] is no list<item: double>"),
        (b'{"x": ["a"]}', 'x: ["a"] is no list<item: double>'),
    ],
)  # fmt: skip
def test_a_line_that_is_no_row_is_told_with_all_that_it_says(
    gradcli: Gradcli, tmp_path: Path, line: bytes, reason: str
) -> None:
    path, bad = tmp_path / "t.ndjson", tmp_path / "bad.ndjson"
    path.write_bytes(b'{"x": [1.0]}\n' + line + b'\n{"x": [1.5, 2.5]}\n')
    ran = gradcli("map", "z = sum(x)", str(path), "--only", "--wrt", "x", "--bad", str(bad))
    assert ran.out == '{"z":1.0,"dz/dx":[1.0]}\n{"z":4.0,"dz/dx":[1.0,1.0]}\n'
    assert f"row 2: {reason}\n" in ran.err
    assert json.loads(bad.read_text())["reason"] == reason


def test_lists_that_are_no_matrix_are_told_so(gradcli: Gradcli, tmp_path: Path) -> None:
    pq.write_table(pa.table({"m": [[[1.0, 2.0]], [[1.0], [2.0, 3.0]], None]}), tmp_path / "t.parquet")
    ran = gradcli("map", "z = m.sum()", str(tmp_path / "t.parquet"), "--only", "--to", "csv")
    assert "row 2: m has lists of different lengths\n" in ran.err
    assert "row 3: m is missing\n" in ran.err


def test_what_a_row_says_does_not_reach_the_terminal_as_it_is(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    path.write_text('{"x": 1}\n\x1b[2J' + "long " * 1000 + "\n")
    ran = gradcli("map", "z = x", str(path))
    assert "\x1b" not in ran.err
    assert "character 1: \\x1b[2Jlong long" in ran.err
    assert max(map(len, ran.err.splitlines())) < 400


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (gzip.compress(ROWS.encode(), mtime=0), "it is compressed"),
        (ROWS.encode("utf-16"), "it is text in UTF-16"),
        (b"PAR1...", "it is a Parquet file"),
        (b"ARROW1..", "it is an Arrow file"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"\n\r\n", "it is empty"),
    ],
)
@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_what_is_no_text_is_told(
    gradcli: Gradcli, tmp_path: Path, data: bytes, said: str, format: str
) -> None:
    (tmp_path / "t").write_bytes(data)
    ran = gradcli("map", "z = x", str(tmp_path / "t"), "--from", format)
    assert ran.status == 3
    assert ran.err.startswith(f"error[io]: cannot read {tmp_path}/t: {said}\n")


def test_a_stream_of_arrow_that_is_empty(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "t.arrows").touch()
    assert gradcli("map", "z = x", f"{tmp_path}/t.arrows").err.endswith("t.arrows: it is empty\n")


def test_lines_without_anything_before_the_names(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf\r\n\nx,y\n1,2\n")
    ran = gradcli("map", "z = x", f"{tmp_path}/t.csv")
    assert (ran.out, ran.err) == ("x,y,z,dz/dx\n1,2,1.0,1.0\n", "")


@pytest.mark.parametrize(
    ("program", "hint"),
    [
        ("z = x*q", "no column is called so (x, y); --set q=… sets it"),
        ("z = x*y1", "did you mean y?"),
        ("z = x*v; v = y", "assign it first, or set it from outside: --set v=…"),
    ],
)
def test_a_name_without_a_value_is_told_which_columns_there_are(
    gradcli: Gradcli, tmp_path: Path, program: str, hint: str
) -> None:
    for text in (ROWS, "x,y\n"):
        (tmp_path / "t.csv").write_text(text)
        assert f"hint: {hint}\n" in gradcli("map", program, f"{tmp_path}/t.csv").err


def test_text_in_place_of_numbers_is_shown(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('v\n\n"1,000"\n"2,500.5"\n')
    ran = gradcli("map", "z = 2*v", f"{tmp_path}/t.csv")
    assert ran.err == (
        "error[dtype]: column v is of type string, with which nothing is computed\n"
        "   = hint: it is no number: '1,000'\n"
    )


def test_the_first_rows_may_all_be_bad(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x\n" + "".join([f"{row}\n" for row in range(5000)]))
    ran = gradcli("map", "assert x > 4000; z = x", f"{tmp_path}/t.csv", "--only")
    assert ran.status == 0
    assert ran.out.splitlines()[4000:4003] == [",", ",", "4001.0,1.0"]
    assert ran.err.startswith("note: 4,001 of 5,000 rows have no result\n")


def test_a_dry_run_tells_what_would_be_done(gradcli: Gradcli, tmp_path: Path) -> None:
    table = pa.table({"x": [1.0], "v": [[1.0, 2.0]], "s": ["a"], "w": [1.0]})
    pq.write_table(table, tmp_path / "t.parquet")
    program = "w = 2.0; z = w*x*v.sum()"
    ran = gradcli("map", program, f"{tmp_path}/t.parquet", "--columns", "v,w", "--wrt", "x,v", "--dry-run")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[:8] == [
        "1 table, parquet",
        "  x: double, differentiated; left out of what is written",
        "  v: list<element: double>, differentiated",
        "  s: string, left out",
        "  w: double, read, in place of the program's own value",
        "new",
        "  z: double",
        "  dz/dx: double",
    ]
    assert lines[9] == "131,072 rows at a time"
    # The plan speaks of columns.
    assert lines[10] == "given: x, v, w"
    assert "(131072, 2)" in ran.out or "131072×2" in ran.out
    assert {"z", "dz/dx"} <= set(lines[-1].removeprefix("outputs: ").partition(";")[0].split(", "))


@pytest.mark.parametrize(
    ("program", "renamed", "said"),
    [
        ("z = x*y", ["x=q"], "hint: --rename gives column x another name in the program\n"),
        ("z = q", ["x=q", "y=q"], "error[bad-argument]: two columns cannot both be q in the program\n"),
    ],
)
def test_names_that_renaming_takes(
    gradcli: Gradcli, tmp_path: Path, program: str, renamed: list[str], said: str
) -> None:
    (tmp_path / "t.csv").write_text(ROWS)
    options = [word for each in renamed for word in ("--rename", each)]
    assert said in gradcli("map", program, f"{tmp_path}/t.csv", *options).err
