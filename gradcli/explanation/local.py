"""One step by itself: from the names it reads to the value it gives, with its derivatives.

A step's part of the tape is recorded again over stand-ins for the values that have names, so that nothing
behind them is differentiated; its derivatives are then those of any other piece of tape.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.node import LEAF, Node, leaf, postorder
from gradcli.tape.reverse import ones_like, reverse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_NODES = 300
"""The derivative of a longer step is not written as a formula."""
SIMPLE = 3
"""The derivative of a step of more nodes may be written with its value: `1 - h**2`."""
_ONE = re.compile(r"\*ones\(1(?:, 1)*\)")
LONGEST = 60
"""A longer formula says less than the number."""


class Local:
    """A step's own part of the tape.

    Attributes:
        node: its value, recorded again.
        sources: the nodes that have names and require grad, in the order in which the step reads them.
        size: how many nodes it is made of.
    """

    def __init__(self, node: Node, named: Mapping[Node, str]) -> None:
        def below(each: Node) -> Sequence[Node]:
            stops = each is not node and (each in named or not each.requires_grad)
            return () if stops else each.inputs

        self.named = named
        self.name = named[node]
        self.stand_ins: dict[Node, Node] = {}
        made: dict[Node, Node] = {}
        order = postorder([node], below)
        for each in order:
            if not each.requires_grad:
                made[each] = each
            elif each is not node and (each in named or not each.inputs):
                value = engine.value(each)
                stand_in = Node(LEAF, (), (), each.shape, each.dtype, True, value)
                made[each] = self.stand_ins[each] = stand_in
            else:
                inputs = tuple([made[one] for one in each.inputs])
                again = Node(
                    each.op, inputs, each.attrs, each.shape, each.dtype, each.requires_grad, each.value
                )
                again.call = each.call
                made[each] = again
        self.size = len(order)
        self.of_program = any(each.op.of_program for each in order)
        self.inside = [each for each in order if each is node or (each.requires_grad and each not in named)]
        self.node = made[node]
        self.sources = [each for each in self.stand_ins if each in named]
        self.formulas: dict[tuple[Node, str], str | None] = {}

    def pulled(self, cotangent: Any) -> dict[Node, Any]:
        """From the cotangent of the value to what each source gets of it; one that gets none is left out."""
        wanted = list(self.stand_ins.values())
        if not wanted:
            return {}
        seed = leaf(np.asarray(cotangent, self.node.dtype))
        try:
            found = reverse([self.node], [seed], wanted)
        except GradcliError:  # there is no derivative, which the walk met as well
            return {}
        return {
            source: engine.value(each)
            for source, each in zip(self.stand_ins, found, strict=True)
            if each is not None
        }

    @cached_property
    def slopes(self) -> dict[Node, Any]:
        """What each source gets of a cotangent of ones: the derivative itself where there is one number."""
        return self.pulled(np.ones(self.node.shape))

    def moved(self, source: Node, step: Any) -> Any:
        """The value with `source` moved by so much."""
        given = {self.stand_ins[source]: np.asarray(engine.value(source) + step, source.dtype)}
        return computed(self.node, given)

    def formula(self, source: Node, incoming: str) -> str | None:
        """The derivative by a source: as a factor, or what comes of a cotangent called `incoming`."""
        key = source, incoming
        if key not in self.formulas:
            self.formulas[key] = self._formula(source, incoming)
        return self.formulas[key]

    def _formula(self, source: Node, incoming: str) -> str | None:
        if self.size > MOST_NODES or self.of_program:
            return None
        names = {
            **{each: name for each, name in self.named.items() if not each.requires_grad},
            **{stand_in: self.named[each] for each, stand_in in self.stand_ins.items() if each in self.named},
        }
        if self.size > SIMPLE:
            names[self.node] = self.name
        if incoming:
            seed = Node(LEAF, (), (), self.node.shape, self.node.dtype, False, np.zeros(self.node.shape))
            names[seed] = incoming
        else:
            seed = ones_like(self.node)
        (found,) = reverse([self.node], [seed], [self.stand_ins[source]])
        text = None if found is None else formula(found, names)
        if text is None or incoming:
            return text
        return _ONE.sub("", "1" if _ONE.fullmatch(f"*{text}") else text)


def computed(node: Node, given: Mapping[Node, Any]) -> Any:
    """The value of a node with other values for some that it depends on."""
    made: dict[Node, Node] = {}
    for each in postorder([node], lambda one: () if one in given else one.inputs):
        if each in given:
            made[each] = leaf(given[each])
        elif each.inputs:
            inputs = tuple([made[one] for one in each.inputs])
            same = inputs == each.inputs
            made[each] = each if same else Node(each.op, inputs, each.attrs, each.shape, each.dtype, False)
        else:
            made[each] = each
    return engine.value(made[node])


def formula(node: Node, names: Mapping[Node, str], longest: int = LONGEST) -> str | None:
    """A node as an expression in the language, or None where there is none, or a long one."""
    from gradcli.formula.constants import constant
    from gradcli.formula.printers.gradcli import expression
    from gradcli.formula.recording import Recording
    from gradcli.formula.rules import RULES
    from gradcli.formula.sizes import Sizes

    try:
        recording = Recording(names, Sizes({}, constant), {}, RULES, context.current().ledger)
        tree = recording.read(recording.of(node).shaped(node.shape))
        if tree.cost > longest:  # what is shared in the tree is written out in a text, time and again
            return None
        text = expression(tree)
    except (GradcliError, ArithmeticError, ValueError):
        return None
    return text if len(text) <= longest else None
