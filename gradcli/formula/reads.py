"""What a program reads, from its syntax tree in one walk: `stage` decides by it what the inputs are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli.interpreter.unset import apart, written_apart
from gradcli.library import namespaces
from gradcli.ops.rows import Function
from gradcli.syntax import tree
from gradcli.syntax.survey import Survey, names_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

PLAIN = (tree.Assignment, tree.ExpressionStatement)
BRANCHES = (tree.If, tree.While, tree.Conditional)
OWN_NAMES = (tree.Comprehension, tree.Lambda, tree.FunctionDefinition, tree.ClassDefinition)
"""What has names of its own inside."""
VARIABLES = "xyz"
"""What is hardly the end of a name of two letters, but for coordinates and differences: mx, not vx and vy."""


class Reads:
    """The names of a program, and where they stand.

    Attributes:
        assigned: the names that it assigns.
        names: the names that stand outside functions, in the order of the text.
        operands: the names that operators work on, and that functions of numbers are called with: its own
            functions, and those of the table; in a function, those that are not its own.
        indices: the names and whole numbers that stand as indices.
        decides: whether it chooses its path by a condition.
        plain: whether it is nothing but assignments and expressions.
    """

    def __init__(self, module: tree.Module) -> None:
        self.survey = Survey(module.body)
        self.assigned = self.survey.assigned
        self.decides = False
        self.plain = all(type(each) in PLAIN for each in module.body)
        self.indices: dict[str | int, None] = {}
        self._operands: dict[str, int] = {}
        self._own: set[str] = set()
        self._places: dict[str, int] = {}
        self._walk(module)
        for name in self._own - self._places.keys():
            self._operands.pop(name, None)
        self.names = sorted(self._places, key=self._places.__getitem__)
        self.operands = sorted(self._operands, key=self._operands.__getitem__)

    def _walk(self, module: tree.Module) -> None:
        pending: list[Any] = list(module.body)
        inside: list[Any] = []  # what is in functions: their names are their own
        while pending or inside:
            outside = bool(pending)
            left = pending or inside
            node = left.pop()
            kind = type(node)
            if kind is tree.Name:
                if outside:
                    self._note(self._places, node)
            elif kind is tree.Literal:
                continue
            elif kind is tree.Chain:
                operands = [node.first, *[link.operand for link in node.links]]
                self._note_operands(operands)
                left += operands
            elif kind is tree.Unary:
                self._note_operands((node.operand,))
                left.append(node.operand)
            elif kind is tuple:
                left += node
            elif kind is tree.Call and type(node.function) is tree.Name:  # what is called is no input
                if node.function.name in self.assigned or _of_tensors(node.function.name):
                    self._note_operands(node.arguments)
                left += node.arguments
                left += node.keywords
            elif isinstance(node, tree.Syntax):
                if not outside:
                    self._note_own(node)
                if isinstance(node, tree.Index):
                    self._indexed(node.index)
                elif kind in BRANCHES:
                    self.decides = True
                elif kind in OWN_NAMES and outside:
                    for name in names_in(node):
                        self._places.setdefault(name, node.span[0])
                    left = inside
                left += [getattr(node, field) for field in node.fields]

    def _note_own(self, node: tree.Syntax) -> None:
        """Notes the names that a function or a comprehension has for itself."""
        match node:
            case tree.DefParameter(name=name):
                self._own.add(name)
            case tree.Clause(target=target) | tree.AugmentedAssignment(target=target):
                self._own.update(names_in(target))
            case tree.Assignment(targets=targets):
                self._own.update(names_in(*targets))

    def _note_operands(self, nodes: Iterable[tree.Expression]) -> None:
        for each in nodes:
            if type(each) is tree.Name:
                self._note(self._operands, each)

    def _note(self, places: dict[str, int], node: tree.Name) -> None:
        start = node.span[0]
        if places.get(node.name, start) >= start:
            places[node.name] = start

    def _indexed(self, index: tree.Expression) -> None:
        for item in index.items if isinstance(index, tree.TupleDisplay) else (index,):
            if isinstance(item, tree.Name):
                self.indices[item.name] = None
            elif isinstance(item, tree.Literal) and type(item.value) is int:
                self.indices[item.value] = None


def _of_tensors(name: str) -> bool:
    """Whether the language has a function of tensors by this name, which takes no functions."""
    return type(namespaces.bare(name, False, None)) is Function


def joined(text: str, free: Collection[str], inputs: Collection[str]) -> list[str]:
    """A note about inputs that nobody declared whose names may be two: `mx` in `mx+b`, `sinx`.

    Args:
        text: the program; names of several lines are meant as they are.
        free: the inputs that nobody declared.
        inputs: all of them.
    """
    found: dict[str, str | None] = {}
    for name in free if "\n" not in text else ():
        start, last = name[:-1], name[-1]
        if last == "e" and start in {*inputs, *VARIABLES} and re.search(rf"\b{name}\s*(?:\^|\*\*)", text):
            found[name] = f"{start}*e"  # xe^x
            continue
        if start and {*name} <= {*inputs}:  # x + n + xn
            found[name] = "*".join(name)
            continue
        if start in ("", "d") or last not in VARIABLES:
            continue
        if any(start + each in free for each in VARIABLES if each != last):
            continue
        short = len(name) == 2 or not {*name} - {*VARIABLES}
        if (other := apart(name, {last, *(start if short else ())})) is not None:
            found[name] = other
    names = list(found)
    known = {"Pi": "pi", "PI": "pi"} | ({"E": "e"} if re.search(r"\bE\s*(?:\^|\*\*)", text) else {})
    notes = [
        f"{each} is an input; if the number is meant, write {known[each]}" for each in free if each in known
    ]
    if not names:
        return notes
    said = f"{' and '.join(names)} {'is one name' if len(names) == 1 else 'are one name each'}"
    return [*notes, f"{said}; if that is not meant, {written_apart(text, found[names[0]] or '', found)}"]
