"""Enclosures contain what they enclose: against mpmath, at random points of random boxes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.enclosure import intervals
from gradcli.enclosure.elements import MEANINGS, formulas_of
from gradcli.enclosure.evaluate import Evaluator
from gradcli.enclosure.functions import FUNCTIONS, power
from gradcli.enclosure.intervals import Interval
from gradcli.enclosure.models import Models
from gradcli.enclosure.scalars import Formulas
from gradcli.enclosure.series import SERIES, power_of
from gradcli.ops import activations, binary, likelihoods, losses, special
from gradcli.ops import elementwise as e
from gradcli.tape import primitives
from gradcli.tape.node import leaf
from rows import grouped

mp = mpmath.mp.clone()
mp.dps = 40
FEW = settings(max_examples=20, deadline=None)

Function = Callable[[Any], Any]
REFERENCE: dict[str, tuple[Function, float, float]] = {
    "exp": (mp.exp, -700, 700),
    "expm1": (mp.expm1, -40, 40),
    "log": (mp.log, 1e-9, 1e9),
    "log1p": (mp.log1p, -0.999, 1e6),
    "sqrt": (mp.sqrt, 0, 1e9),
    "sin": (mp.sin, -1e5, 1e5),
    "cos": (mp.cos, -1e5, 1e5),
    "tan": (mp.tan, -1.5, 1.5),
    "asin": (mp.asin, -1, 1),
    "acos": (mp.acos, -1, 1),
    "atan": (mp.atan, -1e3, 1e3),
    "sinh": (mp.sinh, -300, 300),
    "cosh": (mp.cosh, -300, 300),
    "tanh": (mp.tanh, -30, 30),
    "asinh": (mp.asinh, -1e6, 1e6),
    "acosh": (mp.acosh, 1, 1e6),
    "atanh": (mp.atanh, -0.9999, 0.9999),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), -700, 700),
    "log1pexp": (lambda x: mp.log1p(mp.exp(x)), -700, 700),
    "erf": (mp.erf, -6, 6),
    "erfc": (mp.erfc, -6, 26),
    "ndtr": (lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, -30, 8),
    "erfinv": (mp.erfinv, -0.9999, 0.9999),
    "lgamma": (mp.loggamma, 1e-3, 1e4),
    "digamma": (mp.digamma, 1e-3, 1e4),
    "floor": (mp.floor, -50, 50),
    "ceil": (mp.ceil, -50, 50),
    "trunc": (lambda x: mp.sign(x) * mp.floor(abs(x)), -50, 50),
    "round": (mp.nint, -50, 50),
}
"""What each function is, and between which numbers it is tried."""

Part = st.floats(0, 1)
WIDTHS = st.sampled_from((0.0, 1e-12, 1e-3, 0.3, 1.0))


def between(low: float, high: float, at: float) -> float:
    return min(max(low + (high - low) * at, low), high)


def the_box(low: float, high: float, at: float, width: float) -> tuple[float, float]:
    """An interval between two numbers: often at an end, often thin."""
    start = between(low, high, at)
    return start, min(start + width * (high - low) / 2, high)


def assert_contains(found: Interval, value: Any, what: str) -> None:
    lo, hi = float(np.ravel(found.lo)[0]), float(np.ravel(found.hi)[0])
    assert mp.mpf(lo) <= value <= mp.mpf(hi), f"{what}: {value} is not in [{lo!r}, {hi!r}]"


def test_every_function_has_a_reference() -> None:
    assert set(REFERENCE) == set(FUNCTIONS)


@pytest.mark.parametrize("name", REFERENCE)
@FEW
@given(at=Part, width=WIDTHS, inside=st.lists(Part, min_size=3, max_size=3))
def test_a_function_lies_in_its_enclosure(name: str, at: float, width: float, inside: list[float]) -> None:
    function, low, high = REFERENCE[name]
    lo, hi = the_box(low, high, at, width)
    with np.errstate(all="ignore"):
        found = FUNCTIONS[name](Interval(np.array([lo]), np.array([hi])))
    for each in inside:
        x = between(lo, hi, each)
        assert_contains(found, mp.re(function(mp.mpf(x))), f"{name}({x!r})")


@pytest.mark.parametrize("name", [each for each in SERIES if each != "inverse"])
@settings(max_examples=6, deadline=None)
@given(at=Part, inside=Part)
def test_taylor_coefficients_lie_in_their_enclosures(name: str, at: float, inside: float) -> None:
    function, low, high = REFERENCE[name]
    low, high = max(low, -3.0), min(high, 3.0)
    lo, hi = the_box(low + (high - low) * 0.05, high - (high - low) * 0.05, at, 0.01)
    with np.errstate(all="ignore"):
        found = SERIES[name](Interval(np.array([lo]), np.array([hi])), 5)
    expected = mp.taylor(function, mp.mpf(between(lo, hi, inside)), 5)
    for order, (each, value) in enumerate(zip(found, expected, strict=True)):
        slack = abs(value) * mp.mpf(10) ** -12  # of mpmath's differences
        widened = Interval(np.ravel(each.lo) - float(slack), np.ravel(each.hi) + float(slack))
        assert_contains(widened, mp.re(value), f"coefficient {order} of {name}")


Numbers = st.floats(-1e6, 1e6) | st.sampled_from((0.0, -0.0, 1.0, -1.0, 1e-300, -1e-300, 1e300, 5e-324))


@settings(max_examples=200, deadline=None)
@given(Numbers, Numbers, Numbers, Numbers, Part, Part)
def test_arithmetic_contains_its_results(a: float, b: float, c: float, d: float, s: float, t: float) -> None:
    one, other = sorted((a, b)), sorted((c, d))
    x, y = between(*one, s), between(*other, t)
    p, q = (Interval(np.array([low]), np.array([high])) for low, high in (one, other))
    exact, against = mp.mpf(x), mp.mpf(y)
    with np.errstate(all="ignore"):
        assert_contains(intervals.add(p, q), exact + against, "add")
        assert_contains(intervals.sub(p, q), exact - against, "sub")
        assert_contains(intervals.mul(p, q), exact * against, "mul")
        for n in (1, 2, 3, 7):
            assert_contains(intervals.whole_power(p, n), exact**n, f"power {n}")
        inverse = intervals.inverse(q)
        if y:
            assert_contains(inverse, 1 / against, "inverse")
        assert bool(inverse.sure[0]) == (other[0] > 0 or other[1] < 0)
        if one[0] >= 0:
            for exponent in (0.5, 1.5, 0.1, 3.25):
                assert_contains(power(p, exponent), exact**exponent, f"power {exponent}")


# ---- whole formulas ------------------------------------------------------------------------------

SMOOTH: dict[str, Function] = {
    name: REFERENCE[name][0]
    for name in ("sin", "cos", "exp", "tanh", "atan", "sigmoid", "erf", "asinh", "log1pexp")
}


def formula(draw: Any, formulas: Formulas, depth: int, count: int) -> int:
    """A random formula that has values everywhere."""
    if not depth:
        kind = draw(st.sampled_from(("variable", "variable", "constant")))
        if kind == "variable":
            return formulas.make("variable", (), draw(st.integers(0, count - 1)))
        return formulas.constant(draw(st.sampled_from((0.5, -2.0, 0.1, 3.0))))
    kind = draw(st.sampled_from((*SMOOTH, "add", "sub", "mul", "mul", "over", "root", "log", "abs", "relu")))
    a = formula(draw, formulas, depth - 1, count)
    if kind in ("add", "sub", "mul"):
        return int(getattr(formulas, kind)(a, formula(draw, formulas, depth - 1, count)))
    one = formulas.constant(1.25)
    above = formulas.add(one, formulas.mul(a, a))
    if kind == "over":
        return formulas.inverse(above)
    if kind == "root":
        return formulas.power(above, draw(st.sampled_from((0.5, -0.5, 1.5))))
    if kind == "log":
        return formulas.function("log", above)
    if kind == "abs":
        return formulas.abs(a)
    if kind == "relu":
        zero = formulas.constant(0)
        return formulas.where(formulas.test(">", a, zero), a, zero)
    return formulas.function(kind, formulas.scaled(a, Fraction(1, 2)))


def exactly(formulas: Formulas, number: int, point: Sequence[float]) -> Any:
    """The value of a formula, in many digits."""
    values: dict[int, Any] = {}
    for each in formulas.below([number]):
        op, operands, data = formulas[each]
        a = [values[one] for one in operands]
        if op == "constant":
            values[each] = mp.mpf(data.numerator) / data.denominator
        elif op == "variable":
            values[each] = mp.mpf(point[data])
        elif op == "sum":
            terms = [mp.mpf(c.numerator) / c.denominator * value for c, value in zip(data[1], a, strict=True)]
            values[each] = mp.fsum([mp.mpf(data[0].numerator) / data[0].denominator, *terms])
        elif op == "product":
            values[each] = mp.fprod([value**n for value, n in zip(a, data, strict=True)])
        elif op == "inverse":
            values[each] = 1 / a[0]
        elif op == "power":
            values[each] = a[0] ** data
        elif op == "abs":
            values[each] = abs(a[0])
        elif op == "sign":
            values[each] = mp.sign(a[0])
        elif op == "test":
            values[each] = mp.mpf({"<": a[0] < 0, ">": a[0] > 0, "==": a[0] == 0}[data])
        elif op == "where":
            values[each] = a[1] if a[0] else a[2]
        else:
            values[each] = REFERENCE[op][0](a[0])
    return values[number]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(1, 2), degree=st.sampled_from((2, 5, 12)))
def test_models_contain_formulas(data: Any, count: int, degree: int) -> None:
    formulas = Formulas()
    number = formula(data.draw, formulas, 3, count)
    lows = [data.draw(st.floats(-2, 2)) for _ in range(count)]
    widths = [data.draw(st.sampled_from((0.0, 1e-6, 0.1, 1.0))) for _ in range(count)]
    box = [
        Interval(np.array([low]), np.array([low + width])) for low, width in zip(lows, widths, strict=True)
    ]
    evaluator = Evaluator(formulas, [number])
    values = evaluator(box)
    models = Models(evaluator, box, values, degree)
    ((lo, hi),) = models([number])
    for _ in range(3):
        point = [between(float(each.lo[0]), float(each.hi[0]), data.draw(Part)) for each in box]
        exact = exactly(formulas, number, point)
        assert_contains(values[number], exact, "interval")
        assert_contains(Interval(lo, hi), exact, "model")


def test_what_cancels_does_in_a_model() -> None:
    formulas = Formulas()
    x = formulas.make("variable", (), 0)
    product = formulas.mul(formulas.function("sin", x), formulas.function("cos", x))
    difference = formulas.sub(formulas.scaled(product, 2), formulas.function("sin", formulas.scaled(x, 2)))
    evaluator = Evaluator(formulas, [difference])
    box = [Interval(np.array([0.5]), np.array([0.7]))]
    values = evaluator(box)
    ((lo, hi),) = Models(evaluator, box, values, 12)([difference])
    assert values[difference].hi[0] > 0.1
    assert -1e-13 < lo[0] <= 0 <= hi[0] < 1e-13


def test_a_model_says_how_far_it_moves() -> None:
    formulas = Formulas()
    x = formulas.make("variable", (), 0)
    sine = formulas.function("sin", x)
    evaluator = Evaluator(formulas, [sine])
    box = [Interval(np.array([-0.5]), np.array([0.5]))]
    models = Models(evaluator, box, evaluator(box), 8)
    models([sine])
    (least,) = models.moves(sine, [np.array([0.02])])
    # Beside 0 there is a point, 0.01 away, at which |sin| is at least half of that.
    assert 0.003 < least <= math.sin(0.005) + 1e-12


def test_powers_of_tiny_numbers_do_not_overflow() -> None:
    for exponent in (-1.0, 0.5, 1.5):
        formulas = Formulas()
        number = formulas.power(formulas.make("variable", (), 0), exponent)
        evaluator = Evaluator(formulas, [number])
        box = [Interval(np.array([1e-120]), np.array([1.1e-120]))]
        models = Models(evaluator, box, evaluator(box), 12)
        models([number])
        assert models.models[number].radius.sum() < 1e-10 * models.models[number].middle[0, 0]
    with np.errstate(all="ignore"):
        (value, *_) = power_of(Interval(np.array([2.0]), np.array([2.0])), 1.5, 3)
    assert_contains(value, mp.mpf(2) ** 1.5, "power")


# ---- what operations mean ------------------------------------------------------------------------

ANYWHERE = (
    *("exp", "expm1", "exp2", "sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "asinh", "sigmoid", "erf"),
    *("ndtr", "absolute", "relu", "sign", "sgn", "floor", "ceil", "trunc", "rint", "reciprocal", "atan2"),
    *("hypot", "maximum", "minimum", "logaddexp", "remainder", "fmod", "floor_divide", "trunc_divide", "lt"),
    *("le", "gt", "ge", "eq", "ne", "clamp_min", "clamp_max", "isfinite", "isinf", "isnan"),
)
ABOVE = ("log", "log1p", "log2", "log10", "sqrt", "rsqrt", "power", "xlogy")
BASIC = ("add", "sub", "mul", "div", "neg", "guarded_mul")

CASES: tuple[tuple[Any, tuple[Any, ...], float, float], ...] = (
    *[(getattr(e, name), (), -3.0, 3.0) for name in ANYWHERE],
    *[(getattr(e, name), (), 0.1, 3.0) for name in ABOVE],
    *[(getattr(primitives, name), (), -3.0, 3.0) for name in BASIC],
    *[(getattr(e, name), (), -0.9, 0.9) for name in ("asin", "acos", "atanh")],
    (e.acosh, (), 1.1, 3.0),
    (e.nan_to_num, (0.0, 1.0, -1.0), -3.0, 3.0),
    (e.power_number, (3,), -3.0, 3.0),
    (e.power_number, (-2.0,), -3.0, 3.0),
    (e.power_number, (2.5,), 0.1, 3.0),
    (e.round_decimals, (1,), -3.0, 3.0),
    (e.clamp_number, (-1.0, 1.0), -3.0, 3.0),
    (e.clamp_number, (None, 1.0), -3.0, 3.0),
    (e.clamp_tensor, (), -3.0, 3.0),
    (e.softplus, (1.0, 20.0), -3.0, 3.0),
    (e.softplus, (2.0, 1.0), -3.0, 3.0),
    (binary.fmax, (), -3.0, 3.0),
    (binary.fmin, (), -3.0, 3.0),
    (binary.copysign_primitive, (), -3.0, 3.0),
    (binary.heaviside_primitive, (), -3.0, 3.0),
    (e.erfc, (), -3.0, 3.0),
    (special.erfinv, (), -0.9, 0.9),
    (special.entr, (), 0.1, 3.0),
    (special.xlog1py_primitive, (), 0.1, 3.0),
    (special.lgamma, (), 0.1, 3.0),
    (special.polygamma_primitive, (0,), 0.1, 3.0),
    (special.logit_primitive, (), 0.1, 0.9),
    (activations.elu_primitive, (1.5, 2.0, 0.5), -3.0, 3.0),
    (activations.prelu_primitive, (), -3.0, 3.0),
    (likelihoods.bce, (), 0.1, 0.9),
    (losses.huber, (1.0,), -3.0, 3.0),
    (primitives.scale_primitive, (2.5,), -3.0, 3.0),
    (primitives.untaken, (), -3.0, 3.0),
)  # fmt: skip


@grouped("op, attrs, low, high", [("operations", row[0].name, row) for row in CASES])
def test_an_operation_means_what_its_kernel_computes(
    op: Any, attrs: tuple[Any, ...], low: float, high: float
) -> None:
    random = np.random.default_rng(7)
    for _ in range(4):
        inputs = [leaf(random.uniform(low, high), True) for _ in op.partials]
        node = op(*inputs, attrs=attrs)
        formulas, ((number,),) = formulas_of([node], {each: at for at, each in enumerate(inputs)})
        found = Evaluator(formulas, [number])([intervals.exact(np.array([each.value])) for each in inputs])
        value = float(op.compute(*[each.value for each in inputs], *attrs))
        slack = 1e-12 * max(1.0, abs(value))
        assert float(np.ravel(found[number].lo)[0]) - slack <= value
        assert value <= float(np.ravel(found[number].hi)[0]) + slack
        assert float(np.ravel(found[number].hi - found[number].lo)[0]) < 1e-9 * max(1.0, abs(value))


@pytest.mark.parametrize(("dtype", "expected"), [(np.int64, -2.0), (np.bool_, 1.0), (np.float32, -2.75)])
def test_a_cast_is_what_it_is_of_floats(dtype: Any, expected: float) -> None:
    x = leaf(-2.75, True)
    node = primitives.cast(x, np.dtype(dtype))
    formulas, ((number,),) = formulas_of([node], {x: 0})
    found = Evaluator(formulas, [number])([intervals.exact(np.array([-2.75]))])
    ends = [float(np.ravel(each)[0]) for each in (found[number].lo, found[number].hi)]
    assert ends == pytest.approx([expected] * 2, rel=1e-15)


def test_every_elementwise_operation_is_tried() -> None:
    logical = {f"{kind}_{op}" for kind in ("logical", "bitwise") for op in ("and", "or", "xor", "not")}
    assert set(MEANINGS) - {op.name for op, *_ in CASES} == logical | {"where"}
