"""A recorded tape in 100 decimal digits, so that differences tell more digits than float64 has.

`arbiter` settles what differences in float64 cannot: the value and the gradient's own formula are both
replayed with `Precise` numbers in object arrays. NumPy's arithmetic, reductions and products work on those
as they are; what its kernels cannot compute on objects is in the table here, by operation. Whatever else a
kernel cannot do makes the tape `Unavailable`, never wrong. `gradcli.checking.comparing` asks; mpmath is
loaded with this file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np

from gradcli.checking.numerical import FAIL, PASS, UNMEASURABLE, Tolerance, Verdict
from gradcli.checking.rerun import Rerun
from gradcli.tape.primitives import Elementwise

Array = np.ndarray[Any, np.dtype[Any]]

DIGITS = 100
mp = mpmath.mp.clone()
mp.dps = DIGITS
COARSE, FINE = mp.mpf(2) ** -40, mp.mpf(2) ** -70
"""The steps, in units of the input. The error of the finer difference is its square, and its rounding takes
21 of the digits."""
SMOOTHER = 2**20
"""The one-sided differences of a smooth function come so much nearer from the first step to the second."""
CONSTANTS = mp.mpf(10) ** -14
"""How exact the constants in the rules are, which are in float64, relative to the terms of a gradient."""
EDGE = "it is the edge of where the function is finite"
NAN, INFINITY = mp.mpf("nan"), mp.mpf("inf")


class Unavailable(Exception):
    """An operation on the tape cannot be computed in more digits."""


def _real(value: Any) -> Any:
    """What a float would be: nan where the result is complex."""
    return value if not hasattr(value, "imag") or value.imag == 0 else NAN


def _number(other: Any) -> Any:
    if type(other) is Precise:
        return other.value
    if isinstance(other, (bool, int, float, np.number, np.bool_)):
        return mp.mpf(other.item() if isinstance(other, np.generic) else other)
    return None


class Precise:
    """A real number of `DIGITS` digits, with IEEE's answers at poles, as an element of an object array.

    It has no way to become a float: a kernel that would lose its digits fails instead.
    """

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value != 0)

    def __neg__(self) -> Precise:
        return Precise(-self.value)

    def __pos__(self) -> Precise:
        return self

    def __abs__(self) -> Precise:
        return Precise(abs(self.value))

    def __floor__(self) -> Precise:
        return Precise(mp.floor(self.value))

    def __ceil__(self) -> Precise:
        return Precise(mp.ceil(self.value))

    def __trunc__(self) -> Precise:
        return Precise(mp.floor(self.value) if self.value >= 0 else mp.ceil(self.value))

    def conjugate(self) -> Precise:
        """Itself."""
        return self


def _operator(compute: Callable[[Any, Any], Any]) -> tuple[Any, Any]:
    def forward(self: Precise, other: Any) -> Any:
        number = _number(other)
        return NotImplemented if number is None else Precise(_guarded(compute, self.value, number))

    def backward(self: Precise, other: Any) -> Any:
        number = _number(other)
        return NotImplemented if number is None else Precise(_guarded(compute, number, self.value))

    return forward, backward


def _guarded(compute: Callable[..., Any], *numbers: Any) -> Any:
    try:
        return _real(compute(*numbers))
    except (ValueError, ZeroDivisionError):
        return NAN


def _divide(a: Any, b: Any) -> Any:
    if b != 0:
        return a / b
    return NAN if a == 0 or mp.isnan(a) else (INFINITY if a > 0 else -INFINITY)


def _power(a: Any, b: Any) -> Any:
    if a == 0 and b < 0:
        return INFINITY
    return mp.power(a, b)


for _name, _function in {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": _divide,
    "pow": _power,
    "floordiv": lambda a, b: mp.floor(_divide(a, b)),
    "mod": lambda a, b: a - b * mp.floor(_divide(a, b)),
}.items():
    _forward, _backward = _operator(_function)
    setattr(Precise, f"__{_name}__", _forward)
    setattr(Precise, f"__r{_name}__", _backward)


def _comparison(name: str) -> Any:
    def compared(self: Precise, other: Any) -> Any:
        number = _number(other)
        return NotImplemented if number is None else getattr(self.value, name)(number)

    return compared


for _name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
    setattr(Precise, _name, _comparison(_name))


def _log(x: Any) -> Any:
    return -INFINITY if x == 0 else mp.log(x)


def _log1p(x: Any) -> Any:
    return -INFINITY if x == -1 else mp.log1p(x)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _ndtr(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _spherical(x: Any, order: int) -> Any:
    if x == 0:
        return mp.mpf(order == 0)
    return mp.re(mp.sqrt(mp.pi / (2 * x)) * mp.besselj(order + mp.mpf(1) / 2, x))


def _at_zero(f: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """x*f(y), which is 0 where x is."""
    return lambda x, y: mp.mpf(0) if x == 0 else x * f(y)


# NumPy asks an object for the method of the function's name.
UFUNCS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "exp2": lambda x: mp.power(2, x),
    "expm1": mp.expm1,
    "log": _log,
    "log2": lambda x: _log(x) / mp.log(2),
    "log10": lambda x: _log(x) / mp.log(10),
    "log1p": _log1p,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "arcsin": mp.asin,
    "arccos": mp.acos,
    "arctan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "arcsinh": mp.asinh,
    "arccosh": mp.acosh,
    "arctanh": mp.atanh,
    "rint": mp.nint,
}


def _method(compute: Callable[..., Any]) -> Any:
    return lambda self: Precise(_guarded(compute, self.value))


for _name, _function in UFUNCS.items():
    setattr(Precise, _name, _method(_function))

# By the name of the operation, where its kernel asks for what objects do not have.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "reciprocal": lambda x: _divide(mp.mpf(1), x),
    "rsqrt": lambda x: _divide(mp.mpf(1), mp.sqrt(x)),
    "sigmoid": _sigmoid,
    "logit": lambda x: _log(x) - _log1p(-x),
    "hypot": mp.hypot,
    "atan2": mp.atan2,
    "logaddexp": lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))),
    "logaddexp2": lambda a, b: max(a, b) + mp.log1p(mp.power(2, -abs(a - b))) / mp.log(2),
    "xlogy": _at_zero(_log),
    "xlog1py": _at_zero(_log1p),
    "entr": lambda x: mp.mpf(0) if x == 0 else -x * mp.log(x),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfinv": mp.erfinv,
    "ndtr": _ndtr,
    "log_ndtr": lambda x: mp.log(_ndtr(x)),
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "gamma": mp.gamma,
    "polygamma": lambda x, order: mp.polygamma(order, x),
    "bessel": lambda x, order, scaled: mp.besseli(order, x) * (mp.exp(-abs(x)) if scaled else 1),
    "spherical_bessel": _spherical,
    "floor": mp.floor,
    "ceil": mp.ceil,
    "trunc": lambda x: mp.sign(x) * mp.floor(abs(x)),
    "round": lambda x, decimals=0: mp.nint(x * mp.mpf(10) ** decimals) / mp.mpf(10) ** decimals,
    "fmod": lambda a, b: a - b * mp.sign(a / b) * mp.floor(abs(a / b)),
    "trunc_divide": lambda a, b: mp.sign(a / b) * mp.floor(abs(a / b)),
    "copysign": lambda a, b: abs(a) * (1 if b >= 0 else -1),
    "ndtri": lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1),
}
KERNELS = frozenset(
    ("binary_cross_entropy", "clamp", "elu", "guarded_mul", "heaviside", "nonzero", "pow", "prelu", "relu")
) | {"scale", "sgn", "sign", "softplus", "untaken", "where"}
"""Elementwise operations whose kernels, beside NumPy's plain functions, mean the same for objects."""
LOGICAL = {"isfinite": mp.isfinite, "isinf": mp.isinf, "isnan": mp.isnan}
OBJECT = np.dtype(object)
CASTS = frozenset(("cast", "to"))


def _special(compute: Callable[..., Any], attrs: tuple[Any, ...]) -> Callable[..., Precise]:
    def computed(*numbers: Any) -> Precise:
        return Precise(_guarded(lambda *all: compute(*all, *attrs), *map(_number, numbers)))

    return computed


def _compute(op: Any, operands: Sequence[Any], kernel: Callable[..., Any], attrs: tuple[Any, ...]) -> Any:
    name = op.name
    special = OPERATIONS.get(name)
    if special is not None:
        return np.frompyfunc(_special(special, attrs), len(operands), 1)(*operands)
    if name in LOGICAL:
        return np.asarray(np.frompyfunc(lambda x: bool(LOGICAL[name](_number(x))), 1, 1)(*operands), bool)
    if name in CASTS:
        return operands[0]
    if isinstance(op, Elementwise) and not isinstance(kernel, np.ufunc) and name not in KERNELS:
        raise Unavailable(name)
    return kernel(*operands, *attrs)


def replay(tape: Rerun, values: Sequence[Any]) -> list[Array | None]:
    """The outputs of a tape that was run before, for these inputs (object arrays or others).

    Raises:
        Unavailable: something on the way cannot be computed in more digits.
    """
    slots: list[Any] = list(tape.constants)
    slots[: len(values)] = [_wrapped(each) for each in values]
    for step in tape.steps:
        operands = [slots[at] for at in step.operands]
        precise = any(_is_precise(each) for each in operands)
        try:
            if precise:
                result = _compute(step.node.op, operands, step.compute, step.attrs)
            else:
                result = step.compute(*operands, *step.attrs)
        except Exception as error:  # a kernel that was not made for objects may raise anything
            raise Unavailable(step.node.op.name) from error
        slots[step.slot] = result
    return [None if slot is None else np.asarray(slots[slot]) for slot in tape.outputs]


def _is_precise(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_is_precise, value))
    return type(value) is Precise or getattr(value, "dtype", None) == OBJECT


def _wrapped(value: Any) -> Any:
    if type(value) is np.ndarray and value.dtype == OBJECT:
        return value
    array = np.asarray(value)
    return wrap(array) if array.dtype.kind == "f" else value


def wrap(array: Array) -> Array:
    """An array of floats as one of `Precise` numbers."""
    wrapped = np.empty(array.shape, object)
    flat = wrapped.reshape(-1)
    for at, each in enumerate(array.reshape(-1).tolist()):
        flat[at] = Precise(mp.mpf(each))
    return wrapped


def total(arrays: Sequence[Array | None], weights: Sequence[Array]) -> Any:
    """The sum of all elements times their weights."""
    found = mp.mpf(0)
    for array, weight in zip(arrays, weights, strict=True):
        if array is not None:
            for each, factor in zip(array.reshape(-1), np.asarray(weight).reshape(-1), strict=True):
                found += _number(each) * mp.mpf(float(factor))
    return found


class Arbiter:
    """What differences in `DIGITS` digits say of one gradient, along one line through the point or another.

    Args:
        function: from the input, as an array of `Precise`, to the weighted root (a number of mpmath's).
        gradient: from it to the gradient, of its shape, by the formula that is under test.
        point: the input, in float64.
        confirms_only: it says nothing of what is wrong: who knows what the function does with such numbers?

    Raises:
        Unavailable: something on the way cannot be computed in more digits.
    """

    def __init__(
        self,
        function: Callable[[Array], Any],
        gradient: Callable[[Array], Array | None],
        point: Array,
        *,
        confirms_only: bool = False,
    ) -> None:
        self.function = function
        self.confirms_only = confirms_only
        self.start = wrap(np.asarray(point, np.float64))
        found = gradient(self.start)
        size = self.start.size
        self.claimed = [mp.mpf(0)] * size if found is None else [_number(each) for each in found.reshape(-1)]
        self.middle = function(self.start)

    def __call__(self, direction: Array, verdict: Verdict, tolerance: Tolerance) -> Verdict:
        """The verdict on the derivative along `direction` (of the input's shape), where there was another."""
        try:
            found = self._settled(direction, verdict, tolerance)
            return verdict if self.confirms_only and found.status != PASS else found
        except Unavailable:
            return verdict

    def _settled(self, direction: Array, verdict: Verdict, tolerance: Tolerance) -> Verdict:
        moves = [mp.mpf(each) for each in np.asarray(direction, np.float64).reshape(-1).tolist()]
        jumps, differences = [], []
        for step in (COARSE, FINE):
            below, above = (self._moved(sign * step, moves) for sign in (-1, 1))
            differences.append((above - below) / (2 * step))
            jumps.append(abs(above + below - 2 * self.middle) / step)
        measured = differences[1]
        sides = sorted(((self.middle - below) / FINE, (above - self.middle) / FINE))
        if not mp.isfinite(measured):
            return verdict if verdict.status != FAIL else replace(verdict, status=UNMEASURABLE, reason=EDGE)
        least = abs(self.middle) * mp.mpf(10) ** -25
        if jumps[1] > least and jumps[1] * SMOOTHER > jumps[0]:
            between = verdict.status == FAIL and sides[0] <= verdict.claimed <= sides[1]
            reason = "a kink: the one-sided derivatives differ"
            return replace(verdict, status=UNMEASURABLE, reason=reason) if between else verdict
        terms = [each * move for each, move in zip(self.claimed, moves, strict=True) if move]
        claimed = mp.fsum(terms)
        if not mp.isfinite(claimed):
            return verdict
        largest = max(abs(claimed), abs(measured))
        allowed = tolerance.absolute + tolerance.relative * largest + least
        allowed += abs(differences[0] - measured) * (2 * FINE / COARSE) ** 2
        allowed += mp.fsum(abs(each) for each in terms) * CONSTANTS
        found = replace(verdict, measured=float(measured), error=float(least), reason="")
        if abs(claimed - measured) > allowed:
            return replace(found, status=FAIL, claimed=float(claimed))
        return replace(found, status=PASS, reason=_lost(verdict.claimed, measured))

    def _moved(self, step: Any, moves: Sequence[Any]) -> Any:
        moved = self.start.copy()
        flat = moved.reshape(-1)
        for at, move in enumerate(moves):
            if move:
                flat[at] = Precise(flat[at].value + step * move)
        return self.function(moved)


def _lost(computed: float, exact: Any) -> str:
    """How many digits the gradient's formula loses when it is computed in float64; empty below six."""
    if not math.isfinite(computed):
        return "the formula is right, and overflows in float64 here"
    size = max(abs(exact), abs(mp.mpf(computed)))
    apart = float(abs(computed - exact) / size) if size else 0.0
    digits = round(math.log10(apart / 2.0**-53)) if apart else 0
    return f"loses {min(digits, 16)} of 16 digits here" if digits >= 6 else ""
