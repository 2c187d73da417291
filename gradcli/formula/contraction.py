"""A product of indexed factors as matrices: chains of `@`, traces, dot products, sums, diagonals, `einsum`.

`reading` asks for each term. Factors that share a summed dim belong together; a dim that two of them share
is a matrix product, and a product that no chain can say is an `einsum`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from gradcli.formula.alignment import Labelled, aligned, diagonal, reordered, slice_, squeezed, transposed
from gradcli.formula.groups import groups
from gradcli.formula.terms import Factor, Term, whole_labels
from gradcli.formula.tree import Expr, Shape, apply, number, symbol
from gradcli.formula.turning import multiplied

if TYPE_CHECKING:
    from collections.abc import Sequence

LETTERS = "ijklmnpqrstuvwabcdefgh"


def contracted(term: Term, shape: Shape) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the line, which broadcast to `shape` as they stand."""
    above: list[Expr] = []
    below: list[Expr] = []
    for tree, labels, exponent in term:
        if labels:
            break
        if exponent == 1:
            above.append(tree)
        elif exponent > 0:
            above.append(_power(tree, exponent))
        else:
            below.append(_power(tree, -exponent))
    else:  # numbers, of which each goes by itself
        for each in (above, below):
            if len(each) > 1:
                each.sort(key=_rank)
        return above, below
    above, below = [], []
    for group in groups(term):
        if any(each > 0 for factor in group for each in _labels(factor)):
            above.append(aligned(_contraction(group), shape))
            continue
        for tree, labels, exponent in group:
            place = above if exponent > 0 else below
            as_it_is = labels == whole_labels(tree.shape) and len(labels) <= len(shape)
            base = tree if as_it_is else aligned(squeezed(tree, labels), shape)
            place.append(_power(base, _size(exponent)))
    above = _as_powers(above)
    above.sort(key=_rank)
    below.sort(key=_rank)
    if not any(each.shape for each in below):
        above = _with_diagonals(above, shape)
    return above, below


def _as_powers(factors: list[Expr]) -> list[Expr]:
    """Products of matrices that are multiplied by themselves, element by element, as powers of them."""
    counts: dict[Expr, int] = {}
    for each in factors:
        counts[each] = counts.get(each, 0) + 1
    return [_power(each, count) if count > 1 else each for each, count in counts.items()]


def _rank(tree: Expr) -> tuple[object, ...]:
    """Numbers, names, functions, sums: as products are written."""
    base = tree.args[0] if tree.op == "pow" and tree.args[1].op == "number" else tree
    return bool(tree.shape) and tree.op == "matmul", _KINDS.get(base.op, 2), len(tree.shape), base.key


_KINDS = {"number": 0, "symbol": 1, "add": 4, "matmul": 3}


def _labels(factor: Factor) -> list[int]:
    return [each for each in factor[1] if each is not None]


def _size(exponent: int | Fraction) -> int | Fraction:
    return -exponent if exponent < 0 else exponent


def _power(base: Expr, exponent: int | Fraction) -> Expr:
    if exponent == 1:
        return base
    if base.op == "exp":
        return apply("exp", multiplied(exponent, base.args[0]), shape=base.shape)
    return apply("pow", base, number(exponent), shape=base.shape)


# ---- sums over dims ----


def _contraction(factors: Sequence[Factor]) -> Labelled:
    pieces = _chosen([_piece(factor) for factor in factors])
    result = _chain(_merged(pieces))
    cycle = _cycle(pieces)
    if cycle is not None and (result is None or cycle.tree.cost < result.tree.cost):
        return cycle
    return result or _paired(_merged(pieces)) or _einsum(_merged(pieces))


def _paired(pieces: list[Labelled]) -> Labelled | None:
    """With two that share a dim with nobody else as their product, multiplied into what is beside it.

    So the sum over i and j of B[l, i]*C[i, j]*A[l, j]*D[j, k] is ((B @ C)*A) @ D.
    """
    labels = {each for piece in pieces for each in piece.labels if each > 0}
    pairs = [(each, [piece for piece in pieces if each in piece.labels]) for each in sorted(labels)]
    pairs = [(label, pair) for label, pair in pairs if len(pair) == 2]
    with_vectors = [each for each in pairs if any(len(piece.labels) == 1 for piece in each[1])]
    found: list[Labelled] = []
    for label, pair in with_vectors[:1] or pairs:
        if any(len(piece.labels) > 2 for piece in pair):
            continue
        (left, before), (right, after) = [_ending(piece, label) for piece in pair]
        if set(before) & set(after):
            continue
        left = transposed(left) if before else left
        whole = Labelled(_multiplied([left, right]), (*before, *after))
        merged = _merged([whole, *[piece for piece in pieces if piece not in pair]])
        one = _chain(merged) or _paired(merged)
        if one is not None:
            found.append(one)
    return min(found, key=lambda each: each.tree.cost, default=None)


def _ending(piece: Labelled, label: int) -> tuple[Expr, tuple[int, ...]]:
    """A matrix whose first dim has this label, or a vector, and the labels of what is left."""
    if len(piece.labels) == 1:
        return piece.tree, ()
    tree, other = _from(piece, label)
    return tree, (other,)


def _piece(factor: Factor) -> Labelled:
    tree, labels, exponent = factor
    piece = squeezed(tree, labels)
    base = piece.tree
    if exponent < 0:
        base = apply("div", number(1), _power(base, -exponent), shape=base.shape)
    else:
        base = _power(base, exponent)
    if len(set(piece.labels)) < len(piece.labels):
        return Labelled(*diagonal(base, piece.labels))
    return Labelled(base, piece.labels)


def _chosen(pieces: list[Labelled]) -> list[Labelled]:
    """A product with a one-hot vector takes a row, a column or an element of what it is multiplied with."""
    for piece in [each for each in pieces if each.tree.op == "one_hot" and len(each.labels) == 1]:
        (label,) = piece.labels
        others = [each for each in pieces if label in each.labels and each is not piece]
        if label < 0 or len(others) != 1 or others[0].labels.count(label) != 1:
            continue
        (other,) = others
        at = other.labels.index(label)
        shape = (*other.tree.shape[:at], *other.tree.shape[at + 1 :])
        key = [slice_() for _ in shape]
        key.insert(at, piece.tree.args[0])
        taken = apply("index", other.tree, *key, shape=shape)
        labels = (*other.labels[:at], *other.labels[at + 1 :])
        pieces = [each for each in pieces if each is not piece and each is not other]
        pieces.append(Labelled(taken, labels))
    return pieces


def _merged(pieces: list[Labelled]) -> list[Labelled]:
    """Those over the same dims multiplied element by element."""
    found: dict[frozenset[int], list[Labelled]] = {}
    for piece in pieces:
        found.setdefault(frozenset(piece.labels), []).append(piece)
    merged: list[Labelled] = []
    for group in found.values():
        first = group[0]
        if len(group) == 1:
            merged.append(first)
            continue
        dot = len(first.labels) == 1 and len(group) == 2 and first.labels[0] > 0
        if dot and _used(pieces, first) == 2 and not any(_is_inverse(each.tree) for each in group):
            merged += group  # the dot product of two vectors
            continue
        trees = []
        below = []
        orders = [each.labels for each in group]
        labels = max(orders, key=orders.count)  # the most of them stand as they are
        for each in group:
            tree = each.tree if each.labels == labels else reordered(each, labels)
            if _is_inverse(tree):
                below.append(tree.args[1])
            else:
                trees.append(tree)
        trees.sort(key=_rank)
        shape = group[orders.index(labels)].tree.shape
        top = trees[0] if len(trees) == 1 else apply("mul", *trees, shape=shape) if trees else number(1)
        if below:
            bottom = below[0] if len(below) == 1 else apply("mul", *below, shape=shape)
            top = apply("div", top, bottom, shape=shape)
        merged.append(Labelled(top, labels))
    return merged


def _is_inverse(tree: Expr) -> bool:
    """Whether something is 1 over an expression."""
    return tree.op == "div" and tree.args[0].op == "number" and tree.args[0].attrs[0] == 1


def _used(pieces: list[Labelled], piece: Labelled) -> int:
    return sum(piece.labels[0] in each.labels for each in pieces)


def _chain(pieces: list[Labelled]) -> Labelled | None:
    """Matrices and vectors along a path of shared dims; None if that isn't what they are."""
    pieces = _summed_alone(pieces)
    if len(pieces) == 1 and all(each < 0 for each in pieces[0].labels):
        return pieces[0]
    pieces = _with_weights(pieces)
    if any(len(each.labels) > 2 for each in pieces):
        return None
    holders: dict[int, list[Labelled]] = {}
    for piece in pieces:
        for label in piece.labels:
            holders.setdefault(label, []).append(piece)
    outer = sorted([each for each in holders if each < 0])
    if any(len(holders[each]) != 2 for each in holders if each > 0):
        return None
    if any(len(holders[each]) != 1 for each in outer) or len(outer) > 2:
        return None
    vectors = [each for each in pieces if len(each.labels) == 1]
    if outer:
        start = holders[outer[0]][0]
        label = outer[0]
        if start in vectors:
            return None
    elif vectors:
        ends = sorted(vectors, key=lambda each: _rank(each.tree))
        chains = [
            links for each in ends if (links := _walked(each, 0, holders)) and len(links) == len(pieces)
        ]
        if not chains:
            return None
        return Labelled(min([_multiplied(links) for links in chains], key=lambda each: each.cost), ())
    else:
        return _trace(pieces, holders)
    links = _walked(start, label, holders)
    if links is None or len(links) != len(pieces):
        return None
    tree = _multiplied(links)
    if len(outer) == 2 and len(links) > 1:
        other = transposed(_multiplied([transposed(each) for each in reversed(links)]))
        tree = min(tree, other, key=lambda each: each.cost)
    return Labelled(tree, tuple(outer))


def floating(tree: Expr) -> Expr:
    """What is made of whole numbers as floats, where those beside it are floats and have to be."""
    if tree.op == "one_hot":
        return apply("mul", apply("number", attrs=(1.0,)), tree, shape=tree.shape)
    if (tree.op in _MOVED or tree.op in _COMPUTED) and _is_whole(tree):
        first = next(at for at, each in enumerate(tree.args) if each.op != "number")
        inside = [*tree.args[:first], floating(tree.args[first]), *tree.args[first + 1 :]]
        return apply(tree.op, *inside, attrs=tree.attrs, shape=tree.shape)
    if tree.op != "where" or any(each.op != "number" for each in tree.args[1:]):
        return tree
    numbers = [apply("number", attrs=(float(each.attrs[0]),)) for each in tree.args[1:]]
    return apply("where", tree.args[0], *numbers, shape=tree.shape)


_MOVED = frozenset(
    ("transpose", "index", "diag", "diagonal", "sum", "pad", "roll", "flip", "tril", "triu", "reshape")
)
"""What gives whole numbers for whole numbers, which are its first operand."""

_COMPUTED = frozenset(("mul", "add", "neg", "pow"))
"""What gives whole numbers if all of its operands are."""


def _is_whole(tree: Expr) -> bool:
    """Whether an expression is made of whole numbers alone."""
    if tree.op in _MOVED:
        return _is_whole(tree.args[0])
    if tree.op == "where" or tree.op in _COMPUTED:
        return all(_is_whole(each) for each in tree.args[tree.op == "where" :])
    return tree.op == "one_hot" or (tree.op == "number" and type(tree.attrs[0]) is int)


def _multiplied(links: list[Expr]) -> Expr:
    links = [floating(each) for each in links]
    tree = links[0]
    for each in links[1:]:
        tree = apply("matmul", tree, each, shape=_matmul_shape(tree.shape, each.shape))
    return tree


def _from(piece: Labelled, label: int) -> tuple[Expr, int]:
    """A matrix whose first dim has this label, turned if need be, and the label of the other dim."""
    first, second = piece.labels
    return (piece.tree, second) if first == label else (transposed(piece.tree), first)


def _walked(start: Labelled, label: int, holders: dict[int, list[Labelled]]) -> list[Expr] | None:
    links: list[Expr] = []
    used: list[Labelled] = []
    piece = start
    while True:
        used.append(piece)
        if len(piece.labels) == 1:
            links.append(piece.tree)
            following = piece.labels[0] if len(used) == 1 else 0
        else:
            if label not in piece.labels:
                return None
            link, following = _from(piece, label)
            links.append(link)
        if following <= 0:
            return links
        others = [each for each in holders[following] if each not in used]
        if not others:
            return None
        piece, label = others[0], following


def _cycle(pieces: list[Labelled]) -> Labelled | None:
    """Matrices of which the last shares a dim with the first: their trace, or the diagonal along that dim."""
    holders: dict[int, list[Labelled]] = {}
    for piece in pieces:
        if len(piece.labels) != 2:
            return None
        for label in piece.labels:
            holders.setdefault(label, []).append(piece)
    outer = [each for each in holders if each < 0]
    if len(pieces) < 2 or len(outer) > 1 or any(len(each) != 2 for each in holders.values()):
        return None
    if not outer:
        return _trace(pieces, holders)
    start = holders[outer[0]][0]
    links: list[Expr] = []
    piece, label, left = start, outer[0], list(pieces)
    while piece in left:
        left.remove(piece)
        link, label = _from(piece, label)
        links.append(link)
        piece = next((each for each in holders[label] if each in left), piece)
    if left or label != outer[0]:
        return None
    turned = [transposed(each) for each in reversed(links)]
    tree = min(_multiplied(links), _multiplied(turned), key=lambda each: each.cost)
    return Labelled(apply("diagonal", tree, shape=tree.shape[:1]), (outer[0],))


def _trace(pieces: list[Labelled], holders: dict[int, list[Labelled]]) -> Labelled | None:
    start = pieces[0]
    links: list[Expr] = []
    used: list[Labelled] = []
    piece, label = start, start.labels[0]
    while piece not in used:
        used.append(piece)
        link, label = _from(piece, label)
        links.append(link)
        others = [each for each in holders[label] if each is not piece]
        if not others:
            return None
        piece = others[0]
    if len(links) != len(pieces):
        return None
    tree = links[0]
    for each in links[1:]:
        tree = apply("matmul", tree, each, shape=_matmul_shape(tree.shape, each.shape))
    return Labelled(apply("trace", tree), ())


def _matmul_shape(left: Shape, right: Shape) -> Shape:
    return (*left[:-1], *(right[1:] if len(right) > 1 else ()))


def _summed_alone(pieces: list[Labelled]) -> list[Labelled]:
    """A dim that only one piece has is summed over by itself."""
    for _ in range(8):
        counts: dict[int, int] = {}
        for piece in pieces:
            for label in piece.labels:
                counts[label] = counts.get(label, 0) + 1
        changed = False
        result = []
        for piece in pieces:
            alone = [at for at, label in enumerate(piece.labels) if label > 0 and counts[label] == 1]
            if alone:
                changed = True
                piece = summed(piece, alone)
            result.append(piece)
        pieces = _merged(result) if changed else result
        if not changed:
            break
    scalars = [each for each in pieces if not each.labels]
    if scalars and len(pieces) > 1:
        rest = [each for each in pieces if each.labels]
        trees = [each.tree for each in scalars]
        if not rest:
            return [Labelled(apply("mul", *trees), ())]
        first = rest[0]
        return [Labelled(apply("mul", *trees, first.tree, shape=first.tree.shape), first.labels), *rest[1:]]
    return pieces


def summed(piece: Labelled, places: list[int]) -> Labelled:
    """The sum over some dims of a piece."""
    labels = tuple([each for at, each in enumerate(piece.labels) if at not in places])
    shape = tuple([each for at, each in enumerate(piece.tree.shape) if at not in places])
    if not shape:
        tree = piece.tree
        if tree.op == "pow" and tree.args[1].attrs == (2,) and len(tree.shape) == 1 and tree.args[0].cost < 3:
            return Labelled(apply("matmul", tree.args[0], tree.args[0]), ())
        if tree.op == "diagonal" and len(tree.shape) == 1 and not tree.attrs:
            return Labelled(apply("trace", *tree.args), ())
        return Labelled(apply("sum", tree), ())
    dims = [number(at) for at in places]
    dim = dims[0] if len(dims) == 1 else apply("tuple", *dims)
    return Labelled(apply("sum", piece.tree, dim, shape=shape), labels)


def _with_weights(pieces: list[Labelled]) -> list[Labelled]:
    """A vector along a dim that two matrices share is a diagonal matrix between them."""
    for piece in list(pieces):
        if len(piece.labels) != 1 or piece.labels[0] < 0:
            continue
        label = piece.labels[0]
        holders = [each for each in pieces if label in each.labels and each is not piece]
        if len(holders) == 2 and all(len(each.labels) == 2 for each in holders):
            fresh = 1 + max([one for each in pieces for one in each.labels] + [10_000])
            other = holders[1]
            moved = Labelled(other.tree, tuple([fresh if one == label else one for one in other.labels]))
            size = piece.tree.shape[0]
            matrix = Labelled(diagonal_matrix(piece.tree, size), (label, fresh))
            pieces = [each for each in pieces if each is not piece and each is not other]
            pieces += [matrix, moved]
    return pieces


def diagonal_matrix(vector: Expr, size: int) -> Expr:
    """diag(vector)"""
    return apply("diag", vector, shape=(size, size))


def _einsum(pieces: list[Labelled]) -> Labelled:
    labels = sorted({each for piece in pieces for each in piece.labels}, reverse=True)
    letters = dict(zip(labels, LETTERS, strict=False))
    outer = sorted([each for each in labels if each < 0])
    equation = ",".join("".join(letters[each] for each in piece.labels) for piece in pieces)
    equation += "->" + "".join(letters[each] for each in outer)
    sizes = {
        label: size for piece in pieces for label, size in zip(piece.labels, piece.tree.shape, strict=True)
    }
    return Labelled(
        apply(
            "einsum",
            symbol(repr(equation)),
            *[floating(piece.tree) for piece in pieces],
            shape=tuple([sizes[each] for each in outer]),
        ),
        tuple(outer),
    )


def _with_diagonals(factors: list[Expr], shape: Shape) -> list[Expr]:
    """The identity times a vector is a diagonal matrix."""
    if len(shape) != 2:
        return factors
    eyes = [each for each in factors if each.op == "eye"]
    if len(eyes) == 1:
        vectors = [each for each in factors if len(each.shape) == 1 and each.shape == shape[1:]]
        columns = [each for each in factors if is_column(each)]
        used = [*vectors, *columns]
        if used:
            trees = [each.args[0] if each in columns else each for each in used]
            vector = trees[0] if len(trees) == 1 else apply("mul", *trees, shape=shape[1:])
            rest = [each for each in factors if each not in used and each is not eyes[0]]
            return [*rest, diagonal_matrix(vector, shape[0])]
    return factors


def is_column(tree: Expr) -> bool:
    """Whether an expression is a vector as a column: v[:, None]."""
    return (
        tree.op == "index"
        and len(tree.args) == 3
        and tree.args[1].op == "slice"
        and tree.args[2].attrs == ("None",)
    )
