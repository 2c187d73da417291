"""`torch.testing`: values that are to be equal, and where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.values.conversions import number, truth
from gradcli.values.formatting import represent, show, type_name
from gradcli.values.values import NUMBERS, Builtin, Size, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_TOLERANCES = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
"""How near numbers of a dtype are to be, relative and absolute: PyTorch's."""


def _assert_close(
    runtime: Runtime,
    span: Span,
    actual: Any,
    expected: Any,
    *,
    rtol: Any = None,
    atol: Any = None,
    equal_nan: Any = False,
    check_dtype: Any = True,
    msg: Any = None,
    **_: Any,
) -> None:
    """Raises an `AssertionError` with PyTorch's sentences where two values, or parts of them, differ."""
    if (rtol is None) is not (atol is None):
        given = "rtol" if rtol is None else "atol"
        message = f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {given}."
        raise failure("ValueError", message, span)
    near = None if rtol is None else (rtol, atol)
    nan, dtypes = truth(runtime, equal_nan, span), truth(runtime, check_dtype, span)
    for one, other, place in _pairs(runtime, span, actual, expected, ""):
        said = _difference(runtime, span, one, other, near, nan, dtypes)
        if said:
            said += f"\n\nThe failure occurred for item {place}" if place else ""
            raise _unequal(said if msg is None else show(runtime, msg), span)


def _unequal(message: str, span: Span) -> GradcliError:
    return failure("AssertionError", message, span, code="assertion")


def _pairs(
    runtime: Runtime, span: Span, actual: Any, expected: Any, place: str
) -> Iterator[tuple[Any, Any, str]]:
    """The numbers and tensors in two values, side by side, and where they stand."""
    runtime.limits.step(span)
    if isinstance(actual, dict) and isinstance(expected, dict):
        keys = list(expected)
        if set(actual) != set(keys):
            raise _unequal("The keys of the mappings do not match", span)
    elif isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            lengths = f"{len(actual)} != {len(expected)}"
            raise _unequal(f"The length of the sequences mismatch: {lengths}", span)
        keys = list(range(len(actual)))
    else:
        yield unwrapped(actual), unwrapped(expected), place
        return
    for key in keys:
        yield from _pairs(runtime, span, actual[key], expected[key], f"{place}[{represent(runtime, key)}]")


def _difference(
    runtime: Runtime, span: Span, actual: Any, expected: Any, given: Any, nan: bool, dtypes: bool
) -> str:
    """What is said of two tensors or two numbers that differ; nothing where they are near enough."""
    both = (actual, expected)
    if all(type(each) is Tensor for each in both):
        named: list[tuple[str, list[Any]]] = [("shape", [Size(each.shape) for each in both])]
        named += [("dtype", [f"torch.{each.dtype}" for each in both])] if dtypes else []
        for attribute, (one, other) in named:
            if one != other:
                shown = f"{show(runtime, one)} != {show(runtime, other)}"
                return f"The values for attribute '{attribute}' do not match: {shown}."
        values = [runtime.session.numpy(each) for each in both]
        near = [_TOLERANCES.get(each.dtype.name, (0, 0)) for each in both]
    elif all(type(each) in NUMBERS for each in both):
        values = [np.asarray(each) for each in both]
        near = [_TOLERANCES["float64"] if type(each) is float else (0, 0) for each in both]
    else:
        names = ["torch.Tensor" if type(each) is Tensor else type_name(each) for each in both]
        kinds = " and ".join(f"<class '{each}'>" for each in names)
        raise failure("TypeError", f"No comparison pair was able to handle inputs of type {kinds}.", span)
    most = [number(runtime, each, span, "assert_close") for each in given or map(max, *near)]
    return _told(values[0], values[1], most[0], most[1], nan)


def _told(actual: Any, expected: Any, rtol: float, atol: float, nan: bool) -> str:
    kind = np.result_type(actual, expected)
    exact = kind.kind != "f"
    actual, expected = (each.astype(np.int64 if exact else kind) for each in (actual, expected))
    close = np.isclose(actual, expected, rtol, atol, equal_nan=nan)
    if close.all():
        return ""
    size = np.where(close, 0, abs(actual - expected))
    with np.errstate(all="ignore"):
        share = np.asarray(size / abs(expected), np.float32 if exact and size.ndim else None)
    share = np.where(close, 0, share)
    equal = not rtol and not atol
    allowed = ["" if equal else f" (up to {each:g} allowed)" for each in (atol, rtol)]
    how = "equal" if equal else "close"
    if not size.ndim:
        return (
            f"Scalars are not {how}!\n\nExpected {expected.item()} but got {actual.item()}.\n"
            f"Absolute difference: {size.item()}{allowed[0]}\n"
            f"Relative difference: {share.item()}{allowed[1]}"
        )
    wrong = int(size.size - close.sum())
    lines = [
        f"Greatest {what} difference: {each.reshape(-1)[at].item()} at index "
        f"{tuple(map(int, np.unravel_index(at, size.shape)))}{most}"
        for what, each, most in (("absolute", size, allowed[0]), ("relative", share, allowed[1]))
        for at in (int(each.argmax()),)
    ]
    return (
        f"Tensor-likes are not {how}!\n\nMismatched elements: {wrong} / {size.size} "
        f"({wrong / size.size:.1%})\n" + "\n".join(lines)
    )


TESTING: dict[str, Any] = {"assert_close": Builtin("assert_close", _assert_close)}
"""What `torch.testing` has."""
