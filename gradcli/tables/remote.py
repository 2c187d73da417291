"""Tables elsewhere: by pyarrow's file systems (`s3://`, `gs://`, `hdfs://`), and fsspec's behind them.

What is written there is a file of this machine first, and goes to its address as a whole.
"""

from __future__ import annotations

import fnmatch
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, BinaryIO
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import pyarrow as pa
from pyarrow import fs

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.tables.addresses import SAFE, shown

PATIENCE = 10
"""Seconds until a machine that does not answer is given up, where a file system would try for minutes."""
WEB = ("http", "https")
AT_ONCE = ("s3", "gs", "gcs")
"""Where a file is there when it has been uploaded and not before; elsewhere it is renamed then."""


class Listed(Record):
    """A file at an address.

    Attributes:
        name: below the folder that was asked for.
        address: for `opened`.
        size: in bytes, 0 if that is not known.
    """

    name: str
    address: str
    size: int


def files(address: str) -> list[Listed]:
    """What an address stands for: a file, those in a folder, those of a pattern (`*`, `[…]`, `**`) in order.

    Raises:
        GradcliError: `io`: it cannot be reached. Without such a file there is none in the list.
    """
    with reached(address):
        parts = urlsplit(address)
        fixed, wild = _cut(parts.path)
        system, base = _located(urlunsplit(parts._replace(path=fixed)))

        web = parts.scheme in WEB

        def found(info: fs.FileInfo) -> Listed:
            name = info.path[len(base) :].lstrip("/")
            # An address of the web is one already.
            path = f"{fixed.rstrip('/')}/{name if web else quote(name, safe=SAFE)}"
            address = urlunsplit(parts._replace(path=path))
            return Listed(unquote(name) if web else name, address, info.size or 0)

        if wild:
            return [found(info) for info in _matching(system, base, wild.split("/"))]
        if web and fixed.endswith("/"):
            return [found(info) for info in _below(system, base)]
        info = _asked(system, base) if web else system.get_file_info(base)
        if info.type == fs.FileType.File:
            return [Listed(os.path.basename(unquote(fixed)), address, info.size or 0)]
        return [found(each) for each in _below(system, base)] if info.type != fs.FileType.NotFound else []


def _asked(system: Any, address: str) -> fs.FileInfo:
    """A file of the web: only what the server does not have is not there."""
    try:
        size = system.handler.fs.info(address).get("size")
    except FileNotFoundError as error:
        if error.__cause__ is None or getattr(error.__cause__, "status", None) in (404, 410):
            return fs.FileInfo(address, fs.FileType.NotFound)
        raise error.__cause__ from None
    return fs.FileInfo(address, fs.FileType.File, size=-1 if size is None else size)


def opened(address: str, whole: bool = False) -> BinaryIO:
    """Opens a file to read it.

    Args:
        address: where it is.
        whole: it is read here and there, not from its beginning to its end.

    Raises:
        GradcliError: `io`.
    """
    with reached(address):
        system, name = _located(address)
        file: Any
        if urlsplit(address).scheme not in WEB:
            file = system.open_input_file(name) if whole else pa.BufferedInputStream(
                system.open_input_stream(name, compression=None), READ
            )  # fmt: skip
            return file  # type: ignore[no-any-return]
        web = system.handler.fs
        if not whole:
            return web.open(name, "rb", block_size=0)  # type: ignore[no-any-return]
        # Not every server gives a part of a file.
        beginning = web.cat_file(name, start=0, end=1)
        file = web.open(name, "rb") if len(beginning) == 1 else pa.BufferReader(beginning)
        return file  # type: ignore[no-any-return]


READ = 16 << 20
"""Bytes that are asked for at once: each time takes a while to be answered."""


def exists(address: str) -> bool:
    """Whether there is such a file."""
    return bool(_kind(address, "read") != fs.FileType.NotFound)


def delete(address: str) -> None:
    """Removes a file if it is there and can be removed."""
    with suppress(OSError):
        system, name = _located(address)
        system.delete_file(name)


def is_folder(address: str) -> bool:
    """Whether it is a folder that is there; asked before something is written."""
    return bool(_kind(address, "write") == fs.FileType.Directory)


def _kind(address: str, verb: str) -> Any:
    with reached(address, verb):
        system, name = _located(address)
        return system.get_file_info(name).type


def check_writable(address: str) -> None:
    """Tells before a long run that nothing can be written at an address.

    Raises:
        GradcliError: `io`.
    """
    with reached(address, "write"):
        if urlsplit(address).scheme in WEB:
            raise GradcliError("io", f"cannot write {shown(address)}: the web is only read")
        system, name = _located(address)
        bucket = name.partition("/")[0]
        if bucket and system.get_file_info(bucket).type == fs.FileType.NotFound:
            raise GradcliError("io", f"cannot write {shown(address)}: there is no bucket {bucket}")


def fill(address: str, put: Callable[[BinaryIO], object]) -> None:
    """Makes a file at an address of what a function writes; it is there as a whole or not at all.

    Raises:
        GradcliError: `io`.
    """
    with tempfile.TemporaryDirectory(prefix="gradcli-") as folder:
        path = os.path.join(folder, "whole")
        try:
            with open(path, "wb") as file:
                put(file)
        except OSError as error:
            raise GradcliError("io", f"cannot write {path}: {error.strerror or error}") from None
        with reached(address, "write"):
            system, name = _located(address)
            scheme = urlsplit(address).scheme
            beside = name if scheme in AT_ONCE else f"{name}.{os.urandom(8).hex()}.part"
            if scheme not in AT_ONCE:
                system.create_dir(os.path.dirname(name), recursive=True)
            # One call: no exception of ours can end it with half of a file, which closing would complete.
            fs.copy_files(path, beside, fs.LocalFileSystem(), system)
            if beside != name:
                system.move(beside, name)


@contextmanager
def reached(address: str, verb: str = "read") -> Iterator[None]:
    """Turns what file systems raise into `io`, on one line."""
    try:
        yield
    except GradcliError:
        raise
    except Exception as error:  # each has errors of its own
        said = " ".join(f"{error}".split()) or type(error).__name__
        hint = next((hint for word, hint in HINTS if word.search(said)), None)
        raise GradcliError("io", f"cannot {verb} {shown(address)}: {said[:300]}", hint=hint) from None


HINTS = (
    (
        re.compile("ACCESS_DENIED|INVALID_ACCESS_KEY|SIGNATURE|CREDENTIALS|Could not create a OAuth2|40[13]"),
        "credentials are those that the environment and the files of the service's own tools give",
    ),
    (re.compile("NETWORK_CONNECTION|[Cc]onnect|resolve host"), "is the network there, and the name right?"),
    (re.compile("libhdfs|libjvm"), "hdfs:// needs Java and Hadoop: JAVA_HOME, HADOOP_HOME, CLASSPATH"),
    (re.compile("aiohttp"), "pip install 'fsspec[http]'"),
)


def _located(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    parts = urlsplit(address)
    if parts.scheme in OWN:
        system, root = _system(parts.scheme, parts.netloc, parts.query)
        return system, f"{root.rstrip('/')}/{unquote(parts.path).strip('/')}".rstrip("/") or "/"
    try:
        import fsspec.core  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise GradcliError(
            "io", f"cannot read {shown(address)}: {parts.scheme}:// needs fsspec", hint="pip install fsspec"
        ) from None
    if parts.scheme not in WEB:
        system, path = fsspec.core.url_to_fs(address)
        return fs.PyFileSystem(fs.FSSpecHandler(system)), path
    import aiohttp  # type: ignore[import-not-found,unused-ignore]

    patience = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE, sock_read=3 * PATIENCE)
    system = fsspec.filesystem(parts.scheme, client_kwargs={"timeout": patience, "trust_env": True})
    return fs.PyFileSystem(fs.FSSpecHandler(system)), address


OWN = ("s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss")
"""What pyarrow itself reaches."""


@lru_cache(64)
def _system(scheme: str, host: str, query: str) -> tuple[Any, str]:
    """A file system of pyarrow's and where its files begin; connected to once for all parts."""
    if scheme in ("gs", "gcs") and "retry_limit_seconds" not in query:
        query = "&".join([*filter(None, [query]), f"retry_limit_seconds={PATIENCE}"])
    if scheme == "s3" and "region=" not in query and os.environ.get("AWS_ENDPOINT_URL"):
        # It would be asked for at Amazon's, of a bucket that is elsewhere.
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        query = "&".join([*filter(None, [query]), f"region={region}"])
    found: tuple[Any, str] = fs.FileSystem.from_uri(urlunsplit((scheme, host, "/", query, "")))
    return found


# ---- patterns --------------------------------------------------------------------------------------


def _cut(path: str) -> tuple[str, str]:
    """A path up to the last folder before any sign of patterns, and the rest; all of it without one."""
    sign = re.search(r"[*\[]", path)
    if sign is None:
        return path, ""
    start = path.rfind("/", 0, sign.start()) + 1
    return path[:start], path[start:]


def _listed(system: Any, folder: str, deep: bool = False) -> list[Any]:
    found = system.get_file_info(fs.FileSelector(folder, allow_not_found=True, recursive=deep))
    return sorted(found, key=lambda info: info.path)


def _below(system: Any, folder: str) -> Iterator[Any]:
    """All files in a folder and in those in it."""
    for info in _listed(system, folder, deep=True):
        if info.type == fs.FileType.File:
            yield info


def _matching(system: Any, folder: str, pattern: list[str]) -> Iterator[Any]:
    """The files that the parts of a pattern fit, folder by folder: no other is listed."""
    first, *rest = pattern
    if first == "**":
        if rest:
            yield from _matching(system, folder, rest)
        for info in _listed(system, folder):
            if info.type == fs.FileType.Directory:
                yield from _matching(system, info.path, pattern)
            elif not rest:
                yield info
    elif not re.search(r"[*\[]", first):
        path = f"{folder}/{unquote(first)}"
        if rest:
            yield from _matching(system, path, rest)
        else:
            yield from _those(system, system.get_file_info(path))
    else:
        for info in _listed(system, folder):
            name = os.path.basename(info.path.rstrip("/"))
            if "://" in info.path:
                name = unquote(name)
            if not fnmatch.fnmatchcase(name, first) or (name.startswith(".") and not first.startswith(".")):
                continue
            if not rest:
                yield from _those(system, info)
            elif info.type == fs.FileType.Directory:
                yield from _matching(system, info.path, rest)


def _those(system: Any, info: Any) -> Iterator[Any]:
    """A file, or those of a folder."""
    if info.type == fs.FileType.File:
        yield info
    elif info.type == fs.FileType.Directory:
        yield from _below(system, info.path)
