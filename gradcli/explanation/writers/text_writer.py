"""A story for a terminal or a pipe."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from gradcli.explanation import turns
from gradcli.explanation.model import Step
from gradcli.explanation.turns import Fold
from gradcli.explanation.writers import words
from gradcli.explanation.writers.words import shown
from gradcli.text import cells

if TYPE_CHECKING:
    from gradcli.explanation.model import LeafGradient, Row, Story, Told

GAP = "      "
MOST_CHAIN = 6
"""A longer chain is no picture."""


def write(story: Story, width: int, ascii: bool) -> str:
    """The story as text, without a newline at its end."""
    text = "\n\n".join([each for each in _sections(story, width) if each]) or _NO_STEPS
    return text.translate(words.ASCII).encode("ascii", "replace").decode() if ascii else text


_NO_STEPS = "there are no steps: nothing here is computed from tensors"


def _sections(story: Story, width: int) -> list[str]:
    found: list[str] = []
    if len(story.walks) <= 1:
        found.append(chain(story, width))
    for walk in story.walks:
        found += _walk(story, walk, width)
    if not story.walks:
        found.append("\n".join([part for line in _forward_only(story) for part in _equation(line, width)]))
    else:
        found.append("\n".join(words.zeros(story)))
    found.append("\n".join(saved(story)))
    found.append("\n".join([_ledger(each, width) for each in words.ledger_lines(story)]))
    found.append("\n".join([_wrapped(words.finding_text(each), width) for each in story.findings]))
    found.append("\n".join([part for line in story.element for part in _equation(line, width)]))
    found.append("\n".join([_wrapped(each.strip(), width, _indent(each)) for each in story.expected]))
    found.append("\n".join([_wrapped(each, width) for each in story.checked or ()]))
    return found


def _wrapped(text: str, width: int, indent: str = "", then: str = "  ") -> str:
    return textwrap.fill(
        text,
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + then,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _equation(line: str, width: int) -> list[str]:
    """A line, or where it's too long, its sides below each other, each wrapped."""
    width = max(width, 40)
    if cells.width(line) <= width:
        return [line]
    indent = _indent(line)
    name, colon, sides = line.strip().partition(": ")
    first, *others = (sides if colon else name).split(" = ")
    found = []
    if colon:
        found.append(f"{indent}{name}:")
        indent += "  "
    if others and " · " not in first and cells.width(f"{indent}{first} = {others[0]}") <= width:
        first = f"{first} = {others.pop(0)}"
    found.append(_wrapped(first, width, indent, "    "))
    for each in others:
        beside = f"{found[-1]} = {each}"  # what is worked out has its value beside it, if that fits
        if each is others[-1] and len(others) > 1 and "\n" not in beside and cells.width(beside) <= width:
            found[-1] = beside
        else:
            found.append(_wrapped(f"= {each}", width, indent + "  "))
    return found


def _ledger(line: str, width: int) -> str:
    """A ledger, or where it's too long, each backward of it on a line of its own."""
    if cells.width(line) > width:
        line = line.replace(", then ", ",\nthen ")
    first, *others = line.split("\n")
    return "\n".join([_wrapped(first, width), *[_wrapped(each, width, "  ") for each in others]])


# ---- the chain -----------------------------------------------------------------------------------


def chain(story: Story, width: int) -> str:
    """The picture of a program in which one name leads to the next; empty for any other, or a long one."""
    if len(story.walks) != 1 or story.walks[0].weighted:
        return ""
    rows = story.walks[0].rows
    names = [row.source for row in rows]
    if not rows or len(rows) > MOST_CHAIN or any(row.slope is None for row in rows):
        return ""
    if names[1:] != [row.step.name for row in rows[:-1]] or len(set(names)) < len(names):
        return ""
    if names[0] not in story.leaves:
        return ""
    first = rows[0].step.local
    assert first is not None
    node = first.sources[0]
    text = f"{names[0]} = {shown(first.stand_ins[node].value)}"
    for row in rows:
        assert row.step.local is not None
        text += f" ──{words.edge(row.step, row.source)}──▶ {row.step.name} = {shown(_value(row.step))}"
    return text if cells.width(text) <= width else ""


def _value(step: Step) -> object:
    from gradcli.engine import run as engine

    return engine.value(step.node)


# ---- walks ---------------------------------------------------------------------------------------


def _walk(story: Story, walk: Told, width: int) -> list[str]:
    found: list[str] = []
    several = len(story.walks) > 1 or story.own_backward
    told = story.walks.index(walk)
    if told and story.walks[told - 1].number < walk.number - 1:
        left = walk.number - story.walks[told - 1].number - 1
        found.append(f"… {left} more backward walks …")
    head = f"{words.title(walk)}" if several else ""
    meaning = words.meaning(walk)
    if meaning:
        head = f"{head}{'; ' if head else ''}{meaning}"
    led = {row.step.number for each in story.walks for row in each.rows}
    apart = [
        each
        for each in story.steps
        if each.number not in led and (story.opened or each.turns < turns.FOLDED_FROM)
    ]
    table = _table(story, walk, apart if walk is story.walks[0] else [], width)
    found.append("\n".join([each for each in (head, *table) if each]))
    results = [
        part
        for result in walk.results
        for line in _result(walk, result, width)
        for part in _equation(line, width)
    ]
    found.append("\n".join(results))
    return found


def _result(walk: Told, result: LeafGradient, width: int) -> list[str]:
    lines = words.path_lines(walk, result)
    if result.formula is not None and result.formula != words.shown(result.value):
        last = f"{lines[-1]}          formula {result.formula}"
        if len(last) <= max(width, 80) and f" = {result.formula} = " not in lines[-1]:
            lines[-1] = last
    return lines


def _table(story: Story, walk: Told, apart: list[Step], width: int) -> list[str]:
    """The steps with what they do, side by side where that fits, else one below the other."""
    groups: list[list[Row] | Step | Fold] = [*turns.rows(story, walk.rows)]
    if not groups:
        return []
    for step in reversed(apart):  # no gradient goes through these
        at = next((at for at, group in enumerate(groups) if _number(group) > step.number), len(groups))
        groups.insert(at, step)
    lines = _beside(walk, groups)
    if max([cells.width(line) for line in lines]) <= width:
        return lines
    return [part for line in _below(walk, groups) for part in _equation(line, width)]


def _number(group: list[Row] | Step | Fold) -> int:
    return 0 if isinstance(group, Fold) else group.number if isinstance(group, Step) else group[0].step.number


def _beside(walk: Told, groups: list[list[Row] | Step | Fold]) -> list[str]:
    count = max([_number(group) for group in groups], default=1)
    margin = len(str(count)) + 2
    told = [row for group in groups if isinstance(group, list) for row in group]
    steps = [each for each in groups if isinstance(each, Step)] + [row.step for row in told]
    names = max([cells.width(words.step_name(step)) for step in steps])
    formulas = max([cells.width(words.slope_cell(row)[0]) for row in told])
    shares = max([cells.width(words.share_cell(row)[0]) for row in told])
    body: list[tuple[str, str, str] | str] = []
    marks: list[str] = []
    for group in groups:
        if isinstance(group, Fold):
            body.append(" " * margin + group.text)
            continue
        if isinstance(group, Step):
            text = f"{cells.left(words.step_name(group), names)} = {shown(_value(group))}"
            body.append(f"{group.number:<{margin}}{text}")
            continue
        for at, row in enumerate(group):
            left = ""
            if at == 0:
                left = f"{cells.left(words.step_name(row.step), names)} = {shown(_value(row.step))}"
            text, value = words.slope_cell(row)
            middle = f"{cells.left(text, formulas)} = {value}" if value else text
            text, value = words.share_cell(row)
            body.append((left, middle, f"{cells.left(text, shares)} = {value}"))
            marks.append(str(row.step.number) if at == 0 else "")
    heads = ("forward", "local derivative", f"backward, from {words.start(walk)}")
    table = [heads, *[each for each in body if not isinstance(each, str)]]
    first, second = [max([cells.width(each[at]) for each in table]) for at in (0, 1)]
    third = max([cells.width(each[2]) for each in table[1:]])
    head = f"{cells.left(heads[0], first)}{GAP}{cells.left(heads[1], second)}{GAP}{heads[2]}"
    lines = [f"{'':<{margin}}{head}".rstrip()]
    at = 0
    for each in body:
        if isinstance(each, str):
            lines.append(each)
            continue
        parts = [cells.left(text, room) for text, room in zip(each, (first, second, third), strict=True)]
        lines.append(f"{marks[at]:<{margin}}{GAP.join(parts)}   {'▲' if at == 0 else '│'}")
        at += 1
    return lines


def _below(walk: Told, groups: list[list[Row] | Step | Fold]) -> list[str]:
    count = max([_number(group) for group in groups], default=1)
    margin = len(str(count)) + 2
    lines = [f"backward, from {words.start(walk)}, is read upwards"]
    for group in groups:
        if isinstance(group, Fold):
            lines.append(" " * margin + group.text)
            continue
        if isinstance(group, Step):
            lines.append(f"{group.number:<{margin}}{words.step_name(group)} = {shown(_value(group))}")
            continue
        step = group[0].step
        lines.append(f"{step.number:<{margin}}{words.step_name(step)} = {shown(_value(step))}")
        for row in group:
            text, value = words.slope_cell(row)
            if value:
                lines.append(f"{'':<{margin + 2}}{text} = {value}")
            text, value = words.share_cell(row)
            lines.append(f"{'':<{margin + 2}}▲ {text} = {value}")
    return lines


# ---- other sections ------------------------------------------------------------------------------


def _forward_only(story: Story) -> list[str]:
    told = turns.folded(story, story.steps, lambda step: step)
    return [
        each.text
        if isinstance(each, Fold)
        else f"{each.number}  {words.step_name(each)} = {shown(_value(each))}"
        for each in told
    ]


def saved(story: Story) -> list[str]:
    """What each step saved for backward and who freed it, where that matters."""
    seen = [row.step.number for walk in story.walks for row in walk.rows[:1]]
    freed = story.error is not None and story.error.code == "graph-freed"
    if not freed and len(set(seen)) == len(seen):
        return []  # nothing was walked twice
    lines = []
    for step in story.steps:
        if not step.recorded or step.turns >= turns.FOLDED_FROM:
            continue
        what = f"{step.name} = {step.text}"
        if not step.saves:
            lines.append(f"{what} saves nothing: it can be walked any number of times")
        elif step.freed is not None:
            lines.append(f"{what} saved what {step.saves} reads; freed by backward {step.freed}")
        else:
            lines.append(f"{what} saves what {step.saves} reads; retained")
    return lines
