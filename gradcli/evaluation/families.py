"""Many programs in a row, of which those that differ only in their numbers share parse and plan.

The command line calls `Batch` for `--lines` and several files. The first program of a family is recorded with
marks in place of the numbers that only go into its arithmetic; those that turn up on the tape as they went in
are what varies, and further members of the family run as a list of rows. All else is evaluated as ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.engine.rows import Rows
from gradcli.errors import GradcliError
from gradcli.evaluation.api import evaluate_with
from gradcli.evaluation.compiled import PLAIN
from gradcli.evaluation.result import Evaluation
from gradcli.evaluation.run import Evaluator
from gradcli.syntax.numerals import Mark, marked
from gradcli.syntax.parser import parse
from gradcli.tape.primitives import zeros_of
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from gradcli.syntax import tree
    from gradcli.tape.node import Node

MOST_FAMILIES = 1_000
"""How many families are remembered."""
MOST_PLANS = 16
"""How many plans a family keeps: one for each choice of the numbers that shape its programs."""

PATIENCE = 30
"""After how many families of one member only second members are recorded."""
GLANCE = 4
"""From then on families are looked for with one program in so many, until they turn up again."""

_NUMBER = re.compile(
    r"(?<![\w.])(\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|0|[1-9]\d{0,17})(?![\w.])"
)
_APART = re.compile(r"""["'#\\]|_\(|print""")
"""Texts and comments may hold digits; what works in place or prints is never run a second time."""
_SHARING = frozenset(
    ("wrt", "roots", "weights", "dtype", "seed", "max_memory", "max_seconds", "max_steps", "threads")
)
"""The options under which programs may share their plans."""


class Batch:
    """Evaluates one program after the other under the same inputs and options of `gradcli.evaluate`."""

    def __init__(self, inputs: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        self._options = {**PLAIN, **options, "inputs": inputs, "unused_inputs": True}
        self._shares = _SHARING.issuperset(options)
        self._families: dict[Any, list[Plan]] = {}
        self._alone = 0  # first members lately, that no second one followed
        self._unseen = 0  # programs since the last one that was looked at

    def evaluate(self, text: str, write: Callable[[str], None] | None) -> Evaluation:
        """What `gradcli.evaluate` gives for this program.

        Raises:
            GradcliError: as there.
        """
        found = self._shared(text) if self._shares else None
        if found is not None:
            return found
        return evaluate_with(text, {**self._options, "write": write})

    def _shared(self, text: str) -> Evaluation | None:
        """What the plan of its family gives, or is recorded for one; None if it has to be as ever."""
        if self._alone > PATIENCE:
            self._unseen += 1
            if self._unseen < GLANCE:
                return None
            self._unseen = 0
        parts = _NUMBER.split(text)
        numbers = [int(each) if each.isdigit() else float(each) for each in parts[1::2]]
        key = ("\0".join(parts[::2]), *map(type, numbers))
        family = self._families.pop(key, None)
        if family is None:
            if len(self._families) >= MOST_FAMILIES:  # the one unused for longest goes
                del self._families[next(iter(self._families))]
            family = self._families[key] = []
            self._alone += 1
            if self._alone > PATIENCE:
                return None
        else:
            self._families[key] = family
            self._alone = max(self._alone - 4, 0)
        for plan in family:
            if plan.serves(numbers):
                return plan.result(text, numbers)
        if len(family) >= MOST_PLANS:
            return None
        plan, result = self._record(text, numbers)
        family.append(plan)
        return result

    def _record(self, text: str, numbers: Sequence[float]) -> tuple[Plan, Evaluation | None]:
        """The plan of a program, which may be that it has to be evaluated as ever, and its results."""
        if _APART.search(text):
            return Plan([], []), None
        marks: list[Mark | None] | None = None
        try:
            module = parse(text)
            marks = marked(module, numbers)
            if marks is None:
                return Plan([], []), None
            recording = Recording(text, **self._options)
            result = recording.run(module)
        except GradcliError:  # evaluated as ever it tells the same, or succeeds
            return Plan(numbers, marks or []), None
        return Plan(numbers, marks, result, recording.tape), result


class Recording(Evaluator):
    """An evaluation that leaves behind what it computed, if that is the same for other numbers."""

    tape: tuple[list[Node], list[Node]] | None = None
    """What was computed, inputs first, and of that what is reported."""
    _before: int = 0

    def _run(self, module: tree.Module) -> Evaluation:
        self._before = engine.demands()
        return super()._run(module)

    def _differentiate(self, result: Evaluation, named: dict[str, Any]) -> None:
        if engine.demands() != self._before or self.runtime.own_backward:
            super()._differentiate(result, named)
            return
        wrt = self._leaves() if self.wrt is None else {name: self._target(name) for name in self.wrt}
        roots = [value if type(value) is Tensor else self.session.tensor(value) for value in named.values()]
        self._require_grad(named, roots)
        weights = self.outside.weights(self.weights, roots)
        seeds = [self.session.seed(root, weight) for root, weight in zip(roots, weights, strict=True)]
        nodes = [each.node for each in wrt.values()]
        found = reverse([root.node for root in roots], seeds, nodes)
        gradients = {
            name: zeros_of(node) if gradient is None else gradient
            for name, node, gradient in zip(wrt, nodes, found, strict=True)
            if gradient is not None or self.wrt is not None
        }
        arrays: Any = result.values
        outputs = [*map(arrays.node, result.nodes), *gradients.values()]
        order, large = engine.pending([node for node in outputs if node.value is None])
        if large:
            engine.compute(outputs)
        else:
            for node in order:
                engine.evaluate(node)
            self.tape = order, outputs
        result.grads = {name: np.asarray(node.value, node.dtype) for name, node in gradients.items()}


class Plan:
    """A recorded program: what is done and what is told of it whatever its numbers.

    The rows are made for the second program that it serves, since most programs stay alone.
    """

    __slots__ = ("_first", "_fixed", "_marks", "_numbers", "_rows", "_tape", "_varying")

    def __init__(
        self,
        numbers: Sequence[float],
        marks: Sequence[Mark | None],
        first: Evaluation | None = None,
        tape: tuple[list[Node], list[Node]] | None = None,
    ) -> None:
        """The plan for programs with these numbers but for the marked ones; without a tape there is none."""
        self._numbers = numbers
        self._marks = marks
        self._first = first
        self._tape = tape
        self._rows: Rows | None = None
        self._varying: list[tuple[int, int, int]] = []
        self._fixed: list[tuple[int, float]] | None = None

    def serves(self, numbers: Sequence[float]) -> bool:
        """Whether a program of the family with these numbers is recorded alike."""
        if self._fixed is None:
            varying = self._prepared()
            self._fixed = [(at, each) for at, each in enumerate(self._numbers) if at not in varying]
        return all(numbers[at] == number for at, number in self._fixed)

    def _prepared(self) -> set[int]:
        """Makes the rows; the places of the numbers that they take."""
        marks = {at: mark for at, mark in enumerate(self._marks) if mark is not None}
        if self._tape is None:
            return set(marks)
        self._rows = Rows(*self._tape, {id(mark.number): at for at, mark in marks.items()})
        self._tape = None
        self._varying = [(at, register, marks[at].sign) for at, register in self._rows.registers.items()]
        return set(self._rows.registers)

    def result(self, text: str, numbers: Sequence[float]) -> Evaluation | None:
        """The results for other numbers; None where they have to be found as ever."""
        first = self._first
        if self._rows is None or first is None:
            return None
        try:
            with np.errstate(all="ignore"):
                found = self._rows.run(
                    [(register, float(numbers[at]) * sign) for at, register, sign in self._varying]
                )
        except (ArithmeticError, ValueError, TypeError, GradcliError):  # inf, nan: the kernels know
            return None
        results = iter(found)
        plain: Any = first.values
        return Evaluation(
            values={name: next(results) if name in first.nodes else plain[name] for name in plain},
            grads=dict(zip(first.grads or (), results, strict=True)),
            nodes=first.nodes,
            roots=first.roots,
            printed=[],
            text=text,
            weighted=first.weighted,
            unused_inputs=first.unused_inputs,
        )
