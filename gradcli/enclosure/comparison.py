"""Whether two formulas agree over many boxes: what is settled by one look at them, and at which points they
differ.

`search` divides the boxes in which nothing is settled. A pair agrees in a box if their difference is enclosed
within the tolerance, wherever the first of them (a derivative, with the functions it is the derivative of)
has a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from gradcli.enclosure.evaluate import Evaluator
from gradcli.enclosure.intervals import EPS, INF, Interval
from gradcli.enclosure.models import Models
from gradcli.enclosure.scalars import PARTIAL, PIECEWISE, Formulas

Array = np.ndarray[Any, np.dtype[Any]]
MAX = 2.0**1016
"""Numbers beyond are taken for infinite: computing with them overflows."""
NOISE = 2.0**-46
"""What the rounding of the terms of a sum may hide: 64 units in the last place of each."""
DEGREES = (12, 12, 7, 5, 4)
"""Of Taylor models, by the number of variables; in more it is 2."""
MOST_SIGNS = 2
"""So many choices are open in a box at once, at most, that each way is looked at by itself."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be shown: that pairs of formulas agree.

    Attributes:
        formulas: where they are.
        pairs: the derivative and the claim, one pair for each element.
        roots: what the derivative is of: where that has no value there is none.
        same: the pairs are known to agree wherever both have values; then only that is looked at.
        rtol, atol: how far they may differ.
    """

    formulas: Formulas
    pairs: Sequence[tuple[int, int]]
    roots: Sequence[int]
    rtol: float
    atol: float
    same: bool = False


class Looked:
    """What one look at N boxes told.

    Attributes:
        settled: the pairs agree there, or there is no derivative.
        nowhere: there is no derivative.
        unsure: there may be points without one.
        apart: the signs whose zeros are left out in the boxes settled: there the two differ, on no more than
            a surface.
        different: for each box whether the pairs differ at its middle, beyond doubt.
    """

    def __init__(self, count: int) -> None:
        self.settled = np.zeros(count, bool)
        self.nowhere = np.zeros(count, bool)
        self.unsure = np.zeros(count, bool)
        self.apart: set[int] = set()
        self.different = np.zeros(count, bool)


class BoxComparison:
    """Looks at boxes.

    Args:
        question: what is to be shown.
        reach: how far, in each variable, the largest derivative counts.
    """

    def __init__(self, question: Question, reach: Array) -> None:
        variables = len(reach)
        self.reach = reach
        self.formulas = formulas = question.formulas
        self.question = question
        self.degree = DEGREES[variables - 1] if variables <= len(DEGREES) else 2
        known = [*question.roots, *[derivative for derivative, _ in question.pairs]]
        there = {each for each in formulas.below(known) if formulas[each].op in PARTIAL}
        self.pairs = []
        for derivative, claim in question.pairs:
            difference = formulas.constant(0) if question.same else formulas.sub(derivative, claim)
            implied = all(
                formulas[each].op not in PARTIAL or each in there for each in formulas.below([claim])
            )
            # A derivative that has no value somewhere is looked at to tell where.
            partial = any(formulas.partial[each] for each in known)
            if partial or not implied or formulas.value_of(difference) != 0:
                self.pairs.append((derivative, claim, difference, implied))
        wanted = [*known, *[each for pair in self.pairs for each in pair[:3]]]
        self.evaluator = Evaluator(formulas, wanted)
        self.sized = sorted(
            {each for pair in self.pairs for number in pair[:2] for each in self._parts(number)}
        )
        """What the tolerance is measured by: both sides, and the terms that they are sums of."""
        depends = {
            formulas[each].data
            for pair in self.pairs
            for each in formulas.below([pair[2]])
            if formulas[each].op == "variable"
        }
        self.depends = np.array([not depends or each in depends for each in range(variables)])
        """By variable whether the differences depend on it."""
        self.kinks = {each for each in formulas.below(known) if formulas[each].op == "sign"}

    @property
    def obvious(self) -> bool:
        """Whether nothing is left to be shown."""
        return not self.pairs

    def unknown(self) -> int | None:
        """What stands in the way: a formula of an operation that has no enclosure."""
        stack = [difference for _, _, difference, _ in self.pairs]
        seen = set(stack)
        while stack:
            number = stack.pop()
            op, operands, data = self.formulas[number]
            if op == "unknown":
                return number
            if op == "sum":
                operands = tuple([each for each, factor in zip(operands, data[1], strict=True) if factor])
            if op != "sign":  # a choice is looked at both ways, whatever it depends on
                stack += [each for each in operands if each not in seen]
                seen.update(operands)
        return None

    # ---- one look ----------------------------------------------------------------------------

    def look(self, low: Array, high: Array) -> Looked:
        """What can be told of boxes, from their corners, float64 of shape (variables, N)."""
        count = low.shape[1]
        looked = Looked(count)
        middle = _middle(low, high)
        # The boxes, and three points of each, in one evaluation.
        points = [low, high, middle]
        box = [
            Interval(*ends)
            for ends in zip(
                np.concatenate([low, *points], axis=1), np.concatenate([high, *points], axis=1), strict=True
            )
        ]
        everything = self.evaluator(box)
        values = {number: each.chosen(slice(0, count)) for number, each in everything.items()}
        at = [
            {number: each.chosen(slice(k * count, (k + 1) * count)) for number, each in everything.items()}
            for k in (1, 2, 3)
        ]
        small = (high / 2 - low / 2 <= self.reach[:, None] / 2).all(axis=0)
        least = {number: np.where(small, self._near(number, at), 0.0) for number in self.sized}
        looked.nowhere = self._nowhere(values, count)
        looked.unsure = self._unsure(values, count) & ~looked.nowhere
        looked.settled = looked.nowhere | self._settled(values, count, least, None)
        rest = np.flatnonzero(~looked.settled)
        if rest.size:
            self._closer(low, high, rest, values, at, least, looked)
        rest = np.flatnonzero(~looked.settled)
        if rest.size:
            looked.different[rest] = self._different(at[2], count)[rest]
        return looked

    def _closer(
        self,
        low: Array,
        high: Array,
        rows: Array,
        values: dict[int, Interval],
        at: list[dict[int, Interval]],
        least: Mapping[int, Array],
        looked: Looked,
    ) -> None:
        """By Taylor models, and every side of a choice by itself."""
        undecided = [
            number for number in self.evaluator.signs if np.any(np.less(values[number].lo, values[number].hi))
        ]
        open_signs = {
            number: np.broadcast_to(np.less(values[number].lo, values[number].hi), low.shape[1])
            for number in undecided
        }
        several = sum((each.astype(int) for each in open_signs.values()), np.zeros(low.shape[1], int))
        plain = rows[several[rows] == 0]
        if plain.size:
            box = [Interval(low[each, plain], high[each, plain]) for each in range(len(low))]
            own = {number: each.chosen(plain) for number, each in values.items()}
            looked.settled[plain] = self._modelled(box, own, _chosen(least, plain))
        sides = rows[(several[rows] > 0) & (several[rows] <= MOST_SIGNS)]
        cases: dict[tuple[int, ...], list[int]] = {}
        for row in sides:
            cases.setdefault(tuple([each for each in undecided if open_signs[each][row]]), []).append(row)
        for signs, listed in cases.items():
            self._sides(low, high, np.array(listed), signs, values, at, least, looked)

    def _modelled(
        self, box: list[Interval], values: dict[int, Interval], least: Mapping[int, Array]
    ) -> Array:
        """Which of these boxes are settled by Taylor models."""
        models = Models(self.evaluator, box, values, self.degree)
        ends = models([pair[2] for pair in self.pairs])
        steps = []
        for reach, each in zip(self.reach, box, strict=True):
            half = (each.hi / 2 - each.lo / 2) * (1 + 4 * EPS)
            steps.append(np.minimum(1.0, reach / np.where(half == 0, np.inf, half)))
        near = {}
        models(self.sized)
        for number, known in least.items():
            moved = np.where(values[number].sure, models.moves(number, steps), 0.0)
            near[number] = np.maximum(known, moved)
        return self._settled(values, models.count, near, ends)

    def _sides(
        self,
        low: Array,
        high: Array,
        rows: Array,
        signs: tuple[int, ...],
        values: dict[int, Interval],
        at: list[dict[int, Interval]],
        least: Mapping[int, Array],
        looked: Looked,
    ) -> None:
        """Boxes that lie on both sides of the same choices, each way by itself, until one of them fails."""
        apart: list[tuple[int, Array]] = []
        for way in product((-1.0, 1.0, 0.0), repeat=len(signs)):
            count = len(rows)
            possible = np.ones(count, bool)
            for number, side in zip(signs, way, strict=True):
                value = values[number].chosen(rows)
                possible &= (value.lo <= side) & (side <= value.hi)
            box = [Interval(low[each, rows], high[each, rows]) for each in range(len(low))]
            forced = {number: np.full(count, side) for number, side in zip(signs, way, strict=True)}
            chosen = _chosen(least, rows)
            own = self.evaluator(box, forced)
            good = self._settled(own, count, chosen, None) | self._nowhere(own, count)
            if not (good | ~possible).all():
                good |= self._modelled(box, own, chosen)
            bad = possible & ~good
            for number, side in zip(signs, way, strict=True):
                # The derivative is a convention at a kink of the program, and none at one of the claim.
                if side == 0 and number in self.kinks and bad.any():
                    thin = bad & self._is_surface(number, rows, values, at)
                    apart.append((number, rows[thin]))
                    bad &= ~thin
            rows = rows[~bad]
            if not rows.size:
                return
        looked.settled[rows] = True
        looked.apart |= {number for number, thin in apart if np.isin(thin, rows).any()}

    def _is_surface(
        self, sign: int, rows: Array, values: dict[int, Interval], at: list[dict[int, Interval]]
    ) -> Array:
        """In which boxes a formula is 0 on no more than a surface: it is analytic, and not 0 everywhere."""
        formulas = self.formulas
        (inner,) = formulas[sign].operands
        sure = np.broadcast_to(values[inner].chosen(rows).sure, len(rows))
        while formulas[inner].op in ("sqrt", "power", "abs"):
            inner = formulas[inner].operands[0]
        below = formulas.below([inner])
        if any(formulas[each].op in PIECEWISE or formulas[each].op == "unknown" for each in below):
            return np.zeros(len(rows), bool)
        moves = np.zeros(len(rows), bool)
        for each in at:
            moves |= np.broadcast_to(each[inner].chosen(rows).smallest > 0, len(rows))
        found: Array = moves & sure
        return found

    # ---- what a value tells ------------------------------------------------------------------

    def _nowhere(self, values: dict[int, Interval], count: int) -> Array:
        """In which boxes there is no derivative, or none that a float can hold."""
        found = np.zeros(count, bool)
        for number in (*self.question.roots, *[each for each, _ in self.question.pairs]):
            value = values[number]
            found |= value.never
            found |= np.greater_equal(value.lo, MAX) | np.less_equal(value.hi, -MAX)
        return found

    def _settled(
        self,
        values: dict[int, Interval],
        count: int,
        least: Mapping[int, Array],
        ends: Sequence[tuple[Array, Array]] | None,
    ) -> Array:
        """In which boxes all pairs agree."""
        settled = np.ones(count, bool)
        for at, (derivative, claim, difference, implied) in enumerate(self.pairs):
            lo, hi = (values[difference].lo, values[difference].hi) if ends is None else ends[at]
            gap = np.maximum(np.abs(lo), np.abs(hi))
            sizes = {
                each: np.maximum(values[each].smallest, least[each])
                for number in (derivative, claim)
                for each in self._parts(number)
            }
            size = np.maximum(sizes[derivative], sizes[claim])
            terms = self._terms(sizes, derivative) + self._terms(sizes, claim)
            allowed = self.question.atol + self.question.rtol * size + NOISE * terms
            settled &= gap <= allowed * (1 - 1e-12)  # whatever the tolerance itself is rounded to
            if not implied:
                settled &= values[claim].sure
        return settled

    def _parts(self, number: int) -> list[int]:
        """A formula, and the terms that it is the sum of."""
        op, operands, _ = self.formulas[number]
        return [number, *operands] if op == "sum" else [number]

    def _near(self, number: int, at: Sequence[dict[int, Interval]]) -> Array:
        """The largest magnitude that there is at three points of a box, or less."""
        found: Array = np.zeros(1)
        for values in at:
            value = values[number]
            size = np.where(value.sure, value.smallest, 0.0)
            found = np.maximum(found, np.where(size < MAX, size, 0.0))
        return found

    def _terms(self, sizes: Mapping[int, Any], number: int) -> Any:
        """The sizes of the terms that a formula is the sum of."""
        op, operands, data = self.formulas[number]
        if op != "sum":
            return sizes[number]
        total: Any = abs(float(data[0]))
        for each, coefficient in zip(operands, data[1], strict=True):
            if coefficient:
                total = total + abs(float(coefficient)) * sizes[each]
        return total

    def _different(self, values: dict[int, Interval], count: int) -> Array:
        """At which points a pair differs, beyond doubt, where the derivative is no matter of convention."""
        found = np.zeros(count, bool)
        for derivative, claim, difference, _ in self.pairs:
            size = np.maximum(values[derivative].largest, values[claim].largest)
            sizes = {
                each: values[each].largest for number in (derivative, claim) for each in self._parts(number)
            }
            terms = self._terms(sizes, derivative) + self._terms(sizes, claim)
            allowed = self.question.atol + self.question.rtol * size + NOISE * terms
            without = values[claim].never
            found |= (values[difference].smallest > allowed * (1 + 1e-12)) & values[claim].sure | without
        for number in (*self.question.roots, *[each for each, _ in self.question.pairs]):
            found &= values[number].sure & (values[number].largest < INF)
        for number in self.kinks:
            found &= np.not_equal(values[number].lo, 0) & np.equal(values[number].lo, values[number].hi)
        return found

    def without(self, low: Array, high: Array) -> tuple[Array, Array]:
        """In which boxes, (variables, N), points without a derivative may be, and in which only such."""
        count = low.shape[1]
        values = self.evaluator([Interval(*ends) for ends in zip(low, high, strict=True)])
        nowhere = self._nowhere(values, count)
        return self._unsure(values, count) & ~nowhere, nowhere

    def _unsure(self, values: dict[int, Interval], count: int) -> Array:
        """In which boxes there may be points without a derivative."""
        found = np.zeros(count, bool)
        for number in (*self.question.roots, *[each for each, _ in self.question.pairs]):
            found |= np.logical_not(values[number].sure)
        return found

    def unjudged(self, points: Array) -> Array:
        """At which points (variables, N) there is no derivative, or one by convention only."""
        count = points.shape[1]
        values = self.evaluator([Interval(each, each) for each in points])
        found = self._unsure(values, count)
        for number in self.kinks:
            found |= np.equal(values[number].lo, 0) | np.not_equal(values[number].lo, values[number].hi)
        return found


def _chosen(sizes: Mapping[int, Array], rows: Array) -> dict[int, Array]:
    return {
        number: np.broadcast_to(each, max(np.size(each), rows.max() + 1))[rows]
        for number, each in sizes.items()
    }


def _middle(low: Array, high: Array) -> Array:
    return np.clip(low / 2 + high / 2, low, high)
