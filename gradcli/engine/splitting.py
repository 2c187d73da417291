"""Work on values whose dims were split or joined, in the shape that has all of these dims.

A reshape that splits dims, or joins them, would end a group: what stands on one side of it has none of the
other side's axes. So what is done on joined dims is done on those that were joined, and what is split is
computed from what was split before. What is reshaped then is what comes of it, or what it reads. Called by
`numbering`, for plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.tape.node import Node
from gradcli.tape.partials import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gradcli.tape.node import Shape

    Runs = Sequence[Sequence[int]]
    """For each dim of a shape the dims of another one, one after the other, that it joins."""

DEEP = 32
"""So many operations below a value may be done in another shape for its sake."""


def split_alike(
    order: Sequence[Node],
    wanted: Iterable[Node | None],
    same: dict[Node, Node],
    large: int,
    read: Callable[[Node], Sequence[Node]],
) -> list[Node]:
    """An order in which work on large values goes through reshapes.

    Args:
        order: nodes, inputs first.
        wanted: those whose values are asked for.
        same: filled with the node that each of them has the value of; some have one already.
        large: values of more elements are.
        read: what a node reads.
    """
    reshapes = [node for node in order if node.op.reshapes and node.size > large]
    if not any(_divides(node) for node in reshapes):
        return [*order]
    uses: dict[Node, int] = {}
    for node in order:
        for each in read(node):
            uses[each] = uses.get(each, 0) + 1
    uses.update({each: 2 for each in wanted if each is not None})
    splitting = _Splitting(reshapes[0].op, same, uses, large, read)
    for node in order:
        if node.op.by_rows is not None:
            shape = node.inputs[0].shape
            splitting.rows.setdefault(shape, set()).add(len(shape) + node.attrs[0][0])
    for node in order:
        if node not in same:
            found = splitting.found(node)
            if found is not None:
                same[node] = found
        splitting.order.append(node)
    return splitting.order


def _divides(node: Node) -> bool:
    """Whether a reshape splits dims or joins them."""
    return node.op.arranges(node.inputs[0].shape, node.shape, *node.attrs) is None  # type: ignore[misc]


def runs_of(fine: Shape, coarse: Shape) -> Runs | None:
    """Which dims of one shape each of another one joins; None where it doesn't."""
    found: list[list[int]] = []
    at = 0
    for size in coarse:
        run: list[int] = []
        total = 1
        while at < len(fine) and (total < size or fine[at] == 1) and total * fine[at] <= size:
            total *= fine[at]
            run.append(at)
            at += 1
        if total != size:
            return None
        found.append(run)
    return found if at == len(fine) else None


class _Splitting:
    """One pass over an order.

    Attributes:
        order: the new one.
        finer: for a value with joined dims that before it was joined.
        rows: for a shape the dims along which there is work that goes by rows: these stay as they are.
    """

    def __init__(
        self,
        reshape: Any,
        same: dict[Node, Node],
        uses: dict[Node, int],
        large: int,
        read: Callable[[Node], Sequence[Node]],
    ) -> None:
        self.reshape = reshape
        self.same = same
        self.uses = uses
        self.large = large
        self.read = read
        self.order: list[Node] = []
        self.finer: dict[Node, Node] = {}
        self.rows: dict[Shape, set[int]] = {}
        self._made: dict[tuple[Node, Shape], Node] = {}

    def known(self, node: Node) -> Node:
        """The node that one has the value of."""
        while node in self.same or (node.op.passes and node.inputs and node.value is None):
            node = self.same.get(node, node.inputs[0] if node.op.passes else node)
        return node

    def found(self, node: Node) -> Node | None:
        """What a node is done by, if it is by another one."""
        op = node.op
        if op.reshapes:
            return self._reshaped(node)
        turns = op.arranges is not None and not op.broadcasts
        if not (
            node.inputs and (turns or op.elementwise or op.reduces is not None or op.by_rows is not None)
        ):
            return None
        read = [self.known(each) for each in self.read(node)]
        shape = node.shape if op.elementwise else read[0].shape
        for each in read:
            fine = self.finer.get(each)
            if fine is None or each.size <= self.large or each.shape != shape:
                continue
            runs = runs_of(fine.shape, shape)
            if runs is None:
                continue
            if op.elementwise:
                found = self._apply(node, read, runs, fine.shape, fine.shape, 0)
            elif op.reduces is not None:
                found = self._reduced(node, fine, runs)
            elif turns:
                found = self._turned(node, fine, runs)
            else:
                found = self._by_rows(node, read, fine.shape, runs)
            return None if found is None else self._joined(found, node.shape)
        return None

    def _reshaped(self, node: Node) -> Node | None:
        source = self.known(node.inputs[0])
        fine = self.finer.get(source)
        if fine is not None:
            if fine.shape == node.shape:
                return fine
            if not _divides(node):
                fine = self._with_ones(fine, source.shape, node)
                return None if fine is None else self._joined(fine, node.shape)
            if runs_of(fine.shape, node.shape) is not None:
                return self._joined(fine, node.shape)
            return None
        if node.size <= self.large or not self._in_blocks(source) or not _divides(node):
            return None
        runs = runs_of(source.shape, node.shape)
        if runs is not None:
            if not any(len(runs[dim]) > 1 for dim in self.rows.get(node.shape, ())):
                self.finer[node] = source
            return None
        runs = runs_of(node.shape, source.shape)
        return None if runs is None else self._split(source, runs, node.shape)

    def _with_ones(self, fine: Node, joined: Shape, node: Node) -> Node | None:
        """A finer value with dims of size 1 where a reshape of the joined one has them, or without those."""
        runs = runs_of(fine.shape, joined)
        if runs is None:
            return None
        dims = node.op.arranges(joined, node.shape, *node.attrs)  # type: ignore[misc]
        shape: list[int] = []
        for dim in dims or ():
            shape.extend([1] if dim is None else [fine.shape[each] for each in runs[dim]])
        return self._make(self.reshape, (fine,), (tuple(shape),), tuple(shape), fine.dtype)

    def _joined(self, fine: Node, shape: Shape) -> Node:
        """A value with joined dims."""
        if fine.shape == shape:
            return fine
        found = self._make(self.reshape, (fine,), (shape,), shape, fine.dtype)
        self.finer[found] = fine
        return found

    def _reduced(self, node: Node, fine: Node, runs: Runs) -> Node | None:
        dims, *more = node.attrs
        gone = {each for dim in dims for each in runs[len(runs) + dim]}
        shape = tuple([size for at, size in enumerate(fine.shape) if at not in gone])
        attrs = (tuple(sorted([each - fine.ndim for each in gone])), *more)
        return self._make(node.op, (fine,), attrs, shape, node.dtype) if dims else None

    def _turned(self, node: Node, fine: Node, runs: Runs) -> Node:
        dims = node.op.arranges(node.inputs[0].shape, node.shape, *node.attrs)  # type: ignore[misc]
        order = [each for dim in dims or () if dim is not None for each in runs[dim]]
        shape = tuple([fine.shape[each] for each in order])
        return self._make(node.op, (fine,), (tuple([each - fine.ndim for each in order]),), shape, node.dtype)

    def _by_rows(self, node: Node, read: Sequence[Node], shape: Shape, runs: Runs) -> Node | None:
        (dim,), length = node.attrs
        run = runs[len(runs) + dim]
        inputs = [self._split(each, runs, shape) for each in read]
        if len(run) != 1 or any(each is None for each in inputs):
            return None
        found: Node = node.op(*inputs, attrs=((run[0] - len(shape),), length))  # type: ignore[operator]
        self.order.append(found)
        return found

    def _apply(
        self, node: Node, read: Sequence[Node], runs: Runs, shape: Shape, result: Shape, deep: int
    ) -> Node | None:
        """An elementwise operation on finer dims, with the shape of the result."""
        inputs: list[Node] = []
        for each in read:
            found = self._split(each, runs, shape, deep + 1)
            if found is None:
                return None
            inputs.append(found)
        return self._make(node.op, inputs, node.attrs, result, node.dtype)

    def _split(self, node: Node, runs: Runs, shape: Shape, deep: int = 0) -> Node | None:
        """A value with the dims of a finer shape; None if there is more in it than to read it so.

        Args:
            node: its dims are the last ones of some, or 1 where it is broadcast.
            runs: for each of those the dims of the finer shape.
            shape: the finer shape.
            deep: how far it is below what is wanted.
        """
        mine = runs[len(runs) - node.ndim :]
        target = tuple(
            [
                1 if size == 1 else shape[each]
                for size, run in zip(node.shape, mine, strict=True)
                for each in run
            ]
        )
        if target == node.shape:
            return node
        fine = self.finer.get(node)
        if fine is not None and fine.shape == target:
            return fine
        known = self._made.get((node, target))
        if known is not None:
            return known
        op = node.op
        found: Node | None = None
        if (
            node.value is not None
            or not self._in_blocks(node)
            or all(size == 1 or len(run) == 1 for size, run in zip(node.shape, mine, strict=True))
        ):
            found = self._make(self.reshape, (node,), (target,), target, node.dtype)
        elif op.broadcasts:
            inner = self._split(self.known(node.inputs[0]), mine, shape, deep)
            found = None if inner is None else self._make(op, (inner,), (target,), target, node.dtype)
        elif deep < DEEP and op.elementwise and (self.uses.get(node, 1) == 1 or op.cost <= Cost.ARITHMETIC):
            read = [self.known(each) for each in self.read(node)]
            found = self._apply(node, read, mine, shape, target, deep)
        if found is not None:
            self._made[node, target] = found
        return found

    def _in_blocks(self, node: Node) -> bool:
        """Whether a value is worked on in blocks, or what is seen of one turned round."""
        if node.value is not None:
            return False
        op = node.op
        return op.elementwise or op.reduces is not None or (op.arranges is not None and not op.reshapes)

    def _make(self, op: Any, inputs: Sequence[Node], attrs: Any, shape: Shape, dtype: Any) -> Node:
        found = Node(op, tuple(inputs), attrs, shape, dtype, False)
        self.order.append(found)
        return found
