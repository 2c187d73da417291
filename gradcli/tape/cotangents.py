"""What a reverse walk carries: cotangents that are nodes, and what any other kind has to offer.

`reverse` takes one; `engine.pullbacks` has the other, whose cotangents are values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from gradcli.tape.primitives import plus, zeros_of
from gradcli.tape.untaken import contributions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.node import Node


class Cotangents(Protocol):
    """How a rule is applied to a cotangent, and how two are added."""

    def contributions(self, node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        """What a node hands to its inputs, as `Primitive.vjp` has it."""
        raise NotImplementedError

    def plus(self, left: Any, right: Any) -> Any:
        """The sum of two contributions, of which None is zero."""
        raise NotImplementedError

    def zeros(self, node: Node) -> Any:
        """Zero in the shape and dtype of a node."""
        raise NotImplementedError


class Nodes(Cotangents):
    """Cotangents as nodes, for what is planned, compiled or differentiated again."""

    plus = staticmethod(plus)
    zeros = staticmethod(zeros_of)

    def contributions(self, node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        return contributions(node, cotangent, guarded)


NODES = Nodes()
