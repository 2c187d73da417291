"""What a variable means after rows have parted: for each row what it means in its state (`states`).

`together` parts the rows, and asks for this where they meet again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.interpreter.row_values import Divided
from gradcli.interpreter.states import MISSING, Mask, State, Unlike, is_shared
from gradcli.tape.custom import same
from gradcli.values.values import NUMBERS

if TYPE_CHECKING:
    from gradcli.autograd import Session


def merge(session: Session, before: State, states: Sequence[State], turning: int = 0) -> None:
    """Makes variables mean for each row what they mean in its state.

    Args:
        session: of the run.
        before: what they meant before the states parted.
        states: the last one for the rows that are in no other; its mask does not matter.
        turning: so many states, the first ones, are those of rows which are still in a loop: a number is what
            it is for these, whatever it was for others when they left.

    Raises:
        Divided: something that others share memory with was worked on in place.
    """
    first = states[0]
    for each in states:
        for key, (tensor, node) in before.nodes.items():
            if each.nodes.get(key, (tensor, tensor.node))[1] is not node and is_shared(tensor):
                raise Divided(first.mask.rows)
    for place, (frame, _) in enumerate(first.frames):
        found = {}
        for name in sorted({name for each in states for name in each.frames[place][1]}, key=str):
            given = [(each.mask, each.frames[place][1].get(name, MISSING)) for each in states]
            some = bool(turning) and not any(type(value) is Tensor for _, value in given)
            count = turning if some else len(states)
            found[name] = of_states(session, given[:count], states[:count])
        frame.clear()
        frame.update({name: value for name, value in found.items() if value is not MISSING})
    for key, (tensor, node) in before.nodes.items():
        nodes = [each.nodes[key][1] if key in each.nodes else node for each in states]
        if any(each is not nodes[0] for each in nodes):
            given = [(each.mask, Tensor(made)) for each, made in zip(states, nodes, strict=True)]
            value = chosen(session, given)
            if type(value) is not Tensor:
                raise Divided(first.mask.rows)
            tensor.become(value.node)
        elif tensor.node is not nodes[0]:  # who wrote into it since has left
            tensor.become(same(nodes[0]))


def of_states(session: Session, given: Sequence[tuple[Mask, Any]], states: Sequence[State]) -> Any:
    """A variable's value by row; a tensor that was worked on in place is the same one in each state."""
    first = given[0][1]
    if all(value is first for _, value in given):
        return first
    values = []
    for (mask, value), state in zip(given, states, strict=True):
        if type(value) is Tensor and id(value) in state.nodes:
            node = state.nodes[id(value)][1]
            value = value if value.node is node else Tensor(node)
        values.append((mask, value))
    return chosen(session, values)


def chosen(session: Session, given: Sequence[tuple[Mask, Any]]) -> Any:
    """One value for all rows; for the rows of no mask but the last one's the last value."""
    values = [value for _, value in given]
    first = values[0]
    if all(each is first for each in values[1:]):
        return first
    if type(first) in NUMBERS and all(
        type(each) is type(first) and (each == first or each != each != first) for each in values
    ):
        return first
    if type(first) is tuple and all(type(each) is tuple and len(each) == len(first) for each in values):
        return tuple(
            [chosen(session, [(mask, value[place]) for mask, value in given]) for place in range(len(first))]
        )
    apart = Unlike(given[0][0].rows)
    tensors = [each for each in values if type(each) is Tensor]
    if any(type(each) is not Tensor and type(each) not in NUMBERS for each in values):
        return next((each for each in values if type(each) is Unlike), apart)
    if not tensors:
        dtype = session.context.default_dtype
        exact = 2**53 if dtype.itemsize == 8 else 2**24
        if all(type(each) is bool for each in values):
            dtype = np.dtype(bool)
        elif any(
            type(each) is bool
            or (type(each) is int and abs(each) > exact)
            or (type(each) is float and dtype.itemsize < 8)
            for each in values
        ):
            return apart
        like = session.leaf(np.zeros((), dtype))
    else:
        like = tensors[0]
        numbers = [type(each) for each in values if type(each) is not Tensor]
        if numbers and (like.requires_grad or any(not _of_kind(each, like.dtype) for each in numbers)):
            return apart
    if any(
        each.shape != like.shape
        or each.dtype is not like.dtype
        or each.requires_grad is not like.requires_grad
        for each in tensors
    ):
        return apart
    made = [each if type(each) is Tensor else session.leaf(np.array(each, like.dtype)) for each in values]
    result = made[-1]
    # What was made with a history keeps it where nothing is recorded.
    with session.recorded(True):
        for (mask, _), value in zip(reversed(given[:-1]), reversed(made[:-1]), strict=True):
            if value.node is not result.node:
                assert mask.tensor is not None
                # The one that was made last is walked to first, as if there were no other.
                result = session.apply(row("where"), (negated(session, mask.tensor), result, value), {})
    return result


def negated(session: Session, test: Tensor) -> Tensor:
    """Where a test does not hold."""
    return session.apply(row("logical_not"), (test,), {})  # type: ignore[no-any-return]


def _of_kind(number: type, dtype: np.dtype[Any]) -> bool:
    """Whether a Python number stays what it is in a tensor of a dtype."""
    return dtype.kind in {bool: "b", int: "iuf", float: "f"}[number]
