"""Which computations run together: groups of elementwise work over one shape, and their reductions.

Work over the same shape belongs to one group unless a reduction, a matrix product or the like stands
between. A later group computes cheap values again rather than have an earlier one store them.
Called by `plan`, on the rows of `numbering`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.settings import current

if TYPE_CHECKING:
    from gradcli.engine.numbering import Numbered
    from gradcli.tape.node import Shape

REDUCED_DTYPES = frozenset(np.dtype(name).num for name in ("float64", "float32", "int64"))
"""In which dtypes partial results of a reduction are as good as the whole."""

STORE = 3.0
"""Nanoseconds an element for storing a value and loading it again: what takes less is computed twice."""


class Kind(Enum):
    """How a number gets its value."""

    GIVEN = 0
    ELEMENTWISE = 1  # in a group, block by block
    REDUCTION = 2  # at the end of a group
    EXPAND = 3  # a view; groups read the input instead
    WHOLE = 4  # by one call of the operation's kernel


class Group:
    """Elementwise work over one shape, done block by block.

    Attributes:
        shape: of every value in it.
        stage: how many barriers stand before it.
        body: the numbers computed in it.
        stored: those of them that are kept in full.
        reduced: the reductions that end in it.
    """

    __slots__ = ("body", "reduced", "shape", "stage", "stored")

    def __init__(self, shape: Shape, stage: int) -> None:
        self.shape = shape
        self.stage = stage
        self.body: set[int] = set()
        self.stored: set[int] = set()
        self.reduced: list[int] = []


class Fusion:
    """The kinds of all numbers, and the groups.

    Attributes:
        kinds: for each number.
        groups: inputs first.
        viewed: the numbers of kind EXPAND that somebody needs as an array.
    """

    def __init__(self, numbered: Numbered) -> None:
        self.rows = numbered.rows
        self.nodes = numbered.nodes
        self.kinds = self._kinds(numbered)
        self.stages = self._stages()
        self.viewed: set[int] = set()
        self._groups: dict[tuple[Shape, int], Group] = {}
        self._chains: dict[int, float] = {}
        self._demand(numbered.outputs)
        self.groups = sorted(
            (group for group in self._groups.values() if group.body or group.reduced),
            key=lambda group: group.stage,
        )

    def shape(self, index: int) -> Shape:
        """The shape of a number."""
        return self.nodes[index].shape

    def args(self, index: int) -> tuple[int, ...]:
        """The numbers that a number is computed from."""
        row = self.rows[index]
        return row[1] if self.kinds[index] is not Kind.GIVEN else ()

    def base(self, index: int) -> int:
        """The number whose value this one has, but for broadcasting."""
        while self.kinds[index] is Kind.EXPAND:
            index = self.rows[index][1][0]
        return index

    def _kinds(self, numbered: Numbered) -> list[Kind]:
        kinds: list[Kind] = []
        large = current.large
        given = frozenset(numbered.given)
        for index, (row, node) in enumerate(zip(self.rows, self.nodes, strict=True)):
            op = row[0]
            if index in given:
                kinds.append(Kind.GIVEN)
            elif op.broadcasts:
                kinds.append(Kind.EXPAND)
            elif op.elementwise:
                kinds.append(Kind.ELEMENTWISE if node.size > large and node.shape else Kind.WHOLE)
            elif op.reduces is not None and node.attrs[0] and row[3] in REDUCED_DTYPES:
                source = self.nodes[row[1][0]]
                kinds.append(Kind.REDUCTION if source.size > large else Kind.WHOLE)
            else:
                kinds.append(Kind.WHOLE)
        return kinds

    def _stages(self) -> list[int]:
        """Values of one group have one stage; whatever reads across a barrier has a later one."""
        stages: list[int] = []
        kinds = self.kinds
        for index, kind in enumerate(kinds):
            if kind is Kind.GIVEN:
                stages.append(0)
                continue
            args = self.args(index)
            if kind is Kind.EXPAND:
                stages.append(stages[args[0]])
                continue
            shape = self.shape(args[0]) if kind is Kind.REDUCTION else self.shape(index)
            stage = 1
            for each in args:
                source = self.base(each)
                same = kind is not Kind.WHOLE and self._joins(source, shape)
                stage = max(stage, stages[source] + (not same))
            stages.append(stage)
        return stages

    def _joins(self, source: int, shape: Shape) -> bool:
        """Whether a value can be read within a group of that shape."""
        return self.kinds[source] is Kind.ELEMENTWISE and self.shape(source) == shape

    def _group(self, shape: Shape, stage: int) -> Group:
        group = self._groups.get((shape, stage))
        if group is None:
            group = self._groups[shape, stage] = Group(shape, stage)
        return group

    def _home(self, index: int) -> Group:
        return self._group(self.shape(index), self.stages[index])

    def _demand(self, outputs: tuple[int, ...]) -> None:
        """Finds what each group must compute, from what is wanted of it, last groups first."""
        for index in outputs:
            self._require(index)
        for index, kind in enumerate(self.kinds):
            if kind is Kind.REDUCTION:
                self._group(self.shape(self.args(index)[0]), self.stages[index]).reduced.append(index)
            elif kind is Kind.WHOLE:
                for each in self.args(index):
                    self._require(each)
            elif kind is Kind.ELEMENTWISE:
                shape = self.shape(index)
                for each in self.args(index):
                    source = self.base(each)
                    if self.kinds[source] is Kind.ELEMENTWISE and self.shape(source) != shape:
                        self._home(source).stored.add(source)
        anchored: set[int] = set()  # what its own stage needs anyway
        for group in list(self._groups.values()):
            self._close(group, group.stored, anchored)
            self._close(group, self._reduced_values(group), anchored)
        for group in sorted(self._groups.values(), key=lambda group: -group.stage):
            self._fill(group, anchored)

    def _require(self, index: int) -> None:
        """Somebody needs the number as an array."""
        if self.kinds[index] is Kind.EXPAND:
            self.viewed.add(index)
            index = self.base(index)
        if self.kinds[index] is Kind.ELEMENTWISE:
            self._home(index).stored.add(index)

    def _reduced_values(self, group: Group) -> list[int]:
        values = []
        for index in group.reduced:
            source = self.base(self.args(index)[0])
            if self._joins(source, group.shape):
                values.append(source)
            elif self.kinds[source] is Kind.ELEMENTWISE:
                self._home(source).stored.add(source)
        return values

    def _close(self, group: Group, roots: Any, reached: set[int]) -> None:
        pending = [index for index in roots if self.stages[index] == group.stage]
        while pending:
            index = pending.pop()
            if index in reached:
                continue
            reached.add(index)
            for each in self.args(index):
                source = self.base(each)
                if self._joins(source, group.shape) and self.stages[source] == group.stage:
                    pending.append(source)

    def _fill(self, group: Group, anchored: set[int]) -> None:
        pending = [*group.stored, *self._reduced_values(group)]
        group_of = self._home
        while pending:
            index = pending.pop()
            if index in group.body:
                continue
            if self.stages[index] != group.stage:
                home = group_of(index)
                again = index not in home.stored and (index not in anchored or self._chain(index) <= STORE)
                if not again:
                    home.stored.add(index)
                    continue
            group.body.add(index)
            for each in self.args(index):
                source = self.base(each)
                if self._joins(source, group.shape):
                    pending.append(source)

    def _chain(self, index: int) -> float:
        """About how long an element takes from what is stored, in nanoseconds."""
        pending = [index]
        chains = self._chains
        while pending:
            top = pending[-1]
            below = [self.base(each) for each in self.args(top)]
            below = [each for each in below if self._joins(each, self.shape(index))]
            missing = [each for each in below if each not in chains]
            if missing:
                pending.extend(missing)
                continue
            pending.pop()
            chains[top] = min(self.rows[top][0].cost + sum(chains[each] for each in below), 1e6)
        return chains[index]
