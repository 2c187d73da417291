"""A stretch of tape that is run many times: numbered and shared once, then made into what runs best.

`engine.pullbacks` has one for each kind of node, `engine.replay` one for the walk of a loop, `compile` one
for a program.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.generate import generate
from gradcli.engine.numbering import Numbered
from gradcli.engine.run import evaluate, pending
from gradcli.errors import GradcliError
from gradcli.tape.node import LARGE, LEAF, Node
from gradcli.tape.primitives import LITERAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[..., tuple[Any, ...]]


class Trace:
    """From other values of `inputs` to the values of `outputs`.

    Args:
        inputs: nodes whose values are given anew each time, in the shapes and dtypes that they have here.
            Each is known by itself: two that happen to be equal, or one array, stay two.
        outputs: nodes, computed or not; None stands for itself.
    """

    def __init__(self, inputs: Sequence[Node], outputs: Sequence[Node | None]) -> None:
        wanted = [node for node in outputs if node is not None and node.value is None]
        order, large = pending(wanted)
        if _settled(order, frozenset(inputs)):
            order, large = pending(wanted)
        self.large = bool(large) or any(node.size > LARGE for node in inputs)
        self.numbered = Numbered(order, outputs, inputs, self.large)
        self.hopeful = partial(Numbered, order, outputs, inputs, self.large, True)
        """Makes the same without what guards."""

    def compiled(self, hopeful: bool = False) -> Function:
        """As one generated function, for small arrays and scalars.

        Args:
            hopeful: whether it shall do without what guards as long as all is finite.
        """
        return generate(self.numbered, self.hopeful if hopeful else None)

    def planned(self) -> Function:
        """As a plan, for large arrays."""
        from gradcli.engine.large import hopefully, plan_for

        hopeful, careful = self.hopeful(), self.numbered
        plan = plan_for(hopeful)
        constants = hopeful.constants()
        slow: Function | None = None

        def run(*values: Any) -> tuple[Any, ...]:
            nonlocal slow
            given = [np.ascontiguousarray(v) if isinstance(v, np.ndarray) and v.ndim else v for v in values]
            if slow is None:
                found = hopefully(hopeful, plan, [*given, *constants])
                if found is not None:
                    return tuple([None if index is None else found[index] for index in hopeful.wanted])
                slow = _carefully(careful)  # and from now on: most of what isn't finite stays so
            return slow(given)

        return run


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

    def run(given: list[Any]) -> tuple[Any, ...]:
        found = plan.run([*given, *constants])
        return tuple([None if place is None else found[place] for place in places])

    return run
