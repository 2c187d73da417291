"""Losses by margins between classes, and between the directions of two vectors.

Written on the reductions of `losses`.
"""

from __future__ import annotations

import numpy as np

from gradcli.errors import GradcliError, failure
from gradcli.ops import elementwise as e
from gradcli.ops.activations import logsigmoid
from gradcli.ops.class_losses import class_index
from gradcli.ops.indexing import along_last, take_last
from gradcli.ops.losses import LOSS, by_reduction, reduced
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.tape import primitives
from gradcli.tape.node import INT64, Node, Operand, leaf
from gradcli.tape.primitives import as_node, over_count, require_float, reshape_to, where
from gradcli.tape.promote import torch_name

_TINY = 1e-12
"""What PyTorch adds to squares before their root."""


@function(LOSS, "cosine_embedding_loss", method=False, grad_fn=by_reduction("Mean", "Sum", "Add"))
def cosine_embedding_loss(
    input1: Operand,
    input2: Operand,
    target: Operand,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean of 1 - cos where target is 1, of max(0, cos - margin) where it is -1, over pairs of rows"""
    a, b, t = as_node(input1), as_node(input2), as_node(target)
    if t.ndim not in (0, 1):
        raise GradcliError("shape", "0D or 1D target tensor expected, multi-target not supported")
    if a.ndim != t.ndim + 1 or b.ndim != t.ndim + 1:
        raise GradcliError(
            "shape",
            f"{t.ndim}D target tensor expects {t.ndim + 1}D input tensors, but found inputs with sizes "
            f"{list(a.shape)} and {list(b.shape)}.",
        )
    squares = [primitives.add(total(primitives.mul(each, each), (-1,)), _TINY) for each in (a, b)]
    length = e.sqrt(primitives.mul(*squares))
    cosine = primitives.div(total(primitives.mul(a, b), (-1,)), length)
    alike = where(e.eq(t, 1), primitives.sub(1, cosine), 0.0)
    beyond = e.clamp_number(primitives.sub(cosine, margin), attrs=(0, None))
    terms = primitives.add(alike, where(e.eq(t, -1), beyond, 0.0))
    return reduced(terms, reduction, (size_average, reduce))


@function(LOSS, "multi_margin_loss", method=False)
def multi_margin_loss(
    input: Operand,
    target: Operand,
    p: int = 1,
    margin: float = 1.0,
    weight: Operand | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean over classes but the target's of max(0, margin - input[target] + input)**p"""
    x, t = as_node(input), as_node(target)
    if p not in (1, 2):
        raise GradcliError("bad-argument", "only p == 1 and p == 2 supported")
    if x.ndim > 2 or (x.ndim and not x.shape[-1]):
        raise GradcliError(
            "shape",
            f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(x.shape)}",
        )
    rows, classes = (x.shape[0] if x.ndim == 2 else 1), (x.shape[-1] if x.ndim else 1)
    if t.ndim > 1 or t.size != rows:
        raise GradcliError(
            "shape",
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
            f"(batch size). Expected target size [{rows}], but got {list(t.shape)}. Input has shape "
            f"{list(x.shape)}.",
        )
    if t.dtype != INT64:
        raise GradcliError("dtype", f"expected scalar type Long but found {torch_name(t.dtype)}")
    weights = None if weight is None else as_node(weight)
    if weights is not None and weights.shape != (classes,):
        raise GradcliError(
            "shape", f"inconsistent weight size, expected {classes} but got {list(weights.shape)}"
        )
    if weights is not None and weights.dtype != x.dtype:
        raise GradcliError(
            "dtype", f"expected scalar type {torch_name(x.dtype)} but found {torch_name(weights.dtype)}"
        )
    x = require_float(x, "multi_margin_loss", "multi_margin_loss_cpu_kernel")
    index = class_index(reshape_to(t, (rows,)), attrs=(-(2**62), classes))
    x, at = reshape_to(x, (rows, classes)), reshape_to(index, (rows, 1))
    own = along_last(x, at)
    beyond = primitives.add(primitives.sub(margin, own), x)
    beyond = where(e.gt(beyond, 0), beyond, 0.0)  # nan is not beyond either
    if p == 2:
        beyond = primitives.mul(beyond, beyond)
    if weights is not None:
        beyond = primitives.mul(beyond, reshape_to(take_last(weights, index), at.shape))
    others = where(e.ne(leaf(np.arange(classes)), at), beyond, 0.0)
    result = over_count(total(others, (-1,)), classes)
    # A target without dims belongs to one example, whose loss is a number.
    return reduced(result if t.ndim else reshape_to(result, ()), reduction, (size_average, reduce))


@function(LOSS, "multilabel_margin_loss", method=False)
def multilabel_margin_loss(
    input: Operand,
    target: Operand,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the sum of max(0, 1 - input[own] + input[other]) over classes; target has the own ones, up to a -1"""
    from gradcli.engine.run import value

    x, t = require_float(input, "multilabel_margin_loss"), as_node(target)
    if x.ndim > 2 or not x.size:
        message = "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
        raise GradcliError("shape", f"{message}{list(x.shape)}")
    if x.shape != t.shape and (max(x.ndim, t.ndim) > 1 or x.size != t.size):
        raise GradcliError(
            "shape", f"inconsistent target size: {list(t.shape)} for input of size: {list(x.shape)}"
        )
    if t.dtype != INT64:
        raise GradcliError("dtype", f"expected scalar type Long but found {torch_name(t.dtype)}")
    classes = x.shape[-1] if x.ndim else 1
    places = np.atleast_2d(value(t))
    if places.min() < -1 or places.max() >= classes:
        raise failure("RuntimeError", "argument #2 'target' is out of range", None)
    valid = np.logical_and.accumulate(places >= 0, -1)
    own = (np.where(valid, places, -1)[:, :, None] == np.arange(classes)).any(1)
    x = reshape_to(x, (len(places), classes))
    chosen = along_last(x, leaf(np.where(valid, places, 0)))
    beyond = primitives.sub(1, reshape_to(chosen, (len(places), classes, 1)))
    beyond = primitives.add(beyond, reshape_to(x, (len(places), 1, classes)))
    counted = leaf(valid[:, :, None] & ~own[:, None, :])
    kept = where(e.logical_and(counted, e.gt(beyond, 0)), beyond, 0.0)
    result = over_count(total(kept, (-2, -1)), classes)
    return reduced(result if t.ndim > 1 else reshape_to(result, ()), reduction, (size_average, reduce))


@function(LOSS, "multilabel_soft_margin_loss", method=False, grad_fn=by_reduction("Mean", "Sum", "Div"))
def multilabel_soft_margin_loss(
    input: Operand,
    target: Operand,
    weight: Operand | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the mean over classes of the cross entropy of sigmoid(input) with a target of zeros and ones"""
    x, t = require_float(input, "multilabel_soft_margin_loss"), as_node(target)
    if not x.ndim:
        raise GradcliError("shape", "Dimension specified as -1 but tensor has no dimensions")
    yes = primitives.mul(t, logsigmoid(x))
    no = primitives.mul(primitives.sub(1, t), logsigmoid(primitives.neg(x)))
    terms = primitives.neg(primitives.add(yes, no))
    if weight is not None:
        terms = primitives.mul(terms, weight)
    axis = x.ndim - 1 - terms.ndim  # of the input, whatever it is broadcast to
    return reduced(over_count(total(terms, (axis,)), x.shape[-1]), reduction, (size_average, reduce))
