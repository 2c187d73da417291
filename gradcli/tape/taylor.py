"""Taylor mode: the first N derivatives along a curve, in N² instead of 4ᴺ.

Every node becomes a truncated power series in one variable. There is no table of rules for it: a
linear operation acts on each coefficient, a product convolves, and any other operation satisfies the
differential equation y' = (its forward-mode tangent), whose right-hand side is an expression over the
same tape, so that its coefficients are known one order ahead of those that they determine. What keeps
the expressions finite is that equal ones are the same node: the equation of sin mentions cos(x), whose
equation mentions sin(x) again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.run import value
from gradcli.ops.core import LITERAL, PART, Elementwise, Linear, Static, div, guarded_mul, mul, neg, where
from gradcli.ops.elementwise import exp, log, power, power_number
from gradcli.ops.products import contract, matmul_primitive
from gradcli.tape.forward import tangent_of
from gradcli.tape.node import FLOATS, LEAF, Node, Primitive, topological

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Series = list[Any]
"""The coefficients known so far; a missing one is not zero but not computed yet."""

MOST_FACTORS = 1024
"""Up to this exponent a whole power is multiplied out, which also holds where the base is zero."""


class Derivative(Primitive):
    """The derivative of a series by its variable: coefficient k is (k+1) times the next one."""

    name = "derivative"

    def saves(self, node: Node) -> bool:
        return False


DERIVATIVE = Derivative()


class Taylor:
    """Power series of nodes along one curve.

    Args:
        curve: for leaves, the coefficients of order 1, 2, … (order 0 is the leaf's value).
    """

    def __init__(self, curve: Mapping[Node, Sequence[Any]]) -> None:
        self._series: dict[Node, Series] = {}
        self._moving: dict[Node, bool] = {}
        self._equations: dict[Node, Node] = {}
        self._shared: dict[Any, Node] = {}
        self._curve = curve
        for node in curve:
            self._moving[node] = True

    def coefficients(self, root: Node, order: int) -> list[Any]:
        """The coefficients 0 to `order` of `root`; the n-th derivative is n! times the n-th."""
        nodes = topological([root])
        for node in nodes:
            self._share(node)
        for k in range(order + 1):  # in the order of the tape, so that no recursion runs along a chain
            for node in nodes:
                if node.op.parts == 0:
                    self.coefficient(node, k)
        return [self.coefficient(root, k) for k in range(order + 1)]

    def moves(self, node: Node) -> bool:
        """Whether the node depends on the curve at all; indices and conditions jump, they do not move."""
        found = self._moving.get(node)
        if found is None:
            found = node.dtype in FLOATS and any(self.moves(each) for each in node.inputs)
            self._moving[node] = found
        return found

    def coefficient(self, node: Node, k: int) -> Any:
        """Coefficient `k` of a node: a NumPy scalar or array of its shape."""
        series = self._series.setdefault(node, [])
        while len(series) <= k:
            series.append(self._next(node, len(series)))
        return series[k]

    def _next(self, node: Node, k: int) -> Any:
        op = node.op
        if op is DERIVATIVE:
            return (k + 1) * self.coefficient(node.inputs[0], k + 1)
        if k == 0:
            return self._value(node)
        if node in self._curve:
            given = self._curve[node]
            return np.asarray(given[k - 1])[()] if k <= len(given) else _zero(node)
        if op is LEAF or op is LITERAL or not self.moves(node):
            return _zero(node)
        rule = _RULES.get(op)
        if rule is not None:
            found = rule(self, node, k)
            if found is not None:
                return found
        elif isinstance(op, Linear):
            inputs = [
                self.coefficient(each, k)
                if self.moves(each) or each.dtype.kind == "f"
                else self.coefficient(each, 0)
                for each in node.inputs
            ]
            return np.asarray(op.compute(*inputs, *node.attrs))[()]
        elif isinstance(op, Elementwise) and all(
            isinstance(each, (int, float, Static)) for each in op.partials
        ):
            return self._constant_partials(op, node, k)
        return self.coefficient(self._equation(node), k - 1) / k

    def _value(self, node: Node) -> Any:
        if node.value is None and node.inputs and not node.op.parts:
            if node.op is PART:
                return np.asarray(value(node))[()]
            return np.asarray(
                node.op.compute(*[self.coefficient(each, 0) for each in node.inputs], *node.attrs)
            )[()]
        if node.op.parts:
            return value(node)
        return np.asarray(value(node), node.dtype)[()]

    def _constant_partials(self, op: Elementwise, node: Node, k: int) -> Any:
        total = _zero(node)
        for each, partial in zip(node.inputs, op.partials, strict=True):
            factor = partial.of(*node.attrs) if isinstance(partial, Static) else partial
            if factor and self.moves(each):
                total = total + factor * self.coefficient(each, k)
        return total

    # ---- the differential equation of an operation ----

    def _equation(self, node: Node) -> Node:
        """The right-hand side of y' = …, as a node over the same tape."""
        found = self._equations.get(node)
        if found is None:
            source = node.inputs[0] if node.op is PART else node
            tangents = [self._derivative(each) if self.moves(each) else None for each in source.inputs]
            tangent = tangent_of(node, tangents)
            if tangent is None:
                tangent = Node(LEAF, (), (), node.shape, node.dtype, False, _zero(node))
            found = self._equations[node] = self._canonical(tangent)
        return found

    def _derivative(self, node: Node) -> Node:
        return self._share(Node(DERIVATIVE, (node,), (), node.shape, node.dtype, True))

    def _share(self, node: Node) -> Node:
        if node.op is LEAF:
            return node
        if node.op is neg and node.inputs[0].op is neg:
            return node.inputs[0].inputs[0]
        key: Any = (node.op, node.inputs, node.attrs)
        if node.op is LITERAL:
            key = (LITERAL, repr(node.attrs), node.dtype)
        return self._shared.setdefault(key, node)

    def _canonical(self, root: Node) -> Node:
        """`root` over nodes that are known already wherever an equal one is."""
        done: dict[Node, Node] = {}
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, expanded = stack.pop()
            if node in done:
                continue
            if node in self._series or not node.inputs:
                done[node] = self._share(node)
            elif not expanded:
                stack.append((node, True))
                stack.extend((each, False) for each in node.inputs)
            else:
                inputs = tuple([done[each] for each in node.inputs])
                again = node
                if inputs != node.inputs:
                    again = Node(node.op, inputs, node.attrs, node.shape, node.dtype, node.requires_grad)
                done[node] = self._share(again)
        return done[root]

    def auxiliary(self, node: Node, make: Callable[[], Node]) -> Node:
        """An expression that stands for `node`, made once."""
        found = self._equations.get(node)
        if found is None:
            found = self._equations[node] = self._canonical(make())
        return found


def _zero(node: Node) -> Any:
    return np.zeros(node.shape, node.dtype)[()]


# ---- the rules that are no differential equation -----------------------------------------------


def _convolved(combine: Callable[[Node, Any, Any], Any]) -> Callable[[Taylor, Node, int], Any]:
    def rule(taylor: Taylor, node: Node, k: int) -> Any:
        a, b = node.inputs
        if not taylor.moves(a):
            return combine(node, taylor.coefficient(a, 0), taylor.coefficient(b, k))
        if not taylor.moves(b):
            return combine(node, taylor.coefficient(a, k), taylor.coefficient(b, 0))
        return sum(
            combine(node, taylor.coefficient(a, j), taylor.coefficient(b, k - j)) for j in range(k + 1)
        )

    return rule


def _contracted(taylor: Taylor, node: Node, k: int) -> Any:
    if len(node.inputs) != 2:
        return None
    return _convolved(lambda node, a, b: contract.compute(a, b, *node.attrs))(taylor, node, k)


def _quotient(taylor: Taylor, node: Node, k: int) -> Any:
    a, b = node.inputs
    rest = taylor.coefficient(a, k)
    if taylor.moves(b):
        rest = rest - sum(taylor.coefficient(node, j) * taylor.coefficient(b, k - j) for j in range(k))
    return rest / taylor.coefficient(b, 0)


def _selected(taylor: Taylor, node: Node, k: int) -> Any:
    condition, a, b = node.inputs
    return np.where(taylor.coefficient(condition, 0), taylor.coefficient(a, k), taylor.coefficient(b, k))[()]


def _raised(taylor: Taylor, node: Node, k: int) -> Any:
    (x,), (n,) = node.inputs, node.attrs
    if n in (0, 1):
        return taylor.coefficient(x, k) * n
    if float(n).is_integer() and 2 <= n <= MOST_FACTORS:
        return taylor.coefficient(taylor.auxiliary(node, lambda: _multiplied_out(x, int(n))), k)
    return _power_recurrence(taylor, node, x, n, k)


def _multiplied_out(x: Node, n: int) -> Node:
    result: Node | None = None
    while n:
        if n & 1:
            result = x if result is None else mul(result, x)
        n >>= 1
        if n:
            x = mul(x, x)
    assert result is not None
    return result


def _power_recurrence(taylor: Taylor, node: Node, x: Node, n: Any, k: int) -> Any:
    """From x y' = n x' y (Knuth, The Art of Computer Programming 2, section 4.7)."""
    total = sum(
        (n * j - (k - j)) * taylor.coefficient(x, j) * taylor.coefficient(node, k - j)
        for j in range(1, k + 1)
    )
    return total / (k * taylor.coefficient(x, 0))


def _powered(taylor: Taylor, node: Node, k: int) -> Any:
    a, b = node.inputs
    if not taylor.moves(b):
        return _power_recurrence(taylor, node, a, taylor.coefficient(b, 0), k)
    return taylor.coefficient(taylor.auxiliary(node, lambda: exp(mul(b, log(a)))), k)


_RULES: dict[Primitive, Callable[[Taylor, Node, int], Any]] = {
    mul: _convolved(lambda node, a, b: a * b),
    guarded_mul: _convolved(lambda node, a, b: guarded_mul.compute(a, b)),
    matmul_primitive: _convolved(lambda node, a, b: np.matmul(a, b)),
    contract: _contracted,
    div: _quotient,
    where: _selected,
    power_number: _raised,
    power: _powered,
}


def derivatives(root: Node, leaf: Node, order: int) -> list[Any]:
    """The first `order` derivatives of a node by a leaf of one element, each of the shape of `root`."""
    taylor = Taylor({leaf: [np.ones(leaf.shape, leaf.dtype)]})
    factorial = 1.0
    found = []
    for k, coefficient in enumerate(taylor.coefficients(root, order)[1:], 1):
        factorial *= k
        found.append(coefficient * factorial)
    return found
