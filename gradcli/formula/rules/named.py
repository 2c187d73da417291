"""Primitives with attributes, or under another name than the language's: the call that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.formula.alignment import slice_
from gradcli.formula.contraction import floating
from gradcli.formula.normal import Sum, added, collected, of_tree, product, relabelled, scaled
from gradcli.formula.recording import Recording, Rule
from gradcli.formula.rules import products
from gradcli.formula.rules.shuffles import index_tree
from gradcli.formula.terms import whole_labels
from gradcli.formula.tree import Expr, apply, number, symbol
from gradcli.tape.node import LEAF, Node

if TYPE_CHECKING:
    from gradcli.formula.tree import Shape


def zeros(recording: Recording, shape: Shape) -> Expr:
    """An array of zeros."""
    return apply("zeros", *[recording.sizes.of(each) for each in shape], shape=shape)


def _all_in_order(recording: Recording, indices: Node, size: int) -> bool:
    """Whether indices without a name are those of everything along a dim: a mask that holds everywhere."""
    if indices.size != size:
        return False
    given = _read(recording, indices)
    return given is not None and np.array_equal(np.reshape(given, -1), np.arange(size))


def _read(recording: Recording, node: Node) -> Any:
    """Indices that the program has no name for, or None."""
    if node in recording.names:
        return None
    if node.value is not None:
        return node.value
    given = [_read(recording, each) for each in node.inputs]
    if not given or node.op.compute is None or any(each is None for each in given):
        return None
    return node.op.compute(*given, *node.attrs)


def _taken(recording: Recording, node: Node) -> Sum:
    if node.shape == node.inputs[0].shape and _all_in_order(recording, node.inputs[1], node.shape[-1]):
        return recording.known(node.inputs[0]).shaped(node.shape)
    tree, indices = recording.tree(node), recording.tree(node, 1)
    return recording.atom("index", tree, *[slice_()] * (len(tree.shape) - 1), indices, shape=node.shape)


def _put(recording: Recording, node: Node) -> Sum:
    """Zeros with the elements added at indices: the transpose of indexing by an array."""
    if node.shape == node.inputs[0].shape and _all_in_order(recording, node.inputs[1], node.shape[-1]):
        return recording.known(node.inputs[0]).shaped(node.shape)
    if not node.inputs[1].size:
        return Sum({}, node.shape)
    tree, indices = floating(recording.tree(node)), recording.tree(node, 1)
    lead = node.shape[:-1]
    if len(indices.shape) != 1:
        flat = (*lead, node.inputs[1].size)
        tree = apply("reshape", tree, sizes_of(recording, flat), shape=flat)
        indices = apply("reshape", indices, sizes_of(recording, flat[-1:]), shape=flat[-1:])
    into = zeros(recording, node.shape)
    return recording.atom("index_add", into, number(len(lead)), indices, tree, shape=node.shape)


def sizes_of(recording: Recording, shape: Shape) -> Expr:
    """A shape as it stands in a formula."""
    return apply("tuple", *[recording.sizes.of(each) for each in shape])


def _along(recording: Recording, node: Node) -> Sum:
    if node.inputs[1].ndim == 1 < node.ndim:
        return _taken(recording, node)
    tree, indices = recording.tree(node), _of_each_row(recording, node.inputs[1], node.shape[:-1])
    return recording.atom("gather", tree, number(node.ndim - 1), indices, shape=node.shape)


def _scatter(recording: Recording, node: Node) -> Sum:
    """Zeros with each row added at indices of its own; one index a row is a one-hot row."""
    (value, _), source = recording.whole(node), node.inputs[1]
    if source.shape[-1] == 1 and source.shape[:-1] == node.shape[:-1]:
        index = _one_each(recording, source, node.shape[-1])
        if index is not None:
            hot = _hot(recording, index, node.shape[-1])
            own = whole_labels(node.shape)[node.ndim - len(hot.shape) :]
            one = collected([(1, [(hot, own, 1)])], node.shape)
            return product(recording.reader.single(value), one).shaped(node.shape)
    if source.ndim == 1 < node.ndim:
        return _put(recording, node)
    tree, indices = floating(recording.tree(node)), _of_each_row(recording, source, node.shape[:-1])
    into = zeros(recording, node.shape)
    return recording.atom("scatter_add", into, number(node.ndim - 1), indices, tree, shape=node.shape)


def _of_each_row(recording: Recording, indices: Node, rows: Shape) -> Expr:
    """Indices into the last dim, spread where the same ones are for several rows."""
    tree, shape = recording.read(recording.known(indices).shaped(indices.shape)), (*rows, indices.shape[-1])
    return (
        tree if tree.shape == shape else apply("broadcast_to", tree, sizes_of(recording, shape), shape=shape)
    )


def one_hot(recording: Recording, node: Node) -> Expr | None:
    """What `one_hot` records, a comparison with all places."""
    index, places = node.inputs[0].inputs if node.inputs[0].op.name == "eq" else (node, node)
    size = node.shape[-1] if node.shape else 0
    if places.op is not LEAF or places.dtype.kind != "i" or not np.array_equal(places.value, np.arange(size)):
        return None
    tree = _one_each(recording, index, size) if index.shape == (*node.shape[:-1], 1) else None
    return None if tree is None else _hot(recording, tree, size)


def _hot(recording: Recording, index: Expr, size: int) -> Expr:
    return apply("one_hot", index, recording.sizes.of(size), shape=(*index.shape, size))


def _one_each(recording: Recording, indices: Node, size: int) -> Expr | None:
    """Indices into a dim without their last dim of one: a number if there is one, else what has a name."""
    source = indices
    while source.op.name in ("reshape", "index", "class_index", "cast") and source not in recording.names:
        source = source.inputs[0]
    if source.op is LEAF and source.dtype.kind == "i" and source not in recording.names:
        given = np.asarray(source.value)
        if given.size == 1:
            return index_tree(recording, int(given.reshape(-1)[0]) % size, size)
        if np.all(given == given.reshape(-1)[0]):
            return None
    tree = recording.read(recording.known(source))
    return tree if tree.shape == indices.shape[:-1] else None


def _raveled(recording: Recording, node: Node) -> Sum:
    """Several indices as one into the flattened dims."""
    sizes, _ = node.attrs
    arrays = [_from_zero(recording, *each) for each in zip(node.inputs, sizes, strict=True)]
    total = arrays[0]
    for size, each in zip(sizes[1:], arrays[1:], strict=True):
        total = added(recording.times(total, recording.sizes.number(size)), each)
    return total.shaped(node.shape)


def _from_zero(recording: Recording, node: Node, size: int) -> Sum:
    """Indices of which none counts from the end, where it is known that some do."""
    found, source = recording.known(node), node
    while source.op.name in ("reshape", "index", "class_index", "cast", "expand"):
        source = source.inputs[0]
    given = np.asarray(source.value) if source.op is LEAF else np.zeros(1)
    if not given.size or given.min() >= 0:
        return found
    if found.constant is not None:
        return recording.sizes.number(found.constant + size).shaped(node.shape)
    if source in recording.names or source is not node:
        tree = recording.read(found)
        below = apply("lt", tree, number(0), shape=tree.shape)
        more = apply("add", tree, recording.sizes.of(size), shape=tree.shape)
        return recording.atom("where", below, more, tree, shape=tree.shape).shaped(node.shape)
    whole = np.where(given < 0, given + size, given)
    return recording.atom("tensor", symbol(repr(whole.tolist()).replace(" ", "")), shape=node.shape)


def _bessel(recording: Recording, node: Node) -> Sum:
    """Orders above 1 by those below: I[n] = I[n - 2] - 2*(n - 1)/x*I[n - 1]."""
    order, scaled_by = node.attrs
    (value,) = recording.inputs(node)

    def of(n: int) -> Sum:
        if n < 2:
            return recording.applied(f"i{n}" + ("e" if scaled_by else ""), value, node.shape)
        below = recording.over(recording.times(of(n - 1), recording.sizes.number(2 * (n - 1))), value)
        return recording.minus(of(n - 2), below)

    if order > 1:
        recording.leave_out(value, "eval gives the limit")
    return of(order)


def _spherical(recording: Recording, node: Node) -> Sum:
    """Orders above 0 by those below: j[n] = (2*n - 1)/z*j[n - 1] - j[n - 2], from sin(z)/z."""
    (order,) = node.attrs
    (value,) = recording.inputs(node)
    turns = recording.over(value, of_tree(symbol("pi")))

    def of(n: int) -> Sum:
        if n == 0:
            return recording.applied("sinc", turns, node.shape)
        if n == 1:
            cosine = recording.applied("cos", value, node.shape)
            return recording.over(recording.minus(of(0), cosine), value)
        above = recording.over(recording.times(of(n - 1), recording.sizes.number(2 * n - 1)), value)
        return recording.minus(above, of(n - 2))

    if order:
        recording.leave_out(value, "eval gives the limit")
    return of(order)


def _polygamma(recording: Recording, node: Node) -> Sum:
    (order,) = node.attrs
    (value,) = recording.inputs(node)
    if not order:
        return recording.applied("digamma", value, node.shape)
    tree, labels = recording.reader.factor(value)
    return collected(
        [(1, [(apply("polygamma", number(order), tree, shape=tree.shape), labels, 1)])], node.shape
    )


def _called(name: str, *keywords: str) -> Rule:
    """A function of the language whose keywords the attributes are."""

    def rule(recording: Recording, node: Node) -> Sum:
        attrs: tuple[tuple[str, Any], ...] = tuple(zip(keywords, node.attrs, strict=True))
        trees = [floating(recording.tree(node, at)) for at in range(len(node.inputs))]
        return recording.atom(name, *trees, attrs=attrs, shape=node.shape)

    return rule


def _decomposed(name: str) -> Rule:
    """A decomposition, of which `part` takes one factor."""

    def rule(recording: Recording, node: Node) -> Sum:
        attrs: tuple[tuple[str, Any], ...] = ()
        if name == "linalg.svd":
            attrs = (("full_matrices", node.attrs[0]),)
        elif name == "linalg.qr" and node.attrs[0] != "reduced":
            attrs = (("mode", node.attrs[0]),)
        elif name == "linalg.eigh" and not node.attrs[0]:
            attrs = (("UPLO", "U"),)
        return recording.atom(name, recording.tree(node), attrs=attrs, shape=node.shape)

    return rule


def _custom(recording: Recording, node: Node) -> Sum:
    """What a function with a gradient of its own gives is its last input."""
    return recording.known(node.inputs[-1]).shaped(node.shape)


def _part(recording: Recording, node: Node) -> Sum:
    (source,) = node.inputs
    if source.op.name == "custom":
        results = source.inputs[-getattr(source.op, "parts", 1) :]
        return recording.known(results[node.attrs[0]]).shaped(node.shape)
    one = recording.inputs(node)[0].single
    assert one is not None
    tree = one[1][0][0]
    return recording.atom("index", tree, number(node.attrs[0]), shape=node.shape)


def _determinant(recording: Recording, tree: Expr) -> Sum:
    """det(inverse(A)) is 1/det(A), and det(A.T @ A) is det(A)**2 where A is square."""
    if tree.op == "matmul" and tree.args[0].shape == tree.shape:
        left, right = [each.args[0] if each.op == "transpose" else each for each in tree.args]
        if left is right:
            return recording.power(_determinant(recording, left), 2)
    inverted = tree.op == "inverse"
    found = recording.atom("det", *(tree.args if inverted else (tree,)), shape=tree.shape[:-2])
    return recording.power(found, -1) if inverted else found


def _cofactors(recording: Recording, node: Node) -> Sum:
    """det(A)*inverse(A).T, wherever there is an inverse."""
    tree = recording.tree(node)
    lead = tree.shape[:-2]
    det = _determinant(recording, tree)
    recording.leave_out(det, "eval gives the cofactors")
    inverse = products.inverse(recording, tree)
    beside = relabelled(det, {at: at - 2 for at in range(-len(lead), 0)}, (*lead, 1, 1))
    return product(beside, relabelled(inverse, {-1: -2, -2: -1}, node.shape))


def _cofactor_derivative(recording: Recording, node: Node) -> Sum:
    """det(A)*(tr(X @ B)*X - X @ B @ X).T, with X the inverse of A."""
    tree, (_, direction) = recording.tree(node), recording.whole(node)
    det = of_tree(apply("det", tree))
    recording.leave_out(det, "eval gives the cofactors")
    inverse = products.inverse(recording, tree)
    along = recording.contracted([inverse, direction], [[0, 1], [1, 0]], [])
    first = product(along, relabelled(inverse, {-1: -2, -2: -1}, node.shape))
    second = recording.contracted([inverse, direction, inverse], [[1, 2], [2, 3], [3, 0]], [0, 1])
    terms = [
        product(det, recording.reader.single(each)) if at == 0 else scaled(product(det, each), -1)
        for at, each in enumerate((first, second))
    ]
    return recording.plus(*terms)


def _running_index(name: str) -> Rule:
    def rule(recording: Recording, node: Node) -> Sum:
        found = apply(name, recording.tree(node), number(node.attrs[0] + node.ndim), shape=node.shape)
        return recording.atom("index", found, number(1), shape=node.shape)

    return rule


def _median(recording: Recording, node: Node) -> Sum:
    """Of everything, or where it stands along a dim."""
    tree, name = recording.tree(node), node.op.name
    if not node.attrs:
        return recording.atom(name, tree, shape=node.shape)
    (dim,) = node.attrs[0] if isinstance(node.attrs[0], tuple) else node.attrs
    found = apply(name, tree, number(dim + len(tree.shape)), shape=node.shape)
    return recording.atom("index", found, number(1), shape=node.shape)


def _put_at(recording: Recording, node: Node) -> Sum:
    """With values at places of it flattened; zeros there are what backward puts."""
    (shape,) = node.attrs
    if node.shape != shape:
        raise GradcliError("bad-argument", "there is no formula for values put in places of a batch yet")
    (target, values, _), places = recording.whole(node), recording.tree(node, 2)
    flat, count = (node.size,), node.inputs[2].size
    tree = recording.read(target)
    if len(shape) != 1:
        tree = apply("reshape", tree, number(-1), shape=flat)
    if len(places.shape) != 1:
        places = apply("flatten", places, shape=(count,))
    constant = values.constant
    if constant is not None:
        tree = apply("index_fill", tree, number(0), places, number(constant), shape=flat)
    else:
        given = floating(recording.read(values))
        if len(given.shape) != 1:
            given = apply("reshape", given, number(-1), shape=(count,))
        tree = apply("index_copy", tree, number(0), places, given, shape=flat)
    if len(shape) != 1:
        tree = apply("reshape", tree, sizes_of(recording, shape), shape=tuple(shape))
    return of_tree(tree)


def _trunc_divide(recording: Recording, node: Node) -> Sum:
    """The whole part of a quotient."""
    quotient = recording.read(recording.over(*recording.inputs(node)))
    return recording.atom("trunc", quotient, shape=quotient.shape).shaped(node.shape)


def _variance(recording: Recording, node: Node) -> Sum:
    """Held above a small number."""
    (value,) = recording.whole(node)
    held = recording.held(value, node.attrs[0])
    if held is not None:
        return held
    return recording.atom("clamp", recording.read(value), number(node.attrs[0]), shape=node.shape)


RULES: dict[str, Rule] = {
    "running index of maximum": _running_index("cummax"),
    "running index of minimum": _running_index("cummin"),
    "median": _median,
    "nanmedian": _median,
    "put_at": _put_at,
    "trunc_divide": _trunc_divide,
    "variance": _variance,
    "take": _taken,
    "put": _put,
    "along": _along,
    "scatter": _scatter,
    "bessel": _bessel,
    "spherical_bessel": _spherical,
    "polygamma": _polygamma,
    "solve_triangular": _called("linalg.solve_triangular", "upper", "unitriangular"),
    "argsort": _called("argsort", "dim", "descending"),
    "argmax": _called("argmax", "dim"),
    "argmin": _called("argmin", "dim"),
    "det": lambda recording, node: _determinant(recording, recording.tree(node)),
    "slogdet": _decomposed("slogdet"),
    "eigh": _decomposed("linalg.eigh"),
    "svd": _decomposed("linalg.svd"),
    "qr": _decomposed("linalg.qr"),
    "part": _part,
    "cofactors": _cofactors,
    "cofactor_derivative": _cofactor_derivative,
    "pinv": lambda recording, node: recording.atom("linalg.pinv", recording.tree(node), shape=node.shape),
    "ravel": _raveled,
    "class_index": lambda recording, node: recording.inputs(node)[0],
    "custom": _custom,
    "index": lambda recording, node: recording.inputs(node)[0],
}
"""What each primitive means."""
