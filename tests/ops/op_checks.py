"""What the tests of operations share: calling a row of the function table, and checking its derivatives.

Derivatives are checked against differences of the values alone, transposes against the inner products that
define them; nothing here knows a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.ops import registry

Array = np.ndarray[Any, Any]
Made = Callable[..., Any]
"""A function of tensors, called as `made(call, *tensors)` with `call` below bound to a session."""


class Caller:
    """`call("sort", x, dim=1)`: a row of the table, on tensors, arrays and plain values."""

    def __init__(self) -> None:
        self.session = Session()

    def __call__(self, name: str, *arguments: Any, **keywords: Any) -> Any:
        row = registry.lookup(name)
        assert row is not None, f"there is no function {name}"
        given = tuple(self.lifted(each) for each in arguments)
        return self.session.apply(row, given, {key: self.lifted(each) for key, each in keywords.items()})

    def lifted(self, value: Any) -> Any:
        """Arrays as constant tensors, also in lists."""
        if isinstance(value, np.ndarray):
            return self.session.leaf(value)
        return [self.lifted(each) for each in value] if isinstance(value, list) else value

    def value(self, tensor: Tensor) -> Array:
        """What a tensor holds."""
        return self.session.numpy(tensor)


def values(result: Any, caller: Caller) -> Any:
    """The arrays of a result: of one tensor, or of several."""
    if isinstance(result, Tensor):
        return caller.value(result)
    return tuple(values(each, caller) for each in result)


def call(name: str, *arguments: Any, **keywords: Any) -> Any:
    """What a function gives for arrays: an array, or a tuple of them."""
    caller = Caller()
    return values(caller(name, *arguments, **keywords), caller)


def _loss(made: Made, arrays: list[Array], weights: Array) -> float:
    caller = Caller()
    return float(
        np.sum(caller.value(made(caller, *[caller.session.leaf(each) for each in arrays])) * weights)
    )


def _recorded(
    made: Made, arrays: list[Array], weights: Array, create_graph: bool
) -> tuple[Caller, list[Tensor], list[Tensor | None]]:
    """The leaves of the weighted sum, and its gradient."""
    caller = Caller()
    session = caller.session
    leaves = [session.leaf(each, requires_grad=True) for each in arrays]
    out = made(caller, *leaves)
    return caller, leaves, session.grad([out], leaves, [session.leaf(weights)], create_graph=create_graph)


def _gradient(made: Made, arrays: list[Array], weights: Array) -> list[Array]:
    caller, _, first = _recorded(made, arrays, weights, False)
    return [caller.value(each) for each in first if each is not None]


def _slope(made: Made, arrays: list[Array], weights: Array, directions: list[Array]) -> float:
    """The derivative of the weighted sum along directions."""
    caller, _, first = _recorded(made, arrays, weights, True)
    return sum(
        float(np.sum(caller.value(each) * d)) for each, d in zip(first, directions, strict=True) if each
    )


def _bend(made: Made, arrays: list[Array], weights: Array, directions: list[Array]) -> list[Array]:
    """The gradient of that derivative."""
    caller, leaves, first = _recorded(made, arrays, weights, True)
    session = caller.session
    along = [session.leaf(each) for each in directions]
    used = [
        (each, d) for each, d in zip(first, along, strict=True) if each is not None and each.requires_grad
    ]
    if not used:
        return [np.zeros_like(each) for each in arrays]
    second = session.grad([each for each, _ in used], leaves, [d for _, d in used], allow_unused=True)
    return [
        np.zeros_like(array) if each is None else caller.value(each)
        for each, array in zip(second, arrays, strict=True)
    ]


def _difference(value: Callable[[list[Array]], float], arrays: list[Array], step: float) -> list[Array]:
    """Central differences in every element, to fourth order."""
    slopes = []
    for which, array in enumerate(arrays):
        slope = np.zeros(array.shape)
        for at in np.ndindex(array.shape):
            total = 0.0
            for moves, factor in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
                moved = [each.copy() for each in arrays]
                moved[which][at] += moves * step
                total += factor * value(moved)
            slope[at] = total / (12 * step)
        slopes.append(slope)
    return slopes


def assert_derivatives(made: Made, *given: Any, second: bool = True, tolerance: float = 1e-6) -> None:
    """First (and second) derivatives agree with differences of values (and of gradients)."""
    arrays = [np.array(each, float) for each in given]
    draw = np.random.default_rng(3)
    caller = Caller()
    shape = made(caller, *[caller.session.leaf(each) for each in arrays]).shape
    weights = np.asarray(draw.uniform(0.5, 1.5, shape))
    first = _gradient(made, arrays, weights)
    expected = _difference(lambda moved: _loss(made, moved, weights), arrays, 1e-3)
    for got, wanted in zip(first, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance, err_msg="first derivative")
    if second:
        directions = [np.asarray(draw.uniform(0.5, 1.5, each.shape)) for each in arrays]
        bent = _bend(made, arrays, weights, directions)
        expected = _difference(lambda moved: _slope(made, moved, weights, directions), arrays, 1e-3)
        for got, wanted in zip(bent, expected, strict=True):
            np.testing.assert_allclose(
                got, wanted, rtol=tolerance, atol=tolerance, err_msg="second derivative"
            )


def assert_transpose(made: Made, given: Any) -> None:
    """A linear function A: <A x, y> = <x, A' y>, and its gradient does not depend on x."""
    x = np.array(given, float)
    caller = Caller()
    session = caller.session
    leaf = session.leaf(x, requires_grad=True)
    out = made(caller, leaf)
    y = np.asarray(np.random.default_rng(4).normal(size=out.shape))
    (back,) = session.grad([out], [leaf], [session.leaf(y)])
    assert back is not None
    left, right = np.sum(caller.value(out) * y), np.sum(x * caller.value(back))
    np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12)
    (again,) = _gradient(made, [x + 1], y)
    np.testing.assert_allclose(again, caller.value(back), rtol=1e-12, atol=1e-12)


def derivatives(made: Made, x: float, count: int) -> list[float]:
    """The value at a number and the derivatives there up to order `count`, by repeated reverse mode."""
    caller = Caller()
    session = caller.session
    leaf = session.leaf(np.array(x, float), requires_grad=True)
    current = made(caller, leaf)
    found = [float(caller.value(current))]
    for _ in range(count):
        if not current.requires_grad:
            found.append(0.0)
            continue
        (slope,) = session.grad([current], [leaf], create_graph=True, allow_unused=True)
        current = slope if slope is not None else session.leaf(np.array(0.0))
        found.append(float(caller.value(current)))
    return found
