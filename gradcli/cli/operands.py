"""What several operands mean: a program and its settings, pieces of one program, an option of somewhere else.

`options.scan` asks where there are several.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from gradcli.cli.settings import NAME


def refuse_options(operands: list[str], arguments: Sequence[str]) -> None:
    """`-o FILE` of another program is no program `-o`: unless its name stands somewhere else as well.

    Raises:
        ValueError: there is such an operand.
    """
    for operand in operands:
        joined = re.fullmatch(r"(-[A-Za-z])([^\W\d]\w*=(?!=).+)", operand)
        if joined and "--" not in arguments:
            raise ValueError(f"{operand}: write {joined[1]} {joined[2]}")
        if "--" in arguments or type(operand) is not str or not re.fullmatch("-[A-Za-z]", operand):
            continue
        if not any(re.search(rf"\b{operand[1]}\b", each) for each in arguments if each != operand):
            raise ValueError(f"no such option: {operand} (a program of its own stands behind --)")


_CONSTANT = (
    r"(?:[-+−*/^!().,;\[\]{}\s√°%½¼¾π²³\d]|(?<=[\d.])e(?=[-+\d])"
    r"|(?<![^\W\d])(?:pi|tau|e|inf|sqrt|exp|log|ln)\b(?!\s*=))+"
)
_SETTING = rf"\s*{NAME}\s*=(?!=){_CONSTANT}(?:{NAME}\s*=(?!=){_CONSTANT})*"
_SIGN = r"\s*(?:[-+*/^=<>@,|]|\*\*|at|where|when|wrt|of|for)\s*"


def take_settings(found: dict[str, Any], start: int, convert: Callable[[str], Any]) -> None:
    """Operands of the form NAME=NUMBER beside a program are settings, from `start` on: what stands before it
    can be nothing but the program.

    Args:
        found: what `scan` found, which gets them.
        convert: from the text of a setting.

    Raises:
        ValueError: the operands are pieces of one program, or a setting can be read in two ways.
    """
    operands = found["operands"]
    if any(type(each) is str and each != "-" and re.fullmatch(_SIGN, each) for each in operands):
        words, rest = _apart(operands)
        shown = " ".join([f"'{' '.join(words)}'", *rest])
        raise ValueError(f"a program with blanks stands in quotes: {shown}")
    programs, others = operands[:start], operands[start:]
    settings = [each for each in others if type(each) is str and re.fullmatch(_SETTING, each)]
    if settings and len(settings) < len(operands):
        found["operands"] = [*programs, *(each for each in others if each not in settings)]
        found["set"] = [*found.get("set", ()), *map(convert, settings)]


def _apart(operands: list[str]) -> tuple[list[str], list[str]]:
    """The pieces of a program that the shell took apart, and the settings behind it."""
    end = len(operands)
    while (
        end > 1
        and re.fullmatch(_SETTING, operands[end - 1])
        and operands[end - 2] not in ("at", "where", "when", "for")
    ):
        end -= 1
    return operands[:end], operands[end:]
