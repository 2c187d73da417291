"""All gradients of one program against numerical differentiation, and forward mode against reverse mode.

`gradcli.checking.runner` calls `gradient_checks` with a program that has run; what comes back are results as data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checking.comparing import (
    ELEMENTS,
    FAIL,
    PASS,
    UNMEASURABLE,
    Comparison,
    Settings,
    compare,
    steps_for,
)
from gradcli.checking.model import Model, Root, weighted
from gradcli.checking.numerical import EPSILON, Verdict, measure
from gradcli.checking.replay import Tape
from gradcli.checking.results import Check, plural
from gradcli.checking.session import OwnCall, Walk
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.forward import forward
from gradcli.tape.node import leaf
from gradcli.tape.reverse import reverse

Array = np.ndarray[Any, np.dtype[Any]]

NEIGHBOURS = 3
"""Points near the given one at which own gradients are checked too: some are right at one point only."""
SECOND_ORDER_ELEMENTS = 24
"""With at most so many elements every second derivative is measured."""


def gradient_checks(model: Model, settings: Settings, order: int = 1) -> Iterator[Check]:
    """The checks of a program's gradients, in the order of the report."""
    with np.errstate(all="ignore"):
        for number, root in enumerate(model.roots):
            for name in model.leaves:
                yield _first_order(model, number, name, settings)
            check = _forward_against_reverse(model, root, settings)
            if check is not None:
                yield check
            if order >= 2:
                yield from _second_order(model, number, settings)
        yield from _walks(model, settings)
        yield from _own_gradients(model, settings)


def derivative_label(model: Model, root: Root, *names: str) -> str:
    """`dz/dx`, `d2z/dxdw`; `x.grad` where weights make it no single quotient."""
    if root.weighted and len(names) == 1:
        several = f" of {root.name}" if len(model.roots) > 1 else ""
        return f"{names[0]}.grad{several}"
    if len(names) == 1:
        return f"d{root.name}/d{names[0]}"
    if len(set(names)) == 1:
        return f"d{len(names)}{root.name}/d{names[0]}{len(names)}"
    return f"d{len(names)}{root.name}/" + "".join(f"d{name}" for name in names)


# ---- first order ---------------------------------------------------------------------------------


def _first_order(model: Model, number: int, name: str, settings: Settings) -> Check:
    root = model.roots[number]
    cost = model.cost
    point = dict(model.leaves)
    result = compare(
        _along(model, number, name, point), point[name], root.gradients[name], settings, cost=cost
    )
    result = _at_singular_point(model, number, name, result, settings)
    result = _within_rounding(model, number, name, result)
    check = described("gradient", derivative_label(model, root, name), result)
    if check.status == PASS and model.own_calls:
        _look_nearby(model, number, name, check, settings)
    if check.status == PASS and name in root.computed:
        _low_precision(check, root.gradients[name], root.computed[name], settings)
    if check.status == FAIL and not model.finite and not math.isfinite(check.details.get("analytic", 0.0)):
        check.status, check.message = UNMEASURABLE, "something on the way overflows or divides by zero"
    return check.locate(root.span, model.source)


def _along(model: Model, number: int, name: str, point: Mapping[str, Any]) -> Callable[[Array], float]:
    """The weighted root as a function of one leaf."""
    weight = model.roots[number].weight

    def function(value: Array) -> float:
        found = model.values({**point, name: value})[number]
        return weighted([found], [weight]) if found.shape == weight.shape else math.nan

    return function


def _at_singular_point(
    model: Model, number: int, name: str, result: Comparison, settings: Settings
) -> Comparison:
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


def _within_rounding(model: Model, number: int, name: str, result: Comparison) -> Comparison:
    """A disagreement that the gradient's own rounding can explain is none: its formula may cancel."""
    worst = result.worst
    if not result.failed or worst is None or result.index is None or not math.isfinite(worst.claimed):
        return result
    spread = model.rounding(number, name)
    if spread is None or abs(worst.claimed - worst.measured) > 30 * float(spread[tuple(result.index)]):
        return result
    return replace(result, passed=0, failed=0, unmeasured=result.failed + result.unmeasured, reason="rounding hides it")


def _look_nearby(model: Model, number: int, name: str, check: Check, settings: Settings) -> None:
    """Looks whether a gradient that uses own gradients is right at the given point only."""
    if model.leaves[name].size > 10_000:
        return
    for point in neighbours(model.leaves, settings.seed):
        gradients = model.gradients(number, point)
        if gradients is None:
            continue
        # A check along directions is enough to notice.
        few = 4 if point[name].size > 4 else ELEMENTS
        result = compare(
            _along(model, number, name, point),
            point[name],
            gradients[name],
            settings,
            cost=model.cost,
            elements=few,
        )
        if result.failed and math.isfinite(result.worst.claimed if result.worst else math.nan):
            nearby = described("gradient", check.label, result)
            check.status, check.message, check.details = FAIL, nearby.message, nearby.details
            check.details["point"] = {each: _plain(value) for each, value in point.items()}
            check.notes = [*nearby.notes, "right at the given point, wrong near it: " + point_text(point)]
            return


def neighbours(leaves: Mapping[str, Any], seed: int, count: int = NEIGHBOURS) -> Iterator[dict[str, Array]]:
    """Points near the given one, every element moved by its own amount."""
    random = np.random.default_rng(seed + 1)
    for number in range(count):
        far = (0.3, 0.1, 0.01)[number % 3]
        found = {}
        for name, value in leaves.items():
            array = np.asarray(value, np.float64)
            sizes = steps_for(array.reshape(-1)).reshape(array.shape)
            sizes = np.where(array == 0, sizes, np.abs(array))
            shift = far * random.uniform(0.3, 1.0, array.shape) * random.choice([-1.0, 1.0], array.shape)
            moved = array + sizes * shift
            if array.size <= 64:  # short numbers are easier to look at
                moved = np.array([float(f"{each:.2g}") for each in moved.reshape(-1)]).reshape(array.shape)
                moved = np.where(moved == array, array + sizes * shift, moved)
            found[name] = moved
        yield found


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


def _forward_against_reverse(model: Model, root: Root, settings: Settings) -> Check | None:
    run = model.watched
    targets = {name: each.node for name, each in run.targets.items()}
    if not targets or not root.node.requires_grad:
        return None
    random = np.random.default_rng(settings.seed + 2)
    directions = {
        name: random.choice([-1.0, -0.5, 0.5, 1.0], size=node.shape).astype(node.dtype)
        for name, node in targets.items()
    }
    tangents = {node: leaf(directions[name]) for name, node in targets.items()}
    try:
        (tangent,) = forward([root.node], tangents)
        tape = Tape([tangent], list(targets.values()), run.watched.own, cut=True)
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
        return None if not math.isfinite(size) else Check(
            "forward-reverse", label, UNMEASURABLE, "not finite"
        ).locate(root.span, model.source)
    gap = abs(along - backward)
    allowed = settings.tolerance.of(max(size, abs(along))) + 64 * EPSILON * size
    details = {"forward": along, "reverse": backward}
    if gap <= allowed:
        return Check("forward-reverse", label, PASS, f"differ by {gap:.1e}", details=details)
    other = _forward_elsewhere(model, root, tape, directions, list(targets))
    if other > 1e-6:
        message = f"forward mode gives {along!r}, reverse mode {backward!r} along the same direction"
        return Check("forward-reverse", label, FAIL, message, details=details).locate(root.span, model.source)
    return Check("forward-reverse", label, UNMEASURABLE, "rounding hides it", details=details)


def _forward_elsewhere(
    model: Model, root: Root, tape: Tape, directions: Mapping[str, Array], names: Sequence[str]
) -> float:
    """The smallest relative difference of both modes at points nearby: rounding differs, a wrong rule stays."""
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


# ---- second order --------------------------------------------------------------------------------


def _second_order(model: Model, number: int, settings: Settings) -> Iterator[Check]:
    root = model.roots[number]
    run = model.watched
    targets = {name: each.node for name, each in run.targets.items()}
    names = list(targets)
    gradients = dict(zip(names, root.gradient_nodes, strict=True))
    random = np.random.default_rng(settings.seed + 4)
    for column, second in enumerate(names):
        for first in names[: column + 1]:
            result = Comparison(targets[first].size * targets[second].size)
            node = gradients[first]
            label = derivative_label(model, root, first, second)
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
                    verdicts = _second_along(
                        model, number, first, second, node, direction, weights, settings
                    )
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
        tape = Tape([tangent], nodes, run.watched.own, cut=True)
        (found,) = tape(list(model.leaves.values()))
        claimed = weights @ np.asarray(found, np.float64).reshape(-1)
    start = np.asarray(model.leaves[second], np.float64)

    def function(t: float) -> Array:
        gradients = model.gradients(number, {**model.leaves, second: start + t * along})
        if gradients is None:
            return np.full(len(weights), np.nan)
        product: Array = weights @ np.asarray(gradients[first], np.float64).reshape(-1)
        return product

    largest = float(np.max(np.abs(claimed[np.isfinite(claimed)]), initial=0.0))
    return measure(function, claimed, settings.tolerance, sizes=np.maximum(np.abs(claimed), largest))


# ---- the program's own backward ------------------------------------------------------------------


def _walks(model: Model, settings: Settings) -> Iterator[Check]:
    """The gradients of the program's own backward walks, each leaf once."""
    found: dict[str, list[tuple[Walk, Comparison]]] = {}
    for walk in model.walks:
        arrays = [np.asarray(engine.value(node)) for node in walk.targets]
        weights = [np.asarray(engine.value(node), np.float64) for node in walk.weights]
        walk.roots(arrays)
        gradients = walk.gradients(arrays)
        few = ELEMENTS if len(model.walks) <= 4 else 8
        for at, node in enumerate(walk.targets):
            gradient = gradients[at]
            point = np.asarray(arrays[at], np.float64)

            def function(value: Array, at: int = at, walk: Walk = walk, arrays: Any = arrays,
                         weights: Any = weights) -> float:  # fmt: skip
                values = [*arrays[:at], value, *arrays[at + 1 :]]
                return weighted([each for each in walk.roots(values) if each is not None], weights)

            claimed = np.zeros(node.shape) if gradient is None else gradient
            cost = 5.0 + sum(2 + step.node.size / 500 for step in walk.roots.steps)
            result = compare(function, point, claimed, settings, cost=cost, elements=few)
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


# ---- own gradients -------------------------------------------------------------------------------


def _own_gradients(model: Model, settings: Settings) -> Iterator[Check]:
    """Each function with its own gradient by itself: as it was called, and near that."""
    by_name: dict[str, list[OwnCall]] = {}
    for call in model.own_calls:
        by_name.setdefault(call.name, []).append(call)
    for name, calls in by_name.items():
        worst: Check | None = None
        for call in calls:
            for check in _own_call(call, model, settings):
                if worst is None or (check.status == FAIL and worst.status != FAIL) or (
                    check.status == PASS and worst.status == UNMEASURABLE
                ):
                    worst = check
        if worst is not None:
            worst.label = f"own gradient of {name}"
            yield worst.locate(calls[0].span, model.source)


def _own_call(call: OwnCall, model: Model, settings: Settings) -> Iterator[Check]:
    arguments = {str(at + 1): np.asarray(engine.value(node)) for at, node in enumerate(call.inputs)}
    movable = [
        at for at, node in enumerate(call.inputs) if node.dtype.kind == "f" and node.requires_grad and node.size
    ]
    if not movable or sum(call.inputs[at].size for at in movable) > 200_000:
        return
    moving = {str(at + 1): arguments[str(at + 1)] for at in movable}
    random = np.random.default_rng(settings.seed + 5)
    for number, point in enumerate([moving, *neighbours(moving, settings.seed)]):
        arrays = [np.asarray(point.get(key, value)) for key, value in arguments.items()]
        arrays = [
            each.astype(np.float64) if each.dtype.kind == "f" else each for each in arrays
        ]
        try:
            tensors = [
                model.watched.session.leaf(array, requires_grad=at in movable) for at, array in enumerate(arrays)
            ]
            results = [each for each in call.again(tensors) if type(each) is Tensor and each.requires_grad]
            if not results:
                return
            weights = [random.choice([-1.0, -0.5, 0.5, 1.0], size=each.shape) for each in results]
            seeds = [leaf(weight.astype(each.dtype)) for each, weight in zip(results, weights, strict=True)]
            nodes = [tensors[at].node for at in movable]
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
        for at, gradient in zip(movable, claimed, strict=True):
            function = _own_function(call, arrays, at, weights, shapes)
            few = 16 if number == 0 else 4
            result = compare(function, arrays[at], gradient, settings, cost=300.0, elements=few)
            if number and not (result.failed and result.worst and math.isfinite(result.worst.claimed)):
                continue
            check = described("own-gradient", "", result)
            if call.count > 1:
                check.message = f"by argument {at + 1}: {check.message}"
            if number:
                names = {f"argument {key}": value for key, value in point.items()}
                check.notes.append("right as it was called, wrong near that: " + point_text(names))
            yield check


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


# ---- in words ------------------------------------------------------------------------------------


def described(kind: str, label: str, result: Comparison) -> Check:
    """A comparison as a result."""
    worst = result.worst
    details: dict[str, Any] = {"elements": result.elements}
    if result.directions:
        details["directions"] = result.directions
    if result.status == FAIL:
        assert worst is not None
        return _described_failure(kind, label, result, details)
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
    return Check(kind, label, PASS, message, details=details)


def _described_failure(kind: str, label: str, result: Comparison, details: dict[str, Any]) -> Check:
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
    hint = ratio_hint(worst.measured, worst.claimed, worst.error)
    if hint:
        details["ratio"] = round(worst.measured / worst.claimed, 12)
        check.notes.append(hint)
    return check


def ratio_hint(true: float, claimed: float, error: float = 0.0) -> str:
    """What the ratio of both tells: a sign, a factor."""
    if not (math.isfinite(true) and math.isfinite(claimed)) or claimed == 0 or true == 0:
        return ""
    ratio = true / claimed
    near = max(1e-7, 10 * error / abs(true))
    shown = f"{ratio:.12g}" if abs(abs(ratio) - 1) < 1e-3 else f"{ratio:.6g}"
    for factor, said in (
        (-1.0, "the sign is wrong"),
        (2.0, "a factor 2 is missing"),
        (0.5, "there is a factor 2 too many"),
        (-2.0, "the sign is wrong and a factor 2 is missing"),
        (-0.5, "the sign is wrong and there is a factor 2 too many"),
    ):
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


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    return array.tolist() if array.size <= 64 else None
