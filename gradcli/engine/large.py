"""Large arrays: a plan is made once for each structure and run with the values at hand.

Called by `run` when any value that is computed or read is large, and by `trace`.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import Plan, plan_of
from gradcli.engine.repeats import Repeats
from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.node import LARGE, Node, is_held

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLANS = Repeats(patience=0, most=64)


def run(order: Sequence[Node], wanted: Iterable[Node]) -> None:
    """Computes `order` (inputs first) and keeps what is wanted, small, or held by the user."""
    if not context.current().even:
        kept = [node for node in order if node.size <= LARGE or is_held(node)]
        wanted = [*wanted, *kept]
    numbered = Numbered(order, wanted, large=True, hopeful=True)
    results = hopefully(numbered, plan_for(numbered), numbered.values(), numbered.nodes)
    if results is None:
        numbered = Numbered(order, wanted, large=True)
        plan = plan_for(numbered)
        results = dict(zip(plan.outputs, plan.run(numbered.values(), numbered.nodes), strict=True))
    number = numbered.number
    for node in order:
        value = results.get(number.get(node, -1))
        if value is not None:
            node.value = value


def hopefully(
    numbered: Numbered, plan: Plan, values: Sequence[Any], nodes: Sequence[Node] | None = None
) -> dict[int, Any] | None:
    """The values of the outputs by their numbers; None where a guard left out had something to do."""
    try:
        found = plan.run(values, nodes)
    except GradcliError:  # perhaps of a kernel that met what should have been shielded
        if not numbered.checks:
            raise
        return None
    results = dict(zip(plan.outputs, found, strict=True))
    return results if all(isfinite(results[each]) for each in numbered.checks) else None


def plan_for(numbered: Numbered) -> Plan:
    """The plan of this structure, from last time if there is one."""
    if any(node.op.of_program for node in numbered.nodes):
        return plan_of(numbered)  # its operations belong to this evaluation alone, and hold its arrays
    plan: Plan = PLANS.find(numbered.signature(), lambda: plan_of(numbered))
    return plan
