"""From the tape to the normal form: what each recorded operation means as a sum of products.

`Recording` walks the nodes once. The table at the end has a row for each primitive whose value a law looks
into; any other function of the language is a factor that no law looks into, under its own name. What the tape
does for the sake of digits (the shift in a softmax, zeros that win over an infinite partial) is the formula
without it.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.formula import shuffles
from gradcli.formula.normal import (
    Coefficient,
    Factor,
    Label,
    Sizes,
    Sum,
    added,
    apart,
    collected,
    of_number,
    of_tree,
    product,
    rational,
    relabelled,
    scaled,
    whole_labels,
)
from gradcli.formula.reading import Reader
from gradcli.formula.tree import Expr, Shape, apply, number, symbol
from gradcli.tape.node import BOOL, FLOATS, LEAF, Node
from gradcli.tape.primitives import LITERAL, Elementwise
from gradcli.tape.promote import broadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rule = Callable[["Recording", Node, list[Sum]], Sum]

MOST_ELEMENTS = 64
"""Larger arrays that have no name are not written out."""


class Recording:
    """The meaning of nodes.

    Args:
        names: leaves (and what is differentiated with respect to) by node.
        sizes: the named sizes.
        indices: whole numbers that the program writes by a name.
    """

    def __init__(self, names: Mapping[Node, str], sizes: Sizes, indices: Mapping[int, str]) -> None:
        self.names = names
        self.sizes = sizes
        self.indices = indices
        self.reader = Reader(sizes)
        self.sums: dict[Node, Sum | GradcliError] = {}

    def of(self, node: Node) -> Sum:
        """What a node means.

        Raises:
            GradcliError: `bad-argument`, for an operation that no formula says.
        """
        stack = [node]
        while stack:
            each = stack[-1]
            if each in self.sums:
                stack.pop()
                continue
            missing = [] if each in self.names else [one for one in each.inputs if one not in self.sums]
            if missing:
                stack += missing
                continue
            stack.pop()
            try:
                self.sums[each] = self._meaning(each)
            except GradcliError as error:
                self.sums[each] = error
        return self.known(node)

    def known(self, node: Node) -> Sum:
        """What a node that was walked means."""
        found = self.sums[node]
        if isinstance(found, GradcliError):
            raise found
        return found

    def read(self, value: Sum) -> Expr:
        """A sum as an expression."""
        return self.reader.read(value)

    def atom(self, op: str, *args: Expr, attrs: tuple[Any, ...] = (), shape: Shape) -> Sum:
        """A function of the language as a factor that no law looks into."""
        return of_tree(apply(op, *args, attrs=attrs, shape=shape))

    def operand(self, value: Sum) -> Expr:
        """What an elementwise function is applied to: a number, or something of one element, without dims."""
        if value.constant is not None:
            return self.read(value.shaped(()))
        if value.shape and all(size == 1 for size in value.shape):
            return self.read(relabelled(value, {}, ()))
        return self.read(value)

    def applied(self, op: str, value: Sum, shape: Shape, attrs: tuple[Any, ...] = ()) -> Sum:
        """A function of each element."""
        if value.constant is not None:
            return of_tree(apply(op, self.read(value.shaped(())), attrs=attrs)).shaped(shape)
        tree, labels = self.reader.factor(value)
        return collected([(1, [(apply(op, tree, attrs=attrs, shape=tree.shape), labels, 1)])], shape)

    def _meaning(self, node: Node) -> Sum:
        if node in self.names:
            return of_tree(symbol(self.names[node], node.shape))
        if node.op is LITERAL:
            return self.sizes.number(node.attrs[0])
        if node.op is LEAF:
            return self._given(node)
        special = shuffles.recognised(self, node)
        if special is not None:
            return special
        rule = RULES.get(node.op.name)
        if rule is _where:
            return _where(self, node, [])
        if rule is not None:
            return rule(self, node, [self.known(each) for each in node.inputs])
        return self._function(node, [self.known(each) for each in node.inputs])

    def _given(self, node: Node) -> Sum:
        value = np.asarray(node.value)
        if not value.shape:
            return self.sizes.number(value.item())
        first = value.flat[0] if value.size else 0
        if np.all(value == first):
            return self.sizes.number(float(first)).shaped(node.shape)
        if value.ndim == 2 and value.shape[0] == value.shape[1] and np.array_equal(value, np.eye(len(value))):
            return self.identity(len(value), node.shape)
        if value.ndim == 1 and np.array_equal(value, np.arange(len(value))):
            return self.atom("arange", self.sizes.of(len(value)), shape=node.shape)
        if value.size > MOST_ELEMENTS:
            raise GradcliError(
                "bad-argument",
                f"the formula would need an array of {value.size} numbers that has no name",
                hint="give it a name in the program",
            )
        return self.atom("tensor", symbol(repr(value.tolist()).replace(" ", "")), shape=node.shape)

    def identity(self, size: int, shape: Shape) -> Sum:
        """The identity matrix."""
        return of_tree(apply("eye", self.sizes.of(size), shape=(size, size))).shaped(shape)

    def _function(self, node: Node, args: list[Sum]) -> Sum:
        name = node.op.name
        keywords = KEYWORDS.get(name, ())
        from gradcli.ops import registry

        if len(node.attrs) != len(keywords) or registry.lookup(name) is None:
            raise GradcliError("bad-argument", f"there is no formula for {name} yet")
        attrs = tuple(zip(keywords, node.attrs, strict=True))
        trees = [self.read(each) for each in args]
        return self.atom(NAMES.get(name, name), *trees, attrs=attrs, shape=node.shape)

    # ---- products, quotients, powers ----

    def times(self, left: Sum, right: Sum) -> Sum:
        """The product element by element, not multiplied out."""
        for one, other in ((left, right), (right, left)):
            value = one.constant
            if value is not None:
                return scaled(other, value).shaped(broadcast(left.shape, right.shape))
        left, right = self.reader.single(left), self.reader.single(right)
        for one, other in ((left, right), (right, left)):
            chosen = self._chosen(one, other)
            if chosen is not None:
                return chosen
        return product(left, right)

    def _chosen(self, value: Sum, factor: Sum) -> Sum | None:
        """A factor of what is selected beside 0 goes inside, where it may be infinite and isn't taken."""
        one = value.single
        if one is None or len(one[1]) != 1:
            return None
        coefficient, ((tree, labels, exponent),) = one
        if tree.op != "where" or exponent != 1 or labels != whole_labels(value.shape):
            return None
        if tree.shape != broadcast(value.shape, factor.shape) or factor.constant is not None:
            return None
        condition, a, b = tree.args
        zero = [each.op == "number" and each.attrs[0] == 0 for each in (a, b)]
        if not any(zero):
            return None
        taken = a if zero[1] else b
        inner = product(self.reader.single(self._sum_of(taken)), factor)
        read = self.read(inner)
        pair = (read, b) if zero[1] else (a, read)
        return scaled(self.atom("where", condition, *pair, shape=tree.shape), coefficient)

    def _sum_of(self, tree: Expr) -> Sum:
        return self.reader.sums.get(tree) or of_tree(tree)

    def power(self, base: Sum, exponent: Coefficient) -> Sum:
        """To a power that is a number."""
        exponent = rational(exponent)
        constant = base.constant
        if (
            constant is not None
            and (exponent == int(exponent) or constant > 0)
            and (constant or exponent > 0)
        ):
            exact = Fraction(constant) ** int(exponent) if _whole(constant, exponent) else constant**exponent
            return self.sizes.number(exact).shaped(base.shape)
        base = self.reader.single(base)
        one = base.single
        if isinstance(exponent, float) or one is None:
            return self.atom("pow", self.read(base), number(exponent), shape=base.shape)
        coefficient, term = one
        summed = any(each is not None and each > 0 for _, labels, _ in term for each in labels)
        inner_fraction = any(isinstance(e, Fraction) for _, _, e in term)
        if isinstance(exponent, Fraction) or summed or inner_fraction:
            tree, labels = self.reader.factor(base)
            if isinstance(exponent, Fraction) and abs(exponent) == Fraction(1, 2):
                root = apply("sqrt", tree, shape=tree.shape)
                return collected([(1, [(root, labels, 1 if exponent > 0 else -1)])], base.shape)
            return collected([(1, [(tree, labels, exponent)])], base.shape)
        factors: list[Factor] = [(tree, labels, e * exponent) for tree, labels, e in term]
        scale = coefficient**exponent if isinstance(coefficient, float) else Fraction(coefficient) ** exponent
        return collected([(rational(scale), factors)], base.shape)

    def over(self, top: Sum, bottom: Sum) -> Sum:
        """A quotient."""
        value = bottom.constant
        if value is not None and value != 0:
            inverse = 1 / value if isinstance(value, float) else 1 / Fraction(value)
            return scaled(top, rational(inverse)).shaped(broadcast(top.shape, bottom.shape))
        if not bottom.terms:
            return self.atom("div", self.read(top), number(0), shape=top.shape)
        return self.times(top, self.power(bottom, -1))

    # ---- sums over dims ----

    def total(self, value: Sum, gone: Mapping[int, int], names: dict[int, Label], shape: Shape) -> Sum:
        """Sums over the labels `gone` (to their sizes); the other labels become `names`."""
        terms: list[tuple[Coefficient, list[Factor]]] = []
        renaming = {**names, **{label: 5000 + at for at, label in enumerate(gone)}}
        for term, coefficient in value.terms.items():
            moved = apart(term, 10_000)
            seen = {each for _, labels, _ in moved for each in labels}
            factors: list[Factor] = [
                (tree, tuple([None if each is None else renaming.get(each, each) for each in labels]), e)
                for tree, labels, e in moved
            ]
            for label, size in gone.items():
                if label not in seen and size != 1:
                    one = self.sizes.number(size).single
                    assert one is not None
                    coefficient = coefficient * one[0]
                    factors += one[1]
            terms.append((coefficient, factors))
        return collected(terms, shape)

    def contracted(self, values: Sequence[Sum], terms: Sequence[Sequence[int]], out: Sequence[int]) -> Sum:
        """A sum of products, each dim of which has a number: as `einsum` has letters."""
        whole = of_number(1)
        sizes: dict[int, int] = {}
        for value, dims in zip(values, terms, strict=True):
            rank = len(value.shape)
            names: dict[int, Label] = {}
            for at, dim in enumerate(dims):
                names[at - rank] = -1000 - dim
                sizes[dim] = max(value.shape[at], sizes.get(dim, 1))
            moved = relabelled(self.reader.single(value), names, ())
            whole = product(whole, moved)
        shape = tuple([sizes[each] for each in out])
        gone = {-1000 - dim: size for dim, size in sizes.items() if dim not in out}
        kept: dict[int, Label] = {-1000 - dim: at - len(out) for at, dim in enumerate(out)}
        return self.total(whole, gone, kept, shape)


def _whole(base: Coefficient, exponent: Coefficient) -> bool:
    return not isinstance(base, float) and isinstance(exponent, int)


# ---- the rules ----


def _where(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    c, a, b = node.inputs
    if c.op.name == "untaken" or _guards_digits(c):  # zeros that win over an infinite partial
        return recording.known(b).shaped(node.shape)
    if _is_zero(b) and c.op.name == "logical_not" and _guards_digits(c.inputs[0]):
        return recording.known(a).shaped(node.shape)
    left, right = recording.known(a), recording.known(b)
    if _where_no_value(c):
        return (right if _is_zero(a) else left).shaped(node.shape)
    if c.op.name == "logical_not" and _where_no_value(c.inputs[0]):
        return (right if _is_zero(a) else left).shaped(node.shape)
    if _is_zero(a) and _mentions_not_finite(c, b):
        return right.shaped(node.shape)
    if _is_zero(a) and b.op.name == "mul" and b.inputs[1].op.name == "log":
        inner = b.inputs[1].inputs[0]
        if inner.op.name == "where" and inner.inputs[0] is c:
            base = recording.known(inner.inputs[2])
            if base.constant is not None:
                return right.shaped(node.shape)
            power = recording.read(recording.known(b.inputs[0]))
            return recording.atom("xlogy", power, recording.read(base), shape=node.shape)
    if b.op.name == "div" and _is_zero(a) and b.inputs[1].op.name in ("where", "expand", "reshape"):
        inner = b.inputs[1]
        while inner.op.name in ("expand", "reshape"):
            inner = inner.inputs[0]
        if inner.op.name == "where" and inner.inputs[2].op.name in ("norm", "reshape"):
            top = recording.known(b.inputs[0])
            bottom = recording.known(inner.inputs[2])
            return recording.over(top, bottom).shaped(node.shape)
    condition = recording.known(c)
    test = condition.single
    if left.constant == 1 and c.op.name == "gt" and b.op.name == "sigmoid":
        inner = b.inputs[0]
        if inner.op.name == "where" and inner.inputs[0].op.name == "ge":  # softplus is x itself from there on
            return recording.applied("sigmoid", recording.known(inner.inputs[2]), node.shape)
    if condition.constant is None and c.op.name == "eq" and left.constant in (0, 1):
        length = c.inputs[0]
        if length.op.name == "hypot" and _is_zero(c.inputs[1]):  # a convention for the origin
            return right.shaped(node.shape)
    if test is None or condition.constant is not None:
        return (left if condition.terms else right).shaped(node.shape)
    tree = recording.operand(condition)
    if tree.op == "logical_not":
        tree, left, right = tree.args[0], right, left
    if left.key[1] == right.key[1]:
        return left.shaped(node.shape)
    for value, at in ((left, 0), (right, 1)):  # a number in front of what is selected beside 0
        other = (right, left)[at]
        one = value.single
        if not other.terms and one is not None and one[1] and one[0] != 1:
            bare = scaled(
                value, rational(1 / Fraction(one[0]) if not isinstance(one[0], float) else 1 / one[0])
            )
            pair = (bare, other) if at == 0 else (other, bare)
            chosen = [
                recording.reader.plain(each.shaped(())) if not each.terms else recording.read(each)
                for each in pair
            ]
            return scaled(recording.atom("where", tree, *chosen, shape=node.shape), one[0])
    trees = [recording.operand(each) for each in (left, right)]
    return recording.atom("where", tree, *trees, shape=node.shape)


def _is_zero(node: Node) -> bool:
    while node.op.name == "expand":
        node = node.inputs[0]
    return (node.op is LITERAL and node.attrs[0] == 0) or (
        node.op is LEAF and not node.shape and node.value is not None and float(node.value) == 0
    )


def _guards_digits(condition: Node) -> bool:
    """A choice between two ways to compute one value: which is the largest, or whether it is infinite."""
    if condition.op.name == "isinf":
        return True
    if condition.op.name == "eq" and len(condition.inputs) == 2:
        right = condition.inputs[1]
        while right.op.name in ("reshape", "cast"):
            right = right.inputs[0]
        left = condition.inputs[0]
        return right.op.name == "argmax" and left.op is LEAF
    return False


def _where_no_value(condition: Node) -> bool:
    """Whether it is asked where the logarithm of a determinant is not a number."""
    sign = condition.inputs[0] if condition.inputs else condition
    return sign.op.name == "part" and sign.attrs[0] == 0 and sign.inputs[0].op.name == "slogdet"


def _mentions_not_finite(condition: Node, value: Node) -> bool:
    if condition.op.name == "logical_not":
        return condition.inputs[0].op.name == "isfinite"
    return condition.op.name == "logical_and" and any(
        _mentions_not_finite(each, value) for each in condition.inputs
    )


def _compared(op: str) -> Rule:
    def rule(recording: Recording, node: Node, args: list[Sum]) -> Sum:
        left, right = args
        if left.constant is not None and right.constant is not None:
            a, b = left.constant, right.constant
            truth = {"eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[op]
            return of_number(int(truth), node.shape)
        trees = [recording.operand(each) for each in args]
        if op == "ne" and right.constant == 0 and trees[0].op == "relu":
            return recording.atom("gt", trees[0].args[0], number(0), shape=node.shape)
        return recording.atom(op, *trees, shape=node.shape)

    return rule


def _logic(op: str) -> Rule:
    def rule(recording: Recording, node: Node, args: list[Sum]) -> Sum:
        left, right = args
        for one, other in ((left, right), (right, left)):
            value = one.constant
            if value is not None:
                if op == "logical_and":
                    return other if value else of_number(0, node.shape)
                return of_number(1, node.shape) if value else other
        return recording.atom(op, *[recording.operand(each) for each in args], shape=node.shape)

    return rule


def _not(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,) = args
    if value.constant is not None:
        return of_number(int(not value.constant), node.shape)
    tree = recording.read(value)
    opposite = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}.get(tree.op)
    if opposite in ("eq", "ne"):
        return recording.atom(opposite, *tree.args, shape=node.shape)
    return recording.atom("logical_not", tree, shape=node.shape)


def _cast(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,) = args
    source = node.inputs[0].dtype
    if source is BOOL and node.dtype in FLOATS and value.constant is None:
        return recording.atom("where", recording.read(value), number(1), number(0), shape=node.shape)
    if node.dtype not in FLOATS and source in FLOATS:
        return recording.atom("trunc", recording.read(value), shape=node.shape)
    return value


def _exp(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,) = args
    shift = shuffles.shifted(node.inputs[0])
    if shift is not None:
        source, dims = shift
        if len(dims) == 1:
            tree = recording.read(recording.known(source))
            return recording.atom("softmax", tree, attrs=_dim(dims[0], source.ndim), shape=node.shape)
    if value.constant == 0:
        return of_number(1, node.shape)
    one = value.single
    if one is not None and one[0] == 1 and len(one[1]) == 1 and one[1][0][0].op == "log_softmax":
        ((tree, labels, exponent),) = one[1]
        if exponent == 1:
            chosen = apply("softmax", *tree.args, attrs=tree.attrs, shape=tree.shape)
            return collected([(1, [(chosen, labels, 1)])], node.shape)
    return recording.applied("exp", value, node.shape)


def _dim(dim: int, rank: int) -> tuple[Any, ...]:
    """A dim as the softmax functions take it; for a vector it goes without saying."""
    return () if rank == 1 else (("dim", dim),)


def _soft(name: str) -> Rule:
    def rule(recording: Recording, node: Node, args: list[Sum]) -> Sum:
        (dim,) = node.attrs
        tree = recording.read(args[0].shaped(node.inputs[0].shape))
        return recording.atom(name, tree, attrs=_dim(dim, node.inputs[0].ndim), shape=node.shape)

    return rule


def _logsumexp(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.inputs[0].shape))
    return recording.atom("logsumexp", tree, number(node.attrs[0]), shape=node.shape)


def _odd(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    """f(-u) = -f(u)"""
    (value,) = args
    one = recording.reader.single(value).single
    if one is not None and one[0] < 0:
        return scaled(_unary(recording, node, [scaled(value, -1)]), -1)
    return _unary(recording, node, args)


def _even(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    """f(-u) = f(u)"""
    (value,) = args
    one = recording.reader.single(value).single
    return _unary(recording, node, [scaled(value, -1)] if one is not None and one[0] < 0 else args)


_AT_ZERO = {"sin": 0, "tan": 0, "cos": 1, "sinh": 0, "tanh": 0, "cosh": 1, "asin": 0, "atan": 0, "erf": 0}


def _unary(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,) = args
    if not value.terms and node.op.name in _AT_ZERO:
        return of_number(_AT_ZERO[node.op.name], node.shape)
    return recording.applied(NAMES.get(node.op.name, node.op.name), value, node.shape)


def _log(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    if args[0].constant == 1:
        return of_number(0, node.shape)
    return _unary(recording, node, args)


def _squared(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    return recording.power(args[0], 2)


def _pow(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    if node.attrs:
        return recording.power(args[0], node.attrs[0]).shaped(node.shape)
    base, exponent = args
    if exponent.constant is not None:
        return recording.power(base, exponent.constant).shaped(node.shape)
    if base.constant == 1:
        return of_number(1, node.shape)
    trees = [recording.read(each.shaped(()) if each.constant is not None else each) for each in args]
    return recording.atom("pow", *trees, shape=node.shape)


def _sum(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,), (dims,) = args, node.attrs
    shift = shuffles.shifted_sum(node)
    if shift:
        return of_number(1, node.shape)
    source = node.inputs[0].shape
    rank = len(source)
    gone = {dim: source[dim] for dim in dims}
    kept = [dim for dim in range(-rank, 0) if dim not in gone]
    names: dict[int, Label] = {dim: at - len(kept) for at, dim in enumerate(kept)}
    return recording.total(recording.reader.single(value), gone, names, node.shape)


def _expand(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    return args[0].shaped(node.shape)


def _reshape(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,) = args
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
    tree = recording.read(value.shaped(old))
    if tree.op == "reshape":
        tree = tree.args[0]
        if tree.shape == new:
            return of_tree(tree)
    sizes = apply("tuple", *[recording.sizes.of(each) for each in new])
    return recording.atom("reshape", tree, sizes, shape=new)


def _permute(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (order,) = node.attrs
    rank = len(order)
    return relabelled(args[0], {old: new - rank for new, old in enumerate(order)}, node.shape)


def _matmul(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    left, right = args
    ranks = [each.ndim for each in node.inputs]
    batch = max(ranks) - 2
    shapes = [each.shape for each in node.inputs]
    lead = [list(range(batch - (rank - 2), batch)) for rank in ranks]
    row, inner, column = 900, 901, 902
    return recording.contracted(
        [left.shaped(shapes[0]), right.shaped(shapes[1])],
        [[*lead[0], row, inner], [*lead[1], inner, column]],
        [*range(batch), row, column],
    ).shaped(node.shape)


def _einsum(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    terms, out = node.attrs
    values = [each.shaped(one.shape) for each, one in zip(args, node.inputs, strict=True)]
    return recording.contracted(
        values, [[ord(one) for one in term] for term in terms], [ord(one) for one in out]
    )


def _pick(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,), (cuts,) = args, node.attrs
    source = node.inputs[0].shape
    rank = len(source)
    value = recording.reader.single(value)
    kept = [at for at, cut in enumerate(cuts) if isinstance(cut, tuple)]
    names = {at - rank: place - len(kept) for place, at in enumerate(kept)}
    terms: list[tuple[Coefficient, list[Factor]]] = []
    for term, coefficient in value.terms.items():
        factors: list[Factor] = []
        for tree, labels, exponent in term:
            key: list[Expr] = []
            left: list[Label] = []
            shape: list[int] = []
            changed = False
            for size, label in zip(tree.shape, labels, strict=True):
                cut = cuts[label] if label is not None and label < 0 else (None, None, None)
                if isinstance(cut, tuple):
                    length = len(range(*slice(*cut).indices(size)))
                    whole = length == size and cut[2] in (None, 1)
                    changed = changed or not whole
                    key.append(shuffles.cut_tree(recording, (None, None, None) if whole else cut, size))
                    moved = label if label is None or label > 0 else names[label]
                    left.append(None if length == 1 and label is not None and not whole else moved)
                    shape.append(length)
                else:
                    changed = True
                    key.append(shuffles.index_tree(recording, cut, size))
            picked = apply("index", tree, *key, shape=tuple(shape)) if changed else tree
            factors.append((picked, tuple(left), exponent))
        terms.append((coefficient, factors))
    return collected(terms, node.shape)


def _place(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (value,), (shape, cuts) = args, node.attrs
    rank = len(shape)
    kept = [at for at, cut in enumerate(cuts) if isinstance(cut, tuple)]
    if any(shuffles.size_of(cuts[at], shape[at]) != shape[at] or cuts[at][2] not in (None, 1) for at in kept):
        return shuffles.padded(recording, node, value)
    names: dict[int, Label] = {place - len(kept): at - rank for place, at in enumerate(kept)}
    result = relabelled(value, names, tuple(shape))
    for at, cut in enumerate(cuts):
        if not isinstance(cut, tuple):
            hot = apply(
                "one_hot",
                shuffles.index_tree(recording, cut % shape[at], shape[at]),
                recording.sizes.of(shape[at]),
                shape=(shape[at],),
            )
            one = collected([(1, [(hot, (at - rank,), 1)])], tuple(shape))
            result = product(recording.reader.single(result), one)
    return result.shaped(node.shape)


def _sigmoid(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    return of_number(Fraction(1, 2), node.shape) if not args[0].terms else _unary(recording, node, args)


def _norm(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.inputs[0].shape))
    (dims,) = node.attrs
    if len(dims) == tree.shape.__len__():
        return recording.atom("norm", tree, shape=node.shape)
    return recording.atom(
        "norm", tree, attrs=(("dim", dims[0] if len(dims) == 1 else dims),), shape=node.shape
    )


def _extreme(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.inputs[0].shape))
    (dims,) = node.attrs
    if len(dims) == len(tree.shape):
        return recording.atom(node.op.name, tree, shape=node.shape)
    return recording.atom(
        node.op.name, tree, attrs=(("dim", dims[0] if len(dims) == 1 else dims),), shape=node.shape
    )


def _solve(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    matrix, right = [each.shaped(one.shape) for each, one in zip(args, node.inputs, strict=True)]
    a = recording.read(matrix)
    shape = node.inputs[1].shape
    if len(shape) == 2 and shape[1] == 1:  # a vector on the right
        vector = recording.read(relabelled(right, {-2: -1}, shape[:1]))
        return relabelled(recording.atom("linalg.solve", a, vector, shape=shape[:1]), {-1: -2}, shape)
    return recording.atom("linalg.solve", a, recording.read(right), shape=node.shape)


def _inverse(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.shape))
    if tree.op == "transpose":  # the inverse of a transpose is the transpose of the inverse
        inner = of_tree(apply("inverse", tree.args[0], shape=tree.args[0].shape))
        return relabelled(inner, {-1: -2, -2: -1}, node.shape)
    return recording.atom("inverse", tree, shape=node.shape)


def _cofactors(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.shape))
    det = of_tree(apply("det", tree))
    inverse = relabelled(of_tree(apply("inverse", tree, shape=tree.shape)), {-1: -2, -2: -1}, node.shape)
    return product(det, inverse)


def _same(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    return args[0].shaped(node.shape)


def _slogdet(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    return recording.atom("slogdet", recording.read(args[0].shaped(node.inputs[0].shape)), shape=node.shape)


def _part(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    one = args[0].single
    assert one is not None
    tree = one[1][0][0]
    return recording.atom("index", tree, number(node.attrs[0]), shape=node.shape)


def _softplus(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    beta, threshold = node.attrs
    attrs = tuple([(n, v) for n, v, d in (("beta", beta, 1), ("threshold", threshold, 20)) if v != d])
    return recording.applied("softplus", args[0], node.shape, attrs)


def _polygamma(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    (order,) = node.attrs
    if not order:
        return recording.applied("digamma", args[0], node.shape)
    tree, labels = recording.reader.factor(args[0])
    return collected(
        [(1, [(apply("polygamma", number(order), tree, shape=tree.shape), labels, 1)])], node.shape
    )


def _clamp(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    trees = [recording.read(each) for each in args]
    if node.attrs:
        low, high = node.attrs
        trees += [symbol("None") if each is None else number(each) for each in (low, high)]
    shape = broadcast(*[each.shape for each in trees])
    return recording.atom("clamp", *trees, shape=shape).shaped(node.shape)


def _triangle(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    low, high = node.attrs
    tree = recording.read(args[0].shaped(node.shape))
    if low is not None:
        tree = apply("triu", tree, *([number(low)] if low else []), shape=node.shape)
    if high is not None:
        tree = apply("tril", tree, *([number(high)] if high else []), shape=node.shape)
    return of_tree(tree)


def _scan(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.shape))
    dim = number(node.attrs[0] + node.ndim)
    return recording.atom(node.op.name, tree, dim, shape=node.shape)


def _joined(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    trees = [recording.read(each.shaped(one.shape)) for each, one in zip(args, node.inputs, strict=True)]
    return recording.atom("cat", apply("tuple", *trees), number(node.attrs[0]), shape=node.shape)


def _taken(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.inputs[0].shape))
    indices = recording.read(args[1].shaped(node.inputs[1].shape))
    whole = apply("slice", symbol("None"), symbol("None"), symbol("None"))
    key = [*[whole] * (len(tree.shape) - 1), indices]
    return recording.atom("index", tree, *key, shape=node.shape)


def _prod(recording: Recording, node: Node, args: list[Sum]) -> Sum:
    tree = recording.read(args[0].shaped(node.inputs[0].shape))
    dims = [] if len(tree.shape) == 1 else [number(node.attrs[0])]
    return recording.atom("prod", tree, *dims, shape=node.shape)


RULES: dict[str, Rule] = {
    "add": lambda recording, node, args: added(args[0], args[1]).shaped(node.shape),
    "sub": lambda recording, node, args: added(args[0], args[1], -1).shaped(node.shape),
    "neg": lambda recording, node, args: scaled(args[0], -1),
    "mul": lambda recording, node, args: recording.times(*args).shaped(node.shape),
    "guarded_mul": lambda recording, node, args: recording.times(*args).shaped(node.shape),
    "div": lambda recording, node, args: recording.over(*args).shaped(node.shape),
    "scale": lambda recording, node, args: recording.times(args[0], recording.sizes.number(node.attrs[0])),
    "reciprocal": lambda recording, node, args: recording.power(args[0], -1),
    "sqrt": lambda recording, node, args: recording.power(args[0], Fraction(1, 2)),
    "rsqrt": lambda recording, node, args: recording.power(args[0], Fraction(-1, 2)),
    "pow": _pow,
    "exp": _exp,
    "log": _log,
    "sin": _odd,
    "tan": _odd,
    "asin": _odd,
    "atan": _odd,
    "sinh": _odd,
    "tanh": _odd,
    "asinh": _odd,
    "atanh": _odd,
    "erf": _odd,
    "sign": _odd,
    "cos": _even,
    "cosh": _even,
    "abs": _even,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "clamp": _clamp,
    "polygamma": _polygamma,
    "where": _where,
    **{name: _compared(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "logical_and": _logic("logical_and"),
    "logical_or": _logic("logical_or"),
    "logical_not": _not,
    "cast": _cast,
    "detach": _same,
    "expand": _expand,
    "reshape": _reshape,
    "permute": _permute,
    "sum": _sum,
    "matmul": _matmul,
    "einsum": _einsum,
    "pick": _pick,
    "place": _place,
    "log_softmax": _soft("log_softmax"),
    "logsumexp": _logsumexp,
    "norm": _norm,
    "amax": _extreme,
    "amin": _extreme,
    "solve": _solve,
    "inv": _inverse,
    "cofactors": _cofactors,
    "slogdet": _slogdet,
    "part": _part,
    "band": _triangle,
    "cumsum": _scan,
    "cumprod": _scan,
    "cat": _joined,
    "take": _taken,
    "prod": _prod,
}
"""What each primitive means, where a law looks into it."""

NAMES: dict[str, str] = {"bessel": "special.bessel"}
"""Primitives that the language has under another name."""

KEYWORDS: dict[str, tuple[str, ...]] = {}
"""What the attributes of the others are called in the language."""

__all__ = ["Elementwise", "Recording", "prod"]
