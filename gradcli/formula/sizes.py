"""Named sizes, found again in the numbers of a formula, and numbers that everybody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import gcd, isclose, isfinite, prod
from typing import TYPE_CHECKING

from gradcli.formula.normal import MOST_DENOMINATOR, Sum, collected, of_number, of_tree, rational, scaled
from gradcli.formula.terms import Coefficient, Factor, plain_fraction
from gradcli.formula.tree import Expr, apply, number
from gradcli.formula.tree import size as named
from gradcli.record import Record

if TYPE_CHECKING:
    from gradcli.tape.node import Node

Constants = Callable[[float], tuple[list[Expr], list[Expr]] | None]


MULTIPLE = 2520
"""Simple fractions times this are whole numbers."""

MOST_POWER = 4
"""Of a size in a mean of means of matrices."""


MOST_SHORTENED = 6
"""By no more a fraction over the length of a slice has been shortened."""

LEAST, MOST = 3, 40
"""How large named dims are at least, and at most, where formulas are compared with gradients."""


class Sizes(Record):
    """Which sizes have names: each named dim stands for a prime of its own; and which numbers do.

    Attributes:
        names: the named dims by what stands for them.
        constants: what a number is that everybody knows.
        slices: how long slices of named dims are, by what their lengths are for what stands for the dims.
        least: from which size on such slices have several elements.
        slices_first: whether 29 is rather ceil(n/2) - 1 than (n - 1)/2, where 59 stands for n.
    """

    names: dict[int, str]
    constants: Constants = lambda value: None
    slices: Mapping[int, Expr] = {}
    least: int = LEAST
    slices_first: bool = False

    def of(self, size: int) -> Expr:
        """A size as an expression."""
        if size in self.slices:
            return self.slices[size]
        if size in self.names or not self.names:
            return named(self.names[size]) if size in self.names else number(size)
        for more in (1, 2, 3, -1, -2, -3):  # a slice of a named dim
            if size + more in self.names:
                return apply("add", named(self.names[size + more]), number(-more))
        for one, name in self.names.items():  # n*(n + 1), the length of a padded diagonal
            if size % (one + 1) == 0 and size // (one + 1) in self.names:
                more_by_one = apply("add", named(name), number(1))
                return apply("mul", named(self.names[size // (one + 1)]), more_by_one)
        found = self._named(Fraction(size))
        if found is None:
            return number(size)
        coefficient, factors = found
        trees = [tree if e == 1 else apply("pow", tree, number(e)) for tree, _, e in factors]
        trees = [number(coefficient), *trees] if coefficient != 1 else trees
        return trees[0] if len(trees) == 1 else apply("mul", *trees)

    @staticmethod
    def is_one(tree: Expr) -> bool:
        """Whether an expression is a named size."""
        return tree.op == "symbol" and len(tree.attrs) > 1

    def number(self, value: Coefficient) -> Sum:
        """A number, in which named sizes are found again."""
        if isinstance(value, float) and not isfinite(value):
            return of_tree(number(value))
        exact = rational(value)
        if isinstance(exact, float) and exact < 0:
            return scaled(self.number(-exact), -1)
        if isinstance(exact, float) and exact * MOST_DENOMINATOR < MULTIPLE:
            exact = self._over_powers(exact)
        if isinstance(exact, float) and (known := self._known(exact)) is not None:
            above, below = known
            factors: list[Factor] = [*[(each, (), 1) for each in above], *[(each, (), -1) for each in below]]
            coefficient: Coefficient = 1
            for tree, _, e in factors:
                if tree.op == "number":
                    coefficient = rational(Fraction(coefficient) * Fraction(tree.attrs[0]) ** int(e))
            return collected([(coefficient, [each for each in factors if each[0].op != "number"])], ())
        if not isinstance(exact, (int, Fraction)) or not self.names:
            if isinstance(exact, float) and self.names:
                square = Fraction(float(value * value)).limit_denominator(1_000_000)
                if value > 0 and isclose(float(square), value * value, rel_tol=1e-15):
                    found = self._named(square)
                    if found is not None:
                        coefficient, factors = found
                        root = rational(float(coefficient) ** 0.5)
                        if not isinstance(root, float):
                            base: list[Factor] = [
                                (tree, labels, e // 2) if e % 2 == 0 else (apply("sqrt", tree), labels, e)
                                for tree, labels, e in factors
                            ]
                            return collected([(root, base)], ())
            return of_number(exact)
        found = self._named(Fraction(exact))
        if found is None:
            return of_number(exact)
        return collected([found], ())

    def product(self, lengths: Iterable[int]) -> tuple[Coefficient, list[Factor]]:
        """The product of lengths of dims, as a number and named sizes."""
        coefficient: Coefficient = 1
        factors: list[Factor] = []
        for length in lengths:
            one = self.number(length).single
            assert one is not None
            coefficient = coefficient * one[0]
            factors += one[1]
        return coefficient, factors

    def left(self, before: Iterable[Factor], after: Iterable[Factor]) -> tuple[Coefficient, list[Factor]]:
        """The lengths of dims that factors are summed over, and that none of those in their place has.

        What is constant along a summed dim counts as often as that dim is long.
        """
        lengths = {
            label: length
            for tree, labels, _ in before
            for label, length in zip(labels, tree.shape, strict=True)
            if label is not None and label > 0
        }
        seen = {label for _, labels, _ in after for label in labels} if lengths else ()
        return self.product([length for label, length in lengths.items() if label not in seen])

    def _over_powers(self, value: float) -> float | Fraction:
        """A small number as a fraction, if it is a simple one over powers of named sizes: 2/n**4."""
        powers = [(1, 1), *[(size, size**power) for size in self.names for power in range(1, MOST_POWER + 1)]]
        for at, (one, first) in enumerate(powers):
            for other, second in powers[at:]:
                whole = value * (first * second) * MULTIPLE
                if (
                    one != other
                    and 0.5 < whole < MOST_DENOMINATOR
                    and isclose(whole, round(whole), rel_tol=1e-15)
                ):
                    return Fraction(round(whole), first * second * MULTIPLE)
        return value

    def _known(self, value: float) -> tuple[list[Expr], list[Expr]] | None:
        """What is above and below the line in a number that everybody knows, times or over named sizes."""
        # None, one or two of them: n*n stands in a sum over a matrix, above or below the line.
        sizes = [None, *[(size, sign) for size in self.names for sign in (1, -1)]]
        for at, one in enumerate(sizes):
            for other in sizes[at:]:
                both = [each for each in (one, other) if each is not None]
                found = self.constants(value * prod([float(size) ** -sign for size, sign in both]))
                if found is not None:
                    names = [(named(self.names[size]), sign) for size, sign in both]
                    above = [each for each, sign in names if sign > 0]
                    return [*found[0], *above], [*found[1], *[each for each, sign in names if sign < 0]]
        return None

    def _named(self, value: Fraction) -> tuple[Coefficient, list[Factor]] | None:
        factors: list[Factor] = []
        for found in (
            (self._of_slices, self._of_dims) if self.slices_first else (self._of_dims, self._of_slices)
        ):
            value, more = found(value)
            factors += more
        return (plain_fraction(value), factors) if factors else None

    def _of_slices(self, value: Fraction) -> tuple[Fraction, list[Factor]]:
        """What is left of a number without lengths of slices, and these."""
        factors: list[Factor] = []
        top, bottom = value.numerator, value.denominator
        for length, tree in self.slices.items():
            if top and top % length == 0:
                top //= length
                factors.append((tree, (), 1))
            shared = gcd(bottom, length)
            if length // shared <= MOST_SHORTENED < shared:  # 2/54 is 1/27
                top, bottom = top * (length // shared), bottom // shared
                factors.append((tree, (), -1))
        return Fraction(top, bottom), factors

    def _of_dims(self, value: Fraction) -> tuple[Fraction, list[Factor]]:
        """The same of named dims."""
        factors: list[Factor] = []
        top, bottom = value.numerator, value.denominator
        for size, name in self.names.items():
            for tree, divisor in ((named(name), size), (None, (size - 1) // 2)):
                exponent = 0
                while top and top % divisor == 0:
                    top //= divisor
                    exponent += 1
                while bottom % divisor == 0:
                    bottom //= divisor
                    exponent -= 1
                if not exponent:
                    continue
                if tree is None:  # primes are chosen so that half of one less is prime as well
                    tree = apply("add", named(name), number(-1))
                    if exponent < 0:
                        top *= 2**-exponent
                    else:
                        bottom *= 2**exponent
                factors.append((tree, (), exponent))
        return Fraction(top, bottom), factors


def slices(names: Mapping[int, str], nodes: Iterable[Node]) -> tuple[dict[int, Expr], int]:
    """How long the slices of named dims of a program are, and from which size on they are not short."""
    found: dict[int, Expr] = {}
    least = LEAST
    for node in nodes:
        if node.op.name != "pick":
            continue
        for size, cut in zip(node.inputs[0].shape, node.attrs[0], strict=True):
            if size not in names:
                continue
            if not isinstance(cut, tuple):
                least = max(least, min(cut % size + 1, size - cut % size))
                continue
            places = range(*slice(*cut).indices(size))
            low, high = sorted((places.start, places.stop))
            if not low < size // 2 < high:
                least = max(least, min(high, size - low))
                for left in (low, high) if high < size // 2 else (size - high, size - low):
                    if left and size - left not in names:  # what is beside a slice of some elements
                        found.setdefault(size - left, _length(named(names[size]), left, 1, 0))
                continue
            left, step = size - (high - low), abs(places.step)
            least = max(least, left + LEAST * step)
            for less in (0, 1) if len(places) != size else ():
                whole = len(places) - less
                if whole not in names:
                    found.setdefault(whole, _length(named(names[size]), left, step, less))
    return found, min(least, MOST)


def _length(dim: Expr, left: int, step: int, less: int) -> Expr:
    """How long a slice of a dim is that leaves out so many elements and takes steps, or one less."""
    if step == 1:
        return apply("add", dim, number(-left - less)) if left + less else dim
    whole = apply("add", dim, number(-left)) if left else dim
    steps = apply("ceil", apply("div", whole, number(step)))
    return apply("add", steps, number(-less)) if less else steps
