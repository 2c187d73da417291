"""Which layer each box is on, so that all arrows together are as short as they can be.

The network simplex (Gansner, Koutsofios, North and Vo): a tree of arrows that are as short as they may be;
one of them whose both sides would rather be further apart is let go, and the shortest that joins the sides
again takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence

LOOKED_AT = 20
"""Of so many arrows that could be let go the best one is."""


def ranks(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each box, from 0 on in each connected part; boxes are numbered inputs first."""
    layer = [0] * count
    for start, stop in sorted(arrows, key=lambda arrow: arrow[1]):
        layer[stop] = max(layer[stop], layer[start] + 1)
    tree = Tree(layer, arrows)
    tree.shorten()
    for part in tree.parts():
        lowest = min(layer[vertex] for vertex in part)
        for vertex in part:
            layer[vertex] -= lowest
    return layer


class Tree:
    """A tree in each connected part, of arrows as short as they may be.

    Attributes:
        beside: the arrows of the tree at each vertex.
        above: the arrow of the tree towards the root; -1 for a root.
        first, last: an order in which every vertex comes after those below it: they are numbered from `first`
            to `last`, which is its own number.
        cut: for each arrow of the tree how many more arrows go its way between its sides than against it.
    """

    def __init__(self, layer: list[int], arrows: Sequence[tuple[int, int]]) -> None:
        count = len(layer)
        self.layer = layer
        self.start = [start for start, _ in arrows]
        self.stop = [stop for _, stop in arrows]
        self.at: list[list[int]] = [[] for _ in range(count)]
        for arrow, ends in enumerate(arrows):
            for end in ends:
                self.at[end].append(arrow)
        self.beside: list[list[int]] = [[] for _ in range(count)]
        self.roots: list[int] = []
        self._grow()
        self.first, self.last, self.above = [0] * count, [0] * count, [-1] * count
        number = 0
        for root in self.roots:
            number = self._number(root, -1, number)
        self.cut = self._cuts()

    def slack(self, arrow: int) -> int:
        """How much longer an arrow is than it must be."""
        return self.layer[self.stop[arrow]] - self.layer[self.start[arrow]] - 1

    def other(self, arrow: int, vertex: int) -> int:
        """The end of an arrow that isn't this one."""
        return self.start[arrow] if self.stop[arrow] == vertex else self.stop[arrow]

    def parts(self) -> list[list[int]]:
        """The vertices of each connected part."""
        return [self._below(root) for root in self.roots]

    def _below(self, top: int) -> list[int]:
        found, start, stop, above = [top], self.start, self.stop, self.above
        for vertex in found:
            for arrow in self.beside[vertex]:
                if arrow != above[vertex]:
                    found.append(start[arrow] if stop[arrow] == vertex else stop[arrow])
        return found

    # ---- the first tree ----

    def _grow(self) -> None:
        """Trees of the tightest arrows; what is reached by no tight one is moved until it is."""
        reached = [False] * len(self.layer)
        for root in range(len(self.layer)):
            if reached[root]:
                continue
            self.roots.append(root)
            reached[root] = True
            members, waiting, loose = [root], [root], []
            while True:
                while waiting:
                    vertex = waiting.pop()
                    for arrow in self.at[vertex]:
                        other = self.other(arrow, vertex)
                        if reached[other]:
                            continue
                        if self.slack(arrow):
                            loose.append(arrow)
                            continue
                        self._join(arrow)
                        reached[other] = True
                        members.append(other)
                        waiting.append(other)
                loose = [
                    arrow for arrow in loose if not (reached[self.start[arrow]] and reached[self.stop[arrow]])
                ]
                if not loose:
                    break
                nearest = min(loose, key=self.slack)
                inside = reached[self.start[nearest]]
                by = self.slack(nearest) if inside else -self.slack(nearest)
                for vertex in members:
                    self.layer[vertex] += by
                self._join(nearest)
                other = self.stop[nearest] if inside else self.start[nearest]
                reached[other] = True
                members.append(other)
                waiting.append(other)

    def _join(self, arrow: int) -> None:
        self.beside[self.start[arrow]].append(arrow)
        self.beside[self.stop[arrow]].append(arrow)

    def _number(self, top: int, above: int, number: int) -> int:
        """Numbers what is below `top`, from `number` on; the next number."""
        first, last, up = self.first, self.last, self.above
        up[top] = above
        first[top] = number
        stack = [(top, iter(self.beside[top]))]
        while stack:
            vertex, arrows = stack[-1]
            for arrow in arrows:
                if arrow != up[vertex]:
                    below = self.other(arrow, vertex)
                    up[below], first[below] = arrow, number
                    stack.append((below, iter(self.beside[below])))
                    break
            else:
                last[vertex] = number
                number += 1
                stack.pop()
        return number

    def _cuts(self) -> list[int]:
        leaving = [0] * len(self.layer)  # arrows out of what is below a vertex, less those into it
        for start, stop in zip(self.start, self.stop, strict=True):
            leaving[start] += 1
            leaving[stop] -= 1
        cut = [0] * len(self.start)
        for vertex in sorted(range(len(self.layer)), key=self.last.__getitem__):
            arrow = self.above[vertex]
            if arrow >= 0:
                leaving[self.other(arrow, vertex)] += leaving[vertex]
                cut[arrow] = leaving[vertex] if self.start[arrow] == vertex else -leaving[vertex]
        return cut

    # ---- exchanges ----

    def shorten(self) -> None:
        """Exchanges arrows of the tree until nothing gets shorter."""
        held = [arrow for arrow in self.above if arrow >= 0]
        at = 0
        while True:
            found, looked = -1, 0
            for step in range(len(held)):
                place = (at + step) % len(held)
                if self.cut[held[place]] < 0:
                    if found < 0 or self.cut[held[place]] < self.cut[held[found]]:
                        found = place
                    looked += 1
                    if looked == LOOKED_AT:
                        break
            if found < 0:
                return
            at = found + 1
            held[found] = self._exchange(held[found])

    def _exchange(self, gone: int) -> int:
        """Lets an arrow go, and joins its sides by the one that is nearest; which that is."""
        start, stop = self.start[gone], self.stop[gone]
        up = self.last[start] < self.last[stop]  # whether what is below begins the arrow
        top = start if up else stop
        first, last = self.first[top], self.last[top]
        inner, outer = (self.stop, self.start) if up else (self.start, self.stop)
        below, number, layer = self._below(top), self.last, self.layer
        come, nearest = -1, 0
        for vertex in below:
            for arrow in self.at[vertex]:
                if inner[arrow] == vertex and not first <= number[outer[arrow]] <= last:
                    apart = abs(layer[vertex] - layer[outer[arrow]])
                    if come < 0 or apart < nearest:
                        come, nearest = arrow, apart
        by = 1 - nearest if up else nearest - 1
        if by:
            for vertex in below:
                self.layer[vertex] += by
        change = self.cut[gone]
        one, two = self.start[come], self.stop[come]
        meeting = self._climb(one, two, change)
        self._climb(two, one, -change)
        self.cut[come], self.cut[gone] = -change, 0
        self.beside[start].remove(gone)
        self.beside[stop].remove(gone)
        self._join(come)
        self._number(meeting, self.above[meeting], self.first[meeting])
        return come

    def _climb(self, vertex: int, other: int, change: int) -> int:
        """Changes the cuts on the way up to what is above both; which vertex that is."""
        number = self.last[other]
        while not self.first[vertex] <= number <= self.last[vertex]:
            arrow = self.above[vertex]
            self.cut[arrow] += change if self.start[arrow] == vertex else -change
            vertex = self.other(arrow, vertex)
        return vertex
