"""A numbered computation recorded again, with some of its operations done in another way.

`unroll` takes small arrays apart so, and `each` takes chains of operations together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.numbering import Numbered
from gradcli.tape.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Rewriting:
    """One computation on its way to another one with the same inputs and results.

    Attributes:
        old: what is recorded again.
        operands: for each of its numbers that is computed those that it is computed from.
        order: the new nodes.
        new: the node that stands for a number.
    """

    def __init__(self, old: Numbered, operands: Mapping[int, Sequence[int]]) -> None:
        self.old = old
        self.operands = operands
        self.order: list[Node] = []
        self.new: dict[int, Node] = {index: old.nodes[index] for index in old.given}

    def stands_for(self, index: int) -> Node:
        """The node of a number that has been recorded."""
        return self.new[index]

    def made(self, op: Any, inputs: Sequence[Node], attrs: Any, shape: Any, dtype: Any) -> Node:
        """A new node."""
        node = Node(op, tuple(inputs), attrs, shape, dtype, False)
        self.order.append(node)
        return node

    def keep(self, index: int) -> None:
        """Records a number as it was."""
        old = self.old.nodes[index]
        inputs = [self.stands_for(each) for each in self.operands[index]]
        self.new[index] = self.made(old.op, inputs, old.attrs, old.shape, old.dtype)

    def numbered(self) -> Numbered:
        """The computation as it is now."""
        old = self.old
        wanted = [None if index is None else self.stands_for(index) for index in old.wanted]
        return Numbered(self.order, wanted, old.nodes[: old.inputs])
