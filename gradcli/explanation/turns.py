"""The turns of a loop, folded: the first, the last, and what changes between. The writers ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradcli.explanation.model import Row, Step, Story

FOLDED_FROM = 5
"""A statement that ran so often is told by its first and its last turn, unless `--depth` opens it."""

Item = TypeVar("Item")


class Fold(Record):
    """Turns that are not told one by one.

    Attributes:
        first, last: the numbers of their steps.
        turns: how many there are.
        slopes: the least and the largest size of their slopes, where they are numbers of one statement.
    """

    first: int
    last: int
    turns: int
    slopes: tuple[float, float] | None

    @property
    def text(self) -> str:
        """In words."""
        text = f"… {self.turns} more turn{'s' if self.turns != 1 else ''} like these"
        if self.slopes is not None:
            low, high = self.slopes
            text += (
                f", each with slope {low:.6g}" if low == high else f", slopes from {low:.6g} to {high:.6g}"
            )
        return text + " …"


def folded(story: Story, items: Iterable[Item], step_of: Callable[[Item], Step]) -> list[Item | Fold]:
    """Steps, or what belongs to steps, with a fold in the place of those between the first and last turns."""
    items = list(items)
    hidden = set() if story.opened else _hidden([step_of(item) for item in items])
    found: list[Item | Fold] = []
    left: list[Step] = []
    for item in items:
        step = step_of(item)
        if step.number in hidden:
            left.append(step)
            continue
        if left:
            found.append(_fold(story, left))
            left = []
        found.append(item)
    return [*found, _fold(story, left)] if left else found


def rows(story: Story, told: Iterable[Row]) -> list[list[Row] | Fold]:
    """The rows of each step together, turns folded."""
    steps: dict[int, list[Row]] = {}
    for row in told:
        steps.setdefault(row.step.number, []).append(row)
    return folded(story, steps.values(), lambda group: group[0].step)


def _hidden(told: list[Step]) -> set[int]:
    """The numbers of the steps that are told by others of their statement."""
    turns: dict[int, list[Step]] = {}
    for step in told:
        turns.setdefault(step.statement, []).append(step)
    return {
        step.number
        for steps in turns.values()
        if len({each.turn for each in steps}) >= FOLDED_FROM
        for step in steps
        if steps[0].turn < step.turn < steps[-1].turn
    }


def _fold(story: Story, steps: list[Step]) -> Fold:
    statements = {step.statement for step in steps}
    turns = len({(step.statement, step.turn) for step in steps}) // len(statements)
    numbers = {step.number for step in steps}
    slopes = [
        abs(float(row.slope.item() if hasattr(row.slope, "item") else row.slope))
        for walk in story.walks
        for row in walk.rows
        if row.step.number in numbers and row.slope is not None
    ]
    known = (min(slopes), max(slopes)) if slopes and len(statements) == 1 else None
    ends = [step.number for step in steps]
    return Fold(min(ends), max(ends), turns, known)
