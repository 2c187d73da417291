"""All gradients of one program against numerical differentiation, and forward mode against reverse mode.

`gradcli.checking.runner` calls `gradient_checks` with a program that has run; results come back as data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from gradcli.checking.comparing import ELEMENTS, Compared, Settings, compare, steps_for
from gradcli.checking.ladder import EPSILON
from gradcli.checking.model import Model, Root, weighted
from gradcli.checking.nearby import neighbours
from gradcli.checking.own_call import CHANGED
from gradcli.checking.own_gradients import own_gradient_checks
from gradcli.checking.rerun import Rerun
from gradcli.checking.results import ERROR, FAIL, PASS, UNMEASURABLE, Check
from gradcli.checking.second_order import second_order
from gradcli.checking.walks import walk_checks
from gradcli.checking.wording import derivative_label, described, plain_numbers, point_text, unmeasurable
from gradcli.errors import GradcliError
from gradcli.tape.forward import forward
from gradcli.tape.node import leaf

Array = np.ndarray[Any, np.dtype[Any]]

STAIRS = frozenset(("floor", "ceil", "trunc", "round", "remainder", "fmod", "floor_divide", "trunc_divide"))
"""Operations that are flat but for steps at whole numbers."""
SYMMETRIC = frozenset(("eigh", "pinv"))
"""Operations that read one triangle of a symmetric matrix."""


def gradient_checks(model: Model, settings: Settings, order: int) -> Iterator[Check]:
    """The checks of a program's gradients, in the order of the report.

    When the time is over, what was not looked at are errors.
    """
    with np.errstate(all="ignore"):
        parts = list(_parts(model, settings, order))
        over = ""
        for label, part in parts:
            try:
                if not over:
                    yield from part()
            except GradcliError as error:
                if error.code != "limit":
                    raise
                over = error.message
            if over:
                yield Check("program", label, ERROR, f"not looked at: {over}", details={"code": "limit"})


def _parts(
    model: Model, settings: Settings, order: int
) -> Iterator[tuple[str, Callable[[], Iterator[Check]]]]:
    """What is looked at, one after the other, and what it is called."""
    for number, root in enumerate(model.roots):
        for name in model.leaves:
            yield _label(model, number, name), partial(_first_order, model, number, name, settings)
        names = ", ".join(model.leaves)
        yield (
            f"forward = reverse: d{root.name} by {names}",
            partial(_forward_against_reverse, model, root, settings),
        )
        if order >= 2:
            yield f"second derivatives of {root.name}", partial(second_order, model, number, settings)
    if model.walks:
        yield "the program's own backward passes", partial(walk_checks, model, settings)
    if not model.roots and not model.walks and model.own_calls:
        yield "gradients", partial(_no_root, model)
    if model.own_calls:
        yield "own gradients", partial(own_gradient_checks, model, settings)


def _no_root(model: Model) -> Iterator[Check]:
    """What is said of a program that is no more than its own gradients, as far as a check can see."""
    if model.watched.ran.runtime.leaves:
        reason = "the last statement has no value, so nothing was differentiated; --root names what is to be"
        yield unmeasurable("gradient", "gradients", reason)


def _label(model: Model, number: int, name: str) -> str:
    root = model.roots[number]
    return derivative_label(root.name, name, weighted=root.weighted, several=len(model.roots) > 1)


# ---- first order ---------------------------------------------------------------------------------


def _first_order(model: Model, number: int, name: str, settings: Settings) -> Iterator[Check]:
    root, label = model.roots[number], _label(model, number, name)
    if model.stale:
        yield unmeasurable("gradient", label, CHANGED).locate(root.span, model.source)
        return
    cost = model.cost
    point = dict(model.leaves)
    result = compare(
        _along(model, number, name, point),
        point[name],
        root.gradients[name],
        settings,
        cost=cost,
        arbiter=model.arbiter(number, name),
        many=model.many(number, name),
    )
    result = _at_singular_point(model, number, name, result)
    result = _within_rounding(model, number, name, result)
    if result.failed:
        result = _by_convention(model, number, name, result, settings)
    check = described("gradient", label, result)
    if check.status == PASS and model.own_calls:
        _look_nearby(model, number, name, check, settings)
    if check.status == PASS and name in root.computed:
        _low_precision(check, root.gradients[name], root.computed[name], settings)
    if check.status == FAIL and not model.finite and not math.isfinite(check.details.get("analytic", 0.0)):
        check.status, check.message = UNMEASURABLE, "something on the way overflows or divides by zero"
    yield check.locate(root.span, model.source)


def _along(model: Model, number: int, name: str, point: Mapping[str, Any]) -> Callable[[Array], float]:
    """The weighted root as a function of one leaf."""
    weight = model.roots[number].weight

    def function(value: Array) -> float:
        found = model.values({**point, name: value})[number]
        return weighted([found], [weight]) if found.shape == weight.shape else math.nan

    return function


def _at_singular_point(model: Model, number: int, name: str, result: Compared) -> Compared:
    """A disagreement at the only point where the rules have to choose: PyTorch's choice is no error.

    `relu(x) - relu(-x)` is smooth, but at 0 each part has a kink and contributes by convention. Only the
    functions of the language have conventions; an own gradient has to be right everywhere.
    """
    if not result.failed or model.own_calls or result.worst is None or result.index is None:
        return result
    place = tuple(result.index)
    unit = float(steps_for(np.asarray(model.leaves[name], np.float64).reshape(-1)).max())
    for sign in (-1.0, 1.0):
        moved = np.array(model.leaves[name], np.float64)
        moved[place] += sign * unit * 2.0**-24
        gradients = model.gradients(number, {**model.leaves, name: moved})
        if gradients is None:
            return result
        gap = abs(float(gradients[name][place]) - result.worst.measured)
        if gap > 1e-5 * max(abs(result.worst.measured), 1e-300) + 10 * result.worst.error:
            return result
    reason = "a kink inside the program: here its derivative is a convention"
    return replace(result, passed=0, failed=0, unmeasured=result.failed + result.unmeasured, reason=reason)


def _by_convention(model: Model, number: int, name: str, result: Compared, settings: Settings) -> Compared:
    """Disagreements that come of how a function is defined.

    Functions of symmetric matrices read one triangle, and their gradient is spread over both, so only moves
    of both together tell. Beyond 2**52 floats have no fraction that a step could be seen by.
    """
    leaf_value = np.asarray(model.leaves[name], np.float64)
    if model.uses(STAIRS) and bool((np.abs(leaf_value) >= 2.0**52).any()):
        reason = "floats as large have no fraction"
        return replace(result, passed=0, failed=0, unmeasured=result.elements, reason=reason)
    square = leaf_value.ndim >= 2 and leaf_value.shape[-1] == leaf_value.shape[-2]
    if not square or not model.uses(SYMMETRIC):
        return result
    gradient = model.roots[number].gradients[name]
    along = _along(model, number, name, model.leaves)
    both = gradient + gradient.swapaxes(-1, -2)
    diagonal = np.eye(leaf_value.shape[-1], dtype=bool)
    both = np.where(diagonal, gradient, both)

    def symmetric(value: Array) -> float:
        moved = value - leaf_value
        return along(leaf_value + np.where(diagonal, moved, moved + moved.swapaxes(-1, -2)))

    return compare(symmetric, leaf_value, both, settings, cost=model.cost)


def _within_rounding(model: Model, number: int, name: str, result: Compared) -> Compared:
    """A disagreement that the gradient's own rounding can explain is none: its formula may cancel."""
    worst = result.worst
    if not result.failed or worst is None or result.index is None or not math.isfinite(worst.claimed):
        return result
    spread = model.rounding(number, name)
    if spread is None or abs(worst.claimed - worst.measured) > 30 * float(spread[tuple(result.index)]):
        return result
    return replace(
        result, passed=0, failed=0, unmeasured=result.failed + result.unmeasured, reason="rounding hides it"
    )


def _look_nearby(model: Model, number: int, name: str, check: Check, settings: Settings) -> None:
    """Looks whether a gradient that uses own gradients is right at the given point only."""
    if model.leaves[name].size > 10_000:
        return
    for point in neighbours(model.leaves, settings.seed):
        there = model.elsewhere(point)
        if there is None or name not in there.leaves or number >= len(there.roots):
            continue
        # A check along directions is enough to notice.
        few = 4 if point[name].size > 4 else ELEMENTS
        result = compare(
            _along(there, number, name, there.leaves),
            there.leaves[name],
            there.roots[number].gradients[name],
            settings,
            cost=model.cost,
            elements=few,
            arbiter=there.arbiter(number, name),
        )
        if result.failed and math.isfinite(result.worst.claimed if result.worst else math.nan):
            nearby = described("gradient", check.label, result)
            check.status, check.message, check.details = FAIL, nearby.message, nearby.details
            check.details["point"] = {each: plain_numbers(value) for each, value in point.items()}
            check.notes = [*nearby.notes, "right at the given point, wrong near it: " + point_text(point)]
            return


def _low_precision(check: Check, exact: Array, computed: Array, settings: Settings) -> None:
    """Says how far a gradient in float32 is from what it is in float64."""
    largest = float(np.max(np.abs(exact), initial=0.0))
    gap = float(np.max(np.abs(exact - computed.astype(np.float64)), initial=0.0))
    relative = gap / largest if largest else gap
    check.details["float32_error"] = relative
    check.message += f"; in {computed.dtype} it is off by {relative:.1e}"
    if not relative <= max(1e-3, settings.tolerance.relative):
        check.status = UNMEASURABLE
        check.message = f"right in float64, but {computed.dtype} is too coarse for it: off by {relative:.1e}"


# ---- forward against reverse ---------------------------------------------------------------------


def _forward_against_reverse(model: Model, root: Root, settings: Settings) -> Iterator[Check]:
    check = _of_both_modes(model, root, settings)
    if check is not None:
        yield check


def _of_both_modes(model: Model, root: Root, settings: Settings) -> Check | None:
    run = model.watched
    targets = {name: each.node for name, each in run.targets.items()}
    if not targets or not root.node.requires_grad or model.stale:
        return None
    random = np.random.default_rng(settings.seed + 2)
    directions = {
        name: random.choice([-1.0, -0.5, 0.5, 1.0], size=node.shape).astype(node.dtype)
        for name, node in targets.items()
    }
    tangents = {node: leaf(directions[name]) for name, node in targets.items()}
    try:
        (tangent,) = forward([root.node], tangents)
        tape = Rerun([tangent], list(targets.values()), run.session.own, cut=True)
    except (GradcliError, NotImplementedError):
        return None
    (found,) = tape([model.leaves[name] for name in targets])
    assert found is not None
    along = weighted([np.asarray(found, np.float64)], [root.weight])
    terms = [root.gradients[name] * directions[name] for name in targets]
    backward = float(sum(np.sum(each) for each in terms))
    size = float(sum(np.sum(np.abs(each)) for each in terms))
    names = ", ".join(targets)
    label = f"forward = reverse: d{root.name} by {names}"
    if not (math.isfinite(along) and math.isfinite(backward)):
        return (
            None
            if not math.isfinite(size)
            else Check("forward-reverse", label, UNMEASURABLE, "not finite").locate(root.span, model.source)
        )
    gap = abs(along - backward)
    allowed = settings.tolerance.of(max(size, abs(along))) + 64 * EPSILON * size
    details = {"forward": along, "reverse": backward}
    if gap <= allowed:
        return Check("forward-reverse", label, PASS, f"differ by {gap:.1e}", details=details)
    if gap <= 30 * model.forward_rounding(tape, root, directions):
        return Check("forward-reverse", label, PASS, f"differ by {gap:.1e}, by rounding", details=details)
    other = _forward_elsewhere(model, root, tape, directions, list(targets))
    if other > 1e-6:
        message = f"forward mode gives {along!r}, reverse mode {backward!r} along the same direction"
        return Check("forward-reverse", label, FAIL, message, details=details).locate(root.span, model.source)
    return Check("forward-reverse", label, UNMEASURABLE, "rounding hides it", details=details)


def _forward_elsewhere(
    model: Model, root: Root, tape: Rerun, directions: Mapping[str, Array], names: Sequence[str]
) -> float:
    """The smallest relative difference of both modes nearby: rounding differs, a wrong rule stays."""
    smallest = math.inf
    for point in neighbours(model.leaves, 3):
        gradients = model.gradients(model.roots.index(root), point)
        (found,) = tape([point[name] for name in names])
        if gradients is None or found is None:
            continue
        terms = [gradients[name] * directions[name] for name in names]
        size = float(sum(np.sum(np.abs(each)) for each in terms))
        gap = abs(weighted([found], [root.weight]) - float(sum(np.sum(each) for each in terms)))
        if math.isfinite(gap) and size:
            smallest = min(smallest, gap / size)
    return smallest
