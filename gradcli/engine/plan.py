"""A plan: what is computed in which order, where, and when it is freed. Data, and readable as text.

`make_plan` makes it from nodes, once for each structure; `Plan.run` fills it with values, any number
of times. Called by `large`, and by whoever runs one program many times.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcli.engine.blocks import Blocks, Operation, Reduction
from gradcli.engine.fuse import Fusion, Group, Kind
from gradcli.engine.numbering import Numbered
from gradcli.engine.steps import Fused, Spare, Whole
from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.node import FLOAT64, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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

    def __init__(
        self, numbered: Numbered, steps: Sequence[Whole | Fused], outputs: Sequence[int], size: int
    ) -> None:
        self.given = tuple(numbered.given)
        self.outputs = tuple(outputs)
        self.steps = tuple(steps)
        self.size = size
        self._live()

    def _live(self) -> None:
        last: dict[int, int] = {}
        for place, step in enumerate(self.steps):
            if isinstance(step, Fused):
                for each in step.inputs:
                    last[each] = place
                for each in (*step.stored, *step.reduced):
                    last[each] = place
            else:
                for each in step.args:
                    last[each] = place
                last[step.slot] = place
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
                for slot, dtype in zip(step.stored, step.dtypes, strict=True):
                    sizes[slot] = prod(step.shape) * dtype.itemsize
                    live += sizes[slot]
                peak = max(peak, live + step.blocks.nbytes())
            else:
                sizes[step.slot] = step.nbytes
                live += step.nbytes
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
        return [slots[slot] for slot in self.outputs]

    def describe(self) -> str:
        """The plan as text, a line for each step."""
        lines = [f"given: {', '.join(f'%{each}' for each in self.given)}"]
        for step, freed in zip(self.steps, self.freed, strict=True):
            lines.append(step.describe())
            if freed:
                lines.append(f"free {', '.join(f'%{each}' for each in freed)}")
        lines.append(f"outputs: {', '.join(f'%{each}' for each in self.outputs)}; peak {self.peak:,} bytes")
        return "\n".join(lines)


def make_plan(order: Iterable[Node], wanted: Iterable[Node]) -> tuple[Plan, Numbered]:
    """A plan for `wanted`, and how nodes map to its slots.

    Args:
        order: the nodes without a value on which `wanted` depend, inputs first.
        wanted: nodes in `order`.
    """
    numbered = Numbered(order, wanted)
    return plan_of(numbered), numbered


def plan_of(numbered: Numbered) -> Plan:
    """The plan of a numbered computation."""
    fusion = Fusion(numbered)
    steps: list[Whole | Fused] = []
    makers: dict[int, Any] = {}  # the group that a slot comes from
    for group in fusion.groups:
        for index in (*group.stored, *group.reduced):
            makers[index] = group
    done: set[Any] = set()
    for index, kind in enumerate(fusion.kinds):
        if kind is Kind.WHOLE or index in fusion.viewed or index in makers:
            _emit(makers.get(index, index), fusion, makers, done, steps)
    return Plan(numbered, steps, numbered.outputs, len(numbered.rows))


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
        return [fusion.base(target)] if target in fusion.viewed else list(fusion.args(target))
    reads = []
    for index in (*sorted(target.body), *target.reduced):
        for each in fusion.args(index):
            source = fusion.base(each)
            if source not in target.body:
                reads.append(source)
    return list(dict.fromkeys(reads))


def _whole(index: int, fusion: Fusion) -> Whole:
    node = fusion.nodes[index]
    args = (fusion.base(index),) if index in fusion.viewed else fusion.args(index)
    return Whole(node.op, tuple(args), node.attrs, index, node)


def _fused(group: Group, fusion: Fusion) -> Fused:
    inputs = _reads(group, fusion)
    place = {index: position for position, index in enumerate(inputs)}
    body = schedule(group, fusion)
    steps = []
    for index in body:
        node = fusion.nodes[index]
        args = tuple([place[fusion.base(each)] for each in fusion.args(index)])
        steps.append(Operation(node.op, args, node.attrs, node.dtype))
        place[index] = len(place)
    reductions = []
    rank = len(group.shape)
    for index in group.reduced:
        node = fusion.nodes[index]
        axes = tuple([rank + dim for dim in node.attrs[0]])
        source = place[fusion.base(fusion.args(index)[0])]
        ufunc = node.op.reduces
        assert ufunc is not None
        reductions.append(Reduction(ufunc, source, axes, node.dtype))
    stored = tuple([index for index in body if index in group.stored])
    blocks = Blocks(
        group.shape,
        [(fusion.shape(index), contiguous(index, fusion)) for index in inputs],
        steps,
        [place[index] for index in stored],
        reductions,
    )
    nodes = fusion.nodes
    return Fused(
        blocks,
        tuple(inputs),
        stored,
        tuple([nodes[index].dtype for index in stored]),
        tuple(group.reduced),
        tuple([nodes[each].dtype is FLOAT64 and not nodes[each].shape for each in group.reduced]),
        tuple(body),
    )


def contiguous(index: int, fusion: Fusion) -> bool:
    """Whether a value is known to lie in memory in order."""
    row = fusion.rows[index]
    kind = fusion.kinds[index]
    if kind is Kind.GIVEN:
        return bool(row[0] != "given" or row[3])
    return kind in (Kind.ELEMENTWISE, Kind.REDUCTION) or not fusion.shape(index)


def schedule(group: Group, fusion: Fusion) -> list[int]:
    """The group's numbers in an order that keeps few values waiting: depth first from the results."""
    order: list[int] = []
    seen: set[int] = set()
    partners = _partners(group, fusion)
    roots = [fusion.base(fusion.args(index)[0]) for index in group.reduced]
    for root in (*sorted(group.stored), *roots):
        pending = [root]
        while pending:
            top = pending[-1]
            if top in seen or top not in group.body:
                pending.pop()
                continue
            missing = [
                source
                for source in (fusion.base(each) for each in fusion.args(top))
                if source in group.body and source not in seen
            ]
            if missing:
                pending.extend(missing)
                continue
            pending.pop()
            seen.add(top)
            order.append(top)
            partner = partners.get(top)
            if partner is not None and partner not in seen:  # the two are computed together
                seen.add(partner)
                order.append(partner)
    return order


def _partners(group: Group, fusion: Fusion) -> dict[int, int]:
    """The operations in the group that a kernel computes in pairs, each with the other on the same value."""
    known: dict[Any, int] = {}
    found: dict[int, int] = {}
    for index in sorted(group.body):
        op = fusion.rows[index][0]
        if op.pair is not None:
            source = fusion.base(fusion.args(index)[0])
            other = known.setdefault((source, op.pair[0]), index)
            if fusion.rows[other][0] is not op:
                found[index], found[other] = other, index
    return found
