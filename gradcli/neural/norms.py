"""Modules that normalise: by the statistics of a layer, of groups, of a batch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.making import as_sizes, begin, described, filled, has_bias, layer, whole
from gradcli.neural.module import Held, apply, assign
from gradcli.values.conversions import number, truth
from gradcli.values.formatting import represent
from gradcli.values.objects import ClassValue, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime


def _scales(
    runtime: Runtime, module: Instance, shape: tuple[int, ...], dtype: np.dtype[Any], weight: bool, bias: bool
) -> None:
    """Weight and bias as every norm of PyTorch begins with them, where it has them."""
    module.attributes["weight"] = filled(runtime, shape, dtype, 1.0) if weight else None
    module.attributes["bias"] = filled(runtime, shape, dtype, 0.0) if bias else None


def _layer_norm(
    runtime: Runtime,
    span: Span,
    module: Instance,
    normalized_shape: Any,
    eps: Any = 1e-5,
    elementwise_affine: Any = True,
    bias: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    shape = as_sizes(runtime, normalized_shape, 1, span, "normalized_shape")
    affine = truth(runtime, elementwise_affine, span)
    kind = begin(
        runtime, span, module, dtype=dtype, normalized_shape=shape, eps=eps, elementwise_affine=affine
    )
    _scales(runtime, module, shape, kind, affine, affine and truth(runtime, bias, span))


def _layer_norm_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    held = Held(module)
    return apply(
        runtime, "layer_norm", input, held["normalized_shape"], held["weight"], held["bias"], held["eps"]
    )


LAYER_NORM = layer(
    "LayerNorm",
    _layer_norm,
    _layer_norm_forward,
    lambda runtime, module: (
        f"{represent(runtime, Held(module)['normalized_shape'])}, "
        + described(runtime, module, ("eps", "elementwise_affine"))
        + f", {has_bias(runtime, module)}"
    ),
    "normalization",
)


def _group_norm(
    runtime: Runtime,
    span: Span,
    module: Instance,
    num_groups: Any,
    num_channels: Any,
    eps: Any = 1e-5,
    affine: Any = True,
    device: Any = None,
    dtype: Any = None,
    *,
    bias: Any = True,
) -> None:
    groups, channels = (whole(runtime, each, span, "a size") for each in (num_groups, num_channels))
    if not groups or channels % groups:
        message = f"num_channels ({channels}) must be divisible by num_groups ({groups})"
        raise failure("ValueError", message, span)
    flag = truth(runtime, affine, span)
    sizes = {"num_groups": groups, "num_channels": channels, "eps": eps, "affine": flag}
    kind = begin(runtime, span, module, dtype=dtype, **sizes)
    _scales(runtime, module, (channels,), kind, flag, flag and truth(runtime, bias, span))


def _group_norm_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    held = Held(module)
    return apply(runtime, "group_norm", input, held["num_groups"], held["weight"], held["bias"], held["eps"])


GROUP_NORM = layer(
    "GroupNorm",
    _group_norm,
    _group_norm_forward,
    lambda runtime, module: (
        f"{Held(module)['num_groups']}, {Held(module)['num_channels']}, "
        + described(runtime, module, ("eps", "affine"))
        + f", {has_bias(runtime, module)}"
    ),
    "normalization",
)


def _rms_norm(
    runtime: Runtime,
    span: Span,
    module: Instance,
    normalized_shape: Any,
    eps: Any = None,
    elementwise_affine: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    shape = as_sizes(runtime, normalized_shape, 1, span, "normalized_shape")
    affine = truth(runtime, elementwise_affine, span)
    kind = begin(
        runtime, span, module, dtype=dtype, normalized_shape=shape, eps=eps, elementwise_affine=affine
    )
    module.attributes["weight"] = filled(runtime, shape, kind, 1.0) if affine else None


def _rms_norm_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    held = Held(module)
    return apply(runtime, "rms_norm", input, held["normalized_shape"], held["weight"], held["eps"])


RMS_NORM = layer(
    "RMSNorm",
    _rms_norm,
    _rms_norm_forward,
    lambda runtime, module: (
        f"{represent(runtime, Held(module)['normalized_shape'])}, "
        + described(runtime, module, ("eps", "elementwise_affine"))
    ),
    "normalization",
)


def batch_norm(rank: int) -> ClassValue:
    ranks = {1: (2, 3), 2: (4,), 3: (5,)}[rank]

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        _check_rank(input, ranks, span)
        channels, features = input.shape[1], held["num_features"]
        if held["track_running_stats"] and channels != features:
            message = f"running_mean should contain {channels} elements not {features}"
            raise GradcliError("shape", message, span=span)
        own, running = _statistics(held)
        scales = (held["weight"], held["bias"])
        result = apply(runtime, "batch_norm", input, *running, *scales, own, eps=held["eps"])
        if own and held["track_running_stats"]:
            batches = int(runtime.session.numpy(_buffer(held, "num_batches_tracked")).sum()) + 1
            assign(runtime, held["num_batches_tracked"], batches)
            _track(runtime, module, input, batches)
        return result

    return _of_channels(f"BatchNorm{rank}d", True, forward, "batchnorm")


def instance_norm(rank: int) -> ClassValue:
    """Each channel of each sample by itself; a sample may come without a batch."""

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        _check_rank(input, (rank + 1, rank + 2), span)
        single = len(input.shape) == rank + 1
        x = apply(runtime, "unsqueeze", input, 0) if single else input
        own, running = _statistics(held)
        scales = (held["weight"], held["bias"])
        result = apply(runtime, "instance_norm", x, *running, *scales, own, eps=held["eps"])
        if own and held["track_running_stats"]:
            _track(runtime, module, x, 1, (0,))
        return apply(runtime, "squeeze", result, 0) if single else result

    return _of_channels(f"InstanceNorm{rank}d", False, forward, "instancenorm")


def _check_rank(input: Any, ranks: tuple[int, ...], span: Span) -> None:
    if type(input) is not Tensor or len(input.shape) not in ranks:
        shown = f"got {len(input.shape)}D input" if type(input) is Tensor else "got no tensor"
        wanted = " or ".join(f"{each}D" for each in ranks)
        raise GradcliError("shape", f"expected {wanted} input ({shown})", span=span)


def _of_channels(name: str, usual: bool, forward: Any, group: str) -> ClassValue:
    """A norm that has a weight, a bias and running statistics for each channel, `usual`ly or on request."""

    def start(
        runtime: Runtime,
        span: Span,
        module: Instance,
        num_features: Any,
        eps: Any = 1e-5,
        momentum: Any = 0.1,
        affine: Any = usual,
        track_running_stats: Any = usual,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: Any = True,
    ) -> None:
        size = whole(runtime, num_features, span, "num_features")
        flags = {"affine": truth(runtime, affine, span)}
        flags["track_running_stats"] = truth(runtime, track_running_stats, span)
        settings = {"num_features": size, "eps": eps, "momentum": momentum, **flags}
        kind = begin(runtime, span, module, dtype=dtype, **settings)
        session, held = runtime.session, module.attributes
        weighted = flags["affine"]
        _scales(runtime, module, (size,), kind, weighted, weighted and truth(runtime, bias, span))
        if flags["track_running_stats"]:
            held["running_mean"] = session.leaf(np.zeros(size, kind))
            held["running_var"] = session.leaf(np.ones(size, kind))
            held["num_batches_tracked"] = session.leaf(np.array(0))
            module.state["buffers"] = ["running_mean", "running_var", "num_batches_tracked"]

    def shown(runtime: Runtime, module: Instance) -> str:
        names = ("eps", "momentum", "affine", "track_running_stats")
        shown = f"{Held(module)['num_features']}, " + described(runtime, module, names)
        return shown.replace(", track", f", {has_bias(runtime, module)}, track")

    made = layer(name, start, forward, shown, group)
    made.members["reset_running_stats"] = Builtin("reset_running_stats", _reset)
    return made


def _reset(runtime: Runtime, span: Span, module: Instance) -> None:
    held = Held(module)
    if held["track_running_stats"]:
        for name, value in (("running_mean", 0.0), ("running_var", 1.0), ("num_batches_tracked", 0)):
            buffer = _buffer(held, name)
            assign(runtime, buffer, apply(runtime, "full_like", buffer, value))


def _statistics(held: Held) -> tuple[Any, tuple[Any, Any]]:
    """Whether an input is taken by its own statistics, and the running ones that it is taken by if not."""
    own = held["training"] or not held["track_running_stats"]
    return own, (None, None) if own else (_buffer(held, "running_mean"), _buffer(held, "running_var"))


def _track(
    runtime: Runtime, module: Instance, input: Tensor, batches: int, apart: tuple[int, ...] = ()
) -> None:
    """Moves the running mean and (unbiased) variance towards those of a batch.

    Where statistics are taken for each index along the dims `apart`, the running ones are the means of those.
    """
    held, session = Held(module), runtime.session
    array = session.numpy(input)
    dims = tuple([dim for dim in (0, *range(2, array.ndim)) if dim not in apart])
    count = array.size // math.prod([array.shape[dim] for dim in (1, *apart)])
    given = held["momentum"]
    momentum = 1 / max(batches, 1) if given is None else number(runtime, given, None, "momentum")
    batch = {"running_mean": array.mean(dims), "running_var": array.var(dims) * (count / (count - 1))}
    batch = {name: each.mean(apart) if apart else each for name, each in batch.items()}
    for name, fresh in batch.items():
        former = session.numpy(_buffer(held, name))
        kind = former.dtype.type
        moved = kind(1 - momentum) * former + kind(momentum) * fresh.astype(former.dtype)
        assign(runtime, held[name], session.leaf(moved))


def _buffer(held: Held, name: str) -> Tensor:
    found = held[name]
    if type(found) is not Tensor:
        raise GradcliError("bad-argument", f"{name} is no tensor any more")
    return found
