"""Where nan and inf came from: the first operation forward, and the place backward where 0 met inf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.explanation.model import Finding
from gradcli.explanation.tape_view import number_text, values
from gradcli.explanation.writers.words import number
from gradcli.tape.general import PART
from gradcli.tape.node import FLOATS, LEAF, Node, leaf
from gradcli.tape.untaken import contributions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.explanation.model import Story
    from gradcli.explanation.seen import Seen
    from gradcli.explanation.tape_view import TapeView
    from gradcli.explanation.watching import Walk

MOST_NODES = 20_000
"""Of a longer tape only the values are looked at."""
_REWRITES = {
    "log": "log(clamp(x, min=1e-12)), or where around its input: log(where(x > 0, x, 1))",
    "log2": "clamp its input away from 0",
    "log10": "clamp its input away from 0",
    "log1p": "clamp its input above -1",
    "sqrt": "sqrt(x + 1e-12), or where around its input: sqrt(where(x > 0, x, 1))",
    "rsqrt": "add a small number to its input",
    "exp": "exp overflows above 709 (88 in float32): clamp its input, or use logsumexp, softmax or sigmoid",
    "expm1": "clamp its input: it overflows above 709",
    "div": "where around the divisor: a/where(d == 0, 1, d), or add a small number to it",
    "reciprocal": "where around its input: 1/where(x == 0, 1, x)",
    "pow": "where around the base, or a base that is never 0 nor negative: x.abs() + 1e-12",
    "norm": "sqrt(sum(x**2) + 1e-12) has a gradient at 0",
    "acos": "clamp its input inside (-1, 1)",
    "asin": "clamp its input inside (-1, 1)",
    "atanh": "clamp its input inside (-1, 1)",
    "logit": "logit(x, eps=1e-6)",
    "cosh": "clamp its input",
    "sinh": "clamp its input",
    "tan": "keep its input away from odd multiples of pi/2",
    "mul": "0 · inf is nan: choose with where, in place of a product with a mask",
    "sub": "inf - inf is nan: look at what overflowed before",
    "std": "std and var divide by n - 1: give them two elements, or correction=0",
    "var": "std and var divide by n - 1: give them two elements, or correction=0",
    "mean": "there is nothing to take the mean of",
}
"""What mends what each function makes of an input that it cannot take."""


def anomalies(seen: Seen, story: Story, tape: TapeView) -> list[Finding]:
    """The first operation that made something that is not finite, forwards and in each walk."""
    found = _forward(tape)
    if len(tape.order) <= MOST_NODES:
        for walk in (*seen.session.walks[:1], *seen.session.walks[-1:]):
            found += _backward(walk, tape)
    return found


# ---- forwards ------------------------------------------------------------------------------------


def _forward(tape: TapeView) -> list[Finding]:
    for node in tape.order:
        if node.dtype not in FLOATS or node.op.parts:
            continue
        array = values(node)
        if array is None or np.isfinite(array).all():
            continue
        inputs = [each for each in tape.below(node) if not each.op.parts]
        kind = "nan" if np.isnan(array).any() else "inf"
        if node.op is LEAF and not inputs:
            name = tape.seen.named.names.get(node)
            if name is not None:
                return [Finding("nan", f"{name} holds {kind} from the start", _line_of(tape, name))]
            continue
        given = [each for each in map(values, inputs) if each is not None]
        if kind == "nan" and any(np.isnan(each).any() for each in given):
            continue
        if kind == "inf" and any(not np.isfinite(each).all() for each in given):
            continue
        return [_made(node, array, inputs, tape)]
    return []


def _made(node: Node, array: Any, inputs: Sequence[Node], tape: TapeView) -> Finding:
    bad = ~np.isfinite(array)
    first = tuple(np.argwhere(bad)[0])
    shown = number(array[first])
    says = f"{tape.made(node)} made {shown}"
    if array.shape:
        says += f" in {int(bad.sum())} of {array.size} elements"
    operands = []
    for each in inputs:
        operand = np.asarray(engine.value(each))
        if operand.shape in (array.shape, ()):
            value = operand[first] if operand.shape else operand
            text = tape.text(each)
            if text == tape.made(node):
                continue  # a step inside the same call
            operands.append(text if text == number(value) else f"{text} = {number(value)}")
    if operands:
        says += f", where {', '.join(operands)}"
    says += _reason(tape.function(node), node)
    return Finding("nan", says, tape.line(node), rewrite(node, tape))


def _reason(function: str, node: Node) -> str:
    words = {
        "log": ": log of 0 is -inf, of a negative number nan",
        "sqrt": ": there is no root of a negative number",
        "exp": ": exp overflows",
        "div": ": division by zero",
        "pow": ": this power overflows, or is none",
    }
    return words.get(function, words.get(node.op.name, ""))


def rewrite(node: Node, tape: TapeView) -> str:
    """What mends an operation, with regard to what it works on."""
    function = tape.function(node)
    inner = _inner(node, tape)
    if function.startswith("log"):
        if "exp" in inner[:2] and "sum" in inner[:2]:
            return "logsumexp does it without overflow"
        if inner[:1] == ["softmax"]:
            return "log_softmax does both without rounding to 0"
        if inner[:1] == ["sub"] and "sigmoid" in inner[:2]:
            return "logsigmoid(-x) is log(1 - sigmoid(x)) without rounding to 0"
        if inner[:1] == ["sigmoid"]:
            return "logsigmoid does both without rounding to 0"
        if inner[:1] == ["add"] and function == "log":
            return "log1p for log(1 + x), or clamp its input"
    if function == "div" and "exp" in inner:
        return "softmax does it without overflow"
    return _REWRITES.get(function) or _REWRITES.get(node.op.name, "")


def _inner(node: Node, tape: TapeView) -> list[str]:
    """The functions that made what a node works on, from the nearest."""
    found = []
    pending = list(tape.below(node))
    for _ in range(6):
        if not pending:
            break
        each = pending.pop(0)
        if each.op is not LEAF:
            found.append(tape.function(each))
            pending += tape.below(each)
    return [each for at, each in enumerate(found) if at == 0 or each != found[at - 1]]


def _line_of(tape: TapeView, name: str) -> int | None:
    statement = tape.seen.source.assigned(name)
    return None if statement is None else tape.seen.source.line(statement.span)


# ---- backwards -----------------------------------------------------------------------------------


def handed(node: Node, cotangent: Any) -> list[Any]:
    """What a node hands to each of its inputs for a cotangent, without regard to what was not taken."""
    if node.op.of_program or node.op.parts or node.op is PART or isinstance(cotangent, list):
        return []
    try:
        given = contributions(node, leaf(np.asarray(cotangent, node.dtype)), False)
    except GradcliError:  # it has no derivative
        return []
    return [None if each is None else np.asarray(engine.value(each)) for each in given]


def _backward(walk: Walk, tape: TapeView) -> list[Finding]:
    """The operations that got a finite cotangent and handed on something else."""
    found: list[Finding] = []
    for node in walk.cotangents:
        cotangent = walk.cotangent(node)
        if isinstance(cotangent, list) or not node.inputs or node.op.parts:
            continue
        if not np.isfinite(np.asarray(cotangent)).all():
            continue
        for each, share in zip(node.inputs, handed(node, cotangent), strict=False):
            if share is None or np.isfinite(share).all():
                continue
            met = walk.cotangent(each)
            kept = met is None or isinstance(met, list) or np.isfinite(np.asarray(met)).all()
            finding = _untaken(node, tape) if kept else _met(node, each, share, cotangent, tape)
            found.append(finding)
            if not kept:
                return found
    return found[:2]


def _untaken(node: Node, tape: TapeView) -> Finding:
    text = tape.made(node)
    return Finding(
        "untaken",
        f"{text} has no finite slope where it was not taken; its gradient counts as 0 there (PyTorch: nan)",
        tape.line(node),
        rewrite(node, tape) or "where around its input",
    )


def _met(node: Node, each: Node, share: Any, cotangent: Any, tape: TapeView) -> Finding:
    bad = ~np.isfinite(share)
    at = tuple(np.argwhere(bad)[0])
    value = np.asarray(engine.value(each))
    where = f"{tape.text(each)} = {number(value[at])}" if value.shape == share.shape else number_text(each)
    incoming = np.asarray(cotangent)
    arrived = incoming[at] if incoming.shape == share.shape else None
    kind = "nan" if np.isnan(share[at]) else "inf"
    text = tape.made(node)
    if arrived is not None and arrived == 0:
        says = f"backward through {text}, 0 · inf = nan: its slope is inf at {where}, and the cotangent 0"
        mask = "; leave out what is not taken with where around the input, not with a product"
        return Finding("nan", says, tape.line(node), (rewrite(node, tape) or "where around its input") + mask)
    says = f"backward through {text} made {kind}: its slope is not finite at {where}"
    return Finding("nan", says, tape.line(node), rewrite(node, tape))
