"""The older ways of formatting, `%` and `.format`: loaded when a program uses one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.values.conversions import elements
from gradcli.values.formatting import formatted, item, represent, show, type_name
from gradcli.values.objects import EXCEPTIONS, exception
from gradcli.values.values import NUMBERS, Array

if TYPE_CHECKING:
    from gradcli.values.runtime import Runtime

_PERCENT = r"%(?:\((\w+)\))?([-+ #0]*)(\d*)(?:\.(\d+))?([diouxXeEfFgGsrc%])"
_FIELD = r"\{\{|\}\}|\{(\w*)(?:!([rs]))?(?::([^{}]*))?\}|[{}]"


def _no_number(kind: str, given: str) -> str:
    """Python's sentence for a value that a letter of a format does not take."""
    if kind == "c":
        return "%c requires int or char"
    if kind in "diuoxX":
        wanted = "a real number" if kind in "diu" else "an integer"
        return f"%{kind} format: {wanted} is required, not {given}"
    return f"must be real number, not {given}"


def percent_text(template: str, values: Any, runtime: Runtime) -> str:
    """`template % values`."""
    arguments = list(values) if type(values) is tuple else [values]
    used = length = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal used, length
        name, flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        if name is not None:
            if not isinstance(values, dict):
                raise GradcliError("bad-argument", "format requires a mapping")
            if name not in values:
                raise GradcliError("bad-argument", f"there is no '{name}' for the format")
            used, value = 1, values[name]
        else:
            if used >= len(arguments):
                raise failure("TypeError", "not enough arguments for format string", None)
            value = arguments[used]
            used += 1
        if len(width) > 4 or len(precision or "") > 4:
            raise GradcliError("limit", "widths and precisions in a format end at 9,999")
        if kind in "sr":
            value = show(runtime, value) if kind == "s" else represent(runtime, value)
            kind = "s"
        elif type(value) in (Tensor, Array):
            tensor = value if type(value) is Tensor else value.tensor
            if elements(tensor) != 1:
                message = "only one element tensors can be converted to Python scalars"
                raise failure("ValueError", message, None)
            value = item(runtime, tensor)
        if kind != "s" and type(value) not in NUMBERS and not (kind == "c" and type(value) is str):
            raise failure("TypeError", _no_number(kind, type_name(value)), None)
        point = f".{precision}" if precision is not None else ""
        try:
            text: str = f"%{flags}{width}{point}{kind}" % (value,)
        except (TypeError, ValueError, OverflowError) as error:
            raise failure(type(error).__name__, str(error), None) from None
        length += len(text)
        runtime.limits.text(length, None)
        return text

    result = re.sub(_PERCENT, replace, template)
    if used < len(arguments):
        raise failure("TypeError", "not all arguments converted during string formatting", None)
    return result


def template_text(runtime: Runtime, template: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    """`template.format(*arguments, **named)`: fields are numbers and names, never attributes."""
    position = length = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal position, length
        whole = match.group(0)
        if whole in ("{{", "}}"):
            return whole[0]
        if whole in ("{", "}"):
            raise GradcliError(
                "bad-argument",
                "a field of a format is {}, {0} or {name}, with an optional :format",
                hint="write an f-string for anything else",
            )
        name, conversion, spec = match.groups()
        try:
            if not name:
                position += 1
                value = arguments[position - 1]
            else:
                value = arguments[int(name)] if name.isdecimal() else named[name]
        except (IndexError, KeyError, ValueError):  # a number may have more digits than Python reads
            error = GradcliError("bad-argument", f"nothing was given for the field {whole}")
            place = name or str(position - 1)
            said = f"Replacement index {place} out of range for positional args tuple"
            kind, told = ("IndexError", said) if place.isdecimal() else ("KeyError", name)
            error.raised = exception(EXCEPTIONS[kind], told)
            raise error from None
        text = formatted(runtime, value, spec or "", conversion)
        length += len(text)
        runtime.limits.text(length, None)
        return text

    return re.sub(_FIELD, replace, template)
