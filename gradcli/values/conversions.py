"""From values of the language to Python's truth, integers, equality and iteration, with PyTorch's errors.

The compiled closures and the built-in functions share these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, failure
from gradcli.limits import GROWN, MOST_ITEMS, NUMBER, check_size
from gradcli.values.formatting import item, represent, type_name
from gradcli.values.objects import ABSENT, EXCEPTIONS, ClassValue, DictView, Distinct, Instance, exception
from gradcli.values.values import NUMBERS, Array, TypeFunction

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_FALSE_WHEN_EMPTY = (int, float, str, list, tuple, range, dict, type(None))


def truth(runtime: Runtime, value: Any, span: Span) -> bool:
    """`bool(value)`."""
    if type(value) is bool:
        return value
    if type(value) is Array:
        value = value.tensor
    if type(value) is not Tensor:
        # Sizes, numbers, texts; functions and the rest are true, as any object is.
        if type(value) is Instance:
            for name in ("__bool__", "__len__"):
                found = runtime.special(value, name, span)
                if found is not ABSENT:
                    return truth(runtime, found, span) if type(found) is not Instance else True
            return True
        return bool(value) if isinstance(value, _FALSE_WHEN_EMPTY) else True
    if value.shape and elements(value) != 1:
        if elements(value):
            message = "Boolean value of Tensor with more than one value is ambiguous"
            raise GradcliError(
                "bad-argument", message, span=span, hint="say what you mean with .any() or .all()"
            )
        raise GradcliError("bad-argument", "Boolean value of Tensor with no values is ambiguous", span=span)
    runtime.session.span = span
    if value.node.dtype.kind == "f" and engine.keeps_all():
        value = runtime.session.operate("!=", value, 0)  # the program does the same for all that are not 0
    return bool(runtime.session.value(value))


def elements(tensor: Tensor) -> int:
    """How many elements a tensor has."""
    count = 1
    for length in tensor.shape:
        count *= length
    return count


def integer(runtime: Runtime, value: Any, span: Span | None, message: str = "") -> int:
    """`value` where an integer is needed: an int, an integer tensor, a whole float from outside.

    Raises:
        GradcliError: `bad-argument` with `message`, by default Python's.
    """
    if type(value) in (int, bool):
        return int(value)
    tensor = value.tensor if type(value) is Array else value
    if type(tensor) is Tensor and elements(tensor) == 1:
        number = item(runtime, tensor)
        if type(number) is int or (type(number) is float and number.is_integer()):
            return int(number)
    if type(value) is Instance:
        found = runtime.special(value, "__index__", span)
        if type(found) is int:
            return found
    if not message and type(tensor) is Tensor:
        message = "only integer tensors of a single element can be converted to an index"
    message = message or f"'{type_name(value)}' object cannot be interpreted as an integer"
    raise GradcliError("bad-argument", message, span=span, hint="a whole number is needed here")


def number(runtime: Runtime, value: Any, span: Span | None, name: str) -> float:
    """`value` where `name` needs a number: a number, or a tensor with one element.

    Raises:
        GradcliError: `bad-argument` when it is anything else.
    """
    if type(value) is Array:
        value = value.tensor
    if type(value) is Tensor and elements(value) == 1:
        value = runtime.session.numpy(value).reshape(()).item()
    if type(value) in NUMBERS:
        return float(value)
    raise GradcliError("bad-argument", f"{name}() needs a number, not {type_name(value)}", span=span)


_CONTAINERS = (list, tuple, dict)


def _keys(value: DictView | Distinct) -> Any:
    return value.entries.keys() if isinstance(value, DictView) else value.keys()


def equal(runtime: Runtime, left: Any, right: Any, span: Span) -> bool:
    """`left == right` in one truth value, through lists and tuples."""
    pairs = [(left, right)]
    seen: set[tuple[int, int]] = set()
    while pairs:
        left, right = pairs.pop()
        if left is right and type(left) is not float:
            continue
        if type(left) is Tensor or type(right) is Tensor:
            other = right if type(left) is Tensor else left
            if type(other) not in (Tensor, *NUMBERS):
                return False
            runtime.session.span = span
            if not truth(runtime, runtime.session.operate("==", left, right), span):
                return False
        elif isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            if isinstance(left, list) is not isinstance(right, list) or len(left) != len(right):
                return False
            # Lists may share their parts many times over; each pair is compared once.
            if (id(left), id(right)) not in seen:
                seen.add((id(left), id(right)))
                pairs.extend(zip(reversed(left), reversed(right), strict=True))
        elif isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            if (id(left), id(right)) not in seen:
                seen.add((id(left), id(right)))
                pairs.extend((value, right[key]) for key, value in left.items())
        elif type(left) is DictView or type(right) is DictView:
            kinds = [each.kind if type(each) is DictView else type(each) for each in (left, right)]
            if kinds == ["items", "items"]:
                pairs.append((left.entries, right.entries))
            elif not {"keys", Distinct}.issuperset(kinds) or _keys(left) != _keys(right):
                return False
        elif {type(left), type(right)} == {str, TypeFunction}:  # the dtype of an array
            kind, name = (left, right) if type(left) is TypeFunction else (right, left)
            if kind.dtype != name:
                return False
        elif type(left) is Instance:
            same = runtime.special(left, "__eq__", span, right)
            if same is ABSENT or not truth(runtime, same, span):
                return False
        elif isinstance(left, _CONTAINERS) or isinstance(right, _CONTAINERS) or left != right:
            return False
    return True


def iterate(runtime: Runtime, value: Any, span: Span) -> Iterable[Any]:
    """What a `for` goes through."""
    if isinstance(value, (list, tuple, range, str, Iterator)):
        return value
    if isinstance(value, dict):
        return list(value)  # what the loop does to the dict is no business of its turns
    if type(value) is DictView:
        return value.items()
    if type(value) is Instance or type(value) is ClassValue:
        found = runtime.special(value, "__iter__", span)
        if found is not ABSENT and type(found) is not Instance:
            return iterate(runtime, found, span)
    if type(value) is Tensor:
        if not value.shape:
            raise GradcliError("bad-argument", "iteration over a 0-d tensor", span=span)
        runtime.session.span = span
        return rows(runtime, value)
    if type(value) is Array:
        runtime.session.span = span
        from gradcli.values.arrays import taken

        return (taken(runtime, each) for each in rows(runtime, value.tensor))
    raise GradcliError("bad-argument", f"'{type_name(value)}' object is not iterable", span=span)


def rows(runtime: Runtime, tensor: Tensor) -> Iterable[Any]:
    """The slices of a tensor along its first dimension, as `unbind` gives them."""
    parts: Iterable[Any] = runtime.session.apply(row("unbind"), (tensor,), {})
    return parts


def listed(runtime: Runtime, value: Any, span: Span) -> list[Any]:
    """All that a `for` would go through, as a list."""
    source = iterate(runtime, value, span)
    length = len(source) if isinstance(source, (list, tuple, range, str)) else 0
    runtime.limits.room(length, span, size=NUMBER if type(source) is range else 8)
    if length:
        return list(source)
    items: list[Any] = []
    for each in source:
        items.append(each)
        if not len(items) % GROWN:
            runtime.limits.grown(items, span)
    return items


_HEAD = 8
"""The bytes of a list beside its items, as items."""
_KEYS = frozenset((str, int, float, bool, type(None)))


def as_key(value: Any, span: Span) -> Any:
    """A value as the key of a dict: texts, numbers, tuples of them, tensors and objects as themselves.

    Raises:
        GradcliError: `bad-argument` for a list, a dict, a set or what holds one.
    """
    kind = type(value)
    if kind in _KEYS:
        return value
    if kind is Array and value.scalar:
        return np.asarray(engine.value(value.tensor.node)).item()
    inner = [each for each in value if type(each) not in _KEYS] if isinstance(value, tuple) else []
    unhashable = isinstance(value, (list, dict))
    if unhashable or any(isinstance(each, (list, dict, tuple)) for each in inner):
        shown = type_name(value if unhashable else inner[0])
        raise GradcliError("bad-argument", f"unhashable type: '{shown}'", span=span, hint="use a text as key")
    return value


def missing_key(runtime: Runtime, key: Any, span: Span) -> GradcliError:
    """The error for a key that a dict doesn't have."""
    error = GradcliError("bad-argument", represent(runtime, key), span=span, hint="the dict has no such key")
    error.raised = exception(EXCEPTIONS["KeyError"], key)
    return error


def plain_data(runtime: Runtime, data: Any, span: Span | None) -> Any:
    """Nested lists of numbers, with tensors inside as numbers and lists: what `tensor(...)` takes.

    Raises:
        GradcliError: `limit` when a short program made a list without end.
    """
    if isinstance(data, NUMBERS):
        return data
    check_size(data, MOST_ITEMS, span)
    session, room = runtime.session, runtime.limits.room

    def convert(value: Any) -> Any:
        if type(value) in NUMBERS:
            return value
        if type(value) is Array:
            value = value.tensor
        if type(value) is Tensor:
            array = session.value(value)
            if value.shape:
                room(array.size, span, size=NUMBER)
            return array.tolist() if hasattr(array, "tolist") else array
        if type(value) is range:
            room(len(value), span, size=NUMBER)
            return list(value)
        if type(value) is Instance and value.cls.find("__getitem__") and value.cls.find("__iter__"):
            value = listed(runtime, value, span or (0, 0))
        if isinstance(value, (list, tuple)):
            room(len(value) + _HEAD, span)
            return [convert(each) for each in value]
        hint = f"a tensor is made of numbers, not of '{type_name(value)}'"
        if type(value) is str:
            raise failure("TypeError", "new(): invalid data type 'str'", span, hint=hint)
        message = f"Could not infer dtype of {type_name(value)}"
        raise failure("RuntimeError", message, span, hint=hint)

    return convert(data)
