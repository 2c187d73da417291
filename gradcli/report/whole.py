"""Files that are there as a whole or not at all: written beside their place, then renamed.

Used for the reports that go into files, so that a run that is killed leaves no half of one.
"""

from __future__ import annotations

import os
import tempfile

from gradcli.errors import GradcliError


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
    beside = None
    try:
        handle, beside = tempfile.mkstemp(dir=os.path.dirname(path) or ".", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
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
