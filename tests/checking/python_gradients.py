"""Gradients of Python functions on NumPy arrays, right and wrong, for `gradcli.assert_gradients`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy import arctan, cos, cosh, exp, float32, log, log1p, sin, sqrt, tanh

Array = np.ndarray[Any, np.dtype[Any]]


class Python(NamedTuple):
    """A function, where it is asked, its gradient, and what is wrong instead, by a name for it."""

    name: str
    function: Callable[..., Any]
    inputs: Any
    gradient: Callable[..., Any]
    wrong: Mapping[str, Callable[..., Any]] = MappingProxyType({})


X = np.array([0.5, -1.25, 2.0])
W = np.array([1.5, 0.75, -0.5])
M = np.array([[2.0, 0.5, 0.1], [0.3, 1.5, -0.2], [0.0, 0.4, 1.0]])
DATA = np.linspace(-1.0, 1.0, 30)
TARGET = 0.7 * DATA - 0.2 + 0.1 * np.sin(20 * DATA)
MANY = np.linspace(-2.0, 2.0, 500)


def _softmax(x: Array) -> Array:
    e = exp(x - x.max())
    return e / e.sum()


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + exp(-x))


def _logsumexp(x: Array) -> Any:
    top = x.max()
    return top + log(np.sum(exp(x - top)))


def _bisected(x: Any) -> float:
    """The root of y**3 + y = x, to 1e-12."""
    low, high = -10.0, 10.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if middle**3 + middle < x else (low, middle)
    return (low + high) / 2


def _newton(x: Any) -> Any:
    y = x / 3 + 0.0
    for _ in range(60):
        y = y - (y**3 + y - x) / (3 * y * y + 1)
    return y


def _trapezium(a: Any) -> Any:
    t = np.linspace(0.0, 1.0, 201)
    y = exp(a * t)
    return np.sum((y[1:] + y[:-1]) / 2) / 200


def _trapezium_slope(a: Any) -> Any:
    t = np.linspace(0.0, 1.0, 201)
    y = t * exp(a * t)
    return np.sum((y[1:] + y[:-1]) / 2) / 200


def _euler(a: Any) -> Any:
    y = 1.0
    for _ in range(100):
        y = y + 0.01 * (-a * y)
    return y


def _layers(w: Array, v: Array) -> Any:
    return np.sum(v * tanh(w * 0.7 + 0.1))


def _layers_slopes(w: Array, v: Array) -> tuple[Any, Any]:
    h = tanh(w * 0.7 + 0.1)
    return v * (1 - h * h) * 0.7, h


FUNCTIONS = [
    Python(
        "a parabola",
        lambda x: np.sum(x * x),
        X,
        lambda x: 2 * x,
        {"a factor": lambda x: x, "one element": lambda x: 2 * x * [1, 1, 0]},
    ),
    Python(
        "a bell",
        lambda x: np.sum(exp(-x * x)),
        X,
        lambda x: -2 * x * exp(-x * x),
        {"a sign": lambda x: 2 * x * exp(-x * x)},
    ),
    Python(
        "two inputs",
        lambda x, w: np.sum(x * w**2),
        (X, W),
        lambda x, w: (w**2, 2 * x * w),
        {"swapped": lambda x, w: (2 * x * w, w**2)},
    ),
    Python(
        "by keyword",
        lambda x, w: np.sum(sin(x * w)),
        {"x": X, "w": W},
        lambda x, w: {"x": w * cos(x * w), "w": x * cos(x * w)},
        {"half": lambda x, w: {"x": w * cos(x * w), "w": cos(x * w)}},
    ),
    Python(
        "a quadratic form",
        lambda x: x @ M @ x,
        X,
        lambda x: (M + M.T) @ x,
        {"symmetric by mistake": lambda x: 2 * M @ x},
    ),
    Python(
        "least squares",
        lambda p: np.sum((p[0] * DATA + p[1] - TARGET) ** 2),
        np.array([0.5, 0.1]),
        lambda p: (
            2 * np.array([np.sum((p[0] * DATA + p[1] - TARGET) * DATA), np.sum(p[0] * DATA + p[1] - TARGET)])
        ),
        {"the data forgotten": lambda p: 2 * np.array([np.sum(p[0] * DATA + p[1] - TARGET)] * 2)},
    ),
    Python(
        "logistic regression",
        lambda p: np.mean(log1p(exp(-(p[0] * DATA + p[1]) * np.sign(TARGET)))),
        np.array([0.5, 0.1]),
        lambda p: np.array(
            [
                np.mean(-np.sign(TARGET) * u * _sigmoid(-(p[0] * DATA + p[1]) * np.sign(TARGET)))
                for u in (DATA, np.ones(30))
            ]
        ),
        {
            "a sign": lambda p: np.array(
                [
                    np.mean(np.sign(TARGET) * u * _sigmoid(-(p[0] * DATA + p[1]) * np.sign(TARGET)))
                    for u in (DATA, np.ones(30))
                ]
            )
        },
    ),
    Python(
        "a determinant",
        lambda m: np.linalg.det(m),
        M,
        lambda m: np.linalg.det(m) * np.linalg.inv(m).T,
        {"not transposed": lambda m: np.linalg.det(m) * np.linalg.inv(m)},
    ),
    Python(
        "an inverse",
        lambda m: np.sum(np.linalg.inv(m)),
        M,
        lambda m: -np.linalg.inv(m).T @ np.ones((3, 3)) @ np.linalg.inv(m).T,
        {"a sign": lambda m: np.linalg.inv(m).T @ np.ones((3, 3)) @ np.linalg.inv(m).T},
    ),
    Python(
        "a Jacobian",
        lambda x: sin(x) * x[0],
        X,
        lambda x: np.diag(cos(x) * x[0]) + np.outer(sin(x), [1, 0, 0]),
        {
            "its diagonal": lambda x: np.diag(cos(x) * x[0]),
            "transposed": lambda x: (np.diag(cos(x) * x[0]) + np.outer(sin(x), [1, 0, 0])).T,
        },
    ),
    Python(
        "softmax's Jacobian",
        _softmax,
        X,
        lambda x: np.diag(_softmax(x)) - np.outer(_softmax(x), _softmax(x)),
        {"its diagonal": lambda x: np.diag(_softmax(x) * (1 - _softmax(x)))},
    ),
    Python(
        "five hundred elements",
        lambda x: np.sum(sin(x) * x),
        MANY,
        lambda x: cos(x) * x + sin(x),
        {
            "half a product rule": lambda x: cos(x) * x,
            "one element": lambda x: np.where(np.arange(500) == 123, 0, cos(x) * x + sin(x)),
        },
    ),
    Python(
        "a network",
        _layers,
        (X, W),
        _layers_slopes,
        {"the inner factor": lambda w, v: (_layers_slopes(w, v)[0] / 0.7, _layers_slopes(w, v)[1])},
    ),
    Python(
        "relu away from its kink",
        lambda x: np.sum(np.maximum(x, 0) ** 2),
        X,
        lambda x: 2 * np.maximum(x, 0),
        {"both branches": lambda x: 2 * x},
    ),
    Python("absolute values", lambda x: np.sum(np.abs(x)), X, np.sign, {"no sign": lambda x: np.ones(3)}),
    Python(
        "a branch",
        lambda x: float(x**2 if x > 0 else -x),
        np.array(0.5),
        lambda x: 2 * x if x > 0 else -1.0,
        {"the other branch": lambda x: -1.0},
    ),
    Python(
        "Newton's method",
        _newton,
        np.array(2.0),
        lambda x: 1 / (3 * _newton(x) ** 2 + 1),
        {"not inverted": lambda x: 3 * _newton(x) ** 2 + 1},
    ),
    Python(
        "bisection",
        _bisected,
        np.array(2.0),
        lambda x: 1 / (3 * _bisected(x) ** 2 + 1),
        {"a term": lambda x: 1 / (3 * _bisected(x) ** 2)},
    ),
    Python(
        "a quadrature", _trapezium, np.array(1.3), _trapezium_slope, {"not by parts": lambda a: _trapezium(a)}
    ),
    Python(
        "steps of an equation",
        _euler,
        np.array(0.8),
        lambda a: -0.01 * 100 * (1 - 0.01 * a) ** 99,
        {"the exact solution's": lambda a: -exp(-a)},
    ),
    Python(
        "in float32", lambda x: float(np.sum(sin(x.astype(float32)))), X, cos, {"a sign": lambda x: -cos(x)}
    ),
    Python(
        "rounded to six places",
        lambda x: float(np.round(np.sum(x * x), 6)),
        X,
        lambda x: 2 * x,
        {"a factor": lambda x: x},
    ),
    Python(
        "interpolated",
        lambda x: float(np.interp(x, [0.0, 1.0, 3.0], [1.0, 3.0, 2.0])),
        np.array(1.7),
        lambda x: -0.5,
        {"the other piece": lambda x: 2.0},
    ),
    Python(
        "large numbers",
        lambda x: np.sum(x**3),
        X * 1e8,
        lambda x: 3 * x * x,
        {"a part in 10,000": lambda x: 3.0003 * x * x},
    ),
    Python(
        "small numbers",
        lambda x: np.sum(x**3),
        X * 1e-8,
        lambda x: 3 * x * x,
        {"a factor": lambda x: 2 * x * x},
    ),
    Python(
        "many sizes",
        lambda x: np.sum(x**2),
        np.array([1e-6, 1.0, 1e5]),
        lambda x: 2 * x,
        {"the smallest": lambda x: 2 * x * [2, 1, 1]},
    ),
    Python(
        "a noise of a millionth",
        lambda x: float(np.sum(x * x) + 1e-6 * np.sin(1e17 * np.sum(x))),
        X,
        lambda x: 2 * x,
        {"a sign": lambda x: -2 * x},
    ),
    Python(
        "a sum in another order",
        lambda x: float(sum(sorted((x * 1e3) ** 2))) * 1e-6,
        X,
        lambda x: 2 * x,
        {"a factor": lambda x: 3 * x},
    ),
    Python(
        "a wave",
        lambda x: np.sum(sin(1e4 * x)),
        X,
        lambda x: 1e4 * cos(1e4 * x),
        {"no factor": lambda x: cos(1e4 * x)},
    ),
    Python(
        "one input unchecked",
        lambda x, w: np.sum(x * w),
        (X, W),
        lambda x, w: (w, None),
        {"the wrong one": lambda x, w: (x, None)},
    ),
]

SATURATED = [
    Python(
        "small squares",
        lambda x: np.sum(log(1 + x**2)),
        X * 1e-6,
        lambda x: 2 * x / (1 + x**2),
        {"a factor": lambda x: x / (1 + x**2)},
    ),
    Python("smaller squares", lambda x: np.sum(log(1 + x**2)), X * 1e-8, lambda x: 2 * x / (1 + x**2)),
    Python("a small cosine", lambda x: np.sum(1 - cos(x)), X * 1e-7, sin),
    Python("a hyperbolic cosine", lambda x: np.sum(log(cosh(x))), X * 1e-5, tanh),
    Python("a root less one", lambda x: np.sum(sqrt(1 + x * x) - 1), X * 1e-7, lambda x: x / sqrt(1 + x * x)),
    Python("an exponential less its line", lambda x: np.sum(exp(x) - 1 - x), X * 1e-6, lambda x: exp(x) - 1),
    Python(
        "sigmoid far out",
        lambda x: np.sum(_sigmoid(x)),
        np.array([20.0, -25.0, 3.0]),
        lambda x: _sigmoid(x) * _sigmoid(-x),
        {"y alone": _sigmoid},
    ),
    Python(
        "tanh far out",
        lambda x: np.sum(tanh(x)),
        np.array([15.0, -18.0, 0.5]),
        lambda x: 1 / cosh(x) ** 2,
        {"not squared": lambda x: 1 / cosh(x)},
    ),
    Python(
        "softmax far out",
        lambda x: np.sum(_softmax(x) * W),
        np.array([30.0, 0.0, -20.0]),
        lambda x: _softmax(x) * (W - np.sum(W * _softmax(x))),
        {"no sum": lambda x: _softmax(x) * W},
    ),
    Python(
        "softmax's sum",
        lambda x: np.sum(_softmax(x)),
        np.array([0.3, 1.0, 2.2]),
        lambda x: 0 * x,
        {"one": lambda x: 0 * x + 1},
    ),
    Python(
        "log of a sum of exponentials",
        _logsumexp,
        np.array([500.0, 498.0, -20.0]),
        _softmax,
        {"not normalized": lambda x: exp(x - 500)},
    ),
    Python("an offset", lambda x: np.sum(x * x) + 1e10, X, lambda x: 2 * x, {"a factor": lambda x: 4 * x}),
    Python(
        "a variance",
        lambda x: np.var(x),
        X + 1e6,
        lambda x: 2 * (x - x.mean()) / 3,
        {"a factor": lambda x: (x - x.mean()) / 3},
    ),
    Python(
        "an angle far out",
        lambda x: np.sum(arctan(x)),
        X * 1e6,
        lambda x: 1 / (1 + x * x),
        {"not squared": lambda x: 1 / (1 + np.abs(x))},
    ),
    Python(
        "softplus from below",
        lambda x: np.sum(log1p(exp(x))),
        np.array([-30.0, -10.0, -50.0]),
        _sigmoid,
        {"a sign": lambda x: _sigmoid(-x)},
    ),
    Python(
        "squares of sine and cosine",
        lambda x: np.sum(sin(x) ** 2 + cos(x) ** 2),
        X,
        lambda x: 0 * x,
        {"half": lambda x: 2 * sin(x) * cos(x)},
    ),
]
