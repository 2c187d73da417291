"""`json.dumps` and `json.loads`: values as texts, and back. Files are not written or read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.enumerations import value_of
from gradcli.limits import MOST_ITEMS
from gradcli.values.formatting import type_name
from gradcli.values.objects import EXCEPTIONS, ClassValue, Distinct, Instance, exception
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
    value = value_of(value)
    if value is None or type(value) in (*NUMBERS, str):
        return value
    if isinstance(value, dict) and type(value) is not Distinct:
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
    width = indent if type(indent) is int else len(indent) if type(indent) is str else 0
    runtime.limits.room(max(width, 0) * _DEEP, span, "text", 1)  # what may stand before one value
    parts, length = [], 0
    try:
        encoder = json.JSONEncoder(
            indent=indent,
            sort_keys=bool(sort_keys),
            separators=separators,
            ensure_ascii=bool(ensure_ascii),
        )
        for part in encoder.iterencode(given):
            length += len(part)
            if length > MOST_ITEMS:
                runtime.limits.room(length, span, "text", 1)
            parts.append(part)
    except (TypeError, ValueError) as error:
        raise failure("TypeError", str(error), span) from None
    runtime.limits.room(length, span, "text", 1)
    return "".join(parts)


def _loads(runtime: Runtime, span: Span, s: Any) -> Any:
    if type(s) is not str:
        message = f"the JSON object must be str, bytes or bytearray, not {type_name(s)}"
        raise failure("TypeError", message, span)
    runtime.limits.room(len(s), span, "text", 100)
    try:
        return json.loads(s, parse_int=lambda digits: whole(int(digits), span))
    except json.JSONDecodeError as error:
        raised = failure("ValueError", str(error), span)
        raised.raised = exception(_DECODE_ERROR, str(error))
        raise raised from None
    except ValueError as error:  # of a number with too many digits
        raise failure("ValueError", str(error), span) from None
    except RecursionError:
        raise GradcliError("limit", "this JSON nests too deep", span=span) from None


_DECODE_ERROR = ClassValue("JSONDecodeError", (EXCEPTIONS["ValueError"],), {}, "json.decoder.JSONDecodeError")

JSON: dict[str, Any] = {
    "dumps": Builtin("dumps", _dumps),
    "loads": Builtin("loads", _loads),
    "JSONDecodeError": _DECODE_ERROR,
}
"""What `json` has."""
