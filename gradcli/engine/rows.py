"""A stretch of tape as a list of rows over numbered registers: cheap to make and quick to run again.

Where `generate` pays after a dozen runs, rows pay at the second. Called by `batch` for programs that
differ only in their numbers; for scalars and small arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.generate import kernel_of, scalar_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.tape.node import Node


class Rows:
    """What computes some nodes from numbers that are given anew each time.

    Attributes:
        registers: the given numbers by their keys.
    """

    __slots__ = ("_outputs", "_start", "_steps", "registers")

    def __init__(self, order: Sequence[Node], outputs: Sequence[Node], given: Mapping[int, int]) -> None:
        """Makes the rows.

        Args:
            order: the nodes to compute, each after what it reads; all others have their values.
            outputs: the nodes whose values `run` returns.
            given: the key of each number that is given anew, by the identity of the object that stands for
                it as a leaf's value.
        """
        self.registers: dict[int, int] = {}
        self._start: list[Any] = []
        self._steps: list[tuple[Callable[..., Any], tuple[int, ...], int]] = []
        places: dict[Node, int] = {}
        known: dict[Any, int] = {}  # equal operations on equal operands are done once

        def place(node: Node) -> int:
            found = places.get(node)
            if found is None:
                found = places[node] = self._register(node.value)
                key = given.get(id(node.value))
                if key is not None:
                    found = places[node] = self.registers.setdefault(key, found)
            return found

        for node in order:
            operands = [place(each) for each in node.inputs]
            key = (node.op, tuple(operands), node.attrs)
            if key in known:
                places[node] = known[key]
                continue
            function, attrs = scalar_of(node), node.attrs
            if function is None:
                function, attrs = kernel_of(node)
            operands += [self._register(attr) for attr in attrs]
            places[node] = known[key] = self._register(None)
            self._steps.append((function, tuple(operands), places[node]))
        self._outputs = [place(node) for node in outputs]

    def _register(self, value: Any) -> int:
        self._start.append(value)
        return len(self._start) - 1

    def run(self, given: Sequence[tuple[int, float]]) -> list[Any]:
        """The outputs for these values of registers.

        Raises:
            ArithmeticError, ValueError, TypeError: where a number would be inf or nan; kernels know it.
        """
        values = self._start.copy()
        for at, number in given:
            values[at] = number
        for function, operands, at in self._steps:
            if len(operands) == 2:
                first, second = operands
                values[at] = function(values[first], values[second])
            elif len(operands) == 1:
                values[at] = function(values[operands[0]])
            else:
                values[at] = function(*[values[each] for each in operands])
        return [values[at] for at in self._outputs]
