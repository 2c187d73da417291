"""A run that is observed: its backward walks, and where values lost their history.

Nothing is computed differently for being looked at: the walks are the session's own, and `visit` only keeps
what passes by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.engine import run as engine
from gradcli.record import Record
from gradcli.syntax import tree
from gradcli.tape.custom import identity
from gradcli.tape.node import LEAF, Node, RecordedCall, postorder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.errors import Span
    from gradcli.ops.rows import Function

MOST_WALKS = 40
"""Of more backward walks only so many at either end are kept whole."""
MOST_BEHIND = 200
"""So many values are looked at behind one that has no history."""
MOST_EVENTS = 4_000
"""So many values of names are kept from each end of a run."""


class Cut(Record):
    """Where a value lost its history.

    Attributes:
        how: `detach`, `no_grad`, or `read`, where a number was made of a tensor.
        source: what it was made from.
    """

    how: str
    source: Node
    span: Span | None


class Added(Record):
    """One accumulation into a `.grad`; `before` is None where there was none, or it had been cleared."""

    target: Node
    before: Any
    added: Any
    after: Any


class Walk:
    """One backward walk.

    Attributes:
        number: counted from 1.
        span: the call, None for the one that the command itself makes.
        gives: it was `grad`, which accumulates nothing.
        roots, weights: nodes; a weight is None where it is 1.
        cotangents: what each node was visited with, in the order of the walk.
        changed: what arrived at the nodes where a hook of the program's put something else in its place.
        ledger: what it added.
        keeps: the graph survives it.
    """

    def __init__(self, number: int, span: Span | None, gives: bool, keeps: bool) -> None:
        self.number = number
        self.span = span
        self.gives = gives
        self.keeps = keeps
        self.roots: list[Node] = []
        self.weights: list[Node | None] = []
        self.cotangents: dict[Node, Any] = {}
        self.changed: dict[Node, Any] = {}
        self.ledger: list[Added] = []
        self.done = False

    def cotangent(self, node: Node) -> Any:
        """The value that a node was visited with, or None."""
        found = self.cotangents.get(node, self.cotangents.get(identity(node)))
        return engine.value(found) if isinstance(found, Node) else found


class WatchedSession(Session):
    """A session that keeps what happens in it.

    Attributes:
        walks: every backward walk; of many, the first and the last.
        cuts: by the node that has lost its history.
        reads: tensors that have a history, or had one, and were read as numbers, and where.
        sources: what nodes were computed from that have forgotten it.
        frozen: leaves that were told not to require grad, and where.
        late: leaves that were told to require grad, what they were before, and where.
        missed: leaves whose `.grad` was read when there was none, where, and behind how many walks.
        statement: the one that is being run.
    """

    def __init__(self, surroundings: Any) -> None:
        super().__init__(surroundings)
        self.walks: list[Walk] = []
        self.walked = 0
        self.walk: Walk | None = None
        self.cuts: dict[Node, Cut] = {}
        self.reads: list[tuple[Node, Span | None]] = []
        self.sources: dict[Node, tuple[Node, ...]] = {}
        self.frozen: list[tuple[Tensor, Span | None]] = []
        self.late: list[tuple[Tensor, Node, Span | None]] = []
        self.missed: list[tuple[Tensor, Span | None, int]] = []
        self.statement: tree.Statement | None = None
        self.quiet = False

    @property
    def place(self) -> Span | None:
        """Where the statement stands that is being run; None for an expression at the very end."""
        return None if self.statement is None else self.statement.span

    def read_gradient(self, tensor: Tensor) -> Tensor | None:
        found = super().read_gradient(tensor)
        if found is None and tensor.is_leaf and tensor.requires_grad and len(self.missed) < MOST_EVENTS:
            self.missed.append((tensor, self.place, self.walked))
        return found

    # ---- walks ----

    def backward(self, roots: Sequence[Tensor], weights: Sequence[Tensor | None], **options: Any) -> None:
        options["final"] = False
        keeps = options.get("retain_graph")
        self._begin(roots, weights, False, bool(options.get("create_graph") if keeps is None else keeps))
        try:
            super().backward(roots, weights, **options)
            assert self.walk is not None
            self.walk.done = True
        finally:
            self.walk = None

    def grad(
        self,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        grad_outputs: Sequence[Tensor | None] | None = None,
        **options: Any,
    ) -> tuple[Tensor | None, ...]:
        keeps = options.get("retain_graph")
        weights = grad_outputs if grad_outputs is not None else [None] * len(outputs)
        self._begin(outputs, weights, True, bool(options.get("create_graph") if keeps is None else keeps))
        try:
            found = super().grad(outputs, inputs, grad_outputs, **options)
            assert self.walk is not None
            self.walk.done = True
            return found
        finally:
            self.walk = None

    def _begin(
        self, roots: Sequence[Tensor], weights: Sequence[Tensor | None], gives: bool, keeps: bool
    ) -> None:
        self.walked += 1
        self.walk = Walk(self.walked, self.span, gives, keeps)
        self.walk.roots = [each.node for each in roots]
        self.walk.weights = [None if each is None else each.node for each in weights]
        self.walks.append(self.walk)
        if len(self.walks) > 2 * MOST_WALKS:
            del self.walks[MOST_WALKS]

    def _replay(self, root: Node) -> bool:
        return False  # a replayed walk cannot be looked at

    def _visit(self, heard: dict[Node, Any] | None = None) -> Callable[[Node, Any], Any]:
        inner, walk = super()._visit(heard), self.walk

        def visit(node: Node, cotangent: Any) -> Any:
            arrived = cotangent
            if inner is not None:
                cotangent = inner(node, cotangent)
            if walk is not None:
                walk.cotangents[node] = cotangent
                if cotangent is not arrived:
                    walk.changed[node] = arrived
            return cotangent

        return visit

    def _add_value(self, node: Node, value: Any) -> None:
        before = _grad(node)
        super()._add_value(node, value)
        self._added(node, before, value)

    def _add_recorded(self, node: Node, gradient: Node) -> None:
        before = _grad(node)
        super()._add_recorded(node, gradient)
        self._added(node, before, engine.value(gradient))

    def _added(self, node: Node, before: Any, value: Any) -> None:
        if self.walk is not None:
            self.walk.ledger.append(Added(node, before, value, _grad(node)))

    # ---- where history is lost ----

    def set_requires_grad(self, tensor: Tensor, flag: bool = True) -> Tensor:
        before = tensor.node
        result = super().set_requires_grad(tensor, flag)
        if before.requires_grad and not flag:
            self.frozen.append((tensor, self.place))
        elif flag and not before.requires_grad:
            self.late.append((tensor, before, self.place))
        if before in self.cuts and tensor.node is not before:  # a leaf anew
            self.sources[tensor.node] = before.inputs or self.sources.get(before, ())
            self.cuts[tensor.node] = self.cuts[before]
        return result

    def apply(self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], first: int = 1) -> Any:
        result = super().apply(function, args, kwargs, first)
        if type(result) is Tensor and not result.requires_grad:
            given = [each.node for each in args if type(each) is Tensor]
            read = [each for each in given if each.op is not LEAF and self._came_of_a_leaf(each)]
            # Some functions read the values of their operands, and their results know nothing of these.
            if read and not set(read) & set(postorder([result.node], self._inside(result.node.call))):
                self.sources[result.node] = (*self.sources.get(result.node, ()), *read)
        return result

    def _inside(self, call: RecordedCall | None) -> Callable[[Node], tuple[Node, ...]]:
        return lambda node: self._below(node) if node.call is call else ()

    def _below(self, node: Node) -> tuple[Node, ...]:
        return (*node.inputs, *self.sources.get(node, ()))

    def detach(self, tensor: Tensor, silent: bool = False) -> Tensor:
        result = super().detach(tensor, silent)
        self._cut(result.node, "detach", tensor.node)
        return result

    def detach_in_place(self, tensor: Tensor) -> None:
        before = tensor.node
        super().detach_in_place(tensor)
        self._cut(tensor.node, "detach", before)

    def _settle(self, node: Node) -> bool:
        inputs = node.inputs
        settled = super()._settle(node)
        self.sources[node] = inputs
        for each in inputs:
            if each.requires_grad and not self.quiet:
                self._cut(node, "no_grad", each)
                break
        return settled

    def _cut(self, node: Node, how: str, source: Node) -> None:
        self.sources.setdefault(node, (source,))
        if source.requires_grad:
            self.cuts[node] = Cut(how, source, self.span)

    def numpy(self, tensor: Tensor) -> np.ndarray[Any, Any]:
        self._read(tensor)
        return super().numpy(tensor)

    def value(self, tensor: Tensor) -> Any:
        self._read(tensor)
        return super().value(tensor)

    def _read(self, tensor: Tensor) -> None:
        if len(self.reads) < MOST_EVENTS and self._came_of_a_leaf(tensor.node):
            self.reads.append((tensor.node, self.span))

    def _came_of_a_leaf(self, node: Node) -> bool:
        """Whether a value has a history, or had one that was cut: an integer, a comparison, detached."""
        pending, seen = [node], 0
        while pending and seen < MOST_BEHIND:
            each = pending.pop()
            if each.requires_grad:
                return True
            seen += 1
            pending += self._below(each)
        return False


def _grad(node: Node) -> Any:
    accumulator = node.accumulator
    grad = accumulator.grad if accumulator is not None else None
    return None if grad is None else engine.value(grad.node)
