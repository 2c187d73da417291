"""Derivatives beyond the gradient: orders, mixed partials, Hessians, Jacobians and their products.

A function for each row of `gradcli.derivatives.kinds`, by the name of its part, of which
`gradcli.evaluation.differentiate` calls those that are asked for. Each takes what is differentiated by what,
the options of the evaluation, and what reads a value from outside as a tensor like another. The tape is
differentiated by `gradcli.tape`: pure orders by Taylor series, matrices with all rows or columns at once,
products in forward mode.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gradcli.autograd import Tensor
from gradcli.derivatives.aim import Aim
from gradcli.derivatives.jacobian import jacobian_columns, jacobian_rows
from gradcli.derivatives.kinds import split
from gradcli.derivatives.series import Series, are_apart
from gradcli.derivatives.sparse import Sparse
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, suggestion
from gradcli.tape import context
from gradcli.tape.forward import forward

if TYPE_CHECKING:
    from gradcli.derivatives.compressed import Entries
    from gradcli.tape.node import Node

Array = np.ndarray[Any, np.dtype[Any]]
Read = Callable[[Any, Tensor], Tensor]

SMALL = 64
"""Up to so many rows or columns a dense matrix is not worth looking for structure in."""


class Request(Protocol):
    """What is read here of the options of an evaluation."""

    order: int | None
    partials: Sequence[Sequence[str]] | None
    hvp: Any
    jvp: Any
    mode: str
    sparse: bool


def orders(aim: Aim, options: Request, read: Read) -> dict[str, list[Array]]:
    """The first `order` pure derivatives with respect to each name, zero where they vanish.

    Each order is the gradient of the sum of the one before, so the n-th is the (n-1)-th derivative
    of the gradient along the direction of ones: coefficients of one power series.
    """
    series = Series(aim)
    # From the highest down: it leaves the coefficients of the others.
    return {
        name: [series.derivative([name] * order) for order in range(options.order or 0, 0, -1)][::-1]
        for name in aim.wrt
    }


def partials(aim: Aim, options: Request, read: Read) -> dict[str, Array]:
    """Mixed derivatives, each with respect to the names in order."""
    series = Series(aim)
    found = {}
    for group in options.partials or ():
        names = split(group)
        if not names:
            raise GradcliError("bad-argument", "a partial derivative names at least one variable")
        found[",".join(names)] = series.derivative(names)
    return found


def hessian(aim: Aim, options: Request, read: Read) -> dict[str, dict[str, Any]]:
    """All second derivatives of the weighted roots, a block for each pair of names.

    Forward over reverse: every column at once, or, where the tape's structure leaves most of them
    empty, all columns of one colour at once.
    """
    sparse = options.sparse
    leaves = [leaf.node for leaf in aim.wrt.values()]
    if not sparse:
        _admit(aim, "Hessian", [leaf.shape for leaf in leaves], "--hvp")
    gradients = [None if each is None else each.node for each in aim.gradient(list(aim.wrt.values()))]
    if are_apart(leaves) and (sparse or sum(leaf.size for leaf in leaves) > SMALL):
        from gradcli.derivatives.compressed import hessian_entries

        entries = hessian_entries(gradients, leaves, whole=not sparse)
        if entries is not None:
            return _blocks(aim, entries, aim.wrt, sparse)
    columns = [jacobian_columns(gradients, leaf) for leaf in leaves]
    return {
        name: {
            other: _block(columns[across][down], above.shape + left.shape, left, sparse)
            for across, (other, left) in enumerate(aim.wrt.items())
        }
        for down, (name, above) in enumerate(aim.wrt.items())
    }


def jacobian(aim: Aim, options: Request, read: Read) -> dict[str, dict[str, Any]]:
    """Every element of each root by every element of each name.

    Forward mode goes through the tape with all columns at once, reverse mode with all rows; `auto`
    takes whichever are fewer, and the colours of a sparse one where the structure is known.
    """
    if not options.sparse:
        _admit(aim, "Jacobian", [root.shape for root in aim.roots.values()], "--jvp")
    return {name: _jacobian_of(aim, name, root, options) for name, root in aim.roots.items()}


def _jacobian_of(aim: Aim, name: str, root: Tensor, options: Request) -> dict[str, Any]:
    mode, sparse = options.mode, options.sparse
    leaves = [leaf.node for leaf in aim.wrt.values()]
    inputs = sum(leaf.size for leaf in leaves)
    if are_apart(leaves) and (sparse or min(inputs, root.node.size) > SMALL):
        from gradcli.derivatives.compressed import jacobian_entries

        entries = jacobian_entries(root.node, leaves, mode, whole=not sparse)
        if entries is not None:
            return _blocks(aim, entries, {name: root}, sparse)[name]
    if mode == "forward" or (mode == "auto" and inputs < root.node.size):
        blocks = [jacobian_columns([root.node], leaf)[0] for leaf in leaves]
    else:
        blocks = jacobian_rows(root.node, leaves)
    return {
        leaf_name: _block(block, root.shape + leaf.shape, leaf, sparse)
        for (leaf_name, leaf), block in zip(aim.wrt.items(), blocks, strict=True)
    }


def _blocks(
    aim: Aim, entries: Entries, above: Mapping[str, Tensor], sparse: bool
) -> dict[str, dict[str, Any]]:
    """One matrix, whose columns are all elements of `wrt`, cut into a block for each pair of names."""
    matrix = None if sparse else entries.dense()
    blocks: dict[str, dict[str, Any]] = {}
    top = 0
    for name, root in above.items():
        bottom, left = top + root.node.size, 0
        blocks[name] = {}
        for other, leaf in aim.wrt.items():
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


def _admit(aim: Aim, what: str, rows: Sequence[tuple[int, ...]], product: str) -> None:
    """Raises `limit` if a dense matrix of so many rows would be more than the evaluation may use."""
    limit = context.current().max_memory
    height = sum(math.prod(shape) for shape in rows)
    width = sum(leaf.node.size for leaf in aim.wrt.values())
    nbytes = height * sum(leaf.node.size * leaf.dtype.itemsize for leaf in aim.wrt.values())
    if limit is not None and nbytes > limit:
        raise GradcliError(
            "limit",
            f"the dense {what}, {height:,} x {width:,}, would take {nbytes / context.GIB:.1f} GiB, more "
            f"than the limit of {limit / context.GIB:.1f} GiB",
            hint=f"--sparse gives its nonzero entries, {product} its product with a direction; "
            "--max-memory raises the limit",
        )


def hvp(aim: Aim, options: Request, read: Read) -> dict[str, Array]:
    """The Hessian of the weighted roots times a direction; directions that aren't given are zero."""
    tangents = _directions("hvp", options.hvp, aim.wrt, read)
    gradients = aim.gradient(list(aim.wrt.values()))
    found = forward([each.node for each in gradients if each is not None], tangents)
    products = iter(found)
    engine.compute(found)
    return {
        name: np.zeros(leaf.shape, leaf.dtype)
        if gradient is None
        else np.asarray(engine.value(next(products)), leaf.dtype)
        for (name, leaf), gradient in zip(aim.wrt.items(), gradients, strict=True)
    }


def jvp(aim: Aim, options: Request, read: Read) -> dict[str, Array]:
    """The Jacobian of each root times a direction."""
    tangents = _directions("jvp", options.jvp, aim.wrt, read)
    roots = list(aim.roots.values())
    found = forward([root.node for root in roots], tangents)
    engine.compute(found)
    return {
        name: np.asarray(engine.value(each), root.dtype)
        for (name, root), each in zip(aim.roots.items(), found, strict=True)
    }


def _block(block: Array | None, shape: tuple[int, ...], like: Tensor, sparse: bool) -> Any:
    """A block of a matrix, or with `sparse` its nonzero entries; None is zero."""
    whole: Array = np.zeros(shape, like.dtype) if block is None else block
    if not sparse:
        return whole
    matrix = whole.reshape(-1, like.node.size)
    rows, columns = np.nonzero(matrix)
    return Sparse(rows, columns, matrix[rows, columns], (matrix.shape[0], matrix.shape[1]))


def _directions(what: str, value: Any, wrt: Mapping[str, Tensor], read: Read) -> dict[Node, Node]:
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
        direction = read(each, wrt[name])
        if direction.shape != wrt[name].shape:
            raise GradcliError(
                "shape",
                f"{what}: the direction of {name} has shape {list(direction.shape)}, and {name} has "
                f"{list(wrt[name].shape)}",
                hint="a direction has exactly the shape of its name",
            )
        found[wrt[name].node] = direction.node
    return found
