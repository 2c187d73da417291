"""Every equation that a story tells, in a form that can be run: names that are names, and their values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.engine import run as engine
from gradcli.explanation.model import Equation
from gradcli.explanation.verify import holds

if TYPE_CHECKING:
    from gradcli.explanation.model import LeafGradient, Row, Story, Told


def equations(story: Story) -> list[Equation]:
    """Forwards, then for each walk the local derivatives, the shares and the gradients."""
    found = [step.forward for step in story.steps if step.forward is not None]
    for walk in story.walks:
        for row in walk.rows:
            found += _of_row(walk, row)
        for result in walk.results:
            if result.formula is not None:
                found.append(_of_result(walk, result))
            if len(result.paths) > 1:
                parts = [each.value for each in result.paths] + ([result.rest] if result.more else [])
                names = [f"path_{at}" for at in range(1, len(parts) + 1)]
                sum_ = " + ".join(names)
                found.append(Equation(result.label, sum_, dict(zip(names, parts, strict=True)), result.value))
    return found


def trusted(story: Story) -> None:
    """Takes back formulas that don't give the numbers of the walk, as at a pole that isn't the tape's."""
    for walk in story.walks:
        for row in walk.rows:
            if row.formula is not None and not all(holds(each) for each in _of_row(walk, row)[:1]):
                row.formula = None
        for result in walk.results:
            if result.formula is not None and not holds(_of_result(walk, result)):
                result.formula = None


def _of_result(walk: Told, result: LeafGradient) -> Equation:
    given = walk.given | {weight: walk.seeds[root] for root, weight in walk.weights.items()}
    text = result.formula or ""
    return Equation(result.label, text, _used(text, given), result.value)


def _of_row(walk: Told, row: Row) -> list[Equation]:
    if row.formula is None:
        return []
    local = row.step.local
    assert local is not None
    given = {**walk.given, **{local.named[each]: engine.value(each) for each in local.sources}}
    given[row.step.name] = engine.value(row.step.node)
    incoming = walk.cotangents[row.step.name]
    if row.slope is not None:
        name = f"d{row.step.name}/d{row.source}"
        slope = Equation(name, row.formula, _used(row.formula, given), row.slope)
        text = f"g*({row.formula})"
        share = Equation(row.outgoing, text, {**_used(row.formula, given), "g": incoming}, row.share)
        return [slope, share] if "g" not in given else [slope]
    symbol = "g"
    while symbol in given:
        symbol += "_"
    text = row.formula.replace(row.incoming, symbol)
    return [Equation(row.outgoing, text, {**_used(text, given), symbol: incoming}, row.share)]


def _used(text: str, given: dict[str, Any]) -> dict[str, Any]:
    """The values of the names in a text."""
    names = set(re.findall(r"[^\W\d]\w*", text))
    return {
        name: value
        for name, value in given.items()
        if name in names or (not name.isidentifier() and name in text)
    }
