"""One program for many values of its inputs at once: all rows of a table, all points of a picture.

The program runs for one of them. Its tape, with that of the derivatives that are wanted, is recorded again
under one more leading dim for all that would take the same path: those for which every value that the program
looked at (`if x > 0:`) is the same. The first that does something else gives the next path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import Ran, at_work, begun, run
from gradcli.limits import MOST_MEMORY
from gradcli.record import Record
from gradcli.syntax.parser import parse
from gradcli.tape.node import LEAF, Node, leaf, postorder
from gradcli.tape.vmap import batched

Array = np.ndarray[Any, np.dtype[Any]]
Columns = Mapping[str, Array]

Seen = tuple[bytes, ...]

MOST_PATHS = 64
"""Paths that are remembered; a program that takes others all the time is run row by row."""


class Found(Record):
    """What came of N rows.

    Attributes:
        values: for each of the rows' paths its rows and what was wanted, arrays of shape (rows, *shape).
        failed: the rows that have no value, and why.
    """

    values: list[tuple[ControlPath, Array, list[Array]]]
    failed: dict[int, GradcliError]


class ControlPath:
    """What the program does for some rows.

    Attributes:
        ran: the run that it was recorded with.
        wanted: the nodes whose values are wanted.
        number: which path of the program it is, in the order in which they were met.
        nbytes: the most bytes that a row takes, if nothing is freed on the way.
        taken: by how many rows.
        alone: it holds for the row that it was recorded with only, since the program differentiated something
            itself, which gives numbers and no nodes.
    """

    def __init__(
        self, ran: Ran, wanted: Sequence[Node], leaves: Mapping[str, Node], looked: list[Node]
    ) -> None:
        self.ran = ran
        self.number = self.taken = 0
        self.alone = ran.session.passes > 0 or ran.runtime.own_backward
        self.wanted = list(wanted)
        self.leaves = leaves
        sources = list(leaves.values())
        self.order = postorder([*self.wanted, *looked], lambda node: node.inputs)
        self.nbytes = max(1, sum([node.size * node.dtype.itemsize for node in self.order]))
        self.moved = moved(self.order, sources)
        self.looked = [node for node in dict.fromkeys(looked) if node in self.moved]
        self.seen: Seen = tuple(
            [_keys(np.asarray(node.value, node.dtype), 1).tobytes() for node in self.looked]
        )

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
        order = postorder(looked, lambda node: node.inputs)
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
        memory = self.ran.options.max_memory or MOST_MEMORY
        rows = max(1, memory // 8 // self.nbytes)
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
            for name, node in self.leaves.items():
                array = np.ascontiguousarray(columns[name], node.dtype)
                replaced[node] = leaf(array, requires_grad=node.requires_grad)
            found = batched(wanted, replaced, size, order)
            engine.compute(found)
            return [
                np.asarray(engine.value(each), node.dtype).reshape(size, *node.shape)
                for each, node in zip(found, wanted, strict=True)
            ]


class Many:
    """A program as a function of many values of some inputs.

    Args:
        source: its text.
        options: everything else; `wrt` is what is differentiated with respect to.
        wanted: from a run to the nodes whose values are wanted.
        weights: the column of the gradient weights, if there is one.

    Raises:
        GradcliError: `syntax`.
    """

    def __init__(
        self,
        source: str,
        options: Options,
        wanted: Callable[[Ran], Sequence[Node]],
        weights: str | None = None,
    ) -> None:
        self.source, self.options, self.wanted, self.weights = source, options, wanted, weights
        self.module = parse(source)
        self.paths: list[ControlPath] = []
        self.met = 0

    def record(self, row: Mapping[str, Any]) -> ControlPath:
        """The path of one row.

        Raises:
            GradcliError: whatever goes wrong.
        """
        inputs = {name: value for name, value in row.items() if name != self.weights}
        options = self.options.replaced(inputs={**(self.options.inputs or {}), **inputs})
        if self.weights is not None:
            options = options.replaced(weights=[row[self.weights]])
        runtime = begun(self.source, options)
        with at_work(runtime), engine.watched() as looked:
            ran = run(self.module, options, runtime)
            for name, value in inputs.items():  # what this path does not read is an input all the same
                if name not in runtime.leaves and name not in runtime.names:
                    runtime.leaves[name] = runtime.session.tensor(np.asarray(value), None, True)
            leaves = {name: runtime.leaves[name].node for name in inputs if name in runtime.leaves}
            if self.weights is not None and ran.aim is not None and ran.aim.weights[0] is not None:
                leaves[self.weights] = ran.aim.weights[0].node
            path = ControlPath(ran, self.wanted(ran), leaves, list(looked))
        self.met += 1
        path.number = self.met
        return path

    def __call__(self, columns: Columns, size: int) -> Found:
        """What is wanted for each of `size` rows; columns have the shape (size, *shape of the input)."""
        found = Found([], {})
        known = [path for path in self.paths if path.fits(columns)]
        known.sort(key=lambda path: -path.taken)
        # Rows that saw the same values so far, those values, and paths that begin so. What a program looks at
        # next depends on what it saw and on nothing else.
        waiting: list[tuple[Array, Seen, list[ControlPath]]] = [(np.arange(size), (), known)]
        while waiting:
            rows, seen, paths = waiting.pop()
            if not rows.size:
                continue
            recorded = not paths
            if recorded:
                path = self._met(columns, int(rows[0]), found)
                if path is None or path.alone or path.seen[: len(seen)] != seen:
                    # It failed, it holds for no other row, or a value is not what it was among others.
                    if path is not None:
                        self._evaluate(path, _chosen(path, columns, rows[:1]), rows[:1], found)
                    waiting.append((rows[1:], seen, []))
                    continue
                self.paths = [path, *self.paths[: MOST_PATHS - 1]]
                paths = [path]
            path = paths[0]
            chosen = _chosen(path, columns, rows)
            until, values = path.follow(chosen, len(rows), len(seen))
            same = until == len(path.looked)
            if recorded and not same[0]:  # it sees something else among others than it saw alone
                self._evaluate(path, {name: each[:1] for name, each in chosen.items()}, rows[:1], found)
                rows, until, same, values = rows[1:], until[1:], same[1:], [each[1:] for each in values]
                chosen = {name: each[1:] for name, each in chosen.items()}
            if same.all():
                if len(rows):
                    self._evaluate(path, chosen, rows, found)
                continue
            if same.any():
                self._evaluate(path, {name: each[same] for name, each in chosen.items()}, rows[same], found)
            for index in np.unique(until[~same]).tolist():
                others = until == index
                for alike, value in _alike(rows[others], values[index - len(seen)][others]):
                    then = (*path.seen[:index], value)
                    following = [other for other in paths if other.seen[: len(then)] == then]
                    waiting.append((alike, then, following))
        return found

    def _met(self, columns: Columns, row: int, found: Found) -> ControlPath | None:
        """The path of a row that takes none of those that are known; None if it fails."""
        try:
            return self.record({name: column[row] for name, column in columns.items()})
        except GradcliError as error:
            found.failed[row] = error
            return None

    def _evaluate(self, path: ControlPath, chosen: Columns, rows: Array, found: Found) -> None:
        """The values for these rows, whose columns are given; of what fails, each half by itself."""
        try:
            values = path.at(chosen, len(rows))
        except GradcliError as error:
            if len(rows) == 1 or error.code == "limit":
                if error.code == "limit":
                    raise
                found.failed[int(rows[0])] = error
                return
            for half in (slice(len(rows) // 2), slice(len(rows) // 2, None)):
                self._evaluate(
                    path, {name: column[half] for name, column in chosen.items()}, rows[half], found
                )
            return
        path.taken += len(rows)
        found.values.append((path, rows, values))


def _chosen(path: ControlPath, columns: Columns, rows: Array) -> Columns:
    """Some rows, in order, of the columns that a path reads; all of them are not copied."""
    return {
        name: columns[name] if len(rows) == len(columns[name]) else columns[name][rows]
        for name in path.leaves
    }


def _alike(rows: Array, keys: Array) -> Iterator[tuple[Array, bytes]]:
    """Rows of equal keys together, in order, with the key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    for part in np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1):
        yield rows[part], keys[part[0]].tobytes()


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
