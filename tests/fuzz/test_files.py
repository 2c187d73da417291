"""Damaged data files are `io`: a few of them, and files that are made to harm."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import gradcli
from fuzz import files
from fuzz.cases import faults
from gradcli.evaluation import bindings
from gradcli.limits import Ledger


def test_damaged_files() -> None:
    assert not list(faults(files.case, 400, seed=0))


def _header(shape: str, dtype: str = "<f8") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def _archive(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


_ZIP = _archive("x.npy", _header("(2,)") + bytes(16))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"[" * 70 + b"1" + b"]" * 70, "its lists nest more than 64 deep"),
        ("a.json", b"[[1], 2]", "its lists differ in length, so they are no array"),
        ("a.json", b"[1, [2]]", "its lists differ in length, so they are no array"),
        (
            "a.npy",
            _header("(1000000000000,)"),
            "the file ends too early: its header tells of more than there is",
        ),
        ("a.npy", _header("(((("), None),
        ("a.npy", _header("(2,)")[:20], None),
        ("a.npy", b"\x93NUMPY\x09\x09" + bytes(200), "it has version 9.9 of NumPy's format, unknown here"),
        ("a.npz", _archive("x.txt", b"text"), None),
        (
            "a.npz",
            _ZIP.replace(b"PK\x03\x04\x14", b"PK\x03\x04\xff").replace(
                b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff"
            ),
            None,
        ),
        ("a.npz", _archive("x.npy", _header("(10000000000,)") + bytes(100)), None),
    ],
)
def test_wrong_files(tmp_path: Path, name: str, content: bytes, message: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(gradcli.GradcliError) as caught:
        bindings.read(f"@{path}")
    assert caught.value.code == "io"
    if message is not None:
        assert caught.value.message == f"cannot read {path}: {message}"


def test_json_nested_beyond_recursion(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" * 100_000 + "]" * 100_000)
    with pytest.raises(gradcli.GradcliError) as caught:
        bindings.read(f"@{path}")
    assert caught.value.code == "io"


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_any_layout(tmp_path: Path, order: str) -> None:
    array = np.array(np.arange(6, dtype=">i4").reshape(2, 3), order=order)
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", array)
    for name in ("a.npy", "a.npz"):
        found = bindings.read(f"@{tmp_path / name}")
        assert isinstance(found, np.ndarray)
        assert found.tolist() == array.tolist()
        assert found.dtype == np.int32


def _bomb() -> bytes:
    return _archive("x.npy", _header("(5000000,)") + bytes(40_000_000))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npz", _bomb),
        ("a.npy", lambda: _header("(2000000,)") + bytes(16_000_000)),
        ("a.csv", lambda: b"1,2\n" * 500_000),
        ("a.json", lambda: b"[" + b"1,2," * 300_000 + b"3]"),
    ],
)
def test_what_a_file_holds_counts_before_it_is_read(
    tmp_path: Path, name: str, content: Callable[[], bytes]
) -> None:
    (tmp_path / name).write_bytes(content())
    tracemalloc.start()
    try:
        with pytest.raises(gradcli.GradcliError, match=r"more than the limit of 10\.0 MiB") as caught:
            bindings.read(f"@{tmp_path / name}", ledger=Ledger(10 << 20))
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.code == "limit"


def test_an_endless_file_is_not_read_forever(tmp_path: Path) -> None:
    for kind in ("csv", "json"):
        (tmp_path / f"a.{kind}").symlink_to("/dev/zero")
        with pytest.raises(gradcli.GradcliError, match="more than the limit of"):
            bindings.read(f"@{tmp_path}/a.{kind}", ledger=Ledger(10 << 20))
