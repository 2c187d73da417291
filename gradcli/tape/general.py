"""Primitives that are neither elementwise nor linear, and operations with several results.

The rules of such a primitive are its own. What the machinery knows of it beside them is which of its elements
depend on which: `along` and `terms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.tape.context import current
from gradcli.tape.dims import along_letters
from gradcli.tape.node import FLOATS, Node, Primitive, Shape, needs_grad
from gradcli.tape.primitives import lifted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gradcli.tape.primitives import Kernel


class General(Primitive):
    """Any other operation: an explicit rule for reverse mode, and for forward mode where one is known.

    Attributes:
        rule: `rule(cotangent, node)` gives a cotangent (or None) for each input; `cotangent` is a
            list, with None for zero, when the operation has several parts.
        tangent: `tangent(node, tangents)`; without it forward mode is the transpose of `rule`.
        reads: whether the rule reads an operand or the result.
        batched: `batched(node, inputs, flags, size)` records it under one more leading dim, where
            that isn't the operation on inputs that all have it.
        workspace: what the kernel takes beside its result, in sizes of its operands; asked for before.
        along, terms, reduces, divides, into, composed, composed_in: as `Primitive` has them.
    """

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        infer: Callable[..., tuple[Any, Any]],
        rule: Callable[[Any, Node], Sequence[Node | None]],
        *,
        tangent: Callable[[Node, Sequence[Node | None]], Node | None] | None = None,
        reads: bool = True,
        parts: int = 0,
        selects: bool = False,
        workspace: int = 0,
        batched: Callable[[Node, Sequence[Node], Sequence[bool], int], Node] | None = None,
        along: Callable[[Node, int], tuple[int | None, ...]] | None = None,
        terms: Callable[[Node], tuple[Sequence[Sequence[Any]], Sequence[Any]]] | None = None,
        reduces: np.ufunc | None = None,
        divides: tuple[Callable[[Node], int], Callable[..., Any]] | None = None,
        into: Callable[..., Any] | None = None,
        composed: Callable[..., Node | None] | None = None,
        composed_in: Mapping[Primitive, Callable[..., Node | None]] | None = None,
    ) -> None:
        self.name = name
        self.compute = kernel  # type: ignore[method-assign]
        self.infer = infer
        self.rule = rule
        self.tangent = tangent
        self.reads = reads
        self.parts = parts
        self.selects = selects
        self.workspace = workspace
        self.batched = batched
        if along is not None:
            self.along = along  # type: ignore[method-assign, assignment]
        self.terms = terms
        self.reduces = reduces
        self.divides = divides
        self.into = into
        self.composed = composed
        self.composed_in = composed_in or {}

    def __call__(self, *inputs: Node, attrs: tuple[Any, ...] = ()) -> Node:
        """Records the operation. With several parts, shape and dtype are those of the first."""
        shape, dtype = self.infer(*inputs, *attrs)
        if self.workspace:
            nbytes = sum([each.size * each.dtype.itemsize for each in inputs])
            what = f"{self.name} of a tensor of shape {list(inputs[0].shape)}"
            current().ledger.ask(self.workspace * nbytes, what)
        return Node(self, inputs, attrs, shape, dtype, dtype in FLOATS and needs_grad(inputs))

    def along(self, node: Node, index: int) -> tuple[int | None, ...]:
        if self.terms is None:
            return super().along(node, index)
        terms, out = self.terms(node)
        return along_letters(terms[index], node.inputs[index].shape, out, node.shape)

    def saves(self, node: Node) -> bool:
        return self.reads

    def vjp(self, node: Node, cotangent: Any, guarded: bool = False) -> Sequence[Node | None]:
        return self.rule(cotangent, node)

    def jvp(self, node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
        if all(tangent is None for tangent in tangents):
            return None
        return self.tangent(node, tangents) if self.tangent is not None else NotImplemented

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        if self.batched is not None:
            return self.batched(node, inputs, batched, size)
        return self(*lifted(inputs, batched, size), attrs=node.attrs)


class Component(Primitive):
    """One of the arrays of an operation with several; reverse mode collects their cotangents."""

    name = "part"

    def compute(self, *args: Any) -> Any:
        value, index = args
        return value[index]

    def __call__(self, source: Node, index: int, shape: Shape, dtype: np.dtype[Any]) -> Node:
        """Records part `index` of `source`, whose shape and dtype the caller knows."""
        return Node(self, (source,), (index,), shape, dtype, source.requires_grad and dtype in FLOATS)

    def saves(self, node: Node) -> bool:
        return False

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        return self(inputs[0], node.attrs[0], (size, *node.shape), node.dtype)


PART = Component()
