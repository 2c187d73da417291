"""Leaves: who may change `requires_grad`, whose gradient is kept, and values without their history."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.autograd.recorder import INT_REQUIRES_GRAD, Recorder, shared
from gradcli.autograd.tensor import WRITTEN, Base, Tensor, View, dangling, lay, unasked
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.custom import alias, detached, identity
from gradcli.tape.node import FLOAT64, FLOATS, LEAF, Accumulator, Node, Version, filling


class Leaves(Recorder):
    """Recording, and PyTorch's rules about leaves."""

    def detach(self, tensor: Tensor, silent: bool = False) -> Tensor:
        """The same array without history. Both names see a later in-place update."""
        view = tensor.view or shared(tensor)
        silent = silent or view.base.silent
        base = view.base.part(view.path, alias(tensor.node), silent)
        base.node.version = base.storage.version
        result = Tensor(base.node)
        result.view = View(base, ())
        lay(result.node, result.view)
        base.show_by(result)
        return result

    def detach_in_place(self, tensor: Tensor) -> None:
        """`detach_()`: a leaf from now on; what was recorded of its views stays theirs."""
        node = tensor.node
        base = tensor.view.base if tensor.view is not None else None
        for each in tuple(base.tensors) if base is not None else ():
            own = each.view.own if each.view is not None and each.held is None else None
            if own is not None and own in WRITTEN and own.version is node.version:  # who writes has asked
                each.asked()
        fresh = alias(node)
        fresh.version = node.version = node.version or Version()  # a write is one to both
        accumulator = identity(node).accumulator
        if accumulator is not None and tensor.retains_grad:
            accumulator.detached = True
        self._move_hooks(identity(node), fresh)
        tensor.become(fresh, views=False)
        tensor.node.accumulator = accumulator
        if accumulator is not None and tensor.is_leaf and identity(node).op is LEAF:
            accumulator.collects = False  # also of what was recorded before
        if base is not None:
            self._tell_views(base, False)

    def set_requires_grad(self, tensor: Tensor, flag: bool = True) -> Tensor:
        """`requires_grad_()`: only leaves may change it."""
        if tensor.requires_grad and unasked(tensor):
            return tensor
        node = tensor.node
        if tensor.dangles:
            if flag:
                self._apart(tensor, True)
            return tensor  # without being told, it only says so, because its base does
        view = tensor.view
        if view is not None and view.path and not flag and tensor.is_leaf and view.base.node.requires_grad:
            self._apart(tensor, False)
            return tensor
        if not tensor.is_leaf:
            if flag:
                return tensor
            raise GradcliError(
                "no-grad",
                "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
                hint="use tensor.detach() for a value without history",
            )
        if flag and node.dtype not in FLOATS:
            raise GradcliError(
                "int-requires-grad",
                INT_REQUIRES_GRAD,
                hint="make it floating first, with .float() or by writing its numbers with a point",
            )
        if flag != node.requires_grad:
            accumulator = identity(node).accumulator
            from gradcli.ops.layout import placed_as

            placed = placed_as(node)  # which a node forgets that has its value
            # A constant may as well have been made so; anything else may hold what an input has.
            value = node.value if flag and node.op is LEAF else engine.value(node)
            fresh = Node(LEAF, (), (), node.shape, node.dtype, flag, value)
            placed.note(fresh)
            fresh.accumulator = accumulator or (Accumulator() if flag else None)
            if fresh.accumulator is not None:
                fresh.accumulator.collects = flag  # also of what was recorded before
            self._move_hooks(identity(node), fresh)
            fresh.version = node.version = node.version or Version()  # a write is one to both
            tensor.become(fresh, views=False)
            if tensor.view is not None and tensor.view.path:
                tensor.view.own = fresh if flag else None
            elif tensor.view is not None:
                self._tell_views(tensor.view.base, flag)
        return tensor

    def _apart(self, tensor: Tensor, collects: bool) -> None:
        """Makes a view that only says that it requires grad a leaf that collects its gradient, or not.

        What was recorded of it before stays as it was.
        """
        view, gradient = tensor.view, tensor.grad
        assert view is not None
        tensor.become(dangling(tensor.node))
        tensor.node.accumulator = Accumulator(collects)
        tensor.node.accumulator.grad = gradient
        lay(tensor.node, view)

    def _tell_views(self, base: Base, flag: bool) -> None:
        """Views that have no history say that they require grad when their base does; none gets to them."""
        for each in tuple(base.tensors):
            view = each.view
            assert view is not None
            if not view.path or each.held is None:
                continue  # it is the base itself, or asks when it is asked
            if flag and view.version is not base.storage.version:
                each.forget()
            elif each.requires_grad is not each.dangles:
                continue  # it has a history of its own
            else:
                node, accumulator = dangling(each.node, flag), each.node.accumulator
                if accumulator is not None:  # a gradient that it was given stays
                    accumulator.collects, node.accumulator = not flag, accumulator
                each.become(node)
                lay(node, view)

    def retain_grad(self, tensor: Tensor) -> None:
        """Keeps the gradient of a non-leaf."""
        if not tensor.requires_grad:
            raise GradcliError("no-grad", "can't retain_grad on Tensor that has requires_grad=False")
        if not unasked(tensor) and not tensor.retains_grad:
            collecting(tensor.asked().node)

    def _move_hooks(self, node: Node, fresh: Node) -> None:
        """The hooks of a tensor stay with it when it becomes another leaf; both nodes may still be walked."""
        if self.hooks is not None and node in self.hooks:
            self.hooks[fresh] = self.hooks[node]
        if self.added is not None and node in self.added:
            self.added[fresh] = self.added[node]


def collecting(node: Node) -> Accumulator:
    """Where the gradient of a node is added up from now on."""
    node = identity(node)
    if node.accumulator is None:
        node.accumulator = Accumulator()
    node.accumulator.collects = True
    return node.accumulator


def given(value: Any, like: Node) -> Node:
    """A computed value as a node without history, in the dtype of `like`."""
    return Node(LEAF, (), (), like.shape, like.dtype, False, value)


def filled(number: float, like: Node) -> Any:
    """A number in every place of a node's shape, in its dtype."""
    if not like.shape and like.dtype is FLOAT64:
        return float(number)
    zero = type(number) is int and not number  # much the quickest, and what clearing gradients fills in
    if zero:
        return np.zeros(like.shape, like.dtype)
    return np.full(like.shape, filling(number, like.dtype), like.dtype)


def without_history(node: Node) -> Node:
    """The value of `node`, as a node that requires no grad."""
    if not node.requires_grad:
        return node
    if node.value is not None and node.op is not LEAF:
        return given(node.value, node)
    return detached(node)
