"""Losses over classes: `nll_loss` and `cross_entropy`, by class index or by class probabilities.

The classes are dim 1 of the input (dim 0 of one without a batch), which is moved to the end here,
so that a target's index picks along the last dim.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.indexing import along_last, take_last
from gradcli.ops.losses import LOSS, reduced, reduction_name
from gradcli.ops.reductions import total
from gradcli.ops.registry import function
from gradcli.ops.shapes import moved_last
from gradcli.ops.softmax import log_softmax
from gradcli.tape import primitives
from gradcli.tape.dims import along_others
from gradcli.tape.node import FLOAT32, FLOATS, INT64, Node, Operand
from gradcli.tape.primitives import (
    Linear,
    as_node,
    cast,
    over_count,
    reduce_sum,
    reshape_to,
    scale,
    where,
)
from gradcli.tape.promote import dim_index, torch_name
from gradcli.tape.totals import FEW
from gradcli.tape.totals import total as total_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def _class_dim(x: Node) -> int:
    return 1 - x.ndim if x.ndim > 1 else -1


def _class_index_kernel(target: Any, ignored: int, classes: int) -> Any:
    target = np.asarray(target)
    valid = target != ignored
    outside = valid & ((target < 0) | (target >= classes))
    if outside.any():
        raise GradcliError(
            "bad-argument",
            f"Target {target[outside].flat[0]} is out of bounds.",
            hint=f"the {classes} classes are numbered from 0",
        )
    return np.where(valid, target, 0)


class_index = Linear(
    "class_index",
    _class_index_kernel,
    lambda target, ignored, classes: (target.shape, INT64),
    lambda g, node: [None],
)
"""The target's classes, checked, and 0 where the target is `ignored`."""


class _Classes:
    """What a target of class indices picks from an input whose classes are its last dim.

    Attributes:
        x: the input, its classes moved to the end.
        valid: where the target is not `ignore_index`.
        index: the target, 0 where it is ignored.
        weights: the weight of each target's class, 0 where it is ignored; None without weights.
    """

    def __init__(self, x: Node, target: Node, weight: Node | None, ignore_index: int) -> None:
        self.x = moved_last(x, _class_dim(x)) if x.ndim > 1 else x
        self.valid = e.ne(cast(target, INT64), ignore_index)
        classes = self.x.shape[-1]
        if target.value is not None:
            _class_index_kernel(target.value, ignore_index, classes)
        self.index = class_index(cast(target, INT64), attrs=(ignore_index, classes))
        self.weights = where(self.valid, take_last(weight, self.index), 0.0) if weight is not None else None

    def loss(self) -> Node:
        """The weighted negative of each target's entry."""
        picked = along_last(self.x, reshape_to(self.index, (*self.index.shape, 1)))
        terms = primitives.neg(reshape_to(picked, self.index.shape))
        if self.weights is not None:
            terms = primitives.mul(terms, self.weights)
        return where(self.valid, terms, 0.0)

    def count(self) -> Node:
        """What a mean divides by: the weights, or the number of targets that are not ignored."""
        counted = self.weights if self.weights is not None else cast(self.valid, self.x.dtype)
        return reduced(counted, "sum")


def _indices(x: Node, target: Node, weight: Node | None) -> Node:
    """Class indices as they fit the input; raises for what doesn't."""
    if not x.ndim:
        raise GradcliError("shape", "Expected 1 or more dimensions (got 0)")
    count = target.shape[0] if target.ndim else 0
    if x.ndim > 1 and x.shape[0] != count:
        raise GradcliError(
            "shape", f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({count})."
        )
    expected = (x.shape[0], *x.shape[2:])
    if x.ndim < 3 and target.ndim > 1:
        raise GradcliError("shape", "0D or 1D target tensor expected, multi-target not supported")
    if x.ndim == 4 and target.ndim != 3:
        raise GradcliError(
            "shape",
            "only batches of spatial targets supported (3D tensors) but got targets of dimension: "
            f"{target.ndim}",
        )
    if x.ndim not in (1, 4) and target.shape != expected:
        raise GradcliError("shape", f"Expected target size {list(expected)}, got {list(target.shape)}")
    if target.dtype.name not in ("int64", "uint8"):
        raise GradcliError(
            "dtype",
            f"expected target dtype to be Long or Byte, but got {torch_name(target.dtype)}",
            hint="class indices are integers; class probabilities have the shape of the input",
        )
    if x.ndim == 1 and target.size != 1:
        raise GradcliError(
            "shape", f"For 1D input, 1D target must have size 1, but got target size: {target.size}"
        )
    if x.ndim == 4 and target.shape != expected:
        raise GradcliError(
            "shape", f"size mismatch (got input: {list(x.shape)} , target: {list(target.shape)}"
        )
    classes = x.shape[_class_dim(x)]
    if weight is not None and weight.shape != (classes,):
        raise GradcliError(
            "shape",
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight "
            f"tensor of shape: {list(weight.shape)}",
        )
    return reshape_to(target, ()) if x.ndim == 1 else target


def _sum_of_losses(x: Any, dims: tuple[int, ...]) -> Any:
    if x.dtype != FLOAT32 or not x.size:  # computed again in another dtype
        return total_of(x, dims)
    from gradcli.tape.cascade import losses  # loaded when float32 is added up

    return losses(x, dims)


sum_of_losses = Linear(
    "sum", _sum_of_losses, reduce_sum.infer, reduce_sum.transpose, along=along_others, reduces=np.add
)
"""A sum in the order of PyTorch's nll_loss, which float32 shows."""


def _reduced(terms: Node, reduction: str) -> Node:
    """`reduced`, but that a sum of a few losses is that of PyTorch to the last digit."""
    if reduction != "sum" or terms.dtype is not FLOAT32 or not terms.ndim or terms.size > FEW:
        return reduced(terms, reduction)
    return sum_of_losses(terms, attrs=(tuple(range(-terms.ndim, 0)),))


def _nll_name(call: Mapping[str, Any]) -> str:
    x = call["input"]
    if not isinstance(x, Node) or x.ndim <= 2:
        return "NllLoss"
    plain = x.ndim == 4 or reduction_name(call["reduction"], call["size_average"], call["reduce"]) != "none"
    return "NllLoss2D" if plain else "View"


@function(LOSS, "nll_loss", method=False, grad_fn=_nll_name)
def nll_loss(
    input: Operand,
    target: Operand,
    weight: Operand | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Node:
    """the weighted mean of -input at each target's class, input being log-probabilities"""
    x, t = as_node(input), as_node(target)
    w = None if weight is None else as_node(weight)
    if x.dtype not in FLOATS:
        raise GradcliError("dtype", f"\"nll_loss_out_frame\" not implemented for '{torch_name(x.dtype)}'")
    t = _indices(x, t, w)
    classes = _Classes(x, t, w, ignore_index)
    reduction = reduction_name(reduction, size_average, reduce)
    if reduction != "mean":
        return _reduced(classes.loss(), reduction)
    return primitives.div(_reduced(classes.loss(), "sum"), classes.count())


def _cross_entropy_name(call: Mapping[str, Any]) -> str:
    x, t = call["input"], call["target"]
    by_probability = isinstance(x, Node) and isinstance(t, Node) and x.shape == t.shape
    if by_probability and t.dtype in FLOATS:
        chosen = reduction_name(call["reduction"], call["size_average"], call["reduce"])
        return "DivBackward1" if chosen == "mean" and x.size else "Neg"
    return "Add" if call["label_smoothing"] > 0 else _nll_name(call)


@function(LOSS, "cross_entropy", method=False, grad_fn=_cross_entropy_name)
def cross_entropy(
    input: Operand,
    target: Operand,
    weight: Operand | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Node:
    """the weighted mean of -log(softmax(input)) at each target's class, or averaged by class probabilities"""
    x, t = as_node(input), as_node(target)
    w = None if weight is None else as_node(weight)
    if not 0 <= label_smoothing <= 1:
        raise GradcliError(
            "bad-argument", f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}"
        )
    reduction = reduction_name(reduction, size_average, reduce)
    by_probability = x.shape == t.shape
    if not by_probability:
        dim_index(0 if x.ndim == 1 else 1, x.ndim)
    if by_probability and t.dtype not in FLOATS:
        raise GradcliError(
            "dtype",
            "Expected floating point type for target with class probabilities, got "
            f"{'Long' if t.dtype is INT64 else t.dtype.name}",
            hint="a target of the input's shape holds probabilities; class indices have one dim less",
        )
    if not x.ndim:
        raise GradcliError("shape", "Dimension specified as 1 but tensor has no dimensions")
    if not by_probability:
        t = _indices(x, t, w)
    elif w is not None and w.shape != (x.shape[_class_dim(x)],):
        raise GradcliError(
            "shape",
            "cross_entropy: weight tensor should be defined either for all "
            f"{x.shape[_class_dim(x)]} classes or no classes but got weight tensor of shape: {list(w.shape)}",
        )
    log_p = log_softmax(x, _class_dim(x))
    if by_probability:
        if ignore_index >= 0:
            raise GradcliError("bad-argument", "ignore_index is not supported for floating point target")
        return _by_probability(log_p, t, w, reduction, label_smoothing)
    return _by_index(log_p, t, w, ignore_index, reduction, label_smoothing)


def _by_probability(log_p: Node, target: Node, weight: Node | None, reduction: str, smoothing: float) -> Node:
    dim = _class_dim(log_p)
    count = log_p.shape[dim]
    if smoothing > 0:
        target = primitives.add(scale(target, 1 - smoothing), smoothing / count)
    terms = primitives.mul(log_p, target)
    if weight is not None:
        terms = primitives.mul(terms, reshape_to(weight, (count, *(1,) * (-1 - dim))))
    if reduction == "mean":
        number = prod(log_p.shape) // count if count else 0
        return primitives.neg(over_count(reduced(terms, "sum"), number))
    terms = primitives.neg(total(terms, (dim,)))
    return reduced(terms, reduction)


def _by_index(
    log_p: Node, target: Node, weight: Node | None, ignore_index: int, reduction: str, smoothing: float
) -> Node:
    classes = _Classes(log_p, target, weight, ignore_index)
    terms = classes.loss()
    if smoothing > 0:
        spread = primitives.mul(classes.x, weight) if weight is not None else classes.x
        everywhere = where(classes.valid, primitives.neg(total(spread, (-1,))), 0.0)
        terms = primitives.add(
            scale(terms, 1 - smoothing), scale(everywhere, smoothing / max(classes.x.shape[-1], 1))
        )
    add_up = reduced if smoothing > 0 else _reduced
    if reduction != "mean":
        return add_up(terms, reduction)
    return primitives.div(add_up(terms, "sum"), classes.count())
