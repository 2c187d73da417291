"""What kind of mistake makes a gradient what it is: stated only where it explains every element.

`guess` looks at the numbers alone; `mistake` tries out what people forget in an own gradient: the incoming
gradient, a factor of a product, the derivative of an inner function. `gradcli.checking.wording` and
`own_gradients` say what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from gradcli.checking.rerun import Computation, Rerun
    from gradcli.tape.node import Node

Array = np.ndarray[Any, np.dtype[Any]]

NEAR = 1e-6
"""The relative difference that is none between a gradient and what a mistake would make of it."""
FACTORS = {-1.0: "the sign is wrong", 2.0: "a factor 2 is missing", 0.5: "there is a factor 2 too many"}
PRODUCTS = ("matmul", "solve")
"""Of which one matrix may have been taken for its transpose."""
RULES = {"mul": "product rule", "matmul": "product rule", "div": "quotient rule", "pow": "power rule"}
ORDINALS = ("first", "second")
MOST_VARIANTS = 60
"""How many mistakes inside a function are tried out."""
STEPS = (2.0**-7, 2.0**-8)
"""Those of the differences that tell what a mistake would make of a gradient."""


def near(first: Array, second: Array, scale: Array | float = 0.0) -> bool:
    """Whether two arrays are the same but for rounding, relative to their elements or to `scale`."""
    size = np.maximum(np.maximum(np.abs(first), np.abs(second)), scale)
    finite = np.isfinite(first).all() and np.isfinite(second).all()
    return bool(finite and (np.abs(first - second) <= NEAR * size).all())


def guess(claimed: Array, measured: Array, point: Array) -> str:
    """What the elements of a gradient tell of the mistake in it; empty where they tell nothing.

    Args:
        claimed, measured: the gradient and what it should be, of the shape of `point`.
        point: the input that it is of.
    """
    if claimed.size < 2 or not (np.isfinite(claimed).all() and np.isfinite(measured).all()):
        return ""
    alike = near(measured, np.broadcast_to(measured.flat[0], measured.shape))
    sizes = np.maximum(np.abs(claimed), np.abs(measured))
    gap = measured - claimed
    if near(claimed * 0 + gap.mean(), gap) and not alike:
        return f"it is off by exactly {_short(float(gap.mean()))} everywhere: a term is missing"
    if claimed.ndim == 2 and claimed.shape[0] == claimed.shape[1] and near(claimed.T, measured):
        return "it is transposed"
    for axis in range(claimed.ndim):
        if claimed.shape[axis] > 1 and near(np.flip(claimed, axis), measured):
            return f"it is right in reverse{f' along dim {axis}' if claimed.ndim > 1 else ''}"
    if not (point == 0).any() and near(gap / point, np.broadcast_to((gap / point).mean(), gap.shape)):
        factor = float((gap / point).mean())
        if not near(claimed / point, np.broadcast_to((claimed / point).mean(), gap.shape)) and not alike:
            return f"it is off by {_short(factor)} times the input everywhere: a term is missing"
    right = np.abs(gap) <= NEAR * sizes
    return _on_one_branch(claimed, measured, point, right) if right.any() and (~right).sum() > 1 else ""


def _on_one_branch(claimed: Array, measured: Array, point: Array, right: Array) -> str:
    """Right on one side of some input, and off by one factor on the other."""
    wrong = ~right
    if point[wrong].max() < point[right].min():
        where, beyond = f"up to {_short(float(point[wrong].max()))}", "above"
    elif point[wrong].min() > point[right].max():
        where, beyond = f"from {_short(float(point[wrong].min()))} on", "below"
    else:
        return ""
    if not claimed[wrong].all():
        if not claimed[wrong].any():
            return f"it is right {beyond}, and 0 for inputs {where}: a branch is missing"
        return ""
    ratios = measured[wrong] / claimed[wrong]
    for factor, said in FACTORS.items():
        if near(ratios, np.full(ratios.shape, factor)):
            return f"on one branch, for inputs {where}, {said}; it is right {beyond}"
    return ""


def _short(value: float) -> str:
    return f"{round(value, 9):.9g}"


# ---- own gradients -------------------------------------------------------------------------------


def mistake(
    claimed: Array,
    measured: Array,
    ask: Callable[[float], Array | None],
    forward: Rerun,
    arrays: Sequence[Any],
    at: int,
    weights: Sequence[Array],
    told: Callable[[Node], str],
) -> str:
    """What was forgotten in an own gradient; empty where nothing explains it.

    Args:
        claimed, measured: the gradient by one argument, and what it should be.
        ask: gives the gradient again, for so many times the incoming gradient.
        forward: what the function does inside, from its arguments to its results.
        arrays: its arguments.
        at: which of them it is about.
        weights: the incoming gradient of each result.
        told: the text of the program that made a node.
    """
    if near(claimed, measured) or not np.isfinite(claimed).all():
        return ""
    doubled = ask(2.0)
    if doubled is not None and near(doubled, claimed) and claimed.any():
        return "it does not depend on the incoming gradient: it is not multiplied by it"
    if doubled is not None and near(doubled, 4 * claimed) and claimed.any():
        return "it is multiplied by the incoming gradient twice"
    spread = _along_the_wrong_dim(claimed, measured, weights)
    if spread:
        return spread
    scale = float(np.abs(measured).max(initial=0.0))
    summed = _summed_wrongly(claimed, measured, forward, arrays, at, weights, scale)
    if summed:
        return summed
    for variant in _variants(forward, told)[:MOST_VARIANTS]:
        found = _differences(forward, arrays, at, weights, variant)
        if found is not None and near(found, claimed, scale):
            return variant.said
    if len(weights) == 1 and weights[0].shape in ((), claimed.shape):
        return guess(claimed / weights[0], measured / weights[0], np.asarray(arrays[at], np.float64))
    return ""


def _along_the_wrong_dim(claimed: Array, measured: Array, weights: Sequence[Array]) -> str:
    """The incoming gradient of a square matrix's rows taken for that of its columns."""
    square = claimed.ndim == 2 and claimed.shape[0] == claimed.shape[1]
    if not square or len(weights) != 1 or weights[0].shape != claimed.shape[:1]:
        return ""
    rows, columns = weights[0][:, None], weights[0][None, :]
    if near(claimed * rows, measured * columns) or near(claimed * columns, measured * rows):
        return "the incoming gradient is spread along the wrong dim"
    return ""


def _summed_wrongly(
    claimed: Array,
    measured: Array,
    forward: Rerun,
    arrays: Sequence[Any],
    at: int,
    weights: Sequence[Array],
    scale: float,
) -> str:
    """An argument that is repeated along a dim, whose gradient is summed along another one."""
    (whole, *more) = weights
    if more or whole.ndim <= claimed.ndim or claimed.ndim == 0 or len(set(whole.shape)) != 1:
        return ""
    full = np.broadcast_to(arrays[at], whole.shape).copy()
    found = _differences(forward, [*arrays[:at], full, *arrays[at + 1 :]], at, weights)
    if found is None:
        return ""
    right = [axis for axis in range(whole.ndim) if near(found.sum(axis), measured, scale)]
    if not right:
        return ""
    for axis in range(whole.ndim):
        for said, made in (
            (f"summed along dim {axis}", found.sum(axis)),
            (f"the mean along dim {axis}", found.mean(axis)),
            (f"that of the first place of dim {axis}", found.take(0, axis)),
        ):
            if made.shape == claimed.shape and near(made, claimed, scale):
                return f"it is {said}; it has to be summed along dim {right[0]}"
    return ""


class Variant(NamedTuple):
    """A mistake inside a function, and what it does to one step.

    Attributes:
        said: what it is.
        step: the number of the step.
        operand: which operand it is about; None where moves are passed on as they are.
        turned: that operand is transposed; else it is held as it was.
    """

    said: str
    step: int
    operand: int | None = None
    turned: bool = False


def _variants(forward: Rerun, told: Callable[[Node], str]) -> list[Variant]:
    """The mistakes that are tried out, in this order: several may come to the same."""
    made = dict(enumerate(forward.inputs)) | {step.slot: step.node for step in forward.steps}
    moving = set(range(len(forward.inputs)))
    halves, links, turns = [], [], []
    for number, step in enumerate(forward.steps):
        moving.add(step.slot)
        ways = [place for place, slot in enumerate(step.operands) if slot in moving]
        name = step.node.op.name
        whole = told(step.node) or name
        for place in ways if len(ways) > 1 and name != "where" else ():
            text = told(made[step.operands[place]])
            which = text if text and text != whole else f"its {ORDINALS[place > 0]} operand"
            said = f"half of the {RULES.get(name, 'rule')}: {whole} with {which} constant"
            if name in ("add", "sub"):
                said = f"a term is missing: the derivative of {which} in {whole}"
            halves.append(Variant(said, number, place))
        if len(ways) == 1 and made[step.operands[ways[0]]].shape == step.node.shape:
            links.append(Variant(f"the chain rule without the derivative of {whole}", number))
        for place in range(len(step.operands) if name in PRODUCTS else 0):
            turns.append(Variant(f"a transpose is missing in {whole}", number, place, True))
    return [*halves, *links, *turns]


def _differences(
    forward: Rerun,
    arrays: Sequence[Any],
    at: int,
    weights: Sequence[Array],
    variant: Variant | None = None,
) -> Array | None:
    """The gradient of what a function does inside, but for one mistake, by differences."""
    start = np.asarray(arrays[at], np.float64)
    try:
        values = _values(forward, arrays)
    except (ValueError, TypeError, IndexError):
        return None

    def total(moved: Array) -> float:
        found = _values(forward, [*arrays[:at], moved, *arrays[at + 1 :]], values, variant)
        results = [found[slot] for slot in forward.outputs if slot is not None]
        return float(sum(np.sum(each * weight) for each, weight in zip(results, weights, strict=True)))

    gradient = np.zeros(start.shape)
    for place in np.ndindex(start.shape):
        unit = abs(float(start[place])) or 1.0
        slopes = []
        for step in STEPS:
            above, below = start.copy(), start.copy()
            above[place] += step * unit
            below[place] -= step * unit
            try:
                slopes.append((total(above) - total(below)) / (2 * step * unit))
            except (ValueError, TypeError, IndexError):
                return None
        gradient[place] = slopes[1] + (slopes[1] - slopes[0]) / 3
    return gradient


def _values(
    forward: Rerun, arrays: Sequence[Any], former: Sequence[Any] = (), variant: Variant | None = None
) -> list[Any]:
    """The values of all steps, one of which may be another one."""
    slots = list(forward.constants)
    slots[: len(arrays)] = arrays
    changed = None if variant is None else forward.steps[variant.step]

    def result(step: Computation, operands: list[Any]) -> Any:
        if variant is not None and step is changed:
            at = variant.operand
            if at is None:
                shape = np.shape(former[step.slot])
                slot = next(slot for slot in step.operands if np.shape(slots[slot]) == shape)
                return former[step.slot] + (slots[slot] - former[slot])
            operands[at] = operands[at].T if variant.turned else former[step.operands[at]]
        return step.compute(*operands, *step.attrs)

    forward.over(slots, result)
    return slots


__all__ = ["guess", "mistake"]
