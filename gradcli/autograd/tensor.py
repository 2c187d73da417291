"""The tensor that the user holds: a handle on a node of the tape, and what it shares with others."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.tape.node import LARGE, LEAF, Accumulator, Node


class Tensor:
    """What the user holds: a handle on a node.

    Nodes never change; in-place work gives the tensor another node. A leaf keeps its accumulator
    through that, so that gradients of what was recorded before still reach it.

    Attributes:
        node: the tape node that is its value now.
        storage: shared by tensors that are one array under several names (`detach`, `.data`).
    """

    __slots__ = ("__weakref__", "node", "storage")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.storage: Storage | None = None
        if node.size > LARGE:
            node.handle = weakref.ref(self)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.node.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Its dtype."""
        return self.node.dtype

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded for backward."""
        return self.node.requires_grad

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made it."""
        return self.node.op is LEAF or not self.node.requires_grad

    @property
    def grad(self) -> Tensor | None:
        """The gradient accumulated so far."""
        accumulator = self.node.accumulator
        return accumulator.grad if accumulator is not None else None

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        if gradient is not None:
            if gradient.shape != self.shape:
                raise GradcliError(
                    "shape",
                    f"attempting to assign a gradient of size '{list(gradient.shape)}' to a tensor of size "
                    f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size",
                )
            if gradient.dtype is not self.dtype:
                raise GradcliError(
                    "dtype",
                    f"attempting to assign a gradient with dtype '{gradient.dtype}' to a tensor with dtype "
                    f"'{self.dtype}'. Please ensure that the gradient and the tensor have the same dtype",
                )
        if self.node.accumulator is None:
            if gradient is None:
                return
            self.node.accumulator = Accumulator()
        self.node.accumulator.grad = gradient

    @property
    def grad_fn(self) -> str | None:
        """PyTorch's name for the operation that made it, or None for a leaf."""
        node = self.node
        if not node.requires_grad or node.op is LEAF:
            return None
        if node.call is None:
            return node.op.name.capitalize() + "Backward0"
        return str(node.call.function.grad_fn)

    @property
    def retains_grad(self) -> bool:
        """Whether it is a non-leaf whose gradient is kept."""
        return not self.is_leaf and self.node.accumulator is not None


class Storage:
    """The one array behind tensors that share memory.

    Attributes:
        tensors: those that are the whole array; they all see an in-place update.
        views: those that are a part or another shape of it; while one is alive, none is updated in place.
    """

    __slots__ = ("tensors", "views")

    def __init__(self) -> None:
        self.tensors: weakref.WeakSet[Tensor] = weakref.WeakSet()
        self.views: weakref.WeakSet[Tensor] = weakref.WeakSet()
