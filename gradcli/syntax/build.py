"""Makes the nodes of the syntax tree: one function for each rule or alias of the grammar.

The parser calls `name(span, children)` when it has read the rule `name`. Children are nodes, tokens (`kind,
start, end, value`) and, for blocks, tuples of statements; signs that only hold things together are left out.
Names and numbers are given as the value of their token.
"""

from __future__ import annotations

from gradcli.errors import Span, syntax_error
from gradcli.syntax import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Children = list[Any]
    Builder = Callable[[Span, Children], Any]

_ANNOTATION = object()
"""What an annotation becomes: it is dropped by whoever finds it."""


def _each(kind: Callable[..., Any], *before: Any) -> Builder:
    """Makes a node of a kind whose fields are those before and the children."""
    return lambda span, children: kind(span, *before, *children)


def _all(kind: Callable[..., Any], *before: Any) -> Builder:
    """Makes a node of a kind whose last field is a tuple of all children."""
    return lambda span, children: kind(span, *before, tuple(children))


def _first_and_rest(kind: Callable[..., Any], *before: Any) -> Builder:
    """Makes a node of a kind whose last fields are the first child and a tuple of the others."""
    return lambda span, children: kind(span, *before, children[0], tuple(children[1:]))


# ---- programs and blocks -------------------------------------------------------------------------


def module(span: Span, children: Children) -> tree.Module:
    while len(children) > 1 and _is_page(children[-1]):
        children.pop()  # a comment, as in Python: often what the program was before
    return tree.Module(span, tuple(children))


def _is_page(statement: tree.Statement) -> bool:
    """Whether it is a text of several lines and nothing else."""
    value = statement.value if isinstance(statement, tree.ExpressionStatement) else None
    return isinstance(value, tree.Literal) and isinstance(value.value, str) and "\n" in value.value


def suite(span: Span, children: Children) -> tuple[tree.Statement, ...]:
    return tuple(children)


# ---- small statements ----------------------------------------------------------------------------

expression_statement = _each(tree.ExpressionStatement)


def assignment(span: Span, children: Children) -> tree.Statement:
    value = children.pop()
    return tree.Assignment(span, tuple(map(_target, children)), value)


def augmented_assignment(span: Span, children: Children) -> tree.Statement:
    target, operator, value = children
    if isinstance(target, tree.TupleDisplay | tree.ListDisplay):
        raise syntax_error(f"'{operator[3]}' changes one target, not several", target.span)
    return tree.AugmentedAssignment(span, _target(target), operator[3][:-1], value)


def annotated_assignment(span: Span, children: Children) -> tree.Statement:
    target = _target(children[0])
    if isinstance(target, tree.TupleDisplay | tree.ListDisplay):
        raise syntax_error("only a single target can be annotated", target.span)
    if len(children) == 2:
        return tree.Pass(span, target.name if isinstance(target, tree.Name) else "")
    return tree.Assignment(span, (target,), children[2], True)


_NOT_TARGETS: dict[type[tree.Syntax], str] = {
    tree.Literal: "a literal",
    tree.FString: "a string",
    tree.Call: "the result of a call",
    tree.Comparison: "a comparison",
    tree.Conditional: "a conditional",
}


def _target(node: tree.Expression) -> tree.Expression:
    """Check that `node` can be assigned to."""
    if type(node) is tree.Name:
        return node
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, tree.TupleDisplay | tree.ListDisplay):
            pending.extend(reversed(part.items))
            starred = [each for each in part.items if type(each) is tree.Starred]
            if len(starred) > 1:
                raise syntax_error("an assignment has at most one starred target", starred[1].span)
        elif type(part) is tree.Starred and part is not node:
            pending.append(part.value)
        elif not isinstance(part, tree.Name | tree.Attribute | tree.Index):
            what = _NOT_TARGETS.get(type(part), "an expression")
            hint = "compare with =="
            if what == "an expression":
                hint += "; an equation is written as a difference: left - (right)"
            raise syntax_error(f"cannot assign to {what}", part.span, hint if part is node else None)
    return node


pass_statement = _each(tree.Pass)
break_statement = _each(tree.Break)
continue_statement = _each(tree.Continue)
return_statement = _each(tree.Return)
yield_statement = _each(tree.Yield)


def yield_from(span: Span, children: Children) -> tree.Statement:
    return tree.Yield(span, children[0], True)


assert_statement = _each(tree.Assert)
raise_statement = _each(tree.Raise)


def global_statement(span: Span, children: Children) -> tree.Statement:
    return tree.Global(span, tuple(token[3] for token in children))


def nonlocal_statement(span: Span, children: Children) -> tree.Statement:
    return tree.Nonlocal(span, tuple(token[3] for token in children))


def del_statement(span: Span, children: Children) -> tree.Statement:
    return tree.Delete(span, _target(children[0]))


import_statement = _all(tree.Import)
from_import = _first_and_rest(tree.FromImport)


def imported_module(span: Span, children: Children) -> tuple[str, str | None]:
    return children[0], children[1][3] if len(children) == 2 else None


def imported_name(span: Span, children: Children) -> tuple[str, str | None]:
    return children[0][3], children[1][3] if len(children) == 2 else None


def dotted_name(span: Span, children: Children) -> str:
    return ".".join(token[3] for token in children)


# ---- flow ----------------------------------------------------------------------------------------


def if_statement(span: Span, children: Children) -> tree.Statement:
    otherwise = children.pop() if len(children) % 2 else ()
    return tree.If(span, tuple(zip(children[::2], children[1::2], strict=True)), otherwise)


def while_statement(span: Span, children: Children) -> tree.Statement:
    return tree.While(span, children[0], children[1], _otherwise(children, 2))


def for_statement(span: Span, children: Children) -> tree.Statement:
    return tree.For(span, _target(children[0]), children[1], children[2], _otherwise(children, 3))


def _otherwise(children: Children, place: int) -> tuple[tree.Statement, ...]:
    """What stands behind the `else` of a loop, which is the child of that place."""
    return children[place][1] if len(children) > place else ()


def with_statement(span: Span, children: Children) -> tree.Statement:
    body = children.pop()
    contexts, targets = zip(*children, strict=True)
    if len(contexts) == 1 and isinstance(contexts[0], tree.TupleDisplay) and contexts[0].items:
        contexts = contexts[0].items  # with (a, b):
        targets = (None,) * len(contexts)
    return tree.With(span, contexts, body, targets)


def context(span: Span, children: Children) -> tuple[tree.Expression, tree.Target | None]:
    return children[0], _target(children[1]) if len(children) == 2 else None


def try_statement(span: Span, children: Children) -> tree.Statement:
    handlers = tuple(child for child in children if type(child) is tree.Handler)
    for each in handlers[:-1]:
        if each.kind is None:
            raise syntax_error("an except without a kind must be the last", each.span)
    endings = {child[0]: child[1] for child in children[1:] if type(child) is tuple}
    return tree.Try(span, children[0], handlers, endings.get("else", ()), endings.get("finally", ()))


def handler(span: Span, children: Children) -> tree.Handler:
    kind = children[0] if len(children) > 1 else None
    name = children[1][3] if len(children) == 3 else None
    return tree.Handler(span, kind, name, children[-1])


def else_suite(span: Span, children: Children) -> tuple[str, tuple[tree.Statement, ...]]:
    return "else", children[0]


def finally_suite(span: Span, children: Children) -> tuple[str, tuple[tree.Statement, ...]]:
    return "finally", children[0]


# ---- functions and classes -----------------------------------------------------------------------


def function_definition(span: Span, children: Children) -> tree.Statement:
    children = [child for child in children if child is not _ANNOTATION]
    body = children.pop()
    at = next(place for place, child in enumerate(children) if type(child) is tuple)
    decorators, name, parameters = children[:at], children[at][3], children[at + 1 :]
    checked = _parameters(parameters)
    return tree.FunctionDefinition(span, name, checked, body, tuple(decorators))


def _parameters(parameters: list[tree.DefParameter]) -> tuple[tree.DefParameter, ...]:
    """Check the order of the parameters, and mark those behind a star as keyword-only."""
    checked: list[tree.DefParameter] = []
    names: set[str] = set()
    keyword_only = default = False
    for place, parameter in enumerate(parameters):
        if parameter.double_star:
            if place < len(parameters) - 1:
                raise syntax_error(f"**{parameter.name} is the last parameter", parameter.span)
            parameter.keyword_only = True
        elif parameter.star or not parameter.name:
            if keyword_only:
                raise syntax_error("a function has at most one '*' among its parameters", parameter.span)
            keyword_only = True
        elif keyword_only:
            parameter.keyword_only = True
        elif parameter.default is not None:
            default = True
        elif default:
            raise syntax_error(
                f"parameter {parameter.name} without a default stands behind one with a default",
                parameter.span,
            )
        if parameter.name in names:
            raise syntax_error(f"two parameters are called {parameter.name}", parameter.span)
        if parameter.name:
            names.add(parameter.name)
            checked.append(parameter)
    if parameters and not parameters[-1].name:
        raise syntax_error("named parameters must follow a bare '*'", parameters[-1].span)
    return tuple(checked)


def decorator(span: Span, children: Children) -> tree.Expression:
    expression: tree.Expression = children[0]
    return expression


def parameter(span: Span, children: Children) -> tree.DefParameter:
    last = children[-1]
    default = last if len(children) > 1 and last is not _ANNOTATION else None
    return tree.DefParameter(span, children[0][3], default)


def star_parameter(span: Span, children: Children) -> tree.DefParameter:
    return tree.DefParameter(span, children[0][3], None, star=True)


def double_star_parameter(span: Span, children: Children) -> tree.DefParameter:
    return tree.DefParameter(span, children[0][3], None, double_star=True)


def keyword_only_marker(span: Span, children: Children) -> tree.DefParameter:
    return tree.DefParameter(span, "", None)


def annotation(span: Span, children: Children) -> object:
    return _ANNOTATION


def class_definition(span: Span, children: Children) -> tree.Statement:
    at = next(place for place, child in enumerate(children) if type(child) is tuple)
    bases = children[at + 1 : -1]
    for base in bases:
        if not isinstance(base, tree.Expression) or isinstance(base, tree.Starred):
            raise syntax_error("a class takes plain base classes only", base.span)
    return tree.ClassDefinition(span, children[at][3], tuple(bases), children[-1], tuple(children[:at]))


# ---- expressions ---------------------------------------------------------------------------------


def conditional(span: Span, children: Children) -> tree.Expression:
    then, test, otherwise = children
    return tree.Conditional(span, test, then, otherwise)


def lambda_expression(span: Span, children: Children) -> tree.Expression:
    return tree.Lambda(span, _parameters(children[:-1]), children[-1])


logical_or = _all(tree.Logical, "or")
logical_and = _all(tree.Logical, "and")
logical_not = _each(tree.Unary, "not")


def named(span: Span, children: Children) -> tree.Expression:
    _, start, end, name = children[0]
    return tree.AssignmentExpression(span, tree.Name((start, end), name), children[1])


def comparison(span: Span, children: Children) -> tree.Expression:
    return tree.Comparison(span, children[0], _links(children))


def chain(span: Span, children: Children) -> tree.Expression:
    if len(children) == 3:  # as most of them
        first, (_, start, _, operator), operand = children
        return tree.Chain(span, first, (tree.Link((start, operand.span[1]), operator, operand),))
    return tree.Chain(span, children[0], _links(children))


def _links(children: Children) -> tuple[tree.Link, ...]:
    """The `operator operand` pairs behind the first operand."""
    links: list[tree.Link] = []
    for place in range(1, len(children), 2):
        _, start, _, operator = children[place]
        operand = children[place + 1]
        links.append(tree.Link((start, operand.span[1]), operator, operand))
    return tuple(links)


def two_words(span: Span, children: Children) -> tuple[int, int, int, str]:
    """`not in`, `is not` as one operator token."""
    first, second = children
    return first[0], first[1], second[2], f"{first[3]} {second[3]}"


def unary(span: Span, children: Children) -> tree.Expression:
    return tree.Unary(span, children[0][3], children[1])


def attribute(span: Span, children: Children) -> tree.Expression:
    value, (_, start, end, name) = children
    return tree.Attribute(span, value, name, (start, end))


def call(span: Span, children: Children) -> tree.Expression:
    function = children[0]
    arguments: list[tree.Expression] = []
    keywords: list[tree.Keyword] = []
    names: set[str] = set()
    for child in children[1:]:
        if type(child) is tree.Keyword:
            if child.name in names:
                raise syntax_error(f"argument {child.name} is given twice", child.span)
            if child.name != "**":
                names.add(child.name)
            keywords.append(child)
        elif keywords and type(child) is not tree.Starred:
            raise syntax_error("an argument without a name stands behind one with a name", child.span)
        else:
            arguments.append(child)
    return tree.Call(span, function, tuple(arguments), tuple(keywords))


def keyword(span: Span, children: Children) -> tree.Keyword:
    return tree.Keyword(span, children[0][3], children[1])


keywords = _each(tree.Keyword, "**")
starred = _each(tree.Starred)
index = _each(tree.Index)


def slice(span: Span, children: Children) -> tree.Expression:
    parts: list[tree.Expression | None] = [None, None, None]
    place = 0
    for child in children:
        if type(child) is tuple:  # a colon
            place += 1
        else:
            parts[place] = child
    return tree.Slice(span, *parts)


name = tree.Name
literal = tree.Literal
true = _each(tree.Literal, True)
false = _each(tree.Literal, False)
none = _each(tree.Literal, None)
ellipsis = _each(tree.Literal, ...)


def group(span: Span, children: Children) -> tree.Expression:
    """`(value)`: the same node, its span now with the brackets."""
    inner: tree.Expression = children[0]
    inner.span = span
    return inner


tuple_display = _all(tree.TupleDisplay)
list_display = _all(tree.ListDisplay)
dict_display = _all(tree.DictDisplay)
entry = _each(tree.Entry)
entries = _each(tree.Entry, None)
set_display = _all(tree.SetDisplay)
set_comprehension = _first_and_rest(tree.Comprehension, "set")
list_comprehension = _first_and_rest(tree.Comprehension, "list")
generator = _first_and_rest(tree.Comprehension, "generator")


def dict_comprehension(span: Span, children: Children) -> tree.Expression:
    if children[0].key is None:
        raise syntax_error("** has no place in a comprehension", children[0].span)
    return tree.Comprehension(span, "dict", children[0], tuple(children[1:]))


def clause(span: Span, children: Children) -> tree.Clause:
    return tree.Clause(span, _target(children[0]), children[1], tuple(children[2:]))


# ---- strings -------------------------------------------------------------------------------------


def string(span: Span, children: Children) -> tree.Expression:
    """Adjacent strings, plain and f-, as one."""
    parts: list[str | tree.Field] = []
    for child in children:
        parts.extend(child.parts if type(child) is tree.FString else (child[3],))
    joined = _joined(parts)
    if any(type(child) is tree.FString for child in children):
        return tree.FString(span, joined)
    return tree.Literal(span, joined[0] if joined else "")  # type: ignore[arg-type]


def _joined(parts: list[str | tree.Field]) -> tuple[str | tree.Field, ...]:
    """The parts with neighbouring texts run together and empty ones left out."""
    joined: list[str | tree.Field] = []
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        if text := "".join(texts):
            joined.append(text)
        texts.clear()
        joined.append(part)
    if text := "".join(texts):
        joined.append(text)
    return tuple(joined)


def fstring(span: Span, children: Children) -> tree.Expression:
    parts = [child if type(child) is tree.Field else child[3] for child in children[1:-1]]
    return tree.FString(span, _joined(parts))


def field(span: Span, children: Children) -> tree.Field:
    _, value, *options, _ = children
    conversion: str | None = None
    spec: tree.FString | None = None
    text: str | None = None
    for option in options:
        if type(option) is tree.FString:
            spec = option
        elif option[3][0] == "!":
            conversion = option[3][1:]
            if conversion not in ("r", "s", "a"):
                raise syntax_error(f"'!{conversion}' is no conversion", option[1:3], "!r, !s and !a are")
        else:
            text = option[3]
    return tree.Field(span, value, conversion, spec, text)


def field_spec(span: Span, children: Children) -> tree.FString:
    parts = [child if type(child) is tree.Field else child[3] for child in children[1:]]
    return tree.FString(span, _joined(parts))
