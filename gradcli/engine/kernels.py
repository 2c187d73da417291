"""What runs on a block: kernels that write into a buffer given as their last argument, and their cost.

Called by `blocks` to bind a group's operations, and by `fuse` to weigh computing against storing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

COSTS: dict[str, float] = {
    "sin": 7.0, "cos": 7.0, "tan": 1.0, "asin": 1.0, "acos": 1.0, "atan": 0.7, "sinh": 0.7, "cosh": 0.6,
    "tanh": 0.8, "asinh": 1.0, "acosh": 1.0, "atanh": 1.0, "exp": 0.6, "exp2": 0.6, "expm1": 0.7,
    "log": 0.6, "log2": 0.6, "log10": 0.6, "log1p": 0.6, "sqrt": 0.9, "rsqrt": 1.1, "pow": 0.5,
    "hypot": 6.0, "logaddexp": 13.0, "softplus": 15.0, "sigmoid": 1.2, "erf": 8.0, "ndtr": 8.0,
    "where": 1.5, "guarded_mul": 0.6, "div": 0.3, "atan2": 10.0,
}  # fmt: skip
"""About how many nanoseconds an element takes; what isn't here takes as long as an addition."""


def cost(op: Any) -> float:
    """About how long the operation takes, in nanoseconds an element."""
    return COSTS.get(op.name, 0.15)


def call(op: Any, attrs: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function `f(*arrays, *arguments, out)` that computes the operation, and those arguments."""
    direct = getattr(op, "direct", None)
    known = direct(*attrs) if direct is not None else None
    kernel, arguments = known if known is not None else (op.compute, attrs)
    if kernel is np.maximum or kernel is np.minimum:  # a third positional argument is deprecated there
        return lambda a, b, out: kernel(a, b, out=out), arguments
    if not isinstance(kernel, np.ufunc) and "out" in (getattr(kernel, "__kwdefaults__", None) or {}):
        return lambda *args: kernel(*args[:-1], out=args[-1]), arguments
    return kernel, arguments


def may_overwrite(op: Any, attrs: tuple[Any, ...]) -> bool:
    """Whether the output may be one of the inputs: a ufunc reads each element before it writes it."""
    return isinstance(call(op, attrs)[0], np.ufunc)
