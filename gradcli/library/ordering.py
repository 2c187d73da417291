"""Comparing and ordering values of the language, by functions of the program if it gives one.

`sorted`, `min`, `max` and the lists' `sort` come here.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.values import arrays
from gradcli.values.conversions import truth
from gradcli.values.objects import Instance
from gradcli.values.operators import compare, of_objects
from gradcli.values.values import Array

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def compared(runtime: Runtime, symbol: str, left: Any, right: Any, span: Span) -> Any:
    """`left symbol right`, whatever they are."""
    if type(left) is Tensor or type(right) is Tensor:
        runtime.session.span = span
        return runtime.session.operate(symbol, left, right)
    if type(left) is Array or type(right) is Array:
        return arrays.operate(runtime, symbol, left, right, span)
    if type(left) is Instance or type(right) is Instance:
        return of_objects(runtime, symbol, left, right, span)
    if isinstance(left, (list, tuple)) and isinstance(right, type(left)):
        for one, other in zip(left, right, strict=False):  # the first pair that differs decides
            if truth(runtime, compared(runtime, "<", one, other, span), span):
                return symbol in ("<", "<=")
            if truth(runtime, compared(runtime, "<", other, one, span), span):
                return symbol in (">", ">=")
        return compare(symbol, len(left), len(right), span)
    return compare(symbol, left, right, span)


_PAIR = 112
"""Bytes of an item with its key, of what compares it, and of their places."""


def in_order(runtime: Runtime, span: Span, items: list[Any], key: Any, reverse: Any) -> list[Any]:
    """The items in order, by what `key` gives for each."""
    runtime.limits.many_steps(len(items), span)
    runtime.limits.room(len(items), span, size=_PAIR)
    keys = items if key is None else [runtime.call(key, (each,), {}, span) for each in items]
    comparisons = 0

    def order(left: tuple[Any, Any], right: tuple[Any, Any]) -> int:
        nonlocal comparisons
        comparisons += 1
        if not comparisons & 0xFF:
            runtime.limits.on_time(span)
        if truth(runtime, compared(runtime, "<", left[0], right[0], span), span):
            return -1
        return int(truth(runtime, compared(runtime, "<", right[0], left[0], span), span))

    pairs = sorted(
        zip(keys, items, strict=True), key=cmp_to_key(order), reverse=truth(runtime, reverse, span)
    )
    return [item for _, item in pairs]
