"""A program as a function of its leaves: values of its roots and gradients, wherever they are wanted.

`Model` runs the program once by PyTorch's rules, as `eval` does, and then answers for other values of the
leaves, by replaying the tape where that is the program, and by running the program again where it looks at
its own values. Used by `gradcli.checking.gradients` and `gradcli.checking.proving`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.checking.rerun import Rerun
from gradcli.checking.session import watching
from gradcli.checking.settling import settling
from gradcli.checking.trees import cuts_history, without_asserts
from gradcli.derivatives.aim import Aim
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, Span
from gradcli.evaluation.differentiate import differentiate
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import at_work, run
from gradcli.syntax import tree
from gradcli.tape.custom import identity
from gradcli.tape.node import Node
from gradcli.tape.reverse import reverse

if TYPE_CHECKING:
    from gradcli.checking.arbiter import Arbiter

Array = np.ndarray[Any, np.dtype[Any]]


class Root:
    """One root of the program, with its weights and its gradients.

    Attributes:
        name: what it is called.
        node: its node.
        weight: its gradient weights as an array, of its shape.
        gradients: the gradient of each leaf in float64; zeros where nothing leads there.
        computed: those that the program computes in lower precision, as they come.
    """

    def __init__(self, name: str, node: Node, seed: Node, weighted: bool) -> None:
        self.name = name
        self.node = node
        self.seed = seed
        self.weighted = weighted
        self.weight = np.asarray(engine.value(seed), np.float64)
        self.gradients: dict[str, Array] = {}
        self.computed: dict[str, Array] = {}
        self.gradient_nodes: list[Node | None] = []

    @property
    def span(self) -> Span | None:
        """Where it is computed."""
        return self.node.call.span if self.node.call is not None else None


class Watched:
    """A run that keeps what a check needs: the leaves, the roots and their gradients as nodes.

    Args:
        source, module: the program.
        options: of the evaluation.
        cut: the program takes values out of its history.
        overrides: other values for its leaves, or None, and then its own backward walks are watched.
        inside_own: own gradients are recorded as their functions are inside.
        samples: how many of its own backward walks count at least.

    Raises:
        GradcliError: whatever goes wrong when the program runs.
    """

    def __init__(
        self,
        source: str,
        module: tree.Module,
        options: Options,
        *,
        cut: bool,
        overrides: Mapping[str, Any] | None = None,
        inside_own: bool = False,
        samples: int = 0,
    ) -> None:
        self.targets: dict[str, Tensor] = {}
        self.found: list[Root] = []
        runtime, self.session = watching(source, options, cut=cut, overrides=overrides, samples=samples)
        self.session.inside_own = inside_own
        self.looked = False
        with at_work(runtime):
            self.ran = run(module, options, runtime)
            if self.ran.aim is None:
                differentiate(self.ran)
            else:
                self.session.watch = False
                # What own gradients compute at once they do again in a replay: nobody has looked at it.
                self.looked = self.session.looked or self.ran.looks > self.session.settled
                self._differentiate(self.ran.aim)

    def _differentiate(self, aim: Aim) -> None:
        # One leaf under two names (`y = +x`) is one leaf.
        by_node = {each.node: name for name, each in reversed(aim.wrt.items())}
        self.targets = {name: each for name, each in aim.wrt.items() if by_node[each.node] == name}
        nodes = [each.node for each in self.targets.values()]
        weighted = self.ran.options.weights is not None
        for (name, tensor), seed in zip(aim.roots.items(), aim.seeds, strict=True):
            root = Root(name, tensor.node, seed, weighted)
            root.gradient_nodes = list(reverse([root.node], [root.seed], nodes))
            self.found.append(root)


class Model:
    """A program that was run once, and can be asked about other values of its leaves.

    Args:
        source, module: the program.
        options: of the evaluation, its inputs among them.
        overrides: other values for its leaves; its assertions are then left out.
        samples: how many of its own backward walks count at least.

    Attributes:
        leaves: what is differentiated with respect to, and its value.
        roots: what is differentiated.
        walks: the backward walks of the program's own.
        own_calls: the uses of functions with their own gradients.
        unused_inputs: names given from outside that the program doesn't have.
        reruns: other values are found by running it again, since a replayed tape would not be the program.
        stale: so it would be, and it cannot be run again either.
        watched: the run itself.

    Raises:
        GradcliError: whatever goes wrong when the program runs.
    """

    def __init__(
        self,
        source: str,
        module: tree.Module,
        options: Options,
        overrides: Mapping[str, Any] | None = None,
        samples: int = 0,
    ) -> None:
        self.source = source
        self.module = module
        self.options = options
        self._cut = cuts_history(module)
        self._quiet = without_asserts(module)
        self.watched = (
            self._runs_again(overrides)
            if overrides is not None
            else Watched(source, module, options, cut=self._cut, samples=samples)
        )
        ran, session = self.watched.ran, self.watched.session
        self.unused_inputs = ran.unused_inputs
        self.walks, self.own_calls = session.walks, session.own_calls
        self.walk_count = session.walk_count
        session.closed = True
        self.roots = self.watched.found
        self._recorded_inside: tuple[Rerun, list[Rerun]] | None = None
        self._nodes = {name: each.node for name, each in self.watched.targets.items()}
        by_name = ran.runtime.leaves
        self.nameable = all(by_name.get(name) is each for name, each in self.watched.targets.items())
        can_rerun = not self._cut and self.nameable and not ran.runtime.own_backward
        self.reruns = self.watched.looked and can_rerun
        nodes = list(self._nodes.values())
        own = session.own
        self._values = Rerun([root.node for root in self.roots], nodes, own, cut=self._cut)
        self._gradients = [Rerun(root.gradient_nodes, nodes, own, cut=self._cut) for root in self.roots]
        with np.errstate(all="ignore"):
            self.leaves = {name: np.asarray(engine.value(node)) for name, node in self._nodes.items()}
            self.values(self.leaves)
            self.stale = not self._values.faithful and not can_rerun
            self.reruns |= not self._values.faithful and can_rerun
            for root, tape in zip(self.roots, self._gradients, strict=True):
                self._fill(root, tape)

    @property
    def cost(self) -> float:
        """About how many microseconds one evaluation takes."""
        if self.reruns:
            return 2000.0
        return 5.0 + sum(2 + step.node.size / 500 for step in self._values.steps)

    @property
    def finite(self) -> bool:
        """Whether everything on the way to the roots is finite."""
        with np.errstate(all="ignore"):
            self._values(list(self.leaves.values()))
        return self._values.all_finite()

    def elsewhere(self, leaves: Mapping[str, Any]) -> Model | None:
        """The program run anew with other leaves; None where they have no names or the program fails.

        What a replayed tape keeps (values without history, also inside own gradients) is then as it is there.
        """
        if not self.nameable:
            return None
        try:
            return Model(self.source, self.module, self.options, leaves)
        except GradcliError:
            return None

    def anew(self, root: int, leaves: Mapping[str, Any]) -> dict[str, Array] | None:
        """As `gradients`, but own gradients that look at values see those of these leaves."""
        if not self.own_calls or cuts_history(self.module, inside_functions=False):
            return self.gradients(root, leaves)
        there = self.elsewhere(leaves)
        return None if there is None or root >= len(there.roots) else there.roots[root].gradients

    def uses(self, operations: Collection[str]) -> bool:
        """Whether any of these operations leads from the leaves to the roots."""
        return any(step.node.op.name in operations for step in self._values.steps)

    def forward_rounding(self, tape: Rerun, root: Root, directions: Mapping[str, Array]) -> float:
        """How far rounding can have moved a directional derivative, in forward and in reverse mode."""
        leaves = list(self.leaves.values())
        runs = [weighted([each], [root.weight]) for (each,) in tape.shaken(leaves) if each is not None]
        spread = max(runs, default=0.0) - min(runs, default=0.0)
        for name, direction in directions.items():
            moved = self.rounding(self.roots.index(root), name)
            spread += 0.0 if moved is None else float(np.sum(moved * np.abs(direction)))
        return spread

    def name_of(self, node: Node) -> str | None:
        """The name of a leaf."""
        for name, tensor in self.watched.ran.runtime.leaves.items():
            if tensor.node is node:
                return name
        for name, value in self.watched.ran.runtime.names.items():
            # An in-place update gives a leaf another node; what it is to differentiation stays.
            if type(value) is not Tensor:
                continue
            if identity(value.node) is identity(node):
                return name
        return None

    # ---- other values ------------------------------------------------------------------------

    def values(self, leaves: Mapping[str, Any]) -> list[Array]:
        """The values of the roots for these leaves; nan where the program fails there."""
        if self.reruns:
            run = self._again(leaves)
            if run is None:
                return [np.full(root.node.shape, np.nan) for root in self.roots]
            return [np.asarray(engine.value(each.node), np.float64) for each in run.found]
        return [each for each in self._values([leaves[name] for name in self._nodes]) if each is not None]

    def many(self, root: int, name: str) -> Callable[[Array], Array] | None:
        """One root, a number, as a function of a row of values of one leaf, a number too.

        None where the program has to run for each by itself.
        """
        tape = self._values
        weight, start = self.roots[root].weight, self.leaves[name]
        if self.reruns or np.shape(start) or weight.shape or not tape.place_by_place:
            return None

        def function(row: Array) -> Array:
            found = tape([row if each == name else self.leaves[each] for each in self._nodes])
            value = [each for each in found if each is not None][root]
            return np.broadcast_to(value * weight, row.shape)

        return function

    def gradients(self, root: int, leaves: Mapping[str, Any]) -> dict[str, Array] | None:
        """The gradients of one root for these leaves; None where the program fails there."""
        if self.reruns:
            run = self._again(leaves)
            if run is None:
                return None
            return {
                name: np.zeros(each.shape) if node is None else np.asarray(engine.value(node), np.float64)
                for name, node, each in zip(
                    self._nodes, run.found[root].gradient_nodes, run.targets.values(), strict=True
                )
            }
        arrays = self._gradients[root]([leaves[name] for name in self._nodes])
        return {
            name: np.zeros(np.shape(leaves[name])) if each is None else each
            for name, each in zip(self._nodes, arrays, strict=True)
        }

    def arbiter(self, root: int, name: str) -> Callable[[], Arbiter | None]:
        """Gives what settles the gradient of one root by one leaf in more digits; None where nothing can."""

        def made() -> Arbiter | None:
            found = self._inside()
            if found is None or root >= len(found[1]):
                return None
            values, gradients = found
            return settling(values, gradients[root], self.leaves, name, root, self.roots[root].weight)()

        return cache(made)

    def _inside(self) -> tuple[Rerun, list[Rerun]] | None:
        """The tapes of the roots and gradients, in which own gradients are as their functions are inside.

        None where the program may do something else with other values, which a tape does not know.
        """
        if self.reruns:
            return None
        if not self.own_calls:
            return self._values, self._gradients
        if self._recorded_inside is None:
            try:
                run = self._runs_again(self.leaves, inside_own=True)
            except GradcliError:
                return None
            nodes = [each.node for each in run.targets.values()]
            if list(run.targets) != list(self._nodes):
                return None
            values = Rerun([root.node for root in run.found], nodes, {}, cut=self._cut)
            gradients = [Rerun(root.gradient_nodes, nodes, {}, cut=self._cut) for root in run.found]
            for tape in (values, *gradients):
                tape(list(self.leaves.values()))
            self._recorded_inside = values, gradients
        return self._recorded_inside

    def rounding(self, root: int, name: str) -> Array | None:
        """How far rounding can have moved each element of a gradient; None where there is none."""
        at = list(self._nodes).index(name)
        runs = [each[at] for each in self._gradients[root].shaken(list(self.leaves.values()))]
        arrays = [each for each in runs if each is not None]
        if not arrays:
            return None
        spread: Array = np.max(np.abs(np.array(arrays) - arrays[0]), axis=0)
        return spread

    def _runs_again(self, leaves: Mapping[str, Any], *, inside_own: bool = False) -> Watched:
        """The program run anew with other leaves, without its assertions."""
        return Watched(
            self.source, self._quiet, self.options, cut=self._cut, overrides=leaves, inside_own=inside_own
        )

    def _again(self, leaves: Mapping[str, Any]) -> Watched | None:
        """The same; None where the program fails there, or has other roots."""
        try:
            run = self._runs_again(leaves)
        except GradcliError:
            return None
        return run if len(run.found) == len(self.roots) else None

    def _fill(self, root: Root, tape: Rerun) -> None:
        """The gradients of the run itself: the engine's, or the tape's where those are of low precision."""
        replayed = tape(list(self.leaves.values()))
        for (name, node), gradient, again in zip(
            self._nodes.items(), root.gradient_nodes, replayed, strict=True
        ):
            if gradient is None:
                root.gradients[name] = np.zeros(node.shape)
            elif gradient.dtype == np.float64 or again is None:
                root.gradients[name] = np.asarray(engine.value(gradient), np.float64)
            else:
                root.gradients[name] = np.asarray(again, np.float64)
                root.computed[name] = np.asarray(engine.value(gradient))


def weighted(values: Sequence[Array | None], weights: Sequence[Array]) -> float:
    """The sum of all elements times their weights; None is zero."""
    total = 0.0
    for value, weight in zip(values, weights, strict=True):
        if value is None:
            continue
        total += float(np.sum(value * weight)) if np.ndim(value) else float(value * weight)
    return total
