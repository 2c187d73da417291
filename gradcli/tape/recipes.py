"""Operations taken apart into loops of ufuncs, for what runs these one after the other.

Each loop of a recipe is a ufunc, the dtypes of one of its loops, and its operands: "a", "b" … are those of
the operation, "0", "1" … the results of the loops before, and numbers stand for themselves; where integers
are read, floats stand for their bits. Where a loop is said to read integers ("l"), it reads the bits of
whatever has as many; of a bool it reads seven bytes too many, which is done only where they are known to be
there: not in what the operation is given. A ufunc of two operands that is given one reduces it, where an
operation goes by rows.

Recipes are written for float64 by calls of `Steps`. Those that `fixed` makes serve float32 as they are, those
of `in_double` have its elements made float64, and round the result once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy._core import umath

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Conversion:
    """What a ufunc would be that gives its operand in another dtype."""

    nin = 1

    def __init__(self, types: str) -> None:
        self.types = [types]
        self.__name__ = types

    def __call__(self, *arrays: Any, out: Any) -> None:
        (out[...],) = arrays


if TYPE_CHECKING:
    Ufunc = np.ufunc | Conversion
    Step = tuple[Ufunc, str, tuple[Any, ...]]
    Recipe = Sequence[Step]
    Recipes = Callable[..., Recipe | None]

WIDEN = (Conversion("f->d"), "f->d")
NARROW = (Conversion("d->f"), "d->f")
CLIP: np.ufunc = umath.clip  # type: ignore[attr-defined]
"""What holds numbers between two others: with numbers in a third of the time of the larger of two."""
COPY_BOOL = (np.logical_or, "??->?")
"""What copies a bool."""
COPY = {"d": (np.bitwise_or, "ll->l"), "f": (np.bitwise_or, "ii->i")}
"""What copies an element of some dtype, with 0."""


class Steps:
    """A recipe that is being written: a call adds a loop, and gives the name of its result."""

    def __init__(self) -> None:
        self.loops: list[Step] = []

    def __call__(self, ufunc: Ufunc, types: str, *operands: Any) -> str:
        self.loops.append((ufunc, types, operands))
        return str(len(self.loops) - 1)

    def one(self, ufunc: np.ufunc, x: Any) -> str:
        """A function of a number."""
        return self(ufunc, "d->d", x)

    def two(self, ufunc: np.ufunc, x: Any, y: Any) -> str:
        """A function of two numbers."""
        return self(ufunc, "dd->d", x, y)

    def bits(self, ufunc: np.ufunc, x: Any, y: Any) -> str:
        """A function of the bits of two numbers."""
        return self(ufunc, "ll->l", x, y)

    def mask(self, condition: str) -> str:
        """All bits or none, by a condition."""
        if condition.isalpha():
            condition = self(*COPY_BOOL, condition, condition)
        return self(np.negative, "l->l", self.bits(np.bitwise_and, condition, 1))

    def compared(self, ufunc: np.ufunc, x: Any, y: Any) -> str:
        """All bits or none, by a comparison of two numbers."""
        return self.mask(self(ufunc, "dd->?", x, y))

    def choice(self, mask: str, x: Any, y: Any) -> str:
        """`x` where all bits of a mask are set, `y` where none are."""
        differing = self.bits(np.bitwise_xor, x, y)
        return self.bits(np.bitwise_xor, self.bits(np.bitwise_and, differing, mask), y)


def written(write: Callable[..., Any], *attrs: Any) -> Recipe | None:
    """The recipe that a function writes; None where it returns NotImplemented."""
    steps = Steps()
    return None if write(steps, *attrs) is NotImplemented else steps.loops


_SINGLE = str.maketrans("dl", "fi")


def fixed(kinds: str, write: Callable[..., Any]) -> Recipes:
    """A recipe for operands and a result of some dtypes, or of float32 in place of float64.

    Args:
        kinds: with float64.
        write: is called with `Steps` and the attributes; who returns NotImplemented has none for these.
    """
    single = kinds.translate(_SINGLE)

    def found(wanted: str, *attrs: Any) -> Recipe | None:
        if wanted not in (kinds, single):
            return None
        recipe = written(write, *attrs)
        if recipe is None or wanted == kinds:
            return recipe
        return [(ufunc, types.translate(_SINGLE), operands) for ufunc, types, operands in recipe]

    return found


def in_double(recipes: Recipes) -> Recipes:
    """A recipe for float64 that serves float32 as well: what is given is widened, and the result rounded."""

    def found(kinds: str, *attrs: Any) -> Recipe | None:
        inner = recipes(kinds.replace("f", "d"), *attrs)
        if inner is None or "f" not in kinds:
            return inner
        read, _, result = kinds.partition("->")
        steps = Steps()
        names = {
            name: steps(*WIDEN, name) if kind == "f" else name
            for name, kind in zip("abcdefgh", read, strict=False)
        }
        for at, (ufunc, types, operands) in enumerate(inner):
            names[str(at)] = steps(
                ufunc, types, *[names[each] if type(each) is str else each for each in operands]
            )
        if result == "f":
            steps(*NARROW, names[str(len(inner) - 1)])
        return steps.loops

    return found


def bits_of(value: float, kind: str) -> int:
    """What stands for a number where elements of some dtype are read, as an integer."""
    if type(value) is int and kind in "li":
        return value
    return int(np.float64(value).view(np.int64) if kind in "dl" else np.float32(value).view(np.int32))


# ---- the recipes ----


def ufunc_of(ufunc: np.ufunc) -> Callable[[Steps], Any]:
    """A recipe of one loop, of a function of one number or of two."""
    return lambda do: do.one(ufunc, "a") if ufunc.nin == 1 else do.two(ufunc, "a", "b")


def _rsqrt(do: Steps) -> None:
    do.two(np.divide, 1.0, do.one(np.sqrt, "a"))


def _is_finite(do: Steps) -> None:
    do(np.less, "dd->?", do.one(np.absolute, "a"), np.inf)


def _sigmoid(do: Steps) -> None:
    do.two(np.divide, 1.0, do.two(np.add, do.one(np.exp, do.one(np.negative, "a")), 1.0))


def _sigmoid_slope(do: Steps) -> None:
    power = do(CLIP, "ddd->d", do.one(np.exp, do.one(np.negative, "a")), 0.0, sys.float_info.max)
    do.two(np.multiply, do.two(np.multiply, power, "b"), "b")


def _sigmoid_single(do: Steps) -> None:
    power = do(*NARROW, do.one(np.exp, do(*WIDEN, do(np.negative, "f->f", "a"))))
    do(np.divide, "ff->f", 1.0, do(np.add, "ff->f", power, 1.0))


def _sign(do: Steps) -> None:
    one = do.bits(np.bitwise_or, do.bits(np.bitwise_and, "a", -0.0), 1.0)
    do.bits(np.bitwise_and, one, do.compared(np.greater, do.one(np.absolute, "a"), 0.0))


def _others(do: Steps) -> None:
    total = do(np.add, "d->d", "a")
    less = do.two(np.subtract, total, 1.0)
    parts = do(np.add, "d->d", do.two(np.subtract, "a", do.one(np.floor, "a")))
    do.choice(do.compared(np.less, total, 1.5), parts, less)


def _off_shares(do: Steps) -> None:
    share = do.two(np.divide, 1.0, do.two(np.add, "b", 1.0))
    whole = do(np.add, "d->d", "c")
    plain = do.two(np.subtract, "c", do.two(np.multiply, "a", do.two(np.multiply, whole, share)))
    largest = do.compared(np.greater_equal, "a", 1.0)
    rest = do(np.add, "d->d", do.bits(np.bitwise_and, do(np.invert, "l->l", largest), "c"))
    exact = do.two(np.subtract, do.two(np.multiply, whole, do.two(np.multiply, "b", share)), rest)
    sure = do.compared(np.greater, share, 0.6)  # of one largest alone
    do.choice(do.bits(np.bitwise_and, largest, sure), exact, plain)


def _masked(do: Steps, holds: bool) -> None:
    mask = do.mask("a")
    do.bits(np.bitwise_and, mask if holds else do(np.invert, "l->l", mask), "b")


def _where_nonzero(do: Steps) -> None:
    """`b` where `a` isn't zero, else zero: the bits of a magnitude are a whole number, 0 or positive."""
    less = do(np.negative, "l->l", do.one(np.absolute, "a"))
    do.bits(np.bitwise_and, do.bits(np.right_shift, less, 63), "b")


def _power(do: Steps, n: float) -> Any:
    """Powers by numbers, as the kernel takes them."""
    if type(n) not in (int, float):
        return NotImplemented
    if n == 1:
        return do.one(np.positive, "a")
    if n in (2, 3, 4):
        square = do.two(np.multiply, "a", "a")
        return square if n == 2 else do.two(np.multiply, square, "a" if n == 3 else square)
    if n == 0.5:
        return do.one(np.sqrt, "a")
    if n == -0.5:
        return _rsqrt(do)
    if n == -1:
        return do.two(np.divide, 1.0, "a")
    if n in (1.5, 2.5):
        result = do.one(np.sqrt, "a")
        for _ in range(int(n)):
            result = do.two(np.multiply, result, "a")
        result = do.one(np.absolute, result)
        return do.choice(do.compared(np.equal, "a", -np.inf), np.inf, result)
    if n % 1 == 0:
        return do.two(np.power, "a", float(n))
    result = do.two(np.power, do.one(np.absolute, "a"), float(n))
    negative = do(np.less, "dd->?", "a", 0.0)
    finite = do(np.greater, "dd->?", "a", -np.inf)
    return do.choice(do.mask(do(np.logical_and, "??->?", negative, finite)), np.nan, result)


def _logaddexp(do: Steps) -> None:
    power = do.one(np.exp, do.one(np.negative, do.one(np.absolute, do.two(np.subtract, "a", "b"))))
    do.two(np.add, do.two(np.maximum, "a", "b"), _log_1p(do, power))


def _log_1p(do: Steps, power: str) -> str:
    """Of a power of up to 1; nan counts as 1, since what it is added to knows better."""
    return do.one(np.log1p, do.two(np.fmin, power, 1.0))


def _softplus(do: Steps, beta: float, threshold: float) -> None:
    scaled = "a" if beta == 1 else do.two(np.multiply, "a", float(beta))
    power = do.one(np.exp, do.one(np.negative, do.one(np.absolute, scaled)))
    smooth = do.two(np.add, do(CLIP, "ddd->d", scaled, 0.0, np.inf), _log_1p(do, power))
    if beta != 1:
        smooth = do.two(np.divide, smooth, float(beta))
    if threshold < np.inf:
        do.choice(do.compared(np.greater, scaled, float(threshold)), "a", smooth)


def _clamp(do: Steps, low: float | None, high: float | None) -> Any:
    least, most = -np.inf if low is None else float(low), np.inf if high is None else float(high)
    return do(CLIP, "ddd->d", "a", least, most)


def _huber(do: Steps, delta: float) -> None:
    held = do(CLIP, "ddd->d", "a", -float(delta), float(delta))
    do.two(np.multiply, held, do.two(np.subtract, "a", do.two(np.multiply, held, 0.5)))


def _untaken(do: Steps) -> str:
    zero = do(np.equal, "dd->?", "a", 0.0)
    return do(np.logical_and, "??->?", zero, do(np.logical_not, "?->?", do(np.isfinite, "d->?", "b")))


def _guarded(do: Steps) -> None:
    do.choice(do.mask(_untaken(do)), 0.0, do.two(np.multiply, "a", "b"))


def _xlogy(do: Steps) -> None:
    product = do.two(np.multiply, "a", do.one(np.log, "b"))
    known = do(np.logical_not, "?->?", do(np.isnan, "d->?", "b"))
    zero = do(np.logical_and, "??->?", do(np.equal, "dd->?", "a", 0.0), known)
    do.choice(do.mask(zero), 0.0, product)


_where = fixed("?dd->d", lambda do: do.choice(do.mask("a"), "b", "c"))


def where(kinds: str) -> Recipe | None:
    """A choice of numbers, or of integers: of bits."""
    return _where("?dd->d" if kinds == "?ll->l" else kinds)


def odd(function: Callable[[], np.ufunc]) -> Recipes:
    """A recipe for an odd function from magnitudes alone: it branches by the sign, which nobody foretells."""

    def write(do: Steps) -> None:
        value = do.one(function(), do.one(np.absolute, "a"))
        do.bits(np.bitwise_or, value, do.bits(np.bitwise_and, "a", -0.0))

    return fixed("d->d", write)


def from_tail(function: Callable[[], np.ufunc], whole: float, below: bool) -> Recipes:
    """A recipe for what of a whole that is symmetric about 0 lies below or above a number.

    Like `odd`, of one sign alone: that of the numbers beyond which there is less than half.
    """

    def write(do: Steps) -> None:
        far = do.bits(np.bitwise_or, "a", -0.0) if below else do.one(np.absolute, "a")
        turned = do.bits(np.bitwise_xor, "a", -0.0) if below else "a"
        rest = do.bits(np.bitwise_and, do.bits(np.right_shift, turned, 63), whole)
        do.one(np.absolute, do.two(np.subtract, rest, do.one(function(), far)))

    return fixed("d->d", write)


masked = fixed("?d->d", _masked)
where_nonzero = fixed("dd->d", _where_nonzero)
from_bool = fixed("?->d", lambda do, *dtype: do.bits(np.bitwise_and, do.mask("a"), 1.0))
rsqrt = fixed("d->d", _rsqrt)
relu = fixed("d->d", lambda do: do(CLIP, "ddd->d", "a", 0.0, np.inf))
is_finite = fixed("d->?", _is_finite)
sigmoid = fixed("d->d", _sigmoid)
sigmoid_slope = fixed("dd->d", _sigmoid_slope)
sign = fixed("d->d", _sign)
others = fixed("d->d", lambda do, *attrs: _others(do))
off_shares = fixed("ddd->d", lambda do, *attrs: _off_shares(do))
power = fixed("d->d", _power)
logaddexp = fixed("dd->d", _logaddexp)
softplus = fixed("d->d", _softplus)
clamp = fixed("d->d", _clamp)
huber = fixed("d->d", _huber)
xlogy = fixed("dd->d", _xlogy)
guarded = fixed("dd->d", _guarded)
one_less_square = in_double(fixed("d->d", lambda do: do.two(np.subtract, 1.0, do.two(np.multiply, "a", "a"))))
untaken = fixed("dd->?", _untaken)


def power_single(kinds: str, n: float) -> Recipe | None:
    """Powers of float32 by numbers."""
    if kinds != "f->f" or n in (1, 2, 3, 0.5, -0.5, -1):
        return power(kinds, n)
    if n == -2:
        return fixed("d->d", lambda do: do.two(np.divide, 1.0, do.two(np.multiply, "a", "a")))(kinds)
    if n == 4:
        return in_double(power)(kinds, n)
    return in_double(fixed("d->d", lambda do: do.two(np.power, "a", float(np.float32(n)))))(kinds)


def sigmoid_single(kinds: str) -> Recipe | None:
    """That of float32, whose exponential alone is taken in float64."""
    return written(_sigmoid_single) if kinds == "f->f" else None


def cast(kinds: str, *dtype: Any) -> Recipe | None:
    """Between floats, and from bools."""
    if kinds in ("f->d", "d->f"):
        return [(*(WIDEN if kinds == "f->d" else NARROW), ("a",))]
    return from_bool(kinds, *dtype)
