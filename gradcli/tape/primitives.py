"""Elementwise and linear primitives, and the few of them that their own rules are written with.

An elementwise primitive states its partial derivatives, a linear one its transpose; reverse and forward mode
follow from that here, once. Any other has an explicit rule (`general`). The tables of primitives in `ops` are
made of these classes.
"""

from __future__ import annotations

import math
import operator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.tape import context, recipes
from gradcli.tape.dims import along_others, dims_of_expanded, dims_of_reshaped, drop_dims, keep_dims
from gradcli.tape.node import (
    BOOL,
    FLOAT32,
    FLOAT64,
    FLOATS,
    LARGE,
    Node,
    Operand,
    Primitive,
    Shape,
    constant,
    filling,
    needs_grad,
)
from gradcli.tape.partials import Cost, InTurn, Over, Static, When, Zeros
from gradcli.tape.promote import broadcast, floating, result_type, torch_name
from gradcli.tape.totals import sum_is_finite, total

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradcli.tape.partials import Partial
    from gradcli.tape.recipes import Recipes

    Kernel = Callable[..., Any]

# ---- the kinds -----------------------------------------------------------------------------------


class Elementwise(Primitive):
    """A function of the elements at one index, broadcast over its inputs.

    Attributes:
        kernel: a NumPy ufunc, or a function with its calling convention: `kernel(*arrays, *attrs, out=None)`.
        partials: one for each input.
        result: "same" (the promoted dtype), "float" (integers become the default dtype) or "bool".
        scalar, written: as `Primitive` has them.
        selects: its partials are zero where an input does not count, and there the zero wins in both modes.
        cost, commutative, pair: as `Primitive` has them; the cost is one of the classes of `Cost`.
        direct: `direct(*attrs)` is a ufunc and its further arguments that do the same, or None: what
            generated code calls.
        single: what is recorded in its place where the result is float32, or None.
        loops: as `Primitive` has it.
    """

    elementwise = True
    single: Elementwise | None = None

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        *partials: Partial,
        cost: float,
        scalar: Callable[..., float] | None = None,
        written: str | None = None,
        result: str = "float",
        selects: bool = False,
        commutative: bool = False,
        pair: tuple[Callable[..., None], int] | None = None,
        direct: Callable[..., tuple[Kernel, tuple[Any, ...]] | None] | None = None,
        loops: Recipes | None = None,
    ) -> None:
        self.name = name
        self.direct = direct
        self.loops = loops
        self.kernel = kernel
        self.compute = kernel  # type: ignore[method-assign]
        self.partials = partials
        self.cost = cost
        self.commutative = commutative
        self.pair = pair
        self.scalar = scalar
        self.written = written
        self.result = result
        self.selects = selects
        self.reads = tuple(not isinstance(partial, (int, float, Static)) for partial in partials)
        self.saving = any(self.reads)

    def __call__(self, *operands: Operand, attrs: tuple[Any, ...] = ()) -> Node:
        """Records the operation on nodes and Python numbers, promoted and broadcast."""
        if len(operands) == 2:
            a, b = operands
            if type(a) is type(b) is Node and a.dtype is b.dtype is FLOAT64 and self.result != "bool":
                shape = a.shape if a.shape == b.shape else broadcast(a.shape, b.shape)
                return Node(self, operands, attrs, shape, FLOAT64, a.requires_grad or b.requires_grad)  # type: ignore[arg-type]
            inputs, shape, dtype = _pair(a, b)
        elif len(operands) == 1 and isinstance(operands[0], Node):
            inputs, shape, dtype = operands, operands[0].shape, operands[0].dtype  # type: ignore[assignment]
        else:
            inputs, shape, dtype = _promoted(operands)
        if self.result == "bool":
            return Node(self, inputs, attrs, shape, BOOL, False)
        # Whether it is one of several dtypes takes longer: their own hash is slow.
        if dtype is not FLOAT64 and dtype not in FLOATS and self.result == "float":
            dtype = floating(dtype)
            inputs = tuple([as_dtype(each, dtype) for each in operands])
        flag = inputs[0].requires_grad or needs_grad(inputs)
        op = self.single if dtype is FLOAT32 and self.single is not None else self
        return Node(op, inputs, attrs, shape, dtype, flag)

    def saves(self, node: Node) -> bool:
        if self.saving:
            for reads, each in zip(self.reads, node.inputs, strict=True):
                if reads and each.requires_grad:
                    return True
        return False

    def vjp(self, node: Node, cotangent: Node, guarded: bool = False) -> Sequence[Node | None]:
        result: list[Node | None] = []
        for index, each in enumerate(node.inputs):
            if each.requires_grad:
                term = self.product(cotangent, index, node, guarded)
                if term is not None and term.shape != each.shape:
                    term = sum_to(term, each.shape)
                result.append(term)
            else:
                result.append(None)
        return result

    def jvp(self, node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
        total: Node | None = None
        for index, tangent in enumerate(tangents):
            if tangent is not None:
                term = self.product(tangent, index, node, guarded)
                total = plus(total, expand_to(term, node.shape) if term is not None else None)
        return total

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        rank = len(node.shape)
        aligned = [
            reshape_to(each, (size, *(1,) * (rank - each.ndim + 1), *each.shape[1:])) if flag else each
            for each, flag in zip(inputs, batched, strict=True)
        ]
        return self(*aligned, attrs=node.attrs)

    def product(self, factor: Node, index: int, node: Node, guarded: bool) -> Node | None:
        """`factor` times the partial derivative in input `index`; None is zero."""
        partial = self.partials[index]
        if isinstance(partial, (int, float)):
            return times(factor, partial)
        if isinstance(partial, Static):
            return times(factor, partial.of(*node.attrs))
        if isinstance(partial, InTurn):
            one, other = partial.of(*node.inputs, node, *node.attrs)
            return guarded_mul(factor, mul(one, other)) if guarded else mul(mul(factor, one), other)
        of = partial.of if isinstance(partial, (Over, When, Zeros)) else partial
        value = of(*node.inputs, node, *node.attrs)
        if isinstance(partial, When):
            return where(value, factor, literal(0.0, factor.dtype))
        if isinstance(partial, Over):
            if guarded:
                return guarded_mul(factor, div(1.0, value))
            if spread(factor) and isinstance(value, Node) and value.shape == factor.shape:
                factor = factor.inputs[0]
            return div(factor, value)
        if isinstance(value, Node):
            wins = isinstance(partial, Zeros)
            if isinstance(partial, Zeros) and partial.at is not None:
                wins = partial.both
                places = partial.at(*node.inputs, node, *node.attrs)
                if places is not None:
                    zero, one = literal(0.0, factor.dtype), literal(1.0, factor.dtype)
                    factor = where(untaken(where(places, zero, one), factor), zero, factor)
            if self.selects:
                return guarded_mul(value, factor)
            if guarded or wins:
                return guarded_mul(factor, value)
        return times(factor, value)


def _pair(a: Operand, b: Operand) -> tuple[tuple[Node, ...], Shape, np.dtype[Any]]:
    """Two operands promoted and broadcast; the common cases first, since every operator comes here."""
    if isinstance(a, Node):
        if isinstance(b, Node):
            if a.dtype is b.dtype:
                shape = a.shape
                if b.shape != shape:
                    shape = broadcast(shape, b.shape)
                return (a, b), shape, a.dtype
        elif a.dtype is FLOAT64 or a.dtype in FLOATS:
            return (a, _beside(b, a.dtype)), a.shape, a.dtype
    elif isinstance(b, Node) and (b.dtype is FLOAT64 or b.dtype in FLOATS):
        return (_beside(a, b.dtype), b), b.shape, b.dtype
    return _promoted((a, b))


_MOST_CONSTANTS = 1_000
"""So many different numbers are found again; of more of them few stand in a program twice."""


def _beside(number: float, dtype: np.dtype[Any]) -> Node:
    """A Python number beside a node, which nobody but the result refers to."""
    known = context.current().constants
    if known is None or dtype is not FLOAT64 or not number:  # 0 is equal to -0
        return constant(number, dtype)
    found = known.get(number)
    if found is None:
        found = constant(number, dtype)
        if len(known) < _MOST_CONSTANTS:
            known[number] = found
    return found


def _promoted(operands: tuple[Operand, ...]) -> tuple[tuple[Node, ...], Shape, np.dtype[Any]]:
    dtype = result_type(operands)
    inputs = tuple([as_dtype(each, dtype) for each in operands])
    return inputs, broadcast(*[each.shape for each in inputs]), dtype


class Linear(Primitive):
    """A linear map of its floating-point inputs: reverse mode is its transpose, forward mode itself.

    Attributes:
        compute: `compute(*arrays, *attrs)`.
        infer: `infer(*inputs, *attrs)` gives shape and dtype, and raises on wrong use.
        transpose: `transpose(cotangent, node)` gives a cotangent for each input (None for indices).
        batch_attrs: the attributes under one more leading dim, `batch_attrs(size, *attrs)`, where
            they aren't the same.
        indexed: some inputs are indices, which are operands and so are saved for backward.
        by_row: indices have the leading dims of what they index, each row its own.
        selects: its transpose fills with zeros what was not taken.
        moves, gathering, along, reduces, views, into, arranges: as `Primitive` has them.
    """

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        infer: Callable[..., tuple[Shape, np.dtype[Any]]],
        transpose: Callable[[Node, Node], Sequence[Node | None]],
        *,
        indexed: bool = False,
        by_row: bool = False,
        selects: bool = False,
        batch_attrs: Callable[..., tuple[Any, ...]] | None = None,
        moves: bool = False,
        gathering: Primitive | None = None,
        along: Callable[[Node, int], tuple[int | None, ...]] | None = None,
        reduces: np.ufunc | None = None,
        views: bool = False,
        into: Callable[..., Any] | None = None,
        arranges: Callable[..., Sequence[int | None] | None] | None = None,
        composed: Callable[..., Node | None] | None = None,
    ) -> None:
        self.name = name
        self.compute = kernel  # type: ignore[method-assign]
        self.infer = infer
        self.transpose = transpose
        self.views = views
        self.into = into
        self.arranges = arranges
        self.composed = composed
        self.batch_attrs = batch_attrs
        self.indexed = indexed
        self.by_row = by_row
        self.selects = selects
        self.moves = moves
        self.gathering = gathering
        if along is not None:
            self.along = along  # type: ignore[method-assign, assignment]
        self.reduces = reduces

    def __call__(self, *inputs: Node, attrs: tuple[Any, ...] = ()) -> Node:
        """Records the operation."""
        shape, dtype = self.infer(*inputs, *attrs)
        return Node(self, inputs, attrs, shape, dtype, dtype in FLOATS and needs_grad(inputs))

    def saves(self, node: Node) -> bool:
        return self.indexed

    def vjp(self, node: Node, cotangent: Node, guarded: bool = False) -> Sequence[Node | None]:
        return self.transpose(cotangent, node)

    def jvp(self, node: Node, tangents: Sequence[Node | None], guarded: bool = False) -> Node | None:
        if all(tangent is None for tangent in tangents):
            return None
        inputs = [
            tangent if tangent is not None else zeros_of(each) if self.linear_in(node, index) else each
            for index, (each, tangent) in enumerate(zip(node.inputs, tangents, strict=True))
        ]
        return self(*inputs, attrs=node.attrs)

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        attrs = self.batch_attrs(size, *node.attrs) if self.batch_attrs is not None else node.attrs
        if self.indexed:
            moving = any(
                flag and each.dtype not in FLOATS for each, flag in zip(inputs, batched, strict=True)
            )
            if not moving:
                return self(*inputs, attrs=attrs)
            if not self.by_row:
                return each_row(node, inputs, batched, size)
        return self(*lifted(inputs, batched, size), attrs=attrs)


def lifted(inputs: Sequence[Node], batched: Sequence[bool], size: int) -> list[Node]:
    """Every input with the leading dim: those without it are broadcast along it."""
    return [
        each if flag else expand_to(each, (size, *each.shape))
        for each, flag in zip(inputs, batched, strict=True)
    ]


class EachRow(Primitive):
    """An operation that is computed row by row, where indices differ from row to row and share no kernel.

    Values only: what is recorded again for many rows has its derivatives already.
    """

    name = "each_row"

    def compute(self, *args: Any) -> Any:
        *values, op, flags, attrs, size, shape = args
        result = np.empty((size, *shape), np.asarray(values[0]).dtype)
        for row in range(size):
            chosen = [value[row] if flag else value for value, flag in zip(values, flags, strict=True)]
            result[row] = op.compute(*chosen, *attrs)
        return result

    def saves(self, node: Node) -> bool:
        return False


EACH_ROW = EachRow()


def each_row(node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
    """A node for `size` rows of the inputs flagged in `batched`, one row after the other."""
    attrs = (node.op, tuple(batched), node.attrs, size, node.shape)
    return Node(EACH_ROW, tuple(inputs), attrs, (size, *node.shape), node.dtype, False)


class RuleNumber(Primitive):
    """A number that a rule wrote: part of the formula, not data, so equal ones can be shared and folded."""

    name = "literal"

    def compute(self, *args: Any) -> Any:
        raise AssertionError("a literal has its value from the start")

    def saves(self, node: Node) -> bool:
        return False


LITERAL = RuleNumber()


def literal(number: float, dtype: np.dtype[Any]) -> Node:
    """A number of a rule as a node of shape ()."""
    value = float(number) if dtype is FLOAT64 else dtype.type(number)
    return Node(LITERAL, (), (number,), (), dtype, False, value)


def as_dtype(operand: Operand, dtype: np.dtype[Any]) -> Node:
    """The operand as a node of `dtype`: a number becomes a constant, another dtype is cast."""
    if isinstance(operand, Node):
        return operand if operand.dtype is dtype else cast(operand, dtype)
    return constant(operand, dtype)


def as_filling(operand: Operand, dtype: np.dtype[Any]) -> Node:
    """The same of what is to fill a tensor of `dtype`; raises if that cannot hold the number."""
    return as_dtype(operand if isinstance(operand, Node) else filling(operand, dtype), dtype)


def as_node(operand: Operand) -> Node:
    """The operand as a node; a Python number gets the dtype it stands for."""
    return operand if isinstance(operand, Node) else constant(operand, result_type((operand,)))


def multiplied_out(x: Node, n: int, times: Callable[[Node, Node], Node]) -> Node:
    """`x` to the power of n > 0 by squaring and multiplying."""
    result: Node | None = None
    while n:
        if n & 1:
            result = x if result is None else times(result, x)
        n >>= 1
        if n:
            x = times(x, x)
    assert result is not None
    return result


# ---- the primitives that rules are written with ------------------------------------------------


add = Elementwise(
    "add", np.add, 1, 1, scalar=operator.add, result="same", cost=Cost.ARITHMETIC, commutative=True
)
add.adds = True
add.carries = 2
sub = Elementwise("sub", np.subtract, 1, -1, scalar=operator.sub, result="same", cost=Cost.ARITHMETIC)
sub.carries = 2
mul: Elementwise = Elementwise(
    "mul",
    np.multiply,
    lambda a, b, y: b,
    lambda a, b, y: a,
    scalar=operator.mul,
    result="same",
    cost=Cost.ARITHMETIC,
    commutative=True,
)
mul.carries = 2
neg = Elementwise("neg", np.negative, -1, scalar=operator.neg, result="same", cost=Cost.ARITHMETIC)
neg.carries = 1
div: Elementwise = Elementwise(
    "div",
    np.true_divide,
    Over(lambda a, b, y: b),
    lambda a, b, y: neg(div(y, b)),
    scalar=operator.truediv,
    cost=Cost.DIVISION,
)
div.carries = 1  # 1/inf is 0


def _scale(x: Any, factor: float, out: Any = None) -> Any:
    return np.multiply(x, factor, out)


scale_primitive = Elementwise(
    "scale",
    _scale,
    Static(lambda factor: factor),
    scalar=operator.mul,
    result="same",
    direct=lambda factor: (np.multiply, (factor,)),
    cost=Cost.ARITHMETIC,
)
scale_primitive.carries = 1


def scale(x: Node, factor: float) -> Node:
    """`x` times a number that is an attribute: nothing is saved for backward."""
    if factor == 1:
        return x
    if x.op is LITERAL:
        return literal(x.attrs[0] * factor, x.dtype)
    if x.op is scale_primitive and x.call is None:  # recorded just now, by the same rule or function
        return scale(x.inputs[0], x.attrs[0] * factor)
    if spread(x):
        return expand_to(scale(x.inputs[0], factor), x.shape)
    return scale_primitive(x, attrs=(factor,))


class _OverCount(Elementwise):
    """A scale by 1/n that divides by n both ways, as PyTorch's means do: float32 shows the difference."""

    def product(self, factor: Node, index: int, node: Node, guarded: bool) -> Node:
        return over_count(factor, round(1 / node.attrs[0]))


_over_count = _OverCount(
    "scale",
    lambda x, factor, out=None: np.divide(x, round(1 / factor), out),
    Static(lambda factor: factor),
    result="same",
    direct=lambda factor: (np.divide, (round(1 / factor),)),
    cost=Cost.DIVISION,
)


def over_count(x: Node, count: int) -> Node:
    """`x` over a count, as means take it; over none it is nan."""
    if x.dtype is FLOAT32 and count > 1 and x.op is not LITERAL:
        if spread(x):
            return expand_to(over_count(x.inputs[0], count), x.shape)
        return _over_count(x, attrs=(1 / count,))
    return scale(x, 1 / count if count else float("nan"))


def _where(condition: Any, a: Any, b: Any, out: Any = None) -> Any:
    if out is None:
        return np.where(condition, a, b)
    integer = _BITS.get(out.dtype.itemsize)
    if integer is None:
        np.copyto(out, np.where(condition, a, b))
        return out
    taken = np.count_nonzero(condition) / max(np.size(condition), 1)
    if not RARE < taken < 1 - RARE:
        np.copyto(out, b if taken <= RARE else a)
        if 0 < taken < 1:
            rare, there = (a, condition) if taken <= RARE else (b, np.logical_not(condition))
            np.copyto(out, rare, where=there)
        return out
    # The processor guesses at copies under a mask, and guesses wrong: bits times 0 or 1 need no guess.
    bits = out.view(integer)
    if _is_zero(b):
        np.multiply(_bits(a, out), condition, bits)
    elif _is_zero(a):
        np.multiply(_bits(b, out), np.logical_not(condition), bits)
    else:
        b = _bits(b, out)
        np.bitwise_xor(_bits(a, out), b, bits)
        np.multiply(bits, condition, bits)
        np.bitwise_xor(bits, b, bits)
    return out


RARE = 1 / 64
"""The share of elements up to which those that are taken otherwise are worth a guess of the processor."""
_BITS = {4: np.int32, 8: np.int64}
"""The integers as wide as a number of so many bytes."""


def _bits(x: Any, out: Any) -> Any:
    """A value, of the same dtype as `out`, as integers of the same bits."""
    return np.asarray(x, out.dtype).view(_BITS[out.dtype.itemsize])


def _is_zero(x: Any) -> bool:
    return type(x) is float and x == 0.0 and math.copysign(1.0, x) > 0


def zero_literal(x: Node) -> bool:
    """Whether a node is the number 0."""
    return x.op is LITERAL and _is_zero(x.attrs[0])


class Where(Elementwise):
    """Selection by a boolean condition, which is an operand but not promoted with the values."""

    def __call__(self, *operands: Operand, attrs: tuple[Any, ...] = ()) -> Node:
        condition, a, b = operands
        condition = as_dtype(condition, BOOL)
        dtype = result_type((a, b))
        inputs = (condition, as_dtype(a, dtype), as_dtype(b, dtype))
        shape = broadcast(*[each.shape for each in inputs])
        return Node(self, inputs, (), shape, dtype, needs_grad(inputs))


where: Where = Where(
    "where",
    _where,
    0,
    When(lambda c, a, b, y: c),
    When(lambda c, a, b, y: logical_not(c)),
    scalar=lambda c, a, b: a if c else b,
    written="{1} if {0} else {2}",
    result="same",
    selects=True,
    cost=Cost.SELECTION,
    loops=recipes.where,
)
masked = Elementwise(
    "masked",
    lambda c, x, holds, out=None: _where(c, x, 0.0, out) if holds else _where(c, 0.0, x, out),
    0,
    0,
    result="same",
    cost=Cost.SELECTION,
    loops=recipes.masked,
)
"""What is taken where a condition holds, or where it doesn't, and zero elsewhere; never on a tape."""


def _where_composed(condition: Node, a: Node, b: Node) -> Node | None:
    """A choice of which one side is zero takes fewer loops."""
    for x, other, holds in ((a, b, True), (b, a, False)):
        if zero_literal(other) and x.dtype in FLOATS:
            shape = broadcast(condition.shape, x.shape)
            return Node(masked, (condition, x), (holds,), shape, x.dtype, False)
    return None


def _where_if_finite(condition: Node, a: Node, b: Node, finite: dict[Node, Primitive]) -> Node | None:
    """Where a rule's zero takes the place of what isn't finite, nothing is chosen as long as all is."""
    if a.op is not LITERAL or condition.op.name != "logical_and" or not condition.inputs:
        return None
    broken = condition.inputs[1]
    told = broken.inputs[0] if broken.op is logical_not and broken.inputs else broken
    if told is broken or told.op.name != "isfinite" or told.inputs != (b,):
        return None
    finite[b] = reduce_sum
    return b


where.composes(_where_composed)
where.composed_if_finite = _where_if_finite
logical_not: Elementwise = Elementwise("logical_not", np.logical_not, 0, result="bool", cost=Cost.ARITHMETIC)


def _guarded_mul(g: Any, p: Any, out: Any = None) -> Any:
    # The rule is that all partials are finite, and one sum tells: the masks are for the exception.
    if sum_is_finite(p):
        return np.multiply(g, p, out)
    untaken = np.logical_and(np.equal(g, 0), np.logical_not(np.isfinite(p)))
    result = np.asarray(np.multiply(g, p, out))
    np.copyto(result, np.where(untaken, 0, result))
    return result


untaken: Elementwise = Elementwise(
    "untaken",
    lambda g, p, out=None: np.logical_and(np.equal(g, 0), np.logical_not(np.isfinite(p)), out),
    0,
    0,
    result="bool",
    cost=Cost.DIVISION,
    loops=recipes.untaken,
)


class Guarded(Elementwise):
    """A product whose own derivatives are such products: what was not taken has none of any order."""

    def product(self, factor: Node, index: int, node: Node, guarded: bool) -> Node | None:
        g, p = node.inputs
        return times(factor, where(untaken(g, p), 0.0, p)) if index == 0 else guarded_mul(g, factor)


guarded_mul: Elementwise = Guarded(
    "guarded_mul",
    _guarded_mul,
    lambda g, p, y: p,
    lambda g, p, y: g,
    scalar=lambda g, p: g * p if g or math.isfinite(p) else 0.0,
    written="{0} * {1} if {0} or finite({1}) else 0.0",
    result="same",
    cost=Cost.DIVISION,
    selects=True,
    loops=recipes.guarded,
)
"""A product in which a zero factor `g` wins over an infinite partial: the branch was not taken."""


def _cast_kernel(x: Any, dtype: np.dtype[Any], out: Any = None) -> Any:
    if out is None:
        return float(x) if dtype is FLOAT64 and np.ndim(x) == 0 else np.asarray(x).astype(dtype)
    np.copyto(out, x, casting="unsafe")
    return out


class Cast(Linear):
    """Another dtype: the one linear operation that works element by element."""

    converts = True
    elementwise = True
    cost = Cost.ARITHMETIC
    loops = staticmethod(recipes.cast)


cast_primitive = Cast(
    "cast",
    _cast_kernel,
    lambda x, dtype: (x.shape, dtype),
    lambda g, node: [cast(g, node.inputs[0].dtype)],
)


def cast(x: Node, dtype: np.dtype[Any]) -> Node:
    """`x` in another dtype; differentiable between floats."""
    return x if x.dtype is dtype else cast_primitive(x, attrs=(dtype,))


class Expand(Linear):
    """Broadcasting; under a batch dim the input's other dims must still be counted from the end."""

    broadcasts = True

    def batch(self, node: Node, inputs: Sequence[Node], batched: Sequence[bool], size: int) -> Node:
        (x,) = inputs
        x = reshape_to(x, (size, *(1,) * (len(node.shape) - x.ndim + 1), *x.shape[1:]))
        return self(x, attrs=((size, *node.shape),))


def _expand(x: Any, shape: Shape) -> Any:
    if prod(shape) > LARGE:
        return np.broadcast_to(x, shape)
    filled = np.empty(shape, x.dtype if isinstance(x, (np.ndarray, np.generic)) else float)
    filled[...] = x  # for small arrays a fifth of the time of np.broadcast_to
    return filled


expand: Expand = Expand(
    "expand",
    _expand,
    lambda x, shape: (shape, x.dtype),
    lambda g, node: [sum_to(g, node.inputs[0].shape)],
    moves=True,
    views=True,
    arranges=dims_of_expanded,
)


def _reshape(x: Any, shape: Shape) -> Any:
    return (x if isinstance(x, np.ndarray) else np.array(x)).reshape(shape)


class Reshape(Linear):
    """Another shape for the same elements."""

    reshapes = True


reshape: Reshape = Reshape(
    "reshape",
    _reshape,
    lambda x, shape: (shape, x.dtype),
    lambda g, node: [reshape_to(g, node.inputs[0].shape)],
    moves=True,
    batch_attrs=lambda size, shape: ((size, *shape),),
    views=True,
    arranges=dims_of_reshaped,
)


expand.carries = reshape.carries = 1


def reshape_to(x: Node, shape: Shape) -> Node:
    """`x` in a shape of as many elements."""
    if x.shape == shape:
        return x
    if spread(x) and not x.inputs[0].shape:  # the same number everywhere
        return expand_to(x.inputs[0], shape)
    return reshape(x, attrs=(shape,))


def spread(x: Node) -> bool:
    """Whether `x` is broadcast from something smaller that may stand for it, as for what no user holds."""
    return x.op is expand and bool(x.inputs) and (x.call is None or not x.requires_grad) and x.version is None


def expand_to(x: Node, shape: Shape) -> Node:
    """`x` broadcast to `shape`."""
    if x.shape == shape:
        return x
    return expand(x.inputs[0] if spread(x) else x, attrs=(shape,))


def narrowed(x: Node) -> Node:
    """What is broadcast, as it was before."""
    while x.op is expand and x.inputs:
        x = x.inputs[0]
    return x


def source_of(x: Node) -> Node:
    """What a node is in another shape, or broadcast."""
    while x.op in (expand, reshape) and x.inputs:
        x = x.inputs[0]
    return x


def _sum_transpose(g: Node, node: Node) -> list[Node | None]:
    (x,), (dims,) = node.inputs, node.attrs
    return [expand_to(reshape_to(g, keep_dims(x.shape, dims)) if g.shape else g, x.shape)]


reduce_sum = Linear(
    "sum",
    total,
    lambda x, dims: (drop_dims(x.shape, dims), x.dtype),
    _sum_transpose,
    along=along_others,
    reduces=np.add,
)
"""The sum over negative dims, which are dropped. The dtype is the input's (cast before)."""
reduce_sum.carries = 1
guarded_mul.unguarded, guarded_mul.told_by = mul, reduce_sum


# ---- the algebra of rules ------------------------------------------------------------------------


def times(factor: Node, value: Operand) -> Node | None:
    """`factor * value` as rules mean it: None for zero, and nothing recorded for a factor of one."""
    if not isinstance(value, Node):
        if value == 0:
            return None
        return neg(factor) if value == -1 and factor.op is not LITERAL else scale(factor, value)
    if value.op is LITERAL and not value.shape:
        return times(factor, value.attrs[0])
    if spread(factor) and factor.shape == value.shape:
        factor = factor.inputs[0]
    if factor.op is LITERAL and len(value.shape) >= len(factor.shape):
        return times(value, factor.attrs[0])
    return mul(factor, value)


def plus(left: Node | None, right: Node | None) -> Node | None:
    """The sum of two terms of a rule, of which None is zero."""
    if left is None:
        return right
    if right is None:
        return left
    return add(left, right)


def sum_to(x: Node | None, shape: Shape) -> Node | None:
    """The transpose of broadcasting `shape` to the shape of `x`."""
    if x is None or x.shape == shape:
        return x
    rank, extra = len(x.shape), len(x.shape) - len(shape)
    if spread(x) and x.inputs[0].shape == () and x.size:
        return expand_to(scale(x.inputs[0], x.size // max(prod(shape), 1)), shape)
    dims = tuple(
        index - rank
        for index in range(rank)
        if index < extra or (shape[index - extra] == 1 and x.shape[index] != 1)
    )
    return reshape_to(reduce_sum(x, attrs=(dims,)), shape)


def zeros_of(node: Node) -> Node:
    """Zero in the shape and dtype of `node`."""
    return expand_to(literal(0.0, node.dtype), node.shape)


def require_float(x: Operand, name: str, kernel: str = "") -> Node:
    """`x` as a node of a floating dtype, or PyTorch's error for integers, which may name a kernel."""
    node = as_node(x)
    if node.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            f"\"{kernel}\" not implemented for '{torch_name(node.dtype)}'"
            if kernel
            else f"{name}(): input dtype should be floating point, but got {node.dtype.name}",
            hint="make it floating with .float(), or write its numbers with a point",
        )
    return node
