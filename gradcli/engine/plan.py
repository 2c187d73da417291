"""A plan: what is computed in which order, where, and when it is freed. Data, and readable as text.

`plan_of` makes it, once for each structure; `Plan.run` fills it with values, any number of times.
Called by `large`, and by whoever runs one program many times.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blocks import Blocks, Matrices, Operation, Placement, Reduction
from gradcli.engine.fuse import Fusion, Group, Kind
from gradcli.engine.numbering import Numbered
from gradcli.engine.steps import Fused, Spare, Whole
from gradcli.engine.together import calls, reads, side_by_side, writes
from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.node import FLOAT64, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.engine.products import Product
    from gradcli.engine.steps import Step


class Plan:
    """Steps over numbered slots.

    Attributes:
        given: the slots filled from outside.
        outputs: the slots asked for.
        steps: in order.
        freed: for each step the slots nobody reads after it.
        reused: those of them whose arrays may be written over.
        peak: the most bytes that its arrays take at once, beside what is given.
    """

    __slots__ = ("freed", "given", "outputs", "peak", "reused", "size", "steps")

    def __init__(self, numbered: Numbered, steps: Sequence[Step], outputs: Sequence[int], size: int) -> None:
        self.given = tuple(numbered.given)
        self.outputs = tuple(outputs)
        self.steps = tuple(steps)
        self.size = size
        self._live()

    def _live(self) -> None:
        last: dict[int, int] = {}
        for place, step in enumerate(self.steps):
            for each in (*reads(step), *writes(step)):
                last[each] = place
        shared: set[int] = set()
        for step in self.steps:
            if isinstance(step, Whole) and step.op.into is None:
                shared.update(step.args)  # the result may be a view of any of them
        forever = {*self.outputs, *self.given}
        self.freed: list[tuple[int, ...]] = [()] * len(self.steps)
        self.reused: list[tuple[int, ...]] = [()] * len(self.steps)
        stored = {slot for step in self.steps if isinstance(step, Fused) for slot in step.stored}
        for slot, place in last.items():
            if slot not in forever:
                self.freed[place] = (*self.freed[place], slot)
                if slot in stored and slot not in shared:
                    self.reused[place] = (*self.reused[place], slot)
        self.peak = self._peak()

    def _peak(self) -> int:
        sizes: dict[int, int] = {}
        live = peak = 0
        for step, freed in zip(self.steps, self.freed, strict=True):
            if isinstance(step, Fused):
                for slot, shape, dtype in zip(step.stored, step.shapes, step.dtypes, strict=True):
                    sizes[slot] = prod(shape) * dtype.itemsize
                    live += sizes[slot]
                peak = max(peak, live + step.blocks.nbytes())
            else:
                for each in calls(step):
                    sizes[each.slot] = each.nbytes
                    live += each.nbytes
                peak = max(peak, live)
            live -= sum(sizes.get(slot, 0) for slot in freed)
        return peak

    def run(self, values: Sequence[Any], nodes: Sequence[Node] | None = None) -> list[Any]:
        """The outputs' values from those of the given slots.

        Args:
            values: one for each given slot.
            nodes: one for each slot; what a kernel refuses points at their calls.

        Raises:
            GradcliError: `limit` when its arrays would take more memory than the evaluation may use.
        """
        context.admit(self.peak)
        slots: list[Any] = [None] * self.size
        for slot, value in zip(self.given, values, strict=True):
            slots[slot] = value
        with np.errstate(all="ignore"):
            self._run(slots, nodes)
        return [slots[slot] for slot in self.outputs]

    def _run(self, slots: list[Any], nodes: Sequence[Node] | None) -> None:
        spare = Spare()
        on_time = context.current().on_time
        for step, freed, reused in zip(self.steps, self.freed, self.reused, strict=True):
            if on_time is not None:
                on_time()
            try:
                step.run(slots, spare)
            except GradcliError as error:  # a singular matrix, an index out of range: seen only now
                call = nodes[step.slot].call if nodes is not None and isinstance(step, Whole) else None
                if error.span is None and call is not None:
                    error.span = call.span
                raise
            for slot in reused:
                spare.give(slots[slot])
            for slot in freed:
                slots[slot] = None

    def describe(self) -> str:
        """The plan as text, a line for each step."""
        lines = [f"given: {', '.join(f'%{each}' for each in self.given)}"]
        for step, freed in zip(self.steps, self.freed, strict=True):
            lines.append(step.describe())
            if freed:
                lines.append(f"free {', '.join(f'%{each}' for each in freed)}")
        lines.append(f"outputs: {', '.join(f'%{each}' for each in self.outputs)}; peak {self.peak:,} bytes")
        return "\n".join(lines)


def plan_of(numbered: Numbered) -> Plan:
    """The plan of a numbered computation."""
    fusion = Fusion(numbered)
    steps: list[Step] = []
    makers: dict[int, Any] = {}  # the group that a slot comes from
    for group in fusion.groups:
        for index in (*group.stored, *group.reduced):
            makers[index] = group
    done: set[Any] = set()
    for index, kind in enumerate(fusion.kinds):
        if kind is Kind.WHOLE or index in fusion.viewed or index in makers:
            _emit(makers.get(index, index), fusion, makers, done, steps)
    return Plan(numbered, side_by_side(steps), numbered.outputs, len(numbered.rows))


def _emit(target: Any, fusion: Fusion, makers: dict[int, Any], done: set[Any], steps: list[Any]) -> None:
    """Appends a step after those it reads from."""
    pending = [target]
    while pending:
        top = pending[-1]
        if top in done:
            pending.pop()
            continue
        missing = [
            maker
            for maker in (makers.get(each, each) for each in _reads(top, fusion))
            if maker not in done and not (type(maker) is int and fusion.kinds[maker] is Kind.GIVEN)
        ]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        done.add(top)
        steps.append(_fused(top, fusion) if isinstance(top, Group) else _whole(top, fusion))


def _reads(target: Any, fusion: Fusion) -> list[int]:
    """The numbers whose arrays a step reads."""
    if not isinstance(target, Group):
        return list(fusion.args(target))
    return list(dict.fromkeys([source for source, _ in _inputs(target, fusion)]))


def _inputs(group: Group, fusion: Fusion) -> dict[tuple[int, Any], None]:
    """What a group reads, each with its axes: one array may be read along different ones."""
    found: dict[tuple[int, Any], None] = {}
    for index in (*sorted(group.body), *group.reduced):
        for source, places, inside in fusion.reads(index):
            if not (inside and source in group.body):
                found[source, places] = None
    return found


def _whole(index: int, fusion: Fusion) -> Whole:
    node = fusion.nodes[index]
    return Whole(node.op, fusion.args(index), node.attrs, index, node)


def _fused(group: Group, fusion: Fusion) -> Fused:
    axes, nodes = fusion.axes, fusion.nodes
    frame = axes.known(group.space.frame)
    at = {axis: place for place, axis in enumerate(frame)}
    used = [each for _, places in _inputs(group, fusion) for each in places]
    for index in (*group.body, *group.reduced):
        used.extend(axes.known(axes.source[index] if index in axes.source else axes.places[index]))
    # The frame of the space, less what this stage has nothing to do with.
    kept = [axis for axis in frame if axis in set(used)]
    at = {axis: place for place, axis in enumerate(kept)}

    def located(places: Any) -> tuple[int | None, ...]:
        return tuple([None if each is None else at[each] for each in axes.known(places)])

    def laid(index: int) -> Placement:
        return Placement(fusion.shape(index), located(axes.places[index]), True, nodes[index].dtype)

    def matrices(product: Product, index: int) -> Matrices:
        places = located(axes.source[index] if product.block is not None else axes.places[index])
        axis = dict(zip(product.letters, places, strict=True))
        letters = [*[each for _, each in product.sources], product.out]
        dims = [tuple([axis.get(each) for each in some]) for some in letters]
        lies = [
            all(
                axis.get(each) is not None or size == 1
                for each, size in zip(some, fusion.shape(source), strict=True)
            )
            for source, some in product.sources
        ]
        return Matrices(dims, product.turned, product.block, [*lies, product.block is None])

    def gone(index: int) -> frozenset[int]:
        return frozenset([at[each] for each in fusion.gone(index)])

    inputs = list(_inputs(group, fusion))
    place: dict[Any, int] = {key: position for position, key in enumerate(inputs)}

    def operands(index: int) -> tuple[int, ...]:
        return tuple(
            [
                place[source] if inside and source in group.body else place[source, places]
                for source, places, inside in fusion.reads(index)
            ]
        )

    body = schedule(group, fusion)
    steps = []
    for index in body:
        node = nodes[index]
        has = frozenset([each for each in located(axes.places[index]) if each is not None])
        reduced = gone(index) if index in axes.source else None
        along = None
        product = fusion.products.get(index)
        if node.op.by_rows is not None:
            (along,) = [at[each] for each in fusion.along(index)]
        how = None if product is None else matrices(product, index)
        steps.append(Operation(node.op, operands(index), node.attrs, node.dtype, has, reduced, along, how))
        place[index] = len(place)
    reductions = []
    for index in group.reduced:
        product = fusion.products.get(index)
        if product is not None:
            assert product.block is not None
            found = operands(index)
            how = matrices(product, index)
            result = Placement(fusion.shape(index), how.dims[2], True, nodes[index].dtype)
            source, other = found[product.block], found[1 - product.block]
            reductions.append(Reduction(np.add, source, gone(index), result, nodes[index].dtype, other, how))
            continue
        ufunc = nodes[index].op.reduces
        assert ufunc is not None
        (source,) = operands(index)
        reductions.append(Reduction(ufunc, source, gone(index), laid(index), nodes[index].dtype))
    stored = tuple([index for index in body if index in group.stored])
    blocks = Blocks(
        tuple([axes.sizes[axis] for axis in kept]),  # type: ignore[index]
        frozenset([at[axis] for axis in fusion.whole.get(group.space, ()) if axis in at]),
        [
            Placement(fusion.shape(index), located(places), contiguous(index, fusion), nodes[index].dtype)
            for index, places in inputs
        ],
        steps,
        [(place[index], laid(index)) for index in stored],
        reductions,
    )
    return Fused(
        blocks,
        tuple([index for index, _ in inputs]),
        stored,
        tuple([fusion.shape(index) for index in stored]),
        tuple([nodes[index].dtype for index in stored]),
        tuple(group.reduced),
        tuple([nodes[each].dtype is FLOAT64 and not nodes[each].shape for each in group.reduced]),
        tuple(body),
    )


def contiguous(index: int, fusion: Fusion) -> bool:
    """Whether a value is known to lie in memory in order."""
    while True:
        row = fusion.rows[index]
        kind = fusion.kinds[index]
        if kind is Kind.GIVEN:
            return bool(row[0] != "given" or row[3])
        if kind in (Kind.BLOCK, Kind.REDUCTION) or not fusion.shape(index):
            return True
        op = row[0]
        if op.arranges is None or op.broadcasts:
            return not op.views  # kernels lay their results in order, or a copy puts them so
        dims = op.arranges(fusion.shape(row[1][0]), fusion.shape(index), *row[2]) or ()
        kept = [each for each in dims if each is not None]
        if kept != sorted(kept):
            return False
        index = row[1][0]  # the same elements in the same order


def schedule(group: Group, fusion: Fusion) -> list[int]:
    """The group's numbers in an order that keeps few values waiting: depth first from the results.

    Of what a number reads the part comes first that has more waiting while it is computed.
    """
    waiting: dict[int, int] = {}
    for index in sorted(group.body):
        below = sorted([waiting[source] for source in _within(index, group, fusion)], reverse=True)
        waiting[index] = max([each + place for place, each in enumerate(below)], default=1)
    order: list[int] = []
    seen: set[int] = set()
    partners = _partners(group, fusion)
    roots = [source for index in group.reduced for source, _, _ in fusion.reads(index)]
    for root in (*sorted(group.stored), *roots):
        pending = [root]
        while pending:
            top = pending[-1]
            if top in seen or top not in group.body:
                pending.pop()
                continue
            missing = [source for source in _within(top, group, fusion) if source not in seen]
            if missing:
                pending.extend(sorted(missing, key=lambda each: waiting[each]))
                continue
            pending.pop()
            seen.add(top)
            order.append(top)
            partner = partners.get(top)
            if partner is not None and partner not in seen:  # the two are computed together
                seen.add(partner)
                order.append(partner)
    return order


def _within(index: int, group: Group, fusion: Fusion) -> list[int]:
    """What a number of a group reads of others in it."""
    return [source for source, _, inside in fusion.reads(index) if inside and source in group.body]


def _partners(group: Group, fusion: Fusion) -> dict[int, int]:
    """The operations in the group that a kernel computes in pairs, each with the other on the same value."""
    known: dict[Any, int] = {}
    found: dict[int, int] = {}
    for index in sorted(group.body):
        op = fusion.rows[index][0]
        if op.pair is not None:
            source = fusion.reads(index)[0]
            other = known.setdefault((source, op.pair[0]), index)
            if fusion.rows[other][0] is not op:
                found[index], found[other] = other, index
    return found
