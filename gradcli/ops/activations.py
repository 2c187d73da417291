"""Activation functions: two primitives, and compositions over selection for everything with a kink.

At a kink the derivative is the one that PyTorch gives. The commonest ones (relu, sigmoid, silu,
gelu, softplus) stand in `functions`, which every program loads; these here are loaded on demand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.functions import ACTIVATION
from gradcli.ops.indexing import section
from gradcli.ops.registry import function
from gradcli.tape import primitives, recipes
from gradcli.tape.custom import detached
from gradcli.tape.node import BOOL, Node, Operand, constant
from gradcli.tape.partials import Cost
from gradcli.tape.primitives import Elementwise, as_filling, as_node, cast, literal, scale, where
from gradcli.tape.promote import dim_index, floating

if TYPE_CHECKING:
    from gradcli.tape.recipes import Steps

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _floating(input: Operand) -> Node:
    x = as_node(input)
    return cast(x, floating(x.dtype))


# ---- piecewise linear ----


def _between(x: Node, low: float, high: float) -> Node:
    return e.logical_and(e.gt(x, low), e.lt(x, high))


def _bounded(x: Node, low: float, high: float) -> Node:
    """`x` held between two numbers, with derivative 0 at both of them (unlike clamp), and 1 at nan."""
    beyond = e.logical_or(e.le(x, low), e.ge(x, high))
    return where(beyond, e.clamp_number(detached(x), attrs=(low, high)), x)


def _number(input: Operand) -> Node:
    x = as_node(input)
    if x.dtype is BOOL:
        raise GradcliError("dtype", "Bool inputs not supported for hardtanh")
    return x


@function(ACTIVATION, "hardtanh", method=False)
def hardtanh(input: Operand, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Node:
    """input held between min_val and max_val, with derivative 0 at both"""
    if min_val > max_val:
        raise GradcliError("bad-argument", f"min_val cannot be greater than max_val: {min_val} > {max_val}")
    return _bounded(_number(input), min_val, max_val)


@function(ACTIVATION, "relu6", method=False, grad_fn="Hardtanh")
def relu6(input: Operand, inplace: bool = False) -> Node:
    """min(max(input, 0), 6), with derivative 0 at both ends"""
    return _bounded(_number(input), 0, 6)


@function(ACTIVATION, "leaky_relu", method=False)
def leaky_relu(input: Operand, negative_slope: float = 0.01, inplace: bool = False) -> Node:
    """input where it is positive, negative_slope*input elsewhere"""
    x = _floating(input)
    return where(e.gt(x, 0), x, scale(x, negative_slope))


def _selected(condition: Any, chosen: Any, other: Any, out: Any) -> Any:
    if out is None:
        return np.where(condition, chosen, other)
    np.copyto(out, np.where(condition, chosen, other))
    return out


def _prelu_kernel(x: Any, weight: Any, out: Any = None) -> Any:
    return _selected(np.greater(x, 0), x, np.multiply(weight, x), out)


prelu_primitive = Elementwise(
    "prelu",
    _prelu_kernel,
    # At 0 the slope is the weight, as PyTorch has it, but does not vary with it.
    lambda x, w, y: where(e.gt(x, 0), 1.0, where(e.lt(x, 0), w, detached(w))),
    lambda x, w, y: where(e.ge(x, 0), 0.0, x),
    result="same",
    selects=True,
    cost=Cost.SELECTION,
    loops=recipes.fixed(
        "dd->d",
        lambda do: do.choice(do.compared(np.greater, "a", 0.0), "a", do.two(np.multiply, "b", "a")),
    ),
)


@function(ACTIVATION, "prelu", grad_fn="PreluKernel")
def prelu(input: Operand, weight: Operand) -> Node:
    """input where it is positive, weight*input elsewhere, with one weight or one for each channel (dim 1)"""
    x, w = as_node(input), as_node(weight)
    if w.ndim > 1:
        raise GradcliError(
            "shape", f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {w.ndim}"
        )
    if w.size != 1:
        if not x.ndim:
            raise GradcliError("shape", "Not allow zero-dim input tensor.")
        channels = x.shape[1] if x.ndim > 1 else 1
        if channels != w.size:
            raise GradcliError(
                "shape",
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{w.size} and channel size = {channels}.",
            )
    if x.dtype is not w.dtype:
        raise GradcliError(
            "dtype",
            f"prelu: Type promoting not supported. Got {x.dtype} and {w.dtype}",
        )
    per_channel = (1, w.size, *(1,) * (x.ndim - 2)) if x.ndim > 1 else (w.size,) if x.ndim else ()
    return prelu_primitive(x, primitives.reshape_to(w, per_channel))


@function(ACTIVATION, "hardsigmoid", method=False)
def hardsigmoid(input: Operand, inplace: bool = False) -> Node:
    """0 below -3, 1 above 3, input/6 + 1/2 between"""
    x = _floating(input)
    raised = primitives.add(x, 3)
    inside = _between(x, -3, 3)
    return where(
        inside, primitives.div(raised, 6), primitives.div(e.clamp_number(detached(raised), attrs=(0, 6)), 6)
    )


@function(ACTIVATION, "hardswish", method=False)
def hardswish(input: Operand, inplace: bool = False) -> Node:
    """input*hardsigmoid(input)"""
    x = _floating(input)
    middle = where(_between(x, -3, 3), x, 0.0)
    curved = primitives.div(primitives.mul(middle, primitives.add(middle, 3)), 6)
    return where(e.le(x, -3), primitives.mul(detached(x), 0.0), where(e.lt(x, 3), curved, x))


@function(ACTIVATION, "hardshrink")
def hardshrink(input: Operand, lambd: float = 0.5) -> Node:
    """0 where |input| <= lambd, input elsewhere"""
    x = _floating(input)
    return where(_within(x, lambd), constant(0.0, x.dtype), x)


def _within(x: Node, limit: float) -> Node:
    return e.logical_and(e.ge(x, -limit), e.le(x, limit))


@function(ACTIVATION, "softshrink", method=False)
def softshrink(input: Operand, lambd: float = 0.5) -> Node:
    """input moved towards 0 by lambd, and 0 where |input| <= lambd"""
    x = _floating(input)
    if lambd < 0:
        most = np.finfo(x.dtype).max
        raise GradcliError(
            "bad-argument",
            f"lambda must be in range [0, {most:g}] for input dtype {x.dtype.name}, but found {lambd:g}",
        )
    moved = where(e.gt(x, 0), primitives.sub(x, lambd), primitives.add(x, lambd))
    return where(_within(x, lambd), primitives.mul(detached(x), 0.0), moved)


@function(ACTIVATION, "threshold", method=False)
def threshold(input: Operand, threshold: float, value: float, inplace: bool = False) -> Node:
    """input where it is above threshold, value elsewhere"""
    x = as_node(input)
    return where(e.le(x, threshold), as_filling(value, x.dtype), x)


# ---- smooth ----


def _elu_kernel(x: Any, negative: float, positive: float, inner: float, out: Any = None) -> Any:
    x = np.asarray(x)
    below = np.multiply(np.expm1(np.multiply(np.minimum(x, 0), inner)), negative)
    # One of the two is zero, but for nan, which both keep.
    return np.where(x < 0, below, np.multiply(x, positive)) if out is None else _into(out, x, below, positive)


def _into(out: Any, x: Any, below: Any, positive: float) -> Any:
    chosen = x < 0
    np.multiply(x, positive, out)
    np.copyto(out, below, where=chosen)
    return out


def _elu_partial(x: Node, y: Node, negative: float, positive: float, inner: float) -> Node:
    # At 0 the first derivative is that of the left side, the second is 0.
    slope = scale(e.exp(scale(where(e.lt(x, 0), x, 0.0), inner)), negative * inner)
    return where(e.le(x, 0), slope, positive)


def _elu_loops(do: Steps, negative: float, positive: float, inner: float) -> None:
    inside = do.two(np.multiply, do.two(np.minimum, "a", 0.0), float(inner))
    below = do.two(np.multiply, do.one(np.expm1, inside), float(negative))
    do.choice(do.compared(np.less, "a", 0.0), below, do.two(np.multiply, "a", float(positive)))


elu_primitive = Elementwise(
    "elu",
    _elu_kernel,
    _elu_partial,
    cost=Cost.SELECTION,
    loops=recipes.fixed("d->d", _elu_loops),
)
"""negative*(exp(inner*x) - 1) where x < 0, positive*x elsewhere, which keeps the sign of 0."""


@function(ACTIVATION, "elu", method=False)
def elu(input: Operand, alpha: float = 1.0, inplace: bool = False) -> Node:
    """input where it is positive, alpha*(exp(input) - 1) elsewhere"""
    return elu_primitive(input, attrs=(alpha, 1.0, 1.0))


@function(ACTIVATION, "selu", method=False, grad_fn="Elu")
def selu(input: Operand, inplace: bool = False) -> Node:
    """elu with the scale and alpha that keep mean 0 and variance 1"""
    return elu_primitive(input, attrs=(SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1.0))


@function(ACTIVATION, "celu", method=False)
def celu(input: Operand, alpha: float = 1.0, inplace: bool = False) -> Node:
    """input where it is positive, alpha*(exp(input/alpha) - 1) elsewhere"""
    if alpha == 0:
        raise GradcliError("bad-argument", "ZeroDivisionError: alpha cannot be 0 for CELU")
    return elu_primitive(input, attrs=(alpha, 1.0, 1 / alpha))


@function(ACTIVATION, "glu", method=False)
def glu(input: Operand, dim: int = -1) -> Node:
    """the first half of input along dim times the sigmoid of the second half"""
    x = _floating(input)
    if not x.ndim:
        raise GradcliError("shape", "glu does not support scalars because halving size must be even")
    axis = dim_index(dim, x.ndim)
    size = x.shape[axis]
    if size % 2:
        raise GradcliError(
            "shape", f"Halving dimension must be even, but dimension {axis + x.ndim} is size {size}"
        )
    return primitives.mul(section(x, axis, 0, size // 2), e.sigmoid(section(x, axis, size // 2, size)))


def log_1p_exp(x: Node) -> Node:
    """log(1 + exp(x)), exact for every x: softplus without a threshold."""
    return e.logaddexp(x, literal(0.0, x.dtype))


@function(ACTIVATION, "mish", method=False)
def mish(input: Operand, inplace: bool = False) -> Node:
    """input*tanh(log(1 + exp(input)))"""
    x = _floating(input)
    return primitives.mul(x, e.tanh(log_1p_exp(x)))


@function(ACTIVATION, "logsigmoid", "log_sigmoid", method=False, grad_fn="LogSigmoid")
def logsigmoid(input: Operand) -> Node:
    """log(sigmoid(input)), exact for every input"""
    return primitives.sub(0.0, log_1p_exp(primitives.neg(_floating(input))))


@function(ACTIVATION, "softsign", method=False, grad_fn="Div")
def softsign(input: Operand) -> Node:
    """input/(1 + |input|)"""
    x = _floating(input)
    return primitives.div(x, primitives.add(e.absolute(x), 1))


@function(ACTIVATION, "tanhshrink", method=False, grad_fn="Sub")
def tanhshrink(input: Operand) -> Node:
    """input - tanh(input)"""
    x = _floating(input)
    return primitives.sub(x, e.tanh(x))
