"""Whether a formula computes what `eval` does: parsed again, at seeded random points of the right shapes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import Options
from gradcli.formula.points import Again, Computed, answer, is_data, random_inputs, recorded
from gradcli.formula.sizes import LEAST
from gradcli.formula.stage import KEPT, STAND_IN, Shapes
from gradcli.formula.tree import BITS, Formula, Label, walk

POINTS = 3
"""At how many points a formula is tried at most."""

MORE = 3
"""So many times as many are tried where it chooses by a number, which may be on one side at several."""

HUGE = 1e9
"""Gradients that are larger have no digits left to compare: a singular matrix was inverted."""

NUDGE = 1e-12
"""By how much of themselves inputs are moved to see whether a gradient has digits left to compare."""

FAR = 300.0
"""So many times as far from 0 is looked as well for what has no value anywhere."""

ENOUGH = 2
"""At how many of them the gradient must have had finite values."""


SILENT: dict[str, Any] = {"write": lambda text: None, "unused_inputs": True}
"""What is asked of every evaluation."""


class Proof:
    """Compares formulas with the derivatives that `eval` computes.

    Args:
        source: the program.
        shapes: the declared shapes of its inputs.
        inputs: the values that were given.
        options: of `evaluate`: `wrt`, `roots`, `dtype`, `freeze`, limits.
        question: of `evaluate` as well: `order`, `hessian` …
        fixed: the program's own values of names that the formula may read.
        decides: whether the program reads its data to decide, so that it is tried where it was recorded only.
        recorded: its gradients by label and its roots by name, where it need not be run again for them.
        between: names of what the program computes that the formula may read.
        least: how large named dims are at least.
    """

    def __init__(
        self,
        source: str,
        shapes: Shapes,
        inputs: Mapping[str, Any],
        options: Mapping[str, Any],
        question: Mapping[str, Any],
        fixed: Mapping[str, Any],
        decides: bool,
        recorded: Again | None = None,
        between: Collection[str] = (),
        least: int = LEAST,
    ) -> None:
        self.source = source
        self.shapes = shapes
        self.inputs = inputs
        self.options = {name: value for name, value in options.items() if value is not None}
        self.question = question
        self.fixed = fixed
        self.decides = decides
        self.recorded = recorded
        self.between = between
        self.least = least
        self.parsed: tuple[Formula, Computed] | None = None
        self.tapes: dict[object, Again | None] = {}
        """The gradients that were recorded, by the shapes of inputs."""
        self.evaluated = False
        """Whether `eval` has been asked for the gradient at a point."""
        self.told = False
        """Whether the gradient has been finite at one of the points."""

    def wrong(self, formula: Formula, free: Mapping[str, tuple[int, ...]]) -> set[str]:
        """The labels of the results that differ from what `eval` computes, or can't be evaluated.

        Args:
            formula: what is to be printed.
            free: the inputs without values, and their shapes.
        """
        return self._differing(formula, free, self._computed(formula))

    def nowhere(self, formula: Formula, free: Mapping[str, tuple[int, ...]]) -> set[str]:
        """The labels of results that have values though `eval` has none anywhere, as `std` of one number.

        Args:
            formula: what is to be printed, in which nothing was cancelled.
            free: the inputs without values, and their shapes.
        """
        if self.told or self.decides:
            return set()
        computed = self._computed(formula)
        found = {line.name.text for line in formula.results if isinstance(line.name, Label)}
        for point, scale in enumerate((1.0, 1.0, FAR, -FAR)):
            given = self._point(free, point)
            given.update({name: given[name] * scale for name in free})
            try:
                expected, between = self._expected(given, formula, everywhere=True)
                ours = computed.at({**self.fixed, **given, **between})
            except GradcliError:
                return set()
            found = {each for each in found if np.isnan(expected[each]).all()}
            found = {each for each in found if not np.isnan(ours[each]).any()}
        return found

    def at_zero(
        self, formula: Formula, free: Mapping[str, tuple[int, ...]], wrt: Collection[str]
    ) -> str | None:
        """Where a formula and `eval` differ while inputs are 0, where functions have their kinks and poles.

        Args:
            formula: what is to be printed.
            free: the inputs without values, and their shapes.
            wrt: the names that are differentiated by.

        Returns:
            What a reader should know, or None.
        """
        if self.decides:
            return None
        computed = self._computed(formula)
        alone = [name for name in free if name in wrt]
        for names in [list(free)] + ([alone] if 0 < len(alone) < len(free) else []):
            given = self._point(free, 1)
            given.update({name: given[name] * 0.0 for name in names})
            try:
                expected, between = self._expected(given, formula, everywhere=True)
                found = computed.at({**self.fixed, **given, **between})
            except GradcliError:
                continue
            for label, value in expected.items():
                told = _apart(found[label], value)
                if told is not None:
                    return f"{told[0]} at {' = '.join(names)} = 0, and eval {told[1]}"
        return None

    def _computed(self, formula: Formula) -> Computed:
        """What computes a formula, parsed once."""
        if self.parsed is None or self.parsed[0] is not formula:
            self.parsed = formula, Computed(formula)
        return self.parsed[1]

    def _differing(
        self, formula: Formula, free: Mapping[str, tuple[int, ...]], computed: Computed
    ) -> set[str]:
        wrong: set[str] = set()
        told = 0
        choosing = [line.value for line in formula.lines if line.value.within & BITS["where"]]
        by_number = any(each.op == "where" and not each.args[0].shape for each in walk(choosing))
        times = MORE if by_number else 1
        for point in range(times * POINTS):
            given = self._point(free, point)
            try:
                expected, between = self._expected(given, formula)
            except GradcliError:
                continue  # a program that has no value here tells nothing
            if not expected or any(_largest(each) > HUGE for each in expected.values()):
                continue  # nor does one beside a pole
            try:
                found = computed.at({**self.fixed, **given, **between})
            except GradcliError:
                return {line.name.text for line in formula.results if isinstance(line.name, Label)}
            differing = {
                label
                for label, value in found.items()
                if label in expected and not _agree(value, expected[label])
            }
            if differing and self._shaken(given, free, formula, expected, found):
                continue
            wrong |= differing
            told += all(isfinite(_largest(each)) for each in expected.values())
            if told == times * ENOUGH:
                break
        self.told = told > 0
        return wrong

    def _shaken(
        self,
        given: Mapping[str, Any],
        free: Mapping[str, tuple[int, ...]],
        formula: Formula,
        expected: Mapping[str, Any],
        found: Mapping[str, Any],
    ) -> bool:
        """Whether gradient or formula are made of rounding: others for inputs that differ in a late digit."""
        random = np.random.default_rng(0)
        nudged = {
            name: value * (1 + NUDGE * random.uniform(-1, 1, np.shape(value) or None))
            if name in free and np.asarray(value).dtype.kind == "f"
            else value
            for name, value in given.items()
        }
        try:
            again, between = self._expected(nudged, formula)
            ours = self._computed(formula).at({**self.fixed, **nudged, **between})
        except GradcliError:
            return True
        return any(
            not _agree(other[label], value)
            for before, other in ((expected, again), (found, ours))
            for label, value in before.items()
            if label in other
        )

    def _point(self, free: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Any]:
        # Once the first dims are the smaller ones, once the larger: X.T @ X has an inverse for one only.
        names = list(self.shapes.sizes)
        ordered, least = (names[::-1], self.least) if seed % 2 else (names, self.least)
        if least > LEAST:  # of slices with a step, other lengths than of odd dims
            least += seed % 2
        sizes = {name: least + at for at, name in enumerate(ordered)}
        by_stand_in = {size: sizes[name] for name, size in self.shapes.sizes.items()}
        small = {
            name: tuple([by_stand_in.get(each, each) for each in shape]) if shape else ()
            for name, shape in free.items()
        }
        # On both sides of 0, then between 0 and 1, where logarithms and inverse functions have values.
        low, high = (-1.5, 1.5) if seed % POINTS == 0 else (0.05, 0.95)
        if self.decides:
            low, high = STAND_IN - 0.01, STAND_IN + 0.01
        given = {**self.inputs, **random_inputs(small, seed, low, high, not self.decides)}
        for name, size in sizes.items():
            given.setdefault(name, float(size))
        return given

    def _expected(
        self, given: Mapping[str, Any], formula: Formula, everywhere: bool = False
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The derivatives by label, and what is between.

        Where the roots are not finite there are none, unless they are asked for `everywhere`.
        """
        recorded = self.recorded or self._recorded(given)
        if recorded is not None:
            found = recorded.at(given)
            between = {name: found.pop(name) for name in self.between}
            roots = [found.pop(name) for name in recorded.roots if name in found]
            if not everywhere and not all(isfinite(_largest(each)) for each in roots):
                return {}, between
            if recorded is self.recorded:
                return found, between
            labels = [line.name for line in formula.results if isinstance(line.name, Label)]
            return {label.text: found[label.wrt[0]] for label in labels}, between
        question = dict(self.question)
        if "weights" in question:
            question["weights"] = [
                given[each] if isinstance(each, str) and each != "ones" else each
                for each in question["weights"]
            ]
        for kind in ("hvp", "jvp"):
            if kind in question:
                question[kind] = {target: given[name] for name, target in question[kind].items()}
        result = evaluate(self.source, dict(given), **self.options, **question, **SILENT)
        self.evaluated = True
        found = {}
        of = {
            each
            for line in formula.results
            if isinstance(line.name, Label)
            for each in line.name.of.split(", ")
        }
        if not everywhere and not all(
            isfinite(_largest(result.values[each])) for each in of if each in result.values
        ):
            return {}, {}
        for line in formula.results:
            label = line.name
            assert isinstance(label, Label)
            found[label.text] = answer(result, label, self.question)
        return found, {name: result.values[name] for name in self.between if name in result.values}

    def _recorded(self, given: Mapping[str, Any]) -> Again | None:
        """The gradient for points of these shapes, once `eval` itself has been asked for it at one."""
        if not self.evaluated or self.decides or self.question.keys() - {"weights"}:
            return None
        key = tuple([(name, np.shape(value)) for name, value in given.items() if is_data(value)])
        if key not in self.tapes:
            weights = self.question.get("weights")
            names = {
                each: at for at, each in enumerate(weights or ()) if isinstance(each, str) and each in given
            }
            values = [given.get(each, each) if isinstance(each, str) else each for each in weights or ()]
            options = {**KEPT, **self.options, **SILENT, "inputs": dict(given), "weights": values or None}
            self.tapes[key] = recorded(self.source, Options(**options), names, self.between)
        return self.tapes[key]


def _largest(value: Any) -> float:
    """The largest magnitude; nan if there is one."""
    if isinstance(value, float) or np.shape(value) == ():
        return abs(float(value))
    return float(np.max(np.abs(value), initial=0.0))


def _are_floats(one: Any, other: Any) -> bool:
    """Whether two values are numbers, of Python or of NumPy."""
    return isinstance(one, float) and isinstance(other, float)


def _agree(found: Any, expected: Any) -> bool:
    """Whether two values are equal but for rounding; where `eval` has no finite value, nothing is asked."""
    if _are_floats(found, expected) or np.shape(found) == np.shape(expected) == ():
        found, expected = float(found), float(expected)
        return not isfinite(expected) or abs(found - expected) <= 1e-7 * abs(expected) + 1e-13
    one, other = np.asarray(found, float), np.asarray(expected, float)
    if one.shape != other.shape:
        return False
    finite = np.isfinite(other)
    scale = np.max(np.abs(other[finite]), initial=0.0)
    return bool(np.allclose(one[finite], other[finite], rtol=1e-7, atol=1e-10 * max(scale, 1e-3)))


def _apart(found: Any, expected: Any) -> tuple[str, str] | None:
    """How a formula and `eval` differ at a point, in words for both; None where they don't."""
    if _are_floats(found, expected):
        finite = isfinite(found), isfinite(expected)
        if not any(finite) or (all(finite) and abs(found - expected) <= 1e-7 * max(abs(expected), 1e-3)):
            return None
    else:
        one, other = np.asarray(found, float), np.asarray(expected, float)
        if one.shape != other.shape:
            return None
        differ = np.isfinite(one) != np.isfinite(other)
        both = np.isfinite(one) & np.isfinite(other)
        differ |= both & (np.abs(one - other) > 1e-7 * np.maximum(np.abs(other), 1e-3))
        if not differ.any():
            return None
        at = tuple(np.argwhere(differ)[0])
        found, expected = float(one[at]), float(other[at])
    mine, its = [f"{each:.6g}" if isfinite(each) else None for each in (found, expected)]
    return (
        f"this gives {mine}" if mine else "this has no value",
        f"gives {its}" if its else "has none" if not mine else "has no value",
    )
