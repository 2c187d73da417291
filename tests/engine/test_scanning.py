"""Running sums and products of long arrays: what NumPy accumulates, but for rounding."""

from __future__ import annotations

import numpy as np
import pytest

import gradcli
from gradcli.engine.scanning import accumulate

SHAPES = [
    ((10_000,), 0),
    ((70_000,), 0),
    ((200, 64), 1),
    ((64, 200), 0),
    ((20, 700), 1),
    ((3, 5000), 0),
    ((5000, 3), 1),
    ((8, 50, 40), 1),
    ((40, 1, 300), 0),
    ((1, 9000), 1),
]
LAYOUTS = {
    "in order": lambda x, axis: x,
    "backwards": np.flip,
    "columns first": lambda x, axis: np.asfortranarray(x),
}


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("ufunc", [np.add, np.multiply])
def test_what_numpy_accumulates(shape, axis, layout, ufunc):
    draw = np.random.default_rng(0)
    x = LAYOUTS[layout](1 + 0.01 * draw.standard_normal(shape), axis)
    found = accumulate(ufunc, x, axis, np.full(shape, np.nan))
    np.testing.assert_allclose(found, ufunc.accumulate(x, axis=axis), rtol=1e-11)


@pytest.mark.parametrize("axis", [0, 1])
def test_what_is_not_finite_stands_where_it_did(axis):
    x = np.ones((100, 100))
    x[3, 40], x[3, 80], x[7, 20], x[60, 40] = np.inf, -np.inf, np.nan, -np.inf
    with np.errstate(invalid="ignore"):
        expected = np.add.accumulate(x, axis=axis)
    np.testing.assert_array_equal(accumulate(np.add, x, axis, np.empty_like(x)), expected)


def test_products_never_overflow_before_numpys_do():
    x = np.full(10_000, 1e60)
    x[0], x[1::2] = 1e-200, 1e-60
    found = accumulate(np.multiply, x, 0, np.empty_like(x))
    np.testing.assert_allclose(found, np.multiply.accumulate(x), rtol=1e-11)


@pytest.mark.parametrize("shape", [(20_000,), (300, 64)])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_gradients_of_running_products_with_and_without_zeros(shape, zeros):
    x = 1 + 0.01 * np.random.default_rng(1).standard_normal(shape)
    x.reshape(-1)[7 : 7 + zeros] = 0
    found = gradcli.compile("z = sum(cumprod(x, -1))", wrt=["x"])(x=x).grads["x"]
    whole = x.reshape(-1, shape[-1])
    expected = np.zeros_like(whole)
    for row, into in zip(whole, expected, strict=True):
        before, after = np.concatenate([[1.0], np.cumprod(row)[:-1]]), 0.0
        for at in range(len(row) - 1, -1, -1):
            into[at] = before[at] * (1 + after)
            after = row[at] * (1 + after)
    np.testing.assert_allclose(found, expected.reshape(shape), rtol=1e-10, atol=1e-12)
