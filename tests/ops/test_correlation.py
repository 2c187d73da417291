"""Convolutions and sums over windows, as plans compute them, against what they are node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcli.engine import settings
from gradcli.engine.large import hopefully
from gradcli.engine.numbering import Numbered
from gradcli.engine.plan import plan_of
from gradcli.engine.run import pending
from gradcli.ops import correlation, windows
from gradcli.ops.registry import lookup
from gradcli.tape.node import Node, leaf
from gradcli.tape.reverse import reverse


@pytest.fixture(params=[(1, 3, 1), (100, 1, 1), (10**6, 2, 1), (10**6, 3, 10**6)])
def cut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips of one row, of some, and whole images, also turned; in so many parts."""
    strip, parts, turned = request.param
    few = {"STRIP": strip, "SUMS": strip, "LEAST": 1, "SHARED": 0, "PART": 1, "MOST": parts, "FEW": turned}
    for name, each in few.items():
        monkeypatch.setattr(correlation, name, each)


def recorded(name: str, *arrays: Any, **arguments: Any) -> list[Node]:
    """A convolution, or another function of windows, and its gradients."""
    function = lookup(name)
    assert function is not None
    leaves = [leaf(each, True) for each in arrays]
    out = function.implementation(*leaves, **arguments)
    g = leaf(np.random.default_rng(9).standard_normal(out.shape))
    return [out, *[each for each in reverse([out], [g], leaves) if each is not None]]


def plainly(wanted: list[Node]) -> list[Any]:
    """The values, one kernel call after another."""
    values: dict[Node, Any] = {}
    for node in pending(wanted)[0]:
        values[node] = node.op.compute(*[values.get(each, each.value) for each in node.inputs], *node.attrs)
    return [values[node] for node in wanted]


def planned(wanted: list[Node], hopeful: bool) -> tuple[list[Any], str]:
    """The values by a plan, and the names of its operations."""
    with settings.using(threads=2, block=7, large=0, eager=True):
        numbered = Numbered(pending(wanted)[0], wanted, large=True, hopeful=hopeful)
        plan = plan_of(numbered)
        found = hopefully(numbered, plan, numbered.values())
    assert found is not None
    return [found[numbered.number[node]] for node in wanted], plan.describe()


CASES: list[tuple[str, tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ("conv1d", (3, 2, 9), (3, 2, 3), {"dilation": 2}),
    ("conv2d", (3, 4, 7, 6), (6, 4, 3, 2), {}),
    ("conv2d", (3, 4, 7, 6), (2, 4, 3, 2), {}),
    ("conv2d", (3, 4, 7, 6), (6, 4, 3, 2), {"stride": 2}),
    ("conv2d", (3, 4, 7, 6), (6, 4, 1, 2), {"stride": (3, 1), "padding": 1, "dilation": 2}),
    ("conv2d", (3, 4, 7, 6), (6, 2, 3, 2), {"groups": 2, "padding": 1}),
    ("conv2d", (3, 4, 7, 6), (4, 1, 3, 2), {"groups": 4, "padding": (1, 0)}),
    ("conv2d", (1, 1, 5, 6), (3, 1, 2, 2), {}),
    ("conv2d", (3, 4, 7, 6), (2, 4, 3, 2), {"padding": (2, 1)}),
    ("conv2d", (3, 4, 7, 6), (4, 4, 3, 3), {"padding": "same", "dilation": 2}),
    ("conv2d", (3, 4, 7, 6), (2, 4, 3, 2), {"padding": 4}),
    ("conv3d", (2, 2, 4, 5, 4), (3, 2, 2, 3, 2), {"padding": 1}),
    ("conv_transpose1d", (3, 4, 5), (4, 2, 3), {"stride": 2, "output_padding": 1}),
    ("conv_transpose2d", (3, 4, 5, 6), (4, 3, 3, 2), {}),
    ("conv_transpose2d", (3, 2, 5, 6), (2, 4, 3, 2), {"dilation": 2, "padding": 1, "output_padding": 1}),
    ("conv_transpose2d", (3, 4, 5, 6), (4, 3, 2, 2), {"stride": 2, "groups": 2}),
]


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize(("name", "shape", "weight", "arguments"), CASES)
def test_strips_are_what_the_product_is(
    name: str, shape: tuple[int, ...], weight: tuple[int, ...], arguments: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    wanted = recorded(name, rng.standard_normal(shape), rng.standard_normal(weight), **arguments)
    expected = plainly(wanted)
    for hopeful in (False, True):
        found, text = planned(wanted, hopeful)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
        assert "matmul" not in text
        assert "windows" not in text or not hopeful  # which guards read
        assert "weigh(" in text


def test_nothing_comes_back_for_zeros_around_images() -> None:
    rng = np.random.default_rng(0)
    wanted = recorded(
        "conv2d", rng.standard_normal((3, 4, 7, 6)), rng.standard_normal((4, 4, 3, 3)), padding=1
    )
    text = planned(wanted, True)[1]
    # Around the images, and around what comes back: as many zeros.
    assert text.count("= place(") == text.count("(3, 4, 9, 8)") == 2


def test_strips_of_many_channels_are_no_shorter_than_what_pays() -> None:
    whole = correlation.PartOfImages(slice(0, 2), slice(0, 16))
    few, many = whole.strips(9, 64, 16, 16), whole.strips(4608, 128, 16, 16)
    assert few == [whole]
    assert {each.rows.stop - each.rows.start for each in many} == {8}


@pytest.mark.parametrize(
    ("name", "shape", "arguments"),
    [
        ("avg_pool1d", (2, 3, 9), {"kernel_size": 3, "stride": 2}),
        ("avg_pool2d", (2, 3, 6, 7), {"kernel_size": (2, 3), "stride": 1}),
        ("avg_pool2d", (2, 3, 7, 8), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ("avg_pool2d", (2, 3, 7, 8), {"kernel_size": 3, "stride": (2, 5), "ceil_mode": True}),
    ],
)
def test_sums_over_windows_go_dim_by_dim(
    name: str, shape: tuple[int, ...], arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "PIECE", 40)
    monkeypatch.setattr(windows, "SHARED", 1)
    wanted = recorded(name, np.random.default_rng(0).standard_normal(shape), **arguments)
    expected = plainly(wanted)
    found, text = planned(wanted, False)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    assert "sum_of_windows(" in text
    assert "spread_over_windows(" in text


def test_windows_of_one_element_are_no_windows() -> None:
    rng = np.random.default_rng(0)
    wanted = recorded("conv2d", rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((4, 3, 1, 1)))
    expected = plainly(wanted)
    found, text = planned(wanted, True)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    assert "correlate" not in text
    assert "overlap_add" not in text


@pytest.mark.usefixtures("cut")
def test_weights_that_are_not_finite_reach_what_they_belong_to() -> None:
    """Zeros beyond the end of a row, times inf, are not added to what begins the next one."""
    w = np.ones((5, 2, 2, 2))
    w[0, 0, 1, 1] = np.inf
    with np.errstate(all="ignore"):
        wanted = recorded("conv2d", np.ones((2, 2, 4, 4)), w)
        expected = plainly(wanted)
        found, text = planned(wanted, False)
    assert "spread(" in text
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.isfinite(one), np.isfinite(other))


def test_results_do_not_depend_on_threads() -> None:
    rng = np.random.default_rng(0)
    wanted = recorded("conv2d", rng.standard_normal((16, 4, 40, 40)), rng.standard_normal((6, 4, 3, 3)))
    found = []
    for threads in (1, 2):
        with settings.using(threads=threads):
            numbered = Numbered(pending(wanted)[0], wanted, large=True)
            found.append(plan_of(numbered).run(numbered.values()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
