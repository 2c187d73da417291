"""Operations with a rule from outside: the user's own gradients, and values cut from their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.tape.general import PART, General
from gradcli.tape.node import FLOATS, LEAF, Node, RecordedCall
from gradcli.tape.primitives import Linear, zeros_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Detach(Linear):
    """The value as it is, cut from its history."""

    passes = True


class Same(Linear):
    """The value as it is, by a node of its own: what reads this one adds up by itself in a gradient."""

    passes = True


SAME = Same("same", lambda x: x, lambda x: (x.shape, x.dtype), lambda g, node: [g])
_detach = Detach("detach", lambda x: x, lambda x: (x.shape, x.dtype), lambda g, node: [None])
_detach.constant = True
_held = Detach("held", lambda x: x, lambda x: (x.shape, x.dtype), lambda g, node: [None])
"""The result of a function with its own gradient: still a function of its inputs, but not differentiated as
one."""


def detached(node: Node, by: Linear = _detach) -> Node:
    """The value of `node` as a node through which nothing is differentiated."""
    if not node.requires_grad:
        return node
    if node.op is LEAF:  # its value is there already; what comes from it is known by this node, not by that
        return Node(by, (node,), (), node.shape, node.dtype, False, node.value)
    cut = by(node)
    cut.requires_grad = False
    cut.call = node.call
    return cut


def same(node: Node) -> Node:
    """A node of its own that is what another is, with its history."""
    found = SAME(node)
    found.call, found.version = node.call, node.version
    return found


def alias(node: Node) -> Node:
    """The value of `node` without its history, as a node of its own."""
    node = origin(node)  # what is detached twice is still known by what it came from
    if node.value is not None and node.op is not LEAF:
        return Node(LEAF, (), (), node.shape, node.dtype, False, node.value)
    return Node(_detach, (node,), (), node.shape, node.dtype, False, node.value)


def origin(node: Node) -> Node:
    """The node whose value `node` passes on: itself, unless it is a detached one."""
    while node.op.passes and node.inputs:
        node = node.inputs[0]
    return node


class _Update:
    """What diagnostics say of an update that was not recorded."""

    name = "update"
    grad_fn = "CopyBackwards"
    saves: bool | None = None


_UPDATE = _Update()


def _renewed_rule(g: Node, node: Node) -> list[Node | None]:
    return [g, None]


RENEWED = General(
    "renewed",
    lambda former, value: value,
    lambda former, value: (former.shape, former.dtype),
    _renewed_rule,
    tangent=lambda node, tangents: tangents[0],
    reads=False,
)
"""Another value for a tensor whose history stays: what an update outside recording makes of it."""


def renewed(node: Node, value: Node) -> Node:
    """`node` with the value of another, which requires no grad: to differentiation it is the same."""
    fresh = Node(RENEWED, (identity(node), value), (), node.shape, node.dtype, True, value.value)
    fresh.call = node.call or RecordedCall(
        _UPDATE, None
    )  # of its own, so that no other call takes it for its own
    return fresh


def identity(node: Node) -> Node:
    """What a tensor is to differentiation, whatever value it has got since it was made."""
    return node.inputs[0] if node.op is RENEWED else node


_forget = General(
    "custom",
    lambda *arrays: arrays[-1],
    lambda *nodes: (nodes[-1].shape, nodes[-1].dtype),
    lambda g, node: [zeros_of(each) if each.requires_grad else None for each in node.inputs],
    tangent=lambda node, tangents: None,
    reads=False,
    selects=True,
)


def forgetting(source: Node, *nodes: Node) -> Node:
    """The value of `source` as what was made from `nodes`: they are differentiated, and get zeros."""
    return _forget(*[node for node in nodes if node.requires_grad], detached(source, _held))


def attach(
    outputs: Sequence[Node],
    inputs: Sequence[Node],
    rule: Callable[[Sequence[Node | None]], Sequence[Node | None]],
    saves: bool,
) -> list[Node]:
    """The values of `outputs`, as results of one operation on `inputs` with the given rule.

    Args:
        outputs: nodes whose values are the results.
        inputs: what the operation is differentiated with respect to.
        rule: from a cotangent for each output to one for each input; None is zero.
        saves: whether backward frees it.
    """
    count = len(outputs)
    values = tuple(detached(node, _held) for node in outputs)

    def backward(cotangent: Any, node: Node) -> list[Node | None]:
        given = cotangent if count > 1 else [cotangent]
        return [*rule(given), *[None] * count]

    op = General(
        "custom",
        (lambda *arrays: arrays[len(inputs) :]) if count > 1 else (lambda *arrays: arrays[-1]),
        lambda *nodes: (nodes[len(inputs)].shape, nodes[len(inputs)].dtype),
        backward,
        reads=saves,
        parts=count if count > 1 else 0,
    )
    op.of_program = True
    source = op(*inputs, *values)
    if count == 1:
        return [source]
    source.requires_grad = any(node.requires_grad for node in inputs)
    return [
        PART(source, index, node.shape, node.dtype) if node.dtype in FLOATS else node
        for index, node in enumerate(values)
    ]
