"""`torch.optim.LBFGS`: steps along directions that the last gradients give, of a fixed rate or searched."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.errors import failure
from gradcli.neural.groups import groups
from gradcli.neural.module import assign
from gradcli.neural.optim import OPTIMIZER, add_groups, evaluated, settings_of
from gradcli.neural.steps import scaled_sum
from gradcli.values.conversions import number
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.autograd import Tensor
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

    Array = np.ndarray[Any, Any]
    Settings = dict[str, Any]
    State = dict[str, Any]

SETTINGS = {
    "lr": 1.0,
    "max_iter": 20,
    "max_eval": None,
    "tolerance_grad": 1e-7,
    "tolerance_change": 1e-9,
    "history_size": 100,
    "line_search_fn": None,
}


def _start(
    runtime: Runtime, span: Span, optimizer: Instance, params: Any, *values: Any, **named: Any
) -> None:
    settings = settings_of(runtime, "LBFGS", SETTINGS, values, named, span)
    if settings["max_eval"] is None:
        settings["max_eval"] = settings["max_iter"] * 5 // 4
    optimizer.state["lbfgs"] = {}
    add_groups(runtime, span, optimizer, params, settings)


class _Walk:
    """The parameters as one vector, and the closure as a function of it."""

    def __init__(self, runtime: Runtime, span: Span, params: list[Tensor], closure: Any) -> None:
        self.runtime = runtime
        self.span = span
        self.params = params
        self.closure = closure
        self.calls = 0

    def loss(self) -> Any:
        """The loss where the parameters are; their `.grad` are its gradient."""
        self.calls += 1
        return evaluated(self.runtime, self.closure, self.span)

    def number(self, loss: Any) -> float:
        return number(self.runtime, loss, None, "step")

    def gradient(self) -> Array:
        """The gradients of all parameters, one after the other."""
        parts = [
            np.zeros(math.prod(each.shape), each.dtype)
            if each.grad is None
            else self.runtime.session.numpy(each.grad).reshape(-1)
            for each in self.params
        ]
        return np.concatenate(parts)

    def move(self, direction: Array, step: float) -> None:
        """Goes a step along a direction."""
        start = 0
        for each in self.params:
            size = math.prod(each.shape)
            part = direction[start : start + size].reshape(each.shape)
            fresh = scaled_sum(self.runtime.session.numpy(each), part, step)
            assign(self.runtime, each, self.runtime.session.leaf(fresh))
            start += size

    def point(self, direction: Array, step: float) -> Point:
        """What is found a step away; the parameters are where they were afterwards."""
        self.runtime.limits.step(self.span)
        here = [self.runtime.session.numpy(each).copy() for each in self.params]
        self.move(direction, step)
        loss, gradient = self.number(self.loss()), self.gradient()
        for each, former in zip(self.params, here, strict=True):
            assign(self.runtime, each, self.runtime.session.leaf(former))
        return Point(step, loss, gradient, gradient @ direction)


def _step(runtime: Runtime, span: Span, optimizer: Instance, closure: Any) -> Any:
    """Limited-memory BFGS as PyTorch does it."""
    group, *others = groups(optimizer, span)
    if others:
        raise failure("ValueError", "LBFGS doesn't support per-parameter options (parameter groups)", span)
    state = optimizer.state.setdefault("lbfgs", {})
    for name in ("lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change", "history_size"):
        number(runtime, group.get(name), span, name)
    search = group.get("line_search_fn")
    walk = _Walk(runtime, span, group["params"], closure)
    first = walk.loss()
    loss = walk.number(first)
    grad = walk.gradient()
    if np.abs(grad).max(initial=0) <= group["tolerance_grad"]:
        return first
    count = 0
    while count < group["max_iter"]:
        runtime.limits.step(span)
        count += 1
        _direct(state, grad, group)
        direction = state["direction"]
        first_rate = min(1.0, 1.0 / float(np.abs(grad).sum()))
        step = group["lr"] * (first_rate if state["count"] == 1 else 1.0)
        slope = grad @ direction
        if slope > -group["tolerance_change"]:
            break
        state["former"], former = grad, loss
        if search is None:
            walk.move(direction, step)
            if count != group["max_iter"]:
                loss, grad = walk.number(walk.loss()), walk.gradient()
        elif search != "strong_wolfe":
            raise failure("RuntimeError", "only 'strong_wolfe' is supported", span)
        else:
            found = line_search(
                lambda step, direction=direction: walk.point(direction, step),  # type: ignore[misc]
                Point(0.0, loss, grad, slope),
                step,
                float(np.abs(direction).max()),
                group["max_eval"] - walk.calls,
            )
            step, loss, grad = found.step, found.loss, found.gradient
            walk.move(direction, step)
        state["step"] = step
        small = np.abs(grad).max() <= group["tolerance_grad"]
        still = np.abs(direction * grad.dtype.type(step)).max() <= group["tolerance_change"]
        flat = abs(loss - former) < group["tolerance_change"]
        if count == group["max_iter"] or walk.calls >= group["max_eval"] or small or still or flat:
            break
    return first


def _direct(state: State, grad: Array, group: Settings) -> None:
    """The next direction, from what the gradients of the last steps say of the curvature."""
    state["count"] = state.get("count", 0) + 1
    if state["count"] == 1:
        state.update(direction=-grad, changes=[], moves=[], inverses=[], scale=1.0)
        return
    change, move = grad - state["former"], state["direction"] * grad.dtype.type(state["step"])
    curvature = change @ move
    changes, moves, inverses = state["changes"], state["moves"], state["inverses"]
    if curvature > 1e-10:
        if len(changes) == group["history_size"]:
            del changes[0], moves[0], inverses[0]
        changes.append(change)
        moves.append(move)
        inverses.append(1.0 / curvature)
        state["scale"] = curvature / (change @ change)
    weights = []
    direction = -grad
    for each, moved, inverse in zip(reversed(changes), reversed(moves), reversed(inverses), strict=True):
        weight = (moved @ direction) * inverse
        weights.append(weight)
        direction = scaled_sum(direction, each, -weight)
    direction = direction * grad.dtype.type(state["scale"])
    for each, moved, inverse, weight in zip(changes, moves, inverses, reversed(weights), strict=True):
        back = (each @ direction) * inverse
        direction = scaled_sum(direction, moved, weight - back)
    state["direction"] = direction


# ---- the line search -----------------------------------------------------------------------------


class Point(NamedTuple):
    """A place on the line: how far along it, the loss there, its gradient, and its slope along the line."""

    step: Any
    loss: float
    gradient: Array
    slope: Any


DECREASE, CURVATURE = 1e-4, 0.9
"""How much of the slope at the start the loss must fall by, and how much of it may be left."""
NARROW = 1e-9
"""How far a parameter moves between two ends that are one."""


def line_search(at: Callable[[float], Point], start: Point, step: float, longest: float, most: int) -> Point:
    """A point that meets the strong Wolfe conditions, or the best that was found.

    Nocedal and Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6, with cubic interpolation.

    Args:
        at: the point a step along the line.
        start: where the line begins.
        step: the first to be tried.
        longest: the largest entry of the direction.
        most: how often a step is chosen.
    """

    def above(point: Point) -> bool:
        return bool(point.loss > start.loss + DECREASE * point.step * start.slope)

    def level(point: Point) -> bool:
        return bool(abs(point.slope) <= -CURVATURE * start.slope)

    former, point = start, at(step)
    for turn in range(most):  # farther and farther, until there is a minimum on the way
        if above(point) or (turn > 1 and point.loss >= former.loss):
            break
        if level(point):
            return point
        if point.slope >= 0:
            break
        nearest, farthest = point.step + 0.01 * (point.step - former.step), point.step * 10
        step = _lowest(former, point, nearest, farthest)
        former, point = point, at(step)
    else:
        return min(start, point, key=lambda each: each.loss)
    low, high = (former, point) if former.loss <= point.loss else (point, former)
    slow = False
    for _ in range(turn, most):
        begin, end = sorted((low.step, high.step))
        if abs(end - begin) * longest < NARROW:
            break
        one, other = (former, point) if former.step <= point.step else (point, former)
        step = _lowest(one, other, begin, end)
        edge = 0.1 * (end - begin)
        if min(end - step, step - begin) < edge:
            if slow or step >= end or step <= begin:
                step = end - edge if abs(step - end) < abs(step - begin) else begin + edge
                slow = False
            else:
                slow = True
        else:
            slow = False
        found = at(step)
        if above(found) or found.loss >= low.loss:
            low, high = (low, found) if low.loss <= found.loss else (found, low)
        else:
            if level(found):
                return found
            high = low if found.slope * (high.step - low.step) >= 0 else high
            low = found
        former, point = low, high
    return low


def _lowest(one: Point, other: Point, least: Any, most: Any) -> Any:
    """Where the cubic through two points with their slopes, the nearer first, is lowest between bounds."""
    bend = one.slope + other.slope - 3 * (one.loss - other.loss) / (one.step - other.step)
    square = bend**2 - one.slope * other.slope
    if not square >= 0:
        return (least + most) / 2.0
    root = np.sqrt(square)
    part = (other.slope + root - bend) / (other.slope - one.slope + 2 * root)
    lowest = other.step - (other.step - one.step) * part
    return min(max(lowest, least), most)


LBFGS = ClassValue(
    "LBFGS",
    (OPTIMIZER,),
    {"__init__": Builtin("LBFGS", _start), "step": Builtin("step", _step)},
    "torch.optim.lbfgs.LBFGS",
)
