"""A recorded tape as a function of some of its nodes, run again and again in float64.

`gradcli.checking.model` makes a `Rerun` before anything on it is computed, so that what depends on the inputs
(a mask, an index) is still known to depend on them. What the program cut from its history stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Protocol

import numpy as np

from gradcli.record import Record
from gradcli.tape import context
from gradcli.tape.custom import RENEWED
from gradcli.tape.node import FLOATS, Node, postorder
from gradcli.tape.primitives import cast_primitive

Array = np.ndarray[Any, np.dtype[Any]]
FLOAT64 = np.dtype(np.float64)


class Repeated(Protocol):
    """A call that the program made, whose function can be called again.

    Attributes:
        count: how many of the node's inputs are its arguments.
        forward: its results for other arguments.
        repeats: whether it gives the same for the same ones.
    """

    count: int

    def forward(self, *arrays: Any) -> Any: ...

    def repeats(self) -> bool: ...


class Computation(Record):
    """One operation: where its operands are, and what computes it.

    Attributes:
        once: its result at the first run is kept: nothing that moves leads to it.
    """

    slot: int
    compute: Callable[..., Any]
    operands: list[int]
    attrs: tuple[Any, ...]
    node: Node
    once: bool


class Rerun:
    """From arrays for `inputs` to the values of `outputs`; a missing output is None.

    Args:
        outputs: the nodes to compute.
        inputs: the nodes that are given.
        own: the calls of functions with their own gradients, by the node that each made.
        cut: the program takes values out of its history, which then count as constants.

    Attributes:
        faithful: whether what is called again does again what it did in the program.
    """

    def __init__(
        self,
        outputs: Sequence[Node | None],
        inputs: Sequence[Node],
        own: Mapping[Node, Repeated],
        *,
        cut: bool,
    ) -> None:
        self.inputs = list(inputs)
        self._own = own
        self._cut = cut
        self._slots: dict[Node, int] = {node: slot for slot, node in enumerate(self.inputs)}
        self._moving = set(range(len(self.inputs)))
        self.constants: list[Any] = [None] * len(self.inputs)
        self.steps: list[Computation] = []
        self._first = True
        self._walk([node for node in outputs if node is not None])
        self._computed = [step.slot for step in self.steps]
        self.outputs = [None if node is None else self._slots[node] for node in outputs]
        self.faithful = True

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def place_by_place(self) -> bool:
        """Whether inputs may be rows of numbers, each place of which is a run of its own.

        So it is where all is single numbers, on which every operation works place by place.
        """
        return not self._own and all(
            step.node.op.elementwise and step.node.shape == () and step.node.op is not RENEWED
            for step in self.steps
        )

    def __call__(self, values: Sequence[Any]) -> list[Array | None]:
        """The outputs for these inputs; the first call has to be made with the recorded ones."""
        slots = self.constants
        for slot, value in enumerate(values):
            slots[slot] = self._plain(value)
        if self._first:
            self.over(slots, self._at_first)
            calls = [self._own[step.node] for step in self.steps if step.node in self._own]
            self.faithful = all(call.repeats() for call in calls)
            self.steps = [step for step in self.steps if not step.once]
            self._first = False
        else:  # every evaluation of a check comes through here: the loop of `over`, without its calls
            on_time = context.current().on_time
            for step in self.steps:
                if on_time is not None:
                    on_time()
                slots[step.slot] = step.compute(*[slots[at] for at in step.operands], *step.attrs)
        return self._results(slots)

    def over(self, slots: list[Any], result: Callable[[Computation, list[Any]], Any]) -> list[Array | None]:
        """The outputs, where each step's result is what is made of it and its operands.

        Args:
            slots: begins with the inputs; the constants are in it, and the results come into it.
            result: computes a step.
        """
        on_time = context.current().on_time
        for step in self.steps:
            if on_time is not None:
                on_time()
            slots[step.slot] = result(step, [slots[at] for at in step.operands])
        return self._results(slots)

    def _at_first(self, step: Computation, operands: list[Any]) -> Any:
        found = step.compute(*operands, *step.attrs)
        return self._plain(found) if step.once else found

    def _results(self, slots: Sequence[Any]) -> list[Array | None]:
        return [None if slot is None else np.asarray(slots[slot]) for slot in self.outputs]

    def shaken(self, values: Sequence[Any], times: int = 6, seed: int = 0) -> list[list[Array | None]]:
        """The outputs of runs in which every result is off by a rounding error at random.

        How far they scatter is how far rounding can have moved the outputs (stochastic arithmetic; Vignes,
        1993).
        """
        self(values)
        random = np.random.default_rng(seed)

        def result(step: Computation, operands: list[Any]) -> Any:
            return _shaken(step.compute(*operands, *step.attrs), random)

        return [self.over(list(self.constants), result) for _ in range(times)]

    def all_finite(self) -> bool:
        """Whether all that the last call computed, and the first one once and for all, is finite."""
        for slot in self._computed:
            value = self.constants[slot]
            if (
                not isinstance(value, tuple)
                and np.asarray(value).dtype.kind == "f"
                and not np.isfinite(value).all()
            ):
                return False
        return True

    # ---- reading the tape --------------------------------------------------------------------

    def _walk(self, outputs: Sequence[Node]) -> None:
        slots = self._slots
        unknown = [node for node in outputs if node not in slots]
        read: Callable[[Node], Sequence[Node]] = self._read if self._own else attrgetter("inputs")
        order = postorder(unknown, lambda node: [each for each in read(node) if each not in slots])
        for node in order:
            self._add(node)

    def _read(self, node: Node) -> Sequence[Node]:
        call = self._own.get(node)
        return node.inputs if call is None else node.inputs[: call.count]

    def _add(self, node: Node) -> None:
        slots = self._slots
        slot = slots[node] = len(self.constants)
        operands = [slots[each] for each in self._read(node)]
        moving = not self._moving.isdisjoint(operands)
        if not moving and (node.value is not None or not node.inputs):
            self.constants.append(self._plain(node.value))
            return
        self.constants.append(None)
        call = self._own.get(node)
        compute = call.forward if call is not None else node.op.compute
        if node.op is RENEWED:
            compute = Moved()
        once = not moving or self._leaves_history(node)
        self.steps.append(Computation(slot, compute, operands, self._attrs(node), node, once))
        if not once:
            self._moving.add(slot)

    def _leaves_history(self, node: Node) -> bool:
        """Whether the program took this value out of its history."""
        if node.op.constant:
            return True
        return (
            self._cut
            and node.dtype in FLOATS
            and not node.requires_grad
            and any(each.requires_grad for each in node.inputs)
        )

    def _attrs(self, node: Node) -> tuple[Any, ...]:
        if node in self._own:
            return ()
        if node.op is cast_primitive and node.dtype in FLOATS:
            return (FLOAT64,)
        return node.attrs

    def _plain(self, value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f":
            return value.astype(np.float64)
        return value


class Moved:
    """What an in-place update made of a tensor: it moves with what the tensor was."""

    def __init__(self) -> None:
        self.by: Any = None

    def __call__(self, former: Any, value: Any) -> Any:
        if self.by is None:
            self.by = np.subtract(value, former)
        return np.add(former, self.by)


def _shaken(value: Any, random: np.random.Generator) -> Any:
    if isinstance(value, tuple):
        return tuple(_shaken(each, random) for each in value)
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return value
    return array * (1 + np.finfo(np.float64).eps * random.uniform(-1, 1, array.shape))
