"""The engine's front door: gives nodes their values.

Small work is done here at once, node by node; large arrays go through a plan. Called by `autograd`
whenever a value is wanted: an output, a condition, a `print`, a shape that depends on data.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.node import FLOAT64, LARGE, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Protocol

    class Watch(Protocol):
        """Who is told of the nodes whose values are wanted, before they have them: a list, say."""

        def append(self, node: Node, /) -> None:
            """One of them."""

        def extend(self, nodes: Sequence[Node], /) -> None:
            """Several."""


before_forgetting: Callable[[Node], None] | None = None
"""Called with a node that is about to forget its inputs, since its value is there."""
_demands = 0
_walks = 0
_watch: Watch | None = None


def demands() -> int:
    """How often values were wanted so far: who compares two readings knows whether a program looked."""
    return _demands


@contextmanager
def during_a_walk() -> Iterator[None]:
    """While the program's own rules run inside a walk, which still reads the inputs of what they look at."""
    global _walks
    _walks += 1
    try:
        yield
    finally:
        _walks -= 1


@contextmanager
def watched(watch: Watch | None = None) -> Iterator[Any]:
    """In its body nothing forgets how it was computed, and `watch` (a list) is told which values are wanted.

    So a whole run can be recorded again with other values, and who compares those of the listed nodes knows
    whether the program would have done the same.
    """
    global _watch, _walks
    before, _watch = _watch, [] if watch is None else watch
    _walks += 1
    try:
        yield _watch
    finally:
        _watch = before
        _walks -= 1


def keeps_all() -> bool:
    """Whether nothing is to be computed before somebody wants it."""
    return _watch is not None


def value(node: Node) -> Any:
    """The value of one node, computed if need be."""
    global _demands
    _demands += 1  # also for a leaf: what is recorded next may depend on its value
    if _watch is not None:
        _watch.append(node)
    if node.value is None:
        compute((node,))
    return node.value


def settled(node: Node) -> bool:
    """Computes a node before anybody wants it, if its inputs have their values; it forgets them."""
    global _demands
    inputs = node.inputs
    if not inputs or _watch is not None:
        return False
    for each in inputs:
        if each.value is None:
            return False
    _demands += 1  # what is recorded next holds the value in place of the computation
    evaluate(node)
    if before_forgetting is not None:
        before_forgetting(node)
    node.inputs = ()
    return True


def compute(wanted: Iterable[Node]) -> None:
    """Gives every node in `wanted` its value.

    Values of small nodes stay with them, values of large ones only where they are wanted or a
    tensor of the user's still refers to them. A node that requires no grad forgets its inputs
    once it has its value: nobody will walk through it again.
    """
    global _demands
    if _watch is not None:
        wanted = list(wanted)
        _watch.extend(wanted)
    wanted = [node for node in wanted if node.value is None]
    if not wanted:
        return
    _demands += 1
    order, large = pending(wanted)
    if large > PLANNING * len(order) or (large and len(order) < MANY) or context.current().even:
        from gradcli.engine.large import run

        run(order, wanted)
    else:
        on_time = context.current().on_time
        for node in order:
            if on_time is not None:
                on_time()
            evaluate(node)
    if not _walks:
        for node in order:
            if (
                not node.requires_grad
                and node.value is not None
                and not (
                    (node.op.views or (node.op.converts and not node.inputs[0].op.converts))
                    and node.version is None  # inside a function: what it shows may be overwritten
                )
            ):
                if before_forgetting is not None:
                    before_forgetting(node)
                node.inputs = ()


def compute_small(order: Iterable[Node]) -> None:
    """Gives the nodes of a small graph their values, and what they read.

    Args:
        order: nodes, each after those of its inputs that are among them.
    """
    on_time = context.current().on_time
    for node in order:
        for each in node.inputs:
            if each.value is None:
                compute((each,))
        if node.value is None:
            if on_time is not None:
                on_time()
            evaluate(node)


PLANNING = 64
"""So many elements of large arrays for each node are computed sooner than a plan is made."""
MANY = 10_000
"""Fewer nodes are planned for whatever it takes: what is large takes less memory then."""


def pending(wanted: Iterable[Node]) -> tuple[list[Node], int]:
    """The nodes without a value that `wanted` needs, inputs first, and the elements of what is large."""
    # A walk of its own beside `tape.node.postorder`: everything computed comes through here, and asking
    # a function for what is below takes two and a half times as long a node.
    order: list[Node] = []
    large = 0
    seen: set[Node] = set()
    stack: list[Node | None] = []
    for root in wanted:
        stack.append(root)
        while stack:
            node = stack.pop()
            if node is None:
                done = stack.pop()
                assert done is not None
                order.append(done)
                continue
            if node in seen:
                continue
            seen.add(node)
            if node.size > LARGE:
                large += node.size
            stack.append(node)
            stack.append(None)
            for each in node.inputs:
                if each.value is None:
                    if each not in seen:
                        stack.append(each)
                elif each.size > LARGE and each not in seen:
                    seen.add(each)
                    large += each.size
    return order, large


def evaluate(node: Node) -> None:
    """Computes one node whose inputs have their values."""
    op = node.op
    if node.dtype is FLOAT64 and not node.shape:
        scalar = op.scalar
        if scalar is not None:
            try:
                node.value = scalar(*[each.value for each in node.inputs], *node.attrs)
                return
            except (ArithmeticError, ValueError, TypeError):
                pass  # inf, nan or an overflow: the kernel knows the convention
    try:
        node.value = op.compute(*[each.value for each in node.inputs], *node.attrs)
    except GradcliError as error:  # a singular matrix, an index out of range: seen only now
        if error.span is None and node.call is not None:
            error.span = node.call.span
        raise
