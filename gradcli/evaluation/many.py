"""One program for many values of its inputs at once: all rows of a table, all points of a picture.

The program runs for one of them. Its tape, with that of the derivatives that are wanted, is recorded again
under one more leading dim for all that would take the same path: those for which every value that the program
looked at (`if x > 0:`) is the same. The first that does something else gives the next path.

Rows that turn in loops, each as often as it likes, take too many paths for that. Where it is asked for, a
program with loops or functions is run for all rows together (`interpreter.together`), and what they decide
differently is chosen by row on one tape; only rows that cannot go together take the paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.evaluation.merged import MergedPath
from gradcli.evaluation.options import Options
from gradcli.evaluation.paths import Array, Columns, ControlPath, Seen
from gradcli.evaluation.run import Ran, at_work, begun, run
from gradcli.interpreter.lockstep import TOGETHER
from gradcli.interpreter.row_powers import divide_powers
from gradcli.interpreter.row_values import Divided
from gradcli.interpreter.together import Together
from gradcli.process import rare_collection
from gradcli.record import Record
from gradcli.syntax import tree
from gradcli.syntax.parser import parse
from gradcli.syntax.sharing import written_in_place
from gradcli.syntax.survey import outer_names
from gradcli.tape.node import Node, steady
from gradcli.values.inputs import Given

MOST_PATHS = 64
"""Paths that are remembered; a program that takes others all the time is run row by row."""

MOST_RUNS = 64
"""How often rows of one call are run together, before one is run for those left that do what it does."""
SAMPLE = 2048
"""So many rows are run together, at most: they do what the others do, or these are asked next."""


class Found(Record):
    """What came of N rows.

    Attributes:
        values: for each of the rows' paths its rows and what was wanted, arrays of shape (rows, *shape).
        failed: the rows that have no value, and why.
    """

    values: list[tuple[ControlPath, Array, list[Array]]]
    failed: dict[int, GradcliError]


class Many:
    """A program as a function of many values of some inputs.

    Args:
        source: its text.
        options: everything else; `wrt` is what is differentiated with respect to.
        wanted: from a run to the nodes whose values are wanted.
        weights: the column of the gradient weights, if there is one.
        together: rows that turn in loops or call functions are run together, and then no path is told of.
        even: to the last bit, what comes of a row does not depend on how many there are beside it.

    Raises:
        GradcliError: `syntax`.
    """

    def __init__(
        self,
        source: str,
        options: Options,
        wanted: Callable[[Ran], Sequence[Node]],
        weights: str | None = None,
        together: bool = False,
        even: bool = False,
    ) -> None:
        self.source, self.options, self.wanted, self.weights = source, options, wanted, weights
        self.even = even
        self.module = parse(source)
        self._names = outer_names(self.module.body), written_in_place(self.module.body)
        self.together = together and not options.detect_anomaly and _repeats(self.module.body)
        self.paths: list[ControlPath] = []
        self.of_many: list[MergedPath] = []
        self.met = 0
        self._kinds: list[tuple[Any, int]] = []

    def record(self, row: Mapping[str, Any], rows: Together | None = None) -> ControlPath:
        """The path of one row; or what many rows do together, of which it is one.

        Raises:
            GradcliError: whatever goes wrong.
            Divided: the rows cannot go together.
        """
        inputs = {name: value for name, value in row.items() if name != self.weights}
        columns = {name: Given(np.asarray(value), True, varies=True) for name, value in inputs.items()}
        options = self.options.replaced(inputs={**(self.options.inputs or {}), **columns})
        if self.weights is not None:
            options = options.replaced(weights=[row[self.weights]])
        runtime = begun(self.source, options)
        ordered = steady() if self.together else nullcontext()
        rows_of = rows.of(runtime) if rows is not None else nullcontext()
        with rows_of, at_work(runtime), ordered, engine.watched(rows) as looked:
            ran = run(self.module, options, runtime)
            for name, value in inputs.items():  # what this path does not read is an input all the same
                if name not in runtime.leaves and name not in runtime.names:
                    runtime.leaves[name] = runtime.session.tensor(np.asarray(value), None, True)
            leaves = {name: runtime.leaves[name].node for name in inputs if name in runtime.leaves}
            leaves |= {name: given.leaves[-1] for name, given in columns.items() if given.leaves}
            if self.weights is not None and ran.aim is not None and ran.aim.weights[0] is not None:
                leaves[self.weights] = ran.aim.weights[0].node
            wanted = self.wanted(ran)
            if rows is None:
                path = ControlPath(ran, wanted, leaves, list(looked))
            else:
                divide_powers(rows.values, wanted, leaves.values())
                path = MergedPath(ran, wanted, leaves, rows)
            path.even = self.even
            path.alone |= any(len(given.leaves) > 1 for given in columns.values())
        kinds = [(node.dtype, len(node.shape)) for node in wanted]
        if not self._kinds:
            self._kinds = kinds
            self.together = self.together and bool(path.looked) and not path.alone and not runtime.generators
        if rows is not None and (path.alone or not rows.holds(leaves) or self._kinds != kinds):
            raise Divided(np.zeros(rows.size, bool))
        self.met += 1
        path.number = self.met
        return path

    def __call__(self, columns: Columns, size: int) -> Found:
        """What is wanted for each of `size` rows; columns have the shape (size, *shape of the input)."""
        found = Found([], {})
        rows = np.arange(size)
        # Once for all the runs: each would have the collector look through the tapes when it ends.
        with rare_collection(self.source):
            if self.together:
                rows = self._go_together(columns, rows, found)
            self._take_paths(columns, rows, found)
        return found

    def _go_together(self, columns: Columns, rows: Array, found: Found) -> Array:
        """Evaluates rows that can go together; those that cannot are left."""
        alone: list[Array] = []
        for known in self.of_many:
            if known.fits(columns) and rows.size:
                with suppress(GradcliError):
                    rows = self._by_tape(known, columns, rows, found, alone)
        samples: list[Array] = []
        runs = 0
        while rows.size:
            if not samples:
                samples.append(_sample(columns, rows) if runs < MOST_RUNS else rows[:1])
            sample = np.intersect1d(samples.pop(), rows, assume_unique=True)
            if not sample.size:
                continue
            chosen = {name: column[sample] for name, column in columns.items()}
            together = Together(chosen, len(sample), TOGETHER, *self._names)
            runs += 1
            try:
                path = self.record({name: column[0] for name, column in chosen.items()}, together)
            except (GradcliError, Divided) as error:
                if len(sample) == 1:
                    alone.append(sample)
                    rows = np.setdiff1d(rows, sample, assume_unique=True)
                elif isinstance(error, GradcliError) and error.code == "limit":
                    samples, runs = [], MOST_RUNS  # one of them would not end: each by itself
                else:
                    divided = error.rows if isinstance(error, Divided) else np.zeros(0, bool)
                    if divided.all() or not divided.any():
                        divided = np.arange(len(sample)) < len(sample) // 2
                    samples += [sample[~divided], sample[divided]]
                continue
            assert isinstance(path, MergedPath)
            self.of_many = [*self.of_many, path][-MOST_PATHS:]
            rows = self._by_tape(path, columns, rows, found, alone)
        return np.sort(np.concatenate([*alone, rows]))

    def _by_tape(
        self, path: MergedPath, columns: Columns, rows: Array, found: Found, alone: list[Array]
    ) -> Array:
        """Adds the values of rows for which a tape holds, to `alone` those that fail; the rest is left."""
        holds, fails, values = path.evaluate(_chosen(path, columns, rows), len(rows))
        if fails.any():  # each tells why by itself
            alone.append(rows[fails])
        if holds.all():
            found.values.append((path, rows, values))
        elif holds.any():
            found.values.append((path, rows[holds], [each[holds] for each in values]))
        return rows[~(holds | fails)]

    def _take_paths(self, columns: Columns, rows: Array, found: Found) -> None:
        """Evaluates rows by the paths that they take."""
        known = [path for path in self.paths if path.fits(columns)]
        known.sort(key=lambda path: -path.taken)
        # Rows that saw the same values so far, those values, and paths that begin so. What a program looks at
        # next depends on what it saw and on nothing else.
        waiting: list[tuple[Array, Seen, list[ControlPath]]] = [(rows, (), known)]
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
                part = {name: column[half] for name, column in chosen.items()}
                self._evaluate(path, part, rows[half], found)
            return
        path.taken += len(rows)
        if self.together:
            values = [path.unsigned(*each) for each in enumerate(values)]
        found.values.append((path, rows, values))


def _chosen(path: ControlPath, columns: Columns, rows: Array) -> Columns:
    """Some rows, in order, of the columns that a path reads; all of them are not copied."""
    return {
        name: columns[name] if len(rows) == len(columns[name]) else columns[name][rows]
        for name in path.leaves
    }


def _sample(columns: Columns, rows: Array) -> Array:
    """Some of the rows, in order: from all over, and those that lie farthest out."""
    if len(rows) <= SAMPLE:
        return rows
    places = [np.linspace(0, len(rows) - 1, SAMPLE).astype(rows.dtype)]
    for column in columns.values():
        if column.ndim == 1:
            these = column[rows] if len(rows) < len(column) else column
            places.append(np.array([these.argmin(), these.argmax()]))
    chosen: Array = rows[np.unique(np.concatenate(places))]
    return chosen


def _repeats(body: Sequence[tree.Statement]) -> bool:
    """Whether there are loops or functions among statements."""
    return any(each.loops or each.opens_scope or any(map(_repeats, each.blocks)) for each in body)


def _alike(rows: Array, keys: Array) -> Iterator[tuple[Array, bytes]]:
    """Rows of equal keys together, in order, with the key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    for part in np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1):
        yield rows[part], keys[part[0]].tobytes()
