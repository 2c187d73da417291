"""Losses against identities between them, closed forms, and at the edges of their arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import gradcli

X = np.array([[0.3, -1.2, 2.0, 0.4], [1.5, 0.2, -0.7, -2.1], [0.9, 0.1, 0.0, 1.1]])
P = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.5, 0.0]])
Q = np.array([[0.4, 0.3, 0.2, 0.1], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])
W = np.array([1.0, 2.0, 0.5, 3.0])
SIGNS = np.array([[1.0, -1.0, 1.0, 1.0], [-1.0, 1.0, -1.0, 1.0], [1.0, 1.0, -1.0, -1.0]])
GIVEN = {"x": X, "p": P, "q": Q, "w": W, "s": SIGNS, "y": X[::-1] * 0.5}

SAME: list[tuple[str, str]] = [
    # two ways to the same loss and the same gradient by x
    ("cross_entropy(x, [2, 0, 3])", "nll_loss(log_softmax(x, 1), [2, 0, 3])"),
    ("cross_entropy(x, [2, 0, 3])", "(logsumexp(x, 1) - x[[0, 1, 2], [2, 0, 3]]).mean()"),
    ("cross_entropy(x, [2, 0, 3])", "cross_entropy(x, one_hot([2, 0, 3], 4).double())"),
    ("cross_entropy(x, p)", "-(p * log_softmax(x, 1)).sum(1).mean()"),
    ("cross_entropy(x, p, weight=w)", "-(p * w * log_softmax(x, 1)).sum() / 3"),
    ("cross_entropy(x, p, label_smoothing=0.2)", "cross_entropy(x, 0.8*p + 0.05)"),
    (
        "cross_entropy(x, [2, 0, 3], label_smoothing=0.2)",
        "cross_entropy(x, one_hot([2, 0, 3], 4).double(), label_smoothing=0.2)",
    ),
    (
        "cross_entropy(x, [2, 0, 3], weight=w)",
        "(w[[2, 0, 3]] * cross_entropy(x, [2, 0, 3], reduction='none')).sum() / w[[2, 0, 3]].sum()",
    ),
    ("cross_entropy(x, [2, -100, 3])", "cross_entropy(x[[0, 2]], [2, 3])"),
    ("cross_entropy(x, [2, 1, 3], ignore_index=1, weight=w)", "cross_entropy(x[[0, 2]], [2, 3], weight=w)"),
    ("cross_entropy(x, [2, 0, 3], reduction='sum')", "3*cross_entropy(x, [2, 0, 3])"),
    ("cross_entropy(x[0], 2)", "cross_entropy(x[0:1], [2])"),
    ("cross_entropy(x[None], [[0, 1, 0, 1]])", "cross_entropy(x.T, [0, 1, 0, 1])"),
    ("binary_cross_entropy_with_logits(x, p)", "binary_cross_entropy(sigmoid(x), p)"),
    (
        "binary_cross_entropy_with_logits(x, p, pos_weight=w)",
        "-(w*p*logsigmoid(x) + (1 - p)*logsigmoid(-x)).mean()",
    ),
    (
        "binary_cross_entropy(sigmoid(x), p, weight=w)",
        "(w*binary_cross_entropy(sigmoid(x), p, reduction='none')).mean()",
    ),
    ("kl_div(log_softmax(x, 1), q, reduction='batchmean')", "cross_entropy(x, q) + (q*log(q)).sum()/3"),
    ("kl_div(log_softmax(x, 1), log(q), log_target=True)", "kl_div(log_softmax(x, 1), q)"),
    ("mse_loss(x, y)", "huber_loss(x, y, delta=1e6)*2"),
    ("mse_loss(x, y, reduction='sum')", "((x - y)**2).sum()"),
    ("mse_loss(x, y, weight=q)", "(q*(x - y)**2).sum() / q.sum()"),
    ("l1_loss(x, y)", "smooth_l1_loss(x, y, beta=0)"),
    ("l1_loss(x, y, weight=q)", "(q*abs(x - y)).sum() / q.sum()"),
    ("smooth_l1_loss(x, y, beta=0.5)", "huber_loss(x, y, delta=0.5)/0.5"),
    ("huber_loss(x, y, weight=q)", "(q*huber_loss(x, y, reduction='none')).mean()"),
    ("mse_loss(x, y, reduce=False).sum()", "mse_loss(x, y, size_average=False)"),
    ("gaussian_nll_loss(x, y, ones(3, 4))", "mse_loss(x, y)/2"),
    ("gaussian_nll_loss(x, y, 2.0, full=True)", "gaussian_nll_loss(x, y, 2.0) + log(2*pi)/2"),
    ("gaussian_nll_loss(x, y, w[0:3])", "((log(w[0:3, None]) + (x - y)**2/w[0:3, None])/2).mean()"),
    ("poisson_nll_loss(x, p)", "(exp(x) - p*x).mean()"),
    ("poisson_nll_loss(exp(x), p, log_input=False, eps=0)", "poisson_nll_loss(x, p)"),
    ("soft_margin_loss(x, s)", "log1p(exp(-s*x)).mean()"),
    ("hinge_embedding_loss(x, s, margin=0.5)", "where(s > 0, x, relu(0.5 - x)).mean()"),
    ("margin_ranking_loss(x, y, s, margin=0.25)", "relu(0.25 - s*(x - y)).mean()"),
    ("cosine_similarity(x, y)", "(normalize(x)*normalize(y)).sum(1)"),
    ("pairwise_distance(x, y, eps=0)", "norm(x - y, dim=1)"),
    ("pairwise_distance(x, y, p=1, eps=0, keepdim=True)", "abs(x - y).sum(1, keepdim=True)"),
]


def value_and_gradient(program: str) -> tuple[Any, Any]:
    evaluation = gradcli.evaluate(
        f"x + p + q + w + s + y; out = {program}", GIVEN, wrt=["x"], roots=["out"], weights="ones"
    )
    return evaluation.values["out"], evaluation.grads["x"]


@pytest.mark.parametrize(("program", "other"), SAME)
def test_two_ways_to_one_loss(program: str, other: str) -> None:
    (value, gradient), (same, also) = value_and_gradient(program), value_and_gradient(other)
    np.testing.assert_allclose(value, same, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gradient, also, rtol=1e-11, atol=1e-14)


EDGES: list[tuple[str, float, float, float]] = [
    # expression, x, value and derivative from the closed form
    ("cross_entropy(stack([x, 0*x]), 0)", -1000.0, 1000.0, -1.0),
    ("cross_entropy(stack([x, 0*x]), 0)", 30.0, math.log1p(math.exp(-30)), -math.exp(-30)),
    ("binary_cross_entropy_with_logits(x, 1.0)", 1000.0, 0.0, 0.0),
    ("binary_cross_entropy_with_logits(x, 1.0)", 40.0, math.exp(-40), -math.exp(-40)),
    ("binary_cross_entropy_with_logits(x, 0.0)", -40.0, math.exp(-40), math.exp(-40)),
    ("binary_cross_entropy_with_logits(x, 0.0)", 1e300, 1e300, 1.0),
    ("soft_margin_loss(x, 1.0)", -800.0, 800.0, -1.0),
    ("binary_cross_entropy(x, 1.0)", 0.0, 100.0, -1e12),
    ("binary_cross_entropy(x, 0.0)", 0.0, 0.0, 0.0),
    ("huber_loss(x, 0.0)", 1.0, 0.5, 1.0),
    ("huber_loss(x, 0.0)", 1e200, 1e200, 1.0),
    ("smooth_l1_loss(x, 0.0)", -1.0, 0.5, -1.0),
    ("smooth_l1_loss(x, 0.0, beta=0)", 0.0, 0.0, 0.0),
    ("l1_loss(x, 0.0)", 0.0, 0.0, 0.0),
    ("hinge_embedding_loss(x, -1.0)", 1.0, 0.0, -1.0),
    ("margin_ranking_loss(x, 0.0, 1.0)", 0.0, 0.0, -1.0),
    ("gaussian_nll_loss(0.0, 0.0, x)", 1e-9, 0.5 * math.log(1e-6), 0.5e6),
]


@pytest.mark.parametrize(("program", "x", "value", "derivative"), EDGES)
def test_edges(program: str, x: float, value: float, derivative: float) -> None:
    atol = 1e-16 if program.startswith("cross_entropy") else 0.0  # one class against one
    evaluation = gradcli.evaluate(program, {"x": x})
    np.testing.assert_allclose(
        (evaluation.values["result"], evaluation.grads["x"]), (value, derivative), rtol=1e-12, atol=atol
    )


def test_nothing_left_to_average_is_nan() -> None:
    assert math.isnan(gradcli.evaluate("cross_entropy(x, [-100])", {"x": [[1.0, 2.0]]}).values["result"])
    assert math.isnan(gradcli.evaluate("mse_loss(x, x)", {"x": []}).values["result"])


WRONG = [
    ("mse_loss(x, y, reduction='avg')", "avg is not a valid value for reduction"),
    ("mse_loss(x, y, weight=w)", "Weights and input must have the same size"),
    ("mse_loss(x, y, redcution='sum')", "mse_loss() got an unexpected keyword argument 'redcution'"),
    ("mse_loss(x)", "mse_loss() missing 1 required positional argument: 'target'"),
    ("huber_loss(x, y, delta=0)", "huber_loss does not support non-positive values for delta."),
    ("smooth_l1_loss(x, y, beta=-1)", "smooth_l1_loss does not support negative values for beta."),
    ("cross_entropy(x, [1, 2])", "Expected input batch_size (3) to match target batch_size (2)."),
    ("cross_entropy(x, [1, 4, 0])", "Target 4 is out of bounds."),
    ("nll_loss(x, [1, -1, 0])", "Target -1 is out of bounds."),
    ("cross_entropy(x, [0.5, 1., 2.])", "expected target dtype to be Long or Byte, but got Double"),
    (
        "cross_entropy(x, one_hot([0, 1, 2], 4))",
        "Expected floating point type for target with class probabilities",
    ),
    ("cross_entropy(x, p, ignore_index=1)", "ignore_index is not supported for floating point target"),
    ("cross_entropy(x, [0, 1, 2], label_smoothing=2)", "label_smoothing must be between 0.0 and 1.0. Got: 2"),
    (
        "cross_entropy(x, [0, 1, 2], weight=w[0:2])",
        "weight tensor should be defined either for all 4 classes",
    ),
    ("binary_cross_entropy(x, p)", "all elements of input should be between 0 and 1"),
    (
        "binary_cross_entropy(p, w)",
        "Using a target size (torch.Size([4])) that is different to the input size (torch.Size([3, 4]))",
    ),
    ("binary_cross_entropy_with_logits(x, w)", "Target size (torch.Size([4])) must be the same"),
    ("gaussian_nll_loss(x, y, -p - 1)", "var has negative entry/entries"),
    ("gaussian_nll_loss(x, y, w)", "var is of incorrect size"),
    ("margin_ranking_loss(x, y, w)", "margin_ranking_loss : All input tensors should have same dimension"),
    ("cosine_similarity([1, 2], [3, 4], dim=0)", "expected common dtype to be floating point"),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use_gets_one_clear_line(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(f"out = {program}", GIVEN, unused_inputs=True, roots=["out"], weights="ones")
    assert caught.value.message.startswith(message)
    assert caught.value.exit_status == 3
