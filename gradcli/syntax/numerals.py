"""Marks for the numbers of a program, to see where they go: for programs that differ only in their numbers.

`batch` puts them into the syntax tree. Marked are only the numbers that meet tensors in arithmetic or become
tensors, in programs without loops and branches of statements: there each is read once, by what holds it.
"""

from __future__ import annotations

from gradcli.syntax import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_ARITHMETIC = frozenset(("+", "-", "*", "/"))
_MAKERS = ("param", "tensor")


class Mark:
    """One number of a program that differs from member to member.

    Attributes:
        sign: -1 where the program negates it on the spot.
        number: its float as an object of its own, known again by its identity.
    """

    __slots__ = ("number", "sign")

    def __init__(self, value: float, sign: int) -> None:
        self.sign = sign
        self.number = float(value) * sign  # a product is a new object


class MarkedFloat(float):
    """A float that turns into the number of its mark."""

    mark: Mark

    def __float__(self) -> float:
        return self.mark.number


class MarkedInt(int):
    """An int that turns into the number of its mark."""

    mark: Mark

    def __float__(self) -> float:
        return self.mark.number


def marked(module: tree.Module, numbers: Sequence[float]) -> list[Mark | None] | None:
    """Puts marks into the tree: for each of the program's numbers its mark, or None where it has none.

    Args:
        module: the tree; it is changed.
        numbers: the numbers as they stand in the text.

    Returns:
        None for programs in which a number may be read more than once.
    """
    statements: list[tuple[tree.Statement, tree.Expression, list[tree.Syntax]]] = []
    literals: list[tree.Literal] = []
    for statement in module.body:
        if type(statement) is tree.Assignment:
            if not all(type(target) is tree.Name for target in statement.targets):
                return None
        elif type(statement) is not tree.ExpressionStatement:
            return None
        below = _below(statement.value)
        literals += [
            each for each in below if type(each) is tree.Literal and type(each.value) in (int, float)
        ]
        statements.append((statement, statement.value, below))
    literals.sort(key=_start)
    if [each.value for each in literals] != list(numbers):
        return None
    marking = _Marking({id(literal): at for at, literal in enumerate(literals)})
    for statement, value, below in statements:
        for node in below:
            if type(node) is tree.Chain:
                marking.chain(node)
            elif type(node) is tree.Call:
                marking.call(node)
        if type(statement) is tree.Assignment:
            marking.assigned(statement.targets, value)
    return marking.marks


class _Marking:
    """The marks made so far, and what is known of the variables at this place of the program."""

    def __init__(self, places: dict[int, int]) -> None:
        self.places = places  # from a literal's identity to its number's place
        self.marks: list[Mark | None] = [None] * len(places)
        self.names: dict[str, bool] = {}  # for each variable whether it holds a plain number

    def mark(self, node: tree.Expression) -> tree.Expression:
        """The number with a mark, or the node itself if it is none."""
        literal, sign = (node.operand, -1) if type(node) is tree.Unary and node.operator == "-" else (node, 1)
        at = self.places.get(id(literal))
        if at is None:
            return node
        value = literal.value  # type: ignore[attr-defined]
        made = self.marks[at] = Mark(value, sign)
        replaced = MarkedInt(value * sign) if type(value) is int else MarkedFloat(value * sign)
        replaced.mark = made
        return tree.Literal(node.span, replaced)

    def chain(self, node: tree.Chain) -> None:
        """Marks the numbers that meet something else than plain numbers in a chain of arithmetic."""
        left_is_plain = self.is_plain(node.first)
        for at, link in enumerate(node.links):
            right_is_plain = self.is_plain(link.operand)
            if link.operator in _ARITHMETIC:
                if right_is_plain and not left_is_plain:
                    link.operand = self.mark(link.operand)
                elif at == 0 and left_is_plain and not right_is_plain:
                    node.first = self.mark(node.first)
            left_is_plain = left_is_plain and right_is_plain

    def call(self, node: tree.Call) -> None:
        """Marks the float that becomes a tensor; an int decides its dtype."""
        callee = node.function
        if len(node.arguments) == 1 and type(callee) is tree.Name and callee.name in _MAKERS:
            only = node.arguments[0]
            value = only.operand if type(only) is tree.Unary else only
            if callee.name not in self.names and type(value) is tree.Literal and type(value.value) is float:
                node.arguments = (self.mark(only),)

    def assigned(self, targets: Sequence[tree.Target], value: tree.Expression) -> None:
        """Notes what the variables hold from here on."""
        for target in targets:
            if type(target) is tree.Name:
                self.names[target.name] = self.is_plain(value)

    def is_plain(self, node: tree.Expression) -> bool:
        """Whether it is surely a plain number."""
        if type(node) is tree.Unary:
            node = node.operand
        return type(node) is tree.Literal or (type(node) is tree.Name and self.names.get(node.name, False))


def _start(node: tree.Syntax) -> int:
    return node.span[0]


def _below(root: tree.Syntax) -> list[tree.Syntax]:
    """A node and all nodes under it."""
    found: list[tree.Syntax] = []
    pending: list[tree.Syntax] = [root]
    while pending:
        node = pending.pop()
        found.append(node)
        for field in node.fields[1:]:  # the first is the span
            each = getattr(node, field)
            if type(each) is tuple:
                pending += [item for item in each if isinstance(item, tree.Syntax)]
            elif isinstance(each, tree.Syntax):
                pending.append(each)
    return found
