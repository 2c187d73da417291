"""What is found on a curve: every kind of place, to the last digit, and none that isn't there."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcli.evaluation.options import Options
from gradcli.plotting.along import Along
from gradcli.plotting.features import Feature, features
from gradcli.plotting.sampling import Sampler

DOTTIE = 0.7390851332151607
"""Where cos(x) is x."""


def found(source: str, low: float, high: float) -> list[Feature]:
    along = Along(source, "x", Options(), 2, low + 0.5123 * (high - low), high - low)
    return features(along, Sampler(along, low, high, 161, 1 / 400).course())


def kinds(source: str, low: float, high: float) -> list[tuple[str, float]]:
    return [(each.kind, each.x) for each in found(source, low, high)]


@pytest.mark.parametrize(
    ("source", "low", "high", "expected"),
    [
        ("x**3 - 3*x", -1.5, 2, "maximum -1 zero 0 inflection 0 minimum 1 zero 1.7320508075688772"),
        ("1/x", -2, 2, "pole 0"),
        ("1/(x - 0.3)**2", -1, 1, "pole 0.3"),
        ("abs(x)", -1, 1, "kink 0 minimum 0 zero 0"),
        ("abs(x - 0.1) - 0.2", -1, 1, "zero -0.1 kink 0.1 minimum 0.1 zero 0.3"),
        ("relu(x - 0.5)", -1, 1, "kink 0.5"),
        ("floor(x)", 0.5, 2.5, "jump 1 jump 2"),
        ("x/abs(x)", -1, 1, "jump 0"),
        ("atan(1/x)", -1, 1, "jump 0"),
        ("where(x > 0, x**2, x)", -1, 1, "kink 0 zero 0"),
        ("sqrt(x)", -2, 2, "edge 0"),
        ("log(x)", -1, 3, "pole 0 zero 1"),
        ("(x - 1)**2", -1, 2, "minimum 1 zero 1"),
        ("sin(x)/x", -2, 2, "hole 0"),
        ("sign(x)*abs(x)**(1/3)", -1, 1, "vertical 0 zero 0"),
        ("sin(x)**2 + cos(x)**2", -3, 3, ""),
        ("exp(-x*x)", -0.5, 1, "maximum 0 inflection 0.7071067811865476"),
        ("cos(x) - x", 0, 1, f"zero {DOTTIE}"),
        ("max(x, 1 - x)", 0, 2, "kink 0.5 minimum 0.5"),
        ("0*x", -1, 1, ""),
        ("if x > 0.3:\n    y = x**2\nelse:\n    y = -x\ny", 0.1, 1, "jump 0.3"),
    ],
)
def test_places_of_every_kind(source: str, low: float, high: float, expected: str) -> None:
    words = expected.split()
    wanted = [(kind, float(x)) for kind, x in zip(words[::2], words[1::2], strict=True)]
    places = sorted(kinds(source, low, high))
    assert [kind for kind, _ in places] == [kind for kind, _ in sorted(wanted)]
    assert [x for _, x in places] == pytest.approx([x for _, x in sorted(wanted)], rel=2e-16)


def test_poles_of_the_tangent_are_where_the_cosine_is_zero() -> None:
    poles = [x for kind, x in kinds("tan(x)", -8, 8) if kind == "pole"]
    assert poles == pytest.approx([(k + 0.5) * math.pi for k in range(-3, 3)], rel=4e-16)


def test_a_kink_has_both_slopes_and_what_backward_gives() -> None:
    (kink,) = [each for each in found("relu(x) - 2*relu(-x)", -1, 1) if each.kind == "kink"]
    assert (kink.x, kink.before, kink.after, kink.at) == (0.0, 2.0, 1.0, 0.0)


def test_a_jump_has_both_limits_and_the_value() -> None:
    (jump,) = [each for each in found("where(x >= 1, x + 1, x**2/2)", 0, 2) if each.kind == "jump"]
    assert (jump.x, jump.before, jump.after, jump.at) == (1.0, pytest.approx(0.5), pytest.approx(2.0), 2.0)


def test_wild_oscillation_is_no_break() -> None:
    assert not {kind for kind, _ in kinds("sin(1/x)", -1, 1)} & {"jump", "pole", "kink", "hole"}


def test_random_cubics_have_the_roots_that_numpy_finds() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        roots = np.sort(random.uniform(-2, 2, 3))
        a, b, c = np.poly(roots)[1:]
        source = f"x**3 + ({a!r})*x**2 + ({b!r})*x + ({c!r})".replace("np.float64", "")
        zeros = [x for kind, x in kinds(source, -2.5, 2.5) if kind == "zero"]
        assert zeros == pytest.approx(roots.tolist(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("source", "low", "high", "place"),
    [
        ("1/(x - 1)**2", -2.5, 2.0, 1.0),
        ("1/(x - 1)**2", 0.0, 3.0, 1.0),
        ("1/(x + 0.38)**2", -1.71, 4.0, -0.38),
        ("cos(x)/(x - 0.528)**4", -5.33, 4.0, 0.528),
        ("x/(x + 1.156)**2 + sin(3*x)", -3.513, 0.341, -1.156),
        ("log(abs(x - 0.7))", -1.0, 2.0, 0.7),
    ],
)
def test_a_pole_is_found_wherever_the_samples_fall(
    source: str, low: float, high: float, place: float
) -> None:
    assert [x for kind, x in kinds(source, low, high) if kind in ("pole", "jump")] == [place]


@pytest.mark.parametrize(("low", "high"), [(-5.0, 5.0), (-6.31, 2.2), (-1.9, 6.75)])
def test_each_pole_of_the_tangent_is_one(low: float, high: float) -> None:
    poles = [each for each in found("tan(x)", low, high) if each.kind == "pole"]
    assert {(each.before, each.after) for each in poles} == {(math.inf, -math.inf)}
    assert len(poles) == sum(low < (k + 0.5) * math.pi < high for k in range(-4, 4))


def test_a_pole_may_have_a_value_on_one_side() -> None:
    (pole,) = [each for each in found("exp(1/x)", -2.5, 2.0) if each.kind == "pole"]
    assert (pole.x, pole.before, pole.after) == (0.0, 0.0, math.inf)


def test_logarithmic_poles_of_a_special_function() -> None:
    assert [x for kind, x in kinds("lgamma(x)", -2.5, 2.0) if kind == "pole"] == [-2.0, -1.0, 0.0]


def test_a_cusp_is_no_jump() -> None:
    assert "jump" not in [kind for kind, _ in kinds("abs(x)**0.2", -1.0, 1.7)]


def test_a_derivative_is_not_drawn_where_there_is_no_value() -> None:
    samples = Along("log(x)", "x", Options(), 1, 0.5, 2.0).at([-1.0, 2.0])
    assert np.isnan(samples.y[1, 0, 0])
    assert samples.y[1, 0, 1] == 0.5


def test_each_of_many_zeros_is_found() -> None:
    zeros = [x for kind, x in kinds("sin(100*x)", -2.0, 2.0) if kind == "zero"]
    assert zeros == pytest.approx([k * math.pi / 100 for k in range(-63, 64)], abs=1e-15)
