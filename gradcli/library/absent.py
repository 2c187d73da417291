"""Modules that are not here: a script may import one, and is told so where it uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.values.values import Namespace

if TYPE_CHECKING:
    from gradcli.errors import Span


def absent(path: str) -> Namespace:
    """What an import binds that finds nothing."""
    return Namespace(path, {}, functions=False, absent=True)


def refusal(namespace: Namespace, span: Span) -> GradcliError:
    """What is said where it is used."""
    return GradcliError(
        "unknown-name",
        f"there is no module {namespace.path} here",
        span=span,
        hint="a program can import torch, numpy and math; all functions are also there without an import",
    )
