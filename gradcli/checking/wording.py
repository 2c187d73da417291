"""Comparisons in words: labels such as `dz/dx`, messages, what a ratio of 2 or -1 tells.

Used by everything in `gradcli.checking` that makes a `Check`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gradcli.checking.comparing import Compared
from gradcli.checking.guesses import FACTORS, guess
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE, Check, plural


def derivative_label(root: str, *names: str, weighted: bool = False, several: bool = False) -> str:
    """`dz/dx`, `d2z/dxdw`; `x.grad` where weights make it no single quotient."""
    if weighted and len(names) == 1:
        return f"{names[0]}.grad of {root}" if several else f"{names[0]}.grad"
    if len(names) == 1:
        return f"d{root}/d{names[0]}"
    if len(set(names)) == 1:
        return f"d{len(names)}{root}/d{names[0]}{len(names)}"
    return f"d{len(names)}{root}/" + "".join(f"d{name}" for name in names)


def described(kind: str, label: str, result: Compared, mistake: str = "") -> Check:
    """A comparison as a result, with the mistake that was found in it, if any."""
    worst = result.worst
    details: dict[str, Any] = {"elements": result.elements}
    if result.directions:
        details["directions"] = result.directions
    if result.status == FAIL:
        assert worst is not None
        return _described_failure(kind, label, result, details, mistake)
    measured = plural(result.elements, "element")
    if result.directions:
        measured += f" along {plural(result.directions, 'random direction')}"
    if result.status == UNMEASURABLE:
        details["reason"] = result.reason
        return Check(kind, label, UNMEASURABLE, f"not measurable here: {result.reason}", details=details)
    details["error"] = result.error
    message = f"{measured}, relative error {result.error:.1e}" if result.elements else "no elements"
    if result.unmeasured:
        details["unmeasured"], details["reason"] = result.unmeasured, result.reason
        message += f"; {result.unmeasured} not measurable ({result.reason})"
    return Check(kind, label, PASS, message, notes=list(result.notes), details=details)


def unmeasurable(kind: str, label: str, reason: str) -> Check:
    """The verdict on what cannot be measured at all."""
    return Check(kind, label, UNMEASURABLE, f"not measurable here: {reason}", details={"reason": reason})


def _described_failure(
    kind: str, label: str, result: Compared, details: dict[str, Any], mistake: str
) -> Check:
    worst = result.worst
    assert worst is not None
    details |= {"analytic": worst.claimed, "numerical": worst.measured, "error": worst.error}
    where = ""
    if result.index is None:
        where = " along a random direction"
    elif result.index:
        where = f" at index {result.index}"
        details["index"] = result.index
    message = f"the gradient says {worst.claimed:.10g}, numerically it is {worst.measured:.10g}{where}"
    if result.failed > 1 and result.index is not None:
        message += f" ({result.failed} of {result.elements} are wrong)"
        details["failed"] = result.failed
    check = Check(kind, label, FAIL, message, details=details)
    if worst.reason:
        check.notes.append(worst.reason)
    if not mistake and result.values is not None and result.point is not None:
        mistake = guess(*result.values, result.point)
    if mistake:
        details["mistake"] = mistake
        check.notes.append(mistake)
    hint = ratio_hint(worst.measured, worst.claimed, worst.error)
    if hint:
        details["ratio"] = round(worst.measured / worst.claimed, 12)
        check.notes.append(hint)
    return check


def ratio_hint(true: float, claimed: float, error: float) -> str:
    """What the ratio of both tells: a sign, a factor."""
    if not (math.isfinite(true) and math.isfinite(claimed)) or claimed == 0 or true == 0:
        return ""
    ratio = true / claimed
    near = max(1e-7, 10 * error / abs(true))
    shown = f"{ratio:.12g}" if abs(abs(ratio) - 1) < 1e-3 else f"{ratio:.6g}"
    turned = {-factor: f"{FACTORS[-1.0]} and {said}" for factor, said in FACTORS.items() if factor > 0}
    for factor, said in {**FACTORS, **turned}.items():
        if abs(ratio - factor) <= near * abs(factor):
            return f"ratio {factor:g}: {said}"
    for whole in range(3, 11):
        if abs(ratio - whole) <= near * whole:
            return f"ratio {whole}: a factor {whole} is missing"
        if abs(ratio * whole - 1) <= near:
            return f"ratio 1/{whole}: there is a factor {whole} too many"
    return f"ratio {shown}"


def point_text(point: Mapping[str, Any]) -> str:
    """`x = 1.0, w = [1.0, 2.0]`, long arrays by their shape."""
    parts = []
    for name, value in point.items():
        array = np.asarray(value)
        shown = repr(array.tolist()) if array.size <= 8 else f"array of shape {list(array.shape)}"
        parts.append(f"{name} = {shown}")
    return ", ".join(parts)


def plain_numbers(value: Any) -> Any:
    array = np.asarray(value)
    return array.tolist() if array.size <= 64 else None
