"""The kinds of step in a plan: one kernel call on whole arrays, several side by side, a group block by block.

Made by `plan`; a step reads and writes numbered slots.
"""

from __future__ import annotations

from contextlib import suppress
from math import prod
from operator import call
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import memory, worker
from gradcli.engine.blas import MOST, balanced, cuts, share, worth
from gradcli.machine import blas_alone
from gradcli.record import Record
from gradcli.tape.node import FLOAT64, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradcli.engine.blocks import Blocks
    from gradcli.tape.node import Shape


COPIED = 1 << 20
"""Bytes of a copy from which on threads share it."""


def _reshaped(value: Any, shape: Shape) -> Any:
    """An array in another shape: as a view, or else as a copy in memory that was used before."""
    with suppress(ValueError):
        return np.reshape(value, shape, copy=False)
    result = memory.take(shape, value.dtype)
    target = result.reshape(value.shape)
    axis = next(axis for axis, size in enumerate(value.shape) if size > 1)
    lead = (0,) * axis
    parts = cuts(value.shape[axis], min(value.nbytes // COPIED, MOST), 1)
    share(lambda part: np.copyto(target[(*lead, part)], value[(*lead, part)]), parts)
    return result


class Whole:
    """One call of an operation's kernel with whole arrays.

    Attributes:
        op, attrs: what is called.
        args: the slots of its inputs.
        slot: where the result goes, which has this `shape` and `dtype`.
        number: whether the result is a Python float.
        work: how much it is, as `divides` counts it; 0 where it doesn't divide.
    """

    __slots__ = ("args", "attrs", "dtype", "nbytes", "number", "op", "shape", "slot", "work")

    def __init__(self, op: Any, args: tuple[int, ...], attrs: tuple[Any, ...], slot: int, node: Node) -> None:
        self.op = op
        self.args = args
        self.attrs = attrs
        self.slot = slot
        self.shape = node.shape
        self.dtype = node.dtype
        self.number = node.dtype is FLOAT64 and not node.shape
        self.nbytes = 0 if op.broadcasts else node.size * node.dtype.itemsize
        self.work = op.divides[0](node) if op.divides is not None else 0

    def run(self, slots: list[Any], spare: Spare) -> None:
        """Computes the value into its slot."""
        op = self.op
        values = [slots[each] for each in self.args]
        if op.reshapes and self.nbytes >= COPIED:
            slots[self.slot] = _reshaped(values[0], self.shape)
            return
        if op.into is not None:
            slots[self.slot] = op.into(*values, *self.attrs, memory.take(self.shape, self.dtype))
            return
        if self.number and op.scalar is not None:
            try:
                slots[self.slot] = op.scalar(*values, *self.attrs)
                return
            except (ArithmeticError, ValueError, TypeError):
                pass  # inf, nan or an overflow: the kernel knows the convention
        slots[self.slot] = op.compute(*values, *self.attrs)

    def describe(self) -> str:
        """The step as a line of text."""
        inputs = ", ".join([f"%{each}" for each in self.args] + [str(each) for each in self.attrs])
        return f"%{self.slot} = {self.op.name}({inputs})"


class SharedCalls:
    """Several calls of which none reads what another computes: threads share their pieces.

    Attributes:
        steps: the calls.
        work: of all of them, as `divides` counts it.
        whole: whether none of them needs to be cut for the others.
    """

    __slots__ = ("steps", "whole", "work")

    def __init__(self, steps: Sequence[Whole]) -> None:
        self.steps = tuple(steps)
        self.work = sum(each.work for each in steps)
        self.whole = balanced([each.work for each in steps])

    def run(self, slots: list[Any], spare: Spare) -> None:
        """Computes the values into their slots."""
        todo: list[tuple[float, Any]] = []
        ends = []
        for step in self.steps:
            slots[step.slot] = out = memory.take(step.shape, step.dtype)
            pieces, end = step.op.divides[1](
                *[slots[each] for each in step.args], *step.attrs, out, self.whole
            )
            todo.extend([(step.work / len(pieces), each) for each in pieces])
            if end is not None:
                ends.append(end)
        todo.sort(key=lambda each: -each[0])  # what takes long is begun first
        with blas_alone():
            share(call, [each for _, each in todo], worth(self.work))
            for end in ends:
                end()

    def describe(self) -> str:
        """The step as lines of text."""
        return "\n    ".join(["side by side:", *[each.describe() for each in self.steps]])


class Fused(Record):
    """One group, block by block.

    Attributes:
        inputs: slots of what it reads.
        stored: slots of results kept in full, their shapes and their dtypes.
        reduced: slots of its reductions.
    """

    blocks: Blocks
    inputs: tuple[int, ...]
    stored: tuple[int, ...]
    shapes: tuple[Shape, ...]
    dtypes: tuple[np.dtype[Any], ...]
    reduced: tuple[int, ...]
    numbers: tuple[bool, ...]
    names: tuple[int, ...]

    def run(self, slots: list[Any], spare: Spare) -> None:
        """Computes the group's results into their slots."""
        outputs = [spare.take(shape, dtype) for shape, dtype in zip(self.shapes, self.dtypes, strict=True)]
        finished = worker.run(self.blocks, [slots[each] for each in self.inputs], outputs)
        for slot, array in zip(self.stored, outputs, strict=True):
            slots[slot] = array
        for slot, array, number in zip(self.reduced, finished, self.numbers, strict=True):
            slots[slot] = array.item() if number else array

    def describe(self) -> str:
        """The step as lines of text."""
        lines = [f"block by block over {self.blocks.describe()}:"]
        names = [f"%{each}" for each in (*self.inputs, *self.names)]
        for step, slot in zip(self.blocks.steps, self.names, strict=True):
            inputs = ", ".join([names[each] for each in step.args] + [str(each) for each in step.attrs])
            kept = "  (stored)" if slot in self.stored else ""
            lines.append(f"    %{slot} = {step.op.name}({inputs}){kept}")
        for each, slot in zip(self.blocks.reductions, self.reduced, strict=True):
            gone = tuple(sorted(each.gone))
            if each.product is not None and each.other is not None:
                both = [names[each.source], names[each.other]]
                pair = " @ ".join(reversed(both) if each.product.block else both)
                lines.append(f"    %{slot} = {each.ufunc.__name__}.reduce({pair}, {gone})")
                continue
            lines.append(f"    %{slot} = {each.ufunc.__name__}.reduce({names[each.source]}, {gone})")
        return "\n".join(lines)


Step = Whole | SharedCalls | Fused


class Spare:
    """Arrays of this run that nobody needs any more, to be used again."""

    __slots__ = ("arrays",)

    def __init__(self) -> None:
        self.arrays: dict[int, list[Any]] = {}

    def take(self, shape: Shape, dtype: np.dtype[Any]) -> Any:
        """An array with any content."""
        nbytes = prod(shape) * dtype.itemsize
        held = self.arrays.get(nbytes)
        if held:
            return held.pop().reshape(-1).view(dtype).reshape(shape)
        return memory.take(shape, dtype)

    def give(self, array: Any) -> None:
        """Takes back an array of which there are no views."""
        self.arrays.setdefault(array.nbytes, []).append(array)
