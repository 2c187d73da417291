"""Where the rules of numerical differentiation draw their lines: a thousandth more or less decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from gradcli.checking.comparing import Compared
from gradcli.checking.gradients import _within_rounding
from gradcli.checking.ladder import EPSILON, FINEST, FIRST, Curve, Estimate
from gradcli.checking.numerical import Tolerance, Verdict, _Component, measure
from gradcli.checking.results import FAIL, PASS, UNMEASURABLE

JUST = 1.001
ABOUT = (1 / JUST, JUST)


def component(
    function: Callable[[float], float] = lambda t: 0.0,
    levels: Iterable[int] = (),
    claimed: float = 0.0,
    size: float | None = None,
    tolerance: Tolerance | None = None,
    noise: float = 0.0,
) -> _Component:
    """One component of a check, at those steps."""
    size = abs(claimed) if size is None else size
    curve = Curve(lambda t: np.array([function(t)]))
    made = _Component(curve, 0, claimed, size, tolerance or Tolerance(), None, noise)
    made.take(list(levels))
    return made


def decided(rule: Callable[[float], object], line: float) -> tuple[object, object]:
    """What a rule says just below a line and just above it."""
    below, above = (rule(line * factor) for factor in ABOUT)
    return below, above


# ---- near, resolved ----


def test_what_is_near() -> None:
    for factor in (10.0, 30.0):
        for error in (1e-3, 1e-6):
            near = decided(
                lambda d, e=error, f=factor: component(claimed=5.0).is_near(Estimate(5 + d, e, 4), f), 0
            )
            assert near == (True, True)
            line = 1e-9 * 5 + factor * error
            assert decided(
                lambda d, e=error, f=factor: component(claimed=5.0).is_near(Estimate(5 - d, e, 4), f), line
            ) == (True, False)
    # Terms that cancel leave sixteen roundings of their size.
    assert decided(
        lambda d: component(claimed=0.0, size=2.0**40).is_near(Estimate(d, 0.0, 4), 1.0),
        16 * EPSILON * 2.0**40,
    ) == (True, False)
    tolerance = Tolerance(1e-2, 0.5)
    assert decided(
        lambda d: component(claimed=10.0, tolerance=tolerance).is_near(Estimate(10 - d, 0.0, 4), 1.0), 0.6
    ) == (True, False)
    assert not component(claimed=math.inf).is_near(Estimate(1e300, 1e300, 4), 30.0)


@pytest.mark.parametrize(
    ("options", "value", "line"),
    [
        ({"claimed": 4.0}, 3.0, 1e-8 * 4),  # the larger of both
        ({"claimed": 3.0}, -4.0, 1e-8 * 4),
        ({"claimed": 4.0, "tolerance": Tolerance(1e-3)}, 3.0, 1e-4 * 4),
        ({"claimed": 4.0, "tolerance": Tolerance(1e-9, 0.2)}, 3.0, 1e-8 * 4 + 0.02),
        ({"claimed": 0.0, "function": lambda t: 50.0}, 1e-6, 1e-11 * 50),  # no slope: by the function
        ({"claimed": 1e-9, "function": lambda t: 50.0}, 1e-6, 1e-8 * 1e-6),
        ({"claimed": 1e-9, "size": 7.0}, 1e-6, 1e-10 * 7),  # one that is a sum of larger terms
        ({"claimed": 3.0, "size": 3.0}, 3.0, 1e-8 * 3),
    ],
)
def test_what_is_measured_well_enough_to_pass(options: dict[str, object], value: float, line: float) -> None:
    made = component(levels=FIRST, **options)  # type: ignore[arg-type]
    assert decided(lambda error: made.resolved(Estimate(value, error, 4)), line) == (True, False)


def test_what_holds_at_a_much_finer_step() -> None:
    def holds(slope: float, noise: float, apart: float) -> bool:
        made = component(lambda t: 1 + slope * t, claimed=slope)
        made.relative_noise = noise
        return made.holds_nearby(Verdict(PASS, slope, slope - apart, 0.0))

    assert decided(lambda apart: holds(3.0, 0.0, apart), 3e-6) == (True, False)
    assert decided(lambda apart: holds(-3.0, 0.0, -apart), 3e-6) == (True, False)
    noise = 2.0**-40
    line = 100 * noise * 2.0**24
    assert decided(lambda apart: holds(0.0, noise, apart), line) == (True, False)
    assert decided(lambda apart: holds(3.0, noise, apart), line + 3e-6) == (True, False)


# ---- kinks and jumps ----


def bent(slope: float, bend: float, offset: float = 0.0) -> Callable[[float], float]:
    """A line that is bent at 0: its slopes are `slope - bend` and `slope + bend`."""
    return lambda t: offset + slope * t + bend * abs(t)


def test_one_sided_differences_leave_room_for_a_kink() -> None:
    assert decided(lambda c: component(bent(2.0, c), FIRST).may_have_kink(FIRST), 2e-3) == (False, True)
    assert decided(lambda c: component(bent(2.0, -c), FIRST).may_have_kink(FIRST), 2e-3) == (False, True)
    # A parabola has none, but for what is left of it in a finite step.
    assert not component(lambda t: t + 100 * t * t, FIRST).may_have_kink(FIRST)
    line = 16 * 2.0**-30 * 2.0**8 / (1 - 1e-3)
    assert decided(
        lambda c: component(bent(0.0, c, 1.0), FIRST, noise=2.0**-30).may_have_kink(FIRST), line
    ) == (False, True)
    for hole in (2.0**-8, -(2.0**-8), 2.0**-7, -(2.0**-7)):
        assert component(lambda t, h=hole: math.nan if t == h else t, FIRST).may_have_kink(FIRST)
    for hole in (2.0**-6, -(2.0**-4)):
        assert not component(lambda t, h=hole: math.nan if t == h else t, FIRST).may_have_kink(FIRST)


def test_a_jump_is_one_of_the_values_on_one_side() -> None:
    def jumping(gap: float, odd: float = 1.0, at: int = 99, side: int = 1) -> bool:
        def function(t: float) -> float:
            if t * side <= 0:
                return 1.0
            return 1 + gap * (odd if abs(t) == 2.0**-at else 1.0)

        return component(function, FINEST).jumps_here()

    for side in (1, -1):
        assert decided(lambda gap, s=side: jumping(gap, side=s), 1e-9) == (False, True)
        for level in (38, 42, 46):
            assert decided(lambda odd, k=level, s=side: jumping(0.5, odd, k, s), 1.01) == (True, False)
        assert jumping(0.5, 9.0, 37, side)
    assert not jumping(0.5, math.nan, 40)
    assert component(lambda t: 1.0 if t >= 0 else 2.0, FINEST).jumps_here()
    assert not component(lambda t: 1.0 + t, FINEST).jumps_here()


def kink_of(function: Callable[[float], float], levels: Iterable[int], noise: float = 0.0) -> str | None:
    """The reason why there is no derivative, if there is one."""
    found = component(function, levels, claimed=math.inf, noise=noise).kink()
    return None if found is None else found.reason


def test_a_kink_is_a_gap_between_the_sides_that_stays() -> None:
    levels = range(5, 13)
    assert kink_of(lambda t: abs(t) + t * t, levels) == "a kink: -1.008 on the left, 1.008 on the right"
    assert kink_of(bent(2.0, 0.5), levels) == "a kink: 1.5 on the left, 2.5 on the right"
    assert kink_of(bent(2.0, 0.5), range(5, 8)) is None
    assert kink_of(bent(2.0, 0.5), range(5, 9)) == "a kink: 1.5 on the left, 2.5 on the right"
    assert decided(lambda c: kink_of(bent(2.0, c), levels) is not None, 2e-3) == (False, True)
    assert decided(lambda c: kink_of(bent(2.0, -c), levels) is not None, 2e-3) == (False, True)


def test_a_gap_that_shrinks_or_grows_is_no_kink() -> None:
    def power(ratio: float) -> str | None:
        """Of |t|**p, whose differences go by that ratio from a step to one half as wide."""
        return kink_of(lambda t: abs(t) ** (1 - math.log2(ratio)), range(5, 13))

    assert [reason is not None for reason in (power(0.7999), power(0.8001))] == [False, True]
    assert str(power(1.1999)).startswith("a kink")
    assert power(1.2001) == "a cliff: the differences grow without end"
    cliff = "a cliff: the differences grow without end"
    assert kink_of(lambda t: math.sqrt(t) if t > 0 else 0.0, range(5, 13)) == cliff
    assert kink_of(lambda t: math.sqrt(-t) if t < 0 else 0.0, range(5, 13)) == cliff
    assert kink_of(lambda t: math.copysign(math.sqrt(abs(t)), t), range(5, 13)) == cliff


def test_differences_that_noise_hides_are_not_looked_at() -> None:
    noise = 2.0**-30
    assert decided(
        lambda c: kink_of(bent(0.0, c, 1.0), range(5, 9), noise) is not None, 8 * noise * 2.0**8 / 0.04
    ) == (False, True)
    # With the noise of the four, the gap has to be larger by so much.
    assert decided(
        lambda c: kink_of(bent(1.0, c, 1.0), range(5, 9), noise) is not None, (2e-3 + 8 * noise * 2.0**8) / 2
    ) == (False, True)


def test_the_edge_of_where_a_function_is_finite() -> None:
    edge = "it is the edge of where the function is finite"
    for side in (1, -1):

        def one_sided(t: float, s: int = side) -> float:
            return math.nan if t * s > 0 else t

        assert kink_of(one_sided, [21]) == edge
        assert kink_of(one_sided, range(5, 21)) is None
    assert kink_of(lambda t: math.nan if t else 0.0, FINEST) is None
    assert kink_of(lambda t: math.nan if abs(t) == 2.0**-12 else abs(t), range(5, 13)) is not None


@pytest.mark.parametrize(
    ("claimed", "status", "measured"),
    [
        (3.04 * JUST, FAIL, 3.0),
        (3.04 / JUST, UNMEASURABLE, 1.0),
        (-1.04 * JUST, FAIL, -1.0),
        (-1.04 / JUST, UNMEASURABLE, 1.0),
        (1.0, UNMEASURABLE, 1.0),
        (math.inf, UNMEASURABLE, 1.0),
        (-math.inf, UNMEASURABLE, 1.0),
        (math.nan, UNMEASURABLE, 1.0),
    ],
)
def test_what_lies_clearly_outside_of_both_sides_is_wrong(
    claimed: float, status: str, measured: float
) -> None:
    for before, after in ((-1.0, 3.0), (3.0, -1.0)):
        found = component(claimed=claimed).no_derivative("a kink", before, after)
        assert (found.status, found.measured, found.reason) == (status, measured, "a kink")
        assert found.error == (pytest.approx(0.04) if status == FAIL else math.inf)


def test_a_kink_nearby_is_seen_at_the_finest_step_that_noise_leaves() -> None:
    def nearby(slope: float, bend: float, coarsest: int = 5, noise: float = 0.0, offset: float = 0.0) -> bool:
        return component(bent(slope, bend, offset), range(5, 13), noise=noise).kinked_nearby(coarsest)

    for sign in (1, -1):
        assert decided(lambda c, s=sign: nearby(1.0, s * c), 0.02) == (False, True)
    for coarsest in (5, 12):
        assert nearby(1.0, 0.5, coarsest)
    assert not nearby(1.0, 0.5, 13)
    noise = 2.0**-30
    # Where only the finest two steps count, the noise of the finest decides whether they are looked at.
    line = 16 * noise * 2.0**12 / 0.02
    assert decided(lambda c: nearby(0.0, c, 12, noise, 1.0), line) == (False, True)
    assert decided(lambda c: nearby(1.0, c, 12, noise, 1.0), 0.02 + 8 * noise * 2.0**12) == (False, True)
    # What is far away makes the one-sided differences differ by the step, which is no kink.
    assert not component(lambda t: t + 50 * t * t, range(5, 13)).kinked_nearby(5)
    holes = component(lambda t: math.nan if abs(t) < 2.0**-10 and t else bent(1.0, 0.5)(t), range(5, 13))
    assert holes.kinked_nearby(5)


# ---- stairs and chaos ----


def test_a_few_values_at_the_finest_steps_are_stairs() -> None:
    def flat(values: list[float]) -> bool:
        made = component(levels=FINEST)
        for level, above, below in zip(range(43, 47), values[:4], values[4:], strict=True):
            made.above[level], made.below[level] = above, below
        return made.is_flat()

    assert flat([1, 2, 3, 4, 1, 2, 3, 4])
    assert not flat([1, 2, 3, 4, 1, 2, 3, 5])
    assert not flat([5, 2, 3, 4, 1, 2, 3, 4])
    made = component(lambda t: t, FINEST)
    assert not made.is_flat()
    assert component(lambda t: t if abs(t) > 2.0**-42.5 else 0.0, FINEST).is_flat()


def test_what_only_jumps_about_is_chaos() -> None:
    def chaotic(noise: float, spread: float, offset: float) -> bool:
        made = component(lambda t: offset + (spread if t > 0 else 0.0), [1, 2, 3])
        made.noise = noise
        return made.is_chaotic()

    assert decided(lambda noise: chaotic(noise, 5.0, 0.0), 5e-3) == (False, True)
    assert decided(lambda noise: chaotic(noise, 5.0, -5.0), 5e-3) == (False, True)
    roundings = [chaotic(1.0, count * EPSILON * 2.0**20, 2.0**20) for count in (100, 101)]
    assert roundings == [False, True]
    far = component(lambda t: 5.0 if abs(t) >= 0.5 else 1e-9 * t, [1, 2, 3])
    far.noise = 1e-11
    assert far.is_chaotic()  # what happens at coarse steps is no measure
    empty = component(lambda t: math.nan if t else 0.0, [1, 2, 3])
    empty.noise = 1.0
    assert not empty.is_chaotic()


# ---- which estimates, and the verdict ----


def found(*rows: tuple[int, float, float]) -> list[Estimate]:
    """Estimates at levels, with values and errors."""
    return [Estimate(value, error, level) for level, value, error in rows]


def levels_of(estimates: list[Estimate], offset: float = 1.0) -> list[int]:
    made = component(lambda t: offset, range(2, 21), claimed=1.0)
    return [each.level for each in made.candidates(estimates)]


def test_finer_steps_that_agree_on_something_else_know_better() -> None:
    assert levels_of([]) == []
    assert levels_of(found((4, 0.0, 1e-12))) == [4]
    assert levels_of(found((4, 0.0, 1e-12), (10, 1.0, 1e-6), (11, 1.0, 2e-6))) == [10]
    assert levels_of(found((4, 0.0, 1e-12), (10, 1.0, 3e-6), (11, 1.0, 2e-6))) == [11]
    assert levels_of(found((4, 0.0, 1e-12), (10, 1.0, 1e-6))) == [4]  # one alone agrees with nobody
    for sign in (1, -1):
        assert decided(
            lambda d, s=sign: levels_of(found((4, 0.0, 1e-12), (10, 1.0, 1e-6), (11, 1 + s * d, 2e-6))), 9e-5
        ) == ([10], [4])
        assert decided(
            lambda d, s=sign: levels_of(found((4, 1 + s * d, 1e-12), (10, 1.0, 1e-6), (11, 1.0, 2e-6)), 0.1),
            9e-5,
        ) == ([4], [10])
    # An estimate further up that says the same, and better, stands for them.
    more = found((4, 0.0, 1e-12), (7, 1.0, 1e-8), (10, 1.0, 1e-6), (11, 1.0, 2e-6))
    assert levels_of(more) == [7]
    assert decided(
        lambda d: levels_of(found((4, 0.0, 1e-12), (7, 1 + d, 1e-8), (10, 1.0, 1e-6), (11, 1.0, 2e-6))),
        30 * 1.01e-6,
    ) == ([7], [10])


def test_stairs_that_rounding_may_have_built_count_beside_the_slope() -> None:
    for down, up in ((0.0, 1.0), (5.0, 4.0)):
        rows = found((4, down, 1e-12), (10, up, 1e-6), (11, up, 2e-6))
        assert decided(lambda offset, r=rows: levels_of(r, offset), 2.0**-10 / 1e-7) == ([10], [4, 10])


def judged(
    estimates: list[Estimate],
    claimed: float,
    function: Callable[[float], float] = lambda t: t,
    tolerance: Tolerance | None = None,
) -> tuple[str, str]:
    made = component(function, [*range(2, 21), *FINEST], claimed=claimed, size=0.0, tolerance=tolerance)
    made.noise = 0.0
    verdict = made.judge(estimates)
    return verdict.status, verdict.reason


def test_a_claim_that_is_infinite() -> None:
    wrong, open_ = (FAIL, ""), (UNMEASURABLE, "the derivative is not finite")
    for claimed in (math.inf, -math.inf, math.nan):
        assert decided(lambda e, c=claimed: judged(found((4, -7.0, e)), c), 7e-4) == (wrong, open_)
    assert decided(lambda e: judged(found((4, 0.0, e)), math.inf, lambda t: 20.0 + t), 1e-9 * 20.25) == (
        wrong,
        open_,
    )


def test_a_claim_that_is_wrong_needs_two_estimates_that_say_so() -> None:
    wrong, alone = (FAIL, ""), (UNMEASURABLE, "the differences do not converge")
    assert judged([], 2.0) == (UNMEASURABLE, "the function is not finite nearby")
    assert judged(found((4, 1.0, 1e-6)), 2.0) == alone
    assert judged(found((4, 1.0, 1e-6), (5, 1.0, 1e-6)), 2.0) == wrong
    assert judged(found((4, 1.0, 1e-6), (8, 1.0, 1e-6)), 2.0) == wrong
    assert judged(found((4, 1.0, 1e-6), (9, 1.0, 1e-6)), 2.0) == alone
    for sign in (1, -1):
        assert decided(lambda d, s=sign: judged(found((4, 1.0, 1e-6), (5, 1 + s * d, 3e-6)), 2.0), 4e-5) == (
            wrong,
            alone,
        )
    assert decided(lambda e: judged(found((4, 1.0, 1e-6), (5, 1.0, e)), 2.0), 0.1) == (wrong, alone)


def test_a_difference_within_thirty_errors_is_hidden() -> None:
    assert decided(lambda e: judged(found((4, 1.0, e), (5, 1.0, 2 * e)), 2.0), 1 / 30) == (
        (FAIL, ""),
        (UNMEASURABLE, "rounding hides it"),
    )


def test_differences_that_small_may_be_what_cancels_inside() -> None:
    hidden, wrong = (UNMEASURABLE, "rounding hides it"), (FAIL, "")
    for offset in (0.0, 50.0):

        def stairs(t: float, o: float = offset) -> float:
            return o + (t if abs(t) > 2.0**-42.5 else 0.0)

        def verdict(d: float, function: Callable[[float], float] = stairs) -> tuple[str, str]:
            return judged(found((4, 1.0, d / 100), (5, 1.0, d / 50)), 1 + d, function, Tolerance(0.0))

        line = 64 * EPSILON * max(1.0, offset + 2.0**-4) * 2.0**4
        assert decided(verdict, line) == (hidden, wrong)
        assert verdict(line / 2, lambda t, o=offset: o + t) == wrong  # type: ignore[misc]
    # Or an estimate that is good enough says what is claimed.
    for third in (2.9, 3.1):
        rows = found((4, 1.0, 1e-16), (5, 1.0, 2e-16), (6, 1.0 + 1e-14 - third * 9e-16, 9e-16))
        assert judged(rows, 1 + 1e-14, tolerance=Tolerance(0.0)) == (hidden if third < 3 else wrong)


def test_of_two_scales_the_one_that_is_more_than_rounding_is_shown() -> None:
    rows = found((4, 0.0, 1e-12), (5, 0.0, 2e-12), (10, 1.0, 1e-6), (11, 1.0, 2e-6))

    def shown(offset: float) -> float:
        made = component(lambda t: offset + t, [*range(2, 21), *FINEST], claimed=2.0)
        made.noise = 0.0
        return made.judge(rows).measured

    assert shown(100.0) == 1.0
    assert decided(shown, 2.0**-10 / 1e-7) == (1.0, 0.0)


# ---- what is asked for ----


def test_what_is_measured_is_a_vector_of_the_same_length() -> None:
    one, two = measure(lambda t: np.array([[t, 2 * t]]), np.array([[1.0, 3.0]]), Tolerance())
    assert (one.status, two.status, two.measured) == (PASS, FAIL, 2.0)
    odd = measure(lambda t: np.zeros(3), np.array([1.0, 2.0]), Tolerance())
    assert [(each.status, each.claimed) for each in odd] == [(UNMEASURABLE, 1.0), (UNMEASURABLE, 2.0)]
    assert odd[0].reason == "the shape of the result depends on the input"
    (whole,) = measure(lambda t: np.array([t]), np.array([1.0]), Tolerance(), sizes=np.array([[1.0]]))
    assert whole.status == PASS


def test_a_tolerance_is_relative_and_absolute() -> None:
    assert Tolerance().of(5.0) == 5e-9
    assert Tolerance(0.5, 0.25).of(4.0) == 2.25


def test_what_a_gradient_loses_to_rounding_is_no_disagreement() -> None:
    class Rounds:
        """A model whose gradient is right to this much."""

        def __init__(self, spread: float | None) -> None:
            self.spread = spread

        def rounding(self, number: int, name: str) -> object:
            assert (number, name) == (1, "x")
            return None if self.spread is None else np.array([0.0, self.spread])

    def kept(
        spread: float | None, claimed: float = 1.25, index: Sequence[int] | None = (1,), failed: int = 2
    ) -> bool:
        worst = Verdict(FAIL, claimed, 1.0, 1e-9)
        result = Compared(7, worst=worst, index=index and list(index), passed=4, failed=failed, unmeasured=1)
        found: Any = Rounds(spread)
        after = _within_rounding(found, 1, "x", result)
        if after is not result:
            told = (after.passed, after.failed, after.unmeasured, after.reason)
            assert told == (0, 0, failed + 1, "rounding hides it")
        return after is result

    assert decided(kept, 0.25 / 30) == (True, False)
    assert decided(lambda spread: kept(spread, claimed=0.75), 0.25 / 30) == (True, False)
    assert kept(None)
    assert kept(1.0, claimed=math.inf)
    assert kept(1.0, index=None)
    assert kept(1.0, failed=0)
    nothing = Compared(0, failed=1, index=[1])
    assert _within_rounding(Rounds(1.0), 1, "x", nothing) is nothing  # type: ignore[arg-type]


def test_an_accusation_holds_nearby_where_a_fine_step_is_within_a_thousandth_of_its_gap() -> None:
    def holds(off: float) -> bool:
        return component(lambda t: t).holds_nearby(Verdict(FAIL, 101.0 + off, 1.0 + off, 0.0))

    assert decided(holds, 0.1) == (True, False)


def test_a_function_is_chaotic_where_noise_is_a_thousandth_of_what_it_moves_by_at_the_finest_steps() -> None:
    def chaotic(noise: float) -> bool:
        made = component(lambda t: t, FIRST)
        made.noise = noise
        return made.is_chaotic()

    assert decided(chaotic, 1e-3 * 2.0 ** -FIRST[0]) == (False, True)
