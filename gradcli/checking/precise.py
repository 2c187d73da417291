"""A recorded tape in 100 decimal digits, so that differences tell more digits than float64 has.

For `arbiter` the value and the gradient's own formula are both replayed with `Precise` numbers in object
arrays. NumPy's arithmetic, reductions and products work on those
as they are; what its kernels cannot compute on objects is in the table here, by operation. Whatever else a
kernel cannot do makes the tape `Unavailable`, never wrong. mpmath is loaded with this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

from gradcli.checking.ladder import EPSILON
from gradcli.checking.rerun import Computation, Rerun
from gradcli.tape.primitives import Elementwise

Array = np.ndarray[Any, np.dtype[Any]]

DIGITS = 100
mp = mpmath.mp.clone()
mp.dps = DIGITS
NAN, INFINITY = mp.mpf("nan"), mp.mpf("inf")


class Unavailable(Exception):
    """An operation on the tape cannot be computed in more digits."""


def _real(value: Any) -> Any:
    """What a float would be: nan where the result is complex."""
    return value if not hasattr(value, "imag") or value.imag == 0 else NAN


def number(other: Any) -> Any:
    """It as a number of mpmath's; None if it is none."""
    if type(other) is Precise:
        return other.value
    if isinstance(other, (bool, int, float, np.number, np.bool_)):
        return mp.mpf(other.item() if isinstance(other, np.generic) else other)
    return None


MOST_BITS = 1 << 15
"""Exponents beyond it are no part of any answer in float64, and the exponential or the sine of such a number
takes as many bits."""


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
        value = number(other)
        return NotImplemented if value is None else Precise(_guarded(compute, self.value, value))

    def backward(self: Precise, other: Any) -> Any:
        value = number(other)
        return NotImplemented if value is None else Precise(_guarded(compute, value, self.value))

    return forward, backward


def _guarded(compute: Callable[..., Any], *numbers: Any) -> Any:
    for each in numbers:
        if abs(each._mpf_[2]) > MOST_BITS:
            raise Unavailable("a number far beyond those of float64")
    try:
        return _real(compute(*numbers))
    except (ValueError, ZeroDivisionError):
        return NAN
    except OverflowError:
        raise Unavailable("a number far beyond those of float64") from None


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
        value = number(other)
        return NotImplemented if value is None else getattr(self.value, name)(value)

    return compared


for _name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"):
    setattr(Precise, _name, _comparison(_name))


def _log(x: Any) -> Any:
    return -INFINITY if x == 0 else mp.log(x)


def _log1p(x: Any) -> Any:
    return -INFINITY if x == -1 else mp.log1p(x)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _polygamma(x: Any, order: int) -> Any:
    if x >= 0:
        return mp.polygamma(order, x)
    if order == 0:  # reflected: near poles far to the left the sum takes as long as they are far
        return mp.digamma(1 - x) - mp.pi / mp.tan(mp.pi * (x - mp.nint(x)))
    if x < -1000:
        raise Unavailable("polygamma far to the left")
    return mp.polygamma(order, x)


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
    # A zero wins over what is infinite: it was not taken.
    "guarded_mul": lambda g, p: mp.mpf(0) if g == 0 and not mp.isfinite(p) else g * p,
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
    "polygamma": _polygamma,
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
    ("binary_cross_entropy", "clamp", "elu", "heaviside", "huber", "nonzero", "pow", "prelu", "relu")
) | {"scale", "sgn", "sign", "softplus", "untaken", "where"}
"""Elementwise operations whose kernels, beside NumPy's plain functions, mean the same for objects."""
LOGICAL = {"isfinite": mp.isfinite, "isinf": mp.isinf, "isnan": mp.isnan}
OBJECT = np.dtype(object)
CASTS = frozenset(("cast", "to"))


def _special(compute: Callable[..., Any], attrs: tuple[Any, ...]) -> Callable[..., Precise]:
    def computed(*numbers: Any) -> Precise:
        return Precise(_guarded(lambda *all: compute(*all, *attrs), *map(number, numbers)))

    return computed


def _exactly(factor: Any) -> Any:
    """A factor that stands for 1/n, as that of a mean does, as it is meant."""
    whole = round(1 / factor) if isinstance(factor, float) and 1e-12 < abs(factor) < 1 else 0
    return Precise(mp.mpf(1) / whole) if whole and 1 / whole == factor else factor


def _compute(op: Any, operands: Sequence[Any], kernel: Callable[..., Any], attrs: tuple[Any, ...]) -> Any:
    name = op.name
    special = OPERATIONS.get(name)
    if special is not None:
        return np.frompyfunc(_special(special, attrs), len(operands), 1)(*operands)
    if name in LOGICAL:
        return np.asarray(np.frompyfunc(lambda x: bool(LOGICAL[name](number(x))), 1, 1)(*operands), bool)
    if name in CASTS:
        return operands[0]
    if name == "scale":
        attrs = tuple(map(_exactly, attrs))
    if isinstance(op, Elementwise) and not isinstance(kernel, np.ufunc) and name not in KERNELS:
        raise Unavailable(name)
    return kernel(*operands, *attrs)


def replay(
    tape: Rerun, values: Sequence[Any], shaken: np.random.Generator | None = None
) -> list[Array | None]:
    """The outputs of a tape that was run before, for these inputs (object arrays or others).

    With `shaken`, what does not move differs by about the last digit that a float64 has.

    Raises:
        Unavailable: something on the way cannot be computed in more digits.
    """
    slots: list[Any] = list(tape.constants)
    if shaken is not None:
        slots = [_shaken(each, shaken) for each in slots]
    slots[: len(values)] = [_wrapped(each) for each in values]

    def result(step: Computation, operands: list[Any]) -> Any:
        precise = any(_is_precise(each) for each in operands)
        attrs = step.attrs if shaken is None else tuple([_shaken(each, shaken) for each in step.attrs])
        try:
            if precise:
                return _compute(step.node.op, operands, step.compute, attrs)
            return step.compute(*operands, *step.attrs)
        except Exception as error:  # a kernel that was not made for objects may raise anything
            raise Unavailable(step.node.op.name) from error

    return tape.over(slots, result)


def _shaken(value: Any, random: np.random.Generator) -> Any:
    """A constant whose last digits are another's; whole numbers are what they are."""
    if type(value) is float:
        return value if value.is_integer() else value * (1 + EPSILON * float(random.choice([-1.0, 1.0])))
    if not isinstance(value, (np.ndarray, np.generic)) or value.dtype.kind != "f":
        return value
    array: Array = np.asarray(value)
    return np.where(
        array == np.round(array), array, array * (1 + EPSILON * random.choice([-1.0, 1.0], array.shape))
    )


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


def numbers(array: Array) -> list[Any]:
    """The elements of an array, floats or `Precise`, as numbers of mpmath's."""
    return [number(each) for each in array.reshape(-1)]


def total(arrays: Sequence[Array | None], weights: Sequence[Array]) -> Any:
    """The sum of all elements times their weights."""
    found = mp.mpf(0)
    for array, weight in zip(arrays, weights, strict=True):
        if array is not None:
            for each, factor in zip(array.reshape(-1), np.asarray(weight).reshape(-1), strict=True):
                found += number(each) * mp.mpf(float(factor))
    return found
