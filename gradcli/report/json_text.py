"""An evaluation as one JSON object on one line, valid JSON whatever the numbers.

The command line writes it for `--format json` and, a line for each program, `ndjson`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradcli.derivatives.kinds import KINDS
from gradcli.derivatives.sparse import Sparse
from gradcli.report.look import Look
from gradcli.text.numbers import json_numbers

if TYPE_CHECKING:
    from gradcli.report.result import Node, Result

_encoded = json.JSONEncoder(allow_nan=False).encode  # `json.dumps` makes an encoder for each call


def write(result: Result, look: Look) -> str:
    """The success object as the formats `json` and `ndjson` of the command line."""
    return json_text(result, look.source, precision=look.precision)


def json_text(result: Result, source: str, *, precision: int | None = None) -> str:
    """The success object, ended by a newline. `source` is where the program came from: `<arg 1>`, a path."""
    return _encoded(json_object(result, source, precision=precision)) + "\n"


def json_object(result: Result, source: str, *, precision: int | None = None) -> dict[str, Any]:
    """The success object as plain data. Parts that weren't asked for have no key."""
    answer: dict[str, Any] = {"ok": True, "source": source, "roots": list(result.roots)}
    answer["values"] = _numbers(result.values, precision)
    if result.grads is not None:
        answer["grads"] = _numbers(result.grads, precision)
    for kind in KINDS:
        content = getattr(result, kind.part)
        if content is not None:
            answer[kind.part] = _numbers(content, precision)
    answer["nodes"] = {name: _node(node) for name, node in result.nodes.items()}
    answer["printed"] = list(result.printed)
    if result.notes:
        answer["notes"] = list(result.notes)
    return answer


def _numbers(content: Any, precision: int | None) -> Any:
    """Mappings and lists of arrays, as deep as they are, with JSON's numbers for the arrays."""
    if type(content) is Sparse:
        content = content.parts()
    if isinstance(content, Mapping):
        return {name: _numbers(item, precision) for name, item in content.items()}
    if isinstance(content, list | tuple):
        return [_numbers(item, precision) for item in content]
    return json_numbers(content, precision)


def _node(node: Node) -> dict[str, Any]:
    return {
        "shape": list(node.shape),
        "dtype": node.dtype,
        "requires_grad": node.requires_grad,
        "is_leaf": node.is_leaf,
        "grad_fn": node.grad_fn,
    }
