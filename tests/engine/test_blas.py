"""Products cut for several threads, and BLAS's own threads set aside."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from gradcli import machine
from gradcli.engine import blas, strips
from gradcli.engine.settings import using

SHAPES = [
    ((300, 200), (200, 250)),
    ((40, 3000), (3000, 41)),
    ((3000, 400), (400, 1)),
    ((1, 3000), (3000, 400)),
    ((20, 20000), (20000, 1)),
    ((20, 9000), (9000, 21)),
    ((6, 90, 100), (6, 100, 110)),
    ((5, 1, 90, 100), (7, 100, 80)),
    ((100, 200), (9, 200, 120)),
    ((9, 100, 200), (200, 120)),
    ((1, 300, 300), (4, 300, 20)),
    ((0, 300), (300, 4)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_products_are_those_of_numpy_on_any_number_of_threads(
    left: tuple[int, ...], right: tuple[int, ...], order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    a = np.asarray(draw.standard_normal(left), order=order)
    b = np.asarray(draw.standard_normal(right), order=order)
    expected = np.matmul(a, b)
    for bound in ("SHARED", "WOKEN", "PART"):
        monkeypatch.setattr(blas, bound, 200_000)
    found = []
    for threads, fresh in itertools.product((1, 2), (True, False)):
        with using(threads=threads):
            found.append(blas.multiply(a, b, None if fresh else np.empty_like(expected)))
    for each in found:
        assert np.allclose(each, expected, rtol=1e-12, atol=1e-11)
        assert np.array_equal(each, found[0])


@pytest.mark.parametrize("core", ["SkylakeX", "Zen"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        *[
            ((3001, 30), (30, 40)),
            ((2000, 100), (100, 70)),
            ((40, 9001), (9001, 30)),
            ((4, 900, 64), (4, 64, 90)),
        ],
        *[((40, 30), (30, 3001)), ((50, 4001), (4001, 100))],
    ],
)
@pytest.mark.parametrize("turned", [(), (0,), (1,), (0, 1)])
def test_long_and_narrow_products_are_cut_into_strips(
    left: tuple[int, ...],
    right: tuple[int, ...],
    turned: tuple[int, ...],
    threads: int,
    core: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(strips, "blas_core", lambda: core)
    monkeypatch.setattr(strips, "KEPT", 4000)
    draw = np.random.default_rng(0)
    operands = []
    for at, shape in enumerate((left, right)):
        x = draw.standard_normal((*shape[:-2], shape[-1], shape[-2]) if at in turned else shape)
        operands.append(x.swapaxes(-1, -2) if at in turned else x)
    with using(threads=threads):
        found = blas.multiply(*operands)
    np.testing.assert_allclose(found, np.matmul(*operands), rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(
    "shapes", [((40, 30), (30, 3001)), ((3001, 30), (30, 40)), ((50, 4001), (4001, 100))]
)
def test_what_is_cut_into_strips_is_no_single_product(
    shapes: tuple[tuple[int, int], tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = map(np.zeros, shapes)
    out = np.empty((len(a), b.shape[1]))
    for core, cut in (("SkylakeX", True), ("Zen", False)):
        monkeypatch.setattr(strips, "blas_core", lambda core=core: core)
        assert (getattr(strips.product(a, b, out), "func", None) is not np.matmul) is cut


@pytest.mark.parametrize("shape", [(300, 200), (40, 3000), (301, 20), (1, 5000), (64, 64)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_product_with_the_own_transpose_is_symmetric(
    shape: tuple[int, int], order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = np.asarray(np.random.default_rng(0).standard_normal(shape), order=order)
    expected = np.matmul(a, a.T.copy())
    for bound in ("SHARED", "WOKEN", "PART"):
        monkeypatch.setattr(blas, bound, 100_000)
    found = []
    for threads in (1, 2):
        with using(threads=threads):
            found.append(blas.multiply(a, a.T, np.full_like(expected, np.nan)))
    assert np.array_equal(*found)
    assert np.allclose(found[0], expected, rtol=1e-12, atol=1e-11)
    assert np.array_equal(found[0], found[0].T)


@pytest.mark.parametrize("core", ["SkylakeX", "Zen"])
def test_a_batch_times_one_matrix_is_one_product_where_its_matrices_lie_below_each_other(
    core: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strips, "blas_core", lambda: core)
    monkeypatch.setattr(strips, "SMALL", 100_000)
    a, b, out = np.ones((3, 4, 50, 60)), np.ones((60, 70)), np.empty((3, 4, 50, 70))
    left, right, into = blas._below_each_other(a, b, out)
    assert (left.shape, into.shape) == ((600, 60), (600, 70))
    assert right is b
    assert np.shares_memory(left, a)
    assert np.shares_memory(into, out)
    for each in (np.ones((3, 4, 60, 50)).swapaxes(-1, -2), np.ones((4, 3, 50, 60)).swapaxes(0, 1)):
        assert blas._below_each_other(each, b, out)[0] is each
    monkeypatch.setattr(strips, "SMALL", 50 * 60 * 70)  # which kernels for wide registers read where they lie
    assert (blas._below_each_other(a, b, out)[0] is a) is (core == "SkylakeX")


def test_blas_gets_its_threads_back() -> None:
    with machine.blas_alone():
        pass
    known = machine._blas["numpy._core._multiarray_umath"]
    if known is None:
        pytest.skip("another BLAS than OpenBLAS")
    reads, sets = known
    before = reads()
    sets(2)
    try:
        with machine.blas_alone():
            assert reads() == 1
            with machine.blas_alone():
                assert reads() == 1
            assert reads() == 1
        assert reads() == 2
        with pytest.raises(ZeroDivisionError), machine.blas_alone():
            raise ZeroDivisionError
        assert reads() == 2
    finally:
        sets(before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_small_products_are_those_of_numpy_to_the_last_bit(dtype: Any) -> None:
    """They are asked for in another way where both matrices lie together, and only there."""
    draw = np.random.default_rng(0)
    for rows, inner, columns in itertools.product((1, 2, 7), (2, 5, 16), (1, 3, 9)):
        a, b = (
            draw.standard_normal((rows, inner)).astype(dtype),
            draw.standard_normal((inner, columns)).astype(dtype),
        )
        for left, right in itertools.product(
            (a, np.asfortranarray(a), a[::-1]), (b, np.asfortranarray(b), b[:, ::-1])
        ):
            assert blas.multiply(left, right).tobytes() == np.matmul(left, right).tobytes()


@pytest.mark.parametrize("core", ["SkylakeX", "Haswell"])
@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("many", [700, 30_000])
def test_tiny_matrices_of_a_batch_are_multiplied_with_their_rows_in_order(
    many: int, same: bool, core: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    a = draw.standard_normal((many, 3, 4))
    b = (a if same else draw.standard_normal((many, 5, 4))).swapaxes(-1, -2)
    expected = np.einsum("bij,bjk->bik", a, b)
    monkeypatch.setattr(strips, "blas_core", lambda: core)
    assert strips.tiny_in_order(a, b).flags.c_contiguous is (core == "SkylakeX")
    assert strips.tiny_in_order(a.astype(np.float32), b.astype(np.float32)).dtype == np.float32
    for threads in (1, 2):
        with using(threads=threads, eager=True):
            np.testing.assert_allclose(blas.multiply(a, b), expected, atol=1e-13)
            out = np.empty(expected.shape)
            some, end = blas.pieces(a, b, out, 10**9)
            for each in some:
                each()
            assert end is None
            np.testing.assert_allclose(out, expected, atol=1e-13)
