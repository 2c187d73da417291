"""Long sums in plans: terms of a kind that one operation adds up are left to it, arrays put among zeros say.

Called by `numbering`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.engine.settings import largest_small

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradcli.tape.node import Node


def joined(order: Sequence[Node], wanted: Iterable[Node | None], same: dict[Node, Node]) -> list[Node]:
    """An order in which terms of large sums are added up by one operation, if it can do that.

    Args:
        order: nodes, inputs first.
        wanted: those whose values are asked for.
        same: filled with the node that the sum of each of them has the value of.
    """
    sums = [node for node in reversed(order) if node.op.adds and node.size > largest_small()]
    if not sums or not any(node.op.summed is not None for node in order):
        return [*order]
    uses: dict[Node, int] = {}
    for node in order:
        for each in node.inputs:
            uses[each] = uses.get(each, 0) + 1
    kept = {each for each in wanted if each is not None}
    made: dict[Node, list[Node]] = {}
    inside: set[Node] = set()

    def alone(node: Node, whole: Node) -> bool:
        """Whether nobody but the sum wants a term, and it has the sum's elements."""
        return uses[node] == 1 and node not in kept and node.value is None and node.shape == whole.shape

    for whole in sums:
        if whole in inside:
            continue
        terms: list[Node] = []
        pending = [whole]
        while pending:
            for each in pending.pop().inputs:
                if each.op.adds and alone(each, whole):
                    inside.add(each)
                    pending.append(each)
                else:
                    terms.append(each)
        some = [each for each in terms if each.op.summed is not None and alone(each, whole)]
        some = [each for each in some if each.op is some[0].op and each.dtype is whole.dtype]
        if len(some) < 2:
            continue
        assert some[0].op.summed is not None
        total = some[0].op.summed(some)
        made[whole] = [total]
        for each in terms:
            if each not in some:
                total = whole.op(total, each)  # type: ignore[operator]
                made[whole].append(total)
        same[whole] = total
    result: list[Node] = []
    for node in order:
        result.extend(made.get(node, ()))
        result.append(node)
    return result
