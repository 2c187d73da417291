"""Dropout: elements, or whole channels, taken away at random."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.argmax import index_of_max
from gradcli.ops.functions import ACTIVATION
from gradcli.ops.layout import drawn_as
from gradcli.ops.registry import function
from gradcli.ops.shapes import moved_from_last, moved_last
from gradcli.ops.softmax import softmax
from gradcli.tape import context, primitives
from gradcli.tape.custom import detached
from gradcli.tape.node import FLOATS, Node, Operand, Shape, leaf
from gradcli.tape.primitives import as_node, cast, require_float, reshape_to
from gradcli.tape.promote import dim_index, floating, torch_name

if TYPE_CHECKING:
    from collections.abc import Mapping


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise GradcliError("bad-argument", f"dropout probability has to be between 0 and 1, but got {p}")


def _check_dtype(x: Node, p: float) -> None:
    if p < 1 and x.dtype not in FLOATS:
        raise GradcliError(
            "dtype", f"result type Float can't be cast to the desired output type {torch_name(x.dtype)}"
        )


@function(ACTIVATION, "dropout", method=False, grad_fn="Mul")
def dropout(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Node:
    """elements set to 0 with probability p, the others divided by 1 - p; input itself when not training"""
    x = as_node(input)
    _check(p)
    if not (training and p and x.size):
        return x
    _check_dtype(x, p)
    return primitives.mul(x, leaf(dropout_mask(x, p)))


def dropout_mask(x: Node, p: float) -> Any:
    """Random weights in the shape of `x`: 0 with probability p, else 1/(1 - p)."""
    return drawn_as(x, lambda shape, by_row: _weights(shape, p, x.dtype))


def _weights(shape: Shape, p: float, dtype: np.dtype[Any]) -> Any:
    if p == 1:
        return np.zeros(shape, dtype)
    kind = floating(dtype)
    drawn = context.current().generator.chances(shape, 1 - p)
    return drawn.astype(kind) / kind.type(1 - p)


@function(ACTIVATION, "rrelu", grad_fn="RreluWithNoise")
def rrelu(
    input: Operand,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Node:
    """input where it is positive, elsewhere times a random slope; times the mean slope when not training"""
    from gradcli.engine.run import value
    from gradcli.ops.activations import leaky_relu

    x = require_float(input, "rrelu", "rrelu_with_noise_out_cpu")
    if not training:
        return leaky_relu(x, (lower + upper) / 2)  # type: ignore[no-any-return]
    slopes = np.ones(x.shape, x.dtype)
    below = np.asarray(value(x)) <= 0
    drawn = context.current().generator.singles(int(below.sum()))
    slopes[below] = drawn * (upper - lower) + lower
    return primitives.mul(x, leaf(slopes))


# ---- whole channels ----


def _batched(x: Node, rank: int) -> bool:
    """Whether channels are dim 1; PyTorch takes images without a batch for a batch without places."""
    return rank == 2 or x.ndim == rank + 2


def _add_channel_dropout(rank: int) -> None:
    name = f"dropout{rank}d"

    def drop(input: Operand, p: float = 0.5, training: bool = True, inplace: bool = False) -> Node:
        x = as_node(input)
        _check(p)
        if rank == 1 and x.ndim not in (2, 3):
            raise GradcliError(
                "shape",
                "dropout1d: Expected 2D or 3D input, but received a "
                f"{x.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with "
                "1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D "
                "inputs).",
            )
        if x.ndim < 2:
            raise GradcliError("shape", "Feature dropout requires at least 2 dimensions in the input")
        if not (training and p and x.size):
            return x
        _check_dtype(x, p)
        lead = x.shape[: 2 if _batched(x, rank) else 1]
        shape = (*lead, *(1,) * (x.ndim - len(lead)))
        return primitives.mul(x, leaf(_weights(shape, p, x.dtype)))

    def grad_fn(call: Mapping[str, Any]) -> str:
        return "Mul" if _batched(as_node(call["input"]), rank) else "SqueezeBackward1"

    drop.__doc__ = "whole channels set to 0 with probability p, the others divided by 1 - p"
    function(ACTIVATION, name, method=False, grad_fn=grad_fn)(drop)


for _rank in (1, 2, 3):
    _add_channel_dropout(_rank)

_ALPHA = -1.7580993408473766
"""What a SELU tends to."""


@function(ACTIVATION, "alpha_dropout", method=False, grad_fn="Add")
def alpha_dropout(input: Operand, p: float = 0.5, training: bool = False, inplace: bool = False) -> Node:
    """elements set to SELU's limit with probability p, all scaled so that mean and variance stay"""
    x = as_node(input)
    _check(p)
    if not (training and p and x.size):
        return x
    _check_dtype(x, p)
    if p == 1:
        return primitives.mul(x, leaf(np.zeros(x.shape, x.dtype)))
    kind = x.dtype.type
    chances = context.current().generator.chances
    kept = drawn_as(x, lambda shape, by_row: chances(shape, 1 - p).astype(x.dtype))
    a = 1 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))
    offset = (kept - 1) * kind(-_ALPHA * a) + kind(-_ALPHA * a * p)
    return primitives.add(primitives.mul(x, leaf(kept * kind(a))), leaf(offset))


# ---- choosing at random ----


@function(
    "softmax",
    "gumbel_softmax",
    method=False,
    grad_fn=lambda call: "Add" if call["hard"] else "Softmax",
)
def gumbel_softmax(
    logits: Operand, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Node:
    """softmax((logits + noise)/tau) with noise of Gumbel; where hard, 1 at the largest alone"""
    x = require_float(logits, "gumbel_softmax")
    if not x.ndim:
        return reshape_to(gumbel_softmax(reshape_to(x, (1,)), tau, hard, eps, dim), ())
    draw = context.current().generator.exponential
    noise = -np.log(drawn_as(x, lambda shape, by_row: draw(shape, x.dtype)))
    soft: Node = softmax(primitives.div(primitives.add(x, leaf(noise)), tau), dim)
    if not hard:
        return soft
    axis = dim_index(dim, x.ndim)
    best = index_of_max(soft, attrs=(axis,))
    lifted = moved_last(soft, axis)
    places = leaf(np.arange(x.shape[axis]))
    chosen = e.eq(reshape_to(best, (*best.shape, 1)), places)
    one = moved_from_last(cast(chosen, lifted.dtype), axis)
    return primitives.add(primitives.sub(one, detached(soft)), soft)
