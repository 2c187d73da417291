"""Functions that state their own gradient, each by itself: as the program called it, and near that.

Called by `gradcli.checking.gradients`. The gradient is asked with random weights; numerical differentiation
sees what the function returns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checking.comparing import FAIL, PASS, UNMEASURABLE, Settings, compare
from gradcli.checking.model import Model, weighted
from gradcli.checking.nearby import neighbours
from gradcli.checking.own_call import CHANGED, OwnCall
from gradcli.checking.rerun import Rerun
from gradcli.checking.results import Check
from gradcli.checking.settling import settling
from gradcli.checking.wording import described, point_text, unmeasurable
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.node import leaf
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from gradcli.checking.arbiter import Arbiter

Array = np.ndarray[Any, np.dtype[Any]]


def own_gradient_checks(model: Model, settings: Settings) -> Iterator[Check]:
    """Each function with its own gradient by itself: as it was called, and near that."""
    by_name: dict[str, list[OwnCall]] = {}
    for call in model.own_calls:
        by_name.setdefault(call.name, []).append(call)
    for name, calls in by_name.items():
        worst: Check | None = None
        for call in calls:
            for check in _own_call(call, model, settings):
                if (
                    worst is None
                    or (check.status == FAIL and worst.status != FAIL)
                    or (check.status == PASS and worst.status == UNMEASURABLE)
                ):
                    worst = check
        if worst is not None:
            worst.label = f"own gradient of {name}"
            yield worst.locate(calls[0].span, model.source)


def _own_call(call: OwnCall, model: Model, settings: Settings) -> Iterator[Check]:
    arguments = {str(at + 1): np.asarray(engine.value(node)) for at, node in enumerate(call.inputs)}
    movable = [
        at
        for at, node in enumerate(call.inputs)
        if node.dtype.kind == "f" and node.requires_grad and node.size
    ]
    if not movable or sum(call.inputs[at].size for at in movable) > 200_000:
        return
    if not call.repeats():
        yield unmeasurable("own-gradient", "", CHANGED)
        return
    moving = {str(at + 1): arguments[str(at + 1)] for at in movable}
    random = np.random.default_rng(settings.seed + 5)
    for number, point in enumerate([moving, *neighbours(moving, settings.seed)]):
        arrays = [np.asarray(point.get(key, value)) for key, value in arguments.items()]
        arrays = [each.astype(np.float64) if each.dtype.kind == "f" else each for each in arrays]
        try:
            tensors = [
                model.watched.session.leaf(array, requires_grad=at in movable)
                for at, array in enumerate(arrays)
            ]
            results = [each for each in call.again(tensors) if type(each) is Tensor and each.requires_grad]
            if not results:
                return
            weights = [random.choice([-1.0, -0.5, 0.5, 1.0], size=each.shape) for each in results]
            seeds = [leaf(weight.astype(each.dtype)) for each, weight in zip(results, weights, strict=True)]
            nodes = [tensors[at].node for at in movable]
            with call.as_asked():
                gradients = reverse([each.node for each in results], seeds, nodes)
            claimed = [
                np.zeros(node.shape) if each is None else np.asarray(engine.value(each), np.float64)
                for node, each in zip(nodes, gradients, strict=True)
            ]
        except GradcliError as error:
            if number == 0:
                yield Check("own-gradient", "", FAIL, error.message)
                return
            continue
        shapes = [each.shape for each in results]
        precisely = _precisely(call, model, arrays, movable, weights)
        for at, gradient in zip(movable, claimed, strict=True):
            function = _own_function(call, arrays, at, weights, shapes)
            few = 16 if number == 0 else 4
            result = compare(
                function, arrays[at], gradient, settings, cost=300.0, elements=few, arbiter=precisely(at)
            )
            if number and not (result.failed and result.worst and math.isfinite(result.worst.claimed)):
                continue
            check = described("own-gradient", "", result)
            if call.count > 1:
                check.message = f"by argument {at + 1}: {check.message}"
            if number:
                names = {f"argument {key}": value for key, value in point.items()}
                check.notes.append("right as it was called, wrong near that: " + point_text(names))
            yield check


def _precisely(
    call: OwnCall, model: Model, arrays: list[Array], movable: list[int], weights: list[Array]
) -> Callable[[int], Callable[[], Arbiter | None]]:
    """For each argument what settles the gradient by it, in more digits.

    The function is recorded inside for once, so that what it computes and what it saves for its gradient are
    known as functions of the arguments.
    """

    @cache
    def tapes() -> tuple[Rerun, Rerun] | None:
        session = model.watched.session
        session.inside_own = True
        try:
            tensors = [session.leaf(array, requires_grad=at in movable) for at, array in enumerate(arrays)]
            results = [each for each in call.again(tensors) if type(each) is Tensor and each.requires_grad]
            seeds = [leaf(weight.astype(each.dtype)) for each, weight in zip(results, weights, strict=True)]
            inputs = [each.node for each in tensors]
            with call.as_asked():
                gradients = reverse([each.node for each in results], seeds, inputs)
            found = (
                Rerun([each.node for each in results], inputs, {}, cut=False),
                Rerun(gradients, inputs, {}, cut=False),
            )
            for tape in found:
                tape(arrays)
        except (GradcliError, ValueError):
            return None
        finally:
            session.inside_own = False
        return found

    def by(at: int) -> Callable[[], Arbiter | None]:
        def made() -> Arbiter | None:
            found = tapes()
            if found is None:
                return None
            leaves = {str(place): array for place, array in enumerate(arrays)}
            return settling(*found, leaves, str(at), None, *weights)()

        return cache(made)

    return by


def _own_function(
    call: OwnCall, arrays: list[Array], at: int, weights: list[Array], shapes: list[tuple[int, ...]]
) -> Callable[[Array], float]:
    def function(value: Array) -> float:
        try:
            found = call.forward(*arrays[:at], value, *arrays[at + 1 :])
        except GradcliError:
            return math.nan
        values = list(found) if isinstance(found, tuple) else [found]
        values = [each for each in values if each.dtype.kind == "f"]
        if [each.shape for each in values] != shapes:
            return math.nan
        return weighted(values, weights)

    return function
