"""The ladder on functions whose differences, derivatives and noise are known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from gradcli.checking.ladder import EPSILON, FIRST, FURTHER, Curve, Ladder


def _ladder(
    function: Callable[[float], float], levels: range | list[int] = FIRST, noise: float = 0.0
) -> Ladder:
    found = Ladder(Curve(lambda t: np.array([7.0, function(t)])), 1, noise)
    found.take(levels)
    return found


def test_each_point_is_computed_once() -> None:
    seen: list[float] = []

    def function(t: float) -> float:
        seen.append(t)
        return t

    ladder = _ladder(function, [2, 3])
    ladder.take([3, 4, 2])
    ladder.find_noise()
    ladder.find_noise()
    assert len(seen) == len(set(seen))
    assert set(seen) >= {0.0, 0.25, -0.25, 0.125, -0.125, 0.0625, -0.0625}


def test_the_central_difference_of_a_cubic() -> None:
    ladder = _ladder(lambda t: 5 + 2 * t + 3 * t**2 + t**3)
    for level in FIRST:
        step = 2.0**-level
        assert ladder.central(level) == 2 + step**2
        assert ladder.jump(level) == 6 * step
        before, after = ladder.sides(level)
        assert (before, after) == (2 - 3 * step + step**2, 2 + 3 * step + step**2)


def test_the_two_sides_of_a_kink() -> None:
    ladder = _ladder(lambda t: 3 + (4 * t if t > 0 else -t))
    for level in FIRST:
        assert ladder.sides(level) == (-1, 4)
        assert ladder.jump(level) == 5
        assert ladder.magnitude(level) == 3 + 4 * 2.0**-level


def test_the_magnitude_is_that_of_the_largest_value() -> None:
    assert _ladder(lambda t: t - 8).magnitude(2) == 8.25
    assert _ladder(lambda t: 8 - 4 * abs(t)).magnitude(2) == 8


def test_stretches_of_levels_at_which_the_function_is_finite() -> None:
    holes = {2.0**-4, -(2.0**-7)}
    ladder = _ladder(lambda t: math.nan if t in holes or abs(t) > 1 else t, range(-2, 9))
    assert ladder.runs() == [[0, 1, 2, 3], [5, 6], [8]]


def test_another_shape_on_the_way_has_no_value() -> None:
    ladder = Ladder(Curve(lambda t: np.zeros(2 if t > 0.2 else 1)), 0, 0.0)
    ladder.take([2, 3])
    assert math.isnan(ladder.above[2])
    assert math.isnan(ladder.below[2])
    assert (ladder.above[3], ladder.below[3]) == (0.0, 0.0)


# ---- extrapolation ----


def test_odd_polynomials_are_extrapolated_exactly() -> None:
    """Every further step takes away one more power of the error, up to six of them."""
    for degree in range(1, 6):
        ladder = _ladder(
            lambda t, top=degree: sum((2 * k + 1) * t ** (2 * k + 1) for k in range(top)), range(9)
        )
        for each in ladder.estimates():
            if each.level >= degree:
                assert each.value == pytest.approx(1.0, rel=1e-12)
                assert each.error < 1e-11
    (seventh,) = _ladder(lambda t: t + t**7, [2, 3, 4]).estimates()
    # A step h leaves h**6 of t**7; of the extrapolations the one whose parts are the closest is taken.
    middle, fine = 2.0**-18, 2.0**-24
    assert seventh.value == pytest.approx(1 + (4 * fine - middle) / 3, rel=1e-15)
    assert seventh.error == pytest.approx((4 * middle - 4 * fine) / 3, rel=1e-6)


SMOOTH: list[tuple[Callable[[float], float], float]] = [
    (lambda t: math.exp(t), 1.0),
    (lambda t: math.sin(3 * t + 1), 3 * math.cos(1)),
    (lambda t: math.log(2 + t), 0.5),
    (lambda t: 1 / (1.5 + t), -1 / 2.25),
    (lambda t: math.atan(5 * t), 5.0),
    (lambda t: math.exp(-(t**2)) * t, 1.0),
    (lambda t: 1e6 + math.sin(t), 1.0),
]


@pytest.mark.parametrize(("function", "derivative"), SMOOTH)
def test_the_error_that_is_estimated_is_no_less_than_the_true_one_and_not_much_more(
    function: Callable[[float], float], derivative: float
) -> None:
    ladder = _ladder(function, [*FIRST, *FURTHER])
    estimates = ladder.estimates()
    assert [each.level for each in estimates] == list(range(4, 21))
    for each in estimates:
        assert abs(each.value - derivative) <= each.error
    rounding = abs(function(0.0)) * EPSILON
    assert min(each.error for each in estimates) <= 1e-11 + 1000 * rounding


def test_the_error_of_a_constant_is_its_rounding() -> None:
    for noise in (0.0, 1e-6):
        ladder = _ladder(lambda t: 3.0, noise=noise)
        unit = 3 * max(noise, EPSILON / 4)
        assert [(each.value, each.error) for each in ladder.estimates()] == [
            (0.0, 2 * unit * 2.0**level) for level in range(4, 9)
        ]


def test_one_difference_is_no_estimate() -> None:
    assert _ladder(lambda t: t, [2]).estimates() == []
    assert _ladder(lambda t: t, [2, 3]).estimates() == []
    assert [each.level for each in _ladder(lambda t: t, [2, 3, 4]).estimates()] == [4]


def test_a_coarse_step_that_is_off_does_not_spoil_the_finer_ones() -> None:
    ladder = _ladder(lambda t: t + 1e-3 * (abs(t) == 0.25) * t, [2, 3, 4, 5])
    third, fourth = ladder.estimates()
    for each in (third, fourth):
        assert each.value == 1.0
        assert each.error < 1e-14


# ---- noise ----


def _noisy(sigma: float, seed: int, size: float = 1.0) -> Ladder:
    draw = np.random.default_rng(seed)
    return Ladder(Curve(lambda t: np.array([size * (1 + sigma * draw.normal())])), 0, 0.0)


@pytest.mark.parametrize("sigma", [1e-12, 1e-6])
@pytest.mark.parametrize("size", [1.0, -1e6, 1e-9])
def test_the_noise_of_a_function_is_its_standard_deviation(sigma: float, size: float) -> None:
    found = [_noisy(sigma, seed, size).find_noise() / (sigma * abs(size)) for seed in range(300)]
    assert 0.85 < np.mean(found) < 1.02, np.mean(found)
    assert np.quantile(found, 0.1) > 0.3
    assert np.quantile(found, 0.9) < 1.7


def test_the_noise_of_a_smooth_function_is_rounding() -> None:
    for function in (math.exp, math.cos, lambda t: 5.0, lambda t: 3 + 1e3 * t):
        noise = _ladder(function).find_noise()
        assert EPSILON / 4 * function(0.0) * 0.99 <= noise <= 4 * EPSILON * function(0.0)
    assert _ladder(math.cos, noise=1e-4).find_noise() == pytest.approx(1e-4)


def test_noise_that_is_found_counts_from_then_on() -> None:
    ladder = _noisy(1e-6, 0)
    ladder.take([2])
    before = ladder.floor(2)
    assert before == EPSILON / 4 * ladder.magnitude(2)
    assert before < ladder.find_noise() == ladder.floor(2)


def test_a_function_that_is_not_finite_nearby_has_endless_noise() -> None:
    assert _ladder(lambda t: t if abs(t) > 1e-12 or t == 0 else math.nan).find_noise() == math.inf
