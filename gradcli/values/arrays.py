"""What `tensor.numpy()` gives: a value that prints as NumPy prints it, with the little that is asked of one.

Operators, indices and attributes come here when they meet an `Array`; functions take it as the tensor it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor, labels
from gradcli.errors import GradcliError, failure
from gradcli.tape.node import FLOAT64
from gradcli.tape.primitives import cast
from gradcli.values.values import Array, unwrapped

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


PRINTING = "numpy.set_printoptions"
"""Under which name a run keeps how arrays are printed."""


def numpy(runtime: Runtime, span: Span, tensor: Tensor, *, force: Any = False) -> Array:
    """`tensor.numpy()`."""
    if tensor.requires_grad and not force:
        raise GradcliError(
            "bad-argument",
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            span=span,
        )
    return Array(runtime.session.detach(tensor), False)


def wrapped(value: Any) -> Any:
    """A tensor that came of an array; without dimensions it is one of NumPy's numbers."""
    return Array(value, not value.shape) if type(value) is Tensor else value


def taken(runtime: Runtime, found: Any) -> Any:
    """What an index or a loop takes of an array: a view, or a number, which keeps its value."""
    if type(found) is Tensor and not found.shape:
        found = runtime.session.leaf(runtime.session.numpy(found).copy())
    return wrapped(found)


def text(runtime: Runtime, array: Array, quoted: bool) -> str:
    """`str(array)`, or with `quoted` `repr(array)`."""
    import numpy as np

    value = runtime.session.numpy(array.tensor)
    with np.printoptions(**runtime.kept.get(PRINTING, {})):
        if array.scalar:
            return repr(value[()]) if quoted else str(value[()])
        return repr(value) if quoted else str(value)


def unary(runtime: Runtime, name: str, array: Array, span: Span) -> Any:
    """A function of the table of each element."""
    runtime.session.span = span
    return wrapped(runtime.session.apply(labels.row(name), (array.tensor,), {}))


def _power(runtime: Runtime, left: Any, right: Any, span: Span) -> Any:
    """A power as NumPy has it, whose powers have digits of their own."""
    import numpy as np

    base, exponent = (
        runtime.session.numpy(each.tensor) if type(each) is Array else each for each in (left, right)
    )
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(base) ** exponent
    except ValueError as error:  # shapes, and whole numbers to negative powers
        raise failure("ValueError", str(error), span) from None
    return wrapped(runtime.session.leaf(np.asarray(found)))


def of_one_dtype(values: list[Any]) -> list[Any]:
    """The tensors among these in the dtype that NumPy gives what they make together, but for flags."""
    import numpy as np

    kinds = {each.dtype for each in values if type(each) is Tensor and each.dtype.kind != "b"}
    if len(kinds) < 2:
        return values
    kind = np.result_type(*kinds)
    return [
        Tensor(cast(each.node, kind)) if type(each) is Tensor and each.dtype.kind != "b" else each
        for each in values
    ]


def operate(runtime: Runtime, symbol: str, left: Any, right: Any, span: Span) -> Any:
    """An operator with an array on at least one side."""
    session = runtime.session
    session.span = span
    former, session.context.default_dtype = session.context.default_dtype, FLOAT64
    try:
        if symbol == "**" and type(left) is not Tensor and type(right) is not Tensor:
            return _power(runtime, left, right, span)
        if type(left) is type(right) is Array:
            left, right = of_one_dtype([left.tensor, right.tensor])
        return wrapped(session.operate(symbol, unwrapped(left), unwrapped(right)))
    finally:
        session.context.default_dtype = former
