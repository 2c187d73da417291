"""Convolutions and attention against loops over the definition, and their gradients by linearity."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import gradcli


def correlated(
    x: np.ndarray,
    w: np.ndarray,
    stride: Sequence[int],
    before: Sequence[int],
    after: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> np.ndarray:
    """The definition, one product at a time, for (batch, channels, *sizes)."""
    x = np.pad(x, [(0, 0), (0, 0), *zip(before, after, strict=True)])
    sizes = [
        (size - d * (k - 1) - 1) // s + 1
        for size, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation, strict=True)
    ]
    out = np.zeros((x.shape[0], w.shape[0], *sizes))
    for index in np.ndindex(*out.shape):
        batch, channel, *place = index
        first = channel // (w.shape[0] // groups) * w.shape[1]
        for c, *tap in np.ndindex(*w.shape[1:]):
            at = [p * s + t * d for p, s, t, d in zip(place, stride, tap, dilation, strict=True)]
            out[index] += x[(batch, first + c, *at)] * w[(channel, c, *tap)]
    return out


CASES: list[tuple[tuple[int, ...], tuple[int, ...], str, tuple[Any, ...]]] = [
    # shapes of input and weight, arguments, (stride, before, after, dilation, groups)
    ((2, 2, 6), (3, 2, 3), "", ([1], [0], [0], [1], 1)),
    ((2, 2, 6), (3, 2, 3), ", stride=2, padding=1", ([2], [1], [1], [1], 1)),
    ((1, 2, 7), (3, 2, 3), ", dilation=2, padding=[2]", ([1], [2], [2], [2], 1)),
    ((1, 2, 6), (3, 2, 3), ", padding='same'", ([1], [1], [1], [1], 1)),
    ((1, 2, 6), (3, 2, 4), ", padding='same', dilation=1", ([1], [1], [2], [1], 1)),
    ((1, 2, 6), (3, 2, 3), ", padding='valid'", ([1], [0], [0], [1], 1)),
    ((1, 4, 5), (4, 2, 2), ", groups=2, stride=3", ([3], [0], [0], [1], 2)),
    ((2, 3, 5), (6, 1, 3), ", groups=3, padding=1", ([1], [1], [1], [1], 3)),
    ((1, 2, 4, 5), (3, 2, 2, 3), "", ([1, 1], [0, 0], [0, 0], [1, 1], 1)),
    ((1, 2, 5, 6), (2, 2, 3, 2), ", stride=(2, 1), padding=(1, 0)", ([2, 1], [1, 0], [1, 0], [1, 1], 1)),
    ((1, 2, 5, 6), (2, 2, 2, 2), ", dilation=(1, 3)", ([1, 1], [0, 0], [0, 0], [1, 3], 1)),
    ((1, 2, 4, 4), (2, 2, 2, 3), ", padding='same'", ([1, 1], [0, 1], [1, 1], [1, 1], 1)),
    ((2, 4, 3, 3), (2, 2, 2, 2), ", groups=2, padding=1, dilation=2", ([1, 1], [1, 1], [1, 1], [2, 2], 2)),
    ((0, 2, 6), (3, 2, 3), "", ([1], [0], [0], [1], 1)),
]


@pytest.mark.parametrize(("shape", "weight", "arguments", "meaning"), CASES)
def test_convolution(
    shape: tuple[int, ...], weight: tuple[int, ...], arguments: str, meaning: tuple[Any, ...]
) -> None:
    rng = np.random.default_rng(0)
    x, w, dx, dw = (rng.standard_normal(each) for each in (shape, weight, shape, weight))
    name = f"conv{len(shape) - 2}d"
    wanted = correlated(x, w, *meaning)
    g = rng.standard_normal(wanted.shape)
    evaluation = gradcli.evaluate(
        f"out = {name}(x, w{arguments})", {"x": x, "w": w}, roots=["out"], weights=[g]
    )
    np.testing.assert_allclose(evaluation.values["out"], wanted, rtol=1e-12, atol=1e-13)
    # Linear in each argument, so that the derivative along a direction is the convolution of it.
    moved_x, moved_w = correlated(dx, w, *meaning), correlated(x, dw, *meaning)
    np.testing.assert_allclose(np.sum(evaluation.grads["x"] * dx), np.sum(moved_x * g), rtol=1e-12)
    np.testing.assert_allclose(np.sum(evaluation.grads["w"] * dw), np.sum(moved_w * g), rtol=1e-12)


def test_bias_and_input_without_batch() -> None:
    x, w = np.arange(6.0).reshape(2, 3), np.ones((1, 2, 2))
    evaluation = gradcli.evaluate("sum(conv1d(x, w, b))", {"x": x, "w": w, "b": [10.0]})
    assert float(evaluation.values["result"]) == 10 + (0 + 1 + 3 + 4) + 10 + (1 + 2 + 4 + 5)
    np.testing.assert_array_equal(evaluation.grads["b"], [2.0])
    np.testing.assert_array_equal(evaluation.grads["x"], [[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]])


def test_second_derivative_of_a_convolution() -> None:
    """sum(conv(x, w)**2) is a square in x, so its Hessian times x is its gradient."""
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((1, 2, 5)), rng.standard_normal((3, 2, 2))
    program = "out = sum(conv1d(x, w, stride=2)**2); g = autograd.grad(out, x, create_graph=True)[0]"
    program += "; total = sum(g*d)"
    evaluation = gradcli.evaluate(program, {"x": x, "w": w, "d": x}, wrt=["x"], roots=["total"])
    np.testing.assert_allclose(evaluation.grads["x"], evaluation.values["g"], rtol=1e-12)


@pytest.mark.parametrize("causal", [False, True])
def test_attention_weighs_the_rows_of_value(causal: bool) -> None:
    rng = np.random.default_rng(2)
    q, k, v = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 5, 4)), rng.standard_normal((2, 5, 2))
    wanted = np.zeros((2, 3, 2))
    for batch, row in itertools.product(range(2), range(3)):
        seen = range(row + 1) if causal else range(5)
        powers = np.array([np.exp(q[batch, row] @ k[batch, other] / 2) for other in seen])
        wanted[batch, row] = (powers / powers.sum()) @ v[batch, list(seen)]
    evaluation = gradcli.evaluate(
        f"out = scaled_dot_product_attention(q, k, v, is_causal={causal})",
        {"q": q, "k": k, "v": v},
        roots=["out"],
        weights="ones",
    )
    np.testing.assert_allclose(evaluation.values["out"], wanted, rtol=1e-12)
    # The weights of a row add up to one.
    np.testing.assert_allclose(evaluation.grads["v"].sum(1), np.full((2, 2), 3.0), rtol=1e-12)


def test_attention_that_sees_nothing_is_zero_and_so_is_its_gradient() -> None:
    program = "sum(scaled_dot_product_attention(q, [[1.], [2.]], [[5.], [6.]], [[False, False]]))"
    evaluation = gradcli.evaluate(program, {"q": [[3.0]]})
    assert float(evaluation.values["result"]) == 0.0
    np.testing.assert_array_equal(evaluation.grads["q"], [[0.0]])


WRONG = [
    (
        "conv1d(x, w)",
        "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [1, 2, 4, 4]",
    ),
    (
        "conv2d(x, ones(3, 1, 2, 2))",
        "Given groups=1, weight of size [3, 1, 2, 2], expected input[1, 2, 4, 4] to have 1 ",
    ),
    ("conv2d(x, w, stride=0)", "non-positive stride is not supported"),
    ("conv2d(x, w, padding=-1)", "negative padding is not supported"),
    ("conv2d(x, w, dilation=0)", "dilation should be greater than zero"),
    ("conv2d(x, w, stride=2, padding='same')", "padding='same' is not supported for strided convolutions"),
    ("conv2d(x, w, padding='full')", "Invalid padding string: 'full'"),
    ("conv2d(x, w, groups=2)", "Given groups=2, expected weight to be divisible by 2 at dimension 0"),
    (
        "conv2d(x, ones(3, 2, 5, 5))",
        "Calculated padded input size per channel: (4 x 4). Kernel size: (5 x 5).",
    ),
    (
        "conv2d(x, w, ones(4))",
        "Given weight of size [3, 2, 2, 2], expected bias to be 1-dimensional with 3 elements",
    ),
    (
        "conv2d(x, w, stride=[1, 2, 3])",
        "conv2d(): expected stride to be a single integer value or a list of 2 values",
    ),
    ("conv2d(x, w.float())", "Input type (float64) and weight type (float32) should be the same"),
    (
        "bilinear(ones(2), ones(3), ones(1, 2, 2))",
        "bilinear(): input2 size does not match weight size: got 3 but expected 2",
    ),
    (
        "layer_norm(x, (3,))",
        "Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[1, 2, 4, 4]",
    ),
    (
        "scaled_dot_product_attention(x, x, x, ones(4, 4), is_causal=True)",
        "scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
    ),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use_gets_one_clear_line(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(
            program, {"x": np.ones((1, 2, 4, 4)), "w": np.ones((3, 2, 2, 2))}, unused_inputs=True
        )
    assert caught.value.message.startswith(message)
    assert caught.value.exit_status == 3
