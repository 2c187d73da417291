"""Partial derivatives as formulas: the source of a primitive's partials, in ordinary notation.

A partial is a Python function over the tape's functions, `lambda x, y: neg(mul(y, y))`. What people
want to read is `-(result*result)`. The syntax tree of the source is rewritten to that here; helpers
of a few statements are put in where they are called. Used by `catalogue` only.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.tape.partials import Over, Static, When
from gradcli.tape.primitives import Elementwise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "div": ast.Div,
    "power": ast.Pow,
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "lt": ast.Lt,
    "le": ast.LtE,
    "gt": ast.Gt,
    "ge": ast.GtE,
}
_LOGIC: dict[str, type[ast.boolop]] = {"logical_and": ast.And, "logical_or": ast.Or}
_INLINED_DEPTH = 3


def partials(op: Elementwise, names: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """Each input's name and the derivative with respect to it; empty if the source isn't at hand.

    Args:
        op: the primitive.
        names: what its inputs are called; by default what its partials call them.
    """
    found: list[tuple[str, str]] = []
    own = _own_names(op)
    shown = list(names or own)[: len(op.partials)]
    if len(shown) < len(op.partials):
        return []
    for name, partial in zip(shown, op.partials, strict=True):
        formula = _formula(partial, dict(zip(own, shown, strict=False)))
        if formula is None:
            return []
        found.append((name, formula))
    return found


def _own_names(op: Elementwise) -> list[str]:
    """What the partials call the inputs."""
    count = len(op.partials)
    for partial in op.partials:
        function = getattr(partial, "of", partial)
        if callable(function) and not isinstance(partial, Static):
            return list(inspect.signature(function).parameters)[:count]
    return ["x"] if count == 1 else ["a", "b", "c", "d"][:count]


def _formula(partial: Any, names: dict[str, str]) -> str | None:
    if isinstance(partial, (int, float)):
        return f"{partial:g}"
    function = getattr(partial, "of", partial)
    tree = _expression_of(function)
    if tree is None:
        return None
    parameters = list(inspect.signature(function).parameters)
    renamed: dict[str, ast.expr] = {}
    if not isinstance(partial, Static):
        renamed = {own: ast.Name(shown) for own, shown in names.items()}
        if len(parameters) > len(names):
            renamed[parameters[len(names)]] = ast.Name("result")
    tree = _Notation(function, renamed, _INLINED_DEPTH).visit(tree)
    if isinstance(partial, Over):
        tree = ast.BinOp(ast.Constant(1), ast.Div(), tree)
    text = _compact(ast.unparse(ast.fix_missing_locations(tree)))
    return f"1 where {text}, else 0" if isinstance(partial, When) else text


def _compact(text: str) -> str:
    """Products, quotients and powers without spaces, as formulas are written."""
    for operator in ("**", "*", "/"):
        text = text.replace(f" {operator} ", operator)
    return text


class _Substitution(ast.NodeTransformer):
    """Names replaced by expressions."""

    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)


class _Notation(_Substitution):
    """Rewrites calls of the tape's functions into operators, and names into what people know."""

    def __init__(self, function: Any, names: dict[str, ast.expr], depth: int) -> None:
        super().__init__(names)
        self.depth = depth
        closure = inspect.getclosurevars(function)
        self.known = {**closure.globals, **closure.nonlocals}

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Name(node.attr)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        arguments: list[ast.expr] = [self.visit(each) for each in node.args]
        for keyword in node.keywords:
            if keyword.arg == "attrs":
                attrs = self.visit(keyword.value)
                arguments += attrs.elts if isinstance(attrs, ast.Tuple) else [attrs]
        rewritten = _rewritten(name, arguments)
        if rewritten is not None:
            return rewritten
        helper = self.known.get(name)
        if self.depth and inspect.isfunction(helper):
            body = _expression_of(helper)
            parameters = list(inspect.signature(helper).parameters)
            if body is not None and len(parameters) == len(arguments):
                inside = dict(zip(parameters, arguments, strict=True))
                inlined: ast.expr = _Notation(helper, inside, self.depth - 1).visit(body)
                return inlined
        public = getattr(helper, "name", name) if isinstance(helper, Elementwise) else name
        return ast.Call(ast.Name(public), arguments, [])


def _rewritten(name: str, arguments: list[ast.expr]) -> ast.expr | None:
    """A call of one of the tape's functions as an operator; None for any other."""
    if name in _OPERATORS and len(arguments) == 2:
        return ast.BinOp(arguments[0], _OPERATORS[name](), arguments[1])
    if name in _COMPARISONS and len(arguments) == 2:
        return ast.Compare(arguments[0], [_COMPARISONS[name]()], [arguments[1]])
    if name in _LOGIC:
        return ast.BoolOp(_LOGIC[name](), arguments)
    if name == "power_number":
        return ast.BinOp(arguments[0], ast.Pow(), arguments[1])
    if name == "neg":
        return ast.UnaryOp(ast.USub(), arguments[0])
    if name == "logical_not":
        return ast.UnaryOp(ast.Not(), arguments[0])
    if name == "scale":
        return ast.BinOp(arguments[1], ast.Mult(), arguments[0])
    if name in ("cast", "as_node", "as_dtype"):
        return arguments[0]
    if name in ("literal", "constant"):
        return arguments[0]
    return None


# ---- from functions to expressions ----


@cache
def _functions(path: str) -> Mapping[int, Sequence[ast.FunctionDef | ast.Lambda]]:
    """The functions of a file by the lines that they begin on; none if the file is missing."""
    try:
        module = ast.parse(Path(path).read_text(encoding="utf-8"))
    except OSError:
        return {}
    found: dict[int, list[ast.FunctionDef | ast.Lambda]] = {}
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            found.setdefault(node.lineno, []).append(node)
    return found


def _expression_of(function: Callable[..., Any]) -> ast.expr | None:
    """What a function returns, as one expression; None if the source is missing or says more than that."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    places = [
        (line, column)
        for line, _, column, _ in code.co_positions()
        if line is not None and column is not None
    ]
    best: ast.expr | None = None
    most = 0
    for node in _functions(code.co_filename).get(code.co_firstlineno, ()):
        if isinstance(node, ast.FunctionDef):
            if node.name == code.co_name:
                return _of_statements(node.body, {})
        elif code.co_name == "<lambda>":
            body = node.body
            start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
            inside = sum(start <= place < end for place in places)
            if inside > most:
                best, most = body, inside
    return _copy(best) if best is not None else None


def _copy(tree: ast.expr) -> ast.expr:
    copied = ast.parse(ast.unparse(tree), mode="eval")
    return copied.body


def _of_statements(body: Sequence[ast.stmt], names: dict[str, ast.expr]) -> ast.expr | None:
    """Assignments put in where they are used, an `if` that returns as a conditional."""
    for index, statement in enumerate(body):
        match statement:
            case ast.Return(value=ast.expr() as value):
                return _Substitution(names).visit(_copy(value))  # type: ignore[no-any-return]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names = {**names, name: _Substitution(names).visit(_copy(value))}
            case ast.If(test=test, body=inner, orelse=[]):
                chosen = _of_statements(inner, names)
                other = _of_statements(body[index + 1 :], names)
                if chosen is None or other is None:
                    return None
                return ast.IfExp(_Substitution(names).visit(_copy(test)), chosen, other)
            case ast.Assert() | ast.Expr(value=ast.Constant()) | ast.ImportFrom() | ast.Import():
                continue
            case _:
                return None
    return None
