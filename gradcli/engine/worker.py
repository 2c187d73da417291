"""A group run with arrays: each thread with its buffers, and the steps bound to them. Called by `steps`."""

from __future__ import annotations

import threading
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import pool
from gradcli.engine.blocks import LINE
from gradcli.engine.kernels import call
from gradcli.engine.settings import current, threads
from gradcli.engine.tiles import pairwise, reduce_tile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.engine.blocks import Blocks, Operation
    from gradcli.tape.node import Shape

    Calls = list[tuple[Callable[..., Any], list[Any]]]
    Uses = list[tuple[list[Any], int]]

_arenas = threading.local()


def arena(nbytes: int) -> Any:
    """Bytes for this thread's buffers, kept from one group to the next."""
    held = getattr(_arenas, "bytes", None)
    if held is None or held.nbytes < nbytes:
        whole = np.empty(nbytes + LINE, np.uint8)
        held = _arenas.bytes = whole[-whole.ctypes.data % LINE :][:nbytes]
    return held


def run(blocks: Blocks, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """Computes every tile of a group.

    Args:
        blocks: the group.
        inputs: values, in the order of construction.
        outputs: contiguous arrays, one for each stored result.

    Returns:
        For each reduction its result.
    """
    arrays = [
        value if array.shape == () else blocks.as_in_blocks(value, array)
        for value, array in zip(inputs, blocks.inputs, strict=True)
    ]
    results = [
        blocks.as_in_blocks(value, array) for value, array in zip(outputs, blocks.outputs, strict=True)
    ]
    partials = [np.empty(blocks.partial_dims(i), each.dtype) for i, each in enumerate(blocks.reductions)]
    tickets = count()

    def work() -> None:
        with np.errstate(all="ignore"):
            Worker(blocks, arrays, results, partials).work(tickets)

    workers = min(threads(), blocks.count)
    if workers > 1 and (blocks.shared or current.eager):
        pool.share(work, workers)
    else:
        work()
    finished = []
    with np.errstate(all="ignore"):
        for partial, axes, each in zip(partials, blocks.reduced, blocks.reductions, strict=True):
            for axis in axes:
                if partial.shape[axis] > 1:
                    partial = pairwise(each.ufunc, partial, axis)
            whole = np.empty(each.result.shape, each.dtype)
            blocks.as_in_blocks(whole, each.result)[...] = partial
            finished.append(whole)
    return finished


def _store(value: Any, target: Any) -> None:
    """Copies a result to where it is kept, unless another tile has it to do."""
    if target is not None:
        np.copyto(target, value)


def _load(value: Any, buffer: Any) -> None:
    np.copyto(buffer, value)


def _reduce(ufunc: np.ufunc, axes: tuple[int, ...], dims: Shape, value: Any, out: Any) -> None:
    """Reduces axes that a tile holds whole, `dims` long there."""
    reduce_tile(ufunc, stretched(value, axes, dims, out), axes, out)


def stretched(value: Any, axes: tuple[int, ...], dims: Shape, target: Any) -> Any:
    """A value with its length along axes for which it may have been broadcast: those, and the target's."""
    shape = tuple([dims[at] if at in axes else size for at, size in enumerate(target.shape)])
    return value if shape == np.shape(value) else np.broadcast_to(value, shape)


class Worker:
    """One thread's share of a group."""

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
            view = _part(self.arrays[position], cuts)
            for arguments, index in uses:
                arguments[index] = view
        for number, uses in stores:
            has = blocks.has[blocks.stored[number]]
            mine = all(axis in has or not place for axis, place in enumerate(places))
            view = _part(self.results[number], cuts) if mine else None
            for arguments, index in uses:
                arguments[index] = view
        for function, arguments in calls:
            function(*arguments)
        for which, holder in reductions:
            ufunc, axes = blocks.reductions[which].ufunc, blocks.reduced[which]
            partial = self.partials[which]
            at = [
                slice(places[axis], places[axis] + 1)
                if axis in axes
                else cut
                if partial.shape[axis] != 1
                else slice(None)
                for axis, cut in enumerate(cuts)
            ]
            target = partial[tuple(at)]
            reduce_tile(ufunc, stretched(holder[0], axes, shape, target), axes, target)

    def _bind(self, shape: Shape) -> tuple[Any, ...]:
        """The calls for tiles of one shape, and where views of inputs and results go in them."""
        blocks = self.blocks
        first = len(blocks.inputs)
        dtypes = [getattr(each, "dtype", None) for each in self.arrays]
        dtypes.extend(each.dtype for each in blocks.steps)
        values: list[Any] = [
            array if scalar else None for array, scalar in zip(self.arrays, blocks.scalars, strict=True)
        ]
        values.extend([None] * len(blocks.steps))
        for position, buffer in blocks.buffers.items():
            has = blocks.has[position]
            dims = tuple([size if axis in has else 1 for axis, size in enumerate(shape)])
            start = blocks.starts[buffer]
            dtype = dtypes[position]
            assert dtype is not None
            memory = self.memory[start : start + int(np.prod(dims)) * dtype.itemsize]
            values[position] = memory.view(dtype).reshape(dims)
        uses: dict[int, Uses] = {}
        calls: Calls = []
        loads: dict[int, Uses] = {}
        stores: list[tuple[int, Uses]] = []
        which_store = {position: which for which, position in enumerate(blocks.stored)}
        for place, step in enumerate(blocks.steps):
            for each in blocks.loads.get(place, ()):
                arguments = [None, values[each]]
                calls.append((_load, arguments))
                loads.setdefault(each, []).append((arguments, 0))
            if place - 1 not in blocks.pairs:
                calls.append(self._call(place, step, shape, values, uses))
            done = [first + place] if place not in blocks.pairs else []
            if place - 1 in blocks.pairs:
                done.insert(0, first + place - 1)
            for position in done:
                if position in which_store and position not in blocks.direct:
                    arguments = [values[position], None]
                    calls.append((_store, arguments))
                    stores.append((which_store[position], [(arguments, 1)]))
        reductions = []
        for which, reduction in enumerate(blocks.reductions):
            # An input is read where it lies, though it may have been loaded for others.
            holder = [values[reduction.source] if reduction.source >= first else None]
            if blocks.scalars[reduction.source] if reduction.source < first else False:
                holder[0] = np.asarray(self.arrays[reduction.source]).reshape((1,) * len(shape))
            elif holder[0] is None:
                uses.setdefault(reduction.source, []).append((holder, 0))
            reductions.append((which, holder))
        for position in blocks.direct:
            stores.append((which_store[position], uses.pop(position)))
        for position, each_use in uses.items():
            loads.setdefault(position, []).extend(each_use)
        return calls, list(loads.items()), stores, reductions

    def _call(
        self, place: int, step: Operation, shape: Shape, values: list[Any], uses: dict[int, Uses]
    ) -> tuple[Callable[..., Any], list[Any]]:
        """What computes one step, or a pair, with its arguments; `uses` of what changes with the tile."""
        blocks = self.blocks
        result = len(blocks.inputs) + place
        extra: tuple[Any, ...] = ()
        function: Callable[..., Any]
        if place in blocks.pairs:
            both = [result, result + 1]
            function, in_order = blocks.pairs[place]
            positions = [*step.args, *(both if in_order else reversed(both))]
        else:
            positions = [*step.args, result]
            if step.gone is not None:
                function = partial(_reduce, step.op.reduces, blocks.gone[place], shape)
            else:
                function, extra = call(step.op, step.attrs)
        arguments = [values[each] for each in positions]
        arguments[len(step.args) : len(step.args)] = extra
        for index, each in enumerate(positions):
            if values[each] is None:
                shift = len(extra) if index >= len(step.args) else 0
                uses.setdefault(each, []).append((arguments, index + shift))
        return function, arguments


def _part(array: Any, cuts: list[slice]) -> Any:
    """A tile's part of an array, whole where the array is broadcast."""
    return array[
        tuple([cut if size != 1 else slice(None) for cut, size in zip(cuts, array.shape, strict=True)])
    ]
