"""Long chains of elementwise work on short arrays, as a function of one element that is called for each.

A chain of a hundred NumPy calls on ten elements takes longer than a hundred operations on each of ten Python
floats. So where many operations of one shape hang together, they become one, which goes through the elements:
a loop over a few hares and lynxes, forward and backward. Called by `generate`, after `unroll`.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.numbering import Numbered, needed
from gradcli.engine.rewriting import Rewriting
from gradcli.engine.unroll import CALL, STEP, is_exact
from gradcli.tape.elements import CHOSEN, Element
from gradcli.tape.node import FLOAT64, LEAF, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.tape.node import Shape

    Compiler = Callable[[Numbered], Callable[..., tuple[Any, ...]]]

MOST = 16
"""Arrays of more elements are worked on as a whole."""
BEGIN, LIST, ARRAY = 1.5, 0.2, 0.5
"""Microseconds: to go through the elements at all, to list those of an array, to make an array of a list."""


def by_element(numbered: Numbered, compiler: Compiler) -> Numbered | None:
    """The same computation with chains taken together where that pays; None where it pays nowhere.

    Args:
        numbered: the computation.
        compiler: makes a function of a numbered computation on numbers alone.
    """
    if not any(1 < node.size <= MOST and node.op.elementwise for node in numbered.nodes):
        return None
    operands = needed(numbered)
    groups = [each for each in _groups(numbered, operands) if each.pays(numbered)]
    return _ByElement(numbered, operands, groups, compiler).numbered() if groups else None


class _Group:
    """Operations of one shape that read each other, and nothing that reads them in between.

    Attributes:
        shape: theirs.
        members: their numbers, in order.
        inputs: what they read beside each other and constant numbers.
        outputs: those of them that others read.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.members: list[int] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def pays(self, numbered: Numbered) -> bool:
        """Whether it is quicker by far than its calls."""
        count, size = len(self.members), numbered.nodes[self.members[0]].size
        around = BEGIN + LIST * len(self.inputs) + ARRAY * len(self.outputs)
        return around + size * (count + 10) * STEP < 0.8 * CALL * count


def _groups(numbered: Numbered, operands: Mapping[int, Sequence[int]]) -> list[_Group]:
    """All groups. Along every path the stages of numbers rise, and they rise where a group is left."""
    nodes = numbered.nodes
    stages = dict.fromkeys(numbered.given, 0)
    kinds: dict[int, Shape | None] = {}
    groups: dict[tuple[int, Shape], _Group] = {}
    for index in sorted(operands):
        node = nodes[index]
        shape = node.shape if _goes_by_element(node, [nodes[each] for each in operands[index]]) else None
        kinds[index] = shape
        stages[index] = max(
            [stages[each] + (each in kinds and kinds[each] != shape) for each in operands[index]], default=0
        )
        if shape is not None:
            groups.setdefault((stages[index], shape), _Group(shape)).members.append(index)
    home = {index: group for group in groups.values() for index in group.members}
    constants = frozenset(numbered.given[numbered.inputs :])
    read = dict.fromkeys(numbered.outputs)
    for index, reads in operands.items():
        group = home.get(index)
        for each in reads:
            if group is None or home.get(each) is not group:
                read[each] = None
                if group is not None and not (each in constants and not nodes[each].shape):
                    group.inputs.append(each)
    for group in groups.values():
        group.inputs = list(dict.fromkeys(group.inputs))
        group.outputs = [each for each in group.members if each in read]
    return [groups[key] for key in sorted(groups)]


def _goes_by_element(node: Node, inputs: Sequence[Node]) -> bool:
    """Whether Python computes an element of the node from one of each input, or from a number."""
    return (
        1 < node.size <= MOST
        and node.op.elementwise
        and is_exact(node)
        and all(each.dtype.kind in "fb" and each.shape in ((), node.shape) for each in inputs)
        and all(each.dtype is FLOAT64 or each.dtype.kind == "b" for each in inputs)
    )


class _ByElement(Rewriting):
    """A group becomes one node, and one for each of its results."""

    def __init__(
        self,
        numbered: Numbered,
        operands: Mapping[int, Sequence[int]],
        groups: Sequence[_Group],
        compiler: Compiler,
    ) -> None:
        super().__init__(numbered, operands)
        self.compiler = compiler
        home = {index: group for group in groups for index in group.members}
        pending = [*sorted(operands, reverse=True)]
        waiting: set[int] = set()
        while pending:  # depth first: a group comes when all that it reads is there
            index = pending.pop()
            if index in self.new:
                continue
            group = home.get(index)
            reads = operands[index] if group is None else group.inputs
            missing = [each for each in reads if each not in self.new]
            if missing:
                assert index not in waiting
                waiting.add(index)
                pending += [index, *missing]
            elif group is None:
                self.keep(index)
            else:
                self._record(group)

    def _record(self, group: _Group) -> None:
        """Records a group: its function of one element, what goes through them, and each result."""
        nodes = self.old.nodes
        known = {index: Node(LEAF, (), (), (), nodes[index].dtype, False) for index in group.inputs}
        given = list(known.values())
        order = []
        for index in group.members:
            old = nodes[index]
            inputs = tuple([known.get(each) or nodes[each] for each in self.operands[index]])
            known[index] = Node(old.op, inputs, old.attrs, (), old.dtype, False)
            order.append(known[index])
        function = self.compiler(Numbered(order, [known[index] for index in group.outputs], given))
        arrays = tuple([bool(nodes[index].shape) for index in group.inputs])
        op = Element("each", _through(function, arrays, group.shape))
        first = nodes[group.members[0]]
        source = self.made(op, [self.new[each] for each in group.inputs], (), first.shape, first.dtype)
        for at, index in enumerate(group.outputs):
            self.new[index] = self.made(CHOSEN, (source,), (at,), group.shape, nodes[index].dtype)
        for index in group.members:
            self.new.setdefault(index, source)  # nobody outside reads it


def _through(
    function: Callable[..., tuple[Any, ...]], arrays: Sequence[bool], shape: Shape
) -> Callable[..., list[Any]]:
    """What calls a function for each element and gives its results as arrays."""
    flat = len(shape) == 1

    def run(*values: Any) -> list[Any]:
        elements = [
            value.ravel().tolist() if array else repeat(value)
            for value, array in zip(values, arrays, strict=True)
        ]
        columns = [np.array(column) for column in zip(*map(function, *elements), strict=True)]
        return columns if flat else [column.reshape(shape) for column in columns]

    return run
