"""`torch.vmap`, and gradients for a batch of weights: a call for each entry of a dim, stacked again.

Reached through `gradcli.library.functional`, when a program calls it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.autograd.labels import row
from gradcli.errors import GradcliError
from gradcli.library.calling import call_value
from gradcli.library.differentiated import flat, mapped, require_function
from gradcli.ops.rows import CallName
from gradcli.values.conversions import integer
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def vmap(
    runtime: Runtime, span: Span, func: Any, in_dims: Any = 0, out_dims: Any = 0, randomness: Any = "error"
) -> Builtin:
    """`vmap(f)`: f of each entry along a dim of its arguments."""
    require_function(func, "vmap", span)

    def run(runtime: Runtime, span: Span, *args: Any, **keywords: Any) -> Any:
        dims = list(in_dims) if isinstance(in_dims, (list, tuple)) else [in_dims] * len(args)
        if len(dims) != len(args):
            raise GradcliError(
                "bad-argument",
                "vmap: in_dims is not compatible with the structure of inputs: got "
                f"{len(dims)} dims for {len(args)} inputs",
                span=span,
            )
        for arg, dim in zip(args, dims, strict=True):
            rank = len(arg.shape) if type(arg) is Tensor else 0
            if type(arg) is Tensor and type(dim) is int and not -rank <= dim < rank:
                raise GradcliError(
                    "bad-argument",
                    f"vmap({getattr(func, 'name', 'f')}, in_dims={in_dims}, ...)(<inputs>): Got "
                    f"in_dim={dim} for some input, but that input is a Tensor of dimensionality {rank} so "
                    f"expected in_dim to satisfy -{rank} <= in_dim < {rank}.",
                    span=span,
                )
        # What holds no tensor, as the buffers of a model without any, is the same for every entry.
        dims = [dim if flat(arg) else None for arg, dim in zip(args, dims, strict=True)]
        rows = [
            [arg] if dim is None else entries(runtime, arg, integer(runtime, dim, span, "in_dims"))
            for arg, dim in zip(args, dims, strict=True)
        ]
        sizes = {len(each) for each, dim in zip(rows, dims, strict=True) if dim is not None}
        if len(sizes) != 1:
            message = (
                "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                f"{sorted(sizes)} for the mapped dimension"
            )
            raise GradcliError("bad-argument", message, span=span)
        (size,) = sizes
        if not size:  # what one entry of zeros would give, of which there is none
            rows = [
                each if dim is None else [_like_entry(runtime, arg, dim)]
                for each, arg, dim in zip(rows, args, dims, strict=True)
            ]
        results = []
        for at in range(size or 1):
            given = [each[0] if dim is None else each[at] for each, dim in zip(rows, dims, strict=True)]
            results.append(call_value(runtime, func, tuple(given), keywords, span))
        whole = stacked(runtime, results, out_dims)
        return whole if size else _emptied(runtime, whole, out_dims)

    return Builtin("vmap", run)


_OF_ENTRIES = {
    "SumBackward0": "SumBackward1",
    "MeanBackward0": "MeanBackward1",
    "ProdBackward0": "ProdBackward1",
    "DotBackward0": "SqueezeBackward1",
}
"""What is done to the whole of each entry, as what is done along dims of all of them."""


def _like_entry(runtime: Runtime, value: Any, dim: int) -> Any:
    """Zeros in the shape of an entry of a tensor, or of a nest of tensors, along a dim."""

    def zeros(tensor: Tensor) -> Tensor:
        shape = list(tensor.shape)
        del shape[dim]
        return runtime.session.leaf(np.zeros(shape, tensor.dtype))

    return mapped(zeros, value)


def _emptied(runtime: Runtime, value: Any, dim: Any) -> Any:
    """Of a tensor, or of a nest of tensors, nothing along a dim."""
    if isinstance(value, dict):
        return type(value)((key, _emptied(runtime, each, dim)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        dims = dim if isinstance(dim, (list, tuple)) else [dim] * len(value)
        return type(value)(_emptied(runtime, each, at) for each, at in zip(value, dims, strict=True))
    if type(value) is not Tensor:
        return value
    return runtime.session.apply(row("narrow"), (value, dim, 0, 0), {})


def entries(runtime: Runtime, tensor: Any, dim: int) -> list[Any]:
    """The entries of a tensor along a dim; those of a nest of tensors are nests."""
    if isinstance(tensor, dict):
        rows = [entries(runtime, each, dim) for each in tensor.values()]
        return [type(tensor)(zip(tensor, each, strict=True)) for each in zip(*rows, strict=True)]
    if isinstance(tensor, (list, tuple)):
        parts = [entries(runtime, each, dim) for each in tensor]
        return [type(tensor)(each) for each in zip(*parts, strict=True)]
    return list(runtime.session.apply(row("unbind"), (tensor, dim), {}))


def stacked(runtime: Runtime, results: list[Any], dim: Any = 0) -> Any:
    """Results of one structure, each stacked along a dim."""
    if isinstance(results[0], dict):
        return type(results[0])(
            (key, stacked(runtime, [each[key] for each in results], dim)) for key in results[0]
        )
    if isinstance(results[0], (list, tuple)):
        count = len(results[0])
        dims = dim if isinstance(dim, (list, tuple)) else [dim] * count
        parts = [stacked(runtime, [each[at] for each in results], dims[at]) for at in range(count)]
        return type(results[0])(parts) if type(results[0]) in (list, tuple) else tuple(parts)
    if type(results[0]) is not Tensor:
        return results[0]
    made = runtime.session.apply(row("stack"), (results, 0), {})
    first, call = results[0].node.call, made.node.call
    if call is not None and first is not None:  # one operation for all there
        name = first.function.grad_fn
        call.function = CallName("vmap", _OF_ENTRIES.get(name, name))
    return runtime.session.apply(row("movedim"), (made, 0, dim), {}) if dim else made
