"""Matrices of linear maps: a Hessian or Jacobian block from what it does to a direction.

A Hessian times v is linear in v, so each of its terms has v as a factor once; without it, and with its dims
as dims of the result, the terms are the matrix. Where v stands inside a function that only moves or adds
elements, the function is applied to the identity in its place. `api` asks for each block.
"""

from __future__ import annotations

from math import prod

from gradcli.errors import GradcliError
from gradcli.formula import shifts
from gradcli.formula.alignment import transposed
from gradcli.formula.groups import as_factors
from gradcli.formula.normal import Sum, collected, of_tree, product
from gradcli.formula.reading import Reader
from gradcli.formula.terms import Coefficient, Factor, Label, Term, apart, highest, renamed, whole_labels
from gradcli.formula.tree import Expr, Shape, apply, number, symbol, walk

DEEP = 16
"""How many functions deep a direction may stand."""


def matrix(reader: Reader, value: Sum, direction: Expr) -> Sum:
    """The matrix of a map that is linear in `direction`, whose dims come first in the result.

    Raises:
        GradcliError: `bad-argument`, where the direction stands inside a function that no law looks into.
    """
    value = _opened(reader, value, direction)
    down, across = direction.shape, value.shape
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        holders = [at for at, each in enumerate(term) if _has(each[0], direction)]
        if not coefficient and not holders:  # poles that cancelled are poles in every direction
            terms.append((coefficient, list(term)))
            continue
        if len(holders) != 1 or term[holders[0]][2] != 1:
            raise _unknown()
        (at,) = holders
        tree, labels, _ = term[at]
        others = [*term[:at], *term[at + 1 :]]
        shape = (*down, *across)
        if tree is direction:
            terms.append((coefficient, _freed(reader, tree.shape, labels, others, shape)))
        else:
            terms.append((coefficient, [*others, _moved(reader, tree, labels, direction, shape)]))
    return collected(terms, (*down, *across))


def _unknown() -> GradcliError:
    return GradcliError(
        "bad-argument",
        "there is no formula for this matrix yet",
        hint="its product with a vector has one: --hvp v, or --jvp v",
    )


def _freed(
    reader: Reader, down: Shape, labels: tuple[Label, ...], others: list[Factor], shape: Shape
) -> list[Factor]:
    """The other factors of a term, with the direction's dims as dims of the result."""
    names: dict[int, Label] = {}
    extra: list[Factor] = []
    for place, label in enumerate(labels):
        if label is None:
            continue
        new = place - len(shape)
        used = any(label in own for _, own, _ in others)
        if label > 0 and label not in names and used:
            names[label] = new
        elif label > 0 and label not in names:
            names[label] = new  # a sum over the direction alone: the same for each element
        else:
            size = down[place]
            eye = apply("eye", reader.sizes.of(size), shape=(size, size))
            extra.append((eye, (new, names.get(label, label)), 1))
    return [*renamed(others, names), *extra]


def _moved(reader: Reader, tree: Expr, labels: tuple[Label, ...], direction: Expr, shape: Shape) -> Factor:
    """A function of a direction, as the function of each element of the identity."""
    down = direction.shape
    if not down:
        raise _unknown()
    size = prod(down)
    eye = apply("eye", reader.sizes.of(size), shape=(size, size))
    if len(down) > 1:  # one leading dim for all the elements
        eye = _reshaped(reader, eye, (size, *down))
    made: dict[Expr, Expr] = {direction: eye}
    for each in walk([tree]):
        if each in made or not _has(each, direction):
            continue
        found = _batched(reader, each, made, direction)
        if found is None:
            raise _unknown()
        made[each] = found
    moved = made[tree] if len(down) == 1 else _reshaped(reader, made[tree], (*down, *tree.shape))
    return moved, (*range(-len(shape), len(down) - len(shape)), *labels), 1


def _reshaped(reader: Reader, tree: Expr, shape: Shape) -> Expr:
    return apply("reshape", tree, apply("tuple", *[reader.sizes.of(each) for each in shape]), shape=shape)


def _batched(reader: Reader, tree: Expr, made: dict[Expr, Expr], direction: Expr) -> Expr | None:
    """A linear function with a dim more in front; None for one that is not known."""
    combined = _combined(tree, made, direction)
    if combined is not None:
        return combined
    inner, *rest = tree.args
    if inner not in made or any(_has(each, direction) for each in rest):
        return None
    source = made[inner]
    shape = (source.shape[0], *tree.shape)
    if tree.op == "index":
        if (
            len(rest) == 1
            and rest[0].op not in ("slice", "symbol")
            and not rest[0].shape
            and source.op == "eye"
        ):
            return apply("one_hot", rest[0], source.args[0], shape=shape)
        whole = apply("slice", symbol("None"), symbol("None"), symbol("None"))
        return apply("index", source, whole, *rest, shape=shape)
    if tree.op in ("flip", "cumsum", "sum", "mean"):
        dims = [
            number(each.attrs[0] + 1) if each.attrs[0] >= 0 else each for each in rest if each.op == "number"
        ]
        if len(dims) < len(rest):
            return None
        if tree.op == "flip":
            return shifts.reversed_along(source, [each.attrs[0] for each in dims])
        if tree.op == "cumsum":
            return shifts.added_up(source, dims[0].attrs[0])
        if tree.op in ("sum", "mean") and not rest:
            dims = [number(at) for at in range(1, len(source.shape))]
            dims = dims if len(dims) == 1 else [apply("tuple", *dims)]
        return apply(tree.op, source, *dims, shape=shape)
    if tree.op == "index_add":
        return None
    if tree.op == "roll":
        shift, dim = rest[0].attrs[0], rest[1].attrs[0] if len(rest) > 1 else 0
        return shifts.rolled(source, shift, dim + 1)
    if tree.op == "pad" and len(tree.shape) == 1:
        return shifts.padded(source, rest[0].args, reader.sizes.of(tree.shape[0]), shape)
    if tree.op == "pad" or (tree.op in ("tril", "triu", "transpose") and len(tree.shape) > 1):
        return apply(tree.op, source, *rest, shape=shape)
    if tree.op in ("reshape", "broadcast_to") and len(rest) == 1 and rest[0].op == "tuple":
        if tree.op == "broadcast_to":
            source = _spread(source, inner, tree)
        sizes = apply("tuple", reader.sizes.of(source.shape[0]), *rest[0].args)
        return apply(tree.op, source, sizes, shape=shape)
    if tree.op == "neg":
        return apply("neg", source, shape=shape)
    return None


def _combined(tree: Expr, made: dict[Expr, Expr], direction: Expr) -> Expr | None:
    """An operator with a dim more in front of what has the direction inside."""
    inside = [each for each in tree.args if each in made]
    if not inside or any(each not in made and _has(each, direction) for each in tree.args):
        return None
    shape = (made[inside[0]].shape[0], *tree.shape)
    full = all(len(each.shape) == len(tree.shape) for each in inside)
    args = [_spread(made[each], each, tree) if each in made else each for each in tree.args]
    if tree.op == "add" and len(inside) == len(args) and full:
        return apply("add", *args, shape=shape)
    if tree.op == "outer" and len(inside) == 1:
        column, row = tree.args
        if column in made:
            return apply("mul", _at(made[column], -1), row, shape=shape)
        return apply("mul", _at(column, -1), _at(made[row], -2), shape=shape)
    if (tree.op == "mul" and len(inside) == 1) or (tree.op == "div" and tree.args[0] in made):
        return apply(tree.op, *args, shape=shape)
    if (
        tree.op == "where"
        and tree.args[0] not in inside
        and all(each in inside or not each.shape for each in tree.args[1:])
    ):
        return apply("where", *args, shape=shape)
    if tree.op == "matmul" and len(inside) == 1 and len(inside[0].shape) == 2:
        return apply("matmul", *[made.get(each, each) for each in tree.args], shape=shape)
    if tree.op == "matmul" and len(inside) == 1 and len(inside[0].shape) == 1:
        left, right = tree.args
        other = left if right in made else right
        matrix = transposed(other) if other is left and len(other.shape) == 2 else other
        if inside[0] is direction:
            return matrix  # times the identity
        return apply("matmul", made[inside[0]], matrix, shape=shape)
    return None


def _at(tree: Expr, dim: int) -> Expr:
    """With a dim of size 1 more, last (-1) or before the last (-2)."""
    none = symbol("None")
    all_of_it = apply("slice", none, none, none)
    rank, shape = len(tree.shape), list(tree.shape)
    place = rank + dim + 1
    key = [*[all_of_it] * place, none, *[all_of_it] * (rank - place)]
    return apply("index", tree, *key, shape=(*shape[:place], 1, *shape[place:]))


def _spread(source: Expr, part: Expr, whole: Expr) -> Expr:
    """A part with its new dim in front, and dims of size 1 where the whole has more than it."""
    missing = len(whole.shape) - len(part.shape)
    if not missing:
        return source
    none = symbol("None")
    all_of_it = apply("slice", none, none, none)
    shape = (source.shape[0], *[1] * missing, *part.shape)
    return apply("index", source, all_of_it, *[none] * missing, *[all_of_it] * len(part.shape), shape=shape)


def _has(tree: Expr, direction: Expr) -> bool:
    return direction in walk([tree])


def _opened(reader: Reader, value: Sum, direction: Expr) -> Sum:
    """Multiplied out until the direction stands by itself in each term, or in what can't be opened."""
    for _ in range(DEEP):
        total: list[tuple[Coefficient, list[Factor]]] = []
        changed = False
        for term, coefficient in value.terms.items():
            found = _opened_term(reader, coefficient, term, direction)
            changed = changed or found is not None
            total += found if found is not None else [(coefficient, list(term))]
        value = collected(total, value.shape)
        if not changed:
            break
    return value


def _opened_term(
    reader: Reader, coefficient: Coefficient, term: Term, direction: Expr
) -> list[tuple[Coefficient, list[Factor]]] | None:
    """A term with the factor that has the direction inside as the sum that it is; None without one."""
    for at, (tree, labels, exponent) in enumerate(term):
        if tree is direction or not _has(tree, direction) or exponent != 1:
            continue
        parts = _parts(reader, tree, direction)
        if parts is None:
            continue
        others = [*term[:at], *term[at + 1 :]]
        names = dict(zip(whole_labels(tree.shape), labels, strict=True))
        taken = max(highest(term), 0)
        opened: list[tuple[Coefficient, list[Factor]]] = []
        for inner, factor in parts.terms.items():
            factors = [*others, *renamed(apart(inner, taken), names)]
            count, lengths = reader.sizes.left([term[at]], factors)
            opened.append((coefficient * factor * count, [*factors, *lengths]))
        return opened
    return None


def _parts(reader: Reader, tree: Expr, direction: Expr) -> Sum | None:
    """The terms of an expression that a sum was read as, or that is linear in what is inside."""
    if tree.op == "where" and not _has(tree.args[0], direction):
        return _branches(reader, tree)
    if tree.op == "linalg.solve" and not _has(tree.args[0], direction):
        return _solved(reader, tree)
    found = reader.sums.get(tree)
    if found is None and (factors := as_factors(tree, whole_labels(tree.shape))) is not None:
        return collected([(1, factors)], tree.shape)
    if found is None or found.shape != tree.shape:
        return None
    return None if found.single and found.single[1][0][0] is tree else found


def _branches(reader: Reader, tree: Expr) -> Sum:
    """where(c, a, b) as where(c, 1, 0)*a + where(c, 0, 1)*b; the parts of a direction are finite."""
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for branch, values in ((tree.args[1], (1, 0)), (tree.args[2], (0, 1))):
        if branch.op == "number" and branch.attrs[0] == 0:
            continue
        condition = tree.args[0]
        chosen = apply("where", condition, *[number(each) for each in values], shape=condition.shape)
        inner = reader.single(reader.sums.get(branch) or of_tree(branch))
        terms += [(c, list(t)) for t, c in product(inner, of_tree(chosen)).terms.items()]
    return collected(terms, tree.shape)


def _solved(reader: Reader, tree: Expr) -> Sum:
    """solve(A, b) is inverse(A) @ b."""
    a, b = tree.args
    turned = a.op == "transpose"
    inverse = apply("inverse", a.args[0] if turned else a, shape=a.shape)
    inner = reader.single(reader.sums.get(b) or of_tree(b))
    column: tuple[Label, ...] = (-1,) if len(b.shape) == 2 else ()
    names: dict[int, Label] = {-len(b.shape): 9999}
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in inner.terms.items():
        row = -1 - len(column)
        first = (inverse, (9999, row) if turned else (row, 9999), 1)
        terms.append((coefficient, [first, *renamed(term, names)]))
    return collected(terms, tree.shape)


__all__ = ["Shape", "matrix"]
