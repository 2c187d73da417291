"""In which order the axes of a block lie: chosen from what is done in it, and the arrays it reads and writes.

NumPy is quick where the last axis is long, and slow where rows of a few elements are reduced or broadcast. So
a short axis that is reduced comes first in the block, and the arrays are transposed as they are loaded, if
that costs less. Called by `blocks`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Shape

    Has = frozenset[int]
"""The axes that a value has; it is broadcast along the others."""

PLAIN = 0.3
"""Nanoseconds an element for reading and writing in order."""
START, COPIED = 16.0, 0.35
"""Nanoseconds for starting the innermost loop once, where operands are broadcast, and an element for copying
what is broadcast, where rows are too short for that."""
START_SUM, START_REDUCTION = 3.0, 35.0
"""Nanoseconds for starting to add a row, and to reduce it otherwise."""
TURN, TURN_FAR = 1.0, 2.0
"""Nanoseconds an element for loading or storing the other way round, and where both sides are long."""
FAR = 128


def merged(rank: int, roles: Sequence[Has]) -> list[list[int]]:
    """Runs of axes that everybody treats as one.

    Args:
        rank: how many axes there are.
        roles: sets of axes; two neighbours that are in the same sets are one run.
    """
    runs: list[list[int]] = []
    last: list[bool] | None = None
    for axis in range(rank):
        role = [axis in each for each in roles]
        if role == last:
            runs[-1].append(axis)
        else:
            runs.append([axis])
        last = role
    return runs


class Work(Record):
    """What is done in a block, as far as the layout goes.

    Attributes:
        arrays: the axes of each array that is read or written.
        maps: of each elementwise operation the axes of the result, and whether an operand has fewer.
        reductions: of each reduction the axes of its operand, those that it reduces, and whether it adds.
    """

    arrays: Sequence[Has]
    maps: Sequence[tuple[Has, bool]]
    reductions: Sequence[tuple[Has, Has, bool]]

    def order(self, dims: Shape, whole: Has, block: int) -> tuple[int, ...]:
        """The axes in the order in which they had best lie in a block.

        Args:
            dims: the length of each axis.
            whole: those that a block holds whole.
            block: about how many elements are in a block.
        """
        rank = len(dims)
        room = max(block // prod([dims[each] for each in whole]), 1)
        best = natural = tuple(range(rank))
        least = self._time(natural, dims, dims[-1] if rank - 1 in whole else min(dims[-1], room))
        for last in range(rank):
            first = [each for each in natural if each in whole and each != last]
            order = (*first, *[each for each in natural if each not in whole and each != last], last)
            time = self._time(order, dims, dims[last] if last in whole else min(dims[last], room))
            if time < 0.9 * least:
                best, least = order, time
        return best

    def _time(self, order: tuple[int, ...], dims: Shape, length: int) -> float:
        """About how many nanoseconds an element of the block takes."""
        last = order[-1]
        total = 0.0

        def share(has: Has) -> float:
            return 1 / prod([size for axis, size in enumerate(dims) if axis not in has])

        for has in self.arrays:
            lies = [axis for axis in order if axis in has]
            if lies != sorted(lies):
                far = min(dims[max(has)], length) >= FAR
                total += share(has) * (TURN_FAR if far else TURN)
        for has, spread in self.maps:
            total += share(has) * (PLAIN + (min(START / length, COPIED) if spread and last in has else 0))
        for has, gone, adds in self.reductions:
            starts = last in gone and len(gone) < len(dims)
            start = START_SUM if adds else START_REDUCTION
            total += share(has) * (PLAIN + (start / length if starts else 0))
        return total
