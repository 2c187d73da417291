"""The gradients of a program's own backward walks against numerical differentiation.

Called by `gradcli.checking.gradients`. Each walk is checked on the tape as it was when the program made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcli.checking.comparing import ELEMENTS, Compared, Settings, compare
from gradcli.checking.model import Model, weighted
from gradcli.checking.own_call import CHANGED
from gradcli.checking.results import PASS, Check
from gradcli.checking.session import OwnWalk
from gradcli.checking.settling import settling
from gradcli.checking.wording import described
from gradcli.engine import run as engine

Array = np.ndarray[Any, np.dtype[Any]]


def walk_checks(model: Model, settings: Settings) -> Iterator[Check]:
    """The gradients of the program's own backward walks, each leaf once."""
    found: dict[str, list[tuple[OwnWalk, Compared]]] = {}
    for walk in model.walks:
        arrays = [np.asarray(engine.value(node)) for node in walk.targets]
        weights = [np.asarray(engine.value(node), np.float64) for node in walk.weights]
        walk.roots(arrays)
        gradients = walk.gradients(arrays)
        few = ELEMENTS if len(model.walks) <= 4 else 8
        for at, node in enumerate(walk.targets):
            gradient = gradients[at]
            point = np.asarray(arrays[at], np.float64)

            def function(value: Array, at: int = at, walk: OwnWalk = walk, arrays: Any = arrays,
                         weights: Any = weights) -> float:  # fmt: skip
                values = [*arrays[:at], value, *arrays[at + 1 :]]
                return weighted(walk.roots(values), weights)

            claimed = np.zeros(node.shape) if gradient is None else gradient
            cost = 5.0 + sum(2 + step.node.size / 500 for step in walk.roots.steps)
            if not walk.roots.faithful:
                result = Compared(point.size, unmeasured=point.size, reason=CHANGED)
                found.setdefault(model.name_of(node) or f"input {at + 1}", []).append((walk, result))
                continue
            leaves = {str(place): array for place, array in enumerate(arrays)}
            arbiter = settling(walk.roots, walk.gradients, leaves, str(at), None, *weights)
            result = compare(function, point, claimed, settings, cost=cost, elements=few, arbiter=arbiter)
            found.setdefault(model.name_of(node) or f"input {at + 1}", []).append((walk, result))
    for name, results in found.items():
        worst = next((each for each in results if each[1].failed), results[0])
        measured = [each for _, each in results if each.status == PASS]
        check = described("gradient", f"{name}.grad", worst[1])
        if not worst[1].failed and measured and worst[1].status != PASS:
            check = described("gradient", f"{name}.grad", measured[0])
        if len(results) > 1:
            of = f" of {model.walk_count}" if model.walk_count > len(results) else ""
            check.message += f", {len(results)}{of} backward passes"
            check.details["passes"] = len(results)
        yield check.locate(worst[0].span, model.source)
