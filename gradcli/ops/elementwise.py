"""The table of elementwise primitives: a name, a NumPy kernel, and the partial derivatives.

Each partial is written with the functions of this table, over the inputs and the result `y`.
Rules that follow from it (reverse, forward, broadcasting) are in `tape.primitives`; PyTorch's signatures over
these primitives are further down and in `functions`.
"""

from __future__ import annotations

import math
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape import recipes
from gradcli.tape.node import FLOAT32, FLOAT64, FLOATS, Node
from gradcli.tape.partials import Cost, InTurn, Over, When, Zeros
from gradcli.tape.primitives import (
    Elementwise,
    add,
    div,
    literal,
    logical_not,
    mul,
    neg,
    scale,
    sub,
    where,
    zero_literal,
)
from gradcli.tape.promote import broadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.tape.node import Operand
    from gradcli.tape.partials import Partial
    from gradcli.tape.recipes import Recipes

LN2 = math.log(2.0)
LN10 = math.log(10.0)
HUGE = sys.float_info.max


def special(name: str) -> Callable[..., Any]:
    """SciPy's special function of that name, imported when it is first computed."""

    def kernel(*args: Any, out: Any = None) -> Any:
        import scipy.special

        result = getattr(scipy.special, name)(*args, out=out)
        dtype = getattr(args[-1], "dtype", None)
        # SciPy has no half precision and answers in single.
        return result.astype(dtype) if dtype == np.float16 and result.dtype == np.float32 else result

    kernel.ufunc = partial(scipy_ufunc, name)  # type: ignore[attr-defined]
    return kernel


def scipy_ufunc(name: str) -> np.ufunc:
    """SciPy's special function as it is."""
    import scipy.special

    return getattr(scipy.special, name)  # type: ignore[no-any-return]


def into(out: Any, result: Any) -> Any:
    """A kernel's result, in the array that the caller wants it in."""
    if out is None:
        return result
    np.copyto(out, result, casting="unsafe")
    return out


def saved_zero(*values: Any) -> float:
    """A partial that is zero and yet counts as saving its operands, as PyTorch's node does."""
    return 0


# ---- comparisons and logic: no derivative ----

eq = Elementwise(
    "eq", np.equal, 0, 0, scalar=lambda a, b: a == b, result="bool", cost=Cost.ARITHMETIC, commutative=True
)
ne = Elementwise("ne", np.not_equal, 0, 0, result="bool", cost=Cost.ARITHMETIC, commutative=True)
lt = Elementwise("lt", np.less, 0, 0, result="bool", cost=Cost.ARITHMETIC)
le = Elementwise("le", np.less_equal, 0, 0, result="bool", cost=Cost.ARITHMETIC)
gt = Elementwise("gt", np.greater, 0, 0, result="bool", cost=Cost.ARITHMETIC)
ge = Elementwise("ge", np.greater_equal, 0, 0, result="bool", cost=Cost.ARITHMETIC)
logical_and = Elementwise(
    "logical_and", np.logical_and, 0, 0, result="bool", cost=Cost.ARITHMETIC, commutative=True
)
logical_or = Elementwise(
    "logical_or", np.logical_or, 0, 0, result="bool", cost=Cost.ARITHMETIC, commutative=True
)
logical_xor = Elementwise(
    "logical_xor", np.logical_xor, 0, 0, result="bool", cost=Cost.ARITHMETIC, commutative=True
)
isfinite = Elementwise(
    "isfinite", np.isfinite, 0, result="bool", cost=Cost.ARITHMETIC, loops=recipes.is_finite
)
isinf = Elementwise("isinf", np.isinf, 0, result="bool", cost=Cost.ARITHMETIC)
isnan = Elementwise("isnan", np.isnan, 0, result="bool", cost=Cost.ARITHMETIC)
signbit = Elementwise("signbit", np.signbit, 0, result="bool", cost=Cost.ARITHMETIC)
bitwise_and = Elementwise(
    "bitwise_and", np.bitwise_and, 0, 0, result="same", cost=Cost.ARITHMETIC, commutative=True
)
bitwise_or = Elementwise(
    "bitwise_or", np.bitwise_or, 0, 0, result="same", cost=Cost.ARITHMETIC, commutative=True
)
bitwise_xor = Elementwise(
    "bitwise_xor", np.bitwise_xor, 0, 0, result="same", cost=Cost.ARITHMETIC, commutative=True
)
bitwise_not = Elementwise("bitwise_not", np.invert, 0, result="same", cost=Cost.ARITHMETIC)

# ---- steps: derivative zero ----


def _sign(x: Any, out: Any = None) -> Any:
    # Not np.sign, for which the sign of nan is nan. (x > 0) - (x < 0) of a bool is the bool.
    dtype = getattr(x, "dtype", FLOAT64)
    if dtype == np.bool_:
        return into(out, np.greater(x, 0))
    return np.subtract(np.greater(x, 0), np.less(x, 0), out=out, dtype=dtype)


def _whole(name: str, ufunc: np.ufunc, cost: float) -> Elementwise:
    """A function that rounds floats and leaves integers as they are."""

    def kernel(x: Any, out: Any = None) -> Any:
        return ufunc(x, out) if getattr(x, "dtype", FLOAT64).kind == "f" else into(out, x)

    loops = recipes.fixed("d->d", recipes.ufunc_of(ufunc))
    return Elementwise(name, kernel, 0, result="same", cost=cost, loops=loops)


sign = Elementwise("sign", _sign, 0, result="same", cost=Cost.SELECTION, loops=recipes.sign)
sgn = Elementwise("sgn", _sign, saved_zero, result="same", cost=Cost.SELECTION, loops=recipes.sign)
floor = _whole("floor", np.floor, Cost.ARITHMETIC)
ceil = _whole("ceil", np.ceil, Cost.ARITHMETIC)
trunc = _whole("trunc", np.trunc, Cost.ARITHMETIC)
rint = _whole("round", np.rint, Cost.DIVISION)


def _round_decimals(x: Any, decimals: int, out: Any = None) -> Any:
    factor = 10.0 ** abs(decimals)
    if decimals > 0:
        return np.divide(np.rint(np.multiply(x, factor, out), out), factor, out)
    return np.multiply(np.rint(np.divide(x, factor, out), out), factor, out)


round_decimals = Elementwise("round", _round_decimals, 0, result="same", cost=Cost.DIVISION)


def _trunc_divide(a: Any, b: Any, out: Any = None) -> Any:
    if getattr(b, "dtype", FLOAT64).kind == "f":
        return np.trunc(np.true_divide(a, b, out), out)
    return into(out, np.subtract(a, np.fmod(a, b)) // b)


floor_divide = Elementwise(
    "floor_divide", np.floor_divide, saved_zero, saved_zero, result="same", cost=Cost.LIBRARY
)
trunc_divide = Elementwise(
    "trunc_divide", _trunc_divide, saved_zero, saved_zero, result="same", cost=Cost.DIVISION
)

# ---- powers, roots, exponentials, logarithms ----

absolute = Elementwise(
    "abs", np.absolute, lambda x, y: sign(x), scalar=abs, result="same", cost=Cost.ARITHMETIC
)
reciprocal = Elementwise(
    "reciprocal",
    np.reciprocal,
    lambda x, y: neg(mul(y, y)),
    scalar=lambda x: 1.0 / x,
    cost=Cost.DIVISION,
)
sqrt = Elementwise("sqrt", np.sqrt, Over(lambda x, y: scale(y, 2)), scalar=math.sqrt, cost=Cost.FUNCTION)


def _rsqrt(x: Any, out: Any = None) -> Any:
    root = np.sqrt(x, out)
    return np.divide(1, root, out)


rsqrt = Elementwise(
    "rsqrt",
    _rsqrt,
    lambda x, y: scale(mul(mul(y, y), y), -0.5),
    scalar=lambda x: 1 / math.sqrt(x),
    cost=Cost.FUNCTION,
    loops=recipes.rsqrt,
)
exp = Elementwise("exp", np.exp, lambda x, y: y, scalar=math.exp, cost=Cost.FUNCTION)
exp2 = Elementwise("exp2", np.exp2, lambda x, y: scale(y, LN2), scalar=math.exp2, cost=Cost.FUNCTION)
expm1 = Elementwise("expm1", np.expm1, lambda x, y: exp(x), scalar=math.expm1, cost=Cost.FUNCTION)
log = Elementwise("log", np.log, Over(lambda x, y: x), scalar=math.log, cost=Cost.FUNCTION)
log2 = Elementwise("log2", np.log2, Over(lambda x, y: scale(x, LN2)), scalar=math.log2, cost=Cost.FUNCTION)
log10 = Elementwise(
    "log10", np.log10, Over(lambda x, y: scale(x, LN10)), scalar=math.log10, cost=Cost.FUNCTION
)
log1p = Elementwise("log1p", np.log1p, Over(lambda x, y: add(x, 1)), scalar=math.log1p, cost=Cost.FUNCTION)


FEW = 1000
"""Up to so many elements a call costs more than what it does."""


def _is_bool(x: Any) -> bool:
    """Whether its powers of bools are the kernels' business: NumPy's are int8."""
    return bool(getattr(x, "dtype", FLOAT64).kind == "b")


def _power_number(x: Any, n: float, out: Any = None) -> Any:
    if n == 2:
        return np.multiply(x, x, out)
    if n == 1 and not _is_bool(x):
        return np.positive(x, out)
    if n == 3:
        cube = np.multiply(x, x, out)
        return np.multiply(cube, x, out) if out is not x else np.power(x, n, out)
    if n == 0.5:
        return np.sqrt(x, out)
    if n == -0.5:
        return _rsqrt(x, out)
    if n == -1:
        return np.divide(1, x, out)
    if isinstance(n, bool) and _is_bool(x):
        return np.greater_equal(x, n, out)
    if n in _BY_PRODUCTS and type(x) is np.ndarray and x.size > FEW and x.dtype in FLOATS and out is not x:
        return _by_products(x, n, out)
    if type(x) is np.ndarray and x.size > FEW and x.dtype in FLOATS and x.dtype.type(n) % 1 > 0:
        return _root_power(x, n, out)
    return np.power(x, n, out)


_BY_PRODUCTS = frozenset((1.5, 2.5, 4))
"""Exponents for which a root and products take a fraction of a power's time; they are as exact to two units
in the last place."""


def _by_products(x: Any, n: float, out: Any) -> Any:
    if n == 4:
        square = np.multiply(x, x, out)
        return np.multiply(square, square, square)
    result = np.sqrt(x, out)
    for _ in range(int(n)):
        np.multiply(result, x, result)
    np.abs(result, result)  # the root of -0 is -0, its power 0
    if np.fmin.reduce(x, axis=None) == -np.inf:  # which has a power, but no root
        result[x == -np.inf] = np.inf
    return result


def _root_power(x: Any, n: float, out: Any) -> Any:
    """A power that negative numbers don't have: NumPy takes several times as long to find that out."""
    if not np.minimum.reduce(x.flat[:: x.size // 64]) < 0:  # a look at some of them
        return np.power(x, n, out)
    negative = np.logical_and(np.less(x, 0), np.greater(x, -np.inf))  # -inf has one
    result = np.abs(x, out)
    np.power(result, n, result)
    np.copyto(result, np.where(negative, x.dtype.type(np.nan), result))
    return result


def _power_number_partial(x: Node, y: Node, n: float) -> Operand:
    if n == 0:
        return 0
    if n == 1:
        return 1
    return scale(power_number(x, attrs=(n - 1,)) if n != 2 else x, n)


def _power_number_scalar(x: float, n: float) -> float:
    if n == 0.5:
        return math.sqrt(x)
    return 1 / math.sqrt(x) if n == -0.5 else math.pow(x, n)


power_number = Elementwise(
    "pow",
    _power_number,
    _power_number_partial,
    scalar=_power_number_scalar,
    result="same",
    direct=lambda n: (np.square, ()) if n == 2 else None,
    cost=Cost.FUNCTION,
    loops=recipes.power,
)
"""A power with a Python number as the exponent, which is an attribute."""


def _power(a: Any, b: Any, out: Any = None) -> Any:
    if _is_bool(a) and _is_bool(b):
        return np.greater_equal(a, b, out)
    kind = getattr(b, "dtype", FLOAT64).kind
    if kind == "f" and not np.ndim(b) and b == 0.5:  # of which NumPy would take the root, at -0 and -inf too
        given = np.atleast_1d(a)
        return into(out, np.power(given, np.full_like(given, 0.5)).reshape(np.shape(a))[()])
    if kind not in "iu" or not np.any(np.less(b, 0)):
        return np.power(a, b, out)
    # NumPy refuses integers to negative integer powers; they are 0, but for the units.
    sign = np.where(np.equal(np.remainder(b, 2), 0), np.multiply(a, a), a)
    return into(out, np.where(np.less(b, 0), np.where(np.abs(a) == 1, sign, 0), np.power(a, np.abs(b))))


def _power_base_partial(a: Node, b: Node, y: Node) -> Node:
    # At b = 0 this is 0 even where a**(b - 1) is not finite, nor what it is multiplied by.
    lower = power(a, sub(b, 1))
    return mul(b, where(logical_and(eq(b, 0), logical_not(isfinite(lower))), 0.0, lower))


def _power_exponent_partial(a: Node, b: Node, y: Node) -> Node:
    # At a = 0 and b >= 0 this is 0; the logarithm of a safe number keeps its own derivatives finite there.
    zero = logical_and(eq(a, 0), ge(b, 0))
    return where(zero, 0.0, mul(y, log(where(zero, 1.0, a))))


power = Elementwise(
    "pow",
    _power,
    Zeros(_power_base_partial, at=lambda a, b, y: eq(b, 0)),
    _power_exponent_partial,
    scalar=math.pow,
    result="same",
    cost=Cost.FUNCTION,
)


def _xlogy(x: Any, y: Any, out: Any = None) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        product = np.multiply(x, np.log(y))
    return into(out, np.where(np.equal(x, 0) & ~np.isnan(y), 0, product))


xlogy = Elementwise(
    "xlogy",
    _xlogy,
    Zeros(
        lambda x, y, z: where(logical_and(eq(x, 0), le(y, 0)), 0.0, log(y)),
        at=lambda x, y, z: logical_and(eq(x, 0), le(y, 0)),
        both=True,
    ),
    lambda x, y, z: div(x, y),
    cost=Cost.LIBRARY,
    loops=recipes.xlogy,
)

# ---- trigonometric and hyperbolic ----


def _sincos(x: Any, sine: Any, cosine: Any) -> None:
    from gradcli.ops.sincos import sincos  # looks at the processor when it is loaded

    if np.shape(x) != sine.shape:  # broadcast
        np.copyto(sine, x)
        x = sine
    sincos(x, sine, cosine)


def _alone(place: int) -> Any:
    """The sine (0) or the cosine (1) as the pair would have it."""

    def kernel(x: Any, *, out: Any = None) -> Any:
        if x.dtype != np.float64:
            return (np.sin, np.cos)[place](x, out)
        results = [np.empty(x.shape), np.empty(x.shape)]
        if out is not None:
            results[place] = out
        _sincos(x, *results)
        return results[place]

    return kernel


sin = Elementwise("sin", np.sin, lambda x, y: cos(x), scalar=math.sin, cost=Cost.LIBRARY, pair=(_sincos, 0))
cos: Elementwise = Elementwise(
    "cos", np.cos, lambda x, y: neg(sin(x)), scalar=math.cos, cost=Cost.LIBRARY, pair=(_sincos, 1)
)
for _place, _one in enumerate((sin, cos)):
    _one.of_rows = Elementwise(_one.name, _alone(_place), *_one.partials, cost=_one.cost, pair=_one.pair)
tan = Elementwise("tan", np.tan, lambda x, y: add(mul(y, y), 1), scalar=math.tan, cost=Cost.FUNCTION)
asin = Elementwise(
    "asin",
    np.arcsin,
    lambda x, y: rsqrt(mul(sub(1, x), add(1, x))),
    scalar=math.asin,
    cost=Cost.FUNCTION,
)
acos = Elementwise(
    "acos",
    np.arccos,
    lambda x, y: neg(rsqrt(mul(sub(1, x), add(1, x)))),
    scalar=math.acos,
    cost=Cost.FUNCTION,
)
atan = Elementwise(
    "atan", np.arctan, Over(lambda x, y: add(mul(x, x), 1)), scalar=math.atan, cost=Cost.FUNCTION
)
sinh = Elementwise("sinh", np.sinh, lambda x, y: cosh(x), scalar=math.sinh, cost=Cost.FUNCTION)
cosh: Elementwise = Elementwise("cosh", np.cosh, lambda x, y: sinh(x), scalar=math.cosh, cost=Cost.FUNCTION)
tanh = Elementwise("tanh", np.tanh, lambda x, y: sub(1, mul(y, y)), scalar=math.tanh, cost=Cost.FUNCTION)
asinh = Elementwise(
    "asinh", np.arcsinh, Over(lambda x, y: hypot(x, 1)), scalar=math.asinh, cost=Cost.FUNCTION
)
acosh = Elementwise(
    "acosh",
    np.arccosh,
    # The sum with 0 makes the -0 at x = -1 a 0, so that inf comes out there as in PyTorch.
    Over(lambda x, y: sqrt(add(mul(sub(x, 1), add(x, 1)), 0.0))),
    scalar=math.acosh,
    cost=Cost.FUNCTION,
)
atanh = Elementwise(
    "atanh",
    np.arctanh,
    Over(lambda x, y: mul(sub(1, x), add(1, x))),
    scalar=math.atanh,
    cost=Cost.FUNCTION,
)


def _over_square(x: Node, a: Node, b: Node) -> Node:
    """x/(a² + b²) without overflow, and 0 at the origin, as are all its derivatives there."""
    length = hypot(a, b)
    at_origin = eq(length, 0)
    length = where(at_origin, 1.0, length)
    return div(div(where(at_origin, 0.0, x), length), length)


def _atan2(a: Any, b: Any, out: Any = None) -> Any:
    """NumPy's, but of float32 by float64: its own is three units off, and misses the multiples of pi."""
    if getattr(a, "dtype", None) != np.float32 or getattr(b, "dtype", None) != np.float32:
        return np.arctan2(a, b, out)
    if out is None:
        return np.arctan2(a, b, dtype=np.float64).astype(np.float32)
    return np.arctan2(a, b, out, dtype=np.float64)


atan2 = Elementwise(
    "atan2",
    _atan2,
    lambda a, b, y: _over_square(b, a, b),
    lambda a, b, y: neg(_over_square(a, a, b)),
    scalar=math.atan2,
    cost=Cost.LIBRARY,
    loops=recipes.in_double(recipes.fixed("dd->d", recipes.ufunc_of(np.arctan2))),
)
hypot: Elementwise = Elementwise(
    "hypot",
    np.hypot,
    lambda a, b, y: div(a, y),
    lambda a, b, y: div(b, y),
    scalar=math.hypot,
    cost=Cost.LIBRARY,
    commutative=True,
)

# ---- selection: a tie is split in half, and both get what a nan wins ----


def _half_wins(a: Node, b: Node) -> Node:
    none, half, whole = [literal(each, a.dtype) for each in (0.0, 0.5, 1.0)]
    return where(lt(a, b), none, where(eq(a, b), half, whole))


maximum = Elementwise(
    "maximum",
    np.maximum,
    lambda a, b, y: _half_wins(a, b),
    lambda a, b, y: _half_wins(b, a),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
)
minimum = Elementwise(
    "minimum",
    np.minimum,
    lambda a, b, y: _half_wins(b, a),
    lambda a, b, y: _half_wins(a, b),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
)
relu = Elementwise(
    "relu",
    lambda x, out=None: np.maximum(0, x, out=out),  # in this order -0.0 stays what it is
    When(lambda x, y: ne(y, literal(0.0, y.dtype))),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
    loops=recipes.relu,
)


def _clamp_number(x: Any, low: float | None, high: float | None, out: Any = None) -> Any:
    # Two steps: np.clip alone gives `low` where low > high, PyTorch gives `high`.
    if low is not None:
        x = np.maximum(low, x, out=out)
    return x if high is None else np.minimum(high, x, out=out)


def _inside(x: Node, y: Node, low: float | None, high: float | None) -> Node:
    if low is None:
        assert high is not None
        return le(x, high)
    return ge(x, low) if high is None else logical_and(ge(x, low), le(x, high))


clamp_number = Elementwise(
    "clamp",
    _clamp_number,
    When(_inside),
    result="same",
    selects=True,
    cost=Cost.DIVISION,
    loops=recipes.clamp,
)
clamp_min = Elementwise(
    "clamp_min",
    np.maximum,
    When(lambda x, low, y: ge(x, low)),
    When(lambda x, low, y: lt(x, low)),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
)
clamp_max = Elementwise(
    "clamp_max",
    np.minimum,
    When(lambda x, high, y: le(x, high)),
    When(lambda x, high, y: gt(x, high)),
    result="same",
    selects=True,
    cost=Cost.ARITHMETIC,
)
clamp_tensor = Elementwise(
    "clamp",
    lambda x, low, high, out=None: np.minimum(np.maximum(x, low, out=out), high, out=out),
    When(lambda x, low, high, y: logical_and(ge(x, low), le(x, high))),
    When(lambda x, low, high, y: logical_and(lt(x, low), lt(low, high))),
    When(lambda x, low, high, y: logical_or(gt(x, high), lt(high, low))),
    result="same",
    selects=True,
    cost=Cost.DIVISION,
)


def _nan_to_num(
    x: Any, nan: float | None, posinf: float | None, neginf: float | None, out: Any = None
) -> Any:
    return into(out, np.nan_to_num(x, nan=nan or 0.0, posinf=posinf, neginf=neginf))


nan_to_num = Elementwise(
    "nan_to_num",
    _nan_to_num,
    When(lambda x, y, *attrs: isfinite(x)),
    result="same",
    selects=True,
    cost=Cost.SELECTION,
)

# ---- remainders ----


def _remainder(a: Any, b: Any, out: Any = None) -> Any:
    result = np.remainder(a, b)
    if result.dtype.kind == "f":
        zero = np.equal(result, 0)  # which has the sign of the dividend in PyTorch
        if np.any(zero):
            result = np.where(zero, np.copysign(np.zeros_like(result), a), result)
    return into(out, result)


remainder = Elementwise(
    "remainder", _remainder, 1, lambda a, b, y: neg(floor_divide(a, b)), result="same", cost=Cost.LIBRARY
)
fmod = Elementwise(
    "fmod", np.fmod, 1, lambda a, b, y: neg(trunc_divide(a, b)), result="same", cost=Cost.LIBRARY
)

# ---- sigmoids and their like ----


def _sigmoid(x: Any, out: Any = None, exp: Any = np.exp) -> Any:
    value = exp(np.subtract(0, x, out), out)
    return np.divide(1, np.add(value, 1, out), out)


sigmoid: Elementwise = Elementwise(
    "sigmoid",
    _sigmoid,
    lambda x, y: mul(y, sigmoid(neg(x))),
    scalar=lambda x: 1 / (1 + math.exp(-x)),
    cost=Cost.FUNCTION,
    loops=recipes.sigmoid,
)


def _sigmoid_slope(x: Any, y: Any, out: Any = None) -> Any:
    power = np.minimum(np.exp(np.subtract(-0.0, x)), HUGE)
    return np.multiply(np.multiply(power, y), y, out)


sigmoid_slope = Elementwise(
    "sigmoid_slope",
    _sigmoid_slope,
    0,
    0,
    cost=Cost.FUNCTION,
    loops=recipes.sigmoid_slope,
)
"""The derivative of the sigmoid from a number and the value there, whose exponential it shares; never on a
tape. That of -x is what 1 less the value is of the value."""


def _slope_composed(a: Node, b: Node) -> Node | None:
    """What the rule of `sigmoid` records."""
    if a.op is sigmoid and b.op is sigmoid and a.inputs and b.inputs and a.dtype is FLOAT64:
        (x,), (turned,) = a.inputs, b.inputs
        if turned.op is neg and turned.inputs == (x,):
            return Node(sigmoid_slope, (x, a), (), a.shape, a.dtype, False)
    return None


mul.composes(_slope_composed)


def _logaddexp(a: Any, b: Any, out: Any = None, few: int = FEW) -> Any:
    """In parts, of which each has a quick loop, if there are more than a few elements."""
    difference = np.subtract(a, b)
    if difference.size <= few:
        return np.logaddexp(a, b, out=out)
    # Of two that are infinite and equal the difference is nan, and counts as none.
    power = np.exp(np.negative(np.absolute(difference)))
    return np.add(np.maximum(a, b), np.log1p(np.fmin(power, 1)), out=out)


logaddexp = Elementwise(
    "logaddexp",
    _logaddexp,
    lambda a, b, y: sigmoid(sub(a, b)),
    lambda a, b, y: sigmoid(sub(b, a)),
    cost=Cost.LIBRARY,
    commutative=True,
    loops=recipes.logaddexp,
)


def _softplus(x: Any, beta: float, threshold: float, out: Any = None, few: int = FEW) -> Any:
    scaled = np.multiply(x, beta)
    smooth = _logaddexp(scaled, 0, few=few)
    smooth = np.divide(smooth, beta)
    return into(out, np.where(scaled > threshold, x, smooth))


def _softplus_slope(scaled: Node, threshold: float) -> Node:
    # The slope itself is constant from the threshold on, its own derivative already at it.
    end = literal(threshold, scaled.dtype)
    return where(gt(scaled, end), 1.0, sigmoid(where(ge(scaled, end), end, scaled)))


def _logaddexp_composed(a: Node, b: Node) -> Node | None:
    """Of 0 and something the larger is a clamp, and what it is of its negative shares the exponential."""
    return softplus(a, attrs=(1.0, math.inf)) if zero_literal(b) and a.dtype in FLOATS else None


softplus = Elementwise(
    "softplus",
    _softplus,
    lambda x, y, beta, threshold: _softplus_slope(scale(x, beta), threshold),
    cost=Cost.LIBRARY,
    loops=recipes.softplus,
)
where_nonzero = Elementwise(
    "where_nonzero",
    lambda x, g, out=None: where.compute(np.not_equal(x, 0), g, 0.0, out),
    0,
    0,
    result="same",
    cost=Cost.SELECTION,
    loops=recipes.where_nonzero,
)
"""What is taken where a number isn't zero, and zero elsewhere; never on a tape."""


def _where_composed(condition: Node, a: Node, b: Node) -> Node | None:
    """What is taken where a number isn't zero, and the slope of softplus, with one comparison less."""
    if condition.op is ne and condition.inputs and zero_literal(b) and a.dtype in FLOATS:
        x, zero = condition.inputs
        if zero_literal(zero) and x.dtype is a.dtype:
            return Node(where_nonzero, (x, a), (), broadcast(x.shape, a.shape), a.dtype, False)
    if condition.op is gt and b.op is sigmoid and condition.inputs and b.inputs:
        x, end = condition.inputs
        (read,) = b.inputs
        at_end = read.inputs[0] if read.op is where and read.inputs[1:] == (end, x) else x
        if at_end.op is ge and at_end.inputs == (x, end):  # they differ where this isn't taken
            return where(condition, a, sigmoid(x))
    return None


where.composes(_where_composed)
logaddexp.composes(_logaddexp_composed)
sigmoid.composes(
    lambda x: sigmoid(x.inputs[0]) if x.op is sub and x.inputs and zero_literal(x.inputs[1]) else None
)
for _one in (logaddexp, softplus):  # the same however many rows there are
    _one.of_rows = Elementwise(
        _one.name, partial(_one.kernel, few=0), *_one.partials, cost=_one.cost, loops=_one.loops
    )
erf = Elementwise(
    "erf",
    special("erf"),
    lambda x, y: scale(exp(neg(mul(x, x))), 2 / math.sqrt(math.pi)),
    scalar=math.erf,
    cost=Cost.LIBRARY,
    loops=recipes.odd(partial(scipy_ufunc, "erf")),
)


def _from_tail(name: str, whole: float, below: bool) -> Any:
    """A kernel that takes SciPy's function of one sign alone, as the recipe of that name does."""
    tail = special(name)
    half = whole / 2

    def kernel(x: Any, out: Any = None) -> Any:
        turned = np.copysign(half, x)
        value = tail(np.copysign(x, -1.0) if below else np.absolute(x))
        rest = np.add(turned, half) if below else np.subtract(half, turned)
        return np.absolute(np.subtract(rest, value, out), out)

    return kernel


erfc = Elementwise(
    "erfc",
    _from_tail("erfc", 2.0, below=False),
    lambda x, y: scale(exp(neg(mul(x, x))), -2 / math.sqrt(math.pi)),
    scalar=math.erfc,
    cost=Cost.LIBRARY,
    loops=recipes.from_tail(partial(scipy_ufunc, "erfc"), 2.0, below=False),
)
ndtr = Elementwise(
    "ndtr",
    _from_tail("ndtr", 1.0, below=True),
    lambda x, y: scale(exp(scale(mul(x, x), -0.5)), 1 / math.sqrt(2 * math.pi)),
    cost=Cost.LIBRARY,
    loops=recipes.from_tail(partial(scipy_ufunc, "ndtr"), 1.0, below=True),
)

# ---- float32 to the last bit ----


def _in_double(kernel: Any) -> Any:
    """A kernel for float32 that rounds once: the last digit of NumPy's own is often wrong."""
    loops = isinstance(kernel, np.ufunc)

    def rounded(*arrays: Any, out: Any = None) -> Any:
        if arrays[0].dtype != FLOAT32:  # computed again in another dtype
            return kernel(*arrays, out)
        if loops:
            if out is not None:
                return kernel(*arrays, out, dtype=FLOAT64, casting="same_kind")
            return kernel(*arrays, dtype=FLOAT64).astype(FLOAT32)
        return into(out, kernel(*[each.astype(FLOAT64) for each in arrays], None).astype(FLOAT32))

    return rounded


def _power_single(x: Any, n: float, *, out: Any = None) -> Any:
    if n in (1, 2, 3, 0.5, -0.5, -1) or x.dtype != FLOAT32:
        return _power_number(x, n, out)
    if n == -2:
        return np.divide(1, np.multiply(x, x, out), out)
    wide = x.astype(FLOAT64)
    result = np.square(np.square(wide)) if n == 4 else np.power(wide, FLOAT64.type(FLOAT32.type(n)))
    return into(out, result.astype(FLOAT32))


_exp_single = _in_double(np.exp)


def _sigmoid_single(x: Any, *, out: Any = None) -> Any:
    return _sigmoid(x, out, lambda x, out: _exp_single(x, out=out))


def _loops_in_double(one: Elementwise) -> Recipes | None:
    if not isinstance(one.kernel, np.ufunc):
        return None
    return recipes.in_double(recipes.fixed("d->d", recipes.ufunc_of(one.kernel)))


_ROUNDED_ONCE = (
    *(exp, exp2, expm1, log, log2, log10, log1p, power),
    *(tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh),
)

one_less_square = Elementwise(
    "one_less_square",
    _in_double(lambda y, out: np.subtract(1, np.square(y), out)),
    lambda y, result: scale(y, -2.0),
    cost=Cost.SELECTION,
    loops=recipes.one_less_square,
)
"""1 - y², rounded once: PyTorch's slope of float32 tanh."""
_SLOPES: dict[Elementwise, Partial] = {
    sigmoid: InTurn(lambda x, y: (sub(1, y), y)),
    tanh: lambda x, y: one_less_square(y),
}
"""Partials of float32 that PyTorch rounds in another way."""

for _one, _kernel, _loops in [
    *[(each, _in_double(each.kernel), _loops_in_double(each)) for each in _ROUNDED_ONCE],
    (power_number, _power_single, recipes.power_single),
    (sigmoid, _sigmoid_single, recipes.sigmoid_single),
]:
    _one.single = Elementwise(
        _one.name,
        _kernel,
        *([_SLOPES[_one]] if _one in _SLOPES else _one.partials),
        result=_one.result,
        cost=Cost.SELECTION,
        direct=_one.direct,
        loops=_loops,
    )
