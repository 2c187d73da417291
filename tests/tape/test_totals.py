"""Sums and extremes of small arrays: whichever call they take, the answer is that of a plain reduction."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.ops.softmax import log_softmax_primitive, log_sum_exp_primitive
from gradcli.tape.totals import FROM, MOST, extreme, sum_is_finite, total

SHAPES = [
    *[(300, 10), (30, 30, 3), (100, 16, 3), (2, 3), (64, 4), (4, 64), (8_192, 1), (91, 91), (5, 6, 7, 8)],
    *[(2_000, 8), (9, 1_000, 3), (1_300, 2, 4)],
]


def _layouts(x):
    yield x
    yield np.asfortranarray(x)
    yield x[::-1]
    yield x.astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_totals_and_extremes_are_those_of_a_reduction(shape):
    draw = np.random.default_rng(0).normal(size=shape)
    rank = len(shape)
    for x in _layouts(draw):
        single = [(dim,) for dim in range(-rank, 0)]
        for dims in (*single, tuple(range(-rank, 0)), (-2, -1)):
            tolerance = 1e-12 if x.dtype == np.float64 else 1e-4
            found = total(x, dims)
            assert found.dtype == x.dtype
            np.testing.assert_allclose(found, x.sum(axis=dims), rtol=tolerance, atol=tolerance)
            for ufunc in (np.maximum, np.minimum):
                np.testing.assert_array_equal(extreme(ufunc, x, dims), ufunc.reduce(x, axis=dims))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_in_its_row(value):
    x = np.ones((300, 10))
    x[7, 3] = value
    rows, columns = total(x, (-1,)), total(x, (-2,))
    np.testing.assert_array_equal(rows[7], value)
    np.testing.assert_array_equal(columns[3], value)
    np.testing.assert_array_equal(np.delete(rows, 7), 10.0)
    np.testing.assert_array_equal(np.delete(columns, 3), 300.0)
    np.testing.assert_array_equal(total(x, (-2, -1)), value)
    np.testing.assert_array_equal(
        extreme(np.maximum, x, (-1,))[7], np.nanmax([value, 1]) if value == value else value
    )
    assert not sum_is_finite(x)
    assert not sum_is_finite(x[:9])


def test_whole_numbers_and_sizes_at_the_limits():
    for size in (FROM - 1, FROM, MOST, MOST + 1):
        x = np.arange(float(size)).reshape(-1, 1)
        assert total(x, (-2,))[0] == total(x, (-2, -1)) == size * (size - 1) / 2
    whole = np.full((300, 10), 2**60)
    assert total(whole, (-1,)).dtype == np.int64


@pytest.mark.parametrize("shape", [(3,), (1,), (16, 10), (300, 10), (2, 5, 7), (4, 1)])
@pytest.mark.parametrize("dim", [-1, -2])
def test_logarithms_of_sums_and_shares_by_row(shape, dim):
    if len(shape) < -dim:
        pytest.skip("there is no such dim")
    x = np.random.default_rng(1).normal(size=shape) * 30
    for each in (x, np.asfortranarray(x), x[..., ::-1]):
        rows = np.moveaxis(each, dim, -1).reshape(-1, each.shape[dim])
        sums = [max(row) + math.log(math.fsum(math.exp(v - max(row)) for v in row)) for row in rows.tolist()]
        found = log_sum_exp_primitive.compute(each, dim)
        np.testing.assert_allclose(np.ravel(found), sums, rtol=1e-14)
        shares = np.moveaxis(log_softmax_primitive.compute(each, dim), dim, -1).reshape(rows.shape)
        np.testing.assert_allclose(shares, rows - np.array(sums)[:, None], atol=1e-12)


def test_an_infinite_largest_element_makes_the_row_what_it_was():
    rows = np.array(
        [[np.inf, 1.0, 2.0], [-np.inf, -np.inf, -np.inf], [-np.inf, 0.0, 0.0], [np.nan, 0.0, 1.0]]
    )
    with np.errstate(all="ignore"):
        sums = log_sum_exp_primitive.compute(rows, -1)
        shares = log_softmax_primitive.compute(rows, -1)
    np.testing.assert_array_equal(sums[[0, 1, 3]], [np.inf, -np.inf, np.nan])
    np.testing.assert_allclose(sums[2], math.log(2.0))
    assert np.isnan(shares[[0, 1, 3]]).all()
    np.testing.assert_allclose(shares[2], [-np.inf, -math.log(2.0), -math.log(2.0)])
