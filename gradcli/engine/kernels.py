"""What runs on a block: kernels that write into a buffer given as their last argument.

Called by `blocks` to bind a group's operations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.tape.recipes import Recipe, Step


UNSOUND = (np.negative, np.isfinite)
"""What NumPy (2.4 and before) may get wrong where the result does not lie in order: `np.negative` reads
numbers that are apart (float64 by 64 bytes) as neighbours, `np.isfinite` writes some bools elsewhere."""


def call(op: Any, attrs: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function `f(*arrays, *arguments, out)` that computes the operation, and those arguments."""
    direct = getattr(op, "direct", None)
    known = direct(*attrs) if direct is not None else None
    kernel, arguments = known if known is not None else (op.compute, attrs)
    if kernel is np.maximum or kernel is np.minimum:  # a third positional argument is deprecated there
        return lambda a, b, out: kernel(a, b, out=out), arguments
    if kernel in UNSOUND:
        return lambda x, out: np.copyto(out, kernel(x)), arguments
    if not isinstance(kernel, np.ufunc) and "out" in (getattr(kernel, "__kwdefaults__", None) or {}):
        return lambda *args: kernel(*args[:-1], out=args[-1]), arguments
    return kernel, arguments


def may_overwrite(op: Any, attrs: tuple[Any, ...]) -> bool:
    """Whether the output may be one of the inputs: a ufunc reads each element before it writes it."""
    return op.compute in UNSOUND or isinstance(call(op, attrs)[0], np.ufunc)


def loops_of(op: Any, attrs: tuple[Any, ...], kinds: str) -> Recipe | None:
    """The loops of ufuncs that do an operation on operands and for a result of some dtypes, or None."""
    found = _loops_of(op, attrs, kinds)
    return None if found is None else [_from_zero(each) if each[0] is np.negative else each for each in found]


def _from_zero(step: Step) -> Step:
    """A negative as a difference."""
    _, types, operands = step
    return np.subtract, types[0] + types, (-0.0 if types[0] in "df" else 0, *operands)


def _loops_of(op: Any, attrs: tuple[Any, ...], kinds: str) -> Recipe | None:
    if op.loops is not None:
        found: Recipe | None = op.loops(kinds, *attrs)
        return found
    direct = getattr(op, "direct", None)
    known = direct(*attrs) if direct is not None else None
    kernel, arguments = known if known is not None else (op.compute, attrs)
    if hasattr(kernel, "ufunc"):  # SciPy's
        kernel = kernel.ufunc()
    if not isinstance(kernel, np.ufunc) or not all(type(each) in (int, float) for each in arguments):
        return None
    read, _, result = kinds.partition("->")
    types = f"{read}{read[:1] * len(arguments)}->{result}"
    if read[:1] in "df":
        arguments = tuple([float(each) for each in arguments])
    elif any(type(each) is float for each in arguments):
        return None  # whose bits are no integer's
    return [(kernel, types, (*"abcdefgh"[: len(read)], *arguments))]
