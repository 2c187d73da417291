"""Pure and mixed derivatives of high order, against mpmath with fifty digits and against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import gradcli
from golden.higher import expression

ORDER = 8
POINTS = (0.3, 0.7)


@pytest.fixture(autouse=True)
def _fifty_digits() -> Any:
    with mp.workdps(50):
        yield


def _logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "exp(x)": mp.exp,
    "exp2(x)": lambda x: mp.mpf(2) ** x,
    "expm1(x)": mp.expm1,
    "log(x)": mp.log,
    "log2(x)": lambda x: mp.log(x, 2),
    "log10(x)": mp.log10,
    "log1p(x)": mp.log1p,
    "sqrt(x)": mp.sqrt,
    "rsqrt(x)": lambda x: 1 / mp.sqrt(x),
    "reciprocal(x)": lambda x: 1 / x,
    "sin(x)": mp.sin,
    "cos(x)": mp.cos,
    "tan(x)": mp.tan,
    "asin(x)": mp.asin,
    "acos(x)": mp.acos,
    "atan(x)": mp.atan,
    "sinh(x)": mp.sinh,
    "cosh(x)": mp.cosh,
    "tanh(x)": mp.tanh,
    "asinh(x)": mp.asinh,
    "acosh(x + 1)": lambda x: mp.acosh(x + 1),
    "atanh(x)": mp.atanh,
    "sigmoid(x)": _logistic,
    "logsigmoid(x)": lambda x: mp.log(_logistic(x)),
    "softplus(x)": lambda x: mp.log(1 + mp.exp(x)),
    "logit(x)": lambda x: mp.log(x / (1 - x)),
    "logaddexp(x, x**2)": lambda x: mp.log(mp.exp(x) + mp.exp(x * x)),
    "xlogy(x, x + 1)": lambda x: x * mp.log(x + 1),
    "special.xlog1py(x, x)": lambda x: x * mp.log1p(x),
    "special.entr(x)": lambda x: -x * mp.log(x),
    "x**0": lambda x: mp.mpf(1) + 0 * x,
    "x**1": lambda x: x,
    "x**3": lambda x: x**3,
    "x**17": lambda x: x**17,
    "x**2.5": lambda x: x ** mp.mpf("2.5"),
    "x**-2": lambda x: x**-2,
    "x**-0.5": lambda x: x ** mp.mpf("-0.5"),
    "x**tensor(3.0)": lambda x: x**3,
    "2**x": lambda x: mp.mpf(2) ** x,
    "x**x": lambda x: x**x,
    "x/(1 + x*x)": lambda x: x / (1 + x * x),
    "1/x": lambda x: 1 / x,
    "hypot(x, 2*x + 1)": lambda x: mp.sqrt(x * x + (2 * x + 1) ** 2),
    "atan2(x, x**2 + 1)": lambda x: mp.atan2(x, x * x + 1),
    "abs(x - 0.5)**3": lambda x: abs(x - mp.mpf("0.5")) ** 3,
    "relu(x - 0.5)**2": lambda x: (x - mp.mpf("0.5")) ** 2 if x > 0.5 else 0 * x,
    "maximum(x, x**2)": lambda x: x,
    "minimum(x, x**2)": lambda x: x * x,
    "clamp(x, 0, 0.5)**2": lambda x: x * x if x < 0.5 else mp.mpf("0.25") + 0 * x,
    "where(x > 0.5, x**3, sin(x))": lambda x: x**3 if x > 0.5 else mp.sin(x),
    "elu(x - 1)": lambda x: mp.exp(x - 1) - 1,
    "gelu(x)": lambda x: x * mp.ncdf(x),
    "silu(x)": lambda x: x * _logistic(x),
    "mish(x)": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
    "softsign(x)": lambda x: x / (1 + x),
    "hardswish(x)": lambda x: x * (x + 3) / 6,
    "erf(x)": mp.erf,
    "erfc(x)": mp.erfc,
    "erfinv(x)": mp.erfinv,
    "special.erfcx(x)": lambda x: mp.exp(x * x) * mp.erfc(x),
    "special.ndtr(x)": mp.ncdf,
    "special.log_ndtr(x)": lambda x: mp.log(mp.ncdf(x)),
    "special.ndtri(x)": lambda x: mp.sqrt(2) * mp.erfinv(2 * x - 1),
    "lgamma(x)": mp.loggamma,
    "digamma(x)": mp.digamma,
    "polygamma(2, x)": lambda x: mp.polygamma(2, x),
    "sinc(x)": lambda x: mp.sin(mp.pi * x) / (mp.pi * x),
    "i0(x)": lambda x: mp.besseli(0, x),
    "special.i0e(x)": lambda x: mp.besseli(0, x) * mp.exp(-x),
    "special.i1(x)": lambda x: mp.besseli(1, x),
    "special.i1e(x)": lambda x: mp.besseli(1, x) * mp.exp(-x),
    "floor(x)*x": lambda x: 0 * x,
    "sign(x)*x**2": lambda x: x * x,
    "lerp(x, x**2, x)": lambda x: x + x * (x * x - x),
}


def _wanted(function: Callable[[Any], Any], x: float, order: int) -> list[float]:
    coefficients = mp.taylor(function, mp.mpf(x), order)
    return [float(coefficients[k] * mp.factorial(k)) for k in range(1, order + 1)]


def _agree(got: Any, wanted: list[float], rtol: float = 1e-8) -> None:
    scale = max(abs(each) for each in wanted)
    np.testing.assert_allclose(np.array(got, float), wanted, rtol=rtol, atol=1e-12 * max(scale, 1))


@pytest.mark.parametrize("text", ELEMENTWISE)
def test_every_elementwise_function_has_its_eight_derivatives(text: str) -> None:
    for x in POINTS:
        orders = gradcli.evaluate(f"y = {text}", {"x": x}, order=ORDER).orders
        _agree(orders["x"], _wanted(ELEMENTWISE[text], x, ORDER))


@pytest.mark.parametrize("text", ELEMENTWISE)
def test_a_vector_has_the_derivatives_of_its_elements(text: str) -> None:
    orders = gradcli.evaluate(f"y = sum({text})", {"x": list(POINTS)}, order=4).orders
    for at, x in enumerate(POINTS):
        _agree([each[at] for each in orders["x"]], _wanted(ELEMENTWISE[text], x, 4))


SINGULAR = (  # text, x, the derivatives there by the conventions of PyTorch
    ("x**3", 0.0, [0, 0, 6, 0, 0]),
    ("x**2.5", 0.0, [0, 0, math.inf, -math.inf, math.inf]),
    ("x**tensor(2.0)", 0.0, [0, 2, 0, 0, 0]),
    ("(x - 1)**tensor(3.0)*x", 1.0, [0, 0, 6, 24, 0]),
    ("(x*x)**3", 0.0, [0, 0, 0, 0, 0]),
    ("sqrt(x)", 0.0, [math.inf, -math.inf, math.inf, -math.inf, math.inf]),
    ("abs(x)", 0.0, [0, 0, 0, 0, 0]),
    ("abs(x)*x", 0.0, [0, 0, 0, 0, 0]),
    ("relu(x)", 0.0, [0, 0, 0, 0, 0]),
    ("maximum(x, -x)", 0.0, [0, 0, 0, 0, 0]),
    ("where(x > 0, sqrt(x), x**2)", 0.0, [0, 2, 0, 0, 0]),
    ("where(x > 0, log(x), sin(x))", 0.0, [1, 0, -1, 0, 1]),
    ("x*x.detach()", 2.0, [2, 0, 0, 0, 0]),
    ("exp(x) + floor(x)", 0.0, [1, 1, 1, 1, 1]),
    ("7.0 + 0*x", 2.0, [0, 0, 0, 0, 0]),
)


@pytest.mark.parametrize(("text", "x", "wanted"), SINGULAR, ids=lambda value: str(value)[:30])
def test_kinks_poles_and_branches(text: str, x: float, wanted: list[float]) -> None:
    orders = gradcli.evaluate(f"y = {text}", {"x": x}, order=5).orders
    assert [float(each) for each in orders["x"]] == wanted


def _benchmark(x: Any) -> Any:
    return mp.sin(x) * mp.exp(x * x) / (1 + x * x)


def test_forty_derivatives_are_right_to_eight_digits() -> None:
    orders = gradcli.evaluate("y = sin(x)*exp(x*x)/(1 + x*x)", {"x": 0.5}, order=40).orders
    np.testing.assert_allclose(np.array(orders["x"], float), _wanted(_benchmark, 0.5, 40), rtol=1e-8, atol=0)


def test_a_chain_of_tens_of_thousands_of_operations_has_a_second_derivative() -> None:
    turns = 12_000
    orders = gradcli.evaluate(
        f"y = x\nfor i in range({turns}):\n    y = y + 0.00001*y*y\ny", {"x": 0.5}, order=2
    ).orders
    y, first, second = 0.5, 1.0, 0.0
    for _ in range(turns):
        slope = 1 + 0.00002 * y
        y, first, second = y + 0.00001 * y * y, slope * first, slope * second + 0.00002 * first * first
    np.testing.assert_allclose(np.array(orders["x"], float), [first, second], rtol=1e-10)


MIXED = (
    "sin(x*w)*exp(x)/(1 + w*w)",
    "(x - w)**5 + x**2.5*w**3",
    "sqrt(x + w)*tanh(x*w)",
    "where(x > w, x**3*w**2, w)",
    "log(1 + x*x)/(2 + cos(w))",
)
MIXED_CLOSED: dict[str, Callable[[Any, Any], Any]] = {
    MIXED[0]: lambda x, w: mp.sin(x * w) * mp.exp(x) / (1 + w * w),
    MIXED[1]: lambda x, w: (x - w) ** 5 + x ** mp.mpf("2.5") * w**3,
    MIXED[2]: lambda x, w: mp.sqrt(x + w) * mp.tanh(x * w),
    MIXED[3]: lambda x, w: x**3 * w**2,
    MIXED[4]: lambda x, w: mp.log(1 + x * x) / (2 + mp.cos(w)),
}


@pytest.mark.parametrize("text", MIXED)
def test_mixed_partials_of_any_order(text: str) -> None:
    groups = ["x", "x,w", "w,x", "x,x,w", "w,x,x", "w,w,w", "x,x,x,w,w,w", "x,x,x,x,x,w,w,w,w,w"]
    partials = gradcli.evaluate(f"y = {text}", {"x": 0.7, "w": 0.4}, partials=groups).partials
    assert list(partials) == groups
    for group in groups:
        counts = (group.count("x"), group.count("w"))
        wanted = float(mp.diff(MIXED_CLOSED[text], (mp.mpf(0.7), mp.mpf(0.4)), counts))
        assert float(partials[group]) == pytest.approx(wanted, rel=1e-8, abs=1e-10)
    assert partials["x,w"] == partials["w,x"]
    assert partials["x,x,w"] == partials["w,x,x"]


def test_partials_by_vectors_sum_the_earlier_names_and_spread_the_last() -> None:
    program = "y = sum(x**2*w) + sum(x)**2*sum(w**2)"
    inputs = {"x": [1.0, 2.0], "w": [3.0, 4.0]}
    partials = gradcli.evaluate(program, inputs, partials=["x,w", "w,x", "x,x", "x,x,w"]).partials
    blocks = gradcli.evaluate(program, inputs, hessian=True).hessian
    assert blocks is not None
    np.testing.assert_allclose(partials["x,w"], blocks["x"]["w"].sum(0))
    np.testing.assert_allclose(partials["w,x"], blocks["w"]["x"].sum(0))
    np.testing.assert_allclose(partials["x,x"], blocks["x"]["x"].sum(0))
    np.testing.assert_allclose(partials["x,x,w"], [50, 66])


THIRD: dict[str, Any] = {
    "sin": mp.sin,
    "cos": mp.cos,
    "tanh": mp.tanh,
    "exp": mp.exp,
    "log": mp.log,
    "sqrt": mp.sqrt,
}


@pytest.mark.parametrize("number", range(40))
def test_random_programs_have_their_third_derivatives(number: int) -> None:
    import random

    text = expression(random.Random(1000 + number), ("x", "w"), 4)
    result = gradcli.evaluate(
        f"y = {text} + 0*x*w", {"x": 0.8, "w": -0.6}, order=3, partials=["x,x,w", "w,x,w"]
    )

    def closed(x: Any, w: Any) -> Any:
        return eval(text, {**THIRD, "x": x, "w": w})

    point = (mp.mpf(0.8), mp.mpf(-0.6))
    for counts, got in (
        ((3, 0), result.orders["x"][2]),
        ((0, 3), result.orders["w"][2]),
        ((2, 1), result.partials["x,x,w"]),
        ((1, 2), result.partials["w,x,w"]),
    ):
        assert float(got) == pytest.approx(float(mp.diff(closed, point, counts)), rel=1e-8, abs=1e-9)


def test_own_gradients_are_what_is_differentiated_again() -> None:
    program = "def f(x):\n    return x**3\n@backward(f)\ndef df(g, x):\n    return g*10*x**2\nf(x)"
    orders = gradcli.evaluate(program, {"x": 2.0}, order=3).orders
    assert [float(each) for each in orders["x"]] == [40, 40, 20]


def test_the_third_derivative_of_layer_norm() -> None:
    # PyTorch 2.13 has [255.1, 92.6, 623.0] here.
    def closed(shift: Any, along: Any, at: int) -> Any:
        x = [value + along + (shift if at == k else 0) for k, value in enumerate(point)]
        y = [each**2 for each in x]
        mean = sum(y) / 3
        deviation = mp.sqrt(sum((each - mean) ** 2 for each in y) / 3 + mp.mpf("1e-5"))
        return sum(((each - mean) / deviation) ** 3 for each in y)

    point = [mp.mpf("0.7"), mp.mpf("-0.4"), mp.mpf("1.2")]
    orders = gradcli.evaluate("F.layer_norm(x*x, (3,)).pow(3).sum()", {"x": [0.7, -0.4, 1.2]}, order=3).orders
    wanted = [float(mp.diff(lambda s, t, at=at: closed(s, t, at), (0, 0), (1, 2))) for at in range(3)]
    np.testing.assert_allclose(orders["x"][2], wanted, rtol=1e-8)


def test_names_that_depend_on_each_other_are_taken_in_order() -> None:
    # With y = x**2 and z = x*y**3: dz/dx = 7x**6 in all, dz/dy = 3xy**2.
    partials = gradcli.evaluate("y = x**2; z = x*y**3", {"x": 2.0}, partials=["y,x", "y,y", "x,x"]).partials
    assert {name: float(each) for name, each in partials.items()} == {
        "y,x": 3 * 16 + 6 * 2 * 4 * 4,
        "y,y": 6 * 2 * 4,
        "x,x": 42 * 32,
    }
