"""Products of matrices within larger products: what is left of the factors once one of them is taken out.

A factor that is summed over is no factor by itself, so that x in x*sigmoid(x) is seen at once, and A @ x in
A @ x*sigmoid(A @ x) only here.
"""

from __future__ import annotations

from gradcli.formula.normal import Sum, in_terms
from gradcli.formula.terms import Factor, Label, Term, renamed, term_of
from gradcli.formula.tree import Expr, apply, number

INNER = 40_000
"""Labels from here on are of dims that a product of matrices sums over."""

ENDS = (-INNER, -INNER - 1)
"""Labels of the dims of a matrix that is looked for."""


def groups(term: Term) -> list[list[Factor]]:
    """Factors that are tied by summed dims."""
    found: list[tuple[set[int], list[Factor]]] = []
    for factor in term:
        summed = {each for each in factor[1] if each is not None and each > 0}
        tied = [each for each in found if each[0] & summed]
        rest = [each for each in found if not each[0] & summed]
        merged = [one for _, factors in tied for one in factors]
        found = [*rest, (summed.union(*[each[0] for each in tied]), [*merged, factor])]
    return [factors for _, factors in found]


def as_factors(tree: Expr, labels: tuple[Label, ...]) -> list[Factor] | None:
    """A product of matrices, its trace, or the sum of everything, as the factors it is made of; or None."""
    if tree.op == "sum" and len(tree.args) == 1 and not labels:
        return _summed(tree.args[0])
    if tree.op == "trace" and not tree.attrs and not labels:
        (inner,) = tree.args
        ends = INNER, INNER
        of = inner.args[0] if inner.op == "transpose" else inner
        return as_factors(inner, ends) or list(term_of([(of, ends, 1)]))
    links: list[Expr] = [tree]
    while links[0].op == "matmul":
        links[:1] = links[0].args
    if len(links) < 2 or len(tree.shape) != len(labels):
        return None
    outer = list(labels)
    factors: list[Factor] = []
    for at, each in enumerate(links):
        before = [INNER + at] if at else outer[:1] if len(each.shape) == 2 else []
        after = [INNER + at + 1] if at < len(links) - 1 else outer[-1:] if len(each.shape) == 2 else []
        own = [*before, *after]
        turned = each.op == "transpose"
        if len(own) != len(each.shape):
            return None
        factors.append((each.args[0] if turned else each, tuple(own[::-1] if turned else own), 1))
    return list(term_of(factors))


def _summed(inner: Expr) -> list[Factor] | None:
    """The factors of what is summed over all of its dims."""
    factors: list[Factor] = []
    own = tuple([INNER + at for at in range(len(inner.shape))])
    for each in inner.args if inner.op == "mul" else (inner,):
        power = each.args[1] if each.op == "pow" else None
        whole = power is not None and power.op == "number" and isinstance(power.attrs[0], int)
        base, exponent = (each.args[0], power.attrs[0]) if whole and power is not None else (each, 1)
        if base.shape not in ((), inner.shape):
            return None
        factors.append((base, own if base.shape else (), exponent))
    return list(term_of(factors))


def without(factors: list[Factor], tree: Expr, labels: tuple[Label, ...]) -> list[Factor] | None:
    """The factors without one above the line, or without a product of matrices; None where it isn't there."""
    for at, (other, own, exponent) in enumerate(factors):
        if other is tree and own == labels and type(exponent) is int and exponent >= 1:
            less: list[Factor] = [(other, own, exponent - 1)] if exponent > 1 else []
            return [*factors[:at], *less, *factors[at + 1 :]]
    group = as_factors(tree, labels)
    return None if group is None else _matched(group, list(factors), {})


def gathered(factors: list[Factor], tree: Expr, labels: tuple[Label, ...]) -> list[Factor]:
    """Factors in which a product of matrices is one factor, as often as they have it above the line."""
    group = as_factors(tree, labels)
    while group is not None and (rest := _matched(group, list(factors), {})) is not None:
        factors = [*rest, (tree, labels, 1)]
    return factors


def solved(value: Sum) -> Sum:
    """A @ linalg.solve(A, b) is b, and A @ inverse(A) the identity, for a product of matrices as well."""

    def law(term: list[Factor]) -> list[Factor]:
        for at, (tree, labels, exponent) in enumerate(term):
            if tree.op not in ("linalg.solve", "inverse") or exponent != 1:
                continue
            matrix, right = tree.args[0], tree.args[1] if tree.op == "linalg.solve" else None
            turned = matrix.op == "transpose"
            others = [*term[:at], *term[at + 1 :]]
            for place in (0, 1) if right is None else (0,):  # before an inverse, or after it
                inner, left = labels[place], (*labels[:place], *labels[place + 1 :])
                if inner is None or inner < 0 or inner in left:
                    continue
                ends = ENDS[::-1] if turned != (place == 1) else ENDS
                for outer in {each for _, own, _ in others for each in own} - {*labels, None}:
                    # Labels of the result are fixed, where others are names for any dim that is summed over.
                    moved = renamed(others, {outer: ENDS[0], inner: ENDS[1]})
                    matched = without(moved, matrix.args[0] if turned else matrix, ends)
                    if matched is not None and not any(ENDS[1] in own for _, own, _ in matched):
                        rest, own = renamed(matched, {ENDS[0]: outer}), (outer, *left)
                        if right is None:
                            return law(
                                [*rest, (apply("eye", number(tree.shape[0]), shape=tree.shape), own, 1)]
                            )
                        return law([*rest, *(as_factors(right, own) or [(right, own, 1)])])
        return term

    return in_terms(value, law)


def _matched(group: list[Factor], left: list[Factor], names: dict[int, int]) -> list[Factor] | None:
    """What is left once every factor of a group has been found among others, with its dims named as there."""
    if not group:
        inner = set(names.values())
        return None if any(label in inner for _, own, _ in left for label in own) else left
    (tree, labels, exponent), *rest = group
    for at, (other, own, power) in enumerate(left):
        if other is not tree or power != exponent:
            continue
        both = _named(labels, own, names)
        if both is not None:
            found = _matched(rest, [*left[:at], *left[at + 1 :]], both)
            if found is not None:
                return found
    return None


def _named(labels: tuple[Label, ...], own: tuple[Label, ...], names: dict[int, int]) -> dict[int, int] | None:
    """The names of summed dims, with those that make one tuple of labels the other; None if nothing does."""
    found = dict(names)
    for label, other in zip(labels, own, strict=True):
        if label is None or label < 0:
            if label != other:
                return None
        elif other is None or other < 0 or found.setdefault(label, other) != other:
            return None
    return found
