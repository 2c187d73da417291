"""The recorded nodes as findings speak of them: what they depend on, where they stand, what made them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.tape.custom import identity
from gradcli.tape.node import LEAF, Node, postorder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.explanation.seen import Seen


class TapeView:
    """The nodes behind the roots of a run, those included that have lost their history."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        roots = [root for walk in seen.session.walks for root in walk.roots]
        weights = [each for walk in seen.session.walks for each in walk.weights if each is not None]
        self.roots = list(dict.fromkeys([*roots, *seen.roots.values()]))
        self.order = self.behind([*self.roots, *weights])

    def behind(self, nodes: Iterable[Node]) -> list[Node]:
        """The nodes that some depend on, themselves included, inputs first."""
        return postorder(nodes, self.below)

    def below(self, node: Node) -> tuple[Node, ...]:
        """What a node was computed from, even if it has forgotten it."""
        if node.op.of_program:  # its values were computed unrecorded, and its own gradient stands for them
            return tuple([each for each in node.inputs if each.requires_grad])
        inputs, sources = node.inputs, self.seen.session.sources.get(node, ())
        return (*inputs, *[each for each in sources if each not in inputs]) if sources else inputs

    def leaves(self, node: Node) -> list[str]:
        """The names of the leaves that a node depends on and that could get a gradient."""
        names = self.seen.named.names
        found = [
            names[each]
            for each in self.behind([node])
            if each in names and each.requires_grad and identity(each).op is LEAF
        ]
        return list(dict.fromkeys(found))

    def line(self, node: Node) -> int | None:
        """The line on which a node was made."""
        return None if node.call is None else self.seen.source.line(node.call.span)

    def text(self, node: Node) -> str:
        """A node as the program has it: its name, or the expression that made it."""
        name = self.seen.named.names.get(node)
        if name is not None:
            return name
        return self.made(node)

    def made(self, node: Node) -> str:
        """The expression that made a node."""
        call = node.call
        if call is None:
            return number_text(node) if node.size == 1 else node.op.name
        return self.seen.source.text(call.span, 40) or call.function.name

    def function(self, node: Node) -> str:
        """The name of the function that made a node."""
        return str(node.call.function.name) if node.call is not None else node.op.name


def number_text(node: Node) -> str:
    """The value of a node in few words."""
    from gradcli.explanation.writers.words import shown

    return shown(engine.value(node))


def values(node: Node) -> Any:
    """The value of a node as an array of float64, or None where it has no numbers."""
    if node.op.parts:
        return None
    found = np.asarray(engine.value(node))
    return found.astype(np.float64) if found.dtype.kind in "fiub" else None
