"""logsumexp, log_softmax and cross_entropy where one element dominates, against mpmath at 60 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import gradcli

ROWS = [
    [50.0, 0.0],
    [0.0, -50.0, -60.0],
    [1e5, 1e5 - 40.0],
    [-1e5, -1e5 - 30.0],
    [700.0, -700.0],
    [1.0, 1.0, 1.0],
    [3.0, 3.0, -20.0],
    [1e-300, 2e-300],
    [4.0],
]
SEVERAL = [row for row in ROWS if len(row) > 1]


def _shares(row: list[float]) -> list[mpmath.mpf]:
    powers = [mpmath.exp(mpmath.mpf(each)) for each in row]
    return [power / sum(powers) for power in powers]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_logsumexp_keeps_its_digits(row: list[float]) -> None:
    with mpmath.workdps(900):
        expected = float(mpmath.log(sum(mpmath.exp(mpmath.mpf(each)) for each in row)))
        shares = [float(share) for share in _shares(row)]
    found = gradcli.evaluate("y = logsumexp(x, 0)", {"x": row})
    np.testing.assert_allclose(found.values["y"], expected, rtol=4e-16)
    np.testing.assert_allclose(found.grads["x"], shares, rtol=1e-14)


@pytest.mark.parametrize("row", SEVERAL, ids=str)
def test_the_loss_of_a_sure_class_is_tiny_and_not_zero(row: list[float]) -> None:
    target = int(np.argmax(row))
    with mpmath.workdps(900):
        shares = _shares(row)
        loss = float(-mpmath.log(shares[target]))
        gradient = [float(share - (place == target)) for place, share in enumerate(shares)]
    found = gradcli.evaluate(f"y = cross_entropy(x, tensor({target}))", {"x": row})
    np.testing.assert_allclose(found.values["y"], loss, rtol=1e-15, atol=0)
    np.testing.assert_allclose(found.grads["x"], gradient, rtol=1e-14, atol=0)


@pytest.mark.parametrize("row", SEVERAL, ids=str)
def test_second_derivatives_of_log_softmax(row: list[float]) -> None:
    with mpmath.workdps(900):
        shares = _shares(row)
        # d2 log_softmax_0 / dx_i dx_j = -(p_i (i == j) - p_i p_j)
        expected = [
            [float(-(shares[i] * (i == j) - shares[i] * shares[j])) for j in range(len(row))]
            for i in range(len(row))
        ]
    found = gradcli.evaluate("y = log_softmax(x, 0)[0]", {"x": row}, hessian=True)
    np.testing.assert_allclose(found.hessian["x"]["x"], expected, rtol=1e-12, atol=1e-60)


def test_several_dims_are_one() -> None:
    x = np.random.default_rng(0).normal(size=(3, 2, 4))
    found = gradcli.evaluate("y = logsumexp(x, (0, 2)).sum()", {"x": x})
    powers = np.exp(x)
    np.testing.assert_allclose(found.grads["x"], powers / powers.sum((0, 2), keepdims=True), rtol=1e-13)


@pytest.mark.parametrize(("shape", "dim"), [((3,), 0), ((2, 3), 1), ((2, 3, 4), 0), ((2, 2, 3, 2), 1)])
def test_without_a_dim_pytorch_chooses_one_by_the_rank(shape: tuple[int, ...], dim: int) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    found = gradcli.evaluate("torch.nn.functional.softmax(x)", {"x": x}, wrt=[])
    np.testing.assert_allclose(found.values["result"].sum(dim), 1.0, rtol=1e-14)
