"""Reverse mode, from tape to tape: the gradient of some nodes as ordinary nodes.

This is the whole of it. Walk from the roots towards the inputs, each node once and only after
everything that reads it; hand its cotangent (the derivative of the roots with respect to it, times
the seeds) to the primitive's rule; add up what the rule gives for each input. No operation is
known here by name; what differs from one to another is in `ops`. What a cotangent is (a node, or a
value) is in `cotangents`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gradcli.tape.cotangents import NODES
from gradcli.tape.general import PART
from gradcli.tape.node import Node, is_steady, topological
from gradcli.tape.primitives import expand_to, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from gradcli.tape.cotangents import Cotangents


def ones_like(node: Node) -> Node:
    """The seed of a root that counts once."""
    return expand_to(literal(1.0, node.dtype), node.shape)


def leading_to(order: Iterable[Node], wrt: Iterable[Node]) -> set[Node]:
    """Of the nodes in `order` (inputs first), those on which some path reaches `wrt`."""
    reached = set(wrt)
    for node in order:
        if not reached.isdisjoint(node.inputs):
            reached.add(node)
    return reached


def reverse(
    roots: Sequence[Node],
    seeds: Sequence[Any],
    wrt: Sequence[Node],
    order: Sequence[Node] | None = None,
    visit: Callable[[Node, Any], Any] | None = None,
    kind: Cotangents = NODES,
    zeros: bool = False,
    before: Collection[Node] = (),
    whole: bool = False,
) -> list[Any]:
    """The derivative of the sum over roots of `sum(seed * root)`, with respect to each node of `wrt`.

    Args:
        roots, seeds: nodes, and for each a cotangent of the same shape.
        wrt: nodes that require grad.
        order: the nodes to walk, inputs first, when the caller has them already: all on which the
            roots depend and which depend on `wrt`.
        visit: called with each node and its cotangent once that is complete; what comes back takes its place.
        kind: whether cotangents are nodes, as is usual, or values (`engine.pullbacks`).
        zeros: a cotangent that is zero by rule is walked with like any other, so that `visit` meets it.
        before: those of `wrt` whose cotangent is as it was before `visit`.
        whole: `order` is all that requires grad and that the roots depend on, `topological(roots)`.

    Returns:
        For each of `wrt` its cotangent, or None when no root depends on it.
    """
    if order is None:
        order = topological(roots)
        path = leading_to(order, wrt)
        order = [node for node in order if node in path]
    plus, contributions_of = kind.plus, kind.contributions
    # To ask a node takes no memory, where a set takes as much as a tenth of the tape.
    walked = attrgetter("requires_grad") if whole else set(order).__contains__
    wanted = set(wrt)
    cotangents: dict[Node, Any] = {}
    for root, seed in zip(roots, seeds, strict=True):
        if walked(root):
            cotangents[root] = plus(cotangents.get(root), seed)
    # nodes whose cotangent holds zeros for what was not taken
    masked: set[Node] = set(order) if is_steady() else set()
    still: set[Node] = set()  # nodes that move a root, if at all, with a partial that is zero by rule
    nothing: set[Node] = set()  # nodes of which a rule of the program said nothing
    for node in reversed(order):
        op, inputs, kept = node.op, node.inputs, node in wanted
        cotangent = cotangents.get(node) if kept else cotangents.pop(node, None)
        if cotangent is None:
            # What the program wrote itself is asked all the same: nobody knows what it does.
            asked = op.of_program or (op is PART and inputs[0].op.of_program and node in still)
            if not asked and (node not in still or not zeros or op.parts):
                if node in still:
                    still.update(filter(walked, inputs))
                elif node in nothing:
                    nothing.update(filter(walked, inputs))
                    if visit is not None:
                        visit(node, None)
                continue
            if op.parts:
                cotangent = cotangents[node] = [None] * op.parts
            elif node in still or not op.of_program:
                cotangent = cotangents[node] = kind.zeros(node)
            masked.add(node)
        if visit is not None:
            cotangent = visit(node, cotangent)
            if kept and node not in before:
                cotangents[node] = cotangent
        if not inputs or (kept and not any(map(walked, inputs))):
            continue
        if op is PART:  # one of several results: its source is walked with the list of them
            parts = cotangents.setdefault(inputs[0], [None] * inputs[0].op.parts)
            parts[node.attrs[0]] = plus(parts[node.attrs[0]], cotangent)
            if node in masked:
                masked.add(inputs[0])
            continue
        guarded = node in masked
        contributions = contributions_of(node, cotangent, guarded)
        guarded = guarded or op.selects
        for each, contribution in zip(inputs, contributions, strict=False):
            if not walked(each):
                continue
            if contribution is not None:
                known = cotangents.get(each)
                cotangents[each] = contribution if known is None else plus(known, contribution)
                if guarded:
                    masked.add(each)
            else:
                (nothing if op.of_program else still).add(each)
    found = [(node, cotangents.get(node)) for node in wrt]
    return [kind.zeros(node) if each is None and node in still else each for node, each in found]
