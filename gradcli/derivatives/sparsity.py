"""Which elements depend on which: the structure of a Jacobian, read off the tape before anything is computed.

Every node gets a `Pattern`; what an operation does to patterns follows from its kind. `compressed` asks
here for the structure of roots (for a Hessian: of gradients), which is always a superset of the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.run import value
from gradcli.tape.node import Node, topological
from gradcli.tape.reverse import leading_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gradcli.tape.node import Primitive

Array = np.ndarray[Any, np.dtype[Any]]

FEW = 16
"""Up to so many arrays patterns are united pair by pair; beyond, by sorting what each element has."""


class Pattern:
    """What each element of a node depends on, the elements in a row.

    Attributes:
        columns: arrays with an entry for each element: 1 + the variable it depends on, or 0. With 0 for
            "nothing", whatever moves elements (and fills with zeros) moves these arrays by its own kernel.
        full: elements that count as depending on every variable, or None.
    """

    __slots__ = ("columns", "full")

    def __init__(self, columns: Sequence[Array], full: Array | None = None) -> None:
        self.columns = tuple(columns)
        self.full = full

    def moved(self, move: Callable[[Array], Any]) -> Pattern:
        """The pattern after a rearrangement of the elements."""
        columns = [np.asarray(move(each)).reshape(-1) for each in self.columns]
        return Pattern(columns, None if self.full is None else np.asarray(move(self.full)).reshape(-1))

    def taken(self, places: Array) -> Pattern:
        """The pattern of the elements at `places`."""
        return self.moved(lambda column: column[places])


class Sparsity:
    """Patterns of nodes in the elements of some leaves, numbered through.

    Args:
        wrt: the leaves.
        most: an element that depends on more variables than this counts as depending on all.
        room: the most entries that one pattern may take.
    """

    def __init__(self, wrt: Sequence[Node], most: int, room: int) -> None:
        self.size = sum(node.size for node in wrt)
        self.most = max(most, 1)
        self.room = room
        self._patterns: dict[Node, Pattern] = {}
        start = 0
        for node in wrt:
            numbers = np.arange(start + 1, start + node.size + 1, dtype=np.int32)
            self._patterns[node] = Pattern((numbers,))
            start += node.size

    def of(self, roots: Sequence[Node | None], sizes: Sequence[int]) -> Pattern:
        """The pattern of all elements of the roots in a row; None is a root that depends on nothing."""
        known = self._patterns
        present = [root for root in roots if root is not None]
        order = topological(present)
        moving = leading_to(order, list(known))
        for node in order:
            if node in moving and node not in known:
                known[node] = self._pattern(node)
        return self._joined([None if root is None else known.get(root) for root in roots], sizes)

    def _pattern(self, node: Node) -> Pattern:
        op = node.op
        if op.elementwise:
            return self.united([self._broadcast(each, node) for each in node.inputs], node.size)
        if op.moves:
            return _moved(self, node)
        if op.gathering is not None:
            return _added_up(self, node, op.gathering)
        return _read(self, node)

    def find(self, node: Node) -> Pattern | None:
        """The pattern of an input, or None if it depends on nothing."""
        return self._patterns.get(node)

    def _broadcast(self, each: Node, node: Node) -> Pattern | None:
        pattern = self._patterns.get(each)
        if pattern is None or each.shape == node.shape:
            return pattern
        return self.admitted(pattern, node.size).moved(
            lambda column: np.broadcast_to(column.reshape(each.shape), node.shape)
        )

    def _joined(self, patterns: Sequence[Pattern | None], sizes: Sequence[int]) -> Pattern:
        """Patterns of several nodes one behind the other."""
        if len(patterns) == 1:
            return patterns[0] or Pattern((np.zeros(sizes[0], np.int32),))
        nothing = Pattern(())
        parts = [self.admitted(each or nothing, sum(sizes)) for each in patterns]
        longest = max(len(each.columns) for each in parts)
        columns = []
        for k in range(longest):
            columns.append(
                np.concatenate(
                    [
                        each.columns[k] if k < len(each.columns) else np.zeros(size, np.int32)
                        for each, size in zip(parts, sizes, strict=True)
                    ]
                )
            )
        full = None
        if any(each.full is not None for each in parts):
            full = np.concatenate(
                [
                    np.zeros(size, bool) if each.full is None else each.full
                    for each, size in zip(parts, sizes, strict=True)
                ]
            )
        return Pattern(columns, full)

    # ---- putting patterns together ----

    def limit(self, size: int) -> int:
        """How many entries each of `size` elements may have."""
        return min(self.most, max(self.room // max(size, 1), 4))

    def admitted(self, pattern: Pattern, size: int) -> Pattern:
        """The pattern with few enough entries for a node of `size` elements: more becomes "everything"."""
        limit = self.limit(size)
        if len(pattern.columns) <= limit:
            return pattern
        stacked = np.stack(pattern.columns)
        stacked.sort(axis=0)
        stacked[1:][stacked[1:] == stacked[:-1]] = 0  # what an element has twice
        counts = np.count_nonzero(stacked, axis=0)
        full = counts > limit
        stacked[:, full] = 0
        stacked.sort(axis=0)
        most = int(counts[~full].max(initial=0))
        if pattern.full is not None:
            full |= pattern.full
        return Pattern(tuple(stacked[len(stacked) - most :][::-1]), full if full.any() else None)

    def united(self, patterns: Iterable[Pattern | None], size: int) -> Pattern:
        """What depends on any of several."""
        present = [each for each in patterns if each is not None]
        if len(present) == 1:
            return present[0]
        columns: list[Array] = []
        full: Array | None = None
        seen: set[int] = set()
        for pattern in present:
            if pattern.full is not None:
                full = pattern.full if full is None else full | pattern.full
            for column in pattern.columns:
                if id(column) not in seen:
                    seen.add(id(column))
                    if len(columns) > FEW or not _merged(columns, column):
                        columns.append(column)
        if full is not None and columns and bool(full.all()):
            columns = []
        return self.admitted(Pattern(columns, full), size)

    def gathered(self, pattern: Pattern, target: Array, size: int) -> Pattern:
        """What results depend on, of which each adds up the elements that `target` sends to it.

        Args:
            pattern: of the elements.
            target: for each element, which result it goes into.
            size: the number of results.
        """
        full: Array | None = None
        if pattern.full is not None:
            full = np.zeros(size, bool)
            full[target[pattern.full]] = True
            if bool(full.all()):
                return Pattern((), full)
        if size == 1:
            return self._collected(pattern, full)
        count = target.size // max(size, 1)
        if count * len(pattern.columns) <= FEW and count * size == target.size:
            order = np.argsort(target, kind="stable").reshape(size, count)
            if bool((target[order] == np.arange(size)[:, None]).all()):
                columns = [column[order[:, at]] for at in range(count) for column in pattern.columns]
                return self.united([*[Pattern((each,)) for each in columns], Pattern((), full)], size)
        rows = np.concatenate([target[column > 0] for column in pattern.columns] or [target[:0]])
        entries = np.concatenate([column[column > 0] for column in pattern.columns] or [target[:0]])
        return self.of_pairs(rows, entries, size, full)

    def _collected(self, pattern: Pattern, full: Array | None) -> Pattern:
        """One result of everything."""
        flags = np.zeros(self.size + 1, bool)
        for column in pattern.columns:
            flags[column] = True
        flags[0] = False
        entries = np.flatnonzero(flags).astype(np.int32)
        if full is not None or len(entries) > self.limit(1):
            return Pattern((), np.ones(1, bool))
        return Pattern(tuple(entries.reshape(-1, 1)))

    def of_pairs(self, rows: Array, entries: Array, size: int, full: Array | None) -> Pattern:
        """The pattern of `size` elements from pairs of an element and 1 + a variable."""
        keys = np.unique(rows.astype(np.int64) * (self.size + 1) + entries)
        rows, entries = keys // (self.size + 1), (keys % (self.size + 1)).astype(np.int32)
        counts = np.bincount(rows, minlength=size)
        crowded = counts > self.limit(size)
        if full is not None:
            crowded |= full
        if crowded.any():
            kept = ~crowded[rows]
            rows, entries = rows[kept], entries[kept]
            counts = np.where(crowded, 0, counts)
        place_in_row = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        table = np.zeros((int(counts.max(initial=0)), size), np.int32)
        table[place_in_row, rows] = entries
        return Pattern(tuple(table), crowded if crowded.any() else None)


def _merged(columns: list[Array], column: Array) -> bool:
    """Puts `column` into one of `columns` that nowhere says something else; False if there is none."""
    for at, each in enumerate(columns):
        larger = np.maximum(each, column)
        # Where they differ, one of the two must be 0.
        if not np.any((each != column) & (np.minimum(each, column) > 0)):
            columns[at] = larger
            return True
    return False


# ---- what operations do to patterns --------------------------------------------------------------


def _moved(sparsity: Sparsity, node: Node) -> Pattern:
    """The kernel moves elements, some of them to several places, and puts zeros elsewhere."""
    nothing = Pattern(())
    given = [None if node.op.linear_in(node, at) else value(each) for at, each in enumerate(node.inputs)]
    parts = [sparsity.admitted(sparsity.find(each) or nothing, node.size) for each in node.inputs]

    def moved(pieces: list[Array | None], dtype: Any) -> Array:
        arrays = [
            np.asarray(known)
            if known is not None
            else np.zeros(each.shape, dtype)
            if piece is None
            else piece.reshape(each.shape)
            for each, piece, known in zip(node.inputs, pieces, given, strict=True)
        ]
        return np.asarray(node.op.compute(*arrays, *node.attrs)).reshape(-1)

    longest = max(len(each.columns) for each in parts)
    columns = [
        moved([each.columns[k] if k < len(each.columns) else None for each in parts], np.int32)
        for k in range(longest)
    ]
    full = None
    if any(each.full is not None for each in parts):
        full = moved([each.full for each in parts], bool)
    return Pattern(columns, full)


def _added_up(sparsity: Sparsity, node: Node, gathering: Primitive) -> Pattern:
    """Gathering the numbers of the results says where each element goes."""
    others = [np.asarray(value(each)) for each in node.inputs[1:]]
    numbers = np.arange(node.size).reshape(node.shape)
    target = np.asarray(gathering.compute(numbers, *others, *node.attrs[1:]))
    target = np.broadcast_to(target, node.inputs[0].shape).reshape(-1)
    pattern = sparsity.find(node.inputs[0])
    assert pattern is not None
    return sparsity.gathered(pattern, target, node.size)


def _read(sparsity: Sparsity, node: Node) -> Pattern:
    """Each result reads, of each input, the elements that agree with it in the dims that they share."""
    found = []
    for index, each in enumerate(node.inputs):
        pattern = sparsity.find(each)
        if pattern is None or not node.op.linear_in(node, index):
            continue
        places = node.op.along(node, index)
        shared = [place for place in places if place is not None]
        sizes = [node.shape[place] for place in shared]
        numbers = np.arange(int(np.prod(sizes, dtype=np.int64))).reshape(sizes)
        lengths = iter(sizes)
        target = numbers.reshape([1 if place is None else next(lengths) for place in places])
        groups = sparsity.gathered(pattern, np.broadcast_to(target, each.shape).reshape(-1), numbers.size)
        order = sorted(shared)
        read = numbers.transpose([shared.index(place) for place in order]).reshape(
            [size if place in shared else 1 for place, size in enumerate(node.shape)]
        )
        read = np.broadcast_to(read, node.shape).reshape(-1)
        found.append(sparsity.admitted(groups, node.size).taken(read))
    return sparsity.united(found, node.size)
