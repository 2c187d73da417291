"""Reads long programs of arithmetic into postfix order, in one pass over their tokens and without a tree.

A program of hundreds of thousands of operators that runs once would spend more on its tree than on the rest.
What is read so is a part of the language: names, numbers, `+ - * / **`, brackets, calls of one argument and
assignments to names. A text with anything else in it, or with a mistake, is for the parser.
"""

from __future__ import annotations

from array import array

from gradcli.errors import GradcliError
from gradcli.syntax import plain_lexer, tree
from gradcli.syntax.kinds import END, NAME, NEWLINE, NUMBER, PLAIN_KINDS
from gradcli.syntax.plain_lexer import NotPlain
from gradcli.syntax.tree import DROP, NEGATE, Applied, Code, Stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gradcli.syntax.kinds import Token

_PLUS, _MINUS, _TIMES, _OVER, _POWER, _OPEN, _CLOSE, _EQUALS, _SEMICOLON = map(
    PLAIN_KINDS.__getitem__, ("+", "-", "*", "/", "**", "(", ")", "=", ";")
)
_BINARY: dict[int, tuple[int, str | None]] = {
    _PLUS: (1, "+"),
    _MINUS: (1, "-"),
    _TIMES: (2, "*"),
    _OVER: (2, "/"),
}
"""Operators that group to the left: how tight they bind, and how they are written."""
_NO_OPERATOR = (1, None)
_UNARY, _RAISED = 3, 4
"""How tight a sign binds, and a power, which groups to the right."""
_DEEPEST = 5_000
_LARGEST = 2**63 - 1


def read(text: str) -> tree.Module | None:
    """The program, or None where the parser is to read it."""
    try:
        reader = _Reader()
        reader.read(text)
    except (NotPlain, GradcliError, KeyError, IndexError, OverflowError):
        return None
    return tree.Module((0, len(text)), tuple(reader.body), 2)


class _Reader:
    """One program on its way into postfix order.

    Attributes:
        body: the statements that are done.
        code: what they are done in that come after those.
        begin: where the code of the statement at hand begins.
        names: each name that the program reads or assigns.
        bound: those that it has assigned.
    """

    def __init__(self) -> None:
        self.body: list[tree.Statement] = []
        self.code = Code([], array("I"), array("I"))
        self.begin = 0
        self.names: dict[str, tree.Name] = {}
        self.applied: dict[str, Applied] = {}
        self.bound: set[str] = set()

    def read(self, text: str) -> None:
        """Reads a text.

        Raises:
            NotPlain: there is something in it that is for the parser.
        """
        # Nearly all time of reading goes by in here: hence one loop, whose state is in local variables.
        names, binary = self.names, _BINARY
        code = self.code
        codes, starts, ends = code.codes, code.starts, code.ends
        pending: list[tuple[int, Any, int]] = []  # signs and brackets: how tight, which, where
        lefts: list[int] = []  # where the values begin that wait for an operator
        target: Token | None = None
        wanted = True  # a value comes next
        first, end = -1, 0
        before = NEWLINE
        for kind, start, stop, value in plain_lexer.stream(text):
            if wanted:
                if first < 0:
                    first = start
                if kind == NAME:
                    name = names.get(value)
                    if name is None:
                        name = names[value] = tree.Name((start, stop), value)
                    codes.append(name)
                elif kind == NUMBER:
                    if type(value) is int and value > _LARGEST:
                        raise NotPlain
                    codes.append(value)
                elif kind == _OPEN:
                    pending.append((0, None, start))
                    before = kind
                    continue
                elif kind == _MINUS:
                    pending.append((_UNARY, NEGATE, start))
                    before = kind
                    continue
                elif kind == END and before in (NEWLINE, _SEMICOLON):
                    break
                else:
                    raise NotPlain
                starts.append(start)
                ends.append(stop)
                lefts.append(start)
                end = stop
                wanted = False
                before = kind
                continue
            if kind == _POWER:
                pending.append((_RAISED, "**", start))
                wanted = True
            elif kind == _OPEN:
                if before != NAME:
                    raise NotPlain
                starts.pop()
                ends.pop()
                pending.append((0, self._called(codes.pop()), lefts.pop()))
                wanted = True
                if len(pending) > _DEEPEST:
                    raise NotPlain
            else:
                # What is no operator ends everything up to a bracket, or up to the beginning of a statement.
                tight, symbol = binary.get(kind, _NO_OPERATOR)
                while pending and pending[-1][0] >= tight:
                    _, sign, at = pending.pop()
                    codes.append(sign)
                    if sign is NEGATE:
                        lefts[-1] = at
                    else:
                        lefts.pop()
                    starts.append(lefts[-1])
                    ends.append(end)
                if symbol is not None:
                    pending.append((tight, symbol, start))
                    wanted = True
                elif kind == _CLOSE:
                    _, function, at = pending.pop()
                    end = stop
                    lefts[-1] = at
                    if function is None:  # a value in brackets has them in its place
                        starts[-1] = at
                        ends[-1] = stop
                    else:
                        codes.append(function)
                        starts.append(at)
                        ends.append(stop)
                elif pending or len(lefts) != 1:
                    raise NotPlain
                elif kind in (NEWLINE, _SEMICOLON):
                    lefts.clear()
                    self._statement(target, (first, end))
                    target, wanted, first = None, True, -1
                    code = self.code
                    codes, starts, ends = code.codes, code.starts, code.ends
                elif kind == _EQUALS and target is None and len(codes) == self.begin + 1 and before == NAME:
                    target = (NAME, starts.pop(), ends.pop(), codes.pop())
                    lefts.clear()
                    wanted = True
                else:
                    raise NotPlain
            before = kind
        self._end()

    def _called(self, name: tree.Name) -> Applied:
        found = self.applied.get(name.name)
        if found is None:
            found = self.applied[name.name] = Applied(name)
        return found

    def _statement(self, target: Token | None, span: tuple[int, int]) -> None:
        """Ends a statement, whose code is the last of `code`."""
        code = self.code
        self.last = (self.begin, target, span)
        if target is None:
            code.add(DROP, span)
        elif target[3].name in self.bound:
            code.add(Stored(target[3]), span)
        else:  # the first one to bind a name, which a value from outside may replace
            self.bound.add(target[3].name)
            code.add(DROP, span)
            self._end()
            return
        self.begin = len(code.codes)

    def _end(self) -> None:
        """Gives the last statement a node of its own, and one to all before it."""
        if not self.code.codes:
            return
        begin, target, span = self.last
        value = self.code.cut(begin)
        value.codes.pop()  # what becomes of it
        value.starts.pop()
        value.ends.pop()
        if self.code.codes:
            spans = (self.code.starts[0], self.code.ends[-1])
            self.body.append(tree.Assignments(spans, self.code.names(), self.code))
        node: tree.Expression
        only = value.codes[0] if len(value.codes) == 1 else None
        place = (value.starts[0], value.ends[0])
        if type(only) is tree.Name:
            node = tree.Name(place, only.name)
        elif only is not None:
            node = tree.Literal(place, only)
        else:
            node = tree.Postfix((value.starts[-1], value.ends[-1]), value.names(), value)
        if target is None:
            self.body.append(tree.ExpressionStatement(span, node))
        else:
            name = tree.Name((target[1], target[2]), target[3].name)
            self.body.append(tree.Assignment(span, (name,), node))
        self.code = Code([], array("I"), array("I"))
        self.begin = 0
