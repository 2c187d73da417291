"""What there is to read: paths, patterns, folders and addresses as parts, each computed by itself."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.tables.pieces import failures
from gradcli.tables.reading import COMPRESSED, ENDINGS, format_of

PART_ROWS = 4_000_000
"""A file of Parquet with more rows than these is several parts."""


class Part(Record):
    """What is read at a time.

    Attributes:
        name: its path below the dataset, without an ending.
        path: the file, or its address.
        format: one of `reading.FORMATS`.
        groups: of Parquet, the row groups.
        keys: the columns that the folders name (`day=1`), with their values, Arrow scalars.
    """

    name: str
    path: str
    format: str
    groups: tuple[int, ...] | None = None
    keys: tuple[tuple[str, Any], ...] = ()


def found_parts(paths: Sequence[str], format: str | None) -> list[Part]:
    """All files that paths, patterns, folders and addresses stand for, in order.

    Raises:
        GradcliError: `io`: there is none, or the format of one is not known.
    """
    parts: list[Part] = []
    for path in paths:
        files = list(_files(path))
        if not files:
            raise GradcliError("io", f"cannot read {path}: there is no such file")
        for name, file in files:
            kind = format or format_of(file)
            if kind is None:
                raise GradcliError(
                    "io",
                    f"cannot tell the format of {file}",
                    hint="--from csv, tsv, ndjson, json, parquet, arrow",
                )
            parts.append(Part(name, file, kind, None, tuple(_keys(name))))
    return _distinct(parts)


def _files(path: str) -> Iterator[tuple[str, str]]:
    """Names below the dataset and paths."""
    if "://" in path:
        yield from _remote(path)
        return
    if os.path.isdir(path):
        for folder, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                if not name.startswith(("_", ".")) and format_of(name):
                    whole = os.path.join(folder, name)
                    yield _stem(os.path.relpath(whole, path)), whole
        return
    if os.path.exists(path):
        yield _stem(os.path.basename(path)), path
        return
    base = path.split("*", 1)[0].split("?", 1)[0].split("[", 1)[0]
    root = os.path.dirname(base)
    for each in sorted(glob.glob(path, recursive=True)):
        if os.path.isfile(each):
            yield _stem(os.path.relpath(each, root or ".")), each


def _remote(address: str) -> Iterator[tuple[str, str]]:
    from pyarrow import fs

    with failures(address):
        scheme = urlsplit(address).scheme
        plain = address.split("*", 1)[0]
        system, path = fs.FileSystem.from_uri(plain if "*" not in address else plain.rsplit("/", 1)[0])
        info = system.get_file_info(path)
        if info.type == fs.FileType.File:
            yield _stem(os.path.basename(path)), address
            return
        pattern = address.split("://", 1)[1]
        import fnmatch

        for each in sorted(
            system.get_file_info(fs.FileSelector(path, recursive=True)), key=lambda one: one.path
        ):
            if each.type == fs.FileType.File and (
                fnmatch.fnmatch(each.path, pattern) if "*" in address else format_of(each.path)
            ):
                yield _stem(os.path.relpath(each.path, path)), f"{scheme}://{each.path}"


def _stem(name: str) -> str:
    """A file name without the endings that tell its format."""
    for ending in (*COMPRESSED, *ENDINGS):
        if name.lower().endswith(f".{ending}"):
            return _stem(name[: -len(ending) - 1]) if ending in COMPRESSED else name[: -len(ending) - 1]
    return name


def _keys(name: str) -> Iterator[tuple[str, Any]]:
    for folder in name.split("/")[:-1]:
        key, equals, value = folder.partition("=")
        if equals:
            yield key, _typed(unquote(value))


def _typed(text: str) -> Any:
    for type_ in (pa.int32(), pa.int64(), pa.float64()):
        with suppress(pa.ArrowException):
            return pa.scalar(text).cast(type_)
    return pa.scalar(None if text == "__HIVE_DEFAULT_PARTITION__" else text, pa.string())


def _distinct(parts: list[Part]) -> list[Part]:
    """Parts of the same name get a number."""
    seen: dict[str, int] = {}
    for part in parts:
        count = seen[part.name] = seen.get(part.name, 0) + 1
        if count > 1:
            part.name = f"{part.name}-{count}"
    return parts


def refuse_own_input(path: str, parts: Sequence[Part]) -> None:
    """Raises `io` if a file that is to be written is one that is read."""
    for part in parts:
        with suppress(OSError):
            if os.path.isfile(path) and os.path.samefile(path, part.path):
                raise GradcliError("io", f"cannot write {path}: it is read")


def split(parts: Sequence[Part]) -> list[Part]:
    """Large files of Parquet as several parts, cut between row groups."""
    found: list[Part] = []
    for part in parts:
        if part.format != "parquet" or "://" in part.path:
            found.append(part)
            continue
        with failures(part.path):
            import pyarrow.parquet

            known = pyarrow.parquet.ParquetFile(part.path).metadata
        if known.num_rows <= PART_ROWS:
            found.append(part)
            continue
        groups: list[int] = []
        count = 0
        for group in range(known.num_row_groups):
            groups.append(group)
            count += known.row_group(group).num_rows
            if count >= PART_ROWS or group == known.num_row_groups - 1:
                number = len([each for each in found if each.path == part.path])
                found.append(
                    Part(f"{part.name}-{number:05}", part.path, part.format, tuple(groups), part.keys)
                )
                groups, count = [], 0
    return found
