"""`json.dumps` and `json.loads`: values as texts, and back. Files are not written or read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.values.formatting import type_name
from gradcli.values.objects import Instance
from gradcli.values.operators import whole
from gradcli.values.values import NUMBERS, Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _plain(runtime: Runtime, value: Any, default: Any, span: Span, depth: int = 0) -> Any:
    """A value as what JSON has a text for."""
    runtime.limits.step(span)
    if depth > _DEEP:
        raise failure("ValueError", "Circular reference detected", span)
    if value is None or type(value) in (*NUMBERS, str):
        return value
    if isinstance(value, dict):
        for key in value:
            if key is not None and type(key) not in (*NUMBERS, str):
                message = f"keys must be str, int, float, bool or None, not {type_name(key)}"
                raise failure("TypeError", message, span)
        return {key: _plain(runtime, each, default, span, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(runtime, each, default, span, depth + 1) for each in value]
    if type(value) is Instance and value.cls.find("_fields"):  # a named tuple
        items = runtime.special(value, "__iter__", span)
        return [_plain(runtime, each, default, span, depth + 1) for each in items]
    if default is None:
        raise failure("TypeError", f"Object of type {type_name(value)} is not JSON serializable", span)
    return _plain(runtime, runtime.call(default, (value,), {}, span), default, span, depth + 1)


_DEEP = 200


def _dumps(
    runtime: Runtime,
    span: Span,
    obj: Any,
    *,
    indent: Any = None,
    sort_keys: Any = False,
    separators: Any = None,
    ensure_ascii: Any = True,
    default: Any = None,
) -> str:
    given = _plain(runtime, obj, default, span)
    try:
        return json.dumps(
            given,
            indent=indent,
            sort_keys=bool(sort_keys),
            separators=separators,
            ensure_ascii=bool(ensure_ascii),
        )
    except (TypeError, ValueError) as error:
        raise failure("TypeError", str(error), span) from None


def _loads(runtime: Runtime, span: Span, s: Any) -> Any:
    if type(s) is not str:
        message = f"the JSON object must be str, bytes or bytearray, not {type_name(s)}"
        raise failure("TypeError", message, span)
    runtime.limits.room(len(s), span, "text", 100)
    try:
        return json.loads(s, parse_int=lambda digits: whole(int(digits), span))
    except json.JSONDecodeError as error:
        raise failure("ValueError", str(error), span) from None
    except RecursionError:
        raise GradcliError("limit", "this JSON nests too deep", span=span) from None


JSON: dict[str, Any] = {"dumps": Builtin("dumps", _dumps), "loads": Builtin("loads", _loads)}
"""What `json` has."""
