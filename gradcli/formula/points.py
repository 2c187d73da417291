"""Values at points: of the text of a formula, and of a gradient that was recorded.

What was run once is computed again with other values of its leaves, as long as nothing in it looked at a
value. `proof` asks for both sides of its comparison here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache, cached_property
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.engine import run as engine
from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import Options
from gradcli.evaluation.outside import Outside
from gradcli.evaluation.run import at_work, begun, run
from gradcli.formula.floats import Floats
from gradcli.formula.printers.infix import Infix
from gradcli.formula.tree import Formula, Label
from gradcli.interpreter import interpreter
from gradcli.syntax.parser import parse
from gradcli.syntax.survey import Survey
from gradcli.tape.node import FLOAT64, LEAF, Node
from gradcli.tape.primitives import zeros_of
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from gradcli.evaluation.result import Evaluation
    from gradcli.syntax.tree import Module

Values = dict[str, Any]
DEFAULTS = Options()


def program(formula: Formula) -> tuple[str, dict[str, str]]:
    """A formula as a program, and the names that its results have there."""
    names: dict[str, str] = {}
    lines = []
    writer = Infix(formula.texts)
    for at, line in enumerate(formula.lines):
        name = line.name if isinstance(line.name, str) else f"result{at}"
        if isinstance(line.name, Label):
            names[line.name.text] = name
        lines.append(f"{name} = {writer.text(line.value)}")
    return "\n".join(lines), names


def values(formula: Formula, inputs: Mapping[str, Any]) -> Values:
    """The results of a formula by label, as arrays."""
    text, names = program(formula)
    found = evaluate(text, dict(inputs), wrt=[], unused_inputs=True)
    return {label: found.values[name] for label, name in names.items()}


def is_data(value: Any) -> bool:
    """Whether a value is what a float64 leaf holds."""
    return type(value) is float or (type(value) is np.ndarray and value.dtype is FLOAT64)


class Again:
    """Nodes that are computed at one point after another.

    Args:
        leaves: what the points have values for, by name.
        wanted: the nodes whose values are asked for; what is no node is its own value.
        roots: which of them are no results.
    """

    def __init__(
        self,
        leaves: Mapping[str, Node],
        wanted: Mapping[str, Any],
        roots: Collection[str] = (),
    ) -> None:
        self.roots = roots
        self.leaves = leaves
        self.wanted = wanted
        nodes = [each for each in wanted.values() if type(each) is Node]
        order, large = engine.pending(nodes)
        self.large = bool(large)
        missing = [each for each in order if each.value is None]
        # What passes a leaf's value on, cut from its history, has had it since it was recorded.
        passing = [each for node in missing for each in node.inputs if each.op.passes and each.inputs]
        self.passing = {each: each.value for each in passing if each.value is not None}
        self.missing = missing
        self.steps = [_step(each) for each in (*self.passing, *missing)]

    def at(self, given: Mapping[str, Any]) -> Values:
        """The values at a point.

        Raises:
            GradcliError: where an operation has no value there, as of a singular matrix.
        """
        before = [(node, node.value) for node in self.leaves.values()]
        try:
            for name, node in self.leaves.items():
                if is_data(given.get(name)):
                    node.value = given[name]
            for node, scalar, first, second, attrs in self.steps:
                if scalar is None:
                    engine.evaluate(node)
                    continue
                try:
                    if second is not None:
                        node.value = scalar(first.value, second.value)
                    else:
                        node.value = scalar(first.value, *attrs)
                except (ArithmeticError, ValueError, TypeError):
                    engine.evaluate(node)
            return {name: each.value if type(each) is Node else each for name, each in self.wanted.items()}
        finally:
            for node in self.missing:
                node.value = None
            for node, value in (*self.passing.items(), *before):
                node.value = value


def _step(node: Node) -> tuple[Node, Any, Any, Node | None, tuple[Any, ...]]:
    """A node, and what of one or two nodes and attributes computes it, as `engine.evaluate` does a number.

    Without a function that is asked itself, as it is where Python raises.
    """
    inputs, attrs = node.inputs, node.attrs
    scalar = node.op.scalar if node.dtype is FLOAT64 and not node.shape else None
    if len(inputs) == 1:
        return node, scalar, inputs[0], None, attrs
    if len(inputs) == 2 and not attrs:
        return node, scalar, *inputs, attrs
    return node, None, None, None, attrs


def recorded(
    source: str, options: Options, weights: Mapping[str, int], between: Collection[str]
) -> Again | None:
    """The gradients of a program by name, its roots, and what is between, as recorded at some inputs.

    Args:
        source: the program.
        options: what `evaluate` is asked for, with those inputs.
        weights: names that the gradient weights of roots have at points, and whose they are.
        between: names of what it computes.

    Returns:
        What computes them at other inputs of these shapes; None where another run may record something else.
    """
    looked = engine.demands()
    runtime = begun(source, options)
    runtime.session.at_once = False
    with at_work(runtime):
        ran = run(parse(source), options, runtime)
        aim = None if runtime.own_backward or runtime.session.hooks else ran.aim
        if aim is None or (len(aim.roots) > 1 and aim.weights[0] is None):
            return None
        nodes = [each.node for each in aim.roots.values()]
        wrt = {name: each.node for name, each in aim.wrt.items()}
        found = dict(zip(wrt, reverse(nodes, aim.seeds, [*wrt.values()]), strict=True))
        seeds = {name: aim.weights[at] for name, at in weights.items()}
        leaves = {name: each.leaves for name, each in runtime.inputs.items() if each.leaves}
        leaves |= {name: [each.node] for name, each in seeds.items() if each is not None}
    roots = dict(zip(aim.roots, nodes, strict=True))
    named = {name: runtime.names[name] for name in between}
    wanted = {
        **roots,
        **{name: each.node if type(each) is Tensor else each for name, each in named.items()},
        **{name: zeros_of(wrt[name]) if each is None else each for name, each in found.items()},
    }
    alone = all(len(each) == 1 and each[0].op is LEAF for each in leaves.values())
    if engine.demands() != looked or not alone or not wrt.keys().isdisjoint({*roots, *named}):
        return None
    again = Again({name: node for name, (node,) in leaves.items()}, wanted, roots)
    return None if again.large else again


class Computed:
    """What a formula computes, from its text.

    Args:
        formula: whose lines are parsed, as they are printed.
    """

    def __init__(self, formula: Formula) -> None:
        self.text, self.names = program(formula)
        self.floats = None if any(formula.inputs.values()) else Floats.of(self.text, formula.inputs)
        self.again: tuple[dict[str, Any], Again] | None = None

    @cached_property
    def module(self) -> Module:
        """Its syntax tree."""
        return parse(self.text)

    def at(self, inputs: Mapping[str, Any]) -> Values:
        """The results by label.

        Raises:
            GradcliError: whatever is wrong with the formula there.
        """
        if self.floats is not None and set(map(type, inputs.values())) <= {float}:
            values = self.floats.at(inputs)
            return {label: values[name] for label, name in self.names.items()}
        shapes = {name: () if type(value) is float else np.shape(value) for name, value in inputs.items()}
        if self.again is not None and self.again[0] == shapes:
            return self.again[1].at(inputs)
        looked = engine.demands()
        runtime = begun(self.text, DEFAULTS)
        runtime.session.at_once = False
        with at_work(runtime):
            outside = Outside(runtime)
            runtime.inputs = {name: outside.given(value, name) for name, value in inputs.items()}
            interpreter.run(self.module, runtime, Survey(self.module.body), unused_inputs=True)
            results = {label: runtime.names[name] for label, name in self.names.items()}
            again = None
            if engine.demands() == looked:
                nodes = {
                    label: each.node if type(each) is Tensor else each for label, each in results.items()
                }
                leaves = {
                    name: each.leaves[0] for name, each in runtime.inputs.items() if len(each.leaves) == 1
                }
                again = Again(leaves, nodes)
            if again is None or again.large:
                return {
                    label: runtime.session.value(each) if type(each) is Tensor else each
                    for label, each in results.items()
                }
        self.again = shapes, again
        return again.at(inputs)


def random_inputs(
    shapes: Mapping[str, tuple[int, ...]], seed: int, low: float, high: float, safe: bool = True
) -> Values:
    """Random values by name, the same for the same seed; arrays have both signs where they may.

    Args:
        shapes: by name; a number is asked of Python, which is quicker than NumPy to give one.
        low, high: what they lie between.
        safe: whether a square matrix has an inverse, and a positive determinant.
    """
    if not any(shapes.values()):
        drawn = _drawn(seed, len(shapes))
        return {name: low + (high - low) * each for name, each in zip(shapes, drawn, strict=True)}
    generator = np.random.default_rng(seed)
    found: Values = {}
    for name, shape in shapes.items():
        value = generator.uniform(low, high, shape)
        if safe and len(shape) == 2 and shape[0] == shape[1]:
            value = value @ value.T / shape[0] + np.eye(shape[0])
            value = value + 0.1 * generator.uniform(0, 1, shape)
        elif low < 0 < high and np.all(value > 0) | np.all(value < 0):
            value.flat[::2] *= -1  # what is chosen by a sign is to be seen on both sides
        found[name] = value if shape else float(value)
    return found


@cache
def _drawn(seed: int, count: int) -> list[float]:
    """So many numbers between 0 and 1: to seed a generator costs more than to compute most formulas."""
    random = Random(seed)
    return [random.random() for _ in range(count)]


def answer(result: Evaluation, label: Label, question: Mapping[str, Any]) -> Any:
    """What an evaluation says of a line: the derivative that its label is of.

    Args:
        question: what was asked of `evaluate`: `order`, `partials`, `hessian` or `jacobian`.
    """
    wrt = label.wrt
    if label.kind == "hvp":
        return result.hvp[wrt[0]]
    if label.kind == "jvp":
        return result.jvp[label.of]
    if question.get("hessian"):
        return result.hessian[wrt[0]][wrt[1]]
    if question.get("jacobian"):
        return result.jacobian[label.of][wrt[0]]
    if question.get("partials"):
        return result.partials[",".join(wrt)]
    if question.get("order"):
        return result.orders[wrt[0]][-1]
    if result.derivatives:
        return result.derivatives[label.of][wrt[0]]
    return result.grads[wrt[0]]
