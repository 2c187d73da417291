"""What a program did not take has no derivative of any order, however infinite its partials are.

Each row has the branch that was taken in closed form: every way to ask for first and second derivatives
gives its gradient and its Hessian.
"""

from __future__ import annotations

import numpy as np
import pytest

import gradcli

AT_ZERO = [
    # a program of y over x = 0, y' and y''
    ("y = where(x > 0, sqrt(x), 0)", 0.0, 0.0),
    ("y = where(x > 0, log(x), 0)", 0.0, 0.0),
    ("y = where(x > 0, x**0.5, x)", 1.0, 0.0),
    ("y = where(x > 0, x**x, 1)", 0.0, 0.0),
    ("y = where(x > 0, 1/x, x**2)", 0.0, 2.0),
    ("y = where(x > 0, sin(x)/x, 1 - x**2/6)", 0.0, -1 / 3),
    ("y = where(x > 0, x*log(x), 0)", 0.0, 0.0),
    ("y = where(x > 0, x*(log(x) + 1), 0)", 0.0, 0.0),
    ("y = where(x > 0, x**1.5*exp(1/x), x**3)", 0.0, 0.0),
    ("y = where(x > 0, sqrt(relu(x)), 3*x)", 3.0, 0.0),
    ("y = where(x > 0, asin(1 + x), x)", 1.0, 0.0),
    ("y = where(x > 0, acosh(1 + x), x*x)", 0.0, 2.0),
    ("y = exp(where(x > 0, sqrt(x), x))", 1.0, 1.0),
    ("y = where(x > 0, sqrt(x), 2*x)*where(x > 0, log(x), 3*x)", 0.0, 12.0),
    ("y = sqrt(x).masked_fill(x == 0, 2) + x**2", 0.0, 2.0),
    ("y = sqrt(x).clamp(min=1)", 0.0, 0.0),
    ("y = clamp(sqrt(x), 0.5, 2) + x**2", 0.0, 2.0),
    ("y = clamp(sqrt(x), tensor(0.5), 2 + x) + x", 1.0, 0.0),
    ("y = clamp(1/x, tensor(0.5), 2 + 3*x)", 3.0, 0.0),
    ("y = relu(sqrt(x) - 1) + x", 1.0, 0.0),
    ("y = relu6(sqrt(x) - 1)", 0.0, 0.0),
    ("y = hardtanh(sqrt(x) - 3)", 0.0, 0.0),
    ("y = threshold(sqrt(x), 0.5, 0.0)", 0.0, 0.0),
    ("y = maximum(sqrt(x), 1 + x**2)", 0.0, 2.0),
    ("y = minimum(1/x, 1 + x + x**2)", 1.0, 2.0),
    ("y = fmax(sqrt(x), 1 + x**2)", 0.0, 2.0),
    ("y = fmin(x**3 + x, 1/x)", 1.0, 0.0),
    ("y = max(stack([sqrt(x), 1 + x*x]))", 0.0, 2.0),
    ("y = amin(stack([1/x, x*x]), 0)", 0.0, 2.0),
    ("y = median(stack([sqrt(x), 1 + x*x, 2 + x]))", 0.0, 2.0),
    ("y = stack([sqrt(x), x*x])[1]", 0.0, 2.0),
    ("y = atan2(x, 0*x)", 0.0, 0.0),
    ("y = atan2(0*x, x) + x", 1.0, 0.0),
    ("y = linalg.norm(stack([x, 2*x]))", 0.0, 0.0),
]

ONLY_THE_SECOND = [
    # a program over x = [0, 4] in which sqrt(0) is computed and not taken, and only the second element counts
    "y = sqrt(x)[1]**3",
    "y = (sqrt(x)[1:]**3).sum()",
    "y = (sqrt(x)[x > 0]**3).sum()",
    "y = (sqrt(x)[[1]]**3).sum()",
    "y = (sqrt(x).masked_select(x > 0)**3).sum()",
    "y = (sqrt(x).masked_fill(x == 0, 0)**3).sum()",
    "y = (where(x > 0, sqrt(x), 0)**3).sum()",
    "y = (sqrt(x).gather(0, tensor([1]))**3).sum()",
    "y = (sqrt(x).index_select(0, tensor([1]))**3).sum()",
    "y = (narrow(sqrt(x), 0, 1, 1)**3).sum()",
    "y = (split(sqrt(x), 1)[1]**3).sum()",
    "a, b = sqrt(x); y = b**3",
    "y = sort(sqrt(x)).values[1]**3",
    "y = max(sqrt(x))**3",
    "y = max(sqrt(x), 0).values**3",
    "y = (topk(sqrt(x), 1).values**3).sum()",
    "y = (cummax(sqrt(x).flip(0), 0).values[1]**3)",
    "y = (max_pool1d(sqrt(x).reshape(1, 1, 2), 2)**3).sum()",
    "y = (sqrt(x).expand(2, 2).triu(1)**3).sum()",
    "y = (sqrt(x).unsqueeze(1).expand(2, 2).tril(-1)**3).sum()",
]

CASES = [
    *[pytest.param(text, 0.0, slope, bend, id=text) for text, slope, bend in AT_ZERO],
    *[
        pytest.param(text, [0.0, 4.0], [0.0, 3.0], [[0.0, 0.0], [0.0, 0.375]], id=text)  # of x**1.5 at 4
        for text in ONLY_THE_SECOND
    ],
]


@pytest.mark.parametrize(("text", "at", "gradient", "hessian"), CASES)
def test_what_is_not_taken_has_no_derivative(
    text: str, at: object, gradient: object, hessian: object
) -> None:
    x = np.array(at)
    along = np.full(x.shape, 0.5)
    bend = np.sum(np.reshape(hessian, (x.size, x.size)), 1).reshape(x.shape)
    found = gradcli.evaluate(
        text,
        {"x": x},
        roots=["y"],
        order=2,
        partials=["x,x"],
        hessian=True,
        hvp=along,
        jacobian=True,
        jvp=along,
    )
    pulled = gradcli.evaluate(text, {"x": x}, roots=["y"], jacobian=True, mode="reverse")
    pushed = gradcli.evaluate(text, {"x": x}, roots=["y"], jacobian=True, mode="forward")
    recorded = f"{text}\ng, = autograd.grad(y, x, create_graph=True)\nh, = autograd.grad(g.sum(), x)"
    twice = gradcli.evaluate(recorded, {"x": x}).values
    for got, wanted in (
        (found.grads["x"], gradient),
        (found.orders["x"][0], gradient),
        (found.orders["x"][1], bend),
        (found.partials["x,x"], bend),
        (found.hessian["x"]["x"], hessian),
        (found.hvp["x"], 0.5 * bend),
        (found.jvp["y"], 0.5 * np.sum(gradient)),
        (found.jacobian["y"]["x"], gradient),
        (pulled.jacobian["y"]["x"], gradient),
        (pushed.jacobian["y"]["x"], gradient),
        (twice["g"], gradient),
        (twice["h"], bend),
    ):
        np.testing.assert_allclose(got, np.reshape(wanted, np.shape(got)), rtol=1e-12, atol=1e-15)


def test_a_product_that_is_zero_by_its_own_factors_is_none_of_these() -> None:
    found = gradcli.evaluate("y = (x > 0)*sqrt(x)", {"x": 0.0}, jvp=1.0, hessian=True)
    assert np.isnan(found.grads["x"])
    assert np.isnan(found.jvp["y"])
    assert np.isnan(found.hessian["x"]["x"])


@pytest.mark.parametrize("text", ["acos(1 - x*x)", "log(x*x)*x", "logsumexp(stack([log(x*x), x]), 0)"])
def test_the_first_of_a_series_is_the_gradient_where_zero_meets_an_infinite_partial(text: str) -> None:
    """Nothing says "not taken" there: zero times infinity is nan, as in PyTorch."""
    alone = gradcli.evaluate(text, {"x": 0.0}).grads["x"]
    series = gradcli.evaluate(text, {"x": 0.0}, order=3).orders["x"]
    assert np.isnan(alone)
    assert np.isnan(series).all()


def test_powers_at_zero_by_several_exponents_have_the_derivatives_of_each() -> None:
    found = gradcli.evaluate("y = sum(x**tensor([0.0, 1.0, 2.0, 3.0]))", {"x": 0.0}, order=3).orders["x"]
    assert [float(each) for each in found] == [1.0, 2.0, 6.0]
