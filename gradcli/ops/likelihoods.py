"""Losses that are negative log-likelihoods: of two outcomes, of distributions, of given densities.

Written on the terms and reductions of `losses`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.activations import log_1p_exp
from gradcli.ops.losses import LOSS, by_reduction, pair, reduced, reduction_name
from gradcli.ops.registry import function
from gradcli.tape import primitives
from gradcli.tape.node import FLOATS, Node, Operand
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import Elementwise, as_dtype, as_node, scale, where
from gradcli.tape.promote import torch_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# ---- two outcomes ----


def _bce_kernel(x: Any, t: Any, out: Any = None) -> Any:
    if not np.all((np.asarray(x) >= 0) & (np.asarray(x) <= 1)):
        raise GradcliError(
            "bad-argument",
            "all elements of input should be between 0 and 1",
            hint="binary_cross_entropy takes probabilities; for any real number use "
            "binary_cross_entropy_with_logits",
        )
    miss = np.multiply(np.subtract(t, 1), np.maximum(np.log1p(np.negative(x)), -100))
    return np.subtract(miss, np.multiply(t, np.maximum(np.log(x), -100)), out)


bce = Elementwise(
    "binary_cross_entropy",
    _bce_kernel,
    # The logarithms of the value are held above -100 and this denominator above 1e-12, as PyTorch
    # does: a loss of 100 and a gradient of 1e12 where the input is exactly 0 or 1 and wrong.
    lambda x, t, y: primitives.div(
        primitives.sub(x, t), e.clamp_number(primitives.mul(primitives.sub(1, x), x), attrs=(1e-12, None))
    ),
    lambda x, t, y: primitives.sub(e.log1p(primitives.neg(x)), e.log(x)),
    cost=Cost.LIBRARY,
)


@function(LOSS, "binary_cross_entropy", method=False)
def binary_cross_entropy(
    input: Operand,
    target: Operand,
    weight: Operand | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of -(target*log(input) + (1 - target)*log(1 - input)), input being probabilities"""
    given = [each.dtype for each in (input, target) if isinstance(each, Node) and each.dtype in FLOATS]
    x, t = pair(input, target)
    if x.shape != t.shape:
        raise GradcliError(
            "shape",
            f"Using a target size (torch.Size({list(t.shape)})) that is different to the input size "
            f"(torch.Size({list(x.shape)})) is deprecated. Please ensure they have the same size.",
        )
    if len(set(given)) > 1:
        raise GradcliError("dtype", f"Found dtype {torch_name(given[1])} but expected {torch_name(given[0])}")
    terms = bce(x, t)
    if weight is not None:
        terms = as_dtype(primitives.mul(terms, weight), x.dtype)
    return reduced(terms, reduction, (size_average, reduce))


@function(LOSS, "binary_cross_entropy_with_logits", method=False)
def binary_cross_entropy_with_logits(
    input: Operand,
    target: Operand,
    weight: Operand | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Operand | None = None,
) -> Node:
    """binary_cross_entropy of sigmoid(input), exact for huge inputs"""
    x, t = pair(input, target)
    if x.shape != t.shape:
        raise GradcliError(
            "shape",
            f"Target size (torch.Size({list(t.shape)})) must be the same as input size "
            f"(torch.Size({list(x.shape)}))",
        )
    # Two terms of one sign: nothing cancels, however large the input is.
    hit = primitives.mul(t, log_1p_exp(primitives.neg(x)))
    if pos_weight is not None:
        hit = primitives.mul(hit, pos_weight)
    terms = primitives.add(hit, primitives.mul(primitives.sub(1, t), log_1p_exp(x)))
    if weight is not None:
        terms = primitives.mul(terms, weight)
    dtype = as_node(target).dtype
    if dtype in FLOATS:  # PyTorch works on 1 - target in place
        terms = as_dtype(terms, dtype)
    return reduced(terms, reduction, (size_average, reduce))


def _kl_name(call: Mapping[str, Any]) -> str:
    chosen = reduction_name(call["reduction"], call["size_average"], call["reduce"])
    last = "Mul" if call["log_target"] else "Sub"
    number = isinstance(call["input"], Node) and not call["input"].ndim  # a batch of one
    return {"batchmean": "Sum" if number else "Div", "mean": "Mean", "sum": "Sum"}.get(chosen, last)


@function(LOSS, "kl_div", method=False, grad_fn=_kl_name)
def kl_div(
    input: Operand,
    target: Operand,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Node:
    """the mean of target*(log(target) - input); input, and with log_target target, are logarithms"""
    x, t = pair(input, target)
    terms = (
        primitives.mul(e.exp(t), primitives.sub(t, x))
        if log_target
        else primitives.sub(e.xlogy(t, t), primitives.mul(t, x))
    )
    if reduction_name(reduction, size_average, reduce) == "batchmean":
        return primitives.div(reduced(terms, "sum"), x.shape[0]) if x.ndim else reduced(terms, "sum")
    return reduced(terms, reduction, (size_average, reduce))


# ---- distributions ----


def _by_full(plain: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda call: by_reduction("Mean", "Sum", "Add" if call["full"] else plain)(call)


@function(LOSS, "poisson_nll_loss", method=False, grad_fn=_by_full("Sub"))
def poisson_nll_loss(
    input: Operand,
    target: Operand,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of exp(input) - target*input, or of input - target*log(input + eps) without log_input"""
    x, t = pair(input, target)
    if log_input:
        terms = primitives.sub(e.exp(x), primitives.mul(t, x))
    else:
        terms = primitives.sub(x, primitives.mul(t, e.log(primitives.add(x, eps))))
    if full:  # Stirling's formula for log(target!)
        large = e.gt(t, 1)
        safe = where(large, t, 1.0)
        log_factorial = primitives.add(
            primitives.sub(primitives.mul(safe, e.log(safe)), safe),
            scale(e.log(scale(safe, 2 * math.pi)), 0.5),
        )
        terms = primitives.add(terms, where(large, log_factorial, 0.0))
    return reduced(terms, reduction, (size_average, reduce))


@function(LOSS, "gaussian_nll_loss", method=False, grad_fn=_by_full("Mul"))
def gaussian_nll_loss(
    input: Operand,
    target: Operand,
    var: Operand,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Node:
    """the mean of (log(var) + (input - target)**2/var)/2, with var held above eps"""
    x, t = pair(input, target)
    v = as_dtype(var, x.dtype)
    if v.shape != x.shape and isinstance(var, Node):
        if v.shape == x.shape[:-1]:
            v = primitives.reshape_to(v, (*v.shape, 1))
        elif v.ndim != x.ndim or sum(b for a, b in zip(x.shape, v.shape, strict=True) if a != b) != 1:
            raise GradcliError(
                "shape",
                f"var is of incorrect size: {list(v.shape)} for an input of shape {list(x.shape)}",
            )
    v = _positive_variance(v, eps)
    terms = primitives.add(e.log(v), primitives.div(e.power_number(primitives.sub(x, t), attrs=(2,)), v))
    terms = scale(terms, 0.5)
    if full:
        terms = primitives.add(terms, 0.5 * math.log(2 * math.pi))
    if reduction not in ("mean", "sum", "none"):
        raise GradcliError("bad-argument", f"{reduction} is not valid", hint="it is 'mean', 'sum' or 'none'")
    return reduced(terms, reduction)


def _variance_kernel(v: Any, eps: float, out: Any = None) -> Any:
    if np.any(np.asarray(v) < 0):
        raise GradcliError("bad-argument", "var has negative entry/entries")
    return np.maximum(v, eps, out=out)


variance_floor = Elementwise("variance", _variance_kernel, 1, result="same", cost=Cost.ARITHMETIC)
"""A variance held above eps, though it is differentiated as if it were not."""


def _positive_variance(v: Node, eps: float) -> Node:
    return variance_floor(v, attrs=(eps,))
