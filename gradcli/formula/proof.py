"""Whether a formula computes what `eval` does: parsed again, at seeded random points of the right shapes."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from random import Random
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate
from gradcli.formula.points import Again, Computed
from gradcli.formula.stage import STAND_IN, Shapes
from gradcli.formula.tree import Formula, Label

POINTS = 3
"""At how many points a formula is tried at most."""

HUGE = 1e9
"""Gradients that are larger have no digits left to compare: a singular matrix was inverted."""

ENOUGH = 2
"""At how many of them the gradient must have had finite values."""


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
    ) -> None:
        self.source = source
        self.shapes = shapes
        self.inputs = inputs
        self.options = {name: value for name, value in options.items() if value is not None}
        self.question = question
        self.fixed = fixed
        self.decides = decides
        self.recorded = recorded

    def wrong(self, formula: Formula, free: Mapping[str, tuple[int, ...]]) -> set[str]:
        """The labels of the results that differ from what `eval` computes, or can't be evaluated.

        Args:
            formula: what is to be printed.
            free: the inputs without values, and their shapes.
        """
        computed = Computed(formula)
        with np.errstate(all="ignore"):
            return self._differing(formula, free, computed)

    def _differing(
        self, formula: Formula, free: Mapping[str, tuple[int, ...]], computed: Computed
    ) -> set[str]:
        wrong: set[str] = set()
        told = 0
        for point in range(POINTS):
            given = self._point(free, point)
            try:
                expected = self._expected(given, formula)
            except GradcliError:
                continue  # a program that has no value here tells nothing
            if not expected or any(_largest(each) > HUGE for each in expected.values()):
                continue  # nor does one beside a pole
            try:
                found = computed.at({**self.fixed, **given})
            except GradcliError:
                return {line.name.text for line in formula.results if isinstance(line.name, Label)}
            for label, value in found.items():
                if label in expected and not _agree(value, expected[label]):
                    wrong.add(label)
            told += all(isfinite(_largest(each)) for each in expected.values())
            if told == ENOUGH:
                break
        return wrong

    def _point(self, free: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Any]:
        random = np.random.default_rng(seed) if any(free.values()) else Random(seed)
        # Once the first dims are the smaller ones, once the larger: X.T @ X has an inverse for one only.
        names = list(self.shapes.sizes)
        sizes = {name: 2 + at for at, name in enumerate(names[::-1] if seed % 2 else names)}
        by_stand_in = {size: sizes[name] for name, size in self.shapes.sizes.items()}
        given: dict[str, Any] = dict(self.inputs)
        for name, shape in free.items():
            small = tuple([by_stand_in.get(each, each) for each in shape])
            # On both sides of 0, then between 0 and 1, where logarithms and inverse functions have values.
            low = -1.5 if seed == 0 else 0.05
            high = 0.95 if low > 0 else 1.5
            if self.decides:
                low, high = STAND_IN - 0.01, STAND_IN + 0.01
            if isinstance(random, Random):
                given[name] = random.uniform(low, high)
                continue
            value = random.uniform(low, high, small)
            if not self.decides and len(small) == 2 and small[0] == small[1]:
                value = value @ value.T / small[0] + np.eye(small[0])
                value = value + 0.1 * random.uniform(0, 1, small)
            given[name] = value if small else float(value)
        for name, size in sizes.items():
            given.setdefault(name, float(size))
        return given

    def _expected(self, given: Mapping[str, Any], formula: Formula) -> dict[str, Any]:
        if self.recorded is not None:
            recorded = self.recorded.at(given)
            roots = [recorded.pop(name) for name in self.recorded.roots]
            return recorded if all(isfinite(_largest(each)) for each in roots) else {}
        question = dict(self.question)
        if "weights" in question:
            question["weights"] = [
                given[each] if isinstance(each, str) and each != "ones" else each
                for each in question["weights"]
            ]
        for kind in ("hvp", "jvp"):
            if kind in question:
                question[kind] = {target: given[name] for name, target in question[kind].items()}
        result = evaluate(
            self.source,
            dict(given),
            **self.options,
            **question,
            write=lambda text: None,
            unused_inputs=True,
        )
        found: dict[str, Any] = {}
        of = {
            each
            for line in formula.results
            if isinstance(line.name, Label)
            for each in line.name.of.split(", ")
        }
        if not all(isfinite(_largest(result.values[each])) for each in of if each in result.values):
            return {}
        for line in formula.results:
            label = line.name
            assert isinstance(label, Label)
            wrt = label.wrt
            if label.kind == "hvp":
                found[label.text] = result.hvp[wrt[0]]  # type: ignore[index]
            elif label.kind == "jvp":
                found[label.text] = result.jvp[label.of]  # type: ignore[index]
            elif self.question.get("hessian"):
                found[label.text] = result.hessian[wrt[0]][wrt[1]]  # type: ignore[index]
            elif self.question.get("jacobian"):
                found[label.text] = result.jacobian[label.of][wrt[0]]  # type: ignore[index]
            elif self.question.get("partials"):
                found[label.text] = result.partials[",".join(wrt)]  # type: ignore[index]
            elif self.question.get("order"):
                found[label.text] = result.orders[wrt[0]][-1]  # type: ignore[index]
            elif result.derivatives is not None:
                found[label.text] = result.derivatives[label.of][wrt[0]]
            else:
                found[label.text] = result.grads[wrt[0]]
        return found


def _largest(value: Any) -> float:
    """The largest magnitude; nan if there is one."""
    if type(value) is float or np.shape(value) == ():
        return abs(float(value))
    return float(np.max(np.abs(value), initial=0.0))


def _agree(found: Any, expected: Any) -> bool:
    """Whether two values are equal but for rounding; where `eval` has no finite value, nothing is asked."""
    if np.shape(found) == np.shape(expected) == ():
        found, expected = float(found), float(expected)
        return not isfinite(expected) or abs(found - expected) <= 1e-7 * abs(expected) + 1e-13
    one, other = np.asarray(found, float), np.asarray(expected, float)
    if one.shape != other.shape:
        return False
    finite = np.isfinite(other)
    scale = np.max(np.abs(other[finite]), initial=0.0)
    return bool(np.allclose(one[finite], other[finite], rtol=1e-7, atol=1e-10 * max(scale, 1e-3)))
