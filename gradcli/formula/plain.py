"""The tape as it was recorded, as expressions: what is printed when nothing is to be simplified.

Each node is written by its own name; what has no name in the language is written as `recording` means it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.tree import Expr, apply, number, symbol
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL

if TYPE_CHECKING:
    from gradcli.formula.recording import Recording

OPERATORS = {
    "add": "add",
    "mul": "mul",
    "guarded_mul": "mul",
    "div": "div",
    "matmul": "matmul",
    "neg": "neg",
    **{name: name for name in ("eq", "ne", "lt", "le", "gt", "ge")},
}
"""Primitives that are operators of the tree; a guarded product is written as a product."""


class Plain:
    """Writes nodes one by one."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.trees: dict[Node, Expr] = {}

    def of(self, node: Node) -> Expr:
        """A node as an expression."""
        stack = [node]
        while stack:
            each = stack[-1]
            inner = () if each in self.recording.names else each.inputs
            missing = [one for one in inner if one not in self.trees]
            if each in self.trees or not missing:
                stack.pop()
                if each not in self.trees:
                    self.trees[each] = self._written(each)
            else:
                stack += missing
        return self.trees[node]

    def _written(self, node: Node) -> Expr:
        if node in self.recording.names:
            return symbol(self.recording.names[node], node.shape)
        name, args = node.op.name, [self.trees[each] for each in node.inputs]
        sizes = [self.recording.sizes.of(each) for each in node.shape]
        if node.op is LITERAL:
            return self.recording.read(self.recording.sizes.number(node.attrs[0]))
        if name in OPERATORS:
            return apply(OPERATORS[name], *args, shape=node.shape)
        if name == "sub":
            return apply("add", args[0], apply("neg", args[1], shape=args[1].shape), shape=node.shape)
        if name == "scale":
            factor = self.recording.read(self.recording.sizes.number(node.attrs[0]))
            return apply("mul", factor, *args, shape=node.shape)
        if name == "pow":
            exponent = [number(node.attrs[0])] if node.attrs else []
            return apply("pow", *args, *exponent, shape=node.shape)
        if name == "expand":
            return apply("broadcast_to", *args, apply("tuple", *sizes), shape=node.shape)
        if name == "reshape":
            return apply("reshape", *args, apply("tuple", *sizes), shape=node.shape)
        if name == "permute" and node.attrs[0] == (-1, -2):
            return apply("transpose", *args, shape=node.shape)
        if name == "sum":
            dims = [number(each) for each in node.attrs[0]]
            return apply("sum", *args, *([apply("tuple", *dims)] if dims else []), shape=node.shape)
        if name == "untaken":  # a zero that wins over what is infinite beside it
            zero = apply("eq", args[0], number(0), shape=args[0].shape)
            finite = apply("isfinite", args[1], shape=args[1].shape)
            infinite = apply("logical_not", finite, shape=args[1].shape)
            return apply("logical_and", zero, infinite, shape=node.shape)
        if not node.attrs and node.op is not LEAF and self._in_language(name):
            return apply(name, *args, shape=node.shape)
        return self.recording.read(self.recording.of(node))

    def _in_language(self, name: str) -> bool:
        from gradcli.ops import registry

        return registry.lookup(name) is not None


__all__ = ["Plain"]
