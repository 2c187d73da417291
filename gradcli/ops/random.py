"""Functions that draw random numbers from the generator of the evaluation, or from one that the call names.

Gradients through a draw are zero, as in PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError, failure
from gradcli.limits import NUMBER
from gradcli.ops.creation import CREATION, dtype_or_default, like, made, shape_of
from gradcli.ops.layout import drawn_as, laid_as
from gradcli.ops.registry import function
from gradcli.ops.shapes import integer, whole
from gradcli.tape import context
from gradcli.tape.general import General
from gradcli.tape.node import BOOL, FLOATS, INT64, Node, Operand, Shape, leaf
from gradcli.tape.primitives import as_dtype, as_node, expand_to, zeros_of
from gradcli.tape.promote import broadcast, c_name, result_type, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcli.ops.parameters import Dtype
    from gradcli.tape.generator import Generator


def source(generator: Any = None) -> Generator:
    """The generator that a call names, or that of the evaluation."""
    found = context.current().generator
    if generator is None or type(generator) is type(found):
        return found if generator is None else generator
    message = f"generator must be a torch.Generator, not {type(generator).__name__}"
    raise GradcliError("bad-argument", message)


# ---- fresh numbers ----


@function(CREATION, "rand", method=False)
def rand(*size: Any, dtype: Dtype = None, generator: Any = None, requires_grad: bool = False) -> Node:
    """random numbers, uniform from 0 to 1"""
    kind = _floating(dtype_or_default(dtype), "rand")
    return made(source(generator).uniform(shape_of(size, kind), kind), requires_grad)


@function(CREATION, "randn", method=False)
def randn(*size: Any, dtype: Dtype = None, generator: Any = None, requires_grad: bool = False) -> Node:
    """random numbers of the standard normal distribution"""
    kind = _floating(dtype_or_default(dtype), "randn")
    return made(source(generator).normal(shape_of(size, kind), kind), requires_grad)


def _floating(dtype: np.dtype[Any], name: str) -> np.dtype[Any]:
    if dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            f"\"{name}\" not implemented for '{torch_name(dtype)}'",
            hint="ask for a floating dtype, as in dtype=torch.float64",
        )
    return dtype


_MOST_INT = 2**63


def _integers(low: Any, high: Any, shape: Shape, dtype: np.dtype[Any], generator: Any = None) -> Any:
    first, last = whole(low, "low"), whole(high, "high")
    if not -_MOST_INT <= first < last <= _MOST_INT:
        if first < last:
            raise GradcliError("bad-argument", "Overflow when unpacking long long")
        raise GradcliError(
            "bad-argument", f"random_ expects 'from' to be less than 'to', but got from={first} >= to={last}"
        )
    if dtype not in FLOATS:
        limits = (0, 1) if dtype == BOOL else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        for name, bound in (("from", first), ("to - 1", last - 1)):
            if not limits[0] <= bound <= limits[1]:
                raise failure("RuntimeError", f"{name} is out of bounds for {c_name(dtype)}", None)
    return source(generator).integers(shape, first, last).astype(dtype)


@function(CREATION, "randint", method=False)
def randint(
    low: Any = 0,
    high: Any = None,
    size: Any = None,
    *,
    dtype: Dtype = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Node:
    """random integers from low up to but without high: randint(high, size) or randint(low, high, size)"""
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if not isinstance(size, (tuple, list)):
        raise GradcliError(
            "bad-argument",
            f"randint(): argument 'size' must be tuple of ints, not {size!r}",
            hint="write randint(high, (n,))",
        )
    kind = INT64 if dtype is None else dtype
    return made(_integers(low, high, shape_of((tuple(size),), kind), kind, generator), requires_grad)


@function(CREATION, "randperm", method=False)
def randperm(n: int, *, dtype: Dtype = None, generator: Any = None, requires_grad: bool = False) -> Node:
    """the numbers from 0 to n - 1 in random order"""
    kind = INT64 if dtype is None else dtype
    (count,) = shape_of((n,), kind)
    context.admit(count * NUMBER, (count,))
    return made(source(generator).permutation(count).astype(kind), requires_grad)


# ---- like another tensor ----


@function(CREATION, "rand_like", method=False)
def rand_like(input: Operand, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """random numbers, uniform from 0 to 1, in the shape and dtype of input"""
    x, kind = as_node(input), _floating(like(input, dtype)[1], "rand_like")
    drawn = drawn_as(x, lambda shape, by_row: source().uniform(shape, kind))
    return laid_as(x, made(drawn, requires_grad))


@function(CREATION, "randn_like", method=False)
def randn_like(input: Operand, *, dtype: Dtype = None, requires_grad: bool = False) -> Node:
    """random numbers of the standard normal distribution, in the shape and dtype of input"""
    x, kind = as_node(input), _floating(like(input, dtype)[1], "randn_like")
    drawn = drawn_as(x, lambda shape, by_row: source().normal(shape, kind, by_row=by_row))
    return laid_as(x, made(drawn, requires_grad))


@function(CREATION, "randint_like", method=False)
def randint_like(
    input: Operand,
    low: Any = 0,
    high: Any = None,
    *,
    dtype: Dtype = None,
    requires_grad: bool = False,
) -> Node:
    """random integers from low (or 0) up to but without high, in the shape and dtype of input"""
    x, kind = as_node(input), like(input, dtype)[1]
    low, high = (0, low) if high is None else (low, high)
    drawn = drawn_as(x, lambda shape, by_row: _integers(low, high, shape, kind))
    return laid_as(x, made(drawn, requires_grad))


# ---- distributions whose parameters are tensors ----


def _no_gradient(g: Node, node: Node) -> list[Node | None]:
    return [zeros_of(each) if each.requires_grad else None for each in node.inputs]


class Draw(General):
    """A random array, whose noise was drawn when it was recorded."""

    constant = True


normal_draw = Draw(
    "normal",
    lambda mean, std, noise: mean + std * noise,
    lambda mean, std, noise: (noise.shape, mean.dtype),
    _no_gradient,
    reads=False,
    selects=True,
)
bernoulli_draw = Draw(
    "bernoulli",
    lambda p, noise: np.less(noise, p).astype(np.asarray(noise).dtype),
    lambda p, noise: (p.shape, p.dtype),
    _no_gradient,
    reads=False,
    selects=True,
)
poisson_draw = Draw(
    "poisson",
    lambda rates, drawn: drawn,
    lambda rates, drawn: (drawn.shape, drawn.dtype),
    _no_gradient,
    reads=False,
    selects=True,
)


def _normal_name(call: Mapping[str, Any]) -> str:
    mean, std = (isinstance(call[name], Node) for name in ("mean", "std"))
    return f"NormalBackward{3 if mean and std else 2 if std else 1}"


def _deviation(std: Operand) -> Operand:
    from gradcli.engine.run import value

    least = np.min(np.asarray(value(std)), initial=0) if isinstance(std, Node) else std
    if least < 0:
        found = (
            "all elements of std >= 0.0" if isinstance(std, Node) else f"std >= 0.0, but found std {least:g}"
        )
        raise GradcliError("bad-argument", f"normal expects {found}")
    return std


@function(CREATION, "normal", method=False, grad_fn=_normal_name)
def normal(
    mean: Operand = 0.0,
    std: Operand = 1.0,
    size: Any = None,
    *,
    dtype: Dtype = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Node:
    """random numbers of the normal distributions with these means and standard deviations"""
    std = _deviation(std)
    nodes = [each for each in (mean, std) if isinstance(each, Node)]
    if not nodes:
        kind = _floating(dtype_or_default(dtype), "normal")
        if size is None:
            raise GradcliError(
                "bad-argument", "normal() missing required argument 'size'", hint="normal(0.0, 1.0, (2, 3))"
            )
        drawn = source(generator).normal(shape_of((size,), kind), kind, float(mean), float(std))  # type: ignore[arg-type]
        return made(drawn, requires_grad)
    kind = _floating(result_type(nodes), "normal")
    shape = broadcast(*[each.shape for each in nodes])
    if not isinstance(std, Node):  # PyTorch draws with the deviation, which rounds otherwise
        noise, std = leaf(source(generator).normal(shape, kind, std=std)), 1.0
    else:
        noise = leaf(source(generator).normal(shape, kind))
    return normal_draw(expand_to(as_dtype(mean, kind), shape), expand_to(as_dtype(std, kind), shape), noise)


def _bernoulli_name(call: Mapping[str, Any]) -> str:
    return "BernoulliBackward0" if call["p"] is None else "torch::autograd::NotImplemented"


@function(CREATION, "bernoulli", grad_fn=_bernoulli_name)
def bernoulli(input: Operand, p: float | None = None, *, generator: Any = None) -> Node:
    """1 with the probabilities given (or p), 0 otherwise"""
    from gradcli.engine.run import value

    x = as_node(input)
    array = np.asarray(value(_floating_node(x)) if p is None else p)
    if not np.all((array >= 0) & (array <= 1)):
        raise GradcliError("bad-argument", "Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    if p is None:
        return bernoulli_draw(x, leaf(source(generator).uniform(x.shape, x.dtype)))
    return leaf(source(generator).chances(x.shape, p).astype(x.dtype))


def _read(input: Operand, name: str) -> tuple[Node, Any]:
    """A floating operand, which is looked at, and its numbers."""
    from gradcli.engine.run import value

    x = as_node(input)
    _floating(x.dtype, name)
    return x, np.asarray(value(x), np.float64)


@function(CREATION, "poisson")
def poisson(input: Operand, generator: Any = None) -> Node:
    """random counts with the mean numbers given"""
    x, rates = _read(input, "poisson")
    if not np.all(rates >= 0):
        raise GradcliError("bad-argument", "invalid Poisson rate, expected rate to be non-negative")
    return poisson_draw(x, leaf(source(generator).poisson(rates).astype(x.dtype)))


@function(CREATION, "binomial", method=False)
def binomial(count: Operand, prob: Operand, generator: Any = None) -> Node:
    """random numbers of how many of count turn out so, each with probability prob"""
    (x, counts), (_, chances) = _read(count, "binomial"), _read(prob, "binomial")
    counts, chances = np.broadcast_arrays(counts, chances)
    return leaf(source(generator).binomial(counts, chances).astype(x.dtype))


@function(CREATION, "_standard_gamma")
def _standard_gamma(input: Operand, generator: Any = None) -> Node:
    """random numbers of the Gamma distribution with the concentrations given"""
    x, concentrations = _read(input, "gamma")
    return leaf(np.maximum(source(generator).gamma(concentrations).astype(x.dtype), np.finfo(x.dtype).tiny))


@function(CREATION, "_sample_dirichlet")
def _sample_dirichlet(input: Operand, generator: Any = None) -> Node:
    """random parts of 1, row by row, with the concentrations given"""
    x, concentrations = _read(input, "dirichlet")
    drawn = source(generator).gamma(concentrations)
    limits = np.finfo(x.dtype)
    parts = np.clip(drawn / drawn.sum(-1, keepdims=True), limits.tiny, 1 - limits.epsneg)
    return leaf(parts.astype(x.dtype))


def _floating_node(x: Node) -> Node:
    _floating(x.dtype, "bernoulli")
    return x


# ---- drawing places ----


@function(CREATION, "multinomial")
def multinomial(
    input: Operand, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Node:
    """places drawn with the weights given, row by row; each place at most once unless with replacement"""
    from gradcli.engine.run import value

    x = as_node(input)
    _floating(x.dtype, "multinomial")
    if len(x.shape) not in (1, 2):
        raise GradcliError("shape", "prob_dist must be 1 or 2 dim")
    weights, count = np.asarray(value(x)), integer(num_samples, "num_samples")
    _check_weights(weights, count, replacement)
    shape_of((*x.shape[:-1], count), INT64)
    draws = source(generator)
    if replacement and count > 1:
        sums = np.cumsum(weights, axis=-1)
        sums /= sums[..., -1:]
        targets = draws.uniform((*x.shape[:-1], count), np.float64)
        rows = zip(sums.reshape(-1, x.shape[-1]), targets.reshape(-1, count), strict=True)
        chosen = np.array([np.searchsorted(each, wanted) for each, wanted in rows], np.int64)
        return leaf(chosen.reshape(targets.shape))
    # The first of so many exponential clocks that rings is drawn, then the next.
    clocks = weights / draws.exponential(x.shape, x.dtype)
    return leaf(np.argsort(-clocks, axis=-1, kind="stable")[..., :count])


def _check_weights(weights: Any, count: int, replacement: bool) -> None:
    if count <= 0:
        raise GradcliError("bad-argument", "cannot sample n_sample <= 0 samples")
    if not replacement and count > weights.shape[-1]:
        raise GradcliError(
            "bad-argument", "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        message = "probability tensor contains either `inf`, `nan` or element < 0"
        raise GradcliError("bad-argument", message)
    if np.any(weights.sum(axis=-1) <= 0):
        raise GradcliError("bad-argument", "invalid multinomial distribution (sum of probabilities <= 0)")
