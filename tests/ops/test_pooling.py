"""Pooling against loops over the windows: values, what takes the gradient, edges, wrong use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcli
from gradcli.engine.settings import using


def positions(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> list[int]:
    """Where the windows along one dim start: every stride, as long as they fit.

    With `ceil` they may run over the padding behind, if they start before it.
    """
    reach = dilation * (kernel - 1) + 1
    starts = []
    start = -padding
    while start + reach <= size + padding or (
        ceil and start < size and start + reach - stride < size + padding
    ):
        starts.append(start)
        start += stride
    return starts


def windows(shape: tuple[int, int], options: dict[str, Any]) -> list[list[list[tuple[int, int]]]]:
    """For each window of a 2-d pooling the places that it covers, in the padding too."""
    k, s, p, d, ceil = (options[name] for name in ("k", "s", "p", "d", "ceil"))
    rows = positions(shape[0], k[0], s[0], p[0], d[0], ceil)
    columns = positions(shape[1], k[1], s[1], p[1], d[1], ceil)
    return [
        [[(i + a * d[0], j + b * d[1]) for a in range(k[0]) for b in range(k[1])] for j in columns]
        for i in rows
    ]


CASES: list[tuple[tuple[int, int], dict[str, Any]]] = [
    (
        (size[0], size[1]),
        {"k": k, "s": s, "p": p, "d": d, "ceil": ceil},
    )
    for size, k, s, p, d, ceil in [
        ((4, 6), (2, 2), (2, 2), (0, 0), (1, 1), False),
        ((5, 5), (2, 3), (1, 2), (0, 1), (1, 1), False),
        ((5, 5), (2, 2), (2, 2), (0, 0), (1, 1), True),
        ((5, 6), (3, 3), (2, 2), (1, 1), (1, 1), True),
        ((4, 7), (2, 2), (3, 3), (1, 1), (1, 1), True),
        ((6, 5), (2, 2), (1, 1), (0, 0), (2, 3), False),
        ((6, 7), (3, 2), (2, 3), (1, 1), (2, 1), True),
        ((1, 6), (1, 3), (1, 2), (0, 1), (1, 1), False),
    ]
]


def inside(places: list[tuple[int, int]], shape: tuple[int, int]) -> list[tuple[int, int]]:
    return [(i, j) for i, j in places if 0 <= i < shape[0] and 0 <= j < shape[1]]


def gradient_and_value(call: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    evaluation = gradcli.evaluate(f"out = {call}", {"x": x}, roots=["out"], weights="ones")
    return np.asarray(evaluation.values["out"]), evaluation.grads["x"]


@pytest.mark.parametrize(("shape", "options"), CASES)
def test_max_pool2d(shape: tuple[int, int], options: dict[str, Any]) -> None:
    x = np.random.default_rng(0).integers(-4, 4, shape).astype(float)  # with ties
    wanted, gradient = [], np.zeros(shape)
    for row in windows(shape, options):
        best = [max(inside(places, shape), key=lambda at: x[at]) for places in row]
        wanted.append([x[at] for at in best])
        for at in best:
            gradient[at] += 1
    k, s, p, d, ceil = (options[name] for name in ("k", "s", "p", "d", "ceil"))
    call = f"max_pool2d(x[None], {k}, {s}, {p}, {d}, ceil_mode={ceil})"
    value, taken = gradient_and_value(f"{call}[0]", x)
    np.testing.assert_array_equal(value, wanted)
    np.testing.assert_array_equal(taken, gradient)
    program = f"values, indices = {call[:-1]}, return_indices=True); x.flatten()[indices] - values"
    assert not np.any(gradcli.evaluate(program, {"x": x}, wrt=[]).values["result"])


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize(
    ("shape", "options"),
    [case for case in CASES if case[1]["d"] == (1, 1)],
    ids=lambda value: str(value)[:40],
)
def test_avg_pool2d(shape: tuple[int, int], options: dict[str, Any], padded: bool) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    p = options["p"]
    wanted, gradient = [], np.zeros(shape)
    for row in windows(shape, options):
        means = []
        for places in row:
            within = inside(places, shape)
            # Behind the padding nothing is counted.
            counted = [at for at in places if at[0] < shape[0] + p[0] and at[1] < shape[1] + p[1]]
            share = 1 / len(counted if padded else within)
            means.append(share * sum(x[at] for at in within))
            for at in within:
                gradient[at] += share
        wanted.append(means)
    call = f"avg_pool2d(x[None], {options['k']}, {options['s']}, {p}, {options['ceil']}, {padded})[0]"
    value, taken = gradient_and_value(call, x)
    np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(taken, gradient, rtol=1e-13)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("max_pool1d(x, 3, 2, 1)", "max_pool2d(x[:, None], (1, 3), (1, 2), (0, 1))[:, 0]"),
        ("max_pool1d(x, 2, ceil_mode=True)", "max_pool2d(x[:, None], (1, 2), ceil_mode=True)[:, 0]"),
        (
            "avg_pool1d(x, 3, 2, 1, True, False)",
            "avg_pool2d(x[:, None], (1, 3), (1, 2), (0, 1), True, False)[:, 0]",
        ),
        ("avg_pool1d(x, [2])", "x[:, 0:6].unflatten(1, (3, 2)).mean(2)"),
        ("avg_pool2d(x[None], 2, divisor_override=3)", "avg_pool2d(x[None], 2)*4/3"),
        ("max_pool1d(x, 2, return_indices=True)[0]", "max_pool1d(x, 2)"),
    ],
)
def test_two_ways_to_one_pool(one: str, two: str) -> None:
    x = np.random.default_rng(3).standard_normal((2, 7))
    (value, gradient), (same, also) = gradient_and_value(one, x), gradient_and_value(two, x)
    np.testing.assert_allclose(value, same, rtol=1e-14)
    np.testing.assert_allclose(gradient, also, rtol=1e-14)


def test_whole_numbers_are_pooled_too() -> None:
    program = "max_pool1d(tensor([[-5, -7, -9, -2]]), 2, padding=1)"
    result = gradcli.evaluate(program).values["result"]
    assert result.dtype == np.int64
    np.testing.assert_array_equal(result, [[-5, -7, -2]])


WRONG = [
    (
        "max_pool1d(x, 2, padding=2)",
        "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 ",
    ),
    ("avg_pool1d(x, 2, padding=-1)", "pad must be non-negative, but got pad: -1"),
    ("avg_pool1d(x, 2, stride=0)", "avg_pool1d() stride must be greater than zero, but got 0"),
    ("avg_pool2d(x[None], 2, divisor_override=0)", "divisor must be not zero"),
    (
        "avg_pool2d(x[None], 8)",
        "Given input size: (1x2x7). Calculated output size: (1x0x0). Output size is too small",
    ),
    ("max_pool1d(x, 9)", "max_pool1d() Invalid computed output size: "),
    ("max_pool2d(x, 2)", "max_pool2d: Expected 3D or 4D (batch mode) tensor for input, but got: [2, 7]"),
    (
        "max_pool1d(x, [2, 2])",
        "max_pool1d(): expected kernel_size to be a single integer value or a list of 1 values",
    ),
    ("avg_pool1d([[1, 2]], 2)", "avg_pool1d(): input dtype should be floating point"),
]


@pytest.mark.parametrize(("program", "message"), WRONG)
def test_wrong_use_gets_one_clear_line(program: str, message: str) -> None:
    with pytest.raises(gradcli.GradcliError) as caught:
        gradcli.evaluate(f"out = {program}", {"x": np.ones((2, 7))}, unused_inputs=True, wrt=[])
    assert caught.value.message.startswith(message)
    assert caught.value.exit_status == 3


def test_steps_beyond_the_input_and_sizes_below_zero() -> None:
    far = gradcli.evaluate("sum(max_pool2d(x, 2, 2**62))", {"x": np.arange(9.0).reshape(1, 3, 3)})
    assert far.values["result"] == 4.0
    assert far.grads["x"].sum() == far.grads["x"][0, 1, 1] == 1.0
    with pytest.raises(gradcli.GradcliError, match="greater than or equal to 0 but received -1"):
        gradcli.evaluate("adaptive_avg_pool1d(ones(1, 3), -1)")


@pytest.mark.parametrize(("k", "s", "p"), [(2, 2, 0), (3, 2, 0), (3, 2, 1), (2, 3, 1), (3, 1, 1)])
@pytest.mark.parametrize(("threads", "some_nan"), [(1, False), (2, False), (2, True)])
def test_what_comes_back_to_a_rectified_picture(k: int, s: int, p: int, threads: int, some_nan: bool) -> None:
    draw = np.random.default_rng(k + s)
    x, b = np.round(draw.normal(size=(6, 2, 13, 14)) * 2), draw.integers(-1, 2, (2, 1, 1)).astype(float)
    if some_nan:
        x[3, 1, 5, 6:8] = np.nan
    options = {"k": (k, k), "s": (s, s), "p": (p, p), "d": (1, 1), "ceil": False}
    places = windows(x.shape[2:], options)
    w = draw.normal(size=(6, 2, len(places), len(places[0])))
    rectified = np.where(x + b <= 0, 0.0, x + b)
    value, gradient = np.zeros(w.shape), np.zeros(x.shape)
    for lead in np.ndindex(6, 2):
        for i, row in enumerate(places):
            for j, each in enumerate(row):
                picture, known = rectified[lead], inside(each, x.shape[2:])
                nan = [at for at in known if np.isnan(picture[at])]
                best = nan[0] if nan else max(known, key=lambda at: picture[at])
                value[(*lead, i, j)] = picture[best]
                gradient[(*lead, *best)] += w[(*lead, i, j)] if picture[best] != 0 else 0.0
    with using(threads=threads, large=1, block=300, eager=True):
        program = gradcli.compile(f"z = sum(max_pool2d(relu(x + b), {k}, {s}, {p})*w)", wrt=["x", "b"])
        found = program(x=x, b=b, w=w)
    np.testing.assert_allclose(found.values["z"], (value * w).sum())
    np.testing.assert_array_equal(found.grads["x"], gradient)
    np.testing.assert_allclose(found.grads["b"], gradient.sum((0, 2, 3))[:, None, None], atol=1e-12)


def test_padding_never_wins() -> None:
    x = np.array([[[-np.inf, -np.inf, 1.0, -np.inf]]])
    program = "v, i = max_pool1d(x, {}, return_indices=True)\nz = sum(v[..., :1])"
    # As PyTorch 2.13 has them.
    for options, places, gradient in (
        ("3, 1, 1", [0, 2, 2, 2], [1.0, 0.0, 0.0, 0.0]),
        ("2, 1, 1", [0, 0, 2, 2, 3], [1.0, 0.0, 0.0, 0.0]),
        ("2, 1, 1, 2", [1, 2, 1, 2], [0.0, 1.0, 0.0, 0.0]),
    ):
        found = gradcli.evaluate(program.format(options), {"x": x}, roots=["z"])
        np.testing.assert_array_equal(found.values["i"], [[places]])
        np.testing.assert_array_equal(found.grads["x"], [[gradient]])
    least = gradcli.evaluate(
        "v, i = max_pool2d(tensor([[[0, 0], [0, 0]]]).byte(), 2, 2, 1, return_indices=True)"
    )
    np.testing.assert_array_equal(least.values["i"], [[[0, 1], [2, 3]]])
    alone = gradcli.evaluate("z = max_pool2d(x, 2, 1, 1, 2)", {"x": np.ones((1, 1, 1))}, roots=["z"])
    assert alone.values["z"] == -np.inf
    assert alone.grads["x"] == 0.0
