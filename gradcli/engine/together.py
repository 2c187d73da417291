"""Which products of a plan are computed side by side: those that wait for nothing of each other.

One thread more is woken once for all of them, and products that are too small to be cut are shared too: the
two that a backward pass takes for one of a forward pass, the heads of an attention. Called by `plan`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.engine.blas import ALONE
from gradcli.engine.steps import Fused, SharedCalls, Whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.engine.steps import Step

AHEAD = 16
"""How many steps later one may stand that is done earlier: its result has to be kept from then on."""


def calls(step: Step) -> tuple[Whole, ...]:
    """The calls of kernels in a step."""
    if isinstance(step, Fused):
        return ()
    return step.steps if isinstance(step, SharedCalls) else (step,)


def reads(step: Step) -> tuple[int, ...]:
    """The slots that a step reads."""
    return step.inputs if isinstance(step, Fused) else sum([each.args for each in calls(step)], ())


def writes(step: Step) -> tuple[int, ...]:
    """The slots that a step fills."""
    if isinstance(step, Fused):
        return (*step.stored, *step.reduced)
    return tuple([each.slot for each in calls(step)])


def side_by_side(steps: Sequence[Step]) -> list[Step]:
    """The same steps, each after what it reads, products together where they can be."""
    maker = {slot: step for step in steps for slot in writes(step)}
    done: set[int] = set()  # by identity
    result: list[Step] = []

    def follow(some: Sequence[Step]) -> None:
        for each in some:
            if id(each) not in done:
                done.add(id(each))
                result.append(each)

    for place, step in enumerate(steps):
        if id(step) in done:
            continue
        if not _divides(step):
            follow([step])
            continue
        group = [step]
        for other in steps[place + 1 : place + 1 + AHEAD]:
            if _divides(other) and id(other) not in done:
                views = _views(other, maker, done)
                if views is not None:
                    follow(views)
                    group.append(other)
        done.update([id(each) for each in group])
        result.append(SharedCalls(group) if len(group) > 1 else step)  # type: ignore[arg-type]
    return result


def _divides(step: Step) -> bool:
    return isinstance(step, Whole) and step.work > ALONE


def _views(step: Step, maker: dict[int, Step], done: set[int]) -> list[Step] | None:
    """The views that a step reads and that have to be made first; None if it waits for more than that."""
    found: list[Step] = []
    pending = list(reads(step))
    while pending:
        made = maker.get(pending.pop())
        if made is None or id(made) in done:
            continue
        if not (isinstance(made, Whole) and made.op.views):
            return None
        found.append(made)
        pending.extend(made.args)
    return found[::-1]
