"""Formulas of numbers, computed from their text with Python's floats. `points` asks, and records others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from gradcli.library import namespaces
from gradcli.ops import elementwise, registry
from gradcli.record import Record
from gradcli.syntax import arithmetic, marks, tree
from gradcli.tape import primitives
from gradcli.tape.primitives import Elementwise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Step: TypeAlias = tuple[Any, Any, Any]

OPERATORS = {
    "+": primitives.add,
    "-": primitives.sub,
    "*": primitives.mul,
    "/": primitives.div,
    "**": elementwise.power,
}


class Floats(Record):
    """What a formula of numbers assigns to its names, operation by operation as the engine has them.

    Attributes:
        steps: functions of so many floats, of which the second knows what is infinite and what is no number;
            without functions a number, a name whose value is taken, or one that gets a value.
    """

    steps: list[Step]

    @classmethod
    def of(cls, text: str, names: Collection[str]) -> Floats | None:
        """A formula, which is read as long programs are; None where it has something else than numbers.

        Args:
            text: the formula.
            names: its free names.
        """
        module = arithmetic.read(text)
        known = set(names)
        steps: list[Step] = []
        for code in () if module is None else _codes(module):
            step = _step(code, known)
            if step is None:
                return None
            steps.append(step)
            if type(step[2]) is marks.Stored:
                known.add(step[2].name.name)
        return cls(steps) if steps else None

    def at(self, values: Mapping[str, float]) -> dict[str, Any]:
        """The values of all names."""
        frame = dict(values)
        stack: list[Any] = []
        for scalar, kernel, of in self.steps:
            if scalar is None:
                if type(of) is float:
                    stack.append(of)
                elif type(of) is str:
                    stack.append(frame[of])
                else:
                    frame[of.name.name] = stack.pop()
                continue
            given = stack[-of:]
            del stack[-of:]
            try:
                stack.append(scalar(*given))
            except (ArithmeticError, ValueError):
                stack.append(float(kernel(*given)))
        return frame


def _codes(module: tree.Module) -> Iterator[Any]:
    """All of a program in postfix order."""
    for statement in module.body:
        if type(statement) is tree.Assignments:
            yield from statement.code.codes
        elif type(statement) is tree.Assignment:
            value = statement.value
            if type(value) is tree.Postfix:
                yield from value.code.codes
            else:
                yield value.value if type(value) is tree.Literal else value
            yield marks.Stored(statement.targets[0])
        else:
            yield None


def _step(code: Any, known: set[str]) -> Step | None:
    """A piece of code as a step; None if it is not of numbers alone."""
    kind = type(code)
    if kind is float or kind is int:
        return None, None, float(code)
    if kind is tree.Name:
        known_or_constant = code.name if code.name in known else namespaces.CONSTANTS.get(code.name)
        return None if known_or_constant is None else (None, None, known_or_constant)
    if kind is marks.Stored:
        return None, None, code
    if kind is str:
        op: Any = primitives.neg if code == tree.NEGATE else OPERATORS.get(code)
        count = 1 if code == tree.NEGATE else 2
    elif kind is marks.Applied and code.name.name not in known and not code.keywords:
        function = registry.lookup(code.name.name)
        op = None if function is None else function.implementation
        count = code.count
    else:
        return None
    if not isinstance(op, Elementwise) or op.scalar is None or len(op.partials) != count:
        return None
    return op.scalar, op.kernel, count
