"""Large arrays: a plan is made once for each structure and run with the values at hand.

Called by `run` when any value that is computed or read is large.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.generate import protected
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import Plan, plan_of
from gradcli.tape.custom import origin
from gradcli.tape.node import LARGE, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOST_PLANS = 64
"""How many plans are kept; the one unused for longest goes first."""

_plans: OrderedDict[Any, Plan] = OrderedDict()


def run(order: Sequence[Node], wanted: Iterable[Node]) -> None:
    """Computes `order` (inputs first) and keeps what is wanted, small, or held by the user."""
    kept = [node for node in order if node.size <= LARGE or (node.handle is not None and node.handle())]
    numbered = Numbered(order, [*wanted, *kept])
    plan = plan_for(numbered)
    results = dict(zip(plan.outputs, plan.run(numbered.values(), numbered.nodes), strict=True))
    number = numbered.number
    for node in order:
        value = results.get(number[node])
        if value is not None:
            node.value = value


def prepared(
    order: Sequence[Node], inputs: Sequence[Node], outputs: Sequence[Node]
) -> Callable[..., tuple[Any, ...]]:
    """A function from other values of `inputs` to those of `outputs`, to be called many times.

    An input is known by its node: two inputs that happen to be equal, or one array, stay two.

    Args:
        order: the nodes without a value that `outputs` need, inputs first.
        inputs: leaves; the function takes arrays of their shapes and dtypes.
        outputs: nodes, computed or not.
    """
    numbered = Numbered(order, [node for node in outputs if node.value is None], inputs)
    plan = plan_of(numbered)
    place = {node: index for index, node in enumerate(inputs)}

    def source(node: Node) -> tuple[int | None, Any]:
        """Which input a given node is, or its value."""
        index = place.get(origin(node))
        return index, None if index is not None else protected(node.value)

    sources = [source(numbered.nodes[slot]) for slot in plan.given]
    at = {slot: index for index, slot in enumerate(plan.outputs)}
    results: list[tuple[int | None, Any]] = [
        (at[numbered.number[node]], None) if node.value is None else source(node) for node in outputs
    ]
    known = [node.value is not None for node in outputs]

    def run(*values: Any) -> tuple[Any, ...]:
        values = tuple(
            [np.ascontiguousarray(v) if isinstance(v, np.ndarray) and v.ndim else v for v in values]
        )
        computed = plan.run([value if index is None else values[index] for index, value in sources])
        return tuple(
            [
                value if index is None else values[index] if given else computed[index]
                for (index, value), given in zip(results, known, strict=True)
            ]
        )

    return run


def plan_for(numbered: Numbered) -> Plan:
    """The plan of this structure, from last time if there is one."""
    signature = numbered.signature()
    plan = _plans.get(signature)
    if plan is None:
        plan = plan_of(numbered)
        if any(node.op.of_program for node in numbered.nodes):
            return plan  # its operations belong to this evaluation alone, and hold its arrays
        _plans[signature] = plan
        if len(_plans) > MOST_PLANS:
            _plans.popitem(last=False)
    else:
        _plans.move_to_end(signature)
    return plan
