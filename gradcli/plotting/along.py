"""One program as a function of one input: values, derivatives and watched conditions at any points.

All points of a pass are one evaluation, or one for each path that the program takes (`evaluation.many`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.evaluation.many import Found, Many
from gradcli.evaluation.paths import moved
from gradcli.evaluation.roots import entries
from gradcli.evaluation.run import Ran
from gradcli.record import Record
from gradcli.tape.forward import forward
from gradcli.tape.node import FLOATS, LEAF, Node, postorder
from gradcli.tape.primitives import Elementwise, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.evaluation.options import Options

Array = np.ndarray[Any, np.dtype[Any]]

MOST_PATHS = 24
"""More paths than this tell nothing of where a curve breaks, for one without a gradient."""
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
        width: of the range.

    Attributes:
        labels: the name of each curve: the root's, or those of its elements.
        cut: for each curve whether no gradient reaches the input from it; its derivatives are differences.

    Raises:
        GradcliError: as `gradcli.evaluate`.
    """

    def __init__(
        self, source: str, name: str, options: Options, orders: int, start: float, width: float
    ) -> None:
        self.name, self.orders = name, orders
        self._known: dict[Any, int] = {}
        self._many = Many(source, options.replaced(wrt=[name]), self._wanted)
        self.step = 1e-4 * width
        self.cut: list[bool] = []
        self.labels: list[str] = []
        ran = self._many.record({name: np.float64(start)}).ran
        self.labels = scalar_labels(ran, (name,))
        for root in roots_of(ran).values():
            self.cut += [not root.requires_grad] * root.node.size

    def _wanted(self, ran: Ran) -> list[Node]:
        """The roots and their derivatives (forward mode over itself: there is one input); what is watched."""
        if scalar_labels(ran, (self.name,)) != (self.labels or scalar_labels(ran, (self.name,))):
            raise GradcliError("no-grad", f"the program has other roots for some {self.name} than elsewhere")
        source = ran.target(self.name).node
        tangent = {source: literal(1.0, source.dtype)}
        roots = [root.node for root in roots_of(ran).values()]
        wanted = list(roots)
        for _ in range(self.orders):
            roots = forward(roots, tangent)
            wanted += roots
        order = postorder(wanted)
        reached = moved(order, [source])
        return [*wanted, *[node for node in order if node in reached and _is_discrete(node)]]

    def at(self, points: Array | Sequence[float]) -> Samples:
        """Values and derivatives at these points; nan where the program fails.

        Raises:
            GradcliError: it fails everywhere.
        """
        x = np.asarray(points, np.float64)
        if not any(self.cut) or not x.size:
            return self._at(x)
        around = self._at(np.concatenate([x, x - self.step, x + self.step]))
        here, before, after = np.split(around.y, 3, axis=2)
        cut = np.asarray(self.cut)
        here[1, cut] = (after - before)[0, cut] / (2 * self.step)
        here[2:, cut] = 0.0
        here[2:3, cut] = (after - 2 * here + before)[:1, cut] / self.step**2
        paths = around.paths[: x.size]
        if (
            len(np.unique(paths)) > MOST_PATHS
        ):  # a number was made of the input, so every point is one by itself
            paths = np.zeros_like(paths)
        return Samples(x, here, paths)

    def _at(self, x: Array) -> Samples:
        y = np.full((self.orders + 1, len(self.labels), x.size), np.nan)
        paths = np.full(x.size, -1)
        found = self._many({self.name: x}, x.size) if x.size else Found([], {})
        if found.failed and not found.values:
            raise next(iter(found.failed.values()))
        count = len(self.labels) * (self.orders + 1)
        for path, rows, values in found.values:
            flat = [np.asarray(value, np.float64).reshape(len(rows), -1) for value in values]
            whole = np.concatenate(flat, 1)
            y[:, :, rows] = whole[:, :count].T.reshape(self.orders + 1, -1, len(rows))
            watched = np.ascontiguousarray(whole[:, count:])
            for row, seen in zip(rows.tolist(), watched, strict=True):
                paths[row] = self._known.setdefault((path.number, seen.tobytes()), len(self._known))
        y[1:, np.isnan(y[0])] = np.nan  # a rule may give a number where the function has none, as log's does
        return Samples(x, y, paths)


def scalar_labels(ran: Ran, names: Sequence[str]) -> list[str]:
    """The name of each element of the roots of a program whose inputs of these names are scalars.

    Raises:
        GradcliError: `no-grad`, `bad-argument`, `limit`: there is nothing to draw, or too much.
    """
    roots = roots_of(ran)
    if not roots:
        raise GradcliError(
            "no-grad",
            "there is no value to plot: the program calls backward itself, or ends without one",
            hint="name a root with --root",
        )
    for name in names:
        if ran.target(name).shape:
            raise GradcliError("bad-argument", f"{name} is no scalar in this program")
    return _labels(roots)


def roots_of(ran: Ran) -> dict[str, Tensor]:
    """What is to be drawn, by name: also what no gradient comes from, as a comparison or a number."""
    found = ran.roots
    if ran.options.roots is None:  # of several values those with a gradient are roots; all are drawn
        every = {label: each for name, value in ran.last.items() for label, each in entries(name, value)}
        if found.keys() <= every.keys() and not ran.runtime.own_backward:
            found = every
    return {
        name: value if type(value) is Tensor else ran.session.tensor(value)
        for name, value in found.items()
        if type(value) in (Tensor, int, float, bool)
    }


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
