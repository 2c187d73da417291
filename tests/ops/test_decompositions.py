"""Decompositions: the factors multiply to the matrix and are what they say; derivatives of the unique."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from op_checks import Caller, assert_derivatives, call

from gradcli.errors import GradcliError

draw = np.random.default_rng(1)
SQUARE = draw.normal(size=(3, 3)) + 2 * np.eye(3)
TALL, WIDE = draw.normal(size=(4, 2)), draw.normal(size=(2, 4))
BATCH = draw.normal(size=(2, 3, 2))
POSITIVE = SQUARE @ SQUARE.T + np.eye(3)
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def _identity(x: Any) -> Any:
    return np.broadcast_to(np.eye(x.shape[-1]), (*x.shape[:-2], x.shape[-1], x.shape[-1]))


def _t(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


@pytest.mark.parametrize("upper", [False, True])
def test_cholesky(upper: bool) -> None:
    factor = call("linalg.cholesky", np.stack([POSITIVE, 2 * POSITIVE]), upper=upper)
    low = _t(factor) if upper else factor
    np.testing.assert_array_equal(low, np.tril(low))
    np.testing.assert_allclose(low @ _t(low), np.stack([POSITIVE, 2 * POSITIVE]), **CLOSE)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [64, 65, 130])
def test_large_matrices_are_decomposed_alike(size: int, dtype: type) -> None:
    a = np.random.default_rng(size).standard_normal((2, size, size))
    x = (a @ _t(a) / size + np.eye(size)).astype(dtype)
    for given in (x, x[0], _t(x)):
        low = call("linalg.cholesky", given + np.triu(np.ones_like(given), 1))  # of which nothing is read
        assert low.dtype == dtype
        np.testing.assert_array_equal(low, np.tril(low))
        np.testing.assert_allclose(low @ _t(low), given, atol=1e-12 if dtype is np.float64 else 1e-4)


@pytest.mark.parametrize("size", [20, 100])
@pytest.mark.parametrize("order", [1, 7, 20])
def test_the_leading_minor_that_is_not_positive_is_named(size: int, order: int) -> None:
    x = np.eye(size)
    x[order - 1, order - 1] = -1
    with pytest.raises(GradcliError, match=rf"linalg.cholesky: \(Batch element 1\).*order {order} is not"):
        call("linalg.cholesky", np.stack([np.eye(size), x]))


@pytest.mark.parametrize("triangle", ["L", "U"])
def test_eigh_reads_one_triangle(triangle: str) -> None:
    values, vectors = call("linalg.eigh", SQUARE, triangle)
    half = np.tril(SQUARE, -1) if triangle == "L" else _t(np.triu(SQUARE, 1))
    full = half + half.T + np.diag(np.diag(SQUARE))
    np.testing.assert_allclose(vectors * values @ vectors.T, full, **CLOSE)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), **CLOSE)
    np.testing.assert_allclose(call("linalg.eigvalsh", SQUARE, triangle), values, **CLOSE)
    assert np.all(np.diff(values) > 0)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("x", [SQUARE, TALL, WIDE, BATCH], ids=["square", "tall", "wide", "batch"])
def test_svd(x: Any, full: bool) -> None:
    left, values, right = call("linalg.svd", x, full_matrices=full)
    k = min(x.shape[-2:])
    assert left.shape[-1] == (x.shape[-2] if full else k)
    assert right.shape[-2] == (x.shape[-1] if full else k)
    np.testing.assert_allclose(left[..., :k] * values[..., None, :] @ right[..., :k, :], x, **CLOSE)
    np.testing.assert_allclose(_t(left) @ left, _identity(left), **CLOSE)
    np.testing.assert_allclose(right @ _t(right), _identity(_t(right)), **CLOSE)
    np.testing.assert_allclose(call("linalg.svdvals", x), values, **CLOSE)


@pytest.mark.parametrize("mode", ["reduced", "complete"])
@pytest.mark.parametrize("x", [SQUARE, TALL, WIDE, BATCH], ids=["square", "tall", "wide", "batch"])
def test_qr(x: Any, mode: str) -> None:
    q, r = call("linalg.qr", x, mode)
    np.testing.assert_allclose(q @ r, x, **CLOSE)
    np.testing.assert_allclose(_t(q) @ q, _identity(q), **CLOSE)
    np.testing.assert_array_equal(r, np.triu(r))
    np.testing.assert_allclose(call("linalg.qr", x, "r")[1], r[..., : min(x.shape[-2:]), :], **CLOSE)


def _symmetric(call: Any, x: Any) -> Any:
    return call("add", x, call("mT", x))


def _squared(call: Any, x: Any) -> Any:
    return call("mul", x, x)


def _product(call: Any, factors: Any) -> Any:
    q, r = factors
    return call("add", call("matmul", q, call("mul", r, r)), call("matmul", call("mul", q, q), r))


@pytest.mark.parametrize(
    ("made", "x"),
    [
        (lambda call, x: call("linalg.cholesky", call("matmul", x, call("mT", x))), SQUARE),
        (lambda call, x: call("linalg.cholesky", call("matmul", x, call("mT", x)), upper=True), SQUARE),
        (lambda call, x: call("linalg.eigh", _symmetric(call, x)).eigenvalues, SQUARE),
        (lambda call, x: _squared(call, call("linalg.eigh", _symmetric(call, x), "U").eigenvectors), SQUARE),
        (lambda call, x: call("linalg.eigvalsh", _symmetric(call, x)), SQUARE),
        *[(lambda call, x: call("linalg.svdvals", x), x) for x in (SQUARE, TALL, WIDE, BATCH)],
        *[(lambda call, x: _squared(call, call("linalg.svd", x, False).U), x) for x in (SQUARE, TALL, WIDE)],
        *[
            (lambda call, x: _squared(call, call("linalg.svd", x, False).Vh), x)
            for x in (SQUARE, TALL, BATCH)
        ],
        (lambda call, x: call("linalg.norm", x, "nuc"), SQUARE),
        *[(lambda call, x: _product(call, call("linalg.qr", x)), x) for x in (SQUARE, TALL, BATCH)],
        *[(lambda call, x: call("linalg.qr", x).R, x) for x in (SQUARE, TALL, WIDE)],
        (lambda call, x: call("linalg.qr", x, "complete").Q, WIDE),
    ],
)
def test_first_and_second_derivatives(made: Any, x: Any) -> None:
    assert_derivatives(made, x, tolerance=3e-6)


def test_wide_factors_have_the_gradient_of_their_product() -> None:
    """Of Q @ R nothing but the matrix itself is left, so its gradient is the weights."""
    for x in (TALL, WIDE, SQUARE):
        caller = Caller()
        leaf = caller.session.leaf(x, requires_grad=True)
        q, r = caller("linalg.qr", leaf)
        left, values, right = caller("linalg.svd", leaf, False)
        weights = np.arange(x.size, dtype=float).reshape(x.shape)
        spread = caller("matmul", caller("mul", left, caller("unsqueeze", values, -2)), right)
        for product in (caller("matmul", q, r), spread):
            (gradient,) = caller.session.grad([product], [leaf], [caller.lifted(weights)], retain_graph=True)
            assert gradient is not None
            np.testing.assert_allclose(caller.value(gradient), weights, atol=1e-10)


def test_results_are_named() -> None:
    caller = Caller()
    x = caller.session.leaf(POSITIVE, requires_grad=True)
    for name, kind, fields in [
        ("linalg.eigh", "linalg_eigh", ("eigenvalues", "eigenvectors")),
        ("linalg.svd", "linalg_svd", ("U", "S", "Vh")),
        ("linalg.qr", "linalg_qr", ("Q", "R")),
        ("linalg.slogdet", "linalg_slogdet", ("sign", "logabsdet")),
        ("sort", "sort", ("values", "indices")),
    ]:
        result = caller(name, x)
        assert (type(result).__name__, result._fields) == (kind, fields)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("linalg.cholesky", (-POSITIVE,), "(the leading minor of order 1 is not positive-definite)"),
        (
            "linalg.cholesky",
            (np.stack([POSITIVE, -POSITIVE]),),
            "linalg.cholesky: (Batch element 1): The factoriz",
        ),
        ("linalg.cholesky", (np.array([[1.0, 2], [2, 4]]),), "(the leading minor of order 2 is not"),
        (
            "linalg.eigh",
            (TALL,),
            "linalg.eigh: A must be batches of square matrices, but they are 4 by 2 matrices",
        ),
        ("linalg.eigh", (SQUARE, "X"), "Expected UPLO argument to be 'L' or 'U', but got X"),
        ("linalg.svd", (np.ones(3),), "linalg.svd: The input tensor A must have at least 2 dimensions"),
        ("linalg.qr", (SQUARE, "full"), "qr received unrecognized mode 'full'"),
    ],
)
def test_wrong_use_in_one_line(name: str, arguments: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call(name, *arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(("mode", "part"), [("r", 1), ("complete", 0)])
def test_factors_without_derivative_say_so(mode: str, part: int) -> None:
    caller = Caller()
    x = caller.session.leaf(TALL, requires_grad=True)
    factor = caller("linalg.qr", x, mode)[part]
    with pytest.raises(GradcliError, match=r"mode='reduced'|not differentiable when mode='complete'"):
        caller.session.grad([factor], [x], [caller.lifted(np.ones(factor.shape))])
