"""Values from files and from standard input: what they become, and how each failure is told."""

from __future__ import annotations

import io
import json
import os
import pickle
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gradcli.errors import GradcliError
from gradcli.evaluation.bindings import Binding, read


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_anything_without_an_at_sign_is_an_expression() -> None:
    assert read("ones(2, 2)") == Binding("ones(2, 2)")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", "2", 2.0),
        ("a.json", "[[1, 2], [3, 4]]", [[1.0, 2.0], [3.0, 4.0]]),
        ("a.json", '["NaN", "Infinity", "-Infinity"]', [np.nan, np.inf, -np.inf]),
        ("a.json", "[]", np.empty(0)),
        ("a.json", "[[], []]", np.empty((2, 0))),
        ("a.csv", "1\n2\n", [1.0, 2.0]),
        ("a.csv", "1,2,3\n", [1.0, 2.0, 3.0]),
        ("a.csv", "1, 2\r\n\r\n-3e-1, nan\r\n", [[1.0, 2.0], [-0.3, np.nan]]),
        ("a.csv", "7", 7.0),
        ("a.csv", "", np.empty(0)),
        ("A.CSV", "\ufeff1,2", [1.0, 2.0]),
    ],
)
def test_text_becomes_float64(name: str, content: str, expected: object) -> None:
    Path(name).write_text(content, encoding="utf-8")
    array = read(f"@{name}")
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, np.asarray(expected), strict=True)


def test_booleans_in_json_stay_a_mask() -> None:
    Path("mask.json").write_text("[true, false]")
    np.testing.assert_array_equal(read("@mask.json"), np.array([True, False]), strict=True)


@pytest.mark.parametrize("dtype", ["int64", "float32", "bool", ">f8", "uint8"])
def test_numpy_files_keep_their_dtype(dtype: str) -> None:
    array = np.array([[0, 1, 1]], dtype=dtype)
    np.save("a.npy", array)
    np.savez("b.npz", first=array, second=array + array)
    native = array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(read("@a.npy"), array.astype(native), strict=True)
    np.testing.assert_array_equal(read("@b.npz:second"), (array + array).astype(native), strict=True)


def test_the_only_array_of_an_archive_needs_no_key() -> None:
    np.savez_compressed("a.npz", x=np.arange(3))
    np.testing.assert_array_equal(read("@a.npz"), np.arange(3), strict=True)


@pytest.mark.parametrize("kind", ["json", "csv", "npy", None])
def test_standard_input(kind: str | None) -> None:
    array = np.array([1.5, 2.5])
    stream = io.BytesIO()
    if kind == "npy":
        np.save(stream, array)
    else:
        stream.write(b"1.5,2.5" if kind == "csv" else b"[1.5, 2.5]")
    stream.seek(0)
    np.testing.assert_array_equal(read(f"@-:{kind}" if kind else "@-", stream), array, strict=True)


def _write_all() -> None:
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez("objects.npz", a=np.array([{}], dtype=object))
    Path("pickled.npy").write_bytes(pickle.dumps([1, 2]))
    np.savez("two.npz", left=np.ones(2), right=np.ones(2))
    np.save("text.npy", np.array(["a"]))
    np.save("complex.npy", np.array([1j]))
    Path("cut.npy").write_bytes(Path("text.npy").read_bytes()[:-2])
    Path("zip.npz").write_bytes(b"PK\x03\x04nothing")
    with zipfile.ZipFile("other.npz", "w") as archive:
        archive.writestr("x.txt", "hello")
    np.save("array.npy", np.ones(2))
    Path("array.npz").write_bytes(Path("array.npy").read_bytes())
    Path("bad.json").write_text("[1,")
    Path("ragged.json").write_text("[[1, 2], [3]]")
    Path("mixed.json").write_text("[1, [2]]")
    Path("object.json").write_text('{"x": 1}')
    Path("word.json").write_text('["one"]')
    Path("null.json").write_text("null")
    Path("huge.json").write_text("1" + "0" * 400)
    Path("deep.json").write_text("[" * 100_000)
    Path("header.csv").write_text("a,b\n1,2\n")
    Path("ragged.csv").write_text("1,2\n3\n")
    Path("word.csv").write_text("1,2\n3,x\n")
    Path("hole.csv").write_text("1,2\n3,\n")
    Path("latin.csv").write_bytes(b"1,\xe9\n")
    Path("data.txt").write_text("1")
    Path("folder.npy").mkdir()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("@missing.npy", "cannot read missing.npy: No such file or directory"),
        ("@folder.npy", "cannot read folder.npy: Is a directory"),
        ("@data.txt", "cannot read data.txt: the suffix says nothing of the format"),
        ("@", "cannot read : the suffix says nothing of the format"),
        ("@array.npy:x", "cannot read array.npy: it holds one array, which has no key"),
        ("@-:xml", "cannot read -: unknown kind 'xml'"),
        ("@two.npz", "cannot read two.npz: name one of its arrays (it holds left, right)"),
        ("@two.npz:up", "cannot read two.npz: it has no array named 'up' (it holds left, right)"),
        ("@text.npy", "cannot read text.npy: its values are <U1, not numbers"),
        ("@complex.npy", "cannot read complex.npy: its values are complex128, not numbers"),
        ("@array.npz", "cannot read array.npz: it is not an .npz archive"),
        ("@ragged.json", "cannot read ragged.json: its lists differ in length, so they are no array"),
        ("@mixed.json", "cannot read mixed.json: its lists differ in length, so they are no array"),
        (
            "@object.json",
            "cannot read object.json: it holds an object where a number or a list of numbers should be",
        ),
        ("@word.json", 'cannot read word.json: it holds "one" where a number or a list of numbers should be'),
        ("@null.json", "cannot read null.json: it holds null where a number or a list of numbers should be"),
        ("@huge.json", "cannot read huge.json: it holds a number beyond 64-bit floats"),
        ("@header.csv", "cannot read header.csv: line 1 has 'a' where a number should be"),
        ("@ragged.csv", "cannot read ragged.csv: line 2 has 1 columns, the lines before 2"),
        ("@word.csv", "cannot read word.csv: line 2 has 'x' where a number should be"),
        ("@hole.csv", "cannot read hole.csv: line 2 has '' where a number should be"),
        ("@latin.csv", "cannot read latin.csv: it is not UTF-8 text"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(value: str, message: str) -> None:
    _write_all()
    with pytest.raises(GradcliError) as raised:
        read(value)
    assert (raised.value.code, raised.value.message) == ("io", message)


@pytest.mark.parametrize(
    "value",
    [
        "@objects.npy",
        "@objects.npz",
        "@pickled.npy",
        "@cut.npy",
        "@zip.npz",
        "@other.npz:x",
        "@bad.json",
        "@deep.json",
    ],
)
def test_pickled_objects_and_broken_files_are_refused(value: str) -> None:
    _write_all()
    with pytest.raises(GradcliError) as raised:
        read(value)
    assert raised.value.code == "io"


def test_loading_runs_no_pickled_code() -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (Path("touched"),)

    np.save("hostile.npy", np.array([Hostile()], dtype=object), allow_pickle=True)
    with pytest.raises(GradcliError, match="pickled objects, which are never loaded"):
        read("@hostile.npy")
    assert not Path("touched").exists()


def test_what_gradcli_writes_as_json_it_reads_back() -> None:
    Path("a.json").write_text(json.dumps([1.0, "NaN"]))
    np.testing.assert_array_equal(read("@a.json"), np.array([1.0, np.nan]))


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv", "json"])
def test_a_fifo_is_read_like_a_file(tmp_path: Path, suffix: str) -> None:
    """As a shell's pipe with a name: nobody can go back in it."""
    path = tmp_path / f"fifo.{suffix}"
    os.mkfifo(path)
    array = np.array([[1.5, 2.0], [3.0, 4.25]])

    buffer = io.BytesIO()
    if suffix == "npy":
        np.save(buffer, array)
    elif suffix == "npz":
        np.savez(buffer, only=array)
    else:
        buffer.write(b"1.5,2\n3,4.25\n" if suffix == "csv" else b"[[1.5, 2], [3, 4.25]]")
    writer = threading.Thread(target=lambda: path.write_bytes(buffer.getvalue()))
    writer.start()
    found = read(f"@{path}")
    writer.join()
    np.testing.assert_array_equal(found, array)
