"""Gradients that are 0 though nothing was cut: where the product became 0, or which ways cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.explanation.model import Finding
from gradcli.explanation.writers.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.explanation.model import LeafGradient, Path, Row, Story, Told

TOLD = ("cut", "flat", "dead", "saturated", "nan", "hook", "rounding", "kink")
"""Kinds of findings that say as much of the step they are about."""


def stationary(story: Story, others: Sequence[Finding]) -> list[Finding]:
    """For each leaf whose gradient is 0 in the last walk, why."""
    if not story.walks or story.error is not None:
        return []
    walk = story.walks[-1]
    lines = {each.line for each in others if each.kind in TOLD}
    found: dict[int, Finding] = {}
    for result in walk.results:
        if not result.paths or np.size(result.value) == 0 or np.any(np.asarray(result.value) != 0):
            continue
        finding = _why(walk, result, lines)
        if finding is not None:
            found.setdefault(finding.line or 0, finding)
    return [*found.values()][:4]


def _why(walk: Told, result: LeafGradient, lines: set[int | None]) -> Finding | None:
    ends = [(path, _end(walk, path)) for path in result.paths]
    if any(row is not None and row.step.line in lines for _, row in ends):
        return None
    label = result.label
    passing = [path for path, row in ends if row is None]
    if len(passing) > 1:
        parts = " and ".join(
            [f"{shown(path.value)} through {path.names[1]}" for path in passing[:4] if len(path.names) > 1]
        )
        says = f"{label} is 0: what comes on its {len(passing)} ways cancels, {parts}"
        return Finding("zero", says, passing[0].rows[0].step.line)
    for _, row in ends:
        if row is not None:
            slope = f"slope {row.formula}" if row.formula else "a slope that is"
            slope = slope if slope.endswith(("is", " 0")) else f"{slope} ="
            says = f"{label} is 0: {row.step.name} = {row.step.text} has {slope} 0 by {row.source}"
            says = says.replace("slope 0 0", "slope 0")
            says += " here, so to first order nothing changes: a stationary point, or a factor that is 0"
            return Finding("zero", says, row.step.line)
    return None


def _end(walk: Told, path: Path) -> Row | None:
    """The row of a path, from the root, that hands on 0 for what is not."""
    for row in path.rows:
        arrived: Any = walk.cotangents.get(row.step.name)
        if np.any(np.asarray(row.share) != 0):
            continue
        return row if arrived is None or np.any(np.asarray(arrived) != 0) else None
    return None
