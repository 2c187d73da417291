"""Functions of two and three tensors: differences in both orders, ties, zeros, huge arguments, dtypes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gradcli
from ops.op_checks import assert_derivatives, call, derivatives
from rows import by_rows

INF, NAN = math.inf, math.nan
A, B = np.array([[0.7, -1.3, 2.1], [1.9, 0.4, -0.6]]), np.array([1.1, 0.8, 1.7])
P, C = np.abs(A), np.array([[0.3], [0.8]])

SMOOTH: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("add", {"alpha": 2.5}, (A, B)),
    ("sub", {"alpha": -1.5}, (A, B)),
    ("rsub", {}, (A, B)),
    ("mul", {}, (A, B)),
    ("div", {}, (A, B)),
    ("pow", {}, (P, A)),
    ("float_power", {}, (P, B)),
    ("fmod", {}, (A, B)),
    ("remainder", {}, (A, B)),
    ("atan2", {}, (A, B)),
    ("hypot", {}, (A, B)),
    ("copysign", {}, (A, -B)),
    ("maximum", {}, (A, B)),
    ("minimum", {}, (A, B)),
    ("fmax", {}, (A, B)),
    ("fmin", {}, (A, B)),
    ("logaddexp", {}, (A, B)),
    ("logaddexp2", {}, (A, B)),
    ("xlogy", {}, (A, B)),
    ("xlog1py", {}, (A, B)),
    ("ldexp", {}, (A, B)),
    ("lerp", {}, (A, B, C)),
    ("addcmul", {"value": 0.5}, (A, B, C)),
    ("addcdiv", {"value": -2}, (A, B, C)),
    ("clamp", {}, (A, -B, C)),
    ("clamp_min", {}, (A, C)),
    ("clamp_max", {}, (A, C)),
]


@pytest.mark.parametrize(("name", "options", "arguments"), SMOOTH)
def test_derivatives_with_broadcasting(
    name: str, options: dict[str, Any], arguments: tuple[Any, ...]
) -> None:
    assert_derivatives(lambda call, *tensors: call(name, *tensors, **options), *arguments)


POINTS: list[tuple[str, float, float, float, float, float]] = [
    # expression, x, y, value, derivative in x, derivative in y
    ("maximum(x, y)", 2.0, 2.0, 2.0, 0.5, 0.5),
    ("minimum(x, y)", 2.0, 2.0, 2.0, 0.5, 0.5),
    ("maximum(x, y)", NAN, 1.0, NAN, 1.0, 1.0),
    ("fmax(x, y)", 2.0, 2.0, 2.0, 1.0, 0.0),
    ("fmin(x, y)", NAN, 1.0, 1.0, 0.0, 1.0),
    ("fmax(x, y)", 1.0, NAN, 1.0, 1.0, 0.0),
    ("x ** y", 0.0, 0.0, 1.0, 0.0, 0.0),
    ("x ** y", 0.0, 2.0, 0.0, 0.0, 0.0),
    ("x ** y", 0.0, 1.0, 0.0, 1.0, 0.0),
    ("x ** y", -2.0, 0.0, 1.0, 0.0, NAN),
    ("x ** y", -2.0, 3.0, -8.0, 12.0, NAN),
    ("xlogy(x, y)", 0.0, 0.0, 0.0, 0.0, NAN),
    ("xlogy(x, y)", 0.0, 2.0, 0.0, math.log(2), 0.0),
    ("atan2(x, y)", 0.0, 0.0, 0.0, 0.0, 0.0),
    ("atan2(x, y)", 1e-200, 1e-200, math.pi / 4, 5e199, -5e199),
    ("hypot(x, y)", 3e200, 4e200, 5e200, 0.6, 0.8),
    ("hypot(x, y)", 3e-200, 4e-200, 5e-200, 0.6, 0.8),
    ("logaddexp(x, y)", 1000.0, 0.0, 1000.0, 1.0, 0.0),
    ("logaddexp(x, y)", -1e5, -1e5, -1e5 + math.log(2), 0.5, 0.5),
    ("logaddexp(x, y)", -INF, 1.0, 1.0, 0.0, 1.0),
    ("logaddexp2(x, y)", 5000.0, 5000.0, 5001.0, 0.5, 0.5),
    ("copysign(x, y)", 0.0, -1.0, -0.0, 0.0, 0.0),
    ("copysign(x, y)", 3.0, -0.0, -3.0, -1.0, 0.0),
    ("clamp(x, y, 3)", 1.0, 1.0, 1.0, 1.0, 0.0),
    ("clamp(x, 5, y)", 1.0, 2.0, 2.0, 0.0, 1.0),
    ("lerp(x, y, 1.0)", 1e20, 1.0, 1.0, 0.0, 1.0),
    ("x / y", 1.0, 0.0, INF, INF, -INF),
    ("div(x, y, rounding_mode='floor')", -7.0, 2.0, -4.0, 0.0, 0.0),
    ("div(x, y, rounding_mode='trunc')", -7.0, 2.0, -3.0, 0.0, 0.0),
    ("fmod(x, y)", -7.0, 2.0, -1.0, 1.0, 3.0),
    ("remainder(x, y)", -7.0, 2.0, 1.0, 1.0, 4.0),
    ("where(x > y, x / y, x * y)", 2.0, 0.0, INF, INF, -INF),
    ("where(x > y, x * y, x / (y - 2))", 3.0, 2.0, 6.0, 2.0, 3.0),
    ("x.where(x > y, y)", 3.0, 2.0, 3.0, 1.0, 0.0),
]


@by_rows("program, x, y, value, by_x, by_y", POINTS)
def test_points(program: str, x: float, y: float, value: float, by_x: float, by_y: float) -> None:
    source = f"x = param({x!r}); y = param({y!r}); out = {program}"
    evaluation = gradcli.evaluate(source, roots=["out"], wrt=["x", "y"])
    got = evaluation.values["out"], evaluation.grads["x"], evaluation.grads["y"]
    np.testing.assert_allclose(got, (value, by_x, by_y), rtol=1e-14)


HESSIANS: list[tuple[str, float, float, list[float]]] = [
    # expression, x, y, its second derivatives xx, xy, yx, yy
    ("x ** y", 2.0, 0.0, [0.0, 0.5, 0.5, math.log(2) ** 2]),
    ("x ** y", 0.0, 2.0, [2.0, 0.0, 0.0, 0.0]),
    ("x ** y", 0.0, 3.0, [0.0, 0.0, 0.0, 0.0]),
    ("xlogy(x, y)", 0.0, 2.0, [0.0, 0.5, 0.5, 0.0]),
    ("hypot(x, y)", 3.0, 4.0, [16 / 125, -12 / 125, -12 / 125, 9 / 125]),
    ("logaddexp(x, y)", 800.0, 800.0, [0.25, -0.25, -0.25, 0.25]),
    ("logaddexp(x, y)", 800.0, -800.0, [0.0, 0.0, 0.0, 0.0]),
    ("maximum(x * x, y)", 3.0, 1.0, [2.0, 0.0, 0.0, 0.0]),
]


@pytest.mark.parametrize(("program", "x", "y", "wanted"), HESSIANS)
def test_second_derivatives_at_awkward_points(program: str, x: float, y: float, wanted: list[float]) -> None:
    source = (
        f"out = {program}\n"
        "gx, gy = autograd.grad(out, [x, y], create_graph=True)\n"
        "xx, xy = autograd.grad(gx + 0*(x + y), [x, y], retain_graph=True)\n"
        "yx, yy = autograd.grad(gy + 0*(x + y), [x, y])"
    )
    values = gradcli.evaluate(source, {"x": x, "y": y}).values
    np.testing.assert_allclose([values[name] for name in ("xx", "xy", "yx", "yy")], wanted, rtol=1e-13)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 0.5, -1, 1.5])
def test_powers_of_zero_by_a_number(exponent: float) -> None:
    slope = {0: 0.0, 1: 1.0, 0.5: INF, -1: -INF}.get(exponent, 0.0)
    bend = {2: 2.0, 1.5: INF, 0.5: -INF, -1: INF}.get(exponent, 0.0)
    with np.errstate(all="ignore"):
        got = derivatives(lambda call, x: call("pow", x, exponent), 0.0, 2)
    np.testing.assert_array_equal(got[1:], [slope, bend])


def test_division_with_remainder_fits_together() -> None:
    a = np.array([7, -7, 7, -7, 2**53 + 1, -(2**62)])
    b = np.array([2, 2, -2, -2, 3, 7])
    floors, truncated = call("floor_divide", a, b), call("div", a, b, rounding_mode="trunc")
    assert floors.dtype == truncated.dtype == np.int64
    np.testing.assert_array_equal(floors, [p // q for p, q in zip(a.tolist(), b.tolist(), strict=True)])
    towards_zero = [
        abs(p) // abs(q) * (1 if p * q > 0 else -1) for p, q in zip(a.tolist(), b.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(truncated, towards_zero)
    np.testing.assert_array_equal(floors * b + call("remainder", a, b), a)
    np.testing.assert_array_equal(truncated * b + call("fmod", a, b), a)


DTYPES: list[tuple[str, tuple[Any, ...], dict[str, Any], str, Any]] = [
    ("add", (np.array([1, 2]), np.array([True, False])), {"alpha": 3}, "int64", [4, 2]),
    ("div", (np.array([1, 2]), 2), {}, "float64", [0.5, 1.0]),
    ("pow", (np.array([2, 3]), 2), {}, "int64", [4, 9]),
    ("pow", (np.array([2, -1, 1]), np.array([-1, -3, -2])), {}, "int64", [0, -1, 1]),
    ("pow", (np.array([4]), 0.5), {}, "float64", [2.0]),
    ("float_power", (np.array([2.0], np.float32), 2), {}, "float64", [4.0]),
    ("copysign", (np.array([1]), -2), {}, "float64", [-1.0]),
    ("clamp", (np.array([1, 5]), 0, 3), {}, "int64", [1, 3]),
    ("clamp", (np.array([1, 5]), 1.5), {}, "float64", [1.5, 5.0]),
    ("heaviside", (np.array([-1.0, 0.0, 2.0, NAN]), np.array(0.5)), {}, "float64", [0.0, 0.5, 1.0, 0.0]),
    ("gcd", (np.array([12, -8, 0]), np.array([18, 6, 5])), {}, "int64", [6, 2, 5]),
    ("lcm", (np.array([12, -8, 0]), np.array([18, 6, 5])), {}, "int64", [36, 24, 0]),
    ("nextafter", (np.array([1.0, 0.0]), np.array([2.0, -1.0])), {}, "float64", [1 + 2**-52, -5e-324]),
    ("ldexp", (np.array([3, 5]), np.array([2, -1])), {}, "float64", [12.0, 2.5]),
    ("where", (np.array([True, False]), 2, 3), {}, "int64", [2, 3]),
    ("eq", (np.array([1, 2]), 1.0), {}, "bool", [True, False]),
    ("logical_xor", (np.array([0.0, 2.0]), np.array([True, True])), {}, "bool", [True, False]),
    ("bitwise_and", (np.array([6]), 3), {}, "int64", [2]),
]


@pytest.mark.parametrize(("name", "arguments", "options", "dtype", "value"), DTYPES)
def test_dtypes(name: str, arguments: Any, options: Any, dtype: str, value: Any) -> None:
    got = call(name, *arguments, **options)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, value)


WRONG = [
    ("tensor([1, 2]) ** -1", "bad-argument", "Integers to negative integer powers are not allowed."),
    ("tensor([1, 2]) // 0", "bad-argument", "ZeroDivisionError"),
    (
        "add(tensor([1]), 2, alpha=0.5)",
        "dtype",
        "For integral input tensors, argument alpha must not be a floating",
    ),
    (
        "tensor([True]) - tensor([True])",
        "dtype",
        "Subtraction, the `-` operator, with two bool tensors is not",
    ),
    ("tensor([True]) - 1", "dtype", "Subtraction, the `-` operator, with a bool tensor is not supported."),
    ("addcdiv(tensor([1]), tensor([1]), tensor([2]))", "dtype", "Integer division with addcdiv is no longer"),
    (
        "div(x, x, rounding_mode='up')",
        "bad-argument",
        "div expected rounding_mode to be one of None, 'trunc',",
    ),
    ("clamp(x)", "bad-argument", "torch.clamp: At least one of 'min' or 'max' must not be None"),
    (
        "where(x, x, x)",
        "dtype",
        "where expected condition to be a boolean tensor, but got a tensor with dtype Double",
    ),
    (
        "heaviside(x, tensor(1))",
        "dtype",
        "heaviside is not yet implemented for tensors with different dtypes.",
    ),
    ("sum(x // 2)", "no-grad", "derivative for aten::floor_divide is not implemented"),
    ("maximum(ones(2, 3), ones(4))", "shape", "The size of tensor a (3) must match the size of tensor b (4)"),
    ("x & 1", "dtype", "\"bitwise_and_cpu\" not implemented for 'Double'"),
]


@pytest.mark.parametrize(("program", "code", "message"), WRONG)
def test_wrong_use(program: str, code: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program, {"x": [1.0, 2.0]} if "x" in program.replace("max", "") else None)
    assert (caught.value.code, caught.value.message[: len(message)]) == (code, message)
