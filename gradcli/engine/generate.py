"""Generated Python: a stretch of tape that is run many times, as one function of its inputs.

Made from the tape, never from text, for small arrays and scalars, where the cost is in calling and
not in computing. Called by `trace`.
"""

from __future__ import annotations

import math
import operator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.each import by_element
from gradcli.engine.numbering import needed
from gradcli.engine.turns import in_turns, longest
from gradcli.engine.unroll import scalar_of, unrolled
from gradcli.errors import GradcliError
from gradcli.tape.node import FLOAT64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gradcli.engine.numbering import Numbered
    from gradcli.engine.turns import Turns
    from gradcli.tape.node import Node

    Function = Callable[..., tuple[Any, ...]]

_SYMBOLS: dict[Any, str] = {
    operator.add: "{} + {}",
    operator.sub: "{} - {}",
    operator.mul: "{} * {}",
    operator.truediv: "{} / {}",
    operator.neg: "-{}",
    operator.lt: "{} < {}",
    operator.le: "{} <= {}",
    operator.gt: "{} > {}",
    operator.ge: "{} >= {}",
    operator.eq: "{} == {}",
    operator.ne: "{} != {}",
    operator.getitem: "{}[{}]",
    np.ndarray.item: "{}.item({})",
}
"""What is quicker written than called."""
_SQUARE = "{0} * {0}"
LONGEST = 12
"""Operations in one operand of an expression: the parser's stack is finite."""


def generate(numbered: Numbered, hopeful: Callable[[], Numbered] | None = None) -> Function:
    """A function from the values of the inputs of a numbered computation to those of what is wanted of it.

    It computes float64 scalars as Python floats, and small arrays element by element where that is quicker.
    Where Python raises for what NumPy answers with inf or nan, it starts again with the kernels.

    Args:
        numbered: the computation.
        hopeful: gives the same one without what guards, which is tried first.
    """
    numbers = unrolled(numbered, longest) or numbered
    turns = in_turns(numbers)
    if turns is None:
        numbers = _by_elements(numbers)
    if numbers is not numbered:
        return _trying(_written(numbers, True, turns), lambda: _by_scalars(numbered))
    hoped = hopeful() if hopeful is not None else numbered
    return _hoping(hoped, numbered) if hoped.checks else _by_scalars(numbered)


def _by_numbers(numbered: Numbered) -> Numbered:
    """The computation with small arrays element by element where that is quicker."""
    return _by_elements(unrolled(numbered, longest) or numbered)


def _by_elements(numbered: Numbered) -> Numbered:
    """The computation with long chains of elementwise work on a few elements as functions of one."""
    return by_element(numbered, lambda inside: _written(inside, True)(_refuse)) or numbered


def _hoping(hopeful: Numbered, careful: Numbered) -> Function:
    """The function without what guards, until it is needed: most of what isn't finite stays so."""
    quick = _by_scalars(hopeful)
    slow: Function | None = None

    def run(*values: Any) -> tuple[Any, ...]:
        nonlocal slow
        if slow is None:
            with suppress(GradcliError):  # of a kernel that met what should have been shielded
                found: tuple[Any, ...] | None = quick(*values)
                if found is not None:
                    return found
            slow = _by_scalars(careful)
        return slow(*values)

    return run


def _refuse(*values: Any) -> Any:
    """What a function inside another does where Python raises: the other starts again."""
    raise ArithmeticError


def _by_scalars(numbered: Numbered) -> Function:
    turns = in_turns(numbered)
    by_kernels = _written(numbered, False, turns)
    if not any(scalar_of(node) for node in numbered.nodes):
        return by_kernels(None)
    return _trying(_written(numbered, True, turns), lambda: by_kernels(None))


def _trying(first: Callable[[Function], Function], second: Callable[[], Function]) -> Function:
    """The function that `first` makes, which calls the other where it raises."""
    function: Function | None = None

    def otherwise(*values: Any) -> tuple[Any, ...]:
        nonlocal function
        if function is None:  # compiled when it is needed, which is rarely
            function = second()
        return function(*values)

    return first(otherwise)


def _written(
    numbered: Numbered, scalars: bool, turns: Turns | None = None
) -> Callable[[Function | None], Function]:
    """The function as text, made from the tape as it is now, and what compiles it.

    With `scalars` it computes with Python floats, and calls what the compiler is given where they raise. It
    returns None where a check tells that something isn't finite. With `turns` it calls functions of parts.
    """
    if turns is not None:
        return _replayed(numbered, turns, scalars)
    scope: dict[str, Any] = {"finite": math.isfinite, "float": float}
    objects: dict[int, str] = {}
    nodes = numbered.nodes

    def named(value: Any) -> str:
        kind = type(value)
        if kind is int or value is None:
            return repr(value)
        if kind is float and math.isfinite(value):
            return f"({value!r})"
        key = id(value)
        if key not in objects:
            objects[key] = f"k{len(objects)}"
            scope[objects[key]] = value  # kept in scope, so the identity stays its own
        return objects[key]

    # What stands for the value of a number where it is read: a name, or how it is computed.
    shown = {index: f"x{index}" for index in range(numbered.inputs)}
    for index, value in zip(numbered.given[numbered.inputs :], numbered.constants(), strict=True):
        shown[index] = named(value)
    operands = needed(numbered)
    order = sorted(operands)
    patterns = {index: _pattern(nodes[index]) for index in order} if scalars else {}
    inside = _inside(order, operands, patterns, numbered.outputs)
    ends = _ends([index for index in order if index not in inside], operands, inside, numbered.outputs)
    lines = []
    free: list[str] = []  # names whose values nobody reads any more: a name used again lets go of its array
    for index in order:
        node, pattern = nodes[index], patterns.get(index)
        arguments = [shown[each] for each in operands[index]]
        if pattern is not None:
            text = pattern.format(*arguments, *[named(attr) for attr in node.attrs])
        else:
            function, attrs = (scalar_of(node) if scalars else None), node.attrs
            kernel = function is None
            if kernel:
                function, attrs = kernel_of(node)
            text = f"{named(function)}({', '.join(arguments + [named(attr) for attr in attrs])})"
            number = not (node.shape or node.op.parts) and node.dtype is FLOAT64
            if kernel and scalars and number:
                text = f"float({text})"  # arithmetic on what else it may be takes several times as long
        if index in inside:
            shown[index] = f"({text})"
            continue
        free.extend([shown[each] for each in ends.get(index, ())])
        name = shown[index] = free.pop() if free else f"v{index}"
        lines.append(f"{name} = {text}")
    parameters = ", ".join(shown[index] for index in range(numbered.inputs))
    if numbered.checks:
        lines.append(
            f"if not ({' and '.join(f'finite({shown[each]})' for each in numbered.checks)}): return None"
        )
    results = "".join("None, " if index is None else f"{shown[index]}, " for index in numbered.wanted)
    lines.append(f"return ({results})")
    if scalars:
        lines = ["try:", *[f"    {line}" for line in lines]]
        lines += ["except (ArithmeticError, ValueError, TypeError):", f"    return otherwise({parameters})"]
    source = "\n    ".join([f"def run({parameters}):", *lines])

    def compiled(otherwise: Function | None) -> Function:
        own = {**scope, "otherwise": otherwise}
        exec(compile(source, "<tape>", "exec"), own)  # every name in it was made here
        return own.pop("run")  # type: ignore[no-any-return]  # so that it doesn't hold itself

    return compiled


def _replayed(numbered: Numbered, turns: Turns, scalars: bool) -> Callable[[Function | None], Function]:
    """The same of a computation that repeats itself: a function of each part, called in turns."""
    parts = [_written(_by_numbers(each) if scalars else each, scalars) for each in turns.parts]
    constants = numbered.constants()
    checks = [turns.place[each] for each in numbered.checks]
    wanted = [None if each is None else turns.place[each] for each in numbered.wanted]

    def compiled(otherwise: Function | None) -> Function:
        functions = [each(_refuse) for each in parts]

        def run(*values: Any) -> Any:
            try:
                found = turns.run(functions, [*values, *constants])
            except ArithmeticError:
                if otherwise is None:
                    raise
                return otherwise(*values)
            if not all(math.isfinite(found[each]) for each in checks):
                return None
            return tuple([None if each is None else found[each] for each in wanted])

        return run

    return compiled


def _pattern(node: Node) -> str | None:
    """How a number is written with operators, if it can be. What is read twice in it has to have a name."""
    function = scalar_of(node)
    if function is math.pow and node.attrs and node.attrs[0] == 2:
        return _SQUARE
    return None if function is None else node.op.written or _SYMBOLS.get(function)


def _inside(
    order: Sequence[int],
    operands: Mapping[int, Sequence[int]],
    patterns: Mapping[int, str | None],
    outputs: Iterable[int],
) -> dict[int, list[int]]:
    """What is written where it is read, and for each of these the numbers with names that are read there."""
    readers: dict[int, list[int]] = {each: [-1] for each in outputs}
    for index in order:
        for each in operands[index]:
            readers.setdefault(each, []).append(index)
    found: dict[int, list[int]] = {}
    lengths: dict[int, int] = {}
    for index in order:
        pattern = patterns.get(index)
        if pattern is None or len(readers[index]) > 1 or readers[index][0] < 0:
            continue
        reader = patterns.get(readers[index][0])
        length = 1 + sum(lengths.get(each, 0) for each in operands[index])
        if length <= LONGEST and (reader is None or reader.count("{0}") < 2):
            lengths[index] = length
            found[index] = _names(operands[index], found)
    return found


def _names(operands: Sequence[int], inside: Mapping[int, Sequence[int]]) -> list[int]:
    """The numbers with names that are read for these operands."""
    return [name for each in operands for name in inside.get(each, (each,))]


def _ends(
    order: Sequence[int],
    operands: Mapping[int, Sequence[int]],
    inside: Mapping[int, Sequence[int]],
    outputs: Iterable[int],
) -> dict[int, list[int]]:
    """For each number with a name the computed ones that are read there for the last time."""
    last = {each: index for index in order for each in _names(operands[index], inside) if each in operands}
    for each in outputs:
        last.pop(each, None)
    found: dict[int, list[int]] = {}
    for each, index in last.items():
        found.setdefault(index, []).append(each)
    return found


def kernel_of(node: Node) -> tuple[Any, tuple[Any, ...]]:
    """What computes the node, and its further arguments: a bare ufunc where there is one."""
    direct = getattr(node.op, "direct", None)
    return (direct(*node.attrs) if direct is not None else None) or (node.op.compute, node.attrs)
