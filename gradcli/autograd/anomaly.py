"""Finds the operation that made a nan or an inf, forward or backward, for `--detect-anomaly`.

`gradcli.evaluation.run` asks after the program has run and before each backward. It looks at each node by
itself, so it is for finding mistakes and not for every day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, Location
from gradcli.tape.node import FLOATS, LEAF, Node, topological
from gradcli.tape.primitives import LITERAL, cast
from gradcli.tape.reverse import ones_like, reverse


class Detector:
    """Looks for anomalies in one evaluation of the program `source`."""

    def __init__(self, session: Session, source: str) -> None:
        self.session = session
        self.source = source
        self.seen: set[Node] = set()

    def forward(self, tensors: Iterable[Tensor]) -> None:
        """Checks the values of everything that `tensors` depend on.

        Raises:
            GradcliError: `anomaly` at the first operation that made a nan or inf out of finite numbers.
        """
        for node in _all_below([each.node for each in tensors]):
            if node in self.seen or node.op.parts:
                continue
            self.seen.add(node)
            if node.op in (LEAF, LITERAL):
                continue
            made = _made(engine.value(node), [each.value for each in node.inputs if not each.op.parts])
            if made:
                raise self._error(node, f"{_name(node)} made {made}")

    def backward(self, roots: Sequence[Tensor], weights: Sequence[Tensor | None]) -> None:
        """Checks the values, then the gradient that each recorded operation passes on.

        Raises:
            GradcliError: `anomaly` at the first operation that turned a finite gradient into a nan or inf.
        """
        self.forward(roots)
        nodes = [each.node for each in roots]
        order = [node for node in topological(nodes) if not node.op.parts]
        seeds = [
            ones_like(node) if weight is None else cast(weight.node, node.dtype)
            for node, weight in zip(nodes, weights, strict=True)
        ]
        if any(seed.shape != node.shape for seed, node in zip(seeds, nodes, strict=True)):
            return  # backward itself says what is wrong with the weights
        gradients = reverse(nodes, seeds, order)
        known = {
            node: np.asarray(engine.value(gradient))
            for node, gradient in zip(order, gradients, strict=True)
            if gradient is not None
        }
        for node in reversed(order):
            incoming = known.get(node)
            if incoming is None:
                continue
            for each in node.inputs:
                outgoing = known.get(each)
                made = _made(outgoing, [incoming]) if outgoing is not None else None
                if made:
                    raise self._error(node, f"the gradient of {_name(node)} is {made}")

    def _error(self, node: Node, message: str) -> GradcliError:
        span = node.call.span if node.call is not None else None
        place = f" on line {Location.of(span, self.source).line}" if span is not None else ""
        inputs = [
            f"operand {at + 1}: {_range(each.value)}"
            for at, each in enumerate(node.inputs)
            if each.value is not None and not each.op.parts
        ]
        return GradcliError(
            "anomaly",
            f"{message}{place}",
            span=span,
            hint="look at the operands: a logarithm or a root of zero, a division by zero, an overflow",
            notes=tuple(inputs),
        )


def _all_below(roots: Iterable[Node]) -> list[Node]:
    """Every node that `roots` depend on, inputs first."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(root, False) for root in roots]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((each, False) for each in node.inputs)
    return order


def _made(value: Any, operands: Iterable[Any]) -> str | None:
    """Whether `value` has a nan or an inf that none of the operands explains, and which."""
    array = np.asarray(value)
    if array.dtype not in FLOATS or np.isfinite(array).all():
        return None
    given = [np.asarray(each) for each in operands if each is not None]
    given = [each for each in given if each.dtype in FLOATS]
    if np.isnan(array).any():
        return None if any(np.isnan(each).any() for each in given) else "nan"
    if any(not np.isfinite(each).all() for each in given):
        return None
    return "inf" if (array == np.inf).any() else "-inf"


def _range(value: Any) -> str:
    array = np.asarray(value)
    if array.size == 1:
        return repr(array.item())
    return f"from {array.min()} to {array.max()}" if array.size else "empty"


def _name(node: Node) -> str:
    return str(node.call.function.name) if node.call is not None else node.op.name
