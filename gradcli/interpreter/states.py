"""What variables mean for some of the rows of a run, and how to go back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.interpreter.row_values import Divided
from gradcli.record import Record
from gradcli.tape.custom import same
from gradcli.tape.node import Node
from gradcli.tape.subsets import Subset
from gradcli.values.objects import Instance
from gradcli.values.values import ENCLOSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.values.values import Frame

Array = np.ndarray[Any, np.dtype[Any]]

MOST_HELD = 10_000
"""More items of lists and the like are not looked through at each branch."""


MISSING = object()
"""What a variable means that has no value."""


class Unlike(Record):
    """Stands for a value that is not of one kind for all rows; `rows` are some of one kind."""

    rows: Array


class Mask(Record):
    """Some of the rows: as a tensor of the tape (None: all), which they are here, and by what decisions."""

    tensor: Tensor | None
    rows: Array
    subset: Subset


class State(Record):
    """What variables mean for some rows.

    Attributes:
        mask: the rows.
        frames: each frame with what is in it.
        nodes: the tensors that they hold, with their nodes: work in place changes these.
        held: lists and the like, with their items.
    """

    mask: Mask
    frames: list[tuple[Frame, Frame]]
    nodes: dict[int, tuple[Tensor, Node]]
    held: list[tuple[Any, tuple[Any, ...]]]

    def restore(self) -> None:
        """Gives the variables back what they meant."""
        for frame, values in self.frames:
            frame.clear()
            frame.update(values)
        for tensor, node in self.nodes.values():
            if tensor.node is not node:
                tensor.become(same(node))


class Exit(Record):
    """Rows that have left a block: by which signal, and what variables meant for them then."""

    signal: Any
    state: State


def state_of(frames: Sequence[Frame], mask: Mask) -> State:
    """What variables mean in some frames.

    Raises:
        Divided: there are too many items in their lists to look at.
    """
    nodes: dict[int, tuple[Tensor, Node]] = {}
    held: list[tuple[Any, tuple[Any, ...]]] = []
    pending = [value for each in frames for value in each.values()]
    seen: set[int] = {id(each) for each in frames}
    while pending:
        value = pending.pop()
        if type(value) is Tensor:
            nodes[id(value)] = value, value.node
        elif isinstance(value, (list, tuple, dict, Instance)) and id(value) not in seen:
            seen.add(id(value))
            items = items_of(value)
            held.append((value, items))
            pending += items
            if len(pending) > MOST_HELD:
                raise Divided(np.zeros(len(mask.rows), bool))
    return State(mask, [(each, dict(each)) for each in frames], nodes, held)


def frames_around(frame: Frame, module: Frame) -> list[Frame]:
    """A frame, those around it and that of the module."""
    frames = [frame]
    while ENCLOSING in frames[-1]:
        frames.append(frames[-1][ENCLOSING])
    return frames if any(each is module for each in frames) else [*frames, module]


def items_of(value: Any) -> tuple[Any, ...]:
    """What is in a list, a dict or an object."""
    if isinstance(value, Instance):
        value = {**value.attributes, **value.state}
    return (*value, *value.values()) if isinstance(value, dict) else tuple(value)


def named_in(state: State) -> tuple[dict[int, list[tuple[int, str]]], set[int]]:
    """The places and names of the tensors of a state, and those that are in lists and the like."""
    named: dict[int, list[tuple[int, str]]] = {}
    for place, (_, values) in enumerate(state.frames):
        for name, value in values.items():
            if type(value) is Tensor:
                named.setdefault(id(value), []).append((place, name))
    return named, {id(each) for _, items in state.held for each in items}


def is_shared(tensor: Tensor) -> bool:
    """Whether its memory is that of other tensors too."""
    view = tensor.view
    return view is not None and bool(view.path or not view.base.storage.alone)
