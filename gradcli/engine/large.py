"""Large arrays: a plan is made once for each structure and run with the values at hand.

Called by `run` when any value that is computed or read is large, and by `trace`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import Plan, plan_of
from gradcli.engine.repeats import Repeats
from gradcli.tape.node import LARGE, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLANS = Repeats(patience=0, most=64)


def run(order: Sequence[Node], wanted: Iterable[Node]) -> None:
    """Computes `order` (inputs first) and keeps what is wanted, small, or held by the user."""
    kept = [node for node in order if node.size <= LARGE or (node.handle is not None and node.handle())]
    numbered = Numbered(order, [*wanted, *kept], large=True)
    plan = plan_for(numbered)
    results = dict(zip(plan.outputs, plan.run(numbered.values(), numbered.nodes), strict=True))
    number = numbered.number
    for node in order:
        value = results.get(number[node])
        if value is not None:
            node.value = value


def plan_for(numbered: Numbered) -> Plan:
    """The plan of this structure, from last time if there is one."""
    if any(node.op.of_program for node in numbered.nodes):
        return plan_of(numbered)  # its operations belong to this evaluation alone, and hold its arrays
    plan: Plan = PLANS.find(numbered.signature(), lambda: plan_of(numbered))
    return plan
