"""Pure and mixed derivatives of any order: which power series gives each, so that equal ones are made once.

`gradcli.derivatives.higher` makes a `Series` for `--order` and for `--partial`; the coefficients are
`tape.taylor`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.derivatives.aim import Aim
from gradcli.derivatives.taylor import Taylor
from gradcli.derivatives.taylor_nodes import derivative_node, factor
from gradcli.engine import run as engine
from gradcli.tape.node import Node, topological

Array = np.ndarray[Any, np.dtype[Any]]


def are_apart(leaves: Sequence[Node]) -> bool:
    """Whether no name depends on another: then all of them can be moved at once."""
    wanted = set(leaves)
    below: set[Node] = set()
    for node in topological(leaves):
        if any(each in below or each in wanted for each in node.inputs):
            below.add(node)
    return not below & wanted


class Series:
    """Derivatives of the weighted roots along ones in several names, as coefficients of power series.

    By names of one element each, the order of which doesn't matter, it is the roots' own series. Otherwise
    the last name is the one whose gradient is taken, and the series is the gradient's.
    """

    def __init__(self, aim: Aim) -> None:
        self.aim = aim
        self._starts: dict[str | None, Node | None] = {}
        self._nodes: dict[Any, Node | None] = {}
        self._taylors: dict[Any, Taylor] = {}

    def derivative(self, names: Sequence[str]) -> Array:
        """The derivative by `names` in order, of the shape of the last."""
        leaves = {name: self.aim.target(name) for name in names}
        last = leaves[names[-1]]
        if len(leaves) > 1 and not are_apart([leaf.node for leaf in leaves.values()]):
            return self._one_by_one([leaves[name] for name in names])
        small = all(leaf.node.size == 1 for leaf in leaves.values()) and not self._has_own_gradients()
        counts: dict[str, int] = {}
        for name in names if small else names[:-1]:
            counts[name] = counts.get(name, 0) + 1
        value = self._along(None if small else names[-1], counts, leaves)
        if value is None:
            return np.zeros(last.shape, last.dtype)
        return np.array(value, last.dtype).reshape(last.shape)

    def _one_by_one(self, leaves: Sequence[Tensor]) -> Array:
        """As the names come: where one depends on another, their order matters."""
        session = self.aim.session
        found: Tensor | None = self.aim.gradient(leaves[:1])[0]
        for leaf in leaves[1:]:
            if found is None or not found.requires_grad:
                found = None
                break
            ones = session.leaf(np.ones(found.shape, found.dtype))
            found = session.grad([found], [leaf], [ones], create_graph=True, allow_unused=True, ties=False)[0]
        last = leaves[-1]
        return np.zeros(last.shape, last.dtype) if found is None else session.numpy(found)

    def _has_own_gradients(self) -> bool:
        """Whether the program states gradients itself, which need not be those of its values."""
        if None not in self._starts:
            nodes = topological([root.node for root in self.aim.roots.values()])
            own = any(node.op.of_program for node in nodes)
            self._starts[None] = None if own else self.aim.weighted()
            self._own = own
        return self._own

    def _start(self, last: str | None, leaves: Mapping[str, Tensor]) -> Node | None:
        """What the series is of: the gradient by `last`, or with None the weighted roots."""
        if last is not None and last not in self._starts:
            gradient = self.aim.gradient([leaves[last]])[0]
            self._starts[last] = None if gradient is None else gradient.node
        return self._starts[last]

    def _along(self, last: str | None, counts: Mapping[str, int], leaves: Mapping[str, Tensor]) -> Any:
        """The derivative so many times along ones in each name, of what `last` says; None is zero."""
        node = self._start(last, leaves)
        if not counts:
            return None if node is None else engine.value(node)
        # The highest order comes last, with numbers; the ones before it with nodes.
        *others, (name, count) = sorted(counts.items(), key=lambda pair: (pair[1], pair[0]))
        key: tuple[Any, ...] = (last,)
        for each, order in others:
            key = (*key, each, order)
            if key not in self._nodes:
                self._nodes[key] = None if node is None else derivative_node(node, leaves[each].node, order)
            node = self._nodes[key]
        if node is None or not node.requires_grad:
            return None
        taylor = self._taylors.get((key, name))
        if taylor is None:
            leaf = leaves[name].node
            taylor = self._taylors[key, name] = Taylor({leaf: [np.ones(leaf.shape, leaf.dtype)]})
        times = factor(count)  # before the work: it may be out of reach
        return np.asarray(taylor.coefficients(node, count)[count] * times)
