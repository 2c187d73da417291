"""An evaluation as one JSON object on one line, valid JSON whatever the numbers.

The command line writes it for `--format json` and, a line for each program, `ndjson`. Large arrays become
text piece by piece, since it and its numbers need many times the memory of the array.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.derivatives.kinds import KINDS
from gradcli.derivatives.sparse import Sparse
from gradcli.report.look import Look
from gradcli.text.numbers import PIECE, json_numbers

if TYPE_CHECKING:
    from gradcli.report.result import Result, TensorFacts

_encoded = json.JSONEncoder(allow_nan=False).encode  # `json.dumps` makes an encoder for each call


def write(result: Result, look: Look) -> Iterator[str]:
    """The success object as the formats `json` and `ndjson` of the command line."""
    return json_pieces(result, look.source, precision=look.precision)


def json_text(result: Result, source: str, *, precision: int | None = None) -> str:
    """The success object, ended by a newline. `source` is where the program came from: `<arg 1>`, a path."""
    return "".join(json_pieces(result, source, precision=precision))


def json_pieces(result: Result, source: str, *, precision: int | None = None) -> Iterator[str]:
    """`json_text` in pieces; everything is computed before the first."""
    numbers = _Numbers(precision)
    whole = _encoded(_object(result, source, numbers)) + "\n"
    if not numbers.large:
        return iter((whole,))
    # Where a large array belongs stands a text that nobody can have chosen.
    text, *rest = re.split(f'"{numbers.mark}([0-9]+)"', whole)
    return _filled(text, rest, numbers)


def _filled(text: str, rest: list[str], numbers: _Numbers) -> Iterator[str]:
    yield text
    for number, after in zip(rest[::2], rest[1::2], strict=True):
        yield from _pieces(numbers.large[int(number)], numbers.precision)
        yield after


def _pieces(array: np.ndarray[Any, Any], precision: int | None) -> Iterator[str]:
    """A large array, some rows at a time."""
    if _weight(array.shape) <= PIECE:
        yield _encoded(json_numbers(array, precision))
        return
    yield "["
    step = max(1, PIECE // _weight(array.shape[1:]))
    for start in range(0, len(array), step):
        if start:
            yield ", "
        if step > 1:
            yield _encoded(json_numbers(array[start : start + step], precision))[1:-1]
        else:
            yield from _pieces(array[start], precision)
    yield "]"


def _weight(shape: tuple[int, ...]) -> int:
    """How many numbers and empty rows are written for an array."""
    return prod(shape[: shape.index(0)] if 0 in shape else shape)


class _Numbers:
    """JSON's numbers for arrays.

    Attributes:
        large: the arrays in whose place a text stands, `mark` and their number.
    """

    def __init__(self, precision: int | None) -> None:
        self.precision = precision
        self.mark = ""
        self.large: list[np.ndarray[Any, Any]] = []

    def of(self, content: Any) -> Any:
        """Mappings and lists of arrays, as deep as they are, with numbers for the arrays."""
        if type(content) is Sparse:
            content = content.parts()
        if isinstance(content, Mapping):
            return {name: self.of(item) for name, item in content.items()}
        if isinstance(content, list | tuple):
            return [self.of(item) for item in content]
        if isinstance(content, np.ndarray) and content.ndim and _weight(content.shape) > PIECE:
            self.mark = self.mark or os.urandom(16).hex()
            self.large.append(content)
            return f"{self.mark}{len(self.large) - 1}"
        return json_numbers(content, self.precision)


def _object(result: Result, source: str, numbers: _Numbers) -> dict[str, Any]:
    """The success object as plain data. Parts that weren't asked for have no key."""
    answer: dict[str, Any] = {"ok": True, "source": source, "roots": list(result.roots)}
    answer["values"] = numbers.of(result.values)
    instead = ("derivatives", *[kind.part for kind in KINDS if kind.any_root])
    if result.grads or not any(getattr(result, part) for part in instead):
        answer["grads"] = numbers.of(result.grads)
    if result.derivatives:
        answer["derivatives"] = numbers.of(result.derivatives)
    for kind in KINDS:
        content = getattr(result, kind.part)
        if content:
            answer[kind.part] = numbers.of(content)
    answer["nodes"] = {name: _node(node) for name, node in result.nodes.items()}
    answer["printed"] = list(result.printed)
    if result.notes:
        answer["notes"] = list(result.notes)
    return answer


def _node(node: TensorFacts) -> dict[str, Any]:
    return {
        "shape": list(node.shape),
        "dtype": node.dtype,
        "requires_grad": node.requires_grad,
        "is_leaf": node.is_leaf,
        "grad_fn": node.grad_fn,
    }
