"""Numerical differentiation: what it passes, what it fails and what it says it cannot measure."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from gradcli.checking.numerical import Tolerance, Verdict, measure
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE

Function = Callable[[float], float]


def verdict(function: Function, x: float, claimed: float, tolerance: Tolerance | None = None) -> Verdict:
    """Of a derivative at x, with a step of about the size of x."""
    unit = 2.0 ** math.floor(math.log2(abs(x))) if x else 1.0
    level = int(math.log2(unit))
    with np.errstate(all="ignore"):
        (found,) = measure(
            lambda t: np.array([function(np.float64(x) + t * unit)]),
            np.array([claimed * unit]),
            tolerance or Tolerance(),
            absolute_level=level or None,
        )
    return found


SMOOTH = [
    (np.sin, 1.3, math.cos(1.3)),
    (np.exp, -20.0, math.exp(-20.0)),
    (np.exp, 300.0, math.exp(300.0)),
    (np.log, 1e-300, 1e300),
    (np.tanh, 0.1, 1 - math.tanh(0.1) ** 2),
    (lambda x: x**5, 2.0, 80.0),
    (lambda x: x * x, 1e10, 2e10),
    (lambda x: x * x, 1e-150, 2e-150),
    (np.sin, 1e10, math.cos(1e10)),
    (lambda x: np.sin(1e6 * x), 1.0, 1e6 * math.cos(1e6)),
    (lambda x: np.sin(1 / x), 1e-3, -1e6 * math.cos(1e3)),
    (lambda x: np.maximum(x - 1, 0), 1 + 1e-5, 1.0),
    (lambda x: np.sqrt(x * x + 1e-12), 1e-7, 1e-7 / math.sqrt(1e-14 + 1e-12)),
    (lambda x: x * x + 1e6, 1.0, 2.0),
]


@pytest.mark.parametrize(("function", "x", "derivative"), SMOOTH)
@pytest.mark.parametrize("factor", [2.0, -1.0, 0.0, 1 + 1e-4, 1 - 1e-6])
def test_a_wrong_derivative_fails_where_the_right_one_passes(
    function: Function, x: float, derivative: float, factor: float
) -> None:
    right = verdict(function, x, derivative)
    assert right.status == PASS
    assert right.measured == pytest.approx(right.claimed, rel=1e-7)
    assert verdict(function, x, derivative * factor).status == FAIL


def test_a_pass_means_agreement_to_about_a_billionth() -> None:
    for function, x, derivative in SMOOTH[:6]:
        found = verdict(function, x, derivative)
        assert abs(found.measured - found.claimed) <= 2e-9 * abs(found.claimed)
        assert verdict(function, x, derivative * (1 + 1e-8)).status != PASS


@pytest.mark.parametrize(
    ("function", "x", "claimed", "reason"),
    [
        (np.abs, 0.0, 0.0, "a kink: -1 on the left, 1 on the right"),
        (lambda x: np.maximum(x, 0), 0.0, 0.5, "a kink: 0 on the left, 1 on the right"),
        (np.floor, 1.0, 0.0, "a cliff: the function jumps here"),
        (np.floor, 1 + 1e-9, 0.0, "a cliff"),
        (np.cbrt, 0.0, math.inf, "a cliff: the differences grow without end"),
        (lambda x: np.sqrt(np.abs(x)), 0.0, 0.0, "a cliff: the differences grow without end"),
        (lambda x: np.sin(1e15 * x), 1.0, 5e14, "it changes faster than its inputs can be resolved"),
        (lambda x: x + 1e17, 1.0, 1.0, "rounding hides it"),
        (lambda x: np.sqrt(x), 0.0, math.inf, "it is the edge of where the function is finite"),
        (np.exp, 800.0, math.inf, "the value is not finite"),
    ],
)
def test_what_has_no_derivative_is_not_measurable(
    function: Function, x: float, claimed: float, reason: str
) -> None:
    found = verdict(function, x, claimed)
    assert found.status == UNMEASURABLE
    assert found.reason.startswith(reason)


def test_a_claim_far_outside_the_one_sided_derivatives_of_a_kink_fails() -> None:
    assert verdict(lambda x: np.maximum(x, 0), 0.0, 5.0).status == FAIL
    assert verdict(lambda x: np.maximum(x, 0), 0.0, -0.5).status == FAIL


def test_steps_of_whole_numbers_do_not_take_stairs_for_a_slope() -> None:
    assert verdict(np.floor, 1000.3, 1.0).status == FAIL
    assert verdict(np.floor, 1000.3, 0.0).status == PASS


def test_a_nan_where_the_function_is_smooth_fails() -> None:
    assert verdict(lambda x: x * x, 1.0, math.nan).status == FAIL


def test_the_tolerance_is_the_callers() -> None:
    assert verdict(np.sin, 1.3, math.cos(1.3) * 1.001).status == FAIL
    assert verdict(np.sin, 1.3, math.cos(1.3) * 1.001, Tolerance(1e-2)).status == PASS
    assert verdict(np.sin, 1.3, math.cos(1.3) + 1e-3, Tolerance(0.0, 1e-2)).status == PASS


def test_a_part_that_is_rounded_to_float32_accuses_nobody() -> None:
    def rounded(t: float) -> np.ndarray:
        x = t - 1.6
        return np.array([math.exp(x) + (float(np.float32(3 * x + 1)) - (3 * x + 1))])

    (found,) = measure(rounded, np.array([math.exp(-1.6)]), Tolerance())
    assert (found.status, found.reason) == (UNMEASURABLE, "rounding hides it")


@pytest.mark.parametrize(("factor", "status"), [(1.0, PASS), (1 + 1e-5, FAIL), (1 - 1e-5, FAIL)])
def test_what_float32_rounds_is_told_at_wider_steps(factor: float, status: str) -> None:
    (found,) = measure(
        lambda t: np.array([float(np.float32((2048 * t - 1.16) ** 2 + 1))]),
        np.array([-2.32 * 2048 * factor]),
        Tolerance(relative=1e-6),
    )
    assert found.status == status


@pytest.mark.parametrize("factor", [0.5, 1.1])
def test_a_slope_between_two_kinds_of_stairs_accuses_a_claim_that_neither_is_near(factor: float) -> None:
    """Steps that see one kind of them measure another slope, which does not converge, nor is it claimed."""

    def stairs(t: float) -> np.ndarray:
        x = 1e-3 * t
        return np.array([1 + round(x / 1e-6) * 1e-6 + round(x / 5e-8) * 2.5e-8])

    (right,) = measure(stairs, np.array([1.5e-3]), Tolerance())
    assert right.status == UNMEASURABLE
    (wrong,) = measure(stairs, np.array([1.5e-3 * factor]), Tolerance())
    assert (wrong.status, wrong.measured) == (FAIL, pytest.approx(1.5e-3))


def test_a_slope_that_ends_in_stairs_on_both_scales_is_measured_on_neither() -> None:
    """At the finest steps there are no more than four values, as where terms of size 1 cancel."""
    fine, coarse = 1.25e-13, 1e-3

    def stairs(t: float) -> np.ndarray:
        seen = fine * math.floor(1.5 * t / fine + 0.25) + coarse * math.floor(-10 * t / coarse + 0.5)
        return np.array([1 + seen])

    for claimed in (1.5, -8.5):
        (found,) = measure(stairs, np.array([claimed]), Tolerance())
        assert (found.status, found.reason) == (UNMEASURABLE, "rounding hides it")


@pytest.mark.parametrize("scale", [31, 32])
def test_a_wrong_derivative_of_what_is_small_beside_another_term_fails(scale: int) -> None:
    """Where the sine bends, steps without a gap between them tell its slope."""
    (found,) = measure(
        lambda t: np.array([1e18 + math.sin(t * 2.0**-scale) * 2.0**scale]), np.array([1.0001]), Tolerance()
    )
    assert (found.status, found.measured) == (FAIL, pytest.approx(1.0, abs=1e-7))
