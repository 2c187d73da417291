"""Expressions with the sign turned, or times a number, as `reading` would write them."""

from __future__ import annotations

from fractions import Fraction

from gradcli.formula.tree import Expr, apply, number


def multiplied(factor: int | Fraction, tree: Expr) -> Expr:
    """A number other than 0 and 1 times u, as `reading` writes it."""
    if tree.op == "number" and _exact(factor, tree):
        return number(factor * tree.attrs[0])
    if tree.op == "neg":
        inner = multiplied(factor, tree.args[0])
        first = inner.args[0] if inner.op in ("mul", "div") else inner
        if first.op == "number":
            turned = number(-first.attrs[0])
            return turned if first is inner else apply(inner.op, turned, *inner.args[1:], shape=tree.shape)
        return apply("neg", inner, shape=tree.shape)
    if tree.op == "div":
        above, below = tree.args
        if below.op == "number" and type(whole := below.attrs[0]) is int and type(factor) is int:
            factor, whole = Fraction(factor, whole).as_integer_ratio()
            below = number(whole)
        above = above if factor == 1 else multiplied(factor, above)
        whole_number = below.op == "number" and below.attrs[0] == 1
        return above if whole_number else apply("div", above, below, shape=tree.shape)
    if tree.op == "mul" and tree.args[0].op == "number" and _exact(factor, tree.args[0]):
        return apply("mul", number(factor * tree.args[0].attrs[0]), *tree.args[1:], shape=tree.shape)
    if tree.op == "mul":
        return apply("mul", number(factor), *tree.args, shape=tree.shape)
    return apply("mul", number(factor), tree, shape=tree.shape)


def _exact(factor: int | Fraction, tree: Expr) -> bool:
    """Whether a product with a number is not rounded."""
    return factor == 2 or not isinstance(tree.attrs[0], float)


def doubled(tree: Expr) -> Expr:
    """2*u, as `reading` writes it."""
    return multiplied(2, tree)


def halved(tree: Expr) -> Expr:
    """u/2, as `reading` writes it."""
    if tree.op == "neg":
        return apply("neg", halved(tree.args[0]), shape=tree.shape)
    if tree.op == "mul" and tree.args[0].op == "number" and tree.args[0].attrs[0] == 2:
        return tree.args[1] if len(tree.args) == 2 else apply("mul", *tree.args[1:], shape=tree.shape)
    if tree.op == "div":
        return apply("div", tree.args[0], doubled(tree.args[1]), shape=tree.shape)
    return apply("div", tree, number(2), shape=tree.shape)


def squared(tree: Expr) -> Expr:
    """u**2, as `reading` writes it."""
    if tree.op == "number":
        return number(tree.attrs[0] ** 2)
    return apply("pow", tree, number(2), shape=tree.shape)


def negative(tree: Expr) -> bool:
    """Whether a term is subtracted."""
    return tree.op == "neg" or (tree.op == "number" and bool(tree.attrs[0] < 0))


DEEPEST = 40
"""So many levels down a sign is looked for: those of long programs nest in each other."""


def opposite(tree: Expr, deep: int = DEEPEST) -> Expr:
    """The negative of an expression, as `reading` writes it."""
    if tree.op == "neg":
        return tree.args[0]
    if tree.op == "number":
        return number(-tree.attrs[0])
    if deep == 0:
        return apply("neg", tree, shape=tree.shape)
    if tree.op == "add":
        turned = [_subtracted(each, deep - 1) for each in tree.args]
        return apply("add", *sorted(turned, key=negative), shape=tree.shape)
    inside = tree.args[0] if tree.args else tree
    if tree.op == "mul":
        for at, each in enumerate(tree.args):
            if subtracts(each):
                turned = [*tree.args[:at], opposite(each, deep - 1), *tree.args[at + 1 :]]
                return apply("mul", *turned, shape=tree.shape)
    if tree.op in ("mul", "div", "matmul") and (
        subtracts(inside) or inside.op in ("neg", "number", "mul", "div", "matmul")
    ):
        first = opposite(tree.args[0], deep - 1)
        if first.op == "number" and first.attrs[0] == 1 and tree.op == "mul":
            rest = tree.args[1:]
            return rest[0] if len(rest) == 1 else apply("mul", *rest, shape=tree.shape)
        return apply(tree.op, first, *tree.args[1:], shape=tree.shape)
    return apply("neg", tree, shape=tree.shape)


def subtracts(tree: Expr) -> bool:
    """Whether it is a sum in which something is subtracted."""
    return tree.op == "add" and any(negative(each) for each in tree.args)


def _subtracted(tree: Expr, deep: int = DEEPEST) -> Expr:
    """The negative of a term of a sum, in which what is positive is subtracted: v - u @ x."""
    first = tree
    while first.op in ("div", "matmul"):
        first = first.args[0]
    return apply("neg", tree, shape=tree.shape) if first.op == "symbol" else opposite(tree, deep)


def difference(one: Expr, other: Expr) -> Expr:
    """u - v, as `reading` writes it."""
    parts = one.args if one.op == "add" else (one,)
    less = [_subtracted(each) for each in (other.args if other.op == "add" else (other,))]
    return apply("add", *sorted([*parts, *less], key=negative), shape=one.shape)


def negated(tree: Expr) -> Expr:
    """With the minus at the first number, or before everything."""
    if tree.op == "number":
        return number(-tree.attrs[0])
    first = tree.args[0]
    if tree.op == "div" and first.op in ("number", "mul", "matmul"):
        return apply("div", negated(first), *tree.args[1:], shape=tree.shape)
    if first.op == "number" and tree.op == "mul":
        return apply("mul", number(-first.attrs[0]), *tree.args[1:], shape=tree.shape)
    if tree.op == "matmul" and first.op in ("mul", "matmul"):
        return apply("matmul", negated(first), *tree.args[1:], shape=tree.shape)
    return apply("neg", tree, shape=tree.shape)
