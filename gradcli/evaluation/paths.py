"""What a program does for some rows, as a tape that is recorded again for all that do the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.evaluation.run import Ran, at_work
from gradcli.limits import MOST_MEMORY
from gradcli.tape.node import LEAF, Node, leaf, postorder
from gradcli.tape.vmap import batched

Array = np.ndarray[Any, np.dtype[Any]]
Columns = Mapping[str, Array]

Seen = tuple[bytes, ...]

LEAST_ROWS = 2048
STEPS = 16
"""From one power of two to the next there are so many numbers of rows, or half of it."""
ROUNDED_UP_TO = 16 << 20
"""Bytes of rows up to which there are `LEAST_ROWS` of them at least."""
FEWEST_ROWS = 16
"""Of wider ones there are a multiple of so many: what is left over a library may compute otherwise."""


class ControlPath:
    """What the program does for some rows.

    Attributes:
        ran: the run that it was recorded with.
        wanted: the nodes whose values are wanted.
        number: which path of the program it is, in the order in which they were met.
        nbytes: the most bytes that a row takes, if nothing is freed on the way.
        taken: by how many rows.
        even: to the last bit, what comes of a row does not depend on how many there are beside it.
        alone: it holds for the row that it was recorded with only, since the program differentiated something
            itself, which gives numbers and no nodes.
    """

    even = False

    def __init__(
        self, ran: Ran, wanted: Sequence[Node], leaves: Mapping[str, Node], looked: list[Node]
    ) -> None:
        self.ran = ran
        self.number = self.taken = 0
        self.alone = ran.session.passes > 0 or ran.runtime.own_backward
        self.wanted = list(wanted)
        self.leaves = leaves
        sources = list(leaves.values())
        self.order = postorder([*self.wanted, *looked])
        self.nbytes = max(1, sum([node.size * node.dtype.itemsize for node in self.order]))
        self.moved = moved(self.order, sources)
        self.looked = [node for node in dict.fromkeys(looked) if node in self.moved]
        self.seen: Seen = tuple(
            [_keys(np.asarray(node.value, node.dtype), 1).tobytes() for node in self.looked]
        )

    def unsigned(self, place: int, value: Array) -> Array:
        """What is wanted at a place, where rows run together: a derivative of zero has no sign then.

        Whether 0 was added to one of -0 depends on what else was recorded.
        """
        aim, node = self.ran.aim, self.wanted[place]
        root = aim is None or any(tensor.node is node for tensor in aim.roots.values())
        return value if root or value.dtype.kind != "f" else value + 0

    def fits(self, columns: Columns) -> bool:
        """Whether rows of these columns have the shapes with which the path was recorded."""
        return all(columns[name].shape[1:] == node.shape for name, node in self.leaves.items())

    def follow(self, columns: Columns, size: int, start: int) -> tuple[Array, list[Array]]:
        """How far rows take this path.

        Args:
            columns, size: the rows.
            start: how many of the values that the program looked at are known to be the same.

        Returns:
            For each row the index of the first value that is another one, or how many there are; and from
            `start` on the rows' values, as comparable items.
        """
        until = np.full(size, len(self.looked))
        looked = self.looked[start:]
        if not looked:
            return until, []
        order = postorder(looked)
        found = [_keys(each, size) for each in self.at(columns, size, looked, order)]
        for back, each in enumerate(reversed(found), 1):
            until[each != np.frombuffer(self.seen[-back], each.dtype)] = len(self.looked) - back
        return until, found

    def at(
        self,
        columns: Columns,
        size: int,
        nodes: Sequence[Node] | None = None,
        order: Sequence[Node] | None = None,
    ) -> list[Array]:
        """The values of what is wanted (or of other nodes, with what they read) for rows: (size, *shape).

        So many rows are evaluated at a time as take an eighth of the memory that there is at most.
        """
        wanted, order = self.wanted if nodes is None else nodes, order or self.order
        rows = max(1, self._most() // self.nbytes)
        if size <= rows or self.alone:
            return self._at(columns, size, wanted, order)
        parts = []
        for first in range(0, size, rows):
            part = {name: column[first : first + rows] for name, column in columns.items()}
            parts.append(self._at(part, min(rows, size - first), wanted, order))
        return [np.concatenate(each) for each in zip(*parts, strict=True)]

    def _at(self, columns: Columns, size: int, wanted: Sequence[Node], order: Sequence[Node]) -> list[Array]:
        with at_work(self.ran.runtime):
            if self.alone:
                engine.compute(wanted)
                return [np.asarray(engine.value(node), node.dtype)[None] for node in wanted]
            replaced = {}
            given, size = size, self._rounded(size)
            for name, node in self.leaves.items():
                array = np.ascontiguousarray(columns[name], node.dtype)
                if size > given:
                    array = np.concatenate([array, np.repeat(array[-1:], size - given, 0)])
                replaced[node] = leaf(array, requires_grad=node.requires_grad)
            found = batched(wanted, replaced, size, order, self.even)
            self.ran.runtime.session.context.even = self.even
            engine.compute(found)
            return [
                np.asarray(engine.value(each), node.dtype).reshape(size, *node.shape)[:given]
                for each, node in zip(found, wanted, strict=True)
            ]

    def plan(self, size: int, names: Sequence[str]) -> str:
        """What is done for so many rows, a line for each step, with names for what is wanted."""
        from gradcli.engine.large import plan_for
        from gradcli.engine.numbering import Numbered

        if self.alone:
            return "row by row: the program differentiates something itself"
        with at_work(self.ran.runtime):
            replaced = {
                node: leaf(np.empty((size, *node.shape), node.dtype), requires_grad=node.requires_grad)
                for node in self.leaves.values()
            }
            found = batched(self.wanted, replaced, size, self.order, self.even)
            inputs = list(replaced.values())
            order, _ = engine.pending([node for node in found if node.value is None])
            numbered = Numbered(order, found, inputs, large=True, hopeful=True)
            lines = plan_for(numbered).describe()
            called = dict(zip(numbered.outputs, names, strict=False))
            called |= {numbered.number[node]: name for name, node in zip(self.leaves, inputs, strict=True)}
            return re.sub(r"%(\d+)\b", lambda slot: called.get(int(slot[1]), slot[0]), lines)

    def _most(self) -> int:
        """Bytes that the rows take at most which are evaluated at a time."""
        return (self.ran.options.max_memory or MOST_MEMORY) // 8

    def _rounded(self, size: int) -> int:
        """So many rows are evaluated in place of a few: there is a plan for each number of rows."""
        if not self.even:
            return size
        room = ROUNDED_UP_TO // self.nbytes
        least = max(FEWEST_ROWS, min(LEAST_ROWS, 1 << max(room, 1).bit_length() - 1))
        step = max(least, (1 << size.bit_length()) // STEPS)
        rounded = -(-size // step) * step
        return rounded if rounded * self.nbytes <= self._most() else size


def _keys(values: Array, size: int) -> Array:
    """Values as one comparable item each: 0 has no sign, and all nans are alike."""
    if values.dtype.kind in "fc":
        values = np.where(np.isnan(values), np.nan, values + 0)
    nbytes = values.nbytes // max(1, size)
    kind = f"u{nbytes}" if nbytes in (1, 2, 4, 8) else f"V{nbytes}"
    return np.ascontiguousarray(values).reshape(-1).view(kind) if nbytes else np.zeros(size, "u1")


def moved(order: Sequence[Node], sources: Sequence[Node]) -> set[Node]:
    """Of the nodes in `order` (inputs first), those that depend on the sources."""
    found = set(sources)
    for node in order:
        if node.op is not LEAF and any(each in found for each in node.inputs):
            found.add(node)
    return found
