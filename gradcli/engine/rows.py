"""One tape for many rows at once, each node for those of them only that need it (`tape.subsets`).

The tape is made a list of steps once: to find which rows are in a subset, to take the values of these from
those of more rows, to compute a node, to put values of some rows among those of the others. It is run for any
number of rows, on any thread, and what comes of a row does not depend on the others. Called by
`evaluation.merged`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import row_steps
from gradcli.engine.row_steps import Array, RowOperand, Step, Values, index
from gradcli.tape.node import FLOAT64, Node, postorder
from gradcli.tape.subsets import Choice, Subset, apart, choice, common, is_zero

DEEP = 4
"""Subsets so deep in each other are worth an order of rows in which each is a range."""


class RowProgram:
    """A tape as steps.

    Args:
        leaves: the columns, by name.
        needed: for which rows each node is to be computed, as `tape.subsets.needs` found it.
        masks: subsets by the nodes that tell which rows are in them.
        everything: all rows.
        checks: nodes that are true for rows for which the tape does not hold, among some rows each.
        wanted: whose values are wanted.
    """

    def __init__(
        self,
        leaves: Mapping[str, Node],
        needed: Mapping[Node, Subset],
        masks: Mapping[Node, Subset],
        everything: Subset,
        checks: Sequence[tuple[Subset, Node]],
        wanted: Sequence[Node],
    ) -> None:
        self._needed, self._masks, self._all = needed, masks, everything
        self._begin: Values = [None]
        self._index: dict[tuple[Subset, Subset], int] = {}
        """Where the places stand that the rows of the second have among those of the first."""
        self._versions: dict[Node, dict[Subset, int]] = {}
        self._constants: dict[int, int] = {}
        self._fixed: set[int] = set()
        self._settled: set[Node] = set()
        """Nodes that are the same for all rows and have their values."""
        self._steps: list[tuple[Step, tuple[int, ...], tuple[int, ...]]] = []
        self._into: dict[int, int] = {}
        """For values that are put together the one that the others are put into."""
        self._fresh: set[int] = set()
        """Values that no other shares memory with, if `_owned`, or else anyway."""
        self._shared: set[int] = set()
        """Values with which others may share memory, whatever is done."""
        self._owned: set[int] = set()
        """Values into which others are put, and of which no other may be a view."""
        self._reused: set[int] = set()
        """Values that stand where such a one stood."""
        self.leaves = {name: self._place(None) for name in leaves}
        for name, node in leaves.items():
            self._versions[node] = {everything: self.leaves[name]}
        self._pairs: dict[Any, list[Node]] = {}
        for node, rows in needed.items():
            op = node.op.of_rows or node.op
            if op.pair is not None and node.dtype is FLOAT64:
                self._pairs.setdefault((op.pair[0], node.inputs[0], rows), []).append(node)
        self._made: set[Node | Subset] = {everything, *leaves.values()}
        self._make([each for pair in checks for each in pair])
        self.checks = [
            (self._fetch(node, rows), None if rows is everything else self._places(everything, rows))
            for rows, node in checks
            if node in needed
        ]
        self.until = len(self._steps)
        """The steps before it tell for which rows the tape holds."""
        self.nested = self._nesting()
        self._make(wanted)
        if 2 * self.until > len(self._steps):  # they would be done twice
            self.nested = []
        self.wanted = [self._fetch(node, everything) for node in wanted]
        self.kinds = [(node.shape, node.dtype) for node in wanted]
        self.steps = self._dropping()
        del self._versions, self._index, self._pairs, self._needed, self._masks, self._made

    # ---- running ----------------------------------------------------------------------------

    def begin(self, columns: Mapping[str, Array], size: int) -> Values:
        """The values that rows begin with."""
        values = list(self._begin)
        values[0] = range(size)
        for name, place in self.leaves.items():
            values[place] = columns[name]
        return values

    def holds(self, values: Values) -> Array:
        """For which rows the tape holds; to be called first."""
        _run(self.steps[: self.until], values)
        found = np.ones(len(values[0]), bool)
        for place, at in self.checks:
            if at is None:
                found &= ~values[place]
            else:
                those = index(values[at])
                found[those] &= ~values[place]
        return found

    def order(self, values: Values) -> Array | None:
        """An order in which rows that go on together follow each other, after `holds`.

        A subset is a range of its parent's rows then: values are taken from others and put among them without
        looking for each. None: it would not pay.
        """
        if not self.nested:
            return None
        depths: dict[int, Array] = {}
        for whole, part in self.nested:
            below = depths.get(part)
            known = depths.setdefault(whole, np.zeros(len(values[whole]), np.int16))
            those = index(values[part])
            known[those] = np.maximum(known[those], 1 if below is None else below + 1)
        first = depths[0]
        return None if (first[1:] <= first[:-1]).all() else np.argsort(-first, kind="stable")

    def results(self, values: Values) -> list[Array]:
        """What is wanted, arrays of shape (size, *shape), after `holds`."""
        _run(self.steps[self.until :], values)
        size = len(values[0])
        return [
            row_steps.whole(values[place], place in self._fixed, size, shape, dtype)
            for place, (shape, dtype) in zip(self.wanted, self.kinds, strict=True)
        ]

    # ---- making -----------------------------------------------------------------------------

    def _place(self, value: Any) -> int:
        self._begin.append(value)
        return len(self._begin) - 1

    def _emit(self, step: Step, reads: Iterable[int], *makes: int) -> None:
        self._steps.append((step, tuple(reads), makes))

    def _nesting(self) -> list[tuple[int, int]]:
        """Where the rows of the parents of subsets stand, and those of the subsets, deepest first."""
        found = [(part, place) for (whole, part), place in self._index.items() if part.parent is whole]
        found.sort(key=lambda each: -each[0].depth)
        if not found or found[0][0].depth < DEEP:
            return []
        return [(self._count(part.parent), place) for part, place in found if part.parent is not None]

    def _dropping(self) -> list[tuple[Step, list[int]]]:
        """The steps, each with the values that nobody reads after it."""
        kept = {0, *self.wanted, *self._fixed, *self.leaves.values()}
        kept.update([place for pair in (*self.checks, *self.nested) for place in pair if place is not None])
        read = set(kept)
        for at in range(len(self._steps) - 1, -1, -1):
            _, reads, makes = self._steps[at]
            if any(each in read for each in makes):
                read.update(reads)
            else:  # for nothing
                del self._steps[at]
                self.until -= at < self.until
        last: dict[int, int] = {}
        for at, (_, reads, makes) in enumerate(self._steps):
            last.update(dict.fromkeys((*reads, *makes), at))
        alone = self._fresh - self._shared - kept
        for at, (_, _, makes) in enumerate(self._steps):
            whole = self._into.get(makes[0], 0)
            if whole in alone and last[whole] == at:
                self._owned.add(whole)
                self._reused.add(makes[0])
        drops: list[list[int]] = [[] for _ in self._steps]
        for place, at in last.items():
            if place not in kept:
                drops[at].append(place)
        return [(step, dropped) for (step, _, _), dropped in zip(self._steps, drops, strict=True)]

    def _make(self, wanted: Iterable[Node | Subset]) -> None:
        """Makes the steps that compute nodes, after those for what they read and what tells subsets."""
        pending = [(each, False) for each in wanted][::-1]
        while pending:
            each, ready = pending.pop()
            if ready:
                self._made.add(each)
                if isinstance(each, Node):
                    self._compute(each)
                continue
            if (
                each in self._made
                or each in self._versions
                or (isinstance(each, Node) and each not in self._needed)
            ):
                continue
            pending.append((each, True))
            below = self._below(each)
            pending += [(one, False) for one in reversed(below) if one not in self._made]

    def _below(self, each: Node | Subset) -> list[Node | Subset]:
        """What a node reads, and for which rows it is wanted; or what tells which rows these are."""
        if isinstance(each, Subset):
            found: list[Node | Subset] = [*each.members]
            found += [one for one in (each.parent, each.test) if one is not None]
            return found
        chosen = choice(each, self._masks)
        if chosen is None:
            return [self._needed[each], *each.inputs]
        return [self._needed[each], chosen.subset, chosen.inside, chosen.outside]

    def _constant(self, node: Node) -> int:
        place = self._constants.get(id(node))
        if place is None:
            for each in postorder([node], self._unknown):
                row_steps.settle(each)
                self._settled.add(each)
            place = self._constants[id(node)] = self._place(node.value)
            self._fixed.add(place)
        return place

    def _unknown(self, node: Node) -> Sequence[Node]:
        return () if node in self._settled else node.inputs

    def _places(self, rows: Subset, part: Subset) -> int:
        """The place of where the rows of a part are among some rows."""
        missing = []
        while (rows, part) not in self._index:
            missing.append(part)
            assert part.parent is not None
            if part.parent is rows:
                break
            part = part.parent
        for each in reversed(missing):
            parent = each.parent
            assert parent is not None
            own = self._own_places(each)
            if parent is not rows:
                outer, found = self._index[rows, parent], self._place(None)
                self._emit(row_steps.compose(found, outer, own), (outer, own), found)
                own = found
            self._index[rows, each] = own
        return self._index[rows, missing[0] if missing else part]

    def _own_places(self, part: Subset) -> int:
        """The place of where the rows of a part are among those of its parent."""
        parent = part.parent
        assert parent is not None
        if (parent, part) in self._index:
            return self._index[parent, part]
        if part.test is not None:
            asked = self._fetch(part.test, parent)
            found = self._place(None)
            self._emit(row_steps.decide(found, asked, part.truth), (asked,), found)
        else:
            members, count = [self._places(parent, each) for each in part.members], self._count(parent)
            found = self._place(None)
            self._emit(row_steps.unite(found, members, count), (*members, count), found)
        self._index[parent, part] = found
        return found

    def _count(self, rows: Subset) -> int:
        """The place of what has as many items as there are rows."""
        if rows is self._all:
            return 0
        assert rows.parent is not None
        return self._places(rows.parent, rows)

    def _fetch(self, node: Node, rows: Subset) -> int:
        """The place of a node's values for some rows."""
        if node not in self._versions:
            return self._constant(node)
        versions = self._versions[node]
        if rows in versions:
            return versions[rows]
        known = [each for each in versions if each.contains(rows)]
        if not known:  # it is zero for the others
            whole = common(rows, self._needed[node])
            if whole is rows:
                self._join(node, rows, self._placed(node, self._needed[node], rows))
                return versions[rows]
            self._fetch(node, whole)
            known = [whole]
        source = max(known, key=lambda each: each.depth)
        given, at = versions[source], self._places(source, rows)
        found = versions[rows] = self._place(None)
        self._fresh.add(found)
        self._emit(row_steps.take(found, given, at, self._owned), (given, at), found)
        return found

    def _operand(self, node: Node, rows: Subset, among: Subset) -> RowOperand:
        """A node's values for some rows (fewer, where it is zero for the others) among others."""
        if node in self._versions:
            needed = self._needed.get(node, self._all)
            rows = needed if rows.contains(needed) else rows
        return self._placed(node, rows, among)

    def _placed(self, node: Node, rows: Subset, among: Subset) -> RowOperand:
        """A node's values for some rows among others."""
        place = self._fetch(node, rows)
        return RowOperand(place, None if rows is among else self._places(among, rows), place in self._fixed)

    def _join(self, node: Node, rows: Subset, *operands: RowOperand) -> None:
        """Puts values of several subsets together; the last counts."""
        found = self._versions.setdefault(node, {})[rows] = self._place(None)
        self._fresh.add(found)
        if len(operands) > 1 and operands[0].at is None:
            self._into[found] = operands[0].value
        self._shared.add(operands[-1].value)
        count = self._count(rows)
        step = row_steps.join(found, operands, node, count, self._owned, self._reused)
        self._emit(step, (*_reads(operands), count), found)

    def _compute(self, node: Node) -> None:
        """Makes the steps that compute a node, once what it reads is there."""
        rows = self._needed[node]
        chosen = choice(node, self._masks)
        if chosen is not None:
            self._choose(node, rows, chosen)
        elif node.op.adds and self._add(node, rows):
            pass
        elif node.op.elementwise:
            self._kernel(node, rows)
        else:
            self._recorded(node, rows)

    def _choose(self, node: Node, rows: Subset, chosen: Choice) -> None:
        subset = chosen.subset
        if subset.contains(rows):
            self._join(node, rows, self._placed(chosen.inside, rows, rows))
        elif apart(subset, rows):
            self._join(node, rows, self._placed(chosen.outside, rows, rows))
        else:
            inside, rest = self._placed(chosen.inside, subset, rows), chosen.rest(rows)
            self._join(node, rows, self._operand(chosen.outside, rest, rows), inside)
            for part, given in ((subset, chosen.inside), (rest, chosen.outside)):
                known = self._versions.get(given, {}).get(part)
                if known is not None and part is not rows and given.shape == node.shape:
                    self._versions[node][part] = known

    def _add(self, node: Node, rows: Subset) -> bool:
        """A sum of terms that are not zero for some rows each; whether it is one."""
        if any(each not in self._versions or each.shape != node.shape for each in node.inputs):
            return False
        parts = [self._needed.get(each, self._all) for each in node.inputs]
        if all(each.contains(rows) for each in parts) or not all(
            each.contains(rows) or rows.contains(each) for each in parts
        ):
            return False
        for place, part in enumerate(parts):  # one is zero exactly where the other is: that is put into it
            around = self._around(node.inputs[1 - place], part, rows)
            if around is not None:
                self._join(
                    node, rows, RowOperand(around, None, False), self._operand(node.inputs[place], rows, rows)
                )
                return True
        first, second = [self._operand(each, rows, rows) for each in node.inputs]
        if first.at is not None and second.at is not None:
            if not apart(*parts):
                return False
            self._join(node, rows, first, second)
            return True
        if first.at is not None:
            first, second = second, first
        found = self._place(None)
        self._versions[node] = {rows: found}
        self._fresh.add(found)
        self._into[found] = first.value
        step = row_steps.increase(found, first, second, self._reused)
        self._emit(step, _reads((first, second)), found)
        return True

    def _around(self, node: Node, part: Subset, rows: Subset) -> int | None:
        """The place of the values that a node with zeros for a part of some rows has for the others."""
        chosen = choice(node, self._masks)
        if chosen is None:
            return None
        if is_zero(chosen.inside):
            kept, is_cleared = chosen.outside, chosen.subset is part
        else:
            kept, is_cleared = chosen.inside, is_zero(chosen.outside) and chosen.subset.other() is part
        if not is_cleared or not rows.contains(part) or kept.shape != node.shape:
            return None
        return self._versions.get(kept, {}).get(rows)

    def _kernel(self, node: Node, rows: Subset) -> None:
        """An operation that works element by element."""
        op = node.op.of_rows or node.op
        operands, count = [self._placed(each, rows, rows) for each in node.inputs], self._count(rows)
        found = self._place(None)
        self._versions[node] = {rows: found}
        twins = self._pairs.get((op.pair[0], node.inputs[0], rows), ()) if op.pair is not None else ()
        twin = next((each for each in twins if each.op is not node.op), None)
        if twin is not None and op.pair is not None and not node.shape:
            kernel, which = op.pair
            other = self._place(None)
            self._versions[twin] = {rows: other}
            first, second = (other, found) if which else (found, other)
            self._fresh.update((first, second))
            given = operands[0].value
            self._emit(row_steps.both(first, second, given, kernel), (given, count), first, second)
            return
        reads = _reads(operands)
        if isinstance(op.compute, np.ufunc):
            self._fresh.add(found)
        else:  # it may give back what it was given
            self._shared.update(reads)
        self._emit(row_steps.elementwise(found, op, node, operands, count), (*reads, count), found)

    def _recorded(self, node: Node, rows: Subset) -> None:
        """Any other operation: recorded again for so many rows, and computed."""
        op = node.op.of_rows or node.op
        operands, count = [self._placed(each, rows, rows) for each in node.inputs], self._count(rows)
        found = self._place(None)
        self._versions[node] = {rows: found}
        reads = _reads(operands)
        self._shared.update(reads)
        self._emit(row_steps.recorded(found, op, node, operands, count), (*reads, count), found)


def _run(steps: Iterable[tuple[Step, list[int]]], values: Values) -> None:
    """Does steps, and lets go of the values that nobody reads after each."""
    for step, drops in steps:
        step(values)
        for each in drops:
            values[each] = None


def _reads(operands: Iterable[RowOperand]) -> list[int]:
    """The places that operands are read from."""
    return [place for each in operands for place in (each.value, each.at) if place is not None]
