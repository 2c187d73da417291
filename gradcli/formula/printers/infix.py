"""Operators between operands, as Python and the language write them: precedences, signs, parentheses.

The printers of the language and of the array libraries are classes of this one, and say what differs.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula.tree import shown_indices, walk

if TYPE_CHECKING:
    from gradcli.formula.tree import Expr

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), 4),
    "add": 6,
    "mul": 7,
    "div": 7,
    "matmul": 7,
    "neg": 8,
    "pow": 9,
}
"""How tightly each operator binds; what isn't here is an atom."""

ATOM = 10

SIGNS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "and": "and",
    "or": "or",
    "matmul": "@",
    "mul": "*",
    "div": "/",
    "pow": "**",
}
TIGHT = ("mul", "div", "pow")
"""The signs that stand without spaces around them."""


def numeral(value: int | float | Fraction) -> str:
    """A number as the language reads it back, exactly."""
    if type(value) is Fraction:
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, float) and value != value:
        return "nan"
    if isinstance(value, int) and abs(value) >= 2**63:  # no whole number of the language
        value = float(value)
    return repr(value)


SECOND = frozenset(("softmax", "log_softmax", "amax", "amin"))
"""Functions whose second argument is the dim."""


class Infix:
    """Writes expressions; the texts of shared parts are made once.

    Args:
        texts: what has been written, where more is to be.
    """

    def __init__(self, texts: dict[Expr, str] | None = None) -> None:
        self.texts: dict[Expr, str] = {} if texts is None else texts

    def text(self, tree: Expr) -> str:
        """An expression, with no more parentheses than it needs."""
        found = self.texts.get(tree)
        if found is None:
            for each in walk([tree]):
                if each not in self.texts:
                    self.texts[each] = self._written(each)
            found = self.texts[tree]
        return found

    def inside(self, tree: Expr, least: int) -> str:
        """The text of an operand that must bind at least so tightly."""
        text = self.texts[tree]
        return text if precedence(tree) >= least else f"({text})"

    def _written(self, tree: Expr) -> str:
        op, args = tree.op, tree.args
        if op == "number":
            return self.number(tree.attrs[0])
        if op == "symbol":
            return self.symbol(str(tree.attrs[0]))
        if op == "add":
            return self._sum(args)
        if op == "neg":
            return "-" + self.inside(args[0], PRECEDENCE["mul"])
        if op == "not":
            return "not " + self.inside(args[0], PRECEDENCE["not"])
        if op == "transpose":
            return self.transposed(tree)
        if op == "index":
            indices = [self.texts[each] for each in shown_indices(args)[1:]]
            return f"{self.inside(args[0], ATOM)}[{', '.join(indices)}]"
        if op == "slice":
            return self._slice(args)
        if op == "tuple":
            return f"({', '.join(self.texts[each] for each in args)}{',' if len(args) == 1 else ''})"
        if op in SIGNS:
            return self._infix(op, args)
        return self.call(tree)

    def number(self, value: int | float | Fraction) -> str:
        """A number, exactly."""
        return numeral(value)

    def symbol(self, name: str) -> str:
        """A name, or a word of the syntax such as `None`."""
        return name

    def transposed(self, tree: Expr) -> str:
        """With the last two dims swapped."""
        return self.inside(tree.args[0], ATOM) + (".T" if len(tree.args[0].shape) == 2 else ".mT")

    def call(self, tree: Expr) -> str:
        """A function by its name."""
        keywords = [
            repr(value) if name == "dim" and tree.op in SECOND else f"{name}={value!r}"
            for name, value in tree.attrs
        ]
        return f"{tree.op}({', '.join([*[self.texts[each] for each in tree.args], *keywords])})"

    def _infix(self, op: str, args: tuple[Expr, ...]) -> str:
        level = PRECEDENCE[op]
        # Operators of one level are read from the left, powers from the right, comparisons not at all.
        first = level if level == PRECEDENCE["mul"] else level + 1
        rest = PRECEDENCE["neg"] + 1 if op in ("mul", "div", "matmul") else level + 1
        if op == "pow":
            rest = PRECEDENCE["pow"]
        sign = SIGNS[op] if op in TIGHT else f" {SIGNS[op]} "
        return sign.join([self.inside(args[0], first), *[self.inside(each, rest) for each in args[1:]]])

    def _sum(self, args: tuple[Expr, ...]) -> str:
        text = ""
        for each in args:
            written = self._term(each)
            if not text:
                text = written
            elif written.startswith("-"):
                text += f" - {written[1:]}"
            else:
                text += f" + {written}"
        return text

    def _term(self, tree: Expr) -> str:
        """A term of a sum; a product of two matrices stands closer there than the terms do."""
        if tree.op == "neg":
            return "-" + self._term(tree.args[0]) if tree.args[0].op == "matmul" else self.texts[tree]
        if tree.op == "matmul" and all(_plain(each) for each in tree.args):
            return "@".join(self.texts[each] for each in tree.args)
        return self.inside(tree, PRECEDENCE["add"] + 1)

    def _slice(self, args: tuple[Expr, ...]) -> str:
        parts = ["" if each.attrs == ("None",) else self.texts[each] for each in args]
        text = ":".join(parts[:2])
        return f"{text}:{parts[2]}" if parts[2] else text


def _plain(tree: Expr) -> bool:
    """Whether it is a name, or the transpose of one."""
    return tree.op == "symbol" or (tree.op == "transpose" and tree.args[0].op == "symbol")


def precedence(tree: Expr) -> int:
    """How tightly the text of a tree binds."""
    if tree.op == "number":
        value = tree.attrs[0]
        if type(value) is Fraction:
            return PRECEDENCE["div"]
        return PRECEDENCE["neg"] if value < 0 else ATOM
    return PRECEDENCE.get(tree.op, ATOM)
