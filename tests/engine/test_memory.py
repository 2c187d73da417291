"""Results are handed out again when nobody can see it, and only then."""

from __future__ import annotations

import importlib.util
import sys
import threading
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

import gradcli
from gradcli.engine import memory

SHAPE = (100, 200)
FLOAT64 = np.dtype(np.float64)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


def test_an_array_that_was_dropped_is_used_again() -> None:
    first = memory.take(SHAPE, FLOAT64)
    address = first.ctypes.data
    del first
    assert memory.take(SHAPE, FLOAT64).ctypes.data == address


@pytest.mark.parametrize(
    "hold",
    [
        lambda array: array,
        lambda array: array[3:],
        lambda array: array.T,
        memoryview,
        lambda array: array.reshape(-1).view(np.int64),
        lambda array: np.from_dlpack(array),
        lambda array: {"deep": [array]},
    ],
)
def test_an_array_that_somebody_sees_is_left_alone(hold: object) -> None:
    first = memory.take(SHAPE, FLOAT64)
    address = first.ctypes.data
    held = hold(first)  # type: ignore[operator]
    del first
    assert memory.take(SHAPE, FLOAT64).ctypes.data != address
    del held
    assert memory.take(SHAPE, FLOAT64).ctypes.data == address


def test_an_array_that_was_changed_is_not_used_again() -> None:
    for change in ("writeable", "shape"):
        first = memory.take(SHAPE, FLOAT64)
        if change == "writeable":
            first.flags.writeable = False
        else:
            with warnings.catch_warnings():  # newer NumPys say that this will go
                warnings.simplefilter("ignore", DeprecationWarning)
                first.shape = (200, 100)
        del first
        again = memory.take(SHAPE, FLOAT64)
        assert again.shape == SHAPE
        assert again.flags.writeable
        memory.forget()


@pytest.mark.parametrize("python", ["without a lock", "without counts"])
def test_nothing_is_handed_out_again_where_counts_tell_nothing(
    monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    """Free-threaded Python counts each thread's references apart, PyPy none: the module as it is there."""
    if python == "without a lock":
        monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    else:
        monkeypatch.delattr(sys, "getrefcount")
    spec = importlib.util.spec_from_file_location("memory_elsewhere", memory.__file__)
    assert spec is not None
    assert spec.loader is not None
    elsewhere = importlib.util.module_from_spec(spec)
    releases = list(memory.Ledger.releases)
    spec.loader.exec_module(elsewhere)
    monkeypatch.setattr(memory.Ledger, "releases", releases)
    taken = [elsewhere.take(SHAPE, FLOAT64) for _ in range(3)]
    assert [each.shape for each in taken] == [SHAPE] * 3
    assert elsewhere._arrays == {}


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 10 * memory.LEAST)
    for rows in range(1, 200):
        memory.take((rows, memory.LEAST // 8), FLOAT64)
        remembered = [each for arrays in memory._arrays.values() for each in arrays]
        assert sum(each.nbytes for each in remembered) == memory._nbytes <= memory.KEPT


def test_small_and_huge_arrays_are_not_remembered() -> None:
    memory.take((10,), FLOAT64)
    memory.take((memory.KEPT // 8,), FLOAT64)
    assert not memory._arrays


def test_results_that_are_kept_stay_as_they_are() -> None:
    program = gradcli.compile("sum((x - y)**2 * w)")
    generator = np.random.default_rng(0)
    kept = []
    for _ in range(20):
        x, y, w = generator.normal(size=(3, 50_000))
        result = program(x=x, y=y, w=w)
        kept.append((2 * (x - y) * w, result.grads["x"]))
        if len(kept) % 3 == 0:
            kept.pop(0)
    for expected, found in kept:
        np.testing.assert_allclose(found, expected)


def test_threads_get_arrays_of_their_own() -> None:
    clashes: list[int] = []

    def work(number: int) -> None:
        for _ in range(500):
            mine = memory.take(SHAPE, FLOAT64)
            mine[:] = number
            if not (mine == number).all():
                clashes.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not clashes


def test_threads_may_remember_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 20 * memory.LEAST)
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(300):
                memory.take((100 + (turn * number) % 37, 200), FLOAT64)
        except Exception as error:
            failures.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        sys.setswitchinterval(before)
    assert not failures
    assert sum(each.nbytes for arrays in memory._arrays.values() for each in arrays) == memory._nbytes
