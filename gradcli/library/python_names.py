"""Python's built-in functions as the language has them: `print`, `len`, `range`, `float`, `sum` on tensors …

`namespaces` says where they are reached. Each takes `(runtime, span, …)` and behaves as Python's does with
PyTorch's tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, failure
from gradcli.library.arguments import apply_row
from gradcli.library.attributes import ATTRIBUTES
from gradcli.library.objects import METHOD_KINDS, SUPER, of_a_kind
from gradcli.library.ordering import compared, in_order
from gradcli.library.python_methods import distinct, updated
from gradcli.limits import NUMBER
from gradcli.ops.rows import Function
from gradcli.values.arrays import unary
from gradcli.values.conversions import elements, integer, iterate, listed, truth
from gradcli.values.formatting import formatted, represent, show, type_name
from gradcli.values.objects import (
    ABSENT,
    EXCEPTIONS,
    PARAMETERS,
    ClassValue,
    DictView,
    Distinct,
    Instance,
    Method,
)
from gradcli.values.operators import plain, whole
from gradcli.values.values import (
    NUMBERS,
    Array,
    BoundMethod,
    Builtin,
    Size,
    TypeFunction,
    UserFunction,
    unwrapped,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


# ---- text ----------------------------------------------------------------------------------------


def _print(
    runtime: Runtime,
    span: Span,
    *values: Any,
    sep: Any = " ",
    end: Any = "\n",
    flush: Any = False,
    **other: Any,
) -> None:
    if other:
        name = next(iter(other))
        if name == "file":
            hint = "programs write nowhere but to their output"
            raise GradcliError("bad-argument", "print() takes sep and end, not file", span=span, hint=hint)
        message = f"'{name}' is an invalid keyword argument for print()"
        raise failure("TypeError", message, span, hint="it takes sep and end")
    for name, value in (("sep", sep), ("end", end)):
        if value is not None and type(value) is not str:
            raise GradcliError(
                "bad-argument", f"{name} must be None or a string, not {type_name(value)}", span=span
            )
    between = " " if sep is None else sep
    texts = []
    length = len(between) * len(values)
    for value in values:
        texts.append(show(runtime, value))
        length += len(texts[-1])
        runtime.limits.text(length, span)
    runtime.limits.room(length, span, "text", 1)
    runtime.print(between.join(texts) + ("\n" if end is None else end))


def _str(runtime: Runtime, span: Span, value: Any = "") -> str:
    return show(runtime, value)


def _repr(runtime: Runtime, span: Span, value: Any) -> str:
    return represent(runtime, value)


def _formatted(runtime: Runtime, span: Span, value: Any, format_spec: Any = "") -> str:
    if type(format_spec) is not str:
        raise failure("TypeError", f"format() argument 2 must be str, not {type_name(format_spec)}", span)
    return formatted(runtime, value, format_spec)


# ---- numbers -------------------------------------------------------------------------------------


def scalar(runtime: Runtime, value: Any, span: Span) -> Any:
    """The number of a one-element tensor; other values as they are."""
    value = unwrapped(value)
    if type(value) is not Tensor:
        return value
    if elements(value) != 1:
        message = "only one element tensors can be converted to Python scalars"
        raise GradcliError("bad-argument", message, span=span, hint="use .tolist(), or reduce it first")
    runtime.session.span = span
    return runtime.session.numpy(value).reshape(()).item()


def _by_method(runtime: Runtime, span: Span, value: Any, name: str, said: str, *arguments: Any) -> Any:
    """What an object's own `__abs__` or the like gives; raises with what is `said` where it has none."""
    found = runtime.special(value, name, span, *arguments) if type(value) is Instance else ABSENT
    if found is ABSENT:
        raise failure("TypeError", said, span)
    return found


def _float(runtime: Runtime, span: Span, value: Any = 0.0) -> float:
    value = scalar(runtime, value, span)
    if type(value) in (*NUMBERS, str):
        try:
            return float(value)
        except ValueError:
            message = f"could not convert string to float: {value[:40]!r}"
            raise GradcliError("bad-argument", message, span=span) from None
    message = f"float() argument must be a string or a real number, not '{type_name(value)}'"
    return float(_by_method(runtime, span, value, "__float__", message))


def _based(runtime: Runtime, span: Span, text: Any, base: int) -> int:
    if type(text) is not str:
        raise failure("TypeError", "int() can't convert non-string with explicit base", span)
    try:
        return whole(int(text, base), span)
    except ValueError as error:
        raise failure("ValueError", str(error)[:120], span) from None


def _int(runtime: Runtime, span: Span, value: Any = 0, base: Any = None) -> int:
    value = unwrapped(value)
    if base is not None:
        return _based(runtime, span, value, integer(runtime, base, span, "int() base must be an integer"))
    if type(value) is Tensor and value.node.dtype.kind == "f" and engine.keeps_all():
        from gradcli.ops.elementwise import trunc

        value = Tensor(trunc(value.node))  # the program does the same for all of one whole part
    value = scalar(runtime, value, span)
    if type(value) in (*NUMBERS, str):
        try:
            return whole(int(value), span)
        except ValueError:
            message = (
                "cannot convert float NaN to integer"
                if type(value) is float
                else f"invalid literal for int() with base 10: {value[:40]!r}"
            )
            raise GradcliError("bad-argument", message, span=span) from None
        except OverflowError:
            raise GradcliError(
                "bad-argument", "cannot convert float infinity to integer", span=span
            ) from None
    message = (
        f"int() argument must be a string, a bytes-like object or a real number, not '{type_name(value)}'"
    )
    return int(_by_method(runtime, span, value, "__int__", message))


def _ord(runtime: Runtime, span: Span, character: Any) -> int:
    if type(character) is not str:
        message = f"ord() expected string of length 1, but {type_name(character)} found"
        raise failure("TypeError", message, span)
    if len(character) != 1:
        message = f"ord() expected a character, but string of length {len(character)} found"
        raise failure("TypeError", message, span)
    return ord(character)


def _chr(runtime: Runtime, span: Span, i: Any) -> str:
    code = integer(runtime, i, span, "chr() takes an integer")
    if not 0 <= code < 0x110000:
        raise failure("ValueError", "chr() arg not in range(0x110000)", span)
    return chr(code)


def _digits(python: Callable[[int], str]) -> Builtin:
    """`bin`, `oct` or `hex`."""
    return Builtin(python.__name__, lambda runtime, span, number: python(integer(runtime, number, span)))


def _bool(runtime: Runtime, span: Span, value: Any = False) -> bool:
    return truth(runtime, value, span)


# ---- sequences -----------------------------------------------------------------------------------


def _len(runtime: Runtime, span: Span, value: Any) -> int:
    value = unwrapped(value)
    if type(value) is Tensor:
        if not value.shape:
            raise GradcliError("bad-argument", "len() of a 0-d tensor", span=span)
        return value.shape[0]
    if type(value) is Instance or type(value) is ClassValue:
        found = runtime.special(value, "__len__", span)
        if type(found) is int:
            return found
    if type(value) is DictView:
        return len(value.entries)
    if isinstance(value, (list, tuple, str, range, dict)):
        try:
            return len(value)
        except OverflowError:
            raise GradcliError("limit", "this range has more than 2**63 items", span=span) from None
    raise failure("TypeError", f"object of type '{type_name(value)}' has no len()", span)


def _range(runtime: Runtime, span: Span, *bounds: Any) -> range:
    if not 1 <= len(bounds) <= 3:
        raise GradcliError("bad-argument", f"range expected 1 to 3 arguments, got {len(bounds)}", span=span)
    numbers = [integer(runtime, each, span) for each in bounds]
    if len(numbers) == 3 and numbers[2] == 0:
        raise GradcliError("bad-argument", "range() arg 3 must not be zero", span=span)
    return range(*numbers)


def _slice(runtime: Runtime, span: Span, *bounds: Any) -> slice:
    if not 1 <= len(bounds) <= 3:
        raise GradcliError("bad-argument", f"slice expected 1 to 3 arguments, got {len(bounds)}", span=span)
    return slice(*bounds)


def _list(runtime: Runtime, span: Span, values: Any = ()) -> list[Any]:
    return listed(runtime, values, span)


def _tuple(runtime: Runtime, span: Span, values: Any = ()) -> tuple[Any, ...]:
    return tuple(listed(runtime, values, span))


def _enumerate(runtime: Runtime, span: Span, values: Any, start: Any = 0) -> Iterator[Any]:
    first = integer(runtime, start, span)
    return iter(enumerate(iterate(runtime, values, span), first))


def _zip(runtime: Runtime, span: Span, *sequences: Any, strict: Any = False) -> Iterator[Any]:
    return iter(zip(*[iterate(runtime, each, span) for each in sequences], strict=False))


def _reversed(runtime: Runtime, span: Span, values: Any) -> Iterator[Any]:
    if type(values) is Instance and values.cls.find("__reversed__") is not None:
        return iter(listed(runtime, runtime.special(values, "__reversed__", span), span))
    found: Iterator[Any] = reversed(values if isinstance(values, range) else listed(runtime, values, span))
    return found


# ---- Python's own on tensors ---------------------------------------------------------------------


def add(runtime: Runtime, left: Any, right: Any, span: Span) -> Any:
    """`left + right` of any values."""
    if type(left) is Tensor or type(right) is Tensor:
        runtime.session.span = span
        return runtime.session.operate("+", left, right)
    return plain("+", left, right, span, runtime)


def counted(runtime: Runtime, values: Any, span: Span) -> Iterable[Any]:
    """What a loop inside a function goes through, counted as its steps."""
    source = iterate(runtime, values, span)
    if isinstance(source, (list, tuple, range, str)):
        runtime.limits.many_steps(len(source), span)
        return source
    return _stepping(runtime, source, span)


def _stepping(runtime: Runtime, source: Iterable[Any], span: Span) -> Iterator[Any]:
    for each in source:
        runtime.limits.step(span)
        yield each


def _sum(runtime: Runtime, span: Span, values: Any, start: Any = 0) -> Any:
    total = start
    for each in counted(runtime, values, span):
        total = add(runtime, total, each, span)
    return total


def _extreme(name: str, symbol: str) -> Builtin:
    def run(runtime: Runtime, span: Span, *values: Any, key: Any = None, default: Any = ABSENT) -> Any:
        if not values:
            raise GradcliError("bad-argument", f"{name} expected at least 1 argument, got 0", span=span)
        items = counted(runtime, values[0], span) if len(values) == 1 else values
        found = best = ABSENT
        for each in items:
            rank = each if key is None else runtime.call(key, (each,), {}, span)
            if found is ABSENT or truth(runtime, compared(runtime, symbol, rank, best, span), span):
                found, best = each, rank
        if found is ABSENT:
            if default is ABSENT:
                raise failure("ValueError", f"{name}() arg is an empty sequence", span)
            return default
        return found

    return Builtin(name, run)


def _abs(runtime: Runtime, span: Span, value: Any) -> Any:
    if type(value) in NUMBERS:
        return whole(abs(value), span) if type(value) is not float else abs(value)
    if type(value) is Tensor:
        return runtime.session.apply(row("abs"), (value,), {})
    if type(value) is Array:
        return unary(runtime, "abs", value, span)
    return _by_method(runtime, span, value, "__abs__", f"bad operand type for abs(): '{type_name(value)}'")


def _round(runtime: Runtime, span: Span, number: Any, ndigits: Any = None) -> Any:
    if type(number) is Array:
        if ndigits is None:
            return _round(runtime, span, scalar(runtime, number, span))
        from gradcli.library.numpy_functions import ARRAY_METHODS

        return ARRAY_METHODS["round"](runtime, span, number, ndigits)
    if type(number) in NUMBERS:
        if ndigits is None:
            try:
                return whole(round(number), span)
            except (ValueError, OverflowError):
                message = f"cannot convert float {'NaN' if number != number else 'infinity'} to integer"
                raise GradcliError("bad-argument", message, span=span) from None
        return round(number, max(min(integer(runtime, ndigits, span), 400), -400))
    if type(number) is Tensor:
        raise GradcliError(
            "bad-argument",
            "type Tensor doesn't define __round__ method",
            span=span,
            hint="write torch.round(x), or round(x.item(), digits)",
        )
    digits = () if ndigits is None else (ndigits,)
    message = f"type {type_name(number)} doesn't define __round__ method"
    return _by_method(runtime, span, number, "__round__", message, *digits)


def _pow(runtime: Runtime, span: Span, base: Any, exp: Any, mod: Any = None) -> Any:
    if mod is not None:
        if not (type(base) is type(exp) is type(mod) is int):
            message = "pow() 3rd argument not allowed unless all arguments are integers"
            raise failure("TypeError", message, span)
        try:
            return pow(base, exp, mod)
        except ValueError as error:
            raise failure("ValueError", str(error), span) from None
    if type(base) is Tensor or type(exp) is Tensor:
        return runtime.session.operate("**", base, exp)
    return plain("**", base, exp, span, runtime)


def _all(runtime: Runtime, span: Span, values: Any) -> bool:
    return all(truth(runtime, each, span) for each in counted(runtime, values, span))


def _any(runtime: Runtime, span: Span, values: Any) -> bool:
    return any(truth(runtime, each, span) for each in counted(runtime, values, span))


def _sorted(runtime: Runtime, span: Span, values: Any, *, key: Any = None, reverse: Any = False) -> list[Any]:
    return in_order(runtime, span, listed(runtime, values, span), key, reverse)


def _divmod(runtime: Runtime, span: Span, left: Any, right: Any) -> Any:
    if type(left) is Tensor or type(right) is Tensor:
        session = runtime.session
        return session.operate("//", left, right), session.operate("%", left, right)
    return plain("//", left, right, span, runtime), plain("%", left, right, span, runtime)


def _type(runtime: Runtime, span: Span, value: Any) -> Any:
    if type(value) is Instance:
        return value.cls
    for known in (*_TYPES, *(PYTHON[name] for name in ("str", "list", "tuple", "dict", "set"))):
        if type(value) is not Size and known.matches(value) and (known is not INT or type(value) is int):
            found: TypeFunction = known
            return found
    if type(value) is Tensor and value in PARAMETERS:
        from gradcli.neural.module import PARAMETER

        return PARAMETER
    if type(value) is Tensor:
        from gradcli.library.makers import TENSOR_MAKERS

        tensor: TypeFunction = TENSOR_MAKERS["Tensor"]
        return tensor
    return of_a_kind(value)


def _isinstance(runtime: Runtime, span: Span, value: Any, kinds: Any) -> bool:
    found = False
    for kind in kinds if type(kinds) is tuple else (kinds,):
        if type(kind) is ClassValue:
            found = found or (type(value) is Instance and value.cls.inherits(kind))
        elif type(kind) is TypeFunction:
            found = found or kind.matches(value)
        else:
            message = "isinstance() arg 2 must be a type: float, int, bool, str, list, tuple, torch.Tensor"
            raise failure("TypeError", message, span)
    return found


def _issubclass(runtime: Runtime, span: Span, cls: Any, kinds: Any) -> bool:
    wanted = kinds if type(kinds) is tuple else (kinds,)
    if not all(type(each) is ClassValue for each in (cls, *wanted)):
        raise GradcliError("bad-argument", "issubclass() takes classes", span=span)
    return any(cls.inherits(each) for each in wanted)


def _dict(runtime: Runtime, span: Span, entries: Any = (), /, **named: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    updated(runtime, span, made, entries, named)
    return made


def _set(runtime: Runtime, span: Span, items: Any = (), /) -> Distinct:
    return distinct(runtime, span, items)


def _map(runtime: Runtime, span: Span, function: Any, *sequences: Any) -> Iterator[Any]:
    columns = [listed(runtime, each, span) for each in sequences]
    turns = max(map(len, columns), default=0)
    runtime.limits.many_steps(turns, span)
    runtime.limits.room(turns, span, size=NUMBER)
    return iter([runtime.call(function, each, {}, span) for each in zip(*columns, strict=False)])


def _filter(runtime: Runtime, span: Span, function: Any, values: Any) -> Iterator[Any]:
    items = listed(runtime, values, span)
    runtime.limits.many_steps(len(items), span)
    kept = [
        each
        for each in items
        if truth(runtime, each if function is None else runtime.call(function, (each,), {}, span), span)
    ]
    return iter(kept)


def _vars(runtime: Runtime, span: Span, value: Any) -> dict[str, Any]:
    if type(value) is not Instance:
        raise failure("TypeError", "vars() argument must have __dict__ attribute", span)
    return dict(value.attributes)


def _next(runtime: Runtime, span: Span, values: Any, *default: Any) -> Any:
    if not isinstance(values, Iterator):
        raise GradcliError("bad-argument", f"'{type_name(values)}' object is not an iterator", span=span)
    found = next(values, ABSENT)
    if found is not ABSENT:
        return found
    if default:
        return default[0]
    raise failure("StopIteration", "", span, hint="nothing is left")


def _iter(runtime: Runtime, span: Span, values: Any) -> Iterator[Any]:
    return iter(iterate(runtime, values, span))


def _callable(runtime: Runtime, span: Span, value: Any) -> bool:
    if type(value) is Instance:
        return value.cls.find("__call__") is not None
    return isinstance(value, (UserFunction, Builtin, Function, BoundMethod, Method, ClassValue))


def _is_tuple(value: Any) -> bool:
    return isinstance(value, tuple) or (type(value) is Instance and value.cls.find("_fields") is not None)


FLOAT = TypeFunction("float", _float, lambda value: type(value) is float, "float64")
INT = TypeFunction("int", _int, lambda value: isinstance(value, int), "int64")
BOOL = TypeFunction("bool", _bool, lambda value: type(value) is bool, "bool")

_TYPES = (FLOAT, BOOL, INT)

PYTHON: dict[str, Any] = {
    "print": Builtin("print", _print),
    "str": TypeFunction("str", _str, lambda value: type(value) is str),
    "repr": Builtin("repr", _repr),
    "float": FLOAT,
    "int": INT,
    "bool": BOOL,
    "len": Builtin("len", _len),
    "range": Builtin("range", _range),
    "slice": Builtin("slice", _slice),
    "list": TypeFunction("list", _list, lambda value: type(value) is list),
    "tuple": TypeFunction("tuple", _tuple, _is_tuple),
    "enumerate": Builtin("enumerate", _enumerate),
    "zip": Builtin("zip", _zip),
    "reversed": Builtin("reversed", _reversed),
    "sorted": Builtin("sorted", _sorted),
    "divmod": Builtin("divmod", _divmod),
    "isinstance": Builtin("isinstance", _isinstance),
    "issubclass": Builtin("issubclass", _issubclass),
    "type": Builtin("type", _type),
    "dict": TypeFunction(
        "dict", _dict, lambda value: isinstance(value, dict) and type(value) is not Distinct
    ),
    "set": TypeFunction("set", _set, lambda value: type(value) is Distinct),
    "map": Builtin("map", _map),
    "filter": Builtin("filter", _filter),
    "next": Builtin("next", _next),
    "iter": Builtin("iter", _iter),
    "ord": Builtin("ord", _ord),
    "chr": Builtin("chr", _chr),
    "format": Builtin("format", _formatted),
    **{each.__name__: _digits(each) for each in (bin, oct, hex)},
    "callable": Builtin("callable", _callable),
    "id": Builtin("id", lambda runtime, span, value: id(value)),
    **ATTRIBUTES,
    "vars": Builtin("vars", _vars),
    "super": SUPER,
    **METHOD_KINDS,
    **EXCEPTIONS,
}
"""What every program has."""


def _extreme_of_numbers(name: str, python: Any) -> Builtin:
    """`min` and `max` outside PyTorch scripts: PyTorch's, which know no two plain numbers."""

    def run(runtime: Runtime, span: Span, *values: Any, **keywords: Any) -> Any:
        if len(values) > 1 and not keywords and all(type(each) in NUMBERS for each in values):
            return python(values)
        return apply_row(runtime, row(name), values, keywords, span)

    return Builtin(name, run)


def _round_either(runtime: Runtime, span: Span, input: Any, *digits: Any, **keywords: Any) -> Any:
    """`round` outside PyTorch scripts: PyTorch's, which knows no number of digits but by name."""
    if digits and type(input) in NUMBERS:
        return _round(runtime, span, input, *digits)
    return apply_row(runtime, row("round"), (input, *digits), keywords, span)


EXTREMES = {
    "min": _extreme_of_numbers("min", min),
    "max": _extreme_of_numbers("max", max),
    "round": Builtin("round", _round_either),
}
SHADOWED: dict[str, Builtin] = {
    "sum": Builtin("sum", _sum),
    "min": _extreme("min", "<"),
    "max": _extreme("max", ">"),
    "abs": Builtin("abs", _abs),
    "round": Builtin("round", _round),
    "pow": Builtin("pow", _pow),
    "all": Builtin("all", _all),
    "any": Builtin("any", _any),
}
"""What a PyTorch script has under these names; elsewhere they are PyTorch's functions."""

__all__ = ["PYTHON", "SHADOWED"]
