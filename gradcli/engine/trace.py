"""A stretch of tape that is run many times: numbered and shared once, then made into what runs best.

`engine.pullbacks` has one for each kind of node, `engine.replay` one for the walk of a loop, `compile` one
for a program.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.generate import generate
from gradcli.engine.numbering import Numbered
from gradcli.engine.run import evaluate, pending
from gradcli.engine.settings import large_from
from gradcli.errors import GradcliError
from gradcli.tape.node import LARGE, LEAF, Node, in_order_of_making
from gradcli.tape.primitives import LITERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.engine.plan import Plan

    Function = Callable[..., tuple[Any, ...]]

FEW = 9
"""Arrays of fewer elements are never worked on in chains of loops."""
LONG, SHARE = 64, 0.7
"""How many operations a program has at least on such arrays that is planned, and which part of them all."""
GROUP, CHAIN, STEP = 60.0, 8.0, 1.5
"""Microseconds that a plan takes for a group, for a chain of loops, and for any other step."""
LEAST = 0.4
"""Which part of the calls of a program a plan has to save."""


class Trace:
    """From other values of `inputs` to the values of `outputs`.

    Args:
        inputs: nodes whose values are given anew each time, in the shapes and dtypes that they have here.
            Each is known by itself: two that happen to be equal, or one array, stay two.
        outputs: nodes, computed or not; None stands for itself.
    """

    def __init__(self, inputs: Sequence[Node], outputs: Sequence[Node | None]) -> None:
        wanted = [node for node in outputs if node is not None and node.value is None]
        order, _ = pending(wanted)
        if _settled(order, frozenset(inputs)):
            order, _ = pending(wanted)
        order = in_order_of_making(order)
        self.large = any(_works_on_large(node) for node in order)
        self.order = order
        self.whole = partial(Numbered, order, outputs, inputs, self.large)
        """Numbers it, while nodes still know what they come from."""
        self.hopeful = partial(Numbered, order, outputs, inputs, self.large, True)
        """Makes the same without what guards."""
        self.fine = partial(Numbered, order, outputs, inputs, True)
        """Makes the same for a plan, without what guards or with it."""

    @cached_property
    def numbered(self) -> Numbered:
        """It as it is."""
        return self.whole()

    def compiled(self, hopeful: bool = False) -> Function:
        """As one generated function, for small arrays and scalars.

        Args:
            hopeful: whether it shall do without what guards as long as all is finite.
        """
        return generate(self.numbered, self.hopeful if hopeful else None)

    def planned(self) -> Function:
        """As a plan, for large arrays."""
        from gradcli.engine.large import plan_for

        hopeful, numbered = self.hopeful(), self.numbered
        return _hopefully(hopeful, plan_for(hopeful), lambda: _carefully(numbered))

    def chained(self) -> Function | None:
        """As a plan for arrays that are not large, if that pays: where long chains are worked on elementwise.

        The turns of a loop, say: NumPy's loops run one after the other then, and what a call of each would
        cost is saved.
        """
        if self.large or not _elementwise(self.order):
            return None
        from gradcli.engine.large import plan_for

        with large_from(FEW):
            hopeful = self.fine(True)
            plan = plan_for(hopeful)
            if not _pays(plan, hopeful):
                return None
            numbered = self.fine(False)  # now: nodes forget what they come from

        def careful() -> Function:
            with large_from(FEW):
                return _carefully(numbered)

        return _hopefully(hopeful, plan, careful)


def _hopefully(hopeful: Numbered, plan: Plan, careful: Callable[[], Function]) -> Function:
    """A plan without guards, with its constants, until something isn't finite; from then on the other."""
    from gradcli.engine.large import hopefully

    constants = hopeful.constants()
    slow: Function | None = None

    def run(*values: Any) -> tuple[Any, ...]:
        nonlocal slow
        given = [np.ascontiguousarray(v) if isinstance(v, np.ndarray) and v.ndim else v for v in values]
        if slow is None:
            found = hopefully(hopeful, plan, [*given, *constants])
            if found is not None:
                return tuple([None if index is None else found[index] for index in hopeful.wanted])
            slow = careful()  # and from now on: most of what isn't finite stays so
        return slow(*given)

    return run


def _works_on_large(node: Node) -> bool:
    """Whether a node reads or makes a large array; to look at a part of one is no work."""
    return not node.op.views and max([node.size, *[each.size for each in node.inputs]]) > LARGE


def _elementwise(order: Sequence[Node]) -> bool:
    """Whether so much of a computation is elementwise work on arrays that it is worth a plan."""
    arrays = [node for node in order if node.size >= FEW and node.inputs]
    count = sum([node.op.elementwise for node in arrays])
    return count >= LONG and count >= SHARE * len(arrays)


def _pays(plan: Plan, numbered: Numbered) -> bool:
    """Whether a plan saves a good part of what the calls of a generated function take."""
    from gradcli.engine.steps import Fused

    saved, nodes = 0.0, numbered.nodes
    for step in plan.steps:
        if not isinstance(step, Fused):
            saved -= STEP
            continue
        units = step.blocks.units
        single = {each for each in units if isinstance(each, int)}
        each_time = CHAIN * (len(units) - len(single)) + STEP * len(single)
        saved -= GROUP + step.blocks.count * each_time
        saved += sum([_call(nodes[slot].size) for at, slot in enumerate(step.names) if at not in single])
    return saved > LEAST * sum([_call(node.size) for node in nodes if node.inputs])


def _call(size: int) -> float:
    """The microseconds more than in a chain that an operation on so many elements takes in a function."""
    return min(0.35 + size * 0.00025, size * 0.015)


def _settled(order: Sequence[Node], inputs: frozenset[Node]) -> bool:
    """Gives what depends on constants alone its value, once for all runs; whether there was any.

    Not what is large, but for indices; and where a kernel refuses, the run shall say so. What is broadcast
    keeps none: who reads it reads what it was before.
    """
    found: set[Node] = set()
    spread: list[Node] = []
    for node in order:
        if (
            node.inputs
            and (node.size <= LARGE or _indices(node))
            and not (node.op.parts or node.op.of_program or node.op.passes)
            and all(_is_constant(each, inputs) or each in found for each in node.inputs)
        ):
            try:
                evaluate(node)
            except GradcliError:
                continue
            found.add(node)
            if node.op.broadcasts:
                spread.append(node)
    for node in spread:
        node.value = None
    return len(found) > len(spread)


def _indices(node: Node) -> bool:
    """Whether a node holds whole numbers, and no more than what they come from."""
    return node.dtype.kind == "i" and node.size <= max([each.size for each in node.inputs])


def _is_constant(node: Node, inputs: frozenset[Node]) -> bool:
    return node.value is not None and node not in inputs and (node.op is LEAF or node.op is LITERAL)


def _carefully(numbered: Numbered) -> Function:
    """The plan of all that is numbered, with its constants."""
    from gradcli.engine.large import plan_for

    plan = plan_for(numbered)
    constants = numbered.constants()
    at = {index: place for place, index in enumerate(plan.outputs)}
    places = [None if index is None else at[index] for index in numbered.wanted]

    def run(*given: Any) -> tuple[Any, ...]:
        found = plan.run([*given, *constants])
        return tuple([None if place is None else found[place] for place in places])

    return run
