"""A derivative of any order and a formula for it, side by side on one tape, at any point.

`gradcli.checking.proving` asks it whether they agree. The formula is run as a part of the program, so that it
sees the program's variables and functions, and rounds as they do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checking.claims import Claim
from gradcli.checking.model import weighted
from gradcli.checking.rerun import Rerun
from gradcli.checking.session import watching
from gradcli.checking.trees import cuts_history, without_asserts
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, suggestion
from gradcli.evaluation.differentiate import differentiate
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import at_work, run
from gradcli.record import Record
from gradcli.syntax import tree
from gradcli.syntax.parser import parse
from gradcli.tape.node import Node, leaf
from gradcli.tape.reverse import ones_like, reverse
from gradcli.values.runtime import Runtime
from gradcli.values.values import NUMBERS

Array = np.ndarray[Any, np.dtype[Any]]
CLAIMED = "_claimed_"
RESULT = "result"


def with_formula(module: tree.Module, formula: str) -> tree.Module:
    """The program with the formula's value in a variable at its end, and its last value under a name.

    Raises:
        GradcliError: `syntax`, in the text of the formula.
    """
    parsed = parse(formula)
    if len(parsed.body) != 1 or not isinstance(parsed.body[0], tree.ExpressionStatement):
        raise GradcliError("syntax", f"{formula!r} is no formula", hint="a formula is one expression")
    body = list(module.body)
    if body and isinstance(body[-1], tree.ExpressionStatement):
        last = body[-1]
        if not isinstance(last.value, (tree.Name, tree.TupleDisplay)):
            body[-1] = tree.Assignment(last.span, (tree.Name(last.span, RESULT),), last.value)
    expression = parsed.body[0].value
    body.append(tree.Assignment(expression.span, (tree.Name(expression.span, CLAIMED),), expression))
    return tree.Module(module.span, tuple(body), max(module.depth, parsed.depth) + 1)


class Differentiated:
    """A run of the program and the formula that keeps the derivative's nodes.

    Attributes:
        roots: what is differentiated.
        seeds: the weights of each, as arrays.
        orders: the derivative of each order, up to the claim's; empty where there is no root.
        target: what the last differentiation was with respect to, where there was one.

    Raises:
        GradcliError: whatever goes wrong.
    """

    def __init__(
        self,
        source: str,
        module: tree.Module,
        options: Options,
        *,
        claim: Claim,
        original_roots: Sequence[str],
        cut: bool,
        overrides: Mapping[str, Any] | None,
    ) -> None:
        self.roots: list[Node] = []
        self.seeds: list[Array] = []
        self.orders: list[Node | None] = []
        self.target: Node | None = None
        self.own_gradient: Any = None
        runtime, self.session = watching(source, options, cut=cut, overrides=overrides)
        runtime.before_last = lambda: _restore_leaves(runtime)
        with at_work(runtime):
            self.ran = run(module, options, runtime)
            if claim.root is not None:
                roots = [runtime.names.get(f"{claim.root}'", self.ran.known(claim.root))]
            elif runtime.own_backward:
                roots = []
                self.own_gradient = differentiate(self.ran).grads.get(claim.wrt[0])
            else:
                roots = [runtime.names[name] for name in original_roots if name in runtime.names]
            self.looked = self.session.looked or bool(self.ran.looks)
            if roots:
                self._differentiate(claim, roots)

    def _differentiate(self, claim: Claim, roots: Sequence[Any]) -> None:
        tensors = [value if type(value) is Tensor else self.session.tensor(value) for value in roots]
        wrt = [self.ran.target(name) for name in claim.wrt]
        self.target = wrt[-1].node
        seeds = self._seeds(tensors)
        self.seeds = [np.asarray(engine.value(seed), np.float64) for seed in seeds]
        self.roots = [each.node for each in tensors]
        (current,) = reverse(self.roots, seeds, [wrt[0].node])
        self.orders = [current]
        for each in wrt[1:]:
            if current is not None and current.requires_grad:
                (current,) = reverse([current], [ones_like(current)], [each.node])
            else:
                current = None
            self.orders.append(current)

    def _seeds(self, tensors: list[Tensor]) -> list[Node]:
        weights = self.ran.options.weights
        count = len(weights) if isinstance(weights, (list, tuple)) else 1
        if weights is not None and len(tensors) == count:
            read = self.ran.outside.weights(weights, tensors)
            return [self.session.seed(each, weight) for each, weight in zip(tensors, read, strict=True)]
        return [ones_like(each.node) for each in tensors]


def _restore_leaves(runtime: Runtime) -> None:
    """Before the formula: a name whose leaf was replaced means the leaf; `x'` is what it is at the end."""
    for name, first in runtime.leaves.items():
        current = runtime.names.get(name)
        if first.requires_grad and current is not first and current is not None:
            runtime.names[f"{name}'"] = current
            runtime.names[name] = first


class Sides(Record):
    """Both sides of a claim at one point: the derivative and the formula.

    Attributes:
        derivative, claimed: their values, of one shape.
        finite: whether the program and both are.
    """

    derivative: Array
    claimed: Array
    finite: bool


class SideBySide:
    """One run of program and formula, and answers for other values of the leaves.

    Raises:
        GradcliError: whatever goes wrong; for a name that only the formula has, `unknown-name`.
    """

    def __init__(
        self,
        source: str,
        module: tree.Module,
        claim: Claim,
        options: Options,
        original_roots: Sequence[str],
        overrides: Mapping[str, Any] | None = None,
    ) -> None:
        self._arguments = (source, module, claim, options, original_roots)
        cut = cuts_history(module)
        others = (options.wrt or ()) if claim.root is None else ()
        run = Differentiated(
            source,
            module if overrides is None else without_asserts(module),
            options.replaced(wrt=list(dict.fromkeys((*claim.wrt, *others))), roots=None, unused_inputs=True),
            claim=claim,
            original_roots=original_roots,
            cut=cut,
            overrides=overrides,
        )
        self.run = run
        runtime = run.ran.runtime
        claimed = runtime.names[CLAIMED]
        if isinstance(claimed, (list, tuple)):
            claimed = run.session.tensor(list(claimed))
        if type(claimed) is not Tensor and type(claimed) not in NUMBERS:
            raise GradcliError("bad-argument", f"the formula {claim.formula!r} has no number for a value")
        self.leaves = {name: each.node for name, each in runtime.leaves.items() if each.requires_grad}
        self.claimed_node = claimed.node if type(claimed) is Tensor else leaf(np.float64(claimed))
        self.own = bool(run.session.own_calls)
        self.cut = cut
        self.by_grad = claim.root is None and runtime.own_backward
        self.orders = run.orders
        if self.by_grad:
            if run.own_gradient is None:
                raise GradcliError("no-grad", f"{claim.wrt[0]} has no gradient when the program ends")
            self.orders = [leaf(np.asarray(run.own_gradient, np.float64))]
        elif not run.orders:
            raise GradcliError(
                "no-grad",
                "there is no root to differentiate: the last statement has no value",
                hint="name it in the claim: dz/dx = …",
            )
        self.target = run.target
        self.reruns = (run.looked and not cut) or self.by_grad
        nodes = list(self.leaves.values())
        self._tape = Rerun([self.orders[-1], self.claimed_node, *run.roots], nodes, run.session.own, cut=cut)
        self.points = {name: np.asarray(engine.value(node)) for name, node in self.leaves.items()}
        run.session.closed = True
        with np.errstate(all="ignore"):
            self._tape(list(self.points.values()))
        self.shape = self.target.shape if self.target is not None else self.orders[0].shape  # type: ignore[union-attr]

    # ---- values ------------------------------------------------------------------------------

    def at(self, leaves: Mapping[str, Any]) -> Sides:
        """Derivative and formula for these leaves; those that aren't named stay."""
        if self.reruns and any(leaves[name] is not self.points[name] for name in leaves):
            return SideBySide(*self._arguments, overrides=leaves).at({})
        values = [leaves.get(name, value) for name, value in self.points.items()]
        with np.errstate(all="ignore"):
            return self._sides(self._tape(values))

    def rounding(self, leaves: Mapping[str, Any]) -> float:
        """How far rounding can have moved derivative and formula apart there."""
        if self.reruns and leaves:
            return SideBySide(*self._arguments, overrides=leaves).rounding({})
        values = [leaves.get(name, value) for name, value in self.points.items()]
        with np.errstate(all="ignore"):
            shaken = [self._sides(each) for each in self._tape.shaken(values)]
            gaps = [each.derivative - each.claimed for each in shaken]
            return float(np.max(np.abs(np.array(gaps) - gaps[0]), initial=0.0))

    def precisely(self, leaves: Mapping[str, Any]) -> list[list[Any] | None]:
        """Derivative, formula and roots for these leaves, each element a number of mpmath's, of many digits.

        Raises:
            Unavailable: something on the way cannot be computed so.
        """
        from gradcli.checking import precise

        found = precise.replay(self._tape, [leaves.get(name, value) for name, value in self.points.items()])
        return [None if each is None else precise.numbers(each) for each in found]

    def _sides(self, found: Sequence[Array | None]) -> Sides:
        derivative, claimed, *roots = found
        exact = np.zeros(self.shape) if derivative is None else np.asarray(derivative, np.float64)
        formula = np.asarray(claimed, np.float64)
        if formula.shape != exact.shape:
            try:
                formula = np.broadcast_to(formula, exact.shape)
            except ValueError:
                raise GradcliError(
                    "shape",
                    f"the derivative has shape {list(exact.shape)} and the formula {list(formula.shape)}",
                ) from None
        everything = [exact, formula, *[each for each in roots if each is not None]]
        finite = all(bool(np.isfinite(each).all()) for each in everything)
        return Sides(exact, formula, finite)

    def formula_moves(self, leaves: Mapping[str, Any]) -> bool:
        """Whether the formula has another value there, so that it says something about other points."""
        here, there = self.at({}), self.at(leaves)
        return not np.array_equal(here.claimed, there.claimed)

    # ---- along a line ------------------------------------------------------------------------

    def line(self, leaves: Mapping[str, Any], index: tuple[int, ...]) -> tuple[Any, float] | None:
        """What the last differentiation differentiated, as a function of one element of its variable.

        Gives the function, of the distance from the point, and the element's value there; None where
        that cannot be moved by itself.
        """
        if self.by_grad or self.target is None:
            return None
        name = next((name for name, node in self.leaves.items() if node is self.target), None)
        if self.reruns:
            if name is None:
                return None
            return self._line_of_runs(leaves, name, index)
        before = [self.orders[-2]] if len(self.orders) > 1 else self.run.roots
        nodes = list(self.leaves.values())
        values = [np.asarray(leaves.get(each, value), np.float64) for each, value in self.points.items()]
        if name is None:
            start = np.asarray(engine.value(self.target), np.float64)
            if any(self.points[each] is not leaves.get(each, self.points[each]) for each in self.points):
                (moved,) = Rerun([self.target], nodes, self.run.session.own, cut=self.cut)(values)
                assert moved is not None
                start = np.asarray(moved, np.float64)
            nodes, values = [*nodes, self.target], [*values, start]
        tape = Rerun(before, nodes, self.run.session.own, cut=self.cut)
        with np.errstate(all="ignore"):
            tape([np.asarray(engine.value(node)) for node in nodes])
        at = nodes.index(self.target)
        start = np.asarray(values[at], np.float64)
        weights = self._line_weights()

        def function(distance: float) -> Array:
            moved = start.copy()
            moved[index] += distance
            return np.array([weighted(tape([*values[:at], moved, *values[at + 1 :]]), weights)])

        return function, float(start[index])

    def _line_weights(self) -> list[Any]:
        return [1.0] if len(self.orders) > 1 else list(self.run.seeds)

    def _line_of_runs(
        self, leaves: Mapping[str, Any], name: str, index: tuple[int, ...]
    ) -> tuple[Any, float]:
        start = np.asarray(leaves.get(name, self.points[name]), np.float64)
        weights = self._line_weights()

        def function(distance: float) -> Array:
            moved = start.copy()
            moved[index] += distance
            try:
                other = SideBySide(*self._arguments, overrides={**self.points, **leaves, name: moved})
            except GradcliError:
                return np.array([math.nan])
            before = [other.orders[-2]] if len(other.orders) > 1 else other.run.roots
            there = [None if each is None else np.asarray(engine.value(each)) for each in before]
            return np.array([weighted(there, weights)])

        return function, float(start[index])


def unknown_in_formula(error: GradcliError, claim: Claim, names: Sequence[str]) -> GradcliError:
    """An error about a name that only the formula has, in words about the formula."""
    name = error.message.split(" ")[0]
    return GradcliError(
        "unknown-name",
        f"the program has no name {name}, which the claim {claim.text!r} uses",
        hint=suggestion(name, names) or f"it has {', '.join(names[:8])}",
    )


__all__ = ["CLAIMED", "SideBySide", "Sides", "with_formula"]
