"""What a run of one row computes, for all rows: each node recorded again with one more leading dim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.custom import SAME
from gradcli.tape.node import LEAF, Node, leaf, postorder

if TYPE_CHECKING:
    from gradcli.values.runtime import Runtime

Array = np.ndarray[Any, np.dtype[Any]]

ROOM = 2**26
"""Bytes of values of all rows that are kept before it is looked which of them are still read."""


class Divided(Exception):
    """These rows cannot go together with the others.

    Attributes:
        rows: which do not, as a mask; none of them or all: nothing is known of them, they go each by itself.
    """

    def __init__(self, rows: Array) -> None:
        super().__init__()
        self.rows = rows


class RowValues:
    """The values of nodes for all rows.

    Args:
        runtime: the run.
        columns: the inputs by name, arrays of shape (size, *shape).
        size: how many rows.

    Attributes:
        leaves: the leaves that stand for columns.
    """

    def __init__(self, runtime: Runtime, columns: Mapping[str, Array], size: int) -> None:
        self.runtime, self.columns, self.size = runtime, columns, size
        self.leaves: dict[str, Node] = {}
        self._twins: dict[Node, Node | None] = {}
        self._computed: list[Node] = []
        self._held, self._room = 0, ROOM

    def of(self, node: Node) -> Array | None:
        """The values of a node for all rows, of shape (size, *shape); None: it is the same for all."""
        twin = self._twin(node)
        if twin is None:
            return None
        if twin.value is None:
            order, _ = engine.pending([twin])
            try:
                for each in order:
                    engine.evaluate(each)
            except GradcliError:  # of which row is not known
                raise Divided(np.arange(self.size) < self.size // 2) from None
            self._computed += order
            self._held += sum([each.size * each.dtype.itemsize for each in order])
        return np.asarray(twin.value, node.dtype).reshape(self.size, *node.shape)

    def _twin(self, node: Node) -> Node | None:
        """The node recorded again for all rows; None if it does not depend on them."""
        twins = self._twins
        if node not in twins:
            for each in postorder([node], lambda each: () if each in twins else each.inputs):
                if each not in twins:
                    twins[each] = self._made(each)
        return twins[node]

    def _made(self, node: Node) -> Node | None:
        twins = self._twins
        if node.op is LEAF:
            for name, column in self.columns.items():
                given = self.runtime.inputs.get(name)
                if given is not None and node in given.leaves:
                    self.leaves[name] = node
                    return leaf(np.ascontiguousarray(column, node.dtype))
            return None
        flags = [twins[each] is not None for each in node.inputs]
        if not any(flags):
            return None
        if node.op is SAME:
            return twins[node.inputs[0]]
        inputs = [twins[each] or each for each in node.inputs]
        return (node.op.of_rows or node.op).batch(node, inputs, flags, self.size)

    def forget(self, nodes: Iterable[Node]) -> None:
        """Drops what was computed for all rows and these nodes do not need."""
        if self._held <= self._room:
            return
        now = [twin for node in nodes if (twin := self._twin(node)) is not None]
        order, _ = engine.pending([each for each in now if each.value is None])
        kept = {*now, *[each for node in order for each in node.inputs]}
        for each in self._computed:
            if each not in kept and each.dtype.kind != "b":
                each.value = None
        self._computed = [each for each in self._computed if each.value is not None]
        self._held = sum([np.asarray(each.value).nbytes for each in self._computed])
        self._room = max(ROOM, 2 * self._held)
