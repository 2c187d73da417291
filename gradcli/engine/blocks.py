"""A group at work: its axes cut into tiles, its values in a few buffers, a thread for each core.

`Blocks` is the part of a plan that one group becomes; it is made from shapes alone, and `worker` runs it with
arrays. A reduction of axes that are cut leaves one partial result for each tile, and these are added up
pairwise in an order that depends on the shapes alone.
"""

from __future__ import annotations

import threading
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.engine.chains import LoopChain, chains
from gradcli.engine.kernels import may_overwrite
from gradcli.engine.layout import Work, merged
from gradcli.engine.lines import LINE
from gradcli.engine.loops import vector
from gradcli.engine.settings import block_for, threads, together
from gradcli.engine.tiles import buffered, tiling
from gradcli.record import Record
from gradcli.tape.node import FLOAT64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradcli.engine.layout import Has
    from gradcli.tape.node import Shape

    Places = tuple[int | None, ...]


class Placement:
    """An array that a group reads or writes.

    Attributes:
        shape: its own.
        places: for each of its dims the axis of the group, or None where its size is 1.
        ordered: whether it is known to lie in memory in order.
        dtype: of its elements.
        has: its axes.
        apart: whether it has dims that are no axes of the group: those of what a product sums over.
        dims: the shape that it gets before its axes are put in the order of the blocks, once it is known.
    """

    __slots__ = ("apart", "dims", "dtype", "has", "ordered", "places", "shape")

    def __init__(self, shape: Shape, places: Places, ordered: bool, dtype: np.dtype[Any]) -> None:
        self.shape = shape
        self.dtype = dtype
        self.places = places
        axes = [each for each in places if each is not None]
        self.apart = any(each is None and size != 1 for each, size in zip(places, shape, strict=True))
        self.ordered = self.apart or (ordered and axes == sorted(axes))
        self.has: Has = frozenset(axes)
        self.dims: Shape | None = None


class Operation(Record):
    """One operation on a block.

    Attributes:
        op: the primitive.
        args: positions of its inputs among the inputs and earlier results of the group.
        attrs: its attributes.
        dtype: of its result.
        has: the axes of its result.
        gone: the axes that it reduces, or None where it is elementwise.
        row: the axis that it needs whole, where it goes by rows.
        product: how it multiplies matrices, if it does.
    """

    op: Any
    args: tuple[int, ...]
    attrs: tuple[Any, ...]
    dtype: np.dtype[Any]
    has: Has
    gone: Has | None = None
    row: int | None = None
    product: Matrices | None = None


class Reduction(Record):
    """A reduction at the end of a group, or the sum of products of blocks.

    Attributes:
        ufunc: what combines.
        source: position of the value.
        gone: the axes that are reduced.
        result: where the others are in the result.
        dtype: of the result.
        other: position of the matrix that the value is multiplied by, if it is.
        product: how.
    """

    ufunc: np.ufunc
    source: int
    gone: Has
    result: Placement
    dtype: np.dtype[Any]
    other: int | None = None
    product: Matrices | None = None


class Matrices:
    """How a product of two matrices stands in a block.

    Attributes:
        dims: of the left one, the right one and the result the axes, None for what is none.
        turned: whether the left one and the right one are the other way round.
        block: which of the two is a value of the group rather than an array that is read, or None.
        laid: which of the three have the dims of a block: values of the group, and arrays without others.
    """

    __slots__ = ("block", "dims", "laid", "turned")

    def __init__(
        self,
        dims: Sequence[Places],
        turned: tuple[bool, bool],
        block: int | None,
        laid: Sequence[bool],
    ) -> None:
        self.dims = tuple(dims)
        self.turned = turned
        self.block = block
        self.laid = tuple(laid)


class Tile(NamedTuple):
    """Where a tile lies: its place in the grid, its part of each axis, its shape, and its first index."""

    places: list[int]
    cuts: list[slice]
    shape: Shape
    corner: Any


REMEMBERED = 256
"""Of so many tiles a group remembers where they lie."""


def pairs(steps: Sequence[Operation]) -> dict[int, tuple[Callable[..., None], bool]]:
    """Where the two operations of a pair stand next to each other on one float64 value: the first's place.

    One of them may be of the value expanded, where its result has more axes than the other's. The values are
    the kernel of both, and whether they stand in its order.
    """
    found: dict[int, tuple[Callable[..., None], bool]] = {}
    for place in range(len(steps) - 1):
        one, other = steps[place], steps[place + 1]
        if one.op.pair is None or other.op.pair is None or one.args != other.args or one.dtype is not FLOAT64:
            continue
        (kernel, first), (same, second) = one.op.pair, other.op.pair
        if kernel is same and first != second and one.has == other.has:
            kernels = one.op.compute, other.op.compute
            # By itself each is quicker where it is a loop of ours.
            if not all(isinstance(each, np.ufunc) and vector(each, "d->d") for each in kernels):
                found[place] = kernel, first < second
    return found


class Blocks:
    """A group made ready: everything that depends on shapes and dtypes but not on values.

    It is `chained` where chains do all, from arrays where they lie; `arrays` are the inputs that are some.

    Args:
        sizes: of the axes.
        whole: those that aren't cut.
        inputs: what it reads.
        steps: in the order of computing.
        stored: positions of results that are kept in full, and how.
        reductions: at the end.
    """

    def __init__(
        self,
        sizes: Shape,
        whole: Has,
        inputs: Sequence[Placement],
        steps: Sequence[Operation],
        stored: Sequence[tuple[int, Placement]],
        reductions: Sequence[Reduction],
    ) -> None:
        self.inputs: Sequence[Any] = inputs
        self.steps: Sequence[Any] = steps
        self.pairs = pairs(steps)
        self.reductions: Sequence[Any] = reductions
        self.stored = tuple([position for position, _ in stored])
        self.outputs = [each for _, each in stored]
        has = [*[each.has for each in inputs], *[each.has for each in steps]]
        gone = [each.gone for each in reductions]
        along = [frozenset([each.row]) for each in steps if each.row is not None]
        self._merge(len(sizes), [*has, *[each.gone for each in steps if each.gone], *gone, *along, whole])
        dims = tuple([prod([sizes[axis] for axis in run]) for run in self.runs])
        natural = [self._runs_in(each) for each in has]
        self.block = block_for(prod(dims))
        for each in inputs:
            if each.apart and len(each.has) == len(sizes):  # what a product with a vector sums over
                self.block = max(min(self.block, together() * prod(dims) // prod(each.shape)), 1)
        self._lay_out(dims, self._runs_in(whole), natural, gone)
        self.turned = self.order != tuple(sorted(self.order))
        place = {run: at for at, run in enumerate(self.order)}

        def placed(axes: Has) -> Has:
            return frozenset([place[run] for run in self._runs_in(axes)])

        self.dims: Shape = tuple([dims[run] for run in self.order])
        self.has: list[Has] = [placed(each) for each in has]
        self.row: Sequence[int | None] = [
            None if each.row is None else place[self.run_of[each.row]] for each in steps
        ]
        self.gone: Sequence[tuple[int, ...]] = [
            tuple(sorted(placed(each.gone or frozenset()))) for each in steps
        ]
        self.reduced: Sequence[tuple[int, ...]] = [tuple(sorted(placed(each))) for each in gone]
        self.tile: Shape = tiling(
            self.dims, frozenset(a for axes in self.reduced for a in axes), placed(whole), self.block
        )
        self.grid = tuple([-(-size // length) for size, length in zip(self.dims, self.tile, strict=True)])
        self.count = prod(self.grid)
        self.matrices = [self._dims_of(each.places) if each.apart else None for each in inputs]
        self.products = [None if each.product is None else self.dims_of(each.product) for each in reductions]
        self._chain()
        self._assign()
        self.buffered = buffered(self.tile[-1] if self.tile else 1)
        self.calls = len(self.units) + len(reductions)
        self.chained = (
            all(isinstance(each, LoopChain) for each in self.units)
            and not self.loads
            and self.direct.issuperset(self.stored)
            and len(self.left_by_chains) == len(reductions)
        )
        self.arrays = [at for at in range(len(inputs)) if not self.is_number(at)]
        self.left = [self._partial_dims(which) for which in range(len(reductions))]
        self.workers = threading.local()
        self._tiles: dict[int, Tile] = {}
        self.took = 0.0  # seconds, for one tile, the last time

    def _merge(self, rank: int, roles: Sequence[Has]) -> None:
        """Makes one of neighbouring axes that everybody treats alike, where all arrays lie in order."""
        self.multiplies = any(each.product is not None for each in self.steps) or any(
            each.product is not None for each in self.reductions
        )
        arrays = [*self.inputs, *self.outputs, *[each.result for each in self.reductions]]
        self.ordered = all(each.ordered for each in arrays)
        self.runs = merged(rank, roles) if self.ordered else [[axis] for axis in range(rank)]
        self.run_of = {axis: at for at, run in enumerate(self.runs) for axis in run}

    def _runs_in(self, axes: Has) -> Has:
        return frozenset([self.run_of[axis] for axis in axes])

    def _lay_out(self, dims: Shape, whole: Has, has: Sequence[Has], gone: Sequence[Has]) -> None:
        """Chooses the order of the axes in a block; `turned` are the inputs that it has another way round."""
        maps, reductions = [], []
        for at, step in enumerate(self.steps, len(self.inputs)):
            operands = [has[each] for each in step.args]
            if step.product is not None:
                continue
            if step.gone is not None:
                reductions.append((operands[0], self._runs_in(step.gone), step.op.reduces is np.add))
            else:
                maps.append((has[at], any(each and each != has[at] for each in operands)))
        for each, axes in zip(self.reductions, gone, strict=True):
            reductions.append((has[each.source], self._runs_in(axes), each.ufunc is np.add))
        arrays = [*has[: len(self.inputs)], *[has[position] for position in self.stored]]
        work = Work([each for each in arrays if len(each) > 1], maps, reductions)
        self.order = work.order(dims, whole, self.block)

    def _turned(self, array: Placement) -> bool:
        """Whether an array has its axes in another order than the block."""
        lies = [self.run_of[axis] for axis in array.places if axis is not None]
        places = [self.order.index(run) for run in dict.fromkeys(lies)]
        return places != sorted(places)

    def _chain(self) -> None:
        """Finds the steps that are done without the interpreter."""
        first = len(self.inputs)
        self.paired: Has = frozenset([each for place in self.pairs for each in (place, place + 1)])
        readers: list[set[int]] = [set() for _ in self.steps]
        for place, step in enumerate(self.steps):
            for each in step.args:
                if each >= first:
                    readers[each - first].add(place)
        for each in self.stored:
            readers[each - first].add(-1)
        for which, reduction in enumerate(self.reductions):
            if reduction.source >= first:
                readers[reduction.source - first].add(-2 - which)
            if reduction.other is not None and reduction.other >= first:
                readers[reduction.other - first].add(-1)
        self.units = chains(self, readers)
        self.left_by_chains = {
            which for each in self.units if isinstance(each, LoopChain) for which in each.leaves
        }

    def _assign(self) -> None:
        """Gives each result a buffer; one that is stored in full is written where it belongs, if it can be.

        So has each input that lies the other way round and is computed with: it is loaded once. What only a
        chain knows has none.
        """
        first = len(self.inputs)
        last: dict[int, int] = {}
        units = list(self._units())
        for number, (_, reads, _) in enumerate(units):
            for each in reads:
                last[each] = number
        for which, reduction in enumerate(self.reductions):
            if reduction.source >= first and which not in self.left_by_chains:
                last[reduction.source] = len(self.steps)
        turned = {at for at, each in enumerate(self.inputs) if self._turned(each)}
        cut = {axis for axis, parts in enumerate(self.grid) if parts > 1}
        direct = {
            position
            for position, array in zip(self.stored, self.outputs, strict=True)
            if cut <= self.has[position] and not self._turned(array)
        }
        self.buffers: dict[int, int] = {}  # of a position
        self.loads: dict[int, list[int]] = {}  # before which step which inputs are copied
        sizes: list[int] = []  # of the buffers, in elements
        free: dict[int, list[int]] = {}  # by size

        def take(position: int) -> None:
            size = self.elements(position)
            held = free.setdefault(size, [])
            if not held:
                held.append(len(sizes))
                sizes.append(size)
            self.buffers[position] = held.pop()

        for number, (unit, reads, results) in enumerate(units):
            for each in reads:
                if each in turned and each not in self.buffers:
                    self.loads.setdefault(number, []).append(each)
                    take(each)
            dying = [each for each in reads if last[each] == number and each in self.buffers]
            for position in results:
                if position in direct:
                    continue
                over = [each for each in dying if self._overwrites(unit, each, position)]
                if over:
                    dying.remove(over[0])
                    free[self.elements(over[0])].append(self.buffers[over[0]])
                take(position)
            for each in dying:
                free[self.elements(each)].append(self.buffers[each])
        # Not a power of two apart, or the buffers' lines would compete for the same places in the cache.
        self.starts = [0]
        for size in sizes:
            self.starts.append(self.starts[-1] + -(-size * 8 // LINE) * LINE + 3 * LINE)
        self.scratch = self.starts.pop()
        scratch = [each.nbytes for each in self.units if isinstance(each, LoopChain)]
        self.arena_bytes = self.scratch + max(scratch, default=0)
        self.buffer_count = len(sizes)
        self.direct: Has = frozenset(direct)

    def _units(self) -> Iterator[tuple[LoopChain | int, list[int], list[int]]]:
        """Each unit, the positions that it reads from before it, and those of its results."""
        for unit in self.units:
            if isinstance(unit, LoopChain):
                yield unit, unit.read(), sorted(unit.kept)
            else:
                yield unit, list(dict.fromkeys(self.steps[unit].args)), [len(self.inputs) + unit]

    def _overwrites(self, unit: LoopChain | int, position: int, result: int) -> bool:
        """Whether a result of a unit may be written over what it reads."""
        first = len(self.inputs)
        if position < first or self.has[position] != self.has[result]:
            return False
        if self.dtype(position).itemsize != self.dtype(result).itemsize:
            return False
        if isinstance(unit, LoopChain):
            return unit.overwrites(position, result)
        step = self.steps[unit]
        return step.gone is None and may_overwrite(step.op, step.attrs)

    def padded(self, position: int) -> bool:
        """Whether something may be read beyond the end of a value."""
        return position >= len(self.inputs) and position not in self.stored

    def dtype(self, position: int) -> np.dtype[Any]:
        """The dtype of a position."""
        first = len(self.inputs)
        found: np.dtype[Any] = (
            self.inputs[position] if position < first else self.steps[position - first]
        ).dtype
        return found

    def elements(self, position: int) -> int:
        """How many elements a value has in a tile."""
        return prod([size for axis, size in enumerate(self.tile) if axis in self.has[position]])

    def is_number(self, position: int) -> bool:
        """Whether a position is that of an input without dims."""
        return position < len(self.inputs) and not self.inputs[position].shape

    def _partial_dims(self, which: int) -> Shape:
        """The shape of what the tiles leave of one reduction."""
        axes, has = self.reduced[which], self.has[self.reductions[which].source]
        if self.reductions[which].product is not None:
            (axis,) = axes
            return (self.grid[axis], *self.reductions[which].result.shape)
        return tuple(
            [self.grid[i] if i in axes else size if i in has else 1 for i, size in enumerate(self.dims)]
        )

    def tile_at(self, number: int) -> Tile:
        """Where a tile lies."""
        found = self._tiles.get(number)
        if found is None:
            places, rest = [], number
            for size in reversed(self.grid):
                rest, place = divmod(rest, size)
                places.append(place)
            places.reverse()
            cuts = [
                slice(place * length, min((place + 1) * length, size))
                for place, length, size in zip(places, self.tile, self.dims, strict=True)
            ]
            shape = tuple([cut.stop - cut.start for cut in cuts])
            corner = np.array([cut.start for cut in cuts], np.int64)
            found = Tile(places, cuts, shape, corner)
            if len(self._tiles) < REMEMBERED:
                self._tiles[number] = found
        return found

    def nbytes(self) -> int:
        """The bytes it needs beside inputs and results."""
        partials: int = sum(
            prod(dims) * each.dtype.itemsize for dims, each in zip(self.left, self.reductions, strict=True)
        )
        return partials + self.arena_bytes * max(threads(), 1)

    def as_in_blocks(self, value: Any, array: Placement) -> Any:
        """An array as a view whose dims are those of the blocks, 1 where it has no such axis."""
        value = np.asarray(value)
        if array.apart:
            return value
        if self.ordered:
            if array.dims is None:
                has = self._runs_in(array.has)
                dims = [size for _, size in sorted(zip(self.order, self.dims, strict=True))]
                array.dims = tuple([size if run in has else 1 for run, size in enumerate(dims)])
            if value.shape != array.dims:
                value = value.reshape(array.dims)
            return value.transpose(self.order) if self.turned else value
        value = value[(*[0 if each is None else slice(None) for each in array.places], ...)]
        axes = [each for each in array.places if each is not None]
        value = value.transpose([axes.index(axis) for axis in self.order if axis in array.has])
        return value[tuple([slice(None) if axis in array.has else None for axis in self.order])]

    def dims_of(self, how: Matrices) -> list[Places]:
        """Which dims of a block the matrices of a product have."""
        return [self._dims_of(each) for each in how.dims]

    def _dims_of(self, places: Places) -> Places:
        """Which dims of a block some axes are."""
        return tuple([None if axis is None else self.order.index(self.run_of[axis]) for axis in places])

    def describe(self) -> str:
        """How it is cut, in a few words."""
        dims, tile = ("×".join(str(size) for size in each) for each in (self.dims, self.tile))
        turned = " (axes turned)" if self.turned else ""
        return f"{dims}{turned} in {self.count} blocks of {tile}, {self.buffer_count} buffers"
