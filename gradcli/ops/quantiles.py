"""Quantiles: between the two elements, in order, beside the place that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.errors import GradcliError
from gradcli.ops import elementwise as e
from gradcli.ops.binary import lerp
from gradcli.ops.indexing import along_last
from gradcli.ops.joining import stacked
from gradcli.ops.reductions import REDUCTION, total
from gradcli.ops.registry import function
from gradcli.ops.shapes import moved_last
from gradcli.ops.sorting import order
from gradcli.tape import primitives
from gradcli.tape.node import FLOAT32, FLOAT64, INT64, Node, Operand, leaf
from gradcli.tape.primitives import as_node, cast, reshape_to, where
from gradcli.tape.promote import dim_index

_MODES = ("linear", "lower", "higher", "midpoint", "nearest")


@function(REDUCTION, "quantile", grad_fn="SqueezeBackward4")
def quantile(
    input: Operand,
    q: Operand,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Node:
    """the value below which a share q of the elements (over dim) lies; several q stand first"""
    return _quantile("quantile", input, q, dim, keepdim, interpolation, False)


@function(REDUCTION, "nanquantile", grad_fn="SqueezeBackward4")
def nanquantile(
    input: Operand,
    q: Operand,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Node:
    """the value below which a share q of what is not nan lies; several q stand first"""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, True)


def _quantile(
    name: str, input: Operand, q: Operand, dim: int | None, keepdim: bool, mode: str, skip: bool
) -> Node:
    from gradcli.engine.run import value

    x = as_node(input)
    if x.dtype not in (FLOAT32, FLOAT64):
        raise GradcliError("dtype", f"{name}() input tensor must be either float or double dtype")
    if mode not in _MODES:
        raise GradcliError(
            "bad-argument",
            f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{mode}",
        )
    shares = np.asarray(value(q) if isinstance(q, Node) else q)
    if isinstance(q, Node) and q.dtype != x.dtype:
        raise GradcliError("dtype", f"{name}() q tensor must be same dtype as the input tensor")
    if shares.ndim > 1:
        raise GradcliError("shape", f"{name}() q must be a scalar or 1D tensor")
    if not x.size:
        raise GradcliError("shape", f"{name}() input tensor must be non-empty")
    if not ((shares >= 0) & (shares <= 1)).all():
        said = (
            f"must be in the range [0, 1] but got {shares:g}"
            if not shares.ndim
            else "values must be in the range [0, 1]"
        )
        raise GradcliError("bad-argument", f"{name}() q {said}")
    axis = None if dim is None else dim_index(dim, max(x.ndim, 1))
    flat = reshape_to(x, (x.size,)) if axis is None or not x.ndim else moved_last(x, axis)
    found = _interpolated(flat, shares.reshape(-1).astype(x.dtype), mode, skip)
    shape = flat.shape[:-1]
    if keepdim:
        shape = tuple([1 if axis in (None, at - x.ndim) else size for at, size in enumerate(x.shape)])
    return reshape_to(found, (len(shares), *shape) if shares.ndim else shape)


def _interpolated(x: Node, shares: Any, mode: str, skip: bool) -> Node:
    """For each share, first dim, what lies there among the elements of the last dim."""
    ordered = along_last(x, order(x, attrs=(-1, False)))
    missing = total(cast(e.isnan(x), INT64), (-1,))
    missing = reshape_to(missing, (*missing.shape, 1))
    most = x.shape[-1] - 1
    last = cast(primitives.sub(most, missing), x.dtype) if skip else leaf(np.asarray(most, x.dtype))
    results = []
    for share in shares:
        place = primitives.mul(last, float(share))
        if not skip:  # a nan stands last, and is what is found
            place = where(e.gt(missing, 0), float(most), place)
        place = e.clamp_number(place, attrs=(0, None))
        rounding = {"lower": e.floor, "higher": e.ceil, "nearest": e.rint}.get(mode)
        if rounding is not None:
            place = rounding(place)
        low = along_last(ordered, cast(e.floor(place), INT64))
        if mode in ("linear", "midpoint"):
            part = (
                primitives.sub(place, e.floor(place)) if mode == "linear" else leaf(np.asarray(0.5, x.dtype))
            )
            high = along_last(ordered, cast(e.ceil(place), INT64))
            low = lerp(low, high, part)
        results.append(low)
    return stacked(results, -x.ndim - 1) if results else leaf(np.zeros((0, *x.shape[:-1]), x.dtype))
