"""Operators in code that runs once: one list in postfix order in place of a closure for each of them.

A closure pays for itself when it is called again. A program of hundreds of thousands of operators calls each
of its own once, and they would take more memory than its text, its tree and its tape together.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.interpreter.scopes import UNKNOWN, Scope
from gradcli.record import Record
from gradcli.syntax import marks, tree
from gradcli.syntax.tree import DROP, NEGATE
from gradcli.tape import context
from gradcli.values import operators
from gradcli.values.conversions import truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime
    from gradcli.values.values import Evaluate, Frame


LONG = 1_000
"""Chains of more links are given up while they are written down, where nobody reads the tree afterwards."""


class Act(Record):
    """To do something with the last values."""

    run: Callable[[list[Any], Span], None]


def chain(scope: Scope, node: tree.Chain) -> Evaluate:
    """The closure of operators with all that stand below them; they run at most once, and in the module."""
    written = _Postfix(scope)
    written.add(node)
    return running(scope, tree.Code(written.codes, written.starts, written.ends))


def running(
    scope: Scope, code: tree.Code, put: Callable[[str, Frame, Any], None] = lambda name, frame, value: None
) -> Evaluate:
    """The closure that does what stands in `code`, and gives the last value; `put` assigns to names."""
    runtime, session, names = scope.runtime, scope.runtime.session, scope.runtime.names
    operate, plain = session.operate, operators.plain
    codes, starts, ends = code.codes, code.starts, code.ends

    def run(frame: Frame) -> Any:
        stack: list[Any] = []
        push, pop = stack.append, stack.pop
        with context.equal_constants_shared():
            steps = zip(codes, starts, ends, strict=True)
            for code, start, end in steps:
                kind = type(code)
                if kind is str:
                    if code == DROP:
                        pop()
                        continue
                    right = pop()
                    if code == NEGATE:
                        push(_negative(runtime, right, (start, end)))
                        continue
                    left = stack[-1]
                    # A text with a tensor on the right is "%.4f" % loss.
                    if type(left) is Tensor or (type(right) is Tensor and type(left) is not str):
                        session.span = (start, end)
                        stack[-1] = operate(code, left, right)
                    else:
                        stack[-1] = plain(code, left, right, (start, end), runtime)
                elif kind is tree.Name:
                    try:
                        push(names[code.name])
                    except KeyError:
                        push(scope.missing(code.name, (start, end)))
                elif kind is float or kind is int:
                    push(code)
                elif kind is marks.Stored:
                    put(code.name.name, frame, pop())
                elif kind is Act:
                    code.run(stack, (start, end))
                elif kind is marks.Decided or kind is marks.DecidedAgain:
                    if truth(runtime, stack[-1], (start, end)) is (code.name == "or"):
                        _skip((each for each, _, _ in steps), marks.Decided, marks.Joined)
                    else:
                        pop()
                elif kind is marks.Carried or kind is marks.CarriedAgain:
                    if truth(runtime, stack[-1], (start, end)):
                        pop()
                    else:
                        del stack[-2]
                        _skip((each for each, _, _ in steps), marks.Carried, marks.Unlinked)
                elif kind is marks.Tested:
                    if not truth(runtime, pop(), (start, end)):
                        _skip((each for each, _, _ in steps), marks.Tested, marks.Otherwise)
                elif kind is marks.Otherwise:
                    _skip((each for each, _, _ in steps), marks.Tested, marks.Chosen)
                elif kind is marks.Joined or kind is marks.Chosen or kind is marks.Unlinked:
                    pass
                else:
                    push(code(frame))
        return stack[0] if stack else None

    return run


def _skip(codes: Iterable[Any], opens: type[marks.Marked], ends: type[marks.Marked]) -> None:
    """Takes what stands up to a mark, and that, but for marks of what begins in between."""
    depth = 1
    for each in codes:
        kind = type(each)
        if kind is opens:
            depth += 1
        elif kind is ends:
            depth -= 1
            if not depth:
                break


def _negative(runtime: Runtime, value: Any, span: Span) -> Any:
    if type(value) is Tensor:
        runtime.session.span = span
        return runtime.session.negate(value)
    return operators.negative(value, span, runtime)


class _Postfix:
    """What is to be done, and where it stands in the source.

    Attributes:
        codes: numbers, variables and closures to be evaluated; operators, as text, for the last two values.
        starts, ends: of the place of each.
    """

    __slots__ = ("codes", "ends", "scope", "starts", "variables")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.codes: list[Any] = []
        self.starts = array("I")
        self.ends = array("I")
        self.variables: dict[str, Any] = {}

    def add(self, node: tree.Expression) -> None:
        """What gives the value of an expression."""
        start, end = node.span
        code: Any
        if type(node) is tree.Name:
            code = self.variables.get(node.name) or self._variable(node)
        elif type(node) is tree.Chain and node.links[0].operator != "^":
            self.add(node.first)
            if len(node.links) > 1:
                spent = len(node.links) > LONG and self.scope.spends
                first = node.first.span[0]
                for link in node.spend() if spent else node.links:
                    self.add(link.operand)
                    self.codes.append(link.operator)
                    self.starts.append(first)
                    self.ends.append(link.span[1])
                self.starts[-1], self.ends[-1] = start, end  # with the brackets around it
                return
            self.add(node.links[0].operand)
            code = node.links[0].operator
        elif type(node) is tree.Literal and type(node.value) in (float, int):
            code = node.value
            if type(code) is int:
                operators.whole(code, node.span)
        else:
            code = self.scope.expression(node)
        self.codes.append(code)
        self.starts.append(start)
        self.ends.append(end)

    def _variable(self, node: tree.Name) -> Any:
        """What reads a name: one object for all places where it stands."""
        if self.scope.constant(node.name) is UNKNOWN:
            self.scope.reads(node.name)
            found: Any = node
        else:
            found = self.scope.expression(node)
        self.variables[node.name] = found
        return found
