"""What an evaluation gives: values, gradients, and what is known of each named tensor.

`gradcli.evaluation.run` makes it, `gradcli.report` writes it. Values are computed when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import isfinite
from typing import Any

import numpy as np

from gradcli.autograd import Session, Tensor
from gradcli.errors import GradcliError
from gradcli.record import Record
from gradcli.tape import context
from gradcli.tape.node import LARGE, Node, postorder

Array = np.ndarray[Any, np.dtype[Any]]


class NodeInfo(Record):
    """What is known of a named tensor beside its elements; `dtype` is the bare name, `float64`."""

    shape: tuple[int, ...]
    dtype: str
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None

    @classmethod
    def of(cls, tensor: Tensor) -> NodeInfo:
        """Of a tensor as it is now."""
        node = tensor.node
        return cls(node.shape, _dtype_name(node.dtype), node.requires_grad, tensor.is_leaf, tensor.grad_fn)

    def _all(self) -> tuple[object, ...]:
        return self.shape, self.dtype, self.requires_grad, self.is_leaf, self.grad_fn

    def __eq__(self, other: object) -> bool:
        return self._all() == other._all() if type(other) is NodeInfo else NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())


@cache
def _dtype_name(dtype: np.dtype[Any]) -> str:
    # NumPy makes the name anew each time, at the cost of a whole node.
    return dtype.name


def lines(printed: list[str]) -> list[str]:
    """What was printed as lines; the last counts even if nothing ended it."""
    found = "".join(printed).split("\n")
    return found if found[-1] else found[:-1]


class Arrays(Mapping[str, Any]):
    """Tensors and numbers by name, read as NumPy arrays; a tensor is computed when it is read.

    The arrays are views for reading: they may share memory with the inputs and with one another.
    """

    __slots__ = ("_session", "_source", "_tensors")

    def __init__(self, tensors: dict[str, Any], session: Session, source: str) -> None:
        self._tensors = tensors
        self._session = session
        self._source = source

    def __getitem__(self, name: str) -> Any:
        value = self._tensors[name]
        if type(value) is not Tensor:
            return value if type(value) is str else shown(value, None)
        self._compute([value])
        return shown(value.node.value, value.node.dtype)

    def numbers(self) -> Iterator[Any]:
        """All of them as they are known to the engine, where numbers have no arrays around them."""
        tensors = self._tensors.values()
        self._compute([each for each in tensors if type(each) is Tensor])
        return (each.node.value if type(each) is Tensor else each for each in tensors)

    def _compute(self, tensors: list[Tensor]) -> None:
        """Gives these their values, where they have none."""
        unknown = [each for each in tensors if each.node.value is None]
        if not unknown:
            return
        token = context.enter(self._session.context)
        try:
            with np.errstate(all="ignore"):
                self._session.compute(unknown)
        except GradcliError as error:
            error.locate(self._source)
            raise
        finally:
            context.leave(token)

    def node(self, name: str) -> Node:
        """The tape node behind the tensor of that name."""
        node: Node = self._tensors[name].node
        return node

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __repr__(self) -> str:
        return repr(dict(self))


def shown(value: Any, dtype: np.dtype[Any] | None) -> np.ndarray[Any, Any]:
    """A value as an array that can be read and not written."""
    array: np.ndarray[Any, Any] = np.asarray(value, dtype)
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def finite(values: Iterable[Any]) -> bool:
    """Whether no array or number among these has a nan or an inf."""
    for value in values:
        if type(value) is float:
            if not isfinite(value):
                return False
            continue
        array = np.asarray(value) if isinstance(value, (np.ndarray, np.generic, float, list)) else None
        if array is None or array.dtype.kind != "f":
            continue
        # One sum looks at all of a large array, and only an overflow of the sum asks for more.
        with np.errstate(all="ignore"):
            if not np.isfinite(array.sum()) and not np.isfinite(array).all():
                return False
    return True


def owned(arrays: dict[Any, Any], foreign: Iterable[Any], tensors: Iterable[Any] = ()) -> dict[Any, Any]:
    """Gradients, each with memory of its own, to be written to by the caller.

    A gradient may be an array that stands elsewhere: that of `sum(w*x)` by x is w. A small one is copied, a
    large one where it has to be: a view of a part, and, in whatever shape, what stands twice, is one of
    `foreign`, or the value of anything that `tensors` are made of.
    """
    taken: set[int] | None = None
    for name, array in arrays.items():
        memory = _memory(array)
        if array.size > LARGE and memory.base is None and memory.size == array.size and array.flags.writeable:
            if taken is None:
                taken = {id(_memory(each)) for each in foreign} | _held(tensors)
            if id(memory) not in taken:
                taken.add(id(memory))
                continue
        arrays[name] = array.copy()
    return arrays


def _memory(value: Any) -> Any:
    """The array that an array is a view of, or itself."""
    base = getattr(value, "base", None)
    return base if type(base) is np.ndarray else value


def _held(tensors: Iterable[Any]) -> set[int]:
    """The identities of the values from which `tensors` were or will be computed, their own included."""
    nodes = [each.node for each in tensors if type(each) is Tensor]
    return {id(_memory(node.value)) for node in postorder(nodes)}


_NOTHING: Mapping[str, Any] = {}
"""What all parts are that were not asked for; one for all, since results are made by the million."""


class Evaluation(Record):
    """What came of a program. A part that wasn't asked for is empty.

    Arrays in `values` are for reading: they may be the inputs themselves, and those that are computed when
    they are asked for are computed from the inputs as they are then. Gradients are the caller's own.

    Attributes:
        values: every named tensor and number at the end of the program, and the value of the last statement
            as `result` if it has no name, be it a text or a list. A name whose leaf was replaced stands for
            the leaf, with what it is at the end beside it (`x'`).
        grads: the gradients by name; empty where nothing was differentiated, where a Jacobian or its product
            was asked of a root that has no gradient, and where each of several roots has `derivatives`.
        derivatives: of each of several roots the gradients by name, where no weights say how to add them up.
        nodes: what is known of each named tensor.
        roots: the names that were differentiated.
        printed: the lines that the program printed.
        orders: for each leaf its first, second, … derivative.
        partials: mixed derivatives by their names, `x,x,w`.
        hessian, jacobian: blocks by name and name, arrays or (with `sparse`) their nonzero entries.
        hvp, jvp: products with the directions given, by name.
        weighted: gradient weights were given.
        own_backward: the program called backward itself.
        unused_inputs: names given from outside that the program doesn't have.
        notes: what could surprise, a sentence each.
        text: the program.
    """

    values: Mapping[str, Any]
    grads: dict[str, Array]
    derivatives: Mapping[str, dict[str, Array]]
    nodes: dict[str, NodeInfo]
    roots: tuple[str, ...]
    printed: list[str]
    text: str
    orders: Mapping[str, list[Array]]
    partials: Mapping[str, Array]
    hessian: Mapping[str, dict[str, Any]]
    jacobian: Mapping[str, dict[str, Any]]
    hvp: Mapping[str, Array]
    jvp: Mapping[str, Array]
    weighted: bool
    own_backward: bool
    unused_inputs: tuple[str, ...]
    notes: tuple[str, ...]

    def __init__(
        self,
        values: Mapping[str, Any],
        grads: dict[str, Array],
        nodes: dict[str, NodeInfo],
        roots: tuple[str, ...],
        printed: list[str],
        text: str,
        *,
        weighted: bool = False,
        own_backward: bool = False,
        unused_inputs: tuple[str, ...] = (),
    ) -> None:
        self.values = values
        self.grads = grads
        self.nodes = nodes
        self.roots = roots
        self.printed = printed
        self.text = text
        self.derivatives = self.orders = self.partials = _NOTHING
        self.hessian = self.jacobian = self.hvp = self.jvp = _NOTHING
        self.weighted = weighted
        self.own_backward = own_backward
        self.unused_inputs = unused_inputs
        self.notes = ()

    def is_finite(self) -> bool:
        """Whether no value and no gradient has a nan or an inf."""
        gradients = [*self.grads.values()]
        for row in self.derivatives.values():
            gradients += row.values()
        values = self.values
        return finite(gradients) and finite(values.numbers() if type(values) is Arrays else values.values())
