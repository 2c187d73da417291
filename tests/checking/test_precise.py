"""Verdicts where float64 tells too little: functions that cancel or saturate, at small and large values."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import gradcli
from gradcli.checking.precise import Precise, mp

CANCELLING = (
    "log(1+x)", "1-cos(x)", "log(1+x*x)", "log(cosh(x))", "exp(x)-1-x", "sqrt(1+x*x)-1", "sin(x)-x",
    "(1-cos(x))/x**2", "x-log(1+x)", "1-erf(x)", "1-tanh(x)", "1/(1+exp(-x))", "lgamma(1+x)", "x/(1+abs(x))",
    "log(exp(x)+1)", "i0(x)-1", "sinc(x)-1", "logsumexp(stack([x, 0*x]), 0)", "log(1+x)**2",
)  # fmt: skip
OWN = """\
def f(x):
    return {value}
@backward(f)
def slope(g, x):
    return {gradient}
z = {root}
"""
SATURATED = [
    ("softmax(x, 0)", "softmax(x, 0)*(g - sum(g*softmax(x, 0)))", "sum(f(x))", [0.3, 1.0, 2.2]),
    ("softmax(x, 0)", "softmax(x, 0)*(g - sum(g*softmax(x, 0)))", "sum(f(x)*[1, 2, 3])", [50.0, 0.0, -60.0]),
    ("1/(1 + exp(-x))", "g/(1 + exp(-x))*(1 - 1/(1 + exp(-x)))", "sum(f(x))", [10.0, -12.0, 20.0]),
    ("tanh(x)", "g*(1 - tanh(x)**2)", "sum(f(x))", [17.0, -15.0, 1.0]),
    ("erf(x)", "g*2/sqrt(pi)*exp(-x*x)", "sum(f(x))", [6.0, -5.0, 1.0]),
    ("log(1 + x*x)", "g*2*x/(1 + x*x)", "sum(f(x))", [1e-9, 1e-5, 2.0]),
    ("sqrt(1 + x*x) - 1", "g*x/sqrt(1 + x*x)", "sum(f(x))", [1e-9, 1e-5, 2.0]),
]


@pytest.mark.parametrize("expression", CANCELLING)
def test_a_right_gradient_of_a_cancelling_function_is_measured(expression: str) -> None:
    points = [(-1) ** number * 10.0**exponent for number, exponent in enumerate(range(-12, 3, 2))]
    seen = [check.status for x in points for check in gradcli.check(expression, {"x": x}).checks]
    assert "fail" not in seen
    assert seen.count("pass") >= 0.6 * len(seen)  # the rest lies outside the domain


@pytest.mark.parametrize(("value", "gradient", "root", "x"), SATURATED)
@pytest.mark.parametrize("seed", range(2))
def test_a_right_own_gradient_is_not_accused_whatever_the_seed(
    value: str, gradient: str, root: str, x: list[float], seed: int
) -> None:
    report = gradcli.check(OWN.format(value=value, gradient=gradient, root=root), {"x": x}, seed=seed)
    assert [check.status for check in report.checks] == ["pass", "pass", "pass"], report


@pytest.mark.parametrize(("value", "gradient", "root", "x"), SATURATED)
@pytest.mark.parametrize("factor", ["1.001", "-1", "(1 + 1e-6)"])
def test_a_wrong_one_is_caught_at_the_same_place(
    value: str, gradient: str, root: str, x: list[float], factor: str
) -> None:
    report = gradcli.check(OWN.format(value=value, gradient=f"{factor}*({gradient})", root=root), {"x": x})
    assert any(check.status == "fail" for check in report.checks), report


@pytest.mark.parametrize("program", ["x**3", "x**4 + x**3", "x - sin(x)"])
def test_a_derivative_that_is_exactly_0_loses_nothing(program: str) -> None:
    check = gradcli.check(program, {"x": 0.0}).checks[0]
    assert (check.status, check.details["error"]) == ("pass", 0.0)
    assert not check.notes


def test_digits_that_a_right_formula_loses_are_told() -> None:
    source = OWN.format(value="sigmoid(x)", gradient="g*sigmoid(x)*(1 - sigmoid(x))", root="f(x)")
    report = gradcli.check(source, {"x": 30.0})
    assert report.ok
    notes = [note for check in report.checks for note in check.notes]
    assert any(note.startswith("loses ") and note.endswith(" of 16 digits here") for note in notes), report


@pytest.mark.parametrize("gradient", ["g*x/0.0", "g*2*where(x == 1, x/0.0, x/x)", "-g*x/0.0"])
def test_an_infinite_gradient_is_wrong(gradient: str) -> None:
    source = OWN.format(value="2*x", gradient=gradient, root="sum(f(x))")
    report = gradcli.check(source, {"x": [1.0, 2.0, 3.0]})
    assert report.status == 1
    assert any("inf" in check.message for check in report.checks if check.status == "fail")


@pytest.mark.parametrize("claimed", [np.inf, -np.inf])
def test_an_infinite_claim_of_a_python_function_is_wrong(claimed: float) -> None:
    with pytest.raises(AssertionError, match=f"the gradient says {claimed}, numerically it is 2"):
        gradcli.assert_gradients(lambda x: 2 * x, 1.0, claimed)


def test_a_precise_number_has_ieee_answers_and_no_way_to_a_float() -> None:
    one, zero = Precise(mp.mpf(1)), Precise(mp.mpf(0))
    assert mpmath.isinf((one / zero).value)
    assert mpmath.isnan((zero / zero).value)
    assert np.array([one], object).sum().value == 1
    with pytest.raises(TypeError):
        float(one)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expression", "x"),
    [("sigmoid(x)*(1 - sigmoid(x))", 370.0), ("(1 - tanh(x))*x", 300.0), ("1 - erf(x)", 26.0)],
)
def test_what_is_left_of_two_ones_has_digits_enough(expression: str, x: float) -> None:
    report = gradcli.check(f"z = {expression}", {"x": x})
    assert report.ok, report


@pytest.mark.parametrize(
    ("expression", "x"),
    [("exp(-exp(x))", 1e8), ("sin(exp(x))", 1e6), ("digamma(x)", -3.7e6), ("erfc(x)", 4e300)],
)
def test_no_number_takes_for_ever(expression: str, x: float) -> None:
    """Each took minutes, or more memory than there is."""
    report = gradcli.check(f"z = {expression}", {"x": x})
    assert {check.status for check in report.checks} <= {"pass", "unmeasurable"}, report
