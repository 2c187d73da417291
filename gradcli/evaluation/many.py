"""One program for many values of its inputs at once: all rows of a table, all points of a picture.

The program runs for one of them. Its tape, with that of the derivatives that are wanted, is recorded again
under one more leading dim for all that would take the same path: those for which every value that the program
looked at (`if x > 0:`) is the same. The first that does something else gives the next path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import Ran, at_work, begun, run
from gradcli.record import Record
from gradcli.syntax.parser import parse
from gradcli.tape.node import LEAF, Node, leaf, postorder
from gradcli.tape.vmap import batched

Array = np.ndarray[Any, np.dtype[Any]]
Columns = Mapping[str, Array]

MOST_PATHS = 64
"""Paths that are remembered; a program that takes others all the time is run row by row."""


class Found(Record):
    """What came of N rows.

    Attributes:
        values: for each of the rows' paths its rows and what was wanted, arrays of shape (rows, *shape).
        failed: the rows that have no value, and why.
    """

    values: list[tuple[Path, Array, list[Array]]]
    failed: dict[int, GradcliError]


class Path:
    """What the program does for some rows.

    Attributes:
        ran: the run that it was recorded with.
        wanted: the nodes whose values are wanted.
        number: which path of the program it is, in the order in which they were met.
        alone: it holds for the row that it was recorded with only, since the program differentiated something
            itself, which gives numbers and no nodes.
    """

    def __init__(
        self, ran: Ran, wanted: Sequence[Node], leaves: Mapping[str, Node], looked: list[Node]
    ) -> None:
        self.ran = ran
        self.number = 0
        self.alone = ran.session.passes > 0 or ran.runtime.own_backward
        self.wanted = list(wanted)
        self.leaves = leaves
        sources = list(leaves.values())
        self.order = postorder([*self.wanted, *looked], lambda node: node.inputs)
        self.moved = moved(self.order, sources)
        self.looked = [node for node in dict.fromkeys(looked) if node in self.moved]
        self.seen = [np.asarray(node.value) for node in self.looked]

    def fits(self, columns: Columns) -> bool:
        """Whether rows of these columns have the shapes with which the path was recorded."""
        return all(columns[name].shape[1:] == node.shape for name, node in self.leaves.items())

    def follow(self, columns: Columns, size: int) -> Array:
        """Which of these rows take this path, as a mask."""
        same = np.ones(size, bool)
        if self.looked:
            for found, seen in zip(self.at(columns, size, self.looked), self.seen, strict=True):
                with np.errstate(all="ignore"):
                    equal = found == seen
                if found.dtype.kind == "f":
                    equal |= np.isnan(found) & np.isnan(seen)
                same &= equal.reshape(size, -1).all(1)
        return same

    def at(self, columns: Columns, size: int, nodes: Sequence[Node] | None = None) -> list[Array]:
        """The values of what is wanted (or of other nodes) for rows that take this path: (size, *shape)."""
        wanted = self.wanted if nodes is None else nodes
        with at_work(self.ran.runtime):
            if self.alone:
                engine.compute(wanted)
                return [np.asarray(engine.value(node), node.dtype)[None] for node in wanted]
            replaced = {}
            for name, node in self.leaves.items():
                array = np.ascontiguousarray(columns[name], node.dtype)
                replaced[node] = leaf(array, requires_grad=node.requires_grad)
            found = batched(wanted, replaced, size, self.order)
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
        self.paths: list[Path] = []
        self.met = 0

    def record(self, row: Mapping[str, Any]) -> Path:
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
            path = Path(ran, self.wanted(ran), leaves, list(looked))
        self.met += 1
        path.number = self.met
        return path

    def __call__(self, columns: Columns, size: int) -> Found:
        """What is wanted for each of `size` rows; columns have the shape (size, *shape of the input)."""
        found = Found([], {})
        rest = np.arange(size)
        for path in self.paths:
            if not rest.size:
                break
            if not path.fits(columns):
                continue
            rest = self._along(path, columns, rest, found)
        while rest.size:
            first = int(rest[0])
            try:
                path = self.record({name: column[first] for name, column in columns.items()})
            except GradcliError as error:
                found.failed[first] = error
                rest = rest[1:]
                continue
            if path.alone:
                self._evaluate(path, self._alone(path, columns, first), rest[:1], found)
                rest = rest[1:]
                continue
            self.paths = [path, *self.paths[: MOST_PATHS - 1]]
            after = self._along(path, columns, rest, found)
            if after.size and after[0] == first:  # a value that is not what it was when the row was alone
                self._evaluate(path, self._alone(path, columns, first), after[:1], found)
                after = after[1:]
            rest = after
        return found

    def _alone(self, path: Path, columns: Columns, row: int) -> Columns:
        return {name: columns[name][row : row + 1] for name in path.leaves}

    def _along(self, path: Path, columns: Columns, rows: Array, found: Found) -> Array:
        """Evaluates those of the rows that take this path; the others are given back."""
        chosen = {name: _taken(columns[name], rows) for name in path.leaves}
        same = path.follow(chosen, len(rows))
        if same.all():
            self._evaluate(path, chosen, rows, found)
            return rows[:0]
        if same.any():
            self._evaluate(path, {name: column[same] for name, column in chosen.items()}, rows[same], found)
        return rows[~same]

    def _evaluate(self, path: Path, chosen: Columns, rows: Array, found: Found) -> None:
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
        found.values.append((path, rows, values))


def _taken(column: Array, rows: Array) -> Array:
    """Some rows of a column, in order; all of them are not copied."""
    return column if len(rows) == len(column) else column[rows]


def moved(order: Sequence[Node], sources: Sequence[Node]) -> set[Node]:
    """Of the nodes in `order` (inputs first), those that depend on the sources."""
    found = set(sources)
    for node in order:
        if node.op is not LEAF and any(each in found for each in node.inputs):
            found.add(node)
    return found
