"""What passed before: a file for each program, named after everything that its verdict depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import Any

from gradcli.checking.results import PASS, Check, Report
from gradcli.checking.runner import Checker
from gradcli.errors import GradcliError

BESIDES = ("name", "threads", "unused_inputs", "write")
"""Options that no verdict depends on."""


def cached(
    folder: str, checker: Checker, version: str, name: str, text: str, check: Callable[[], Report]
) -> Report:
    """The report of a program, without checking it if it passed before.

    Args:
        folder: where files are kept; it is made.
        checker: what is checked, and how.
        version: of gradcli.
        name, text: of the program.
        check: checks it.
    """
    path = os.path.join(folder, _identity(checker, version, text))
    if os.path.exists(path):
        return Report(name, [Check("program", "cached", PASS, "unchanged since it passed")])
    report = check()
    if report.ok:
        try:
            os.makedirs(folder, exist_ok=True)
            with open(path, "x"):
                pass
        except FileExistsError:
            pass
        except OSError as error:
            problem = GradcliError("io", f"cannot write {path}: {error.strerror or error}")
            with suppress(AttributeError):
                report.diagnostic += f"note: {problem.message}\n"
    return report


def _identity(checker: Checker, version: str, text: str) -> str:
    settings = [
        (each.name, getattr(checker, each.name)) for each in fields(checker) if each.name != "options"
    ]
    options = sorted(
        (name, _said(value)) for name, value in vars(checker.options).items() if name not in BESIDES
    )
    return hashlib.sha256(repr((version, text, settings, options)).encode()).hexdigest()


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return repr({name: _said(each) for name, each in value.items()})
    if hasattr(value, "tobytes"):
        return repr((value.dtype, value.shape, hashlib.sha256(value.tobytes()).hexdigest()))
    return repr(getattr(value, "text", value))
