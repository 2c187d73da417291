"""Modules that multiply by their weights: linear layers, embeddings, convolutions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError, failure
from gradcli.neural.init import room
from gradcli.neural.making import as_sizes, begin, described, has_bias, layer, uniform, weights, whole
from gradcli.neural.module import Held, apply, as_parameter, called, parameter
from gradcli.values.conversions import integer, truth
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

# ---- linear layers -------------------------------------------------------------------------------


def _linear(
    runtime: Runtime,
    span: Span,
    module: Instance,
    in_features: Any,
    out_features: Any,
    bias: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    inputs, outputs = (whole(runtime, each, span, "a size") for each in (in_features, out_features))
    kind = begin(runtime, span, module, dtype=dtype, in_features=inputs, out_features=outputs)
    weights(runtime, module, (outputs, inputs), kind, truth(runtime, bias, span))


def _linear_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    held = Held(module)
    return apply(runtime, "linear", input, held["weight"], held["bias"])


LINEAR = layer(
    "Linear",
    _linear,
    _linear_forward,
    lambda runtime, module: (
        described(runtime, module, ("in_features", "out_features")) + ", " + has_bias(runtime, module)
    ),
    "linear",
)


def _bilinear(
    runtime: Runtime,
    span: Span,
    module: Instance,
    in1_features: Any,
    in2_features: Any,
    out_features: Any,
    bias: Any = True,
    device: Any = None,
    dtype: Any = None,
) -> None:
    first, second, outputs = (
        whole(runtime, each, span, "a size") for each in (in1_features, in2_features, out_features)
    )
    sizes = {"in1_features": first, "in2_features": second, "out_features": outputs}
    kind = begin(runtime, span, module, dtype=dtype, **sizes)
    bound = 1 / math.sqrt(first)
    module.attributes["weight"] = uniform(runtime, (outputs, first, second), kind, bound)
    given = truth(runtime, bias, span)
    module.attributes["bias"] = uniform(runtime, (outputs,), kind, bound) if given else None


def _bilinear_forward(runtime: Runtime, span: Span, module: Instance, input1: Any, input2: Any) -> Any:
    return apply(runtime, "bilinear", input1, input2, Held(module)["weight"], Held(module)["bias"])


BILINEAR = layer(
    "Bilinear",
    _bilinear,
    _bilinear_forward,
    lambda runtime, module: (
        described(runtime, module, ("in1_features", "in2_features", "out_features"))
        + ", "
        + has_bias(runtime, module)
    ),
    "linear",
)

# ---- embeddings ----------------------------------------------------------------------------------


def _embedding(
    runtime: Runtime,
    span: Span,
    module: Instance,
    num_embeddings: Any,
    embedding_dim: Any,
    padding_idx: Any = None,
    max_norm: Any = None,
    norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False,
    sparse: Any = False,
    _weight: Any = None,
    _freeze: Any = False,
    device: Any = None,
    dtype: Any = None,
) -> None:
    for name, value in (("max_norm", max_norm), ("scale_grad_by_freq", scale_grad_by_freq)):
        if value not in (None, False):
            raise GradcliError("bad-argument", f"Embedding has no {name} here", span=span)
    rows, width = (whole(runtime, each, span, "a size") for each in (num_embeddings, embedding_dim))
    sizes = {"num_embeddings": rows, "embedding_dim": width, "padding_idx": padding_idx}
    kind = begin(runtime, span, module, dtype=dtype, sparse=truth(runtime, sparse, span), **sizes)
    if type(_weight) is Tensor:
        if tuple(_weight.shape) != (rows, width):
            message = "Shape of weight does not match num_embeddings and embedding_dim"
            raise GradcliError("shape", message, span=span)
        module.attributes["weight"] = as_parameter(runtime, span, _weight, not _freeze)
        return
    values = runtime.session.context.generator.normal(room((rows, width), kind), kind)
    if padding_idx is not None:
        place = integer(runtime, padding_idx, span, "padding_idx must be an integer")
        if not -rows <= place < rows:
            message = "Padding_idx must be within num_embeddings"
            raise GradcliError("bad-argument", message, span=span)
        values[place] = 0
    module.attributes["weight"] = parameter(runtime, values, writes=1 + (padding_idx is not None))


def _embedding_forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
    weight = Held(module)["weight"]
    if type(input) is not Tensor or input.dtype.kind not in "iu":
        message = (
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int"
        )
        raise GradcliError("dtype", message, span=span)
    return apply(runtime, "embedding", input, weight, Held(module)["padding_idx"])


EMBEDDING = layer(
    "Embedding",
    _embedding,
    _embedding_forward,
    lambda runtime, module: ", ".join(
        [
            *[str(Held(module)[name]) for name in ("num_embeddings", "embedding_dim")],
            *(
                [f"padding_idx={Held(module)['padding_idx']}"]
                if Held(module)["padding_idx"] is not None
                else []
            ),
            *(["sparse=True"] if Held(module)["sparse"] else []),
        ]
    ),
    "sparse",
)


def _from_pretrained(
    runtime: Runtime,
    span: Span,
    cls: ClassValue,
    embeddings: Any,
    freeze: Any = True,
    *given: Any,
    **named: Any,
) -> Any:
    if type(embeddings) is not Tensor or len(embeddings.shape) != 2:
        message = "Embeddings parameter is expected to be 2-dimensional"
        raise failure("AssertionError", message, span)
    named |= {"_weight": embeddings, "_freeze": truth(runtime, freeze, span)}
    return called(runtime, span, cls, *embeddings.shape, *given, **named)


EMBEDDING.members["from_pretrained"] = Decorated("classmethod", Builtin("from_pretrained", _from_pretrained))


def _embedding_bag(
    runtime: Runtime,
    span: Span,
    module: Instance,
    num_embeddings: Any,
    embedding_dim: Any,
    max_norm: Any = None,
    norm_type: Any = 2.0,
    scale_grad_by_freq: Any = False,
    mode: Any = "mean",
    sparse: Any = False,
    _weight: Any = None,
    include_last_offset: Any = False,
    padding_idx: Any = None,
    device: Any = None,
    dtype: Any = None,
) -> None:
    _embedding(
        runtime, span, module, num_embeddings, embedding_dim, _weight=_weight, device=device, dtype=dtype
    )
    module.attributes |= {"mode": mode, "max_norm": max_norm, "padding_idx": padding_idx}
    module.attributes["include_last_offset"] = truth(runtime, include_last_offset, span)


def _embedding_bag_forward(
    runtime: Runtime,
    span: Span,
    module: Instance,
    input: Any,
    offsets: Any = None,
    per_sample_weights: Any = None,
) -> Any:
    held = Held(module)
    settings = {each: held[each] for each in ("max_norm", "mode", "include_last_offset", "padding_idx")}
    settings["per_sample_weights"] = per_sample_weights
    return apply(runtime, "embedding_bag", input, held["weight"], offsets, **settings)


EMBEDDING_BAG = layer(
    "EmbeddingBag",
    _embedding_bag,
    _embedding_bag_forward,
    lambda runtime, module: (
        f"{Held(module)['num_embeddings']}, {Held(module)['embedding_dim']}, "
        + described(
            runtime, module, ("mode",) if Held(module)["padding_idx"] is None else ("mode", "padding_idx")
        )
    ),
    "sparse",
)

# ---- convolutions --------------------------------------------------------------------------------


def convolution(rank: int) -> ClassValue:
    name = f"Conv{rank}d"

    def start(
        runtime: Runtime,
        span: Span,
        module: Instance,
        in_channels: Any,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
        bias: Any = True,
        padding_mode: Any = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise GradcliError(
                "bad-argument", "only padding_mode='zeros' is here", span=span, hint="use F.pad before it"
            )
        inputs, outputs, parts = _channels(runtime, span, in_channels, out_channels, groups)
        given = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        sizes = {each: as_sizes(runtime, value, rank, span, each) for each, value in given.items()}
        kind = begin(
            runtime,
            span,
            module,
            dtype=dtype,
            in_channels=inputs,
            out_channels=outputs,
            groups=parts,
            **sizes,
        )
        shape = (outputs, inputs // parts, *sizes["kernel_size"])
        weights(runtime, module, shape, kind, truth(runtime, bias, span))

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        settings = {each: held[each] for each in ("stride", "padding", "dilation", "groups")}
        return apply(runtime, f"conv{rank}d", input, held["weight"], held["bias"], **settings)

    def shown(runtime: Runtime, module: Instance) -> str:
        return _convolution_shown(module, {"padding": (0,) * rank, "dilation": (1,) * rank, "groups": 1})

    return layer(name, start, forward, shown, "conv")


def transposed(rank: int) -> ClassValue:
    """The layer whose function is the transpose of a convolution."""
    name = f"ConvTranspose{rank}d"
    usual = {"padding": (0,) * rank, "dilation": (1,) * rank, "output_padding": (0,) * rank, "groups": 1}

    def start(
        runtime: Runtime,
        span: Span,
        module: Instance,
        in_channels: Any,
        out_channels: Any,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: Any = 1,
        bias: Any = True,
        dilation: Any = 1,
        padding_mode: Any = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            message = f'Only "zeros" padding mode is supported for {name}'
            raise GradcliError("bad-argument", message, span=span)
        given = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        given["output_padding"] = output_padding
        sizes = {each: as_sizes(runtime, value, rank, span, each) for each, value in given.items()}
        inputs, outputs, parts = _channels(runtime, span, in_channels, out_channels, groups)
        held = {"in_channels": inputs, "out_channels": outputs, "groups": parts, **sizes}
        kind = begin(runtime, span, module, dtype=dtype, **held)
        shape = (inputs, outputs // parts, *sizes["kernel_size"])
        weights(runtime, module, shape, kind, truth(runtime, bias, span), outputs)

    def forward(runtime: Runtime, span: Span, module: Instance, input: Any) -> Any:
        held = Held(module)
        settings = {each: held[each] for each in ("stride", *usual)}
        return apply(runtime, f"conv_transpose{rank}d", input, held["weight"], held["bias"], **settings)

    def shown(runtime: Runtime, module: Instance) -> str:
        return _convolution_shown(module, usual)

    return layer(name, start, forward, shown, "conv")


def _channels(runtime: Runtime, span: Span, *counts: Any) -> tuple[int, int, int]:
    """How many channels go in and come out, and in how many groups."""
    inputs, outputs, parts = (whole(runtime, each, span, "a number of channels") for each in counts)
    if not parts or inputs % parts or outputs % parts:
        raise GradcliError("bad-argument", "in_channels must be divisible by groups", span=span)
    return inputs, outputs, parts


def _convolution_shown(module: Instance, usual: dict[str, Any]) -> str:
    held = Held(module)
    parts = [str(held["in_channels"]), str(held["out_channels"])]
    parts += [f"{each}={held[each]!r}" for each in ("kernel_size", "stride")]
    parts += [f"{each}={held[each]}" for each, value in usual.items() if held[each] != value]
    return ", ".join([*parts, *(["bias=False"] if held["bias"] is None else [])])
