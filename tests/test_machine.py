"""What other operating systems lack: the branches for them, simulated."""

from __future__ import annotations

import builtins
import importlib
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import gradcli
from gradcli import GradcliError, interrupts, machine
from gradcli.cli import streams
from gradcli.engine import pool
from gradcli.process import run_deep


@pytest.fixture
def reloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A function that loads `machine` anew, as on another system; it is put back afterwards."""
    yield lambda: importlib.reload(machine)
    monkeypatch.undo()
    importlib.reload(machine)


def test_windows_has_fewer_processes_and_pages_of_unknown_size(
    monkeypatch: pytest.MonkeyPatch, reloaded: Any
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "sysconf")
    other = reloaded()
    assert other.MOST_PROCESSES == 60
    other.end_with_parent()  # does nothing, and does not fail


def test_without_proc_nobody_knows_how_large_the_process_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: str, *_: object) -> None:
        raise FileNotFoundError(path)

    monkeypatch.setattr(builtins, "open", missing)
    assert machine.memory_in_use() is None


def test_without_affinities_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert machine.cores() == (os.cpu_count() or 1)


@pytest.mark.parametrize(
    "error", [OSError("no such library"), TypeError("None is no name"), AttributeError("mallopt")]
)
def test_without_glibc_memory_goes_where_it_likes(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    import ctypes

    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refused)
    machine.keep_freed(1 << 20)
    machine.return_freed()


@pytest.mark.skipif(
    "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", ()), reason="a C library that keeps to itself"
)
def test_what_was_freed_is_kept_until_it_is_handed_back() -> None:
    source = """
import numpy
from gradcli import machine
machine.keep_freed(64 << 20)
some = [numpy.ones(2_000_000 // 8) for _ in range(10)]
del some
kept = machine.memory_in_use()
machine.return_freed()
print(kept - machine.memory_in_use())
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 10_000_000


@pytest.mark.parametrize(
    "error", [OSError("no such library"), TypeError("None is no name"), ImportError("ctypes")]
)
def test_without_a_c_library_threads_stay_where_they_are(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    import ctypes

    def missing(_: object) -> None:
        raise error

    monkeypatch.setattr(machine, "_core", None)
    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert machine.other_cores() == frozenset()
    if not isinstance(error, ImportError | TypeError):
        machine.end_with_parent()


def test_an_interrupt_cannot_be_held_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
    interrupts.hold(True)
    interrupts.hold(False)


@pytest.mark.parametrize(
    ("platform", "expected"), [("win32", "utf-8"), ("linux", "cp1252"), ("darwin", "cp1252")]
)
def test_a_pipe_on_windows_is_utf_8(monkeypatch: pytest.MonkeyPatch, platform: str, expected: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    read, write = os.pipe()
    with open(write, "w", encoding="cp1252", newline="") as former:
        stream = streams.text(io.FileIO(write, "w", closefd=False), former)
        stream.write("∂\n")
        stream.flush()
    assert stream.encoding == expected
    with open(read, "rb") as file:
        assert file.read() == ("∂\n".encode() if expected == "utf-8" else b"\\u2202\n")


def _no_thread(*_: object, **__: object) -> None:
    raise RuntimeError("can't start new thread")


def test_a_stack_that_cannot_be_had_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "def f(n): return f(n - 1) + x if n > 0 else x\nf(500)"
    assert gradcli.evaluate(deep, {"x": 1.0}).grads["x"] == 501
    monkeypatch.setattr(threading.Thread, "start", _no_thread)
    with pytest.raises(MemoryError):
        run_deep(lambda: None)
    with pytest.raises(GradcliError, match="not enough memory") as raised:
        gradcli.evaluate(deep, {"x": 1.0})
    assert raised.value.code == "limit"


def test_a_pool_makes_do_with_the_threads_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", _no_thread)
    monkeypatch.setattr(pool, "_bells", [])
    done: list[int] = []
    pool.share(lambda: done.append(1), 3)
    assert done == [1]


def test_limits_do_without_the_size_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory_in_use", lambda: None)
    with pytest.raises(GradcliError) as raised:
        gradcli.evaluate("x = ones(1000, 1000)\ny = x + 1\nz = y*2\nz.sum()", max_memory=4 << 20)
    assert raised.value.code == "limit"
