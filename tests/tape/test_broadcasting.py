"""What was broadcast gets the sum of what its copies get, whatever dims of one it has: two closed forms."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import gradcli

SHAPES = [(), (1,), (3,), (1, 1), (1, 3), (2, 1), (2, 3), (1, 2, 3), (4, 1, 1)]


def _gathered(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The sum over all copies that broadcasting made of an array of that shape."""
    added = array.sum(tuple(range(array.ndim - len(shape))))
    return added.sum(tuple(dim for dim, size in enumerate(shape) if size == 1), keepdims=True)


@pytest.mark.parametrize("weights", ["none", "ones", "any"])
@pytest.mark.parametrize("order", [1, 2])
def test_what_was_broadcast_gets_a_sum(weights: str, order: int) -> None:
    draw = np.random.default_rng(0)
    for one, other in product(SHAPES, SHAPES):
        a, b = draw.normal(size=one), draw.normal(size=other)
        whole = np.broadcast_shapes(one, other)
        weight = draw.normal(size=whole) if weights == "any" else np.ones(whole)
        for text, by_a in (("a + b", weight), ("3*a - b", 3 * weight), ("a*b", weight * b)):
            inputs = {"a": a, "b": b} | ({"w": weight} if weights == "any" else {})
            program = {"none": f"y = sum({text})", "ones": f"y = {text}", "any": f"y = sum(w*({text}))"}[
                weights
            ]
            if order == 2:  # the gradient of a recorded gradient: of a square, it is twice the same
                program += "\ng, = autograd.grad(y, a, ones_like(y), create_graph=True)\ny = sum(g*a)"
            options = {"weights": "ones"} if weights == "ones" and order == 1 else {}
            found = gradcli.evaluate(program, inputs, wrt=["a"], roots=["y"], **options).grads["a"]
            np.testing.assert_allclose(
                found, _gathered(by_a, one), rtol=1e-12, err_msg=f"{text} {one} {other}"
            )
