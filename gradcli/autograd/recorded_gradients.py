"""Gradients that can be differentiated once more, as results of the walk that recorded them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.autograd.labels import LABELS
from gradcli.autograd.last_steps import SUM, last_step, steps_anyway
from gradcli.autograd.saved_values import is_one_step
from gradcli.ops.elementwise import absolute, exp, ne, power_number, rsqrt
from gradcli.ops.layout import Placed, any_turned, handed_back, iterated, placed_as
from gradcli.ops.rows import CallName
from gradcli.ops.saved import arguments, saved_of
from gradcli.tape.cotangents import Nodes
from gradcli.tape.custom import RENEWED, detached, renewed
from gradcli.tape.dims import keep_dims
from gradcli.tape.node import LEAF, Node, RecordedCall, needs_grad, stamp
from gradcli.tape.primitives import Linear, add, div, lifted, mul, neg, plus, reshape, reshape_to, where
from gradcli.tape.primitives import sub as subtract
from gradcli.tape.untaken import contributions

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from gradcli.ops.layout import Strides

TIED = frozenset(
    (
        *("relu", "relu6", "hardtanh", "threshold", "hardshrink", "softshrink", "leaky_relu", "prelu", "abs"),
        *("absolute", "copysign", "hardswish", "norm", "dist", "prod", "rrelu"),
        *("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d"),
    )
)
"""Functions whose gradient is one of their operand to PyTorch, also where it doesn't move with it."""
TIED_TO_SAVED = frozenset(
    (
        *("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        *("layer_norm", "batch_norm", "group_norm", "nll_loss", "multi_margin_loss", "grid_sample", "pad"),
        *("avg_pool3d", "max_pool3d", "interpolate"),
        *(f"adaptive_{kind}_pool{rank}d" for kind in ("avg", "max") for rank in (1, 2, 3)),
    )
)
"""Functions whose gradients are all of every operand that they save."""
POWERS = frozenset(("pow", "square", "float_power", "grad"))
"""Functions, and what a walk recorded of them, whose gradient is a power to PyTorch, also where that is 1."""
TIED_BY_RESULT = frozenset(("relu",))
"""Those of them whose gradient is one of their result."""


class Tie(Linear):
    """The first input, which does not move with the others but is differentiated by them, with zeros."""

    passes = True

    def __call__(self, *inputs: Node, attrs: tuple[Any, ...] = ()) -> Node:
        x = inputs[0]
        return Node(self, inputs, attrs, x.shape, x.dtype, needs_grad(inputs))

    def linear_in(self, node: Node, index: int) -> bool:
        return index == 0

    def saves(self, node: Node) -> bool:
        return True

    def jvp(self, node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
        return None if tangents[0] is None else self(tangents[0], *node.inputs[1:])

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        return self(lifted(inputs[:1], batched[:1], size)[0], *inputs[1:])


_tie = Tie(
    "tie",
    lambda x, *others: x,
    lambda x, *others: (x.shape, x.dtype),
    lambda g, node: [g, *[None] * (len(node.inputs) - 1)],
)


class NamedNodes(Nodes):
    """Cotangents of one walk as nodes, with the names that PyTorch has for the steps that made them.

    Where tensors lie otherwise than row by row, it is known how these would lie there.
    """

    def __init__(self) -> None:
        self.names: dict[Node | None, str] = {}
        self._makers: dict[Node, Node] = {}
        self._receivers: dict[Node, Node] = {}
        self._zeros: set[Node] = set()
        self._strides: dict[Node, Strides] | None = {} if any_turned() else None

    def contributions(self, node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        found = list(self._contributions(node, cotangent, guarded))
        if node.op.of_program or node.op is RENEWED:  # whose steps it takes itself; and which is none
            return found
        for index, each in enumerate(found):
            if each is None:
                if _hands_zeros(node):
                    self._zeros.add(node.inputs[index])
                continue
            if each is cotangent and steps_anyway(node):
                each = found[index] = reshape(cotangent, attrs=(node.shape,))
            if each is not cotangent:
                self.names[each] = last_step(node, index)
                self._makers[each], self._receivers[each] = node, node.inputs[index]
                if self._strides is not None and type(cotangent) is Node:
                    self._strides[each] = handed_back(node, index, self.placed(cotangent).strides)
        return found

    def named(self, node: Node, gradient: Node) -> str | None:
        """What PyTorch calls the last step that made the gradient of a node: zeros are added up as well."""
        return SUM if node in self._zeros else self.names.get(gradient)

    def placed(self, gradient: Node) -> Placed:
        """How a gradient lies in PyTorch."""
        known = None if self._strides is None else self._strides.get(gradient)
        return placed_as(gradient) if known is None else Placed(gradient.shape, known)

    def plus(self, left: Any, right: Any) -> Any:
        found = plus(left, right)
        if found is not None and found is not left and found is not right:
            one, other = (self._makers.get(each) for each in (left, right))
            receiver = self._receivers.get(right)
            self.names[found] = SUM
            if self._strides is not None:
                placed = [self.placed(each).strides for each in (left, right)]
                self._strides[found] = iterated(found.shape, placed)
            if one is None or other is None or receiver is None or one is other:
                return found
            if _are_one_step(one, other, receiver):
                self.names[found] = self.names[right]
                self._makers[found], self._receivers[found] = other, receiver
        return found

    def _contributions(self, node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        return contributions(node, cotangent, guarded)


def _hands_zeros(node: Node) -> bool:
    """Whether what is zero by the rule of a node is added up in PyTorch: not within one step of it."""
    call = node.call
    if call is None or call.function.name == "grad":
        return False
    return node.op.name == call.function.name or not is_one_step(call)


def _are_one_step(one: Node, other: Node, receiver: Node) -> bool:
    """Whether two nodes are parts of what is one step in PyTorch, where nobody hears of their sum.

    A step that was given one tensor for two operands has a gradient for each.
    """
    call = one.call
    if call is None or other.call is not call or not is_one_step(call) or call.function.name == "grad":
        return False
    if call.saved is not None:
        given = arguments(call.saved)
        return sum(each is receiver for each in given) < 2
    kinds = [each.kind for each in getattr(call.function, "positional", ())]
    return "tensors" not in kinds and sum("tensor" in each for each in kinds) < 2


BY_RESULT: dict[str, Callable[[Node], Node]] = {
    "sigmoid": lambda y: mul(subtract(1, y), y),
    "expm1": lambda y: add(y, 1),
}
"""Partial derivatives that PyTorch makes of the result, where ours are made of the operand: by operation."""
BY_SQUARE: dict[str, Callable[[Node, Node], Node]] = {
    "asin": lambda g, x: mul(g, rsqrt(subtract(1, mul(x, x)))),
    "acos": lambda g, x: neg(mul(g, rsqrt(subtract(1, mul(x, x))))),
    "atanh": lambda g, x: div(g, subtract(1, power_number(x, attrs=(2,)))),
    "acosh": lambda g, x: mul(g, rsqrt(subtract(mul(x, x), 1))),
}
"""Gradients that are differentiated as PyTorch writes them, so that theirs are inf at 1 and -1, not nan.

Their values are those of our rules, which lose no digits there.
"""


def _quotient(y: Node, same: Node) -> Node:
    return where(ne(same, 0), div(y, same), 1.0)


GROWING: dict[str, Callable[[Node, Node], Node]] = {
    "prod": _quotient,
    "det": _quotient,
    "logsumexp": lambda y, same: exp(subtract(same, y)),
}
"""Reductions whose gradient PyTorch makes of the result: how it grows from one value of that to another."""


class TiedNodes(NamedNodes):
    """The same, differentiated by what PyTorch's are.

    Where somebody listens to a result, its gradient is one of the result only if PyTorch's is.
    """

    def __init__(self, hooks: Container[Node] = ()) -> None:
        super().__init__()
        self.hooks = hooks

    def _contributions(self, node: Node, cotangent: Any, guarded: bool) -> Sequence[Any]:
        whole, call = node, node.call
        by_square = BY_SQUARE.get(node.op.name)
        if by_square is not None and not guarded:
            (exact,) = super()._contributions(node, cotangent, guarded)
            given = node.inputs[0]
            return [None if exact is None else renewed(by_square(cotangent, given), detached(exact))]
        if call is not None and (node.accumulator is not None or node in self.hooks):
            by_result = BY_RESULT.get(node.op.name)
            if by_result is not None:
                (exact,) = super()._contributions(node, cotangent, guarded)
                return [renewed(mul(cotangent, by_result(node)), exact)]
            grows = GROWING.get(node.op.name)
            if grows is not None or (call.saved is not None and not saved_of(call.saved)[1]):
                node = Node(node.op, node.inputs, node.attrs, node.shape, node.dtype, True, node.value)
                node.call = call
            if grows is not None:
                (found,) = super()._contributions(node, cotangent, guarded)
                times = reshape_to(grows(whole, node), keep_dims(found.shape, node.attrs or (-2, -1)))
                return [mul(found, times)]
        if call is not None and any(_is_kept(each, call) for each in node.inputs):
            inputs = tuple([_tie(each) if _is_kept(each, call) else each for each in node.inputs])
            node = Node(node.op, inputs, node.attrs, node.shape, node.dtype, True, node.value)
            node.call = call
        named = call.function.name if call is not None else None
        if named == "l1_loss" and node.op is absolute:  # a step of its own
            named, call = "abs", None
        raises = node.op is power_number or node.op is power_number.single
        power = node.attrs[0] if raises and named in POWERS else None
        if power == 2:  # its partial is twice a power there, which moves with what it is a power of
            first = power_number(node.inputs[0], attrs=(1,))
            node = Node(node.op, (first,), node.attrs, node.shape, node.dtype, True, node.value)
            return super()._contributions(node, cotangent, guarded)
        found = super()._contributions(node, cotangent, guarded)
        if power == 1:
            return [_tie(found[0], node.inputs[0])]
        hidden = call is not None and call.function is LABELS["matrix"]
        if call is not None and call.saved is not None and (hidden or named in TIED_TO_SAVED):
            operands = [each for each in saved_of(call.saved)[0] if each.requires_grad]
            if not operands:
                return found
            return [
                each if each is None or to.call is call else _tie(each, *operands)
                for each, to in zip(found, node.inputs, strict=True)
            ]
        if named not in TIED or (named == "prod" and not node.inputs[0].shape):  # of one number it is that
            return found
        operands = [each for each in node.inputs if each.requires_grad and each.call is not call]
        if named in TIED_BY_RESULT:
            operands = [whole]
        return [each if each is None or not operands else _tie(each, *operands) for each in found]


def _is_kept(node: Node, call: RecordedCall) -> bool:
    """Whether a call has overwritten what it read, so that it saved a copy: that may be read later on."""
    version = node.version
    return version is not None and version.kept_by(call, node)


def owned(gradient: Node, call: RecordedCall, name: str | None, placed: Placed | None = None) -> Node:
    """A recorded gradient as a result of this walk, also where it is what somebody already holds.

    What overwrites the result does not overwrite what the last step of the walk reads.

    Args:
        gradient: the gradient.
        call: the walk, which all steps that it recorded belong to.
        name: what PyTorch calls the last one; None where a hook made it, or nothing was done.
        placed: how it lies in PyTorch; what is one number several times there is numbers of its own here.
    """
    if name is None and gradient.call is not None:
        name = gradient.call.function.grad_fn
    # What has no history may have let go of what it saved.
    saves = gradient.requires_grad and gradient.op.saves(gradient)
    if gradient.call is not None or gradient.op is LEAF or gradient.op.views or saves:
        gradient = reshape(gradient, attrs=(gradient.shape,))
    stamp(gradient, call)
    if name is not None:
        gradient.call = RecordedCall(CallName(call.function.name, name), call.span)
    if placed is not None and placed.compact:
        placed.note(gradient)
    return gradient


def heard(cotangent: Node, name: str | None, span: Any) -> Node:
    """A recorded cotangent as the program's own rules and hooks are given it: no step of theirs made it."""
    if name is None or cotangent.call is not None or not cotangent.requires_grad:
        return cotangent
    given = reshape(cotangent, attrs=(cotangent.shape,))
    given.call = RecordedCall(CallName("grad", name), span)
    return given
