"""One program as a function of one input: values, derivatives and watched conditions at any points.

The program runs once. Its tape and those of its derivatives are recorded again under one more leading dim, so
all points of a pass are one evaluation. A program that looks at its values (`if x > 0:`) is run for each one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.evaluation.run import Ran, at_work, begun, run
from gradcli.record import Record
from gradcli.syntax.parser import parse
from gradcli.tape.forward import forward
from gradcli.tape.node import FLOATS, LEAF, Node, leaf, postorder
from gradcli.tape.primitives import Elementwise, literal
from gradcli.tape.vmap import batched

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.evaluation.options import Options

Array = np.ndarray[Any, np.dtype[Any]]

MOST_CURVES = 20
"""More elements of a root than these are no picture."""


class Samples(Record):
    """What was found at N points.

    Attributes:
        x: the points, shape (N,), float64.
        y: values and derivatives, shape (orders + 1, curves, N), float64.
        paths: which conditions hold, a number for each combination, shape (N,): between two points with
            different numbers may be a kink or a jump.
    """

    x: Array
    y: Array
    paths: Array


class Along:
    """A program along one input.

    Args:
        source: its text.
        name: the input.
        options: the other inputs, roots, limits.
        orders: how many derivatives.
        start: a value inside the range, to record the program with.

    Attributes:
        labels: the name of each curve: the root's, or those of its elements.

    Raises:
        GradcliError: as `gradcli.evaluate`.
    """

    def __init__(self, source: str, name: str, options: Options, orders: int, start: float) -> None:
        self.name, self.orders = name, orders
        self.program = Program(source, (name,), options, lambda roots, leaves: _orders(roots, leaves, orders))
        self._known: dict[Any, int] = {}
        self._tape = self.program.recorded((start,))
        self.labels = self._tape.labels
        self.each = self._tape.looked  # whether each point is a run of its own

    def at(self, points: Array | Sequence[float]) -> Samples:
        """Values and derivatives at these points."""
        x = np.asarray(points, np.float64)
        shape = (self.orders + 1, len(self.labels), x.size)
        if not x.size:
            return Samples(x, np.empty(shape), np.empty(0, np.int64))
        if not self.each:
            values, watched = self._tape.at(x[:, None])
            rows = np.ascontiguousarray(watched)
            paths = [self._number(row.tobytes()) for row in rows]
            return Samples(x, values.T.reshape(shape), np.asarray(paths))
        found, paths = [], []
        for point in x.tolist():
            tape = self.program.recorded((point,))
            if tape.labels != self.labels:
                raise GradcliError(
                    "no-grad", f"the program has other roots at {self.name} = {point!r} than elsewhere"
                )
            values, watched = tape.at(None)
            found.append(values[0])
            paths.append(self._number((tape.structure(), watched.tobytes())))
        return Samples(x, np.asarray(found).T.reshape(shape), np.asarray(paths))

    def _number(self, path: Any) -> int:
        return self._known.setdefault(path, len(self._known))


def _orders(roots: list[Node], leaves: Sequence[Node], orders: int) -> list[Node]:
    """The roots and their derivatives: forward mode over itself, since there is one input."""
    (source,) = leaves
    tangent = {source: literal(1.0, source.dtype)}
    wanted = list(roots)
    for _ in range(orders):
        roots = forward(roots, tangent)
        wanted += roots
    return wanted


class Program:
    """A program as a function of some scalar inputs.

    Args:
        source: its text.
        names: the inputs.
        options: the other inputs, roots, limits.
        wanted: what is to be evaluated, as nodes, from those of the roots and the inputs.
    """

    def __init__(
        self,
        source: str,
        names: Sequence[str],
        options: Options,
        wanted: Callable[[list[Node], Sequence[Node]], list[Node]],
    ) -> None:
        self.source, self.names, self.options, self.wanted = source, tuple(names), options, wanted
        self.module = parse(source)

    def recorded(self, point: Sequence[float]) -> Recorded:
        """The program recorded with these values."""
        inputs = dict(zip(self.names, map(np.float64, point), strict=True))
        options = self.options.replaced(
            inputs={**(self.options.inputs or {}), **inputs}, wrt=list(self.names)
        )
        runtime = begun(self.source, options)
        with at_work(runtime):
            return Recorded(run(self.module, options, runtime), self)


class Recorded:
    """One recorded run, and what is wanted of it.

    Attributes:
        labels: the name of each element of the roots.
        looked: the program looked at a value, so the tape holds for this point only.
    """

    def __init__(self, ran: Ran, program: Program) -> None:
        self.looked = ran.looked
        self.ran = ran
        aim = ran.aim
        if aim is None:
            raise GradcliError(
                "no-grad",
                "there is no value to plot: the program calls backward itself, or ends without one",
                hint="name a root with --root",
            )
        self.leaves = [aim.wrt[name].node for name in program.names]
        for name, each in zip(program.names, self.leaves, strict=True):
            if each.shape:
                raise GradcliError("bad-argument", f"{name} is no scalar in this program")
        self.labels = _labels(aim.roots)
        self.wanted = program.wanted([root.node for root in aim.roots.values()], self.leaves)
        self.order = postorder(self.wanted, lambda node: node.inputs)
        moved = _moved(self.order, self.leaves)
        self.watched = [node for node in self.order if node in moved and _is_discrete(node)]

    def at(self, points: Array | None) -> tuple[Array, Array]:
        """What is wanted at N points, and what is watched there.

        Args:
            points: shape (N, inputs); None is the point with which the tape was recorded.

        Returns:
            Arrays of shape (N, elements that are wanted) and (N, elements that are watched).
        """
        with at_work(self.ran.runtime):
            nodes = [*self.wanted, *self.watched]
            size = 1
            if points is not None:
                size = len(points)
                columns = [
                    leaf(column.astype(each.dtype), requires_grad=True)
                    for each, column in zip(self.leaves, points.T, strict=True)
                ]
                nodes = batched(nodes, dict(zip(self.leaves, columns, strict=True)), size, self.order)
            engine.compute(nodes)
            values = [np.asarray(engine.value(node), np.float64).reshape(size, -1) for node in nodes]
        count = len(self.wanted)
        watched = np.concatenate(values[count:], 1) if self.watched else np.empty((size, 0))
        return np.concatenate(values[:count], 1), watched

    def structure(self) -> int:
        """A number that is equal for equal sequences of operations."""
        return hash(tuple([(node.op.name, node.shape, len(node.inputs)) for node in self.order]))


def _moved(order: Sequence[Node], sources: Sequence[Node]) -> set[Node]:
    moved = set(sources)
    for node in order:
        if any(each in moved for each in node.inputs):
            moved.add(node)
    return moved


def _is_discrete(node: Node) -> bool:
    """Whether a value can only jump: comparisons, indices, and what has the derivative zero everywhere."""
    if node.dtype not in FLOATS:
        return node.op is not LEAF
    op = node.op
    return isinstance(op, Elementwise) and bool(op.partials) and all(each == 0 for each in op.partials)


def _labels(roots: dict[str, Tensor]) -> list[str]:
    found = []
    for name, root in roots.items():
        if not root.shape:
            found.append(name)
        else:
            if root.node.size > MOST_CURVES:
                raise GradcliError(
                    "limit",
                    f"{root.node.size:,} curves are no picture: at most {MOST_CURVES}",
                    hint="plot a sum, or some elements",
                )
            indices = np.ndindex(*root.shape)
            found += [f"{name}[{','.join(map(str, index))}]" for index in indices]
    return found
