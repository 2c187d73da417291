"""Formulas over whole boxes at once, by interval arithmetic.

Choices follow the signs on which they depend. Where a box lies on both sides of one, what encloses both is
taken, unless the caller says which side is meant (`forced`): then every formula is the one of that side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.enclosure.functions import FUNCTIONS, power
from gradcli.enclosure.intervals import (
    INF,
    Interval,
    add,
    both,
    either,
    exact,
    hull,
    inverse,
    mul,
    neg,
    of,
    whole_power,
)
from gradcli.enclosure.scalars import Formulas, ScalarTerm

Forced = Mapping[int, Any]
"""By the number of a sign an array of N: -1, 0 or 1 where that side is meant, nan where none is."""


def constant(value: Fraction) -> Interval:
    """A rational number."""
    try:
        near = float(value)
    except OverflowError:
        near = INF if value > 0 else -INF
    if math.isinf(near):
        largest = math.nextafter(INF, 0)
        return Interval(largest, INF) if value > 0 else Interval(-INF, -largest)
    if Fraction(near) == value:
        return exact(near)
    if near < value:
        return Interval(near, math.nextafter(near, INF))
    return Interval(math.nextafter(near, -INF), near)


class Evaluator:
    """Evaluates some formulas, and all that they are made of.

    Args:
        formulas: where they are.
        wanted: their numbers.
    """

    def __init__(self, formulas: Formulas, wanted: Sequence[int]) -> None:
        self.formulas = formulas
        self.order = formulas.below(wanted)
        self.signs = [each for each in self.order if formulas[each].op == "sign"]
        self.coefficients: dict[Fraction, Interval] = {}

    def __call__(self, box: Sequence[Interval], forced: Forced | None = None) -> dict[int, Interval]:
        """The values of all formulas by number; `box` has an interval for each variable."""
        values: dict[int, Interval] = {}
        with np.errstate(all="ignore"):
            for number in self.order:
                expression = self.formulas[number]
                if expression.op == "variable":
                    values[number] = box[expression.data]
                    continue
                found = self._value(expression, [values[each] for each in expression.operands])
                if forced is not None and number in forced:
                    side = forced[number]
                    found = Interval(
                        np.where(np.isnan(side), found.lo, side),
                        np.where(np.isnan(side), found.hi, side),
                        found.sure,
                        found.never,
                    )
                values[number] = found
        return values

    def coefficient(self, value: Fraction) -> Interval:
        """A coefficient as an interval."""
        found = self.coefficients.get(value)
        if found is None:
            found = self.coefficients[value] = constant(value)
        return found

    def _value(self, expression: ScalarTerm, operands: list[Interval]) -> Interval:
        op, _, data = expression
        if op == "sum":
            return self._sum(data, operands)
        if op == "product":
            total: Interval | None = None
            for each, exponent in zip(operands, data, strict=True):
                factor = whole_power(each, exponent)
                total = factor if total is None else mul(total, factor)
            assert total is not None
            return total
        function = FUNCTIONS.get(op)
        if function is not None:
            return function(operands[0])
        if op == "constant":
            return self.coefficient(data)
        if op == "power":
            return power(operands[0], data)
        return OPERATIONS[op](*operands) if op != "test" else _test(data, *operands)

    def _sum(self, data: tuple[Fraction, tuple[Fraction, ...]], operands: Sequence[Interval]) -> Interval:
        first, coefficients = data
        total = self.coefficient(first) if first else None
        for coefficient, operand in zip(coefficients, operands, strict=True):
            if coefficient == 1:
                term = operand
            elif coefficient == -1:
                term = neg(operand)
            elif coefficient == 0:
                term = Interval(0.0, 0.0, operand.sure, operand.never)
            else:
                term = mul(self.coefficient(coefficient), operand)
            total = term if total is None else add(total, term)
        assert total is not None
        return total


def _sign(x: Interval) -> Interval:
    return Interval(np.sign(x.lo), np.sign(x.hi), x.sure, x.never)


def _test(relation: str, sign: Interval) -> Interval:
    if relation == "<":
        lo, hi = np.less(sign.hi, 0), np.less(sign.lo, 0)
    elif relation == ">":
        lo, hi = np.greater(sign.lo, 0), np.greater(sign.hi, 0)
    else:
        lo = np.logical_and(np.equal(sign.lo, 0), np.equal(sign.hi, 0))
        hi = np.logical_and(np.less_equal(sign.lo, 0), np.greater_equal(sign.hi, 0))
    return Interval(np.where(lo, 1.0, 0.0), np.where(hi, 1.0, 0.0), sign.sure, sign.never)


def _where(c: Interval, a: Interval, b: Interval) -> Interval:
    yes, no = np.greater(c.lo, 0), np.less(c.hi, 1)
    together = hull([a, b])

    def chosen(one: Any, other: Any, between: Any) -> Any:
        return np.where(yes, one, np.where(no, other, between))

    return Interval(
        chosen(a.lo, b.lo, together.lo),
        chosen(a.hi, b.hi, together.hi),
        both(c.sure, chosen(a.sure, b.sure, together.sure)),
        either(c.never, chosen(a.never, b.never, together.never)),
    )


def _abs(a: Interval, sign: Interval) -> Interval:
    above, below = np.greater_equal(sign.lo, 0), np.less_equal(sign.hi, 0)
    return Interval(
        np.where(above, a.lo, np.where(below, np.negative(a.hi), a.smallest)),
        np.where(above, a.hi, np.where(below, np.negative(a.lo), a.largest)),
        a.sure,
        a.never,
    )


def _xor(a: Interval, b: Interval) -> Interval:
    known = np.logical_and(np.equal(a.lo, a.hi), np.equal(b.lo, b.hi))
    differ = np.where(np.equal(a.lo, b.lo), 0.0, 1.0)
    return of(np.where(known, differ, 0.0), np.where(known, differ, 1.0), a, b)


OPERATIONS: dict[str, Callable[..., Interval]] = {
    "inverse": inverse,
    "sign": _sign,
    "where": _where,
    "abs": _abs,
    "and": lambda a, b: of(np.minimum(a.lo, b.lo), np.minimum(a.hi, b.hi), a, b),
    "or": lambda a, b: of(np.maximum(a.lo, b.lo), np.maximum(a.hi, b.hi), a, b),
    "xor": _xor,
    "undefined": lambda: Interval(-INF, INF, False, True),
    "unknown": lambda *operands: of(-INF, INF, *operands),
}
"""What is no function of one number."""
