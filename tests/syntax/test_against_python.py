"""The language is a subset of Python: what we accept, Python accepts, and it means the same tree."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.errors import GradcliError
from gradcli.syntax import tree
from gradcli.syntax.parser import parse

# ---- programs, as text ---------------------------------------------------------------------------

names = st.sampled_from(["x", "y", "loss", "f", "r", "_w1"])
atoms = names | st.sampled_from(
    ["1", "2.5", ".5", "1e-3", "0x1f", "'a'", '"b" r"c"', "True", "None", "...", "()", "[]"]
)
blank = st.sampled_from(["", " ", "  "])
binary = st.sampled_from(["+", "-", "*", "/", "//", "%", "@", "**", "&", "|"])
compare = st.sampled_from(["<", "<=", ">", ">=", "==", "!=", " in ", " not in ", " is ", " is not "])


def _join(parts: list[str]) -> str:
    return ", ".join(parts)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions around expressions, with no brackets put around the inner ones: the parsers sort it out."""
    primary = names | st.builds("({})".format, inner) | st.builds("{}.{}".format, names, names)
    item = inner | st.builds("{}:{}".format, inner, inner) | st.sampled_from([":", "::2", "1:", ":-1"])
    argument = inner | st.builds("{}={}".format, names, inner) | st.builds("*{}".format, names)
    return st.one_of(
        st.builds("{}{}{}{}{}".format, inner, blank, binary, blank, inner),
        st.builds("{}{}{}".format, inner, compare, inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("{}{}".format, st.sampled_from(["-", "+", "~", "not ", "- "]), inner),
        st.builds("{} if {} else {}".format, inner, inner, inner),
        st.builds("({}{})".format, inner, st.sampled_from(["", ",", " "])),
        st.builds("({},\n {})".format, inner, inner),
        st.builds("[{}]".format, st.lists(inner, min_size=1, max_size=3).map(_join)),
        st.builds("{{{}}}".format, st.lists(inner, min_size=1, max_size=3).map(_join)),
        st.builds("{}.{}".format, primary, names),
        st.builds("{}({})".format, primary, st.lists(argument, max_size=3).map(_join)),
        st.builds("{}[{}]".format, primary, st.lists(item, min_size=1, max_size=3).map(_join)),
        st.builds('f"a{{{}}}{{{!s}!r:>{{w}}}}"'.format, inner.map(_in_field), names),
    )


def _in_field(text: str) -> str:
    """An expression that may stand in an f-string before Python 3.12, or another one."""
    return "x" if set(text) & set("\"'\\\n{}:!=") else text


expressions = st.recursive(atoms, _wider, max_leaves=12)
values = expressions | st.lists(expressions, min_size=1, max_size=3).map(_join)

simple = st.one_of(
    values,
    st.builds("{} = {}".format, values, values),
    st.builds("{} = {} = {}".format, names, values, values),
    st.builds("{} {}= {}".format, names, st.sampled_from(["+", "-", "*", "**", "@", "//"]), values),
    st.builds("{}: {} = {}".format, names, expressions, values),
    st.builds("assert {}, {}".format, expressions, expressions),
    st.sampled_from(["pass", "import a.b as c", "from a import b as c, d", "x.grad = None"]),
)


def _indent(text: str) -> str:
    return "\n".join("  " + line for line in text.split("\n"))


def _block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map("\n".join).map(_indent)
    return st.one_of(
        st.builds("if {}:\n{}".format, expressions, body),
        st.builds("if {}:\n{}\nelif {}: pass\nelse:\n{}".format, expressions, body, expressions, body),
        st.builds("while {}:\n{}\n  break".format, expressions, body),
        st.builds("while {}:\n{}\nelse:\n{}".format, expressions, body, body),
        st.builds(
            "for {} in {}:\n{}".format, st.sampled_from(["i", "a, b", "(a, b), c", "[a]"]), values, body
        ),
        st.builds(
            "def f(a, b: {}={}, *c, d, e=1) -> {}:\n{}\n  return {}".format, *[expressions] * 3, body, values
        ),
        st.builds("with {}, {}:\n{}".format, expressions, names, body),
        st.builds("@{}\ndef g(): return".format, expressions),
        st.builds("@{}\nclass E(a.{}):\n{}".format, expressions, names, body),
        st.builds("def h():\n{}\n  yield {}\n  yield from {}".format, body, values, expressions),
    )


programs = st.lists(st.recursive(simple, _block, max_leaves=4), min_size=1, max_size=3).map("\n".join)


# ---- Python's tree and ours, in the same words ---------------------------------------------------

_BINARY = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.MatMult: "@", ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


def theirs(node: object) -> object:
    """Python's tree as nested tuples."""
    match node:
        case list():
            return tuple(map(theirs, node))
        case ast.operator() | ast.unaryop() | ast.cmpop() | ast.boolop():
            return _BINARY[type(node)]
        case ast.Constant(value):
            return ("literal", type(value).__name__, value)
        case ast.Name(name):
            return ("name", name)
        case ast.BinOp(left, operator, right):
            return ("binary", theirs(left), theirs(operator), theirs(right))
        case ast.UnaryOp(operator, operand):
            return ("unary", theirs(operator), theirs(operand))
        case ast.Compare(left, operators, right):
            return ("compare", theirs(left), *zip(map(theirs, operators), map(theirs, right), strict=True))
        case ast.BoolOp(operator, operands):
            return ("logical", theirs(operator), theirs(operands))
        case ast.IfExp(test, then, otherwise):
            return ("choice", theirs(test), theirs(then), theirs(otherwise))
        case ast.List(items) | ast.Tuple(items) | ast.Set(items):
            return (type(node).__name__, theirs(items))
        case ast.Attribute(value, name):
            return ("attribute", theirs(value), name)
        case ast.Starred(value):
            return ("star", theirs(value))
        case ast.Call(function, arguments, keywords):
            return (
                "call",
                theirs(function),
                theirs(arguments),
                tuple((k.arg, theirs(k.value)) for k in keywords),
            )
        case ast.Subscript(value, index):
            return ("index", theirs(value), theirs(index))
        case ast.Slice(lower, upper, step):
            return ("slice", theirs(lower), theirs(upper), theirs(step))
        case ast.JoinedStr(parts):
            told = [part.value if isinstance(part, ast.Constant) else theirs(part) for part in parts]
            return (
                "f",
                tuple(part for part in told if part != ""),
            )  # Python 3.12 ends a field with an empty one
        case ast.FormattedValue(value, conversion, spec):
            return ("field", theirs(value), None if conversion == -1 else chr(conversion), theirs(spec))
        case ast.Module(body):
            return theirs(body)
        case ast.Expr(value):
            return theirs(value)
        case ast.Assign(targets, value):
            return ("=", theirs(targets), theirs(value))
        case ast.AnnAssign(target, _, value):
            return ("=", (theirs(target),), theirs(value))
        case ast.AugAssign(target, operator, value):
            return ("augmented", theirs(target), theirs(operator), theirs(value))
        case ast.If(test, body, otherwise):
            return ("if", theirs(test), theirs(body), theirs(otherwise))
        case ast.While(test, body, otherwise):
            return ("while", theirs(test), theirs(body), theirs(otherwise))
        case ast.For(target, iterable, body, otherwise):
            return ("for", theirs(target), theirs(iterable), theirs(body), theirs(otherwise))
        case ast.With(items, body):
            return ("with", tuple(theirs(item.context_expr) for item in items), theirs(body))
        case ast.ClassDef():
            marks = theirs(node.decorator_list)
            return ("class", node.name, theirs(node.bases), theirs(node.body), marks)
        case ast.Yield(value=value) | ast.YieldFrom(value=value):
            return ("yield", theirs(value), isinstance(node, ast.YieldFrom))
        case ast.FunctionDef():
            return ("def", node.name, _parameters(node.args), theirs(node.body), theirs(node.decorator_list))
        case ast.Return(value):
            return ("return", theirs(value))
        case ast.Assert(test, message):
            return ("assert", theirs(test), theirs(message))
        case ast.Import(aliases):
            return ("import", tuple((alias.name, alias.asname) for alias in aliases))
        case ast.ImportFrom(module, aliases):
            return ("from", module, tuple((alias.name, alias.asname) for alias in aliases))
        case ast.Pass() | ast.Break() | ast.Continue():
            return type(node).__name__
    assert node is None, node
    return None


def _parameters(arguments: ast.arguments) -> object:
    missing = [None] * (len(arguments.args) - len(arguments.defaults))
    plain = [
        (a.arg, theirs(d), "") for a, d in zip(arguments.args, [*missing, *arguments.defaults], strict=True)
    ]
    star = [(arguments.vararg.arg, None, "*")] if arguments.vararg else []
    named = [
        (a.arg, theirs(d), "|") for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return tuple(plain + star + named)


def ours(node: object) -> object:
    """Our tree as the same nested tuples."""
    match node:
        case tuple():
            return tuple(map(ours, node))
        case tree.Literal(_, value):
            return ("literal", type(value).__name__, value)
        case tree.Name(_, name):
            return ("name", name)
        case tree.Chain(_, first, links):
            found = ours(first)
            for link in links:
                found = ("binary", found, link.operator, ours(link.operand))
            return found
        case tree.Unary(_, operator, operand):
            return ("unary", operator, ours(operand))
        case tree.Comparison(_, first, links):
            return ("compare", ours(first), *((link.operator, ours(link.operand)) for link in links))
        case tree.Logical(_, operator, operands):
            return ("logical", operator, ours(operands))
        case tree.Conditional(_, test, then, otherwise):
            return ("choice", ours(test), ours(then), ours(otherwise))
        case tree.ListDisplay(_, items):
            return ("List", ours(items))
        case tree.TupleDisplay(_, items):
            return ("Tuple", ours(items))
        case tree.SetDisplay(_, items):
            return ("Set", ours(items))
        case tree.Attribute(_, value, name):
            return ("attribute", ours(value), name)
        case tree.Starred(_, value):
            return ("star", ours(value))
        case tree.Call(_, function, arguments, keywords):
            return ("call", ours(function), ours(arguments), tuple((k.name, ours(k.value)) for k in keywords))
        case tree.Index(_, value, index):
            return ("index", ours(value), ours(index))
        case tree.Slice(_, start, stop, step):
            return ("slice", ours(start), ours(stop), ours(step))
        case tree.FString(_, parts):
            return ("f", tuple(part if isinstance(part, str) else ours(part) for part in parts))
        case tree.Field(_, value, conversion, spec):
            return ("field", ours(value), conversion, ours(spec))
        case tree.Module(_, body):
            return ours(body)
        case tree.ExpressionStatement(_, value):
            return ours(value)
        case tree.Assignment(_, targets, value):
            return ("=", ours(targets), ours(value))
        case tree.AugmentedAssignment(_, target, operator, value):
            return ("augmented", ours(target), operator, ours(value))
        case tree.If(_, branches, otherwise):
            rest = ours(otherwise)
            for test, body in reversed(branches):
                rest = (("if", ours(test), ours(body), rest),)
            return rest[0]  # type: ignore[index]
        case tree.While(_, test, body, otherwise):
            return ("while", ours(test), ours(body), ours(otherwise))
        case tree.For(_, target, iterable, body, otherwise):
            return ("for", ours(target), ours(iterable), ours(body), ours(otherwise))
        case tree.With(_, contexts, body):
            return ("with", ours(contexts), ours(body))
        case tree.ClassDefinition(_, name, bases, body, decorators):
            return ("class", name, ours(bases), ours(body), ours(decorators))
        case tree.Yield(_, value, every):
            return ("yield", ours(value), every)
        case tree.FunctionDefinition(_, name, parameters, body, decorators):
            marks = tuple(
                (p.name, ours(p.default), "*" if p.star else "|" if p.keyword_only else "")
                for p in parameters
            )
            return ("def", name, marks, ours(body), ours(decorators))
        case tree.Return(_, value):
            return ("return", ours(value))
        case tree.Assert(_, test, message):
            return ("assert", ours(test), ours(message))
        case tree.Import(_, modules):
            return ("import", modules)
        case tree.FromImport(_, module, imported):
            return ("from", module, imported)
        case tree.Pass() | tree.Break() | tree.Continue():
            return type(node).__name__
    assert node is None, node
    return None


def python(text: str) -> ast.Module | None:
    """Python's tree, or None where Python finds a syntax error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def gradcli(text: str) -> tree.Module | GradcliError:
    try:
        return parse(text)
    except GradcliError as error:
        return error


@settings(max_examples=120, deadline=None)
@given(programs)
def test_programs_mean_what_they_mean_in_python_and_stand_where_they_stand(text: str) -> None:
    expected = python(text)
    found = gradcli(text)
    if expected is None:
        assert isinstance(found, GradcliError)
    elif isinstance(found, tree.Module):
        assert ours(found) == theirs(expected)
        places = _places(text, expected)
        assert [node for node in _expressions(found) if node.span not in places] == []
    else:
        # What Python checks only when it compiles, or not before the program runs.
        assert found.message.startswith(("argument ", "two parameters", "cannot assign", "a string has")), (
            found.message
        )


def _places(text: str, module: ast.Module) -> set[tuple[int, int]]:
    """Where Python's expressions stand, with and without the brackets around them."""
    lines = [0]
    for line in text.split("\n"):
        lines.append(lines[-1] + len(line) + 1)
    places: set[tuple[int, int]] = set()
    for node in ast.walk(module):
        if not isinstance(node, ast.expr) or node.end_lineno is None or node.end_col_offset is None:
            continue
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[node.end_lineno - 1] + node.end_col_offset
        places.add((start, end))
        while True:
            before = text[:start].rstrip()
            after = text[end:].lstrip()
            if not (before.endswith("(") and after.startswith(")")):
                break
            start, end = len(before) - 1, len(text) - len(after) + 1
            places.add((start, end))
    return places


def _expressions(node: object) -> Iterator[tree.Expression]:
    """The expressions of a tree, but for what is in f-strings, where Python 3.11 counts otherwise."""
    if isinstance(node, tuple):
        for part in node:
            yield from _expressions(part)
    elif isinstance(node, tree.Syntax):
        if isinstance(node, tree.Expression):
            yield node
        if not isinstance(node, tree.FString):
            for field in node.fields:
                yield from _expressions(getattr(node, field))


SCRAPS = """
x y f 1 2.5 'a' ( ) [ ] , : ; . = == < + - * ** / // % @ & | ~ -> ... if elif else for in while def class pass
import from as with assert and or not is None True += : ( ) = x f"{x}" f'{ } '
""".split()  # noqa: SIM905


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from([*SCRAPS, "\n", "\n  ", "\n    "]), min_size=1, max_size=10))
def test_what_we_accept_python_accepts(pieces: list[str]) -> None:
    text = " ".join(pieces).replace(" \n", "\n").replace("\n ", "\n").lstrip()
    found = gradcli(text)
    if isinstance(found, tree.Module):
        expected = python(text)
        assert expected is not None
        assert ours(found) == theirs(expected) or ": " in text
