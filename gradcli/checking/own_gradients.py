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
from gradcli.checking.comparing import Compared, Settings, compare
from gradcli.checking.guesses import mistake
from gradcli.checking.model import Model, weighted
from gradcli.checking.nearby import neighbours
from gradcli.checking.own_call import CHANGED, OwnCall, looking_inside
from gradcli.checking.rerun import Rerun
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE, Check
from gradcli.checking.settling import settling
from gradcli.checking.wording import described, point_text, unmeasurable
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.node import Node, leaf
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from gradcli.checking.arbiter import Arbiter

Array = np.ndarray[Any, np.dtype[Any]]

WEIGHTS = (-1.5, -0.5, 0.5, 2.0)
"""Of which an incoming gradient is made. With 1 it would not show whether a gradient is multiplied by it."""
LONGEST = 40
"""No longer part of a program is repeated in what is said of it."""


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
            again = _Again(call, model, arrays, movable)
            if not again.results:
                return
            weights = [random.choice(WEIGHTS, size=each.shape) for each in again.results]
            claimed = again.gradients(weights)
        except GradcliError as error:
            if number == 0:
                yield Check("own-gradient", "", FAIL, error.message)
                return
            continue
        shapes = [each.shape for each in again.results]
        tapes = _inside(call, model, arrays, movable, weights)
        for place, (at, gradient) in enumerate(zip(movable, claimed, strict=True)):
            function = _own_function(call, arrays, at, weights, shapes)
            few = 16 if number == 0 else 4
            arbiter = _precisely(tapes, arrays, at, weights)
            result = compare(
                function, arrays[at], gradient, settings, cost=300.0, elements=few, arbiter=arbiter
            )
            if number and not (result.failed and result.worst and math.isfinite(result.worst.claimed)):
                continue
            forgotten = ""
            if result.failed:
                forgotten = _forgotten(again, place, result, tapes, arrays, at, weights, model.source)
            check = described("own-gradient", "", result, forgotten)
            if call.count > 1:
                check.message = f"by argument {at + 1}: {check.message}"
            if number:
                names = {f"argument {key}": value for key, value in point.items()}
                check.notes.append("right as it was called, wrong near that: " + point_text(names))
            yield check


class _Again:
    """One more call of a function with its own gradient.

    Attributes:
        results: those that require grad.
        inputs: all that it was called with.
    """

    def __init__(self, call: OwnCall, model: Model, arrays: list[Array], movable: list[int]) -> None:
        session = model.watched.session
        tensors = [session.leaf(array, requires_grad=at in movable) for at, array in enumerate(arrays)]
        self.call = call
        self.results = [each for each in call.again(tensors) if type(each) is Tensor and each.requires_grad]
        self.inputs = [each.node for each in tensors]
        self.nodes = [self.inputs[at] for at in movable]

    def recorded(self, weights: list[Array], inputs: list[Node]) -> list[Node | None]:
        """Its gradient for these weights, by some of the arguments, as nodes."""
        seeds = [leaf(each.astype(result.dtype)) for result, each in zip(self.results, weights, strict=True)]
        with self.call.as_asked():
            return list(reverse([each.node for each in self.results], seeds, inputs))

    def gradients(self, weights: list[Array]) -> list[Array]:
        """What its gradient says for these weights, by each of the arguments that can be moved."""
        found = self.recorded(weights, self.nodes)
        return [
            np.zeros(node.shape) if each is None else np.asarray(engine.value(each), np.float64)
            for node, each in zip(self.nodes, found, strict=True)
        ]


def _inside(
    call: OwnCall, model: Model, arrays: list[Array], movable: list[int], weights: list[Array]
) -> Callable[[], tuple[Rerun, Rerun] | None]:
    """What the function does and what its gradient does, as tapes, once they are asked for.

    The function is recorded inside for once, so that what it computes and what it saves for its gradient are
    known as functions of the arguments.
    """

    @cache
    def tapes() -> tuple[Rerun, Rerun] | None:
        try:
            with looking_inside(model.watched.session):
                again = _Again(call, model, arrays, movable)
                gradients = again.recorded(weights, again.inputs)
                found = (
                    Rerun([each.node for each in again.results], again.inputs, {}, cut=False),
                    Rerun(gradients, again.inputs, {}, cut=False),
                )
                for tape in found:
                    tape(arrays)
        except (GradcliError, ValueError):
            return None
        return found

    return tapes


def _precisely(
    tapes: Callable[[], tuple[Rerun, Rerun] | None], arrays: list[Array], at: int, weights: list[Array]
) -> Callable[[], Arbiter | None]:
    """What settles the gradient by one argument, in more digits."""

    def made() -> Arbiter | None:
        found = tapes()
        if found is None:
            return None
        leaves = {str(place): array for place, array in enumerate(arrays)}
        return settling(*found, leaves, str(at), None, *weights)()

    return cache(made)


def _forgotten(
    again: _Again,
    place: int,
    result: Compared,
    tapes: Callable[[], tuple[Rerun, Rerun] | None],
    arrays: list[Array],
    at: int,
    weights: list[Array],
    source: str,
) -> str:
    """What was forgotten in a gradient that is wrong, where that explains it."""
    found = tapes()
    if result.values is None or found is None:
        return ""

    def ask(factor: float) -> Array:
        return again.gradients([factor * each for each in weights])[place]

    def told(node: Node) -> str:
        start, end = node.call.span or (0, 0) if node.call is not None else (0, 0)
        text = " ".join(source[start:end].split())
        return text if len(text) <= LONGEST else ""

    return mistake(*result.values, ask, found[0], arrays, at, weights, told)


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
