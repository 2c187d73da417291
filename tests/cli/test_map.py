"""`gradcli map`: streams, files, datasets, and what goes wrong with each."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands import Gradcli

ROWS = "x,y\n1,2\n3,4\n"


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "data.csv"
    path.write_text(ROWS)
    return str(path)


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    for day in (1, 2):
        for part in (0, 1):
            folder = tmp_path / f"in/day={day}"
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table({"x": [day * 10.0 + part, 1.0, None]}), folder / f"part-{part}.parquet")
    return str(tmp_path / "in")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.*"))
        if path.is_file() and not path.name.startswith("_")
    }


@pytest.mark.parametrize("ending", ["csv", "tsv", "ndjson", "json", "parquet", "arrow", "csv.gz"])
def test_every_format_in_and_out(gradcli: Gradcli, data: str, tmp_path: Path, ending: str) -> None:
    first, second = str(tmp_path / f"first.{ending}"), str(tmp_path / "second.ndjson")
    if ending == "csv.gz":
        with gzip.open(first, "wb") as file:
            file.write(b"x,y,z\n1,2,3\n3,4,7\n")
    else:
        assert gradcli("map", "z = x + y", data, "-o", first, "--wrt", "x", "--columns", "x,y").status == 0
    ran = gradcli("map", "w = x*y", first, "--only", "--wrt", "x", "-o", second)
    assert (ran.status, ran.err) == (0, "")
    rows = [json.loads(line) for line in Path(second).read_text().splitlines()]
    assert rows == [{"w": 2.0, "dw/dx": 2.0}, {"w": 12.0, "dw/dx": 4.0}]


def test_a_pipe_answers_as_rows_come() -> None:
    command = [sys.executable, "-m", "gradcli", "map", "z = x**2", "--from", "ndjson"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"x": 3.0}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"x": 3.0, "z": 9.0, "dz/dx": 6.0}
        process.stdin.close()
        assert process.wait() == 0


def test_bad_rows_are_counted_told_apart_or_the_end(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "faulty.csv"
    path.write_text("x,i\n1.5,0\nabc,1\n2.5,7\n")
    program, options = "v = tensor([1., 2.]); z = v[int(i)]*x", ["--wrt", "x"]
    ran = gradcli("map", program, str(path), *options)
    assert ran.status == 0
    assert ran.out == "x,i,z,dz/dx\n1.5,0,1.5,1.0\nabc,1,,\n2.5,7,,\n"
    assert "note: 2 of 3 rows have no result\n" in ran.err
    assert "row 2: x: 'abc' is no double" in ran.err
    stopped = gradcli("map", program, str(path), *options, "--bad", "stop", "-o", str(tmp_path / "o.csv"))
    assert (stopped.status, (tmp_path / "o.csv").exists()) == (3, False)
    apart = gradcli("map", program, str(path), *options, "--bad", str(tmp_path / "bad.csv"))
    assert apart.out == "x,i,z,dz/dx\n1.5,0,1.5,1.0\n"
    told = (tmp_path / "bad.csv").read_text().splitlines()
    assert told[:2] == ["x,i,reason", "abc,1,x: 'abc' is no double"]
    assert told[2].startswith("2.5,7,")


def test_no_good_row_is_a_failure(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,\n2,\n")
    assert gradcli("map", "z = x*y", str(path)).status == 3


@pytest.mark.parametrize(
    ("program", "text", "said", "status"),
    [
        ("z = x", "", "it is empty", 3),
        ("z = x**", ROWS, "expected an expression", 3),
        ("z = q", ROWS, "reads no column", 3),
        ("z = q", "unit price\n1\n", "its columns are unit price: write one as it is, in `backticks`", 3),
        ("z = x --rename unit=x", "units\n1\n", "did you mean units?", 3),
        ("z = x", "x,x\n1,2\n", "two columns x", 3),
        ("x2 = x; y = x2", ROWS, "two columns y", 3),
        ("z = x --rename nope=y", ROWS, "has no column nope", 3),
        ("z = x --weights nope", ROWS, "has no column nope", 3),
        ("z = x --columns nope", ROWS, "has no column nope", 3),
        ("z = x --names {", ROWS, "is no pattern of names", 3),
        ("z = x*[1,2]", ROWS, "grad can be implicitly created only for scalar outputs", 4),
    ],
)
def test_what_cannot_be_is_one_clear_line(
    gradcli: Gradcli, tmp_path: Path, program: str, text: str, said: str, status: int
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    program, _, option = program.partition(" --")
    ran = gradcli("map", program, str(path), *(f"--{option}".split() if option else []))
    assert said in ran.err
    assert ran.status == status
    assert ran.out == ""


def test_a_header_alone_is_an_empty_table(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n")
    assert gradcli("map", "z = x*y", str(path)).out == "x,y,z,dz/dx,dz/dy\n"


def test_a_column_that_changes_its_type_in_the_second_file(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1.5\n")
    (tmp_path / "b.csv").write_text("x\nabc\n")
    (tmp_path / "c.csv").write_text("x\n7\n")
    ran = gradcli("map", "z = 2*x", str(tmp_path / "*.csv"))
    assert ran.out == "x,z,dz/dx\n1.5,3.0,2.0\nabc,,\n7,14.0,2.0\n"
    assert "b.csv" in ran.err or "row" in ran.err


def test_a_dataset_and_going_on_with_it(gradcli: Gradcli, dataset: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["map", "z = x**2*day", dataset, "-o", f"{out}/", "--wrt", "x"]
    assert gradcli(*arguments).status == 0
    whole = contents(out)
    assert sorted(whole) == [f"day={day}/part-{part}.parquet" for day in (1, 2) for part in (0, 1)]
    table = pq.ParquetFile(out / "day=2/part-1.parquet").read()
    assert table["dz/dx"].to_pylist() == [84.0, 4.0, None]
    assert table.column_names == ["x", "z", "dz/dx"]
    assert gradcli(*arguments).status == 3
    (out / "day=2/part-1.parquet").unlink()
    before = (out / "day=1/part-0.parquet").stat().st_mtime_ns
    assert gradcli(*arguments, "--resume").status == 0
    assert contents(out) == whole
    assert (out / "day=1/part-0.parquet").stat().st_mtime_ns == before
    assert "another program" in gradcli("map", "z = x", dataset, "-o", f"{out}/", "--resume").err


def test_shards_are_the_same_dataset(gradcli: Gradcli, dataset: str, tmp_path: Path) -> None:
    arguments = ["map", "z = x**2*day", dataset, "--wrt", "x"]
    gradcli(*arguments, "-o", f"{tmp_path}/whole/")
    for shard in ("1/3", "2/3", "3/3"):
        assert gradcli(*arguments, "-o", f"{tmp_path}/shards/", "--shard", shard).status == 0
    assert contents(tmp_path / "shards") == contents(tmp_path / "whole")


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_an_interrupt_leaves_no_half_file(tmp_path: Path, sent: int, status: int) -> None:
    source, out = tmp_path / "pipe", tmp_path / "o.parquet"
    os.mkfifo(source)
    command = [sys.executable, "-m", "gradcli", "map", "z = x", str(source), "--from", "csv", "-o", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process, open(source, "w") as pipe:
        pipe.write(ROWS)
        pipe.flush()
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob("*.part")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(sent)
        _, err = process.communicate()
    assert (process.returncode, err) == (status, b"")
    assert not out.exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_program_that_sets_a_name_is_no_setting(gradcli: Gradcli) -> None:
    Path("data.csv").write_text("x\n1\n")
    ran = gradcli("map", "z = 3", "data.csv")
    assert "the program reads no column of data.csv" in ran.err
    assert gradcli("map", "z = k*x", "data.csv", "k=2").out == "x,z,dz/dx\n1,2.0,2.0\n"


def test_a_table_in_place_of_the_program_is_told(gradcli: Gradcli) -> None:
    Path("data.csv").write_text("x\n1\n")
    ran = gradcli("map", "data.csv", "z = x")
    assert ran.status == 2
    assert "data.csv is a table, and the program stands before it" in ran.err


def test_memory_bounds_the_rows_at_a_time_and_nothing_else(gradcli: Gradcli, tmp_path: Path) -> None:
    table = pa.table({"x": [0.001 * row for row in range(50_000)]})
    pq.write_table(table, tmp_path / "t.parquet")
    for memory in ("1M", "16M", "4G"):
        out = str(tmp_path / f"{memory}.csv")
        ran = gradcli("map", "z = sin(x)*x", f"{tmp_path}/t.parquet", "-o", out, "--max-memory", memory)
        assert ran.status == 0
    one, *others = [(tmp_path / f"{memory}.csv").read_bytes() for memory in ("1M", "16M", "4G")]
    assert others == [one, one]
    ran = gradcli("map", "z = zeros(10**8).sum()*x", str(tmp_path / "t.parquet"), "--max-memory", "16M")
    assert ran.status == 5
    assert "more than the limit" in ran.err
