"""In which calls of the program's functions nodes were recorded: what `folding` puts into one box.

A run is observed statement by statement. What a statement of a function left in its variables, or returned,
and nobody had before, was recorded by the call; what the arguments brought with them, by whoever called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.record import Record
from gradcli.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gradcli.errors import Span
    from gradcli.tape.node import Node
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Execute, Frame

_DEFINING = (tree.FunctionDefinition, tree.ClassDefinition, tree.Import, tree.FromImport)


class Called(Record):
    """A call of a function of the program.

    Attributes:
        number: counted from 1.
        function: what was called.
        site: where the statement stands that called it.
    """

    number: int
    function: tree.FunctionDefinition
    site: Span


Path = tuple[Called, ...]


class Calls:
    """Observes a run.

    Attributes:
        made: the calls in which a node was recorded, from the outside; none for one of the module.
    """

    def __init__(self, runtime: Runtime, module: tree.Module) -> None:
        self.runtime = runtime
        self.made: dict[Node, Path] = {}
        self.functions = dict(_owned(module.body, None))
        self.open: list[tuple[Frame, Path]] = []
        self.running: list[Span] = [(0, 0)]
        self.count = 0

    def watched(self, statement: tree.Statement, execute: Execute) -> Execute:
        """The closure of a statement, and a look at what it recorded."""
        function = self.functions.get(id(statement))
        if isinstance(statement, _DEFINING):
            return execute

        def run(frame: Frame) -> Any:
            depth = self.runtime.depth if function is not None else 0
            del self.open[depth:]
            if depth and (len(self.open) < depth or self.open[-1][0] is not frame):
                del self.open[depth - 1 :]
                self._enter(frame, function)
            path = self.open[-1][1] if self.open else ()
            del self.running[len(self.open) :]
            self.running.append(statement.span)
            signal = execute(frame)
            found = list(frame.values())
            if isinstance(statement, tree.Return) and signal is not None:
                found.append(getattr(signal, "value", None))
            self._own(found, path)
            return signal

        return run

    def _enter(self, frame: Frame, function: tree.FunctionDefinition | None) -> None:
        """A call has begun; what it was given belongs to who called."""
        assert function is not None
        outside = self.open[-1][1] if self.open else ()
        self._own(frame.values(), outside)
        self.count += 1
        site = self.running[min(len(self.open), len(self.running) - 1)]
        self.open.append((frame, (*outside, Called(self.count, function, site))))

    def _own(self, values: Iterable[Any], path: Path) -> None:
        """What these values were made by, and nobody has yet."""
        pending = [node for value in values for node in _nodes(value)]
        while pending:
            node = pending.pop()
            if node not in self.made:
                self.made[node] = path
                pending += node.inputs


def _nodes(value: Any) -> Iterator[Node]:
    if type(value) is Tensor:
        yield value.node
    elif isinstance(value, (list, tuple)):
        for each in value:
            if type(each) is Tensor:
                yield each.node


def _owned(
    body: Sequence[tree.Statement], function: tree.FunctionDefinition | None
) -> Iterator[tuple[int, tree.FunctionDefinition]]:
    """The statements of functions, by identity, and which function each stands in."""
    for statement in body:
        if function is not None:
            yield id(statement), function
        inner = statement if isinstance(statement, tree.FunctionDefinition) else function
        if isinstance(statement, tree.ClassDefinition):
            inner = None
        for block in statement.blocks:
            yield from _owned(block, inner)
