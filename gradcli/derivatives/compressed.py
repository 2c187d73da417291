"""Sparse Jacobians and Hessians: structure from the tape, one product for each colour, entries read off them.

Called by `gradcli.derivatives.higher` for sparse results, and for dense ones wherever the structure saves
most of the products. (Curtis, Powell and Reid, On the estimation of sparse Jacobian matrices, 1974; for
symmetric ones with a few crowded rows, those are computed as columns and mirrored.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.derivatives.coloring import colored
from gradcli.derivatives.jacobian import BATCH_ELEMENTS, depending
from gradcli.derivatives.sparsity import Pattern, Sparsity
from gradcli.engine.run import compute, value
from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.forward import forward, probe
from gradcli.tape.node import Node, leaf
from gradcli.tape.reverse import reverse
from gradcli.tape.vmap import batched

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = np.ndarray[Any, np.dtype[Any]]

WORTH = 0.5
"""The structure is worth using for a dense matrix if it leaves at most this share of the products."""
FEW = 64
"""Entries that an element of a sparse matrix's row may always have."""
ROOM = 1 << 20
"""Entries that a pattern may always take; large leaves give it more."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a matrix that may differ from zero, by row and then by column.

    Attributes:
        rows, columns: where they stand, counted from 0.
        values: what they are.
        height, width: of the matrix.
    """

    rows: Array
    columns: Array
    values: Array
    height: int
    width: int

    def dense(self) -> Array:
        """The whole matrix."""
        matrix = np.zeros((self.height, self.width), self.values.dtype)
        matrix[self.rows, self.columns] = self.values
        return matrix

    def block(self, above: int, below: int, left: int, right: int) -> Entries:
        """The part in the rows from `above` up to `below` and the columns from `left` up to `right`."""
        if (above, below, left, right) == (0, self.height, 0, self.width):
            return self
        kept = (self.rows >= above) & (self.rows < below) & (self.columns >= left) & (self.columns < right)
        return Entries(
            self.rows[kept] - above,
            self.columns[kept] - left,
            self.values[kept],
            below - above,
            right - left,
        )


class _Products:
    """Products of a Jacobian with columns (forward) or rows (reverse) of numbers, one for each colour.

    Args:
        roots: what is differentiated; None for zero.
        wrt: the leaves.
        transposed: reverse mode: numbers for the roots, products in the leaves.
    """

    def __init__(self, roots: Sequence[Node | None], wrt: Sequence[Node], *, transposed: bool) -> None:
        present = [root for root in roots if root is not None and root.requires_grad]
        if transposed:
            self.inputs: list[Node] = present
            probes = [probe(each) for each in present]
            found = reverse(present, probes, wrt)
            self.outputs = depending(found)
        else:
            self.inputs = list(wrt)
            probes = [probe(each) for each in wrt]
            tangents = iter(forward(present, dict(zip(wrt, probes, strict=True))))
            self.outputs = depending([None if root is None else next(tangents) for root in depending(roots)])
        self.probes = probes
        self.dtype = wrt[0].dtype

    def run(self, groups: Array, count: int, sizes: Sequence[int]) -> Array:
        """The products, one row for each of `count` groups.

        Args:
            groups: for each number that is multiplied, in which product it is 1; -1 for none.
            count: how many products.
            sizes: the sizes of the outputs, in a row.
        """
        _admit(count, sum(sizes), self.dtype)
        result = np.zeros((count, sum(sizes)), self.dtype)
        present = [each for each in self.outputs if each is not None]
        if not present:
            return result
        widest = max(node.size for node in (*present, *self.inputs))
        step = max(1, BATCH_ELEMENTS // widest)
        for start in range(0, count, step):
            stop = min(start + step, count)
            self._batch(result[start:stop], groups - start, present, sizes)
        return result

    def _batch(self, result: Array, groups: Array, present: list[Node], sizes: Sequence[int]) -> None:
        count = len(result)
        replaced: dict[Node, Node] = {}
        offset = 0
        for each, place in zip(self.inputs, self.probes, strict=True):
            mine = groups[offset : offset + each.size]
            offset += each.size
            block = np.zeros((count, each.size), each.dtype)
            at = np.flatnonzero((mine >= 0) & (mine < count))
            block[mine[at], at] = 1
            replaced[place] = leaf(block.reshape(count, *each.shape), True)
        found = batched(present, replaced, count)
        compute(found)
        values = iter(found)
        offset = 0
        for output, size in zip(self.outputs, sizes, strict=True):
            if output is not None:
                result[:, offset : offset + size] = np.asarray(value(next(values))).reshape(count, size)
            offset += size


def _structure(
    roots: Sequence[Node | None], sizes: Sequence[int], wrt: Sequence[Node], *, whole: bool
) -> Pattern:
    """The pattern of the roots; for a dense result (`whole`) only as far as it can pay."""
    width = sum(node.size for node in wrt)
    most = width // 8 if whole else max(width // 2, FEW)
    room = ROOM if whole else max(ROOM, 128 * width)
    return Sparsity(wrt, most, room).of(roots, sizes)


def _pairs(columns: Sequence[Array]) -> tuple[Array, Array]:
    """The rows and columns of all entries of a table."""
    rows = [np.flatnonzero(each) for each in columns]
    if not rows:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    found = [each[at] - 1 for each, at in zip(columns, rows, strict=True)]
    return np.concatenate(rows), np.concatenate(found)


def _sorted(rows: Array, columns: Array, values: Array, height: int, width: int) -> Entries:
    """Entries by row and column, each once."""
    keys = rows.astype(np.int64) * width + columns
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    kept = np.ones(len(keys), bool)
    kept[1:] = keys[1:] != keys[:-1]
    order = order[kept]
    return Entries(
        rows[order].astype(np.int64), columns[order].astype(np.int64), values[order], height, width
    )


def _admit(count: int, size: int, dtype: np.dtype[Any]) -> None:
    """Raises `limit` if the products alone would be more than the evaluation may use."""
    limit = context.current().max_memory
    nbytes = count * size * dtype.itemsize
    if limit is not None and nbytes > limit:
        raise GradcliError(
            "limit",
            f"the structure of this program leaves {count:,} products of {size:,} elements, which would take "
            f"{nbytes / context.GIB:.1f} GiB, more than the limit of {limit / context.GIB:.1f} GiB",
            hint="ask for products with a direction (--hvp, --jvp); --max-memory raises the limit",
        )


# ---- Hessians ------------------------------------------------------------------------------------


def hessian_entries(gradients: Sequence[Node | None], wrt: Sequence[Node], *, whole: bool) -> Entries | None:
    """The second derivatives: rows and columns are the elements of all leaves one behind the other.

    Args:
        gradients: the gradient by each leaf, None for zero.
        wrt: the leaves.
        whole: the result is wanted dense; then None says that the structure does not pay.
    """
    sizes = [node.size for node in wrt]
    size = sum(sizes)
    pattern = _structure(gradients, sizes, wrt, whole=whole)
    columns, hubs = _without_hubs(pattern, size)
    if whole and len(hubs) > WORTH * size:
        return None
    groups, count = colored(columns, size)
    groups = groups.copy()
    groups[hubs] = count + np.arange(len(hubs))
    if whole and count + len(hubs) > WORTH * size:
        return None
    products = _Products(gradients, wrt, transposed=False).run(groups, count + len(hubs), sizes)
    rows, entries = _pairs(columns)
    values = products[groups[entries], rows]
    if not len(hubs):
        return _sorted(rows, entries, values, size, size)
    # A hub's own column is known in full; its row is the same by symmetry.
    hub_rows, hub_entries, hub_values = _hub_columns(pattern, hubs, products[count:], size)
    return _sorted(
        np.concatenate([rows, hub_rows, hub_entries]),
        np.concatenate([entries, hub_entries, hub_rows]),
        np.concatenate([values, hub_values, hub_values]),
        size,
        size,
    )


def _without_hubs(pattern: Pattern, size: int) -> tuple[list[Array], Array]:
    """The pattern without rows and columns so crowded that they are better computed one by one."""
    table = list(pattern.columns)
    counts = np.zeros(size, np.int64)
    for each in table:
        counts += each > 0
    full = np.zeros(size, bool) if pattern.full is None else pattern.full
    least = int(full.sum())
    ordered = np.sort(counts[~full])[::-1]
    # With the first k rows as hubs there are about k + (what the next one holds) products.
    costs = np.arange(len(ordered) + 1) + np.append(ordered, 0)
    extra = int(np.argmin(costs)) if len(ordered) and costs.min() < 0.5 * costs[0] else 0
    if least + extra == 0:
        return table, np.zeros(0, np.intp)
    crowded = full.copy()
    if extra:
        crowded |= counts >= ordered[extra - 1]
    hubs = np.flatnonzero(crowded)
    outside = np.append(False, crowded)  # for entries, which are 1 + a column
    cleared = [np.where(crowded | outside[each], 0, each).astype(each.dtype) for each in table]
    return [each for each in cleared if each.any()], hubs


def _hub_columns(pattern: Pattern, hubs: Array, products: Array, size: int) -> tuple[Array, Array, Array]:
    """The entries in the hubs' columns: the rows that name a hub, and the full ones."""
    number = np.full(size + 1, -1)
    number[hubs + 1] = np.arange(len(hubs))
    rows, entries = [], []
    for each in pattern.columns:
        at = np.flatnonzero(number[each] >= 0)
        rows.append(at)
        entries.append(each[at] - 1)
    if pattern.full is not None:
        full = np.flatnonzero(pattern.full)
        rows.append(np.repeat(full, len(hubs)))
        entries.append(np.tile(hubs, len(full)))
    where, which = np.concatenate(rows), np.concatenate(entries)
    return where, which, products[number[which + 1], where]


# ---- Jacobians -----------------------------------------------------------------------------------


def jacobian_entries(root: Node, wrt: Sequence[Node], mode: str, *, whole: bool) -> Entries | None:
    """The derivatives of all elements of `root` (rows) by the elements of all leaves (columns).

    Args:
        root, wrt: what is differentiated, by what.
        mode: `forward` (products with columns), `reverse` (with rows) or `auto`.
        whole: the result is wanted dense; then None says that the structure does not pay.
    """
    sizes = [node.size for node in wrt]
    width, height = sum(sizes), root.size
    direct = {"forward": width, "reverse": height}.get(mode, min(width, height))
    pattern = _structure([root], [height], wrt, whole=whole)
    crowd = np.zeros(height, bool) if pattern.full is None else pattern.full
    full = np.flatnonzero(crowd)
    if whole and len(full) > WORTH * direct:
        return None
    table = [np.where(crowd, 0, each) for each in pattern.columns] if len(full) else pattern.columns
    rows, columns = _pairs(table)
    in_column = int(np.bincount(columns, minlength=1).max(initial=0))
    backwards = mode == "reverse" or (mode == "auto" and in_column < len(table))
    groups, count = _grouped(table, rows, columns, height, width, backwards)
    if whole and count + len(full) > WORTH * direct:
        return None
    values: Array
    if backwards:
        groups[full] = count + np.arange(len(full))
        products = _Products([root], wrt, transposed=True).run(groups, count + len(full), sizes)
        values, crowded = products[groups[rows], columns], products[count:]
    else:
        products = _Products([root], wrt, transposed=False).run(groups, count, [height])
        values = products[groups[columns], rows]
        crowded = _full_rows(root, wrt, full, sizes)
    if not len(full):
        return _sorted(rows, columns, values, height, width)
    at, variable = np.nonzero(crowded)
    return _sorted(
        np.concatenate([rows, full[at]]),
        np.concatenate([columns, variable]),
        np.concatenate([values, crowded[at, variable]]),
        height,
        width,
    )


def _grouped(
    table: Sequence[Array], rows: Array, columns: Array, height: int, width: int, backwards: bool
) -> tuple[Array, int]:
    if not backwards:
        groups, count = colored(list(table), width)
        return groups.copy(), count
    order = np.argsort(columns, kind="stable")
    counts = np.bincount(columns, minlength=width)
    at = np.arange(len(columns)) - np.repeat(np.cumsum(counts) - counts, counts)
    by_column = np.zeros((int(counts.max(initial=0)), width), np.int32)
    by_column[at, columns[order]] = rows[order] + 1
    groups, count = colored(list(by_column), height)
    return groups.copy(), count


def _full_rows(root: Node, wrt: Sequence[Node], full: Array, sizes: Sequence[int]) -> Array:
    """The rows that depend on everything, by reverse mode."""
    if not len(full):
        return np.zeros((0, sum(sizes)), root.dtype)
    groups = np.full(root.size, -1)
    groups[full] = np.arange(len(full))
    return _Products([root], wrt, transposed=True).run(groups, len(full), sizes)
