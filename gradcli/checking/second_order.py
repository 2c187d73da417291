"""Second derivatives of a program, by differentiating twice, against differences of its gradient.

`gradcli.checking.gradients` calls it for `--order 2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcli.checking.comparing import Compared, Settings, steps_for
from gradcli.checking.model import Model
from gradcli.checking.numerical import Verdict, measure
from gradcli.checking.rerun import Rerun
from gradcli.checking.results import FAIL, Check
from gradcli.checking.wording import derivative_label, described
from gradcli.errors import GradcliError
from gradcli.tape.forward import forward
from gradcli.tape.node import leaf

Array = np.ndarray[Any, np.dtype[Any]]

SECOND_ORDER_ELEMENTS = 24
"""With at most so many elements every second derivative is measured."""


def second_order(model: Model, number: int, settings: Settings) -> Iterator[Check]:
    root = model.roots[number]
    run = model.watched
    targets = {name: each.node for name, each in run.targets.items()}
    names = list(targets)
    gradients = dict(zip(names, root.gradient_nodes, strict=True))
    random = np.random.default_rng(settings.seed + 4)
    for column, second in enumerate(names):
        for first in names[: column + 1]:
            result = Compared(targets[first].size * targets[second].size)
            node = gradients[first]
            label = derivative_label(root.name, first, second)
            size, others = targets[second].size, targets[first].size
            each_element = max(size, others) <= SECOND_ORDER_ELEMENTS and size * others <= 144
            units = steps_for(np.asarray(model.leaves[second], np.float64).reshape(-1))
            rounds = size if each_element else settings.directions
            result.directions = 0 if each_element else settings.directions
            for at in range(rounds):
                if each_element:
                    direction = np.zeros(size)
                    direction[at] = units[at]
                    weights = np.eye(others)
                else:
                    direction = units * random.choice([-1.0, -0.5, 0.5, 1.0], size=size)
                    weights = random.choice([-1.0, 1.0], size=(1, others))
                try:
                    verdicts = _second_along(model, number, first, second, node, direction, weights, settings)
                except GradcliError as error:
                    yield Check("second-order", label, FAIL, error.message).locate(error.span, model.source)
                    break
                for row, verdict in enumerate(verdicts):
                    place = [row, at] if each_element else None
                    result.add(verdict, float(units[at]) if each_element else 1.0, place)
            else:
                yield described("second-order", label, result).locate(root.span, model.source)


def _second_along(
    model: Model,
    number: int,
    first: str,
    second: str,
    node: Any,
    direction: Array,
    weights: Array,
    settings: Settings,
) -> list[Verdict]:
    """The change of a gradient along a direction, claimed by differentiating twice, against differences."""
    run = model.watched
    target = run.targets[second].node
    shape = target.shape
    along = direction.reshape(shape)
    claimed = np.zeros(len(weights))
    if node is not None and node.requires_grad:
        (tangent,) = forward([node], {target: leaf(along.astype(target.dtype))})
        nodes = [each.node for each in run.targets.values()]
        tape = Rerun([tangent], nodes, run.session.own, cut=True)
        (found,) = tape(list(model.leaves.values()))
        claimed = weights @ np.asarray(found, np.float64).reshape(-1)
    start = np.asarray(model.leaves[second], np.float64)

    def function(t: float) -> Array:
        gradients = model.anew(number, {**model.leaves, second: start + t * along})
        if gradients is None:
            return np.full(len(weights), np.nan)
        product: Array = weights @ np.asarray(gradients[first], np.float64).reshape(-1)
        return product

    largest = float(np.max(np.abs(claimed[np.isfinite(claimed)]), initial=0.0))
    return measure(function, claimed, settings.tolerance, sizes=np.maximum(np.abs(claimed), largest))
