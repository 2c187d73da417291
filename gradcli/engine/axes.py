"""Which dims of which values run along together: the axes of what may be worked on in one pass.

Every value that could be computed block by block is placed: each of its dims gets an axis, and operations
tie the axes of what they read to their own. Values that are tied belong to one space, whose frame is the
axes of the widest of them. What would make a space that none of its values spans, or lay two dims of one
value along the same axis, stays apart. Called by `fuse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Node, Shape

    Places = tuple[int | None, ...]
"""For each dim its axis, or None where it is broadcast: of size 1, or the same all along."""


class Space:
    """Values that are tied to each other.

    Attributes:
        frame: the axes of the widest, in its order.
        into: the space that this one has become part of.
    """

    __slots__ = ("frame", "into")

    def __init__(self, frame: tuple[int, ...]) -> None:
        self.frame = frame
        self.into: Space | None = None


class Axes:
    """The axes of values, as they are placed one after the other, inputs first.

    Attributes:
        sizes: of each axis.
        places: for each value that is placed its axes; the views of such a value are placed too.
        source: for each placed reduction the axes of what it reduces.
        ties: the pairs (reader, number of the operand) in which the operand's axes are the reader's.
    """

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.places: dict[int, Places] = {}
        self.source: dict[int, Places] = {}
        self.ties: set[tuple[int, int]] = set()
        self._same: list[int] = []
        self._spaces: dict[int, Space] = {}

    def axis(self, axis: int) -> int:
        """The axis by which one that was tied to others is known."""
        same = self._same
        while same[axis] != axis:
            same[axis] = axis = same[same[axis]]
        return axis

    def known(self, places: Places) -> Places:
        """Places by the axes as they are known."""
        return tuple([None if each is None else self.axis(each) for each in places])

    def space(self, index: int) -> Space:
        """The space of a placed value."""
        space = self._spaces[index]
        while space.into is not None:
            if space.into.into is not None:
                space.into = space.into.into  # the next who asks has half the way
            space = space.into
        return space

    def fresh(self, index: int, shape: Shape) -> Places:
        """Axes of its own for every dim of a shape, and a space of them for `index`."""
        places: list[int | None] = []
        for size in shape:
            if size == 1:
                places.append(None)
            else:
                places.append(len(self.sizes))
                self._same.append(len(self.sizes))
                self.sizes.append(size)
        self._spaces[index] = Space(tuple([each for each in places if each is not None]))
        return tuple(places)

    def load(self, index: int, node: Node) -> None:
        """Places a value that lies in memory."""
        self.places[index] = self.fresh(index, node.shape)

    def view(self, index: int, source: int, dims: Sequence[int | None]) -> None:
        """Places a view of a placed value: each of its dims is one of the value's, or broadcast."""
        places = self.places[source]
        self.places[index] = tuple([None if dim is None else places[dim] for dim in dims])
        self._spaces[index] = self._spaces[source]

    def elementwise(self, index: int, node: Node, args: Sequence[int]) -> None:
        """Places a value whose dims are those of its operands, broadcast."""
        places = self._alike(index, node.shape, args) or self.fresh(index, node.shape)
        self.places[index] = places
        self._tie(index, places, args)

    def _alike(self, index: int, shape: Shape, args: Sequence[int]) -> Places | None:
        """The axes of an operand of this shape that has all of its space's, which is the value's own then."""
        for arg in args:
            theirs = self.places.get(arg)
            if theirs is not None and len(theirs) == len(shape):
                known, space = self.known(theirs), self.space(arg)
                sizes = tuple([None if axis is None else self.sizes[axis] for axis in known])
                if known == self.known(space.frame) and sizes == shape:
                    self._spaces[index] = space
                    return known
        return None

    def reduction(self, index: int, shape: Shape, dims: Sequence[int], args: Sequence[int]) -> None:
        """Places what is left when the (negative) dims of an operand of some shape are reduced."""
        self.source[index] = places = self.fresh(index, shape)
        gone = {len(shape) + dim for dim in dims}
        self.places[index] = tuple([each for at, each in enumerate(places) if at not in gone])
        self._tie(index, places, args)

    def contraction(self, index: int, shape: Shape, arg: int, at: int) -> bool:
        """Places what a product of matrices sums over an operand in blocks; the result has axes of its own.

        False where that can't be.
        """
        theirs = self.places.get(arg)
        if theirs is None or any(each is None and size > 1 for each, size in zip(theirs, shape, strict=True)):
            return False
        self.source[index] = places = self.fresh(index, shape)
        if not self._join(index, places, arg, theirs):
            del self.source[index]
            return False
        self.ties.add((index, at))
        return True

    def unplace(self, index: int) -> None:
        """Takes a value out that is computed otherwise: what reads it reads an array."""
        self.places.pop(index, None)

    def _tie(self, index: int, places: Places, args: Sequence[int]) -> None:
        widest_first = sorted(
            enumerate(args), key=lambda each: -len([p for p in self.places.get(each[1], ()) if p is not None])
        )
        for at, arg in widest_first:
            theirs = self.places.get(arg)
            if theirs is not None and self._join(index, places, arg, theirs):
                self.ties.add((index, at))

    def _join(self, index: int, places: Places, arg: int, theirs: Places) -> bool:
        """Ties the dims of an operand, aligned at the last, to those of its reader, if that can be."""
        if theirs == places and self.space(index) is self.space(arg):
            return True
        pairs: list[tuple[int, int]] = []
        for mine, other in zip(reversed(places), reversed(theirs), strict=False):
            if other is not None:
                if mine is None:
                    return False
                pairs.append((self.axis(mine), self.axis(other)))
        here, there = self.space(index), self.space(arg)
        if here is there:
            return all(mine == other for mine, other in pairs)
        ours, others = self.known(here.frame), self.known(there.frame)
        ours_left = [each for each in ours if each not in {mine for mine, _ in pairs}]
        others_left = [each for each in others if each not in {other for _, other in pairs}]
        if ours_left and others_left:
            # What was reduced of equal values had equal axes: they may as well run together.
            if [self.sizes[each] for each in ours_left] != [self.sizes[each] for each in others_left]:  # type: ignore[index]
                return False
            pairs.extend(zip(ours_left, others_left, strict=True))  # type: ignore[arg-type]
        mine_of = {other: mine for mine, other in pairs}
        if len(mine_of) != len(pairs) or len(set(mine_of.values())) != len(pairs):
            return False
        frame = ours if ours_left or not others_left else tuple([mine_of.get(each, each) for each in others])  # type: ignore[arg-type]
        for other, mine in mine_of.items():
            self._same[other] = mine
        here.frame = frame  # type: ignore[assignment]
        there.into = here
        return True
