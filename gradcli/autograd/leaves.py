"""Leaves and in-place work: who may change `requires_grad`, and what an update does to aliases and views."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd.labels import LABELS
from gradcli.autograd.recorder import INT_REQUIRES_GRAD, Recorder
from gradcli.autograd.tensor import Storage, Tensor
from gradcli.engine import run as engine
from gradcli.errors import GradcliError
from gradcli.tape.custom import attach, detached
from gradcli.tape.node import FLOAT64, FLOATS, LARGE, LEAF, Accumulator, Call, Node, stamp
from gradcli.tape.primitives import cast, expand_to, zeros_of
from gradcli.tape.promote import broadcast

if TYPE_CHECKING:
    from collections.abc import Sequence


class Leaves(Recorder):
    """Recording, and PyTorch's rules about leaves and in-place operations."""

    # ---- leaves ----

    def detach(self, tensor: Tensor) -> Tensor:
        """The same array without history. Both names see a later in-place update."""
        node = tensor.node
        alias = Tensor(without_history(node))
        if tensor.storage is None:
            tensor.storage = Storage()
            tensor.storage.tensors.add(tensor)
        alias.storage = tensor.storage
        alias.storage.tensors.add(alias)
        return alias

    def set_requires_grad(self, tensor: Tensor, flag: bool = True) -> Tensor:
        """`requires_grad_()`: only leaves may change it."""
        node = tensor.node
        if not tensor.is_leaf:
            if flag:
                return tensor
            raise GradcliError(
                "no-grad",
                "you can only change requires_grad flags of leaf variables.",
                hint="use tensor.detach() for a value without history",
            )
        if flag and node.dtype not in FLOATS:
            raise GradcliError(
                "int-requires-grad",
                INT_REQUIRES_GRAD,
                hint="make it floating first, with .float() or by writing its numbers with a point",
            )
        if flag != node.requires_grad:
            accumulator = node.accumulator
            # A constant may as well have been made so; anything else may hold what an input has.
            value = node.value if flag and node.op is LEAF else engine.value(node)
            tensor.node = fresh = Node(LEAF, (), (), node.shape, node.dtype, flag, value)
            fresh.accumulator = accumulator or (Accumulator() if flag else None)
            self._move_hooks(node, fresh)
        return tensor

    def retain_grad(self, tensor: Tensor) -> None:
        """Keeps the gradient of a non-leaf."""
        if not tensor.requires_grad:
            raise GradcliError("no-grad", "can't retain_grad on Tensor that has requires_grad=False")
        if tensor.node.accumulator is None:
            tensor.node.accumulator = Accumulator()

    def assign_in_place(
        self,
        tensor: Tensor,
        value: Tensor | float,
        name: str = "in-place operation",
        operands: Sequence[Any] = (),
    ) -> Tensor:
        """Gives `tensor` another value under the same name, as PyTorch's in-place operations do.

        What made the value keeps what the tensor was, unless that also stands among the other `operands`.

        Raises:
            GradcliError: `in-place` for a leaf that requires grad while recording.
        """
        node = tensor.node
        if self.recording and node.requires_grad and tensor.is_leaf:
            raise GradcliError(
                "in-place",
                "a leaf Variable that requires grad is being used in an in-place operation.",
                span=self.span,
                hint="update it inside `with no_grad():`, or through its .data",
            )
        if tensor.storage is not None:
            self._refuse_views(tensor, name)
        source = value.node if isinstance(value, Tensor) else given(filled(value, node), node)
        if source.shape != node.shape or source.dtype is not node.dtype:
            source = self._fitted(source, node)
        if self.recording and (source.requires_grad or node.requires_grad):
            if not source.requires_grad:
                source = forgetting(source, node)
            if source.call is None:
                stamp(source, Call(LABELS.get(name) or LABELS["copy"], self.span))
            self._overwrite(node, None if any(each is tensor for each in operands) else source.call)
            tensor.node = source
            self._share(tensor, without_history(source))
        else:
            found = engine.value(source)
            self._rebind(tensor, found)
            if tensor.storage is not None:
                self._share(tensor, given(found, source))
        return tensor

    def _fitted(self, source: Node, node: Node) -> Node:
        """A new value for `node`, broadcast and cast to what it is."""
        if source.shape != node.shape:
            common = broadcast(source.shape, node.shape)
            if common != node.shape:
                raise GradcliError(
                    "shape",
                    f"output with shape {list(node.shape)} doesn't match the broadcast shape {list(common)}",
                )
            source = expand_to(source, node.shape)
        if node.dtype not in FLOATS and source.dtype in FLOATS:
            raise GradcliError(
                "dtype", f"result type {source.dtype} can't be cast to the desired output type {node.dtype}"
            )
        return cast(source, node.dtype)

    def _refuse_views(self, tensor: Tensor, name: str) -> None:
        """Views see what is done to their base in PyTorch; here that is refused rather than missed."""
        assert tensor.storage is not None
        views = list(tensor.storage.views)
        if views and not (len(views) == 1 and views[0] is tensor and len(tensor.storage.tensors) == 0):
            raise GradcliError(
                "in-place",
                f"{name} would change a tensor that shares its memory with another one: one of the two is a "
                "view of the other",
                span=self.span,
                hint="work on a copy, x.clone(), or write x = x + 1 in place of x += 1",
            )

    def _rebind(self, tensor: Tensor, value: Any) -> None:
        """Another value for a tensor; arrays are never written to, so that no copy is needed."""
        node = tensor.node
        if node.requires_grad and node.op is not LEAF:
            # A result keeps its history; a walk that needs what it was is refused, by `stale`.
            (fresh,) = attach([given(value, node)], [node], lambda cotangents: cotangents, False)
            fresh.call = node.call
            fresh.value = value
            fresh.accumulator, node.accumulator = node.accumulator, None
        else:
            fresh = Node(LEAF, (), (), node.shape, node.dtype, node.requires_grad, value)
            fresh.accumulator = node.accumulator
        self._move_hooks(node, fresh)
        self._overwrite(node)
        tensor.node = fresh
        if fresh.size > LARGE:
            fresh.handle = weakref.ref(tensor)

    def _overwrite(self, node: Node, by: Call | None = None) -> None:
        """Notes that no tensor has the value of `node` any more; only the call that did this may read it."""
        node.stale = by or Call(LABELS["copy"], self.span)
        self.overwrote = True

    def _move_hooks(self, node: Node, fresh: Node) -> None:
        """The hooks of a leaf stay with it when it gets another value; both nodes may still be walked."""
        if self.hooks is not None and node in self.hooks:
            self.hooks[fresh] = self.hooks[node]

    def _share(self, tensor: Tensor, node: Node) -> None:
        if tensor.storage is not None:
            for other in tensor.storage.tensors:
                if other is not tensor:
                    self._rebind(other, engine.value(node))


def given(value: Any, like: Node) -> Node:
    """A computed value as a node without history, in the dtype of `like`."""
    return Node(LEAF, (), (), like.shape, like.dtype, False, value)


def forgetting(source: Node, node: Node) -> Node:
    """The value of `source` in place of `node`, which loses its own: it is differentiated, and gets zeros."""
    (result,) = attach([source], [node], lambda cotangents: [zeros_of(node)], False)
    return result


def filled(number: float, like: Node) -> Any:
    """A number in every place of a node's shape, in its dtype."""
    if not like.shape and like.dtype is FLOAT64:
        return float(number)
    zero = type(number) is int and not number  # much the quickest, and what clearing gradients fills in
    return np.zeros(like.shape, like.dtype) if zero else np.full(like.shape, number, like.dtype)


def without_history(node: Node) -> Node:
    """The value of `node`, as a node that requires no grad."""
    if not node.requires_grad:
        return node
    if node.value is not None and node.op is not LEAF:
        return given(node.value, node)
    return detached(node)
