"""The quick kernels of orders, indices, slices and triangles against plain ones."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest

from gradcli.engine.settings import using
from gradcli.ops import adding, among_zeros, argmax, indexing, ordering, sorting, windows
from gradcli.ops.linalg import solve_triangle
from gradcli.tape.node import leaf

DRAW = np.random.default_rng(0)
MIXED = DRAW.standard_normal(20_000)
ORDERS = {
    "all apart": MIXED,
    "many equal": DRAW.integers(0, 900, 20_000).astype(float),
    "some equal": np.round(MIXED, 4),
    "one value": np.zeros(12_000),
    "nan": np.where(MIXED > 1, np.nan, np.round(MIXED, 3)),
    "close to each other": 100 + 1e-3 * MIXED,
    "two by two": np.r_[3 + 1e-13 * np.round(900 * MIXED), -7 + 1e-13 * np.round(9 * MIXED)],
    "long": np.r_[np.tile(MIXED, 8), np.nan, -np.nan, np.zeros(99)],
    "zeros and infinities": np.r_[-0.0, 0.0, np.inf, np.full(12_000, 2.0), -np.inf, np.inf, -0.0, np.nan],
}


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("descending", [False, True])
def test_orders_are_stable(name: str, dtype: type, descending: bool) -> None:
    x = ORDERS[name].astype(dtype)
    expected = np.argsort(x, kind="stable")
    if descending:
        expected = len(x) - 1 - np.argsort(x[::-1], kind="stable")[::-1]
    assert np.array_equal(sorting.order.compute(x, -1, descending), expected)


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("dim", [-1, -2, -3])
def test_orders_along_a_dim_and_in_parts_are_stable(
    name: str, dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = ORDERS[name][:12_000].reshape(20, 30, 20)
    assert np.array_equal(ordering.stable_order(x, dim), np.argsort(x, dim, kind="stable"))
    monkeypatch.setattr(ordering, "PART", 4_000)
    with using(threads=2):
        assert np.array_equal(ordering.stable_order(x, dim), np.argsort(x, dim, kind="stable"))
        flat = ORDERS[name][:11_999]
        assert np.array_equal(ordering.stable_order(flat, -1), np.argsort(flat, kind="stable"))


@pytest.mark.parametrize("lead", [(), (1,), (4,), (2, 3)])
@pytest.mark.parametrize("shape", [(7,), (3, 5), (0,)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("spent", [0.0, 1.0])
def test_taking_and_putting(
    lead: tuple[int, ...], shape: tuple[int, ...], dtype: type, spent: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding._Spent, "seconds", spent)
    indices = DRAW.integers(-6, 6, shape)
    g = (9 * DRAW.standard_normal((*lead, *shape))).astype(dtype)
    expected = np.zeros((*lead, 6), dtype)
    for at in np.ndindex(*lead):
        np.add.at(expected[at], indices, g[at])
    found = indexing.put_last.compute(g, indices, 6)
    assert found.dtype == dtype
    assert np.allclose(found, expected, rtol=1e-5)
    x = (9 * DRAW.standard_normal((*lead, 6))).astype(dtype)
    table = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 0)), 0, -1)
    for each in (x, table):
        assert np.array_equal(indexing.take_last.compute(each, indices), np.take(x, indices, axis=-1))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "shape", [(40, 3, 30, 2, 2), (9, 5, 3), (70, 700, 2), (3, 50_000, 2), (0, 4, 3), (5, 16)]
)
@pytest.mark.parametrize("kind", ["apart", "equal", "nan"])
def test_the_first_of_few_is_found_slice_by_slice(shape: tuple[int, ...], dtype: type, kind: str) -> None:
    x = DRAW.standard_normal(shape).astype(dtype)
    if kind != "apart":
        x = np.round(x)  # -0.0 and 0.0 among them
    if kind == "nan":
        x[DRAW.random(shape) < 0.2] = np.nan
    count = 2 if len(shape) == 5 else 1
    rows = x.reshape(*shape[: len(shape) - count], prod(shape[len(shape) - count :]))
    for pick, best in ((np.argmax, np.maximum), (np.argmin, np.minimum)):
        found = argmax.first_of(x, count, best)
        assert found.dtype == np.int64
        assert np.array_equal(found, pick(rows, axis=-1))


@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"),
    [((2, 2), (2, 2), (1, 1)), ((3, 3), (1, 1), (1, 1)), ((1, 5), (2, 1), (1, 3)), ((3, 4), (2, 3), (2, 1))],
)
def test_the_first_largest_of_windows(
    kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int], vectors: bool
) -> None:
    x = np.round(DRAW.standard_normal((4, 3, 40, 41)))
    x[DRAW.random(x.shape) < 0.02] = np.nan
    for picture in (x, x[:, ::-1, ::2], x.transpose(1, 0, 3, 2)):
        view = np.lib.stride_tricks.sliding_window_view(picture, kernel, (2, 3))[
            ..., :: stride[0], :: stride[1], :, :
        ]
        if dilation != (1, 1):
            view = windows.view_of_windows(np.ascontiguousarray(picture), kernel, stride, dilation)
        with using(vectors=vectors, threads=1 + vectors):
            found = argmax.first_of(view, 2, np.maximum)
        assert np.array_equal(found, view.reshape(*view.shape[:4], -1).argmax(-1))


@pytest.mark.parametrize("shape", [(40, 3, 25, 26), (500, 520), (2, 250, 260)])
@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"),
    [((3, 3), (1, 1), (1, 1)), ((2, 3), (2, 3), (1, 1)), ((3, 2), (2, 1), (2, 3))],
)
def test_windows_add_up_where_they_lay(
    shape: tuple[int, ...], kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int]
) -> None:
    x = DRAW.standard_normal(shape)
    parts = windows.windows.compute(x, kernel, stride, dilation)
    g = DRAW.standard_normal(parts.shape)
    used = np.full(shape, np.nan)
    found = windows.overlap_add.compute(g, shape[-2:], kernel, stride, dilation)
    assert windows.overlap_add.into is not None
    assert np.array_equal(found, windows.overlap_add.into(g, shape[-2:], kernel, stride, dilation, used))
    assert np.isclose(np.vdot(g, parts), np.vdot(found, x))  # the transpose
    places = windows.windows.compute(np.arange(x.size).reshape(shape), kernel, stride, dilation)
    assert np.allclose(found.reshape(-1), np.bincount(places.reshape(-1), g.reshape(-1), x.size))


def test_rows_are_added_in_the_same_order_however_that_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, places = DRAW.standard_normal((500, 7)), DRAW.integers(0, 20, 500)
    found = []
    for spent in (0.0, 1.0):
        monkeypatch.setattr(adding._Spent, "seconds", spent)
        found.append(adding.rows_added(rows, places, 30))
    assert np.array_equal(*found)
    monkeypatch.setattr(adding._Spent, "seconds", 0.0)
    adding.rows_added(rows, places, 30)
    assert adding._Spent.seconds > 0


@pytest.mark.parametrize("lead", [(), (1,), (4,), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_scattering(lead: tuple[int, ...], dtype: type) -> None:
    g, indices = DRAW.standard_normal((*lead, 5)).astype(dtype), DRAW.integers(-8, 8, (*lead, 5))
    expected = np.zeros((*lead, 8), dtype)
    for at in np.ndindex(*lead):
        np.add.at(expected[at], indices[at], g[at])
    found = indexing.scatter_last.compute(g, indices, 8)
    assert found.dtype == dtype
    assert np.allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "cuts"),
    [
        ((6, 7), ((1, 4, 1), (0, 7, 1))),
        ((6, 7), ((1, 6, 2), (None, None, -1))),
        ((6, 7), (-2, (2, 2, 1))),
        ((6,), ((None, None, None),)),
        ((6, 7), ((0, 3, None), -1)),
        ((4, 5, 6), ((1, None, None), 2, (None, -1, None))),
    ],
)
@pytest.mark.parametrize("lead", [(), (2,)])
def test_placing_into_an_array_that_was_used(
    shape: tuple[int, ...], cuts: tuple[indexing.Cut, ...], lead: tuple[int, ...]
) -> None:
    used = np.full((*lead, *shape), 7.0)
    part = used[(..., *[slice(*cut) if isinstance(cut, tuple) else cut for cut in cuts])]
    g = DRAW.standard_normal(part.shape)
    assert indexing.place.into is not None
    found = indexing.place.into(g, shape, cuts, used)
    assert np.array_equal(found, indexing.place.compute(g, shape, cuts))


@pytest.mark.parametrize("lead", [((), ()), ((3,), (3,)), ((2, 1), (4,)), ((), (3,))])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_triangles(
    lead: tuple[tuple[int, ...], tuple[int, ...]], dtype: type, upper: bool, unit: bool, turned: bool
) -> None:
    for size, columns in ((5, 3), (9, 3), (40, 1), (150, 140)):
        a = (DRAW.standard_normal((*lead[0], size, size)) / size + np.eye(size)).astype(dtype)
        b = DRAW.standard_normal((*lead[1], size, columns)).astype(dtype)
        given = np.swapaxes(np.ascontiguousarray(np.swapaxes(a, -1, -2)), -1, -2) if turned else a
        before = a.copy(), b.copy()
        x = solve_triangle.compute(given, b, upper, unit)
        assert np.array_equal(a, before[0])
        assert np.array_equal(b, before[1])
        triangle = np.triu(a) if upper else np.tril(a)
        if unit:
            triangle = triangle - triangle * np.eye(size) + np.eye(size)
        assert x.dtype == dtype
        assert np.allclose(
            triangle @ x, np.broadcast_to(b, x.shape), atol=1e-4 if dtype == np.float32 else 1e-12
        )


@pytest.mark.parametrize("chunk", [1, 7, 50, among_zeros.CHUNK])
def test_what_is_placed_together_is_the_sum_of_what_is_placed_alone(chunk, monkeypatch):
    monkeypatch.setattr(among_zeros, "CHUNK", chunk)
    draw = np.random.default_rng(chunk)

    def cut(size):
        kind, step = draw.integers(3), int(draw.integers(1, 4))
        start, stop = sorted(draw.integers(0, size + 1, 2).tolist())
        if kind == 0:
            return int(draw.integers(-size, size))
        back = (stop - 1 if stop else 0, start - 1 if start else None, -step)
        return (start, stop, step) if kind == 1 else back

    for _ in range(100):
        shape = tuple(draw.integers(1, 9, draw.integers(1, 4)).tolist())
        nodes = []
        for _ in range(3):
            cuts = tuple([cut(size) for size in shape])
            part = leaf(draw.normal(size=np.empty(shape)[among_zeros.as_key(cuts)].shape))
            nodes.append(indexing.place(part, attrs=(shape, cuts)))
        together = indexing.place.summed(nodes)
        found = together.op.compute(*[each.value for each in together.inputs], *together.attrs)
        expected = sum(each.op.compute(each.inputs[0].value, *each.attrs) for each in nodes)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("inner", "outer", "once"),
    [
        (((0, 2, 1), (1, 4, None)), ((2, 6, None), (None, None, None)), True),
        (((0, 2, 1), (1, 4, None)), ((2, 6, None), (-5, None, 1)), True),
        (((0, 4, 2), (1, 4, 1)), ((2, 6, 1), (0, 5, 1)), False),
        (((0, 2, 1), (1, 4, 1)), ((0, 8, 2), (0, 5, 1)), False),
    ],
)
def test_zeros_around_zeros_are_put_around_once(inner: tuple[Any, ...], outer: Any, once: bool) -> None:
    x = DRAW.standard_normal((2, 3))
    around = indexing.place(leaf(x), attrs=((4, 5), inner))
    found = indexing._placed_once(around, (8, 5), outer)
    assert (found is not None) == once
    if found is not None:
        wanted = indexing.place.compute(indexing.place.compute(x, (4, 5), inner), (8, 5), outer)
        assert np.array_equal(indexing.place.compute(x, *found.attrs), wanted)
