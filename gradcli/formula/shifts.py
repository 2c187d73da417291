"""What moves elements, by a short name: parts that have changed places, and what is made of an identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcli.formula.normal import Sum
from gradcli.formula.terms import Term
from gradcli.formula.tree import Expr, apply, number, symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.formula.tree import Shape

ALL = apply("slice", symbol("None"), symbol("None"), symbol("None"))
"""A whole dim."""


def added_up(tree: Expr, dim: int) -> Expr:
    """The running sums along a dim; those of an identity are a triangle of ones."""
    if tree.op == "eye":
        return _triangle(tree, low=dim == 0)
    return apply("cumsum", tree, number(dim), shape=tree.shape)


def reversed_along(tree: Expr, dims: Sequence[int]) -> Expr:
    """In reverse order along dims; twice is not at all."""
    args = [number(each) for each in dims]
    if tree.op == "flip" and list(tree.args[1:]) == args:
        return tree.args[0]
    if tree.op == "cumsum" and list(tree.args[1:]) == args and tree.args[0].op == "flip":
        eye, *same = tree.args[0].args
        if eye.op == "eye" and same == args:  # ones from the end of each row, or column, on
            return _triangle(eye, low=dims[0] == 1)
    return apply("flip", tree, *args, shape=tree.shape)


def _triangle(eye: Expr, low: bool) -> Expr:
    ones = apply("ones", eye.args[0], eye.args[0], shape=eye.shape)
    return apply("tril" if low else "triu", ones, shape=eye.shape)


def padded(tree: Expr, widths: Sequence[Expr], size: Expr, shape: Shape) -> Expr:
    """With zeros around; an identity with zeros beside it is some rows, or columns, of a larger one.

    Args:
        tree: what they are around.
        widths: how many before and after, from the last dim on.
        size: of the dim that has zeros, if only one has.
        shape: of the result.
    """
    if tree.op == "eye" and len(shape) == 2:
        for dim, (before, after) in ((1, widths[:2]), *([(0, widths[2:])] if len(widths) == 4 else [])):
            if shape[dim] != tree.shape[dim] and shape[1 - dim] == tree.shape[1 - dim]:
                stop = apply("neg", after) if after.op != "number" else number(-after.attrs[0])
                none = symbol("None")
                cut = apply(
                    "slice",
                    none if before is number(0) else before,
                    none if after is number(0) else stop,
                    none,
                )
                key = (cut,) if dim else (ALL, cut)
                eye = apply("eye", size, shape=(shape[dim], shape[dim]))
                return apply("index", eye, *key, shape=shape)
    return apply("pad", tree, apply("tuple", *widths), shape=shape)


def rolled(tree: Expr, shift: int, dim: int) -> Expr:
    """Shifted along a dim, what falls off one end coming in at the other; there and back is not at all."""
    along = [number(dim)] if len(tree.shape) > 1 else []
    if tree.op == "roll" and list(tree.args[2:]) == along:
        tree, shift = tree.args[0], shift + tree.args[1].attrs[0]
    return apply("roll", tree, number(shift), *along, shape=tree.shape) if shift else tree


def _ends(head: Expr, tail: Expr) -> tuple[Expr, int] | None:
    """An array and a dim, where one is the beginning of it along that dim and the other the rest."""
    if head.op != "index" or tail.op != "index" or head.args[0] is not tail.args[0]:
        return None
    whole, rank = head.args[0], len(head.args[0].shape)
    keys = [[*each.args[1:], *[ALL] * (rank + 1 - len(each.args))] for each in (head, tail)]
    differ = [
        dim for dim, (one, other) in enumerate(zip(*keys, strict=True)) if one is not ALL or other is not ALL
    ]
    if len(differ) != 1:
        return None
    (dim,) = differ
    first, last = [each[dim] for each in keys]
    none = symbol("None")
    cuts = first.op == last.op == "slice" and first.args[0] is none and last.args[1:] == (none, none)
    if not cuts or first.args[2] is not none or len(head.shape) != rank or len(tail.shape) != rank:
        return None
    return (whole, dim) if head.shape[dim] + tail.shape[dim] == whole.shape[dim] else None


def forward(whole: Expr, dim: int, cut: int) -> Expr:
    """An array whose beginning, up to a cut, has become its end."""
    size = whole.shape[dim]
    return rolled(whole, -cut if 2 * cut <= size else size - cut, dim)


def rolled_parts(value: Sum) -> Sum:
    """pad(u[:k], (n - k, 0)) + pad(u[k:], (0, k)) is roll(u, -k), times anything."""
    pads = [(term, at) for term in value.terms for at, each in enumerate(term) if each[0].op == "pad"]
    for one, at in pads:
        for other, place in pads:
            if one is other or value.terms[one] != value.terms[other]:
                continue
            whole = _of_parts(one[at][0], other[place][0])
            if whole is None or one[at][1:] != other[place][1:] or _beside(one, at) != _beside(other, place):
                continue
            both = [*_beside(one, at), (whole, *one[at][1:])]
            return rolled_parts(value.united((one, other), both, value.terms[one]))
    return value


def _beside(term: Term, at: int) -> Term:
    return (*term[:at], *term[at + 1 :])


def _of_parts(one: Expr, other: Expr) -> Expr | None:
    """The array whose beginning stands at the end among zeros, and whose end at the beginning."""
    found = _ends(one.args[0], other.args[0])
    if found is None or one.shape != found[0].shape or other.shape != one.shape:
        return None
    whole, dim = found
    back = 2 * (len(whole.shape) - dim - 1)
    first, last = [each.args[1].args for each in (one, other)]
    if (
        len(first) < back + 2
        or len(last) < back + 2
        or first[back + 1] is not number(0)
        or last[back] is not number(0)
    ):
        return None
    return forward(whole, dim, one.args[0].shape[dim])
