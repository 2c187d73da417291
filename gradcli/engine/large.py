"""Large arrays: every intermediate is freed after its last use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gradcli.engine.run import evaluate
from gradcli.tape.node import LARGE, LEAF, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def run(order: Sequence[Node], wanted: Iterable[Node]) -> None:
    """Computes `order` (inputs first) and keeps what is wanted, small, or held by the user."""
    kept = set(wanted)
    uses = Counter(each for node in order for each in node.inputs)
    computed = set(order)
    for node in order:
        evaluate(node)
        for each in set(node.inputs):
            uses[each] -= sum(other is each for other in node.inputs)
            if (
                not uses[each]
                and each in computed
                and each not in kept
                and each.size > LARGE
                and each.op is not LEAF
                and (each.handle is None or each.handle() is None)
            ):
                each.value = None
