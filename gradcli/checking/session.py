"""A run of a program that is watched: which own gradients it used, which backward walks it made.

`gradcli.checking.model` runs programs in these instead of the ordinary session and runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.checking.own_call import Names, OwnCall
from gradcli.checking.rerun import Rerun
from gradcli.engine import run as engine
from gradcli.errors import GradcliError, Span
from gradcli.evaluation.options import Options
from gradcli.evaluation.run import bounds
from gradcli.tape import context
from gradcli.tape.custom import identity
from gradcli.tape.general import PART
from gradcli.tape.node import LEAF, Accumulator, Node, leaf, postorder, topological
from gradcli.tape.reverse import reverse
from gradcli.values.runtime import Runtime

if TYPE_CHECKING:
    from gradcli.values.values import Frame

MOST_WALKS = 8
"""Of a program that walks back more often, the first, ever fewer of the later ones and the last count, unless
more samples are wanted."""
MOST_OWN_CALLS = 3
"""How many uses of one function with its own gradient are checked by themselves, unless more are wanted."""


@dataclass(frozen=True, slots=True)
class OwnWalk:
    """A backward walk of the program's own: its roots as a function of the leaves, and its gradients.

    Attributes:
        span: where the program asked for it.
        roots, gradients: from the values of `targets` to those of the roots and to the gradients.
        weights: the gradient weights of the roots.
        targets: what was differentiated with respect to, in order.
    """

    span: Span | None
    roots: Rerun
    gradients: Rerun
    weights: list[Node]
    targets: list[Node]


class CheckSession(Session):
    """A session that remembers own gradients and backward walks.

    Attributes:
        own: the calls of functions with their own gradients, by the node that each made.
        own_calls: those that are checked by themselves.
        walks: the backward walks that are checked, of `walk_count`.
        looked: the program has looked at a value, so it may do something else with other inputs.
        settled: how many values were computed at once, outside recording, before anybody looked at them.
        closed: the run is over, and nothing more is remembered.
        module_names: the variables of the module, which functions read; None outside of `watching`.
    """

    def __init__(self, surroundings: context.Context, *, cut: bool, watch: bool, samples: int) -> None:
        super().__init__(surroundings)
        self.most_walks = max(MOST_WALKS, samples)
        self.most_own_calls = max(MOST_OWN_CALLS, samples)
        self.cut = cut
        self.watch = watch
        self.own: dict[Node, OwnCall] = {}
        self.own_calls: list[OwnCall] = []
        self.walks: list[OwnWalk] = []
        self.walk_count = 0
        self.closed = False
        self.looked = False
        self.settled = 0
        self.module_names: Frame | None = None

    def _settle(self, node: Node) -> bool:
        settled = super()._settle(node)
        self.settled += settled
        return settled

    def value(self, tensor: Tensor) -> Any:
        with self._looking(tensor.node):
            return super().value(tensor)

    def numpy(self, tensor: Tensor) -> np.ndarray[Any, Any]:
        with self._looking(tensor.node):
            return super().numpy(tensor)

    def plain_number(self, tensor: Tensor) -> Any:
        with self._looking(tensor.node):
            return super().plain_number(tensor)

    @contextmanager
    def _looking(self, node: Node) -> Iterator[None]:
        """While the program looks at a value; what does not move with any leaf is as good as a number."""
        self.looked = self.looked or _moves(node)
        before = engine.demands()
        yield
        if not self.looked:
            self.settled += engine.demands() - before

    def custom(
        self,
        function: Any,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        backward: Callable[[tuple[Tensor | None, ...]], Sequence[Tensor | None]],
        saves: bool = True,
    ) -> tuple[Tensor, ...]:
        if self.closed or self.module_names is None:
            return super().custom(function, outputs, inputs, backward, saves)
        called = Names(self.module_names, function.function.enclosing)
        call: OwnCall

        def asked(cotangents: tuple[Tensor | None, ...]) -> Sequence[Tensor | None]:
            if not self.closed:
                call.asked = Names(called.frames[0], function.gradient.enclosing)
            return backward(cotangents)

        results = super().custom(function, outputs, inputs, asked, saves)
        call = OwnCall(self, function, inputs, results, called)
        made = results[0].node
        self.own[made.inputs[0] if made.op is PART else made] = call
        if sum(each.name == call.name for each in self.own_calls) < self.most_own_calls:
            self.own_calls.append(call)
        return results

    def backward(
        self,
        roots: Sequence[Tensor],
        weights: Sequence[Tensor | None],
        *,
        inputs: Sequence[Tensor] | None = None,
        **options: Any,
    ) -> None:
        self._watch(roots, weights, inputs)
        with self._unwatched():
            super().backward(roots, weights, inputs=inputs, **options)

    def grad(
        self,
        outputs: Sequence[Tensor],
        inputs: Sequence[Tensor],
        grad_outputs: Sequence[Tensor | None] | None = None,
        **options: Any,
    ) -> tuple[Tensor | None, ...]:
        weights = [None] * len(outputs) if grad_outputs is None else grad_outputs
        self._watch(outputs, weights, inputs)
        with self._unwatched():
            return super().grad(outputs, inputs, grad_outputs, **options)

    @contextmanager
    def _unwatched(self) -> Iterator[None]:
        """While gradients are computed, what own gradients do on the way is theirs, not the program's."""
        former, self.watch = self.watch, False
        try:
            yield
        finally:
            self.watch = former

    def _watch(
        self, roots: Sequence[Tensor], weights: Sequence[Tensor | None], inputs: Sequence[Tensor] | None
    ) -> None:
        if not self.watch:
            return
        self.walk_count += 1
        number = self.walk_count
        rare = number > self.most_walks and number & (number - 1)
        try:
            with self._unwatched():
                walk = self._walk(roots, weights, inputs)
        except GradcliError:
            return  # the real walk fails the same way, and tells
        if walk is None:
            return
        if rare and self.walks and len(self.walks) > self.most_walks:
            self.walks[-1] = walk
        else:
            self.walks.append(walk)

    def _walk(
        self, roots: Sequence[Tensor], weights: Sequence[Tensor | None], inputs: Sequence[Tensor] | None
    ) -> OwnWalk | None:
        nodes = [each.node for each in roots]
        seeds = [self.seed(root, weight) for root, weight in zip(roots, weights, strict=True)]
        order = topological(nodes)
        if inputs is None:
            targets = [node for node in order if node.accumulator is not None and node.op is LEAF]
        else:
            targets = [identity(each.node) for each in inputs if each.requires_grad]
        if not targets or any(node.dtype.kind != "f" for node in nodes):
            return None
        if any(node in targets for node in nodes):
            return None  # a leaf that is its own root: its gradient is the weight
        own = dict(self.own)
        gradients = reverse(nodes, seeds, targets)
        roots_tape = Rerun(nodes, targets, own, cut=True)
        gradient_tape = Rerun(gradients, targets, own, cut=True)
        return OwnWalk(self.span, roots_tape, gradient_tape, seeds, targets)


def _moves(node: Node) -> bool:
    """Whether a value may be another one if leaves have other values."""
    if node.requires_grad:
        return True
    return any(
        each.requires_grad or (each.op is not LEAF and not each.inputs and each.value is not None)
        for each in postorder([node])
    )


class CheckRuntime(Runtime):
    """A runtime in which leaves get other values than the program gives them."""

    overrides: Mapping[str, Any] = {}

    def register(self, name: str, leaf_tensor: Tensor) -> None:
        value = self.overrides.get(name)
        if value is not None and leaf_tensor.requires_grad:
            node = leaf_tensor.node
            fresh = leaf(np.asarray(value, node.dtype), True)
            fresh.accumulator = identity(node).accumulator or Accumulator()
            leaf_tensor.become(fresh)
        super().register(name, leaf_tensor)


def watching(
    source: str,
    options: Options,
    *,
    cut: bool,
    overrides: Mapping[str, Any] | None = None,
    samples: int = 0,
) -> tuple[CheckRuntime, CheckSession]:
    """A runtime and a session for one run that is watched.

    Args:
        source: the program.
        options: of the evaluation.
        cut: the program takes values out of its history.
        overrides: other values for its leaves, or None, and then its own backward walks are watched.
        samples: how many walks and uses of own gradients are remembered at least.
    """
    limits, surroundings = bounds(options)
    session = CheckSession(surroundings, cut=cut, watch=overrides is None, samples=samples)
    runtime = CheckRuntime(source, session, limits, write=options.write)
    runtime.overrides = overrides or {}
    session.module_names = runtime.names
    return runtime, session
