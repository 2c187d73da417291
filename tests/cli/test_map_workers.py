"""Many processes write what one writes, also when some of them are killed. One cluster serves all tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from commands import Gradcli
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.tables.ahead import Clock
from gradcli.tables.finding import Part, found_parts
from gradcli.tables.parts import PartWork
from gradcli.tables.pieces import TextLayout
from gradcli.tables.stream import Tally, Wanted
from object_store import running

PARTS = 6
PROGRAM = "s = x\nfor i in range(40):\n    s = s + sin(s*day)\nz = s"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> str:
    random = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("in")
    for day in range(PARTS):
        (folder / f"day={day}").mkdir()
        pq.write_table(pa.table({"x": random.normal(size=20_000)}), folder / f"day={day}/part.parquet")
    return str(folder)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    pytest.importorskip("distributed")
    import dask

    from gradcli.tables.cluster import connected

    # Those that replace killed ones need not load everything anew.
    with (
        dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}),
        connected("2") as found,
    ):
        yield found


@pytest.fixture(scope="module")
def whole(dataset: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process makes of the dataset."""
    out = tmp_path_factory.mktemp("whole")
    work = _work(out)
    for part in found_parts([dataset], None):
        work(part)
    return contents(out)


def _work(out: Path, kind: type[PartWork] = PartWork) -> PartWork:
    return kind(Wanted(PROGRAM, Options(wrt=["x"])), TextLayout(), str(out), "parquet")


def contents(folder: Path) -> dict[str, bytes]:
    """All files but the manifest, hidden ones too: nothing else is left."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in found if path.name != "_gradcli.json"
    }


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_two_workers_write_what_one_process_writes(
    gradcli: Gradcli, client: Any, dataset: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    address = client.scheduler.address
    ran = gradcli("map", PROGRAM, dataset, "-o", f"{tmp_path}/", "--wrt", "x", "--workers", address)
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert contents(tmp_path) == whole


def test_workers_do_the_parts_of_a_store(
    gradcli: Gradcli, client: Any, dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if not hasattr(pyarrow.fs, "S3FileSystem"):
        pytest.skip("this pyarrow has no S3")
    program = ("map", "z = x*day", "--only", "--wrt", "x")
    with running() as store:
        bucket = store.objects["bucket"]
        for day in (0, 1):
            data = Path(dataset, f"day={day}/part.parquet").read_bytes()
            bucket[f"in/day={day}/part.parquet"] = data
        source, one, two = (store.address(f"bucket/{name}/") for name in ("in", "one", "two"))
        assert gradcli(*program, source, "-o", one).status == 0
        ran = gradcli(*program, source, "-o", two, "--workers", client.scheduler.address)
        assert (ran.status, ran.out, ran.err) == (0, "", "")
        for day in (0, 1):
            assert bucket[f"two/day={day}/part.parquet"] == bucket[f"one/day={day}/part.parquet"]
        assert len([name for name in bucket if name.startswith("two/")]) == 3


def test_a_worker_that_is_killed_in_the_middle_is_replaced(
    client: Any, dataset: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    from gradcli.tables.cluster import run_parts

    parts = found_parts([dataset], None)
    victim = next(iter(client.run(os.getpid).values()))
    killed = False
    for _, found in run_parts(parts, _work(tmp_path), client, Clock()):
        assert isinstance(found, Tally)
        if not killed:
            os.kill(victim, signal.SIGKILL)
            killed = True
    assert victim not in client.run(os.getpid).values()
    _work(tmp_path).sweep(parts)
    assert contents(tmp_path) == whole


class Deadly(PartWork):
    """Work that one part kills."""

    def __call__(self, part: Part, clock: Clock | None = None) -> Tally:
        if part.name.startswith("day=2"):
            with open(os.path.join(self.out, "deaths"), "a") as file:
                file.write("x")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(part, clock)


def test_a_part_that_kills_three_workers_is_told_and_the_others_are_done(
    client: Any, dataset: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    import cloudpickle

    from gradcli.tables.cluster import KILLS, run_parts

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    parts = found_parts([dataset], None)
    results = {part.name: found for part, found in run_parts(parts, _work(tmp_path, Deadly), client, Clock())}
    failed = results.pop("day=2/part")
    assert isinstance(failed, GradcliError)
    assert (tmp_path / "deaths").read_text() == "x" * KILLS
    (tmp_path / "deaths").unlink()
    assert all(isinstance(found, Tally) for found in results.values())
    assert contents(tmp_path) == {name: data for name, data in whole.items() if "day=2" not in name}


def test_an_interrupt_ends_all_workers_and_leaves_nothing_half(dataset: str, tmp_path: Path) -> None:
    """As Ctrl-C on a terminal does, it comes to the workers, too; none of them says a word."""
    pytest.importorskip("distributed")
    program = PROGRAM.replace("40", "4000")
    arguments = ["map", program, dataset, "-o", f"{tmp_path}/", "--wrt", "x", "--workers", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "gradcli", *arguments], stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        wait_for(lambda: list(tmp_path.rglob("*.part")) or process.poll() is not None)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (
        130, f"note: 0 of {PARTS} parts are done; --resume goes on with the others\n".encode()
    )  # fmt: skip
    assert contents(tmp_path) == {}
    wait_for(lambda: not _is_alive(process.pid))


def _is_alive(group: int) -> bool:
    """Whether any process of a group still runs."""
    states = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return any(
        line.split()[0] == str(group) and not line.split()[1].startswith("Z") for line in states.splitlines()
    )


def test_time_is_over_for_workers_too(client: Any, dataset: str, tmp_path: Path) -> None:
    from gradcli.tables.cluster import run_parts

    with pytest.raises(GradcliError, match="longer than"):
        list(run_parts(found_parts([dataset], None), _work(tmp_path), client, Clock(1e-3)))


def test_a_client_that_was_killed_is_gone_on_with(
    gradcli: Gradcli, dataset: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    arguments = ["map", PROGRAM, dataset, "-o", f"{tmp_path}/", "--wrt", "x"]
    with subprocess.Popen([sys.executable, "-m", "gradcli", *arguments]) as process:
        wait_for(lambda: (tmp_path / "_gradcli.json").exists() or process.poll() is not None)
        process.kill()
    done = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet") if "part" in path.stem}
    assert 0 < len(done) < PARTS
    # The part that was in the middle has left a file, as has the manifest, perhaps.
    (tmp_path / "day=5").mkdir(exist_ok=True)
    (tmp_path / "day=5/.part.parquet.0123456789abcdef.part").write_bytes(b"half")
    assert gradcli(*arguments, "--resume").status == 0
    noted = (tmp_path / "_gradcli.json").read_text()
    assert contents(tmp_path) == whole
    assert noted.count('"rows": 20000') == PARTS
    assert all(path.stat().st_mtime_ns == when for path, when in list(done.items())[:-1])


def test_threads_end_with_the_results(dataset: str, tmp_path: Path) -> None:
    before = threading.active_count()
    _work(tmp_path)(found_parts([dataset], None)[0])
    wait_for(lambda: threading.active_count() <= before)


@pytest.mark.parametrize(
    "more", [(), ("--shard", "1/1"), ("--workers", "2")], ids=["one", "shard", "workers"]
)
def test_rows_without_a_result_are_one_file(gradcli: Gradcli, tmp_path: Path, more: tuple[str, ...]) -> None:
    """They are those of all parts in order, also if some parts were done before."""
    if "--workers" in more:
        pytest.importorskip("distributed")
    for day, rows in enumerate(["1,2\noops,3\n", "5,6\n", "7,\n8,9\n"]):
        (tmp_path / f"in/day={day}").mkdir(parents=True)
        (tmp_path / f"in/day={day}/a.csv").write_text(f"x,y\n{rows}")
    bad = tmp_path / "bad.csv"
    arguments = ("map", "z = x*y", str(tmp_path / "in"), "-o", f"{tmp_path}/out/", "--bad", str(bad), *more)
    assert gradcli(*arguments).status == 0
    expected = "x,y,day,reason\noops,3,0,x: 'oops' is no double\n7,,2,y is missing\n"
    assert bad.read_text() == expected
    assert (tmp_path / "out/day=2/a.csv").read_text() == "x,y,z,dz/dx,dz/dy\n8,9,72.0,9.0,8.0\n"
    bad.unlink()
    (tmp_path / "out/day=0/a.csv").unlink()
    one = arguments[: -len(more)] if "--workers" in more else arguments  # whoever goes on with it
    assert gradcli(*one, "--resume").status == 0
    assert bad.read_text() == expected


def test_rows_without_a_result_are_a_folder(gradcli: Gradcli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("x\n1\noops\n")
    (tmp_path / "in/b.ndjson").write_text('{"x": 1}\n')
    (tmp_path / "in/c.ndjson").write_text('{"x": 1}\n{"x": null}\n')
    ran = gradcli("map", "z = x", f"{tmp_path}/in", "-o", f"{tmp_path}/out/", "--bad", f"{tmp_path}/bad/")
    assert ran.status == 0
    assert {path.name: path.read_text() for path in (tmp_path / "bad").iterdir()} == {
        "a.csv": "x,reason\noops,x: 'oops' is no double\n",
        "c.ndjson": '{"x":null,"reason":"x is missing"}\n',
    }
