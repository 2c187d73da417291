"""Groups over the same axes made one, where nothing between them needs the first.

Stages count the barriers before a group, so work over one space may stand in several of them: a loss in one,
its gradient in a later one, which waits for a weight that is small. If no path leads from one through
something else to the other, the first may wait, and what both need is computed once. Called by `fuse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Unit = Any
    """A group, or a number that one call computes."""

MOST = 300
"""In programs with more groups nobody looks for what can be joined: each pair means walking all of them."""


class Units:
    """Units of work, and which of them another reads from.

    Args:
        reads: for each unit those that it reads arrays of.
    """

    def __init__(self, reads: Mapping[Unit, Iterable[Unit]]) -> None:
        self.later: dict[Unit, set[Unit]] = {}
        for reader, sources in reads.items():
            for source in sources:
                self.later.setdefault(source, set()).add(reader)

    def joins(self, first: Unit, last: Unit) -> bool:
        """Makes one of two units, unless one waits for what comes of the other through a third."""
        for one, other in ((first, last), (last, first)):
            pending = [each for each in self.later.get(one, ()) if each != other]
            seen = {*pending, one}
            while pending:
                for each in self.later.get(pending.pop(), ()):
                    if each == other:
                        return False
                    if each not in seen:
                        seen.add(each)
                        pending.append(each)
        self.later.setdefault(last, set()).update(self.later.pop(first, ()))
        self.later[last] -= {first, last}
        for readers in self.later.values():
            if first in readers:
                readers.discard(first)
                readers.add(last)
        return True
