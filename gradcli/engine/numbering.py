"""Pending nodes as numbered rows: the structure of a computation without its values.

Equal nodes get one number, and what only passes a value on gets the number of its input. The rows
are the signature under which a plan is kept, and what planner and generator read. Called by `large` and
`trace`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

import gradcli.tape.factors  # noqa: F401  (which says what sums and quotients are composed of)
from gradcli.engine.factoring import decomposed_once
from gradcli.engine.settings import current, largest_small
from gradcli.engine.splitting import split_alike
from gradcli.engine.sums import joined
from gradcli.tape.custom import origin
from gradcli.tape.node import FLOAT64, Node, postorder
from gradcli.tape.primitives import LITERAL
from gradcli.tape.share import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Numbered:
    """The distinct computations among some nodes, inputs first.

    Attributes:
        rows: for each number what is computed: (operation, numbers of its inputs, attributes with
            their types, dtype number, shape), or how it is given. Hashable.
        nodes: for each number a node that stands for it.
        given: the numbers whose values come from outside, in the order `values` has them.
        inputs: how many of these, the first ones, are inputs; the others are constants.
        outputs: the numbers that are to have a value at the end.
        wanted: the number of each wanted node, in order.
        number: from each node to its number, if it is computed or read.
        checks: the numbers, among the outputs, that tell by being finite that what guards had nothing to do,
            where it was left out.
    """

    __slots__ = ("checks", "given", "inputs", "nodes", "number", "outputs", "rows", "wanted")

    def __init__(
        self,
        order: Iterable[Node],
        wanted: Iterable[Node | None],
        inputs: Iterable[Node] = (),
        large: bool = False,
        hopeful: bool = False,
    ) -> None:
        """Numbers `order` (inputs first).

        Args:
            order: the nodes to compute, each after what it reads.
            wanted: those whose values are asked for, computed or not; None stands for itself.
            inputs: given nodes whose values will be others: each is a number of its own, whatever it holds.
            large: for a plan: what can be composed of primitives that go block by block is.
            hopeful: what guards is left out, and sums are computed that tell whether that was right.
        """
        self.rows: list[tuple[Any, ...]] = []
        self.nodes: list[Node] = []
        self.given: list[int] = []
        self.number: dict[Node, int] = {}
        rows, nodes, number = self.rows, self.nodes, self.number
        known: dict[Any, int] = {}
        for node in inputs:
            self.number[node] = index = len(rows)
            alone = node.dtype is FLOAT64 and not node.shape
            rows.append(("number", node.dtype.num) if alone else ("given", node.dtype.num, node.shape, True))
            nodes.append(node)
            self.given.append(index)
        self.inputs = len(rows)
        same: dict[Node, Node] = {}
        wanted = list(wanted)
        finite: dict[Node, Any] = {}
        order = _as_wanted(joined([*order], wanted, same), wanted, same) if large else [*order]
        if large or any(node.op.composed_small is not None for node in order):
            order = composed(order, same, finite if hopeful else None, largest_small() if large else None)
        if large:
            read = _operands if hopeful else _inputs
            order = split_alike(order, wanted, same, largest_small(), read)
        order = decomposed_once(order, same)
        if same or large or hopeful:
            order = _read(order, wanted, same, hopeful)
        guarded: dict[int, Any] = {}
        for node in order:
            if node in number:
                continue
            if node in same:
                whole = same[node]
                found = number.get(whole)
                number[node] = self._give(whole, known) if found is None else found
                continue
            args = []
            op = node.op
            for each in _operands(node) if hopeful else node.inputs:
                numbered = number.get(each)
                args.append(self._give(each, known) if numbered is None else numbered)
            if op.passes:
                number[node] = args[0]
                continue
            guard = op.told_by if hopeful else None
            if guard is not None:
                if op.unguarded is None:
                    number[node] = args[0]
                    guarded.update(dict.fromkeys(args, guard))
                    continue
                op = op.unguarded
            if len(args) == 2 and args[0] > args[1] and op.commutative:
                args.reverse()
            row = (op, tuple(args), exact(node.attrs), node.dtype.num, node.shape)
            if guard is None:
                number[node] = self._place(row, row, node, known)
            else:
                plain = Node(op, node.inputs, (), node.shape, node.dtype, False)
                number[node] = found = self._place(row, row, plain, known)
                guarded[found] = guard
        self.wanted: list[int | None] = []
        for output in wanted:
            at = None if output is None else number.get(output)
            self.wanted.append(self._give(output, known) if at is None and output is not None else at)
        guarded.update({number[node]: how for node, how in finite.items() if node in number})
        tells = _tells(self) if guarded else []
        self.checks = tuple(
            dict.fromkeys([self._total(tells[each], how, known) for each, how in guarded.items()])
        )
        outputs = [each for each in self.wanted if each is not None]
        self.outputs = tuple(dict.fromkeys([*outputs, *self.checks]))

    def _total(self, index: int, how: Any, known: dict[Any, int]) -> int:
        """The number of all elements of a number together."""
        index = self._source(index)
        node = self.nodes[index]
        if not node.shape:
            return index
        whole = how(node, attrs=(tuple(range(-node.ndim, 0)),))
        row = (how, (index,), exact(whole.attrs), whole.dtype.num, ())
        return self._place(row, row, whole, known)

    def _place(self, key: Any, row: tuple[Any, ...], node: Node, known: dict[Any, int]) -> int:
        """The number that is known by `key`, or else the next one."""
        index = known.get(key)
        if index is None:
            index = known[key] = len(self.rows)
            self.rows.append(row)
            self.nodes.append(node)
        return index

    def _source(self, index: int) -> int:
        """The number of which this one only has the elements, some of them often, among zeros."""
        while True:
            op, *rest = self.rows[index]
            if isinstance(op, str) or not (op.moves or op.views) or len(rest[0]) != 1:
                return index
            (below,) = rest[0]
            if self.nodes[below].size > self.nodes[index].size:
                return index  # what isn't taken of it may be anything
            index = below

    def _give(self, node: Node, known: dict[Any, int]) -> int:
        """Numbers a node that has its value already."""
        passed_on = self.number.get(origin(node))
        if passed_on is not None:
            self.number[node] = passed_on
            return passed_on
        value = node.value
        row: tuple[Any, ...]
        key: Any
        if node.op is LITERAL:
            row = key = (LITERAL, (), exact(node.attrs), node.dtype.num, ())
        elif type(value) is float:
            row = ("number", node.dtype.num)
            key = value.hex() if not node.requires_grad else node
        else:
            whole = type(value) is not tuple  # else the parts of one operation
            contiguous = not node.shape or (whole and value.flags.c_contiguous)
            row = ("given", node.dtype.num, node.shape, contiguous)
            key = id(value)
        following = len(self.rows)
        self.number[node] = index = self._place(key, row, node, known)
        if index == following:
            self.given.append(index)
        return index

    def signature(self) -> Any:
        """What decides the plan: structure, shapes, outputs and settings, but no values."""
        return (tuple(self.rows), self.outputs, current.block, current.chains, largest_small())

    def values(self) -> list[Any]:
        """The values from outside."""
        return [self.nodes[index].value for index in self.given]

    def constants(self) -> list[Any]:
        """The values from outside but for the inputs, to be kept: nobody can write to their arrays."""
        return [protected(self.nodes[index].value) for index in self.given[self.inputs :]]


def part_of(
    whole: Numbered,
    reads: Sequence[int],
    members: Sequence[int],
    operands: Mapping[int, Sequence[int]],
    outputs: Sequence[int],
) -> Numbered:
    """Some numbers of a computation as one of their own.

    Args:
        whole: the computation.
        reads: what they read of others, which become the inputs.
        members: the numbers, in order.
        operands: for each of them those that it is computed from.
        outputs: those of them whose values are asked for.
    """
    at = {index: place for place, index in enumerate((*reads, *members))}
    found = Numbered((), (), [whole.nodes[each] for each in reads])
    for index in members:
        op, _, *rest = whole.rows[index]
        found.rows.append((op, tuple([at[each] for each in operands[index]]), *rest))
        found.nodes.append(whole.nodes[index])
    found.wanted = [at[each] for each in outputs]
    found.outputs = tuple([at[each] for each in outputs])
    return found


def _tells(numbered: Numbered) -> list[int]:
    """For each number the smallest that isn't finite either where it isn't: itself, or what comes of it."""
    rows, nodes = numbered.rows, numbered.nodes
    found = list(range(len(rows)))
    for index in range(len(rows) - 1, -1, -1):
        op, *rest = rows[index]
        if isinstance(op, str) or not nodes[index].size:
            continue
        told = found[index]
        args = rest[0]
        for each in args if op.terms is not None else args[: op.carries]:
            if nodes[told].size <= nodes[found[each]].size:
                found[each] = told
    return found


def needed(numbered: Numbered) -> dict[int, Sequence[int]]:
    """For each number that has to be computed those that it is computed from."""
    given = frozenset(numbered.given)
    spread = any(node.op.broadcasts for node in numbered.nodes)
    rows = numbered.rows
    found: dict[int, Sequence[int]] = {}
    pending = list(numbered.outputs)
    while pending:
        index = pending.pop()
        if index not in found and index not in given:
            found[index] = args = _narrow(index, numbered, given) if spread else rows[index][1]
            pending += args
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


def composed(
    order: Iterable[Node], same: dict[Node, Node], finite: dict[Node, Any] | None, small: int | None
) -> list[Node]:
    """An order in which what can be composed is, after what it is composed of.

    Args:
        order: nodes, inputs first.
        same: filled with the node that each of them has the value of.
        finite: filled with those that have to be finite for that, each with what tells; None takes no chance.
        small: the most elements of what is small; None for any number.
    """
    result: list[Node] = []
    done: set[Node] = set()
    for node in order:
        inputs = node.inputs
        whole = None
        below = _composed_below(node, same)
        read = [*inputs, *[each for first, _ in below for each in first.inputs]]
        if small is None or max([each.size for each in (node, *read)]) <= small:
            if node.op.composed_small is not None:
                whole = node.op.composed_small(*inputs, *node.attrs)
        else:
            for first, inside in below:
                whole = whole or inside(*first.inputs, *inputs[1:], *first.attrs, *node.attrs)
            if whole is None and finite is not None and node.op.composed_if_finite is not None:
                whole = node.op.composed_if_finite(*inputs, *node.attrs, finite)
            if whole is None and node.op.composed is not None:
                whole = node.op.composed(*inputs, *node.attrs)
        if whole is not None:
            same[node] = whole
            parts = postorder(
                [whole] if whole.value is None else [],
                lambda each: [x for x in each.inputs if x not in done and x.value is None],
            )
            result.extend(parts)
            done.update(parts)
        result.append(node)
        done.add(node)
    return result


def _as_wanted(order: list[Node], wanted: Iterable[Node | None], same: dict[Node, Node]) -> list[Node]:
    """An order in which what is wanted with its last two dims exchanged, and by nobody else, is computed so.

    The gradient of `x @ w.T` by w is such a product: a view of what stands the other way round is copied.
    """
    asked = {each for each in wanted if each is not None}
    views = [each for each in asked if each.op.views and each.inputs and each.inputs[0].op.turned is not None]
    some = {each for each in views if each.inputs[0] not in asked and each.attrs == _exchanged(each.ndim)}
    if not some:
        return order
    uses = Counter([each for node in order for each in node.inputs])
    result: dict[Node, None] = {}
    for node in order:
        if node in some and uses[node.inputs[0]] == 1:
            product = node.inputs[0]
            assert product.op.turned is not None
            same[node] = found = product.op.turned(*product.inputs)
            parts = [*[each for each in found.inputs if each.value is None], found]
            result.update(dict.fromkeys(parts))
        result[node] = None
    return [*result]


def _exchanged(rank: int) -> tuple[Any, ...]:
    """The attributes of what exchanges the last two dims."""
    return ((*range(-rank, -2), -1, -2),)


def _composed_below(node: Node, same: dict[Node, Node]) -> list[tuple[Node, Any]]:
    """What is read first, and what that is composed of, where it is another way for this node: and which."""
    below = node.inputs[0] if node.inputs else None
    if below is None or below.value is not None:
        return []
    some = dict.fromkeys((below, same.get(below, below)))
    return [(each, each.op.composed_in[node.op]) for each in some if node.op in each.op.composed_in]


def _read(
    order: Iterable[Node], wanted: Iterable[Node | None], same: dict[Node, Node], hopeful: bool
) -> list[Node]:
    """Those of `order` that are wanted or read: what is composed may read less than what it stands for."""
    found = {each for each in wanted if each is not None}
    kept = []
    for node in reversed(list(order)):
        if node in found:
            kept.append(node)
            read = _operands(node) if hopeful else node.inputs
            found.update([same[node]] if node in same else read)
    kept.reverse()
    return kept


def _inputs(node: Node) -> tuple[Node, ...]:
    return node.inputs


def _operands(node: Node) -> tuple[Node, ...]:
    """What a node reads where what guards is left out: what is guarded, but no cotangents."""
    op = node.op
    return node.inputs[:2] if op.told_by is not None and op.unguarded is None else node.inputs


def protected(value: Any) -> Any:
    """A constant of what is run many times: an array as a view that nobody writes to."""
    if type(value) is not np.ndarray or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view
