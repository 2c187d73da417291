"""The mutants of a file: one small change of its syntax tree each, as another text of the file.

`tests.mutation` makes and runs them. Annotations, docstrings, messages and what is written for the type
checker alone are left as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """One change: of which file, in which function, what stood there and what stands there now.

    Attributes:
        key: says which it is, in a line that survives changes elsewhere in the file.
        text: the whole file with the change.
        change: the key without the file, which stays when a file is taken apart.
    """

    file: str
    line: int
    key: str
    text: str

    @property
    def change(self) -> str:
        return self.key.partition(": ")[2]


def mutants(root: Path, file: str) -> Iterator[Mutant]:
    """Every mutant of a file, in the order in which the places stand in it."""
    source = (root / file).read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data = source.encode()
    seen: dict[str, int] = {}
    for scope, node, changed in _changes(ast.parse(source)):
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[operator]
        old, new = data[begin:end].decode(), ast.unparse(changed)
        if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
            new = f"({new})"
        text = (data[:begin] + new.encode() + data[end:]).decode()
        key = f"{file}: {scope}: {' '.join(old.split())} -> {' '.join(new.split())}"
        seen[key] = number = seen.get(key, 0) + 1
        yield Mutant(file, node.lineno, key if number == 1 else f"{key} #{number}", text)


def _changes(tree: ast.Module) -> Iterator[tuple[str, ast.expr | ast.stmt, ast.AST]]:
    pending: list[tuple[str, ast.AST]] = [("module", tree)]
    while pending:
        scope, node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            scope = node.name if scope == "module" else f"{scope}.{node.name}"
        if isinstance(node, (ast.expr, ast.stmt)):
            for changed in _changed(node):
                yield scope, node, changed
        pending.extend((scope, each) for each in reversed(_children(node)))


def _children(node: ast.AST) -> list[ast.AST]:
    """What of a node may be changed."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr, ast.Raise, ast.Assert)):
        return []
    if _for_the_type_checker(node):
        return []
    if isinstance(node, ast.FunctionDef):
        return [*node.args.defaults, *[each for each in node.args.kw_defaults if each], *node.body]
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value is not None else []
    if isinstance(node, ast.keyword) and node.arg == "strict":  # of `zip`: an assertion
        return []
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").startswith("__"):
        return []
    return list(ast.iter_child_nodes(node))


def _for_the_type_checker(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in place of a node."""
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            ops = [*node.ops[:index], COMPARISONS[type(op)](), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant) and not isinstance(node.value, str):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield ast.Constant(node.value + 1)
        elif isinstance(node.value, float):
            yield ast.Constant(node.value * 10 if node.value else 1.0)
    elif isinstance(node, ast.If):
        if not node.orelse and not _for_the_type_checker(node):
            yield ast.Pass()
    elif isinstance(node, (ast.Expr, ast.AugAssign)):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield ast.Pass()
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Attribute, ast.Subscript)):
        yield ast.Pass()
