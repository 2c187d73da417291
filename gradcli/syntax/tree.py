"""The syntax tree: what a program says, before anything is known about values.

The parser builds it, the interpreter walks it. Every node knows the span of the source it came
from. Operators of one precedence level that associate to the left stand in one flat `Chain`, so
that a sum of 100,000 terms is one node with 100,000 links and not a tree that deep.
"""

from __future__ import annotations

from gradcli.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator
    from types import EllipsisType
    from typing import Any

    from gradcli.errors import Span

# Nothing assigns to a node after the parser made it, but for `Chain.spend`.


class Syntax(Record):
    """The base of every node."""

    span: Span


# ---- expressions ---------------------------------------------------------------------------------


class Expression(Syntax):
    """Something that has a value."""


class Literal(Expression):
    """A number, a string, True, False, None or `...`."""

    value: int | float | str | bool | EllipsisType | None


class Field(Syntax):
    """`{value!conversion:spec}` in an f-string; `text` is the source of a `{value=}` field."""

    value: Expression
    conversion: str | None
    spec: FString | None
    text: str | None


class FString(Expression):
    """An f-string: literal text and fields in order."""

    parts: tuple[str | Field, ...]


class Name(Expression):
    """A variable, a function or a namespace."""

    name: str


class ListDisplay(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class Entry(Syntax):
    """`key: value` of a dict, or `**value` without a key."""

    key: Expression | None
    value: Expression


class SetDisplay(Expression):
    """`{a, b}`."""

    items: tuple[Expression, ...]


class DictDisplay(Expression):
    """`{key: value, **entries}`."""

    entries: tuple[Entry, ...]


class Clause(Syntax):
    """`for target in iterable if condition …` of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


class Comprehension(Expression):
    """`[element for …]`; `kind` is list, generator, set or dict, whose element is an `Entry`."""

    kind: str
    element: Expression | Entry
    clauses: tuple[Clause, ...]


class TupleDisplay(Expression):
    """`a, b` or `(a, b)`."""

    items: tuple[Expression, ...]


class Unary(Expression):
    """`-x`, `+x`, `~x`, `not x`."""

    operator: str
    operand: Expression


class Link(Syntax):
    """One `operator operand` of a chain; its span covers both."""

    operator: str
    operand: Expression


class Chain(Expression):
    """`first op operand op operand …`, grouped to the left: `+ -`, `* / // % @`, `&`, `|`.

    A power is a chain of one link (`**`, or `^`, which is spelled as written), so it groups to the right.
    """

    first: Expression
    links: tuple[Link, ...]

    def spend(self) -> Iterator[Link]:
        """The links one after the other, which it has no more then: a long program may be read once only."""
        links = [*reversed(self.links)]
        self.links = ()
        while links:
            yield links.pop()


class Code:
    """What computes values, in postfix order: numbers, names, operators as text and `marks`.

    Attributes:
        codes: what is done, one after the other.
        starts, ends: of the place of each in the source.
    """

    __slots__ = ("codes", "ends", "starts")

    def __init__(self, codes: list[Any], starts: array[int], ends: array[int]) -> None:
        self.codes = codes
        self.starts = starts
        self.ends = ends

    def spend(self) -> Code:
        """All that stands in it, which it has no more then: for programs that run once."""
        return self.cut(0)

    def add(self, code: Any, span: Span) -> None:
        self.codes.append(code)
        self.starts.append(span[0])
        self.ends.append(span[1])

    def cut(self, at: int) -> Code:
        """What stands from `at` on, which it has no more then."""
        if not at:
            rest = Code(self.codes, self.starts, self.ends)
            self.codes, self.starts, self.ends = [], self.starts[:0], self.ends[:0]
            return rest
        rest = Code(self.codes[at:], self.starts[at:], self.ends[at:])
        del self.codes[at:], self.starts[at:], self.ends[at:]
        return rest

    def names(self) -> tuple[Name, ...]:
        """Every name in it, once."""
        found: set[Any] = {code for code in self.codes if isinstance(code, Record)}
        named = {each if type(each) is Name else each.name for each in found}
        return tuple([each for each in named if type(each) is Name])


DROP = "drop"
"""Leaves the last value out."""

NEGATE = "neg"
"""Turns the sign of the last value."""


class Postfix(Expression):
    """An expression that was read into code; the names in it stand beside it."""

    names: tuple[Name, ...]
    code: Code


class AssignmentExpression(Expression):
    """`target := value`, in the test of an `if` or a `while`."""

    target: Name
    value: Expression


class Comparison(Expression):
    """`a < b <= c`: each pair holds. Operators also `in`, `not in`, `is`, `is not`."""

    first: Expression
    links: tuple[Link, ...]


class Logical(Expression):
    """`a and b and c`, `a or b`: evaluated from the left until the answer is known."""

    operator: str
    operands: tuple[Expression, ...]


class Conditional(Expression):
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


class Starred(Expression):
    """`*items` in a call, a display or a target."""

    value: Expression


class Keyword(Syntax):
    """`name=value` in a call; the name of `**value` is `**`."""

    name: str
    value: Expression


class Call(Expression):
    """`function(arguments, keyword=…)`."""

    function: Expression
    arguments: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]


class Attribute(Expression):
    """`value.name`; `name_span` covers the name alone."""

    value: Expression
    name: str
    name_span: Span


class Slice(Expression):
    """`start:stop:step` inside brackets."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


class Index(Expression):
    """`value[index]`; several indices stand in a `TupleDisplay`, which may hold slices."""

    value: Expression
    index: Expression


# ---- statements ----------------------------------------------------------------------------------


class Statement(Syntax):
    """Something that is done. What holds other statements says so here, and is walked by everybody.

    Attributes:
        blocks: the bodies inside, in order.
        heads: the expressions that are evaluated before a body is.
        loops: whether a body may be left by `break`.
        opens_scope: whether names in the body are not those around it.
    """

    loops = False
    opens_scope = False

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return ()

    @property
    def heads(self) -> tuple[Expression, ...]:
        return ()


Target = Expression
"""What can be assigned to: `Name`, `Attribute`, `Index`, or a `TupleDisplay`/`ListDisplay` of them."""


class ExpressionStatement(Statement):
    """An expression on a line of its own."""

    value: Expression


class Assignment(Statement):
    """`a = b = value`: the targets from left to right."""

    targets: tuple[Target, ...]
    value: Expression
    annotated: bool = False


class Assignments(Statement):
    """Assignments to names, and values that nobody keeps, in one piece of code.

    No value from outside may replace any of them.

    Attributes:
        names: all in it.
        bound: those that it assigns, in the order in which it does so for the last time.
    """

    names: tuple[Name, ...]
    bound: tuple[Name, ...]
    code: Code


class AugmentedAssignment(Statement):
    """`target += value`; `operator` is without the `=`."""

    target: Target
    operator: str
    value: Expression


class If(Statement):
    """`if`/`elif` branches in order, then the `else` body (empty if absent)."""

    branches: tuple[tuple[Expression, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...]

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (*[body for _, body in self.branches], self.otherwise)

    @property
    def heads(self) -> tuple[Expression, ...]:
        return tuple([test for test, _ in self.branches])


class While(Statement):
    """`while test:`, then the `else` body (empty if absent), which runs where no `break` ended the loop."""

    test: Expression
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()

    loops = True

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (self.body, self.otherwise)

    @property
    def heads(self) -> tuple[Expression, ...]:
        return (self.test,)


class For(Statement):
    """`for target in iterable:`, and its `else` as that of `while`."""

    target: Target
    iterable: Expression
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()

    loops = True

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (self.body, self.otherwise)

    @property
    def heads(self) -> tuple[Expression, ...]:
        return (self.iterable,)


class Break(Statement):
    """`break`."""


class Continue(Statement):
    """`continue`."""


class Pass(Statement):
    """`pass`, or `name: type` without a value, which declares a field of a data class."""

    declares: str = ""


class DefParameter(Syntax):
    """One parameter of a `def`; `star` marks `*args`, `double_star` `**named`, `keyword_only` what stands
    behind a `*`."""

    name: str
    default: Expression | None
    keyword_only: bool = False
    star: bool = False
    double_star: bool = False


class Lambda(Expression):
    """`lambda parameters: body`."""

    parameters: tuple[DefParameter, ...]
    body: Expression


class FunctionDefinition(Statement):
    """`def name(parameters):` with its decorators."""

    name: str
    parameters: tuple[DefParameter, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expression, ...]

    opens_scope = True

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (self.body,)


class ClassDefinition(Statement):
    """`class name(bases):` with its decorators."""

    name: str
    bases: tuple[Expression, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expression, ...]

    opens_scope = True

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (self.body,)


class Return(Statement):
    """`return value`."""

    value: Expression | None = None


class Yield(Statement):
    """`yield value`; with `every`, `yield from value`."""

    value: Expression | None = None
    every: bool = False


class Assert(Statement):
    """`assert test, message`."""

    test: Expression
    message: Expression | None = None


class Raise(Statement):
    """`raise value from cause`; alone it raises again what was caught."""

    value: Expression | None = None
    cause: Expression | None = None


class Global(Statement):
    """`global a, b`."""

    names: tuple[str, ...]


class Nonlocal(Statement):
    """`nonlocal a, b`."""

    names: tuple[str, ...]


class Delete(Statement):
    """`del target`."""

    target: Target


class Handler(Syntax):
    """`except kind as name:`."""

    kind: Expression | None
    name: str | None
    body: tuple[Statement, ...]


class Try(Statement):
    """`try:` with its handlers, `else` and `finally` (both empty if absent)."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    otherwise: tuple[Statement, ...]
    final: tuple[Statement, ...]

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (self.body, *[each.body for each in self.handlers], self.otherwise, self.final)

    @property
    def heads(self) -> tuple[Expression, ...]:
        return tuple([each.kind for each in self.handlers if each.kind is not None])


class With(Statement):
    """`with context as target:`; several contexts are nested from left to right."""

    contexts: tuple[Expression, ...]
    body: tuple[Statement, ...]
    targets: tuple[Target | None, ...] = ()

    @property
    def blocks(self) -> tuple[tuple[Statement, ...], ...]:
        return (self.body,)

    @property
    def heads(self) -> tuple[Expression, ...]:
        return self.contexts


class Import(Statement):
    """`import a.b as c`: one entry a module, (dotted path, bound name or None)."""

    modules: tuple[tuple[str, str | None], ...]


class FromImport(Statement):
    """`from a.b import c as d`: (name, bound name or None) each."""

    module: str
    names: tuple[tuple[str, str | None], ...]


class Module(Syntax):
    """A whole program; `depth` is how many nodes deep it nests."""

    body: tuple[Statement, ...]
    depth: int = 0


def walk(root: object) -> Iterator[Syntax]:
    """Every node of a tree, or of the trees in a sequence, in the order of the text."""
    pending = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, Syntax):
            yield part
            pending.extend([getattr(part, field) for field in reversed(part.fields)])
        elif isinstance(part, (tuple, list)):
            pending.extend(reversed(part))
