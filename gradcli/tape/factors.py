"""What sums and quotients are composed of in plans: less what all terms of a sum share, and products.

The result of a sum has what its terms share, and a sum doesn't wait for that. This pays in what normalises
rows or columns: its backward pass adds up products with a scale that is the same all along the sum, and known
only after another sum. Loaded by `numbering`.
"""

from __future__ import annotations

import math
from math import prod

from gradcli.tape.dims import drop_dims
from gradcli.tape.node import FLOAT64, FLOATS, Node, Primitive
from gradcli.tape.primitives import (
    LITERAL,
    add,
    div,
    guarded_mul,
    mul,
    narrowed,
    neg,
    reduce_sum,
    reshape_to,
    scale_primitive,
    source_of,
    sub,
)

Dims = tuple[int, ...]

PRODUCTS = (mul, guarded_mul)
FACTORED = (*PRODUCTS, div)
"""What has factors that may be equal all along a sum: a divisor is one."""
SPREAD = 3
"""How many quotients by one number are worth its inverse: a product takes a fourth of the time of one."""


def without_numbers(x: Node, dims: Dims) -> Node | None:
    """A sum over dims without the signs and numbers that all its terms have: the result has them."""
    return _without(x, dims, None)


def without_factors(x: Node, dims: Dims, finite: dict[Node, Primitive]) -> Node | None:
    """The same without factors that are equal all along the dims, and without terms that add up to zero.

    Both hold if what is put into `finite` is, as the operation told there will tell.
    """
    return _without(x, dims, finite)


def _without(x: Node, dims: Dims, finite: dict[Node, Primitive] | None) -> Node | None:
    whole, outside = x, list[Node]()
    while x.value is None:
        if x.op in (neg, scale_primitive):
            outside.append(x)
            x = x.inputs[0]
        elif finite is None:
            break
        elif x.op in FACTORED and (at := _constant_at(x, dims)) is not None:
            outside.append(x)
            x = x.inputs[1 - at]
        elif x.op in PRODUCTS and (apart := _factor_apart(x, dims)) is not None:
            outside.append(apart)
            x = apart.inputs[0]
        elif x.op is add and (at := _zero_at(x, dims)) is not None:
            finite[x.inputs[at]] = reduce_sum
            x = x.inputs[1 - at]
        else:
            break
    if x is whole:
        return None
    result = reduce_sum(x, attrs=(dims,))
    for each in reversed(outside):
        if len(each.inputs) == 2:
            at = _constant_at(each, dims)
            assert at is not None
            factor = _dropped(each.inputs[at], dims)
            operands = (factor, result) if at == 0 else (result, factor)
            result = each.op(*operands)  # type: ignore[operator]
        elif each.op is neg:
            result = sub(0.0, result)  # no sum is -0
        else:
            result = each.op(result, attrs=each.attrs)  # type: ignore[operator]
    if outside and outside[0].op is not neg and any(map(_turns_zeros, outside)):
        result = add(result, 0.0)  # no sum is -0
    if result.shape != drop_dims(whole.shape, dims):
        return None
    if finite is not None:
        finite[result] = reduce_sum
    return result


def _turns_zeros(factor: Node) -> bool:
    """Whether a product with it may make -0 of 0."""
    return factor.op in FACTORED or (factor.op is scale_primitive and factor.attrs[0] < 0)


def _constant_at(x: Node, dims: Dims) -> int | None:
    """Which factor or divisor is the same all along the dims, if what it meets has all elements."""
    for at, each in enumerate(x.inputs):
        if x.op is div and at == 0:
            continue
        if x.inputs[1 - at].shape == x.shape and constant_along(each, dims):
            return at
    return None


def _factor_apart(x: Node, dims: Dims) -> Node | None:
    """A product of a product, of which a factor is equal all along the dims: as one with that factor last."""
    for at, each in enumerate(x.inputs):
        other = x.inputs[1 - at]
        if each.value is not None or each.shape != x.shape or not each.inputs:
            continue
        if each.op in (neg, scale_primitive):
            inner = each.inputs[0]
            operands = (inner, other) if at == 0 else (other, inner)
            return each.op(x.op(*operands), attrs=each.attrs)  # type: ignore[operator]
        if each.op in FACTORED and (place := _constant_at(each, dims)) is not None:
            inner = each.inputs[1 - place]
            operands = (inner, other) if at == 0 else (other, inner)
            last = each.op if each.op is div else x.op
            return last(x.op(*operands), each.inputs[place])  # type: ignore[no-any-return, operator]
    return None


def constant_along(x: Node, dims: Dims) -> bool:
    """Whether a node is the same all along (negative) dims of what it is broadcast to."""
    x = narrowed(x)
    return all(-dim > x.ndim or x.shape[dim] == 1 for dim in dims)


def _dropped(x: Node, dims: Dims) -> Node:
    """What is the same along dims, without them."""
    x = narrowed(x)
    kept = [size for at, size in enumerate(x.shape, -x.ndim) if at not in dims]
    return reshape_to(x, tuple(kept))


def _zero_at(x: Node, dims: Dims) -> int | None:
    """Which term of two adds up to zero, if the other one has all elements."""
    for at, each in enumerate(x.inputs):
        if x.inputs[1 - at].shape == x.shape and _centred(each, dims):
            return at
    return None


def _centred(x: Node, dims: Dims) -> bool:
    """Whether these are distances from the mean over dims, but for factors that are the same along them."""
    while x.inputs:
        if x.op in (neg, scale_primitive):
            x = x.inputs[0]
        elif x.op in PRODUCTS and (at := _constant_at(x, dims)) is not None:
            x = x.inputs[1 - at]
        else:
            break
    if x.op is not sub or not x.inputs:
        return False
    whole, mean = x.inputs[0], source_of(x.inputs[1])
    if mean.op is not scale_primitive or not mean.inputs or whole.shape != x.shape:
        return False
    total = source_of(mean.inputs[0])
    return (
        total.op is reduce_sum
        and total.inputs != ()
        and total.inputs[0] is whole
        and sorted(total.attrs[0]) == sorted(dims)
        and mean.attrs[0] == 1 / prod([whole.shape[dim] for dim in dims])
    )


def _by_inverse(a: Node, b: Node) -> Node | None:
    """A quotient by what is broadcast, or by a power of two, as a product: that takes a third of the time."""
    if a.dtype not in FLOATS or b.dtype is not a.dtype or a.op is LITERAL:
        return None
    if b.op is LITERAL:
        exact = abs(math.frexp(b.attrs[0])[0]) == 0.5 and abs(b.attrs[0]) > 1e-300
        return scale_primitive(a, attrs=(1 / b.attrs[0],)) if exact and a.size >= b.size else None
    return mul(a, div(1.0, b)) if 1 < b.size <= a.size // SPREAD else None


def _less(a: Node, b: Node) -> Node | None:
    """A sum with a negative as a difference: the same number."""
    for one, other in ((b, a), (a, b)):
        if one.op is neg and one.value is None and one.dtype in FLOATS and other.dtype is one.dtype:
            return sub(other, one.inputs[0])
    return None


PLAIN = 2.0**30
"""Numbers up to so large, and their inverses, take no digits of what they are multiplied with."""


def _times(number: float, x: Node) -> Node:
    if number == 1:
        return x
    return neg(x) if number == -1 else scale_primitive(x, attrs=(number,))


def _plain(number: float) -> bool:
    return 1 / PLAIN <= abs(number) <= PLAIN


def _number_apart(x: Node) -> tuple[float, Node]:
    """What is left of a value without the signs and numbers that it has been multiplied by, and these.

    Of what a node holds nobody knows whether it is plain: it stays where it is.
    """
    number = 1.0
    while x.value is None and x.inputs and x.dtype is FLOAT64 and x.shape:
        factor, inside = 0.0, x.inputs[0]
        if x.op is neg:
            factor = -1.0
        elif x.op is scale_primitive:
            factor = x.attrs[0]
        elif x.op is mul:
            at = 0 if not narrowed(inside).shape else 1
            factor, inside = _as_number(x.inputs[at]) or 0.0, x.inputs[1 - at]
        if not _plain(number * factor) or inside.shape != x.shape or inside.dtype is not FLOAT64:
            break
        number, x = number * factor, inside
    return number, x


def _as_number(x: Node) -> float | None:
    """A factor that is one number, known by now."""
    x = narrowed(x)
    return None if x.shape or x.dtype is not FLOAT64 or x.op is not LITERAL else float(x.attrs[0])


def _one_number(x: Node, number: float = -1.0) -> Node | None:
    """The negative of a value, or it times a number, as what is left of it times one number."""
    within, inside = _number_apart(x)
    return None if inside is x or not _plain(number * within) else _times(number * within, inside)


def _numbers_outside(a: Node, b: Node) -> Node | None:
    """A product with numbers in it, with one: of what is broadcast rather than of what that meets.

    The gradient of squares that are added up over a dim is such a product, for what was squared.
    """
    for factor, x in ((a, b), (b, a)):
        number = _as_number(factor)
        if number is not None:
            return _one_number(x, number) if x.dtype is FLOAT64 else None
    if not narrowed(a).shape or not narrowed(b).shape:
        return None
    (first, one), (last, other) = _number_apart(narrowed(a)), _number_apart(narrowed(b))
    both = first * last
    if not _plain(both):
        return None
    if one.size < other.size and last != 1:
        return mul(_times(both, one), other)
    if other.size < one.size and first != 1:
        return mul(one, _times(both, other))
    return _times(both, mul(one, other)) if first != 1 != last else None


neg.composes(_one_number)
scale_primitive.composes(_one_number)
mul.composes(_numbers_outside)
add.composes(_less)
reduce_sum.composes(without_numbers)
reduce_sum.composed_if_finite = without_factors
div.composes(_by_inverse)
