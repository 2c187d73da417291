"""Reductions: differences in both orders, ties, zeros, nan, nothing at all, huge and tiny elements."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import gradcli
from ops.op_checks import assert_derivatives, call

INF, NAN = math.inf, math.nan
X = np.array([[[0.7, -1.3], [2.1, 0.9], [-0.4, 1.6]], [[1.2, 0.3], [-2.2, 0.8], [1.9, -0.6]]])

DIMS: list[Any] = [None, 0, -1, (0, 2)]
OVER_DIMS = ["sum", "nansum", "mean", "nanmean", "amax", "amin", "var", "std", "norm", "logsumexp"]


@pytest.mark.parametrize(("name", "dim"), list(itertools.product(OVER_DIMS, DIMS)))
@pytest.mark.parametrize("keepdim", [False, True])
def test_derivatives_over_dims(name: str, dim: Any, keepdim: bool) -> None:
    if dim is None and name == "logsumexp":
        dim = (0, 1, 2)
    options = {"dim": dim, "keepdim": keepdim} if dim is not None else {}
    assert_derivatives(lambda call, x: call(name, x, **options), X)


ONE_DIM: list[tuple[str, dict[str, Any]]] = [
    ("prod", {}),
    ("prod", {"dim": 1}),
    ("max", {}),
    ("median", {}),
    ("nanmedian", {}),
    ("softmax", {"dim": 1}),
    ("log_softmax", {"dim": -1}),
    ("softmin", {"dim": 0}),
    ("norm", {"p": 1, "dim": 1}),
    ("norm", {"p": 3.5}),
    ("norm", {"p": INF, "dim": 2}),
    ("norm", {"p": 0.5}),
    ("norm", {"p": -1, "dim": 0}),
    ("var", {"correction": 0}),
    ("std", {"dim": 1, "unbiased": False}),
]


@pytest.mark.parametrize(("name", "options"), ONE_DIM)
def test_derivatives_with_options(name: str, options: dict[str, Any]) -> None:
    assert_derivatives(lambda call, x: call(name, x, **options), X, tolerance=3e-6)


@pytest.mark.parametrize("name", ["cov", "corrcoef", "trace"])
def test_derivatives_of_a_matrix(name: str) -> None:
    assert_derivatives(lambda call, x: call(name, x), X[0].T)


@pytest.mark.parametrize("name", ["max", "min", "median", "nanmedian"])
def test_values_come_from_the_indices(name: str) -> None:
    for dim, keepdim in itertools.product((0, 1, -1), (False, True)):
        values, indices = call(name, X, dim, keepdim)
        taken = np.take_along_axis(X, indices if keepdim else np.expand_dims(indices, dim), dim)
        np.testing.assert_array_equal(values, taken if keepdim else np.squeeze(taken, dim))
    assert_derivatives(lambda call, x: call(name, x, 1)[0], X)


GRADIENTS: list[tuple[str, Any, Any, Any]] = [
    # expression, x, value, gradient
    ("max(x)", [2.0, 5.0, 5.0], 5.0, [0.0, 0.5, 0.5]),
    ("max(x, 0).values", [2.0, 5.0, 5.0], 5.0, [0.0, 1.0, 0.0]),
    ("amin(x)", [1.0, 1.0, 3.0, 1.0], 1.0, [1 / 3, 1 / 3, 0.0, 1 / 3]),
    ("max(x)", [1.0, NAN, 3.0], NAN, [0.0, 1.0, 0.0]),
    ("median(x)", [4.0, 1.0, 3.0, 2.0], 2.0, [0.0, 0.0, 0.0, 1.0]),
    ("median(x)", [1.0, NAN, 3.0], NAN, [0.0, 1.0, 0.0]),
    ("nanmedian(x)", [1.0, NAN, 3.0], 1.0, [1.0, 0.0, 0.0]),
    ("nansum(x)", [1.0, NAN, 3.0], 4.0, [1.0, 0.0, 1.0]),
    ("nanmean(x)", [1.0, NAN, 3.0], 2.0, [0.5, 0.0, 0.5]),
    ("prod(x)", [2.0, 0.0, 3.0], 0.0, [0.0, 6.0, 0.0]),
    ("prod(x)", [2.0, 0.0, 0.0], 0.0, [0.0, 0.0, 0.0]),
    ("prod(x)", [0.0, 1e200, 1e200], 0.0, [INF, 0.0, 0.0]),
    ("norm(x)", [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("norm(x)", [3e200, -4e200], 5e200, [0.6, -0.8]),
    ("norm(x)", [3e-200, -4e-200], 5e-200, [0.6, -0.8]),
    ("norm(x, 3)", [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("norm(x, 1)", [0.0, -2.0], 2.0, [0.0, -1.0]),
    ("norm(x, 0)", [0.0, -2.0], 1.0, [0.0, 0.0]),
    ("norm(x, inf)", [3.0, -3.0, 1.0], 3.0, [0.5, -0.5, 0.0]),
    ("norm(x, 4)", [1e100, 1e-100], 1e100, [1.0, 0.0]),
    ("std(x)", [2.0, 2.0, 2.0], 0.0, [0.0, 0.0, 0.0]),
    ("std(x)", [3e180, -3e180], 3e180 * math.sqrt(2), [math.sqrt(0.5), -math.sqrt(0.5)]),
    ("var(x)", [1e8, 1e8 + 1, 1e8 + 2], 1.0, [-1.0, 0.0, 1.0]),
    ("logsumexp(x, 0)", [1000.0, 1000.0, -1000.0], 1000 + math.log(2), [0.5, 0.5, 0.0]),
    ("logsumexp(x, 0)", [-1e5, -1e5], -1e5 + math.log(2), [0.5, 0.5]),
    ("log_softmax(x, 0)[1]", [1000.0, 0.0], -1000.0, [-1.0, 1.0]),
    ("softmax(x, 0)[1]", [700.0, 0.0], math.exp(-700), [-math.exp(-700), math.exp(-700)]),
    ("amax(x, ())", [1.0, 2.0], 2.0, [0.0, 1.0]),
    ("sum(x, dtype=float32)", [1.0, 2.0], 3.0, [1.0, 1.0]),
]


@pytest.mark.parametrize(("program", "x", "value", "gradient"), GRADIENTS)
def test_awkward_elements(program: str, x: Any, value: float, gradient: Any) -> None:
    evaluation = gradcli.evaluate(f"out = {program}", {"x": np.array(x)}, roots=["out"])
    np.testing.assert_allclose(evaluation.values["out"], value, rtol=1e-14)
    np.testing.assert_allclose(evaluation.grads["x"], gradient, rtol=1e-13)


@pytest.mark.parametrize("x", [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [1.5, -2.0, 4.0]])
def test_the_hessian_of_a_product_whatever_is_zero(x: list[float]) -> None:
    """d²/dx[i]dx[j] is the product of the others, and 0 on the diagonal; the third derivative of all is 1."""
    rows = ", ".join(f"autograd.grad(g[{i}], [x], create_graph=True)[0]" for i in range(3))
    source = f"(g,) = autograd.grad(prod(x), [x], create_graph=True)\nrows = stack([{rows}])\n"
    source += "(third,) = autograd.grad(rows[0, 1], [x])\n"
    values = gradcli.evaluate(source, {"x": np.array(x)}).values
    np.testing.assert_allclose(
        values["rows"], [[0, x[2], x[1]], [x[2], 0, x[0]], [x[1], x[0], 0]], atol=1e-15
    )
    np.testing.assert_allclose(values["third"], [0, 0, 1], atol=1e-15)


def test_variance_is_exact() -> None:
    x = np.array([[0.1, 0.7, -2.0, 4.5], [1.0, 2.0, 4.0, 8.0]])
    for correction in (0, 1, 2):
        wanted = []
        for row in x:
            numbers = [Fraction(each) for each in row.tolist()]
            mean = sum(numbers) / 4
            wanted.append(float(sum((each - mean) ** 2 for each in numbers) / (4 - correction)))
        np.testing.assert_allclose(call("var", x, 1, correction=correction), wanted, rtol=1e-15)
        np.testing.assert_allclose(call("std", x, 1, correction=correction), np.sqrt(wanted), rtol=1e-15)
    variance, mean_of = call("var_mean", x, 1, keepdim=True)
    np.testing.assert_allclose(variance, call("var", x, 1, None, True))
    np.testing.assert_allclose(mean_of, x.mean(1, keepdims=True))


def test_covariance_against_numpy() -> None:
    x = np.array([[0.1, 0.7, -2.0, 4.5], [1.0, -2.0, 4.0, 8.0], [3.0, 0.0, 1.0, -1.0]])
    counts, importance = np.array([1, 3, 2, 1]), np.array([0.5, 1.0, 0.25, 2.0])
    for correction in (0, 1):
        np.testing.assert_allclose(
            call("cov", x, correction=correction, fweights=counts, aweights=importance),
            np.cov(x, ddof=correction, fweights=counts, aweights=importance),
            rtol=1e-13,
        )
    np.testing.assert_allclose(call("corrcoef", x), np.corrcoef(x), rtol=1e-13)
    assert call("cov", x[0]).shape == ()


NOTHING: list[tuple[str, tuple[Any, ...], Any]] = [
    # function, arguments, result
    ("sum", (np.zeros((0, 3)), 0), [0.0, 0.0, 0.0]),
    ("prod", (np.zeros((0, 3)), 0), [1.0, 1.0, 1.0]),
    ("prod", (np.zeros(0),), 1.0),
    ("mean", (np.zeros(0),), NAN),
    ("var", (np.zeros(1),), NAN),
    ("norm", (np.zeros(0),), 0.0),
    ("logsumexp", (np.zeros((2, 0)), 1), [-INF, -INF]),
    ("softmax", (np.zeros((0, 2)), 1), np.zeros((0, 2))),
    ("amax", (np.zeros((0, 3)), 1), np.zeros(0)),
    ("all", (np.zeros(0),), True),
    ("any", (np.zeros(0),), False),
    ("count_nonzero", (np.zeros(0),), 0),
    ("median", (np.zeros(0),), NAN),
]


@pytest.mark.parametrize(("name", "arguments", "result"), NOTHING)
def test_of_nothing(name: str, arguments: tuple[Any, ...], result: Any) -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(call(name, *arguments), result)


DTYPES: list[tuple[str, tuple[Any, ...], dict[str, Any], str, Any]] = [
    ("sum", (np.array([True, True]),), {}, "int64", 2),
    ("sum", (np.array([1, 2], np.int32),), {}, "int64", 3),
    ("sum", (np.array([1, 2]),), {"dtype": np.dtype(np.float32)}, "float32", 3.0),
    ("prod", (np.array([2, 3], np.uint8),), {}, "int64", 6),
    ("mean", (np.array([1, 2]),), {"dtype": np.dtype(np.float64)}, "float64", 1.5),
    ("max", (np.array([1, 5, 2]),), {}, "int64", 5),
    ("argmax", (np.array([[1, 5], [7, 2]]),), {}, "int64", 2),
    ("argmax", (np.array([[1, 5], [7, 2]]), 1), {"keepdim": True}, "int64", [[1], [0]]),
    ("argmin", (np.array([3.0, NAN, 1.0]),), {}, "int64", 1),
    ("all", (np.array([[1, 0], [2, 3]]), 1), {}, "bool", [False, True]),
    ("any", (np.array([0, 3], np.uint8),), {}, "uint8", 1),
    ("count_nonzero", (np.array([[0.0, 2.0], [NAN, 1.0]]), 0), {}, "int64", [1, 2]),
    ("logsumexp", (np.array([0, 0]), 0), {}, "float64", math.log(2)),
    ("softmax", (np.array([0, 0]), 0, np.dtype(np.float32)), {}, "float32", [0.5, 0.5]),
    ("norm", (np.array([3.0, 4.0], np.float32),), {}, "float32", 5.0),
]


@pytest.mark.parametrize(("name", "arguments", "options", "dtype", "value"), DTYPES)
def test_dtypes(name: str, arguments: Any, options: Any, dtype: str, value: Any) -> None:
    got = call(name, *arguments, **options)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, value, rtol=1e-15)


def test_results_have_names() -> None:
    program = "r = max(x, 0); v = r.values; i = r.indices; a, b = min(x, dim=0, keepdim=True); m = max(x, y)"
    values = gradcli.evaluate(program, {"x": np.array([3.0, 1.0]), "y": np.array([2.0, 2.0])}, wrt=[]).values
    assert (float(values["v"]), int(values["i"])) == (3.0, 0)
    assert values["a"].tolist() == [1.0]
    assert values["b"].tolist() == [1]
    assert values["m"].tolist() == [3.0, 2.0]


WRONG = [
    (
        "mean(tensor([1, 2]))",
        "dtype",
        "mean(): could not infer output dtype. Input dtype must be either a floating",
    ),
    ("var(tensor([1, 2]))", "dtype", "std and var only support floating point and complex dtypes"),
    (
        "norm(tensor([1, 2]))",
        "dtype",
        "linalg.vector_norm: Expected a floating point or complex tensor as input.",
    ),
    (
        "sum(ones(2, 3), 2)",
        "bad-argument",
        "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
    ),
    ("sum(ones(2, 3), (0, -2))", "bad-argument", "dim 0 appears multiple times in the list of dims"),
    ("max(zeros(0))", "shape", "max(): Expected reduction dim to be specified for input.numel() == 0."),
    ("amax(zeros(0, 3), 0)", "shape", "amax(): Expected reduction dim 0 to have non-zero size."),
    ("argmax(tensor([True]))", "dtype", "argmax(): does not support bool input"),
    ("sum(ones(2), keepdms=True)", "bad-argument", "sum() got an unexpected keyword argument 'keepdms'"),
    ("norm(ones(2), 'two')", "bad-argument", "norm(): p is a number, inf, -inf, 'fro' or 'nuc', not 'two'"),
    (
        "cov(ones(2, 2, 2))",
        "shape",
        "cov(): expected input to have two or fewer dimensions but got an input with 3 dimensions",
    ),
    (
        "nanmean(tensor([1]))",
        "dtype",
        "nanmean(): expected input to have floating point or complex dtype but got Long",
    ),
]


@pytest.mark.parametrize(("program", "code", "message"), WRONG)
def test_wrong_use(program: str, code: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(program)
    assert (caught.value.code, caught.value.message[: len(message)]) == (code, message)
