"""The operators on plain values: numbers of 64 bits, texts, lists and tuples, as Python has them.

The compiled expressions call `plain` when neither side is a tensor. Every result is checked for its
size before it is made, since the program is untrusted.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, EXCEPTIONS, DictView, Distinct, Instance, exception
from gradcli.values.values import NUMBERS, Array, Size

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.limits import Limits
    from gradcli.values.runtime import Runtime

LARGEST = 2**63 - 1
SMALLEST = -(2**63)

Operation = Callable[[Any, Any], Any]

ARITHMETIC: dict[str, Operation] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
    "/": python.truediv,
    "//": python.floordiv,
    "%": python.mod,
    "&": python.and_,
    "|": python.or_,
}
"""What is applied as it stands; powers are checked first."""

COMPARISONS: dict[str, Operation] = {
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
}


def plain(symbol: str, left: Any, right: Any, span: Span, runtime: Runtime) -> Any:
    """`left symbol right` for values that are no tensors.

    Raises:
        GradcliError: `bad-argument` for operands that don't go together, `limit` for results too large.
    """
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return _number(symbol, left, right, span)
    if type(left) is Array or (type(right) is Array and type(left) is not str):
        from gradcli.values import arrays

        return arrays.operate(runtime, symbol, left, right, span)
    if type(left) is Instance or (
        type(right) is Instance
        and (type(left) is not str or (symbol != "%" and right.cls.find(f"__r{SPECIAL[symbol]}__")))
    ):
        return of_objects(runtime, symbol, left, right, span)
    try:
        result = _collection(symbol, left, right, span, runtime)
    except GradcliError as error:
        error.span = error.span or span
        raise
    if result is NotImplemented:
        raise mismatch(symbol, left, right, span)
    return result


SPECIAL = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "&": "and",
    "|": "or",
    "^": "pow",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
}
"""What a class calls its method for an operator, between underscores."""
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def of_objects(runtime: Runtime, symbol: str, left: Any, right: Any, span: Span) -> Any:
    """An operator of which one side is an object: its class says what that means, the left one first."""
    if type(left) is Instance:
        found = runtime.special(left, f"__{SPECIAL[symbol]}__", span, right)
        if found is not ABSENT:
            return found
    if type(right) is Instance:
        mirrored = _MIRRORED.get(symbol)
        name = f"__r{SPECIAL[symbol]}__" if mirrored is None else f"__{SPECIAL[mirrored]}__"
        found = runtime.special(right, name, span, left)
        if found is not ABSENT:
            return found
    raise mismatch(symbol, left, right, span)


def object_updated(runtime: Runtime, symbol: str, left: Instance, right: Any, span: Span) -> Any:
    """`left op= right` of an object, whose class may say what that means."""
    found = runtime.special(left, f"__i{SPECIAL[symbol]}__", span, right)
    return of_objects(runtime, symbol, left, right, span) if found is ABSENT else found


def _number(symbol: str, left: Any, right: Any, span: Span) -> Any:
    try:
        if symbol == "**" or symbol == "^":
            result = power(left, right, span)
        else:
            operation = ARITHMETIC.get(symbol)
            if operation is None:
                raise mismatch(symbol, left, right, span)
            result = operation(left, right)
    except ZeroDivisionError:
        raise GradcliError(
            "bad-argument",
            _division(symbol, left, right),
            span=span,
            hint="plain numbers divide as in Python; tensors give inf or nan",
        ) from None
    except OverflowError:
        error = GradcliError("limit", "the result is too large for a 64-bit float", span=span)
        error.raised = exception(EXCEPTIONS["OverflowError"], 34, "Numerical result out of range")
        raise error from None
    except TypeError:
        raise mismatch(symbol, left, right, span) from None
    if type(result) is int:
        return whole(result, span)
    return result


def _division(symbol: str, left: Any, right: Any) -> str:
    if symbol in ("**", "^"):
        return "0.0 cannot be raised to a negative power"
    floats = isinstance(left, float) or isinstance(right, float)
    if symbol == "/":
        return "float division by zero" if floats else "division by zero"
    if symbol == "%":
        return "float modulo" if floats else "integer modulo by zero"
    return "float floor division by zero" if floats else "integer division or modulo by zero"


def whole(number: int, span: Span | None) -> int:
    """An integer that fits in 64 bits, or `limit`."""
    if SMALLEST <= number <= LARGEST:
        return number
    raise GradcliError(
        "limit",
        "the integer does not fit in 64 bits",
        span=span,
        hint="write one number with a point: 9.0**9",
    )


def power(left: Any, right: Any, span: Span) -> Any:
    """`left ** right` for numbers, without ever making a number of more than 64 bits."""
    if type(left) is not float and type(right) is not float:
        if right >= 0 and right * max(abs(left).bit_length() - 1, 0) > 64:
            return whole(LARGEST + 1, span)
        if left in (0, 1, -1) and right >= 0:
            return (left if right % 2 else left * left) if right else 1
    result = left**right
    if isinstance(result, complex):
        raise GradcliError(
            "bad-argument",
            "a negative number raised to a fractional power is complex",
            span=span,
            hint="complex numbers are not supported",
        )
    return result


_SEQUENCES: tuple[tuple[Any, str], ...] = ((str, "text"), (list, "list"), (tuple, "tuple"))


SETS: dict[str, Callable[[Any, Any], Distinct]] = {
    "&": lambda left, right: Distinct((key, None) for key in left if key in right),
    "|": lambda left, right: Distinct((key, None) for key in (*left, *right)),
    "-": lambda left, right: Distinct((key, None) for key in left if key not in right),
}
"""What becomes of two sets, or of what has keys."""

_SUBSETS: dict[str, Operation] = {
    "<": lambda left, right: len(left) < len(right) and all(key in right for key in left),
    "<=": lambda left, right: all(key in right for key in left),
    ">": lambda left, right: len(left) > len(right) and all(key in left for key in right),
    ">=": lambda left, right: all(key in left for key in right),
}


def _members(value: Any) -> Any:
    """The members of a set, or of the keys of a dict; None for anything else."""
    if type(value) is DictView and value.kind == "keys":
        return value.entries
    return value if type(value) is Distinct else None


def _collection(symbol: str, left: Any, right: Any, span: Span, runtime: Runtime) -> Any:
    one, other = _members(left), _members(right)
    if symbol in SETS and one is not None and other is not None:
        runtime.limits.room(len(one) + len(other), span, "set", 100)
        return SETS[symbol](one, other)
    if symbol == "|" and type(left) is dict and isinstance(right, dict):
        runtime.limits.room(len(left) + len(right), span, "dict", 100)
        return left | right
    if symbol == "%" and isinstance(left, str):
        from gradcli.values.templates import percent_text

        text = percent_text(left, right, runtime)
        runtime.limits.room(len(text), span, "text", 1)
        return text
    if symbol == "+":
        for kind, what in _SEQUENCES:
            if isinstance(left, kind) and isinstance(right, kind):
                runtime.limits.room(len(left) + len(right), span, what, 1 if kind is str else 8)
                joined = left + right
                if not runtime.torch and len(left) == len(right) and _is_row(left) and _is_row(right):
                    vectors = (
                        f"tensor({left!r}) + tensor({right!r})" if len(left) <= 6 else "tensor(…) + tensor(…)"
                    )
                    runtime.warn(f"+ joins two lists; place by place it is {vectors}")
                return Size(joined) if type(left) is Size else joined
    if symbol == "*":
        sequence, count = (left, right) if isinstance(left, (str, list, tuple)) else (right, left)
        if isinstance(sequence, (str, list, tuple)) and isinstance(count, int):
            repeatable(runtime.limits, sequence, count, span)
            if not runtime.torch and _is_row(sequence):
                shown = repr(sequence) if len(sequence) <= 6 else "…"
                runtime.warn(f"{count} times a list repeats it; place by place it is {count}*tensor({shown})")
            return sequence * count
    return NotImplemented


def repeatable(limits: Limits, sequence: Any, count: int, span: Span | None) -> None:
    """Raises `limit` for a text, a list or a tuple that would be too long, so many times."""
    of_text = isinstance(sequence, str)
    limits.room(len(sequence) * max(count, 0), span, "text" if of_text else "list", 1 if of_text else 8)


def _is_row(sequence: Any) -> bool:
    """Whether a list holds several numbers that differ, so that somebody may take it for a vector."""
    return (
        type(sequence) in (list, tuple)
        and all(type(each) in NUMBERS for each in sequence)
        and any(each != sequence[0] for each in sequence)
    )


def mismatch(symbol: str, left: Any, right: Any, span: Span) -> GradcliError:
    """Python's error for operands that an operator doesn't take."""
    kinds = (type_name(left), type_name(right))
    repeated = [each in ("str", "list", "tuple") for each in kinds]
    if symbol == "+" and repeated[0]:
        message = f'can only concatenate {kinds[0]} (not "{kinds[1]}") to {kinds[0]}'
        return failure("TypeError", message, span)
    hint = _NO_NUMBERS if "list" in kinds else None
    if symbol == "*" and kinds == ("list", "list"):
        hint = _TWO_LISTS
    if left is None or right is None:
        hint = _NO_GRADIENT
    message = f"unsupported operand type(s) for {symbol}: '{kinds[0]}' and '{kinds[1]}'"
    if symbol[0] in "<>":
        message = f"'{symbol}' not supported between instances of '{kinds[0]}' and '{kinds[1]}'"
    if symbol == "*" and any(repeated):
        message = f"can't multiply sequence by non-int of type '{kinds[1 if repeated[0] else 0]}'"
    return failure("TypeError", message, span, hint=hint)


_TWO_LISTS = (
    "the inner product of two lists is dot([1, 2], [3, 4]); place by place: tensor([1, 2])*tensor([3, 4])"
)
_NO_NUMBERS = "a list of numbers becomes a tensor that is worked on place by place: tensor([1, 2, 3])**2"
_NO_GRADIENT = (
    "a .grad is None before a backward reaches it, and of what is no leaf: w = w - ... makes a new tensor; "
    "update a leaf in place, with no_grad(): w -= ..."
)


def compare(symbol: str, left: Any, right: Any, span: Span) -> Any:
    """`<`, `<=`, `>`, `>=` for values that are no tensors."""
    numbers = type(left) in NUMBERS and type(right) in NUMBERS
    if numbers or (isinstance(left, str) and isinstance(right, str)):
        return COMPARISONS[symbol](left, right)
    one, other = _members(left), _members(right)
    if one is not None and other is not None:
        return _SUBSETS[symbol](one, other)
    sequences = isinstance(left, (list, tuple)) and type(left) is type(right)
    if sequences and all(type(item) in NUMBERS for item in (*left, *right)):
        return COMPARISONS[symbol](left, right)
    raise mismatch(symbol, left, right, span)


def negative(value: Any, span: Span, runtime: Runtime) -> Any:
    """`-value` for a value that is no tensor."""
    if type(value) in NUMBERS:
        return whole(-value, span) if type(value) is not float else -value
    if type(value) is Array:
        return _of_array(runtime, "neg", value, span)
    if type(value) is Instance and (found := runtime.special(value, "__neg__", span)) is not ABSENT:
        return found
    raise _bad_unary("-", value, span)


def positive(value: Any, span: Span, runtime: Runtime) -> Any:
    """`+value` for a value that is no tensor."""
    if type(value) in NUMBERS:
        return +value
    if type(value) is Array:
        return _of_array(runtime, "positive", value, span)
    raise _bad_unary("+", value, span)


def inverted(value: Any, span: Span, runtime: Runtime) -> Any:
    """`~value` for a value that is no tensor."""
    if type(value) in (int, bool):
        return ~int(value)
    if type(value) is Array:
        return _of_array(runtime, "bitwise_not", value, span)
    raise _bad_unary("~", value, span)


def _of_array(runtime: Runtime, name: str, value: Array, span: Span) -> Any:
    from gradcli.values.arrays import unary

    return unary(runtime, name, value, span)


def _bad_unary(symbol: str, value: Any, span: Span) -> GradcliError:
    return GradcliError(
        "bad-argument", f"bad operand type for unary {symbol}: '{type_name(value)}'", span=span
    )
