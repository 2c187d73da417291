"""`x[key]`, gathering, scattering, masks, sorting: NumPy's answers, PyTorch's names, transposes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from op_checks import Caller, assert_transpose, call

import gradcli
from gradcli.errors import GradcliError

X = np.arange(24.0).reshape(2, 3, 4)
M = np.array([[3.0, 1, 2], [0, 5, 4]])
MASK = np.array([[True, False, True], [False, True, False]])

# PyTorch's answer is NumPy's wherever no integer stands beside an index list.
KEYS: list[tuple[Any, str]] = [
    (0, "Select"),
    ((1, -1), "Select"),
    ((slice(None), 2), "Select"),
    ((..., 0), "Select"),
    ((None, 0), "Select"),
    (slice(None), "Slice"),
    (slice(0, 1), "Slice"),
    (slice(5, 1), "Slice"),
    ((slice(None), slice(None, None, 2)), "Slice"),
    ((0, slice(1, 3)), "Slice"),
    ((slice(None), slice(-2, 99)), "Slice"),
    ((slice(None), slice(None)), "Alias"),
    (..., "Alias"),
    ((), "Alias"),
    (None, "Unsqueeze"),
    ((..., None), "Unsqueeze"),
    ((0, None), "Unsqueeze"),
    ([1, 0, 1], "Index"),
    ((slice(None), [2, -1]), "Index"),
    (([0, 1], [2, 0]), "Index"),
    (([0, 1], slice(None), [3, 0]), "Index"),
    ((slice(None), [0, 2], [3, 0]), "Index"),
    (([[0], [1]], [0, 2]), "Index"),
    ((slice(0, 1), [0, 2]), "Index"),
    (([0, 1], None, [2, 0]), "Index"),
    ((None, [0, 1]), "Index"),
    (([1], slice(None), slice(1, 3)), "Index"),
    ([], "Index"),
    (True, "Index"),
    (False, "Index"),
    ((slice(None), True), "Index"),
    ((True, [0, 1]), "Index"),
    ([True, False], "Index"),
    (MASK, "Index"),
    ((slice(None), [True, False, True]), "Index"),
    ((MASK, slice(1, 3)), "Index"),
    ((slice(None), slice(None), [True, False, False, True]), "Index"),
]


def _numpy_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_numpy_key(each) for each in key)
    return np.array(key, int) if isinstance(key, list) and not key else key


def _index(caller: Caller, x: Any, key: Any) -> Any:
    keys = key if isinstance(key, tuple) else (key,)
    lifted = tuple(caller.lifted(each) if isinstance(each, np.ndarray) else each for each in keys)
    return caller.session.index(x, lifted if isinstance(key, tuple) else lifted[0])


@pytest.mark.parametrize(("key", "label"), KEYS, ids=lambda part: str(part).replace("\n", ""))
def test_key(key: Any, label: str) -> None:
    caller = Caller()
    x = caller.session.leaf(X, requires_grad=True)
    got = _index(caller, x, key)
    np.testing.assert_array_equal(caller.value(got), X[_numpy_key(key)])
    assert got.grad_fn == label + "Backward0"
    assert_transpose(lambda call, x: _index(call, x, key), X)


def test_integers_beside_lists_select_first() -> None:
    caller = Caller()
    x = caller.session.leaf(X)
    # NumPy would move the list's dim to the front here; PyTorch selects, and then indexes what is left.
    np.testing.assert_array_equal(caller.value(_index(caller, x, (0, slice(None), [0, 1]))), X[0][:, [0, 1]])


def test_a_list_of_lists_is_a_tuple_of_indices() -> None:
    caller = Caller()
    got = caller.session.index(caller.session.leaf(X), [[0, 1], [2, 0]])
    np.testing.assert_array_equal(caller.value(got), X[[0, 1], [2, 0]])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (2, "index 2 is out of bounds for dimension 0 with size 2"),
        ((0, 0, 4), "index 4 is out of bounds for dimension 2 with size 4"),
        ([0, 2], "index 2 is out of bounds for dimension 0 with size 2"),
        ((slice(None), [-4]), "index -4 is out of bounds for dimension 0 with size 3"),
        ((0, 0, 0, 0), "too many indices for tensor of dimension 3"),
        (slice(None, None, -1), "step must be greater than zero"),
        ([0.5], "tensors used as indices must be long, int, byte or bool tensors"),
        (
            [True, False, True],
            "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor",
        ),
        (([0, 1], [0, 1, 2]), "indexing tensors could not be broadcast together with shapes [2], [3]"),
    ],
)
def test_wrong_key(key: Any, message: str) -> None:
    caller = Caller()
    with pytest.raises(GradcliError) as caught:
        caller.value(_index(caller, caller.session.leaf(X), key))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "key", ["::-1", "..., ::-2", "::-1, 2:0:-1", "0, None, ::-1, 1:", "1, 0:2:-1", "-1::-1, ::2"]
)
def test_steps_back_outside_programs_of_torch(key: str) -> None:
    """NumPy's and JAX's arrays are turned around so; PyTorch refuses."""
    index = eval(f"np.s_[{key}]")
    weights = np.arange(1.0, 1.0 + X[index].size).reshape(X[index].shape)
    found = gradcli.evaluate(f"y = x[{key}]", {"x": X}, weights=weights)
    gradient = np.zeros_like(X)
    gradient[index] = weights
    np.testing.assert_array_equal(found.values["y"], X[index])
    np.testing.assert_array_equal(found.grads["x"], gradient)
    with pytest.raises(GradcliError, match="step must be greater than zero"):
        gradcli.evaluate(f"import torch\ny = x[{key}]", {"x": X}, weights=weights)


# ---- functions ----

ROWS = np.array([[0, 1, 0], [1, 1, 0]])
COLUMNS = np.array([[2, 0], [1, 1]])
PICKS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("index_select", (1, np.array([2, 0, 2])), M[:, [2, 0, 2]]),
    ("index_select", (-2, np.array(1)), M[[1]]),
    ("gather", (0, ROWS), np.take_along_axis(M, ROWS, 0)),
    ("gather", (1, COLUMNS), np.take_along_axis(M, COLUMNS, 1)),
    ("gather", (0, COLUMNS[:, :1] * 0), M[[0, 0]][:, :1]),
    ("take", (np.array([[0, -1], [4, 4]]),), M.ravel()[[[0, -1], [4, 4]]]),
    ("take_along_dim", (COLUMNS, 1), np.take_along_axis(M, COLUMNS, 1)),
    ("take_along_dim", (np.array([[0]]), 0), M[:1]),
    ("take_along_dim", (np.array([5, -1]),), M.ravel()[[5, -1]]),
    ("masked_select", (MASK,), M[MASK]),
    ("masked_select", (MASK[0],), M[:, MASK[0]].ravel()),
    ("masked_fill", (MASK, 0.0), np.where(MASK, 0, M)),
    ("scatter_add", (0, ROWS, M * 0), M),
    ("scatter", (1, COLUMNS, M[:, :2] * 0), np.array([[0.0, 1, 0], [0, 0, 4]])),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), PICKS)
def test_picks_as_numpy(name: str, arguments: Any, expected: Any) -> None:
    np.testing.assert_array_equal(call(name, M, *arguments), expected)
    assert_transpose(lambda call, x: call(name, x, *arguments), M)


def test_scatter_add_adds_where_the_index_says() -> None:
    source = np.arange(1.0, 7).reshape(2, 3)
    expected = M.copy()
    np.add.at(expected, (ROWS, np.arange(3)), source)
    np.testing.assert_array_equal(call("scatter_add", M, 0, ROWS, source), expected)
    assert_transpose(lambda call, x: call("scatter_add", M * 0, 0, ROWS, x), source)
    assert_transpose(lambda call, x: call("index_add", M * 0, 0, np.array([1, 1]), x, alpha=3.0), source)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dim", [0, -1])
def test_sort(dim: int, descending: bool) -> None:
    got, indices = call("sort", M, dim, descending)
    expected = np.flip(np.sort(M, dim), dim) if descending else np.sort(M, dim)
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(np.take_along_axis(M, indices, dim), expected)
    assert_transpose(lambda call, x: call("sort", call("mul", x, 1.0), dim, descending)[0], M)


def test_sort_is_stable_and_counts_nan_as_the_largest() -> None:
    x = np.array([1.0, np.nan, 0, 1, np.nan])
    assert call("argsort", x).tolist() == [2, 0, 3, 1, 4]
    assert call("argsort", x, descending=True).tolist() == [1, 4, 0, 3, 2]


def test_topk() -> None:
    got, indices = call("topk", M, 2)
    np.testing.assert_array_equal(got, [[3, 2], [5, 4]])
    np.testing.assert_array_equal(indices, [[0, 2], [1, 2]])
    np.testing.assert_array_equal(call("topk", M, 1, dim=0, largest=False)[0], [[0, 1, 2]])


def test_one_hot() -> None:
    np.testing.assert_array_equal(call("one_hot", np.array([2, 0])), [[0, 0, 1], [1, 0, 0]])
    assert call("one_hot", np.array([[1]]), 5).shape == (1, 1, 5)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("gather", (M, 1, np.array([[3]])), "index 3 is out of bounds for dimension 1 with size 3"),
        ("gather", (M, 1, np.array([[-1]])), "index -1 is out of bounds"),
        ("gather", (M, 1, np.array([0])), "Index tensor must have the same number of dimensions"),
        ("gather", (M, 0, np.zeros((1, 4), int)), "Size does not match at dimension 1 expected index [1, 4]"),
        ("take", (M, np.array([6])), "tried to access index 6 on a tensor of 6 elements"),
        ("index_select", (M, 0, np.array([2])), "index out of range in self"),
        ("masked_fill", (M, ROWS, 0.0), "masked_fill_ only supports boolean masks"),
        ("masked_fill", (M, MASK, np.ones(3)), "only supports a 0-dimensional value tensor"),
        ("scatter_add", (M, 1, np.array([[0, 0]]), M[:1, :1]), "no larger size than src [1, 1]"),
        ("gather", (M, 1, np.array([[0.5]])), "gather(): Expected dtype int32/int64 for index, but got"),
        (
            "gather",
            (M, 1, np.array([[True]])),
            "Expected dtype int32/int64 for index, but got bool",
        ),
        ("index_add", (M, 0, np.array([0]), np.ones((1, 3), np.float32)), "must have the same scalar type"),
        ("topk", (M, 4), "selected index k out of range"),
        ("one_hot", (np.array([3]), 3), "Class values must be smaller than num_classes"),
        ("one_hot", (np.array([-1]),), "Class values must be non-negative"),
    ],
)
def test_wrong_use_in_one_line(name: str, arguments: Any, message: str) -> None:
    with pytest.raises(GradcliError) as caught:
        call(name, *arguments)
    assert message in str(caught.value)


def test_what_is_added_at_indices_fits_them() -> None:
    with pytest.raises(GradcliError, match="shape mismatch: value tensor"):
        gradcli.evaluate("ones(3).index_put((tensor([0, 1]),), ones(3), True)")


def test_whole_numbers_with_a_point_serve_as_indices() -> None:
    np.testing.assert_array_equal(call("gather", M, 1, np.array([[2.0, 0.0]])), [[2.0, 3.0]])


def test_an_empty_index_of_any_rank_picks_nothing() -> None:
    for shape in ((0, 2), (2, 0, 1), (0,)):
        found = gradcli.evaluate(f"y = gather(x, 0, zeros{shape}.long())\ny.sum()", {"x": [1.0, 2.0]})
        assert found.values["y"].shape == shape
        np.testing.assert_array_equal(found.grads["x"], [0.0, 0.0])
