"""The statements of a run that is observed, and what each made of the names of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.evaluation.run import begun
from gradcli.explanation.source import targets
from gradcli.explanation.watching import MOST_EVENTS, WatchedSession
from gradcli.record import Record
from gradcli.syntax import tree
from gradcli.syntax.survey import names_in
from gradcli.tape.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.evaluation.options import Options
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Execute, Frame


class Event(Record):
    """A name that got another tensor.

    Attributes:
        statement: which did it.
        depth: in how many calls of the program's functions.
        turn: how many times the statement had been run, with this.
        known: tensors and numbers under the names that the statement reads, before it was run.
    """

    name: str
    node: Node
    statement: tree.Statement
    depth: int
    turn: int
    known: dict[str, Any]


_COMPOUND = (tree.If, tree.For, tree.While, tree.With, tree.Try)
_DEFINING = (tree.FunctionDefinition, tree.ClassDefinition, tree.Import, tree.FromImport)


class StatementObserver:
    """Observes the statements of a run, down to some depth of calls.

    Attributes:
        events: the values that names got, in order.
        done: how many times each statement was run.
    """

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.runtime: Runtime | None = None
        self.events: list[Event] = []
        self.left_out = 0
        self.done: dict[int, int] = {}
        self.held: dict[tuple[int, str], Node] = {}
        self.statement: tree.Statement | None = None

    def watched(self, statement: tree.Statement, execute: Execute) -> Execute:
        """The closure of a statement, and a look at the names behind it."""
        if isinstance(statement, (_DEFINING, _COMPOUND)):
            return execute
        value = getattr(statement, "value", None)
        reads = tuple(dict.fromkeys(names_in(value))) if value is not None else ()
        assigned = targets(statement)

        def run(frame: Frame) -> Any:
            runtime = self.runtime
            assert runtime is not None
            session = runtime.session
            assert isinstance(session, WatchedSession)
            if runtime.depth > self.depth:
                return execute(frame)
            self.done[id(statement)] = self.done.get(id(statement), 0) + 1
            known = {
                name: each.node if type(each) is Tensor else each
                for name in reads
                for each in (frame.get(name, runtime.names.get(name)),)
                if type(each) in (Tensor, int, float, bool)
            }
            self.look(frame, statement, {}, ())
            outer = session.statement
            session.statement = self.statement = statement
            signal = execute(frame)
            session.statement = outer
            for name in reads:  # an input gets its value when it is first read
                late = runtime.leaves.get(name)
                if late is not None and name not in known:
                    known[name] = late.node
            self.look(frame, statement, known, assigned)
            if isinstance(statement, tree.Return) and signal is not None:
                value = getattr(signal, "value", None)
                if type(value) is Tensor:
                    self._note("return", value.node, statement, known)
            return signal

        return run

    def look(
        self, frame: Frame, statement: tree.Statement, known: dict[str, Any], assigned: Sequence[str]
    ) -> None:
        """Notes what has another value than before; what the statement assigns comes last."""
        found: list[tuple[str, Node]] = []
        own: list[tuple[str, Node]] = []
        for name, value in frame.items():
            if type(value) is Tensor:
                node = value.node
                if self.held.get((id(frame), name)) is not node:
                    self.held[id(frame), name] = node
                    (own if name in assigned else found).append((name, node))
        for name, node in (*found, *sorted(own, key=lambda each: assigned.index(each[0]))):
            self._note(name, node, statement, known)

    def _note(self, name: str, node: Node, statement: tree.Statement, known: dict[str, Any]) -> None:
        assert self.runtime is not None
        turn = self.done.get(id(statement), 0)
        self.events.append(Event(name, node, statement, self.runtime.depth, turn, known))
        if len(self.events) > 2 * MOST_EVENTS:
            del self.events[MOST_EVENTS]
            self.left_out += 1


def observed(source: str, options: Options, depth: int) -> tuple[Runtime, WatchedSession, StatementObserver]:
    """A runtime as `gradcli.evaluation.run.begun` gives it, for a run that is observed."""
    runtime, trace = begun(source, options, WatchedSession), StatementObserver(depth)
    runtime.observer, trace.runtime = trace, runtime
    session = runtime.session
    assert isinstance(session, WatchedSession)
    return runtime, session, trace
