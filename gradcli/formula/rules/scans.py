"""Gradients of running products and of running logarithms of sums, which backward finds by recurrences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.formula.normal import Sum, scaled
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.rules.shuffles import flipped
from gradcli.formula.tree import number
from gradcli.tape.primitives import LITERAL

if TYPE_CHECKING:
    from gradcli.tape.node import Node


def summed_later(recording: Recording, node: Node) -> Sum | None:
    """What a recurrence adds up from the end, as a sum of what is later; None for another product.

    Of y = cumprod(x), dx[k] is the sum of g[i]*y[i]/x[k] over i >= k; of y = logcumsumexp(x) it is the sum of
    g[i]*exp(x[k] - y[i]).
    """
    share, weights = node.inputs
    if weights.op.name != "pick" or weights.inputs[0].op.name != "recurrence":
        return None
    (factors, terms), (dim,) = weights.inputs[0].inputs, weights.inputs[0].attrs
    g = flipped(recording, recording.known(terms).shaped(terms.shape), [dim + terms.ndim])
    x = _later(factors)
    if x is None:
        return None
    if share.op.name == "cat" and share.inputs[-1].op.name == "pick":
        y = share.inputs[-1].inputs[0]
        if y.op.name != "cumprod" or y.inputs[0] is not x:
            return None
        given = recording.known(x).shaped(x.shape)
        recording.leave_out(given, "eval multiplies the others")
        total = _from_the_end(recording, recording.times(g, recording.known(y)), dim)
        return recording.over(total, given).shaped(node.shape)
    if share.op.name == "where" and share.inputs[0].op.name == "eq":
        x, y = share.inputs[0].inputs
        if y.op.name != "logcumsumexp" or y.inputs[0] is not x:
            return None
        fade = recording.applied("exp", scaled(recording.known(y), -1), y.shape)
        total = _from_the_end(recording, recording.times(g, fade), dim)
        return recording.times(recording.applied("exp", recording.known(x), x.shape), total).shaped(
            node.shape
        )
    return None


def _later(node: Node) -> Node | None:
    """x, if a node is its elements one place later counted from the end, behind a 0."""
    for _ in range(2):
        if node.op.name != "pick":
            return None
        node = node.inputs[0]
    if node.op.name != "cat" or len(node.inputs) != 2:
        return None
    first, rest = node.inputs
    while first.op.name == "expand":
        first = first.inputs[0]
    if first.op is not LITERAL or first.attrs[0] != 0 or rest.op.name != "pick":
        return None
    turned = rest.inputs[0]
    return turned.inputs[0] if turned.op.name == "pick" else None


def _from_the_end(recording: Recording, value: Sum, dim: int) -> Sum:
    """The running sum along a (negative) dim, from its end."""
    at = dim + len(value.shape)
    tree = recording.read(flipped(recording, value, [at]))
    summed = recording.atom("cumsum", tree, number(at), shape=value.shape)
    return flipped(recording, summed, [at])


def _logcumsumexp(recording: Recording, node: Node) -> Sum:
    return recording.atom(
        "logcumsumexp", recording.tree(node), number(node.attrs[0] + node.ndim), shape=node.shape
    )


def _recurrence(recording: Recording, node: Node) -> Sum:
    if not node.size:
        return Sum({}, node.shape)
    raise GradcliError("bad-argument", "there is no formula for second derivatives of running products yet")


RULES: dict[str, Rule] = {"logcumsumexp": _logcumsumexp, "recurrence": _recurrence}
"""What each primitive means."""
