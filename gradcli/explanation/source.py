"""The text of a program as findings speak of it: lines, statements, and what stands at a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.errors import Location
from gradcli.syntax import tree

if TYPE_CHECKING:
    from gradcli.errors import Span

_SIMPLE = (tree.ExpressionStatement, tree.Assignment, tree.AugmentedAssignment, tree.Return, tree.Assert)
_READING = ("float", "int", "eval", "Decimal")
_QUIET = ("print", "format", "str", "repr", "isnan", "allclose", "isclose", "isfinite")


class ProgramText:
    """A program's text and tree."""

    def __init__(self, module: tree.Module, text: str) -> None:
        self.module = module
        self.whole = text
        self.calls: dict[Span, tree.Call] = {}
        self.attributes: list[tree.Attribute] = []
        self.statements: list[tree.Statement] = []
        self.quiet: list[Span] = []
        self.compared: list[Span] = []
        self.functions: dict[str, tree.Statement] = {}
        numbers: set[Span] = set()  # texts that are read as numbers again
        for node in tree.walk(module.body):
            if isinstance(node, tree.Call):
                self.calls[node.span] = node
                if called(node) in _QUIET:
                    self.quiet.append(node.span)
                elif called(node) in _READING:
                    numbers.update(
                        each.span for each in tree.walk(node.arguments) if isinstance(each, tree.FString)
                    )
            elif isinstance(node, tree.Attribute):
                self.attributes.append(node)
            elif isinstance(node, tree.FString):
                if node.span not in numbers:
                    self.quiet.append(node.span)
            elif isinstance(node, (tree.Assert, tree.Comparison)):
                self.compared.append(node.span)
            elif isinstance(node, tree.FunctionDefinition):
                self.functions[node.name] = node
            if isinstance(node, (tree.If, tree.While)):
                self.compared += [each.span for each in node.heads]
            if isinstance(node, _SIMPLE):
                self.statements.append(node)

    def blocks(self) -> Iterator[Sequence[tree.Statement]]:
        """The statements of the module, and of every block."""
        pending: list[Sequence[tree.Statement]] = [self.module.body]
        while pending:
            block = pending.pop()
            yield block
            pending += [inner for each in block for inner in each.blocks]

    def line(self, span: Span | None) -> int | None:
        """The line on which something begins."""
        return None if span is None else Location.of(span, self.whole).line

    def text(self, span: Span | None, longest: int = 60) -> str:
        """What stands there, on one line."""
        if span is None:
            return ""
        text = " ".join(self.whole[span[0] : span[1]].split())
        return text if len(text) <= longest else text[: longest - 1] + "…"

    def is_quiet(self, span: Span | None) -> bool:
        """Whether what stands there is only shown, compared or asserted."""
        return _within(span, self.quiet) or self.is_compared(span)

    def is_compared(self, span: Span | None) -> bool:
        """Whether what stands there is only compared or asserted."""
        return _within(span, self.compared)

    def statement(self, span: Span | None) -> tree.Statement | None:
        """The innermost simple statement around a place."""
        if span is None:
            return None
        found = [each for each in self.statements if each.span[0] <= span[0] and span[1] <= each.span[1]]
        return min(found, key=lambda each: each.span[1] - each.span[0], default=None)

    def assigned(self, name: str, *, last: bool = False) -> tree.Statement | None:
        """The first statement that assigns a name, or the last."""
        for each in reversed(self.statements) if last else self.statements:
            if name in targets(each):
                return each
        return None


def _within(span: Span | None, others: Sequence[Span]) -> bool:
    return span is not None and any(a <= span[0] and span[1] <= b for a, b in others)


def called(call: tree.Call) -> str:
    """The last name of what is called: `item` of `y.item()`."""
    function = call.function
    if isinstance(function, (tree.Attribute, tree.Name)):
        return function.name
    return ""


def targets(statement: tree.Statement) -> list[str]:
    """The names that a statement assigns, from left to right."""
    if isinstance(statement, tree.Assignment):
        pending: list[Any] = list(statement.targets)
    elif isinstance(statement, tree.AugmentedAssignment):
        pending = [statement.target]
    else:
        return []
    found = []
    while pending:
        each = pending.pop(0)
        if isinstance(each, tree.Name):
            found.append(each.name)
        elif isinstance(each, (tree.TupleDisplay, tree.ListDisplay)):
            pending = [*each.items, *pending]
    return found


def written(statement: tree.Statement) -> list[str]:
    """The names whose values a statement may change: what it assigns, or writes or appends into."""
    found = targets(statement)
    value = getattr(statement, "value", None)
    holders: list[Any] = list(getattr(statement, "targets", ())) or [getattr(statement, "target", None)]
    if isinstance(value, tree.Call) and called(value) in ("append", "extend", "insert"):
        holders.append(value.function)
    for each in holders:
        while isinstance(each, (tree.Index, tree.Attribute)):
            each = each.value
        if isinstance(each, tree.Name):
            found.append(each.name)
    return found
