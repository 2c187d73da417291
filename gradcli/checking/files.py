"""What is checked: the `.grad` files of a folder, and what the first comment lines of a program say of it.

    # expect-error: graph-freed
    # inputs: x=1, w=[1,2]
    # no-gradients: it only shows shapes

`gradcli.cli.check` and the pytest plugin call this. Nothing here imports NumPy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradcli.errors import EXIT_STATUS, GradcliError, suggestion
from gradcli.syntax.names import normal_name

SUFFIX = ".grad"
WRONG_GRADIENT = "wrong-gradient"
"""What `# expect-error:` says of a program whose gradient is no derivative on purpose."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a program says of itself.

    Attributes:
        expected: the code of the error that it must fail with, or None.
        inputs: default bindings, as texts of the language.
        no_gradients: why nothing in it is differentiated, where that is meant; None where it isn't.
    """

    expected: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    no_gradients: str | None = None


def grad_files(folder: str) -> Iterator[str]:
    """The paths of all `.grad` files in a folder and those below it, in order."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(files):
            if name.endswith(SUFFIX):
                yield os.path.join(place, name)


def header(text: str) -> Header:
    """Reads the first comment lines.

    Raises:
        GradcliError: `bad-argument` for a code or a binding that is none, with its place.
    """
    expected: str | None = None
    inputs: dict[str, str] = {}
    no_gradients: str | None = None
    start = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            break
        span = (start + line.find("#"), start + len(line.rstrip()))
        start += len(line)
        key, colon, value = stripped.lstrip("#").strip().partition(":")
        value = value.strip()
        if not colon:
            continue
        if key == "expect-error":
            expected = _code(value, span)
        elif key == "inputs":
            inputs.update(_bindings(value, span))
        elif key == "no-gradients":
            no_gradients = value
    return Header(expected, inputs, no_gradients)


def _code(value: str, span: tuple[int, int]) -> str:
    known = [*EXIT_STATUS, WRONG_GRADIENT]
    if value not in known:
        raise GradcliError(
            "bad-argument",
            f"expect-error: there is no error {value!r}",
            span=span,
            hint=suggestion(value, known) or f"one of {', '.join(known)}",
        )
    return value


def _bindings(value: str, span: tuple[int, int]) -> dict[str, str]:
    found = {}
    for part in _parts(value):
        name, equals, expression = part.partition("=")
        name, expression = normal_name(name.strip()), expression.strip()
        if not equals or not name.isidentifier() or not expression:
            raise GradcliError(
                "bad-argument",
                f"inputs: {part.strip()!r} is not NAME=VALUE",
                span=span,
                hint="as in  # inputs: x=1, w=[1,2]",
            )
        found[name] = expression
    return found


def _parts(value: str) -> Iterator[str]:
    """Pieces between commas that stand in no brackets."""
    depth, start = 0, 0
    for at, character in enumerate(value):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            yield value[start:at]
            start = at + 1
    if value[start:].strip():
        yield value[start:]
