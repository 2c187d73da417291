"""Functions of one number as lines of instructions, where NumPy or SciPy compute them one by one.

Each is right but for one or two units in the last place; nan, infinities, zeros with their signs and numbers
that are nearly zero come out as they should. Called by `loops`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gradcli.engine.assembler import ONE, ROUNDS, Constant, Instructions, power_of_two

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.engine.assembler import Operand

ROOT_HALF = Constant(0x3FE6A09E667F3BCD)
"""The bits of the root of one half."""
SIGN, FRACTION = Constant(-(1 << 63)), Constant((1 << 52) - 1)
LOG2_E = 1.4426950408889634
LN2, LN2_REST = 0.6931471805582987, 1.6465949582897082e-12
"""The logarithm of 2, of which the first has so few bits that its multiples are exact."""
QUARTER = (math.pi / 2, 6.123233995736766e-17, -1.4973849048591698e-33)
"""A quarter of a turn as a sum. A number less the first times an integer is exact."""
NEAR = (
    1.1283791670955126, -0.37612638903183543, 0.11283791670945006, -0.02686617064323777,
    0.0052239776071164225, -0.0008548325975389692, 0.00012055294904839707, -1.492473690741966e-05,
    1.6447424703317362e-06, -1.6208483801871705e-07, 1.3720064546777686e-08, -7.795898827002142e-10,
)  # fmt: skip
"""`erf(x)/x` from 0 to 1 as a polynomial in the square of x: interpolated where Chebyshev's polynomial of
degree 12 is zero, in 40 digits."""
BEYOND = 2.5
TAIL = (
    0.8573936299168899, 0.41738687299916094, 0.16453464815678856, 0.04892906302759769, 0.008960038305237564,
    -5.386860179966323e-05, -0.0005499713618838458, -9.60249468003231e-05, 2.9470223333529412e-05,
    1.1568887298523093e-05, -1.9337820143887544e-06, -1.2763946115534767e-06, 1.9350951618359093e-07,
    1.4703358149473273e-07, -2.9444343526868554e-08, -1.7186588276921307e-08, 5.290712415165233e-09,
    1.8037058191462873e-09, -8.497545657230889e-10, -1.227605304593876e-10, 8.205857472900887e-11,
)  # fmt: skip
"""`exp(x**2) * erfc(x) * (x + BEYOND)` from 1 to infinity, interpolated in the same way as a polynomial in
`2*(1 + BEYOND)/(x + BEYOND) - 1`, which goes from 1 to -1."""


def _held(do: Instructions, x: int, least: float, most: float) -> int:
    return do("vminpd", most, do("vmaxpd", least, x))  # in this order nan comes through


def _reduced(do: Instructions, x: int) -> tuple[int, int, int]:
    """An integer n for which r = x - n*log(2) is small, with `ROUNDS` added, r, and exp(r) - 1 - r."""
    whole = do.fma(x, LOG2_E, ROUNDS)
    n = do("vsubpd", whole, ROUNDS)
    rest = do.fnma(n, LN2_REST, do.fnma(n, LN2, x))
    square = do("vmulpd", rest, rest)
    return (
        whole,
        rest,
        do("vmulpd", square, do.polynomial(rest, [1 / math.factorial(k) for k in range(2, 14)])),
    )


def exp(do: Instructions, x: int) -> int:
    """The exponential, which may be tiny or infinite."""
    whole, rest, series = _reduced(do, _held(do, x, -746.0, 710.0))
    more = do("vaddpd", rest, 1.0)
    lost = do("vsubpd", rest, do("vsubpd", more, 1.0))
    found = do("vaddpd", more, do("vaddpd", series, lost))
    return do("vscalefpd", found, do("vsubpd", whole, ROUNDS))


def _less_one(do: Instructions, x: int) -> int:
    """exp(x) - 1, but for numbers that are nearly zero, which it may lose."""
    whole, rest, series = _reduced(do, _held(do, x, -50.0, 710.0))
    half = power_of_two(do, do("vsubpd", whole, 1.0))
    some = do.fma(do("vaddpd", series, rest), half, do("vsubpd", half, 0.5))
    return do("vaddpd", some, some)


def _unless_small(do: Instructions, x: int, found: int) -> int:
    """What is computed, but where a number is so small that it is its own function."""
    return do.choice(do.compared(do("vandnpd", SIGN, x), "<", 2.0**-60), x, found)


def expm1(do: Instructions, x: int) -> int:
    """The exponential less 1."""
    return _unless_small(do, x, _less_one(do, x))


def tanh(do: Instructions, x: int) -> int:
    """The hyperbolic tangent, where it is near 1 from what is missing."""
    size = do("vandnpd", SIGN, x)
    less = _less_one(do, do("vaddpd", size, size))
    far = do.compared(size, ">=", 0.55)
    share = do("vdivpd", do.choice(far, 2.0, less), do("vaddpd", less, 2.0))
    found = do.choice(far, do("vsubpd", 1.0, share), share)
    return _unless_small(do, x, do("vorpd", found, do("vandpd", x, SIGN)))


def _logarithm(do: Instructions, x: int, rest: Operand | float, scaled: Operand | float) -> int:
    """That of a positive number that isn't tiny.

    Args:
        x: the number.
        rest: what the logarithm is larger by.
        scaled: the power of two that the number has been multiplied by, as a number.
    """
    bits = do("vpaddq", x, Constant(ONE.bits - ROOT_HALF.bits))
    n = do("vsubpd", do("vorpd", do("vpsrlq", bits, which=52), 2.0**52), 2.0**52 + 1023)
    n = do("vsubpd", n, scaled)
    f = do("vsubpd", do("vpaddq", do("vandpd", bits, FRACTION), ROOT_HALF), 1.0)
    s = do("vdivpd", f, do("vaddpd", f, 2.0))
    z = do("vmulpd", s, s)
    series = do("vmulpd", z, do.polynomial(z, [2 / (2 * k + 1) for k in range(1, 12)]))
    half = do("vmulpd", do("vmulpd", f, 0.5), f)
    correction = do.fma(s, do("vaddpd", half, series), do.fma(n, LN2_REST, rest))
    return do.fma(n, LN2, do("vsubpd", f, do("vsubpd", half, correction)))


def _ends(do: Instructions, x: int, least: float, found: int) -> int:
    """A logarithm where it is infinite or none, by what it is one of."""
    found = do.choice(do.compared(x, "!<", math.inf), x, found)
    found = do.choice(do.compared(x, "=", least), -math.inf, found)
    return do.choice(do.compared(x, "<", least), math.nan, found)


def log(do: Instructions, x: int) -> int:
    """The logarithm."""
    tiny = do.compared(x, "<", 2.0**-1022)
    larger = do.choice(tiny, do("vmulpd", x, 2.0**54), x)
    return _ends(do, x, 0.0, _logarithm(do, larger, 0.0, do("vandpd", tiny, 54.0)))


def log1p(do: Instructions, x: int) -> int:
    """The logarithm of one more, and what was lost when 1 was added."""
    one = do("vaddpd", x, 1.0)
    taken = do("vsubpd", one, 1.0)
    lost = do("vaddpd", do("vsubpd", x, taken), do("vsubpd", 1.0, do("vsubpd", one, taken)))
    found = _logarithm(do, one, do("vdivpd", lost, one), 0.0)
    return _unless_small(do, x, _ends(do, x, -1.0, found))


def _near(do: Instructions, x: int, square: float, scale: float) -> int:
    """`scale` times erf of the root of `square` times a number up to 1 of size."""
    root = math.sqrt(square)
    terms = [each * root * scale * square**k for k, each in enumerate(NEAR)]
    return do("vmulpd", x, do.polynomial(do("vmulpd", x, x), terms))


def _tail(do: Instructions, x: int, square: float, scale: float) -> int:
    """`scale` times erfc of the root of `square` times a number from 1 on."""
    root = math.sqrt(square)
    x = _held(do, x, 1.0 / root, 40.0 / root)
    inverse = do("vdivpd", 1.0, do("vaddpd", x, BEYOND / root))
    share = do("vsubpd", do("vmulpd", inverse, 2 * (1 + BEYOND) / root), 1.0)
    front = do("vmulpd", do.polynomial(share, [each * scale / root for each in TAIL]), inverse)
    whole = do("vmulpd", x, x)
    lost = do("vmulpd", do.fma(x, x, do("vxorpd", whole, SIGN)), square)
    power = exp(do, do("vmulpd", whole, -square))
    return do("vmulpd", do.fnma(power, lost, power), front)


def _below(do: Instructions, x: int, square: float, scale: float) -> int:
    """`scale` times erfc of the root of `square` times a number."""
    size = do("vandnpd", SIGN, x)
    tail = _tail(do, size, square, scale)
    far = do.choice(do.compared(x, "<", 0.0), do("vsubpd", 2 * scale, tail), tail)
    near = do("vsubpd", scale, _near(do, x, square, scale))
    return do.choice(do.compared(size, "<", 1 / math.sqrt(square)), near, far)


def erfc(do: Instructions, x: int) -> int:
    """1 less the error function; where that is a little less than 1, to 8 units in the last place."""
    return _below(do, x, 1.0, 1.0)


def ndtr(do: Instructions, x: int) -> int:
    """The normal distribution function."""
    return _below(do, do("vxorpd", x, SIGN), 0.5, 0.5)


def erf(do: Instructions, x: int) -> int:
    """The error function."""
    size = do("vandnpd", SIGN, x)
    far = do("vorpd", do("vsubpd", 1.0, _tail(do, size, 1.0, 1.0)), do("vandpd", x, SIGN))
    return do.choice(do.compared(size, "<", 1.0), _near(do, x, 1.0, 1.0), far)


def _turned(do: Instructions, x: int, quarters: int) -> int:
    """The sine of a number and some quarters of a turn."""
    whole = do.fma(x, 2 / math.pi, ROUNDS)
    n = do("vsubpd", whole, ROUNDS)
    rest = x
    for each in QUARTER:
        rest = do.fnma(n, each, rest)
    z = do("vmulpd", rest, rest)
    sines = do.polynomial(z, [(-1) ** k / math.factorial(2 * k + 1) for k in range(1, 9)])
    sine = do.fma(do("vmulpd", rest, z), sines, rest)
    cosines = do.polynomial(z, [(-1) ** k / math.factorial(2 * k) for k in range(2, 10)])
    cosine = do.fma(do("vmulpd", z, z), cosines, do.fnma(z, 0.5, 1.0))
    turns = do("vpaddq", whole, Constant(quarters))
    found = do.choice(do("vpsllq", turns, which=63), cosine, sine)  # the sign alone tells of a choice
    return do("vxorpd", found, do("vandpd", do("vpsllq", turns, which=62), SIGN))


def sin(do: Instructions, x: int) -> int:
    """The sine."""
    return _unless_small(do, x, _turned(do, x, 0))


def cos(do: Instructions, x: int) -> int:
    """The cosine."""
    return _turned(do, x, 1)


ALWAYS = {each.__name__: each for each in (exp, expm1, tanh, erfc, ndtr, erf, sin, cos)}
"""Those that are quicker than NumPy's and SciPy's on all processors: for exponentials that are zero, as where
a mask has been, or nearly, theirs with wider registers take four to twenty times as long."""
FUNCTIONS: dict[str, Callable[[Instructions, int], int]] = {
    **{each.__name__: each for each in (log, log1p)},
    **ALWAYS,
}
NEAREST = {each.__name__: 1e5 for each in (sin, cos)}
"""Up to which size a function takes numbers; the loop it stands for takes those with others among them."""
