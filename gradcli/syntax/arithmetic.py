"""Reads long programs of arithmetic into postfix order, in one pass over their tokens and without a tree.

A program of hundreds of thousands of operators that runs once would spend more on its tree than on the rest.
What is read so is a part of the language: names, numbers, plain texts, operators, comparisons, `not`, `and`,
`or`, conditionals, brackets, lists, tuples, sets, dicts, indices, slices, attributes, calls, and assignments
to names. A text with anything else in it, or with a mistake, is for the parser.
"""

from __future__ import annotations

from array import array

from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.syntax import marks, plain_lexer, tree
from gradcli.syntax.kinds import CLOSING, END, NAME, NEWLINE, NUMBER, OPENING, PLAIN_KINDS, STRING
from gradcli.syntax.marks import (
    Applied,
    Bagged,
    Bounded,
    Carried,
    CarriedAgain,
    Chosen,
    Decided,
    DecidedAgain,
    Fetched,
    Gathered,
    Indexed,
    Invoked,
    Joined,
    Keyed,
    Linked,
    Member,
    Negated,
    Otherwise,
    Paired,
    Quoted,
    Raised,
    Related,
    Sliced,
    Stored,
    Tested,
    Tupled,
    Unlinked,
    Updated,
)
from gradcli.syntax.plain_lexer import NotPlain
from gradcli.syntax.tree import DROP, NEGATE, Code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from gradcli.syntax.kinds import Token

(
    _MINUS,
    _POWER,
    _CARET,
    _OPEN,
    _CLOSE,
    _OPEN_LIST,
    _CLOSE_LIST,
    _COMMA,
    _DOT,
    _EQUALS,
    _UPDATES,
    _SEMICOLON,
    _COLON,
    _IF,
    _ELSE,
    _NOT,
    _IN,
    _IS,
) = map(
    PLAIN_KINDS.__getitem__,
    ("-", "**", "^", "(", ")", "[", "]", ",", ".", "=", "+=", ";", ":", "if", "else", "not", "in", "is"),
)
_OPEN_BRACE, _CLOSE_BRACE = OPENING["{"], CLOSING["}"]
_OPENS, _CLOSES = (_OPEN, _OPEN_LIST, _OPEN_BRACE), (_CLOSE, _CLOSE_LIST, _CLOSE_BRACE)
_KINDS = {**PLAIN_KINDS, "{": _OPEN_BRACE, "}": _CLOSE_BRACE}
_PIECES = r"""|[{}]|"[^"\\\r\n]*"|'[^'\\\r\n]*'"""
"""What plain programs do not have: braces, and texts without escapes."""
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "in", "is")
_LEVELS = (("or",), ("and",), (), _COMPARISONS, ("|",), ("&",), ("+", "-"), ("*", "/", "//", "%", "@"))
"""Operators that group to the left, the loosest first; `not` stands before comparisons."""
_CONDITIONAL, _NEGATED, _COMPARED = 1, 4, 5
_MARKS = {"or": Joined, "and": Joined, **dict.fromkeys(_COMPARISONS, Related)}
_BINARY: dict[int, tuple[int, Any]] = {
    PLAIN_KINDS[sign]: (level, _MARKS[sign](sign) if sign in _MARKS else sign)
    for level, signs in enumerate(_LEVELS, _CONDITIONAL + 1)
    for sign in signs
}
_BINARY[_NOT] = (_COMPARED, Related("not in"))
"""How tight each of them binds, and what it stands for in the code."""
_NO_OPERATOR = (_CONDITIONAL, None)
_TESTED, _OTHERWISE, _CHOSEN = Tested("if"), Otherwise("else"), Chosen("if")
_CARRIED, _CARRIED_AGAIN, _UNLINKED = Carried("<"), CarriedAgain("<"), Unlinked("<")
_IS_NOT, _KEYED, _BOUNDED, _NEGATION = Related("is not"), Keyed(":"), Bounded(":"), Negated("not")
_UNARY, _RAISED = 10, 11
"""How tight a sign binds, and a power, which groups to the right."""
_BEFORE = (NEGATE, _NEGATION, _CHOSEN)
"""What has its place from its sign on, which stands in front."""
_CHOICES = (_IF, _ELSE)
_BY_THEMSELVES = (Applied, Gathered, Tupled, Bagged, Paired)
"""Brackets without a value in front that waits for them."""
_POWERS = {_POWER: "**", _CARET: Raised("^")}
_CONSTANTS = {PLAIN_KINDS[word]: value for word, value in (("True", True), ("False", False), ("None", None))}
_DEEPEST = 5_000
_LARGEST = 2**63 - 1


def read(text: str, is_known: Callable[[str], bool] = lambda name: True) -> tree.Module | None:
    """The program, or None where the parser is to read it.

    Args:
        text: of the program.
        is_known: whether a name may mean something that no program assigns and nobody sets.
    """
    try:
        reader = _Reader(is_known)
        reader.read(text)
    except (NotPlain, GradcliError, KeyError, IndexError, OverflowError):
        return None
    return tree.Module((0, len(text)), tuple(reader.body), 2)


class _Bracket:
    """An open bracket of several items: of a call, of a list, of indices.

    Attributes:
        closes: the kind of the token that ends it.
        kind, head: what is done with the items, and with what.
        items: how many have come.
        keywords: the names that items had.
        named: the item at hand has one, or a key.
        colons: how many have come in the index at hand.
        waiting: where code stands whose place goes to the end of the item at hand.
    """

    __slots__ = ("closes", "colons", "head", "items", "keywords", "kind", "named", "waiting")

    def __init__(self, closes: int, kind: type[marks.Marked], head: Any = None) -> None:
        self.closes = closes
        self.kind = kind
        self.head = head
        self.items = 0
        self.keywords: list[str] = []
        self.named = False
        self.colons = 0
        self.waiting: list[int] = []


class _Chain:
    """A chain of comparisons: its last sign, and where the code of the others is, whose place is its own."""

    __slots__ = ("last", "waiting")

    def __init__(self, last: Related) -> None:
        self.last = last
        self.waiting = array("I")


class _Choice(Record):
    """A conditional up to its `else`: the code of what is given if the test holds, which stands in front."""

    codes: list[Any]
    starts: array[int]
    ends: array[int]


class _Reader:
    """One program on its way into postfix order.

    Attributes:
        is_known: as `read` has it.
        body: the statements that are done.
        code: what they are done in that come after those.
        begin: where the code of the statement at hand begins.
        names: each name that the program reads or assigns, as it stands there first.
        marks: what the code holds beside numbers, names and operators: one for all places that are alike.
        bound: the names that have been assigned, and what assigns to them.
        chain: the last chain of comparisons that has ended.
        last: where that statement begins in `code`, what it assigns to, how, and where it stands.
    """

    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self.is_known = is_known
        self.body: list[tree.Statement] = []
        self.code = Code([], array("I"), array("I"))
        self.begin = 0
        self.names: dict[str, tree.Name] = {}
        self.marks: dict[tuple[Any, ...], Any] = {}
        self.bound: dict[str, Stored] = {}
        self.chain = _Chain(_IS_NOT)
        self.last: tuple[int, Token | None, str, tuple[int, int]] = (0, None, "", (0, 0))

    def read(self, text: str) -> None:
        """Reads a text.

        Raises:
            NotPlain: there is something in it that is for the parser.
        """
        # Nearly all time of reading goes by in here: hence one loop, whose state is in local variables.
        names, binary = self.names, _BINARY
        code = self.code
        codes, starts, ends = code.codes, code.starts, code.ends
        # Signs and brackets: how tight, which, where, and behind how much code the values in there begin.
        pending: list[tuple[int, Any, int, int]] = []
        lefts: list[int] = []  # where the values begin that wait for an operator
        target: Token | None = None
        operator = ""  # of an update
        wanted = True  # a value comes next
        first, end = -1, 0
        before = NEWLINE
        found = plain_lexer.stream(text, _PIECES, _KINDS)
        for kind, start, stop, value in found:
            if wanted:
                if first < 0:
                    first = start
                if kind == NAME:
                    if before == _DOT:
                        codes.append(self._mark(Member, value))
                        starts.append(lefts[-1])
                        ends.append(stop)
                        end = stop
                        wanted = False
                        before = kind
                        continue
                    name = names.get(value)
                    if name is None:
                        name = names[value] = tree.Name((start, stop), value)
                    codes.append(name)
                elif before == _DOT:
                    raise NotPlain
                elif kind == NUMBER:
                    if type(value) is int and value > _LARGEST:
                        raise NotPlain
                    codes.append(value)
                elif kind == _OPEN:
                    pending.append((0, None, start, len(codes)))
                    before = kind
                    continue
                elif kind == _MINUS:
                    pending.append((_UNARY, NEGATE, start, 0))
                    before = kind
                    continue
                elif kind in _CONSTANTS:
                    codes.append(_CONSTANTS[kind])
                elif kind == STRING:
                    codes.append(self._mark(Quoted, value))
                elif kind == _OPEN_LIST:
                    pending.append((0, _Bracket(_CLOSE_LIST, Gathered), start, len(codes)))
                    before = kind
                    continue
                elif kind == _OPEN_BRACE:
                    pending.append((0, _Bracket(_CLOSE_BRACE, Bagged), start, len(codes)))
                    before = kind
                    continue
                elif kind == _NOT:
                    if before == _IS:
                        tight, symbol, at, _ = pending.pop()
                        if type(symbol) is _Chain:
                            symbol.last = _IS_NOT
                        else:
                            symbol = _IS_NOT
                        pending.append((tight, symbol, at, 0))
                    elif pending and pending[-1][0] > _NEGATED:
                        raise NotPlain
                    else:
                        pending.append((_NEGATED, _NEGATION, start, 0))
                    before = kind
                    continue
                elif kind in _CLOSES and before in _OPENS:
                    end = stop
                    self._close(pending, lefts, kind, stop)
                    wanted = False
                    before = kind
                    continue
                elif kind == END and before in (NEWLINE, _SEMICOLON):
                    break
                elif self._is_absent(pending, kind, before):
                    codes.append(None)
                    wanted = False
                else:
                    raise NotPlain
                starts.append(start)
                ends.append(stop)
                lefts.append(start)
                if wanted:
                    end = stop
                    wanted = False
                    before = kind
                    continue
            if kind in _POWERS:
                pending.append((_RAISED, _POWERS[kind], start, 0))
                wanted = True
            elif kind in (_OPEN, _OPEN_LIST):
                opened, at = self._opened(kind, before), lefts[-1]
                if type(codes[-1]) is tree.Name and kind == _OPEN:  # what is called is part of the call
                    codes.pop()
                    starts.pop()
                    ends.pop()
                    lefts.pop()
                pending.append((0, opened, at, len(codes)))
                wanted = True
                if len(pending) > _DEEPEST:
                    raise NotPlain
            elif kind == _DOT:
                wanted = True
            else:
                # What is no operator ends everything up to a bracket, or up to the beginning of a statement.
                tight, symbol = binary.get(kind, _NO_OPERATOR)
                logical = type(symbol) is Joined
                while pending and pending[-1][0] >= tight + (
                    logical or tight == _COMPARED or kind in _CHOICES
                ):
                    _, sign, at, _ = pending.pop()
                    codes.append(sign)
                    if sign in _BEFORE:
                        lefts[-1] = at
                    elif type(sign) is _Choice:
                        raise NotPlain
                    else:
                        lefts.pop()
                    starts.append(lefts[-1])
                    ends.append(end)
                    if type(sign) is _Chain:
                        self._unlink(sign)
                if kind == _IF:
                    top = pending[-1] if pending else (0, None, 0, self.begin + bool(operator))
                    if type(top[1]) is _Choice:
                        raise NotPlain
                    at = top[3]
                    choice = _Choice(codes[at:], starts[at:], ends[at:])
                    del codes[at:], starts[at:], ends[at:]
                    pending.append((_CONDITIONAL, choice, lefts.pop(), 0))
                    wanted = True
                elif kind == _ELSE:
                    _, choice, at, _ = pending.pop()
                    if type(choice) is not _Choice:
                        raise NotPlain
                    codes += (_TESTED, *choice.codes, _OTHERWISE)
                    starts.append(lefts.pop())
                    starts += choice.starts
                    starts.append(start)
                    ends.append(end)
                    ends += choice.ends
                    ends.append(stop)
                    pending.append((_CONDITIONAL, _CHOSEN, at, len(codes)))
                    wanted = True
                elif logical:
                    again = bool(pending) and pending[-1][0] == tight
                    codes.append(self._mark(DecidedAgain if again else Decided, symbol.name))
                    starts.append(lefts[-1])
                    ends.append(end)
                    if again:
                        lefts.pop()
                    else:
                        pending.append((tight, symbol, start, 0))
                    wanted = True
                elif symbol is not None:
                    if tight == _COMPARED:
                        if kind == _NOT and next(found)[0] != _IN:
                            raise NotPlain
                        if pending and pending[-1][0] == _COMPARED:
                            symbol = self._linked(pending.pop()[1], symbol, lefts, end)
                    pending.append((tight, symbol, start, 0))
                    wanted = True
                elif kind in _CLOSES:
                    bracket = pending[-1][1]
                    if kind == _CLOSE and bracket is None:  # a value in brackets has them in its place
                        at = pending.pop()[2]
                        lefts[-1] = at
                        starts[-1] = at
                        ends[-1] = stop
                        if codes[-1] is _UNLINKED:
                            self._place(self.chain.waiting, at, stop)
                    elif type(bracket) is not _Bracket:
                        raise NotPlain
                    else:
                        self._end_item(bracket, lefts, end)
                        self._close(pending, lefts, kind, stop)
                    end = stop
                elif pending:
                    bracket = pending[-1][1]
                    if bracket is None and kind == _COMMA:
                        bracket = _Bracket(_CLOSE, Tupled)
                    if type(bracket) is not _Bracket:
                        raise NotPlain
                    if kind == _COMMA:
                        self._end_item(bracket, lefts, end)
                        pending[-1] = (0, bracket, pending[-1][2], len(codes))
                    elif kind == _COLON:
                        self._divide(bracket, lefts)
                        pending[-1] = (0, bracket, pending[-1][2], len(codes))
                        end = stop
                    elif (
                        kind == _EQUALS
                        and issubclass(bracket.kind, Invoked)
                        and before == NAME
                        and not bracket.named
                    ):
                        self._named(bracket, codes.pop(), starts.pop())
                        ends.pop()
                        lefts.pop()
                    else:
                        raise NotPlain
                    wanted = True
                elif kind in (NEWLINE, _SEMICOLON):
                    if len(lefts) != 1:
                        raise NotPlain
                    lefts.clear()
                    self._statement(target, operator, (first, end))
                    target, operator, wanted, first = None, "", True, -1
                    code = self.code
                    codes, starts, ends = code.codes, code.starts, code.ends
                elif target is None and before == NAME and len(codes) == self.begin + 1:
                    if kind == _EQUALS:
                        target = (NAME, starts.pop(), ends.pop(), codes.pop())
                    elif kind == _UPDATES and codes[-1].name in self.bound:
                        target = (NAME, starts[-1], ends[-1], codes[-1])
                        operator = value[:-1]
                    else:
                        raise NotPlain
                    lefts.clear()
                    wanted = True
                else:
                    raise NotPlain
            before = kind
        self._end()

    def _mark(self, kind: Callable[..., Any], *parts: Any) -> Any:
        """One of these for all places that are alike."""
        found = self.marks.get((kind, *parts))
        if found is None:
            found = self.marks[kind, *parts] = kind(*parts)
        return found

    def _place(self, waiting: Iterable[int], start: int, end: int) -> None:
        """Says of code that waits for it where it stands."""
        code = self.code
        for at in waiting:
            code.starts[at], code.ends[at] = start, end

    def _linked(self, former: Any, symbol: Related, lefts: list[int], end: int) -> _Chain:
        """Another comparison behind one: that is done, and goes on where it holds."""
        again = type(former) is _Chain
        chain: _Chain = former if again else _Chain(former)
        lefts.pop()
        for code in (self._mark(Linked, chain.last.name), _CARRIED_AGAIN if again else _CARRIED):
            chain.waiting.append(len(self.code.codes))
            self.code.add(code, (lefts[-1], end))
        chain.last = symbol
        return chain

    def _unlink(self, chain: _Chain) -> None:
        """Ends a chain of comparisons, which stands where the last code is."""
        code = self.code
        place = (code.starts[-1], code.ends[-1])
        code.codes[-1] = chain.last
        chain.waiting.append(len(code.codes) - 1)
        code.add(_UNLINKED, place)
        self._place(chain.waiting, *place)
        self.chain = chain

    def _is_absent(self, pending: list[tuple[int, Any, int, int]], kind: int, before: int) -> bool:
        """Whether a bound of a slice is left out here."""
        bracket = pending[-1][1] if pending else None
        if type(bracket) is not _Bracket or bracket.kind is not Indexed:
            return False
        if before == _COLON:
            return kind in (_COLON, _COMMA, _CLOSE_LIST)
        return kind == _COLON and before in (_OPEN_LIST, _COMMA)

    def _divide(self, bracket: _Bracket, lefts: list[int]) -> None:
        """A colon: behind a key, or between the bounds of a slice."""
        if bracket.kind is Indexed:
            bracket.colons += 1
            self._bound(bracket, lefts)
            if bracket.colons > 2:
                raise NotPlain
            return
        if bracket.kind is Bagged and not bracket.items:
            bracket.kind = Paired
        if bracket.kind is not Paired or bracket.named:
            raise NotPlain
        bracket.named = True
        bracket.waiting.append(len(self.code.codes))
        self.code.add(_KEYED, (lefts[-1], 0))

    def _bound(self, bracket: _Bracket, lefts: list[int]) -> None:
        if self.code.codes[-1] is not None:
            bracket.waiting.append(len(self.code.codes))
            self.code.add(_BOUNDED, (lefts[-1], 0))

    def _end_item(self, bracket: _Bracket, lefts: list[int], end: int) -> None:
        """Ends an item of a bracket."""
        if (bracket.keywords or bracket.kind is Paired) and not bracket.named:
            raise NotPlain
        bracket.named = False
        bracket.items += 1
        colons = bracket.colons
        if colons:
            self._bound(bracket, lefts)
            del lefts[-colons:]
            self.code.add(self._mark(Sliced, colons + 1), (lefts[-1], end))
            bracket.colons = 0
        if bracket.waiting:
            self._place(bracket.waiting, lefts[-1 - (bracket.kind is Paired)], end)
            bracket.waiting.clear()

    def _opened(self, kind: int, before: int) -> _Bracket:
        """A bracket behind a value: that of a call, or of indices."""
        codes = self.code.codes
        if kind == _OPEN_LIST:
            if before not in (NAME, STRING, *_CLOSES):
                raise NotPlain
            return _Bracket(_CLOSE_LIST, Indexed)
        if before != NAME:
            raise NotPlain
        called = codes[-1]
        if type(called) is tree.Name:
            return _Bracket(_CLOSE, Applied, called)
        codes[-1] = self._mark(Fetched, called.name)
        return _Bracket(_CLOSE, Invoked, called.name)

    def _close(
        self, pending: list[tuple[int, Any, int, int]], lefts: list[int], kind: int, stop: int
    ) -> None:
        """Ends a bracket of several items, whose value takes their place."""
        _, bracket, at, _ = pending.pop()
        if type(bracket) is not _Bracket or bracket.closes != kind:
            raise NotPlain
        count = bracket.items
        if issubclass(bracket.kind, Invoked):
            made = self._mark(bracket.kind, bracket.head, count, tuple(bracket.keywords))
        elif count or issubclass(bracket.kind, Gathered):
            made = self._mark(Paired if not count and bracket.kind is Bagged else bracket.kind, count)
        else:
            raise NotPlain
        if count:
            del lefts[-count * (1 + (bracket.kind is Paired)) :]
        if bracket.kind in _BY_THEMSELVES:  # the others have a value in front, which waits
            lefts.append(at)
        self.code.codes.append(made)
        self.code.starts.append(at)
        self.code.ends.append(stop)

    def _named(self, bracket: _Bracket, name: Any, start: int) -> None:
        """Takes what was read last as the name of an argument."""
        if type(name) is not tree.Name or name.name in bracket.keywords:
            raise NotPlain
        if name.span[0] == start:
            del self.names[name.name]  # it stands for no variable
        bracket.keywords.append(name.name)
        bracket.named = True

    def _statement(self, target: Token | None, operator: str, span: tuple[int, int]) -> None:
        """Ends a statement, whose code is the last of `code`."""
        code = self.code
        self.last = (self.begin, target, operator, span)
        if target is None:
            code.add(DROP, span)
        else:
            name = target[3]
            stored = self.bound.get(name.name)
            computed = stored is not None or self._is_computed(target)
            if stored is None:
                stored = self.bound[name.name] = Stored(name)
            if operator:
                code.add(self._mark(Updated, name, operator), span)
            elif computed:
                code.add(stored, span)
            else:  # a value from outside may replace it
                code.add(DROP, span)
                self._end()
                return
        self.begin = len(code.codes)

    def _is_computed(self, target: Token) -> bool:
        """Whether the statement at hand reads a variable, and nothing before it its target."""
        name = target[3]
        if name.span[0] != target[1]:
            return False
        found = False
        for code in self.code.codes[self.begin :]:
            read = code.name if type(code) is Applied else code
            if type(read) is tree.Name:
                if read is name:
                    return False
                found = found or read.name in self.bound or not self.is_known(read.name)
        return found

    def _end(self) -> None:
        """Gives the last statement a node of its own, and one to all before it."""
        if not self.code.codes:
            return
        begin, target, operator, span = self.last
        value = self.code.cut(begin)
        value.codes.pop()  # what becomes of it
        value.starts.pop()
        value.ends.pop()
        if operator:
            value = value.cut(1)  # behind what is updated
        if self.code.codes:
            spans = (self.code.starts[0], self.code.ends[-1])
            stored = [each.name for each in reversed(self.code.codes) if type(each) in (Stored, Updated)]
            assigned = (*reversed(dict.fromkeys(stored)),)
            self.body.append(tree.Assignments(spans, self.code.names(), assigned, self.code))
        node: tree.Expression
        only = value.codes[0] if len(value.codes) == 1 else NEGATE
        place = (value.starts[0], value.ends[0])
        if type(only) is tree.Name:
            node = tree.Name(place, only.name)
        elif type(only) in (int, float, bool, Quoted) or only is None:
            node = tree.Literal(place, only.name if type(only) is Quoted else only)
        else:
            node = tree.Postfix((value.starts[-1], value.ends[-1]), value.names(), value)
        if target is None:
            self.body.append(tree.ExpressionStatement(span, node))
        else:
            name = tree.Name((target[1], target[2]), target[3].name)
            if operator:
                self.body.append(tree.AugmentedAssignment(span, name, operator, node))
            else:
                self.body.append(tree.Assignment(span, (name,), node))
        self.code = Code([], array("I"), array("I"))
        self.begin = 0
