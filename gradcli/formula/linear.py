"""Matrices of linear maps: a Hessian or Jacobian block from what it does to a direction.

A Hessian times v is linear in v, so each of its terms has v as a factor once; without it, and with its dims
as dims of the result, the terms are the matrix. `api` asks for each block.
"""

from __future__ import annotations

from gradcli.errors import GradcliError
from gradcli.formula.normal import Coefficient, Factor, Label, Sum, collected, product, whole_labels
from gradcli.formula.reading import Reader
from gradcli.formula.tree import Expr, Shape, apply, number, walk


def matrix(reader: Reader, value: Sum, direction: Expr) -> Sum:
    """The matrix of a map that is linear in `direction`, whose dims come first in the result.

    Raises:
        GradcliError: `bad-argument`, where the direction stands inside a function that no law looks into.
    """
    value = _opened(reader, value, direction)
    down, across = direction.shape, value.shape
    rank, own = len(down), len(across)
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        at = next((at for at, each in enumerate(term) if each[0] is direction), None)
        if (
            at is None
            or term[at][2] != 1
            or any(_has(each[0], direction) for each in (*term[:at], *term[at + 1 :]))
        ):
            raise GradcliError(
                "bad-argument",
                "there is no formula for this matrix yet",
                hint="its product with a vector has one: --hvp v, or --jvp v",
            )
        names: dict[int, Label] = {}
        extra: list[Factor] = []
        for place, label in enumerate(term[at][1]):
            if label is None:
                continue
            new = place - rank - own
            if label > 0 and label not in names:
                names[label] = new
            elif label > 0:
                raise GradcliError("bad-argument", "there is no formula for this matrix yet")
            else:
                size = down[place]
                eye = apply("eye", reader.sizes.of(size), shape=(size, size))
                extra.append((eye, (new, label), 1))
        factors: list[Factor] = [
            (tree, tuple([names.get(each, each) if each is not None else None for each in labels]), e)
            for tree, labels, e in (*term[:at], *term[at + 1 :])
        ]
        terms.append((coefficient, [*factors, *extra]))
    return collected(terms, (*down, *across))


def _has(tree: Expr, direction: Expr) -> bool:
    return direction in walk([tree])


def _opened(reader: Reader, value: Sum, direction: Expr) -> Sum:
    """Multiplied out until the direction stands by itself in each term."""
    for _ in range(12):
        total: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            inside = next(
                (at for at, each in enumerate(term) if each[0] is not direction and _has(each[0], direction)),
                None,
            )
            if inside is None:
                total.append((coefficient, list(term)))
                continue
            tree, labels, exponent = term[inside]
            parts = _parts(reader, tree)
            if parts is None or exponent != 1:
                total.append((coefficient, list(term)))
                continue
            changed = True
            others = [*term[:inside], *term[inside + 1 :]]
            names = dict(zip(whole_labels(tree.shape), labels, strict=True))
            taken = max(
                [each for _, own, _ in term for each in own if each is not None and each > 0], default=0
            )
            for inner, factor in parts.terms.items():
                moved: list[Factor] = [
                    (
                        atom,
                        tuple(
                            [
                                None if one is None else one + taken if one > 0 else names.get(one, one)
                                for one in own
                            ]
                        ),
                        e,
                    )
                    for atom, own, e in inner
                ]
                missing = set(names) - {one for _, own, _ in inner for one in own}
                for label in missing:
                    outer = names[label]
                    if label is not None and outer is not None and outer > 0:
                        used = any(outer in own for _, own, _ in others)
                        if not used:
                            size = reader.sizes.number(tree.shape[label]).single
                            assert size is not None
                            factor = factor * size[0]
                            moved += size[1]
                total.append((coefficient * factor, [*others, *moved]))
        value = collected(total, value.shape)
        if not changed:
            break
    return value


def _parts(reader: Reader, tree: Expr) -> Sum | None:
    """The terms of an expression that a sum was read as."""
    zero = (
        [each.op == "number" and each.attrs[0] == 0 for each in tree.args[1:]] if tree.op == "where" else []
    )
    if any(zero):
        taken = tree.args[1] if zero[1] else tree.args[2]
        inner = reader.sums.get(taken) or _alone(taken)
        values = (number(1), number(0)) if zero[1] else (number(0), number(1))
        chosen = apply("where", tree.args[0], *values, shape=tree.shape)
        from gradcli.formula.normal import of_tree

        return product(reader.single(inner), of_tree(chosen)).shaped(tree.shape)
    found = reader.sums.get(tree)
    if (
        found is not None
        and found.shape == tree.shape
        and not (found.single and found.single[1][0][0] is tree)
    ):
        return found
    return None


def _alone(tree: Expr) -> Sum:
    from gradcli.formula.normal import of_tree

    return of_tree(tree)


__all__ = ["Shape", "matrix"]
