"""A group run with arrays: each thread with its buffers, and the steps bound to them. Called by `steps`."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from functools import partial
from itertools import count
from math import inf, prod
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import pool, strips
from gradcli.engine.chains import BEGINNINGS, LoopChain
from gradcli.engine.kernels import call
from gradcli.engine.lines import address, lined
from gradcli.engine.settings import current, threads
from gradcli.engine.tables import Ready
from gradcli.engine.tiles import pairwise, reduce_tile
from gradcli.machine import blas_alone
from gradcli.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.engine.blocks import Blocks, Matrices, Places
    from gradcli.engine.tables import LoopTable
    from gradcli.tape.node import Shape

    Calls = list[tuple[Callable[..., Any], list[Any]]]
    Uses = list[tuple[list[Any], int]]

_arenas = threading.local()

WAKE = 0.0002
"""Seconds of work that is left after the first tile from which on another thread is woken for it."""
HANDOVER = 4e-6
"""Seconds that a call must take so that threads do not wait for each other to hand the interpreter over."""

KNOWN = 8
"""For so many ways in which arrays may lie the tiles of a group are kept ready."""

NARROW = 6
"""Rows of a block up to which they are stored one by one where they are columns of an array."""


def arena(nbytes: int) -> Any:
    """Bytes for this thread's buffers, kept from one group to the next."""
    held = getattr(_arenas, "bytes", None)
    if held is None or held.nbytes < nbytes:
        # By powers of two: what a group has bound to a smaller one is no longer used, and still held.
        held = _arenas.bytes = lined(1 << max(nbytes - 1, 1).bit_length())
    return held


class Job:
    """One run of a group: its arrays, as the blocks have them.

    Attributes:
        blocks: the group.
        arrays: what is read; numbers as they are.
        results: what is stored in full.
        partials: for each reduction what the tiles leave.
        tickets: the tiles that are left.
        values: arrays and results by their position in the group.
    """

    __slots__ = ("arrays", "blocks", "partials", "results", "tickets", "values")

    def __init__(self, blocks: Blocks, arrays: list[Any], results: list[Any], partials: list[Any]) -> None:
        self.blocks = blocks
        self.arrays = arrays
        self.results = results
        self.partials = partials
        self.tickets = count()
        self.values = dict(enumerate(arrays))
        self.values.update(zip(blocks.stored, results, strict=True))


def _aligned(value: Any) -> Any:
    """An array whose elements lie at multiples of their size, as loops without NumPy's own calls rely on."""
    return value if type(value) is not np.ndarray or value.flags.aligned else value.copy()


def run(blocks: Blocks, inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """Computes every tile of a group.

    Args:
        blocks: the group.
        inputs: values, in the order of construction.
        outputs: contiguous arrays, one for each stored result.

    Returns:
        For each reduction its result.
    """
    workers = min(threads(), blocks.count)
    alone = workers == 1 or (blocks.took and not current.eager and not _worth(blocks, blocks.count))
    if alone and blocks.chained:
        prepared = _worker(blocks).prepared_for(blocks, inputs, outputs)
        if prepared is not None:
            prepared.run(blocks, inputs, outputs)
            return _finished(blocks, prepared.partials)
    job = _job(blocks, inputs, outputs)

    def work() -> None:
        with np.errstate(all="ignore"):
            np.setbufsize(blocks.buffered)
            _worker(blocks).work(job)

    with np.errstate(all="ignore"), blas_alone() if blocks.multiplies else nullcontext():
        np.setbufsize(blocks.buffered)
        if workers == 1:
            _worker(blocks).work(job)
        elif current.eager:
            pool.share(work, workers)
        else:
            # How long a tile takes nobody knows but the processor: the last run tells, or the first tile.
            left = blocks.count
            if not blocks.took:
                _worker(blocks).work(job, 1)
                left -= 1
            if _worth(blocks, left):
                pool.share(work, workers)
            else:
                _worker(blocks).work(job)
        return _finished(blocks, job.partials)


def _worth(blocks: Blocks, left: int) -> bool:
    """Whether so many tiles are worth another thread, by what one took."""
    return blocks.took * left > WAKE and blocks.took > HANDOVER * blocks.calls


def _job(blocks: Blocks, inputs: Sequence[Any], outputs: Sequence[Any]) -> Job:
    arrays = [
        value if array.shape == () else blocks.as_in_blocks(_aligned(value), array)
        for value, array in zip(inputs, blocks.inputs, strict=True)
    ]
    results = [
        blocks.as_in_blocks(value, array) for value, array in zip(outputs, blocks.outputs, strict=True)
    ]
    partials = [np.empty(dims, each.dtype) for dims, each in zip(blocks.left, blocks.reductions, strict=True)]
    return Job(blocks, arrays, results, partials)


def _finished(blocks: Blocks, partials: Sequence[Any]) -> list[Any]:
    """The results of the reductions, from what the tiles have left."""
    finished = []
    for left, axes, each in zip(partials, blocks.reduced, blocks.reductions, strict=True):
        if each.product is not None:
            finished.append(pairwise(each.ufunc, left, 0)[0])
            continue
        for axis in axes:
            if left.shape[axis] > 1:
                left = pairwise(each.ufunc, left, axis)
        whole = np.empty(each.result.shape, each.dtype)
        blocks.as_in_blocks(whole, each.result)[...] = left
        finished.append(whole)
    return finished


def _worker(blocks: Blocks) -> Worker:
    """This thread's worker for a group, from last time if its buffers are still there."""
    memory = arena(blocks.arena_bytes)
    worker: Worker | None = getattr(blocks.workers, "own", None)
    if worker is None or worker.memory is not memory:
        worker = blocks.workers.own = Worker(memory)
    return worker


def _store(value: Any, target: Any) -> None:
    """Copies a result to where it is kept, unless another tile has it to do."""
    if target is None:
        return
    if target.ndim > 1 and 1 < target.shape[0] <= NARROW and target.strides[0] == target.itemsize:
        for part, rows in zip(target, value, strict=True):  # NumPy would write so few at a time
            np.copyto(part, rows)
        return
    np.copyto(target, value)


def _load(value: Any, buffer: Any) -> None:
    np.copyto(buffer, value)


def _reduce(ufunc: np.ufunc, axes: tuple[int, ...], dims: Shape, value: Any, out: Any) -> None:
    """Reduces axes that a tile holds whole, `dims` long there."""
    reduce_tile(ufunc, stretched(value, axes, dims, out), axes, out)


def _multiply(how: Matrices, dims: Sequence[Places], shape: Shape, left: Any, right: Any, out: Any) -> None:
    """Multiplies two matrices of a tile, of which one or the result is a value of the group.

    `dims` are of each matrix which dims of a block its are.
    """
    left, right, out = [
        _matrix(places, shape, each) if laid else each
        for places, each, laid in zip(dims, (left, right, out), how.laid, strict=True)
    ]
    left, right = [each.T if turned else each for each, turned in zip((left, right), how.turned, strict=True)]
    if out.strides[0] < out.strides[1]:  # BLAS writes rows
        left, right, out = right.T, left.T, out.T
    strips.product(left, right, out)()


def _matrix(places: Places, shape: Shape, value: Any) -> Any:
    """A value of a tile as a matrix of these of its dims, without copying it."""
    some = [at for at in places if at is not None]
    value = stretched(value, tuple(some), shape, value)
    matrix = value[tuple([slice(None) if axis in some else 0 for axis in range(value.ndim)])]
    if len(some) == 1:  # of one row, or of one column
        return matrix.reshape(1, -1) if places[0] is None else matrix.reshape(-1, 1)
    return matrix if some[0] < some[1] else matrix.T


def _by_rows(kernel: Callable[..., None], axis: int, length: int, *values: Any) -> None:
    """Calls a kernel for rows that a tile holds whole, `length` long there; the last value is the result."""
    *arrays, out = values
    # A number is passed as it is.
    value, *others = [np.reshape(each, (1,) * out.ndim) if np.ndim(each) == 0 else each for each in arrays]
    if value.shape[axis] != length and out.shape[axis] == 1:
        value = np.broadcast_to(value, (*value.shape[:axis], length, *value.shape[axis + 1 :]))
    kernel(value, *others, axis, out)


def stretched(value: Any, axes: tuple[int, ...], dims: Shape, target: Any) -> Any:
    """A value with its length along axes for which it may have been broadcast: those, and the target's."""
    shape = tuple([dims[at] if at in axes else size for at, size in enumerate(target.shape)])
    return value if shape == np.shape(value) else np.broadcast_to(value, shape)


class Bound(Record):
    """The calls for tiles of one shape.

    Attributes:
        calls: functions with their arguments.
        numbers: where numbers among the inputs go in these.
        loads: where a tile's parts of inputs go.
        stores: where its parts of results go.
        reductions: which one, and a list that holds what it reduces.
        chains: the calls that are chains.
    """

    calls: Calls
    numbers: list[tuple[int, Uses]]
    loads: list[tuple[int, Uses]]
    stores: list[tuple[int, Uses]]
    reductions: list[tuple[int, list[Any]]]
    chains: list[Ready]

    def forget(self) -> None:
        """Lets go of the arrays of a run."""
        for _, uses in (*self.loads, *self.stores):
            for arguments, index in uses:
                arguments[index] = None
        for chain in self.chains:
            chain.values = {}


class Prepared:
    """All tiles of a group that is done by chains alone, for arrays that lie in one way.

    What changes from run to run are numbers and where arrays begin: to find out the rest would take as long
    as the loops of a small group. Like a worker it holds no arrays but its own.

    Attributes:
        partials: for each reduction what the tiles leave.
        steps: in order: a chain, its tables, which arrays it works on, how far behind their beginnings, and
            the parts of reductions that it adds up, and where to.
    """

    __slots__ = ("partials", "steps")

    def __init__(self, job: Job, bound: Sequence[Bound]) -> None:
        blocks = job.blocks
        at = {position: place for place, position in enumerate((*blocks.arrays, *blocks.stored))}
        self.partials = job.partials
        self.steps: list[tuple[Ready, list[LoopTable], Any, Any, list[tuple[Any, Any, Any]]]] = []
        for number, each in enumerate(bound):
            places, cuts, _, corner = blocks.tile_at(number)
            for chain in each.chains:
                chain.begin(blocks, job.values)
                which = np.array([at[position] for position in chain.outside], np.intp)
                left = [
                    (slots, slots.array[:-1], _left(job.partials[slots.which], axes, places, cuts))
                    for slots in chain.slots.values()
                    for axes in (blocks.reduced[slots.which],)
                ]
                self.steps.append((chain, chain.current, which, np.dot(corner, chain.moves), left))
            each.forget()

    def run(self, blocks: Blocks, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Computes all tiles, and notes how many seconds one took."""
        began = perf_counter()
        arrays = [*[inputs[at] for at in blocks.arrays], *outputs]
        first = np.array([address(each) for each in arrays], np.int64)
        for chain, tables, which, distances, left in self.steps:
            if chain.inputs:
                chain.take_numbers(blocks, inputs)
            chain.addresses[chain.places] = first.take(which) + distances
            for slots, _, _ in left:
                slots.array.fill(BEGINNINGS[slots.ufunc])
            for table in tables:
                table.run(chain.runs)
            for slots, parts, target in left:
                target[...] = pairwise(slots.ufunc, parts, 0)[0]
        blocks.took = (perf_counter() - began) / blocks.count


class Worker:
    """One thread's calls for the tiles of a group, which are kept from one run to the next.

    Between runs it holds buffers of the thread and no arrays, and never its group, which holds it: a plan
    that nobody has any more goes at once.
    """

    def __init__(self, memory: Any) -> None:
        self.memory = memory
        self.bound: dict[Shape, Bound] = {}
        self.prepared: dict[Any, Prepared | None] = {}

    def prepared_for(self, blocks: Blocks, inputs: Sequence[Any], outputs: Sequence[Any]) -> Prepared | None:
        """The tiles made ready for arrays that lie like these, if they can be."""
        arrays = [*[inputs[at] for at in blocks.arrays], *outputs]
        if not all(each.flags.aligned for each in arrays):
            return None
        key = tuple([each.strides for each in arrays])
        if key not in self.prepared:
            if len(self.prepared) >= KNOWN:
                self.prepared.clear()
            job = _job(blocks, inputs, outputs)
            bound = [self.bind(blocks.tile_at(number).shape, job) for number in range(blocks.count)]
            plain = not any(chain.laid_out for each in bound for chain in each.chains)
            self.prepared[key] = Prepared(job, bound) if plain else None
        return self.prepared[key]

    def bind(self, shape: Shape, job: Job) -> Bound:
        """The calls for tiles of one shape."""
        bound = self.bound.get(shape)
        if bound is None:
            bound = self.bound[shape] = self._bind(shape, job)
        return bound

    def work(self, job: Job, most: int | None = None) -> None:
        """Takes tiles until there are none left, or so many, and notes how many seconds one took."""
        total = job.blocks.count
        tickets = job.tickets
        ready: list[Bound] = []
        least = inf
        try:
            while most is None or most > 0:
                number = next(tickets)
                if number >= total:
                    break
                least = min(least, self._tile(number, job, ready))
                if most is not None:
                    most -= 1
        finally:
            for bound in ready:
                bound.forget()
        if ready:
            job.blocks.took = least

    def _tile(self, number: int, job: Job, ready: list[Bound]) -> float:
        """Computes one tile; `ready` are the calls that have the numbers of this run."""
        blocks = job.blocks
        places, cuts, shape, corner = blocks.tile_at(number)
        bound = self.bind(shape, job)
        if bound not in ready:
            ready.append(bound)
            for position, uses in bound.numbers:
                number = job.arrays[position]
                for arguments, index in uses:
                    arguments[index] = number
            for chain in bound.chains:
                chain.begin(blocks, job.values)
        for chain in bound.chains:
            chain.corner[0] = corner
        for position, uses in bound.loads:
            dims = blocks.matrices[position]
            value = job.arrays[position]
            view = _part(value, cuts) if dims is None else value[_cut(dims, cuts)]
            for arguments, index in uses:
                arguments[index] = view
        for number, uses in bound.stores:
            has = blocks.has[blocks.stored[number]]
            mine = all(axis in has or not place for axis, place in enumerate(places))
            view = _part(job.results[number], cuts) if mine else None
            for arguments, index in uses:
                arguments[index] = view
        began = perf_counter()
        for function, arguments in bound.calls:
            function(*arguments)
        for which, holder in bound.reductions:
            ufunc, axes = blocks.reductions[which].ufunc, blocks.reduced[which]
            partial = job.partials[which]
            product, matrices = blocks.reductions[which].product, blocks.products[which]
            if product is not None and matrices is not None:
                (axis,) = axes
                target = partial[places[axis]][_cut(matrices[2], cuts)]
                left, right = holder
                _multiply(product, matrices, shape, left, right, target)
                continue
            target = _left(partial, axes, places, cuts)
            value = holder[0]
            if np.ndim(value) != len(shape):
                value = np.asarray(value).reshape((1,) * len(shape))
            reduce_tile(ufunc, stretched(value, axes, shape, target), axes, target)
        for chain in bound.chains:
            for slots in chain.slots.values():
                target = _left(job.partials[slots.which], blocks.reduced[slots.which], places, cuts)
                target[...] = pairwise(slots.ufunc, slots.array[:-1], 0)[0]
        return perf_counter() - began

    def _bind(self, shape: Shape, job: Job) -> Bound:
        """The calls for tiles of one shape, and where numbers, views of inputs and results go in them."""
        blocks = job.blocks
        first = len(blocks.inputs)
        dtypes = [getattr(each, "dtype", None) for each in job.arrays]
        dtypes.extend(each.dtype for each in blocks.steps)
        values: list[Any] = [None] * (first + len(blocks.steps))
        for position, buffer in blocks.buffers.items():
            has = blocks.has[position]
            dims = tuple([size if axis in has else 1 for axis, size in enumerate(shape)])
            start = blocks.starts[buffer]
            dtype = dtypes[position]
            assert dtype is not None
            memory = self.memory[start : start + prod(dims) * dtype.itemsize]
            values[position] = memory.view(dtype).reshape(dims)
        uses: dict[int, Uses] = {}
        calls: Calls = []
        loads: dict[int, Uses] = {}
        stores: list[tuple[int, Uses]] = []
        which_store = {position: which for which, position in enumerate(blocks.stored)}
        chains: list[Ready] = []
        start = address(self.memory)
        known = {each: start + blocks.starts[buffer] for each, buffer in blocks.buffers.items()}
        for number, unit in enumerate(blocks.units):
            for each in blocks.loads.get(number, ()):
                arguments = [None, values[each]]
                calls.append((_load, arguments))
                loads.setdefault(each, []).append((arguments, 0))
            if isinstance(unit, LoopChain):
                ready = Ready(unit, blocks, shape, known, start + blocks.scratch)
                chains.append(ready)
                calls.append((ready, ready.corner))
                done = sorted(unit.kept)
            else:
                place = unit
                if place - 1 not in blocks.pairs:
                    calls.append(_call(blocks, place, shape, values, uses))
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
            if which in blocks.left_by_chains:
                continue
            # An input is read where it lies, though it may have been loaded for others.
            sources = [reduction.source]
            if reduction.other is not None:
                sources.append(reduction.other)
                if reduction.product is not None and reduction.product.block:
                    sources.reverse()
            holder = [values[each] if each >= first else None for each in sources]
            for at, each in enumerate(sources):
                if holder[at] is None:
                    uses.setdefault(each, []).append((holder, at))
            reductions.append((which, holder))
        for position in blocks.direct & uses.keys():
            stores.append((which_store[position], uses.pop(position)))
        numbers = [(position, uses.pop(position)) for position in list(uses) if blocks.is_number(position)]
        for position, each_use in uses.items():
            loads.setdefault(position, []).extend(each_use)
        return Bound(calls, numbers, list(loads.items()), stores, reductions, chains)


def _call(
    blocks: Blocks, place: int, shape: Shape, values: list[Any], uses: dict[int, Uses]
) -> tuple[Callable[..., Any], list[Any]]:
    """What computes one step, or a pair, with its arguments; `uses` of what changes with the tile."""
    step = blocks.steps[place]
    result = len(blocks.inputs) + place
    extra: tuple[Any, ...] = ()
    function: Callable[..., Any]
    if place in blocks.pairs:
        both = [result, result + 1]
        function, in_order = blocks.pairs[place]
        positions = [*step.args, *(both if in_order else reversed(both))]
    else:
        positions = [*step.args, result]
        axis = blocks.row[place]
        if step.product is not None:
            function = partial(_multiply, step.product, blocks.dims_of(step.product), shape)
        elif axis is not None:
            function = partial(_by_rows, step.op.by_rows, axis, shape[axis])
        elif step.gone is not None:
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


def _left(partial: Any, axes: tuple[int, ...], places: list[int], cuts: list[slice]) -> Any:
    """Where a tile leaves its part of a reduction of some axes."""
    at = [
        slice(places[axis], places[axis] + 1)
        if axis in axes
        else cut
        if partial.shape[axis] != 1
        else slice(None)
        for axis, cut in enumerate(cuts)
    ]
    return partial[tuple(at)]


def _cut(dims: Places, cuts: list[slice]) -> tuple[slice, ...]:
    """The part of a matrix that belongs to a tile, by the dims of a block that it has."""
    return tuple([slice(None) if at is None else cuts[at] for at in dims])


def _part(array: Any, cuts: list[slice]) -> Any:
    """A tile's part of an array, whole where the array is broadcast."""
    return array[
        tuple([cut if size != 1 else slice(None) for cut, size in zip(cuts, array.shape, strict=True)])
    ]
