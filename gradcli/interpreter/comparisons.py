"""Comparisons as closures: `<`, `==`, `in`, `is` and chains of them.

Listed in `scopes.EXPRESSIONS` like the other expressions. A chain asks for the truth of each pair, as Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import failure
from gradcli.interpreter.scopes import EXPRESSIONS, Scope
from gradcli.syntax import tree
from gradcli.values import arrays, operators
from gradcli.values.conversions import as_key, equal, listed, truth
from gradcli.values.formatting import type_name
from gradcli.values.objects import ABSENT, ClassValue, DictView, Instance
from gradcli.values.values import Approx, Array, DType

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Frame


def _comparison(scope: Scope, node: tree.Comparison) -> Evaluate:
    runtime = scope.runtime
    first = scope.expression(node.first)
    links = [(comparer(runtime, link.operator), scope.expression(link.operand)) for link in node.links]
    span = node.span
    if len(links) == 1:
        compare, second = links[0]
        return lambda frame: compare(first(frame), second(frame), span)

    def run(frame: Frame) -> Any:
        left = first(frame)
        result: Any = True
        for position, (compare, operand) in enumerate(links):
            if position and not truth(runtime, result, span):
                return result
            right = operand(frame)
            result = compare(left, right, span)
            left = right
        return result

    return run


def comparer(runtime: Runtime, symbol: str) -> Any:
    """What compares two values, at a place."""
    session = runtime.session
    if symbol == "is":
        return lambda left, right, span: _identical(left, right)
    if symbol == "is not":
        return lambda left, right, span: not _identical(left, right)
    if symbol == "in":
        return lambda left, right, span: _contains(runtime, right, left, span)
    if symbol == "not in":
        return lambda left, right, span: not _contains(runtime, right, left, span)
    if symbol in ("==", "!="):
        same = symbol == "=="

        def compare_equal(left: Any, right: Any, span: Span) -> Any:
            if type(right) is Approx or type(left) is Approx:
                from gradcli.library.makers import near

                value, approx = (left, right) if type(right) is Approx else (right, left)
                return near(runtime, span, value, approx) is same
            if type(left) is Tensor or type(right) is Tensor:
                other = right if type(left) is Tensor else left
                if type(other) in (Tensor, int, float, bool, list, tuple):
                    session.span = span
                    return session.operate(symbol, left, right)
                return not same
            if type(left) is Array or type(right) is Array:
                return arrays.operate(runtime, symbol, left, right, span)
            return equal(runtime, left, right, span) is same

        return compare_equal

    def compare(left: Any, right: Any, span: Span) -> Any:
        if type(left) is Tensor or type(right) is Tensor:
            session.span = span
            return session.operate(symbol, left, right)
        if type(left) is Array or type(right) is Array:
            return arrays.operate(runtime, symbol, left, right, span)
        if type(left) is Instance or type(right) is Instance:
            return operators.of_objects(runtime, symbol, left, right, span)
        return operators.compare(symbol, left, right, span)

    return compare


def _identical(left: Any, right: Any) -> bool:
    """`left is right`; PyTorch has one object for each dtype."""
    return left is right or (type(left) is DType and left == right)


def _contains(runtime: Runtime, container: Any, value: Any, span: Span) -> bool:
    if isinstance(container, str) and isinstance(value, str):
        return value in container
    if isinstance(container, range):
        # Python would look for a float one number at a time.
        if type(value) is float and value.is_integer():
            value = int(value)
        return type(value) in (int, bool) and value in container
    if isinstance(container, dict):
        return as_key(value, span) in container
    if type(container) is DictView and container.kind == "keys":
        return as_key(value, span) in container.entries
    if type(container) is Instance or type(container) is ClassValue:
        found = runtime.special(container, "__contains__", span, value)
        if found is not ABSENT:
            return truth(runtime, found, span)
    if type(container) in (DictView, Instance) or isinstance(container, Iterator):
        container = listed(runtime, container, span)
    if isinstance(container, (list, tuple)):
        return any(equal(runtime, item, value, span) for item in container)
    if type(container) is Tensor:
        runtime.session.span = span
        matches = runtime.session.operate("==", container, value)
        return bool(runtime.session.value(matches).any())
    raise failure("TypeError", f"argument of type '{type_name(container)}' is not iterable", span)


EXPRESSIONS[tree.Comparison] = _comparison
