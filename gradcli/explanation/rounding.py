"""What rounding lost: operands too small to be seen beside others, differences of nearly equal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.explanation.model import Finding
from gradcli.explanation.writers.words import number
from gradcli.tape.node import FLOAT32, FLOAT64, LEAF, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.explanation.tape_view import TapeView

MOST_NODES = 3_000
MOST_ELEMENTS = 10_000
WIDER: dict[Any, tuple[Any, float, str]] = {
    FLOAT64: (np.longdouble, 1e-7, "16"),
    FLOAT32: (np.float64, 1e-2, "7"),
}
"""For a dtype one with more digits, the relative error from where on a difference is told, and its digits."""
NEAR = 1e-3
"""Operands are as near as that where a difference may have lost digits."""
MOST = 2


def absorbed(node: Node, each: Node, slope: Any, tape: TapeView) -> Finding | None:
    """An operand which the result does not depend on to within rounding, though its slope is not 0."""
    if node.dtype not in WIDER or tape.function(node) != node.op.name or not np.isfinite(slope).all():
        return None
    value, result = (np.asarray(engine.value(at), np.float64) for at in (each, node))
    if value.shape != slope.shape or not value.size:
        return None
    moves = np.abs(value * slope)
    if value.shape != result.shape:  # it was broadcast, and its slope is a sum
        return None
    lost = np.isfinite(result) & (moves > 0) & (moves < np.finfo(node.dtype).eps / 4 * np.abs(result))
    if 2 * lost.sum() < lost.size:
        return None
    at = tuple(np.argwhere(lost)[0])
    text, shown = tape.text(each), number(value[at])
    beside = f"{text} = {shown}" if text != shown else text
    says = f"{tape.made(node)} = {number(result[at])}: {beside} is too small to be seen in the digits of "
    says += f"{node.dtype.name} there, so what follows does not depend on it"
    if lost.size > 1:
        says += f" (in {int(lost.sum())} of {lost.size} elements)"
    return Finding("rounding", says, tape.line(node), _rewrite(node, tape))


def cancelled(tape: TapeView) -> list[Finding]:
    """Sums and differences of nearly equal numbers whose own rounding is what is left of them."""
    if len(tape.order) > MOST_NODES or _same_digits():
        return []
    found: list[Finding] = []
    known: dict[Node, Any] = {}
    for node in tape.order:
        if (
            node.op.name not in ("add", "sub")
            or node.dtype not in WIDER
            or not 0 < node.size <= MOST_ELEMENTS
        ):
            continue
        if tape.function(node) not in ("add", "sub"):
            continue
        one, two = (np.abs(np.asarray(engine.value(each), np.float64)) for each in node.inputs)
        result = np.asarray(engine.value(node), np.float64)
        near = (np.abs(result) <= NEAR * np.maximum(one, two)) & (np.maximum(one, two) > 0)
        if not near.any():
            continue
        finding = _difference(node, near, known, tape)
        if finding is not None:
            found.append(finding)
            if len(found) == MOST:
                break
    return found


def _same_digits() -> bool:
    """Whether there is no floating type with more digits than float64, as on some machines."""
    return bool(np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps)


def _difference(node: Node, near: Any, known: dict[Node, Any], tape: TapeView) -> Finding | None:
    wide, most, digits = WIDER[node.dtype]
    for each in tape.behind([node]):
        if each not in known:
            known[each] = _again(each, [known[below] for below in each.inputs], wide)
    result = np.asarray(engine.value(node)).astype(wide)
    exact = np.asarray(known[node], wide)
    if exact.shape != result.shape:
        return None
    with np.errstate(all="ignore"):
        off = np.abs(result - exact)
        error = np.where(off == 0, 0, off / np.maximum(np.abs(exact), np.abs(result)))
    wrong = near & np.isfinite(error) & (error > most)
    if not wrong.any():
        return None
    at = tuple(np.argwhere(wrong)[0])
    operands = []
    for each in node.inputs:
        value = np.broadcast_to(np.asarray(engine.value(each), np.float64), result.shape)[at]
        text = tape.text(each)
        operands.append(text if text == number(value) else f"{text} = {number(value)}")
    says = f"{tape.made(node)} cancels: {' and '.join(operands)} agree in most of their {digits} digits, and "
    says += f"what is left is their rounding: {number(float(result[at]))} in place of {float(exact[at]):.4g}"
    if wrong.size > 1:
        says += f" (in {int(wrong.sum())} of {wrong.size} elements)"
    return Finding("rounding", says, tape.line(node), _rewrite(node, tape))


def _again(node: Node, inputs: Sequence[Any], wide: Any) -> Any:
    """The value of a node in a wider type, from values in it; its own value where that cannot be computed."""
    own = np.asarray(engine.value(node)) if not node.op.parts else None
    if own is None:
        return None
    if own.dtype.kind != "f" or node.op is LEAF or any(each is None for each in inputs):
        return own.astype(wide) if own.dtype.kind == "f" else own
    attrs = [_exact(each, wide) for each in node.attrs]
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(node.op.compute(*inputs, *attrs))
    except (TypeError, ValueError, AttributeError):  # there is no such kernel
        return own.astype(wide)
    return found.astype(wide) if found.shape == own.shape and found.dtype.kind == "f" else own.astype(wide)


def _exact(attribute: Any, wide: Any) -> Any:
    """The factor of a mean is 1/n, rounded; in the wider type it has more digits."""
    if type(attribute) is float and 0 < attribute < 1 and abs(1 / attribute - round(1 / attribute)) < 1e-9:
        return wide(1) / round(1 / attribute)
    return attribute


def _rewrite(node: Node, tape: TapeView) -> str:
    """What computes the same without that loss."""
    names = {each.op.name for each in tape.behind([node])[-8:]}
    above = {each.op.name for each in tape.order if node in each.inputs}
    if "log" in above:
        return "log1p(x) for log(1 + x)"
    if "exp" in names and (node.op.name == "exp" or above or node.op.name == "sub"):
        return "expm1(x) for exp(x) - 1"
    if "cos" in names:
        return "2*sin(x/2)**2 for 1 - cos(x)"
    if "sqrt" in names:
        return "sqrt(a) - b is (a - b**2)/(sqrt(a) + b)"
    if "log" in names:
        return "log(a/b) or log1p(a/b - 1) for log(a) - log(b)"
    if "sum" in names or "mean" in names:
        return "take the mean away before squaring: ((x - x.mean())**2).mean()"
    return "rearrange it so that nearly equal numbers are not subtracted, and small ones are added first"
