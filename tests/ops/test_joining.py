"""Joining and taking apart: NumPy's answers, pieces that give the whole, gradients that are transposes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from op_checks import assert_transpose, call

from gradcli.errors import GradcliError

A = np.arange(6.0).reshape(2, 3)
B = A + 10
V, W = np.arange(3.0), np.arange(4.0, 7.0)
T = np.arange(30.0).reshape(5, 6)

JOINS: list[tuple[str, list[Any], dict[str, Any], Any]] = [
    ("cat", [A, B], {}, np.concatenate([A, B])),
    ("cat", [A, B, A], {"dim": -1}, np.concatenate([A, B, A], -1)),
    ("cat", [A, np.zeros(0)], {"dim": 1}, A),
    ("stack", [A, B], {}, np.stack([A, B])),
    ("stack", [A, B], {"dim": -1}, np.stack([A, B], -1)),
    ("hstack", [A, B], {}, np.hstack([A, B])),
    ("hstack", [V, W], {}, np.hstack([V, W])),
    ("vstack", [A, V], {}, np.vstack([A, V])),
    ("dstack", [V, W], {}, np.dstack([V, W])),
    ("dstack", [A, B], {}, np.dstack([A, B])),
    ("column_stack", [V, W], {}, np.column_stack([V, W])),
]


@pytest.mark.parametrize(("name", "parts", "keywords", "expected"), JOINS)
def test_joined_as_numpy(name: str, parts: list[Any], keywords: dict[str, Any], expected: Any) -> None:
    np.testing.assert_array_equal(call(name, parts, **keywords), expected)


@pytest.mark.parametrize(("name", "parts", "keywords", "expected"), JOINS)
def test_gradient_of_joining(name: str, parts: list[Any], keywords: dict[str, Any], expected: Any) -> None:
    def joined(call: Any, x: Any) -> Any:
        first = call("reshape", x, *np.shape(parts[0])) if np.ndim(parts[0]) else x
        return call(name, [first, first, *[each * 0 for each in parts[1:] if each.size]], **keywords)

    assert_transpose(joined, parts[0])


@pytest.mark.parametrize(
    ("name", "arguments", "sizes"),
    [
        ("split", (2,), [2, 2, 1]),
        ("split", ([1, 4],), [1, 4]),
        ("split", (7,), [5]),
        ("chunk", (2,), [3, 2]),
        ("chunk", (4,), [2, 2, 1]),
        ("tensor_split", (3,), [2, 2, 1]),
        ("tensor_split", ([1, 1, -1],), [1, 0, 3, 1]),
        ("split_with_sizes", ([2, 3],), [2, 3]),
    ],
)
@pytest.mark.parametrize("dim", [0, -1])
def test_pieces_give_the_whole(name: str, arguments: Any, sizes: list[int], dim: int) -> None:
    x = T if dim == 0 else T.T
    pieces = call(name, x, *arguments, dim=dim)
    assert [each.shape[dim] for each in pieces] == sizes
    np.testing.assert_array_equal(np.concatenate(pieces, dim), x)


def test_unbind_select_and_narrow_are_slices() -> None:
    for index, each in enumerate(call("unbind", T, 1)):
        np.testing.assert_array_equal(each, T[:, index])
        np.testing.assert_array_equal(call("select", T, 1, index), T[:, index])
    np.testing.assert_array_equal(call("narrow", T, 0, -2, 2), T[3:])
    assert_transpose(lambda call, x: call("narrow", x, 0, 1, 3), T)
    assert_transpose(lambda call, x: call("unbind", x, 1)[2], T)


@pytest.mark.parametrize("indexing", ["ij", "xy"])
def test_meshgrid(indexing: Any) -> None:
    got = call("meshgrid", V, W[:2], indexing=indexing)
    for mine, numpys in zip(got, np.meshgrid(V, W[:2], indexing=indexing), strict=True):
        np.testing.assert_array_equal(mine, numpys)
    assert_transpose(lambda call, x: call("meshgrid", x, W[:2], indexing=indexing)[0], V)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("cat", ([A, B[:, :2]],), "Expected size 3 but got size 2 for tensor number 1 in the list."),
        ("cat", ([A, V],), "Tensors must have same number of dimensions: got 2 and 1"),
        ("cat", ([np.array(1.0)],), "zero-dimensional tensor (at position 0) cannot be concatenated"),
        ("cat", ([],), "expected a non-empty list of Tensors"),
        ("cat", (A,), "must be tuple of Tensors, not Tensor"),
        ("stack", ([A, V],), "stack expects each tensor to be equal size, but got [2, 3] at entry 0 and [3]"),
        ("split", (A, 0), "split_size can only be 0 if dimension size is 0, but got dimension size of 2"),
        ("split", (A, [1, 2]), "split_with_sizes expects split_sizes to sum exactly to 2"),
        ("chunk", (A, 0), "chunk expects `chunks` to be greater than 0, got: 0"),
        ("narrow", (A, 0, 1, 2), "start (1) + length (2) exceeds dimension size (2)."),
        ("select", (A, 1, 3), "select(): index 3 out of range for tensor of size [2, 3] at dimension 1"),
        ("meshgrid", (A,), "Expected 0D or 1D tensor"),
    ],
)
def test_wrong_use_in_one_line(name: str, arguments: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call(name, *arguments)
    assert message in str(caught.value)
