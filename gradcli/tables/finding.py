"""What there is to read: paths, patterns, folders and addresses as parts, each computed by itself."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.tables import places
from gradcli.tables.pieces import failures
from gradcli.tables.reading import COMPRESSED, ENDINGS, format_of

PART_ROWS = 4_000_000
"""A file of Parquet with more rows than these is several parts."""
LARGE = 16 << 20
"""A smaller file is not asked how many rows it has where asking takes a while."""


class Part(Record):
    """What is read at a time.

    Attributes:
        name: its path below the dataset, without an ending.
        path: the file, or its address.
        said: that in messages, without passwords.
        size: its bytes, 0 if that is not known.
        format: one of `reading.FORMATS`.
        groups: of Parquet, the row groups.
        keys: the columns that the folders name (`day=1`), with their values, Arrow scalars.
    """

    name: str
    path: str
    format: str
    groups: tuple[int, ...] | None = None
    keys: tuple[tuple[str, Any], ...] = ()
    size: int = 0

    @property
    def said(self) -> str:
        return places.shown(self.path)


def found_parts(paths: Sequence[str], format: str | None) -> list[Part]:
    """All files that paths, patterns, folders and addresses stand for, in order, each once.

    Raises:
        GradcliError: `io`: there is none, or the format of one is not known.
    """
    parts: list[Part] = []
    known: set[str] = set()
    for path in paths:
        files = list(_files(places.local(path)))
        if not files:
            raise GradcliError("io", f"cannot read {places.shown(path)}: there is no such file")
        for name, file, size in files:
            whole = file if places.is_address(file) else os.path.abspath(file)
            if whole in known:
                continue
            known.add(whole)
            kind = format or format_of(file)
            if kind is None:
                raise GradcliError(
                    "io",
                    f"cannot tell the format of {places.shown(file)}",
                    hint="--from csv, tsv, ndjson, json, parquet, arrow",
                )
            parts.append(Part(_stem(_below_keys(name, file)), file, kind, size=size))
    _take_keys(parts)
    return _distinct(parts)


def _files(path: str) -> Iterator[tuple[str, str, int]]:
    """Names below the dataset, paths and sizes."""
    if places.is_address(path):
        from gradcli.tables import remote

        several = [each for each in remote.files(path) if not _is_hidden(each.name)]
        for each in several:
            if len(several) == 1 or format_of(each.name):
                yield each.name, each.address, each.size
        return
    for name, file in _local(path):
        yield name, file, os.path.getsize(file) if os.path.isfile(file) else 0


def _local(path: str) -> Iterator[tuple[str, str]]:
    if os.path.isdir(path):
        yield from _inside(path, path)
        return
    if os.path.exists(path):
        yield os.path.basename(path), path
        return
    root = os.path.dirname(path.split("*", 1)[0].split("?", 1)[0].split("[", 1)[0]) or "."
    for each in sorted(glob.glob(path, recursive=True)):
        if os.path.isfile(each):
            yield os.path.relpath(each, root), each
        elif not path.endswith("**"):  # which matches what is in it, too
            yield from _inside(each, root)


def _inside(folder: str, root: str) -> Iterator[tuple[str, str]]:
    """The tables in a folder and in those in it, with their paths below another."""
    for inner, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            whole = os.path.join(inner, name)
            if not _is_hidden(name) and format_of(name):
                yield os.path.relpath(whole, root), whole


def _is_hidden(name: str) -> bool:
    """Whether a file is about a dataset, and no part of it."""
    return os.path.basename(name).startswith(("_", "."))


def _stem(name: str) -> str:
    """A file name without the endings that tell its format."""
    for ending in (*COMPRESSED, *ENDINGS):
        if name.lower().endswith(f".{ending}"):
            return _stem(name[: -len(ending) - 1]) if ending in COMPRESSED else name[: -len(ending) - 1]
    return name


def _below_keys(name: str, file: str) -> str:
    """The name of a file with the folders directly above that name columns: a shell that takes a pattern
    apart gives files one by one, and somebody may want one partition.
    """
    path = unquote(urlsplit(file).path) if places.is_address(file) else file
    above = path[: len(path) - len(name)].rstrip("/").split("/")
    while above and "=" in above[-1]:
        name = f"{above.pop()}/{name}"
    return name


def _take_keys(parts: Sequence[Part]) -> None:
    """Gives parts the columns that their folders name, each of one type for all of them."""
    found = [dict(_keys(part.name)) for part in parts]
    values: dict[str, dict[str | None, Any]] = {}
    for keys in found:
        for key, text in keys.items():
            values.setdefault(key, {})[text] = None
    for known in values.values():
        known.update(zip(known, _typed(pa.array(known, pa.string())), strict=True))
    for part, keys in zip(parts, found, strict=True):
        part.keys = tuple([(key, values[key][text]) for key, text in keys.items()])


def _keys(name: str) -> Iterator[tuple[str, str | None]]:
    for folder in name.split("/")[:-1]:
        key, equals, value = folder.partition("=")
        if equals:
            yield key, None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)


def _typed(texts: pa.Array) -> pa.Array:
    for type_ in (pa.int32(), pa.int64(), pa.float64()):
        with suppress(pa.ArrowException):
            return texts.cast(type_)
    return texts


def _distinct(parts: list[Part]) -> list[Part]:
    """Parts of the same name get a number, which makes it no other's name."""
    taken = {part.name for part in parts}
    count: dict[str, int] = {}
    for part in parts:
        given = part.name
        while given in count and part.name in taken:
            count[given] += 1
            part.name = f"{given}-{count[given]}"
        taken.add(part.name)
        count.setdefault(part.name, 1)
    return parts


def refuse_own_input(written: Iterable[str], parts: Sequence[Part]) -> None:
    """Raises `io` if a file that is to be written is one that is read."""
    read = {_identity(part.path) for part in parts}
    for path in written:
        if _identity(path) in read:
            raise GradcliError("io", f"cannot write {places.shown(path)}: it is read")


def _identity(path: str) -> object:
    """What tells a file from others, whatever names it has."""
    if not places.is_address(path):
        with suppress(OSError):
            found = os.stat(path)
            if stat.S_ISREG(found.st_mode):
                return (found.st_dev, found.st_ino)
    return path


def split(parts: Sequence[Part]) -> list[Part]:
    """Large files of Parquet as several parts, cut between row groups."""
    found: list[Part] = []
    for part in parts:
        elsewhere = places.is_address(part.path)
        if part.format != "parquet" or (elsewhere and part.size < LARGE):
            found.append(part)
            continue
        import pyarrow.parquet

        known = None
        with suppress(GradcliError), failures(part.said):  # it will fail by itself, and no other with it
            known = pyarrow.parquet.ParquetFile(places.opened(part.path, whole=True)).metadata
        if known is None or known.num_rows <= PART_ROWS:
            found.append(part)
            continue
        groups: list[int] = []
        count = 0
        for group in range(known.num_row_groups):
            groups.append(group)
            count += known.row_group(group).num_rows
            if count >= PART_ROWS or group == known.num_row_groups - 1:
                number = len([each for each in found if each.path == part.path])
                share = part.size * count // known.num_rows
                name = f"{part.name}-{number:05}"
                found.append(Part(name, part.path, part.format, tuple(groups), part.keys, share))
                groups, count = [], 0
    return _distinct(found)
