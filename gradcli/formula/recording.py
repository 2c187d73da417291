"""From the tape to the normal form: what each recorded operation means as a sum of products.

`Recording` walks the nodes once, and asks the table of `rules` about each. What the tape does for the sake of
digits (the shift in a softmax, zeros that win over an infinite partial) is the formula without it.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf, nan
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcli.errors import GradcliError
from gradcli.formula.coefficients import over
from gradcli.formula.digits import meant
from gradcli.formula.groups import groups
from gradcli.formula.normal import (
    Sum,
    added,
    collected,
    magnitude,
    of_number,
    of_tree,
    product,
    rational,
    relabelled,
    scaled,
)
from gradcli.formula.powers import square_root
from gradcli.formula.reading import Reader
from gradcli.formula.signs import never_zero, not_negative
from gradcli.formula.sizes import Sizes
from gradcli.formula.terms import (
    MARKS,
    Coefficient,
    Factor,
    Label,
    Term,
    apart,
    highest,
    plain_fraction,
    renamed,
    whole_labels,
)
from gradcli.formula.tree import Expr, Shape, apply, number, symbol
from gradcli.formula.writing import narrowed
from gradcli.tape.node import LEAF, Node
from gradcli.tape.primitives import LITERAL
from gradcli.tape.promote import broadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.limits import Ledger

Rule: TypeAlias = "Callable[[Recording, Node], Sum]"
"""What a node of one primitive means."""

MOST_FACTORS = 8
"""Longer products are written as one factor of those that they are in."""

_MEANING = 40_000
"""About the bytes that what a node means takes, where there are many."""

MOST_ELEMENTS = 64
"""Larger arrays that have no name are not written out."""
LEAST = 1e-6
"""Functions of the language hold what they divide by above such numbers, and textbooks don't."""
_FEW = 16
"""So many integers are written out even where a rule would give them."""


class Recording:
    """The meaning of nodes.

    Args:
        names: leaves (and what is differentiated with respect to) by node.
        sizes: the named sizes.
        indices: whole numbers that the program writes by a name.
        rules: what each primitive means.
        ledger: what is asked for memory.
    """

    def __init__(
        self,
        names: Mapping[Node, str],
        sizes: Sizes,
        indices: Mapping[int, str],
        rules: Mapping[str, Rule],
        ledger: Ledger,
    ) -> None:
        self.ledger = ledger
        self.rules = rules
        self.names = names
        self.sizes = sizes
        self.indices = indices
        self.reader = Reader(sizes)
        self.sums: dict[Node, Sum | GradcliError] = {}
        self.powers: dict[tuple[Sum, Coefficient], Sum] = {}
        """What `power` gave, by the sum itself."""
        self.inverted: dict[Expr, None] = {}
        """What stands below two lines in the program: where it is 0, `eval` may have no value."""
        self.given = True
        """Whether what the program read while it ran is what it was given."""
        self.bounded: set[Node] = set()
        """What the user holds within bounds, which are meant."""
        self.left_out: dict[Expr, str] = {}
        """What `eval` does where an expression is 0, if a formula divides by it."""

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
            read: Sequence[Node] = () if each in self.names else each.inputs
            if each.op.name == "where" and read and (side := meant(each)) is not None:
                read = (side,)  # nobody reads the condition
            for one in read:
                if one not in self.sums:
                    stack.append(one)
            if stack[-1] is not each:
                continue
            stack.pop()
            self.ledger.ask(_MEANING, "the formula")
            try:
                self.sums[each] = self._meaning(each)
            except GradcliError as error:
                self.sums[each] = error.with_traceback(None)  # which would hold all that is at work here
        return self.known(node)

    def known(self, node: Node) -> Sum:
        """What a node means that was walked, or that a rule looks through to."""
        if node not in self.sums:
            return self.of(node)
        found = self.sums[node]
        if isinstance(found, GradcliError):
            raise found
        return found

    def leave_out(self, value: Sum, says: str) -> None:
        """Notes what `eval` does where something is 0 that a formula divides by."""
        self.left_out[self.read(value)] = says

    def held(self, value: Sum, least: float) -> Sum | None:
        """What a function of the language holds above a small number to divide by it; None for others."""
        if not 0 < least <= LEAST or value.constant is not None:
            return None
        self.leave_out(value, f"eval divides by {least:g}")
        return value

    def read(self, value: Sum) -> Expr:
        """A sum as an expression."""
        return self.reader.read(value)

    def atom(self, op: str, *args: Expr, attrs: tuple[Any, ...] = (), shape: Shape) -> Sum:
        """A function of the language as a factor that no law looks into."""
        return of_tree(apply(op, *args, attrs=attrs, shape=shape))

    def operand(self, value: Sum) -> Expr:
        """What an elementwise function is applied to, without dims along which it is constant."""
        return self.reader.operand(value)

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
        read = node.op is not LEAF and node.value is not None and not node.inputs  # and let go
        if read and not self.given:
            raise GradcliError("bad-argument", f"there is no formula of what {node.op.name} was read as")
        if read or node.op is LEAF:
            return self._given(node)
        rule = self.rules.get(node.op.name)
        return self._function(node) if rule is None else rule(self, node)

    def _given(self, node: Node) -> Sum:
        value = np.asarray(node.value)
        if value.dtype.kind == "i" and value.shape:  # an index that was checked is another node
            for other, name in self.names.items():
                if (
                    other.shape == value.shape
                    and other.dtype.kind == "i"
                    and np.array_equal(other.value, value)
                ):
                    return of_tree(symbol(name, value.shape))
            even = self._evenly_spaced(value) if value.size > _FEW else None
            if even is not None:
                return even
            return self.atom("tensor", symbol(repr(value.tolist()).replace(" ", "")), shape=node.shape)
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

    def _evenly_spaced(self, value: np.ndarray[Any, Any]) -> Sum | None:
        """Integers that grow by a constant along each dim, as a sum of ranges."""
        rank = value.ndim
        result = of_number(int(value.flat[0]), value.shape)
        evenly = np.full(value.shape, value.flat[0])
        for dim, size in enumerate(value.shape):
            if size == 1:
                continue
            step = int(np.take(value, 1, dim).flat[0] - value.flat[0])
            steps = np.arange(size)
            evenly += step * steps.reshape(-1, *[1] * (rank - dim - 1))
            along = relabelled(
                self.atom("arange", self.sizes.of(size), shape=(size,)), {-1: dim - rank}, value.shape
            )
            result = added(result, scaled(along, step))
        return result if np.array_equal(evenly, value) else None

    def identity(self, size: int, shape: Shape) -> Sum:
        """The identity matrix."""
        return of_tree(apply("eye", self.sizes.of(size), shape=(size, size))).shaped(shape)

    def _function(self, node: Node) -> Sum:
        from gradcli.ops import registry

        if node.attrs or registry.lookup(node.op.name) is None:
            raise GradcliError("bad-argument", f"there is no formula for {node.op.name} yet")
        return self.atom(node.op.name, *[self.read(each) for each in self.inputs(node)], shape=node.shape)

    # ---- what rules ask for ----

    def inputs(self, node: Node) -> list[Sum]:
        """What the inputs of a node mean."""
        found = [self.sums.get(each) for each in node.inputs]
        for each in found:
            if type(each) is not Sum:
                return [self.known(each) for each in node.inputs]
        return found  # type: ignore[return-value]

    def whole(self, node: Node) -> list[Sum]:
        """The same, of their full shapes."""
        return [self.known(each).shaped(each.shape) for each in node.inputs]

    def tree(self, node: Node, at: int = 0) -> Expr:
        """An input of a node as an expression of its full shape."""
        return self.read(self.known(node.inputs[at]).shaped(node.inputs[at].shape))

    def row(self, node: Node, dim: int) -> Expr:
        """The first input without leading dims of size 1, for what works along a (negative) dim."""
        value, shape = self.known(node.inputs[0]), node.inputs[0].shape
        while shape and shape[0] == 1 and len(shape) > -dim:
            shape = shape[1:]
        return self.read(value.shaped(shape))

    # ---- products, quotients, powers ----

    def times(self, left: Sum, right: Sum) -> Sum:
        """The product element by element, not multiplied out."""
        for one, other in ((left, right), (right, left)):
            value = one.constant
            if value is not None:
                return scaled(other, value).shaped(broadcast(left.shape, right.shape))
        left, right = self._short(self.reader.single(left)), self._short(self.reader.single(right))
        for one, other in ((left, right), (right, left)):
            for term in one.terms:
                chooses = len(term) == 1 and term[0][0].op == "where"
                if chooses and (chosen := self._chosen(one, other)) is not None:
                    return chosen
        return product(left, right)

    def _short(self, value: Sum) -> Sum:
        """A long product as one factor, so that a product of products doesn't swell."""
        for term in value.terms:
            if len(term) > MOST_FACTORS:
                tree, labels = self.reader.factor(value)
                return collected([(1, [(tree, labels, 1)])], value.shape)
        return value

    def _chosen(self, value: Sum, factor: Sum) -> Sum | None:
        """A factor of what is selected beside 0 goes inside, where it may be infinite and isn't taken."""
        (((tree, labels, exponent),), coefficient), *_ = value.terms.items()
        if exponent != 1 or labels != whole_labels(tree.shape):
            return None
        if factor.constant is not None:
            return None
        shape, rest = broadcast(value.shape, factor.shape), of_number(1)
        if tree.shape != shape:  # of a larger factor, the numbers in it
            one = factor.single
            if one is None or all(each[1] for each in one[1]):
                return None
            rest = collected([(one[0], [each for each in one[1] if each[1]])], factor.shape)
            factor = collected([(1, [each for each in one[1] if not each[1]])], ())
        condition, a, b = tree.args
        zero = [each.op == "number" and each.attrs[0] == 0 for each in (a, b)]
        if not any(zero):
            return None
        taken = a if zero[1] else b
        inner = product(self.reader.single(self._sum_of(taken)), factor)
        one = self.reader.single(inner).single
        sizes = [] if one is None else [each for each in one[1] if self.sizes.is_one(each[0])]
        if one is not None and sizes:  # which are no reason to
            inner = collected([(one[0], [each for each in one[1] if each not in sizes])], inner.shape)
            rest = product(rest, collected([(1, sizes)], ()))
        read = self.read(inner)
        pair = (read, b) if zero[1] else (a, read)
        chosen = scaled(self.atom("where", condition, *pair, shape=tree.shape), coefficient)
        return product(chosen, rest).shaped(shape)

    def _sum_of(self, tree: Expr) -> Sum:
        return self.reader.sums.get(tree) or of_tree(tree)

    def power(self, base: Sum, exponent: Coefficient) -> Sum:
        """To a power that is a number."""
        key = base, exponent
        found = self.powers.get(key)
        if found is None:
            found = self.powers[key] = self._power(base, rational(exponent))
        return found

    def _power(self, base: Sum, exponent: Coefficient) -> Sum:
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
        summed = highest(term) > 0
        inner_fraction = any(
            type(e) is Fraction and not (isinstance(exponent, int) and not_negative(tree))
            for tree, _, e in term
        )
        if summed and isinstance(exponent, int):
            whole = collected([(coefficient, self.by_groups(term, base.shape))], base.shape)
            return self._power(whole, exponent)
        if type(exponent) is Fraction or inner_fraction:
            half = exponent.denominator == 2 and exponent.numerator in (1, -1)
            root = square_root(magnitude(coefficient)) if half else None
            if root is not None:
                base = scaled(base, over(1, magnitude(coefficient)))
            tree, labels = self.reader.factor(base)
            if half:
                sign = 1 if exponent > 0 else -1
                factor: Factor = apply("sqrt", tree, shape=tree.shape), labels, sign
                return collected([(rational((root or 1) ** sign), [factor])], base.shape)
            return collected([(1, [(tree, labels, exponent)])], base.shape)
        factors: list[Factor] = [(tree, labels, plain_fraction(e * exponent)) for tree, labels, e in term]
        if exponent < 0:
            quotient = min([e for _, _, e in term], default=0) < 0
            factors = [self._inverted(each, quotient) for each in factors]
        if coefficient == 1:
            return collected([(1, factors)], base.shape)
        scale = coefficient**exponent if isinstance(coefficient, float) else Fraction(coefficient) ** exponent
        return collected([(rational(scale), factors)], base.shape)

    def by_groups(self, term: Term, shape: Shape) -> list[Factor]:
        """The factors of a term, in which each group that is tied by summed dims is one factor."""
        factors: list[Factor] = []
        for group in groups(term):
            if any(each is not None and each > 0 for _, labels, _ in group for each in labels):
                whole = narrowed(collected([(1, group)], shape))
                tree, labels = self.reader.factor(whole, self.reader.plain)
                group = [(tree, labels, 1)]
            factors += group
        return factors

    def plus(self, left: Sum, right: Sum) -> Sum:
        """A sum."""
        return added(left, right)

    def minus(self, left: Sum, right: Sum) -> Sum:
        """A difference."""
        return added(left, right, -1)

    def _inverted(self, factor: Factor, quotient: bool) -> Factor:
        """A factor of what stands below a line; that is a quotient itself, its parts are marked.

        What comes up from below two lines may be cancelled, and so may what was above the inner one: where
        either is 0, `eval` divides by 0, and a note tells.
        """
        tree, labels, exponent = factor
        if tree.op in MARKS or never_zero(tree) or (exponent < 0 and not quotient):
            return factor
        self.inverted[tree] = None
        return apply("inverted" if exponent > 0 else "sunk", tree, shape=tree.shape), labels, exponent

    def over(self, top: Sum, bottom: Sum) -> Sum:
        """A quotient."""
        value = bottom.constant
        if value is not None and value != 0:
            inverse = 1 / value if isinstance(value, float) else Fraction(1, value)
            return self.times(top, self.sizes.number(inverse)).shaped(broadcast(top.shape, bottom.shape))
        if not bottom.terms:
            above = top.constant
            if above is not None:  # which Python doesn't divide by 0
                return scaled(of_tree(number(inf if above else nan)), -1 if above < 0 else 1).shaped(
                    top.shape
                )
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
            factors = renamed(moved, renaming)
            count, lengths = self.sizes.product(
                [size for label, size in gone.items() if label not in seen and size != 1]
            )
            terms.append((coefficient * count, [*factors, *lengths]))
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
