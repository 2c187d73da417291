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
from gradcli.evaluate import evaluate
from gradcli.evaluation import Evaluation
from gradcli.evaluator import Evaluator
from gradcli.language.numerals import Mark, marked
from gradcli.language.parser import parse
from gradcli.ops.core import zeros_of
from gradcli.program import PLAIN
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from gradcli.language import tree
    from gradcli.tape.node import Node

MOST_FAMILIES = 2_000
"""How many families are remembered."""
MOST_PLANS = 16
"""How many plans a family keeps: one for each choice of the numbers that shape its programs."""

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
        self._inputs = inputs
        self._options = {**options, "unused_inputs": True}
        self._shares = _SHARING.issuperset(options)
        self._families: dict[Any, dict[Any, Plan | None]] = {}

    def evaluate(self, text: str, name: str, write: Callable[[str], None] | None) -> Evaluation:
        """What `gradcli.evaluate` gives for this program.

        Raises:
            GradcliError: as there.
        """
        found = self._shared(text) if self._shares and _APART.search(text) is None else None
        if found is not None:
            return found
        return evaluate(text, self._inputs, name=name, write=write, **self._options)

    def _shared(self, text: str) -> Evaluation | None:
        """What the plan of its family gives, or what the first member gives while the plan is made."""
        parts = _NUMBER.split(text)
        numbers = [int(each) if each.isdigit() else float(each) for each in parts[1::2]]
        key = ("\0".join(parts[::2]), *map(type, numbers))
        family = self._families.get(key)
        if family is None:
            if len(self._families) >= MOST_FAMILIES:
                self._families.clear()
            family = self._families[key] = {}
        for shaping, plan in family.items():
            if all(numbers[at] == number for at, number in shaping):
                return plan.result(text, numbers) if plan is not None else None
        if len(family) >= MOST_PLANS:
            return None
        return self._first(family, text, numbers)

    def _first(
        self, family: dict[Any, Plan | None], text: str, numbers: Sequence[float]
    ) -> Evaluation | None:
        """Evaluates a program and keeps its plan under the numbers that shape it; None if that can't be."""
        marks: list[Mark | None] | None = None
        try:
            module = parse(text)
            marks = marked(module, numbers)
            if marks is None:
                family[()] = None
                return None
            recorder = Recording(text, inputs=self._inputs, **{**PLAIN, **self._options})
            result = recorder.run(module)
        except GradcliError:  # evaluated as ever it tells the same, or succeeds with its own numbers
            varying = {at for at, mark in enumerate(marks or ()) if mark is not None}
            family[tuple([(at, each) for at, each in enumerate(numbers) if at not in varying])] = None
            return None
        plan = recorder.plan(marks, result)
        varying = {at for at, _, _ in plan.varying} if plan is not None else set()
        family[tuple([(at, each) for at, each in enumerate(numbers) if at not in varying])] = plan
        return result


class Recording(Evaluator):
    """An evaluation that leaves behind what it computed, if that is the same for other numbers."""

    recorded: tuple[list[Node], list[Node]] | None = None
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
        engine.compute(outputs)
        result.grads = {name: np.asarray(node.value, node.dtype) for name, node in gradients.items()}
        if not large:
            self.recorded = order, outputs

    def plan(self, marks: Sequence[Mark | None], result: Evaluation) -> Plan | None:
        """The plan of what was evaluated, or None if it can't be repeated."""
        if self.recorded is None:
            return None
        places = {id(mark.number): at for at, mark in enumerate(marks) if mark is not None}
        return Plan(Rows(*self.recorded, places), [mark.sign if mark else 1 for mark in marks], result)


class Plan:
    """A recorded program as rows, and what is told of it whatever its numbers.

    Attributes:
        varying: for each number that may be another one its place, its register and its sign.
    """

    __slots__ = ("_first", "_rows", "varying")

    def __init__(self, rows: Rows, signs: Sequence[int], first: Evaluation) -> None:
        self.varying = [(at, register, signs[at]) for at, register in rows.registers.items()]
        self._rows = rows
        self._first = first

    def result(self, text: str, numbers: Sequence[float]) -> Evaluation | None:
        """The results for other numbers; None where a number's kernel must be asked (inf, nan)."""
        try:
            with np.errstate(all="ignore"):
                found = self._rows.run(
                    [(register, float(numbers[at]) * sign) for at, register, sign in self.varying]
                )
        except (ArithmeticError, ValueError, TypeError, GradcliError):
            return None
        first = self._first
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
