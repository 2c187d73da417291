"""How PyTorch would lay a tensor out in memory: whether `reshape` gives a view there, or a copy.

Names depend on it (`ViewBackward0`, `UnsafeViewBackward0`), and whether a result is a view at all. It is
noted of views when they are made; what elementwise operations make lies as their operands do, which is worked
out from the tape when a row asks.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from gradcli.engine import run as engine
from gradcli.record import Record
from gradcli.tape.custom import RENEWED
from gradcli.tape.node import Node, Shape
from gradcli.tape.partials import Static
from gradcli.tape.primitives import Elementwise, div, mul, reduce_sum
from gradcli.tape.views import undone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.tape.node import Primitive

Strides = tuple[int, ...]
_FAR = 50
"""How many operations on operations are followed."""


def dense(shape: Shape) -> Strides:
    """The strides of a tensor in row-major order."""
    return tuple([prod(shape[index + 1 :]) for index in range(len(shape))])


class Placed(Record):
    """Where the elements of a tensor lie in memory, in elements."""

    shape: Shape
    strides: Strides
    offset: int = 0

    def follow(self, path: Sequence[tuple[Primitive, tuple[Any, ...]]]) -> Placed | None:
        """Where a view of this lies, or None where PyTorch would have to copy."""
        found = self
        for op, attrs in path:
            step = _STEPS.get(op.name)
            following = None if step is None else step(found, *attrs)
            if following is None:
                return None
            found = following
        return found

    def note(self, node: Node) -> None:
        """Remembers that a node lies like this, where that isn't what the tape tells of it."""
        if self.strides != strides(node):
            _NOTED[node] = self.strides
            engine.before_forgetting = _remember

    @property
    def compact(self) -> bool:
        """Whether the elements fill their memory without gaps, in whatever order of dims."""
        return _permuted_dense(self.shape, self.strides)

    @property
    def by_row(self) -> bool:
        """Whether the elements lie in row-major order."""
        return all(
            size == 1 or stride == wanted
            for size, stride, wanted in zip(self.shape, self.strides, dense(self.shape), strict=True)
        )

    def is_same(self, other: Placed) -> bool:
        """Whether two of one memory are the same elements in the same order."""
        return self.offset == other.offset and self.shape == other.shape and self.strides == other.strides

    def overlaps(self, other: Placed, same: bool) -> bool:
        """Whether two of one memory share some elements, but aren't the same elements in the same order.

        With `same` they may be that too.
        As PyTorch asks before it writes: where one of them has gaps it doesn't look.
        """
        first, second = prod(self.shape), prod(other.shape)
        if not (first and second and self.compact and other.compact):
            return False
        if self.offset == other.offset and first == second:
            return same or self.strides != other.strides
        return self.offset < other.offset + second and other.offset < self.offset + first


def _permuted(x: Placed, order: tuple[int, ...]) -> Placed:
    return Placed(tuple([x.shape[dim] for dim in order]), tuple([x.strides[dim] for dim in order]), x.offset)


def _stretched(x: Placed, shape: Shape) -> Strides:
    """The strides of an operand that is broadcast: 0 where it is stretched, or has no dim."""
    extra = len(shape) - len(x.shape)
    kept = [
        0 if size != old else stride
        for size, old, stride in zip(shape[extra:], x.shape, x.strides, strict=True)
    ]
    return (0,) * extra + tuple(kept)


def _expanded(x: Placed, shape: Shape) -> Placed:
    found = list(_stretched(x, shape))
    for dim in reversed(range(len(shape) - len(x.shape))):  # of one element: in front of what is there
        if shape[dim] == 1 and x.shape:
            found[dim] = shape[dim + 1] * found[dim + 1]
    return Placed(shape, tuple(found), x.offset)


def _picked(x: Placed, cuts: tuple[Any, ...]) -> Placed | None:
    sizes: list[int] = []
    steps: list[int] = []
    offset = x.offset
    for size, stride, cut in zip(x.shape, x.strides, cuts, strict=True):
        if isinstance(cut, int):
            offset += (cut % size if size else 0) * stride
            continue
        taken = range(*slice(*cut).indices(size))
        if taken.step < 0:
            return None
        offset += taken.start * stride
        sizes.append(len(taken))
        steps.append(stride * taken.step)
    return Placed(tuple(sizes), tuple(steps), offset)


def _reshaped(x: Placed, shape: Shape) -> Placed | None:
    found = _viewed_strides(x.shape, x.strides, shape)
    return None if found is None else Placed(shape, found, x.offset)


def _windowed(x: Placed, kernel: Strides, stride: Strides, dilation: Strides) -> Placed:
    count = len(kernel)
    lead = len(x.shape) - count
    inner = x.strides[lead:]
    outer = [
        (size - d * (k - 1) - 1) // s + 1
        for size, k, s, d in zip(x.shape[lead:], kernel, stride, dilation, strict=True)
    ]
    return Placed(
        (*x.shape[:lead], *outer, *kernel),
        (
            *x.strides[:lead],
            *[step * s for step, s in zip(inner, stride, strict=True)],
            *[step * d for step, d in zip(inner, dilation, strict=True)],
        ),
        x.offset,
    )


def _strided(x: Placed, shape: Shape, steps: Strides, offset: int) -> Placed | None:
    if len(x.shape) != 1:
        return None
    (step,) = x.strides
    return Placed(shape, tuple([each * step for each in steps]), x.offset + offset * step)


_STEPS: dict[str, Callable[..., Placed | None]] = {
    "permute": _permuted,
    "expand": _expanded,
    "pick": _picked,
    "reshape": _reshaped,
    "windows": _windowed,
    "strided": _strided,
}
"""For each operation that gives a view: where its result lies."""


_BY_ROW = frozenset(("softmax", "softmin", "logsigmoid", "log_sigmoid", "masked_fill"))
"""Functions composed of elementwise operations whose results lie row by row in PyTorch, whatever is given."""


_NOTED: WeakKeyDictionary[Node, Strides] = WeakKeyDictionary()
"""The strides of views, and of what was worked on in place."""


def strides(node: Node, far: int = _FAR, known: dict[Node, Strides] | None = None) -> Strides:
    """The strides PyTorch's tensor would have, in elements; `known` are those found on the same way."""
    op, inputs = node.op, node.inputs
    if node in _NOTED:
        return _NOTED[node]
    if not _NOTED:  # nothing lies in any other order
        return dense(node.shape)
    if op is RENEWED:
        return strides(inputs[0], far - 1)
    if len(node.shape) < 2 or not far or not op.elementwise or not inputs:
        return dense(node.shape)
    if node.call is not None and node.call.function.name in _BY_ROW:
        return dense(node.shape)
    known = {} if known is None else known
    if node not in known:
        placed = [Placed(each.shape, strides(each, far - 1, known)) for each in inputs]
        copied = op.converts and placed[0].compact  # as it lies, dims of one element too
        known[node] = placed[0].strides if copied else _joined(node.shape, placed)
    return known[node]


def _joined(shape: Shape, placed: Sequence[Placed]) -> Strides:
    if all(each.shape == shape and each.by_row for each in placed):
        return dense(shape)
    return iterated(shape, [_stretched(each, shape) for each in placed])


def in_one_step(result: Node, operands: Sequence[Node]) -> Node:
    """A result that PyTorch computes of these operands at once, in their order, and so lies."""
    if _NOTED and result.ndim > 1:
        Placed(result.shape, _joined(result.shape, [placed_as(each) for each in operands])).note(result)
    return result


_NEW = _BY_ROW.union(("fmax", "fmin", "xlogy", "mean", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"))
"""Functions whose gradient lies row by row in PyTorch, as what is new does."""
_NEGATED = frozenset(("reciprocal", "rsqrt", "fmod", "remainder"))
"""Functions whose gradient begins with the negative of the cotangent, which is a new tensor."""
_OPERAND_FIRST = frozenset(
    (
        *("clamp", "erf", "leaky_relu", "logit", "maximum", "minimum", "relu", "sinc", "threshold", "where"),
        *("clip", "clamp_max", "clamp_min", "max", "min"),
    )
)
"""Functions for whose gradient PyTorch goes along an operand rather than along the cotangent."""


def handed_back(node: Node, index: int, given: Strides) -> Strides:
    """The strides of what PyTorch's rule for `node` hands to an input, of a cotangent with the given ones.

    What isn't elementwise, a view or a sum mostly hands over a new tensor, row by row. The sets above are of
    functions, by the names of calls, not of primitives: the gradient of `mean` is new, that of `sum`, of
    which it is made, is the cotangent stretched.
    """
    op, x = node.op, node.inputs[index]
    name = node.call.function.name if node.call is not None else ""
    if op.passes or op is RENEWED:
        return given
    if name in _NEW:
        return dense(x.shape)
    if op is reduce_sum:
        left, rank = iter(given), len(x.shape)
        return tuple([0 if dim - rank in node.attrs[0] else next(left) for dim in range(rank)])
    if op.name in ("permute", "reshape"):
        viewed = Placed(node.shape, given).follow(undone(((op, node.attrs),), x))
        return dense(x.shape) if viewed is None else viewed.strides
    if op.name == "matmul" and len(x.shape) == 2:  # turned where its operand is
        lies: Placed | None = placed_as(x)
        if x.op.views and x.call is node.call:  # inside of `linear`, which turns its weights
            lies = placed_as(x.inputs[0]).follow(((x.op, x.attrs),))
        turned = (1, x.shape[0])
        return turned if lies is not None and lies.strides == turned else dense(x.shape)
    if op.converts:
        return iterated(x.shape, [given])
    if not isinstance(op, Elementwise) or x.shape != node.shape:
        return dense(x.shape)
    partial = op.partials[index]
    if partial == 1:
        return given
    constant = isinstance(partial, (int, float, Static))
    if constant or name in _NEGATED or (op is div and index):
        given = iterated(x.shape, [given])
    if constant:
        return given
    read = node.inputs[1 - index : 2 - index] if op is mul or (op is div and not index) else node.inputs
    others = [_stretched(placed_as(each), x.shape) for each in read]
    return iterated(x.shape, [*others, given] if name in _OPERAND_FIRST else [given, *others])


def as_leaf(node: Node) -> Placed:
    """How the `.grad` of a leaf lies: as the leaf, where that has no gaps."""
    placed = placed_as(node)
    return placed if placed.compact else Placed(node.shape, dense(node.shape))


def any_turned() -> bool:
    """Whether any tensor lies otherwise than row by row."""
    return bool(_NOTED)


def _remember(node: Node) -> None:
    """Notes how a result lies that is about to forget what it was made of."""
    if _NOTED and len(node.shape) > 1 and node.op.elementwise:
        _NOTED[node] = strides(node)


def laid_as(x: Node, node: Node) -> Node:
    """`node`, which is new, in the order of `x` where that has no gaps."""
    placed = placed_as(x)
    if placed.compact:
        placed.note(node)
    return node


def drawn_as(x: Node, draw: Callable[[Shape, bool], Any]) -> Any:
    """The array of a new tensor like `x` whose elements are drawn one after the other as those of `x` lie.

    Args:
        draw: gives an array of a shape, and knows whether the elements lie row by row.
    """
    placed = placed_as(x)
    if placed.by_row:
        return draw(x.shape, True)
    steps = iterated(x.shape, [placed.strides])
    order = sorted(range(len(steps)), key=lambda dim: -steps[dim])
    drawn = draw(tuple([x.shape[dim] for dim in order]), False)
    return drawn.transpose([order.index(dim) for dim in range(len(order))]).copy()


def forget_order(node: Node) -> None:
    """Forgets that a copy lies in another order than row by row."""
    _NOTED.pop(node, None)


def placed_as(node: Node) -> Placed:
    """How a tensor lies, counted from its first element."""
    return Placed(node.shape, strides(node))


def _permuted_dense(shape: Shape, given: Strides) -> bool:
    """Whether the elements fill their memory without gaps, in whatever order of dims."""
    expected = 1
    for stride, size in sorted(zip(given, shape, strict=True)):
        if size != 1:
            if stride != expected:
                return False
            expected *= size
    return True


def iterated(shape: Shape, operands: Sequence[Strides]) -> Strides:
    """The strides of a new result, of operands with these (0 where they are stretched).

    PyTorch goes through all of them with the dims in the order of the first operand that tells two apart.
    """

    def inner(one: int, other: int) -> int:
        for each in operands:
            if each[one] and each[other]:
                if each[one] != each[other]:
                    return each[one] - each[other]
                if shape[one] > shape[other]:
                    return 1
        return 0

    order = list(range(len(shape)))[::-1]
    for start in range(1, len(order)):
        at = start
        for before in range(start - 1, -1, -1):
            told = inner(order[before], order[at])
            if told > 0:
                order[before], order[at] = order[at], order[before]
                at = before
            elif told < 0:
                break
    strides, step = [0] * len(shape), 1
    for dim in order:
        strides[dim] = step
        step *= shape[dim]
    return tuple(strides)


def is_contiguous(node: Node) -> bool:
    """Whether PyTorch's tensor would be in row-major order."""
    return node.size == 0 or placed_as(node).by_row


def viewable(node: Node, shape: Shape) -> bool:
    """Whether PyTorch could give `node` another shape without copying."""
    return _viewed_strides(node.shape, strides(node), shape) is not None


def _viewed_strides(old: Shape, given: Strides, new: Shape) -> Strides | None:
    """The strides of a view in another shape, or None where there is none."""
    if not prod(old):
        return dense(new)
    sizes = [(size, stride) for size, stride in zip(old, given, strict=True) if size != 1]
    result: list[int] = []
    remaining = list(reversed(new))
    while sizes:
        # A stretch of old dims that are one piece of memory, against as many new dims as it holds.
        size, stride = sizes.pop()
        base, chunk = stride, size
        while sizes and sizes[-1][1] == stride * size:
            size, stride = sizes.pop()
            chunk *= size
        taken = 1
        while remaining and (taken < chunk or remaining[0] == 1):
            result.append(base * taken)
            taken *= remaining.pop(0)
        if taken != chunk:
            return None
    result.extend([1] * len(remaining))
    return tuple(reversed(result))
