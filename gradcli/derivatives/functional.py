"""Derivatives of tensors by tensors, as tensors: Jacobians, Hessians, products, all differentiable again.

The language calls in here for `jacobian(z, x)`, `torch.func.jacrev(f)` and their like. All rows or columns
go through the tape at once, and what comes out is recorded as one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.derivatives.jacobian import column_nodes, hessian_nodes, probe, row_nodes
from gradcli.ops.rows import CallName
from gradcli.tape.custom import detached
from gradcli.tape.forward import forward
from gradcli.tape.node import LEAF, Node, RecordedCall, stamp
from gradcli.tape.primitives import reshape_to

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS = {
    name: CallName(name, f"{name.capitalize()}Backward0")
    for name in ("grad", "jacobian", "hessian", "hvp", "jvp")
}


def _recorded(session: Session, node: Node | None, shape: tuple[int, ...], like: Tensor, name: str) -> Tensor:
    """A node as the result of a call of the user's; None is zero."""
    if node is None:
        return session.leaf(np.zeros(shape, like.dtype))
    node = reshape_to(node, shape)
    if node.call is None and node.op is not LEAF:
        stamp(node, RecordedCall(_LABELS[name], session.span))
    return Tensor(node if session.recording else detached(node))


def _cotangents(
    session: Session, outputs: Sequence[Tensor], inputs: Sequence[Tensor], weights: Sequence[Tensor | None]
) -> list[Node | None]:
    """The gradient of the weighted outputs by each input; None is zero."""
    walked = [
        (output, weight) for output, weight in zip(outputs, weights, strict=True) if output.requires_grad
    ]
    if not walked:
        return [None] * len(inputs)
    found = session.grad(
        [output for output, _ in walked],
        inputs,
        [weight for _, weight in walked],
        retain_graph=True,
        create_graph=True,
        allow_unused=True,
    )
    return [None if each is None else each.node for each in found]


def gradient(
    session: Session,
    outputs: Sequence[Tensor],
    inputs: Sequence[Tensor],
    weights: Sequence[Tensor | None] | None = None,
) -> list[Tensor]:
    """The gradient of the (weighted) outputs by each input: a vector-Jacobian product."""
    found = _cotangents(session, outputs, inputs, weights or [None] * len(outputs))
    return [
        _recorded(session, node, each.shape, each, "grad") for node, each in zip(found, inputs, strict=True)
    ]


def jacobian(
    session: Session, output: Tensor, inputs: Sequence[Tensor], *, by_columns: bool = False
) -> list[Tensor]:
    """The derivative of each element of `output` by each of every input, of shape output + input.

    Args:
        session: the evaluation's.
        output, inputs: what is differentiated, by what.
        by_columns: forward mode, one column for each element of an input; else reverse mode.
    """
    found: list[Node | None]
    if by_columns:
        found = [column_nodes([output.node], each.node)[0] for each in inputs]
    else:
        seed = probe(output.node)
        found = row_nodes(_cotangents(session, [output], inputs, [Tensor(seed)]), seed, output.node.size)
    return [
        _recorded(session, node, output.shape + each.shape, each, "jacobian")
        for node, each in zip(found, inputs, strict=True)
    ]


def hessian(session: Session, output: Tensor, inputs: Sequence[Tensor]) -> list[list[Tensor]]:
    """The second derivatives of an output of one element, a row of blocks for each input."""
    gradients = _cotangents(session, [output], inputs, [None])
    rows = hessian_nodes(gradients, [each.node for each in inputs])
    return [
        [
            _recorded(session, block, above.shape + left.shape, left, "hessian")
            for left, block in zip(inputs, row, strict=True)
        ]
        for above, row in zip(inputs, rows, strict=True)
    ]


def hvp(
    session: Session, output: Tensor, inputs: Sequence[Tensor], directions: Sequence[Tensor]
) -> list[Tensor]:
    """The Hessian of an output of one element times directions, one for each input."""
    gradients = _cotangents(session, [output], inputs, [None])
    return _along(session, gradients, inputs, inputs, directions, "hvp")


def jvp(
    session: Session, outputs: Sequence[Tensor], inputs: Sequence[Tensor], directions: Sequence[Tensor]
) -> list[Tensor]:
    """The derivative of each output along directions, one for each input."""
    return _along(session, [each.node for each in outputs], outputs, inputs, directions, "jvp")


def _along(
    session: Session,
    roots: Sequence[Node | None],
    like: Sequence[Tensor],
    inputs: Sequence[Tensor],
    directions: Sequence[Tensor],
    name: str,
) -> list[Tensor]:
    tangents = {each.node: way.node for each, way in zip(inputs, directions, strict=True)}
    present = [root for root in roots if root is not None and root.requires_grad]
    known = dict(zip(present, forward(present, tangents), strict=True))
    return [
        _recorded(session, None if root is None else known.get(root), each.shape, each, name)
        for root, each in zip(roots, like, strict=True)
    ]
