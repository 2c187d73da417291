"""Sums of float32: that they are PyTorch's to the last bit is recorded in `float32_to_the_letter`."""

from __future__ import annotations

import numpy as np
import pytest

from gradcli.tape.cascade import MOST, cascade

SHAPES = [
    (1,),
    (3, 1),
    (7,),
    (8,),
    (40,),
    (4, 3),
    (5, 8),
    (64, 10),
    (3, 70),
    (20, 5, 9),
    (2, 3, 4, 5),
    (600, 33),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("turned", [False, True])
def test_sums_are_near_those_in_double(shape, turned):
    x = np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)
    x = x.T if turned else x
    ways = [(dim,) for dim in range(-x.ndim, 0)] + [tuple(range(-x.ndim, 0)), (-x.ndim, -1)[-x.ndim :]]
    known = 0
    for dims in ways:
        found = cascade(x, dims)
        if found is not None:
            known += 1
            assert found.dtype == np.float32
            assert not np.shares_memory(found, x)
            wanted = x.sum(dims, dtype=np.float64)
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=0, atol=3e-7 * np.abs(x).sum(dims).max())
    assert known == len(ways) or (turned and len(shape) > 2)


def test_a_layout_whose_order_is_unknown_is_left_to_numpy():
    x = np.ones((4, 6, 8), np.float32)
    assert cascade(x[:, ::2], (-1,)) is None
    assert cascade(x.transpose(2, 1, 0), (-2,)) is None
    assert cascade(np.ones(MOST + 1, np.float32), (-1,)) is None
    assert cascade(np.ones(0, np.float32), (-1,)) is None


def test_what_is_read_backwards_is_added_up_as_its_copy():
    x = np.random.default_rng(2).normal(size=(30, 31)).astype(np.float32)
    for turned in (x[::-1], x[:, ::-1], x[::-1, ::-1], x.reshape(-1)[::-1]):
        for dims in ((-1,), tuple(range(-turned.ndim, 0))):
            np.testing.assert_array_equal(cascade(turned, dims), cascade(turned.copy(), dims))


def test_errors_stay_small():
    """The cascade of 32,767 equal numbers is right to a few units in the last place, one running sum not."""
    x = np.full(MOST, 0.1, np.float32)
    exact = float(x[0]) * MOST
    assert abs(float(cascade(x, (-1,))) - exact) < 1e-6 * exact < abs(float(np.add.accumulate(x)[-1]) - exact)


@pytest.mark.parametrize("size", [1, 3, 4, 7, 8, 9, 16, 40])
@pytest.mark.parametrize("shape", [(-1,), (-1, 2), (2, -1)], ids=str)
def test_a_sum_begins_at_zero_which_has_no_sign(size, shape):
    x = np.full(size if len(shape) == 1 else 2 * size, -0.0, np.float32).reshape(shape)
    assert not np.signbit(cascade(x, (shape.index(-1) - len(shape),))).any()
