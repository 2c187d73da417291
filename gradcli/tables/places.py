"""Where tables are: a path of this machine (`file://` is one), or an address, which `remote` reaches."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from gradcli.report import whole
from gradcli.tables.addresses import is_address, joined, local, shown

__all__ = [
    "check_writable",
    "delete",
    "existing",
    "exists",
    "fill",
    "is_address",
    "is_folder",
    "joined",
    "local",
    "opened",
    "shown",
]


def exists(path: str) -> bool:
    """Whether there is such a file."""
    if not is_address(path):
        return os.path.exists(path)
    from gradcli.tables import remote

    return remote.exists(path)


def existing(folder: str, paths: Sequence[str]) -> Iterator[str]:
    """Those of the files in a folder that are there."""
    if not is_address(folder):
        yield from filter(os.path.exists, paths)
        return
    from gradcli.tables import remote

    there = {each.address for each in remote.files(folder)}  # one question for all of them
    yield from [path for path in paths if path in there]


def delete(path: str) -> None:
    """Removes a file if it is there and can be removed."""
    if is_address(path):
        from gradcli.tables import remote

        remote.delete(path)
    else:
        with suppress(OSError):
            os.unlink(path)


def is_folder(path: str) -> bool:
    """Whether a path or address is a folder, or is written like one."""
    if not is_address(path):
        return path.endswith("/") or os.path.isdir(path)
    if urlsplit(path).path.endswith("/"):
        return True
    from gradcli.tables import remote

    return remote.is_folder(path)


def opened(path: str, whole: bool = False) -> BinaryIO:
    """Opens a file to read it.

    Args:
        path: where it is.
        whole: it is read here and there, not from its beginning to its end.

    Raises:
        OSError, GradcliError: it cannot be read.
    """
    if is_address(path):
        from gradcli.tables import remote

        return remote.opened(path, whole)
    import pyarrow

    # A pipe gives what it has.
    regular = os.path.isfile(path)
    file: Any = pyarrow.OSFile(path, "rb") if regular else open(path, "rb", buffering=0)  # noqa: SIM115
    return file  # type: ignore[no-any-return]


def fill(path: str, put: Callable[[BinaryIO], object]) -> None:
    """Makes a file of what a function writes; it is there as a whole or not at all.

    Raises:
        GradcliError: `io`.
    """
    if is_address(path):
        from gradcli.tables import remote

        remote.fill(path, put)
    else:

        def fill_it(file: BinaryIO) -> None:
            with _stored_meanwhile(file):
                put(file)

        whole.fill_whole(path, fill_it)


WAIT = 0.05
"""Seconds between two times at which the disk is told to store what a file has."""


@contextmanager
def _stored_meanwhile(file: BinaryIO) -> Iterator[None]:
    """Has what is written into a file stored while more of it is computed: its end waits for little."""
    store = getattr(os, "fdatasync", None)
    if store is None:
        yield
        return
    over = threading.Event()

    def go_on() -> None:
        with suppress(OSError):  # who closes the file tells of it
            while not over.wait(WAIT):
                store(file.fileno())

    thread = threading.Thread(target=go_on, name="gradcli-store", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def check_writable(path: str) -> None:
    """Tells before a long run that nothing can be written there.

    Raises:
        GradcliError: `io`.
    """
    if is_address(path):
        from gradcli.tables import remote

        remote.check_writable(path)
    else:
        whole.check_writable(path)
