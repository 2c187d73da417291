"""Derivatives beyond the gradient: orders, mixed partials, Hessians, Jacobians and their products.

`gradcli.evaluator` asks for those that the caller wants. The tape is differentiated by `gradcli.tape`: pure
orders by Taylor series, matrices with all rows or columns at once, products in forward mode.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, suggestion
from gradcli.tape import context
from gradcli.tape.forward import forward
from gradcli.tape.jacobian import jacobian_columns, jacobian_rows
from gradcli.tape.taylor import Taylor

if TYPE_CHECKING:
    from gradcli.evaluation import Evaluation

Array = np.ndarray[Any, np.dtype[Any]]


class Higher:
    """The roots, their weights and the names to differentiate with respect to, ready for any derivative.

    Args:
        session: the evaluation's.
        roots: the roots by name.
        weights: the gradient weights of each root, or None.
        wrt: what to differentiate with respect to, by name.
        names: every name that may be asked for, to its tensor.
    """

    def __init__(
        self,
        session: Session,
        roots: Mapping[str, Tensor],
        weights: Sequence[Tensor | None],
        wrt: Mapping[str, Tensor],
        names: Callable[[str], Tensor],
    ) -> None:
        self.session = session
        self.roots = roots
        self.weights = list(weights)
        self.wrt = wrt
        self.names = names

    # ---- gradients of gradients -------------------------------------------------------------

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

    def again(
        self, output: Tensor | None, inputs: Sequence[Tensor], weight: Tensor | None = None
    ) -> list[Tensor | None]:
        """The gradient of the sum of `output`, or of its product with `weight`."""
        if output is None or not output.requires_grad:
            return [None] * len(inputs)
        if weight is None:
            weight = self.session.leaf(np.ones(output.shape, output.dtype))
        found = self.session.grad(
            [output], list(inputs), [weight], retain_graph=True, create_graph=True, allow_unused=True
        )
        return list(found)

    def array(self, tensor: Tensor | None, like: Tensor) -> Array:
        """A gradient as an array, zero in the shape of `like` where there is none."""
        return np.zeros(like.shape, like.dtype) if tensor is None else self.session.numpy(tensor)

    # ---- what can be asked for --------------------------------------------------------------

    def orders(self, count: int) -> dict[str, list[Array]]:
        """The first `count` pure derivatives with respect to each name, zero where they vanish.

        Each order is the gradient of the sum of the one before, so the n-th is the (n-1)-th derivative
        of the gradient along the direction of ones: coefficients of one power series.
        """
        found: dict[str, list[Array]] = {}
        for name, leaf in self.wrt.items():
            gradient = self.gradient([leaf])[0]
            series = [np.zeros(leaf.shape, leaf.dtype)] * count
            if gradient is not None:
                taylor = Taylor({leaf.node: [np.ones(leaf.shape, leaf.dtype)]})
                coefficients = taylor.coefficients(gradient.node, count - 1)
                series = [
                    np.asarray(each * math.factorial(k), leaf.dtype) for k, each in enumerate(coefficients)
                ]
            found[name] = series
        return found

    def partials(self, wanted: Sequence[Sequence[str]]) -> dict[str, Array]:
        """Mixed derivatives, each with respect to the names in order."""
        found = {}
        for group in wanted:
            names = [name.strip() for name in group.split(",")] if isinstance(group, str) else list(group)
            if not names:
                raise GradcliError("bad-argument", "a partial derivative names at least one variable")
            leaves = [self.names(name) for name in names]
            derivative = self.gradient([leaves[0]])[0]
            for leaf in leaves[1:]:
                derivative = self.again(derivative, [leaf])[0]
            found[",".join(names)] = self.array(derivative, leaves[-1])
        return found

    def hessian(self) -> dict[str, dict[str, Array]]:
        """All second derivatives of the weighted roots, a block for each pair of names."""
        self._admit("Hessian", [leaf.shape for leaf in self.wrt.values()], "--hvp")
        gradients = self.gradient(list(self.wrt.values()))
        blocks: dict[str, dict[str, Array]] = {name: {} for name in self.wrt}
        for column, leaf in self.wrt.items():
            rows = [None if each is None else each.node for each in gradients]
            found = jacobian_columns(rows, leaf.node)
            for (row, other), block in zip(self.wrt.items(), found, strict=True):
                shape = other.shape + leaf.shape
                blocks[row][column] = np.zeros(shape, leaf.dtype) if block is None else block
        return blocks

    def jacobian(self, mode: str = "auto") -> dict[str, dict[str, Array]]:
        """Every element of each root by every element of each name."""
        self._admit("Jacobian", [root.shape for root in self.roots.values()], "--jvp")
        found: dict[str, dict[str, Array]] = {}
        leaves = [leaf.node for leaf in self.wrt.values()]
        for name, root in self.roots.items():
            inputs = sum(leaf.size for leaf in leaves)
            if mode == "forward" or (mode == "auto" and inputs < root.node.size):
                blocks = [jacobian_columns([root.node], leaf)[0] for leaf in leaves]
            else:
                blocks = jacobian_rows(root.node, leaves)
            found[name] = {
                leaf_name: np.zeros(root.shape + leaf.shape, leaf.dtype) if block is None else block
                for (leaf_name, leaf), block in zip(self.wrt.items(), blocks, strict=True)
            }
        return found

    def _admit(self, what: str, rows: Sequence[tuple[int, ...]], product: str) -> None:
        """Raises `limit` if a dense matrix of so many rows would be more than the evaluation may use."""
        limit = context.current().max_memory
        height = sum(math.prod(shape) for shape in rows)
        width = sum(leaf.node.size for leaf in self.wrt.values())
        nbytes = height * sum(leaf.node.size * leaf.dtype.itemsize for leaf in self.wrt.values())
        if limit is not None and nbytes > limit:
            raise GradcliError(
                "limit",
                f"the dense {what}, {height:,} x {width:,}, would take {nbytes / context.GIB:.1f} GiB, more "
                f"than the limit of {limit / context.GIB:.1f} GiB",
                hint=f"--sparse gives its nonzero entries, {product} its product with a direction; "
                "--max-memory raises the limit",
            )

    def hvp(self, directions: Mapping[str, Tensor]) -> dict[str, Array]:
        """The Hessian of the weighted roots times a direction; directions that aren't given are zero."""
        gradients = self.gradient(list(self.wrt.values()))
        tangents = {self.wrt[name].node: direction.node for name, direction in directions.items()}
        found = forward([each.node for each in gradients if each is not None], tangents)
        products = iter(found)
        engine.compute(found)
        return {
            name: np.zeros(leaf.shape, leaf.dtype)
            if gradient is None
            else np.asarray(engine.value(next(products)), leaf.dtype)
            for (name, leaf), gradient in zip(self.wrt.items(), gradients, strict=True)
        }

    def jvp(self, directions: Mapping[str, Tensor]) -> dict[str, Array]:
        """The Jacobian of each root times a direction."""
        tangents = {self.wrt[name].node: direction.node for name, direction in directions.items()}
        roots = list(self.roots.values())
        found = forward([root.node for root in roots], tangents)
        engine.compute(found)
        return {
            name: np.asarray(engine.value(each), root.dtype)
            for (name, root), each in zip(self.roots.items(), found, strict=True)
        }


def directions(
    value: Any, wrt: Mapping[str, Tensor], convert: Callable[[Any, Tensor], Tensor], what: str
) -> dict[str, Tensor]:
    """The directions that the caller gave: a value for the only name, or values by name.

    Raises:
        GradcliError: `unknown-name`, `bad-argument` when it isn't clear whose the value is, `shape`.
    """
    if not isinstance(value, Mapping):
        if len(wrt) != 1:
            raise GradcliError(
                "bad-argument",
                f"{what} needs to know whose direction this is: {', '.join(wrt)}",
                hint=f"--{what} {next(iter(wrt), 'x')}=…",
            )
        value = {next(iter(wrt)): value}
    found = {}
    for name, each in value.items():
        if name not in wrt:
            raise GradcliError(
                "unknown-name", f"{what}: nothing is differentiated by {name}", hint=suggestion(name, wrt)
            )
        direction = convert(each, wrt[name])
        if direction.shape != wrt[name].shape:
            raise GradcliError(
                "shape",
                f"{what}: the direction of {name} has shape {list(direction.shape)}, and {name} has "
                f"{list(wrt[name].shape)}",
                hint="a direction has exactly the shape of its name",
            )
        found[name] = direction
    return found


def fill(
    result: Evaluation, higher: Higher, wanted: Wanted, convert: Callable[[Any, Tensor], Tensor]
) -> None:
    """Puts every derivative that is wanted into `result`."""
    if wanted.order is not None:
        result.orders = higher.orders(wanted.order)
    if wanted.partials:
        result.partials = higher.partials(wanted.partials)
    if wanted.hessian:
        result.hessian = higher.hessian()
    if wanted.jacobian:
        result.jacobian = higher.jacobian(wanted.mode)
    if wanted.hvp is not None:
        result.hvp = higher.hvp(directions(wanted.hvp, higher.wrt, convert, "hvp"))
    if wanted.jvp is not None:
        result.jvp = higher.jvp(directions(wanted.jvp, higher.wrt, convert, "jvp"))


class Wanted:
    """Which derivatives the caller asks for, as `gradcli.evaluate` names them."""

    __slots__ = ("hessian", "hvp", "jacobian", "jvp", "mode", "order", "partials", "sparse")

    def __init__(
        self,
        order: int | None,
        partials: Sequence[Sequence[str]] | None,
        hessian: bool,
        jacobian: bool,
        hvp: Any,
        jvp: Any,
        mode: str,
        sparse: bool,
    ) -> None:
        self.order = order
        self.partials = partials
        self.hessian = hessian
        self.jacobian = jacobian
        self.hvp = hvp
        self.jvp = jvp
        self.mode = mode
        self.sparse = sparse
        if order is not None and order < 1:
            raise GradcliError("bad-argument", f"the order of a derivative is at least 1, not {order}")

    def __bool__(self) -> bool:
        return bool(
            self.order is not None
            or self.partials
            or self.hessian
            or self.jacobian
            or self.hvp is not None
            or self.jvp is not None
        )

    def names(self) -> set[str]:
        """The names that partials and directions mention."""
        found = {
            name.strip()
            for group in self.partials or ()
            for name in (group.split(",") if isinstance(group, str) else group)
        }
        for value in (self.hvp, self.jvp):
            if isinstance(value, Mapping):
                found.update(value)
        return found
