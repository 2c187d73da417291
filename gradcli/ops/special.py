"""Special functions: primitives computed by SciPy, and PyTorch's names for them.

SciPy is imported when one of them is first computed. Families that are closed under differentiation
(Bessel functions, polygamma) are one primitive with the order as its attribute, so that derivatives
of any order need no division by an argument that may be zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.binary import by_both_numbers
from gradcli.ops.functions import UNARY, as_float
from gradcli.ops.registry import function, own_method, primitive
from gradcli.tape import context, primitives, recipes
from gradcli.tape.node import FLOAT32, Node, Operand
from gradcli.tape.partials import Cost, Over, Zeros
from gradcli.tape.primitives import Elementwise, add, as_node, cast, mul, neg, scale, sub, where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.tape.recipes import Steps

SPECIAL = "special"
ROOT_PI = math.sqrt(math.pi)
ROOT_2PI = math.sqrt(2 * math.pi)

# ---- the error function and the normal distribution ----

erfinv = Elementwise(
    "erfinv", e.special("erfinv"), lambda x, y: scale(e.exp(mul(y, y)), ROOT_PI / 2), cost=Cost.SPECIAL
)


def _polynomial(x: Node, coefficients: Sequence[float]) -> Node:
    """The polynomial with these coefficients, the constant one first."""
    result: Operand = coefficients[-1]
    for each in reversed(coefficients[:-1]):
        result = add(mul(x, result), each)
    return as_node(result)


_ERFCX_FAR = 10
_ERFCX_SLOPE = [-((-0.5) ** k) * math.prod(range(1, 2 * k + 2, 2)) / ROOT_PI for k in range(13)]
"""The derivative of erfcx(x) far out: x**-2 times a series in x**-2."""


def _erfcx_partial(x: Node, y: Node) -> Node:
    # 2*x*y - 2/sqrt(pi) cancels ever more digits; far out the asymptotic series is exact.
    far = e.gt(x, _ERFCX_FAR)
    inverse = e.reciprocal(where(far, x, float(_ERFCX_FAR)))
    square = mul(inverse, inverse)
    return where(far, mul(square, _polynomial(square, _ERFCX_SLOPE)), sub(scale(mul(x, y), 2), 2 / ROOT_PI))


erfcx = Elementwise("erfcx", e.special("erfcx"), _erfcx_partial, cost=Cost.SPECIAL)
ndtri = Elementwise(
    "ndtri", e.special("ndtri"), lambda x, y: scale(e.exp(scale(mul(y, y), 0.5)), ROOT_2PI), cost=Cost.SPECIAL
)
log_ndtr = Elementwise(
    "log_ndtr",
    e.special("log_ndtr"),
    Over(lambda x, y: scale(erfcx(scale(x, -1 / math.sqrt(2))), math.sqrt(math.pi / 2))),
    cost=Cost.SPECIAL,
)

primitive(UNARY, e.erfc, "input", "1 - erf(x), exact for large x")
primitive(UNARY, erfinv, "input", "the inverse of the error function")
primitive(
    SPECIAL, erfcx, "input", "exp(x*x)*erfc(x), without underflow", grad_fn="SpecialErfcx", method=False
)
primitive(SPECIAL, e.ndtr, "input", "the normal distribution function", grad_fn="MulBackward1", method=False)
primitive(
    SPECIAL,
    ndtri,
    "input",
    "the inverse of the normal distribution function",
    grad_fn="SpecialNdtri",
    method=False,
)
primitive(
    SPECIAL,
    log_ndtr,
    "input",
    "log(ndtr(x)), exact for very negative x",
    grad_fn="SpecialLogNdtr",
    method=False,
)

# ---- entropy and its like ----

entr = Elementwise("entr", e.special("entr"), lambda x, y: sub(neg(e.log(x)), 1), cost=Cost.SPECIAL)
xlog1py_primitive = Elementwise(
    "xlog1py",
    e.special("xlog1py"),
    Zeros(
        lambda x, y, z: where(e.logical_and(e.eq(x, 0), e.le(y, -1)), 0.0, e.log1p(y)),
        at=lambda x, y, z: e.logical_and(e.eq(x, 0), e.le(y, -1)),
        both=True,
    ),
    lambda x, y, z: primitives.div(x, add(y, 1)),
    cost=Cost.SPECIAL,
)

primitive(SPECIAL, entr, "input", "-x*log(x), and 0 at 0", grad_fn="SpecialEntr", method=False)


@function(SPECIAL, "xlog1py", grad_fn=by_both_numbers("SpecialXlog1Py"), method=False)
def xlog1py(input: Operand, other: Operand) -> Node:
    """input*log1p(other), and 0 where input is 0"""
    return xlog1py_primitive(input, other)


# ---- Bessel functions ----

_BESSEL_NAMES = {(0, False): "i0", (0, True): "i0e", (1, False): "i1", (1, True): "i1e"}


def _bessel(x: Any, order: int, scaled: bool, out: Any = None) -> Any:
    name = _BESSEL_NAMES.get((order, scaled))
    if name is not None:
        return e.special(name)(x, out=out)
    values = e.special("ive" if scaled else "iv")(order, x)
    if scaled:  # SciPy gives up on huge arguments
        x = np.asarray(x)
        limit = np.where(x < 0, (-1.0) ** order, 1) / np.sqrt(2 * np.pi * np.maximum(np.abs(x), 1))
        values = np.where(np.isnan(values) & ~np.isnan(x), limit.astype(x.dtype), values)
    return e.into(out, values)


_BESSEL_FAR = 100


def _bessel_slope(order: int) -> list[float]:
    """The derivative of the scaled function of |x| far out: x**-1.5 times a series in 1/x.

    By the expansion of Hankel (Abramowitz and Stegun, 9.7.1), term by term.
    """
    found, term = [], 1.0
    for k in range(9):
        found.append(-(k + 0.5) * term / ROOT_2PI)
        term *= -(4 * order * order - (2 * k + 1) ** 2) / (8 * (k + 1))
    return found


def _bessel_partial(x: Node, y: Node, order: int, scaled: bool) -> Node:
    above = bessel(x, attrs=(order + 1, scaled))
    slope = above if order == 0 else scale(add(bessel(x, attrs=(order - 1, scaled)), above), 0.5)
    if not scaled:
        return slope
    near = sub(slope, mul(e.sign(x), y))  # which cancels ever more digits: far out is the asymptotic series
    far = e.gt(e.absolute(x), _BESSEL_FAR)
    inverse = e.reciprocal(where(far, e.absolute(x), float(_BESSEL_FAR)))
    series = mul(mul(inverse, e.sqrt(inverse)), _polynomial(inverse, _bessel_slope(order)))
    return where(far, mul(series, e.sign(x)) if order % 2 == 0 else series, near)


def _bessel_loops(do: Steps, order: int, scaled: bool) -> Any:
    name = _BESSEL_NAMES.get((order, scaled))
    return NotImplemented if name is None else do.one(e.scipy_ufunc(name), "a")


bessel = Elementwise(
    "bessel",
    _bessel,
    _bessel_partial,
    cost=Cost.SPECIAL,
    loops=recipes.fixed("d->d", _bessel_loops),
)
"""The modified Bessel function of the first kind, of an integer order; `scaled` by exp(-|x|)."""


@function(UNARY, "i0")
def i0(input: Operand) -> Node:
    """the modified Bessel function of order 0"""
    return bessel(input, attrs=(0, False))


@function(SPECIAL, "i0e", grad_fn="SpecialI0E", method=False)
def i0e(input: Operand) -> Node:
    """exp(-|x|)*i0(x), without overflow"""
    return bessel(input, attrs=(0, True))


@function(SPECIAL, "i1", grad_fn="SpecialI1", method=False)
def i1(input: Operand) -> Node:
    """the modified Bessel function of order 1"""
    return bessel(input, attrs=(1, False))


@function(SPECIAL, "i1e", grad_fn="SpecialI1E", method=False)
def i1e(input: Operand) -> Node:
    """exp(-|x|)*i1(x), without overflow"""
    return bessel(input, attrs=(1, True))


def _spherical(z: Any, order: int, out: Any = None) -> Any:
    if order:
        import scipy.special

        finite = np.where(np.isinf(z), np.nan, z)  # of which the sine, and so every order, is nan
        return e.into(out, scipy.special.spherical_jn(order, finite).astype(finite.dtype, copy=False))
    zero = np.equal(z, 0)
    safe = np.where(zero, 1, z)
    return e.into(out, np.where(zero, 1, np.sin(safe) / safe))


def _spherical_partial(z: Node, y: Node, order: int) -> Node:
    above = spherical(z, attrs=(order + 1,))
    if order == 0:
        return neg(above)
    below = spherical(z, attrs=(order - 1,))
    return scale(sub(scale(below, order), scale(above, order + 1)), 1 / (2 * order + 1))


spherical = Elementwise(
    "spherical_bessel",
    _spherical,
    # Flat at 0, where alone that of order 1 is not.
    Zeros(_spherical_partial, at=lambda z, y, order: e.eq(z, 0) if order != 1 else None),
    cost=Cost.SPECIAL,
)
"""The spherical Bessel function of the first kind; that of order 0 is sin(z)/z."""


@function(UNARY, "sinc")
def sinc(input: Operand) -> Node:
    """sin(pi*x)/(pi*x), and 1 at 0"""
    x = as_float(input)
    if x.dtype.itemsize < FLOAT32.itemsize:  # whose multiples of pi are none
        return cast(sinc(cast(x, FLOAT32)), x.dtype)
    return spherical(scale(x, math.pi), attrs=(0,))


# ---- the gamma function ----


def _polygamma(x: Any, order: int, out: Any = None) -> Any:
    if order == 0:
        return e.special("psi")(x, out=out)
    import scipy.special

    x = np.asarray(x)
    result = np.where(np.isneginf(x), np.nan, scipy.special.polygamma(order, x))
    return e.into(out, result.astype(x.dtype, copy=False))


def _polygamma_loops(do: Steps, order: int) -> Any:
    return do.one(e.scipy_ufunc("psi"), "a") if order == 0 else NotImplemented


polygamma_primitive: Elementwise = Elementwise(
    "polygamma",
    _polygamma,
    lambda x, y, order: polygamma_primitive(x, attrs=(order + 1,)),
    cost=Cost.SPECIAL,
    loops=recipes.fixed("d->d", _polygamma_loops),
)


def _lgamma(x: Any, out: Any = None) -> Any:
    values = e.special("gammaln")(x)
    return e.into(out, np.where(np.isneginf(x), np.inf, values).astype(values.dtype, copy=False))


def _lgamma_loops(do: Steps) -> None:
    values = do.one(e.scipy_ufunc("gammaln"), "a")
    do.choice(do.compared(np.equal, "a", -np.inf), np.inf, values)


lgamma = Elementwise(
    "lgamma",
    _lgamma,
    lambda x, y: polygamma_primitive(x, attrs=(0,)),
    cost=Cost.SPECIAL,
    loops=recipes.fixed("d->d", _lgamma_loops),
)

primitive(UNARY, lgamma, "input", "the logarithm of |gamma(x)|", "lgamma", "gammaln")


def _incomplete(name: str, sign: int, scipy_name: str) -> Elementwise:
    """A regularised incomplete gamma function, with its derivative by the second argument."""

    def by_first(a: Node, x: Node, y: Node) -> Operand:
        raise GradcliError("no-grad", f"the derivative for '{name}: input' is not implemented.")

    def by_second(a: Node, x: Node, y: Node) -> Operand:
        return scale(e.exp(sub(sub(e.xlogy(sub(a, 1), x), x), lgamma(a))), sign)

    return Elementwise(name, e.special(scipy_name), by_first, by_second, cost=Cost.SPECIAL)


for _name, _sign, _scipy in (("igamma", 1, "gammainc"), ("igammac", -1, "gammaincc")):
    primitive(
        SPECIAL,
        _incomplete(_name, _sign, _scipy),
        "input, other",
        f"the regularised {'lower' if _sign > 0 else 'upper'} incomplete gamma function of order input",
    )


gamma: Elementwise = Elementwise(
    "gamma", e.special("gamma"), lambda x, y: mul(y, polygamma_primitive(x, attrs=(0,))), cost=Cost.SPECIAL
)

primitive(SPECIAL, gamma, "input", "the factorial of input - 1 between whole numbers too", method=False)


@function(UNARY, "digamma", "psi")
def digamma(input: Operand) -> Node:
    """the derivative of lgamma"""
    return polygamma_primitive(input, attrs=(0,))


@function(SPECIAL, "polygamma")
def polygamma(n: int, input: Operand) -> Node:
    """the n-th derivative of digamma"""
    if isinstance(n, bool) or not isinstance(n, int):
        raise GradcliError(
            "bad-argument", f"polygamma(): argument 'n' (position 1) must be int, not {type(n).__name__}"
        )
    if n < 0:
        raise GradcliError("bad-argument", "polygamma(n, x) does not support negative n.")
    return polygamma_primitive(input, attrs=(n,))


@own_method(SPECIAL, "polygamma")
def polygamma_method(input: Operand, n: int) -> Node:
    """the n-th derivative of digamma"""
    return polygamma(n, input)  # type: ignore[no-any-return]


@function(SPECIAL, "mvlgamma", "multigammaln")
def mvlgamma(input: Operand, p: int) -> Node:
    """the logarithm of the multivariate gamma function of dimension p"""
    if p < 1:
        raise GradcliError("bad-argument", "p has to be greater than or equal to 1")
    x = as_float(input)
    total = lgamma(x)
    for each in context.each_of(p):
        total = add(total, lgamma(sub(x, each / 2))) if each else total
    return add(total, p * (p - 1) / 4 * math.log(math.pi))


# ---- logit ----

logit_primitive = Elementwise(
    "logit",
    e.special("logit"),
    Over(
        # The sum with 0 makes inf, not -inf, of the slope at -0.
        lambda x, y: where(e.logical_and(e.ge(x, 0), e.le(x, 1)), add(mul(x, sub(1, x)), 0.0), math.nan)
    ),
    cost=Cost.SPECIAL,
)


@function(SPECIAL, "logit")
def logit(input: Operand, eps: float | None = None) -> Node:
    """log(x/(1 - x)); with eps, of x held between eps and 1 - eps"""
    x = as_float(input)
    if eps is not None:
        x = e.clamp_number(x, attrs=(eps, 1 - eps))
    return logit_primitive(x)
