"""Tables at addresses: read, written and gone on with in a store of objects; read from the web."""

from __future__ import annotations

import functools
import io
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from commands import Gradcli, Ran
from object_store import Store, running

if not hasattr(pyarrow.fs, "S3FileSystem"):
    pytest.skip("this pyarrow has no S3", allow_module_level=True)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with running() as found:
        for day in (1, 2):
            for part in (0, 1):
                data = io.BytesIO()
                pq.write_table(pa.table({"x": [10.0 * day + part, 1.5]}), data)
                found.objects["bucket"][f"in/day={day}/part-{part}.parquet"] = data.getvalue()
            found.objects["bucket"][f"in/day={day}/other.csv"] = b"x,y\n1,2\noops,3\n"
        yield found


def one_line(ran: Ran, said: str) -> None:
    assert (ran.status, ran.out) == (3, "")
    assert said in ran.err
    assert ran.err.count("error[") == 1
    assert "secret" not in ran.err


def test_a_file_a_pattern_and_a_folder_of_a_store(gradcli: Gradcli, store: Store) -> None:
    run = functools.partial(gradcli, "map", "z = x*day", "--only", "--wrt", "x", "--to", "csv")
    rows = "z,dz/dx\n10.0,1.0\n1.5,1.0\n11.0,1.0\n1.5,1.0\n40.0,2.0\n3.0,2.0\n42.0,2.0\n3.0,2.0\n"
    for pattern in ("in/day=*/part-*.parquet", "in/**/*.parquet", "in/day=[12]/part-[01].parquet"):
        assert run(store.address(f"bucket/{pattern}")).out == rows
    del store.objects["bucket"]["in/day=1/other.csv"], store.objects["bucket"]["in/day=2/other.csv"]
    for folder in ("in", "in/", "in/day=*"):
        assert run(store.address(f"bucket/{folder}")).out == rows
    one = gradcli("map", "z = 2*x", store.address("bucket/in/day=2/part-1.parquet"), "--to", "ndjson")
    lines = ['{"x":21.0,"day":2,"z":42.0,"dz/dx":2.0}', '{"x":1.5,"day":2,"z":3.0,"dz/dx":2.0}']
    assert one.out.splitlines() == lines


@pytest.mark.parametrize("key", ["a b.csv", "day=a%2Fb/ü+&.csv", "x=1/y.csv.gz"])
def test_names_that_addresses_write_otherwise(gradcli: Gradcli, store: Store, key: str) -> None:
    folder = store.address("bucket/names/")
    with pa.BufferOutputStream() as out:
        with pa.CompressedOutputStream(out, "gzip") as packed:
            packed.write(b"v\n2\n")
        data = out.getvalue().to_pybytes()
    store.objects["bucket"][f"names/{key}"] = data if key.endswith(".gz") else b"v\n2\n"
    ran = gradcli("map", "z = 3*v", folder, "--only", "--to", "csv")
    assert ran.out == "z,dz/dv\n6.0,3.0\n"
    target = store.address("bucket/copy/")
    assert gradcli("map", "z = 3*v", folder, "-o", target, "--to", "csv").status == 0
    assert f"copy/{key.removesuffix('.gz')}" in store.objects["bucket"]


def test_a_file_is_written(gradcli: Gradcli, store: Store, tmp_path: Path) -> None:
    source = store.address("bucket/in/day=1/other.csv")
    for name in ("o.csv", "o.parquet", "o.csv.zst"):
        there, here = store.address(f"bucket/new/{name}"), str(tmp_path / name)
        assert gradcli("map", "z = x*y", source, "-o", there).status == 0
        assert gradcli("map", "z = x*y", source, "-o", here).status == 0
        assert store.objects["bucket"][f"new/{name}"] == Path(here).read_bytes()
    bad = store.address("bucket/bad.csv")
    assert gradcli("map", "z = x*y", source, "--only", "--bad", bad).out == "z,dz/dx,dz/dy\n2.0,2.0,1.0\n"
    assert store.objects["bucket"]["bad.csv"] == b"x,y,day,reason\noops,3,1,x: 'oops' is no double\n"


def test_nothing_half_is_written(gradcli: Gradcli, store: Store) -> None:
    out = store.address("bucket/new.csv")
    source = store.address("bucket/in/day=1/other.csv")
    one_line(gradcli("map", "z = x*y", source, "-o", out, "--bad", "stop"), "row 2: x: 'oops' is no double")
    assert "new.csv" not in store.objects["bucket"]
    one_line(gradcli("map", "z = x", source, "-o", source), "it is read")


def test_a_dataset_and_what_is_left_of_it(gradcli: Gradcli, store: Store) -> None:
    source, out = store.address("bucket/in/day=*/part-*.parquet"), store.address("bucket/out/")
    arguments = ("map", "z = x*day", source, "--wrt", "x", "-o", out)
    assert gradcli(*arguments).status == 0
    bucket = store.objects["bucket"]
    made = {key: data for key, data in bucket.items() if key.startswith("out/")}
    parts = [f"day={day}/part-{part}" for day in (1, 2) for part in (0, 1)]
    assert sorted(made) == ["out/_gradcli.json", *[f"out/{part}.parquet" for part in parts]]
    noted = json.loads(made["out/_gradcli.json"])["parts"]
    assert {name: each["file"] for name, each in noted.items()} == {
        part: f"{part.rpartition('/')[2]}.parquet" for part in parts
    }
    one_line(gradcli(*arguments), "bucket/out/ is there already")
    del bucket["out/day=2/part-0.parquet"]
    bucket["out/day=1/part-0.parquet"] = b"not done again"
    assert gradcli(*arguments, "--resume").status == 0
    assert bucket["out/day=2/part-0.parquet"] == made["out/day=2/part-0.parquet"]
    assert bucket["out/day=1/part-0.parquet"] == b"not done again"
    for shard in ("1/2", "2/2"):
        shares = store.address("bucket/shares/")
        assert gradcli(*arguments[:-1], shares, "--shard", shard).status == 0
    for part in parts:
        assert bucket[f"shares/{part}.parquet"] == made[f"out/{part}.parquet"]
    del bucket["shares/_gradcli-1-of-2.json"]
    one_line(gradcli(*arguments[:-1], shares, "--shard", "1/2"), "part-0.parquet is there already")
    assert gradcli(*arguments, "--force", "--to", "csv").status == 0
    left = [key for key in bucket if key.startswith("out/") and not key.endswith("/")]
    assert sorted(left) == ["out/_gradcli.json", *[f"out/{part}.csv" for part in parts]]


def test_what_is_not_there(gradcli: Gradcli, store: Store) -> None:
    source = store.address("bucket/in/day=1/other.csv")
    one_line(
        gradcli("map", "z = x", store.address("bucket/none.csv")), "s3://bucket/none.csv: there is no such"
    )
    one_line(gradcli("map", "z = x", store.address("bucket/none*.csv")), "there is no such file")
    one_line(gradcli("map", "z = x", store.address("none/a.csv")), "cannot read s3://none/a.csv")
    for name in ("none/o.csv", "none/o/"):
        one_line(gradcli("map", "z = x", source, "-o", store.address(name)), "there is no bucket none")
    store.refused = True
    ran = gradcli("map", "z = x", source)
    one_line(ran, "cannot read s3://bucket/in/day=1/other.csv")
    assert "credentials" in ran.err


# ---- the web -------------------------------------------------------------------------------------


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A folder at an address; its server knows no parts of files."""
    pytest.importorskip("fsspec")
    pytest.importorskip("aiohttp")
    for day in (1, 2):
        (tmp_path / f"in/day={day}").mkdir(parents=True)
        (tmp_path / f"in/day={day}/a b.csv").write_text(f"x\n{day}0\n")
    table = pa.table({"x": [1.0, 2.0] * 50_000})
    pq.write_table(table, tmp_path / "t.parquet")
    with pa.ipc.new_stream(tmp_path / "t.arrows", table.schema) as out:
        out.write_table(table)
    handler = type(
        "Quiet",
        (SimpleHTTPRequestHandler,),
        {"disable_nagle_algorithm": True, "log_message": lambda *_: None},
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_web_is_read(gradcli: Gradcli, web: str, tmp_path: Path) -> None:
    for path in ("in/day=*/*.csv", "in/"):
        ran = gradcli("map", "z = x*day", f"{web}/{path}", "--only", "--wrt", "x", "--to", "csv")
        assert ran.out == "z,dz/dx\n10.0,1.0\n40.0,2.0\n"
    for name in ("t.parquet", "t.arrows?signed=secret"):
        ran = gradcli("map", "z = x*x", f"{web}/{name}", "-o", str(tmp_path / "o.parquet"))
        assert ran.status == 0
        assert pq.read_table(tmp_path / "o.parquet")["z"].to_pylist() == [1.0, 4.0] * 50_000
    one_line(gradcli("map", "z = x", f"{web}/none.csv?secret"), "none.csv: there is no such file")
    one_line(gradcli("map", "z = x", f"{web}/t.parquet", "-o", f"{web}/o.csv"), "the web is only read")
    one_line(
        gradcli("map", "z = x", "http://127.0.0.1:1/t.csv"), "cannot read http://127.0.0.1:1/t.csv: Cannot"
    )
