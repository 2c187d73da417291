"""What is differentiated by what: the roots with their weights, and the names they are differentiated by.

`gradcli.evaluation.run` makes an `Aim`; a backward starts from its seeds, `gradcli.derivatives.higher` from
its gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from gradcli.autograd import Session, Tensor
from gradcli.errors import GradcliError
from gradcli.tape.node import Node
from gradcli.tape.primitives import literal, plus, reduce_sum, times


class Aim:
    """What a derivative goes from and to.

    Attributes:
        session: the evaluation's.
        roots: what is differentiated, by name.
        weights: the gradient weights of each root, None where there are none.
        wrt: what they are differentiated with respect to, by name.
        target: from any name that may be asked for to its tensor.
    """

    def __init__(
        self,
        session: Session,
        roots: dict[str, Tensor],
        weights: list[Tensor | None],
        wrt: dict[str, Tensor],
        target: Callable[[str], Tensor],
    ) -> None:
        self.session = session
        self.roots = roots
        self.weights = weights
        self.wrt = wrt
        self.target = target

    @cached_property
    def seeds(self) -> list[Node]:
        """What a backward begins with at each root.

        Raises:
            GradcliError: `non-scalar-root`, `weights-shape`.
        """
        found = []
        for root, weight in zip(self.roots.values(), self.weights, strict=True):
            try:
                found.append(self.session.seed(root, weight))
            except GradcliError as error:
                blame(error, root)
                raise
        return found

    def gradient(self, inputs: Sequence[Tensor]) -> list[Tensor | None]:
        """The gradient of the weighted roots with respect to each input, recorded; None is zero."""
        return list(
            self.session.grad(
                list(self.roots.values()),
                list(inputs),
                self.weights,
                retain_graph=True,
                create_graph=True,
                ties=False,
                allow_unused=True,
            )
        )

    def weighted(self) -> Node:
        """The sum of the roots times their weights: what is differentiated, as a node."""
        total: Node | None = None
        for root, weight in zip(self.roots.values(), self.weights, strict=True):
            product = times(root.node, self.session.seed(root, weight))
            if product is not None:
                product = reduce_sum(product, attrs=(tuple(range(-product.ndim, 0)),))
            total = plus(total, product)
        return total or literal(0.0, self.session.default_dtype)


def blame(error: GradcliError, root: Tensor) -> None:
    """Lets an error that has no place point at the root."""
    call = root.node.call
    error.span = error.span or (call.span if call is not None else None)
