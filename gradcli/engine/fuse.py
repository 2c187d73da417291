"""Which computations run together: groups of work over the same axes, done block by block.

Work over the same axes belongs to one group unless a sum over what is cut, a matrix product or the like
stands between. A reduction of dims that every block holds whole is work like any other. A later group
computes cheap values again rather than have an earlier one store them. Called by `plan`, on the rows of
`numbering`.
"""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.axes import Axes, Space
from gradcli.engine.joining import MOST, Units
from gradcli.engine.products import Product, goes_by_blocks, is_left_by_blocks, product_in_blocks, readers
from gradcli.engine.settings import SHARES, largest_small, row_room

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gradcli.engine.axes import Places
    from gradcli.engine.numbering import Numbered
    from gradcli.tape.node import Node, Shape

    Read = tuple[int, Places, bool]
    """A number that is read, its axes, and whether it may be in the group of what reads it."""

REDUCED_DTYPES = frozenset(np.dtype(name).num for name in ("float64", "float32", "int64"))
"""In which dtypes partial results of a reduction are as good as the whole."""

STORE, LOAD = 3.6, 0.6
"""Nanoseconds an element for storing a value and loading it again: what takes less is computed twice. And for
loading each array that it is computed from."""


SHORT_ROWS = 2048
"""Elements of what blocks hold whole up to which they do so for small results as well: that costs nothing."""


class Kind(Enum):
    """How a number gets its value."""

    GIVEN = 0
    BLOCK = 1  # in a group, block by block
    REDUCTION = 2  # at the end of a group, from what each block leaves
    VIEW = 3  # of another value; groups read that instead
    WHOLE = 4  # by one call of the operation's kernel


class Group:
    """Work over the axes of one space, done block by block.

    Attributes:
        space: whose values are in it.
        stage: how many barriers stand before it.
        body: the numbers computed in it.
        stored: those of them that are kept in full.
        reduced: the reductions that end in it.
    """

    __slots__ = ("body", "reduced", "space", "stage", "stored")

    def __init__(self, space: Space, stage: int) -> None:
        self.space = space
        self.stage = stage
        self.body: set[int] = set()
        self.stored: set[int] = set()
        self.reduced: list[int] = []


class Fusion:
    """The kinds of all numbers, and the groups.

    Attributes:
        kinds: for each number.
        axes: of all values that could be worked on in blocks.
        whole: for each space the axes that its blocks hold whole.
        groups: inputs first.
        products: of those that are worked on in blocks.
        viewed: the numbers of kind VIEW that somebody needs as an array.
    """

    def __init__(self, numbered: Numbered) -> None:
        self.rows = numbered.rows
        self.nodes = numbered.nodes
        self.axes = Axes()
        self._reads: dict[int, list[Read]] = {}
        self.products: dict[int, Product] = {}
        self._readers = readers(self.rows, numbered.outputs)
        self.kinds: list[Kind] = []
        self._find_kinds(numbered)
        self.whole = self._choose_whole()
        self.stages = self._stages()
        self._join_stages()
        self.viewed: set[int] = set()
        self._groups: dict[tuple[int, int], Group] = {}
        self._chains: dict[int, float] = {}
        self._demand(numbered.outputs)
        self.groups = sorted(
            (group for group in self._groups.values() if group.body or group.reduced),
            key=lambda group: group.stage,
        )

    def shape(self, index: int) -> Shape:
        """The shape of a number."""
        return self.nodes[index].shape

    def args(self, index: int) -> tuple[int, ...]:
        """The numbers that a number is computed from."""
        row = self.rows[index]
        return row[1] if self.kinds[index] is not Kind.GIVEN else ()

    def base(self, index: int) -> int:
        """The number of which this one is a view, or itself."""
        while self.kinds[index] is Kind.VIEW:
            index = self.rows[index][1][0]
        return index

    def spread(self, index: int) -> int:
        """The number whose value this one has, but for broadcasting."""
        while self.kinds[index] is Kind.VIEW and self.rows[index][0].broadcasts:
            index = self.rows[index][1][0]
        return index

    def in_block(self, index: int) -> bool:
        """Whether a number is computed in a block, and there for others in it."""
        return self.kinds[index] is Kind.BLOCK

    def reads(self, index: int) -> list[Read]:
        """What a number of a group reads, once the kinds of what it is computed from are settled."""
        found = self._reads.get(index)
        if found is None:
            found = self._reads[index] = list(self._read(index))
        return found

    def _read(self, index: int) -> Iterator[Read]:
        axes = self.axes
        mine = axes.known(axes.source[index] if index in axes.source else axes.places[index])
        product = self.products.get(index)
        known = dict(zip(product.letters, mine, strict=True)) if product is not None else {}
        for at, arg in enumerate(self.args(index)):
            if product is not None and at != product.block:
                source, letters = product.sources[at]
                yield source, tuple([known.get(each) for each in letters]), False
                continue
            if (index, at) in axes.ties:
                base = self.base(arg)
                if base in axes.places:
                    yield base, axes.known(axes.places[base]), self.in_block(base)
                    continue
            source = self.spread(arg)
            shape = self.shape(source)
            places = [None if size == 1 else mine[dim - len(shape)] for dim, size in enumerate(shape)]
            yield source, tuple(places), False

    def _seen(self, index: int, letters: tuple[Any, ...]) -> tuple[int, tuple[Any, ...]]:
        """The number of which this one is a view that turns dims, and the letters of its dims."""
        while self.kinds[index] is Kind.VIEW:
            row = self.rows[index]
            (source,) = row[1]
            dims = row[0].arranges(self.shape(source), self.shape(index), *self.nodes[index].attrs)
            if dims is None or sorted([-1 if each is None else each for each in dims]) != [
                *range(len(letters))
            ]:
                break
            index, letters = source, tuple([letters[dims.index(at)] for at in range(len(letters))])
        return index, letters

    def _stays_in_blocks(self, arg: int, product: int) -> bool:
        """Whether an operand of a product is worked on in blocks, and read only there or by such products."""
        base = self.base(arg)
        if self.kinds[base] not in (Kind.BLOCK, Kind.REDUCTION) or base not in self.axes.places:
            return False
        rows, nodes = self.rows, self.nodes
        return base not in self.products and all(
            each == product
            or each in self.products
            or goes_by_blocks(rows, each)
            or is_left_by_blocks(rows, nodes, each, base)
            for each in self._readers[base]
        )

    def _find_kinds(self, numbered: Numbered) -> None:
        """First every value that could be worked on in blocks is placed."""
        kinds = self.kinds
        large = largest_small()
        axes = self.axes
        given = frozenset(numbered.given)
        for index, (row, node) in enumerate(zip(self.rows, self.nodes, strict=True)):
            op = row[0]
            if index in given:
                kinds.append(Kind.GIVEN)
                if node.size > large and not node.op.parts:
                    axes.load(index, node)
                continue
            args = row[1]
            if op.elementwise and node.size > 1:
                if node.size > large or any(each in axes.places for each in args):
                    axes.elementwise(index, node, args)
                    if node.size > large or any((index, at) in axes.ties for at in range(len(args))):
                        kinds.append(Kind.BLOCK)
                        continue
                    axes.unplace(index)
            elif op.by_rows is not None:
                dim, shape = node.attrs[0][0], self.row_shape(index)
                if shape[dim] > 1 and prod(shape) > large and len(shape) > 1:
                    if node.shape == shape:
                        axes.elementwise(index, node, args)
                    else:
                        axes.reduction(index, shape, (dim,), args)
                    kinds.append(Kind.REDUCTION)  # until it is known what blocks hold whole
                    continue
            elif op.reduces is not None and node.attrs[0] and row[3] in REDUCED_DTYPES:
                source = self.nodes[args[0]]
                if source.size > large or (args[0] in axes.places and source.size > 1):
                    axes.reduction(index, source.shape, node.attrs[0], args)
                    kinds.append(Kind.REDUCTION)
                    continue
            elif op.arranges is not None:
                dims = op.arranges(self.shape(args[0]), node.shape, *node.attrs)
                if args[0] in axes.places and dims is not None:
                    axes.view(index, args[0], dims)
                    kinds.append(Kind.VIEW)
                    continue
                if op.broadcasts:
                    kinds.append(Kind.VIEW)
                    continue
            if op.terms is not None and self._as_product(index, node):
                continue
            kinds.append(Kind.WHOLE)
            if node.size > large and not op.parts:
                axes.load(index, node)

    def _as_product(self, index: int, node: Node) -> bool:
        """Places a product that is worked on in blocks, if it is one."""
        large = largest_small()
        args = self.rows[index][1]
        if max([self.nodes[each].size for each in (index, *args)]) <= large or len(args) != 2:
            return False
        terms, out = node.op.terms(node)  # type: ignore[misc]
        sources = [self._seen(each, tuple(letters)) for each, letters in zip(args, terms, strict=True)]
        product = product_in_blocks(
            [*[self.nodes[each] for each in args], node],
            [*[tuple(each) for each in terms], tuple(out)],
            [(arg, tuple(letters)) for arg, letters in zip(args, terms, strict=True)],
            sources,
            all(goes_by_blocks(self.rows, each) for each in self._readers[index]),
            lambda arg: self._stays_in_blocks(arg, index),
        )
        if product is None:
            return False
        if product.block is None:
            self.axes.places[index] = self.axes.fresh(index, node.shape)
            self.kinds.append(Kind.BLOCK)
        else:
            arg = args[product.block]
            if not self.axes.contraction(index, self.shape(arg), arg, product.block):
                return False
            self.kinds.append(Kind.REDUCTION)
        self.products[index] = product
        return True

    def _choose_whole(self) -> dict[Space, frozenset[int]]:
        """For each space the axes that its blocks hold whole: those of reductions that go on in it."""
        axes = self.axes
        wishes: dict[Space, dict[frozenset[int], int]] = {}
        goes_on: set[int] = set()
        for reader, at in axes.ties:
            base = self.base(self.args(reader)[at])
            if self.kinds[base] is Kind.REDUCTION and any(each is not None for each in axes.places[base]):
                goes_on.add(base)
        by_rows = [
            index
            for index, kind in enumerate(self.kinds)
            if kind is Kind.REDUCTION and self.rows[index][0].by_rows is not None
        ]
        made = [index for index, product in self.products.items() if product.block is None]
        leads = self._leads()
        needed: set[tuple[Space, frozenset[int]]] = set()
        for index in sorted(goes_on.union(by_rows, made)):
            space, whole = axes.space(index), self.along(index)
            wish = wishes.setdefault(space, {})
            wish[whole] = wish.get(whole, 0) + self.nodes[self.args(index)[0]].size
            if index not in goes_on or leads.get(index, 0) > largest_small():
                needed.add((space, whole))
        chosen: dict[Space, frozenset[int]] = {}
        for space, wish in wishes.items():
            frame = axes.known(space.frame)
            whole = frozenset()
            for gone in sorted(wish, key=lambda each: ((space, each) not in needed, -wish[each])):
                small = whole and (space, gone) not in needed
                # What is held whole already may be turned away: then the last of the others is cut.
                last = next((each for each in reversed(frame) if not (small and each in whole)), frame[-1])
                assert last is not None
                room = row_room(None if last in gone | whole else axes.sizes[last])
                if small:
                    room = min(room, SHORT_ROWS)
                if prod([axes.sizes[each] for each in gone | whole]) <= room:
                    whole |= gone
            chosen[space] = whole
        for index, kind in enumerate(self.kinds):
            goes = kind is Kind.REDUCTION and any(each is not None for each in axes.places.get(index, ()))
            if goes and self.along(index) <= chosen.get(axes.space(index), frozenset()):
                self.kinds[index] = Kind.BLOCK
        for index in by_rows:
            if self.kinds[index] is not Kind.BLOCK:
                self.kinds[index] = Kind.WHOLE
                axes.unplace(index)
        return chosen

    def _leads(self) -> dict[int, int]:
        """For each number how many elements the largest value has that is worked on in blocks with it."""
        found: dict[int, int] = {}
        for reader, at in sorted(self.axes.ties, reverse=True):
            args = self.args(reader)
            base = self.base(args[at])
            size = max([self.nodes[reader].size, found.get(reader, 0)])
            found[base] = max(found.get(base, 0), size)
        return found

    def row_shape(self, index: int) -> Shape:
        """The shape of what goes by rows: that of the result, with the dim that it may have no more."""
        node, first = self.nodes[index], self.shape(self.rows[index][1][0])
        if len(first) == node.ndim:
            return node.shape
        (dim,) = node.attrs[0]
        before = len(first) + dim
        return (*node.shape[:before], first[dim], *node.shape[before:])

    def along(self, index: int) -> frozenset[int]:
        """The axes that a block must hold whole for a number."""
        if index in self.axes.source:
            return self.gone(index)
        if index in self.products:  # the matrix that is read again for each block is read as it is
            rows, columns = self.axes.known(self.axes.places[index])
            shape = self.shape(index)
            read = columns if shape[0] >= shape[1] else rows
            return frozenset() if read is None else frozenset([read])
        (dim,) = self.nodes[index].attrs[0]
        return frozenset([self.axes.known(self.axes.places[index])[dim]])

    def gone(self, index: int) -> frozenset[int]:
        """The axes that a placed reduction reduces."""
        axes = self.axes
        product = self.products.get(index)
        if product is not None:
            places = zip(product.letters, axes.known(axes.source[index]), strict=True)
            return frozenset(
                [axis for letter, axis in places if letter not in product.out and axis is not None]
            )
        left = axes.known(axes.places[index])
        return frozenset([each for each in axes.known(axes.source[index]) if each is not None]) - set(left)

    def _stages(self) -> list[int]:
        """Values of one group have one stage; whatever reads across a barrier has a later one."""
        stages: list[int] = []
        large = largest_small()
        for index, kind in enumerate(self.kinds):
            if kind is Kind.GIVEN:
                stages.append(0)
                continue
            if kind is Kind.VIEW:
                stages.append(stages[self.args(index)[0]])
                continue
            if kind is not Kind.WHOLE:
                stage, among = 1, 0
                for source, _, inside in self.reads(index):
                    stage = max(stage, stages[source] + (not inside))
                    if inside:
                        among = max(among, stages[source])
                reduced = index in self.axes.source
                size = self.nodes[self.args(index)[0] if reduced else index].size
                if index in self.products:
                    size = max([size, *[self.nodes[each].size for each in self.args(index)]])
                if size > large * (SHARES if self.rows[index][0].reduces is np.add else 1) or among == stage:
                    stages.append(stage)
                    continue
                # Nothing of its stage leads to it: it is small, and one call computes it.
                self.kinds[index] = Kind.WHOLE
                self.axes.unplace(index)
                self.products.pop(index, None)
            last = max([stages[self.base(each)] for each in self.args(index)], default=0)
            stages.append(last + (last > 0))  # what no group leads to waits for nothing
        return stages

    def _join_stages(self) -> None:
        """Has values of one space wait for a later stage of it, where nothing between the two needs them."""
        axes = self.axes
        units: list[Any] = []
        waits: dict[Any, set[Any]] = {}
        barred: set[tuple[Any, Any]] = set()  # what one of a space reads of another as an array
        for index, kind in enumerate(self.kinds):
            grouped = kind in (Kind.BLOCK, Kind.REDUCTION)
            unit = (id(axes.space(index)), self.stages[index]) if grouped else index
            units.append(unit)
            if grouped:
                sources = [(units[source], inside) for source, _, inside in self.reads(index)]
            else:
                sources = [(units[each], False) for each in self.args(index)]
            for source, inside in sources:
                if source != unit:
                    waits.setdefault(unit, set()).add(source)
                    if not inside:
                        barred.add((source, unit))
        stages: dict[int, set[int]] = {}
        for unit in units:
            if type(unit) is tuple:
                stages.setdefault(unit[0], set()).add(unit[1])
        if sum(len(each) for each in stages.values()) > MOST:
            return
        known = Units(waits)
        becomes: dict[Any, Any] = {}
        for space, some in stages.items():
            in_order = sorted(some)
            for first, last in pairwise(in_order):
                one, other = (space, first), (space, last)
                if (one, other) not in barred and known.joins(one, other):
                    becomes[one] = other
                    barred |= {(other, later) for earlier, later in barred if earlier == one}
        for index, unit in enumerate(units):
            while unit in becomes:
                unit = becomes[unit]
                self.stages[index] = unit[1]

    def home(self, index: int) -> Group:
        """The group of a number that is worked on in blocks."""
        space, stage = self.axes.space(index), self.stages[index]
        key = (id(space), stage)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(space, stage)
        return group

    def _demand(self, outputs: tuple[int, ...]) -> None:
        """Finds what each group must compute, from what is wanted of it, last groups first."""
        for index in outputs:
            self._require(index)
        for index, kind in enumerate(self.kinds):
            if kind is Kind.WHOLE:
                for each in self.args(index):
                    self._require(each)
            elif kind in (Kind.BLOCK, Kind.REDUCTION):
                if kind is Kind.REDUCTION:
                    self.home(index).reduced.append(index)
                for source, _, inside in self.reads(index):
                    if not inside:
                        self._require(source)
        anchored: set[int] = set()  # what its own stage needs anyway
        for group in list(self._groups.values()):
            self._close(group, group.stored, anchored)
            self._close(group, self._inside(group.reduced), anchored)
        for group in sorted(self._groups.values(), key=lambda group: -group.stage):
            self._fill(group, anchored)

    def _require(self, index: int) -> None:
        """Somebody needs the number as an array."""
        while self.kinds[index] is Kind.VIEW:
            self.viewed.add(index)
            index = self.args(index)[0]
        if self.in_block(index):
            self.home(index).stored.add(index)

    def _inside(self, indices: Iterable[int]) -> list[int]:
        """What numbers read that may be in their group."""
        return [source for index in indices for source, _, inside in self.reads(index) if inside]

    def _close(self, group: Group, roots: Iterable[int], reached: set[int]) -> None:
        pending = [index for index in roots if self.stages[index] == group.stage]
        while pending:
            index = pending.pop()
            if index not in reached:
                reached.add(index)
                pending.extend(each for each in self._inside((index,)) if self.stages[each] == group.stage)

    def _fill(self, group: Group, anchored: set[int]) -> None:
        pending = [*group.stored, *self._inside(group.reduced)]
        while pending:
            index = pending.pop()
            if index in group.body:
                continue
            if self.stages[index] != group.stage:
                home = self.home(index)
                cheap = index not in self.axes.source and self._chain(index) <= STORE
                if index in home.stored or (index in anchored and not cheap):
                    home.stored.add(index)
                    continue
            group.body.add(index)
            pending.extend(self._inside((index,)))

    def _chain(self, index: int) -> float:
        """About how long an element takes from what is stored or reduced, in nanoseconds."""
        pending = [index]
        chains = self._chains
        while pending:
            top = pending[-1]
            below = [each for each in self._inside((top,)) if each not in self.axes.source]
            missing = [each for each in below if each not in chains]
            if missing:
                pending.extend(missing)
                continue
            pending.pop()
            product = self.products.get(top)
            cost = self.rows[top][0].cost if product is None else product.cost
            size = self.nodes[top].size
            loads = [self.nodes[each].size == size for each, _, inside in self.reads(top) if not inside]
            cost += LOAD * sum(loads)
            chains[top] = min(cost + sum(chains[each] for each in below), 1e6)
        return chains[index]
