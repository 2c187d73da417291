"""Formulas over scalars, in which equal ones are one: what a tape computes, element by element.

A `Formulas` holds expressions by number, each made of earlier ones. Sums are kept as linear combinations with
exact rational coefficients and products as powers of factors, so that what two formulas share cancels in
their difference before any interval is computed. All laws used here hold wherever both sides have values, and
keep where that is: x - x is 0, but x/x stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

MOST_TERMS = 64
"""Longer sums are not taken apart inside others."""
MOST_FACTORS = 16
MOST_BITS = 4000
"""Coefficients with more digits are not multiplied out."""

PIECEWISE = frozenset(
    ("sign", "floor", "ceil", "trunc", "round", "where", "abs", "test", "not", "and", "or", "xor")
)
"""Operations that are not analytic where they have values."""
PARTIAL = frozenset(
    ("inverse", "power", "log", "log1p", "sqrt", "tan", "asin", "acos", "acosh", "atanh", "erfinv")
) | {"lgamma", "digamma", "unknown", "undefined"}
"""Operations that have no value somewhere."""


class ScalarTerm(NamedTuple):
    """One formula.

    Attributes:
        op: `constant` (data: a Fraction), `variable` (data: its index), `sum` (data: the constant and a
            coefficient for each operand), `product` (data: an exponent for each operand), or a function.
        operands: the numbers of the formulas that it is made of.
        data: what else it needs.
    """

    op: str
    operands: tuple[int, ...]
    data: Any = None


class Formulas:
    """Expressions by number, equal ones by the same."""

    def __init__(self) -> None:
        self.expressions: list[ScalarTerm] = []
        self.partial: list[bool] = []
        """For each whether it may have no value somewhere."""
        self.sources: dict[int, Any] = {}
        """For each that is unknown what it was made from."""
        self._numbers: dict[ScalarTerm, int] = {}

    def __getitem__(self, number: int) -> ScalarTerm:
        return self.expressions[number]

    def make(self, op: str, operands: Sequence[int] = (), data: Any = None) -> int:
        """The number of an expression."""
        expression = ScalarTerm(op, tuple(operands), data)
        found = self._numbers.get(expression)
        if found is None:
            found = self._numbers[expression] = len(self.expressions)
            self.expressions.append(expression)
            self.partial.append(op in PARTIAL or any(self.partial[each] for each in expression.operands))
        return found

    def unknown(self, operands: Sequence[int], source: Any, data: Any) -> int:
        """What nothing is known of; equal data say that it is the same."""
        found = self.make("unknown", operands, data)
        self.sources.setdefault(found, source)
        return found

    # ---- sums and products -------------------------------------------------------------------

    def constant(self, value: Any) -> int:
        """A number; what is not finite has no value."""
        if not isinstance(value, Fraction):
            if not isfinite(value):
                return self.make("undefined")
            value = Fraction(value)
        return self.make("constant", (), value)

    def value_of(self, number: int) -> Fraction | None:
        """The number that a formula is, or None."""
        expression = self.expressions[number]
        return expression.data if expression.op == "constant" else None

    def terms_of(self, number: int) -> tuple[Fraction, dict[int, Fraction]]:
        """A formula as a linear combination: the constant, and coefficients of others."""
        op, operands, data = self.expressions[number]
        if op == "constant":
            return data, {}
        if op == "sum" and len(operands) <= MOST_TERMS:
            return data[0], dict(zip(operands, data[1], strict=True))
        return Fraction(0), {number: Fraction(1)}

    def sum(self, parts: Iterable[tuple[Fraction | int, int]]) -> int:
        """A linear combination."""
        constant = Fraction(0)
        found: dict[int, Fraction] = {}
        for factor, number in parts:
            own, terms = self.terms_of(number)
            constant += factor * own
            for each, coefficient in terms.items():
                found[each] = found.get(each, Fraction(0)) + factor * coefficient
        # What has no value somewhere is kept, with the coefficient 0: the sum has none there either.
        left = {each: value for each, value in found.items() if value or self.partial[each]}
        if not left:
            return self.make("constant", (), constant)
        if len(left) == 1 and not constant and next(iter(left.values())) == 1:
            return next(iter(left))
        operands = sorted(left)
        return self.make("sum", operands, (constant, tuple([left[each] for each in operands])))

    def add(self, a: int, b: int) -> int:
        """a + b"""
        return self.sum(((1, a), (1, b)))

    def sub(self, a: int, b: int) -> int:
        """a - b"""
        return self.sum(((1, a), (-1, b)))

    def scaled(self, a: int, factor: Fraction | int) -> int:
        """factor*a"""
        return self.sum(((factor, a),))

    def is_zero(self, number: int) -> bool:
        """Whether a formula is 0 wherever it has a value."""
        constant, terms = self.terms_of(number)
        return not constant and not any(terms.values())

    def _bare(self, number: int) -> tuple[int, list[tuple[int, int]]]:
        """A formula without the terms that are 0, and these: they say where it has no value."""
        constant, terms = self.terms_of(number)
        zeros = [(0, each) for each, factor in terms.items() if not factor]
        if not zeros:
            return number, []
        parts = [(factor, each) for each, factor in terms.items() if factor]
        return self.sum([(constant, self.make("constant", (), Fraction(1))), *parts]), zeros

    def mul(self, a: int, b: int) -> int:
        """a*b"""
        coefficient = Fraction(1)
        factors: dict[int, int] = {}
        beside: list[tuple[int, int]] = []
        for each in (a, b):
            each, zeros = self._bare(each)
            beside += zeros
            constant, terms = self.terms_of(each)
            if not terms:
                coefficient *= constant
                continue
            if len(terms) == 1 and not constant:
                ((inner, scale),) = terms.items()
                if scale.numerator.bit_length() + scale.denominator.bit_length() < MOST_BITS:
                    coefficient, each = coefficient * scale, inner
            op, operands, data = self.expressions[each]
            if op == "product" and len(operands) <= MOST_FACTORS:
                for factor, exponent in zip(operands, data, strict=True):
                    factors[factor] = factors.get(factor, 0) + exponent
            else:
                factors[each] = factors.get(each, 0) + 1
        return self.sum([(coefficient, self._cancelled(factors)), *beside])

    def _cancelled(self, factors: dict[int, int]) -> int:
        """A product in which x/x is 1, and has no value at 0 still."""
        beside = []
        for each in list(factors):
            op, operands, _ = self.expressions[each]
            if op == "inverse" and operands[0] in factors:
                both = min(factors[each], factors[operands[0]])
                factors[each] -= both
                factors[operands[0]] -= both
                beside.append((0, each))
        found = self._product({each: exponent for each, exponent in factors.items() if exponent})
        return self.sum([(1, found), *beside]) if beside else found

    def _product(self, factors: Mapping[int, int]) -> int:
        if not factors:
            return self.make("constant", (), Fraction(1))
        if len(factors) == 1:
            ((only, exponent),) = factors.items()
            if exponent == 1:
                return only
        operands = sorted(factors)
        return self.make("product", operands, tuple([factors[each] for each in operands]))

    def inverse(self, a: int) -> int:
        """1/a"""
        a, beside = self._bare(a)
        constant, terms = self.terms_of(a)
        if not terms:
            found = self.make("constant", (), 1 / constant) if constant else self.make("undefined")
        elif len(terms) == 1 and not constant:
            ((inner, scale),) = terms.items()
            op, operands, data = self.expressions[inner]
            parts = zip(operands, data, strict=True) if op == "product" else ((inner, 1),)
            inverses = {self.make("inverse", (each,)): exponent for each, exponent in parts}
            found = self.scaled(self._product(inverses), 1 / scale)
        else:
            found = self.make("inverse", (a,))
        return self.sum([(1, found), *beside]) if beside else found

    def power(self, a: int, exponent: float) -> int:
        """a to a power that is a number."""
        if exponent == 0:
            return self.sum(((0, a), (1, self.constant(1))))
        if not isfinite(exponent):
            return self.unknown((a,), None, ("pow", exponent))
        if float(exponent).is_integer() and abs(exponent) <= 64:
            base = a if exponent > 0 else self.inverse(a)
            found = base
            for _ in range(int(abs(exponent)) - 1):
                found = self.mul(found, base)
            return found
        if float(exponent).is_integer():  # of exp and log a negative base would have none
            return self.unknown((a,), None, ("pow", exponent))
        root = self.function("sqrt", a) if abs(exponent) == 0.5 else self.make("power", (a,), abs(exponent))
        return root if exponent > 0 else self.inverse(root)

    # ---- functions ---------------------------------------------------------------------------

    def function(self, name: str, a: int) -> int:
        """A function of one number."""
        if name in ("floor", "ceil", "trunc", "round", "sign"):
            found = self._inside("where", a, lambda each: self.function(name, each))
            if found is not None:
                return found
        if name == "sign":
            return self.sign(a)
        if name == "sqrt":
            return self._root(a)
        return self.make(name, (a,))

    def _root(self, a: int) -> int:
        """The square root; that of a square is a magnitude, wherever both have values."""
        constant, terms = self.terms_of(a)
        if not constant and len(terms) == 1:
            ((inner, scale),) = terms.items()
            op, operands, data = self.expressions[inner]
            if scale > 0 and op == "product" and all(exponent % 2 == 0 for exponent in data):
                half = {each: exponent // 2 for each, exponent in zip(operands, data, strict=True)}
                root = self.make("sqrt", (self.constant(scale),)) if scale != 1 else self.constant(1)
                return self.mul(root, self.abs(self._product(half)))
        return self.make("sqrt", (a,))

    def _inside(self, op: str, a: int, apply: Any) -> int | None:
        """A choice, with something applied to both that may be chosen."""
        expression = self.expressions[a]
        if expression.op != op:
            return None
        condition, one, other = expression.operands
        return self.where(condition, apply(one), apply(other))

    def sign(self, a: int) -> int:
        """-1, 0 or 1; that of a sum is found whatever number it is a multiple of."""
        found = self._inside("where", a, self.sign)
        if found is not None:
            return found
        constant, terms = self.terms_of(a)
        if not terms:
            return self.constant((constant > 0) - (constant < 0))
        leading = next((value for value in terms.values() if value), Fraction(1))
        if leading not in (1,):
            a = self.scaled(a, 1 / abs(leading))
            if leading < 0:
                return self.scaled(self.make("sign", (self.scaled(a, -1),)), -1)
        return self.make("sign", (a,))

    def test(self, relation: str, a: int, b: int) -> int:
        """Whether a < b, a == b …: 0 or 1."""
        return self._test(relation, self.sign(self.sub(a, b)))

    def _test(self, relation: str, sign: int) -> int:
        found = self._inside("where", sign, lambda each: self._test(relation, each))
        if found is not None:
            return found
        constant, terms = self.terms_of(sign)
        if not terms:
            return self.constant(int(RELATIONS[relation](constant)))
        ((inner, scale),) = terms.items()
        if scale < 0:
            relation = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(relation, relation)
        if relation in ("!=", "<=", ">="):
            opposite = {"!=": "==", "<=": ">", ">=": "<"}[relation]
            return self.negated(self.make("test", (inner,), opposite))
        return self.make("test", (inner,), relation)

    def negated(self, condition: int) -> int:
        """not condition"""
        return self.sub(self.constant(1), condition)

    def logical(self, op: str, a: int, b: int) -> int:
        """`and`, `or`, `xor` of two conditions."""
        for one, other in ((a, b), (b, a)):
            known = self.value_of(one)
            if known is not None:
                if op == "and":
                    return other if known else one
                if op == "or":
                    return one if known else other
                return self.negated(other) if known else other
        if a == b:
            return a if op != "xor" else self.constant(0)
        return self.make(op, sorted((a, b)))

    def where(self, condition: int, a: int, b: int) -> int:
        """a where the condition holds, else b."""
        known = self.value_of(condition)
        if known is not None:
            return a if known else b
        if a == b:
            return a
        constant, terms = self.terms_of(condition)
        if constant == 1 and list(terms.values()) == [-1]:  # not something
            return self.where(next(iter(terms)), b, a)
        return self.make("where", (condition, a, b))

    def abs(self, a: int) -> int:
        """|a|, with the sign by which it is a or -a."""
        constant, terms = self.terms_of(a)
        if not terms:
            return self.constant(abs(constant))
        if len(terms) == 1 and not constant:
            ((inner, scale),) = terms.items()
            return self.scaled(self.make("abs", (inner, self.sign(inner))), abs(scale))
        leading = next((value for value in terms.values() if value), Fraction(1))
        a = self.scaled(a, -1) if leading < 0 else a
        return self.make("abs", (a, self.sign(a)))

    # ---- what is known of them ---------------------------------------------------------------

    def below(self, numbers: Iterable[int]) -> list[int]:
        """The formulas that these are made of, and they themselves, in the order they were made."""
        seen: set[int] = set()
        stack = list(numbers)
        while stack:
            each = stack.pop()
            if each not in seen:
                seen.add(each)
                stack.extend(self.expressions[each].operands)
        return sorted(seen)


RELATIONS = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}
"""What the sign of a difference says."""
