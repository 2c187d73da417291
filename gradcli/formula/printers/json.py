"""The tree as JSON: each line with its expression, each node with its operation and arguments."""

from __future__ import annotations

import json
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from gradcli.formula.printers.signature import named_dims
from gradcli.formula.tree import Label, walk

if TYPE_CHECKING:
    from gradcli.formula.tree import Expr, Formula, Line


def program(formula: Formula) -> str:
    """One object: the inputs with their shapes, and the lines."""
    shapes = {name: _sizes(named_dims(formula, shape)) for name, shape in formula.inputs.items()}
    lines = [_line(formula, line) for line in formula.lines]
    return json.dumps({"inputs": shapes, "lines": lines}, ensure_ascii=False)


def _line(formula: Formula, line: Line) -> dict[str, Any]:
    shape = _sizes(named_dims(formula, line.value.shape))
    said: dict[str, Any]
    if isinstance(line.name, Label):
        said = {"name": line.name.text, "of": line.name.of, "wrt": list(line.name.wrt)}
        if line.name.kind:
            said["kind"] = line.name.kind
    else:
        said = {"name": line.name}
    return {**said, "shape": shape, "value": tree(line.value)}


def _sizes(dims: tuple[str, ...]) -> list[int | str]:
    return [int(each) if each.isdigit() else each for each in dims]


def tree(root: Expr) -> dict[str, Any]:
    """An expression as nested objects; a number is exact, a fraction a text such as 1/3."""
    made: dict[Expr, dict[str, Any]] = {}
    for each in walk([root]):
        if each.op == "number":
            made[each] = {"op": "number", "value": _number(each.attrs[0])}
        elif each.op == "symbol":
            made[each] = {"op": "symbol", "name": str(each.attrs[0])}
        else:
            made[each] = {"op": each.op, "args": [made[part] for part in each.args]}
            if each.attrs:
                made[each]["attrs"] = dict(each.attrs)
    return made[root]


def _number(value: int | float | Fraction) -> int | float | str:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
