"""A story as one JSON object: every number in full, every equation with what it takes to run it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gradcli.engine import run as engine
from gradcli.explanation.turns import Fold, folded, rows
from gradcli.explanation.writers import words
from gradcli.text.numbers import json_numbers

if TYPE_CHECKING:
    from gradcli.explanation.model import Equation, LeafGradient, Row, Story, Told


def write(story: Story, width: int, ascii: bool) -> str:
    """The story as JSON, without a newline at its end."""
    return json.dumps(data(story), ensure_ascii=False)


def data(story: Story) -> dict[str, Any]:
    """The story as what JSON can hold."""
    from gradcli.report.failure import failure_object

    told = folded(story, story.steps, lambda step: step)
    folds = [each for each in told if isinstance(each, Fold)]
    found: dict[str, Any] = {
        "ok": story.error is None and not story.wrong,
        "text": story.text,
        "leaves": {name: json_numbers(engine.value(node)) for name, node in story.leaves.items()},
        "steps": [
            {
                "number": step.number,
                "name": step.name,
                "text": step.text,
                "line": step.line,
                "depth": step.depth,
                "turn": step.turn,
                "shape": list(step.node.shape),
                "value": json_numbers(engine.value(step.node)),
                "reads": step.sources,
                "saves": step.saves,
                "freed_by": step.freed,
            }
            for step in told
            if not isinstance(step, Fold)
        ],
        "folded": [
            {"from_step": each.first, "to_step": each.last, "turns": each.turns, "slopes": each.slopes}
            for each in folds
        ],
        "walks": [_walk(story, each) for each in story.walks],
        "grads": {label: json_numbers(value) for label, value in story.final},
        "ledger": [
            {
                "name": each.name,
                "walk": each.walk,
                "line": each.line,
                "before": None if each.before is None else json_numbers(each.before),
                "added": json_numbers(each.added),
                "after": json_numbers(each.after),
                "cleared": each.cleared,
            }
            for each in story.ledger
        ],
        "findings": [
            {"kind": each.kind, "line": each.line, "says": each.says, "hint": each.hint}
            for each in story.findings
        ],
        "equations": [_equation(each) for each in story.equations],
    }
    if story.element:
        found["element"] = story.element
    if story.expected:
        found["expected"] = story.expected
    if story.checked is not None:
        found["checked"] = story.checked
    if story.error is not None:
        found["error"] = failure_object(story.error, "")["error"]
    return found


def _walk(story: Story, walk: Told) -> dict[str, Any]:
    return {
        "number": walk.number,
        "line": walk.line,
        "call": walk.text,
        "roots": walk.roots,
        "weighted": walk.weighted,
        "seeds": {name: json_numbers(seed) for name, seed in walk.seeds.items()},
        "rows": [
            _row(row) for group in rows(story, walk.rows) if not isinstance(group, Fold) for row in group
        ],
        "cotangents": {name: json_numbers(value) for name, value in walk.cotangents.items()},
        "results": [_result(each) for each in walk.results],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "step": row.step.number,
        "source": row.source,
        "slope": None if row.slope is None else json_numbers(row.slope),
        "formula": row.formula,
        "incoming": row.incoming,
        "outgoing": row.outgoing,
        "value": json_numbers(row.share),
        "text": " = ".join(words.share_cell(row)),
    }


def _result(result: LeafGradient) -> dict[str, Any]:
    return {
        "name": result.name,
        "label": result.label,
        "paths": [{"names": each.names, "value": json_numbers(each.value)} for each in result.paths],
        "more_paths": result.more,
        "value": json_numbers(result.value),
        "formula": result.formula,
    }


def _equation(equation: Equation) -> dict[str, Any]:
    return {
        "name": equation.name,
        "text": equation.text,
        "given": {name: json_numbers(value) for name, value in equation.given.items()},
        "value": json_numbers(equation.value),
        "before": equation.before,
    }
