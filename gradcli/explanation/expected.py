"""Where a gradient that somebody expected comes from: which number of the walk it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.explanation.anomalies import handed
from gradcli.explanation.writers.words import number, shown, slope_text, way
from gradcli.tape.custom import identity
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from gradcli.explanation.model import Story, Told

MOST_SAID = 5
"""So many places at most are told of."""


def hunted(story: Story, label: str, value: Any) -> list[str]:
    """What can be said of an expected gradient, `dz/dx` or `x.grad`."""
    name = _leaf(label, story)
    text = number(value)
    if name is None:
        known = ", ".join(each for each, _ in story.final)
        wanted = label or f"{text}, of what"
        return [
            f"{wanted}: the program has no gradient of that name" + (f"; it has {known}" if known else "")
        ]
    label = _named(name, label, story)
    actual = _actual(story, name)
    if actual is None:
        return [f"{label} was expected to be {text}, and there is none"]
    if _is(actual, value):
        return [f"{label} is {text}, as expected"]
    found = dict.fromkeys(_candidates(story, name, actual, value))
    for each in list(found):  # the last step's slope is the gradient by its source, too
        plain, step, _ = each.partition(", of the step ")
        if step and plain in found:
            del found[plain]
    lines = [f"{label} is {shown(actual)}, not {text}:"]
    if not found:
        return [*lines, f"  {text} is no factor, path, sum or value of this walk"]
    return [*lines, *[f"  {each}" for each in list(found)[:MOST_SAID]]]


def _named(name: str, label: str, story: Story) -> str:
    """What the gradient of a name is called: as somebody wrote it, but for the name alone or another root."""
    names = [each for each, _ in story.final]
    names += [walk.label(name) for walk in reversed(story.walks) if name in walk.cotangents]
    own = f"{name}.grad"
    if label in (*names, own):
        return label
    return next((each for each in names if each == own or each.rpartition("/d")[2] == name), own)


def _leaf(label: str, story: Story) -> str | None:
    if not label:
        return next(iter(story.leaves)) if len(story.leaves) == 1 else None
    name = label.removesuffix(".grad")
    if name == label and "/d" in label:
        name = label.rpartition("/d")[2]
    known = {*story.leaves, *[each for walk in story.walks for each in walk.cotangents]}
    return name if name in known else None


def _actual(story: Story, name: str) -> Any:
    for label, value in story.final:
        if label == f"{name}.grad" or label.rpartition("/d")[2] == name:
            return value
    for walk in reversed(story.walks):
        if name in walk.cotangents:
            return walk.cotangents[name]
    return None


def _is(found: Any, value: Any) -> bool:
    array = np.asarray(found)
    if array.dtype.kind not in "fi" or not array.size:
        return False
    return bool(np.allclose(array, value, rtol=1e-6, atol=1e-12))


def _candidates(story: Story, name: str, actual: Any, value: Any) -> Iterator[str]:
    text = number(value)
    for walk in story.walks:
        for each, cotangent in walk.cotangents.items():
            if each != name and _is(cotangent, value):
                yield f"{text} is {walk.label(each)}"
    entries = [entry for entry in story.ledger if entry.name == name]
    if len(entries) > 1:
        both = "both passes" if len(entries) == 2 else f"all {len(entries)} passes"
        if _is(entries[0].added, value) and _is(entries[-1].after, value * len(entries)):
            times = "twice" if len(entries) == 2 else f"{len(entries)} times"
            yield f"{text} is what one backward adds; the sum of {both} is {times} that"
        for entry in entries[:-1]:
            if _is(entry.after, value):
                yield f"{text} is what {name}.grad held after backward {entry.walk}"
    for walk in story.walks:
        yield from _of_walk(walk, name, value, text)
    for scale, factor, why in (
        (-1.0, "-1", "the sign is the other"),
        (2.0, "2", "twice"),
        (0.5, "1/2", "half"),
    ):
        if _is(np.asarray(actual) * scale, value):
            yield f"{text} is the gradient times {factor}: {why}"
    for walk in story.walks:
        for row in walk.rows:
            local = row.step.local
            sizes = {source.size for source in local.sources} if local is not None else set()
            for size in sorted(sizes):
                if size > 1 and _is(np.asarray(actual) * size, value):
                    yield f"{text} is {size} times the gradient: a sum over {size} elements, not their mean"
                if size > 1 and _is(np.asarray(actual) / size, value):
                    yield f"{text} is the gradient over {size}: a mean of {size} elements, not their sum"
    yield from _of_inner_factors(story, actual, value, text)
    yield from _of_other_roots(story, name, value, text)
    for step in story.steps:
        if _is(engine.value(step.node), value):
            yield f"{text} is the value of {step.name}"
    for each, node in story.leaves.items():
        if _is(engine.value(node), value):
            yield f"{text} is the value of {each}"


def _of_walk(walk: Told, name: str, value: Any, text: str) -> Iterator[str]:
    for result in walk.results:
        if result.name != name:
            continue
        for path in result.paths:
            if len(result.paths) > 1 and _is(path.value, value):
                yield f"{text} is what the path {way(path)} alone contributes"
            for at, row in enumerate(path.rows):
                if row.slope is None:
                    break
                others = [each.slope for place, each in enumerate(path.rows) if place != at]
                if any(each is None for each in others) or len(path.rows) < 2:
                    break
                if _is(np.prod([float(np.asarray(each).item()) for each in others]), value):
                    where = "inner " if at == len(path.rows) - 1 else "outer " if at == 0 else ""
                    quotient = f"d{row.step.name}/d{row.source}"
                    yield f"{text} is the derivative without the {where}factor {slope_text(row)} ({quotient})"
    for row in walk.rows:
        if row.slope is not None and _is(row.slope, value):
            quotient = f"d{row.step.name}/d{row.source}"
            yield f"{text} is {quotient}, of the step {row.step.name} = {row.step.text} alone"
        elif not row.alone and _is(row.share, value):
            yield f"{text} is what {row.step.name} alone contributes to {row.outgoing}"


def _of_inner_factors(story: Story, actual: Any, value: Any, text: str) -> Iterator[str]:
    """Factors inside a step of several operations, `2*x` of `exp(x**2)`."""
    if np.size(actual) != 1:
        return
    for row in [row for walk in story.walks for row in walk.rows]:
        local = row.step.local
        if local is None or len(local.inside) < 2:
            continue
        for node in local.inside:
            if node.size != 1 or node.call is None or node.call.span is None:
                continue
            for each, slope in zip(node.inputs, handed(node, np.ones(node.shape)), strict=False):
                if (
                    slope is None
                    or not each.requires_grad
                    or slope.size != 1
                    or float(slope.item()) in (0, 1)
                ):
                    continue
                if _is(np.asarray(actual) / slope.item(), value):
                    made = " ".join(story.text[node.call.span[0] : node.call.span[1]].split())
                    yield f"{text} is the derivative without the factor {number(slope)} of {made}"


def _of_other_roots(story: Story, name: str, value: Any, text: str) -> Iterator[str]:
    """Derivatives of what wasn't the root."""
    roots = {root for walk in story.walks for root in walk.roots}
    node = story.leaves.get(name)
    if node is None:
        return
    for step in story.steps[-20:]:
        if step.name in roots or not step.recorded or step.node.size != 1:
            continue
        (found,) = reverse([step.node], [ones_like(step.node)], [identity(node)])
        if found is not None and _is(engine.value(found), value):
            place = f" (line {step.line})" if step.line is not None else ""
            yield f"{text} is d{step.name}/d{name}{place}: the walk began at {', '.join(sorted(roots))}"
