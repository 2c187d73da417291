"""A group at work: its shape cut into tiles, its values in a few buffers, a thread for each core.

`Blocks` is the part of a plan that one group becomes; it is made from shapes alone and run with
arrays. Every reduction leaves one partial result for each tile, and these are added up pairwise in
an order that depends on the shapes alone.
"""

from __future__ import annotations

import threading
from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import pool
from gradcli.engine.kernels import call, may_overwrite
from gradcli.engine.settings import current, threads
from gradcli.engine.tiles import merged, pairwise, reduce_tile, tiling
from gradcli.tape.node import FLOAT64
from gradcli.tape.partials import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.tape.node import Shape

SPREAD = 300_000.0
"""Nanoseconds of work below which a second thread costs more than it brings."""
BRISK, BRISK_SPREAD = 0.2, 3_000_000.0
"""Steps that take less than this (nanoseconds an element) make threads wait for the interpreter's lock
most of the time: then only much work, which memory holds up anyway, is shared."""
LINE = 64
"""Bytes of a cache line."""

_arenas = threading.local()


def arena(nbytes: int) -> Any:
    """Bytes for this thread's buffers, kept from one group to the next."""
    held = getattr(_arenas, "bytes", None)
    if held is None or held.nbytes < nbytes:
        whole = np.empty(nbytes + LINE, np.uint8)
        held = _arenas.bytes = whole[-whole.ctypes.data % LINE :][:nbytes]
    return held


class Operation:
    """One operation on a block.

    Attributes:
        op: the primitive.
        args: positions of its inputs among the inputs and earlier results of the group.
        attrs: its attributes.
        dtype: of its result.
    """

    __slots__ = ("args", "attrs", "dtype", "op")

    def __init__(self, op: Any, args: tuple[int, ...], attrs: tuple[Any, ...], dtype: np.dtype[Any]) -> None:
        self.op = op
        self.args = args
        self.attrs = attrs
        self.dtype = dtype


class Reduction:
    """A reduction at the end of a group.

    Attributes:
        ufunc: what combines.
        source: position of the value.
        axes: of the group's shape, not negative.
        dtype: of the result.
    """

    __slots__ = ("axes", "dtype", "source", "ufunc")

    def __init__(self, ufunc: np.ufunc, source: int, axes: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.ufunc = ufunc
        self.source = source
        self.axes = axes
        self.dtype = dtype


def pairs(steps: Sequence[Operation]) -> dict[int, tuple[Callable[..., None], bool]]:
    """Where the two operations of a pair stand next to each other on one float64 value: the first's place.

    The values are the kernel of both, and whether they stand in its order.
    """
    found: dict[int, tuple[Callable[..., None], bool]] = {}
    for place in range(len(steps) - 1):
        one, other = steps[place], steps[place + 1]
        if one.op.pair is None or other.op.pair is None or one.args != other.args or one.dtype is not FLOAT64:
            continue
        (kernel, first), (same, second) = one.op.pair, other.op.pair
        if kernel is same and first != second:
            found[place] = kernel, first < second
    return found


class Blocks:
    """A group made ready: everything that depends on shapes and dtypes but not on values.

    Args:
        shape: what is iterated over.
        inputs: for each input its shape, and whether it is contiguous.
        steps: in the order of computing.
        stored: positions of results that are kept in full.
        reductions: at the end.
    """

    def __init__(
        self,
        shape: Shape,
        inputs: Sequence[tuple[Shape, bool]],
        steps: Sequence[Operation],
        stored: Sequence[int],
        reductions: Sequence[Reduction],
    ) -> None:
        self.shape = shape
        self.steps = steps
        self.pairs = pairs(steps)
        self.reductions = reductions
        self.stored = tuple(stored)
        rank = len(shape)
        padded = [(1,) * (rank - len(each)) + each for each, _ in inputs]
        arrays = [each for each, (given, _) in zip(padded, inputs, strict=True) if given != ()]
        if all(contiguous for _, contiguous in inputs):
            runs = merged(shape, arrays, [each.axes for each in reductions])
        else:
            runs = [[axis] for axis, size in enumerate(shape) if size != 1]
        runs = runs or [[0]]
        self.dims = tuple([prod([shape[axis] for axis in run]) for run in runs])
        self.scalars = tuple([given == () for given, _ in inputs])
        self.input_dims = [tuple([prod([each[axis] for axis in run]) for run in runs]) for each in padded]
        self.reduced = [
            tuple([place for place, run in enumerate(runs) if run[0] in each.axes]) for each in reductions
        ]
        self.tile = tiling(self.dims, frozenset(a for axes in self.reduced for a in axes), current.block)
        self.grid = tuple([-(-size // length) for size, length in zip(self.dims, self.tile, strict=True)])
        self.count = prod(self.grid)
        self._assign()
        each_element = sum(each.op.cost for each in steps) + Cost.ARITHMETIC * len(reductions)
        brisk = each_element < BRISK * (len(steps) + len(reductions))
        self.shared = prod(self.dims) * each_element > (BRISK_SPREAD if brisk else SPREAD)

    def _assign(self) -> None:
        """Gives each result a buffer; one that is stored in full is written where it belongs."""
        first = len(self.scalars)
        last: dict[int, int] = {}
        for place, step in enumerate(self.steps):
            for each in step.args:
                last[each] = place
        for reduction in self.reductions:
            last[reduction.source] = len(self.steps)
        self.buffers: list[int | None] = []
        kept = set(self.stored)
        free: list[int] = []
        self.buffer_count = 0
        for place, step in enumerate(self.steps):
            dying: list[int] = []
            same: list[int] = []
            for each in set(step.args):
                if last[each] == place and each >= first:
                    buffer = self.buffers[each - first]
                    if buffer is not None:
                        fits = self.steps[each - first].dtype.itemsize == step.dtype.itemsize
                        (same if fits and may_overwrite(step.op, step.attrs) else dying).append(buffer)
            position = first + place
            free.extend(same)
            if position in kept:
                self.buffers.append(None)
            else:
                if not free:
                    free.append(self.buffer_count)
                    self.buffer_count += 1
                self.buffers.append(free.pop())
            free.extend(dying)
        elements = prod(self.tile)
        # Not a power of two apart, or the buffers' lines would compete for the same places in the cache.
        self.stride = -(-elements * 8 // LINE) * LINE + 3 * LINE
        self.arena_bytes = self.buffer_count * self.stride

    def partial_dims(self, which: int) -> Shape:
        """The shape of what the tiles leave of one reduction."""
        axes = self.reduced[which]
        return tuple([self.grid[i] if i in axes else size for i, size in enumerate(self.dims)])

    def nbytes(self) -> int:
        """The bytes it needs beside inputs and results."""
        partials = sum(
            prod(self.partial_dims(which)) * each.dtype.itemsize for which, each in enumerate(self.reductions)
        )
        return partials + self.arena_bytes * max(threads(), 1)

    def run(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
        """Computes every tile.

        Args:
            inputs: values, in the order of construction.
            outputs: contiguous arrays of the group's shape, one for each stored result.

        Returns:
            For each reduction its result.
        """
        arrays = [
            value if scalar else np.asarray(value).reshape(dims)
            for value, scalar, dims in zip(inputs, self.scalars, self.input_dims, strict=True)
        ]
        results = [each.reshape(self.dims) for each in outputs]
        partials = [np.empty(self.partial_dims(i), each.dtype) for i, each in enumerate(self.reductions)]
        tickets = count()

        def work() -> None:
            with np.errstate(all="ignore"):
                Worker(self, arrays, results, partials).work(tickets)

        workers = min(threads(), self.count)
        if workers > 1 and (self.shared or current.eager):
            pool.share(work, workers)
        else:
            work()
        finished = []
        with np.errstate(all="ignore"):
            for partial, axes, each in zip(partials, self.reduced, self.reductions, strict=True):
                for axis in axes:
                    if partial.shape[axis] > 1:
                        partial = pairwise(each.ufunc, partial, axis)
                kept = [size for axis, size in enumerate(self.shape) if axis not in each.axes]
                finished.append(partial.reshape(kept))
        return finished

    def describe(self) -> str:
        """How it is cut, in a few words."""
        dims, tile = ("×".join(str(size) for size in each) for each in (self.dims, self.tile))
        return f"{dims} in {self.count} blocks of {tile}, {self.buffer_count} buffers"


class Worker:
    """One thread's share of a group: its buffers, and the steps bound to them."""

    def __init__(self, blocks: Blocks, arrays: list[Any], results: list[Any], partials: list[Any]) -> None:
        self.blocks = blocks
        self.arrays = arrays
        self.results = results
        self.partials = partials
        self.memory = arena(blocks.arena_bytes)
        self.bound: dict[Shape, tuple[Any, ...]] = {}

    def work(self, tickets: Any) -> None:
        """Takes tiles until there are none left."""
        blocks = self.blocks
        total = blocks.count
        while (number := next(tickets)) < total:
            self.tile(number)

    def tile(self, number: int) -> None:
        """Computes one tile."""
        blocks = self.blocks
        places = []
        for size in reversed(blocks.grid):
            number, place = divmod(number, size)
            places.append(place)
        places.reverse()
        cuts = [
            slice(place * length, min((place + 1) * length, size))
            for place, length, size in zip(places, blocks.tile, blocks.dims, strict=True)
        ]
        shape = tuple([cut.stop - cut.start for cut in cuts])
        bound = self.bound.get(shape)
        if bound is None:
            bound = self.bound[shape] = self._bind(shape)
        calls, loads, stores, reductions = bound
        for position, uses in loads:
            array = self.arrays[position]
            view = array[
                tuple(
                    [cut if size != 1 else slice(None) for cut, size in zip(cuts, array.shape, strict=True)]
                )
            ]
            for arguments, index in uses:
                arguments[index] = view
        for position, uses in stores:
            view = self.results[position][tuple(cuts)]
            for arguments, index in uses:
                arguments[index] = view
        for function, arguments in calls:
            function(*arguments)
        for which, holder in reductions:
            ufunc, axes = blocks.reductions[which].ufunc, blocks.reduced[which]
            partial = self.partials[which]
            at = [
                slice(places[axis], places[axis] + 1) if axis in axes else cuts[axis]
                for axis in range(len(cuts))
            ]
            value = holder[0]
            if np.shape(value) != shape:
                value = np.broadcast_to(value, shape)
            reduce_tile(ufunc, value, axes, partial[tuple(at)])

    def _bind(self, shape: Shape) -> tuple[Any, ...]:
        """The calls for tiles of one shape, and where views of inputs and results go in them."""
        blocks = self.blocks
        first = len(blocks.scalars)
        values: list[Any] = [
            array if scalar else None for array, scalar in zip(self.arrays, blocks.scalars, strict=True)
        ]
        full = prod(shape)
        for step, buffer in zip(blocks.steps, blocks.buffers, strict=True):
            if buffer is None:
                values.append(None)
            else:
                start = buffer * blocks.stride
                memory = self.memory[start : start + full * step.dtype.itemsize]
                values.append(memory.view(step.dtype).reshape(shape))
        uses: dict[int, list[tuple[list[Any], int]]] = {}
        calls: list[tuple[Callable[..., Any], list[Any]]] = []
        for place, step in enumerate(blocks.steps):
            if place - 1 in blocks.pairs:
                continue
            if place in blocks.pairs:
                both = [first + place, first + place + 1]
                function, in_order = blocks.pairs[place]
                positions = [*step.args, *(both if in_order else reversed(both))]
                extra: tuple[Any, ...] = ()
            else:
                positions = [*step.args, first + place]
                function, extra = call(step.op, step.attrs)
            arguments = [values[each] for each in positions]
            arguments[len(step.args) : len(step.args)] = extra
            for index, each in enumerate(positions):
                if values[each] is None:
                    shift = len(extra) if index >= len(step.args) else 0
                    uses.setdefault(each, []).append((arguments, index + shift))
            calls.append((function, arguments))
        reductions = []
        for which, reduction in enumerate(blocks.reductions):
            holder = [values[reduction.source]]
            if holder[0] is None:
                uses.setdefault(reduction.source, []).append((holder, 0))
            reductions.append((which, holder))
        loads = [(position, uses[position]) for position in range(first) if position in uses]
        stores = [(index, uses[position]) for index, position in enumerate(blocks.stored)]
        return calls, loads, stores, reductions
