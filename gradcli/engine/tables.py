"""The tables for a chain's loops: where each operand of each of them lies, for every box of a block.

Called by `worker` through `Ready`, for blocks of one shape.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.chains import ALONG, BEGINNINGS, DEEP, KINDS, Number, adds_slices, slot
from gradcli.engine.lines import WORD, address
from gradcli.engine.loops import ROW, loop, movers, runner
from gradcli.tape.node import FLOAT32, FLOAT64
from gradcli.tape.recipes import COPY, bits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gradcli.engine.blocks import Blocks
    from gradcli.engine.chains import Axes, LoopChain, Strides
    from gradcli.engine.loops import Loop
    from gradcli.engine.stretches import Stretch
    from gradcli.tape.node import Shape

MERGED, WORTH = 64, 8
"""Rows of up to so many elements have what is broadcast to them laid out in full, in blocks of so many boxes
or more: to begin a row takes as long as some dozen elements."""
STRETCHED = 64
"""Elements of a row from which on several loops are one: each by itself may go through longer ones."""
SHORT = 8
"""Elements of the last axis up to which a loop rather goes along another one."""


def contiguous(shape: Shape, has: Axes, itemsize: int) -> Strides:
    """The strides of a value in order that has some axes of a shape."""
    strides = [0] * len(shape)
    for axis in reversed(range(len(shape))):
        if axis in has:
            strides[axis] = itemsize
            itemsize *= shape[axis]
    return tuple(strides)


def steps(array: Any) -> Strides:
    """The strides of an array, 0 where it is broadcast."""
    return tuple([step if size != 1 else 0 for step, size in zip(array.strides, array.shape, strict=True)])


class LoopOperand:
    """Where an operand of a chain lies.

    Attributes:
        start: which of the addresses.
        strides: of its elements.
        moves: how it moves with the box: as its elements do, or not at all.
        slots: the parts of a reduction, among which it moves as well.
    """

    __slots__ = ("moves", "slots", "start", "strides")

    def __init__(self, start: int, strides: Strides, moves: bool, slots: Slots | None = None) -> None:
        self.start = start
        self.strides = strides
        self.moves = strides if moves else (0,) * len(strides)
        self.slots = slots


class Slots:
    """The parts of a reduction that a chain leaves for one block.

    Attributes:
        which: of which reduction.
        array: the parts, first by slots.
        axes, lengths, counts: those that are reduced, how long a slot is along each, and how many there are.
        without: the axes that neither the value nor its sum has.
    """

    def __init__(self, each: Loop, tile: Shape, shape: Shape, box: Shape) -> None:
        assert each.leaves is not None
        self.which = each.leaves
        self.ufunc: Any = each.ufunc
        self.axes = each.gone
        # Of a row or some slices as many as a box has are one part, or those of several boxes.
        self.lengths = [
            max(length, box[axis]) if length < ALONG else box[axis]
            for axis, length in slot(each, tile).items()
        ]
        self.counts = [
            -(-shape[axis] // length) for axis, length in zip(self.axes, self.lengths, strict=True)
        ]
        self.without = [axis for axis in range(len(shape)) if axis not in each.has and axis not in each.gone]
        dims = [size if axis in each.has else 1 for axis, size in enumerate(shape)]
        # The last is for what has been added already.
        self.array: Any = np.empty((prod(self.counts) + 1, *dims), KINDS[each.types[-1]])

    def offsets(self, corners: Any) -> Any:
        """For each box how many bytes after the first its slot begins."""
        places = np.zeros(len(corners), np.int64)
        for axis, count, length in zip(self.axes, self.counts, self.lengths, strict=True):
            places = places * count + corners[:, axis] // length
        places[(corners[:, self.without] > 0).any(1)] = len(self.array) - 1
        return places * self.array.strides[0]


class LaidOut:
    """What is broadcast along outer axes of a box, laid out in full: loops go through short rows at once.

    Attributes:
        position: of which input.
        array: the copy, of the shape of a box.
        corner: of which part of the input it is, or None.
    """

    __slots__ = ("array", "axes", "corner", "position")

    def __init__(self, position: int, axes: Axes, box: Shape) -> None:
        self.position = position
        self.axes = sorted(axes)
        self.array: Any = np.empty(box)
        self.corner: Any = None

    def fill(self, value: Any, corner: Any, shape: Shape) -> None:
        """Takes the part for a block."""
        where = [int(corner[axis]) for axis in self.axes]
        if where != self.corner:
            cuts = [slice(None)] * value.ndim
            for axis, begin in zip(self.axes, where, strict=True):
                cuts[axis] = slice(begin, begin + shape[axis])
            np.copyto(self.array, value[tuple(cuts)])
            self.corner = where


class LoopTable:
    """The rows for the boxes of one shape, and where each of them begins.

    Args:
        loops: of the chain.
        stretches: which of them are one.
        sources: for each loop those of its operands.
        spare: for sums that of a register.
        box: the shape.
        corners: the first index of each box along each axis.
        addresses: a vector that has where everything lies when the table is used.
        found: which of them is that of a number.
    """

    def __init__(
        self,
        loops: Sequence[Loop],
        stretches: Mapping[int, Stretch],
        sources: Sequence[Sequence[LoopOperand]],
        spare: Sequence[LoopOperand | None],
        box: Shape,
        corners: Any,
        addresses: Any,
        found: Mapping[Any, int],
    ) -> None:
        self.box = box
        self.found = found
        self.calls: list[tuple[int, int]] = []
        self.lengths: list[int] = []
        self.strides: list[int] = []
        self.operands: list[tuple[LoopOperand, int]] = []
        self.places: list[int] = []
        end = 0
        for at, (each, read, extra) in enumerate(zip(loops, sources, spare, strict=True)):
            if at < end:
                continue
            stretch = stretches.get(at)
            if stretch is not None and self._stretch(stretch, loops, sources, at):
                end = stretch.end
                continue
            function = loop(each.ufunc, each.types)
            assert function is not None
            if each.gone:
                self._reduce(function, each, read[0], read[1], extra)
            else:
                self._map(function, read, [0] * len(read), each.has)
        self._finish(corners, addresses)

    def _map(
        self,
        function: tuple[int, int],
        operands: Sequence[LoopOperand],
        offsets: Sequence[int],
        has: Iterable[int],
    ) -> None:
        """Rows for an elementwise loop over some axes of a box."""
        self._along(function, operands, offsets, self._dims(operands, has))

    def _along(
        self,
        function: tuple[int, int],
        operands: Sequence[LoopOperand],
        offsets: Sequence[int],
        dims: Sequence[tuple[int, list[int]]],
    ) -> None:
        """Rows for an elementwise loop that goes along some dims."""
        (length, steps), *outer = dims
        for where in product(*[range(size) for size, _ in outer]):
            at = [
                offset + sum(index * strides[which] for index, (_, strides) in zip(where, outer, strict=True))
                for which, offset in enumerate(offsets)
            ]
            self._row(function, list(zip(operands, at, strict=True)), length, steps)

    def _stretch(
        self, stretch: Stretch, loops: Sequence[Loop], sources: Sequence[Sequence[LoopOperand]], begin: int
    ) -> bool:
        """Rows for some loops that are one, if all lies so that they can be."""
        known: dict[Any, LoopOperand] = {}
        for at in range(begin, stretch.end):
            known.update(zip(loops[at].operands, sources[at], strict=True))
        operands = [known[each] for each in (*stretch.reads, *stretch.stores)]
        dims = self._dims(operands, loops[begin].has)
        length, steps = dims[0]
        function = stretch.function(steps) if length >= STRETCHED else None
        if function is None:
            return False
        self._along((function, 0), operands, [0] * len(operands), dims)
        return True

    def _dims(self, operands: Sequence[LoopOperand], has: Iterable[int]) -> list[tuple[int, list[int]]]:
        """The lengths that a loop goes along, and the operands' strides, the innermost first."""
        dims: list[tuple[int, list[int]]] = []
        for axis in sorted(has, reverse=True):
            size, mine = self.box[axis], [each.strides[axis] for each in operands]
            if size == 1:
                continue
            if dims and mine == [dims[-1][0] * each for each in dims[-1][1]]:
                dims[-1] = (dims[-1][0] * size, dims[-1][1])
            else:
                dims.append((size, mine))
        if not dims:
            dims = [(1, [0] * len(operands))]
        if dims[0][0] < SHORT:
            dims.sort(key=lambda each: -each[0])
        return dims

    def _row(
        self,
        function: tuple[int, int],
        operands: Sequence[tuple[LoopOperand, int]],
        length: int,
        steps: Sequence[int],
    ) -> None:
        self.calls.append(function)
        self.lengths.append(length)
        self.places.append(len(self.operands))
        self.operands.extend(operands)
        self.strides.extend(steps)

    def _reduce(
        self,
        function: tuple[int, int],
        each: Loop,
        read: LoopOperand,
        result: LoopOperand,
        extra: LoopOperand | None,
    ) -> None:
        """Rows for a reduction, of what is there already if it is a part that is left."""
        kind = each.types[-1]
        box, copy = self.box, loop(*COPY[kind])
        assert copy is not None
        zero, nothing = [
            LoopOperand(self.found[one], (0,) * len(box), False)
            for one in (Number(0), Number(bits_of(BEGINNINGS[each.ufunc], kind)))
        ]
        if each.leaves is None:
            self._map(copy, (nothing, zero, result), (0, 0, 0), each.has)
        *before, (length, step) = self._gone(each, read)
        slices = [
            sum(index * stride for index, (_, stride) in zip(where, before, strict=True))
            for where in product(*[range(size) for size, _ in before])
        ]
        kept = [axis for axis in sorted(each.has) if box[axis] > 1]
        if not adds_slices(each):
            if each.leaves is None and len(slices) == 1 and length < min(SHORT, prod([box[a] for a in kept])):
                for index in range(length):  # which a loop along a row adds in this order too
                    self._map(function, (result, read, result), (0, slices[0] + index * step, 0), each.has)
                return
            for where in product(*[range(box[axis]) for axis in kept]):
                into = sum(index * result.strides[axis] for index, axis in zip(where, kept, strict=True))
                base = sum(index * read.strides[axis] for index, axis in zip(where, kept, strict=True))
                for at in slices:
                    operands = [(result, into), (read, base + at), (result, into)]
                    self._row(function, operands, length, (0, step, 0))
            return
        slices = [at + index * step for at in slices for index in range(length)]
        if extra is None or len(slices) <= DEEP:
            for at in slices:
                self._map(function, (result, read, result), (0, at, 0), each.has)
            return
        for begin in range(0, len(slices), DEEP):
            head, *others = slices[begin : begin + DEEP]
            self._map(copy, (read, zero, extra), (head, 0, 0), each.has)
            for at in others:
                self._map(function, (extra, read, extra), (0, at, 0), each.has)
            self._map(function, (result, extra, result), (0, 0, 0), each.has)

    def _gone(self, each: Loop, read: LoopOperand) -> list[tuple[int, int]]:
        """Lengths and strides of what a reduction reduces: of axes that are held whole as few as can be."""
        found: list[tuple[int, int]] = []
        for axis in each.gone:
            size, step = self.box[axis], read.strides[axis]
            if size == 1 and (found or axis != each.gone[-1]):
                continue
            if found and each.leaves is None and found[-1][1] == size * step:
                size *= found.pop()[0]
            found.append((size, step))
        return found

    def _finish(self, corners: Any, addresses: Any) -> None:
        """Lays the table out in memory: two rows move the operands from box to box, the others follow."""
        operands, self.times = self.operands, len(corners)
        count, rows = len(operands), len(self.calls)
        moves = np.array([each.moves for each, _ in operands], np.int64).reshape(count, corners.shape[1])
        fixed = np.array([offset for _, offset in operands], np.int64)
        self.offsets = corners @ moves.T + fixed
        for at, (each, _) in enumerate(operands):
            if each.slots is not None:
                self.offsets[:, at] += each.slots.offsets(corners)
        self.which = np.array([each.start for each, _ in operands], np.intp)
        self.addresses = addresses
        self.bases = np.zeros(count, np.int64)
        self.current = np.zeros(count, np.int64)
        self.heads = np.zeros(6, np.int64)
        numbers = np.array([*self.lengths, count, 1, *self.strides, WORD, WORD, WORD, WORD * count], np.int64)
        lengths = numbers.ctypes.data
        strides = lengths + WORD * (rows + 2)
        every = strides + WORD * len(self.strides)
        begin, offsets = self.bases.ctypes.data, self.offsets.ctypes.data
        current, counts = self.current.ctypes.data, lengths + WORD * rows
        table = movers(self.heads, begin, offsets, current, counts, every, every + WORD * 3)
        for at, ((function, data), place) in enumerate(zip(self.calls, self.places, strict=True)):
            table.append(
                (function, current + WORD * place, lengths + WORD * at, strides + WORD * place, data)
            )
        self.numbers = numbers
        self.table = np.array(table, np.int64)
        assert self.table.shape[1] == ROW
        self.begin = self.offsets.ctypes.data
        self.where, self.length = self.table.ctypes.data, len(table)
        del self.calls, self.lengths, self.strides, self.operands, self.places

    def run(self, runs: Any) -> None:
        """Does all boxes, from what the addresses are now on."""
        self.addresses.take(self.which, None, self.bases, "clip")  # which doesn't go through a buffer
        self.heads[1] = self.begin
        runs(self.where, self.length, self.times)


class Ready:
    """A chain with a thread's memory, for blocks of one shape.

    Args:
        chain: the chain.
        blocks: its group.
        shape: of the block.
        addresses: where those of its values begin that have a buffer.
        scratch: where its registers begin.
    """

    def __init__(
        self, chain: LoopChain, blocks: Blocks, shape: Shape, addresses: dict[int, int], scratch: int
    ) -> None:
        self.chain = chain
        self.shape = shape
        self.box = tuple([min(each) for each in zip(chain.box, shape, strict=True)])
        self.runs: Any = runner()
        self.tables: dict[Any, tuple[Any, list[LoopTable]]] = {}
        self.starts: list[int] = []
        self.found: dict[Any, int] = {}
        self.outside: list[int] = []
        numbers: list[Any] = []
        self.values: dict[int, Any] = {}
        self.laid_out = [LaidOut(each, blocks.has[each], self.box) for each in self._short_rows(blocks)]
        copies = {each.position: each for each in self.laid_out}
        left = [each for each in chain.loops if each.leaves is not None]
        self.slots = {each.operands[-1]: Slots(each, chain.tile, shape, self.box) for each in left}
        used: dict[Any, None] = {Number(0): None}
        used.update(
            dict.fromkeys(
                [Number(bits_of(BEGINNINGS[each.ufunc], each.types[-1])) for each in chain.loops if each.gone]
            )
        )
        used.update(dict.fromkeys([one for each in chain.loops for one in each.operands]))
        for each in used:
            self.found[each] = len(self.starts)
            start = 0
            if isinstance(each, Number) or (type(each) is int and blocks.is_number(each)):
                numbers.append(each)
            elif each in copies:
                start = address(copies[each].array)
            elif each in addresses:
                start = addresses[each]
            elif each in self.slots:
                start = self.slots[each].array.ctypes.data
            elif each not in chain.register:
                self.outside.append(each)
            self.starts.append(start)
        self.numbers = np.zeros(len(numbers))
        self.inputs = []
        for at, each in enumerate(numbers):
            self.starts[self.found[each]] = self.numbers.ctypes.data + WORD * at
            if isinstance(each, Number):
                self.numbers.view(np.int64)[at] = each.bits
            else:
                self.inputs.append((at, each))
        for size in chain.register_bytes():
            self.starts.append(scratch)
            scratch += size
        self.addresses = np.array(self.starts, np.int64)
        self.places = np.array([self.found[each] for each in self.outside], np.intp)
        self.current: list[LoopTable] = []
        self.corner: list[Any] = [None]

    def _short_rows(self, blocks: Blocks) -> list[int]:
        """The inputs that are broadcast along outer axes of a box and make its loops short."""
        box, shape = self.box, self.shape
        last = len(box) - 1
        if last < 1 or not MERGED >= box[last] > 1 or prod(shape) < WORTH * prod(box):
            return []
        return [
            each
            for each in self.chain.read()
            if each < len(blocks.inputs)
            and blocks.dtype(each) is FLOAT64
            and last in blocks.has[each]
            and all(box[axis] == shape[axis] for axis in blocks.has[each])
            and any(box[axis] > 1 for axis in range(last) if axis not in blocks.has[each])
        ]

    def take_numbers(self, blocks: Blocks, values: Any) -> None:
        """Takes the numbers of a run, by position."""
        for at, position in self.inputs:
            dtype = blocks.dtype(position)
            if dtype is FLOAT32:
                self.numbers.view(FLOAT32)[2 * at] = values[position]
            elif dtype.kind == "f":
                self.numbers[at] = values[position]
            else:
                self.numbers.view(np.int64)[at] = int(values[position])

    def begin(self, blocks: Blocks, values: dict[int, Any]) -> None:
        """Takes the arrays and numbers of a run, by position."""
        self.take_numbers(blocks, values)
        self.values = values
        for copy in self.laid_out:
            copy.corner = None
        arrays = [values[each] for each in self.outside]
        key = tuple([each.strides for each in arrays])
        found = self.tables.get(key)
        if found is None:
            if len(self.tables) > 8:
                self.tables.clear()
            strides = [steps(each) for each in arrays]
            moves: Any = np.array(strides, np.int64).reshape(len(arrays), len(self.shape)).T
            tables = list(self._tables(blocks, dict(zip(self.outside, strides, strict=True))))
            found = self.tables[key] = moves, tables
        self.moves, self.current = found
        self.firsts = np.array([address(each) for each in arrays], np.int64)

    def _tables(self, blocks: Blocks, strides: dict[int, Strides]) -> Iterator[LoopTable]:
        chain = self.chain
        copies = {each.position: each for each in self.laid_out}

        def source(each: Any) -> LoopOperand:
            start = self.found[each]
            if each in strides:
                return LoopOperand(start, strides[each], True)
            if each in copies:
                return LoopOperand(start, copies[each].array.strides, False)
            if each in chain.register:
                return registered(chain.register[each])
            if each in self.slots:
                slots = self.slots[each]
                return LoopOperand(start, steps(slots.array[0]), True, slots)
            if isinstance(each, Number) or blocks.is_number(each):
                return LoopOperand(start, (0,) * len(self.shape), False)
            itemsize = blocks.dtype(each).itemsize
            return LoopOperand(start, contiguous(self.shape, blocks.has[each], itemsize), True)

        def registered(which: int) -> LoopOperand:
            size, has = chain.registers[which]
            return LoopOperand(len(self.found) + which, contiguous(self.box, has, size), False)

        sources = [[source(one) for one in each.operands] for each in chain.loops]
        spare = [registered(chain.sums[at]) if at in chain.sums else None for at in range(len(chain.loops))]
        parts = []  # of each axis: the length of a box, and where boxes of that length begin
        for size, length in zip(self.shape, self.box, strict=True):
            whole = size // length * length
            parts.append([(length, range(0, whole, length)), (size - whole, range(whole, size, length))])
        for some in product(*parts):
            if all(each for _, each in some):
                corners = np.array(list(product(*[each for _, each in some])), np.int64)
                box = tuple([length for length, _ in some])
                corners = corners.reshape(len(corners), len(self.shape))
                yield LoopTable(
                    chain.loops, chain.stretches, sources, spare, box, corners, self.addresses, self.found
                )

    def __call__(self, corner: Any) -> None:
        """Does the chain for the block that begins at some index along each axis."""
        for copy in self.laid_out:
            copy.fill(self.values[copy.position], corner, self.shape)
        if len(self.places):
            self.addresses[self.places] = self.firsts + np.dot(corner, self.moves)
        for slots in self.slots.values():
            slots.array.fill(BEGINNINGS[slots.ufunc])
        for each in self.current:
            each.run(self.runs)
