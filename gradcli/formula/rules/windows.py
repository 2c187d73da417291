"""Sliding windows, which convolutions and pooling are made of, and scans: as calls of the language.

Windows of an array are `unfold`, and what lay in windows is added up where the same windows of a range of
numbers say. A convolution, and its transpose, are recognised where they are a matrix product of windows.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from gradcli.errors import GradcliError
from gradcli.formula.contraction import floating
from gradcli.formula.normal import Sum, of_tree
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.rules.named import sizes_of, zeros
from gradcli.formula.tree import Expr, apply, number, symbol

if TYPE_CHECKING:
    from gradcli.formula.tree import Shape
    from gradcli.tape.node import Node

Steps = tuple[int, ...]


def unfolded(tree: Expr, kernel: Steps, stride: Steps, dilation: Steps) -> Expr:
    """The windows of the last dims: `unfold` for each, which puts the window last."""
    count = len(kernel)
    for size, step, apart in zip(kernel, stride, dilation, strict=True):
        span = apart * (size - 1) + 1
        lead = len(tree.shape) - count
        length = (tree.shape[lead] - span) // step + 1
        shape = (*tree.shape[:lead], length, *tree.shape[lead + 1 :], span)
        tree = apply("unfold", tree, number(-count), number(span), number(step), shape=shape)
        if apart != 1:
            none = symbol("None")
            whole = apply("slice", none, none, none)
            every = apply("slice", none, none, number(apart))
            key = [whole] * (len(shape) - 1) + [every]
            tree = apply("index", tree, *key, shape=(*shape[:-1], size))
    return tree


# ---- convolutions ----


def _through(node: Node, *ops: str) -> Node:
    """What a node moves the elements of, by these operations."""
    while node.op.name in ops or node.op.name == "shield":
        node = node.inputs[0]
    return node


def _moved(node: Node, shape: Shape) -> Node | None:
    """A node of that shape whose dims another one permutes, split or joined."""
    node = _through(node, "permute")
    if node.op.name == "reshape" and node.shape != shape:
        node = node.inputs[0]
    return node if node.shape == shape else None


class _Lie:
    """How windows lie: their sizes, how far apart they are, and how far apart their elements."""

    def __init__(self, attrs: tuple[Steps, Steps, Steps]) -> None:
        self.kernel, self.stride, self.dilation = attrs
        self.count = len(self.kernel)

    def keywords(self, groups: int, **more: Steps) -> tuple[tuple[str, int | Steps], ...]:
        """What a call says beside its arrays."""
        given = {"stride": self.stride, "dilation": self.dilation}
        found: list[tuple[str, int | Steps]] = []
        for name, steps in (*given.items(), *more.items()):
            if any(each != (0 if "padding" in name else 1) for each in steps):
                found.append((name, steps[0] if len(set(steps)) == 1 else steps))
        return (*found, *([("groups", groups)] if groups != 1 else []))


def convolved(recording: Recording, node: Node) -> Sum | None:
    """A convolution, if a node is one: the windows of an array, after a weight as rows."""
    product_ = _through(node, "reshape", "permute")
    if product_.op.name != "matmul" or node.op.name != "reshape" or node.ndim < 3:
        return None
    rows, columns = product_.inputs
    source = _through(columns, "reshape", "permute")
    if source.op.name != "windows":
        return None
    (x,), made = source.inputs, _Lie(source.attrs)
    batch, channels = x.shape[:2]
    if x.ndim != made.count + 2 or node.ndim != x.ndim or node.shape[0] != batch:
        return None
    out, positions = node.shape[1], source.shape[2 : 2 + made.count]
    groups, _, taps = (1, *rows.shape)[-3:]
    w = _moved(rows, (out, channels // groups, *made.kernel))
    if node.shape[2:] != positions or w is None or taps != prod(w.shape[1:]):
        return None
    around = (0,) * made.count
    inner = x
    if x.op.name == "place":  # zeros around it
        (whole, cuts), (inside,) = x.attrs, x.inputs
        spans = [(cut[0], size - cut[1]) for cut, size in zip(cuts, whole, strict=True) if cut[0] is not None]
        if len(spans) == made.count and all(one == other for one, other in spans):
            around, inner = tuple([one for one, _ in spans]), inside
    trees = [recording.read(recording.known(each).shaped(each.shape)) for each in (inner, w)]
    keywords = made.keywords(groups, padding=around)
    return recording.atom(f"conv{made.count}d", *trees, attrs=keywords, shape=node.shape)


def weighted(recording: Recording, node: Node) -> Sum | None:
    """The gradient of a convolution by its weight, as a sum over windows; None for anything else."""
    product_ = _through(node, "reshape", "permute", "sum")
    if product_.op.name != "matmul" or node.op.name != "reshape":
        return None
    for rows, other in (product_.inputs, product_.inputs[::-1]):
        source = _through(rows, "reshape", "permute")
        if source.op.name != "windows":
            continue
        (x,), made = source.inputs, _Lie(source.attrs)
        count = made.count
        shape = (node.shape[0], x.shape[1], *made.kernel)
        g = _moved(other, (x.shape[0], node.shape[0], *source.shape[2 : 2 + count]))
        if x.ndim != count + 2 or node.shape != shape or g is None:
            continue  # of groups the product says it
        places, taps = list(range(10, 10 + count)), list(range(20, 20 + count))
        parts = of_tree(unfolded(recording.read(recording.known(x).shaped(x.shape)), *source.attrs))
        values = [recording.known(g).shaped(g.shape), parts]
        return recording.contracted(values, [[0, 1, *places], [0, 2, *places, *taps]], [1, 2, *taps])
    return None


def _transposed(recording: Recording, node: Node) -> Sum | None:
    """The gradient of a convolution by what it is of: its transpose; None for anything else."""
    sizes, *attrs = node.attrs
    made = _Lie(tuple(attrs))
    product_ = _through(node.inputs[0], "reshape", "permute")
    if product_.op.name != "matmul" or node.ndim != made.count + 2:
        return None
    left, right = product_.inputs
    groups, taps, out = (1, *left.shape)[-3:]
    w = _moved(left, (groups * out, node.shape[1] // groups, *made.kernel))
    if w is None or taps != prod(w.shape[1:]):
        return None
    positions = node.inputs[0].shape[2 : 2 + made.count]
    g = _moved(right, (node.shape[0], w.shape[0], *positions))
    if g is None:
        return None
    reached = [
        (place - 1) * step + apart * (size - 1) + 1
        for place, step, apart, size in zip(positions, made.stride, made.dilation, made.kernel, strict=True)
    ]
    more = tuple([size - reach for size, reach in zip(sizes, reached, strict=True)])
    if any(each >= max(s, d) for each, s, d in zip(more, made.stride, made.dilation, strict=True)):
        return None
    trees = [recording.read(recording.known(each).shaped(each.shape)) for each in (g, w)]
    keywords = made.keywords(groups, output_padding=more)
    return recording.atom(f"conv_transpose{made.count}d", *trees, attrs=keywords, shape=node.shape)


def cut(tree: Expr, cuts: list[tuple[int, int]], shape: Shape) -> Expr | None:
    """The transpose of a convolution without what lay in the zeros around: with `padding`."""
    if not tree.op.startswith("conv_transpose"):
        return None
    count = len(cuts)
    given = dict(tree.attrs)

    def steps(name: str, otherwise: int) -> Steps:
        found = given.get(name, otherwise)
        return (found,) * count if isinstance(found, int) else found

    stride, dilation, more = steps("stride", 1), steps("dilation", 1), steps("output_padding", 0)
    if "padding" in given:
        return None
    around = tuple([before for before, _ in cuts])
    left = tuple([extra + before - after for extra, (before, after) in zip(more, cuts, strict=True)])
    if any(not 0 <= each < max(s, d) for each, s, d in zip(left, stride, dilation, strict=True)):
        return None
    made = _Lie(((1,) * count, stride, dilation))
    attrs = made.keywords(given.get("groups", 1), padding=around, output_padding=left)
    return apply(tree.op, *tree.args, attrs=attrs, shape=shape)


# ---- what each primitive means ----


def _windows(recording: Recording, node: Node) -> Sum:
    return of_tree(unfolded(recording.tree(node), *node.attrs))


def _overlap_add(recording: Recording, node: Node) -> Sum:
    """Zeros, with every window added where it was taken."""
    found = _transposed(recording, node)
    if found is not None:
        return found
    sizes, kernel, stride, dilation = node.attrs
    tree = floating(recording.tree(node))
    lead = node.shape[: node.ndim - len(sizes)]
    whole = prod(sizes)
    places = apply("arange", recording.sizes.of(whole), shape=(whole,))
    if len(sizes) > 1:
        places = apply("reshape", places, sizes_of(recording, sizes), shape=tuple(sizes))
    places = unfolded(places, kernel, stride, dilation)
    taken = prod(places.shape)
    places = apply("flatten", places, shape=(taken,))
    flat = (*lead, taken)
    if tree.shape != flat:
        tree = apply("reshape", tree, sizes_of(recording, flat), shape=flat)
    into = zeros(recording, (*lead, whole))
    added = apply("index_add", into, number(len(lead)), places, tree, shape=into.shape)
    if added.shape != node.shape:
        added = apply("reshape", added, sizes_of(recording, node.shape), shape=node.shape)
    return of_tree(added)


def _places_of_largest(recording: Recording, node: Node) -> Sum:
    """The indices that pooling gives, through what it is of."""
    *lie, before, after = node.attrs
    made, tree = _Lie(tuple(lie)), recording.tree(node)
    count, source = made.count, node.inputs[0].shape
    if len(source) not in (count + 1, count + 2):
        raise GradcliError("bad-argument", f"there is no formula for {node.op.name} of so many dims yet")
    kernel = [number(each) for each in dict.fromkeys(made.kernel)]
    size = kernel[0] if len(kernel) == 1 else apply("tuple", *[number(each) for each in made.kernel])
    strides = made.stride[0] if len(set(made.stride)) == 1 else made.stride
    attrs = [("stride", strides)] if made.stride != made.kernel else []
    attrs += [each for each in made.keywords(1, padding=before) if each[0] in ("dilation", "padding")]
    attrs += [("ceil_mode", True)] if before != after else []
    pooled = apply(f"max_pool{count}d", tree, size, attrs=(*attrs, ("return_indices", True)), shape=(2,))
    places = apply("index", pooled, number(1), shape=(*source[:-count], node.shape[-1]))
    if count > 1:
        sizes_after = sizes_of(recording, node.shape)
        places = apply("reshape", places, sizes_after, shape=node.shape)
    return of_tree(places)


RULES: dict[str, Rule] = {
    "windows": _windows,
    "places_of_largest": _places_of_largest,
    "overlap_add": _overlap_add,
}
"""What each primitive means."""
