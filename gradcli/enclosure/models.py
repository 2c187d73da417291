"""Taylor models: formulas over boxes as polynomials with an error, so that what cancels does.

In a box with the middle m and the half widths r, a variable is m + r*u with u from -1 to 1. A model is a
polynomial in the u of all variables, up to some degree, each coefficient a middle and a radius: for every u
there are numbers in these intervals with which the polynomial has the formula's value (Makino and Berz,
"Taylor models and other validated functional inclusion methods", 2003; here every coefficient carries its own
rounding, and what is of a higher degree goes to the radius of the constant one).

Each formula has its interval as well. Where a model is wider than that, or has no bound, the interval takes
its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gradcli.enclosure.evaluate import Evaluator
from gradcli.enclosure.functions import FUNCTIONS, power
from gradcli.enclosure.intervals import EPS, INF, TINY, Interval, inverse
from gradcli.enclosure.monomials import monomials
from gradcli.enclosure.scalars import ScalarTerm
from gradcli.enclosure.series import SERIES, power_of
from gradcli.record import Record

Array = np.ndarray[Any, np.dtype[Any]]


class TaylorModel(Record):
    """A polynomial with intervals as coefficients.

    Attributes:
        middle, radius: of the coefficients, float64 of shape (monomials, boxes).
        line: it is of degree 1 and has one variable, so that its powers are powers of a number.
    """

    middle: Array
    radius: Array
    line: bool = False


def _added(a: Array, b: Array) -> tuple[Array, Array]:
    """A sum, and how far its rounding is off, exactly (Knuth's two-sum)."""
    total = a + b
    rest = total - a
    return total, np.abs((a - (total - rest)) + (b - rest))


def _is_power_of_two(value: Fraction) -> bool:
    """Whether a product with it is exact."""
    top, bottom = abs(value.numerator), value.denominator
    return top & (top - 1) == 0 and bottom & (bottom - 1) == 0


def _up(value: Any) -> Any:
    """A sum of a few non-negative numbers, whatever its rounding."""
    return value * (1 + 8 * EPS) + TINY


class Models:
    """Models of formulas over boxes.

    Args:
        evaluator: of the formulas; its values are those that `values` has.
        box: an interval for each variable.
        values: the interval of each formula.
        degree: of the polynomials.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        box: Sequence[Interval],
        values: Mapping[int, Interval],
        degree: int,
    ) -> None:
        self.evaluator = evaluator
        self.box = box
        self.values = values
        self.basis = monomials(len(box), degree)
        self.count = len(np.atleast_1d(box[0].lo))
        self.models: dict[int, TaylorModel] = {}

    def __call__(self, wanted: Sequence[int]) -> list[tuple[Array, Array]]:
        """The ends of these formulas, each an array of N."""
        formulas = self.evaluator.formulas
        with np.errstate(all="ignore"):
            for number in formulas.below(wanted):
                if number not in self.models:
                    self.models[number] = self._bounded(number, self._model(formulas[number]))
            return [self._both_ends(number) for number in wanted]

    def moves(self, number: int, steps: Sequence[Array]) -> Array:
        """How large a formula is, at least, at one of two points that are so far apart.

        Args:
            number: of a formula that has a model.
            steps: for each variable how far, in half widths of the boxes, at most 1; each an array of N.

        Returns:
            A number for each box: beside any point of it there is one, in the direction of some variable, so
            that the larger of both values is at least that.
        """
        model, basis = self.models[number], self.basis
        found = np.zeros(self.count)
        sizes = np.abs(model.middle)
        for axis, step in enumerate(steps):
            powers = np.array([each[axis] for each in basis.exponents], float)[:, None]
            linear = sizes[1 + axis]
            # The slope of the polynomial is that of its linear term, but for all the others.
            slope = 2 * linear - (powers * sizes).sum(axis=0) * (1 + 2 * basis.rounding)
            change = slope * step - 2 * model.radius.sum(axis=0) * (1 + basis.rounding)
            found = np.maximum(found, np.where(np.isfinite(change), change / 2, 0.0))
        return found

    def _both_ends(self, number: int) -> tuple[Array, Array]:
        lo, hi = self._range(self.models[number])
        value = self.values[number]
        return np.maximum(lo, value.lo), np.minimum(hi, value.hi)

    # ---- one formula -------------------------------------------------------------------------

    def _model(self, expression: ScalarTerm) -> TaylorModel | None:
        """The polynomial of a formula, or None where its interval is all there is."""
        op, operands, data = expression
        if op == "variable":
            return self._variable(data)
        inputs = [self.models[each] for each in operands]
        if op == "sum":
            return self._sum(data, inputs)
        if op == "product":
            return self._product(data, inputs)
        if op == "where":
            return self._where(self.values[operands[0]], *inputs[1:])
        if op == "abs":
            return self._abs(self.values[operands[1]], inputs[0])
        if op in ("inverse", "log", "power", "sqrt"):
            return self._relative(op, 0.5 if op == "sqrt" else data, inputs[0], operands[0])
        function = SERIES.get(op)
        return None if function is None else self._applied(function, inputs[0], operands[0])

    def _constant(self, lo: Any, hi: Any) -> TaylorModel:
        middle = np.zeros((len(self.basis), self.count))
        radius = np.zeros((len(self.basis), self.count))
        at = lo / 2 + hi / 2
        known = np.isfinite(lo) & np.isfinite(hi)
        middle[0] = np.where(known, at, 0.0)
        wide = np.where(lo == hi, 0.0, _up(np.maximum(hi - at, at - lo)))
        radius[0] = np.where(known, wide, INF)
        return TaylorModel(middle, radius)

    def _variable(self, index: int) -> TaylorModel:
        x = self.box[index]
        found = self._constant(x.lo, x.hi)
        width = found.radius[0].copy()
        found.radius[0] = 0.0
        found.middle[1 + index] = width  # the half width, a little more
        found.line = self.basis.variables == 1
        return found

    def _bounded(self, number: int, model: TaylorModel | None) -> TaylorModel:
        """A model, in the boxes where it says more than the interval."""
        value = self.values[number]
        if model is None:
            return self._constant(value.lo, value.hi)
        # What a model knows is its polynomial; with a radius of the interval's size it is worth nothing.
        width = np.subtract(value.hi, value.lo)
        worse = ~(2 * model.radius.sum(axis=0) <= width) | ~np.isfinite(model.middle.sum(axis=0))
        if not worse.any():
            return model
        other = self._constant(value.lo, value.hi)
        middle = np.where(worse, other.middle, model.middle)
        return TaylorModel(middle, np.where(worse, other.radius, model.radius), model.line)

    def _range(self, model: TaylorModel) -> tuple[Array, Array]:
        """What encloses a model's values."""
        middle, radius = model.middle, model.radius
        even = self.basis.even[:, None]
        rest = radius.sum(axis=0) + np.where(even, 0.0, np.abs(middle))[1:].sum(axis=0)
        above = rest + np.where(even, np.maximum(middle, 0.0), 0.0).sum(axis=0)
        below = rest + np.where(even, np.maximum(-middle, 0.0), 0.0).sum(axis=0)
        slack = 1 + 2 * self.basis.rounding
        lo = np.nextafter(middle[0] - (below * slack + TINY), -INF)
        hi = np.nextafter(middle[0] + (above * slack + TINY), INF)
        return np.where(np.isnan(lo), -INF, lo), np.where(np.isnan(hi), INF, hi)

    # ---- sums and products -------------------------------------------------------------------

    def _sum(self, data: Any, inputs: Sequence[TaylorModel]) -> TaylorModel:
        first, coefficients = data
        start = self.evaluator.coefficient(first)
        middle = np.zeros((len(self.basis), self.count))
        radius = np.zeros((len(self.basis), self.count))
        middle[0] = start.lo
        radius[0] = start.hi - start.lo
        for coefficient, each in zip(coefficients, inputs, strict=True):
            factor = self.evaluator.coefficient(coefficient)
            if coefficient == 0:
                continue
            size = max(abs(factor.lo), abs(factor.hi))
            term = each.middle * factor.lo
            slack = np.abs(each.middle) * (factor.hi - factor.lo) + each.radius * size
            if not _is_power_of_two(coefficient):
                slack = slack + np.abs(term) * EPS
            middle, error = _added(middle, term)
            radius = np.where(slack + error == 0, radius, _up(radius + slack + error))
        lines = [each.line for each, factor in zip(inputs, coefficients, strict=True) if factor]
        return TaylorModel(middle, radius, all(lines) and bool(lines))

    def _times(self, a: TaylorModel, b: TaylorModel, degree: int | None = None) -> TaylorModel:
        """A product up to a degree: that of the models, or a lower one where it is multiplied further."""
        basis = self.basis if degree is None else monomials(self.basis.variables, degree)
        missing = len(basis) - len(a.middle)
        if missing > 0:
            rows = np.zeros((missing, self.count))
            a = TaylorModel(np.concatenate([a.middle, rows]), np.concatenate([a.radius, rows]))
        left, right = a.middle[basis.left], b.middle[basis.right]
        products = left * right
        middle = np.add.reduceat(products, basis.starts, axis=0)
        large = np.abs(b.middle) + b.radius
        slack = np.abs(left) * b.radius[basis.right] + a.radius[basis.left] * large[basis.right]
        slack += np.abs(products) * basis.rounding
        radius = _up(np.add.reduceat(slack, basis.starts, axis=0)) * (1 + basis.rounding)
        # What is above the degree, by the sizes of all coefficients of a degree together.
        ones = np.add.reduceat(np.abs(a.middle) + a.radius, self._degrees(a), axis=0)
        others = np.add.reduceat(large, self._degrees(b), axis=0)
        tails = np.cumsum(others[::-1], axis=0)[::-1]
        for own in range(max(0, basis.degree + 1 - len(tails) + 1), len(ones)):
            radius[0] += ones[own] * tails[max(0, basis.degree + 1 - own)] * (1 + 8 * self.basis.rounding)
        return TaylorModel(middle, radius)

    def _degrees(self, model: TaylorModel) -> Array:
        """Where in the coefficients of a model those of each degree begin."""
        return self.basis.degrees[self.basis.degrees < len(model.middle)]

    def _product(self, exponents: Sequence[int], inputs: Sequence[TaylorModel]) -> TaylorModel:
        total: TaylorModel | None = None
        for each, exponent in zip(inputs, exponents, strict=True):
            for _ in range(exponent):
                total = each if total is None else self._times(total, each)
        assert total is not None
        return TaylorModel(total.middle, total.radius, total.line)

    # ---- choices -----------------------------------------------------------------------------

    def _chosen(self, yes: Any, no: Any, a: TaylorModel, b: TaylorModel) -> TaylorModel:
        """One where it is chosen; where neither is, nothing is known (and the interval serves)."""
        neither = ~(yes | no)
        middle = np.where(yes, a.middle, np.where(no, b.middle, 0.0))
        radius = np.where(yes, a.radius, np.where(no, b.radius, 0.0))
        radius[0] = np.where(neither, INF, radius[0])
        return TaylorModel(middle, radius)

    def _where(self, condition: Interval, a: TaylorModel, b: TaylorModel) -> TaylorModel:
        return self._chosen(np.greater(condition.lo, 0), np.less(condition.hi, 1), a, b)

    def _abs(self, sign: Interval, a: TaylorModel) -> TaylorModel:
        negative = TaylorModel(-a.middle, a.radius)
        return self._chosen(np.greater_equal(sign.lo, 0), np.less_equal(sign.hi, 0), a, negative)

    # ---- functions ---------------------------------------------------------------------------

    def _relative(self, op: str, exponent: float, x: TaylorModel, number: int) -> TaylorModel:
        """A power or logarithm of x = m*(1 + t), by that of 1 + t, whose coefficients do not overflow."""
        at, lo, hi = self._middle_and_range(x, number)
        size = np.abs(at)
        middle = x.middle / size
        middle[0] = np.sign(at)
        radius = _up(x.radius / size) + np.abs(middle) * EPS
        slack = 1 + 4 * EPS
        lo, hi = lo / size, hi / size
        lo = np.where(lo > 0, lo / slack, lo * slack)
        hi = np.where(hi > 0, hi * slack, hi / slack)
        series: Any = SERIES.get(op) or (lambda x, order: power_of(x, exponent, order))
        part = self._expanded(series, TaylorModel(middle, radius, x.line), lo, hi)
        whole = Interval(size, size)
        factor = (
            inverse(whole)
            if op == "inverse"
            else FUNCTIONS["log"](whole)
            if op == "log"
            else power(whole, exponent)
        )
        other = self._constant(factor.lo, factor.hi)
        if op != "log":
            return self._times(other, part)
        part.middle[0], error = _added(part.middle[0], other.middle[0])
        part.radius[0] = _up(part.radius[0] + other.radius[0] + error)
        return part

    def _middle_and_range(self, x: TaylorModel, number: int) -> tuple[Array, Array, Array]:
        lo, hi = self._range(x)
        value = self.values[number]
        return x.middle[0], np.maximum(lo, value.lo), np.minimum(hi, value.hi)

    def _applied(self, series: Any, x: TaylorModel, number: int) -> TaylorModel:
        """A function of a model."""
        _, lo, hi = self._middle_and_range(x, number)
        return self._expanded(series, x, lo, hi)

    def _expanded(self, series: Any, x: TaylorModel, lo: Array, hi: Array) -> TaylorModel:
        """A function by its Taylor polynomial at the middle of a model, with Lagrange's remainder.

        Args:
            series: as in `SERIES`.
            x: the model.
            lo, hi: what encloses its values.
        """
        degree = self.basis.degree
        at = x.middle[0]
        # The expansion has to hold between the middle and every value.
        low, high = np.minimum(lo, at), np.maximum(hi, at)
        found = series(Interval(np.concatenate([at, low]), np.concatenate([at, high])), degree + 1)
        coefficients = [_middles(each, slice(0, self.count), 2 * self.count) for each in found[:-1]]
        last = found[-1]
        size = np.broadcast_to(last.largest, 2 * self.count)[self.count :]
        inner = TaylorModel(x.middle.copy(), x.radius)
        inner.middle[0] = 0.0
        if x.line:
            result = self._of_line(coefficients, inner)
        else:
            result = TaylorModel(coefficients[-1][0][None].copy(), coefficients[-1][1][None].copy())
            # What is multiplied k times more is needed up to k degrees below the last.
            for times, (middle, radius) in reversed(list(enumerate(coefficients[:-1]))):
                result = self._times(result, inner, degree - times)
                added = result.middle[0] + middle
                result.radius[0] = _up(result.radius[0] + radius) + np.abs(added) * EPS
                result.middle[0] = added
        reach = np.maximum(np.abs(lo - at), np.abs(hi - at)) * (1 + 2 * EPS)
        remainder = size * reach ** (degree + 1) * (1 + 4 * (degree + 4) * EPS)
        result.radius[0] = _up(result.radius[0] + np.where(reach == 0, 0.0, remainder))
        return result

    def _of_line(self, coefficients: Sequence[tuple[Array, Array]], inner: TaylorModel) -> TaylorModel:
        """Of a + b*u: each coefficient times a power of b."""
        step, slack = inner.middle[1], inner.radius[1]
        middle = np.zeros((len(self.basis), self.count))
        radius = np.zeros((len(self.basis), self.count))
        power, error = np.ones(self.count), np.zeros(self.count)
        for at, (value, off) in enumerate(coefficients):
            middle[at] = value * power
            radius[at] = _up(np.abs(value) * error + off * (np.abs(power) + error)) + np.abs(middle[at]) * EPS
            grown = power * step
            error = _up(error * (np.abs(step) + slack) + np.abs(power) * slack) + np.abs(grown) * EPS
            power = grown
        # The constant's radius is of values beside the line.
        radius[0] = radius[0] + self._beside(coefficients, inner)
        return TaylorModel(middle, radius)

    def _beside(self, coefficients: Sequence[tuple[Array, Array]], inner: TaylorModel) -> Array:
        """How far a polynomial of a + b*u moves where a is off by its radius."""
        off = inner.radius[0]
        if not off.any():
            return np.zeros(self.count)
        reach = np.abs(inner.middle[1]) + inner.radius[1] + off
        total = np.zeros(self.count)
        for at, (value, slack) in enumerate(coefficients[1:], 1):
            total = total + at * (np.abs(value) + slack) * reach ** (at - 1)
        found: Array = total * off * (1 + 64 * EPS)
        return found


def _middles(value: Interval, rows: slice, count: int) -> tuple[Array, Array]:
    """The first boxes' intervals as middles and radii."""
    lo, hi = np.broadcast_to(value.lo, count)[rows], np.broadcast_to(value.hi, count)[rows]
    middle = lo / 2 + hi / 2
    radius = np.where(lo == hi, 0.0, _up(np.maximum(hi - middle, middle - lo)))
    return middle, np.where(np.isnan(radius), INF, radius)
