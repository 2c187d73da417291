"""`torch.nn.utils`: gradients clipped, parameters as one vector; `torch.utils.checkpoint`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.neural.module import apply, assign, called, children, is_module
from gradcli.neural.packed import RNN_UTILS
from gradcli.neural.parametrised import PARAMETRIZATIONS, PARAMETRIZE
from gradcli.neural.reparametrised import functional_call, spectral_norm, weight_norm
from gradcli.values.conversions import listed, number
from gradcli.values.values import Builtin, Namespace

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def tensors_of(runtime: Runtime, values: Any, span: Span) -> list[Tensor]:
    """A tensor, or all of several."""
    found = [values] if type(values) is Tensor else listed(runtime, values, span)
    if not all(type(each) is Tensor for each in found):
        raise GradcliError("bad-argument", "parameters are tensors", span=span)
    return found


def _norm_of(runtime: Runtime, tensors: list[Tensor], norm_type: Any, span: Span) -> Tensor:
    """The norm of all elements of tensors together: that of their norms, as PyTorch computes it."""
    session, order = runtime.session, number(runtime, norm_type, span, "norm_type")
    if not tensors:
        return session.leaf(np.zeros((), session.default_dtype))
    norms = [apply(runtime, "norm", session.detach(each), order) for each in tensors]
    return session.detach(apply(runtime, "norm", apply(runtime, "stack", norms), order))


def _total_norm(
    runtime: Runtime, span: Span, tensors: Any, norm_type: Any = 2.0, *_: Any, **__: Any
) -> Tensor:
    return _norm_of(runtime, tensors_of(runtime, tensors, span), norm_type, span)


def _gradients(runtime: Runtime, parameters: Any, span: Span) -> list[Tensor]:
    return [each.grad for each in tensors_of(runtime, parameters, span) if each.grad is not None]


def _clip_by_norm(
    runtime: Runtime, span: Span, parameters: Any, max_norm: Any, total_norm: Any, *_: Any
) -> None:
    session, most = runtime.session, number(runtime, max_norm, span, "max_norm")
    total = session.numpy(session.tensor(total_norm) if type(total_norm) is not Tensor else total_norm)
    scale = np.minimum(total.dtype.type(most) / (total + total.dtype.type(1e-6)), 1)
    for each in _gradients(runtime, parameters, span):
        assign(runtime, each, session.leaf(session.numpy(each) * scale.astype(each.dtype)))


def _clip_norm(
    runtime: Runtime, span: Span, parameters: Any, max_norm: Any, norm_type: Any = 2.0, **_: Any
) -> Tensor:
    given = tensors_of(runtime, parameters, span)  # once: it may be an iterator
    total = _norm_of(runtime, _gradients(runtime, given, span), norm_type, span)
    _clip_by_norm(runtime, span, given, max_norm, total)
    return total


def _clip_value(runtime: Runtime, span: Span, parameters: Any, clip_value: Any, **_: Any) -> None:
    session, most = runtime.session, number(runtime, clip_value, span, "clip_value")
    for each in tensors_of(runtime, parameters, span):
        if each.grad is not None:
            assign(runtime, each.grad, session.leaf(np.clip(session.numpy(each.grad), -most, most)))


def _to_vector(runtime: Runtime, span: Span, parameters: Any) -> Any:
    parts = [apply(runtime, "reshape", each, (-1,)) for each in tensors_of(runtime, parameters, span)]
    return apply(runtime, "cat", parts)


def _from_vector(runtime: Runtime, span: Span, vec: Any, parameters: Any) -> None:
    (vector,) = tensors_of(runtime, vec, span)
    array, start = runtime.session.numpy(vector).reshape(-1), 0
    for each in tensors_of(runtime, parameters, span):
        size = math.prod(each.shape)
        part = array[start : start + size]
        if part.size != size:
            raise GradcliError("shape", "the vector is shorter than the parameters together", span=span)
        assign(runtime, each, runtime.session.leaf(part.reshape(each.shape).astype(each.dtype)))
        start += size


UTILS = Namespace(
    "torch.nn.utils",
    {
        "clip_grad_norm_": Builtin("clip_grad_norm_", _clip_norm),
        "clip_grad_norm": Builtin("clip_grad_norm_", _clip_norm),
        "clip_grads_with_norm_": Builtin("clip_grads_with_norm_", _clip_by_norm),
        "get_total_norm": Builtin("get_total_norm", _total_norm),
        "clip_grad_value_": Builtin("clip_grad_value_", _clip_value),
        "parameters_to_vector": Builtin("parameters_to_vector", _to_vector),
        "weight_norm": Builtin("weight_norm", weight_norm),
        "spectral_norm": Builtin("spectral_norm", spectral_norm),
        "parametrize": PARAMETRIZE,
        "parametrizations": PARAMETRIZATIONS,
        "stateless": Namespace(
            "torch.nn.utils.stateless",
            {"functional_call": Builtin("functional_call", functional_call)},
            functions=False,
        ),
        "rnn": Namespace("torch.nn.utils.rnn", RNN_UTILS, functions=False),
        "vector_to_parameters": Builtin("vector_to_parameters", _from_vector),
    },
    functions=False,
)


# ---- torch.utils.checkpoint ----------------------------------------------------------------------


def _checkpoint(
    runtime: Runtime,
    span: Span,
    function: Any,
    *args: Any,
    use_reentrant: Any = None,
    preserve_rng_state: Any = True,
    **keywords: Any,
) -> Any:
    """The call itself: what it computes is kept as that of any other."""
    return called(runtime, span, function, *args, **keywords)


def _in_segments(runtime: Runtime, span: Span, functions: Any, segments: Any, input: Any, **_: Any) -> Any:
    own = is_module(functions)
    parts = [each for _, each in children(functions)] if own else listed(runtime, functions, span)
    for each in parts:
        input = called(runtime, span, each, input)
    return input


CHECKPOINT = Namespace(
    "torch.utils.checkpoint",
    {
        "checkpoint": Builtin("checkpoint", _checkpoint),
        "checkpoint_sequential": Builtin("checkpoint_sequential", _in_segments),
    },
    functions=False,
)
