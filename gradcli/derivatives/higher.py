"""Derivatives beyond the gradient: orders, mixed partials, Hessians, Jacobians and their products.

`gradcli.evaluation.run` asks for those that the caller wants. The tape is differentiated by `gradcli.tape`:
pure orders by Taylor series, matrices with all rows or columns at once, products in forward mode.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.derivatives.jacobian import jacobian_columns, jacobian_rows
from gradcli.derivatives.roots import WeightedRoots
from gradcli.derivatives.series import Series, are_apart
from gradcli.derivatives.sparse import Sparse
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, suggestion
from gradcli.tape import context
from gradcli.tape.forward import forward

if TYPE_CHECKING:
    from gradcli.derivatives.compressed import Entries

Array = np.ndarray[Any, np.dtype[Any]]

SMALL = 64
"""Up to so many rows or columns a dense matrix is not worth looking for structure in."""


class Higher(WeightedRoots):
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
        super().__init__(session, roots, weights)
        self.wrt = wrt
        self.names = names

    # ---- what can be asked for --------------------------------------------------------------

    def orders(self, count: int) -> dict[str, list[Array]]:
        """The first `count` pure derivatives with respect to each name, zero where they vanish.

        Each order is the gradient of the sum of the one before, so the n-th is the (n-1)-th derivative
        of the gradient along the direction of ones: coefficients of one power series.
        """
        series = Series(self, self.names)
        # From the highest down: it leaves the coefficients of the others.
        return {
            name: [series.derivative([name] * order) for order in range(count, 0, -1)][::-1]
            for name in self.wrt
        }

    def partials(self, wanted: Sequence[Sequence[str]]) -> dict[str, Array]:
        """Mixed derivatives, each with respect to the names in order."""
        series = Series(self, self.names)
        found = {}
        for group in wanted:
            names = [name.strip() for name in group.split(",")] if isinstance(group, str) else list(group)
            if not names:
                raise GradcliError("bad-argument", "a partial derivative names at least one variable")
            found[",".join(names)] = series.derivative(names)
        return found

    def hessian(self, sparse: bool = False) -> dict[str, dict[str, Any]]:
        """All second derivatives of the weighted roots, a block for each pair of names.

        Forward over reverse: every column at once, or, where the tape's structure leaves most of them
        empty, all columns of one colour at once.
        """
        leaves = [leaf.node for leaf in self.wrt.values()]
        if not sparse:
            self._admit("Hessian", [leaf.shape for leaf in leaves], "--hvp")
        gradients = [None if each is None else each.node for each in self.gradient(list(self.wrt.values()))]
        if are_apart(leaves) and (sparse or sum(leaf.size for leaf in leaves) > SMALL):
            from gradcli.derivatives.compressed import hessian_entries

            entries = hessian_entries(gradients, leaves, whole=not sparse)
            if entries is not None:
                return self._blocks(entries, self.wrt, sparse)
        columns = [jacobian_columns(gradients, leaf) for leaf in leaves]
        return {
            name: {
                other: _block(columns[across][down], above.shape + left.shape, left, sparse)
                for across, (other, left) in enumerate(self.wrt.items())
            }
            for down, (name, above) in enumerate(self.wrt.items())
        }

    def jacobian(self, mode: str = "auto", sparse: bool = False) -> dict[str, dict[str, Any]]:
        """Every element of each root by every element of each name.

        Forward mode goes through the tape with all columns at once, reverse mode with all rows; `auto`
        takes whichever are fewer, and the colours of a sparse one where the structure is known.
        """
        if not sparse:
            self._admit("Jacobian", [root.shape for root in self.roots.values()], "--jvp")
        return {name: self._jacobian_of(name, root, mode, sparse) for name, root in self.roots.items()}

    def _jacobian_of(self, name: str, root: Tensor, mode: str, sparse: bool) -> dict[str, Any]:
        leaves = [leaf.node for leaf in self.wrt.values()]
        inputs = sum(leaf.size for leaf in leaves)
        if are_apart(leaves) and (sparse or min(inputs, root.node.size) > SMALL):
            from gradcli.derivatives.compressed import jacobian_entries

            entries = jacobian_entries(root.node, leaves, mode, whole=not sparse)
            if entries is not None:
                return self._blocks(entries, {name: root}, sparse)[name]
        if mode == "forward" or (mode == "auto" and inputs < root.node.size):
            blocks = [jacobian_columns([root.node], leaf)[0] for leaf in leaves]
        else:
            blocks = jacobian_rows(root.node, leaves)
        return {
            leaf_name: _block(block, root.shape + leaf.shape, leaf, sparse)
            for (leaf_name, leaf), block in zip(self.wrt.items(), blocks, strict=True)
        }

    def _blocks(
        self, entries: Entries, above: Mapping[str, Tensor], sparse: bool
    ) -> dict[str, dict[str, Any]]:
        """One matrix, whose columns are all elements of `wrt`, cut into a block for each pair of names."""
        matrix = None if sparse else entries.dense()
        blocks: dict[str, dict[str, Any]] = {}
        top = 0
        for name, root in above.items():
            bottom, left = top + root.node.size, 0
            blocks[name] = {}
            for other, leaf in self.wrt.items():
                right = left + leaf.node.size
                if matrix is None:
                    part = entries.block(top, bottom, left, right)
                    shape = (part.height, part.width)
                    blocks[name][other] = Sparse(part.rows, part.columns, part.values, shape)
                else:
                    block = matrix[top:bottom, left:right]
                    blocks[name][other] = block.reshape(root.shape + leaf.shape)
                left = right
            top = bottom
        return blocks

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


def _block(block: Array | None, shape: tuple[int, ...], like: Tensor, sparse: bool) -> Any:
    """A block of a matrix, or with `sparse` its nonzero entries; None is zero."""
    whole: Array = np.zeros(shape, like.dtype) if block is None else block
    if not sparse:
        return whole
    matrix = whole.reshape(-1, like.node.size)
    rows, columns = np.nonzero(matrix)
    return Sparse(rows, columns, matrix[rows, columns], (matrix.shape[0], matrix.shape[1]))


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


def derivatives(
    higher: Higher, wanted: Wanted, convert: Callable[[Any, Tensor], Tensor]
) -> Iterator[tuple[str, Any]]:
    """Every derivative that is wanted, each with its name in the result."""
    if wanted.order is not None:
        yield "orders", higher.orders(wanted.order)
    if wanted.partials:
        yield "partials", higher.partials(wanted.partials)
    if wanted.hessian:
        yield "hessian", higher.hessian(wanted.sparse)
    if wanted.jacobian:
        yield "jacobian", higher.jacobian(wanted.mode, wanted.sparse)
    if wanted.hvp is not None:
        yield "hvp", higher.hvp(directions(wanted.hvp, higher.wrt, convert, "hvp"))
    if wanted.jvp is not None:
        yield "jvp", higher.jvp(directions(wanted.jvp, higher.wrt, convert, "jvp"))


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
