"""Gradients that can be differentiated once more, as results of the walk that recorded them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.autograd.in_place import forgetting
from gradcli.tape.node import LEAF, Node, RecordedCall, stamp
from gradcli.tape.primitives import reshape

if TYPE_CHECKING:
    from collections.abc import Sequence

TIED = frozenset(
    (
        *("relu", "relu6", "hardtanh", "threshold", "hardshrink", "softshrink", "leaky_relu", "prelu", "abs"),
        *("absolute", "copysign", "hardswish", "norm", "dist", "l1_loss", "smooth_l1_loss", "huber_loss"),
        *("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d"),
    )
)
"""Functions whose gradient is one of their operand to PyTorch, also where it doesn't move with it."""


def tied(gradients: Sequence[Node | None], running: Sequence[Node]) -> list[Node | None]:
    """Recorded gradients; those that nothing moves require grad where PyTorch's do, with zero gradients."""
    if all(each is None or each.requires_grad for each in gradients):
        return list(gradients)
    operand = next(
        (
            each
            for node in running
            if node.call is not None and node.call.function.name in TIED
            for each in node.inputs
            if each.requires_grad
        ),
        None,
    )
    if operand is None:
        return list(gradients)
    return [each if each is None or each.requires_grad else forgetting(each, operand) for each in gradients]


def owned(gradient: Node, call: RecordedCall) -> Node:
    """A recorded gradient as a result of this walk, also where it is what somebody already holds."""
    if gradient.call is not None or gradient.op is LEAF:
        gradient = reshape(gradient, attrs=(gradient.shape,))
    stamp(gradient, call)
    return gradient
