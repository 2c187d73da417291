"""Taylor mode: the first N derivatives along a curve, in N² instead of 4ᴺ.

Every node becomes a truncated power series in one variable. There is no table of rules for it: a
linear operation acts on each coefficient, a product convolves, and any other operation satisfies the
differential equation y' = (its forward-mode tangent), whose right-hand side is an expression over the
same tape, so that its coefficients are known one order ahead of those that they determine. What keeps
the expressions finite is that equal ones are the same node: the equation of sin mentions cos(x), whose
equation mentions sin(x) again.
"""

from __future__ import annotations

from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.run import value
from gradcli.ops.elementwise import (
    eq,
    exp,
    ge,
    log,
    logical_and,
    power,
    power_number,
    reciprocal,
    rsqrt,
    sqrt,
)
from gradcli.tape import context
from gradcli.tape.forward import tangent_of
from gradcli.tape.general import PART, General
from gradcli.tape.node import FLOATS, LEAF, Node, Primitive, topological
from gradcli.tape.partials import Static
from gradcli.tape.primitives import Elementwise, Linear, div, guarded_mul, mul, multiplied_out, where
from gradcli.tape.share import Sharing
from gradcli.tape.untaken import shield_values, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Series = list[Any]
"""The coefficients known so far; a missing one is not zero but not computed yet."""

MOST_FACTORS = 1024
"""Up to this exponent a whole power is multiplied out, which also holds where the base is zero."""


class SeriesDerivative(Primitive):
    """The derivative of a series by its variable: coefficient k is (k+1) times the next one."""

    name = "derivative"

    def saves(self, node: Node) -> bool:
        return False


DERIVATIVE = SeriesDerivative()


class Taylor:
    """Power series of nodes along one curve, with arrays as coefficients.

    Args:
        curve: for leaves, the coefficients of order 1, 2, … (order 0 is the leaf's value).
    """

    def __init__(self, curve: Mapping[Node, Sequence[Any]]) -> None:
        self._series: dict[Node, Series] = {}
        self._moving: dict[Node, bool] = dict.fromkeys(curve, True)
        self._masked: dict[Node, bool] = {}
        self._equations: dict[Any, Node] = {}
        self._sharing = Sharing()
        self._curve = curve
        self._done: dict[Node, int] = {}

    def coefficients(self, root: Node, order: int) -> list[Any]:
        """The coefficients 0 to `order` of `root`; the n-th derivative is n! times the n-th."""
        done = self._done.get(root, -1)
        if done < order:
            self._done[root] = order
            nodes = [node for node in topological([root]) if node.op.parts == 0]
            if done < 0:
                for node in nodes:
                    self._sharing.of(node, node.inputs)
                    self.moves(node)
            on_time = context.current().on_time
            for k in range(done + 1, order + 1):  # in the order of the tape: no recursion along a chain
                if on_time is not None:
                    on_time()
                for node in nodes:
                    self.coefficient(node, k)
        return [self.coefficient(root, k) for k in range(order + 1)]

    def moves(self, node: Node) -> bool:
        """Whether the node depends on the curve at all; indices and conditions jump, they do not move."""
        found = self._moving.get(node)
        if found is None:
            found = False
            if node.requires_grad and node.dtype in FLOATS:  # else it was cut from its history
                for each in node.inputs:
                    if self.moves(each):
                        found = True
                        break
            self._moving[node] = found
        return found

    def coefficient(self, node: Node, k: int) -> Any:
        """Coefficient `k` of a node."""
        series = self._series.get(node)
        if series is None:
            series = self._series[node] = []
        while len(series) <= k:
            order = len(series)
            found = self._next(node, order)
            if order and self._follows_mask(node) and self.doubtful(found):
                found = self._taken(node, found, order)
            series.append(found)
        return series[k]

    def _follows_mask(self, node: Node) -> bool:
        """Whether zeros in the series that it is computed from mean "not taken"."""
        found = self._masked.get(node)
        if found is None:
            found = False
            if self.moves(node) and node.op is not DERIVATIVE:
                for each in node.inputs:
                    if self.moves(each) and (each.op.selects or self._follows_mask(each)):
                        found = True
                        break
            self._masked[node] = found
        return found

    def _taken(self, node: Node, found: Any, order: int) -> Any:
        """A coefficient, of which nothing counts that isn't finite where no input moves."""
        source = node.inputs[0] if node.op is PART else node
        moving = [each for each in source.inputs if self.moves(each)]
        alongs = [
            side_by_side(each, node) if isinstance(node.op, Elementwise) else (None,) * node.ndim
            for each in moving
        ]
        return self.shielded(
            found,
            [self.coefficient(each, k) for each in moving for k in range(1, order + 1)],
            [along for along in alongs for _ in range(order)],
        )

    def _next(self, node: Node, k: int) -> Any:
        op = node.op
        if op is DERIVATIVE:
            return (k + 1) * self.coefficient(node.inputs[0], k + 1)
        if k == 0:
            return self.value(node)
        if node in self._curve:
            curve = self._curve[node]
            return self.wrapped(curve[k - 1], node) if k <= len(curve) else self.zero(node)
        if not self.moves(node):
            return self.zero(node)
        rule = _RULES.get(op)
        if rule is not None:
            found = rule(self, node, k)
            if found is not None:
                return found
        elif isinstance(op, General) and op.terms is not None:
            found = _convolved(self, node, k)
            if found is not None:
                return found
        elif isinstance(op, Linear):
            return self.applied(
                node,
                [
                    self.coefficient(each, k if op.linear_in(node, index) else 0)
                    for index, each in enumerate(node.inputs)
                ],
            )
        elif isinstance(op, Elementwise) and all(
            isinstance(each, (int, float, Static)) for each in op.partials
        ):
            return self._constant_partials(op, node, k)
        return self.coefficient(self._equation(node), k - 1) / k

    def _constant_partials(self, op: Elementwise, node: Node, k: int) -> Any:
        total = self.zero(node)
        for each, slope in zip(node.inputs, op.partials, strict=True):
            factor = slope.of(*node.attrs) if isinstance(slope, Static) else slope
            if factor and self.moves(each):
                total = total + factor * self.coefficient(each, k)
        return total

    # ---- arithmetic: on arrays here, on nodes in `taylor_nodes` ----

    def value(self, node: Node) -> Any:
        """Coefficient 0."""
        if node.value is None and node.inputs and not node.op.parts:
            if node.op is PART:
                return np.asarray(value(node))[()]
            return self.applied(node, [self.coefficient(each, 0) for each in node.inputs])
        if node.op.parts:
            return value(node)
        return np.asarray(value(node), node.dtype)[()]

    def wrapped(self, coefficient: Any, node: Node) -> Any:
        """A coefficient of the curve."""
        return np.asarray(coefficient)[()]

    def zero(self, node: Node) -> Any:
        """A coefficient that vanishes."""
        return np.zeros(node.shape, node.dtype)[()]

    def applied(self, node: Node, coefficients: Sequence[Any]) -> Any:
        """What the node's operation makes of coefficients in which it is linear."""
        return np.asarray(node.op.compute(*coefficients, *node.attrs))[()]

    def selected(self, node: Node, condition: Any, a: Any, b: Any) -> Any:
        """`a` where the condition holds, else `b`."""
        return np.where(condition, a, b)[()]

    def doubtful(self, found: Any) -> bool:
        """Whether a coefficient may hold inf or nan."""
        return not isfinite(found if isinstance(found, float) else np.add.reduce(found, None))

    def shielded(self, found: Any, coefficients: Sequence[Any], alongs: Sequence[Any]) -> Any:
        """`found`, but zero instead of inf or nan where all of the coefficients are zero."""
        return shield_values(found, found, *coefficients, alongs)

    def singular(self, base: Any) -> Any:
        """Where a power's base is zero, or None if it is nowhere: its recurrence would divide by it."""
        zeros = np.equal(base, 0)
        return zeros if zeros.any() else None

    # ---- the differential equation of an operation ----

    def _equation(self, node: Node) -> Node:
        """The right-hand side of y' = …, as a node over the same tape."""
        found = self._equations.get(node)
        if found is None:
            source = node.inputs[0] if node.op is PART else node
            tangents = [self._derivative(each) if self.moves(each) else None for each in source.inputs]
            tangent = tangent_of(node, tangents)
            if tangent is None:
                tangent = Node(
                    LEAF, (), (), node.shape, node.dtype, False, np.zeros(node.shape, node.dtype)[()]
                )
            found = self._equations[node] = self._canonical(tangent)
        return found

    def _derivative(self, node: Node) -> Node:
        return self._sharing.of(Node(DERIVATIVE, (node,), (), node.shape, node.dtype, True), (node,))

    def _canonical(self, root: Node) -> Node:
        """`root` over nodes that are known already wherever an equal one is."""
        done: dict[Node, Node] = {}
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, expanded = stack.pop()
            if node in done:
                continue
            if node in self._series or not node.inputs:
                done[node] = self._sharing.of(node, node.inputs)
            elif not expanded:
                stack.append((node, True))
                stack.extend((each, False) for each in node.inputs)
            else:
                done[node] = self._sharing.of(node, tuple([done[each] for each in node.inputs]))
        return done[root]

    def auxiliary(self, node: Node, key: Any, make: Callable[[], Node]) -> Node:
        """An expression that stands for `node`, made once."""
        found = self._equations.get((node, key))
        if found is None:
            found = self._equations[node, key] = self._canonical(make())
        return found


# ---- the rules that are no differential equation -----------------------------------------------


def _convolved(taylor: Taylor, node: Node, k: int) -> Any:
    if len(node.inputs) != 2:
        return None
    a, b = node.inputs
    if not taylor.moves(a):
        return taylor.applied(node, (taylor.coefficient(a, 0), taylor.coefficient(b, k)))
    if not taylor.moves(b):
        return taylor.applied(node, (taylor.coefficient(a, k), taylor.coefficient(b, 0)))
    total = taylor.applied(node, (taylor.coefficient(a, 0), taylor.coefficient(b, k)))
    for j in range(1, k + 1):
        total = total + taylor.applied(node, (taylor.coefficient(a, j), taylor.coefficient(b, k - j)))
    return total


def _multiplied(taylor: Taylor, node: Node, k: int) -> Any:
    a, b = node.inputs
    if not taylor.moves(a):
        return taylor.coefficient(a, 0) * taylor.coefficient(b, k)
    if not taylor.moves(b):
        return taylor.coefficient(a, k) * taylor.coefficient(b, 0)
    total = taylor.coefficient(a, 0) * taylor.coefficient(b, k)
    for j in range(1, k + 1):
        total = total + taylor.coefficient(a, j) * taylor.coefficient(b, k - j)
    return total


def _quotient(taylor: Taylor, node: Node, k: int) -> Any:
    a, b = node.inputs
    rest = taylor.coefficient(a, k)
    if taylor.moves(b):
        for j in range(k):
            rest = rest - taylor.coefficient(node, j) * taylor.coefficient(b, k - j)
    return rest / taylor.coefficient(b, 0)


def _selected(taylor: Taylor, node: Node, k: int) -> Any:
    condition, a, b = node.inputs
    chosen = taylor.coefficient(condition, 0)
    return taylor.selected(node, chosen, taylor.coefficient(a, k), taylor.coefficient(b, k))


def _raised(taylor: Taylor, node: Node, k: int) -> Any:
    (x,), (n,) = node.inputs, node.attrs
    if n in (0, 1):
        return taylor.coefficient(x, k) * n
    if float(n).is_integer() and 2 <= n <= MOST_FACTORS:
        product = taylor.auxiliary(node, n, partial(multiplied_out, x, int(n), mul))
        return taylor.coefficient(product, k)
    return _power_recurrence(taylor, node, x, n, k)


def _power_recurrence(taylor: Taylor, node: Node, x: Node, n: Any, k: int) -> Any:
    """From x y' = n x' y (Knuth, The Art of Computer Programming 2, section 4.7)."""
    total: Any = 0.0
    for j in range(1, k + 1):
        total = total + (n * j - (k - j)) * taylor.coefficient(x, j) * taylor.coefficient(node, k - j)
    base = taylor.coefficient(x, 0)
    found = total / (k * base)
    zeros = taylor.singular(base)
    return found if zeros is None else _at_zero(taylor, node, x, n, k, found, zeros)


def _at_zero(taylor: Taylor, node: Node, x: Node, n: Any, k: int, found: Any, zeros: Any) -> Any:
    """The coefficient where the base is zero: of a whole power multiplied out, of others 0 or infinite."""
    exponents, zeros = np.broadcast_arrays(n, zeros)
    for exponent in np.unique(exponents[zeros]).tolist():
        there = zeros & (exponents == exponent)
        if exponent == 0:
            exact: Any = 0.0
        elif float(exponent).is_integer() and 0 < exponent <= MOST_FACTORS:
            product = taylor.auxiliary(node, exponent, partial(multiplied_out, x, int(exponent), mul))
            exact = taylor.coefficient(product, k)
        else:
            falling = np.prod([(exponent - j) / (j + 1) for j in range(k)])
            slope = taylor.coefficient(x, 1)
            exact = falling * slope**k * (np.inf if k > exponent else 0.0)
        found = np.where(there, exact, found)[()]
    return found


def _powered(taylor: Taylor, node: Node, k: int) -> Any:
    a, b = node.inputs
    if not taylor.moves(b):
        return _power_recurrence(taylor, node, a, taylor.coefficient(b, 0), k)
    if taylor.moves(a):
        return taylor.coefficient(taylor.auxiliary(node, None, lambda: exp(mul(b, log(a)))), k)

    def series() -> Node:
        zero = logical_and(eq(a, 0), ge(b, 0))  # there the power stays what it is
        return where(zero, 0.0, exp(mul(b, log(where(zero, 1.0, a)))))

    return taylor.coefficient(taylor.auxiliary(node, None, series), k)


def _root(exponent: float) -> Callable[[Taylor, Node, int], Any]:
    return lambda taylor, node, k: _power_recurrence(taylor, node, node.inputs[0], exponent, k)


_RULES: dict[Primitive, Callable[[Taylor, Node, int], Any]] = {
    mul: _multiplied,
    guarded_mul: _convolved,
    div: _quotient,
    where: _selected,
    power_number: _raised,
    power: _powered,
    sqrt: _root(0.5),
    rsqrt: _root(-0.5),
    reciprocal: _root(-1.0),
}
