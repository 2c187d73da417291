"""Files that are whole or not there: links, modes, devices, pipes, and what a signal leaves behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from commands import ROOT
from gradcli.errors import GradcliError
from gradcli.report.whole import check_writable, fill_whole, write_whole

UNPRIVILEGED = os.geteuid() != 0


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "r.txt"), "one\n")
    write_whole(str(tmp_path / "r.txt"), "two\n")
    assert os.listdir(tmp_path) == ["r.txt"]
    assert (tmp_path / "r.txt").read_text() == "two\n"


def test_a_new_file_has_the_mode_that_files_have_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(str(tmp_path / "new"), "")
    finally:
        os.umask(before)
    (tmp_path / "old").write_text("")
    (tmp_path / "old").chmod(0o604)
    write_whole(str(tmp_path / "old"), "text")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "old")]
    assert modes == [0o640, 0o604]


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path, there: bool) -> None:
    target = tmp_path / "elsewhere" / "target"
    target.parent.mkdir()
    if there:
        target.write_text("old")
    (tmp_path / "first").symlink_to("second")
    (tmp_path / "second").symlink_to("elsewhere/target")
    check_writable(str(tmp_path / "first"))
    write_whole(str(tmp_path / "first"), "new")
    assert os.readlink(tmp_path / "first") == "second"
    assert os.readlink(tmp_path / "second") == "elsewhere/target"
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["target"]


def test_a_fifo_is_written_into(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    check_writable(str(fifo))
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(fifo.read_text()))
    reader.start()
    write_whole(str(fifo), "through the pipe")
    reader.join()
    assert heard == ["through the pipe"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_device_is_written_into_and_stays_one() -> None:
    check_writable(os.devnull)
    write_whole(os.devnull, "gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


PROGRAM = """
import sys
from gradcli.report.whole import check_writable, write_whole
print("before")
for path in sys.argv[1:]:
    check_writable(path)
    write_whole(path, "report\\n")
print("after")
"""


def _python(program: str, *arguments: str, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        check=True,
        **how,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "a link"])
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files have no paths here")
def test_standard_output_by_its_path_keeps_its_place_among_the_rest(tmp_path: Path, path: str) -> None:
    if path == "a link":
        (tmp_path / "link").symlink_to("/dev/stdout")
        path = str(tmp_path / "link")
    piped = _python(PROGRAM, path, stdout=subprocess.PIPE).stdout
    with open(tmp_path / "out.txt", "w") as file:
        _python(PROGRAM, path, stdout=file)
    assert [piped, (tmp_path / "out.txt").read_text()] == ["before\nreport\nafter\n"] * 2


def test_what_a_shell_substitutes_is_written_into(tmp_path: Path) -> None:
    script = f'"{sys.executable}" -c "$1" >(cat > copied) | cat; while ! grep -q report copied; do :; done'
    subprocess.run(
        ["bash", "-c", script, "-", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=30,
        check=True,
    )
    assert (tmp_path / "copied").read_text() == "report\n"


def test_what_cannot_be_written_is_said_before_and_when_it_is_tried(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    for name in ("folder", "none/r.txt"):
        for attempt in (check_writable, lambda path: write_whole(path, "")):
            with pytest.raises(GradcliError) as caught:
                attempt(str(tmp_path / name))
            assert caught.value.code == "io"
            assert caught.value.message.startswith(f"cannot write {tmp_path / name}: ")
    with pytest.raises(GradcliError):
        write_whole(str(tmp_path / "loop"), "")
    assert sorted(os.listdir(tmp_path)) == ["folder", "loop"]


@pytest.mark.skipif(not UNPRIVILEGED, reason="nothing is forbidden to root")
def test_a_file_in_a_folder_that_is_closed_is_written_into(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("a longer text than the new one")
    tmp_path.chmod(0o555)
    try:
        check_writable(str(tmp_path / "r.txt"))
        write_whole(str(tmp_path / "r.txt"), "new")
        assert (tmp_path / "r.txt").read_text() == "new"
    finally:
        tmp_path.chmod(0o755)


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    write_whole(str(tmp_path / ("n" * 255)), "text")
    assert os.listdir(tmp_path) == ["n" * 255]


def test_a_failure_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    def fill(file: object) -> None:
        raise ZeroDivisionError

    (tmp_path / "r.txt").write_text("old")
    with pytest.raises(ZeroDivisionError):
        fill_whole(str(tmp_path / "r.txt"), fill)
    assert os.listdir(tmp_path) == ["r.txt"]
    assert (tmp_path / "r.txt").read_text() == "old"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_while_a_file_is_written_leaves_nothing_of_it(tmp_path: Path, name: str) -> None:
    program = f"""
import os, signal, time
from gradcli.report.whole import fill_whole
signal.signal(signal.SIGINT, signal.default_int_handler)
def fill(file):
    file.write(b"half")
    os.kill(os.getpid(), signal.{name})
    time.sleep(30)
fill_whole("r.txt", fill)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=20,
    )
    assert ran.returncode == -getattr(signal, name)
    assert os.listdir(tmp_path) == []
