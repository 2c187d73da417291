"""Large arrays: a plan is made once for each structure and run with the values at hand.

Called by `run` when any value that is computed or read is large, and by `trace`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import Plan, plan_of
from gradcli.tape.node import LARGE, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
