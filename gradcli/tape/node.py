"""The tape as data: nodes, the recorded calls they belong to, and what every primitive must offer.

`ops` makes nodes, `tape.reverse` and `tape.forward` make more of them from rules, `engine` computes
their values. A node refers to its inputs and nothing refers back, so what nobody holds is gone.
"""

from __future__ import annotations

import weakref
from contextlib import contextmanager
from itertools import count
from math import prod
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from gradcli.errors import GradcliError
from gradcli.tape import context
from gradcli.tape.context import MOST_DIMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gradcli.errors import Span
    from gradcli.tape.recipes import Recipes

Shape = tuple[int, ...]
Value = Any
"""An array of the node's shape and dtype. A float64 scalar is a Python float, other scalars are
NumPy scalars or 0-d arrays: whatever the kernel returns, since all of them compute alike."""

FLOAT64 = np.dtype(np.float64)
FLOAT32 = np.dtype(np.float32)
FLOAT16 = np.dtype(np.float16)
INT64 = np.dtype(np.int64)
BOOL = np.dtype(np.bool_)
FLOATS = frozenset((FLOAT64, FLOAT32, FLOAT16))
"""The dtypes that can require grad."""

_END_BITS = 32
_END_MASK = (1 << _END_BITS) - 1

_WIDTHS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32")
_OWN = {np.dtype(each): np.dtype(each) for each in ("bool", *_WIDTHS, "float64")}
"""Each of NumPy's dtypes by itself: an unpickled one, or C's other word for a width, is another object."""

ASKED_FROM = 1_024
"""Smaller arrays take no longer to fill than to ask for; the collector's rhythm finds many of them."""
MOST_KNOWN = 1_000
"""Of how many shapes it is remembered how many elements they have."""
LARGE = 16_384
"""From how many elements on a value is worth dropping, planning and working on in blocks."""


class Callee(Protocol):
    """What a recorded call is a call of: a row of the function table, or what stands in for one."""

    name: str
    grad_fn: str
    saves: bool | None


class RecordedCall:
    """One recorded call of a function by the user: what freeing and diagnostics talk about.

    Attributes:
        function: the row of the function table (its `name`, its `grad_fn`).
        place: where the call stands in the source, as one number: a pair of them takes four times the memory.
        freed: which backward freed its saved values, or None.
        saved: from what `ops.saved` finds out what it saved; None: what its rule reads.
    """

    __slots__ = ("freed", "function", "place", "saved")

    def __init__(self, function: Callee, span: Span | None) -> None:
        self.function = function
        self.place = -1 if span is None else span[0] << _END_BITS | span[1]
        self.freed: Freed | None = None
        self.saved: Any = None

    @property
    def span(self) -> Span | None:
        """The place as everybody else has it; None where the call stands nowhere."""
        return None if self.place < 0 else (self.place >> _END_BITS, self.place & _END_MASK)


class Freed:
    """Which backward freed a call: its place in the source, or its number among `--passes`."""

    __slots__ = ("number", "span")

    def __init__(self, span: Span | None, number: int) -> None:
        self.span = span
        self.number = number


class Accumulator:
    """What `.grad` is.

    Attributes:
        grad: the gradient so far, or what was assigned.
        collects: backward adds to it: it is that of a leaf, or of a node with `retain_grad()`.
        detached: that node was detached in place, and its tensor says for ever that it retains its gradient.
    """

    __slots__ = ("collects", "detached", "grad")

    def __init__(self, collects: bool = True) -> None:
        self.grad: Any = None
        self.collects = collects
        self.detached = False

    @property
    def retains(self) -> bool:
        """Whether a result that has it says that it keeps its gradient."""
        return self.collects


class Former(Accumulator):
    """The `.grad` of a result that was turned in place, whose gradient is that of what it was before.

    Attributes:
        before: where that is added up.
    """

    __slots__ = ("before",)

    def __init__(self, before: Accumulator) -> None:
        self.before = before
        self.detached = False

    @property
    def grad(self) -> Any:
        """As far as it has been added up there."""
        return self.before.grad

    @grad.setter
    def grad(self, gradient: Any) -> None:
        self.before.grad = gradient

    @property
    def collects(self) -> bool:
        """Not what it is now, also if it is asked again to retain its gradient."""
        return False

    @collects.setter
    def collects(self, flag: bool) -> None:
        pass

    @property
    def retains(self) -> bool:
        """It was asked before it was turned."""
        return True


class Now:
    """What a piece of memory is today.

    Attributes:
        number: of its version.
        made_by, shape: the `grad_fn` and the shape that the one tensor whose memory it is has by in-place
            operations; an empty name where none was recorded, or several have it, and no shape without any.
    """

    __slots__ = ("made_by", "number", "shape")

    def __init__(self, number: int) -> None:
        self.number = number
        self.made_by = ""
        self.shape: Shape | None = None


class Version:
    """What a piece of memory held between two in-place operations.

    Attributes:
        number: how many in-place operations there were before.
        by: the call that overwrote it, or the place where that was not recorded, empty where it is unknown;
            None while the memory still holds it.
        now: what the memory is today, which all its versions share. None of them refers to a later one: who
            keeps the first would keep all.
    """

    __slots__ = ("_kept", "by", "now", "number")

    def __init__(self, number: int = 0, now: Now | None = None) -> None:
        self.number = number
        self.now = Now(number) if now is None else now
        self.by: RecordedCall | Span | tuple[()] | None = None
        self._kept: weakref.ref[Node] | None = None  # weak, as the node refers to its version

    def overwrite(self, by: RecordedCall | Span | tuple[()], kept: Node | None) -> Version:
        """The next one, which `by` made; that call has saved the value of `kept` for itself."""
        self.by = by
        if kept is not None:
            self._kept = weakref.ref(kept)
        self.now.number = number = self.number + 1
        return Version(number, self.now)

    def count(self) -> None:
        """Counts an operation that leaves what the memory holds as it is."""
        self.number += 1
        self.now.number = self.number

    def kept_by(self, call: RecordedCall | None, node: Node) -> bool:
        """Whether it was this call that overwrote it, and has saved the value of this node before."""
        return self.by is call and self._kept is not None and self._kept() is node


class Node:
    """A recorded operation, or (with the primitive `LEAF`) a given value.

    Attributes:
        op: the primitive.
        inputs: the nodes it reads.
        attrs: its static attributes, hashable; `op.compute(*values, *attrs)` computes it.
        shape, dtype, size: known when it is recorded; size is the number of elements.
        requires_grad: whether reverse mode walks through it.
        value: its array once computed, else None.
        call: the user's call that recorded it; None in a recorded backward until it is stamped.
        accumulator: where its gradient goes, for leaves and retained nodes.
        version: the state of the memory that holds its value; None where that is its own and no in-place
            operation has met it.
    """

    __slots__ = (
        "__weakref__",
        "accumulator",
        "attrs",
        "call",
        "dtype",
        "inputs",
        "op",
        "requires_grad",
        "shape",
        "size",
        "value",
        "version",
    )

    def __init__(
        self,
        op: Primitive,
        inputs: tuple[Node, ...],
        attrs: tuple[Any, ...],
        shape: Shape,
        dtype: np.dtype[Any],
        requires_grad: bool,
        value: Value = None,
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.attrs = attrs
        self.shape = shape
        self.dtype = dtype
        self.requires_grad = requires_grad
        self.value = value
        self.call: RecordedCall | None = None
        self.accumulator: Accumulator | None = None
        self.version: Version | None = None
        size = _few.get(shape)
        self.size = _counted(shape, dtype, value) if size is None else size
        if _numbers is not None:
            _numbers[id(self)] = next(_counter)

    @property
    def ndim(self) -> int:
        """How many dimensions the value has."""
        return len(self.shape)

    def __repr__(self) -> str:
        inputs = ", ".join(node.op.name for node in self.inputs)
        attrs = "".join(f", {attr}" for attr in self.attrs)
        return f"{self.op.name}({inputs}{attrs}): {self.dtype}{list(self.shape)}"


_few: dict[Shape, int] = {(): 1}
"""How many elements shapes have, of which nobody has to be asked: nearly every node's is one that was met."""


def _counted(shape: Shape, dtype: np.dtype[Any], value: Value) -> int:
    """How many elements a new node has; asks for their memory.

    Raises:
        GradcliError: `limit` where there is no room for it.
    """
    if len(shape) > MOST_DIMS:
        context.admit_dims(shape)
    size = prod(shape)
    if size > ASKED_FROM:
        if value is None:
            context.admit(size * dtype.itemsize, shape)
        else:  # it is there, and whoever made it has asked
            context.current().ledger.took(size * dtype.itemsize)
        if size > LARGE:
            context.current().large = True
    elif not size:
        context.admit_empty(shape)
    elif len(_few) < MOST_KNOWN:
        _few[shape] = size
    return size


_holders: WeakKeyDictionary[Node, weakref.ref[Any]] = WeakKeyDictionary()
"""The tensors of large nodes: the engine keeps a large value only where somebody can still ask for it."""


def held_by(node: Node, tensor: Any) -> None:
    """Notes which tensor of the user's refers to a large node."""
    _holders[node] = weakref.ref(tensor)


def is_held(node: Node) -> bool:
    """Whether a tensor of the user's still refers to a large node."""
    holder = _holders.get(node)
    return holder is not None and holder() is not None


def was_held(node: Node) -> bool:
    """Whether a tensor of the user's has ever referred to a large node."""
    return node in _holders


Operand = Node | float
"""What the functions over the tape take: a node, or a Python number (bool, int or float)."""


class Primitive:
    """What differentiation and the engine know of an operation.

    Attributes:
        name: for people.
        parts: 0, or how many arrays `compute` returns; such a node is read through `part`.
        scalar: its value from Python floats, or None; it may raise ArithmeticError or ValueError where
            `compute` would give inf or nan, and the engine then asks `compute`.
        written: the same as an expression of Python's, where that isn't one of its operators.
        of_program: its rule is the program's own, so it is asked each time and nothing is kept of it.
        constant: by definition nothing is differentiated through it.
        selects: its cotangents hold zeros that mean "not taken" (selection, indexing).

    What an element of the value depends on, beside `elementwise` and `along`:

    Attributes:
        moves: on one element of the inputs at most, which it is; `compute` may move other things as well.
        gathering: on the elements that go there when this primitive, with all attributes but the first, takes
            them back from the value.
        terms: `terms(node)` gives the letters of each input's dims and of the value's, where the operation
            is a contraction: linear in each input.

    What the engine plans by:

    Attributes:
        elementwise: an element of the value depends on the elements at its place alone, up to broadcasting.
        cost: about how many nanoseconds an element takes, where it is elementwise.
        commutative: its two inputs may change places.
        broadcasts: the value is the input's, broadcast.
        passes: the value is the input's.
        views: the value is some of the input's elements, in some order and shape.
        converts: the value is the input's, in another dtype.
        reshapes: the value is the input's elements, in their order, in another shape.
        arranges: `arranges(shape, result, *attrs)` gives for each dim of the value the dim of the input that
            it is, None where it is broadcast or of size 1; or None where dims are split or joined.
        reduces: the ufunc that it reduces the dims in its only attribute with, or None.
        by_rows: `by_rows(*values, axis, out)` computes it on blocks that hold the only dim in its first
            attribute whole. All have the dims of the block, of size 1 where they are broadcast, as is what is
            left of a dim that the value has no more.
        composed: `composed(*inputs, *attrs)` records the value from primitives that go block by block, or
            None where they don't.
        composed_if_finite: the same with a dictionary more, from nodes that have to be finite for it to
            operations that tell, as `told_by` does; asked first.
        composed_small: the same for small values, from what takes fewer calls.
        composed_in: the same for operations on the value of one that is composed itself: from its inputs, its
            attributes and theirs.
        turned: `turned(*inputs)` records the value with its last two dims exchanged, at the same cost.
        factored: the same from the factors of its first input, where several want them, or None.
        adds: the value is the sum of its inputs.
        summed: `summed(nodes)` records the sum of several of its values, for plans.
        told_by: the value is the first input, unless that or the second holds something that isn't finite:
            this operation, the sum over the dims in its only attribute, tells.
        unguarded: what it is where `told_by` finds the value finite, or None.
        carries: of how many inputs, the first ones, an element that isn't finite leaves one in the value.
        pair: a kernel `kernel(x, first, second)` for two operations at once that write into these arrays, and
            which of them this is; or None.
        divides: `work(node)` tells how many multiplications of matrices it takes, or what takes as long, and
            `pieces(*values, *attrs, out)` gives functions that compute it into `out`, on any threads at once,
            and one to call after them, or None.
        of_rows: what does the same for rows of a table, if for them another kernel is wanted; or None.
        into: `into(*values, *attrs, out)` computes it into fresh memory; without it the value may be a view.
        loops: `loops(kinds, *attrs)` is a recipe of it (`tape/recipes.py`) for operands and a result of some
            dtypes, "dd->d" say, or None; ufuncs need no such function.
    """

    name: str
    parts: int = 0
    scalar: Callable[..., float] | None = None
    written: str | None = None
    of_program: bool = False
    constant: bool = False
    selects: bool = False
    moves: bool = False
    gathering: Primitive | None = None
    terms: Callable[[Node], tuple[Sequence[Sequence[Any]], Sequence[Any]]] | None = None
    elementwise: bool = False
    cost: float = 0.0
    commutative: bool = False
    broadcasts: bool = False
    passes: bool = False
    views: bool = False
    converts: bool = False
    reshapes: bool = False
    arranges: Callable[..., Sequence[int | None] | None] | None = None
    reduces: np.ufunc | None = None
    by_rows: Callable[..., None] | None = None
    composed: Callable[..., Node | None] | None = None
    composed_if_finite: Callable[..., Node | None] | None = None
    composed_small: Callable[..., Node | None] | None = None
    composed_in: Mapping[Primitive, Callable[..., Node | None]] = {}
    turned: Callable[..., Node] | None = None
    factored: Callable[..., Node | None] | None = None
    adds: bool = False
    summed: Callable[[Sequence[Node]], Node] | None = None
    told_by: Primitive | None = None
    unguarded: Primitive | None = None
    carries: int = 0
    pair: tuple[Callable[..., None], int] | None = None
    divides: tuple[Callable[[Node], int], Callable[..., Any]] | None = None
    of_rows: Primitive | None = None
    into: Callable[..., Any] | None = None
    loops: Recipes | None = None

    def composes(self, found: Callable[..., Node | None]) -> None:
        """Adds a way to record the value from primitives that go block by block, asked before those known."""
        known = self.composed
        self.composed = found if known is None else lambda *args: found(*args) or known(*args)

    def composes_if_finite(self, found: Callable[..., Node | None]) -> None:
        """The same for what has to be finite for it."""
        known = self.composed_if_finite
        self.composed_if_finite = found if known is None else lambda *args: found(*args) or known(*args)

    def compute(self, *args: Any) -> Value:
        """The value from the input values and the attributes."""
        raise NotImplementedError

    def vjp(self, node: Node, cotangent: Any, guarded: bool = False) -> Sequence[Node | None]:
        """The cotangent of each input that requires grad (None for the others, or for zero).

        `guarded` says that zeros in `cotangent` mean "not taken": they win over an infinite partial.
        `cotangent` is a list, one entry a part, for a node with parts.
        """
        raise NotImplementedError

    def jvp(self, node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
        """The tangent of the node from those of its inputs; None stands for zero, `guarded` as in `vjp`.

        NotImplemented, as Python's own operators have it, when there is no forward rule: then the
        transpose of the reverse rule serves.
        """
        raise NotImplementedError

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        """The node recorded again with one more leading dim of `size` on the inputs flagged in `batched`."""
        raise NotImplementedError

    def saves(self, node: Node) -> bool:
        """Whether the rule reads an operand or the result, so that backward frees it."""
        raise NotImplementedError

    def along(self, node: Node, index: int) -> tuple[int | None, ...]:
        """For each dim of input `index` the dim of the value that runs along with it, None for the others.

        An element of the value depends on no other place in such a dim, and on all that the others have.
        """
        return (None,) * node.inputs[index].ndim

    def linear_in(self, node: Node, index: int) -> bool:
        """Whether the value is differentiated by this input, which otherwise says what is to be done."""
        return node.inputs[index].dtype in FLOATS

    def __repr__(self) -> str:
        return self.name


class Leaf(Primitive):
    """A given value: an input, a constant, a parameter."""

    name = "leaf"

    def saves(self, node: Node) -> bool:
        return False


LEAF = Leaf()


_C_NAMES = {
    **{f"int{bits}": f"int{bits}_t" for bits in (8, 16, 64)},
    "int32": "int",
    "uint8": "uint8_t",
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
}


def overflow(value: float, dtype: np.dtype[Any]) -> GradcliError:
    """PyTorch's error for a number that a dtype cannot hold."""
    name = _C_NAMES.get(dtype.name, dtype.name)
    message = f"value cannot be converted to type {name} without overflow"
    return GradcliError("bad-argument", message, hint=f"the value is {value}")


def filling(value: float, dtype: np.dtype[Any]) -> float:
    """A Python number that is to fill a tensor of a dtype; raises if that cannot hold it, as PyTorch does."""
    if dtype is FLOAT64:  # which holds every number of a program
        return value
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        wraps = bounds.min == 0 and type(value) is int and -bounds.max <= value < 0  # as in C
        if not (wraps or bounds.min <= value <= bounds.max) or value == 2**63:
            raise overflow(value, dtype)
        return int(value) % (bounds.max + 1) if wraps else value
    if dtype.kind == "f" and np.isfinite(value) and abs(value) > np.finfo(dtype).max:
        raise overflow(value, dtype)
    return value


def constant(value: float, dtype: np.dtype[Any]) -> Node:
    """A Python number as a node of shape () that requires no grad; a whole one too large wraps, as in C."""
    try:
        number = float(value) if dtype is FLOAT64 else dtype.type(value)
    except (OverflowError, ValueError):
        if not -(2**63) <= value < 2**63:
            raise overflow(value, dtype) from None
        number = np.asarray(value).astype(dtype)[()]
    return Node(LEAF, (), (), (), dtype, False, number)


def leaf(array: Any, requires_grad: bool = False) -> Node:
    """An array, taken as it is, as a node."""
    array = np.asarray(array)
    dtype = array.dtype
    if not dtype.isnative:
        array = array.astype(dtype.newbyteorder("="))
        dtype = array.dtype
    dtype = _OWN.get(dtype, dtype)
    value = array.item() if dtype is FLOAT64 and not array.shape else array
    return Node(LEAF, (), (), array.shape, dtype, requires_grad, value)


def collects(node: Node) -> bool:
    """Whether backward adds up the gradient of `node`."""
    return node.accumulator is not None and node.accumulator.collects


def needs_grad(inputs: Iterable[Node]) -> bool:
    """Whether a result of these inputs requires grad."""
    for node in inputs:  # noqa: SIM110 - half the time of any() on a generator, and every call asks
        if node.requires_grad:
            return True
    return False


def stamp(node: Node, call: RecordedCall) -> None:
    """Marks `node`, and what was recorded on the way to it and belongs to no call yet, as of `call`."""
    node.call = call
    pending = [each for each in node.inputs if each.call is None and each.op is not LEAF]
    while pending:
        each = pending.pop()
        if each.call is None:
            each.call = call
            pending.extend(below for below in each.inputs if below.call is None and below.op is not LEAF)


_numbers: dict[int, int] | None = None
"""When each node was made, by its identity: one that is gone leaves its number to who comes in its place."""
_counter = count()
_steady = False


@contextmanager
def counted() -> Iterator[None]:
    """In its body it is known in which order nodes were made."""
    global _numbers
    before, _numbers = _numbers, {}
    try:
        yield
    finally:
        _numbers = before


@contextmanager
def steady() -> Iterator[None]:
    """In its body a gradient is the same to the bit, whatever else is recorded and not taken.

    Nodes are walked through in the order in which they were made, so that what a gradient is the sum of is
    always added up in the same order; and zeros always win over infinite partials, as they do below a choice.
    """
    global _steady
    before, _steady = _steady, True
    try:
        with counted():
            yield
    finally:
        _steady = before


def is_steady() -> bool:
    """Whether the body of `steady` runs."""
    return _steady


def in_order_of_making(order: list[Node]) -> list[Node]:
    """Nodes, inputs first, in the order in which they were made; as given where nobody counts."""
    if _numbers is None:
        return order
    numbers = _numbers
    found = sorted(order, key=lambda node: numbers.get(id(node), -1))
    place = {node: at for at, node in enumerate(found)}
    inside = all(place.get(each, -1) < at for at, node in enumerate(found) for each in node.inputs)
    return found if inside else order


def topological(roots: Iterable[Node]) -> list[Node]:
    """The nodes that require grad on which `roots` depend, inputs before what reads them."""
    # Written out beside `postorder`, as `engine.run.pending` is: asking a function for what is below takes
    # two and a half times as long a node, and every backward comes through here.
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = []
    for root in roots:
        if root.requires_grad:
            stack.append(root)
        while stack:
            node = stack.pop()
            if node is None:
                order.append(stack.pop())  # type: ignore[arg-type]
            elif node not in seen:
                seen.add(node)
                stack.append(node)
                stack.append(None)
                for each in node.inputs:
                    if each.requires_grad and each not in seen:
                        stack.append(each)
    return in_order_of_making(order) if _steady else order


def postorder(
    roots: Iterable[Node], below: Callable[[Node], Iterable[Node]] = attrgetter("inputs")
) -> list[Node]:
    """The nodes reached from `roots` by `below`, each after those below it; no recursion."""
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = []
    for root in roots:
        stack.append(root)
        while stack:
            node = stack.pop()
            if node is None:  # what stands under the mark has everything below it in order
                done = stack.pop()
                assert done is not None
                order.append(done)
            elif node not in seen:
                seen.add(node)
                stack.append(node)
                stack.append(None)
                stack.extend(below(node))
    return order
