"""What is wrong with a setting `NAME=VALUE`: `options.assignment` asks where the value is no plain number."""

from __future__ import annotations

import re

NAME, _NUMBER = r"[^\W\d]\w*", r"[-+−]?[\d.][\w.]*"
_PLAIN = rf"(?:{_NUMBER}|\[[^\]]*\])"
"""A number, or a list."""


def refuse_setting(text: str, name: str, value: str) -> None:
    """Refuses a setting that is none, or that can be read in several ways.

    Args:
        text: as it was typed.
        name, value: its parts; no value where there is no `=`.

    Raises:
        ValueError: with what to write.
    """
    if not name.isidentifier() or not value or value.startswith("="):
        meant = re.fullmatch(rf"\s*({NAME})\s*(?::=?|==|\s)\s*([-+\d.\[].*)", text)
        raise ValueError(
            f"{text!r} is not NAME=VALUE" + (f": write {meant[1]}={meant[2]}" if meant else ", such as x=3")
        )
    if "=" in value and re.fullmatch(rf"{_PLAIN}(?:[,;\s]+{NAME}\s*=\s*{_PLAIN})+", value):
        each = " ".join(f"-s {part}" for part in re.split(rf"[,;\s]+(?={NAME}\s*=)", f"{name}={value}"))
        raise ValueError(f"{text!r} sets several names: write {each}")
    if len(value.split()) > 1 and re.fullmatch(r"[\[(]?\s*[-+\d.e]+(?:\s+[-+\d.e]+)+\s*[\])]?", value):
        parts = value.strip("[]() ").split()
        one = re.fullmatch(r"[-+]?\d{1,3}(?:\s\d{3})+", value)
        raise ValueError(f"{text!r}: write {name}={''.join(parts) if one else '[' + ','.join(parts) + ']'}")
    if value[0] in "[{" and re.fullmatch(r"\[[-+\d.e,;\s]*;[-+\d.e,;\s]*\]|\{[-+\d.e,\s]+\}", value):
        rows = [",".join(re.split(r"[,\s]+", row.strip(", "))) for row in value.strip("[]{}; ").split(";")]
        raise ValueError(
            f"{text!r}: write {name}=[{','.join([f'[{row}]' for row in rows]) if rows[1:] else rows[0]}]"
        )
    if value.count(",") > 1 and re.fullmatch(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+", value):
        raise ValueError(f"{text!r}: a number has no commas: write {name}={value.replace(',', '')}")
    if value.endswith(",") and re.fullmatch(rf"{_NUMBER},", value):
        raise ValueError(
            f"{text!r}: one number or a list of one? write {name}={value[:-1]} or {name}=[{value[:-1]}]"
        )
    if "." in value and re.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+", value):
        raise ValueError(f"{text!r}: write {name}={value.replace('.', '').replace(',', '.')}")
    several = ":" in value or ".." in value
    if several and (run := re.fullmatch(r"(-?\d+)\s*(?::|\.\.+)\s*(-?\d+)", value)):
        raise ValueError(f"{text!r}: several values are a list: write {name}=arange({run[1]}.,{run[2]}+1)")
    if value[0] in "\"'" and re.fullmatch(rf"(['\"]){_NUMBER}\1", value):
        raise ValueError(f"{text!r} is a text: write {name}={value[1:-1]}")
    whole, comma, rest = value.partition(",")
    if comma and whole.lstrip("+-").isdecimal() and rest.isdecimal():
        two, decimal = f"{name}=[{whole},{int(rest)}]", f"{name}={whole}.{rest}"
        if len(rest) == 3:
            two = f"{name}={whole}{rest}"
            raise ValueError(f"{text!r}: a thousand or a decimal comma? write {two} or {decimal}")
        raise ValueError(f"{text!r}: two numbers or a decimal comma? write {two} or {decimal}")
