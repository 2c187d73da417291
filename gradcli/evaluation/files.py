"""Arrays from files: NumPy's, JSON and CSV, also from standard input; nothing in a file is believed.

`gradcli.evaluation.bindings` comes here for a VALUE that begins with `@`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO

from gradcli.errors import GradcliError
from gradcli.limits import MOST_MEMORY, Ledger
from gradcli.record import Record

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def load(address: str, stdin: BinaryIO | None, ledger: Ledger | None, header: bool) -> Array:
    """The array at `FILE`, `FILE.npz:key`, `-` or `-:kind`; see `gradcli.evaluation.bindings.read`."""
    if ledger is None:
        ledger = Ledger(MOST_MEMORY)
    import numpy  # noqa: F401 - before the first look: what libraries take is not counted

    ledger.look()
    found = _read_file(address, stdin, ledger, header)
    _count(found)
    return found


def _count(array: Array) -> None:
    """Each evaluation of this process counts what was loaded, for as long as that is there."""
    import weakref

    def forget(nbytes: int = array.nbytes) -> None:
        Ledger.loaded -= nbytes

    Ledger.loaded += array.nbytes
    owner = array if array.base is None else array.base  # what every view of it keeps alive
    weakref.finalize(owner, forget).atexit = False


def _read_file(address: str, stdin: BinaryIO | None, ledger: Ledger, header: bool) -> Array:
    path, kind, key = _address(address)
    if path == "-":
        if stdin is None and sys.stdin is None:
            raise _unreadable("<stdin>", "it is closed")
        return _read_stream(_File(stdin or sys.stdin.buffer, "<stdin>", ledger, header), kind, key)
    try:
        with open(path, "rb") as file:
            return _read_stream(_File(file, path, ledger, header), kind, key)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None


class _File(Record):
    """A file, what it is called, what is asked for the memory of its content, and whether its columns
    may have names."""

    stream: BinaryIO
    path: str
    ledger: Ledger
    header: bool

    def content(self, factor: int) -> bytes:
        """All of it, each byte of which needs `factor` bytes of memory until it is an array."""
        parts: list[bytes] = []
        length = 0
        while part := self.stream.read(_PART):
            parts.append(part)
            length += len(part)
            self.ledger.ask(factor * length, f"what {self.path} holds")
        return b"".join(parts)


def _read_stream(file: _File, kind: str, key: str | None) -> Array:
    if kind in ("npy", "npz") and not file.stream.seekable():
        # NumPy goes back and forth in what it reads, which a pipe does not allow.
        file.stream = BytesIO(file.content(2))
    return _READERS[kind](file, key)


def _address(text: str) -> tuple[str, str, str | None]:
    """Path, kind and key of `FILE`, `FILE.npz:key`, `-` or `-:kind`."""
    if text == "-":
        return "-", "json", None
    if text.startswith("-:"):
        kind = text[2:]
        if kind not in ("csv", "json", "npy"):
            raise _unreadable("-", f"unknown kind {kind!r}", hint="write @-, @-:json, @-:csv or @-:npy")
        return "-", kind, None
    path, colon, key = text.rpartition(":")
    if colon and path.lower().endswith(".npz"):
        return path, "npz", key
    if colon and path.lower().endswith((".npy", ".csv", ".json")):
        raise _unreadable(path, "it holds one array, which has no key", hint=f"write @{path}")
    kind = os.path.splitext(text)[1].lower().removeprefix(".")
    if kind not in _READERS:
        raise _unreadable(
            text,
            "the suffix says nothing of the format",
            hint="use a .npy, .npz, .csv or .json file; gradcli map reads tables",
        )
    return text, kind, None


def _unreadable(path: str, reason: str, hint: str | None = None) -> GradcliError:
    return GradcliError("io", f"cannot read {path}: {reason}", hint=hint)


# ---- NumPy's files -------------------------------------------------------------------------------


def _read_npy(file: _File, key: str | None = None) -> Array:
    with _damage(file.path):
        return _numeric(_stored(file, file.stream, _length(file.stream)), file.path)


def _read_npz(file: _File, key: str | None) -> Array:
    import zipfile

    path = file.path
    if not zipfile.is_zipfile(file.stream):
        raise _unreadable(path, "it is not an .npz archive")
    with _damage(path), zipfile.ZipFile(file.stream) as archive:
        members = {each.filename.removesuffix(".npy"): each for each in archive.infolist()}
        keys = list(members)
        if key is None and len(keys) == 1:
            key = keys[0]
        if key not in members:
            names = ", ".join(keys) if keys else "nothing"
            reason = "name one of its arrays" if key is None else f"it has no array named {key!r}"
            hint = f"@{path}:{keys[0]}, for example" if keys else None
            raise _unreadable(path, f"{reason} (it holds {names})", hint=hint)
        member = members[key]
        with archive.open(member) as stored:
            return _numeric(_stored(file, stored, member.file_size), f"{path}:{key}")


def _length(file: BinaryIO) -> int:
    """How many bytes are still to be read."""
    here = file.tell()
    length = file.seek(0, os.SEEK_END) - here
    file.seek(here)
    return length


def _stored(file: _File, stream: Any, length: int) -> Array:
    """The array in NumPy's format, of whose header nothing is believed; there are `length` bytes."""
    import numpy as np

    path = file.path
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:
        raise _unreadable(path, f"it has version {version[0]}.{version[1]} of NumPy's format, unknown here")
    shape, fortran, dtype = getattr(np.lib.format, f"read_array_header_{_HEADERS[version]}")(stream)
    if dtype.hasobject:
        raise ValueError("Object arrays")
    size = prod(shape) * dtype.itemsize
    if size > length:
        raise _unreadable(path, "the file ends too early: its header tells of more than there is")
    file.ledger.ask(size, f"what {path} holds")
    data: Array = np.empty(size, np.uint8)
    view = memoryview(data.data)
    filled = 0
    while filled < size:  # what an archive says of its length is no more to be believed
        length = stream.readinto(view[filled : filled + _PART])
        if not length:
            raise _unreadable(path, "the file ends too early")
        filled += length
    found: Array = data.view(dtype).reshape(shape, order="F" if fortran else "C")
    return found


_HEADERS = {(1, 0): "1_0", (2, 0): "2_0"}
_PART = 1 << 24


@contextmanager
def _damage(path: str) -> Iterator[None]:
    """Whatever a damaged file makes its readers raise says that it cannot be read."""
    try:
        yield
    except GradcliError:
        raise
    except Exception as error:  # struct.error, zlib.error, NotImplementedError, SyntaxError of a header …
        raise _numpy_error(path, error) from None


def _numpy_error(path: str, error: Exception) -> GradcliError:
    text = str(error)
    if "pickle" in text.lower() or "Object arrays" in text:
        return _unreadable(
            path,
            "it is no plain NumPy file, or it holds pickled objects, which are never loaded",
            hint="save numbers: numpy.save(path, numpy.asarray(values, dtype=float))",
        )
    if isinstance(error, MemoryError):
        return GradcliError("limit", f"there is no memory for what {path} holds")
    return _unreadable(path, text.splitlines()[0] if text.strip() else "the file ends too early")


def _numeric(array: Array, path: str) -> Array:
    if array.dtype.kind not in "biuf":
        raise _unreadable(path, f"its values are {array.dtype}, not numbers")
    # A file written elsewhere may have the other byte order; everything here computes in this machine's.
    return array.astype(array.dtype.newbyteorder("="), copy=False)


# ---- text files: always float64 ------------------------------------------------------------------


_OF_JSON = 30
"""Bytes of memory for a byte of JSON: the lists of what it holds, and their numbers."""
_OF_CSV = 18


def _read_json(file: _File, key: str | None = None) -> Array:
    import json

    import numpy as np

    path = file.path
    content = file.content(_OF_JSON)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise _unreadable(path, f"it is not JSON ({error})") from None
    flat: list[object] = []
    shape = _flatten(data, flat, path)
    if flat and all(isinstance(item, bool) for item in flat):
        return np.array(flat, dtype=bool).reshape(shape)
    return np.array([_number(item, path) for item in flat], dtype=float).reshape(shape)


def _flatten(data: object, flat: list[object], path: str) -> tuple[int, ...]:
    """The shape of nested lists whose items are added to `flat`."""
    level, shape = [data], []
    while level and isinstance(level[0], list):
        lengths = {len(each) if isinstance(each, list) else -1 for each in level}
        if len(lengths) > 1:
            raise _unreadable(path, "its lists differ in length, so they are no array")
        shape.append(lengths.pop())
        level = [item for each in level for item in each]  # type: ignore[attr-defined]
        if len(shape) > _MOST_DIMS:
            raise _unreadable(path, f"its lists nest more than {_MOST_DIMS} deep")
    if any(isinstance(each, list) for each in level):
        raise _unreadable(path, "its lists differ in length, so they are no array")
    flat.extend(level)
    return tuple(shape)


_MOST_DIMS = 64  # as many as NumPy's arrays may have

_JSON_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""How gradcli itself writes them, since JSON has no number for them."""


def _number(item: object, path: str) -> float:
    if isinstance(item, (int, float)):
        try:
            return float(item)
        except OverflowError:
            raise _unreadable(path, "it holds a number beyond 64-bit floats") from None
    if isinstance(item, str) and item in _JSON_NUMBERS:
        return _JSON_NUMBERS[item]
    what = "an object" if isinstance(item, dict) else "null" if item is None else f'"{item}"'
    raise _unreadable(path, f"it holds {what} where a number or a list of numbers should be")


def _read_csv(file: _File, key: str | None = None) -> Array:
    """Comma-separated numbers: a matrix, or a vector if there is one row or one column."""
    import numpy as np

    path = file.path
    content = file.content(_OF_CSV)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(path, "it is not UTF-8 text") from None
    if file.header:
        first, _, rest = text.lstrip().partition("\n")
        text = text if any(_is_number(cell.strip()) for cell in first.split(",")) else rest
    if not text.strip():
        return np.empty(0)
    try:
        matrix = np.loadtxt(StringIO(text), delimiter=",", comments=None, ndmin=2)
    except ValueError:
        raise _csv_error(path, text) from None
    return matrix.squeeze() if 1 in matrix.shape else matrix


def _csv_error(path: str, text: str) -> GradcliError:
    """The first line that is no row of numbers, or not as long as the ones before."""
    columns = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(",")]
        wrong = [cell for cell in cells if not _is_number(cell)]
        if wrong:
            hint = None if columns else "remove the header row: a CSV file holds numbers only"
            return _unreadable(path, f"line {number} has {wrong[0]!r} where a number should be", hint=hint)
        if columns and len(cells) != columns:
            return _unreadable(path, f"line {number} has {len(cells)} columns, the lines before {columns}")
        columns = len(cells)
    return _unreadable(path, "it is not a table of numbers")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_READERS: dict[str, Callable[[_File, str | None], Array]] = {
    "csv": _read_csv,
    "json": _read_json,
    "npy": _read_npy,
    "npz": _read_npz,
}
