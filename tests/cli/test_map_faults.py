"""`gradcli map` where something is wrong with what is read, with where it is written, or with the time."""

from __future__ import annotations

import gc
import os
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commands import Gradcli, Ran
from gradcli.cli.map_progress import Progress

ROWS = "x,y\n1,2\n3,4\n"


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "data.csv"
    path.write_text(ROWS)
    return str(path)


def one_line(ran: Ran, said: str, status: int = 3) -> None:
    """It failed, and said so once."""
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert ran.err.count("error[") == 1


# ---- what is read --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "x,x\n1,2\n", "y\n1\n"], ids=["empty", "a name twice", "not read"])
def test_what_is_wrong_with_a_table_points_to_no_program(text: str, gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    ran = gradcli("map", "z = x", str(path))
    one_line(ran, str(path))
    assert "-->" not in ran.err
    assert "--> <arg 1>:1:" in gradcli("map", "z = x +", str(path)).err


@pytest.mark.parametrize("left", [0, 4, 100, 0.5, -4])
def test_truncated_parquet(gradcli: Gradcli, tmp_path: Path, left: float) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": [float(row) for row in range(1000)]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if isinstance(left, float) else left])
    one_line(gradcli("map", "z = x", str(path), "-o", str(tmp_path / "o.csv")), "cannot read")
    assert os.listdir(tmp_path) == ["t.parquet"]


def test_a_group_of_parquet_that_is_damaged_leaves_no_output(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"x": [float(row) for row in range(200_000)]})
    pq.write_table(table, path, row_group_size=100_000, use_dictionary=False)
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2 + 5000
    damaged[middle : middle + 100_000] = bytes(100_000)
    path.write_bytes(damaged)
    one_line(gradcli("map", "z = x", str(path), "-o", str(tmp_path / "o.csv")), "cannot read")
    assert os.listdir(tmp_path) == ["t.parquet"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"5,6,7", "it has 3 fields, and there are 2 columns; '7' is left over"),
        (b"5", "it has 1 field, and there are 2 columns"),
        (b"5,\xff\xfe", "it is not UTF-8 text"),
        (b"5,six", "y: 'six' is no double"),
        (b"5,", "y is missing"),
        (b"5,NA", "y is missing"),
    ],
)
@pytest.mark.parametrize("to", ["csv", "ndjson", "parquet"])
def test_a_line_of_csv_that_is_wrong(
    gradcli: Gradcli, tmp_path: Path, line: bytes, why: str, to: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"x,y\n1,2\n" + line + b"\n3,4\n")
    ran = gradcli("map", "z = x*y", str(path), "--only", "--wrt", "x", "-o", str(tmp_path / f"o.{to}"))
    assert (ran.status, ran.out) == (0, "")
    assert f"1 of 3 rows has no result\nnote: {path}: row 2: {why}" in ran.err
    again = gradcli("map", "w = z + 0", str(tmp_path / f"o.{to}"), "--only", "--wrt", "z", "--to", "ndjson")
    assert '{"w":2.0,"dw/dz":1.0}\n{"w":null,"dw/dz":null}\n{"w":12.0,' in again.out


def test_fields_that_are_wrong_are_kept_as_they_are(gradcli: Gradcli, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('x,n\n1.50,007\n"oops, he said",12345678901234567890\n2,""\n')
    ran = gradcli("map", "z = 2*x", str(path), "--wrt", "x", "--names", "slope")
    assert ran.out == (
        'x,n,z,slope\n1.50,007,3.0,2.0\n"oops, he said",12345678901234567890,,\n2,"",4.0,2.0\n'
    )


@pytest.mark.parametrize("block", [8, 1 << 20])
def test_what_cannot_be_read_stands_among_the_bad_rows_as_it_is_written(
    gradcli: Gradcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("gradcli.tables.pieces.BLOCK", block)
    path, bad = tmp_path / "t.csv", tmp_path / "bad.csv"
    path.write_text("x,n\n1.5,1\noops,2\n2.5,3\n,4\n12..5,5\n")
    for out in ("o.parquet", "o.ndjson", "o.csv"):
        assert gradcli("map", "z = 2*x", str(path), "-o", str(tmp_path / out), "--bad", str(bad)).status == 0
        lines = bad.read_text().splitlines()
        assert [line.split(",")[:2] for line in lines] == [
            ["x", "n"],
            ["oops", "2"],
            ["", "4"],
            ["12..5", "5"],
        ]
    assert pq.read_table(tmp_path / "o.parquet")["x"].to_pylist() == [1.5, 2.5]


def test_a_second_file_with_another_type_or_without_a_column(gradcli: Gradcli, tmp_path: Path) -> None:
    first, second, third = (str(tmp_path / name) for name in ("1.parquet", "2.parquet", "3.parquet"))
    pq.write_table(pa.table({"x": [1.5], "n": [1]}), first)
    pq.write_table(pa.table({"x": ["2.5", "abc"], "n": [2, 3]}), second)
    pq.write_table(pa.table({"y": [1.0]}), third)
    ran = gradcli("map", "z = 2*x", first, second, "--only", "--to", "csv")
    assert ran.out == "z,dz/dx\n3.0,2.0\n5.0,2.0\n,\n"
    assert "row 2: x: 'abc' is no double, as in the first file" in ran.err
    ran = gradcli("map", "z = 2*x", first, third, "-o", str(tmp_path / "o.csv"))
    one_line(ran, f"cannot read {third}: it has no column x, which the first file has")
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize("broken", [False, True], ids=["read at once", "read line by line"])
def test_a_field_that_comes_too_late_is_told(
    gradcli: Gradcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    monkeypatch.setattr("gradcli.tables.pieces.BLOCK", 64)
    rows = ['{"x": 1.5}\n'] * 20 + ['{"x": 2.5, "more": "a"}\n'] * 20 + ["{\n"] * broken
    (tmp_path / "late.ndjson").write_text("".join(rows))
    ran = gradcli("map", "z = x*x", str(tmp_path / "late.ndjson"), "--to", "csv")
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert (lines[0], lines[1], lines[40]) == ("x,z,dz/dx", "1.5,2.25,3.0", "2.5,6.25,5.0")
    assert "note: more is left out, which the first rows do not have" in ran.err


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.ndjson", "t.json", "t.parquet", "t.arrow", "t.csv.gz"])
def test_an_empty_file(gradcli: Gradcli, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    one_line(gradcli("map", "z = x", str(tmp_path / name)), "cannot read")


@pytest.mark.parametrize("to", ["csv", "ndjson", "json", "parquet", "arrow", "arrows"])
def test_only_a_header(gradcli: Gradcli, tmp_path: Path, to: str) -> None:
    (tmp_path / "t.csv").write_text("x,y\n")
    out = tmp_path / f"o.{to}"
    assert gradcli("map", "z = x*y", str(tmp_path / "t.csv"), "-o", str(out)).status == 0
    expected = {"csv": "x,y,z,dz/dx,dz/dy\n", "ndjson": "", "json": "[]\n"}
    if to in expected:
        assert out.read_text() == expected[to]
    else:
        ran = gradcli("map", "w = z", str(out), "--only", "--to", "csv")
        assert (ran.status, ran.out) == (0, "w,dw/dz\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [("t.csv", "n,x\n12345678901234567890,1\n"), ("t.ndjson", '{"n": 12345678901234567890, "x": 1}\n')],
)
def test_an_integer_beyond_64_bits(gradcli: Gradcli, tmp_path: Path, name: str, text: str) -> None:
    """It is kept as it is written, refused by name, or a float where floats are computed with."""
    path = tmp_path / name
    path.write_text(text)
    ran = gradcli("map", "z = x", str(path), "--to", "ndjson")
    one_line(ran, "column n has an integer beyond 64 bits: 12345678901234567890")
    assert '"n":1.2345678901234567e+19' in gradcli("map", "z = n", str(path), "--to", "ndjson").out.replace(
        "e19", "e+19"
    )


def test_an_address_without_a_file_system(gradcli: Gradcli, data: str) -> None:
    one_line(gradcli("map", "z = x", "gopher://host/t.csv"), "cannot read gopher://host/t.csv")
    assert gradcli("map", "z = x", f"file://{data}").out == gradcli("map", "z = x", data).out


def test_patterns_and_folders_of_addresses(gradcli: Gradcli, tmp_path: Path) -> None:
    for day in (1, 2):
        (tmp_path / f"day={day}").mkdir()
        (tmp_path / f"day={day}/a.csv").write_text(f"x\n{day}0\n")
    for address in (f"file://{tmp_path}", f"file://{tmp_path}/day=*/*.csv"):
        ran = gradcli("map", "z = x*day", address, "--only", "--wrt", "x", "--to", "csv")
        assert ran.out == "z,dz/dx\n10.0,1.0\n40.0,2.0\n"


# ---- where it is written -------------------------------------------------------------------------


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """What a disk without space does: writing stops with an error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", ["o.parquet", "o.csv", "o.ndjson.gz", "out/"])
def test_a_full_disk_leaves_nothing(gradcli: Gradcli, tmp_path: Path, name: str) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": [float(row) for row in range(20_000)]}), path)
    with largest_file(20_000):
        ran = gradcli("map", "z = sin(x)", str(path), "-o", str(tmp_path / name))
    assert ran.status == 3
    assert "cannot write" in ran.err
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_device_that_is_full(gradcli: Gradcli, data: str) -> None:
    one_line(gradcli("map", "z = x", data, "-o", "/dev/full"), "cannot write /dev/full: No space left")


@contextmanager
def nobody() -> Iterator[None]:
    """Somebody without root's rights, to whom a folder can be closed."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("name", ["o.csv", "out/"])
def test_a_folder_that_is_closed(gradcli: Gradcli, tmp_path: Path, data: str, name: str) -> None:
    for each in [tmp_path, *tmp_path.parents]:
        if each.stat().st_uid == os.geteuid() and not stat.S_IMODE(each.stat().st_mode) & 0o001:
            each.chmod(0o711)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with nobody():
        ran = gradcli("map", "z = x", data, "-o", str(closed / name))
    assert ran.status == 3
    assert "ermission" in ran.err
    assert not os.listdir(closed)


def test_what_may_not_be_read_is_told_in_the_words_of_the_system(
    gradcli: Gradcli, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, whole: bool = False) -> None:
        raise PermissionError(13, f"Failed to open local file '{path}'. Detail: [errno 13] Permission denied")

    monkeypatch.setattr("gradcli.tables.places.opened", refused)
    assert gradcli("map", "z = x", data).err == f"error[io]: cannot read {data}: Permission denied\n"


def test_an_output_that_exists_is_replaced_whole(gradcli: Gradcli, tmp_path: Path, data: str) -> None:
    out = tmp_path / "o.csv"
    out.write_text("before")
    out.chmod(0o640)
    assert gradcli("map", "z = nothing(x)", data, "-o", str(out)).status != 0
    assert out.read_text() == "before"
    assert gradcli("map", "z = x", data, "-o", str(out)).status == 0
    assert out.read_text().startswith("x,y,z")
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_what_is_read_is_not_written_over(gradcli: Gradcli, tmp_path: Path, data: str) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(data)
    for out in (data, str(link)):
        one_line(gradcli("map", "z = x", data, "-o", out), "it is read")
    one_line(gradcli("map", "z = x", data, "-o", str(tmp_path / "o.csv"), "--bad", data), "it is read")
    one_line(gradcli("map", "z = x", data, "-o", f"{tmp_path}/"), "it is read")
    assert Path(data).read_text() == ROWS


def test_places_are_looked_at_before_the_work(gradcli: Gradcli, tmp_path: Path, data: str) -> None:
    never = "z = x\nwhile x > 0: x = x + 0"
    one_line(gradcli("map", never, data, "--bad", str(tmp_path / "none/b.csv")), "there is no folder")
    one_line(gradcli("map", never, data, "-o", str(tmp_path / "none/o.csv")), "there is no folder")
    one_line(gradcli("map", never, data, "-o", str(tmp_path / "o.txt")), "cannot tell the format of")
    same = str(tmp_path / "o.csv")
    assert "written there" in gradcli("map", never, data, "-o", same, "--bad", same).err


@pytest.mark.parametrize("ending", ["gz", "zst", "bz2", "lz4"])
def test_endings_of_compressions_compress(gradcli: Gradcli, tmp_path: Path, data: str, ending: str) -> None:
    out = str(tmp_path / f"o.csv.{ending}")
    assert gradcli("map", "z = x*y", data, "-o", out).status == 0
    assert not Path(out).read_bytes().startswith(b"x,y")
    assert gradcli("map", "w = z", out, "--only", "--to", "csv").out == "w,dw/dz\n2.0,1.0\n12.0,1.0\n"


# ---- time ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the pipe is left open
def test_time_is_over_while_rows_are_awaited(gradcli: Gradcli, tmp_path: Path) -> None:
    source, out = tmp_path / "pipe", tmp_path / "o.csv"
    os.mkfifo(source)
    over = threading.Event()

    def write() -> None:
        with open(source, "w") as pipe:
            pipe.write(ROWS)
            pipe.flush()
            over.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        arguments = ("map", "z = x", str(source), "--from", "csv", "-o", str(out), "--max-seconds", "0.3")
        one_line(gradcli(*arguments), "took longer than 0.3 seconds", status=5)
        assert os.listdir(tmp_path) == ["pipe"]
    finally:
        over.set()
        writer.join()
        for thread in threading.enumerate():
            if thread.name == "gradcli-ahead":
                thread.join(30)
        gc.collect()


def test_time_is_over_in_a_dataset(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for part in range(3):
        pq.write_table(pa.table({"x": [1.0] * 50_000}), tmp_path / f"in/{part}.parquet")
    slow = "for i in range(2000): x = sin(x)\nz = x"
    ran = gradcli("map", slow, str(tmp_path / "in"), "-o", f"{tmp_path}/out/", "--max-seconds", "0.2")
    one_line(ran, "took longer than 0.2 seconds", status=5)
    assert not [each for each in (tmp_path / "out").rglob("*") if each.suffix != ".json" and each.is_file()]


def test_progress_tells_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(True)
    progress.seen, progress.next = True, 0.0
    progress.start -= 30.0
    progress.show(1_000_000, 0.25)
    progress.next = 0.0
    progress.show(1_000_000, 0.0)
    shown = capsys.readouterr().err.split("\x1b[K")
    assert shown[1].startswith("1,000,000 rows, 33,3")
    assert shown[1].rstrip("\r").endswith(" a second, 1:30 left")
    assert shown[2].endswith(" a second")


@pytest.mark.parametrize(
    ("error", "output", "into_file", "shown"),
    [
        (True, True, True, True),
        (True, True, False, False),
        (True, False, False, True),
        (False, True, True, False),
        (False, False, True, False),
    ],
)
def test_progress_is_shown_on_a_terminal_without_results(
    monkeypatch: pytest.MonkeyPatch, error: bool, output: bool, into_file: bool, shown: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: error)
    monkeypatch.setattr("sys.stdout.isatty", lambda: output)
    assert Progress(into_file).seen is shown


def test_progress_goes_on_while_a_part_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Progress, "TICK", 0.001)
    progress = Progress(True)
    progress.seen, progress.next = True, 0.0
    progress.start -= 62.0
    shown = ""
    with progress.waiting():
        while not shown:
            shown = capsys.readouterr().err
    assert shown.startswith("\r\x1b[K0 rows, 1:02")
    assert capsys.readouterr().err.endswith("\r\x1b[K")
