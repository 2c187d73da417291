"""Shapes, repeating, flipping, padding, diagonals: NumPy's answers, and gradients that are transposes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from op_checks import assert_transpose, call

from gradcli.errors import GradcliError
from rows import grouped

X = np.arange(24.0).reshape(2, 3, 4)
M = np.arange(12.0).reshape(3, 4)
V = np.arange(5.0)
ONES = np.ones((1, 3, 1))

CASES: list[tuple[str, Any, tuple[Any, ...], dict[str, Any], Any]] = [
    ("reshape", X, (4, -1), {}, X.reshape(4, 6)),
    ("reshape", X, ((3, 8),), {}, X.reshape(3, 8)),
    ("view", X, (24,), {}, X.ravel()),
    ("view_as", X, (M.repeat(2, 0),), {}, X.reshape(6, 4)),
    ("ravel", X, (), {}, X.ravel()),
    ("flatten", X, (1,), {}, X.reshape(2, 12)),
    ("flatten", X, (0, 1), {}, X.reshape(6, 4)),
    ("flatten", np.float64(3), (), {}, np.array([3.0])),
    ("unflatten", M, (1, (2, -1)), {}, M.reshape(3, 2, 2)),
    ("squeeze", ONES, (), {}, np.ones(3)),
    ("squeeze", ONES, (0,), {}, np.ones((3, 1))),
    ("squeeze", ONES, ((0, 2),), {}, np.ones(3)),
    ("squeeze", ONES, (1,), {}, ONES),
    ("unsqueeze", M, (-1,), {}, M[..., None]),
    ("permute", X, (2, 0, 1), {}, X.transpose(2, 0, 1)),
    ("transpose", X, (0, -1), {}, X.swapaxes(0, -1)),
    ("t", M, (), {}, M.T),
    ("T", X, (), {}, X.T),
    ("mT", X, (), {}, X.swapaxes(-1, -2)),
    ("movedim", X, (0, 2), {}, np.moveaxis(X, 0, 2)),
    ("movedim", X, ((0, 1), (2, 0)), {}, np.moveaxis(X, (0, 1), (2, 0))),
    ("expand", ONES, (2, -1, 4), {}, np.ones((2, 3, 4))),
    ("expand", V, (2, 5), {}, np.stack([V, V])),
    ("broadcast_to", ONES, ((2, 3, 2),), {}, np.ones((2, 3, 2))),
    ("expand_as", V, (np.ones((3, 5)),), {}, np.broadcast_to(V, (3, 5))),
    ("repeat", M, (2, 1, 3), {}, np.tile(M, (2, 1, 3))),
    ("repeat", V, (0,), {}, np.zeros(0)),
    ("tile", M, (2,), {}, np.tile(M, 2)),
    ("repeat_interleave", M, (2,), {}, np.repeat(M, 2)),
    ("repeat_interleave", M, ([1, 0, 2], 0), {}, np.repeat(M, [1, 0, 2], 0)),
    ("flip", X, (0, 2), {}, np.flip(X, (0, 2))),
    ("fliplr", M, (), {}, np.fliplr(M)),
    ("flipud", V, (), {}, np.flipud(V)),
    ("roll", X, (2,), {}, np.roll(X, 2)),
    ("roll", X, ((1, -5), (0, 2)), {}, np.roll(X, (1, -5), (0, 2))),
    ("rot90", M, (), {}, np.rot90(M)),
    ("rot90", X, (-1, (1, 2)), {}, np.rot90(X, -1, (1, 2))),
    ("rot90", X, (2, (0, 2)), {}, np.rot90(X, 2, (0, 2))),
    ("unfold", V, (0, 2, 2), {}, np.array([[0.0, 1], [2, 3]])),
    ("pad", M, ((1, 2),), {}, np.pad(M, ((0, 0), (1, 2)))),
    ("pad", M, ((1, -1, 0, 2),), {"value": 7.0}, np.pad(M[:, :3], ((0, 2), (1, 0)), constant_values=7)),
    ("pad", M, ((-1, 0),), {}, M[:, 1:]),
    ("pad", M, ((3, 2),), {"mode": "reflect"}, np.pad(M, ((0, 0), (3, 2)), mode="reflect")),
    ("pad", X, ((5, 1, 0, 4),), {"mode": "replicate"}, np.pad(X, ((0, 0), (0, 4), (5, 1)), mode="edge")),
    ("pad", X, ((4, 3),), {"mode": "circular"}, np.pad(X, ((0, 0), (0, 0), (4, 3)), mode="wrap")),
    ("diag", V, (), {}, np.diag(V)),
    ("diag", V, (-2,), {}, np.diag(V, -2)),
    ("diag", M, (1,), {}, np.diag(M, 1)),
    ("diag", M, (9,), {}, np.zeros(0)),
    ("diagonal", X, (-1, 2, 1), {}, np.diagonal(X, -1, 2, 1)),
    ("diagonal", X, (), {}, np.diagonal(X)),
    ("diag_embed", M, (), {}, np.stack([np.diag(row) for row in M])),
    ("diag_embed", M, (1, 0, 2), {}, np.stack([np.diag(row, 1) for row in M], 1)),
    ("tril", X, (-1,), {}, np.tril(X, -1)),
    ("triu", M, (2,), {}, np.triu(M, 2)),
    ("trace", M, (), {}, np.trace(M)),
]


ROWS = [("cases", f"{case[0]}{list(np.shape(case[1]))}{case[2]}{case[3] or ''}", (case,)) for case in CASES]


@grouped("case", ROWS)
def test_as_numpy(case: Any) -> None:
    name, x, arguments, keywords, expected = case
    got = call(name, np.asarray(x), *arguments, **keywords)
    np.testing.assert_array_equal(got, expected)


@grouped("case", ROWS)
def test_gradient_is_the_transpose(case: Any) -> None:
    name, x, arguments, keywords, _ = case
    if keywords.get("value"):
        keywords = {}  # with a value around it, padding is not linear
    assert_transpose(lambda call, x: call(name, x, *arguments, **keywords), x)


@pytest.mark.parametrize(
    ("name", "x", "arguments", "message"),
    [
        ("reshape", M, (5,), "shape '[5]' is invalid for input of size 12"),
        ("reshape", M, (-1, -1), "only one dimension can be inferred"),
        ("reshape", np.zeros(0), (0, -1), "can be any value and is ambiguous"),
        ("flatten", M, (1, 0), "start_dim cannot come after end_dim"),
        (
            "unflatten",
            M,
            (1, (3, 2)),
            "unflatten: Provided sizes [3, 2] don't multiply up to the size of dim 1 (4)",
        ),
        ("squeeze", M, (2,), "Dimension out of range (expected to be in range of [-2, 1], but got 2)"),
        ("permute", M, (0,), "input.dim() = 2 is not equal to len(dims) = 1"),
        ("permute", M, (0, -2), "permute(): duplicate dims are not allowed."),
        ("t", X, (), "t() expects a tensor with <= 2 dimensions, but self is 3D"),
        ("expand", M, (3,), "the number of sizes provided (1) must be greater or equal"),
        ("expand", M, (3, 5), "The expanded size of the tensor (5) must match the existing size (4)"),
        ("sum_to_size", M, (5,), "size {[5]} is not expandable to size {[3, 4]}."),
        ("sum_to_size", M, (3, 1, 4), "size {[3, 1, 4]} is not expandable to size {[3, 4]}."),
        ("movedim", X, ((0, 1), (0,)), "should contain the same number of dims as destination"),
        ("repeat", M, (2,), "Number of dimensions of repeat dims can not be smaller"),
        ("roll", M, ((1, 2), 0), "shifts and dimensions must align. shifts: 2, dims:1"),
        ("rot90", M, (1, (0, 0)), "expected rotation dims to be different"),
        ("flip", M, (0, 0), "dim 0 appears multiple times"),
        ("pad", M, ((1, 2, 3),), "Padding length must be divisible by 2"),
        ("pad", M, ((4, 0), "reflect"), "Padding size should be less than the corresponding input dimension"),
        ("pad", M, ((1, 1), "mirror"), "Unrecognised padding mode mirror"),
        ("diag", X, (), "Supports 1D or 2D tensors. Got 3D"),
        ("tril", V, (), "tril: input tensor must have at least 2 dimensions"),
        ("trace", V, (), "trace: expected a matrix"),
    ],
)
def test_wrong_use_in_one_line(name: str, x: Any, arguments: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call(name, x, *arguments)
    assert message in str(caught.value)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("count", "shapes"),
    [
        (1, {(): (1,), (2,): (2,), (2, 3): (2, 3)}),
        (2, {(): (1, 1), (2,): (1, 2), (2, 3): (2, 3), (2, 3, 4): (2, 3, 4)}),
        (
            3,
            {
                (): (1, 1, 1),
                (2,): (1, 2, 1),
                (2, 3): (2, 3, 1),
                (2, 3, 4): (2, 3, 4),
                (1, 2, 3, 4): (1, 2, 3, 4),
            },
        ),
    ],
)
def test_at_least_so_many_dims(count: int, shapes: dict[tuple[int, ...], tuple[int, ...]]) -> None:
    for given, wanted in shapes.items():
        assert call(f"atleast_{count}d", np.ones(given)).shape == wanted
