"""Activation functions against closed forms: at their kinks, far out, and what they refuse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gradcli

KINKS: list[tuple[str, float, float, float]] = [
    # expression, x, its value there, its derivative there as PyTorch has it
    ("relu(x)", 0.0, 0.0, 0.0),
    ("relu6(x)", 0.0, 0.0, 0.0),
    ("relu6(x)", 6.0, 6.0, 0.0),
    ("leaky_relu(x, 0.2)", 0.0, 0.0, 0.2),
    ("elu(x, 2)", 0.0, 0.0, 2.0),
    ("celu(x, 2)", 0.0, 0.0, 1.0),
    ("selu(x)", 0.0, 0.0, 1.7580993408473766),
    ("prelu(x, 0.25)", 0.0, 0.0, 0.25),
    ("hardtanh(x)", 1.0, 1.0, 0.0),
    ("hardtanh(x)", -1.0, -1.0, 0.0),
    ("hardtanh(x, -2, 0.5)", 0.25, 0.25, 1.0),
    ("hardsigmoid(x)", 3.0, 1.0, 0.0),
    ("hardsigmoid(x)", -3.0, 0.0, 0.0),
    ("hardsigmoid(x)", 1.5, 0.75, 1 / 6),
    ("hardswish(x)", 3.0, 3.0, 1.0),
    ("hardswish(x)", -3.0, 0.0, 0.0),
    ("hardshrink(x)", 0.5, 0.0, 0.0),
    ("hardshrink(x)", -0.5, 0.0, 0.0),
    ("hardshrink(x)", 0.75, 0.75, 1.0),
    ("softshrink(x)", 0.5, 0.0, 0.0),
    ("softshrink(x)", -0.75, -0.25, 1.0),
    ("threshold(x, 1, 20)", 1.0, 20.0, 0.0),
    ("threshold(x, 1, 20)", 1.5, 1.5, 1.0),
    ("softplus(x, 2, 4)", 3.0, 3.0, 1.0),
    ("softsign(x)", 0.0, 0.0, 1.0),
]

FAR: list[tuple[str, float, float, float]] = [
    # expression, x, value and derivative from the closed form, to the last digits
    ("logsigmoid(x)", -1000.0, -1000.0, 1.0),
    ("logsigmoid(x)", 40.0, -math.exp(-40), math.exp(-40)),
    ("sigmoid(x)", -700.0, math.exp(-700), math.exp(-700)),
    ("softplus(x)", -50.0, math.exp(-50), math.exp(-50)),
    ("elu(x)", -60.0, -1.0, math.exp(-60)),
    ("elu(x)", 1e300, 1e300, 1.0),
    ("selu(x)", 1000.0, 1050.7009873554805, 1.0507009873554805),
    ("celu(x, 0.5)", -20.0, -0.5, math.exp(-40)),
    ("mish(x)", -50.0, -50 * math.exp(-50), -49 * math.exp(-50)),
    ("mish(x)", 1e150, 1e150, 1.0),
    ("silu(x)", -100.0, -100 * math.exp(-100), -99 * math.exp(-100)),
    (
        "gelu(x)",
        -10.0,
        -5 * math.erfc(math.sqrt(50)),
        math.erfc(math.sqrt(50)) / 2 - 10 * math.exp(-50) / math.sqrt(2 * math.pi),
    ),
    ("gelu(x, approximate='tanh')", 1e200, 1e200, 1.0),
    ("gelu(x, approximate='tanh')", -1e200, 0.0, 0.0),
    ("hardswish(x)", 1e200, 1e200, 1.0),
    ("tanhshrink(x)", 50.0, 49.0, 1.0),
]


def value_and_derivative(program: str, x: Any) -> tuple[Any, Any]:
    evaluation = gradcli.evaluate(f"out = {program}", {"x": x}, roots=["out"], weights="ones")
    return evaluation.values["out"], evaluation.grads["x"]


@pytest.mark.parametrize(("program", "x", "value", "derivative"), KINKS)
def test_kinks(program: str, x: float, value: float, derivative: float) -> None:
    np.testing.assert_allclose(value_and_derivative(program, x), (value, derivative), rtol=1e-15)


@pytest.mark.parametrize(("program", "x", "value", "derivative"), FAR)
def test_far_from_zero(program: str, x: float, value: float, derivative: float) -> None:
    np.testing.assert_allclose(value_and_derivative(program, x), (value, derivative), rtol=1e-12)


SECOND = [
    # expression, x, the second derivative: that of the branch, none at the kink itself
    ("elu(x)", 0.0, 0.0),
    ("elu(x)", -1.0, math.exp(-1)),
    ("hardswish(x)", 1.0, 1 / 3),
    ("hardswish(x)", 3.0, 0.0),
    ("softplus(x, 1, 2)", 2.0, 0.0),
    ("softplus(x)", 0.0, 0.25),
    ("relu(x)", 0.0, 0.0),
]


@pytest.mark.parametrize(("program", "x", "second"), SECOND)
def test_second_derivatives(program: str, x: float, second: float) -> None:
    orders = gradcli.evaluate(program, {"x": x}, order=2).orders
    assert orders is not None
    np.testing.assert_allclose(orders["x"][1], second, rtol=1e-14)


def test_glu_gates_the_first_half_with_the_second() -> None:
    first, second = np.array([[1.0, -2.0]]), np.array([[0.5, 3.0]])
    gate = 1 / (1 + np.exp(-second))
    value, gradient = value_and_derivative("glu(x)", np.concatenate([first, second], -1))
    np.testing.assert_allclose(value, first * gate, rtol=1e-15)
    np.testing.assert_allclose(gradient, np.concatenate([gate, first * gate * (1 - gate)], -1), rtol=1e-14)


def test_prelu_has_a_weight_for_each_channel() -> None:
    x = np.array([[[-1.0, 2.0], [-3.0, 4.0], [-5.0, -6.0]]])
    evaluation = gradcli.evaluate("sum(prelu(x, a))", {"x": x, "a": [0.1, 0.2, 0.3]})
    np.testing.assert_allclose(evaluation.grads["x"], [[[0.1, 1.0], [0.2, 1.0], [0.3, 0.3]]])
    np.testing.assert_allclose(evaluation.grads["a"], [-1.0, -3.0, -11.0])


def test_dropout() -> None:
    program = "y = dropout(x, 0.25); same = dropout(x, 0.25, training=False); none = dropout(x, 1.0); sum(y)"
    evaluation = gradcli.evaluate(program, {"x": np.full(4000, 3.0)}, seed=1)
    dropped = evaluation.values["y"]
    assert set(np.unique(dropped)) == {0.0, 4.0}
    assert 0.2 < np.mean(dropped == 0) < 0.3
    np.testing.assert_array_equal(evaluation.grads["x"], dropped / 3)
    np.testing.assert_array_equal(evaluation.values["same"], np.full(4000, 3.0))
    np.testing.assert_array_equal(evaluation.values["none"], np.zeros(4000))
    again = gradcli.evaluate(program, {"x": np.full(4000, 3.0)}, seed=1)
    np.testing.assert_array_equal(again.values["y"], dropped)


WRONG = [
    ("glu([1., 2., 3.])", "Halving dimension must be even, but dimension 0 is size 3"),
    ("glu(x)", "glu does not support scalars because halving size must be even"),
    ("celu(x, 0)", "ZeroDivisionError: alpha cannot be 0 for CELU"),
    ("hardtanh(x, 2, -2)", "min_val cannot be greater than max_val"),
    (
        "softshrink(x, -1.0)",
        "lambda must be in range [0, 1.79769e+308] for input dtype float64, but found -1",
    ),
    ("prelu([[1., 2., 3.]], [0.1, 0.2])", "Mismatch of parameter numbers and input channel size."),
    ("prelu([1., 2.], [[0.1]])", "prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = 2"),
    ("dropout(x, 1.5)", "dropout probability has to be between 0 and 1, but got 1.5"),
    ("gelu(x, approximate='tan')", "approximate argument must be either none or tanh."),
    ("elu(x, aplha=2)", "elu() got an unexpected keyword argument 'aplha'"),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use_gets_one_clear_line(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, {"x": 1.0}, unused_inputs=True)
    assert caught.value.message.startswith(message)
    assert caught.value.exit_status == 3


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("f", ["relu(x)", "softplus(x)", "softplus(x, 2, 3)", "softplus(x, 1, 0)"])
def test_the_slope_of_many_is_that_of_one(f: str, dtype: str) -> None:
    special = [0.0, -0.0, math.inf, -math.inf, math.nan, 1.5, 3.0, 3.5, 20.0, 20.5, -1.5, 5e-324, -5e-324]
    few = np.array(special, dtype)
    # What isn't taken shields from what isn't finite there.
    source = f"y = sum({f} * c)"
    many = gradcli.evaluate(source, {"x": np.tile(few, 5000), "c": np.tile(few[::-1], 5000)}, wrt=["x"])
    (root,) = many.roots
    alone = [
        gradcli.evaluate(source, {"x": x, "c": c}, wrt=["x"]) for x, c in zip(few, few[::-1], strict=True)
    ]
    wanted = np.array([each.grads["x"] for each in alone])
    np.testing.assert_array_equal(many.grads["x"].reshape(5000, -1), np.tile(wanted, (5000, 1)))
    assert many.values[root].dtype == dtype
