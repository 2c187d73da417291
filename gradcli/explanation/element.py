"""One element of a leaf, followed to the root: what it moves, and what comes back to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError, suggestion
from gradcli.explanation.writers.words import bracketed, number
from gradcli.tape.forward import forward

if TYPE_CHECKING:
    from gradcli.explanation.model import Story, Told
    from gradcli.explanation.seen import Seen

MOST_MOVED = 6
"""So many elements of a step are told of."""


def followed(seen: Seen, story: Story, element: str) -> list[str]:
    """The lines that follow one element, `w[0,2]`.

    Raises:
        GradcliError: `bad-argument` or `unknown-name` for what is no element of a leaf.
    """
    name, index = _parsed(element, story)
    node = next(each for each, known in seen.named.names.items() if known == name)
    value = np.asarray(engine.value(node))
    if len(index) != value.ndim or any(not -n <= at < n for at, n in zip(index, value.shape, strict=True)):
        raise GradcliError("bad-argument", f"{name} has shape {list(value.shape)}, so there is no {element}")
    label = f"{name}[{','.join(map(str, index))}]"
    lines = [f"{label} = {number(value[index])}"]
    for walk in story.walks[-1:]:
        if name in walk.cotangents:
            lines += _in_walk(walk, name, index, label, value)
        else:
            lines.append(f"no gradient reaches {name} in {walk.text}")
    return lines


def _in_walk(walk: Told, name: str, index: tuple[int, ...], label: str, value: Any) -> list[str]:
    rows = [row for row in walk.rows if row.source == name]
    parts: list[float] = []
    lines: list[str] = []
    for row in rows:
        local = row.step.local
        assert local is not None
        source = next(each for each in local.sources if local.named[each] == name)
        stand_in = local.stand_ins[source]
        direction = np.zeros(value.shape, value.dtype)
        direction[index] = 1
        (tangent,) = forward([local.node], {stand_in: _leaf(direction)})
        moved = np.zeros(local.node.shape) if tangent is None else np.asarray(engine.value(tangent))
        cotangent = np.asarray(walk.cotangents[row.step.name])
        places = np.argwhere(moved != 0)
        for place in places[:MOST_MOVED]:
            at = tuple(place)
            own = f"{row.step.name}[{','.join(map(str, at))}]" if at else row.step.name
            product = float(moved[at] * cotangent[at])
            lines.append(
                f"  moves {own}: d{own}/d{label} · {walk.label(own)} = {number(moved[at])} · "
                f"{bracketed(number(cotangent[at]))} = {number(product)}"
            )
        if len(places) > MOST_MOVED:
            lines.append(f"  and {len(places) - MOST_MOVED} more elements of {row.step.name}")
        if not len(places):
            lines.append(f"  moves nothing of {row.step.name}")
        parts.append(float(np.sum(np.where(cotangent == 0, 0, moved * cotangent))))
    gradient = number(np.asarray(walk.cotangents[name])[index])
    if len(parts) > 1:
        sum_ = " + ".join([bracketed(number(each)) for each in parts])
        return [*lines, f"{walk.label(label)} = {sum_} = {gradient}"]
    return [*lines, f"{walk.label(label)} = {gradient}"]


def _leaf(array: Any) -> Any:
    from gradcli.tape.node import leaf

    return leaf(array)


def _parsed(element: str, story: Story) -> tuple[str, tuple[int, ...]]:
    match = re.fullmatch(r"\s*(.+?)\s*\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*,?\s*\]\s*", element)
    if match is None:
        raise GradcliError("bad-argument", f"{element!r} is no element such as w[0,2]")
    name = match[1]
    known = {*story.leaves, *[step.name for step in story.steps]}
    if name not in known:
        raise GradcliError("unknown-name", f"the program has no name {name}", hint=suggestion(name, known))
    return name, tuple([int(each) for each in match[2].split(",")])
