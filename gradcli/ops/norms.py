"""Norms, variances and standard deviations, exact for huge and tiny elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.extremes import reduce_max, reduce_min
from gradcli.ops.reductions import REDUCTION, average, count, finish, kept, total
from gradcli.ops.registry import function
from gradcli.tape import primitives
from gradcli.tape.custom import detached
from gradcli.tape.dims import along_others, drop_dims
from gradcli.tape.general import General
from gradcli.tape.node import FLOAT32, FLOAT64, FLOATS, Node, Operand, Primitive, constant
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import Elementwise, as_node, cast, reduce_sum, reshape_to, scale, where
from gradcli.tape.promote import dim_index, dim_indices, torch_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.ops.parameters import Dims, Dtype

# ---- the Euclidean norm ----


def _norm2_kernel(x: Any, dims: tuple[int, ...]) -> Any:
    x = np.asarray(x)
    if not dims:
        return np.abs(x)
    found = None
    if x.dtype == FLOAT32:
        from gradcli.tape.cascade import squares  # PyTorch's order, which doubles do without

        found = squares(x, dims)
    plain = np.sqrt(np.add.reduce(x * x, axis=dims) if found is None else found)
    if not count(x.shape, dims):
        return plain
    if np.all(np.isfinite(plain) & (plain > _least(x.dtype))):
        return plain
    # Squares over- or underflowed: scale by the largest element first.
    top = np.maximum.reduce(np.abs(x), axis=dims, keepdims=True)
    safe = np.where((top > 0) & np.isfinite(top), top, x.dtype.type(1))
    scaled = x / safe
    return np.sqrt(np.add.reduce(scaled * scaled, axis=dims)) * safe.reshape(plain.shape)


def _norm2_rule(g: Node, node: Node) -> list[Node | None]:
    (x,), (dims,) = node.inputs, node.attrs
    length = kept(node, x.shape, dims)
    unit = primitives.div(x, where(e.eq(length, 0), np.inf, length))  # 0 has the derivative 0, and that too
    return [primitives.mul(kept(g, x.shape, dims), unit)]


norm2 = General(
    "norm",
    _norm2_kernel,
    lambda x, dims: (drop_dims(x.shape, dims), x.dtype),
    _norm2_rule,
    selects=True,
    along=along_others,
)
"""The Euclidean norm over negative dims, exact for huge and tiny elements, with gradient 0 at 0."""


def _plain_norm(x: Node, dims: tuple[int, ...], finite: dict[Node, Primitive]) -> Node | None:
    """The root of the sum of the squares, or nan where that lost digits: 0 is what it is where all are 0."""
    if not dims or x.dtype not in (FLOAT64, FLOAT32):
        return None
    # What is not 0 leaves something, however small its square, and no digit of a norm that is large enough.
    some = e.minimum(e.absolute(x), float(np.finfo(x.dtype).tiny))
    root = e.sqrt(reduce_sum(e.maximum(primitives.mul(x, x), some), attrs=(dims,)))
    zero = e.eq(root, 0.0)
    above = where(zero, 0.0, primitives.sub(root, _least(x.dtype)))
    found = primitives.add(root, scale(e.sqrt(above), 0.0))
    finite[found] = reduce_sum
    return found


def _least(dtype: np.dtype[Any]) -> float:
    """The smallest norm of which all digits come from the squares."""
    limits = np.finfo(dtype)
    return float(np.sqrt(limits.tiny) / limits.eps)


norm2.composed_if_finite = _plain_norm


# ---- other orders ----

indicator = Elementwise(
    "nonzero",
    lambda x, out=None: e.into(out, np.not_equal(x, 0) * np.ones_like(x)),
    e.saved_zero,
    result="same",
    cost=Cost.SELECTION,
)
"""1 where an element is nonzero, of its dtype: a step, with derivative 0."""


def vector_norm_over(x: Node, p: float, dims: tuple[int, ...]) -> Node:
    """The p-norm over negative dims; where an element is 0, so is its derivative."""
    if p == 2:
        return norm2(x, attrs=(dims,))
    if p == 0:
        return total(indicator(x), dims)
    size = e.absolute(x)
    empty = not count(x.shape, dims)
    if empty and (p < 0 or p == np.inf):
        raise GradcliError(
            "shape",
            f"linalg.vector_norm cannot compute the {p:g} norm on an empty tensor because the operation "
            "does not have an identity",
        )
    if p == 1 or empty:
        return total(size, dims)
    if p in (np.inf, -np.inf):
        return (reduce_max if p > 0 else reduce_min)(size, attrs=(dims,))
    # Homogeneous, so what it is scaled by needs no derivative.
    top = detached(reduce_max(size, attrs=(dims,)))
    safe = where(e.logical_and(e.gt(top, 0), e.isfinite(top)), top, 1.0)
    scaled = primitives.div(size, kept(safe, x.shape, dims))
    zero = e.eq(scaled, 0)
    powers = where(zero, 0.0 if p > 0 else np.inf, e.power_number(where(zero, 1.0, scaled), attrs=(p,)))
    sums = total(powers, dims)
    zero = e.eq(sums, 0)
    root = e.power_number(where(zero, 1.0, sums), attrs=(1 / p,))
    return where(zero, 0.0, primitives.mul(root, safe))


@function(
    REDUCTION,
    "norm",
    grad_fn=lambda call: "SumBackward1" if call["p"] == "nuc" else "LinalgVectorNorm",
)
def norm(
    input: Operand,
    p: float | str | None = "fro",
    dim: Dims = None,
    keepdim: bool = False,
    out: None = None,
    dtype: Dtype = None,
) -> Node:
    """the p-norm over dim, or of everything (p 2); its derivative at 0 is 0"""
    x = as_node(input)
    x = normed(in_float(x, dtype) if dtype is not None else x)
    dims = dim_indices(dim, x.ndim)
    if p == "nuc":
        return nuclear_norm(x, dims, keepdim)
    order = 2.0 if p in ("fro", None) else p
    if isinstance(order, bool) or not isinstance(order, (int, float)):
        raise GradcliError("bad-argument", f"norm(): p is a number, inf, -inf, 'fro' or 'nuc', not {order!r}")
    result = vector_norm_over(x, float(order), dims) if dims else _norm_of_scalar(x, float(order))
    return finish(result, x.shape, dims, keepdim)


@function(REDUCTION, "renorm")
def renorm(input: Operand, p: float, dim: int, maxnorm: float) -> Node:
    """input with each slice along dim whose p-norm is above maxnorm scaled down to it"""
    x = as_node(input)
    if x.ndim < 2:
        raise GradcliError("shape", f"renorm: input needs at least 2 dimensions, got {x.ndim} dimensions")
    if p <= 0:
        raise GradcliError("bad-argument", "renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise GradcliError("bad-argument", f"renorm: expected maxnorm to be >= 0 but got {maxnorm}")
    x, axis = normed(x), dim_index(dim, x.ndim)
    sizes = vector_norm_over(x, p, tuple([at for at in range(-x.ndim, 0) if at != axis]))
    factors = where(
        e.gt(sizes, maxnorm),
        primitives.div(constant(maxnorm, x.dtype), primitives.add(sizes, 1e-7)),
        constant(1.0, x.dtype),
    )
    return primitives.mul(x, reshape_to(factors, (x.shape[axis], *(1,) * (-axis - 1))))


def _norm_of_scalar(x: Node, p: float) -> Node:
    return indicator(x) if p == 0 else e.absolute(x)


def normed(x: Node) -> Node:
    """`x` if its dtype is floating, or the error that integers have no norm."""
    if x.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{torch_name(x.dtype)}",
            hint="make it floating with .float(), or write its numbers with a point",
        )
    return x


def in_float(x: Node, dtype: np.dtype[Any]) -> Node:
    """`x` in the dtype that its norm is asked for in."""
    if dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "linalg.vector_norm: dtype should be floating point or complex, but got " + torch_name(dtype),
        )
    return cast(x, dtype)


def nuclear_norm(x: Node, dims: tuple[int, ...], keepdim: bool) -> Node:
    """The sum of the singular values over two (negative) dims."""
    from gradcli.ops.registry import lookup

    if len(dims) != 2:
        raise GradcliError(
            "shape", f"norm(): p='nuc' is the norm of a matrix, of two dims, not of {len(dims)}"
        )
    row = lookup("linalg.matrix_norm")
    assert row is not None
    return row.implementation(x, "nuc", dims, keepdim)  # type: ignore[no-any-return]


# ---- spread ----


class Spread:
    """What `var` and `std` have in common: their arguments, the distances from the mean, and the mean."""

    def __init__(
        self, name: str, input: Operand, dim: Any, unbiased: bool | None, keepdim: bool, correction: Any
    ) -> None:
        x = as_node(input)
        if x.dtype not in FLOATS:
            raise GradcliError(
                "dtype",
                f"{name if name.endswith('_mean') else 'std and var'} only support floating point and "
                "complex dtypes",
                hint="make it floating with .float(), or write its numbers with a point",
            )
        if isinstance(dim, bool):  # var(x, unbiased)
            dim, unbiased = None, dim
        if correction is None:
            correction = 1 if unbiased is None else int(unbiased)
        elif unbiased is not None:
            raise GradcliError("bad-argument", f"{name}() takes unbiased or correction, not both")
        self.shape, self.dtype, self.keepdim = x.shape, x.dtype, keepdim
        self.dims = dim_indices(dim, x.ndim)
        if x.dtype is FLOAT32:  # as PyTorch does it
            x = cast(x, FLOAT64)
        self.mean = average(x, self.dims)
        self.centred = primitives.sub(x, kept(self.mean, x.shape, self.dims))
        self.freedom = max(count(x.shape, self.dims) - correction, 0)

    def var(self) -> Node:
        """The variance."""
        squares = reduce_sum(e.power_number(self.centred, attrs=(2,)), attrs=(self.dims,))
        return self.finish(primitives.div(squares, float(self.freedom)))

    def std(self) -> Node:
        """The standard deviation: a norm, so that its derivative at 0 is 0."""
        return self.finish(primitives.div(norm2(self.centred, attrs=(self.dims,)), self.freedom**0.5))

    def mean_as_part(self) -> Node:
        """The mean as a result of its own: freed with the rest, since PyTorch has one node for both."""
        return primitives.mul(self.mean, 1.0)

    def finish(self, reduced: Node) -> Node:
        """A result with its dims as `keepdim` asks."""
        return finish(cast(reduced, self.dtype), self.shape, self.dims, self.keepdim)


def _add_spread(name: str, found: Callable[[Spread], Any], doc: str, method: bool = True) -> None:
    def spread(
        input: Operand,
        dim: Dims = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Any:
        return found(Spread(name, input, dim, unbiased, keepdim, correction))

    spread.__doc__ = doc
    function(REDUCTION, name, method=method)(spread)


_add_spread(
    "var",
    Spread.var,
    "the variance over dim, or of everything, with n - correction degrees of freedom (correction 1)",
)
_add_spread("std", Spread.std, "the standard deviation over dim, or of everything; its derivative at 0 is 0")
_add_spread(
    "var_mean",
    lambda spread: (spread.var(), spread.finish(spread.mean_as_part())),
    "the variance and the mean over dim, or of everything",
    method=False,
)
_add_spread(
    "std_mean",
    lambda spread: (spread.std(), spread.finish(spread.mean_as_part())),
    "the standard deviation and the mean over dim, or of everything",
    method=False,
)
