"""Whether the equations of a story hold: each is run again, and each derivative compared with differences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluation
from gradcli.evaluation.options import Options

if TYPE_CHECKING:
    from gradcli.explanation.model import Equation, Row, Story

CLOSE = 1e-12
"""Of a float64 equation, relative to what is larger: the value or 1."""
DIFFERENCES = 1e-5
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RANDOM = re.compile(r"\b(?:rand\w*|normal\w*|dropout\w*|bernoulli\w*|multinomial|uniform\w*|poisson)\b")


def holds(equation: Equation) -> bool | None:
    """Whether an equation gives its value when it is run again; None if it cannot be run by itself."""
    if not equation.text or _RANDOM.search(equation.text + equation.before):
        return None
    if _NUMBER.fullmatch(equation.text):
        return close(float(equation.text), equation.value)
    lines = []
    inputs: dict[str, Any] = {}
    text = equation.text
    for at, (name, value) in enumerate(sorted(equation.given.items(), key=lambda each: -len(each[0]))):
        if not name.isidentifier():  # `model.0.weight`
            text, name = text.replace(name, f"held_{at}"), f"held_{at}"
        kind = type(value)
        if kind in (bool, int):
            lines.append(f"{name} = {value!r}")
            continue
        lines.append(f"{name} = 0.")
        inputs[name] = value if kind is float else np.asarray(value)
    given = "; ".join(lines)
    source = f"{given}\n{equation.before}{text}" if equation.before else f"{given}; {text}"
    source = source.removeprefix("; ")
    try:
        options = Options(inputs=inputs, wrt=[], write=lambda text: None, unused_inputs=True)
        found = evaluation(source, options)
        (root,) = found.roots
        value = np.asarray(found.values[root])
    except (GradcliError, ValueError):
        return None
    return close(value, equation.value)


def close(one: Any, other: Any) -> bool:
    """Whether two values agree to the last digits but a few."""
    one, other = np.asarray(one), np.asarray(other)
    if one.size == 1 and other.size == 1:
        one, other = one.reshape(()), other.reshape(())
    if one.shape != other.shape:
        try:
            one = np.broadcast_to(one, other.shape)
        except ValueError:
            return False
    exact = {one.dtype, other.dtype} <= {np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_)}
    tolerance = CLOSE if exact else 2e-5
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    scale = np.maximum(1.0, np.max(np.abs(other), initial=0.0, where=np.isfinite(other)))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        return bool(np.all(same | (np.abs(one - other) <= tolerance * scale)))


def verified(story: Story) -> tuple[list[str], list[str]]:
    """What is to be said of a check, and the equations that don't hold."""
    ran = [(each, holds(each)) for each in story.equations]
    wrong = [f"{each.name} = {each.text}" for each, fine in ran if fine is False]
    count = sum([fine is not None for _, fine in ran])
    left = len(ran) - count
    rows = [(row, walk.cotangents[row.step.name]) for walk in story.walks for row in walk.rows]
    compared = [(row, agrees(row, cotangent)) for row, cotangent in rows]
    differ = [f"d{row.step.name}/d{row.source}" for row, fine in compared if not fine]
    lines = [f"checked: {count - len(wrong)} of {count} equations hold"]
    if left:
        lines[0] += f", {left} cannot be run by themselves"
    lines[0] += f"; {len(rows) - len(differ)} of {len(rows)} local derivatives agree with differences"
    lines += [f"does not hold: {each}" for each in wrong]
    lines += [f"differs from its differences, as at a kink: {each}" for each in dict.fromkeys(differ)]
    return lines, wrong


def agrees(row: Row, cotangent: Any) -> bool:
    """Whether a local derivative agrees with central differences along one direction."""
    local = row.step.local
    assert local is not None
    if local.of_program:
        return True  # a rule of the program's own is what it says
    node = next(each for each in local.sources if local.named[each] == row.source)
    value = np.asarray(engine.value(node), np.float64)
    wide = node.dtype != np.float64
    some = np.cos(np.arange(1.0, value.size + 1)) if value.size > 1 else np.ones(value.size)
    direction = some.reshape(value.shape)
    step = (1e-2 if wide else 1e-6) * max(1.0, float(np.max(np.abs(value), initial=0.0)))
    above, below = [np.asarray(local.moved(node, sign * step * direction), np.float64) for sign in (1, -1)]
    share = np.asarray(local.pulled(cotangent).get(node, np.zeros(value.shape)), np.float64)
    found = float(np.sum(np.asarray(cotangent, np.float64) * (above - below))) / (2 * step)
    told = float(np.sum(share * direction))
    if not (np.isfinite(found) and np.isfinite(told)):
        return True
    scale = max(1.0, abs(told), float(np.max(np.abs(cotangent), initial=0.0)))
    return abs(found - told) <= (3e-2 if wide else DIFFERENCES) * scale
