"""What comes out of a row: the roots and their derivatives, as nodes with names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.saved_values import saving
from gradcli.errors import GradcliError
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import Ran
from gradcli.tape.custom import identity
from gradcli.tape.forward import forward, probe
from gradcli.tape.node import Node, leaf, topological
from gradcli.tape.primitives import reshape_to, zeros_of
from gradcli.tape.reverse import leading_to, ones_like, reverse
from gradcli.tape.vmap import batched

GRADIENT = "d{root}/d{wrt}"


class AskedColumns:
    """The columns that are asked for.

    Args:
        options: `order`, `partials`, `hessian`, `jacobian` as for `gradcli.evaluate`.
        names: how a gradient is called, with `{root}` and `{wrt}` in it.
        prefix: what stands before the name of each column.

    Attributes:
        found: the names of the columns of the last run, in order.
    """

    def __init__(self, options: Options, names: str = GRADIENT, prefix: str = "") -> None:
        self.options, self.names, self.prefix = options, names, prefix
        try:
            names.format(root="", wrt="")
        except (ValueError, LookupError, AttributeError) as error:
            raise GradcliError(
                "bad-argument", f"{names} is no pattern of names", hint="write it as in d{root}/d{wrt}"
            ) from error
        self.found: list[str] = []

    def __call__(self, ran: Ran) -> list[Node]:
        """The nodes of all columns."""
        named = list(self._columns(ran))
        self.found = [self.prefix + name for name, _ in named]
        return [node for _, node in named]

    def _columns(self, ran: Ran) -> Iterator[tuple[str, Node]]:
        aim = ran.aim
        if aim is None:
            yield from _without(ran)
            return
        options = self.options
        # What was updated outside recording is the leaf that it was.
        leaves = {name: identity(tensor.node) for name, tensor in aim.wrt.items()}
        for (root, tensor), seed in zip(aim.roots.items(), _seeds(ran), strict=True):
            node = tensor.node
            yield root, node
            if ran.session.overwrote or ran.session.passes:
                _check(ran, node, leaves)
            gradients: dict[str, Node] = {}
            if seed is not None:
                found = _gradient(node, seed, list(leaves.values()))
                gradients = dict(zip(leaves, found, strict=True))
                for name, gradient in gradients.items():
                    yield self.names.format(root=root, wrt=name), gradient
                yield from self._higher(root, leaves, gradients)
            if options.jacobian:
                for name, block in _jacobian(node, leaves).items():
                    yield f"jacobian[{root},{name}]", block

    def _higher(
        self, root: str, leaves: dict[str, Node], gradients: dict[str, Node]
    ) -> Iterator[tuple[str, Node]]:
        options = self.options
        for order in range(2, (options.order or 1) + 1):
            for name in leaves:
                yield f"d{order}{root}/d{name}{order}", _repeated(gradients[name], leaves[name], order - 1)
        for group in options.partials or ():
            names = [each.strip() for each in group.split(",")] if isinstance(group, str) else list(group)
            unknown = [name for name in names if name not in leaves]
            if unknown:
                raise GradcliError("unknown-name", f"{unknown[0]} is not differentiated")
            node = gradients[names[0]]
            for name in names[1:]:
                (node,) = _gradient(node, ones_like(node), [leaves[name]])
            yield f"d{len(names)}{root}/" + "".join(f"d{name}" for name in names), node
        if options.hessian:
            for name, gradient in gradients.items():
                for other, block in _jacobian(gradient, leaves).items():
                    yield f"hessian[{name},{other}]", block


def _check(ran: Ran, root: Node, leaves: dict[str, Node]) -> None:
    """Raises if a backward would read what was freed or overwritten in place."""
    order = topological([root])
    path = leading_to(order, leaves.values())
    saving([node for node in order if not path.isdisjoint(node.inputs)], True, ran.session.span)


def _without(ran: Ran) -> Iterator[tuple[str, Node]]:
    """A program without anything to differentiate: its values, and the gradients that it made itself."""
    for name, root in (ran.roots or ran.last).items():
        if isinstance(root, (Tensor, bool, int, float)):
            yield name, root.node if isinstance(root, Tensor) else ran.session.tensor(root).node
    for name, tensor in ran.leaves().items():
        if ran.runtime.own_backward:
            yield f"{name}.grad", zeros_of(tensor.node) if tensor.grad is None else tensor.grad.node


def _seeds(ran: Ran) -> list[Node | None]:
    """What a gradient begins with; None where only a Jacobian is asked of a root that is no scalar."""
    assert ran.aim is not None
    plain = ran.options.weights is None and ran.options.jacobian
    if plain and any(root.node.size != 1 for root in ran.aim.roots.values()):
        return [ones_like(root.node) if root.node.size == 1 else None for root in ran.aim.roots.values()]
    return list(ran.aim.seeds)


def _gradient(root: Node, seed: Node, leaves: Sequence[Node]) -> list[Node]:
    found = reverse([root], [seed], leaves)
    return [zeros_of(each) if node is None else node for each, node in zip(leaves, found, strict=True)]


def _repeated(gradient: Node, source: Node, times: int) -> Node:
    """A gradient differentiated again along ones, as `--order` does."""
    node = gradient
    for _ in range(times):
        (node,) = forward([node], {source: ones_like(source)})
    return node


def _jacobian(root: Node, leaves: dict[str, Node]) -> dict[str, Node]:
    """Every element of a node by every element of each leaf: nodes of shape root + leaf."""
    seed = probe(root)
    rows = _gradient(root, seed, list(leaves.values()))
    unit = leaf(np.eye(root.size, dtype=root.dtype).reshape(root.size, *root.shape), True)
    found = batched(rows, {seed: unit}, root.size)
    return {
        name: reshape_to(node, root.shape + each.shape)
        for (name, each), node in zip(leaves.items(), found, strict=True)
    }
