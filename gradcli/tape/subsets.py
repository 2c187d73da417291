"""Which rows need which node, where one tape is run for many rows that decide differently.

A run of many rows (`interpreter.together`) records both sides of a decision and chooses by row after them:
`where(mask, inside, outside)`. What is inside is wanted for the rows of the mask alone; and in a gradient the
side that a row did not take gets zeros, of which nothing comes but zeros. So each node has a subset of the
rows, found here from the tape, for which `engine.rows` computes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.record import Record
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import (
    LITERAL,
    Linear,
    add,
    guarded_mul,
    logical_not,
    neg,
    scale_primitive,
    source_of,
    where,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


class Subset:
    """Some of the rows of a run: all, those of another subset for which a test holds or does not, or a union.

    Attributes:
        parent: the smallest other one that it is part of; None for all rows.
        depth: how many it is part of.
        test: what decides, among the rows of `parent`; None for all rows and for a union.
        truth: what the test is for these rows.
        members: of a union.
    """

    __slots__ = ("_unions", "depth", "members", "parent", "parts", "test", "truth")

    def __init__(
        self,
        parent: Subset | None = None,
        test: Node | None = None,
        truth: bool = True,
        members: tuple[Subset, ...] = (),
    ) -> None:
        self.parent, self.test, self.truth, self.members = parent, test, truth, members
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.parts: dict[tuple[Node, bool], Subset] = {}
        self._unions: dict[frozenset[Subset], Subset] = {}

    def part(self, test: Node, truth: bool) -> Subset:
        """The rows of this one for which a test is so."""
        found = self.parts.get((test, truth))
        if found is None:
            found = self.parts[test, truth] = Subset(self, test, truth)
        return found

    def other(self) -> Subset | None:
        """The rows of the parent for which the test is not so."""
        return self.parent.part(self.test, not self.truth) if self.parent and self.test else None

    def contains(self, other: Subset) -> bool:
        """Whether it is that one, or what that one is part of."""
        return other.above(self.depth) is self

    def above(self, depth: int) -> Subset:
        """What it is part of at a depth."""
        found = self
        while found.depth > depth and found.parent is not None:
            found = found.parent
        return found

    def union(self, other: Subset) -> Subset:
        """The rows of both."""
        whole = common(self, other)
        if whole in (self, other) or (apart(self, other) and self.parent is whole is other.parent):
            return whole
        key = frozenset((self, other))
        found = whole._unions.get(key)
        if found is None:
            found = whole._unions[key] = Subset(whole, members=(self, other))
        return found

    def rename(self, named: Mapping[Node, Node]) -> None:
        """Takes other nodes for the tests that tell its parts."""
        for each in self.everything():
            each.test = None if each.test is None else named[each.test]
            each.parts = {(named[test], truth): part for (test, truth), part in each.parts.items()}

    def settle(self) -> None:
        """No parts of it are made any more: it forgets those it has, which know it; no circle stays."""
        for each in self.everything():
            each.parts, each._unions = {}, {}

    def everything(self) -> list[Subset]:
        """This one and all that are part of it, the larger ones first."""
        found = [self]
        for each in found:
            found += each.parts.values()
            found += each._unions.values()
        return found


def common(a: Subset, b: Subset) -> Subset:
    """The smallest subset that contains both."""
    a, b = a.above(b.depth), b.above(a.depth)
    while a is not b:
        assert a.parent is not None
        assert b.parent is not None
        a, b = a.parent, b.parent
    return a


def inner(a: Subset, b: Subset) -> Subset:
    """The one that is part of the other; else the first."""
    return b if a.contains(b) else a


def apart(a: Subset, b: Subset) -> bool:
    """Whether it is certain that no row is in both."""
    depth = common(a, b).depth + 1
    a, b = a.above(depth), b.above(depth)
    return a.test is not None and a.test is b.test and a.truth is not b.truth


class Choice(Record):
    """A node that chooses by a mask: `inside` for the rows of a subset, `outside` for the others."""

    subset: Subset
    inside: Node
    outside: Node

    def rest(self, rows: Subset) -> Subset:
        """A subset in which those of some rows are that are outside."""
        other = self.subset.other()
        return other if other is not None and self.subset.parent is rows else rows


def choice(node: Node, masks: Mapping[Node, Subset]) -> Choice | None:
    """How a node chooses, if it does so by a mask of the run."""
    if node.op is not where:
        return None
    condition, first, second = node.inputs
    while condition.op is logical_not and condition.inputs and condition not in masks:
        (condition,) = condition.inputs
        first, second = second, first
    subset = masks.get(condition)
    return None if subset is None else Choice(subset, first, second)


def is_zero(node: Node) -> bool:
    """Whether a constant is zero by rule."""
    node = source_of(node)
    return node.op is LITERAL and node.attrs[0] == 0


def supports(
    order: Iterable[Node], moved: Collection[Node], masks: Mapping[Node, Subset], everything: Subset
) -> dict[Node, Subset]:
    """For the nodes in `order` (inputs first) that depend on rows a subset outside of which they are zero."""
    found: dict[Node, Subset] = {}

    def of(node: Node) -> Subset | None:
        """None: zero for all."""
        return found[node] if node in found else None if is_zero(node) else everything

    def of_any(nodes: Iterable[Node]) -> Subset:
        known = [subset for node in nodes if (subset := of(node)) is not None]
        whole = known[0] if known else everything
        for each in known[1:]:
            whole = common(whole, each)
        return whole

    for node in order:
        if node not in moved or node.op is LEAF:
            continue
        chosen = choice(node, masks)
        if chosen is not None:
            inside, outside = of(chosen.inside), of(chosen.outside)
            if inside is not None:
                inside = inner(chosen.subset, inside)
            if outside is not None:
                outside = chosen.rest(outside)
            if inside is None or outside is None:
                found[node] = inside or outside or everything
            else:
                found[node] = common(inside, outside)
        elif node.op is guarded_mul:
            first, second = of(node.inputs[0]), of(node.inputs[1])
            found[node] = inner(first or everything, second or everything)
        elif node.op in (add, neg, scale_primitive) or isinstance(node.op, Linear):
            found[node] = of_any(node.inputs)
        else:
            found[node] = everything
    return found


def needs(
    order: Sequence[Node],
    wanted: Iterable[tuple[Node, Subset]],
    moved: Collection[Node],
    masks: Mapping[Node, Subset],
    everything: Subset,
) -> dict[Node, Subset]:
    """For which rows each node is to be computed.

    Args:
        order: all nodes, inputs first.
        wanted: the nodes whose values are wanted, and for which rows.
        moved: those that depend on the rows.
        masks: subsets by the nodes that tell which rows are in them.
        everything: all rows.

    Returns:
        For the nodes that are needed and depend on the rows a subset. Outside of it a node is zero, or nobody
        reads it there.
    """
    zero_outside = supports(order, moved, masks, everything)
    asked: dict[Node, Subset] = {}

    def ask(node: Node, rows: Subset) -> None:
        if node in zero_outside:
            known = asked.get(node)
            asked[node] = rows if known is None else common(known, rows)

    for node, rows in wanted:
        ask(node, rows)
    found: dict[Node, Subset] = {}
    for node in reversed(order):
        if node not in asked:
            continue
        rows = inner(asked[node], zero_outside[node])
        chosen = choice(node, masks)
        if chosen is None:
            for each in node.inputs:
                if each in zero_outside:
                    ask(each, inner(rows, zero_outside[each]) if node.op is add else rows)
        elif chosen.subset.contains(rows):
            ask(chosen.inside, rows)
        elif apart(chosen.subset, rows):
            ask(chosen.outside, rows)
        else:
            rows = common(rows, chosen.subset)
            ask(chosen.inside, chosen.subset)
            ask(chosen.outside, chosen.rest(rows))
        found[node] = rows
    return found
