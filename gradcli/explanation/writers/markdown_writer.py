"""A story as Markdown: tables of the steps, the rest as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.engine import run as engine
from gradcli.explanation import turns
from gradcli.explanation.turns import Fold
from gradcli.explanation.writers import words

if TYPE_CHECKING:
    from gradcli.explanation.model import Step, Story, Told


def write(story: Story, width: int, ascii: bool) -> str:
    """The story as Markdown, without a newline at its end."""
    from gradcli.explanation.writers.text_writer import chain, saved

    found = ["```python\n" + story.text.strip("\n") + "\n```"]
    picture = chain(story, 200)
    if picture:
        found.append(f"    {picture}")
    for walk in story.walks:
        found += _walk(story, walk)
    if not story.walks:
        told = turns.folded(story, story.steps, lambda step: step)
        found.append(_list([each.text if isinstance(each, Fold) else _forward(each) for each in told]))
    found += [_list(words.zeros(story) if story.walks else ()), _list(saved(story))]
    found.append(_list(words.ledger_lines(story)))
    found.append(_list([words.finding_text(each) for each in story.findings], plain=True))
    found += [_list(story.element), _list(story.expected, plain=True), _list(story.checked or (), plain=True)]
    return "\n\n".join([each for each in found if each])


def _walk(story: Story, walk: Told) -> list[str]:
    found = []
    if len(story.walks) > 1 or story.own_backward:
        found.append(f"### {words.title(walk)}")
    if words.meaning(walk):
        found.append(f"`{words.meaning(walk)}`")
    lines = [
        "| | forward | local derivative | backward, from " + _code(words.start(walk)) + " |",
        "| ---: | --- | --- | --- |",
    ]
    for group in turns.rows(story, walk.rows):
        if isinstance(group, Fold):
            lines.append(f"| | {group.text} | | |")
            continue
        for at, row in enumerate(group):
            slope, share = words.slope_cell(row), words.share_cell(row)
            cells = [
                str(row.step.number) if not at else "",
                _code(_forward(row.step)) if not at else "",
                _code(" = ".join([each for each in slope if each])),
                _code(" = ".join(share)),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    if walk.rows:
        found.append("\n".join(lines))
    results = []
    for result in walk.results:
        results += words.path_lines(walk, result)
        if result.formula is not None:
            results[-1] += f", formula {result.formula}"
    found.append(_list(results))
    return found


def _forward(step: Step) -> str:
    return f"{words.step_name(step)} = {words.shown(engine.value(step.node))}"


def _code(text: str) -> str:
    """As code inside a cell."""
    text = text.replace("|", "\\|")
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def _list(lines: object, plain: bool = False) -> str:
    return "\n".join([f"- {each if plain else _code(str(each).strip())}" for each in lines])  # type: ignore[attr-defined]
