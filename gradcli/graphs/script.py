"""The tape of scalars as JavaScript, so that a page can compute it again with other inputs.

One statement for each node, forward and backward, in the order of the tape; only for the operations of the
table below, on float64 scalars.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.tape.node import FLOAT64, Node, postorder

Written = Callable[..., str]


def _infix(sign: str) -> Written:
    return lambda a, b: f"({a} {sign} {b})"


def _math(name: str) -> Written:
    return lambda *arguments: f"Math.{name}({', '.join(arguments)})"


def _clamp(x: str, *bounds: str) -> str:
    low, high = bounds
    if low != "null":
        x = f"Math.max({x}, {low})"
    return x if high == "null" else f"Math.min({x}, {high})"


OPERATIONS: dict[str, Written] = {
    "add": _infix("+"),
    "sub": _infix("-"),
    "mul": _infix("*"),
    "div": _infix("/"),
    "scale": _infix("*"),
    "eq": _infix("==="),
    "ne": _infix("!=="),
    "lt": _infix("<"),
    "le": _infix("<="),
    "gt": _infix(">"),
    "ge": _infix(">="),
    "logical_and": _infix("&&"),
    "logical_or": _infix("||"),
    "logical_not": lambda a: f"!{a}",
    "neg": lambda a: f"(-{a})",
    "where": lambda c, a, b: f"({c} ? {a} : {b})",
    "guarded_mul": lambda g, p: f"({g} === 0 && !isFinite({p}) ? 0 : {g} * {p})",
    "reciprocal": lambda a: f"(1 / {a})",
    "rsqrt": lambda a: f"(1 / Math.sqrt({a}))",
    "exp2": lambda a: f"Math.pow(2, {a})",
    "relu": lambda a: f"Math.max({a}, 0)",
    "sigmoid": lambda a: f"(1 / (1 + Math.exp(-{a})))",
    "clamp": _clamp,
    "clamp_min": _math("max"),
    "clamp_max": _math("min"),
    "maximum": _math("max"),
    "minimum": _math("min"),
    "xlogy": lambda a, b: f"({a} === 0 ? 0 : {a} * Math.log({b}))",
    "isfinite": lambda a: f"isFinite({a})",
    "isnan": lambda a: f"isNaN({a})",
    "sgn": _math("sign"),
    **{
        name: _math(name)
        for name in (
            "abs", "sqrt", "exp", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan",
            "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "atan2", "hypot",
            "sign", "floor", "ceil", "trunc",
        )
    },
}  # fmt: skip
"""How each primitive is written, from the texts of its inputs and of its attributes."""
SAME = ("expand", "reshape", "sum", "cast", "detach")
"""What does nothing to a scalar."""


def script(inputs: dict[str, Node], wanted: Sequence[Node | None]) -> str | None:
    """A function of the inputs that gives an array of what is wanted; None where it cannot be written.

    Args:
        inputs: scalar leaves by name.
        wanted: nodes; for None the function gives null.
    """
    present = [node for node in wanted if node is not None]
    known = {node: f"inputs[{json.dumps(name)}]" for name, node in inputs.items()}
    lines = []
    for number, node in enumerate(postorder(present)):
        if node in known:
            continue
        text = _text(node, known)
        if text is None:
            return None
        if not node.inputs:
            known[node] = text
        else:
            known[node] = f"v{number}"
            lines.append(f"  const v{number} = {text};")
    results = ", ".join("null" if node is None else known[node] for node in wanted)
    return "function compute(inputs) {\n" + "\n".join(lines) + f"\n  return [{results}];\n}}"


def _text(node: Node, known: dict[Node, str]) -> str | None:
    if node.size != 1:
        return None
    if not node.inputs and node.value is not None:
        return _number(np.asarray(node.value).reshape(()).item())
    name = node.op.name
    inputs = [known[each] for each in node.inputs]
    if name in SAME and len(inputs) == 1 and node.dtype is FLOAT64:
        return inputs[0]
    written = OPERATIONS.get(name)
    if written is None:
        return None
    attributes = [_number(each) for each in node.attrs if each is None or isinstance(each, (int, float))]
    try:
        return written(*inputs, *attributes)
    except TypeError:
        return None  # it has other attributes than are written here


def _number(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return f"({float(value)!r})" if value < 0 else repr(float(value))
