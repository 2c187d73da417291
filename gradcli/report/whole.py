"""Files that are there as a whole or not at all: written beside their place, then renamed.

Used for the reports and arrays that go into files, so that a run that is killed leaves no half of one.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO


def check_writable(path: str) -> None:
    """Tells before a long run that its report could not be written.

    Raises:
        GradcliError: `io`.
    """
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise GradcliError("io", f"cannot write {path}: there is no folder {folder}")
    if os.path.isdir(path) or not os.access(folder, os.W_OK):
        raise GradcliError(
            "io", f"cannot write {path}: {'it is a folder' if os.path.isdir(path) else 'no permission'}"
        )


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
    beside = None
    try:
        handle, beside = tempfile.mkstemp(dir=os.path.dirname(path) or ".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(beside, 0o666 & ~mask)  # a temporary file is made for its owner alone
        os.replace(beside, path)
        beside = None
    except OSError as error:
        raise GradcliError("io", f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if beside is not None:
            os.unlink(beside)
