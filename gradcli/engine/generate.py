"""Generated Python: a stretch of tape that is run many times, as one function of its inputs.

Made from the tape, never from text, for small arrays and scalars, where the cost is in calling and
not in computing. Used by `engine.replay` for loops, by `engine.pullbacks` and by `compile`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.custom import origin
from gradcli.tape.node import FLOAT64, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SYMBOLS = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}
"""What is quicker written than called."""


def generate(
    order: Sequence[Node], inputs: Sequence[Node], outputs: Sequence[Node | None]
) -> Callable[..., tuple[Any, ...]]:
    """A function from the values of `inputs` to the values of `outputs`.

    Args:
        order: the nodes to compute, each after what it reads.
        inputs: the nodes whose values are given; their own inputs are not looked at. They are known as
            nodes: two that happen to be equal, or one array, stay two.
        outputs: what is returned, in this order; None stands for itself.

    Returns:
        A function that computes float64 scalars as Python floats. Where Python raises for what
        NumPy answers with inf or nan, it starts again with the kernels.
    """
    by_kernels = _written(order, inputs, outputs)
    if not any(scalar_of(node) for node in order):
        return by_kernels()
    function: Callable[..., tuple[Any, ...]] | None = None

    def otherwise(*values: Any) -> tuple[Any, ...]:
        nonlocal function
        if function is None:  # compiled when it is needed, which is rarely
            function = by_kernels()
        return function(*values)

    return _written(order, inputs, outputs, otherwise)()


def scalar_of(node: Node) -> Any:
    """The function on Python floats that computes the node, if it is a float64 scalar and has one."""
    if node.dtype is FLOAT64 and not node.shape:
        return node.op.scalar
    return None


def _written(
    order: Sequence[Node],
    inputs: Sequence[Node],
    outputs: Sequence[Node | None],
    otherwise: Callable[..., tuple[Any, ...]] | None = None,
) -> Callable[[], Callable[..., tuple[Any, ...]]]:
    """The function as text, made from the tape as it is now, and what compiles it.

    With `otherwise` it computes with Python floats, and calls that where they raise.
    """
    names: dict[Node, str] = {node: f"x{index}" for index, node in enumerate(inputs)}
    shared: dict[Any, str] = {}  # what was computed already, by operation and operands
    scope: dict[str, Any] = {"otherwise": otherwise}
    objects: dict[int, str] = {}
    kept: list[Any] = []  # so that the identity of each stays its own

    def named(value: Any) -> str:
        if type(value) is int or value is None:
            return repr(value)
        key = id(value)
        if key not in objects:
            objects[key] = f"k{len(objects)}"
            kept.append(value)
            scope[objects[key]] = protected(value)
        return objects[key]

    def operand(node: Node) -> str:
        if node not in names:
            source = origin(node)  # else it has its value already: a constant, or a number of a rule
            names[node] = names[source] if source in names else named(node.value)
        return names[node]

    lines = []
    for index, node in enumerate(order):
        if node in names or node.value is not None:
            continue
        operands = [operand(each) for each in _operands(node)]
        key = (node.op, tuple(operands), node.attrs)
        if key in shared:
            names[node] = shared[key]
            continue
        function, attrs = (scalar_of(node) if otherwise else None), node.attrs
        if function is None:
            function, attrs = kernel_of(node)
        name = shared[key] = names[node] = f"v{index}"
        arguments = operands + [named(attr) for attr in attrs]
        symbol = _SYMBOLS.get(function) if len(arguments) == 2 else None
        call = f" {symbol} ".join(arguments) if symbol else f"{named(function)}({', '.join(arguments)})"
        lines.append(f"{name} = {call}")
    parameters = ", ".join(names[node] for node in inputs)
    results = "".join("None, " if node is None else f"{operand(node)}, " for node in outputs)
    lines.append(f"return ({results})")
    if otherwise:
        lines = ["try:", *[f"    {line}" for line in lines]]
        lines += ["except (ArithmeticError, ValueError, TypeError):", f"    return otherwise({parameters})"]
    source = "\n    ".join([f"def run({parameters}):", *lines])

    def compiled() -> Callable[..., tuple[Any, ...]]:
        own = dict(scope)
        exec(compile(source, "<tape>", "exec"), own)  # every name in it was made here
        return own.pop("run")  # type: ignore[no-any-return]  # so that it doesn't hold itself

    return compiled


def protected(value: Any) -> Any:
    """A constant of a function that is called many times: an array as a view that nobody writes to."""
    if type(value) is not np.ndarray or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def kernel_of(node: Node) -> tuple[Any, tuple[Any, ...]]:
    """What computes the node, and its further arguments: a bare ufunc where there is one."""
    direct = getattr(node.op, "direct", None)
    return (direct(*node.attrs) if direct is not None else None) or (node.op.compute, node.attrs)


def _operands(node: Node) -> Sequence[Node]:
    """The inputs to hand over: an expanded one as it was before, where another has the full shape."""
    if node.op.elementwise and any(each.op.broadcasts for each in node.inputs):
        full = any(not each.op.broadcasts and each.shape == node.shape for each in node.inputs)
        if full:
            return [each.inputs[0] if each.op.broadcasts and each.inputs else each for each in node.inputs]
    return node.inputs
