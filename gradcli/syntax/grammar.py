"""Where the grammar is, and whether it is the one that the committed tables were made from."""

from __future__ import annotations

import os

_PRIME = 2**31 - 1


def grammar_path() -> str:
    """Inside the package once installed, beside the package in a checkout."""
    package = os.path.dirname(os.path.dirname(__file__))
    installed = os.path.join(package, "grammar", "gradcli.lark")
    beside = os.path.join(os.path.dirname(package), "grammar", "gradcli.lark")
    return installed if os.path.exists(installed) else beside


def digest(grammar: bytes) -> int:
    """A number that changes with the grammar, whatever its line endings."""
    return int.from_bytes(grammar.replace(b"\r\n", b"\n"), "big") % _PRIME
