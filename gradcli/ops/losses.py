"""Losses by distance and by margin, and the reduction that every loss ends with.

Each computes its terms and hands them to `reduced`; where PyTorch names the result after its last
operation, the row says so with `by_reduction`. Losses of probabilities are in `likelihoods`, those
over classes in `class_losses`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.activations import log_1p_exp
from gradcli.ops.functions import bool_difference
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.tape import primitives, recipes
from gradcli.tape.node import BOOL, FLOATS, Node, Operand
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import as_dtype, as_node, literal, over_count, scale, where
from gradcli.tape.promote import floating, require_fits, result_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOSS = "loss"


# ---- reduction ----


def reduction_name(reduction: str, size_average: bool | None, reduce: bool | None) -> str:
    """The reduction that is meant, by its name or by PyTorch's two older flags."""
    if size_average is not None or reduce is not None:
        if reduce is False:
            return "none"
        return "mean" if size_average is None or size_average else "sum"
    return reduction


def reduced(terms: Node, reduction: str, old: tuple[bool | None, bool | None] = (None, None)) -> Node:
    """The terms of a loss as `reduction` asks for them."""
    reduction = reduction_name(reduction, *old)
    if reduction == "none":
        return terms
    if reduction not in ("mean", "sum"):
        raise GradcliError(
            "bad-argument",
            f"{reduction} is not a valid value for reduction",
            hint="it is 'mean', 'sum' or 'none'",
        )
    summed = total(terms, tuple(range(-terms.ndim, 0)))
    if reduction == "sum":
        return summed
    return over_count(summed, terms.size)


def by_reduction(mean: str, sum: str, none: str) -> Callable[[Mapping[str, Any]], str]:
    """A row's `grad_fn` where PyTorch names the loss after its last operation."""

    def name(call: Mapping[str, Any]) -> str:
        chosen = reduction_name(call["reduction"], call.get("size_average"), call.get("reduce"))
        return {"mean": mean, "sum": sum}.get(chosen, none)

    return name


def _weighted_names(mean: str, sum: str, none: str) -> Callable[[Mapping[str, Any]], str]:
    weighted, unweighted = by_reduction("Div", "Sum", "Mul"), by_reduction(mean, sum, none)
    return lambda call: unweighted(call) if call["weight"] is None else weighted(call)


def pair(input: Operand, target: Operand) -> tuple[Node, Node]:
    """Input and target in one floating dtype: the wider one, since a 0-d one is broadcast first."""
    dtype = floating(result_type((input, target)))
    for each in (input, target):
        if isinstance(each, Node) and each.dtype in FLOATS and each.dtype.itemsize > dtype.itemsize:
            dtype = each.dtype
    return as_dtype(input, dtype), as_dtype(target, dtype)


def _same_size_weight(weight: Operand, x: Node) -> Node:
    w = as_node(weight)
    if w.shape != x.shape:
        raise GradcliError(
            "shape",
            f"Weights and input must have the same size: {list(w.shape)} and {list(x.shape)}",
        )
    return w


# ---- distances between input and target ----


@function(
    LOSS,
    "mse_loss",
    method=False,
    grad_fn=_weighted_names("MseLoss", "MseLoss", "MseLoss"),
)
def mse_loss(
    input: Operand,
    target: Operand,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Operand | None = None,
) -> Node:
    """the mean of (input - target)**2"""
    x, t = pair(input, target)
    squares = e.power_number(primitives.sub(x, t), attrs=(2,))
    return _weighted(squares, x, weight, reduction, (size_average, reduce))


@function(
    LOSS,
    "l1_loss",
    method=False,
    grad_fn=_weighted_names("Mean", "Sum", "Abs"),
)
def l1_loss(
    input: Operand,
    target: Operand,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Operand | None = None,
) -> Node:
    """the mean of |input - target|"""
    if BOOL in (as_node(input).dtype, as_node(target).dtype):
        raise bool_difference(input, target)
    x, t = pair(input, target)
    return _weighted(e.absolute(primitives.sub(x, t)), x, weight, reduction, (size_average, reduce))


def _weighted(
    terms: Node, x: Node, weight: Operand | None, reduction: str, old: tuple[bool | None, bool | None]
) -> Node:
    """The reduction of terms of which each may have a weight; the mean is then over the weights."""
    if weight is None:
        return reduced(terms, reduction, old)
    w = _same_size_weight(weight, x)
    terms = primitives.mul(terms, w)
    if reduction_name(reduction, *old) == "mean":
        return primitives.div(reduced(terms, "sum"), reduced(w, "sum"))
    return reduced(terms, reduction, old)


def _smooth_l1_name(call: Mapping[str, Any]) -> str:
    return "SmoothL1Loss" if call["beta"] != 0 else by_reduction("Mean", "Sum", "Abs")(call)


@function(LOSS, "smooth_l1_loss", method=False, grad_fn=_smooth_l1_name)
def smooth_l1_loss(
    input: Operand,
    target: Operand,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Node:
    """the mean of d**2/(2*beta) where d = |input - target| < beta, and of d - beta/2 elsewhere"""
    if beta < 0:
        raise GradcliError("bad-argument", "smooth_l1_loss does not support negative values for beta.")
    x, t = pair(input, target)
    d = primitives.sub(x, t)
    terms = e.absolute(d) if beta == 0 else scale(huber(d, attrs=(beta,)), 1 / beta)
    return reduced(terms, reduction, (size_average, reduce))


def _held(x: Node, delta: float) -> Node:
    """A difference that is held within delta, at which it doesn't move any more."""
    return where(e.lt(e.absolute(x), literal(delta, x.dtype)), x, scale(e.sign(x), delta))


def _huber_kernel(x: Any, delta: float, out: Any = None) -> Any:
    held = np.minimum(np.maximum(x, -delta), delta)
    return np.multiply(held, np.subtract(x, np.multiply(held, 0.5)), out)


huber = primitives.Elementwise(
    "huber",
    _huber_kernel,
    lambda x, y, delta: _held(x, delta),
    cost=Cost.DIVISION,
    loops=recipes.huber,
)
"""x**2/2 near zero, and from delta on the straight line that continues it."""


def _held_composed(condition: Node, a: Node, b: Node) -> Node | None:
    """What is held between two numbers takes one loop."""
    if condition.op is e.lt and condition.inputs and b.op is primitives.scale_primitive and b.inputs:
        size, bound = condition.inputs
        same = (
            size.op is e.absolute and b.inputs[0].op is e.sign and size.inputs == b.inputs[0].inputs == (a,)
        )
        if same and bound.op is primitives.LITERAL and bound.attrs[0] == b.attrs[0]:
            return e.clamp_number(a, attrs=(-bound.attrs[0], bound.attrs[0]))
    return None


where.composes(_held_composed)


def _huber_name(call: Mapping[str, Any]) -> str:
    return "HuberLoss" if call["weight"] is None else by_reduction("Mean", "Sum", "Mul")(call)


@function(LOSS, "huber_loss", method=False, grad_fn=_huber_name)
def huber_loss(
    input: Operand,
    target: Operand,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Operand | None = None,
) -> Node:
    """the mean of d**2/2 where d = |input - target| < delta, and of delta*(d - delta/2) elsewhere"""
    if delta <= 0:
        raise GradcliError("bad-argument", "huber_loss does not support non-positive values for delta.")
    x, t = pair(input, target)
    terms = huber(primitives.sub(x, t), attrs=(delta,))
    if weight is not None:
        terms = primitives.mul(terms, _same_size_weight(weight, x))
    return primitives.cast(reduced(terms, reduction), floating(as_node(input).dtype))


# ---- margins ----


@function(LOSS, "triplet_margin_loss", method=False, grad_fn=by_reduction("Mean", "Sum", "ClampMin"))
def triplet_margin_loss(
    anchor: Operand,
    positive: Operand,
    negative: Operand,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of max(0, margin + distance(anchor, positive) - distance(anchor, negative))"""
    from gradcli.ops.nn import pairwise_distance

    ranks = [as_node(each).ndim for each in (anchor, positive, negative)]
    if len(set(ranks)) > 1:
        raise GradcliError(
            "shape",
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
            f"but got: anchor {ranks[0]}D, positive {ranks[1]}D, and negative {ranks[2]}D inputs",
        )
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = e.minimum(far, pairwise_distance(positive, negative, p, eps))
    terms = primitives.add(primitives.sub(near, far), margin)
    return reduced(e.clamp_number(terms, attrs=(0, None)), reduction, (size_average, reduce))


@function(LOSS, "soft_margin_loss", method=False)
def soft_margin_loss(
    input: Operand,
    target: Operand,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of log(1 + exp(-target*input)), target being 1 or -1"""
    x, t = pair(input, target)
    require_fits(x.shape, t.shape)  # the terms are written into what input was laid out as
    terms = log_1p_exp(primitives.neg(primitives.mul(x, t)))
    return primitives.cast(reduced(terms, reduction, (size_average, reduce)), floating(as_node(input).dtype))


@function(LOSS, "hinge_embedding_loss", method=False, grad_fn=by_reduction("Mean", "Sum", "Add"))
def hinge_embedding_loss(
    input: Operand,
    target: Operand,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of input where target is 1, and of max(0, margin - input) where it is -1"""
    x = as_node(input)
    x = as_dtype(x, floating(x.dtype))
    t = as_node(target)
    below = e.clamp_number(primitives.sub(margin, x), attrs=(0, None))
    terms = primitives.add(where(e.ne(t, 1), below, 0.0), where(e.ne(t, -1), x, 0.0))
    return reduced(terms, reduction, (size_average, reduce))


@function(LOSS, "margin_ranking_loss", method=False, grad_fn=by_reduction("Mean", "Sum", "ClampMin"))
def margin_ranking_loss(
    input1: Operand,
    input2: Operand,
    target: Operand,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of max(0, margin - target*(input1 - input2)), target being 1 or -1"""
    a, b = pair(input1, input2)
    t = as_node(target)
    if not a.ndim == b.ndim == t.ndim:
        raise GradcliError(
            "shape",
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {list(a.shape)}, input2: {list(b.shape)}, target: {list(t.shape)} ",
        )
    terms = primitives.add(primitives.neg(primitives.mul(t, primitives.sub(a, b))), margin)
    return reduced(e.clamp_number(terms, attrs=(0, None)), reduction, (size_average, reduce))
