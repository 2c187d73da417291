"""Functions of the language have formulas: a call of every eighth; convolutions as textbooks have them."""

from __future__ import annotations

import functions
import numpy as np
import pytest

import gradcli

CALLS = list({each.function: each for each in functions.calls()}.values())


@pytest.mark.parametrize("call", CALLS[::8], ids=lambda call: call.expression)
def test_a_function_has_a_formula(call: functions.Call) -> None:
    assert (functions.failure(call) is None) != (call.expression in functions.WITHOUT)


@pytest.mark.parametrize(
    ("program", "shapes", "lines"),
    [
        ("conv1d(x, w)", {"x": "2,2,6", "w": "3,2,3"}, ["conv_transpose1d(g, w)", "einsum"]),
        (
            "conv2d(x, w, stride=2, padding=1)",
            {"x": "2,3,8,8", "w": "4,3,3,3"},
            ["conv_transpose2d(g, w, stride=2, padding=1, output_padding=1)", "einsum"],
        ),
        (
            "conv1d(x, w, dilation=2, groups=2)",
            {"x": "2,4,9", "w": "4,2,3"},
            ["conv_transpose1d(g, w, dilation=2, groups=2)", "reshape"],
        ),
        ("cumprod(x, 0)", {"x": "n"}, ["flip(cumsum(flip(g*cumprod(x, 0), 0), 0), 0)/x"]),
        (
            "logcumsumexp(x, 0)",
            {"x": "n"},
            ["exp(x)*flip(cumsum(flip(g*exp(-logcumsumexp(x, 0)), 0), 0), 0)"],
        ),
        ("avg_pool1d(x, 2)", {"x": "1,2,6"}, ["index_add"]),
        ("max_pool2d(x, 2)", {"x": "1,1,4,4"}, ["reshape(scatter_add"]),
        (
            "max_pool2d(x, 3, 2, 1, ceil_mode=True)",
            {"x": "1,6,6"},
            [
                (
                    "reshape(scatter_add(zeros(1, 36), 1, "
                    "reshape(max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True, return_indices=True)[1]"
                )
            ],
        ),
        (
            "max_pool2d(x, (3, 2), (2, 1))",
            {"x": "1,1,5,4"},
            [
                (
                    "reshape(scatter_add(zeros(1, 1, 20), 2, "
                    "reshape(max_pool2d(x, (3, 2), stride=(2, 1), return_indices=True)[1]"
                )
            ],
        ),
    ],
)
def test_convolutions_pooling_and_scans(program: str, shapes: dict[str, str], lines: list[str]) -> None:
    found = gradcli.diff(f"y = {program}", shapes=shapes, weights="g", expand=True)
    for line, expected in zip(found.text.splitlines(), lines, strict=True):
        assert line.partition(" = ")[2].startswith(expected)


def test_transposes_of_convolutions_are_adjoint() -> None:
    """<conv(x), g> = <x, conv_transpose(g)>, whatever the steps."""
    random = np.random.default_rng(0)
    for count, steps in ((1, (2, 1, 2)), (2, (2, 1, 1)), (2, (1, 2, 2)), (3, (2, 1, 1))):
        stride, padding, dilation = steps
        x = random.standard_normal((2, 3, *(6, 7, 5)[:count]))
        w = random.standard_normal((4, 3, *(3, 2, 2)[:count]))
        call = f"w, stride={stride}, padding={padding}, dilation={dilation}"
        y = gradcli.evaluate(f"y = conv{count}d(x, {call})", {"x": x, "w": w}, wrt=[]).values["y"]
        g = random.standard_normal(np.shape(y))
        more = [
            size - ((out - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1)
            for size, out, kernel in zip(x.shape[2:], np.shape(y)[2:], w.shape[2:], strict=True)
        ]
        back = gradcli.evaluate(
            f"z = conv_transpose{count}d(g, {call}, output_padding={more})", {"g": g, "w": w}, wrt=[]
        ).values["z"]
        assert np.isclose(np.sum(y * g), np.sum(x * back))
