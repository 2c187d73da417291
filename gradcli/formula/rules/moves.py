"""What only moves elements: broadcasting, transposes, indexing and its transpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.formula.normal import Sum, collected, of_tree, product, relabelled, scaled
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.rules import shuffles, windows
from gradcli.formula.terms import Coefficient, Factor, Label, Term, apart, highest, renamed
from gradcli.formula.tree import Expr, apply, number
from gradcli.tape.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence


def _expand(recording: Recording, node: Node) -> Sum:
    (value,) = recording.inputs(node)
    return value.shaped(node.shape)


def _reshape(recording: Recording, node: Node) -> Sum:
    special = (
        shuffles.recognised(recording, node)
        or windows.convolved(recording, node)
        or windows.weighted(recording, node)
    )
    if special is not None:
        return special
    (value,) = recording.inputs(node)
    old, new = node.inputs[0].shape, node.shape
    left = [at for at, size in enumerate(old) if size != 1]
    right = [at for at, size in enumerate(new) if size != 1]
    if [old[at] for at in left] == [new[at] for at in right]:
        names: dict[int, Label] = {
            one - len(old): other - len(new) for one, other in zip(left, right, strict=True)
        }
        return relabelled(value, names, new)
    if value.constant is not None:
        return value.shaped(new)
    one = recording.reader.single(value).single
    if one is not None and one[0] != 1:  # a number stands in front
        inner = Sum({one[1]: 1}, old)
        return scaled(_reshaped(recording, recording.read(inner), new), one[0])
    return _reshaped(recording, recording.read(value.shaped(old)), new)


def _reshaped(recording: Recording, tree: Expr, new: tuple[int, ...]) -> Sum:
    if tree.op == "reshape":
        tree = tree.args[0]
        if tree.shape == new:
            return recording.reader.sum_of(tree) or of_tree(tree)
    parted = shuffles.parted_identity(recording, tree, new)
    if parted is not None:
        return parted
    sizes = apply("tuple", *[recording.sizes.of(each) for each in new])
    return recording.atom("reshape", tree, sizes, shape=new)


def _permute(recording: Recording, node: Node) -> Sum:
    args = recording.inputs(node)
    (order,) = node.attrs
    rank = len(order)
    return relabelled(args[0], {old: new - rank for new, old in enumerate(order)}, node.shape)


def _pick(recording: Recording, node: Node) -> Sum:
    special = shuffles.recognised(recording, node) or _within(recording, node)
    if special is not None:
        return special
    (value,), (cuts,) = recording.inputs(node), node.attrs
    source = node.inputs[0].shape
    rank = len(source)
    value = recording.reader.single(value)
    kept = [at for at, cut in enumerate(cuts) if isinstance(cut, tuple)]
    names = {at - rank: place - len(kept) for place, at in enumerate(kept)}
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        factors: list[Factor] = []
        taken, front = _out_of_joined(recording, term, cuts)
        coefficient = coefficient * front
        for (tree, labels, exponent), own in taken:
            key: list[Expr] = []
            left: list[Label] = []
            shape: list[int] = []
            changed = False
            for size, label in zip(tree.shape, labels, strict=True):
                cut = own[label] if label is not None and label < 0 else (None, None, None)
                if isinstance(cut, tuple):
                    length = shuffles.size_of(cut, size)
                    whole = length == size and cut[2] in (None, 1)
                    changed = changed or not whole
                    key.append(shuffles.cut_tree(recording, (None, None, None) if whole else cut, size))
                    moved = label if label is None or label > 0 else names[label]
                    left.append(None if length == 1 else moved)
                    shape.append(length)
                else:
                    changed = True
                    key.append(shuffles.index_tree(recording, cut, size))
            picked = apply("index", tree, *key, shape=tuple(shape)) if changed else tree
            factors.append((picked, tuple(left), exponent))
        terms.append((coefficient, factors))
    return collected(terms, node.shape)


def _out_of_joined(
    recording: Recording, term: Term, cuts: Sequence[Any]
) -> tuple[list[tuple[Factor, Sequence[Any]]], Coefficient]:
    """Factors and what is taken of them, where a part of what was joined is that part; and a number."""
    found: list[tuple[Factor, Sequence[Any]]] = []
    front: Coefficient = 1
    taken = highest(term)
    left = [(each, cuts) for each in reversed(term)]
    while left:
        factor, cuts = left.pop()
        exponent, part = factor[2], _part(factor, cuts)
        one = None
        if part is not None and type(exponent) is int and exponent > 0:
            tree, moved = part
            value = recording.reader.single(recording.reader.sum_of(tree) or of_tree(tree))
            one = value.single if value.terms else (0, ())
        if one is None:
            hot = _hot_within(factor, cuts)
            if hot is not None:
                front = front * hot
            else:
                found.append((factor, cuts))
            continue
        names = dict(zip(range(-len(tree.shape), 0), factor[1], strict=True))
        summed = highest(one[1]) > 0  # each of its powers is a sum by itself
        for _ in range(int(exponent) if summed else 1):
            inner = renamed(apart(one[1], taken), names)
            taken = max(taken, highest(inner))
            left += [((t, at, e if summed else e * exponent), moved) for t, at, e in reversed(inner)]
        front = front * one[0] ** exponent
    count, lengths = recording.sizes.left(term, [factor for factor, _ in found])
    return [*found, *[(each, cuts) for each in lengths]], front * count


def _places(cut: Any, size: int) -> range:
    """The places of a dim that a slice takes, or an index."""
    return range(size)[slice(*cut)] if isinstance(cut, tuple) else range(cut % size, cut % size + 1)


def _part(factor: Factor, cuts: Sequence[Any]) -> tuple[Expr, Sequence[Any]] | None:
    """The one of several joined arrays that all that is taken lies in, and what is taken of it."""
    tree, labels, _ = factor
    if tree.op != "cat" or (label := labels[dim := tree.args[1].attrs[0]]) is None or label > 0:
        return None
    cut, size = cuts[label], tree.shape[dim]
    places = _places(cut, size)
    start = 0
    for each in tree.args[0].args:
        end = start + each.shape[dim]
        if places and places.step == 1 and start <= places[0] and places[-1] < end:
            low = places[0] - start
            moved = list(cuts)
            moved[label] = (low, low + len(places), 1) if isinstance(cut, tuple) else low
            return each, moved
        start = end
    return None


def _hot_within(factor: Factor, cuts: Sequence[Any]) -> int | None:
    """What one element of a one-hot row is, of which no other is taken."""
    tree, labels, _ = factor
    if tree.op != "one_hot" or labels[-1] is None or labels[-1] > 0 or tree.args[0].op != "number":
        return None
    cut, size = cuts[labels[-1]], tree.shape[-1]
    places = _places(cut, size)
    return int(tree.args[0].attrs[0] in places) if len(places) == 1 and len(labels) == 1 else None


def _within(recording: Recording, node: Node) -> Sum | None:
    """What a convolution's transpose gives without the zeros around the input."""
    one = recording.known(node.inputs[0]).single
    if one is None or len(one[1]) != 1 or one[1][0][2] != 1:
        return None
    (cuts,), (tree, _, _) = node.attrs, one[1][0]
    if not tree.op.startswith("conv_transpose") or not all(isinstance(each, tuple) for each in cuts):
        return None
    bounds = [_places(each, size) for each, size in zip(cuts, node.inputs[0].shape, strict=True)]
    if any(each.step != 1 for each in bounds) or any(len(each) == 0 for each in bounds):
        return None
    spans = [(each.start, size - each.stop) for each, size in zip(bounds, node.inputs[0].shape, strict=True)]
    if any(spans[:2][at] != (0, 0) for at in (0, 1)):
        return None
    found = windows.cut(tree, spans[2:], node.shape)
    return None if found is None else scaled(of_tree(found), one[0])


def _place(recording: Recording, node: Node) -> Sum:
    special = shuffles.recognised(recording, node)
    if special is not None:
        return special
    (value,), (shape, cuts) = recording.inputs(node), node.attrs
    rank = len(shape)
    kept = [at for at, cut in enumerate(cuts) if isinstance(cut, tuple)]
    if any(shuffles.size_of(cuts[at], shape[at]) != shape[at] or cuts[at][2] not in (None, 1) for at in kept):
        value = shuffles.spread(
            recording,
            value.shaped(node.inputs[0].shape),
            [shape[at] for at in kept],
            [cuts[at] for at in kept],
        )
    names: dict[int, Label] = {place - len(kept): at - rank for place, at in enumerate(kept)}
    result = relabelled(value, names, tuple(shape))
    for at, cut in enumerate(cuts):
        if not isinstance(cut, tuple) and shape[at] != 1:
            hot = apply(
                "one_hot",
                shuffles.index_tree(recording, cut % shape[at], shape[at]),
                recording.sizes.of(shape[at]),
                shape=(shape[at],),
            )
            one = collected([(1, [(hot, (at - rank,), 1)])], tuple(shape))
            result = product(recording.reader.single(result), one)
    return result.shaped(node.shape)


def _joined(recording: Recording, node: Node) -> Sum:
    turned = shuffles.turned(recording, node.inputs, node.attrs[0] % node.ndim)
    if turned is not None:
        return turned
    trees = [recording.read(each) for each in recording.whole(node)]
    return recording.atom("cat", apply("tuple", *trees), number(node.attrs[0]), shape=node.shape)


def _triangle(recording: Recording, node: Node) -> Sum:
    (value,) = recording.whole(node)
    front, value = shuffles.in_front(recording, value)
    tree = recording.read(value)
    for op, bound in zip(("triu", "tril"), node.attrs, strict=True):
        args = [number(bound)] if bound else []
        if bound is not None and not (tree.op == op and list(tree.args[1:]) == args):
            tree = apply(op, tree, *args, shape=node.shape)
    return product(front, of_tree(tree))


RULES: dict[str, Rule] = {
    "expand": _expand,
    "reshape": _reshape,
    "permute": _permute,
    "pick": _pick,
    "place": _place,
    "band": _triangle,
    "cat": _joined,
}
"""What each primitive means."""
