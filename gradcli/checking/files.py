"""What is checked: the `.grad` files of a folder, and what the first comment lines of a program say of it.

    # expect-error: graph-freed
    # inputs: x=1, w=[1,2]
    # no-gradients: it only shows shapes
    # claim: dz/dx = 8*x
    # domain: x=0.1:10
    # order: 2
    # rtol: 1e-6
    # prove: yes
    # expect-fail: dz/dw is wrong on purpose

`gradcli.cli.check` and the pytest plugin call this. Nothing here imports NumPy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gradcli.errors import EXIT_STATUS, GradcliError, Span, suggestion
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
        claims: formulas to check.
        places: where each of them stands in the text.
        domains: where inputs lie that have no value; the name None stands for all others.
        order, rtol: as the options of `gradcli check`; None where nothing is said.
        failing: which checks must fail, a label with a remark behind it (see `names`).
        prove: its claims are to be proved for the whole of their domains.
    """

    expected: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    no_gradients: str | None = None
    claims: list[str] = field(default_factory=list)
    places: dict[str, Span] = field(default_factory=dict)
    domains: dict[str | None, tuple[float, float]] = field(default_factory=dict)
    order: int | None = None
    rtol: float | None = None
    failing: list[str] = field(default_factory=list)
    prove: bool = False


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
    found = Header()
    span: Span = (0, 0)
    known = {
        "expect-error": lambda value: replace(found, expected=_code(value)),
        "inputs": lambda value: replace(found, inputs={**found.inputs, **_bindings(value)}),
        "claim": lambda value: replace(
            found, claims=[*found.claims, value], places={**found.places, value: span}
        ),
        "domain": lambda value: replace(found, domains={**found.domains, **dict([domain(value)])}),
        "order": lambda value: replace(found, order=order(value)),
        "rtol": lambda value: replace(found, rtol=tolerance(value)),
        "no-gradients": lambda value: replace(found, no_gradients=value),
        "prove": lambda value: replace(found, prove=_yes(value)),
        "expect-fail": lambda value: replace(found, failing=[*found.failing, _said(value)]),
    }
    start = 0
    for line in text.splitlines(keepends=True):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            break
        span = (start + line.find("#"), start + len(line.rstrip()))
        start += len(line)
        key, colon, value = stripped.lstrip("#").strip().partition(":")
        value = value.strip()
        if not colon or key not in known:
            continue
        try:
            found = known[key](value)
        except GradcliError as error:
            error.span = span
            raise
        except (ValueError, IndexError) as error:
            said = str(error) if value else "it says nothing"
            raise GradcliError("bad-argument", f"{key}: {said}", span=span) from None
    return found


def names(said: str, label: str) -> bool:
    """Whether a line `# expect-fail: said` is about the check of that label, with or without a remark.

    A claim is named by the whole of it, or by its derivative: `dz/dx` is `dz/dx = 4*x`, too.
    """
    said, label = " ".join(said.split()), " ".join(label.split())
    derivative, equals, _ = label.partition(" = ")
    for name in (label, derivative) if equals else (label,):
        rest = said.removeprefix(name)
        if said.startswith(name) and (not rest or (rest[0] in " :;,(" and not rest.startswith(" ="))):
            return True
    return False


def _said(value: str) -> str:
    if not value:
        raise ValueError("it says nothing")
    return value


def domain(text: str) -> tuple[str | None, tuple[float, float]]:
    """`x=0.1:10`, or `0.1:10` for all inputs.

    Raises:
        ValueError: it is neither.
    """
    name, equals, interval = text.partition("=")
    if not equals:
        name, interval = "", text
    if equals and not name.strip().isidentifier():
        raise ValueError(f"{text!r} is not NAME=LOW:HIGH")
    low, colon, high = interval.partition(":")
    try:
        pair = float(low), float(high)
    except ValueError:
        raise ValueError(f"{interval!r} is not a domain such as -3:3") from None
    if not colon or not float("-inf") < pair[0] < pair[1] < float("inf"):
        raise ValueError(f"{interval!r} is not a domain: LOW:HIGH, with LOW below HIGH")
    return normal_name(name.strip()) or None, pair


def order(text: str) -> int:
    """1 or 2.

    Raises:
        ValueError: it is neither.
    """
    if text not in ("1", "2"):
        raise ValueError(f"{text!r} is not 1 or 2; claims check any order: 'd3z/dx3 = …'")
    return int(text)


def tolerance(text: str) -> float:
    """A number from 0 on.

    Raises:
        ValueError: it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text!r} is not a tolerance such as 1e-6")
    return number


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"{text!r} is not yes or no")
    return text == "yes"


def _code(value: str) -> str:
    known = [*EXIT_STATUS, WRONG_GRADIENT]
    if value not in known:
        raise GradcliError(
            "bad-argument",
            f"expect-error: there is no error {value!r}",
            hint=suggestion(value, known) or f"one of {', '.join(known)}",
        )
    return value


def _bindings(value: str) -> dict[str, str]:
    found = {}
    for part in _parts(value):
        name, equals, expression = part.partition("=")
        name, expression = normal_name(name.strip()), expression.strip()
        if not equals or not name.isidentifier() or not expression:
            raise GradcliError(
                "bad-argument",
                f"inputs: {part.strip()!r} is not NAME=VALUE",
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
