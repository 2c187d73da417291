"""Generated Python: a stretch of tape that is run many times, as one function of its inputs.

Made from the tape, never from text, for small arrays and scalars, where the cost is in calling and
not in computing. Called by `trace`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from gradcli.tape.node import FLOAT64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gradcli.engine.numbering import Numbered
    from gradcli.tape.node import Node

_SYMBOLS = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}
"""What is quicker written than called."""


def generate(numbered: Numbered) -> Callable[..., tuple[Any, ...]]:
    """A function from the values of the inputs of a numbered computation to those of what is wanted of it.

    It computes float64 scalars as Python floats. Where Python raises for what NumPy answers with inf or nan,
    it starts again with the kernels.
    """
    by_kernels = _written(numbered)
    if not any(scalar_of(node) for node in numbered.nodes):
        return by_kernels()
    function: Callable[..., tuple[Any, ...]] | None = None

    def otherwise(*values: Any) -> tuple[Any, ...]:
        nonlocal function
        if function is None:  # compiled when it is needed, which is rarely
            function = by_kernels()
        return function(*values)

    return _written(numbered, otherwise)()


def scalar_of(node: Node) -> Any:
    """The function on Python floats that computes the node, if it is a float64 scalar and has one."""
    if node.dtype is FLOAT64 and not node.shape:
        return node.op.scalar
    return None


def _written(
    numbered: Numbered, otherwise: Callable[..., tuple[Any, ...]] | None = None
) -> Callable[[], Callable[..., tuple[Any, ...]]]:
    """The function as text, made from the tape as it is now, and what compiles it.

    With `otherwise` it computes with Python floats, and calls that where they raise.
    """
    scope: dict[str, Any] = {"otherwise": otherwise}
    objects: dict[int, str] = {}
    names = {index: f"x{index}" for index in range(numbered.inputs)}

    def named(value: Any) -> str:
        if type(value) is int or value is None:
            return repr(value)
        key = id(value)
        if key not in objects:
            objects[key] = f"k{len(objects)}"
            scope[objects[key]] = value  # kept in scope, so the identity stays its own
        return objects[key]

    for index, value in zip(numbered.given[numbered.inputs :], numbered.constants(), strict=True):
        names[index] = named(value)
    operands = _operands(numbered)
    lines = []
    order = sorted(operands)
    ends = _ends(order, operands, numbered.outputs)
    free: list[str] = []  # names whose values nobody reads any more: a name used again lets go of its array
    for index in order:
        node = numbered.nodes[index]
        function, attrs = (scalar_of(node) if otherwise else None), node.attrs
        if function is None:
            function, attrs = kernel_of(node)
        arguments = [names[each] for each in operands[index]] + [named(attr) for attr in attrs]
        free.extend([names[each] for each in ends.get(index, ())])
        name = names[index] = free.pop() if free else f"v{index}"
        symbol = _SYMBOLS.get(function) if len(arguments) == 2 else None
        call = f" {symbol} ".join(arguments) if symbol else f"{named(function)}({', '.join(arguments)})"
        lines.append(f"{name} = {call}")
    parameters = ", ".join(names[index] for index in range(numbered.inputs))
    results = "".join("None, " if index is None else f"{names[index]}, " for index in numbered.wanted)
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


def _ends(
    order: Sequence[int], operands: dict[int, Sequence[int]], outputs: Iterable[int]
) -> dict[int, list[int]]:
    """For each number the computed ones that are read there for the last time."""
    last = {each: index for index in order for each in operands[index] if each in operands}
    for each in outputs:
        last.pop(each, None)
    found: dict[int, list[int]] = {}
    for each, index in last.items():
        found.setdefault(index, []).append(each)
    return found


def _operands(numbered: Numbered) -> dict[int, Sequence[int]]:
    """For each number that has to be computed those that it is computed from."""
    given = frozenset(numbered.given)
    found: dict[int, Sequence[int]] = {}
    pending = list(numbered.outputs)
    while pending:
        index = pending.pop()
        if index not in found and index not in given:
            found[index] = _narrow(index, numbered, given)
            pending.extend(found[index])
    return found


def _narrow(index: int, numbered: Numbered, given: frozenset[int]) -> Sequence[int]:
    """The operands to hand over: an expanded one as it was before, where another has the full shape."""
    rows, nodes = numbered.rows, numbered.nodes
    args: tuple[int, ...] = rows[index][1]
    if rows[index][0].elementwise:
        expanded = [each not in given and rows[each][0].broadcasts for each in args]
        shape = nodes[index].shape
        if any(expanded) and any(
            not flag and nodes[each].shape == shape for each, flag in zip(args, expanded, strict=True)
        ):
            return [rows[each][1][0] if flag else each for each, flag in zip(args, expanded, strict=True)]
    return args


def kernel_of(node: Node) -> tuple[Any, tuple[Any, ...]]:
    """What computes the node, and its further arguments: a bare ufunc where there is one."""
    direct = getattr(node.op, "direct", None)
    return (direct(*node.attrs) if direct is not None else None) or (node.op.compute, node.attrs)
