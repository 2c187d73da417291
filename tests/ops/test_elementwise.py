"""Functions of one number: mpmath's derivatives, far out and near zero, kinks, rounding, dtypes."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

import gradcli
from gradcli.ops.elementwise import atan2, power_number
from ops.op_checks import call, derivatives
from rows import by_rows

INF, NAN = math.inf, math.nan


def taylor(f: Any, x: float, count: int) -> list[float]:
    """Value and derivatives from mpmath, with digits to spare."""
    with mpmath.workdps(60):
        series = mpmath.taylor(f, mpmath.mpf(x), count)
        return [float(c * mpmath.factorial(k)) for k, c in enumerate(series)]


SMOOTH: list[tuple[str, Any, list[float]]] = [
    # name, mpmath's function, where
    ("sin", mpmath.sin, [0.0, 0.7, -3.0, 1e-9]),
    ("cos", mpmath.cos, [0.0, 0.7, -3.0, 1e-9]),
    ("tan", mpmath.tan, [0.0, 0.7, -1.2]),
    ("asin", mpmath.asin, [0.0, 0.6, -0.9999]),
    ("acos", mpmath.acos, [0.0, 0.6, -0.9999]),
    ("atan", mpmath.atan, [0.0, 0.6, -30.0]),
    ("sinh", mpmath.sinh, [0.0, 1.3, -20.0]),
    ("cosh", mpmath.cosh, [0.0, 1.3, -20.0]),
    ("tanh", mpmath.tanh, [0.0, 1.3, -2.0]),
    ("asinh", mpmath.asinh, [0.0, 1.3, -200.0]),
    ("acosh", mpmath.acosh, [1.3, 1.0001, 200.0]),
    ("atanh", mpmath.atanh, [0.0, 0.5, -0.999]),
    ("exp", mpmath.exp, [0.0, 1.5, -20.0]),
    ("exp2", lambda x: mpmath.mpf(2) ** x, [0.0, 1.5, -20.0]),
    ("expm1", mpmath.expm1, [0.0, 1e-12, 3.0, -60.0]),
    ("log", mpmath.log, [1.0, 0.3, 1e200]),
    ("log2", lambda x: mpmath.log(x, 2), [1.0, 0.3, 1e10]),
    ("log10", mpmath.log10, [1.0, 0.3, 1e10]),
    ("log1p", mpmath.log1p, [0.0, 1e-14, -0.7, 1e10]),
    ("sqrt", mpmath.sqrt, [2.0, 1e-8, 1e8]),
    ("rsqrt", lambda x: 1 / mpmath.sqrt(x), [2.0, 1e-8, 1e8]),
    ("reciprocal", lambda x: 1 / x, [2.0, -1e-8, 1e8]),
    ("square", lambda x: x * x, [0.0, -3.0]),
    ("sigmoid", lambda x: 1 / (1 + mpmath.exp(-x)), [0.0, 2.0, 45.0, -45.0]),
    ("deg2rad", mpmath.radians, [90.0]),
    ("rad2deg", mpmath.degrees, [1.0]),
]


@by_rows("name, exact, x", [(name, exact, x) for name, exact, points in SMOOTH for x in points])
def test_three_derivatives(name: str, exact: Any, x: float) -> None:
    got = derivatives(lambda call, x: call(name, x), x, 3)
    wanted = taylor(exact, x, 3)
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-15 * max(abs(each) for each in wanted))


FAR: list[tuple[str, float, float, float]] = [
    # expression, x, value, derivative
    ("sigmoid(x)", -700.0, math.exp(-700), math.exp(-700)),
    ("sigmoid(x)", 700.0, 1.0, math.exp(-700)),
    ("expm1(x)", 1e-300, 1e-300, 1.0),
    ("expm1(x)", -700.0, -1.0, math.exp(-700)),
    ("log1p(x)", 1e-300, 1e-300, 1.0),
    ("log1p(x)", 1e300, math.log(1e300), 1e-300),
    ("asinh(x)", 1e300, math.log(2) + math.log(1e300), 1e-300),
    ("sqrt(x)", 0.0, 0.0, INF),
    ("log(x)", 0.0, -INF, INF),
    ("exp(x)", 710.0, INF, INF),
    ("tanh(x)", -INF, -1.0, 0.0),
    ("where(x > 0, sqrt(x), 0)", -1.0, 0.0, 0.0),
    ("where(x > 0, log(x), 0)", 0.0, 0.0, 0.0),
    ("where(x > 0, x * log(x), 0)", 0.0, 0.0, 0.0),
    ("where(x < 1, exp(x * x), x)", 1e3, 1e3, 1.0),
    ("where(x < 1, x * exp(x), 2 * x)", 1e3, 2e3, 2.0),
    ("where(x > 0, 1 / x * exp(1 / x), 0)", 0.0, 0.0, 0.0),
    ("where(x > 0, sqrt(x) * sin(x) / x, 0)", 0.0, 0.0, 0.0),
]

KINKS: list[tuple[str, float, float, float]] = [
    ("abs(x)", 0.0, 0.0, 0.0),
    ("abs(x)", -0.5, 0.5, -1.0),
    ("abs(x)", NAN, NAN, 0.0),
    ("sign(x)", -3.0, -1.0, 0.0),
    ("sign(x)", NAN, 0.0, 0.0),
    ("sgn(x)", 3.0, 1.0, 0.0),
    ("floor(x)", -1.5, -2.0, 0.0),
    ("ceil(x)", -1.5, -1.0, 0.0),
    ("trunc(x)", -1.5, -1.0, 0.0),
    ("frac(x)", -1.75, -0.75, 1.0),
    ("round(x)", 2.5, 2.0, 0.0),
    ("round(x)", -1.5, -2.0, 0.0),
    ("round(x, decimals=1)", 0.26, 0.3, 0.0),
    ("round(x, decimals=-2)", 1250.0, 1200.0, 0.0),
    ("positive(x)", -2.0, -2.0, 1.0),
    ("nan_to_num(x)", NAN, 0.0, 0.0),
    ("nan_to_num(x)", INF, 1.7976931348623157e308, 0.0),
    ("nan_to_num(x, 1.5, 2.5, 3.5)", -INF, 3.5, 0.0),
    ("nan_to_num(x, posinf=2.5)", 4.0, 4.0, 1.0),
]


@by_rows("program, x, value, derivative", FAR + KINKS)
def test_far_out_and_at_kinks(program: str, x: float, value: float, derivative: float) -> None:
    evaluation = gradcli.evaluate(f"out = {program}", {"x": x}, roots=["out"])
    got = evaluation.values["out"], evaluation.grads["x"]
    np.testing.assert_allclose(got, (value, derivative), rtol=1e-14)


DTYPES: list[tuple[str, Any, str, Any]] = [
    # function, argument, dtype and value of the result
    ("abs", np.array([-3, 2]), "int64", [3, 2]),
    ("neg", np.array([3, -2], np.int32), "int32", [-3, 2]),
    ("sign", np.array([-3, 0, 2]), "int64", [-1, 0, 1]),
    ("floor", np.array([-3, 2]), "int64", [-3, 2]),
    ("round", np.array([-3, 2]), "int64", [-3, 2]),
    ("square", np.array([-3, 2]), "int64", [9, 4]),
    ("sin", np.array([0, 0]), "float64", [0.0, 0.0]),
    ("sigmoid", np.array([0]), "float64", [0.5]),
    ("reciprocal", np.array([4]), "float64", [0.25]),
    ("deg2rad", np.array([180]), "float64", [math.pi]),
    ("exp", np.array([0.0], np.float32), "float32", [1.0]),
    ("erf", np.array([0.0], np.float16), "float16", [0.0]),
    ("isnan", np.array([NAN, 1.0]), "bool", [True, False]),
    ("nan_to_num", np.array([1, 2]), "int64", [1, 2]),
]


@pytest.mark.parametrize(("name", "argument", "dtype", "value"), DTYPES)
def test_dtypes(name: str, argument: Any, dtype: str, value: Any) -> None:
    got = call(name, argument)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, value)


WRONG = [
    ("-tensor([True])", "Negation, the `-` operator, on a bool tensor is not supported."),
    ("frac(tensor([1]))", "frac(): input dtype should be floating point, but got int64"),
    ("sin(x, x)", "sin() takes 1 positional argument but 2 were given"),
    ("sin(inptu=x)", "sin() got an unexpected keyword argument 'inptu'"),
    ("round(x, digits=2)", "round() got an unexpected keyword argument 'digits'"),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, {"x": 1.0} if "x" in program else None)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("n", [2.5, 1.5, 0.3, -0.5, -1.7, 2 + 1e-9, 7, NAN, INF, -INF])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_large_powers_of_negative_numbers_are_those_of_numpy(n: float, dtype: type) -> None:
    x = np.random.default_rng(1).normal(size=5000)
    x[:8] = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-310, -1e-310, 1e300]
    with np.errstate(all="ignore"):
        x = x.astype(dtype)
        expected = 1 / np.sqrt(x) if n == -0.5 else np.power(x, n)  # as PyTorch: of -inf it is nan
        into, over = np.empty_like(x), x.copy()
        new = power_number.compute(x, n)
        power_number.kernel(x, n, out=into)
        power_number.kernel(over, n, out=over)
    for each in (new, into, over):
        assert each.dtype == dtype
        assert np.allclose(each, expected, rtol=8 * np.finfo(dtype).eps, atol=0, equal_nan=True)
        assert np.array_equal(np.signbit(each[~np.isnan(each)]), np.signbit(expected[~np.isnan(expected)]))


def test_powers_of_positive_numbers_among_which_some_are_not() -> None:
    x = np.random.default_rng(1).uniform(0.5, 2, size=5000)
    x[4321] = -1.0  # where nobody looks first
    with np.errstate(all="ignore"):
        assert np.array_equal(power_number.compute(x, 2.3), np.power(x, 2.3), equal_nan=True)


@pytest.mark.parametrize("n", [-2.5, -1, 0.5, 1.5, 2.5, 3, 3.5, 4, 5, 6.5])
def test_powers_of_many_numbers_are_those_of_each(n: float) -> None:
    x = np.linspace(0.1, 3.0, 5000)
    np.testing.assert_allclose(power_number.compute(x, n), [each**n for each in x.tolist()], rtol=1e-15)


def test_angles_of_float32_stay_float32() -> None:
    """They are computed in float64, and then rounded."""
    a, b = np.array([0.5, -1.0], np.float32), np.array([-1.0, 0.25], np.float32)
    found = atan2.compute(a, b)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.arctan2(a.astype(float), b.astype(float)).astype(np.float32))
