"""Which matrices are their own transposes, by how they are written: A @ A.T, A + A.T and the like."""

from __future__ import annotations

from functools import lru_cache

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
