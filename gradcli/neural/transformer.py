"""The layers of a transformer, and rows of them: attention, two Linear, norms and dropouts around them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.autograd import Tensor
from gradcli.errors import GradcliError
from gradcli.neural.attention import MULTIHEAD_ATTENTION
from gradcli.neural.containers import CONTAINERS
from gradcli.neural.init import INIT
from gradcli.neural.making import REQUIRED, begin, bound, layer, shows, whole
from gradcli.neural.module import Held, apply, called, parameters
from gradcli.neural.weighted import LINEAR
from gradcli.ops import registry
from gradcli.values.conversions import truth
from gradcli.values.copying import deepcopy
from gradcli.values.formatting import represent
from gradcli.values.objects import ClassValue, Decorated, Instance
from gradcli.values.values import Builtin

if TYPE_CHECKING:
    from gradcli.errors import Span
    from gradcli.values.runtime import Runtime

_SETTINGS: dict[str, Any] = {"d_model": REQUIRED, "nhead": REQUIRED, "dim_feedforward": 2048, "dropout": 0.1}
_SETTINGS |= {"activation": "relu", "layer_norm_eps": 1e-5, "batch_first": False, "norm_first": False}
_SETTINGS |= {"bias": True, "device": None, "dtype": None}


def _activation(runtime: Runtime, span: Span, given: Any) -> Any:
    """What stands between the two Linear: a name, or anything that is called."""
    if type(given) is not str:
        return given
    if given not in ("relu", "gelu"):
        message = f"activation should be relu/gelu, not {given}"
        raise GradcliError("bad-argument", message, span=span)
    return registry.lookup(given)


def _layer(name: str, attentions: tuple[str, ...]) -> ClassValue:
    """A layer with these attentions in turn; the second one looks at what an encoder gave."""
    from gradcli.neural.layers import LAYERS

    count = len(attentions) + 1

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, _SETTINGS, values, named, span)
        width, inner = (whole(runtime, given[each], span, each) for each in ("d_model", "dim_feedforward"))
        function = _activation(runtime, span, given["activation"])
        norm_first = truth(runtime, given["norm_first"], span)
        begin(runtime, span, module, norm_first=norm_first, activation=function)
        make = partial(called, runtime, span)
        own = {each: given[each] for each in ("bias", "device", "dtype")}
        held, rate = module.attributes, given["dropout"]
        for each in attentions:
            held[each] = make(
                MULTIHEAD_ATTENTION,
                width,
                given["nhead"],
                dropout=rate,
                batch_first=given["batch_first"],
                **own,
            )
        held["linear1"] = make(LINEAR, width, inner, **own)
        held["dropout"] = make(LAYERS["Dropout"], rate)
        held["linear2"] = make(LINEAR, inner, width, **own)
        for at in range(1, count + 1):
            held[f"norm{at}"] = make(LAYERS["LayerNorm"], width, eps=given["layer_norm_eps"], **own)
        for at in range(1, count + 1):
            held[f"dropout{at}"] = make(LAYERS["Dropout"], rate)

    def run(runtime: Runtime, span: Span, module: Instance, x: Any, parts: list[Any]) -> Any:
        """Adds each part to what came before, the norm before it or after."""
        held = Held(module)
        for at, part in enumerate(parts, 1):
            norm, dropout = (held[f"{each}{at}"] for each in ("norm", "dropout"))
            if held["norm_first"]:
                found = called(runtime, span, dropout, part(called(runtime, span, norm, x)))
                x = apply(runtime, "add", x, found)
            else:
                found = called(runtime, span, dropout, part(x))
                x = called(runtime, span, norm, apply(runtime, "add", x, found))
        return x

    def feed(runtime: Runtime, span: Span, module: Instance) -> Any:
        held = Held(module)
        steps = [held[each] for each in ("linear1", "activation", "dropout", "linear2")]

        def through(x: Any) -> Any:
            for each in steps:
                x = called(runtime, span, each, x)
            return x

        return through

    def attend(
        runtime: Runtime, span: Span, part: Any, memory: Any, mask: Any, padding: Any, causal: Any
    ) -> Any:
        settings = {"attn_mask": mask, "key_padding_mask": padding, "need_weights": False}
        settings["is_causal"] = causal if mask is not None else False

        def look(x: Any) -> Any:
            other = x if memory is None else memory
            return called(runtime, span, part, x, other, other, **settings)[0]

        return look

    def encode(
        runtime: Runtime,
        span: Span,
        module: Instance,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: Any = False,
    ) -> Any:
        own = attend(
            runtime, span, Held(module)["self_attn"], None, src_mask, src_key_padding_mask, is_causal
        )
        return run(runtime, span, module, src, [own, feed(runtime, span, module)])

    def decode(
        runtime: Runtime,
        span: Span,
        module: Instance,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: Any = False,
        memory_is_causal: Any = False,
    ) -> Any:
        held = Held(module)
        own = attend(runtime, span, held["self_attn"], None, tgt_mask, tgt_key_padding_mask, tgt_is_causal)
        masks = (memory_mask, memory_key_padding_mask, memory_is_causal)
        other = attend(runtime, span, held["multihead_attn"], memory, *masks)
        return run(runtime, span, module, tgt, [own, other, feed(runtime, span, module)])

    return layer(name, start, decode if count == 3 else encode, shows(), "transformer")


ENCODER_LAYER = _layer("TransformerEncoderLayer", ("self_attn",))
DECODER_LAYER = _layer("TransformerDecoderLayer", ("self_attn", "multihead_attn"))

# ---- rows of layers ------------------------------------------------------------------------------


def _row(name: str, first: str, forward: Any) -> ClassValue:
    settings: dict[str, Any] = {first: REQUIRED, "num_layers": REQUIRED, "norm": None}
    if name == "TransformerEncoder":
        settings |= {"enable_nested_tensor": True, "mask_check": True}

    def start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
        given = bound(name, settings, values, named, span)
        count = whole(runtime, given["num_layers"], span, "num_layers")
        begin(runtime, span, module)
        layers = [deepcopy(runtime, span, given[first]) for _ in range(count)]
        module.attributes["layers"] = called(runtime, span, CONTAINERS["ModuleList"], layers)
        module.attributes |= {"num_layers": count, "norm": given["norm"]}

    return layer(name, start, forward, shows(), "transformer")


def _through(runtime: Runtime, span: Span, module: Instance, x: Any, *others: Any, **settings: Any) -> Any:
    held = Held(module)
    for each in held["layers"].attributes.values():
        if type(each) is Instance:
            x = called(runtime, span, each, x, *others, **settings)
    return x if held["norm"] is None else called(runtime, span, held["norm"], x)


def _encoded(
    runtime: Runtime,
    span: Span,
    module: Instance,
    src: Any,
    mask: Any = None,
    src_key_padding_mask: Any = None,
    is_causal: Any = None,
) -> Any:
    causal = is_causal is True
    return _through(runtime, span, module, src, mask, src_key_padding_mask, causal)


def _decoded(
    runtime: Runtime,
    span: Span,
    module: Instance,
    tgt: Any,
    memory: Any,
    tgt_mask: Any = None,
    memory_mask: Any = None,
    tgt_key_padding_mask: Any = None,
    memory_key_padding_mask: Any = None,
    tgt_is_causal: Any = None,
    memory_is_causal: Any = False,
) -> Any:
    masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
    return _through(runtime, span, module, tgt, memory, *masks, tgt_is_causal is True, memory_is_causal)


ENCODER = _row("TransformerEncoder", "encoder_layer", _encoded)
DECODER = _row("TransformerDecoder", "decoder_layer", _decoded)

# ---- both ----------------------------------------------------------------------------------------

_WHOLE: dict[str, Any] = {"d_model": 512, "nhead": 8, "num_encoder_layers": 6, "num_decoder_layers": 6}
_WHOLE |= {"dim_feedforward": 2048, "dropout": 0.1, "activation": "relu", "custom_encoder": None}
_WHOLE |= {"custom_decoder": None, "layer_norm_eps": 1e-5, "batch_first": False, "norm_first": False}
_WHOLE |= {"bias": True, "device": None, "dtype": None}


def _start(runtime: Runtime, span: Span, module: Instance, *values: Any, **named: Any) -> None:
    from gradcli.neural.layers import LAYERS

    given = bound("Transformer", _WHOLE, values, named, span)
    begin(runtime, span, module)
    make, held = partial(called, runtime, span), module.attributes
    of_layers = {each: given[each] for each in _SETTINGS}
    own = {each: given[each] for each in ("bias", "device", "dtype")}
    for name, row, each in (("encoder", ENCODER, ENCODER_LAYER), ("decoder", DECODER, DECODER_LAYER)):
        if given[f"custom_{name}"] is not None:
            held[name] = given[f"custom_{name}"]
            continue
        first = make(each, **of_layers)
        norm = make(LAYERS["LayerNorm"], given["d_model"], eps=given["layer_norm_eps"], **own)
        held[name] = make(row, first, given[f"num_{name}_layers"], norm)
    for weight in parameters(runtime, module):
        if len(weight.shape) > 1:
            INIT.members["xavier_uniform_"].run(runtime, span, weight)
    held |= {name: given[name] for name in ("d_model", "nhead", "batch_first")}


def _forward(
    runtime: Runtime,
    span: Span,
    module: Instance,
    src: Any,
    tgt: Any,
    src_mask: Any = None,
    tgt_mask: Any = None,
    memory_mask: Any = None,
    src_key_padding_mask: Any = None,
    tgt_key_padding_mask: Any = None,
    memory_key_padding_mask: Any = None,
    src_is_causal: Any = None,
    tgt_is_causal: Any = None,
    memory_is_causal: Any = False,
) -> Any:
    held = Held(module)
    for each in (src, tgt):
        if type(each) is not Tensor or not each.shape or each.shape[-1] != held["d_model"]:
            message = "the feature number of src and tgt must be equal to d_model"
            raise GradcliError("shape", message, span=span)
    batch = 0 if held["batch_first"] else 1
    if len(src.shape) == 3 and src.shape[batch] != tgt.shape[batch]:
        raise GradcliError("shape", "the batch number of src and tgt must be equal", span=span)
    memory = called(
        runtime, span, held["encoder"], src, src_mask, src_key_padding_mask, is_causal=src_is_causal
    )
    masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
    return called(runtime, span, held["decoder"], tgt, memory, *masks, tgt_is_causal, memory_is_causal)


def _causal_mask(runtime: Runtime, span: Span, sz: Any, device: Any = None, dtype: Any = None) -> Any:
    size = whole(runtime, sz, span, "sz")
    kind = runtime.session.default_dtype if dtype is None else np.dtype(represent(runtime, dtype)[6:])
    full = apply(runtime, "full", (size, size), float("-inf"), dtype=kind)
    return apply(runtime, "triu", full, 1)


_MASK = Decorated("staticmethod", Builtin("generate_square_subsequent_mask", _causal_mask))
TRANSFORMER = layer("Transformer", _start, _forward, shows(), "transformer")
TRANSFORMER.members["generate_square_subsequent_mask"] = _MASK

TRANSFORMERS: dict[str, ClassValue] = {
    "MultiheadAttention": MULTIHEAD_ATTENTION,
    "TransformerEncoderLayer": ENCODER_LAYER,
    "TransformerDecoderLayer": DECODER_LAYER,
    "TransformerEncoder": ENCODER,
    "TransformerDecoder": DECODER,
    "Transformer": TRANSFORMER,
}
"""The modules of `torch.nn` that attend, by name."""
