"""What a program of `engine.rows` does step by step: functions of the values that there are so far.

Each puts one value (or two) in its place. A value has one more leading dim than the node it is of, which runs
over rows of a subset; the places of such rows are values too: arrays of indices, or ranges where they follow
each other, whose values are taken without a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.record import Record
from gradcli.tape.node import FLOAT64, Node

if TYPE_CHECKING:
    from gradcli.tape.node import Primitive, Shape

Array = np.ndarray[Any, np.dtype[Any]]
Values = list[Any]
Step = Callable[[Values], None]

MOST_SETTLED = 4096
"""Elements of what is the same for all rows and computed as for `EVEN` of them."""
EVEN = 64
"""Rows of what a library may compute otherwise for fewer of them are so many, or a multiple of that."""


class RowOperand(Record):
    """Where a value stands, and the places of its rows among those that a step makes; None: all of them.

    Attributes:
        fixed: it is the same for all rows, and has no dim for them.
    """

    value: int
    at: int | None
    fixed: bool


def places_in(mask: Array) -> Array | range:
    """Where a mask is true."""
    places = np.flatnonzero(mask)
    size = len(places)
    if not size:
        return range(0)
    first, last = int(places[0]), int(places[-1])
    return range(first, last + 1) if last - first + 1 == size else places


def index(places: Array | range) -> Array | slice:
    """What gives the values at some places."""
    return slice(places.start, places.stop) if isinstance(places, range) else places


def compose(found: int, outer: int, own: int) -> Step:
    """The places among the rows of `outer` of what has places among those."""

    def step(values: Values) -> None:
        those, places = values[outer], values[own]
        if isinstance(places, range):
            values[found] = those[index(places)]
        else:
            values[found] = places + those.start if isinstance(those, range) else those.take(places)

    return step


def decide(found: int, asked: int, truth: bool) -> Step:
    """The places of the rows for which a test is so."""

    def step(values: Values) -> None:
        values[found] = places_in(values[asked] if truth else ~values[asked])

    return step


def unite(found: int, members: Sequence[int], count: int) -> Step:
    """The places of the rows that are in any of some subsets."""

    def step(values: Values) -> None:
        known = np.zeros(len(values[count]), bool)
        for each in members:
            known[index(values[each])] = True
        values[found] = places_in(known)

    return step


def take(found: int, given: int, at: int, owned: Container[int]) -> Step:
    """The values of some rows; a copy where something is put into one of both later."""

    def step(values: Values) -> None:
        values[found] = taken(values[given], values[at], given in owned or found in owned)

    return step


def join(
    found: int,
    operands: Sequence[RowOperand],
    node: Node,
    count: int,
    owned: Container[int],
    reused: Container[int],
) -> Step:
    """Values of several subsets together: the last counts."""
    shape, dtype = node.shape, node.dtype
    last = operands[-1]

    def step(values: Values) -> None:
        size = len(values[count])
        if last.at is None or len(values[last.at]) == size:  # there is nothing else
            every = whole(values[last.value], last.fixed, size, shape, dtype)
            values[found] = np.array(every) if found in owned else every
            return
        result: Array | None = None
        for each in operands:
            given = values[each.value] if each.fixed else aligned(values[each.value], shape)
            if each.at is None:
                result = whole(given, each.fixed, size, shape, dtype)
                result = result if found in reused else np.array(result)
            else:
                result = np.zeros((size, *shape), dtype) if result is None else result
                result[index(values[each.at])] = given
        values[found] = result

    return step


def increase(found: int, term: RowOperand, other: RowOperand, reused: Container[int]) -> Step:
    """A term, with another one added that is there for some rows only."""
    at = other.at
    assert at is not None

    def step(values: Values) -> None:
        result = values[term.value] if found in reused else np.array(values[term.value])
        result[index(values[at])] += values[other.value]
        values[found] = result

    return step


def both(first: int, second: int, given: int, kernel: Callable[[Any, Any, Any], None]) -> Step:
    """Two operations on one value that a kernel does at once."""

    def step(values: Values) -> None:
        x = values[given]
        values[first], values[second] = np.empty(x.shape), np.empty(x.shape)
        if len(x):
            kernel(x, values[first], values[second])

    return step


def elementwise(found: int, op: Primitive, node: Node, operands: Sequence[RowOperand], count: int) -> Step:
    """An operation that works element by element."""
    compute, attrs, shape, dtype = op.compute, node.attrs, node.shape, node.dtype
    read = [each.value for each in operands]

    def step(values: Values) -> None:
        if not len(values[count]):
            values[found] = np.empty((0, *shape), dtype)
        elif shape:
            arrays = [
                values[each.value] if each.fixed else aligned(values[each.value], shape) for each in operands
            ]
            values[found] = compute(*arrays, *attrs)
        else:
            values[found] = compute(*[values[each] for each in read], *attrs)

    return step


def recorded(found: int, op: Primitive, node: Node, operands: Sequence[RowOperand], count: int) -> Step:
    """Any other operation: recorded again for so many rows, and computed."""
    shape, dtype, inputs = node.shape, node.dtype, node.inputs
    flags = [not each.fixed for each in operands]

    def step(values: Values) -> None:
        size = len(values[count])
        if not size and not op.parts:
            values[found] = np.empty((0, *shape), dtype)
            return
        even = size if op.moves or op.parts or op.reduces is np.add else -(-size // EVEN) * EVEN
        given = [
            each if operand.fixed else _node_of(each, values[operand.value], even)
            for each, operand in zip(inputs, operands, strict=True)
        ]
        value = _computed(op, node, given, flags, even)
        values[found] = value if even == size else value[:size]

    return step


def _computed(op: Primitive, node: Node, given: Sequence[Node], flags: Sequence[bool], size: int) -> Any:
    """The value of a node recorded again for so many rows."""
    if op.reduces is np.add:  # row by row
        return np.add.reduce(np.ascontiguousarray(given[0].value), node.attrs[0])
    made = op.batch(node, given, flags, size)
    order, _ = engine.pending([made])
    for each in order:
        engine.evaluate(each)
    return made.value


def settle(node: Node) -> None:
    """Gives a node that is the same for all rows the value that it has in a row which computes it."""
    op, inputs = node.op.of_rows or node.op, node.inputs
    large = node.size + sum([each.size for each in inputs]) > MOST_SETTLED
    if not inputs or large or op.parts or op.of_program:
        engine.compute([node])
        return
    rows = 1 if op.elementwise else EVEN
    given = [_node_of(each, np.asarray(each.value, each.dtype)[None], rows) for each in inputs]
    made = _computed(op, node, given, [True] * len(given), rows)[0]
    node.value = made.item() if node.dtype is FLOAT64 and not node.shape else made


def taken(value: Any, places: Array | range, copied: bool = False) -> Any:
    """The values of some rows; of all of them, what is there. An operation may have several values."""
    if isinstance(value, (list, tuple)):
        return [taken(each, places) for each in value]
    if isinstance(places, range):
        part = value[index(places)]
        return np.array(part) if copied else part
    return value.take(places, 0) if copied or len(places) < len(value) else value


def aligned(value: Array, shape: Shape) -> Array:
    """Values of rows that are broadcast to a shape: the leading dim stays what it is."""
    missing = len(shape) + 1 - value.ndim
    return value.reshape(len(value), *(1,) * missing, *value.shape[1:]) if missing else value


def whole(value: Any, fixed: bool, size: int, shape: Shape, dtype: np.dtype[Any]) -> Array:
    """What is the same for all rows, or the values of all rows, in their whole shape."""
    array = np.asarray(value, dtype)
    if not fixed:
        array = aligned(array, shape)
    return array if array.shape == (size, *shape) else np.broadcast_to(array, (size, *shape))


def _node_of(node: Node, value: Any, size: int) -> Node:
    """A node for so many rows that has its value; the last one stands for rows that there are not."""
    if not isinstance(value, (list, tuple)) and len(value) < size:
        value = np.concatenate([value, np.repeat(value[-1:], size - len(value), 0)])
    return Node(node.op, (), node.attrs, (size, *node.shape), node.dtype, node.requires_grad, value)
