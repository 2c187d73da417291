"""Special functions: mpmath's digits, three derivatives, and the arguments where formulas cancel."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

import gradcli
from ops.op_checks import call, derivatives
from rows import by_rows

INF = math.inf


def exact(f: Any, x: float, count: int) -> list[float]:
    """Value and derivatives from mpmath, with digits to spare."""
    with mpmath.workdps(60):
        return [
            float(mpmath.diff(f, mpmath.mpf(x), k)) if k else float(f(mpmath.mpf(x)))
            for k in range(count + 1)
        ]


SMOOTH: list[tuple[str, Any, list[float]]] = [
    # expression of x, mpmath's function, where
    ("erf", mpmath.erf, [0.0, 0.4, -2.0]),
    ("erfc", mpmath.erfc, [0.0, 0.4, 5.0, -2.0]),
    ("erfinv", mpmath.erfinv, [0.0, 0.4, -0.9]),
    ("erfcx", lambda x: mpmath.exp(x * x) * mpmath.erfc(x), [0.0, 0.4, -2.0, 12.0, 40.0]),
    ("ndtr", mpmath.ncdf, [0.0, 0.4, -4.0]),
    ("ndtri", lambda p: mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1), [0.5, 0.1, 0.97]),
    ("log_ndtr", lambda x: mpmath.log(mpmath.ncdf(x)), [0.0, 1.5, -3.0]),
    ("entr", lambda x: -x * mpmath.log(x), [0.3, 1.0, 4.0]),
    ("logit", lambda x: mpmath.log(x / (1 - x)), [0.5, 0.01, 0.9]),
    ("sinc", lambda x: mpmath.sinc(mpmath.pi * x), [1e-30, 0.3, 1.0, -2.5]),
    ("i0", lambda x: mpmath.besseli(0, x), [0.4, -3.0]),
    ("i1", lambda x: mpmath.besseli(1, x), [0.4, -3.0]),
    ("i0e", lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x), [0.4, -3.0, 20.0]),
    ("i1e", lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x), [0.4, -3.0, 20.0]),
    ("lgamma", lambda x: mpmath.log(abs(mpmath.gamma(x))), [0.5, 1.0, 7.5]),
    ("gamma", mpmath.gamma, [0.5, 1.0, 6.0, -2.5]),
    ("digamma", mpmath.digamma, [0.5, 1.0, 30.0]),
]


@by_rows("name, f, x", [(name, f, x) for name, f, points in SMOOTH for x in points])
def test_three_derivatives(name: str, f: Any, x: float) -> None:
    got = derivatives(lambda call, x: call(name, x), x, 3)
    wanted = exact(f, x, 3)
    np.testing.assert_allclose(got, wanted, rtol=2e-9, atol=1e-13 * max(abs(each) for each in wanted))


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("x", [0.3, 2.0, 15.0])
def test_polygamma_is_the_next_order_of_itself(n: int, x: float) -> None:
    got = derivatives(lambda call, x: call("polygamma", n, x), x, 2)
    with mpmath.workdps(40):
        wanted = [float(mpmath.polygamma(n + k, x)) for k in range(3)]
    np.testing.assert_allclose(got, wanted, rtol=1e-11)


@pytest.mark.parametrize("p", [1, 2, 4])
def test_mvlgamma_is_a_sum_of_lgamma(p: int) -> None:
    x = np.array([2.25, 3.0, 10.0])
    wanted = p * (p - 1) / 4 * math.log(math.pi) + sum(call("lgamma", x - j / 2) for j in range(p))
    np.testing.assert_allclose(call("mvlgamma", x, p), wanted, rtol=1e-14)


AT_ZERO = [
    # even and odd functions whose formulas divide by x: value and three derivatives at 0
    ("sinc", [1.0, 0.0, -(math.pi**2) / 3, 0.0]),
    ("i0", [1.0, 0.0, 0.5, 0.0]),
    ("i1", [0.0, 0.5, 0.0, 0.375]),
]


@pytest.mark.parametrize(("name", "wanted"), AT_ZERO)
def test_at_zero(name: str, wanted: list[float]) -> None:
    got = derivatives(lambda call, x: call(name, x), 0.0, 3)
    np.testing.assert_allclose(got, wanted, rtol=1e-14, atol=0)


FAR = [
    # expression, x, value, derivative
    ("sinc(x)", 1e-160, 1.0, -(math.pi**2) / 3 * 1e-160),
    ("log_ndtr(x)", -1e10, -5e19, 1e10),
    ("log_ndtr(x)", 40.0, 0.0, 0.0),
    ("erfc(x)", 20.0, 5.395865611607901e-176, -2 / math.sqrt(math.pi) * math.exp(-400)),
    ("i0e(x)", 1e150, 1 / math.sqrt(2e150 * math.pi), 0.0),
    ("i1e(x)", -1e150, -1 / math.sqrt(2e150 * math.pi), 0.0),
    ("special.i0e(x)", 5000.0, 0.005642036898744589, -5.642319057027533e-07),
    ("special.i1e(x)", 5000.0, 0.005641472666838886, -5.640626276650239e-07),
    ("special.erfcx(x)", 100000.0, 5.6418958351954685e-06, -5.641895834631278e-11),
    ("logit(x)", 1e-300, math.log(1e-300), 1e300),
    ("logit(x, 0.25)", 0.1, -math.log(3), 0.0),
    ("logit(x)", 1.0, INF, INF),
    ("lgamma(x)", -INF, INF, math.nan),
    ("entr(x)", 0.0, 0.0, INF),
    ("erfinv(x)", 1.0, INF, INF),
    ("xlog1py(x, -1.0)", 0.0, 0.0, 0.0),
    ("xlog1py(x, 1e-20)", 2.0, 2e-20, 1e-20),
    ("xlog1py(0.0, x)", -1.5, 0.0, 0.0),
]


@pytest.mark.parametrize(("program", "x", "value", "derivative"), FAR)
def test_far_out_and_at_the_edge(program: str, x: float, value: float, derivative: float) -> None:
    evaluation = gradcli.evaluate(f"out = {program}", {"x": x}, roots=["out"])
    got = evaluation.values["out"], evaluation.grads["x"]
    np.testing.assert_allclose(got, (value, derivative), rtol=1e-13, atol=1e-90)


def test_inverses() -> None:
    p = np.array([1e-12, 0.2, 0.5, 0.999])
    np.testing.assert_allclose(call("ndtr", call("ndtri", p)), p, rtol=1e-12)
    np.testing.assert_allclose(call("erf", call("erfinv", p)), p, rtol=1e-12)
    np.testing.assert_allclose(call("sigmoid", call("logit", p)), p, rtol=1e-12)


def test_single_and_half_precision_stay_what_they_are() -> None:
    for name in ("erfc", "ndtri", "i0", "i1e", "digamma", "lgamma", "sinc", "logit", "entr"):
        for dtype in (np.float32, np.float16):
            assert call(name, np.array([0.25], dtype)).dtype == dtype, name


def test_polygamma_as_a_method_takes_the_order_second() -> None:
    evaluation = gradcli.evaluate("a = polygamma(2, x); b = x.polygamma(2); a - b", {"x": 1.5})
    assert evaluation.values["a"] == evaluation.values["b"] == call("polygamma", 2, np.array(1.5))


WRONG = [
    ("polygamma(-1, x)", "polygamma(n, x) does not support negative n."),
    ("polygamma(1.5, x)", "polygamma(): argument 'n' (position 1) must be int, not float"),
    ("mvlgamma(x, 0)", "p has to be greater than or equal to 1"),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, {"x": 1.0})
    assert caught.value.message == message


@pytest.mark.parametrize("name", ["entr", "i0e", "i1", "i1e", "erfcx", "log_ndtr", "ndtr", "ndtri"])
def test_what_is_no_method_in_pytorch_is_none_here(name: str) -> None:
    assert gradcli.evaluate(f"torch.special.{name}(x)", {"x": 0.5}, wrt=[])
    with pytest.raises(gradcli.GradcliError, match=f"no attribute '{name}'"):
        gradcli.evaluate(f"x.{name}()", {"x": 0.5})
