"""Files that are there as a whole or not at all: written beside their place, then renamed.

Used for the reports and arrays that go into files, so that a run that is killed leaves no half of one. What
is no regular file (a device, a FIFO, `/dev/stdout`, a shell's `>(...)`) is written into as it is; links are
followed, and a file that was there keeps its mode.
"""

from __future__ import annotations

import os
import stat
import sys
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.machine import holds_descriptors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType
    from typing import Any, BinaryIO

_LONGEST = 200
"""Bytes of a name that leave room for more."""
_MOST_LINKS = 40
"""As many links as the system itself follows."""


def check_writable(path: str) -> None:
    """Tells before a long run that its report could not be written.

    Raises:
        GradcliError: `io`.
    """
    if _descriptor(path) is not None:
        return
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    if os.path.isdir(path):
        problem = "it is a folder"
    elif not os.path.isdir(folder):
        problem = f"there is no folder {os.path.dirname(path) or folder}"
    elif not os.access(target if os.path.exists(target) else folder, os.W_OK):
        problem = "no permission"
    else:
        return
    raise GradcliError("io", f"cannot write {path}: {problem}")


def write_whole(path: str, text: str) -> None:
    """Writes a text file.

    Raises:
        GradcliError: `io`, when it cannot be written.
    """
    fill_whole(path, lambda file: file.write(text.encode("utf-8", "backslashreplace")))


def fill_whole(path: str, fill: Callable[[BinaryIO], object]) -> None:
    """Makes a file of what `fill` writes into the open file that it is given.

    Raises:
        GradcliError: `io`, when it cannot be written.
    """
    try:
        descriptor = _descriptor(path)
        if descriptor is not None:
            # What went there before stands before it.
            sys.stdout.flush()
            _fill(os.dup(descriptor), fill)
        elif os.path.exists(path) and not os.path.isfile(path):
            _fill(path, fill)
        else:
            _replace(os.path.realpath(path), fill)
    except OSError as error:
        raise GradcliError("io", f"cannot write {path}: {error.strerror or error}") from None


def _fill(target: str | int, fill: Callable[[BinaryIO], object]) -> None:
    with open(target, "wb") as file:
        fill(file)


def _descriptor(path: str) -> int | None:
    """The open file that a path such as `/dev/stdout` or `/dev/fd/63` stands for, by its number.

    It is not opened again: what is a regular file behind it would be cut off, and a socket cannot be.
    """
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(path)
        if name.isdecimal() and folder and holds_descriptors(folder):
            return int(name)
        try:
            path = os.path.join(folder, os.readlink(path))
        except OSError:
            return None
    return None


def _replace(path: str, fill: Callable[[BinaryIO], object]) -> None:
    """Writes beside a regular file, or beside where one will be, then puts it in its place."""
    folder = os.path.dirname(path)
    mode = _mode(path)
    if mode is not None and not os.access(folder, os.W_OK):
        # The folder is closed to us, the file in it is not.
        _fill(path, fill)
        return
    beside = f"{_beside(path)}{os.urandom(8).hex()}.part"
    with cleared_by_signals():
        try:
            with open(beside, "xb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                os.chmod(beside, mode)
            os.replace(beside, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)


def _beside(path: str) -> str:
    """How the names begin of files that are to become this one."""
    name = os.path.basename(path)
    if len(os.fsencode(name)) > _LONGEST:
        name = f"{zlib.crc32(os.fsencode(name)):08x}"
    return os.path.join(os.path.dirname(path), f".{name}.")


def forget_attempts(paths: Iterable[str]) -> None:
    """Removes what processes that were killed have left of files that nobody writes any more."""
    beginnings: dict[str, set[str]] = {}
    for path in paths:
        folder, name = os.path.split(_beside(os.path.realpath(path)))
        beginnings.setdefault(folder, set()).add(name)
    for folder, names in beginnings.items():
        with suppress(OSError), os.scandir(folder) as found:
            for each in found:
                if each.name.endswith(".part") and each.name[: -len(_ATTEMPT)] in names:
                    with suppress(OSError):
                        os.unlink(each.path)


_ATTEMPT = "0123456789abcdef.part"
"""How the names of such files end."""


def _mode(path: str) -> int | None:
    """The permissions of a file that is there already and may be written.

    Raises:
        PermissionError: it may not.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    if not os.access(path, os.W_OK):
        raise PermissionError(13, os.strerror(13))
    return stat.S_IMODE(found.st_mode)


class _Ended(BaseException):
    """A signal that ends the process came."""


@contextmanager
def cleared_by_signals() -> Iterator[None]:
    """Lets what is inside clean up when the process is told to end, which then ends by that signal."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ending = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    watched = [number for number in ending if signal.getsignal(number) is signal.SIG_DFL]
    came: list[int] = []

    def end(number: int, _: FrameType | None) -> Any:
        came.append(number)
        for each in watched:  # what cleans up is not to be disturbed
            signal.signal(each, signal.SIG_IGN)
        raise _Ended

    for number in watched:
        signal.signal(number, end)
    try:
        yield
    except _Ended:
        pass
    finally:
        for number in watched:
            signal.signal(number, signal.SIG_DFL)
        if came:
            os.kill(os.getpid(), came[0])
