"""What every derivative beyond the gradient starts from: the roots with their weights, as nodes.

`gradcli.derivatives.higher` and its series differentiate what is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcli.autograd import Session, Tensor
from gradcli.tape.node import Node
from gradcli.tape.primitives import literal, plus, reduce_sum, times


class WeightedRoots:
    """The roots by name, and the gradient weights of each, or None."""

    def __init__(
        self, session: Session, roots: Mapping[str, Tensor], weights: Sequence[Tensor | None]
    ) -> None:
        self.session = session
        self.roots = roots
        self.weights = list(weights)

    def gradient(self, inputs: Sequence[Tensor]) -> list[Tensor | None]:
        """The gradient of the weighted roots with respect to each input, recorded; None is zero."""
        return list(
            self.session.grad(
                list(self.roots.values()),
                list(inputs),
                self.weights,
                retain_graph=True,
                create_graph=True,
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
