"""Which expressions are nowhere 0, or nowhere below it, by how they are written."""

from __future__ import annotations

from gradcli.formula.tree import Expr


def never_zero(tree: Expr) -> bool:
    """Whether an expression is nowhere 0, so that it may be cancelled."""
    if tree.op in ("exp", "cosh", "sigmoid", "softmax", "exp2", "length"):
        return True  # a length stands below the line, and what is above it is 0 where the length is
    if tree.op == "number":
        return bool(tree.attrs[0] != 0)
    if tree.op == "symbol":
        return len(tree.attrs) > 1 or (tree.attrs[0] in ("pi", "e") and not tree.shape)
    if tree.op == "log":
        return tree.args[0].op == "number"
    if tree.op == "index":
        return never_zero(tree.args[0])
    if tree.op == "hypot":
        return any(never_zero(each) for each in tree.args)
    if tree.op == "add":
        return _positive(tree)
    return tree.op == "sqrt" and _positive(tree.args[0])


LONG = 300
"""Of longer expressions, in symbols, it is not known whether they are positive: they may nest too deep."""


def _positive(tree: Expr) -> bool:
    """Whether an expression is positive everywhere."""
    if tree.cost > LONG:
        return False
    if tree.op == "number":
        return bool(tree.attrs[0] > 0)
    if tree.op == "symbol":
        return len(tree.attrs) > 1 or (tree.attrs[0] in ("pi", "e") and not tree.shape)
    if tree.op == "add":
        return all(not_negative(each) for each in tree.args) and any(_positive(each) for each in tree.args)
    if tree.op in ("mul", "div"):
        return all(_positive(each) for each in tree.args)
    return tree.op in ("exp", "cosh", "sigmoid", "softmax")


def adds_up(tree: Expr) -> bool:
    """Whether nothing is subtracted in an expression, but for what is inside a square or a function."""
    if tree.cost > LONG or tree.op == "neg":
        return False
    if tree.op == "number":
        return bool(tree.attrs[0] >= 0)
    if tree.op in ("add", "mul", "div", "sum", "mean", "sqrt"):
        return all(adds_up(each) for each in tree.args)
    return tree.op != "index" or adds_up(tree.args[0])


def has_squared_differences(tree: Expr) -> bool:
    """Whether squares of differences are added up in an expression, as in a variance."""
    if tree.op in ("sum", "mean") and (power := tree.args[0]).op == "pow":
        return power.args[0].op == "add" and not_negative(power)
    return tree.op in ("add", "mul", "div", "index") and any(
        has_squared_differences(each) for each in tree.args
    )


def not_negative(tree: Expr) -> bool:
    """Whether an expression is nowhere below 0."""
    if tree.cost > LONG:
        return False
    if tree.op == "pow":
        base, exponent = tree.args
        if exponent.op == "number" and isinstance(exponent.attrs[0], int) and exponent.attrs[0] % 2 == 0:
            return True
        return not_negative(base)
    if tree.op in ("add", "mul", "div"):
        return all(not_negative(each) for each in tree.args)
    if tree.op in ("sum", "mean", "index"):
        return not_negative(tree.args[0])
    if tree.op == "matmul":
        return tree.args[0] is tree.args[1] and len(tree.args[0].shape) == 1
    return tree.op in ("abs", "sqrt", "relu", "norm") or _positive(tree)
