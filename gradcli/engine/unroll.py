"""Arrays of a few elements taken apart: each element a number of its own, which Python computes.

A NumPy call costs as much as ten or twenty operations on Python floats. So where small matrices and vectors
(the states of a filter, a rotation) are worked on among themselves, their elements become scalar nodes: what
only moves elements costs nothing then, and equal elements are computed once. Called by `generate`.
"""

from __future__ import annotations

import math
import operator
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.numbering import Numbered, needed
from gradcli.engine.rewriting import Rewriting
from gradcli.record import Record
from gradcli.tape.elements import CHOSEN, LISTED, PACKED, PRODUCT, READ, SUM, SURE
from gradcli.tape.node import BOOL, FLOAT64, Node
from gradcli.tape.primitives import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Longest = Callable[[Numbered, Mapping[int, Sequence[int]]], float]

FEW = 12
"""Arrays of more elements stay arrays."""
MOST_TERMS = 48
"""Contractions of more products of elements stay calls, and of longer arrays single elements are read."""
SHORT = 8
"""From how many elements on NumPy's sums are not in order."""
MOST_NUMBERS = 25_000
"""What would become more operations on numbers is not taken apart: the function has to be compiled."""
MOST_IN_TURNS = 400_000
"""The same for what repeats itself, of which parts are compiled: until then all are nodes in memory."""

CALL, MATRIX, STEP, PACK, UNPACK, ITEM = 0.3, 0.8, 0.015, 0.9, 0.25, 0.06
"""Microseconds: a NumPy call, a matrix product, an operation on floats, an array made of floats, a list made
of an array, one element read from an array."""

EXACT = frozenset((operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, abs, math.sqrt))
"""Functions on Python floats that round as IEEE 754 has it, as NumPy's do."""

COMPARED: dict[Any, Any] = {
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
}
"""What compares Python floats as a ufunc does."""

_SAME = {operator.add: SUM, operator.mul: PRODUCT}
"""Operations that sums and contractions are made of: an equal one beside them is computed once."""


def scalar_of(node: Node) -> Any:
    """The function on Python floats that computes the node, if it is a number and has one."""
    if node.shape:
        return None
    if node.dtype is FLOAT64:
        return node.op.scalar
    return COMPARED.get(node.op.compute) if node.dtype is BOOL else None


def unrolled(numbered: Numbered, longest: Longest | None = None) -> Numbered | None:
    """The same computation with small arrays taken apart where that pays; None where it pays nowhere.

    Args:
        numbered: the computation.
        longest: tells which share of it is compiled as one; without it all is.
    """
    if not any(node.shape and node.size <= FEW for node in numbered.nodes):
        return None
    operands = needed(numbered)
    contractions: dict[Any, Any] = {}
    apart = _paying(numbered, operands, contractions, longest)
    return _Unrolling(numbered, operands, apart, contractions).numbered() if apart else None


# ---- where it pays ----


def _saved(
    numbered: Numbered, index: int, operands: Sequence[int], contractions: dict[Any, Any]
) -> float | None:
    """The microseconds that a node taken apart saves, or None where it cannot be."""
    nodes = numbered.nodes
    node, op = nodes[index], numbered.nodes[index].op
    inputs = [nodes[each] for each in operands]
    if node.size > FEW or not all(each.dtype is FLOAT64 or each.dtype is BOOL for each in (node, *inputs)):
        return None
    few = all(each.size <= FEW for each in inputs)
    if op.elementwise and few:
        if not node.shape:
            return 0.0
        return CALL - STEP * node.size if is_exact(node) else None
    if node.dtype is BOOL or not inputs:
        return None
    if op.moves:
        return CALL
    if op.reduces is np.add and inputs[0].size < SHORT * node.size:
        return CALL + CALL - STEP * inputs[0].size
    if op.terms is not None and few:
        products = _products(node, inputs, contractions)
        return MATRIX - STEP * 2 * sum(map(len, products)) if products else None
    if op.told_by is not None and few and inputs[1].size == node.size:
        return CALL + CALL - 2 * STEP * node.size
    return None


def is_exact(node: Node) -> bool:
    """Whether Python computes an element as the kernel does, to the last bit: no exponentials."""
    op = node.op
    if node.dtype is not FLOAT64:
        return node.dtype is BOOL and op.compute in COMPARED
    return op.scalar in EXACT or op.written is not None or (op.scalar is math.pow and node.attrs == (2,))


def _paying(
    numbered: Numbered,
    operands: Mapping[int, Sequence[int]],
    contractions: dict[Any, Any],
    longest: Longest | None,
) -> set[int]:
    """The numbers to be taken apart: neighbours together, where they save more than their borders cost."""
    nodes = numbered.nodes
    saved: dict[int, float] = {}
    leader: dict[int, int] = {}

    def find(each: int) -> int:
        while leader[each] != each:
            leader[each] = each = leader[leader[each]]
        return each

    for index in sorted(operands):
        gain = _saved(numbered, index, operands[index], contractions)
        if gain is None:
            continue
        saved[index] = gain
        leader[index] = index
        for each in operands[index]:
            if each in leader and nodes[each].shape:  # numbers are numbers on either side
                leader[find(each)] = find(index)
    balance = dict.fromkeys([find(each) for each in saved], 0.0)
    border: set[tuple[int, int]] = set()
    made = set(numbered.outputs)
    constants = set(numbered.given[numbered.inputs :])
    for index, reads in operands.items():
        if index in saved:
            group = find(index)
            balance[group] += saved[index]
            for each in reads:
                if each not in saved and each not in constants and (group, each) not in border:
                    border.add((group, each))
                    balance[group] -= _reading(nodes[each], nodes[index])
        else:
            made.update(reads)
    for each in made:
        if each in saved and nodes[each].shape:
            balance[find(each)] -= PACK
    chosen = {each for each in saved if balance[find(each)] > 0}
    numbers = sum([_numbers(nodes[each], [nodes[at] for at in operands[each]]) for each in chosen])
    if numbers <= MOST_NUMBERS:
        return chosen
    if longest is None or numbers > MOST_IN_TURNS:
        return set()
    return chosen if numbers * longest(numbered, operands) <= MOST_NUMBERS else set()


def _numbers(node: Node, inputs: Sequence[Node]) -> int:
    """About how many operations on numbers a node becomes."""
    if node.op.moves:
        return 0
    return max([node.size, *[each.size for each in inputs]]) if node.op.terms is None else 2 * node.size


def _reading(x: Node, by: Node) -> float:
    """The cost of the elements of an array that a node taken apart reads."""
    if not x.shape:
        return 0.0
    return UNPACK if x.size <= MOST_TERMS else ITEM * by.size


def _products(node: Node, inputs: Sequence[Node], known: dict[Any, Any]) -> list[list[tuple[int, ...]]]:
    """For each element of a contraction what it adds up: products of elements, by their places in the inputs.

    Args:
        node, inputs: the contraction and what it reads.
        known: where they are kept for others of the same shapes.
    """
    key = (node.op, node.attrs, *[each.shape for each in inputs])
    found: list[list[tuple[int, ...]]] | None = known.get(key)
    if found is None:
        assert node.op.terms is not None
        terms, out = node.op.terms(node)
        sizes: dict[Any, int] = {}
        for term, each in zip(terms, inputs, strict=True):
            for letter, size in zip(term, each.shape, strict=True):
                sizes[letter] = max(size, sizes.get(letter, size))
        if prod(sizes.values()) > MOST_TERMS:
            return known.setdefault(key, [])  # type: ignore[no-any-return]
        inner = [letter for letter in sizes if letter not in out]
        places = [np.arange(each.size).reshape(each.shape) for each in inputs]

        def factors(at: Mapping[Any, int]) -> tuple[int, ...]:
            return tuple(
                int(place[tuple([at[letter] % size for letter, size in zip(term, place.shape, strict=True)])])
                for term, place in zip(terms, places, strict=True)
            )

        found = known[key] = []
        for outer in product(*[range(size) for size in node.shape]):
            each_outer = dict(zip(out, outer, strict=True))
            found.append(
                [
                    factors({**each_outer, **dict(zip(inner, at, strict=True))})
                    for at in product(*[range(sizes[letter]) for letter in inner])
                ]
            )
    return found


# ---- how it is done ----


class _Unrolling(Rewriting):
    """What is taken apart becomes its elements; a node stands for it where it is read as a whole.

    Attributes:
        elements: the nodes of a number's elements, in an array.
        contractions: what the contractions add up, by their shapes.
    """

    def __init__(
        self,
        numbered: Numbered,
        operands: Mapping[int, Sequence[int]],
        apart: set[int],
        contractions: dict[Any, Any],
    ) -> None:
        super().__init__(numbered, operands)
        self.contractions = contractions
        self.elements: dict[int, Any] = {}
        self.constants = frozenset(numbered.given[numbered.inputs :])
        for index in sorted(operands):
            if index in apart:
                self.elements[index] = self._apart(numbered.nodes[index], operands[index])
            else:
                self.keep(index)

    def _number(self, op: Any, inputs: Sequence[Node], attrs: Any = (), dtype: Any = FLOAT64) -> Node:
        return self.made(op, inputs, attrs, (), dtype)

    def stands_for(self, index: int) -> Node:
        """The node of a number, put together if it was taken apart."""
        found = self.new.get(index)
        if found is None:
            elements = self.elements[index]
            if elements.shape:
                parts = elements.ravel()
                dtype = self.old.nodes[index].dtype
                found = self.made(PACKED, parts, (elements.shape,), elements.shape, dtype)
            else:
                found = elements[()]
            self.new[index] = found
        return found

    def _of(self, index: int) -> Any:
        """The elements of a number: nodes, or places of an array that has too many."""
        found = self.elements.get(index)
        if found is None:
            node = self.new[index]
            found = np.empty(node.shape, object)
            if not node.shape:
                found[()] = node
            else:
                found.reshape(-1)[:] = [*self._read(index, node)]
            self.elements[index] = found
        return found

    def _read(self, index: int, node: Node) -> Iterator[Any]:
        if index in self.constants and node.dtype is FLOAT64:
            values = np.asarray(node.value).ravel().tolist()
            yield from [literal(value, FLOAT64) for value in values]
        elif node.size <= MOST_TERMS:
            listed = self.made(LISTED, (node,), (), node.shape, node.dtype)
            for at in range(node.size):
                yield self._number(CHOSEN, (listed,), (at,), node.dtype)
        else:
            for at in range(node.size):
                yield _ElementOf(node, at)

    def _taken(self, element: Any) -> Node:
        """An element as a node: what a kernel has filled in is a constant."""
        if isinstance(element, Node):
            return element
        if isinstance(element, _ElementOf):
            return self._number(READ, (element.source,), (element.at,))
        return literal(float(element), FLOAT64)

    def _apart(self, node: Node, operands: Sequence[int]) -> Any:
        """The elements of a node from those of its inputs."""
        op = node.op
        inputs = [self._of(each) for each in operands]
        if op.moves:
            moved = np.asarray(op.compute(*inputs, *node.attrs), object)
            return self._filled(node, [self._taken(each) for each in moved.ravel()])
        if op.elementwise:
            attrs = node.attrs
            if op.scalar in _SAME:  # a factor in the attributes is an operand like any other
                op, inputs, attrs = _SAME[op.scalar], [*inputs, *map(_constant, attrs)], ()
            spread = [np.broadcast_to(each, node.shape).ravel() for each in inputs]
            found = [self._number(op, each, attrs, node.dtype) for each in zip(*spread, strict=True)]
            return self._filled(node, found)
        if op.told_by is not None:
            pairs = zip(inputs[0].ravel(), inputs[1].ravel(), strict=True)
            return self._filled(node, [self._number(SURE, pair) for pair in pairs])
        if op.reduces is np.add:
            rank = inputs[0].ndim
            gone = [dim + rank for dim in node.attrs[0]]
            kept = [dim for dim in range(rank) if dim not in gone]
            rows = inputs[0].transpose(*kept, *gone).reshape(node.size, -1)
            return self._filled(node, [self._total(row) for row in rows])
        return self._contracted(node, operands, inputs)

    def _filled(self, node: Node, found: Sequence[Node]) -> Any:
        elements = np.empty(node.shape, object)
        elements.reshape(-1)[:] = found
        return elements

    def _total(self, terms: Sequence[Any]) -> Node:
        total = literal(0.0, FLOAT64)  # no sum is -0
        for each in terms:
            total = self._number(SUM, (total, self._taken(each)))
        return total

    def _contracted(self, node: Node, operands: Sequence[int], inputs: Sequence[Any]) -> Any:
        nodes = [self.old.nodes[each] for each in operands]
        flat = [each.ravel().tolist() for each in inputs]
        found = []
        for terms in _products(node, nodes, self.contractions):
            total: Node | None = None
            for places in terms:
                term = self._taken(flat[0][places[0]])
                for elements, place in zip(flat[1:], places[1:], strict=True):
                    term = self._number(PRODUCT, (term, self._taken(elements[place])))
                total = term if total is None else self._number(SUM, (total, term))
            found.append(literal(0.0, FLOAT64) if total is None else total)
        return self._filled(node, found)


def _constant(number: float) -> Any:
    """A number as an array of one element."""
    element = np.empty((), object)
    element[()] = literal(number, FLOAT64)
    return element


class _ElementOf(Record):
    """An element of an array that is not taken apart as a whole."""

    source: Node
    at: int
