"""What slopes do to a gradient: flat places, dead and saturated units, kinks, what was chosen, and gradients
that vanish or explode on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.explanation.anomalies import handed
from gradcli.explanation.model import Finding
from gradcli.explanation.rounding import absorbed, cancelled
from gradcli.explanation.writers.words import number, shown
from gradcli.tape.custom import identity
from gradcli.tape.node import FLOATS, LEAF, Node
from gradcli.tape.primitives import Elementwise

if TYPE_CHECKING:
    from gradcli.explanation.model import Story, Told
    from gradcli.explanation.seen import Seen
    from gradcli.explanation.tape_view import TapeView
    from gradcli.explanation.watching import Walk

MOST_NODES = 3_000
MOST_ELEMENTS = 100_000
SATURATED = 1e-4
"""A smaller slope of a function that levels off lets next to nothing through."""
LEVELLING = (
    *("sigmoid", "tanh", "softmax", "log_softmax", "erf", "softsign", "hardsigmoid", "hardtanh", "atan"),
    *("logsigmoid", "softplus", "expit", "gelu", "silu", "elu", "exp", "erfc"),
)
DEAD = (
    *("relu", "relu6", "clamp", "clamp_min", "clamp_max", "threshold", "hardtanh", "hardshrink"),
    *("softshrink", "clip", "hardsigmoid", "hardswish"),
)
CHOOSING = ("amax", "amin", "max", "min", "median", "maximum", "minimum", "fmax", "fmin")
FEW = 4
"""On a shorter way nothing adds up."""
VANISHING, EXPLODING = 1e-6, 1e6
"""The product of slopes along a path, from where on its factors are told."""


def slopes(seen: Seen, story: Story, tape: TapeView) -> list[Finding]:
    """What the slopes of the last walk do."""
    if not seen.session.walks or not seen.session.walks[-1].cotangents:
        return []
    walk = seen.session.walks[-1]
    found: list[Finding] = []
    if len(walk.cotangents) <= MOST_NODES:
        for node in walk.cotangents:
            cotangent = walk.cotangent(node)
            if isinstance(cotangent, list) or not node.inputs or node.op.parts or node.op.of_program:
                continue
            if node.size > MOST_ELEMENTS or any(each.size > MOST_ELEMENTS for each in node.inputs):
                continue
            found += _at(node, walk, tape)
    found += cancelled(tape)
    if story.walks:
        found += _growth(story.walks[-1])
    return found


def _at(node: Node, walk: Walk, tape: TapeView) -> list[Finding]:
    found: list[Finding] = []
    function = tape.function(node)
    shares = handed(node, np.ones(node.shape))
    for index, (each, slope) in enumerate(zip(node.inputs, shares, strict=False)):
        if not each.requires_grad or each.dtype not in FLOATS:
            continue
        if slope is None:
            if not node.op.elementwise:
                continue
            says = f"{tape.made(node)} is flat: {function} has slope 0 everywhere, so no gradient passes"
            found.append(Finding("flat", says, tape.line(node), "round after differentiating, or detach"))
            continue
        if function in CHOOSING or node.op.name in ("amax", "amin"):
            found += _chosen(node, each, slope, tape)
        if node.op.elementwise and slope.shape == node.shape:
            flat = _flat(node, each, slope, function, walk, tape)
            found += flat + _kink(node, index, each, slope, tape)
            lost = None if flat else absorbed(node, each, slope, tape)
            found += [] if lost is None else [lost]
        elif node.op.name == "norm" and not node.shape and engine.value(node) == 0:
            says = f"{tape.made(node)} has a kink at 0: the length of a vector has no slope there, it grows "
            says += "in every direction; backward takes 0"
            found.append(Finding("kink", says, tape.line(node), "sqrt(sum(x**2) + 1e-12) is smooth"))
    return found


def _flat(node: Node, each: Node, slope: Any, function: str, walk: Walk, tape: TapeView) -> list[Finding]:
    arrived = walk.cotangent(node)
    line, text = tape.line(node), tape.made(node)
    value = np.asarray(engine.value(each), np.float64)
    if function == "where" or node.op.name == "where":
        taken = int(np.count_nonzero(slope))
        if not taken and function != "where" and not _starved(each, walk, tape):
            return []
        if not taken and _starved(each, walk, tape):
            says = f"{text} took {tape.text(each)} nowhere, so no gradient passes to it"
            return [Finding("dead", says, line)]
        if taken < slope.size:
            says = f"{text} took {tape.text(each)} in {taken} of {slope.size} elements, "
            says += "which gets no gradient elsewhere"
            return [Finding("chosen", says, line)]
        return []
    zero = slope == 0
    if function in ("maximum", "minimum", "fmax", "fmin") and zero.all() and _starved(each, walk, tape):
        other = next((one for one in node.inputs if one is not each), each)
        says = f"{text} took {tape.text(other)} and nowhere {tape.text(each)}"
        says += f" = {shown(value)}" if value.size <= 4 else ""
        return [Finding("dead", f"{says}, so no gradient passes", line)]
    if function in DEAD and zero.any():
        inside = value[zero] if value.shape == zero.shape else value
        many = f"{int(zero.sum())} of {zero.size} elements are" if zero.size > 1 else "it is"
        span = shown(inside.flat[0]) if np.size(inside) == 1 else f"{inside.min():.6g} to {inside.max():.6g}"
        dead = "dead: " if zero.all() else ""
        says = f"{text} is {dead}{many} held where {function} has slope 0 ({tape.text(each)} = {span}), "
        says += "so no gradient passes" + ("" if zero.all() else " there")
        says = says.replace("is it is held", "is held").replace("dead: it is held", "dead: held")
        says = says.replace(f"{text} is {many} held", f"in {text}, {many.replace(' are', '')} are held")
        hint = "leaky_relu or another start lets some through" if zero.all() and "relu" in function else ""
        return [Finding("dead", says, line, hint)]
    if function in LEVELLING and slope.size and np.any(np.asarray(arrived) != 0):
        small = np.abs(slope) < SATURATED
        if small.mean() >= 0.5:
            where = shown(value) if value.size <= 4 else f"{value.min():.6g} to {value.max():.6g}"
            says = f"{text} is saturated: at {tape.text(each)} = {where} its slope is "
            few = slope.size <= 4
            says += shown(slope) if few else f"at most {np.abs(slope[small]).max():.6g} in {small.mean():.0%}"
            says += ", so next to no gradient passes"
            return [Finding("saturated", says, line, "smaller inputs, or a loss of the logits")]
    return []


def _starved(node: Node, walk: Walk, tape: TapeView) -> bool:
    """Whether no leaf that something depends on got anything in this walk."""
    arrived = [walk.cotangent(each) for each in tape.behind([node]) if identity(each).op is LEAF]
    return not any(isinstance(each, list) or np.any(each != 0) for each in arrived if each is not None)


def _chosen(node: Node, each: Node, slope: Any, tape: TapeView) -> list[Finding]:
    if not each.shape or slope.shape != each.shape or slope.size < 2 or slope.size > 1_000:
        return []
    places = np.argwhere(slope != 0)
    ties = bool(np.any((slope > 0) & (slope < 1)))
    own = [f"[{','.join(map(str, at))}]" for at in places[:6]]
    more = ", …" if len(places) > 6 else ""
    says = f"{tape.made(node)} chose {', '.join(own)}{more} of {tape.text(each)}: only that gets a gradient"
    if ties:
        says += "; where several tie, it is shared evenly"
    return [Finding("chosen", says, tape.line(node))]


def _kink(node: Node, index: int, each: Node, slope: Any, tape: TapeView) -> list[Finding]:
    """Where the slopes on both sides differ."""
    if not isinstance(node.op, Elementwise) or node.size > 1_000 or node.op.name in ("where", "guarded_mul"):
        return []
    value = np.asarray(engine.value(each), np.float64)
    if value.shape != node.shape or not np.isfinite(value).all():
        return []
    here = _moved(node, index, value)
    sides = []
    for size in (1e-6, 1e-7):
        step = size * np.maximum(1.0, np.abs(value))
        above, below = [_moved(node, index, value + sign * step) for sign in (1, -1)]
        if here is None or above is None or below is None:
            return []
        sides.append(((here - below) / step, (above - here) / step))
    (left, right), (nearer_left, nearer_right) = sides
    gap = np.abs(nearer_right - nearer_left)
    scale = np.maximum(1e-3, np.maximum(np.abs(nearer_left), np.abs(nearer_right)))
    bend = (gap > 1e-2 * scale) & (gap > 0.5 * np.abs(right - left)) & np.isfinite(gap) & (gap < 1e5)
    if not bend.any():
        return []
    at = tuple(np.argwhere(bend)[0])
    place = f"[{','.join(map(str, at))}]" if at else ""
    says = f"{tape.made(node)} has a kink at {tape.text(each)}{place} = {number(value[at])}: slope "
    says += f"{float(nearer_left[at]):.4g} on the left, {float(nearer_right[at]):.4g} on the right; "
    says += f"backward takes {number(slope[at])}"
    if bend.sum() > 1:
        says += f" ({int(bend.sum())} such elements)"
    return [Finding("kink", says, tape.line(node))]


def _moved(node: Node, index: int, value: Any) -> Any:
    arrays = [np.asarray(engine.value(each)) for each in node.inputs]
    arrays = [each.astype(np.float64) if each.dtype.kind == "f" else each for each in arrays]
    arrays[index] = value
    try:
        with np.errstate(all="ignore"):
            return np.asarray(node.op.compute(*arrays, *node.attrs), np.float64)
    except (TypeError, ValueError):
        return None


def _growth(walk: Told) -> list[Finding]:
    """Gradients that became very small or very large, with the factor of each step."""
    found = []
    start = max([float(np.max(np.abs(seed), initial=0.0)) for seed in walk.seeds.values()], default=0.0)
    for result in walk.results:
        end = float(np.max(np.abs(result.value), initial=0.0))
        if not (start > 0 and np.isfinite(end) and end > 0):
            continue
        ratio = end / start
        if VANISHING < ratio < EXPLODING:
            continue
        if ratio <= VANISHING and max([len(path.rows) for path in result.paths], default=FEW) < FEW:
            continue  # one small slope, as near a minimum
        kind = "vanishing" if ratio <= VANISHING else "exploding"
        says = f"the gradient of {result.name} is {kind}: {end:.3g}"
        if result.paths:
            path = max(result.paths, key=lambda each: float(np.max(np.abs(each.value), initial=0.0)))
            says += _factors(walk, path)
        line = result.paths[0].rows[-1].step.line if result.paths and result.paths[0].rows else None
        hint = "steps with slopes near 1: another start, a normalisation, a shorter way (a residual)"
        if max([len(path.rows) for path in result.paths], default=FEW) < FEW:
            hint = "a pole is near, or a divisor that is next to 0"
        found.append(Finding(kind, says, line, hint))
    return found[:4]


def _factors(walk: Told, path: Any) -> str:
    parts = []
    sofar = 1.0
    for row in path.rows:
        before = float(np.max(np.abs(walk.cotangents[row.step.name]), initial=0.0))
        after = float(np.max(np.abs(row.share), initial=0.0))
        factor = after / before if before else 0.0
        sofar *= factor
        parts.append(f"{row.step.name} {factor:.3g} (so far {sofar:.3g})")
    if len(parts) > 8:
        parts = [*parts[:4], f"… {len(parts) - 7} more …", *parts[-3:]]
    return f"; factor of each step, from the root: {', '.join(parts)}"
