"""Scans along a dim: running sums, products, extremes and logarithms of sums, differences, trapezoids.

`recurrence` is the primitive that the rules of the scans are written with: it is closed under
differentiation and needs no division, so zeros and huge elements are no special cases.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blas import cuts, share
from gradcli.engine.run import value
from gradcli.engine.scanning import accumulate
from gradcli.errors import GradcliError, failure
from gradcli.ops import elementwise as e
from gradcli.ops.indexing import pick, reverse_dims, section
from gradcli.ops.joining import concatenate, concatenate_primitive
from gradcli.ops.reductions import REDUCTION, by_dim, finish, kept, summable, total
from gradcli.ops.registry import function
from gradcli.ops.results import named_results
from gradcli.ops.shapes import integer, viewed
from gradcli.tape import primitives
from gradcli.tape.dims import along_others, drop_dims
from gradcli.tape.general import General
from gradcli.tape.node import BOOL, FLOAT32, FLOAT64, FLOATS, INT64, Node, Operand, Primitive, leaf
from gradcli.tape.primitives import Linear, as_node, cast, expand_to, literal, reshape_to, scale, where
from gradcli.tape.promote import dim_index, dim_indices, floating, result_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.ops.parameters import Dims, Dtype
    from gradcli.ops.rows import Naming

# ---- moving along a dim ----


def shifted(x: Node, dim: int, fill: float) -> Node:
    """`x` one place later along a (negative) dim, with `fill` as the first."""
    if not x.size:
        return x
    first = expand_to(literal(fill, x.dtype), (*x.shape[:dim], 1, *x.shape[len(x.shape) + dim + 1 :]))
    return concatenate([first, section(x, dim, 0, x.shape[dim] - 1)], dim)


def backwards(x: Node, dim: int) -> Node:
    """`x` in reverse order along a (negative) dim."""
    return reverse_dims(x, (dim,))


SOLVED = 2048
"""Elements of a row from which on BLAS solves the system with two diagonals that a recurrence is."""


def _recurrence_kernel(a: Any, b: Any, dim: int) -> Any:
    b = np.asarray(b)
    a, b = np.moveaxis(np.broadcast_to(a, b.shape), dim, 0), np.moveaxis(b, dim, 0)
    if b.ndim == 1:
        if b.size >= SOLVED:
            from scipy.linalg.blas import dtbsv

            band = np.ones((2, b.size), order="F")  # of a triangle: what is left of its diagonal is -a
            np.subtract(0, a[1:], band[1, :-1])
            found = dtbsv(1, band, b, lower=1, diag=1)
            if np.isfinite(np.dot(found, found) + a[0]):
                return found.astype(b.dtype, copy=False)
        # Numbers are faster than arrays of one.
        values, value = [], 0.0
        for factor, term in zip(a.tolist(), b.tolist(), strict=True):
            value = factor * value + term if factor else term
            values.append(value)
        return np.array(values, b.dtype)
    result = np.empty_like(b)
    last = np.zeros(b.shape[1:], b.dtype)
    for index in range(len(b)):
        last = result[index] = np.where(a[index], a[index] * last, 0) + b[index]
    return np.moveaxis(result, 0, dim)


def _adjoint(factors: Node, g: Node, dim: int) -> Node:
    """What a recurrence with these factors hands to what each step adds."""
    later = backwards(shifted(backwards(factors, dim), dim, 0.0), dim)  # the factor of the next step
    return backwards(recurrence(backwards(later, dim), backwards(g, dim), attrs=(dim,)), dim)


def _recurrence_rule(g: Node, node: Node) -> list[Node | None]:
    (a, _), (dim,) = node.inputs, node.attrs
    adjoint = _adjoint(a, g, dim)
    return [primitives.mul(adjoint, shifted(node, dim, 0.0)), adjoint]


recurrence: General = General(
    "recurrence",
    _recurrence_kernel,
    lambda a, b, dim: (b.shape, b.dtype),
    _recurrence_rule,
    along=along_others,
)
"""r[i] = a[i]*r[i - 1] + b[i] along a (negative) dim, starting from 0; `a` and `b` have one shape.

A factor of 0 ends what came before, an infinity or a nan too: what it multiplies doesn't depend on that."""

# ---- sums ----

LONG = 1 << 17
"""Elements from which on a running sum is worth another thread."""
PARTS = 4
"""How many parts are added up side by side then, whatever the number of threads."""


def _running(ufunc: np.ufunc, x: Any, dim: int) -> Any:
    """What `ufunc` accumulates; of float32 in double, as PyTorch does it."""
    if x.dtype == FLOAT32:
        return _from_zero(ufunc, ufunc.accumulate(x, axis=dim, dtype=FLOAT64), dim).astype(FLOAT32)
    x = np.asarray(x)
    out = np.empty(x.shape, np.int64 if x.dtype == np.bool_ else x.dtype)
    return _from_zero(ufunc, accumulate(ufunc, x, dim, out), dim)


def _from_zero(ufunc: np.ufunc, out: Any, dim: int) -> Any:
    """What was accumulated, as if from 0 on: no sum is -0, which one can be only if the first is."""
    if ufunc is np.add and not np.moveaxis(out, dim, 0)[:1].all():
        np.add(out, 0, out)
    return out


def _running_into(ufunc: np.ufunc, x: Any, dim: int, out: Any) -> Any:
    """By threads: row by row, or a long row of sums by parts, each at first by itself."""
    x = np.asarray(x)
    if x.dtype == FLOAT32:
        return e.into(out, _running(ufunc, x, dim))
    along = dim % x.ndim
    axis = next((at for at, size in enumerate(x.shape) if at != along and size >= PARTS), along)
    if x.size < LONG or (axis == along and ufunc is not np.add):
        return _from_zero(ufunc, accumulate(ufunc, x, dim, out), dim)
    lead = (slice(None),) * axis
    parts = [(*lead, cut) for cut in cuts(x.shape[axis], PARTS, 1)]

    def run(part: Any) -> None:
        with np.errstate(all="ignore"):
            accumulate(ufunc, x[part], along, out[part])

    def add(work: tuple[Any, Any]) -> None:
        part, before = work
        with np.errstate(all="ignore"):
            np.add(part, before, part)

    share(run, parts)
    if axis == along:
        ends = [out[(*lead, slice(part[-1].stop - 1, part[-1].stop))].copy() for part in parts[:-1]]
        before = np.add.accumulate(ends)
        share(add, [(out[part], each) for part, each in zip(parts[1:], before, strict=True)])
    return _from_zero(ufunc, out, dim)


running_sum: Linear = Linear(
    "cumsum",
    lambda x, dim: _running(np.add, x, dim),
    lambda x, dim: (x.shape, x.dtype),
    lambda g, node: [backwards(running_sum(backwards(g, *node.attrs), attrs=node.attrs), *node.attrs)],
    along=along_others,
    into=partial(_running_into, np.add),
)


@function(REDUCTION, "cumsum")
def cumsum(input: Operand, dim: int, *, dtype: Dtype = None) -> Node:
    """the running sum along dim"""
    return _scan(running_sum, summable(input, dtype), dim)


def _scan(op: Linear | General, x: Node, dim: int) -> Node:
    axis = dim_index(dim, x.ndim)
    return reshape_to(op(x if x.ndim else reshape_to(x, (1,)), attrs=(axis,)), x.shape)


# ---- products ----


def _running_product_rule(g: Node, node: Node) -> list[Node | None]:
    (x,), (dim,) = node.inputs, node.attrs
    weights = _adjoint(x, g, dim)
    # Once a product is 0 it stays 0, even if what follows overflows.
    return [primitives.guarded_mul(shifted(node, dim, 1.0), weights)]


running_product: General = General(
    "cumprod",
    lambda x, dim: _running(np.multiply, x, dim),
    lambda x, dim: (x.shape, x.dtype),
    _running_product_rule,
    along=along_others,
    into=partial(_running_into, np.multiply),
)


def _later(weights: Node, dim: int) -> tuple[Node, Node] | None:
    """x and g, if these are sums of g times the products of what comes later in x, as the rule makes them."""
    cuts = backwards(weights, dim).attrs
    if weights.op is not pick or weights.attrs != cuts or weights.inputs[0].op is not recurrence:
        return None
    found = []
    for each in weights.inputs[0].inputs:
        inner = each.inputs[0] if each.op is pick and each.attrs == cuts and each.inputs else each
        found.append(inner)
    later, g = found
    if later.op is not pick or later.attrs != cuts or not later.inputs:
        return None
    x = _shifted_from(later.inputs[0], dim, 0.0)
    return None if x is None or x.op is not pick or x.attrs != cuts else (x.inputs[0], g)


def _shifted_from(node: Node, dim: int, fill: float) -> Node | None:
    """What a node is shifted from."""
    if node.op is not concatenate_primitive or len(node.inputs) != 2 or node.attrs != (dim,):
        return None
    first, rest = node.inputs
    whole = rest.inputs[0] if rest.op is pick and rest.inputs else None
    number = first.inputs[0] if first.inputs else first
    if whole is None or whole.shape != node.shape or number.op is not primitives.LITERAL:
        return None
    same = rest.attrs == section(whole, dim, 0, node.shape[dim] - 1).attrs and number.attrs[0] == fill
    return whole if same else None


def _by_division(before: Node, weights: Node, finite: dict[Node, Primitive]) -> Node | None:
    """The gradient of a running product as sums of what is later over the element, unless one is zero."""
    if before.op is not concatenate_primitive or not before.inputs or before.shape != weights.shape:
        return None
    (dim,) = before.attrs
    node = _shifted_from(before, dim, 1.0)
    found = None if node is None or node.op is not running_product else _later(weights, dim)
    if node is None or found is None or node.attrs != (dim,) or found[0] is not node.inputs[0]:
        return None
    x, g = found
    later = running_sum(backwards(primitives.mul(g, node), dim), attrs=(dim,))
    gradient = primitives.div(backwards(later, dim), x)
    finite[gradient] = primitives.reduce_sum
    return gradient


primitives.guarded_mul.composed_if_finite = _by_division


def product_of_others(x: Node, dim: int) -> Node:
    """For each element the product of all others along a (negative) dim, without dividing."""
    before = shifted(running_product(x, attrs=(dim,)), dim, 1.0)
    after = shifted(running_product(backwards(x, dim), attrs=(dim,)), dim, 1.0)
    return primitives.mul(before, backwards(after, dim))


def _prod_rule(g: Node, node: Node) -> list[Node | None]:
    # The zeros are kept apart from the rest: the product of the others is the whole divided by the element,
    # but for a zero it is multiplied out. So it holds, and can be differentiated again, whatever is zero.
    (x,), (dim,) = node.inputs, node.attrs
    if x.shape[dim] == 1:
        return [kept(g, x.shape, (dim,))]
    zero = e.eq(x, 0)
    nonzero, zeros = where(zero, 1.0, x), where(zero, x, 1.0)
    whole = kept(product(nonzero, attrs=(dim,)), x.shape, (dim,))
    rest = kept(product(zeros, attrs=(dim,)), x.shape, (dim,))
    others = where(
        zero,
        primitives.mul(whole, product_of_others(zeros, dim)),
        primitives.guarded_mul(rest, primitives.div(whole, nonzero)),
    )
    gradient = primitives.mul(kept(g, x.shape, (dim,)), others)
    several = kept(e.gt(total(cast(zero, x.dtype), (dim,)), 1), x.shape, (dim,))  # it is 0 whatever moves
    untaken = e.logical_and(several, primitives.logical_not(e.isfinite(gradient)))
    return [where(untaken, literal(0.0, x.dtype), gradient)]


class _ProductInPlans(Primitive):
    """The product over one dim where it may be a part of a block, and never on a tape."""

    name = "prod"
    reduces = np.multiply

    def __call__(self, x: Node, dim: int) -> Node:
        return Node(self, (x,), ((dim,),), drop_dims(x.shape, (dim,)), x.dtype, False)

    def compute(self, *args: Any) -> Any:
        x, dims = args
        return np.multiply.reduce(x, axis=dims)


_product_in_plans = _ProductInPlans()


product: General = General(
    "prod",
    lambda x, dim: np.multiply.reduce(x, axis=dim),
    lambda x, dim: (drop_dims(x.shape, (dim,)), x.dtype),
    _prod_rule,
    along=along_others,
    composed=_product_in_plans,
)
"""The product over one negative dim."""


def _others_if_finite(zero: Node, _: Node, b: Node, finite: dict[Node, Primitive]) -> Node | None:
    """The product of the others as the whole over the element, unless one is zero."""
    if b.op is not primitives.guarded_mul or not b.inputs or not zero.inputs:
        return None
    quotient = b.inputs[1]
    if quotient.op is not primitives.div or not quotient.inputs:
        return None
    whole, nonzero = [primitives.source_of(each) for each in quotient.inputs]
    if whole.op is not product or nonzero.op is not where or nonzero.inputs[:1] != (zero,):
        return None
    (x, _), (dim,) = zero.inputs, whole.attrs
    others = primitives.div(kept(_product_in_plans(x, dim), x.shape, (dim,)), x)
    finite[others] = primitives.reduce_sum
    return others


where.composes_if_finite(_others_if_finite)


@function(REDUCTION, "prod", grad_fn=by_dim("Prod", "ProdBackward1"))
def prod(input: Operand, dim: int | None = None, keepdim: bool = False, *, dtype: Dtype = None) -> Node:
    """the product over dim, or of everything"""
    x = summable(input, dtype)
    dims = dim_indices(dim, x.ndim)
    if dim is None or not x.ndim:
        return finish(product(reshape_to(x, (x.size,)), attrs=(-1,)), x.shape, dims, keepdim)
    return finish(product(x, attrs=dims), x.shape, dims, keepdim)


@function(REDUCTION, "cumprod")
def cumprod(input: Operand, dim: int, *, dtype: Dtype = None) -> Node:
    """the running product along dim"""
    return _scan(running_product, summable(input, dtype), dim)


# ---- logarithms of sums ----


def _running_logsumexp_kernel(x: Any, dim: int) -> Any:
    return np.logaddexp.accumulate(x, axis=dim)


def _running_logsumexp_rule(g: Node, node: Node) -> list[Node | None]:
    # The weight of element i is the sum over later j of g[j]*exp(x[i] - y[j]): with exp(y[i] - y[j])
    # built up step by step no exponential is ever above 1.
    (x,), (dim,) = node.inputs, node.attrs
    previous = shifted(node, dim, float("-inf"))
    fade = where(e.eq(previous, node), 1.0, e.exp(primitives.sub(previous, node)))
    weights = _adjoint(fade, g, dim)
    share = where(e.eq(x, node), 1.0, e.exp(primitives.sub(x, node)))
    return [primitives.mul(share, weights)]


running_logsumexp = General(
    "logcumsumexp",
    _running_logsumexp_kernel,
    lambda x, dim: (x.shape, x.dtype),
    _running_logsumexp_rule,
    selects=True,
    along=along_others,
)


@function(REDUCTION, "logcumsumexp")
def logcumsumexp(input: Operand, dim: int) -> Node:
    """log(cumsum(exp(x))) along dim, without overflow"""
    x = as_node(input)
    return _scan(running_logsumexp, cast(x, floating(x.dtype)), dim)


# ---- extremes ----


def _running_index(ufunc: np.ufunc) -> Linear:
    def kernel(x: Any, dim: int) -> Any:
        x = np.moveaxis(np.asarray(x), dim, -1)
        found = (x == ufunc.accumulate(x, axis=-1)) | (x != x)  # a tie moves on, a nan stays the extreme
        places = np.where(found, np.arange(x.shape[-1]), 0)
        return np.moveaxis(np.maximum.accumulate(places, axis=-1), -1, dim)

    return Linear(
        "running index of " + ufunc.__name__, kernel, lambda x, dim: (x.shape, INT64), lambda g, node: [None]
    )


_index_of_max, _index_of_min = _running_index(np.maximum), _running_index(np.minimum)
CummaxResult = named_results("cummax", "values", "indices")
CumminResult = named_results("cummin", "values", "indices")


@function(REDUCTION, "cummax")
def cummax(input: Operand, dim: int) -> Any:
    """the running maximum along dim, and where it stands"""
    return _running_extreme(input, dim, _index_of_max, CummaxResult)


@function(REDUCTION, "cummin")
def cummin(input: Operand, dim: int) -> Any:
    """the running minimum along dim, and where it stands"""
    return _running_extreme(input, dim, _index_of_min, CumminResult)


def _running_extreme(input: Operand, dim: int, op: Linear, result: Any) -> Any:
    from gradcli.ops.indexing import along

    x = as_node(input)
    if not x.ndim and dim not in (-1, 0):
        name = "cummax" if op is _index_of_max else "cummin"
        raise failure(
            "IndexError", f"{name}(): Expected reduction dim -1 or 0 for scalar but got {dim}", None
        )
    axis = dim_index(dim, x.ndim)
    if not x.ndim:
        values, indices = _running_extreme(reshape_to(x, (1,)), dim, op, result)
        return result(reshape_to(values, ()), reshape_to(indices, ()))
    indices = op(x, attrs=(axis,))
    return result(along(x, axis, indices), indices)


# ---- differences ----


@function(REDUCTION, "diff", grad_fn=lambda call: "Sub" if call["n"] else "torch::autograd::CopyBackwards")
def diff(
    input: Operand,
    n: int = 1,
    dim: int = -1,
    prepend: Operand | None = None,
    append: Operand | None = None,
) -> Node:
    """the n-th difference of neighbours along dim"""
    x = as_node(input)
    if not x.ndim:
        raise GradcliError("shape", "diff expects input to be at least one-dimensional")
    if n < 0:
        raise GradcliError("bad-argument", f"order must be non-negative but got {n}")
    axis = dim_index(dim, x.ndim)
    if not n:
        return viewed(x, x.shape)
    parts = [as_node(each) for each in (prepend, x, append) if each is not None]
    for each in parts:
        sizes_differ = [one != other for one, other in zip(each.shape, x.shape, strict=False)]
        if each.ndim != x.ndim or any(sizes_differ[: x.ndim + axis] + sizes_differ[x.ndim + axis + 1 :]):
            raise GradcliError(
                "shape",
                "diff expects the shape of tensor to prepend or append to match that of input except along "
                f"the differencing dimension; input.size() = {list(x.shape)}, but got {list(each.shape)}",
            )
    dtype = result_type(parts)
    x = concatenate([cast(each, dtype) for each in parts], axis)
    subtract = e.logical_xor if dtype is BOOL else primitives.sub
    for _ in range(min(n, x.shape[axis])):
        size = x.shape[axis]
        x = subtract(section(x, axis, 1, size), section(x, axis, 0, size - 1 if size else 0))
    return x


# ---- derivatives of samples ----


def _derivative(x: Node, axis: int, spacing: Any, edge_order: int) -> Node:
    """The derivative along a negative axis: of two slopes the mean, each with the other's step as weight."""
    size = x.shape[axis]
    if size <= edge_order:
        message = "torch.gradient expected each dimension size to be at least edge_order+1"
        raise GradcliError("shape", message)
    if np.shape(spacing) not in ((), (size,)):
        message = "torch.gradient expected each element of `coordinates` to have as many places as its dim"
        raise GradcliError("shape", message)
    steps = np.diff(spacing) if np.ndim(spacing) else np.full(size - 1, spacing, np.float64)

    def weighed(slopes: Node, weights: Any) -> Node:
        return primitives.mul(slopes, leaf(np.reshape(weights, (-1, *(1,) * (-axis - 1))).astype(x.dtype)))

    def slopes(first: int, end: int) -> Node:
        return section(between, axis, first, end)

    between = weighed(primitives.sub(section(x, axis, 1, size), section(x, axis, 0, size - 1)), 1 / steps)
    left, both = steps[:-1], steps[:-1] + steps[1:]
    middle = primitives.add(
        weighed(slopes(0, size - 2), steps[1:] / both), weighed(slopes(1, size - 1), left / both)
    )
    first, last = slopes(0, 1), slopes(size - 2, size - 1)
    if edge_order == 2:  # as far outwards as the mean of two slopes lies inwards
        ends = steps[0] / both[0], steps[-1] / both[-1]
        first = primitives.sub(weighed(first, 1 + ends[0]), weighed(slopes(1, 2), ends[0]))
        last = primitives.sub(weighed(last, 1 + ends[1]), weighed(slopes(size - 3, size - 2), ends[1]))
    return concatenate([first, middle, last], axis)


@function(REDUCTION, "gradient", method=False, grad_fn="Cat")
def gradient(
    input: Operand, *, spacing: Any = 1.0, dim: Dims = None, edge_order: int = 1
) -> tuple[Node, ...]:
    """derivatives along each dim of samples at a distance of spacing, or at the places that it lists"""
    x = as_node(input)
    x = cast(x, floating(x.dtype))
    if edge_order not in (1, 2):
        raise GradcliError("bad-argument", "torch.gradient only supports edge_order=1 and edge_order=2.")
    dims = dim_indices(dim, x.ndim)
    if isinstance(spacing, Node):  # places, one after the other
        spacing = np.atleast_2d(np.asarray(value(spacing), np.float64))
    given = (spacing,) * len(dims) if isinstance(spacing, (int, float)) else spacing
    if len(given) != len(dims):
        message = "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
        raise GradcliError("bad-argument", message + f"{len(dims)}, but got {len(given)}")
    return tuple([_derivative(x, at, each, edge_order) for at, each in zip(dims, given, strict=True)])


# ---- trapezoids ----


def _trapezoid_name(finished: str) -> Naming:
    return lambda call: "DivBackward1" if call["x"] is not None else finished


def _heights(y: Operand, x: Operand | None, dx: Any, dim: int, name: str) -> tuple[Node, int]:
    """Twice the areas between neighbours, and the (negative) dim they stand along."""
    values = as_node(y)
    if values.dtype is BOOL:
        raise GradcliError("dtype", f"{name}: received a bool input for `y`, but bool is not supported")
    if not values.ndim:
        if name != "trapezoid":
            raise GradcliError("shape", "slice() cannot be applied to a 0-dim tensor.")
        at = dim if x is None else 0
        raise GradcliError("shape", f"Dimension specified as {at} but tensor has no dimensions")
    axis = dim_index(dim, values.ndim)
    size = values.shape[axis]
    pairs = primitives.add(section(values, axis, 1, size), section(values, axis, 0, max(size - 1, 0)))
    if x is None:
        step = 1 if dx is None else dx
        return (scale(pairs, step) if pairs.dtype in FLOATS else primitives.mul(pairs, step)), axis
    if dx is not None:
        raise GradcliError("bad-argument", f"{name}() takes x or dx, not both")
    points = as_node(x)
    if points.dtype is BOOL:
        raise GradcliError("dtype", f"{name}: received a bool input for `x`, but bool is not supported")
    if points.ndim == 1:
        if points.shape[0] != size:
            raise GradcliError(
                "shape",
                f"{name}: There must be one `x` value for each sample point: x has shape "
                f"{list(points.shape)}, y {list(values.shape)}",
            )
        points = reshape_to(points, (size, *(1,) * (-axis - 1)))
    if points.ndim < -axis:
        raise GradcliError(
            "shape", f"{name}: x has shape {list(points.shape)}, which has no dim {axis} as y has it"
        )
    steps = primitives.sub(
        section(points, axis, 1, points.shape[axis]), section(points, axis, 0, points.shape[axis] - 1)
    )
    return primitives.mul(pairs, steps), axis


@function(REDUCTION, "trapezoid", "trapz", grad_fn=_trapezoid_name("MulBackward1"), method=False)
def trapezoid(y: Operand, x: Operand | None = None, *, dx: float | None = None, dim: int = -1) -> Node:
    """the integral of y along dim by trapezoids, over the points x or with the step dx (1)"""
    heights, axis = _heights(y, x, dx, dim, "trapezoid")
    values = as_node(y)
    if not values.shape[axis]:
        return leaf(np.zeros(drop_dims(values.shape, (axis,)), values.dtype))
    return _halved(total(heights, (axis,)))


@function(REDUCTION, "cumulative_trapezoid", grad_fn=_trapezoid_name("Cumsum"), method=False)
def cumulative_trapezoid(
    y: Operand, x: Operand | None = None, *, dx: float | None = None, dim: int = -1
) -> Node:
    """the running integral of y along dim by trapezoids"""
    heights, axis = _heights(y, x, dx, dim, "cumulative_trapezoid")
    return _halved(running_sum(heights, attrs=(axis,)))


def _halved(x: Node) -> Node:
    return scale(x, 0.5) if x.dtype in FLOATS else primitives.div(x, 2)


def _vander_name(given: Mapping[str, Any]) -> str:
    return "torch::autograd::CopySlices" if given["increasing"] else "Flip"


@function("linear algebra", "vander", method=False, grad_fn=_vander_name)
def vander(x: Operand, N: int | None = None, increasing: bool = False) -> Node:
    """the powers of x as columns, the highest first unless increasing"""
    base = as_node(x)
    if base.ndim != 1:
        raise GradcliError("shape", "x must be a one-dimensional tensor.")
    count = base.shape[0] if N is None else integer(N, "N")
    if count < 0:
        raise GradcliError("bad-argument", "N must be non-negative.")
    columns = expand_to(reshape_to(base, (*base.shape, 1)), (*base.shape, max(count - 1, 0)))
    first = expand_to(literal(1.0, base.dtype), (*base.shape, min(count, 1)))
    if count < 2:  # which no element moves
        return first
    powers = concatenate([first, cumprod(columns, -1)], -1)
    return powers if increasing else reverse_dims(powers, (-1,))
