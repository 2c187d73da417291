"""Steps of a block that are done one after the other by NumPy's loops alone, box by box.

A box is so small a part of a block that what a chain computes of it stays in the first cache: only what
others read is written to the block's buffers. Which steps form a chain depends on their operations and
dtypes; where all of it lies `tables` finds, once the shape of a block and the strides of the arrays are
known. Called by `blocks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gradcli.engine.kernels import loops_of
from gradcli.engine.lines import LINE
from gradcli.engine.loops import Loop, loop, runner, vectors
from gradcli.engine.settings import current
from gradcli.tape.node import BOOL, FLOAT32, FLOAT64
from gradcli.tape.recipes import COPY_BOOL, bits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradcli.engine.stretches import Stretch
    from gradcli.tape.node import Shape
    from gradcli.tape.recipes import Recipe

    Strides = tuple[int, ...]
    Axes = frozenset[int]

ROOM = 24_576
"""Bytes of what a box reads and writes: half of a first cache."""
MOST = 2048
"""Elements that a box has at most: starting a loop costs no more than that."""
LEAST = 256
"""Elements that a box has at least, and its last axis where it holds others whole."""
LINES = 512
"""Rows of a box up to which there is a table for it: most loops stand in it once for each."""
ALONG = 512
"""Elements of a row whose sum is one part of a sum over whole rows."""
DEEP = 16
"""How many slices may be added one after the other."""
BEGINNINGS: Mapping[Any, float] = {np.add: 0.0, np.multiply: 1.0, np.maximum: -np.inf, np.minimum: np.inf}
"""What is nothing to a reduction."""
KINDS: Mapping[str, np.dtype[Any]] = {
    "d": FLOAT64,
    "f": FLOAT32,
    "?": BOOL,
    "l": np.dtype(np.int64),
    "i": np.dtype(np.int32),
}
"""Of which dtypes a chain's values are."""


class ChainedGroup(Protocol):
    """What a chain asks its group, `Blocks`, about: as it stands there."""

    inputs: Sequence[Any]
    steps: Sequence[Any]
    reductions: Sequence[Any]
    has: list[Axes]
    row: Sequence[int | None]
    gone: Sequence[Strides]
    reduced: Sequence[Strides]
    tile: Shape
    paired: Axes

    def dtype(self, position: int) -> np.dtype[Any]: ...
    def padded(self, position: int) -> bool: ...


def as_loops(blocks: ChainedGroup, place: int) -> list[Loop] | None:
    """The loops that do a step; None where it takes the interpreter."""
    step = blocks.steps[place]
    position = len(blocks.inputs) + place
    dtypes = [blocks.dtype(each) for each in step.args]
    if step.product is not None or place in blocks.paired:
        return None
    if any(each.char not in KINDS for each in (*dtypes, step.dtype)):
        return None
    kinds = f"{''.join([each.char for each in dtypes])}->{step.dtype.char}"
    recipe: Recipe | None
    gone: Strides = ()
    if step.row is None and step.gone is not None:
        gone = blocks.gone[place]
        fits = kinds in ("d->d", "f->f") and gone and step.op.reduces in BEGINNINGS
        recipe = [(step.op.reduces, kinds, ("a",))] if fits else None
    else:
        row = blocks.row[place]
        gone = () if row is None else (row,)
        recipe = loops_of(step.op, step.attrs, kinds)
    if recipe is None:
        return None
    has: dict[Any, Axes] = {}
    made: list[Any] = []
    found: list[Loop] = []
    for ufunc, types, operands in recipe:
        read: list[Any] = [
            Number(bits_of(each, kind))
            if not isinstance(each, str)
            else made[int(each)]
            if each.isdigit()
            else step.args[ord(each) - ord("a")]
            for each, kind in zip(operands, types, strict=False)
        ]
        last = len(made) == len(recipe) - 1
        if (ufunc, types) == COPY_BOOL and not last and blocks.padded(read[0]):
            made.append(read[0])
            continue
        axes = frozenset().union(
            *[each for one in read if (each := blocks.has[one] if type(one) is int else has.get(one))]
        )
        reduces = len(operands) < ufunc.nin
        if reduces:
            if not axes >= frozenset(gone):
                return None
            axes, types = axes - frozenset(gone), types[0] + types
        if loop(ufunc, types) is None:
            return None
        made.append(position if last else (place, len(made)))
        has[made[-1]] = axes
        found.append(Loop(ufunc, types, (*read, made[-1]), axes, gone if reduces else ()))
    return found if found[-1].has == blocks.has[position] else None


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a recipe, as the integer that has its bits."""

    bits: int


class LoopChain:
    """Some neighbouring steps.

    Attributes:
        loops: that do them.
        kept: the positions of their results that others read.
        leaves: of which reductions at the end of the group it leaves the parts.
        registers: for what else is computed, of how many bytes an element and with which axes.
        register: which of them is whose; `sums` is that for a sum of some slices, by the place of its loop.
        box: the shape of a box.
        lines: how many rows a box has of what is computed.
        nbytes: of the registers.
        stretches: of its loops those that are one, by where they begin.
    """

    def __init__(self, blocks: ChainedGroup, loops: Sequence[Loop], kept: Iterable[int]) -> None:
        self.loops = loops
        self.kept = frozenset(kept)
        gone = frozenset([axis for each in loops if each.leaves is None for axis in each.gone])
        self.leaves = [each.leaves for each in loops if each.leaves is not None]
        self.registers: list[tuple[int, Axes]] = []
        self.register: dict[Any, int] = {}
        self.sums: dict[int, int] = {}
        self.tile = blocks.tile
        self._assign()
        live = sum([itemsize for itemsize, _ in self.registers])
        live += sum([blocks.dtype(each).itemsize for each in (*self.read(), *self.kept)])
        self.has = blocks.has
        room = max(min(ROOM // live, MOST), LEAST)
        used = frozenset().union(*[each.has.union(each.gone) for each in loops])
        tile = tuple([size if axis in used else 1 for axis, size in enumerate(blocks.tile)])
        box = _box(tile, gone, [each for each in loops if each.leaves is not None], room)
        self.lines = prod(box[:-1])
        # Boxes aren't cut along an axis that nothing in them has: all would do the same.
        whole = enumerate(blocks.tile)
        self.box = tuple([box[axis] if axis in used else size for axis, size in whole])
        self.parts = [-(-size // length) for size, length in zip(blocks.tile, self.box, strict=True)]
        self.nbytes = sum(self.register_bytes())
        self.stretches: Mapping[int, Stretch] = {}
        if vectors():
            from gradcli.engine.stretches import stretches

            self.stretches = stretches(loops, self.kept)

    def overwrites(self, position: int, result: int) -> bool:
        """Whether a result may be written over what lies alike, as each box reads its own part first."""
        if any(axis not in self.has[result] and parts > 1 for axis, parts in enumerate(self.parts)):
            return False
        written = next(at for at, each in enumerate(self.loops) if each.operands[-1] == result)
        at = max(at for at, each in enumerate(self.loops) if position in each.operands)
        return at < written or (at == written and not self.loops[at].gone)

    def read(self) -> list[Any]:
        """What it reads that it has not computed, but for numbers that never change."""
        made = {each.operands[-1] for each in self.loops}
        found = dict.fromkeys([one for each in self.loops for one in each.operands[:-1]])
        return [each for each in found if type(each) is int and each not in made]

    def _assign(self) -> None:
        """Gives what stays inside a register, which is used again once nobody reads it."""
        last = {one: at for at, each in enumerate(self.loops) for one in each.operands}
        free: list[int] = []
        for at, each in enumerate(self.loops):
            dying = [
                self.register[one]
                for one in set(each.operands[:-1])
                if last[one] == at and one in self.register
            ]
            result = each.operands[-1]
            kind = (KINDS[each.types[-1]].itemsize, each.has)
            if each.leaves is not None:
                free.extend(dying)
                if max(slot(each, self.tile).values()) > DEEP and adds_slices(each) and each.ufunc is np.add:
                    self.sums[at] = self._take(kind, free)
                    free.append(self.sums[at])
                continue
            if each.gone and each.ufunc is np.add:
                self.sums[at] = self._take(kind, free)
            # A loop reads each element before it writes it, where both lie alike.
            alike = [one for one in dying if self.registers[one] == kind and not each.gone]
            if result not in self.kept:
                free.extend(alike)
                self.register[result] = self._take(kind, free)
                dying = [one for one in dying if one not in alike]
            free.extend(dying)
            if at in self.sums:
                free.append(self.sums[at])

    def _take(self, kind: tuple[int, Axes], free: list[int]) -> int:
        for each in reversed(free):
            if self.registers[each] == kind:
                free.remove(each)
                return each
        self.registers.append(kind)
        return len(self.registers) - 1

    def register_bytes(self) -> list[int]:
        """How much room each register takes."""
        found = []
        for itemsize, has in self.registers:
            size = itemsize * prod([length for axis, length in enumerate(self.box) if axis in has])
            # A power of two apart they would compete for the same places in the cache; and something is read
            # beyond the end of bools.
            found.append(-(-size // LINE) * LINE + 3 * LINE)
        return found


def adds_slices(each: Loop) -> bool:
    """Whether a reduction adds up slices rather than goes along rows."""
    return bool(each.has) and max(each.has) > max(each.gone)


def slot(each: Loop, tile: Shape) -> dict[int, int]:
    """How much of a value makes one part of a reduction that is left, along each axis that is reduced.

    That, and so the last bit of a sum, does not depend on what else is in a chain. Of short slices it is
    more, or boxes would be small.
    """
    *others, last = each.gone
    found = dict.fromkeys(others, 1)
    if adds_slices(each):
        few = prod([tile[axis] for axis in each.has if axis > last])
        return {**found, last: DEEP << max((LEAST // (few * DEEP)).bit_length() - 1, 0)}
    if others:
        found[others[-1]] = DEEP
    return {**found, last: ALONG}


def _box(tile: Shape, whole: Axes, left: Sequence[Loop], room: int) -> Shape:
    """The shape of a box of about so many elements, which holds some axes whole.

    Args:
        tile: the shape of a block.
        whole: those axes.
        left: the parts of reductions that are left.
        room: how many elements.
    """
    box = [size if axis in whole else 1 for axis, size in enumerate(tile)]
    last = len(tile) - 1
    outer = prod(box)
    inside = max(room // outer, 1)
    room = inside if last in whole else max(inside, LEAST)
    most: dict[int, int] = {}
    for each in left:
        for axis, length in slot(each, tile).items():
            most[axis] = min(length, most.get(axis, length))
    for axis in reversed(range(len(tile))):
        if axis in whole:
            continue
        if most.get(axis) == ALONG:
            box[axis] = min(ALONG if outer == 1 else LEAST, tile[axis])
        elif axis in most:
            box[axis] = 1 << (min(most[axis], room, tile[axis]).bit_length() - 1)
        else:
            parts = -(-tile[axis] // room)
            length = -(-tile[axis] // parts)
            box[axis] = min(-(-length // 8) * 8, tile[axis]) if parts > 1 and length > 8 else length
        room = max((inside if axis == last else room) // box[axis], 1)
    return tuple(box)


def chains(blocks: ChainedGroup, readers: Sequence[set[int]]) -> list[LoopChain | int]:
    """The steps of a group in order, those that form a chain together.

    Args:
        blocks: the group.
        readers: for each step the places of those that read its result, -1 for who keeps it, and -2 - n for
            the reduction n at the end.
    """
    found: list[LoopChain | int] = []
    pending: dict[int, list[Loop]] = {}
    first = len(blocks.inputs)

    def close() -> None:
        loops: list[Loop] = []
        kept = []
        known: dict[Any, Any] = {}
        negatives: dict[Any, Any] = {}  # what each is the negative of, which has its absolute value
        for place, some in pending.items():
            inside = all(
                reader in pending if reader >= -1 else _is_left(blocks, -2 - reader)
                for reader in readers[place]
            )
            for each in some:
                *read, result = [known.get(one, one) for one in each.operands]
                if each.ufunc is np.absolute and read[0] in negatives:
                    read = [negatives[read[0]]]
                key = (each.ufunc, each.types, each.gone, *read)
                if key in known and (type(result) is not int or inside):
                    known[result] = known[key]
                    continue
                # A recipe reads beyond the end of its copy of a bool, which must not be what somebody gets.
                if each.types[-1] != "?" or type(result) is not int or blocks.padded(result):
                    known[key] = result
                if each.ufunc is np.subtract and read[0] == Number(bits_of(-0.0, each.types[0])):
                    negatives[result] = read[1]
                loops.append(Loop(each.ufunc, each.types, (*read, result), each.has, each.gone))
            for reader in readers[place]:
                if reader >= -1 and reader not in pending:
                    kept.append(first + place)
                if reader < -1:
                    which = -2 - reader
                    ufunc, gone = blocks.reductions[which].ufunc, blocks.reduced[which]
                    if _is_left(blocks, which):
                        has = blocks.has[first + place] - frozenset(gone)
                        operands = (known.get(first + place, first + place), ("part", which))
                        loops.append(Loop(ufunc, _combining(blocks, which), operands, has, gone, which))
                    else:
                        kept.append(first + place)
        chain = LoopChain(blocks, loops, kept)
        # One loop, too: a sum or a function of our own is the same to the last bit whoever computes it again.
        if chain.lines <= LINES:
            found.append(chain)
        else:
            found.extend(pending)
        pending.clear()

    for place in range(len(blocks.steps)):
        loops = as_loops(blocks, place) if current.chains and runner() is not None else None
        if loops is None:
            # What reads nothing of a chain that is not finished yet is done before it.
            if any(each - first in pending for each in blocks.steps[place].args):
                close()
            found.append(place)
        else:
            pending[place] = loops
    if pending:
        close()
    return found


def _is_left(blocks: ChainedGroup, which: int) -> bool:
    """Whether a chain may leave its part of a reduction at the end."""
    reduction, gone = blocks.reductions[which], frozenset(blocks.reduced[which])
    return bool(
        reduction.product is None
        and reduction.dtype in (FLOAT64, FLOAT32)
        and blocks.dtype(reduction.source) is reduction.dtype
        and gone
        and gone <= blocks.has[reduction.source]
        and loop(reduction.ufunc, _combining(blocks, which)) is not None
        and reduction.ufunc in BEGINNINGS
    )


def _combining(blocks: ChainedGroup, which: int) -> str:
    """The dtypes of the loop that a reduction at the end takes."""
    kind = blocks.reductions[which].dtype.char
    return f"{kind}{kind}->{kind}"
