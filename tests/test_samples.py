"""Every sample runs by itself and has the gradients that its first line promises."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gradcli
from commands import ROOT

SAMPLES = sorted((ROOT / "samples").iterdir(), key=lambda path: path.stem)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


def _logistic_gradients() -> dict[str, Any]:
    points = np.array([[0.5, 1.0], [1.5, 2.0], [2.0, 0.5], [-0.5, -1.0], [-1.5, 0.5], [-1.0, -2.0]])
    labels = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    w = np.array([0.1, -0.2])
    error = (_sigmoid(points @ w) - labels) / 6
    return {"w": points.T @ error + 0.02 * w, "b": error.sum()}


def _rosenbrock_gradient() -> dict[str, Any]:
    x = np.array([1.0, 1.0, 1.2, 1.44])
    gradient = np.zeros(4)
    gradient[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    gradient[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return {"x": gradient}


def _softmax(row: list[float]) -> Any:
    powers = np.exp(np.array(row) - max(row))
    return powers / powers.sum()


# Closed forms, written with NumPy where they are more than numbers.
GRADIENTS: dict[str, dict[str, Any]] = {
    "accumulation": {"x": [2, 2, 2]},
    "broadcasting": {"row": [30, 30, 30], "column": [[6], [6]]},
    "chain": {"x": 8},
    "cross_entropy": {"logits": [_softmax([2, 1, 0]) - [1, 0, 0], [0, 0, 0]]},
    "descent": {},
    "einsum": {"x": [2, -2.5], "A": [[1, -1, 0.5], [2, -2, 1]], "y": [1, 6, 4]},
    "higher_order": {},
    "kinks": {"x": 0 + 0 + 0 + 1, "tie": [0.5, 0, 0.5]},
    "linear_regression": {},
    "logistic_regression": _logistic_gradients(),
    "masks": {"x": [0, 0.5 + 1, 0.25 + 1]},
    "matrix_chain": {"a": [[1, 2], [1, 2]], "b": [[8, 4], [12, 6]], "c": [[6], [4]]},
    "mean_of_squares": {"x": [[4.5, 4.5], [4.5, 4.5]]},
    "own_gradient": {"x": [0, 0.5, 1]},
    "pytorch_snippet": {"x": [2 + 1 / 3, 4 + 1 / 3, 6 + 1 / 3]},
    "retain_grad": {"x": 6 * math.cos(9)},
    "rosenbrock": _rosenbrock_gradient(),
    "softplus": {"x": [0, _sigmoid(-1.0), 0.5, _sigmoid(1.0), 1]},
    "three_leaves": {"a": 4, "b": 1, "c": 1},
    "two_roots": {"x": 2 * 2 + 10 * 3 * 4},
    "vector_weights": {"x": [1, 2, 3, 4]},
    "weights_matrix": {"a": [[1, 0.1], [0.01, 0.001]], "b": [[2, 0.2], [0.02, 0.002]]},
    "wrong_root": {"x": 4},
    "xor_layer": {"w": [[-0.5, -0.5]], "b": [-1]},
}
PRINTED = {
    "descent": ["3.000000"],
    "higher_order": ["32.0 48.0"],
    # PyTorch's own output.
    "linear_regression": [
        "epoch 100: loss 0.0221, w 1.973, b 1.053",
        "epoch 200: loss 0.0206, w 1.947, b 1.128",
        "epoch 300: loss 0.0205, w 1.942, b 1.145",
        "epoch 400: loss 0.0205, w 1.940, b 1.149",
    ],
    "pytorch_snippet": [
        "tensor(14., grad_fn=<SumBackward0>)",
        "tensor([2., 4., 6.])",
        "tensor([2.3333, 4.3333, 6.3333])",
    ],
    "retain_grad": ["tensor(-0.9111)"],
}


def test_every_sample_has_its_row() -> None:
    assert [path.stem for path in SAMPLES] == sorted(GRADIENTS)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_runs_and_has_the_gradients_it_promises(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    result = gradcli.evaluate(text)
    expected = GRADIENTS[path.stem]
    found = {name: result.grads[name] for name in expected}
    rtol = 1e-6 if path.suffix == ".py" else 1e-12  # a PyTorch script computes in float32
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=rtol, atol=1e-15, err_msg=name)
    assert list(result.printed) == PRINTED.get(path.stem, [])
