"""Scans: their definitions as loops, differences in both orders, zeros, ties, nan, huge elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engine import settings
from gradcli.ops import scans
from ops.op_checks import assert_derivatives, assert_transpose, call

INF, NAN = math.inf, math.nan
X = np.array([[0.7, -1.3, 2.1, 0.4], [1.9, 0.5, -0.6, 1.1], [-0.8, 1.2, 0.3, -2.0]])


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("cumsum", lambda so_far, x: so_far + x),
        ("cumprod", lambda so_far, x: so_far * x),
        ("logcumsumexp", lambda so_far, x: np.logaddexp(so_far, x)),
    ],
)
def test_each_is_its_loop(name: str, step: Any, dim: int) -> None:
    wanted = np.moveaxis(X.copy(), dim, 0)
    for index in range(1, len(wanted)):
        wanted[index] = step(wanted[index - 1], wanted[index])
    np.testing.assert_allclose(call(name, X, dim), np.moveaxis(wanted, 0, dim), rtol=1e-15)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp"])
@pytest.mark.parametrize("dim", [0, 1])
def test_derivatives(name: str, dim: int) -> None:
    assert_derivatives(lambda call, x: call(name, x, dim), X)


@pytest.mark.parametrize("x", [[0.0, 2.0, 3.0], [2.0, 0.0, 3.0, 0.0, 1.5], [0.0, 0.0, 0.0]])
def test_running_products_with_zeros(x: list[float]) -> None:
    assert_derivatives(lambda call, x: call("cumprod", x, 0), np.array(x))


@pytest.mark.parametrize("zeros", [[], [(3, 1)], [(3, 1), (3, 4), (9, 0)]])
@pytest.mark.parametrize("dim", [0, 1])
def test_gradients_of_many_products(zeros: list[tuple[int, int]], dim: int) -> None:
    x = np.random.default_rng(1).standard_normal((6_000, 5))
    for at in zeros:
        x[at] = 0
    x = x.T if dim == 0 else x
    found = gradcli.evaluate(f"loss = sum(prod(x, {dim})*v)", {"x": x, "v": np.arange(6_000.0)}, wrt=["x"])
    others = np.stack([np.delete(x, each, dim).prod(dim) for each in range(5)], dim)
    wanted = others * np.expand_dims(np.arange(6_000.0), dim)
    np.testing.assert_allclose(found.grads["x"], wanted, rtol=1e-12)


LINEAR: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("cumsum", (0,), {}),
    ("diff", (), {"n": 2}),
    ("diff", (1, 0), {"prepend": np.ones((1, 4)) * 0}),
    ("trapezoid", (), {"dx": 0.5}),
    ("trapezoid", (np.array([0.0, 1.0, 1.5, 4.0]),), {}),
    ("cumulative_trapezoid", (), {"dim": 0}),
    ("trace", (), {}),
]


@pytest.mark.parametrize(("name", "arguments", "options"), LINEAR)
def test_linear_ones_against_their_transposes(name: str, arguments: Any, options: Any) -> None:
    assert_transpose(lambda call, x: call(name, x, *arguments, **options), X)


GRADIENTS: list[tuple[str, Any, Any, Any]] = [
    # expression, x, value, gradient of its sum
    ("cumprod(x, 0)", [0.0, 1e200, 1e200, 1e200], [0.0, 0.0, 0.0, 0.0], [INF, 0.0, 0.0, 0.0]),
    ("cumprod(x, 0)", [2.0, 0.0, 3.0], [2.0, 0.0, 0.0], [1.0, 8.0, 0.0]),
    ("logcumsumexp(x, 0)", [1000.0, -1000.0], [1000.0, 1000.0], [2.0, 0.0]),
    ("logcumsumexp(x, 0)", [-1000.0, 1000.0], [-1000.0, 1000.0], [1.0, 1.0]),
    ("logcumsumexp(x, 0)", [-INF, 1.0], [-INF, 1.0], [1.0, 1.0]),
    ("cummax(x, 0)[0]", [1.0, 3.0, 3.0, 2.0], [1.0, 3.0, 3.0, 3.0], [1.0, 1.0, 2.0, 0.0]),
    ("cummin(x, 0)[0]", [1.0, NAN, 0.0], [1.0, NAN, NAN], [1.0, 2.0, 0.0]),
    ("cumsum(x, 0)", [], [], []),
    ("cumprod(x, 0)", [], [], []),
    ("logcumsumexp(x, 0)", [], [], []),
    ("diff(x)", [5.0], [], [0.0]),
    ("cumprod(x, 0)", 3.0, 3.0, 1.0),
]


@pytest.mark.parametrize(("program", "x", "value", "gradient"), GRADIENTS)
def test_awkward_elements(program: str, x: Any, value: Any, gradient: Any) -> None:
    evaluation = gradcli.evaluate(
        f"out = {program}", {"x": np.array(x, float)}, roots=["out"], weights="ones"
    )
    np.testing.assert_allclose(evaluation.values["out"], value, rtol=1e-15)
    np.testing.assert_allclose(evaluation.grads["x"], gradient, rtol=1e-15)


def test_running_extremes_point_at_the_last_of_equals() -> None:
    values, indices = call("cummax", np.array([[1, 3, 3, 2, 5]]), 1)
    assert (values.tolist(), indices.tolist()) == ([[1, 3, 3, 3, 5]], [[0, 1, 2, 2, 4]])
    values, indices = call("cummin", np.array([2.0, NAN, 1.0, NAN]), 0)
    assert indices.tolist() == [0, 1, 1, 3]


def test_differences_of_any_order_are_numpys() -> None:
    for n in range(6):
        np.testing.assert_allclose(call("diff", X, n), np.diff(X, n) if n < 4 else np.zeros((3, 0)))
    joined = call("diff", X, prepend=X[:, :1], append=X[:, -2:])
    np.testing.assert_array_equal(joined, np.diff(X, prepend=X[:, :1], append=X[:, -2:]))
    np.testing.assert_array_equal(call("diff", np.array([True, True, False])), [False, True])


def test_derivatives_of_samples_are_numpys() -> None:
    places = [np.array([0.0, 0.5, 2.0]), np.array([0.0, 1.0, 1.5, 4.0])]
    for order in (1, 2):
        for got, wanted in zip(
            call("gradient", X, edge_order=order), np.gradient(X, edge_order=order), strict=True
        ):
            np.testing.assert_allclose(got, wanted, rtol=1e-12)
        by_places = call("gradient", X, spacing=places, edge_order=order)
        for got, wanted in zip(by_places, np.gradient(X, *places, edge_order=order), strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-12)
    (along,) = call("gradient", X, spacing=0.1, dim=1)
    np.testing.assert_allclose(along, np.gradient(X, 0.1, axis=1), rtol=1e-12)


def test_trapezoids_integrate_a_line_exactly() -> None:
    x = np.array([0.0, 0.5, 2.0, 3.0])
    assert call("trapezoid", 2 * x + 1, x) == 12.0
    np.testing.assert_allclose(call("cumulative_trapezoid", 2 * x + 1, x), (x * x + x)[1:], rtol=1e-15)
    by_columns = call("trapezoid", np.stack([2 * x + 1, 4 * x], -1), x, dim=0)
    np.testing.assert_allclose(by_columns, [12.0, 18.0], rtol=1e-15)
    assert call("trapezoid", np.array([1, 2, 4])).dtype == np.float64


DTYPES = [("cumsum", np.array([True, True]), [1, 2]), ("cumprod", np.array([2, 3], np.int32), [2, 6])]


@pytest.mark.parametrize(("name", "x", "value"), DTYPES)
def test_integers_scan_as_int64(name: str, x: Any, value: Any) -> None:
    got = call(name, x, 0)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(got, value)


WRONG = [
    ("cumsum(ones(2), 1)", "Dimension out of range (expected to be in range of [-1, 0], but got 1)"),
    ("diff(tensor(1.0))", "diff expects input to be at least one-dimensional"),
    ("diff(ones(3), -1)", "order must be non-negative but got -1"),
    (
        "diff(ones(2, 3), prepend=ones(3, 1))",
        "diff expects the shape of tensor to prepend or append to match that",
    ),
    ("gradient(ones(1))", "torch.gradient expected each dimension size to be at least edge_order+1"),
    ("gradient(ones(3), edge_order=3)", "torch.gradient only supports edge_order=1 and edge_order=2."),
    (
        "gradient(ones(3, 3), spacing=[1.0])",
        "torch.gradient expected spacing to be unspecified, a scalar, or a list",
    ),
    (
        "gradient(ones(3), spacing=[[0.0, 1.0]])",
        "torch.gradient expected each element of `coordinates` to have as many places",
    ),
    ("trapezoid(ones(3), ones(4))", "trapezoid: There must be one `x` value for each sample point"),
    ("trapezoid(ones(3), ones(3), dx=2)", "trapezoid() takes x or dx, not both"),
    ("cumsum(ones(2))", 'cumsum() missing 1 required positional arguments: "dim"'),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("shape", "dim"), [((scans.LONG + 5,), -1), ((2, scans.LONG), -1), ((300, 500), -1), ((300, 500), -2)]
)
@pytest.mark.parametrize("threads", [1, 2])
def test_long_running_sums_are_those_of_their_parts(shape: tuple[int, ...], dim: int, threads: int) -> None:
    x = np.random.default_rng(8).normal(size=shape)
    assert scans.running_sum.into is not None
    with settings.using(threads=threads):
        found = scans.running_sum.into(x, dim, np.empty(shape))
        np.testing.assert_allclose(found, np.cumsum(x, axis=dim), rtol=1e-10, atol=1e-10)
        x[..., shape[-1] // 2] = np.inf
        x[..., shape[-1] - 3] = -np.inf
        with np.errstate(all="ignore"):
            known = np.cumsum(x, axis=dim)
            found = scans.running_sum.into(x, dim, np.empty(shape))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(known))
    np.testing.assert_array_equal(found == np.inf, known == np.inf)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_long_recurrence_is_solved_at_once(monkeypatch: pytest.MonkeyPatch, dtype: Any) -> None:
    draw = np.random.default_rng(2)
    a, b = [draw.uniform(-1, 1, 5_000).astype(dtype) for _ in range(2)]
    found = scans.recurrence.compute(a, b, -1)
    monkeypatch.setattr(scans, "SOLVED", 5_001)
    wanted = scans.recurrence.compute(a, b, -1)
    assert found.dtype == wanted.dtype == dtype
    np.testing.assert_allclose(found, wanted, rtol=0, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("at", [0, 2_500])
def test_what_ends_a_long_recurrence_is_a_factor_of_zero(at: int) -> None:
    a, b = np.full(5_000, 0.5), np.ones(5_000)
    a[at + 1], b[at] = 0.0, INF
    found = scans.recurrence.compute(a, b, -1)
    assert found[at] == INF
    assert found[at + 1] == 1.0
    assert np.isfinite(found[at + 1 :]).all()
