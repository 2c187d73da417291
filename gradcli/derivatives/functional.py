"""Derivatives of tensors by tensors, as tensors: Jacobians, Hessians, products, all differentiable again.

The language calls in here for `jacobian(z, x)`, `torch.func.jacrev(f)` and their like. All rows or columns
go through the tape at once, and what comes out is recorded as one call.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.derivatives.jacobian import column_nodes, depending, hessian_nodes, row_nodes
from gradcli.ops.rows import CallName
from gradcli.tape.custom import detached, forgetting
from gradcli.tape.forward import forward, probe
from gradcli.tape.node import LEAF, Node, RecordedCall, leaf, stamp, topological
from gradcli.tape.primitives import reshape_to
from gradcli.tape.reverse import ones_like

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Reads = Callable[[], Node | None]

_LABELS = {
    "grad": CallName("grad", "GradBackward0"),
    "jacobian": CallName("jacobian", "ViewBackward0"),
    "hessian": CallName("hessian", "ViewBackward0"),
    "hvp": CallName("hvp", "MulBackward0"),
}
_LINEAR = frozenset(
    (
        *("Sum", "Mean", "Neg", "Add", "Sub", "Rsub", "Select", "Slice", "Index", "Cat", "Stack", "View"),
        *("UnsafeView", "AsStrided", "T", "Transpose", "Permute", "Alias", "Clone", "Expand", "Squeeze"),
        *("Unsqueeze", "Repeat", "Flip", "Roll", "Unbind", "Split", "Diagonal", "Cumsum", "Clamp", "Max"),
        *("Min", "Floor", "Ceil", "Round", "Trunc", "Sign", "Where", "Sort", "Topk", "Kthvalue", "Gather"),
        *("Median", "Nanmedian", "Cummax", "Cummin", "Amax", "Amin", "Aminmax", "AvgPool2D", "ClampMax"),
        *("ClampMin", "ConstantPadNd", "Deg2Rad", "DiagEmbed", "Embedding", "Fmax", "Fmin", "Frac"),
        *("IndexAdd", "IndexCopy", "IndexFill", "IndexPut", "IndexSelect", "MaskedFill", "MaskedScatter"),
        *(
            "MaskedSelect",
            "MaxPool2DWithIndices",
            "Maximum",
            "Minimum",
            "NanToNum",
            "Nansum",
            "Nextafter",
            "Put",
        ),
        *(
            "Rad2Deg",
            "ReflectionPad1D",
            "ReplicationPad1D",
            "Rot90",
            "Scatter",
            "ScatterAdd",
            "SelectScatter",
            "Take",
        ),
        *("ToCopy", "Trace", "Tril", "Triu", "Unfold", "UpsampleNearest1D"),
    )
)
"""Steps of a backward whose operations, taken forward, read nothing of their operands' values."""
_FORWARD = {
    **dict.fromkeys(("Mul", "Mm", "Mv", "Dot", "Bmm", "Addmm"), "Add"),
    **dict.fromkeys(("Div", "Sqrt", "Logsumexp"), "Div"),
    **dict.fromkeys(("LinalgVectorNorm", "Norm", "Std"), "MaskedFill"),
    "Prod": "Sum",
}
"""What others end with, forward; most with a slope times a tangent."""


def _step(node: Node) -> str:
    return str(node.call.function.grad_fn.partition("Backward")[0]) if node.call is not None else ""


def _recorded(
    session: Session,
    node: Node | None,
    shape: tuple[int, ...],
    like: Tensor,
    label: CallName,
    reads: Reads | None = None,
) -> Tensor:
    """A node as the result of a call of the user's; None is zero.

    Where it depends on nothing, it has the history of what PyTorch computes it from, if `reads` finds that.
    """
    if reads is not None and (node is None or not node.requires_grad) and (source := reads()) is not None:
        node = leaf(np.zeros(shape, like.dtype)) if node is None else reshape_to(node, shape)
        node = forgetting(node, source)
    if node is None:
        return session.leaf(np.zeros(shape, like.dtype))
    node = reshape_to(node, shape)
    if node.call is None and node.op is not LEAF:
        stamp(node, RecordedCall(label, session.span))
    return Tensor(node if session.recording else detached(node))


def _reading(output: Node, inputs: Sequence[Tensor]) -> Node | None:
    """An output, if forward mode reads the value of an input, or what was made of one, on its way there."""
    met = {each.node for each in inputs}
    for node in topological([output]):
        if not met.isdisjoint(node.inputs):
            met.add(node)
            call = node.call if node.requires_grad else None
            if call is not None and (_step(node) not in _LINEAR or call.function.name in _LABELS):
                return output
    return None


def _forward_label(node: Node) -> CallName:
    """What PyTorch's forward mode ends with: what is linear with itself."""
    name = _step(node)
    if node.call is not None and name in _LINEAR:
        return CallName("jvp", node.call.function.grad_fn)
    return CallName("jvp", f"{_FORWARD.get(name, 'Mul')}Backward0")


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
        _recorded(session, node, each.shape, each, _LABELS["grad"])
        for node, each in zip(found, inputs, strict=True)
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
    reads: Reads | None = None
    if by_columns:
        found = [column_nodes([output.node], each.node)[0] for each in inputs]
        reads = cache(partial(_reading, output.node, inputs))
    else:
        seed = probe(output.node)
        found = row_nodes(_cotangents(session, [output], inputs, [Tensor(seed)]), seed, output.node.size)
    return [
        _recorded(session, node, output.shape + each.shape, each, _LABELS["jacobian"], reads)
        for node, each in zip(found, inputs, strict=True)
    ]


def hessian(session: Session, output: Tensor, inputs: Sequence[Tensor]) -> list[list[Tensor]]:
    """The second derivatives of an output of one element, a row of blocks for each input."""
    gradients = _cotangents(session, [output], inputs, [None])
    rows = hessian_nodes(gradients, [each.node for each in inputs])
    reads = [cache(partial(_read, session, each, inputs)) for each in gradients]
    return [
        [
            _recorded(session, block, above.shape + left.shape, left, _LABELS["hessian"], read)
            for left, block in zip(inputs, row, strict=True)
        ]
        for above, row, read in zip(inputs, rows, reads, strict=True)
    ]


def _read(session: Session, gradient: Node | None, inputs: Sequence[Tensor]) -> Node | None:
    """A recorded gradient, if its backward reads its operands' values."""
    if gradient is None or not gradient.requires_grad:
        return None
    found = _cotangents(session, [Tensor(gradient)], inputs, [Tensor(ones_like(gradient))])
    return gradient if any(each is not None for each in depending(found)) else None


def hvp(
    session: Session, output: Tensor, inputs: Sequence[Tensor], directions: Sequence[Tensor]
) -> list[Tensor]:
    """The Hessian of an output of one element times directions, one for each input."""
    gradients = _cotangents(session, [output], inputs, [None])
    reads = [partial(_read, session, each, inputs) for each in gradients]
    labels = [_LABELS["hvp"]] * len(inputs)
    return _along(session, gradients, inputs, inputs, directions, labels, reads)


def jvp(
    session: Session, outputs: Sequence[Tensor], inputs: Sequence[Tensor], directions: Sequence[Tensor]
) -> list[Tensor]:
    """The derivative of each output along directions, one for each input."""
    roots = [each.node for each in outputs]
    labels = [_forward_label(each) for each in roots]
    reads = [partial(_reading, each, inputs) for each in roots]
    return _along(session, roots, outputs, inputs, directions, labels, reads)


def _along(
    session: Session,
    roots: Sequence[Node | None],
    like: Sequence[Tensor],
    inputs: Sequence[Tensor],
    directions: Sequence[Tensor],
    labels: Sequence[CallName],
    reads: Sequence[Reads],
) -> list[Tensor]:
    tangents = {each.node: way.node for each, way in zip(inputs, directions, strict=True)}
    present = [root for root in roots if root is not None and root.requires_grad]
    known = dict(zip(present, forward(present, tangents), strict=True))
    return [
        _recorded(session, None if root is None else known.get(root), each.shape, each, label, read)
        for root, each, label, read in zip(roots, like, labels, reads, strict=True)
    ]
