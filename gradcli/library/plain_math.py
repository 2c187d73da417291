"""`math.` and `np.` functions: Python's on plain numbers, those of the function table on anything else.

In a script, `math.sqrt(2)` is a Python float with all its digits, whatever the tensors' precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.library.arguments import apply_row
from gradcli.library.python_names import counted, scalar
from gradcli.ops import registry
from gradcli.values.conversions import number
from gradcli.values.formatting import type_name
from gradcli.values.operators import plain, whole
from gradcli.values.values import NUMBERS, Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


_NAMES = (
    *(
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "ceil",
        "copysign",
        "cos",
        "cosh",
        "degrees",
    ),
    *(
        "erf",
        "erfc",
        "exp",
        "expm1",
        "fabs",
        "floor",
        "fmod",
        "gamma",
        "hypot",
        "lgamma",
        "log",
        "log10",
        "log1p",
        "log2",
    ),
    *("pow", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"),
)
_ON_NUMBERS: dict[str, Callable[..., Any]] = {name: getattr(math, name) for name in _NAMES}
_ON_NUMBERS["exp2"] = lambda x: 2.0**x
_ON_NUMBERS["square"] = lambda x: x * x
_ON_NUMBERS["abs"] = abs
_ON_NUMBERS["sign"] = lambda x: (x > 0) - (x < 0)

_TABLE_NAMES = {"fabs": "abs", "degrees": "rad2deg", "radians": "deg2rad"}
"""What the function table calls these."""


def _both(name: str, module: str, row_name: str) -> Builtin:
    on_numbers = _ON_NUMBERS[name]

    def run(runtime: Runtime, span: Span, *arguments: Any, **keywords: Any) -> Any:
        if module == "math" and runtime.torch:  # where Python's make numbers of tensors
            arguments = _as_numbers(runtime, arguments, span)
        if arguments and not keywords and all(type(each) in NUMBERS for each in arguments):
            return _on_numbers(name, module, on_numbers, arguments, span)
        row = registry.lookup(row_name)
        if row is None:
            raise GradcliError("bad-argument", f"{module}.{name} takes plain numbers only", span=span)
        return apply_row(runtime, row, arguments, keywords, span)

    return Builtin(name, run)


def _as_numbers(runtime: Runtime, arguments: tuple[Any, ...], span: Span) -> tuple[Any, ...]:
    numbers = tuple([scalar(runtime, each, span) for each in arguments])
    wrong = next((each for each in numbers if type(each) not in NUMBERS), None)
    if wrong is not None:
        raise failure("TypeError", f"must be real number, not {type_name(wrong)}", span)
    return numbers


def _on_numbers(
    name: str, module: str, function: Callable[..., Any], arguments: tuple[Any, ...], span: Span
) -> Any:
    try:
        result = function(*arguments)
    except (ValueError, ArithmeticError) as error:
        if module == "numpy":
            # NumPy gives nan and inf where Python objects.
            return _limit_value(name, arguments)
        divided = isinstance(error, ZeroDivisionError)  # whose words change with Python's version
        kind = "ZeroDivisionError" if divided else type(error).__name__
        raise failure(kind, "float division by zero" if divided else str(error), span) from None
    except TypeError:
        raise GradcliError(
            "bad-argument", f"{module}.{name} does not take {len(arguments)} arguments", span=span
        ) from None
    if module == "numpy" and name in ("floor", "ceil", "trunc"):
        return float(result)
    return whole(result, span) if type(result) is int else result


def _limit_value(name: str, arguments: tuple[Any, ...]) -> float:
    first = arguments[0]
    if name in ("exp", "exp2", "expm1", "cosh", "pow"):
        return math.inf
    if name == "sinh":
        return math.copysign(math.inf, first)
    if name.startswith("log") and first == (-1 if name == "log1p" else 0):
        return -math.inf
    if name == "atanh" and abs(first) == 1:
        return math.copysign(math.inf, first)
    return math.nan


def number_functions(module: str, aliases: dict[str, str]) -> dict[str, Builtin]:
    """The functions of `module` that are Python's on plain numbers. `aliases`: its names for others."""
    found = {name: _both(name, module, _TABLE_NAMES.get(name, name)) for name in _ON_NUMBERS}
    for name, row_name in aliases.items():
        if row_name in _ON_NUMBERS:
            found[name] = _both(row_name, module, row_name)
        else:
            found[name] = _renamed(name, row_name)
    return found


def _renamed(name: str, row_name: str) -> Builtin:
    def run(runtime: Runtime, span: Span, *arguments: Any, **keywords: Any) -> Any:
        row = registry.lookup(row_name)
        if row is None:
            raise GradcliError("unknown-function", f"there is no function {name} yet", span=span)
        return apply_row(runtime, row, arguments, keywords, span)

    return Builtin(name, run)


# ---- what only `math` has ------------------------------------------------------------------------


def _number(value: Any, name: str, span: Span) -> Any:
    if type(value) not in NUMBERS:
        raise GradcliError(
            "bad-argument", f"math.{name} takes a plain number, not {type_name(value)}", span=span
        )
    return value


def _test(name: str) -> Builtin:
    check: Callable[[Any], bool] = getattr(math, name)
    return Builtin(name, lambda runtime, span, x: _checked(name, check, x, runtime, span))


def _checked(name: str, check: Callable[[Any], bool], value: Any, runtime: Runtime, span: Span) -> Any:
    if runtime.torch:
        (value,) = _as_numbers(runtime, (value,), span)
    if type(value) in NUMBERS:
        return check(value)
    row = registry.lookup(name)
    if row is not None:
        return apply_row(runtime, row, (value,), {}, span)
    return check(_number(value, name, span))


def _close(left: float, right: float, relative: float, absolute: float, span: Span) -> bool:
    if relative < 0 or absolute < 0:
        raise GradcliError("bad-argument", "tolerances must be non-negative", span=span)
    return math.isclose(left, right, rel_tol=relative, abs_tol=absolute)


def _isclose(
    runtime: Runtime, span: Span, a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0
) -> bool:
    left, right = (_number(scalar(runtime, each, span), "isclose", span) for each in (a, b))
    return _close(
        left,
        right,
        number(runtime, rel_tol, span, "isclose"),
        number(runtime, abs_tol, span, "isclose"),
        span,
    )


def _factorial(runtime: Runtime, span: Span, n: Any) -> int:
    if type(n) is not int or n < 0:
        raise GradcliError("bad-argument", "factorial() takes a whole number that is not negative", span=span)
    return whole(math.factorial(n) if n <= 20 else 2**63, span)


def _gcd(runtime: Runtime, span: Span, *numbers: Any) -> int:
    if any(type(each) is not int for each in numbers):
        raise GradcliError("bad-argument", "gcd() takes whole numbers", span=span)
    return math.gcd(*numbers)


def _isqrt(runtime: Runtime, span: Span, n: Any) -> int:
    if type(n) is not int or n < 0:
        raise GradcliError("bad-argument", "isqrt() takes a whole number that is not negative", span=span)
    return math.isqrt(n)


def _numbers(runtime: Runtime, span: Span, values: Any, name: str) -> list[Any]:
    return [_number(scalar(runtime, each, span), name, span) for each in counted(runtime, values, span)]


def _fsum(runtime: Runtime, span: Span, seq: Any) -> float:
    return math.fsum(_numbers(runtime, span, seq, "fsum"))


def _dist(runtime: Runtime, span: Span, p: Any, q: Any) -> float:
    one, other = (_numbers(runtime, span, each, "dist") for each in (p, q))
    if len(one) != len(other):
        message = "both points must have the same number of dimensions"
        raise failure("ValueError", message, span)
    return math.dist(one, other)


def _chosen(name: str, count: Any) -> Builtin:
    def run(runtime: Runtime, span: Span, n: Any, k: Any) -> int:
        if type(n) is not int or type(k) is not int or n < 0 or k < 0:
            raise GradcliError(
                "bad-argument", f"{name}() takes whole numbers that are not negative", span=span
            )
        return whole(count(n, k) if n <= 64 else 2**63, span)

    return Builtin(name, run)


def _prod(runtime: Runtime, span: Span, iterable: Any, *, start: Any = 1) -> Any:
    total = start
    for each in counted(runtime, iterable, span):
        total = plain("*", total, scalar(runtime, each, span), span, runtime)
    return total


MATH_ONLY: dict[str, Any] = {
    "prod": Builtin("prod", _prod),
    "comb": _chosen("comb", math.comb),
    "perm": _chosen("perm", math.perm),
    "isclose": Builtin("isclose", _isclose),
    "factorial": Builtin("factorial", _factorial),
    "gcd": Builtin("gcd", _gcd),
    "isqrt": Builtin("isqrt", _isqrt),
    "fsum": Builtin("fsum", _fsum),
    "dist": Builtin("dist", _dist),
    **{name: _test(name) for name in ("isnan", "isinf", "isfinite")},
}
