"""What a program does for many rows that decide differently, as one tape on which each chooses.

The tape is recorded by a run of some of the rows together (`interpreter.together`), and holds for any others
that do nothing else than these did. `engine.rows` computes each node for the rows that need it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gradcli.engine import pool
from gradcli.engine.rows import RowProgram
from gradcli.engine.settings import threads
from gradcli.errors import GradcliError
from gradcli.evaluation.paths import Array, Columns, ControlPath, moved
from gradcli.evaluation.run import Ran, at_work
from gradcli.tape import context
from gradcli.tape.custom import SAME
from gradcli.tape.node import Node, postorder
from gradcli.tape.share import Sharing
from gradcli.tape.subsets import needs

if TYPE_CHECKING:
    from gradcli.interpreter.together import Together

BLOCK = 32768
"""Rows that a thread does at a time: each step takes about a microsecond beside its work."""
LEAST = 4096
"""Fewer are not worth a thread."""


class MergedPath(ControlPath):
    """The tape of a run of many rows together."""

    def __init__(
        self, ran: Ran, wanted: Sequence[Node], leaves: Mapping[str, Node], together: Together
    ) -> None:
        super().__init__(ran, wanted, leaves, [])
        self.together = together

    @cached_property
    def program(self) -> RowProgram:
        """The tape as steps."""
        everything = self.together.everything
        subsets = everything.everything()
        tests = [each.test for each in subsets if each.test is not None]
        checks, masks = self.together.broken, self.together.masks
        same = {node: node for node in self.leaves.values()}
        sharing = Sharing(simplifying=False)
        for node in postorder([*self.wanted, *[node for _, node in checks], *tests, *masks]):
            if node.op is SAME:  # there is nothing to differentiate any more
                same[node] = same[node.inputs[0]]
            elif node not in same:
                same[node] = sharing.of(node, tuple([same[each] for each in node.inputs]))
        everything.rename(same)
        masks = {same[node]: rows for node, rows in masks.items()}
        checks = [(rows, same[node]) for rows, node in checks]
        wanted = [same[node] for node in self.wanted]
        asked = [(node, everything) for node in wanted] + [(node, rows) for rows, node in checks]
        for each in subsets:
            if each.test is not None and each.parent is not None:
                asked.append((each.test, each.parent))
        order = postorder([node for node, _ in asked])
        depending = moved(order, list(self.leaves.values()))
        needed = needs(order, asked, depending, masks, everything)
        program = RowProgram(self.leaves, needed, masks, everything, checks, wanted)
        everything.settle()
        return program

    def evaluate(self, columns: Columns, size: int) -> tuple[Array, Array, list[Array]]:
        """What is wanted for rows.

        Returns:
            For which rows it holds; for which it fails, each of them by itself; and the values, arrays of
            shape (size, *shape), which mean nothing for the other rows.
        """
        with at_work(self.ran.runtime):
            given = {
                name: np.ascontiguousarray(columns[name], node.dtype) for name, node in self.leaves.items()
            }
            holds, fails = np.zeros(size, bool), np.zeros(size, bool)
            values = [np.empty((size, *node.shape), node.dtype) for node in self.wanted]
            program, surroundings = self.program, context.current()
            helpers = threads()
            rows = max(1, min(BLOCK, self._most() // self.nbytes // helpers))
            rows = max(min(rows, LEAST), min(rows, -(-size // helpers)))
            pending = [(first, min(first + rows, size)) for first in range(0, size, rows)][::-1]

            def work() -> None:
                token = context.enter(surroundings)
                try:
                    with np.errstate(all="ignore"), suppress(IndexError):
                        while True:
                            first, last = pending.pop()
                            try:
                                do(slice(first, last))
                            except GradcliError as error:
                                if error.code == "limit":
                                    raise
                                if last - first == 1:
                                    fails[first] = True
                                else:
                                    middle = (first + last) // 2
                                    pending.extend([(middle, last), (first, middle)])
                finally:
                    context.leave(token)

            def do(place: slice) -> None:
                part = {name: column[place] for name, column in given.items()}
                state = program.begin(part, place.stop - place.start)
                found = program.holds(state)
                chosen: slice | Array = place
                at = program.order(state)
                if not found.all():
                    at = np.flatnonzero(found) if at is None else at[found[at]]
                if at is not None:
                    if not at.size:
                        return
                    state = program.begin({name: column[at] for name, column in part.items()}, len(at))
                    program.holds(state)
                    chosen = at + place.start
                for index, value in enumerate(program.results(state)):
                    values[index][chosen] = self.unsigned(index, value)
                holds[place] = found

            if len(pending) > 1 and helpers > 1:
                pool.share(work, min(helpers, len(pending)))
            else:
                work()
        return holds, fails, values
