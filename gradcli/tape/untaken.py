"""Where zeros mean "not taken": what a branch would have contributed is zero, whatever it is.

An elementwise primitive sees to that in each product (`guarded_mul`). The rule of a general one is a formula
that may meet inf or nan anywhere, so what comes out of it, or what goes into a contraction, is shielded as a
whole: where every cotangent on which an element depends is zero, an element that is not finite counts as 0.
Reverse and forward mode both apply the rules of primitives by the functions here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.dims import along_letters
from gradcli.tape.general import General
from gradcli.tape.node import Node
from gradcli.tape.primitives import Linear, plus, reduce_sum
from gradcli.tape.totals import sum_is_finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    Along = tuple[int | None, ...]
"""For each dim of an array the dim of a cotangent that runs along with it, or None."""


def shield_values(x: Any, term: Any, *rest: Any) -> Any:
    """The values of `shielded`, of which `rest` are the cotangents and what runs along with them."""
    # The rule is that everything is finite, and one sum tells: the masks are for the exception.
    if sum_is_finite(x) and (x is term or sum_is_finite(term)):
        return x
    *cotangents, alongs = rest
    dead = np.logical_not(np.logical_and(np.isfinite(x), np.isfinite(term)))
    for cotangent, along in zip(cotangents, alongs, strict=True):
        dead &= np.logical_not(_alive(cotangent, along, np.ndim(x)))
    return np.where(dead, np.zeros((), np.result_type(x)), x)[()]


def _alive(cotangent: Any, along: Along, rank: int) -> Any:
    """Where an array of that rank depends on a cotangent that isn't zero."""
    alive = np.not_equal(cotangent, 0)
    extra = rank - len(along)  # leading dims of both, from `vmap`
    axes = [*range(extra), *[None if axis is None else axis + extra for axis in along]]
    kept = [axis for axis in axes if axis is not None]
    alive = alive.any(axis=tuple([axis for axis in range(alive.ndim) if axis not in kept]))
    order = sorted(kept)
    alive = np.transpose(alive, [order.index(axis) for axis in kept])
    sizes = iter(alive.shape)
    return alive.reshape([1 if axis is None else next(sizes) for axis in axes])


class Shield(Linear):
    """The first input, with zeros where it or the second is not finite and no cotangent counts."""

    told_by = reduce_sum

    def __call__(self, *inputs: Node, attrs: tuple[Any, ...] = ()) -> Node:
        x = inputs[0]
        return Node(self, inputs, attrs, x.shape, x.dtype, x.requires_grad)

    def linear_in(self, node: Node, index: int) -> bool:
        return index == 0

    def along(self, node: Node, index: int) -> Along:
        return tuple(range(node.ndim)) if index == 0 else super().along(node, index)

    def saves(self, node: Node) -> bool:
        return True

    def jvp(self, node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
        return None if tangents[0] is None else self(tangents[0], *node.inputs[1:], attrs=node.attrs)


_shield: Shield = Shield(
    "shield",
    shield_values,
    lambda x, *rest: (x.shape, x.dtype),
    lambda g, node: [_shield(g, *node.inputs[1:], attrs=node.attrs), *[None] * (len(node.inputs) - 1)],
    selects=True,
)


def side_by_side(x: Node, node: Node) -> Along:
    """How the dims of a node run along with those of an input that is broadcast to it."""
    extra = node.ndim - x.ndim
    return tuple(
        [
            at - extra if at >= extra and x.shape[at - extra] == node.shape[at] else None
            for at in range(node.ndim)
        ]
    )


def shielded(x: Node, cotangents: Sequence[Node], alongs: Sequence[Along]) -> Node:
    """`x`, but zero instead of inf or nan where the cotangents that run along with it are all zero."""
    return _shield(x, x, *cotangents, attrs=(tuple(alongs),))


def contributions(node: Node, cotangent: Any, guarded: bool) -> Sequence[Node | None]:
    """What reverse mode hands to the inputs of a node, as `Primitive.vjp` has it."""
    op = node.op
    if not guarded or not isinstance(op, General) or not op.reads or op.of_program:
        return op.vjp(node, cotangent, guarded)
    if op.terms is not None:
        wanted = [each.requires_grad for each in node.inputs]
        terms, out = op.terms(node)
        return op.vjp(_shielded_operands(node, terms, wanted, cotangent, out), cotangent)
    present = [each for each in cotangent if each is not None] if op.parts else [cotangent]
    return [
        None if each is None else shielded(each, present, [op.along(node, index)] * len(present))
        for index, each in enumerate(op.vjp(node, cotangent))
    ]


def tangent(node: Node, tangents: Sequence[Node | None], guarded: bool) -> Node | None:
    """What forward mode makes of the tangents of a node's inputs, as `Primitive.jvp` has it."""
    op = node.op
    if not guarded or not isinstance(op, General) or not op.reads or op.of_program:
        return op.jvp(node, tangents, guarded)
    if op.terms is not None:
        terms, _ = op.terms(node)
        total: Node | None = None
        for index, each in enumerate(tangents):
            if each is not None:
                wanted = [at == index for at in range(len(tangents))]
                operands = _shielded_operands(node, terms, wanted, each, terms[index])
                alone = [each if flag else None for flag in wanted]
                total = plus(total, op.jvp(operands, alone))
        return total
    found = op.jvp(node, tangents)
    return found if found is None or found is NotImplemented else shielded_tangent(found, tangents)


def shielded_tangent(found: Node, tangents: Sequence[Node | None]) -> Node:
    """A tangent, of which nothing counts that isn't finite where no input moves."""
    moving = [each for each in tangents if each is not None]
    return shielded(found, moving, [(None,) * found.ndim] * len(moving))


def _shielded_operands(
    node: Node, terms: Sequence[Sequence[Any]], wanted: Sequence[bool], cotangent: Node, term: Sequence[Any]
) -> Node:
    """The contraction `node` with operands shielded where a cotangent with the dims of `term` is zero.

    An operand serves for the derivatives that are `wanted` in the others.
    """
    inputs = [
        shielded(each, [cotangent], [along_letters(letters, each.shape, term, cotangent.shape)])
        if any(wanted[:at]) or any(wanted[at + 1 :])
        else each
        for at, (each, letters) in enumerate(zip(node.inputs, terms, strict=True))
    ]
    return Node(node.op, tuple(inputs), node.attrs, node.shape, node.dtype, node.requires_grad)
