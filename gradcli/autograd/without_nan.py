"""Walks that stop where a gradient becomes nan: `torch.autograd.detect_anomaly()`.

The session walks by it while the program asks for that. It looks at everything that each operation hands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.ops.shapes import permute_primitive
from gradcli.tape.cotangents import Cotangents
from gradcli.tape.node import Node, RecordedCall


class WithoutNan(Cotangents):
    """Cotangents of another kind of nodes, none of which is nan.

    Args:
        kind: what they are otherwise.
        order: the nodes of the walk, inputs first.
    """

    def __init__(self, kind: Cotangents, order: Sequence[Node]) -> None:
        self.kind = kind
        self.results = {node.call: node for node in order if node.call is not None}

    def plus(self, left: Any, right: Any) -> Any:
        """As the kind has it."""
        return self.kind.plus(left, right)

    def zeros(self, node: Node) -> Any:
        """As the kind has them."""
        return self.kind.zeros(node)

    def contributions(self, node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        """As the kind has them.

        Raises:
            GradcliError: `anomaly` where an operation hands nan to one of its operands.
        """
        found = self.kind.contributions(node, cotangent, guarded)
        call = node.call
        if call is None:
            return found
        for place, (each, given) in enumerate(zip(node.inputs, found, strict=False)):
            if each.call is not call and type(given) is Node and np.isnan(engine.value(given)).any():
                raise self._error(call, each, node.inputs[:place].count(each))
        return found

    def _error(self, call: RecordedCall, operand: Node, before: int) -> GradcliError:
        operands = operands_of(self.results[call])
        places = [at for at, each in enumerate(operands) if operand is each or operand in each.inputs] or [0]
        at = places[: before + 1][-1]
        return GradcliError(
            "anomaly",
            f"Function '{call.function.grad_fn}' returned nan values in its {at}th output.",
            span=call.span,
            hint="look at what it is the gradient of: a root or a logarithm of zero, an infinity times zero",
        )


def operands_of(result: Node) -> list[Node]:
    """What the operation that made a result hands gradients to, in PyTorch's order."""
    call = result.call
    linear = call is not None and call.function.name == "linear"  # which turns the weight first
    found: list[Node] = []
    pending = [result]
    while pending:
        each = pending.pop()
        inner = each is result or (each.call is not None and each.call is call)
        if inner and not (linear and each.op is permute_primitive and each is not result):
            pending.extend(reversed(each.inputs))
        else:
            found.append(each)
    if linear and len(found) > 2:  # PyTorch's addmm has the bias first
        found.insert(0, found.pop())
    return found
