"""Which matrices are their own transposes, by how they are written: A @ A.T, A + A.T and the like."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from gradcli.formula.tree import Expr, apply

DEEP = 12
"""Matrices of more operations than that within each other are not looked into."""


@lru_cache(maxsize=4096)
def symmetric(tree: Expr) -> bool:
    """Whether a matrix equals its transpose wherever it has a value."""
    if len(tree.shape) != 2 or tree.shape[0] != tree.shape[1]:
        return False
    if tree.op in ("eye", "diag"):
        return True
    return turned(tree) is tree


EVEN = frozenset(("abs", "cos", "cosh"))
"""f(-u) = f(u)"""

ODD = frozenset(("sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "sign"))
"""f(-u) = -f(u)"""

EACH = EVEN | ODD | {"exp", "log", "sqrt", "sigmoid", "softplus", "relu", "expm1", "log1p"}
"""Functions of each element."""


@lru_cache(maxsize=4096)
def mirrored(tree: Expr) -> int:
    """1 if an array is the same with its first two dims swapped, -1 if it is its negative, 0 otherwise.

    So u[:, None] - u is its negative, and what an even function makes of it, as a kernel, is the same.
    """
    op, args = tree.op, tree.args
    if len(tree.shape) < 2 or tree.shape[0] != tree.shape[1]:
        return 0
    if op in ("add", "where"):
        parts = {mirrored(each) if each.shape else 1 for each in args}
        return _difference(args) if parts == {0} else parts.pop() if len(parts) == 1 else 0
    if op in ("eq", "ne", "lt", "le", "gt", "ge"):
        return int(all(not each.shape or mirrored(each) == 1 for each in args))
    if op in ("mul", "div", "neg"):
        return prod([mirrored(each) if each.shape else 1 for each in args])
    if op in EACH or (op == "pow" and not args[1].shape):
        inside = mirrored(args[0])
        exponent = args[1].attrs[0] if op == "pow" and args[1].op == "number" else None
        odd = op in ODD or (isinstance(exponent, int) and exponent % 2)
        even = op in EVEN or (isinstance(exponent, int) and not exponent % 2)
        return inside if odd or inside == 1 else inside * inside if even else 0
    if op == "sum" and len(args) == 2 and args[1].op == "number" and args[1].attrs[0] > 1:
        return mirrored(args[0])
    if op in ("norm", "length") and len(args) == 1 and dict(tree.attrs).get("dim", 0) > 1:
        return mirrored(args[0]) ** 2
    return 0


def _difference(args: tuple[Expr, ...]) -> int:
    """What `mirrored` is of u[:, None] - u, or of their sum."""
    for column, row in (args, args[::-1]) if len(args) == 2 else ():
        signs = [-1 if each.op == "neg" else 1 for each in (column, row)]
        column, row = [each.args[0] if each.op == "neg" else each for each in (column, row)]
        if column.op == "index" and column.args[0] is row and len(column.args) == len(row.shape) + 2:
            cuts = [each.op == "slice" and each.cost == 1 for each in column.args[1:]]
            if cuts == [True, False, *cuts[2:]] and all(cuts[2:]) and column.args[2].attrs == ("None",):
                return signs[0] * signs[1]
    return 0


def turned(tree: Expr, deep: int = DEEP) -> Expr:
    """The transpose, with the transposes at the names."""
    shape = (tree.shape[1], tree.shape[0])
    op, args = tree.op, tree.args
    if op in ("eye", "diag"):
        return tree
    if op == "transpose":
        return args[0]
    if deep and all(len(each.shape) == 2 for each in args):
        if op == "matmul":
            left, right = args
            return apply("matmul", turned(right, deep - 1), turned(left, deep - 1), shape=shape)
        if op in ("inverse", "neg"):
            return apply(op, turned(args[0], deep - 1), shape=shape)
    if deep and op in ("add", "mul", "div") and all(len(each.shape) in (0, 2) for each in args):
        parts = [turned(each, deep - 1) if each.shape else each for each in args]
        return tree if op == "add" and set(parts) == set(args) else apply(op, *parts, shape=shape)
    if op == "outer":
        return apply("outer", args[1], args[0], shape=shape)
    return apply("transpose", tree, shape=shape)
