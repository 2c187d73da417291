"""Addresses as texts: what is one, how it is shown, what lies below it."""

from __future__ import annotations

import os
from urllib.parse import quote, urlsplit, urlunsplit

SAFE = "/=:@,+~!$&'()"
"""What stands in an address as it is."""


def is_address(path: str) -> bool:
    """Whether a path is no file of this machine."""
    return "://" in path


def local(path: str) -> str:
    """The path that `file://` stands for; other paths and addresses as they are."""
    if not path.startswith("file:///"):
        return path
    from urllib.request import url2pathname

    return url2pathname(urlsplit(path).path)


def shown(path: str) -> str:
    """An address as messages have it: without passwords and without what stands behind a question mark."""
    if not is_address(path):
        return path
    parts = urlsplit(path)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def joined(folder: str, name: str) -> str:
    """A file of a folder, or of an address that is one."""
    if not is_address(folder):
        return os.path.join(folder, name)
    parts = urlsplit(folder)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{quote(name, safe=SAFE)}"))
